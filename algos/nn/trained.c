#include "algos/nn/trained.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PANEL_ROWS = 32, PANELS_MAX = 8 };

static void free_panels(struct mdp_trained *trained) {
    for (int p = 0; p < trained->n_panels; p++) {
        if (trained->panels != NULL) mdp_graph_work_free(&trained->panels[p]);
        if (trained->grads != NULL) free(trained->grads[p]);
        if (trained->d_value != NULL) free(trained->d_value[p]);
    }
    free(trained->panels);
    free(trained->grads);
    free(trained->d_value);
    trained->panels = NULL;
    trained->grads = trained->d_value = NULL;
    trained->n_panels = 0;
}

mdp_err mdp_trained_rows_new(struct mdp_trained *trained, int n_rows, int n_threads) {
    const struct mdp_graph *graph = trained->graph;
    const struct mdp_graph_value *value = &graph->values[trained->config.value];
    int rows = (n_rows + PANELS_MAX - 1) / PANELS_MAX;
    mdp_err err;
    free_panels(trained);
    trained->config.n_rows = n_rows;
    trained->config.n_threads = n_threads;
    trained->panel_rows = rows > PANEL_ROWS ? rows : PANEL_ROWS;
    trained->n_panels = (n_rows + trained->panel_rows - 1) / trained->panel_rows;
    unsigned long n_panels = (unsigned long)trained->n_panels, n_value = (unsigned long)trained->panel_rows *
                                                                         (unsigned long)value->length *
                                                                         (unsigned long)value->channels;
    MDP_TRY(mdp_calloc(&trained->panels, n_panels, sizeof *trained->panels, "training panels"));
    MDP_TRY(mdp_calloc(&trained->grads, n_panels, sizeof *trained->grads, "training panels"));
    MDP_TRY(mdp_calloc(&trained->d_value, n_panels, sizeof *trained->d_value, "training panels"));
    for (int p = 0; p < trained->n_panels; p++) {
        MDP_TRY(mdp_graph_work_alloc(&trained->panels[p], graph, trained->panel_rows));
        MDP_TRY(mdp_calloc(&trained->grads[p], (unsigned long)graph->n_floats, sizeof(float), "gradients"));
        MDP_TRY(mdp_calloc(&trained->d_value[p], n_value, sizeof(float), "training panels"));
    }
out:
    return err;
}

mdp_err mdp_trained_alloc(struct mdp_trained *trained, const struct mdp_graph *graph,
                          const struct mdp_trained_config *config) {
    unsigned long n = (unsigned long)graph->n_floats;
    mdp_err err;
    *trained = (struct mdp_trained){.config = *config, .graph = graph};
    if (graph->n_params > MDP_GROUP_TENSORS_MAX)
        return mdp_fail(MDP_E_USAGE, "network: expected at most %d parameters of any size, found %d",
                        MDP_GROUP_TENSORS_MAX, graph->n_params);
    MDP_TRY(mdp_calloc(&trained->params, n, sizeof(float), "parameters"));
    MDP_TRY(mdp_calloc(&trained->average, n, sizeof(float), "parameters"));
    MDP_TRY(mdp_adam_alloc(&trained->adam, graph->n_floats - graph->n_fixed, config->decay));
    trained->adam.penalty = config->penalty;
    for (int i = 0; i < MDP_TRAINED_GROUPS; i++)
        MDP_TRY(mdp_calloc(&trained->native[i], n, sizeof(float), "parameters"));
    if (config->n_rows > 0) MDP_TRY(mdp_trained_rows_new(trained, config->n_rows, config->n_threads));
    return MDP_OK;
out:
    mdp_trained_free(trained);
    return err;
}

void mdp_trained_free(struct mdp_trained *trained) {
    free_panels(trained);
    free(trained->params);
    free(trained->average);
    for (int i = 0; i < MDP_TRAINED_GROUPS; i++) free(trained->native[i]);
    mdp_adam_free(&trained->adam);
    memset(trained, 0, sizeof *trained);
}

mdp_err mdp_trained_draw(struct mdp_trained *trained, uint64_t seed, uint32_t module) {
    mdp_err err = mdp_graph_draw(trained->graph, seed, module, trained->params);
    if (err == MDP_OK) memcpy(trained->average, trained->params, (size_t)trained->graph->n_floats * sizeof(float));
    return err;
}

/* moments begin behind what is fixed; parameters, where a block is theirs, do not */
static void list(const struct mdp_trained *trained, const char *name, const char *suffix, const float *block,
                 int is_optimizer, float *native, struct mdp_module_group *out) {
    const struct mdp_graph *graph = trained->graph;
    out->is_optimizer = is_optimizer;
    out->n = 0;
    snprintf(out->name, sizeof out->name, "%s%s", name, suffix);
    for (int i = 0; i < graph->n_params; i++) {
        const struct mdp_graph_param *param = &graph->params[i];
        if (is_optimizer && param->kind == MDP_GRAPH_FIXED) continue;
        const float *from = block + param->offset - (is_optimizer ? graph->n_fixed : 0);
        struct mdp_tensor *tensor = &out->tensors[out->n++];
        *tensor = (struct mdp_tensor){.rank = param->rank,
                                      .rows = param->sizes[0],
                                      .cols = param->rank > 1 ? param->sizes[1] : 1,
                                      .taps = param->rank > 2 ? param->sizes[2] : 0,
                                      .data = native + param->offset};
        snprintf(tensor->name, sizeof tensor->name, "%s", param->name);
        for (long k = 0; k < param->n; k++) tensor->data[k] = from[mdp_graph_place(param, k)];
    }
}

int mdp_trained_groups(struct mdp_trained *trained, const char *name, const char *average, const char *suffix,
                       struct mdp_module_group out[MDP_TRAINED_GROUPS]) {
    int n = 0;
    list(trained, name, "", trained->params, 0, trained->native[0], &out[n++]);
    if (average != NULL) list(trained, average, "", trained->average, 0, trained->native[1], &out[n++]);
    list(trained, "adam_m", suffix, trained->adam.m, 1, trained->native[2], &out[n++]);
    list(trained, "adam_v", suffix, trained->adam.v, 1, trained->native[3], &out[n++]);
    return n;
}

static void take(const struct mdp_graph *graph, const float *native, long n_fixed, float *block) {
    for (int i = 0; i < graph->n_params; i++) {
        const struct mdp_graph_param *param = &graph->params[i];
        if (param->offset < n_fixed) continue;
        for (long k = 0; k < param->n; k++)
            block[param->offset - n_fixed + mdp_graph_place(param, k)] = native[param->offset + k];
    }
}

void mdp_trained_take(struct mdp_trained *trained) {
    const struct mdp_graph *graph = trained->graph;
    take(graph, trained->native[0], 0, trained->params);
    take(graph, trained->native[1], 0, trained->average);
    take(graph, trained->native[2], graph->n_fixed, trained->adam.m);
    take(graph, trained->native[3], graph->n_fixed, trained->adam.v);
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
