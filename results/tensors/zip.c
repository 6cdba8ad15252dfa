#include "results/tensors/zip.h"

#include <stdlib.h>
#include <string.h>

#include "results/tensors/zip_library.h"

enum {
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR_SIZE = 20,
    ENTRY_SIZE = 46,
    COMMENT_MAX = 65535,
    END_MARKS_MAX = 8,
    DIRECTORY_MAX = MDP_ZIP_MEMBERS_MAX * (ENTRY_SIZE + MDP_ZIP_NAME_MAX),
    BLOCK = 16384
};
static const uint32_t local_mark = 0x04034b50, end_mark = 0x06054b50, locator_mark = 0x07064b50;

static uint64_t le32(const unsigned char *bytes) { return mdp_bytes_le(bytes, 4); }
static uint64_t le16(const unsigned char *bytes) { return mdp_bytes_le(bytes, 2); }

int mdp_zip_is(struct mdp_bytes file) { return mdp_bytes_has(file, 0, 4) && le32(file.data) == local_mark; }

static struct mdp_bytes bytes_of(const char *text) {
    return (struct mdp_bytes){(const unsigned char *)text, strlen(text)};
}

/* ---- limits, before libzip looks ---- */

/* libzip reads the directory behind every end record that the last 64 KiB seem to hold, and takes the one that it likes
 * best: a file full of them keeps it busy for minutes. so there is one; a few marks may be there by chance */
static mdp_err find_end(const struct mdp_zip *zip, size_t *end) {
    size_t size = zip->file.size;
    int n_marks = 0, n_ends = 0;
    for (size_t back = END_SIZE; back <= size && back <= END_SIZE + COMMENT_MAX; back++) {
        const unsigned char *record = zip->file.data + size - back;
        if (le32(record) != end_mark) continue;
        n_marks++;
        if (le16(record + 20) != back - END_SIZE) continue;
        n_ends++;
        *end = size - back;
    }
    if (n_ends == 1 && n_marks <= END_MARKS_MAX) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: zip archive: expected an end record, found %s", zip->path,
                    n_ends == 0 ? "none (is the file cut short?)" : "several");
}

/* what an end record says of the directory */
struct directory {
    uint64_t n, size, first;
};

/* each number of the short record must equal the long record's, or be all ones */
static int agrees(uint64_t value, uint64_t brief, uint64_t all_ones) { return brief == value || brief == all_ones; }

/* libzip takes the long record where there is one, without a look at the short one */
static mdp_err read_end(const struct mdp_zip *zip, size_t end, struct directory *directory) {
    const unsigned char *record = zip->file.data + end;
    struct directory brief = {le16(record + 10), le32(record + 12), le32(record + 16)};
    *directory = brief;
    if (end < LOCATOR_SIZE || le32(record - LOCATOR_SIZE) != locator_mark) return MDP_OK;
    uint64_t place = mdp_bytes_le(record - LOCATOR_SIZE + 8, 8);
    if (!mdp_bytes_has(zip->file, place, END64_SIZE))
        return mdp_fail(MDP_E_DATA, "%s: zip archive: expected a zip64 end record at byte %llu, found none", zip->path,
                        (unsigned long long)place);
    record = zip->file.data + place;
    *directory =
        (struct directory){mdp_bytes_le(record + 32, 8), mdp_bytes_le(record + 40, 8), mdp_bytes_le(record + 48, 8)};
    if (agrees(directory->n, brief.n, 0xffff) && agrees(directory->size, brief.size, 0xffffffff) &&
        agrees(directory->first, brief.first, 0xffffffff))
        return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: zip archive: expected end records that agree, found two directories", zip->path);
}

static mdp_err check_count(const struct mdp_zip *zip, uint64_t n) {
    if (n >= 1 && n <= MDP_ZIP_MEMBERS_MAX) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: zip archive: expected 1 to %d members, found %llu", zip->path, MDP_ZIP_MEMBERS_MAX,
                    (unsigned long long)n);
}

static mdp_err check_limits(struct mdp_zip *zip) {
    struct directory directory;
    size_t end = 0;
    mdp_err err;
    MDP_TRY(find_end(zip, &end));
    MDP_TRY(read_end(zip, end, &directory));
    if (!mdp_bytes_has(zip->file, directory.first, directory.size) || directory.size > DIRECTORY_MAX)
        return mdp_fail(MDP_E_DATA,
                        "%s: zip archive: expected a directory of at most %d within %zu bytes, found %llu at %llu",
                        zip->path, DIRECTORY_MAX, zip->file.size, (unsigned long long)directory.size,
                        (unsigned long long)directory.first);
    zip->body = mdp_bytes_part(zip->file, 0, directory.first);
    MDP_TRY(check_count(zip, directory.n));
out:
    return err;
}

/* ---- the archive ---- */

static mdp_err library_failed(const struct mdp_zip *zip, const char *object, const char *expected, zip_error_t *error) {
    return mdp_fail(zip->library->zip_error_code_zip(error) == ZIP_ER_MEMORY ? MDP_E_NOMEM : MDP_E_DATA,
                    "%s: %s: expected %s, found otherwise (%s)", zip->path, object, expected,
                    zip->library->zip_error_strerror(error));
}

static mdp_err open_archive(struct mdp_zip *zip) {
    const struct mdp_zip_library *library = zip->library;
    mdp_err err = MDP_OK;
    zip_error_t error;
    library->zip_error_init(&error);
    zip->source = library->zip_source_buffer_create(zip->file.data, zip->file.size, 0, &error);
    if (zip->source != NULL)
        zip->archive = library->zip_open_from_source(zip->source, ZIP_CHECKCONS | ZIP_RDONLY, &error);
    if (zip->archive == NULL) {
        if (library->zip_error_code_zip(&error) == ZIP_ER_EXISTS)
            err =
                mdp_fail(MDP_E_DATA, "%s: zip archive: expected one member of each name, found two of one", zip->path);
        else
            err = library_failed(zip, "zip archive", "a directory and local headers that agree", &error);
        library->zip_source_free(zip->source);
    }
    library->zip_error_fini(&error);
    return err;
}

/* names are only looked up, never opened; one that tries to leave its folder is a sign of bad intent all the same */
static int is_plain_name(struct mdp_bytes name) {
    if (name.size >= MDP_ZIP_NAME_MAX || !mdp_bytes_is_name(name) || name.data[0] == '/') return 0;
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] == '\\') return 0;
        int is_start = i == 0 || name.data[i - 1] == '/';
        size_t left = name.size - i;
        if (is_start && left >= 2 && name.data[i] == '.' && name.data[i + 1] == '.' &&
            (left == 2 || name.data[i + 2] == '/'))
            return 0;
    }
    return 1;
}

static mdp_err check_entry(const struct mdp_zip *zip, const char *name, const zip_stat_t *stat) {
    if (!is_plain_name(bytes_of(stat->name)))
        return mdp_fail(MDP_E_DATA, "%s: zip archive: expected plain member names, found '%s'", zip->path, name);
    if (stat->encryption_method != ZIP_EM_NONE)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected a readable member, found an encrypted one", zip->path, name);
    if (stat->comp_method != ZIP_CM_STORE || stat->comp_size != stat->size)
        return mdp_fail(MDP_E_DATA,
                        "%s: %s: expected a stored member as torch.save writes it, found compression method %u "
                        "(%llu bytes from %llu); unpack it and pack it again without compression",
                        zip->path, name, stat->comp_method, (unsigned long long)stat->size,
                        (unsigned long long)stat->comp_size);
    return MDP_OK;
}

/* ---- contents ---- */

/* libzip does not tell where a member lies. but it is stored, and so, once a block of it was read, the source stands
 * right behind the same bytes, which the copy proves */
static mdp_err follow(const struct mdp_zip *zip, const char *name, size_t size, size_t n_before, struct mdp_bytes block,
                      struct mdp_bytes *data) {
    zip_int64_t place = zip->library->zip_source_tell(zip->source) - (zip_int64_t)(n_before + block.size);
    if (place < 0 || !mdp_bytes_has(zip->body, (uint64_t)place, size) || n_before + block.size > size ||
        memcmp(zip->body.data + place + n_before, block.data, block.size) != 0)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected %zu stored bytes before the directory, found others at byte %lld",
                        zip->path, name, size, (long long)place);
    *data = mdp_bytes_part(zip->body, (size_t)place, size);
    return MDP_OK;
}

/* libzip compares size and checksum behind the last byte, but not the checksum of an empty member. a checksum of 0
 * stands for none: torch.save can be told so */
static mdp_err check_end(const struct mdp_zip *zip, const char *name, const zip_stat_t *stat, zip_error_t *error) {
    int code = zip->library->zip_error_code_zip(error);
    if (stat->crc != 0 && (code == ZIP_ER_CRC || stat->size == 0))
        return mdp_fail(MDP_E_DATA, "%s: %s: expected checksum %08x, found another", zip->path, name, stat->crc);
    return code == ZIP_ER_OK || code == ZIP_ER_CRC ? MDP_OK : library_failed(zip, name, "a readable member", error);
}

static mdp_err read_content(const struct mdp_zip *zip, const char *name, const zip_stat_t *stat,
                            struct mdp_bytes *data) {
    const struct mdp_zip_library *library = zip->library;
    unsigned char block[BLOCK];
    size_t n_read = 0;
    zip_int64_t n;
    mdp_err err = MDP_OK;
    zip_file_t *file = library->zip_fopen_index(zip->archive, stat->index, 0);
    if (file == NULL) return library_failed(zip, name, "a readable member", library->zip_get_error(zip->archive));
    *data = mdp_bytes_part(zip->body, 0, 0);
    while (err == MDP_OK && (n = library->zip_fread(file, block, sizeof block)) > 0) {
        err = follow(zip, name, stat->size, n_read, (struct mdp_bytes){block, (size_t)n}, data);
        n_read += (size_t)n;
    }
    if (err == MDP_OK) err = check_end(zip, name, stat, library->zip_file_get_error(file));
    library->zip_fclose(file);
    return err;
}

/* bytes in two members: how quines and the densest bombs are made */
static mdp_err check_apart(const struct mdp_zip *zip, const char *name, struct mdp_bytes data) {
    char shown[MDP_BYTES_SHOWN];
    for (int i = 0; i < zip->n; i++) {
        struct mdp_bytes other = zip->members[i].data;
        if (data.data < other.data + other.size && other.data < data.data + data.size)
            return mdp_fail(MDP_E_DATA, "%s: zip archive: expected members apart from each other, found %s over %s",
                            zip->path, name, mdp_bytes_show(bytes_of(zip->members[i].name), shown));
    }
    return MDP_OK;
}

static mdp_err add_member(struct mdp_zip *zip) {
    struct mdp_zip_member *member = &zip->members[zip->n];
    char name[MDP_BYTES_SHOWN];
    zip_stat_t stat;
    mdp_err err;
    if (zip->library->zip_stat_index(zip->archive, (zip_uint64_t)zip->n, ZIP_FL_ENC_RAW, &stat) != 0)
        return library_failed(zip, "zip archive", "members", zip->library->zip_get_error(zip->archive));
    member->name = stat.name;
    mdp_bytes_show(bytes_of(stat.name), name);
    MDP_TRY(check_entry(zip, name, &stat));
    MDP_TRY(read_content(zip, name, &stat, &member->data));
    MDP_TRY(check_apart(zip, name, member->data));
    zip->n++;
out:
    return err;
}

/* ---- all of it ---- */

mdp_err mdp_zip_open(const char *path, struct mdp_bytes file, struct mdp_zip *zip) {
    mdp_err err;
    *zip = (struct mdp_zip){.path = path, .file = file};
    MDP_TRY(check_limits(zip));
    MDP_TRY(mdp_calloc(&zip->library, 1, sizeof *zip->library, "functions of libzip"));
    err = mdp_zip_library_load(zip->library);
    if (err != MDP_OK) MDP_TRY(mdp_fail_context(err, "%s", path));
    MDP_TRY(open_archive(zip));
    /* more than the short record says may be there: its number is taken modulo 65536 */
    zip_int64_t n = zip->library->zip_get_num_entries(zip->archive, 0);
    MDP_TRY(check_count(zip, (uint64_t)n));
    MDP_TRY(mdp_calloc(&zip->members, (unsigned long)n, sizeof *zip->members, "members of an archive"));
    while (zip->n < n) MDP_TRY(add_member(zip));
out:
    if (err != MDP_OK) mdp_zip_free(zip);
    return err;
}

void mdp_zip_free(struct mdp_zip *zip) {
    if (zip->archive != NULL) zip->library->zip_discard(zip->archive);
    free(zip->members);
    free(zip->library);
    *zip = (struct mdp_zip){.path = zip->path};
}

const struct mdp_zip_member *mdp_zip_find(const struct mdp_zip *zip, const char *name) {
    zip_int64_t i_member = zip->library->zip_name_locate(zip->archive, name, 0);
    return i_member >= 0 ? &zip->members[i_member] : NULL;
}
