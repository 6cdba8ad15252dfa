/* what a training cost: run.json in its folder, for tables and for estimates. nothing reads it to decide a result.
 *
 * counts go on over interruptions: the work behind a lost checkpoint, which is done again, counts twice, as it cost
 * twice. docs/formats.md. */
#ifndef MDP_BENCH_RUN_RUN_FACTS_H
#define MDP_BENCH_RUN_RUN_FACTS_H

#include "base/fsx.h"

/* Units: gradient steps, seconds, bytes */
struct mdp_run_facts {
    long steps;          /* done so far */
    double wall_seconds; /* spent in training, checkpoints included, loading not */
    double cpu_seconds;  /* of all threads */
    double peak_bytes;   /* largest resident memory of the process, over all its starts */
    long threads;        /* of the newest start */
    double step_flops;   /* nominal arithmetic of a gradient step; 0 where it was not recorded */
};

/* a running count */
struct mdp_run_meter {
    double step_flops;     /* nominal arithmetic of a gradient step, 0 after the start: its owner sets it, */
    const char *precision; /* and this, NULL after the start */
    struct mdp_run_facts before;
    double wall_started, cpu_started;
    long threads;
};

/** Starts counting at the first step, on top of what the folder's run.json tells of earlier starts. */
void mdp_run_meter_start(struct mdp_run_meter *meter, const char *folder, int threads);

/** Writes FOLDER/run.json for `steps` gradient steps in all. Errors: IO. */
mdp_err mdp_run_meter_write(const struct mdp_run_meter *meter, const char *folder, long steps);

/** Reads FOLDER/run.json; *found is 0 where there is none. Errors: IO; DATA if it is damaged. */
mdp_err mdp_run_facts_read(const char *folder, struct mdp_run_facts *facts, int *found);

#endif
