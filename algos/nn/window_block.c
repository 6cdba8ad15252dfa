#include "algos/nn/window_block.h"

#include <math.h>
#include <stdio.h>

void mdp_window_make_usual(int horizon, struct mdp_window_make *out) {
    static const struct mdp_window_make small = {0, 3, {1, 4, 2}}, large = {0, 4, {1, 2, 2, 2}};
    *out = horizon < 8 ? small : large;
    out->horizon = horizon;
}

mdp_err mdp_window_sizes_check(const struct mdp_window_sizes *sizes) {
    int horizon = sizes->horizon, n = sizes->n_levels;
    if (n < 1 || n > MDP_WINDOW_LEVELS_MAX)
        return mdp_fail(MDP_E_USAGE, "windows: expected 1 to %d levels, found %d", MDP_WINDOW_LEVELS_MAX, n);
    if (horizon < 1 << (n - 1) || horizon > 1024 || (horizon & (horizon - 1)) != 0)
        return mdp_fail(MDP_E_USAGE, "windows: expected a power of two from %d to 1024 steps, found %d", 1 << (n - 1),
                        horizon);
    if (sizes->width < 4 || sizes->width % 4 != 0)
        return mdp_fail(MDP_E_USAGE, "windows: expected a width of a multiple of 4, found %d", sizes->width);
    /* groups of a norm have 4 channels up to 32, and are 8 of equal size from there on */
    for (int i = 1; i <= n; i++) {
        int width = mdp_window_width(sizes, i);
        if (sizes->factors[i - 1] < 1 || width > 4096 || (width > 32 && width % 8 != 0))
            return mdp_fail(MDP_E_USAGE,
                            "windows: level %d: expected a width up to 4096 of eight equal parts, found %d", i, width);
    }
    return MDP_OK;
}

int mdp_window_width(const struct mdp_window_sizes *sizes, int level) {
    int width = sizes->width;
    if (level == 0) return sizes->n_obs + sizes->n_act;
    for (int i = 0; i < level && width < 1 << 20; i++) width *= sizes->factors[i];
    return width;
}

/* whole times meet frequencies that are rounded down to whole numbers: 1, then zeros */
void mdp_window_embed(int width, int time, float *out) {
    for (int i = 0; i < width / 2; i++) {
        out[i] = i == 0 ? (float)cos(time) : 1;
        out[width / 2 + i] = i == 0 ? (float)sin(time) : 0;
    }
}

int mdp_window_time(struct mdp_graph *graph, int embedding, int width) {
    mdp_graph_prefix(graph, "map_emb.");
    int hidden = mdp_graph_activate(graph, mdp_graph_linear(graph, embedding, "0", 4 * width), MDP_GRAPH_MISH);
    return mdp_graph_linear(graph, hidden, "2", width);
}

/* groups of 4 channels, at most 8 of them */
static int half_block(struct mdp_graph *graph, int i, int x, int n_out, int n_taps) {
    char name[16];
    snprintf(name, sizeof name, "conv%d.0", i);
    int h = mdp_graph_convolution(graph, x, name, n_out, n_taps);
    snprintf(name, sizeof name, "conv%d.1", i);
    h = mdp_graph_group_norm(graph, h, name, n_out / 4 < 8 ? n_out / 4 : 8);
    return mdp_graph_activate(graph, h, MDP_GRAPH_MISH);
}

void mdp_window_rank(struct mdp_graph *graph, const char *prefix) {
    static const char *const parts[] = {"conv1", "conv2", "emb_mlp", "residual_conv"};
    for (int i = 0; i < 4; i++) mdp_graph_rank(graph, "%s%s", prefix, parts[i]);
}

int mdp_window_block(struct mdp_graph *graph, const char *prefix, int x, int time, int n_out, int n_taps) {
    int is_same = graph->err == MDP_OK && graph->values[x].channels == n_out;
    mdp_window_rank(graph, prefix);
    mdp_graph_prefix(graph, "%s", prefix);
    int h = half_block(graph, 1, x, n_out, n_taps);
    int e = mdp_graph_linear(graph, mdp_graph_activate(graph, time, MDP_GRAPH_MISH), "emb_mlp.1", n_out);
    h = half_block(graph, 2, mdp_graph_add(graph, h, e), n_out, n_taps);
    return mdp_graph_add(graph, h, is_same ? x : mdp_graph_convolution(graph, x, "residual_conv", n_out, 1));
}

int mdp_window_level(struct mdp_graph *graph, const struct mdp_window_sizes *sizes, int level, int x, int time,
                     int n_taps) {
    char prefix[32];
    for (int i = 0; i < 2; i++) {
        snprintf(prefix, sizeof prefix, "downs.%d.%d.", level, i);
        x = mdp_window_block(graph, prefix, x, time, mdp_window_width(sizes, level + 1), n_taps);
    }
    return x;
}
