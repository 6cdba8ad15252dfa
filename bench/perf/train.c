/* perf train: gradient steps of every algorithm but planners with its guidance trained, frozen and absent, in turn with
 * each other and with the matrix library, and the memory that each run takes */
#include <stdlib.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/flops.h"
#include "algos/precision.h"
#include "base/names.h"
#include "base/rng.h"
#include "bench/perf/algos.h"
#include "bench/perf/child.h"
#include "bench/perf/gemm.h"

/* HalfCheetah's sizes; two steps meet every part of training, whatever its cadence */
enum { N_OBS = 26, N_ACT = 6, N_STEPS_OF_MEMORY = 2, TRAININGS_MAX = 64 };

/* the others are compared to the first */
static const enum mdp_mode modes[] = {MDP_MODE_JOINT, MDP_MODE_FROZEN, MDP_MODE_NONE};
enum { N_MODES = sizeof modes / sizeof modes[0] };

/* guidance of supported actions, which are sampled once for all steps, is measured alone */
static enum mdp_mode mode_of(const struct mdp_algorithm *algorithm, int m) {
    return algorithm->guidance->needs_support && modes[m] == MDP_MODE_JOINT ? MDP_MODE_GUIDANCE : modes[m];
}

/* ---- a run ---- */

/* which training */
struct kind {
    const struct mdp_algorithm *algorithm;
    enum mdp_mode mode;
    const char *precision;
};

struct training {
    struct kind kind;
    int n_threads;
    double flops; /* nominal, a step */
    double bytes; /* memory; measured with one thread */
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
    struct mdp_learner *learner;
    struct mdp_batch batch;
    float *rows; /* everything the batch points to */
};

static void training_free(struct training *w) {
    if (w == NULL) return;
    mdp_learner_free(w->learner);
    mdp_diffusion_free(w->diffusion);
    mdp_guidance_free(w->guidance);
    free(w->rows);
    free(w);
}

static mdp_err make_batch(struct training *w, int n) {
    int n_support = w->guidance != NULL ? w->guidance->config.n_support : 0;
    long width = 2 * N_OBS + (1 + n_support) * N_ACT + 2;
    struct mdp_rng rng = mdp_rng_stream(0, MDP_RNG_RESET, 0, 0);
    mdp_err err = mdp_calloc(&w->rows, (unsigned long)(n * width), sizeof(float), "batch");
    if (err != MDP_OK) return err;
    float *obs = w->rows, *next_obs = obs + (long)n * N_OBS, *rew = next_obs + (long)n * N_OBS, *tml = rew + n,
          *act = tml + n;
    mdp_rng_normal(&rng, obs, 2L * n * N_OBS + n);
    for (int i = 0; i < n * (1 + n_support) * N_ACT; i++) act[i] = (float)(2 * mdp_rng_uniform(&rng) - 1);
    w->batch = (struct mdp_batch){
        .n = n, .obs = obs, .act = act, .rew = rew, .tml = tml, .next_obs = next_obs, .support = act + (long)n * N_ACT};
    return MDP_OK;
}

/* a training of full size on a batch of noise: its arithmetic does not depend on the data */
static mdp_err training_new(const struct kind *kind, int n_threads, struct training **out) {
    mdp_err err;
    struct training *w = NULL;
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    struct mdp_learner_config learner;
    MDP_TRY(mdp_calloc(&w, 1, sizeof *w, "training"));
    w->kind = *kind;
    w->n_threads = n_threads;
    mdp_algorithm_diffusion(kind->algorithm, N_OBS, N_ACT, &diffusion);
    mdp_algorithm_guidance(kind->algorithm, N_OBS, N_ACT, &guidance);
    mdp_algorithm_learner(kind->algorithm, &learner);
    learner.mode = kind->mode;
    learner.has_support = 1;
    learner.n_threads = n_threads;
    learner.batch = MDP_RATE_BATCH;
    MDP_TRY(mdp_precision_find_training(kind->precision, &learner.kernel, &learner.products));
    if (kind->mode != MDP_MODE_GUIDANCE) MDP_TRY(mdp_diffusion_new(&diffusion, 0, &w->diffusion));
    if (kind->mode != MDP_MODE_NONE) MDP_TRY(mdp_guidance_new(&guidance, 0, &w->guidance));
    MDP_TRY(mdp_learner_new(&learner, w->diffusion, w->guidance, &w->learner));
    MDP_TRY(make_batch(w, learner.batch));
    const struct mdp_step_flops flops = mdp_step_flops_count(w->learner);
    w->flops = mdp_step_flops_total(&flops);
    *out = w;
    return MDP_OK;
out:
    training_free(w);
    return err;
}

static long work_training(void *context) {
    struct training *w = context;
    struct mdp_learner_log log;
    struct mdp_learner_draws draws = mdp_learner_draw(w->learner, w->batch.n);
    mdp_learner_step(w->learner, &w->batch, &draws, &log);
    return 1;
}

/* ---- memory ---- */

static mdp_err make_and_step(void *context) {
    struct training *w;
    mdp_err err = training_new(context, 1, &w);
    for (int i = 0; err == MDP_OK && i < N_STEPS_OF_MEMORY; i++) work_training(w);
    return err;
}

/* ---- what is wanted ---- */

static void name_of(const struct kind *kind, char name[MDP_PERF_NAME_MAX]) {
    mdp_rate_name(name, MDP_RATE_TRAIN, kind->algorithm->name, mdp_mode_describe(kind->mode)->name, kind->precision);
}

static int is_wanted(const struct mdp_perf_options *options, const struct kind *kind) {
    char name[MDP_PERF_NAME_MAX];
    name_of(kind, name);
    if (!mdp_perf_is_wanted(options, name)) return 0;
    return kind->mode == mode_of(kind->algorithm, 0) || options->guidance == NULL ||
           strcmp(options->guidance, mdp_mode_describe(kind->mode)->name) == 0;
}

/* memory is measured while this process has no other threads */
static mdp_err prepare_one(const struct mdp_perf_options *options, const struct kind *kind, int n_threads,
                           struct training **out) {
    mdp_err err;
    char name[MDP_PERF_NAME_MAX];
    name_of(kind, name);
    MDP_TRY(training_new(kind, n_threads, out));
    if (n_threads == 1 && mdp_perf_is_timed(options))
        MDP_TRY(mdp_perf_memory(name, make_and_step, (void *)kind, &(*out)->bytes));
out:
    return err;
}

/* prepares every mode and precision of an algorithm: joint and f32 first, as the others are shown relative to them.
 * a precision that this machine cannot run is left out */
static mdp_err prepare_algorithm(const struct mdp_perf_options *options, const struct mdp_algorithm *algorithm,
                                 int n_threads, struct training *trainings[TRAININGS_MAX], int *n) {
    mdp_err err = MDP_OK;
    const struct mdp_names *precisions = mdp_precision_names();
    for (int p = 0; p < precisions->n; p++)
        for (int m = 0; m < N_MODES && mdp_precision_is_for_work(p); m++) {
            const struct kind kind = {algorithm, mode_of(algorithm, m), mdp_names_at(precisions, p)};
            if (!is_wanted(options, &kind)) continue;
            if (*n == TRAININGS_MAX) return mdp_fail(MDP_E_INTERNAL, "perf train: more than %d runs", *n);
            err = prepare_one(options, &kind, n_threads, &trainings[*n]);
            if (err == MDP_OK) (*n)++;
            if (err != MDP_OK && (err != MDP_E_USAGE || p == 0)) return err;
        }
    return MDP_OK;
}

static mdp_err prepare(const struct mdp_perf_options *options, struct training *trainings[TRAININGS_MAX], int *n) {
    mdp_err err = MDP_OK;
    for (int k = 0; k < (options->threads > 1 ? 2 : 1); k++)
        for (int i = 0; mdp_algorithm_at(i) != NULL; i++)
            if (mdp_algorithm_at(i)->planning == NULL)
                MDP_TRY(prepare_algorithm(options, mdp_algorithm_at(i), k == 0 ? 1 : options->threads, trainings, n));
out:
    return err;
}

/* ---- results ---- */

/* a times the rates, over those of something else in the same moments (nullable); nothing if that was left out */
static mdp_err add(struct mdp_perf_results *results, const struct training *w, const char *what, const char *unit,
                   double a, const double *rates, const double *over) {
    char name[MDP_PERF_NAME_MAX];
    name_of(&w->kind, name);
    return mdp_perf_add_derived(results, name, what, unit, w->n_threads, rates, a, over);
}

/* what a run is compared to: the matrix library, the same in mode joint, the same in the first precision; NULL if there
 * is none, or it is that itself */
struct others {
    const double *gemm, *joint, *f32;
};

static const double *rates_of(struct training *const *trainings, const struct mdp_perf_item *items, int n, int i,
                              enum mdp_mode mode, const char *precision) {
    for (int k = 0; k < n; k++) {
        const struct kind *kind = &trainings[k]->kind;
        if (k != i && kind->algorithm == trainings[i]->kind.algorithm && kind->mode == mode &&
            kind->precision == precision && trainings[k]->n_threads == trainings[i]->n_threads)
            return items[k].rates;
    }
    return NULL;
}

static mdp_err report(const struct training *w, const double *rates, const struct others *others,
                      struct mdp_perf_results *results) {
    mdp_err err;
    char name[MDP_PERF_NAME_MAX];
    double giga = w->flops * 1e-9, gemms = w->flops / MDP_PERF_GEMM_FLOPS;
    MDP_TRY(add(results, w, "", "steps/s", 1, rates, NULL));
    MDP_TRY(add(results, w, "/nominal", "GFLOP/s", giga, rates, NULL));
    MDP_TRY(add(results, w, "/vs_gemm", "GFLOP/s per GFLOP/s", gemms, rates, others->gemm));
    if (others->f32 != NULL) MDP_TRY(add(results, w, "/vs_f32", "x rate", 1, rates, others->f32));
    if (others->joint != NULL) MDP_TRY(add(results, w, "/vs_joint", "x time", 1, others->joint, rates));
    if (w->n_threads > 1) return MDP_OK;
    name_of(&w->kind, name);
    MDP_TRY(mdp_perf_add_one(results, name, "/step", "GFLOP", giga));
    MDP_TRY(mdp_perf_add_one(results, name, "/memory", "bytes", w->bytes));
out:
    return err;
}

static mdp_err report_all(struct training *const *trainings, const struct mdp_perf_item *items, int n,
                          struct mdp_perf_results *results) {
    mdp_err err = mdp_perf_add_rates(results, &items[n], "GFLOP/s", 1, MDP_PERF_GEMM_FLOPS * 1e-9);
    for (int i = 0; i < n && err == MDP_OK; i++) {
        const struct kind *kind = &trainings[i]->kind;
        const struct others others = {items[n].rates, rates_of(trainings, items, n, i, MDP_MODE_JOINT, kind->precision),
                                      rates_of(trainings, items, n, i, kind->mode, MDP_PRECISION_DEFAULT)};
        err = report(trainings[i], items[i].rates, &others, results);
    }
    return err;
}

mdp_err mdp_perf_train(const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    struct mdp_perf_gemm *gemm = NULL;
    struct training *trainings[TRAININGS_MAX] = {NULL};
    struct mdp_perf_item items[TRAININGS_MAX + 1];
    int n = 0;
    MDP_TRY(prepare(options, trainings, &n));
    for (int i = 0; i < n; i++) {
        items[i] = (struct mdp_perf_item){.work = work_training, .context = trainings[i]};
        name_of(&trainings[i]->kind, items[i].name);
    }
    MDP_TRY(mdp_perf_gemm_new(&gemm));
    MDP_TRY(mdp_perf_measure_in_turn(options, items, n + mdp_perf_gemm_item(options, gemm, &items[n])));
    if (mdp_perf_is_timed(options)) MDP_TRY(report_all(trainings, items, n, results));
out:
    for (int i = 0; i < n; i++) training_free(trainings[i]);
    mdp_perf_gemm_free(gemm);
    return err;
}

const struct mdp_names *mdp_perf_guidance_names(void) {
    static const char *texts[N_MODES];
    static const struct mdp_names names = MDP_NAMES_OF_TEXTS(texts);
    for (int m = 0; m < N_MODES; m++) texts[m] = mdp_mode_describe(modes[m])->name;
    return &names;
}
