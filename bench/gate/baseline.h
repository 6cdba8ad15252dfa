/* results kept under a name, to compare later candidates with: gate --save-baseline, gate --baseline NAME.
 *
 * a folder DIR/NAME holds copies of the files, each called by its hash, and a list of them with arm and run of each.
 * the list is written last and is what makes the folder a baseline: a save that was cut short leaves the former one, or
 * none. Source: docs/gate.md, docs/gate-baseline.schema.json. */
#ifndef MDP_BENCH_GATE_BASELINE_H
#define MDP_BENCH_GATE_BASELINE_H

#include "bench/gate/data.h"

enum { MDP_GATE_BASELINE_NAME_MAX = 64 };

/* what is saved, and where to; texts are borrowed */
struct mdp_gate_saving {
    const char *folder, *name; /* the baseline's folder is DIR/NAME */
    const struct mdp_gate_side *side;
    const char *policy_path; /* NULL: none is recorded */
    uint64_t policy_hash;
    int may_replace; /* another baseline of that name */
};

/* what a save found and did */
struct mdp_gate_saved {
    int n_files;
    int is_old; /* the baseline held the very same already */
};

/** Refuses a text that is no name of a baseline: 1 to 63 letters, digits, dots, dashes and underscores, no dot or dash
 * in front. Errors: USAGE. */
mdp_err mdp_gate_baseline_check_name(const char *name);

/** Saves a side. Errors: USAGE if another baseline has the name, or the folder is something else; IO, NOMEM. */
mdp_err mdp_gate_baseline_save(const struct mdp_gate_saving *saving, struct mdp_gate_saved *out);

/** Returns 1 if a folder is a saved baseline. */
int mdp_gate_baseline_is(const char *folder);

/** Adds the results of a saved baseline to a side. Errors: DATA if anything is not as it was saved; IO, NOMEM. */
mdp_err mdp_gate_baseline_read(const char *folder, struct mdp_gate_side *side);

/** Turns a list of paths and names, parted by commas, into one of paths: what has a slash or exists is a path, all else
 * the name of a baseline under `folder`. Owns: caller, free(). Errors: USAGE for what is both; IO for what is neither;
 * NOMEM. */
mdp_err mdp_gate_baseline_find(const char *folder, const char *paths, char **out);

#endif
