#include "bench/exchange/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/claim.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/memstream.h"
#include "base/path.h"
#include "base/text.h"
#include "bench/exchange/foreign.h"
#include "bench/run/curve_gather.h"
#include "bench/run/evaluations.h"
#include "results/checkpoint_metadata.h"
#include "results/curve_file.h"
#include "results/dataset.h"
#include "results/episodes.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "results/minari.h"
#include "results/minari_convert.h"
#include "results/show/table.h"
#include "results/tensors/safetensors.h"

enum { EXPORT_BYTES_MAX = 1 << 30 };

/* ---- outputs ---- */

/* beside the input if no name is given */
static mdp_err name_output(const char *path, const char *out, const char *suffix, char name[MDP_PATH_MAX]) {
    if (out != NULL && !mdp_path_ends(out, suffix))
        return mdp_fail(MDP_E_USAGE, "export: option --out: expected a name that ends in %s for %s, found '%s'", suffix,
                        path, out);
    if (out != NULL) return mdp_fsx_path(name, "%s", out);
    size_t n = mdp_path_ends(path, ".h5") ? strlen(path) - 3 : strlen(path);
    return mdp_fsx_path(name, "%.*s%s", (int)n, path, suffix);
}

/* the same content gives the same bytes, so a file that is there already can be compared byte by byte */
static mdp_err check_bytes(const char *path, const char *bytes, size_t size) {
    char *there = NULL;
    size_t n_there = 0;
    mdp_err err = mdp_fsx_read(path, EXPORT_BYTES_MAX, &there, &n_there);
    int is_same = err == MDP_OK && n_there == size && memcmp(there, bytes, size) == 0;
    free(there);
    if (err != MDP_OK && err != MDP_E_DATA) return err;
    if (!is_same) return mdp_fail(MDP_E_USAGE, "%s exists with other content; use another name or delete it", path);
    mdp_log("%s: exists with this content, not made again", path);
    return MDP_OK;
}

static mdp_err publish(const char *path, const char *bytes, size_t size, FILE *stream) {
    struct mdp_claim *claim = NULL;
    int is_taken = mdp_fsx_exists(path);
    mdp_err err = MDP_OK;
    if (!is_taken) {
        MDP_TRY(mdp_fsx_make_parents(path));
        MDP_TRY(mdp_claim_take(path, &claim));
        MDP_TRY(mdp_fsx_write_new(path, bytes, size, &is_taken));
    }
    if (is_taken) MDP_TRY(check_bytes(path, bytes, size));
    mdp_text_print_line(stream, "%s", path);
out:
    mdp_claim_free(claim);
    return err;
}

/* ---- modules ---- */

/* tensors of a checkpoint with the names they get */
struct bundle {
    int n;
    struct mdp_safetensors_item *items;
    float **values;
    char (*names)[MDP_STORED_NAME_MAX];
};

static void bundle_free(struct bundle *bundle) {
    for (int i = 0; bundle->values != NULL && i < bundle->n; i++) free(bundle->values[i]);
    free(bundle->items);
    free(bundle->values);
    free(bundle->names);
}

/* "/tensors/GROUP/NAME" */
static mdp_err add_tensor(struct mdp_h5 *file, const char *kind, const struct mdp_checkpoint_entry *entry, int i,
                          struct bundle *bundle) {
    char group[MDP_H5_NAME_MAX];
    const char *name = entry->name + strlen("/tensors/"), *slash = strchr(name, '/');
    if (strncmp(entry->name, "/tensors/", strlen("/tensors/")) != 0 || slash == NULL)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected tensors alone, found something else", mdp_h5_path(file),
                        entry->name);
    snprintf(group, sizeof group, "%.*s", (int)(slash - name), name);
    mdp_foreign_name(kind, group, slash + 1, bundle->names[i]);
    mdp_err err = mdp_h5_read_new(file, entry->name, MDP_H5_F32, &entry->shape, NULL, &bundle->values[i]);
    bundle->items[i] =
        (struct mdp_safetensors_item){bundle->names[i], entry->shape.rank, entry->shape.extent, bundle->values[i]};
    return err;
}

static mdp_err read_bundle(struct mdp_h5 *file, const char *kind, int n, const struct mdp_checkpoint_entry *entries,
                           struct bundle *bundle) {
    mdp_err err;
    MDP_TRY(mdp_calloc(&bundle->items, (unsigned long)n, sizeof *bundle->items, "tensors"));
    MDP_TRY(mdp_calloc(&bundle->values, (unsigned long)n, sizeof *bundle->values, "tensors"));
    MDP_TRY(mdp_calloc(&bundle->names, (unsigned long)n, sizeof *bundle->names, "tensors"));
    bundle->n = n;
    for (int i = 0; i < n; i++) MDP_TRY(add_tensor(file, kind, &entries[i], i, bundle));
out:
    return err;
}

/* the file is checked whole before anything is made of it */
static mdp_err export_checkpoint(struct mdp_h5 *file, const char *out, FILE *stream) {
    const char *path = mdp_h5_path(file);
    struct mdp_checkpoint_info info = {.step = 0};
    struct mdp_checkpoint_entry *entries = NULL;
    struct bundle bundle = {.n = 0};
    json_t *metadata = NULL;
    char name[MDP_PATH_MAX], *bytes = NULL;
    size_t size;
    int n;
    mdp_err err;
    MDP_TRY(mdp_checkpoint_validate(path));
    MDP_TRY(mdp_checkpoint_read_info(path, &info));
    if (strcmp(info.kind, "resume") == 0)
        MDP_TRY(mdp_fail(MDP_E_DATA,
                         "%s: kind: expected diffusion, guidance or behavior, found resume, which is of use to "
                         "its own run alone",
                         path));
    MDP_TRY(name_output(path, out, ".safetensors", name));
    MDP_TRY(mdp_checkpoint_list(path, &entries, &n));
    MDP_TRY(read_bundle(file, info.kind, n, entries, &bundle));
    MDP_TRY(mdp_checkpoint_to_metadata(&info, &metadata));
    MDP_TRY(mdp_safetensors_encode(bundle.n, bundle.items, metadata, &bytes, &size));
    MDP_TRY(publish(name, bytes, size, stream));
out:
    free(bytes);
    json_decref(metadata);
    bundle_free(&bundle);
    free(entries);
    mdp_checkpoint_info_free(&info);
    return err;
}

/* ---- episodes ---- */

struct row {
    long step, i, length;
    double ret, normalized;
    const char *end;
    struct mdp_shown seed; /* all its digits, which a number would not keep */
};
static const struct mdp_column list[] = {
    MDP_COLUMN(struct row, step, WHOLE, "step", "step"), /* of curves alone */
    MDP_COLUMN(struct row, i, WHOLE, "episode", "episode"),
    MDP_COLUMN(struct row, ret, REAL, "return", "return", 1),
    MDP_COLUMN(struct row, normalized, REAL, "normalized_return", "normalized return", 4),
    MDP_COLUMN(struct row, length, WHOLE, "length", "length"),
    MDP_COLUMN(struct row, end, TEXT, "end", "end"),
    MDP_COLUMN(struct row, seed, SHOWN, "seed", "seed"),
};
static const struct mdp_columns columns_of_curve = MDP_COLUMNS(struct row, list);
static const struct mdp_columns columns = {list + 1, sizeof list / sizeof list[0] - 1, sizeof(struct row)};

static mdp_err fill_table(long step, const struct mdp_episodes *e, struct mdp_table *table) {
    static const char *const ends[] = {"terminated", "time_limit", "non_finite"};
    mdp_err err = MDP_OK;
    for (long i = 0; i < e->n && err == MDP_OK; i++) {
        struct row row = {step,
                          (long)e->indices[i],
                          e->lengths[i],
                          e->returns[i],
                          e->normalized_returns[i],
                          ends[e->ends[i]],
                          MDP_SHOWN_NOTHING};
        snprintf(row.seed.text, sizeof row.seed.text, "%llu", (unsigned long long)e->seeds[i]);
        err = mdp_table_fill(table, &row, 1);
    }
    return err;
}

static mdp_err publish_table(const char *path, const char *out, struct mdp_table *table, FILE *stream) {
    struct mdp_memstream memory = {.text = NULL};
    char name[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(name_output(path, out, ".csv", name));
    MDP_TRY(mdp_memstream_open(&memory, name));
    MDP_TRY(mdp_memstream_close(&memory, mdp_table_write(table, MDP_TABLE_CSV, memory.stream)));
    MDP_TRY(publish(name, memory.text, memory.size, stream));
out:
    free(memory.text);
    return err;
}

static mdp_err export_episodes(const char *path, const char *out, FILE *stream) {
    struct mdp_episodes episodes = {.n = 0};
    struct mdp_table *table = NULL;
    mdp_err err;
    MDP_TRY(mdp_episodes_read(path, NULL, &episodes));
    MDP_TRY(mdp_table_new(NULL, &columns, &table));
    MDP_TRY(fill_table(-1, &episodes, table));
    MDP_TRY(publish_table(path, out, table, stream));
out:
    mdp_table_free(table);
    mdp_episodes_free(&episodes);
    return err;
}

static mdp_err export_curve(const char *path, const char *out, FILE *stream) {
    struct mdp_curve_file curve;
    struct mdp_table *table = NULL;
    mdp_err err;
    MDP_TRY(mdp_curve_file_read(path, &curve));
    MDP_TRY(mdp_table_new(NULL, &columns_of_curve, &table));
    for (int i = 0; i < curve.n; i++) MDP_TRY(fill_table((long)curve.infos[i].step, &curve.episodes[i], table));
    MDP_TRY(publish_table(path, out, table, stream));
out:
    mdp_table_free(table);
    mdp_curve_file_free(&curve);
    return err;
}

/* ---- datasets ---- */

/* NAME.hdf5 or NAME.h5 as NAME-v0, or as NAME where that says a version */
static mdp_err name_folder(const char *path, char folder[MDP_PATH_MAX]) {
    size_t n = strlen(path);
    if (mdp_path_ends(path, ".hdf5"))
        n -= strlen(".hdf5");
    else if (mdp_path_ends(path, ".h5"))
        n -= strlen(".h5");
    mdp_err err = mdp_fsx_path(folder, "%.*s", (int)n, path);
    return err == MDP_OK && !mdp_minari_is_id(folder) ? mdp_fsx_path(folder, "%.*s-v0", (int)n, path) : err;
}

mdp_err mdp_export_minari(const char *path, const char *out, FILE *stream) {
    char folder[MDP_PATH_MAX], target[MDP_PATH_MAX], deepest[MDP_PATH_MAX] = "";
    struct mdp_claim *claim = NULL;
    int is_kept;
    mdp_err err;
    MDP_TRY(out != NULL ? mdp_fsx_path(folder, "%s", out) : name_folder(path, folder));
    MDP_TRY(mdp_minari_check_id(folder));
    MDP_TRY(mdp_fsx_path(target, "%s/data/metadata.json", folder));
    mdp_fsx_deepest(target, deepest);
    MDP_TRY(mdp_fsx_make_parents(target));
    MDP_TRY(mdp_claim_take(target, &claim));
    MDP_TRY(mdp_minari_from_d4rl(path, folder, &is_kept));
    if (is_kept) mdp_log("%s: exists with this content, not made again", folder);
    mdp_text_print_line(stream, "%s", folder);
out:
    mdp_claim_free(claim);
    /* what was refused leaves no folder that looks like a dataset */
    if (err != MDP_OK && deepest[0] != 0) mdp_fsx_remove_empty(target, deepest);
    return err;
}

/* written under another name first: what is there may be of other content */
static mdp_err export_dataset(const char *path, const char *out, FILE *stream) {
    char main[MDP_PATH_MAX], folder[MDP_PATH_MAX], name[MDP_PATH_MAX], deepest[MDP_PATH_MAX] = "";
    struct mdp_temp part = MDP_TEMP_NONE;
    struct mdp_claim *claim = NULL;
    uint64_t there, made;
    mdp_err err;
    MDP_TRY(mdp_dataset_file(path, main));
    MDP_TRY(mdp_minari_folder(main, folder));
    MDP_TRY(name_output(folder, out, ".hdf5", name));
    mdp_fsx_deepest(name, deepest);
    MDP_TRY(mdp_fsx_make_parents(name));
    MDP_TRY(mdp_claim_take(name, &claim));
    if (!mdp_fsx_exists(name)) {
        MDP_TRY(mdp_minari_to_d4rl(main, name, MDP_PUBLISH_NEW));
    } else {
        MDP_TRY(mdp_temp_open(name, &part));
        MDP_TRY(mdp_minari_to_d4rl(main, part.path, MDP_PUBLISH_REPLACE));
        MDP_TRY(mdp_fsx_hash(part.path, &made));
        MDP_TRY(mdp_fsx_hash(name, &there));
        if (made != there)
            MDP_TRY(mdp_fail(MDP_E_USAGE, "%s exists with other content; use another name or delete it", name));
        mdp_log("%s: exists with this content, not made again", name);
    }
    mdp_text_print_line(stream, "%s", name);
out:
    mdp_temp_discard(&part);
    mdp_claim_free(claim);
    if (err != MDP_OK && deepest[0] != 0) mdp_fsx_remove_empty(name, deepest);
    return err;
}

/* ---- any ---- */

mdp_err mdp_export_file(const char *path, const char *out, FILE *stream) {
    struct mdp_h5 *file = NULL;
    struct mdp_curve_place place;
    char format[64] = "", main[MDP_PATH_MAX];
    mdp_err err;
    if (mdp_curve_place_parse(path, &place)) return export_episodes(path, out, stream);
    MDP_TRY(mdp_dataset_file(path, main));
    MDP_TRY(mdp_h5_open(main, &file));
    if (mdp_h5_attr_exists(file, "/", "format")) MDP_TRY(mdp_h5_attr_text(file, "/", "format", format, sizeof format));
    if (strcmp(format, "mdpbench-checkpoint") == 0)
        err = export_checkpoint(file, out, stream);
    else if (strcmp(format, "mdpbench-episodes") == 0)
        err = export_episodes(path, out, stream);
    else if (strcmp(format, "mdpbench-episodes-curve") == 0)
        err = export_curve(path, out, stream);
    else if (mdp_minari_is(file))
        err = export_dataset(path, out, stream);
    else if (mdp_h5_exists(file, "observations"))
        err = mdp_fail(MDP_E_USAGE, "%s: expected --minari to export a dataset in D4RL's layout, found none", path);
    else
        err = mdp_fail(MDP_E_DATA, "%s: /@format: expected a checkpoint, an episodes file or a dataset, found %s", path,
                       format[0] != 0 ? format : "nothing");
out:
    mdp_h5_close(file);
    return err;
}

/* ---- a curve of episodes files ---- */

/* a curve that is there has to be what would be made */
static mdp_err check_same(int n, char (*paths)[MDP_PATH_MAX], const char *out) {
    struct mdp_evaluations cache = {.curve = {.n = 0}};
    struct mdp_episodes_info info = {.step = -1};
    char place[MDP_PATH_MAX];
    int order;
    mdp_err err = MDP_OK;
    for (int i = 0; i < n; i++) {
        struct mdp_episodes rows = {.n = 0};
        MDP_TRY(mdp_episodes_read(paths[i], &info, &rows));
        mdp_episodes_free(&rows);
        MDP_TRY(mdp_curve_place_path(out, (long)info.step, place));
        mdp_episodes_info_free(&info);
        MDP_TRY(mdp_evaluation_choose(&cache, paths[i], place, &order));
        if (order != 0)
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected as many episodes as %s has, found others", place, paths[i]));
    }
    if (cache.curve.n != n)
        err = mdp_fail(MDP_E_DATA, "expected %d evaluations, found %d", n, cache.curve.n);
    else
        mdp_log("%s: exists with this content, not made again", out);
out:
    mdp_evaluations_free(&cache);
    if (err == MDP_OK) return err;
    return mdp_fail_context(MDP_E_USAGE, "%s exists with other content; use another name or delete it", out);
}

mdp_err mdp_export_curve(int n, char **files, const char *out, FILE *stream) {
    char(*paths)[MDP_PATH_MAX] = NULL;
    struct mdp_claim *claim = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&paths, (unsigned long)n, sizeof *paths, "paths"));
    for (int i = 0; i < n; i++) MDP_TRY(mdp_fsx_path(paths[i], "%s", files[i]));
    if (!mdp_fsx_exists(out)) {
        MDP_TRY(mdp_fsx_make_parents(out));
        MDP_TRY(mdp_claim_take(out, &claim));
    }
    MDP_TRY(mdp_fsx_exists(out) ? check_same(n, paths, out) : mdp_curve_gather(out, n, paths));
    mdp_text_print_line(stream, "%s", out);
out:
    mdp_claim_free(claim);
    free(paths);
    return err;
}
