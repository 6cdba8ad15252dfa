/* what long work tells while it goes on, for programs that watch: a line of JSON a step, and events for TensorBoard.
 *
 * neither is a result: nothing of ours reads them. lines are {"step": N, "NAME": VALUE, ..}, of a training by ascending
 * step, without what was not computed; work that goes on from a step takes back what was written of later ones. events
 * are files of TFRecords, a new one for each start, whose first record takes back later steps likewise. */
#ifndef MDP_RESULTS_SHOW_LIVE_H
#define MDP_RESULTS_SHOW_LIVE_H

#include <stdint.h>

#include "base/err.h"

struct mdp_live;

/** Opens what is asked for: a file of lines, a folder of events; work goes on from step `first`, -1 for from nothing.
 * Nullable: lines, events; *out is NULL if both are. Owns: caller, mdp_live_close. Errors: IO; BUSY; DATA for a file
 * that does not hold such lines. */
mdp_err mdp_live_open(const char *lines, const char *events, long first, struct mdp_live **out);

/** Writes a line. Nullable: live (nothing is), run (whose step it is). Shapes: names, values [n], NaN for none. Errors:
 * IO, NOMEM. */
mdp_err mdp_live_line(struct mdp_live *live, const char *run, long step, int n, const char *const *names,
                      const double *values);

/** Writes an event; tags are GROUP/NAME. Nullable: live. Shapes: as above. Errors: IO. */
mdp_err mdp_live_event(struct mdp_live *live, long step, const char *group, int n, const char *const *names,
                       const double *values);

/** Closes both. Nullable: live. Errors: IO if not everything was written. */
mdp_err mdp_live_close(struct mdp_live *live);

/** Returns CRC-32C of bytes, of which TFRecords have one of their length and one of their content. */
uint32_t mdp_crc32c(const void *bytes, unsigned long n);

#endif
