#include "bench/run/evaluations.h"

#include <inttypes.h>
#include <string.h>

#include "bench/run/outputs.h"
#include "bench/run/settings.h"
#include "envs/episode.h"
#include "results/alike.h"

void mdp_evaluations_free(struct mdp_evaluations *cache) { mdp_curve_file_free(&cache->curve); }

/* ---- paths ---- */

static mdp_err name_of(const char *own, struct mdp_step_name *name) {
    if (mdp_step_name_parse(mdp_path_name(own), name) && name->kind == MDP_FILE_EPISODES) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "%s: expected stepNNNNNN[.LABEL]%s, found another name", own,
                    mdp_file_ending(MDP_FILE_EPISODES));
}

mdp_err mdp_evaluation_curve(const char *own, char path[MDP_PATH_MAX]) {
    struct mdp_step_name name;
    char folder[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(name_of(own, &name));
    mdp_path_folder(own, folder);
    MDP_TRY(mdp_curve_path(folder, name.label, path));
out:
    return err;
}

mdp_err mdp_evaluation_own(const char *path, char own[MDP_PATH_MAX]) {
    struct mdp_curve_place place;
    char folder[MDP_PATH_MAX], label[MDP_LABEL_BYTES + 1];
    if (!mdp_curve_place_parse(path, &place)) return mdp_fsx_path(own, "%s", path);
    mdp_path_folder(place.file, folder);
    if (!mdp_curve_name_parse(mdp_path_name(place.file), label)) label[0] = 0;
    return mdp_step_path(folder, place.step, label, MDP_FILE_EPISODES, own);
}

int mdp_evaluation_file_exists(const char *path) {
    struct mdp_curve_place place;
    return mdp_fsx_exists(mdp_curve_place_parse(path, &place) ? place.file : path);
}

mdp_err mdp_evaluation_hash(const char *path, uint64_t *hash) {
    struct mdp_curve_place place;
    if (!mdp_curve_place_parse(path, &place)) return mdp_fsx_hash(path, hash);
    mdp_err err = mdp_fsx_hash(place.file, hash);
    *hash = (*hash ^ (uint64_t)place.step) * 1099511628211u;
    return err;
}

/* ---- reading ---- */

static mdp_err open_curve(struct mdp_evaluations *cache, const char *path) {
    if (cache->curve.n > 0 && strcmp(cache->curve.path, path) == 0) return MDP_OK;
    mdp_evaluations_free(cache);
    return mdp_curve_file_read(path, &cache->curve);
}

static mdp_err read_either(struct mdp_evaluations *cache, const char *path, struct mdp_episodes_info *info,
                           struct mdp_episodes *episodes) {
    struct mdp_curve_place place;
    if (!mdp_curve_place_parse(path, &place)) return mdp_episodes_read(path, info, episodes);
    mdp_err err = open_curve(cache, place.file);
    return err == MDP_OK ? mdp_curve_file_get(&cache->curve, place.step, info, episodes) : err;
}

mdp_err mdp_evaluation_read(struct mdp_evaluations *cache, const char *path, struct mdp_episodes_info *info,
                            struct mdp_episodes *episodes) {
    mdp_err err;
    MDP_TRY(read_either(cache, path, info, episodes));
    if (cache->by_objective) MDP_TRY(mdp_episodes_by_objective(path, info, episodes));
out:
    return err;
}

/* one evaluation as it was read */
struct found {
    struct mdp_episodes_info info;
    struct mdp_episodes rows;
    struct mdp_facts facts;
};

static mdp_err read_found(struct mdp_evaluations *cache, const char *path, struct found *found) {
    mdp_err err = mdp_evaluation_read(cache, path, &found->info, &found->rows);
    if (err == MDP_OK) mdp_facts_read(&found->info, &found->facts);
    return err;
}

/* whether both have the same first episodes, which may count otherwise */
static int are_same_episodes(size_t n, const struct mdp_episodes *a, const struct mdp_episodes *b) {
    return memcmp(a->seeds, b->seeds, n * sizeof *a->seeds) == 0 &&
           memcmp(a->indices, b->indices, n * sizeof *a->indices) == 0;
}

static int are_same_rows(size_t n, const struct mdp_episodes *a, const struct mdp_episodes *b) {
    return memcmp(a->returns, b->returns, n * sizeof *a->returns) == 0 &&
           memcmp(a->lengths, b->lengths, n * sizeof *a->lengths) == 0 && memcmp(a->ends, b->ends, n) == 0 &&
           are_same_episodes(n, a, b);
}

/* whether eval has made the longer one of the other: by what it asks for when it makes more episodes. with the
 * cleandiffuser rule it makes all again, and one that lasts changes the returns of all */
static int has_become(const struct found *shorter, const struct found *longer) {
    const size_t n = (size_t)shorter->rows.n;
    const char *rule = mdp_names_at(mdp_return_rule_names(), MDP_RETURN_CLEANDIFFUSER);
    if (!mdp_wants_more(shorter->info.head.settings, longer->info.head.settings) ||
        mdp_facts_unlike(MDP_FACTS_OF_WORLD | MDP_FACT_BIT(MDP_FACT_ISA), &shorter->facts, &longer->facts) >= 0)
        return 0;
    return strcmp(longer->info.return_rule, rule) == 0 ? are_same_episodes(n, &shorter->rows, &longer->rows)
                                                       : are_same_rows(n, &shorter->rows, &longer->rows);
}

/* a stop between writing a curve and removing what it was made of leaves both, which say the same; one before that,
 * with more episodes than the curve has, leaves both, too */
mdp_err mdp_evaluation_choose(struct mdp_evaluations *cache, const char *own, const char *place, int *order) {
    struct found a = {.info = {.step = -1}}, b = {.info = {.step = -1}};
    mdp_err err;
    MDP_TRY(read_found(cache, own, &a));
    MDP_TRY(read_found(cache, place, &b));
    *order = (a.rows.n > b.rows.n) - (a.rows.n < b.rows.n);
    if (*order > 0   ? !has_become(&b, &a)
        : *order < 0 ? !has_become(&a, &b)
                     : !are_same_rows((size_t)a.rows.n, &a.rows, &b.rows) ||
                           mdp_facts_unlike(MDP_FACTS_ALL, &a.facts, &b.facts) >= 0)
        err = mdp_fail(MDP_E_DATA, "%s: expected one evaluation of step %" PRId64 ", found another in %s; remove one",
                       own, a.info.step, place);
out:
    mdp_episodes_free(&a.rows);
    mdp_episodes_info_free(&a.info);
    mdp_episodes_free(&b.rows);
    mdp_episodes_info_free(&b.info);
    return err;
}

/* ---- finding ---- */

mdp_err mdp_evaluation_find(struct mdp_evaluations *cache, const char *own, char path[MDP_PATH_MAX], int *is_there) {
    struct mdp_step_name name;
    char curve[MDP_PATH_MAX], place[MDP_PATH_MAX];
    int has_own = mdp_fsx_exists(own), is_part = 0, order = 0;
    mdp_err err;
    MDP_TRY(name_of(own, &name));
    MDP_TRY(mdp_evaluation_curve(own, curve));
    MDP_TRY(mdp_curve_place_path(curve, name.step, place));
    if (mdp_fsx_exists(curve)) {
        MDP_TRY(open_curve(cache, curve));
        for (int i = 0; i < cache->curve.n; i++) is_part |= cache->curve.infos[i].step == name.step;
    }
    if (is_part && has_own) MDP_TRY(mdp_evaluation_choose(cache, own, place, &order));
    *is_there = is_part || has_own;
    err = mdp_fsx_path(path, "%s", is_part && order <= 0 ? place : own);
out:
    return err;
}
