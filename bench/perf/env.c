#define _GNU_SOURCE
#include "bench/perf/env.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rng.h"
#include "bench/perf/tape.h"
#include "envs/engine.h"
#include "envs/env.h"
#include "envs/mujoco/gym.h"
#include "envs/vec.h"

enum { N_LANES_PER_THREAD = 16, N_STEPS_AT_ONCE = 100, N_WORLDS = 16, N_TURNS_MAX = 5 };

/* one environment and its next episode */
struct single {
    struct mdp_env *env;
    struct mdp_rng rng;
    uint32_t episode;
};

/* many lanes and the buffers of a step */
struct batch {
    const struct mdp_env_spec *spec;
    struct mdp_vec *vec;
    int n_lanes;
    struct mdp_rng rng;
    uint32_t episode;
    float *actions, *observations; /* [n_lanes, n_act], [n_lanes, n_obs] */
    struct mdp_step *steps;        /* [n_lanes] */
};

/* what is measured of one environment; parts that are not are empty */
struct robot {
    const struct mdp_env_spec *spec;
    struct mdp_perf_tape *tape;
    struct single single, against;
    struct batch batches[2]; /* with one thread and with all; or here and there */
};

/* everything that takes turns: items and the threads of each, at most N_TURNS_MAX a robot */
struct turns {
    struct robot *robots;
    struct mdp_perf_item *items;
    int *threads;
    int n_robots, n_items;
};

/* ---- work ---- */

static void step_single(struct single *s) {
    float action[MDP_ENV_MAX_ACT], observation[MDP_ENV_MAX_OBS];
    struct mdp_step step;
    mdp_perf_draw_actions(&s->rng, action, mdp_env_get_spec(s->env)->n_act);
    mdp_env_step(s->env, action, observation, &step);
    if (mdp_step_ended(&step)) mdp_env_reset(s->env, 0, s->episode++, observation);
}

static long work_single(void *context) {
    for (int i = 0; i < N_STEPS_AT_ONCE; i++) step_single(context);
    return N_STEPS_AT_ONCE;
}

static long work_batch(void *context) {
    struct batch *b = context;
    mdp_perf_draw_actions(&b->rng, b->actions, b->n_lanes * b->spec->n_act);
    mdp_vec_step(b->vec, b->actions, b->observations, b->steps);
    for (int i = 0; i < b->n_lanes; i++)
        if (mdp_step_ended(&b->steps[i]))
            mdp_vec_reset_lane(b->vec, i, 0, b->episode++, b->observations + (long)i * b->spec->n_obs);
    return b->n_lanes;
}

/* ---- what is worked on ---- */

static mdp_err single_init(const struct mdp_engine *engine, const struct mdp_env_spec *spec, struct single *s) {
    float observation[MDP_ENV_MAX_OBS];
    mdp_err err = mdp_env_new_on(engine, spec, &s->env);
    if (err != MDP_OK) return err;
    s->rng = mdp_perf_action_stream();
    mdp_env_reset(s->env, 0, s->episode++, observation);
    return MDP_OK;
}

static mdp_err batch_init(const struct mdp_engine *engine, const struct mdp_env_spec *spec, int n_lanes, int n_threads,
                          struct batch *b) {
    mdp_err err;
    *b = (struct batch){.spec = spec, .n_lanes = n_lanes, .rng = mdp_perf_action_stream()};
    unsigned long n = (unsigned long)n_lanes;
    MDP_TRY(mdp_calloc(&b->actions, n * (unsigned long)spec->n_act, sizeof(float), "actions"));
    MDP_TRY(mdp_calloc(&b->observations, n * (unsigned long)spec->n_obs, sizeof(float), "observations"));
    MDP_TRY(mdp_calloc(&b->steps, n, sizeof(struct mdp_step), "steps"));
    MDP_TRY(mdp_vec_new_on(engine, spec, n_lanes, n_threads, &b->vec));
    for (int i = 0; i < b->n_lanes; i++)
        mdp_vec_reset_lane(b->vec, i, 0, b->episode++, b->observations + (long)i * spec->n_obs);
out:
    return err;
}

static void robot_free(struct robot *r) {
    mdp_perf_tape_free(r->tape);
    mdp_env_free(r->single.env);
    mdp_env_free(r->against.env);
    for (int k = 0; k < 2; k++) {
        mdp_vec_free(r->batches[k].vec);
        free(r->batches[k].actions);
        free(r->batches[k].observations);
        free(r->batches[k].steps);
    }
}

/* an item's name for the next one of the turns; 0 if nobody wants it */
static int is_next(const struct mdp_perf_options *options, struct turns *t, const char *what, const char *id) {
    char *name = t->items[t->n_items].name;
    mdp_rate_name(name, what, id, NULL, NULL);
    return mdp_perf_is_wanted(options, name);
}

static void take_turn(struct turns *t, mdp_perf_work work, void *context, int n_threads) {
    t->items[t->n_items].work = work;
    t->items[t->n_items].context = context;
    t->threads[t->n_items++] = n_threads;
}

static mdp_err prepare(const struct mdp_perf_options *options, const struct mdp_env_spec *spec, struct turns *t) {
    mdp_err err = MDP_OK;
    int n_batches = options->threads > 1 ? 2 : 1;
    struct robot *r = &t->robots[t->n_robots++];
    r->spec = spec;
    if (is_next(options, t, "physics", spec->id)) {
        MDP_TRY(mdp_perf_tape_new(options->engine, spec, &r->tape));
        take_turn(t, mdp_perf_tape_work, r->tape, 1);
    }
    if (is_next(options, t, "env", spec->id)) {
        MDP_TRY(single_init(options->engine, spec, &r->single));
        take_turn(t, work_single, &r->single, 1);
    }
    for (int k = 0; k < n_batches && is_next(options, t, MDP_RATE_VEC, spec->id); k++) {
        const int n_lanes = N_LANES_PER_THREAD * options->threads;
        MDP_TRY(batch_init(options->engine, spec, n_lanes, k == 0 ? 1 : options->threads, &r->batches[k]));
        take_turn(t, work_batch, &r->batches[k], k == 0 ? 1 : options->threads);
    }
out:
    return err;
}

static double processor_seconds(void *context) {
    (void)context;
    return mdp_clock_cpu_seconds();
}

/* of processor time, in which what else the machine does does not count */
static void take_turn_beside(struct turns *t, mdp_perf_work work, void *context) {
    take_turn(t, work, context, 1);
    t->items[t->n_items - 1].clock = processor_seconds;
}

/* the same episodes on two physics, so that what else the machine does falls on both */
static mdp_err prepare_both(const struct mdp_perf_options *options, const struct mdp_env_spec *spec, struct turns *t) {
    mdp_err err = MDP_OK;
    const struct mdp_engine *engines[2] = {options->engine, options->against};
    struct robot *r = &t->robots[t->n_robots++];
    struct single *singles[2] = {&r->single, &r->against};
    r->spec = spec;
    if (is_next(options, t, "env", spec->id))
        for (int k = 0; k < 2; k++) {
            is_next(options, t, k == 0 ? "env" : "against", spec->id);
            MDP_TRY(single_init(engines[k], spec, singles[k]));
            take_turn_beside(t, work_single, singles[k]);
        }
    if (is_next(options, t, MDP_RATE_VEC, spec->id))
        for (int k = 0; k < 2; k++) {
            is_next(options, t, k == 0 ? MDP_RATE_VEC : "against/" MDP_RATE_VEC, spec->id);
            MDP_TRY(batch_init(engines[k], spec, N_LANES_PER_THREAD, 1, &r->batches[k]));
            take_turn_beside(t, work_batch, &r->batches[k]);
        }
out:
    return err;
}

/* ---- results ---- */

static double heap_in_use(void) {
    struct mallinfo2 info = mallinfo2();
    return (double)info.uordblks + (double)info.hblkhd;
}

/* worlds grow until contacts and limits have been at their most, so each is stepped for an episode's first part */
static mdp_err measure_memory(const struct mdp_perf_options *options, const struct mdp_env_spec *spec,
                              struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    struct single worlds[N_WORLDS];
    double bytes[N_WORLDS];
    char name[MDP_PERF_NAME_MAX];
    memset(worlds, 0, sizeof worlds);
    snprintf(name, sizeof name, "memory/%s", spec->id);
    if (!mdp_perf_is_wanted(options, name)) return MDP_OK;
    for (int i = 0; i < N_WORLDS; i++) {
        double before = heap_in_use();
        MDP_TRY(single_init(options->engine, spec, &worlds[i]));
        work_single(&worlds[i]);
        bytes[i] = heap_in_use() - before;
    }
    MDP_TRY(mdp_perf_add(results, name, "bytes", 1, bytes, N_WORLDS));
out:
    for (int i = 0; i < N_WORLDS; i++) mdp_env_free(worlds[i].env);
    return err;
}

/* time of a step there over time here, in the same moments; what is named against/x there is ratio/x */
static mdp_err add_ratio(const struct mdp_perf_item pair[2], struct mdp_perf_results *results) {
    struct mdp_perf_item ratio = {.work = NULL};
    snprintf(ratio.name, sizeof ratio.name, "ratio/%s", strchr(pair[1].name, '/') + 1);
    for (int i = 0; i < MDP_PERF_N_REPETITIONS; i++) ratio.rates[i] = pair[0].rates[i] / pair[1].rates[i];
    return mdp_perf_add_rates(results, &ratio, "x time", 1, 1);
}

static mdp_err report(const struct mdp_perf_options *options, const struct turns *t, struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    for (int i = 0; i < t->n_items; i++)
        MDP_TRY(mdp_perf_add_rates(results, &t->items[i], "steps/s", t->threads[i], 1));
    for (int i = 0; i < t->n_items && options->against != NULL; i += 2) MDP_TRY(add_ratio(&t->items[i], results));
    for (int i = 0; i < t->n_robots && options->against == NULL; i++)
        MDP_TRY(measure_memory(options, t->robots[i].spec, results));
out:
    return err;
}

static mdp_err turns_alloc(struct turns *t) {
    mdp_err err;
    unsigned long n = (unsigned long)mdp_env_names()->n;
    MDP_TRY(mdp_calloc(&t->robots, n, sizeof *t->robots, "environments"));
    MDP_TRY(mdp_calloc(&t->items, n * N_TURNS_MAX, sizeof *t->items, "environments"));
    MDP_TRY(mdp_calloc(&t->threads, n * N_TURNS_MAX, sizeof *t->threads, "environments"));
out:
    return err;
}

/* worlds of one robot on MuJoCo take the same time, so the first stands for them unless a name asks for another; and
 * what the chosen physics is not for, or no library is there for, is left out */
static int is_measured(const struct mdp_perf_options *options, const struct mdp_env_spec *spec) {
    struct mdp_engine_facts facts;
    if (options->only == NULL && spec->gym != NULL && spec->gym->world != MDP_GYM_V2) return 0;
    if (mdp_engine_check(options->engine, spec) != MDP_OK || mdp_engine_check(options->against, spec) != MDP_OK)
        return 0;
    if (mdp_engine_describe(options->engine, spec, &facts) == MDP_OK) return 1;
    mdp_log("%s is left out: %s", spec->id, mdp_err_message());
    return 0;
}

mdp_err mdp_perf_env(const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    mdp_err err;
    struct turns t = {NULL};
    const struct mdp_env_spec *spec;
    MDP_TRY(turns_alloc(&t));
    for (int i = 0; (spec = mdp_env_list(i)) != NULL; i++)
        if (is_measured(options, spec))
            MDP_TRY(options->against != NULL ? prepare_both(options, spec, &t) : prepare(options, spec, &t));
    MDP_TRY(mdp_perf_measure_in_turn(options, t.items, t.n_items));
    if (mdp_perf_is_timed(options)) MDP_TRY(report(options, &t, results));
out:
    for (int i = 0; i < t.n_robots; i++) robot_free(&t.robots[i]);
    free(t.robots);
    free(t.items);
    free(t.threads);
    return err;
}
