/* a network as a list of operations on values, for networks that are no stack of linear layers.
 *
 * a value has `length` places of `channels` numbers in every row, places first: a window of steps, or a vector of
 * length 1. convolutions are products of rows with weights, one for each place, of which taps that meet nothing but
 * padding are left out. parameters lie in an order of their own, in which every product reads what it needs in one
 * piece; files have the native order, see mdp_graph_to_native.
 * graph_run.h runs a graph, forward and backward. */
#ifndef MDP_ALGOS_NN_GRAPH_H
#define MDP_ALGOS_NN_GRAPH_H

#include <stdint.h>

#include "base/err.h"
#include "base/tensor.h"

enum mdp_graph_act { MDP_GRAPH_MISH, MDP_GRAPH_SILU, MDP_GRAPH_GELU, MDP_GRAPH_RELU, MDP_GRAPH_TANH };

enum { MDP_GRAPH_CHANNELS_MAX = 8192 };

/* what an operation makes of x and other */
enum mdp_graph_kind {
    MDP_GRAPH_PRODUCT,  /* linear layers, convolutions and their like */
    MDP_GRAPH_NORM,     /* of groups of channels over all places, or of all channels of each place */
    MDP_GRAPH_ACTIVATE, /* element by element */
    MDP_GRAPH_ADD,      /* x + other; another of length 1 is added at every place */
    MDP_GRAPH_SCALE,    /* x times other, one number a row through which no gradient goes */
    MDP_GRAPH_SHIFT,    /* x + a constant for each place and channel */
    MDP_GRAPH_CONCAT,   /* channels of x, then of other */
    MDP_GRAPH_FLATTEN,  /* one place, channel by channel */
    MDP_GRAPH_MODULATE, /* x (1 + c) + s, with s and c columns of other */
    MDP_GRAPH_GATE,     /* the residual `base` + g x, with g columns of other */
    MDP_GRAPH_ATTEND,   /* attention of all places to all, x being queries, keys and values side by side */
    MDP_GRAPH_KINDS
};

/* how a parameter starts, and how reference vectors fill it */
enum mdp_graph_param_kind {
    MDP_GRAPH_WEIGHT,
    MDP_GRAPH_BIAS,
    MDP_GRAPH_NORM_WEIGHT,
    MDP_GRAPH_NORM_BIAS,
    MDP_GRAPH_FIXED /* drawn once and never trained; no operation reads it */
};

/* what training starts from */
enum mdp_graph_start {
    MDP_GRAPH_BY_INPUTS,  /* U(-b, b) with b = 1 / sqrt(fan_in); norms 1 and 0; what is fixed N(0, 16^2) */
    MDP_GRAPH_BY_BOTH,    /* U(-b, b) with b = sqrt(6 / (rows + columns)) */
    MDP_GRAPH_SMALL,      /* N(0, 0.02^2) */
    MDP_GRAPH_ORTHOGONAL, /* rows or columns, whichever are fewer, of length 1 and at right angles */
    MDP_GRAPH_ZERO
};

/* how a weight lies in memory against its native order */
enum mdp_graph_order {
    MDP_GRAPH_AS_NATIVE,
    MDP_GRAPH_TAPS_FIRST, /* (out, in, taps) as (out, taps, in) */
    MDP_GRAPH_BY_PARITY   /* (in, out, 4) as (2, out, 2, in): what even places read, then odd ones */
};

struct mdp_graph_param {
    char name[MDP_TENSOR_NAME_MAX];
    enum mdp_graph_param_kind kind;
    enum mdp_graph_order order;
    enum mdp_graph_start start;
    int rank, sizes[3]; /* native */
    int fan_in;         /* product of the native sizes but the first */
    long n, offset;     /* floats, and where they start */
};

struct mdp_graph_value {
    int length, channels;
    long offset;     /* floats of a row before it */
    int is_input;    /* the caller writes it */
    int is_variable; /* its gradient is asked for when that of the parameters is not */
};

/* one place of a product's output: which places of x it reads, and where the weight of the first of them starts */
struct mdp_graph_spot {
    int y, x, n_taps;
    long weight;
};

struct mdp_graph_op {
    enum mdp_graph_kind kind;
    int x, other, base, y;        /* values, -1 for none */
    int weight, bias;             /* parameters, -1 for none */
    int n_spots, stride;          /* of products: floats between rows of the weight */
    struct mdp_graph_spot *spots; /* [n_spots]; one alone: all places are rows of one product */
    int is_by_place, n_groups;    /* of norms */
    double eps;
    enum mdp_graph_act act;
    int scale, shift, n_heads; /* first columns of other; heads of attention */
    float *table;              /* [length, channels] of a shift */
    long extra, n_extra;       /* floats of a row that the way back needs: before it, and its own */
};

struct mdp_graph {
    int n_values, n_ops, n_params;
    struct mdp_graph_value *values;
    struct mdp_graph_op *ops;
    struct mdp_graph_param *params;
    int n_ranks;
    char (*ranks)[MDP_TENSOR_NAME_MAX];   /* [n_ranks]: what names of parameters start with, in the order of files */
    long n_floats, n_fixed;               /* parameters, and how many of them, at the front, are not trained */
    long row_floats, row_extra;           /* of values, and beside them */
    int scratch;                          /* floats of working memory */
    char prefix[MDP_TENSOR_NAME_MAX];     /* of the names of parameters that are added, */
    enum mdp_graph_start weights, biases; /* and what those of products start from */
    mdp_err err;                          /* of the first call that failed; later ones do nothing */
};

/* the members of working memory for one panel of rows, of numbers of one type */
#define MDP_GRAPH_WORK(type)                                                                                           \
    int max_rows;                                                                                                      \
    type *values, *d_values; /* [max_rows, length, channels] of value after value */                                   \
    type *extra;             /* of operation after operation */                                                        \
    type *scratch;

/** Frees what a graph holds. */
void mdp_graph_free(struct mdp_graph *graph);

/** Adds an input. Returns the value, as all that follow do; they return 0 after an error, which mdp_graph_finish
 * tells. Range: a cleared graph at first. */
int mdp_graph_input(struct mdp_graph *graph, int length, int channels, int is_variable);

/** Says what the next parameters of files are called: those whose names start so. Those of which nothing was said come
 * last, in the order of their making. */
void mdp_graph_rank(struct mdp_graph *graph, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Adds n fixed numbers as a parameter. Range: the first of the files' order. */
void mdp_graph_fixed(struct mdp_graph *graph, const char *name, int n);

/** Sets the prefix of names. */
void mdp_graph_prefix(struct mdp_graph *graph, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Sets what weights and biases of products start from that are added next; by their inputs at first. */
void mdp_graph_begin(struct mdp_graph *graph, enum mdp_graph_start weights, enum mdp_graph_start biases);

/** Adds y = x w^T + b at every place: weight [n_out, channels]. */
int mdp_graph_linear(struct mdp_graph *graph, int x, const char *name, int n_out);

/** As mdp_graph_linear with names in full. */
int mdp_graph_linear_named(struct mdp_graph *graph, int x, const char *weight, const char *bias, int n_out);

/** Adds a convolution of stride 1 with zeros on both sides: weight [n_out, channels, width]. Range: width odd. */
int mdp_graph_convolution(struct mdp_graph *graph, int x, const char *name, int n_out, int width);

/** Adds a convolution of width 3 and stride 2, which halves the length, rounded up. */
int mdp_graph_down(struct mdp_graph *graph, int x, const char *name);

/** Adds a transposed convolution of width 4 and stride 2, which doubles the length: weight [channels, channels, 4]. */
int mdp_graph_up(struct mdp_graph *graph, int x, const char *name);

/** Adds a norm of n_groups groups of channels over all places, with weight and bias; eps 1e-5. */
int mdp_graph_group_norm(struct mdp_graph *graph, int x, const char *name, int n_groups);

/** Adds a norm of all channels of each place, without parameters; eps 1e-6. */
int mdp_graph_layer_norm(struct mdp_graph *graph, int x);

/** Adds an activation. */
int mdp_graph_activate(struct mdp_graph *graph, int x, enum mdp_graph_act act);

/** Adds x + other. Range: equal channels; equal lengths, or other's is 1. */
int mdp_graph_add(struct mdp_graph *graph, int x, int other);

/** Adds x times one number a row. Range: factor an input [1, 1]. */
int mdp_graph_scale(struct mdp_graph *graph, int x, int factor);

/** Adds x + table. Shapes: table [length, channels], copied. */
int mdp_graph_shift(struct mdp_graph *graph, int x, const float *table);

/** Adds a value with the channels of x and of other. Range: equal lengths. */
int mdp_graph_concat(struct mdp_graph *graph, int x, int other);

/** Adds a value of one place with all numbers of x, places innermost. */
int mdp_graph_flatten(struct mdp_graph *graph, int x);

/** Adds x (1 + c) + s with s the columns of `vector` from `shift` on and c those from `scale` on. */
int mdp_graph_modulate(struct mdp_graph *graph, int x, int vector, int shift, int scale);

/** Adds base + g x with g the columns of `vector` from `first` on. */
int mdp_graph_gate(struct mdp_graph *graph, int base, int x, int vector, int first);

/** Adds attention. Range: x has three times as many channels as the result, which n_heads divides. */
int mdp_graph_attend(struct mdp_graph *graph, int x, int n_heads);

/** Places the parameters in the order that mdp_graph_rank told. Errors: that of the first call that failed. Owns:
 * caller, mdp_graph_free, also after an error. */
mdp_err mdp_graph_finish(struct mdp_graph *graph);

/** Fills a block with what training starts from. Shapes: block [n_floats]. Draws: stream INIT of (seed, module).
 * Errors: NOMEM. Source: SPEC-trajectory sections 1, 4.1, 4.3. */
mdp_err mdp_graph_draw(const struct mdp_graph *graph, uint64_t seed, uint32_t module, float *block);

/** Counts the multiply-adds of a row on its way forward, each as 2, those with padding left out. */
double mdp_graph_flops(const struct mdp_graph *graph);

/** Returns the value that an operation with this weight gives, -1 if there is none. */
int mdp_graph_find(const struct mdp_graph *graph, const char *weight);

/** Returns where element i of a parameter's native order lies behind its offset. */
long mdp_graph_place(const struct mdp_graph_param *param, long i);

/** Copies a block of parameters to native order. Shapes: block, native [n_floats]. */
void mdp_graph_to_native(const struct mdp_graph *graph, const float *block, float *native);

/** Copies native parameters to a block. Shapes: native, block [n_floats]. */
void mdp_graph_from_native(const struct mdp_graph *graph, const float *native, float *block);

#endif
