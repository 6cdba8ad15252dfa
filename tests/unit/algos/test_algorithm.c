/* the table of algorithms against SPEC 5.4, and the sizes of what it makes against SPEC 1 */
#include <string.h>

#include "algos/algorithm.h"
#include "algos/temperature.h"
#include "tests/tap.h"

static void test_rows(void) {
    static const struct {
        const char *name;
        int n_times, n_steps, n_candidates, ema_every;
        long ema_start, n_denoiser, n_values;
        double ema_keep, eta;
        const char *solver, *guidance;
    } rows[] = {
        {"dql", 5, 5, 50, 5, 1000, 172230, 279042, 0.995, 1, "ddpm", "double-q"},
        {"edp", 50, 15, 50, 5, 1000, 172230, 279042, 0.995, 1, "ode_dpmsolver++_2M", "double-q"},
        {"idql", 5, 5, 256, 1, 0, 1618886, 146434, 0.9999, 0, "ddpm", "iql"},
    };
    for (int i = 0; i < 3; i++) {
        const struct mdp_algorithm *algorithm;
        struct mdp_diffusion_config d;
        struct mdp_guidance_config g;
        struct mdp_learner_config l;
        struct mdp_policy_config p;
        struct mdp_diffusion *diffusion;
        struct mdp_guidance *guidance;
        CHECK_OK(mdp_algorithm_find(rows[i].name, &algorithm));
        CHECK(mdp_algorithm_at(i) == algorithm);
        mdp_algorithm_diffusion(algorithm, 17, 6, &d);
        mdp_algorithm_guidance(algorithm, 17, 6, &g);
        mdp_algorithm_learner(algorithm, &l);
        mdp_algorithm_policy(algorithm, &p);
        CHECK(d.n_times == rows[i].n_times && d.n_steps == rows[i].n_steps && d.ema_every == rows[i].ema_every);
        CHECK(d.ema_start == rows[i].ema_start && d.ema_keep == rows[i].ema_keep && d.decay == 0.01);
        CHECK(d.n_emb == 64 && d.n_hidden == 256 && d.n_blocks == 3 && d.dropout == 0.1 && !d.skip_null_step);
        CHECK_STR(d.solver->name, rows[i].solver);
        CHECK_STR(g.kind->name, rows[i].guidance);
        CHECK(g.n_hidden == 256 && g.target_keep == 0.005 && g.expectile == 0.7);
        CHECK(l.mode == MDP_MODE_JOINT && l.batch == 256 && l.discount == 0.99 && l.eta == rows[i].eta);
        CHECK(l.lr == 3e-4 && l.lr_steps == 2000000);
        CHECK(p.n_candidates == rows[i].n_candidates && p.start_temperature == 0.5 && p.use_ema);
        CHECK_OK(mdp_diffusion_new(&d, 0, &diffusion));
        CHECK_OK(mdp_guidance_new(&g, 0, &guidance));
        CHECK_INT(diffusion->net.layout.n_floats, rows[i].n_denoiser);
        CHECK_INT(guidance->nets[0].net.layout.n_floats, rows[i].n_values);
        mdp_diffusion_free(diffusion);
        mdp_guidance_free(guidance);
    }
    CHECK(mdp_algorithm_at(6) == NULL && mdp_algorithm_at(-1) == NULL);
}

/* sizes as SPEC-trajectory has them for D4RL's HalfCheetah and Walker2D, and for HalfCheetah on Bullet, whose windows
 * are as wide as the first level */
static void test_planners(void) {
    static const struct {
        const char *name;
        int n_obs, horizon, n_candidates;
        long n_denoiser, n_values;
    } rows[] = {{"diffuser", 17, 4, 64, 3685943, 1411105},
                {"diffuser", 17, 32, 64, 3958327, 1489953},
                {"diffuser", 26, 4, 64, 3686912, 1411201},
                {"dd", 17, 32, 1, 0, 0}};
    for (int i = 0; i < 4; i++) {
        const struct mdp_algorithm *algorithm;
        struct mdp_diffusion_config d;
        struct mdp_guidance_config g;
        struct mdp_learner_config l;
        struct mdp_policy_config p;
        struct mdp_diffusion *diffusion;
        struct mdp_guidance *guidance;
        CHECK_OK(mdp_algorithm_find(rows[i].name, &algorithm));
        mdp_algorithm_diffusion(algorithm, rows[i].n_obs, 6, &d);
        mdp_algorithm_guidance(algorithm, rows[i].n_obs, 6, &g);
        mdp_algorithm_learner(algorithm, &l);
        mdp_algorithm_policy(algorithm, &p);
        CHECK(d.windows.horizon == 32 && d.n_times == 20 && d.n_steps == 20 && d.decay == 1e-5 && d.emphasis == 10);
        CHECK(l.batch == 64 && l.discount == 0.997 && l.lr == 2e-4 && l.lr_steps == 1000000 && l.eta == 0);
        CHECK_INT(p.n_candidates, rows[i].n_candidates);
        mdp_window_make_usual(rows[i].horizon, &d.windows);
        mdp_window_make_usual(rows[i].horizon, &g.windows);
        CHECK_OK(mdp_diffusion_new(&d, 0, &diffusion));
        CHECK_OK(mdp_guidance_new(&g, 0, &guidance));
        if (rows[i].n_denoiser > 0) {
            CHECK_INT(mdp_diffusion_parameters(diffusion), rows[i].n_denoiser);
            CHECK_INT(mdp_guidance_parameters(guidance), rows[i].n_values);
            CHECK(g.penalty == 1e-4 && g.ema_keep == 0.995);
        } else {
            /* without the condition's two layers and the network of actions */
            CHECK_INT(mdp_diffusion_parameters(diffusion) - (2 * 128 + 128 * 129) -
                          (34 * 512 + 512 + 512 * 512 + 512 + 512 * 6 + 6),
                      4077409);
            CHECK(d.dropout == 0.25 && d.n_heads == 10 && d.n_blocks == 2);
        }
        mdp_diffusion_free(diffusion);
        mdp_guidance_free(guidance);
    }
}

static void test_names_of_planners(void) {
    const struct mdp_algorithm *algorithm;
    struct mdp_diffusion_config d;
    struct mdp_guidance_config g;
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
    static struct mdp_module_group groups[MDP_MODULE_GROUPS_MAX];
    CHECK_OK(mdp_algorithm_find("diffuser", &algorithm));
    mdp_algorithm_diffusion(algorithm, 17, 6, &d);
    mdp_algorithm_guidance(algorithm, 17, 6, &g);
    CHECK_OK(mdp_diffusion_new(&d, 0, &diffusion));
    CHECK_OK(mdp_guidance_new(&g, 0, &guidance));
    CHECK_INT(mdp_diffusion_groups(diffusion, groups), 4);
    CHECK_STR(groups[1].name, "model_ema");
    CHECK_STR(groups[0].tensors[4].name, "downs.0.0.conv1.0.weight");
    CHECK(groups[0].tensors[4].rank == 3 && groups[0].tensors[4].rows == 32 && groups[0].tensors[4].cols == 23 &&
          groups[0].tensors[4].taps == 5);
    CHECK_STR(groups[0].tensors[groups[0].n - 1].name, "final_conv.3.bias");
    CHECK_INT(mdp_guidance_groups(guidance, groups), 4);
    CHECK_STR(groups[0].name, "model");
    CHECK_STR(groups[0].tensors[groups[0].n - 1].name, "final_block.2.bias");
    mdp_diffusion_free(diffusion);
    mdp_guidance_free(guidance);
    CHECK_OK(mdp_algorithm_find("dd", &algorithm));
    mdp_algorithm_diffusion(algorithm, 17, 6, &d);
    CHECK_OK(mdp_diffusion_new(&d, 0, &diffusion));
    CHECK_INT(mdp_diffusion_groups(diffusion, groups), 7);
    CHECK_STR(groups[0].tensors[0].name, "diffusion.map_noise.freqs");
    CHECK_STR(groups[0].tensors[groups[0].n - 1].name, "condition.mlp.mlp.1.bias");
    CHECK_STR(groups[4].name, "inverse");
    CHECK_STR(groups[4].tensors[0].name, "mlp.0.0.weight");
    CHECK_STR(groups[6].name, "adam_v_1");
    mdp_diffusion_free(diffusion);
}

/* Source: SPEC-energy sections 1 to 4 */
static void test_qgpo(void) {
    const struct mdp_algorithm *algorithm;
    struct mdp_diffusion_config d;
    struct mdp_guidance_config g;
    struct mdp_learner_config l;
    struct mdp_policy_config p;
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
    double weight;
    CHECK_OK(mdp_algorithm_find("qgpo", &algorithm));
    mdp_algorithm_diffusion(algorithm, 17, 6, &d);
    mdp_algorithm_guidance(algorithm, 17, 6, &g);
    mdp_algorithm_learner(algorithm, &l);
    mdp_algorithm_policy(algorithm, &p);
    CHECK(d.decay == 1e-5 && d.dropout == 0.25 && d.n_steps == 5 && d.ema_keep == 0.9999 && d.ema_every == 1);
    CHECK(g.target_keep == 0.995 && g.n_support == 16 && g.beta == 10 && g.beta_value == 1 && g.ema_keep == 0.9999);
    CHECK(l.lr == 2e-4 && l.lr_steps == 0 && l.eta == 0 && l.action == MDP_ACTION_NONE);
    CHECK_CLOSE(l.lr * l.value_lr_share, 3e-4, 1e-18);
    CHECK_CLOSE(l.lr * l.energy_lr_share, 1e-3, 1e-18);
    CHECK(p.n_candidates == 1 && p.start_temperature == 1 && p.guide.guide == MDP_GUIDE_ENERGY);
    CHECK_OK(mdp_diffusion_new(&d, 0, &diffusion));
    CHECK_OK(mdp_guidance_new(&g, 0, &guidance));
    CHECK_INT(diffusion->net.unet.out.bias + 6 - diffusion->net.layout.params[0].offset, 1498406);
    CHECK_INT(guidance->nets[1].net.layout.n_floats, 182881);
    mdp_diffusion_free(diffusion);
    mdp_guidance_free(guidance);
    CHECK_OK(mdp_guide_weight("qgpo", "bullet-hopper-expert", &weight));
    CHECK(weight == 0.7);
    CHECK_FAILS(mdp_guide_weight("dql", "hopper-medium", &weight), MDP_E_USAGE, "expected an algorithm that has one");
    CHECK_FAILS(mdp_guide_weight("qgpo", "ant-medium", &weight), MDP_E_USAGE, "weight of the guide: task");
}

static void test_names_of_idql(void) {
    const struct mdp_algorithm *algorithm;
    struct mdp_diffusion_config d;
    struct mdp_guidance_config g;
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
    struct mdp_module_group groups[MDP_MODULE_GROUPS_MAX];
    CHECK_OK(mdp_algorithm_find("idql", &algorithm));
    mdp_algorithm_diffusion(algorithm, 17, 6, &d);
    mdp_algorithm_guidance(algorithm, 17, 6, &g);
    CHECK_OK(mdp_diffusion_new(&d, 0, &diffusion));
    CHECK_OK(mdp_guidance_new(&g, 0, &guidance));
    CHECK_INT(guidance->nets[1].net.layout.n_floats, 71681);
    CHECK_INT(mdp_diffusion_groups(diffusion, groups), 4);
    CHECK_INT(groups[0].n, 26);
    CHECK_STR(groups[0].tensors[4].name, "affine_in.weight");
    CHECK_STR(groups[0].tensors[6].name, "ln_resnet.0.net.1.weight");
    CHECK_STR(groups[0].tensors[23].name, "ln_resnet.2.net.4.bias");
    CHECK_STR(groups[0].tensors[25].name, "affine_out.bias");
    CHECK_INT(mdp_guidance_groups(guidance, groups), 3);
    CHECK_STR(groups[0].name, "iql_q");
    CHECK_STR(groups[1].name, "iql_q_target");
    CHECK_STR(groups[2].name, "iql_v");
    CHECK_STR(groups[0].tensors[10].name, "Q2.0.weight");
    CHECK_STR(groups[2].tensors[9].name, "V.6.bias");
    CHECK_OK(mdp_guidance_trainer_new(guidance, 64, NULL));
    CHECK_INT(mdp_guidance_groups(guidance, groups), 7);
    CHECK_STR(groups[6].name, "adam_v_1");
    mdp_diffusion_free(diffusion);
    mdp_guidance_free(guidance);
}

static void test_unknown_names(void) {
    const struct mdp_algorithm *algorithm;
    const struct mdp_guidance_kind *kind;
    enum mdp_mode mode;
    enum mdp_denoiser_kind denoiser;
    CHECK_FAILS(mdp_algorithm_find("ppo", &algorithm), MDP_E_USAGE,
                "expected one of dql, edp, idql, diffuser, dd, qgpo, found 'ppo'");
    CHECK_FAILS(mdp_guidance_kind_find("x", &kind), MDP_E_USAGE,
                "expected one of double-q, iql, energy, noise, none, return");
    CHECK_FAILS(mdp_mode_find("x", &mode), MDP_E_USAGE,
                "expected one of joint, frozen, continued, noise, none, guidance, found 'x'");
    CHECK_FAILS(mdp_denoiser_kind_find("cnn", &denoiser), MDP_E_USAGE,
                "expected one of mlp, resnet, unet, window-unet, window-transformer, found 'cnn'");
    CHECK_OK(mdp_mode_find("continued", &mode));
    CHECK(mode == MDP_MODE_CONTINUED && mdp_mode_describe(mode)->loads_guidance);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_rows), TAP_TEST(test_planners),      TAP_TEST(test_names_of_planners),
        TAP_TEST(test_qgpo), TAP_TEST(test_names_of_idql), TAP_TEST(test_unknown_names)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
