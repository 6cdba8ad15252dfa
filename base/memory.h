/* how much memory can still be had: asked before large arrays are made, because a system that gives more than it has
 * ends the process hours later, without a word. */
#ifndef MDP_BASE_MEMORY_H
#define MDP_BASE_MEMORY_H

#include "base/err.h"

/** Returns what this process can still take: the least of what the machine, the control groups around it and the limits
 * of address space and data leave. Units: bytes; NAN if nobody knows. */
double mdp_memory_free(void);

/** Refuses arrays that will not fit. Errors: NOMEM naming both sizes. */
mdp_err mdp_memory_expect(const char *what, double bytes);

#endif
