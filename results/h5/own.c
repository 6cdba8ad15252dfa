/* a reader of exactly the layout that libhdf5 gives to what this program writes. */
#include "results/h5/own_internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/h5/filters_internal.h"

/* what libhdf5 lays out for us has these sizes; other ones are its own business */
enum {
    FILE_BYTES_MAX = 4 << 20,
    SUPERBLOCK_BYTES = 48,
    CHECKSUM_BYTES = 4,
    ATTRS_MAX = 128,
    ARRAYS_MAX = 32,
    HEAP_WIDTH = 4,
    HEAP_BLOCK_BYTES = 1024,
    HEAP_ROWS_MAX = 8, /* of direct blocks: 1, 1, 2, .. 64 times 1024 bytes */
    HEAP_ID_BYTES = 8,
    HEAP_OBJECT_MAX = 4096,
    TREE_NODE_BYTES = 512,
    TREE_RECORD_BYTES = 17,
    TREE_LEAF_MAX = 29,
    TREE_INNER_MAX = 18
};

#define UNDEFINED UINT64_MAX

/* numbers as we write them, in the bytes that describe them */
static const struct {
    enum mdp_h5_type type;
    unsigned char n_bytes, bytes[20];
} number_types[] = {
    {MDP_H5_F64, 20, {0x11, 0x20, 0x3f, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xff, 3, 0, 0}},
    {MDP_H5_I64, 12, {0x10, 8, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0}},
    {MDP_H5_U64, 12, {0x10, 0, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0}},
    {MDP_H5_I32, 12, {0x10, 8, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0}},
    {MDP_H5_U8, 12, {0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0}},
};

/* a text of fixed length, padded with zeros, UTF-8; its size follows */
static const unsigned char text_type[4] = {0x13, 0x11, 0, 0};

/* one value and no axes */
static const unsigned char scalar_space[4] = {2, 0, 0, 0};

/* fill value: none was set, space is taken as chunks come. pipeline: Fletcher32 alone */
static const unsigned char fill[2] = {3, 0x0b}, pipeline[8] = {2, 1, 3, 0, 0, 0, 0, 0};

/* a piece of the file; name: not ended by a zero */
struct piece {
    const unsigned char *bytes;
    size_t n;
};

/* is_text: else a number of this type */
struct attr {
    struct piece name, value;
    enum mdp_h5_type type;
    int is_text;
};

struct array {
    struct piece name, stored; /* stored: the chunk with its checksum */
    enum mdp_h5_type type;
    long n;
};

struct mdp_h5i_own {
    unsigned char *bytes; /* [n_bytes], the whole file */
    size_t n_bytes;
    int n_attrs, n_arrays;
    struct attr attrs[ATTRS_MAX];
    struct array arrays[ARRAYS_MAX];
};

/* ---- bytes ---- */

/* a place in the file and what may still be read there: whoever goes beyond, or finds what is not expected, makes it
 * bad, and reads zeros from then on */
struct cursor {
    const unsigned char *next, *end;
    int is_bad;
};

static struct cursor cursor_at(const struct mdp_h5i_own *own, uint64_t address, uint64_t n) {
    int is_there = address <= own->n_bytes && n <= own->n_bytes - address;
    const unsigned char *next = is_there ? own->bytes + address : own->bytes;
    return (struct cursor){next, next + (is_there ? n : 0), !is_there};
}

static struct piece take_piece(struct cursor *c, uint64_t n) {
    if (c->is_bad || n > (uint64_t)(c->end - c->next)) {
        c->is_bad = 1;
        return (struct piece){c->next, 0};
    }
    c->next += n;
    return (struct piece){c->next - n, n};
}

static uint64_t take(struct cursor *c, unsigned n) {
    struct piece piece = take_piece(c, n);
    uint64_t value = 0;
    for (size_t i = 0; i < piece.n; i++) value |= (uint64_t)piece.bytes[i] << 8 * i;
    return value;
}

static void expect(struct cursor *c, unsigned n, uint64_t value) {
    if (take(c, n) != value) c->is_bad = 1;
}

static void expect_bytes(struct cursor *c, const void *bytes, size_t n) {
    struct piece piece = take_piece(c, n);
    if (piece.n != n || memcmp(piece.bytes, bytes, n) != 0) c->is_bad = 1;
}

static int is_at_end(const struct cursor *c) { return !c->is_bad && c->next == c->end; }

static uint32_t rotate(uint32_t x, int k) { return x << k | x >> (32 - k); }

uint32_t mdp_h5i_lookup3(const unsigned char *bytes, size_t n) {
    static const int mixing[6] = {4, 6, 8, 16, 19, 4}, ending[7] = {14, 11, 25, 16, 4, 14, 24};
    uint32_t s[3];
    s[0] = s[1] = s[2] = 0xdeadbeef + (uint32_t)n;
    if (n == 0) return s[2];
    for (;;) {
        size_t n_here = n < 12 ? n : 12;
        for (size_t i = 0; i < n_here; i++) s[i / 4] += (uint32_t)bytes[i] << 8 * (i % 4);
        if (n <= 12) break;
        bytes += 12;
        n -= 12;
        /* a, b and c in turn: each loses the one before it, is mixed with it, and that one grows by the one after */
        for (int k = 0; k < 6; k++) {
            uint32_t *a = &s[k % 3], *before = &s[(k + 2) % 3], *after = &s[(k + 1) % 3];
            *a -= *before;
            *a ^= rotate(*before, mixing[k]);
            *before += *after;
        }
    }
    for (int k = 0; k < 7; k++) {
        uint32_t *x = &s[(k + 2) % 3], before = s[(k + 1) % 3];
        *x ^= before;
        *x -= rotate(before, ending[k]);
    }
    return s[2];
}

/* the checksum that follows n bytes */
static int is_intact(const unsigned char *bytes, size_t n) {
    struct cursor c = {bytes + n, bytes + n + CHECKSUM_BYTES, 0};
    return take(&c, CHECKSUM_BYTES) == mdp_h5i_lookup3(bytes, n);
}

/* a structure of a known size with its checksum at the end, behind signature and version */
static struct cursor open_structure(const struct mdp_h5i_own *own, uint64_t address, uint64_t n_bytes,
                                    const char signature[4], unsigned version) {
    struct cursor c = cursor_at(own, address, n_bytes);
    if (c.is_bad || n_bytes < 5 + CHECKSUM_BYTES || !is_intact(c.next, n_bytes - CHECKSUM_BYTES)) c.is_bad = 1;
    if (!c.is_bad) c.end -= CHECKSUM_BYTES;
    expect_bytes(&c, signature, 4);
    expect(&c, 1, version);
    return c;
}

/* ---- object headers ---- */

enum message {
    NOTHING = 0,
    DATASPACE = 1,
    LINK_INFO = 2,
    DATATYPE = 3,
    FILL_VALUE = 5,
    LINK = 6,
    LAYOUT = 8,
    GROUP_INFO = 10,
    PIPELINE = 11,
    ATTRIBUTE = 12,
    ATTRIBUTE_INFO = 21
};

/* constant, and not shared: neither changes what a message says */
enum { MESSAGE_FLAGS = 1 | 4 };

struct message_taker {
    int (*take)(void *object, enum message type, struct cursor body); /* returns 0 for what is not ours */
    void *object;
};

static int read_header(const struct mdp_h5i_own *own, uint64_t address, struct message_taker taker) {
    struct cursor start = cursor_at(own, address, 6);
    expect_bytes(&start, "OHDR\2", 5);
    uint64_t flags = take(&start, 1);
    if (start.is_bad || flags > 3) return 0;
    unsigned n_size = 1u << flags;
    struct cursor size = cursor_at(own, address + 6, n_size);
    uint64_t n = take(&size, n_size);
    if (size.is_bad || n > own->n_bytes) return 0;
    struct cursor c = open_structure(own, address, 6 + n_size + n + CHECKSUM_BYTES, "OHDR", 2);
    take_piece(&c, 1 + n_size);
    while (!c.is_bad && c.end - c.next >= 4) {
        enum message type = (enum message)take(&c, 1);
        uint64_t n_body = take(&c, 2);
        if (take(&c, 1) & ~(uint64_t)MESSAGE_FLAGS) return 0;
        struct piece body = take_piece(&c, n_body);
        if (c.is_bad) return 0;
        if (type != NOTHING && !taker.take(taker.object, type, (struct cursor){body.bytes, body.bytes + body.n, 0}))
            return 0;
    }
    return is_at_end(&c);
}

/* ---- values ---- */

static int find_number_type(struct piece bytes, enum mdp_h5_type *type) {
    for (size_t i = 0; i < sizeof number_types / sizeof *number_types; i++)
        if (bytes.n == number_types[i].n_bytes && memcmp(bytes.bytes, number_types[i].bytes, bytes.n) == 0) {
            *type = number_types[i].type;
            return 1;
        }
    return 0;
}

static int is_equal(struct piece piece, const char *text) {
    size_t n = strlen(text);
    return piece.n == n && memcmp(piece.bytes, text, n) == 0;
}

/* an attribute's message, in a header or in a heap */
static int read_attr(struct mdp_h5i_own *own, struct cursor c, struct attr **out) {
    if (own->n_attrs == ATTRS_MAX) return 0;
    struct attr *attr = &own->attrs[own->n_attrs++];
    expect(&c, 2, 3); /* version 3, nothing shared */
    uint64_t n_name = take(&c, 2), n_type = take(&c, 2), n_space = take(&c, 2);
    if (take(&c, 1) > 1) return 0; /* ASCII or UTF-8 */
    struct piece name = take_piece(&c, n_name), type = take_piece(&c, n_type), space = take_piece(&c, n_space);
    if (c.is_bad || n_name < 2 || memchr(name.bytes, 0, n_name) != name.bytes + n_name - 1) return 0;
    attr->name = (struct piece){name.bytes, n_name - 1};
    attr->value = (struct piece){c.next, (size_t)(c.end - c.next)};
    attr->is_text = n_type == 8 && memcmp(type.bytes, text_type, sizeof text_type) == 0;
    if (n_space != sizeof scalar_space || memcmp(space.bytes, scalar_space, n_space) != 0) return 0;
    if (!attr->is_text && !find_number_type(type, &attr->type)) return 0;
    struct cursor size = {type.bytes + 4, type.bytes + 8, 0};
    for (int i = 0; i < own->n_attrs - 1; i++)
        if (own->attrs[i].name.n == attr->name.n &&
            memcmp(own->attrs[i].name.bytes, attr->name.bytes, attr->name.n) == 0)
            return 0;
    *out = attr;
    return attr->value.n > 0 && attr->value.n == take(&size, 4); /* libhdf5 has no type of size 0 */
}

/* what has been seen of a dataset */
struct dataset {
    struct array *array;
    unsigned seen; /* bits of messages */
    uint64_t n_chunk, n_element, n_stored, address;
};

/* every kind of message once, and no other */
static int take_of_dataset(void *object, enum message type, struct cursor c) {
    struct dataset *d = object;
    if (type > 31 || d->seen >> type & 1) return 0;
    d->seen |= 1u << type;
    switch (type) {
    case DATASPACE:
        expect(&c, 4, 0x01010102); /* version 2, one axis, with a limit, simple */
        d->array->n = (long)take(&c, 8);
        expect(&c, 8, (uint64_t)d->array->n);
        break;
    case DATATYPE: return find_number_type((struct piece){c.next, (size_t)(c.end - c.next)}, &d->array->type);
    case FILL_VALUE: expect_bytes(&c, fill, sizeof fill); break;
    case PIPELINE: expect_bytes(&c, pipeline, sizeof pipeline); break;
    case LAYOUT: {
        expect(&c, 4,
               0x02020204); /* version 4, chunked, one chunk with filters, two axes: rows and an element's bytes */
        unsigned n_extent = (unsigned)take(&c, 1);
        if (n_extent < 1 || n_extent > 8) return 0;
        d->n_chunk = take(&c, n_extent);
        d->n_element = take(&c, n_extent);
        expect(&c, 1, 1); /* the index is that chunk */
        d->n_stored = take(&c, 8);
        expect(&c, 4, 0); /* all filters were used */
        d->address = take(&c, 8);
        break;
    }
    default: return 0;
    }
    return is_at_end(&c);
}

static int read_dataset(struct mdp_h5i_own *own, struct piece name, uint64_t address) {
    enum { ALL = 1u << DATASPACE | 1u << DATATYPE | 1u << FILL_VALUE | 1u << PIPELINE | 1u << LAYOUT };
    if (own->n_arrays == ARRAYS_MAX) return 0;
    for (int i = 0; i < own->n_arrays; i++)
        if (own->arrays[i].name.n == name.n && memcmp(own->arrays[i].name.bytes, name.bytes, name.n) == 0) return 0;
    struct array *array = &own->arrays[own->n_arrays++];
    struct dataset d = {.array = array};
    array->name = name;
    if (!read_header(own, address, (struct message_taker){take_of_dataset, &d}) || d.seen != ALL) return 0;
    if (array->n < 1 || (uint64_t)array->n != d.n_chunk || d.n_chunk > own->n_bytes ||
        d.n_element != mdp_h5_type_size(array->type) || d.n_stored != d.n_chunk * d.n_element + CHECKSUM_BYTES)
        return 0;
    struct cursor c = cursor_at(own, d.address, d.n_stored);
    array->stored = take_piece(&c, d.n_stored);
    return !c.is_bad;
}

/* ---- attributes in a heap, by a tree ---- */

/* the first block takes the first 1024 bytes of the heap's space; the second row of four again 1024 each, the third
 * 2048, .. */
struct heap {
    uint64_t address, n_used; /* n_used: nothing begins behind it */
    int n_blocks;
    struct block {
        uint64_t start, n_bytes, address;
        int is_intact;
    } blocks[HEAP_ROWS_MAX * HEAP_WIDTH];
};

static int read_heap_root(const struct mdp_h5i_own *own, struct heap *heap, uint64_t address, unsigned n_rows) {
    uint64_t start = 0, n = n_rows * HEAP_WIDTH;
    struct cursor c = {NULL, NULL, 0};
    if (n_rows > HEAP_ROWS_MAX) return 0;
    if (n_rows > 0) c = open_structure(own, address, 5 + 8 + 5 + 8 * n + CHECKSUM_BYTES, "FHIB", 0);
    if (n_rows > 0) expect(&c, 8, heap->address);
    if (n_rows > 0) expect(&c, 5, 0);
    if (n_rows == 0) n = 1;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t row = i / HEAP_WIDTH, n_bytes = HEAP_BLOCK_BYTES * (row < 2 ? (uint64_t)1 : (uint64_t)1 << (row - 1));
        heap->blocks[i] = (struct block){start, n_bytes, n_rows > 0 ? take(&c, 8) : address, 0};
        start += n_bytes;
    }
    heap->n_blocks = (int)n;
    return n_rows == 0 || is_at_end(&c);
}

static int read_heap(const struct mdp_h5i_own *own, uint64_t address, struct heap *heap) {
    enum { BYTES = 146 };
    struct cursor c = open_structure(own, address, BYTES, "FRHP", 0);
    heap->address = address;
    expect(&c, 2, HEAP_ID_BYTES);
    expect(&c, 2, 0); /* no filters */
    expect(&c, 1, 2); /* blocks have checksums */
    expect(&c, 4, HEAP_OBJECT_MAX);
    take_piece(&c, 8);        /* the next large object's number */
    expect(&c, 8, UNDEFINED); /* no tree of large objects */
    take_piece(&c, 8 * 2);    /* free space */
    heap->n_used = take(&c, 8);
    take_piece(&c, 8 * 7); /* statistics */
    expect(&c, 2, HEAP_WIDTH);
    expect(&c, 8, HEAP_BLOCK_BYTES);
    expect(&c, 8, HEAP_BLOCK_BYTES << (HEAP_ROWS_MAX - 2));
    expect(&c, 2, 40); /* bits of an offset */
    expect(&c, 2, 1);
    uint64_t root = take(&c, 8), n_rows = take(&c, 2);
    return is_at_end(&c) && n_rows <= HEAP_ROWS_MAX && read_heap_root(own, heap, root, (unsigned)n_rows);
}

/* the checksum is of the block with zeros in its place */
static int check_block(struct mdp_h5i_own *own, const struct heap *heap, struct block *block) {
    enum { HEAD = 5 + 8 + 5 };
    struct cursor c = cursor_at(own, block->address, block->n_bytes);
    expect_bytes(&c, "FHDB\0", 5);
    expect(&c, 8, heap->address);
    expect(&c, 5, block->start);
    uint64_t sum = take(&c, CHECKSUM_BYTES);
    if (c.is_bad) return 0;
    if (block->is_intact) return 1;
    unsigned char *bytes = own->bytes + block->address, kept[CHECKSUM_BYTES];
    memcpy(kept, bytes + HEAD, sizeof kept);
    memset(bytes + HEAD, 0, sizeof kept);
    block->is_intact = mdp_h5i_lookup3(bytes, block->n_bytes) == sum;
    memcpy(bytes + HEAD, kept, sizeof kept);
    return block->is_intact;
}

/* what an entry of the tree leads to: its name's hash is the tree's order, by which libhdf5 finds it */
static int read_record(struct mdp_h5i_own *own, struct heap *heap, struct cursor *c, uint64_t *newest_hash) {
    enum { BLOCK_HEAD = 5 + 8 + 5 + CHECKSUM_BYTES };
    struct attr *attr;
    expect(c, 1, 0); /* in a block of the heap */
    uint64_t offset = take(c, 5), n = take(c, 2);
    if (take(c, 1) & ~(uint64_t)MESSAGE_FLAGS) return 0;
    take_piece(c, 4); /* order of creation */
    uint64_t hash = take(c, 4);
    if (c->is_bad || (own->n_attrs > 0 && hash <= *newest_hash)) return 0;
    if (offset > heap->n_used || n > HEAP_OBJECT_MAX) return 0;
    *newest_hash = hash;
    for (int i = 0; i < heap->n_blocks; i++) {
        struct block *b = &heap->blocks[i];
        if (offset < b->start || offset >= b->start + b->n_bytes) continue;
        uint64_t within = offset - b->start;
        if (within < BLOCK_HEAD || n > b->n_bytes - within || !check_block(own, heap, b)) return 0;
        return read_attr(own, cursor_at(own, b->address + within, n), &attr) &&
               mdp_h5i_lookup3(attr->name.bytes, attr->name.n) == hash;
    }
    return 0;
}

/* a node says its size by how many records it has, and whoever leads to it says that */
static struct cursor open_node(const struct mdp_h5i_own *own, uint64_t address, uint64_t n_bytes,
                               const char *signature) {
    struct cursor c = open_structure(own, address, n_bytes + CHECKSUM_BYTES, signature, 0);
    expect(&c, 1, 8); /* attributes by name */
    return c;
}

static int read_leaf(struct mdp_h5i_own *own, struct heap *heap, uint64_t address, uint64_t n, uint64_t *newest_hash) {
    if (n < 1 || n > TREE_LEAF_MAX) return 0;
    struct cursor c = open_node(own, address, 6 + n * TREE_RECORD_BYTES, "BTLF");
    for (uint64_t i = 0; i < n; i++)
        if (!read_record(own, heap, &c, newest_hash)) return 0;
    return is_at_end(&c);
}

/* a node above leaves: its records part them */
static int read_inner(struct mdp_h5i_own *own, struct heap *heap, uint64_t address, uint64_t n, uint64_t *newest_hash) {
    if (n < 1 || n > TREE_INNER_MAX) return 0;
    struct cursor records = open_node(own, address, 6 + n * TREE_RECORD_BYTES + (n + 1) * 9, "BTIN"), leaves = records;
    take_piece(&leaves, n * TREE_RECORD_BYTES);
    for (uint64_t i = 0; i <= n; i++) {
        uint64_t leaf = take(&leaves, 8), n_here = take(&leaves, 1);
        if (leaves.is_bad || !read_leaf(own, heap, leaf, n_here, newest_hash)) return 0;
        if (i < n && !read_record(own, heap, &records, newest_hash)) return 0;
    }
    return is_at_end(&leaves);
}

static int read_attrs(struct mdp_h5i_own *own, uint64_t heap_address, uint64_t tree_address) {
    enum { BYTES = 38 };
    struct heap heap = {.n_blocks = 0};
    uint64_t newest_hash = 0;
    if (!read_heap(own, heap_address, &heap)) return 0;
    struct cursor c = open_structure(own, tree_address, BYTES, "BTHD", 0);
    expect(&c, 1, 8);
    expect(&c, 4, TREE_NODE_BYTES);
    expect(&c, 2, TREE_RECORD_BYTES);
    uint64_t depth = take(&c, 2);
    take_piece(&c, 2); /* when nodes are split and merged */
    uint64_t root = take(&c, 8), n = take(&c, 2), n_all = take(&c, 8);
    if (!is_at_end(&c) || depth > 1) return 0;
    int is_read =
        depth == 0 ? read_leaf(own, &heap, root, n, &newest_hash) : read_inner(own, &heap, root, n, &newest_hash);
    return is_read && (uint64_t)own->n_attrs == n_all;
}

/* ---- the file ---- */

/* what has been seen of the root */
struct root {
    struct mdp_h5i_own *own;
    unsigned seen;
    uint64_t heap, tree;
};

static int take_of_root(void *object, enum message type, struct cursor c) {
    struct root *root = object;
    struct attr *attr;
    if (type == ATTRIBUTE) return read_attr(root->own, c, &attr);
    if (type == LINK) {
        expect(&c, 2, 1); /* version 1, to an object of this file, a name's length of one byte */
        struct piece name = take_piece(&c, take(&c, 1));
        uint64_t address = take(&c, 8);
        return is_at_end(&c) && name.n > 0 && memchr(name.bytes, 0, name.n) == NULL &&
               read_dataset(root->own, name, address);
    }
    if (type > 31 || root->seen >> type & 1) return 0;
    root->seen |= 1u << type;
    expect(&c, 2, 0); /* version, and no flags */
    if (type == LINK_INFO) {
        expect(&c, 8, UNDEFINED); /* links are in the header */
        expect(&c, 8, UNDEFINED);
    } else if (type == ATTRIBUTE_INFO) {
        root->heap = take(&c, 8);
        root->tree = take(&c, 8);
    } else if (type != GROUP_INFO) {
        return 0;
    }
    return is_at_end(&c);
}

static int read_root(struct mdp_h5i_own *own, uint64_t address) {
    enum { ALL = 1u << LINK_INFO | 1u << GROUP_INFO | 1u << ATTRIBUTE_INFO };
    struct root root = {.own = own, .heap = UNDEFINED, .tree = UNDEFINED};
    if (!read_header(own, address, (struct message_taker){take_of_root, &root}) || root.seen != ALL) return 0;
    if (root.heap == UNDEFINED) return root.tree == UNDEFINED;
    return own->n_attrs == 0 && read_attrs(own, root.heap, root.tree);
}

static int read_layout(struct mdp_h5i_own *own) {
    struct cursor c = cursor_at(own, 0, SUPERBLOCK_BYTES);
    if (c.is_bad || !is_intact(own->bytes, SUPERBLOCK_BYTES - CHECKSUM_BYTES)) return 0;
    expect_bytes(&c, "\211HDF\r\n\032\n\3\10\10", 11); /* signature, version, bytes of addresses and of lengths */
    expect(&c, 1, 0);                                  /* nobody writes */
    expect(&c, 8, 0);
    expect(&c, 8, UNDEFINED);
    expect(&c, 8, own->n_bytes);
    uint64_t root = take(&c, 8);
    return !c.is_bad && read_root(own, root);
}

static int has_our_size(const struct stat *info) {
    return S_ISREG(info->st_mode) && info->st_size > SUPERBLOCK_BYTES && info->st_size <= FILE_BYTES_MAX;
}

/* everything at once: a file that is replaced meanwhile stays what it was. a pipe or device is not opened, as that
 * alone would let a writer go on or touch a tape; one that has just taken the file's place is opened without waiting */
static int read_bytes(const char *path, struct mdp_h5i_own *own) {
    struct stat info;
    ssize_t got = -1;
    if (stat(path, &info) != 0 || !has_our_size(&info)) return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return 0;
    if (fstat(fd, &info) == 0 && has_our_size(&info)) own->bytes = malloc((size_t)info.st_size);
    if (own->bytes != NULL) got = pread(fd, own->bytes, (size_t)info.st_size, 0);
    close(fd);
    own->n_bytes = got > 0 ? (size_t)got : 0;
    return own->bytes != NULL && got == info.st_size;
}

void mdp_h5i_own_open(const char *path, struct mdp_h5i_own **out) {
    struct mdp_h5i_own *own = malloc(sizeof *own);
    *out = NULL;
    if (own == NULL) return;
    own->bytes = NULL;
    own->n_attrs = own->n_arrays = 0;
    if (read_bytes(path, own) && read_layout(own))
        *out = own;
    else
        mdp_h5i_own_free(own);
}

void mdp_h5i_own_free(struct mdp_h5i_own *own) {
    if (own == NULL) return;
    free(own->bytes);
    free(own);
}

/* ---- answers ---- */

static const struct attr *find_attr(const struct mdp_h5i_own *own, const char *name) {
    for (int i = 0; i < own->n_attrs; i++)
        if (is_equal(own->attrs[i].name, name)) return &own->attrs[i];
    return NULL;
}

static const struct array *find_array(const struct mdp_h5i_own *own, const char *name) {
    for (int i = 0; i < own->n_arrays; i++)
        if (is_equal(own->arrays[i].name, name)) return &own->arrays[i];
    return NULL;
}

int mdp_h5i_own_has_attr(const struct mdp_h5i_own *own, const char *name) { return find_attr(own, name) != NULL; }

int mdp_h5i_own_attr(const struct mdp_h5i_own *own, const char *name, enum mdp_h5_type type, void *value) {
    const struct attr *attr = find_attr(own, name);
    if (attr == NULL || attr->is_text || attr->type != type) return 0;
    memcpy(value, attr->value.bytes, attr->value.n);
    return 1;
}

char *mdp_h5i_own_text(const struct mdp_h5i_own *own, const char *name) {
    const struct attr *attr = find_attr(own, name);
    return attr != NULL && attr->is_text ? strndup((const char *)attr->value.bytes, attr->value.n) : NULL;
}

long mdp_h5i_own_length(const struct mdp_h5i_own *own, const char *name) {
    const struct array *array = find_array(own, name);
    return array != NULL ? array->n : -1;
}

int mdp_h5i_own_read(const struct mdp_h5i_own *own, const char *name, enum mdp_h5_type type, long n, void *buffer) {
    const struct array *array = find_array(own, name);
    if (array == NULL || array->type != type || array->n != n) return 0;
    size_t n_bytes = array->stored.n - CHECKSUM_BYTES;
    struct cursor c = {array->stored.bytes + n_bytes, array->stored.bytes + array->stored.n, 0};
    if (take(&c, CHECKSUM_BYTES) != mdp_h5i_fletcher32(array->stored.bytes, n_bytes)) return 0;
    memcpy(buffer, array->stored.bytes, n_bytes);
    return 1;
}
