#include "bench/report/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bench/report/profile.h"
#include "bench/report/rows.h"
#include "results/show/figure.h"
#include "results/show/gnuplot.h"
#include "stats/bootstrap.h"
#include "stats/moments.h"

/* LINE_ROOM: characters that a column has room for */
enum { NOTE_ROOM = 480, LINE_ROOM = 90 };
static const char chosen[] = "guidance chosen by its return, on another seed: ";

/* the arrays behind one panel */
struct panel {
    struct mdp_series series[MDP_FIGURE_SERIES_MAX];
    double *arrays[4 * MDP_FIGURE_SERIES_MAX]; /* x, y, lo, hi of every series */
    int n;
};

static void panels_free(struct panel *panels, int n) {
    for (int i = 0; panels != NULL && i < n; i++)
        for (int k = 0; k < 4 * MDP_FIGURE_SERIES_MAX; k++) free(panels[i].arrays[k]);
    free(panels);
}

static mdp_err add_series(struct panel *panel, const char *label, long n, int has_band, double *arrays[4]) {
    mdp_err err;
    double **to = &panel->arrays[4 * panel->n];
    for (int k = 0; k < 4; k++) {
        MDP_TRY(mdp_calloc(&to[k], (unsigned long)n, sizeof(double), "curve"));
        arrays[k] = to[k];
    }
    panel->series[panel->n++] =
        (struct mdp_series){label, n, to[0], to[1], has_band ? to[2] : NULL, has_band ? to[3] : NULL};
    return MDP_OK;
out:
    return err;
}

/* ---- learning curves ---- */

/* the mean and its 95 % bootstrap interval: over seeds, or over the episodes of a single seed */
mdp_err mdp_contest_point(const struct mdp_contest *contest, long c, double *mean, double *low, double *high) {
    const struct mdp_arm_data *arm = contest->test;
    struct mdp_bootstrap_plan plan = {.n_threads = 1};
    struct mdp_bootstrap_sample sample;
    double seeds[MDP_SEEDS_MAX];
    const double *values = seeds;
    long n = contest->n_seeds;
    for (int k = 0; k < contest->n_seeds; k++) seeds[k] = mdp_contest_curve(contest, arm, k)[c];
    if (n == 1) {
        values = mdp_arm_episodes(arm, contest->i_task, contest->seeds[0], c);
        n = arm->n_episodes;
    }
    *mean = *low = *high = values[0];
    if (n == 1) return MDP_OK;
    plan.method = mdp_bootstrap_method(n, MDP_INTERVAL_PERCENTILE);
    mdp_err err = mdp_bootstrap_sample_compute(values, n, &plan, &sample);
    if (err != MDP_OK) return err;
    *mean = sample.interval[MDP_SAMPLE_MEAN].estimate;
    *low = fmin(*mean, sample.interval[MDP_SAMPLE_MEAN].low);
    *high = fmax(*mean, sample.interval[MDP_SAMPLE_MEAN].high);
    return MDP_OK;
}

static mdp_err add_curve(struct mdp_report *report, const char *arm, int is_online, int i_task, struct panel *panel) {
    const struct mdp_experiment *e = report->arms->experiment;
    struct mdp_contest contest;
    double *arrays[4];
    mdp_err err;
    MDP_TRY(mdp_contest_get(report, arm, NULL, is_online, i_task, &contest));
    if (contest.n_seeds == 0) return MDP_OK;
    MDP_TRY(add_series(panel, mdp_arm_title(e, mdp_experiment_arm(&e->file, arm)), contest.n_steps, 1, arrays));
    for (long c = 0; c < contest.n_steps; c++) {
        arrays[0][c] = contest.test->steps[c];
        MDP_TRY(mdp_contest_point(&contest, c, &arrays[1][c], &arrays[2][c], &arrays[3][c]));
    }
out:
    return err;
}

/* how much episodes differ at each checkpoint: the variance over those of a run, and its mean over seeds */
static mdp_err add_variance(struct mdp_report *report, const char *arm, int is_online, int i_task,
                            struct panel *panel) {
    const struct mdp_experiment *e = report->arms->experiment;
    struct mdp_contest contest;
    struct mdp_moments moments;
    double *arrays[4];
    mdp_err err;
    MDP_TRY(mdp_contest_get(report, arm, NULL, is_online, i_task, &contest));
    if (contest.n_seeds == 0 || contest.test->n_episodes < 2) return MDP_OK;
    MDP_TRY(add_series(panel, mdp_arm_title(e, mdp_experiment_arm(&e->file, arm)), contest.n_steps, 0, arrays));
    for (long c = 0; c < contest.n_steps; c++) {
        arrays[0][c] = contest.test->steps[c];
        for (int k = 0; k < contest.n_seeds; k++) {
            MDP_TRY(mdp_moments_compute(mdp_arm_episodes(contest.test, i_task, contest.seeds[k], c),
                                        contest.test->n_episodes, &moments));
            arrays[1][c] += moments.var_ddof1 / contest.n_seeds;
        }
    }
out:
    return err;
}

static mdp_err add_profile(struct mdp_report *report, const char *arm, int is_online, int i_task, struct panel *panel) {
    const struct mdp_experiment *e = report->arms->experiment;
    double taus[MDP_PROFILE_TAUS], shares[MDP_PROFILE_TAUS], *arrays[4];
    long n_runs;
    mdp_err err;
    (void)i_task;
    mdp_profile_taus(taus);
    MDP_TRY(mdp_profile_compute(report, arm, is_online, taus, MDP_PROFILE_TAUS, shares, &n_runs));
    if (n_runs == 0) return MDP_OK;
    MDP_TRY(add_series(panel, mdp_arm_title(e, mdp_experiment_arm(&e->file, arm)), MDP_PROFILE_TAUS, 0, arrays));
    memcpy(arrays[0], taus, sizeof taus);
    memcpy(arrays[1], shares, sizeof shares);
out:
    return err;
}

/* ---- pages ---- */

static const char by_objective[] = "return by the objective";

/* what a kind of figure draws; one of all tasks is a single page */
static const struct kind {
    mdp_err (*add)(struct mdp_report *report, const char *arm, int is_online, int i_task, struct panel *panel);
    const char *x_title, *y_title, *y_of_objective; /* y_of_objective: where returns are those; NULL: there are none */
    int is_of_task;
} kinds[MDP_N_FIGURE_KINDS] = {
    [MDP_FIGURE_KIND_CURVES] = {add_curve, "gradient steps", "normalized return", by_objective, 1},
    [MDP_FIGURE_KIND_VARIANCE] = {add_variance, "gradient steps", "variance of normalized return",
                                  "variance of return by the objective", 1},
    [MDP_FIGURE_KIND_PROFILES] = {add_profile, "normalized return", "share of runs above", NULL, 0},
};

/* the titles of all arms, each once, in the experiment's order: the same for all its figures, so that an arm looks the
 * same in all. arms of one title, such as those of two algorithms in two panels, look alike */
static mdp_err list_titles(const struct mdp_experiment *e, const char ***titles, int *n) {
    mdp_err err = mdp_calloc(titles, e->file.arms_count, sizeof **titles, "titles");
    for (unsigned i = 0; err == MDP_OK && i < e->file.arms_count; i++) {
        const char *title = mdp_arm_title(e, (int)i);
        int k = 0;
        while (k < *n && strcmp((*titles)[k], title) != 0) k++;
        if (k == *n) (*titles)[(*n)++] = title;
    }
    return err;
}

/* where the files of figures go, and the stream that names them */
struct files {
    const char *folder;
    FILE *stream;
};

static mdp_err write_page(void *context, const struct mdp_paper_page *page, const char *name, const char *task) {
    const struct files *files = context;
    const struct mdp_names *endings = mdp_picture_endings();
    char path[MDP_PATH_MAX];
    mdp_err err = MDP_OK;
    for (int i = 0; i < endings->n; i++) {
        MDP_TRY(mdp_fsx_path(path, "%s/%s%s%s.%s", files->folder, name, task[0] != 0 ? "-" : "", task,
                             mdp_names_at(endings, i)));
        MDP_TRY(mdp_fsx_make_parents(path));
        MDP_TRY(page->rows != NULL ? mdp_row_page_write(page->rows, path) : mdp_page_write(page->curves, path));
        mdp_text_print_line(files->stream, "%s", path);
    }
out:
    return err;
}

/* what the page shows, in its title: a column has no room for it on an axis. of few, what their intervals cannot hold
 */
static void describe(const struct mdp_arms *arms, const struct mdp_figure_spec *spec, int is_online, int i_task,
                     char text[160], char note[NOTE_ROOM]) {
    const struct mdp_experiment_file *file = &arms->experiment->file;
    int has_seeds = file->seeds_count > 1;
    long n = has_seeds ? (long)file->seeds_count : file->eval.n_episodes;
    int has_few = n > 1 && n < MDP_BOOTSTRAP_FEW_RUNS;
    note[0] = 0;
    if (spec->kind == MDP_FIGURE_KIND_CURVES && has_few)
        snprintf(note, NOTE_ROOM, "if 1 %s in 10 fails, %ld show none in %.0f %% of cases",
                 has_seeds ? "seed" : "episode", n, 100 * pow(0.9, (double)n));
    if (spec->kind == MDP_FIGURE_KIND_VARIANCE)
        snprintf(text, 160, "%s, over %ld episodes, mean of %u seed%s%s", file->tasks[i_task], file->eval.n_episodes,
                 file->seeds_count, file->seeds_count == 1 ? "" : "s", is_online ? ", online" : "");
    else if (spec->kind == MDP_FIGURE_KIND_PROFILES)
        snprintf(text, 160, "%u task%s, %u seed%s%s", file->tasks_count, file->tasks_count == 1 ? "" : "s",
                 file->seeds_count, file->seeds_count == 1 ? "" : "s", is_online ? ", online" : "");
    else
        snprintf(text, 160, "%s, mean and 95 %% CI of %ld %s%s%s", file->tasks[i_task], n,
                 has_seeds ? "seeds" : "episodes", has_few ? " (few)" : "", is_online ? ", online" : "");
}

/* how many episodes of the shown arms stopped at a value that is not finite, which no curve shows; of one task or,
 * below 0, of all */
static void note_ends(const struct mdp_report *report, int i_task, char note[NOTE_ROOM]) {
    long n = 0;
    size_t used = strlen(note);
    for (int i = 0; i < report->arms->n; i++) {
        const struct mdp_arm_data *arm = &report->arms->list[i];
        for (int r = 0; r < arm->n_tasks * arm->n_seeds && arm->is_shown; r++)
            if (arm->is_whole[r] && (i_task < 0 || r / arm->n_seeds == i_task)) n += arm->n_non_finite[r];
    }
    if (n > 0)
        snprintf(note + used, NOTE_ROOM - used, "%s%ld episode%s not finite", used > 0 ? "; " : "", n,
                 n == 1 ? "" : "s");
}

/* a line of its own */
static void add_line(char note[NOTE_ROOM], const char *text) {
    size_t used = strlen(note);
    snprintf(note + used, NOTE_ROOM - used, "%s%s", used > 0 ? "\n" : "", text);
}

/* how returns are counted, where that is not the usual way */
static void note_rule(const struct mdp_experiment_file *file, char note[NOTE_ROOM]) {
    struct mdp_eval_settings usual;
    char text[LINE_ROOM];
    mdp_settings_defaults(&mdp_eval_table, &usual);
    if (file->eval.rule == usual.rule) return;
    snprintf(text, sizeof text, "returns by the rule %s", mdp_names_at(mdp_return_rule_names(), (int)file->eval.rule));
    add_line(note, text);
}

/* which of the shown arms have guidance that was chosen by its return, each once */
static void note_best(const struct mdp_experiment *e, const struct mdp_figure_spec *spec, char note[NOTE_ROOM]) {
    char text[LINE_ROOM] = "";
    size_t used = 0;
    for (unsigned k = 0; k < spec->panels_count; k++)
        for (unsigned i = 0; i < spec->panels[k].arms_count; i++) {
            const char *arm = spec->panels[k].arms[i], *title = mdp_arm_title(e, mdp_experiment_arm(&e->file, arm));
            if (mdp_report_best_source(&e->file, arm) == NULL || strstr(text, title) != NULL) continue;
            if (used + strlen(title) + strlen(", ..") < LINE_ROOM - strlen(chosen))
                used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? ", " : "", title);
            else if (strstr(text, ", ..") == NULL)
                snprintf(text + used, sizeof text - used, ", ..");
        }
    if (used == 0) return;
    char line[2 * LINE_ROOM];
    snprintf(line, sizeof line, "%s%s", chosen, text);
    add_line(note, line);
}

/* the panels of one task; a panel of which nothing is there is left out */
static mdp_err draw_task(struct mdp_report *report, const struct mdp_figure_spec *spec, int is_online, int i_task,
                         mdp_take_page take, void *context) {
    const struct mdp_experiment *e = report->arms->experiment;
    const struct kind *kind = &kinds[spec->kind];
    const int is_other = report->arms->cache.by_objective && kind->y_of_objective != NULL;
    struct mdp_figure figures[MDP_PAGE_PANELS_MAX];
    struct panel *panels = NULL;
    char title[160], note[NOTE_ROOM];
    const char **titles = NULL;
    struct mdp_page page = {.title = title, .panels = figures, .note = note};
    mdp_err err;
    MDP_TRY(list_titles(e, &titles, &page.n_labels));
    page.labels = titles;
    describe(report->arms, spec, is_online, i_task, title, note);
    for (int i = 0; i < report->arms->n; i++) report->arms->list[i].is_shown = 0;
    MDP_TRY(mdp_calloc(&panels, spec->panels_count, sizeof *panels, "panels"));
    for (unsigned k = 0; k < spec->panels_count; k++) {
        struct panel *panel = &panels[page.n_panels];
        const struct mdp_panel_spec *wanted = &spec->panels[k];
        for (unsigned i = 0; i < wanted->arms_count; i++)
            MDP_TRY(kind->add(report, wanted->arms[i], is_online, i_task, panel));
        if (panel->n == 0) continue;
        figures[page.n_panels++] = (struct mdp_figure){.title = wanted->title,
                                                       .x_title = kind->x_title,
                                                       .y_title = is_other ? kind->y_of_objective : kind->y_title,
                                                       .n_series = panel->n,
                                                       .series = panel->series};
    }
    note_ends(report, kind->is_of_task ? i_task : -1, note);
    note_rule(&e->file, note);
    note_best(e, spec, note);
    const struct mdp_paper_page whole = {&page, NULL};
    if (page.n_panels > 0)
        MDP_TRY(take(context, &whole, spec->name,
                     kind->is_of_task && e->file.tasks_count > 1 ? e->file.tasks[i_task] : ""));
out:
    panels_free(panels, (int)spec->panels_count);
    free(titles);
    return err;
}

/* ---- rows ---- */

/* of the last checkpoint, at *step: the means of seeds, or the episodes of a single one; none where no seed is whole */
static mdp_err add_sample(struct mdp_report *report, const char *arm, int is_online, int i_task,
                          struct mdp_row_samples *samples, double *step) {
    const struct mdp_experiment *e = report->arms->experiment;
    struct mdp_row_sample *sample = &samples->list[samples->n];
    struct mdp_contest contest;
    double *means = NULL;
    mdp_err err;
    MDP_TRY(mdp_contest_get(report, arm, NULL, is_online, i_task, &contest));
    if (contest.n_seeds == 0) return MDP_OK;
    const long last = contest.n_steps - 1;
    *step = contest.test->steps[last];
    sample->label = mdp_arm_title(e, mdp_experiment_arm(&e->file, arm));
    sample->n = contest.n_seeds;
    if (!samples->of_runs) {
        sample->n = contest.test->n_episodes;
        sample->values = mdp_arm_episodes(contest.test, i_task, contest.seeds[0], last);
    } else {
        MDP_TRY(mdp_calloc(&means, (unsigned long)contest.n_seeds, sizeof *means, "returns"));
        for (int k = 0; k < contest.n_seeds; k++) means[k] = mdp_contest_curve(&contest, contest.test, k)[last];
        sample->values = means;
    }
    samples->n++;
out:
    return err;
}

/* rows have the colours that their curves have */
static mdp_err add_samples(struct mdp_report *report, const struct mdp_panel_spec *panel, int is_online, int i_task,
                           struct mdp_row_samples *samples, double *step) {
    const char **titles = NULL;
    int n_titles = 0;
    mdp_err err;
    MDP_TRY(list_titles(report->arms->experiment, &titles, &n_titles));
    for (unsigned i = 0; i < panel->arms_count; i++) {
        const int before = samples->n;
        MDP_TRY(add_sample(report, panel->arms[i], is_online, i_task, samples, step));
        for (int k = 0; k < n_titles && samples->n > before; k++)
            if (strcmp(titles[k], samples->list[before].label) == 0) samples->list[before].place = k;
        /* nothing can be held against a first arm that is not there */
        if (i == 0 && samples->n == 0) break;
    }
out:
    free(titles);
    return err;
}

/* what is missing of an arm leaves out its row; a picture without rows is none */
static mdp_err draw_rows(struct mdp_report *report, const struct mdp_figure_spec *spec, int is_online, int i_task,
                         mdp_take_page take, void *context) {
    const struct mdp_experiment *e = report->arms->experiment;
    const char *what = e->file.seeds_count > 1 ? "seed" : "episode";
    struct mdp_row_samples samples = {.of_runs = e->file.seeds_count > 1,
                                      .returns = report->arms->cache.by_objective ? by_objective : NULL};
    struct mdp_row_picture *picture = NULL;
    char title[160], note[NOTE_ROOM] = "";
    double step = 0;
    mdp_err err;
    for (int i = 0; i < report->arms->n; i++) report->arms->list[i].is_shown = 0;
    MDP_TRY(mdp_calloc(&picture, 1, sizeof *picture, "picture"));
    MDP_TRY(add_samples(report, &spec->panels[0], is_online, i_task, &samples, &step));
    if (samples.n < (spec->kind == MDP_FIGURE_KIND_IMPROVEMENT ? 2 : 1)) goto out;
    MDP_TRY(mdp_rows_make((enum mdp_rows_kind)(spec->kind - MDP_FIGURE_KIND_AGGREGATES), &samples, picture));
    const long n = mdp_rows_fewest(&samples);
    snprintf(title, sizeof title, "%s, step %.0f, %ld %s%s, 95 %% CI%s", e->file.tasks[i_task], step, n, what,
             n == 1 ? "" : "s", is_online ? ", online" : "");
    note_ends(report, i_task, note);
    note_rule(&e->file, note);
    note_best(e, spec, note);
    if (note[0] != 0) {
        const size_t used = strlen(picture->note);
        snprintf(picture->note + used, sizeof picture->note - used, "%s%s", used > 0 ? "\n" : "", note);
    }
    picture->rows.title = title;
    const struct mdp_paper_page whole = {NULL, &picture->rows};
    MDP_TRY(take(context, &whole, spec->name, e->file.tasks_count > 1 ? e->file.tasks[i_task] : ""));
out:
    for (int i = 0; i < samples.n && samples.of_runs; i++) free((void *)samples.list[i].values);
    free(picture);
    return err;
}

mdp_err mdp_paper_pages(struct mdp_arms *arms, const struct mdp_figure_spec *spec, int is_online, mdp_take_page take,
                        void *context) {
    struct mdp_report report = {.arms = arms};
    const int is_rows = spec->kind >= MDP_FIGURE_KIND_AGGREGATES;
    const int n_pages = is_rows || kinds[spec->kind].is_of_task ? (int)arms->experiment->file.tasks_count : 1;
    mdp_choices_defaults(MDP_REPORT_PAPER, &report.choices);
    for (int t = 0; t < n_pages; t++) {
        mdp_err err = (is_rows ? draw_rows : draw_task)(&report, spec, is_online, t, take, context);
        if (err != MDP_OK) return mdp_fail_context(err, "figure %s", spec->name);
    }
    return MDP_OK;
}

mdp_err mdp_paper_figure(struct mdp_arms *arms, const struct mdp_figure_spec *spec, int is_online, const char *folder,
                         FILE *stream) {
    struct files files = {folder, stream};
    return mdp_paper_pages(arms, spec, is_online, write_page, &files);
}
