/* a plan for Slurm: a folder with an array of tasks for every wave, and the script that submits them.
 *
 * a task makes targets of the same rules that make runs on one machine, so that what is there is left alone, a task
 * that is run twice does its work once, and one that is stopped goes on. Source: sbatch(1), GNU make. */
#ifndef MDP_BENCH_CLUSTER_SLURM_H
#define MDP_BENCH_CLUSTER_SLURM_H

#include "bench/cluster/waves.h"

/* what the scripts name; none may hold what a shell takes for syntax */
struct mdp_slurm {
    const char *file;    /* the experiment */
    const char *name;    /* of its reports, and of the jobs */
    const char *folder;  /* to write, made with its folder of logs */
    double task_minutes; /* of one core that a task is to last; 0: one piece a task */
    const char *program; /* that the tasks run */
};

/** Writes rules.mk, wave-N.txt (a line a task), task.sh and submit.sh, each whole. The plan has been inspected and
 * estimated. Errors: IO, also for files of these names that no plan wrote, which stay; NOMEM, USAGE. */
mdp_err mdp_slurm_write(const struct mdp_plan *plan, const struct mdp_slurm *slurm, FILE *stream);

#endif
