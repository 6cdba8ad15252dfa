/* the gate's history: one small JSON file for each run that passed, and where the level of a series changed since.
 *
 * a file NNNNNN.json holds day, version and the candidate's value of each row. slow losses that no single gate sees, as
 * each is within its margin, show here. Source: docs/gate.md, history; stats/changepoint.h. */
#ifndef MDP_BENCH_GATE_HISTORY_H
#define MDP_BENCH_GATE_HISTORY_H

#include <stdio.h>

#include "base/fsx.h"
#include "bench/gate/gate.h"

enum { MDP_GATE_HISTORY_MAX = 20000, MDP_GATE_LABEL_MAX = 64, MDP_GATE_TITLE_MAX = MDP_GATE_ARM_MAX + 128 };

/* one run that passed; NaN where a row had no value */
struct mdp_gate_entry {
    int number; /* of its file */
    char day[16], label[MDP_GATE_LABEL_MAX];
};

/* the values of one row over all entries that have it */
struct mdp_gate_series {
    char title[MDP_GATE_TITLE_MAX];
    long n;
    int *entries;   /* [n] index of the entry */
    double *values; /* [n] */
    double *levels; /* [n] mean of the segment that the value is in */
    long n_changes;
    long *changes; /* [n_changes] index of the first value of each new segment */
};

struct mdp_gate_history {
    int n;
    struct mdp_gate_entry *entries; /* [n] by number */
    int n_series;
    struct mdp_gate_series *series; /* in the order of their first entry */
};

/** Checks that a label fits one line of a report. Errors: USAGE. */
mdp_err mdp_gate_check_label(const char *label);

/** Adds a run as the next file of a folder, which is made if need be; one that is there already, of the same day, label
 * and values, is not added again. Nullable: label. Errors: IO, NOMEM; BUSY if another gate adds its own for long. */
mdp_err mdp_gate_history_add(const char *folder, const struct mdp_gate_report *report, const char *label);

/** Reads a folder and finds the changes of every series: the partition of least cost, a cut costing 3 ln n variances of
 * the noise. Owns: caller, mdp_gate_history_free. Errors: IO; DATA naming the file. */
mdp_err mdp_gate_history_read(const char *folder, struct mdp_gate_history *out);

/** Prints each series and its changes for people. */
void mdp_gate_history_print(const struct mdp_gate_history *history, FILE *stream);

/** Draws each series with the levels found, as FOLDER/history-N.svg. Errors: as mdp_figure_write. */
mdp_err mdp_gate_history_draw(const struct mdp_gate_history *history, const char *folder);

/** Frees a history. */
void mdp_gate_history_free(struct mdp_gate_history *history);

#endif
