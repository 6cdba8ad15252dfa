/* what a verb does before long work, once its options are checked: threads that wait for each other are told how long
 * to spin before they sleep, and signals stop the work between two steps. */
#ifndef MDP_BENCH_RUN_WORK_H
#define MDP_BENCH_RUN_WORK_H

/** Notes the command line, from main, for a second start. Owns: caller. */
void mdp_work_command(char **argv);

/** Readies the process for work by n_threads that meet often, or by as many as can be started, and for a polite stop
 * (base/stop.h). Call before anything is written or printed: with more than one thread the program may start itself
 * once more. From then on the process ends with the status of failed resources, unless mdp_work_end is called. */
void mdp_work_begin(long n_threads);

/** Returns how many threads can be started besides this one, up to n; at most 1024 are tried. */
long mdp_work_count_threads(long n);

/** Says that main ends the process, with a status of its own. */
void mdp_work_end(void);

#endif
