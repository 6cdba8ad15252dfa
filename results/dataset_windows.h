/* offline datasets seen as windows of steps, for planners.
 *
 * Source: SPEC-trajectory section 5. */
#ifndef MDP_RESULTS_DATASET_WINDOWS_H
#define MDP_RESULTS_DATASET_WINDOWS_H

#include "base/windows.h"
#include "results/dataset.h"

struct mdp_dataset_windows_options {
    int horizon;             /* steps of a window */
    int max_path;            /* a longer path is refused, or, in a file without time-outs, cut */
    double discount;         /* of the values */
    double terminal_penalty; /* reward of a step that terminates and is no time-out; NaN leaves it as it is */
};

/** Makes windows of raw rows: paths end with a terminal or a time-out, rows behind the last end are left out, starts
 * are all steps of a path but those beyond max_path - horizon. Observations are normalised by all rows. Nullable:
 * normalizer. Owns: caller, mdp_windows_free. Errors: USAGE for options out of range; DATA if no path ends or one is
 * too long; NOMEM. */
mdp_err mdp_dataset_windows(const struct mdp_dataset_raw *raw, const struct mdp_dataset_windows_options *options,
                            struct mdp_windows *out, struct mdp_normalizer *normalizer);

/** Reads a whole file into memory and makes windows of it. Actions are mapped to [-1, 1] by `bounds`, or where it is
 * NULL by what the file says; *found is what they were mapped by. Nullable: bounds, normalizer. Owns: caller,
 * mdp_windows_free. Errors: as mdp_dataset_reader_next and mdp_dataset_windows. */
mdp_err mdp_dataset_windows_load(const char *path, const struct mdp_dataset_bounds *bounds,
                                 const struct mdp_dataset_windows_options *options, struct mdp_windows *out,
                                 struct mdp_normalizer *normalizer, struct mdp_dataset_bounds *found);

#endif
