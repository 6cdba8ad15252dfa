/* which modules fit each other, whose temperatures a guidance takes, and how much arithmetic a mode saves */
#include <stdio.h>
#include <string.h>

#include "algos/algorithm.h"
#include "bench/arithmetic.h"
#include "bench/composition.h"
#include "tests/tap.h"

enum { N_OBS = 3, N_ACT = 2 };

static struct mdp_checkpoint_info make_info(void) {
    struct mdp_checkpoint_info info = {.kind = "guidance", .task = "walker2d-medium", .n_obs = N_OBS, .n_act = N_ACT};
    info.normalizer.n = N_OBS;
    for (int i = 0; i < N_OBS; i++) {
        info.normalizer.mean[i] = i - 1.0;
        info.normalizer.std[i] = 0.5 + i;
    }
    return info;
}

static void check_refused(const struct mdp_checkpoint_info *other, const char *part) {
    struct mdp_checkpoint_info own = make_info();
    CHECK_FAILS(mdp_modules_check_fit("a.h5", &own, "b.h5", other), MDP_E_DATA, part);
    CHECK(strncmp(mdp_err_message(), "b.h5: ", 6) == 0 && strstr(mdp_err_message(), "a.h5") != NULL);
}

static void test_fit(void) {
    struct mdp_checkpoint_info own = make_info(), other = make_info();
    CHECK_OK(mdp_modules_check_fit("a.h5", &own, "b.h5", &other));
    other.n_act = 6;
    check_refused(&other, "expected 3 observations and 2 actions as in a.h5, found 3 and 6");
    other = make_info();
    snprintf(other.task, sizeof other.task, "walker2d-expert");
    check_refused(&other, "expected task walker2d-medium as in a.h5, found walker2d-expert");
    other = make_info();
    other.normalizer.n = 0;
    check_refused(&other, "expected a normaliser of 3 observations");
}

/* on both sides of the tolerance, in both numbers */
static void test_normalizer_tolerance(void) {
    struct mdp_checkpoint_info own = make_info(), other = make_info();
    double std = own.normalizer.std[2];
    other.normalizer.mean[2] += 0.99 * MDP_NORMALIZER_TOLERANCE * std;
    other.normalizer.std[2] -= 0.99 * MDP_NORMALIZER_TOLERANCE * std;
    CHECK_OK(mdp_modules_check_fit("a.h5", &own, "b.h5", &other));
    other.normalizer.mean[2] = own.normalizer.mean[2] - 1.01 * MDP_NORMALIZER_TOLERANCE * std;
    check_refused(&other, "normaliser of observation 2");
    other = make_info();
    other.normalizer.std[1] *= 1 + 1.01 * MDP_NORMALIZER_TOLERANCE;
    check_refused(&other, "normaliser of observation 1");
}

static void check_scale(const char *algo, const char *settings, const char *want) {
    struct mdp_checkpoint_info info = make_info();
    const char *found = NULL;
    snprintf(info.algo, sizeof info.algo, "%s", algo);
    info.head.settings = settings;
    CHECK_OK(mdp_guidance_scale("g.h5", &info, &found));
    CHECK_STR(found, want);
}

static void test_scale(void) {
    struct mdp_checkpoint_info info = make_info();
    const char *found;
    check_scale("dql", "{\"guidance\": {\"kind\": \"double-q\"}}", "dql");
    check_scale("edp", "{\"guidance\": {\"kind\": \"double-q\"}}", "edp");
    check_scale("idql", "{\"guidance\": {\"kind\": \"iql\"}}", "idql");
    check_scale("iql", "{\"guidance\": {\"kind\": \"iql\"}}", "idql");
    check_scale("sarsa", "{\"guidance\": {\"kind\": \"double-q\"}}", "dql");
    /* a DQL run went on with what IQL began */
    check_scale("dql", "{\"guidance\": {\"kind\": \"iql\"}}", "idql");
    check_scale("idql", "{\"guidance\": {\"kind\": \"double-q\"}}", "dql");
    check_scale("edp", "{\"guidance\": {\"kind\": \"noise\"}}", "edp");
    info.head.settings = "{\"guidance\": {\"kind\": \"none\"}}";
    CHECK_FAILS(mdp_guidance_scale("g.h5", &info, &found), MDP_E_DATA, "g.h5: kind: expected guidance that scores");
    info.head.settings = "{\"guidance\": {\"kind\": \"triple-q\"}}";
    CHECK_FAILS(mdp_guidance_scale("g.h5", &info, &found), MDP_E_DATA, "g.h5: guidance: expected one of");
}

/* the step of an algorithm at full size: 17 observations and 6 actions */
static struct mdp_step_flops count(const char *name, enum mdp_mode mode) {
    const struct mdp_algorithm *a;
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    struct mdp_learner_config config;
    struct mdp_diffusion *d = NULL;
    struct mdp_guidance *g = NULL;
    struct mdp_learner *learner = NULL;
    CHECK_OK(mdp_algorithm_find(name, &a));
    mdp_algorithm_diffusion(a, 17, 6, &diffusion);
    mdp_algorithm_guidance(a, 17, 6, &guidance);
    mdp_algorithm_learner(a, &config);
    config.mode = mode;
    CHECK_OK(mdp_diffusion_new(&diffusion, 0, &d));
    if (mode != MDP_MODE_NONE) CHECK_OK(mdp_guidance_new(&guidance, 0, &g));
    CHECK_OK(mdp_learner_new(&config, d, g, &learner));
    struct mdp_step_flops flops = mdp_step_flops_count(learner);
    mdp_learner_free(learner);
    mdp_diffusion_free(d);
    mdp_guidance_free(g);
    return flops;
}

/* layers by hand, times 256 rows */
static void test_arithmetic(void) {
    const double denoiser = 2.0 * (87 * 256 + 2 * 256 * 256 + 256 * 6) * 256,
                 head = 2.0 * (23 * 256 + 2 * 256 * 256 + 256) * 256;
    struct mdp_step_flops joint = count("dql", MDP_MODE_JOINT), frozen = count("dql", MDP_MODE_FROZEN),
                          none = count("dql", MDP_MODE_NONE);
    CHECK_CLOSE(joint.next_actions, 5 * denoiser, 0.5);
    CHECK_CLOSE(joint.guidance, 8 * head, 0.5);
    CHECK_CLOSE(joint.cloning, 3 * denoiser, 0.5);
    CHECK_CLOSE(joint.policy, 15 * denoiser + 3 * head, 0.5);
    CHECK_CLOSE(mdp_step_flops_total(&frozen), joint.cloning + joint.policy, 0.5);
    CHECK_CLOSE(mdp_step_flops_total(&none), joint.cloning, 0.5);
    joint = count("idql", MDP_MODE_JOINT);
    CHECK_CLOSE(joint.cloning, 3 * 2.0 * (87 * 256 + 3 * 2 * 256 * 1024 + 256 * 6) * 256, 0.5);
    CHECK(joint.next_actions == 0 && joint.policy == 0 && joint.guidance > 0);
}

/* what SPEC 9 says that frozen guidance saves: about 36 % of a DQL step, 72 % of an EDP step */
static void test_frozen_saves(void) {
    struct mdp_step_flops dql = count("dql", MDP_MODE_JOINT), edp = count("edp", MDP_MODE_JOINT);
    CHECK_CLOSE((dql.next_actions + dql.guidance) / mdp_step_flops_total(&dql), 0.36, 0.02);
    CHECK_CLOSE((edp.next_actions + edp.guidance) / mdp_step_flops_total(&edp), 0.72, 0.02);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_fit),        TAP_TEST(test_normalizer_tolerance), TAP_TEST(test_scale),
        TAP_TEST(test_arithmetic), TAP_TEST(test_frozen_saves),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
