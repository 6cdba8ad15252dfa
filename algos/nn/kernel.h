/* kernels for inference, and what training shares with them: one layer over a panel of rows, with bias, layer norm and
 * activation.
 *
 * a kernel is a const descriptor; the list holds one for every way this program can do the arithmetic. a row's result
 * depends on that row and the weights alone, not on its place in the panel nor on the panel's size. all float32
 * kernels give the same bits, on every machine: a sum over inputs starts from the bias and adds product by product, in
 * the order of the inputs, with fused multiply-adds; an output layer has sixteen such sums, of every sixteenth input,
 * which are added in pairs, the bias last. every bfloat16 kernel has bits of its own. */
#ifndef MDP_ALGOS_NN_KERNEL_H
#define MDP_ALGOS_NN_KERNEL_H

#include <stddef.h>

#include "algos/nn/packed.h"
#include "algos/nn/rows.h"

enum {
    MDP_KERNEL_ROWS = 32,   /* panels have room for a multiple of this many rows */
    MDP_KERNEL_SCRATCH = 32 /* rows of scratch memory that a layer needs, as wide as the layer */
};

/* how products are computed; sums and activations are float32 in both */
enum mdp_precision { MDP_F32, MDP_BF16 };

/* a product of rows with inputs first to first + k of a layer whose weights are float32 (start_format): y_r = base_r +
 * x_r w^T. rows lie *_step floats apart; y has the layer's n_out columns, and may be base */
struct mdp_kernel_product {
    const struct mdp_packed *layer;
    int first, k, n_rows;
    const float *x, *base;
    float *y;
    long x_step, base_step, y_step;
};

/* a kernel. the rows of a panel, x or y, are layer->k or layer->n elements of `element` bytes, zero in the padding;
 * a layer's y is the next one's x. h, base, scratch and out are float32. all arrays start on 64-byte boundaries */
struct mdp_kernel {
    const char *name; /* as results record it, e.g. "avx512" */
    enum mdp_precision precision;
    struct mdp_pack_format format, start_format; /* of weights; the second for layers that `start` runs */
    size_t element;
    int (*is_supported)(void); /* by this machine */
    /* y = act(norm(base + x w^T)): row r of x is n_in floats, x [n_rows, n_in], and has its own bias base[r] [n] */
    void (*start)(const struct mdp_packed *layer, int n_rows, const float *x, const float *const *base, float *scratch,
                  void *y);
    /* h = base + x w^T: the same into sums to which `add` adds */
    void (*begin)(const struct mdp_packed *layer, int n_rows, const float *x, const float *const *base, float *scratch,
                  float *h);
    /* y = act(norm(bias + x w^T)) */
    void (*linear)(const struct mdp_packed *layer, int n_rows, const void *x, float *scratch, void *y);
    /* h += bias + x w^T. Shapes: h [n_rows, n] */
    void (*add)(const struct mdp_packed *layer, int n_rows, const void *x, float *scratch, float *h);
    /* y = act(norm(h)); the layer's weight and bias play no part. Shapes: h [n_rows, n] */
    void (*norm)(const struct mdp_packed *layer, int n_rows, const float *h, float *scratch, void *y);
    /* out = bias + x w^T. Shapes: out [n_rows, n_out], without padding */
    void (*output)(const struct mdp_packed *layer, int n_rows, const void *x, float *out);
    /* see struct mdp_kernel_product; NULL: it has none */
    void (*product)(const struct mdp_kernel_product *product);
    /* y = act(z). Range: n a multiple of 16 */
    void (*activate)(enum mdp_activation act, long n, const float *z, void *y);
    struct mdp_rows rows; /* for training */
};

/** Returns the kernels of this program, fastest first within a precision, NULL at the end; those this machine cannot
 * run included. */
const struct mdp_kernel *const *mdp_kernel_list(void);

/** Returns the first float32 kernel that this machine can run; one there always is. */
const struct mdp_kernel *mdp_kernel_best(void);

/** Returns the kernel of a name. Nullable: the result, if this program has none or this machine cannot run it. */
const struct mdp_kernel *mdp_kernel_find(const char *name);

extern const struct mdp_kernel mdp_kernel_avx512, mdp_kernel_avx2, mdp_kernel_portable, mdp_kernel_amx,
    mdp_kernel_avx512_bf16, mdp_kernel_emulated;

#endif
