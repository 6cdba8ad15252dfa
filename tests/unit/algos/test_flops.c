/* nominal arithmetic, against the figures of the reference and against layers counted by hand */
#include "algos/flops.h"

#include <stddef.h>

#include "algos/algorithm.h"
#include "tests/tap.h"

/* the sizes that the figures are for */
enum { N_OBS = 17, N_ACT = 6, N_STATES = 50, N_CANDIDATES = 50 };

struct modules {
    const struct mdp_algorithm *algorithm;
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
};

static struct modules make_modules(const char *name) {
    struct modules m;
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    CHECK_OK(mdp_algorithm_find(name, &m.algorithm));
    mdp_algorithm_diffusion(m.algorithm, N_OBS, N_ACT, &diffusion);
    mdp_algorithm_guidance(m.algorithm, N_OBS, N_ACT, &guidance);
    CHECK_OK(mdp_diffusion_new(&diffusion, 0, &m.diffusion));
    CHECK_OK(mdp_guidance_new(&guidance, 0, &m.guidance));
    return m;
}

static void free_modules(struct modules *m) {
    mdp_diffusion_free(m->diffusion);
    mdp_guidance_free(m->guidance);
}

static struct mdp_step_flops count(const char *name, enum mdp_mode mode) {
    struct modules m = make_modules(name);
    struct mdp_learner_config config;
    struct mdp_learner *learner;
    mdp_algorithm_learner(m.algorithm, &config);
    config.mode = mode;
    CHECK_OK(mdp_learner_new(&config, m.diffusion, mode != MDP_MODE_NONE ? m.guidance : NULL, &learner));
    struct mdp_step_flops flops = mdp_step_flops_count(learner);
    mdp_learner_free(learner);
    free_modules(&m);
    return flops;
}

/* the reference's figures in GFLOP, given to three decimals */
static void test_steps(void) {
    static const struct {
        const char *name;
        enum mdp_mode mode;
        double giga;
    } steps[] = {{"dql", MDP_MODE_JOINT, 2.758},
                 {"edp", MDP_MODE_JOINT, 2.600},
                 {"idql", MDP_MODE_JOINT, 2.688},
                 {"dql", MDP_MODE_FROZEN, 1.764}};
    for (unsigned long i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct mdp_step_flops flops = count(steps[i].name, steps[i].mode);
        CHECK_CLOSE(mdp_step_flops_total(&flops) * 1e-9, steps[i].giga, 0.0005);
    }
}

/* four digits of the figures for a call */
static void test_calls(void) {
    static const struct {
        const char *name;
        double giga, tolerance;
    } calls[] = {{"dql", 5.654, 0.0005}, {"edp", 14.22, 0.005}, {"idql", 41.39, 0.005}};
    for (unsigned long i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct modules m = make_modules(calls[i].name);
        double all = mdp_call_flops(m.diffusion, m.guidance, N_STATES * N_CANDIDATES);
        CHECK_CLOSE(all * 1e-9, calls[i].giga, calls[i].tolerance);
        CHECK(mdp_call_flops(m.diffusion, NULL, N_STATES * N_CANDIDATES) < all);
        free_modules(&m);
    }
}

/* layers by hand, times 256 rows */
static void test_parts(void) {
    const double time_in = 2.0 * 64 * 128 * 256, time = 2 * time_in,
                 denoiser = time + 2.0 * (87 * 256 + 2 * 256 * 256 + 256 * 6) * 256, head_in = 2.0 * 23 * 256 * 256,
                 head = head_in + 2.0 * (2 * 256 * 256 + 256) * 256;
    struct mdp_step_flops joint = count("dql", MDP_MODE_JOINT), frozen = count("dql", MDP_MODE_FROZEN),
                          none = count("dql", MDP_MODE_NONE);
    CHECK_CLOSE(joint.next_actions, 5 * denoiser, 0.5);
    CHECK_CLOSE(joint.guidance, 8 * head - 2 * head_in, 0.5);
    CHECK_CLOSE(joint.cloning, 3 * denoiser - time_in, 0.5);
    CHECK_CLOSE(joint.policy, 15 * denoiser - 5 * time_in + 3 * head, 0.5);
    CHECK_CLOSE(mdp_step_flops_total(&frozen), joint.cloning + joint.policy, 0.5);
    CHECK_CLOSE(mdp_step_flops_total(&none), joint.cloning, 0.5);
    joint = count("idql", MDP_MODE_JOINT);
    CHECK_CLOSE(joint.cloning, 3 * (time + 2.0 * (87 * 256 + 3 * 2 * 256 * 1024 + 256 * 6) * 256) - time_in, 0.5);
    CHECK(joint.next_actions == 0 && joint.policy == 0 && joint.guidance > 0);
}

/* what SPEC 9 says that frozen guidance saves: about 36 % of a DQL step, 72 % of an EDP step */
static void test_frozen_saves(void) {
    struct mdp_step_flops dql = count("dql", MDP_MODE_JOINT), edp = count("edp", MDP_MODE_JOINT);
    CHECK_CLOSE((dql.next_actions + dql.guidance) / mdp_step_flops_total(&dql), 0.36, 0.005);
    CHECK_CLOSE((edp.next_actions + edp.guidance) / mdp_step_flops_total(&edp), 0.72, 0.005);
}

/* a null step that is left out is not counted */
static void test_skipped_step(void) {
    struct modules m = make_modules("dql");
    struct mdp_diffusion_config config = m.diffusion->config;
    struct mdp_diffusion *short_one;
    config.skip_null_step = 1;
    CHECK_OK(mdp_diffusion_new(&config, 0, &short_one));
    CHECK_CLOSE(mdp_call_flops(short_one, NULL, 10), 0.8 * mdp_call_flops(m.diffusion, NULL, 10), 0.5);
    mdp_diffusion_free(short_one);
    free_modules(&m);
}

/* the reference's figures without products with padding, of 17 observations and 6 actions */
static void test_plans(void) {
    static const struct {
        const char *name;
        int horizon;
        double step, plan; /* GFLOP */
    } cases[] = {{"diffuser", 4, 0.46 + 0.28, 6.9}, {"diffuser", 32, 5.87 + 2.37, 71.5}, {"dd", 32, 31.5, 6.55}};
    for (unsigned long i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct mdp_algorithm *algorithm;
        struct mdp_diffusion_config diffusion;
        struct mdp_guidance_config guidance;
        struct mdp_learner_config learner;
        struct mdp_policy_config policy;
        struct modules m = {.guidance = NULL};
        struct mdp_learner *run;
        CHECK_OK(mdp_algorithm_find(cases[i].name, &algorithm));
        mdp_algorithm_diffusion(algorithm, N_OBS, N_ACT, &diffusion);
        mdp_algorithm_guidance(algorithm, N_OBS, N_ACT, &guidance);
        mdp_algorithm_learner(algorithm, &learner);
        mdp_algorithm_policy(algorithm, &policy);
        mdp_window_make_usual(cases[i].horizon, &diffusion.windows);
        guidance.windows = diffusion.windows;
        CHECK_OK(mdp_diffusion_new(&diffusion, 0, &m.diffusion));
        if (algorithm->guidance->sees_windows) CHECK_OK(mdp_guidance_new(&guidance, 0, &m.guidance));
        learner.mode = m.guidance != NULL ? MDP_MODE_JOINT : MDP_MODE_NONE;
        CHECK_OK(mdp_learner_new(&learner, m.diffusion, m.guidance, &run));
        const struct mdp_step_flops flops = mdp_step_flops_count(run);
        CHECK_CLOSE(mdp_step_flops_total(&flops) * 1e-9 / cases[i].step, 1, 0.02);
        policy.guide = (struct mdp_guide_rule){.guide = algorithm->planning->guide, .weight = 2};
        CHECK_CLOSE(mdp_plan_flops(&policy, m.diffusion, m.guidance) * 1e-9 / cases[i].plan, 1, 0.02);
        mdp_learner_free(run);
        free_modules(&m);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_steps),        TAP_TEST(test_calls),        TAP_TEST(test_parts),
        TAP_TEST(test_frozen_saves), TAP_TEST(test_skipped_step), TAP_TEST(test_plans),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
