/* what every stage asks before it writes: is it there already, and was it made with the same settings? */
#ifndef MDP_BENCH_RUN_OUTPUTS_H
#define MDP_BENCH_RUN_OUTPUTS_H

#include <jansson.h>

#include "base/temp.h"
#include "results/head.h"

/** Turns a JSON object into sorted, compact text and drops the object. Nullable: object (an internal error). Owns:
 * caller, free(). */
mdp_err mdp_json_text(json_t *object, char **text);

/* which option keeps what is there, beside what is wanted */
#define MDP_WAY_OUT "another --out"
#define MDP_WAY_OUT_OF_EVAL "another --label or --out (of a gate --work)"

/** Compares the settings recorded in a file with those wanted now; `way_out` is one of the above. Errors: USAGE, naming
 * each setting that differs with both values. */
mdp_err mdp_check_same_settings(const char *path, const char *recorded, const char *wanted, const char *way_out);

/** Returns 1 for settings of an evaluation that differ in nothing but that more episodes are wanted. */
int mdp_wants_more(const char *recorded, const char *wanted);

/** Says how a checkpoint may appear at a path: as a new file, or in place of one of the same settings, which the same
 * run has made before a kill, or of a damaged one. *is_there is 1 for one of the same settings. Errors: USAGE where
 * another's is there; IO. */
mdp_err mdp_check_own(const char *path, const char *settings, enum mdp_publish *how, int *is_there);

/** Adds "name": "hash of the file" to an object of inputs; a second file of that name goes by its path. Errors: IO. */
mdp_err mdp_inputs_add(json_t *inputs, const char *path);

/** Writes machine and library facts as every result file records them. */
void mdp_machine_text(char machine[MDP_MACHINE_MAX]);

#endif
