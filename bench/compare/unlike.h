/* what the two sides of a comparison do not share: refused, or said in its first line. */
#ifndef MDP_BENCH_COMPARE_UNLIKE_H
#define MDP_BENCH_COMPARE_UNLIKE_H

#include "bench/compare/data.h"

enum { MDP_COMPARE_UNLIKE_MAX = 640 };

/** Refuses two sides of a task of which no comparison is one, as of unlike environments. Errors: DATA. */
mdp_err mdp_compare_check_alike(const struct mdp_compare_sample *a, const struct mdp_compare_sample *b);

/** Says in how far both sides were not evaluated alike, e.g. " (A: bf16, B: f32)"; "" where they were. */
void mdp_compare_say_unlike(const struct mdp_compare_sample *a, const struct mdp_compare_sample *b,
                            char text[MDP_COMPARE_UNLIKE_MAX]);

#endif
