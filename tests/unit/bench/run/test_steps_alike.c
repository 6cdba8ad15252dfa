/* what two steps of a run may differ in, and what not. */
#include <string.h>

#include "bench/run/steps_alike.h"
#include "tests/tap.h"

static mdp_err check(const char *a, const char *b) { return mdp_steps_check_pair("a.h5", a, "b.h5", b); }

static void test_equal(void) {
    CHECK_OK(check("{\"x\":1,\"y\":2}", "{\"y\":2, \"x\":1}"));
    CHECK_OK(check("{}", "{}"));
    CHECK_OK(check("{\"source\":\"00\",\"inputs\":{\"a\":\"1\"}}", "{\"source\":\"01\",\"inputs\":{\"b\":\"2\"}}"));
    CHECK_OK(check("{\"diffusion\":{\"hash\":\"00\",\"step\":1,\"seed\":3},\"guidance\":\"none\"}",
                   "{\"diffusion\":{\"hash\":\"01\",\"step\":2,\"seed\":3},\"guidance\":\"none\"}"));
}

/* the setting, both files and both values are named, whichever of the two has it */
static void test_different(void) {
    CHECK_FAILS(check("{\"x\":1}", "{\"x\":2}"), MDP_E_DATA, "b.h5: settings: x: expected 1 as in a.h5, found 2");
    CHECK_FAILS(check("{\"x\":1}", "{}"), MDP_E_DATA, "x: expected 1 as in a.h5, found none");
    CHECK_FAILS(check("{}", "{\"x\":\"one\"}"), MDP_E_DATA, "x: expected none as in a.h5, found \"one\"");
    CHECK_FAILS(check("{\"diffusion\":{\"seed\":3}}", "{\"diffusion\":{\"seed\":4}}"), MDP_E_DATA,
                "diffusion.seed: expected 3 as in a.h5, found 4");
    CHECK_FAILS(check("{\"diffusion\":{}}", "{\"diffusion\":{\"seed\":4}}"), MDP_E_DATA,
                "diffusion.seed: expected none as in a.h5, found 4");
    CHECK_FAILS(check("{\"guidance\":\"none\"}", "{\"guidance\":{\"hash\":\"1\"}}"), MDP_E_DATA,
                "guidance: expected \"none\" as in a.h5, found {}");
    CHECK_FAILS(check("{\"x\":1}", "no JSON"), MDP_E_DATA, "b.h5: settings: expected a JSON object");
}

static void test_join(void) {
    struct mdp_steps_alike steps = {.path = ""};
    CHECK_OK(mdp_steps_alike_join(&steps, "first.h5", "{\"x\":1}"));
    CHECK_OK(mdp_steps_alike_join(&steps, "second.h5", "{ \"x\": 1 }"));
    CHECK_FAILS(mdp_steps_alike_join(&steps, "third.h5", "{\"x\":1.5}"), MDP_E_DATA,
                "third.h5: settings: x: expected 1 as in first.h5, found 1.5");
    mdp_steps_alike_free(&steps);
    mdp_steps_alike_free(&steps);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_equal), TAP_TEST(test_different), TAP_TEST(test_join)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
