#include "algos/diffusion/chain.h"

#include <string.h>

/* what is known is written over whatever the process made of it */
static void write_known(const struct mdp_chain *chain, int n_rows, float *x) {
    size_t size = (size_t)chain->n_known * sizeof *x;
    for (int r = 0; r < n_rows && size > 0; r++)
        memcpy(x + (long)r * chain->n, chain->known + (long)r * chain->n_known, size);
}

/* a gradient g moves noise by -w sigma g, and what is clean by w sigma^2 / alpha g, which is the same */
static void guide(const struct mdp_chain *chain, int i, long n, const float *gradient, float *prediction) {
    double sigma = chain->visits->sigma[i], alpha = chain->visits->alpha[i];
    double factor = chain->weights[i] * (chain->is_noise ? -sigma : sigma * sigma / alpha);
    for (long j = 0; j < n; j++) prediction[j] = (float)(prediction[j] + factor * gradient[j]);
}

void mdp_chain_run(const struct mdp_chain *chain, const struct mdp_chain_rows *rows) {
    int n_steps = chain->visits->n_steps, i_draw = 1;
    long n = (long)rows->n_rows * chain->n;
    float *prediction = rows->work, *gradient = rows->work + n, *clean[2] = {rows->work + 2 * n, rows->work + 3 * n};
    for (long j = 0; j < n; j++) rows->x[j] = (float)(chain->temperature * rows->draws[j]);
    write_known(chain, rows->n_rows, rows->x);
    if (rows->history != NULL) memcpy(rows->history, rows->x, (size_t)n * sizeof *rows->x);
    for (int i = n_steps; i >= chain->i_last; i--) {
        const struct mdp_solver_move move = {
            chain->rows[i], chain->visits->alpha[i], chain->visits->sigma[i], chain->is_noise, chain->low, chain->high};
        int has_memory = chain->solver->is_multistep;
        chain->predict(chain->context, i, rows->n_rows, rows->x, prediction);
        if (chain->guide != NULL && chain->weights[i] != 0) {
            chain->guide(chain->context, i, rows->n_rows, rows->x, gradient);
            guide(chain, i, n, gradient, prediction);
        }
        const struct mdp_solver_io io = {.x = rows->x,
                                         .prediction = prediction,
                                         .noise =
                                             mdp_solver_draws_at(chain->solver, i) ? rows->draws + i_draw++ * n : NULL,
                                         .previous = has_memory && i < n_steps ? clean[(i + 1) % 2] : NULL,
                                         .clean = has_memory ? clean[i % 2] : NULL,
                                         .next = rows->x};
        mdp_solver_move(&move, n, &io);
        write_known(chain, rows->n_rows, rows->x);
        if (rows->history != NULL) memcpy(rows->history + (n_steps - i + 1) * n, rows->x, (size_t)n * sizeof *rows->x);
    }
}
