#include "results/h5/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file_kind.h"
#include "results/h5/disk.h"
#include "results/h5/own_internal.h"
#include "results/h5/types_internal.h"
#include "results/h5/probe.h"

/* every file is closed here, and after damage the library may come to harm when it ends. Before its first use */
static void keep_library_from_ending(void) { H5dont_atexit(); }

static mdp_err bare_handle(const char *path, struct mdp_h5 **out) {
    *out = NULL;
    if (strlen(path) >= MDP_PATH_MAX)
        return mdp_fail(MDP_E_USAGE, "path longer than %d bytes: %.64s...", MDP_PATH_MAX, path);
    mdp_err err = mdp_calloc(out, 1, sizeof **out, "file handle");
    if (err != MDP_OK) return err;
    strcpy((*out)->path, path);
    (*out)->id = H5I_INVALID_HID;
    (*out)->temp = MDP_TEMP_NONE;
    return MDP_OK;
}

static mdp_err new_handle(const char *path, struct mdp_h5 **out) {
    keep_library_from_ending();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5PLset_loading_state(0); /* no code is loaded because a file names a filter */
    return bare_handle(path, out);
}

mdp_err mdp_h5_open_own(const char *path, struct mdp_h5 **out) {
    mdp_err err = bare_handle(path, out);
    if (err != MDP_OK) return err;
    mdp_h5i_own_open(path, &(*out)->own);
    if ((*out)->own != NULL) return MDP_OK;
    free(*out);
    *out = NULL;
    return mdp_fail(MDP_E_DATA, "%s: expected a file in the layout of this program, found another", path);
}

static mdp_err check_regular(const char *path) {
    struct stat info;
    if (stat(path, &info) != 0) return mdp_fail(MDP_E_IO, "%s: cannot open: %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode)) return mdp_fail(MDP_E_IO, "%s: expected a file, found a folder", path);
    if (!S_ISREG(info.st_mode)) return mdp_fail(MDP_E_IO, "%s: expected a regular file, found a device or pipe", path);
    FILE *file = fopen(path, "rb");
    if (file == NULL) return mdp_fail(MDP_E_IO, "%s: cannot open: %s", path, strerror(errno));
    fclose(file);
    if (info.st_size == 0) return mdp_fail(MDP_E_DATA, "%s: expected an HDF5 file, found an empty file", path);
    return MDP_OK;
}

mdp_err mdp_h5_open(const char *path, struct mdp_h5 **out) {
    mdp_err err = new_handle(path, out);
    if (err != MDP_OK) return err;
    struct mdp_h5 *file = *out;
    hid_t access = mdp_h5i_access();
    MDP_TRY(check_regular(path));
    htri_t is_hdf5 = H5Fis_hdf5(path);
    struct mdp_h5i_reason reason = is_hdf5 < 0 ? mdp_h5i_newest_reason() : (struct mdp_h5i_reason){.error_number = 0};
    if (mdp_h5i_is_disk_error(&reason)) MDP_TRY(mdp_h5i_fail_open(path, &reason));
    if (is_hdf5 <= 0)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected an HDF5 file, found %s", path, mdp_file_kind_of(path)));
    MDP_TRY(mdp_h5i_probe(path));
    file->id = H5Fopen(path, H5F_ACC_RDONLY, access);
    /* the library notices a damaged part of an object once, at the first touch, and later does not find what that part
     * lists: the root is touched here */
    if (file->id < 0 || H5Aexists(file->id, "format") < 0) {
        reason = mdp_h5i_newest_reason();
        err = mdp_h5i_fail_open(path, &reason);
    }
out:
    H5Pclose(access);
    if (err != MDP_OK) {
        if (file->id >= 0) H5Fclose(file->id);
        free(file);
        *out = NULL;
    }
    return err;
}

mdp_err mdp_h5_create(const char *path, struct mdp_h5 **out) {
    return mdp_h5_create_as(path, MDP_PUBLISH_REPLACE, out);
}

mdp_err mdp_h5_create_as(const char *path, enum mdp_publish how, struct mdp_h5 **out) {
    mdp_err err = new_handle(path, out);
    if (err != MDP_OK) return err;
    struct mdp_h5 *file = *out;
    file->how = how;
    hid_t access = mdp_h5i_access(), creation = H5Pcreate(H5P_FILE_CREATE);
    struct stat info;
    H5Pset_obj_track_times(creation, 0);
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        err = mdp_fail(MDP_E_IO, "%s: expected a file name, found a folder", path);
        goto out;
    }
    MDP_TRY(mdp_temp_open(path, &file->temp));
    mdp_h5i_disk_use(access, &(struct mdp_h5i_disk){file->temp.fd, &file->disk_error});
    file->id = H5Fcreate(file->temp.path, H5F_ACC_TRUNC, creation, access);
    if (file->id < 0) {
        char text[160];
        mdp_h5i_reason(text);
        err = mdp_fail(MDP_E_IO, "%s: cannot create: %s", path,
                       file->disk_error != 0 ? strerror(file->disk_error) : text);
    }
out:
    H5Pclose(access);
    H5Pclose(creation);
    if (err != MDP_OK) {
        mdp_temp_discard(&file->temp);
        free(file);
        *out = NULL;
    }
    return err;
}

mdp_err mdp_h5_commit(struct mdp_h5 **slot) {
    struct mdp_h5 *file = *slot;
    *slot = NULL;
    mdp_err err = MDP_OK;
    /* the last bytes go out while the file closes, so both come before the verdict */
    if (H5Fflush(file->id, H5F_SCOPE_GLOBAL) < 0) err = mdp_h5i_fail_write(file, "/");
    if (H5Fclose(file->id) < 0 && err == MDP_OK) err = mdp_h5i_fail_write(file, "/");
    err = mdp_h5i_written(file, "/", err);
    if (err == MDP_OK && file->failed)
        err = mdp_fail(MDP_E_IO, "%s: not published: an earlier write failed", file->path);
    if (err == MDP_OK)
        err = mdp_fsx_publish(&file->temp, file->path, file->how);
    else
        mdp_temp_discard(&file->temp);
    free(file);
    return err;
}

void mdp_h5_close(struct mdp_h5 *file) {
    if (file == NULL) return;
    mdp_h5i_own_free(file->own);
    if (file->id >= 0) H5Fclose(file->id);
    mdp_temp_discard(&file->temp);
    free(file);
}

const char *mdp_h5_path(const struct mdp_h5 *file) { return file->path; }

void mdp_h5_library_version(char text[32]) {
    unsigned major = 0, minor = 0, release = 0;
    keep_library_from_ending();
    H5get_libversion(&major, &minor, &release);
    snprintf(text, 32, "%u.%u.%u", major, minor, release);
}
