#include "algos/nn/optimizer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"

/* blocks are updated in pieces that stay in the first-level cache, whatever the number of threads */
enum { PIECE = 2048 };

mdp_err mdp_adam_alloc(struct mdp_adam *adam, long n, double decay) {
    mdp_err err;
    /* constants of their own: 1 - 0.999f is off by 1.3e-5, which would show in the length of the first steps */
    *adam = (struct mdp_adam){.n = n, .decay = decay, .new_m = 0.1f, .new_v = 0.001f};
    MDP_TRY(mdp_calloc(&adam->m, (unsigned long)n, sizeof(float), "optimiser moments"));
    MDP_TRY(mdp_calloc(&adam->v, (unsigned long)n, sizeof(float), "optimiser moments"));
    return MDP_OK;
out:
    mdp_adam_free(adam);
    return err;
}

void mdp_adam_free(struct mdp_adam *adam) {
    free(adam->m);
    free(adam->v);
    memset(adam, 0, sizeof *adam);
}

MDP_CLONES static void sum_gradients(int n, float *const *grads, int n_grads, long offset, float *sum) {
    for (int j = 0; j < n; j++) sum[j] = grads[0][offset + j];
    for (int k = 1; k < n_grads; k++) {
        const float *grad = grads[k] + offset;
#pragma omp simd
        for (int j = 0; j < n; j++) sum[j] += grad[j];
    }
}

/* a penalty costs nothing where there is none */
__attribute__((always_inline)) static inline void step_by(int n, struct mdp_adam_rates rates, int has_penalty,
                                                          const float *grad, float *m, float *v, float *p) {
    static const float b1 = 0.9f, b2 = 0.999f, eps = 1e-8f;
#pragma omp simd
    for (int j = 0; j < n; j++) {
        float g = has_penalty ? grad[j] + rates.penalty * p[j] : grad[j];
        float first = b1 * m[j] + rates.new_m * g;
        float second = b2 * v[j] + rates.new_v * g * g;
        m[j] = first;
        v[j] = second;
        p[j] = p[j] * rates.shrink - rates.step * (first / (sqrtf(second) * rates.root + eps));
    }
}

MDP_CLONES static void step_piece(int n, struct mdp_adam_rates rates, const float *grad, float *m, float *v, float *p) {
    step_by(n, rates, 0, grad, m, v, p);
}

MDP_CLONES static void step_piece_with_penalty(int n, struct mdp_adam_rates rates, const float *grad, float *m,
                                               float *v, float *p) {
    step_by(n, rates, 1, grad, m, v, p);
}

struct mdp_adam_rates mdp_adam_begin(struct mdp_adam *adam, double lr) {
    double t = (double)++adam->step;
    return (struct mdp_adam_rates){.step = (float)(lr / (1.0 - pow(0.9, t))),
                                   .root = (float)(1.0 / sqrt(1.0 - pow(0.999, t))),
                                   .shrink = (float)(1.0 - lr * adam->decay),
                                   .new_m = adam->new_m,
                                   .new_v = adam->new_v,
                                   .penalty = (float)adam->penalty};
}

void mdp_adam_take(const struct mdp_adam *adam, const struct mdp_adam_rates *rates, float *params, long first, long n,
                   const float *grad) {
    if (rates->penalty != 0)
        step_piece_with_penalty((int)n, *rates, grad, adam->m + first, adam->v + first, params + first);
    else
        step_piece((int)n, *rates, grad, adam->m + first, adam->v + first, params + first);
}

void mdp_adam_step(struct mdp_adam *adam, float *params, float *const *grads, int n_grads, double lr, int n_threads) {
    const struct mdp_adam_rates rates = mdp_adam_begin(adam, lr);
    long n_pieces = (adam->n - adam->n_fixed + PIECE - 1) / PIECE;
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (long i = 0; i < n_pieces; i++) {
        float sum[PIECE];
        long offset = adam->n_fixed + i * PIECE;
        int n = (int)(adam->n - offset < PIECE ? adam->n - offset : PIECE);
        sum_gradients(n, grads, n_grads, offset, sum);
        mdp_adam_take(adam, &rates, params, offset, n, sum);
    }
}

MDP_CLONES static void average_piece(int n, float keep, float take, const float *params, float *average) {
#pragma omp simd
    for (int j = 0; j < n; j++) average[j] = keep * average[j] + take * params[j];
}

void mdp_average_part(float *average, const float *params, long first, long n, double keep) {
    average_piece((int)n, (float)keep, (float)(1.0 - keep), params + first, average + first);
}

void mdp_average_step(float *average, const float *params, long n, double keep, int n_threads) {
    long n_pieces = (n + PIECE - 1) / PIECE;
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (long i = 0; i < n_pieces; i++) {
        long offset = i * PIECE;
        mdp_average_part(average, params, offset, n - offset < PIECE ? n - offset : PIECE, keep);
    }
}

MDP_CLONES static void approach_piece(int n, float take, const float *params, float *average) {
#pragma omp simd
    for (int j = 0; j < n; j++) average[j] += take * (params[j] - average[j]);
}

void mdp_average_approach(float *average, const float *params, long n, double keep, int n_threads) {
    long n_pieces = (n + PIECE - 1) / PIECE;
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (long i = 0; i < n_pieces; i++) {
        long offset = i * PIECE;
        int here = (int)(n - offset < PIECE ? n - offset : PIECE);
        approach_piece(here, (float)(1.0 - keep), params + offset, average + offset);
    }
}

double mdp_cosine_rate(double base, long n, long total) {
    static const double pi = 3.14159265358979323846;
    if (n >= total) return 0;
    return 0.5 * base * (1.0 + cos(pi * (double)n / (double)total));
}
