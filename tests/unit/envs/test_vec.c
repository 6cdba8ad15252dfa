/* many lanes: the same bits for any number of lanes and threads; freed lanes rest. */
#include <omp.h>
#include <string.h>

#include "base/rng.h"
#include "envs/vec.h"
#include "tests/tap.h"

enum { N_EPISODES = 20, MAX_LANES = 17, MAX_STEPS = 60 };

/* one episode's outcome; compared bit by bit */
struct outcome {
    double sum;
    int n_steps, end;
    float last[MDP_ENV_MAX_OBS];
};

/* which episode a lane runs, and how far it is */
struct lane {
    uint32_t episode;
    struct mdp_rng rng;
};

static void start(struct mdp_vec *vec, int i, uint32_t episode, struct lane *lane, float *observation) {
    *lane = (struct lane){episode, mdp_rng_stream(6, MDP_RNG_EXPLORE, episode, 0)};
    mdp_vec_reset_lane(vec, i, 6, episode, observation);
}

/* runs all episodes, each as long as it lasts or MAX_STEPS; a lane that becomes free takes the next */
static void run_all(const struct mdp_env_spec *spec, int n_lanes, int n_threads, struct outcome *outcomes) {
    struct mdp_vec *vec;
    struct lane lanes[MAX_LANES];
    float actions[MAX_LANES * MDP_ENV_MAX_ACT], observations[MAX_LANES * MDP_ENV_MAX_OBS];
    struct mdp_step steps[MAX_LANES];
    uint32_t next = 0;
    memset(outcomes, 0, sizeof *outcomes * N_EPISODES);
    CHECK_OK(mdp_vec_new(spec, n_lanes, n_threads, &vec));
    for (int i = 0; i < n_lanes; i++, next++) start(vec, i, next, &lanes[i], observations + i * spec->n_obs);
    while (mdp_vec_n_active(vec) > 0) {
        int n = mdp_vec_n_active(vec), active[MAX_LANES];
        memcpy(active, mdp_vec_active(vec), sizeof(int) * (size_t)n);
        for (int k = 0; k < n; k++)
            for (int j = 0; j < spec->n_act; j++)
                actions[active[k] * spec->n_act + j] = (float)(2 * mdp_rng_uniform(&lanes[active[k]].rng) - 1);
        mdp_vec_step(vec, actions, observations, steps);
        for (int k = 0; k < n; k++) {
            int i = active[k];
            struct outcome *o = &outcomes[lanes[i].episode];
            o->sum += steps[i].reward;
            o->end = mdp_step_ended(&steps[i]);
            memcpy(o->last, observations + i * spec->n_obs, sizeof(float) * (size_t)spec->n_obs);
            if (++o->n_steps < MAX_STEPS && !o->end) continue;
            mdp_vec_release_lane(vec, i);
            if (next < N_EPISODES) start(vec, i, next++, &lanes[i], observations + i * spec->n_obs);
        }
    }
    mdp_vec_free(vec);
}

static void test_same_bits_for_any_lanes_and_threads(void) {
    static const int lane_counts[] = {1, 4, 7, 17};
    for (int e = 0; mdp_env_list(e) != NULL; e++) {
        const struct mdp_env_spec *spec = mdp_env_list(e);
        struct outcome first[N_EPISODES], again[N_EPISODES];
        run_all(spec, 1, 1, first);
        for (int i = 0; i < N_EPISODES; i++) CHECK(first[i].n_steps > 0);
        CHECK(memcmp(&first[0], &first[1], sizeof first[0]) != 0);
        /* worlds of MuJoCo are slower, and always one by one */
        for (int k = 0; k < (spec->gym != NULL ? 2 : 4); k++) {
            for (int n_threads = 1; n_threads <= 3; n_threads++) {
                run_all(spec, lane_counts[k], n_threads, again);
                CHECK(memcmp(first, again, sizeof first) == 0);
            }
        }
    }
}

/* inside work of two threads OpenMP starts no others: one thread then does the shares of all */
static void test_threads_that_are_not_there(void) {
    const struct mdp_env_spec *spec = mdp_env_list(0);
    struct outcome first[N_EPISODES], again[N_EPISODES];
    int n_threads = 0;
    run_all(spec, 1, 1, first);
    omp_set_max_active_levels(1);
#pragma omp parallel num_threads(2)
#pragma omp single
    {
#pragma omp parallel num_threads(3)
#pragma omp single
        n_threads = omp_get_num_threads();
        run_all(spec, MAX_LANES, 3, again);
    }
    CHECK_INT(n_threads, 1);
    CHECK(memcmp(first, again, sizeof first) == 0);
}

static void test_freed_lanes_rest(void) {
    const struct mdp_env_spec *spec = mdp_env_find("halfcheetah");
    struct mdp_vec *vec;
    float actions[3 * 6] = {0}, observations[3 * 26];
    struct mdp_step steps[3];
    CHECK_OK(mdp_vec_new(spec, 3, 2, &vec));
    CHECK_INT(mdp_vec_n_active(vec), 0);
    mdp_vec_step(vec, actions, observations, steps);
    for (int i = 0; i < 3; i++) mdp_vec_reset_lane(vec, i, 0, (uint32_t)i, observations + i * 26);
    CHECK_INT(mdp_vec_n_active(vec), 3);
    mdp_vec_release_lane(vec, 1);
    mdp_vec_release_lane(vec, 1);
    CHECK_INT(mdp_vec_n_active(vec), 2);
    CHECK(mdp_vec_active(vec)[0] == 0 && mdp_vec_active(vec)[1] == 2);

    /* rows of a resting lane are left alone */
    for (int j = 0; j < 26; j++) observations[26 + j] = 77;
    memset(&steps[1], 0x55, sizeof steps[1]);
    struct mdp_step untouched = steps[1];
    mdp_vec_step(vec, actions, observations, steps);
    for (int j = 0; j < 26; j++) CHECK(observations[26 + j] == 77);
    CHECK(memcmp(&untouched, &steps[1], sizeof untouched) == 0);
    mdp_vec_free(vec);
}

static void test_ended_lane_keeps_last_observation(void) {
    const struct mdp_env_spec *spec = mdp_env_find("walker2d");
    struct mdp_vec *vec;
    struct mdp_env *env;
    float actions[2 * 6], observations[2 * 22], expected[22];
    struct mdp_step steps[2], step = {0};
    for (int j = 0; j < 12; j++) actions[j] = j % 6 < 3 ? 1 : -1;
    CHECK_OK(mdp_vec_new(spec, 2, 2, &vec));
    CHECK_OK(mdp_env_new(spec, &env));
    for (int i = 0; i < 2; i++) mdp_vec_reset_lane(vec, i, 4, (uint32_t)i, observations + i * 22);
    mdp_env_reset(env, 4, 0, expected);
    while (!mdp_step_ended(&step)) mdp_env_step(env, actions, expected, &step);
    while (mdp_vec_n_active(vec) > 0) mdp_vec_step(vec, actions, observations, steps);
    CHECK(steps[0].terminated && memcmp(observations, expected, sizeof expected) == 0);
    mdp_env_free(env);
    mdp_vec_free(vec);
}

static void test_two_specs_in_one_process(void) {
    const struct mdp_env_spec *specs[2] = {mdp_env_find("halfcheetah"), mdp_env_find("walker2d")};
    struct mdp_vec *vecs[2];
    struct mdp_step steps[2][2], alone[2][2];
    float actions[12] = {0.3f, -0.3f, 0.5f}, observations[2][2 * MDP_ENV_MAX_OBS], expected[2][2 * MDP_ENV_MAX_OBS];
    memset(observations, 0, sizeof observations);
    memset(expected, 0, sizeof expected);
    for (int e = 0; e < 2; e++) {
        CHECK_OK(mdp_vec_new(specs[e], 2, 1, &vecs[e]));
        for (int i = 0; i < 2; i++) mdp_vec_reset_lane(vecs[e], i, 9, (uint32_t)i, expected[e] + i * specs[e]->n_obs);
        for (int t = 0; t < 10; t++) mdp_vec_step(vecs[e], actions, expected[e], alone[e]);
        mdp_vec_free(vecs[e]);
    }
    for (int e = 0; e < 2; e++) {
        CHECK_OK(mdp_vec_new(specs[e], 2, 2, &vecs[e]));
        for (int i = 0; i < 2; i++)
            mdp_vec_reset_lane(vecs[e], i, 9, (uint32_t)i, observations[e] + i * specs[e]->n_obs);
    }
    for (int t = 0; t < 10; t++)
        for (int e = 0; e < 2; e++) mdp_vec_step(vecs[e], actions, observations[e], steps[e]);
    CHECK(memcmp(observations, expected, sizeof expected) == 0);
    CHECK(memcmp(steps, alone, sizeof steps) == 0);
    for (int e = 0; e < 2; e++) mdp_vec_free(vecs[e]);
}

static void test_bad_sizes(void) {
    struct mdp_vec *vec;
    const struct mdp_env_spec *spec = mdp_env_list(0);
    CHECK_FAILS(mdp_vec_new(spec, 0, 1, &vec), MDP_E_USAGE, "found 0 and 1");
    CHECK_FAILS(mdp_vec_new(spec, 1, 0, &vec), MDP_E_USAGE, "found 1 and 0");
    CHECK(vec == NULL);
    mdp_vec_free(NULL);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_same_bits_for_any_lanes_and_threads),
        TAP_TEST(test_threads_that_are_not_there),
        TAP_TEST(test_freed_lanes_rest),
        TAP_TEST(test_ended_lane_keeps_last_observation),
        TAP_TEST(test_two_specs_in_one_process),
        TAP_TEST(test_bad_sizes),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
