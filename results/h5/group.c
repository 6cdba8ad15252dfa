#include "results/h5/group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/h5/objects_internal.h"
#include "results/h5/own_internal.h"

int mdp_h5_exists(struct mdp_h5 *file, const char *name) {
    return file->own != NULL ? mdp_h5i_own_length(file->own, name) >= 0 : mdp_h5i_exists(file, name);
}

struct listing {
    struct mdp_h5 *file;
    struct mdp_h5_child *children;
    int n, room, refused;
};

static herr_t add_child(hid_t group, const char *name, const H5L_info_t *info, void *data) {
    struct listing *list = data;
    (void)info;
    if (list->n == list->room || strlen(name) >= MDP_H5_NAME_MAX) {
        list->refused = 1;
        return -1;
    }
    struct mdp_h5_child *child = &list->children[list->n++];
    strcpy(child->name, name);
    child->is_group = mdp_h5i_is_group_below(group, name);
    return child->is_group < 0 ? -1 : 0;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(((const struct mdp_h5_child *)a)->name, ((const struct mdp_h5_child *)b)->name);
}

/* in the order of the file, sorted here: libhdf5 1.10 sorts the entries of a large group by a table which it does not
 * survive when a part of it cannot be read */
mdp_err mdp_h5_list(struct mdp_h5 *file, const char *group, struct mdp_h5_child **children, int *n_children) {
    hid_t id;
    H5G_info_t info;
    struct listing list = {file, NULL, 0, 0, 0};
    *children = NULL;
    *n_children = 0;
    mdp_err err = mdp_h5i_open_as(file, group, H5I_GROUP, &id);
    if (err != MDP_OK) return err;
    if (H5Gget_info(id, &info) < 0) {
        err = mdp_h5i_fail_read(file, group, "the group");
        goto out;
    }
    if (info.nlinks > MDP_H5_CHILDREN_MAX) {
        err = mdp_fail(MDP_E_DATA, "%s: %s: expected at most %d entries, found %llu", file->path, group,
                       MDP_H5_CHILDREN_MAX, (unsigned long long)info.nlinks);
        goto out;
    }
    list.room = (int)info.nlinks;
    MDP_TRY(mdp_calloc(&list.children, (unsigned long)list.room, sizeof *list.children, group));
    hsize_t index = 0;
    if (H5Literate(id, H5_INDEX_NAME, H5_ITER_NATIVE, &index, add_child, &list) < 0) {
        err = list.refused ? mdp_fail(MDP_E_DATA, "%s: %s: expected names below %d bytes, found a longer one",
                                      file->path, group, MDP_H5_NAME_MAX)
                           : mdp_h5i_fail_read(file, group, "the list of entries");
        free(list.children);
        goto out;
    }
    if (list.n > 1) qsort(list.children, (size_t)list.n, sizeof *list.children, compare_names);
    *children = list.children;
    *n_children = list.n;
out:
    H5Oclose(id);
    return err;
}

/* a named type is an object of its own, with the same questions to ask */
mdp_err mdp_h5_describe(struct mdp_h5 *file, const char *name, struct mdp_h5_entry *entry) {
    *entry = (struct mdp_h5_entry){.type = "link"};
    hid_t id = mdp_h5i_open(file, name), type = H5I_INVALID_HID, space = H5I_INVALID_HID;
    if (id < 0 && mdp_h5i_link(file, name, entry->link)) return MDP_OK;
    if (id >= 0 && H5Iget_type(id) == H5I_DATATYPE) {
        snprintf(entry->type, sizeof entry->type, "named type");
        H5Oclose(id);
        return MDP_OK;
    }
    if (id >= 0) H5Oclose(id);
    mdp_err err = mdp_h5i_open_as(file, name, H5I_DATASET, &id);
    if (err != MDP_OK) return err;
    type = H5Dget_type(id);
    space = H5Dget_space(id);
    mdp_h5i_type_text(type, entry->type);
    entry->is_numeric = mdp_h5i_is_numeric(type);
    entry->has_elements = H5Sget_simple_extent_type(space) != H5S_NULL;
    H5Sclose(space);
    H5Tclose(type);
    H5Oclose(id);
    return MDP_OK;
}
