/* products of rounded operands, of every kind this machine can run: against double arithmetic, planned or not, whoever
 * runs them */
#include "algos/nn/products.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tests/tap.h"

enum { M = 40, N = 70, K = 33, BLOCK = 32, N_KINDS = 3 };

static const enum mdp_products_kind kinds[N_KINDS] = {MDP_PRODUCTS_AMX, MDP_PRODUCTS_AVX512, MDP_PRODUCTS_EMULATED};
static const char *const kernels[N_KINDS] = {"amx", "avx512-bf16", "emulated"};

/* x [M, K], w [N, K], dy [M, N] in float32 that bfloat16 holds, so that only sums are rounded; and as operands */
struct scene {
    struct mdp_products *products;
    float x[M * K], w[N * K], dy[M * N];
    char x_operands[M * K * 4], dy_operands[M * N * 4];
};

static void draw(uint32_t which, long n, float *out) {
    struct mdp_rng rng = mdp_rng_stream(8, MDP_RNG_EXPLORE, which, 0);
    mdp_rng_normal(&rng, out, n);
    for (long i = 0; i < n; i++) out[i] = roundf(out[i] * 64) / 64;
}

/* 0 if this machine has not this kind, or not beside another in one process */
static int make(struct scene *s, int i_kind, int n_threads, int is_planned) {
    memset(s, 0, sizeof *s);
    if (mdp_kernel_find(kernels[i_kind]) == NULL) return 0;
    CHECK_OK(mdp_products_new(kinds[i_kind], n_threads, &s->products));
    draw(1, M * K, s->x);
    draw(2, N * K, s->w);
    draw(3, M * N, s->dy);
    if (is_planned) CHECK_OK(mdp_products_plan(s->products, M, N, K, BLOCK));
    CHECK_OK(mdp_products_watch(s->products, s->w, N * K));
    mdp_products_rows(s->products)->round(M * K, s->x, s->x_operands);
    mdp_products_rows(s->products)->round(M * N, s->dy, s->dy_operands);
    return 1;
}

/* c = a b in double, and the sum of the products' sizes; element (i, j) of a at i a_row + j a_col, likewise b */
static void check_product(const float *c, int m, int n, int k, const float *a, int a_row, int a_col, const float *b,
                          int b_row, int b_col, double start) {
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            double sum = start, size = fabs(start);
            for (int l = 0; l < k; l++) {
                double product = (double)a[i * a_row + l * a_col] * b[l * b_row + j * b_col];
                sum += product;
                size += fabs(product);
            }
            CHECK_CLOSE(c[i * n + j], sum, (k + 1) * 0x1p-24 * size);
        }
}

/* the three products of a layer; the last one by blocks of rows, in place of what is there and added to it */
static void check_layer(struct scene *s) {
    static float y[M * N], dx[M * K], dw[N * K];
    unsigned long element = mdp_products_rows(s->products)->element;
    mdp_product_forward(s->products, M, N, K, s->x_operands, s->w, y);
    check_product(y, M, N, K, s->x, K, 1, s->w, 1, K, 0);
    mdp_product_backward_input(s->products, M, N, K, s->dy_operands, s->w, dx);
    check_product(dx, M, K, N, s->dy, N, 1, s->w, K, 1, 0);
    for (int first = 0; first < N; first += BLOCK) {
        int n = N - first < BLOCK ? N - first : BLOCK;
        float *rows = dw + first * K;
        for (int i = 0; i < n * K; i++) rows[i] = NAN;
        for (int keep = 0; keep < 2; keep++)
            mdp_product_backward_weight(s->products, M, n, K, s->dy_operands + (unsigned long)first * element, N,
                                        s->x_operands, keep, rows);
        for (int i = 0; i < n * K; i++) rows[i] /= 2;
        check_product(rows, n, K, M, s->dy + first, 1, N, s->x, K, 1, 0);
    }
}

static void check_layers(int is_planned) {
    static struct scene s;
    int n_checked = 0;
    for (int i = 0; i < N_KINDS; i++) {
        if (!make(&s, i, 1, is_planned)) continue;
        check_layer(&s);
        mdp_products_free(s.products);
        n_checked++;
        if (kinds[i] == MDP_PRODUCTS_AMX) i++;
    }
    if (n_checked == 0) SKIP("this machine has no bfloat16 products");
}

static void test_planned_products(void) { check_layers(1); }

static void test_other_shapes_work_too(void) { check_layers(0); }

/* a refusal names what is missing */
static void test_kinds_that_are_not_here(void) {
    struct mdp_products *products = NULL;
    int n_missing = 0;
    for (int i = 0; i < N_KINDS; i++) {
        if (mdp_kernel_find(kernels[i]) != NULL) continue;
        CHECK_FAILS(mdp_products_new(kinds[i], 1, &products), MDP_E_USAGE, kernels[i]);
        CHECK(products == NULL);
        n_missing++;
    }
    CHECK_OK(mdp_products_new(MDP_PRODUCTS_F32, 1, &products));
    CHECK(products == NULL && mdp_products_rows(products) == &mdp_kernel_best()->rows);
    if (n_missing == 0) SKIP("this machine has every kind");
}

/* products see changed parameters when they are told, a part of them or all */
static void test_refreshing(void) {
    static struct scene s;
    static float before[M * N], after[M * N];
    if (!make(&s, 2, 1, 1)) SKIP("no emulation here");
    mdp_product_forward(s.products, M, N, K, s.x_operands, s.w, before);
    for (int i = 0; i < N * K; i++) s.w[i] = -s.w[i];
    mdp_product_forward(s.products, M, N, K, s.x_operands, s.w, after);
    CHECK(memcmp(before, after, sizeof before) == 0);
    mdp_products_refresh_part(s.products, s.w, 0, K);
    mdp_product_forward(s.products, M, N, K, s.x_operands, s.w, after);
    for (int i = 0; i < M * N; i++) CHECK(after[i] == (i % N == 0 ? -before[i] : before[i]));
    mdp_products_refresh(s.products, s.w, 2);
    mdp_product_forward(s.products, M, N, K, s.x_operands, s.w, after);
    for (int i = 0; i < M * N; i++) CHECK(after[i] == -before[i]);
    mdp_products_free(s.products);
}

/* threads have memory of their own */
static void test_threads_do_not_disturb_each_other(void) {
    static struct scene s;
    static float want[M * N], got[3][M * N];
    for (int i = 0; i < N_KINDS; i++) {
        if (!make(&s, i, 3, 1)) continue;
        mdp_product_forward(s.products, M, N, K, s.x_operands, s.w, want);
#pragma omp parallel for num_threads(3) schedule(static)
        for (int t = 0; t < 3; t++)
            for (int k = 0; k < 200; k++) mdp_product_forward(s.products, M, N, K, s.x_operands, s.w, got[t]);
        for (int t = 0; t < 3; t++) CHECK(memcmp(want, got[t], sizeof want) == 0);
        mdp_products_free(s.products);
        if (kinds[i] == MDP_PRODUCTS_AMX) i++;
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_planned_products), TAP_TEST(test_other_shapes_work_too),
                                            TAP_TEST(test_kinds_that_are_not_here), TAP_TEST(test_refreshing),
                                            TAP_TEST(test_threads_do_not_disturb_each_other)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
