/* packed networks against the plain layers: every algorithm, solver and kind of guidance, every kernel of this machine;
 * and the same bits whatever shares a call */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/proposer.h"
#include "base/rng.h"
#include "tests/tap.h"

enum { N_OBS = 9, N_ACT = 5, N_STATES = 6, DRAWS_MAX = 20 };

/* modules of an algorithm with sizes that are no multiples of anything, and inputs; noise of state s, draw d, candidate
 * c starts at noise + ((s * DRAWS_MAX + d) * n_candidates + c) * N_ACT */
struct scene {
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
    int n_candidates;
    double lambda;
    struct mdp_langevin langevin;
    struct mdp_guide_rule guide;
    float obs[N_STATES * N_OBS];
    float *noise;
};

static const struct mdp_guidance_kind *kind_of(const char *name) {
    const struct mdp_guidance_kind *kind;
    CHECK_OK(mdp_guidance_kind_find(name, &kind));
    return kind;
}

/* guidance and solver are the algorithm's own unless they are given */
static struct scene make_scene(const char *algo, const char *guidance_name, const struct mdp_solver *solver,
                               int n_candidates) {
    struct scene s = {.n_candidates = n_candidates};
    const struct mdp_algorithm *algorithm;
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    struct mdp_rng rng = mdp_rng_stream(6, MDP_RNG_EXPLORE, 0, 0);
    CHECK_OK(mdp_algorithm_find(algo, &algorithm));
    mdp_algorithm_diffusion(algorithm, N_OBS, N_ACT, &diffusion);
    mdp_algorithm_guidance(algorithm, N_OBS, N_ACT, &guidance);
    diffusion.n_hidden = 48;
    guidance.n_hidden = 44;
    for (int i = 0; i < 3; i++) {
        diffusion.widths[i] = 44 - 10 * i;
        guidance.widths[i] = 40 - 6 * i;
    }
    if (guidance_name != NULL) guidance.kind = kind_of(guidance_name);
    if (solver != NULL) {
        diffusion.solver = solver;
        diffusion.n_times = 20; /* no step between equal times */
    }
    CHECK_OK(mdp_diffusion_new(&diffusion, 2, &s.diffusion));
    CHECK_OK(mdp_guidance_new(&guidance, 3, &s.guidance));
    long n = (long)N_STATES * DRAWS_MAX * n_candidates * N_ACT;
    CHECK_OK(mdp_calloc(&s.noise, (unsigned long)n, sizeof(float), "noise"));
    mdp_rng_normal(&rng, s.obs, N_STATES * N_OBS);
    mdp_rng_normal(&rng, s.noise, n);
    return s;
}

static void free_scene(struct scene *s) {
    mdp_diffusion_free(s->diffusion);
    mdp_guidance_free(s->guidance);
    free(s->noise);
}

/* a U-Net and an energy have layers of float32 alone */
static int is_f32_alone(const struct scene *s) {
    return s->diffusion->config.kind == MDP_DENOISER_UNET || s->guidance->config.kind->needs_support;
}

static struct mdp_proposer *make_proposer(const struct scene *s, const struct mdp_kernel *kernel) {
    const struct mdp_proposer_config config = {kernel, s->n_candidates, 1, 1, s->lambda, s->langevin, 0.2, s->guide};
    struct mdp_proposer *proposer;
    CHECK_OK(mdp_proposer_new(&config, s->diffusion, s->guidance, &proposer));
    return proposer;
}

/* what was proposed for all states of a scene */
struct proposed {
    float *actions, *scores, *history; /* of history the last state's */
};

static void propose(const struct scene *s, struct mdp_proposer *proposer, int at_once, struct proposed *out) {
    long rows = s->n_candidates, state = DRAWS_MAX * rows * N_ACT;
    for (int first = 0; first < N_STATES; first += at_once) {
        int n = N_STATES - first < at_once ? N_STATES - first : at_once;
        const float *walk = s->noise + first * s->langevin.n_steps * rows * N_ACT;
        struct mdp_reverse_input input = {.n_states = n,
                                          .n_candidates = s->n_candidates,
                                          .obs = s->obs + first * N_OBS,
                                          .draws = {s->noise + first * state, rows * N_ACT},
                                          .draws_per_state = state,
                                          .temperature = 0.5,
                                          .langevin = s->langevin.n_steps > 0 ? walk : NULL};
        struct mdp_proposal p = mdp_propose(proposer, 0, &input);
        memcpy(out->actions + first * rows * N_ACT, p.actions, (size_t)(n * rows * N_ACT) * sizeof(float));
        memcpy(out->scores + first * rows, p.scores, (size_t)(n * rows) * sizeof(float));
        for (int i = 0; i <= s->diffusion->config.n_steps; i++)
            memcpy(out->history + i * rows * N_ACT, p.history + ((long)(i * n) + n - 1) * rows * N_ACT,
                   (size_t)(rows * N_ACT) * sizeof(float));
    }
}

static struct proposed proposed_new(const struct scene *s) {
    struct proposed p;
    unsigned long rows = (unsigned long)(N_STATES * s->n_candidates);
    CHECK_OK(mdp_calloc(&p.actions, rows * N_ACT, sizeof(float), "actions"));
    CHECK_OK(mdp_calloc(&p.scores, rows, sizeof(float), "scores"));
    CHECK_OK(
        mdp_calloc(&p.history, (unsigned long)(s->n_candidates * N_ACT * (DRAWS_MAX + 1)), sizeof(float), "history"));
    return p;
}

static void proposed_free(struct proposed *p) {
    free(p->actions);
    free(p->scores);
    free(p->history);
}

static double mean_difference(const float *a, const float *b, long n) {
    double sum = 0;
    for (long i = 0; i < n; i++) sum += fabs((double)a[i] - b[i]);
    return sum / (double)n;
}

/* SPEC section 11 times ten: sampled actions 1.1e-4, network outputs 2.5e-6 beside what the action's error brings.
 * bfloat16 has 8 bits: its mean error is bounded, single actions may go either way at a clip */
static void compare_with_plain(struct scene *s) {
    struct mdp_proposer *plain = make_proposer(s, NULL);
    struct proposed want = proposed_new(s), got = proposed_new(s);
    long rows = (long)N_STATES * s->n_candidates;
    propose(s, plain, 1, &want);
    for (int i = 0; mdp_kernel_list()[i] != NULL; i++) {
        const struct mdp_kernel *kernel = mdp_kernel_list()[i];
        if (!kernel->is_supported() || (kernel->precision != MDP_F32 && is_f32_alone(s))) continue;
        struct mdp_proposer *packed = make_proposer(s, kernel);
        propose(s, packed, 1, &got);
        if (kernel->precision == MDP_F32) {
            for (long j = 0; j < rows * N_ACT; j++) CHECK_CLOSE(got.actions[j], want.actions[j], 1.1e-4);
            for (long j = 0; j < rows; j++) CHECK_CLOSE(got.scores[j], want.scores[j], 1e-4);
            for (long j = 0; j < (long)(s->diffusion->config.n_steps + 1) * s->n_candidates * N_ACT; j++)
                CHECK_CLOSE(got.history[j], want.history[j], 1.1e-4 * (1 + fabs(want.history[j])));
        } else {
            CHECK(mean_difference(got.actions, want.actions, rows * N_ACT) < 0.05);
            CHECK(mean_difference(got.scores, want.scores, rows) < 0.05);
        }
        mdp_proposer_free(packed);
    }
    mdp_proposer_free(plain);
    proposed_free(&want);
    proposed_free(&got);
}

static void test_every_algorithm(void) {
    for (int i = 0; mdp_algorithm_at(i) != NULL; i++) {
        if (mdp_algorithm_at(i)->planning != NULL) continue;
        struct scene s = make_scene(mdp_algorithm_at(i)->name, NULL, NULL, 11);
        compare_with_plain(&s);
        free_scene(&s);
    }
}

static void test_every_solver(void) {
    for (int i = 0; mdp_solver_at(i) != NULL; i++) {
        struct scene s = make_scene("dql", NULL, mdp_solver_at(i), 11);
        CHECK(mdp_diffusion_draws(s.diffusion) <= DRAWS_MAX);
        compare_with_plain(&s);
        free_scene(&s);
    }
}

static void test_every_guidance(void) {
#define NAME(kind) mdp_guidance_##kind.name,
    static const char *names[8];
    const char *const all[] = {MDP_GUIDANCE_LIST(NAME)};
#undef NAME
    memcpy(names, all, sizeof all);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(names[i], mdp_guidance_returns.name) == 0) continue; /* of windows */
        struct scene s = make_scene("dql", names[i], NULL, 11);
        CHECK(s.guidance->config.kind->scores_by_least_head || s.guidance->config.kind->needs_support);
        compare_with_plain(&s);
        free_scene(&s);
    }
}

/* an energy bends the steps of its own schedule and of another, and a U-Net those of its own */
static void test_guided_candidates(void) {
    static const char *const algorithms[] = {"qgpo", "dql", "edp"};
    for (int i = 0; i < 3; i++) {
        struct scene s = make_scene(algorithms[i], "energy", NULL, 7);
        s.guide = (struct mdp_guide_rule){MDP_GUIDE_ENERGY, 3, NULL};
        compare_with_plain(&s);
        free_scene(&s);
    }
    struct scene s = make_scene("qgpo", NULL, NULL, 7);
    s.guide = (struct mdp_guide_rule){MDP_GUIDE_FREE, 1.7, NULL};
    compare_with_plain(&s);
    free_scene(&s);
}

static void test_climbing_candidates(void) {
    struct scene s = make_scene("dql", NULL, NULL, 11);
    s.lambda = 0.3;
    compare_with_plain(&s);
    free_scene(&s);
}

/* a few small steps, so that differences do not grow: they start as those of the sampled actions */
static void test_walking_candidates(void) {
    for (int i = 0; mdp_algorithm_at(i) != NULL; i++) {
        if (mdp_algorithm_at(i)->planning != NULL) continue;
        struct scene s = make_scene(mdp_algorithm_at(i)->name, NULL, NULL, 11);
        s.langevin = (struct mdp_langevin){3, 0.01, mdp_density_time(&s.diffusion->schedule)};
        compare_with_plain(&s);
        free_scene(&s);
    }
}

/* one state or many in a call, and more candidates than a panel has rows */
static void test_company_does_not_matter(void) {
    static const int n_candidates[] = {1, 11, 300};
    static const char *const algorithms[] = {"edp", "qgpo", "qgpo"}, *const guidance[] = {"iql", "energy", "iql"};
    static const enum mdp_guide guides[] = {MDP_GUIDE_NONE, MDP_GUIDE_ENERGY, MDP_GUIDE_FREE};
    for (int c = 0; c < 9; c++)
        for (int i = 0; mdp_kernel_list()[i] != NULL; i++) {
            int k = c / 3;
            if (!mdp_kernel_list()[i]->is_supported()) continue;
            struct scene s = make_scene(algorithms[k], guidance[k], NULL, n_candidates[c % 3]);
            s.lambda = 0.1;
            s.langevin = (struct mdp_langevin){2, 0.01, 3};
            if (k > 0) s.guide = (struct mdp_guide_rule){guides[k], 2, NULL};
            if (mdp_kernel_list()[i]->precision != MDP_F32 && is_f32_alone(&s)) {
                free_scene(&s);
                continue;
            }
            struct mdp_proposer *proposer = make_proposer(&s, mdp_kernel_list()[i]);
            struct proposed alone = proposed_new(&s), together = proposed_new(&s);
            long rows = (long)N_STATES * s.n_candidates;
            int most = mdp_proposer_states(proposer);
            CHECK(most >= 1 && (s.n_candidates > 11 || most >= N_STATES));
            propose(&s, proposer, 1, &alone);
            for (int at_once = 2; at_once <= most && at_once <= N_STATES; at_once++) {
                propose(&s, proposer, at_once, &together);
                CHECK(memcmp(alone.actions, together.actions, (size_t)(rows * N_ACT) * sizeof(float)) == 0);
                CHECK(memcmp(alone.scores, together.scores, (size_t)rows * sizeof(float)) == 0);
            }
            mdp_proposer_free(proposer);
            proposed_free(&alone);
            proposed_free(&together);
            free_scene(&s);
        }
}

/* candidate c depends on its own draws: 300 of them or only the first 7 */
static void test_number_of_candidates_does_not_matter(void) {
    struct scene many = make_scene("idql", NULL, NULL, 300), few = many;
    const struct mdp_kernel *kernel = mdp_kernel_best();
    struct proposed all = proposed_new(&many), some = proposed_new(&many);
    few.n_candidates = 7;
    CHECK_OK(mdp_calloc(&few.noise, N_STATES * DRAWS_MAX * 7 * N_ACT, sizeof(float), "noise"));
    for (long d = 0; d < N_STATES * DRAWS_MAX; d++)
        memcpy(few.noise + d * 7 * N_ACT, many.noise + d * 300 * N_ACT, 7 * N_ACT * sizeof(float));
    struct mdp_proposer *with_many = make_proposer(&many, kernel), *with_few = make_proposer(&few, kernel);
    propose(&many, with_many, 1, &all);
    propose(&few, with_few, 1, &some);
    for (long i = 0; i < N_STATES; i++)
        CHECK(memcmp(all.actions + i * 300 * N_ACT, some.actions + i * 7 * N_ACT, 7 * N_ACT * sizeof(float)) == 0);
    free(few.noise);
    mdp_proposer_free(with_many);
    mdp_proposer_free(with_few);
    proposed_free(&all);
    proposed_free(&some);
    free_scene(&many);
}

static void test_refresh_sees_new_parameters(void) {
    struct scene s = make_scene("dql", NULL, NULL, 11);
    struct mdp_proposer *old = make_proposer(&s, mdp_kernel_best());
    struct proposed before = proposed_new(&s), after = proposed_new(&s), fresh = proposed_new(&s);
    unsigned long bytes = (unsigned long)(N_STATES * 11) * N_ACT * sizeof(float);
    propose(&s, old, 1, &before);
    for (long j = 0; j < s.diffusion->net.layout.n_floats; j++) s.diffusion->ema[j] *= 1.25f;
    for (long j = 0; j < s.guidance->nets[0].net.layout.n_floats; j++) s.guidance->nets[0].target[j] *= 1.25f;
    struct mdp_proposer *new = make_proposer(&s, mdp_kernel_best());
    propose(&s, new, 1, &fresh);
    CHECK(memcmp(before.actions, fresh.actions, bytes) != 0);
    mdp_proposer_refresh(old);
    propose(&s, old, 1, &after);
    CHECK(memcmp(after.actions, fresh.actions, bytes) == 0);
    CHECK(memcmp(after.scores, fresh.scores, bytes / N_ACT) == 0);
    mdp_proposer_free(old);
    mdp_proposer_free(new);
    proposed_free(&before);
    proposed_free(&after);
    proposed_free(&fresh);
    free_scene(&s);
}

static int never(void) { return 0; }

static void test_refusals(void) {
    struct scene s = make_scene("dql", NULL, NULL, 11);
    struct mdp_kernel kernel = mdp_kernel_portable;
    struct mdp_guidance_kind kind = *s.guidance->config.kind;
    struct mdp_proposer_config config = {.kernel = &kernel, .n_candidates = 11, .use_ema = 1, .max_threads = 1};
    struct mdp_proposer *proposer;
    kernel.is_supported = never;
    CHECK_FAILS(mdp_proposer_new(&config, s.diffusion, s.guidance, &proposer), MDP_E_USAGE,
                "kernel portable: expected a processor that has it");
    CHECK(proposer == NULL);
    kind.scores_by_least_head = 0;
    s.guidance->config.kind = &kind;
    config.kernel = &mdp_kernel_portable;
    CHECK_FAILS(mdp_proposer_new(&config, s.diffusion, s.guidance, &proposer), MDP_E_USAGE,
                "guidance: expected a kind whose score a kernel computes, found 'double-q'");
    config.kernel = NULL;
    CHECK_OK(mdp_proposer_new(&config, s.diffusion, s.guidance, &proposer));
    mdp_proposer_free(proposer);
    free_scene(&s);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_every_algorithm),
                                            TAP_TEST(test_every_solver),
                                            TAP_TEST(test_every_guidance),
                                            TAP_TEST(test_guided_candidates),
                                            TAP_TEST(test_climbing_candidates),
                                            TAP_TEST(test_walking_candidates),
                                            TAP_TEST(test_company_does_not_matter),
                                            TAP_TEST(test_number_of_candidates_does_not_matter),
                                            TAP_TEST(test_refresh_sees_new_parameters),
                                            TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
