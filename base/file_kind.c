#include "base/file_kind.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { START_BYTES = 512 };

#define KIND(offset, start, text)                                                                                      \
    { offset, sizeof(start) - 1, start, text }

/* signatures by the formats' own specifications */
static const struct {
    size_t offset, n;
    const char *start;
    const char *text;
} kinds[] = {
    KIND(0, "version https://git-lfs.github.com/", "a Git LFS pointer (fetch the file itself: git lfs pull)"),
    KIND(0, "\x89HDF\r\n\x1a\n", "an HDF5 file"),
    KIND(0, "PK\x03\x04", "a zip archive"),
    KIND(0, "\x1f\x8b", "a gzip file (unpack it: gunzip)"),
    KIND(0,
         "\xfd"
         "7zXZ",
         "an xz file (unpack it: unxz)"),
    KIND(0, "BZh", "a bzip2 file (unpack it: bunzip2)"),
    KIND(0, "\x28\xb5\x2f\xfd", "a zstd file (unpack it: unzstd)"),
    KIND(257, "ustar", "a tar archive (unpack it: tar -xf)"),
    KIND(0, "\x93NUMPY", "a NumPy array"),
    KIND(0, "PAR1", "a Parquet file"),
    KIND(0, "ARROW1", "an Arrow file"),
    KIND(0, "\x80\x02", "a Python pickle"),
    KIND(0, "\x80\x03", "a Python pickle"),
    KIND(0, "\x80\x04", "a Python pickle"),
    KIND(0, "\x80\x05", "a Python pickle"),
    KIND(0, "%PDF", "a PDF file"),
};

/* pages of a server that has no such file, or wants a login first */
static int is_web_page(const char *text, size_t n) {
    static const char *const starts[] = {"<!doctype html", "<html", "<head", "<?xml"};
    size_t blanks = 0;
    while (blanks < n && strchr(" \t\r\n", text[blanks]) != NULL && text[blanks] != 0) blanks++;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (n - blanks >= strlen(starts[i]) && strncasecmp(text + blanks, starts[i], strlen(starts[i])) == 0) return 1;
    return 0;
}

const char *mdp_file_kind(const void *bytes, size_t n) {
    const char *text = bytes;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (n >= kinds[i].offset + kinds[i].n && memcmp(text + kinds[i].offset, kinds[i].start, kinds[i].n) == 0)
            return kinds[i].text;
    return is_web_page(text, n) ? "a web page" : MDP_FILE_KIND_UNKNOWN;
}

const char *mdp_file_kind_of(const char *path) {
    char bytes[START_BYTES];
    FILE *file = fopen(path, "rb");
    size_t n = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file != NULL) fclose(file);
    return mdp_file_kind(bytes, n);
}
