#include "bench/perf.h"

#include <gnu/libc-version.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "algos/nn/gemm.h"
#include "base/clock.h"
#include "base/cpu.h"
#include "base/stop.h"
#include "envs/env.h"
#include "results/h5.h"
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

/* the rate of as many calls as fit into the time, at least one; a handicap is waited off after each */
static double rate(double seconds, double handicap, mdp_perf_work work, void *context) {
    double start = mdp_clock_seconds(), elapsed;
    long n_units = 0;
    do {
        double before = mdp_clock_seconds();
        n_units += work(context);
        if (handicap > 1) {
            double until = before + handicap * (mdp_clock_seconds() - before);
            while (mdp_clock_seconds() < until) {
            }
        }
        elapsed = mdp_clock_seconds() - start;
    } while (elapsed < seconds);
    return (double)n_units / elapsed;
}

mdp_err mdp_perf_measure(const struct mdp_perf_options *options, const char *name, const char *unit, int threads,
                         mdp_perf_work work, void *context, struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    double rates[MDP_PERF_N_REPETITIONS];
    work(context);
    for (int i = 0; i < MDP_PERF_N_REPETITIONS; i++) {
        MDP_TRY(mdp_stop_requested());
        rates[i] = rate(options->seconds / MDP_PERF_N_REPETITIONS, options->handicap, work, context);
    }
    MDP_TRY(mdp_perf_add(results, name, unit, threads, rates, MDP_PERF_N_REPETITIONS));
out:
    return err;
}

mdp_err mdp_perf_measure_pair(const struct mdp_perf_options *options, const char *const names[3], const char *unit,
                              int threads, mdp_perf_work work, void *const contexts[2],
                              struct mdp_perf_results *results) {
    mdp_err err = MDP_OK;
    double rates[3][MDP_PERF_N_REPETITIONS];
    for (int k = 0; k < 2; k++) work(contexts[k]);
    for (int i = 0; i < MDP_PERF_N_REPETITIONS; i++) {
        MDP_TRY(mdp_stop_requested());
        for (int k = 0; k < 2; k++)
            rates[k][i] = rate(options->seconds / MDP_PERF_N_REPETITIONS, options->handicap, work, contexts[k]);
        rates[2][i] = rates[0][i] / rates[1][i];
    }
    for (int k = 0; k < 3; k++)
        MDP_TRY(mdp_perf_add(results, names[k], k < 2 ? unit : "x time", threads, rates[k], MDP_PERF_N_REPETITIONS));
out:
    return err;
}

mdp_err mdp_perf_measure_in_turn(const struct mdp_perf_options *options, struct mdp_perf_item *items, int n_items) {
    mdp_err err = MDP_OK;
    for (int k = 0; k < n_items; k++) items[k].work(items[k].context);
    for (int i = 0; i < MDP_PERF_N_REPETITIONS; i++)
        for (int k = 0; k < n_items; k++) {
            MDP_TRY(mdp_stop_requested());
            items[k].rates[i] =
                rate(options->seconds / MDP_PERF_N_REPETITIONS, options->handicap, items[k].work, items[k].context);
        }
out:
    return err;
}

void mdp_perf_print_table(const struct mdp_perf_results *results, FILE *stream) {
    fprintf(stream, "%-40s %-10s %7s %14s %14s %14s %3s\n", "name", "unit", "threads", "median", "min", "max", "n");
    for (int i = 0; i < results->n_items; i++) {
        const struct mdp_perf_result *r = &results->items[i];
        fprintf(stream, "%-40s %-10s %7d %14.6g %14.6g %14.6g %3d\n", r->name, r->unit, r->threads, r->value, r->min,
                r->max, r->n);
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
    if (json_dumpf(root, stream, JSON_INDENT(2)) != 0 || fputc('\n', stream) == EOF)
        MDP_TRY(mdp_fail(MDP_E_IO, "performance results: cannot write JSON"));
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
