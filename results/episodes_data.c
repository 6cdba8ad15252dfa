#include "results/episodes_data.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/reference_scores.h"

/* ---- checks ---- */

mdp_err mdp_episodes_check_info(const char *path, const struct mdp_episodes_info *info) {
    if (!isfinite(info->ref_min) || !isfinite(info->ref_max) || info->ref_max <= info->ref_min)
        return mdp_fail(MDP_E_DATA, "%s: /@ref_max: expected a finite value above ref_min, found %g and %g", path,
                        info->ref_max, info->ref_min);
    if (info->candidates < 1)
        return mdp_fail(MDP_E_DATA, "%s: /@candidates: expected 1 or more, found %" PRId64, path, info->candidates);
    if (!isfinite(info->temperature) || info->temperature < 0 || !isfinite(info->w_t))
        return mdp_fail(MDP_E_DATA, "%s: /@temperature and /@w_t: expected finite values, found %g and %g", path,
                        info->temperature, info->w_t);
    if (info->step < -1)
        return mdp_fail(MDP_E_DATA, "%s: /@step: expected -1 or more, found %" PRId64, path, info->step);
    return MDP_OK;
}

static mdp_err check_row(const char *path, const struct mdp_episodes *e, long i) {
    if (!isfinite(e->returns[i]))
        return mdp_fail(MDP_E_DATA, "%s: return: expected finite values, found %g at row %ld", path, e->returns[i], i);
    if (e->objective_returns != NULL && !isfinite(e->objective_returns[i]))
        return mdp_fail(MDP_E_DATA, "%s: objective_return: expected finite values, found %g at row %ld", path,
                        e->objective_returns[i], i);
    if (e->lengths[i] < 0)
        return mdp_fail(MDP_E_DATA, "%s: length: expected 0 or more, found %d at row %ld", path, e->lengths[i], i);
    if (e->ends[i] > MDP_END_NON_FINITE)
        return mdp_fail(MDP_E_DATA, "%s: end: expected 0, 1 or 2, found %d at row %ld", path, e->ends[i], i);
    if (i > 0 && e->indices[i] <= e->indices[i - 1])
        return mdp_fail(MDP_E_DATA, "%s: episode: expected ascending numbers, found %" PRId64 " at row %ld", path,
                        e->indices[i], i);
    return MDP_OK;
}

mdp_err mdp_episodes_check_rows(const char *path, const struct mdp_episodes *episodes) {
    if (episodes->n < 1 || episodes->n > MDP_EPISODES_MAX)
        return mdp_fail(MDP_E_DATA, "%s: return: expected 1 to %d episodes, found %ld", path, MDP_EPISODES_MAX,
                        episodes->n);
    for (long i = 0; i < episodes->n; i++) {
        mdp_err err = check_row(path, episodes, i);
        if (err != MDP_OK) return err;
    }
    return MDP_OK;
}

mdp_err mdp_episodes_scores(const struct mdp_episodes_info *info, const struct mdp_episodes *episodes, double *scores) {
    const struct mdp_reference_score score = {info->reference, info->ref_min, info->ref_max};
    mdp_err err = MDP_OK;
    for (long i = 0; err == MDP_OK && i < episodes->n; i++)
        err = mdp_reference_normalize(&score, episodes->returns[i], &scores[i]);
    return err;
}

/* ---- the objective ---- */

void mdp_episodes_objective(const struct mdp_episodes_info *info, char text[MDP_LABEL_MAX]) {
    json_t *settings = json_loads(info->head.settings != NULL ? info->head.settings : "{}", 0, NULL);
    const char *found = json_string_value(json_object_get(settings, "reward"));
    snprintf(text, MDP_LABEL_MAX, "%s", found != NULL ? found : "");
    json_decref(settings);
}

mdp_err mdp_episodes_check_objective(const char *path, const struct mdp_episodes_info *info,
                                     const struct mdp_episodes *e) {
    char text[MDP_LABEL_MAX];
    mdp_episodes_objective(info, text);
    if ((text[0] != 0) == (e->objective_returns != NULL)) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: objective_return: expected %s as settings name %s, found %s", path,
                    text[0] != 0 ? "returns" : "none", text[0] != 0 ? text : "no reward",
                    e->objective_returns != NULL ? "some" : "none");
}

mdp_err mdp_episodes_by_objective(const char *path, struct mdp_episodes_info *info, struct mdp_episodes *e) {
    if (e->objective_returns == NULL)
        return mdp_fail(MDP_E_DATA, "%s: expected returns of an objective (eval --reward), found none", path);
    memcpy(e->returns, e->objective_returns, (size_t)e->n * sizeof *e->returns);
    mdp_episodes_objective(info, info->reference);
    info->ref_min = 0;
    info->ref_max = 1;
    return mdp_episodes_scores(info, e, e->normalized_returns);
}

/* ---- memory ---- */

mdp_err mdp_episodes_alloc(struct mdp_episodes *e, long n) {
    mdp_err err;
    unsigned long rows = (unsigned long)n;
    memset(e, 0, sizeof *e);
    e->n = n;
    MDP_TRY(mdp_calloc(&e->returns, rows, sizeof *e->returns, "episodes"));
    MDP_TRY(mdp_calloc(&e->normalized_returns, rows, sizeof *e->normalized_returns, "episodes"));
    MDP_TRY(mdp_calloc(&e->lengths, rows, sizeof *e->lengths, "episodes"));
    MDP_TRY(mdp_calloc(&e->ends, rows, sizeof *e->ends, "episodes"));
    MDP_TRY(mdp_calloc(&e->seeds, rows, sizeof *e->seeds, "episodes"));
    MDP_TRY(mdp_calloc(&e->indices, rows, sizeof *e->indices, "episodes"));
    return MDP_OK;
out:
    mdp_episodes_free(e);
    return err;
}

mdp_err mdp_episodes_add_objective(struct mdp_episodes *e) {
    return mdp_calloc(&e->objective_returns, (unsigned long)e->n, sizeof *e->objective_returns, "episodes");
}

mdp_err mdp_episodes_copy(const struct mdp_episodes *from, struct mdp_episodes *to) {
    const size_t n = (size_t)from->n;
    mdp_err err = mdp_episodes_alloc(to, from->n);
    if (err == MDP_OK && from->objective_returns != NULL) err = mdp_episodes_add_objective(to);
    if (err != MDP_OK) {
        mdp_episodes_free(to);
        return err;
    }
    if (from->objective_returns != NULL)
        memcpy(to->objective_returns, from->objective_returns, n * sizeof *to->objective_returns);
    memcpy(to->returns, from->returns, n * sizeof *to->returns);
    memcpy(to->normalized_returns, from->normalized_returns, n * sizeof *to->normalized_returns);
    memcpy(to->lengths, from->lengths, n * sizeof *to->lengths);
    memcpy(to->ends, from->ends, n * sizeof *to->ends);
    memcpy(to->seeds, from->seeds, n * sizeof *to->seeds);
    memcpy(to->indices, from->indices, n * sizeof *to->indices);
    return MDP_OK;
}

long mdp_episodes_ended(const struct mdp_episodes *e, enum mdp_episode_end end) {
    long n = 0;
    for (long i = 0; i < e->n; i++) n += e->ends[i] == (uint8_t)end;
    return n;
}

void mdp_episodes_free(struct mdp_episodes *e) {
    free(e->returns);
    free(e->objective_returns);
    free(e->normalized_returns);
    free(e->lengths);
    free(e->ends);
    free(e->seeds);
    free(e->indices);
    memset(e, 0, sizeof *e);
}

void mdp_episodes_info_free(struct mdp_episodes_info *info) {
    mdp_head_free(&info->head);
    memset(info, 0, sizeof *info);
}
