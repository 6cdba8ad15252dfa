/* what identifies an environment in results: every number of its tables, and its alive rule by what it answers. */
#include <string.h>

#include "envs/env.h"
#include "envs/robot.h"

/* FNV-1a over values one by one: padding between fields must not count */
struct hash {
    uint64_t state;
};

static void add(struct hash *hash, const void *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) hash->state = (hash->state ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
}

static void add_text(struct hash *hash, const char *text) { add(hash, text, strlen(text) + 1); }

#define ADD(hash, field) add(hash, &(field), sizeof(field))

static void add_geom(struct hash *hash, const struct mdp_geom *geom) {
    int kind = (int)geom->kind;
    ADD(hash, kind);
    ADD(hash, geom->radius);
    ADD(hash, geom->from);
    ADD(hash, geom->to);
    ADD(hash, geom->centre);
    ADD(hash, geom->angle);
    ADD(hash, geom->half_length);
}

static void add_body(struct hash *hash, const struct mdp_body *body) {
    ADD(hash, body->parent);
    ADD(hash, body->joint);
    ADD(hash, body->origin);
    ADD(hash, body->com);
    ADD(hash, body->mass);
    ADD(hash, body->inertia);
    ADD(hash, body->range);
    for (int i = 0; i < MDP_ROBOT_MAX_GEOMS; i++) add_geom(hash, &body->geoms[i]);
}

/* a rule is code: its answers on a grid of heights and pitches, with no foot down and with each one, stand for it */
static void add_alive(struct hash *hash, const struct mdp_robot *robot) {
    for (int i = 0; i <= 40; i++) {
        for (int k = -16; k <= 16; k++) {
            for (int foot = -1; foot < robot->n_feet; foot++) {
                int contact[MDP_ENV_MAX_FEET] = {0};
                if (foot >= 0) contact[foot] = 1;
                const struct mdp_alive_input input = {0.05 * i, 0.125 * k, contact};
                double answer = robot->alive(&input);
                ADD(hash, answer);
            }
        }
    }
}

uint64_t mdp_env_spec_hash(const struct mdp_env_spec *spec) {
    struct hash hash = {0xcbf29ce484222325u};
    const struct mdp_robot *robot = spec->model;
    add_text(&hash, spec->id);
    add_text(&hash, spec->reference);
    ADD(&hash, spec->n_obs);
    ADD(&hash, spec->n_act);
    ADD(&hash, spec->max_steps);
    ADD(&hash, robot->root);
    ADD(&hash, robot->hinge_axis);
    for (int i = 0; i < mdp_robot_n_bodies(robot); i++) add_body(&hash, &robot->bodies[i]);
    ADD(&hash, robot->power);
    for (int i = 0; i < robot->n_joints; i++) ADD(&hash, robot->power_coef[i]);
    ADD(&hash, robot->n_feet);
    for (int i = 0; i < robot->n_feet; i++) ADD(&hash, robot->feet[i]);
    ADD(&hash, robot->ends_when_dead);
    add_alive(&hash, robot);
    return hash.state;
}
