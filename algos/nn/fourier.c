#include "algos/nn/fourier.h"

#include <math.h>

void mdp_fourier_embedding(int n_emb, const float *frequencies, double time, float *out) {
    static const double two_pi = 6.28318530717958647693;
    int half = n_emb / 2;
    for (int j = 0; j < half; j++) {
        double z = time * (two_pi * frequencies[j]);
        out[j] = (float)cos(z);
        out[half + j] = (float)sin(z);
    }
}
