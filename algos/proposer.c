#include "algos/proposer.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* rows that pass all layers together: their activations and a layer's weights share the second-level cache */
enum { PANEL_ROWS = 256 };

/* working memory of one thread, for plain layers or for packed ones */
struct lane {
    struct mdp_sampler sampler;
    struct mdp_guidance_work guidance;
    struct mdp_stack_work panel;
    struct mdp_reverse_work reverse;
    struct mdp_score_work score;
    struct mdp_langevin_work langevin;
    struct mdp_steering steering;  /* empty where nothing guides */
    struct mdp_energy_work energy; /* empty where no energy is packed */
    /* for predictions without observations: whose lane it is; what a plan makes of a time alone, or masks of zeros */
    const struct mdp_proposer *proposer;
    float *blind;
    struct mdp_denoiser_cache blind_cache;
    float *obs;     /* [n_candidates, n_obs]: one state's row repeated, for the plain way and gradients */
    float *d_act;   /* [n_candidates, n_act]: of the score; NULL without lambda */
    float *actions; /* [max_rows, n_act] */
    float *scores;  /* [max_rows] */
    int *state;     /* [max_rows] */
};

struct mdp_proposer {
    struct mdp_proposer_config config;
    const struct mdp_diffusion *diffusion;
    const struct mdp_guidance *guidance;
    struct mdp_time_table table;
    struct mdp_denoiser_plan denoiser;
    struct mdp_score_plan score;   /* of guidance that scores by its least head, */
    struct mdp_energy_plan energy; /* and of one that scores by its energy; its averaged network */
    int max_states;
    struct lane *lanes; /* [max_threads] */
};

static const float *acting_params(const struct mdp_proposer *proposer) {
    return proposer->config.use_ema ? proposer->diffusion->ema : proposer->diffusion->params;
}

static mdp_err check(const struct mdp_proposer_config *config, const struct mdp_diffusion *diffusion,
                     const struct mdp_guidance *guidance) {
    mdp_err err = mdp_langevin_check(&config->langevin, diffusion);
    if (err != MDP_OK) return mdp_fail_context(err, "policy");
    if (config->kernel == NULL) return MDP_OK;
    if (!config->kernel->is_supported())
        return mdp_fail(MDP_E_USAGE, "policy: kernel %s: expected a processor that has it, found %s",
                        config->kernel->name, "one without");
    if (guidance != NULL && !guidance->config.kind->scores_by_least_head && !guidance->config.kind->needs_support)
        return mdp_fail(MDP_E_USAGE, "policy: guidance: expected a kind whose score a kernel computes, found '%s'",
                        guidance->config.kind->name);
    return MDP_OK;
}

static int scores_by_energy(const struct mdp_proposer *proposer) {
    return proposer->guidance != NULL && proposer->guidance->config.kind->needs_support;
}

static mdp_err plan_energy(struct mdp_proposer *proposer) {
    const struct mdp_kernel *kernel = proposer->config.kernel;
    double times[MDP_SCHEDULE_MAX + 1];
    if (kernel->precision != MDP_F32)
        return mdp_fail(MDP_E_USAGE, "policy: precision: expected float32 for guidance '%s', found kernel %s",
                        proposer->guidance->config.kind->name, kernel->name);
    mdp_steering_times(proposer->diffusion, times);
    return mdp_energy_plan_build(&proposer->energy, kernel, &proposer->guidance->nets[MDP_ENERGY_NET].net,
                                 proposer->diffusion->config.n_steps + 1, times);
}

static mdp_err plan(struct mdp_proposer *proposer) {
    mdp_err err;
    const struct mdp_kernel *kernel = proposer->config.kernel;
    int n = proposer->config.n_candidates;
    MDP_TRY(mdp_denoiser_plan_build(&proposer->denoiser, kernel, &proposer->diffusion->net));
    if (scores_by_energy(proposer))
        MDP_TRY(plan_energy(proposer));
    else if (proposer->guidance != NULL)
        MDP_TRY(mdp_score_plan_build(&proposer->score, kernel, proposer->guidance));
    proposer->max_states = n < PANEL_ROWS ? PANEL_ROWS / n : 1;
out:
    return err;
}

static mdp_err alloc_packed(const struct mdp_proposer *proposer, struct lane *lane, int max_rows) {
    mdp_err err;
    int width = proposer->denoiser.width;
    if (proposer->score.width > width) width = proposer->score.width;
    MDP_TRY(mdp_stack_work_alloc(&lane->panel, proposer->config.kernel, width, PANEL_ROWS));
    MDP_TRY(mdp_reverse_work_alloc(&lane->reverse, proposer->diffusion, &proposer->denoiser, proposer->max_states,
                                   max_rows, PANEL_ROWS));
    MDP_TRY(mdp_score_work_alloc(&lane->score, &proposer->score, proposer->max_states, max_rows));
    if (scores_by_energy(proposer))
        MDP_TRY(mdp_energy_work_alloc(&lane->energy, &proposer->energy, proposer->max_states, PANEL_ROWS));
    MDP_TRY(mdp_calloc(&lane->state, (unsigned long)max_rows, sizeof *lane->state, "policy lane"));
    for (int r = 0; r < max_rows; r++) lane->state[r] = r / proposer->config.n_candidates;
out:
    return err;
}

/* what works on one state's rows by the layers of nn/ */
static mdp_err alloc_plain(const struct mdp_proposer *proposer, struct lane *lane) {
    mdp_err err = MDP_OK;
    const struct mdp_diffusion_config *config = &proposer->diffusion->config;
    int n = proposer->config.n_candidates, is_plain = proposer->config.kernel == NULL;
    int climbs = proposer->config.lambda > 0, walks = proposer->config.langevin.n_steps > 0;
    unsigned long rows = (unsigned long)n;
    if (is_plain) MDP_TRY(mdp_sampler_alloc(&lane->sampler, proposer->diffusion, n, 0, NULL));
    if (walks) MDP_TRY(mdp_langevin_work_alloc(&lane->langevin, proposer->diffusion, proposer->guidance, n));
    if (!is_plain && !climbs && !walks) return MDP_OK;
    if (proposer->guidance != NULL) MDP_TRY(mdp_guidance_work_alloc(&lane->guidance, proposer->guidance, n, NULL));
    MDP_TRY(mdp_calloc(&lane->obs, rows * (unsigned long)config->n_obs, sizeof *lane->obs, "policy lane"));
    if (climbs)
        MDP_TRY(mdp_calloc(&lane->d_act, rows * (unsigned long)config->n_act, sizeof *lane->d_act, "policy lane"));
out:
    return err;
}

/* implements struct mdp_blind: one state without an observation, of which all rows are */
static void predict_packed(void *context, int i, int n_rows, const float *x, float *out) {
    struct lane *lane = context;
    const struct mdp_proposer *proposer = lane->proposer;
    const struct mdp_denoiser_rows rows = {1, INT_MAX, 0, n_rows, lane->blind};
    mdp_denoiser_plan_at_time(&proposer->denoiser, proposer->diffusion->visits.index[i], 1, NULL, &lane->panel,
                              lane->blind);
    mdp_denoiser_plan_run(&proposer->denoiser, &rows, x, &lane->panel, &lane->reverse.unet, out);
}

/* the same by the layers of nn/, of one state's rows */
static void predict_plainly(void *context, int i, int n_rows, const float *x, float *out) {
    struct lane *lane = context;
    const struct mdp_diffusion *d = lane->proposer->diffusion;
    for (int r = 0; r < n_rows; r++) lane->blind_cache.time[r] = d->visits.index[i];
    lane->blind_cache.mask = lane->blind;
    memcpy(out,
           mdp_denoiser_forward(&d->net, acting_params(lane->proposer), &lane->proposer->table, n_rows, x, lane->obs,
                                &lane->blind_cache),
           (size_t)n_rows * (size_t)d->config.n_act * sizeof *out);
}

static mdp_err alloc_blind(const struct mdp_proposer *proposer, struct lane *lane) {
    int is_plain = proposer->config.kernel == NULL, n = proposer->config.n_candidates;
    unsigned long n_floats = (unsigned long)(is_plain ? n : mdp_denoiser_plan_time_width(&proposer->denoiser));
    mdp_err err;
    lane->proposer = proposer;
    lane->steering.blind = (struct mdp_blind){is_plain ? predict_plainly : predict_packed, lane};
    MDP_TRY(mdp_calloc(&lane->blind, n_floats, sizeof(float), "policy lane"));
    if (is_plain) MDP_TRY(mdp_denoiser_cache_alloc(&lane->blind_cache, &proposer->diffusion->net, n, NULL));
out:
    return err;
}

static mdp_err lane_alloc(const struct mdp_proposer *proposer, struct lane *lane) {
    mdp_err err;
    int max_rows = proposer->max_states * proposer->config.n_candidates;
    unsigned long rows = (unsigned long)max_rows;
    MDP_TRY(alloc_plain(proposer, lane));
    if (proposer->config.kernel != NULL) MDP_TRY(alloc_packed(proposer, lane, max_rows));
    MDP_TRY(mdp_calloc(&lane->actions, rows * (unsigned long)proposer->diffusion->config.n_act, sizeof(float),
                       "policy lane"));
    MDP_TRY(mdp_calloc(&lane->scores, rows, sizeof(float), "policy lane"));
    if (!mdp_guide_bends(proposer->config.guide.guide)) return MDP_OK;
    MDP_TRY(mdp_steering_init(&lane->steering, proposer->diffusion, proposer->guidance, &proposer->config.guide,
                              max_rows, proposer->config.n_candidates));
    lane->sampler.bend = &lane->steering.bend;
    if (proposer->config.guide.guide == MDP_GUIDE_FREE) MDP_TRY(alloc_blind(proposer, lane));
    if (proposer->config.guide.guide == MDP_GUIDE_ENERGY && proposer->config.kernel != NULL) {
        lane->steering.plan = &proposer->energy;
        lane->steering.plan_work = &lane->energy;
    }
out:
    return err;
}

static void lane_free(struct lane *lane) {
    mdp_sampler_free(&lane->sampler);
    mdp_guidance_work_free(&lane->guidance);
    mdp_stack_work_free(&lane->panel);
    mdp_reverse_work_free(&lane->reverse);
    mdp_score_work_free(&lane->score);
    mdp_langevin_work_free(&lane->langevin);
    mdp_steering_free(&lane->steering);
    mdp_energy_work_free(&lane->energy);
    mdp_denoiser_cache_free(&lane->blind_cache);
    free(lane->blind);
    free(lane->obs);
    free(lane->d_act);
    free(lane->actions);
    free(lane->scores);
    free(lane->state);
}

mdp_err mdp_proposer_new(const struct mdp_proposer_config *config, const struct mdp_diffusion *diffusion,
                         const struct mdp_guidance *guidance, struct mdp_proposer **out) {
    mdp_err err;
    struct mdp_proposer *proposer = NULL;
    *out = NULL;
    MDP_TRY(check(config, diffusion, guidance));
    MDP_TRY(mdp_calloc(&proposer, 1, sizeof *proposer, "policy"));
    proposer->config = *config;
    proposer->diffusion = diffusion;
    proposer->guidance = guidance;
    proposer->max_states = 1;
    MDP_TRY(mdp_time_table_alloc(&proposer->table, &diffusion->net));
    if (config->kernel != NULL) MDP_TRY(plan(proposer));
    MDP_TRY(mdp_calloc(&proposer->lanes, (unsigned long)config->max_threads, sizeof *proposer->lanes, "policy lanes"));
    for (int i = 0; i < config->max_threads; i++) MDP_TRY(lane_alloc(proposer, &proposer->lanes[i]));
    mdp_proposer_refresh(proposer);
    *out = proposer;
    return MDP_OK;
out:
    mdp_proposer_free(proposer);
    return err;
}

void mdp_proposer_free(struct mdp_proposer *proposer) {
    if (proposer == NULL) return;
    for (int i = 0; proposer->lanes != NULL && i < proposer->config.max_threads; i++) lane_free(&proposer->lanes[i]);
    free(proposer->lanes);
    mdp_denoiser_plan_free(&proposer->denoiser);
    mdp_score_plan_free(&proposer->score);
    mdp_energy_plan_free(&proposer->energy);
    mdp_time_table_free(&proposer->table);
    free(proposer);
}

void mdp_proposer_refresh(struct mdp_proposer *proposer) {
    /* the layers of nn/ need a time table of their own; a plan has one in its kernel's arithmetic */
    if (proposer->config.kernel == NULL || proposer->config.langevin.n_steps > 0)
        mdp_time_table_refresh(&proposer->table, &proposer->diffusion->net, acting_params(proposer));
    if (proposer->config.kernel == NULL) return;
    mdp_denoiser_plan_refresh(&proposer->denoiser, acting_params(proposer));
    if (scores_by_energy(proposer))
        mdp_energy_plan_refresh(&proposer->energy, proposer->guidance->nets[MDP_ENERGY_NET].target);
    else if (proposer->guidance != NULL)
        mdp_score_plan_refresh(&proposer->score);
}

int mdp_proposer_states(const struct mdp_proposer *proposer) { return proposer->max_states; }

static void repeat_observation(const struct mdp_proposer *proposer, struct lane *lane, const float *obs) {
    int n_obs = proposer->diffusion->config.n_obs;
    for (int i = 0; i < proposer->config.n_candidates; i++)
        memcpy(lane->obs + (long)i * n_obs, obs, (size_t)n_obs * sizeof *obs);
}

/* a <- clip(a + lambda * d score / d a, -1, 1), state by state, by the layers that have a gradient.
 * Source: SPEC 9.1 item 6 */
static void climb(const struct mdp_proposer *proposer, struct lane *lane, const struct mdp_reverse_input *input) {
    int n = proposer->config.n_candidates, n_values = n * proposer->diffusion->config.n_act;
    float lambda = (float)proposer->config.lambda;
    for (int s = 0; s < input->n_states; s++) {
        float *actions = lane->actions + (long)s * n_values;
        repeat_observation(proposer, lane, input->obs + (long)s * proposer->diffusion->config.n_obs);
        proposer->guidance->config.kind->score_gradient(proposer->guidance, n, lane->obs, actions, &lane->guidance,
                                                        lane->scores, lane->d_act);
        for (int j = 0; j < n_values; j++) actions[j] = fminf(fmaxf(actions[j] + lambda * lane->d_act[j], -1.0f), 1.0f);
    }
}

/* Langevin steps, state by state */
static void walk(const struct mdp_proposer *proposer, struct lane *lane, const struct mdp_reverse_input *input) {
    const struct mdp_langevin *langevin = &proposer->config.langevin;
    const struct mdp_langevin_target target = {proposer->diffusion, acting_params(proposer), &proposer->table,
                                               proposer->guidance, proposer->config.langevin_weight};
    int n = proposer->config.n_candidates;
    long n_values = (long)n * proposer->diffusion->config.n_act;
    for (int s = 0; s < input->n_states; s++) {
        const float *noise = input->langevin;
        if (noise != NULL) noise += s * langevin->n_steps * n_values;
        repeat_observation(proposer, lane, input->obs + (long)s * proposer->diffusion->config.n_obs);
        mdp_langevin_walk(langevin, &target, n, lane->obs, (struct mdp_draws){noise, n_values}, &lane->langevin,
                          lane->actions + s * n_values);
    }
}

/* the plain way takes one state at a time */
static const float *sample_plainly(const struct mdp_proposer *proposer, struct lane *lane,
                                   const struct mdp_reverse_input *input) {
    repeat_observation(proposer, lane, input->obs);
    lane->steering.obs = input->obs;
    mdp_diffusion_sample(proposer->diffusion, acting_params(proposer), &proposer->table, proposer->config.n_candidates,
                         lane->obs, input->draws, input->temperature, &lane->sampler, lane->actions);
    return lane->sampler.states;
}

static const float *sample_packed(const struct mdp_proposer *proposer, struct lane *lane,
                                  const struct mdp_reverse_input *input) {
    struct mdp_reverse_input guided = *input;
    lane->steering.obs = input->obs;
    if (scores_by_energy(proposer))
        mdp_energy_plan_observe(&proposer->energy, input->n_states, input->obs, &lane->energy);
    if (mdp_guide_bends(proposer->config.guide.guide)) guided.bend = &lane->steering.bend;
    mdp_reverse_sample(proposer->diffusion, &proposer->denoiser, &guided, &lane->panel, &lane->reverse, lane->actions);
    return lane->reverse.states;
}

static void score_plainly(const struct mdp_proposer *proposer, struct lane *lane) {
    proposer->guidance->config.kind->select_score(proposer->guidance, proposer->config.n_candidates, lane->obs,
                                                  lane->actions, &lane->guidance, lane->scores);
}

/* rows of states that are observed; an energy of actions as they are is that of the first of its times */
static void score_rows(const struct mdp_proposer *proposer, struct lane *lane, int first, int n) {
    const float *actions = lane->actions + (long)first * proposer->diffusion->config.n_act;
    float *scores = lane->scores + first;
    if (scores_by_energy(proposer))
        memcpy(scores,
               mdp_energy_plan_values(&proposer->energy, 0, n, actions, first, proposer->config.n_candidates,
                                      &lane->energy),
               (size_t)n * sizeof *scores);
    else
        mdp_score_plan_score(&proposer->score, n, actions, lane->state + first, &lane->panel, &lane->score, scores);
}

static void score_packed(const struct mdp_proposer *proposer, struct lane *lane,
                         const struct mdp_reverse_input *input) {
    int n_rows = input->n_states * input->n_candidates;
    int n_panels = (n_rows + PANEL_ROWS - 1) / PANEL_ROWS;
    if (!scores_by_energy(proposer))
        mdp_score_plan_observe(&proposer->score, input->n_states, input->obs, &lane->panel, &lane->score);
    for (int p = 0; p < n_panels; p++) {
        long first = (long)n_rows * p / n_panels, end = (long)n_rows * (p + 1) / n_panels;
        score_rows(proposer, lane, (int)first, (int)(end - first));
    }
}

struct mdp_proposal mdp_propose(struct mdp_proposer *proposer, int i_lane, const struct mdp_reverse_input *input) {
    struct lane *lane = &proposer->lanes[i_lane];
    int is_packed = proposer->config.kernel != NULL;
    const float *history = is_packed ? sample_packed(proposer, lane, input) : sample_plainly(proposer, lane, input);
    if (proposer->config.langevin.n_steps > 0) walk(proposer, lane, input);
    if (proposer->config.lambda > 0) climb(proposer, lane, input);
    if (proposer->guidance != NULL && is_packed) score_packed(proposer, lane, input);
    if (proposer->guidance != NULL && !is_packed) score_plainly(proposer, lane);
    return (struct mdp_proposal){lane->actions, lane->scores, history};
}
