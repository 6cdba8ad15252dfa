/* plans at work on held-out states: windows in the place of actions, their returns in that of values. what lies behind
 * the end of an episode is zeros, as in training. every state is worked on by itself. */
#include <stdlib.h>
#include <string.h>

#include "algos/diffusion/window_diffusion.h"
#include "algos/guidance/window_guidance.h"
#include "algos/planner.h"
#include "base/rng.h"
#include "bench/diagnose/internal.h"

/* the steps that were recorded from a state on, as far as its episode has them */
static void gather(const struct mdp_states *s, long i) {
    const struct mdp_dataset_raw *raw = &s->held_out->raw;
    const struct mdp_dataset_episode *episode = &s->held_out->episodes.list[s->held_out->episode[i]];
    long n_step = s->n_obs + s->n_act, horizon = s->n_vector / n_step, row = s->held_out->row[i],
         end = episode->first + episode->n;
    float *window = s->acted + i * s->n_vector;
    for (long h = 0; h < horizon && row + h < end; h++, window += n_step) {
        memcpy(window, raw->observations + (row + h) * s->n_obs, (size_t)s->n_obs * sizeof(float));
        if (s->normalizer->n > 0) mdp_normalizer_apply(s->normalizer, window, 1);
        memcpy(window + s->n_obs, raw->actions + (row + h) * s->n_act, (size_t)s->n_act * sizeof(float));
    }
}

/* noise as a policy draws it, for the episode and the step in it */
static void plan_one(const struct mdp_states *s, struct mdp_planner *planner, int i_lane, long i) {
    long episode = s->held_out->episode[i], step = s->held_out->row[i] - s->held_out->episodes.list[episode].first,
         n = s->acting->n_candidates * s->n_vector;
    struct mdp_rng rng = mdp_rng_stream(s->acting->seed, MDP_RNG_SAMPLE, (uint32_t)episode, (uint32_t)step);
    mdp_rng_normal(&rng, mdp_planner_noise(planner, i_lane), mdp_planner_draws(planner));
    const struct mdp_plans plans = mdp_plan(planner, i_lane, s->obs + i * s->n_obs, NULL);
    memcpy(s->candidates + i * n, plans.windows, (size_t)n * sizeof(float));
    memcpy(s->first + i * s->n_vector, plans.windows, (size_t)s->n_vector * sizeof(float));
}

static mdp_err fill_candidates(const struct mdp_states *s) {
    const int n_threads = (int)s->acting->n_threads;
    const struct mdp_planner_config config = {.n_candidates = (int)s->acting->n_candidates,
                                              .use_ema = mdp_acts_by_ema(s->acting),
                                              .max_threads = n_threads,
                                              .start_temperature = s->acting->temperature,
                                              .kernel = mdp_kernel_best()};
    struct mdp_planner *planner = NULL;
    mdp_err err = mdp_planner_new(&config, s->diffusion, NULL, &planner);
    if (err != MDP_OK) return err;
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int t = 0; t < n_threads; t++)
        for (long i = s->n * t / n_threads; i < s->n * (t + 1) / n_threads; i++) plan_one(s, planner, t, i);
    mdp_planner_free(planner);
    return MDP_OK;
}

/* as algos/diffusion/density.h for windows: (x0 - x) / tau^2, x0 being what is predicted from alpha x; what is known
 * has no direction */
static mdp_err fill_score(const struct mdp_states *s) {
    const struct mdp_diffusion *d = s->diffusion;
    const double alpha = d->schedule.alpha[s->score_time], tau = d->schedule.sigma[s->score_time] / alpha,
                 time = s->score_time;
    const float *params = mdp_acts_by_ema(s->acting) ? d->ema : d->params;
    struct mdp_graph_work work = {.max_rows = 0};
    float *x = NULL;
    mdp_err err;
    MDP_TRY(mdp_graph_work_alloc(&work, d->window->graph, 1));
    MDP_TRY(mdp_calloc(&x, (unsigned long)s->n_vector, sizeof *x, "scores"));
    for (long i = 0; i < s->n; i++) {
        const float *first = s->first + i * s->n_vector;
        float *score = s->score + i * s->n_vector;
        for (int j = 0; j < s->n_vector; j++) x[j] = j < s->n_obs ? first[j] : (float)(alpha * first[j]);
        const float *clean = mdp_window_diffusion_predict(d->window, params, 1, x, &time, 1, NULL, NULL, &work);
        for (int j = s->n_obs; j < s->n_vector; j++) score[j] = (float)((clean[j] - first[j]) / (tau * tau));
    }
out:
    mdp_graph_work_free(&work);
    free(x);
    return err;
}

mdp_err mdp_plans_fill(const struct mdp_states *s) {
    mdp_err err;
    for (long i = 0; i < s->n; i++) gather(s, i);
    MDP_TRY(fill_candidates(s));
    MDP_TRY(fill_score(s));
out:
    return err;
}

/* ---- judgements ---- */

static void judge_one(const struct mdp_states *s, const struct mdp_window_guidance *g, struct mdp_graph_work *work,
                      long i, struct mdp_judgement *out) {
    static const float one = 1;
    static const int clean = 0;
    const float *params = g->trained.average;
    long nc = s->acting->n_candidates;
    float *gradient = out->gradient + i * s->n_vector;
    out->value[i] = mdp_window_guidance_value(g, params, 1, s->acted + i * s->n_vector, &clean, 1, work)[0];
    mdp_window_guidance_value(g, params, 1, s->first + i * s->n_vector, &clean, 1, work);
    memcpy(gradient, mdp_window_guidance_gradient(g, params, 1, &one, work), (size_t)s->n_vector * sizeof *gradient);
    memset(gradient, 0, (size_t)s->n_obs * sizeof *gradient);
    memcpy(out->scores + i * nc,
           mdp_window_guidance_value(g, params, (int)nc, s->candidates + i * nc * s->n_vector, &clean, 1, work),
           (size_t)nc * sizeof(float));
}

mdp_err mdp_plans_judge(const struct mdp_states *s, const struct mdp_guidance *guidance, struct mdp_judgement *out) {
    const struct mdp_window_guidance *g = guidance->window;
    const int n_threads = (int)s->acting->n_threads;
    struct mdp_graph_work *works = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&works, (unsigned long)n_threads, sizeof *works, "judgement"));
    for (int t = 0; t < n_threads; t++)
        MDP_TRY(mdp_graph_work_alloc(&works[t], &g->net.graph, (int)s->acting->n_candidates));
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int t = 0; t < n_threads; t++)
        for (long i = s->n * t / n_threads; i < s->n * (t + 1) / n_threads; i++) judge_one(s, g, &works[t], i, out);
out:
    for (int t = 0; works != NULL && t < n_threads; t++) mdp_graph_work_free(&works[t]);
    free(works);
    return err;
}
