#include "algos/nn/onednn.h"

#include <pthread.h>

#include "base/library.h"

struct mdp_onednn mdp_onednn;
static int is_loaded;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const struct mdp_symbol symbols[] = {
#define SYMBOL(function) MDP_SYMBOL(struct mdp_onednn, function),
    MDP_ONEDNN_LIST(SYMBOL)
#undef SYMBOL
};

mdp_err mdp_onednn_load(void) {
    mdp_err err = MDP_OK;
    pthread_mutex_lock(&lock);
    if (!is_loaded)
        err = mdp_library_load(MDP_DNNL_SONAME, "oneDNN", symbols, sizeof symbols / sizeof symbols[0], &mdp_onednn);
    is_loaded = err == MDP_OK;
    pthread_mutex_unlock(&lock);
    return err;
}

#if DNNL_VERSION_MAJOR < 3

dnnl_status_t mdp_onednn_describe_product(dnnl_engine_t engine, const struct mdp_onednn_operand *a,
                                          const struct mdp_onednn_operand *b, const struct mdp_onednn_operand *c,
                                          dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t *out) {
    const struct mdp_onednn_operand *operands[] = {a, b, c};
    dnnl_memory_desc_t matrices[3];
    dnnl_matmul_desc_t product;
    dnnl_status_t status = dnnl_success;
    for (int i = 0; i < 3 && status == dnnl_success; i++)
        status = mdp_onednn.dnnl_memory_desc_init_by_strides(&matrices[i], 2, operands[i]->sizes, operands[i]->type,
                                                             operands[i]->strides);
    if (status == dnnl_success)
        status = mdp_onednn.dnnl_matmul_desc_init(&product, &matrices[0], &matrices[1], NULL, &matrices[2]);
    return status == dnnl_success ? mdp_onednn.dnnl_primitive_desc_create(out, &product, attributes, engine, NULL)
                                  : status;
}

dnnl_status_t mdp_onednn_append_sum(dnnl_post_ops_t ops) { return mdp_onednn.dnnl_post_ops_append_sum(ops, 1.0f); }

#else

dnnl_status_t mdp_onednn_describe_product(dnnl_engine_t engine, const struct mdp_onednn_operand *a,
                                          const struct mdp_onednn_operand *b, const struct mdp_onednn_operand *c,
                                          dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t *out) {
    const struct mdp_onednn_operand *operands[] = {a, b, c};
    dnnl_memory_desc_t matrices[3] = {NULL, NULL, NULL};
    dnnl_status_t status = dnnl_success;
    for (int i = 0; i < 3 && status == dnnl_success; i++)
        status = mdp_onednn.dnnl_memory_desc_create_with_strides(&matrices[i], 2, operands[i]->sizes, operands[i]->type,
                                                                 operands[i]->strides);
    if (status == dnnl_success)
        status = mdp_onednn.dnnl_matmul_primitive_desc_create(out, engine, matrices[0], matrices[1], NULL, matrices[2],
                                                              attributes);
    for (int i = 0; i < 3; i++)
        if (matrices[i] != NULL) mdp_onednn.dnnl_memory_desc_destroy(matrices[i]);
    return status;
}

dnnl_status_t mdp_onednn_append_sum(dnnl_post_ops_t ops) {
    return mdp_onednn.dnnl_post_ops_append_sum(ops, 1.0f, 0, dnnl_data_type_undef);
}

#endif
