/* the sum that TFRecords have, by the known answers of RFC 3720, B.4; what is written is read in tests/cli/live.t. */
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "results/show/live.h"
#include "tests/tap.h"

static void test_sums(void) {
    unsigned char bytes[32];
    CHECK(mdp_crc32c("", 0) == 0);
    CHECK(mdp_crc32c("123456789", 9) == 0xe3069283u);
    memset(bytes, 0, sizeof bytes);
    CHECK(mdp_crc32c(bytes, sizeof bytes) == 0x8a9136aau);
    memset(bytes, 0xff, sizeof bytes);
    CHECK(mdp_crc32c(bytes, sizeof bytes) == 0x62a8ab43u);
}

static void test_nobody_watches(void) {
    struct mdp_live *live;
    const char *const names[] = {"a"};
    const double values[] = {1};
    CHECK_OK(mdp_live_open(NULL, NULL, -1, &live));
    CHECK(live == NULL);
    CHECK_OK(mdp_live_line(live, NULL, 1, 1, names, values));
    CHECK_OK(mdp_live_event(live, 1, "g", 1, names, values));
    CHECK_OK(mdp_live_close(live));
}

/* a line that a kill has cut goes; of a file of something else nothing does */
static void test_cut(void) {
    static const struct {
        const char *text, *left;
        int is_ours;
    } cases[] = {{"{\"step\": 1}\n{\"step\": 2, \"a", "{\"step\": 1}\n", 1},
                 {"{\"st", "", 1},
                 {"", "", 1},
                 {"my notes", "my notes", 0},
                 {"{\"steps\": 3}", "{\"steps\": 3}", 0},
                 {"{\"step\": 1}\nmy notes", "{\"step\": 1}\nmy notes", 0},
                 {"{\"step\": x}\n", "{\"step\": x}\n", 0}};
    const char *path = tap_temp_path("l.jsonl");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mdp_live *live;
        char *text;
        size_t size;
        CHECK_OK(mdp_fsx_write(path, cases[i].text, strlen(cases[i].text)));
        const mdp_err err = mdp_live_open(path, NULL, 5, &live);
        if (cases[i].is_ours)
            CHECK_OK(err);
        else
            CHECK_FAILS(err, MDP_E_DATA, "expected lines that begin with {\"step\": N");
        CHECK_OK(mdp_live_close(live));
        CHECK_OK(mdp_fsx_read(path, 1000, &text, &size));
        CHECK(size == strlen(cases[i].left) && memcmp(text, cases[i].left, size) == 0);
        free(text);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_sums), TAP_TEST(test_nobody_watches), TAP_TEST(test_cut)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
