#include "bench/yaml/place.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/yaml/place_internal.h"

/* ---- refusals ---- */

static mdp_err refuse(const struct mdp_yaml *yaml, size_t line, const char *key, const char *format, va_list args) {
    char text[768];
    vsnprintf(text, sizeof text, format, args);
    int has_key = key != NULL && key[0] != 0;
    return mdp_fail(MDP_E_DATA, "%s:%zu: %s%s%s", yaml->name, line, has_key ? key : "", has_key ? ": " : "", text);
}

mdp_err mdp_yaml_refuse_at(const struct mdp_yaml *yaml, size_t line, const char *key, const char *format, ...) {
    va_list args;
    va_start(args, format);
    mdp_err err = refuse(yaml, line, key, format, args);
    va_end(args);
    return err;
}

/* ---- keys to places ---- */

const char *mdp_yaml_scalar(const yaml_node_t *node) {
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

static yaml_node_t *node_of(const struct mdp_yaml *yaml, int index) {
    return yaml_document_get_node((yaml_document_t *)&yaml->document, index);
}

/* one part of a path: a name up to '.' or '[', or "[index]"; moves *key past it. *place is where messages point: the
 * key of a pair rather than its value, which may begin a line later */
static yaml_node_t *descend(const struct mdp_yaml *yaml, const yaml_node_t *node, const char **key,
                            const yaml_node_t **place) {
    if (**key == '[') {
        char *end;
        long i = strtol(*key + 1, &end, 10);
        if (*end != ']' || node->type != YAML_SEQUENCE_NODE) return NULL;
        *key = end + 1;
        if (i < 0 || i >= node->data.sequence.items.top - node->data.sequence.items.start) return NULL;
        return node_of(yaml, node->data.sequence.items.start[i]);
    }
    if (**key == '.') (*key)++;
    size_t n = strcspn(*key, ".[");
    const char *name = *key;
    *key += n;
    if (node->type != YAML_MAPPING_NODE) return NULL;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *found = node_of(yaml, pair->key);
        const char *text = mdp_yaml_scalar(found);
        if (text == NULL || strlen(text) != n || strncmp(text, name, n) != 0) continue;
        *place = found;
        return node_of(yaml, pair->value);
    }
    return NULL;
}

/* the line of a key, or of the last part of its path that is there */
static size_t find_line(const struct mdp_yaml *yaml, const char *key, int *found) {
    const yaml_node_t *node = yaml_document_get_root_node((yaml_document_t *)&yaml->document);
    const yaml_node_t *place = node;
    *found = 0;
    if (node == NULL) return 1;
    while (*key != 0) {
        const yaml_node_t *named = NULL;
        node = descend(yaml, node, &key, &named);
        if (node == NULL) return place->start_mark.line + 1;
        place = named != NULL ? named : node;
    }
    *found = 1;
    return place->start_mark.line + 1;
}

int mdp_yaml_line(const struct mdp_yaml *yaml, const char *key) {
    int found;
    size_t line = find_line(yaml, key, &found);
    return found ? (int)line : 0;
}

mdp_err mdp_yaml_refuse(const struct mdp_yaml *yaml, const char *key, const char *format, ...) {
    int found;
    va_list args;
    va_start(args, format);
    mdp_err err = refuse(yaml, find_line(yaml, key, &found), key, format, args);
    va_end(args);
    return err;
}
