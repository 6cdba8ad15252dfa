/* every algorithm in every guidance mode, with every kind of guidance that the mode takes, and every solver: what any
 * of them has to keep */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algos/algorithm.h"
#include "algos/guidance/window_guidance.h"
#include "algos/precision.h"
#include "base/rng.h"
#include "bench/run/modules.h"
#include "tests/tap.h"

/* two panels, the second one short; small networks; averaged copies start to move within the ten steps */
enum {
    N_OBS = 5,
    N_ACT = 2,
    N_ROWS = 140,
    N_WINDOWS = 40, /* of planners, in two panels, too */
    HORIZON = 4,
    PLAN_WIDTH = 8,
    N_STEPS = 10,
    WIDTH = 16,
    FIRST_STEP = 995,
    N_STATES = 5,
    N_SUPPORT = 3,
    GUIDE_WEIGHT = 100, /* an untrained energy is almost flat, and a step that is clipped hides a little */
    N_CASES_MAX = 160
};

/* one composition; kind NULL: no guidance */
struct composition {
    const struct mdp_algorithm *algorithm;
    enum mdp_mode mode;
    const struct mdp_guidance_kind *kind;
    int is_noise_gradient;
    const struct mdp_solver *solver; /* NULL: the algorithm's own */
    const char *precision;           /* NULL: float32 */
};

/* a run of a composition, and its modules */
struct run {
    struct mdp_diffusion *diffusion; /* NULL if guidance is trained alone */
    struct mdp_guidance *guidance;
    struct mdp_learner *learner;
    struct mdp_learner_log log;
};

/* ---- the list ---- */

/* a planner has its own guidance or none at all */
static int list_plan_modes(const struct mdp_algorithm *algorithm, struct composition *out) {
    int n = 0;
    for (int m = 0; m < MDP_N_MODES; m++) {
        const struct mdp_guidance_kind *kind = m == MDP_MODE_NONE ? NULL : algorithm->guidance;
        if (m != MDP_MODE_NOISE && (kind == NULL || kind->sees_windows))
            out[n++] = (struct composition){algorithm, (enum mdp_mode)m, kind, 0, NULL, NULL};
    }
    return n;
}

static int list_modes(const struct mdp_algorithm *algorithm, struct composition *out) {
    static const struct mdp_guidance_kind *const trained[] = {&mdp_guidance_double_q, &mdp_guidance_iql,
                                                              &mdp_guidance_energy};
    int n = 0;
    if (algorithm->planning != NULL) return list_plan_modes(algorithm, out);
    for (int m = 0; m < MDP_N_MODES; m++) {
        struct composition c = {algorithm, (enum mdp_mode)m, NULL, 0, NULL, NULL};
        if (c.mode == MDP_MODE_NOISE) {
            c.kind = &mdp_guidance_noise;
            out[n++] = c;
            c.is_noise_gradient = 1;
            out[n++] = c;
            continue;
        }
        for (int k = 0; k < (c.mode == MDP_MODE_NONE ? 1 : 3); k++) {
            c.kind = c.mode == MDP_MODE_NONE ? NULL : trained[k];
            out[n++] = c;
        }
    }
    return n;
}

static int list_solvers(const struct mdp_algorithm *algorithm, struct composition *out) {
    int n = 0;
    int has_guidance = algorithm->planning == NULL || algorithm->guidance->sees_windows;
    for (; mdp_solver_at(n) != NULL; n++)
        out[n] = (struct composition){algorithm,
                                      has_guidance ? MDP_MODE_JOINT : MDP_MODE_NONE,
                                      has_guidance ? algorithm->guidance : NULL,
                                      0,
                                      mdp_solver_at(n),
                                      NULL};
    return n;
}

/* those that this machine can run; beside AMX the library multiplies by nothing else in a process */
static int list_precisions(const struct mdp_algorithm *algorithm, struct composition *out) {
    const struct mdp_kernel *kernel;
    int n = 0, has_amx = mdp_kernel_find("amx") != NULL;
    if (algorithm->planning != NULL) return 0;
    if (algorithm->denoiser == MDP_DENOISER_UNET) return 0; /* float32 alone */
    for (int i = 1; i < mdp_precision_names()->n; i++) {
        const char *name = mdp_names_at(mdp_precision_names(), i);
        if (mdp_precision_find(name, &kernel) != MDP_OK || (has_amx && strcmp(name, "bf16-avx512") == 0)) continue;
        out[n++] = (struct composition){algorithm, MDP_MODE_JOINT, algorithm->guidance, 0, NULL, name};
    }
    return n;
}

/* runs a check on every composition, whose name is the last line before a failure */
static void each_composition(void (*check)(const struct composition *c)) {
    struct composition cases[N_CASES_MAX];
    int n = 0;
    for (int i = 0; mdp_algorithm_at(i) != NULL; i++) {
        n += list_modes(mdp_algorithm_at(i), cases + n);
        n += list_solvers(mdp_algorithm_at(i), cases + n);
        n += list_precisions(mdp_algorithm_at(i), cases + n);
        CHECK(n + 32 < N_CASES_MAX);
    }
    CHECK(n > 0);
    for (int i = 0; i < n; i++) {
        const struct composition *c = &cases[i];
        fprintf(stderr, "%s, mode %s%s, guidance %s, solver %s, precision %s\n", c->algorithm->name,
                mdp_mode_describe(c->mode)->name, c->is_noise_gradient ? " (gradient)" : "",
                c->kind != NULL ? c->kind->name : "none", c->solver != NULL ? c->solver->name : c->algorithm->solver,
                c->precision != NULL ? c->precision : MDP_PRECISION_DEFAULT);
        check(c);
    }
}

/* ---- runs ---- */

/* solvers get times that all of them can do without: the second-order ones do not extrapolate from a step between equal
 * times */
static void describe_diffusion(const struct composition *c, struct mdp_diffusion_config *config) {
    mdp_algorithm_diffusion(c->algorithm, N_OBS, N_ACT, config);
    config->n_emb = 4;
    config->n_hidden = WIDTH;
    if (c->algorithm->planning != NULL) {
        mdp_window_make_usual(HORIZON, &config->windows);
        config->n_hidden = config->n_emb = PLAN_WIDTH;
        config->n_blocks = 1;
        config->n_heads = 2;
        config->n_inverse = PLAN_WIDTH;
    }
    for (int i = 0; i < MDP_UNET_LEVELS; i++) config->widths[i] = WIDTH - 2 * i;
    if (c->solver == NULL) return;
    config->solver = c->solver;
    config->n_times = 50;
    config->n_steps = 4;
}

static void make_modules(const struct composition *c, struct run *run) {
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    memset(run, 0, sizeof *run);
    describe_diffusion(c, &diffusion);
    mdp_algorithm_guidance(c->algorithm, N_OBS, N_ACT, &guidance);
    guidance.kind = c->kind;
    guidance.n_hidden = c->algorithm->planning != NULL ? PLAN_WIDTH : WIDTH;
    guidance.n_times = diffusion.n_times;
    mdp_window_make_usual(HORIZON, &guidance.windows);
    guidance.n_emb = 4;
    guidance.n_support = N_SUPPORT;
    for (int i = 0; i < 3; i++) guidance.widths[i] = WIDTH;
    if (c->mode != MDP_MODE_GUIDANCE) CHECK_OK(mdp_diffusion_new(&diffusion, 1, &run->diffusion));
    if (c->kind != NULL) CHECK_OK(mdp_guidance_new(&guidance, 2, &run->guidance));
}

static void make_learner(const struct composition *c, int n_threads, const struct mdp_kernel *kernel, struct run *run) {
    struct mdp_learner_config config;
    mdp_algorithm_learner(c->algorithm, &config);
    config.mode = c->mode;
    config.is_noise_gradient = c->is_noise_gradient;
    config.batch = c->algorithm->planning != NULL ? N_WINDOWS : N_ROWS;
    config.has_next_act = config.has_support = 1;
    config.seed = 3;
    config.n_threads = n_threads;
    config.kernel = kernel;
    if (c->precision != NULL) CHECK_OK(mdp_precision_find_training(c->precision, &config.kernel, &config.products));
    CHECK_OK(mdp_learner_new(&config, run->diffusion, run->guidance, &run->learner));
    run->learner->step = FIRST_STEP;
}

static void make_run(const struct composition *c, int n_threads, struct run *run) {
    make_modules(c, run);
    make_learner(c, n_threads, mdp_kernel_best(), run);
}

static void free_run(struct run *run) {
    mdp_learner_free(run->learner);
    mdp_diffusion_free(run->diffusion);
    mdp_guidance_free(run->guidance);
}

static void train_on_windows(struct run *run) {
    enum { N_STEP = N_OBS + N_ACT };
    static float windows[N_WINDOWS * HORIZON * N_STEP], act[N_WINDOWS * HORIZON * N_ACT], returns[N_WINDOWS];
    struct mdp_rng rng = mdp_rng_stream(9, MDP_RNG_EXPLORE, (uint32_t)run->learner->step, 0);
    mdp_rng_normal(&rng, windows, N_WINDOWS * HORIZON * N_STEP);
    mdp_rng_normal(&rng, returns, N_WINDOWS);
    for (int i = 0; i < N_WINDOWS * HORIZON * N_ACT; i++) act[i] = (float)(2 * mdp_rng_uniform(&rng) - 1);
    const struct mdp_batch batch = {.n = N_WINDOWS, .windows = windows, .window_act = act, .returns = returns};
    struct mdp_learner_draws draws = mdp_learner_draw(run->learner, batch.n);
    mdp_learner_step(run->learner, &batch, &draws, &run->log);
}

/* the batch of a step is a function of its number */
static void train(struct run *run, int n_steps) {
    static float obs[N_ROWS * N_OBS], next_obs[N_ROWS * N_OBS], act[N_ROWS * N_ACT], next_act[N_ROWS * N_ACT],
        support[N_ROWS * N_SUPPORT * N_ACT], rew[N_ROWS], tml[N_ROWS];
    for (int k = 0; k < n_steps && run->learner->windows != NULL; k++) train_on_windows(run);
    for (int k = 0; k < n_steps && run->learner->windows == NULL; k++) {
        struct mdp_rng rng = mdp_rng_stream(9, MDP_RNG_EXPLORE, (uint32_t)run->learner->step, 0);
        mdp_rng_normal(&rng, obs, N_ROWS * N_OBS);
        mdp_rng_normal(&rng, next_obs, N_ROWS * N_OBS);
        mdp_rng_normal(&rng, rew, N_ROWS);
        for (int i = 0; i < N_ROWS * N_ACT; i++) act[i] = (float)(2 * mdp_rng_uniform(&rng) - 1);
        for (int i = 0; i < N_ROWS * N_ACT; i++) next_act[i] = (float)(2 * mdp_rng_uniform(&rng) - 1);
        for (int i = 0; i < N_ROWS * N_SUPPORT * N_ACT; i++) support[i] = (float)(2 * mdp_rng_uniform(&rng) - 1);
        for (int i = 0; i < N_ROWS; i++) tml[i] = i % 17 == 0 ? 1.0f : 0.0f;
        const struct mdp_batch batch = {.n = N_ROWS,
                                        .obs = obs,
                                        .act = act,
                                        .rew = rew,
                                        .tml = tml,
                                        .next_obs = next_obs,
                                        .next_act = next_act,
                                        .support = support};
        struct mdp_learner_draws draws = mdp_learner_draw(run->learner, batch.n);
        mdp_learner_step(run->learner, &batch, &draws, &run->log);
    }
}

/* ---- bits ---- */

enum { N_GROUPS_MAX = 2 * MDP_MODULE_GROUPS_MAX };

static int list_groups(const struct run *run, struct mdp_module_group groups[N_GROUPS_MAX]) {
    int n = run->diffusion != NULL ? mdp_diffusion_groups(run->diffusion, groups) : 0;
    return n + (run->guidance != NULL ? mdp_guidance_groups(run->guidance, groups + n) : 0);
}

static int same_group(const struct mdp_module_group *a, const struct mdp_module_group *b) {
    CHECK_STR(a->name, b->name);
    CHECK_INT(a->n, b->n);
    for (int j = 0; j < a->n; j++) {
        size_t size = (size_t)mdp_tensor_count(&a->tensors[j]) * sizeof(float);
        if (memcmp(a->tensors[j].data, b->tensors[j].data, size) != 0) return 0;
    }
    return 1;
}

/* every saved float of both modules */
static void check_same(const struct run *a, const struct run *b) {
    static struct mdp_module_group left[N_GROUPS_MAX], right[N_GROUPS_MAX];
    int n = list_groups(a, left);
    CHECK(n > 0);
    CHECK_INT(list_groups(b, right), n);
    for (int i = 0; i < n; i++) CHECK(same_group(&left[i], &right[i]));
}

/* 1, 0, or -1 if one of them has no group of that name */
static int module_changed(const struct run *a, const struct run *b, const char *name) {
    static struct mdp_module_group left[N_GROUPS_MAX], right[N_GROUPS_MAX];
    int n = list_groups(a, left), n_right = list_groups(b, right);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n_right; j++)
            if (strcmp(left[i].name, name) == 0 && strcmp(right[j].name, name) == 0)
                return !same_group(&left[i], &right[j]);
    return -1;
}

/* 1 if the network of returns is another */
static int returns_changed(const struct run *a, const struct run *b) {
    const struct mdp_window_guidance *left = a->guidance->window, *right = b->guidance->window;
    size_t size = (size_t)left->net.graph.n_floats * sizeof(float);
    return memcmp(left->trained.params, right->trained.params, size) != 0 ||
           memcmp(left->trained.average, right->trained.average, size) != 0;
}

/* ---- training ---- */

/* what a mode trains moves, what it does not train stays, and what it computes is a number */
static void check_learns(const struct composition *c, const struct run *run) {
    struct run untrained;
    int trains = mdp_mode_describe(c->mode)->trains_guidance;
    make_modules(c, &untrained);
    if (run->diffusion != NULL) {
        CHECK_INT(module_changed(run, &untrained, "model"), 1);
        CHECK_INT(module_changed(run, &untrained, "model_ema"), 1);
    }
    for (int i = 0; run->guidance != NULL && i < run->guidance->n_nets; i++) {
        const struct mdp_guidance_net *net = &run->guidance->nets[i];
        CHECK_INT(module_changed(run, &untrained, net->name), trains);
        if (net->target != NULL) CHECK_INT(module_changed(run, &untrained, net->target_name), trains);
    }
    if (run->guidance != NULL && run->guidance->window != NULL) CHECK_INT(returns_changed(run, &untrained), trains);
    CHECK_INT(isfinite(run->log.bc_loss) != 0, run->diffusion != NULL);
    CHECK_INT(isfinite(run->log.q_loss) != 0, run->learner->has_policy_loss);
    CHECK_INT(isfinite(run->log.guidance_lr) != 0, trains);
    free_run(&untrained);
}

static void check_threads(const struct composition *c) {
    struct run one;
    make_run(c, 1, &one);
    train(&one, N_STEPS);
    check_learns(c, &one);
    for (int n_threads = 1; n_threads <= 3; n_threads++) {
        struct run other;
        make_run(c, n_threads, &other);
        train(&other, N_STEPS);
        check_same(&one, &other);
        CHECK(memcmp(&one.log, &other.log, sizeof one.log) == 0);
        free_run(&other);
    }
    free_run(&one);
}

static void test_threads_do_not_matter(void) { each_composition(check_threads); }

/* a critic that needs next actions gets those of the plain layers, but for rounding */
static void check_next_actions(const struct composition *c) {
    struct run plain, packed;
    if (c->precision != NULL) return;
    make_modules(c, &plain);
    make_learner(c, 1, NULL, &plain);
    make_run(c, 1, &packed);
    CHECK(plain.learner->actor.next == NULL);
    CHECK_INT(packed.learner->actor.next != NULL, packed.learner->samples_next);
    train(&plain, 1);
    train(&packed, 1);
    for (int i = 0; packed.learner->samples_next && i < N_ROWS * N_ACT; i++)
        CHECK_CLOSE(packed.learner->actor.next_act[i], plain.learner->actor.next_act[i], 1.1e-4);
    free_run(&plain);
    free_run(&packed);
}

static void test_next_actions_are_those_of_the_reference(void) { each_composition(check_next_actions); }

/* ---- files ---- */

static void describe_files(const struct composition *c, const struct run *run, char *settings, size_t size,
                           struct mdp_module_facts *facts) {
    json_t *diffusion = run->diffusion != NULL ? mdp_diffusion_json(&run->diffusion->config) : json_object();
    json_t *guidance = run->guidance != NULL ? mdp_guidance_json(&run->guidance->config) : json_object();
    json_t *both = json_pack("{s:o, s:o}", "diffusion", diffusion, "guidance", guidance);
    char *text = json_dumps(both, JSON_COMPACT | JSON_SORT_KEYS);
    static const struct mdp_normalizer nothing = {0};
    CHECK(text != NULL && strlen(text) < size);
    snprintf(settings, size, "%s", text);
    free(text);
    json_decref(both);
    *facts = (struct mdp_module_facts){.algo = c->algorithm->name,
                                       .task = "made-up",
                                       .seed = 3,
                                       .step = run->learner->step,
                                       .n_obs = N_OBS,
                                       .n_act = N_ACT,
                                       .normalizer = &nothing,
                                       .settings = settings,
                                       .inputs = "{}"};
}

/* what a run changes goes through a file: a frozen module has a file of its own */
static void check_resumes(const struct composition *c) {
    struct run whole, first, second;
    struct mdp_module_facts facts;
    char settings[2048], path[512];
    int64_t counters[MDP_LEARNER_COUNTERS_MAX], read[MDP_LEARNER_COUNTERS_MAX];
    int trains = mdp_mode_describe(c->mode)->trains_guidance;
    make_run(c, 1, &whole);
    make_run(c, 2, &first);
    make_run(c, 1, &second);
    train(&whole, N_STEPS);
    train(&first, N_STEPS / 2);
    snprintf(path, sizeof path, "%s/resume.h5", tap_temp_dir());
    describe_files(c, &first, settings, sizeof settings, &facts);
    int n = mdp_learner_counters(first.learner, counters);
    const struct mdp_training_state there = {.n_counters = n, .counters = counters};
    const struct mdp_training_state back = {.n_counters = n, .counters = read};
    CHECK_OK(mdp_training_state_write(path, first.diffusion, trains ? first.guidance : NULL, &facts, &there));
    CHECK_OK(mdp_training_state_read(path, second.diffusion, trains ? second.guidance : NULL, &facts, &back));
    mdp_learner_restore(second.learner, read);
    check_same(&first, &second);
    CHECK_INT(second.learner->step, FIRST_STEP + N_STEPS / 2);
    train(&second, N_STEPS - N_STEPS / 2);
    check_same(&whole, &second);
    CHECK(memcmp(&whole.log, &second.log, sizeof whole.log) == 0);
    free_run(&whole);
    free_run(&first);
    free_run(&second);
}

static void test_resumes_with_the_same_bits(void) { each_composition(check_resumes); }

/* both modules as files bring them back. each composition has files of its own, and none is replaced by another */
static void write_and_read(const struct composition *c, const struct run *run, struct run *out) {
    struct mdp_module_facts facts;
    struct mdp_checkpoint_info info;
    char settings[2048], path[512];
    memset(out, 0, sizeof *out);
    describe_files(c, run, settings, sizeof settings, &facts);
    if (run->diffusion != NULL) {
        snprintf(path, sizeof path, "%s/diffusion.h5", tap_temp_dir());
        CHECK_OK(mdp_diffusion_write(path, run->diffusion, &facts));
        CHECK_OK(mdp_diffusion_read(path, &out->diffusion, &info));
        CHECK(remove(path) == 0);
        CHECK_STR(info.algo, c->algorithm->name);
        mdp_checkpoint_info_free(&info);
        CHECK_INT(module_changed(run, out, "model"), 0);
        CHECK_INT(module_changed(run, out, "model_ema"), 0);
    }
    if (run->guidance != NULL) {
        snprintf(path, sizeof path, "%s/guidance.h5", tap_temp_dir());
        CHECK_OK(mdp_guidance_write(path, run->guidance, &facts));
        CHECK_OK(mdp_guidance_read(path, &out->guidance, &info));
        CHECK(remove(path) == 0);
        mdp_checkpoint_info_free(&info);
        for (int i = 0; i < run->guidance->n_nets; i++)
            CHECK_INT(module_changed(run, out, run->guidance->nets[i].name), 0);
        if (run->guidance->window != NULL) CHECK_INT(returns_changed(run, out), 0);
    }
}

/* ---- acting ---- */

/* acts in all states, the first n_together of them in one call; with Langevin steps or without; whether `weight` shows
 * soon: a denoiser of plans begins without heed of the return that it is told */
static int act(const struct composition *c, const struct run *run, double weight, int n_langevin, int n_together,
               int n_threads, float actions[N_STATES * N_ACT]) {
    struct mdp_policy_config config;
    struct mdp_policy *policy;
    struct mdp_rng rng = mdp_rng_stream(6, MDP_RNG_EXPLORE, 0, 0);
    float obs[N_STATES * N_OBS];
    uint32_t episode[N_STATES], step[N_STATES];
    mdp_rng_normal(&rng, obs, N_STATES * N_OBS);
    for (uint32_t i = 0; i < N_STATES; i++) {
        episode[i] = i % 2;
        step[i] = 10 + i;
    }
    mdp_algorithm_policy(c->algorithm, &config);
    config.n_candidates = 6;
    /* guidance of other algorithms has no energy that could guide */
    int has_energy = run->guidance != NULL && run->guidance->config.kind->needs_support;
    config.guide = (struct mdp_guide_rule){has_energy ? config.guide.guide : MDP_GUIDE_NONE, weight, NULL};
    config.max_threads = n_threads;
    if (c->algorithm->planning != NULL && (run->guidance != NULL || c->algorithm->planning->guide == MDP_GUIDE_FREE)) {
        config.guide = (struct mdp_guide_rule){c->algorithm->planning->guide, weight, NULL};
        config.wanted = 0.9;
    }
    if (c->algorithm->planning == NULL)
        config.langevin = (struct mdp_langevin){n_langevin, 0.01, mdp_density_time(&run->diffusion->schedule)};
    memset(actions, 0, N_STATES * N_ACT * sizeof *actions);
    CHECK_OK(mdp_policy_new(&config, run->diffusion, run->guidance, NULL, NULL, &policy));
    mdp_policy_act(policy, n_together, obs, episode, step, 77, actions, n_threads);
    for (int i = N_STATES - 1; i >= n_together; i--)
        mdp_policy_act(policy, 1, obs + i * N_OBS, episode + i, step + i, 77, actions + i * N_ACT, 1);
    mdp_policy_free(policy);
    return mdp_guide_needs_guidance(config.guide.guide);
}

static void check_acting(const struct composition *c) {
    struct run run, loaded;
    float want[N_STATES * N_ACT], actions[N_STATES * N_ACT], without[N_STATES * N_ACT];
    make_run(c, 1, &run);
    train(&run, 2);
    write_and_read(c, &run, &loaded);
    int n_most = c->algorithm->planning != NULL ? 0 : 2;
    for (int n_langevin = 0; run.diffusion != NULL && n_langevin <= n_most; n_langevin += 2) {
        int is_guided = act(c, &run, 0, n_langevin, N_STATES, 1, actions);
        act(c, &run, GUIDE_WEIGHT, n_langevin, N_STATES, 1, want);
        CHECK_INT(memcmp(want, actions, sizeof want) != 0, is_guided);
        for (int j = 0; j < N_STATES * N_ACT; j++) CHECK(want[j] >= -1 && want[j] <= 1 && want[j] != 0);
        for (int n_together = 0; n_together <= N_STATES; n_together++) {
            act(c, &loaded, GUIDE_WEIGHT, n_langevin, n_together, 1 + n_together % 3, actions);
            CHECK(memcmp(want, actions, sizeof want) == 0);
        }
        if (n_langevin > 0) CHECK(memcmp(want, without, sizeof want) != 0);
        memcpy(without, want, sizeof without);
    }
    free_run(&run);
    free_run(&loaded);
}

static void test_files_and_company_do_not_matter(void) { each_composition(check_acting); }

/* ---- modules of other runs ---- */

/* a guidance file of any algorithm's joint run serves any other's: frozen it stays to the bit and learns nothing,
 * continued it starts from there with fresh moments */
static void check_takes_guidance_of(const struct composition *from, const struct composition *to) {
    struct run joint, run, loaded, start;
    make_run(from, 1, &joint);
    train(&joint, 4);
    write_and_read(from, &joint, &loaded);
    write_and_read(from, &joint, &start);
    make_modules(to, &run);
    mdp_guidance_free(run.guidance);
    run.guidance = loaded.guidance;
    loaded.guidance = NULL;
    make_learner(to, 1, mdp_kernel_best(), &run);
    CHECK_INT(run.guidance->trainer != NULL, to->mode == MDP_MODE_CONTINUED);
    CHECK_INT(run.guidance->nets[0].adam.step, 0);
    train(&run, 4);
    CHECK_INT(module_changed(&run, &start, start.guidance->nets[0].name), to->mode == MDP_MODE_CONTINUED);
    free_run(&joint);
    free_run(&run);
    free_run(&loaded);
    free_run(&start);
}

static void test_guidance_serves_every_algorithm(void) {
    for (int i = 0; mdp_algorithm_at(i) != NULL; i++)
        for (int j = 0; mdp_algorithm_at(j) != NULL; j++)
            for (int is_continued = 0; is_continued < 2; is_continued++) {
                const struct mdp_algorithm *a = mdp_algorithm_at(i), *b = mdp_algorithm_at(j);
                if (a->planning != NULL || b->planning != NULL) continue;
                const struct composition from = {a, MDP_MODE_JOINT, a->guidance, 0, NULL, NULL};
                const struct composition to = {
                    b, is_continued ? MDP_MODE_CONTINUED : MDP_MODE_FROZEN, a->guidance, 0, NULL, NULL};
                fprintf(stderr, "guidance of %s in %s\n", a->name, b->name);
                check_takes_guidance_of(&from, &to);
            }
}

/* what cannot work together is refused with the reason, in training and when it acts */
static void check_misfit(const struct composition *diffusion, const struct composition *guidance, const char *reason) {
    struct run a, b;
    struct mdp_learner_config training;
    struct mdp_policy_config acting;
    struct mdp_policy *policy;
    struct mdp_learner *learner;
    make_modules(diffusion, &a);
    make_modules(guidance, &b);
    mdp_algorithm_learner(diffusion->algorithm, &training);
    training.mode = MDP_MODE_FROZEN;
    training.batch = N_WINDOWS;
    mdp_algorithm_policy(diffusion->algorithm, &acting);
    CHECK_FAILS(mdp_learner_new(&training, a.diffusion, b.guidance, &learner), MDP_E_DATA, reason);
    CHECK_FAILS(mdp_policy_new(&acting, a.diffusion, b.guidance, NULL, NULL, &policy), MDP_E_DATA, reason);
    free_run(&a);
    free_run(&b);
}

static void test_misfits_are_refused(void) {
    struct composition sides[3] = {{NULL, MDP_MODE_JOINT, NULL, 0, NULL, NULL}};
    static const char *const names[] = {"dql", "diffuser", "dd"};
    for (int i = 0; i < 3; i++) {
        sides[i] = sides[0];
        CHECK_OK(mdp_algorithm_find(names[i], &sides[i].algorithm));
        sides[i].kind = i < 2 ? sides[i].algorithm->guidance : NULL;
    }
    check_misfit(&sides[1], &sides[0],
                 "expected returns of windows of 4 steps as the diffusion module makes, found values of "
                 "actions, 'double-q'");
    check_misfit(&sides[0], &sides[1],
                 "expected values of actions as the diffusion module makes, found returns of windows of 4 "
                 "steps, 'return'");
    check_misfit(&sides[2], &sides[1], "which a return that is wanted guides, found 'return'");
    sides[0] = sides[1];
    sides[0].solver = mdp_solver_at(0);
    check_misfit(&sides[1], &sides[0],
                 "expected windows of 4 steps and 20 denoising times as the diffusion module has, found 4 "
                 "and 50");
}

/* a denoiser of windows never sees the guidance beside it: which mode it is trained in changes no bit */
static void test_plans_do_not_see_guidance(void) {
    struct composition c = {NULL, MDP_MODE_NONE, NULL, 0, NULL, NULL};
    struct run alone, other;
    CHECK_OK(mdp_algorithm_find("diffuser", &c.algorithm));
    make_run(&c, 1, &alone);
    train(&alone, 4);
    c.kind = c.algorithm->guidance;
    for (int m = 0; m < 2; m++) {
        c.mode = m == 0 ? MDP_MODE_JOINT : MDP_MODE_FROZEN;
        make_run(&c, 2, &other);
        train(&other, 4);
        CHECK_INT(module_changed(&other, &alone, "model"), 0);
        CHECK_INT(module_changed(&other, &alone, "model_ema"), 0);
        free_run(&other);
    }
    free_run(&alone);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_threads_do_not_matter),           TAP_TEST(test_next_actions_are_those_of_the_reference),
        TAP_TEST(test_resumes_with_the_same_bits),      TAP_TEST(test_files_and_company_do_not_matter),
        TAP_TEST(test_guidance_serves_every_algorithm), TAP_TEST(test_misfits_are_refused),
        TAP_TEST(test_plans_do_not_see_guidance),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
