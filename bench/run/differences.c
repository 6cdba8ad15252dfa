#include "bench/run/differences.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"

enum { NAME_MAX_BYTES = 128 };

/* all entries of a that b has otherwise or not at all; where is_rest, a is what is here, and those that only it has */
static void walk(json_t *a, json_t *b, const char *within, int is_rest, mdp_difference visit, void *context) {
    const char *key;
    json_t *value;
    json_object_foreach(a, key, value) {
        char name[NAME_MAX_BYTES];
        json_t *other = json_object_get(b, key);
        if (json_equal(value, other) || (is_rest && other != NULL)) continue;
        snprintf(name, sizeof name, "%s%s%s", within, within[0] != 0 ? "." : "", key);
        if (json_is_object(value) && json_is_object(other)) {
            walk(value, other, name, 0, visit, context);
            walk(other, value, name, 1, visit, context);
        } else {
            visit(context, name, is_rest ? NULL : value, is_rest ? value : other);
        }
    }
}

void mdp_differences(json_t *there, json_t *here, mdp_difference visit, void *context) {
    walk(there, here, "", 0, visit, context);
    walk(here, there, "", 1, visit, context);
}

char *mdp_difference_text(const json_t *value) {
    char number[MDP_NUMBER_MAX];
    if (json_is_real(value)) {
        mdp_number_shortest(json_real_value(value), number);
        return strdup(number);
    }
    return value != NULL ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS) : strdup("none");
}
