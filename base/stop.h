/* a polite stop: SIGINT and SIGTERM set a flag that long work asks for between two steps. only verbs that ask install
 * it; all others end at the first signal. */
#ifndef MDP_BASE_STOP_H
#define MDP_BASE_STOP_H

#include "base/err.h"

/** Installs handlers for SIGINT and SIGTERM; the second signal ends the process at once. */
void mdp_stop_install(void);

/** Returns MDP_OK, or INTERRUPTED with a message once a signal has arrived; BUSY once another process has taken what
 * this one claimed (base/claim.h). */
mdp_err mdp_stop_requested(void);

#endif
