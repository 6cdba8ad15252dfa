/* w_T of an arm: the weight of guidance when it selects, by the algorithm whose values the guidance has, and the task.
 *
 * an arm may give its own; `weights` of an experiment replaces entries of the table in algos/algorithm.c, so that
 * results of an older table can be made again. */
#ifndef MDP_BENCH_EXPERIMENT_WEIGHT_H
#define MDP_BENCH_EXPERIMENT_WEIGHT_H

#include "bench/experiment/experiment.h"

/** Returns the w_T that the experiment gives an arm. NaN: it leaves it to the table, or nothing selects. */
double mdp_arm_weight_given(const struct mdp_experiment_file *file, int i_arm, int i_task);

/** Returns the w_T with which an arm is evaluated, 0 if nothing selects. NaN: none is known. */
double mdp_arm_weight(const struct mdp_experiment_file *file, int i_arm, int i_task);

#endif
