#include "bench/stage/tape.h"

#include <stdlib.h>
#include <string.h>

enum { N_ARRAYS = 6, N_OPEN_ARRAYS = 3 };

mdp_err mdp_tape_new(int n_episodes, int max_steps, int n_act, struct mdp_tape *out) {
    unsigned long n = (unsigned long)n_episodes;
    mdp_err err;
    *out = (struct mdp_tape){.n_episodes = n_episodes, .max_steps = max_steps, .n_act = n_act};
    MDP_TRY(mdp_calloc(&out->is_done, n, sizeof *out->is_done, "episodes"));
    MDP_TRY(mdp_calloc(&out->lengths, n, sizeof *out->lengths, "episodes"));
    MDP_TRY(mdp_calloc(&out->ends, n, sizeof *out->ends, "episodes"));
    MDP_TRY(mdp_calloc(&out->returns, n, sizeof *out->returns, "episodes"));
    MDP_TRY(mdp_calloc(&out->objective_returns, n, sizeof *out->objective_returns, "episodes"));
    MDP_TRY(mdp_calloc(&out->early_returns, n, sizeof *out->early_returns, "episodes"));
    MDP_TRY(mdp_calloc(&out->open, n, sizeof *out->open, "episodes"));
out:
    if (err != MDP_OK) mdp_tape_free(out);
    return err;
}

void mdp_tape_free(struct mdp_tape *tape) {
    for (int i = 0; tape->open != NULL && i < tape->n_episodes; i++) free(tape->open[i].actions);
    void *blocks[] = {tape->is_done, tape->lengths,          tape->ends, tape->returns, tape->early_returns,
                      tape->open,    tape->objective_returns};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) free(blocks[i]);
    *tape = (struct mdp_tape){.n_episodes = 0};
}

mdp_err mdp_tape_put(struct mdp_tape *tape, int slot, int n, const float *actions) {
    struct mdp_taped *open = &tape->open[slot];
    const unsigned long n_floats = (unsigned long)n * (unsigned long)tape->n_act;
    float *copy;
    mdp_err err = mdp_calloc(&copy, n_floats, sizeof *copy, "actions");
    if (err != MDP_OK) return err;
    memcpy(copy, actions, n_floats * sizeof *copy);
    free(open->actions);
    *open = (struct mdp_taped){n, copy};
    return MDP_OK;
}

int mdp_tape_is_empty(const struct mdp_tape *tape) {
    for (int i = 0; i < tape->n_episodes; i++)
        if (tape->is_done[i] || tape->open[i].n > 0) return 0;
    return 1;
}

mdp_err mdp_tape_path(const char *out, char path[MDP_PATH_MAX]) { return mdp_fsx_path(path, "%s.part", out); }

/* ---- files ---- */

/* what is done; a file has every episode. returns how many arrays */
static int done_arrays(const struct mdp_tape *tape, struct mdp_named_array arrays[N_ARRAYS]) {
    const struct mdp_h5_shape row = {1, {tape->n_episodes}};
    arrays[0] = (struct mdp_named_array){"is_done", MDP_H5_U8, row, tape->is_done};
    arrays[1] = (struct mdp_named_array){"lengths", MDP_H5_I32, row, tape->lengths};
    arrays[2] = (struct mdp_named_array){"ends", MDP_H5_U8, row, tape->ends};
    arrays[3] = (struct mdp_named_array){"returns", MDP_H5_F64, row, tape->returns};
    arrays[4] = (struct mdp_named_array){"early_returns", MDP_H5_F64, row, tape->early_returns};
    arrays[5] = (struct mdp_named_array){"objective_returns", MDP_H5_F64, row, tape->objective_returns};
    return tape->has_objective ? N_ARRAYS : N_ARRAYS - 1;
}

/* the open episodes: which, how many steps of each, and their actions one after the other */
struct open_view {
    int32_t *slots, *steps; /* [n] */
    float *actions;         /* [n_rows, n_act] */
    long n, n_rows;
};

static void open_arrays(const struct open_view *view, int n_act, struct mdp_named_array arrays[N_OPEN_ARRAYS]) {
    const struct mdp_h5_shape row = {1, {view->n}}, rows = {2, {view->n_rows, n_act}};
    arrays[0] = (struct mdp_named_array){"open_slots", MDP_H5_I32, row, view->slots};
    arrays[1] = (struct mdp_named_array){"open_steps", MDP_H5_I32, row, view->steps};
    arrays[2] = (struct mdp_named_array){"open_actions", MDP_H5_F32, rows, view->actions};
}

static mdp_err open_alloc(struct open_view *view, int n_act) {
    mdp_err err;
    MDP_TRY(mdp_calloc(&view->slots, (unsigned long)view->n + 1, sizeof *view->slots, "actions"));
    MDP_TRY(mdp_calloc(&view->steps, (unsigned long)view->n + 1, sizeof *view->steps, "actions"));
    MDP_TRY(
        mdp_calloc(&view->actions, ((unsigned long)view->n_rows + 1) * (unsigned long)n_act, sizeof(float), "actions"));
out:
    return err;
}

static void open_free(struct open_view *view) {
    free(view->slots);
    free(view->steps);
    free(view->actions);
}

static mdp_err gather_open(const struct mdp_tape *tape, struct open_view *view) {
    long i_open = 0, i_row = 0;
    for (int i = 0; i < tape->n_episodes; i++) {
        view->n += tape->open[i].n > 0;
        view->n_rows += tape->open[i].n;
    }
    mdp_err err = open_alloc(view, tape->n_act);
    if (err != MDP_OK) return err;
    for (int i = 0; i < tape->n_episodes; i++) {
        const struct mdp_taped *open = &tape->open[i];
        if (open->n == 0) continue;
        view->slots[i_open] = i;
        view->steps[i_open++] = open->n;
        memcpy(view->actions + i_row * tape->n_act, open->actions,
               (size_t)open->n * (size_t)tape->n_act * sizeof(float));
        i_row += open->n;
    }
    return MDP_OK;
}

mdp_err mdp_tape_write(const char *path, const struct mdp_checkpoint_info *info, const struct mdp_tape *tape) {
    struct mdp_named_array arrays[N_ARRAYS + N_OPEN_ARRAYS];
    struct open_view view = {.n = 0};
    mdp_err err;
    MDP_TRY(gather_open(tape, &view));
    const int n_done = done_arrays(tape, arrays);
    open_arrays(&view, tape->n_act, arrays + n_done);
    MDP_TRY(mdp_checkpoint_write(path, info, 0, NULL, n_done + (view.n > 0 ? N_OPEN_ARRAYS : 0), arrays,
                                 MDP_PUBLISH_REPLACE));
out:
    open_free(&view);
    return err;
}

static mdp_err check_done(const char *path, const struct mdp_tape *tape) {
    for (int i = 0; i < tape->n_episodes; i++)
        if (tape->is_done[i] > 1 || tape->lengths[i] < 0 || tape->lengths[i] > tape->max_steps || tape->ends[i] > 7)
            return mdp_fail(MDP_E_DATA,
                            "%s: is_done, lengths and ends: expected 0 or 1, 0 to %d and 0 to 7, found %d, "
                            "%d and %d at episode %d",
                            path, tape->max_steps, tape->is_done[i], tape->lengths[i], tape->ends[i], i);
    return MDP_OK;
}

/* takes the open episodes over, if they can be those of this evaluation */
static mdp_err take_open(const char *path, const struct open_view *view, struct mdp_tape *tape) {
    long i_row = 0;
    for (long i = 0; i < view->n; i++) {
        const int slot = view->slots[i], n = view->steps[i];
        if (slot < 0 || slot >= tape->n_episodes || tape->is_done[slot] || tape->open[slot].n > 0 || n < 1 ||
            n >= tape->max_steps || n > view->n_rows - i_row)
            return mdp_fail(MDP_E_DATA,
                            "%s: open_slots and open_steps: expected another episode of 0 to %d that is not "
                            "done, and 1 to %d of %ld actions, found %d and %d",
                            path, tape->n_episodes - 1, tape->max_steps - 1, view->n_rows - i_row, slot, n);
        mdp_err err = mdp_tape_put(tape, slot, n, view->actions + i_row * tape->n_act);
        if (err != MDP_OK) return err;
        i_row += n;
    }
    return MDP_OK;
}

mdp_err mdp_tape_read(const char *path, struct mdp_tape *tape) {
    struct mdp_named_array arrays[N_ARRAYS], open[N_OPEN_ARRAYS];
    struct open_view view = {.n = 0};
    struct mdp_h5_shape n, n_rows;
    int has_open;
    mdp_err err;
    const int n_done = done_arrays(tape, arrays);
    MDP_TRY(mdp_checkpoint_read_arrays(path, n_done, arrays));
    MDP_TRY(check_done(path, tape));
    MDP_TRY(mdp_checkpoint_has_array(path, "open_slots", &has_open));
    if (!has_open) goto out;
    MDP_TRY(mdp_checkpoint_array_shape(path, "open_slots", &n));
    MDP_TRY(mdp_checkpoint_array_shape(path, "open_actions", &n_rows));
    view.n = n.extent[0];
    view.n_rows = n_rows.extent[0];
    if (n.rank != 1 || n_rows.rank != 2 || view.n > tape->n_episodes || view.n_rows > view.n * tape->max_steps)
        MDP_TRY(mdp_fail(MDP_E_DATA,
                         "%s: open_slots and open_actions: expected at most %d episodes and %d actions of "
                         "each, found %ld and %ld",
                         path, tape->n_episodes, tape->max_steps, view.n, view.n_rows));
    MDP_TRY(open_alloc(&view, tape->n_act));
    open_arrays(&view, tape->n_act, open);
    MDP_TRY(mdp_checkpoint_read_arrays(path, N_OPEN_ARRAYS, open));
    MDP_TRY(take_open(path, &view, tape));
out:
    open_free(&view);
    return err;
}
