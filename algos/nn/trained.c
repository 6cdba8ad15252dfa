#include "algos/nn/trained.h"

#include <stdlib.h>
#include <string.h>

enum { PANEL_ROWS = 32, PANELS_MAX = 8 };

mdp_err mdp_trained_alloc(struct mdp_trained *trained, const struct mdp_graph *graph,
                          const struct mdp_trained_config *config) {
    const struct mdp_graph_value *value = &graph->values[config->value];
    unsigned long n = (unsigned long)graph->n_floats, n_value;
    int rows = (config->n_rows + PANELS_MAX - 1) / PANELS_MAX;
    mdp_err err;
    *trained = (struct mdp_trained){.config = *config, .graph = graph};
    trained->panel_rows = rows > PANEL_ROWS ? rows : PANEL_ROWS;
    trained->n_panels = (config->n_rows + trained->panel_rows - 1) / trained->panel_rows;
    n_value = (unsigned long)trained->panel_rows * (unsigned long)value->length * (unsigned long)value->channels;
    MDP_TRY(mdp_calloc(&trained->params, n, sizeof(float), "parameters"));
    MDP_TRY(mdp_calloc(&trained->average, n, sizeof(float), "parameters"));
    MDP_TRY(mdp_adam_alloc(&trained->adam, graph->n_floats - graph->n_fixed, config->decay));
    trained->adam.penalty = config->penalty;
    unsigned long n_panels = (unsigned long)trained->n_panels;
    MDP_TRY(mdp_calloc(&trained->panels, n_panels, sizeof *trained->panels, "training panels"));
    MDP_TRY(mdp_calloc(&trained->grads, n_panels, sizeof *trained->grads, "training panels"));
    MDP_TRY(mdp_calloc(&trained->d_value, n_panels, sizeof *trained->d_value, "training panels"));
    for (int p = 0; p < trained->n_panels; p++) {
        MDP_TRY(mdp_graph_work_alloc(&trained->panels[p], graph, trained->panel_rows));
        MDP_TRY(mdp_calloc(&trained->grads[p], n, sizeof(float), "gradients"));
        MDP_TRY(mdp_calloc(&trained->d_value[p], n_value, sizeof(float), "training panels"));
    }
    return MDP_OK;
out:
    mdp_trained_free(trained);
    return err;
}

void mdp_trained_free(struct mdp_trained *trained) {
    for (int p = 0; p < trained->n_panels; p++) {
        if (trained->panels != NULL) mdp_graph_work_free(&trained->panels[p]);
        if (trained->grads != NULL) free(trained->grads[p]);
        if (trained->d_value != NULL) free(trained->d_value[p]);
    }
    free(trained->panels);
    free(trained->grads);
    free(trained->d_value);
    free(trained->params);
    free(trained->average);
    mdp_adam_free(&trained->adam);
    memset(trained, 0, sizeof *trained);
}

static void run_panel(struct mdp_trained *trained, int p, mdp_trained_rows rows, void *context) {
    const struct mdp_graph *graph = trained->graph;
    int first = p * trained->panel_rows, left = trained->config.n_rows - first,
        n = left < trained->panel_rows ? left : trained->panel_rows;
    memset(trained->grads[p], 0, (size_t)graph->n_floats * sizeof(float));
    rows(context, first, n, &trained->panels[p], trained->d_value[p]);
    mdp_graph_backward(graph, trained->params, n, &trained->panels[p], trained->config.value, trained->d_value[p],
                       trained->grads[p]);
}

void mdp_trained_step(struct mdp_trained *trained, double lr, mdp_trained_rows rows, void *context) {
    const struct mdp_trained_config *config = &trained->config;
    long fixed = trained->graph->n_fixed, n = trained->graph->n_floats - fixed;
    float *grads[PANELS_MAX];
#pragma omp parallel for num_threads(config->n_threads) schedule(static)
    for (int p = 0; p < trained->n_panels; p++) run_panel(trained, p, rows, context);
    for (int p = 0; p < trained->n_panels; p++) grads[p] = trained->grads[p] + fixed;
    mdp_adam_step(&trained->adam, trained->params + fixed, grads, trained->n_panels, lr, config->n_threads);
    mdp_average_approach(trained->average + fixed, trained->params + fixed, n, config->average_keep, config->n_threads);
}

void mdp_trained_gradient(const struct mdp_trained *trained, float *out) {
    memset(out, 0, (size_t)trained->graph->n_floats * sizeof *out);
    for (int p = 0; p < trained->n_panels; p++)
        for (long i = trained->graph->n_fixed; i < trained->graph->n_floats; i++) out[i] += trained->grads[p][i];
}
