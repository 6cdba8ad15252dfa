/* reads cases of reference vectors: a group per case with in/, out/, tolerances and the expected refusal. */
#ifndef MDP_TESTS_UNIT_STATS_GOLDEN_H
#define MDP_TESTS_UNIT_STATS_GOLDEN_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "tests/tap.h"

/* an open file of cases and the case in hand */
struct golden {
    struct mdp_h5 *file;
    struct mdp_h5_child *cases;
    int n_cases;
    const char *name; /* of the case */
    double tol, atol;
    char error[16]; /* refusal class, "" if a result is expected */
    long n_checked;
};

/** Opens a file of cases; skips the test if it is not there. */
static inline void golden_open(struct golden *golden, const char *relative) {
    const char *path = tap_reference(relative);
    if (!path) SKIP("reference file is not there");
    memset(golden, 0, sizeof *golden);
    CHECK_OK(mdp_h5_open(path, &golden->file));
    CHECK_OK(mdp_h5_list(golden->file, "/", &golden->cases, &golden->n_cases));
    CHECK(golden->n_cases > 0);
}

/** Takes case i in hand. */
static inline void golden_case(struct golden *golden, int i) {
    golden->name = golden->cases[i].name;
    CHECK_OK(mdp_h5_attr_real(golden->file, golden->name, "tol", &golden->tol));
    CHECK_OK(mdp_h5_attr_real(golden->file, golden->name, "atol", &golden->atol));
    CHECK_OK(mdp_h5_attr_text(golden->file, golden->name, "error", golden->error, sizeof golden->error));
}

/** Ends the reading; a file whose values were never compared fails. */
static inline void golden_close(struct golden *golden) {
    fprintf(stderr, "%d cases, %ld values compared\n", golden->n_cases, golden->n_checked);
    CHECK(golden->n_checked > 0);
    free(golden->cases);
    mdp_h5_close(golden->file);
}

/** Returns the path of a dataset of the case; valid until the next call. */
static inline const char *golden_path(const struct golden *golden, const char *dataset) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", golden->name, dataset);
    return path;
}

/** Returns 1 if the case has the dataset. */
static inline int golden_has(struct golden *golden, const char *dataset) {
    return mdp_h5_exists(golden->file, golden_path(golden, dataset));
}

/** Reads an array of any shape as doubles. Owns: caller, free(). */
static inline double *golden_array(struct golden *golden, const char *dataset, struct mdp_h5_shape *shape) {
    double *values;
    CHECK_OK(mdp_h5_read_new(golden->file, golden_path(golden, dataset), MDP_H5_F64, NULL, shape, &values));
    return values;
}

/** Reads a number. */
static inline double golden_real(struct golden *golden, const char *dataset) {
    double value;
    CHECK_OK(mdp_h5_read_real(golden->file, golden_path(golden, dataset), &value));
    return value;
}

/** Fails unless `got` agrees with `want` within the case's tolerances; NaN agrees with NaN. */
static inline void golden_compare(struct golden *golden, const char *what, long i, double got, double want) {
    double bound = golden->atol + golden->tol * fabs(want);
    int agrees = (isnan(want) && isnan(got)) || got == want || fabs(got - want) <= bound;
    golden->n_checked++;
    if (!agrees)
        tap_failed(__FILE__, __LINE__, "%s: %s[%ld]: expected %.17g, found %.17g", golden->name, what, i, want, got);
}

/** Compares a number with a dataset, if the case has it. */
static inline void golden_check(struct golden *golden, const char *dataset, double got) {
    if (golden_has(golden, dataset)) golden_compare(golden, dataset, 0, got, golden_real(golden, dataset));
}

/** Compares n values with a dataset of n elements. */
static inline void golden_check_array(struct golden *golden, const char *dataset, const double *got, long n) {
    struct mdp_h5_shape shape;
    double *want = golden_array(golden, dataset, &shape);
    CHECK_INT(mdp_h5_count(&shape), n);
    for (long i = 0; i < n; i++) golden_compare(golden, dataset, i, got[i], want[i]);
    free(want);
}

/** Returns 1 after checking the refusal if the case expects one, else checks success and returns 0. */
static inline int golden_is_refused(struct golden *golden, mdp_err err) {
    char start[32];
    if (!golden->error[0]) {
        if (err) tap_failed(__FILE__, __LINE__, "%s: %s", golden->name, mdp_err_message());
        return 0;
    }
    snprintf(start, sizeof start, "%s: ", golden->error);
    if (err != MDP_E_DATA || strncmp(mdp_err_message(), start, strlen(start)) != 0)
        tap_failed(__FILE__, __LINE__, "%s: expected a refusal \"%s\", found code %d, \"%s\"", golden->name, start, err,
                   err ? mdp_err_message() : "");
    golden->n_checked++;
    return 1;
}

#endif
