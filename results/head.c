#include "results/head.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"

enum { FORMAT_VERSION = 1 };

void mdp_head_machine(char machine[MDP_MACHINE_MAX]) {
    char hdf5[32];
    mdp_h5_library_version(hdf5);
    snprintf(machine, MDP_MACHINE_MAX, "%s; %s; HDF5 %s", mdp_cpu_model(), mdp_cpu_isa(), hdf5);
}

mdp_err mdp_head_check_json(const char *where, const char *text) {
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        return mdp_fail(MDP_E_DATA, "%s: expected JSON, found an error at byte %d: %s", where, error.position,
                        error.text);
    int is_object = json_is_object(root);
    json_decref(root);
    return is_object ? MDP_OK : mdp_fail(MDP_E_DATA, "%s: expected a JSON object, found another JSON value", where);
}

static mdp_err check_texts(const char *path, const char *settings, const char *inputs) {
    char where[MDP_H5_NAME_MAX];
    snprintf(where, sizeof where, "%.200s: /@settings", path);
    mdp_err err = mdp_head_check_json(where, settings);
    if (err != MDP_OK) return err;
    snprintf(where, sizeof where, "%.200s: /@inputs", path);
    return mdp_head_check_json(where, inputs);
}

mdp_err mdp_head_write_format(struct mdp_h5 *file, const char *format) {
    mdp_err err = mdp_h5_put_text(file, "/", "format", format);
    return err == MDP_OK ? mdp_h5_put_int(file, "/", "format_version", FORMAT_VERSION) : err;
}

mdp_err mdp_head_write(struct mdp_h5 *file, const char *format, const struct mdp_head *head) {
    char machine[MDP_MACHINE_MAX];
    mdp_head_machine(machine);
    const char *settings = head->settings != NULL ? head->settings : "{}";
    const char *inputs = head->inputs != NULL ? head->inputs : "{}";
    mdp_err err = check_texts(mdp_h5_path(file), settings, inputs);
    if (err != MDP_OK) return err;
    MDP_TRY(mdp_head_write_format(file, format));
    MDP_TRY(mdp_h5_put_text(file, "/", "version", head->version[0] != 0 ? head->version : MDP_VERSION));
    MDP_TRY(mdp_h5_put_text(file, "/", "machine", head->machine[0] != 0 ? head->machine : machine));
    MDP_TRY(mdp_h5_put_text(file, "/", "settings", settings));
    MDP_TRY(mdp_h5_put_text(file, "/", "inputs", inputs));
out:
    return err;
}

mdp_err mdp_head_check_format(struct mdp_h5 *file, const char *format) {
    char found[64] = "nothing";
    int64_t version;
    if (mdp_h5_attr_exists(file, "/", "format")) {
        mdp_err err = mdp_h5_attr_text(file, "/", "format", found, sizeof found);
        if (err != MDP_OK) return err;
    }
    if (strcmp(found, format) != 0)
        return mdp_fail(MDP_E_DATA, "%s: /@format: expected %s, found %s", mdp_h5_path(file), format, found);
    mdp_err err = mdp_h5_attr_int(file, "/", "format_version", &version);
    if (err != MDP_OK) return err;
    if (version != FORMAT_VERSION)
        return mdp_fail(MDP_E_DATA, "%s: /@format_version: expected %d, found %lld", mdp_h5_path(file), FORMAT_VERSION,
                        (long long)version);
    return MDP_OK;
}

mdp_err mdp_head_read(struct mdp_h5 *file, const char *format, struct mdp_head *head) {
    memset(head, 0, sizeof *head);
    mdp_err err = mdp_head_check_format(file, format);
    if (err != MDP_OK) return err;
    MDP_TRY(mdp_h5_attr_text(file, "/", "version", head->version, sizeof head->version));
    MDP_TRY(mdp_h5_attr_text(file, "/", "machine", head->machine, sizeof head->machine));
    MDP_TRY(mdp_h5_attr_text_new(file, "/", "settings", &head->owned_settings));
    MDP_TRY(mdp_h5_attr_text_new(file, "/", "inputs", &head->owned_inputs));
    MDP_TRY(check_texts(mdp_h5_path(file), head->owned_settings, head->owned_inputs));
    head->settings = head->owned_settings;
    head->inputs = head->owned_inputs;
    return MDP_OK;
out:
    mdp_head_free(head);
    return err;
}

void mdp_head_free(struct mdp_head *head) {
    free(head->owned_settings);
    free(head->owned_inputs);
    memset(head, 0, sizeof *head);
}
