#include "bench/verify/recording.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/text.h"
#include "envs/action.h"
#include "results/h5/attr.h"
#include "results/h5/read.h"
#include "results/show/markup.h"

/* ---- reading ---- */

mdp_err mdp_recording_flag(struct mdp_h5 *file, const struct mdp_recording *r, const char *name, int *flag) {
    int64_t value;
    mdp_err err = mdp_h5_attr_int(file, r->name, name, &value);
    if (err != MDP_OK) return err;
    *flag = value == 1;
    if (value == 0 || value == 1) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: %s: %s: expected 0 or 1, found %lld", r->file, r->name, name, (long long)value);
}

static mdp_err read_type(struct mdp_h5 *file, struct mdp_recording *r) {
    char type[16];
    mdp_err err = mdp_h5_attr_text(file, r->name, "action_dtype", type, sizeof type);
    if (err != MDP_OK) return err;
    r->is_f64 = !strcmp(type, "float64");
    if (r->is_f64 || !strcmp(type, "float32")) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: %s: action_dtype: expected float32 or float64, found \"%s\"", r->file, r->name,
                    type);
}

mdp_err mdp_recording_begin(struct mdp_h5 *file, const struct mdp_env_spec *spec, const char *group,
                            struct mdp_recording *r) {
    mdp_err err;
    char name[MDP_H5_NAME_MAX + 32];
    struct mdp_h5_shape shape;
    memset(r, 0, sizeof *r);
    r->file = mdp_h5_path(file);
    r->spec = spec;
    snprintf(r->name, sizeof r->name, "%s", group);
    MDP_TRY(mdp_h5_attr_text(file, r->name, "kind", r->kind, sizeof r->kind));
    MDP_TRY(read_type(file, r));
    snprintf(name, sizeof name, "%s/rewards", group);
    MDP_TRY(mdp_h5_expect(file, name, MDP_H5_1D(-1)));
    MDP_TRY(mdp_h5_shape(file, name, &shape));
    r->n_steps = shape.extent[0];
    if (r->n_steps < 1) MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected at least 1 step, found 0", r->file, name));
out:
    return err;
}

static int row_width(const struct mdp_recording_field *field) { return field->width ? field->width : 1; }

/* reads one dataset at its only allowed shape and refuses what is not a number */
static mdp_err read_field(struct mdp_h5 *file, struct mdp_recording *r, int i) {
    mdp_err err = MDP_OK;
    char name[MDP_H5_NAME_MAX + 32];
    const struct mdp_recording_field *field = &r->fields[i];
    struct mdp_h5_shape shape = {field->width ? 2 : 1, {r->n_steps + field->has_reset, field->width}};
    snprintf(name, sizeof name, "%s/%s", r->name, field->name);
    MDP_TRY(mdp_h5_read_new(file, name, MDP_H5_F64, &shape, NULL, &r->data[i]));
    for (long k = 0; k < mdp_h5_count(&shape); k++)
        if (!isfinite(r->data[i][k]))
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected finite numbers, found %g in row %ld", r->file, name,
                             r->data[i][k], k / row_width(field)));
out:
    return err;
}

mdp_err mdp_recording_read(struct mdp_h5 *file, struct mdp_recording *r) {
    mdp_err err = MDP_OK;
    for (int i = 0; err == MDP_OK && i < r->n_fields; i++) err = read_field(file, r, i);
    return err;
}

void mdp_recording_free(struct mdp_recording *r) {
    for (int i = 0; i < MDP_RECORDING_MAX_FIELDS; i++) free(r->data[i]);
    memset(r, 0, sizeof *r);
}

/* ---- comparing ---- */

struct mdp_action mdp_recording_action(const struct mdp_recording *r, const double *action, float *narrow) {
    for (int i = 0; i < r->spec->n_act; i++) narrow[i] = (float)action[i];
    return r->is_f64 ? (struct mdp_action){.f64 = action} : (struct mdp_action){.f32 = narrow};
}

static void note(struct mdp_deviation *worst, double error, double want, double got, int i_field, long row) {
    static const double limits[] = {1e-9, 1e-3};
    if (!isfinite(error)) error = INFINITY;
    if (got != want) worst->is_exact = 0;
    for (int i = 0; i < 2; i++)
        if (error > limits[i] && worst->first_above[i] == 0) worst->first_above[i] = row;
    if (error <= worst->error) return;
    worst->error = error;
    worst->want = want;
    worst->got = got;
    worst->i_field = i_field;
    worst->row = row;
}

void mdp_recording_compare(const struct mdp_recording *r, mdp_live_row live, long t, const struct mdp_env *env,
                           const float *observation, const struct mdp_step *step, struct mdp_deviation *worst) {
    double row[MDP_ENV_MAX_OBS];
    for (int i = 0; i < r->n_compared; i++) {
        const struct mdp_recording_field *field = &r->fields[i];
        if (t < 0 && !field->has_reset) continue;
        int width = row_width(field);
        const double *want = r->data[i] + (t + field->has_reset) * width;
        live(i, r, mdp_env_get_view(env), observation, step, row);
        for (int k = 0; k < width; k++)
            note(worst, fabs(row[k] - want[k]) * field->factor, want[k], row[k], i, t + field->has_reset);
    }
}

/* ---- lines ---- */

const char *mdp_recording_base(const char *path) { return mdp_path_name(path); }

mdp_err mdp_env_report_physics(struct mdp_env_report *report, const struct mdp_env_spec *spec) {
    struct mdp_engine_facts facts;
    mdp_err err = mdp_engine_describe(report->engine, spec, &facts);
    if (err != MDP_OK || report->stream == NULL) return err;
    if (strcmp(facts.label, report->physics.label) != 0)
        mdp_text_print_line(report->stream, "# %s (%s) on %s, %s", facts.label, facts.files.names, mdp_cpu_model(),
                            mdp_cpu_isa());
    report->physics = facts;
    return MDP_OK;
}

void mdp_env_report_line(struct mdp_env_report *report, const struct mdp_recording *r, int is_ok, const char *what,
                         const struct mdp_deviation *worst) {
    report->n_lines++;
    report->n_failed += !is_ok;
    fprintf(report->stream, "%s %d - ", is_ok ? "ok" : "not ok", report->n_lines);
    mdp_put_tap(report->stream, mdp_recording_base(r->file));
    fputc(' ', report->stream);
    mdp_put_tap(report->stream, r->name);
    fprintf(report->stream, " (%s) %s, max error %.3g%s\n", r->kind, what, worst->error,
            worst->is_exact ? ", bit-identical" : "");
    if (is_ok) return;
    fputs("  ---\n  dataset: ", report->stream);
    mdp_put_tap(report->stream, r->name);
    fprintf(report->stream, "/%s\n  row: %ld\n  expected: %.17g\n  found: %.17g\n  ...\n",
            r->fields[worst->i_field].name, worst->row, worst->want, worst->got);
}
