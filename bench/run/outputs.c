#include "bench/run/outputs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "base/log.h"
#include "base/memstream.h"
#include "base/path.h"
#include "base/text.h"
#include "bench/run/differences.h"
#include "bench/run/version.h"
#include "envs/env.h"
#include "results/checkpoint.h"

mdp_err mdp_json_text(json_t *object, char **text) {
    *text = NULL;
    if (object == NULL) return mdp_fail(MDP_E_INTERNAL, "settings: cannot be written as JSON");
    *text = json_dumps(object, JSON_SORT_KEYS | JSON_COMPACT);
    json_decref(object);
    return *text != NULL ? MDP_OK : mdp_fail(MDP_E_NOMEM, "settings: no memory");
}

/* what differs, as a list for people */
struct list {
    struct mdp_memstream text;
    int n;
};

static void list_difference(void *context, const char *name, const json_t *there, const json_t *here) {
    struct list *list = context;
    char *a = mdp_difference_text(there), *b = mdp_difference_text(here);
    fprintf(list->text.stream, "%s%s %s there, %s wanted", list->n++ > 0 ? "; " : "", name, a != NULL ? a : "",
            b != NULL ? b : "");
    free(a);
    free(b);
}

static mdp_err refuse(const char *path, json_t *there, json_t *wanted, const char *way_out) {
    struct list list = {.n = 0};
    mdp_err err = mdp_memstream_open(&list.text, path);
    if (err != MDP_OK) return err;
    mdp_differences(there, wanted, list_difference, &list);
    err = mdp_memstream_close(&list.text, MDP_OK);
    if (err == MDP_OK)
        err = mdp_fail(MDP_E_USAGE, "%s was made with other settings: %.1500s; %s keeps both, or delete it", path,
                       list.text.text, way_out);
    free(list.text.text);
    return err;
}

/* compared as values, so that the order of keys is no difference */
mdp_err mdp_check_same_settings(const char *path, const char *recorded, const char *wanted, const char *way_out) {
    json_t *a = json_loads(recorded, 0, NULL), *b = json_loads(wanted, 0, NULL);
    mdp_err err = MDP_OK;
    if (!json_is_object(a) || !json_is_object(b))
        err = mdp_fail(MDP_E_USAGE, "%s was made with other settings: %s there, %s wanted; %s keeps both, or delete it",
                       path, recorded, wanted, way_out);
    else if (!json_equal(a, b))
        err = refuse(path, a, b, way_out);
    json_decref(a);
    json_decref(b);
    return err;
}

int mdp_wants_more(const char *recorded, const char *wanted) {
    static const char key[] = "episodes";
    json_t *a = json_loads(recorded, 0, NULL), *b = json_loads(wanted, 0, NULL);
    const json_t *there = json_object_get(a, key), *more = json_object_get(b, key);
    int is_more = json_is_integer(there) && json_is_integer(more) &&
                  json_integer_value(there) < json_integer_value(more) &&
                  json_object_set(a, key, json_object_get(b, key)) == 0 && json_equal(a, b);
    json_decref(a);
    json_decref(b);
    return is_more;
}

mdp_err mdp_check_own(const char *path, const char *settings, enum mdp_publish *how, int *is_there) {
    struct mdp_checkpoint_info info = {.step = 0};
    mdp_err err;
    *how = MDP_PUBLISH_NEW;
    *is_there = 0;
    if (!mdp_fsx_exists(path)) return MDP_OK;
    *how = MDP_PUBLISH_REPLACE;
    err = mdp_checkpoint_read_info(path, &info);
    if (err == MDP_E_DATA) {
        mdp_log("%s; made again", mdp_err_message());
        return MDP_OK;
    }
    if (err == MDP_OK) err = mdp_check_same_settings(path, info.head.settings, settings, MDP_WAY_OUT);
    *is_there = err == MDP_OK;
    mdp_checkpoint_info_free(&info);
    return err;
}

/* a file may be called by any bytes, JSON is of UTF-8 */
mdp_err mdp_inputs_add(json_t *inputs, const char *path) {
    uint64_t hash;
    char text[17], shown[MDP_PATH_MAX];
    mdp_err err = mdp_fsx_hash(path, &hash);
    if (err == MDP_OK) err = mdp_fsx_path(shown, "%s", path);
    if (err != MDP_OK) return err;
    mdp_text_mend(shown);
    const char *name = mdp_path_name(shown);
    if (json_object_get(inputs, name) != NULL) name = shown;
    snprintf(text, sizeof text, "%016" PRIx64, hash);
    if (json_object_set_new(inputs, name, json_string(text)) != 0)
        return mdp_fail(MDP_E_NOMEM, "%s: no memory for its name", path);
    return MDP_OK;
}

void mdp_machine_text(char machine[MDP_MACHINE_MAX]) { mdp_version_text(mdp_env_physics_version(), machine); }
