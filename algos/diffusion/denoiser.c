#include "algos/diffusion/denoiser.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"

static const char *const kind_names[] = {[MDP_DENOISER_MLP] = "mlp", [MDP_DENOISER_RESNET] = "resnet"};

const char *mdp_denoiser_kind_name(enum mdp_denoiser_kind kind) { return kind_names[kind]; }

mdp_err mdp_denoiser_kind_find(const char *name, enum mdp_denoiser_kind *out) {
    static const struct mdp_names names = MDP_NAMES_OF_TEXTS(kind_names);
    int i;
    mdp_err err = mdp_names_find(&names, "denoiser", name, &i);
    if (err == MDP_OK) *out = (enum mdp_denoiser_kind)i;
    return err;
}

void mdp_denoiser_build(struct mdp_denoiser *net, enum mdp_denoiser_kind kind, const struct mdp_denoiser_sizes *sizes) {
    int e = sizes->n_emb, width = sizes->n_hidden;
    *net = (struct mdp_denoiser){.kind = kind,
                                 .n_obs = sizes->n_obs,
                                 .n_act = sizes->n_act,
                                 .n_emb = e,
                                 .n_hidden = width,
                                 .n_times = sizes->n_times,
                                 .n_blocks = kind == MDP_DENOISER_RESNET ? sizes->n_blocks : 0,
                                 .n_in = sizes->n_act + e + sizes->n_obs};
    const struct mdp_layer_spec time[] = {{"time_mlp.0", NULL, 2 * e, MDP_ACT_MISH},
                                          {"time_mlp.2", NULL, e, MDP_ACT_NONE}};
    const struct mdp_layer_spec body[] = {{"mid_layer.0", NULL, width, MDP_ACT_MISH},
                                          {"mid_layer.2", NULL, width, MDP_ACT_MISH},
                                          {"mid_layer.4", NULL, width, MDP_ACT_MISH},
                                          {"final_layer", NULL, sizes->n_act, MDP_ACT_NONE}};
    mdp_mlp_build(&net->time, &net->layout, "", e, time, 2);
    if (kind == MDP_DENOISER_RESNET)
        mdp_resnet_build(&net->resnet, &net->layout, net->n_in, width, net->n_blocks, net->n_act);
    else
        mdp_mlp_build(&net->body, &net->layout, "", net->n_in, body, 4);
}

void mdp_time_embedding(int n_emb, int time, float *out) {
    int half = n_emb / 2;
    for (int j = 0; j < half; j++) {
        out[j] = j == 0 ? (float)cos(time) : 1.0f;
        out[half + j] = j == 0 ? (float)sin(time) : 0.0f;
    }
}

mdp_err mdp_time_table_alloc(struct mdp_time_table *table, const struct mdp_denoiser *net) {
    memset(table, 0, sizeof *table);
    mdp_err err = mdp_mlp_cache_alloc(&table->cache, &net->time, net->n_times, NULL);
    if (err != MDP_OK) return err;
    for (int t = 0; t < net->n_times; t++) mdp_time_embedding(net->n_emb, t, table->cache.x + (long)t * net->n_emb);
    return MDP_OK;
}

void mdp_time_table_free(struct mdp_time_table *table) {
    mdp_mlp_cache_free(&table->cache);
    table->values = NULL;
}

void mdp_time_table_refresh(struct mdp_time_table *table, const struct mdp_denoiser *net, const float *params) {
    table->values = mdp_mlp_forward(&net->time, params, net->n_times, &table->cache);
}

void mdp_time_table_backward(struct mdp_time_table *table, const struct mdp_denoiser *net, const float *params,
                             const float *d_values, float *grads) {
    mdp_mlp_backward(&net->time, params, net->n_times, &table->cache, d_values, grads, NULL);
}

mdp_err mdp_denoiser_cache_alloc(struct mdp_denoiser_cache *cache, const struct mdp_denoiser *net, int max_rows,
                                 struct mdp_products *products) {
    mdp_err err;
    unsigned long rows = (unsigned long)max_rows;
    memset(cache, 0, sizeof *cache);
    if (net->kind == MDP_DENOISER_RESNET)
        MDP_TRY(mdp_resnet_cache_alloc(&cache->resnet, &net->resnet, max_rows, products));
    else
        MDP_TRY(mdp_mlp_cache_alloc(&cache->body, &net->body, max_rows, products));
    MDP_TRY(mdp_calloc(&cache->time, rows, sizeof(int), "denoising times"));
    MDP_TRY(mdp_calloc(&cache->d_in, rows * (unsigned long)net->n_in, sizeof(float), "denoiser gradient"));
    return MDP_OK;
out:
    mdp_denoiser_cache_free(cache);
    return err;
}

void mdp_denoiser_cache_free(struct mdp_denoiser_cache *cache) {
    mdp_mlp_cache_free(&cache->body);
    mdp_resnet_cache_free(&cache->resnet);
    free(cache->time);
    free(cache->d_in);
    memset(cache, 0, sizeof *cache);
}

mdp_err mdp_denoiser_products_plan(const struct mdp_denoiser *net, int n_rows, struct mdp_products *products) {
    if (net->kind == MDP_DENOISER_RESNET) return mdp_resnet_plan(&net->resnet, n_rows, products);
    return mdp_mlp_plan(&net->body, n_rows, products);
}

/* the input row is [action, time, observation] */
const float *mdp_denoiser_forward(const struct mdp_denoiser *net, const float *params,
                                  const struct mdp_time_table *table, int n_rows, const float *x, const float *obs,
                                  struct mdp_denoiser_cache *cache) {
    size_t a = (size_t)net->n_act, e = (size_t)net->n_emb, o = (size_t)net->n_obs;
    float *row = net->kind == MDP_DENOISER_RESNET ? cache->resnet.x : cache->body.x;
    for (int i = 0; i < n_rows; i++, row += a + e + o) {
        memcpy(row, x + (size_t)i * a, a * sizeof *row);
        memcpy(row + a, table->values + (size_t)cache->time[i] * e, e * sizeof *row);
        memcpy(row + a + e, obs + (size_t)i * o, o * sizeof *row);
    }
    if (net->kind == MDP_DENOISER_RESNET)
        return mdp_resnet_forward(&net->resnet, params, n_rows, cache->dropout, &cache->resnet);
    return mdp_mlp_forward(&net->body, params, n_rows, &cache->body);
}

void mdp_denoiser_backward(const struct mdp_denoiser *net, const float *params, int n_rows, const float *d_out,
                           struct mdp_denoiser_cache *cache, float *grads, float *d_table, float *d_x) {
    int a = net->n_act, e = net->n_emb, n_in = net->n_in;
    if (net->kind == MDP_DENOISER_RESNET)
        mdp_resnet_backward(&net->resnet, params, n_rows, &cache->resnet, d_out, grads, cache->d_in);
    else
        mdp_mlp_backward(&net->body, params, n_rows, &cache->body, d_out, grads, cache->d_in);
    for (int i = 0; i < n_rows; i++) {
        const float *row = cache->d_in + (long)i * n_in;
        float *time = d_table + (long)cache->time[i] * e;
        for (int j = 0; j < e; j++) time[j] += row[a + j];
        if (d_x != NULL) memcpy(d_x + (long)i * a, row, (size_t)a * sizeof *d_x);
    }
}
