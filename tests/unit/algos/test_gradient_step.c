/* weight gradients block by block, with the optimiser's step and the running average: the same as one after the other,
 * for any threads, in float32 and in rounded operands */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/nn/gradient.h"
#include "algos/nn/module.h"
#include "algos/nn/resnet.h"
#include "base/rng.h"
#include "tests/tap.h"

/* wide enough for several blocks of a weight; two panels, the second one short, with two passes each */
enum { N_IN = 11, WIDTH = 200, N_BLOCKS = 2, N_OUT = 3, N_ROWS = MDP_PANEL_ROWS + 9, N_PANELS = 2, N_PASSES = 4 };

/* a network with parameters before its own, passes through it, and what a step changes */
struct scene {
    struct mdp_layout layout;
    struct mdp_resnet net;
    struct mdp_products *products;
    struct mdp_resnet_cache caches[N_PASSES];
    struct mdp_adam adam;
    float *params, *average, *grads, *before;
    long n_before, n;
};

static float *normals(uint32_t which, long n) {
    struct mdp_rng rng = mdp_rng_stream(4, MDP_RNG_EXPLORE, which, 0);
    float *out;
    CHECK_OK(mdp_calloc(&out, (unsigned long)n, sizeof *out, "numbers"));
    mdp_rng_normal(&rng, out, n);
    return out;
}

static int rows_of(int i_pass) { return mdp_panel_rows(N_ROWS, i_pass / (N_PASSES / N_PANELS)).n; }

static void make(struct scene *s, enum mdp_products_kind kind) {
    memset(s, 0, sizeof *s);
    mdp_layout_add_linear(&s->layout, "", "first", 5, 4);
    s->n_before = s->layout.n_floats;
    mdp_resnet_build(&s->net, &s->layout, N_IN, WIDTH, N_BLOCKS, N_OUT);
    s->n = s->layout.n_floats;
    CHECK_OK(mdp_products_new(kind, 3, &s->products));
    CHECK_OK(mdp_adam_alloc(&s->adam, s->n, 0.01));
    s->params = normals(0, s->n);
    mdp_layout_init(&s->layout, 3, 1, s->params);
    s->average = normals(1, s->n);
    s->grads = normals(2, s->n);
    s->before = normals(3, s->n_before);
    CHECK_OK(mdp_products_watch(s->products, s->params, s->n));
    for (int i = 0; i < N_PASSES; i++) {
        float *x = normals(4 + (uint32_t)i, (long)rows_of(i) * N_IN);
        CHECK_OK(mdp_resnet_cache_alloc(&s->caches[i], &s->net, MDP_PANEL_ROWS, s->products));
        memcpy(s->caches[i].x, x, (size_t)rows_of(i) * N_IN * sizeof *x);
        free(x);
    }
}

static void release(struct scene *s) {
    for (int i = 0; i < N_PASSES; i++) mdp_resnet_cache_free(&s->caches[i]);
    mdp_adam_free(&s->adam);
    mdp_products_free(s->products);
    void *blocks[] = {s->params, s->average, s->grads, s->before};
    for (int i = 0; i < 4; i++) free(blocks[i]);
}

/* every pass there and back, of one panel after the other; grads nullable */
static void pass(struct scene *s, float *grads) {
    for (int i = 0; i < N_PASSES; i++) {
        float *d_out = normals(20 + (uint32_t)i, (long)rows_of(i) * N_OUT);
        mdp_resnet_forward(&s->net, s->params, rows_of(i), (struct mdp_dropout){NULL, 0, 0}, &s->caches[i]);
        mdp_resnet_backward(&s->net, s->params, rows_of(i), &s->caches[i], d_out, grads, NULL);
        free(d_out);
    }
}

static void step_apart(struct scene *s, int averages) {
    memset(s->grads, 0, (size_t)s->n * sizeof *s->grads);
    memcpy(s->grads, s->before, (size_t)s->n_before * sizeof *s->grads);
    pass(s, s->grads);
    mdp_adam_step(&s->adam, s->params, &s->grads, 1, 1e-2, 1);
    mdp_products_refresh(s->products, s->params, 1);
    if (averages) mdp_average_step(s->average, s->params, s->n, 0.9, 1);
}

static void step_together(struct scene *s, int averages, int n_threads) {
    struct mdp_gradient gradient = {.products = s->products, .n_threads = n_threads};
    const struct mdp_gradient_update update = {&s->adam, s->params, averages ? s->average : NULL, 0.9, s->grads};
    struct mdp_gradient_term terms[MDP_GRADIENT_TERMS_MAX];
    for (int i = 0; i < N_PASSES; i++) {
        int n = mdp_resnet_terms(&s->net, &s->caches[i], terms);
        CHECK_OK(mdp_gradient_add(&gradient, i / (N_PASSES / N_PANELS), terms, n));
    }
    CHECK_INT(mdp_gradient_first(&gradient), s->n_before);
    pass(s, NULL);
    mdp_gradient_step(&gradient, N_ROWS, &update, 1e-2, s->before);
    mdp_gradient_free(&gradient);
}

/* a product of whole panels and one of a block of rows may add up in another order */
static void check_close(const float *got, const float *want, long n) {
    double size = 0;
    for (long j = 0; j < n; j++) size = fmax(size, fabs((double)want[j]));
    for (long j = 0; j < n; j++) CHECK_CLOSE(got[j], want[j], 1e-5 * size);
}

static void check_kind(enum mdp_products_kind kind) {
    static struct scene apart, together, threads;
    make(&apart, kind);
    make(&together, kind);
    make(&threads, kind);
    for (int averages = 0; averages < 2; averages++) {
        step_apart(&apart, averages);
        step_together(&together, averages, 1);
        step_together(&threads, averages, 3);
        check_close(together.grads, apart.grads, apart.n);
        check_close(together.average, apart.average, apart.n);
        CHECK_INT(together.adam.step, apart.adam.step);
        CHECK(memcmp(threads.params, together.params, (size_t)apart.n * sizeof(float)) == 0);
        CHECK(memcmp(threads.average, together.average, (size_t)apart.n * sizeof(float)) == 0);
        CHECK(memcmp(threads.grads, together.grads, (size_t)apart.n * sizeof(float)) == 0);
        memcpy(together.params, apart.params, (size_t)apart.n * sizeof(float));
        memcpy(threads.params, apart.params, (size_t)apart.n * sizeof(float));
        mdp_products_refresh(together.products, together.params, 1);
        mdp_products_refresh(threads.products, threads.params, 2);
    }
    release(&apart);
    release(&together);
    release(&threads);
}

static void test_float32(void) { check_kind(MDP_PRODUCTS_F32); }

static void test_rounded_operands(void) {
    if (mdp_kernel_find("emulated") == NULL) SKIP("no emulation here");
    check_kind(MDP_PRODUCTS_EMULATED);
}

/* a batch of one panel leaves the other panel's passes out */
static void test_short_batch(void) {
    static struct scene s;
    struct mdp_gradient gradient = {.n_threads = 2};
    struct mdp_gradient_term terms[MDP_GRADIENT_TERMS_MAX];
    make(&s, MDP_PRODUCTS_F32);
    for (int i = 0; i < N_PASSES; i++)
        CHECK_OK(mdp_gradient_add(&gradient, i == 0 ? 0 : 1, terms, mdp_resnet_terms(&s.net, &s.caches[i], terms)));
    const struct mdp_gradient_update update = {&s.adam, s.params, NULL, 0, s.grads};
    float *want = normals(30, s.n);
    pass(&s, NULL);
    memset(want, 0, (size_t)s.n * sizeof *want);
    mdp_gradient_accumulate(NULL, terms, mdp_resnet_terms(&s.net, &s.caches[0], terms), 5, want);
    mdp_gradient_step(&gradient, 5, &update, 0, s.before);
    check_close(s.grads + s.n_before, want + s.n_before, s.n - s.n_before);
    mdp_gradient_free(&gradient);
    free(want);
    release(&s);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_float32), TAP_TEST(test_rounded_operands),
                                            TAP_TEST(test_short_batch)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
