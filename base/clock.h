/* the one clock of the program: monotonic, for rates and progress; never part of a result. */
#ifndef MDP_BASE_CLOCK_H
#define MDP_BASE_CLOCK_H

/** Returns monotonic time. Units: seconds since an arbitrary start. */
double mdp_clock_seconds(void);

#endif
