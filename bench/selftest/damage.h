/* real regressions: modules that are damaged on purpose, evaluated, and put before the gate.
 *
 * the damaged files and all episodes stay under a work folder, and are not made again. used by gate selftest. */
#ifndef MDP_BENCH_SELFTEST_DAMAGE_H
#define MDP_BENCH_SELFTEST_DAMAGE_H

#include "bench/gate/feed.h"
#include "bench/gate/gate.h"
#include "bench/stage/evaluation.h"

/* X(name, text, must it fail) */
#define MDP_GATE_DAMAGE_LIST(X)                                                                                        \
    X(NONE, "unchanged, other episodes", 0)                                                                            \
    X(NOISE, "noise on the actor's weights", 1)                                                                        \
    X(NORMALIZER, "a wrong normaliser", 1)                                                                             \
    X(NO_SELECTION, "w_T = 0", 1)                                                                                      \
    X(SAME_SPEED, "unchanged, speed", 0)                                                                               \
    X(SLOW, "a slowed loop", 1)

#define MDP_GATE_DAMAGE_ENUM(name, text, must_fail) MDP_GATE_DAMAGE_##name,
enum mdp_gate_damage { MDP_GATE_DAMAGE_LIST(MDP_GATE_DAMAGE_ENUM) MDP_N_GATE_DAMAGES };
#undef MDP_GATE_DAMAGE_ENUM

/* what is damaged and how it is evaluated */
struct mdp_gate_damage_plan {
    const struct mdp_gate_policy *policy;
    struct mdp_gate_subject subject;
    const char *work;                  /* folder of the damaged modules and of all episodes */
    struct mdp_eval_settings settings; /* n_episodes of each evaluation; seeds count up from this one */
    double noise;                      /* sd of the noise on a weight, in root mean squares of its tensor */
    double loss;                       /* slowing of the loop, in margins of the policy's speed row */
    int n_repeats;
};

/* one damage over all repeats */
struct mdp_gate_damage_result {
    int must_fail;
    long n_of[MDP_N_GATE_DECISIONS], n; /* n: 0 if it was skipped */
    double harm;                        /* largest loss of a row, in its margins: the mean of the repeats */
    char reason[1024];                  /* why it was skipped, or the last verdict */
};

/** Returns 1 if a damage was tried and cost less than a margin: whoever passes it is right. */
int mdp_gate_damage_is_harmless(const struct mdp_gate_damage_result *result);

/** Returns what a damage is, e.g. "a wrong normaliser". */
const char *mdp_gate_damage_text(enum mdp_gate_damage damage);

/** Writes a copy of a module's file with noise on every weight and its normaliser's means moved by so many deviations.
 * Errors: IO, DATA. */
mdp_err mdp_gate_damage_file(const char *from, const char *to, double noise, double shift, uint64_t seed);

/** Evaluates the policy as it is and damaged, and judges each pair. Shapes: out [MDP_N_GATE_DAMAGES]. Errors: those of
 * evaluations and of mdp_gate_judge. */
mdp_err mdp_gate_damage_run(const struct mdp_gate_damage_plan *plan, struct mdp_gate_damage_result *out);

#endif
