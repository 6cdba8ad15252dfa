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
        MDP_TRY(mdp_calloc(&cache->z[i], n, sizeof(float), "layer output"));
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
        free(cache->z[i]);
        free(cache->y[i]);
        free(cache->xhat[i]);
        free(cache->inverse[i]);
    }
    free(cache->grad[0]);
    free(cache->grad[1]);
    memset(cache, 0, sizeof *cache);
}

const float *mdp_mlp_forward(const struct mdp_mlp *mlp, const float *params, int n_rows, struct mdp_mlp_cache *cache) {
    const float *x = cache->x;
    for (int i = 0; i < mlp->n_layers; i++) {
        const struct mdp_layer *layer = &mlp->layers[i];
        int n = layer->n_out;
        float *linear = layer->has_norm ? cache->xhat[i] : cache->z[i];
        mdp_gemm_forward(n_rows, n, layer->n_in, x, params + layer->weight, linear);
        mdp_bias_forward(n_rows, n, params + layer->bias, linear);
        if (layer->has_norm)
            mdp_norm_forward(n_rows, n, linear, params + layer->norm_weight, params + layer->norm_bias, cache->xhat[i],
                             cache->inverse[i], cache->z[i]);
        mdp_activation_forward(layer->act, (long)n_rows * n, cache->z[i], cache->y[i]);
        x = cache->y[i];
    }
    return x;
}

void mdp_mlp_backward(const struct mdp_mlp *mlp, const float *params, int n_rows, struct mdp_mlp_cache *cache,
                      const float *d_out, float *grads, float *d_in) {
    const float *dy = d_out;
    for (int i = mlp->n_layers - 1; i >= 0; i--) {
        const struct mdp_layer *layer = &mlp->layers[i];
        const float *x = i > 0 ? cache->y[i - 1] : cache->x;
        int n = layer->n_out;
        float *dz = cache->grad[0];
        mdp_activation_backward(layer->act, (long)n_rows * n, cache->z[i], cache->y[i], dy, dz);
        if (layer->has_norm)
            mdp_norm_backward(n_rows, n, dz, cache->xhat[i], cache->inverse[i], params + layer->norm_weight,
                              grads != NULL ? grads + layer->norm_weight : NULL,
                              grads != NULL ? grads + layer->norm_bias : NULL, dz);
        if (grads != NULL) {
            mdp_gemm_backward_weight(n_rows, n, layer->n_in, dz, x, grads + layer->weight);
            mdp_bias_backward(n_rows, n, dz, grads + layer->bias);
        }
        if (i == 0 && d_in == NULL) return;
        float *dx = i > 0 ? cache->grad[1] : d_in;
        mdp_gemm_backward_input(n_rows, n, layer->n_in, dz, params + layer->weight, dx);
        dy = dx;
    }
}
