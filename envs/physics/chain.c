#include "envs/physics/chain.h"

#include <math.h>
#include <string.h>

#include "envs/physics/chain_body.h"

static const double gravity = -9.8;

/* ---- description ---- */

static struct mdp_chain_part part_of(const struct mdp_robot *robot, const struct mdp_body *body) {
    int is_torso = body->parent < 0;
    struct mdp_chain_part part = {.parent = body->parent + 1, .axis = is_torso ? 1 : (double)robot->hinge_axis[1]};
    if (!is_torso) {
        const double *com = robot->bodies[body->parent].com;
        part.seat = (struct mdp_point){(double)body->joint[0] - com[0], (double)body->joint[2] - com[2]};
    }
    part.arm = (struct mdp_point){body->com[0] + (double)body->origin[0], body->com[2] + (double)body->origin[2]};
    part.has_arm = part.arm.x != 0 || part.arm.z != 0;
    part.mass = body->mass;
    part.weight = gravity * body->mass;
    part.inertia = body->inertia[1];
    return part;
}

static mdp_err check_body(const struct mdp_robot *robot, int i) {
    const struct mdp_body *body = &robot->bodies[i];
    double off = fabs((double)body->joint[1]) + fabs((double)body->origin[1]) + fabs(body->com[1]);
    for (int k = 0; k < MDP_ROBOT_MAX_GEOMS; k++) {
        const struct mdp_geom *geom = &body->geoms[k];
        off += fabs((double)geom->from[1]) + fabs((double)geom->to[1]) + fabs((double)geom->centre[1]);
    }
    if (off != 0)
        return mdp_fail(MDP_E_INTERNAL, "body %s: expected all of it at y = 0, found it %g off", body->name, off);
    if (body->parent >= i || (body->parent < 0 && i > 0))
        return mdp_fail(MDP_E_INTERNAL, "body %s: expected a parent before it, found body %d", body->name,
                        body->parent);
    return MDP_OK;
}

static mdp_err check_limit_order(const struct mdp_robot *robot) {
    int is_named[MDP_ENV_MAX_JOINTS] = {0};
    for (int k = 0; k < robot->n_joints; k++) {
        int i = robot->limit_order[k];
        if (i < 0 || i >= robot->n_joints || is_named[i])
            return mdp_fail(MDP_E_INTERNAL, "limit order: expected each of %d joints once, found joint %d in place %d",
                            robot->n_joints, i, k);
        is_named[i] = 1;
    }
    return MDP_OK;
}

static mdp_err check_robot(const struct mdp_robot *robot) {
    mdp_err err = MDP_OK;
    const float *axis = robot->hinge_axis;
    if (robot->n_joints < 1 || robot->n_joints > MDP_ENV_MAX_JOINTS)
        return mdp_fail(MDP_E_INTERNAL, "robot: expected 1 to %d joints, found %d", MDP_ENV_MAX_JOINTS,
                        robot->n_joints);
    if (axis[0] != 0 || fabsf(axis[1]) != 1 || axis[2] != 0)
        return mdp_fail(MDP_E_INTERNAL, "hinges: expected axis (0, 1, 0) or (0, -1, 0), found (%g, %g, %g)",
                        (double)axis[0], (double)axis[1], (double)axis[2]);
    MDP_TRY(check_limit_order(robot));
    if (robot->root[1] != 0) return mdp_fail(MDP_E_INTERNAL, "root: expected y = 0, found %g", (double)robot->root[1]);
    for (int i = 0; i < mdp_robot_n_bodies(robot); i++) MDP_TRY(check_body(robot, i));
out:
    return err;
}

mdp_err mdp_chain_init(const struct mdp_robot *robot, struct mdp_chain *chain) {
    mdp_err err = MDP_OK;
    MDP_TRY(check_robot(robot));
    memset(chain, 0, sizeof *chain);
    chain->n_parts = 1 + mdp_robot_n_bodies(robot);
    chain->root = (struct mdp_point){(double)robot->root[0], (double)robot->root[2]};
    for (int i = MDP_CHAIN_TORSO; i < chain->n_parts; i++) {
        chain->parts[i] = part_of(robot, &robot->bodies[i - 1]);
        int parent = chain->parts[i].parent, n = chain->n_path[parent];
        memcpy(chain->path[i], chain->path[parent], sizeof chain->path[i]);
        chain->path[i][n] = i;
        chain->n_path[i] = n + 1;
    }
out:
    return err;
}

/* ---- one world ---- */

void mdp_chain_place(const struct mdp_chain *chain, const double qpos[MDP_ENV_MAX_DOF], struct mdp_pose *pose) {
    chain_place(chain, qpos, pose);
}

void mdp_chain_accelerate(const struct mdp_chain *chain, const struct mdp_pose *pose, const double *torques,
                          double seconds, double qvel[MDP_ENV_MAX_DOF], struct mdp_chain_cache *cache) {
    chain_accelerate(chain, pose, torques, seconds, qvel, cache);
}

void mdp_chain_kick(const double change[MDP_ENV_MAX_DOF], double qvel[MDP_ENV_MAX_DOF]) { chain_kick(change, qvel); }

/* ---- impulses ---- */

void mdp_chain_jacobian(const struct mdp_chain *chain, const struct mdp_pose *pose, const struct mdp_chain_cache *cache,
                        int i_part, struct mdp_vec2 point, mdp_pair *jacobian) {
    struct mdp_vec2 p = {point.x - (chain->root.x + pose->slide.x), (point.z - chain->root.z) - pose->slide.z};
    jacobian[0] = (mdp_pair){0, 1};
    jacobian[1] = (mdp_pair){1, 0};
    for (int k = 0; k < chain->n_path[i_part]; k++) {
        int i = chain->path[i_part][k];
        const struct mdp_chain_part *part = &chain->parts[i];
        const struct mdp_turn world = cache->from_world[i];
        p = mdp_turn_apply(pose->turn[i], p);
        p = (struct mdp_vec2){p.x - pose->offset[i].x, p.z - pose->offset[i].z};
        double x = part->axis * p.z, z = part->axis * p.x;
        jacobian[k + 2] = (mdp_pair){world.b * x - world.a * z, world.a * x + world.b * z};
        if (part->has_arm) p = (struct mdp_vec2){p.x - part->arm.x, p.z - part->arm.z};
    }
}

/* a wrench and a motion of each of two cases */
struct wrenches {
    mdp_pair torque, x, z;
};
struct motions {
    mdp_pair turning, x, z;
};

static void shift_wrenches(struct wrenches *w, struct mdp_vec2 r) { w->torque += r.z * w->x - r.x * w->z; }

static void shift_motions(struct motions *m, struct mdp_vec2 r) {
    m->x = r.z * m->turning + m->x;
    m->z = m->z - r.x * m->turning;
}

/* what the impulses leave for the hinges, from the part up to the torso; then the slider */
static struct motions push_down(const struct mdp_chain *chain, const struct mdp_pose *pose,
                                const struct mdp_chain_cache *cache, int i_part, const mdp_pair *impulses,
                                mdp_pair drive[MDP_CHAIN_MAX_PARTS]) {
    struct wrenches w = {{0}, {0}, {0}};
    for (int k = chain->n_path[i_part] - 1; k >= 0; k--) {
        int i = chain->path[i_part][k];
        const struct mdp_chain_part *part = &chain->parts[i];
        const struct mdp_turn turn = pose->turn[i];
        if (part->has_arm) shift_wrenches(&w, mdp_vec2_of(part->arm));
        drive[i] = impulses[k + 2] - part->axis * w.torque;
        mdp_pair give = cache->inverse[i] * drive[i];
        w.torque += give * cache->torque[i];
        w.x += give * cache->force[i].x;
        w.z += give * cache->force[i].z;
        shift_wrenches(&w, pose->offset[i]);
        mdp_pair x = w.x, z = w.z;
        w.x = turn.a * x - turn.b * z;
        w.z = turn.b * x + turn.a * z;
    }
    mdp_pair drive_z = impulses[1] - w.z;
    mdp_pair drive_x = impulses[0] - (w.x + cache->inverse_z * drive_z * cache->coupling);
    mdp_pair x = cache->inverse_x * drive_x, none = {0};
    return (struct motions){none, x, cache->inverse_z * (drive_z - x * cache->coupling)};
}

void mdp_chain_respond(const struct mdp_chain *chain, const struct mdp_pose *pose, const struct mdp_chain_cache *cache,
                       int i_part, const mdp_pair *impulses, mdp_pair responses[MDP_ENV_MAX_DOF]) {
    struct motions motions[MDP_CHAIN_MAX_PARTS];
    mdp_pair drive[MDP_CHAIN_MAX_PARTS] = {{0}};
    motions[0] = push_down(chain, pose, cache, i_part, impulses, drive);
    responses[0] = motions[0].x;
    responses[1] = motions[0].z;
    for (int d = chain->n_parts + 1; d < MDP_ENV_MAX_DOF; d++) responses[d] = (mdp_pair){0};
    for (int i = MDP_CHAIN_TORSO; i < chain->n_parts; i++) {
        const struct mdp_chain_part *part = &chain->parts[i];
        const struct mdp_turn turn = pose->turn[i];
        struct motions m = motions[part->parent];
        mdp_pair x = m.x, z = m.z;
        m.x = turn.a * x + turn.b * z;
        m.z = turn.a * z - turn.b * x;
        shift_motions(&m, pose->offset[i]);
        mdp_pair felt = (m.x * cache->force[i].x + m.z * cache->force[i].z) + m.turning * cache->torque[i];
        responses[i + 1] = cache->inverse[i] * (drive[i] - felt);
        m.turning += part->axis * responses[i + 1];
        if (part->has_arm) shift_motions(&m, mdp_vec2_of(part->arm));
        motions[i] = m;
    }
}
