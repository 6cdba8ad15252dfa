/* verify algos, the planners: reference vectors pass, malformed files are refused with one message. that altered
 * vectors fail is in tests/cli/verify.t */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/fsx.h"
#include "bench/verify/algos.h"
#include "bench/verify/window_case.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/write.h"
#include "tests/tap.h"

static mdp_err verify_one(const char *path) {
    char *files[1] = {(char *)(size_t)path};
    return mdp_verify_algos(1, files, tap_output());
}

/* what is not in the tree is in the larger set that MDPBENCH_REFERENCE names */
static void passes(const char *relative) {
    const char *path = tap_reference(relative);
    if (path == NULL) SKIP("no reference file");
    CHECK_OK(verify_one(path));
}

/* its first block is as wide as a step of a window, and adds its input as it is */
static void test_diffuser_passes(void) { passes("algos/golden/diffuser_small_h4_o5a3.h5"); }

static void test_diffuser_of_other_widths_passes(void) { passes("algos/golden/diffuser_small_h8_o17a6.h5"); }

static void test_decision_diffuser_passes(void) { passes("algos/golden/dd_small_h8_o17a6.h5"); }

static void test_windows_pass(void) { passes("algos/golden/trajectory_dataset.h5"); }

/* the settings of a tiny case of Diffuser, of which one may be another or absent (NaN) */
static mdp_err verify_settings(const char *name, double value) {
    static const struct {
        const char *name;
        double value;
    } settings[] = {{"weights_stored", 1},
                    {"seed", 3},
                    {"o", 2},
                    {"a", 1},
                    {"H", 4},
                    {"model_dim", 8},
                    {"B", 2},
                    {"K", 1},
                    {"T", 5},
                    {"S", 5},
                    {"ne", 1},
                    {"nc", 2},
                    {"Tmax", 10},
                    {"action_loss_weight", 10},
                    {"lr", 1e-3},
                    {"ema_diffusion", 0.9},
                    {"ema_classifier", 0.9},
                    {"wd_diffusion_adamw", 0},
                    {"wd_classifier_adam_l2", 0},
                    {"temperature", 1},
                    {"w_cg", 0},
                    {"dim_mult", 2}};
    char path[MDP_PATH_MAX];
    struct mdp_h5 *file = NULL;
    const double one = 1;
    snprintf(path, sizeof path, "%s/case.h5", tap_temp_dir());
    remove(path);
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_write(file, "f64/fwd/classifier_out", MDP_H5_F64, MDP_H5_1D(1), MDP_H5_PLAIN, &one));
    for (unsigned long i = 0; i < sizeof settings / sizeof *settings; i++) {
        double it = strcmp(settings[i].name, name) == 0 ? value : settings[i].value;
        if (!isnan(it)) CHECK_OK(mdp_h5_put_real(file, "/", settings[i].name, it));
    }
    CHECK_OK(mdp_h5_put_text(file, "/", "solver", "ddpm"));
    CHECK_OK(mdp_h5_commit(&file));
    return verify_one(path);
}

static void test_wrong_settings_are_refused(void) {
    CHECK_FAILS(verify_settings("o", NAN), MDP_E_DATA, "o");
    CHECK_FAILS(verify_settings("o", 0), MDP_E_DATA, "attribute o: expected a whole number from 1 to 1024, found 0");
    CHECK_FAILS(verify_settings("H", 4.5), MDP_E_DATA,
                "attribute H: expected a whole number from 1 to 1024, found 4.5");
    CHECK_FAILS(verify_settings("lr", 2), MDP_E_DATA, "attribute lr: expected a number from 0 to 1, found 2");
    CHECK_FAILS(verify_settings("dim_mult", 0), MDP_E_DATA, "attribute dim_mult: expected 1 to 1024, found 0");
    CHECK_FAILS(verify_settings("none", 0), MDP_E_DATA, "in/x0");
}

static void test_groups_of_other_samples_are_named_in_full(void) {
    static const char *const wrong[] = {"ddpm", "ddpm_w", "ddpm_w1x", "ddpm_winf", "_w1", "unheard-of_w1"};
    const struct mdp_window_case c = {.golden = {.path = "case.h5"}};
    const struct mdp_solver *solver;
    double weight;
    CHECK_OK(mdp_window_case_solver(&c, "ddpm_w1.2", &solver, &weight));
    CHECK_STR(solver->name, "ddpm");
    CHECK(weight == 1.2);
    for (unsigned long i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_FAILS(mdp_window_case_solver(&c, wrong[i], &solver, &weight), MDP_E_DATA,
                    "expected a solver and _w with a weight");
}

static void test_windows_without_options_are_refused(void) {
    char path[MDP_PATH_MAX];
    struct mdp_h5 *file = NULL;
    const float x[2] = {1, 2};
    const unsigned char ends[2] = {0, 1};
    snprintf(path, sizeof path, "%s/case.h5", tap_temp_dir());
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_write(file, "set/raw/observations", MDP_H5_F32, MDP_H5_2D(2, 1), MDP_H5_PLAIN, x));
    CHECK_OK(mdp_h5_write(file, "set/raw/actions", MDP_H5_F32, MDP_H5_2D(2, 1), MDP_H5_PLAIN, x));
    CHECK_OK(mdp_h5_write(file, "set/raw/rewards", MDP_H5_F32, MDP_H5_1D(2), MDP_H5_PLAIN, x));
    CHECK_OK(mdp_h5_write(file, "set/raw/terminals", MDP_H5_U8, MDP_H5_1D(2), MDP_H5_PLAIN, ends));
    CHECK_OK(mdp_h5_write(file, "set/h4/windows", MDP_H5_F32, MDP_H5_2D(1, 2), MDP_H5_PLAIN, x));
    CHECK_OK(mdp_h5_commit(&file));
    CHECK_FAILS(verify_one(path), MDP_E_DATA, "horizon");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_diffuser_passes),
                                            TAP_TEST(test_diffuser_of_other_widths_passes),
                                            TAP_TEST(test_decision_diffuser_passes),
                                            TAP_TEST(test_windows_pass),
                                            TAP_TEST(test_wrong_settings_are_refused),
                                            TAP_TEST(test_groups_of_other_samples_are_named_in_full),
                                            TAP_TEST(test_windows_without_options_are_refused)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
