/* verify algos: the reference vectors pass, altered ones fail, malformed ones are refused with one message */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "bench/verify/algos.h"
#include "bench/verify/report.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "results/h5/write.h"
#include "tests/tap.h"

static const char small[] = "algos/golden/dql_small_o17a6.h5";
static const char small_edp[] = "algos/golden/edp_small_o26a6.h5";
static const char small_idql[] = "algos/golden/idql_small_o17a6.h5";

static mdp_err verify_one(const char *path) {
    char *files[1] = {(char *)(size_t)path};
    return mdp_verify_algos(1, files, tap_output());
}

/* ---- altered copies ---- */

/* what is done to one array (or attribute) of a copied file; a list of them ends with a name of NULL */
struct edit {
    const char *name;
    enum { LEAVE_OUT, SET_FIRST, FLATTEN } what;
    double value;
};

/* the edit of a name, or NULL */
static const struct edit *edit_of(const struct edit *edits, const char *name) {
    for (; edits->name != NULL; edits++)
        if (strcmp(name, edits->name) == 0) return edits;
    return NULL;
}

static void copy_array(struct mdp_h5 *from, struct mdp_h5 *to, const char *name, const struct edit *edits) {
    const struct edit *edit = edit_of(edits, name);
    struct mdp_h5_shape shape;
    double *values = NULL;
    CHECK_OK(mdp_h5_read_new(from, name, MDP_H5_F64, NULL, &shape, &values));
    if (edit != NULL) {
        if (edit->what == LEAVE_OUT) shape.rank = -1;
        if (edit->what == SET_FIRST) values[0] = edit->value;
        if (edit->what == FLATTEN) shape = (struct mdp_h5_shape){1, {mdp_h5_count(&shape)}};
    }
    if (shape.rank >= 0) CHECK_OK(mdp_h5_write(to, name, MDP_H5_F64, &shape, MDP_H5_PLAIN, values));
    free(values);
}

static void copy_group(struct mdp_h5 *from, struct mdp_h5 *to, const char *group, const struct edit *edits) {
    struct mdp_h5_child *children = NULL;
    int n = 0;
    CHECK_OK(mdp_h5_list(from, *group ? group : "/", &children, &n));
    for (int i = 0; i < n; i++) {
        char path[2 * MDP_H5_NAME_MAX];
        snprintf(path, sizeof path, "%s%s%s", group, *group ? "/" : "", children[i].name);
        if (children[i].is_group)
            copy_group(from, to, path, edits);
        else
            copy_array(from, to, path, edits);
    }
    free(children);
}

static void copy_attributes(struct mdp_h5 *from, struct mdp_h5 *to, const struct edit *edit) {
    static const char *const ints[] = {"B",   "H",  "Hc", "K",  "S", "T",    "Tmax",           "a",
                                       "emb", "n0", "nc", "ne", "o", "seed", "weights_stored", "blocks"};
    static const char *const reals[] = {"discount", "ema", "eta", "lr", "weight_decay_actor"};
    static const char *const texts[] = {"alg", "solver"};
    static const char *const selection[] = {"temperature", "weight_temperature"};
    char text[64];
    for (unsigned long i = 0; i < sizeof ints / sizeof *ints; i++) {
        int64_t value;
        CHECK_OK(mdp_h5_attr_int(from, "/", ints[i], &value));
        int is_edited = strcmp(ints[i], edit->name) == 0;
        if (is_edited && edit->what == LEAVE_OUT) continue;
        CHECK_OK(mdp_h5_put_int(to, "/", ints[i], is_edited ? (int64_t)edit->value : value));
    }
    for (unsigned long i = 0; i < sizeof reals / sizeof *reals; i++) {
        double value;
        CHECK_OK(mdp_h5_attr_real(from, "/", reals[i], &value));
        CHECK_OK(mdp_h5_put_real(to, "/", reals[i], strcmp(reals[i], edit->name) == 0 ? edit->value : value));
    }
    for (unsigned long i = 0; i < sizeof texts / sizeof *texts; i++) {
        CHECK_OK(mdp_h5_attr_text(from, "/", texts[i], text, sizeof text));
        CHECK_OK(mdp_h5_put_text(to, "/", texts[i], strcmp(texts[i], edit->name) == 0 ? "unheard-of" : text));
    }
    for (unsigned long i = 0; i < sizeof selection / sizeof *selection; i++) {
        double value;
        CHECK_OK(mdp_h5_attr_real(from, "in_sample", selection[i], &value));
        CHECK_OK(mdp_h5_put_real(to, "in_sample", selection[i], value));
    }
}

/* verifies a copy of a case with things changed, of which attributes go alone */
static mdp_err verify_edits(const char *relative, const struct edit *edits) {
    const char *path = tap_reference(relative);
    char copy[MDP_PATH_MAX];
    struct mdp_h5 *from = NULL, *to = NULL;
    if (path == NULL) SKIP("no reference file");
    snprintf(copy, sizeof copy, "%s/copy.h5", tap_temp_dir());
    CHECK_OK(mdp_h5_open(path, &from));
    CHECK_OK(mdp_h5_create(copy, &to));
    copy_group(from, to, "", edits);
    copy_attributes(from, to, edits);
    mdp_h5_close(from);
    CHECK_OK(mdp_h5_commit(&to));
    return verify_one(copy);
}

static mdp_err verify_edited_case(const char *relative, struct edit edit) {
    const struct edit edits[] = {edit, {NULL, SET_FIRST, 0}};
    return verify_edits(relative, edits);
}

static mdp_err verify_edited(struct edit edit) { return verify_edited_case(small, edit); }

static void test_an_unedited_copy_passes(void) { CHECK_OK(verify_edited((struct edit){"nothing", SET_FIRST, 0})); }

/* of one file all wrong vectors are found at once, each by its own check, and no right one is called wrong */
static void test_wrong_vectors_fail(void) {
    static const struct edit edits[] = {{"f64/fwd/q1", SET_FIRST, 100},
                                        {"f32/joint/after5/actor_ema/final_layer.bias", SET_FIRST, 9},
                                        {"f64/joint/log/critic_loss", SET_FIRST, NAN},
                                        {"f64/sample/sel_cdf", SET_FIRST, 7},
                                        {"init/critic/q1_model.0.weight", SET_FIRST, 0},
                                        {NULL, SET_FIRST, 0}};
    CHECK_FAILS(verify_edits(small, edits), MDP_E_FAILED, "5 of 76 checks failed");
}

static void test_wrong_vectors_of_other_algorithms_fail(void) {
    static const struct edit edp[] = {{"f64/solvers_extra/sde_dpmsolver++_2M", SET_FIRST, 9},
                                      {"f32/sample_torch113/act", SET_FIRST, 9},
                                      {"f64/joint/step0/new_act", SET_FIRST, 9},
                                      {NULL, SET_FIRST, 0}};
    static const struct edit idql[] = {{"f64/fwd/v", SET_FIRST, 9},
                                       {"f64/joint/grad0/v/V.6.bias", SET_FIRST, 9},
                                       {"f32/joint/after5/iql_v/V.6.bias", SET_FIRST, 9},
                                       {"f64/joint/log/v_loss", SET_FIRST, 9},
                                       {"f64/sample/v", SET_FIRST, 9},
                                       {NULL, SET_FIRST, 0}};
    CHECK_FAILS(verify_edits(small_edp, edp), MDP_E_FAILED, "3 of 92 checks failed");
    CHECK_FAILS(verify_edits(small_idql, idql), MDP_E_FAILED, "5 of 49 checks failed");
}

/* settings reach the run: another one than the file was made with shows */
static void test_settings_matter(void) {
    CHECK_FAILS(verify_edited((struct edit){"discount", SET_FIRST, 0.9}), MDP_E_FAILED, "checks failed");
    CHECK_FAILS(verify_edited((struct edit){"eta", SET_FIRST, 0.5}), MDP_E_FAILED, "checks failed");
    CHECK_FAILS(verify_edited((struct edit){"weight_decay_actor", SET_FIRST, 0.5}), MDP_E_FAILED, "checks failed");
    CHECK_FAILS(verify_edited((struct edit){"Tmax", SET_FIRST, 2000000}), MDP_E_FAILED, "checks failed");
    CHECK_FAILS(verify_edited((struct edit){"n0", SET_FIRST, 1001}), MDP_E_FAILED, "checks failed");
    CHECK_FAILS(verify_edited_case(small_idql, (struct edit){"in/drop", SET_FIRST, 0}), MDP_E_FAILED, "checks failed");
    CHECK_FAILS(verify_edited_case(small_idql, (struct edit){"n0", SET_FIRST, 1001}), MDP_E_FAILED, "checks failed");
    CHECK_FAILS(verify_edited_case(small_edp, (struct edit){"in/edp_eps", SET_FIRST, 3}), MDP_E_FAILED,
                "checks failed");
}

static void test_malformed_files_are_refused(void) {
    CHECK_FAILS(verify_edited((struct edit){"in/obs", LEAVE_OUT, 0}), MDP_E_DATA, "in/obs");
    CHECK_FAILS(verify_edited((struct edit){"in/obs", FLATTEN, 0}), MDP_E_DATA, "in/obs");
    CHECK_FAILS(verify_edited((struct edit){"in/obs", SET_FIRST, NAN}), MDP_E_DATA, "in/obs: expected finite numbers");
    CHECK_FAILS(verify_edited((struct edit){"in/bc_t", SET_FIRST, 5}), MDP_E_DATA, "expected 0 to 4, found 5");
    CHECK_FAILS(verify_edited((struct edit){"in/coin", SET_FIRST, 1.5}), MDP_E_DATA, "in/coin");
    CHECK_FAILS(verify_edited((struct edit){"f64/fwd/q1", FLATTEN, 0}), MDP_E_DATA, "f64/fwd/q1");
    CHECK_FAILS(verify_edited((struct edit){"f32/sample/act", LEAVE_OUT, 0}), MDP_E_DATA, "f32/sample/act");
    CHECK_FAILS(verify_edited((struct edit){"f64/fwd/actor_out", SET_FIRST, INFINITY}), MDP_E_DATA,
                "f64/fwd/actor_out");
    CHECK_FAILS(verify_edited((struct edit){"o", SET_FIRST, 18}), MDP_E_DATA, "in/obs");
    CHECK_FAILS(verify_edited((struct edit){"emb", SET_FIRST, 7}), MDP_E_DATA, "emb: expected an even number, found 7");
    CHECK_FAILS(verify_edited((struct edit){"H", SET_FIRST, -1}), MDP_E_DATA,
                "attribute H: expected 1 to 4096, found -1");
    CHECK_FAILS(verify_edited((struct edit){"K", LEAVE_OUT, 0}), MDP_E_DATA, "K");
    CHECK_FAILS(verify_edited((struct edit){"discount", SET_FIRST, NAN}), MDP_E_DATA, "discount");
    CHECK_FAILS(verify_edited((struct edit){"solver", SET_FIRST, 0}), MDP_E_DATA, "'unheard-of'");
    CHECK_FAILS(verify_edited((struct edit){"alg", SET_FIRST, 0}), MDP_E_DATA,
                "attribute alg: algorithm: expected one of dql, edp, idql, diffuser, dd, qgpo, found 'unheard-of'");
    CHECK_FAILS(verify_edited_case(small_idql, (struct edit){"in/drop", SET_FIRST, 2}), MDP_E_DATA,
                "in/drop: element 0: expected 0 or 1, found 2");
    CHECK_FAILS(verify_edited_case(small_idql, (struct edit){"in/drop", FLATTEN, 0}), MDP_E_DATA, "in/drop");
    CHECK_FAILS(verify_edited_case(small_idql, (struct edit){"blocks", SET_FIRST, 9}), MDP_E_DATA,
                "attribute blocks: expected 1 to 8, found 9");
    CHECK_FAILS(verify_edited_case(small_edp, (struct edit){"in/edp_t", SET_FIRST, 50}), MDP_E_DATA,
                "in/edp_t: element 0: expected 0 to 49, found 50");
    CHECK_FAILS(verify_edited_case(small_edp, (struct edit){"in_sample/noise_extra", LEAVE_OUT, 0}), MDP_E_DATA,
                "noise_extra");
    CHECK_FAILS(verify_edited_case(small_edp, (struct edit){"f64/sample_torch113/schedule_idx", SET_FIRST, 60}),
                MDP_E_DATA, "sample_torch113/schedule_idx");
}

/* a case of QGPO that has these attributes and no others */
static mdp_err verify_qgpo(int64_t weights_stored, int64_t seed) {
    char path[MDP_PATH_MAX];
    struct mdp_h5 *file = NULL;
    const float zero = 0;
    snprintf(path, sizeof path, "%s/qgpo.h5", tap_temp_dir());
    remove(path);
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_write(file, "in/cep_eps", MDP_H5_F32, MDP_H5_1D(1), MDP_H5_PLAIN, &zero));
    CHECK_OK(mdp_h5_put_int(file, "/", "weights_stored", weights_stored));
    CHECK_OK(mdp_h5_put_int(file, "/", "seed", seed));
    CHECK_OK(mdp_h5_commit(&file));
    return verify_one(path);
}

static void test_wrong_settings_of_qgpo_are_refused(void) {
    CHECK_FAILS(verify_qgpo(2, 0), MDP_E_DATA, "attribute weights_stored: expected 0 to 1, found 2");
    CHECK_FAILS(verify_qgpo(1, -1), MDP_E_DATA, "attribute seed: expected 0 to 134217728, found -1");
    CHECK_FAILS(verify_qgpo(0, 1), MDP_E_DATA, "/@o: expected an attribute");
}

/* NaNs on one side and nothing at all are no agreement */
static void test_only_what_was_compared_agrees(void) {
    struct mdp_verify_report report;
    struct mdp_quantity none, equal, unequal;
    mdp_quantity_start(&none, "none");
    mdp_quantity_start(&equal, "equal");
    mdp_quantity_start(&unequal, "unequal");
    mdp_quantity_compare_at(&equal, 1, "array", 0, 2, 2, MDP_BOUND_EXACT);
    mdp_quantity_compare_at(&unequal, 0, "array", 0, NAN, 2, MDP_BOUND_LOSS);
    CHECK_OK(mdp_verify_report_open(&report));
    mdp_verify_report_quantity(&report, "case.h5", &equal);
    CHECK_INT(report.n_failed, 0);
    mdp_verify_report_quantity(&report, "case.h5", &none);
    CHECK_INT(report.n_failed, 1);
    mdp_verify_report_quantity(&report, "case.h5", &unequal);
    CHECK_FAILS(mdp_verify_report_close(&report, tap_output()), MDP_E_FAILED, "2 of 3 checks failed");
}

static void test_files_of_no_kind_are_refused(void) {
    char path[MDP_PATH_MAX], *data = NULL;
    size_t size;
    struct mdp_h5 *file = NULL;
    const double one = 1;
    snprintf(path, sizeof path, "%s/absent.h5", tap_temp_dir());
    CHECK_FAILS(verify_one(path), MDP_E_IO, "absent.h5");
    CHECK_OK(mdp_fsx_write(path, "not hdf5 at all", 15));
    CHECK_FAILS(verify_one(path), MDP_E_DATA, "absent.h5");
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(mdp_h5_write(file, "something/else", MDP_H5_F64, MDP_H5_1D(1), MDP_H5_PLAIN, &one));
    CHECK_OK(mdp_h5_commit(&file));
    CHECK_FAILS(verify_one(path), MDP_E_DATA, "expected reference vectors");
    const char *whole = tap_reference(small);
    if (whole == NULL) SKIP("no reference file");
    CHECK_OK(mdp_fsx_read(whole, 1UL << 24, &data, &size));
    CHECK_OK(mdp_fsx_write(path, data, size / 2));
    free(data);
    CHECK_FAILS(verify_one(path), MDP_E_DATA, "absent.h5");
    CHECK_FAILS(mdp_verify_algos(0, NULL, tap_output()), MDP_E_USAGE, "at least one file");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_an_unedited_copy_passes),
        TAP_TEST(test_wrong_vectors_fail),
        TAP_TEST(test_wrong_vectors_of_other_algorithms_fail),
        TAP_TEST(test_settings_matter),
        TAP_TEST(test_malformed_files_are_refused),
        TAP_TEST(test_wrong_settings_of_qgpo_are_refused),
        TAP_TEST(test_only_what_was_compared_agrees),
        TAP_TEST(test_files_of_no_kind_are_refused),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
