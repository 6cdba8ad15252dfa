/* the driver of MuJoCo 3.2 and newer, in a user's library: public functions alone, since structures change with every
 * release. World v2 needs the structures and is refused.
 *
 * a state is read and written by mj_getState and mj_setState, whose bits move between releases; sizes tell which bit is
 * which. Source: reference/envs-mujoco/SPEC.md, section 10. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/mujoco/library.h"

/* the library's types, of which only addresses are known */
typedef struct mjModel_ mjModel;
typedef struct mjData_ mjData;
typedef struct mjSpec_ mjSpec;

/* X(symbol, result, parameters) */
#define FUNCTION_LIST(X)                                                                                               \
    X(mj_parseXMLString, mjSpec *, (const char *text, const void *files, char *problem, int size))                     \
    X(mj_compile, mjModel *, (mjSpec * spec, const void *files))                                                       \
    X(mjs_getError, const char *, (mjSpec * spec))                                                                     \
    X(mj_deleteSpec, void, (mjSpec * spec))                                                                            \
    X(mj_deleteModel, void, (mjModel * model))                                                                         \
    X(mj_getTotalmass, double, (const mjModel *model))                                                                 \
    X(mj_makeData, mjData *, (const mjModel *model))                                                                   \
    X(mj_deleteData, void, (mjData * data))                                                                            \
    X(mj_resetData, void, (const mjModel *model, mjData *data))                                                        \
    X(mj_forward, void, (const mjModel *model, mjData *data))                                                          \
    X(mj_step, void, (const mjModel *model, mjData *data))                                                             \
    X(mj_stateSize, int, (const mjModel *model, int bits))                                                             \
    X(mj_getState, void, (const mjModel *model, const mjData *data, double *state, int bits))                          \
    X(mj_setState, void, (const mjModel *model, mjData *data, const double *state, int bits))

#define MEMBER(symbol, result, parameters) result(*symbol) parameters;
struct api {
    FUNCTION_LIST(MEMBER)
};

#define SYMBOL(symbol, result, parameters) MDP_SYMBOL(struct api, symbol),
static const struct mdp_symbol symbols[] = {FUNCTION_LIST(SYMBOL)};

/* the same in every release; those behind them move */
enum { QPOS = 2, QVEL = 4, FIRST_MOVING = 8, LAST_BIT = 1 << 12 };

/* a compiled model, and which bits of a state are what */
struct model {
    mjModel *model;
    int warm_start, control;
};

/* of one environment; data is NULL after an error until the next reset. MuJoCo says a warning once in an episode */
struct world {
    const struct api *api;
    const struct model *model;
    mjData *data;
    const struct mdp_gym_robot *robot;
    int has_warned;
    const double *state[3], *control; /* qpos, qvel, warm start: what the next call writes, NULL: leaves alone */
};

static int takes(int version) {
    /* 3.2.0 says 320, 3.14.0 says 3014000 */
    return (version >= 320 && version < 1000) || version >= 3000000;
}

/* ---- models ---- */

/* the size of a state's part; what the library refuses has none */
struct sizing {
    const struct api *api;
    const mjModel *model;
    int bit, size;
};

static void ask_size(void *context) {
    struct sizing *s = context;
    s->size = s->api->mj_stateSize(s->model, s->bit);
}

static int size_of(const struct api *api, const mjModel *model, int bit) {
    struct sizing s = {api, model, bit, 0};
    return mdp_mujoco_guard(ask_size, &s) ? s.size : -1;
}

/* the solver's start is the first part behind the speeds that is as large as they are; controls come next */
static mdp_err find_bits(const struct api *api, const struct mdp_env_spec *spec, struct model *m) {
    int n = spec->gym->robot->n_dof, bit = FIRST_MOVING;
    while (bit < LAST_BIT && size_of(api, m->model, bit) == 0) bit *= 2;
    m->warm_start = bit;
    m->control = 2 * bit;
    double mass = api->mj_getTotalmass(m->model);
    int found[] = {size_of(api, m->model, QPOS), size_of(api, m->model, QVEL), size_of(api, m->model, bit),
                   size_of(api, m->model, 2 * bit)};
    if (found[0] == n && found[1] == n && found[2] == n && found[3] == spec->n_act &&
        fabs(mass - spec->gym->robot->mass) < 1e-9)
        return MDP_OK;
    return mdp_fail(MDP_E_DATA,
                    "%s: expected a state of %d positions, %d velocities, %d accelerations and %d controls, and "
                    "%.6f kg, found %d, %d, %d, %d and %.6f",
                    spec->id, n, n, n, spec->n_act, spec->gym->robot->mass, found[0], found[1], found[2], found[3],
                    mass);
}

/* text to model; the spec says what was wrong with a model that does not compile */
struct compiling {
    const struct api *api;
    const char *text;
    char problem[1000];
    mjModel *model;
};

static void compile(void *context) {
    struct compiling *c = context;
    mjSpec *spec = c->api->mj_parseXMLString(c->text, NULL, c->problem, sizeof c->problem);
    if (spec == NULL) return;
    c->model = c->api->mj_compile(spec, NULL);
    if (c->model == NULL) snprintf(c->problem, sizeof c->problem, "%s", c->api->mjs_getError(spec));
    c->api->mj_deleteSpec(spec);
}

static mdp_err compile_model(const struct mdp_mujoco *library, const struct mdp_env_spec *spec, mjModel **model) {
    struct compiling c = {.api = library->api};
    char *text = NULL;
    size_t size = strlen(spec->gym->mjcf) + 64;
    mdp_err err;
    MDP_TRY(mdp_calloc(&text, size, 1, "model"));
    snprintf(text, size, "<mujoco><size memory='1M'/>%s</mujoco>", spec->gym->mjcf);
    c.text = text;
    if (!mdp_mujoco_guard(compile, &c) && c.problem[0] == 0)
        snprintf(c.problem, sizeof c.problem, "%s", mdp_mujoco_said());
    if (c.model == NULL)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected a model that MuJoCo %s takes, found: %s", spec->id, library->version,
                         c.problem));
    *model = c.model;
out:
    free(text);
    return err;
}

static void unload(const struct mdp_mujoco *library, void *model) {
    const struct api *api = library->api;
    struct model *m = model;
    if (m == NULL) return;
    if (m->model != NULL) api->mj_deleteModel(m->model);
    free(m);
}

static mdp_err load(const struct mdp_mujoco *library, const struct mdp_env_spec *spec, void **model) {
    struct model *m = NULL;
    mdp_err err;
    if (spec->gym->world == MDP_GYM_V2)
        return mdp_fail(MDP_E_USAGE,
                        "%s: expected MuJoCo 2.2.2, whose structures give the old inertia and impedance, found %s",
                        spec->id, library->version);
    MDP_TRY(mdp_calloc(&m, 1, sizeof *m, spec->id));
    MDP_TRY(compile_model(library, spec, &m->model));
    MDP_TRY(find_bits(library->api, spec, m));
    *model = m;
    m = NULL;
out:
    unload(library, m);
    return err;
}

/* ---- worlds ---- */

static void make_data(void *context) {
    struct world *w = context;
    w->data = w->api->mj_makeData(w->model->model);
}

static void destroy(void *world) {
    struct world *w = world;
    if (w->data != NULL) w->api->mj_deleteData(w->data);
    free(w);
}

static mdp_err create(const struct mdp_mujoco *library, const struct mdp_env_spec *spec, const void *model,
                      void **world) {
    struct world *w = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&w, 1, sizeof *w, spec->id));
    *w = (struct world){.api = library->api, .model = model, .robot = spec->gym->robot};
    if (!mdp_mujoco_guard(make_data, w) || w->data == NULL)
        MDP_TRY(mdp_fail(MDP_E_NOMEM, "%s: no memory for a world", spec->id));
    *world = w;
    w = NULL;
out:
    free(w);
    return err;
}

/* after an error in the middle of a call the data's stack is in an unknown state */
static int guarded(struct world *w, void (*call)(void *)) {
    long before = mdp_mujoco_n_warnings();
    if (w->data == NULL) return 0;
    if (!mdp_mujoco_guard(call, w)) {
        w->api->mj_deleteData(w->data);
        w->data = NULL;
    }
    w->has_warned |= mdp_mujoco_n_warnings() != before;
    return w->data != NULL && !w->has_warned;
}

static void write_state(void *context) {
    struct world *w = context;
    const int bits[] = {QPOS, QVEL, w->model->warm_start};
    for (int i = 0; i < 3; i++)
        if (w->state[i] != NULL) w->api->mj_setState(w->model->model, w->data, w->state[i], bits[i]);
}

static void begin(void *context) {
    struct world *w = context;
    w->api->mj_resetData(w->model->model, w->data);
    write_state(w);
    w->api->mj_forward(w->model->model, w->data);
}

static int reset(void *world, const double *qpos, const double *qvel) {
    struct world *w = world;
    if (w->data == NULL && !mdp_mujoco_guard(make_data, w)) return 0;
    w->has_warned = 0;
    w->state[0] = qpos;
    w->state[1] = qvel;
    w->state[2] = NULL;
    return guarded(w, begin);
}

static int set(void *world, const double *qpos, const double *qvel, const double *warm_start) {
    struct world *w = world;
    w->state[0] = qpos;
    w->state[1] = qvel;
    w->state[2] = warm_start;
    return guarded(w, write_state);
}

static void run(void *context) {
    struct world *w = context;
    w->api->mj_setState(w->model->model, w->data, w->control, w->model->control);
    for (int i = 0; i < w->robot->frame_skip; i++) w->api->mj_step(w->model->model, w->data);
}

static int step_once(void *world, const double *control) {
    struct world *w = world;
    w->control = control;
    return guarded(w, run);
}

static void simulate(void *world, const double *control) {
    struct world *w = world;
    w->control = control;
    run(w);
}

static int read_state(void *world, double *qpos, double *qvel) {
    const struct world *w = world;
    if (w->data == NULL) return 0;
    w->api->mj_getState(w->model->model, w->data, qpos, QPOS);
    w->api->mj_getState(w->model->model, w->data, qvel, QVEL);
    return 1;
}

const struct mdp_mujoco_driver mdp_mujoco_driver_newer = {
    .symbols = symbols,
    .n_symbols = sizeof symbols / sizeof symbols[0],
    .api_size = sizeof(struct api),
    .takes = takes,
    .load = load,
    .unload = unload,
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .set = set,
    .step = step_once,
    .simulate = simulate,
    .read = read_state,
};
