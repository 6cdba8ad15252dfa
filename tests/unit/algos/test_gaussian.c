/* the tanh-Gaussian policy against its definition in double: actions, log densities, gradients, clipping */
#include <math.h>
#include <string.h>

#include "algos/gaussian.h"
#include "base/rng.h"
#include "tests/tap.h"

enum { N_OBS = 5, N_ACT = 3, HIDDEN = 16, N_ROWS = 7, N_FLOATS_MAX = 1024, LAST_BIAS = 5, LAST_WEIGHT = 4 };

/* rounding of one float operation */
static const double unit = 0x1p-24;

struct fixture {
    struct mdp_gaussian policy;
    struct mdp_mlp_cache cache;
    float params[N_FLOATS_MAX];
};

static void set_up(struct fixture *f, int n_act, int max_rows) {
    memset(f, 0, sizeof *f);
    mdp_gaussian_build(&f->policy, N_OBS, n_act, HIDDEN);
    CHECK(f->policy.layout.n_floats <= N_FLOATS_MAX);
    CHECK_OK(mdp_mlp_cache_alloc(&f->cache, &f->policy.net, max_rows, NULL));
    mdp_layout_init(&f->policy.layout, 3, 1, f->params);
}

static float *param(struct fixture *f, int i_param) { return f->params + f->policy.layout.params[i_param].offset; }

/* makes every row's mean and log std what `out` says [2 n_act], whatever the observation */
static void fix_output(struct fixture *f, const float *out) {
    const struct mdp_param *weight = &f->policy.layout.params[LAST_WEIGHT];
    CHECK_STR(weight->name, "actor.4.weight");
    memset(f->params + weight->offset, 0, sizeof(float) * (size_t)(weight->rows * weight->cols));
    memcpy(param(f, LAST_BIAS), out, sizeof(float) * 2 * (size_t)f->policy.n_act);
}

static void draw(uint32_t which, float *out, long n) {
    struct mdp_rng rng = mdp_rng_stream(9, MDP_RNG_EXPLORE, which, 0);
    mdp_rng_normal(&rng, out, n);
}

/* log of the density of tanh(u), u = mean + std e, by the change of variables; log(1 - tanh(u)^2) = -2 log cosh(u) */
static double log_density(double u, double log_std, double e) {
    double log_cosh = fabs(u) + log1p(exp(-2 * fabs(u))) - log(2);
    return -0.5 * e * e - log_std - 0.5 * log(2 * acos(-1.0)) + 2 * log_cosh;
}

/* a float u is off by at most 3 roundings of |mean| + std |e| (two operations and expf), d log p / du is at most 2, and
 * each of the ten operations of a term rounds at most the sum of the term's parts */
static double log_density_bound(double mean, double log_std, double e) {
    double u = fabs(mean) + exp(log_std) * fabs(e);
    return unit * (2 * 4 * u + 10 * (0.5 * e * e + fabs(log_std) + 1 + 2 * (log(2) + 3 * u + 1)));
}

static void test_log_density(void) {
    static const float outs[][2] = {{0, 0},     {0.3f, -0.7f}, {-1.5f, 0.4f}, {4, -3},       {-9, -1},
                                    {30, 1.5f}, {-30, 2},      {0.01f, -6},   {0.5f, -19.5f}};
    static const float draws[N_ROWS] = {0, 1, -1, 0.25f, -2.5f, 3.75f, -4.5f};
    struct fixture f;
    float act[N_ROWS], log_prob[N_ROWS];
    set_up(&f, 1, N_ROWS);
    for (size_t k = 0; k < sizeof outs / sizeof outs[0]; k++) {
        fix_output(&f, outs[k]);
        mdp_gaussian_act(&f.policy, f.params, N_ROWS, draws, &f.cache, act, log_prob);
        for (int i = 0; i < N_ROWS; i++) {
            double mean = outs[k][0], log_std = outs[k][1], e = draws[i], u = mean + exp(log_std) * e;
            double u_bound = 4 * unit * (fabs(mean) + exp(log_std) * fabs(e));
            CHECK_CLOSE(act[i], tanh(u), u_bound + 4 * unit);
            CHECK_CLOSE(log_prob[i], log_density(u, log_std, e), log_density_bound(mean, log_std, e));
        }
    }
    mdp_mlp_cache_free(&f.cache);
}

/* several actions: the log density is the sum of theirs; rows do not mix */
static void test_log_density_adds_up(void) {
    const float out[2 * N_ACT] = {0.2f, -0.8f, 1.1f, -0.5f, 0.3f, -1.2f};
    struct fixture f;
    float eps[N_ROWS * N_ACT], act[N_ROWS * N_ACT], log_prob[N_ROWS];
    set_up(&f, N_ACT, N_ROWS);
    fix_output(&f, out);
    draw(1, eps, N_ROWS * N_ACT);
    mdp_gaussian_act(&f.policy, f.params, N_ROWS, eps, &f.cache, act, log_prob);
    for (int i = 0; i < N_ROWS; i++) {
        double sum = 0, bound = 0;
        for (int j = 0; j < N_ACT; j++) {
            double mean = out[j], log_std = out[N_ACT + j], e = eps[i * N_ACT + j];
            sum += log_density(mean + exp(log_std) * e, log_std, e);
            bound += 2 * log_density_bound(mean, log_std, e);
        }
        CHECK_CLOSE(log_prob[i], sum, bound);
    }
    mdp_mlp_cache_free(&f.cache);
}

/* the density as returned, integrated over the actions as returned, is the normal distribution function of the noise:
 * no formula of the density is shared with the code. trapezoids of 1/512 of a deviation are off by some 1e-6, the
 * rounded actions by 6e-8 times the density's variation */
static void test_density_integrates_to_probability(void) {
    enum { N_GRID = 6145 };
    const float out[2] = {0.3f, -0.7f};
    static float eps[N_GRID], act[N_GRID], log_prob[N_GRID];
    struct fixture f;
    double sum = 0;
    set_up(&f, 1, N_GRID);
    fix_output(&f, out);
    for (int i = 0; i < N_GRID; i++) eps[i] = (float)(-6 + i * 12.0 / (N_GRID - 1));
    mdp_gaussian_act(&f.policy, f.params, N_GRID, eps, &f.cache, act, log_prob);
    for (int i = 1; i < N_GRID; i++) {
        sum += 0.5 * (exp((double)log_prob[i]) + exp((double)log_prob[i - 1])) * ((double)act[i] - act[i - 1]);
        if (i % 512 == 0) CHECK_CLOSE(sum, 0.5 * erfc(-(double)eps[i] / sqrt(2)), 5e-6);
    }
    CHECK_CLOSE(sum, 1, 5e-6);
    mdp_mlp_cache_free(&f.cache);
}

static void test_without_noise_the_mode_acts(void) {
    struct fixture f;
    const float zeros[N_ROWS * N_ACT] = {0};
    float eps[N_ROWS * N_ACT], obs[N_ROWS * N_OBS], act[N_ROWS * N_ACT], same[N_ROWS * N_ACT], log_prob[2][N_ROWS];
    set_up(&f, N_ACT, N_ROWS);
    draw(2, obs, N_ROWS * N_OBS);
    draw(3, eps, N_ROWS * N_ACT);
    memcpy(f.cache.x, obs, sizeof obs);
    mdp_gaussian_act(&f.policy, f.params, N_ROWS, NULL, &f.cache, act, log_prob[0]);
    const float *out = f.cache.out;
    for (int i = 0; i < N_ROWS; i++)
        for (int j = 0; j < N_ACT; j++) CHECK_CLOSE(act[i * N_ACT + j], tanh((double)out[i * 2 * N_ACT + j]), 4 * unit);
    memcpy(f.cache.x, obs, sizeof obs);
    mdp_gaussian_act(&f.policy, f.params, N_ROWS, zeros, &f.cache, same, log_prob[1]);
    CHECK(memcmp(act, same, sizeof act) == 0 && memcmp(log_prob[0], log_prob[1], sizeof log_prob[0]) == 0);
    memcpy(f.cache.x, obs, sizeof obs);
    mdp_gaussian_act(&f.policy, f.params, N_ROWS, eps, &f.cache, same, NULL);
    for (int i = 0; i < N_ROWS * N_ACT; i++) CHECK(act[i] != same[i] && fabsf(same[i]) < 1);
    mdp_mlp_cache_free(&f.cache);
}

/* ---- gradient ---- */

/* what the loss of the gradient test is made of */
struct problem {
    float obs[N_ROWS * N_OBS], eps[N_ROWS * N_ACT], d_act[N_ROWS * N_ACT], d_log_prob;
};

static void dense(const struct fixture *f, const double *params, int i_weight, const double *x, int relu, double *y) {
    const struct mdp_param *weight = &f->policy.layout.params[i_weight];
    const double *w = params + weight->offset, *b = params + f->policy.layout.params[i_weight + 1].offset;
    for (int i = 0; i < weight->rows; i++) {
        y[i] = b[i];
        for (int j = 0; j < weight->cols; j++) y[i] += w[i * weight->cols + j] * x[j];
        if (relu && y[i] < 0) y[i] = 0;
    }
}

/* sum of d_act * a + d_log_prob * log_prob over the rows, all in double and from the definition */
static double loss(const struct fixture *f, const double *params, const struct problem *p) {
    double sum = 0, x[N_OBS], one[HIDDEN], two[HIDDEN], out[2 * N_ACT];
    for (int i = 0; i < N_ROWS; i++) {
        for (int j = 0; j < N_OBS; j++) x[j] = p->obs[i * N_OBS + j];
        dense(f, params, 0, x, 1, one);
        dense(f, params, 2, one, 1, two);
        dense(f, params, LAST_WEIGHT, two, 0, out);
        for (int j = 0; j < N_ACT; j++) {
            double e = p->eps[i * N_ACT + j], log_std = fmin(fmax(out[N_ACT + j], -20), 2);
            double u = out[j] + exp(log_std) * e;
            sum += p->d_act[i * N_ACT + j] * tanh(u) + p->d_log_prob * log_density(u, log_std, e);
        }
    }
    return sum;
}

static void make_problem(struct problem *p) {
    draw(4, p->obs, N_ROWS * N_OBS);
    draw(5, p->eps, N_ROWS * N_ACT);
    draw(6, p->d_act, N_ROWS * N_ACT);
    p->d_log_prob = 0.37f;
}

static void gradient(struct fixture *f, const struct problem *p, float *grads) {
    float act[N_ROWS * N_ACT], log_prob[N_ROWS], d_out[N_ROWS * 2 * N_ACT];
    memcpy(f->cache.x, p->obs, sizeof p->obs);
    mdp_gaussian_act(&f->policy, f->params, N_ROWS, p->eps, &f->cache, act, log_prob);
    mdp_gaussian_backward(&f->policy, f->params, N_ROWS, p->eps, act, p->d_act, p->d_log_prob, &f->cache, d_out, grads);
}

/* central differences of a double loss are good to 1e-9 here; what is left is the float gradient's own rounding, at
 * most one for each of the some 64 operations on a path, relative to the largest entry (cancellation included) */
static void test_gradient(void) {
    struct fixture f;
    struct problem p;
    float grads[N_FLOATS_MAX] = {0};
    double params[N_FLOATS_MAX], slopes[N_FLOATS_MAX], largest = 0;
    const double h = 1e-6;
    set_up(&f, N_ACT, N_ROWS);
    make_problem(&p);
    gradient(&f, &p, grads);
    long n = f.policy.layout.n_floats;
    for (long k = 0; k < n; k++) params[k] = f.params[k];
    for (long k = 0; k < n; k++) {
        double kept = params[k];
        params[k] = kept + h;
        double above = loss(&f, params, &p);
        params[k] = kept - h;
        slopes[k] = (above - loss(&f, params, &p)) / (2 * h);
        params[k] = kept;
        largest = fmax(largest, fabs(slopes[k]));
    }
    CHECK(largest > 0.5);
    for (long k = 0; k < n; k++) CHECK_CLOSE(grads[k], slopes[k], 64 * unit * largest + 1e-8);

    /* gradients accumulate */
    float twice[N_FLOATS_MAX];
    memcpy(twice, grads, sizeof twice);
    gradient(&f, &p, twice);
    for (long k = 0; k < n; k++) CHECK_CLOSE(twice[k], 2 * (double)grads[k], 8 * unit * largest);
    mdp_mlp_cache_free(&f.cache);
}

static void test_log_std_is_clipped(void) {
    static const struct { float raw, clipped; } cases[] = {{5, 2}, {2.5f, 2}, {-25, -20}, {-1e30f, -20}, {1e30f, 2}};
    struct fixture f;
    struct problem p;
    set_up(&f, N_ACT, N_ROWS);
    make_problem(&p);
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        float out[2 * N_ACT] = {0.1f, 0.2f, -0.3f, -1, cases[k].raw, -1}, at_limit[2 * N_ACT];
        float act[2][N_ROWS * N_ACT], log_prob[2][N_ROWS], grads[N_FLOATS_MAX] = {0};
        memcpy(at_limit, out, sizeof out);
        at_limit[N_ACT + 1] = cases[k].clipped;
        fix_output(&f, at_limit);
        mdp_gaussian_act(&f.policy, f.params, N_ROWS, p.eps, &f.cache, act[0], log_prob[0]);
        fix_output(&f, out);
        mdp_gaussian_act(&f.policy, f.params, N_ROWS, p.eps, &f.cache, act[1], log_prob[1]);
        CHECK(memcmp(act[0], act[1], sizeof act[0]) == 0 && memcmp(log_prob[0], log_prob[1], sizeof log_prob[0]) == 0);

        /* beyond the limit the log std has no influence; means and the other log stds have */
        gradient(&f, &p, grads);
        const float *bias = grads + f.policy.layout.params[LAST_BIAS].offset;
        for (int j = 0; j < 2 * N_ACT; j++) CHECK(isfinite(bias[j]) && (bias[j] == 0) == (j == N_ACT + 1));
    }
    mdp_mlp_cache_free(&f.cache);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_log_density),
        TAP_TEST(test_log_density_adds_up),
        TAP_TEST(test_density_integrates_to_probability),
        TAP_TEST(test_without_noise_the_mode_acts),
        TAP_TEST(test_gradient),
        TAP_TEST(test_log_std_is_clipped),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
