#include "algos/diffusion/denoiser_plan.h"

#include <stdlib.h>
#include <string.h>

static mdp_err build_times(struct mdp_denoiser_plan *plan) {
    const struct mdp_denoiser *net = plan->net;
    const struct mdp_stack_columns own = {0, net->n_emb}, none = {0, 0};
    unsigned long n = (unsigned long)net->n_times;
    mdp_err err;
    MDP_TRY(mdp_stack_of_mlp(&plan->time_stack, mdp_kernel_best(), &net->time, own, none));
    MDP_TRY(mdp_stack_work_alloc(&plan->time_work, mdp_kernel_best(), plan->time_stack.width, net->n_times));
    MDP_TRY(mdp_calloc(&plan->embeddings, n * (unsigned long)net->n_emb, sizeof(float), "denoising times"));
    MDP_TRY(mdp_calloc(&plan->embedded, n * (unsigned long)net->n_emb, sizeof(float), "denoising times"));
    MDP_TRY(mdp_calloc(&plan->times, n * (unsigned long)mdp_stack_share_width(&plan->stack), sizeof(float),
                       "denoising times"));
    for (int t = 0; t < net->n_times; t++) {
        mdp_time_embedding(net->n_emb, t, plan->embeddings + (long)t * net->n_emb);
        plan->time_work.base[t] = plan->time_stack.shared.packed.bias;
    }
out:
    return err;
}

mdp_err mdp_denoiser_plan_build(struct mdp_denoiser_plan *plan, const struct mdp_kernel *kernel,
                                const struct mdp_denoiser *net) {
    mdp_err err;
    const struct mdp_stack_columns own = {0, net->n_act}, shared = {net->n_act + net->n_emb, net->n_obs};
    *plan = (struct mdp_denoiser_plan){.net = net};
    if (net->kind == MDP_DENOISER_RESNET)
        MDP_TRY(mdp_stack_of_resnet(&plan->stack, kernel, &net->resnet, own, shared));
    else
        MDP_TRY(mdp_stack_of_mlp(&plan->stack, kernel, &net->body, own, shared));
    MDP_TRY(build_times(plan));
    return MDP_OK;
out:
    mdp_denoiser_plan_free(plan);
    return err;
}

void mdp_denoiser_plan_free(struct mdp_denoiser_plan *plan) {
    mdp_stack_free(&plan->stack);
    mdp_stack_free(&plan->time_stack);
    mdp_stack_work_free(&plan->time_work);
    free(plan->embeddings);
    free(plan->embedded);
    free(plan->times);
    memset(plan, 0, sizeof *plan);
}

/* the sums are double, so that the table adds no more than one rounding to a row */
void mdp_denoiser_plan_refresh(struct mdp_denoiser_plan *plan, const float *params) {
    const struct mdp_denoiser *net = plan->net;
    int is_resnet = net->kind == MDP_DENOISER_RESNET;
    const float *first = params + (is_resnet ? net->resnet.in_weight : net->body.layers[0].weight) + net->n_act;
    long n_out = is_resnet ? net->resnet.width : net->body.layers[0].n_out, width = mdp_stack_share_width(&plan->stack);
    mdp_stack_refresh(&plan->stack, params);
    mdp_stack_refresh(&plan->time_stack, params);
    mdp_stack_run(&plan->time_stack, net->n_times, plan->embeddings, &plan->time_work, plan->embedded);
    for (int t = 0; t < net->n_times; t++)
        for (long j = 0; j < n_out; j++) {
            double sum = 0;
            for (int i = 0; i < net->n_emb; i++)
                sum += (double)first[j * net->n_in + i] * plan->embedded[(long)t * net->n_emb + i];
            plan->times[t * width + j] = (float)sum;
        }
}

void mdp_denoiser_plan_at_time(const struct mdp_denoiser_plan *plan, int t, int n, const float *shares, float *out) {
    long width = mdp_stack_share_width(&plan->stack);
    const float *time = plan->times + t * width;
    for (int i = 0; i < n; i++)
        for (long j = 0; j < width; j++) out[i * width + j] = shares[i * width + j] + time[j];
}
