#include "results/tensors/zip.h"

#include <stdlib.h>
#include <string.h>

enum {
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR_SIZE = 20,
    ENTRY_SIZE = 46,
    LOCAL_SIZE = 30,
    COMMENT_MAX = 65535,
    FLAG_ENCRYPTED = 1,
    EXTRA_ZIP64 = 1
};
static const uint32_t local_mark = 0x04034b50, entry_mark = 0x02014b50, end_mark = 0x06054b50, end64_mark = 0x06064b50,
                      locator_mark = 0x07064b50;

/* where the directory is, and where the records behind it begin */
struct directory {
    uint64_t n, size, first, limit;
};

/* what a directory entry says; numbers may be in its extra field */
struct entry {
    struct mdp_bytes name, extra;
    unsigned flags, method;
    uint32_t crc;
    uint64_t packed, size, header, length;
};

static uint32_t le32(const unsigned char *at) { return (uint32_t)mdp_bytes_le(at, 4); }
static unsigned le16(const unsigned char *at) { return (unsigned)mdp_bytes_le(at, 2); }

int mdp_zip_is(struct mdp_bytes file) { return mdp_bytes_has(file, 0, 4) && le32(file.data) == local_mark; }

/* ---- the end records ---- */

/* the newest end record whose comment reaches the end of the file */
static mdp_err find_end(const struct mdp_zip *zip, size_t *at) {
    size_t size = zip->file.size;
    for (size_t back = END_SIZE; back <= size && back <= END_SIZE + COMMENT_MAX; back++) {
        const unsigned char *end = zip->file.data + size - back;
        if (le32(end) != end_mark || le16(end + 20) != back - END_SIZE) continue;
        *at = size - back;
        return MDP_OK;
    }
    return mdp_fail(MDP_E_DATA, "%s: zip archive: expected an end record, found none (is the file cut short?)",
                    zip->path);
}

/* a number of the short record must be that of the long one, or all ones */
static int agrees(uint64_t value, uint64_t brief, uint64_t all_ones) { return brief == value || brief == all_ones; }

static mdp_err read_end64(const struct mdp_zip *zip, size_t end, struct directory *directory) {
    const unsigned char *data = zip->file.data;
    if (end < LOCATOR_SIZE || le32(data + end - LOCATOR_SIZE) != locator_mark) return MDP_OK;
    uint64_t at = mdp_bytes_le(data + end - LOCATOR_SIZE + 8, 8);
    if (!mdp_bytes_has(zip->file, at, END64_SIZE) || at + END64_SIZE > end - LOCATOR_SIZE ||
        le32(data + at) != end64_mark)
        return mdp_fail(MDP_E_DATA, "%s: zip archive: expected a zip64 end record at byte %llu, found none", zip->path,
                        (unsigned long long)at);
    struct directory found = {mdp_bytes_le(data + at + 32, 8), mdp_bytes_le(data + at + 40, 8),
                              mdp_bytes_le(data + at + 48, 8), at};
    if (!agrees(found.n, directory->n, 0xffff) || !agrees(found.size, directory->size, 0xffffffff) ||
        !agrees(found.first, directory->first, 0xffffffff))
        return mdp_fail(MDP_E_DATA, "%s: zip archive: expected end records that agree, found two directories",
                        zip->path);
    *directory = found;
    return MDP_OK;
}

static mdp_err find_directory(const struct mdp_zip *zip, struct directory *directory) {
    size_t end = 0;
    mdp_err err;
    MDP_TRY(find_end(zip, &end));
    const unsigned char *at = zip->file.data + end;
    if (le16(at + 4) != 0 || le16(at + 6) != 0 || le16(at + 8) != le16(at + 10))
        return mdp_fail(MDP_E_DATA, "%s: zip archive: expected a single volume, found a part of several", zip->path);
    *directory = (struct directory){le16(at + 10), le32(at + 12), le32(at + 16), end};
    MDP_TRY(read_end64(zip, end, directory));
    if (!mdp_bytes_has(zip->file, directory->first, directory->size) ||
        directory->first + directory->size > directory->limit)
        return mdp_fail(MDP_E_DATA, "%s: zip archive: expected a directory within %zu bytes, found %llu bytes at %llu",
                        zip->path, zip->file.size, (unsigned long long)directory->size,
                        (unsigned long long)directory->first);
    if (directory->n > MDP_ZIP_MEMBERS_MAX || directory->n > directory->size / ENTRY_SIZE)
        return mdp_fail(MDP_E_DATA, "%s: zip archive: expected at most %d members in %llu bytes, found %llu", zip->path,
                        MDP_ZIP_MEMBERS_MAX, (unsigned long long)directory->size, (unsigned long long)directory->n);
out:
    return err;
}

/* ---- members ---- */

/* takes the next 8-byte number of the zip64 field for one that did not fit */
static int widen(struct mdp_bytes *field, uint64_t *value) {
    if (*value != 0xffffffff) return 1;
    if (field->size < 8) return 0;
    *value = mdp_bytes_le(field->data, 8);
    *field = mdp_bytes_part(*field, 8, field->size - 8);
    return 1;
}

static mdp_err read_extra(const struct mdp_zip *zip, struct entry *entry) {
    struct mdp_bytes rest = entry->extra, wide = {rest.data, 0};
    char shown[MDP_BYTES_SHOWN];
    while (rest.size >= 4) {
        size_t length = le16(rest.data + 2);
        if (!mdp_bytes_has(rest, 4, length)) break;
        if (le16(rest.data) == EXTRA_ZIP64) wide = mdp_bytes_part(rest, 4, length);
        rest = mdp_bytes_part(rest, 4 + length, rest.size - 4 - length);
    }
    if (widen(&wide, &entry->size) && widen(&wide, &entry->packed) && widen(&wide, &entry->header)) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: %s: expected its sizes in a zip64 field, found none", zip->path,
                    mdp_bytes_show(entry->name, shown));
}

static mdp_err read_entry(const struct mdp_zip *zip, struct mdp_bytes rest, struct entry *entry) {
    const unsigned char *at = rest.data;
    if (rest.size < ENTRY_SIZE || le32(at) != entry_mark)
        return mdp_fail(MDP_E_DATA, "%s: zip archive: expected a directory entry at byte %zu, found none", zip->path,
                        (size_t)(at - zip->file.data));
    size_t n_name = le16(at + 28), n_extra = le16(at + 30), n_comment = le16(at + 32);
    if (!mdp_bytes_has(rest, ENTRY_SIZE, n_name + n_extra + n_comment))
        return mdp_fail(MDP_E_DATA, "%s: zip archive: expected the directory entry at byte %zu whole, found it cut",
                        zip->path, (size_t)(at - zip->file.data));
    *entry = (struct entry){.name = mdp_bytes_part(rest, ENTRY_SIZE, n_name),
                            .extra = mdp_bytes_part(rest, ENTRY_SIZE + n_name, n_extra),
                            .flags = le16(at + 8),
                            .method = le16(at + 10),
                            .crc = le32(at + 16),
                            .packed = le32(at + 20),
                            .size = le32(at + 24),
                            .header = le32(at + 42),
                            .length = ENTRY_SIZE + n_name + n_extra + n_comment};
    return read_extra(zip, entry);
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

static mdp_err check_entry(const struct mdp_zip *zip, const struct entry *entry) {
    char name[MDP_BYTES_SHOWN];
    mdp_bytes_show(entry->name, name);
    if (!is_plain_name(entry->name))
        return mdp_fail(MDP_E_DATA, "%s: zip archive: expected plain member names, found '%s'", zip->path, name);
    if (entry->flags & FLAG_ENCRYPTED)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected a readable member, found an encrypted one", zip->path, name);
    if (entry->method != 0 || entry->packed != entry->size)
        return mdp_fail(MDP_E_DATA,
                        "%s: %s: expected a stored member as torch.save writes it, found compression method %u "
                        "(%llu bytes from %llu); unpack it and pack it again without compression",
                        zip->path, name, entry->method, (unsigned long long)entry->size,
                        (unsigned long long)entry->packed);
    return MDP_OK;
}

/* the local header says again what the entry said, and where the data begins */
static mdp_err locate(const struct mdp_zip *zip, const struct directory *directory, const struct entry *entry,
                      struct mdp_zip_member *member) {
    char name[MDP_BYTES_SHOWN];
    mdp_bytes_show(entry->name, name);
    if (!mdp_bytes_has(zip->file, entry->header, LOCAL_SIZE) || le32(zip->file.data + entry->header) != local_mark)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected a local header at byte %llu, found none", zip->path, name,
                        (unsigned long long)entry->header);
    const unsigned char *at = zip->file.data + entry->header;
    size_t n_name = le16(at + 26), n_extra = le16(at + 28), first = entry->header + LOCAL_SIZE + n_name + n_extra;
    if (!mdp_bytes_has(zip->file, first, entry->size) || first + entry->size > directory->first)
        return mdp_fail(MDP_E_DATA,
                        "%s: %s: expected its data before the directory at byte %llu, found %llu bytes at %zu",
                        zip->path, name, (unsigned long long)directory->first, (unsigned long long)entry->size, first);
    if (n_name != entry->name.size || memcmp(at + LOCAL_SIZE, entry->name.data, n_name) != 0 ||
        le16(at + 8) != entry->method)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected a local header like its directory entry, found another",
                        zip->path, name);
    *member = (struct mdp_zip_member){.name = entry->name,
                                      .header = entry->header,
                                      .data = mdp_bytes_part(zip->file, first, entry->size),
                                      .crc = entry->crc};
    return MDP_OK;
}

static int by_header(const void *a, const void *b) {
    size_t x = ((const struct mdp_zip_member *)a)->header, y = ((const struct mdp_zip_member *)b)->header;
    return (x > y) - (x < y);
}

static int compare_names(struct mdp_bytes a, struct mdp_bytes b) {
    int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static int by_name(const void *a, const void *b) {
    return compare_names(((const struct mdp_zip_member *)a)->name, ((const struct mdp_zip_member *)b)->name);
}

/* members that share bytes or names; leaves the list in the order of names */
static mdp_err check_members(struct mdp_zip *zip) {
    char name[MDP_BYTES_SHOWN], other[MDP_BYTES_SHOWN];
    if (zip->n == 0) return mdp_fail(MDP_E_DATA, "%s: zip archive: expected members, found none", zip->path);
    qsort(zip->members, (size_t)zip->n, sizeof *zip->members, by_header);
    for (int i = 1; i < zip->n; i++) {
        const struct mdp_zip_member *before = &zip->members[i - 1], *member = &zip->members[i];
        if (before->data.data + before->data.size > zip->file.data + member->header)
            return mdp_fail(MDP_E_DATA, "%s: zip archive: expected members apart from each other, found %s over %s",
                            zip->path, mdp_bytes_show(before->name, name), mdp_bytes_show(member->name, other));
    }
    qsort(zip->members, (size_t)zip->n, sizeof *zip->members, by_name);
    for (int i = 1; i < zip->n; i++)
        if (by_name(&zip->members[i - 1], &zip->members[i]) == 0)
            return mdp_fail(MDP_E_DATA, "%s: zip archive: expected one member of each name, found two of %s", zip->path,
                            mdp_bytes_show(zip->members[i].name, name));
    return MDP_OK;
}

mdp_err mdp_zip_open(const char *path, struct mdp_bytes file, struct mdp_zip *zip) {
    struct directory directory = {0, 0, 0, 0};
    struct entry entry = {.length = 0};
    mdp_err err;
    *zip = (struct mdp_zip){.path = path, .file = file};
    MDP_TRY(find_directory(zip, &directory));
    MDP_TRY(mdp_calloc(&zip->members, directory.n + 1, sizeof *zip->members, "members of an archive"));
    struct mdp_bytes rest = mdp_bytes_part(file, directory.first, directory.size);
    for (; zip->n < (int)directory.n; zip->n++) {
        MDP_TRY(read_entry(zip, rest, &entry));
        MDP_TRY(check_entry(zip, &entry));
        MDP_TRY(locate(zip, &directory, &entry, &zip->members[zip->n]));
        rest = mdp_bytes_part(rest, entry.length, rest.size - entry.length);
    }
    MDP_TRY(check_members(zip));
out:
    if (err != MDP_OK) mdp_zip_free(zip);
    return err;
}

void mdp_zip_free(struct mdp_zip *zip) {
    free(zip->members);
    zip->members = NULL;
    zip->n = 0;
}

struct mdp_zip_member *mdp_zip_find(const struct mdp_zip *zip, const char *name) {
    const struct mdp_zip_member key = {.name = {(const unsigned char *)name, strlen(name)}};
    return bsearch(&key, zip->members, (size_t)zip->n, sizeof key, by_name);
}

/* ---- contents ---- */

/* four bits at a time: the table is small enough to be read */
uint32_t mdp_zip_crc(struct mdp_bytes bytes) {
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                       0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < bytes.size; i++) {
        crc ^= bytes.data[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

mdp_err mdp_zip_read(const struct mdp_zip *zip, struct mdp_zip_member *member, struct mdp_bytes *data) {
    char name[MDP_BYTES_SHOWN];
    if (!member->is_checked && member->crc != 0) {
        uint32_t crc = mdp_zip_crc(member->data);
        if (crc != member->crc)
            return mdp_fail(MDP_E_DATA, "%s: %s: expected checksum %08x, found %08x", zip->path,
                            mdp_bytes_show(member->name, name), member->crc, crc);
    }
    member->is_checked = 1;
    *data = member->data;
    return MDP_OK;
}
