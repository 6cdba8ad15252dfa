#include "algos/nn/unet_plan.h"

#include <stdlib.h>
#include <string.h>

static mdp_err pack(struct mdp_unet_plan *plan, const struct mdp_unet_linear *l, enum mdp_activation act, int is_out,
                    struct mdp_packed *packed) {
    const struct mdp_packed_spec spec = {l->n_in, l->n_out, act, 0, is_out};
    mdp_err err = mdp_packed_alloc(packed, &plan->kernel->format, &spec);
    if (packed->n > plan->widest) plan->widest = packed->n;
    if (packed->k > plan->widest) plan->widest = packed->k;
    return err;
}

static mdp_err pack_block(struct mdp_unet_plan *plan, int i) {
    const struct mdp_unet_block *b = &plan->net->blocks[i];
    struct mdp_unet_packed *p = &plan->blocks[i];
    const struct mdp_packed_spec condition = {b->condition.n_in, b->condition.n_out, MDP_ACT_NONE, 0, 0};
    mdp_err err;
    MDP_TRY(pack(plan, &b->first, MDP_ACT_SILU, 0, &p->first));
    MDP_TRY(pack(plan, &b->second, MDP_ACT_SILU, 0, &p->second));
    MDP_TRY(mdp_packed_alloc(&p->condition, &plan->kernel->start_format, &condition));
    if (b->skip.n_in > 0) MDP_TRY(pack(plan, &b->skip, MDP_ACT_NONE, 0, &p->skip));
    p->share = plan->share_width;
    plan->share_width += p->condition.n;
out:
    return err;
}

mdp_err mdp_unet_plan_build(struct mdp_unet_plan *plan, const struct mdp_kernel *kernel, const struct mdp_unet *net) {
    mdp_err err;
    *plan = (struct mdp_unet_plan){.net = net, .kernel = kernel};
    for (int i = 0; i < MDP_UNET_BLOCKS; i++) MDP_TRY(pack_block(plan, i));
    MDP_TRY(pack(plan, &net->out, MDP_ACT_NONE, 1, &plan->out));
out:
    if (err != MDP_OK) mdp_unet_plan_free(plan);
    return err;
}

void mdp_unet_plan_free(struct mdp_unet_plan *plan) {
    for (int i = 0; i < MDP_UNET_BLOCKS; i++) {
        struct mdp_unet_packed *p = &plan->blocks[i];
        mdp_packed_free(&p->first);
        mdp_packed_free(&p->second);
        mdp_packed_free(&p->condition);
        mdp_packed_free(&p->skip);
    }
    mdp_packed_free(&plan->out);
    memset(plan, 0, sizeof *plan);
}

static void set(struct mdp_packed *packed, const struct mdp_unet_linear *l, const float *params) {
    mdp_packed_set_weight(packed, params + l->weight, l->n_in);
    mdp_packed_set_vector(packed, packed->bias, params + l->bias);
}

void mdp_unet_plan_refresh(struct mdp_unet_plan *plan, const float *params) {
    for (int i = 0; i < MDP_UNET_BLOCKS; i++) {
        const struct mdp_unet_block *b = &plan->net->blocks[i];
        struct mdp_unet_packed *p = &plan->blocks[i];
        set(&p->first, &b->first, params);
        set(&p->second, &b->second, params);
        set(&p->condition, &b->condition, params);
        if (b->skip.n_in > 0) set(&p->skip, &b->skip, params);
    }
    set(&plan->out, &plan->net->out, params);
}

void mdp_unet_plan_share(const struct mdp_unet_plan *plan, int n, const float *condition, const float **base,
                         float *scratch, float *shares) {
    for (int i = 0; i < MDP_UNET_BLOCKS; i++) {
        const struct mdp_unet_packed *p = &plan->blocks[i];
        for (int r = 0; r < n; r++) base[r] = p->condition.bias;
        plan->kernel->begin(&p->condition, n, condition, base, scratch, shares + p->share * n);
    }
}

/* ---- a panel ---- */

/* rows of n floats, padded with zeros to a layer's inputs */
static void pad(int n_rows, long n, long padded, const float *x, float *out) {
    for (long r = 0; r < n_rows; r++) {
        memcpy(out + r * padded, x + r * n, (size_t)n * sizeof *out);
        memset(out + r * padded + n, 0, (size_t)(padded - n) * sizeof *out);
    }
}

/* [x, what was seen], both padded, as one padded row */
static void join(int n_rows, int half, const struct mdp_packed *before, long padded, const float *x, const float *seen,
                 float *out) {
    size_t size = (size_t)half * sizeof *out;
    for (long r = 0; r < n_rows; r++) {
        float *row = out + r * padded;
        memcpy(row, x + r * before->n, size);
        memcpy(row + half, seen + r * before->n, size);
        memset(row + 2L * half, 0, (size_t)(padded - 2L * half) * sizeof *out);
    }
}

/* a run's rows, and where their shares are */
struct rows {
    int n, first, n_each, n_states;
    const float *shares;
};

static void run_block(const struct mdp_unet_plan *plan, int i, const struct rows *rows, const float *x,
                      struct mdp_unet_work *work) {
    const struct mdp_unet_packed *p = &plan->blocks[i];
    const struct mdp_kernel *kernel = plan->kernel;
    const float *shares = rows->shares + p->share * rows->n_states;
    float *y = work->y[i];
    long n = p->first.n;
    kernel->linear(&p->first, rows->n, x, work->scratch, work->h);
    for (long r = 0; r < rows->n; r++) {
        const float *share = shares + (rows->first + r) / rows->n_each * n;
        for (long j = 0; j < n; j++) work->h[r * n + j] += share[j];
    }
    kernel->linear(&p->second, rows->n, work->h, work->scratch, y);
    if (p->skip.n > 0)
        kernel->add(&p->skip, rows->n, x, work->scratch, y);
    else
        for (long j = 0; j < rows->n * n; j++) y[j] += x[j];
}

void mdp_unet_plan_run(const struct mdp_unet_plan *plan, int n_rows, const float *x, const float *shares, int n_states,
                       int first, int n_each, struct mdp_unet_work *work, float *out) {
    const struct rows rows = {n_rows, first, n_each, n_states, shares};
    const struct mdp_unet *net = plan->net;
    pad(n_rows, net->n_in, plan->blocks[0].first.k, x, work->x);
    for (int i = 0; i < MDP_UNET_BLOCKS; i++) {
        int seen = mdp_unet_seen_by(i);
        if (seen >= 0)
            join(n_rows, net->blocks[i].first.n_in / 2, &plan->blocks[seen].first, plan->blocks[i].first.k,
                 work->y[i - 1], work->y[seen], work->x);
        run_block(plan, i, &rows, i == 0 || seen >= 0 ? work->x : work->y[i - 1], work);
    }
    plan->kernel->output(&plan->out, n_rows, work->y[MDP_UNET_BLOCKS - 1], out);
}

mdp_err mdp_unet_work_alloc(struct mdp_unet_work *work, const struct mdp_unet_plan *plan, int max_rows) {
    mdp_err err;
    unsigned long rows = (unsigned long)(max_rows + MDP_KERNEL_ROWS - 1) / MDP_KERNEL_ROWS * MDP_KERNEL_ROWS,
                  widest = (unsigned long)plan->widest;
    memset(work, 0, sizeof *work);
    work->max_rows = max_rows;
    MDP_TRY(mdp_calloc(&work->x, rows * widest, sizeof(float), "panel"));
    MDP_TRY(mdp_calloc(&work->h, rows * widest, sizeof(float), "panel"));
    MDP_TRY(mdp_calloc(&work->scratch, (unsigned long)MDP_KERNEL_SCRATCH * widest, sizeof(float), "panel"));
    for (int i = 0; i < MDP_UNET_BLOCKS; i++)
        MDP_TRY(mdp_calloc(&work->y[i], rows * (unsigned long)plan->blocks[i].first.n, sizeof(float), "panel"));
    return MDP_OK;
out:
    mdp_unet_work_free(work);
    return err;
}

void mdp_unet_work_free(struct mdp_unet_work *work) {
    free(work->x);
    free(work->h);
    free(work->scratch);
    for (int i = 0; i < MDP_UNET_BLOCKS; i++) free(work->y[i]);
    memset(work, 0, sizeof *work);
}
