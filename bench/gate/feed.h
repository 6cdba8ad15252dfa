/* episodes on demand: a sequential gate evaluates both sides only as far as it needs to.
 *
 * each look's additional episodes become a file of their own, WORK/SIDE/NAME.fromNNNNNN.episodes.h5, so that a run that
 * was stopped goes on, and what a verdict rests on can be read again. */
#ifndef MDP_BENCH_GATE_FEED_H
#define MDP_BENCH_GATE_FEED_H

#include "bench/gate/sequential.h"
#include "bench/stage/evaluation.h"

/* the policy that a path stands for */
struct mdp_gate_subject {
    struct mdp_policy_files files;
    char name[MDP_PATH_MAX]; /* name of the policy's file, without folder and ending */
};

/** Finds the policy of a run's folder (its last checkpoint), a diffusion module with the chosen guidance (NULL: its
 * own), or a behaviour policy. Errors: IO, DATA; USAGE for several paths. */
mdp_err mdp_gate_subject_find(const char *path, const char *choice, struct mdp_gate_subject *out);

/** Writes the paths that copies of a policy's files have in a folder, told apart by a label. Errors: USAGE if they do
 * not fit, as below. */
mdp_err mdp_gate_subject_copy(const struct mdp_gate_subject *subject, const char *folder, const char *label,
                              struct mdp_policy_files *out);

/** Writes the path of episodes that are made for a gate: of a policy or damage in a folder, with a label or "". */
mdp_err mdp_gate_episodes_path(const char *folder, const char *name, const char *label, char path[MDP_PATH_MAX]);

/* both sides' policies and how they are evaluated; texts are borrowed */
struct mdp_gate_maker {
    const char *paths[2]; /* a run's folder (its last checkpoint), a diffusion module or a behaviour policy */
    const char *work;     /* folder of the episodes files */
    struct mdp_eval_settings settings; /* first_episode and n_episodes are the maker's */
    struct mdp_gate_side *sides[2];    /* out: baseline and candidate. Owns: caller, mdp_gate_side_free */
};

/** Judges two policies, evaluating each as far as a sequential run asks for. Owns: caller, mdp_gate_report_free.
 * Errors: as mdp_gate_judge_sequential and those of evaluations; USAGE for more than one path a side. */
mdp_err mdp_gate_judge_policies(const struct mdp_gate_policy *policy, struct mdp_gate_maker *maker, long today,
                                struct mdp_gate_report *out);

#endif
