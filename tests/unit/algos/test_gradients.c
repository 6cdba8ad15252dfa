/* every backward pass against finite differences of its forward pass, along random directions */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/diffusion/diffusion.h"
#include "algos/learner.h"
#include "base/rng.h"
#include "tests/tap.h"

enum { N_ROWS = 12, N_OBS = 5, N_ACT = 3, N_DIRECTIONS = 6 };

/* a scalar function of a block of floats that is being moved */
struct probe {
    double (*loss)(const struct probe *probe);
    void *context;
    float *block; /* [n] */
    long n;
};

static struct mdp_rng stream(uint32_t which) { return mdp_rng_stream(7, MDP_RNG_EXPLORE, which, 0); }

static float *normals(uint32_t which, long n) {
    float *out = NULL;
    struct mdp_rng rng = stream(which);
    CHECK_OK(mdp_calloc(&out, (unsigned long)n, sizeof *out, "draws"));
    mdp_rng_normal(&rng, out, n);
    return out;
}

static double loss_at(const struct probe *probe, const float *base, const float *direction, double t) {
    for (long j = 0; j < probe->n; j++) probe->block[j] = (float)(base[j] + t * direction[j]);
    return probe->loss(probe);
}

/* fourth-order central difference; float32 noise of the loss is far below `tolerance` at this width */
static double difference(const struct probe *probe, const float *base, const float *direction, double h) {
    double near = loss_at(probe, base, direction, h) - loss_at(probe, base, direction, -h);
    double far = loss_at(probe, base, direction, 2 * h) - loss_at(probe, base, direction, -2 * h);
    memcpy(probe->block, base, (size_t)probe->n * sizeof *base);
    return (8 * near - far) / (12 * h);
}

/* directions have unit length, so a slope is at most the gradient's norm, against which errors are measured */
static void check_gradient(const struct probe *probe, const float *gradient, double h, double tolerance) {
    float *base = NULL;
    double norm = 0;
    CHECK_OK(mdp_calloc(&base, (unsigned long)probe->n, sizeof *base, "base"));
    memcpy(base, probe->block, (size_t)probe->n * sizeof *base);
    for (long j = 0; j < probe->n; j++) norm += (double)gradient[j] * gradient[j];
    norm = sqrt(norm);
    CHECK(norm > 1e-3);
    for (uint32_t k = 0; k < N_DIRECTIONS; k++) {
        float *direction = normals(100 + k, probe->n);
        double length = 0, slope = 0;
        /* half of the directions lean on the gradient, where the slope is large */
        for (long j = 0; j < probe->n; j++) {
            if (k % 2 == 0) direction[j] = (float)(direction[j] / sqrt((double)probe->n) + gradient[j] / norm);
            length += (double)direction[j] * direction[j];
        }
        for (long j = 0; j < probe->n; j++) {
            direction[j] = (float)(direction[j] / sqrt(length));
            slope += (double)direction[j] * gradient[j];
        }
        CHECK_CLOSE(difference(probe, base, direction, h), slope, tolerance * norm);
        free(direction);
    }
    free(base);
}

static double weighted(const float *values, const float *weights, long n) {
    double sum = 0;
    for (long i = 0; i < n; i++) sum += (double)values[i] * weights[i];
    return sum;
}

/* ---- value network ---- */

struct value_case {
    struct mdp_q_net net;
    struct mdp_q_cache cache;
    float *params, *obs, *act, *weights;
};

static double value_loss(const struct probe *probe) {
    struct value_case *c = probe->context;
    const float *values[MDP_Q_HEADS_MAX];
    double sum = 0;
    mdp_q_forward(&c->net, c->params, N_ROWS, c->obs, c->act, &c->cache, values);
    for (int h = 0; h < c->net.n_heads; h++) sum += weighted(values[h], c->weights, N_ROWS);
    return sum;
}

static void check_value_network(enum mdp_q_kind kind) {
    struct value_case c;
    mdp_q_net_build(&c.net, kind, N_OBS, N_ACT, 24);
    CHECK_OK(mdp_q_cache_alloc(&c.cache, &c.net, N_ROWS, NULL));
    long n = c.net.layout.n_floats;
    c.params = normals(1, n);
    mdp_layout_init(&c.net.layout, 3, 1, c.params);
    c.obs = normals(2, N_ROWS * N_OBS);
    c.act = normals(3, N_ROWS * N_ACT);
    c.weights = normals(4, N_ROWS);
    float *grads = NULL, d_act[N_ROWS * N_ACT] = {0};
    CHECK_OK(mdp_calloc(&grads, (unsigned long)n, sizeof *grads, "gradients"));
    struct probe probe = {value_loss, &c, c.params, n};
    value_loss(&probe);
    for (int h = 0; h < c.net.n_heads; h++)
        mdp_q_backward(&c.net, c.params, N_ROWS, h, c.weights, &c.cache, grads, d_act);
    check_gradient(&probe, grads, 4e-2, 2e-3);
    probe.block = c.act;
    probe.n = N_ROWS * N_ACT;
    check_gradient(&probe, d_act, 4e-2, 2e-3);
    mdp_q_cache_free(&c.cache);
    free(c.params);
    free(c.obs);
    free(c.act);
    free(c.weights);
    free(grads);
}

static void test_double_q_network(void) { check_value_network(MDP_Q_DQL); }

static void test_iql_network(void) { check_value_network(MDP_Q_IQL); }

/* ---- denoiser, cloning loss, sampler, one-step actions ---- */

/* what a case is made of */
struct make {
    enum mdp_denoiser_kind kind;
    enum mdp_prediction prediction;
    const char *solver;
    int n_times, n_steps, has_dropout;
};

struct diffusion_case {
    struct mdp_diffusion *diffusion;
    struct mdp_time_table table;
    struct mdp_sampler sampler;
    struct mdp_noising rows;
    struct mdp_dropout dropout;
    float *obs, *act, *noise, *weights;
    uint8_t *keep;
    int time[N_ROWS];
    float *grads, *d_table;
};

static const struct make dql = {MDP_DENOISER_MLP, MDP_PREDICT_NOISE, "ddpm", 5, 5, 0};
static const struct make edp = {MDP_DENOISER_MLP, MDP_PREDICT_ACTION, "ddpm", 5, 5, 0};
static const struct make idql = {MDP_DENOISER_RESNET, MDP_PREDICT_NOISE, "ddpm", 5, 5, 1};

static void describe(const struct make *make, struct mdp_diffusion_config *config) {
    mdp_diffusion_defaults(config, N_OBS, N_ACT);
    config->kind = make->kind;
    config->prediction = make->prediction;
    config->n_emb = 6;
    config->n_hidden = 24;
    config->n_blocks = 2;
    config->dropout = 0.25;
    config->n_times = make->n_times;
    config->n_steps = make->n_steps;
    CHECK_OK(mdp_solver_find(make->solver, &config->solver));
}

static void make_case(struct diffusion_case *c, const struct make *make) {
    struct mdp_diffusion_config config;
    struct mdp_rng rng = stream(8);
    describe(make, &config);
    CHECK_OK(mdp_diffusion_new(&config, 11, &c->diffusion));
    CHECK_OK(mdp_time_table_alloc(&c->table, &c->diffusion->net));
    CHECK_OK(mdp_sampler_alloc(&c->sampler, c->diffusion, N_ROWS, 1, NULL));
    c->obs = normals(2, N_ROWS * N_OBS);
    c->act = normals(3, N_ROWS * N_ACT);
    c->noise = normals(5, (long)mdp_diffusion_draws(c->diffusion) * N_ROWS * N_ACT);
    c->weights = normals(6, N_ROWS * N_ACT);
    for (int i = 0; i < N_ROWS; i++) c->time[i] = i % config.n_times;
    CHECK_OK(mdp_calloc(&c->keep, (unsigned long)(config.n_blocks * N_ROWS * config.n_hidden), 1, "masks"));
    for (long j = 0; j < (long)config.n_blocks * N_ROWS * config.n_hidden; j++)
        c->keep[j] = mdp_rng_uniform(&rng) >= config.dropout;
    CHECK_OK(mdp_calloc(&c->grads, (unsigned long)c->diffusion->net.layout.n_floats, sizeof(float), "gradients"));
    CHECK_OK(mdp_calloc(&c->d_table, (unsigned long)(config.n_times * config.n_emb), sizeof(float), "gradients"));
    c->rows = (struct mdp_noising){c->obs, c->act, c->time, c->noise, NULL, NULL};
    c->dropout = (struct mdp_dropout){make->has_dropout ? c->keep : NULL, N_ROWS * config.n_hidden, config.dropout};
}

static void free_case(struct diffusion_case *c) {
    mdp_sampler_free(&c->sampler);
    mdp_time_table_free(&c->table);
    mdp_diffusion_free(c->diffusion);
    void *blocks[] = {c->obs, c->act, c->noise, c->weights, c->keep, c->grads, c->d_table};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
}

static struct probe diffusion_probe(struct diffusion_case *c, double (*loss)(const struct probe *probe)) {
    return (struct probe){loss, c, c->diffusion->params, c->diffusion->net.layout.n_floats};
}

static void finish_time(struct diffusion_case *c) {
    mdp_time_table_backward(&c->table, &c->diffusion->net, c->diffusion->params, c->d_table, c->grads);
}

static const float *denoise(struct diffusion_case *c) {
    struct mdp_denoiser_cache *cache = &c->sampler.caches[0];
    mdp_time_table_refresh(&c->table, &c->diffusion->net, c->diffusion->params);
    memcpy(cache->time, c->time, sizeof c->time);
    cache->dropout = c->dropout;
    return mdp_denoiser_forward(&c->diffusion->net, c->diffusion->params, &c->table, N_ROWS, c->act, c->obs, cache);
}

static double denoiser_loss(const struct probe *probe) {
    struct diffusion_case *c = probe->context;
    return weighted(denoise(c), c->weights, N_ROWS * N_ACT);
}

static void check_denoiser(const struct make *make) {
    struct diffusion_case c;
    float d_x[N_ROWS * N_ACT];
    make_case(&c, make);
    denoise(&c);
    mdp_denoiser_backward(&c.diffusion->net, c.diffusion->params, N_ROWS, c.weights, &c.sampler.caches[0], c.grads,
                          c.d_table, d_x);
    finish_time(&c);
    struct probe probe = diffusion_probe(&c, denoiser_loss);
    check_gradient(&probe, c.grads, 4e-2, 2e-3);
    probe.block = c.act;
    probe.n = N_ROWS * N_ACT;
    check_gradient(&probe, d_x, 4e-2, 2e-3);
    free_case(&c);
}

static void test_denoiser(void) { check_denoiser(&dql); }

static void test_residual_denoiser(void) {
    struct make acting = idql;
    acting.has_dropout = 0;
    check_denoiser(&acting);
}

static void test_residual_denoiser_with_dropout(void) { check_denoiser(&idql); }

/* the masks take part: what they drop cannot be seen, and without them nothing is dropped */
static void test_dropout_masks(void) {
    struct diffusion_case c;
    float with[N_ROWS * N_ACT], without[N_ROWS * N_ACT], all[N_ROWS * N_ACT];
    make_case(&c, &idql);
    memcpy(with, denoise(&c), sizeof with);
    c.dropout.start = NULL;
    memcpy(without, denoise(&c), sizeof without);
    memset(c.keep, 1, (size_t)(c.diffusion->net.n_blocks * N_ROWS * c.diffusion->config.n_hidden));
    c.dropout = (struct mdp_dropout){c.keep, N_ROWS * c.diffusion->config.n_hidden, 0};
    memcpy(all, denoise(&c), sizeof all);
    CHECK(memcmp(with, without, sizeof with) != 0);
    CHECK(memcmp(all, without, sizeof all) == 0);
    free_case(&c);
}

static double clone_loss(const struct probe *probe) {
    struct diffusion_case *c = probe->context;
    double squares[N_ROWS], sum = 0;
    mdp_time_table_refresh(&c->table, &c->diffusion->net, c->diffusion->params);
    mdp_diffusion_clone(c->diffusion, c->diffusion->params, &c->table, N_ROWS, N_ROWS, &c->rows, c->dropout,
                        &c->sampler, squares, NULL, NULL);
    for (int i = 0; i < N_ROWS; i++) sum += squares[i];
    return sum / (N_ROWS * N_ACT);
}

static void check_clone(const struct make *make) {
    struct diffusion_case c;
    double squares[N_ROWS];
    make_case(&c, make);
    mdp_time_table_refresh(&c.table, &c.diffusion->net, c.diffusion->params);
    mdp_diffusion_clone(c.diffusion, c.diffusion->params, &c.table, N_ROWS, N_ROWS, &c.rows, c.dropout, &c.sampler,
                        squares, c.grads, c.d_table);
    finish_time(&c);
    struct probe probe = diffusion_probe(&c, clone_loss);
    check_gradient(&probe, c.grads, 4e-2, 2e-3);
    free_case(&c);
}

static void test_cloning_of_noise(void) { check_clone(&dql); }

static void test_cloning_of_actions(void) { check_clone(&edp); }

static void test_cloning_with_dropout(void) { check_clone(&idql); }

static void sample(struct diffusion_case *c, float *act) {
    mdp_time_table_refresh(&c->table, &c->diffusion->net, c->diffusion->params);
    mdp_diffusion_sample(c->diffusion, c->diffusion->params, &c->table, N_ROWS, c->obs,
                         (struct mdp_draws){c->noise, N_ROWS * N_ACT}, 1.0, &c->sampler, act);
}

static double sampler_loss(const struct probe *probe) {
    struct diffusion_case *c = probe->context;
    float act[N_ROWS * N_ACT];
    sample(c, act);
    return weighted(act, c->weights, N_ROWS * N_ACT);
}

static double count_inside(const struct diffusion_case *c) {
    double sum = 0;
    for (long j = 0; j < (long)c->sampler.n_steps * N_ROWS * N_ACT; j++) sum += (double)c->sampler.inside[j];
    return sum;
}

/* both branches of the clip must be in the case, or the test would show little */
static void check_sampler(const struct make *make) {
    struct diffusion_case c;
    float act[N_ROWS * N_ACT];
    make_case(&c, make);
    /* an untrained network's noise is far from what a deterministic solver left of it at the noisier times */
    static const int early[] = {0, 1, 3, 5, 6};
    if (make->n_times > 6) CHECK_OK(mdp_diffusion_visit(c.diffusion, 4, early));
    /* a young network's actions are small; a larger last layer reaches the bounds */
    const struct mdp_param *last = &c.diffusion->net.layout.params[c.diffusion->net.layout.n - 2];
    for (long j = 0; make->prediction == MDP_PREDICT_ACTION && j < (long)last->rows * last->cols; j++)
        c.diffusion->params[last->offset + j] *= 30.0f;
    sample(&c, act);
    CHECK(count_inside(&c) > 20 && count_inside(&c) < (double)c.sampler.n_steps * N_ROWS * N_ACT - 5);
    mdp_diffusion_sample_backward(c.diffusion, c.diffusion->params, N_ROWS, c.weights, &c.sampler, c.grads, c.d_table);
    finish_time(&c);
    struct probe probe = diffusion_probe(&c, sampler_loss);
    check_gradient(&probe, c.grads, 2e-4, 1e-2);
    free_case(&c);
}

static void test_sampler_with_noise_prediction(void) { check_sampler(&dql); }

static void test_sampler_with_action_prediction(void) { check_sampler(&edp); }

static void test_every_solver(void) {
    int n = 0;
    for (const struct mdp_solver *solver; (solver = mdp_solver_at(n)) != NULL; n++)
        for (int k = 0; k < 2; k++) {
            const struct make make = {
                MDP_DENOISER_MLP, k == 0 ? MDP_PREDICT_NOISE : MDP_PREDICT_ACTION, solver->name, 12, 4, 0};
            check_sampler(&make);
        }
    CHECK_INT(n, 8);
}

static double one_step_loss(const struct probe *probe) {
    struct diffusion_case *c = probe->context;
    float act[N_ROWS * N_ACT];
    mdp_time_table_refresh(&c->table, &c->diffusion->net, c->diffusion->params);
    mdp_diffusion_one_step(c->diffusion, c->diffusion->params, &c->table, N_ROWS, &c->rows, &c->sampler, act);
    return weighted(act, c->weights, N_ROWS * N_ACT);
}

static void check_one_step(const struct make *make) {
    struct diffusion_case c;
    make_case(&c, make);
    for (int i = 0; i < N_ROWS; i++) c.time[i] = i % 3; /* the last times would swamp the others: alpha is near 0 */
    struct probe probe = diffusion_probe(&c, one_step_loss);
    one_step_loss(&probe);
    mdp_diffusion_one_step_backward(c.diffusion, c.diffusion->params, N_ROWS, c.weights, &c.sampler, c.grads,
                                    c.d_table);
    finish_time(&c);
    check_gradient(&probe, c.grads, 4e-2, 2e-3);
    free_case(&c);
}

static void test_one_step_of_actions(void) { check_one_step(&edp); }

static void test_one_step_of_noise(void) { check_one_step(&dql); }

/* ---- guidance ---- */

/* a guidance module with a batch; learning rate 0, so that a training step only measures */
struct guidance_case {
    struct mdp_guidance *guidance;
    struct mdp_guidance_work work;
    struct mdp_batch batch;
    float *obs, *act, *next_obs, *rew;
    float tml[N_ROWS];
    int i_net;
};

static void make_guidance(struct guidance_case *c, const struct mdp_guidance_kind *kind) {
    struct mdp_guidance_config config;
    mdp_guidance_defaults(&config, N_OBS, N_ACT);
    config.kind = kind;
    config.n_hidden = 16;
    CHECK_OK(mdp_guidance_new(&config, 5, &c->guidance));
    CHECK_OK(mdp_guidance_work_alloc(&c->work, c->guidance, N_ROWS, NULL));
    if (kind->train != NULL) CHECK_OK(mdp_guidance_trainer_new(c->guidance, N_ROWS, NULL));
    c->obs = normals(2, N_ROWS * N_OBS);
    c->act = normals(3, N_ROWS * N_ACT);
    c->next_obs = normals(5, N_ROWS * N_OBS);
    c->rew = normals(6, N_ROWS);
    for (int i = 0; i < N_ROWS; i++) c->tml[i] = i % 5 == 0 ? 1.0f : 0.0f;
    c->batch = (struct mdp_batch){N_ROWS, c->obs, c->act, c->rew, c->tml, c->next_obs, c->act, NULL, NULL, NULL, NULL};
    for (int i = 0; i < c->guidance->n_nets; i++) /* a target of its own, so that mixing them up shows */
        if (c->guidance->nets[i].target != NULL)
            mdp_layout_init(&c->guidance->nets[i].net.layout, 99, 1, c->guidance->nets[i].target);
}

static void free_guidance(struct guidance_case *c) {
    mdp_guidance_work_free(&c->work);
    mdp_guidance_free(c->guidance);
    free(c->obs);
    free(c->act);
    free(c->next_obs);
    free(c->rew);
}

static double training_loss(const struct probe *probe) {
    struct guidance_case *c = probe->context;
    struct mdp_guidance_step step = {.next_act = c->act, .discount = 0.9, .lr = 0, .n_threads = 1};
    c->guidance->config.kind->train(c->guidance, &c->batch, &step);
    return c->i_net == 0 ? step.loss : step.value_loss;
}

/* the gradient that each network of a kind is trained with is that of its own loss */
static void check_training(const struct mdp_guidance_kind *kind) {
    struct guidance_case c;
    make_guidance(&c, kind);
    for (c.i_net = 0; c.i_net < c.guidance->n_nets; c.i_net++) {
        struct mdp_guidance_net *net = &c.guidance->nets[c.i_net];
        struct probe probe = {training_loss, &c, net->params, net->net.layout.n_floats};
        float *grads = NULL;
        CHECK_OK(mdp_calloc(&grads, (unsigned long)probe.n, sizeof *grads, "gradients"));
        training_loss(&probe);
        memcpy(grads, c.guidance->trainer->grads[c.i_net][0], (size_t)probe.n * sizeof *grads);
        check_gradient(&probe, grads, 2e-2, 4e-3);
        free(grads);
    }
    free_guidance(&c);
}

static void test_double_q_training(void) { check_training(&mdp_guidance_double_q); }

static void test_iql_training(void) { check_training(&mdp_guidance_iql); }

static double score_loss(const struct probe *probe) {
    struct guidance_case *c = probe->context;
    float score[N_ROWS];
    double sum = 0;
    c->guidance->config.kind->select_score(c->guidance, N_ROWS, c->obs, c->act, &c->work, score);
    for (int i = 0; i < N_ROWS; i++) sum += score[i];
    return sum;
}

static void check_score_gradient(const struct mdp_guidance_kind *kind) {
    struct guidance_case c;
    float score[N_ROWS], again[N_ROWS], d_act[N_ROWS * N_ACT];
    make_guidance(&c, kind);
    kind->select_score(c.guidance, N_ROWS, c.obs, c.act, &c.work, score);
    kind->score_gradient(c.guidance, N_ROWS, c.obs, c.act, &c.work, again, d_act);
    CHECK(memcmp(score, again, sizeof score) == 0);
    struct probe probe = {score_loss, &c, c.act, N_ROWS * N_ACT};
    check_gradient(&probe, d_act, 1e-3, 5e-3);
    free_guidance(&c);
}

static void test_score_gradients(void) {
    check_score_gradient(&mdp_guidance_double_q);
    check_score_gradient(&mdp_guidance_iql);
    check_score_gradient(&mdp_guidance_noise);
}

/* the mask by which the double-Q policy loss passes one head only */
static void test_policy_gradient_of_one_head(void) {
    struct mdp_guidance_config config;
    struct mdp_guidance *g = NULL;
    struct mdp_guidance_work work;
    mdp_guidance_defaults(&config, N_OBS, N_ACT);
    config.n_hidden = 16;
    CHECK_OK(mdp_guidance_new(&config, 5, &g));
    CHECK_OK(mdp_guidance_work_alloc(&work, g, N_ROWS, NULL));
    float *obs = normals(2, N_ROWS * N_OBS), *act = normals(3, N_ROWS * N_ACT), *weights = normals(4, N_ROWS);
    const float *values[MDP_Q_HEADS_MAX];
    float d_act[2][N_ROWS * N_ACT];
    for (int h = 0; h < 2; h++) {
        g->config.kind->policy_values(g, N_ROWS, obs, act, &work, values);
        g->config.kind->policy_gradient(g, N_ROWS, h, weights, &work, d_act[h]);
    }
    /* a step along one head's gradient raises that head by its squared norm and is told from the other head's */
    double norm = 0, cross = 0, before = weighted(values[0], weights, N_ROWS);
    for (int j = 0; j < N_ROWS * N_ACT; j++) {
        norm += (double)d_act[0][j] * d_act[0][j];
        cross += fabs((double)d_act[0][j] - d_act[1][j]);
    }
    CHECK(cross > 1e-3);
    double t = 0.02 / sqrt(norm);
    for (int j = 0; j < N_ROWS * N_ACT; j++) act[j] = (float)(act[j] + t * d_act[0][j]);
    g->config.kind->policy_values(g, N_ROWS, obs, act, &work, values);
    CHECK_CLOSE((weighted(values[0], weights, N_ROWS) - before) / (t * norm), 1.0, 0.05);
    mdp_guidance_work_free(&work);
    mdp_guidance_free(g);
    free(obs);
    free(act);
    free(weights);
}

/* ---- the denoiser's whole step ---- */

enum { N_STEP_ROWS = MDP_PANEL_ROWS + 16 }; /* two panels */

/* a run over frozen guidance with learning rate 0, so that a step only measures; scale of the policy loss: it is not
 * differentiated */
struct step_case {
    struct mdp_diffusion *diffusion;
    struct mdp_guidance *guidance;
    struct mdp_learner *learner;
    struct mdp_batch batch;
    struct mdp_learner_draws draws;
    double scale;
};

static double mean_size(const float *values) {
    double sum = 0;
    for (int i = 0; i < N_STEP_ROWS; i++) sum += fabs((double)values[i]);
    return sum / N_STEP_ROWS;
}

static double step_loss(const struct probe *probe) {
    struct step_case *c = probe->context;
    struct mdp_learner_log log;
    double sum = 0;
    mdp_learner_step(c->learner, &c->batch, &c->draws, &log);
    for (int i = 0; i < N_STEP_ROWS; i++) sum += c->learner->actor.q_new[1][i];
    if (c->scale == 0) c->scale = mean_size(c->learner->actor.q_new[0]);
    return log.bc_loss - c->learner->config.eta * sum / N_STEP_ROWS / c->scale;
}

/* the second head leads */
static void check_step(const struct make *make, enum mdp_policy_action action, const struct mdp_guidance_kind *kind,
                       double h) {
    struct step_case c = {.scale = 0};
    struct mdp_diffusion_config diffusion;
    struct mdp_guidance_config guidance;
    struct mdp_learner_config config;
    describe(make, &diffusion);
    mdp_guidance_defaults(&guidance, N_OBS, N_ACT);
    guidance.kind = kind;
    guidance.n_hidden = 16;
    mdp_learner_defaults(&config);
    config.mode = MDP_MODE_FROZEN;
    config.action = action;
    config.batch = N_STEP_ROWS;
    config.eta = 0.7;
    config.lr = 0;
    config.keeps_gradient = 1;
    CHECK_OK(mdp_diffusion_new(&diffusion, 5, &c.diffusion));
    CHECK_OK(mdp_guidance_new(&guidance, 5, &c.guidance));
    CHECK_OK(mdp_learner_new(&config, c.diffusion, c.guidance, &c.learner));
    float *obs = normals(2, N_STEP_ROWS * N_OBS), *act = normals(3, N_STEP_ROWS * N_ACT), *grads = NULL;
    c.batch = (struct mdp_batch){.n = N_STEP_ROWS, .obs = obs, .act = act};
    c.draws = mdp_learner_draw(c.learner, N_STEP_ROWS);
    c.draws.coin = 0.25;
    for (int i = 0; action == MDP_ACTION_ONE_STEP && i < N_STEP_ROWS; i++) c.learner->buffers.policy_time[i] = i % 3;
    struct probe probe = {step_loss, &c, c.diffusion->params, c.diffusion->net.layout.n_floats};
    CHECK_OK(mdp_calloc(&grads, (unsigned long)probe.n, sizeof *grads, "gradients"));
    step_loss(&probe);
    mdp_learner_actor_gradient(c.learner, grads);
    check_gradient(&probe, grads, h, 1e-2);
    mdp_learner_free(c.learner);
    mdp_diffusion_free(c.diffusion);
    mdp_guidance_free(c.guidance);
    free(obs);
    free(act);
    free(grads);
}

static void test_step_with_sampled_actions(void) {
    check_step(&dql, MDP_ACTION_SAMPLED, &mdp_guidance_double_q, 2e-4);
    check_step(&idql, MDP_ACTION_SAMPLED, &mdp_guidance_iql, 2e-4);
}

static void test_step_with_one_step_actions(void) {
    check_step(&edp, MDP_ACTION_ONE_STEP, &mdp_guidance_double_q, 1e-2);
    check_step(&idql, MDP_ACTION_ONE_STEP, &mdp_guidance_iql, 1e-2);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_double_q_network),
        TAP_TEST(test_iql_network),
        TAP_TEST(test_denoiser),
        TAP_TEST(test_residual_denoiser),
        TAP_TEST(test_residual_denoiser_with_dropout),
        TAP_TEST(test_dropout_masks),
        TAP_TEST(test_cloning_of_noise),
        TAP_TEST(test_cloning_of_actions),
        TAP_TEST(test_cloning_with_dropout),
        TAP_TEST(test_sampler_with_noise_prediction),
        TAP_TEST(test_sampler_with_action_prediction),
        TAP_TEST(test_every_solver),
        TAP_TEST(test_one_step_of_actions),
        TAP_TEST(test_one_step_of_noise),
        TAP_TEST(test_double_q_training),
        TAP_TEST(test_iql_training),
        TAP_TEST(test_score_gradients),
        TAP_TEST(test_policy_gradient_of_one_head),
        TAP_TEST(test_step_with_sampled_actions),
        TAP_TEST(test_step_with_one_step_actions),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
