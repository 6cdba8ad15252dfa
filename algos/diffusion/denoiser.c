#include "algos/diffusion/denoiser.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/nn/fourier.h"
#include "base/names.h"

static const char *const kind_names[] = {[MDP_DENOISER_MLP] = "mlp",
                                         [MDP_DENOISER_RESNET] = "resnet",
                                         [MDP_DENOISER_UNET] = "unet",
                                         [MDP_DENOISER_WINDOW_UNET] = "window-unet",
                                         [MDP_DENOISER_WINDOW_TRANSFORMER] = "window-transformer"};

const char *mdp_denoiser_kind_name(enum mdp_denoiser_kind kind) { return kind_names[kind]; }

int mdp_denoiser_makes_windows(enum mdp_denoiser_kind kind) {
    return kind == MDP_DENOISER_WINDOW_UNET || kind == MDP_DENOISER_WINDOW_TRANSFORMER;
}

mdp_err mdp_denoiser_kind_find(const char *name, enum mdp_denoiser_kind *out) {
    static const struct mdp_names names = MDP_NAMES_OF_TEXTS(kind_names);
    int i;
    mdp_err err = mdp_names_find(&names, "denoiser", name, &i);
    if (err == MDP_OK) *out = (enum mdp_denoiser_kind)i;
    return err;
}

/* the frequencies lead, the network of observations comes last */
static void build_unet(struct mdp_denoiser *net, const int widths[MDP_UNET_LEVELS]) {
    int e = net->n_emb;
    const struct mdp_layer_spec time[] = {{"t_layer.0", NULL, e, MDP_ACT_SILU}, {"t_layer.2", NULL, e, MDP_ACT_NONE}};
    const struct mdp_layer_spec observed[] = {{"mlp.mlp.0.0", NULL, e, MDP_ACT_SILU},
                                              {"mlp.mlp.1", NULL, e, MDP_ACT_NONE}};
    mdp_layout_add_frequencies(&net->layout, "map_noise.freqs", e / 2);
    mdp_mlp_build(&net->time, &net->layout, "", e, time, 2);
    mdp_unet_build(&net->unet, &net->layout, net->n_act, e, widths, net->n_act);
    mdp_mlp_build(&net->condition, &net->layout, "condition.", net->n_obs, observed, 2);
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
    if (kind == MDP_DENOISER_UNET) {
        build_unet(net, sizes->widths);
        return;
    }
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

static mdp_err alloc_table(struct mdp_time_table *table, const struct mdp_denoiser *net, int n) {
    memset(table, 0, sizeof *table);
    table->n = n;
    return mdp_mlp_cache_alloc(&table->cache, &net->time, n, NULL);
}

mdp_err mdp_time_table_alloc(struct mdp_time_table *table, const struct mdp_denoiser *net) {
    mdp_err err = alloc_table(table, net, net->n_times);
    for (int t = 0; err == MDP_OK && net->kind != MDP_DENOISER_UNET && t < net->n_times; t++)
        mdp_time_embedding(net->n_emb, t, table->cache.x + (long)t * net->n_emb);
    return err;
}

mdp_err mdp_time_table_alloc_rows(struct mdp_time_table *table, const struct mdp_denoiser *net, int n) {
    mdp_err err = alloc_table(table, net, n);
    return err == MDP_OK ? mdp_calloc(&table->times, (unsigned long)n, sizeof *table->times, "denoising times") : err;
}

void mdp_time_table_free(struct mdp_time_table *table) {
    mdp_mlp_cache_free(&table->cache);
    free(table->times);
    table->times = NULL;
    table->values = NULL;
}

/* continuous times are embedded by frequencies that are parameters, the first of them */
void mdp_time_table_refresh(struct mdp_time_table *table, const struct mdp_denoiser *net, const float *params) {
    const double *times = table->times != NULL ? table->times : net->times;
    for (int i = 0; net->kind == MDP_DENOISER_UNET && i < table->n; i++)
        mdp_fourier_embedding(net->n_emb, params, times[i], table->cache.x + (long)i * net->n_emb);
    table->values = mdp_mlp_forward(&net->time, params, table->n, &table->cache);
}

void mdp_time_table_backward(struct mdp_time_table *table, const struct mdp_denoiser *net, const float *params,
                             const float *d_values, float *grads) {
    mdp_mlp_backward(&net->time, params, table->n, &table->cache, d_values, grads, NULL);
}

static mdp_err alloc_unet(struct mdp_denoiser_cache *cache, const struct mdp_denoiser *net, int max_rows) {
    mdp_err err;
    unsigned long n = (unsigned long)max_rows * (unsigned long)net->n_emb;
    MDP_TRY(mdp_unet_cache_alloc(&cache->unet, &net->unet, max_rows));
    MDP_TRY(mdp_mlp_cache_alloc(&cache->observed, &net->condition, max_rows, NULL));
    MDP_TRY(mdp_calloc(&cache->condition, n, sizeof(float), "conditions"));
    MDP_TRY(mdp_calloc(&cache->d_condition, n, sizeof(float), "conditions"));
out:
    return err;
}

mdp_err mdp_denoiser_cache_alloc(struct mdp_denoiser_cache *cache, const struct mdp_denoiser *net, int max_rows,
                                 struct mdp_products *products) {
    mdp_err err;
    unsigned long rows = (unsigned long)max_rows;
    memset(cache, 0, sizeof *cache);
    if (net->kind == MDP_DENOISER_UNET)
        MDP_TRY(alloc_unet(cache, net, max_rows));
    else if (net->kind == MDP_DENOISER_RESNET)
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
    mdp_unet_cache_free(&cache->unet);
    mdp_mlp_cache_free(&cache->observed);
    free(cache->condition);
    free(cache->d_condition);
    free(cache->time);
    free(cache->d_in);
    memset(cache, 0, sizeof *cache);
}

mdp_err mdp_denoiser_products_plan(const struct mdp_denoiser *net, int n_rows, struct mdp_products *products) {
    if (net->kind == MDP_DENOISER_UNET && products != NULL)
        return mdp_fail(MDP_E_USAGE, "training: precision: expected float32 for a denoiser of kind %s, found bfloat16",
                        mdp_denoiser_kind_name(net->kind));
    if (net->kind == MDP_DENOISER_UNET) return MDP_OK;
    if (net->kind == MDP_DENOISER_RESNET) return mdp_resnet_plan(&net->resnet, n_rows, products);
    return mdp_mlp_plan(&net->body, n_rows, products);
}

static const float *forward_unet(const struct mdp_denoiser *net, const float *params,
                                 const struct mdp_time_table *table, int n_rows, const float *x, const float *obs,
                                 struct mdp_denoiser_cache *cache) {
    long e = net->n_emb;
    memcpy(cache->observed.x, obs, (size_t)n_rows * (size_t)net->n_obs * sizeof *obs);
    const float *observed = mdp_mlp_forward(&net->condition, params, n_rows, &cache->observed);
    for (long i = 0; i < n_rows; i++) {
        const float *time = table->values + cache->time[i] * e;
        float share = cache->mask != NULL ? cache->mask[i] : 1.0f;
        for (long j = 0; j < e; j++) cache->condition[i * e + j] = time[j] + share * observed[i * e + j];
    }
    return mdp_unet_forward(&net->unet, params, n_rows, x, cache->condition, &cache->unet);
}

/* the input row is [action, time, observation] */
const float *mdp_denoiser_forward(const struct mdp_denoiser *net, const float *params,
                                  const struct mdp_time_table *table, int n_rows, const float *x, const float *obs,
                                  struct mdp_denoiser_cache *cache) {
    size_t a = (size_t)net->n_act, e = (size_t)net->n_emb, o = (size_t)net->n_obs;
    if (net->kind == MDP_DENOISER_UNET) return forward_unet(net, params, table, n_rows, x, obs, cache);
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

static void backward_unet(const struct mdp_denoiser *net, const float *params, int n_rows, const float *d_out,
                          struct mdp_denoiser_cache *cache, float *grads, float *d_table, float *d_x) {
    long e = net->n_emb;
    mdp_unet_backward(&net->unet, params, n_rows, d_out, &cache->unet, grads, cache->d_condition, d_x);
    for (long i = 0; i < n_rows; i++) {
        float *time = d_table + cache->time[i] * e, *row = cache->d_condition + i * e;
        for (long j = 0; j < e; j++) time[j] += row[j];
        for (long j = 0; cache->mask != NULL && j < e; j++) row[j] *= cache->mask[i];
    }
    if (grads != NULL)
        mdp_mlp_backward(&net->condition, params, n_rows, &cache->observed, cache->d_condition, grads, NULL);
}

void mdp_denoiser_backward(const struct mdp_denoiser *net, const float *params, int n_rows, const float *d_out,
                           struct mdp_denoiser_cache *cache, float *grads, float *d_table, float *d_x) {
    int a = net->n_act, e = net->n_emb, n_in = net->n_in;
    if (net->kind == MDP_DENOISER_UNET) {
        backward_unet(net, params, n_rows, d_out, cache, grads, d_table, d_x);
        return;
    }
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
