/* D4RL's q-learning view and its normalisations, quirks included: a pure function of the rows, whatever blocks they
 * come in, and whether what is kept goes to memory or to a file. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/stop.h"
#include "results/dataset.h"

enum { STAGE_ROWS = 4096 };

/* a view while rows are added */
struct view {
    const struct mdp_dataset_options *options;
    struct mdp_transitions *out;  /* as many rows as could be kept */
    struct mdp_transitions stage; /* [STAGE_ROWS]: on their way to and from out */
    long n_staged;
    long *kept; /* row numbers, NULL if nobody asked */
    struct mdp_normalizer norm;
    struct mdp_dataset_summary found;
    long counter; /* steps since the last cut */
    double segment_return;
    long segment_length; /* steps so far of the segment that is open */
};

/* ---- which rows are kept ---- */

/* the counter is reset to 0 by a dropped step, and to 0 before it is incremented by a terminal one. without time-out
 * flags the next drop after a terminal therefore comes one step early, as in the reference */
static int is_kept(const struct mdp_dataset_raw *raw, long i, long *counter) {
    if (raw->timeouts != NULL ? raw->timeouts[i] : *counter == MDP_DATASET_EPISODE_STEPS - 1) {
        *counter = 0;
        return 0;
    }
    *counter = raw->terminals[i] ? 1 : *counter + 1;
    return 1;
}

/* segments are counted in kept steps, so that they drift across the borders of full episodes; the last open one is
 * ignored */
static void add_to_segment(struct view *view, float reward, int is_terminal) {
    struct mdp_dataset_summary *found = &view->found;
    view->segment_return += reward;
    if (++view->segment_length < MDP_DATASET_EPISODE_STEPS && !is_terminal) return;
    double sum = view->segment_return;
    if (found->n_segments == 0 || sum < found->min_return) found->min_return = sum;
    if (found->n_segments == 0 || sum > found->max_return) found->max_return = sum;
    found->n_segments++;
    view->segment_return = 0;
    view->segment_length = 0;
}

/* ---- normalisation ---- */

static void add_means(struct mdp_normalizer *norm, const float *observations, long n) {
    for (long i = 0; i < n; i++)
        for (int j = 0; j < norm->n; j++) norm->mean[j] += observations[i * norm->n + j];
}

static void finish_means(struct mdp_normalizer *norm, long n) {
    for (int j = 0; j < norm->n; j++) norm->mean[j] /= (double)n;
}

static void add_squares(struct mdp_normalizer *norm, const float *observations, long n) {
    for (long i = 0; i < n; i++) {
        for (int j = 0; j < norm->n; j++) {
            double d = observations[i * norm->n + j] - norm->mean[j];
            norm->std[j] += d * d;
        }
    }
}

static void finish_squares(struct mdp_normalizer *norm, long n) {
    for (int j = 0; j < norm->n; j++) {
        norm->std[j] = sqrt(norm->std[j] / (double)n);
        if (norm->std[j] == 0) norm->std[j] = 1;
    }
}

void mdp_normalizer_measure(const float *observations, long n, int n_obs, struct mdp_normalizer *normalizer) {
    memset(normalizer, 0, sizeof *normalizer);
    normalizer->n = n_obs;
    add_means(normalizer, observations, n);
    finish_means(normalizer, n);
    add_squares(normalizer, observations, n);
    finish_squares(normalizer, n);
}

void mdp_normalizer_apply(const struct mdp_normalizer *normalizer, float *observations, long n) {
    for (long i = 0; i < n; i++) {
        float *row = observations + i * normalizer->n;
        for (int j = 0; j < normalizer->n; j++) row[j] = (float)((row[j] - normalizer->mean[j]) / normalizer->std[j]);
    }
}

static mdp_err check_returns(const struct mdp_dataset_summary *found) {
    if (found->n_segments == 0)
        return mdp_fail(MDP_E_DATA, "rewards: expected a terminal or %d kept steps, found neither in %ld kept steps",
                        MDP_DATASET_EPISODE_STEPS, found->n_kept);
    if ((float)(found->max_return - found->min_return) > 0) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "rewards: expected segments of different returns, found %ld of return %g",
                    found->n_segments, found->min_return);
}

/* n rewards, the first of them of kept row `first` */
static mdp_err scale_rewards(const struct mdp_dataset_summary *found, long first, long n, float *rewards) {
    float range = (float)(found->max_return - found->min_return);
    for (long i = 0; i < n; i++) {
        float scaled = rewards[i] / range;
        rewards[i] = scaled * 1000.0f;
        if (!isfinite(rewards[i]))
            return mdp_fail(MDP_E_DATA,
                            "rewards: expected finite scaled rewards, found %g for range %g at kept row %ld",
                            (double)rewards[i], (double)range, first + i);
    }
    return MDP_OK;
}

/* ---- the view ---- */

/* n_raw rows to come; where they would take too much memory, what is kept of them goes to the disk */
static mdp_err start(struct view *view, const struct mdp_dataset_options *options, const struct mdp_dataset_raw *head,
                     struct mdp_transitions *out) {
    mdp_err err;
    int has_next = options->next_actions;
    *view = (struct view){.options = options, .out = out, .found = {.n_raw = head->n}};
    view->found.min_return = view->found.max_return = NAN;
    view->norm.n = options->normalize_observations ? head->n_obs : 0;
    memset(out, 0, sizeof *out);
    if (head->n_obs < 1 || head->n_obs > MDP_NORMALIZER_MAX)
        return mdp_fail(MDP_E_DATA, "observations: expected 1 to %d columns, found %d", MDP_NORMALIZER_MAX,
                        head->n_obs);
    long n_most = head->n > 0 ? head->n - 1 : 0;
    double bytes = (double)n_most * (double)mdp_transitions_row_bytes(head->n_obs, head->n_act, has_next);
    const char *folder = bytes > options->memory_bytes ? options->scratch : NULL;
    MDP_TRY(mdp_transitions_make(&view->stage, STAGE_ROWS, head->n_obs, head->n_act, has_next, NULL));
    MDP_TRY(mdp_transitions_make(out, n_most, head->n_obs, head->n_act, has_next, folder));
out:
    return err;
}

static mdp_err flush(struct view *view) {
    add_means(&view->norm, view->stage.observations, view->n_staged);
    mdp_err err = mdp_transitions_put(view->out, view->found.n_kept - view->n_staged, view->n_staged, &view->stage);
    view->n_staged = 0;
    return err;
}

/* row i with the row after it */
static void stage(struct view *view, const struct mdp_dataset_raw *raw, long i, float reward) {
    size_t n_obs = (size_t)raw->n_obs, n_act = (size_t)raw->n_act, from = (size_t)i, row = (size_t)view->n_staged++;
    struct mdp_transitions *to = &view->stage;
    memcpy(to->observations + row * n_obs, raw->observations + from * n_obs, n_obs * sizeof(float));
    memcpy(to->next_observations + row * n_obs, raw->observations + (from + 1) * n_obs, n_obs * sizeof(float));
    memcpy(to->actions + row * n_act, raw->actions + from * n_act, n_act * sizeof(float));
    if (to->has_next_actions && raw->terminals[i])
        memset(to->next_actions + row * n_act, 0, n_act * sizeof(float));
    else if (to->has_next_actions)
        memcpy(to->next_actions + row * n_act, raw->actions + (from + 1) * n_act, n_act * sizeof(float));
    to->rewards[row] = reward;
    to->terminals[row] = raw->terminals[i] ? 1.0f : 0.0f;
}

/* where an episode goes on, the row behind it is what follows */
static mdp_err pay(const struct view *view, const struct mdp_dataset_raw *raw, long i, float *reward) {
    const struct mdp_dataset_reward *payer = &view->options->reward;
    if (payer->pay == NULL) return MDP_OK;
    const float *observations = raw->observations + i * raw->n_obs;
    const struct mdp_dataset_row row = {
        .row = raw->first + i,
        .observation = observations,
        .action = raw->actions + i * raw->n_act,
        .next_observation = raw->next_observations != NULL ? raw->next_observations + i * raw->n_obs
                            : !raw->terminals[i]           ? observations + raw->n_obs
                                                           : NULL,
        .next_qvel = raw->qvel != NULL && !raw->terminals[i] ? raw->qvel + (i + 1) * raw->n_qvel : NULL,
        .n_qvel = raw->n_qvel,
        .reward = *reward,
        .terminal = raw->terminals[i]};
    return payer->pay(payer->context, &row, reward);
}

/* all rows of a block but the last, which the next block starts with */
static mdp_err add(struct view *view, const struct mdp_dataset_raw *raw) {
    for (long i = 0; i + 1 < raw->n; i++) {
        if (!is_kept(raw, i, &view->counter)) continue;
        float reward = raw->rewards[i];
        mdp_err err = pay(view, raw, i, &reward);
        if (err != MDP_OK) return err;
        add_to_segment(view, reward, raw->terminals[i]);
        if (view->kept != NULL) view->kept[view->found.n_kept] = raw->first + i;
        view->found.n_kept++;
        stage(view, raw, i, reward);
        if (view->n_staged < STAGE_ROWS) continue;
        err = flush(view);
        if (err != MDP_OK) return err;
    }
    return MDP_OK;
}

static mdp_err measure_deviations(struct view *view) {
    long n_kept = view->found.n_kept;
    finish_means(&view->norm, n_kept);
    for (long first = 0; first < n_kept; first += STAGE_ROWS) {
        long n = n_kept - first < STAGE_ROWS ? n_kept - first : STAGE_ROWS;
        mdp_err err = mdp_transitions_get(view->out, first, n, &view->stage);
        if (err != MDP_OK) return err;
        add_squares(&view->norm, view->stage.observations, n);
    }
    finish_squares(&view->norm, n_kept);
    return MDP_OK;
}

static mdp_err normalize(struct view *view) {
    struct mdp_transitions *t = &view->stage;
    long n_kept = view->found.n_kept;
    mdp_err err = MDP_OK;
    for (long first = 0; first < n_kept; first += STAGE_ROWS) {
        long n = n_kept - first < STAGE_ROWS ? n_kept - first : STAGE_ROWS;
        MDP_TRY(mdp_transitions_get(view->out, first, n, t));
        if (view->options->normalize_rewards) MDP_TRY(scale_rewards(&view->found, first, n, t->rewards));
        mdp_normalizer_apply(&view->norm, t->observations, n);
        mdp_normalizer_apply(&view->norm, t->next_observations, n);
        MDP_TRY(mdp_transitions_put(view->out, first, n, t));
    }
out:
    return err;
}

static mdp_err finish(struct view *view) {
    const struct mdp_dataset_options *options = view->options;
    mdp_err err;
    if (view->found.n_kept == 0)
        return mdp_fail(MDP_E_DATA, "observations: expected 2 or more rows with one to keep, found %ld rows",
                        view->found.n_raw);
    MDP_TRY(flush(view));
    view->out->n = view->found.n_kept;
    if (options->normalize_rewards) MDP_TRY(check_returns(&view->found));
    if (options->normalize_observations) MDP_TRY(measure_deviations(view));
    if (options->normalize_rewards || options->normalize_observations) MDP_TRY(normalize(view));
out:
    return err;
}

/* hands out what was found, or nothing */
static void end(struct view *view, mdp_err err, struct mdp_normalizer *normalizer,
                struct mdp_dataset_summary *summary) {
    mdp_transitions_free(&view->stage);
    if (err != MDP_OK) mdp_transitions_free(view->out);
    if (err == MDP_OK && normalizer != NULL) *normalizer = view->norm;
    if (err == MDP_OK && summary != NULL) *summary = view->found;
}

mdp_err mdp_dataset_view(const struct mdp_dataset_raw *raw, const struct mdp_dataset_options *options,
                         struct mdp_transitions *transitions, long **kept_index, struct mdp_normalizer *normalizer,
                         struct mdp_dataset_summary *summary) {
    struct view view;
    mdp_err err;
    if (kept_index != NULL) *kept_index = NULL;
    MDP_TRY(start(&view, options, raw, transitions));
    if (kept_index != NULL) MDP_TRY(mdp_calloc(&view.kept, (unsigned long)raw->n, sizeof *view.kept, "kept rows"));
    MDP_TRY(add(&view, raw));
    MDP_TRY(finish(&view));
out:
    end(&view, err, normalizer, summary);
    if (err != MDP_OK)
        free(view.kept);
    else if (kept_index != NULL)
        *kept_index = view.kept;
    return err;
}

static mdp_err load(struct mdp_dataset_reader *reader, struct view *view) {
    struct mdp_dataset_raw block;
    mdp_err err;
    do {
        MDP_TRY(mdp_stop_requested());
        MDP_TRY(mdp_dataset_reader_next(reader, &block));
        MDP_TRY(add(view, &block));
    } while (block.n > 0);
out:
    return err;
}

mdp_err mdp_dataset_load(const char *path, const struct mdp_dataset_options *options,
                         struct mdp_transitions *transitions, struct mdp_normalizer *normalizer,
                         struct mdp_dataset_summary *summary) {
    struct mdp_dataset_reader *reader;
    struct view view = {.out = transitions};
    memset(transitions, 0, sizeof *transitions);
    mdp_err err = mdp_dataset_reader_new(path, options->max_rows, 0, &reader);
    if (err != MDP_OK) return err;
    if (options->bounds != NULL) err = mdp_dataset_reader_set_bounds(reader, options->bounds);
    if (err == MDP_OK && options->reward.pay != NULL) err = mdp_dataset_reader_add_next(reader);
    if (err == MDP_OK && options->reward.begin != NULL)
        err = options->reward.begin(options->reward.context, path, mdp_dataset_reader_head(reader)->n);
    if (err == MDP_OK) err = start(&view, options, mdp_dataset_reader_head(reader), transitions);
    if (err == MDP_OK) view.found.bounds = *mdp_dataset_reader_bounds(reader);
    if (err == MDP_OK) err = load(reader, &view);
    if (err == MDP_OK && (err = finish(&view)) != MDP_OK) err = mdp_fail_context(err, "%s", path);
    end(&view, err, normalizer, summary);
    mdp_dataset_reader_free(reader);
    return err;
}

/* one pass over the kept observations of a file */
static mdp_err pass_over(const char *path, void (*add_rows)(struct mdp_normalizer *, const float *, long),
                         struct mdp_normalizer *norm, long *n_kept) {
    struct mdp_dataset_reader *reader;
    struct mdp_dataset_raw block;
    long counter = 0;
    mdp_err err;
    *n_kept = 0;
    MDP_TRY(mdp_dataset_reader_new(path, 0, 0, &reader));
    norm->n = mdp_dataset_reader_head(reader)->n_obs;
    do {
        MDP_TRY(mdp_dataset_reader_next(reader, &block));
        for (long i = 0; i + 1 < block.n; i++) {
            if (!is_kept(&block, i, &counter)) continue;
            add_rows(norm, block.observations + i * block.n_obs, 1);
            ++*n_kept;
        }
    } while (block.n > 0);
    if (*n_kept == 0) err = mdp_fail(MDP_E_DATA, "%s: observations: expected a row to keep, found none", path);
out:
    mdp_dataset_reader_free(reader);
    return err;
}

mdp_err mdp_dataset_normalizer(const char *path, struct mdp_normalizer *normalizer) {
    long n_kept;
    memset(normalizer, 0, sizeof *normalizer);
    mdp_err err = pass_over(path, add_means, normalizer, &n_kept);
    if (err != MDP_OK) return err;
    finish_means(normalizer, n_kept);
    err = pass_over(path, add_squares, normalizer, &n_kept);
    if (err == MDP_OK) finish_squares(normalizer, n_kept);
    return err;
}

/* ---- episodes ---- */

static int episode_end(const struct mdp_dataset_raw *raw, long i, long length) {
    if (raw->terminals[i]) return 'T';
    return (raw->timeouts != NULL ? raw->timeouts[i] : length == MDP_DATASET_EPISODE_STEPS) ? 'L' : 0;
}

static mdp_err add_episode(struct mdp_dataset_episodes *e, int end, long first_of_next) {
    if (e->n == e->room) {
        long room = e->room == 0 ? 1024 : 2 * e->room;
        struct mdp_dataset_episode *grown = realloc(e->list, (size_t)room * sizeof *grown);
        if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "episodes: no memory for %ld", room);
        e->list = grown;
        e->room = room;
    }
    e->list[e->n] = e->open;
    e->list[e->n++].end = end;
    e->open = (struct mdp_dataset_episode){first_of_next, 0, 0, 0};
    return MDP_OK;
}

mdp_err mdp_dataset_episodes_add(struct mdp_dataset_episodes *episodes, const struct mdp_dataset_raw *block) {
    struct mdp_dataset_episode *open = &episodes->open;
    mdp_err err = MDP_OK;
    for (long i = block->first > 0; err == MDP_OK && i < block->n; i++) {
        open->n++;
        open->ret += block->rewards[i];
        int end = episode_end(block, i, open->n);
        if (end != 0) err = add_episode(episodes, end, block->first + i + 1);
    }
    return err;
}

mdp_err mdp_dataset_episodes_finish(struct mdp_dataset_episodes *episodes) {
    return episodes->open.n > 0 ? add_episode(episodes, 'O', 0) : MDP_OK;
}

void mdp_dataset_episodes_free(struct mdp_dataset_episodes *episodes) {
    free(episodes->list);
    *episodes = (struct mdp_dataset_episodes){.n = 0};
}
