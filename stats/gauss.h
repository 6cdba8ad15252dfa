/* Gauss-Legendre quadrature: the panels that power and sequential bounds integrate over.
 *
 * Source: nodes and weights of order 16, DLMF 3.5.v. */
#ifndef MDP_STATS_GAUSS_H
#define MDP_STATS_GAUSS_H

enum { MDP_GAUSS_NODES = 16 };

/** Computes nodes and weights for an integral from low to high. Shapes: nodes, weights [MDP_GAUSS_NODES]. */
void mdp_gauss_panel(double low, double high, double *nodes, double *weights);

#endif
