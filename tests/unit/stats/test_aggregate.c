/* aggregates of score matrices against reference vectors. */
#include "stats/aggregate.h"
#include "tests/unit/stats/golden.h"

static struct mdp_scores read_scores(struct golden *golden, const char *dataset) {
    struct mdp_h5_shape shape;
    double *values = golden_array(golden, dataset, &shape);
    CHECK_INT(shape.rank, 2);
    return (struct mdp_scores){values, shape.extent[0], shape.extent[1]};
}

static mdp_err check_aggregates(struct golden *golden, const struct mdp_scores *x) {
    double at_1[MDP_N_AGGREGATES], at_09[MDP_N_AGGREGATES];
    mdp_err err = mdp_aggregate_compute(x, 1, at_1);
    if (!err) err = mdp_aggregate_compute(x, 0.9, at_09);
    if (err || golden->error[0]) return err;
    golden_check(golden, "out/mean", at_1[MDP_AGGREGATE_MEAN]);
    golden_check(golden, "out/median", at_1[MDP_AGGREGATE_MEDIAN]);
    golden_check(golden, "out/iqm", at_1[MDP_AGGREGATE_IQM]);
    golden_check(golden, "out/optimality_gap", at_1[MDP_AGGREGATE_OPTIMALITY_GAP]);
    golden_check(golden, "out/optimality_gap_g09", at_09[MDP_AGGREGATE_OPTIMALITY_GAP]);
    return MDP_OK;
}

static mdp_err check_improvement(struct golden *golden, const struct mdp_scores *x, const struct mdp_scores *y) {
    double per_task[64], poi;
    CHECK(x->n_tasks <= 64);
    mdp_err err = mdp_probability_of_improvement(x, y, per_task, &poi);
    if (err || golden->error[0]) return err;
    golden_check(golden, "out/poi", poi);
    golden_check_array(golden, "out/poi_per_task", per_task, x->n_tasks);
    return MDP_OK;
}

static void check_profile(struct golden *golden, const struct mdp_scores *x) {
    struct mdp_h5_shape shape;
    double *taus = golden_array(golden, "in/taus", &shape), of_runs[64], of_means[64];
    CHECK(shape.extent[0] <= 64);
    CHECK_OK(mdp_performance_profile(x, taus, shape.extent[0], of_runs, of_means));
    golden_check_array(golden, "out/profile_runs", of_runs, shape.extent[0]);
    golden_check_array(golden, "out/profile_task_means", of_means, shape.extent[0]);
    free(taus);
}

static void test_reference(void) {
    struct golden golden;
    golden_open(&golden, "stats/aggregate.h5");
    for (int i = 0; i < golden.n_cases; i++) {
        golden_case(&golden, i);
        struct mdp_scores x = read_scores(&golden, "in/x"), y = read_scores(&golden, "in/y");
        mdp_err err = check_aggregates(&golden, &x);
        if (!err) err = check_improvement(&golden, &x, &y);
        if (!golden_is_refused(&golden, err)) check_profile(&golden, &x);
        free((void *)x.values);
        free((void *)y.values);
    }
    golden_close(&golden);
}

static void test_refusals(void) {
    const double good[] = {1, 2, 3, 4}, bad[] = {1, NAN, INFINITY, 2};
    const struct mdp_scores x = {good, 2, 2}, flat = {good, 4, 1}, empty = {good, 0, 2}, broken = {bad, 2, 2};
    double out[MDP_N_AGGREGATES];
    CHECK_FAILS(mdp_aggregate_compute(&empty, 1, out), MDP_E_DATA, "EMPTY: scores");
    CHECK_FAILS(mdp_aggregate_compute(&broken, NAN, out), MDP_E_DATA, "NAN: scores");
    CHECK_FAILS(mdp_aggregate_compute(&x, NAN, out), MDP_E_DATA, "DOMAIN: gamma");
    CHECK_FAILS(mdp_probability_of_improvement(&broken, &flat, NULL, out), MDP_E_DATA,
                "SHAPE: y: expected 2 tasks as in x, found 1");
    CHECK_FAILS(mdp_probability_of_improvement(&x, &broken, NULL, out), MDP_E_DATA, "NAN: y");
    CHECK_FAILS(mdp_performance_profile(&x, bad + 2, 1, out, NULL), MDP_E_DATA, "INF: taus");
}

static void test_names(void) {
    CHECK_STR(mdp_aggregate_name(MDP_AGGREGATE_MEAN), "mean");
    CHECK_STR(mdp_aggregate_name(MDP_AGGREGATE_OPTIMALITY_GAP), "optimality_gap");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_reference), TAP_TEST(test_refusals), TAP_TEST(test_names)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
