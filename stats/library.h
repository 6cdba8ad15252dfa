/* the numerical library behind the statistics, named in every result. */
#ifndef MDP_STATS_LIBRARY_H
#define MDP_STATS_LIBRARY_H

/** Returns the version of GSL, e.g. "2.7.1"; borrowed. */
const char *mdp_stats_library_version(void);

#endif
