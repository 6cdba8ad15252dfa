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

/* what is saved brings all back: parameters, average, moments */
static void test_saved(void) {
    static struct mdp_module_group from[MDP_TRAINED_GROUPS], to[MDP_TRAINED_GROUPS];
    const struct mdp_trained_config config = {.n_rows = BATCH, .average_keep = 0.9, .n_threads = 1};
    struct mdp_window_guidance a, b;
    int times[BATCH] = {0}, n;
    CHECK_OK(mdp_window_guidance_alloc(&a, &sizes, &config));
    CHECK_OK(mdp_window_guidance_alloc(&b, &sizes, &config));
    CHECK_OK(mdp_trained_draw(&a.trained, 1, 2));
    float *x = normals(1, (long)BATCH * a.n, 1), *val = normals(2, BATCH, 1);
    mdp_window_guidance_step(&a, x, times, val, 1e-3);
    n = mdp_trained_groups(&a.trained, "value", "value_ema", "", from);
    CHECK_INT(n, 4);
    CHECK_INT(mdp_trained_groups(&b.trained, "value", "value_ema", "", to), n);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < from[i].n; j++) {
            const struct mdp_tensor *f = &from[i].tensors[j], *t = &to[i].tensors[j];
            CHECK_STR(t->name, f->name);
            CHECK(t->rank == f->rank && mdp_tensor_count(t) == mdp_tensor_count(f));
            memcpy(t->data, f->data, (size_t)mdp_tensor_count(f) * sizeof *f->data);
        }
    CHECK_STR(from[0].tensors[4].name, "downs.0.0.conv1.0.weight");
    CHECK(from[0].tensors[4].rank == 3 && from[0].tensors[4].rows == 8 && from[0].tensors[4].taps == 3);
    mdp_trained_take(&b.trained);
    b.trained.adam.step = a.trained.adam.step;
    size_t size = (size_t)a.net.graph.n_floats * sizeof(float);
    CHECK(memcmp(a.trained.params, b.trained.params, size) == 0);
    for (int k = 0; k < 3; k++) {
        CHECK(mdp_window_guidance_step(&a, x, times, val, 1e-3) == mdp_window_guidance_step(&b, x, times, val, 1e-3));
        CHECK(memcmp(a.trained.params, b.trained.params, size) == 0);
        CHECK(memcmp(a.trained.average, b.trained.average, size) == 0);
    }
    free(x);
    free(val);
    mdp_window_guidance_free(&a);
    mdp_window_guidance_free(&b);
}

/* the range of numbers of a parameter, and their mean square */
static void look(const struct mdp_trained *t, const char *name, double *largest, double *square) {
    *largest = *square = -1;
    for (int i = 0; i < t->graph->n_params; i++) {
        const struct mdp_graph_param *param = &t->graph->params[i];
        if (strcmp(param->name, name) != 0) continue;
        *largest = *square = 0;
        for (long k = 0; k < param->n; k++) {
            double value = t->params[param->offset + k];
            *largest = fmax(*largest, fabs(value));
            *square += value * value / (double)param->n;
        }
    }
}

/* numbers drawn evenly fill their range, whose mean square is a third of its end's */
static void check_even(const struct mdp_trained *t, const char *name, double end) {
    double largest, square;
    look(t, name, &largest, &square);
    CHECK(largest <= end && largest > 0.9 * end);
    CHECK_CLOSE(square, end * end / 3, 0.1 * end * end);
}

/* as PyTorch starts: convolutions and linear layers by their inputs, transposed ones by outputs and taps */
static void test_first_parameters(void) {
    const struct mdp_window_config make = {
        .kind = MDP_WINDOW_UNET, .unet = sizes, .n_times = 5, .n_steps = 5, .emphasis = 10};
    struct mdp_window_config config = make;
    struct mdp_window_diffusion d;
    double largest, square;
    CHECK_OK(mdp_solver_find("ddpm", &config.solver));
    CHECK_OK(mdp_window_diffusion_alloc(&d, &config));
    CHECK_OK(mdp_trained_draw(&d.trained, 1, 1));
    check_even(&d.trained, "map_emb.0.weight", 1 / sqrt(8));
    check_even(&d.trained, "mid_block1.conv1.0.weight", 1 / sqrt(16 * 5));
    check_even(&d.trained, "ups.0.3.conv.weight", 1 / sqrt(8 * 4));
    look(&d.trained, "downs.0.0.conv1.1.weight", &largest, &square);
    CHECK(largest == 1 && square == 1);
    look(&d.trained, "downs.0.0.conv1.1.bias", &largest, &square);
    CHECK(largest == 0);
    CHECK(memcmp(d.trained.params, d.trained.average, (size_t)d.graph->n_floats * sizeof(float)) == 0);
    mdp_window_diffusion_free(&d);
    config.kind = MDP_WINDOW_TRANSFORMER;
    config.transformer = transformer;
    config.rates[1] = 20;
    CHECK_OK(mdp_window_diffusion_alloc(&d, &config));
    CHECK_OK(mdp_trained_draw(&d.trained, 1, 1));
    check_even(&d.trained, "diffusion.blocks.0.attn.in_proj_weight", sqrt(6.0 / (12 + 36)));
    check_even(&d.trained, "condition.mlp.mlp.1.weight", 1 / sqrt(16));
    look(&d.trained, "diffusion.map_emb.2.weight", &largest, &square);
    CHECK_CLOSE(square, 0.02 * 0.02, 0.4 * 0.02 * 0.02);
    static const char *const zeros[] = {"diffusion.blocks.0.adaLN_modulation.1.weight", "diffusion.x_proj.bias",
                                        "diffusion.final_layer.linear.weight",
                                        "diffusion.final_layer.adaLN_modulation.1.weight"};
    for (int i = 0; i < 4; i++) {
        look(&d.trained, zeros[i], &largest, &square);
        CHECK(largest == 0);
    }
    mdp_window_diffusion_free(&d);
}

/* columns or rows, whichever are fewer, stand at right angles */
static void test_orthogonal_start(void) {
    const struct mdp_trained_config config = {.n_threads = 1};
    struct mdp_inverse inverse;
    CHECK_OK(mdp_inverse_alloc(&inverse, N_OBS, N_ACT, 16, &config));
    CHECK_OK(mdp_trained_draw(&inverse.trained, 1, 3));
    const struct mdp_graph_param *first = &inverse.graph.params[0], *last = &inverse.graph.params[4];
    CHECK_STR(first->name, "mlp.0.0.weight");
    CHECK_STR(last->name, "mlp.2.weight");
    for (int a = 0; a < 2 * N_OBS; a++)
        for (int b = 0; b < 2 * N_OBS; b++) {
            double sum = 0;
            for (int i = 0; i < 16; i++)
                sum += inverse.trained.params[first->offset + i * 2 * N_OBS + a] *
                       inverse.trained.params[first->offset + i * 2 * N_OBS + b];
            CHECK_CLOSE(sum, a == b, 1e-6);
        }
    for (int a = 0; a < N_ACT; a++)
        for (int b = 0; b < N_ACT; b++) {
            double sum = 0;
            for (int i = 0; i < 16; i++)
                sum += inverse.trained.params[last->offset + a * 16 + i] *
                       inverse.trained.params[last->offset + b * 16 + i];
            CHECK_CLOSE(sum, a == b, 1e-6);
        }
    mdp_inverse_free(&inverse);
}

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
    static const struct tap_test tests[] = {
        TAP_TEST(test_u_net_learns),       TAP_TEST(test_transformer_learns),        TAP_TEST(test_saved),
        TAP_TEST(test_first_parameters),   TAP_TEST(test_orthogonal_start),          TAP_TEST(test_returns_are_learnt),
        TAP_TEST(test_actions_are_learnt), TAP_TEST(test_wrong_settings_are_refused)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
