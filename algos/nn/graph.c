#include "algos/nn/graph.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GROWS_BY = 64 };

void mdp_graph_free(struct mdp_graph *graph) {
    for (int i = 0; i < graph->n_ops; i++) {
        free(graph->ops[i].spots);
        free(graph->ops[i].table);
    }
    free(graph->values);
    free(graph->ops);
    free(graph->params);
    free(graph->ranks);
    memset(graph, 0, sizeof *graph);
}

/* room for one more element of a list that grows in steps */
static void *grow(struct mdp_graph *graph, void **list, int n, size_t size) {
    char *larger = NULL;
    if (graph->err != MDP_OK) return NULL;
    if (n % GROWS_BY == 0) {
        graph->err = mdp_calloc(&larger, (unsigned long)n + GROWS_BY, size, "network");
        if (graph->err != MDP_OK) return NULL;
        if (n > 0) memcpy(larger, *list, (size_t)n * size);
        free(*list);
        *list = larger;
    }
    return (char *)*list + (size_t)n * size;
}

static int add_value(struct mdp_graph *graph, int length, int channels) {
    struct mdp_graph_value *value = grow(graph, (void **)&graph->values, graph->n_values, sizeof *graph->values);
    if (value == NULL) return 0;
    *value = (struct mdp_graph_value){.length = length, .channels = channels, .offset = graph->row_floats};
    graph->row_floats += (long)length * channels;
    return graph->n_values++;
}

int mdp_graph_input(struct mdp_graph *graph, int length, int channels, int is_variable) {
    int y = add_value(graph, length, channels);
    if (graph->err != MDP_OK) return 0;
    graph->values[y].is_input = 1;
    graph->values[y].is_variable = is_variable;
    return y;
}

void mdp_graph_prefix(struct mdp_graph *graph, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(graph->prefix, sizeof graph->prefix, format, arguments);
    va_end(arguments);
}

void mdp_graph_begin(struct mdp_graph *graph, enum mdp_graph_start weights, enum mdp_graph_start biases) {
    graph->weights = weights;
    graph->biases = biases;
}

void mdp_graph_rank(struct mdp_graph *graph, const char *format, ...) {
    va_list arguments;
    char *rank = grow(graph, (void **)&graph->ranks, graph->n_ranks, sizeof *graph->ranks);
    if (rank == NULL) return;
    va_start(arguments, format);
    vsnprintf(rank, sizeof *graph->ranks, format, arguments);
    va_end(arguments);
    graph->n_ranks++;
}

/* appends an operation and its result, which varies if anything it reads does; returns NULL after an error */
static struct mdp_graph_op *add_op(struct mdp_graph *graph, const struct mdp_graph_op *op, int length, int channels) {
    struct mdp_graph_op *out = grow(graph, (void **)&graph->ops, graph->n_ops, sizeof *graph->ops);
    int y = add_value(graph, length, channels);
    if (graph->err != MDP_OK) return NULL;
    const int reads[] = {op->x, op->other, op->base};
    *out = *op;
    out->y = y;
    out->extra = graph->row_extra;
    graph->row_extra += out->n_extra;
    for (int i = 0; i < 3; i++)
        if (reads[i] >= 0) graph->values[y].is_variable |= graph->values[reads[i]].is_variable;
    graph->n_ops++;
    return out;
}

static const struct mdp_graph_op nothing = {.x = -1, .other = -1, .base = -1, .weight = -1, .bias = -1};

/* the same as add_op for an operation that needs nothing else; returns its value */
static int add(struct mdp_graph *graph, const struct mdp_graph_op *op, int length, int channels) {
    const struct mdp_graph_op *out = add_op(graph, op, length, channels);
    return out != NULL ? out->y : 0;
}

static struct mdp_graph_value value_of(const struct mdp_graph *graph, int x) {
    return graph->err == MDP_OK ? graph->values[x] : (struct mdp_graph_value){.length = 1, .channels = 1};
}

/* ---- parameters ---- */

static int add_param(struct mdp_graph *graph, const char *name, enum mdp_graph_param_kind kind, int rank,
                     const int *sizes) {
    struct mdp_graph_param *param = grow(graph, (void **)&graph->params, graph->n_params, sizeof *graph->params);
    if (param == NULL) return 0;
    *param = (struct mdp_graph_param){.kind = kind, .rank = rank, .n = 1, .fan_in = 1};
    size_t length = (size_t)snprintf(param->name, sizeof param->name, "%s%s", graph->prefix, name);
    if (length >= sizeof param->name) graph->err = mdp_fail(MDP_E_INTERNAL, "network: the name %s is too long", name);
    for (int i = 0; i < rank; i++) {
        param->sizes[i] = sizes[i];
        param->n *= sizes[i];
        if (i > 0) param->fan_in *= sizes[i];
    }
    return graph->n_params++;
}

void mdp_graph_fixed(struct mdp_graph *graph, const char *name, int n) {
    add_param(graph, name, MDP_GRAPH_FIXED, 1, &n);
}

/* a product's weight and bias */
static void add_weights(struct mdp_graph *graph, struct mdp_graph_op *op, const char *weight, const char *bias,
                        int rank, const int *sizes, enum mdp_graph_order order) {
    op->weight = add_param(graph, weight, MDP_GRAPH_WEIGHT, rank, sizes);
    if (graph->err == MDP_OK) {
        graph->params[op->weight].order = order;
        graph->params[op->weight].start = graph->weights;
    }
    /* a bias belongs to outputs, which a transposed weight has second */
    op->bias = add_param(graph, bias, MDP_GRAPH_BIAS, 1, &sizes[order == MDP_GRAPH_BY_PARITY ? 1 : 0]);
    if (graph->err == MDP_OK) {
        graph->params[op->bias].fan_in = graph->params[op->weight].fan_in;
        graph->params[op->bias].start = graph->biases;
    }
}

struct leaves {
    char weight[MDP_TENSOR_NAME_MAX], bias[MDP_TENSOR_NAME_MAX];
};

static struct leaves leaves_of(const char *name) {
    struct leaves leaves;
    snprintf(leaves.weight, sizeof leaves.weight, "%s.weight", name);
    snprintf(leaves.bias, sizeof leaves.bias, "%s.bias", name);
    return leaves;
}

/* ---- products ---- */

/* reserves the places of a product's output */
static void add_spots(struct mdp_graph *graph, struct mdp_graph_op *op, int n) {
    op->n_spots = n;
    if (graph->err == MDP_OK) graph->err = mdp_calloc(&op->spots, (unsigned long)n, sizeof *op->spots, "network");
    if (graph->err != MDP_OK) op->n_spots = 0;
}

/* adds a product, which takes over its places */
static int add_product(struct mdp_graph *graph, struct mdp_graph_op *op, int length, int n_out) {
    const struct mdp_graph_op *out = add_op(graph, op, length, n_out);
    if (out == NULL) free(op->spots);
    return out != NULL ? out->y : 0;
}

int mdp_graph_linear_named(struct mdp_graph *graph, int x, const char *weight, const char *bias, int n_out) {
    struct mdp_graph_value in = value_of(graph, x);
    struct mdp_graph_op op = nothing;
    op.x = x;
    op.stride = in.channels;
    add_weights(graph, &op, weight, bias, 2, (int[3]){n_out, in.channels}, MDP_GRAPH_AS_NATIVE);
    add_spots(graph, &op, 1);
    if (graph->err == MDP_OK) op.spots[0].n_taps = 1;
    return add_product(graph, &op, in.length, n_out);
}

int mdp_graph_linear(struct mdp_graph *graph, int x, const char *name, int n_out) {
    struct leaves leaves = leaves_of(name);
    return mdp_graph_linear_named(graph, x, leaves.weight, leaves.bias, n_out);
}

/* places of a convolution: taps t of place l read place stride l + t - padding of x */
static int add_convolution(struct mdp_graph *graph, int x, const char *name, int n_out, int width, int stride) {
    struct mdp_graph_value in = value_of(graph, x);
    struct mdp_graph_op op = nothing;
    struct leaves leaves = leaves_of(name);
    int padding = width / 2, length = (in.length - 1) / stride + 1;
    op.x = x;
    op.stride = width * in.channels;
    add_weights(graph, &op, leaves.weight, leaves.bias, 3, (int[3]){n_out, in.channels, width}, MDP_GRAPH_TAPS_FIRST);
    add_spots(graph, &op, width == 1 ? 1 : length);
    if (width == 1 && graph->err == MDP_OK) op.spots[0].n_taps = 1;
    for (int l = 0; width > 1 && l < op.n_spots; l++) {
        int start = stride * l - padding, first = start < 0 ? -start : 0, last = in.length - 1 - start;
        if (last > width - 1) last = width - 1;
        op.spots[l] = (struct mdp_graph_spot){l, start + first, last - first + 1, (long)first * in.channels};
    }
    return add_product(graph, &op, length, n_out);
}

int mdp_graph_convolution(struct mdp_graph *graph, int x, const char *name, int n_out, int width) {
    return add_convolution(graph, x, name, n_out, width, 1);
}

int mdp_graph_down(struct mdp_graph *graph, int x, const char *name) {
    return add_convolution(graph, x, name, value_of(graph, x).channels, 3, 2);
}

/* place 2i reads i - 1 by tap 3 and i by tap 1, place 2i + 1 reads i by tap 2 and i + 1 by tap 0 */
int mdp_graph_up(struct mdp_graph *graph, int x, const char *name) {
    struct mdp_graph_value in = value_of(graph, x);
    struct mdp_graph_op op = nothing;
    struct leaves leaves = leaves_of(name);
    int n = in.channels;
    op.x = x;
    op.stride = 2 * n;
    add_weights(graph, &op, leaves.weight, leaves.bias, 3, (int[3]){n, n, 4}, MDP_GRAPH_BY_PARITY);
    add_spots(graph, &op, 2 * in.length);
    for (int l = 0; l < op.n_spots; l++) {
        int parity = l % 2, start = l / 2 - 1 + parity, first = start < 0;
        int n_taps = start + 1 < in.length ? 2 - first : 1;
        op.spots[l] = (struct mdp_graph_spot){l, start + first, n_taps, ((long)parity * n * 2 + first) * n};
    }
    return add_product(graph, &op, 2 * in.length, n);
}

/* ---- what goes element by element or place by place ---- */

int mdp_graph_group_norm(struct mdp_graph *graph, int x, const char *name, int n_groups) {
    struct mdp_graph_value in = value_of(graph, x);
    struct mdp_graph_op op = nothing;
    struct leaves leaves = leaves_of(name);
    op.kind = MDP_GRAPH_NORM;
    op.x = x;
    op.n_groups = n_groups;
    op.eps = 1e-5;
    op.n_extra = (long)in.length * in.channels + n_groups;
    op.weight = add_param(graph, leaves.weight, MDP_GRAPH_NORM_WEIGHT, 1, &in.channels);
    op.bias = add_param(graph, leaves.bias, MDP_GRAPH_NORM_BIAS, 1, &in.channels);
    return add(graph, &op, in.length, in.channels);
}

int mdp_graph_layer_norm(struct mdp_graph *graph, int x) {
    struct mdp_graph_value in = value_of(graph, x);
    struct mdp_graph_op op = nothing;
    op.kind = MDP_GRAPH_NORM;
    op.x = x;
    op.is_by_place = op.n_groups = 1;
    op.eps = 1e-6;
    op.n_extra = (long)in.length * in.channels + in.length;
    return add(graph, &op, in.length, in.channels);
}

int mdp_graph_activate(struct mdp_graph *graph, int x, enum mdp_graph_act act) {
    struct mdp_graph_value in = value_of(graph, x);
    struct mdp_graph_op op = nothing;
    op.kind = MDP_GRAPH_ACTIVATE;
    op.x = x;
    op.act = act;
    op.n_extra = (long)in.length * in.channels;
    return add(graph, &op, in.length, in.channels);
}

/* an operation on two values with the shape of the first */
static int add_of_two(struct mdp_graph *graph, enum mdp_graph_kind kind, int x, int other) {
    struct mdp_graph_value in = value_of(graph, x);
    struct mdp_graph_op op = nothing;
    op.kind = kind;
    op.x = x;
    op.other = other;
    return add(graph, &op, in.length, in.channels);
}

int mdp_graph_add(struct mdp_graph *graph, int x, int other) { return add_of_two(graph, MDP_GRAPH_ADD, x, other); }

int mdp_graph_scale(struct mdp_graph *graph, int x, int factor) {
    return add_of_two(graph, MDP_GRAPH_SCALE, x, factor);
}

int mdp_graph_shift(struct mdp_graph *graph, int x, const float *table) {
    struct mdp_graph_value in = value_of(graph, x);
    size_t n = (size_t)in.length * (size_t)in.channels;
    float *copy = NULL;
    struct mdp_graph_op op = nothing;
    op.kind = MDP_GRAPH_SHIFT;
    op.x = x;
    if (graph->err == MDP_OK) graph->err = mdp_calloc(&copy, n, sizeof *copy, "network");
    if (graph->err == MDP_OK) memcpy(copy, table, n * sizeof *copy);
    op.table = copy;
    struct mdp_graph_op *out = add_op(graph, &op, in.length, in.channels);
    if (out == NULL) free(copy);
    return out != NULL ? out->y : 0;
}

int mdp_graph_concat(struct mdp_graph *graph, int x, int other) {
    struct mdp_graph_value in = value_of(graph, x);
    struct mdp_graph_op op = nothing;
    op.kind = MDP_GRAPH_CONCAT;
    op.x = x;
    op.other = other;
    return add(graph, &op, in.length, in.channels + value_of(graph, other).channels);
}

int mdp_graph_flatten(struct mdp_graph *graph, int x) {
    struct mdp_graph_value in = value_of(graph, x);
    struct mdp_graph_op op = nothing;
    op.kind = MDP_GRAPH_FLATTEN;
    op.x = x;
    return add(graph, &op, 1, in.length * in.channels);
}

int mdp_graph_modulate(struct mdp_graph *graph, int x, int vector, int shift, int scale) {
    struct mdp_graph_value in = value_of(graph, x);
    struct mdp_graph_op op = nothing;
    op.kind = MDP_GRAPH_MODULATE;
    op.x = x;
    op.other = vector;
    op.shift = shift;
    op.scale = scale;
    return add(graph, &op, in.length, in.channels);
}

int mdp_graph_gate(struct mdp_graph *graph, int base, int x, int vector, int first) {
    struct mdp_graph_value in = value_of(graph, x);
    struct mdp_graph_op op = nothing;
    op.kind = MDP_GRAPH_GATE;
    op.x = x;
    op.other = vector;
    op.base = base;
    op.scale = first;
    return add(graph, &op, in.length, in.channels);
}

int mdp_graph_attend(struct mdp_graph *graph, int x, int n_heads) {
    struct mdp_graph_value in = value_of(graph, x);
    struct mdp_graph_op op = nothing;
    op.kind = MDP_GRAPH_ATTEND;
    op.x = x;
    op.n_heads = n_heads;
    op.n_extra = (long)n_heads * in.length * in.length;
    if (in.length * in.length > graph->scratch) graph->scratch = in.length * in.length;
    return add(graph, &op, in.length, in.channels / 3);
}

/* ---- the order of parameters ---- */

/* the number of the first rank that a name belongs to */
static int rank_of(const struct mdp_graph *graph, const char *name) {
    int rank = 0;
    while (rank < graph->n_ranks && strncmp(name, graph->ranks[rank], strlen(graph->ranks[rank])) != 0) rank++;
    return rank;
}

/* where parameter `from` went is told to the operations by place [n_params] */
static void sort_params(struct mdp_graph *graph, struct mdp_graph_param *sorted, int *place) {
    int n = 0;
    for (int rank = 0; rank <= graph->n_ranks; rank++)
        for (int i = 0; i < graph->n_params; i++) {
            if (rank_of(graph, graph->params[i].name) != rank) continue;
            sorted[n] = graph->params[i];
            sorted[n].offset = graph->n_floats;
            graph->n_floats += sorted[n].n;
            if (sorted[n].kind == MDP_GRAPH_FIXED) graph->n_fixed = graph->n_floats;
            place[i] = n++;
        }
}

mdp_err mdp_graph_finish(struct mdp_graph *graph) {
    struct mdp_graph_param *sorted = NULL;
    int *place = NULL;
    mdp_err err;
    MDP_TRY(graph->err);
    MDP_TRY(mdp_calloc(&sorted, (unsigned long)graph->n_params + 1, sizeof *sorted, "network"));
    MDP_TRY(mdp_calloc(&place, (unsigned long)graph->n_params + 1, sizeof *place, "network"));
    sort_params(graph, sorted, place);
    for (int i = 0; i < graph->n_ops; i++) {
        struct mdp_graph_op *op = &graph->ops[i];
        if (op->weight >= 0) op->weight = place[op->weight];
        if (op->bias >= 0) op->bias = place[op->bias];
    }
    free(graph->params);
    graph->params = sorted;
    sorted = NULL;
out:
    free(sorted);
    free(place);
    return err;
}

int mdp_graph_find(const struct mdp_graph *graph, const char *weight) {
    for (int i = 0; i < graph->n_ops; i++)
        if (graph->ops[i].weight >= 0 && strcmp(graph->params[graph->ops[i].weight].name, weight) == 0)
            return graph->ops[i].y;
    return -1;
}

long mdp_graph_place(const struct mdp_graph_param *param, long i) {
    static const int parity[4] = {1, 0, 1, 0}, tap_of[4] = {1, 1, 0, 0};
    if (param->order == MDP_GRAPH_AS_NATIVE) return i;
    long taps = param->sizes[2], tap = i % taps, second = i / taps % param->sizes[1],
         first = i / taps / param->sizes[1];
    if (param->order == MDP_GRAPH_TAPS_FIRST) return (first * taps + tap) * param->sizes[1] + second;
    return ((parity[tap] * (long)param->sizes[1] + second) * 2 + tap_of[tap]) * param->sizes[0] + first;
}

void mdp_graph_to_native(const struct mdp_graph *graph, const float *block, float *native) {
    for (int p = 0; p < graph->n_params; p++) {
        const struct mdp_graph_param *param = &graph->params[p];
        for (long i = 0; i < param->n; i++)
            native[param->offset + i] = block[param->offset + mdp_graph_place(param, i)];
    }
}

void mdp_graph_from_native(const struct mdp_graph *graph, const float *native, float *block) {
    for (int p = 0; p < graph->n_params; p++) {
        const struct mdp_graph_param *param = &graph->params[p];
        for (long i = 0; i < param->n; i++)
            block[param->offset + mdp_graph_place(param, i)] = native[param->offset + i];
    }
}
