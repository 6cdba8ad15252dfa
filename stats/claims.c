#include "stats/claims.h"

#include "stats/power.h"

/* a t test of fewer values relies on a normal distribution */
enum { ENOUGH = 10 };

double mdp_claim_weight(enum mdp_claim claim, long n, long m) {
    if (claim == MDP_CLAIM_RANKS) return 8;
    return n >= ENOUGH && m >= ENOUGH && !mdp_power_is_uneven(n, m) ? 1 : 0;
}
