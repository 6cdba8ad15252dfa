/* the optimiser against its formula in double precision */
#include "algos/nn/optimizer.h"

#include <math.h>

#include "base/rng.h"
#include "tests/tap.h"

enum { N = 5000, N_STEPS = 4 };

static const double rate = 3e-4;

/* SPEC section 5, element by element */
struct reference {
    double m[N], v[N], p[N];
};

static void reference_step(struct reference *r, const float *grad, int t, double decay, double penalty) {
    for (int j = 0; j < N; j++) {
        double g = grad[j] + penalty * r->p[j];
        r->m[j] = 0.9 * r->m[j] + 0.1 * g;
        r->v[j] = 0.999 * r->v[j] + 0.001 * g * g;
        double m = r->m[j] / (1 - pow(0.9, t)), v = r->v[j] / (1 - pow(0.999, t));
        r->p[j] = r->p[j] * (1 - rate * decay) - rate * m / (sqrt(v) + 1e-8);
    }
}

/* parameters start at 0, so that a step's length is seen to all digits of a float */
static void check_steps(double decay, double penalty) {
    static struct reference want;
    static float params[N], grad[N];
    float *grads = grad;
    struct mdp_adam adam;
    struct mdp_rng rng = mdp_rng_stream(4, MDP_RNG_EXPLORE, 0, 0);
    CHECK_OK(mdp_adam_alloc(&adam, N, decay));
    adam.penalty = penalty;
    for (int t = 1; t <= N_STEPS; t++) {
        mdp_rng_normal(&rng, grad, N);
        reference_step(&want, grad, t, decay, penalty);
        mdp_adam_step(&adam, params, &grads, 1, rate, 2);
        for (int j = 0; j < N; j++) {
            CHECK_CLOSE(adam.m[j], want.m[j], 3e-7);
            CHECK_CLOSE(adam.v[j], want.v[j], 5e-7 * want.v[j]);
            CHECK_CLOSE(params[j], want.p[j], 2e-6 * rate);
        }
    }
    CHECK_INT(adam.step, N_STEPS);
    mdp_adam_free(&adam);
}

static void test_adam_follows_its_formula(void) { check_steps(0, 0); }

static void test_decay_comes_first(void) { check_steps(0.5, 0); }

/* a coupled penalty enters the moments, decoupled decay does not */
static void test_penalty_enters_the_gradient(void) { check_steps(0.5, 20); }

/* the very first step has the length of the rate, whatever the gradient: an inexact 1 - beta shows here */
static void test_first_step_has_the_rate_s_length(void) {
    float param = 0, grad = 0.37f, *grads = &grad;
    struct mdp_adam adam;
    CHECK_OK(mdp_adam_alloc(&adam, 1, 0));
    mdp_adam_step(&adam, &param, &grads, 1, rate, 1);
    CHECK(adam.m[0] == 0.1f * grad && adam.v[0] == 0.001f * grad * grad);
    CHECK_CLOSE(param, -rate / (1 + 1e-8 / grad), 5e-7 * rate);
    mdp_adam_free(&adam);
}

/* what is trained on beyond the schedule's end must not learn faster again */
static void test_rate_stays_at_its_end(void) {
    CHECK_CLOSE(mdp_cosine_rate(3e-4, 0, 10), 3e-4, 1e-18);
    CHECK_CLOSE(mdp_cosine_rate(3e-4, 5, 10), 1.5e-4, 1e-18);
    CHECK(mdp_cosine_rate(3e-4, 9, 10) > 0);
    for (long n = 10; n < 50; n++) CHECK(mdp_cosine_rate(3e-4, n, 10) == 0);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_adam_follows_its_formula), TAP_TEST(test_decay_comes_first),
                                            TAP_TEST(test_penalty_enters_the_gradient),
                                            TAP_TEST(test_first_step_has_the_rate_s_length),
                                            TAP_TEST(test_rate_stays_at_its_end)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
