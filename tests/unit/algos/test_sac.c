/* SAC: the update rule on networks whose outputs are known, the same bits for any threads, and a bandit it must solve
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/sac.h"
#include "base/rng.h"
#include "tests/tap.h"

enum { N_OBS = 4, N_ACT = 2, N_ROWS = 300 };

static struct mdp_sac_config small_config(void) {
    struct mdp_sac_config config;
    mdp_sac_defaults(&config, N_OBS, N_ACT, 21);
    config.hidden = 32;
    config.batch = 64;
    return config;
}

static struct mdp_sac *new_sac(const struct mdp_sac_config *config) {
    struct mdp_sac *sac = NULL;
    CHECK_OK(mdp_sac_new(config, &sac));
    return sac;
}

/* random transitions; every third is terminal */
static void fill_replay(struct mdp_transitions *replay, int n_obs, int n_act) {
    struct mdp_rng rng = mdp_rng_stream(5, MDP_RNG_EXPLORE, 0, 0);
    CHECK_OK(mdp_transitions_alloc(replay, N_ROWS, n_obs, n_act));
    mdp_rng_normal(&rng, replay->observations, (long)N_ROWS * n_obs);
    mdp_rng_normal(&rng, replay->next_observations, (long)N_ROWS * n_obs);
    mdp_rng_normal(&rng, replay->rewards, N_ROWS);
    for (int i = 0; i < N_ROWS * n_act; i++) replay->actions[i] = (float)(2 * mdp_rng_uniform(&rng) - 1);
    for (int i = 0; i < N_ROWS; i++) replay->terminals[i] = i % 3 == 0;
}

static void set_param(const struct mdp_layout *layout, float *block, const char *name, float value) {
    for (int i = 0; i < layout->n; i++) {
        const struct mdp_param *param = &layout->params[i];
        if (strcmp(param->name, name) != 0) continue;
        for (long j = 0; j < (long)param->rows * param->cols; j++) block[param->offset + j] = value;
        return;
    }
    tap_failed(__FILE__, __LINE__, "no parameter %s", name);
}

static float get_param(const struct mdp_layout *layout, const float *block, const char *name) {
    for (int i = 0; i < layout->n; i++)
        if (strcmp(layout->params[i].name, name) == 0) return block[layout->params[i].offset];
    tap_failed(__FILE__, __LINE__, "no parameter %s", name);
}

/* makes both heads of a critic constants */
static void set_critic(const struct mdp_sac *sac, float *block, float one, float two) {
    set_param(&sac->critic.layout, block, "q1.4.weight", 0);
    set_param(&sac->critic.layout, block, "q2.4.weight", 0);
    set_param(&sac->critic.layout, block, "q1.4.bias", one);
    set_param(&sac->critic.layout, block, "q2.4.bias", two);
}

/* makes the policy the same in every state: mean and log std 0 */
static void set_actor(const struct mdp_sac *sac) {
    set_param(&sac->actor.layout, sac->actor_params, "actor.4.weight", 0);
    set_param(&sac->actor.layout, sac->actor_params, "actor.4.bias", 0);
}

/* ---- threads and repetition ---- */

static int same_bits(const struct mdp_sac *a, const struct mdp_sac *b) {
    size_t actor = sizeof(float) * (size_t)a->actor.layout.n_floats;
    size_t critic = sizeof(float) * (size_t)a->critic.layout.n_floats;
    return memcmp(a->actor_params, b->actor_params, actor) == 0 &&
           memcmp(a->critic_params, b->critic_params, critic) == 0 &&
           memcmp(a->target_params, b->target_params, critic) == 0 &&
           memcmp(a->actor_adam.m, b->actor_adam.m, actor) == 0 &&
           memcmp(a->critic_adam.v, b->critic_adam.v, critic) == 0 &&
           memcmp(&a->alpha, &b->alpha, sizeof a->alpha) == 0;
}

static struct mdp_sac *train(int n_threads, uint64_t seed, const struct mdp_transitions *replay,
                             struct mdp_sac_log *log) {
    struct mdp_sac_config config = small_config();
    config.batch = 150; /* three panels, the last one short */
    config.n_threads = n_threads;
    config.seed = seed;
    struct mdp_sac *sac = new_sac(&config);
    for (uint32_t step = 0; step < 10; step++) mdp_sac_update(sac, replay, N_ROWS, step, log);
    return sac;
}

static void test_same_bits_for_any_threads(void) {
    struct mdp_transitions replay;
    struct mdp_sac_log log, again;
    fill_replay(&replay, N_OBS, N_ACT);
    struct mdp_sac *first = train(1, 21, &replay, &log);
    for (int n_threads = 1; n_threads <= 3; n_threads++) {
        struct mdp_sac *sac = train(n_threads, 21, &replay, &again);
        CHECK(same_bits(first, sac));
        CHECK(memcmp(&log, &again, sizeof log) == 0);
        mdp_sac_free(sac);
    }
    struct mdp_sac *other = train(1, 22, &replay, &again);
    CHECK(!same_bits(first, other));
    CHECK(isfinite(log.critic_loss) && isfinite(log.mean_q) && isfinite(log.entropy) && log.alpha > 0);
    mdp_sac_free(first);
    mdp_sac_free(other);
    mdp_sac_free(NULL);
    mdp_transitions_free(&replay);
}

/* a new gradient's weights are those that committed behaviour policies were trained with, not 0.1f and 0.001f */
static void test_moments_keep_their_rounding(void) {
    struct mdp_sac_config config = small_config();
    struct mdp_sac *sac = new_sac(&config);
    struct mdp_adam *both[2] = {&sac->actor_adam, &sac->critic_adam};
    for (int k = 0; k < 2; k++) {
        float *params = k == 0 ? sac->actor_params : sac->critic_params,
              *grad = calloc((size_t)both[k]->n, sizeof *grad);
        CHECK(grad != NULL);
        grad[3] = 1;
        mdp_adam_step(both[k], params, &grad, 1, 1e-3, 1);
        CHECK(both[k]->m[3] == 1.0f - 0.9f && both[k]->m[3] != 0.1f);
        CHECK(both[k]->v[3] == 1.0f - 0.999f && both[k]->v[3] != 0.001f);
        free(grad);
    }
    mdp_sac_free(sac);
}

/* an update reads no row beyond those that are filled */
static void test_unfilled_rows_do_not_matter(void) {
    enum { N_FILLED = 40 };
    struct mdp_transitions replay;
    struct mdp_sac_log log;
    struct mdp_sac_config config = small_config();
    struct mdp_sac *sacs[2];
    fill_replay(&replay, N_OBS, N_ACT);
    for (int k = 0; k < 2; k++) {
        sacs[k] = new_sac(&config);
        for (uint32_t step = 0; step < 5; step++) mdp_sac_update(sacs[k], &replay, N_FILLED, step, &log);
        for (int i = N_FILLED; i < N_ROWS; i++) replay.rewards[i] = NAN;
    }
    CHECK(same_bits(sacs[0], sacs[1]));
    for (int k = 0; k < 2; k++) mdp_sac_free(sacs[k]);
    mdp_transitions_free(&replay);
}

static void test_explores_by_step_alone(void) {
    struct mdp_sac_config config = small_config();
    struct mdp_sac *sac = new_sac(&config);
    const float obs[N_OBS] = {0.3f, -0.2f, 0.5f, 1};
    float first[N_ACT], other[N_ACT], again[N_ACT];
    mdp_sac_explore(sac, 7, obs, first);
    mdp_sac_explore(sac, 8, obs, other);
    mdp_sac_explore(sac, 7, obs, again);
    CHECK(memcmp(first, again, sizeof first) == 0);
    for (int j = 0; j < N_ACT; j++) CHECK(first[j] != other[j] && fabsf(first[j]) < 1 && fabsf(other[j]) < 1);
    mdp_sac_free(sac);
}

/* ---- the target of the critic ---- */

/* the log density of the next action that row i of the minibatch draws, for mean and log std 0 */
static double drawn_log_prob(const float *eps, int i) {
    double sum = 0;
    for (int j = 0; j < N_ACT; j++) {
        double e = eps[i * N_ACT + j];
        sum += -0.5 * e * e - 0.5 * log(2 * acos(-1.0)) + 2 * log(cosh(e));
    }
    return sum;
}

/* q heads 1 and 3 everywhere, target heads 5 and 4: y = r + 0.9 (1 - terminal) (4 - alpha log p), with the minibatch
 * and the noise of the streams that the header names */
static void check_target(double log_alpha, double tau) {
    struct mdp_sac_config config = small_config();
    struct mdp_transitions replay;
    struct mdp_sac_log log;
    float eps[64 * N_ACT];
    const uint32_t step = 11;
    config.discount = 0.9;
    config.tau = tau;
    fill_replay(&replay, N_OBS, N_ACT);
    struct mdp_sac *sac = new_sac(&config);
    set_actor(sac);
    set_critic(sac, sac->critic_params, 1, 3);
    set_critic(sac, sac->target_params, 5, 4);
    sac->alpha.log_alpha = log_alpha;
    struct mdp_rng rows = mdp_rng_stream(config.seed, MDP_RNG_REPLAY, step, 0);
    struct mdp_rng noise = mdp_rng_stream(config.seed, MDP_RNG_BEHAVIOR_NEXT, step, 0);
    mdp_rng_normal(&noise, eps, 64 * N_ACT);
    double want = 0, scale = 0;
    for (int i = 0; i < config.batch; i++) {
        uint32_t row = mdp_rng_below(&rows, N_ROWS);
        double next = 4 - exp(log_alpha) * drawn_log_prob(eps, i);
        double y = replay.rewards[row] + 0.9 * (1 - replay.terminals[row]) * next;
        want += ((1 - y) * (1 - y) + (3 - y) * (3 - y)) / config.batch;
        scale = fmax(scale, fabs(y) + 3);
    }
    mdp_sac_update(sac, &replay, N_ROWS, step, &log);
    /* y in float: some 20 roundings of at most `scale`, and a squared error doubles them */
    CHECK_CLOSE(log.critic_loss, want, 2 * 2 * 20 * 0x1p-24 * scale * scale);
    CHECK_CLOSE(log.mean_q, 2, 1e-6);
    CHECK_CLOSE(log.alpha, exp(log_alpha), 0x1p-23 * exp(log_alpha));

    /* the targets lie above both heads on average, so both move up, by Adam's first step; the copy follows by tau */
    const struct mdp_layout *layout = &sac->critic.layout;
    static const char *const biases[] = {"q1.4.bias", "q2.4.bias"};
    static const double before[] = {1, 3}, target[] = {5, 4};
    for (int h = 0; h < 2; h++) {
        double now = get_param(layout, sac->critic_params, biases[h]);
        CHECK_CLOSE(fabs(now - before[h]), config.learning_rate, 4e-7);
        CHECK_CLOSE(get_param(layout, sac->target_params, biases[h]), (1 - tau) * target[h] + tau * now, 1e-6);
    }
    mdp_sac_free(sac);
    mdp_transitions_free(&replay);
}

static void test_critic_target_without_entropy(void) { check_target(-60, 0.02); }
static void test_critic_target_with_entropy(void) { check_target(log(0.7), 0.25); }

/* after a terminal step nothing is expected: neither target values nor next states nor entropy count */
static void test_terminal_rows_do_not_bootstrap(void) {
    struct mdp_sac_config config = small_config();
    struct mdp_transitions replay;
    struct mdp_sac_log log;
    fill_replay(&replay, N_OBS, N_ACT);
    for (int i = 0; i < N_ROWS; i++) replay.rewards[i] = 2, replay.terminals[i] = 1;
    for (int k = 0; k < 2; k++) {
        struct mdp_sac *sac = new_sac(&config);
        set_critic(sac, sac->critic_params, 2, 2.5f);
        set_critic(sac, sac->target_params, 1e6f, -1e6f);
        sac->alpha.log_alpha = 3;
        mdp_sac_update(sac, &replay, N_ROWS, 0, &log);
        /* one row that goes on brings the millions back */
        if (k == 0) CHECK_CLOSE(log.critic_loss, 0.25, 0);
        if (k == 1) CHECK(log.critic_loss > 1e6);
        for (int i = 0; i < N_ROWS; i += 2) replay.terminals[i] = 0;
        mdp_sac_free(sac);
    }
    mdp_transitions_free(&replay);
}

/* ---- entropy ---- */

/* too little entropy makes it weigh more, too much less; Adam's first step has the learning rate's size */
static void test_alpha_follows_entropy(void) {
    struct mdp_transitions replay;
    struct mdp_sac_log log;
    fill_replay(&replay, N_OBS, N_ACT);
    for (int sign = -1; sign <= 1; sign += 2) {
        struct mdp_sac_config config = small_config();
        config.target_entropy = sign * 20.0;
        struct mdp_sac *sac = new_sac(&config);
        set_actor(sac);
        mdp_sac_update(sac, &replay, N_ROWS, 0, &log);
        /* the mean of 64 draws of a known density: of tanh of two standard normals */
        CHECK(log.entropy > 0.5 && log.entropy < 1.5);
        CHECK_CLOSE(log.alpha, 1, 0);
        CHECK_CLOSE(sac->alpha.log_alpha, sign * config.learning_rate, 1e-8 * config.learning_rate);
        for (uint32_t step = 1; step < 20; step++) mdp_sac_update(sac, &replay, N_ROWS, step, &log);
        CHECK(sign * sac->alpha.log_alpha > 15 * config.learning_rate);
        CHECK(sign * (log.alpha - 1) > 0);
        mdp_sac_free(sac);
    }
    mdp_transitions_free(&replay);
}

/* ---- a bandit ---- */

/* one step, reward -(a - best)^2, then over: the mode has to end near the best action, from any start */
static void check_bandit(float best, uint64_t seed) {
    struct mdp_sac_config config;
    struct mdp_transitions replay;
    struct mdp_sac_log log;
    float act;
    fill_replay(&replay, 2, 1);
    for (int i = 0; i < N_ROWS; i++) {
        float off = replay.actions[i] - best;
        replay.rewards[i] = -off * off;
        replay.terminals[i] = 1;
    }
    mdp_sac_defaults(&config, 2, 1, seed);
    config.hidden = 32;
    config.batch = 64;
    config.learning_rate = 5e-3;
    config.target_entropy = -2; /* nearly deterministic: little pull of tanh's own density towards 0 */
    struct mdp_sac *sac = new_sac(&config);
    for (uint32_t step = 0; step < 800; step++) mdp_sac_update(sac, &replay, N_ROWS, step, &log);
    double worst = 0;
    for (int i = 0; i < 50; i++) {
        memcpy(sac->act_cache.x, replay.observations + 2 * i, 2 * sizeof(float));
        mdp_gaussian_act(&sac->actor, sac->actor_params, 1, NULL, &sac->act_cache, &act, NULL);
        worst = fmax(worst, fabs((double)act - (double)best));
    }
    if (worst > 0.15)
        tap_failed(__FILE__, __LINE__, "best %g, seed %d: a mode is off by %g (loss %g, alpha %g, entropy %g)",
                   (double)best, (int)seed, worst, log.critic_loss, log.alpha, log.entropy);
    mdp_sac_free(sac);
    mdp_transitions_free(&replay);
}

static void test_bandit(void) {
    for (uint64_t seed = 0; seed < 3; seed++) {
        check_bandit(0.3f, seed);
        check_bandit(-0.6f, seed);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_moments_keep_their_rounding),
        TAP_TEST(test_same_bits_for_any_threads),
        TAP_TEST(test_unfilled_rows_do_not_matter),
        TAP_TEST(test_explores_by_step_alone),
        TAP_TEST(test_critic_target_without_entropy),
        TAP_TEST(test_critic_target_with_entropy),
        TAP_TEST(test_terminal_rows_do_not_bootstrap),
        TAP_TEST(test_alpha_follows_entropy),
        TAP_TEST(test_bandit),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
