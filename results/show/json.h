/* numbers for programs: JSON that readers which know doubles alone take without loss.
 *
 * a real number has 17 digits, which bring the same double back; a count is an integer, and an integer that no double
 * holds (above 2^53) is a text; what is undefined, as the standard deviation of a single value, is null. */
#ifndef MDP_RESULTS_SHOW_JSON_H
#define MDP_RESULTS_SHOW_JSON_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

/** Returns a real number, null if it is not finite. Nullable: result, without memory. Owns: caller. */
json_t *mdp_json_real(double value);

/** Returns a count that is kept as a double: rounded to an integer, null if it is not finite. Nullable, owns: as
 * there. */
json_t *mdp_json_count(double value);

/** Returns an integer. Nullable, owns: as there. */
json_t *mdp_json_whole(uint64_t value);

/** Returns JSON of a text of any bytes, mended where it is no UTF-8. Nullable, owns: as there. */
json_t *mdp_json_of_text(const char *text);

/** Returns what stands in the place of a result that there is none of: {"error": {"kind", "message", "status"}}.
 * Nullable, owns: as there. */
json_t *mdp_json_of_error(mdp_err why, const char *message);

/** Writes JSON and a newline, each level indented by so many blanks, or all in one line where that is 0, with a text in
 * place of each integer that no double holds, and drops the JSON. Nullable: root (no memory). Errors: NOMEM, IO, naming
 * `what`. */
mdp_err mdp_json_write(json_t *root, int indent, const char *what, FILE *stream);

#endif
