#include "algos/guidance/score_plan.h"

#include <stdlib.h>
#include <string.h>

static mdp_err add(struct mdp_score_plan *plan, struct mdp_stack *stack, const struct mdp_kernel *kernel,
                   const struct mdp_q_net *net, int i_head) {
    const struct mdp_stack_columns own = {net->n_obs, net->n_act}, shared = {0, net->n_obs};
    mdp_err err = mdp_stack_of_mlp(stack, kernel, &net->heads[i_head], own, shared);
    if (err == MDP_OK && stack->width > plan->width) plan->width = stack->width;
    return err;
}

mdp_err mdp_score_plan_build(struct mdp_score_plan *plan, const struct mdp_kernel *kernel,
                             const struct mdp_guidance *guidance) {
    mdp_err err = MDP_OK;
    *plan = (struct mdp_score_plan){.guidance = guidance};
    if (guidance->n_nets > 0) {
        const struct mdp_q_net *net = &guidance->nets[0].net;
        for (; plan->n_heads < net->n_heads; plan->n_heads++)
            MDP_TRY(add(plan, &plan->heads[plan->n_heads], kernel, net, plan->n_heads));
    }
    if (guidance->n_nets > 1) {
        MDP_TRY(add(plan, &plan->state_value, kernel, &guidance->nets[1].net, 0));
        plan->has_state_value = 1;
    }
    return MDP_OK;
out:
    mdp_score_plan_free(plan);
    return err;
}

void mdp_score_plan_free(struct mdp_score_plan *plan) {
    for (int h = 0; h < MDP_Q_HEADS_MAX; h++) mdp_stack_free(&plan->heads[h]);
    mdp_stack_free(&plan->state_value);
    memset(plan, 0, sizeof *plan);
}

void mdp_score_plan_refresh(struct mdp_score_plan *plan) {
    const struct mdp_guidance_net *nets = plan->guidance->nets;
    for (int h = 0; h < plan->n_heads; h++)
        mdp_stack_refresh(&plan->heads[h], nets[0].target != NULL ? nets[0].target : nets[0].params);
    if (plan->has_state_value) mdp_stack_refresh(&plan->state_value, nets[1].params);
}

mdp_err mdp_score_work_alloc(struct mdp_score_work *work, const struct mdp_score_plan *plan, int max_states,
                             int max_rows) {
    mdp_err err = MDP_OK;
    unsigned long n_shares = (unsigned long)max_states * (unsigned long)plan->width;
    memset(work, 0, sizeof *work);
    for (int h = 0; h < plan->n_heads; h++) MDP_TRY(mdp_calloc(&work->shares[h], n_shares, sizeof(float), "scores"));
    MDP_TRY(mdp_calloc(&work->value, (unsigned long)max_rows, sizeof(float), "scores"));
    if (!plan->has_state_value) return MDP_OK;
    MDP_TRY(mdp_calloc(&work->state_shares, n_shares, sizeof(float), "state values"));
    MDP_TRY(mdp_calloc(&work->state_value, (unsigned long)max_states, sizeof(float), "state values"));
    return MDP_OK;
out:
    mdp_score_work_free(work);
    return err;
}

void mdp_score_work_free(struct mdp_score_work *work) {
    for (int h = 0; h < MDP_Q_HEADS_MAX; h++) free(work->shares[h]);
    free(work->state_shares);
    free(work->state_value);
    free(work->value);
    memset(work, 0, sizeof *work);
}

void mdp_score_plan_observe(const struct mdp_score_plan *plan, int n_states, const float *obs,
                            struct mdp_stack_work *stack_work, struct mdp_score_work *work) {
    for (int h = 0; h < plan->n_heads; h++)
        mdp_stack_share(&plan->heads[h], n_states, obs, stack_work, work->shares[h]);
    if (!plan->has_state_value) return;
    int width = mdp_stack_share_width(&plan->state_value);
    mdp_stack_share(&plan->state_value, n_states, obs, stack_work, work->state_shares);
    for (int i = 0; i < n_states; i++) stack_work->base[i] = work->state_shares + (long)i * width;
    mdp_stack_run(&plan->state_value, n_states, NULL, stack_work, work->state_value);
}

void mdp_score_plan_score(const struct mdp_score_plan *plan, int n_rows, const float *act, const int *state,
                          struct mdp_stack_work *stack_work, const struct mdp_score_work *work, float *score) {
    if (plan->n_heads == 0) memset(score, 0, (size_t)n_rows * sizeof *score);
    for (int h = 0; h < plan->n_heads; h++) {
        int width = mdp_stack_share_width(&plan->heads[h]);
        for (int r = 0; r < n_rows; r++) stack_work->base[r] = work->shares[h] + (long)state[r] * width;
        mdp_stack_run(&plan->heads[h], n_rows, act, stack_work, h == 0 ? score : work->value);
        for (int r = 0; h > 0 && r < n_rows; r++) score[r] = score[r] < work->value[r] ? score[r] : work->value[r];
    }
    for (int r = 0; plan->has_state_value && r < n_rows; r++) score[r] -= work->state_value[state[r]];
}
