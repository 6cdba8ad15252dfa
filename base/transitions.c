#include "base/transitions.h"

#include <stdlib.h>
#include <string.h>

mdp_err mdp_transitions_alloc(struct mdp_transitions *t, long n, int n_obs, int n_act) {
    mdp_err err;
    memset(t, 0, sizeof *t);
    if (n < 0 || n_obs < 1 || n_act < 1)
        return mdp_fail(MDP_E_INTERNAL, "transitions: bad shape %ld x (%d, %d)", n, n_obs, n_act);
    unsigned long rows = (unsigned long)n, o = (unsigned long)n_obs, a = (unsigned long)n_act;
    t->n = n;
    t->n_obs = n_obs;
    t->n_act = n_act;
    MDP_TRY(mdp_calloc(&t->observations, rows * o, sizeof(float), "observations"));
    MDP_TRY(mdp_calloc(&t->actions, rows * a, sizeof(float), "actions"));
    MDP_TRY(mdp_calloc(&t->rewards, rows, sizeof(float), "rewards"));
    MDP_TRY(mdp_calloc(&t->next_observations, rows * o, sizeof(float), "next_observations"));
    MDP_TRY(mdp_calloc(&t->terminals, rows, sizeof(float), "terminals"));
    return MDP_OK;
out:
    mdp_transitions_free(t);
    return err;
}

void mdp_transitions_free(struct mdp_transitions *t) {
    free(t->observations);
    free(t->actions);
    free(t->rewards);
    free(t->next_observations);
    free(t->terminals);
    free(t->next_actions);
    memset(t, 0, sizeof *t);
}
