#include "bench/run/steps_alike.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 128, VALUE_MAX_BYTES = 256 };

/* what a step has of its own */
static void drop_own(json_t *settings) {
    static const char *const modules[] = {"diffusion", "guidance"};
    json_object_del(settings, "inputs");
    json_object_del(settings, "source");
    for (int i = 0; i < 2; i++) {
        json_t *module = json_object_get(settings, modules[i]);
        json_object_del(module, "hash");
        json_object_del(module, "step");
    }
}

static void show(const json_t *value, char text[VALUE_MAX_BYTES]) {
    char *dump = value != NULL ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    snprintf(text, VALUE_MAX_BYTES, "%s", dump != NULL ? dump : "none");
    free(dump);
}

/* the first entry of a that b has not, or has with another value; of an object in both, its entry. *there, *here: the
 * values */
static int find_difference(json_t *a, json_t *b, char name[NAME_MAX_BYTES], const json_t **there, const json_t **here) {
    const char *key;
    json_t *value;
    json_object_foreach(a, key, value) {
        json_t *other = json_object_get(b, key);
        if (json_equal(value, other)) continue;
        size_t n = strlen(name);
        snprintf(name + n, NAME_MAX_BYTES - n, "%s%s", n > 0 ? "." : "", key);
        *there = value;
        *here = other;
        if (json_is_object(value) && json_is_object(other) && !find_difference(value, other, name, there, here))
            (void)find_difference(other, value, name, here, there);
        return 1;
    }
    return 0;
}

static mdp_err refuse(const char *first, json_t *a, const char *path, json_t *b) {
    char name[NAME_MAX_BYTES] = "", expected[VALUE_MAX_BYTES], found[VALUE_MAX_BYTES];
    const json_t *there = NULL, *here = NULL;
    if (!find_difference(a, b, name, &there, &here)) (void)find_difference(b, a, name, &here, &there);
    show(there, expected);
    show(here, found);
    return mdp_fail(MDP_E_DATA,
                    "%s: settings: %s: expected %s as in %s, found %s; the steps of a run have equal settings", path,
                    name, expected, first, found);
}

mdp_err mdp_steps_check_pair(const char *first, const char *first_settings, const char *path, const char *settings) {
    mdp_err err = MDP_OK;
    if (strcmp(first_settings, settings) == 0) return MDP_OK;
    json_t *a = json_loads(first_settings, 0, NULL), *b = json_loads(settings, 0, NULL);
    if (a == NULL || b == NULL)
        err = mdp_fail(MDP_E_DATA, "%s: settings: expected a JSON object, found other text", a == NULL ? first : path);
    if (err == MDP_OK) {
        drop_own(a);
        drop_own(b);
        if (!json_equal(a, b)) err = refuse(first, a, path, b);
    }
    json_decref(a);
    json_decref(b);
    return err;
}

mdp_err mdp_steps_alike_join(struct mdp_steps_alike *steps, const char *path, const char *settings) {
    if (steps->settings != NULL) return mdp_steps_check_pair(steps->path, steps->settings, path, settings);
    snprintf(steps->path, sizeof steps->path, "%s", path);
    steps->settings = strdup(settings);
    return steps->settings != NULL ? MDP_OK : mdp_fail(MDP_E_NOMEM, "%s: no memory for its settings", path);
}

void mdp_steps_alike_free(struct mdp_steps_alike *steps) {
    free(steps->settings);
    *steps = (struct mdp_steps_alike){.path = ""};
}
