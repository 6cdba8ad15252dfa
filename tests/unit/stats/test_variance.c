/* the variance table against reference vectors. */
#include "stats/variance.h"
#include "tests/unit/stats/golden.h"

static struct mdp_checkpoint_scores read_scores(struct golden *golden, const char *dataset) {
    struct mdp_h5_shape shape;
    const double *values = golden_array(golden, dataset, &shape);
    return (struct mdp_checkpoint_scores){values, shape.extent[0], shape.rank == 2 ? shape.extent[1] : 1};
}

static void check_summary(struct golden *golden, const struct mdp_variance_summary *s, const char *format, int ddof) {
    const struct {
        const char *name;
        double found;
    } values[] = {{"median", s->median}, {"iqr", s->iqr},   {"q1", s->q1},        {"q3", s->q3},
                  {"max", s->max},       {"mean", s->mean}, {"cv0", s->cv_ddof0}, {"cv1", s->cv_ddof1}};
    for (int i = 0; i < 8; i++) {
        char name[64], end[16];
        snprintf(end, sizeof end, "%d", ddof);
        snprintf(name, sizeof name, "out/%s%s%s%s", strcmp(format, "reduction") == 0 ? "reduction_" : "",
                 values[i].name, strcmp(format, "reduction") == 0 ? "_ddof" : format, end);
        golden_check(golden, name, values[i].found);
    }
}

static void check_table(struct golden *golden, const struct mdp_checkpoint_scores *base,
                        const struct mdp_checkpoint_scores *test, int ddof) {
    struct mdp_variance_table table;
    double variances[256];
    char name[32];
    CHECK_OK(mdp_variance_compare(base, test, ddof, &table));
    check_summary(golden, &table.base, "_base_ddof", ddof);
    check_summary(golden, &table.test, "_test_ddof", ddof);
    check_summary(golden, &table.reduction_pct, "reduction", ddof);
    CHECK(base->n_checkpoints <= 256);
    CHECK_OK(mdp_variance_by_checkpoint(base, ddof, variances));
    snprintf(name, sizeof name, "out/var_base_ddof%d", ddof);
    if (golden_has(golden, name)) golden_check_array(golden, name, variances, base->n_checkpoints);
}

static void test_reference(void) {
    struct golden golden;
    golden_open(&golden, "stats/variance.h5");
    for (int i = 0; i < golden.n_cases; i++) {
        struct mdp_variance_table table;
        golden_case(&golden, i);
        if (golden_has(&golden, "out/reduction")) continue;
        struct mdp_checkpoint_scores base = read_scores(&golden, "in/base"), test = read_scores(&golden, "in/test");
        if (!golden_is_refused(&golden, mdp_variance_compare(&base, &test, 1, &table)))
            for (int ddof = 0; ddof < 2; ddof++) check_table(&golden, &base, &test, ddof);
        free((void *)base.values);
        free((void *)test.values);
    }
    golden_close(&golden);
}

/* the paper's printed medians: 1.26e-5 down to 8.78e-6 */
static void test_reduction(void) {
    CHECK_CLOSE(mdp_reduction_pct(1.26e-5, 8.78e-6), 30.317460317460318, 1e-12);
    CHECK_CLOSE(mdp_reduction_pct(2, 3), -50, 1e-12);
    CHECK(isnan(mdp_reduction_pct(0, 1)));
}

static void test_no_variance_is_flagged(void) {
    const double values[] = {0.75, 0.75, 0.75, 0.75};
    const struct mdp_checkpoint_scores flat = {values, 2, 2};
    struct mdp_variance_table table;
    CHECK_OK(mdp_variance_compare(&flat, &flat, 1, &table));
    CHECK(table.is_degenerate && isnan(table.base.cv_ddof0) && isnan(table.reduction_pct.median));
    CHECK(table.base.median == 0 && table.base.max == 0);
}

static void test_refusals(void) {
    const double values[] = {1, 2, 3, NAN, 5, INFINITY};
    const struct mdp_checkpoint_scores good = {values, 1, 2}, empty = {values, 0, 2}, thin = {values, 2, 1},
                                       two = {values, 2, 2}, endless = {values + 4, 1, 2};
    struct mdp_variance_table table;
    double out[2];
    CHECK_FAILS(mdp_variance_compare(&good, &empty, 1, &table), MDP_E_DATA, "EMPTY: test");
    CHECK_FAILS(mdp_variance_compare(&good, &two, 1, &table), MDP_E_DATA,
                "SHAPE: test: expected 1 checkpoints as in base, found 2");
    CHECK_FAILS(mdp_variance_compare(&two, &two, 1, &table), MDP_E_DATA, "NAN: base");
    CHECK_FAILS(mdp_variance_compare(&good, &endless, 1, &table), MDP_E_DATA, "INF: test");
    CHECK_FAILS(mdp_variance_compare(&good, &good, 2, &table), MDP_E_DATA, "DOMAIN: ddof");
    CHECK_FAILS(mdp_variance_compare(&thin, &thin, 1, &table), MDP_E_DATA, "TOO_FEW: episodes");
    CHECK_FAILS(mdp_variance_by_checkpoint(&thin, 1, out), MDP_E_DATA, "TOO_FEW: episodes");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_reference), TAP_TEST(test_reduction),
                                            TAP_TEST(test_no_variance_is_flagged), TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
