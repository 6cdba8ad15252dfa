/* what energies stand on: the networks' gradients against finite differences of their equations in double, the two
 * stages of training, frequencies that stay, and the same bits for any number of threads */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/learner.h"
#include "algos/steering.h"
#include "base/rng.h"
#include "tests/tap.h"

enum { N_OBS = 4, N_ACT = 3, N_EMB = 6, N_STATES = 5, K = 4, N_ROWS = N_STATES * K, WIDEST = 64 };

static const int widths[] = {12, 10, 8};
static const double two_pi = 6.28318530717958647693;

static void draw(uint32_t which, long n, float *out) {
    struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_EXPLORE, which, 0);
    mdp_rng_normal(&rng, out, n);
}

/* ---- the equations in double ---- */

static double silu(double z) { return z / (1 + exp(-z)); }

/* y = act(W x + b); the bias follows the weight */
static void linear(const double *weight, int n_out, int n_in, const double *x, int is_active, double *y) {
    for (int j = 0; j < n_out; j++) {
        double sum = weight[(long)n_out * n_in + j];
        for (int i = 0; i < n_in; i++) sum += weight[(long)j * n_in + i] * x[i];
        y[j] = is_active ? silu(sum) : sum;
    }
}

static void embed(const double *frequencies, double time, double *out) {
    for (int j = 0; j < N_EMB / 2; j++) {
        out[j] = cos(two_pi * frequencies[j] * time);
        out[N_EMB / 2 + j] = sin(two_pi * frequencies[j] * time);
    }
}

/* a stack whose layers but the last are active */
static void stack(const struct mdp_mlp *mlp, const double *params, double *x) {
    double y[WIDEST];
    for (int i = 0; i < mlp->n_layers; i++) {
        const struct mdp_layer *l = &mlp->layers[i];
        linear(params + l->weight, l->n_out, l->n_in, x, i < mlp->n_layers - 1, y);
        memcpy(x, y, (size_t)l->n_out * sizeof *x);
    }
}

static void apply(const struct mdp_unet_linear *l, const double *params, const double *x, int is_active, double *y) {
    linear(params + l->weight, l->n_out, l->n_in, x, is_active, y);
}

static void block(const struct mdp_unet_block *b, const double *params, const double *x, const double *c, double *y) {
    double h[WIDEST], more[WIDEST];
    int n = b->first.n_out;
    apply(&b->first, params, x, 1, h);
    apply(&b->condition, params, c, 0, more);
    for (int j = 0; j < n; j++) h[j] += more[j];
    apply(&b->second, params, h, 1, y);
    if (b->skip.n_in > 0) apply(&b->skip, params, x, 0, more);
    for (int j = 0; j < n; j++) y[j] += b->skip.n_in > 0 ? more[j] : x[j];
}

/* one row of the U-Net */
static void denoise(const struct mdp_denoiser *net, const double *params, const double *x, double time,
                    const double *obs, double mask, double *out) {
    const struct mdp_unet *u = &net->unet;
    double c[WIDEST], o[WIDEST], y[MDP_UNET_BLOCKS][WIDEST], joined[2 * WIDEST];
    embed(params, time, c);
    stack(&net->time, params, c);
    memcpy(o, obs, N_OBS * sizeof *o);
    stack(&net->condition, params, o);
    for (int j = 0; j < N_EMB; j++) c[j] += mask * o[j];
    for (int i = 0; i < 4; i++) block(&u->blocks[i], params, i == 0 ? x : y[i - 1], c, y[i]);
    for (int i = 4; i < MDP_UNET_BLOCKS; i++) {
        int half = u->blocks[i].first.n_in / 2;
        memcpy(joined, y[i - 1], (size_t)half * sizeof *joined);
        memcpy(joined + half, y[6 - i], (size_t)half * sizeof *joined);
        block(&u->blocks[i], params, joined, c, y[i]);
    }
    apply(&u->out, params, y[MDP_UNET_BLOCKS - 1], 0, out);
}

/* one row of the energy */
static double energy(const struct mdp_q_net *net, const double *params, const double *obs, const double *act,
                     double time) {
    double x[WIDEST];
    linear(params + net->obs_projection, N_EMB, N_OBS, obs, 0, x);
    linear(params + net->act_projection, N_EMB, N_ACT, act, 0, x + N_EMB);
    embed(params, time, x + 2 * N_EMB);
    stack(&net->heads[0], params, x);
    return 10 * tanh(x[0] / 10);
}

static void widen(long n, const float *from, double *to) {
    for (long j = 0; j < n; j++) to[j] = from[j];
}

/* ---- finite differences ---- */

/* a scalar function of numbers that are moved one at a time */
struct probe {
    double (*loss)(const void *context);
    const void *context;
    double *values;
    long n;
};

/* central differences in double are good to 1e-9; float32 gradients are compared */
static void check_slopes(const struct probe *probe, const float *gradient, long first) {
    static const double h = 1e-5;
    for (long j = first; j < probe->n; j++) {
        double was = probe->values[j], high, low;
        probe->values[j] = was + h;
        high = probe->loss(probe->context);
        probe->values[j] = was - h;
        low = probe->loss(probe->context);
        probe->values[j] = was;
        CHECK_CLOSE(gradient[j], (high - low) / (2 * h), 2e-5 * (1 + fabs(gradient[j])));
    }
}

struct unet_case {
    struct mdp_denoiser net;
    double params[8192], x[N_ROWS * N_ACT], obs[N_ROWS * N_OBS], weights[N_ROWS * N_ACT];
    double times[N_ROWS], mask[N_ROWS];
};

static double unet_loss(const void *context) {
    const struct unet_case *c = context;
    double sum = 0, out[N_ACT];
    for (int r = 0; r < N_ROWS; r++) {
        denoise(&c->net, c->params, c->x + r * N_ACT, c->times[r], c->obs + r * N_OBS, c->mask[r], out);
        for (int j = 0; j < N_ACT; j++) sum += c->weights[r * N_ACT + j] * out[j];
    }
    return sum;
}

static void test_unet(void) {
    static struct unet_case c;
    static float params[8192], grads[8192], x[N_ROWS * N_ACT], obs[N_ROWS * N_OBS], d_out[N_ROWS * N_ACT],
        d_x[N_ROWS * N_ACT], mask[N_ROWS], d_table[N_ROWS * N_EMB];
    const struct mdp_denoiser_sizes sizes = {
        .n_obs = N_OBS, .n_act = N_ACT, .n_emb = N_EMB, .n_hidden = 12, .n_times = 6, .widths = {12, 10, 8}};
    struct mdp_time_table table;
    struct mdp_denoiser_cache cache;
    mdp_denoiser_build(&c.net, MDP_DENOISER_UNET, &sizes);
    long n = c.net.layout.n_floats;
    CHECK(n <= 8192 && c.net.layout.n_fixed == N_EMB / 2);
    mdp_layout_init(&c.net.layout, 4, 1, params);
    draw(1, N_ROWS * N_ACT, x);
    draw(2, N_ROWS * N_OBS, obs);
    draw(3, N_ROWS * N_ACT, d_out);
    CHECK_OK(mdp_time_table_alloc_rows(&table, &c.net, N_ROWS));
    CHECK_OK(mdp_denoiser_cache_alloc(&cache, &c.net, N_ROWS, NULL));
    for (int r = 0; r < N_ROWS; r++) {
        table.times[r] = c.times[r] = mdp_schedule_time((r + 0.5) / N_ROWS);
        c.mask[r] = mask[r] = r % 3 != 0;
        cache.time[r] = r;
    }
    cache.mask = mask;
    widen(n, params, c.params);
    widen(N_ROWS * N_ACT, x, c.x);
    widen(N_ROWS * N_OBS, obs, c.obs);
    widen(N_ROWS * N_ACT, d_out, c.weights);
    mdp_time_table_refresh(&table, &c.net, params);
    const float *out = mdp_denoiser_forward(&c.net, params, &table, N_ROWS, x, obs, &cache);
    double sum = 0;
    for (int j = 0; j < N_ROWS * N_ACT; j++) sum += (double)d_out[j] * out[j];
    CHECK_CLOSE(sum, unet_loss(&c), 1e-4);
    mdp_denoiser_backward(&c.net, params, N_ROWS, d_out, &cache, grads, d_table, d_x);
    mdp_time_table_backward(&table, &c.net, params, d_table, grads);
    for (int j = 0; j < N_EMB / 2; j++) CHECK(grads[j] == 0);
    check_slopes(&(struct probe){unet_loss, &c, c.params, n}, grads, c.net.layout.n_fixed);
    check_slopes(&(struct probe){unet_loss, &c, c.x, N_ROWS * N_ACT}, d_x, 0);
    mdp_time_table_free(&table);
    mdp_denoiser_cache_free(&cache);
}

struct energy_case {
    struct mdp_q_net net;
    double params[2048], act[N_ROWS * N_ACT], obs[N_STATES * N_OBS], weights[N_ROWS], times[N_STATES];
};

static double energy_loss(const void *context) {
    const struct energy_case *c = context;
    double sum = 0;
    for (int r = 0; r < N_ROWS; r++)
        sum += c->weights[r] * energy(&c->net, c->params, c->obs + r / K * N_OBS, c->act + r * N_ACT, c->times[r / K]);
    return sum;
}

static void test_energy(void) {
    static struct energy_case c;
    static float params[2048], grads[2048], act[N_ROWS * N_ACT], obs[N_STATES * N_OBS], d_value[N_ROWS],
        d_act[N_ROWS * N_ACT];
    struct mdp_q_cache cache;
    mdp_energy_net_build(&c.net, N_OBS, N_ACT, N_EMB, widths);
    long n = c.net.layout.n_floats;
    CHECK(n <= 2048);
    mdp_layout_init(&c.net.layout, 5, 1, params);
    /* large outputs, so that the bound bends them */
    for (long j = c.net.heads[0].layers[3].weight; j < n; j++) params[j] *= 40;
    draw(1, N_ROWS * N_ACT, act);
    draw(2, N_STATES * N_OBS, obs);
    draw(3, N_ROWS, d_value);
    for (int s = 0; s < N_STATES; s++) c.times[s] = mdp_schedule_time((s + 0.5) / N_STATES);
    widen(n, params, c.params);
    widen(N_ROWS * N_ACT, act, c.act);
    widen(N_STATES * N_OBS, obs, c.obs);
    widen(N_ROWS, d_value, c.weights);
    CHECK_OK(mdp_q_cache_alloc(&cache, &c.net, N_ROWS, NULL));
    const struct mdp_energy_rows rows = {N_STATES, K, obs, act, c.times};
    const float *f = mdp_energy_forward(&c.net, params, &rows, &cache);
    double sum = 0, most = 0;
    for (int r = 0; r < N_ROWS; r++) {
        sum += (double)d_value[r] * f[r];
        most = fmax(most, fabs((double)f[r]));
    }
    CHECK(most > 1 && most < 10);
    CHECK_CLOSE(sum, energy_loss(&c), 1e-4);
    mdp_energy_backward(&c.net, params, &rows, d_value, &cache, grads, d_act);
    check_slopes(&(struct probe){energy_loss, &c, c.params, n}, grads, c.net.layout.n_fixed);
    check_slopes(&(struct probe){energy_loss, &c, c.act, N_ROWS * N_ACT}, d_act, 0);
    mdp_q_cache_free(&cache);
}

/* ---- schedule ---- */

static void test_times(void) {
    struct mdp_schedule schedule;
    double alpha, sigma;
    CHECK_OK(mdp_schedule_build_continuous(&schedule, 5));
    CHECK(schedule.n_times == 6 && schedule.is_continuous);
    CHECK_CLOSE(schedule.time[0], 1e-3, 1e-15);
    CHECK_CLOSE(schedule.time[2], 0.252363, 1e-6);
    CHECK_CLOSE(schedule.time[5], 0.9946, 1e-15);
    for (int i = 0; i <= 20; i++) {
        double t = mdp_schedule_time(i / 20.0);
        mdp_schedule_scales(t, &alpha, &sigma);
        CHECK_CLOSE(alpha * alpha + sigma * sigma, 1, 1e-15);
        CHECK_CLOSE(mdp_schedule_time_of(alpha), t, 1e-9);
    }
    CHECK(mdp_schedule_time_of(1) == 1e-3 && mdp_schedule_time_of(0) == 0.9946);
    CHECK_FAILS(mdp_schedule_build_continuous(&schedule, 0), MDP_E_USAGE, "expected 1 to 255 steps, found 0");
    CHECK_FAILS(mdp_schedule_build_continuous(&schedule, 256), MDP_E_USAGE, "found 256");
}

/* ---- training ---- */

enum { BATCH = 300, N_SUPPORT = 5, N_RUN = 3 };

static struct mdp_guidance *make_guidance(void) {
    struct mdp_guidance_config config;
    struct mdp_guidance *g;
    mdp_guidance_defaults(&config, N_OBS, N_ACT);
    config.kind = &mdp_guidance_energy;
    config.n_hidden = 16;
    config.n_emb = N_EMB;
    memcpy(config.widths, widths, sizeof config.widths);
    config.n_support = N_SUPPORT;
    config.target_keep = 0.995;
    CHECK_OK(mdp_guidance_new(&config, 1, &g));
    return g;
}

static struct mdp_diffusion *make_diffusion(void) {
    struct mdp_diffusion_config config;
    struct mdp_diffusion *d;
    mdp_diffusion_defaults(&config, N_OBS, N_ACT);
    config.kind = MDP_DENOISER_UNET;
    config.n_emb = N_EMB;
    memcpy(config.widths, widths, sizeof config.widths);
    config.dropout = 0.25;
    config.decay = 1e-5;
    config.ema_keep = 0.99;
    config.ema_every = 1;
    config.ema_start = 0;
    CHECK_OK(mdp_diffusion_new(&config, 2, &d));
    return d;
}

/* arrays of a batch and of what an energy learns from */
struct data {
    float obs[BATCH * N_OBS], next_obs[BATCH * N_OBS], act[BATCH * N_ACT], rew[BATCH], tml[BATCH],
        support[BATCH * N_SUPPORT * N_ACT], noisy[BATCH * N_SUPPORT * N_ACT];
    double times[BATCH];
};

static struct mdp_batch fill(struct data *d) {
    float *arrays[] = {d->obs, d->next_obs, d->act, d->rew, d->support, d->noisy};
    const long sizes[] = {
        BATCH * N_OBS, BATCH * N_OBS, BATCH * N_ACT, BATCH, BATCH * N_SUPPORT * N_ACT, BATCH * N_SUPPORT * N_ACT};
    for (uint32_t i = 0; i < 6; i++) draw(20 + i, sizes[i], arrays[i]);
    for (int r = 0; r < BATCH; r++) {
        d->tml[r] = r % 7 == 0;
        d->times[r] = mdp_schedule_time((r + 0.5) / BATCH);
    }
    return (struct mdp_batch){
        .n = BATCH, .obs = d->obs, .act = d->act, .rew = d->rew, .tml = d->tml, .next_obs = d->next_obs};
}

static void train(struct mdp_guidance *g, const struct mdp_batch *batch, const struct data *d, int n_threads) {
    CHECK_OK(mdp_guidance_trainer_new(g, BATCH, NULL));
    for (int k = 0; k < 2 * N_RUN; k++) {
        struct mdp_guidance_step step = {
            .discount = 0.99, .lr = 1e-3, .n_threads = n_threads, .support = d->support, .n_support = N_SUPPORT};
        step.values_rest = k >= N_RUN;
        step.energy_lr = 1e-3;
        if (k >= N_RUN) step.noisy = d->noisy;
        if (k >= N_RUN) step.times = d->times;
        CHECK(mdp_guidance_update(g, batch, k, &step));
        CHECK(isfinite(k < N_RUN ? step.loss : step.value_loss));
        CHECK(isnan(k < N_RUN ? step.value_loss : step.loss));
    }
}

/* each stage moves its own network and average alone, and threads change no bit */
static void test_stages(void) {
    static struct data data;
    const struct mdp_batch batch = fill(&data);
    struct mdp_guidance *once = make_guidance(), *again = make_guidance(), *first = make_guidance();
    train(once, &batch, &data, 1);
    train(again, &batch, &data, 3);
    for (int i = 0; i < 2; i++) {
        const struct mdp_guidance_net *a = &once->nets[i], *b = &again->nets[i], *c = &first->nets[i];
        size_t size = (size_t)a->net.layout.n_floats * sizeof(float), fixed = (size_t)a->net.layout.n_fixed;
        CHECK(memcmp(a->params, b->params, size) == 0 && memcmp(a->target, b->target, size) == 0);
        CHECK(memcmp(a->params, c->params, size) != 0 && memcmp(a->target, c->target, size) != 0);
        CHECK(memcmp(a->params, c->params, fixed * sizeof(float)) == 0);
        CHECK(memcmp(a->target, c->params, fixed * sizeof(float)) == 0);
        CHECK(a->adam.step == N_RUN);
    }
    CHECK(once->nets[1].net.layout.n_fixed == N_EMB / 2);
    mdp_guidance_free(once);
    mdp_guidance_free(again);
    mdp_guidance_free(first);
}

/* rows and threads change no bit of the behaviour, whose frequencies stay; a run draws what it needs */
static void test_behavior(void) {
    static struct data data;
    const struct mdp_batch batch = fill(&data);
    struct mdp_learner_config config;
    struct mdp_diffusion *runs[2], *first = make_diffusion();
    mdp_learner_defaults(&config);
    config.mode = MDP_MODE_NONE;
    config.action = MDP_ACTION_NONE;
    config.eta = 0;
    config.batch = BATCH;
    config.lr_steps = 0;
    for (int i = 0; i < 2; i++) {
        struct mdp_learner *learner;
        struct mdp_learner_log log;
        config.n_threads = 1 + 2 * i;
        runs[i] = make_diffusion();
        CHECK_OK(mdp_learner_new(&config, runs[i], NULL, &learner));
        for (int k = 0; k < N_RUN; k++) {
            struct mdp_learner_draws draws = mdp_learner_draw(learner, BATCH);
            int n_seen = 0;
            for (int r = 0; r < BATCH; r++) n_seen += draws.bc_mask[r] == 1;
            CHECK(n_seen > BATCH / 2 && n_seen < BATCH && draws.bc_at[0] != draws.bc_at[1]);
            mdp_learner_step(learner, &batch, &draws, &log);
            CHECK(isfinite(log.bc_loss) && log.lr == config.lr);
        }
        mdp_learner_free(learner);
    }
    size_t size = (size_t)first->net.layout.n_floats * sizeof(float), fixed = N_EMB / 2 * sizeof(float);
    CHECK(memcmp(runs[0]->params, runs[1]->params, size) == 0 && memcmp(runs[0]->ema, runs[1]->ema, size) == 0);
    CHECK(memcmp(runs[0]->params, first->params, size) != 0 && memcmp(runs[0]->ema, runs[0]->params, size) != 0);
    CHECK(memcmp(runs[0]->params, first->params, fixed) == 0 && memcmp(runs[0]->ema, first->params, fixed) == 0);
    mdp_diffusion_free(runs[0]);
    mdp_diffusion_free(runs[1]);
    mdp_diffusion_free(first);
}

/* ---- steering and refusals ---- */

/* a weight of nothing changes nothing, and the way up the energy raises it */
static void test_steering(void) {
    struct mdp_diffusion *d = make_diffusion();
    struct mdp_guidance *g = make_guidance();
    struct mdp_sampler sampler;
    struct mdp_time_table table;
    struct mdp_guidance_work work;
    float obs[N_ROWS * N_OBS], noise[6 * N_ROWS * N_ACT], act[3][N_ROWS * N_ACT], score[2][N_ROWS];
    const double w[] = {0, 0, 20};
    draw(1, N_ROWS * N_OBS, obs);
    draw(2, 6 * N_ROWS * N_ACT, noise);
    CHECK_OK(mdp_sampler_alloc(&sampler, d, N_ROWS, 0, NULL));
    CHECK_OK(mdp_time_table_alloc(&table, &d->net));
    CHECK_OK(mdp_guidance_work_alloc(&work, g, N_ROWS, NULL));
    mdp_time_table_refresh(&table, &d->net, d->params);
    for (int i = 0; i < 3; i++) {
        struct mdp_steering steering;
        const struct mdp_guide_rule rule = {MDP_GUIDE_ENERGY, w[i], NULL};
        CHECK_OK(mdp_steering_init(&steering, d, g, &rule, N_ROWS, 1));
        steering.obs = obs;
        sampler.bend = i > 0 ? &steering.bend : NULL;
        mdp_diffusion_sample(d, d->params, &table, N_ROWS, obs, (struct mdp_draws){noise, N_ROWS * N_ACT}, 1, &sampler,
                             act[i]);
        mdp_steering_free(&steering);
    }
    CHECK(memcmp(act[0], act[1], sizeof act[0]) == 0);
    CHECK(memcmp(act[1], act[2], sizeof act[0]) != 0);
    for (int i = 0; i < 2; i++) g->config.kind->select_score(g, N_ROWS, obs, act[1 + i], &work, score[i]);
    double gain = 0;
    for (int r = 0; r < N_ROWS; r++) gain += (double)score[1][r] - score[0][r];
    CHECK(gain > 0);
    mdp_guidance_work_free(&work);
    mdp_time_table_free(&table);
    mdp_sampler_free(&sampler);
    mdp_diffusion_free(d);
    mdp_guidance_free(g);
}

static void test_refusals(void) {
    struct mdp_diffusion *d = make_diffusion(), *bad;
    struct mdp_guidance *g, *other;
    struct mdp_guidance_config config;
    struct mdp_diffusion_config dc = d->config;
    struct mdp_steering steering;
    const struct mdp_guide_rule rule = {MDP_GUIDE_ENERGY, 1, NULL};
    const int index[] = {0, 1};
    mdp_guidance_defaults(&config, N_OBS, N_ACT);
    CHECK_OK(mdp_guidance_new(&config, 1, &g));
    CHECK_FAILS(mdp_steering_init(&steering, d, g, &rule, 1, 1), MDP_E_USAGE, "expected guidance with an energy");
    config.kind = &mdp_guidance_energy;
    config.n_emb = 7;
    CHECK_FAILS(mdp_guidance_new(&config, 1, &other), MDP_E_USAGE, "even size");
    config.n_emb = 6;
    config.n_support = 257;
    CHECK_FAILS(mdp_guidance_new(&config, 1, &other), MDP_E_USAGE, "at most 256 actions");
    config.n_support = 2;
    config.beta = NAN;
    CHECK_FAILS(mdp_guidance_new(&config, 1, &other), MDP_E_USAGE, "inverse temperatures");
    config.beta = 1;
    config.n_obs = N_OBS + 1;
    CHECK_OK(mdp_guidance_new(&config, 1, &other));
    CHECK_FAILS(mdp_steering_init(&steering, d, other, &rule, 1, 1), MDP_E_DATA, "expected 4 observations");
    CHECK_FAILS(mdp_diffusion_visit(d, 1, index), MDP_E_USAGE, "continuous times");
    dc.widths[1] = 0;
    CHECK_FAILS(mdp_diffusion_new(&dc, 1, &bad), MDP_E_USAGE, "width: expected 1 to 65536, found 0");
    mdp_guidance_free(g);
    mdp_guidance_free(other);
    mdp_diffusion_free(d);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_unet),    TAP_TEST(test_energy),   TAP_TEST(test_times),
                                            TAP_TEST(test_stages),  TAP_TEST(test_behavior), TAP_TEST(test_steering),
                                            TAP_TEST(test_refusals)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
