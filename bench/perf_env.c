#define _GNU_SOURCE
#include "bench/perf_env.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "envs/env.h"
#include "envs/vec.h"

enum { N_LANES_PER_THREAD = 16, N_STEPS_AT_ONCE = 100, N_WORLDS = 16 };

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

static void draw_actions(struct mdp_rng *rng, float *actions, int n) {
    for (int i = 0; i < n; i++) actions[i] = (float)(2.0 * mdp_rng_uniform(rng) - 1.0);
}

static void step_single(struct single *s) {
    float action[MDP_ENV_MAX_ACT], observation[MDP_ENV_MAX_OBS];
    struct mdp_step step;
    draw_actions(&s->rng, action, mdp_env_get_spec(s->env)->n_act);
    mdp_env_step(s->env, action, observation, &step);
    if (mdp_step_ended(&step)) mdp_env_reset(s->env, 0, s->episode++, observation);
}

static long work_single(void *context) {
    for (int i = 0; i < N_STEPS_AT_ONCE; i++) step_single(context);
    return N_STEPS_AT_ONCE;
}

static long work_batch(void *context) {
    struct batch *b = context;
    draw_actions(&b->rng, b->actions, b->n_lanes * b->spec->n_act);
    mdp_vec_step(b->vec, b->actions, b->observations, b->steps);
    for (int i = 0; i < b->n_lanes; i++)
        if (mdp_step_ended(&b->steps[i]))
            mdp_vec_reset_lane(b->vec, i, 0, b->episode++, b->observations + (long)i * b->spec->n_obs);
    return b->n_lanes;
}

static struct mdp_rng action_stream(void) { return mdp_rng_stream(0, MDP_RNG_EXPLORE, 0, 0); }

static mdp_err measure_single(const struct mdp_perf_options *options, const struct mdp_env_spec *spec,
                              struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    struct single s = {.rng = action_stream()};
    char name[MDP_PERF_NAME_MAX];
    float observation[MDP_ENV_MAX_OBS];
    MDP_TRY(mdp_env_new_on(options->engine, spec, &s.env));
    mdp_env_reset(s.env, 0, s.episode++, observation);
    snprintf(name, sizeof name, "env/%s", spec->id);
    MDP_TRY(mdp_perf_measure(options, name, "steps/s", 1, work_single, &s, results));
out:
    mdp_env_free(s.env);
    return err;
}

/* the same episodes on two physics in turn, so that what else the machine does falls on both */
static mdp_err measure_against(const struct mdp_perf_options *options, const struct mdp_env_spec *spec,
                               struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    const struct mdp_engine *engines[2] = {options->engine, options->against};
    struct single both[2] = {{.rng = action_stream()}, {.rng = action_stream()}};
    char names[3][MDP_PERF_NAME_MAX];
    float observation[MDP_ENV_MAX_OBS];
    snprintf(names[0], sizeof names[0], "env/%s", spec->id);
    snprintf(names[1], sizeof names[1], "against/%s", spec->id);
    snprintf(names[2], sizeof names[2], "ratio/%s", spec->id);
    for (int k = 0; k < 2; k++) {
        MDP_TRY(mdp_env_new_on(engines[k], spec, &both[k].env));
        mdp_env_reset(both[k].env, 0, both[k].episode++, observation);
    }
    MDP_TRY(mdp_perf_measure_pair(options, (const char *const[3]){names[0], names[1], names[2]}, "steps/s", 1,
                                  work_single, (void *const[2]){&both[0], &both[1]}, results));
out:
    for (int k = 0; k < 2; k++) mdp_env_free(both[k].env);
    return err;
}

static mdp_err measure_batch(const struct mdp_perf_options *options, const struct mdp_env_spec *spec, int n_threads,
                             struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    struct batch b = {.spec = spec, .n_lanes = N_LANES_PER_THREAD * options->threads, .rng = action_stream()};
    unsigned long n_lanes = (unsigned long)b.n_lanes;
    char name[MDP_PERF_NAME_MAX];
    MDP_TRY(mdp_calloc(&b.actions, n_lanes * (unsigned long)spec->n_act, sizeof(float), "actions"));
    MDP_TRY(mdp_calloc(&b.observations, n_lanes * (unsigned long)spec->n_obs, sizeof(float), "observations"));
    MDP_TRY(mdp_calloc(&b.steps, n_lanes, sizeof(struct mdp_step), "steps"));
    MDP_TRY(mdp_vec_new_on(options->engine, spec, b.n_lanes, n_threads, &b.vec));
    for (int i = 0; i < b.n_lanes; i++)
        mdp_vec_reset_lane(b.vec, i, 0, b.episode++, b.observations + (long)i * spec->n_obs);
    snprintf(name, sizeof name, "vec/%s", spec->id);
    MDP_TRY(mdp_perf_measure(options, name, "steps/s", n_threads, work_batch, &b, results));
out:
    mdp_vec_free(b.vec);
    free(b.actions);
    free(b.observations);
    free(b.steps);
    return err;
}

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
    float observation[MDP_ENV_MAX_OBS];
    memset(worlds, 0, sizeof worlds);
    for (int i = 0; i < N_WORLDS; i++) {
        double before = heap_in_use();
        worlds[i].rng = action_stream();
        MDP_TRY(mdp_env_new_on(options->engine, spec, &worlds[i].env));
        mdp_env_reset(worlds[i].env, 0, worlds[i].episode++, observation);
        work_single(&worlds[i]);
        bytes[i] = heap_in_use() - before;
    }
    snprintf(name, sizeof name, "memory/%s", spec->id);
    MDP_TRY(mdp_perf_add(results, name, "bytes", 1, bytes, N_WORLDS));
out:
    for (int i = 0; i < N_WORLDS; i++) mdp_env_free(worlds[i].env);
    return err;
}

mdp_err mdp_perf_env(const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    const struct mdp_env_spec *spec;
    for (int i = 0; (spec = mdp_env_list(i)) != NULL; i++) {
        if (options->against != NULL) {
            MDP_TRY(measure_against(options, spec, results));
            continue;
        }
        MDP_TRY(measure_single(options, spec, results));
        MDP_TRY(measure_batch(options, spec, 1, results));
        if (options->threads > 1) MDP_TRY(measure_batch(options, spec, options->threads, results));
        MDP_TRY(measure_memory(options, spec, results));
    }
out:
    return err;
}
