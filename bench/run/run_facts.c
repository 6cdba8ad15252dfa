#include "bench/run/run_facts.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "bench/run/names.h"
#include "bench/run/version.h"
#include "results/head.h"
#include "results/show/json.h"

enum { FACTS_BYTES_MAX = 1 << 16 };

/* processor time of all threads of the process */
static double cpu_seconds(void) {
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void mdp_run_meter_start(struct mdp_run_meter *meter, const char *folder, int threads) {
    int found;
    /* facts that cannot be read are facts that are gone: a run is never stopped for them */
    if (mdp_run_facts_read(folder, &meter->before, &found) != MDP_OK || !found)
        meter->before = (struct mdp_run_facts){.steps = 0};
    meter->wall_started = mdp_clock_seconds();
    meter->cpu_started = cpu_seconds();
    meter->threads = threads;
    meter->step_flops = 0;
    meter->precision = NULL;
}

mdp_err mdp_run_meter_write(const struct mdp_run_meter *meter, const char *folder, long steps) {
    char path[MDP_PATH_MAX], machine[MDP_MACHINE_MAX], isa[MDP_ISA_MAX];
    char *text = NULL;
    mdp_err err;
    mdp_head_machine(machine);
    mdp_isa_text(1, isa);
    json_t *object = json_pack("{s:I, s:f, s:f, s:o, s:I, s:o, s:s*, s:s, s:s}", "steps", (json_int_t)steps,
                               "wall_seconds", meter->before.wall_seconds + mdp_clock_seconds() - meter->wall_started,
                               "cpu_seconds", meter->before.cpu_seconds + cpu_seconds() - meter->cpu_started,
                               "peak_bytes", mdp_json_count(fmax(meter->before.peak_bytes, mdp_cpu_peak_memory())),
                               "threads", (json_int_t)meter->threads, "step_flops", mdp_json_count(meter->step_flops),
                               "precision", meter->precision, "machine", machine, "isa", isa);
    if (object != NULL) text = json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    json_decref(object);
    if (text == NULL) return mdp_fail(MDP_E_NOMEM, "%s: no memory for what the run cost", folder);
    MDP_TRY(mdp_run_path(folder, MDP_RUN_FACTS, path));
    MDP_TRY(mdp_fsx_write(path, text, strlen(text)));
out:
    free(text);
    return err;
}

static mdp_err number(const char *path, const json_t *root, const char *key, double *out) {
    const json_t *value = json_object_get(root, key);
    *out = json_is_number(value) ? json_number_value(value) : NAN;
    if (*out >= 0 && isfinite(*out)) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: %s: expected a number of 0 or more, found %s", path, key,
                    value == NULL ? "none" : "something else");
}

mdp_err mdp_run_facts_read(const char *folder, struct mdp_run_facts *facts, int *found) {
    char path[MDP_PATH_MAX], *text = NULL;
    size_t size;
    double steps, threads;
    json_t *root = NULL;
    json_error_t why;
    mdp_err err;
    *found = 0;
    MDP_TRY(mdp_run_path(folder, MDP_RUN_FACTS, path));
    if (!mdp_fsx_exists(path)) return MDP_OK;
    MDP_TRY(mdp_fsx_read(path, FACTS_BYTES_MAX, &text, &size));
    root = json_loadb(text, size, 0, &why);
    if (!json_is_object(root))
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected a JSON object, found line %d: %s", path, why.line, why.text));
    MDP_TRY(number(path, root, "steps", &steps));
    MDP_TRY(number(path, root, "wall_seconds", &facts->wall_seconds));
    MDP_TRY(number(path, root, "cpu_seconds", &facts->cpu_seconds));
    MDP_TRY(number(path, root, "peak_bytes", &facts->peak_bytes));
    MDP_TRY(number(path, root, "threads", &threads));
    facts->step_flops = 0;
    if (json_object_get(root, "step_flops") != NULL) MDP_TRY(number(path, root, "step_flops", &facts->step_flops));
    facts->steps = (long)steps;
    facts->threads = (long)threads;
    *found = 1;
out:
    json_decref(root);
    free(text);
    return err;
}
