/* the gradient of the log density and Langevin steps, where both are known: a denoiser that is exact for Gaussian
 * actions, guidance with a quadratic value */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/policy.h"
#include "base/rng.h"
#include "tests/tap.h"

/* actions of state obs are N(obs_j, sd_j^2) */
enum { N_ACT = 2, N_OBS = 2, HIDDEN = 8, N_ROWS = 4096, TIME = 2 };
static const double sd[N_ACT] = {0.08, 0.12};

/* Mish(40 + x) is 40 + x to the last bit, so that a network with such biases is linear */
static const float SHIFT = 40.0f;

/* the entry of a parameter by its name */
static float *entry(struct mdp_diffusion *d, const char *name, int row, int column) {
    for (int i = 0; i < d->net.layout.n; i++) {
        const struct mdp_param *p = &d->net.layout.params[i];
        if (strcmp(p->name, name) == 0) return d->params + p->offset + (long)row * p->cols + column;
    }
    tap_failed(__FILE__, __LINE__, "no parameter %s", name);
}

/* output j of the network becomes from_x x_j + from_obs obs_j */
static void make_linear(struct mdp_diffusion *d, const double from_x[N_ACT], const double from_obs[N_ACT]) {
    static const char *const layers[] = {"mid_layer.2.weight", "mid_layer.4.weight"};
    memset(d->params, 0, (size_t)d->net.layout.n_floats * sizeof(float));
    for (int j = 0; j < N_ACT; j++) {
        *entry(d, "mid_layer.0.weight", j, j) = 1;
        *entry(d, "mid_layer.0.weight", N_ACT + j, N_ACT + d->net.n_emb + j) = 1;
        *entry(d, "final_layer.weight", j, j) = (float)from_x[j];
        *entry(d, "final_layer.weight", j, N_ACT + j) = (float)from_obs[j];
        *entry(d, "final_layer.bias", j, 0) = -SHIFT * ((float)from_x[j] + (float)from_obs[j]);
    }
    for (int i = 0; i < 2 * N_ACT; i++) {
        *entry(d, "mid_layer.0.bias", i, 0) = SHIFT;
        for (int k = 0; k < 2; k++) *entry(d, layers[k], i, i) = 1;
    }
    memcpy(d->ema, d->params, (size_t)d->net.layout.n_floats * sizeof(float));
}

/* exact at TIME: the mean of the clean action given a noisy one, or of the noise */
static struct mdp_diffusion *make_gaussian(enum mdp_prediction prediction) {
    struct mdp_diffusion_config config;
    struct mdp_diffusion *d;
    double from_x[N_ACT], from_obs[N_ACT];
    mdp_diffusion_defaults(&config, N_OBS, N_ACT);
    config.n_hidden = HIDDEN;
    config.n_emb = 4;
    config.n_times = 50;
    config.prediction = prediction;
    CHECK_OK(mdp_diffusion_new(&config, 1, &d));
    double alpha = d->schedule.alpha[TIME], sigma = d->schedule.sigma[TIME];
    for (int j = 0; j < N_ACT; j++) {
        double k = sd[j] * sd[j] * alpha / (alpha * alpha * sd[j] * sd[j] + sigma * sigma), rest = 1 - k * alpha;
        from_x[j] = prediction == MDP_PREDICT_ACTION ? k : rest / sigma;
        from_obs[j] = prediction == MDP_PREDICT_ACTION ? rest : -alpha * rest / sigma;
    }
    make_linear(d, from_x, from_obs);
    return d;
}

static double blurred_variance(const struct mdp_diffusion *d, int j) {
    double tau = d->schedule.sigma[TIME] / d->schedule.alpha[TIME];
    return sd[j] * sd[j] + tau * tau;
}

/* ---- guidance: Q = sum slope_j a_j - bend / 2 a_j^2 ---- */

static const double slope[N_ACT] = {3.0, -2.0}, bend = 10.0;

static void quadratic_gradient(const struct mdp_guidance *guidance, int n_rows, const float *obs, const float *act,
                               struct mdp_guidance_work *work, float *score, float *d_act) {
    (void)guidance, (void)obs, (void)work;
    for (int r = 0; r < n_rows; r++) {
        score[r] = 0;
        for (int j = 0; j < N_ACT; j++) {
            double a = act[r * N_ACT + j];
            score[r] += (float)(slope[j] * a - bend / 2 * a * a);
            d_act[r * N_ACT + j] = (float)(slope[j] - bend * a);
        }
    }
}

static struct mdp_guidance quadratic(struct mdp_guidance_kind *kind) {
    *kind = mdp_guidance_none;
    kind->score_gradient = quadratic_gradient;
    return (struct mdp_guidance){.config = {.kind = kind, .n_obs = N_OBS, .n_act = N_ACT}};
}

/* ---- the gradient ---- */

static void test_gradient_of_a_gaussian(void) {
    static const enum mdp_prediction kinds[] = {MDP_PREDICT_NOISE, MDP_PREDICT_ACTION};
    const float obs[3 * N_OBS] = {0, 0, 0.2f, -0.3f, -0.1f, 0.1f},
                        act[3 * N_ACT] = {0.1f, -0.1f, 0, 0.05f, 0.3f, -0.2f};
    float got[3 * N_ACT];
    for (int k = 0; k < 2; k++) {
        struct mdp_diffusion *d = make_gaussian(kinds[k]);
        struct mdp_time_table table;
        struct mdp_density_work work;
        CHECK_OK(mdp_time_table_alloc(&table, &d->net));
        CHECK_OK(mdp_density_work_alloc(&work, d, 3));
        mdp_time_table_refresh(&table, &d->net, d->params);
        mdp_density_gradient(d, d->params, &table, TIME, 3, obs, act, &work, got);
        /* predictions near 40 are off by a few ulp, which the division by tau^2 = 0.006 makes larger */
        for (int i = 0; i < 3 * N_ACT; i++)
            CHECK_CLOSE(got[i], (obs[i] - act[i]) / blurred_variance(d, i % N_ACT), 0.01);
        mdp_density_work_free(&work);
        mdp_time_table_free(&table);
        mdp_diffusion_free(d);
    }
}

/* far outside, the predicted action is that of the border: the gradient leads back and stays finite */
static void test_predictions_are_clipped(void) {
    struct mdp_diffusion *d = make_gaussian(MDP_PREDICT_ACTION);
    struct mdp_time_table table;
    struct mdp_density_work work;
    const float obs[N_OBS] = {5, -5}, act[N_ACT] = {0.5f, 0.25f};
    float got[N_ACT];
    double tau = d->schedule.sigma[TIME] / d->schedule.alpha[TIME];
    CHECK_OK(mdp_time_table_alloc(&table, &d->net));
    CHECK_OK(mdp_density_work_alloc(&work, d, 1));
    mdp_time_table_refresh(&table, &d->net, d->params);
    mdp_density_gradient(d, d->params, &table, TIME, 1, obs, act, &work, got);
    CHECK_CLOSE(got[0], 0.5 / (tau * tau), 1e-4 / (tau * tau));
    CHECK_CLOSE(got[1], -1.25 / (tau * tau), 1e-4 / (tau * tau));
    mdp_density_work_free(&work);
    mdp_time_table_free(&table);
    mdp_diffusion_free(d);
}

static void test_usual_times(void) {
    struct mdp_schedule five, fifty;
    CHECK_OK(mdp_schedule_build(&five, 5));
    CHECK_OK(mdp_schedule_build(&fifty, 50));
    CHECK_INT(mdp_density_time(&five), 1);
    CHECK_INT(mdp_density_time(&fifty), 3);
    CHECK_OK(mdp_density_check_time(&five, 0));
    CHECK_OK(mdp_density_check_time(&five, 4));
    CHECK_FAILS(mdp_density_check_time(&five, 5), MDP_E_USAGE, "denoising time: expected 0 to 4");
    CHECK_FAILS(mdp_density_check_time(&five, -1), MDP_E_USAGE, "has 5, found -1");
}

/* ---- the walk ---- */

/* with p precision and m mean of the target, a step is a linear map with noise, whose stationary distribution is known:
 * mean m, variance 1 / (p (1 - h p / 4)). bounds: five standard errors of 4096 independent walks, and the network's
 * own error of 1e-3 */
static void check_stationary(const struct mdp_guidance *guidance, double weight) {
    struct mdp_diffusion *d = make_gaussian(MDP_PREDICT_NOISE);
    const struct mdp_langevin langevin = {150, 0.004, TIME};
    struct mdp_langevin_work work;
    struct mdp_time_table table;
    long n = (long)N_ROWS * N_ACT;
    float *obs, *act, *noise;
    struct mdp_rng rng = mdp_rng_stream(11, MDP_RNG_LANGEVIN, 0, 0);
    CHECK_OK(mdp_calloc(&obs, (unsigned long)n, sizeof *obs, "states"));
    CHECK_OK(mdp_calloc(&act, (unsigned long)n, sizeof *act, "actions"));
    CHECK_OK(mdp_calloc(&noise, (unsigned long)(n * langevin.n_steps), sizeof *noise, "noise"));
    CHECK_OK(mdp_time_table_alloc(&table, &d->net));
    CHECK_OK(mdp_langevin_work_alloc(&work, d, guidance, N_ROWS));
    mdp_time_table_refresh(&table, &d->net, d->params);
    mdp_rng_normal(&rng, noise, n * langevin.n_steps);
    for (long i = 0; i < n; i++) obs[i] = i % N_ACT == 0 ? 0.1f : -0.15f;
    const struct mdp_langevin_target target = {d, d->params, &table, guidance, weight};
    mdp_langevin_walk(&langevin, &target, N_ROWS, obs, (struct mdp_draws){noise, n}, &work, act);
    for (int j = 0; j < N_ACT; j++) {
        double v = blurred_variance(d, j), w = guidance != NULL ? weight : 0, p = 1 / v + w * bend;
        double mean = (obs[j] / v + w * slope[j]) / p, variance = 1 / (p * (1 - langevin.step_size * p / 4));
        double sum = 0, squares = 0;
        for (int r = 0; r < N_ROWS; r++) sum += act[r * N_ACT + j];
        sum /= N_ROWS;
        for (int r = 0; r < N_ROWS; r++) squares += (act[r * N_ACT + j] - sum) * (act[r * N_ACT + j] - sum);
        CHECK(fabs(mean) + 5 * sqrt(variance) < 1);
        CHECK_CLOSE(sum, mean, 5 * sqrt(variance / N_ROWS) + 1e-3);
        CHECK_CLOSE(squares / (N_ROWS - 1), variance, variance * (5 * sqrt(2.0 / N_ROWS) + 0.01));
    }
    mdp_langevin_work_free(&work);
    mdp_time_table_free(&table);
    mdp_diffusion_free(d);
    free(obs);
    free(act);
    free(noise);
}

static void test_stationary_without_guidance(void) { check_stationary(NULL, 0); }

static void test_stationary_with_guidance(void) {
    struct mdp_guidance_kind kind;
    struct mdp_guidance guidance = quadratic(&kind);
    check_stationary(&guidance, 2.5);
}

/* ---- as a policy does it ---- */

static struct mdp_policy *make_policy(const struct mdp_diffusion *d, const struct mdp_guidance *g, int n_candidates,
                                      struct mdp_langevin langevin) {
    struct mdp_policy_config config;
    struct mdp_policy *policy;
    mdp_policy_defaults(&config);
    config.n_candidates = n_candidates;
    config.langevin = langevin;
    config.selection_temperature = 0.5;
    CHECK_OK(mdp_policy_new(&config, d, g, NULL, NULL, &policy));
    return policy;
}

static struct mdp_guidance *make_guidance(void) {
    struct mdp_guidance_config config;
    struct mdp_guidance *guidance;
    mdp_guidance_defaults(&config, N_OBS, N_ACT);
    config.n_hidden = 16;
    CHECK_OK(mdp_guidance_new(&config, 4, &guidance));
    return guidance;
}

/* one candidate is the one that acts: it walks from where the reverse process ends, by the stream of (seed, LANGEVIN,
 * episode, step), with w_T as weight */
static void test_what_a_policy_walks(void) {
    struct mdp_diffusion *d = make_gaussian(MDP_PREDICT_NOISE);
    struct mdp_guidance *g = make_guidance();
    const struct mdp_langevin langevin = {4, 0.004, TIME}, none = {0, 0.004, TIME}, unset = {0, 0, 0};
    struct mdp_policy *walker = make_policy(d, g, 1, langevin), *still = make_policy(d, g, 1, none),
                      *usual = make_policy(d, g, 1, unset);
    const float obs[N_OBS] = {0.1f, -0.2f};
    const uint32_t episode = 3, step = 5;
    float act[N_ACT], want[N_ACT], plain[N_ACT], noise[4 * N_ACT];
    struct mdp_langevin_work work;
    struct mdp_time_table table;
    struct mdp_rng rng = mdp_rng_stream(7, MDP_RNG_LANGEVIN, episode, step);
    CHECK_OK(mdp_time_table_alloc(&table, &d->net));
    CHECK_OK(mdp_langevin_work_alloc(&work, d, g, 1));
    mdp_time_table_refresh(&table, &d->net, d->ema);
    mdp_policy_act(still, 1, obs, &episode, &step, 7, want, 1);
    mdp_policy_act(usual, 1, obs, &episode, &step, 7, plain, 1);
    CHECK(memcmp(want, plain, sizeof want) == 0);
    mdp_rng_normal(&rng, noise, 4 * N_ACT);
    const struct mdp_langevin_target target = {d, d->ema, &table, g, 0.5};
    mdp_langevin_walk(&langevin, &target, 1, obs, (struct mdp_draws){noise, N_ACT}, &work, want);
    mdp_policy_act(walker, 1, obs, &episode, &step, 7, act, 1);
    CHECK(memcmp(act, want, sizeof act) == 0 && memcmp(act, plain, sizeof act) != 0);
    mdp_langevin_work_free(&work);
    mdp_time_table_free(&table);
    mdp_policy_free(walker);
    mdp_policy_free(still);
    mdp_policy_free(usual);
    mdp_guidance_free(g);
    mdp_diffusion_free(d);
}

/* steps far too long for the target bounce from border to border, but stay in the box */
static void test_stays_in_the_box(void) {
    struct mdp_diffusion *d = make_gaussian(MDP_PREDICT_NOISE);
    struct mdp_policy *policy = make_policy(d, NULL, 30, (struct mdp_langevin){20, 50, TIME});
    const float obs[N_OBS] = {0.1f, -0.2f};
    float act[N_ACT];
    for (uint32_t episode = 0; episode < 20; episode++) {
        const uint32_t step = 0;
        mdp_policy_act(policy, 1, obs, &episode, &step, 7, act, 1);
        for (int j = 0; j < N_ACT; j++) CHECK(act[j] >= -1 && act[j] <= 1);
    }
    mdp_policy_free(policy);
    mdp_diffusion_free(d);
}

static void test_bad_settings_are_refused(void) {
    static const struct {
        struct mdp_langevin langevin;
        const char *part;
    } bad[] = {
        {{-1, 1, 0}, "langevin: steps: expected 0 to 1000, found -1"},
        {{1001, 1, 0}, "expected 0 to 1000, found 1001"},
        {{1, 0, 0}, "langevin: step size: expected a finite number above 0, found 0"},
        {{1, -2, 0}, "found -2"},
        {{1, NAN, 0}, "found nan"},
        {{1, INFINITY, 0}, "found inf"},
        {{1, 1, -1}, "langevin: denoising time: expected 0 to 49, as the diffusion module has 50, found -1"},
        {{1, 1, 50}, "found 50"},
    };
    struct mdp_diffusion *d = make_gaussian(MDP_PREDICT_NOISE);
    struct mdp_policy_config config;
    struct mdp_policy *policy;
    mdp_policy_defaults(&config);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        config.langevin = bad[i].langevin;
        CHECK_FAILS(mdp_policy_new(&config, d, NULL, NULL, NULL, &policy), MDP_E_USAGE, bad[i].part);
        CHECK(policy == NULL);
    }
    mdp_diffusion_free(d);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_gradient_of_a_gaussian),
        TAP_TEST(test_predictions_are_clipped),
        TAP_TEST(test_usual_times),
        TAP_TEST(test_stationary_without_guidance),
        TAP_TEST(test_stationary_with_guidance),
        TAP_TEST(test_what_a_policy_walks),
        TAP_TEST(test_stays_in_the_box),
        TAP_TEST(test_bad_settings_are_refused),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
