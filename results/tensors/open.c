#include "results/tensors/open.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file_kind.h"
#include "results/tensors/safetensors.h"
#include "results/tensors/torch_file.h"
#include "results/tensors/zip.h"

/* what tells the formats apart: a pickle of the legacy format may have a frame before its magic number */
enum { START_BYTES = 32 };

/* ---- formats ---- */

static mdp_err first_bytes(const char *path, unsigned char bytes[START_BYTES], size_t *n) {
    FILE *file;
    mdp_err err = mdp_fsx_open(path, &file);
    if (err != MDP_OK) return err;
    *n = fread(bytes, 1, START_BYTES, file);
    int failed = ferror(file);
    fclose(file);
    return failed ? mdp_fail(MDP_E_IO, "%s: cannot read", path) : MDP_OK;
}

/* an unreadable file is still recognised by its name */
static enum mdp_tensor_format by_name(const char *path) {
    static const struct {
        const char *suffix;
        enum mdp_tensor_format format;
    } rows[] = {{".pt", MDP_FORMAT_TORCH},
                {".pth", MDP_FORMAT_TORCH},
                {".ckpt", MDP_FORMAT_TORCH},
                {".bin", MDP_FORMAT_TORCH},
                {".h5", MDP_FORMAT_HDF5},
                {".hdf5", MDP_FORMAT_HDF5},
                {".safetensors", MDP_FORMAT_SAFETENSORS}};
    const char *suffix = strrchr(path, '.');
    for (size_t i = 0; suffix != NULL && i < sizeof rows / sizeof *rows; i++)
        if (strcasecmp(suffix, rows[i].suffix) == 0) return rows[i].format;
    return MDP_FORMAT_UNKNOWN;
}

mdp_err mdp_tensor_format_find(const char *path, enum mdp_tensor_format *format) {
    unsigned char bytes[START_BYTES];
    struct mdp_bytes start = {bytes, 0};
    mdp_err err = first_bytes(path, bytes, &start.size);
    if (err != MDP_OK) return err;
    if (mdp_zip_is(start) || mdp_torch_is_legacy(start))
        *format = MDP_FORMAT_TORCH;
    else if (start.size >= 8 && memcmp(bytes, "\x89HDF\r\n\x1a\n", 8) == 0)
        *format = MDP_FORMAT_HDF5;
    else if (mdp_safetensors_is(start))
        *format = MDP_FORMAT_SAFETENSORS;
    else
        *format = by_name(path);
    return MDP_OK;
}

/* ---- files ---- */

static int compare_names(const void *a, const void *b) {
    return strcmp((*(const struct mdp_stored_tensor *const *)a)->name,
                  (*(const struct mdp_stored_tensor *const *)b)->name);
}

/* what no tensor shows by itself: two of one name, and many that share one storage only to make work */
static mdp_err check_all(const struct mdp_tensor_file *file) {
    mdp_err err = MDP_OK;
    long n = 0, limit = MDP_STORED_SHARE_MAX * (long)file->bytes.size;
    const struct mdp_stored_tensor **sorted = NULL;
    if (file->n == 0) return mdp_fail(MDP_E_DATA, "%s: expected tensors, found none", file->path);
    MDP_TRY(mdp_calloc(&sorted, (unsigned long)file->n, sizeof *sorted, "names of tensors"));
    for (int i = 0; i < file->n; i++) {
        sorted[i] = &file->tensors[i];
        n += file->tensors[i].n;
        if (n > limit)
            MDP_TRY(mdp_fail(MDP_E_DATA,
                             "%s: expected at most %ld elements in %zu bytes, found more: tensors share "
                             "their storage too often",
                             file->path, limit, file->bytes.size));
    }
    qsort(sorted, (size_t)file->n, sizeof *sorted, compare_names);
    for (int i = 1; i < file->n; i++)
        if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected one tensor of this name, found two", file->path,
                             sorted[i]->name));
out:
    free(sorted);
    return err;
}

mdp_err mdp_tensor_file_open(const char *path, struct mdp_tensor_file **out) {
    struct mdp_tensor_file *file = NULL;
    enum mdp_tensor_format format;
    char *data;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_tensor_format_find(path, &format));
    if (format != MDP_FORMAT_TORCH && format != MDP_FORMAT_SAFETENSORS)
        MDP_TRY(
            mdp_fail(MDP_E_DATA, "%s: expected a PyTorch or safetensors file, found %s", path, mdp_file_kind_of(path)));
    MDP_TRY(mdp_calloc(&file, 1, sizeof *file, "file of tensors"));
    MDP_TRY(mdp_fsx_path(file->path, "%s", path));
    MDP_TRY(mdp_fsx_read(path, MDP_TENSOR_FILE_BYTES_MAX, &data, &file->bytes.size));
    file->bytes.data = (const unsigned char *)data;
    MDP_TRY(format == MDP_FORMAT_TORCH ? mdp_torch_read(file) : mdp_safetensors_read(file));
    MDP_TRY(check_all(file));
    *out = file;
    return MDP_OK;
out:
    mdp_tensor_file_free(file);
    return err;
}
