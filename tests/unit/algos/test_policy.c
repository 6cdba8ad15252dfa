/* acting: an action is a function of state, seed, episode and step alone; selection and its temperature table */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/policy.h"
#include "algos/selection.h"
#include "algos/temperature.h"
#include "base/rng.h"
#include "tests/tap.h"

enum { N_OBS = 9, N_ACT = 4, N_STATES = 7 };

/* two small modules, and states to act in */
struct scene {
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
    float obs[N_STATES * N_OBS];
    uint32_t episode[N_STATES], step[N_STATES];
};

static struct scene make_scene(void) {
    struct scene s;
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    struct mdp_rng rng = mdp_rng_stream(5, MDP_RNG_EXPLORE, 0, 0);
    mdp_diffusion_defaults(&diffusion, N_OBS, N_ACT);
    diffusion.n_hidden = 48;
    mdp_guidance_defaults(&guidance, N_OBS, N_ACT);
    guidance.n_hidden = 48;
    CHECK_OK(mdp_diffusion_new(&diffusion, 2, &s.diffusion));
    CHECK_OK(mdp_guidance_new(&guidance, 2, &s.guidance));
    mdp_rng_normal(&rng, s.obs, N_STATES * N_OBS);
    for (int i = 0; i < N_STATES; i++) {
        s.episode[i] = (uint32_t)(i % 4);
        s.step[i] = (uint32_t)(10 + i);
    }
    return s;
}

static void free_scene(struct scene *s) {
    mdp_diffusion_free(s->diffusion);
    mdp_guidance_free(s->guidance);
}

static struct mdp_policy *make_policy(const struct scene *s, const struct mdp_guidance *guidance, int max_threads,
                                      const double *mean, const double *std) {
    struct mdp_policy_config config;
    struct mdp_policy *policy = NULL;
    mdp_policy_defaults(&config);
    config.n_candidates = 20;
    config.max_threads = max_threads;
    CHECK_OK(mdp_policy_new(&config, s->diffusion, guidance, mean, std, &policy));
    return policy;
}

static void test_company_and_threads_do_not_matter(void) {
    struct scene s = make_scene();
    struct mdp_policy *policy = make_policy(&s, s.guidance, 3, NULL, NULL);
    float alone[N_STATES * N_ACT], together[N_STATES * N_ACT];
    for (int i = 0; i < N_STATES; i++)
        mdp_policy_act(policy, 1, s.obs + i * N_OBS, s.episode + i, s.step + i, 77, alone + i * N_ACT, 1);
    for (int n_threads = 1; n_threads <= 3; n_threads++) {
        memset(together, 0, sizeof together);
        mdp_policy_act(policy, N_STATES, s.obs, s.episode, s.step, 77, together, n_threads);
        CHECK(memcmp(alone, together, sizeof alone) == 0);
    }
    for (int j = 0; j < N_STATES * N_ACT; j++) CHECK(alone[j] >= -1 && alone[j] <= 1);
    mdp_policy_free(policy);
    free_scene(&s);
}

static void test_keys_matter(void) {
    struct scene s = make_scene();
    struct mdp_policy *policy = make_policy(&s, s.guidance, 1, NULL, NULL);
    float base[N_ACT], other[N_ACT];
    uint32_t episode = 1, step = 2, changed = 3;
    mdp_policy_act(policy, 1, s.obs, &episode, &step, 77, base, 1);
    mdp_policy_act(policy, 1, s.obs, &changed, &step, 77, other, 1);
    CHECK(memcmp(base, other, sizeof base) != 0);
    mdp_policy_act(policy, 1, s.obs, &episode, &changed, 77, other, 1);
    CHECK(memcmp(base, other, sizeof base) != 0);
    mdp_policy_act(policy, 1, s.obs, &episode, &step, 78, other, 1);
    CHECK(memcmp(base, other, sizeof base) != 0);
    mdp_policy_free(policy);
    free_scene(&s);
}

static void test_observations_are_normalised(void) {
    struct scene s = make_scene();
    double mean[N_OBS], std[N_OBS];
    float normalised[N_OBS], raw_action[N_ACT], action[N_ACT];
    for (int j = 0; j < N_OBS; j++) {
        mean[j] = 0.25 * j;
        std[j] = 0.5 + 0.5 * j;
        normalised[j] = (float)((s.obs[j] - mean[j]) / std[j]);
    }
    struct mdp_policy *raw = make_policy(&s, s.guidance, 1, mean, std),
                      *bare = make_policy(&s, s.guidance, 1, NULL, NULL);
    mdp_policy_act(raw, 1, s.obs, s.episode, s.step, 5, raw_action, 1);
    mdp_policy_act(bare, 1, normalised, s.episode, s.step, 5, action, 1);
    CHECK(memcmp(raw_action, action, sizeof action) == 0);
    mdp_policy_free(raw);
    mdp_policy_free(bare);
    free_scene(&s);
}

static void test_candidates_and_weights(void) {
    struct scene s = make_scene();
    struct mdp_policy *policy = make_policy(&s, s.guidance, 1, NULL, NULL),
                      *free_choice = make_policy(&s, NULL, 1, NULL, NULL);
    float noise[5 * 20 * N_ACT];
    struct mdp_rng rng = mdp_rng_stream(6, MDP_RNG_EXPLORE, 0, 0);
    mdp_rng_normal(&rng, noise, 5 * 20 * N_ACT);
    struct mdp_policy_view view = mdp_policy_propose(policy, s.obs, (struct mdp_draws){noise, 20 * N_ACT});
    double sum = 0;
    int best = 0, heaviest = 0;
    for (int i = 0; i < 20; i++) {
        sum += view.weights[i];
        if (view.scores[i] > view.scores[best]) best = i;
        if (view.weights[i] > view.weights[heaviest]) heaviest = i;
    }
    CHECK_CLOSE(sum, 1.0, 1e-12);
    CHECK_INT(best, heaviest);
    for (int j = 0; j < 20 * N_ACT; j++) CHECK_CLOSE(view.history[j], 0.5 * noise[j], 0.0);
    view = mdp_policy_propose(free_choice, s.obs, (struct mdp_draws){noise, 20 * N_ACT});
    for (int i = 0; i < 20; i++) CHECK_CLOSE(view.weights[i], 0.05, 1e-15);
    mdp_policy_free(policy);
    mdp_policy_free(free_choice);
    free_scene(&s);
}

/* candidates go up the gradient of the score that selects, stay in range, and are scored where they end */
static void test_lambda_moves_candidates(void) {
    enum { N = 20 };
    struct scene s = make_scene();
    struct mdp_policy_config config;
    struct mdp_policy *still = make_policy(&s, s.guidance, 1, NULL, NULL), *moved = NULL;
    struct mdp_guidance_work work;
    float noise[5 * N * N_ACT], obs[N * N_OBS], score[N], d_act[N * N_ACT], want[N * N_ACT];
    struct mdp_rng rng = mdp_rng_stream(6, MDP_RNG_EXPLORE, 0, 0);
    mdp_rng_normal(&rng, noise, 5 * N * N_ACT);
    mdp_policy_defaults(&config);
    config.n_candidates = N;
    config.lambda = 2.5;
    CHECK_OK(mdp_policy_new(&config, s.diffusion, s.guidance, NULL, NULL, &moved));
    CHECK_OK(mdp_guidance_work_alloc(&work, s.guidance, N, NULL));
    struct mdp_policy_view view = mdp_policy_propose(still, s.obs, (struct mdp_draws){noise, N * N_ACT});
    for (int i = 0; i < N; i++) memcpy(obs + i * N_OBS, s.obs, N_OBS * sizeof *obs);
    const struct mdp_guidance_kind *kind = s.guidance->config.kind;
    kind->score_gradient(s.guidance, N, obs, view.actions, &work, score, d_act);
    for (int j = 0; j < N * N_ACT; j++) want[j] = fminf(fmaxf(view.actions[j] + 2.5f * d_act[j], -1), 1);
    float farthest = 0;
    for (int j = 0; j < N * N_ACT; j++) farthest = fmaxf(farthest, fabsf(want[j] - view.actions[j]));
    CHECK(farthest > 1e-3f);
    view = mdp_policy_propose(moved, s.obs, (struct mdp_draws){noise, N * N_ACT});
    for (int j = 0; j < N * N_ACT; j++) CHECK_CLOSE(view.actions[j], want[j], 1e-5);
    kind->select_score(s.guidance, N, obs, want, &work, score);
    for (int i = 0; i < N; i++) CHECK_CLOSE(view.scores[i], score[i], 1e-5);
    mdp_guidance_work_free(&work);
    mdp_policy_free(still);
    mdp_policy_free(moved);
    free_scene(&s);
}

/* the online denoiser acts only if asked: a change of its parameters is nothing to a policy of the averaged ones */
static void test_which_copy_acts(void) {
    struct scene s = make_scene();
    float with_ema[N_ACT], changed[N_ACT];
    struct mdp_policy_config config;
    struct mdp_policy *online = NULL, *ema = make_policy(&s, s.guidance, 1, NULL, NULL);
    mdp_policy_act(ema, 1, s.obs, s.episode, s.step, 5, with_ema, 1);
    for (long j = 0; j < s.diffusion->net.layout.n_floats; j++) s.diffusion->params[j] *= 1.5f;
    mdp_policy_free(ema);
    ema = make_policy(&s, s.guidance, 1, NULL, NULL);
    mdp_policy_act(ema, 1, s.obs, s.episode, s.step, 5, changed, 1);
    CHECK(memcmp(with_ema, changed, sizeof changed) == 0);
    mdp_policy_defaults(&config);
    config.n_candidates = 20;
    config.use_ema = 0;
    CHECK_OK(mdp_policy_new(&config, s.diffusion, s.guidance, NULL, NULL, &online));
    mdp_policy_act(online, 1, s.obs, s.episode, s.step, 5, changed, 1);
    CHECK(memcmp(with_ema, changed, sizeof changed) != 0);
    mdp_policy_free(ema);
    mdp_policy_free(online);
    free_scene(&s);
}

static void test_bad_settings_are_refused(void) {
    struct scene s = make_scene();
    struct mdp_policy_config config;
    struct mdp_policy *policy = NULL;
    struct mdp_guidance_config guidance;
    struct mdp_guidance *other = NULL;
    double mean[N_OBS] = {0}, std[N_OBS];
    for (int j = 0; j < N_OBS; j++) std[j] = j == 4 ? 0.0 : 1.0;
    mdp_policy_defaults(&config);
    CHECK_FAILS(mdp_policy_new(&config, s.diffusion, s.guidance, mean, std, &policy), MDP_E_DATA, "dimension 4");
    mdp_guidance_defaults(&guidance, N_OBS, N_ACT + 2);
    CHECK_OK(mdp_guidance_new(&guidance, 0, &other));
    CHECK_FAILS(mdp_policy_new(&config, s.diffusion, other, NULL, NULL, &policy), MDP_E_DATA, "found 9 and 6");
    config.n_candidates = 0;
    CHECK_FAILS(mdp_policy_new(&config, s.diffusion, s.guidance, NULL, NULL, &policy), MDP_E_USAGE, "candidates");
    mdp_policy_defaults(&config);
    config.start_temperature = NAN;
    CHECK_FAILS(mdp_policy_new(&config, s.diffusion, s.guidance, NULL, NULL, &policy), MDP_E_USAGE, "temperatures");
    mdp_policy_defaults(&config);
    config.lambda = -0.5;
    CHECK_FAILS(mdp_policy_new(&config, s.diffusion, s.guidance, NULL, NULL, &policy), MDP_E_USAGE, "found -0.5");
    config.lambda = 0.5;
    CHECK_FAILS(mdp_policy_new(&config, s.diffusion, NULL, NULL, NULL, &policy), MDP_E_USAGE, "without guidance");
    CHECK(policy == NULL);
    mdp_guidance_free(other);
    free_scene(&s);
}

/* ---- selection ---- */

static void test_selection_follows_the_weights(void) {
    const float scores[4] = {0.1f, 0.3f, 0.2f, -1.0f};
    double weights[4];
    int counts[4] = {0}, n = 20000;
    struct mdp_rng rng = mdp_rng_stream(8, MDP_RNG_EXPLORE, 0, 0);
    mdp_selection_weights(4, scores, 10.0, weights);
    CHECK_CLOSE(weights[0] / weights[1], exp(-2), 1e-6);
    for (int i = 0; i < n; i++) counts[mdp_selection_by_uniform(4, weights, mdp_rng_uniform(&rng))]++;
    for (int i = 0; i < 4; i++) CHECK_CLOSE((double)counts[i] / n, weights[i], 5 * sqrt(weights[i] / n) + 1e-3);
    CHECK_INT(mdp_selection_by_uniform(4, weights, 0.0), 0);
    CHECK_INT(mdp_selection_by_uniform(4, weights, 1.0 - 0x1p-53), 3);
    const float draws[4] = {1, 1, 1, 1e-12f};
    CHECK_INT(mdp_selection_by_exponential(4, weights, draws), 3);
}

/* scores that float32 cannot exponentiate do not overflow, and those that are no numbers do not escape the range */
static void test_selection_of_extreme_scores(void) {
    const float large[3] = {3e4f, 3e4f, -3e38f}, none[3] = {NAN, NAN, NAN};
    double weights[3];
    mdp_selection_weights(3, large, 300.0, weights);
    CHECK_CLOSE(weights[0], 0.5, 1e-15);
    CHECK_CLOSE(weights[2], 0.0, 0.0);
    mdp_selection_weights(3, none, 300.0, weights);
    int chosen = mdp_selection_by_uniform(3, weights, 0.7);
    CHECK(chosen >= 0 && chosen < 3);
}

static void check_temperature(const char *algo, const char *task, double want) {
    double got = 0;
    CHECK_OK(mdp_selection_temperature(algo, task, &got));
    CHECK_CLOSE(got, want, 0.0);
}

/* an algorithm whose row leaves one out would select at random */
static void test_no_temperature_is_left_out(void) {
    for (int i = 0; mdp_algorithm_at(i) != NULL; i++)
        for (int k = 0; k < MDP_N_TUNED_TASKS; k++) {
            const struct mdp_planning *planning = mdp_algorithm_at(i)->planning;
            CHECK(planning != NULL ? planning->tuned[k].weight > 0 && planning->tuned[k].horizon > 0
                                   : mdp_algorithm_at(i)->temperatures[k] > 0);
        }
}

static void test_temperatures(void) {
    double got;
    check_temperature("dql", "halfcheetah-medium", 50);
    check_temperature("dql", "halfcheetah-medium-v2", 50);
    check_temperature("edp", "halfcheetah-medium-replay-v2", 150);
    check_temperature("idql", "bullet-halfcheetah-medium-expert-v0", 10);
    check_temperature("idql", "halfcheetah-expert", 10);
    check_temperature("dql", "walker2d-expert", 50);
    check_temperature("dql", "walker2d-medium-expert", 300);
    check_temperature("edp", "walker2d-expert", 300);
    check_temperature("idql", "walker2d-expert", 300);
    check_temperature("edp", "bullet-walker2d-medium-replay", 100);
    check_temperature("dql", "hopper-expert-v2", 50);
    check_temperature("edp", "hopper-expert-v2", 8);
    check_temperature("idql", "mujoco-hopper-medium", 50);
    check_temperature("edp", "mujoco-v4-hopper-medium", 300);
    check_temperature("dql", "mujoco-v5-walker2d-medium-expert", 300);
    CHECK_FAILS(mdp_selection_temperature("dql", "mujoco-v-hopper-medium", &got), MDP_E_USAGE,
                "'mujoco-v-hopper-medium'");
    CHECK_FAILS(mdp_selection_temperature("sac", "halfcheetah-medium", &got), MDP_E_USAGE, "'sac'");
    CHECK_FAILS(mdp_selection_temperature("dql", "ant-medium", &got), MDP_E_USAGE, "'ant-medium'");
    CHECK_FAILS(mdp_selection_temperature("dql", "halfcheetah", &got), MDP_E_USAGE, "'halfcheetah'");
    CHECK_FAILS(mdp_selection_temperature("dql", "halfcheetah-random", &got), MDP_E_USAGE, "'halfcheetah-random'");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_company_and_threads_do_not_matter), TAP_TEST(test_keys_matter),
        TAP_TEST(test_observations_are_normalised),       TAP_TEST(test_candidates_and_weights),
        TAP_TEST(test_lambda_moves_candidates),           TAP_TEST(test_which_copy_acts),
        TAP_TEST(test_bad_settings_are_refused),          TAP_TEST(test_selection_follows_the_weights),
        TAP_TEST(test_selection_of_extreme_scores),       TAP_TEST(test_temperatures),
        TAP_TEST(test_no_temperature_is_left_out),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
