/* verify stats: altered vectors fail, malformed ones are refused with one message */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "bench/verify/stats.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/write.h"
#include "stats/ttest.h"
#include "tests/tap.h"

static mdp_err verify_one(const char *path) {
    char *files[1] = {(char *)(size_t)path};
    return mdp_verify_stats(1, files, tap_output());
}

/* ---- files made here ---- */

/* one case of the family d4rl: three returns between references 0 and 10, with one thing changed */
struct edit {
    const char *name; /* of the object or attribute */
    enum { KEEP, LEAVE_OUT, SET, LENGTHEN } what;
    double value;
    const char *text;
};

static int is_left_out(const struct edit *edit, const char *name) {
    return edit->what == LEAVE_OUT && strcmp(edit->name, name) == 0;
}

static void put_text(struct mdp_h5 *file, const struct edit *edit, const char *object, const char *name,
                     const char *text) {
    if (is_left_out(edit, name)) return;
    CHECK_OK(mdp_h5_put_text(file, object, name, strcmp(edit->name, name) == 0 && edit->text ? edit->text : text));
}

static void put_real(struct mdp_h5 *file, const struct edit *edit, const char *object, const char *name, double value) {
    if (is_left_out(edit, name)) return;
    CHECK_OK(mdp_h5_put_real(file, object, name, strcmp(edit->name, name) == 0 ? edit->value : value));
}

static void write_values(struct mdp_h5 *file, const struct edit *edit, const char *name, const double *values, long n) {
    double copy[8] = {0};
    if (is_left_out(edit, name)) return;
    memcpy(copy, values, (size_t)n * sizeof *copy);
    if (strcmp(edit->name, name) == 0 && edit->what == SET) copy[0] = edit->value;
    if (strcmp(edit->name, name) == 0 && edit->what == LENGTHEN) n++;
    CHECK_OK(mdp_h5_write(file, name, MDP_H5_F64, n == 1 ? MDP_H5_SCALAR : MDP_H5_1D(n), MDP_H5_PLAIN, copy));
}

static mdp_err verify_edited(struct edit edit) {
    static const double raw[3] = {0, 5, 12}, norm[3] = {0, 0.5, 1.2}, low = 0, high = 10, mean100 = 170.0 / 3;
    const char *group = edit.text && strcmp(edit.name, "case") == 0 ? edit.text : "001_made";
    char path[MDP_PATH_MAX], name[5][64];
    struct mdp_h5 *file = NULL;
    snprintf(path, sizeof path, "%s/made.h5", tap_temp_dir());
    static const char *const datasets[5] = {"in/raw", "in/ref_min", "in/ref_max", "out/norm", "out/mean100"};
    const double *const values[5] = {raw, &low, &high, norm, &mean100};
    CHECK_OK(mdp_h5_create(path, &file));
    for (int i = 0; i < 5; i++) {
        struct edit here = edit;
        snprintf(name[i], sizeof name[i], "%s/%s", group, datasets[i]);
        here.name = strcmp(edit.name, datasets[i]) == 0 ? name[i] : "";
        write_values(file, &here, name[i], values[i], i == 0 || i == 3 ? 3 : 1);
    }
    if (edit.what == SET && strcmp(edit.name, "out/other") == 0) {
        char other[64];
        snprintf(other, sizeof other, "%s/out/other", group);
        CHECK_OK(mdp_h5_write(file, other, MDP_H5_F64, MDP_H5_SCALAR, MDP_H5_PLAIN, &edit.value));
    }
    put_text(file, &edit, "/", "format", "stats-golden");
    if (!is_left_out(&edit, "format_version"))
        CHECK_OK(mdp_h5_put_int(file, "/", "format_version", strcmp(edit.name, "format_version") == 0 ? 2 : 1));
    put_text(file, &edit, "/", "family", "d4rl");
    put_real(file, &edit, group, "tol", 1e-12);
    put_real(file, &edit, group, "atol", 0);
    put_text(file, &edit, group, "error", "");
    CHECK_OK(mdp_h5_commit(&file));
    return verify_one(path);
}

static void test_a_made_file_passes(void) {
    CHECK_OK(verify_edited((struct edit){"", KEEP, 0, NULL}));
    CHECK_OK(verify_edited((struct edit){"case", KEEP, 0, "999_other_name"}));
}

static void test_altered_values_fail(void) {
    CHECK_FAILS(verify_edited((struct edit){"out/norm", SET, 1e-9, NULL}), MDP_E_FAILED, "1 of 1 checks failed");
    CHECK_FAILS(verify_edited((struct edit){"out/norm", SET, NAN, NULL}), MDP_E_FAILED, "1 of 1");
    CHECK_FAILS(verify_edited((struct edit){"out/norm", SET, INFINITY, NULL}), MDP_E_FAILED, "1 of 1");
    CHECK_FAILS(verify_edited((struct edit){"out/mean100", SET, 56.66666667, NULL}), MDP_E_FAILED, "1 of 1");
    CHECK_FAILS(verify_edited((struct edit){"in/ref_max", SET, 10.0001, NULL}), MDP_E_FAILED, "1 of 1");
    /* but a tolerance is a tolerance */
    CHECK_OK(verify_edited((struct edit){"out/mean100", SET, 170.0 / 3 + 4e-11, NULL}));
}

static void test_refusals_are_compared(void) {
    /* refused where a result is expected, by either class; not refused where a refusal is expected */
    CHECK_FAILS(verify_edited((struct edit){"in/raw", SET, NAN, NULL}), MDP_E_FAILED, "1 of 1");
    CHECK_FAILS(verify_edited((struct edit){"error", KEEP, 0, "NAN"}), MDP_E_FAILED, "1 of 1");
    CHECK_FAILS(verify_edited((struct edit){"in/ref_max", SET, 0, NULL}), MDP_E_FAILED, "1 of 1");
}

/* ---- what is allowed besides the tolerances ---- */

static struct mdp_h5 *family_create(const char *path, const char *family, double tol) {
    struct mdp_h5 *file = NULL;
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_put_text(file, "/", "format", "stats-golden"));
    CHECK_OK(mdp_h5_put_int(file, "/", "format_version", 1));
    CHECK_OK(mdp_h5_put_text(file, "/", "family", family));
    CHECK_OK(mdp_h5_make_group(file, "001_made"));
    CHECK_OK(mdp_h5_put_real(file, "001_made", "tol", tol));
    CHECK_OK(mdp_h5_put_real(file, "001_made", "atol", 0));
    CHECK_OK(mdp_h5_put_text(file, "001_made", "error", ""));
    return file;
}

/* two runs: the acceleration is 0, a file holds rounding and nothing larger */
static mdp_err verify_acceleration(double accel) {
    static const double x[6] = {0.61, 0.35, 0.92, 0.48, 0.77, 0.15};
    static const int32_t index[6] = {0, 1, 0, 1, 0, 1};
    const double of_all[4] = {accel, accel, accel, accel};
    const char *path = tap_temp_path("bootstrap.h5");
    struct mdp_h5 *file = family_create(path, "bootstrap", 1e-10);
    CHECK_OK(mdp_h5_write(file, "001_made/in/x", MDP_H5_F64, MDP_H5_2D(2, 3), MDP_H5_PLAIN, x));
    CHECK_OK(mdp_h5_write(file, "001_made/in/index", MDP_H5_I32, MDP_H5_3D(1, 2, 3), MDP_H5_PLAIN, index));
    CHECK_OK(mdp_h5_write(file, "001_made/out/accel", MDP_H5_F64, MDP_H5_1D(4), MDP_H5_PLAIN, of_all));
    CHECK_OK(mdp_h5_commit(&file));
    return verify_one(path);
}

static void test_acceleration_of_nothing(void) {
    CHECK_OK(verify_acceleration(0));
    CHECK_OK(verify_acceleration(3e-16));
    CHECK_FAILS(verify_acceleration(5e-14), MDP_E_FAILED, "1 of 1");
}

/* an end of nearly 0, or of `far`, with the half width moved by a share of itself */
static mdp_err verify_end(double far, double share) {
    static double x[20], y[22];
    const struct mdp_sample of_x = {"x", x, 20}, of_y = {"y", y, 22};
    struct mdp_ttest test;
    for (int i = 0; i < 20; i++) x[i] = sin(i);
    for (int i = 0; i < 22; i++) y[i] = cos(3 * i);
    CHECK_OK(mdp_ttest_compute(&of_x, &of_y, 0, &test));
    double shift = test.pooled.high - 1e-6 - far, half = 0.5 * (test.pooled.high - test.pooled.low);
    for (int i = 0; i < 20; i++) x[i] -= shift;
    CHECK_OK(mdp_ttest_compute(&of_x, &of_y, 0, &test));
    double high = test.pooled.high + share * half;
    const char *path = tap_temp_path("welch.h5");
    struct mdp_h5 *file = family_create(path, "welch", 1e-8);
    CHECK_OK(mdp_h5_write(file, "001_made/in/x", MDP_H5_F64, MDP_H5_1D(20), MDP_H5_PLAIN, x));
    CHECK_OK(mdp_h5_write(file, "001_made/in/y", MDP_H5_F64, MDP_H5_1D(22), MDP_H5_PLAIN, y));
    CHECK_OK(mdp_h5_write(file, "001_made/out/ci95_hi_pooled", MDP_H5_F64, MDP_H5_SCALAR, MDP_H5_PLAIN, &high));
    CHECK_OK(mdp_h5_commit(&file));
    return verify_one(path);
}

/* far from 0, too, it is the half width that has to agree */
static void test_ends(void) {
    static const double far[] = {0, 1e3};
    for (int i = 0; i < 2; i++) {
        CHECK_OK(verify_end(far[i], 0));
        CHECK_OK(verify_end(far[i], 4e-9));
        CHECK_FAILS(verify_end(far[i], 1.1e-8), MDP_E_FAILED, "1 of 1");
    }
}

/* NaN where there is a number is wrong, though other results have none */
static void test_nan_for_a_number(void) {
    static const double same[3] = {2, 2, 2};
    const double nan = NAN;
    const char *path = tap_temp_path("mannwhitney.h5");
    for (int is_wrong = 0; is_wrong < 2; is_wrong++) {
        struct mdp_h5 *file = family_create(path, "mannwhitney", 1e-8);
        CHECK_OK(mdp_h5_write(file, "001_made/in/x", MDP_H5_F64, MDP_H5_1D(3), MDP_H5_PLAIN, same));
        CHECK_OK(mdp_h5_write(file, "001_made/in/y", MDP_H5_F64, MDP_H5_1D(3), MDP_H5_PLAIN, same));
        CHECK_OK(mdp_h5_write(file, is_wrong ? "001_made/out/hl_shift" : "001_made/out/bm_stat", MDP_H5_F64,
                              MDP_H5_SCALAR, MDP_H5_PLAIN, &nan));
        CHECK_OK(mdp_h5_commit(&file));
        if (is_wrong)
            CHECK_FAILS(verify_one(path), MDP_E_FAILED, "1 of 1");
        else
            CHECK_OK(verify_one(path));
    }
}

static void test_malformed_files_are_refused(void) {
    CHECK_FAILS(verify_edited((struct edit){"in/raw", LEAVE_OUT, 0, NULL}), MDP_E_DATA, "in/raw");
    CHECK_FAILS(verify_edited((struct edit){"out/norm", LENGTHEN, 0, NULL}), MDP_E_DATA,
                "001_made/out/norm: expected 3 values, found 4");
    CHECK_FAILS(verify_edited((struct edit){"in/ref_min", LENGTHEN, 0, NULL}), MDP_E_DATA, "in/ref_min");
    CHECK_FAILS(verify_edited((struct edit){"out/other", SET, 1, NULL}), MDP_E_DATA, "out/other: expected a result");
    CHECK_FAILS(verify_edited((struct edit){"format", LEAVE_OUT, 0, NULL}), MDP_E_DATA,
                "expected reference vectors of the statistics");
    CHECK_FAILS(verify_edited((struct edit){"format", KEEP, 0, "gold"}), MDP_E_DATA,
                "attribute format: expected \"stats-golden\", found \"gold\"");
    CHECK_FAILS(verify_edited((struct edit){"format_version", KEEP, 0, NULL}), MDP_E_DATA, "expected 1, found 2");
    CHECK_FAILS(verify_edited((struct edit){"family", KEEP, 0, "horoscope"}), MDP_E_DATA,
                "attribute family: expected one of aggregate, big");
    CHECK_FAILS(verify_edited((struct edit){"family", LEAVE_OUT, 0, NULL}), MDP_E_DATA, "family");
    CHECK_FAILS(verify_edited((struct edit){"tol", KEEP, NAN, NULL}), MDP_E_DATA, "tol");
    CHECK_FAILS(verify_edited((struct edit){"tol", KEEP, 2, NULL}), MDP_E_DATA, "tol below 1");
    CHECK_FAILS(verify_edited((struct edit){"atol", LEAVE_OUT, 0, NULL}), MDP_E_DATA, "atol");
    CHECK_FAILS(verify_edited((struct edit){"error", KEEP, 0, "SULK"}), MDP_E_DATA, "attribute error");
    CHECK_FAILS(verify_edited((struct edit){"case", KEEP, 0, "unnumbered"}), MDP_E_DATA, "such as 001_null");
}

static void test_files_of_no_kind_are_refused(void) {
    char path[MDP_PATH_MAX], *data = NULL;
    size_t size;
    snprintf(path, sizeof path, "%s/absent.h5", tap_temp_dir());
    CHECK_FAILS(verify_one(path), MDP_E_IO, "absent.h5");
    CHECK_OK(mdp_fsx_write(path, "not hdf5 at all", 15));
    CHECK_FAILS(verify_one(path), MDP_E_DATA, "absent.h5");
    CHECK_FAILS(mdp_verify_stats(0, NULL, tap_output()), MDP_E_USAGE, "at least one file");
    const char *whole = tap_reference("stats/tails.h5");
    if (whole == NULL) SKIP("no reference file");
    CHECK_OK(mdp_fsx_read(whole, 1UL << 24, &data, &size));
    CHECK_OK(mdp_fsx_write(path, data, size / 2));
    free(data);
    CHECK_FAILS(verify_one(path), MDP_E_DATA, "absent.h5");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_a_made_file_passes),
        TAP_TEST(test_altered_values_fail),
        TAP_TEST(test_refusals_are_compared),
        TAP_TEST(test_acceleration_of_nothing),
        TAP_TEST(test_ends),
        TAP_TEST(test_nan_for_a_number),
        TAP_TEST(test_malformed_files_are_refused),
        TAP_TEST(test_files_of_no_kind_are_refused),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
