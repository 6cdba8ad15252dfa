/* the rollout loop: any lanes and threads give the rollouts that single environments give; return rules; interruption
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/stop.h"
#include "bench/stage/behavior_files.h"
#include "bench/stage/rollout.h"
#include "tests/tap.h"

enum { N_MAX = 60 };

/* an actor of (observation, episode, step): noise of the pair's own stream, bent by the state */
static void act_one(const struct mdp_env_spec *spec, const float *obs, uint32_t episode, uint32_t step, float *action) {
    struct mdp_rng rng = mdp_rng_stream(31, MDP_RNG_EXPLORE, episode, step);
    for (int j = 0; j < spec->n_act; j++) action[j] = (float)(2 * mdp_rng_uniform(&rng) - 1) + 0.3f * obs[8 + j];
}

static mdp_err act_many(void *context, int n, const float *obs, const uint32_t *episodes, const uint32_t *steps,
                        float *actions) {
    const struct mdp_env_spec *spec = context;
    for (int i = 0; i < n; i++) act_one(spec, obs + i * spec->n_obs, episodes[i], steps[i], actions + i * spec->n_act);
    return MDP_OK;
}

static struct mdp_actor noisy(const struct mdp_env_spec *spec) { return (struct mdp_actor){(void *)spec, act_many, 0}; }

/* one episode in an environment of its own; *but_last is the return without its last step */
static struct mdp_rollout run_alone(const struct mdp_env_spec *spec, uint64_t seed, uint32_t episode,
                                    double *but_last) {
    struct mdp_rollout rollout = {0};
    struct mdp_env *env;
    float obs[MDP_ENV_MAX_OBS], action[MDP_ENV_MAX_ACT];
    CHECK_OK(mdp_env_new(spec, &env));
    mdp_env_reset(env, seed, episode, obs);
    while (!mdp_step_ended(&rollout.last)) {
        act_one(spec, obs, episode, (uint32_t)rollout.length, action);
        mdp_env_step(env, action, obs, &rollout.last);
        *but_last = rollout.episode_return;
        rollout.episode_return += rollout.last.reward;
        rollout.length++;
    }
    mdp_env_free(env);
    return rollout;
}

static int same_rollout(const struct mdp_rollout *a, const struct mdp_rollout *b) {
    return a->episode_return == b->episode_return && a->objective_return == b->objective_return &&
           a->length == b->length && memcmp(a->last.terms, b->last.terms, sizeof a->last.terms) == 0 &&
           a->last.reward == b->last.reward && a->last.terminated == b->last.terminated &&
           a->last.truncated == b->last.truncated && a->last.non_finite == b->last.non_finite;
}

/* evaluates with several numbers of lanes and threads, and compares with `want` [n_episodes]. the last two layouts are
 * for short work only: they have more threads than lanes to step, which mostly wait for each other */
static void check_layouts(struct mdp_evaluation evaluation, const struct mdp_actor *actor,
                          const struct mdp_rollout *want, int is_short) {
    static const struct {
        int n_lanes, n_threads;
    } layouts[] = {{1, 1}, {3, 1}, {50, 1}, {50, 2}, {3, 3}, {50, 3}, {1, 3}, {3, 2}, {1, 2}};
    struct mdp_rollout got[N_MAX];
    for (int k = 0; k < (is_short ? 9 : 7); k++) {
        evaluation.n_lanes = layouts[k].n_lanes;
        evaluation.n_threads = layouts[k].n_threads;
        memset(got, 0x55, sizeof got);
        CHECK_OK(mdp_evaluate(&evaluation, actor, "test", got));
        for (int i = 0; i < evaluation.n_episodes; i++)
            if (!same_rollout(&got[i], &want[i]))
                tap_failed(__FILE__, __LINE__,
                           "episode %d, %d lanes, %d threads: expected %.17g in %d, found %.17g in %d", i,
                           layouts[k].n_lanes, layouts[k].n_threads, want[i].episode_return, want[i].length,
                           got[i].episode_return, got[i].length);
    }
}

/* more episodes than lanes: a free lane takes the next, and rows stay in episode order */
static void test_walker_as_if_alone(void) {
    const struct mdp_env_spec *spec = mdp_env_find("walker2d");
    struct mdp_rollout want[N_MAX];
    struct mdp_actor actor = noisy(spec);
    double but_last;
    int shortest = 1000, longest = 0;
    for (int i = 0; i < N_MAX; i++) {
        want[i] = run_alone(spec, 4, (uint32_t)i, &but_last);
        CHECK(want[i].last.terminated && !want[i].last.truncated && want[i].length < 1000);
        if (want[i].length < shortest) shortest = want[i].length;
        if (want[i].length > longest) longest = want[i].length;
    }
    CHECK(shortest < longest);
    check_layouts((struct mdp_evaluation){spec, N_MAX, 1, 1, 4, MDP_RETURN_STANDARD, NULL, 0, {NULL, NULL}, 0, NULL},
                  &actor, want, 1);
}

/* fewer episodes than lanes; the cheetah only ever stops at the time limit, where both rules agree */
static void test_cheetah_as_if_alone(void) {
    const struct mdp_env_spec *spec = mdp_env_find("halfcheetah");
    struct mdp_rollout want[4], got[4];
    struct mdp_actor actor = noisy(spec);
    double but_last;
    for (int i = 0; i < 4; i++) {
        want[i] = run_alone(spec, 8, (uint32_t)i, &but_last);
        CHECK(want[i].last.truncated && !want[i].last.terminated && want[i].length == 1000);
    }
    check_layouts((struct mdp_evaluation){spec, 4, 1, 1, 8, MDP_RETURN_STANDARD, NULL, 0, {NULL, NULL}, 0, NULL},
                  &actor, want, 0);
    struct mdp_evaluation evaluation = {spec, 4, 3, 2, 8, MDP_RETURN_CLEANDIFFUSER, NULL, 0, {NULL, NULL}, 0, NULL};
    CHECK_OK(mdp_evaluate(&evaluation, &actor, "test", got));
    for (int i = 0; i < 4; i++) CHECK(same_rollout(&got[i], &want[i]));
}

static void test_seed_matters(void) {
    const struct mdp_env_spec *spec = mdp_env_find("walker2d");
    struct mdp_rollout one[5], two[5];
    struct mdp_actor actor = noisy(spec);
    struct mdp_evaluation evaluation = {spec, 5, 2, 1, 4, MDP_RETURN_STANDARD, NULL, 0, {NULL, NULL}, 0, NULL};
    CHECK_OK(mdp_evaluate(&evaluation, &actor, "test", one));
    evaluation.seed = 5;
    CHECK_OK(mdp_evaluate(&evaluation, &actor, "test", two));
    for (int i = 0; i < 5; i++) CHECK(one[i].episode_return != two[i].episode_return);
}

/* an action that is no number ends its own episode alone */
static mdp_err act_one_broken(void *context, int n, const float *obs, const uint32_t *episodes, const uint32_t *steps,
                              float *actions) {
    const struct mdp_env_spec *spec = context;
    act_many(context, n, obs, episodes, steps, actions);
    for (int i = 0; i < n; i++)
        if (episodes[i] == 2 && steps[i] == 5) actions[i * spec->n_act + 3] = NAN;
    return MDP_OK;
}

static void test_non_finite_action_ends_its_episode(void) {
    const struct mdp_env_spec *spec = mdp_env_find("walker2d");
    struct mdp_rollout got[5];
    struct mdp_actor actor = {(void *)spec, act_one_broken, 0};
    struct mdp_evaluation evaluation = {spec, 5, 3, 2, 4, MDP_RETURN_STANDARD, NULL, 0, {NULL, NULL}, 0, NULL};
    double but_last;
    CHECK_OK(mdp_evaluate(&evaluation, &actor, "test", got));
    for (int i = 0; i < 5; i++) {
        struct mdp_rollout alone = run_alone(spec, 4, (uint32_t)i, &but_last);
        if (i == 2)
            CHECK(got[i].last.non_finite && !got[i].last.terminated && got[i].length == 6);
        else
            CHECK(same_rollout(&got[i], &alone));
    }
}

/* an evaluation that goes on gives the episodes that a longer one would have had */
static void test_first_episode(void) {
    const struct mdp_env_spec *spec = mdp_env_find("walker2d");
    struct mdp_actor actor = noisy(spec);
    struct mdp_rollout want[5], got[2];
    CHECK_OK(
        mdp_evaluate(&(struct mdp_evaluation){spec, 5, 2, 1, 4, MDP_RETURN_STANDARD, NULL, 0, {NULL, NULL}, 0, NULL},
                     &actor, "test", want));
    CHECK_OK(
        mdp_evaluate(&(struct mdp_evaluation){spec, 2, 2, 1, 4, MDP_RETURN_STANDARD, NULL, 3, {NULL, NULL}, 0, NULL},
                     &actor, "test", got));
    for (int i = 0; i < 2; i++) CHECK(same_rollout(&got[i], &want[3 + i]));
    CHECK(!same_rollout(&got[0], &want[0]));
}

/* ---- the cleandiffuser rule ---- */

/* nobody reaches step 1000: the terminating reward is dropped and nothing strays in, although lanes ran on */
static void test_rules_if_all_fall(void) {
    const struct mdp_env_spec *spec = mdp_env_find("walker2d");
    enum { N = 4 };
    struct mdp_rollout want[N], got[N];
    struct mdp_actor actor = noisy(spec);
    double but_last[N];
    for (int i = 0; i < N; i++) {
        want[i] = run_alone(spec, 4, (uint32_t)i, &but_last[i]);
        CHECK(want[i].length < 1000 && want[i].episode_return != but_last[i]);
    }
    struct mdp_evaluation evaluation = {spec, N, 2, 1, 4, MDP_RETURN_STANDARD, NULL, 0, {NULL, NULL}, 0, NULL};
    CHECK_OK(mdp_evaluate(&evaluation, &actor, "test", got));
    for (int i = 0; i < N; i++) CHECK(same_rollout(&got[i], &want[i]));
    for (int i = 0; i < N; i++) want[i].episode_return = but_last[i];
    check_layouts((struct mdp_evaluation){spec, N, 1, 1, 4, MDP_RETURN_CLEANDIFFUSER, NULL, 0, {NULL, NULL}, 0, NULL},
                  &actor, want, 0);
}

/* a kept policy that walks on for one episode; the others fall as before */
struct mixed {
    const struct mdp_env_spec *spec;
    struct mdp_actor expert;
    uint32_t walks_on;
};

static mdp_err act_mixed(void *context, int n, const float *obs, const uint32_t *episodes, const uint32_t *steps,
                         float *actions) {
    const struct mixed *mixed = context;
    for (int i = 0; i < n; i++) {
        const float *o = obs + i * mixed->spec->n_obs;
        float *a = actions + i * mixed->spec->n_act;
        if (episodes[i] == mixed->walks_on)
            mixed->expert.act(mixed->expert.context, 1, o, episodes + i, steps + i, a);
        else
            act_one(mixed->spec, o, episodes[i], steps[i], a);
    }
    return MDP_OK;
}

/* somebody reaches step 1000: whoever fell gets one more reward, that of step 1000 of what ran on in its lane */
static void test_rules_if_one_walks_on(void) {
    enum { N = 4 };
    struct mdp_behavior_policy *policy;
    struct mdp_rollout standard[N], clean[N];
    double but_last;
    CHECK_OK(mdp_behavior_policy_read(MDP_SOURCE_DIR "/results/reference/behavior/walker2d-expert.h5", 1, &policy));
    struct mixed mixed = {policy->spec, mdp_behavior_actor(policy), 0};
    struct mdp_actor actor = {&mixed, act_mixed, 0};
    struct mdp_evaluation evaluation = {policy->spec, N, 2, 1, 4, MDP_RETURN_STANDARD, NULL, 0, {NULL, NULL}, 0, NULL};
    for (; mixed.walks_on < N; mixed.walks_on++) {
        CHECK_OK(mdp_evaluate(&evaluation, &actor, "test", standard));
        if (standard[mixed.walks_on].length == 1000) break;
    }
    CHECK(mixed.walks_on < N);
    CHECK(standard[mixed.walks_on].last.truncated && standard[mixed.walks_on].episode_return > 500);
    evaluation.rule = MDP_RETURN_CLEANDIFFUSER;
    CHECK_OK(mdp_evaluate(&evaluation, &actor, "test", clean));
    int n_stray = 0;
    for (int i = 0; i < N; i++) {
        CHECK(clean[i].length == standard[i].length && clean[i].last.reward == standard[i].last.reward);
        if (i == (int)mixed.walks_on) {
            CHECK(clean[i].episode_return == standard[i].episode_return);
            continue;
        }
        run_alone(policy->spec, 4, (uint32_t)i, &but_last);
        double stray = clean[i].episode_return - but_last;
        n_stray += stray != 0;
        CHECK(fabs(stray) < 10); /* one step's reward: alive 1, progress of at most some m/s, costs below that */
    }
    CHECK_INT(n_stray, N - 1);
    check_layouts(evaluation, &actor, clean, 0);
    mdp_behavior_policy_free(policy);
}

/* ---- interruption ---- */

struct counted {
    const struct mdp_env_spec *spec;
    int n_calls, raise_at;
};

static mdp_err act_then_raise(void *context, int n, const float *obs, const uint32_t *episodes, const uint32_t *steps,
                              float *actions) {
    struct counted *counted = context;
    act_many((void *)counted->spec, n, obs, episodes, steps, actions);
    if (++counted->n_calls == counted->raise_at) raise(SIGTERM);
    return MDP_OK;
}

static void test_stops_at_a_signal(void) {
    struct counted counted = {mdp_env_find("halfcheetah"), 0, 10};
    struct mdp_actor actor = {&counted, act_then_raise, 0};
    struct mdp_evaluation evaluation = {counted.spec, 6, 3, 2, 4, MDP_RETURN_STANDARD, NULL, 0, {NULL, NULL}, 0, NULL};
    struct mdp_rollout out[6];
    mdp_stop_install();
    CHECK_FAILS(mdp_evaluate(&evaluation, &actor, "test", out), MDP_E_INTERRUPTED, "stopped by signal 15");
    CHECK_INT(counted.n_calls, 10);
    CHECK_INT(mdp_err_exit_status(MDP_E_INTERRUPTED), 6);
}

static void test_stops_before_it_starts(void) {
    struct counted counted = {mdp_env_find("halfcheetah"), 0, 0};
    struct mdp_actor actor = {&counted, act_then_raise, 0};
    struct mdp_evaluation evaluation = {counted.spec, 1, 1, 1, 4, MDP_RETURN_STANDARD, NULL, 0, {NULL, NULL}, 0, NULL};
    struct mdp_rollout out[1];
    mdp_stop_install();
    raise(SIGTERM);
    CHECK_FAILS(mdp_evaluate(&evaluation, &actor, "test", out), MDP_E_INTERRUPTED, "run the same command again");
    CHECK_INT(counted.n_calls, 0);
}

/* ---- going on ---- */

static const struct mdp_checkpoint_info tape_info = {.kind = "resume", .algo = "eval", .n_obs = 3, .n_act = 3};

/* in a process of its own, as a signal is not taken back: an evaluation that goes on from a file, where there is one,
 * and leaves one when a signal comes after `raise_at` calls. returns whether one came */
static int stopped(struct mdp_evaluation evaluation, int raise_at, const char *path) {
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct counted counted = {evaluation.spec, 0, raise_at};
        struct mdp_actor actor = {&counted, act_then_raise, 0};
        struct mdp_rollout out[N_MAX];
        struct mdp_tape tape;
        mdp_stop_install();
        if (mdp_tape_new(evaluation.n_episodes, evaluation.spec->max_steps, evaluation.spec->n_act, &tape) != MDP_OK)
            _exit(1);
        tape.has_objective = evaluation.objective != NULL;
        if (mdp_fsx_exists(path) && mdp_tape_read(path, &tape) != MDP_OK) _exit(1);
        mdp_err err = mdp_evaluate_on(&evaluation, &actor, "test", &tape, out);
        if (err == MDP_OK) _exit(2);
        _exit(err != MDP_E_INTERRUPTED || mdp_tape_write(path, &tape_info, &tape) != MDP_OK);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    CHECK(WEXITSTATUS(status) != 1);
    return WEXITSTATUS(status) == 0;
}

/* stopped over and over, with other lanes each time, then to its end */
static void check_goes_on(struct mdp_evaluation evaluation, int raise_at) {
    const char *path = tap_temp_path("e.h5.part");
    struct counted counted = {evaluation.spec, 0, 0};
    const struct mdp_actor counting = {&counted, act_then_raise, 0};
    struct mdp_rollout want[N_MAX], got[N_MAX];
    struct mdp_tape tape;
    int n_stops = 0;
    CHECK_OK(mdp_evaluate(&evaluation, &counting, "test", want));
    const int n_calls = counted.n_calls;
    for (; n_stops < 4; n_stops++) {
        evaluation.n_lanes = 1 + n_stops % 3;
        if (!stopped(evaluation, raise_at, path)) break;
    }
    CHECK(n_stops > 1);
    CHECK_OK(mdp_tape_new(evaluation.n_episodes, evaluation.spec->max_steps, evaluation.spec->n_act, &tape));
    tape.has_objective = evaluation.objective != NULL;
    CHECK_OK(mdp_tape_read(path, &tape));
    CHECK(!mdp_tape_is_empty(&tape));
    evaluation.n_lanes = 2;
    counted.n_calls = 0;
    CHECK_OK(mdp_evaluate_on(&evaluation, &counting, "test", &tape, got));
    CHECK(counted.n_calls > 0 && counted.n_calls < 2 * n_calls);
    for (int i = 0; i < evaluation.n_episodes; i++) {
        CHECK(got[i].episode_return == want[i].episode_return && got[i].length == want[i].length);
        CHECK(got[i].objective_return == want[i].objective_return);
        CHECK((got[i].objective_return != 0) == (evaluation.objective != NULL));
        CHECK(got[i].last.terminated == want[i].last.terminated && got[i].last.truncated == want[i].last.truncated);
    }
    mdp_tape_free(&tape);
    CHECK_OK(mdp_fsx_remove(path));
}

static void test_goes_on(void) {
    const struct mdp_env_spec *spec = mdp_env_find("walker2d");
    struct mdp_objective objective;
    CHECK_OK(mdp_objective_parse("speed=1", spec, &objective));
    check_goes_on((struct mdp_evaluation){spec, 7, 3, 1, 4, MDP_RETURN_STANDARD, NULL, 3, {NULL, NULL}, 0, NULL}, 9);
    check_goes_on((struct mdp_evaluation){spec, 7, 3, 1, 4, MDP_RETURN_STANDARD, NULL, 3, {NULL, NULL}, 0, &objective},
                  9);
    check_goes_on((struct mdp_evaluation){spec, 3, 3, 1, 4, MDP_RETURN_CLEANDIFFUSER, NULL, 0, {NULL, NULL}, 0, NULL},
                  700);
}

/* a tape that cannot be of this evaluation */
static void test_bad_tapes(void) {
    const char *path = tap_temp_path("e.h5.part");
    const float actions[6] = {0.5f, 0.25f};
    struct mdp_tape tape, read;
    CHECK_OK(mdp_tape_new(4, 10, 3, &tape));
    CHECK(mdp_tape_is_empty(&tape));
    CHECK_OK(mdp_tape_put(&tape, 1, 2, actions));
    tape.is_done[2] = 1;
    tape.lengths[2] = 10;
    CHECK_OK(mdp_tape_write(path, &tape_info, &tape));
    CHECK_OK(mdp_tape_new(4, 10, 3, &read));
    CHECK_OK(mdp_tape_read(path, &read));
    CHECK(read.open[1].n == 2 && memcmp(read.open[1].actions, actions, sizeof actions) == 0 && read.open[0].n == 0);
    CHECK_FAILS(mdp_tape_read(path, &read), MDP_E_DATA,
                "open_slots and open_steps: expected another episode of 0 to 3");
    mdp_tape_free(&read);
    CHECK_OK(mdp_tape_new(5, 10, 3, &read));
    CHECK_FAILS(mdp_tape_read(path, &read), MDP_E_DATA, "is_done");
    mdp_tape_free(&read);
    CHECK_OK(mdp_tape_new(4, 2, 3, &read));
    CHECK_FAILS(mdp_tape_read(path, &read), MDP_E_DATA, "0 to 2 and 0 to 7, found 1, 10");
    mdp_tape_free(&read);
    tape.lengths[2] = 1;
    CHECK_OK(mdp_tape_write(path, &tape_info, &tape));
    CHECK_OK(mdp_tape_new(4, 2, 3, &read));
    CHECK_FAILS(mdp_tape_read(path, &read), MDP_E_DATA, "1 to 1 of 2 actions, found 1 and 2");
    mdp_tape_free(&read);
    CHECK_OK(mdp_tape_new(4, 10, 2, &read));
    CHECK_FAILS(mdp_tape_read(path, &read), MDP_E_DATA, "open_actions");
    mdp_tape_free(&read);
    mdp_tape_free(&tape);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_walker_as_if_alone),
        TAP_TEST(test_cheetah_as_if_alone),
        TAP_TEST(test_seed_matters),
        TAP_TEST(test_non_finite_action_ends_its_episode),
        TAP_TEST(test_first_episode),
        TAP_TEST(test_rules_if_all_fall),
        TAP_TEST(test_rules_if_one_walks_on),
        TAP_TEST(test_stops_at_a_signal),
        TAP_TEST(test_stops_before_it_starts),
        TAP_TEST(test_goes_on),
        TAP_TEST(test_bad_tapes),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
