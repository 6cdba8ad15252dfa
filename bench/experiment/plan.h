/* turns an experiment into jobs: every file that has to exist, once, with the files that it needs and the command that
 * makes it.
 *
 * a job is a dataset, a training or an evaluation; its path is its name. two arms that reach the same path share the
 * job if they ask for the same settings, and are refused if not. */
#ifndef MDP_BENCH_EXPERIMENT_PLAN_H
#define MDP_BENCH_EXPERIMENT_PLAN_H

#include <stdio.h>

#include "base/text_index.h"
#include "bench/experiment/paths.h"
#include "bench/run/disk.h"
#include "results/show/table.h"

enum mdp_job_kind { MDP_JOB_DATA, MDP_JOB_RUN, MDP_JOB_EVALUATION, MDP_N_JOB_KINDS };

struct mdp_job {
    enum mdp_job_kind kind;
    char *path;     /* dataset, folder of a run, episodes file */
    char *settings; /* arguments of the command that decide what is made */
    const struct mdp_experiment *experiment;
    int i_task, i_run;                 /* i_run: the run that is trained or evaluated */
    int is_guided;                     /* evaluations: something selects among candidates */
    int is_choice;                     /* evaluations: they choose a run's best guidance, and no table shows them */
    uint64_t seed;                     /* of the run */
    struct mdp_arm_instance evaluated; /* evaluations: what the first arm that wants it asks for */
    long steps, every;         /* length and cadence of a run; for an evaluation, `steps` is the checkpoint's step */
    long every_needed;         /* runs: the coarsest spacing that every reader is content with */
    long keep;                 /* runs: newest checkpoints that stay once all readers are whole, -1: all of them */
    char *guidance;            /* the file of another run's guidance that it reads, NULL: none; its second need */
    long guidance_step;        /* runs: of the guidance that they start from; 0: none, or whichever is the best */
    struct mdp_training train; /* runs, but for paths */
    struct mdp_eval_settings eval;   /* evaluations */
    int *needs, n_needs, needs_room; /* [n_needs] */
    int newest_arm;                  /* the last arm that it was counted for */
    /* what mdp_plan_inspect finds */
    int is_done;
    int is_in_curve; /* evaluations: in the curve file of their run and label */
    int is_needed;   /* it is missing, and so is an evaluation that needs it */
    long done;       /* steps that a run has behind it */
    long passed;     /* steps whose modules it will not write any more, without being told to begin anew */
    int is_torn; /* a run killed between its last modules and the state that belongs to them: make has to run it again
                  */
    /* what mdp_plan_estimate finds: seconds on one core of what is missing, NaN without a rate */
    double seconds;
    /* what mdp_plan_measure finds: bytes of what is missing, and how many of them go again */
    double bytes, bytes_removed;
    struct mdp_run_disk disk; /* runs */
};

/* an arm and the jobs that it takes, shared ones included */
struct mdp_plan_arm {
    const struct mdp_experiment *experiment;
    int i_arm;
    int *jobs;
    int n, room;
};

struct mdp_plan {
    struct mdp_job *jobs;
    int n, room;
    struct mdp_text_index by_path;
    struct mdp_plan_arm *arms;
    int n_arms;
    char rates_source[512]; /* where the rates of the estimate come from; "" without one */
};

/** Lists the jobs of an experiment; a job comes after all that it needs. Owns: caller, mdp_plan_free; the experiments
 * must outlive the plan. Errors: USAGE if two arms want one path with other settings; NOMEM. */
mdp_err mdp_plan_new(const struct mdp_experiments *experiments, struct mdp_plan *out);

/** Frees a plan and clears it. */
void mdp_plan_free(struct mdp_plan *plan);

/** Looks what is there. Errors: USAGE for a file that was made with other settings, or for an evaluation of another
 * world than today's, naming file and setting; DATA for a damaged one; IO. */
mdp_err mdp_plan_inspect(struct mdp_plan *plan);

/** Estimates what is missing from rates: the JSON of `perf`, and the facts of runs that have been trained before.
 * Nullable: path (runs alone). Errors: IO, DATA. */
mdp_err mdp_plan_estimate(struct mdp_plan *plan, const char *rates_path);

/** Estimates the disk that what is missing will take, by the sizes of modules. Errors: NOMEM. */
mdp_err mdp_plan_measure(struct mdp_plan *plan);

/** Makes a table of the arms: what is there, what is missing, time left. Owns: caller, mdp_table_free. */
mdp_err mdp_plan_table(const struct mdp_plan *plan, const char *title, struct mdp_table **out);

/** Writes make rules; `file` is the experiment's path, `name` that of its report folder. Errors: IO. */
mdp_err mdp_plan_make(const struct mdp_plan *plan, const char *file, const char *name, FILE *stream);

/* the checkpoints of a curve: multiples of `every` up to `until` */
struct mdp_plan_steps {
    long every, until;
};

/** Writes the arguments of the command that evaluates checkpoints as a job does, into a curve. Owns: caller, free().
 * Errors: NOMEM. */
mdp_err mdp_job_curve_command(const struct mdp_job *job, const struct mdp_plan_steps *steps, const char *curve,
                              char **command);

/** Writes the arguments of the command that does a job, without --threads. Owns: caller, free(). Errors: NOMEM. */
mdp_err mdp_job_command(const struct mdp_job *job, char **command);

#endif
