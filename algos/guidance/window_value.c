#include "algos/guidance/window_value.h"

#include <stdio.h>

enum { N_TAPS = 3, N_TAPS_MID = 5 };

/* a wide block to fewer channels, then half the length */
static int add_mid(struct mdp_window_value *net, int i, int x, int width) {
    char prefix[32];
    snprintf(prefix, sizeof prefix, "mid_block%d.0.", i);
    x = mdp_window_block(&net->graph, prefix, x, net->time, width, N_TAPS_MID);
    mdp_graph_rank(&net->graph, "mid_block%d.1", i);
    mdp_graph_prefix(&net->graph, "mid_block%d.1.", i);
    return mdp_graph_down(&net->graph, x, "conv");
}

mdp_err mdp_window_value_build(struct mdp_window_value *net, const struct mdp_window_sizes *sizes) {
    struct mdp_graph *graph = &net->graph;
    int n = sizes->n_levels, x, width;
    mdp_err err = mdp_window_sizes_check(sizes);
    *net = (struct mdp_window_value){.sizes = *sizes};
    width = mdp_window_width(sizes, n);
    /* the second block of the middle has a quarter of the last level's channels, in groups of 4 */
    if (err == MDP_OK && width % 16 != 0)
        err = mdp_fail(MDP_E_USAGE, "return network: expected a last level of a multiple of 16 channels, found %d",
                       width);
    if (err != MDP_OK) return err;
    net->x = x = mdp_graph_input(graph, sizes->horizon, sizes->n_obs + sizes->n_act, 1);
    net->embedding = mdp_graph_input(graph, 1, sizes->width, 0);
    mdp_graph_rank(graph, "map_emb");
    net->time = mdp_window_time(graph, net->embedding, sizes->width);
    for (int i = 0; i < n; i++) {
        x = mdp_window_level(graph, sizes, i, x, net->time, N_TAPS);
        if (i == n - 1) break;
        mdp_graph_rank(graph, "downs.%d.2", i);
        mdp_graph_prefix(graph, "downs.%d.2.", i);
        x = mdp_graph_down(graph, x, "conv");
    }
    x = add_mid(net, 1, x, width / 2);
    x = mdp_graph_flatten(graph, add_mid(net, 2, x, width / 4));
    int n_flat = graph->err == MDP_OK ? graph->values[x].channels : 2;
    mdp_graph_prefix(graph, "final_block.");
    x = mdp_graph_linear(graph, mdp_graph_concat(graph, x, net->time), "0", n_flat / 2);
    net->out = mdp_graph_linear(graph, mdp_graph_activate(graph, x, MDP_GRAPH_MISH), "2", 1);
    return mdp_graph_finish(graph);
}
