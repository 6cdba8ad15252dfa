#include "algos/nn/resnet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algos/nn/gemm.h"
#include "algos/nn/kernel.h"
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

/* an array of operands: the floats themselves, or n elements of their own */
static mdp_err alloc_operand(const struct mdp_resnet_cache *cache, void *out, unsigned long n, float *same) {
    void **slot = out;
    *slot = same;
    if (cache->rows->element == sizeof *same && same != NULL) return MDP_OK;
    return mdp_calloc(slot, n, cache->rows->element, "residual network");
}

static mdp_err alloc_block(struct mdp_resnet_cache *cache, int k, unsigned long rows, unsigned long n) {
    mdp_err err;
    const char *what = "residual network";
    MDP_TRY(mdp_calloc(&cache->xhat[k], n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&cache->inverse[k], rows, sizeof(float), what));
    MDP_TRY(mdp_calloc(&cache->d_normed[k], n, sizeof(float), what));
    MDP_TRY(alloc_operand(cache, &cache->normed[k], n, NULL));
    MDP_TRY(alloc_operand(cache, &cache->slope[k], MDP_RESNET_WIDER * n, NULL));
    MDP_TRY(alloc_operand(cache, &cache->y[k], MDP_RESNET_WIDER * n, NULL));
out:
    return err;
}

mdp_err mdp_resnet_cache_alloc(struct mdp_resnet_cache *cache, const struct mdp_resnet *net, int max_rows,
                               struct mdp_products *products) {
    mdp_err err;
    unsigned long rows = (unsigned long)max_rows, n = rows * (unsigned long)net->width,
                  n_in = rows * (unsigned long)net->n_in, n_out = rows * (unsigned long)net->n_out;
    const char *what = "residual network";
    memset(cache, 0, sizeof *cache);
    cache->max_rows = max_rows;
    cache->products = products;
    cache->rows = mdp_products_rows(products);
    MDP_TRY(mdp_gemm_load());
    MDP_TRY(mdp_calloc(&cache->x, n_in, sizeof(float), what));
    MDP_TRY(mdp_calloc(&cache->h, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&cache->out, n_out, sizeof(float), what));
    MDP_TRY(alloc_operand(cache, &cache->x_operand, n_in, cache->x));
    MDP_TRY(alloc_operand(cache, &cache->h_operand, n, cache->h));
    for (int k = 0; k < net->n_blocks; k++) MDP_TRY(alloc_block(cache, k, rows, n));
    for (int k = 0; k <= net->n_blocks; k++) {
        MDP_TRY(mdp_calloc(&cache->d_h[k], n, sizeof(float), what));
        MDP_TRY(alloc_operand(cache, &cache->d_h_operand[k], n, cache->d_h[k]));
    }
    MDP_TRY(mdp_calloc(&cache->branch, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&cache->wide, MDP_RESNET_WIDER * n, sizeof(float), what));
    MDP_TRY(alloc_operand(cache, &cache->d_out, n_out, NULL));
    return MDP_OK;
out:
    mdp_resnet_cache_free(cache);
    return err;
}

static void free_operand(void *operand, const float *same) {
    if (operand != same) free(operand);
}

void mdp_resnet_cache_free(struct mdp_resnet_cache *cache) {
    for (int k = 0; k < MDP_RESNET_MAX; k++) {
        void *blocks[] = {cache->xhat[k],  cache->inverse[k], cache->normed[k],
                          cache->slope[k], cache->y[k],       cache->d_normed[k]};
        for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    }
    for (int k = 0; k <= MDP_RESNET_MAX; k++) {
        free_operand(cache->d_h_operand[k], cache->d_h[k]);
        free(cache->d_h[k]);
    }
    free_operand(cache->x_operand, cache->x);
    free_operand(cache->h_operand, cache->h);
    void *blocks[] = {cache->x, cache->h, cache->out, cache->branch, cache->wide, cache->d_out};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    memset(cache, 0, sizeof *cache);
}

mdp_err mdp_resnet_plan(const struct mdp_resnet *net, int n_rows, struct mdp_products *products) {
    mdp_err err;
    int width = net->width, wide = MDP_RESNET_WIDER * width;
    const int layers[][2] = {{width, net->n_in}, {wide, width}, {width, wide}, {net->n_out, width}};
    for (int i = 0; i < 4; i++)
        MDP_TRY(mdp_products_plan(products, n_rows, layers[i][0], layers[i][1],
                                  mdp_gradient_block_rows(layers[i][0], layers[i][1])));
out:
    return err;
}

/* ---- the network ---- */

static struct mdp_row_norm norm_of(const struct mdp_resnet *net, const float *params, int k,
                                   const struct mdp_resnet_cache *cache) {
    const struct mdp_resnet_block *block = &net->blocks[k];
    return (struct mdp_row_norm){params + block->norm_weight, params + block->norm_bias, cache->xhat[k],
                                 cache->inverse[k]};
}

static struct mdp_row_mask mask_of(struct mdp_dropout dropout, int k) {
    if (dropout.start == NULL) return (struct mdp_row_mask){NULL, 1.0f};
    return (struct mdp_row_mask){dropout.start + k * dropout.stride, (float)(1.0 / (1.0 - dropout.rate))};
}

/* floats as operands, if they are none themselves */
static void round_to(const struct mdp_resnet_cache *cache, long n, const float *x, void *operands) {
    if (operands != x) cache->rows->round(n, x, operands);
}

/* h += branch + bias */
MDP_CLONES static void add_branch(int m, int n, const float *branch, const float *bias, float *h) {
    for (int i = 0; i < m; i++, branch += n, h += n) {
#pragma omp simd
        for (int j = 0; j < n; j++) h[j] += branch[j] + bias[j];
    }
}

static void block_forward(const struct mdp_resnet *net, const float *params, int n_rows, int k,
                          struct mdp_resnet_cache *cache) {
    const struct mdp_resnet_block *block = &net->blocks[k];
    const struct mdp_row_norm norm = norm_of(net, params, k, cache);
    int width = net->width, wide = MDP_RESNET_WIDER * width;
    cache->rows->branch(n_rows, width, cache->h, mask_of(cache->dropout, k), &norm, cache->normed[k]);
    mdp_product_forward(cache->products, n_rows, wide, width, cache->normed[k], params + block->up_weight, cache->wide);
    cache->rows->activate(MDP_ACT_MISH, n_rows, wide, params + block->up_bias, cache->wide, cache->slope[k],
                          cache->y[k]);
    mdp_product_forward(cache->products, n_rows, width, wide, cache->y[k], params + block->down_weight, cache->branch);
    add_branch(n_rows, width, cache->branch, params + block->down_bias, cache->h);
}

/* y = x w^T + b, floats */
static void linear(const struct mdp_resnet_cache *cache, const float *params, long weight, long bias, int n_rows,
                   int n_out, int n_in, const void *x, float *y) {
    mdp_product_forward(cache->products, n_rows, n_out, n_in, x, params + weight, y);
    mdp_kernel_best()->rows.activate(MDP_ACT_NONE, n_rows, n_out, params + bias, y, NULL, y);
}

const float *mdp_resnet_forward(const struct mdp_resnet *net, const float *params, int n_rows,
                                struct mdp_dropout dropout, struct mdp_resnet_cache *cache) {
    cache->dropout = dropout;
    round_to(cache, (long)n_rows * net->n_in, cache->x, cache->x_operand);
    linear(cache, params, net->in_weight, net->in_bias, n_rows, net->width, net->n_in, cache->x_operand, cache->h);
    for (int k = 0; k < net->n_blocks; k++) block_forward(net, params, n_rows, k, cache);
    round_to(cache, (long)n_rows * net->width, cache->h, cache->h_operand);
    linear(cache, params, net->out_weight, net->out_bias, n_rows, net->n_out, net->width, cache->h_operand, cache->out);
    return cache->out;
}

static void block_backward(const struct mdp_resnet *net, const float *params, int n_rows, int k,
                           struct mdp_resnet_cache *cache) {
    const struct mdp_resnet_block *block = &net->blocks[k];
    const struct mdp_row_norm norm = norm_of(net, params, k, cache);
    int width = net->width, wide = MDP_RESNET_WIDER * width;
    void *d_z = cache->slope[k];
    mdp_product_backward_input(cache->products, n_rows, width, wide, cache->d_h_operand[k + 1],
                               params + block->down_weight, cache->wide);
    cache->rows->activate_back(n_rows, wide, cache->slope[k], cache->wide, d_z);
    mdp_product_backward_input(cache->products, n_rows, wide, width, d_z, params + block->up_weight,
                               cache->d_normed[k]);
    cache->rows->branch_back(n_rows, width, cache->d_normed[k], cache->d_h[k + 1], mask_of(cache->dropout, k), &norm,
                             cache->d_h[k], cache->d_h_operand[k]);
}

void mdp_resnet_backward(const struct mdp_resnet *net, const float *params, int n_rows, struct mdp_resnet_cache *cache,
                         const float *d_out, float *grads, float *d_in) {
    int n_blocks = net->n_blocks, width = net->width;
    cache->rows->round((long)n_rows * net->n_out, d_out, cache->d_out);
    mdp_product_backward_input(cache->products, n_rows, net->n_out, width, cache->d_out, params + net->out_weight,
                               cache->d_h[n_blocks]);
    round_to(cache, (long)n_rows * width, cache->d_h[n_blocks], cache->d_h_operand[n_blocks]);
    for (int k = n_blocks - 1; k >= 0; k--) block_backward(net, params, n_rows, k, cache);
    if (d_in != NULL)
        mdp_product_backward_input(cache->products, n_rows, width, net->n_in, cache->d_h_operand[0],
                                   params + net->in_weight, d_in);
    if (grads == NULL) return;
    struct mdp_gradient_term terms[MDP_GRADIENT_TERMS_MAX];
    mdp_gradient_accumulate(cache->products, terms, mdp_resnet_terms(net, cache, terms), n_rows, grads);
}

int mdp_resnet_terms(const struct mdp_resnet *net, const struct mdp_resnet_cache *cache,
                     struct mdp_gradient_term *terms) {
    int n = 0, width = net->width, wide = MDP_RESNET_WIDER * width;
    terms[n++] = (struct mdp_gradient_term){net->in_weight, net->in_bias,     net->n_in,
                                            width,          cache->x_operand, cache->d_h_operand[0]};
    for (int k = 0; k < net->n_blocks; k++) {
        const struct mdp_resnet_block *b = &net->blocks[k];
        const struct mdp_gradient_term of_block[] = {
            {b->norm_weight, b->norm_bias, 0, width, cache->xhat[k], cache->d_normed[k]},
            {b->up_weight, b->up_bias, width, wide, cache->normed[k], cache->slope[k]},
            {b->down_weight, b->down_bias, wide, width, cache->y[k], cache->d_h_operand[k + 1]}};
        for (int i = 0; i < 3; i++) terms[n++] = of_block[i];
    }
    terms[n++] =
        (struct mdp_gradient_term){net->out_weight, net->out_bias, width, net->n_out, cache->h_operand, cache->d_out};
    return n;
}
