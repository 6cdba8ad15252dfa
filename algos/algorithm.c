#include "algos/algorithm.h"

#include <stdio.h>
#include <string.h>

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
}

void mdp_algorithm_guidance(const struct mdp_algorithm *algorithm, int n_obs, int n_act,
                            struct mdp_guidance_config *config) {
    mdp_guidance_defaults(config, n_obs, n_act);
    config->kind = algorithm->guidance;
}

void mdp_algorithm_learner(const struct mdp_algorithm *algorithm, struct mdp_learner_config *config) {
    mdp_learner_defaults(config);
    config->action = algorithm->action;
    config->eta = algorithm->eta;
}

void mdp_algorithm_policy(const struct mdp_algorithm *algorithm, struct mdp_policy_config *config) {
    mdp_policy_defaults(config);
    config->n_candidates = algorithm->n_candidates;
}
