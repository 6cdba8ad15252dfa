#include "bench/yaml/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "bench/yaml/internal.h"

static const cyaml_config_t config = {.mem_fn = cyaml_mem, .flags = CYAML_CFG_NO_ALIAS};

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

/* ---- text to document ---- */

static mdp_err bad_syntax(const struct mdp_yaml *yaml, const yaml_parser_t *parser) {
    if (parser->error == YAML_MEMORY_ERROR) return mdp_fail(MDP_E_NOMEM, "%s: no memory to read it", yaml->name);
    if (parser->error == YAML_READER_ERROR)
        return mdp_fail(MDP_E_DATA, "%s: expected YAML in UTF-8, found at byte %zu: %s", yaml->name,
                        parser->problem_offset, parser->problem);
    return mdp_yaml_refuse_at(yaml, parser->problem_mark.line + 1, NULL, "expected YAML, found: %s%s%s",
                              parser->problem, parser->context != NULL ? " " : "",
                              parser->context != NULL ? parser->context : "");
}

/* an alias may blow a small text up to any size, a second document would be ignored: neither gets further than here */
static mdp_err check_events(const struct mdp_yaml *yaml, yaml_parser_t *parser) {
    int n_documents = 0, is_end = 0;
    while (!is_end) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) return bad_syntax(yaml, parser);
        yaml_event_type_t type = event.type;
        size_t line = event.start_mark.line + 1;
        yaml_event_delete(&event);
        is_end = type == YAML_STREAM_END_EVENT;
        if (type == YAML_ALIAS_EVENT) return mdp_yaml_refuse_at(yaml, line, NULL, "expected no aliases, found one");
        if (type == YAML_DOCUMENT_START_EVENT && ++n_documents > 1)
            return mdp_yaml_refuse_at(yaml, line, NULL, "expected one document, found a second");
    }
    return MDP_OK;
}

static mdp_err with_parser(struct mdp_yaml *yaml, const char *text, size_t size, int is_check) {
    yaml_parser_t parser;
    mdp_err err = MDP_OK;
    if (!yaml_parser_initialize(&parser)) return mdp_fail(MDP_E_NOMEM, "%s: no memory to read it", yaml->name);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    if (is_check)
        err = check_events(yaml, &parser);
    else if (!yaml_parser_load(&parser, &yaml->document))
        err = bad_syntax(yaml, &parser);
    else
        yaml->has_document = 1;
    yaml_parser_delete(&parser);
    return err;
}

/* ---- document to struct ---- */

static mdp_err load(struct mdp_yaml *yaml, const char *text, size_t size) {
    cyaml_err_t found = cyaml_load_data((const uint8_t *)text, size, &config, yaml->schema->value, &yaml->data, NULL);
    if (found == CYAML_OK) return MDP_OK;
    return mdp_fail(found == CYAML_ERR_OOM ? MDP_E_NOMEM : MDP_E_INTERNAL, "%s: libcyaml: %s", yaml->name,
                    cyaml_strerror(found));
}

mdp_err mdp_yaml_parse(const char *name, const char *text, size_t size, const struct mdp_yaml_schema *schema,
                       struct mdp_yaml **out) {
    mdp_err err;
    struct mdp_yaml *yaml = NULL;
    *out = NULL;
    MDP_TRY(mdp_calloc(&yaml, 1, sizeof *yaml, name));
    yaml->schema = schema;
    yaml->name = strdup(name);
    if (yaml->name == NULL) MDP_TRY(mdp_fail(MDP_E_NOMEM, "%s: no memory to read it", name));
    MDP_TRY(with_parser(yaml, text, size, 1));
    MDP_TRY(with_parser(yaml, text, size, 0));
    MDP_TRY(mdp_yaml_check(yaml));
    MDP_TRY(load(yaml, text, size));
    *out = yaml;
    yaml = NULL;
out:
    mdp_yaml_free(yaml);
    return err;
}

mdp_err mdp_yaml_read(const char *path, const struct mdp_yaml_schema *schema, struct mdp_yaml **out) {
    char *text = NULL;
    size_t size;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_fsx_read(path, MDP_YAML_MOST_BYTES, &text, &size));
    MDP_TRY(mdp_yaml_parse(path, text, size, schema, out));
out:
    free(text);
    return err;
}

const void *mdp_yaml_data(const struct mdp_yaml *yaml) { return yaml->data; }

void mdp_yaml_free(struct mdp_yaml *yaml) {
    if (yaml == NULL) return;
    if (yaml->data != NULL) cyaml_free(&config, yaml->schema->value, yaml->data, 0);
    if (yaml->has_document) yaml_document_delete(&yaml->document);
    free(yaml->name);
    free(yaml);
}
