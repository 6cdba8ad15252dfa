#include "envs/episode.h"

enum { LAST_STEP = 1000 };

double mdp_episode_return(enum mdp_return_rule rule, int n_steps, long stride, const double *rewards,
                          const uint8_t *dones) {
    double sum = 0;
    int is_done = 0;
    for (int t = 1; t <= n_steps; t++) {
        double reward = rewards[(t - 1) * stride];
        int ends = dones[(t - 1) * stride] != 0;
        if (rule == MDP_RETURN_STANDARD) {
            if (!is_done) sum += reward;
            is_done |= ends;
        } else {
            is_done |= ends;
            if (!is_done || t >= LAST_STEP) sum += reward;
        }
    }
    return sum;
}
