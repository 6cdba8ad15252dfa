/* tables of episodes that are not what the experiment asks for, or not alike: refused, with fact, files and values. */
#include "tests/unit/bench/report/made.h"

static const char small[] = "name: x\n"
                            "tasks: [halfcheetah-medium, walker2d-medium]\n"
                            "seeds: [0, 1, 2]\n"
                            "steps: 800\n"
                            "checkpoint-every: 400\n"
                            "episodes: 4\n"
                            "runs:\n"
                            "  - {name: joint, algo: edp}\n"
                            "  - {name: gfdt, algo: edp, guidance: frozen, from: joint, seed-offset: 100}\n"
                            "arms:\n"
                            "  - {name: base, run: joint}\n"
                            "  - {name: gfdt, run: gfdt}\n"
                            "tables:\n"
                            "  - {name: gains, kind: gains, test: [gfdt], base: [base]}\n";

static void open_small(void) {
    open_experiment(small);
    synthetic_write_all(&experiments.list[0], synthetic_usual);
}

static void refuse_table(mdp_err code, const char *part) {
    struct mdp_report report = {.arms = &arms, .spec = &experiments.list[0].file.tables[0]};
    struct mdp_report_tables tables;
    mdp_choices_defaults(MDP_REPORT_PAPER, &report.choices);
    CHECK_FAILS(mdp_report_make(&report, &tables), code, part);
}

static void rewrite(const char *path, void (*change)(struct mdp_episodes_info *)) {
    struct mdp_episodes_info info;
    struct mdp_episodes rows;
    CHECK_OK(mdp_episodes_read(path, &info, &rows));
    change(&info);
    CHECK_OK(mdp_episodes_write(path, &info, &rows, MDP_PUBLISH_REPLACE));
    mdp_episodes_free(&rows);
    mdp_episodes_info_free(&info);
}

static void other_env(struct mdp_episodes_info *info) { strcpy(info->env_id, "Walker2DBullet-v0"); }
static void other_hash(struct mdp_episodes_info *info) { info->env_hash = 5; }
static void other_physics(struct mdp_episodes_info *info) { strcpy(info->physics, "another engine"); }
static void other_reference(struct mdp_episodes_info *info) { strcpy(info->reference, "mine"); }
static void other_minimum(struct mdp_episodes_info *info) { info->ref_min = -1; }
static void other_rule(struct mdp_episodes_info *info) { strcpy(info->return_rule, "first"); }
static void other_task(struct mdp_episodes_info *info) { strcpy(info->task, "halfcheetah-expert"); }
static void other_algo(struct mdp_episodes_info *info) { strcpy(info->algo, "dql"); }
static void other_step(struct mdp_episodes_info *info) { info->step = 1; }
static void other_actor(struct mdp_episodes_info *info) { strcpy(info->actor, "online"); }
static void other_precision(struct mdp_episodes_info *info) { strcpy(info->precision, "bf16"); }
static void other_seed(struct mdp_episodes_info *info) { info->seed = 7; }
static void other_candidates(struct mdp_episodes_info *info) { info->candidates = 9; }
static void other_temperature(struct mdp_episodes_info *info) { info->temperature = 1; }
static void other_weight(struct mdp_episodes_info *info) { info->w_t = 3; }
static void other_solver(struct mdp_episodes_info *info) { info->head.settings = "{\"solver\": \"ddim\"}"; }

/* of each fact: what the experiment asks for, or the files before it have */
static void test_unlike(void) {
    static const char path[] = "runs/halfcheetah-medium/edp/joint/seed2/step000800.episodes.h5";
    static const char of_arm[] = "runs/halfcheetah-medium/edp/joint/seed0/step000400.episodes.h5";
    static const char first[] = "runs/halfcheetah-medium/edp/frozen/seed0/step000400.episodes.h5";
    static const struct {
        void (*change)(struct mdp_episodes_info *);
        const char *as_in, *start, *found;
    } changes[] = {{other_env, "x.yaml", "environment: expected 'HalfCheetahBullet-v0' as", "'Walker2DBullet-v0'"},
                   {other_hash, first, "hash of the environment's tables: expected ", "0000000000000005"},
                   {other_physics, first, "physics: expected 'bullet-float64 3.24' as", "'another engine'"},
                   {other_reference, first, "reference scores: expected 'bullet-halfcheetah' as", "'mine'"},
                   {other_minimum, first, "reference score of 0: expected -1275.766996 as", "-1"},
                   {other_rule, "x.yaml", "return rule: expected 'standard' as", "'first'"},
                   {other_task, "x.yaml", "task: expected 'halfcheetah-medium' as", "'halfcheetah-expert'"},
                   {other_algo, "x.yaml", "algorithm: expected 'edp' as", "'dql'"},
                   {other_step, "x.yaml", "step: expected 800 as", "1"},
                   {other_actor, "x.yaml", "actor: expected 'ema' as", "'online'"},
                   {other_precision, "x.yaml", "precision: expected 'f32' as", "'bf16'"},
                   {other_seed, "x.yaml", "seed: expected 0 as", "7"},
                   {other_candidates, "x.yaml", "candidates: expected 50 as", "9"},
                   {other_temperature, "x.yaml", "temperature: expected 0.5 as", "1"},
                   {other_weight, "x.yaml", "w_t: expected 50 as", "3"},
                   {other_solver, of_arm, "solver: expected none as", "ddim"}};
    char end[2 * MDP_PATH_MAX];
    for (unsigned i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        open_small();
        rewrite(path, changes[i].change);
        refuse_table(MDP_E_DATA, changes[i].start);
        snprintf(end, sizeof end, "%s, found %s in %s", changes[i].as_in, changes[i].found, path);
        if (strstr(mdp_err_message(), end) == NULL) CHECK_STR(mdp_err_message(), end);
        close_experiment();
    }
}

/* tasks of one environment share all facts of it, tasks of two environments only the physics */
static void test_unlike_tasks(void) {
    static const char path[] = "runs/walker2d-medium/edp/joint/seed0/step000400.episodes.h5";
    open_small();
    rewrite(path, other_physics);
    refuse_table(MDP_E_DATA, "physics: expected 'bullet-float64 3.24' as in runs/halfcheetah-medium/");
    close_experiment();
}

static void test_fewer_episodes(void) {
    open_small();
    experiments.list[0].file.eval.n_episodes = 3;
    synthetic_write(&experiments.list[0], &(struct mdp_arm_instance){0, 0, 0, 0, 800, 0, 0, 0}, synthetic_usual);
    experiments.list[0].file.eval.n_episodes = 4;
    refuse_table(MDP_E_DATA, "episodes: expected 4 as in ");
    CHECK(strstr(mdp_err_message(), "x.yaml, found 3 in runs/halfcheetah-medium/edp/joint/seed0/step000800") != NULL);
    close_experiment();
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_unlike), TAP_TEST(test_unlike_tasks),
                                            TAP_TEST(test_fewer_episodes)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
