/* mean and deviation of the observations, as a dataset measures them and a checkpoint carries them. */
#ifndef MDP_RESULTS_NORMALIZER_H
#define MDP_RESULTS_NORMALIZER_H

/* columns of observations, and of actions: humanoid has 376 */
enum { MDP_NORMALIZER_MAX = 1024 };

/* normalised x = (x - mean) / std, element by element; n = 0 means that nothing is normalised */
struct mdp_normalizer {
    int n;
    double mean[MDP_NORMALIZER_MAX];
    double std[MDP_NORMALIZER_MAX]; /* > 0 */
};

#endif
