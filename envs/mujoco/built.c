/* the driver of the release whose header the program was built with: it reads that release's structures. Without a
 * header it takes no version. Source: reference/envs-mujoco/SPEC.md, sections 5, 6, 9 and 10. */
#include "envs/mujoco/library.h"

#ifndef MDP_MUJOCO_SONAME

static int takes(int version) {
    (void)version;
    return 0;
}

const struct mdp_mujoco_driver mdp_mujoco_driver_built = {.takes = takes};

#else

#include <math.h>
#include <mujoco/mujoco.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* X(symbol): functions of the library, declared by its header */
#define FUNCTION_LIST(X)                                                                                               \
    X(mj_defaultVFS)                                                                                                   \
    X(mj_makeEmptyFileVFS)                                                                                             \
    X(mj_deleteVFS)                                                                                                    \
    X(mj_loadXML)                                                                                                      \
    X(mj_deleteModel)                                                                                                  \
    X(mj_makeData)                                                                                                     \
    X(mj_deleteData)                                                                                                   \
    X(mj_resetData)                                                                                                    \
    X(mj_forward)                                                                                                      \
    X(mj_step)                                                                                                         \
    X(mj_checkPos)                                                                                                     \
    X(mj_checkVel)                                                                                                     \
    X(mj_fwdPosition)                                                                                                  \
    X(mj_fwdVelocity)                                                                                                  \
    X(mj_fwdActuation)                                                                                                 \
    X(mj_fwdAcceleration)                                                                                              \
    X(mj_fwdConstraint)                                                                                                \
    X(mj_checkAcc)                                                                                                     \
    X(mj_Euler)

#define MEMBER(symbol) __typeof__(&symbol) symbol;
struct api {
    FUNCTION_LIST(MEMBER)
};

#define SYMBOL(symbol) MDP_SYMBOL(struct api, symbol),
static const struct mdp_symbol symbols[] = {FUNCTION_LIST(SYMBOL)};

/* of one environment; data is NULL after an error until the next reset */
struct world {
    const struct api *api;
    const mjModel *model;
    mjData *data;
    const struct mdp_gym_robot *robot;
    int n_act, is_patched;
    const double *qpos, *qvel; /* where a reset begins */
};

static int takes(int version) { return version == mjVERSION_HEADER; }

/* ---- models ---- */

/* buffers that are enough whatever the robots touch, in the place of 13 MB a world */
static const char head[] = "<mujoco><size nconmax='32' njmax='100' nstack='20000'/>", tail[] = "</mujoco>";

static mdp_err fill_file(const struct api *api, const struct mdp_env_spec *spec, mjVFS *files) {
    size_t n = strlen(head) + strlen(spec->gym->mjcf) + strlen(tail);
    if (api->mj_makeEmptyFileVFS(files, "model.xml", (int)n) != 0)
        return mdp_fail(MDP_E_NOMEM, "%s: no memory for its model", spec->id);
    char *text = files->filedata[0];
    memcpy(text, head, strlen(head));
    memcpy(text + strlen(head), spec->gym->mjcf, strlen(spec->gym->mjcf));
    memcpy(text + n - strlen(tail), tail, strlen(tail));
    return MDP_OK;
}

static mdp_err check_model(const struct mdp_env_spec *spec, const mjModel *m) {
    const struct mdp_gym *gym = spec->gym;
    double mass = 0;
    for (int i = 0; i < m->nbody; i++) mass += m->body_mass[i];
    if (m->nq == gym->robot->n_dof && m->nv == gym->robot->n_dof && m->nu == spec->n_act &&
        (gym->world == MDP_GYM_V2 || fabs(mass - gym->robot->mass) < 1e-9))
        return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: expected a model of %d positions, %d controls and %.6f kg, found %d, %d and %.6f",
                    spec->id, gym->robot->n_dof, spec->n_act, gym->robot->mass, m->nq, m->nu, mass);
}

static void unload(const struct mdp_mujoco *library, void *model) {
    const struct api *api = library->api;
    api->mj_deleteModel(model);
}

/* the table of files is too large for a stack */
struct loading {
    const struct api *api;
    const struct mdp_env_spec *spec;
    mjVFS *files;
    mjModel *model;
    char problem[1000];
    mdp_err err;
};

static void load_text(void *context) {
    struct loading *l = context;
    l->api->mj_defaultVFS(l->files);
    l->err = fill_file(l->api, l->spec, l->files);
    if (l->err == MDP_OK) l->model = l->api->mj_loadXML("model.xml", l->files, l->problem, sizeof l->problem);
}

static mdp_err load(const struct mdp_mujoco *library, const struct mdp_env_spec *spec, void **model) {
    struct loading l = {.api = library->api, .spec = spec};
    mdp_err err;
    MDP_TRY(mdp_calloc(&l.files, 1, sizeof *l.files, "model"));
    if (!mdp_mujoco_guard(load_text, &l)) snprintf(l.problem, sizeof l.problem, "%s", mdp_mujoco_said());
    MDP_TRY(l.err);
    if (l.model == NULL || l.problem[0] != 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected a model that MuJoCo takes, found: %s", spec->id, l.problem));
    MDP_TRY(check_model(spec, l.model));
    *model = l.model;
    l.model = NULL;
out:
    if (l.model != NULL) l.api->mj_deleteModel(l.model);
    if (l.files != NULL) l.api->mj_deleteVFS(l.files);
    free(l.files);
    return err;
}

/* ---- the old impedance ---- */

/* MuJoCo 2.0 bounded the impedance of a constraint, where this release bounds its lower end before */
static void patch_row(mjData *d, int i, const mjtNum *solimp) {
    if (solimp[0] >= mjMINIMP) return;
    mjtNum x = fabs(d->efc_pos[i] - d->efc_margin[i]) / solimp[2];
    if (x >= 1) return;
    mjtNum y = x <= 0.5 ? 2 * x * x : 1 - 2 * (1 - x) * (1 - x);
    mjtNum now = solimp[0] + y * (solimp[1] - solimp[0]), old = d->efc_KBIP[4 * i + 2];
    now = now < mjMINIMP ? mjMINIMP : now > mjMAXIMP ? mjMAXIMP : now;
    d->efc_KBIP[4 * i + 2] = now;
    d->efc_R[i] *= ((1 - now) / now) / ((1 - old) / old);
    d->efc_D[i] = 1 / d->efc_R[i];
}

static void patch(const mjModel *m, mjData *d) {
    for (int i = 0; i < d->nefc; i++) {
        if (d->efc_type[i] == mjCNSTR_LIMIT_JOINT) patch_row(d, i, m->jnt_solimp + mjNIMP * d->efc_id[i]);
        if (d->efc_type[i] == mjCNSTR_CONTACT_PYRAMIDAL || d->efc_type[i] == mjCNSTR_CONTACT_FRICTIONLESS)
            patch_row(d, i, d->contact[d->efc_id[i]].solimp);
    }
}

static void forward(const struct world *w) {
    const struct api *api = w->api;
    if (!w->is_patched) {
        api->mj_forward(w->model, w->data);
        return;
    }
    api->mj_fwdPosition(w->model, w->data);
    patch(w->model, w->data);
    api->mj_fwdVelocity(w->model, w->data);
    api->mj_fwdActuation(w->model, w->data);
    api->mj_fwdAcceleration(w->model, w->data);
    api->mj_fwdConstraint(w->model, w->data);
}

/* what mj_step does, with the patch after its first third */
static void step_patched(const struct world *w) {
    w->api->mj_checkPos(w->model, w->data);
    w->api->mj_checkVel(w->model, w->data);
    forward(w);
    w->api->mj_checkAcc(w->model, w->data);
    w->api->mj_Euler(w->model, w->data);
}

/* ---- worlds ---- */

static void make_data(void *context) {
    struct world *w = context;
    w->data = w->api->mj_makeData(w->model);
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
    *w = (struct world){.api = library->api, .model = model, .robot = spec->gym->robot, .n_act = spec->n_act};
    w->is_patched = spec->gym->world == MDP_GYM_V2 && spec->gym->robot->has_soft_limits;
    if (!mdp_mujoco_guard(make_data, w) || w->data == NULL)
        MDP_TRY(mdp_fail(MDP_E_NOMEM, "%s: no memory for a world", spec->id));
    *world = w;
    w = NULL;
out:
    free(w);
    return err;
}

static int is_whole(const struct world *w) {
    int n = 0;
    for (int i = 0; i < mjNWARNING; i++) n += w->data->warning[i].number;
    return n == 0;
}

/* after an error in the middle of a call the data's stack is in an unknown state */
static int guarded(struct world *w, void (*call)(void *)) {
    if (w->data == NULL) return 0;
    if (mdp_mujoco_guard(call, w)) return is_whole(w);
    w->api->mj_deleteData(w->data);
    w->data = NULL;
    return 0;
}

static void copy_state(struct world *w, const double *qpos, const double *qvel) {
    memcpy(w->data->qpos, qpos, (size_t)w->robot->n_dof * sizeof *qpos);
    memcpy(w->data->qvel, qvel, (size_t)w->robot->n_dof * sizeof *qvel);
}

static void begin(void *context) {
    struct world *w = context;
    w->api->mj_resetData(w->model, w->data);
    copy_state(w, w->qpos, w->qvel);
    forward(w);
}

static int reset(void *world, const double *qpos, const double *qvel) {
    struct world *w = world;
    if (w->data == NULL && !mdp_mujoco_guard(make_data, w)) return 0;
    w->qpos = qpos;
    w->qvel = qvel;
    return guarded(w, begin);
}

static int set(void *world, const double *qpos, const double *qvel, const double *warm_start) {
    struct world *w = world;
    if (w->data == NULL) return 0;
    copy_state(w, qpos, qvel);
    if (warm_start != NULL) memcpy(w->data->qacc_warmstart, warm_start, (size_t)w->robot->n_dof * sizeof *warm_start);
    return is_whole(w);
}

static void run(void *context) {
    const struct world *w = context;
    for (int i = 0; i < w->robot->frame_skip; i++) {
        if (w->is_patched)
            step_patched(w);
        else
            w->api->mj_step(w->model, w->data);
    }
}

static int step_once(void *world, const double *control) {
    struct world *w = world;
    if (w->data == NULL) return 0;
    memcpy(w->data->ctrl, control, (size_t)w->n_act * sizeof *control);
    return guarded(w, run);
}

static void simulate(void *world, const double *control) {
    struct world *w = world;
    memcpy(w->data->ctrl, control, (size_t)w->n_act * sizeof *control);
    run(w);
}

static int read_state(void *world, double *qpos, double *qvel) {
    const struct world *w = world;
    if (w->data == NULL) return 0;
    memcpy(qpos, w->data->qpos, (size_t)w->robot->n_dof * sizeof *qpos);
    memcpy(qvel, w->data->qvel, (size_t)w->robot->n_dof * sizeof *qvel);
    return 1;
}

const struct mdp_mujoco_driver mdp_mujoco_driver_built = {
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

#endif
