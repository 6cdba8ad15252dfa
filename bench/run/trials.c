#include "bench/run/trials.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

const char *mdp_trials_describe(long n, uint64_t seed, char text[MDP_TRIALS_TEXT_MAX]) {
    snprintf(text, MDP_TRIALS_TEXT_MAX,
             "%ld trials a row, seed %" PRIu64 ", standard error at most %.3f, at 0.05 %.3f.", n, seed,
             0.5 / sqrt((double)n), sqrt(0.05 * 0.95 / (double)n));
    return text;
}
