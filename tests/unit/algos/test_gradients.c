/* every backward pass against finite differences of its forward pass, along random directions */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/diffusion/diffusion.h"
#include "algos/guidance/guidance.h"
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

/* --- value network ----------------------------------------------------------------------------------------------- */

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
    CHECK_OK(mdp_q_cache_alloc(&c.cache, &c.net, N_ROWS));
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

/* --- denoiser, cloning loss, sampler ------------------------------------------------------------------------------ */

struct diffusion_case {
    struct mdp_diffusion *diffusion;
    struct mdp_time_table table;
    struct mdp_sampler sampler;
    float *obs, *act, *noise, *weights;
    int time[N_ROWS];
    float *grads, *d_table;
};

static void make_case(struct diffusion_case *c) {
    struct mdp_diffusion_config config;
    mdp_diffusion_defaults(&config, N_OBS, N_ACT);
    config.n_emb = 6;
    config.n_hidden = 24;
    CHECK_OK(mdp_diffusion_new(&config, 11, &c->diffusion));
    CHECK_OK(mdp_time_table_alloc(&c->table, &c->diffusion->net));
    CHECK_OK(mdp_sampler_alloc(&c->sampler, c->diffusion, N_ROWS, 1));
    c->obs = normals(2, N_ROWS * N_OBS);
    c->act = normals(3, N_ROWS * N_ACT);
    c->noise = normals(5, (long)mdp_diffusion_draws(c->diffusion) * N_ROWS * N_ACT);
    c->weights = normals(6, N_ROWS * N_ACT);
    for (int i = 0; i < N_ROWS; i++) c->time[i] = i % config.n_times;
    CHECK_OK(mdp_calloc(&c->grads, (unsigned long)c->diffusion->net.layout.n_floats, sizeof(float), "gradients"));
    CHECK_OK(mdp_calloc(&c->d_table, (unsigned long)(config.n_times * config.n_emb), sizeof(float), "gradients"));
}

static void free_case(struct diffusion_case *c) {
    mdp_sampler_free(&c->sampler);
    mdp_time_table_free(&c->table);
    mdp_diffusion_free(c->diffusion);
    free(c->obs);
    free(c->act);
    free(c->noise);
    free(c->weights);
    free(c->grads);
    free(c->d_table);
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
    return mdp_denoiser_forward(&c->diffusion->net, c->diffusion->params, &c->table, N_ROWS, c->act, c->obs, cache);
}

static double denoiser_loss(const struct probe *probe) {
    struct diffusion_case *c = probe->context;
    return weighted(denoise(c), c->weights, N_ROWS * N_ACT);
}

static void test_denoiser(void) {
    struct diffusion_case c;
    float d_x[N_ROWS * N_ACT];
    make_case(&c);
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

static double clone_loss(const struct probe *probe) {
    struct diffusion_case *c = probe->context;
    double squares[N_ROWS], sum = 0;
    mdp_time_table_refresh(&c->table, &c->diffusion->net, c->diffusion->params);
    mdp_diffusion_clone(c->diffusion, c->diffusion->params, &c->table, N_ROWS, N_ROWS, c->obs, c->act, c->time,
                        c->noise, &c->sampler, squares, NULL, NULL);
    for (int i = 0; i < N_ROWS; i++) sum += squares[i];
    return sum / (N_ROWS * N_ACT);
}

static void check_clone(enum mdp_prediction prediction) {
    struct diffusion_case c;
    double squares[N_ROWS];
    make_case(&c);
    c.diffusion->config.prediction = prediction;
    mdp_time_table_refresh(&c.table, &c.diffusion->net, c.diffusion->params);
    mdp_diffusion_clone(c.diffusion, c.diffusion->params, &c.table, N_ROWS, N_ROWS, c.obs, c.act, c.time, c.noise,
                        &c.sampler, squares, c.grads, c.d_table);
    finish_time(&c);
    struct probe probe = diffusion_probe(&c, clone_loss);
    check_gradient(&probe, c.grads, 4e-2, 2e-3);
    free_case(&c);
}

static void test_cloning_of_noise(void) { check_clone(MDP_PREDICT_NOISE); }

static void test_cloning_of_actions(void) { check_clone(MDP_PREDICT_ACTION); }

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
static void check_sampler(enum mdp_prediction prediction) {
    struct diffusion_case c;
    float act[N_ROWS * N_ACT];
    make_case(&c);
    c.diffusion->config.prediction = prediction;
    /* a young network's actions are small; a larger last layer reaches the bounds */
    const struct mdp_param *last = &c.diffusion->net.layout.params[c.diffusion->net.layout.n - 2];
    for (long j = 0; prediction == MDP_PREDICT_ACTION && j < (long)last->rows * last->cols; j++)
        c.diffusion->params[last->offset + j] *= 30.0f;
    sample(&c, act);
    CHECK(count_inside(&c) > 20 && count_inside(&c) < (double)c.sampler.n_steps * N_ROWS * N_ACT - 5);
    mdp_diffusion_sample_backward(c.diffusion, c.diffusion->params, N_ROWS, c.weights, &c.sampler, c.grads, c.d_table);
    finish_time(&c);
    struct probe probe = diffusion_probe(&c, sampler_loss);
    check_gradient(&probe, c.grads, 2e-4, 1e-2);
    free_case(&c);
}

static void test_sampler_with_noise_prediction(void) { check_sampler(MDP_PREDICT_NOISE); }

static void test_sampler_with_action_prediction(void) { check_sampler(MDP_PREDICT_ACTION); }

/* the mask by which the double-Q policy loss passes one head only */
static void test_policy_gradient_of_one_head(void) {
    struct mdp_guidance_config config;
    struct mdp_guidance *g = NULL;
    struct mdp_guidance_work work;
    mdp_guidance_defaults(&config, N_OBS, N_ACT);
    config.n_hidden = 16;
    CHECK_OK(mdp_guidance_new(&config, 5, &g));
    CHECK_OK(mdp_guidance_work_alloc(&work, g, N_ROWS));
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

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_double_q_network),
        TAP_TEST(test_denoiser),
        TAP_TEST(test_cloning_of_noise),
        TAP_TEST(test_cloning_of_actions),
        TAP_TEST(test_sampler_with_noise_prediction),
        TAP_TEST(test_sampler_with_action_prediction),
        TAP_TEST(test_policy_gradient_of_one_head),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
