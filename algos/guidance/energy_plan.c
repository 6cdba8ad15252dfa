#include "algos/guidance/energy_plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/nn/fourier.h"

enum { HIDDEN = MDP_ENERGY_LAYERS };

static mdp_err pack(struct mdp_energy_plan *plan, int n_in, int n_out, int is_start, int is_out,
                    struct mdp_packed *packed) {
    const struct mdp_packed_spec spec = {n_in, n_out, MDP_ACT_NONE, 0, is_out};
    mdp_err err = mdp_packed_alloc(packed, is_start ? &plan->kernel->start_format : &plan->kernel->format, &spec);
    if (packed->n > plan->widest) plan->widest = packed->n;
    if (packed->k > plan->widest) plan->widest = packed->k;
    return err;
}

mdp_err mdp_energy_plan_build(struct mdp_energy_plan *plan, const struct mdp_kernel *kernel,
                              const struct mdp_q_net *net, int n_times, const double *times) {
    mdp_err err;
    const struct mdp_layer *layers = net->heads[0].layers;
    *plan = (struct mdp_energy_plan){.kernel = kernel, .net = net, .n_times = n_times};
    memcpy(plan->times, times, (size_t)n_times * sizeof *times);
    MDP_TRY(pack(plan, net->n_act, layers[0].n_out, 1, 0, &plan->of_act));
    MDP_TRY(pack(plan, net->n_obs, layers[0].n_out, 1, 0, &plan->of_obs));
    for (int l = 1; l < HIDDEN; l++) {
        MDP_TRY(pack(plan, layers[l].n_in, layers[l].n_out, 0, 0, &plan->layers[l - 1]));
        MDP_TRY(pack(plan, layers[l].n_out, layers[l].n_in, 0, 0, &plan->back[l - 1]));
    }
    MDP_TRY(pack(plan, layers[HIDDEN].n_in, 1, 0, 1, &plan->out));
    MDP_TRY(pack(plan, layers[0].n_out, net->n_act, 0, 1, &plan->back_act));
    MDP_TRY(mdp_calloc(&plan->of_time, (unsigned long)n_times * (unsigned long)plan->of_act.n, sizeof(float),
                       "energy plan"));
    MDP_TRY(mdp_calloc(&plan->out_weight, (unsigned long)plan->out.k, sizeof(float), "energy plan"));
    unsigned long widest = (unsigned long)plan->widest + (unsigned long)net->n_obs + (unsigned long)net->n_emb;
    MDP_TRY(mdp_calloc(&plan->zero, widest, sizeof(float), "energy plan"));
    MDP_TRY(mdp_calloc(&plan->made, widest * widest, sizeof(float), "energy plan"));
    MDP_TRY(mdp_calloc(&plan->turned, widest * widest, sizeof(float), "energy plan"));
    return MDP_OK;
out:
    mdp_energy_plan_free(plan);
    return err;
}

void mdp_energy_plan_free(struct mdp_energy_plan *plan) {
    struct mdp_packed *const packed[] = {&plan->of_act, &plan->of_obs, &plan->out, &plan->back_act};
    for (unsigned long i = 0; i < sizeof packed / sizeof *packed; i++) mdp_packed_free(packed[i]);
    for (int l = 0; l < HIDDEN - 1; l++) {
        mdp_packed_free(&plan->layers[l]);
        mdp_packed_free(&plan->back[l]);
    }
    free(plan->of_time);
    free(plan->out_weight);
    free(plan->zero);
    free(plan->made);
    free(plan->turned);
    memset(plan, 0, sizeof *plan);
}

/* ---- parameters ---- */

/* a projection [n_emb, n_in] and the columns of the first layer that read it, as one matrix; sums are double */
static void fold(const struct mdp_q_net *net, const float *params, long projection, int column, int n_in, float *out) {
    const struct mdp_layer *first = &net->heads[0].layers[0];
    const float *read = params + first->weight + column, *made = params + projection;
    for (long j = 0; j < first->n_out; j++)
        for (long i = 0; i < n_in; i++) {
            double sum = 0;
            for (long e = 0; e < net->n_emb; e++) sum += (double)read[j * first->n_in + e] * made[e * n_in + i];
            out[j * n_in + i] = (float)sum;
        }
}

/* what the first layer adds whatever it is given, biases of the projections included */
static void fold_bias(const struct mdp_q_net *net, const float *params, float *out) {
    const struct mdp_layer *first = &net->heads[0].layers[0];
    const float *read = params + first->weight, *of_obs = params + net->obs_projection + (long)net->n_emb * net->n_obs,
                *of_act = params + net->act_projection + (long)net->n_emb * net->n_act;
    for (long j = 0; j < first->n_out; j++) {
        double sum = params[first->bias + j];
        for (long e = 0; e < net->n_emb; e++)
            sum += (double)read[j * first->n_in + e] * of_obs[e] +
                   (double)read[j * first->n_in + net->n_emb + e] * of_act[e];
        out[j] = (float)sum;
    }
}

static void fold_times(struct mdp_energy_plan *plan, const float *params, float *embedding) {
    const struct mdp_q_net *net = plan->net;
    const struct mdp_layer *first = &net->heads[0].layers[0];
    const float *read = params + first->weight + 2L * net->n_emb;
    for (int t = 0; t < plan->n_times; t++) {
        mdp_fourier_embedding(net->n_emb, params, plan->times[t], embedding);
        for (long j = 0; j < first->n_out; j++) {
            double sum = 0;
            for (long e = 0; e < net->n_emb; e++) sum += (double)read[j * first->n_in + e] * embedding[e];
            plan->of_time[(long)t * plan->of_act.n + j] = (float)sum;
        }
    }
}

static void transpose(int n_out, int n_in, const float *weight, float *out) {
    for (long j = 0; j < n_out; j++)
        for (long i = 0; i < n_in; i++) out[i * n_out + j] = weight[j * n_in + i];
}

void mdp_energy_plan_refresh(struct mdp_energy_plan *plan, const float *params) {
    const struct mdp_q_net *net = plan->net;
    const struct mdp_layer *layers = net->heads[0].layers;
    float *made = plan->made, *turned = plan->turned;
    fold(net, params, net->obs_projection, 0, net->n_obs, made);
    mdp_packed_set_weight(&plan->of_obs, made, net->n_obs);
    fold_bias(net, params, plan->of_obs.bias);
    fold(net, params, net->act_projection, net->n_emb, net->n_act, made);
    mdp_packed_set_weight(&plan->of_act, made, net->n_act);
    transpose(layers[0].n_out, net->n_act, made, turned);
    mdp_packed_set_weight(&plan->back_act, turned, layers[0].n_out);
    fold_times(plan, params, made);
    for (int l = 1; l < HIDDEN; l++) {
        mdp_packed_set_weight(&plan->layers[l - 1], params + layers[l].weight, layers[l].n_in);
        mdp_packed_set_vector(&plan->layers[l - 1], plan->layers[l - 1].bias, params + layers[l].bias);
        transpose(layers[l].n_out, layers[l].n_in, params + layers[l].weight, turned);
        mdp_packed_set_weight(&plan->back[l - 1], turned, layers[l].n_out);
    }
    mdp_packed_set_weight(&plan->out, params + layers[HIDDEN].weight, layers[HIDDEN].n_in);
    mdp_packed_set_vector(&plan->out, plan->out.bias, params + layers[HIDDEN].bias);
    memcpy(plan->out_weight, params + layers[HIDDEN].weight, (size_t)layers[HIDDEN].n_in * sizeof(float));
}

/* ---- rows ---- */

mdp_err mdp_energy_work_alloc(struct mdp_energy_work *work, const struct mdp_energy_plan *plan, int max_states,
                              int max_rows) {
    mdp_err err;
    unsigned long rows = (unsigned long)(max_rows + MDP_KERNEL_ROWS - 1) / MDP_KERNEL_ROWS * MDP_KERNEL_ROWS,
                  n = rows * (unsigned long)plan->widest, states = (unsigned long)max_states,
                  n_first = states * (unsigned long)plan->of_act.n;
    const char *what = "energies";
    memset(work, 0, sizeof *work);
    work->max_rows = max_rows;
    MDP_TRY(mdp_calloc(&work->of_obs, n_first, sizeof(float), what));
    MDP_TRY(mdp_calloc(&work->at_time, n_first, sizeof(float), what));
    MDP_TRY(mdp_calloc(&work->base, rows > states ? rows : states, sizeof *work->base, what));
    MDP_TRY(mdp_calloc(&work->z, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&work->y, n, sizeof(float), what));
    for (int l = 0; l < HIDDEN; l++) MDP_TRY(mdp_calloc(&work->slope[l], n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&work->scratch, (unsigned long)MDP_KERNEL_SCRATCH * (unsigned long)plan->widest, sizeof(float),
                       what));
    MDP_TRY(mdp_calloc(&work->value, rows, sizeof(float), what));
    MDP_TRY(mdp_calloc(&work->slope_out, rows, sizeof(float), what));
    return MDP_OK;
out:
    mdp_energy_work_free(work);
    return err;
}

void mdp_energy_work_free(struct mdp_energy_work *work) {
    free(work->of_obs);
    free(work->at_time);
    free(work->base);
    free(work->z);
    free(work->y);
    for (int l = 0; l < HIDDEN; l++) free(work->slope[l]);
    free(work->scratch);
    free(work->value);
    free(work->slope_out);
    memset(work, 0, sizeof *work);
}

void mdp_energy_plan_observe(const struct mdp_energy_plan *plan, int n_states, const float *obs,
                             struct mdp_energy_work *work) {
    for (int s = 0; s < n_states; s++) work->base[s] = plan->of_obs.bias;
    plan->kernel->begin(&plan->of_obs, n_states, obs, work->base, work->scratch, work->of_obs);
}

/* the rows' shares of the first layer; those of the states that they belong to get the time's */
static void begin(const struct mdp_energy_plan *plan, int i_time, int n_rows, int first, int n_each,
                  struct mdp_energy_work *work) {
    long n = plan->of_act.n;
    const float *time = plan->of_time + i_time * n;
    for (long s = first / n_each; s <= (first + n_rows - 1) / n_each; s++)
        for (long j = 0; j < n; j++) work->at_time[s * n + j] = work->of_obs[s * n + j] + time[j];
    for (int r = 0; r < n_rows; r++) work->base[r] = work->at_time + (first + r) / n_each * n;
}

const float *mdp_energy_plan_values(const struct mdp_energy_plan *plan, int i_time, int n_rows, const float *act,
                                    int first, int n_each, struct mdp_energy_work *work) {
    const struct mdp_kernel *kernel = plan->kernel;
    begin(plan, i_time, n_rows, first, n_each, work);
    kernel->begin(&plan->of_act, n_rows, act, work->base, work->scratch, work->z);
    for (int l = 0; l < HIDDEN; l++) {
        int n = l == 0 ? plan->of_act.n : plan->layers[l - 1].n;
        if (l > 0) kernel->linear(&plan->layers[l - 1], n_rows, work->y, work->scratch, work->z);
        kernel->rows.activate(MDP_ACT_SILU, n_rows, n, plan->zero, work->z, work->slope[l], work->y);
    }
    kernel->output(&plan->out, n_rows, work->y, work->value);
    for (int r = 0; r < n_rows; r++) work->value[r] = mdp_energy_bounded(work->value[r], &work->slope_out[r]);
    return work->value;
}

void mdp_energy_plan_gradient(const struct mdp_energy_plan *plan, int n_rows, struct mdp_energy_work *work,
                              float *d_act) {
    const struct mdp_kernel *kernel = plan->kernel;
    long n_last = plan->out.k;
    for (long r = 0; r < n_rows; r++)
        for (long j = 0; j < n_last; j++) work->y[r * n_last + j] = work->slope_out[r] * plan->out_weight[j];
    for (int l = HIDDEN - 1; l >= 0; l--) {
        int n = l == 0 ? plan->of_act.n : plan->layers[l - 1].n;
        kernel->rows.activate_back(n_rows, n, work->slope[l], work->y, work->z);
        if (l > 0) kernel->linear(&plan->back[l - 1], n_rows, work->z, work->scratch, work->y);
    }
    kernel->output(&plan->back_act, n_rows, work->z, d_act);
}
