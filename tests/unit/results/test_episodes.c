/* results/episodes and results/reference_scores: rows, scores and facts survive; files that do not fit are refused. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "results/episodes.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/write.h"
#include "results/reference_scores.h"
#include "tests/tap.h"

enum { N = 50 };

static struct mdp_episodes_info sample_info(void) {
    struct mdp_episodes_info info = {.task = "halfcheetah-medium",
                                     .env_id = "HalfCheetahBullet-v0",
                                     .physics = "bullet 3.24 float64",
                                     .physics_library = "libBulletDynamics.so libLinearMath.so",
                                     .physics_hash = UINT64_MAX - 7,
                                     .reference = "bullet-halfcheetah",
                                     .ref_min = -1275.766996,
                                     .ref_max = 2381.6725,
                                     .algo = "dql",
                                     .diffusion = {"step000400.diffusion.h5", UINT64_MAX},
                                     .guidance = {"step000400.guidance.h5", 5},
                                     .actor = "ema",
                                     .precision = "float32",
                                     .return_rule = "standard",
                                     .step = 400,
                                     .candidates = 50,
                                     .temperature = 0.5,
                                     .w_t = 1.25,
                                     .env_hash = 0xfedcba9876543210u,
                                     .seed = 3};
    info.head.settings = "{\"episodes\": 50}";
    return info;
}

static void sample_rows(struct mdp_episodes *e) {
    CHECK_OK(mdp_episodes_alloc(e, N));
    for (int i = 0; i < N; i++) {
        e->returns[i] = 1000 + 13.7 * i;
        e->lengths[i] = 1000 - i;
        e->ends[i] = (uint8_t)(i % 3);
        e->seeds[i] = UINT64_MAX - (uint64_t)i;
        e->indices[i] = i;
    }
}

static void test_round_trip(void) {
    struct mdp_episodes_info info = sample_info(), found;
    struct mdp_episodes e, back;
    sample_rows(&e);
    CHECK_OK(mdp_episodes_write(tap_temp_path("e.h5"), &info, &e, MDP_PUBLISH_REPLACE));
    CHECK_OK(mdp_episodes_read(tap_temp_path("e.h5"), &found, &back));
    CHECK_INT(back.n, N);
    CHECK(memcmp(back.returns, e.returns, N * sizeof *e.returns) == 0);
    CHECK(memcmp(back.lengths, e.lengths, N * sizeof *e.lengths) == 0);
    CHECK(memcmp(back.ends, e.ends, N) == 0);
    CHECK(memcmp(back.seeds, e.seeds, N * sizeof *e.seeds) == 0);
    CHECK(memcmp(back.indices, e.indices, N * sizeof *e.indices) == 0);
    CHECK_CLOSE(back.normalized_returns[0], (1000 + 1275.766996) / (2381.6725 + 1275.766996), 1e-15);
    CHECK_STR(found.diffusion.path, "step000400.diffusion.h5");
    CHECK(found.diffusion.hash == UINT64_MAX && found.guidance.hash == 5);
    CHECK(found.env_hash == 0xfedcba9876543210u);
    CHECK(found.temperature == 0.5 && found.w_t == 1.25 && found.candidates == 50 && found.step == 400);
    CHECK_STR(found.reference, "bullet-halfcheetah");
    CHECK_STR(found.physics_library, info.physics_library);
    CHECK(found.physics_hash == info.physics_hash);
    CHECK_STR(found.return_rule, "standard");
    CHECK_STR(found.head.settings, "{\"episodes\": 50}");
    mdp_episodes_info_free(&found);
    mdp_episodes_free(&back);
    mdp_episodes_free(&e);
}

static void test_same_bytes(void) {
    struct mdp_episodes_info info = sample_info();
    struct mdp_episodes e;
    uint64_t first, second;
    sample_rows(&e);
    CHECK_OK(mdp_episodes_write(tap_temp_path("a.h5"), &info, &e, MDP_PUBLISH_REPLACE));
    CHECK_OK(mdp_episodes_write(tap_temp_path("b.h5"), &info, &e, MDP_PUBLISH_REPLACE));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("a.h5"), &first));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("b.h5"), &second));
    CHECK(first == second);
    mdp_episodes_free(&e);
}

static void test_refuses_rows(void) {
    struct mdp_episodes_info info = sample_info();
    struct mdp_episodes e;
    const char *path = tap_temp_path("e.h5");
    sample_rows(&e);
    e.returns[3] = NAN;
    CHECK_FAILS(mdp_episodes_write(path, &info, &e, MDP_PUBLISH_REPLACE), MDP_E_DATA,
                "return: expected finite values, found nan at row 3");
    e.returns[3] = 0, e.ends[4] = 3;
    CHECK_FAILS(mdp_episodes_write(path, &info, &e, MDP_PUBLISH_REPLACE), MDP_E_DATA,
                "end: expected 0, 1 or 2, found 3 at row 4");
    e.ends[4] = 0, e.lengths[5] = -1;
    CHECK_FAILS(mdp_episodes_write(path, &info, &e, MDP_PUBLISH_REPLACE), MDP_E_DATA,
                "length: expected 0 or more, found -1 at row 5");
    e.lengths[5] = 1, e.indices[6] = 5;
    CHECK_FAILS(mdp_episodes_write(path, &info, &e, MDP_PUBLISH_REPLACE), MDP_E_DATA,
                "episode: expected ascending numbers, found 5 at row 6");
    e.indices[6] = 6, e.n = 0;
    CHECK_FAILS(mdp_episodes_write(path, &info, &e, MDP_PUBLISH_REPLACE), MDP_E_DATA, "found 0");
    e.n = N, info.ref_max = info.ref_min;
    CHECK_FAILS(mdp_episodes_write(path, &info, &e, MDP_PUBLISH_REPLACE), MDP_E_DATA,
                "/@ref_max: expected a finite value above ref_min");
    info = sample_info(), info.candidates = 0;
    CHECK_FAILS(mdp_episodes_write(path, &info, &e, MDP_PUBLISH_REPLACE), MDP_E_DATA, "/@candidates");
    info = sample_info(), info.head.settings = "nonsense";
    CHECK_FAILS(mdp_episodes_write(path, &info, &e, MDP_PUBLISH_REPLACE), MDP_E_DATA, "/@settings");
    CHECK(!mdp_fsx_exists(path));
    mdp_episodes_free(&e);
}

/* a right head over wrong rows: `what` names the array that is spoilt */
static void make_forgery(const char *path, const char *what) {
    struct mdp_episodes_info info = sample_info();
    struct mdp_h5 *file, *source;
    struct mdp_episodes e;
    const double scores[N] = {0};
    sample_rows(&e);
    CHECK_OK(mdp_episodes_write(tap_temp_path("good.h5"), &info, &e, MDP_PUBLISH_REPLACE));
    CHECK_OK(mdp_h5_open(tap_temp_path("good.h5"), &source));
    CHECK_OK(mdp_h5_create(path, &file));
    CHECK_OK(
        mdp_head_write(file, strcmp(what, "format") == 0 ? "mdpbench-checkpoint" : "mdpbench-episodes", &info.head));
    static const char *const texts[] = {"task",      "env_id",   "physics", "reference", "algo",
                                        "diffusion", "guidance", "actor",   "precision", "return_rule"};
    static const char *const ints[] = {"step", "candidates"}, *const words[] = {"diffusion_hash", "guidance_hash",
                                                                                "seed"};
    for (int i = 0; i < 10; i++)
        if (strcmp(what, texts[i]) != 0) CHECK_OK(mdp_h5_put_text(file, "/", texts[i], "x"));
    for (int i = 0; i < 2; i++) CHECK_OK(mdp_h5_put_int(file, "/", ints[i], 1));
    for (int i = 0; i < 3; i++) CHECK_OK(mdp_h5_put_u64(file, "/", words[i], 1));
    CHECK_OK(mdp_h5_put_real(file, "/", "ref_min", 0));
    CHECK_OK(mdp_h5_put_real(file, "/", "ref_max", strcmp(what, "ref_max") == 0 ? 0 : 1));
    CHECK_OK(mdp_h5_put_real(file, "/", "temperature", 0));
    CHECK_OK(mdp_h5_put_real(file, "/", "w_t", 0));
    CHECK_OK(mdp_h5_write(file, "return", MDP_H5_F64, MDP_H5_1D(N), 0, e.returns));
    CHECK_OK(mdp_h5_write(file, "normalized_return", MDP_H5_F64, MDP_H5_1D(N), 0,
                          strcmp(what, "score") == 0 ? scores : e.returns));
    if (strcmp(what, "end") != 0) CHECK_OK(mdp_h5_write(file, "end", MDP_H5_U8, MDP_H5_1D(N), 0, e.ends));
    CHECK_OK(
        mdp_h5_write(file, "length", MDP_H5_I32, MDP_H5_1D(strcmp(what, "length") == 0 ? N - 1 : N), 0, e.lengths));
    CHECK_OK(mdp_h5_write(file, "seed", MDP_H5_U64, MDP_H5_1D(N), 0, e.seeds));
    CHECK_OK(mdp_h5_write(file, "episode", MDP_H5_I64, MDP_H5_1D(N), 0, e.indices));
    CHECK_OK(mdp_h5_commit(&file));
    mdp_h5_close(source);
    mdp_episodes_free(&e);
}

/* files that are older than the facts about the physics library are read, and say nothing about it */
static void test_file_of_before(void) {
    struct mdp_episodes_info info;
    struct mdp_episodes e;
    make_forgery(tap_temp_path("old.h5"), "nothing");
    CHECK_OK(mdp_episodes_read(tap_temp_path("old.h5"), &info, &e));
    CHECK_STR(info.physics, "x");
    CHECK_STR(info.physics_library, "");
    CHECK(info.physics_hash == 0);
    mdp_episodes_info_free(&info);
    mdp_episodes_free(&e);
}

static void test_forgeries(void) {
    static const char *const cases[][2] = {
        {"format", "/@format: expected mdpbench-episodes, found mdpbench-checkpoint"},
        {"task", "/@task: expected an attribute, found none"},
        {"ref_max", "/@ref_max: expected a finite value above ref_min"},
        {"score", "normalized_return: expected 1000, found 0 at row 0"},
        {"end", "end: expected a dataset, found none"},
        {"length", "length: expected shape [50], found [49]"},
    };
    struct mdp_episodes e;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make_forgery(tap_temp_path("f.h5"), cases[i][0]);
        CHECK_FAILS(mdp_episodes_read(tap_temp_path("f.h5"), NULL, &e), MDP_E_DATA, cases[i][1]);
        CHECK(e.returns == NULL);
    }
    /* as written before environments had a hash */
    struct mdp_episodes_info info;
    make_forgery(tap_temp_path("f.h5"), "nothing");
    CHECK_OK(mdp_episodes_read(tap_temp_path("f.h5"), &info, &e));
    CHECK(info.env_hash == 0);
    mdp_episodes_free(&e);
    mdp_episodes_info_free(&info);
    CHECK_FAILS(mdp_episodes_read(tap_temp_path("absent.h5"), NULL, &e), MDP_E_IO, "absent.h5");
}

static void test_reference_scores(void) {
    const struct mdp_reference_score *score;
    double x;
    CHECK_OK(mdp_reference_find("bullet-halfcheetah", &score));
    CHECK(score->ref_min == -1275.766996 && score->ref_max == 2381.6725);
    CHECK_OK(mdp_reference_normalize(score, score->ref_min, &x));
    CHECK(x == 0);
    CHECK_OK(mdp_reference_normalize(score, score->ref_max, &x));
    CHECK(x == 1);
    CHECK_OK(mdp_reference_find("halfcheetah", &score));
    CHECK(score->ref_max == 12135.0);
    CHECK_FAILS(mdp_reference_find("bullet-halfcheetah-medium", &score), MDP_E_USAGE,
                "found 'bullet-halfcheetah-medium'");
    CHECK_FAILS(mdp_reference_find("cheetah", &score), MDP_E_USAGE, "bullet-walker2d");
    CHECK_FAILS(mdp_reference_find("", &score), MDP_E_USAGE, "found ''");
    const struct mdp_reference_score equal = {"flat", 5, 5}, broken = {"broken", NAN, 5};
    CHECK_FAILS(mdp_reference_normalize(&equal, 1, &x), MDP_E_DATA, "flat: expected ref_max above ref_min");
    CHECK_FAILS(mdp_reference_normalize(&broken, 1, &x), MDP_E_DATA, "broken");
}

/* every line of the reference table is built in, digit for digit, and nothing else is */
static void test_reference_table(void) {
    const char *path = tap_reference("stats/d4rl_ref_scores.csv");
    char *text;
    size_t size;
    int n_lines = 0, n_built_in = 0;
    if (path == NULL) SKIP("no stats/d4rl_ref_scores.csv");
    CHECK_OK(mdp_fsx_read(path, 1 << 20, &text, &size));
    char *line = strtok(text, "\r\n");
    CHECK_STR(line, "env_family,ref_min_random,ref_max_expert");
    while ((line = strtok(NULL, "\r\n")) != NULL) {
        const struct mdp_reference_score *score;
        char family[64];
        double low, high;
        CHECK(sscanf(line, "%63[^,],%lf,%lf", family, &low, &high) == 3);
        CHECK_OK(mdp_reference_find(family, &score));
        CHECK(score->ref_min == low && score->ref_max == high);
        n_lines++;
    }
    /* a refusal lists all: "expected one of a, b, c, found 'none'" has as many commas as there are */
    const struct mdp_reference_score *none;
    CHECK_FAILS(mdp_reference_find("none", &none), MDP_E_USAGE, "expected one of");
    for (const char *comma = mdp_err_message(); (comma = strchr(comma, ',')) != NULL; comma++) n_built_in++;
    CHECK_INT(n_lines, n_built_in);
    free(text);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_round_trip),      TAP_TEST(test_same_bytes), TAP_TEST(test_refuses_rows),
        TAP_TEST(test_file_of_before),  TAP_TEST(test_forgeries),  TAP_TEST(test_reference_scores),
        TAP_TEST(test_reference_table),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
