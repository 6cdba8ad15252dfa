/* a stored training case made ready to run: its input arrays, and modules on its initial weights. */
#ifndef MDP_BENCH_VERIFY_REPLAY_H
#define MDP_BENCH_VERIFY_REPLAY_H

#include "bench/verify/golden.h"

/* the stored inputs, K steps each; NULL for what the algorithm does not draw */
struct mdp_replay_inputs {
    float *obs, *next_obs, *act, *rew, *tml, *bc_eps, *noise_next, *noise_new, *edp_eps;
    int *bc_time, *edp_time;
    uint8_t *keep;
    double *coin;
};

/* the case's modules */
struct mdp_replay_modules {
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
};

/** Reads the inputs and checks their ranges. Owns: caller, mdp_replay_inputs_free. Errors: DATA. */
mdp_err mdp_replay_inputs_read(struct mdp_golden *golden, struct mdp_replay_inputs *inputs);

/** Frees the inputs. */
void mdp_replay_inputs_free(struct mdp_replay_inputs *inputs);

/** Makes both modules on the initial weights, with the frozen guidance's if asked for. Owns: caller,
 * mdp_replay_modules_free. Errors: USAGE, NOMEM. */
mdp_err mdp_replay_modules_new(const struct mdp_golden *golden, int is_frozen, struct mdp_replay_modules *modules);

/** Frees both modules. */
void mdp_replay_modules_free(struct mdp_replay_modules *modules);

/** Takes stored step k with a run that has come this far. */
void mdp_replay_step(struct mdp_learner *learner, const struct mdp_golden *golden,
                     const struct mdp_replay_inputs *inputs, int k, struct mdp_learner_log *log);

#endif
