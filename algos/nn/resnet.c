#include "algos/nn/resnet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algos/nn/activation.h"
#include "algos/nn/gemm.h"

void mdp_resnet_build(struct mdp_resnet *net, struct mdp_layout *layout, int n_in, int width, int n_blocks, int n_out) {
    char prefix[32];
    *net = (struct mdp_resnet){.n_in = n_in, .n_out = n_out, .width = width, .n_blocks = n_blocks};
    net->in_weight = mdp_layout_add_linear(layout, "", "affine_in", width, n_in);
    net->in_bias = net->in_weight + (long)width * n_in;
    for (int k = 0; k < n_blocks; k++) {
        struct mdp_resnet_block *block = &net->blocks[k];
        snprintf(prefix, sizeof prefix, "ln_resnet.%d.net.", k);
        block->norm_weight = mdp_layout_add_norm(layout, prefix, "1", width);
        block->norm_bias = block->norm_weight + width;
        block->up_weight = mdp_layout_add_linear(layout, prefix, "2", MDP_RESNET_WIDER * width, width);
        block->up_bias = block->up_weight + (long)MDP_RESNET_WIDER * width * width;
        block->down_weight = mdp_layout_add_linear(layout, prefix, "4", width, MDP_RESNET_WIDER * width);
        block->down_bias = block->down_weight + (long)MDP_RESNET_WIDER * width * width;
    }
    net->out_weight = mdp_layout_add_linear(layout, "", "affine_out", n_out, width);
    net->out_bias = net->out_weight + (long)n_out * width;
}

mdp_err mdp_resnet_cache_alloc(struct mdp_resnet_cache *cache, const struct mdp_resnet *net, int max_rows) {
    mdp_err err;
    unsigned long rows = (unsigned long)max_rows, n = rows * (unsigned long)net->width;
    const char *what = "residual network";
    memset(cache, 0, sizeof *cache);
    cache->max_rows = max_rows;
    MDP_TRY(mdp_calloc(&cache->x, rows * (unsigned long)net->n_in, sizeof(float), what));
    MDP_TRY(mdp_calloc(&cache->h, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&cache->out, rows * (unsigned long)net->n_out, sizeof(float), what));
    for (int k = 0; k < net->n_blocks; k++) {
        MDP_TRY(mdp_calloc(&cache->xhat[k], n, sizeof(float), what));
        MDP_TRY(mdp_calloc(&cache->inverse[k], rows, sizeof(float), what));
        MDP_TRY(mdp_calloc(&cache->normed[k], n, sizeof(float), what));
        MDP_TRY(mdp_calloc(&cache->z[k], MDP_RESNET_WIDER * n, sizeof(float), what));
        MDP_TRY(mdp_calloc(&cache->y[k], MDP_RESNET_WIDER * n, sizeof(float), what));
    }
    MDP_TRY(mdp_calloc(&cache->branch, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&cache->d_h, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&cache->d_wide, MDP_RESNET_WIDER * n, sizeof(float), what));
    return MDP_OK;
out:
    mdp_resnet_cache_free(cache);
    return err;
}

void mdp_resnet_cache_free(struct mdp_resnet_cache *cache) {
    for (int k = 0; k < MDP_RESNET_MAX; k++) {
        void *blocks[] = {cache->xhat[k], cache->inverse[k], cache->normed[k], cache->z[k], cache->y[k]};
        for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    }
    void *blocks[] = {cache->x, cache->h, cache->out, cache->branch, cache->d_h, cache->d_wide};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    memset(cache, 0, sizeof *cache);
}

/* --- one linear layer -------------------------------------------------------------------------------------------- */

/* y = x w^T + b for a layer at offsets */
static void linear(const float *params, long weight, long bias, int n_rows, int n_out, int n_in, const float *x,
                   float *y) {
    mdp_gemm_forward(n_rows, n_out, n_in, x, params + weight, y);
    mdp_bias_forward(n_rows, n_out, params + bias, y);
}

/* its gradients; d_x nullable, written */
static void linear_backward(const float *params, float *grads, long weight, long bias, int n_rows, int n_out, int n_in,
                            const float *x, const float *d_y, float *d_x) {
    if (grads != NULL) {
        mdp_gemm_backward_weight(n_rows, n_out, n_in, d_y, x, grads + weight);
        mdp_bias_backward(n_rows, n_out, d_y, grads + bias);
    }
    if (d_x != NULL) mdp_gemm_backward_input(n_rows, n_out, n_in, d_y, params + weight, d_x);
}

/* --- dropout ----------------------------------------------------------------------------------------------------- */

/* y = x where kept, scaled, else 0; without masks a copy. y may be x */
static void drop(struct mdp_dropout dropout, int k, long n, const float *x, float *y) {
    if (dropout.start == NULL) {
        if (y != x) memcpy(y, x, (size_t)n * sizeof *y);
        return;
    }
    const uint8_t *keep = dropout.start + k * dropout.stride;
    float scale = (float)(1.0 / (1.0 - dropout.rate));
    for (long j = 0; j < n; j++) y[j] = x[j] * ((float)keep[j] * scale);
}

/* --- the network ------------------------------------------------------------------------------------------------- */

static void block_forward(const struct mdp_resnet *net, const float *params, int n_rows, int k,
                          struct mdp_resnet_cache *cache) {
    const struct mdp_resnet_block *block = &net->blocks[k];
    int width = net->width, wide = MDP_RESNET_WIDER * width;
    long n = (long)n_rows * width;
    drop(cache->dropout, k, n, cache->h, cache->xhat[k]);
    mdp_norm_forward(n_rows, width, cache->xhat[k], params + block->norm_weight, params + block->norm_bias,
                     cache->xhat[k], cache->inverse[k], cache->normed[k]);
    linear(params, block->up_weight, block->up_bias, n_rows, wide, width, cache->normed[k], cache->z[k]);
    mdp_activation_forward(MDP_ACT_MISH, (long)n_rows * wide, cache->z[k], cache->y[k]);
    linear(params, block->down_weight, block->down_bias, n_rows, width, wide, cache->y[k], cache->branch);
    for (long j = 0; j < n; j++) cache->h[j] += cache->branch[j];
}

const float *mdp_resnet_forward(const struct mdp_resnet *net, const float *params, int n_rows,
                                struct mdp_dropout dropout, struct mdp_resnet_cache *cache) {
    cache->dropout = dropout;
    linear(params, net->in_weight, net->in_bias, n_rows, net->width, net->n_in, cache->x, cache->h);
    for (int k = 0; k < net->n_blocks; k++) block_forward(net, params, n_rows, k, cache);
    linear(params, net->out_weight, net->out_bias, n_rows, net->n_out, net->width, cache->h, cache->out);
    return cache->out;
}

/* d_h gets the branch's share added */
static void block_backward(const struct mdp_resnet *net, const float *params, int n_rows, int k,
                           struct mdp_resnet_cache *cache, float *grads) {
    const struct mdp_resnet_block *block = &net->blocks[k];
    int width = net->width, wide = MDP_RESNET_WIDER * width;
    long n = (long)n_rows * width;
    linear_backward(params, grads, block->down_weight, block->down_bias, n_rows, width, wide, cache->y[k], cache->d_h,
                    cache->d_wide);
    mdp_activation_backward(MDP_ACT_MISH, (long)n_rows * wide, cache->z[k], cache->y[k], cache->d_wide, cache->d_wide);
    linear_backward(params, grads, block->up_weight, block->up_bias, n_rows, wide, width, cache->normed[k],
                    cache->d_wide, cache->branch);
    mdp_norm_backward(n_rows, width, cache->branch, cache->xhat[k], cache->inverse[k], params + block->norm_weight,
                      grads != NULL ? grads + block->norm_weight : NULL,
                      grads != NULL ? grads + block->norm_bias : NULL, cache->branch);
    drop(cache->dropout, k, n, cache->branch, cache->branch);
    for (long j = 0; j < n; j++) cache->d_h[j] += cache->branch[j];
}

void mdp_resnet_backward(const struct mdp_resnet *net, const float *params, int n_rows, struct mdp_resnet_cache *cache,
                         const float *d_out, float *grads, float *d_in) {
    linear_backward(params, grads, net->out_weight, net->out_bias, n_rows, net->n_out, net->width, cache->h, d_out,
                    cache->d_h);
    for (int k = net->n_blocks - 1; k >= 0; k--) block_backward(net, params, n_rows, k, cache, grads);
    linear_backward(params, grads, net->in_weight, net->in_bias, n_rows, net->width, net->n_in, cache->x, cache->d_h,
                    d_in);
}
