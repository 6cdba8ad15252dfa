/* verify algos, a stored case of QGPO: its three modules, what they compute, how they sample and how they are trained.
 *
 * parameters lie one after another in one vector, or as one digest of 24 numbers each. Source: SPEC-energy section 7.
 */
#ifndef MDP_BENCH_VERIFY_QGPO_H
#define MDP_BENCH_VERIFY_QGPO_H

#include "algos/guidance/energy.h"
#include "bench/verify/golden.h"

/* an open case; of `golden` the path, file, report, sizes and seed are set */
struct mdp_qgpo_case {
    struct mdp_golden golden;
    int n_support, n_support_steps, n_support_states, n_emb, n_value_hidden;
    int widths[MDP_UNET_LEVELS], energy_widths[MDP_ENERGY_LAYERS];
    double beta_value, beta, drop, lr, value_lr, energy_lr, decay, ema_keep, weight, temperature;
};

/** Makes both modules on the initial weights, the sampler with n_steps. Owns: caller, of both. Errors: DATA, NOMEM. */
mdp_err mdp_qgpo_modules(struct mdp_qgpo_case *c, int n_steps, struct mdp_diffusion **diffusion,
                         struct mdp_guidance **guidance);

/** Compares values of an array that is there in double precision alone. Errors: DATA. */
mdp_err mdp_qgpo_check_double(struct mdp_qgpo_case *c, const char *name, const struct mdp_h5_shape *shape,
                              const float *got, enum mdp_bound bound);

/** Compares a parameter-shaped block with a vector or the digests of both precisions where they are there, as one line;
 * a digest's sums and the last parameter have bounds of their own. Without steps the file does not list the fixed
 * frequencies, which float32 averages miss. Nullable: steps, as of mdp_golden_check_block. Errors: DATA. */
mdp_err mdp_qgpo_check_block(struct mdp_qgpo_case *c, const char *name, const struct mdp_layout *layout,
                             const float *block, enum mdp_bound bound, enum mdp_bound last_bound,
                             enum mdp_bound sum_bound, const struct mdp_golden_steps *steps);

/** Adds the lines of the three stages of training. Errors: DATA, NOMEM. */
mdp_err mdp_qgpo_training(struct mdp_qgpo_case *c);

/** Adds the lines of one case. Errors: IO, DATA if it is not of the layout; NOMEM. */
mdp_err mdp_verify_qgpo(struct mdp_verify_report *report, const char *path);

#endif
