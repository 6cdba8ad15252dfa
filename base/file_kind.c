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
    KIND(0, "/annex/objects/", "a git-annex pointer (fetch the file itself: git annex get)"),
    KIND(0, ".git/annex/objects/", "a git-annex pointer (fetch the file itself: git annex get)"),
    KIND(0, "\x0e\x03\x13\x01", "an HDF4 file (convert it: h4toh5)"),
    KIND(0, "CDF\x01", "a NetCDF file"),
    KIND(0, "CDF\x02", "a NetCDF file"),
    KIND(0, "MATLAB 5.0", "a MATLAB file"),
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

/* blanks, and the mark that some programs put before UTF-8 */
static size_t skip_blanks(const char *text, size_t n) {
    static const char mark[] = "\xef\xbb\xbf";
    size_t i = n >= sizeof mark - 1 && memcmp(text, mark, sizeof mark - 1) == 0 ? sizeof mark - 1 : 0;
    while (i < n && strchr(" \t\r\n", text[i]) != NULL && text[i] != 0) i++;
    return i;
}

/* pages of a server that has no such file, or wants a login first */
static int is_web_page(const char *text, size_t n) {
    static const char *const starts[] = {"<!doctype html", "<!--", "<html", "<head", "<?xml"};
    size_t blanks = skip_blanks(text, n);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (n - blanks >= strlen(starts[i]) && strncasecmp(text + blanks, starts[i], strlen(starts[i])) == 0) return 1;
    return 0;
}

/* letters of ASCII, and what parts them: a table, a list of names, what a server says in place of a file */
static int is_text(const char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        if ((text[i] < ' ' || text[i] == 0x7f) && (text[i] == 0 || strchr("\t\r\n", text[i]) == NULL)) return 0;
    return 1;
}

const char *mdp_file_kind(const void *bytes, size_t n) {
    const char *text = bytes;
    if (n == 0) return "an empty file";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (n >= kinds[i].offset + kinds[i].n && memcmp(text + kinds[i].offset, kinds[i].start, kinds[i].n) == 0)
            return kinds[i].text;
    if (is_web_page(text, n)) return "a web page";
    size_t first = skip_blanks(text, n);
    if (first < n && is_text(text, n)) return strchr("{[", text[first]) != NULL ? "a text in JSON" : "a text";
    return MDP_FILE_KIND_UNKNOWN;
}

const char *mdp_file_kind_no_text(const void *bytes, size_t n) {
    const char *kind = mdp_file_kind(bytes, n);
    int may_be_text =
        n == 0 || strncmp(kind, "a text", strlen("a text")) == 0 || strcmp(kind, MDP_FILE_KIND_UNKNOWN) == 0;
    return may_be_text ? NULL : kind;
}

const char *mdp_file_kind_of(const char *path) {
    char bytes[START_BYTES];
    FILE *file = fopen(path, "rb");
    if (file == NULL) return MDP_FILE_KIND_UNKNOWN;
    size_t n = fread(bytes, 1, sizeof bytes, file);
    int is_unread = ferror(file);
    fclose(file);
    return is_unread ? MDP_FILE_KIND_UNKNOWN : mdp_file_kind(bytes, n);
}
