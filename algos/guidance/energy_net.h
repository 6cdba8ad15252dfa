/* the network of an energy f(s, a_t, t): what a noisy action of a denoising time is worth, as the logarithm of a
 * weight.
 *
 * f = 10 tanh(out / 10), out being three layers and one on [projected s, projected a_t, embedded t]; its gradient in
 * a_t guides the reverse process. rows come in groups of k with one state and one time. a struct mdp_q_net of kind
 * MDP_Q_ENERGY. Source: SPEC-energy section 1.3. */
#ifndef MDP_ALGOS_GUIDANCE_ENERGY_NET_H
#define MDP_ALGOS_GUIDANCE_ENERGY_NET_H

#include "algos/guidance/q_net.h"

enum { MDP_ENERGY_LAYERS = 3 };

/* rows of a pass: n_states groups of k */
struct mdp_energy_rows {
    int n_states, k;
    const float *obs;    /* [n_states, n_obs], normalised */
    const float *act;    /* [n_states k, n_act] */
    const double *times; /* [n_states] */
};

/** Returns what an output becomes, 10 tanh(out / 10), and the slope of that. */
float mdp_energy_bounded(float out, float *slope);

/** Describes an energy. Range: n_emb even. */
void mdp_energy_net_build(struct mdp_q_net *net, int n_obs, int n_act, int n_emb, const int widths[MDP_ENERGY_LAYERS]);

/** Returns the energies [n_states k], borrowed from the cache; obs and act are borrowed until the way back is done. */
const float *mdp_energy_forward(const struct mdp_q_net *net, const float *params, const struct mdp_energy_rows *rows,
                                struct mdp_q_cache *cache);

/** Propagates d_value [n_states k] back through the newest forward, of these rows: grads accumulate, d_act [n_states k,
 * n_act] is written. Nullable: grads, d_act. */
void mdp_energy_backward(const struct mdp_q_net *net, const float *params, const struct mdp_energy_rows *rows,
                         const float *d_value, struct mdp_q_cache *cache, float *grads, float *d_act);

#endif
