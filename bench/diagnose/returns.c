#include "bench/diagnose/returns.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "bench/run/evaluations.h"
#include "results/alike.h"
#include "stats/moments.h"
#include "stats/multiple.h"

/* ---- which evaluation ---- */

static struct mdp_pair *pair_of(struct mdp_diagnosis *diagnoses, int n, const struct mdp_episodes_info *info) {
    for (int i = 0; i < n; i++)
        for (int k = 0; k < diagnoses[i].n_pairs; k++)
            if (diagnoses[i].diffusion_hash == info->diffusion.hash &&
                diagnoses[i].pairs[k].guidance_hash == info->guidance.hash)
                return &diagnoses[i].pairs[k];
    return NULL;
}

/* an evaluation in which candidates were moved, or made by another reverse process, is of something else */
static int acts_alike(const struct mdp_diagnose_settings *s, const struct mdp_diagnosis *d, const struct mdp_pair *pair,
                      const struct mdp_facts *found) {
    struct mdp_facts wanted = {.known = 0};
    mdp_facts_expect(&wanted, MDP_FACT_ACTOR, s->acting.actor);
    mdp_facts_expect_int(&wanted, MDP_FACT_CANDIDATES, d->n_candidates);
    mdp_facts_expect_real(&wanted, MDP_FACT_W_T, pair->w_t);
    mdp_facts_expect_real(&wanted, MDP_FACT_TEMPERATURE, s->acting.temperature);
    mdp_facts_expect(&wanted, MDP_FACT_SOLVER, d->solver);
    mdp_facts_expect_int(&wanted, MDP_FACT_SAMPLING_STEPS, d->n_sampling_steps);
    mdp_facts_expect_real(&wanted, MDP_FACT_LAMBDA, 0);
    mdp_facts_expect(&wanted, MDP_FACT_LANGEVIN, mdp_fact_row(MDP_FACT_LANGEVIN)->absent);
    if (!d->has_plans) mdp_facts_expect(&wanted, MDP_FACT_GUIDE, mdp_fact_row(MDP_FACT_GUIDE)->absent);
    return mdp_facts_unlike(MDP_FACTS_ALL, &wanted, found) < 0;
}

/* first: of the evaluations that are taken, whose returns are set against each other */
static mdp_err take(struct mdp_pair *pair, const struct mdp_alike_file *file, const struct mdp_episodes *episodes,
                    struct mdp_alike_file *first) {
    mdp_err err = mdp_alike_join(MDP_ALIKE_TABLE, file, first);
    if (err != MDP_OK) return err;
    pair->n_episodes = episodes->n;
    pair->mean_return = mdp_mean(episodes->normalized_returns, episodes->n);
    return mdp_fsx_path(pair->episodes, "%s", file->path);
}

static mdp_err take_named(const char *path, struct mdp_diagnosis *diagnoses, int n, struct mdp_alike_file *first) {
    struct mdp_episodes episodes = {.n = 0};
    struct mdp_episodes_info info = {.step = -1};
    struct mdp_alike_file file;
    mdp_err err;
    MDP_TRY(mdp_episodes_read(path, &info, &episodes));
    struct mdp_pair *pair = pair_of(diagnoses, n, &info);
    if (pair == NULL)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "%s: expected episodes of a pair that is examined, found %s with %s", path,
                         info.diffusion.path, info.guidance.path[0] != 0 ? info.guidance.path : "no guidance"));
    if (pair->episodes[0] != 0)
        MDP_TRY(
            mdp_fail(MDP_E_USAGE, "%s: expected one evaluation of a pair, found %s of the same", path, pair->episodes));
    MDP_TRY(mdp_alike_read(path, &info, &file));
    MDP_TRY(take(pair, &file, &episodes, first));
out:
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
    return err;
}

/* ---- beside a module ---- */

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static mdp_err consider(const struct mdp_diagnose_settings *s, const char *path, struct mdp_diagnosis *d,
                        struct mdp_alike_file *first) {
    struct mdp_episodes episodes = {.n = 0};
    struct mdp_episodes_info info = {.step = -1};
    struct mdp_alike_file file;
    mdp_err err;
    MDP_TRY(mdp_episodes_read(path, &info, &episodes));
    MDP_TRY(mdp_alike_read(path, &info, &file));
    struct mdp_pair *pair = pair_of(d, 1, &info);
    if (pair != NULL && pair->episodes[0] == 0 && acts_alike(s, d, pair, &file.facts))
        MDP_TRY(take(pair, &file, &episodes, first));
out:
    mdp_episodes_free(&episodes);
    mdp_episodes_info_free(&info);
    return err;
}

/* an evaluation of a label, in whichever form it is there */
static mdp_err consider_label(const struct mdp_diagnose_settings *s, const char *label, struct mdp_diagnosis *d,
                              struct mdp_evaluations *cache, struct mdp_alike_file *first) {
    char own[MDP_PATH_MAX], path[MDP_PATH_MAX];
    struct mdp_step_name name;
    int is_there;
    mdp_err err;
    MDP_TRY(mdp_path_beside(d->diffusion, label, MDP_FILE_EPISODES, own));
    /* modules that people have named otherwise are in no curve */
    if (mdp_step_name_parse(mdp_path_name(own), &name))
        MDP_TRY(mdp_evaluation_find(cache, own, path, &is_there));
    else {
        MDP_TRY(mdp_fsx_path(path, "%s", own));
        is_there = mdp_fsx_exists(path);
    }
    if (is_there) MDP_TRY(consider(s, path, d, first));
out:
    return err;
}

/* the label of an evaluation beside a module, or of a curve */
static int label_of(const char *leaf, const char *entry, char label[MDP_LABEL_BYTES + 1]) {
    if (mdp_curve_name_parse(entry, label)) return 1;
    if (!mdp_is_beside(entry, MDP_FILE_EPISODES, leaf)) return 0;
    const size_t n_stem = mdp_stem_length(leaf), n = mdp_stem_length(entry) - n_stem;
    snprintf(label, MDP_LABEL_BYTES + 1, "%.*s", n > 0 ? (int)n - 1 : 0, entry + n_stem + 1);
    return 1;
}

static mdp_err look_beside(const struct mdp_diagnose_settings *s, struct mdp_diagnosis *d,
                           struct mdp_alike_file *first) {
    const char *leaf = mdp_path_name(d->diffusion);
    struct mdp_evaluations cache = {.curve = {.n = 0}};
    struct dirent **entries = NULL;
    char folder[MDP_PATH_MAX], label[MDP_LABEL_BYTES + 1];
    mdp_err err;
    int n = 0;
    if (!mdp_file_is(MDP_FILE_DIFFUSION, leaf)) return MDP_OK;
    mdp_path_folder(d->diffusion, folder);
    /* the usual one before those with a label */
    MDP_TRY(consider_label(s, "", d, &cache, first));
    n = scandir(folder, &entries, NULL, by_name);
    if (n < 0) MDP_TRY(mdp_fail(MDP_E_IO, "%s: cannot list folder: %s", folder, strerror(errno)));
    for (int i = 0; i < n; i++)
        if (label_of(leaf, entries[i]->d_name, label)) MDP_TRY(consider_label(s, label, d, &cache, first));
out:
    for (int i = 0; i < n; i++) free(entries[i]);
    free(entries);
    mdp_evaluations_free(&cache);
    return err;
}

mdp_err mdp_pair_returns_find(const struct mdp_diagnose_settings *settings, const char *const *files, int n_files,
                              struct mdp_diagnosis *diagnoses, int n) {
    struct mdp_alike_file first = {.path = ""};
    mdp_err err = MDP_OK;
    for (int i = 0; i < n_files; i++) MDP_TRY(take_named(files[i], diagnoses, n, &first));
    for (int i = 0; n_files == 0 && i < n; i++) MDP_TRY(look_beside(settings, &diagnoses[i], &first));
out:
    return err;
}

/* ---- what goes with it ---- */

/* a quantity of the k-th pair; agreements are with the first one */
static double quantity_of(const struct mdp_diagnosis *d, int k, enum mdp_quantity quantity) {
    const struct mdp_pair *pair = &d->pairs[k];
    const struct mdp_agreement *with_first = k > 0 ? &d->agreements[k - 1] : NULL;
    int has_calibration = pair->n_calibrated >= 2;
    switch (quantity) {
    case MDP_QUANTITY_BIAS: return has_calibration ? fabs(pair->calibration.whole.bias) : NAN;
    case MDP_QUANTITY_SLOPE: return has_calibration ? fabs(pair->calibration.whole.slope - 1) : NAN;
    case MDP_QUANTITY_ORDER: return has_calibration ? pair->calibration.whole.spearman : NAN;
    case MDP_QUANTITY_SCORE: return pair->score_cosine.mean.mean.estimate;
    case MDP_QUANTITY_EFFECTIVE: return pair->n_effective.mean.mean.estimate;
    case MDP_QUANTITY_GRADIENT: return with_first ? with_first->gradient_cosine.mean.mean.estimate : NAN;
    case MDP_QUANTITY_RANKING: return with_first ? with_first->rank_correlation.mean.mean.estimate : NAN;
    case MDP_QUANTITY_TOP: return with_first ? with_first->same_top.mean.mean.estimate : NAN;
    case MDP_QUANTITY_OVERLAP: return with_first ? with_first->overlap.mean.mean.estimate : NAN;
    case MDP_N_QUANTITIES: break;
    }
    return NAN;
}

/* n: quantities that were tested */
static const char *verdict_of(const struct mdp_forecast *f, long n) {
    if (f->n < 3) return "cannot decide: fewer than 3 pairs";
    if (f->test.is_degenerate) return "cannot decide: all pairs alike";
    if (!mdp_adjust_rejects((double)n * f->test.p_least, 0.05))
        return "cannot decide: no order of so few pairs reaches 0.05";
    if (mdp_adjust_rejects(f->p_holm, 0.05)) return f->test.rho > 0 ? "goes with return" : "goes against return";
    return "cannot decide";
}

/* x and y have room for every pair */
static mdp_err test_quantity(const struct mdp_diagnosis *diagnoses, int n, double *x, double *y,
                             struct mdp_forecast *f) {
    for (int i = 0; i < n; i++)
        for (int k = 0; k < diagnoses[i].n_pairs; k++) {
            x[f->n] = quantity_of(&diagnoses[i], k, f->quantity);
            y[f->n] = diagnoses[i].pairs[k].mean_return;
            f->n += isfinite(x[f->n]) && isfinite(y[f->n]);
        }
    f->test = (struct mdp_rank_test){.n = f->n, .rho = NAN, .p = NAN, .p_least = NAN};
    if (f->n < 3) return MDP_OK;
    const struct mdp_sample quantity = {"quantity", x, f->n}, returns = {"returns", y, f->n};
    return mdp_spearman_test(&quantity, &returns, &f->test);
}

static mdp_err adjust(struct mdp_forecast *out) {
    double p[MDP_N_QUANTITIES], holm[MDP_N_QUANTITIES];
    long n = 0;
    for (int q = 0; q < MDP_N_QUANTITIES; q++)
        if (isfinite(out[q].test.p)) p[n++] = out[q].test.p;
    mdp_err err = n > 0 ? mdp_adjust(MDP_ADJUST_HOLM, p, n, holm) : MDP_OK;
    if (err != MDP_OK) return err;
    for (int q = 0, k = 0; q < MDP_N_QUANTITIES; q++) {
        out[q].p_holm = isfinite(out[q].test.p) ? holm[k++] : NAN;
        out[q].verdict = verdict_of(&out[q], n);
    }
    return MDP_OK;
}

mdp_err mdp_forecast(const struct mdp_diagnosis *diagnoses, int n, struct mdp_forecast *out) {
    double *values = NULL;
    unsigned long n_pairs = 1;
    mdp_err err;
    for (int i = 0; i < n; i++) n_pairs += (unsigned long)diagnoses[i].n_pairs;
    MDP_TRY(mdp_calloc(&values, 2 * n_pairs, sizeof *values, "pairs"));
    for (int q = 0; q < MDP_N_QUANTITIES; q++) {
        out[q] = (struct mdp_forecast){.quantity = (enum mdp_quantity)q};
        MDP_TRY(test_quantity(diagnoses, n, values, values + n_pairs, &out[q]));
    }
    MDP_TRY(adjust(out));
out:
    free(values);
    return err;
}

#define KEY(name, key, text) key,
#define TEXT(name, key, text) text,
const char *mdp_quantity_key(enum mdp_quantity quantity) {
    static const char *const keys[] = {MDP_QUANTITY_LIST(KEY)};
    return keys[quantity];
}

const char *mdp_quantity_text(enum mdp_quantity quantity) {
    static const char *const texts[] = {MDP_QUANTITY_LIST(TEXT)};
    return texts[quantity];
}
