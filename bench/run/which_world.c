#include "bench/run/which_world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "envs/engine.h"
#include "results/dataset.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "results/minari.h"

/* transitions are taken in so many runs of so many rows, spread over the file */
enum { N_RUNS = 8, RUN_LENGTH = 50 };

/* a world fits below these, whose nearest other is a thousand times above: a step carries the rounding of its start,
 * and releases of one engine differ by 1e-11 */
static const double bound_f32 = 1e-5, bound_f64 = 1e-9;

/* a file on its way into rows: the arrays of D4RL at the root, or those of one episode of Minari */
struct source {
    struct mdp_h5 *file;
    struct mdp_fit_rows *rows;
    char group[64]; /* "" at the root, "episode_0/" */
    long n_rows;    /* of actions there */
};

static void name_of(const struct source *s, const char *array, char name[128]) {
    snprintf(name, 128, "%s%s", s->group, array);
}

static int has(const struct source *s, const char *array) {
    char name[128];
    name_of(s, array, name);
    return mdp_h5_exists(s->file, name);
}

/* width 0: one number a row. another width than the buffer's is refused before it is read */
static mdp_err read_rows(const struct source *s, const char *array, int width, long first, long n, double *out) {
    char name[128];
    const struct mdp_h5_shape shape = {width > 0 ? 2 : 1, {-1, width}};
    name_of(s, array, name);
    mdp_err err = mdp_h5_expect(s->file, name, &shape);
    return err == MDP_OK ? mdp_h5_read_rows(s->file, name, MDP_H5_F64, first, n, out) : err;
}

static mdp_err width_of(const struct source *s, const char *array, long *n_rows, int *width) {
    char name[128];
    struct mdp_h5_shape shape;
    mdp_err err;
    name_of(s, array, name);
    MDP_TRY(mdp_h5_expect(s->file, name, MDP_H5_2D(-1, -1)));
    MDP_TRY(mdp_h5_shape(s->file, name, &shape));
    *n_rows = shape.extent[0];
    *width = (int)shape.extent[1];
out:
    return err;
}

/* ---- rows ---- */

static mdp_err rows_alloc(struct mdp_fit_rows *r, int n_dof) {
    mdp_err err;
    const unsigned long n = N_RUNS * RUN_LENGTH;
    MDP_TRY(mdp_calloc(&r->observations, n * (unsigned long)r->n_obs, sizeof(double), "transitions"));
    MDP_TRY(mdp_calloc(&r->next, n * (unsigned long)r->n_obs, sizeof(double), "transitions"));
    MDP_TRY(mdp_calloc(&r->actions, n * (unsigned long)r->n_act, sizeof(double), "transitions"));
    MDP_TRY(mdp_calloc(&r->is_start, n, 1, "transitions"));
    if (n_dof > 0) {
        MDP_TRY(mdp_calloc(&r->qpos, n * (unsigned long)n_dof, sizeof(double), "transitions"));
        MDP_TRY(mdp_calloc(&r->qvel, n * (unsigned long)n_dof, sizeof(double), "transitions"));
        r->n_dof = n_dof;
    }
out:
    return err;
}

/* a row after which an episode ends has no row after it that it leads to */
static mdp_err read_ends(const struct source *s, long first, long n, double *ends) {
    double flags[RUN_LENGTH + 1];
    mdp_err err = MDP_OK;
    memset(ends, 0, (size_t)n * sizeof *ends);
    for (int k = 0; k < 2; k++) {
        const char *array = k == 0 ? "terminals" : "timeouts";
        if (!has(s, array)) continue;
        MDP_TRY(read_rows(s, array, 0, first, n, flags));
        for (long i = 0; i < n; i++) ends[i] += flags[i];
    }
out:
    return err;
}

static mdp_err read_infos(const struct source *s, long first, long n) {
    struct mdp_fit_rows *r = s->rows;
    mdp_err err = MDP_OK;
    if (r->n_dof == 0) return MDP_OK;
    MDP_TRY(read_rows(s, "infos/qpos", r->n_dof, first, n, r->qpos + r->n * r->n_dof));
    MDP_TRY(read_rows(s, "infos/qvel", r->n_dof, first, n, r->qvel + r->n * r->n_dof));
out:
    return err;
}

/* keeps the rows of a run that lead somewhere, moved together */
static void keep_whole(struct mdp_fit_rows *r, long n, const double *ends) {
    int follows = 0;
    const long first = r->n;
    for (long i = 0; i < n; i++) {
        const long from = first + i, to = r->n;
        if (ends[i] != 0) {
            follows = 0;
            continue;
        }
        memmove(r->observations + to * r->n_obs, r->observations + from * r->n_obs, sizeof(double) * (size_t)r->n_obs);
        memmove(r->next + to * r->n_obs, r->next + from * r->n_obs, sizeof(double) * (size_t)r->n_obs);
        memmove(r->actions + to * r->n_act, r->actions + from * r->n_act, sizeof(double) * (size_t)r->n_act);
        if (r->n_dof > 0) {
            memmove(r->qpos + to * r->n_dof, r->qpos + from * r->n_dof, sizeof(double) * (size_t)r->n_dof);
            memmove(r->qvel + to * r->n_dof, r->qvel + from * r->n_dof, sizeof(double) * (size_t)r->n_dof);
        }
        r->is_start[to] = !follows;
        follows = 1;
        r->n++;
    }
}

/* without next_observations the next row says what came next, where the episode goes on */
static mdp_err read_run(const struct source *s, long first, long n) {
    struct mdp_fit_rows *r = s->rows;
    double ends[RUN_LENGTH + 1] = {0};
    const int has_next = has(s, "next_observations");
    mdp_err err;
    MDP_TRY(read_rows(s, "observations", r->n_obs, first, n, r->observations + r->n * r->n_obs));
    MDP_TRY(read_rows(s, "actions", r->n_act, first, n, r->actions + r->n * r->n_act));
    MDP_TRY(has_next ? read_rows(s, "next_observations", r->n_obs, first, n, r->next + r->n * r->n_obs)
                     : read_rows(s, "observations", r->n_obs, first + 1, n, r->next + r->n * r->n_obs));
    MDP_TRY(read_infos(s, first, n));
    MDP_TRY(read_ends(s, first, n, ends));
    keep_whole(r, n, ends);
out:
    return err;
}

static mdp_err read_flat(struct source *s) {
    mdp_err err = MDP_OK;
    const long usable = s->n_rows - 1; /* the last row's next one may be missing */
    const long n = usable < N_RUNS * RUN_LENGTH ? usable / N_RUNS : RUN_LENGTH;
    if (n < 1)
        return mdp_fail(MDP_E_DATA, "%s: expected %d transitions or more, found %ld", mdp_h5_path(s->file), N_RUNS,
                        usable);
    for (int i = 0; i < N_RUNS; i++) MDP_TRY(read_run(s, i * (usable - n) / (N_RUNS - 1), n));
out:
    return err;
}

/* Minari keeps an observation more than actions of every episode */
static mdp_err read_episodes(struct source *s, long n_episodes) {
    mdp_err err = MDP_OK;
    for (int i = 0; i < N_RUNS; i++) {
        int width;
        const long episode = n_episodes < N_RUNS ? i % n_episodes : i * (n_episodes - 1) / (N_RUNS - 1);
        snprintf(s->group, sizeof s->group, "episode_%ld/", episode);
        MDP_TRY(width_of(s, "actions", &s->n_rows, &width));
        const long n = s->n_rows < RUN_LENGTH ? s->n_rows : RUN_LENGTH;
        const long spread = n_episodes < N_RUNS ? i * (s->n_rows - n) / (N_RUNS - 1) : 0;
        MDP_TRY(read_run(s, spread, n));
    }
out:
    return err;
}

static mdp_err count_episodes(struct mdp_h5 *file, long *n) {
    struct mdp_minari *minari = NULL;
    *n = 0;
    if (!mdp_minari_is(file)) return MDP_OK;
    mdp_err err = mdp_minari_new(file, &minari);
    if (err == MDP_OK) *n = mdp_minari_episodes(minari);
    mdp_minari_free(minari);
    return err;
}

static mdp_err read_file(struct mdp_h5 *file, struct mdp_fit_rows *rows) {
    long n_episodes;
    struct source s = {.file = file, .rows = rows};
    char name[128];
    long n_actions;
    int n_dof = 0;
    mdp_err err;
    MDP_TRY(count_episodes(file, &n_episodes));
    if (n_episodes > 0) snprintf(s.group, sizeof s.group, "episode_0/");
    MDP_TRY(width_of(&s, "observations", &s.n_rows, &rows->n_obs));
    MDP_TRY(width_of(&s, "actions", &n_actions, &rows->n_act));
    const long n_expected = s.n_rows - (n_episodes > 0);
    if (n_actions != n_expected)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected %ld rows of actions, found %ld", mdp_h5_path(file),
                         n_episodes > 0 ? "episode_0" : "/", n_expected, n_actions));
    if (has(&s, "infos/qpos") && has(&s, "infos/qvel")) MDP_TRY(width_of(&s, "infos/qpos", &n_actions, &n_dof));
    name_of(&s, "observations", name);
    MDP_TRY(mdp_h5_type_text(file, name, rows->type));
    if (rows->n_obs > MDP_ENV_MAX_OBS || rows->n_act > MDP_ENV_MAX_ACT) goto out;
    MDP_TRY(rows_alloc(rows, n_dof));
    MDP_TRY(n_episodes > 0 ? read_episodes(&s, n_episodes) : read_flat(&s));
out:
    return err;
}

/* ---- worlds ---- */

static mdp_err try_world(const struct mdp_engine *engine, const struct mdp_fit_rows *rows,
                         struct mdp_which_entry *entry) {
    struct mdp_engine_facts facts;
    entry->bound = mdp_fit_is_f32(rows) ? bound_f32 : bound_f64;
    if (entry->spec->gym == NULL && rows->n_dof != mdp_env_n_dof(entry->spec)) {
        snprintf(entry->why, sizeof entry->why, "needs infos/qpos and infos/qvel beside the observations");
        return MDP_OK;
    }
    mdp_err err = mdp_engine_describe(engine, entry->spec, &facts);
    if (err != MDP_OK) {
        snprintf(entry->why, sizeof entry->why, "%s", mdp_err_message());
        return MDP_OK;
    }
    err = mdp_fit_world(engine, entry->spec, rows, &entry->fit);
    entry->is_replayed = err == MDP_OK && entry->fit.n > 0;
    if (err == MDP_OK && !entry->is_replayed)
        snprintf(entry->why, sizeof entry->why,
                 "none of %ld transitions can be replayed: too few in a row, ends or clipped", (long)rows->n);
    entry->fits = entry->is_replayed && entry->fit.q90 <= entry->bound;
    return err;
}

/* the gap between what fits and what does not; 0 where there is none */
static double find_gap(const struct mdp_which_world *which) {
    double worst = 0, nearest = INFINITY;
    if (which->n_fitting == 0) return 0;
    for (int i = 0; i < which->n; i++) {
        const struct mdp_which_entry *e = &which->worlds[i];
        if (e->fits) worst = fmax(worst, e->fit.q90);
        if (!e->fits && e->is_replayed) nearest = fmin(nearest, e->fit.q90);
    }
    return isfinite(nearest) ? nearest / fmax(worst, 1e-16) : 0;
}

mdp_err mdp_which_world(const struct mdp_engine *engine, const char *path, struct mdp_which_world *which) {
    struct mdp_h5 *file = NULL;
    struct mdp_fit_rows rows = {.n = 0};
    char inner[MDP_PATH_MAX];
    const struct mdp_env_spec *spec;
    mdp_err err;
    memset(which, 0, sizeof *which);
    MDP_TRY(mdp_dataset_file(path, inner));
    MDP_TRY(mdp_h5_open(inner, &file));
    MDP_TRY(read_file(file, &rows));
    which->n_obs = rows.n_obs;
    which->n_act = rows.n_act;
    which->n_rows = rows.n;
    snprintf(which->type, sizeof which->type, "%s", rows.type);
    for (int i = 0; (spec = mdp_env_list(i)) != NULL && which->n < MDP_WHICH_MAX_WORLDS; i++) {
        struct mdp_which_entry *entry = &which->worlds[which->n];
        if (spec->n_obs != rows.n_obs || spec->n_act != rows.n_act) continue;
        entry->spec = spec;
        which->n++;
        MDP_TRY(try_world(engine, &rows, entry));
        which->n_fitting += entry->fits;
    }
    which->next = find_gap(which);
out:
    mdp_fit_rows_free(&rows);
    mdp_h5_close(file);
    return err;
}

/* ---- words ---- */

static const struct mdp_which_entry *nearest(const struct mdp_which_world *which) {
    const struct mdp_which_entry *best = NULL;
    for (int i = 0; i < which->n; i++)
        if (which->worlds[i].is_replayed && (best == NULL || which->worlds[i].fit.q90 < best->fit.q90))
            best = &which->worlds[i];
    return best;
}

static void list_fitting(const struct mdp_which_world *which, char text[256]) {
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; i < which->n; i++)
        if (which->worlds[i].fits && used < 200)
            used +=
                (size_t)snprintf(text + used, 256 - used, "%s%s", used > 0 ? " and " : "", which->worlds[i].spec->id);
}

void mdp_which_world_say(const struct mdp_which_world *which, char text[512]) {
    char names[256];
    const struct mdp_which_entry *near = nearest(which);
    list_fitting(which, names);
    if (which->n == 0)
        snprintf(text, 512, "no environment has %d observations and %d actions", which->n_obs, which->n_act);
    else if (near == NULL)
        snprintf(text, 512, "its sizes are those of %s, which was not replayed: %s", which->worlds[0].spec->id,
                 which->worlds[0].why);
    else if (which->n_fitting == 0)
        snprintf(text, 512,
                 "none fits; nearest is %s, 90 %% of %ld steps within %.2g where %.0e is expected: another release, "
                 "another frame skip, columns in another order, or actions that were scaled",
                 near->spec->id, near->fit.n, near->fit.q90, near->bound);
    else if (which->next > 0)
        snprintf(text, 512, "made in %s: 90 %% of %ld steps within %.2g, and %.0e times further in the nearest other",
                 names, near->fit.n, near->fit.q90, which->next);
    else
        snprintf(text, 512, "made in %s: 90 %% of %ld steps within %.2g; no other world of these sizes was replayed",
                 names, near->fit.n, near->fit.q90);
}

mdp_err mdp_which_world_check(const char *path, const char *task, const struct mdp_env_spec *spec) {
    struct mdp_which_world which;
    const struct mdp_which_entry *own = NULL;
    char text[512], names[256];
    if (spec->gym == NULL) return MDP_OK; /* no other world has the sizes of Bullet's */
    mdp_err err = mdp_which_world(NULL, path, &which);
    if (err != MDP_OK) return err;
    for (int i = 0; i < which.n; i++)
        if (which.worlds[i].spec == spec) own = &which.worlds[i];
    if (own == NULL || own->fits) return MDP_OK;
    if (own->is_replayed && which.n_fitting > 0) {
        list_fitting(&which, names);
        return mdp_fail(
            MDP_E_DATA,
            "%s: expected data of %s for the task %s, found those of %s: 90 %% of its steps are within %.2g "
            "there, and within %.2g in %s",
            path, spec->id, task, names, nearest(&which)->fit.q90, own->fit.q90, spec->id);
    }
    mdp_which_world_say(&which, text);
    mdp_log("%s: not known to be of %s: %s", path, spec->id, text);
    return MDP_OK;
}
