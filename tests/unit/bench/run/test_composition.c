/* which modules fit each other, and whose temperatures a guidance takes */
#include <stdio.h>
#include <string.h>

#include "bench/run/composition.h"
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

/* what nobody records is [-1, 1]; one pair is that of all actions */
static void test_ranges_of_actions(void) {
    struct mdp_checkpoint_info own = make_info(), other = make_info();
    other.head.settings = "{\"bounds\": [[-1, 1], [-1, 2]]}";
    check_refused(&other, "bounds of action 1: expected [-1, 1] as in a.h5, found [-1, 2]");
    CHECK_FAILS(mdp_modules_check_fit("b.h5", &other, "a.h5", &own), MDP_E_DATA,
                "a.h5: bounds of action 1: expected [-1, 2] as in b.h5, found [-1, 1]");
    other.head.settings = "{\"bounds\": [[-2, 2]]}";
    check_refused(&other, "bounds of action 0: expected [-1, 1] as in a.h5, found [-2, 2]");
    own.head.settings = "{\"bounds\": [[-2.0, 2.0], [-2.0, 2.0]]}";
    CHECK_OK(mdp_modules_check_fit("a.h5", &own, "b.h5", &other));
    /* nor does guidance of another task's data go with other actions */
    snprintf(own.task, sizeof own.task, "walker2d-expert");
    own.head.settings = "{}";
    CHECK_FAILS(mdp_guidance_fit("b.h5", &other, "a.h5", &own, "walker2d-expert", NULL), MDP_E_DATA,
                "a.h5: bounds of action 0: expected [-2, 2] as in b.h5, found [-1, 1]");
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

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_fit),
        TAP_TEST(test_ranges_of_actions),
        TAP_TEST(test_normalizer_tolerance),
        TAP_TEST(test_scale),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
