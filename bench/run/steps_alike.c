#include "bench/run/steps_alike.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/run/differences.h"

enum { NAME_MAX_BYTES = 128, VALUE_MAX_BYTES = 256 };

/* what a step has of its own */
static void drop_own(json_t *settings) {
    static const char *const modules[] = {"diffusion", "guidance"};
    static const char *const own[] = {"inputs", "source", "policy_command", "policy_hash"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) json_object_del(settings, own[i]);
    for (int i = 0; i < 2; i++) {
        json_t *module = json_object_get(settings, modules[i]);
        json_object_del(module, "hash");
        json_object_del(module, "step");
    }
}

/* the first difference of two steps */
struct first {
    char name[NAME_MAX_BYTES], expected[VALUE_MAX_BYTES], found[VALUE_MAX_BYTES];
};

static void show(const json_t *value, char text[VALUE_MAX_BYTES]) {
    char *dump = mdp_difference_text(value);
    snprintf(text, VALUE_MAX_BYTES, "%s", dump != NULL ? dump : "");
    free(dump);
}

static void take_first(void *context, const char *name, const json_t *there, const json_t *here) {
    struct first *first = context;
    if (first->name[0] != 0) return;
    snprintf(first->name, sizeof first->name, "%s", name);
    show(there, first->expected);
    show(here, first->found);
}

static mdp_err refuse(const char *first_path, json_t *a, const char *path, json_t *b) {
    struct first first = {.name = ""};
    mdp_differences(a, b, take_first, &first);
    return mdp_fail(MDP_E_DATA,
                    "%s: settings: %s: expected %s as in %s, found %s; the steps of a run have equal settings", path,
                    first.name, first.expected, first_path, first.found);
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
