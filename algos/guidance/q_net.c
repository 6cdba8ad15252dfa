#include "algos/guidance/q_net.h"

#include <stdlib.h>
#include <string.h>

enum { LAYERS_MAX = 4 };

/* a kind as a table row: what its heads are called and made of (n_out 0 stands for the hidden width) */
struct kind {
    int n_heads, n_layers;
    const char *prefixes[MDP_Q_HEADS_MAX];
    struct mdp_layer_spec layers[LAYERS_MAX];
};

static const struct kind kinds[] = {
    [MDP_Q_DQL] = {2,
                   4,
                   {"q1_model.", "q2_model."},
                   {{"0", "1", 0, MDP_ACT_TANH},
                    {"3", "4", 0, MDP_ACT_MISH},
                    {"6", "7", 0, MDP_ACT_MISH},
                    {"9", NULL, 1, MDP_ACT_NONE}}},
    [MDP_Q_SAC] = {2,
                   3,
                   {"q1.", "q2."},
                   {{"0", NULL, 0, MDP_ACT_RELU}, {"2", NULL, 0, MDP_ACT_RELU}, {"4", NULL, 1, MDP_ACT_NONE}}},
    [MDP_Q_IQL] = {2,
                   3,
                   {"Q1.", "Q2."},
                   {{"0", "1", 0, MDP_ACT_MISH}, {"3", "4", 0, MDP_ACT_MISH}, {"6", NULL, 1, MDP_ACT_NONE}}},
    [MDP_Q_IQL_V] = {1,
                     3,
                     {"V."},
                     {{"0", "1", 0, MDP_ACT_MISH}, {"3", "4", 0, MDP_ACT_MISH}, {"6", NULL, 1, MDP_ACT_NONE}}},
};

void mdp_q_net_build(struct mdp_q_net *net, enum mdp_q_kind kind, int n_obs, int n_act, int hidden) {
    const struct kind *row = &kinds[kind];
    memset(net, 0, sizeof *net);
    net->kind = kind;
    net->n_obs = n_obs;
    net->n_act = n_act;
    net->hidden = hidden;
    net->n_heads = row->n_heads;
    struct mdp_layer_spec layers[LAYERS_MAX];
    memcpy(layers, row->layers, sizeof layers);
    for (int i = 0; i < row->n_layers; i++)
        if (layers[i].n_out == 0) layers[i].n_out = hidden;
    for (int h = 0; h < row->n_heads; h++)
        mdp_mlp_build(&net->heads[h], &net->layout, row->prefixes[h], n_obs + n_act, layers, row->n_layers);
}

mdp_err mdp_q_cache_alloc(struct mdp_q_cache *cache, const struct mdp_q_net *net, int max_rows,
                          struct mdp_products *products) {
    mdp_err err;
    memset(cache, 0, sizeof *cache);
    for (int h = 0; h < net->n_heads; h++)
        MDP_TRY(mdp_mlp_cache_alloc(&cache->heads[h], &net->heads[h], max_rows, products));
    unsigned long rows = (unsigned long)max_rows, n_emb = (unsigned long)net->n_emb;
    unsigned long n_in = n_emb > 0 ? 3 * n_emb : (unsigned long)(net->n_obs + net->n_act);
    MDP_TRY(mdp_calloc(&cache->d_in, rows * n_in, sizeof(float), "value gradient"));
    if (n_emb == 0) return MDP_OK;
    for (int i = 0; i < 2; i++) MDP_TRY(mdp_calloc(&cache->projected[i], rows * n_emb, sizeof(float), "energy"));
    MDP_TRY(mdp_calloc(&cache->value, rows, sizeof(float), "energy"));
    MDP_TRY(mdp_calloc(&cache->slope, rows, sizeof(float), "energy"));
    return MDP_OK;
out:
    mdp_q_cache_free(cache);
    return err;
}

void mdp_q_cache_free(struct mdp_q_cache *cache) {
    for (int h = 0; h < MDP_Q_HEADS_MAX; h++) mdp_mlp_cache_free(&cache->heads[h]);
    free(cache->d_in);
    for (int i = 0; i < 2; i++) free(cache->projected[i]);
    free(cache->value);
    free(cache->slope);
    memset(cache, 0, sizeof *cache);
}

void mdp_q_forward(const struct mdp_q_net *net, const float *params, int n_rows, const float *obs, const float *act,
                   struct mdp_q_cache *cache, const float *values[MDP_Q_HEADS_MAX]) {
    int o = net->n_obs, a = net->n_act, n = o + a;
    for (int h = 0; h < net->n_heads; h++) {
        float *x = cache->heads[h].x;
        for (int i = 0; i < n_rows; i++) {
            memcpy(x + (long)i * n, obs + (long)i * o, (size_t)o * sizeof *x);
            if (a > 0) memcpy(x + (long)i * n + o, act + (long)i * a, (size_t)a * sizeof *x);
        }
        values[h] = mdp_mlp_forward(&net->heads[h], params, n_rows, &cache->heads[h]);
    }
}

void mdp_q_backward(const struct mdp_q_net *net, const float *params, int n_rows, int i_head, const float *d_value,
                    struct mdp_q_cache *cache, float *grads, float *d_act) {
    int o = net->n_obs, a = net->n_act, n = o + a;
    mdp_mlp_backward(&net->heads[i_head], params, n_rows, &cache->heads[i_head], d_value, grads,
                     d_act != NULL ? cache->d_in : NULL);
    if (d_act == NULL) return;
    for (int i = 0; i < n_rows; i++)
        for (int j = 0; j < a; j++) d_act[(long)i * a + j] += cache->d_in[(long)i * n + o + j];
}
