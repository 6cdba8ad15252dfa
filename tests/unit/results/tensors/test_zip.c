/* results/zip: archives as torch.save makes them, and every way in which one can lie. */
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
    struct mdp_bytes data;
    struct mdp_zip_member *member = mdp_zip_find(&zip, name);
    CHECK(member != NULL);
    CHECK_OK(mdp_zip_read(&zip, member, &data));
    CHECK(mdp_bytes_are(data, text));
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
        CHECK(mdp_zip_find(&zip, "a/thr") == NULL && mdp_zip_find(&zip, "a/on") == NULL);
        mdp_zip_free(&zip);
    }
}

/* the check value of the polynomial that everyone quotes */
static void test_crc(void) {
    CHECK_INT(mdp_zip_crc((struct mdp_bytes){(const unsigned char *)"123456789", 9}), 0xcbf43926);
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
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "f.pt: a: expected its sizes in a zip64 field, found none");
}

static void test_checksum(void) {
    struct mdp_bytes data;
    struct made_zip made = two_members();
    made.file.at[made.data] ^= 1;
    CHECK_OK(open_made(&made));
    check_member("a/one", "first");
    CHECK_FAILS(mdp_zip_read(&zip, mdp_zip_find(&zip, "a/two"), &data), MDP_E_DATA, "f.pt: a/two: expected checksum");
    mdp_zip_free(&zip);
    /* none recorded */
    poke(&made.directory, made.entry + 16, 0, 4);
    CHECK_OK(open_made(&made));
    CHECK_OK(mdp_zip_read(&zip, mdp_zip_find(&zip, "a/two"), &data));
    mdp_zip_free(&zip);
}

/* a change of the second member, and what is said about it */
static void check_entry(size_t at, uint64_t value, int n, const char *message) {
    struct made_zip made = two_members();
    poke(&made.directory, made.entry + at, value, n);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, message);
}

static void test_entries(void) {
    check_entry(0, 0, 4, "expected a directory entry at byte");
    check_entry(8, 1, 2, "a/two: expected a readable member, found an encrypted one");
    check_entry(10, 8, 2, "a/two: expected a stored member as torch.save writes it, found compression method 8");
    check_entry(20, 5, 4, "a/two: expected a stored member");
    check_entry(28, 60000, 2, "whole, found it cut");
    check_entry(28, 4, 2, "a/tw: expected a local header like its directory entry, found another");
    check_entry(42, 0xfffffff0, 4, "a/two: expected a local header at byte 4294967280, found none");
    check_entry(42, 1, 4, "a/two: expected a local header at byte 1, found none");
    check_entry(42, 0, 4, "a/two: expected a local header like its directory entry");
}

/* a bomb's claim: more bytes than the file has */
static void test_sizes(void) {
    struct made_zip made = two_members();
    poke(&made.directory, made.entry + 20, 1u << 31, 4);
    poke(&made.directory, made.entry + 24, 1u << 31, 4);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "a/two: expected its data before the directory at byte");
    made = two_members();
    poke(&made.file, made.header + 28, 0xffff, 2);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "a/two: expected its data before the directory at byte");
}

static void check_name(const char *name) {
    struct made_zip made = {.n = 0};
    zip_add(&made, "a/data.pkl", "", 0);
    zip_add(&made, name, "", 0);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "expected plain member names, found '");
}

static void test_names(void) {
    static const char *const names[] = {
        "../../etc/passwd", "a/../b", "..", "a/..", "/etc/passwd", "a\\b", "a\nb", "", "a\xff"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) check_name(names[i]);
    struct made_zip made = {.n = 0};
    zip_add(&made, "a/..b/...", "fine", 4);
    CHECK_OK(open_made(&made));
    check_member("a/..b/...", "fine");
    mdp_zip_free(&zip);
    zip_add(&made, "a/..b/...", "twice", 5);
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "expected one member of each name, found two of a/..b/...");
}

/* one local header inside the data of another: how quines and the densest bombs are made */
static void test_overlap(void) {
    struct made_zip made = {.n = 0}, inner = {.n = 0};
    zip_add(&inner, "in", "x", 1);
    zip_add(&made, "outer", inner.file.at, inner.file.n);
    size_t data = made.data;
    put(&made.directory, inner.directory.at, inner.directory.n);
    poke(&made.directory, made.directory.n - inner.directory.n + 42, data, 4);
    made.n++;
    CHECK_FAILS(open_made(&made), MDP_E_DATA, "expected members apart from each other, found outer over in");
}

static void test_ends(void) {
    struct made_zip made = two_members();
    struct made file = zip_end(&made, 1);
    size_t end = file.n - 22, locator = end - 20, end64 = locator - 56;
    struct {
        size_t at;
        uint64_t value;
        int n;
        const char *message;
    } cases[] = {
        {end, 0, 4, "expected an end record, found none (is the file cut short?)"},
        {end + 20, 1, 2, "expected an end record, found none"},
        {end + 4, 1, 2, "expected a single volume"},
        {end + 12, 7, 4, "expected end records that agree, found two directories"},
        {locator + 8, UINT64_MAX, 8, "expected a zip64 end record at byte 18446744073709551615, found none"},
        {end64, 0, 4, "expected a zip64 end record at byte"},
        {end64 + 32, 1u << 20, 8, "expected at most 65536 members in "},
        {end64 + 32, 3, 8, "expected at most 65536 members in 102 bytes, found 3"},
        {end64 + 32, 0, 8, "expected members, found none"},
        {end64 + 40, UINT64_MAX - 10, 8, "expected a directory within"},
        {end64 + 48, file.n + 1, 8, "expected a directory within"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made changed = {NULL, 0, 0};
        put(&changed, file.at, file.n);
        poke(&changed, cases[i].at, cases[i].value, cases[i].n);
        CHECK_FAILS(mdp_zip_open("f.pt", bytes_of(&changed), &zip), MDP_E_DATA, cases[i].message);
    }
}

static void test_truncated(void) {
    struct made_zip made = two_members();
    struct made file = zip_end(&made, 1);
    for (size_t n = 0; n < file.n; n++) {
        /* a copy of its own, so that a sanitizer sees a read past its end */
        unsigned char *part = malloc(n + 1);
        CHECK(part != NULL);
        memcpy(part, file.at, n);
        CHECK_FAILS(mdp_zip_open("f.pt", (struct mdp_bytes){part, n}, &zip), MDP_E_DATA, "f.pt: ");
        free(part);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_members), TAP_TEST(test_crc),       TAP_TEST(test_wide_member), TAP_TEST(test_checksum),
        TAP_TEST(test_entries), TAP_TEST(test_sizes),     TAP_TEST(test_names),       TAP_TEST(test_overlap),
        TAP_TEST(test_ends),    TAP_TEST(test_truncated),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
