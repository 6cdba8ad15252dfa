/* how runs look in pictures: an algorithm has the same colour in every figure of runs, as arms have theirs by name. */
#ifndef MDP_BENCH_RUN_LOOK_H
#define MDP_BENCH_RUN_LOOK_H

#include "results/show/figure_data.h"

enum { MDP_LOOK_RUNS_MAX = 64 };

/** Writes each run's place among colours, dashes and marks: the first run of an algorithm has that of the algorithm in
 * the list of algorithms; all others, in their order, the next that is free, colours before their repetition. Shapes:
 * algos [n] (what is none of ours is a name like any other), places [n]. Range: n at most MDP_LOOK_RUNS_MAX. */
void mdp_look_places(int n, const char *const *algos, int *places);

#endif
