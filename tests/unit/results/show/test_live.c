/* the sum that TFRecords have, by the known answers of RFC 3720, B.4; what is written is read in tests/cli/live.t. */
#include <string.h>

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

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_sums), TAP_TEST(test_nobody_watches)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
