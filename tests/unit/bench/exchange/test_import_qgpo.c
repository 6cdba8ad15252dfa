/* bench/exchange/import of QGPO: sizes by shapes, parameters to the bit, action values from a file of their own. */
#include "tests/unit/bench/exchange/policy_files.h"

static void make_qgpo(int n_emb) {
    struct mdp_foreign foreign = {.has_diffusion = 0};
    CHECK_OK(mdp_foreign_algorithm("qgpo", &foreign));
    struct mdp_diffusion_config d = foreign.diffusion_config;
    struct mdp_guidance_config g = foreign.guidance_config;
    d.n_obs = g.n_obs = N_OBS;
    d.n_act = g.n_act = N_ACT;
    d.n_emb = g.n_emb = n_emb;
    g.n_hidden = N_CRITIC;
    for (int i = 0; i < 3; i++) {
        d.widths[i] = 9 - i;
        g.widths[i] = 5 + i;
    }
    d.n_hidden = d.widths[0];
    CHECK_OK(mdp_diffusion_new(&d, 1, &diffusion));
    CHECK_OK(mdp_guidance_new(&g, 2, &guidance));
    for (long i = 0; i < diffusion->net.layout.n_floats; i++) diffusion->ema[i] += 0.25f;
    for (long i = 0; i < guidance->nets[1].net.layout.n_floats; i++) guidance->nets[1].target[i] -= 0.5f;
}

/* action values without a dictionary, or an energy and its average in those of a denoiser */
static const char *write_part(const char *file_name, int is_values) {
    static const char *const names[] = {"model", "model_ema"};
    static struct mdp_module_group groups[MDP_MODULE_GROUPS_MAX];
    struct made pickle = dict_begin();
    struct made_zip zip = {.n = 0};
    CHECK_INT(mdp_guidance_groups(guidance, groups), 4);
    for (int i = 0; is_values && i < groups[0].n; i++)
        add_tensor(&pickle, &zip, &groups[0].tensors[i], groups[0].tensors[i].name, NULL);
    for (int k = 0; !is_values && k < 2; k++) {
        op_text(&pickle, names[k]);
        put_text(&pickle, "}(");
        for (int i = 0; i < groups[2 + k].n; i++)
            add_tensor(&pickle, &zip, &groups[2 + k].tensors[i], groups[2 + k].tensors[i].name, NULL);
        put_text(&pickle, "u");
    }
    dict_end(&pickle);
    zip_add(&zip, "x/data.pkl", pickle.data, pickle.n);
    struct made made = zip_end(&zip, 0);
    return save(&made, file_name);
}

/* sizes by shapes, parameters to the bit, the target of values where they stood, and what is refused */
static void test_qgpo(void) {
    struct mdp_diffusion *d;
    struct mdp_guidance *g;
    struct mdp_checkpoint_info info;
    make_qgpo(N_EMB);
    const char *values = write_part("q_ckpt_7.pt", 1), *energy = write_part("clf_ckpt_9.pt", 0);
    struct mdp_import import = {"halfcheetah-medium", "qgpo", NULL, "none", tap_temp_path("out"), -1, -1, 1, 0, NULL};
    CHECK_OK(import_with(&import, write_pt("diffusion_ckpt_8.pt", 1, 0, NULL)));
    CHECK_OK(mdp_diffusion_read(tap_temp_path("out/step000008.diffusion.h5"), &d, &info));
    CHECK(d->config.n_obs == N_OBS && d->config.n_emb == N_EMB && d->config.widths[1] == 8 &&
          d->config.dropout == 0.25);
    size_t size = (size_t)d->net.layout.n_floats * sizeof(float);
    CHECK(memcmp(d->params, diffusion->params, size) == 0 && memcmp(d->ema, diffusion->ema, size) == 0);
    mdp_checkpoint_info_free(&info);
    CHECK_FAILS(import_with(&import, energy), MDP_E_USAGE, "option --values: expected the file of the action values");
    import.values = energy;
    CHECK_FAILS(import_with(&import, energy), MDP_E_DATA, "expected action values");
    import.values = values;
    CHECK_OK(import_with(&import, energy));
    CHECK_OK(mdp_guidance_read(tap_temp_path("out/step000009.guidance.h5"), &g, &info));
    CHECK_STR(g->config.kind->name, "energy");
    CHECK(g->config.widths[2] == 7 && g->config.n_hidden == N_CRITIC && g->config.target_keep == 0.995);
    for (int i = 0; i < 2; i++) {
        const struct mdp_guidance_net *want = &guidance->nets[i], *got = &g->nets[i];
        size = (size_t)want->net.layout.n_floats * sizeof(float);
        CHECK(memcmp(got->params, want->params, size) == 0);
        CHECK(memcmp(got->target, i == 0 ? want->params : want->target, size) == 0);
    }
    mdp_checkpoint_info_free(&info);
    mdp_diffusion_free(d);
    mdp_guidance_free(g);
}

/* values of other sizes, values that nobody asks for, and energies that are none */
static void test_refusals(void) {
    make_qgpo(N_EMB);
    const char *energy = write_part("clf_ckpt_9.pt", 0), *behavior = write_pt("diffusion_ckpt_8.pt", 1, 0, NULL);
    char values[MDP_PATH_MAX];
    struct mdp_import import = {"halfcheetah-medium", "qgpo", NULL, "none", tap_temp_path("out"), -1, -1, 1, 0, values};
    snprintf(values, sizeof values, "%s", write_part("q_ckpt_7.pt", 1));
    CHECK_FAILS(import_with(&import, behavior), MDP_E_USAGE,
                "option --values: expected a file of an energy (clf_ckpt_N.pt) for it, found none");
    import.algo = "dql";
    CHECK_FAILS(import_with(&import, energy), MDP_E_DATA, "energy");
    import.algo = "qgpo";
    import.values = tap_temp_path("lost.pt");
    CHECK_FAILS(import_with(&import, energy), MDP_E_IO, "lost.pt");
    import.values = behavior;
    CHECK_FAILS(import_with(&import, energy), MDP_E_DATA, "diffusion_ckpt_8.pt: expected action values");
    CHECK(!mdp_fsx_exists(tap_temp_path("out")));
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_qgpo), TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
