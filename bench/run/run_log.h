/* the CSV log of a long run: a row per checkpoint, in step with the state that the run resumes from.
 *
 * a row is on disk before the state that it belongs to, and the state holds the log's text: a run that goes on has
 * every row once, whatever became of the file. */
#ifndef MDP_BENCH_RUN_RUN_LOG_H
#define MDP_BENCH_RUN_RUN_LOG_H

#include "results/checkpoint.h"

/* the steps of a log's rows, in its order; owned */
struct mdp_steps {
    int n;
    long *steps;
};

/** Makes a log with this header line and the rows of the text that a state has saved, or of the file where that has
 * another header; rows whose step exceeds `step` go, for their checkpoints will be written again, and so do those whose
 * step does not exceed the row's before. Nullable: saved. Errors: IO; DATA for a log with another header line. */
mdp_err mdp_run_log_open(const char *path, const char *header, long step, const char *saved);

/** Appends a row, which is on disk when it returns: the step, then n values; a value that is not finite is left empty.
 * Errors: IO. */
mdp_err mdp_run_log_append(const char *path, long step, const double *values, int n);

/** Lists the steps of a log's rows; none if there is no log. Owns: caller, free(out->steps). Errors: IO, NOMEM. */
mdp_err mdp_run_log_steps(const char *path, struct mdp_steps *out);

/** Refuses --checkpoint-every of a run that is over and has no checkpoint for a step. Errors: USAGE, always. */
mdp_err mdp_run_log_refuse_finer(const char *folder, long every, long step);

/** Reads a log's text for a state to save; NULL if there is none. Owns: caller, free(). Errors: IO. */
mdp_err mdp_run_log_text(const char *path, char **text);

/** Reads the text that a state has saved; NULL in older ones. Owns: caller, free(). Errors: IO, DATA. */
mdp_err mdp_run_log_saved(const char *state, char **text);

/** Fills in the array that holds a log's text in a state. Range: a text that is not empty. */
void mdp_run_log_array(const char *text, struct mdp_named_array *array);

#endif
