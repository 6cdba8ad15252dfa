#include "algos/diffusion/window_net.h"

#include <stdio.h>

enum { N_TAPS = 5 };

/* a level of the way up, counted from 0: two blocks, then twice the length */
static int add_up(struct mdp_window_net *net, int i, int x) {
    struct mdp_graph *graph = &net->graph;
    char prefix[32];
    int width = mdp_window_width(&net->sizes, net->sizes.n_levels - 1 - i);
    for (int k = 0; k < 2; k++) {
        snprintf(prefix, sizeof prefix, "ups.%d.%d.", i, k);
        x = mdp_window_block(graph, prefix, x, net->time, width, N_TAPS);
    }
    mdp_graph_prefix(graph, "ups.%d.3.", i);
    return mdp_graph_up(graph, x, "conv");
}

/* files have the way up before the middle */
static void rank_ups(struct mdp_window_net *net) {
    char prefix[32];
    for (int i = 0; i < net->sizes.n_levels - 1; i++) {
        for (int k = 0; k < 2; k++) {
            snprintf(prefix, sizeof prefix, "ups.%d.%d.", i, k);
            mdp_window_rank(&net->graph, prefix);
        }
        mdp_graph_rank(&net->graph, "ups.%d.3", i);
    }
}

static int add_mid(struct mdp_window_net *net, int x) {
    int width = mdp_window_width(&net->sizes, net->sizes.n_levels);
    x = mdp_window_block(&net->graph, "mid_block1.", x, net->time, width, N_TAPS);
    return mdp_window_block(&net->graph, "mid_block2.", x, net->time, width, N_TAPS);
}

static int add_final(struct mdp_window_net *net, int x) {
    struct mdp_graph *graph = &net->graph;
    int width = mdp_window_width(&net->sizes, 1);
    mdp_graph_prefix(graph, "final_conv.");
    x = mdp_graph_convolution(graph, x, "0", width, N_TAPS);
    x = mdp_graph_group_norm(graph, x, "1", width / 4 < 8 ? width / 4 : 8);
    x = mdp_graph_activate(graph, x, MDP_GRAPH_MISH);
    return mdp_graph_convolution(graph, x, "3", mdp_window_width(&net->sizes, 0), 1);
}

mdp_err mdp_window_net_build(struct mdp_window_net *net, const struct mdp_window_sizes *sizes) {
    struct mdp_graph *graph = &net->graph;
    int levels[MDP_WINDOW_LEVELS_MAX], n = sizes->n_levels, x;
    mdp_err err = mdp_window_sizes_check(sizes);
    *net = (struct mdp_window_net){.sizes = *sizes};
    if (err != MDP_OK) return err;
    net->x = x = mdp_graph_input(graph, sizes->horizon, sizes->n_obs + sizes->n_act, 1);
    net->embedding = mdp_graph_input(graph, 1, sizes->width, 0);
    mdp_graph_rank(graph, "map_emb");
    net->time = mdp_window_time(graph, net->embedding, sizes->width);
    for (int i = 0; i < n; i++) {
        levels[i] = x = mdp_window_level(graph, sizes, i, x, net->time, N_TAPS);
        if (i == n - 1) break;
        mdp_graph_rank(graph, "downs.%d.3", i);
        mdp_graph_prefix(graph, "downs.%d.3.", i);
        x = mdp_graph_down(graph, x, "conv");
    }
    rank_ups(net);
    x = add_mid(net, x);
    for (int i = 0; i < n - 1; i++) x = add_up(net, i, mdp_graph_concat(graph, x, levels[n - 1 - i]));
    net->out = add_final(net, x);
    return mdp_graph_finish(graph);
}
