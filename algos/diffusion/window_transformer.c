#include "algos/diffusion/window_transformer.h"

#include <math.h>
#include <stdlib.h>

static mdp_err check(const struct mdp_transformer_sizes *s) {
    if (s->n_heads < 1 || s->width < 2 || s->width % 2 != 0 || s->width % s->n_heads != 0)
        return mdp_fail(MDP_E_USAGE, "transformer: expected an even width of equal heads, found %d and %d heads",
                        s->width, s->n_heads);
    if (s->n_emb < 8 || s->n_emb % 8 != 0)
        return mdp_fail(MDP_E_USAGE, "transformer: expected an embedding of a multiple of 8, found %d", s->n_emb);
    if (s->horizon < 1 || s->horizon > 1024 || s->n_blocks < 1 || s->n_blocks > 64 || s->n_obs < 1)
        return mdp_fail(MDP_E_USAGE,
                        "transformer: expected 1 to 1024 steps, 1 to 64 blocks and observations, found %d, %d and %d",
                        s->horizon, s->n_blocks, s->n_obs);
    return MDP_OK;
}

void mdp_window_transformer_waves(const struct mdp_window_transformer *net, const float *params, double time,
                                  float *out) {
    static const double two_pi = 6.28318530717958647693;
    int n = net->sizes.n_emb / 8;
    for (int i = 0; i < n; i++) {
        double angle = two_pi * time * params[i];
        out[i] = (float)cos(angle);
        out[n + i] = (float)sin(angle);
    }
}

/* whole places meet frequencies that are rounded down to whole numbers: 1, then zeros */
void mdp_window_transformer_place(const struct mdp_window_transformer *net, int p, float *out) {
    int half = net->sizes.width / 2;
    for (int i = 0; i < half; i++) {
        out[i] = i == 0 ? (float)sin(p) : 0;
        out[half + i] = i == 0 ? (float)cos(p) : 1;
    }
}

static int shift_by_place(struct mdp_window_transformer *net, int x) {
    float *table = NULL;
    int width = net->sizes.width, y;
    if (net->graph.err == MDP_OK)
        net->graph.err = mdp_calloc(&table, (unsigned long)(net->sizes.horizon * width), sizeof *table, "network");
    for (int p = 0; net->graph.err == MDP_OK && p < net->sizes.horizon; p++)
        mdp_window_transformer_place(net, p, table + (long)p * width);
    y = mdp_graph_shift(&net->graph, x, table);
    free(table);
    return y;
}

static int add_time(struct mdp_window_transformer *net) {
    struct mdp_graph *graph = &net->graph;
    mdp_graph_prefix(graph, "diffusion.map_noise.mlp.");
    int h = mdp_graph_linear(graph, net->waves, "0", net->sizes.n_emb);
    return mdp_graph_linear(graph, mdp_graph_activate(graph, h, MDP_GRAPH_MISH), "2", net->sizes.n_emb);
}

/* dropped as a whole, biases included, where it does not count */
static int add_condition(struct mdp_window_transformer *net) {
    struct mdp_graph *graph = &net->graph;
    mdp_graph_prefix(graph, "condition.mlp.mlp.");
    mdp_graph_begin(graph, MDP_GRAPH_BY_INPUTS, MDP_GRAPH_BY_INPUTS);
    int h = mdp_graph_activate(graph, mdp_graph_linear(graph, net->wanted, "0.0", net->sizes.n_emb), MDP_GRAPH_SILU);
    return mdp_graph_scale(graph, mdp_graph_linear(graph, h, "1", net->sizes.n_emb), net->counts);
}

static int add_embedding(struct mdp_window_transformer *net) {
    struct mdp_graph *graph = &net->graph;
    int width = net->sizes.width, e = mdp_graph_add(graph, net->time, net->condition);
    mdp_graph_prefix(graph, "diffusion.map_emb.");
    mdp_graph_begin(graph, MDP_GRAPH_SMALL, MDP_GRAPH_ZERO);
    e = mdp_graph_activate(graph, mdp_graph_linear(graph, e, "0", width), MDP_GRAPH_MISH);
    e = mdp_graph_activate(graph, mdp_graph_linear(graph, e, "2", width), MDP_GRAPH_MISH);
    return mdp_graph_activate(graph, e, MDP_GRAPH_SILU);
}

/* what modulates counts for nothing at first */
static int add_modulation(struct mdp_window_transformer *net, int e, int n_out) {
    mdp_graph_begin(&net->graph, MDP_GRAPH_ZERO, MDP_GRAPH_ZERO);
    int m = mdp_graph_linear(&net->graph, e, "adaLN_modulation.1", n_out);
    mdp_graph_begin(&net->graph, MDP_GRAPH_BY_BOTH, MDP_GRAPH_ZERO);
    return m;
}

/* columns of the modulation: shift, scale and gate of attention, then those of the network of places */
static int add_block(struct mdp_window_transformer *net, int i, int h, int e) {
    struct mdp_graph *graph = &net->graph;
    int width = net->sizes.width;
    mdp_graph_rank(graph, "diffusion.blocks.%d.attn", i);
    mdp_graph_rank(graph, "diffusion.blocks.%d.mlp", i);
    mdp_graph_rank(graph, "diffusion.blocks.%d.adaLN", i);
    mdp_graph_prefix(graph, "diffusion.blocks.%d.", i);
    int m = add_modulation(net, e, 6 * width);
    h = mdp_graph_modulate(graph, mdp_graph_layer_norm(graph, h), m, 0, width);
    int a = mdp_graph_linear_named(graph, h, "attn.in_proj_weight", "attn.in_proj_bias", 3 * width);
    a = mdp_graph_linear(graph, mdp_graph_attend(graph, a, net->sizes.n_heads), "attn.out_proj", width);
    h = mdp_graph_gate(graph, h, a, m, 2 * width);
    a = mdp_graph_modulate(graph, mdp_graph_layer_norm(graph, h), m, 3 * width, 4 * width);
    a = mdp_graph_activate(graph, mdp_graph_linear(graph, a, "mlp.0", 4 * width), MDP_GRAPH_GELU);
    return mdp_graph_gate(graph, h, mdp_graph_linear(graph, a, "mlp.3", width), m, 5 * width);
}

mdp_err mdp_window_transformer_build(struct mdp_window_transformer *net, const struct mdp_transformer_sizes *sizes) {
    struct mdp_graph *graph = &net->graph;
    mdp_err err = check(sizes);
    *net = (struct mdp_window_transformer){.sizes = *sizes};
    if (err != MDP_OK) return err;
    net->x = mdp_graph_input(graph, sizes->horizon, sizes->n_obs, 1);
    net->waves = mdp_graph_input(graph, 1, sizes->n_emb / 4, 0);
    net->wanted = mdp_graph_input(graph, 1, 1, 0);
    net->counts = mdp_graph_input(graph, 1, 1, 0);
    mdp_graph_rank(graph, "diffusion.map_noise");
    mdp_graph_rank(graph, "diffusion.x_proj");
    mdp_graph_rank(graph, "diffusion.map_emb");
    mdp_graph_prefix(graph, "diffusion.");
    mdp_graph_begin(graph, MDP_GRAPH_BY_BOTH, MDP_GRAPH_ZERO);
    mdp_graph_fixed(graph, "map_noise.freqs", sizes->n_emb / 8);
    int h = mdp_graph_linear(graph, net->x, "x_proj", sizes->width);
    h = shift_by_place(net, h);
    net->time = add_time(net);
    net->condition = add_condition(net);
    int e = add_embedding(net);
    for (int i = 0; i < sizes->n_blocks; i++) h = add_block(net, i, h, e);
    mdp_graph_rank(graph, "diffusion.final_layer.linear");
    mdp_graph_rank(graph, "diffusion.final_layer.adaLN");
    mdp_graph_prefix(graph, "diffusion.final_layer.");
    int m = add_modulation(net, e, 2 * sizes->width);
    h = mdp_graph_modulate(graph, mdp_graph_layer_norm(graph, h), m, 0, sizes->width);
    mdp_graph_begin(graph, MDP_GRAPH_ZERO, MDP_GRAPH_ZERO);
    net->out = mdp_graph_linear(graph, h, "linear", sizes->n_obs);
    return mdp_graph_finish(graph);
}
