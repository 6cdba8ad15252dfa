/* results/tensors/zip: archives as torch.save makes them, and every way in which one can lie. */
#include "results/tensors/zip.h"

#include "tests/torch_builder.h"

static struct mdp_zip zip;

/* two members, "a/one" and "a/two" */
static struct made_zip two_members(void) {
    struct made_zip made = {.n = 0};
    zip_add(&made, "a/one", "first", 5);
    zip_add(&made, "a/two", "second", 6);
    return made;
}

static mdp_err open_made(struct made_zip *made) {
    struct made file = zip_end(made, 0);
    return mdp_zip_open("f.pt", bytes_of(&file), &zip);
}

static void check_member(const char *name, const char *text) {
    const struct mdp_zip_member *member = mdp_zip_find(&zip, name);
    CHECK(member != NULL);
    CHECK(mdp_bytes_are(member->data, text));
}

static void test_members(void) {
    for (int is_zip64 = 0; is_zip64 < 2; is_zip64++) {
        struct made_zip made = two_members();
        struct made file = zip_end(&made, is_zip64);
        CHECK(mdp_zip_is(bytes_of(&file)));
        CHECK_OK(mdp_zip_open("f.pt", bytes_of(&file), &zip));
        CHECK_INT(zip.n, 2);
        check_member("a/two", "second");
        check_member("a/one", "first");
        CHECK(mdp_zip_find(&zip, "a/two")->data.data == file.data + made.data);
        CHECK(mdp_zip_find(&zip, "a/thr") == NULL && mdp_zip_find(&zip, "a/on") == NULL);
        mdp_zip_free(&zip);
    }
}

/* a member that takes several reads of libzip, and one without bytes */
static void test_sizes_of_members(void) {
    enum { LARGE = 100000 };
    char *large = malloc(LARGE);
    CHECK(large != NULL);
    for (int i = 0; i < LARGE; i++) large[i] = (char)((unsigned)i * (unsigned)i % 251);
    struct made_zip made = {.n = 0};
    zip_add(&made, "large", large, LARGE);
    zip_add(&made, "empty", "", 0);
    zip_add(&made, "one", "1", 1);
    CHECK_OK(open_made(&made));
    CHECK_INT(mdp_zip_find(&zip, "large")->data.size, LARGE);
    CHECK(memcmp(mdp_zip_find(&zip, "large")->data.data, large, LARGE) == 0);
    check_member("empty", "");
    check_member("one", "1");
    mdp_zip_free(&zip);
    free(large);
}

/* sizes and place of a member in its zip64 field, as in files beyond 4 GiB */
static void test_wide_member(void) {
    struct made_zip made = {.n = 0};
    zip_add(&made, "a", "data", 4);
    poke(&made.directory, made.entry + 20, 0xffffffff, 4);
    poke(&made.directory, made.entry + 24, 0xffffffff, 4);
    poke(&made.directory, made.entry + 42, 0xffffffff, 4);
    poke(&made.directory, made.entry + 30, 4 + 24, 2);
    put_le(&made.directory, 1, 2);
    put_le(&made.directory, 24, 2);
    put_le(&made.directory, 4, 8);
    put_le(&made.directory, 4, 8);
    put_le(&made.directory, made.header, 8);
    CHECK_OK(open_made(&made));
    check_member("a", "data");
    mdp_zip_free(&zip);
    poke(&made.directory, made.directory.n - 28, 2, 2);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "f.pt: zip archive: expected a directory and local headers that agree");
}

static void test_checksum(void) {
    struct made_zip made = two_members();
    made.file.data[made.data] ^= 1;
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "f.pt: a/two: expected checksum b61f1169, found another");
    /* none recorded */
    poke(&made.file, made.data + 6 + 4, 0, 4);
    poke(&made.directory, made.entry + 16, 0, 4);
    CHECK_OK(open_made(&made));
    check_member("a/two", "recond");
    mdp_zip_free(&zip);
    made = (struct made_zip){.n = 0};
    zip_add(&made, "empty", "", 0);
    poke(&made.file, made.data + 4, 5, 4);
    poke(&made.directory, made.entry + 16, 5, 4);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "f.pt: empty: expected checksum 00000005, found another");
}

/* local values instead of data descriptors, as other programs pack the same files */
static void test_local_values(void) {
    struct made_zip made = two_members();
    poke(&made.file, made.header + 6, 0x800, 2);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "expected a directory and local headers that agree");
    poke(&made.file, made.header + 14, mdp_bytes_le(made.directory.data + made.entry + 16, 4), 4);
    poke(&made.file, made.header + 18, 6, 4);
    poke(&made.file, made.header + 22, 6, 4);
    poke(&made.directory, made.entry + 8, 0x800, 2);
    CHECK_OK(open_made(&made));
    check_member("a/two", "second");
    mdp_zip_free(&zip);
}

/* a number of the second member's local header */
static void check_local(size_t place, uint64_t value, int n) {
    struct made_zip made = two_members();
    poke(&made.file, made.header + place, value, n);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "f.pt: zip archive: expected a directory and local headers that agree");
}

static void test_local_headers(void) {
    check_local(0, 0, 4);       /* mark */
    check_local(6, 0x800, 2);   /* no data descriptor, and no values */
    check_local(8, 8, 2);       /* method */
    check_local(10, 1, 2);      /* time */
    check_local(14, 7, 4);      /* checksum */
    check_local(18, 7, 4);      /* packed size */
    check_local(22, 7, 4);      /* size */
    check_local(26, 4, 2);      /* length of the name */
    check_local(28, 0xffff, 2); /* length of the extra field */
    check_local(30, 'b', 1);    /* name */
}

/* a change of the second member in the directory, and in its local header where `local` is one, and what is said */
static void check_entry(size_t place, uint64_t value, int n, size_t local, const char *message) {
    struct made_zip made = two_members();
    poke(&made.directory, made.entry + place, value, n);
    if (local > 0) poke(&made.file, made.header + local, value, n);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, message);
}

static void test_entries(void) {
    static const char disagree[] = "f.pt: zip archive: expected a directory and local headers that agree, found ";
    check_entry(0, 0, 4, 0, disagree);
    check_entry(10, 8, 2, 0, disagree);
    check_entry(10, 8, 2, 8,
                "f.pt: a/two: expected a stored member as torch.save writes it, found compression method 8");
    check_entry(28, 60000, 2, 0, disagree);
    check_entry(28, 4, 2, 0, disagree);
    check_entry(42, 0xfffffff0, 4, 0, disagree);
    check_entry(42, 1, 4, 0, disagree);
    check_entry(42, 0, 4, 0, disagree);
}

/* its sizes differ by the 12 bytes that encryption puts before the data */
static void test_encrypted(void) {
    struct made_zip made = {.n = 0};
    zip_add(&made, "a/key", "123456789012data", 16);
    poke(&made.file, made.header + 6, 0x809, 2);
    poke(&made.directory, made.entry + 8, 0x809, 2);
    poke(&made.directory, made.entry + 24, 4, 4);
    poke(&made.file, made.data + 16 + 12, 4, 4);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "f.pt: a/key: expected a readable member, found an encrypted one");
}

/* a bomb's claim, here and behind the data as well: more bytes than the file has, or those of the next member */
static void check_size(uint64_t size, const char *message) {
    struct made_zip made = {.n = 0};
    zip_add(&made, "a/one", "first", 5);
    poke(&made.directory, made.entry + 20, size, 4);
    poke(&made.directory, made.entry + 24, size, 4);
    poke(&made.file, made.data + 5 + 8, size, 4);
    poke(&made.file, made.data + 5 + 12, size, 4);
    zip_add(&made, "a/two", "second", 6);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, message);
}

static void test_sizes(void) {
    check_size(1u << 31, "f.pt: zip archive: expected a directory and local headers that agree");
    check_size(30, "f.pt: ");
    check_size(100, "f.pt: ");
    struct made_zip made = two_members();
    poke(&made.directory, made.entry + 24, 7, 4);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "f.pt: ");
    made = two_members();
    poke(&made.directory, made.entry + 20, 0, 4);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "f.pt: ");
}

static const char not_plain[] = "f.pt: zip archive: expected plain member names, found '";

static void check_name(const char *name) {
    struct made_zip made = {.n = 0};
    zip_add(&made, "a/data.pkl", "", 0);
    zip_add(&made, name, "", 0);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, not_plain);
}

/* bytes that are no text, in a name that claims to be UTF-8 and in one that does not */
static void test_encoding(void) {
    struct made_zip made = {.n = 0};
    zip_add(&made, "a\xff", "", 0);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "f.pt: zip archive: expected a directory and local headers that agree");
    poke(&made.file, made.header + 6, 8, 2);
    poke(&made.directory, made.entry + 8, 8, 2);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, not_plain);
    made = (struct made_zip){.n = 0};
    zip_add(&made, "mod\xc3\xa8le", "text", 4);
    CHECK_OK(open_made(&made));
    check_member("mod\xc3\xa8le", "text");
    mdp_zip_free(&zip);
}

static void test_names(void) {
    static const char *const names[] = {"../../etc/passwd", "a/../b", "..", "a/..", "/etc/passwd", "a\\b", "a\nb", ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) check_name(names[i]);
    struct made_zip made = {.n = 0};
    zip_add(&made, "a/..b/...", "fine", 4);
    CHECK_OK(open_made(&made));
    check_member("a/..b/...", "fine");
    mdp_zip_free(&zip);
    zip_add(&made, "a/..b/...", "twice", 5);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "f.pt: zip archive: expected one member of each name, found two of one");
    /* a name of 512 bytes, and one that ends where a text would: libzip shows a blank there */
    char name[MDP_ZIP_NAME_MAX + 1] = "";
    memset(name, 'n', MDP_ZIP_NAME_MAX);
    check_name(name);
    made = (struct made_zip){.n = 0};
    zip_add(&made, "a/data.pkl?", "", 0);
    poke(&made.file, made.header + 30 + 10, 0, 1);
    poke(&made.directory, made.entry + 46 + 10, 0, 1);
    CHECK_OK(open_made(&made));
    CHECK(mdp_zip_find(&zip, "a/data.pkl") == NULL);
    mdp_zip_free(&zip);
}

/* a whole archive as a member, and its own member as one of the outer archive */
static void test_overlap(void) {
    struct made_zip made = {.n = 0}, inner = {.n = 0};
    zip_add(&inner, "in", "x", 1);
    zip_add(&made, "outer", inner.file.data, inner.file.n);
    size_t data = made.data;
    put(&made.directory, inner.directory.data, inner.directory.n);
    poke(&made.directory, made.directory.n - inner.directory.n + 42, data, 4);
    made.n++;
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "expected members apart from each other, found in over outer");
    /* an archive alone, its own end record and all, is a member like any other */
    made = (struct made_zip){.n = 0};
    struct made nested = zip_end(&inner, 1);
    zip_add(&made, "nested", nested.data, nested.n);
    CHECK_OK(open_made(&made));
    mdp_zip_free(&zip);
}

/* an extra field so long that the member's data begin where the directory does, whose bytes have the right checksum */
static void test_over_directory(void) {
    struct made_zip made = {.n = 0};
    zip_add(&made, "a", "PK\1\2\0\0", 6);
    size_t n_extra = made.data - made.header - 30 - 1, n_more = 6 + 16;
    poke(&made.file, made.header + 28, n_extra + n_more, 2);
    poke(&made.file, made.header + 30 + 1 + 2, n_extra - 4 + n_more, 2);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "f.pt: ");
}

/* a changed number of the end records of an archive with zip64, and what is said */
struct end_case {
    size_t place;
    uint64_t value;
    int n;
    const char *message;
};

static void check_end(const struct made *file, const struct end_case *end) {
    struct made changed = {NULL, 0, 0};
    put(&changed, file->data, file->n);
    poke(&changed, end->place, end->value, end->n);
    CHECK_FAILS(mdp_zip_open("f.pt", bytes_of(&changed), &zip), MDP_E_DATA, end->message);
    CHECK(zip.members == NULL && zip.archive == NULL);
}

static void test_ends(void) {
    static const char disagree[] = "f.pt: zip archive: expected a directory and local headers that agree";
    struct made_zip made = two_members();
    struct made file = zip_end(&made, 1);
    size_t end = file.n - 22, locator = end - 20, end64 = locator - 56;
    const struct end_case cases[] = {
        {end, 0, 4, "expected an end record, found none (is the file cut short?)"},
        {end + 20, 1, 2, "expected an end record, found none"},
        {end + 12, 7, 4, "expected end records that agree, found two directories"},
        {locator + 8, UINT64_MAX, 8, "expected a zip64 end record at byte 18446744073709551615, found none"},
        {locator + 4, 1, 4, "f.pt: zip archive: expected "},
        {end64, 0, 4, disagree},
        {end64 + 32, 1u << 20, 8, "f.pt: zip archive: expected 1 to 20000 members, found 1048576"},
        {end64 + 32, 3, 8, "f.pt: zip archive: expected "},
        {end64 + 32, 0, 8, "f.pt: zip archive: expected 1 to 20000 members, found 0"},
        {end64 + 40, UINT64_MAX - 10, 8, "expected a directory of at most"},
        {end64 + 48, file.n + 1, 8, "expected a directory of at most"},
        {end64 + 48, 1, 8, disagree},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_end(&file, &cases[i]);
    file = zip_end(&made, 0);
    end = file.n - 22;
    const struct end_case short_cases[] = {
        {end + 4, 1, 2, disagree},
        {end + 8, 1, 2, disagree},
        {end + 10, 3, 2, disagree},
        {end + 16, 1, 4, disagree},
    };
    for (size_t i = 0; i < sizeof short_cases / sizeof *short_cases; i++) check_end(&file, &short_cases[i]);
}

/* the shortest record of none, and what counts its members modulo 65536 */
static void test_counts(void) {
    struct made_zip made = {.n = 0};
    put(&made.file, "PK\3\4", 4);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "f.pt: zip archive: expected 1 to 20000 members, found 0");
    made = (struct made_zip){.n = 0};
    for (int i = 0; i < 65537; i++) {
        char name[8];
        snprintf(name, sizeof name, "%d", i);
        zip_add(&made, name, "", 0);
    }
    struct made file = zip_end(&made, 0);
    CHECK_FAILS(mdp_zip_open("f.pt", bytes_of(&file), &zip), MDP_E_DATA,
                "f.pt: zip archive: expected 1 to 20000 members, found 65537");
}

/* bytes behind the end are no archive, its comment is; bytes before it are fine if all places count them */
static void test_around(void) {
    struct made_zip made = two_members();
    struct made file = zip_end(&made, 0), moved = {NULL, 0, 0};
    put_text(&file, "tail");
    CHECK_FAILS(mdp_zip_open("f.pt", bytes_of(&file), &zip), MDP_E_DATA, "expected an end record, found none");
    poke(&file, file.n - 4 - 2, 4, 2);
    CHECK_OK(mdp_zip_open("f.pt", bytes_of(&file), &zip));
    check_member("a/two", "second");
    mdp_zip_free(&zip);
    put_text(&moved, "head");
    file = zip_end(&made, 0);
    put(&moved, file.data, file.n);
    CHECK(!mdp_zip_is(bytes_of(&moved)));
    CHECK_FAILS(mdp_zip_open("f.pt", bytes_of(&moved), &zip), MDP_E_DATA, "that agree");
    made = (struct made_zip){.n = 0};
    put_text(&made.file, "head");
    zip_add(&made, "a", "data", 4);
    CHECK_OK(open_made(&made));
    check_member("a", "data");
    mdp_zip_free(&zip);
}

/* end records one behind the other, each with the rest as its comment, or none that fits: libzip by itself reads the
 * directory behind each, which takes minutes */
static void test_many_ends(void) {
    for (int is_sound = 0; is_sound < 2; is_sound++) {
        enum { N = 2900 };
        struct made_zip made = {.n = 0};
        for (int i = 0; i < 500; i++) {
            char name[8];
            snprintf(name, sizeof name, "%d", i);
            zip_add(&made, name, "", 0);
        }
        struct made file = zip_end(&made, 0), end = {NULL, 0, 0};
        put(&end, file.data + file.n - 22, 22);
        file.n -= 22;
        for (int i = N; i >= 0; i--) {
            poke(&end, 20, is_sound || i == 0 ? (uint64_t)i * 22 : 1, 2);
            put(&file, end.data, end.n);
        }
        CHECK_FAILS(mdp_zip_open("f.pt", bytes_of(&file), &zip), MDP_E_DATA,
                    "f.pt: zip archive: expected an end record, found several");
    }
}

static void test_truncated(void) {
    struct made_zip made = two_members();
    struct made file = zip_end(&made, 1);
    for (size_t n = 0; n < file.n; n++) {
        /* a copy of its own, so that a sanitizer sees a read past its end */
        unsigned char *part = malloc(n + 1);
        CHECK(part != NULL);
        memcpy(part, file.data, n);
        CHECK_FAILS(mdp_zip_open("f.pt", (struct mdp_bytes){part, n}, &zip), MDP_E_DATA, "f.pt: ");
        free(part);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_members),        TAP_TEST(test_sizes_of_members),
        TAP_TEST(test_wide_member),    TAP_TEST(test_checksum),
        TAP_TEST(test_local_values),   TAP_TEST(test_local_headers),
        TAP_TEST(test_entries),        TAP_TEST(test_encrypted),
        TAP_TEST(test_sizes),          TAP_TEST(test_names),
        TAP_TEST(test_encoding),       TAP_TEST(test_overlap),
        TAP_TEST(test_over_directory), TAP_TEST(test_ends),
        TAP_TEST(test_counts),         TAP_TEST(test_around),
        TAP_TEST(test_many_ends),      TAP_TEST(test_truncated),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
