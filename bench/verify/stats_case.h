/* one case of the statistics' reference vectors: its inputs, our answers, and the comparison with what it expects.
 *
 * a family's function reads inputs and gives answers by name; every dataset of the case's out/ is then compared with
 * the answer of its name. Source: reference/stats/README.md, layout. */
#ifndef MDP_BENCH_VERIFY_STATS_CASE_H
#define MDP_BENCH_VERIFY_STATS_CASE_H

#include <stdint.h>

#include "bench/verify/report.h"
#include "stats/check.h"

enum { MDP_CASE_NAME_MAX = 64, MDP_CASE_INPUTS_MAX = 32, MDP_CASE_PATH_MAX = 2 * MDP_H5_NAME_MAX + 64 };

/* values that we give for a result */
struct mdp_answer {
    char name[MDP_CASE_NAME_MAX];
    double *values; /* [n] */
    long n;
    const double
        *rounding; /* [n] deviations that rounding explains, added to the case's tolerances; borrowed, nullable */
    int is_bound;  /* they take the place of the tolerances instead */
    int may_differ_in_length;
};

/* a named number in a table of answers */
struct mdp_named {
    const char *name;
    double value;
};

/* an open case */
struct mdp_case {
    const char *path;
    struct mdp_h5 *file;
    char name[MDP_H5_NAME_MAX]; /* the group, e.g. "001_n50_shift" */
    const char *kind;           /* the name without its number, e.g. "n50_shift" */
    double tol, atol;
    char error[16];    /* refusal class, "" if results are expected */
    int is_degenerate; /* set by the family's function if a statistic was flagged */
    struct mdp_answer *answers;
    int n_answers, n_room;
    void *inputs[MDP_CASE_INPUTS_MAX]; /* freed with the case */
    int n_inputs;
    mdp_err err; /* NOMEM of an answer */
};

/** Opens a case. Owns: caller, mdp_case_close. Errors: DATA. */
mdp_err mdp_case_open(const char *path, struct mdp_h5 *file, const char *name, struct mdp_case *c);

/** Closes a case. */
void mdp_case_close(struct mdp_case *c);

/** Returns 1 if the case has a dataset, e.g. "in/y". */
int mdp_case_has(struct mdp_case *c, const char *dataset);

/** Reads an input vector, borrowed from the case. Errors: DATA. */
mdp_err mdp_case_vector(struct mdp_case *c, const char *dataset, double **values, long *n);

/** Reads an input vector as a sample, borrowed; `dataset` is "in/" and the sample's name. Errors: DATA. */
mdp_err mdp_case_sample(struct mdp_case *c, const char *dataset, struct mdp_sample *sample);

/** Reads an input matrix, borrowed; a vector is a matrix of one column. Errors: DATA. */
mdp_err mdp_case_matrix(struct mdp_case *c, const char *dataset, double **values, long *n_rows, long *n_columns);

/** Reads an array of integers of any shape, borrowed. Errors: DATA. */
mdp_err mdp_case_integers(struct mdp_case *c, const char *dataset, struct mdp_h5_shape *shape, int32_t **values);

/** Reads an input number. Errors: DATA. */
mdp_err mdp_case_real(struct mdp_case *c, const char *dataset, double *value);

/** Reads a whole number from low to high. Errors: DATA. */
mdp_err mdp_case_count(struct mdp_case *c, const char *dataset, long low, long high, long *value);

/** Allocates zeroed working memory that lives as long as the case. Errors: NOMEM. */
mdp_err mdp_case_room(struct mdp_case *c, unsigned long n, unsigned long size, void *out);

/** Gives a number as the answer to out/<name>, or of out/<prefix><name> and so on with a format. */
void mdp_case_answer(struct mdp_case *c, double value, const char *format, ...) __attribute__((format(printf, 3, 4)));

/** Gives an array as an answer; returns the answer for its flags, NULL without memory. */
struct mdp_answer *mdp_case_answer_array(struct mdp_case *c, const double *values, long n, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Gives a table of numbers; `pattern` holds one %s for each name, e.g. "%s_welch". */
void mdp_case_answer_table(struct mdp_case *c, const char *pattern, const struct mdp_named *table, int n);

/** Compares the case with our answers, or with the refusal `outcome`, and adds its line. Errors: DATA if out/ is not of
 * the layout; `outcome` itself if it is no refusal. */
mdp_err mdp_case_judge(struct mdp_case *c, mdp_err outcome, struct mdp_verify_report *report);

#endif
