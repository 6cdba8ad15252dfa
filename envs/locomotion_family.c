/* the family locomotion: robots on Bullet as environments, from the world that an engine builds to what env.c asks for.
 *
 * what identifies such an environment is every number of its tables, and its alive rule by what it answers. */
#include <stdlib.h>
#include <string.h>

#include "envs/engine.h"
#include "envs/locomotion.h"
#include "envs/sketch.h"

struct task {
    const struct mdp_robot *robot;
    const struct mdp_physics *physics;
    void *world; /* opaque, the backend's */
    struct mdp_world_state read_out;
    struct mdp_locomotion state;
};

static mdp_err describe(const struct mdp_engine *engine, const struct mdp_env_spec *spec,
                        struct mdp_engine_facts *facts) {
    struct mdp_engine *opened = NULL;
    (void)spec;
    mdp_err err = engine == NULL ? mdp_engine_open(NULL, &opened) : MDP_OK;
    if (err == MDP_OK) *facts = *mdp_engine_get_facts(engine != NULL ? engine : opened);
    mdp_engine_free(opened);
    return err;
}

static int n_dof(const struct mdp_env_spec *spec) { return mdp_robot_n_dof(spec->model); }

static mdp_err create(const struct mdp_engine *engine, const struct mdp_env_spec *spec, struct mdp_simulation *out) {
    struct task *task = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&task, 1, sizeof *task, spec->id));
    task->robot = spec->model;
    MDP_TRY(mdp_engine_new_world(engine, spec->model, &task->physics, &task->world));
    const int n_at_once = task->physics->step_many != NULL ? MDP_ENV_AT_ONCE : 0;
    *out = (struct mdp_simulation){task, &task->state.view, task->state.raw, n_at_once};
    task = NULL;
out:
    free(task);
    return err;
}

static void destroy(void *state) {
    struct task *task = state;
    task->physics->destroy(task->world);
    free(task);
}

static void reset_to(void *state, const double *noise, int is_first_ever) {
    struct task *task = state;
    double qpos[MDP_ENV_MAX_DOF] = {0};
    memcpy(qpos + 3, noise, sizeof(double) * (size_t)task->robot->n_joints);
    task->physics->reset(task->world, qpos);
    task->physics->read(task->world, &task->read_out);
    mdp_locomotion_begin(task->robot, &task->read_out, is_first_ever, &task->state);
}

static void reset(void *state, struct mdp_rng *rng) {
    double noise[MDP_ENV_MAX_JOINTS];
    const struct task *task = state;
    for (int i = 0; i < task->robot->n_joints; i++) noise[i] = -0.1 + 0.2 * mdp_rng_uniform(rng);
    reset_to(state, noise, 0);
}

/* Bullet's impulses, which a step starts from, stay as they are */
static void set_state(void *state, const double *qpos, const double *qvel, const double *warm_start) {
    struct task *task = state;
    (void)warm_start;
    task->physics->set_joints(task->world, qpos, qvel);
}

static void simulate(void *state, struct mdp_action action) {
    struct task *task = state;
    double torques[MDP_ENV_MAX_JOINTS];
    mdp_locomotion_torques(task->robot, action, torques);
    task->physics->step(task->world, torques);
}

static void finish_step(struct task *task, struct mdp_action action, struct mdp_step *step) {
    task->physics->read(task->world, &task->read_out);
    mdp_locomotion_advance(task->robot, &task->read_out, action, &task->state, step);
}

static void step_once(void *state, struct mdp_action action, struct mdp_step *step) {
    simulate(state, action);
    finish_step(state, action, step);
}

static void step_many(int n, void *const *states, const struct mdp_action *actions, struct mdp_step *const *steps) {
    double torques[MDP_ENV_AT_ONCE][MDP_ENV_MAX_JOINTS];
    void *worlds[MDP_ENV_AT_ONCE] = {NULL};
    for (int i = 0; i < n; i++) {
        const struct task *task = states[i];
        worlds[i] = task->world;
        mdp_locomotion_torques(task->robot, actions[i], torques[i]);
    }
    ((const struct task *)states[0])->physics->step_many(n, worlds, torques);
    for (int i = 0; i < n; i++) finish_step(states[i], actions[i], steps[i]);
}

/* its episodes begin at rest */
static void place(void *state, const double *qpos, const double *qvel) {
    struct task *task = state;
    (void)qvel;
    task->physics->reset(task->world, qpos);
}

static void locate(void *state, double *qpos) {
    struct task *task = state;
    task->physics->read(task->world, &task->read_out);
    memcpy(qpos, task->read_out.qpos, sizeof(double) * (size_t)mdp_robot_n_dof(task->robot));
}

/* ---- hash ---- */

static void add_geom(struct mdp_spec_hash *hash, const struct mdp_geom *geom) {
    int kind = (int)geom->kind;
    MDP_SPEC_HASH_ADD(hash, kind);
    MDP_SPEC_HASH_ADD(hash, geom->radius);
    MDP_SPEC_HASH_ADD(hash, geom->from);
    MDP_SPEC_HASH_ADD(hash, geom->to);
    MDP_SPEC_HASH_ADD(hash, geom->centre);
    MDP_SPEC_HASH_ADD(hash, geom->angle);
    MDP_SPEC_HASH_ADD(hash, geom->half_length);
}

static void add_body(struct mdp_spec_hash *hash, const struct mdp_body *body) {
    MDP_SPEC_HASH_ADD(hash, body->parent);
    MDP_SPEC_HASH_ADD(hash, body->joint);
    MDP_SPEC_HASH_ADD(hash, body->origin);
    MDP_SPEC_HASH_ADD(hash, body->com);
    MDP_SPEC_HASH_ADD(hash, body->mass);
    MDP_SPEC_HASH_ADD(hash, body->inertia);
    MDP_SPEC_HASH_ADD(hash, body->range);
    for (int i = 0; i < MDP_ROBOT_MAX_GEOMS; i++) add_geom(hash, &body->geoms[i]);
}

/* a rule is code: its answers on a grid of heights and pitches, with no foot down and with each one, stand for it */
static void add_alive(struct mdp_spec_hash *hash, const struct mdp_robot *robot) {
    for (int i = 0; i <= 40; i++) {
        for (int k = -16; k <= 16; k++) {
            for (int foot = -1; foot < robot->n_feet; foot++) {
                int contact[MDP_ENV_MAX_FEET] = {0};
                if (foot >= 0) contact[foot] = 1;
                const struct mdp_alive_input input = {0.05 * i, 0.125 * k, contact};
                double answer = robot->alive(&input);
                MDP_SPEC_HASH_ADD(hash, answer);
            }
        }
    }
}

static void add_tables(const struct mdp_env_spec *spec, struct mdp_spec_hash *hash) {
    const struct mdp_robot *robot = spec->model;
    MDP_SPEC_HASH_ADD(hash, robot->root);
    MDP_SPEC_HASH_ADD(hash, robot->hinge_axis);
    for (int i = 0; i < mdp_robot_n_bodies(robot); i++) add_body(hash, &robot->bodies[i]);
    MDP_SPEC_HASH_ADD(hash, robot->power);
    for (int i = 0; i < robot->n_joints; i++) MDP_SPEC_HASH_ADD(hash, robot->power_coef[i]);
    MDP_SPEC_HASH_ADD(hash, robot->n_feet);
    for (int i = 0; i < robot->n_feet; i++) MDP_SPEC_HASH_ADD(hash, robot->feet[i]);
    MDP_SPEC_HASH_ADD(hash, robot->ends_when_dead);
    add_alive(hash, robot);
}

static double step_seconds(const struct mdp_env_spec *spec) {
    (void)spec;
    return 0.0165;
}

/* alive, progress, effort, joints at limit */
static int terms_of(const struct mdp_env_spec *spec) {
    (void)spec;
    return 0xf;
}

static const char *recover(const struct mdp_env_spec *spec, const struct mdp_recorded_step *step, double *terms) {
    return mdp_locomotion_recover(spec->model, step, terms);
}

const struct mdp_family mdp_family_locomotion = {
    .name = "locomotion",
    .physics = "Bullet",
    .describe = describe,
    .n_dof = n_dof,
    .hash = add_tables,
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .reset_to = reset_to,
    .set_state = set_state,
    .step = step_once,
    .step_many = step_many,
    .place = place,
    .simulate = simulate,
    .locate = locate,
    .sketch = mdp_sketch_robot,
    .step_seconds = step_seconds,
    .terms = terms_of,
    .recover = recover,
};
