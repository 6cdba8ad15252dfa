/* results/tensors/pickle: every opcode that is known, and the refusal of everything else by name. */
#include "results/tensors/pickle.h"

#include "tests/torch_builder.h"

static const struct mdp_pickle_global globals[] = {{"collections", "OrderedDict", MDP_PICKLE_NEW_DICT},
                                                   {"lib", "make", MDP_PICKLE_MAY_CALL},
                                                   {"lib", "Type", MDP_PICKLE_MENTION}};
static struct mdp_pickle pickle;

static mdp_err read_bytes(const char *bytes, size_t n) {
    size_t n_used = 0;
    mdp_err err = mdp_pickle_read("f.pt: data.pkl", (struct mdp_bytes){(const unsigned char *)bytes, n}, globals, 3,
                                  &pickle, &n_used);
    if (err == MDP_OK) CHECK(n_used > 0 && n_used <= n && bytes[n_used - 1] == '.');
    return err;
}

/* a literal with its zeros, without the one at its end */
#define READ(literal) read_bytes(literal, sizeof literal - 1)

static const struct mdp_pickle_value *root(void) { return &pickle.values[pickle.root]; }
static const struct mdp_pickle_value *item(uint32_t i) { return mdp_pickle_item(&pickle, root(), i); }

static void test_plain_values(void) {
    CHECK_OK(READ(
        "\x80\x02(N\x88\x89K\xffM\xff\xffJ\xff\xff\xff\xff\x8a\x00\x8a\x01\x80\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80"
        "G\x3f\xf8\x00\x00\x00\x00\x00\x00X\x02\x00\x00\x00hi\x8c\x01!"
        "\x8a\x0a\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0at."));
    static const int64_t integers[] = {0, 1, 0, 255, 65535, -1, 0, -128, INT64_MIN};
    CHECK_INT(root()->kind, MDP_PICKLE_TUPLE);
    CHECK_INT(root()->n, 13);
    CHECK_INT(item(0)->kind, MDP_PICKLE_NONE);
    CHECK_INT(item(1)->kind, MDP_PICKLE_BOOL);
    for (uint32_t i = 1; i < 9; i++) CHECK_INT(item(i)->integer, integers[i]);
    for (uint32_t i = 3; i < 9; i++) CHECK_INT(item(i)->kind, MDP_PICKLE_INT);
    CHECK_CLOSE(item(9)->real, 1.5, 0);
    CHECK(mdp_bytes_are(item(10)->bytes, "hi") && mdp_bytes_are(item(11)->bytes, "!"));
    CHECK(item(12)->kind == MDP_PICKLE_LONG && item(12)->bytes.size == 10);
    CHECK(item(13) == NULL && mdp_pickle_entry(&pickle, root(), "hi") == NULL);
    mdp_pickle_free(&pickle);
}

static void test_containers(void) {
    CHECK_OK(READ("\x80\x02(})](K\x01K\x02"
                  "eK\x03"
                  "a}(X\x01\x00\x00\x00"
                  "aK\x04X\x01\x00\x00\x00"
                  "bK\x05uX\x01\x00\x00\x00"
                  "cK\x06sK\x07\x85K\x07K\x08\x86K\x07K\x08K\x09\x87t."));
    CHECK_INT(item(0)->kind, MDP_PICKLE_DICT);
    CHECK_INT(item(1)->kind, MDP_PICKLE_TUPLE);
    CHECK_INT(item(2)->kind, MDP_PICKLE_LIST);
    CHECK_INT(item(2)->n, 3);
    for (uint32_t i = 0; i < 3; i++) CHECK_INT(mdp_pickle_item(&pickle, item(2), i)->integer, i + 1);
    CHECK_INT(mdp_pickle_entry(&pickle, item(3), "a")->integer, 4);
    CHECK_INT(mdp_pickle_entry(&pickle, item(3), "c")->integer, 6);
    CHECK(mdp_pickle_entry(&pickle, item(3), "d") == NULL && mdp_pickle_item(&pickle, item(3), 0) == NULL);
    for (uint32_t i = 4; i < 7; i++) CHECK_INT(item(i)->n, i - 3);
    CHECK_INT(mdp_pickle_item(&pickle, item(6), 2)->integer, 9);
    mdp_pickle_free(&pickle);
}

static void test_memory(void) {
    CHECK_OK(READ("\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00("
                  "K\x05\x94K\x06q\x07K\x07r\x01\x00\x00\x00h\x00h\x07j\x01\x00\x00\x00t."));
    static const int64_t integers[] = {5, 6, 7, 5, 6, 7};
    for (uint32_t i = 0; i < 6; i++) CHECK_INT(item(i)->integer, integers[i]);
    mdp_pickle_free(&pickle);
}

static void test_calls(void) {
    CHECK_OK(READ("\x80\x02(ccollections\nOrderedDict\n)RK\x01K\x02s}b\x8c\x03lib\x8c\x04make\x93K\x03\x85R"
                  "clib\nType\nK\x04Qt."));
    CHECK_INT(item(0)->kind, MDP_PICKLE_DICT);
    CHECK_INT(item(0)->n, 1);
    CHECK(item(1)->kind == MDP_PICKLE_CALL && item(1)->i_global == 1);
    CHECK_INT(mdp_pickle_item(&pickle, &pickle.values[item(1)->first], 0)->integer, 3);
    CHECK(item(2)->kind == MDP_PICKLE_GLOBAL && item(2)->i_global == 2);
    CHECK(item(3)->kind == MDP_PICKLE_PERSISTENT && pickle.values[item(3)->first].integer == 4);
    mdp_pickle_free(&pickle);
}

static void test_unknown_names(void) {
    CHECK_FAILS(READ("\x80\x02"
                     "cposix\nsystem\n(X\x02\x00\x00\x00lstR."),
                MDP_E_DATA,
                "f.pt: data.pkl: byte 2: GLOBAL: expected a name that a state dict needs, found posix.system");
    CHECK_FAILS(READ("\x80\x04\x8c\x08"
                     "builtins\x8c\x04"
                     "eval\x93."),
                MDP_E_DATA,
                "STACK_GLOBAL: expected a name that a "
                "state dict needs, found builtins.eval");
    CHECK_FAILS(READ("\x80\x02"
                     "clib\nmake2\n."),
                MDP_E_DATA, "found lib.make2");
    CHECK_FAILS(READ("\x80\x02"
                     "clib\nmak\n."),
                MDP_E_DATA, "found lib.mak:");
    CHECK_FAILS(READ("\x80\x02"
                     "clib.make\n\n."),
                MDP_E_DATA, "found lib.make.:");
    CHECK_FAILS(READ("\x80\x02"
                     "cli\x1b[2Jb\nmake\n."),
                MDP_E_DATA, "found li?[2Jb.make");
    CHECK_FAILS(READ("\x80\x02"
                     "clib\nmake"),
                MDP_E_DATA, "GLOBAL: expected a name of at most 255 bytes, found no end of line");
    CHECK_FAILS(READ("\x80\x04K\x01K\x02\x93."), MDP_E_DATA, "STACK_GLOBAL: expected two texts, found other values");
}

/* all other ways that Python knows to make or run something */
static void test_unknown_opcodes(void) {
    static const char opcodes[] = "012FILSTUVdlpgioP\x81\x82\x83\x84\x8b\x8d\x8e\x92\x96\x97\x98";
    for (size_t i = 0; i < sizeof opcodes - 1; i++) {
        const char bytes[] = {'N', opcodes[i], '.'};
        CHECK_FAILS(read_bytes(bytes, 3), MDP_E_DATA, "expected an opcode that a state dict needs, found this one");
    }
    CHECK_FAILS(READ("(cposix\nsystem\n"), MDP_E_DATA, "posix.system");
    CHECK_FAILS(READ("(X\x02\x00\x00\x00lsiposix\nsystem\n."), MDP_E_DATA, "byte 8: INST: ");
    CHECK_FAILS(READ("N\xff."), MDP_E_DATA, "byte 1: expected an opcode, found 0xff");
    int n_known = 0;
    for (int code = 0; code < 256; code++) {
        const char bytes[] = {(char)code};
        CHECK_FAILS(read_bytes(bytes, 1), MDP_E_DATA, "f.pt: data.pkl: byte ");
        n_known += strstr(mdp_err_message(), "expected an opcode, found 0x") == NULL;
    }
    CHECK_INT(n_known, 68);
}

static void test_wrong_calls(void) {
    CHECK_FAILS(READ("clib\nType\n)R."), MDP_E_DATA, "REDUCE: expected a name that may be called, found Type");
    CHECK_FAILS(READ("K\x01)R."), MDP_E_DATA, "REDUCE: expected a name to call, found an integer");
    CHECK_FAILS(READ("clib\nmake\n]R."), MDP_E_DATA, "REDUCE: expected a tuple of arguments, found a list");
    CHECK_FAILS(READ("ccollections\nOrderedDict\nN\x85R."), MDP_E_DATA,
                "REDUCE: expected no arguments, found OrderedDict");
    CHECK_FAILS(READ("clib\nmake\n)R}b."), MDP_E_DATA, "BUILD: expected a dictionary to build, found a call");
    CHECK_FAILS(READ("}b."), MDP_E_DATA, "BUILD: expected an object on the stack, found none");
    CHECK_FAILS(READ("]K\x01K\x02s."), MDP_E_DATA, "SETITEM: expected a dictionary, found a list");
    CHECK_FAILS(READ("}K\x01"
                     "a."),
                MDP_E_DATA, "APPEND: expected a list, found a dictionary");
    CHECK_FAILS(READ("}(K\x01u."), MDP_E_DATA, "SETITEMS: expected pairs of key and value, found an odd number");
}

static void test_stack(void) {
    static const char *const too_few[] = {"Q.",      "R.",      "NR.",    "b.",      "a.",    "Na.", "s.",
                                          "NNs.",    "\x85.",   "N\x86.", "NN\x87.", "\x94.", ".",   "N(Q.",
                                          "N(\x85.", "N(\x94.", "](Na.",  "}(NNs.",  "\x93.", "(."};
    for (size_t i = 0; i < sizeof too_few / sizeof *too_few; i++)
        CHECK_FAILS(read_bytes(too_few[i], strlen(too_few[i])), MDP_E_DATA, " on the stack, found ");
    CHECK_FAILS(READ("t."), MDP_E_DATA, "TUPLE: expected a mark on the stack, found none");
    CHECK_FAILS(READ("(e."), MDP_E_DATA, "APPENDS: expected a container on the stack, found none");
    CHECK_FAILS(READ("NN."), MDP_E_DATA, "STOP: expected one value, found others under it");
    CHECK_FAILS(READ("(N."), MDP_E_DATA, "STOP: expected one value, found others under it");
    CHECK_FAILS(READ("h\x00."), MDP_E_DATA, "BINGET: expected a memory place that was filled, found an empty one");
    CHECK_FAILS(READ("Nq\x05h\x04."), MDP_E_DATA, "BINGET: expected a memory place that was filled");
    CHECK_FAILS(READ("Nr\xff\xff\xff\xff."), MDP_E_DATA, "LONG_BINPUT: expected a memory place below 1000000");
    CHECK_FAILS(READ("\x80\x01N."), MDP_E_DATA, "PROTO: expected protocol 2 to 5, found 1");
    CHECK_FAILS(READ(""), MDP_E_DATA, "byte 0: expected an opcode, found the end of the pickle");
}

/* an argument that is cut, or claims more than there is */
static void test_truncated(void) {
    static const char whole[] = "\x80\x04\x95\x40\x00\x00\x00\x00\x00\x00\x00}(X\x01\x00\x00\x00"
                                "a\x8c\x01"
                                "bM\x01\x01J\x01\x01\x01\x01\x8a\x02\x01\x01"
                                "G\x3f\xf8\x00\x00\x00\x00\x00\x00q\x00r\x01\x00\x00\x00h\x00"
                                "clib\nmake\n)Ru.";
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        unsigned char *part = malloc(n + 1);
        size_t n_used;
        CHECK(part != NULL);
        memcpy(part, whole, n);
        CHECK_FAILS(mdp_pickle_read("f", (struct mdp_bytes){part, n}, globals, 3, &pickle, &n_used), MDP_E_DATA,
                    "f: byte ");
        free(part);
    }
    CHECK_FAILS(READ("X\xff\xff\xff\xff."), MDP_E_DATA,
                "BINUNICODE: expected its argument, found the end of the pickle");
    CHECK_FAILS(READ("\x8a\xff."), MDP_E_DATA, "LONG1: expected its argument, found the end of the pickle");
    CHECK_FAILS(READ("\x95\xff\xff\xff\xff\xff\xff\xff\xff."), MDP_E_DATA, "FRAME: expected its frame, found the end");
}

/* what lies beside tensors in a checkpoint to go on from: bytes are bytes, sets are lists */
static void test_bytes_and_sets(void) {
    CHECK_OK(READ("\x80\x03"
                  "C\x03"
                  "abc."));
    CHECK_INT(root()->kind, MDP_PICKLE_BYTES);
    CHECK_INT(root()->bytes.size, 3);
    mdp_pickle_free(&pickle);
    CHECK_OK(READ("B\x02\x00\x00\x00xy."));
    CHECK_INT(root()->kind, MDP_PICKLE_BYTES);
    CHECK_INT(root()->bytes.size, 2);
    mdp_pickle_free(&pickle);
    CHECK_OK(READ("\x80\x04\x8f(K\x01K\x02\x90."));
    CHECK_INT(root()->kind, MDP_PICKLE_LIST);
    CHECK_INT(root()->n, 2);
    mdp_pickle_free(&pickle);
    CHECK_OK(READ("\x80\x04(K\x01K\x02\x91."));
    CHECK_INT(root()->kind, MDP_PICKLE_TUPLE);
    CHECK_INT(root()->n, 2);
    mdp_pickle_free(&pickle);
    CHECK_FAILS(READ("C\x09"
                     "abc."),
                MDP_E_DATA, "SHORT_BINBYTES: ");
    CHECK_FAILS(READ("\x80\x04\x8fK\x01\x90."), MDP_E_DATA, "ADDITEMS: ");
    CHECK_FAILS(READ("I1\n."), MDP_E_DATA, "found this one, and no protocol 2 to 5");
}

/* a list that holds itself is no danger here: it is a chain of cells */
static void test_cycle(void) {
    CHECK_OK(READ("]q\x00h\x00"
                  "a."));
    CHECK(item(0) == root());
    mdp_pickle_free(&pickle);
}

/* cheap opcodes in great number: the limit comes before the memory is gone */
static void check_flood(const char *start, const char *op, size_t n_op, const char *message) {
    struct made made = {NULL, 0, 0};
    put_text(&made, start);
    while (made.n < 17 << 20) put(&made, op, n_op);
    CHECK_FAILS(read_bytes((const char *)made.data, made.n), MDP_E_DATA, message);
}

static void test_floods(void) {
    check_flood("", "N", 1, "NONE: expected at most 1000000 values, found more");
    check_flood("", "(", 1, "MARK: expected at most 1000000 values, found more");
    check_flood("]", "Na", 2, "expected at most 1000000 values, found more");
    check_flood("]q\x01(", "h\x01", 2, "BINGET: expected at most 1000000 values, found more");
    check_flood("]q\x01",
                "h\x01"
                "a",
                3, "APPEND: expected at most 1000000 values, found more");
    check_flood("", "\x80\x02", 2, "found a pickle of more than 16 MiB");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_plain_values), TAP_TEST(test_containers),     TAP_TEST(test_memory),
        TAP_TEST(test_calls),        TAP_TEST(test_unknown_names),  TAP_TEST(test_unknown_opcodes),
        TAP_TEST(test_wrong_calls),  TAP_TEST(test_stack),          TAP_TEST(test_truncated),
        TAP_TEST(test_cycle),        TAP_TEST(test_bytes_and_sets), TAP_TEST(test_floods),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
