/* sides of a gate made in memory: episodes drawn from normal distributions, and what a policy makes of them. */
#ifndef MDP_TESTS_UNIT_BENCH_GATE_GATE_TRIAL_H
#define MDP_TESTS_UNIT_BENCH_GATE_GATE_TRIAL_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "bench/gate/gate.h"
#include "tests/tap.h"

enum { N = 50, TODAY = 20260601 };

/* ---- sides ---- */

/* how the episodes of one file are drawn: normal around `mean`, with a part that both sides share */
struct shape {
    const char *task, *arm, *key;
    long step;
    int n;
    double mean, sd, shared_sd, failed; /* failed: share of terminated episodes */
    uint64_t seed, stream;
};

/** Adds a drawn file of episodes to a side. */
static inline void add(struct mdp_gate_side *side, const struct shape *s) {
    struct mdp_gate_eval eval = {.path = ""};
    struct mdp_rng own = mdp_rng_stream(s->stream, MDP_RNG_INIT, (uint32_t)s->step, 1);
    struct mdp_rng shared = mdp_rng_stream(s->seed, MDP_RNG_INIT, (uint32_t)s->step, 2);
    snprintf(eval.path, sizeof eval.path, "%s.episodes.h5", s->key);
    snprintf(eval.info.task, sizeof eval.info.task, "%s", s->task);
    snprintf(eval.info.physics, sizeof eval.info.physics, "bullet 3");
    eval.info.env_hash = 1;
    eval.info.candidates = 50;
    eval.info.ref_max = 1;
    eval.info.step = s->step;
    eval.info.head.settings = strdup("{}");
    CHECK_OK(mdp_episodes_alloc(&eval.episodes, s->n));
    for (int i = 0; i < s->n; i++) {
        float draw[2];
        mdp_rng_normal(&own, &draw[0], 1);
        mdp_rng_normal(&shared, &draw[1], 1);
        eval.episodes.normalized_returns[i] = s->mean + s->sd * (double)draw[0] + s->shared_sd * (double)draw[1];
        eval.episodes.returns[i] = eval.episodes.normalized_returns[i];
        eval.episodes.ends[i] = i < s->failed * s->n ? MDP_END_TERMINATED : MDP_END_TIME_LIMIT;
        eval.episodes.seeds[i] = s->seed;
        eval.episodes.indices[i] = i;
    }
    CHECK_OK(mdp_gate_side_add(side, s->arm, s->key, &eval));
}

/** Returns a side of several files. */
static inline struct mdp_gate_side side_of(const char *name, const struct shape *shapes, int n) {
    struct mdp_gate_side side = {.name = name};
    for (int i = 0; i < n; i++) add(&side, &shapes[i]);
    mdp_gate_side_order(&side);
    return side;
}

/** Returns a side of one file; what the shape leaves open is task "t", arm "" and 50 episodes. */
static inline struct mdp_gate_side one(const char *name, struct shape shape) {
    if (shape.task == NULL) shape.task = "t";
    if (shape.arm == NULL) shape.arm = "";
    if (shape.key == NULL) shape.key = name;
    if (shape.n == 0) shape.n = N;
    return side_of(name, &shape, 1);
}

/** Adds ten repetitions of a speed, within `noise` of its value. */
static inline void add_speed(struct mdp_gate_side *side, const char *name, const char *unit, double value,
                             double noise) {
    side->speeds = realloc(side->speeds, ((size_t)side->n_speeds + 1) * sizeof *side->speeds);
    struct mdp_gate_speed *speed = &side->speeds[side->n_speeds++];
    *speed = (struct mdp_gate_speed){.n_files = 1, .n = 10};
    snprintf(speed->name, sizeof speed->name, "%s", name);
    snprintf(speed->unit, sizeof speed->unit, "%s", unit);
    CHECK_OK(mdp_calloc(&speed->values, 10, sizeof(double), "values"));
    for (int i = 0; i < 10; i++) speed->values[i] = value * (1 + noise * sin(3.0 * i + value));
    strcpy(side->machine, "m");
}

/* ---- judging ---- */

/* both sides, a policy and what came out of it */
struct trial {
    struct mdp_gate_side baseline, candidate;
    struct mdp_gate_policy policy;
    struct mdp_gate_report report;
};

/** Returns a trial that owns both sides. */
static inline struct trial trial_of(struct mdp_gate_side baseline, struct mdp_gate_side candidate) {
    return (struct trial){.baseline = baseline, .candidate = candidate};
}

/** Returns a trial without results. */
static inline struct trial empty_trial(void) {
    return trial_of((struct mdp_gate_side){.name = "baseline"}, (struct mdp_gate_side){.name = "candidate"});
}

/** Judges a trial by a policy. */
static inline mdp_err judge(struct trial *t, const char *policy) {
    CHECK_OK(mdp_gate_policy_parse("p.yaml", policy, &t->policy));
    return mdp_gate_judge(&t->policy, &t->baseline, &t->candidate, TODAY, &t->report);
}

/** Frees a trial. */
static inline void drop(struct trial *t) {
    mdp_gate_report_free(&t->report);
    mdp_gate_side_free(&t->baseline);
    mdp_gate_side_free(&t->candidate);
    mdp_gate_policy_free(&t->policy);
}

#endif
