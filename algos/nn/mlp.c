#include "algos/nn/mlp.h"

#include <stdlib.h>
#include <string.h>

#include "algos/nn/gemm.h"
#include "algos/nn/kernel.h"

void mdp_mlp_build(struct mdp_mlp *mlp, struct mdp_layout *layout, const char *prefix, int n_in,
                   const struct mdp_layer_spec *layers, int n_layers) {
    *mlp = (struct mdp_mlp){.n_layers = n_layers, .n_in = n_in, .width = n_in};
    for (int i = 0; i < n_layers; i++) {
        struct mdp_layer *layer = &mlp->layers[i];
        layer->n_in = n_in;
        layer->n_out = layers[i].n_out;
        layer->act = layers[i].act;
        layer->has_norm = layers[i].norm != NULL;
        layer->weight = mdp_layout_add_linear(layout, prefix, layers[i].name, layer->n_out, n_in);
        layer->bias = layer->weight + (long)layer->n_out * n_in;
        if (layer->has_norm) {
            layer->norm_weight = mdp_layout_add_norm(layout, prefix, layers[i].norm, layer->n_out);
            layer->norm_bias = layer->norm_weight + layer->n_out;
        }
        n_in = layer->n_out;
        if (n_in > mlp->width) mlp->width = n_in;
    }
    mlp->n_out = n_in;
}

static mdp_err alloc_layer(struct mdp_mlp_cache *cache, const struct mdp_layer *layer, int i, unsigned long rows) {
    mdp_err err = MDP_OK;
    unsigned long n_in = rows * (unsigned long)layer->n_in, n_out = rows * (unsigned long)layer->n_out,
                  element = cache->rows->element;
    if (i == 0 && element == sizeof *cache->x)
        cache->operands[0] = cache->x;
    else
        MDP_TRY(mdp_calloc(&cache->operands[i], n_in, element, "layer input"));
    if (layer->act != MDP_ACT_NONE || layer->has_norm)
        MDP_TRY(mdp_calloc(&cache->slope[i], n_out, element, "layer output"));
    if (!layer->has_norm) goto out;
    MDP_TRY(mdp_calloc(&cache->xhat[i], n_out, sizeof(float), "layer norm"));
    MDP_TRY(mdp_calloc(&cache->inverse[i], rows, sizeof(float), "layer norm"));
out:
    return err;
}

mdp_err mdp_mlp_cache_alloc(struct mdp_mlp_cache *cache, const struct mdp_mlp *mlp, int max_rows,
                            struct mdp_products *products) {
    mdp_err err;
    unsigned long rows = (unsigned long)max_rows, n = rows * (unsigned long)mlp->width;
    memset(cache, 0, sizeof *cache);
    cache->max_rows = max_rows;
    cache->products = products;
    cache->rows = mdp_products_rows(products);
    MDP_TRY(mdp_gemm_load());
    MDP_TRY(mdp_calloc(&cache->x, rows * (unsigned long)mlp->n_in, sizeof(float), "network input"));
    for (int i = 0; i < mlp->n_layers; i++) MDP_TRY(alloc_layer(cache, &mlp->layers[i], i, rows));
    MDP_TRY(mdp_calloc(&cache->out, rows * (unsigned long)mlp->n_out, sizeof(float), "network output"));
    MDP_TRY(mdp_calloc(&cache->z, n, sizeof(float), "layer output"));
    MDP_TRY(mdp_calloc(&cache->d_x, n, sizeof(float), "layer gradient"));
    MDP_TRY(mdp_calloc(&cache->d_z, n, cache->rows->element, "layer gradient"));
    return MDP_OK;
out:
    mdp_mlp_cache_free(cache);
    return err;
}

void mdp_mlp_cache_free(struct mdp_mlp_cache *cache) {
    if (cache->operands[0] == cache->x) cache->operands[0] = NULL;
    for (int i = 0; i < MDP_MLP_MAX; i++) {
        void *blocks[] = {cache->operands[i], cache->slope[i], cache->xhat[i], cache->inverse[i]};
        for (unsigned long k = 0; k < sizeof blocks / sizeof *blocks; k++) free(blocks[k]);
    }
    void *blocks[] = {cache->x, cache->out, cache->z, cache->d_x, cache->d_z};
    for (unsigned long k = 0; k < sizeof blocks / sizeof *blocks; k++) free(blocks[k]);
    memset(cache, 0, sizeof *cache);
}

mdp_err mdp_mlp_plan(const struct mdp_mlp *mlp, int n_rows, struct mdp_products *products) {
    mdp_err err = MDP_OK;
    for (int i = 0; i < mlp->n_layers; i++) {
        const struct mdp_layer *layer = &mlp->layers[i];
        MDP_TRY(mdp_products_plan(products, n_rows, layer->n_out, layer->n_in, layer->n_out));
    }
out:
    return err;
}

static struct mdp_row_norm norm_of(const struct mdp_layer *layer, const float *params, int i,
                                   const struct mdp_mlp_cache *cache) {
    return (struct mdp_row_norm){params + layer->norm_weight, params + layer->norm_bias, cache->xhat[i],
                                 cache->inverse[i]};
}

const float *mdp_mlp_forward(const struct mdp_mlp *mlp, const float *params, int n_rows, struct mdp_mlp_cache *cache) {
    const struct mdp_rows *rows = cache->rows;
    if (cache->operands[0] != cache->x) rows->round((long)n_rows * mlp->n_in, cache->x, cache->operands[0]);
    for (int i = 0; i < mlp->n_layers; i++) {
        const struct mdp_layer *layer = &mlp->layers[i];
        int n = layer->n_out, is_last = i == mlp->n_layers - 1;
        const struct mdp_row_norm norm = norm_of(layer, params, i, cache);
        const float *bias = params + layer->bias;
        float *z = layer->has_norm ? cache->xhat[i] : cache->z;
        mdp_product_forward(cache->products, n_rows, n, layer->n_in, cache->operands[i], params + layer->weight, z);
        if (is_last)
            mdp_kernel_best()->rows.activate(MDP_ACT_NONE, n_rows, n, bias, z, NULL, cache->out);
        else if (layer->has_norm)
            rows->norm_activate(layer->act, n_rows, n, bias, &norm, cache->slope[i], cache->operands[i + 1]);
        else
            rows->activate(layer->act, n_rows, n, bias, z, cache->slope[i], cache->operands[i + 1]);
    }
    return cache->out;
}

/* from the gradient of a layer's activations to that of its linear outputs, with those of its vectors; grads nullable
 */
static void unfinish(const struct mdp_layer *layer, const float *params, int n_rows, int i, const float *d_y,
                     struct mdp_mlp_cache *cache, float *grads) {
    const struct mdp_rows *rows = cache->rows;
    const struct mdp_row_norm norm = norm_of(layer, params, i, cache);
    int n = layer->n_out;
    if (layer->has_norm)
        rows->norm_activate_back(n_rows, n, cache->slope[i], d_y, &norm, cache->z, cache->d_z);
    else if (layer->act != MDP_ACT_NONE)
        rows->activate_back(n_rows, n, cache->slope[i], d_y, cache->d_z);
    else
        rows->round((long)n_rows * n, d_y, cache->d_z);
    if (grads == NULL) return;
    if (layer->has_norm)
        rows->add_norm(n_rows, n, cache->z, norm.xhat, grads + layer->norm_weight, grads + layer->norm_bias);
    rows->add_columns(n_rows, n, cache->d_z, grads + layer->bias);
}

void mdp_mlp_backward(const struct mdp_mlp *mlp, const float *params, int n_rows, struct mdp_mlp_cache *cache,
                      const float *d_out, float *grads, float *d_in) {
    const float *d_y = d_out;
    for (int i = mlp->n_layers - 1; i >= 0; i--) {
        const struct mdp_layer *layer = &mlp->layers[i];
        float *d_x = i > 0 ? cache->d_x : d_in;
        unfinish(layer, params, n_rows, i, d_y, cache, grads);
        if (grads != NULL)
            mdp_product_backward_weight(cache->products, n_rows, layer->n_out, layer->n_in, cache->d_z, layer->n_out,
                                        cache->operands[i], 1, grads + layer->weight);
        if (d_x != NULL)
            mdp_product_backward_input(cache->products, n_rows, layer->n_out, layer->n_in, cache->d_z,
                                       params + layer->weight, d_x);
        d_y = d_x;
    }
}
