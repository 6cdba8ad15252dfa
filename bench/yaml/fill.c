#include "bench/yaml/fill.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "base/names.h"
#include "base/number.h"
#include "bench/yaml/place_internal.h"

/* longest text, if its row does not limit the length */
enum { TEXT_MOST = 200 };

/* where the walk is: the path of the value, and the line of its key */
struct walk {
    struct mdp_yaml *yaml;
    char path[MDP_YAML_KEY_MAX];
    size_t line;
};

static mdp_err fill_value(const struct walk *walk, const yaml_node_t *node, const struct mdp_setting_at *setting);

/* ---- what messages say ---- */

/* describes a node: "'text'" of a scalar, shortened, or the kind of another node */
static const char *describe(const yaml_node_t *node, char text[64]) {
    const char *scalar = mdp_yaml_scalar(node);
    if (scalar != NULL)
        snprintf(text, 64, scalar[0] != 0 ? "'%.48s'%s" : "nothing", scalar, strlen(scalar) > 48 ? ".." : "");
    else
        snprintf(text, 64, "%s", node->type == YAML_MAPPING_NODE ? "a mapping" : "a list");
    return text;
}

static mdp_err unexpected(const struct walk *walk, const yaml_node_t *node, const char *expected) {
    char text[64];
    return mdp_yaml_refuse_at(walk->yaml, walk->line, walk->path, "expected %s, found %s", expected,
                              describe(node, text));
}

/* ---- scalars ---- */

/* other readers of YAML take 010 for eight */
static int is_octal(const struct mdp_setting *row, const char *text) {
    if (row->kind != MDP_WHOLE && row->kind != MDP_SEED) return 0;
    if (*text == '-' || *text == '+') text++;
    return text[0] == '0' && isdigit((unsigned char)text[1]);
}

/* is it of the row's kind, whatever its range? */
static int is_of_kind(const struct mdp_setting *row, const char *text) {
    double value;
    if (row->kind == MDP_SIZE) return mdp_number_size(text, 1, &value);
    if (!mdp_number_real(text, &value)) return 0;
    return row->kind == MDP_REAL || (value == floor(value) && !is_octal(row, text));
}

static mdp_err fill_scalar(const struct walk *walk, const yaml_node_t *node, const struct mdp_setting_at *setting) {
    char expected[MDP_EXPECTED_MAX];
    const char *text = mdp_yaml_scalar(node);
    struct mdp_setting row = *setting->row;
    if (row.kind == MDP_TEXT && row.names == NULL && row.high == 0) row.low = 1, row.high = TEXT_MOST;
    const struct mdp_setting_at ranged = {&row, setting->value, setting->given, setting->bit, NULL};
    if (text != NULL && strlen(text) != node->data.scalar.length)
        return unexpected(walk, node, "a text without zero bytes");
    if (text != NULL && !is_octal(&row, text) && mdp_setting_set(&ranged, text) == MDP_OK) return MDP_OK;
    /* a range explains nothing where there is no number */
    if (row.kind != MDP_TEXT && (text == NULL || !is_of_kind(&row, text))) row.low = row.high = 0;
    return unexpected(walk, node, mdp_setting_expected(&row, expected));
}

/* ---- lists ---- */

static yaml_node_t *node_of(const struct walk *walk, int index) {
    return yaml_document_get_node(&walk->yaml->document, index);
}

/* the walk one part down; a path too long for messages is cut there */
static struct walk at_key(const struct walk *walk, size_t line, const char *name) {
    struct walk next = *walk;
    size_t n = strlen(next.path);
    next.line = line;
    snprintf(next.path + n, sizeof next.path - n, "%s%s", n > 0 ? "." : "", name);
    return next;
}

static struct walk at_entry(const struct walk *walk, const yaml_node_t *item, long i) {
    struct walk next = *walk;
    size_t n = strlen(next.path);
    next.line = item->start_mark.line + 1;
    snprintf(next.path + n, sizeof next.path - n, "[%ld]", i);
    return next;
}

/* memory that lives as long as the file */
static mdp_err keep(struct mdp_yaml *yaml, long n, size_t size, void **out) {
    mdp_err err;
    struct mdp_yaml_block *block = NULL;
    MDP_TRY(mdp_calloc(out, (unsigned long)n, size, yaml->name));
    MDP_TRY(mdp_calloc(&block, 1, sizeof *block, yaml->name));
    *block = (struct mdp_yaml_block){*out, yaml->blocks};
    yaml->blocks = block;
    return MDP_OK;
out:
    free(*out);
    *out = NULL;
    return err;
}

static mdp_err check_length(const struct walk *walk, const struct mdp_setting *row, long n) {
    if (row->high == 0 || (n >= (long)row->low && n <= (long)row->high)) return MDP_OK;
    return mdp_yaml_refuse_at(walk->yaml, walk->line, walk->path, "expected %g to %g entries, found %ld", row->low,
                              row->high, n);
}

/* an entry of a list: a plain value if the table is one row without a name, else keys and their values */
static mdp_err fill_entry(const struct walk *walk, const yaml_node_t *item, const struct mdp_settings *table,
                          unsigned takers, void *entry) {
    const struct mdp_setting row = {.kind = MDP_GROUP, .inner = table, .inner_takers = takers};
    const struct mdp_setting_at group = {&row, entry, NULL, 0, NULL}, value = {&table->rows[0], entry, NULL, 0, NULL};
    int is_value = table->n == 1 && table->rows[0].name == NULL;
    mdp_settings_defaults(table, entry);
    return fill_value(walk, item, is_value ? &value : &group);
}

static mdp_err fill_list(const struct walk *walk, const yaml_node_t *node, const struct mdp_setting_at *setting) {
    mdp_err err;
    const struct mdp_setting *row = setting->row;
    if (node->type != YAML_SEQUENCE_NODE) return unexpected(walk, node, "a list");
    const yaml_node_item_t *items = node->data.sequence.items.start;
    long n = node->data.sequence.items.top - items;
    void *entries;
    MDP_TRY(keep(walk->yaml, n + 1, row->inner->size, &entries));
    for (long i = 0; i < n; i++) {
        const yaml_node_t *item = node_of(walk, items[i]);
        const struct walk next = at_entry(walk, item, i);
        MDP_TRY(fill_entry(&next, item, row->inner, row->inner_takers, (char *)entries + (size_t)i * row->inner->size));
    }
    MDP_TRY(check_length(walk, row, n));
    mdp_setting_set_list(setting, entries, (unsigned)n);
out:
    return err;
}

static mdp_err fill_set(const struct walk *walk, const yaml_node_t *node, const struct mdp_setting_at *setting) {
    if (node->type != YAML_SEQUENCE_NODE) return unexpected(walk, node, "a list");
    const yaml_node_item_t *items = node->data.sequence.items.start;
    for (long i = 0; items + i < node->data.sequence.items.top; i++) {
        const yaml_node_t *item = node_of(walk, items[i]);
        const struct walk next = at_entry(walk, item, i);
        mdp_err err = fill_scalar(&next, item, setting);
        if (err != MDP_OK) return err;
    }
    return MDP_OK;
}

/* ---- mappings ---- */

/* the keys of a mapping and where their values go */
struct keys {
    struct mdp_setting_list list;
    const char *texts[MDP_SETTINGS_MOST];
    struct mdp_names names;
};

static void find_keys(const struct mdp_settings *table, unsigned takers, const void *base, struct keys *keys) {
    mdp_settings_list(table, takers, base, &keys->list);
    for (int i = 0; i < keys->list.n; i++) keys->texts[i] = mdp_setting_key(keys->list.rows[i].row);
    keys->names = (struct mdp_names)MDP_NAMES_OF_FIRST(keys->texts, keys->list.n);
}

/* the line of the first pair with a key, 0 if there is none before `end` */
static size_t line_of(const struct walk *walk, const yaml_node_t *node, const yaml_node_pair_t *end, const char *name) {
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < end; pair++) {
        const yaml_node_t *key = node_of(walk, pair->key);
        if (mdp_yaml_scalar(key) != NULL && strcmp(mdp_yaml_scalar(key), name) == 0) return key->start_mark.line + 1;
    }
    return 0;
}

static mdp_err fill_pair(const struct walk *walk, const yaml_node_t *node, const struct keys *keys,
                         const yaml_node_pair_t *pair) {
    char text[64], list[MDP_NAMES_MAX], meant[MDP_NAMES_MAX];
    const yaml_node_t *key = node_of(walk, pair->key);
    size_t line = key->start_mark.line + 1;
    const char *name = mdp_yaml_scalar(key);
    int i = name != NULL ? mdp_names_index(&keys->names, name) : -1;
    if (i < 0)
        return mdp_yaml_refuse_at(walk->yaml, line, walk->path, "expected keys of %s, found %s%s",
                                  mdp_names_text(&keys->names, list), describe(key, text),
                                  mdp_names_suggest(&keys->names, name != NULL ? name : "", meant));
    size_t first = line_of(walk, node, pair, name);
    const struct walk next = at_key(walk, line, name);
    if (first > 0)
        return mdp_yaml_refuse_at(walk->yaml, line, next.path, "expected once, found again after line %zu", first);
    return fill_value(&next, node_of(walk, pair->value), &keys->list.rows[i]);
}

static mdp_err fill_mapping(const struct walk *walk, const yaml_node_t *node, const struct mdp_setting_at *setting) {
    char expected[MDP_NAMES_MAX + 32], list[MDP_NAMES_MAX];
    struct keys keys;
    find_keys(setting->row->inner, setting->row->inner_takers, setting->value, &keys);
    if (node->type != YAML_MAPPING_NODE) {
        snprintf(expected, sizeof expected, "a mapping with keys of %s", mdp_names_text(&keys.names, list));
        return unexpected(walk, node, expected);
    }
    const yaml_node_pair_t *top = node->data.mapping.pairs.top;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < top; pair++) {
        mdp_err err = fill_pair(walk, node, &keys, pair);
        if (err != MDP_OK) return err;
    }
    for (int i = 0; i < keys.list.n; i++)
        if (keys.list.rows[i].row->is_required && line_of(walk, node, top, keys.texts[i]) == 0)
            return mdp_yaml_refuse_at(walk->yaml, walk->line, walk->path, "expected the key %s, found none",
                                      keys.texts[i]);
    if (setting->given != NULL) *setting->given |= setting->bit;
    return MDP_OK;
}

static mdp_err fill_value(const struct walk *walk, const yaml_node_t *node, const struct mdp_setting_at *setting) {
    switch (setting->row->kind) {
    case MDP_GROUP: return fill_mapping(walk, node, setting);
    case MDP_LIST: return fill_list(walk, node, setting);
    case MDP_SET: return fill_set(walk, node, setting);
    default: return fill_scalar(walk, node, setting);
    }
}

/* ---- all of it ---- */

mdp_err mdp_yaml_fill(struct mdp_yaml *yaml, const struct mdp_settings *table, void *base) {
    const yaml_node_t *root = yaml_document_get_root_node(&yaml->document);
    if (root == NULL) return mdp_yaml_refuse_at(yaml, 1, NULL, "expected a mapping, found nothing");
    const struct walk walk = {.yaml = yaml, .path = "", .line = root->start_mark.line + 1};
    const struct mdp_setting row = {.kind = MDP_GROUP, .inner = table};
    const struct mdp_setting_at setting = {&row, base, NULL, 0, NULL};
    mdp_settings_defaults(table, base);
    return fill_mapping(&walk, root, &setting);
}
