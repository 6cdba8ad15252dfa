/* episodes files: read, made from others' results, written. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "bench/lib/episodes.h"
#include "bench/run/physics.h"
#include "bench/run/settings.h"
#include "bench/run/version.h"
#include "bench/run/world.h"
#include "envs/episode.h"
#include "results/episodes.h"
#include "results/episodes_fields.h"

_Static_assert(sizeof(struct mdpbench_episode) == 40, "the layout of mdpbench_episode is a part of the ABI");
_Static_assert((int)MDPBENCH_END_TERMINATED == (int)MDP_END_TERMINATED, "ends of episodes are the file's");
_Static_assert((int)MDPBENCH_END_TIME_LIMIT == (int)MDP_END_TIME_LIMIT, "ends of episodes are the file's");
_Static_assert((int)MDPBENCH_END_NON_FINITE == (int)MDP_END_NON_FINITE, "ends of episodes are the file's");

/* what others' policies say of themselves; the rest is the world's */
static const char *const settable[] = {"task", "algo",       "actor",       "diffusion", "guidance", "precision",
                                       "step", "candidates", "temperature", "w_t",       "seed"};
static const struct mdp_names settable_names = MDP_NAMES_OF_TEXTS(settable);

static mdp_err describe(const struct mdp_lib_world *world, struct mdp_episodes_info *info) {
    struct mdp_engine_facts physics;
    mdp_err err;
    mdp_lib_lock();
    MDP_TRY(mdp_engine_describe(world->engine, world->spec, &physics));
    MDP_TRY(mdp_physics_machine_text(world->engine, world->spec, info->head.machine));
    MDP_TRY(mdp_world_describe(world->spec, &physics, info));
    snprintf(info->task, sizeof info->task, "%s", world->spec->robot);
    snprintf(info->actor, sizeof info->actor, "library");
    snprintf(info->precision, sizeof info->precision, MDP_PRECISION_DEFAULT);
    snprintf(info->return_rule, sizeof info->return_rule, "%s",
             mdp_names_at(mdp_return_rule_names(), MDP_RETURN_STANDARD));
    mdp_isa_text(0, info->isa);
    info->candidates = 1;
    info->step = -1;
    info->head.settings = info->head.inputs = "{}";
out:
    mdp_lib_unlock();
    return err;
}

int mdpbench_episodes_new(const char *env, const char *physics, int64_t n, struct mdpbench_episodes **out) {
    struct mdpbench_episodes *episodes = NULL;
    struct mdp_lib_world world = {NULL, NULL, NULL};
    mdp_err err;
    MDP_TRY(mdp_lib_need(out, "episodes"));
    *out = NULL;
    if (n < 1 || n > MDP_EPISODES_MAX)
        MDP_TRY(mdp_fail(MDP_E_USAGE, "episodes: expected 1 to %d, found %" PRId64, MDP_EPISODES_MAX, n));
    MDP_TRY(mdp_calloc(&episodes, 1, sizeof *episodes, "episodes"));
    MDP_TRY(mdp_lib_world_open(env, physics, &world));
    MDP_TRY(describe(&world, &episodes->info));
    MDP_TRY(mdp_episodes_alloc(&episodes->rows, (long)n));
    for (long i = 0; i < n; i++) episodes->rows.indices[i] = i;
    *out = episodes;
    episodes = NULL;
out:
    mdp_lib_world_close(&world);
    mdpbench_episodes_free(episodes);
    return err;
}

int mdpbench_episodes_read(const char *path, struct mdpbench_episodes **out) {
    struct mdpbench_episodes *episodes = NULL;
    mdp_err err;
    MDP_TRY(mdp_lib_need(path, "path"));
    MDP_TRY(mdp_lib_need(out, "episodes"));
    *out = NULL;
    MDP_TRY(mdp_calloc(&episodes, 1, sizeof *episodes, "episodes"));
    MDP_TRY(mdp_fsx_path(episodes->path, "%s", path));
    mdp_lib_lock();
    err = mdp_episodes_read(path, &episodes->info, &episodes->rows);
    mdp_lib_unlock();
    if (err != MDP_OK) goto out;
    *out = episodes;
    episodes = NULL;
out:
    mdpbench_episodes_free(episodes);
    return err;
}

int mdpbench_episodes_write(const struct mdpbench_episodes *episodes, const char *path) {
    mdp_err err;
    MDP_TRY(mdp_lib_need(episodes, "episodes"));
    MDP_TRY(mdp_lib_need(path, "path"));
    mdp_lib_lock();
    err = mdp_episodes_write(path, &episodes->info, &episodes->rows, MDP_PUBLISH_NEW);
    mdp_lib_unlock();
out:
    return err;
}

void mdpbench_episodes_free(struct mdpbench_episodes *episodes) {
    if (episodes == NULL) return;
    mdp_episodes_info_free(&episodes->info);
    mdp_episodes_free(&episodes->rows);
    free(episodes);
}

/* ---- rows ---- */

int64_t mdpbench_episodes_count(const struct mdpbench_episodes *episodes) {
    return episodes != NULL ? episodes->rows.n : 0;
}

static mdp_err check_row(const struct mdpbench_episodes *episodes, int64_t i, const void *row) {
    mdp_err err;
    MDP_TRY(mdp_lib_need(episodes, "episodes"));
    MDP_TRY(mdp_lib_need(row, "episode"));
    if (i >= 0 && i < episodes->rows.n) return MDP_OK;
    err = mdp_fail(MDP_E_USAGE, "episodes: row: expected 0 to %ld, found %" PRId64, episodes->rows.n - 1, i);
out:
    return err;
}

int mdpbench_episodes_get(const struct mdpbench_episodes *episodes, int64_t i, struct mdpbench_episode *out) {
    mdp_err err = check_row(episodes, i, out);
    if (err != MDP_OK) return err;
    const struct mdp_episodes *rows = &episodes->rows;
    const struct mdp_reference_score score = {"", episodes->info.ref_min, episodes->info.ref_max};
    *out = (struct mdpbench_episode){.episode_return = rows->returns[i],
                                     .seed = rows->seeds[i],
                                     .number = rows->indices[i],
                                     .length = rows->lengths[i],
                                     .end = rows->ends[i]};
    return mdp_reference_normalize(&score, out->episode_return, &out->normalized_return);
}

int mdpbench_episodes_set(struct mdpbench_episodes *episodes, int64_t i, const struct mdpbench_episode *row) {
    mdp_err err = check_row(episodes, i, row);
    if (err != MDP_OK) return err;
    if (row->end < MDP_END_TERMINATED || row->end > MDP_END_NON_FINITE)
        return mdp_fail(MDP_E_USAGE, "episodes: end: expected 0, 1 or 2, found %d at row %" PRId64, row->end, i);
    episodes->rows.returns[i] = row->episode_return;
    episodes->rows.lengths[i] = row->length;
    episodes->rows.ends[i] = (uint8_t)row->end;
    episodes->rows.seeds[i] = row->seed;
    episodes->rows.indices[i] = row->number;
    return MDP_OK;
}

/* ---- facts ---- */

static const struct mdp_episodes_field *find_field(const char *name) {
    const struct mdp_episodes_field *field;
    for (int i = 0; (field = mdp_episodes_field_at(i)) != NULL; i++)
        if (strcmp(field->name, name) == 0) return field;
    return NULL;
}

int mdpbench_episodes_get_fact(const struct mdpbench_episodes *episodes, const char *name, char *text, size_t room) {
    char number[MDP_NUMBER_MAX];
    mdp_err err;
    int n = 0;
    MDP_TRY(mdp_lib_need(episodes, "episodes"));
    MDP_TRY(mdp_lib_need(name, "name"));
    MDP_TRY(mdp_lib_need(text, "text"));
    const struct mdp_episodes_field *field = find_field(name);
    if (field == NULL) return mdp_fail(MDP_E_USAGE, "episodes: expected a fact of docs/formats.md, found '%s'", name);
    const void *value = (const char *)&episodes->info + field->offset;
    switch (field->kind) {
    case MDP_FIELD_TEXT:
    case MDP_FIELD_PATH: n = snprintf(text, room, "%s", (const char *)value); break;
    case MDP_FIELD_REAL:
        mdp_number_shortest(*(const double *)value, number);
        n = snprintf(text, room, "%s", number);
        break;
    case MDP_FIELD_INT: n = snprintf(text, room, "%" PRId64, *(const int64_t *)value); break;
    case MDP_FIELD_U64: n = snprintf(text, room, "%" PRIu64, *(const uint64_t *)value); break;
    }
    if (n >= 0 && (size_t)n < room) return MDP_OK;
    err = mdp_fail(MDP_E_USAGE, "episodes: %s: expected room for %d bytes, found %zu", name, n + 1, room);
out:
    return err;
}

/* a number as the command reads them */
static mdp_err set_number(const struct mdp_episodes_field *field, const char *text, void *value) {
    const char *expected;
    switch (field->kind) {
    case MDP_FIELD_REAL:
        if (mdp_number_real(text, value)) return MDP_OK;
        expected = "finite number";
        break;
    case MDP_FIELD_U64:
        if (mdp_number_unsigned(text, value)) return MDP_OK;
        expected = "whole number from 0 to 18446744073709551615";
        break;
    default:
        if (mdp_number_whole(text, value)) return MDP_OK;
        expected = "whole number";
        break;
    }
    return mdp_fail(MDP_E_USAGE, "episodes: %s: expected a %s, found '%s'", field->name, expected, text);
}

int mdpbench_episodes_set_fact(struct mdpbench_episodes *episodes, const char *name, const char *text) {
    mdp_err err;
    int i;
    MDP_TRY(mdp_lib_need(episodes, "episodes"));
    MDP_TRY(mdp_lib_need(name, "name"));
    MDP_TRY(mdp_lib_need(text, "text"));
    MDP_TRY(mdp_names_find(&settable_names, "episodes", name, &i));
    const struct mdp_episodes_field *field = find_field(name);
    struct mdp_episodes_info changed = episodes->info;
    void *value = (char *)&changed + field->offset;
    const size_t room = mdp_episodes_field_room(field);
    if (room == 0)
        MDP_TRY(set_number(field, text, value));
    else if (strlen(text) >= room)
        MDP_TRY(
            mdp_fail(MDP_E_USAGE, "episodes: %s: expected at most %zu bytes, found %zu", name, room - 1, strlen(text)));
    else
        strcpy(value, text);
    /* out of range is the file's fault in a file, here it is the caller's */
    MDP_TRY(mdp_episodes_check_info("episodes", &changed) == MDP_OK ? MDP_OK : MDP_E_USAGE);
    episodes->info = changed;
out:
    return err;
}
