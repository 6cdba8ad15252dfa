#include "algos/nn/stack.h"

#include <stdlib.h>
#include <string.h>

/* appends a layer whose offsets are filled in */
static mdp_err add(struct mdp_stack *stack, struct mdp_stack_layer layer, int n_in, int n_out,
                   enum mdp_activation act) {
    const struct mdp_kernel *kernel = stack->kernel;
    int is_first = layer.op == MDP_STACK_START || layer.op == MDP_STACK_BEGIN;
    const struct mdp_packed_spec spec = {n_in, n_out, act, layer.has_norm, layer.op == MDP_STACK_OUTPUT};
    mdp_err err = mdp_packed_alloc(&layer.packed, is_first ? &kernel->start_format : &kernel->format, &spec);
    if (err != MDP_OK) return err;
    stack->layers[stack->n_layers++] = layer;
    if (layer.packed.n > stack->width) stack->width = layer.packed.n;
    return MDP_OK;
}

/* cuts the first layer, given whole, in its two parts */
static mdp_err add_first(struct mdp_stack *stack, struct mdp_stack_layer layer, int n_out, enum mdp_activation act,
                         struct mdp_stack_columns own, struct mdp_stack_columns shared) {
    const struct mdp_packed_spec spec = {shared.n, n_out, MDP_ACT_NONE, 0, 0};
    stack->shared = (struct mdp_stack_layer){
        .op = MDP_STACK_BEGIN, .stride = layer.stride, .weight = layer.weight + shared.first, .bias = layer.bias};
    mdp_err err = mdp_packed_alloc(&stack->shared.packed, &stack->kernel->start_format, &spec);
    if (err != MDP_OK) return err;
    layer.weight += own.first;
    return add(stack, layer, own.n, n_out, act);
}

mdp_err mdp_stack_of_mlp(struct mdp_stack *stack, const struct mdp_kernel *kernel, const struct mdp_mlp *mlp,
                         struct mdp_stack_columns own, struct mdp_stack_columns shared) {
    mdp_err err = MDP_OK;
    *stack = (struct mdp_stack){.kernel = kernel};
    for (int i = 0; i < mlp->n_layers; i++) {
        const struct mdp_layer *from = &mlp->layers[i];
        struct mdp_stack_layer layer = {.op = i == 0                  ? MDP_STACK_START
                                              : i < mlp->n_layers - 1 ? MDP_STACK_LINEAR
                                                                      : MDP_STACK_OUTPUT,
                                        .has_norm = from->has_norm,
                                        .stride = from->n_in,
                                        .weight = from->weight,
                                        .bias = from->bias,
                                        .norm_weight = from->norm_weight,
                                        .norm_bias = from->norm_bias};
        if (i == 0)
            MDP_TRY(add_first(stack, layer, from->n_out, from->act, own, shared));
        else
            MDP_TRY(add(stack, layer, from->n_in, from->n_out, from->act));
    }
out:
    if (err != MDP_OK) mdp_stack_free(stack);
    return err;
}

/* x + down(mish(up(norm(x)))) */
static mdp_err add_block(struct mdp_stack *stack, const struct mdp_resnet_block *block, int width, int wide) {
    mdp_err err;
    const struct mdp_stack_layer
        norm = {.op = MDP_STACK_NORM, .has_norm = 1, .norm_weight = block->norm_weight, .norm_bias = block->norm_bias},
        up = {.op = MDP_STACK_LINEAR, .stride = width, .weight = block->up_weight, .bias = block->up_bias},
        down = {.op = MDP_STACK_ADD, .stride = wide, .weight = block->down_weight, .bias = block->down_bias};
    MDP_TRY(add(stack, norm, 0, width, MDP_ACT_NONE));
    MDP_TRY(add(stack, up, width, wide, MDP_ACT_MISH));
    MDP_TRY(add(stack, down, wide, width, MDP_ACT_NONE));
out:
    return err;
}

mdp_err mdp_stack_of_resnet(struct mdp_stack *stack, const struct mdp_kernel *kernel, const struct mdp_resnet *net,
                            struct mdp_stack_columns own, struct mdp_stack_columns shared) {
    mdp_err err;
    int width = net->width;
    const struct mdp_stack_layer
        in = {.op = MDP_STACK_BEGIN, .stride = net->n_in, .weight = net->in_weight, .bias = net->in_bias},
        take = {.op = MDP_STACK_TAKE},
        last = {.op = MDP_STACK_OUTPUT, .stride = width, .weight = net->out_weight, .bias = net->out_bias};
    *stack = (struct mdp_stack){.kernel = kernel};
    MDP_TRY(add_first(stack, in, width, MDP_ACT_NONE, own, shared));
    for (int k = 0; k < net->n_blocks; k++) MDP_TRY(add_block(stack, &net->blocks[k], width, MDP_RESNET_WIDER * width));
    MDP_TRY(add(stack, take, 0, width, MDP_ACT_NONE));
    MDP_TRY(add(stack, last, width, net->n_out, MDP_ACT_NONE));
out:
    if (err != MDP_OK) mdp_stack_free(stack);
    return err;
}

void mdp_stack_free(struct mdp_stack *stack) {
    for (int i = 0; i < stack->n_layers; i++) mdp_packed_free(&stack->layers[i].packed);
    mdp_packed_free(&stack->shared.packed);
    memset(stack, 0, sizeof *stack);
}

static void refresh(struct mdp_stack_layer *layer, const float *params) {
    struct mdp_packed *packed = &layer->packed;
    if (layer->op != MDP_STACK_NORM && layer->op != MDP_STACK_TAKE) {
        mdp_packed_set_weight(packed, params + layer->weight, layer->stride);
        mdp_packed_set_vector(packed, packed->bias, params + layer->bias);
    }
    if (!layer->has_norm) return;
    mdp_packed_set_vector(packed, packed->norm_weight, params + layer->norm_weight);
    mdp_packed_set_vector(packed, packed->norm_bias, params + layer->norm_bias);
}

void mdp_stack_refresh(struct mdp_stack *stack, const float *params) {
    refresh(&stack->shared, params);
    for (int i = 0; i < stack->n_layers; i++) refresh(&stack->layers[i], params);
}

int mdp_stack_share_width(const struct mdp_stack *stack) { return stack->shared.packed.n; }

void mdp_stack_share(const struct mdp_stack *stack, int n, const float *shared, struct mdp_stack_work *work,
                     float *shares) {
    const struct mdp_packed *layer = &stack->shared.packed;
    for (int i = 0; i < n; i++) work->base[i] = layer->bias;
    stack->kernel->begin(layer, n, shared, work->base, work->scratch, shares);
}

void mdp_stack_run(const struct mdp_stack *stack, int n_rows, const float *own, struct mdp_stack_work *work,
                   float *out) {
    const struct mdp_kernel *kernel = stack->kernel;
    void *x = work->x[0], *next = work->x[1], *swap;
    for (int i = 0; i < stack->n_layers; i++) {
        const struct mdp_packed *layer = &stack->layers[i].packed;
        switch (stack->layers[i].op) {
        case MDP_STACK_START: kernel->start(layer, n_rows, own, work->base, work->scratch, x); break;
        case MDP_STACK_BEGIN: kernel->begin(layer, n_rows, own, work->base, work->scratch, work->h); break;
        case MDP_STACK_LINEAR:
            kernel->linear(layer, n_rows, x, work->scratch, next);
            swap = x;
            x = next;
            next = swap;
            break;
        case MDP_STACK_ADD: kernel->add(layer, n_rows, x, work->scratch, work->h); break;
        case MDP_STACK_NORM: kernel->norm(layer, n_rows, work->h, work->scratch, x); break;
        case MDP_STACK_TAKE: kernel->activate(layer->act, (long)n_rows * layer->n, work->h, x); break;
        case MDP_STACK_OUTPUT: kernel->output(layer, n_rows, x, out); break;
        }
    }
}

mdp_err mdp_stack_work_alloc(struct mdp_stack_work *work, const struct mdp_kernel *kernel, int width, int max_rows) {
    mdp_err err;
    unsigned long rows = (unsigned long)(max_rows + MDP_KERNEL_ROWS - 1) / MDP_KERNEL_ROWS * MDP_KERNEL_ROWS;
    unsigned long n = rows * (unsigned long)width, n_scratch = (unsigned long)MDP_KERNEL_SCRATCH * (unsigned long)width;
    memset(work, 0, sizeof *work);
    work->max_rows = max_rows;
    for (int i = 0; i < 2; i++) MDP_TRY(mdp_calloc(&work->x[i], n, kernel->element, "panel"));
    MDP_TRY(mdp_calloc(&work->h, n, sizeof(float), "panel"));
    MDP_TRY(mdp_calloc(&work->scratch, n_scratch, sizeof(float), "panel"));
    MDP_TRY(mdp_calloc(&work->base, rows, sizeof *work->base, "panel"));
    return MDP_OK;
out:
    mdp_stack_work_free(work);
    return err;
}

void mdp_stack_work_free(struct mdp_stack_work *work) {
    free(work->x[0]);
    free(work->x[1]);
    free(work->h);
    free(work->scratch);
    free(work->base);
    memset(work, 0, sizeof *work);
}
