#include "results/tensors/pickle.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_LINE_MAX = 256, PROTOCOL_MIN = 2, PROTOCOL_MAX = 5 };

/* numbers of values, or of places on the stack */
struct numbers {
    uint32_t n, room;
    uint32_t *list;
};

struct machine {
    const char *where;
    struct mdp_bytes in;
    size_t next, start; /* next byte; the opcode that runs */
    const struct mdp_pickle_global *globals;
    int n_globals, is_done;
    struct mdp_pickle *p;
    struct numbers stack, marks, memo; /* memo[i] is 0 where nothing was put */
};

/* ---- memory and messages ---- */

static const char *op_name(unsigned char code);

static mdp_err refuse(const struct machine *m, const char *expected, const char *found) {
    return mdp_fail(MDP_E_DATA, "%s: byte %zu: %s: expected %s, found %s", m->where, m->start,
                    op_name(m->in.data[m->start]), expected, found);
}

/* makes room for one item more than the n that a list holds */
static mdp_err reserve(const struct machine *m, void *list, uint32_t n, uint32_t *room, size_t size) {
    if (n < *room) return MDP_OK;
    if (n >= MDP_PICKLE_VALUES_MAX) return refuse(m, "at most 1000000 values", "more");
    uint32_t wanted = *room == 0 ? 256 : 2 * *room;
    void *grown = realloc(*(void **)list, wanted * size);
    if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "%s: no memory for %u values", m->where, wanted);
    *(void **)list = grown;
    *room = wanted;
    return MDP_OK;
}

static mdp_err add_number(const struct machine *m, struct numbers *numbers, uint32_t number) {
    mdp_err err = reserve(m, &numbers->list, numbers->n, &numbers->room, sizeof *numbers->list);
    if (err == MDP_OK) numbers->list[numbers->n++] = number;
    return err;
}

static mdp_err add_value(struct machine *m, const struct mdp_pickle_value *value, uint32_t *number) {
    mdp_err err = reserve(m, &m->p->values, m->p->n_values, &m->p->values_room, sizeof *value);
    if (err != MDP_OK) return err;
    *number = m->p->n_values;
    m->p->values[m->p->n_values++] = *value;
    return MDP_OK;
}

static mdp_err push(struct machine *m, const struct mdp_pickle_value *value) {
    uint32_t number = 0;
    mdp_err err = add_value(m, value, &number);
    return err == MDP_OK ? add_number(m, &m->stack, number) : err;
}

/* values below the newest mark cannot be taken */
static mdp_err pop(struct machine *m, uint32_t *number) {
    uint32_t floor = m->marks.n > 0 ? m->marks.list[m->marks.n - 1] : 0;
    if (m->stack.n <= floor) return refuse(m, "a value on the stack", "none");
    *number = m->stack.list[--m->stack.n];
    return MDP_OK;
}

static mdp_err pop_mark(struct machine *m, uint32_t *base) {
    if (m->marks.n == 0) return refuse(m, "a mark on the stack", "none");
    *base = m->marks.list[--m->marks.n];
    return MDP_OK;
}

static mdp_err take(struct machine *m, uint64_t n, struct mdp_bytes *bytes) {
    if (!mdp_bytes_has(m->in, m->next, n)) return refuse(m, "its argument", "the end of the pickle");
    *bytes = mdp_bytes_part(m->in, m->next, n);
    m->next += n;
    return MDP_OK;
}

static mdp_err take_number(struct machine *m, int n_bytes, uint64_t *value) {
    struct mdp_bytes bytes = {NULL, 0};
    mdp_err err = take(m, (uint64_t)n_bytes, &bytes);
    if (err == MDP_OK) *value = mdp_bytes_le(bytes.data, n_bytes);
    return err;
}

static unsigned char code(const struct machine *m) { return m->in.data[m->start]; }

/* appends to a container's chain */
static mdp_err add_cell(struct machine *m, uint32_t container, uint32_t key, uint32_t value) {
    struct mdp_pickle *p = m->p;
    mdp_err err = reserve(m, &p->cells, p->n_cells, &p->cells_room, sizeof *p->cells);
    if (err != MDP_OK) return err;
    struct mdp_pickle_value *to = &p->values[container];
    p->cells[p->n_cells] = (struct mdp_pickle_cell){key, value, 0};
    if (to->n++ == 0)
        to->first = p->n_cells;
    else
        p->cells[to->last].next = p->n_cells;
    to->last = p->n_cells++;
    return MDP_OK;
}

/* ---- opcodes: plain values ---- */

static mdp_err run_proto(struct machine *m) {
    uint64_t version = 0;
    mdp_err err = take_number(m, 1, &version);
    if (err == MDP_OK && (version < PROTOCOL_MIN || version > PROTOCOL_MAX))
        err = mdp_fail(MDP_E_DATA, "%s: byte %zu: PROTO: expected protocol %d to %d, found %d", m->where, m->start,
                       PROTOCOL_MIN, PROTOCOL_MAX, (int)version);
    return err;
}

/* frames are a help for readers of streams; ours has all of it */
static mdp_err run_frame(struct machine *m) {
    uint64_t length = 0;
    mdp_err err = take_number(m, 8, &length);
    if (err == MDP_OK && !mdp_bytes_has(m->in, m->next, length)) err = refuse(m, "its frame", "the end of the pickle");
    return err;
}

static mdp_err run_constant(struct machine *m) {
    struct mdp_pickle_value value = {.kind = code(m) == 'N' ? MDP_PICKLE_NONE : MDP_PICKLE_BOOL};
    if (value.kind == MDP_PICKLE_BOOL) value.integer = code(m) == 0x88;
    return push(m, &value);
}

static mdp_err run_integer(struct machine *m) {
    int n_bytes = code(m) == 'J' ? 4 : code(m) == 'M' ? 2 : 1;
    uint64_t bits = 0;
    mdp_err err = take_number(m, n_bytes, &bits);
    struct mdp_pickle_value value = {.kind = MDP_PICKLE_INT};
    if (err == MDP_OK) value.integer = n_bytes == 4 ? (int32_t)bits : (int64_t)bits;
    return err == MDP_OK ? push(m, &value) : err;
}

/* two's complement of up to 255 bytes */
static mdp_err run_long(struct machine *m) {
    struct mdp_pickle_value value = {.kind = MDP_PICKLE_LONG};
    struct mdp_bytes bytes = {NULL, 0};
    uint64_t n = 0;
    mdp_err err;
    MDP_TRY(take_number(m, 1, &n));
    MDP_TRY(take(m, n, &bytes));
    if (n > 8) {
        value.bytes = bytes;
    } else {
        int is_negative = n > 0 && bytes.data[n - 1] & 0x80;
        uint64_t bits = n > 0 ? mdp_bytes_le(bytes.data, (int)n) : 0;
        if (is_negative && n < 8) bits |= UINT64_MAX << 8 * n;
        value.kind = MDP_PICKLE_INT;
        value.integer = (int64_t)bits;
    }
    return push(m, &value);
out:
    return err;
}

/* the one number of a pickle with its highest byte first */
static mdp_err run_float(struct machine *m) {
    struct mdp_pickle_value value = {.kind = MDP_PICKLE_REAL};
    struct mdp_bytes bytes = {NULL, 0};
    uint64_t bits = 0;
    mdp_err err = take(m, 8, &bytes);
    if (err != MDP_OK) return err;
    for (int i = 0; i < 8; i++) bits = bits << 8 | bytes.data[i];
    memcpy(&value.real, &bits, sizeof bits);
    return push(m, &value);
}

static mdp_err run_text(struct machine *m) {
    int is_text = code(m) == 'X' || code(m) == 0x8c, is_long = code(m) == 'X' || code(m) == 'B';
    struct mdp_pickle_value value = {.kind = is_text ? MDP_PICKLE_TEXT : MDP_PICKLE_BYTES};
    struct mdp_bytes bytes = {NULL, 0};
    uint64_t length = 0;
    mdp_err err;
    MDP_TRY(take_number(m, is_long ? 4 : 1, &length));
    MDP_TRY(take(m, length, &bytes));
    value.bytes = bytes;
    return push(m, &value);
out:
    return err;
}

/* ---- opcodes: containers ---- */

static mdp_err run_empty(struct machine *m) {
    /* a set is a list here: nobody asks whether something is in it twice */
    struct mdp_pickle_value value = {.kind = code(m) == '}'                      ? MDP_PICKLE_DICT
                                             : code(m) == ']' || code(m) == 0x8f ? MDP_PICKLE_LIST
                                                                                 : MDP_PICKLE_TUPLE};
    return push(m, &value);
}

static mdp_err run_mark(struct machine *m) { return add_number(m, &m->marks, m->stack.n); }

/* moves the values from `base` up into a container that is not on the stack; a DICT takes pairs */
static mdp_err collect(struct machine *m, uint32_t base, uint32_t container) {
    mdp_err err = MDP_OK;
    int is_dict = m->p->values[container].kind == MDP_PICKLE_DICT;
    if (is_dict && (m->stack.n - base) % 2 != 0) return refuse(m, "pairs of key and value", "an odd number of values");
    for (uint32_t i = base; err == MDP_OK && i < m->stack.n; i += is_dict ? 2 : 1)
        err = add_cell(m, container, is_dict ? m->stack.list[i] : 0, m->stack.list[is_dict ? i + 1 : i]);
    m->stack.n = base;
    return err;
}

static mdp_err make_tuple(struct machine *m, uint32_t base) {
    const struct mdp_pickle_value value = {.kind = MDP_PICKLE_TUPLE};
    uint32_t number = 0;
    mdp_err err;
    MDP_TRY(add_value(m, &value, &number));
    MDP_TRY(collect(m, base, number));
    MDP_TRY(add_number(m, &m->stack, number));
out:
    return err;
}

static mdp_err run_tuple(struct machine *m) {
    uint32_t base = 0;
    mdp_err err = pop_mark(m, &base);
    return err == MDP_OK ? make_tuple(m, base) : err;
}

/* the opcodes TUPLE1 to TUPLE3, one after the other: a tuple of the last 1, 2 or 3 values */
static mdp_err run_short_tuple(struct machine *m) {
    uint32_t n = code(m) - 0x84u, floor = m->marks.n > 0 ? m->marks.list[m->marks.n - 1] : 0;
    if (m->stack.n < floor + n) return refuse(m, "values on the stack", "too few");
    return make_tuple(m, m->stack.n - n);
}

/* SETITEM, SETITEMS, APPEND, APPENDS, ADDITEMS: the values on top go into the container below them */
static mdp_err run_add(struct machine *m) {
    int is_dict = code(m) == 's' || code(m) == 'u', is_marked = strchr("ue\x90", code(m)) != NULL;
    enum mdp_pickle_kind kind = is_dict ? MDP_PICKLE_DICT : MDP_PICKLE_LIST;
    uint32_t n = is_dict ? 2 : 1, base = m->stack.n - n;
    mdp_err err = is_marked ? pop_mark(m, &base) : MDP_OK;
    uint32_t floor = m->marks.n > 0 ? m->marks.list[m->marks.n - 1] : 0;
    if (err != MDP_OK) return err;
    if ((!is_marked && m->stack.n < n) || base <= floor) return refuse(m, "a container on the stack", "none");
    uint32_t container = m->stack.list[base - 1];
    if (m->p->values[container].kind != kind)
        return refuse(m, mdp_pickle_kind_text(kind), mdp_pickle_kind_text(m->p->values[container].kind));
    return collect(m, base, container);
}

/* ---- opcodes: memory ---- */

static mdp_err put(struct machine *m, uint64_t i) {
    uint32_t floor = m->marks.n > 0 ? m->marks.list[m->marks.n - 1] : 0;
    if (m->stack.n <= floor) return refuse(m, "a value on the stack", "none");
    if (i >= MDP_PICKLE_VALUES_MAX) return refuse(m, "a memory place below 1000000", "a higher one");
    while (m->memo.n <= i) {
        mdp_err err = add_number(m, &m->memo, 0);
        if (err != MDP_OK) return err;
    }
    m->memo.list[i] = m->stack.list[m->stack.n - 1];
    return MDP_OK;
}

static mdp_err run_put(struct machine *m) {
    uint64_t i = 0;
    mdp_err err = take_number(m, code(m) == 'q' ? 1 : 4, &i);
    return err == MDP_OK ? put(m, i) : err;
}

static mdp_err run_memoize(struct machine *m) { return put(m, m->memo.n); }

static mdp_err run_get(struct machine *m) {
    uint64_t i = 0;
    mdp_err err = take_number(m, code(m) == 'h' ? 1 : 4, &i);
    if (err != MDP_OK) return err;
    if (i >= m->memo.n || m->memo.list[i] == 0) return refuse(m, "a memory place that was filled", "an empty one");
    return add_number(m, &m->stack, m->memo.list[i]);
}

/* ---- opcodes: names and calls ---- */

static mdp_err push_global(struct machine *m, struct mdp_bytes module, struct mdp_bytes name) {
    struct mdp_pickle_value value = {.kind = MDP_PICKLE_GLOBAL};
    char first[MDP_BYTES_SHOWN], second[MDP_BYTES_SHOWN];
    for (int i = 0; i < m->n_globals; i++) {
        if (!mdp_bytes_are(module, m->globals[i].module) || !mdp_bytes_are(name, m->globals[i].name)) continue;
        value.i_global = i;
        return push(m, &value);
    }
    return mdp_fail(MDP_E_DATA,
                    "%s: byte %zu: %s: expected a name that a state dict needs, found %s.%s: it could run code and is "
                    "not touched",
                    m->where, m->start, op_name(code(m)), mdp_bytes_show(module, first), mdp_bytes_show(name, second));
}

static mdp_err take_line(struct machine *m, struct mdp_bytes *line) {
    size_t left = m->in.size - m->next, limit = left < NAME_LINE_MAX ? left : NAME_LINE_MAX;
    const unsigned char *from = m->in.data + m->next, *end = limit > 0 ? memchr(from, '\n', limit) : NULL;
    if (end == NULL) return refuse(m, "a name of at most 255 bytes", "no end of line");
    *line = (struct mdp_bytes){from, (size_t)(end - from)};
    m->next += line->size + 1;
    return MDP_OK;
}

static mdp_err run_global(struct machine *m) {
    struct mdp_bytes module = {NULL, 0}, name = {NULL, 0};
    mdp_err err;
    MDP_TRY(take_line(m, &module));
    MDP_TRY(take_line(m, &name));
    MDP_TRY(push_global(m, module, name));
out:
    return err;
}

static mdp_err run_stack_global(struct machine *m) {
    uint32_t module = 0, name = 0;
    mdp_err err;
    MDP_TRY(pop(m, &name));
    MDP_TRY(pop(m, &module));
    const struct mdp_pickle_value *values = m->p->values;
    if (values[module].kind != MDP_PICKLE_TEXT || values[name].kind != MDP_PICKLE_TEXT)
        return refuse(m, "two texts", "other values");
    MDP_TRY(push_global(m, values[module].bytes, values[name].bytes));
out:
    return err;
}

static mdp_err run_reduce(struct machine *m) {
    uint32_t callee = 0, args = 0;
    mdp_err err;
    MDP_TRY(pop(m, &args));
    MDP_TRY(pop(m, &callee));
    const struct mdp_pickle_value *who = &m->p->values[callee], *with = &m->p->values[args];
    if (who->kind != MDP_PICKLE_GLOBAL) return refuse(m, "a name to call", mdp_pickle_kind_text(who->kind));
    if (with->kind != MDP_PICKLE_TUPLE) return refuse(m, "a tuple of arguments", mdp_pickle_kind_text(with->kind));
    const struct mdp_pickle_global *global = &m->globals[who->i_global];
    if (global->use == MDP_PICKLE_MENTION) return refuse(m, "a name that may be called", global->name);
    if (global->use == MDP_PICKLE_NEW_DICT && with->n != 0) return refuse(m, "no arguments", global->name);
    struct mdp_pickle_value value = {.kind = MDP_PICKLE_DICT};
    if (global->use != MDP_PICKLE_NEW_DICT)
        value = (struct mdp_pickle_value){.kind = MDP_PICKLE_CALL, .i_global = who->i_global, .first = args};
    MDP_TRY(push(m, &value));
out:
    return err;
}

/* attributes of a dictionary (torch sets _metadata), and of what nobody looks into, say nothing about tensors: they are
 * dropped */
static mdp_err run_build(struct machine *m) {
    uint32_t state, floor = m->marks.n > 0 ? m->marks.list[m->marks.n - 1] : 0;
    mdp_err err = pop(m, &state);
    if (err != MDP_OK) return err;
    if (m->stack.n <= floor) return refuse(m, "an object on the stack", "none");
    const struct mdp_pickle_value *built = &m->p->values[m->stack.list[m->stack.n - 1]];
    int is_opaque = built->kind == MDP_PICKLE_CALL && m->globals[built->i_global].use == MDP_PICKLE_OPAQUE;
    if (built->kind == MDP_PICKLE_DICT || is_opaque) return MDP_OK;
    return refuse(m, "a dictionary to build", mdp_pickle_kind_text(built->kind));
}

static mdp_err run_persistent(struct machine *m) {
    struct mdp_pickle_value value = {.kind = MDP_PICKLE_PERSISTENT};
    mdp_err err = pop(m, &value.first);
    return err == MDP_OK ? push(m, &value) : err;
}

static mdp_err run_stop(struct machine *m) {
    mdp_err err = pop(m, &m->p->root);
    if (err == MDP_OK && (m->stack.n > 0 || m->marks.n > 0)) err = refuse(m, "one value", "others under it");
    m->is_done = 1;
    return err;
}

/* ---- the machine ---- */

/* every opcode of protocols 0 to 5, so that those which are refused have a name too */
static const struct {
    const char *name;
    mdp_err (*run)(struct machine *m);
} ops[256] = {
    [0x80] = {"PROTO", run_proto},
    [0x95] = {"FRAME", run_frame},
    ['N'] = {"NONE", run_constant},
    [0x88] = {"NEWTRUE", run_constant},
    [0x89] = {"NEWFALSE", run_constant},
    ['J'] = {"BININT", run_integer},
    ['K'] = {"BININT1", run_integer},
    ['M'] = {"BININT2", run_integer},
    [0x8a] = {"LONG1", run_long},
    ['G'] = {"BINFLOAT", run_float},
    ['X'] = {"BINUNICODE", run_text},
    [0x8c] = {"SHORT_BINUNICODE", run_text},
    ['B'] = {"BINBYTES", run_text},
    ['C'] = {"SHORT_BINBYTES", run_text},
    ['}'] = {"EMPTY_DICT", run_empty},
    [0x8f] = {"EMPTY_SET", run_empty},
    [0x90] = {"ADDITEMS", run_add},
    [0x91] = {"FROZENSET", run_tuple},
    [']'] = {"EMPTY_LIST", run_empty},
    [')'] = {"EMPTY_TUPLE", run_empty},
    ['('] = {"MARK", run_mark},
    ['t'] = {"TUPLE", run_tuple},
    [0x85] = {"TUPLE1", run_short_tuple},
    [0x86] = {"TUPLE2", run_short_tuple},
    [0x87] = {"TUPLE3", run_short_tuple},
    ['s'] = {"SETITEM", run_add},
    ['u'] = {"SETITEMS", run_add},
    ['a'] = {"APPEND", run_add},
    ['e'] = {"APPENDS", run_add},
    ['q'] = {"BINPUT", run_put},
    ['r'] = {"LONG_BINPUT", run_put},
    [0x94] = {"MEMOIZE", run_memoize},
    ['h'] = {"BINGET", run_get},
    ['j'] = {"LONG_BINGET", run_get},
    ['c'] = {"GLOBAL", run_global},
    [0x93] = {"STACK_GLOBAL", run_stack_global},
    ['R'] = {"REDUCE", run_reduce},
    ['b'] = {"BUILD", run_build},
    ['Q'] = {"BINPERSID", run_persistent},
    ['.'] = {"STOP", run_stop},
    ['0'] = {"POP", NULL},
    ['1'] = {"POP_MARK", NULL},
    ['2'] = {"DUP", NULL},
    ['F'] = {"FLOAT", NULL},
    ['I'] = {"INT", NULL},
    ['L'] = {"LONG", NULL},
    [0x8b] = {"LONG4", NULL},
    ['S'] = {"STRING", NULL},
    ['T'] = {"BINSTRING", NULL},
    ['U'] = {"SHORT_BINSTRING", NULL},
    ['V'] = {"UNICODE", NULL},
    [0x8d] = {"BINUNICODE8", NULL},
    [0x8e] = {"BINBYTES8", NULL},
    [0x96] = {"BYTEARRAY8", NULL},
    [0x97] = {"NEXT_BUFFER", NULL},
    [0x98] = {"READONLY_BUFFER", NULL},
    ['d'] = {"DICT", NULL},
    ['l'] = {"LIST", NULL},
    ['p'] = {"PUT", NULL},
    ['g'] = {"GET", NULL},
    ['i'] = {"INST", NULL},
    ['o'] = {"OBJ", NULL},
    [0x81] = {"NEWOBJ", NULL},
    [0x92] = {"NEWOBJ_EX", NULL},
    ['P'] = {"PERSID", NULL},
    [0x82] = {"EXT1", NULL},
    [0x83] = {"EXT2", NULL},
    [0x84] = {"EXT4", NULL},
};

static const char *op_name(unsigned char op) { return ops[op].name; }

static mdp_err step(struct machine *m) {
    if (m->next >= m->in.size)
        return mdp_fail(MDP_E_DATA, "%s: byte %zu: expected an opcode, found %s", m->where, m->next,
                        m->next < MDP_PICKLE_BYTES_MAX ? "the end of the pickle" : "a pickle of more than 16 MiB");
    m->start = m->next++;
    unsigned char op = code(m);
    if (ops[op].run != NULL) return ops[op].run(m);
    if (ops[op].name != NULL)
        return refuse(m, "an opcode that a state dict needs",
                      m->in.data[0] == 0x80 ? "this one"
                                            : "this one, and no protocol 2 to 5 (torch.save's pickle_protocol=2)");
    return mdp_fail(MDP_E_DATA, "%s: byte %zu: expected an opcode, found 0x%02x", m->where, m->start, op);
}

mdp_err mdp_pickle_read(const char *where, struct mdp_bytes in, const struct mdp_pickle_global *globals, int n_globals,
                        struct mdp_pickle *pickle, size_t *n_used) {
    struct machine m = {.where = where, .in = in, .globals = globals, .n_globals = n_globals, .p = pickle};
    const struct mdp_pickle_value none = {.kind = MDP_PICKLE_NONE};
    uint32_t unused;
    mdp_err err;
    memset(pickle, 0, sizeof *pickle);
    if (m.in.size > MDP_PICKLE_BYTES_MAX) m.in.size = MDP_PICKLE_BYTES_MAX;
    MDP_TRY(add_value(&m, &none, &unused));
    MDP_TRY(reserve(&m, &pickle->cells, 0, &pickle->cells_room, sizeof *pickle->cells));
    pickle->n_cells = 1;
    while (!m.is_done) MDP_TRY(step(&m));
    *n_used = m.next;
out:
    free(m.stack.list);
    free(m.marks.list);
    free(m.memo.list);
    if (err != MDP_OK) mdp_pickle_free(pickle);
    return err;
}

void mdp_pickle_free(struct mdp_pickle *pickle) {
    free(pickle->values);
    free(pickle->cells);
    memset(pickle, 0, sizeof *pickle);
}

/* ---- values ---- */

const struct mdp_pickle_value *mdp_pickle_item(const struct mdp_pickle *pickle, const struct mdp_pickle_value *value,
                                               uint32_t i) {
    if ((value->kind != MDP_PICKLE_TUPLE && value->kind != MDP_PICKLE_LIST) || i >= value->n) return NULL;
    uint32_t cell = value->first;
    while (i-- > 0) cell = pickle->cells[cell].next;
    return &pickle->values[pickle->cells[cell].value];
}

const struct mdp_pickle_value *mdp_pickle_entry(const struct mdp_pickle *pickle, const struct mdp_pickle_value *value,
                                                const char *key) {
    if (value->kind != MDP_PICKLE_DICT) return NULL;
    for (uint32_t cell = value->first; cell != 0; cell = pickle->cells[cell].next) {
        const struct mdp_pickle_value *found = &pickle->values[pickle->cells[cell].key];
        if (found->kind == MDP_PICKLE_TEXT && mdp_bytes_are(found->bytes, key))
            return &pickle->values[pickle->cells[cell].value];
    }
    return NULL;
}

const char *mdp_pickle_kind_text(enum mdp_pickle_kind kind) {
    static const char *const texts[] = {"none",   "a bool", "an integer",       "a long integer", "a number",
                                        "a text", "bytes",  "a tuple",          "a list",         "a dictionary",
                                        "a name", "a call", "an outside object"};
    return texts[kind];
}
