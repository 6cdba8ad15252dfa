/* the reverse process with hooks: what is known stays, what is guided moves by its formula, bounds hold or there are
 * none, and schedules of real times */
#include "algos/diffusion/chain.h"

#include <math.h>
#include <string.h>

#include "tests/tap.h"

enum { N_STEPS = 4, N_ROWS = 2, N = 3, N_ALL = N_ROWS * N };

/* a chain that predicts one number everywhere, and counts who was asked */
struct setup {
    struct mdp_schedule schedule;
    struct mdp_visits visits;
    struct mdp_solver_row rows[N_STEPS + 1];
    struct mdp_chain chain;
    float prediction, draws[N_ALL * (N_STEPS + 1)], x[N_ALL], work[4 * N_ALL], history[N_ALL * (N_STEPS + 1)];
    double weights[N_STEPS + 1];
    int n_guided;
};

static void predict(void *context, int i, int n_rows, const float *x, float *out) {
    const struct setup *setup = context;
    (void)i;
    (void)x;
    for (int j = 0; j < n_rows * N; j++) out[j] = setup->prediction;
}

static void guide(void *context, int i, int n_rows, const float *x, float *out) {
    struct setup *setup = context;
    (void)i;
    (void)x;
    setup->n_guided++;
    for (int j = 0; j < n_rows * N; j++) out[j] = (float)(j + 1);
}

static void setup_make(struct setup *setup, const char *solver, int is_noise) {
    memset(setup, 0, sizeof *setup);
    CHECK_OK(mdp_schedule_build(&setup->schedule, 10));
    CHECK_OK(mdp_visits_build(&setup->visits, &setup->schedule, N_STEPS));
    setup->chain = (struct mdp_chain){.n = N,
                                      .i_last = 1,
                                      .visits = &setup->visits,
                                      .rows = setup->rows,
                                      .is_noise = is_noise,
                                      .low = -INFINITY,
                                      .high = INFINITY,
                                      .temperature = 1,
                                      .context = setup,
                                      .predict = predict,
                                      .weights = setup->weights};
    CHECK_OK(mdp_solver_find(solver, &setup->chain.solver));
    CHECK_OK(mdp_solver_fill(setup->chain.solver, &setup->visits, setup->rows));
    for (int j = 0; j < N_ALL * (N_STEPS + 1); j++) setup->draws[j] = (float)(j % 7) - 3;
}

static void run(struct setup *setup) {
    const struct mdp_chain_rows rows = {N_ROWS, setup->draws, setup->x, setup->work, setup->history};
    mdp_chain_run(&setup->chain, &rows);
}

static void test_known_numbers_stay(void) {
    static const float known[N_ROWS] = {5, -7};
    struct setup setup;
    setup_make(&setup, "ddpm", 0);
    setup.chain.n_known = 1;
    setup.chain.known = known;
    setup.prediction = 0.5f;
    run(&setup);
    for (int i = 0; i <= N_STEPS; i++)
        for (int r = 0; r < N_ROWS; r++) {
            CHECK(setup.history[i * N_ALL + r * N] == known[r]);
            CHECK(setup.history[i * N_ALL + r * N + 1] != known[r]);
        }
    CHECK(memcmp(setup.history + N_STEPS * N_ALL, setup.x, sizeof setup.x) == 0);
}

/* one ddim step from s to t with x0 given: alpha_t x0 + sigma_t (x - alpha_s x0) / sigma_s */
static double ddim(const struct setup *setup, int i, double x, double x0) {
    const struct mdp_visits *v = &setup->visits;
    return v->alpha[i - 1] * x0 + v->sigma[i - 1] * (x - v->alpha[i] * x0) / v->sigma[i];
}

/* the same weight moves both kinds of prediction to the same place */
static void test_guidance_moves_predictions(void) {
    for (int is_noise = 0; is_noise < 2; is_noise++) {
        struct setup setup;
        setup_make(&setup, "ddim", is_noise);
        setup.chain.guide = guide;
        setup.prediction = 0.25f;
        setup.weights[N_STEPS] = 0.1;
        run(&setup);
        CHECK_INT(setup.n_guided, 1); /* steps without weight ask nobody */
        const struct mdp_visits *v = &setup.visits;
        double alpha = v->alpha[N_STEPS], sigma = v->sigma[N_STEPS];
        for (int j = 0; j < N_ALL; j++) {
            double x = setup.draws[j], plain = is_noise ? (x - sigma * 0.25) / alpha : 0.25;
            double x0 = plain + 0.1 * sigma * sigma / alpha * (j + 1), want = ddim(&setup, N_STEPS, x, x0);
            CHECK_CLOSE(setup.history[N_ALL + j], want, 1e-5 * (1 + fabs(want)));
        }
    }
}

static void test_bounds(void) {
    struct setup setup;
    setup_make(&setup, "ddim", 0);
    setup.prediction = 9;
    run(&setup);
    double free = setup.x[0];
    setup.chain.low = -1;
    setup.chain.high = 1;
    run(&setup);
    CHECK(setup.x[0] < 2 && free > 8);
}

/* alpha^2 + sigma^2 = 1, the rate of noise grows from the first to the second, and visits need two scales at least */
static void test_linear_schedule(void) {
    double alpha[3], sigma[3];
    struct mdp_visits visits;
    for (int i = 0; i < 3; i++) mdp_schedule_linear(0.1, 20, 1e-3 + 0.999 * i / 2, &alpha[i], &sigma[i]);
    CHECK_CLOSE(alpha[2], exp(-19.9 / 4 - 0.05), 1e-15);
    CHECK_CLOSE(alpha[1] * alpha[1] + sigma[1] * sigma[1], 1, 1e-15);
    CHECK_OK(mdp_visits_build_scales(&visits, 2, alpha, sigma));
    CHECK_CLOSE(visits.h[1], log(alpha[0] / sigma[0]) - log(alpha[1] / sigma[1]), 1e-12);
    CHECK_FAILS(mdp_visits_build_scales(&visits, 0, alpha, sigma), MDP_E_USAGE, "expected 1 to 256 steps, found 0");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_known_numbers_stay),
                                            TAP_TEST(test_guidance_moves_predictions), TAP_TEST(test_bounds),
                                            TAP_TEST(test_linear_schedule)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
