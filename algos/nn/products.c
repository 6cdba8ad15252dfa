#include "algos/nn/products.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "algos/nn/bf16.h"
#include "algos/nn/gemm.h"
#include "algos/nn/onednn.h"

enum { BLOCKS_MAX = 8, PIECE = 4096, N_ARGUMENTS = 4 };

/* c = keep c + a b with c [m, n], a [m, k], b [k, n]; element (i, j) of a lies at i a_row + j a_col, likewise of b */
struct shape {
    int m, n, k, a_row, a_col, b_row, b_col, keep;
};

/* a shape's primitive, and each thread's view of the matrices that it works on: a, b, c, scratch */
struct product {
    struct shape shape;
    dnnl_primitive_t primitive;
    dnnl_memory_t (*memory)[N_ARGUMENTS]; /* [n_lanes] */
};

/* what a thread brings */
struct lane {
    dnnl_stream_t stream;
    char *scratch;
};

/* a block of parameters and its copy in operands */
struct block {
    const float *params;
    long n;
    char *operands;
};

struct mdp_products {
    const struct mdp_rows *rows;
    dnnl_engine_t engine; /* NULL: operands are floats, for nn/gemm.h */
    int n_products, n_lanes, n_blocks;
    size_t n_scratch;
    struct product *products;
    struct lane *lanes;
    struct block blocks[BLOCKS_MAX];
};

const struct mdp_rows *mdp_products_rows(const struct mdp_products *products) {
    return products != NULL ? products->rows : &mdp_kernel_best()->rows;
}

/* ---- making ---- */

static mdp_err check(dnnl_status_t status, const char *what) {
    if (status == dnnl_success) return MDP_OK;
    if (status == dnnl_out_of_memory) return mdp_fail(MDP_E_NOMEM, "matrix library: no memory for %s", what);
    return mdp_fail(MDP_E_INTERNAL, "matrix library: %s: status %d", what, (int)status);
}

static mdp_err describe(const struct mdp_products *products, const struct shape *s, dnnl_primitive_attr_t attributes,
                        dnnl_primitive_desc_t *out) {
    const struct mdp_onednn_operand a = {dnnl_bf16, {s->m, s->k}, {s->a_row, s->a_col}},
                                    b = {dnnl_bf16, {s->k, s->n}, {s->b_row, s->b_col}},
                                    c = {dnnl_f32, {s->m, s->n}, {s->n, 1}};
    return check(mdp_onednn_describe_product(products->engine, &a, &b, &c, attributes, out), "a product");
}

/* sums are added to, scratch memory is ours: nothing is allocated when the product is run */
static mdp_err make_attributes(int keep, dnnl_primitive_attr_t *out) {
    dnnl_post_ops_t ops = NULL;
    mdp_err err;
    MDP_TRY(check(mdp_onednn.dnnl_primitive_attr_create(out), "attributes"));
    MDP_TRY(check(mdp_onednn.dnnl_primitive_attr_set_scratchpad_mode(*out, dnnl_scratchpad_mode_user), "attributes"));
    if (!keep) goto out;
    MDP_TRY(check(mdp_onednn.dnnl_post_ops_create(&ops), "attributes"));
    MDP_TRY(check(mdp_onednn_append_sum(ops), "attributes"));
    MDP_TRY(check(mdp_onednn.dnnl_primitive_attr_set_post_ops(*out, ops), "attributes"));
out:
    if (ops != NULL) mdp_onednn.dnnl_post_ops_destroy(ops);
    return err;
}

/* every lane gets room for what needs most */
static mdp_err grow_scratch(struct mdp_products *products, size_t n) {
    mdp_err err = MDP_OK;
    for (int i = 0; n > products->n_scratch && i < products->n_lanes; i++) {
        free(products->lanes[i].scratch);
        MDP_TRY(mdp_calloc(&products->lanes[i].scratch, n, 1, "matrix products"));
    }
    if (n > products->n_scratch) products->n_scratch = n;
out:
    return err;
}

static void product_free(struct product *product, int n_lanes) {
    for (int i = 0; product->memory != NULL && i < n_lanes; i++)
        for (int j = 0; j < N_ARGUMENTS; j++)
            if (product->memory[i][j] != NULL) mdp_onednn.dnnl_memory_destroy(product->memory[i][j]);
    free(product->memory);
    if (product->primitive != NULL) mdp_onednn.dnnl_primitive_destroy(product->primitive);
}

static mdp_err make_product(struct mdp_products *products, const struct shape *shape, struct product *product) {
    static const dnnl_query_t matrices[N_ARGUMENTS] = {dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md,
                                                       dnnl_query_scratchpad_md};
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_primitive_desc_t description = NULL;
    mdp_err err;
    *product = (struct product){.shape = *shape};
    MDP_TRY(make_attributes(shape->keep, &attributes));
    MDP_TRY(describe(products, shape, attributes, &description));
    MDP_TRY(check(mdp_onednn.dnnl_primitive_create(&product->primitive, description), "a product"));
    MDP_TRY(mdp_calloc(&product->memory, (unsigned long)products->n_lanes, sizeof *product->memory, "matrix products"));
    for (int i = 0; i < products->n_lanes; i++)
        for (int j = 0; j < N_ARGUMENTS; j++) {
            mdp_onednn_matrix matrix = mdp_onednn.dnnl_primitive_desc_query_md(description, matrices[j], 0);
            MDP_TRY(
                check(mdp_onednn.dnnl_memory_create(&product->memory[i][j], matrix, products->engine, DNNL_MEMORY_NONE),
                      "a matrix"));
            if (j == N_ARGUMENTS - 1) MDP_TRY(grow_scratch(products, mdp_onednn.dnnl_memory_desc_get_size(matrix)));
        }
out:
    if (description != NULL) mdp_onednn.dnnl_primitive_desc_destroy(description);
    if (attributes != NULL) mdp_onednn.dnnl_primitive_attr_destroy(attributes);
    return err;
}

static int find(const struct mdp_products *products, const struct shape *shape) {
    for (int i = 0; i < products->n_products; i++)
        if (memcmp(&products->products[i].shape, shape, sizeof *shape) == 0) return i;
    return -1;
}

static mdp_err add(struct mdp_products *products, struct shape shape) {
    struct product *list;
    mdp_err err;
    if (find(products, &shape) >= 0) return MDP_OK;
    MDP_TRY(mdp_calloc(&list, (unsigned long)products->n_products + 1, sizeof *list, "matrix products"));
    if (products->n_products > 0) memcpy(list, products->products, (size_t)products->n_products * sizeof *list);
    free(products->products);
    products->products = list;
    return make_product(products, &shape, &list[products->n_products++]);
out:
    return err;
}

static struct shape forward_shape(int m, int n, int k) { return (struct shape){m, n, k, k, 1, 1, k, 0}; }

static struct shape input_shape(int m, int n, int k) { return (struct shape){m, k, n, n, 1, k, 1, 0}; }

static struct shape weight_shape(int m, int n, int k, int stride, int keep) {
    return (struct shape){n, k, m, 1, stride, k, 1, keep};
}

mdp_err mdp_products_plan(struct mdp_products *products, int n_rows, int n_out, int n_in, int n_block) {
    mdp_err err = MDP_OK;
    const int blocks[] = {n_block, n_out % n_block};
    if (products == NULL || products->engine == NULL) return MDP_OK;
    mdp_gemm_keep_to_this_thread();
    MDP_TRY(add(products, forward_shape(n_rows, n_out, n_in)));
    MDP_TRY(add(products, input_shape(n_rows, n_out, n_in)));
    for (int i = 0; i < 4; i++)
        if (blocks[i / 2] > 0) MDP_TRY(add(products, weight_shape(n_rows, blocks[i / 2], n_in, n_out, i % 2)));
out:
    return err;
}

/* the row functions of each kind; NULL: float32 by nn/gemm.h on rounded values */
static const struct kind {
    const char *kernel, *units;
} kinds[] = {[MDP_PRODUCTS_AMX] = {"amx", "AMX"},
             [MDP_PRODUCTS_AVX512] = {"avx512-bf16", "AVX512_BF16 and not by AMX"},
             [MDP_PRODUCTS_EMULATED] = {"emulated", NULL}};

/* the library's own choice must be what the kind says; on a machine with AMX it is kept from choosing that, which works
 * only before its first use in a process */
static mdp_err check_units(struct mdp_products *products, enum mdp_products_kind kind) {
    const struct shape probe = forward_shape(64, 64, 64);
    int wants_amx = kind == MDP_PRODUCTS_AMX;
    dnnl_primitive_desc_t description = NULL;
    const char *found = "";
    mdp_err err;
    if (!wants_amx && mdp_kernel_find("amx") != NULL) mdp_onednn.dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx512_core_bf16);
    MDP_TRY(describe(products, &probe, NULL, &description));
    mdp_onednn.dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, (void *)&found);
    int has_amx = strstr(found, "amx") != NULL; /* whose name need not say bf16, too */
    if (has_amx != wants_amx || (!has_amx && strstr(found, "bf16") == NULL))
        err = mdp_fail(MDP_E_USAGE, "training: expected %s to multiply by %s, found '%s' chosen in this process",
                       mdp_gemm_library(), kinds[kind].units, found);
out:
    if (description != NULL) mdp_onednn.dnnl_primitive_desc_destroy(description);
    return err;
}

mdp_err mdp_products_new(enum mdp_products_kind kind, int n_threads, struct mdp_products **out) {
    mdp_err err;
    struct mdp_products *products = NULL;
    *out = NULL;
    if (kind == MDP_PRODUCTS_F32) return MDP_OK;
    const struct mdp_kernel *kernel = mdp_kernel_find(kinds[kind].kernel);
    if (kernel == NULL)
        return mdp_fail(MDP_E_USAGE, "training: products: expected a processor that can run kernel %s, found none",
                        kinds[kind].kernel);
    MDP_TRY(mdp_onednn_load());
    MDP_TRY(mdp_calloc(&products, 1, sizeof *products, "matrix products"));
    products->rows = &kernel->rows;
    *out = products;
    if (kinds[kind].units == NULL) return MDP_OK;
    MDP_TRY(check(mdp_onednn.dnnl_engine_create(&products->engine, dnnl_cpu, 0), "an engine"));
    MDP_TRY(check_units(products, kind));
    MDP_TRY(mdp_calloc(&products->lanes, (unsigned long)n_threads, sizeof *products->lanes, "matrix products"));
    products->n_lanes = n_threads;
    for (int i = 0; i < n_threads; i++)
        MDP_TRY(check(
            mdp_onednn.dnnl_stream_create(&products->lanes[i].stream, products->engine, dnnl_stream_default_flags),
            "a stream"));
    return MDP_OK;
out:
    mdp_products_free(products);
    *out = NULL;
    return err;
}

void mdp_products_free(struct mdp_products *products) {
    if (products == NULL) return;
    for (int i = 0; i < products->n_products; i++) product_free(&products->products[i], products->n_lanes);
    for (int i = 0; i < products->n_lanes; i++) {
        if (products->lanes[i].stream != NULL) mdp_onednn.dnnl_stream_destroy(products->lanes[i].stream);
        free(products->lanes[i].scratch);
    }
    for (int i = 0; i < products->n_blocks; i++) free(products->blocks[i].operands);
    if (products->engine != NULL) mdp_onednn.dnnl_engine_destroy(products->engine);
    free(products->products);
    free(products->lanes);
    free(products);
}

/* ---- rounded copies ---- */

mdp_err mdp_products_watch(struct mdp_products *products, const float *params, long n) {
    if (products == NULL) return MDP_OK;
    struct block *block = &products->blocks[products->n_blocks];
    mdp_err err = mdp_calloc(&block->operands, (unsigned long)n, products->rows->element, "rounded parameters");
    if (err != MDP_OK) return err;
    block->params = params;
    block->n = n;
    products->n_blocks++;
    products->rows->round(n, params, block->operands);
    return MDP_OK;
}

static const struct block *block_of(const struct mdp_products *products, const float *param) {
    const struct block *block = products->blocks;
    while (param < block->params || param >= block->params + block->n) block++;
    return block;
}

/* what products read of a parameter */
static void *operands_of(const struct mdp_products *products, const float *param) {
    const struct block *block = block_of(products, param);
    return block->operands + (unsigned long)(param - block->params) * products->rows->element;
}

void mdp_products_refresh_part(struct mdp_products *products, const float *params, long first, long n) {
    if (products == NULL) return;
    products->rows->round(n, params + first, operands_of(products, params + first));
}

void mdp_products_refresh(struct mdp_products *products, const float *params, int n_threads) {
    if (products == NULL) return;
    long n = block_of(products, params)->n, n_pieces = (n + PIECE - 1) / PIECE;
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (long i = 0; i < n_pieces; i++)
        mdp_products_refresh_part(products, params, i * PIECE, n - i * PIECE < PIECE ? n - i * PIECE : PIECE);
}

/* ---- products ---- */

/* for shapes that were not planned, such as a short batch */
static void multiply_plainly(const struct shape *s, const uint16_t *a, const uint16_t *b, float *c) {
    for (long i = 0; i < s->m; i++)
        for (long j = 0; j < s->n; j++) {
            float sum = 0;
            for (long l = 0; l < s->k; l++)
                sum += mdp_bf16_to_float(a[i * s->a_row + l * s->a_col]) *
                       mdp_bf16_to_float(b[l * s->b_row + j * s->b_col]);
            c[i * s->n + j] = sum + (s->keep ? c[i * s->n + j] : 0.0f);
        }
}

/* the library takes pointers without const, and writes to c alone */
static void multiply(const struct mdp_products *products, struct shape shape, const void *a, const void *b, float *c) {
    int i = find(products, &shape), i_lane = omp_get_thread_num() % products->n_lanes;
    if (i < 0) {
        multiply_plainly(&shape, a, b, c);
        return;
    }
    const struct lane *lane = &products->lanes[i_lane];
    dnnl_memory_t *memory = products->products[i].memory[i_lane];
    const void *const places[N_ARGUMENTS] = {a, b, c, lane->scratch};
    const dnnl_exec_arg_t arguments[N_ARGUMENTS] = {{DNNL_ARG_SRC, memory[0]},
                                                    {DNNL_ARG_WEIGHTS, memory[1]},
                                                    {DNNL_ARG_DST, memory[2]},
                                                    {DNNL_ARG_SCRATCHPAD, memory[3]}};
    for (int j = 0; j < N_ARGUMENTS; j++)
        mdp_onednn.dnnl_memory_set_data_handle(memory[j], (void *)(uintptr_t)places[j]);
    mdp_gemm_keep_to_this_thread();
    mdp_onednn.dnnl_primitive_execute(products->products[i].primitive, lane->stream, N_ARGUMENTS, arguments);
}

static int is_by_library(const struct mdp_products *products) { return products != NULL && products->engine != NULL; }

void mdp_product_forward(struct mdp_products *products, int m, int n, int k, const void *x, const float *w, float *y) {
    const void *operands = products != NULL ? operands_of(products, w) : w;
    if (is_by_library(products))
        multiply(products, forward_shape(m, n, k), x, operands, y);
    else
        mdp_gemm_forward(m, n, k, x, operands, y);
}

void mdp_product_backward_input(struct mdp_products *products, int m, int n, int k, const void *dy, const float *w,
                                float *dx) {
    const void *operands = products != NULL ? operands_of(products, w) : w;
    if (is_by_library(products))
        multiply(products, input_shape(m, n, k), dy, operands, dx);
    else
        mdp_gemm_backward_input(m, n, k, dy, operands, dx);
}

void mdp_product_backward_weight(struct mdp_products *products, int m, int n, int k, const void *dy, int stride,
                                 const void *x, int keep, float *dw) {
    if (is_by_library(products))
        multiply(products, weight_shape(m, n, k, stride, keep), dy, x, dw);
    else
        mdp_gemm_backward_weight(m, n, k, dy, stride, x, (float)keep, dw);
}
