#include "bench/run/reward.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/env.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"

/* ---- what it is ---- */

static mdp_err parse_column(const char *text, const char *colon, struct mdp_reward *out) {
    if (colon[1] == 0) return mdp_fail(MDP_E_USAGE, "expected the name of an array behind the colon, found '%s'", text);
    mdp_err err;
    MDP_TRY(mdp_fsx_path(out->file, "%.*s", (int)(colon - text), text));
    MDP_TRY(mdp_fsx_path(out->name, "%s", colon + 1));
    MDP_TRY(mdp_fsx_path(out->text, "%s", colon));
    out->is_column = 1;
out:
    return err;
}

mdp_err mdp_reward_parse(const char *text, const struct mdp_env_spec *spec, struct mdp_reward *out) {
    const char *colon = strrchr(text, ':');
    *out = (struct mdp_reward){.is_column = 0};
    if (colon != NULL) return parse_column(text, colon, out);
    if (spec == NULL)
        return mdp_fail(MDP_E_USAGE,
                        "expected FILE:NAME or :NAME, as data without a world has no terms of a reward, found '%s'",
                        text);
    mdp_err err = mdp_objective_parse(text, spec, &out->objective);
    if (err != MDP_OK) return err;
    out->spec = spec;
    return mdp_fsx_path(out->text, "%s", out->objective.text);
}

void mdp_reward_recorded(const char *settings, char text[MDP_OBJECTIVE_MAX]) {
    json_t *object = json_loads(settings != NULL ? settings : "{}", 0, NULL);
    const char *found = json_string_value(json_object_get(object, "reward"));
    text[0] = 0;
    if (found != NULL && found[0] != ':') snprintf(text, MDP_OBJECTIVE_MAX, "%s", found);
    json_decref(object);
}

void mdp_reward_free(struct mdp_reward *reward) {
    free(reward->values);
    reward->values = NULL;
}

/* ---- rows ---- */

static mdp_err pay_terms(void *context, const struct mdp_dataset_row *row, float *reward) {
    const struct mdp_reward *r = context;
    const struct mdp_recorded_step step = {row->action, row->next_observation,
                                           row->n_qvel == mdp_env_n_dof(r->spec) ? row->next_qvel : NULL, row->reward,
                                           row->terminal};
    double terms[MDP_ENV_N_TERMS];
    const char *why = mdp_objective_terms(r->spec, &step, terms);
    if (why != NULL)
        return mdp_fail(MDP_E_DATA, "%s: --reward %s: the terms of row %ld cannot be had: %s", r->dataset, r->text,
                        row->row, why);
    *reward = (float)mdp_objective_value(&r->objective, terms);
    return MDP_OK;
}

static mdp_err begin_terms(void *context, const char *path, long n_rows) {
    struct mdp_reward *r = context;
    (void)n_rows;
    return mdp_fsx_path(r->dataset, "%s", path);
}

static mdp_err pay_column(void *context, const struct mdp_dataset_row *row, float *reward) {
    *reward = ((const struct mdp_reward *)context)->values[row->row];
    return MDP_OK;
}

/* all rows of a file count, also those that the view drops */
static mdp_err begin_column(void *context, const char *path, long n_rows) {
    struct mdp_reward *r = context;
    const char *from = r->file[0] != 0 ? r->file : path;
    struct mdp_h5 *file = NULL;
    struct mdp_h5_shape shape;
    mdp_err err;
    MDP_TRY(mdp_h5_open(from, &file));
    MDP_TRY(mdp_h5_shape(file, r->name, &shape));
    MDP_TRY(mdp_h5_expect(file, r->name, shape.rank == 2 ? MDP_H5_2D(-1, 1) : MDP_H5_1D(-1)));
    if (shape.extent[0] != n_rows)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected %ld rewards, one a row of %s, found %ld", from, r->name, n_rows,
                         path, shape.extent[0]));
    MDP_TRY(mdp_h5_read_new(file, r->name, MDP_H5_F32, &shape, NULL, &r->values));
    for (long i = 0; i < n_rows; i++)
        if (!isfinite(r->values[i]))
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected finite rewards, found %g at row %ld", from, r->name,
                             (double)r->values[i], i));
out:
    mdp_h5_close(file);
    return err;
}

struct mdp_dataset_reward mdp_reward_payer(struct mdp_reward *reward) {
    if (reward->is_column) return (struct mdp_dataset_reward){reward, begin_column, pay_column};
    return (struct mdp_dataset_reward){reward, begin_terms, pay_terms};
}
