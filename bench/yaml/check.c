#include "bench/yaml/check.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "bench/yaml/place_internal.h"

/* where the walk is: the path of the value, and the line of its key */
struct walk {
    const struct mdp_yaml *yaml;
    char path[MDP_YAML_KEY_MAX];
    size_t line;
};

static mdp_err check_value(struct walk *walk, const yaml_node_t *node, const cyaml_schema_value_t *schema);

/* ---- what messages say ---- */

/* "'text'" of a scalar, shortened, or what it is instead */
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

/* 1 if a path is one that the pattern means: [] stands for any entry */
static int matches(const char *pattern, const char *path) {
    while (*pattern != 0 && *pattern == *path) {
        pattern++;
        path++;
        if (pattern[-1] == '[' && *pattern == ']') path += strcspn(path, "]");
    }
    return *pattern == 0 && *path == 0;
}

static const struct mdp_yaml_range *find_range(const struct walk *walk) {
    const struct mdp_yaml_schema *schema = walk->yaml->schema;
    for (int i = 0; i < schema->n_ranges; i++)
        if (matches(schema->ranges[i].key, walk->path)) return &schema->ranges[i];
    return NULL;
}

/* what the type can hold, narrowed by the schema's table */
static mdp_err check_range(const struct walk *walk, const yaml_node_t *node, const char *kind, double value, double low,
                           double high) {
    char expected[160];
    const struct mdp_yaml_range *range = find_range(walk);
    const char *unit = range != NULL ? range->unit : NULL;
    if (range != NULL && range->low > low) low = range->low;
    if (range != NULL && range->high < high) high = range->high;
    if (value >= low && value <= high) return MDP_OK;
    snprintf(expected, sizeof expected, "%s from %.10g to %.10g%s%s", kind, low, high, unit != NULL ? " " : "",
             unit != NULL ? unit : "");
    return unexpected(walk, node, expected);
}

/* decimal digits alone: a leading zero would be octal to libcyaml */
static int is_decimal(const char *text) {
    if (*text == '-' || *text == '+') text++;
    size_t n = strspn(text, "0123456789");
    return n > 0 && text[n] == 0 && (text[0] != '0' || n == 1);
}

static mdp_err check_whole(const struct walk *walk, const yaml_node_t *node, const cyaml_schema_value_t *schema) {
    const char *text = mdp_yaml_scalar(node);
    if (text == NULL || !is_decimal(text)) return unexpected(walk, node, "a whole number");
    int is_signed = schema->type == CYAML_INT;
    double top = ldexp(1, 8 * (int)schema->data_size - is_signed);
    errno = 0;
    if (is_signed)
        (void)strtoll(text, NULL, 10);
    else
        (void)strtoull(text, NULL, 10);
    /* a double does not know the last digits of the largest ones, the conversion does */
    double value = errno == 0 ? strtod(text, NULL) : INFINITY;
    return check_range(walk, node, "a whole number", value, is_signed ? -top : 0, top - 1);
}

static mdp_err check_real(const struct walk *walk, const yaml_node_t *node) {
    const char *text = mdp_yaml_scalar(node);
    char *end = NULL;
    if (text == NULL || strspn(text, "+-.0123456789eE") != strlen(text))
        return unexpected(walk, node, "a finite number");
    errno = 0;
    double value = strtod(text, &end);
    if (end == text || *end != 0 || errno != 0) return unexpected(walk, node, "a finite number");
    return check_range(walk, node, "a number", value, -INFINITY, INFINITY);
}

static mdp_err check_bool(const struct walk *walk, const yaml_node_t *node) {
    const char *text = mdp_yaml_scalar(node);
    if (text != NULL && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)) return MDP_OK;
    return unexpected(walk, node, "true or false");
}

static mdp_err check_string(const struct walk *walk, const yaml_node_t *node, const cyaml_schema_value_t *schema) {
    char expected[96];
    const char *text = mdp_yaml_scalar(node);
    size_t n = text != NULL ? strlen(text) : 0;
    if (text != NULL && n != node->data.scalar.length) return unexpected(walk, node, "a text without zero bytes");
    if (text != NULL && n >= schema->string.min && n <= schema->string.max) return MDP_OK;
    snprintf(expected, sizeof expected, "a text of %u to %u bytes", (unsigned)schema->string.min,
             (unsigned)schema->string.max);
    return unexpected(walk, node, text == NULL && schema->string.max == CYAML_UNLIMITED ? "a text" : expected);
}

static mdp_err check_name(const struct walk *walk, const yaml_node_t *node, const cyaml_schema_value_t *schema) {
    const cyaml_strval_t *values = schema->enumeration.strings;
    const struct mdp_names names = {&values->str, sizeof *values, (int)schema->enumeration.count};
    char expected[MDP_NAMES_MAX + 8], list[MDP_NAMES_MAX];
    const char *text = mdp_yaml_scalar(node);
    if (text != NULL && mdp_names_index(&names, text) >= 0) return MDP_OK;
    snprintf(expected, sizeof expected, "one of %s", mdp_names_text(&names, list));
    return unexpected(walk, node, expected);
}

/* ---- what has parts ---- */

static yaml_node_t *node_of(const struct walk *walk, int index) {
    return yaml_document_get_node((yaml_document_t *)&walk->yaml->document, index);
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

static mdp_err check_entries(struct walk *walk, const yaml_node_t *node, const cyaml_schema_value_t *schema) {
    char expected[96];
    if (node->type != YAML_SEQUENCE_NODE) return unexpected(walk, node, "a list");
    const yaml_node_item_t *items = node->data.sequence.items.start;
    long n = node->data.sequence.items.top - items;
    int is_flags = schema->type == CYAML_FLAGS;
    for (long i = 0; i < n; i++) {
        const yaml_node_t *item = node_of(walk, items[i]);
        struct walk next = at_entry(walk, item, i);
        mdp_err err = is_flags ? check_name(&next, item, schema) : check_value(&next, item, schema->sequence.entry);
        if (err != MDP_OK) return err;
    }
    if (is_flags || (n >= (long)schema->sequence.min && n <= (long)schema->sequence.max)) return MDP_OK;
    if (schema->sequence.max == CYAML_UNLIMITED)
        snprintf(expected, sizeof expected, "at least %u", (unsigned)schema->sequence.min);
    else
        snprintf(expected, sizeof expected, "%u to %u", (unsigned)schema->sequence.min, (unsigned)schema->sequence.max);
    return mdp_yaml_refuse_at(walk->yaml, walk->line, walk->path, "expected %s entries, found %ld", expected, n);
}

static struct mdp_names keys_of(const cyaml_schema_value_t *schema) {
    const cyaml_schema_field_t *fields = schema->mapping.fields;
    struct mdp_names keys = {&fields->key, sizeof *fields, 0};
    while (fields[keys.n].key != NULL) keys.n++;
    return keys;
}

/* the line of the first pair with a key, 0 if there is none before `end` */
static size_t line_of(const struct walk *walk, const yaml_node_t *node, const yaml_node_pair_t *end, const char *name) {
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < end; pair++) {
        const yaml_node_t *key = node_of(walk, pair->key);
        if (mdp_yaml_scalar(key) != NULL && strcmp(mdp_yaml_scalar(key), name) == 0) return key->start_mark.line + 1;
    }
    return 0;
}

static mdp_err check_pair(struct walk *walk, const yaml_node_t *node, const cyaml_schema_value_t *schema,
                          const yaml_node_pair_t *pair) {
    char text[64], list[MDP_NAMES_MAX];
    const struct mdp_names keys = keys_of(schema);
    const yaml_node_t *key = node_of(walk, pair->key);
    size_t line = key->start_mark.line + 1;
    const char *name = mdp_yaml_scalar(key);
    int i = name != NULL ? mdp_names_index(&keys, name) : -1;
    if (i < 0)
        return mdp_yaml_refuse_at(walk->yaml, line, walk->path, "expected keys of %s, found %s",
                                  mdp_names_text(&keys, list), describe(key, text));
    size_t first = line_of(walk, node, pair, name);
    struct walk next = at_key(walk, line, name);
    if (first > 0)
        return mdp_yaml_refuse_at(walk->yaml, line, next.path, "expected once, found again after line %zu", first);
    return check_value(&next, node_of(walk, pair->value), &schema->mapping.fields[i].value);
}

static mdp_err check_mapping(struct walk *walk, const yaml_node_t *node, const cyaml_schema_value_t *schema) {
    char expected[MDP_NAMES_MAX + 32], list[MDP_NAMES_MAX];
    const struct mdp_names keys = keys_of(schema);
    if (node->type != YAML_MAPPING_NODE) {
        snprintf(expected, sizeof expected, "a mapping with keys of %s", mdp_names_text(&keys, list));
        return unexpected(walk, node, expected);
    }
    const yaml_node_pair_t *top = node->data.mapping.pairs.top;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < top; pair++) {
        mdp_err err = check_pair(walk, node, schema, pair);
        if (err != MDP_OK) return err;
    }
    for (const cyaml_schema_field_t *field = schema->mapping.fields; field->key != NULL; field++)
        if (!(field->value.flags & CYAML_FLAG_OPTIONAL) && line_of(walk, node, top, field->key) == 0)
            return mdp_yaml_refuse_at(walk->yaml, walk->line, walk->path, "expected the key %s, found none",
                                      field->key);
    return MDP_OK;
}

/* ---- all of it ---- */

static int is_null(const yaml_node_t *node, const cyaml_schema_value_t *schema) {
    static const char *const nulls[] = {"null", "Null", "NULL", "~"};
    const char *text = mdp_yaml_scalar(node);
    if (text == NULL || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return 0;
    if ((schema->flags & CYAML_FLAG_POINTER_NULL) != CYAML_FLAG_POINTER_NULL) return 0;
    if (text[0] == 0) return 1;
    if ((schema->flags & CYAML_FLAG_POINTER_NULL_STR) != CYAML_FLAG_POINTER_NULL_STR) return 0;
    for (unsigned i = 0; i < sizeof nulls / sizeof nulls[0]; i++)
        if (strcmp(text, nulls[i]) == 0) return 1;
    return 0;
}

static mdp_err check_value(struct walk *walk, const yaml_node_t *node, const cyaml_schema_value_t *schema) {
    if (is_null(node, schema)) return MDP_OK;
    switch (schema->type) {
    case CYAML_INT:
    case CYAML_UINT: return check_whole(walk, node, schema);
    case CYAML_BOOL: return check_bool(walk, node);
    case CYAML_ENUM: return check_name(walk, node, schema);
    case CYAML_FLOAT: return check_real(walk, node);
    case CYAML_STRING: return check_string(walk, node, schema);
    case CYAML_MAPPING: return check_mapping(walk, node, schema);
    case CYAML_FLAGS:
    case CYAML_SEQUENCE:
    case CYAML_SEQUENCE_FIXED: return check_entries(walk, node, schema);
    case CYAML_IGNORE: return MDP_OK;
    default:
        return mdp_fail(MDP_E_INTERNAL, "%s: %s: its schema has a type without a check", walk->yaml->name, walk->path);
    }
}

mdp_err mdp_yaml_check(const struct mdp_yaml *yaml) {
    struct walk walk = {.yaml = yaml, .path = "", .line = 1};
    const yaml_node_t *root = yaml_document_get_root_node((yaml_document_t *)&yaml->document);
    if (root == NULL) return mdp_yaml_refuse_at(yaml, 1, NULL, "expected a mapping, found nothing");
    walk.line = root->start_mark.line + 1;
    return check_value(&walk, root, yaml->schema->value);
}
