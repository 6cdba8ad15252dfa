/* the episodes that are there of an evaluation which may be to have more: episode k of a seed is the same whatever
 * their number, so those are taken over and the rest is rolled out. */
#ifndef MDP_BENCH_STAGE_HELD_H
#define MDP_BENCH_STAGE_HELD_H

#include "bench/stage/tape.h"
#include "envs/episode.h"
#include "results/episodes.h"

/* an episodes file, or part of a curve, as far as it belongs to what is wanted; zeroed where nothing is there */
struct mdp_held {
    struct mdp_episodes_info info;
    struct mdp_episodes episodes;
    int is_whole; /* nothing is missing */
};

/** Reads what is there, to be held against an evaluation with these facts and settings. Owns: caller, mdp_held_free.
 * Errors: IO, DATA; USAGE for one of other settings than more episodes, or whose episodes would come out otherwise
 * today. */
mdp_err mdp_held_read(const char *path, const struct mdp_episodes_info *wanted, struct mdp_held *out);

/** Puts held episodes on an empty tape as done, unless their returns depend on those that are missing. Range: max_steps
 * of the tape. Errors: DATA for episodes that are not the first ones of this evaluation. */
mdp_err mdp_held_to_tape(const struct mdp_held *held, const char *path, long first_episode, enum mdp_return_rule rule,
                         struct mdp_tape *tape);

/** Frees what was read and clears the struct. */
void mdp_held_free(struct mdp_held *held);

#endif
