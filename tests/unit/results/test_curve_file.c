/* results/curve_file: what comes out of a curve is what went in to the last bit; files that do not fit are refused by
 * evaluation. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/curve_file.h"
#include "results/episodes.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"
#include "results/h5/read.h"
#include "results/h5/write.h"
#include "tests/tap.h"

enum { N_STEPS = 3, N_EPISODES = 7 };

/* three evaluations, of which one was made by another version on another machine */
struct sample {
    struct mdp_episodes_info infos[N_STEPS];
    struct mdp_episodes episodes[N_STEPS];
    char settings[N_STEPS][200];
};

static void fill_info(struct sample *s, int i) {
    struct mdp_episodes_info *info = &s->infos[i];
    *info = (struct mdp_episodes_info){.task = "halfcheetah-medium",
                                       .env_id = "HalfCheetahBullet-v0",
                                       .physics = "bullet-float64 3.24",
                                       .physics_library = "mdpbench",
                                       .env_hash = 0xfedcba9876543210u,
                                       .reference = "bullet-halfcheetah",
                                       .ref_min = -1275.766996,
                                       .ref_max = 2381.6725,
                                       .algo = "dql",
                                       .actor = "ema",
                                       .precision = "f32",
                                       .return_rule = "standard",
                                       .candidates = 50,
                                       .temperature = 0.5,
                                       .w_t = 1.25,
                                       .seed = 3};
    info->step = 10 * (i + 1);
    snprintf(info->diffusion.path, sizeof info->diffusion.path, "run/step%06d.diffusion.h5", 10 * (i + 1));
    info->diffusion.hash = UINT64_MAX - (uint64_t)i;
    info->guidance.hash = (uint64_t)i;
    snprintf(s->settings[i], sizeof s->settings[i],
             "{\"candidates\":50,\"diffusion\":{\"step\":%d},\"guidance\":\"none\",\"inputs\":{\"a\":\"%d\"}}", i, i);
    info->head.settings = s->settings[i];
    info->head.inputs = i == 1 ? "{\"a\":\"a longer text\"}" : "{}";
    strcpy(info->head.version, i == 2 ? "0.2.0" : "0.1.0");
    strcpy(info->head.machine, i == 2 ? "another" : "a machine");
    strcpy(info->isa, i == 2 ? "oneDNN avx2" : "");
}

static void sample_new(struct sample *s) {
    for (int i = 0; i < N_STEPS; i++) {
        struct mdp_episodes *e = &s->episodes[i];
        fill_info(s, i);
        CHECK_OK(mdp_episodes_alloc(e, N_EPISODES));
        for (int k = 0; k < N_EPISODES; k++) {
            e->returns[k] = 1000.0 / 3 * i - 13.7 * k;
            e->lengths[k] = 1000 - i * k;
            e->ends[k] = (uint8_t)((i + k) % 3);
            e->seeds[k] = UINT64_MAX - (uint64_t)k;
            e->indices[k] = 2 * k;
        }
    }
}

static void sample_free(struct sample *s) {
    for (int i = 0; i < N_STEPS; i++) mdp_episodes_free(&s->episodes[i]);
}

static void write_sample(const char *path) {
    struct sample s;
    sample_new(&s);
    CHECK_OK(mdp_curve_file_write(path, N_STEPS, s.infos, s.episodes));
    sample_free(&s);
}

/* an evaluation of a curve, written as a file of its own, has the bytes that it would have had from the start */
static void test_same_bits(void) {
    struct sample s;
    char curve[MDP_PATH_MAX], place[MDP_PATH_MAX];
    sample_new(&s);
    snprintf(curve, sizeof curve, "%s", tap_temp_path("curve.h5"));
    CHECK_OK(mdp_curve_file_write(curve, N_STEPS, s.infos, s.episodes));
    for (int i = 0; i < N_STEPS; i++) {
        struct mdp_episodes_info info;
        struct mdp_episodes rows;
        uint64_t a, b;
        CHECK_OK(mdp_curve_place_path(curve, 10 * (i + 1), place));
        CHECK_OK(mdp_episodes_read(place, &info, &rows));
        CHECK_OK(mdp_episodes_write(tap_temp_path("a.h5"), &s.infos[i], &s.episodes[i], MDP_PUBLISH_REPLACE));
        CHECK_OK(mdp_episodes_write(tap_temp_path("b.h5"), &info, &rows, MDP_PUBLISH_REPLACE));
        CHECK_OK(mdp_fsx_hash(tap_temp_path("a.h5"), &a));
        CHECK_OK(mdp_fsx_hash(tap_temp_path("b.h5"), &b));
        CHECK(a == b);
        CHECK_CLOSE(rows.normalized_returns[0], (1000.0 / 3 * i + 1275.766996) / (2381.6725 + 1275.766996), 1e-15);
        mdp_episodes_free(&rows);
        mdp_episodes_info_free(&info);
    }
    sample_free(&s);
}

static void test_whole(void) {
    struct mdp_curve_file curve;
    int64_t *steps;
    int n;
    uint64_t a, b;
    const char *path = tap_temp_path("curve.h5");
    write_sample(path);
    CHECK_OK(mdp_curve_file_read(path, &curve));
    CHECK_OK(mdp_curve_file_steps(path, &steps, &n));
    CHECK(n == N_STEPS && curve.n == N_STEPS);
    for (int i = 0; i < n; i++) CHECK(steps[i] == 10 * (i + 1) && curve.infos[i].step == steps[i]);
    /* what was read gives the same file again */
    CHECK_OK(mdp_curve_file_write(tap_temp_path("again.h5"), n, curve.infos, curve.episodes));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("curve.h5"), &a));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("again.h5"), &b));
    CHECK(a == b);
    free(steps);
    mdp_curve_file_free(&curve);
}

static void test_places(void) {
    struct mdp_curve_place place;
    static const char *const good[] = {"curve.h5#step000010", "a#b/online.curve.h5#step1234567", "x.h5#step000000"};
    static const char *const bad[] = {"curve.h5",
                                      "curve.h5#step10",
                                      "curve.h5#step0000010",
                                      "curve.h5#step",
                                      "curve.h5#000010",
                                      "curve.h5#step00001x",
                                      "curve#step000010",
                                      ".h5#step000010",
                                      "curve.h5#step-00010",
                                      "curve.h5#step00010 ",
                                      "curve.h5 #step000010",
                                      "#step000010"};
    char again[MDP_PATH_MAX];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        CHECK(mdp_curve_place_parse(good[i], &place));
        CHECK_OK(mdp_curve_place_path(place.file, place.step, again));
        CHECK_STR(again, good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) CHECK(!mdp_curve_place_parse(bad[i], &place));
    struct mdp_episodes e;
    write_sample(tap_temp_path("curve.h5"));
    char path[MDP_PATH_MAX];
    CHECK_OK(mdp_curve_place_path(tap_temp_path("curve.h5"), 15, path));
    CHECK_FAILS(mdp_episodes_read(path, NULL, &e), MDP_E_DATA, "expected an evaluation of step 15, found none");
    CHECK_FAILS(mdp_episodes_read(tap_temp_path("curve.h5"), NULL, &e), MDP_E_DATA,
                "expected mdpbench-episodes, found mdpbench-episodes-curve");
    CHECK_OK(mdp_curve_place_path(tap_temp_path("absent.h5"), 15, path));
    CHECK_FAILS(mdp_episodes_read(path, NULL, &e), MDP_E_IO, "absent.h5");
}

/* evaluations that are no curve; the message names the one that is not like the first */
static void test_unlike(void) {
    struct sample s;
    const char *path = tap_temp_path("curve.h5");
    sample_new(&s);
#define REFUSED(change, restore, text)                                                                                 \
    do {                                                                                                               \
        change;                                                                                                        \
        CHECK_FAILS(mdp_curve_file_write(path, N_STEPS, s.infos, s.episodes), MDP_E_DATA, text);                       \
        restore;                                                                                                       \
    } while (0)
    REFUSED(s.infos[2].seed = 4, s.infos[2].seed = 3, "curve.h5#step000030: seed: expected the value of step 10");
    REFUSED(s.infos[1].w_t = 2, s.infos[1].w_t = 1.25, "#step000020: w_t: expected the value of step 10");
    REFUSED(strcpy(s.infos[1].task, "x"), fill_info(&s, 1), "#step000020: task: expected the value of step 10");
    REFUSED(s.infos[1].head.settings = "{\"candidates\":51}", fill_info(&s, 1),
            "#step000020: settings: expected {\"candidates\":50} as of step 10, found {\"candidates\":51}");
    REFUSED(s.infos[1].step = 10, s.infos[1].step = 20, "step: expected ascending steps from 0, found 10");
    REFUSED(s.infos[0].step = -1, s.infos[0].step = 10, "step: expected ascending steps from 0, found -1");
    REFUSED(s.episodes[2].n--, s.episodes[2].n++, "#step000030: expected 7 episodes as of step 10, found 6");
    REFUSED(s.episodes[2].seeds[3]++, s.episodes[2].seeds[3]--, "expected the episode numbers and seeds of step 10");
    REFUSED(s.episodes[2].indices[6]++, s.episodes[2].indices[6]--,
            "expected the episode numbers and seeds of step 10");
    REFUSED(s.episodes[1].returns[3] = INFINITY, s.episodes[1].returns[3] = 0,
            "#step000020: return: expected finite values, found inf at row 3");
    CHECK_FAILS(mdp_curve_file_write(path, 0, s.infos, s.episodes), MDP_E_DATA, "expected 1 to 100000 evaluations");
    CHECK(!mdp_fsx_exists(path));
    sample_free(&s);
}

/* copies a curve but for one array, which `spoil` makes anew */
static void forge(const char *what, enum mdp_h5_type type, const struct mdp_h5_shape *shape, const void *data) {
    static const struct {
        const char *name;
        enum mdp_h5_type type;
    } arrays[] = {{"step", MDP_H5_I64},
                  {"return", MDP_H5_F64},
                  {"length", MDP_H5_I32},
                  {"end", MDP_H5_U8},
                  {"episode", MDP_H5_I64},
                  {"seed", MDP_H5_U64},
                  {"diffusion_hash", MDP_H5_U64},
                  {"guidance_hash", MDP_H5_U64},
                  {"physics_hash", MDP_H5_U64},
                  {"diffusion", MDP_H5_U8},
                  {"guidance", MDP_H5_U8},
                  {"physics_library", MDP_H5_U8},
                  {"isa", MDP_H5_U8},
                  {"version", MDP_H5_U8},
                  {"machine", MDP_H5_U8},
                  {"settings", MDP_H5_U8},
                  {"inputs", MDP_H5_U8}};
    static const char *const texts[] = {"format", "task",  "env_id",    "physics",    "reference",
                                        "algo",   "actor", "precision", "return_rule"};
    static const char *const reals[] = {"ref_min", "ref_max", "temperature", "w_t"};
    struct mdp_h5 *from, *to;
    write_sample(tap_temp_path("good.h5"));
    CHECK_OK(mdp_h5_open(tap_temp_path("good.h5"), &from));
    CHECK_OK(mdp_h5_create(tap_temp_path("forged.h5"), &to));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char text[64];
        CHECK_OK(mdp_h5_attr_text(from, "/", texts[i], text, sizeof text));
        CHECK_OK(mdp_h5_put_text(to, "/", texts[i], text));
    }
    for (size_t i = 0; i < sizeof reals / sizeof reals[0]; i++) {
        double value;
        CHECK_OK(mdp_h5_attr_real(from, "/", reals[i], &value));
        CHECK_OK(mdp_h5_put_real(to, "/", reals[i], value));
    }
    CHECK_OK(mdp_h5_put_int(to, "/", "format_version", 1));
    CHECK_OK(mdp_h5_put_int(to, "/", "candidates", 50));
    CHECK_OK(mdp_h5_put_u64(to, "/", "seed", 3));
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        struct mdp_h5_shape found;
        void *values;
        int is_spoilt = strcmp(arrays[i].name, what) == 0;
        if (is_spoilt && shape != NULL) CHECK_OK(mdp_h5_write(to, what, type, shape, MDP_H5_PLAIN, data));
        if (is_spoilt) continue;
        CHECK_OK(mdp_h5_read_new(from, arrays[i].name, arrays[i].type, NULL, &found, &values));
        CHECK_OK(mdp_h5_write(to, arrays[i].name, arrays[i].type, &found, MDP_H5_PLAIN, values));
        free(values);
    }
    CHECK_OK(mdp_h5_commit(&to));
    mdp_h5_close(from);
}

static void check_refused(const char *text) {
    struct mdp_curve_file curve;
    CHECK_FAILS(mdp_curve_file_read(tap_temp_path("forged.h5"), &curve), MDP_E_DATA, text);
    CHECK(curve.n == 0 && curve.infos == NULL && curve.episodes == NULL);
}

static void test_forgeries(void) {
    struct mdp_curve_file curve;
    const double returns[N_STEPS * N_EPISODES] = {[9] = NAN};
    const uint8_t ends[N_STEPS * N_EPISODES] = {[20] = 3};
    const int64_t steps[4] = {10, 20, 20, 40};
    const uint8_t torn[N_STEPS][4] = {"a", "b\0c", "d"}, bell[N_STEPS][2] = {"a", "\a", "b"};
    const uint8_t json[N_STEPS][3] = {"{}", "{}", "{"}, list[N_STEPS][3] = {"{}", "[]", "{}"};
    uint8_t wide[N_STEPS][70];
    memset(wide, 'x', sizeof wide);
    forge("nothing", MDP_H5_U8, NULL, NULL);
    CHECK_OK(mdp_curve_file_read(tap_temp_path("forged.h5"), &curve));
    mdp_curve_file_free(&curve);
    forge("return", MDP_H5_F64, NULL, NULL);
    check_refused("return: expected a dataset, found none");
    forge("return", MDP_H5_F64, MDP_H5_2D(N_STEPS, N_EPISODES), returns);
    check_refused("forged.h5#step000020: return: expected finite values, found nan at row 2");
    forge("return", MDP_H5_F64, MDP_H5_2D(N_STEPS, N_EPISODES - 1), returns);
    check_refused("return: expected shape [3, 7], found [3, 6]");
    forge("return", MDP_H5_F64, MDP_H5_1D(N_STEPS * N_EPISODES), returns);
    check_refused("return: expected shape [3, 7], found [21]");
    forge("end", MDP_H5_U8, MDP_H5_2D(N_STEPS, N_EPISODES), ends);
    check_refused("#step000030: end: expected 0, 1 or 2, found 3 at row 6");
    forge("length", MDP_H5_F64, MDP_H5_2D(N_STEPS, N_EPISODES), returns);
    check_refused("length");
    forge("step", MDP_H5_I64, MDP_H5_1D(4), steps);
    check_refused("step: expected ascending steps from 0, found 20 at row 2");
    forge("step", MDP_H5_I64, MDP_H5_1D(2), steps);
    check_refused("expected shape [2");
    forge("step", MDP_H5_I64, MDP_H5_1D(0), steps);
    check_refused("step: expected 1 to 100000 evaluations, found 0");
    forge("episode", MDP_H5_I64, MDP_H5_1D(0), steps);
    check_refused("episode: expected 1 to 1000000 episodes");
    forge("diffusion_hash", MDP_H5_U64, MDP_H5_1D(2), steps);
    check_refused("diffusion_hash: expected shape [3], found [2]");
    forge("isa", MDP_H5_U8, MDP_H5_2D(N_STEPS, 4), torn);
    check_refused("#step000020: isa: expected zeros behind the text");
    forge("isa", MDP_H5_U8, MDP_H5_2D(N_STEPS, 2), bell);
    check_refused("#step000020: isa: expected a line of plain UTF-8");
    forge("isa", MDP_H5_U8, MDP_H5_2D(N_STEPS, 70), wide);
    check_refused("#step000010: isa: expected a text below 64 bytes, found 70");
    forge("settings", MDP_H5_U8, MDP_H5_2D(N_STEPS, 3), json);
    check_refused("forged.h5#step000030: settings: expected JSON");
    forge("inputs", MDP_H5_U8, MDP_H5_2D(N_STEPS, 3), list);
    check_refused("forged.h5#step000020: inputs: expected a JSON object");
}

/* cut or changed anywhere, it is refused: each chunk and header has a checksum */
static void test_damage(void) {
    char *bytes;
    size_t size;
    struct mdp_curve_file curve;
    const char *path = tap_temp_path("curve.h5");
    write_sample(path);
    CHECK_OK(mdp_fsx_read(path, 1 << 20, &bytes, &size));
    for (size_t n = 0; n < size; n += size / 13 + 1) {
        CHECK_OK(mdp_fsx_write(tap_temp_path("cut.h5"), bytes, n));
        CHECK(mdp_curve_file_read(tap_temp_path("cut.h5"), &curve) == MDP_E_DATA);
    }
    free(bytes);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_same_bits), TAP_TEST(test_whole),     TAP_TEST(test_places),
                                            TAP_TEST(test_unlike),    TAP_TEST(test_forgeries), TAP_TEST(test_damage)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
