#include "bench/perf/perf.h"

#include <fnmatch.h>
#include <gnu/libc-version.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/nn/gemm.h"
#include "base/clock.h"
#include "base/cpu.h"
#include "base/stop.h"
#include "envs/env.h"
#include "results/h5/file.h"
#include "results/show/json.h"
#include "stats/library.h"

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static mdp_err make_room(struct mdp_perf_results *results) {
    if (results->n_items < results->n_room) return MDP_OK;
    int n_room = results->n_room ? 2 * results->n_room : 16;
    void *items = realloc(results->items, sizeof *results->items * (size_t)n_room);
    if (!items) return mdp_fail(MDP_E_NOMEM, "performance results: out of memory");
    results->items = items;
    results->n_room = n_room;
    return MDP_OK;
}

mdp_err mdp_perf_add(struct mdp_perf_results *results, const char *name, const char *unit, int threads,
                     const double *values, int n) {
    mdp_err err = MDP_OK;
    double *sorted = NULL, *kept = NULL;
    MDP_TRY(make_room(results));
    MDP_TRY(mdp_calloc(&kept, (unsigned long)n, sizeof *kept, "performance results"));
    MDP_TRY(mdp_calloc(&sorted, (unsigned long)n, sizeof *sorted, "performance results"));
    memcpy(kept, values, sizeof *kept * (size_t)n);
    memcpy(sorted, values, sizeof *sorted * (size_t)n);
    qsort(sorted, (size_t)n, sizeof *sorted, compare_doubles);
    struct mdp_perf_result *result = &results->items[results->n_items++];
    *result = (struct mdp_perf_result){.value = 0.5 * (sorted[(n - 1) / 2] + sorted[n / 2]),
                                       .min = sorted[0],
                                       .max = sorted[n - 1],
                                       .values = kept,
                                       .n = n,
                                       .threads = threads};
    snprintf(result->name, sizeof result->name, "%s", name);
    snprintf(result->unit, sizeof result->unit, "%s", unit);
    kept = NULL;
out:
    free(sorted);
    free(kept);
    return err;
}

mdp_err mdp_perf_add_one(struct mdp_perf_results *results, const char *name, const char *what, const char *unit,
                         double value) {
    char whole[MDP_PERF_NAME_MAX];
    snprintf(whole, sizeof whole, "%.44s%.19s", name, what);
    return mdp_perf_add(results, whole, unit, 1, &value, 1);
}

mdp_err mdp_perf_add_derived(struct mdp_perf_results *results, const char *name, const char *what, const char *unit,
                             int threads, const double *rates, double factor, const double *over) {
    double values[MDP_PERF_N_REPETITIONS];
    char both[MDP_PERF_NAME_MAX];
    for (int i = 0; i < MDP_PERF_N_REPETITIONS; i++) values[i] = factor * rates[i] / (over != NULL ? over[i] : 1.0);
    snprintf(both, sizeof both, "%.44s%.16s", name, what);
    return mdp_perf_add(results, both, unit, threads, values, MDP_PERF_N_REPETITIONS);
}

mdp_err mdp_perf_add_rates(struct mdp_perf_results *results, const struct mdp_perf_item *item, const char *unit,
                           int threads, double factor) {
    double values[MDP_PERF_N_REPETITIONS];
    for (int i = 0; i < MDP_PERF_N_REPETITIONS; i++) values[i] = factor * item->rates[i];
    return mdp_perf_add(results, item->name, unit, threads, values, MDP_PERF_N_REPETITIONS);
}

int mdp_perf_is_wanted(const struct mdp_perf_options *options, const char *name) {
    return options->only == NULL || fnmatch(options->only, name, 0) == 0;
}

int mdp_perf_is_timed(const struct mdp_perf_options *options) {
    return options->n_calls == 0 && options->names == NULL;
}

static double time_of(const struct mdp_perf_item *item) {
    return item->clock != NULL ? item->clock(item->context) : mdp_clock_seconds();
}

/* the rate of as many calls as fit into the time, at least one; a handicap is waited off after each */
static double rate(double seconds, double handicap, const struct mdp_perf_item *item) {
    const double start = mdp_clock_seconds(), item_start = time_of(item);
    long n_units = 0;
    do {
        double before = mdp_clock_seconds();
        n_units += item->work(item->context);
        if (handicap > 1) {
            double until = before + handicap * (mdp_clock_seconds() - before);
            while (mdp_clock_seconds() < until) {
            }
        }
    } while (mdp_clock_seconds() - start < seconds);
    return (double)n_units / (time_of(item) - item_start);
}

/* a handicap is more calls of the same work */
static mdp_err do_calls(const struct mdp_perf_options *options, struct mdp_perf_item *item) {
    long n = lround(fmax(options->handicap, 1) * (double)options->n_calls);
    mdp_err err = mdp_stop_requested();
    for (long i = 0; i < n && err == MDP_OK; i++) {
        long n_units = item->work(item->context);
        if (i < options->n_calls) *options->n_units += (double)n_units;
        err = mdp_stop_requested();
    }
    return err;
}

static mdp_err list_names(struct mdp_perf_names *names, const struct mdp_perf_item *items, int n_items) {
    char(*grown)[MDP_PERF_NAME_MAX] = realloc(names->names, (size_t)(names->n + n_items) * sizeof *grown);
    if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "performance results: out of memory");
    names->names = grown;
    for (int k = 0; k < n_items; k++) memcpy(grown[names->n++], items[k].name, MDP_PERF_NAME_MAX);
    return MDP_OK;
}

mdp_err mdp_perf_measure_in_turn(const struct mdp_perf_options *options, struct mdp_perf_item *items, int n_items) {
    mdp_err err = MDP_OK;
    if (options->names != NULL) return list_names(options->names, items, n_items);
    for (int k = 0; k < n_items; k++) items[k].work(items[k].context);
    for (int k = 0; k < n_items && options->n_calls > 0; k++) MDP_TRY(do_calls(options, &items[k]));
    for (int i = 0; i < MDP_PERF_N_REPETITIONS && options->n_calls == 0; i++)
        for (int k = 0; k < n_items; k++) {
            MDP_TRY(mdp_stop_requested());
            items[k].rates[i] = rate(options->seconds / MDP_PERF_N_REPETITIONS, options->handicap, &items[k]);
        }
out:
    return err;
}

void mdp_perf_print_table(const struct mdp_perf_results *results, FILE *stream) {
    int width = 4;
    for (int i = 0; i < results->n_items; i++)
        if ((int)strlen(results->items[i].name) > width) width = (int)strlen(results->items[i].name);
    fprintf(stream, "%-*s %-12s %7s %14s %14s %14s %3s\n", width, "name", "unit", "threads", "median", "min", "max",
            "n");
    for (int i = 0; i < results->n_items; i++) {
        const struct mdp_perf_result *r = &results->items[i];
        fprintf(stream, "%-*s %-12s %7d %14.6g %14.6g %14.6g %3d\n", width, r->name, r->unit, r->threads, r->value,
                r->min, r->max, r->n);
    }
}

static json_t *machine_json(const char *physics) {
    char hdf5[32];
    mdp_h5_library_version(hdf5);
    return json_pack("{s:s, s:s, s:i, s:{s:s, s:s, s:s, s:s, s:s, s:s, s:s}}", "cpu", mdp_cpu_model(), "isa",
                     mdp_cpu_isa(), "n_cpus", mdp_cpu_count(), "versions", "mdpbench", MDP_VERSION, "physics",
                     physics != NULL ? physics : mdp_env_physics_version(), "products", mdp_gemm_library(), "hdf5",
                     hdf5, "gsl", mdp_stats_library_version(), "jansson", JANSSON_VERSION, "glibc",
                     gnu_get_libc_version());
}

static json_t *result_json(const struct mdp_perf_result *r) {
    json_t *values = json_array();
    for (int i = 0; i < r->n; i++) json_array_append_new(values, json_real(r->values[i]));
    return json_pack("{s:s, s:s, s:f, s:f, s:f, s:i, s:i, s:o}", "name", r->name, "unit", r->unit, "value", r->value,
                     "min", r->min, "max", r->max, "n", r->n, "threads", r->threads, "values", values);
}

mdp_err mdp_perf_print_json(const struct mdp_perf_results *results, FILE *stream) {
    mdp_err err = MDP_OK;
    json_t *list = json_array(), *root = json_object();
    int failed = 0;
    for (int i = 0; i < results->n_items; i++) failed |= json_array_append_new(list, result_json(&results->items[i]));
    failed |= json_object_set_new(root, "machine", machine_json(results->physics));
    failed |= json_object_set(root, "results", list);
    if (failed) MDP_TRY(mdp_fail(MDP_E_NOMEM, "performance results: cannot build JSON"));
    err = mdp_json_write(root, 2, "performance results", stream);
    root = NULL;
out:
    json_decref(list);
    json_decref(root);
    return err;
}

void mdp_perf_free(struct mdp_perf_results *results) {
    for (int i = 0; i < results->n_items; i++) free(results->items[i].values);
    free(results->items);
    memset(results, 0, sizeof *results);
}
