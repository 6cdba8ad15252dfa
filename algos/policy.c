#include "algos/policy.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "algos/selection.h"
#include "base/rng.h"

enum { CANDIDATES_MAX = 4096, THREADS_MAX = 1024 };

/* working memory of one thread: one state at a time */
struct lane {
    struct mdp_sampler sampler;
    struct mdp_guidance_work guidance;
    float *obs;     /* [n_candidates, n_obs]: the same row repeated */
    float *noise;   /* [draws, n_candidates, n_act] */
    float *actions; /* [n_candidates, n_act] */
    float *d_act;   /* the same, of the score; NULL without lambda */
    float *scores;  /* [n_candidates] */
    double *weights;
};

struct mdp_policy {
    struct mdp_policy_config config;
    const struct mdp_diffusion *diffusion;
    const struct mdp_guidance *guidance; /* NULL: a uniform choice */
    double *mean, *std;                  /* [n_obs] */
    struct mdp_time_table table;
    struct lane *lanes; /* [max_threads] */
};

void mdp_policy_defaults(struct mdp_policy_config *config) {
    *config = (struct mdp_policy_config){50, 0.5, 50.0, 1, 1, 0.0};
}

static mdp_err check(const struct mdp_policy_config *config, const struct mdp_diffusion *d,
                     const struct mdp_guidance *g) {
    if (config->n_candidates < 1 || config->n_candidates > CANDIDATES_MAX)
        return mdp_fail(MDP_E_USAGE, "policy: candidates: expected 1 to %d, found %d", CANDIDATES_MAX,
                        config->n_candidates);
    if (config->max_threads < 1 || config->max_threads > THREADS_MAX)
        return mdp_fail(MDP_E_USAGE, "policy: threads: expected 1 to %d, found %d", THREADS_MAX, config->max_threads);
    if (!(config->start_temperature >= 0) || !isfinite(config->start_temperature) ||
        !isfinite(config->selection_temperature))
        return mdp_fail(MDP_E_USAGE,
                        "policy: temperatures: expected finite ones, the first at least 0, found %g and %g",
                        config->start_temperature, config->selection_temperature);
    if (!(config->lambda >= 0) || !isfinite(config->lambda))
        return mdp_fail(MDP_E_USAGE, "policy: lambda: expected a finite number of 0 or more, found %g", config->lambda);
    if (config->lambda > 0 && g == NULL)
        return mdp_fail(MDP_E_USAGE, "policy: lambda: expected 0 without guidance, found %g", config->lambda);
    if (g != NULL && (g->config.n_obs != d->config.n_obs || g->config.n_act != d->config.n_act))
        return mdp_fail(
            MDP_E_DATA,
            "guidance module: expected %d observations and %d actions as the diffusion module has, found %d and %d",
            d->config.n_obs, d->config.n_act, g->config.n_obs, g->config.n_act);
    return MDP_OK;
}

static mdp_err set_normaliser(struct mdp_policy *policy, const double *mean, const double *std) {
    mdp_err err;
    int n_obs = policy->diffusion->config.n_obs;
    MDP_TRY(mdp_calloc(&policy->mean, (unsigned long)n_obs, sizeof(double), "normaliser"));
    MDP_TRY(mdp_calloc(&policy->std, (unsigned long)n_obs, sizeof(double), "normaliser"));
    for (int j = 0; j < n_obs; j++) {
        policy->mean[j] = mean != NULL ? mean[j] : 0.0;
        policy->std[j] = std != NULL ? std[j] : 1.0;
        if (!isfinite(policy->mean[j]) || !(policy->std[j] > 0) || !isfinite(policy->std[j]))
            return mdp_fail(MDP_E_DATA,
                            "normaliser: dimension %d: expected a finite mean and a positive std, found %g and %g", j,
                            policy->mean[j], policy->std[j]);
    }
out:
    return err;
}

static mdp_err lane_alloc(struct lane *lane, const struct mdp_policy *policy) {
    mdp_err err;
    const struct mdp_diffusion *d = policy->diffusion;
    int n_rows = policy->config.n_candidates;
    unsigned long rows = (unsigned long)n_rows, n = rows * (unsigned long)d->config.n_act;
    MDP_TRY(mdp_sampler_alloc(&lane->sampler, d, n_rows, 0));
    if (policy->guidance != NULL) MDP_TRY(mdp_guidance_work_alloc(&lane->guidance, policy->guidance, n_rows));
    MDP_TRY(mdp_calloc(&lane->obs, rows * (unsigned long)d->config.n_obs, sizeof(float), "policy lane"));
    MDP_TRY(mdp_calloc(&lane->noise, n * (unsigned long)mdp_diffusion_draws(d), sizeof(float), "policy lane"));
    MDP_TRY(mdp_calloc(&lane->actions, n, sizeof(float), "policy lane"));
    if (policy->config.lambda > 0) MDP_TRY(mdp_calloc(&lane->d_act, n, sizeof(float), "policy lane"));
    MDP_TRY(mdp_calloc(&lane->scores, rows, sizeof(float), "policy lane"));
    MDP_TRY(mdp_calloc(&lane->weights, rows, sizeof(double), "policy lane"));
out:
    return err;
}

static void lane_free(struct lane *lane) {
    mdp_sampler_free(&lane->sampler);
    mdp_guidance_work_free(&lane->guidance);
    free(lane->obs);
    free(lane->noise);
    free(lane->actions);
    free(lane->d_act);
    free(lane->scores);
    free(lane->weights);
}

mdp_err mdp_policy_new(const struct mdp_policy_config *config, const struct mdp_diffusion *diffusion,
                       const struct mdp_guidance *guidance, const double *mean, const double *std,
                       struct mdp_policy **out) {
    mdp_err err;
    struct mdp_policy *policy = NULL;
    *out = NULL;
    MDP_TRY(check(config, diffusion, guidance));
    MDP_TRY(mdp_calloc(&policy, 1, sizeof *policy, "policy"));
    policy->config = *config;
    policy->diffusion = diffusion;
    policy->guidance = guidance;
    MDP_TRY(set_normaliser(policy, mean, std));
    MDP_TRY(mdp_time_table_alloc(&policy->table, &diffusion->net));
    MDP_TRY(mdp_calloc(&policy->lanes, (unsigned long)config->max_threads, sizeof *policy->lanes, "policy lanes"));
    for (int i = 0; i < config->max_threads; i++) MDP_TRY(lane_alloc(&policy->lanes[i], policy));
    mdp_policy_refresh(policy);
    *out = policy;
    return MDP_OK;
out:
    mdp_policy_free(policy);
    return err;
}

void mdp_policy_free(struct mdp_policy *policy) {
    if (policy == NULL) return;
    for (int i = 0; policy->lanes != NULL && i < policy->config.max_threads; i++) lane_free(&policy->lanes[i]);
    free(policy->lanes);
    mdp_time_table_free(&policy->table);
    free(policy->mean);
    free(policy->std);
    free(policy);
}

static const float *acting_params(const struct mdp_policy *policy) {
    return policy->config.use_ema ? policy->diffusion->ema : policy->diffusion->params;
}

void mdp_policy_refresh(struct mdp_policy *policy) {
    mdp_time_table_refresh(&policy->table, &policy->diffusion->net, acting_params(policy));
}

/* a <- clip(a + lambda * d score / d a, -1, 1). Source: SPEC 9.1 item 6 */
static void climb(const struct mdp_policy *policy, struct lane *lane) {
    int n = policy->config.n_candidates, n_values = n * policy->diffusion->config.n_act;
    policy->guidance->config.kind->score_gradient(policy->guidance, n, lane->obs, lane->actions, &lane->guidance,
                                                  lane->scores, lane->d_act);
    for (int j = 0; j < n_values; j++)
        lane->actions[j] = fminf(fmaxf(lane->actions[j] + (float)policy->config.lambda * lane->d_act[j], -1.0f), 1.0f);
}

/* candidates, scores and weights of the observation in the lane's first row */
static void propose(const struct mdp_policy *policy, struct lane *lane, struct mdp_draws draws) {
    int n = policy->config.n_candidates, n_obs = policy->diffusion->config.n_obs;
    for (int i = 1; i < n; i++) memcpy(lane->obs + (long)i * n_obs, lane->obs, (size_t)n_obs * sizeof *lane->obs);
    mdp_diffusion_sample(policy->diffusion, acting_params(policy), &policy->table, n, lane->obs, draws,
                         policy->config.start_temperature, &lane->sampler, lane->actions);
    if (policy->config.lambda > 0) climb(policy, lane);
    if (policy->guidance != NULL)
        policy->guidance->config.kind->select_score(policy->guidance, n, lane->obs, lane->actions, &lane->guidance,
                                                    lane->scores);
    mdp_selection_weights(n, lane->scores, policy->config.selection_temperature, lane->weights);
}

static void act_one(const struct mdp_policy *policy, struct lane *lane, const float *obs, uint32_t episode,
                    uint32_t step, uint64_t seed, float *action) {
    int n = policy->config.n_candidates, n_obs = policy->diffusion->config.n_obs,
        n_act = policy->diffusion->config.n_act;
    long stride = (long)n * n_act;
    struct mdp_rng noise = mdp_rng_stream(seed, MDP_RNG_SAMPLE, episode, step);
    struct mdp_rng select = mdp_rng_stream(seed, MDP_RNG_SELECT, episode, step);
    for (int j = 0; j < n_obs; j++) lane->obs[j] = (float)((obs[j] - policy->mean[j]) / policy->std[j]);
    mdp_rng_normal(&noise, lane->noise, stride * mdp_diffusion_draws(policy->diffusion));
    propose(policy, lane, (struct mdp_draws){lane->noise, stride});
    int chosen = mdp_selection_by_uniform(n, lane->weights, mdp_rng_uniform(&select));
    memcpy(action, lane->actions + (long)chosen * n_act, (size_t)n_act * sizeof *action);
}

void mdp_policy_act(struct mdp_policy *policy, int n_states, const float *obs, const uint32_t *episode,
                    const uint32_t *step, uint64_t seed, float *actions, int n_threads) {
    int n_obs = policy->diffusion->config.n_obs, n_act = policy->diffusion->config.n_act;
    if (n_threads > n_states) n_threads = n_states > 0 ? n_states : 1;
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int i = 0; i < n_states; i++)
        act_one(policy, &policy->lanes[omp_get_thread_num()], obs + (long)i * n_obs, episode[i], step[i], seed,
                actions + (long)i * n_act);
}

struct mdp_policy_view mdp_policy_propose(struct mdp_policy *policy, const float *obs, struct mdp_draws draws) {
    struct lane *lane = &policy->lanes[0];
    memcpy(lane->obs, obs, (size_t)policy->diffusion->config.n_obs * sizeof *obs);
    propose(policy, lane, draws);
    return (struct mdp_policy_view){lane->actions, lane->scores, lane->weights, lane->sampler.states};
}
