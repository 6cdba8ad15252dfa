/* guidance that bends denoising steps: schedules of its weight, what a step becomes, and policies that act by it */
#include "algos/steering.h"

#include <math.h>
#include <string.h>

#include "algos/policy.h"
#include "base/rng.h"
#include "tests/tap.h"

enum { N_OBS = 5, N_ACT = 3, N_STATES = 7, N_EACH = 4, N_ROWS = N_STATES * N_EACH };

static void draw(uint32_t which, long n, float *out) {
    struct mdp_rng rng = mdp_rng_stream(9, MDP_RNG_EXPLORE, which, 0);
    mdp_rng_normal(&rng, out, n);
}

static const struct mdp_weight_schedule *schedule(const char *name) {
    const struct mdp_weight_schedule *out;
    CHECK_OK(mdp_weight_schedule_find(name, &out));
    return out;
}

/* every schedule is monotone, has values in (0, 1] and a last or first step of all; falling ones are mirror images */
static void test_schedules(void) {
    const struct mdp_names *names = mdp_weight_schedule_names();
    const struct mdp_weight_schedule *none;
    CHECK_INT(names->n, 7);
    for (int i = 1; i < names->n; i++) {
        const struct mdp_weight_schedule *s = schedule(mdp_names_at(names, i));
        int falls = i > 3;
        for (int n = 1; n <= 15; n++) {
            CHECK_CLOSE(mdp_weight_share(s, falls ? 0 : n - 1, n), 1, 1e-15);
            for (int k = 0; k < n; k++) {
                double share = mdp_weight_share(s, k, n);
                CHECK(share > 0 && share <= 1);
                if (k > 0) CHECK(falls ? share < mdp_weight_share(s, k - 1, n) : share > mdp_weight_share(s, k - 1, n));
                if (falls) CHECK(share == mdp_weight_share(schedule(mdp_names_at(names, i - 3)), n - 1 - k, n));
            }
        }
    }
    CHECK(mdp_weight_share(schedule("const"), 2, 5) == 1 && mdp_weight_share(NULL, 0, 5) == 1);
    CHECK_CLOSE(mdp_weight_share(schedule("linear"), 1, 5), 0.4, 1e-15);
    CHECK_CLOSE(mdp_weight_share(schedule("power"), 1, 5), 0.16, 1e-15);
    CHECK_CLOSE(mdp_weight_share(schedule("cosine"), 1, 4), 0.5, 1e-15);
    CHECK_FAILS(mdp_weight_schedule_find("up", &none), MDP_E_USAGE, "const, linear");
}

static struct mdp_diffusion *make_diffusion(enum mdp_prediction prediction, const char *solver, int n_times,
                                            int n_steps) {
    struct mdp_diffusion_config config;
    struct mdp_diffusion *d;
    mdp_diffusion_defaults(&config, N_OBS, N_ACT);
    config.n_hidden = 24;
    config.n_emb = 6;
    config.prediction = prediction;
    config.n_times = n_times;
    config.n_steps = n_steps;
    CHECK_OK(mdp_solver_find(solver, &config.solver));
    CHECK_OK(mdp_diffusion_new(&config, 3, &d));
    return d;
}

static struct mdp_guidance *make_guidance(const struct mdp_guidance_kind *kind) {
    struct mdp_guidance_config config;
    struct mdp_guidance *g;
    mdp_guidance_defaults(&config, N_OBS, N_ACT);
    config.kind = kind;
    config.n_hidden = 24;
    CHECK_OK(mdp_guidance_new(&config, 4, &g));
    return g;
}

/* the score's gradient at one action, by the guidance itself */
static void gradient_at(const struct mdp_guidance *g, const float *obs, const float *act, float *out) {
    struct mdp_guidance_work work;
    float score;
    CHECK_OK(mdp_guidance_work_alloc(&work, g, 1, NULL));
    g->config.kind->score_gradient(g, 1, obs, act, &work, &score, out);
    mdp_guidance_work_free(&work);
}

/* a noise prediction moves by -w sigma g, and the clean action that goes with it as one that is predicted itself */
static void check_step(enum mdp_guide guide, int i) {
    struct mdp_diffusion *d[2] = {make_diffusion(MDP_PREDICT_NOISE, "ddpm", 5, 5),
                                  make_diffusion(MDP_PREDICT_ACTION, "ddpm", 5, 5)};
    struct mdp_guidance *g = make_guidance(&mdp_guidance_iql);
    const struct mdp_guide_rule rule = {guide, 3, schedule("linear")};
    double alpha = d[0]->visits.alpha[i], sigma = d[0]->visits.sigma[i];
    float obs[N_STATES * N_OBS], x[N_ROWS * N_ACT], eps[N_ROWS * N_ACT], p[2][N_ROWS * N_ACT];
    draw(1, N_STATES * N_OBS, obs);
    draw(2, N_ROWS * N_ACT, x);
    draw(3, N_ROWS * N_ACT, eps);
    for (int j = 0; j < N_ROWS * N_ACT; j++) {
        p[0][j] = eps[j];
        p[1][j] = (float)((x[j] - sigma * eps[j]) / alpha);
    }
    for (int k = 0; k < 2; k++) {
        struct mdp_steering s;
        CHECK_OK(mdp_steering_init(&s, d[k], g, &rule, N_ROWS, N_EACH));
        s.obs = obs;
        /* in two parts, one of which ends within a state */
        s.bend.bend(s.bend.context, i, 0, 6, x, p[k]);
        s.bend.bend(s.bend.context, i, 6, N_ROWS - 6, x + 6 * N_ACT, p[k] + 6 * N_ACT);
        mdp_steering_free(&s);
    }
    double w = 3 * (6 - i) / 5.0;
    for (int r = 0; r < N_ROWS; r++) {
        float where[N_ACT], gradient[N_ACT];
        for (int j = 0; j < N_ACT; j++) {
            double clean = (x[r * N_ACT + j] - sigma * eps[r * N_ACT + j]) / alpha;
            where[j] = guide == MDP_GUIDE_NOISY ? x[r * N_ACT + j] : (float)fmin(fmax(clean, -1), 1);
        }
        gradient_at(g, obs + r / N_EACH * N_OBS, where, gradient);
        for (int j = 0; j < N_ACT; j++) {
            double want = eps[r * N_ACT + j] - w * sigma * gradient[j];
            CHECK_CLOSE(p[0][r * N_ACT + j], want, 1e-5);
            want = (x[r * N_ACT + j] - sigma * want) / alpha;
            CHECK_CLOSE(p[1][r * N_ACT + j], want, 1e-5 * (1 + fabs(want)));
        }
    }
    mdp_diffusion_free(d[0]);
    mdp_diffusion_free(d[1]);
    mdp_guidance_free(g);
}

static void test_steps(void) {
    for (int i = 1; i <= 5; i++) {
        check_step(MDP_GUIDE_NOISY, i);
        check_step(MDP_GUIDE_CLEAN, i);
    }
}

/* actions of all states at once */
static void act(const struct mdp_diffusion *d, const struct mdp_guidance *g, const struct mdp_guide_rule *rule,
                int is_plain, int n_threads, float *out) {
    struct mdp_policy_config config;
    struct mdp_policy *policy;
    float obs[N_STATES * N_OBS];
    uint32_t episode[N_STATES], step[N_STATES] = {0};
    draw(5, N_STATES * N_OBS, obs);
    for (uint32_t i = 0; i < N_STATES; i++) episode[i] = i;
    mdp_policy_defaults(&config);
    config.n_candidates = N_EACH;
    config.max_threads = n_threads;
    config.guide = *rule;
    if (is_plain) config.kernel = NULL;
    CHECK_OK(mdp_policy_new(&config, d, g, NULL, NULL, &policy));
    mdp_policy_act(policy, N_STATES, obs, episode, step, 6, out, n_threads);
    mdp_policy_free(policy);
}

static double score_of(const struct mdp_guidance *g, const float *actions) {
    struct mdp_guidance_work work;
    float obs[N_STATES * N_OBS], score[N_STATES];
    double sum = 0;
    draw(5, N_STATES * N_OBS, obs);
    CHECK_OK(mdp_guidance_work_alloc(&work, g, N_STATES, NULL));
    g->config.kind->select_score(g, N_STATES, obs, actions, &work, score);
    for (int i = 0; i < N_STATES; i++) sum += score[i];
    mdp_guidance_work_free(&work);
    return sum;
}

/* a weight of 0 is none to the last bit; a large one raises the score; threads, and so what shares a call, change no
 * bit; packed and plain networks agree */
static void check_policy(struct mdp_diffusion *d, const struct mdp_guidance_kind *kind, enum mdp_guide guide) {
    struct mdp_guidance *g = make_guidance(kind);
    const struct mdp_guide_rule none = {MDP_GUIDE_NONE, 0, NULL}, still = {guide, 0, NULL},
                                up = {guide, 30, schedule("power-falling")}, down = {guide, -30, NULL};
    float a[6][N_STATES * N_ACT];
    act(d, g, &none, 0, 1, a[0]);
    act(d, g, &still, 0, 1, a[1]);
    act(d, g, &up, 0, 1, a[2]);
    act(d, g, &up, 0, 3, a[3]);
    act(d, g, &up, 1, 2, a[4]);
    act(d, g, &down, 0, 1, a[5]);
    CHECK(memcmp(a[0], a[1], sizeof a[0]) == 0 && memcmp(a[2], a[3], sizeof a[0]) == 0);
    CHECK(score_of(g, a[2]) > score_of(g, a[0]) && score_of(g, a[5]) < score_of(g, a[0]));
    for (int j = 0; j < N_STATES * N_ACT; j++) CHECK_CLOSE(a[2][j], a[4][j], 1e-4);
    mdp_guidance_free(g);
}

static void test_policies(void) {
    struct mdp_diffusion *noise = make_diffusion(MDP_PREDICT_NOISE, "ddpm", 5, 5),
                         *action = make_diffusion(MDP_PREDICT_ACTION, "ddim", 50, 8);
    check_policy(noise, &mdp_guidance_double_q, MDP_GUIDE_NOISY);
    check_policy(noise, &mdp_guidance_iql, MDP_GUIDE_CLEAN);
    check_policy(action, &mdp_guidance_double_q, MDP_GUIDE_CLEAN);
    check_policy(action, &mdp_guidance_iql, MDP_GUIDE_NOISY);
    mdp_diffusion_free(noise);
    mdp_diffusion_free(action);
}

static void test_refusals(void) {
    struct mdp_diffusion *d = make_diffusion(MDP_PREDICT_NOISE, "ddpm", 5, 5);
    struct mdp_guidance *none = make_guidance(&mdp_guidance_none), *iql = make_guidance(&mdp_guidance_iql);
    struct mdp_policy_config config;
    struct mdp_policy *policy;
    mdp_policy_defaults(&config);
    config.guide = (struct mdp_guide_rule){MDP_GUIDE_NOISY, 1, NULL};
    CHECK_FAILS(mdp_policy_new(&config, d, NULL, NULL, NULL, &policy), MDP_E_USAGE, "guide: expected none without");
    CHECK_FAILS(mdp_policy_new(&config, d, none, NULL, NULL, &policy), MDP_E_USAGE, "expected guidance with values");
    config.guide.weight = NAN;
    CHECK_FAILS(mdp_policy_new(&config, d, iql, NULL, NULL, &policy), MDP_E_USAGE, "expected a finite number");
    mdp_guidance_free(none);
    mdp_guidance_free(iql);
    mdp_diffusion_free(d);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_schedules), TAP_TEST(test_steps), TAP_TEST(test_policies),
                                            TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
