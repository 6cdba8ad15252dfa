/* D4RL's q-learning view and its normalisations: pure functions of arrays, quirks included. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/dataset.h"

/* --- which rows are kept ----------------------------------------------------------------------------------------- */

/* the counter is reset to 0 by a dropped step, and to 0 before it is incremented by a terminal one. without time-out
 * flags the next drop after a terminal therefore comes one step early, as in the reference */
static long select_rows(const struct mdp_dataset_raw *raw, long *kept) {
    long n_kept = 0, counter = 0;
    for (long i = 0; i + 1 < raw->n; i++) {
        int is_last = raw->timeouts != NULL ? raw->timeouts[i] : counter == MDP_DATASET_EPISODE_STEPS - 1;
        if (is_last) {
            counter = 0;
            continue;
        }
        if (raw->terminals[i]) counter = 0;
        kept[n_kept++] = i;
        counter++;
    }
    return n_kept;
}

static void gather(const struct mdp_dataset_raw *raw, const long *kept, struct mdp_transitions *t) {
    size_t n_obs = (size_t)raw->n_obs, n_act = (size_t)raw->n_act;
    for (long i = 0; i < t->n; i++) {
        size_t row = (size_t)i, from = (size_t)kept[i];
        memcpy(t->observations + row * n_obs, raw->observations + from * n_obs, n_obs * sizeof(float));
        memcpy(t->next_observations + row * n_obs, raw->observations + (from + 1) * n_obs, n_obs * sizeof(float));
        memcpy(t->actions + row * n_act, raw->actions + from * n_act, n_act * sizeof(float));
        if (t->next_actions != NULL && !raw->terminals[from])
            memcpy(t->next_actions + row * n_act, raw->actions + (from + 1) * n_act, n_act * sizeof(float));
        t->rewards[i] = raw->rewards[from];
        t->terminals[i] = raw->terminals[from] ? 1.0f : 0.0f;
    }
}

/* --- normalisation ----------------------------------------------------------------------------------------------- */

/* segments are counted in kept steps, so that they drift across the borders of full episodes; the last open one is
 * ignored */
static void measure_segments(const struct mdp_transitions *t, struct mdp_dataset_summary *summary) {
    double sum = 0;
    long length = 0;
    summary->n_segments = 0;
    summary->min_return = summary->max_return = NAN;
    for (long i = 0; i < t->n; i++) {
        sum += t->rewards[i];
        if (++length < MDP_DATASET_EPISODE_STEPS && t->terminals[i] == 0.0f) continue;
        if (summary->n_segments == 0 || sum < summary->min_return) summary->min_return = sum;
        if (summary->n_segments == 0 || sum > summary->max_return) summary->max_return = sum;
        summary->n_segments++;
        sum = 0;
        length = 0;
    }
}

static mdp_err scale_rewards(const struct mdp_dataset_summary *summary, struct mdp_transitions *t) {
    if (summary->n_segments == 0)
        return mdp_fail(MDP_E_DATA, "rewards: expected a terminal or %d kept steps, found neither in %ld kept steps",
                        MDP_DATASET_EPISODE_STEPS, t->n);
    float range = (float)(summary->max_return - summary->min_return);
    if (!(range > 0))
        return mdp_fail(MDP_E_DATA, "rewards: expected segments of different returns, found %ld of return %g",
                        summary->n_segments, summary->min_return);
    for (long i = 0; i < t->n; i++) {
        float scaled = t->rewards[i] / range;
        t->rewards[i] = scaled * 1000.0f;
        if (!isfinite(t->rewards[i]))
            return mdp_fail(MDP_E_DATA,
                            "rewards: expected finite scaled rewards, found %g for range %g at kept row %ld",
                            (double)t->rewards[i], (double)range, i);
    }
    return MDP_OK;
}

void mdp_normalizer_measure(const float *observations, long n, int n_obs, struct mdp_normalizer *normalizer) {
    memset(normalizer, 0, sizeof *normalizer);
    normalizer->n = n_obs;
    for (long i = 0; i < n; i++)
        for (int j = 0; j < n_obs; j++) normalizer->mean[j] += observations[i * n_obs + j];
    for (int j = 0; j < n_obs; j++) normalizer->mean[j] /= (double)n;
    for (long i = 0; i < n; i++) {
        for (int j = 0; j < n_obs; j++) {
            double d = observations[i * n_obs + j] - normalizer->mean[j];
            normalizer->std[j] += d * d;
        }
    }
    for (int j = 0; j < n_obs; j++) {
        normalizer->std[j] = sqrt(normalizer->std[j] / (double)n);
        if (normalizer->std[j] == 0) normalizer->std[j] = 1;
    }
}

void mdp_normalizer_apply(const struct mdp_normalizer *normalizer, float *observations, long n) {
    for (long i = 0; i < n; i++) {
        float *row = observations + i * normalizer->n;
        for (int j = 0; j < normalizer->n; j++) row[j] = (float)((row[j] - normalizer->mean[j]) / normalizer->std[j]);
    }
}

/* --- the view ---------------------------------------------------------------------------------------------------- */

mdp_err mdp_dataset_view(const struct mdp_dataset_raw *raw, const struct mdp_dataset_options *options,
                         struct mdp_transitions *transitions, long **kept_index, struct mdp_normalizer *normalizer,
                         struct mdp_dataset_summary *summary) {
    struct mdp_dataset_summary found = {.n_raw = raw->n};
    struct mdp_normalizer norm = {0};
    long *kept = NULL;
    memset(transitions, 0, sizeof *transitions);
    if (kept_index != NULL) *kept_index = NULL;
    mdp_err err;
    if (raw->n_obs < 1 || raw->n_obs > MDP_NORMALIZER_MAX)
        return mdp_fail(MDP_E_DATA, "observations: expected 1 to %d columns, found %d", MDP_NORMALIZER_MAX, raw->n_obs);
    MDP_TRY(mdp_calloc(&kept, raw->n > 0 ? (unsigned long)raw->n : 0, sizeof *kept, "kept rows"));
    found.n_kept = select_rows(raw, kept);
    if (found.n_kept == 0) {
        err = mdp_fail(MDP_E_DATA, "observations: expected 2 or more rows with one to keep, found %ld rows", raw->n);
        goto out;
    }
    MDP_TRY(mdp_transitions_alloc(transitions, found.n_kept, raw->n_obs, raw->n_act));
    if (options->next_actions)
        MDP_TRY(mdp_calloc(&transitions->next_actions, (unsigned long)found.n_kept * (unsigned long)raw->n_act,
                           sizeof(float), "next actions"));
    gather(raw, kept, transitions);
    measure_segments(transitions, &found);
    if (options->normalize_rewards) MDP_TRY(scale_rewards(&found, transitions));
    if (options->normalize_observations) {
        mdp_normalizer_measure(transitions->observations, found.n_kept, raw->n_obs, &norm);
        mdp_normalizer_apply(&norm, transitions->observations, found.n_kept);
        mdp_normalizer_apply(&norm, transitions->next_observations, found.n_kept);
    }
    if (summary != NULL) *summary = found;
    if (normalizer != NULL) *normalizer = norm;
    if (kept_index != NULL) {
        *kept_index = kept;
        kept = NULL;
    }
out:
    if (err != MDP_OK) mdp_transitions_free(transitions);
    free(kept);
    return err;
}

/* --- episodes ---------------------------------------------------------------------------------------------------- */

static int episode_end(const struct mdp_dataset_raw *raw, long i, long length) {
    if (raw->terminals[i]) return 'T';
    if (raw->timeouts != NULL ? raw->timeouts[i] : length == MDP_DATASET_EPISODE_STEPS) return 'L';
    return i + 1 == raw->n ? 'O' : 0;
}

mdp_err mdp_dataset_episodes(const struct mdp_dataset_raw *raw, struct mdp_dataset_episode **episodes,
                             long *n_episodes) {
    long n = 0, room = 1;
    struct mdp_dataset_episode current = {0, 0, 0, 0}, *list = NULL;
    *episodes = NULL;
    *n_episodes = 0;
    for (long i = 0; i < raw->n; i++) room += raw->terminals[i] || raw->timeouts == NULL || raw->timeouts[i];
    mdp_err err = mdp_calloc(&list, (unsigned long)room, sizeof *list, "episodes");
    if (err != MDP_OK) return err;
    for (long i = 0; i < raw->n; i++) {
        current.n++;
        current.ret += raw->rewards[i];
        current.end = episode_end(raw, i, current.n);
        if (current.end == 0) continue;
        list[n++] = current;
        current = (struct mdp_dataset_episode){i + 1, 0, 0, 0};
    }
    *episodes = list;
    *n_episodes = n;
    return MDP_OK;
}
