#include "algos/nn/unet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algos/nn/gemm.h"
#include "algos/nn/kernel.h"

enum { MIDDLE = MDP_UNET_LEVELS };

/* ---- description ---- */

static struct mdp_unet_linear add_linear(struct mdp_layout *layout, const char *prefix, const char *name, int n_out,
                                         int n_in) {
    long weight = mdp_layout_add_linear(layout, prefix, name, n_out, n_in);
    return (struct mdp_unet_linear){n_in, n_out, weight, weight + (long)n_out * n_in};
}

static void add_block(struct mdp_unet *net, struct mdp_layout *layout, int i, const char *name, int n_in, int n_out) {
    struct mdp_unet_block *b = &net->blocks[i];
    char prefix[32];
    snprintf(prefix, sizeof prefix, "%s.", name);
    b->first = add_linear(layout, prefix, "linear1.0", n_out, n_in);
    b->second = add_linear(layout, prefix, "linear2.0", n_out, n_out);
    b->condition = add_linear(layout, prefix, "linearc", n_out, net->n_condition);
    if (n_in != n_out) b->skip = add_linear(layout, prefix, "skip", n_out, n_in);
}

void mdp_unet_build(struct mdp_unet *net, struct mdp_layout *layout, int n_in, int n_condition,
                    const int widths[MDP_UNET_LEVELS], int n_out) {
    *net = (struct mdp_unet){.n_in = n_in, .n_out = n_out, .n_condition = n_condition};
    memcpy(net->widths, widths, sizeof net->widths);
    add_block(net, layout, 0, "down_blocks.0", n_in, widths[0]);
    add_block(net, layout, 1, "down_blocks.1", widths[0], widths[1]);
    add_block(net, layout, 2, "down_blocks.2", widths[1], widths[2]);
    add_block(net, layout, MIDDLE + 1, "up_blocks.0", 2 * widths[2], widths[1]);
    add_block(net, layout, MIDDLE + 2, "up_blocks.1", 2 * widths[1], widths[0]);
    add_block(net, layout, MIDDLE, "mid_block", widths[2], widths[2]);
    net->out = add_linear(layout, "", "out_layer", n_out, widths[0]);
}

int mdp_unet_seen_by(int i) { return i > MIDDLE ? 2 * MDP_UNET_LEVELS - i : -1; }

static int widest(const struct mdp_unet *net) {
    int n = net->n_in > net->n_condition ? net->n_in : net->n_condition;
    for (int i = 0; i < MDP_UNET_BLOCKS; i++) {
        const struct mdp_unet_linear *first = &net->blocks[i].first;
        if (first->n_in > n) n = first->n_in;
        if (first->n_out > n) n = first->n_out;
    }
    return n;
}

/* ---- memory ---- */

mdp_err mdp_unet_cache_alloc(struct mdp_unet_cache *cache, const struct mdp_unet *net, int max_rows) {
    mdp_err err;
    unsigned long rows = (unsigned long)max_rows, n_widest = rows * (unsigned long)widest(net);
    const char *what = "network activations";
    memset(cache, 0, sizeof *cache);
    cache->max_rows = max_rows;
    MDP_TRY(mdp_gemm_load());
    for (int i = 0; i < MDP_UNET_BLOCKS; i++) {
        struct mdp_unet_kept *kept = &cache->kept[i];
        const struct mdp_unet_linear *first = &net->blocks[i].first;
        unsigned long n = rows * (unsigned long)first->n_out;
        float **arrays[] = {&kept->slope1, &kept->slope2, &kept->h, &kept->y};
        for (int k = 0; k < 4; k++) MDP_TRY(mdp_calloc(arrays[k], n, sizeof(float), what));
        if (mdp_unet_seen_by(i) >= 0)
            MDP_TRY(mdp_calloc(&kept->x, rows * (unsigned long)first->n_in, sizeof(float), what));
    }
    MDP_TRY(mdp_calloc(&cache->out, rows * (unsigned long)net->n_out, sizeof(float), what));
    float **gradients[] = {&cache->d_y, &cache->d_h, &cache->d_x, &cache->d_more};
    for (int k = 0; k < 4; k++) MDP_TRY(mdp_calloc(gradients[k], n_widest, sizeof(float), what));
    for (int i = 0; i < MDP_UNET_LEVELS - 1; i++)
        MDP_TRY(mdp_calloc(&cache->d_seen[i], rows * (unsigned long)net->widths[i + 1], sizeof(float), what));
    return MDP_OK;
out:
    mdp_unet_cache_free(cache);
    return err;
}

void mdp_unet_cache_free(struct mdp_unet_cache *cache) {
    for (int i = 0; i < MDP_UNET_BLOCKS; i++) {
        struct mdp_unet_kept *kept = &cache->kept[i];
        float *arrays[] = {kept->x, kept->slope1, kept->slope2, kept->h, kept->y};
        for (int k = 0; k < 5; k++) free(arrays[k]);
    }
    float *arrays[] = {cache->out, cache->d_y, cache->d_h, cache->d_x, cache->d_more};
    for (int k = 0; k < 5; k++) free(arrays[k]);
    for (int i = 0; i < MDP_UNET_LEVELS - 1; i++) free(cache->d_seen[i]);
    memset(cache, 0, sizeof *cache);
}

/* ---- forward ---- */

/* y = x W^T, without the bias */
static void multiply(const struct mdp_unet_linear *l, const float *params, int n_rows, const float *x, float *y) {
    mdp_gemm_forward(n_rows, l->n_out, l->n_in, x, params + l->weight, y);
}

/* y += x W^T + b by way of more */
static void add_product(const struct mdp_unet_linear *l, const float *params, int n_rows, const float *x, float *more,
                        float *y) {
    const float *bias = params + l->bias;
    multiply(l, params, n_rows, x, more);
    for (long r = 0; r < n_rows; r++)
        for (long j = 0; j < l->n_out; j++) y[r * l->n_out + j] += more[r * l->n_out + j] + bias[j];
}

static void forward_block(const struct mdp_unet_block *b, const float *params, int n_rows, const float *x,
                          struct mdp_unet_kept *kept, struct mdp_unet_cache *cache) {
    const struct mdp_rows *rows = &mdp_kernel_best()->rows;
    int n = b->first.n_out;
    multiply(&b->first, params, n_rows, x, kept->h);
    rows->activate(MDP_ACT_SILU, n_rows, n, params + b->first.bias, kept->h, kept->slope1, kept->h);
    add_product(&b->condition, params, n_rows, cache->condition, cache->d_more, kept->h);
    multiply(&b->second, params, n_rows, kept->h, kept->y);
    rows->activate(MDP_ACT_SILU, n_rows, n, params + b->second.bias, kept->y, kept->slope2, kept->y);
    if (b->skip.n_in > 0)
        add_product(&b->skip, params, n_rows, x, cache->d_more, kept->y);
    else
        for (long j = 0; j < (long)n_rows * n; j++) kept->y[j] += x[j];
}

/* what block i is given */
static const float *input_of(const struct mdp_unet_cache *cache, int i) {
    if (cache->kept[i].x != NULL) return cache->kept[i].x;
    return i == 0 ? cache->x : cache->kept[i - 1].y;
}

/* [x, what was seen], row by row */
static void join(const struct mdp_unet *net, struct mdp_unet_cache *cache, int n_rows, int i) {
    const float *x = cache->kept[i - 1].y, *seen = cache->kept[mdp_unet_seen_by(i)].y;
    int half = net->blocks[i].first.n_in / 2;
    for (long r = 0; r < n_rows; r++) {
        float *row = cache->kept[i].x + 2 * r * half;
        memcpy(row, x + r * half, (size_t)half * sizeof *row);
        memcpy(row + half, seen + r * half, (size_t)half * sizeof *row);
    }
}

const float *mdp_unet_forward(const struct mdp_unet *net, const float *params, int n_rows, const float *x,
                              const float *condition, struct mdp_unet_cache *cache) {
    const struct mdp_rows *rows = &mdp_kernel_best()->rows;
    cache->x = x;
    cache->condition = condition;
    for (int i = 0; i < MDP_UNET_BLOCKS; i++) {
        if (mdp_unet_seen_by(i) >= 0) join(net, cache, n_rows, i);
        forward_block(&net->blocks[i], params, n_rows, input_of(cache, i), &cache->kept[i], cache);
    }
    multiply(&net->out, params, n_rows, cache->kept[MDP_UNET_BLOCKS - 1].y, cache->out);
    rows->activate(MDP_ACT_NONE, n_rows, net->n_out, params + net->out.bias, cache->out, NULL, cache->out);
    return cache->out;
}

/* ---- backward ---- */

/* the gradients of a layer's parameters */
static void add_gradient(const struct mdp_unet_linear *l, int n_rows, const float *d_y, const float *x, float *grads) {
    if (grads == NULL) return;
    mdp_gemm_backward_weight(n_rows, l->n_out, l->n_in, d_y, l->n_out, x, 1, grads + l->weight);
    mdp_kernel_best()->rows.add_columns(n_rows, l->n_out, d_y, grads + l->bias);
}

static void through(const struct mdp_unet_linear *l, const float *params, int n_rows, const float *d_y, float *d_x) {
    mdp_gemm_backward_input(n_rows, l->n_out, l->n_in, d_y, params + l->weight, d_x);
}

static void add(long n, const float *from, float *to) {
    for (long j = 0; j < n; j++) to[j] += from[j];
}

/* one way back: what it goes through and what it writes */
struct way {
    const struct mdp_unet *net;
    const float *params;
    int n_rows;
    float *grads, *d_condition;
};

/* from d_y, the gradient of a block's output, to d_x, that of its input; d_x may not be d_y */
static void backward_block(const struct way *way, int i, const float *d_y, struct mdp_unet_cache *cache, float *d_x) {
    const struct mdp_unet_block *b = &way->net->blocks[i];
    const struct mdp_rows *rows = &mdp_kernel_best()->rows;
    const struct mdp_unet_kept *kept = &cache->kept[i];
    const float *x = input_of(cache, i);
    int n = b->first.n_out, m = way->n_rows;
    rows->activate_back(m, n, kept->slope2, d_y, cache->d_more);
    add_gradient(&b->second, m, cache->d_more, kept->h, way->grads);
    through(&b->second, way->params, m, cache->d_more, cache->d_h);
    add_gradient(&b->condition, m, cache->d_h, cache->condition, way->grads);
    if (way->d_condition != NULL) {
        through(&b->condition, way->params, m, cache->d_h, cache->d_more);
        add((long)m * b->condition.n_in, cache->d_more, way->d_condition);
    }
    rows->activate_back(m, n, kept->slope1, cache->d_h, cache->d_h);
    add_gradient(&b->first, m, cache->d_h, x, way->grads);
    through(&b->first, way->params, m, cache->d_h, d_x);
    if (b->skip.n_in > 0) {
        add_gradient(&b->skip, m, d_y, x, way->grads);
        through(&b->skip, way->params, m, d_y, cache->d_more);
        add((long)m * b->skip.n_in, cache->d_more, d_x);
    } else {
        add((long)m * n, d_y, d_x);
    }
}

/* the gradient of [x, what was seen] in its two parts; the first may lie where both do */
static void part(int n_rows, int half, const float *both, float *d_x, float *d_seen) {
    for (long r = 0; r < n_rows; r++) {
        memcpy(d_seen + r * half, both + (2 * r + 1) * half, (size_t)half * sizeof *d_x);
        memmove(d_x + r * half, both + 2 * r * half, (size_t)half * sizeof *d_x);
    }
}

void mdp_unet_backward(const struct mdp_unet *net, const float *params, int n_rows, const float *d_out,
                       struct mdp_unet_cache *cache, float *grads, float *d_condition, float *d_x) {
    const struct way way = {net, params, n_rows, grads, d_condition};
    float *d_y = cache->d_y, *d_next = cache->d_x;
    if (d_condition != NULL) memset(d_condition, 0, (size_t)n_rows * (size_t)net->n_condition * sizeof *d_condition);
    add_gradient(&net->out, n_rows, d_out, cache->kept[MDP_UNET_BLOCKS - 1].y, grads);
    through(&net->out, params, n_rows, d_out, d_y);
    for (int i = MDP_UNET_BLOCKS - 1; i >= 0; i--) {
        int n_in = net->blocks[i].first.n_in;
        if (i == 1 || i == 2) add((long)n_rows * net->widths[i], cache->d_seen[i - 1], d_y);
        backward_block(&way, i, d_y, cache, d_next);
        if (mdp_unet_seen_by(i) >= 0) part(n_rows, n_in / 2, d_next, d_next, cache->d_seen[mdp_unet_seen_by(i) - 1]);
        float *swap = d_y;
        d_y = d_next;
        d_next = swap;
    }
    if (d_x != NULL) memcpy(d_x, d_y, (size_t)n_rows * (size_t)net->n_in * sizeof *d_x);
}
