#include "algos/nn/activation.h"

#include <math.h>
#include <string.h>

#include "algos/nn/simd.h"

/* beyond this mish(z) = z and its derivative is 1 in float32, and exp(z)^4 still fits; below the other both are 0 */
static const float mish_linear = 20.0f, mish_zero = -87.0f;

/* each function takes a row of linear outputs and adds the bias; slope may be z */

/* with e = exp(z) and p = e (e + 2): tanh(log(1 + e)) = p / (p + 2) = t, which needs one exp and no cancellation;
 * mish(z) = z t and mish'(z) = t + z (1 - t^2) e / (1 + e) with 1 - t^2 = 4 (1 + e)^2 / (p + 2)^2. two bounds in one
 * loop would become masks instead of minima and maxima, at twice the time */
MDP_CLONES static void mish_row(int n, const float *bias, const float *z, float *slope, float *y) {
    enum { PIECE = 256 };
    float within[PIECE];
    for (int at = 0; at < n; at += PIECE) {
        int n_piece = n - at < PIECE ? n - at : PIECE;
#pragma omp simd
        for (int j = 0; j < n_piece; j++) {
            float x = z[at + j] + bias[at + j];
            y[at + j] = x;
            within[j] = x < mish_linear ? x : mish_linear;
        }
#pragma omp simd
        for (int j = 0; j < n_piece; j++) within[j] = within[j] > mish_zero ? within[j] : mish_zero;
#pragma omp simd
        for (int j = 0; j < n_piece; j++) {
            float e = mdp_simd_exp(within[j]), p = e * (e + 2.0f), r = 1.0f / (p + 2.0f), t = p * r;
            slope[at + j] = t + (within[j] * e) * (4.0f + 4.0f * e) * (r * r);
            y[at + j] *= t;
        }
    }
}

MDP_CLONES static void tanh_row(int n, const float *bias, const float *z, float *slope, float *y) {
#pragma omp simd
    for (int j = 0; j < n; j++) {
        float t = mdp_simd_tanhf(z[j] + bias[j]);
        slope[j] = 1.0f - t * t;
        y[j] = t;
    }
}

MDP_CLONES static void relu_row(int n, const float *bias, const float *z, float *slope, float *y) {
#pragma omp simd
    for (int j = 0; j < n; j++) {
        float x = z[j] + bias[j];
        slope[j] = x > 0.0f ? 1.0f : 0.0f;
        y[j] = x > 0.0f ? x : 0.0f;
    }
}

MDP_CLONES static void bias_row(int n, const float *bias, const float *z, float *y) {
#pragma omp simd
    for (int j = 0; j < n; j++) y[j] = z[j] + bias[j];
}

void mdp_activation_forward(enum mdp_activation act, int m, int n, const float *bias, const float *z, float *slope,
                            float *y) {
    for (long i = 0, at = 0; i < m; i++, at += n) switch (act) {
        case MDP_ACT_NONE: bias_row(n, bias, z + at, y + at); break;
        case MDP_ACT_MISH: mish_row(n, bias, z + at, slope + at, y + at); break;
        case MDP_ACT_TANH: tanh_row(n, bias, z + at, slope + at, y + at); break;
        case MDP_ACT_RELU: relu_row(n, bias, z + at, slope + at, y + at); break;
        }
}

MDP_CLONES static void multiply(long n, const float *a, const float *b, float *out) {
#pragma omp simd
    for (long j = 0; j < n; j++) out[j] = a[j] * b[j];
}

void mdp_activation_backward(enum mdp_activation act, long n, const float *slope, const float *dy, float *dz) {
    if (act != MDP_ACT_NONE)
        multiply(n, slope, dy, dz);
    else if (dz != dy)
        memcpy(dz, dy, (size_t)n * sizeof *dz);
}

MDP_CLONES static void add_row(int n, const float *a, float *y) {
#pragma omp simd
    for (int j = 0; j < n; j++) y[j] += a[j];
}

void mdp_bias_gradient(int m, int n, const float *dy, float *dbias) {
    for (int i = 0; i < m; i++) add_row(n, dy + (long)i * n, dbias);
}

MDP_CLONES static void norm_row(int n, const float *x, const float *weight, float *xhat, float *inverse_std, float *y) {
    static const float eps = 1e-5f;
    float sum = 0, squares = 0;
#pragma omp simd reduction(+ : sum)
    for (int j = 0; j < n; j++) sum += x[j];
    float mean = sum / (float)n;
#pragma omp simd reduction(+ : squares)
    for (int j = 0; j < n; j++) squares += (x[j] - mean) * (x[j] - mean);
    float inverse = 1.0f / sqrtf(squares / (float)n + eps);
    *inverse_std = inverse;
#pragma omp simd
    for (int j = 0; j < n; j++) {
        float value = (x[j] - mean) * inverse;
        xhat[j] = value;
        y[j] = value * weight[j];
    }
}

void mdp_norm_forward(int m, int n, const float *x, const float *weight, const float *bias, float *xhat,
                      float *inverse_std, float *y) {
    for (int i = 0; i < m; i++) {
        long at = (long)i * n;
        norm_row(n, x + at, weight, xhat + at, inverse_std + i, y + at);
        if (bias != NULL) add_row(n, bias, y + at);
    }
}

/* dx = inverse_std (g - mean(g) - xhat mean(g xhat)) with g = dy * weight */
MDP_CLONES static void norm_row_backward(int n, const float *dy, const float *xhat, float inverse_std,
                                         const float *weight, float *dx) {
    float sum = 0, dot = 0;
#pragma omp simd reduction(+ : sum, dot)
    for (int j = 0; j < n; j++) {
        float g = dy[j] * weight[j];
        sum += g;
        dot += g * xhat[j];
    }
    float mean = sum / (float)n, mean_dot = dot / (float)n;
#pragma omp simd
    for (int j = 0; j < n; j++) dx[j] = inverse_std * (dy[j] * weight[j] - mean - xhat[j] * mean_dot);
}

void mdp_norm_backward(int m, int n, const float *dy, const float *xhat, const float *inverse_std, const float *weight,
                       float *dx) {
    for (int i = 0; i < m; i++) {
        long at = (long)i * n;
        norm_row_backward(n, dy + at, xhat + at, inverse_std[i], weight, dx + at);
    }
}

MDP_CLONES static void norm_row_params(int n, const float *dy, const float *xhat, float *dweight, float *dbias) {
#pragma omp simd
    for (int j = 0; j < n; j++) {
        dweight[j] += dy[j] * xhat[j];
        dbias[j] += dy[j];
    }
}

void mdp_norm_gradient(int m, int n, const float *dy, const float *xhat, float *dweight, float *dbias) {
    for (long i = 0, at = 0; i < m; i++, at += n) norm_row_params(n, dy + at, xhat + at, dweight, dbias);
}
