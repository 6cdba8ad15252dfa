/* results/h5/own: files that nobody wrote, whose checksums fit, are read as libhdf5 reads them, or left to it. */
#include "base/rng.h"
#include "results/h5/own_internal.h"
#include "tests/unit/results/h5/own_agrees.h"

enum { CHECKSUM_BYTES = 4, STRUCTURES_MAX = 64, N_TEXTS = 20, N_NUMBERS = 40 };

/* what begin_many writes */
static mdp_err add_many(struct mdp_h5 *file, uint64_t *digest) {
    char name[16];
    mdp_err err = MDP_OK;
    for (int i = 0; err == MDP_OK && i < N_TEXTS + N_NUMBERS; i++) {
        int is_text = i < N_TEXTS;
        snprintf(name, sizeof name, is_text ? "text%d" : "number%d", is_text ? i : i - N_TEXTS);
        int is_there = mdp_h5_attr_exists(file, "/", name);
        add(digest, &is_there, sizeof is_there);
        if (is_there) err = is_text ? add_text(file, name, digest) : add_number(file, name, MDP_H5_F64, digest);
    }
    return err;
}

/* a structure and where its checksum is */
struct structure {
    size_t start, n, sum;
};

/* the sizes of such structures in files of ours: first, first + step, .. or, without step, first, twice that, .. */
static const struct kind {
    const char *signature;
    size_t first, step, n;
} kinds[] = {
    {"\211HDF", 48, 0, 1}, {"OHDR", 16, 1, 1024}, {"FRHP", 146, 0, 1},  {"FHIB", 54, 32, 8},
    {"FHDB", 1024, 0, 4},  {"BTHD", 38, 0, 1},    {"BTLF", 27, 17, 29}, {"BTIN", 45, 26, 18},
};

static int is_signature(const unsigned char *bytes, const char *signature) {
    return memcmp(bytes, signature, strlen(signature)) == 0;
}

static uint64_t number_at(const unsigned char *bytes, size_t n) {
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++) value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

static void put_number(unsigned char *bytes, size_t n, uint64_t value) {
    for (size_t i = 0; i < n; i++) bytes[i] = (unsigned char)(value >> 8 * i);
}

static int is_block(const struct structure *s) { return s->sum + CHECKSUM_BYTES != s->start + s->n; }

static uint32_t sum_of(unsigned char *bytes, const struct structure *s) {
    if (!is_block(s)) return mdp_h5i_lookup3(bytes + s->start, s->n - CHECKSUM_BYTES);
    uint32_t kept = (uint32_t)number_at(bytes + s->sum, CHECKSUM_BYTES);
    put_number(bytes + s->sum, CHECKSUM_BYTES, 0);
    uint32_t sum = mdp_h5i_lookup3(bytes + s->start, s->n);
    put_number(bytes + s->sum, CHECKSUM_BYTES, kept);
    return sum;
}

static void put_sum(unsigned char *bytes, const struct structure *s) {
    put_number(bytes + s->sum, CHECKSUM_BYTES, sum_of(bytes, s));
}

/* the size is the one that the checksum fits; a block has it behind its head */
static int find_structure(unsigned char *bytes, size_t n, size_t start, struct structure *out) {
    const struct kind *kind = kinds, *end = kinds + sizeof kinds / sizeof *kinds;
    while (kind < end && !is_signature(bytes + start, kind->signature)) kind++;
    for (size_t k = 0; kind < end && k < kind->n; k++) {
        size_t size = kind->step > 0 ? kind->first + k * kind->step : kind->first << k;
        size_t sum = strcmp(kind->signature, "FHDB") == 0 ? 18 : size - CHECKSUM_BYTES;
        if (size > n - start) return 0;
        *out = (struct structure){start, size, start + sum};
        if (number_at(bytes + out->sum, CHECKSUM_BYTES) == sum_of(bytes, out)) return 1;
    }
    return 0;
}

/* a file that is forged again and again */
struct forgery {
    const char *path;
    mdp_err (*add)(struct mdp_h5 *, uint64_t *);
    unsigned char *whole, *forged; /* [n] */
    size_t n;
    int n_structures, n_agree, n_left;
    struct structure structures[STRUCTURES_MAX];
};

static void begin_forgery(const char *path, mdp_err (*add_these)(struct mdp_h5 *, uint64_t *), struct forgery *f) {
    *f = (struct forgery){.path = path, .add = add_these};
    f->whole = read_bytes(path, &f->n);
    f->forged = malloc(f->n);
    memcpy(f->forged, f->whole, f->n);
    for (size_t i = 0; i + 8 < f->n && f->n_structures < STRUCTURES_MAX; i++)
        if (find_structure(f->whole, f->n, i, &f->structures[f->n_structures])) f->n_structures++;
    CHECK(f->n_structures < STRUCTURES_MAX);
}

static void end_forgery(struct forgery *f) {
    fprintf(stderr, "%d agree, %d are left to libhdf5\n", f->n_agree, f->n_left);
    free(f->whole);
    free(f->forged);
}

/* sets the checksums to what is there now, looks, and puts everything back */
static void try_forgery(struct forgery *f, const struct structure *a, const struct structure *b) {
    put_sum(f->forged, a);
    put_sum(f->forged, b);
    put_bytes(f->path, f->forged, f->n);
    if (agrees_on(f->path, f->add))
        f->n_agree++;
    else
        f->n_left++;
    memcpy(f->forged + a->start, f->whole + a->start, a->n);
    memcpy(f->forged + b->start, f->whole + b->start, b->n);
}

static const struct structure *find_of(const struct forgery *f, const char *signature, int i) {
    for (int k = 0; k < f->n_structures; k++)
        if (is_signature(f->whole + f->structures[k].start, signature) && i-- == 0) return &f->structures[k];
    return NULL;
}

/* ---- one structure changed ---- */

enum change { TO_ZERO, TO_ONES, PLUS_ONE, MINUS_ONE, N_CHANGES };

static uint64_t changed(uint64_t value, enum change change) {
    if (change == TO_ZERO || change == TO_ONES) return change == TO_ZERO ? 0 : UINT64_MAX;
    return change == PLUS_ONE ? value + 1 : value - 1;
}

/* n bytes are another number */
static void forge_number(struct forgery *f, const struct structure *s, size_t place, size_t n, enum change change) {
    unsigned char *bytes = f->forged + s->start + place;
    put_number(bytes, n, changed(number_at(bytes, n), change));
    if (memcmp(f->forged + s->start, f->whole + s->start, s->n) != 0) try_forgery(f, s, s);
}

/* free space, of headers for attributes to come */
static int is_in_a_gap(const struct forgery *f, size_t place) {
    for (size_t i = place - 8; i < place + 16; i++)
        if (f->whole[i] != 0) return 0;
    return 1;
}

/* each byte becomes zero and, in turn, one of the others, and so do the eight from there */
static void forge_numbers(struct forgery *f, const struct structure *s) {
    for (size_t i = 0; i < s->n; i++) {
        if (i >= 8 && i + 16 <= s->n && i % 16 != 0 && is_in_a_gap(f, s->start + i)) continue;
        forge_number(f, s, i, 1, TO_ZERO);
        forge_number(f, s, i, 1, (enum change)(TO_ONES + i % 3));
        if (i + 8 <= s->n) forge_number(f, s, i, 8, (enum change)(i % N_CHANGES));
    }
}

/* most of a block is text and free space */
static void forge_block(struct forgery *f, const struct structure *s) {
    for (size_t i = 0; i < s->n; i++)
        if (i < 32 || i % 8 == 0) forge_number(f, s, i, 1, (enum change)(i / 8 % N_CHANGES));
}

/* the metadata is another one, and the checksum is that of what is there now: such files were never written by us, and
 * what is taken of them has to be what libhdf5 takes */
static void test_forged(void) {
    struct forgery f;
    write_episodes(tap_temp_path("a.h5"), "{\"episodes\": 50}", N);
    begin_forgery(tap_temp_path("a.h5"), add_all, &f);
    CHECK_INT(f.n_structures, 1 + 7 + 4 + 2); /* superblock, objects, heap and tree, two blocks */
    for (int k = 0; k < f.n_structures; k++)
        if (is_block(&f.structures[k]))
            forge_block(&f, &f.structures[k]);
        else
            forge_numbers(&f, &f.structures[k]);
    CHECK(f.n_left > 2000 && f.n_agree > 100);
    end_forgery(&f);
}

/* a heap of eight rows, a tree of two levels: texts of 3000 bytes lie in blocks of 4096 and more */
static void begin_many(const char *path, struct forgery *f) {
    struct mdp_h5 *file;
    char name[16], text[3001] = "";
    CHECK_OK(mdp_h5_create(path, &file));
    for (int i = 0; i < N_TEXTS; i++) {
        memset(text, 'a' + i, sizeof text - 1);
        snprintf(name, sizeof name, "text%d", i);
        CHECK_OK(mdp_h5_put_text(file, "/", name, text));
    }
    for (int i = 0; i < N_NUMBERS; i++) {
        snprintf(name, sizeof name, "number%d", i);
        CHECK_OK(mdp_h5_put_real(file, "/", name, i));
    }
    CHECK_OK(mdp_h5_commit(&file));
    begin_forgery(path, add_many, f);
    CHECK(find_of(f, "BTIN", 0) != NULL && find_of(f, "FRHP", 0) != NULL);
    CHECK_INT((long)number_at(f->whole + find_of(f, "FRHP", 0)->start + 140, 2), 8);
}

static void test_forged_heap_and_tree(void) {
    static const char *const signatures[] = {"FRHP", "FHIB", "BTHD", "BTIN"};
    const struct structure *s;
    struct forgery f;
    begin_many(tap_temp_path("a.h5"), &f);
    for (size_t k = 0; k < sizeof signatures / sizeof *signatures; k++)
        for (int i = 0; (s = find_of(&f, signatures[k], i)) != NULL; i++) forge_numbers(&f, s);
    CHECK(f.n_left > 300 && f.n_agree > 100);
    end_forgery(&f);
}

/* ---- two structures changed together ---- */

/* an attribute in the heap: its message is n bytes, n_head of them before the value, in a block with room for n_room */
struct record {
    const struct structure *node, *block;
    size_t entry, message, n, n_head, n_room;
    int is_text;
};

static int record_at(const struct forgery *f, const struct structure *node, size_t entry, struct record *out) {
    const unsigned char *w = f->whole;
    const struct structure *block;
    uint64_t offset = number_at(w + entry + 1, 5);
    for (int i = 0; (block = find_of(f, "FHDB", i)) != NULL; i++) {
        uint64_t start = number_at(w + block->start + 13, 5);
        if (offset < start || offset >= start + block->n) continue;
        size_t message = block->start + (size_t)(offset - start), n_type = number_at(w + message + 4, 2);
        *out = (struct record){node,
                               block,
                               entry,
                               message,
                               number_at(w + entry + 6, 2),
                               9 + number_at(w + message + 2, 2) + n_type + number_at(w + message + 6, 2),
                               block->start + block->n - message,
                               n_type == 8};
        return 1;
    }
    return 0;
}

static void forge_size(struct forgery *f, const struct record *r, size_t n_value) {
    if (r->n_head + n_value == r->n || r->n_head + n_value > UINT16_MAX) return;
    put_number(f->forged + r->entry + 6, 2, r->n_head + n_value);
    put_number(f->forged + r->message + 9 + number_at(f->whole + r->message + 2, 2) + 4, 4, n_value);
    try_forgery(f, r->node, r->block);
}

static void forge_sizes(struct forgery *f, const struct record *r) {
    const size_t n = r->n - r->n_head, sizes[] = {0,
                                                  1,
                                                  n - 1,
                                                  n + 1,
                                                  4096 - r->n_head,
                                                  4097 - r->n_head,
                                                  r->n_room - r->n_head,
                                                  r->n_room - r->n_head + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) forge_size(f, r, sizes[i]);
}

/* texts of other sizes, as the tree, too, says */
static void forge_texts(struct forgery *f) {
    const struct structure *leaf;
    struct record r;
    int n = 0;
    for (int i = 0; (leaf = find_of(f, "BTLF", i)) != NULL; i++)
        for (size_t entry = leaf->start + 6; entry + 17 <= leaf->sum; entry += 17)
            if (record_at(f, leaf, entry, &r) && r.is_text) {
                forge_sizes(f, &r);
                n++;
            }
    CHECK(n >= 10 && f->n_agree > 0 && f->n_left > 0);
}

static void test_forged_texts(void) {
    struct forgery f;
    write_episodes(tap_temp_path("a.h5"), "{\"episodes\": 50}", N);
    begin_forgery(tap_temp_path("a.h5"), add_all, &f);
    forge_texts(&f);
    end_forgery(&f);
    begin_many(tap_temp_path("b.h5"), &f);
    forge_texts(&f);
    end_forgery(&f);
}

/* any two of the small structures */
static void test_forged_pairs(void) {
    enum { N_PAIRS = 1000 };
    struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_EXPLORE, 0, 0);
    struct forgery f;
    write_episodes(tap_temp_path("a.h5"), "{\"episodes\": 50}", N);
    begin_forgery(tap_temp_path("a.h5"), add_all, &f);
    for (int i = 0; i < N_PAIRS; i++) {
        const struct structure *s[2];
        for (int k = 0; k < 2; k++) {
            size_t n = (size_t)1 << mdp_rng_below(&rng, 4);
            s[k] = &f.structures[mdp_rng_below(&rng, (uint32_t)f.n_structures)];
            unsigned char *bytes = f.forged + s[k]->start + mdp_rng_below(&rng, (uint32_t)(s[k]->n - n));
            put_number(bytes, n, changed(number_at(bytes, n), (enum change)mdp_rng_below(&rng, N_CHANGES)));
        }
        try_forgery(&f, s[0], s[1]);
    }
    CHECK(f.n_left > N_PAIRS / 2 && f.n_agree > 0);
    end_forgery(&f);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_forged),
        TAP_TEST(test_forged_heap_and_tree),
        TAP_TEST(test_forged_texts),
        TAP_TEST(test_forged_pairs),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
