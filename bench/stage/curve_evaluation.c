#include "bench/stage/curve_evaluation.h"

#include <stdlib.h>
#include <string.h>

#include "base/claim.h"
#include "base/log.h"
#include "bench/run/curve_gather.h"
#include "bench/run/evaluations.h"

/* a checkpoint: where its evaluation is or goes, and what makes it */
struct part {
    char own[MDP_PATH_MAX], path[MDP_PATH_MAX]; /* of a file of its own; where it is, if it is there */
    int has_modules;                            /* what is evaluated already needs none */
    struct mdp_policy_files files;
};

struct curve {
    char folder[MDP_PATH_MAX], label[MDP_LABEL_BYTES + 1]; /* of the curve file */
    int n;
    struct part *parts; /* [n] */
};

static mdp_err name_curve(const char *out, struct curve *curve) {
    if (!mdp_curve_name_parse(mdp_path_name(out), curve->label))
        return mdp_fail(MDP_E_USAGE, "%s: expected a name with curve.h5, found another", out);
    mdp_path_folder(out, curve->folder);
    return MDP_OK;
}

static mdp_err find_part(const struct mdp_curve_work *work, const struct mdp_step_name *name, const struct curve *curve,
                         struct mdp_evaluations *cache, struct part *part) {
    char diffusion[MDP_PATH_MAX];
    int is_there;
    mdp_err err;
    MDP_TRY(mdp_step_path(curve->folder, name->step, curve->label, MDP_FILE_EPISODES, part->own));
    MDP_TRY(mdp_evaluation_find(cache, part->own, part->path, &is_there));
    err = mdp_policy_file(work->folder, name, diffusion);
    if (err == MDP_OK) err = mdp_policy_files_find(diffusion, work->guidance, &part->files);
    part->has_modules = err == MDP_OK;
    /* damaged modules, or such as do not belong together, are not modules that are gone */
    if (is_there && err != MDP_E_DATA && err != MDP_E_NOMEM) err = MDP_OK;
out:
    return err;
}

/* a step that the curve has can be given more episodes if it is asked for and its modules are there */
static int can_grow(const struct mdp_curve_work *work, const struct curve *curve, long step) {
    for (int i = 0; i < curve->n; i++)
        if (work->steps->names[i].step == step) return curve->parts[i].has_modules;
    return 0;
}

/* all evaluations of a curve have the same number of episodes: none is to stay behind */
static mdp_err check_growth(const struct mdp_curve_work *work, const struct curve *curve, long n_wanted) {
    struct mdp_curve_file file = {.n = 0};
    mdp_err err = MDP_OK;
    if (!mdp_fsx_exists(work->out)) return MDP_OK;
    MDP_TRY(mdp_curve_file_read(work->out, &file));
    for (int i = 0; i < file.n && file.episodes[0].n < n_wanted; i++)
        if (!can_grow(work, curve, (long)file.infos[i].step))
            MDP_TRY(
                mdp_fail(MDP_E_USAGE,
                         "%s: episodes: expected %ld as its evaluations have, found %ld, and step %ld is not asked for "
                         "or has no modules; ask for all of them, or use another --label or --out",
                         work->out, file.episodes[0].n, n_wanted, (long)file.infos[i].step));
out:
    mdp_curve_file_free(&file);
    return err;
}

/* before any work is done: what is missing stops all of it */
static mdp_err find_parts(const struct mdp_curve_work *work, struct curve *curve) {
    struct mdp_evaluations cache = {.curve = {.n = 0}};
    mdp_err err;
    MDP_TRY(name_curve(work->out, curve));
    MDP_TRY(mdp_calloc(&curve->parts, (unsigned long)work->steps->n, sizeof *curve->parts, "evaluations"));
    curve->n = work->steps->n;
    for (int i = 0; i < curve->n; i++)
        MDP_TRY(find_part(work, &work->steps->names[i], curve, &cache, &curve->parts[i]));
out:
    mdp_evaluations_free(&cache);
    return err;
}

static mdp_err eval_part(const struct mdp_eval_settings *settings, const struct mdp_curve_work *work, long step,
                         const struct part *part) {
    struct mdp_eval_result result;
    mdp_err err;
    if (!part->has_modules) {
        mdp_log("%s: is there, not made again; its modules are gone, so that its settings are not compared",
                part->path);
        return MDP_OK;
    }
    MDP_TRY(mdp_eval_policy(settings, &part->files, part->path, &result));
    /* where it will be found when all is done */
    MDP_TRY(mdp_curve_place_path(work->out, step, result.path));
    MDP_TRY(work->tell(work->context, &result));
out:
    return err;
}

/* ---- all of them ---- */

/* a kill may have left a claim beside a file whose place nobody will take again */
static mdp_err remove_own(const char *own) {
    struct mdp_claim *claim = NULL;
    mdp_err err;
    if (!mdp_fsx_exists(own)) return MDP_OK;
    MDP_TRY(mdp_claim_take(own, &claim));
    MDP_TRY(mdp_fsx_remove(own));
out:
    mdp_claim_free(claim);
    return err;
}

/* all evaluations of the label that lie there. the curve is written before the files that it was made of go; a kill in
 * between leaves both, which are equal */
static mdp_err gather(const struct mdp_curve_work *work, const struct curve *curve) {
    struct mdp_step_files files;
    char(*paths)[MDP_PATH_MAX] = NULL, own[MDP_PATH_MAX];
    int n_new = 0;
    mdp_err err;
    MDP_TRY(mdp_step_files_list(curve->folder, MDP_FILE_EPISODES, curve->label, &files));
    MDP_TRY(mdp_calloc(&paths, (unsigned long)files.n, sizeof *paths, "evaluations"));
    for (int i = 0; i < files.n; i++) {
        MDP_TRY(mdp_step_name_path(curve->folder, &files.names[i], paths[i]));
        n_new += !files.names[i].is_in_curve;
    }
    if (n_new > 0) {
        MDP_TRY(mdp_curve_gather(work->out, files.n, paths));
        mdp_log("%s: has %d evaluations, of which %d are new", work->out, files.n, n_new);
    }
    for (int i = 0; i < files.n; i++) {
        MDP_TRY(mdp_step_path(curve->folder, files.names[i].step, curve->label, MDP_FILE_EPISODES, own));
        MDP_TRY(remove_own(own));
    }
out:
    free(files.names);
    free(paths);
    return err;
}

mdp_err mdp_eval_curve(const struct mdp_eval_settings *settings, const struct mdp_curve_work *work) {
    struct curve curve = {.n = 0};
    struct mdp_claim *claim = NULL;
    mdp_err err;
    MDP_TRY(mdp_fsx_make_parents(work->out));
    MDP_TRY(mdp_claim_take(work->out, &claim));
    MDP_TRY(find_parts(work, &curve));
    MDP_TRY(check_growth(work, &curve, settings->n_episodes));
    for (int i = 0; i < curve.n; i++) MDP_TRY(eval_part(settings, work, work->steps->names[i].step, &curve.parts[i]));
    MDP_TRY(gather(work, &curve));
out:
    mdp_claim_free(claim);
    free(curve.parts);
    return err;
}
