/* what training an energy leaves to be looked at, and its scores.
 *
 * two losses, in steps of their own or side by side, on actions a'_k that the behaviour supports in the next states s'.
 * values: both heads go to r + discount sum_k w_k q_k, q the smaller head of the target and w = softmax(beta_value q).
 * energy: its softmax over the k noisy actions goes to softmax(beta q), q the smaller head of the values' own
 * parameters. Source: SPEC-energy sections 3 and 4. */
#ifndef MDP_ALGOS_GUIDANCE_ENERGY_H
#define MDP_ALGOS_GUIDANCE_ENERGY_H

#include "algos/guidance/energy_net.h"
#include "algos/guidance/guidance.h"

enum { MDP_ENERGY_VALUES, MDP_ENERGY_NET };

/* the newest step's intermediate values: arrays of the stage that it was in, and means over the batch of each state's
 * greatest, mean and least energy */
struct mdp_energy_seen {
    const float *next_q; /* [n, n_support] */
    const float *label;  /* [n, n_support] */
    const float *f;      /* [n, n_support] */
    double f_max, f_mean, f_min;
};

/** Returns what the newest step left. Range: a module of this kind with a trainer. */
struct mdp_energy_seen mdp_energy_seen(const struct mdp_guidance *guidance);

/** Returns how many gradient blocks the energy's newest step has. Range: as mdp_energy_seen. */
int mdp_energy_panels(const struct mdp_guidance *guidance, int n_rows);

/** Returns one of those blocks, [net.layout.n_floats], borrowed. */
const float *mdp_energy_gradient(const struct mdp_guidance *guidance, int i);

#endif
