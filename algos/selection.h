/* choosing one of the candidate actions of a state: softmax weights of scores, and exact draws from them.
 *
 * Source: SPEC sections 5.4 and 7. */
#ifndef MDP_ALGOS_SELECTION_H
#define MDP_ALGOS_SELECTION_H

/** Writes the weights softmax(score * temperature), maximum subtracted. Shapes: score [n], weights [n]. */
void mdp_selection_weights(int n, const float *score, double temperature, double *weights);

/** Returns the first index whose cumulative weight exceeds u times the total. Range: u in [0, 1). */
int mdp_selection_by_uniform(int n, const double *weights, double u);

/** Returns argmax weights / draws for draws from Exp(1). */
int mdp_selection_by_exponential(int n, const double *weights, const float *draws);

#endif
