#include "algos/policy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/fit.h"
#include "algos/planner.h"
#include "algos/proposer.h"
#include "algos/selection.h"
#include "base/rng.h"

enum { CANDIDATES_MAX = 4096, THREADS_MAX = 1024 };

/* working memory of one thread: as many states as the proposer takes at once */
struct lane {
    float *obs;      /* [max_states, n_obs]: normalised */
    float *noise;    /* [max_states, draws, n_candidates, n_act] */
    float *langevin; /* [max_states, Langevin steps, n_candidates, n_act]; NULL without any */
    double *weights; /* [n_candidates] */
};

struct mdp_policy {
    struct mdp_policy_config config;
    const struct mdp_diffusion *diffusion;
    struct mdp_proposer *proposer; /* or */
    struct mdp_planner *planner;
    double *mean, *std; /* [n_obs] */
    struct lane *lanes; /* [max_threads] */
};

void mdp_policy_defaults(struct mdp_policy_config *config) {
    *config = (struct mdp_policy_config){
        50, 0.5, 50.0, 1, 1, 0.0, {0, 0, 0}, mdp_kernel_best(), {MDP_GUIDE_NONE, 0, NULL}, 0};
}

/* what makes no sense with the modules; what the parts of a policy need they check themselves */
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
    if (mdp_guide_needs_guidance(config->guide.guide) && g == NULL)
        return mdp_fail(MDP_E_USAGE, "policy: guide: expected none without guidance, found %s",
                        mdp_names_at(mdp_guide_names(), config->guide.guide));
    if (d->window != NULL && (config->lambda > 0 || config->langevin.n_steps > 0))
        return mdp_fail(MDP_E_USAGE, "policy: %s: expected none, as plans are no single actions, found some",
                        config->lambda > 0 ? "lambda" : "Langevin steps");
    return g != NULL ? mdp_modules_fit(d, g) : MDP_OK;
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

static long draws_per_state(const struct mdp_policy *policy) {
    return (long)policy->config.n_candidates * policy->diffusion->config.n_act * mdp_diffusion_draws(policy->diffusion);
}

static long langevin_draws_per_state(const struct mdp_policy *policy) {
    return (long)policy->config.langevin.n_steps * policy->config.n_candidates * policy->diffusion->config.n_act;
}

static mdp_err lane_alloc(struct lane *lane, const struct mdp_policy *policy) {
    mdp_err err;
    if (policy->planner != NULL)
        return mdp_calloc(&lane->obs, (unsigned long)policy->diffusion->config.n_obs, sizeof(float), "policy lane");
    unsigned long n_states = (unsigned long)mdp_proposer_states(policy->proposer),
                  n_langevin = (unsigned long)langevin_draws_per_state(policy);
    MDP_TRY(mdp_calloc(&lane->obs, n_states * (unsigned long)policy->diffusion->config.n_obs, sizeof(float),
                       "policy lane"));
    MDP_TRY(mdp_calloc(&lane->noise, n_states * (unsigned long)draws_per_state(policy), sizeof(float), "policy lane"));
    if (n_langevin > 0) MDP_TRY(mdp_calloc(&lane->langevin, n_states * n_langevin, sizeof(float), "policy lane"));
    MDP_TRY(mdp_calloc(&lane->weights, (unsigned long)policy->config.n_candidates, sizeof(double), "policy lane"));
out:
    return err;
}

static void lane_free(struct lane *lane) {
    free(lane->obs);
    free(lane->noise);
    free(lane->langevin);
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
    MDP_TRY(set_normaliser(policy, mean, std));
    const struct mdp_proposer_config proposer = {
        config->kernel,   config->n_candidates,          config->use_ema, config->max_threads, config->lambda,
        config->langevin, config->selection_temperature, config->guide};
    const struct mdp_planner_config planner = {
        config->n_candidates, config->use_ema, config->max_threads, config->start_temperature,
        config->guide,        config->wanted,  config->kernel};
    MDP_TRY(diffusion->window != NULL ? mdp_planner_new(&planner, diffusion, guidance, &policy->planner)
                                      : mdp_proposer_new(&proposer, diffusion, guidance, &policy->proposer));
    MDP_TRY(mdp_calloc(&policy->lanes, (unsigned long)config->max_threads, sizeof *policy->lanes, "policy lanes"));
    for (int i = 0; i < config->max_threads; i++) MDP_TRY(lane_alloc(&policy->lanes[i], policy));
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
    mdp_proposer_free(policy->proposer);
    mdp_planner_free(policy->planner);
    free(policy->mean);
    free(policy->std);
    free(policy);
}

struct mdp_planner *mdp_policy_planner(struct mdp_policy *policy) {
    return policy->planner;
}

/* candidates and scores of the first n_states states that the lane has observations and noise of */
static struct mdp_proposal propose(const struct mdp_policy *policy, int i_lane, int n_states, struct mdp_draws draws,
                                   const float *langevin) {
    const struct mdp_reverse_input input = {.n_states = n_states,
                                            .n_candidates = policy->config.n_candidates,
                                            .obs = policy->lanes[i_lane].obs,
                                            .draws = draws,
                                            .draws_per_state = draws_per_state(policy),
                                            .temperature = policy->config.start_temperature,
                                            .langevin = langevin};
    return mdp_propose(policy->proposer, i_lane, &input);
}

/* the states of a call, as mdp_policy_act is given them */
struct call {
    const float *obs;
    const uint32_t *episode, *step;
    uint64_t seed;
    float *actions;
};

static void normalise(const struct mdp_policy *policy, const float *raw, float *obs) {
    for (int j = 0; j < policy->diffusion->config.n_obs; j++)
        obs[j] = (float)((raw[j] - policy->mean[j]) / policy->std[j]);
}

/* state i_state of the call becomes state i of the lane */
static void observe(const struct mdp_policy *policy, const struct call *call, int i_state, struct lane *lane, int i) {
    int n_obs = policy->diffusion->config.n_obs;
    long n_langevin = langevin_draws_per_state(policy);
    const float *raw = call->obs + (long)i_state * n_obs;
    float *obs = lane->obs + (long)i * n_obs;
    struct mdp_rng rng = mdp_rng_stream(call->seed, MDP_RNG_SAMPLE, call->episode[i_state], call->step[i_state]);
    normalise(policy, raw, obs);
    mdp_rng_normal(&rng, lane->noise + i * draws_per_state(policy), draws_per_state(policy));
    if (n_langevin == 0) return;
    rng = mdp_rng_stream(call->seed, MDP_RNG_LANGEVIN, call->episode[i_state], call->step[i_state]);
    mdp_rng_normal(&rng, lane->langevin + i * n_langevin, n_langevin);
}

/* a state by itself: its plans, of which one is taken */
static void plan_one(const struct mdp_policy *policy, int i_lane, const struct call *call, int i_state) {
    const struct mdp_diffusion_config *c = &policy->diffusion->config;
    struct mdp_rng rng = mdp_rng_stream(call->seed, MDP_RNG_SAMPLE, call->episode[i_state], call->step[i_state]);
    float *obs = policy->lanes[i_lane].obs;
    normalise(policy, call->obs + (long)i_state * c->n_obs, obs);
    mdp_rng_normal(&rng, mdp_planner_noise(policy->planner, i_lane), mdp_planner_draws(policy->planner));
    mdp_plan(policy->planner, i_lane, obs, call->actions + (long)i_state * c->n_act);
}

/* states first to first + n - 1 */
static void act_on_some(const struct mdp_policy *policy, int i_lane, const struct call *call, int first, int n) {
    struct lane *lane = &policy->lanes[i_lane];
    long n_candidates = policy->config.n_candidates, n_act = policy->diffusion->config.n_act;
    for (int i = 0; i < n; i++) observe(policy, call, first + i, lane, i);
    struct mdp_proposal proposal =
        propose(policy, i_lane, n, (struct mdp_draws){lane->noise, n_candidates * n_act}, lane->langevin);
    for (int i = 0; i < n; i++) {
        struct mdp_rng select =
            mdp_rng_stream(call->seed, MDP_RNG_SELECT, call->episode[first + i], call->step[first + i]);
        mdp_selection_weights((int)n_candidates, proposal.scores + i * n_candidates,
                              policy->config.selection_temperature, lane->weights);
        int chosen = mdp_selection_by_uniform((int)n_candidates, lane->weights, mdp_rng_uniform(&select));
        memcpy(call->actions + (first + i) * n_act, proposal.actions + (i * n_candidates + chosen) * n_act,
               (size_t)n_act * sizeof *call->actions);
    }
}

/* every thread takes an even share of the states, a few at a time */
void mdp_policy_act(struct mdp_policy *policy, int n_states, const float *obs, const uint32_t *episode,
                    const uint32_t *step, uint64_t seed, float *actions, int n_threads) {
    const struct call call = {obs, episode, step, seed, actions};
    int at_once = policy->planner != NULL ? 1 : mdp_proposer_states(policy->proposer);
    if (n_threads > n_states) n_threads = n_states > 0 ? n_states : 1;
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int t = 0; t < n_threads; t++) {
        int first = (int)((long)n_states * t / n_threads), n = (int)((long)n_states * (t + 1) / n_threads) - first;
        int n_parts = (n + at_once - 1) / at_once;
        for (int p = 0; p < n_parts; p++) {
            int begin = n * p / n_parts;
            if (policy->planner != NULL)
                plan_one(policy, t, &call, first + begin);
            else
                act_on_some(policy, t, &call, first + begin, n * (p + 1) / n_parts - begin);
        }
    }
}

struct mdp_policy_view mdp_policy_propose(struct mdp_policy *policy, const float *obs, struct mdp_draws draws) {
    struct lane *lane = &policy->lanes[0];
    memcpy(lane->obs, obs, (size_t)policy->diffusion->config.n_obs * sizeof *obs);
    struct mdp_proposal proposal = propose(policy, 0, 1, draws, NULL);
    mdp_selection_weights(policy->config.n_candidates, proposal.scores, policy->config.selection_temperature,
                          lane->weights);
    return (struct mdp_policy_view){proposal.actions, proposal.scores, lane->weights, proposal.history};
}
