/* what the files of the learner share: one row panel's working memory. */
#ifndef MDP_ALGOS_LEARNER_INTERNAL_H
#define MDP_ALGOS_LEARNER_INTERNAL_H

#include "algos/learner.h"

/* working memory of one row panel */
struct mdp_learner_panel {
    struct mdp_sampler sampler;
    struct mdp_guidance_work guidance;
};

#endif
