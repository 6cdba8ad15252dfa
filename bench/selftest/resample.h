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

/* X(name, text): the ways in which a candidate can be worse */
#define MDP_GATE_HURT_LIST(X)                                                                                          \
    X(SHIFT, "lower")                /* every return is lower */                                                       \
    X(FALLS, "falls")                /* some episodes end early, at the worst return */                                \
    X(TAIL, "a bad tail")            /* some lose a share of what they have, from none to all */                       \
    X(WIDER, "wider")                /* noise on every return */                                                       \
    X(NON_FINITE, "non-finite ends") /* some end at a non-finite value, with half of what they had */                  \
    X(SLOWER, "slower")              /* of speeds */

#define MDP_GATE_HURT_ENUM(name, text) MDP_GATE_HURT_##name,
enum mdp_gate_hurt { MDP_GATE_HURT_LIST(MDP_GATE_HURT_ENUM) MDP_N_GATE_HURTS };
#undef MDP_GATE_HURT_ENUM

/* what is done to the drawn results of one task and arm, or to one speed */
struct mdp_gate_loss {
    enum mdp_gate_hurt hurt;
    double
        size; /* > 0: how much lower, the share of episodes that are hurt, the sd of noise, the logarithm of a ratio */
    double worst; /* what a fall takes a return to */
    int is_rate;  /* of speeds: less is worse */
};

/** Returns a way's name, e.g. "falls"; borrowed. */
const char *mdp_gate_hurt_name(enum mdp_gate_hurt hurt);

/** Returns the share of its return above the worst that a hurt episode loses. Range: u from 0 to 1, how bad it is. */
double mdp_gate_lost_share(enum mdp_gate_hurt hurt, double u);

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

/** Returns the share of episodes, hurt in that way, that widens the same distance by `widening`; NaN if none does. */
double mdp_gate_spread_share(const struct mdp_gate_group *group, enum mdp_gate_hurt hurt, double worst,
                             double widening);

/** Makes a group worse. */
void mdp_gate_group_worsen(struct mdp_gate_group *group, const struct mdp_gate_loss *loss,
                           const struct mdp_gate_draw *draw);

/** Makes a speed worse. */
void mdp_gate_speed_worsen(struct mdp_gate_speed *speed, const struct mdp_gate_loss *loss);

#endif
