/* the training step: threads, resuming, draws, averaging rules, modes, sizes */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algos/learner.h"
#include "base/rng.h"
#include "tests/tap.h"

enum { N_OBS = 7, N_ACT = 3, N_ROWS = 200, N_DATA = 4 };

/* a small run and its modules */
struct run {
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
    struct mdp_learner *learner;
};

static void make_modules(struct run *run) {
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    mdp_diffusion_defaults(&diffusion, N_OBS, N_ACT);
    diffusion.n_emb = 8;
    diffusion.n_hidden = 40;
    mdp_guidance_defaults(&guidance, N_OBS, N_ACT);
    guidance.n_hidden = 40;
    CHECK_OK(mdp_diffusion_new(&diffusion, 1, &run->diffusion));
    CHECK_OK(mdp_guidance_new(&guidance, 1, &run->guidance));
}

static struct mdp_learner_config settings(int n_threads) {
    struct mdp_learner_config config;
    mdp_learner_defaults(&config);
    config.batch = N_ROWS;
    config.n_threads = n_threads;
    config.seed = 3;
    return config;
}

static struct run make_run(int n_threads) {
    struct run run;
    struct mdp_learner_config config = settings(n_threads);
    make_modules(&run);
    CHECK_OK(mdp_learner_new(&config, run.diffusion, run.guidance, &run.learner));
    run.learner->step = 998; /* so that ten steps meet both averaging rules */
    return run;
}

static void free_run(struct run *run) {
    mdp_learner_free(run->learner);
    mdp_diffusion_free(run->diffusion);
    mdp_guidance_free(run->guidance);
}

/* the batch of a step, the same for every run */
struct data {
    float obs[N_ROWS * N_OBS], next_obs[N_ROWS * N_OBS], act[N_ROWS * N_ACT], rew[N_ROWS], tml[N_ROWS];
};

static struct mdp_batch batch_of(struct data *data, long step) {
    struct mdp_rng rng = mdp_rng_stream(9, MDP_RNG_EXPLORE, (uint32_t)(step % N_DATA), 0);
    mdp_rng_normal(&rng, data->obs, N_ROWS * N_OBS);
    mdp_rng_normal(&rng, data->next_obs, N_ROWS * N_OBS);
    mdp_rng_normal(&rng, data->rew, N_ROWS);
    for (int i = 0; i < N_ROWS * N_ACT; i++) data->act[i] = (float)(2 * mdp_rng_uniform(&rng) - 1);
    for (int i = 0; i < N_ROWS; i++) data->tml[i] = i % 17 == 0 ? 1.0f : 0.0f;
    return (struct mdp_batch){.n = N_ROWS,
                              .obs = data->obs,
                              .act = data->act,
                              .rew = data->rew,
                              .tml = data->tml,
                              .next_obs = data->next_obs};
}

static struct mdp_learner_log take_steps(struct run *run, int n_steps) {
    static struct data data;
    struct mdp_learner_log log = {0};
    for (int i = 0; i < n_steps; i++) {
        struct mdp_batch batch = batch_of(&data, run->learner->step);
        struct mdp_learner_draws draws = mdp_learner_draw(run->learner, batch.n);
        mdp_learner_step(run->learner, &batch, &draws, &log);
    }
    return log;
}

/* every saved float of both modules, bit by bit */
static void check_equal(struct run *a, struct run *b) {
    static struct mdp_module_group left[2 * MDP_MODULE_GROUPS_MAX], right[2 * MDP_MODULE_GROUPS_MAX];
    int n = mdp_diffusion_groups(a->diffusion, left);
    n += mdp_guidance_groups(a->guidance, left + n);
    int n_right = mdp_diffusion_groups(b->diffusion, right);
    n_right += mdp_guidance_groups(b->guidance, right + n_right);
    CHECK_INT(n, 8);
    CHECK_INT(n_right, n);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < left[i].n; j++) {
            size_t size = (size_t)mdp_tensor_count(&left[i].tensors[j]) * sizeof(float);
            CHECK(memcmp(left[i].tensors[j].data, right[i].tensors[j].data, size) == 0);
        }
}

static void test_threads_do_not_matter(void) {
    struct run one = make_run(1);
    struct mdp_learner_log log = take_steps(&one, 10);
    for (int n_threads = 2; n_threads <= 3; n_threads++) {
        struct run other = make_run(n_threads);
        struct mdp_learner_log same = take_steps(&other, 10);
        check_equal(&one, &other);
        CHECK(memcmp(&log, &same, sizeof log) == 0);
        free_run(&other);
    }
    free_run(&one);
}

/* a step of a schedule is one of its share of eta, and after the last there is no other */
static void test_eta_schedule(void) {
    static const struct {
        long step;
        double eta;
    } rows[] = {{0, 0.5}, {1, 1}, {3, 2}, {900, 2}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct run runs[2];
        for (int k = 0; k < 2; k++) {
            struct mdp_learner_config config = settings(1 + k);
            config.eta = k == 0 ? 2 : rows[i].eta;
            config.eta_steps = 4;
            if (k == 0) CHECK_OK(mdp_weight_schedule_find("linear", &config.eta_schedule));
            make_modules(&runs[k]);
            CHECK_OK(mdp_learner_new(&config, runs[k].diffusion, runs[k].guidance, &runs[k].learner));
            runs[k].learner->step = rows[i].step;
        }
        struct mdp_learner_log a = take_steps(&runs[0], 1), b = take_steps(&runs[1], 1);
        check_equal(&runs[0], &runs[1]);
        CHECK(memcmp(&a, &b, sizeof a) == 0);
        free_run(&runs[0]);
        free_run(&runs[1]);
    }
}

/* what a checkpoint carries is enough to go on with the same bits */
static void test_resumes_with_the_same_bits(void) {
    static struct mdp_module_group from[2 * MDP_MODULE_GROUPS_MAX], to[2 * MDP_MODULE_GROUPS_MAX];
    int64_t counters[MDP_LEARNER_COUNTERS_MAX];
    struct run whole = make_run(2), first = make_run(1), second = make_run(2);
    take_steps(&whole, 10);
    take_steps(&first, 5);
    int n = mdp_diffusion_groups(first.diffusion, from);
    n += mdp_guidance_groups(first.guidance, from + n);
    mdp_diffusion_groups(second.diffusion, to);
    mdp_guidance_groups(second.guidance, to + 4);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < from[i].n; j++)
            memcpy(to[i].tensors[j].data, from[i].tensors[j].data,
                   (size_t)mdp_tensor_count(&from[i].tensors[j]) * sizeof(float));
    CHECK_INT(mdp_learner_counters(first.learner, counters), 4);
    mdp_learner_restore(second.learner, counters);
    take_steps(&second, 5);
    check_equal(&whole, &second);
    free_run(&whole);
    free_run(&first);
    free_run(&second);
}

static int never(void) { return 0; }

/* a kernel is used for what has no gradient, or refused */
static void test_kernel_of_next_actions(void) {
    struct mdp_kernel kernel = mdp_kernel_portable;
    struct mdp_learner_config config = settings(1);
    struct run run = {0};
    CHECK(config.kernel == mdp_kernel_best());
    make_modules(&run);
    kernel.is_supported = never;
    config.kernel = &kernel;
    CHECK_FAILS(mdp_learner_new(&config, run.diffusion, run.guidance, &run.learner), MDP_E_USAGE,
                "kernel portable: expected a processor that has it");
    config.kernel = &mdp_kernel_portable;
    CHECK_OK(mdp_learner_new(&config, run.diffusion, run.guidance, &run.learner));
    run.learner->step = 998;
    struct run best = make_run(2);
    take_steps(&run, 10);
    take_steps(&best, 10);
    check_equal(&run, &best);
    free_run(&run);
    free_run(&best);
}

static void test_averages_move_by_their_rules(void) {
    struct run run = make_run(1);
    struct mdp_guidance_net *critic = &run.guidance->nets[0];
    float ema = run.diffusion->ema[5], target = critic->target[5];
    take_steps(&run, 2); /* steps 998 and 999 */
    CHECK(run.diffusion->ema[5] == ema && critic->target[5] == target);
    take_steps(&run, 1); /* step 1000 */
    CHECK_CLOSE(run.diffusion->ema[5], 0.995 * ema + 0.005 * run.diffusion->params[5], 1e-7);
    CHECK_CLOSE(critic->target[5], 0.005 * target + 0.995 * critic->params[5], 1e-7);
    run.learner->step = 5; /* the target's rule has no late start */
    ema = run.diffusion->ema[5];
    target = critic->target[5];
    take_steps(&run, 1);
    CHECK(run.diffusion->ema[5] == ema);
    CHECK_CLOSE(critic->target[5], 0.005 * target + 0.995 * critic->params[5], 1e-7);
    free_run(&run);
}

static void test_frozen_guidance_stays(void) {
    struct run run;
    struct mdp_learner_config config = settings(1);
    make_modules(&run);
    config.mode = MDP_MODE_FROZEN;
    CHECK_OK(mdp_learner_new(&config, run.diffusion, run.guidance, &run.learner));
    CHECK(run.guidance->trainer == NULL);
    float param = run.guidance->nets[0].params[9], target = run.guidance->nets[0].target[9];
    struct mdp_learner_log log = take_steps(&run, 6);
    CHECK(run.guidance->nets[0].params[9] == param && run.guidance->nets[0].target[9] == target);
    CHECK(isnan(log.critic_loss) && isnan(log.target_q_mean) && isfinite(log.q_loss));
    free_run(&run);
}

/* a run in a mode, over guidance of a kind (NULL for none), in place of the one that was there */
static mdp_err try_mode(const struct mdp_learner_config *config, const struct mdp_guidance_kind *kind,
                        struct run *run) {
    struct mdp_guidance_config guidance;
    free_run(run);
    make_modules(run);
    mdp_guidance_free(run->guidance);
    run->guidance = NULL;
    mdp_guidance_defaults(&guidance, N_OBS, N_ACT);
    guidance.n_hidden = 40;
    guidance.kind = kind;
    if (kind != NULL) CHECK_OK(mdp_guidance_new(&guidance, 1, &run->guidance));
    run->learner = NULL;
    return mdp_learner_new(config, config->mode == MDP_MODE_GUIDANCE ? NULL : run->diffusion, run->guidance,
                           &run->learner);
}

static void test_none_clones_only(void) {
    struct run run = {.learner = NULL};
    struct mdp_learner_config config = settings(1);
    config.mode = MDP_MODE_NONE;
    CHECK_OK(try_mode(&config, NULL, &run));
    struct mdp_learner_log log = take_steps(&run, 2);
    CHECK(log.actor_loss == log.bc_loss && isnan(log.q_loss) && isnan(log.critic_loss) && isnan(log.guidance_lr));
    CHECK(run.learner->actor.new_act == NULL && run.learner->buffers.noise_next == NULL);
    free_run(&run);
}

/* the noise in the gradient's place has its root mean square, and none of its direction */
static void test_noise_gradient(void) {
    struct run plain = {.learner = NULL}, noisy = {.learner = NULL};
    struct mdp_learner_config config = settings(1);
    double squares[2] = {0, 0}, product = 0;
    config.mode = MDP_MODE_NOISE;
    CHECK_OK(try_mode(&config, &mdp_guidance_noise, &plain));
    config.is_noise_gradient = 1;
    CHECK_OK(try_mode(&config, &mdp_guidance_noise, &noisy));
    struct mdp_learner_log a = take_steps(&plain, 1), b = take_steps(&noisy, 1);
    CHECK(a.q_loss == b.q_loss);
    for (int j = 0; j < N_ROWS * N_ACT; j++) {
        double x = plain.learner->actor.d_new_act[j], y = noisy.learner->actor.d_new_act[j];
        squares[0] += x * x;
        squares[1] += y * y;
        product += x * y;
    }
    CHECK(squares[0] > 0);
    CHECK_CLOSE(squares[1] / squares[0], 1.0, 5 * sqrt(2.0 / (N_ROWS * N_ACT)));
    CHECK_CLOSE(product / squares[0], 0.0, 5 / sqrt(N_ROWS * N_ACT));
    free_run(&plain);
    free_run(&noisy);
}

/* guidance alone: from the dataset's own next actions, or without any */
static void test_guidance_alone(void) {
    static struct data data;
    const struct mdp_guidance_kind *kinds[2] = {&mdp_guidance_double_q, &mdp_guidance_iql};
    for (int k = 0; k < 2; k++) {
        struct run run = {.learner = NULL};
        struct mdp_learner_config config = settings(2);
        struct mdp_learner_log log;
        config.mode = MDP_MODE_GUIDANCE;
        config.has_next_act = k == 0;
        CHECK_OK(try_mode(&config, kinds[k], &run));
        struct mdp_batch batch = batch_of(&data, 0);
        if (k == 0) batch.next_act = data.act;
        struct mdp_learner_draws draws = mdp_learner_draw(run.learner, batch.n);
        mdp_learner_step(run.learner, &batch, &draws, &log);
        CHECK(isfinite(log.critic_loss) && isfinite(log.value_loss) == k && isnan(log.bc_loss) && isnan(log.lr));
        mdp_learner_step(run.learner, &batch, &draws, &log);
        CHECK(isfinite(log.critic_loss) == (k == 0)); /* iql rests at odd steps */
        CHECK_INT(run.guidance->nets[0].adam.step, k == 0 ? 2 : 1);
        free_run(&run);
    }
}

static void test_modes_refuse_what_contradicts_them(void) {
    struct run run = {.learner = NULL};
    struct mdp_learner_config config = settings(1);
    config.mode = MDP_MODE_NONE;
    CHECK_FAILS(try_mode(&config, &mdp_guidance_iql, &run), MDP_E_USAGE, "mode none: expected no guidance module");
    config.mode = MDP_MODE_NOISE;
    CHECK_FAILS(try_mode(&config, &mdp_guidance_iql, &run), MDP_E_USAGE, "expected guidance of kind noise, found iql");
    config.mode = MDP_MODE_JOINT;
    CHECK_FAILS(try_mode(&config, &mdp_guidance_noise, &run), MDP_E_USAGE, "'noise' has no training step");
    CHECK_FAILS(try_mode(&config, NULL, &run), MDP_E_USAGE, "mode joint: expected a guidance module, found none");
    CHECK_FAILS(try_mode(&config, &mdp_guidance_none, &run), MDP_E_USAGE, "expected a guidance module, found none");
    config.is_noise_gradient = 1;
    CHECK_FAILS(try_mode(&config, &mdp_guidance_iql, &run), MDP_E_USAGE, "expected guidance mode noise, found joint");
    config = settings(1);
    config.action = MDP_ACTION_NONE;
    CHECK_FAILS(try_mode(&config, &mdp_guidance_iql, &run), MDP_E_USAGE, "eta: expected 0 without policy actions");
    config.mode = MDP_MODE_GUIDANCE;
    config.eta = 0;
    CHECK_FAILS(mdp_learner_new(&config, run.diffusion, run.guidance, &run.learner), MDP_E_USAGE,
                "mode guidance: expected no diffusion module");
    CHECK_FAILS(try_mode(&config, &mdp_guidance_double_q, &run), MDP_E_USAGE,
                "guidance 'double-q' alone: expected data with next actions, found none");
    config.mode = MDP_MODE_FROZEN;
    CHECK_FAILS(mdp_learner_new(&config, NULL, run.guidance, &run.learner), MDP_E_USAGE,
                "mode frozen: expected a diffusion module");
    free_run(&run);
}

static void test_losses_fall(void) {
    struct run run = make_run(1);
    run.learner->config.lr = 3e-3;
    run.learner->config.discount = 0; /* otherwise the target runs away from 200 steps */
    double first = 0, last = 0, first_critic = 0, last_critic = 0;
    for (int i = 0; i < 200; i++) {
        struct mdp_learner_log log = take_steps(&run, 1);
        if (i < 10) first += log.bc_loss, first_critic += log.critic_loss;
        if (i >= 190) last += log.bc_loss, last_critic += log.critic_loss;
    }
    CHECK(last < 0.8 * first);
    CHECK(last_critic < 0.8 * first_critic);
    free_run(&run);
}

static void test_draws(void) {
    struct run run = make_run(1);
    struct mdp_learner_draws draws = mdp_learner_draw(run.learner, N_ROWS);
    int counts[5] = {0}, n = 5 * N_ROWS * N_ACT;
    double sum = 0, squares = 0, product = 0;
    for (int i = 0; i < N_ROWS; i++) counts[draws.bc_time[i]]++;
    for (int t = 0; t < 5; t++) CHECK(counts[t] > 15 && counts[t] < 70);
    for (int i = 0; i < n; i++) {
        sum += (double)draws.noise_next[i];
        squares += (double)draws.noise_next[i] * draws.noise_next[i];
        product += (double)draws.noise_next[i] * draws.noise_new[i];
    }
    CHECK_CLOSE(sum / n, 0.0, 5 / sqrt(n));
    CHECK_CLOSE(squares / n, 1.0, 5 * sqrt(2.0 / n));
    CHECK_CLOSE(product / n, 0.0, 5 / sqrt(n));
    CHECK(draws.coin >= 0 && draws.coin < 1);
    float kept = draws.bc_eps[3], coin = (float)draws.coin;
    run.learner->step++;
    draws = mdp_learner_draw(run.learner, N_ROWS);
    CHECK(draws.bc_eps[3] != kept && (float)draws.coin != coin);
    run.learner->step--;
    draws = mdp_learner_draw(run.learner, N_ROWS);
    CHECK(draws.bc_eps[3] == kept && (float)draws.coin == coin);
    free_run(&run);
}

/* the last of five steps goes from a time to itself. networks that predict much noise, up to the bounds of the actions.
 * Source: SPEC 4.4 */
static void test_null_step_changes_next_to_nothing(void) {
    enum { N_RUNS = 20 };
    struct mdp_diffusion_config config;
    struct mdp_diffusion *d[2];
    struct mdp_sampler sampler;
    struct mdp_time_table table;
    static float obs[N_ROWS * N_OBS], draws[5 * N_ROWS * N_ACT], act[2][N_ROWS * N_ACT];
    double largest = 0;
    for (int run = 0; run < N_RUNS; run++) {
        struct mdp_rng rng = mdp_rng_stream((uint64_t)run, MDP_RNG_EXPLORE, 1, 0);
        mdp_rng_normal(&rng, obs, N_ROWS * N_OBS);
        mdp_rng_normal(&rng, draws, 5 * N_ROWS * N_ACT);
        for (int k = 0; k < 2; k++) {
            mdp_diffusion_defaults(&config, N_OBS, N_ACT);
            config.skip_null_step = k;
            CHECK_OK(mdp_diffusion_new(&config, (uint64_t)run, &d[k]));
            CHECK_INT(mdp_diffusion_draws(d[k]), 5);
            const struct mdp_param *last = &d[k]->net.layout.params[d[k]->net.layout.n - 2];
            for (long j = 0; j < (long)last->rows * last->cols; j++) d[k]->params[last->offset + j] *= (float)run;
            CHECK_OK(mdp_time_table_alloc(&table, &d[k]->net));
            CHECK_OK(mdp_sampler_alloc(&sampler, d[k], N_ROWS, 0, NULL));
            mdp_time_table_refresh(&table, &d[k]->net, d[k]->params);
            mdp_diffusion_sample(d[k], d[k]->params, &table, N_ROWS, obs, (struct mdp_draws){draws, N_ROWS * N_ACT}, 1,
                                 &sampler, act[k]);
            mdp_sampler_free(&sampler);
            mdp_time_table_free(&table);
            mdp_diffusion_free(d[k]);
        }
        for (int j = 0; j < N_ROWS * N_ACT; j++) largest = fmax(largest, fabs((double)act[0][j] - act[1][j]));
    }
    fprintf(stderr, "largest change of an action: %.3g\n", largest);
    CHECK(largest > 0 && largest < 1e-5);
}

static void test_sizes_are_those_of_the_reference(void) {
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    struct mdp_diffusion *d = NULL;
    struct mdp_guidance *g = NULL;
    struct mdp_module_group groups[MDP_MODULE_GROUPS_MAX];
    mdp_diffusion_defaults(&diffusion, 17, 6);
    mdp_guidance_defaults(&guidance, 17, 6);
    CHECK_OK(mdp_diffusion_new(&diffusion, 0, &d));
    CHECK_OK(mdp_guidance_new(&guidance, 0, &g));
    CHECK_INT(d->net.layout.n_floats, 172230);
    CHECK_INT(g->nets[0].net.layout.n_floats, 279042);
    CHECK_INT(mdp_diffusion_groups(d, groups), 4);
    CHECK_STR(groups[0].name, "model");
    CHECK_STR(groups[1].name, "model_ema");
    CHECK_STR(groups[0].tensors[0].name, "time_mlp.0.weight");
    CHECK_STR(groups[0].tensors[11].name, "final_layer.bias");
    CHECK(!groups[1].is_optimizer && groups[2].is_optimizer);
    CHECK(memcmp(d->params, d->ema, 172230 * sizeof(float)) == 0);
    CHECK_INT(mdp_guidance_groups(g, groups), 2); /* moments come with training */
    CHECK_OK(mdp_guidance_trainer_new(g, 64, NULL));
    CHECK_INT(mdp_guidance_groups(g, groups), 4);
    CHECK_STR(groups[0].name, "critic");
    CHECK_STR(groups[1].name, "critic_target");
    CHECK_STR(groups[0].tensors[27].name, "q2_model.9.bias");
    mdp_diffusion_free(d);
    mdp_guidance_free(g);
}

static void test_bad_settings_are_refused(void) {
    struct run run;
    struct mdp_learner *learner = NULL;
    struct mdp_guidance *other = NULL;
    struct mdp_diffusion *d = NULL;
    struct mdp_guidance_config guidance;
    struct mdp_diffusion_config diffusion;
    struct mdp_learner_config config = settings(1);
    make_modules(&run);
    mdp_guidance_defaults(&guidance, N_OBS + 1, N_ACT);
    CHECK_OK(mdp_guidance_new(&guidance, 0, &other));
    CHECK_FAILS(mdp_learner_new(&config, run.diffusion, other, &learner), MDP_E_DATA, "expected 7 observations");
    config.batch = 0;
    CHECK_FAILS(mdp_learner_new(&config, run.diffusion, run.guidance, &learner), MDP_E_USAGE, "batch");
    config = settings(1);
    config.eta = NAN;
    CHECK_FAILS(mdp_learner_new(&config, run.diffusion, run.guidance, &learner), MDP_E_USAGE, "eta");
    mdp_diffusion_defaults(&diffusion, N_OBS, N_ACT);
    diffusion.n_times = 1;
    CHECK_FAILS(mdp_diffusion_new(&diffusion, 0, &d), MDP_E_USAGE, "found 1");
    diffusion.n_times = 5;
    diffusion.n_emb = 7;
    CHECK_FAILS(mdp_diffusion_new(&diffusion, 0, &d), MDP_E_USAGE, "even");
    guidance.n_hidden = 0;
    mdp_guidance_free(other);
    CHECK_FAILS(mdp_guidance_new(&guidance, 0, &other), MDP_E_USAGE, "width");
    CHECK_FAILS(mdp_solver_find("euler", &diffusion.solver), MDP_E_USAGE, "ddpm, ddim");
    diffusion.n_emb = 8;
    diffusion.kind = MDP_DENOISER_RESNET;
    diffusion.n_blocks = 9;
    CHECK_FAILS(mdp_diffusion_new(&diffusion, 0, &d), MDP_E_USAGE, "residual blocks: expected 1 to 8, found 9");
    diffusion.n_blocks = 1;
    diffusion.dropout = 1;
    CHECK_FAILS(mdp_diffusion_new(&diffusion, 0, &d), MDP_E_USAGE, "dropout");
    diffusion.dropout = 0;
    diffusion.n_times = 20;
    diffusion.skip_null_step = 1;
    CHECK_FAILS(mdp_diffusion_new(&diffusion, 0, &d), MDP_E_USAGE, "skip_null_step");
    diffusion.skip_null_step = 0;
    diffusion.n_times = 5;
    diffusion.n_steps = 8;
    CHECK_OK(mdp_solver_find("ode_dpmsolver++_2M", &diffusion.solver));
    CHECK_FAILS(mdp_diffusion_new(&diffusion, 0, &d), MDP_E_USAGE, "expected different times");
    mdp_guidance_defaults(&guidance, N_OBS, N_ACT);
    guidance.expectile = 1;
    CHECK_FAILS(mdp_guidance_new(&guidance, 0, &other), MDP_E_USAGE, "expectile");
    mdp_diffusion_free(run.diffusion);
    mdp_guidance_free(run.guidance);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_threads_do_not_matter),
        TAP_TEST(test_eta_schedule),
        TAP_TEST(test_resumes_with_the_same_bits),
        TAP_TEST(test_kernel_of_next_actions),
        TAP_TEST(test_averages_move_by_their_rules),
        TAP_TEST(test_frozen_guidance_stays),
        TAP_TEST(test_none_clones_only),
        TAP_TEST(test_noise_gradient),
        TAP_TEST(test_guidance_alone),
        TAP_TEST(test_modes_refuse_what_contradicts_them),
        TAP_TEST(test_losses_fall),
        TAP_TEST(test_draws),
        TAP_TEST(test_null_step_changes_next_to_nothing),
        TAP_TEST(test_sizes_are_those_of_the_reference),
        TAP_TEST(test_bad_settings_are_refused),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
