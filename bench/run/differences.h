/* in what two recorded settings differ. */
#ifndef MDP_BENCH_RUN_DIFFERENCES_H
#define MDP_BENCH_RUN_DIFFERENCES_H

#include <jansson.h>

/* gets the name of an entry, "langevin.steps" of one within another, and its values, NULL where there is none */
typedef void (*mdp_difference)(void *context, const char *name, const json_t *there, const json_t *here);

/** Visits every entry that two objects do not have with the same value, those of the first one first; entries that are
 * objects in both are taken apart. */
void mdp_differences(json_t *there, json_t *here, mdp_difference visit, void *context);

/** Returns a value as JSON, "none" for NULL. Owns: caller, free(); NULL without memory. */
char *mdp_difference_text(const json_t *value);

#endif
