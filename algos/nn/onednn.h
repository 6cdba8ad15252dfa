/* oneDNN, which is loaded when the first network is made that multiplies by it: what neither trains nor multiplies
 * plainly does without.
 *
 * the only header that includes dnnl.h. what is called is called through the table; what is not in its list does not
 * compile, and what goes past it does not link. */
#ifndef MDP_ALGOS_NN_ONEDNN_H
#define MDP_ALGOS_NN_ONEDNN_H

#include <oneapi/dnnl/dnnl.h>

#include "base/err.h"

/* X(function): what describes a product. Debian 12 has major version 2, Debian 13 has 3 */
/* clang-format off */
#if DNNL_VERSION_MAJOR < 3
#define MDP_ONEDNN_DESCRIPTION_LIST(X)                                                                                 \
    X(dnnl_matmul_desc_init) X(dnnl_memory_desc_init_by_strides) X(dnnl_primitive_desc_create)
#else
#define MDP_ONEDNN_DESCRIPTION_LIST(X)                                                                                 \
    X(dnnl_matmul_primitive_desc_create) X(dnnl_memory_desc_create_with_strides) X(dnnl_memory_desc_destroy)
#endif

/* X(function) */
#define MDP_ONEDNN_LIST(X)                                                                                             \
    MDP_ONEDNN_DESCRIPTION_LIST(X)                                                                                     \
    X(dnnl_engine_create) X(dnnl_engine_destroy) X(dnnl_get_effective_cpu_isa) X(dnnl_memory_create)                   \
    X(dnnl_memory_desc_get_size) X(dnnl_memory_destroy) X(dnnl_memory_set_data_handle) X(dnnl_post_ops_append_sum)     \
    X(dnnl_post_ops_create) X(dnnl_post_ops_destroy) X(dnnl_primitive_attr_create) X(dnnl_primitive_attr_destroy)      \
    X(dnnl_primitive_attr_set_post_ops) X(dnnl_primitive_attr_set_scratchpad_mode) X(dnnl_primitive_create)            \
    X(dnnl_primitive_desc_destroy) X(dnnl_primitive_desc_query) X(dnnl_primitive_desc_query_md)                        \
    X(dnnl_primitive_destroy) X(dnnl_primitive_execute) X(dnnl_set_max_cpu_isa) X(dnnl_sgemm) X(dnnl_stream_create)    \
    X(dnnl_stream_destroy) X(dnnl_version)
/* clang-format on */

#define MDP_ONEDNN_FIELD(function) __typeof__(function) *function;
struct mdp_onednn {
    MDP_ONEDNN_LIST(MDP_ONEDNN_FIELD)
};
#undef MDP_ONEDNN_FIELD

/* the addresses, once mdp_onednn_load has succeeded */
extern struct mdp_onednn mdp_onednn;

/* a matrix as an operand of a product: its type, and how far apart its rows and its columns lie */
struct mdp_onednn_operand {
    dnnl_data_type_t type;
    dnnl_dims_t sizes, strides; /* of the first two of each */
};

/* what a description says of one of its matrices; a pointer, to a struct or to what only the library knows */
typedef __typeof__(dnnl_primitive_desc_query_md(NULL, dnnl_query_src_md, 0)) mdp_onednn_matrix;

/** Loads oneDNN unless it is there. Errors: IO if it cannot be loaded, DATA if it lacks something. */
mdp_err mdp_onednn_load(void);

/** Describes c = a b. Nullable: attributes. Owns: caller, dnnl_primitive_desc_destroy. Errors: the library's. */
dnnl_status_t mdp_onednn_describe_product(dnnl_engine_t engine, const struct mdp_onednn_operand *a,
                                          const struct mdp_onednn_operand *b, const struct mdp_onednn_operand *c,
                                          dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t *out);

/** Makes a product add to its output. Errors: the library's. */
dnnl_status_t mdp_onednn_append_sum(dnnl_post_ops_t ops);

#endif
