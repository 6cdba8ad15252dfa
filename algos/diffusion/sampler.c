/* the module's work on row panels: reverse process, cloning loss, one-step actions, and their gradients */
#include <stdlib.h>
#include <string.h>

#include "algos/diffusion/diffusion.h"

mdp_err mdp_sampler_alloc(struct mdp_sampler *sampler, const struct mdp_diffusion *diffusion, int max_rows, int keeps,
                          struct mdp_products *products) {
    mdp_err err;
    int n_steps = diffusion->config.n_steps, n_acting = keeps & MDP_KEEP_STEPS ? n_steps : 1;
    int n_caches = n_acting + (keeps & MDP_KEEP_CLONE ? 1 : 0);
    unsigned long n = (unsigned long)max_rows * (unsigned long)diffusion->config.n_act, s = (unsigned long)n_steps;
    memset(sampler, 0, sizeof *sampler);
    MDP_TRY(mdp_calloc(&sampler->caches, (unsigned long)n_caches, sizeof *sampler->caches, "sampler"));
    sampler->max_rows = max_rows;
    sampler->n_steps = n_steps;
    sampler->keeps = keeps;
    sampler->n_caches = n_caches;
    sampler->clone = &sampler->caches[keeps & MDP_KEEP_CLONE ? n_acting : 0];
    for (int i = 0; i < n_caches; i++)
        MDP_TRY(mdp_denoiser_cache_alloc(&sampler->caches[i], &diffusion->net, max_rows, products));
    MDP_TRY(mdp_calloc(&sampler->states, n * (s + 1), sizeof(float), "sampler states"));
    MDP_TRY(mdp_calloc(&sampler->inside, n * s, sizeof(float), "sampler masks"));
    MDP_TRY(mdp_calloc(&sampler->clean, 2 * n, sizeof(float), "sampler predictions"));
    MDP_TRY(mdp_calloc(&sampler->carry, n, sizeof(float), "sampler gradient"));
    MDP_TRY(mdp_calloc(&sampler->d_x, n, sizeof(float), "sampler gradient"));
    MDP_TRY(mdp_calloc(&sampler->d_next, n, sizeof(float), "sampler gradient"));
    MDP_TRY(mdp_calloc(&sampler->d_out, n, sizeof(float), "sampler gradient"));
    return MDP_OK;
out:
    mdp_sampler_free(sampler);
    return err;
}

void mdp_sampler_free(struct mdp_sampler *sampler) {
    for (int i = 0; sampler->caches != NULL && i < sampler->n_caches; i++) mdp_denoiser_cache_free(&sampler->caches[i]);
    void *blocks[] = {sampler->caches, sampler->states, sampler->inside, sampler->clean,
                      sampler->carry,  sampler->d_x,    sampler->d_next, sampler->d_out};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    memset(sampler, 0, sizeof *sampler);
}

void mdp_solver_step(const struct mdp_diffusion *diffusion, int i, long n, const struct mdp_solver_io *io) {
    const struct mdp_solver_move move = {.row = diffusion->rows[i],
                                         .alpha = diffusion->visits.alpha[i],
                                         .sigma = diffusion->visits.sigma[i],
                                         .is_noise = diffusion->config.prediction == MDP_PREDICT_NOISE,
                                         .low = -1,
                                         .high = 1};
    mdp_solver_move(&move, n, io);
}

/* inside the bounds x0 carries the prediction; outside it is constant and eps carries x alone */
void mdp_solver_step_backward(const struct mdp_diffusion *diffusion, int i, long n, const float *inside,
                              const float *d_next, float *carry, float *d_prediction, float *d_x) {
    const struct mdp_solver_row row = diffusion->rows[i];
    double alpha = diffusion->visits.alpha[i], sigma = diffusion->visits.sigma[i], b = row.x0, c = row.eps;
    int is_noise = diffusion->config.prediction == MDP_PREDICT_NOISE;
    float p_inside = (float)(is_noise ? c - b * sigma / alpha : b - c * alpha / sigma);
    float x_inside = (float)(is_noise ? b / alpha : c / sigma), x_outside = (float)(c / sigma);
    float p_clean = (float)(is_noise ? -sigma / alpha : 1), x_clean = (float)(is_noise ? 1 / alpha : 0);
    for (long j = 0; j < n; j++) {
        float g = d_next[j];
        d_prediction[j] = inside[j] * p_inside * g;
        d_x[j] = (inside[j] != 0.0f ? x_inside : x_outside) * g;
        if (carry == NULL) continue;
        d_prediction[j] += inside[j] * p_clean * carry[j];
        d_x[j] += inside[j] * x_clean * carry[j];
        carry[j] = (float)row.previous * g;
    }
}

static float *state_of(const struct mdp_sampler *sampler, int n_act, int i_done) {
    return sampler->states + (long)i_done * sampler->max_rows * n_act;
}

static struct mdp_denoiser_cache *cache_of(const struct mdp_sampler *sampler, int i) {
    return &sampler->caches[sampler->keeps & MDP_KEEP_STEPS ? i - 1 : 0];
}

/* the prediction as something else would have it */
static const float *bent(const struct mdp_sampler *sampler, int i, int n_rows, long n, const float *x,
                         const float *prediction) {
    if (sampler->bend == NULL) return prediction;
    memcpy(sampler->d_out, prediction, (size_t)n * sizeof *prediction);
    sampler->bend->bend(sampler->bend->context, i, 0, n_rows, x, sampler->d_out);
    return sampler->d_out;
}

void mdp_diffusion_sample(const struct mdp_diffusion *diffusion, const float *params,
                          const struct mdp_time_table *table, int n_rows, const float *obs, struct mdp_draws draws,
                          double temperature, struct mdp_sampler *sampler, float *act) {
    const struct mdp_solver *solver = diffusion->config.solver;
    int n_steps = diffusion->config.n_steps, n_act = diffusion->config.n_act;
    long n = (long)n_rows * n_act, block = (long)sampler->max_rows * n_act, i_draw = 1;
    float *x = state_of(sampler, n_act, 0);
    for (long j = 0; j < n; j++) x[j] = (float)temperature * draws.start[j];
    for (int i = n_steps; i >= diffusion->i_last; i--) {
        struct mdp_denoiser_cache *cache = cache_of(sampler, i);
        float *next = state_of(sampler, n_act, n_steps - i + 1);
        cache->dropout = (struct mdp_dropout){NULL, 0, 0};
        cache->mask = NULL;
        for (int r = 0; r < n_rows; r++) cache->time[r] = diffusion->visits.index[i];
        const float *prediction = mdp_denoiser_forward(&diffusion->net, params, table, n_rows, x, obs, cache);
        const struct mdp_solver_io io = {
            .x = x,
            .prediction = bent(sampler, i, n_rows, n, x, prediction),
            .noise = mdp_solver_draws_at(solver, i) ? draws.start + i_draw++ * draws.stride : NULL,
            .previous = solver->is_multistep && i < n_steps ? sampler->clean + (i + 1) % 2 * block : NULL,
            .inside = sampler->inside + (i - 1) * block,
            .clean = solver->is_multistep ? sampler->clean + i % 2 * block : NULL,
            .next = next};
        mdp_solver_step(diffusion, i, n, &io);
        x = next;
    }
    for (long j = 0; j < n; j++) act[j] = x[j] < -1.0f ? -1.0f : x[j] > 1.0f ? 1.0f : x[j];
}

void mdp_diffusion_sample_backward(const struct mdp_diffusion *diffusion, const float *params, int n_rows,
                                   const float *d_act, struct mdp_sampler *sampler, float *grads, float *d_table) {
    int n_steps = diffusion->config.n_steps, n_act = diffusion->config.n_act;
    long n = (long)n_rows * n_act;
    const float *last = state_of(sampler, n_act, n_steps - diffusion->i_last + 1);
    float *carry = diffusion->config.solver->is_multistep ? sampler->carry : NULL;
    for (long j = 0; j < n; j++) sampler->d_next[j] = last[j] >= -1.0f && last[j] <= 1.0f ? d_act[j] : 0.0f;
    memset(sampler->carry, 0, (size_t)n * sizeof *sampler->carry);
    for (int i = diffusion->i_last; i <= n_steps; i++) {
        const float *inside = sampler->inside + (long)(i - 1) * sampler->max_rows * n_act;
        mdp_solver_step_backward(diffusion, i, n, inside, sampler->d_next, carry, sampler->d_out, sampler->d_next);
        mdp_denoiser_backward(&diffusion->net, params, n_rows, sampler->d_out, cache_of(sampler, i), grads, d_table,
                              sampler->d_x);
        for (long j = 0; j < n; j++) sampler->d_next[j] += sampler->d_x[j];
    }
}

/* ---- one pass on a noisy dataset action ---- */

/* the noisy action is built in x, the output belongs to the cache */
static const float *denoise_once(const struct mdp_diffusion *diffusion, const float *params,
                                 const struct mdp_time_table *table, int n_rows, const struct mdp_noising *rows,
                                 struct mdp_dropout dropout, struct mdp_denoiser_cache *cache, float *x) {
    int n_act = diffusion->config.n_act;
    for (int r = 0; r < n_rows; r++) {
        int t = rows->time[r];
        double scales[2];
        if (rows->continuous != NULL) mdp_schedule_scales(rows->continuous[r], &scales[0], &scales[1]);
        float alpha = (float)(rows->continuous != NULL ? scales[0] : diffusion->schedule.alpha[t]),
              sigma = (float)(rows->continuous != NULL ? scales[1] : diffusion->schedule.sigma[t]);
        for (long j = (long)r * n_act; j < (long)(r + 1) * n_act; j++)
            x[j] = alpha * rows->act[j] + sigma * rows->eps[j];
        cache->time[r] = t;
    }
    cache->dropout = dropout;
    cache->mask = rows->mask;
    return mdp_denoiser_forward(&diffusion->net, params, table, n_rows, x, rows->obs, cache);
}

void mdp_diffusion_clone(const struct mdp_diffusion *diffusion, const float *params, const struct mdp_time_table *table,
                         int n_rows, int n_total, const struct mdp_noising *rows, struct mdp_dropout dropout,
                         struct mdp_sampler *sampler, double *square_sums, float *grads, float *d_table) {
    int n_act = diffusion->config.n_act;
    const float *out = denoise_once(diffusion, params, table, n_rows, rows, dropout, sampler->clone, sampler->states);
    const float *target = diffusion->config.prediction == MDP_PREDICT_NOISE ? rows->eps : rows->act;
    float *d_out = sampler->d_out, scale = (float)(2.0 / ((double)n_total * n_act));
    for (int r = 0; r < n_rows; r++) {
        square_sums[r] = 0;
        for (long j = (long)r * n_act; j < (long)(r + 1) * n_act; j++) {
            float error = out[j] - target[j];
            square_sums[r] += (double)error * error;
            d_out[j] = scale * error;
        }
    }
    if (d_table != NULL)
        mdp_denoiser_backward(&diffusion->net, params, n_rows, d_out, sampler->clone, grads, d_table, NULL);
}

void mdp_diffusion_one_step(const struct mdp_diffusion *diffusion, const float *params,
                            const struct mdp_time_table *table, int n_rows, const struct mdp_noising *rows,
                            struct mdp_sampler *sampler, float *act) {
    int n_act = diffusion->config.n_act, is_noise = diffusion->config.prediction == MDP_PREDICT_NOISE;
    const struct mdp_dropout nothing = {NULL, 0, 0};
    float *x = sampler->states;
    const float *out = denoise_once(diffusion, params, table, n_rows, rows, nothing, &sampler->caches[0], x);
    for (long j = 0; j < (long)n_rows * n_act; j++) {
        int t = rows->time[j / n_act];
        double alpha = diffusion->schedule.alpha[t], sigma = diffusion->schedule.sigma[t];
        act[j] = is_noise ? (float)((x[j] - sigma * out[j]) / alpha) : out[j];
    }
}

void mdp_diffusion_one_step_backward(const struct mdp_diffusion *diffusion, const float *params, int n_rows,
                                     const float *d_act, struct mdp_sampler *sampler, float *grads, float *d_table) {
    int n_act = diffusion->config.n_act, is_noise = diffusion->config.prediction == MDP_PREDICT_NOISE;
    struct mdp_denoiser_cache *cache = &sampler->caches[0];
    for (long j = 0; j < (long)n_rows * n_act; j++) {
        int t = cache->time[j / n_act];
        double slope = is_noise ? -diffusion->schedule.sigma[t] / diffusion->schedule.alpha[t] : 1.0;
        sampler->d_out[j] = (float)(slope * d_act[j]);
    }
    mdp_denoiser_backward(&diffusion->net, params, n_rows, sampler->d_out, cache, grads, d_table, NULL);
}
