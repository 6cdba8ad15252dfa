#include "envs/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/mujoco/gym.h"
#include "envs/physics/contact.h"

/* ---- locomotion ---- */

static void put(double to[2], struct mdp_vec2 v) {
    to[0] = v.x;
    to[1] = v.z;
}

static struct mdp_vec2 plus(struct mdp_vec2 a, struct mdp_vec2 b) { return (struct mdp_vec2){a.x + b.x, a.z + b.z}; }

int mdp_sketch_robot(const struct mdp_env_spec *spec, const double *qpos, struct mdp_env_shape *shapes) {
    struct mdp_chain chain;
    struct mdp_pose pose;
    struct mdp_hull hull;
    double all[MDP_ENV_MAX_DOF] = {0};
    int n = 0;
    memcpy(all, qpos, sizeof(double) * (size_t)mdp_robot_n_dof(spec->model));
    if (mdp_chain_init(spec->model, &chain) != MDP_OK) return 0;
    mdp_chain_place(&chain, all, &pose);
    for (int b = 0; b < mdp_robot_n_bodies(spec->model); b++) {
        mdp_hull_init(&spec->model->bodies[b], &hull);
        for (int k = 0; k < hull.n_shapes && n < MDP_ENV_MAX_SHAPES; k++, n++) {
            const struct mdp_shape *s = &hull.shapes[k];
            struct mdp_vec2 ends[2];
            for (int i = 0; i < 2; i++) {
                const struct mdp_vec2 local =
                    plus(mdp_turn_apply((struct mdp_turn){s->a, s->b}, mdp_vec2_of(s->ends[i])), mdp_vec2_of(s->place));
                ends[i] = plus(mdp_turn_apply(pose.world[b + 1], local), pose.com[b + 1]);
            }
            shapes[n].radius = s->core - s->shrink + s->margin;
            shapes[n].part = b;
            put(shapes[n].from, ends[0]);
            put(shapes[n].to, ends[1]);
        }
    }
    return n;
}

/* ---- models as text ---- */

enum { MAX_DEPTH = 8 };

/* a frame in the plane: where it is, and how far it is turned about y */
struct frame {
    struct mdp_vec2 place;
    double angle;
    int part;
};

static struct mdp_vec2 turned(double angle, double x, double z) {
    return (struct mdp_vec2){x * cos(angle) + z * sin(angle), z * cos(angle) - x * sin(angle)};
}

/* the value of an attribute of the element that begins there, NULL for none; our models quote by apostrophes */
static const char *attribute(const char *element, const char *name) {
    const char *end = strchr(element, '>');
    const size_t n = strlen(name);
    for (const char *c = strchr(element, ' '); c != NULL && c < end; c = strchr(c + 1, ' '))
        if (strncmp(c + 1, name, n) == 0 && c[n + 1] == '=' && c[n + 2] == '\'') return c + n + 3;
    return NULL;
}

static void numbers(const char *text, double *out, int n) {
    char *end = (char *)text;
    for (int i = 0; i < n; i++) out[i] = strtod(end, &end);
}

/* a joint moves the frame of its body; qpos comes in the order of the text */
static void move(const char *joint, double q, struct frame *frame) {
    const char *type = attribute(joint, "type"), *seat = attribute(joint, "pos"), *ref = attribute(joint, "ref");
    double axis[3], place[3] = {0, 0, 0};
    numbers(attribute(joint, "axis"), axis, 3);
    if (seat != NULL) numbers(seat, place, 3);
    if (strncmp(type, "slide", 5) == 0) {
        const double way = q - (ref != NULL ? strtod(ref, NULL) : 0);
        frame->place = plus(frame->place, turned(frame->angle, axis[0] * way, axis[2] * way));
        return;
    }
    const struct mdp_vec2 hinge = plus(frame->place, turned(frame->angle, place[0], place[2]));
    frame->angle += axis[1] * q;
    frame->place = plus(hinge, turned(frame->angle, -place[0], -place[2]));
}

/* a capsule lies along its z axis, or between two points */
static void add_capsule(const char *geom, const struct frame *frame, struct mdp_env_shape *shape) {
    const char *between = attribute(geom, "fromto"), *quat = attribute(geom, "quat"),
               *axisangle = attribute(geom, "axisangle");
    double ends[6], size[2] = {0, 0}, place[3], turn[4], angle = 0;
    numbers(attribute(geom, "size"), size, between != NULL ? 1 : 2);
    if (between != NULL) {
        numbers(between, ends, 6);
    } else {
        numbers(attribute(geom, "pos"), place, 3);
        if (axisangle != NULL) numbers(axisangle, turn, 4), angle = turn[3];
        if (quat != NULL) numbers(quat, turn, 4), angle = 2 * atan2(turn[2], turn[0]);
        const struct mdp_vec2 half = turned(angle, 0, size[1]);
        const double found[6] = {place[0] - half.x, 0, place[2] - half.z, place[0] + half.x, 0, place[2] + half.z};
        memcpy(ends, found, sizeof ends);
    }
    put(shape->from, plus(frame->place, turned(frame->angle, ends[0], ends[2])));
    put(shape->to, plus(frame->place, turned(frame->angle, ends[3], ends[5])));
    shape->radius = size[0];
    shape->part = frame->part;
}

/* the next element of a body that is its own, not one of a body within it; NULL behind the last */
static const char *own_element(const char *c) {
    c = strchr(c + 1, '<');
    return strncmp(c, "<body ", 6) == 0 || strncmp(c, "</body", 6) == 0 ? NULL : c;
}

/* a body's joints move all of its shapes, also those that stand before them in the text */
static const double *add_body(const char *body, const double *qpos, struct frame *frame, struct mdp_env_shape *shapes,
                              int *n) {
    double place[3];
    numbers(attribute(body, "pos"), place, 3);
    frame->place = plus(frame->place, turned(frame->angle, place[0], place[2]));
    for (const char *c = own_element(body); c != NULL; c = own_element(c))
        if (strncmp(c, "<joint ", 7) == 0) move(c, *qpos++, frame);
    for (const char *c = own_element(body); c != NULL; c = own_element(c))
        if (strncmp(c, "<geom type='capsule'", 20) == 0 && *n < MDP_ENV_MAX_SHAPES)
            add_capsule(c, frame, &shapes[(*n)++]);
    return qpos;
}

int mdp_sketch_mjcf(const struct mdp_env_spec *spec, const double *qpos, struct mdp_env_shape *shapes) {
    struct frame frames[MAX_DEPTH] = {{{0, 0}, 0, 0}};
    int n = 0, depth = 0, n_parts = 0;
    for (const char *c = strstr(spec->gym->mjcf, "<worldbody>"); c != NULL && strncmp(c, "</worldbody", 11) != 0;
         c = strchr(c + 1, '<')) {
        if (strncmp(c, "</body", 6) == 0) depth--;
        if (strncmp(c, "<body ", 6) != 0 || depth + 1 == MAX_DEPTH) continue;
        frames[depth + 1] = frames[depth];
        frames[++depth].part = n_parts++;
        qpos = add_body(c, qpos, &frames[depth], shapes, &n);
    }
    return n;
}
