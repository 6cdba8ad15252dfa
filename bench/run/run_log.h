/* the CSV log of a long run: a row per checkpoint, in step with the state that the run resumes from. */
#ifndef MDP_BENCH_RUN_RUN_LOG_H
#define MDP_BENCH_RUN_RUN_LOG_H

#include "base/err.h"

/* the steps of a log's rows, in its order; owned */
struct mdp_steps {
    int n;
    long *steps;
};

/** Makes a log with this header line, or drops the rows of an existing one whose first column exceeds `step`: their
 * checkpoints will be written again. Errors: IO; DATA for a log with another header line. */
mdp_err mdp_run_log_open(const char *path, const char *header, long step);

/** Appends a row: the step, then n values; a value that is not finite is left empty. Errors: IO. */
mdp_err mdp_run_log_append(const char *path, long step, const double *values, int n);

/** Lists the steps of a log's rows; none if there is no log. Owns: caller, free(out->steps). Errors: IO, NOMEM. */
mdp_err mdp_run_log_steps(const char *path, struct mdp_steps *out);

#endif
