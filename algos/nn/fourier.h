/* the embedding of a continuous denoising time: cosines and sines of 2 pi f t at fixed random frequencies f.
 *
 * arguments reach hundreds, where a float's rounding shows in the fifth digit of a sine, so they are double.
 * Source: SPEC-energy section 1. */
#ifndef MDP_ALGOS_NN_FOURIER_H
#define MDP_ALGOS_NN_FOURIER_H

/** Writes [cos z, sin z] with z = 2 pi f t. Shapes: frequencies [n_emb / 2], out [n_emb]. Range: n_emb even. */
void mdp_fourier_embedding(int n_emb, const float *frequencies, double time, float *out);

#endif
