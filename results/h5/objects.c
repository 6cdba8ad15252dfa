/* the way to an object of a file: never out of the file, and with the name of what stands in its place. */
#include <stdio.h>
#include <string.h>

#include "results/h5/objects_internal.h"

/* ---- opening ---- */

/* a link that leads out of the file is refused, whatever it points to */
static herr_t refuse_external(const char *a, const char *b, const char *c, const char *d, unsigned *e, hid_t f,
                              void *g) {
    (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g;
    return -1;
}

/* how links are followed stays for the life of the process: closing it would take the reason of a failure along */
static hid_t link_access(void) {
    static hid_t links = H5I_INVALID_HID;
    if (links < 0) {
        links = H5Pcreate(H5P_LINK_ACCESS);
        H5Pset_elink_cb(links, refuse_external, NULL);
    }
    return links;
}

hid_t mdp_h5i_open(struct mdp_h5 *file, const char *name) { return H5Oopen(file->id, name, link_access()); }

/* without opening it: an open dataset costs many times what its kind does */
int mdp_h5i_is_group_below(hid_t group, const char *name) {
    H5O_info_t info;
    if (H5Oget_info_by_name2(group, name, &info, H5O_INFO_BASIC, link_access()) >= 0)
        return info.type == H5O_TYPE_GROUP;
    const struct mdp_h5i_reason reason = mdp_h5i_newest_reason();
    return mdp_h5i_is_disk_error(&reason) ? -1 : 0;
}

/* link by link: an object that cannot be opened is there all the same, and must not pass for one that was left out */
int mdp_h5i_exists(struct mdp_h5 *file, const char *name) {
    char part[MDP_PATH_MAX];
    size_t n = strspn(name, "/");
    while (name[n] != 0) {
        n += strcspn(name + n, "/");
        snprintf(part, sizeof part, "%.*s", (int)n, name);
        htri_t found = H5Lexists(file->id, part, H5P_DEFAULT);
        if (found <= 0) return found < 0;
        n += strspn(name + n, "/");
        if (name[n] == 0) break;
        hid_t id = mdp_h5i_open(file, part);
        if (id < 0) return 1;
        H5I_type_t type = H5Iget_type(id);
        H5Oclose(id);
        if (type != H5I_GROUP) return 0;
    }
    return 1;
}

/* ---- what does not open ---- */

/* a link that is no object of this file: "a link to /x in other.h5" */
static int write_link(hid_t file, const char *name, char text[MDP_H5_LINK_TEXT]) {
    H5L_info_t info;
    char value[MDP_H5_LINK_TEXT / 2] = "";
    const char *other = NULL, *object = NULL;
    unsigned flags;
    if (H5Lget_info(file, name, &info, H5P_DEFAULT) < 0 || info.type == H5L_TYPE_HARD) return 0;
    if (H5Lget_val(file, name, value, sizeof value - 1, H5P_DEFAULT) < 0) return 0;
    if (info.type == H5L_TYPE_SOFT)
        snprintf(text, MDP_H5_LINK_TEXT, "a link to %.100s, which is not there", value);
    else if (H5Lunpack_elink_val(value, info.u.val_size, &flags, &other, &object) >= 0)
        snprintf(text, MDP_H5_LINK_TEXT, "a link to %.60s in %.60s", object, other);
    else
        snprintf(text, MDP_H5_LINK_TEXT, "a link of another kind");
    return 1;
}

int mdp_h5i_link(struct mdp_h5 *file, const char *name, char text[MDP_H5_LINK_TEXT]) {
    char part[MDP_PATH_MAX];
    size_t n = strspn(name, "/");
    while (name[n] != 0) {
        n += strcspn(name + n, "/");
        snprintf(part, sizeof part, "%.*s", (int)n, name);
        hid_t id = mdp_h5i_open(file, part);
        if (id < 0) return write_link(file->id, part, text);
        H5Oclose(id);
        n += strspn(name + n, "/");
    }
    return 0;
}

/* an object that is listed and does not open: newer than the library, or damaged */
static mdp_err fail_to_open(struct mdp_h5 *file, const char *name, const struct mdp_h5i_reason *reason) {
    unsigned major = 0, minor = 0, release = 0;
    if (strstr(reason->text, "version") == NULL) return mdp_h5i_fail_read_for(file, name, "the object", reason);
    H5get_libversion(&major, &minor, &release);
    return mdp_fail(
        MDP_E_DATA,
        "%s: %s: expected what HDF5 %u.%u.%u can read, found \"%s\": was it written by a newer HDF5? there, write "
        "with libver v110, or h5repack --low=1 --high=2 OLD NEW",
        file->path, name, major, minor, release, reason->text);
}

mdp_err mdp_h5i_open_as(struct mdp_h5 *file, const char *name, H5I_type_t wanted, hid_t *out) {
    *out = mdp_h5i_open(file, name);
    const char *kind = wanted == H5I_GROUP ? "group" : "dataset";
    char link[MDP_H5_LINK_TEXT];
    if (*out < 0) {
        struct mdp_h5i_reason reason = mdp_h5i_newest_reason();
        if (mdp_h5i_link(file, name, link))
            return mdp_fail(MDP_E_DATA, "%s: %s: expected a %s in this file, found %s", file->path, name, kind, link);
        if (mdp_h5i_exists(file, name)) return fail_to_open(file, name, &reason);
        return mdp_fail(MDP_E_DATA, "%s: %s: expected a %s, found none", file->path, name, kind);
    }
    H5I_type_t found = H5Iget_type(*out);
    if (found == wanted) return MDP_OK;
    H5Oclose(*out);
    *out = H5I_INVALID_HID;
    return mdp_fail(MDP_E_DATA, "%s: %s: expected a %s, found a %s", file->path, name, kind,
                    found == H5I_GROUP     ? "group"
                    : found == H5I_DATASET ? "dataset"
                                           : "named type");
}

/* ---- what a dataset takes ---- */

/* libhdf5 answers 0 for what was never written, and for a damaged list of chunks, of which only its reason tells */
mdp_err mdp_h5i_stored_bytes(const struct mdp_h5 *file, const char *name, hid_t id, double *n) {
    *n = (double)H5Dget_storage_size(id);
    return *n > 0 || H5Eget_num(H5E_DEFAULT) == 0 ? MDP_OK : mdp_h5i_fail_read(file, name, "the list of chunks");
}
