/* a gate that looks before the end: it decides with fewer episodes where the difference is clear.
 *
 * at each planned look every open row is tested on the episodes so far, at the level that its group sequential bound
 * leaves; corrections are taken step by step, the bounds being those of the corrected level. what failed stays so; what
 * passed is tested again at every later look, until the run ends: a few episodes need not show a rare loss.
 * Source: stats/sequential.h; Maurer & Bretz 2013 (Holm's procedure over group sequential tests). */
#ifndef MDP_BENCH_GATE_SEQUENTIAL_H
#define MDP_BENCH_GATE_SEQUENTIAL_H

#include "bench/gate/gate.h"

/* makes more episodes; NULL: the files hold all there are */
struct mdp_gate_feed {
    mdp_err (*grow)(void *context, long n_episodes); /* makes every file of both sides hold at least so many */
    void *context;
};

/** Judges at the policy's looks and stops when all rows are decided, or one has failed that was not accepted. Rows that
 * episodes do not add to (several runs a side, speeds) are decided at the first look. Nullable: feed. Owns: caller,
 * mdp_gate_report_free. Errors: as mdp_gate_judge and those of the feed; DATA if files hold less than the first look
 * needs. */
mdp_err mdp_gate_judge_sequential(const struct mdp_gate_policy *policy, const struct mdp_gate_side *baseline,
                                  const struct mdp_gate_side *candidate, long today, const struct mdp_gate_feed *feed,
                                  struct mdp_gate_report *out);

/* the looks of a policy at work on one matched report; holds the bounds, which do not change with the data */
struct mdp_gate_walk;

/** Plans the looks of a matched report, which has to outlive the walk. Owns: caller, mdp_gate_walk_free. Errors: NOMEM.
 */
mdp_err mdp_gate_walk_new(struct mdp_gate_report *report, struct mdp_gate_walk **out);

/** Takes the looks until the report is decided; nothing is concluded. Once the sides hold other values it may be taken
 * again. Nullable: feed. Errors: as mdp_gate_judge_sequential. */
mdp_err mdp_gate_walk_take(struct mdp_gate_walk *walk, const struct mdp_gate_feed *feed);

/** Frees a walk. Nullable: walk. */
void mdp_gate_walk_free(struct mdp_gate_walk *walk);

#endif
