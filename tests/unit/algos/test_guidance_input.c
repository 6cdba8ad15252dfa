/* guidance on another scale of observations: the same values where the state is the same */
#include <math.h>

#include "algos/algorithm.h"
#include "algos/guidance/energy_net.h"
#include "algos/guidance/input.h"
#include "base/rng.h"
#include "tests/tap.h"

enum { N_OBS = 5, N_ACT = 2, ROWS = 16 };

/* values of all heads of the first network, and of its target */
static void values_of(const struct mdp_guidance *g, int i_net, const float *params, const float *obs, const float *act,
                      float out[MDP_Q_HEADS_MAX][ROWS]) {
    struct mdp_q_cache cache;
    const float *values[MDP_Q_HEADS_MAX];
    const struct mdp_q_net *net = &g->nets[i_net].net;
    CHECK_OK(mdp_q_cache_alloc(&cache, net, ROWS, NULL));
    double times[ROWS];
    for (int i = 0; i < ROWS; i++) times[i] = (i + 1.0) / (ROWS + 1);
    const struct mdp_energy_rows rows = {ROWS, 1, obs, act, times};
    if (net->kind == MDP_Q_ENERGY)
        values[0] = mdp_energy_forward(net, params, &rows, &cache);
    else
        mdp_q_forward(net, params, ROWS, obs, act, &cache, values);
    for (int h = 0; h < net->n_heads; h++)
        for (int i = 0; i < ROWS; i++) out[h][i] = values[h][i];
    mdp_q_cache_free(&cache);
}

static void check_kind(const struct mdp_guidance_kind *kind) {
    static const double scale[N_OBS] = {0.5, 2, 1, 1.25, 3}, shift[N_OBS] = {1, -0.5, 0, 0.25, -2};
    struct mdp_guidance_config config;
    struct mdp_guidance *plain, *moved;
    struct mdp_rng rng = mdp_rng_stream(1, MDP_RNG_EXPLORE, 0, 0);
    float x[ROWS * N_OBS], own[ROWS * N_OBS], act[ROWS * N_ACT];
    float want[MDP_Q_HEADS_MAX][ROWS], found[MDP_Q_HEADS_MAX][ROWS];
    mdp_guidance_defaults(&config, N_OBS, N_ACT);
    config.kind = kind;
    CHECK_OK(mdp_guidance_new(&config, 3, &plain));
    CHECK_OK(mdp_guidance_new(&config, 3, &moved));
    mdp_rng_normal(&rng, x, ROWS * N_OBS);
    mdp_rng_normal(&rng, act, ROWS * N_ACT);
    for (int i = 0; i < ROWS * N_OBS; i++) own[i] = (float)(x[i] * scale[i % N_OBS] + shift[i % N_OBS]);
    CHECK_OK(mdp_guidance_rescale(moved, scale, shift));
    for (int k = 0; k < plain->n_nets; k++)
        for (int target = 0; target < (plain->nets[k].target != NULL ? 2 : 1); target++) {
            values_of(plain, k, target ? plain->nets[k].target : plain->nets[k].params, own, act, want);
            values_of(moved, k, target ? moved->nets[k].target : moved->nets[k].params, x, act, found);
            for (int h = 0; h < plain->nets[k].net.n_heads; h++)
                for (int i = 0; i < ROWS; i++) CHECK_CLOSE((double)found[h][i], (double)want[h][i], 1e-5);
        }
    mdp_guidance_free(plain);
    mdp_guidance_free(moved);
}

static void test_double_q(void) { check_kind(&mdp_guidance_double_q); }
static void test_iql(void) { check_kind(&mdp_guidance_iql); }
static void test_energy(void) { check_kind(&mdp_guidance_energy); }

/* behind an episode's end a window has zeros, which are other states on another scale */
static void test_windows(void) {
    static const double scale[N_OBS] = {1, 1, 1, 1, 1}, shift[N_OBS] = {0};
    struct mdp_guidance_config config;
    struct mdp_guidance *returns;
    const struct mdp_algorithm *algorithm;
    CHECK_OK(mdp_algorithm_find("diffuser", &algorithm));
    mdp_algorithm_guidance(algorithm, N_OBS, N_ACT, &config);
    CHECK_OK(mdp_guidance_new(&config, 3, &returns));
    CHECK_FAILS(mdp_guidance_rescale(returns, scale, shift), MDP_E_DATA, "expected guidance of single actions");
    mdp_guidance_free(returns);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_double_q), TAP_TEST(test_iql), TAP_TEST(test_energy),
                                            TAP_TEST(test_windows)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
