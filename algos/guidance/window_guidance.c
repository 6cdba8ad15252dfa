#include "algos/guidance/window_guidance.h"

#include <stdlib.h>
#include <string.h>

mdp_err mdp_window_guidance_alloc(struct mdp_window_guidance *guidance, const struct mdp_window_sizes *sizes,
                                  const struct mdp_trained_config *config) {
    mdp_err err;
    struct mdp_trained_config trained = *config;
    *guidance = (struct mdp_window_guidance){.n = sizes->horizon * (sizes->n_obs + sizes->n_act)};
    MDP_TRY(mdp_window_value_build(&guidance->net, sizes));
    trained.value = guidance->net.out;
    trained.n_rows = 0;
    MDP_TRY(mdp_trained_alloc(&guidance->trained, &guidance->net.graph, &trained));
    if (config->n_rows > 0) MDP_TRY(mdp_window_guidance_rows_new(guidance, config->n_rows, config->n_threads));
    return MDP_OK;
out:
    mdp_window_guidance_free(guidance);
    return err;
}

mdp_err mdp_window_guidance_rows_new(struct mdp_window_guidance *guidance, int n_rows, int n_threads) {
    mdp_err err;
    free(guidance->squares);
    guidance->squares = NULL;
    MDP_TRY(mdp_trained_rows_new(&guidance->trained, n_rows, n_threads));
    MDP_TRY(mdp_calloc(&guidance->squares, (unsigned long)n_rows, sizeof(double), "training batch"));
out:
    return err;
}

void mdp_window_guidance_free(struct mdp_window_guidance *guidance) {
    free(guidance->squares);
    mdp_trained_free(&guidance->trained);
    mdp_graph_free(&guidance->net.graph);
    memset(guidance, 0, sizeof *guidance);
}

const float *mdp_window_guidance_value(const struct mdp_window_guidance *guidance, const float *params, int n_rows,
                                       const float *x, const int *time, int is_one_time, struct mdp_graph_work *work) {
    const struct mdp_graph *graph = &guidance->net.graph;
    int width = guidance->net.sizes.width;
    memcpy(mdp_graph_at(work, graph, guidance->net.x), x, (size_t)n_rows * (size_t)guidance->n * sizeof *x);
    for (int r = 0; r < n_rows; r++)
        mdp_window_embed(width, time[is_one_time ? 0 : r],
                         mdp_graph_at(work, graph, guidance->net.embedding) + (long)r * width);
    mdp_graph_forward(graph, params, n_rows, work);
    return mdp_graph_at(work, graph, guidance->net.out);
}

const float *mdp_window_guidance_gradient(const struct mdp_window_guidance *guidance, const float *params, int n_rows,
                                          const float *ones, struct mdp_graph_work *work) {
    mdp_graph_backward(&guidance->net.graph, params, n_rows, work, guidance->net.out, ones, NULL);
    return mdp_graph_gradient(work, &guidance->net.graph, guidance->net.x);
}

struct loss {
    struct mdp_window_guidance *guidance;
    const float *noisy, *val;
    const int *time;
};

static void loss_rows(void *context, int first, int n, struct mdp_graph_work *work, float *d_value) {
    const struct loss *loss = context;
    const struct mdp_window_guidance *g = loss->guidance;
    const float *out = mdp_window_guidance_value(g, g->trained.params, n, loss->noisy + (long)first * g->n,
                                                 loss->time + first, 0, work);
    for (int r = 0; r < n; r++) {
        double error = (double)out[r] - loss->val[first + r];
        g->squares[first + r] = error * error;
        d_value[r] = (float)(2 * error / g->trained.config.n_rows);
    }
}

double mdp_window_guidance_step(struct mdp_window_guidance *guidance, const float *noisy, const int *time,
                                const float *val, double lr) {
    struct loss loss = {guidance, noisy, val, time};
    int n = guidance->trained.config.n_rows;
    double sum = 0;
    mdp_trained_step(&guidance->trained, lr, loss_rows, &loss);
    for (int r = 0; r < n; r++) sum += guidance->squares[r];
    return sum / n;
}
