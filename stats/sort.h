/* sorting of many numbers, without comparing any two.
 *
 * for the files of this room. Source: radix sort by bytes, least significant first. */
#ifndef MDP_STATS_SORT_H
#define MDP_STATS_SORT_H

/** Sorts values ascending, -0 before 0. Shapes: values, work [n]. Range: no NaN. */
void mdp_sort_many(double *values, long n, double *work);

#endif
