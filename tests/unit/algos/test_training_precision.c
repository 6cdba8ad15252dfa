/* training steps in every bfloat16 precision that this machine can run: close to float32, learning like it, the same
 * bits for any threads */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/precision.h"
#include "base/rng.h"
#include "tests/tap.h"

enum { N_OBS = 7, N_ACT = 3, N_ROWS = 200, WIDTH = 48, N_KNOWN = 16 };

/* a run and its modules */
struct run {
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
    struct mdp_learner *learner;
};

static void make_run(const struct mdp_algorithm *algorithm, const char *precision, int n_threads, double lr,
                     struct run *run) {
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    struct mdp_learner_config config;
    mdp_algorithm_diffusion(algorithm, N_OBS, N_ACT, &diffusion);
    diffusion.n_emb = 8;
    diffusion.n_hidden = WIDTH;
    mdp_algorithm_guidance(algorithm, N_OBS, N_ACT, &guidance);
    guidance.n_hidden = WIDTH;
    mdp_algorithm_learner(algorithm, &config);
    config.batch = N_ROWS;
    config.n_threads = n_threads;
    config.lr = lr;
    config.keeps_gradient = 1;
    CHECK_OK(mdp_precision_find_training(precision, &config.kernel, &config.products));
    CHECK_OK(mdp_diffusion_new(&diffusion, 1, &run->diffusion));
    CHECK_OK(mdp_guidance_new(&guidance, 2, &run->guidance));
    CHECK_OK(mdp_learner_new(&config, run->diffusion, run->guidance, &run->learner));
}

static void free_run(struct run *run) {
    mdp_learner_free(run->learner);
    mdp_diffusion_free(run->diffusion);
    mdp_guidance_free(run->guidance);
}

/* what the dataset does is a function of the state, so that there is something to learn */
static struct mdp_learner_log take_step(struct run *run, int n_rows) {
    static float obs[N_ROWS * N_OBS], next_obs[N_ROWS * N_OBS], act[N_ROWS * N_ACT], rew[N_ROWS], tml[N_ROWS];
    struct mdp_learner_log log;
    struct mdp_rng rng = mdp_rng_stream(9, MDP_RNG_EXPLORE, (uint32_t)(run->learner->step % 4), 0);
    mdp_rng_normal(&rng, obs, N_ROWS * N_OBS);
    mdp_rng_normal(&rng, next_obs, N_ROWS * N_OBS);
    for (int i = 0; i < N_ROWS; i++) {
        for (int j = 0; j < N_ACT; j++) act[i * N_ACT + j] = tanhf(obs[i * N_OBS + j] - obs[i * N_OBS + j + 1]);
        rew[i] = obs[i * N_OBS] * act[i * N_ACT];
        tml[i] = i % 17 == 0 ? 1.0f : 0.0f;
    }
    const struct mdp_batch batch = {
        .n = n_rows, .obs = obs, .act = act, .rew = rew, .tml = tml, .next_obs = next_obs, .next_act = NULL};
    const struct mdp_learner_draws draws = mdp_learner_draw(run->learner, n_rows);
    mdp_learner_step(run->learner, &batch, &draws, &log);
    return log;
}

/* runs a check on every algorithm and precision; the name is the last line before a failure */
static void each(void (*check)(const struct mdp_algorithm *algorithm, const char *precision)) {
    int n_checked = 0;
    for (int p = 0; p < mdp_precision_names()->n; p++) {
        const struct mdp_kernel *kernel;
        const char *precision = mdp_names_at(mdp_precision_names(), p);
        if (strncmp(precision, "bf16", 4) != 0 || mdp_precision_find(precision, &kernel) != MDP_OK) continue;
        /* beside AMX the library multiplies by nothing else in this process */
        if (strcmp(precision, "bf16-avx512") == 0 && mdp_kernel_find("amx") != NULL) continue;
        for (int i = 0; mdp_algorithm_at(i) != NULL; i++) {
            if (mdp_algorithm_at(i)->planning != NULL) continue;
            if (mdp_algorithm_at(i)->denoiser == MDP_DENOISER_UNET) continue; /* float32 alone */
            fprintf(stderr, "%s in %s\n", mdp_algorithm_at(i)->name, precision);
            check(mdp_algorithm_at(i), precision);
            n_checked++;
        }
    }
    if (n_checked == 0) SKIP("this machine has no bfloat16 at all");
}

static double norm(const float *x, const float *minus, long n) {
    double sum = 0;
    for (long i = 0; i < n; i++) sum += pow((double)x[i] - (minus != NULL ? minus[i] : 0), 2);
    return sqrt(sum);
}

static float *gradient_of(const struct mdp_algorithm *algorithm, const char *precision, struct mdp_learner_log *log) {
    struct run run;
    float *grads;
    make_run(algorithm, precision, 1, 0, &run);
    *log = take_step(&run, N_ROWS);
    CHECK_OK(mdp_calloc(&grads, (unsigned long)run.diffusion->net.layout.n_floats, sizeof *grads, "gradient"));
    mdp_learner_actor_gradient(run.learner, grads);
    free_run(&run);
    return grads;
}

/* a gradient is the end of a chain of products, and rounding an operand moves a product by at most 2^-8 of itself, in
 * norm, where nothing cancels. the longest chain of the cloning loss is that of a residual denoiser: 8 layers forward
 * and back, 2 rounded operands each, and 3 slopes: 35 roundings, of independent signs sqrt(35) 2^-8 = 2.3 %; the chains
 * of a policy loss are longer, but part of the whole. losses: 16 roundings, and twice that of a square */
static void check_gradient(const struct mdp_algorithm *algorithm, const char *precision) {
    struct mdp_learner_log exact_log, log;
    struct run run;
    make_run(algorithm, "f32", 1, 0, &run);
    long n = run.diffusion->net.layout.n_floats;
    free_run(&run);
    float *exact = gradient_of(algorithm, "f32", &exact_log), *rounded = gradient_of(algorithm, precision, &log);
    double off = norm(exact, rounded, n) / norm(exact, NULL, n);
    CHECK(off > 1e-4 && off < 0.023);
    CHECK_CLOSE(log.bc_loss / exact_log.bc_loss, 1.0, 32 * 0x1p-8);
    CHECK_CLOSE(log.critic_loss / exact_log.critic_loss, 1.0, 32 * 0x1p-8);
    free(exact);
    free(rounded);
}

static void test_gradients_are_close_to_those_of_float32(void) { each(check_gradient); }

/* every saved float */
static void check_equal(struct run *a, struct run *b) {
    static struct mdp_module_group left[2 * MDP_MODULE_GROUPS_MAX], right[2 * MDP_MODULE_GROUPS_MAX];
    int n = mdp_diffusion_groups(a->diffusion, left);
    n += mdp_guidance_groups(a->guidance, left + n);
    int n_right = mdp_diffusion_groups(b->diffusion, right);
    n_right += mdp_guidance_groups(b->guidance, right + n_right);
    CHECK_INT(n, n_right);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < left[i].n; j++)
            CHECK(memcmp(left[i].tensors[j].data, right[i].tensors[j].data,
                         (size_t)mdp_tensor_count(&left[i].tensors[j]) * sizeof(float)) == 0);
}

static void check_threads(const struct mdp_algorithm *algorithm, const char *precision) {
    struct run one, other;
    make_run(algorithm, precision, 1, 3e-4, &one);
    for (int k = 0; k < 6; k++) take_step(&one, N_ROWS);
    for (int n_threads = 1; n_threads <= 3; n_threads++) {
        make_run(algorithm, precision, n_threads, 3e-4, &other);
        for (int k = 0; k < 6; k++) take_step(&other, N_ROWS);
        check_equal(&one, &other);
        free_run(&other);
    }
    free_run(&one);
}

static void test_threads_do_not_matter(void) { each(check_threads); }

static void train(const struct mdp_algorithm *algorithm, const char *precision, double *first, double *last) {
    struct run run;
    make_run(algorithm, precision, 1, 3e-3, &run);
    *first = *last = 0;
    for (int k = 0; k < 200; k++) {
        double loss = take_step(&run, N_ROWS).bc_loss;
        if (k < 20) *first += loss / 20;
        if (k >= 180) *last += loss / 20;
    }
    free_run(&run);
}

/* where float32 ends; trained once for all precisions */
static double exact_end(const struct mdp_algorithm *algorithm) {
    static struct {
        const struct mdp_algorithm *algorithm;
        double first, last;
    } known[N_KNOWN];
    int i = 0;
    while (known[i].algorithm != NULL && known[i].algorithm != algorithm) CHECK(++i < N_KNOWN);
    if (known[i].algorithm == NULL) train(algorithm, "f32", &known[i].first, &known[i].last);
    known[i].algorithm = algorithm;
    CHECK(known[i].last < 0.8 * known[i].first);
    return known[i].last;
}

/* the cloning loss falls, and ends where that of float32 ends */
static void check_learning(const struct mdp_algorithm *algorithm, const char *precision) {
    double first, last;
    train(algorithm, precision, &first, &last);
    CHECK(last < 0.8 * first);
    CHECK_CLOSE(last / exact_end(algorithm), 1.0, 0.05);
}

static void test_learns_like_float32(void) { each(check_learning); }

/* shapes that were not planned: what the library was not asked for is computed plainly */
static void check_short_batch(const struct mdp_algorithm *algorithm, const char *precision) {
    struct run exact, rounded;
    make_run(algorithm, "f32", 1, 0, &exact);
    make_run(algorithm, precision, 2, 0, &rounded);
    CHECK_CLOSE(take_step(&rounded, 33).bc_loss / take_step(&exact, 33).bc_loss, 1.0, 32 * 0x1p-8);
    free_run(&exact);
    free_run(&rounded);
}

static void test_short_batches(void) { each(check_short_batch); }

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_gradients_are_close_to_those_of_float32),
        TAP_TEST(test_threads_do_not_matter),
        TAP_TEST(test_learns_like_float32),
        TAP_TEST(test_short_batches),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
