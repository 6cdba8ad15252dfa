/* what inspect shows of evaluations: of an episodes file, and of a curve. both are read whole, so that all checks run.
 */
#include <stdlib.h>
#include <string.h>

#include "bench/exchange/inspect_internal.h"
#include "results/curve_file.h"
#include "results/episodes.h"
#include "results/episodes_fields.h"
#include "results/show/json.h"

/* gives programs every root attribute under the name that it has in the file */
static void add_episode_facts(json_t *root, const struct mdp_episodes_info *info) {
    const struct {
        const char *name, *value;
    } texts[] = {{"task", info->task},
                 {"env_id", info->env_id},
                 {"physics", info->physics},
                 {"physics_library", info->physics_library},
                 {"reference", info->reference},
                 {"algo", info->algo},
                 {"actor", info->actor},
                 {"precision", info->precision},
                 {"return_rule", info->return_rule},
                 {"diffusion", info->diffusion.path},
                 {"guidance", info->guidance.path}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        json_object_set_new(root, texts[i].name, json_string(texts[i].value));
    json_object_set_new(root, "env_hash", mdp_inspect_hex(info->env_hash));
    json_object_set_new(root, "physics_hash", mdp_inspect_hex(info->physics_hash));
    json_object_set_new(root, "diffusion_hash", mdp_inspect_hex(info->diffusion.hash));
    json_object_set_new(root, "guidance_hash", mdp_inspect_hex(info->guidance.hash));
    json_object_set_new(root, "ref_min", json_real(info->ref_min));
    json_object_set_new(root, "ref_max", json_real(info->ref_max));
    json_object_set_new(root, "step", json_integer(info->step));
    json_object_set_new(root, "candidates", json_integer(info->candidates));
    json_object_set_new(root, "temperature", json_real(info->temperature));
    json_object_set_new(root, "w_t", json_real(info->w_t));
    json_object_set_new(root, "seed", mdp_json_whole(info->seed));
    /* older files do not say it */
    if (info->isa[0] != 0) json_object_set_new(root, "isa", json_string(info->isa));
}

static mdp_err add_rows(json_t *root, const struct mdp_episodes *e) {
    double *lengths = NULL;
    long ends[3] = {0, 0, 0};
    mdp_err err;
    MDP_TRY(mdp_calloc(&lengths, (unsigned long)e->n, sizeof *lengths, "lengths"));
    for (long i = 0; i < e->n; i++) {
        lengths[i] = e->lengths[i];
        ends[e->ends[i]]++;
    }
    json_object_set_new(root, "episodes", json_integer(e->n));
    MDP_TRY(mdp_inspect_add_spread(root, "return", e->returns, e->n));
    MDP_TRY(mdp_inspect_add_spread(root, "normalized_return", e->normalized_returns, e->n));
    if (e->objective_returns != NULL)
        MDP_TRY(mdp_inspect_add_spread(root, "objective_return", e->objective_returns, e->n));
    MDP_TRY(mdp_inspect_add_spread(root, "length", lengths, e->n));
    json_object_set_new(root, "ends",
                        json_pack("{sI,sI,sI}", "terminated", (json_int_t)ends[0], "time_limit", (json_int_t)ends[1],
                                  "non_finite", (json_int_t)ends[2]));
out:
    free(lengths);
    return err;
}

static mdp_err add_evaluation(json_t *root, const struct mdp_episodes_info *info, const struct mdp_episodes *episodes) {
    add_episode_facts(root, info);
    mdp_inspect_add_head(root, &info->head);
    return add_rows(root, episodes);
}

mdp_err mdp_inspect_episodes(const char *path, json_t *root) {
    struct mdp_episodes_info info;
    struct mdp_episodes episodes;
    mdp_err err = mdp_episodes_read(path, &info, &episodes);
    if (err != MDP_OK) return err;
    json_object_set_new(root, "kind", json_string("episodes"));
    err = add_evaluation(root, &info, &episodes);
    mdp_episodes_info_free(&info);
    mdp_episodes_free(&episodes);
    return err;
}

/* what all evaluations of a curve have in common stands once, before the list of them */
static void share(json_t *root, json_t *list, const char *name) {
    size_t i;
    json_t *entry;
    json_object_set(root, name, json_object_get(json_array_get(list, 0), name));
    json_array_foreach(list, i, entry) json_object_del(entry, name);
}

mdp_err mdp_inspect_curve(const char *path, json_t *root) {
    const struct mdp_episodes_field *field;
    struct mdp_curve_file curve;
    json_t *list = json_array();
    mdp_err err;
    MDP_TRY(mdp_curve_file_read(path, &curve));
    for (int i = 0; i < curve.n; i++) {
        json_t *entry = json_object();
        json_object_set_new(entry, "step", json_integer(curve.infos[i].step)); /* in front */
        json_array_append_new(list, entry);
        MDP_TRY(add_evaluation(entry, &curve.infos[i], &curve.episodes[i]));
    }
    json_object_set_new(root, "kind", json_string("curve"));
    for (int i = 0; (field = mdp_episodes_field_at(i)) != NULL; i++)
        if (!field->is_of_step) share(root, list, field->name);
    share(root, list, "episodes");
    json_object_set(root, "evaluations", list);
out:
    json_decref(list);
    mdp_curve_file_free(&curve);
    return err;
}
