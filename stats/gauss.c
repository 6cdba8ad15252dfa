/* Gauss-Legendre quadrature. */
#include "stats/gauss.h"

/* the positive half of the nodes on [-1, 1] and their weights. Source: DLMF 3.5.v */
static const double half_nodes[MDP_GAUSS_NODES / 2] = {
    0.0950125098376374402, 0.281603550779258913, 0.458016777657227386, 0.617876244402643748,
    0.755404408355003034,  0.865631202387831744, 0.944575023073232576, 0.989400934991649933};
static const double half_weights[MDP_GAUSS_NODES / 2] = {
    0.189450610455068496, 0.182603415044923589,  0.169156519395002538,  0.149595988816576732,
    0.124628971255533872, 0.0951585116824927848, 0.0622535239386478929, 0.0271524594117540949};

void mdp_gauss_panel(double low, double high, double *nodes, double *weights) {
    double middle = 0.5 * (low + high), half = 0.5 * (high - low);
    for (int i = 0; i < MDP_GAUSS_NODES / 2; i++) {
        nodes[2 * i] = middle - half * half_nodes[i];
        nodes[2 * i + 1] = middle + half * half_nodes[i];
        weights[2 * i] = weights[2 * i + 1] = half * half_weights[i];
    }
}
