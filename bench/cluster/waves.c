#include "bench/cluster/waves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* what the missing evaluations of a curve need: the latest wave, and the training of that wave if it is the only job
 * there */
struct needs {
    int is_wanted, wave, job, is_alone;
};

/* where things stand while waves are sought: 0 is what is there already */
struct search {
    const struct mdp_plan *plan;
    struct mdp_plan_curves curves;
    int *wave_of_job;    /* [plan->n] */
    int *wave_of_curve;  /* [curves.n] */
    int *run_of_curve;   /* [curves.n], the training in whose piece it is made, -1: a piece of its own */
    struct needs *needs; /* [curves.n] */
};

static int is_missing(const struct mdp_job *job) {
    if (job->kind == MDP_JOB_EVALUATION) return !job->is_done && (!job->is_choice || job->is_needed);
    return !job->is_done && job->is_needed;
}

static int later(int a, int b) { return a > b ? a : b; }

/* after all that it needs */
static int wave_after(const struct search *s, const struct mdp_job *job) {
    int wave = 0;
    for (int k = 0; k < job->n_needs; k++) wave = later(wave, s->wave_of_job[job->needs[k]]);
    return wave + 1;
}

static void add_needs(const struct search *s, const struct mdp_job *job, struct needs *needs) {
    needs->is_wanted = 1;
    for (int k = 0; k < job->n_needs; k++) {
        const int need = job->needs[k], wave = s->wave_of_job[need];
        if (wave > needs->wave)
            *needs = (struct needs){1, wave, need, 1};
        else if (wave == needs->wave && need != needs->job)
            needs->is_alone = 0;
    }
}

/* with the training that it waits for, if that is one alone, else in a wave of its own */
static void place_curves(struct search *s) {
    memset(s->needs, 0, sizeof *s->needs * (size_t)s->curves.n);
    for (int i = 0; i < s->plan->n; i++)
        if (s->plan->jobs[i].kind == MDP_JOB_EVALUATION && is_missing(&s->plan->jobs[i]))
            add_needs(s, &s->plan->jobs[i], &s->needs[s->curves.of_job[i]]);
    for (int c = 0; c < s->curves.n; c++) {
        const struct needs *needs = &s->needs[c];
        const int with_run = needs->wave > 0 && needs->is_alone && s->plan->jobs[needs->job].kind == MDP_JOB_RUN;
        s->run_of_curve[c] = with_run ? needs->job : -1;
        s->wave_of_curve[c] = !needs->is_wanted ? 0 : with_run ? needs->wave : needs->wave + 1;
    }
}

/* evaluations that choose a guidance stand before trainings that stand before other evaluations of the same curve, so
 * that one pass may not do */
static int pass(struct search *s) {
    int has_moved = 0;
    place_curves(s);
    for (int i = 0; i < s->plan->n; i++) {
        const struct mdp_job *job = &s->plan->jobs[i];
        const int wave = !is_missing(job)                  ? 0
                         : job->kind == MDP_JOB_EVALUATION ? s->wave_of_curve[s->curves.of_job[i]]
                                                           : wave_after(s, job);
        has_moved |= wave != s->wave_of_job[i];
        s->wave_of_job[i] = wave;
    }
    return has_moved;
}

static mdp_err search_new(const struct mdp_plan *plan, struct search *s) {
    mdp_err err;
    s->plan = plan;
    MDP_TRY(mdp_plan_curves_new(plan, &s->curves));
    MDP_TRY(mdp_calloc(&s->wave_of_job, (unsigned long)plan->n + 1, sizeof(int), "waves"));
    MDP_TRY(mdp_calloc(&s->wave_of_curve, (unsigned long)s->curves.n + 1, sizeof(int), "waves"));
    MDP_TRY(mdp_calloc(&s->run_of_curve, (unsigned long)s->curves.n + 1, sizeof(int), "waves"));
    MDP_TRY(mdp_calloc(&s->needs, (unsigned long)s->curves.n + 1, sizeof *s->needs, "waves"));
    while (pass(s)) continue;
out:
    return err;
}

static void search_free(struct search *s) {
    mdp_plan_curves_free(&s->curves);
    free(s->wave_of_job);
    free(s->wave_of_curve);
    free(s->run_of_curve);
    free(s->needs);
}

/* ---- pieces ---- */

static mdp_err add_target(struct mdp_cell *cell, const char *path, double seconds) {
    const size_t n = cell->targets != NULL ? strlen(cell->targets) : 0;
    char *targets = realloc(cell->targets, n + strlen(path) + 2);
    if (targets == NULL) return mdp_fail(MDP_E_NOMEM, "plan: no memory for the targets of a task");
    cell->targets = targets;
    sprintf(targets + n, "%s%s", n > 0 ? " " : "", path);
    cell->seconds += seconds;
    return MDP_OK;
}

static double seconds_of_curve(const struct search *s, int i_curve) {
    double sum = 0;
    for (int i = 0; i < s->plan->n; i++)
        if (s->plan->jobs[i].kind == MDP_JOB_EVALUATION && s->curves.of_job[i] == i_curve &&
            is_missing(&s->plan->jobs[i]))
            sum += s->plan->jobs[i].seconds;
    return sum;
}

/* a job's own piece, with the curves that are made with it. these bring their training along, whose modules may be gone
 * again once all is done, so that it is no target beside them */
static mdp_err add_piece(const struct search *s, int i_job, struct mdp_waves *out) {
    const struct mdp_job *job = &s->plan->jobs[i_job];
    struct mdp_cell *cell = &out->cells[out->n++];
    char path[MDP_PATH_MAX];
    mdp_err err = MDP_OK;
    cell->wave = s->wave_of_job[i_job];
    for (int c = 0; c < s->curves.n; c++)
        if (s->run_of_curve[c] == i_job && s->wave_of_curve[c] > 0)
            MDP_TRY(add_target(cell, s->curves.list[c].path, seconds_of_curve(s, c)));
    cell->seconds += job->seconds;
    if (cell->targets != NULL) goto out;
    MDP_TRY(job->kind == MDP_JOB_RUN ? mdp_plan_run_target(job, path) : mdp_fsx_path(path, "%s", job->path));
    MDP_TRY(add_target(cell, path, 0));
out:
    return err;
}

static int by_wave(const void *a, const void *b) {
    const struct mdp_cell *x = a, *y = b;
    return x->wave != y->wave ? x->wave - y->wave : x->order - y->order;
}

mdp_err mdp_waves_new(const struct mdp_plan *plan, struct mdp_waves *out) {
    struct search s = {.curves = {.n_lists = 1}};
    mdp_err err;
    *out = (struct mdp_waves){.n = 0};
    MDP_TRY(search_new(plan, &s));
    MDP_TRY(
        mdp_calloc(&out->cells, (unsigned long)plan->n + (unsigned long)s.curves.n + 1, sizeof *out->cells, "tasks"));
    for (int i = 0; i < plan->n; i++)
        if (plan->jobs[i].kind != MDP_JOB_EVALUATION && is_missing(&plan->jobs[i])) MDP_TRY(add_piece(&s, i, out));
    for (int c = 0; c < s.curves.n; c++) {
        if (s.wave_of_curve[c] == 0 || s.run_of_curve[c] >= 0) continue;
        out->cells[out->n].wave = s.wave_of_curve[c];
        MDP_TRY(add_target(&out->cells[out->n++], s.curves.list[c].path, seconds_of_curve(&s, c)));
    }
    for (int i = 0; i < out->n; i++) {
        out->cells[i].order = i;
        out->n_waves = later(out->n_waves, out->cells[i].wave);
    }
    qsort(out->cells, (size_t)out->n, sizeof *out->cells, by_wave);
out:
    search_free(&s);
    return err;
}

void mdp_waves_free(struct mdp_waves *waves) {
    for (int i = 0; i < waves->n; i++) free(waves->cells[i].targets);
    free(waves->cells);
    *waves = (struct mdp_waves){.n = 0};
}

int mdp_waves_task(const struct mdp_waves *waves, int first, double seconds) {
    double sum = 0;
    int n = 0;
    while (first + n < waves->n && waves->cells[first + n].wave == waves->cells[first].wave) {
        sum += waves->cells[first + n].seconds;
        if (n > 0 && !(sum <= seconds)) break;
        n++;
    }
    return n;
}

/* the core that is free first takes the next task */
static void place(double *free_at, int n_cores, double seconds) {
    int first = 0;
    for (int i = 1; i < n_cores; i++)
        if (free_at[i] < free_at[first]) first = i;
    free_at[first] += seconds;
}

static double last_of(const double *free_at, int n_cores) {
    double last = 0;
    for (int i = 0; i < n_cores; i++) last = fmax(last, free_at[i]);
    return last;
}

mdp_err mdp_waves_span(const struct mdp_waves *waves, double seconds, int n_cores, double *out) {
    double *free_at;
    int wave = 0;
    mdp_err err = mdp_calloc(&free_at, (unsigned long)n_cores, sizeof *free_at, "cores");
    if (err != MDP_OK) return err;
    for (int i = 0; i < waves->n;) {
        const int n = mdp_waves_task(waves, i, seconds);
        double task = 1;
        if (waves->cells[i].wave != wave) {
            const double last = last_of(free_at, n_cores);
            for (int k = 0; k < n_cores; k++) free_at[k] = last;
            wave = waves->cells[i].wave;
        }
        for (int k = 0; k < n; k++)
            if (!isnan(waves->cells[i + k].seconds)) task += waves->cells[i + k].seconds;
        place(free_at, n_cores, task);
        i += n;
    }
    *out = last_of(free_at, n_cores);
    free(free_at);
    return MDP_OK;
}
