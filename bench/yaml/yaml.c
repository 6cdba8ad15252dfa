#include "bench/yaml/yaml.h"

#include <stdlib.h>
#include <string.h>

#include "base/file_kind.h"
#include "base/fsx.h"
#include "bench/yaml/fill.h"
#include "bench/yaml/place_internal.h"

/* lists and mappings within each other; no file of ours has ten */
enum { DEPTH_MAX = 64 };

/* ---- text to document ---- */

static mdp_err bad_syntax(const struct mdp_yaml *yaml, const yaml_parser_t *parser) {
    if (parser->error == YAML_MEMORY_ERROR) return mdp_fail(MDP_E_NOMEM, "%s: no memory to read it", yaml->name);
    if (parser->error == YAML_READER_ERROR)
        return mdp_fail(MDP_E_DATA, "%s: expected YAML in UTF-8, found at byte %zu: %s", yaml->name,
                        parser->problem_offset, parser->problem);
    /* the commonest mistake, which the parser calls a character that cannot start any token */
    if (parser->error == YAML_SCANNER_ERROR && parser->buffer.pointer[0] == '\t')
        return mdp_yaml_refuse_at(yaml, parser->problem_mark.line + 1, NULL,
                                  "expected blanks as indentation, found a tab");
    return mdp_yaml_refuse_at(yaml, parser->problem_mark.line + 1, NULL, "expected YAML, found: %s%s%s",
                              parser->problem, parser->context != NULL ? " " : "",
                              parser->context != NULL ? parser->context : "");
}

static int step_of(yaml_event_type_t type) {
    if (type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT) return 1;
    return type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT ? -1 : 0;
}

/* an alias may blow a small text up to any size, a second document would be ignored, and lists within lists may go on
 * for ever: none gets further than here */
static mdp_err check_events(const struct mdp_yaml *yaml, yaml_parser_t *parser) {
    int n_documents = 0, is_end = 0, depth = 0;
    while (!is_end) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) return bad_syntax(yaml, parser);
        yaml_event_type_t type = event.type;
        size_t line = event.start_mark.line + 1;
        yaml_event_delete(&event);
        is_end = type == YAML_STREAM_END_EVENT;
        depth += step_of(type);
        if (depth > DEPTH_MAX)
            return mdp_yaml_refuse_at(yaml, line, NULL, "expected at most %d levels within each other, found more",
                                      DEPTH_MAX);
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

mdp_err mdp_yaml_parse(const char *name, const char *text, size_t size, const struct mdp_settings *table,
                       struct mdp_yaml **out) {
    mdp_err err;
    struct mdp_yaml *yaml = NULL;
    *out = NULL;
    MDP_TRY(mdp_calloc(&yaml, 1, sizeof *yaml, name));
    yaml->name = strdup(name);
    if (yaml->name == NULL) MDP_TRY(mdp_fail(MDP_E_NOMEM, "%s: no memory to read it", name));
    MDP_TRY(with_parser(yaml, text, size, 1));
    MDP_TRY(with_parser(yaml, text, size, 0));
    MDP_TRY(mdp_calloc(&yaml->data, 1, table->size, name));
    MDP_TRY(mdp_yaml_fill(yaml, table, yaml->data));
    *out = yaml;
    yaml = NULL;
out:
    mdp_yaml_free(yaml);
    return err;
}

mdp_err mdp_yaml_read(const char *path, const struct mdp_settings *table, struct mdp_yaml **out) {
    char *text = NULL;
    size_t size;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_fsx_read(path, MDP_YAML_MOST_BYTES, &text, &size));
    const char *kind = mdp_file_kind_no_text(text, size);
    if (kind != NULL) MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected YAML, found %s", path, kind));
    MDP_TRY(mdp_yaml_parse(path, text, size, table, out));
out:
    free(text);
    return err;
}

void *mdp_yaml_data(const struct mdp_yaml *yaml) { return yaml->data; }

void mdp_yaml_free(struct mdp_yaml *yaml) {
    if (yaml == NULL) return;
    for (struct mdp_yaml_block *next, *block = yaml->blocks; block != NULL; block = next) {
        next = block->next;
        free(block->entries);
        free(block);
    }
    free(yaml->data);
    if (yaml->has_document) yaml_document_delete(&yaml->document);
    free(yaml->name);
    free(yaml);
}
