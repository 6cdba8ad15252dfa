/* numbers of a diagnosis, where judgements are made by hand; evaluations of pairs; what goes with their return */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/diagnose/internal.h"
#include "bench/diagnose/returns.h"
#include "results/episodes.h"
#include "tests/tap.h"
#include "tests/unlike.h"

enum { N = 40, N_ACT = 2, N_CANDIDATES = 4, N_EPISODES = 8, EACH = N / N_EPISODES };

/* eight episodes of five states, all of them looked at, which end by termination */
static struct mdp_diagnose_settings settings;
static struct mdp_dataset_episode episodes[N_EPISODES];
static long rows[N], episode_of[N];
static float rewards[N], score[N * N_ACT], value[N], gradient[2][N * N_ACT], scores[2][N * N_CANDIDATES];
static struct mdp_held_out held_out;
static struct mdp_states states;
static struct mdp_judgement one, other;

static void fill(void) {
    mdp_settings_defaults(&mdp_diagnose_table, &settings);
    settings.acting.n_candidates = N_CANDIDATES;
    for (int i = 0; i < N; i++) {
        rows[i] = i;
        episode_of[i] = i / EACH;
        rewards[i] = (float)sin(i);
        for (int j = 0; j < N_ACT; j++) score[i * N_ACT + j] = (float)cos(3 * i + j);
        for (int k = 0; k < N_CANDIDATES; k++) scores[0][i * N_CANDIDATES + k] = (float)((i + 3 * k) % 7);
    }
    for (int e = 0; e < N_EPISODES; e++) episodes[e] = (struct mdp_dataset_episode){e * EACH, EACH, 0, 'T'};
    memcpy(gradient[0], score, sizeof score);
    memcpy(gradient[1], score, sizeof score);
    memcpy(scores[1], scores[0], sizeof scores[0]);
    held_out = (struct mdp_held_out){.raw = {.n = N, .rewards = rewards},
                                     .episodes = {.list = episodes, .n = N_EPISODES},
                                     .reward_range = 1000,
                                     .n = N,
                                     .row = rows,
                                     .episode = episode_of};
    states = (struct mdp_states){.acting = &settings.acting,
                                 .tail = settings.tail,
                                 .held_out = &held_out,
                                 .n = N,
                                 .n_act = N_ACT,
                                 .n_vector = N_ACT,
                                 .n_obs = 1,
                                 .score = score};
    one = (struct mdp_judgement){value, gradient[0], scores[0]};
    other = (struct mdp_judgement){value, gradient[1], scores[1]};
}

/* ---- one guidance ---- */

/* values that are the returns plus two, and half of it */
static void test_calibration(void) {
    struct mdp_pair pair = {.w_t = 1, .discount = 0.5};
    double returns[N];
    fill();
    CHECK_OK(mdp_held_out_returns(&held_out, NULL, 0.5, 0.01, returns));
    for (int i = 0; i < N; i++) value[i] = (float)(returns[i] + 2);
    CHECK_OK(mdp_pair_measure(&states, &one, &pair));
    CHECK_INT(pair.n_calibrated, N);
    CHECK_CLOSE(pair.calibration.bias.estimate, 2, 1e-6);
    CHECK_CLOSE(pair.calibration.bias.low, 2, 1e-6);
    CHECK_CLOSE(pair.calibration.slope.high, 1, 1e-6);
    CHECK_CLOSE(pair.calibration.spearman.low, 1, 1e-12);
    CHECK(pair.calibration.n_clusters == N_EPISODES && pair.calibration.has_few);
    for (int b = 0; b < MDP_DIAGNOSE_BINS; b++) {
        CHECK_INT(pair.bins[b].n, N / MDP_DIAGNOSE_BINS);
        CHECK_CLOSE(pair.bins[b].value - pair.bins[b].came, 2, 1e-6);
        if (b > 0) CHECK(pair.bins[b].value > pair.bins[b - 1].value);
    }
    for (int i = 0; i < N; i++) value[i] = (float)(-0.5 * returns[i]);
    CHECK_OK(mdp_pair_measure(&states, &one, &pair));
    CHECK_CLOSE(pair.calibration.slope.estimate, -2, 1e-5);
    CHECK_CLOSE(pair.calibration.spearman.estimate, -1, 1e-12);
}

/* episodes that are cut tell nothing of what came; those that end do */
static void test_unknown_returns(void) {
    struct mdp_pair pair = {.w_t = 1, .discount = 0.99};
    fill();
    for (int i = 0; i < N; i++) value[i] = (float)(i % 11);
    for (int e = 0; e < N_EPISODES; e++) episodes[e].end = 'L';
    CHECK_OK(mdp_pair_measure(&states, &one, &pair));
    CHECK_INT(pair.n_calibrated, 0);
    CHECK_INT(pair.score_cosine.n, N);
    episodes[2].end = episodes[5].end = 'T';
    CHECK_OK(mdp_pair_measure(&states, &one, &pair));
    CHECK_INT(pair.n_calibrated, 2 * EACH);
    CHECK_INT(pair.calibration.n_clusters, 2);
}

static void test_cosine_and_sharpness(void) {
    struct mdp_pair pair = {.w_t = 1e6, .discount = 0.5};
    fill();
    for (int i = 0; i < N * N_CANDIDATES; i++) scores[0][i] = (float)(i % N_CANDIDATES);
    /* states 0 to 9 have no gradient, 10 to 19 the opposite one, the others one of twice the length */
    for (int i = 0; i < N * N_ACT; i++) gradient[0][i] *= i < 10 * N_ACT ? 0 : i < 20 * N_ACT ? -0.5f : 2;
    CHECK_OK(mdp_pair_measure(&states, &one, &pair));
    CHECK(pair.score_cosine.n == 30 && pair.score_cosine.n_undefined == 10);
    CHECK_INT(pair.score_cosine.mean.n_clusters, 6);
    CHECK_CLOSE(pair.score_cosine.mean.mean.estimate, 1.0 / 3, 1e-7);
    CHECK_CLOSE(pair.score_cosine.q1, -1, 1e-7);
    CHECK_CLOSE(pair.score_cosine.median, 1, 1e-7);
    CHECK_CLOSE(pair.n_effective.mean.mean.estimate, 1, 1e-12);
    /* two of four share the highest score */
    for (int i = 0; i < N * N_CANDIDATES; i++) scores[0][i] = (float)(i % 2);
    CHECK_OK(mdp_pair_measure(&states, &one, &pair));
    CHECK_CLOSE(pair.n_effective.mean.mean.estimate, 2, 1e-12);
    pair.w_t = 0;
    CHECK_OK(mdp_pair_measure(&states, &one, &pair));
    CHECK_CLOSE(pair.n_effective.mean.mean.estimate, N_CANDIDATES, 1e-12);
    CHECK_CLOSE(pair.n_effective.mean.mean.high, N_CANDIDATES, 1e-12);
    memset(gradient[0], 0, sizeof gradient[0]);
    CHECK_OK(mdp_pair_measure(&states, &one, &pair));
    CHECK(pair.score_cosine.n == 0 && isnan(pair.score_cosine.mean.mean.estimate) && isnan(pair.score_cosine.q1));
}

/* of plans the best is taken, and returns are in the unit that was learnt, the last step's penalty included */
static void test_plans(void) {
    static uint8_t terminals[N];
    struct mdp_pair pair = {.w_t = 0, .discount = 0.5, .has_own_rewards = 1, .rewards = {.scale = 4, .terminal = -100}};
    double returns[N];
    fill();
    for (int e = 0; e < N_EPISODES; e++) terminals[e * EACH + EACH - 1] = 1;
    held_out.raw.terminals = terminals;
    states.takes_best = 1;
    CHECK_OK(mdp_held_out_returns(&held_out, &pair.rewards, 0.5, 0.01, returns));
    CHECK_CLOSE(returns[EACH - 1], -25, 1e-12);
    CHECK_CLOSE(returns[EACH - 2], rewards[EACH - 2] / 4 - 12.5, 1e-12);
    for (int i = 0; i < N; i++) value[i] = (float)(returns[i] + 3);
    CHECK_OK(mdp_pair_measure(&states, &one, &pair));
    CHECK_CLOSE(pair.calibration.bias.estimate, 3, 1e-6);
    CHECK(pair.n_effective.q1 == 1 && pair.n_effective.q3 == 1);
}

/* ---- two guidances ---- */

static void test_agreement(void) {
    struct mdp_agreement found;
    fill();
    CHECK_OK(mdp_agreement_measure(&states, &one, 2, &other, 2, &found));
    CHECK_CLOSE(found.gradient_cosine.mean.mean.estimate, 1, 1e-7);
    CHECK_CLOSE(found.rank_correlation.mean.mean.low, 1, 1e-12);
    CHECK_CLOSE(found.same_top.mean.mean.estimate, 1, 0);
    CHECK_CLOSE(found.overlap.mean.mean.estimate, 1, 1e-12);
    /* the same order with another weight: another selection, the same ranks */
    CHECK_OK(mdp_agreement_measure(&states, &one, 0, &other, 1e6, &found));
    CHECK_CLOSE(found.rank_correlation.mean.mean.estimate, 1, 1e-12);
    CHECK_CLOSE(found.overlap.mean.mean.estimate, 1.0 / N_CANDIDATES, 1e-12);
    for (int i = 0; i < N * N_CANDIDATES; i++) scores[1][i] = -scores[0][i];
    for (int i = 0; i < N * N_ACT; i++) gradient[1][i] = -3 * gradient[0][i];
    CHECK_OK(mdp_agreement_measure(&states, &one, 1e6, &other, 1e6, &found));
    CHECK_CLOSE(found.gradient_cosine.mean.mean.estimate, -1, 1e-7);
    CHECK_CLOSE(found.rank_correlation.mean.mean.estimate, -1, 1e-12);
    CHECK_CLOSE(found.same_top.mean.mean.estimate, 0, 0);
    CHECK_CLOSE(found.overlap.mean.mean.estimate, 0, 1e-12);
    /* scores that are all alike rank nothing; they select the first as the best */
    memset(scores[1], 0, sizeof scores[1]);
    CHECK_OK(mdp_agreement_measure(&states, &one, 1e6, &other, 1, &found));
    CHECK(found.rank_correlation.n == 0 && found.rank_correlation.n_undefined == N);
    CHECK_CLOSE(found.overlap.mean.mean.estimate, 1.0 / N_CANDIDATES, 1e-12);
    settings.acting.n_candidates = 1;
    CHECK_OK(mdp_agreement_measure(&states, &one, 1, &other, 1, &found));
    CHECK(found.rank_correlation.n == 0 && found.overlap.mean.mean.estimate == 1);
}

/* ---- returns ---- */

enum { N_PAIRS = 7 };

/* N_PAIRS modules with one guidance each; the numbers of pair i follow from i, its return is given */
static struct mdp_diagnosis *make_diagnoses(const double *returns) {
    static struct mdp_diagnosis d[N_PAIRS];
    static struct mdp_pair pairs[N_PAIRS];
    memset(pairs, 0, sizeof pairs);
    for (int i = 0; i < N_PAIRS; i++) {
        pairs[i].mean_return = returns[i];
        pairs[i].n_calibrated = N;
        pairs[i].w_t = 50;
        pairs[i].guidance_hash = 100 + (uint64_t)i;
        pairs[i].calibration.whole = (struct mdp_association){.bias = -i, .slope = 1, .spearman = 0.1 * i};
        pairs[i].score_cosine.mean.mean.estimate = (i * 3) % N_PAIRS;
        pairs[i].n_effective.mean.mean.estimate = NAN;
        d[i] = (struct mdp_diagnosis){.n_pairs = 1,
                                      .pairs = &pairs[i],
                                      .diffusion_hash = (uint64_t)i,
                                      .solver = "ddpm",
                                      .n_sampling_steps = 5,
                                      .n_candidates = 50};
        snprintf(d[i].diffusion, sizeof d[i].diffusion, "%s/step%06d.diffusion.h5", tap_temp_dir(), i);
    }
    return d;
}

static void test_forecasts(void) {
    const double falling[N_PAIRS] = {7, 6, 5, 4, 3, 2, 1};
    struct mdp_forecast f[MDP_N_QUANTITIES];
    struct mdp_diagnosis *d = make_diagnoses(falling);
    CHECK_OK(mdp_forecast(d, N_PAIRS, f));
    CHECK_CLOSE(f[MDP_QUANTITY_BIAS].test.rho, -1, 1e-15);
    CHECK_CLOSE(f[MDP_QUANTITY_BIAS].test.p, 2.0 / 5040, 1e-15);
    /* of three quantities that could be tested */
    CHECK_CLOSE(f[MDP_QUANTITY_BIAS].p_holm, 6.0 / 5040, 1e-15);
    CHECK_STR(f[MDP_QUANTITY_BIAS].verdict, "goes against return");
    CHECK_STR(f[MDP_QUANTITY_ORDER].verdict, "goes against return");
    CHECK_STR(f[MDP_QUANTITY_SCORE].verdict, "cannot decide");
    CHECK(f[MDP_QUANTITY_SCORE].n == N_PAIRS && f[MDP_QUANTITY_SCORE].p_holm > 0.05);
    CHECK_STR(f[MDP_QUANTITY_SLOPE].verdict, "cannot decide: all pairs alike");
    CHECK_STR(f[MDP_QUANTITY_EFFECTIVE].verdict, "cannot decide: fewer than 3 pairs");
    CHECK(f[MDP_QUANTITY_GRADIENT].n == 0 && isnan(f[MDP_QUANTITY_GRADIENT].p_holm));
    /* 2 / 24 for four; 2 / 120 for five, times three; 2 / 720 for six is enough */
    for (int n = 4; n <= 5; n++) {
        CHECK_OK(mdp_forecast(d, n, f));
        CHECK_STR(f[MDP_QUANTITY_SCORE].verdict,
                  n == 4 ? "cannot decide: no order of so few pairs reaches 0.05" : "cannot decide");
    }
    CHECK_OK(mdp_forecast(d, 6, f));
    CHECK_STR(f[MDP_QUANTITY_BIAS].verdict, "goes against return");
    CHECK_OK(mdp_forecast(d, 2, f));
    CHECK_STR(f[MDP_QUANTITY_BIAS].verdict, "cannot decide: fewer than 3 pairs");
    for (int q = 0; q < MDP_N_QUANTITIES; q++)
        CHECK(mdp_quantity_key((enum mdp_quantity)q)[0] != 0 && mdp_quantity_text((enum mdp_quantity)q)[0] != 0);
}

static int changed = -1; /* the fact in which an evaluation is unlike others */

/* an evaluation of pair i with settings besides */
static const char *write_episodes(const char *leaf, int i, const char *more, double mean) {
    const char *path = tap_temp_path(leaf);
    char head[256];
    double returns[2] = {mean - 1, mean + 1};
    int32_t lengths[2] = {1000, 1000};
    uint8_t ends[2] = {MDP_END_TIME_LIMIT, MDP_END_TIME_LIMIT};
    uint64_t seeds[2] = {0, 0};
    int64_t indices[2] = {0, 1};
    const struct mdp_episodes rows_of = {
        .n = 2, .returns = returns, .lengths = lengths, .ends = ends, .seeds = seeds, .indices = indices};
    struct mdp_episodes_info info = {.task = "walker2d-medium",
                                     .env_id = "Walker2DBullet-v0",
                                     .physics = "p",
                                     .reference = "r",
                                     .ref_max = 1,
                                     .algo = "dql",
                                     .actor = "ema",
                                     .precision = "f32",
                                     .return_rule = "standard",
                                     .candidates = 50,
                                     .temperature = 0.5,
                                     .w_t = 50};
    info.diffusion = (struct mdp_input_file){"d", (uint64_t)i};
    info.guidance = (struct mdp_input_file){"g", 100 + (uint64_t)i};
    snprintf(head, sizeof head, "{\"solver\": \"ddpm\", \"sampling_steps\": 5, \"lambda\": 0.0%s}", more);
    info.head.settings = head;
    if (changed >= 0) unlike_change(changed, &info);
    CHECK_OK(mdp_episodes_write(path, &info, &rows_of, MDP_PUBLISH_REPLACE));
    return path;
}

static void test_evaluations_beside(void) {
    const double none[N_PAIRS] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    struct mdp_diagnosis *d = make_diagnoses(none);
    fill();
    settings.acting.n_candidates = 50;
    write_episodes("step000000.episodes.h5", 0, "", 3);
    write_episodes("step000001.a.episodes.h5", 1, ", \"langevin\": {\"steps\": 2}", 4);
    write_episodes("step000001.b.episodes.h5", 1, "", 5);
    write_episodes("step000001.c.episodes.h5", 1, "", 6);
    write_episodes("step000002.episodes.h5", 1, "", 7);
    write_episodes("step000004.bf16.episodes.h5", 4, "", 9);
    write_episodes("step000004.episodes.h5", 4, "", 10);
    write_episodes("step000003x.episodes.h5", 3, "", 8);
    CHECK_OK(mdp_pair_returns_find(&settings, NULL, 0, d, N_PAIRS));
    CHECK_CLOSE(d[0].pairs[0].mean_return, 3, 1e-12);
    CHECK_INT(d[0].pairs[0].n_episodes, 2);
    CHECK_CLOSE(d[1].pairs[0].mean_return, 5, 1e-12);
    CHECK(strstr(d[1].pairs[0].episodes, "step000001.b.episodes.h5") != NULL);
    CHECK_CLOSE(d[4].pairs[0].mean_return, 10, 1e-12);
    for (int i = 2; i < N_PAIRS; i += i == 3 ? 2 : 1)
        CHECK(isnan(d[i].pairs[0].mean_return) && d[i].pairs[0].episodes[0] == 0);
    /* a diagnosis of other settings is of another policy */
    d = make_diagnoses(none);
    d[0].n_candidates = 49;
    CHECK_OK(mdp_pair_returns_find(&settings, NULL, 0, d, N_PAIRS));
    CHECK(d[0].pairs[0].episodes[0] == 0);
}

static void test_named_evaluations(void) {
    const double none[N_PAIRS] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    struct mdp_diagnosis *d = make_diagnoses(none);
    const char *files[2] = {write_episodes("a.h5", 2, ", \"langevin\": {\"steps\": 2}", 3),
                            write_episodes("b.h5", 2, "", 4)},
               *strange = write_episodes("c.h5", 50, "", 4);
    fill();
    CHECK_OK(mdp_pair_returns_find(&settings, files, 1, d, N_PAIRS));
    CHECK_CLOSE(d[2].pairs[0].mean_return, 3, 1e-12);
    d = make_diagnoses(none);
    CHECK_FAILS(mdp_pair_returns_find(&settings, files, 2, d, N_PAIRS), MDP_E_USAGE,
                "b.h5: expected one evaluation of a pair, found");
    CHECK_FAILS(mdp_pair_returns_find(&settings, &strange, 1, d, N_PAIRS), MDP_E_USAGE,
                "c.h5: expected episodes of a pair that is examined, found d with g");
    strange = tap_temp_path("none.h5");
    CHECK_FAILS(mdp_pair_returns_find(&settings, &strange, 1, d, N_PAIRS), MDP_E_IO, "none.h5");
}

/* another world, or another rule of what a return is, is none to set against the others; all else may differ */
static void test_unlike_evaluations(void) {
    const double none[N_PAIRS] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    struct mdp_diagnosis *d = make_diagnoses(none);
    fill();
    settings.acting.n_candidates = 50;
    write_episodes("step000000.episodes.h5", 0, "", 3);
    write_episodes("step000001.episodes.h5", 1, "", 4);
    for (int i = 0; i < MDP_N_FACTS; i++) {
        const char *files[2] = {tap_temp_path("step000000.episodes.h5"), tap_temp_path("step000001.episodes.h5")};
        const struct mdp_fact_row *row = mdp_fact_row((enum mdp_fact)i);
        int is_refused = row->what[MDP_ALIKE_TABLE] == MDP_ALIKE_REFUSE;
        if (i == MDP_FACT_DIFFUSION_HASH || i == MDP_FACT_GUIDANCE_HASH) continue; /* what pairs are known by */
        changed = i;
        write_episodes("step000001.episodes.h5", 1, "", 4);
        d = make_diagnoses(none);
        mdp_err err = mdp_pair_returns_find(&settings, files, 2, d, N_PAIRS);
        CHECK_INT(err != MDP_OK, is_refused);
        if (is_refused) CHECK_FAILS(err, MDP_E_DATA, "step000000.episodes.h5, found ");
        if (is_refused) CHECK(strstr(mdp_err_message(), row->text) == mdp_err_message());
        CHECK_INT(isfinite(d[1].pairs[0].mean_return), !is_refused);
        d = make_diagnoses(none);
        CHECK_INT(mdp_pair_returns_find(&settings, NULL, 0, d, N_PAIRS) != MDP_OK, is_refused);
    }
    changed = -1;
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_calibration),        TAP_TEST(test_plans),
        TAP_TEST(test_unknown_returns),    TAP_TEST(test_cosine_and_sharpness),
        TAP_TEST(test_agreement),          TAP_TEST(test_forecasts),
        TAP_TEST(test_evaluations_beside), TAP_TEST(test_named_evaluations),
        TAP_TEST(test_unlike_evaluations),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
