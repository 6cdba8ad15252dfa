#include "envs/physics/robotics_model.h"

static void write_vector(FILE *stream, const char *name, const double v[3]) {
    fprintf(stream, " %s=\"%.9g %.9g %.9g\"", name, v[0], v[1], v[2]);
}

static void write_geom(FILE *stream, const struct mdp_geom *geom) {
    fprintf(stream, "<geom type=\"capsule\"");
    if (geom->kind == MDP_GEOM_TWO_SPHERES) {
        fprintf(stream, " fromto=\"%.9g %.9g %.9g %.9g %.9g %.9g\" size=\"%.9g\"/>\n", (double)geom->from[0],
                (double)geom->from[1], (double)geom->from[2], (double)geom->to[0], (double)geom->to[1],
                (double)geom->to[2], (double)geom->radius);
        return;
    }
    const double centre[3] = {geom->centre[0], geom->centre[1], geom->centre[2]};
    write_vector(stream, "pos", centre);
    fprintf(stream, " axisangle=\"0 1 0 %.9g\" size=\"%.9g %.9g\"/>\n", (double)geom->angle, (double)geom->radius,
            (double)geom->half_length);
}

/* a mass centre off the body's origin is the loader's own result from the shapes, in double, and so is the mass then;
 * written down it would lose bits */
static void write_mass(FILE *stream, const struct mdp_body *body) {
    if (body->com[0] == 0 && body->com[1] == 0 && body->com[2] == 0)
        fprintf(stream, "<inertial pos=\"0 0 0\" mass=\"%.17g\"/>\n", body->mass);
}

static void write_root_joint(FILE *stream, const char *name, const char *type, const char *axis) {
    fprintf(stream, "<joint name=\"%s\" type=\"%s\" pos=\"0 0 0\" axis=\"%s\" limited=\"false\"/>\n", name, type, axis);
}

static void write_hinge(FILE *stream, const struct mdp_robot *robot, const struct mdp_body *body) {
    const double axis[3] = {robot->hinge_axis[0], robot->hinge_axis[1], robot->hinge_axis[2]};
    double pos[3];
    for (int k = 0; k < 3; k++) pos[k] = 0.0 - (double)body->origin[k];
    fprintf(stream, "<joint name=\"%s\" type=\"hinge\" limited=\"true\"", body->name);
    write_vector(stream, "pos", pos);
    write_vector(stream, "axis", axis);
    fprintf(stream, " range=\"%.9g %.9g\"/>\n", (double)body->range[0], (double)body->range[1]);
}

static void write_body(FILE *stream, const struct mdp_robot *robot, int i_body) {
    const struct mdp_body *body = &robot->bodies[i_body];
    double pos[3];
    for (int k = 0; k < 3; k++)
        pos[k] = body->parent < 0 ? (double)robot->root[k] : (double)body->joint[k] + (double)body->origin[k];
    fprintf(stream, "<body name=\"%s_body\"", body->name);
    write_vector(stream, "pos", pos);
    fprintf(stream, ">\n");
    write_mass(stream, body);
    if (body->parent < 0) {
        write_root_joint(stream, "root_x", "slide", "1 0 0");
        write_root_joint(stream, "root_z", "slide", "0 0 1");
        write_root_joint(stream, "root_pitch", "hinge", "0 1 0");
    } else {
        write_hinge(stream, robot, body);
    }
    for (int k = 0; k < MDP_ROBOT_MAX_GEOMS && body->geoms[k].kind != MDP_GEOM_NONE; k++)
        write_geom(stream, &body->geoms[k]);
    for (int i = 0; i < mdp_robot_n_bodies(robot); i++)
        if (robot->bodies[i].parent == i_body) write_body(stream, robot, i);
    fprintf(stream, "</body>\n");
}

void mdp_robotics_write_robot(const struct mdp_robot *robot, FILE *stream) {
    fprintf(stream, "<mujoco model=\"robot\">\n<compiler angle=\"radian\" inertiafromgeom=\"true\"/>\n<default>\n"
                    "<geom contype=\"1\" conaffinity=\"0\" condim=\"3\" friction=\"0.8 0.1 0.1\"/>\n</default>\n"
                    "<worldbody>\n");
    write_body(stream, robot, 0);
    fprintf(stream, "</worldbody>\n</mujoco>\n");
}

void mdp_robotics_write_floor(FILE *stream) {
    fprintf(stream, "<sdf version=\"1.6\">\n<world name=\"default\">\n<model name=\"floor\">\n<static>1</static>\n"
                    "<link name=\"floor\">\n<inertial><mass>0</mass><inertia><ixx>0</ixx><ixy>0</ixy><ixz>0</ixz>"
                    "<iyy>0</iyy><iyz>0</iyz><izz>0</izz></inertia></inertial>\n<collision name=\"floor\"><geometry>"
                    "<plane><normal>0 0 1</normal><size>100 100</size></plane></geometry></collision>\n</link>\n"
                    "</model>\n</world>\n</sdf>\n");
}
