#include "algos/nn/activation.h"

#include <math.h>
#include <string.h>

#include "algos/nn/simd.h"

/* beyond this mish(z) = z and its derivative is 1 in float32, and exp(z)^4 still fits */
static const float mish_linear = 20.0f;

/* with e = exp(z) and p = e (e + 2): tanh(log(1 + e)) = p / (p + 2), which needs one exp and no cancellation */
MDP_CLONES static void mish_forward(long n, const float *z, float *y) {
#pragma omp simd
    for (long i = 0; i < n; i++) {
        float e = mdp_simd_expf(z[i] < mish_linear ? z[i] : mish_linear);
        float p = e * (e + 2.0f);
        y[i] = z[i] * (p / (p + 2.0f));
    }
}

/* mish'(z) = t + z (1 - t^2) e / (1 + e) with t = p / (p + 2) and 1 - t^2 = 4 (1 + e)^2 / (p + 2)^2 */
MDP_CLONES static void mish_backward(long n, const float *z, const float *dy, float *dz) {
#pragma omp simd
    for (long i = 0; i < n; i++) {
        float x = z[i] < mish_linear ? z[i] : mish_linear;
        float e = mdp_simd_expf(x);
        float p = e * (e + 2.0f);
        float r = 1.0f / (p + 2.0f);
        dz[i] = dy[i] * (p * r + 4.0f * x * e * (1.0f + e) * r * r);
    }
}

MDP_CLONES static void tanh_forward(long n, const float *z, float *y) {
#pragma omp simd
    for (long i = 0; i < n; i++) y[i] = mdp_simd_tanhf(z[i]);
}

MDP_CLONES static void tanh_backward(long n, const float *y, const float *dy, float *dz) {
#pragma omp simd
    for (long i = 0; i < n; i++) dz[i] = dy[i] * (1.0f - y[i] * y[i]);
}

MDP_CLONES static void relu_forward(long n, const float *z, float *y) {
#pragma omp simd
    for (long i = 0; i < n; i++) y[i] = z[i] > 0.0f ? z[i] : 0.0f;
}

MDP_CLONES static void relu_backward(long n, const float *z, const float *dy, float *dz) {
#pragma omp simd
    for (long i = 0; i < n; i++) dz[i] = z[i] > 0.0f ? dy[i] : 0.0f;
}

void mdp_activation_forward(enum mdp_activation act, long n, const float *z, float *y) {
    switch (act) {
    case MDP_ACT_NONE:
        if (y != z) memcpy(y, z, (size_t)n * sizeof *y);
        break;
    case MDP_ACT_MISH: mish_forward(n, z, y); break;
    case MDP_ACT_TANH: tanh_forward(n, z, y); break;
    case MDP_ACT_RELU: relu_forward(n, z, y); break;
    }
}

void mdp_activation_backward(enum mdp_activation act, long n, const float *z, const float *y, const float *dy,
                             float *dz) {
    switch (act) {
    case MDP_ACT_NONE:
        if (dz != dy) memcpy(dz, dy, (size_t)n * sizeof *dz);
        break;
    case MDP_ACT_MISH: mish_backward(n, z, dy, dz); break;
    case MDP_ACT_TANH: tanh_backward(n, y, dy, dz); break;
    case MDP_ACT_RELU: relu_backward(n, z, dy, dz); break;
    }
}

MDP_CLONES static void add_row(int n, const float *a, float *y) {
#pragma omp simd
    for (int j = 0; j < n; j++) y[j] += a[j];
}

void mdp_bias_forward(int m, int n, const float *bias, float *y) {
    for (int i = 0; i < m; i++) add_row(n, bias, y + (long)i * n);
}

void mdp_bias_backward(int m, int n, const float *dy, float *dbias) {
    for (int i = 0; i < m; i++) add_row(n, dy + (long)i * n, dbias);
}

MDP_CLONES static void norm_row(int n, const float *x, const float *weight, const float *bias, float *xhat,
                                float *inverse_std, float *y) {
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
        y[j] = value * weight[j] + bias[j];
    }
}

void mdp_norm_forward(int m, int n, const float *x, const float *weight, const float *bias, float *xhat,
                      float *inverse_std, float *y) {
    for (int i = 0; i < m; i++) {
        long at = (long)i * n;
        norm_row(n, x + at, weight, bias, xhat + at, inverse_std + i, y + at);
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

MDP_CLONES static void norm_row_params(int n, const float *dy, const float *xhat, float *dweight, float *dbias) {
#pragma omp simd
    for (int j = 0; j < n; j++) {
        dweight[j] += dy[j] * xhat[j];
        dbias[j] += dy[j];
    }
}

void mdp_norm_backward(int m, int n, const float *dy, const float *xhat, const float *inverse_std, const float *weight,
                       float *dweight, float *dbias, float *dx) {
    for (int i = 0; i < m; i++) {
        long at = (long)i * n;
        if (dweight != NULL) norm_row_params(n, dy + at, xhat + at, dweight, dbias);
        norm_row_backward(n, dy + at, xhat + at, inverse_std[i], weight, dx + at);
    }
}
