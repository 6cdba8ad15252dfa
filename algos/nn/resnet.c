#include "algos/nn/resnet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algos/nn/activation.h"
#include "algos/nn/gemm.h"
#include "base/clones.h"

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
        MDP_TRY(mdp_calloc(&cache->slope[k], MDP_RESNET_WIDER * n, sizeof(float), what));
        MDP_TRY(mdp_calloc(&cache->y[k], MDP_RESNET_WIDER * n, sizeof(float), what));
        MDP_TRY(mdp_calloc(&cache->d_normed[k], n, sizeof(float), what));
    }
    for (int k = 0; k <= net->n_blocks; k++) MDP_TRY(mdp_calloc(&cache->d_h[k], n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&cache->branch, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&cache->d_wide, MDP_RESNET_WIDER * n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&cache->d_out, rows * (unsigned long)net->n_out, sizeof(float), what));
    return MDP_OK;
out:
    mdp_resnet_cache_free(cache);
    return err;
}

void mdp_resnet_cache_free(struct mdp_resnet_cache *cache) {
    for (int k = 0; k < MDP_RESNET_MAX; k++) {
        void *blocks[] = {cache->xhat[k],  cache->inverse[k], cache->normed[k],
                          cache->slope[k], cache->y[k],       cache->d_normed[k]};
        for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    }
    for (int k = 0; k <= MDP_RESNET_MAX; k++) free(cache->d_h[k]);
    void *blocks[] = {cache->x, cache->h, cache->out, cache->branch, cache->d_wide, cache->d_out};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    memset(cache, 0, sizeof *cache);
}

/* --- rows -------------------------------------------------------------------------------------------------------- */

/* which elements of a row of a block's branch are kept; NULL: all */
static const uint8_t *kept_of(struct mdp_dropout dropout, int k, long at) {
    return dropout.start != NULL ? dropout.start + k * dropout.stride + at : NULL;
}

static float scale_of(struct mdp_dropout dropout) { return (float)(1.0 / (1.0 - dropout.rate)); }

/* y = x where kept, scaled, else 0 */
MDP_CLONES static void drop_row(int n, const uint8_t *keep, float scale, const float *x, float *y) {
#pragma omp simd
    for (int j = 0; j < n; j++) y[j] = x[j] * ((float)keep[j] * scale);
}

/* h += branch + bias */
MDP_CLONES static void add_branch_row(int n, const float *branch, const float *bias, float *h) {
#pragma omp simd
    for (int j = 0; j < n; j++) h[j] += branch[j] + bias[j];
}

/* sum = a + b */
MDP_CLONES static void add_rows(int n, const float *a, const float *b, float *sum) {
#pragma omp simd
    for (int j = 0; j < n; j++) sum[j] = a[j] + b[j];
}

/* --- the network ------------------------------------------------------------------------------------------------- */

/* a row at a time stays in the first-level cache, here and on the way back */
static void enter_branch(const struct mdp_resnet *net, const float *params, int n_rows, int k,
                         struct mdp_resnet_cache *cache) {
    const struct mdp_resnet_block *block = &net->blocks[k];
    int width = net->width;
    float scale = scale_of(cache->dropout);
    for (long r = 0, at = 0; r < n_rows; r++, at += width) {
        const uint8_t *keep = kept_of(cache->dropout, k, at);
        float *xhat = cache->xhat[k] + at;
        if (keep != NULL) drop_row(width, keep, scale, cache->h + at, xhat);
        mdp_norm_forward(1, width, keep != NULL ? xhat : cache->h + at, params + block->norm_weight,
                         params + block->norm_bias, xhat, cache->inverse[k] + r, cache->normed[k] + at);
    }
}

static void block_forward(const struct mdp_resnet *net, const float *params, int n_rows, int k,
                          struct mdp_resnet_cache *cache) {
    const struct mdp_resnet_block *block = &net->blocks[k];
    int width = net->width, wide = MDP_RESNET_WIDER * width;
    enter_branch(net, params, n_rows, k, cache);
    mdp_gemm_forward(n_rows, wide, width, cache->normed[k], params + block->up_weight, cache->slope[k]);
    mdp_activation_forward(MDP_ACT_MISH, n_rows, wide, params + block->up_bias, cache->slope[k], cache->slope[k],
                           cache->y[k]);
    mdp_gemm_forward(n_rows, width, wide, cache->y[k], params + block->down_weight, cache->branch);
    for (long at = 0; at < (long)n_rows * width; at += width)
        add_branch_row(width, cache->branch + at, params + block->down_bias, cache->h + at);
}

const float *mdp_resnet_forward(const struct mdp_resnet *net, const float *params, int n_rows,
                                struct mdp_dropout dropout, struct mdp_resnet_cache *cache) {
    cache->dropout = dropout;
    mdp_gemm_forward(n_rows, net->width, net->n_in, cache->x, params + net->in_weight, cache->h);
    mdp_activation_forward(MDP_ACT_NONE, n_rows, net->width, params + net->in_bias, cache->h, NULL, cache->h);
    for (int k = 0; k < net->n_blocks; k++) block_forward(net, params, n_rows, k, cache);
    mdp_gemm_forward(n_rows, net->n_out, net->width, cache->h, params + net->out_weight, cache->out);
    mdp_activation_forward(MDP_ACT_NONE, n_rows, net->n_out, params + net->out_bias, cache->out, NULL, cache->out);
    return cache->out;
}

/* d_h of the block's input is that of its output and the branch's share */
static void leave_branch(const struct mdp_resnet *net, const float *params, int n_rows, int k,
                         struct mdp_resnet_cache *cache) {
    int width = net->width;
    float scale = scale_of(cache->dropout), *share = cache->branch;
    for (long r = 0, at = 0; r < n_rows; r++, at += width) {
        const uint8_t *keep = kept_of(cache->dropout, k, at);
        mdp_norm_backward(1, width, cache->d_normed[k] + at, cache->xhat[k] + at, cache->inverse[k] + r,
                          params + net->blocks[k].norm_weight, share);
        if (keep != NULL) drop_row(width, keep, scale, share, share);
        add_rows(width, cache->d_h[k + 1] + at, share, cache->d_h[k] + at);
    }
}

static void block_backward(const struct mdp_resnet *net, const float *params, int n_rows, int k,
                           struct mdp_resnet_cache *cache) {
    const struct mdp_resnet_block *block = &net->blocks[k];
    int width = net->width, wide = MDP_RESNET_WIDER * width;
    float *d_z = cache->slope[k];
    mdp_gemm_backward_input(n_rows, width, wide, cache->d_h[k + 1], params + block->down_weight, cache->d_wide);
    mdp_activation_backward(MDP_ACT_MISH, (long)n_rows * wide, d_z, cache->d_wide, d_z);
    mdp_gemm_backward_input(n_rows, wide, width, d_z, params + block->up_weight, cache->d_normed[k]);
    leave_branch(net, params, n_rows, k, cache);
}

void mdp_resnet_backward(const struct mdp_resnet *net, const float *params, int n_rows, struct mdp_resnet_cache *cache,
                         const float *d_out, float *grads, float *d_in) {
    memcpy(cache->d_out, d_out, (size_t)n_rows * (size_t)net->n_out * sizeof *d_out);
    mdp_gemm_backward_input(n_rows, net->n_out, net->width, d_out, params + net->out_weight, cache->d_h[net->n_blocks]);
    for (int k = net->n_blocks - 1; k >= 0; k--) block_backward(net, params, n_rows, k, cache);
    if (d_in != NULL)
        mdp_gemm_backward_input(n_rows, net->width, net->n_in, cache->d_h[0], params + net->in_weight, d_in);
    if (grads == NULL) return;
    struct mdp_gradient_term terms[MDP_GRADIENT_TERMS_MAX];
    mdp_gradient_accumulate(terms, mdp_resnet_terms(net, cache, terms), n_rows, grads);
}

int mdp_resnet_terms(const struct mdp_resnet *net, const struct mdp_resnet_cache *cache,
                     struct mdp_gradient_term *terms) {
    int n = 0, width = net->width, wide = MDP_RESNET_WIDER * width;
    terms[n++] = (struct mdp_gradient_term){net->in_weight, net->in_bias, net->n_in, width, cache->x, cache->d_h[0]};
    for (int k = 0; k < net->n_blocks; k++) {
        const struct mdp_resnet_block *b = &net->blocks[k];
        const struct mdp_gradient_term of_block[] = {
            {b->norm_weight, b->norm_bias, 0, width, cache->xhat[k], cache->d_normed[k]},
            {b->up_weight, b->up_bias, width, wide, cache->normed[k], cache->slope[k]},
            {b->down_weight, b->down_bias, wide, width, cache->y[k], cache->d_h[k + 1]}};
        for (int i = 0; i < 3; i++) terms[n++] = of_block[i];
    }
    terms[n++] = (struct mdp_gradient_term){net->out_weight, net->out_bias, width, net->n_out, cache->h, cache->d_out};
    return n;
}
