/* sides drawn from a side: what a gate would see if the same policies were evaluated again.
 *
 * episodes are drawn with replacement from those of their file, all checkpoints of a run alike; several runs are drawn
 * before their episodes are. a copy holds the room, so that drawing allocates nothing. used by gate selftest. */
#ifndef MDP_BENCH_SELFTEST_RESAMPLE_H
#define MDP_BENCH_SELFTEST_RESAMPLE_H

#include "bench/gate/data.h"
#include "bench/gate/policy.h"

/* one draw of a side */
struct mdp_gate_draw {
    uint64_t seed;
    uint32_t i_trial, i_side; /* other trials and sides are independent */
    int is_paired;            /* all sides carry the same episode numbers and seeds */
};

/* what is done to the drawn results of one task and arm, or to one speed */
struct mdp_gate_loss {
    enum mdp_gate_metric metric;
    double size;  /* > 0, in the metric's unit; of spread the sd of noise on every episode; of speeds the logarithm of
                   * the ratio */
    double level; /* of failure: the share before */
    int is_rate;  /* of speeds: less is worse */
};

/** Copies a side's results with room for n_episodes a file (0: as many as there are); of what a file says, only the
 * fixed part. Owns: caller, mdp_gate_side_free. Errors: NOMEM. */
mdp_err mdp_gate_side_copy(const struct mdp_gate_side *source, const char *name, long n_episodes,
                           struct mdp_gate_side *out);

/** Fills a copy of `source` with a draw from it. Values that were drawn twice are told apart by a millionth of their
 * range: real ones do not tie. */
void mdp_gate_side_draw(const struct mdp_gate_side *source, const struct mdp_gate_draw *draw,
                        struct mdp_gate_side *out);

/** Returns the sd of the normal noise that widens a group's mean distance from the median by `widening`, in the mean
 * over its runs' last checkpoints. */
double mdp_gate_spread_noise(const struct mdp_gate_group *group, double widening);

/** Makes a group worse: returns move down; of spread noise is added to them; episodes that did not fail do so at
 * random. */
void mdp_gate_group_worsen(struct mdp_gate_group *group, const struct mdp_gate_loss *loss,
                           const struct mdp_gate_draw *draw);

/** Makes a speed worse. */
void mdp_gate_speed_worsen(struct mdp_gate_speed *speed, const struct mdp_gate_loss *loss);

#endif
