#include "algos/selection.h"

#include <math.h>

void mdp_selection_weights(int n, const float *score, double temperature, double *weights) {
    double highest = score[0], sum = 0;
    for (int i = 1; i < n; i++)
        if (score[i] > highest) highest = score[i];
    for (int i = 0; i < n; i++) {
        weights[i] = exp((score[i] - highest) * temperature);
        sum += weights[i];
    }
    for (int i = 0; i < n; i++) weights[i] /= sum;
}

int mdp_selection_by_uniform(int n, const double *weights, double u) {
    double total = 0, reached = 0;
    int last = 0;
    for (int i = 0; i < n; i++) {
        total += weights[i];
        if (weights[i] > 0) last = i;
    }
    for (int i = 0; i < n; i++) {
        reached += weights[i];
        if (reached > u * total) return i;
    }
    return last;
}

int mdp_selection_by_exponential(int n, const double *weights, const float *draws) {
    int best = 0;
    for (int i = 1; i < n; i++)
        if (weights[i] / draws[i] > weights[best] / draws[best]) best = i;
    return best;
}
