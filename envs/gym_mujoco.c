/* the family gym_mujoco: gym's and Gymnasium's environments on MuJoCo. Observation, reward and end are here, and the
 * same on every library; arithmetic follows the original's operations and their order, because equal bits are the test.
 * Source: reference/envs-mujoco/SPEC.md, sections 5, 7 and 9. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/engine.h"
#include "envs/mujoco/library.h"
#include "envs/objective.h"
#include "envs/sketch.h"

struct task {
    const struct mdp_env_spec *spec;
    const struct mdp_gym_robot *robot;
    const struct mdp_mujoco_driver *driver;
    void *world; /* opaque, the driver's */
    struct mdp_env_view view;
    float observation[MDP_ENV_MAX_OBS]; /* newest */
};

/* where a reward term stands among those of all families: their sum is then formed in the original's order */
enum { SURVIVE, FORWARD, CONTROL };

static size_t bytes_of(const struct task *task) { return (size_t)task->robot->n_dof * sizeof(double); }

/* ---- descriptions ---- */

/* a user's library is told from others by its hash: builds of one release differ in last bits */
static mdp_err describe(const struct mdp_engine *engine, const struct mdp_env_spec *spec,
                        struct mdp_engine_facts *facts) {
    struct mdp_mujoco *library;
    char hash[24] = "";
    mdp_err err = mdp_mujoco_of_engine(engine, &library);
    if (err != MDP_OK) return err;
    facts->files = library->files;
    if (!library->is_default) snprintf(hash, sizeof hash, " %016llx", (unsigned long long)library->files.hash);
    snprintf(facts->label, sizeof facts->label, "mujoco %.16s v%d%s", library->version, (int)spec->gym->world, hash);
    return MDP_OK;
}

static int n_dof(const struct mdp_env_spec *spec) { return spec->gym->robot->n_dof; }

static void add_tables(const struct mdp_env_spec *spec, struct mdp_spec_hash *hash) {
    const struct mdp_gym_robot *r = spec->gym->robot;
    const double numbers[] = {r->timestep,   r->control_cost, r->survive, r->start_z, r->reset_scale,
                              r->speed_clip, r->low,          r->high,    r->tilt,    r->bound};
    const int counts[] = {r->n_dof, r->frame_skip, r->has_normal_push, (int)spec->gym->world, spec->is_wrapped};
    mdp_spec_hash_add(hash, spec->gym->mjcf, strlen(spec->gym->mjcf) + 1);
    MDP_SPEC_HASH_ADD(hash, numbers);
    MDP_SPEC_HASH_ADD(hash, counts);
}

static mdp_err create(const struct mdp_engine *engine, const struct mdp_env_spec *spec, struct mdp_simulation *out) {
    struct task *task = NULL;
    struct mdp_mujoco *library;
    mdp_err err;
    MDP_TRY(mdp_mujoco_of_engine(engine, &library));
    MDP_TRY(mdp_calloc(&task, 1, sizeof *task, spec->id));
    task->spec = spec;
    task->robot = spec->gym->robot;
    task->driver = library->driver;
    MDP_TRY(mdp_mujoco_new_world(library, spec, &task->world));
    *out = (struct mdp_simulation){task, &task->view, task->observation, 0};
    task = NULL;
out:
    free(task);
    return err;
}

static void destroy(void *state) {
    struct task *task = state;
    task->driver->destroy(task->world);
    free(task);
}

/* ---- observations ---- */

static double clip(double x, double bound) { return x < -bound ? -bound : x > bound ? bound : x; }

/* the first position is where the robot has got to, which a policy does not see */
static void observe(struct task *task) {
    struct mdp_env_view *view = &task->view;
    int n = task->robot->n_dof;
    memcpy(view->observation, view->qpos + 1, bytes_of(task) - sizeof(double));
    for (int i = 0; i < n; i++) view->observation[n - 1 + i] = clip(view->qvel[i], task->robot->speed_clip);
    for (int i = 0; i < task->spec->n_obs; i++) task->observation[i] = (float)view->observation[i];
}

/* what MuJoCo itself takes for a broken state, and float32 would not hold; a NaN is not within either */
static int is_sound(const double *x, int n) {
    for (int i = 0; i < n; i++)
        if (!(fabs(x[i]) <= 1e10)) return 0;
    return 1;
}

/* takes a state into the view, unless it is broken */
static int take_state(struct task *task) {
    double qpos[MDP_ENV_MAX_DOF] = {0}, qvel[MDP_ENV_MAX_DOF] = {0};
    if (!task->driver->read(task->world, qpos, qvel)) return 0;
    if (!is_sound(qpos, task->robot->n_dof) || !is_sound(qvel, task->robot->n_dof)) return 0;
    memcpy(task->view.qpos, qpos, bytes_of(task));
    memcpy(task->view.qvel, qvel, bytes_of(task));
    observe(task);
    return 1;
}

/* ---- episodes ---- */

/* a world that failed says so in its next step */
static void begin(struct task *task, const double *qpos, const double *qvel) {
    memset(&task->view, 0, sizeof task->view);
    memcpy(task->view.qpos, qpos, bytes_of(task));
    memcpy(task->view.qvel, qvel, bytes_of(task));
    task->driver->reset(task->world, qpos, qvel);
    observe(task);
}

static void draw_uniform(struct mdp_rng *rng, const struct mdp_gym_robot *robot, double *out) {
    for (int i = 0; i < robot->n_dof; i++) out[i] = -robot->reset_scale + 2 * robot->reset_scale * mdp_rng_uniform(rng);
}

static void reset(void *state, struct mdp_rng *rng) {
    struct task *task = state;
    const struct mdp_gym_robot *robot = task->robot;
    double qpos[MDP_ENV_MAX_DOF] = {0}, qvel[MDP_ENV_MAX_DOF] = {0};
    float normal[MDP_ENV_MAX_DOF];
    draw_uniform(rng, robot, qpos);
    qpos[1] += robot->start_z;
    if (robot->has_normal_push) {
        mdp_rng_normal(rng, normal, robot->n_dof);
        for (int i = 0; i < robot->n_dof; i++) qvel[i] = robot->reset_scale * (double)normal[i];
    } else {
        draw_uniform(rng, robot, qvel);
    }
    begin(task, qpos, qvel);
}

static void set_state(void *state, const double *qpos, const double *qvel, const double *warm_start) {
    struct task *task = state;
    task->driver->set(task->world, qpos, qvel, warm_start);
    take_state(task);
}

/* ---- steps ---- */

/* in the type that the action came in, as NumPy 1 does */
static double control_cost(const struct mdp_env_spec *spec, struct mdp_action action) {
    int n = spec->n_act;
    float narrow = 0;
    double wide = 0;
    for (int i = 0; i < n && action.f32 != NULL; i++) narrow += action.f32[i] * action.f32[i];
    for (int i = 0; i < n && action.f32 == NULL; i++) wide += action.f64[i] * action.f64[i];
    return spec->gym->robot->control_cost * (action.f32 != NULL ? (double)narrow : wide);
}

/* comparisons are strict, and a bound of infinity lets everything pass */
static int is_healthy(const struct mdp_gym_robot *robot, const struct mdp_env_view *view) {
    int is_within = view->qpos[1] > robot->low && view->qpos[1] < robot->high && fabs(view->qpos[2]) < robot->tilt;
    for (int i = 2; i < robot->n_dof; i++) is_within &= fabs(view->qpos[i]) < robot->bound;
    for (int i = 0; i < robot->n_dof; i++) is_within &= fabs(view->qvel[i]) < robot->bound;
    return is_within;
}

/* MuJoCo clamps controls to their range itself */
static void widen(const struct task *task, struct mdp_action action, double *control) {
    for (int i = 0; i < task->spec->n_act; i++) control[i] = mdp_action_at(action, i);
}

static void step_once(void *state, struct mdp_action action, struct mdp_step *step) {
    struct task *task = state;
    const struct mdp_gym_robot *robot = task->robot;
    double control[MDP_ENV_MAX_ACT], before = task->view.qpos[0];
    widen(task, action, control);
    step->non_finite = !task->driver->step(task->world, control) || !take_state(task);
    if (step->non_finite) return;
    int healthy = is_healthy(robot, &task->view);
    int pays = healthy || task->spec->gym->world != MDP_GYM_V5;
    step->terms[SURVIVE] = pays ? robot->survive : 0;
    step->terms[FORWARD] = (task->view.qpos[0] - before) / (robot->timestep * robot->frame_skip);
    step->terms[CONTROL] = -control_cost(task->spec, action);
    for (int i = 0; i < MDP_ENV_N_TERMS; i++) step->reward += step->terms[i];
    step->terminated = !healthy;
}

/* ---- recorded steps ---- */

static int terms_of(const struct mdp_env_spec *spec) {
    return (spec->gym->robot->survive != 0) << SURVIVE | 1 << FORWARD | 1 << CONTROL;
}

/* what is no other term is forward */
static const char *recover(const struct mdp_env_spec *spec, const struct mdp_recorded_step *step, double *terms) {
    int pays = !step->terminal || spec->gym->world != MDP_GYM_V5;
    terms[SURVIVE] = pays ? spec->gym->robot->survive : 0;
    terms[CONTROL] = -control_cost(spec, (struct mdp_action){.f32 = step->action});
    terms[FORWARD] = (double)step->reward - terms[SURVIVE] - terms[CONTROL];
    return NULL;
}

/* ---- the physics alone ---- */

static void place(void *state, const double *qpos, const double *qvel) {
    struct task *task = state;
    task->driver->reset(task->world, qpos, qvel);
}

static void simulate(void *state, struct mdp_action action) {
    struct task *task = state;
    double control[MDP_ENV_MAX_ACT];
    widen(task, action, control);
    task->driver->simulate(task->world, control);
}

static void locate(void *state, double *qpos) {
    struct task *task = state;
    double qvel[MDP_ENV_MAX_DOF];
    task->driver->read(task->world, qpos, qvel);
}

static double step_seconds(const struct mdp_env_spec *spec) {
    return spec->gym->robot->timestep * spec->gym->robot->frame_skip;
}

const struct mdp_family mdp_family_gym_mujoco = {
    .name = "gym_mujoco",
    .physics = "MuJoCo",
    .describe = describe,
    .n_dof = n_dof,
    .hash = add_tables,
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .set_state = set_state,
    .step = step_once,
    .place = place,
    .simulate = simulate,
    .locate = locate,
    .sketch = mdp_sketch_mjcf,
    .step_seconds = step_seconds,
    .terms = terms_of,
    .recover = recover,
};
