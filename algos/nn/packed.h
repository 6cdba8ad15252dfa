/* the parameters of one linear layer in the order in which a kernel reads them.
 *
 * filled once per checkpoint from the module's block, then read by every step of every episode. */
#ifndef MDP_ALGOS_NN_PACKED_H
#define MDP_ALGOS_NN_PACKED_H

#include "algos/nn/activation.h"
#include "base/err.h"

enum { MDP_PACK_MULTIPLE = 32 }; /* inputs and outputs are padded to a multiple of this */

/* what a weight is stored as */
enum mdp_pack_type {
    MDP_PACK_F32,
    MDP_PACK_ROUNDED, /* bfloat16 values as float32 */
    MDP_PACK_BF16
};

/* how a kernel wants its weights: panels of n_cols outputs, in which n_pair neighbouring inputs lie side by side */
struct mdp_pack_format {
    enum mdp_pack_type type;
    int n_cols, n_pair;
    int output_by_rows; /* the last layer of a network, which has few outputs, lies as in the model instead */
};

/* a layer */
struct mdp_packed {
    int n_in, n_out; /* as in the model */
    int k, n;        /* padded */
    enum mdp_pack_type type;
    int n_cols, n_pair;
    enum mdp_activation act;
    void *weight;                   /* [n / n_cols][k / n_pair][n_cols][n_pair] */
    float *bias;                    /* [n] */
    float *norm_weight, *norm_bias; /* [n]; NULL for a layer without norm */
};

/* work that a layer can be asked for */
struct mdp_packed_spec {
    int n_in, n_out;
    enum mdp_activation act;
    int has_norm, is_output;
};

/** Returns n rounded up to a multiple of MDP_PACK_MULTIPLE. */
int mdp_packed_width(int n);

/** Sizes and allocates a layer, all zero. Owns: caller, mdp_packed_free. Errors: NOMEM. */
mdp_err mdp_packed_alloc(struct mdp_packed *layer, const struct mdp_pack_format *format,
                         const struct mdp_packed_spec *spec);

/** Frees a layer's arrays. */
void mdp_packed_free(struct mdp_packed *layer);

/** Fills in a weight, of which the first n_in of `stride` columns are taken. Shapes: weight [n_out, stride]. */
void mdp_packed_set_weight(struct mdp_packed *layer, const float *weight, long stride);

/** Fills in a vector of the layer: bias, norm_weight or norm_bias. Shapes: values [n_out]. */
void mdp_packed_set_vector(const struct mdp_packed *layer, float *vector, const float *values);

#endif
