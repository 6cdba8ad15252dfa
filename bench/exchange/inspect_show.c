/* the walk over what inspect found, for people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bench/exchange/inspect.h"

static void print_value(const json_t *value, FILE *stream) {
    char *text;
    switch (json_typeof(value)) {
    case JSON_STRING: mdp_text_put(stream, json_string_value(value)); break;
    case JSON_REAL: fprintf(stream, "%.6g", json_real_value(value)); break;
    case JSON_NULL: fputs("-", stream); break;
    default:
        text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
        mdp_text_put(stream, text);
        free(text);
    }
}

static void print_spread(const json_t *entry, FILE *stream) {
    const json_t *sd = json_object_get(entry, "sd");
    fprintf(stream, "  mean %.4g, sd ", json_number_value(json_object_get(entry, "mean")));
    if (json_is_null(sd))
        fprintf(stream, "-");
    else
        fprintf(stream, "%.4g", json_number_value(sd));
    fprintf(stream, ", %.4g to %.4g", json_number_value(json_object_get(entry, "min")),
            json_number_value(json_object_get(entry, "max")));
}

static void put_padded(const char *name, int width, FILE *stream) {
    fputs("    ", stream);
    mdp_text_put(stream, name);
    fprintf(stream, "%*s", (int)strlen(name) < width ? width - (int)strlen(name) : 0, "");
}

static void print_contents(json_t *list, FILE *stream) {
    size_t i;
    json_t *entry;
    fprintf(stream, "  contents\n");
    json_array_foreach(list, i, entry) {
        put_padded(json_string_value(json_object_get(entry, "name")), 44, stream);
        fprintf(stream, " %-8s ", json_string_value(json_object_get(entry, "type")));
        if (json_object_get(entry, "link") != NULL)
            print_value(json_object_get(entry, "link"), stream);
        else if (json_is_null(json_object_get(entry, "shape")))
            fputs("empty", stream);
        else
            print_value(json_object_get(entry, "shape"), stream);
        if (json_object_get(entry, "mean") != NULL) print_spread(entry, stream);
        fprintf(stream, "\n");
    }
}

/* a line for each evaluation of a curve */
static void print_evaluations(json_t *list, FILE *stream) {
    size_t i;
    json_t *entry;
    fprintf(stream, "  evaluations        %zu, normalized returns:\n", json_array_size(list));
    json_array_foreach(list, i, entry) {
        fprintf(stream, "    step %9" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(entry, "step")));
        print_spread(json_object_get(entry, "normalized_return"), stream);
        fprintf(stream, "\n");
    }
}

/* a sentence, and a line for each environment that was tried */
static void print_world(const json_t *world, FILE *stream) {
    size_t i;
    json_t *entry;
    fputs("  world              ", stream);
    print_value(json_object_get(world, "says"), stream);
    fputc('\n', stream);
    json_array_foreach(json_object_get(world, "tried"), i, entry) {
        put_padded(json_string_value(json_object_get(entry, "env")), 22, stream);
        if (json_object_get(entry, "why_not") != NULL) {
            fputs("not replayed: ", stream);
            print_value(json_object_get(entry, "why_not"), stream);
        } else {
            fprintf(stream, "one step: median %.2g, 90 %% %.2g, max %.2g%s",
                    json_number_value(json_object_get(entry, "median")),
                    json_number_value(json_object_get(entry, "q90")), json_number_value(json_object_get(entry, "max")),
                    json_is_true(json_object_get(entry, "fits")) ? ", fits" : "");
        }
        fputc('\n', stream);
    }
}

/* numbers of one thing share a line; texts get one each */
static void print_members(json_t *object, FILE *stream) {
    const char *name;
    json_t *member;
    int is_first = 1;
    json_object_foreach(object, name, member) {
        if (json_is_string(member))
            fputs(is_first ? "" : "\n                     ", stream);
        else
            fputs(is_first ? "" : "  ", stream);
        mdp_text_put(stream, name);
        fprintf(stream, "%*s ", json_is_string(member) && strlen(name) < 10 ? 10 - (int)strlen(name) : 0, "");
        print_value(member, stream);
        is_first = 0;
    }
}

void mdp_inspect_print(const char *path, json_t *root, FILE *stream) {
    const char *name;
    json_t *value;
    mdp_text_put(stream, path);
    fputc('\n', stream);
    json_object_foreach(root, name, value) {
        if (strcmp(name, "file") == 0) continue;
        if (strcmp(name, "contents") == 0) {
            print_contents(value, stream);
            continue;
        }
        if (strcmp(name, "world") == 0 && json_object_get(value, "tried") != NULL) {
            print_world(value, stream);
            continue;
        }
        if (strcmp(name, "evaluations") == 0) {
            print_evaluations(value, stream);
            continue;
        }
        fprintf(stream, "  %-18s ", name);
        if (json_is_object(value) && strcmp(name, "settings") != 0 && strcmp(name, "inputs") != 0) {
            print_members(value, stream);
        } else {
            print_value(value, stream);
        }
        fprintf(stream, "\n");
    }
}
