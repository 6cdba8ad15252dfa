/* environments of the shared library: the program's own bits, when lanes begin their next episodes, and wrong calls. */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "envs/env.h"
#include "include/mdpbench.h"
#include "tests/tap.h"

enum { N_LANES = 5, N_OBS = 15, N_ACT = 3, LONG = 400 };

/* actions of a lane's step; most throw a Hopper over within 100 steps */
static void draw(int i_lane, int step, float *action) {
    struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_EXPLORE, (uint32_t)i_lane, (uint32_t)step);
    for (int k = 0; k < N_ACT; k++) action[k] = (float)(3 * mdp_rng_uniform(&rng) - 1.5);
}

struct buffers {
    float actions[N_LANES * N_ACT], observations[N_LANES * N_OBS], final_observations[N_LANES * N_OBS];
    double rewards[N_LANES];
    uint8_t terminated[N_LANES], truncated[N_LANES];
    int32_t n_ended;
};

static mdp_err step_all(struct mdpbench_vec *vec, int n_lanes, int t, struct buffers *b) {
    for (int i = 0; i < n_lanes; i++) draw(i, t, b->actions + i * N_ACT);
    return (mdp_err)mdpbench_vec_step(vec, b->actions, b->observations, b->rewards, b->terminated, b->truncated,
                                      b->final_observations, &b->n_ended);
}

static void begin(struct mdpbench_vec *vec, int n_lanes, struct buffers *b) {
    uint64_t seeds[N_LANES];
    uint32_t episodes[N_LANES];
    for (int i = 0; i < n_lanes; i++) {
        seeds[i] = 7 + (uint64_t)i;
        episodes[i] = 0;
    }
    CHECK_OK((mdp_err)mdpbench_vec_reset(vec, NULL, seeds, episodes, 1, b->observations));
}

static void test_list(void) {
    struct mdpbench_env_facts facts;
    const struct mdp_env_spec *spec;
    int n = 0;
    for (; (spec = mdp_env_list(n)) != NULL; n++) {
        CHECK_STR(mdpbench_env_id(n), spec->id);
        CHECK_OK((mdp_err)mdpbench_env_find(spec->robot, &facts));
        CHECK_STR(facts.id, spec->id);
        CHECK(facts.n_obs == spec->n_obs && facts.n_act == spec->n_act && facts.max_steps == spec->max_steps);
        CHECK(facts.ref_min < facts.ref_max);
    }
    CHECK(n >= 12 && mdpbench_env_id(n) == NULL && mdpbench_env_id(-1) == NULL);
    CHECK_FAILS((mdp_err)mdpbench_env_find("ant", &facts), MDP_E_USAGE, "expected one of halfcheetah, walker2d");
    CHECK_FAILS((mdp_err)mdpbench_env_find(NULL, &facts), MDP_E_USAGE, "environment: expected one, found NULL");
    CHECK_FAILS((mdp_err)mdpbench_env_find("ant", NULL), MDP_E_USAGE, "facts: expected one, found NULL");
}

static void test_same_bits(void) {
    const struct mdp_env_spec *spec = mdp_env_find("hopper");
    struct mdpbench_env *env;
    struct mdp_env *own;
    struct mdpbench_step step;
    struct mdp_step own_step;
    float action[N_ACT], observation[N_OBS], own_observation[N_OBS];
    CHECK_INT(spec->n_obs, N_OBS);
    CHECK_OK((mdp_err)mdpbench_env_new("HopperBullet-v0", NULL, &env));
    CHECK_OK(mdp_env_new(spec, &own));
    for (uint32_t episode = 0; episode < 3; episode++) {
        int has_ended = 0;
        CHECK_OK((mdp_err)mdpbench_env_reset(env, 11, episode, observation));
        mdp_env_reset(own, 11, episode, own_observation);
        for (int t = 0; !has_ended; t++) {
            CHECK(memcmp(observation, own_observation, sizeof observation) == 0);
            draw((int)episode, t, action);
            CHECK_OK((mdp_err)mdpbench_env_step(env, action, observation, &step));
            mdp_env_step(own, action, own_observation, &own_step);
            CHECK(step.reward == own_step.reward && memcmp(step.terms, own_step.terms, sizeof step.terms) == 0);
            CHECK(step.terminated == own_step.terminated && step.truncated == own_step.truncated);
            has_ended = mdp_step_ended(&own_step);
        }
        CHECK_FAILS((mdp_err)mdpbench_env_step(env, action, observation, &step), MDP_E_USAGE, "reset begins one");
    }
    mdpbench_env_free(env);
    mdpbench_env_free(NULL);
    mdp_env_free(own);
}

/* what each lane is given over LONG steps: everything but the buffers of others */
static void record(int n_lanes, int n_threads, int32_t autoreset, double sums[N_LANES], int ended[N_LANES]) {
    struct mdpbench_vec *vec;
    struct buffers b;
    CHECK_OK((mdp_err)mdpbench_vec_new("hopper", NULL, n_lanes, n_threads, autoreset, &vec));
    begin(vec, n_lanes, &b);
    for (int t = 0; t < LONG; t++) {
        CHECK_OK(step_all(vec, n_lanes, t, &b));
        int n = 0;
        for (int i = 0; i < n_lanes; i++) {
            for (int k = 0; k < N_OBS; k++) sums[i] = sums[i] * 1.0000001 + b.observations[i * N_OBS + k];
            sums[i] += b.rewards[i];
            n += b.terminated[i] + b.truncated[i];
            ended[i] += b.terminated[i] + b.truncated[i];
        }
        CHECK_INT(b.n_ended, n);
    }
    mdpbench_vec_free(vec);
}

static void test_lanes_and_threads(void) {
    for (int32_t mode = MDPBENCH_NEXT_STEP; mode <= MDPBENCH_SAME_STEP; mode++) {
        double all[N_LANES] = {0}, threaded[N_LANES] = {0}, alone[N_LANES] = {0};
        int ended[N_LANES] = {0}, ended_threaded[N_LANES] = {0}, ended_alone[N_LANES] = {0};
        record(N_LANES, 1, mode, all, ended);
        record(N_LANES, 3, mode, threaded, ended_threaded);
        record(1, 1, mode, alone, ended_alone);
        CHECK(memcmp(all, threaded, sizeof all) == 0 && memcmp(ended, ended_threaded, sizeof ended) == 0);
        CHECK(all[0] == alone[0] && ended[0] == ended_alone[0] && all[0] != all[1]);
        CHECK(ended[0] >= 2);
    }
}

/* steps until an episode ends; returns the lane */
static int until_end(struct mdpbench_vec *vec, int t, struct buffers *b) {
    b->n_ended = 0;
    for (; b->n_ended == 0; t++) CHECK_OK(step_all(vec, N_LANES, t, b));
    for (int i = 0; i < N_LANES; i++)
        if (b->terminated[i] || b->truncated[i]) return i;
    return -1;
}

static void test_modes(void) {
    struct mdpbench_episode_state over, now;
    struct mdpbench_vec *vecs[3];
    struct buffers b[3];
    float first[N_OBS];
    struct mdpbench_env *env;
    int lane = 0;
    for (int mode = 0; mode < 3; mode++) {
        CHECK_OK((mdp_err)mdpbench_vec_new("hopper", NULL, N_LANES, 1, mode, &vecs[mode]));
        begin(vecs[mode], N_LANES, &b[mode]);
        lane = until_end(vecs[mode], 0, &b[mode]);
        CHECK_OK((mdp_err)mdpbench_vec_episode(vecs[mode], lane, 1, &over));
        CHECK(over.seed == 7 + (uint64_t)lane && over.episode == 0 && over.length > 1 && over.episode_return != 0);
    }
    const size_t row = sizeof(float) * N_OBS, place = (size_t)lane * N_OBS;
    CHECK_OK((mdp_err)mdpbench_env_new("hopper", NULL, &env));
    CHECK_OK((mdp_err)mdpbench_env_reset(env, 7 + (uint64_t)lane, 1, first));
    /* the last observation stays where it is, or is kept apart */
    CHECK(memcmp(b[0].observations, b[2].observations, sizeof b[0].observations) == 0);
    CHECK(memcmp(b[1].final_observations + place, b[0].observations + place, row) == 0);
    CHECK(memcmp(b[1].observations + place, first, row) == 0);
    /* the next step begins the next episode, or is one in it, or is refused */
    CHECK_OK(step_all(vecs[0], N_LANES, 0, &b[0]));
    CHECK(memcmp(b[0].observations + place, first, row) == 0 && b[0].rewards[lane] == 0);
    CHECK_OK((mdp_err)mdpbench_vec_episode(vecs[0], lane, 0, &now));
    CHECK(now.episode == 1 && now.length == 0);
    CHECK_OK(step_all(vecs[1], N_LANES, 0, &b[1]));
    CHECK_OK((mdp_err)mdpbench_vec_episode(vecs[1], lane, 0, &now));
    CHECK(now.episode == 1 && now.length == 1);
    CHECK_FAILS(step_all(vecs[2], N_LANES, 0, &b[2]), MDP_E_USAGE, "one that has ended");
    /* a part of the lanes begins anew, the others stay */
    uint8_t mask[N_LANES] = {0};
    struct buffers before = b[2];
    mask[lane] = 1;
    CHECK_OK((mdp_err)mdpbench_vec_reset(vecs[2], mask, NULL, NULL, 0, b[2].observations));
    CHECK(memcmp(b[2].observations + place, first, row) == 0);
    memcpy(before.observations + place, first, row);
    CHECK(memcmp(b[2].observations, before.observations, sizeof before.observations) == 0);
    CHECK_OK(step_all(vecs[2], N_LANES, 0, &b[2]));
    for (int mode = 0; mode < 3; mode++) mdpbench_vec_free(vecs[mode]);
    mdpbench_env_free(env);
}

static void test_stride(void) {
    struct mdpbench_vec *vec;
    struct mdpbench_episode_state state;
    struct buffers b;
    const uint64_t seeds[N_LANES] = {4, 4, 4, 4, 4};
    const uint32_t episodes[N_LANES] = {10, 11, 12, 13, 14};
    CHECK_OK((mdp_err)mdpbench_vec_new("hopper", NULL, N_LANES, 1, MDPBENCH_SAME_STEP, &vec));
    CHECK_OK((mdp_err)mdpbench_vec_reset(vec, NULL, seeds, episodes, N_LANES, b.observations));
    int lane = until_end(vec, 0, &b);
    CHECK_OK((mdp_err)mdpbench_vec_episode(vec, lane, 0, &state));
    CHECK_INT(state.episode, 10 + lane + N_LANES);
    CHECK_OK((mdp_err)mdpbench_vec_reset(vec, NULL, NULL, NULL, 0, b.observations));
    CHECK_OK((mdp_err)mdpbench_vec_episode(vec, lane, 0, &state));
    CHECK_INT(state.episode, 10 + lane + 2 * N_LANES);
    mdpbench_vec_free(vec);
}

static void test_wrong_calls(void) {
    struct mdpbench_vec *vec = NULL;
    struct mdpbench_env *env = NULL;
    struct mdpbench_episode_state state;
    struct mdpbench_step step;
    struct buffers b, before;
    uint8_t mask[N_LANES] = {1};
    const uint64_t seeds[N_LANES] = {0};
    const uint32_t episodes[N_LANES] = {0};
    float *o = b.observations;
    CHECK_FAILS((mdp_err)mdpbench_vec_new("hopper", NULL, 0, 1, 0, &vec), MDP_E_USAGE, "found 0 and 1");
    CHECK_FAILS((mdp_err)mdpbench_vec_new("hopper", NULL, 1, 1, 3, &vec), MDP_E_USAGE, "autoreset: expected 0 to 2");
    CHECK_FAILS((mdp_err)mdpbench_vec_new("hopper", "lunar", 1, 1, 0, &vec), MDP_E_USAGE, "lunar");
    CHECK_FAILS((mdp_err)mdpbench_env_new("hopper", "mujoco", &env), MDP_E_USAGE, "expected physics of Bullet");
    CHECK(vec == NULL && env == NULL);
    CHECK_OK((mdp_err)mdpbench_env_new("hopper", NULL, &env));
    CHECK_FAILS((mdp_err)mdpbench_env_step(env, b.actions, o, &step), MDP_E_USAGE, "found none; reset begins one");
    CHECK_OK((mdp_err)mdpbench_vec_new("hopper", NULL, N_LANES, 1, 0, &vec));
    CHECK_FAILS(step_all(vec, N_LANES, 0, &b), MDP_E_USAGE, "lane 0: expected an episode under way, found none");
    CHECK_FAILS((mdp_err)mdpbench_vec_reset(vec, NULL, NULL, NULL, 1, o), MDP_E_USAGE, "lane 0: expected a seed");
    CHECK_FAILS((mdp_err)mdpbench_vec_reset(vec, mask, seeds, episodes, 1, o), MDP_E_USAGE, "lane 1: expected a seed");
    CHECK_FAILS((mdp_err)mdpbench_vec_reset(vec, NULL, seeds, NULL, 1, o), MDP_E_USAGE, "seeds and episodes");
    CHECK_FAILS((mdp_err)mdpbench_vec_reset(vec, NULL, seeds, episodes, 0, o), MDP_E_USAGE, "stride");
    CHECK_FAILS((mdp_err)mdpbench_vec_episode(vec, 0, 0, &state), MDP_E_USAGE, "lane 0: expected an episode");
    begin(vec, N_LANES, &b);
    CHECK_FAILS((mdp_err)mdpbench_vec_episode(vec, N_LANES, 0, &state), MDP_E_USAGE, "expected 0 to 4, found 5");
    CHECK_FAILS((mdp_err)mdpbench_vec_episode(vec, 0, 1, &state), MDP_E_USAGE, "lane 0: expected an episode");
    CHECK_OK(step_all(vec, N_LANES, 0, &b));
    before = b;
    b.actions[2 * N_ACT + 1] = NAN;
    CHECK_FAILS((mdp_err)mdpbench_vec_step(vec, b.actions, o, b.rewards, b.terminated, b.truncated, NULL, NULL),
                MDP_E_DATA, "actions [2, 1]: expected a finite number, found nan");
    CHECK(memcmp(before.observations, b.observations, sizeof b.observations) == 0);
    CHECK_OK((mdp_err)mdpbench_vec_episode(vec, 2, 0, &state));
    CHECK_INT(state.length, 1);
    CHECK_OK((mdp_err)mdpbench_env_reset(env, 0, 0, o));
    b.actions[2] = INFINITY;
    CHECK_FAILS((mdp_err)mdpbench_env_step(env, b.actions, o, &step), MDP_E_DATA, "action [0, 2]: expected a finite");
    CHECK_FAILS((mdp_err)mdpbench_env_reset(NULL, 0, 0, o), MDP_E_USAGE, "env: expected one, found NULL");
    CHECK_STR(mdpbench_message(), "env: expected one, found NULL");
    CHECK_STR(mdpbench_status_text(MDPBENCH_DATA), "bad input data");
    mdpbench_vec_free(vec);
    mdpbench_vec_free(NULL);
    mdpbench_env_free(env);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_list),   TAP_TEST(test_same_bits),
                                            TAP_TEST(test_modes),  TAP_TEST(test_lanes_and_threads),
                                            TAP_TEST(test_stride), TAP_TEST(test_wrong_calls)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
