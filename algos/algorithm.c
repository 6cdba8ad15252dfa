#include "algos/algorithm.h"

#include <stdio.h>
#include <string.h>

/* expert data has the row of medium-expert */
static const struct mdp_planning diffuser = {.width = 32,
                                             .n_emb = 32,
                                             .batch = 64,
                                             .emphasis = 10,
                                             .decay = 1e-5,
                                             .discount = 0.997,
                                             .terminal_penalty = -100,
                                             .value_penalty = 1e-4,
                                             .value_keep = 0.995,
                                             .lr = 2e-4,
                                             .lr_steps = 1000000,
                                             .guide = MDP_GUIDE_NOISY,
                                             .tuned = {[MDP_TUNED_HALFCHEETAH_MEDIUM] = {4, 1e-4, 1, 0},
                                                       [MDP_TUNED_HALFCHEETAH_MEDIUM_REPLAY] = {4, 1e-4, 1, 0},
                                                       [MDP_TUNED_HALFCHEETAH_MEDIUM_EXPERT] = {4, 1e-4, 1, 0},
                                                       [MDP_TUNED_HOPPER_MEDIUM] = {32, 0.3, 1, 0},
                                                       [MDP_TUNED_HOPPER_MEDIUM_REPLAY] = {32, 0.2, 1, 0},
                                                       [MDP_TUNED_HOPPER_MEDIUM_EXPERT] = {32, 1e-5, 1, 0},
                                                       [MDP_TUNED_HOPPER_EXPERT] = {32, 1e-5, 1, 0},
                                                       [MDP_TUNED_WALKER2D_MEDIUM] = {32, 0.007, 1, 0},
                                                       [MDP_TUNED_WALKER2D_MEDIUM_REPLAY] = {32, 0.01, 1, 0},
                                                       [MDP_TUNED_WALKER2D_MEDIUM_EXPERT] = {32, 0.001, 1, 0},
                                                       [MDP_TUNED_WALKER2D_EXPERT] = {32, 0.001, 1, 0}}};

static const struct mdp_planning decision_diffuser = {
    .width = 320,
    .n_emb = 128,
    .n_blocks = 2,
    .n_heads = 10,
    .n_inverse = 512,
    .batch = 64,
    .emphasis = 10,
    .condition_dropout = 0.25,
    .decay = 1e-5,
    .discount = 0.997,
    .terminal_penalty = -100,
    .lr = 2e-4,
    .lr_steps = 1000000,
    .guide = MDP_GUIDE_FREE,
    .has_told_returns = 1,
    .tuned = {[MDP_TUNED_HALFCHEETAH_MEDIUM] = {32, 3.2, 1700, 1.1},
              [MDP_TUNED_HALFCHEETAH_MEDIUM_REPLAY] = {32, 1.4, 1600, 0.95},
              [MDP_TUNED_HALFCHEETAH_MEDIUM_EXPERT] = {32, 1.2, 3600, 0.95},
              [MDP_TUNED_HOPPER_MEDIUM] = {32, 4.4, 1000, 0.7},
              [MDP_TUNED_HOPPER_MEDIUM_REPLAY] = {32, 6.0, 1000, 0.6},
              [MDP_TUNED_HOPPER_MEDIUM_EXPERT] = {32, 1.2, 1200, 0.95},
              [MDP_TUNED_HOPPER_EXPERT] = {32, 1.2, 1200, 0.95},
              [MDP_TUNED_WALKER2D_MEDIUM] = {32, 6.0, 1300, 0.75},
              [MDP_TUNED_WALKER2D_MEDIUM_REPLAY] = {32, 2.4, 1300, 0.75},
              [MDP_TUNED_WALKER2D_MEDIUM_EXPERT] = {32, 1.2, 1600, 1.0},
              [MDP_TUNED_WALKER2D_EXPERT] = {32, 1.2, 1600, 1.0}}};

/* Source: SPEC-energy sections 0, 3 and 4 */
static void qgpo_diffusion(struct mdp_diffusion_config *config) {
    config->decay = 1e-5;
    config->dropout = 0.25;
}

static void qgpo_guidance(struct mdp_guidance_config *config) { config->target_keep = 0.995; }

static void qgpo_learner(struct mdp_learner_config *config) {
    config->lr = 2e-4;
    config->lr_steps = 0;
    config->value_lr_share = 3e-4 / 2e-4;
    config->energy_lr_share = 1e-3 / 2e-4;
}

static void qgpo_policy(struct mdp_policy_config *config) {
    config->start_temperature = 1;
    config->guide.guide = MDP_GUIDE_ENERGY;
}

static const struct mdp_algorithm algorithms[] = {
    {.name = "dql",
     .denoiser = MDP_DENOISER_MLP,
     .prediction = MDP_PREDICT_NOISE,
     .n_times = 5,
     .n_steps = 5,
     .solver = "ddpm",
     .ema_keep = 0.995,
     .ema_every = 5,
     .ema_start = 1000,
     .guidance = &mdp_guidance_double_q,
     .action = MDP_ACTION_SAMPLED,
     .eta = 1,
     .n_candidates = 50,
     .temperatures = {[MDP_TUNED_HALFCHEETAH_MEDIUM] = 50,
                      [MDP_TUNED_HALFCHEETAH_MEDIUM_REPLAY] = 50,
                      [MDP_TUNED_HALFCHEETAH_MEDIUM_EXPERT] = 50,
                      [MDP_TUNED_HOPPER_MEDIUM] = 100,
                      [MDP_TUNED_HOPPER_MEDIUM_REPLAY] = 100,
                      [MDP_TUNED_HOPPER_MEDIUM_EXPERT] = 8,
                      [MDP_TUNED_HOPPER_EXPERT] = 50,
                      [MDP_TUNED_WALKER2D_MEDIUM] = 300,
                      [MDP_TUNED_WALKER2D_MEDIUM_REPLAY] = 300,
                      [MDP_TUNED_WALKER2D_MEDIUM_EXPERT] = 300,
                      [MDP_TUNED_WALKER2D_EXPERT] = 50}},
    {.name = "edp",
     .denoiser = MDP_DENOISER_MLP,
     .prediction = MDP_PREDICT_ACTION,
     .n_times = 50,
     .n_steps = 15,
     .solver = "ode_dpmsolver++_2M",
     .ema_keep = 0.995,
     .ema_every = 5,
     .ema_start = 1000,
     .guidance = &mdp_guidance_double_q,
     .action = MDP_ACTION_ONE_STEP,
     .eta = 1,
     .n_candidates = 50,
     .temperatures = {[MDP_TUNED_HALFCHEETAH_MEDIUM] = 50,
                      [MDP_TUNED_HALFCHEETAH_MEDIUM_REPLAY] = 150,
                      [MDP_TUNED_HALFCHEETAH_MEDIUM_EXPERT] = 50,
                      [MDP_TUNED_HOPPER_MEDIUM] = 300,
                      [MDP_TUNED_HOPPER_MEDIUM_REPLAY] = 300,
                      [MDP_TUNED_HOPPER_MEDIUM_EXPERT] = 8,
                      [MDP_TUNED_HOPPER_EXPERT] = 8,
                      [MDP_TUNED_WALKER2D_MEDIUM] = 300,
                      [MDP_TUNED_WALKER2D_MEDIUM_REPLAY] = 100,
                      [MDP_TUNED_WALKER2D_MEDIUM_EXPERT] = 300,
                      [MDP_TUNED_WALKER2D_EXPERT] = 300}},
    {.name = "idql",
     .denoiser = MDP_DENOISER_RESNET,
     .prediction = MDP_PREDICT_NOISE,
     .n_times = 5,
     .n_steps = 5,
     .solver = "ddpm",
     .ema_keep = 0.9999,
     .ema_every = 1,
     .ema_start = 0,
     .guidance = &mdp_guidance_iql,
     .action = MDP_ACTION_NONE,
     .eta = 0,
     .n_candidates = 256,
     .temperatures = {[MDP_TUNED_HALFCHEETAH_MEDIUM] = 400,
                      [MDP_TUNED_HALFCHEETAH_MEDIUM_REPLAY] = 100,
                      [MDP_TUNED_HALFCHEETAH_MEDIUM_EXPERT] = 10,
                      [MDP_TUNED_HOPPER_MEDIUM] = 50,
                      [MDP_TUNED_HOPPER_MEDIUM_REPLAY] = 50,
                      [MDP_TUNED_HOPPER_MEDIUM_EXPERT] = 5,
                      [MDP_TUNED_HOPPER_EXPERT] = 5,
                      [MDP_TUNED_WALKER2D_MEDIUM] = 200,
                      [MDP_TUNED_WALKER2D_MEDIUM_REPLAY] = 200,
                      [MDP_TUNED_WALKER2D_MEDIUM_EXPERT] = 300,
                      [MDP_TUNED_WALKER2D_EXPERT] = 300}},
    {.name = "diffuser",
     .denoiser = MDP_DENOISER_WINDOW_UNET,
     .prediction = MDP_PREDICT_ACTION,
     .n_times = 20,
     .n_steps = 20,
     .solver = "ddpm",
     .ema_keep = 0.9999,
     .ema_every = 1,
     .guidance = &mdp_guidance_returns,
     .action = MDP_ACTION_NONE,
     .n_candidates = 64,
     .planning = &diffuser},
    {.name = "dd",
     .denoiser = MDP_DENOISER_WINDOW_TRANSFORMER,
     .prediction = MDP_PREDICT_NOISE,
     .n_times = 20,
     .n_steps = 20,
     .solver = "ddim",
     .ema_keep = 0.9999,
     .ema_every = 1,
     .guidance = &mdp_guidance_none,
     .action = MDP_ACTION_NONE,
     .n_candidates = 1,
     .planning = &decision_diffuser},
    {.name = "qgpo",
     .denoiser = MDP_DENOISER_UNET,
     .prediction = MDP_PREDICT_NOISE,
     .n_times = 6,
     .n_steps = 5,
     .solver = "ddpm",
     .ema_keep = 0.9999,
     .ema_every = 1,
     .ema_start = 0,
     .guidance = &mdp_guidance_energy,
     .action = MDP_ACTION_NONE,
     .eta = 0,
     .n_candidates = 1,
     .temperatures = {[MDP_TUNED_HALFCHEETAH_MEDIUM] = 1,
                      [MDP_TUNED_HALFCHEETAH_MEDIUM_REPLAY] = 1,
                      [MDP_TUNED_HALFCHEETAH_MEDIUM_EXPERT] = 1,
                      [MDP_TUNED_HOPPER_MEDIUM] = 1,
                      [MDP_TUNED_HOPPER_MEDIUM_REPLAY] = 1,
                      [MDP_TUNED_HOPPER_MEDIUM_EXPERT] = 1,
                      [MDP_TUNED_HOPPER_EXPERT] = 1,
                      [MDP_TUNED_WALKER2D_MEDIUM] = 1,
                      [MDP_TUNED_WALKER2D_MEDIUM_REPLAY] = 1,
                      [MDP_TUNED_WALKER2D_MEDIUM_EXPERT] = 1,
                      [MDP_TUNED_WALKER2D_EXPERT] = 1},
     .guide_weights = {[MDP_TUNED_HALFCHEETAH_MEDIUM] = 5,
                       [MDP_TUNED_HALFCHEETAH_MEDIUM_REPLAY] = 5,
                       [MDP_TUNED_HALFCHEETAH_MEDIUM_EXPERT] = 3,
                       [MDP_TUNED_HOPPER_MEDIUM] = 5,
                       [MDP_TUNED_HOPPER_MEDIUM_REPLAY] = 4,
                       [MDP_TUNED_HOPPER_MEDIUM_EXPERT] = 0.7,
                       [MDP_TUNED_HOPPER_EXPERT] = 0.7,
                       [MDP_TUNED_WALKER2D_MEDIUM] = 3,
                       [MDP_TUNED_WALKER2D_MEDIUM_REPLAY] = 3,
                       [MDP_TUNED_WALKER2D_MEDIUM_EXPERT] = 5,
                       [MDP_TUNED_WALKER2D_EXPERT] = 5},
     .own_diffusion = qgpo_diffusion,
     .own_guidance = qgpo_guidance,
     .own_learner = qgpo_learner,
     .own_policy = qgpo_policy},
};
enum { N_ALGORITHMS = sizeof algorithms / sizeof *algorithms };

const struct mdp_algorithm *mdp_algorithm_at(int i) { return i >= 0 && i < N_ALGORITHMS ? &algorithms[i] : NULL; }

static const struct mdp_names algorithm_names = MDP_NAMES(algorithms, name);

const struct mdp_names *mdp_algorithm_names(void) { return &algorithm_names; }

mdp_err mdp_algorithm_find(const char *name, const struct mdp_algorithm **out) {
    int i;
    mdp_err err = mdp_names_find(&algorithm_names, "algorithm", name, &i);
    if (err == MDP_OK) *out = &algorithms[i];
    return err;
}

const struct mdp_algorithm *mdp_algorithm_of_denoiser(enum mdp_denoiser_kind kind) {
    for (int i = 0; i < N_ALGORITHMS; i++)
        if (algorithms[i].denoiser == kind) return &algorithms[i];
    return NULL;
}

void mdp_plan_windows(const struct mdp_plan_tuning *tuned, long horizon, struct mdp_window_make *out) {
    enum { STEPS = 32 };
    mdp_window_make_usual(horizon > 0 ? (int)horizon : tuned != NULL ? tuned->horizon : STEPS, out);
}

/* what windows add */
static void plan_diffusion(const struct mdp_planning *planning, struct mdp_diffusion_config *config) {
    config->n_hidden = planning->width;
    config->n_emb = planning->n_emb;
    config->n_blocks = planning->n_blocks;
    config->n_heads = planning->n_heads;
    config->n_inverse = planning->n_inverse;
    config->dropout = planning->condition_dropout;
    config->emphasis = planning->emphasis;
    config->decay = planning->decay;
    mdp_plan_windows(NULL, 0, &config->windows);
}

void mdp_algorithm_diffusion(const struct mdp_algorithm *algorithm, int n_obs, int n_act,
                             struct mdp_diffusion_config *config) {
    mdp_diffusion_defaults(config, n_obs, n_act);
    config->kind = algorithm->denoiser;
    config->prediction = algorithm->prediction;
    config->n_times = algorithm->n_times;
    config->n_steps = algorithm->n_steps;
    mdp_solver_find(algorithm->solver, &config->solver);
    config->ema_keep = algorithm->ema_keep;
    config->ema_every = algorithm->ema_every;
    config->ema_start = algorithm->ema_start;
    if (algorithm->planning != NULL) plan_diffusion(algorithm->planning, config);
    if (algorithm->own_diffusion != NULL) algorithm->own_diffusion(config);
}

void mdp_algorithm_guidance(const struct mdp_algorithm *algorithm, int n_obs, int n_act,
                            struct mdp_guidance_config *config) {
    const struct mdp_planning *planning = algorithm->planning;
    mdp_guidance_defaults(config, n_obs, n_act);
    config->kind = algorithm->guidance;
    if (algorithm->own_guidance != NULL) algorithm->own_guidance(config);
    if (planning == NULL || !config->kind->sees_windows) return;
    config->n_hidden = planning->width;
    config->n_times = algorithm->n_times;
    config->penalty = planning->value_penalty;
    config->ema_keep = planning->value_keep;
    mdp_plan_windows(NULL, 0, &config->windows);
}

void mdp_algorithm_learner(const struct mdp_algorithm *algorithm, struct mdp_learner_config *config) {
    mdp_learner_defaults(config);
    config->action = algorithm->action;
    config->eta = algorithm->eta;
    if (algorithm->own_learner != NULL) algorithm->own_learner(config);
    if (algorithm->planning == NULL) return;
    config->batch = algorithm->planning->batch;
    config->discount = algorithm->planning->discount;
    config->lr = algorithm->planning->lr;
    config->lr_steps = algorithm->planning->lr_steps;
}

void mdp_algorithm_policy(const struct mdp_algorithm *algorithm, struct mdp_policy_config *config) {
    mdp_policy_defaults(config);
    config->n_candidates = algorithm->n_candidates;
    if (algorithm->own_policy != NULL) algorithm->own_policy(config);
}
