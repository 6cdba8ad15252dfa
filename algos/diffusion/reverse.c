#include "algos/diffusion/reverse.h"

#include <stdlib.h>
#include <string.h>

mdp_err mdp_reverse_work_alloc(struct mdp_reverse_work *work, const struct mdp_diffusion *diffusion,
                               const struct mdp_denoiser_plan *plan, int max_states, int max_rows, int panel_rows) {
    mdp_err err;
    unsigned long n = (unsigned long)max_rows * (unsigned long)diffusion->config.n_act,
                  n_states = (unsigned long)max_states;
    *work = (struct mdp_reverse_work){.max_states = max_states, .max_rows = max_rows};
    MDP_TRY(mdp_calloc(&work->shares, n_states * (unsigned long)mdp_denoiser_plan_share_width(plan), sizeof(float),
                       "reverse process"));
    MDP_TRY(mdp_calloc(&work->at_time, n_states * (unsigned long)mdp_denoiser_plan_time_width(plan), sizeof(float),
                       "reverse process"));
    if (plan->unet.net != NULL) MDP_TRY(mdp_unet_work_alloc(&work->unet, &plan->unet, panel_rows));
    MDP_TRY(mdp_calloc(&work->states, n * ((unsigned long)diffusion->config.n_steps + 1), sizeof(float),
                       "reverse process"));
    MDP_TRY(mdp_calloc(&work->prediction, n, sizeof(float), "reverse process"));
    for (int i = 0; i < 2; i++) MDP_TRY(mdp_calloc(&work->clean[i], n, sizeof(float), "reverse process"));
    return MDP_OK;
out:
    mdp_reverse_work_free(work);
    return err;
}

void mdp_reverse_work_free(struct mdp_reverse_work *work) {
    free(work->shares);
    free(work->at_time);
    mdp_unet_work_free(&work->unet);
    free(work->states);
    free(work->prediction);
    free(work->clean[0]);
    free(work->clean[1]);
    memset(work, 0, sizeof *work);
}

/* one run: what its steps need */
struct run {
    const struct mdp_diffusion *diffusion;
    const struct mdp_denoiser_plan *plan;
    const struct mdp_reverse_input *input;
    struct mdp_stack_work *panel;
    struct mdp_reverse_work *work;
    long n_floats; /* of a state block: all rows */
};

/* the rows of a panel whose draws lie together, from the given one of a state's on */
struct segment {
    int first, n, state;
};

/* draws that follow each other from state to state make all rows one segment */
static struct segment segment_at(const struct run *run, int row, int end) {
    int n_act = run->diffusion->config.n_act, n = run->input->n_candidates, state = row / n, next = (state + 1) * n;
    if (run->input->draws_per_state == (long)n * n_act) next = end;
    return (struct segment){row, (next < end ? next : end) - row, state};
}

/* draw i of a segment's first row */
static const float *draw(const struct run *run, struct segment s, long i) {
    const struct mdp_reverse_input *in = run->input;
    return in->draws.start + s.state * in->draws_per_state + i * in->draws.stride +
           (long)(s.first - s.state * in->n_candidates) * run->diffusion->config.n_act;
}

static void start(const struct run *run, int first, int end) {
    long n_act = run->diffusion->config.n_act;
    float temperature = (float)run->input->temperature;
    for (int r = first; r < end;) {
        struct segment s = segment_at(run, r, end);
        const float *noise = draw(run, s, 0);
        float *x = run->work->states + r * n_act;
        for (long j = 0; j < s.n * n_act; j++) x[j] = temperature * noise[j];
        r += s.n;
    }
}

/* the prediction of step i for rows first to end */
static void predict(const struct run *run, int i, int first, int end, const float *x) {
    const struct mdp_denoiser_plan *plan = run->plan;
    struct mdp_reverse_work *work = run->work;
    const struct mdp_denoiser_rows rows = {run->input->n_states, run->input->n_candidates, first, end - first,
                                           work->at_time};
    mdp_denoiser_plan_at_time(plan, run->diffusion->visits.index[i], rows.n_states, work->shares, run->panel,
                              work->at_time);
    mdp_denoiser_plan_run(plan, &rows, x, run->panel, &work->unet, work->prediction);
}

/* takes a panel of rows through all steps, segment by segment, because a segment's draws come from one stream */
static void sample_panel(const struct run *run, int first, int end) {
    const struct mdp_diffusion *diffusion = run->diffusion;
    const struct mdp_solver *solver = diffusion->config.solver;
    struct mdp_reverse_work *work = run->work;
    int n_steps = diffusion->config.n_steps, i_draw = 1;
    long n_act = diffusion->config.n_act;
    start(run, first, end);
    for (int i = n_steps; i >= diffusion->i_last; i--) {
        const float *x = work->states + (n_steps - i) * run->n_floats;
        int draws = mdp_solver_draws_at(solver, i);
        const struct mdp_bend *bend = run->input->bend;
        predict(run, i, first, end, x + first * n_act);
        if (bend != NULL) bend->bend(bend->context, i, first, end - first, x + first * n_act, work->prediction);
        for (int r = first; r < end;) {
            struct segment s = segment_at(run, r, end);
            long offset = r * n_act, in_panel = (r - first) * n_act;
            const struct mdp_solver_io io = {
                .x = x + offset,
                .prediction = work->prediction + in_panel,
                .noise = draws ? draw(run, s, i_draw) : NULL,
                .previous = solver->is_multistep && i < n_steps ? work->clean[(i + 1) % 2] + in_panel : NULL,
                .clean = solver->is_multistep ? work->clean[i % 2] + in_panel : NULL,
                .next = work->states + (n_steps - i + 1) * run->n_floats + offset};
            mdp_solver_step(diffusion, i, s.n * n_act, &io);
            r += s.n;
        }
        i_draw += draws;
    }
}

void mdp_reverse_sample(const struct mdp_diffusion *diffusion, const struct mdp_denoiser_plan *plan,
                        const struct mdp_reverse_input *input, struct mdp_stack_work *panel,
                        struct mdp_reverse_work *work, float *act) {
    int n_rows = input->n_states * input->n_candidates, n_panels = (n_rows + panel->max_rows - 1) / panel->max_rows;
    const struct run run = {diffusion, plan, input, panel, work, (long)n_rows * diffusion->config.n_act};
    mdp_denoiser_plan_share(plan, input->n_states, input->obs, panel, work->shares);
    for (int p = 0; p < n_panels; p++)
        sample_panel(&run, (int)((long)n_rows * p / n_panels), (int)((long)n_rows * (p + 1) / n_panels));
    const float *x = work->states + (diffusion->config.n_steps - diffusion->i_last + 1) * run.n_floats;
    for (long j = 0; j < run.n_floats; j++) act[j] = x[j] < -1.0f ? -1.0f : x[j] > 1.0f ? 1.0f : x[j];
}
