#include "algos/inverse.h"

#include <stdlib.h>
#include <string.h>

static mdp_err build(struct mdp_inverse *inverse, int n_hidden) {
    struct mdp_graph *graph = &inverse->graph;
    inverse->x = mdp_graph_input(graph, 1, 2 * inverse->n_obs, 1);
    mdp_graph_prefix(graph, "mlp.");
    mdp_graph_begin(graph, MDP_GRAPH_ORTHOGONAL, MDP_GRAPH_ZERO);
    int h = mdp_graph_activate(graph, mdp_graph_linear(graph, inverse->x, "0.0", n_hidden), MDP_GRAPH_RELU);
    h = mdp_graph_activate(graph, mdp_graph_linear(graph, h, "1.0", n_hidden), MDP_GRAPH_RELU);
    inverse->out = mdp_graph_activate(graph, mdp_graph_linear(graph, h, "2", inverse->n_act), MDP_GRAPH_TANH);
    return mdp_graph_finish(graph);
}

mdp_err mdp_inverse_alloc(struct mdp_inverse *inverse, int n_obs, int n_act, int n_hidden,
                          const struct mdp_trained_config *config) {
    mdp_err err;
    struct mdp_trained_config trained = *config;
    *inverse = (struct mdp_inverse){.n_obs = n_obs, .n_act = n_act};
    MDP_TRY(build(inverse, n_hidden));
    trained.value = inverse->out;
    trained.n_rows = 0;
    MDP_TRY(mdp_trained_alloc(&inverse->trained, &inverse->graph, &trained));
    if (config->n_rows > 0) MDP_TRY(mdp_inverse_rows_new(inverse, config->n_rows, config->n_threads));
    return MDP_OK;
out:
    mdp_inverse_free(inverse);
    return err;
}

mdp_err mdp_inverse_rows_new(struct mdp_inverse *inverse, int n_rows, int n_threads) {
    mdp_err err;
    free(inverse->square_sums);
    inverse->square_sums = NULL;
    MDP_TRY(mdp_trained_rows_new(&inverse->trained, n_rows, n_threads));
    MDP_TRY(mdp_calloc(&inverse->square_sums, (unsigned long)n_rows, sizeof(double), "training batch"));
out:
    return err;
}

void mdp_inverse_free(struct mdp_inverse *inverse) {
    free(inverse->square_sums);
    mdp_trained_free(&inverse->trained);
    mdp_graph_free(&inverse->graph);
    memset(inverse, 0, sizeof *inverse);
}

const float *mdp_inverse_act(const struct mdp_inverse *inverse, int n_rows, const float *pairs,
                             struct mdp_graph_work *work) {
    memcpy(mdp_graph_at(work, &inverse->graph, inverse->x), pairs,
           (size_t)n_rows * 2 * (size_t)inverse->n_obs * sizeof *pairs);
    mdp_graph_forward(&inverse->graph, inverse->trained.params, n_rows, work);
    return mdp_graph_at(work, &inverse->graph, inverse->out);
}

struct loss {
    struct mdp_inverse *inverse;
    const float *pairs, *act;
};

static void loss_rows(void *context, int first, int n, struct mdp_graph_work *work, float *d_value) {
    const struct loss *loss = context;
    const struct mdp_inverse *inverse = loss->inverse;
    long n_act = inverse->n_act;
    const float *out = mdp_inverse_act(inverse, n, loss->pairs + (long)first * 2 * inverse->n_obs, work),
                *act = loss->act + first * n_act;
    double scale = 2 / ((double)inverse->trained.config.n_rows * (double)n_act);
    for (long r = 0; r < n; r++) {
        double sum = 0;
        for (long j = r * n_act; j < (r + 1) * n_act; j++) {
            double error = (double)out[j] - act[j];
            sum += error * error;
            d_value[j] = (float)(scale * error);
        }
        inverse->square_sums[first + r] = sum;
    }
}

double mdp_inverse_step(struct mdp_inverse *inverse, const float *pairs, const float *act, double lr) {
    struct loss loss = {inverse, pairs, act};
    int n = inverse->trained.config.n_rows;
    double sum = 0;
    mdp_trained_step(&inverse->trained, lr, loss_rows, &loss);
    for (int r = 0; r < n; r++) sum += inverse->square_sums[r];
    return sum / ((double)n * inverse->n_act);
}
