/* modules of windows in training: losses fall, any number of threads gives the same bits, what is fixed stays */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/diffusion/window_diffusion.h"
#include "algos/guidance/window_guidance.h"
#include "algos/inverse.h"
#include "base/rng.h"
#include "tests/tap.h"

enum { BATCH = 70, N_STEPS = 30, HORIZON = 4, N_OBS = 5, N_ACT = 3 };

static const struct mdp_window_sizes sizes = {
    .horizon = HORIZON, .n_obs = N_OBS, .n_act = N_ACT, .width = 8, .n_levels = 2, .factors = {1, 2}};
static const struct mdp_transformer_sizes transformer = {
    .horizon = HORIZON, .n_obs = N_OBS, .width = 12, .n_heads = 2, .n_blocks = 1, .n_emb = 16};

static float *normals(uint32_t which, long n, double scale) {
    float *out = NULL;
    struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_EXPLORE, which, 0);
    CHECK_OK(mdp_calloc(&out, (unsigned long)n, sizeof *out, "draws"));
    mdp_rng_normal(&rng, out, n);
    for (long i = 0; i < n; i++) out[i] *= (float)scale;
    return out;
}

static void start(struct mdp_trained *trained) {
    long n = trained->graph->n_floats;
    float *values = normals(9, n, 0.2);
    memcpy(trained->params, values, (size_t)n * sizeof *values);
    memcpy(trained->average, values, (size_t)n * sizeof *values);
    free(values);
}

/* takes steps on one batch; returns a copy of the parameters and the average */
static float *train(enum mdp_window_kind kind, int n_threads, double *first, double *last) {
    const struct mdp_window_config config = {.kind = kind,
                                             .unet = sizes,
                                             .transformer = transformer,
                                             .n_times = 5,
                                             .n_steps = 5,
                                             .rates = {0.1, 20},
                                             .solver = NULL,
                                             .emphasis = 10,
                                             .batch = BATCH,
                                             .average_keep = 0.9,
                                             .n_threads = n_threads};
    struct mdp_window_config usual = config;
    struct mdp_window_diffusion d;
    CHECK_OK(mdp_solver_find("ddpm", &usual.solver));
    CHECK_OK(mdp_window_diffusion_alloc(&d, &usual));
    long n = (long)BATCH * d.n, n_floats = d.graph->n_floats;
    float *x0 = normals(1, n, 1), *eps = normals(2, n, 1), *noisy = normals(3, n, 0), *wanted = normals(4, BATCH, 1),
          *both = normals(5, 2 * n_floats, 0), counts[BATCH], fixed[2];
    double times[BATCH];
    for (int i = 0; i < BATCH; i++) {
        times[i] = kind == MDP_WINDOW_UNET ? i % 5 : 1e-3 + 0.999 * i / BATCH;
        counts[i] = (float)(i % 2);
    }
    start(&d.trained);
    memcpy(fixed, d.trained.params, sizeof fixed);
    const struct mdp_window_batch batch = {BATCH, x0, eps, times, wanted, counts};
    for (int k = 0; k < N_STEPS; k++) {
        *last = mdp_window_diffusion_step(&d, &batch, 5e-3, noisy);
        if (k == 0) *first = *last;
    }
    CHECK(d.graph->n_fixed == 0 || memcmp(fixed, d.trained.params, sizeof fixed) == 0);
    memcpy(both, d.trained.params, (size_t)n_floats * sizeof *both);
    memcpy(both + n_floats, d.trained.average, (size_t)n_floats * sizeof *both);
    CHECK(memcmp(both, both + n_floats, (size_t)n_floats * sizeof *both) != 0);
    void *blocks[] = {x0, eps, noisy, wanted};
    for (int i = 0; i < 4; i++) free(blocks[i]);
    mdp_window_diffusion_free(&d);
    return both;
}

static void check_training(enum mdp_window_kind kind) {
    double first, last, other_first, other_last;
    float *one = train(kind, 1, &first, &last), *three = train(kind, 3, &other_first, &other_last);
    CHECK(last < 0.9 * first);
    CHECK(first == other_first && last == other_last);
    CHECK(memcmp(one, three, 1000 * sizeof *one) == 0);
    free(one);
    free(three);
}

static void test_u_net_learns(void) { check_training(MDP_WINDOW_UNET); }

static void test_transformer_learns(void) { check_training(MDP_WINDOW_TRANSFORMER); }

static void test_returns_are_learnt(void) {
    const struct mdp_trained_config config = {.n_rows = BATCH, .penalty = 1e-4, .average_keep = 0.9, .n_threads = 2};
    struct mdp_window_guidance g;
    double first = 0, last = 0;
    int times[BATCH];
    CHECK_OK(mdp_window_guidance_alloc(&g, &sizes, &config));
    start(&g.trained);
    float *x = normals(1, (long)BATCH * g.n, 1), *val = normals(2, BATCH, 1);
    for (int i = 0; i < BATCH; i++) times[i] = i % 5;
    for (int k = 0; k < 3 * N_STEPS; k++) {
        last = mdp_window_guidance_step(&g, x, times, val, 1e-3);
        if (k == 0) first = last;
    }
    CHECK(last < 0.9 * first);
    free(x);
    free(val);
    mdp_window_guidance_free(&g);
}

static void test_actions_are_learnt(void) {
    const struct mdp_trained_config config = {.n_rows = BATCH, .n_threads = 2};
    struct mdp_inverse inverse;
    double first = 0, last = 0;
    CHECK_OK(mdp_inverse_alloc(&inverse, N_OBS, N_ACT, 16, &config));
    start(&inverse.trained);
    float *pairs = normals(1, BATCH * 2 * N_OBS, 1), *act = normals(2, BATCH * N_ACT, 0.3);
    for (int k = 0; k < 3 * N_STEPS; k++) {
        last = mdp_inverse_step(&inverse, pairs, act, 1e-3);
        if (k == 0) first = last;
    }
    CHECK(last < 0.9 * first);
    free(pairs);
    free(act);
    mdp_inverse_free(&inverse);
}

static void test_wrong_settings_are_refused(void) {
    struct mdp_window_config config = {
        .kind = MDP_WINDOW_UNET, .unet = sizes, .n_times = 5, .n_steps = 0, .batch = 4, .n_threads = 1};
    struct mdp_window_diffusion d;
    CHECK_OK(mdp_solver_find("ddpm", &config.solver));
    CHECK_FAILS(mdp_window_diffusion_alloc(&d, &config), MDP_E_USAGE, "expected 1 to 256 steps, found 0");
    config.n_steps = 5;
    config.n_times = 1;
    CHECK_FAILS(mdp_window_diffusion_alloc(&d, &config), MDP_E_USAGE, "2 to 256 denoising times, found 1");
    struct mdp_window_sizes narrow = sizes;
    const struct mdp_trained_config usual = {.n_rows = 4, .n_threads = 1};
    struct mdp_window_guidance g;
    narrow.factors[1] = 1;
    CHECK_FAILS(mdp_window_guidance_alloc(&g, &narrow, &usual), MDP_E_USAGE, "a multiple of 16 channels, found 8");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_u_net_learns), TAP_TEST(test_transformer_learns),
                                            TAP_TEST(test_returns_are_learnt), TAP_TEST(test_actions_are_learnt),
                                            TAP_TEST(test_wrong_settings_are_refused)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
