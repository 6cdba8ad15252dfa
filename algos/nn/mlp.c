#include "algos/nn/mlp.h"

#include <stdlib.h>
#include <string.h>

#include "algos/nn/gemm.h"

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

mdp_err mdp_mlp_cache_alloc(struct mdp_mlp_cache *cache, const struct mdp_mlp *mlp, int max_rows) {
    mdp_err err;
    unsigned long rows = (unsigned long)max_rows;
    memset(cache, 0, sizeof *cache);
    cache->max_rows = max_rows;
    MDP_TRY(mdp_calloc(&cache->x, rows * (unsigned long)mlp->n_in, sizeof(float), "network input"));
    for (int i = 0; i < mlp->n_layers; i++) {
        unsigned long n = rows * (unsigned long)mlp->layers[i].n_out;
        MDP_TRY(mdp_calloc(&cache->slope[i], n, sizeof(float), "layer output"));
        MDP_TRY(mdp_calloc(&cache->y[i], n, sizeof(float), "layer output"));
        if (!mlp->layers[i].has_norm) continue;
        MDP_TRY(mdp_calloc(&cache->xhat[i], n, sizeof(float), "layer norm"));
        MDP_TRY(mdp_calloc(&cache->inverse[i], rows, sizeof(float), "layer norm"));
    }
    for (int i = 0; i < 2; i++)
        MDP_TRY(mdp_calloc(&cache->grad[i], rows * (unsigned long)mlp->width, sizeof(float), "layer gradient"));
    return MDP_OK;
out:
    mdp_mlp_cache_free(cache);
    return err;
}

void mdp_mlp_cache_free(struct mdp_mlp_cache *cache) {
    free(cache->x);
    for (int i = 0; i < MDP_MLP_MAX; i++) {
        void *blocks[] = {cache->slope[i], cache->y[i], cache->xhat[i], cache->inverse[i]};
        for (unsigned long k = 0; k < sizeof blocks / sizeof *blocks; k++) free(blocks[k]);
    }
    free(cache->grad[0]);
    free(cache->grad[1]);
    memset(cache, 0, sizeof *cache);
}

/* the linear outputs of a layer with a norm are in xhat; a row at a time stays in the first-level cache */
static void finish_with_norm(const struct mdp_layer *layer, const float *params, int n_rows, int i,
                             struct mdp_mlp_cache *cache) {
    int n = layer->n_out;
    for (long r = 0, at = 0; r < n_rows; r++, at += n) {
        float *xhat = cache->xhat[i] + at, *slope = cache->slope[i] + at;
        mdp_activation_forward(MDP_ACT_NONE, 1, n, params + layer->bias, xhat, NULL, xhat);
        mdp_norm_forward(1, n, xhat, params + layer->norm_weight, NULL, xhat, cache->inverse[i] + r, slope);
        mdp_activation_forward(layer->act, 1, n, params + layer->norm_bias, slope, slope, cache->y[i] + at);
    }
}

const float *mdp_mlp_forward(const struct mdp_mlp *mlp, const float *params, int n_rows, struct mdp_mlp_cache *cache) {
    const float *x = cache->x;
    for (int i = 0; i < mlp->n_layers; i++) {
        const struct mdp_layer *layer = &mlp->layers[i];
        float *linear = layer->has_norm ? cache->xhat[i] : cache->slope[i];
        mdp_gemm_forward(n_rows, layer->n_out, layer->n_in, x, params + layer->weight, linear);
        if (layer->has_norm)
            finish_with_norm(layer, params, n_rows, i, cache);
        else
            mdp_activation_forward(layer->act, n_rows, layer->n_out, params + layer->bias, linear, cache->slope[i],
                                   cache->y[i]);
        x = cache->y[i];
    }
    return x;
}

/* from the gradient of a layer's activations to that of its linear outputs, d_z; grads nullable */
static void unfinish(const struct mdp_layer *layer, const float *params, int n_rows, int i, const float *d_y,
                     const struct mdp_mlp_cache *cache, float *grads, float *d_z) {
    int n = layer->n_out;
    if (!layer->has_norm) {
        mdp_activation_backward(layer->act, (long)n_rows * n, cache->slope[i], d_y, d_z);
        return;
    }
    for (long r = 0, at = 0; r < n_rows; r++, at += n) {
        const float *xhat = cache->xhat[i] + at;
        mdp_activation_backward(layer->act, n, cache->slope[i] + at, d_y + at, d_z + at);
        if (grads != NULL)
            mdp_norm_gradient(1, n, d_z + at, xhat, grads + layer->norm_weight, grads + layer->norm_bias);
        mdp_norm_backward(1, n, d_z + at, xhat, cache->inverse[i] + r, params + layer->norm_weight, d_z + at);
    }
}

void mdp_mlp_backward(const struct mdp_mlp *mlp, const float *params, int n_rows, struct mdp_mlp_cache *cache,
                      const float *d_out, float *grads, float *d_in) {
    const float *d_y = d_out;
    float *d_z = cache->grad[0];
    for (int i = mlp->n_layers - 1; i >= 0; i--) {
        const struct mdp_layer *layer = &mlp->layers[i];
        const float *x = i > 0 ? cache->y[i - 1] : cache->x;
        float *d_x = i > 0 ? cache->grad[1] : d_in;
        unfinish(layer, params, n_rows, i, d_y, cache, grads, d_z);
        if (grads != NULL) {
            const struct mdp_gradient_term term = {layer->weight, layer->bias, layer->n_in, layer->n_out, x, d_z};
            mdp_gradient_accumulate(&term, 1, n_rows, grads);
        }
        if (d_x != NULL) mdp_gemm_backward_input(n_rows, layer->n_out, layer->n_in, d_z, params + layer->weight, d_x);
        d_y = d_x;
    }
}
