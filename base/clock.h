/* the clocks of the program: monotonic for rates and progress, processor time for comparisons; never part of a result.
 */
#ifndef MDP_BASE_CLOCK_H
#define MDP_BASE_CLOCK_H

/** Returns monotonic time. Units: seconds since an arbitrary start. */
double mdp_clock_seconds(void);

/** Returns the processor time that this process has used, all threads together: other programs hardly change it. Units:
 * seconds. */
double mdp_clock_cpu_seconds(void);

#endif
