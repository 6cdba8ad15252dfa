#include "algos/diffusion/denoiser_plan.h"

#include <stdlib.h>
#include <string.h>

#include "algos/nn/fourier.h"

static int is_unet(const struct mdp_denoiser *net) { return net->kind == MDP_DENOISER_UNET; }

static mdp_err build_times(struct mdp_denoiser_plan *plan) {
    const struct mdp_denoiser *net = plan->net;
    const struct mdp_stack_columns own = {0, net->n_emb}, none = {0, 0};
    unsigned long n = (unsigned long)net->n_times;
    mdp_err err;
    MDP_TRY(mdp_stack_of_mlp(&plan->time_stack, mdp_kernel_best(), &net->time, own, none));
    MDP_TRY(mdp_stack_work_alloc(&plan->time_work, mdp_kernel_best(), plan->time_stack.width, net->n_times));
    MDP_TRY(mdp_calloc(&plan->embeddings, n * (unsigned long)net->n_emb, sizeof(float), "denoising times"));
    MDP_TRY(mdp_calloc(&plan->embedded, n * (unsigned long)net->n_emb, sizeof(float), "denoising times"));
    for (int t = 0; t < net->n_times; t++) {
        if (!is_unet(net)) mdp_time_embedding(net->n_emb, t, plan->embeddings + (long)t * net->n_emb);
        plan->time_work.base[t] = plan->time_stack.shared.packed.bias;
    }
    if (!is_unet(net))
        MDP_TRY(mdp_calloc(&plan->times, n * (unsigned long)mdp_stack_share_width(&plan->stack), sizeof(float),
                           "denoising times"));
out:
    return err;
}

/* the widths of what is told are those of shares and conditions, which a panel's memory serves, too */
static mdp_err build_unet(struct mdp_denoiser_plan *plan, const struct mdp_kernel *kernel) {
    const struct mdp_denoiser *net = plan->net;
    const struct mdp_stack_columns own = {0, 0}, shared = {0, net->n_obs};
    mdp_err err;
    if (kernel->precision != MDP_F32)
        return mdp_fail(MDP_E_USAGE, "policy: precision: expected float32 for a denoiser of kind %s, found kernel %s",
                        mdp_denoiser_kind_name(net->kind), kernel->name);
    MDP_TRY(mdp_stack_of_mlp(&plan->stack, kernel, &net->condition, own, shared));
    MDP_TRY(mdp_unet_plan_build(&plan->unet, kernel, &net->unet));
out:
    return err;
}

mdp_err mdp_denoiser_plan_build(struct mdp_denoiser_plan *plan, const struct mdp_kernel *kernel,
                                const struct mdp_denoiser *net) {
    mdp_err err;
    const struct mdp_stack_columns own = {0, net->n_act}, shared = {net->n_act + net->n_emb, net->n_obs};
    *plan = (struct mdp_denoiser_plan){.net = net};
    if (is_unet(net))
        MDP_TRY(build_unet(plan, kernel));
    else if (net->kind == MDP_DENOISER_RESNET)
        MDP_TRY(mdp_stack_of_resnet(&plan->stack, kernel, &net->resnet, own, shared));
    else
        MDP_TRY(mdp_stack_of_mlp(&plan->stack, kernel, &net->body, own, shared));
    MDP_TRY(build_times(plan));
    plan->width = plan->unet.widest > plan->stack.width ? plan->unet.widest : plan->stack.width;
    return MDP_OK;
out:
    mdp_denoiser_plan_free(plan);
    return err;
}

void mdp_denoiser_plan_free(struct mdp_denoiser_plan *plan) {
    mdp_stack_free(&plan->stack);
    mdp_stack_free(&plan->time_stack);
    mdp_unet_plan_free(&plan->unet);
    mdp_stack_work_free(&plan->time_work);
    free(plan->embeddings);
    free(plan->embedded);
    free(plan->times);
    memset(plan, 0, sizeof *plan);
}

/* the sums are double, so that the table adds no more than one rounding to a row */
static void refresh_times(struct mdp_denoiser_plan *plan, const float *params) {
    const struct mdp_denoiser *net = plan->net;
    int is_resnet = net->kind == MDP_DENOISER_RESNET;
    const float *first = params + (is_resnet ? net->resnet.in_weight : net->body.layers[0].weight) + net->n_act;
    long n_out = is_resnet ? net->resnet.width : net->body.layers[0].n_out, width = mdp_stack_share_width(&plan->stack);
    for (int t = 0; t < net->n_times; t++)
        for (long j = 0; j < n_out; j++) {
            double sum = 0;
            for (int i = 0; i < net->n_emb; i++)
                sum += (double)first[j * net->n_in + i] * plan->embedded[(long)t * net->n_emb + i];
            plan->times[t * width + j] = (float)sum;
        }
}

void mdp_denoiser_plan_refresh(struct mdp_denoiser_plan *plan, const float *params) {
    const struct mdp_denoiser *net = plan->net;
    mdp_stack_refresh(&plan->stack, params);
    mdp_stack_refresh(&plan->time_stack, params);
    for (int t = 0; is_unet(net) && t < net->n_times; t++)
        mdp_fourier_embedding(net->n_emb, params, net->times[t], plan->embeddings + (long)t * net->n_emb);
    mdp_stack_run(&plan->time_stack, net->n_times, plan->embeddings, &plan->time_work, plan->embedded);
    if (is_unet(net))
        mdp_unet_plan_refresh(&plan->unet, params);
    else
        refresh_times(plan, params);
}

int mdp_denoiser_plan_share_width(const struct mdp_denoiser_plan *plan) {
    return is_unet(plan->net) ? plan->net->n_emb : mdp_stack_share_width(&plan->stack);
}

int mdp_denoiser_plan_time_width(const struct mdp_denoiser_plan *plan) {
    return is_unet(plan->net) ? plan->unet.share_width : mdp_stack_share_width(&plan->stack);
}

/* of a U-Net, what the network of observations makes of them; its first layer is all of shared columns */
void mdp_denoiser_plan_share(const struct mdp_denoiser_plan *plan, int n, const float *obs,
                             struct mdp_stack_work *panel, float *shares) {
    int width = mdp_stack_share_width(&plan->stack);
    if (!is_unet(plan->net)) {
        mdp_stack_share(&plan->stack, n, obs, panel, shares);
        return;
    }
    mdp_stack_share(&plan->stack, n, obs, panel, panel->h);
    for (int i = 0; i < n; i++) panel->base[i] = panel->h + (long)i * width;
    mdp_stack_run(&plan->stack, n, NULL, panel, shares);
}

/* a state's condition is a row of panel->h */
static void tell(const struct mdp_denoiser_plan *plan, int t, int n, const float *shares, struct mdp_stack_work *panel,
                 float *out) {
    long e = plan->net->n_emb;
    const float *time = plan->embedded + t * e;
    for (int i = 0; i < n; i++)
        for (long j = 0; j < e; j++) panel->h[i * e + j] = shares != NULL ? time[j] + shares[i * e + j] : time[j];
    mdp_unet_plan_share(&plan->unet, n, panel->h, panel->base, panel->scratch, out);
}

void mdp_denoiser_plan_at_time(const struct mdp_denoiser_plan *plan, int t, int n, const float *shares,
                               struct mdp_stack_work *panel, float *out) {
    if (is_unet(plan->net)) {
        tell(plan, t, n, shares, panel, out);
        return;
    }
    long width = mdp_stack_share_width(&plan->stack);
    const float *time = plan->times + t * width;
    for (int i = 0; i < n; i++)
        for (long j = 0; j < width; j++) out[i * width + j] = shares[i * width + j] + time[j];
}

void mdp_denoiser_plan_run(const struct mdp_denoiser_plan *plan, const struct mdp_denoiser_rows *rows, const float *x,
                           struct mdp_stack_work *panel, struct mdp_unet_work *unet, float *out) {
    if (is_unet(plan->net)) {
        mdp_unet_plan_run(&plan->unet, rows->n, x, rows->at_time, rows->n_states, rows->first, rows->n_candidates, unet,
                          out);
        return;
    }
    long width = mdp_stack_share_width(&plan->stack);
    for (int r = 0; r < rows->n; r++) panel->base[r] = rows->at_time + (rows->first + r) / rows->n_candidates * width;
    mdp_stack_run(&plan->stack, rows->n, x, panel, out);
}
