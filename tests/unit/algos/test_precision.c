/* names of precisions: each its own kernel, none in place of another */
#include <stdio.h>
#include <string.h>

#include "algos/precision.h"
#include "tests/tap.h"

static void test_every_name_has_its_kernel(void) {
    static const char *const names[] = {"f32", "f32-plain", "bf16", "bf16-avx512", "bf16-emulated"};
    static const char *const kernels[] = {NULL, NULL, "amx", "avx512-bf16", "emulated"};
    static const int is_for_work[] = {1, 0, 1, 1, 0};
    for (int i = 0; i < 5; i++) {
        const struct mdp_kernel *kernel = NULL;
        char expected[64];
        CHECK_STR(mdp_names_at(mdp_precision_names(), i), names[i]);
        CHECK_INT(mdp_precision_is_for_work(i), is_for_work[i]);
        if (i >= 2 && mdp_kernel_find(kernels[i]) == NULL) {
            snprintf(expected, sizeof expected, "precision %s: expected a processor with", names[i]);
            CHECK_FAILS(mdp_precision_find(names[i], &kernel), MDP_E_USAGE, expected);
            CHECK_FAILS(mdp_precision_check(names[i]), MDP_E_USAGE, expected);
            continue;
        }
        CHECK_OK(mdp_precision_find(names[i], &kernel));
        CHECK_OK(mdp_precision_check(names[i]));
        if (i < 2)
            CHECK(kernel == (i == 0 ? mdp_kernel_best() : NULL));
        else
            CHECK_STR(kernel->name, kernels[i]);
    }
    CHECK_INT(mdp_precision_names()->n, 5);
    CHECK_STR(MDP_PRECISION_DEFAULT, mdp_names_at(mdp_precision_names(), 0));
}

/* a refusal tells what this machine can run, and nothing else */
static void test_a_refusal_tells_what_there_is(void) {
    const struct mdp_kernel *kernel;
    int n_refused = 0;
    for (int i = 0; i < mdp_precision_names()->n; i++) {
        if (mdp_precision_find(mdp_names_at(mdp_precision_names(), i), &kernel) == MDP_OK) continue;
        const char *told = strstr(mdp_err_message(), "this machine can run f32, f32-plain");
        CHECK(told != NULL);
        CHECK((strstr(told, "bf16-avx512") != NULL) == (mdp_kernel_find("avx512-bf16") != NULL));
        CHECK((strstr(told, "bf16-emulated") != NULL) == (mdp_kernel_find("emulated") != NULL));
        n_refused++;
    }
    if (n_refused == 0) SKIP("this machine can run every precision");
}

static void test_unknown_names(void) {
    static const char *const names[] = {"", "F32", "bf16-", "bf16-avx5120", "amx", "avx512-bf16"};
    const struct mdp_kernel *kernel;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char found[128];
        snprintf(found, sizeof found, "expected one of f32, f32-plain, bf16, bf16-avx512, bf16-emulated, found '%s'",
                 names[i]);
        CHECK_FAILS(mdp_precision_find(names[i], &kernel), MDP_E_USAGE, found);
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_every_name_has_its_kernel),
                                            TAP_TEST(test_a_refusal_tells_what_there_is), TAP_TEST(test_unknown_names)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
