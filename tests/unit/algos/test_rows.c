/* the element-wise parts of training, of every kernel this machine can run: against double arithmetic, and the same
 * bits from every float32 kernel */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/nn/bf16.h"
#include "algos/nn/kernel.h"
#include "base/rng.h"
#include "tests/tap.h"

enum { M = 3, N_MAX = 250, N_ALL = M * N_MAX };

/* half a unit in the last place of a float, of a bfloat16 */
static const double unit = 0x1p-24, unit_bf16 = 0x1p-8;

static const int widths[] = {1, 6, 16, 24, 250};
enum { N_WIDTHS = sizeof widths / sizeof widths[0] };

/* operands, as many as all rows have, of either type */
struct operands {
    float values[N_ALL];
};

static double value_of(const struct mdp_rows *rows, const struct operands *operands, long i) {
    uint16_t half;
    if (rows->element == sizeof(float)) return operands->values[i];
    memcpy(&half, (const char *)operands->values + i * 2, sizeof half);
    return mdp_bf16_to_float(half);
}

/* how far an operand may be from what it stands for, besides what is lost in computing it */
static double unit_of(const struct mdp_kernel *kernel) { return kernel->precision == MDP_BF16 ? unit_bf16 : unit; }

static void draw(uint32_t which, long n, float *out) {
    struct mdp_rng rng = mdp_rng_stream(5, MDP_RNG_EXPLORE, which, 0);
    mdp_rng_normal(&rng, out, n);
}

static void each_kernel(void (*check)(const struct mdp_kernel *kernel, int n)) {
    for (int i = 0; mdp_kernel_list()[i] != NULL; i++)
        for (int k = 0; k < N_WIDTHS; k++)
            if (mdp_kernel_list()[i]->is_supported()) check(mdp_kernel_list()[i], widths[k]);
}

/* ---- activations ---- */

static double act_of(enum mdp_activation act, double z, double *slope) {
    double e = exp(z), t = tanh(log1p(e));
    switch (act) {
    case MDP_ACT_MISH: *slope = t + z * (1 - t * t) * e / (1 + e); return z * t;
    case MDP_ACT_TANH: *slope = 1 - tanh(z) * tanh(z); return tanh(z);
    case MDP_ACT_RELU: *slope = z > 0; return z > 0 ? z : 0;
    case MDP_ACT_SILU:
        t = 1 / (1 + exp(-z));
        *slope = t + z * t * (1 - t);
        return z * t;
    case MDP_ACT_GELU:
        t = 1 / (1 + exp(-1.5957691216057308 * (z + 0.044715 * z * z * z)));
        *slope = t + z * t * (1 - t) * 1.5957691216057308 * (1 + 3 * 0.044715 * z * z);
        return z * t;
    case MDP_ACT_NONE: break;
    }
    *slope = NAN;
    return z;
}

/* sums of bias and z are exact to their own rounding, which the slope of at most 1.1 passes on; the functions are 8
 * units off at most. bfloat16 kernels invert to 2^-14 and then round */
static void check_activation(const struct mdp_kernel *kernel, int n) {
    static struct operands slope, y, d_z;
    static float z[N_ALL], bias[N_MAX], d_y[N_ALL];
    double coarse = kernel->precision == MDP_BF16 ? 0x1p-12 : 0, u = unit_of(kernel);
    for (int act = 0; act < 6; act++) {
        draw(1, (long)M * n, z);
        draw(2, n, bias);
        draw(3, (long)M * n, d_y);
        for (int i = 0; i < M * n; i++) z[i] *= 4;
        kernel->rows.activate((enum mdp_activation)act, M, n, bias, z, &slope, &y);
        if (act != MDP_ACT_NONE) kernel->rows.activate_back(M, n, &slope, d_y, &d_z);
        for (int i = 0; i < M * n; i++) {
            double want_slope, x = (double)z[i] + bias[i % n], want = act_of((enum mdp_activation)act, x, &want_slope);
            double error = 8 * unit * (1 + fabs(x)) + coarse * (1 + fabs(want));
            CHECK_CLOSE(value_of(&kernel->rows, &y, i), want, error + u * fabs(want));
            if (act == MDP_ACT_NONE) continue;
            CHECK_CLOSE(value_of(&kernel->rows, &slope, i), want_slope, error + u * fabs(want_slope));
            double got = value_of(&kernel->rows, &slope, i) * d_y[i];
            CHECK_CLOSE(value_of(&kernel->rows, &d_z, i), got, 1.01 * u * fabs(got));
        }
    }
}

static void test_activations_and_slopes(void) { each_kernel(check_activation); }

/* far out nothing overflows, and what is no number stays none */
static void test_ends_of_mish_and_gelu(void) {
    float z[16] = {-1e30f, -200, -88, -87, -20, 0, 20, 88, 200, 1e30f, NAN, INFINITY}, zero[16] = {0}, y[16], slope[16];
    mdp_kernel_best()->rows.activate(MDP_ACT_MISH, 1, 16, zero, z, slope, y);
    for (int i = 0; i < 4; i++) CHECK(fabs((double)y[i]) < 1e-30 && fabs((double)slope[i]) < 1e-30);
    for (int i = 6; i < 10; i++) CHECK(y[i] == z[i] && slope[i] == 1.0f);
    CHECK(isnan(y[10]) && y[11] == INFINITY);
    mdp_kernel_best()->rows.activate(MDP_ACT_GELU, 1, 16, zero, z, slope, y);
    for (int i = 0; i < 5; i++) CHECK(fabs((double)y[i]) < 1e-30 && fabs((double)slope[i]) < 1e-30);
    for (int i = 6; i < 10; i++) CHECK(y[i] == z[i] && slope[i] == 1.0f);
    CHECK(isnan(y[10]) && y[11] == INFINITY);
}

static void check_rounding(const struct mdp_kernel *kernel, int n) {
    static struct operands out;
    static float x[N_ALL], sums[N_MAX], start[N_MAX];
    draw(4, (long)M * n, x);
    draw(5, n, start);
    kernel->rows.round((long)M * n, x, &out);
    memcpy(sums, start, sizeof sums);
    kernel->rows.add_columns(M, n, &out, sums);
    for (int j = 0; j < n; j++) {
        double want = start[j], size = fabs(want);
        for (int r = 0; r < M; r++) {
            float half = mdp_bf16_to_float(mdp_bf16_from_float(x[r * n + j]));
            CHECK(value_of(&kernel->rows, &out, r * n + j) == (kernel->precision == MDP_BF16 ? half : x[r * n + j]));
            want += value_of(&kernel->rows, &out, r * n + j);
            size += fabs((double)x[r * n + j]);
        }
        CHECK_CLOSE(sums[j], want, 4 * unit * size);
    }
}

static void test_rounding_and_sums_of_columns(void) { each_kernel(check_rounding); }

/* ---- norms ---- */

/* a norm's parameters, and rows on their way through it */
struct norm_case {
    float weight[N_MAX], bias[N_MAX], xhat[N_ALL], inverse[M], x[N_ALL], d[N_ALL], sum[N_ALL], out[N_ALL];
    uint8_t keep[N_ALL];
    struct operands y, slope, back;
    struct mdp_row_norm norm;
};

static void draw_case(struct norm_case *c, int n) {
    draw(6, n, c->weight);
    draw(7, n, c->bias);
    draw(8, (long)M * n, c->x);
    draw(9, (long)M * n, c->d);
    draw(10, (long)M * n, c->sum);
    for (int i = 0; i < M * n; i++) c->keep[i] = i % 5 != 1;
    c->norm = (struct mdp_row_norm){c->weight, c->bias, c->xhat, c->inverse};
}

/* a row through the norm in double */
static void norm_of(int n, const double *x, double *xhat, double *inverse) {
    double sum = 0, squares = 0;
    for (int j = 0; j < n; j++) sum += x[j] / n;
    for (int j = 0; j < n; j++) squares += (x[j] - sum) * (x[j] - sum) / n;
    *inverse = 1 / sqrt(squares + 1e-5);
    for (int j = 0; j < n; j++) xhat[j] = (x[j] - sum) * *inverse;
}

static void back_of(int n, const double *g, const double *xhat, double inverse, double *d_x) {
    double mean = 0, dot = 0;
    for (int j = 0; j < n; j++) {
        mean += g[j] / n;
        dot += g[j] * xhat[j] / n;
    }
    for (int j = 0; j < n; j++) d_x[j] = inverse * (g[j] - mean - xhat[j] * dot);
}

/* a single value has no spread: its inverse is 316 and magnifies everything */
static double slack(int n) { return (n == 1 ? 400.0 : 1.0) * 256 * unit; }

static void check_branch(const struct mdp_kernel *kernel, int n) {
    static struct norm_case c;
    double x[N_MAX] = {0}, xhat[N_MAX], g[N_MAX], d_x[N_MAX], inverse, scale = 1.25, u = unit_of(kernel);
    draw_case(&c, n);
    const struct mdp_row_mask mask = {c.keep, (float)scale};
    kernel->rows.branch(M, n, c.x, mask, &c.norm, &c.y);
    kernel->rows.branch_back(M, n, c.d, c.sum, mask, &c.norm, c.out, &c.back);
    for (int r = 0; r < M; r++) {
        for (int j = 0; j < n; j++) x[j] = c.keep[r * n + j] * scale * c.x[r * n + j];
        for (int j = 0; j < n; j++) g[j] = (double)c.d[r * n + j] * c.weight[j];
        norm_of(n, x, xhat, &inverse);
        back_of(n, g, xhat, inverse, d_x);
        CHECK_CLOSE(c.inverse[r] / inverse, 1.0, slack(n));
        for (int j = 0; j < n; j++) {
            int i = r * n + j;
            double y = xhat[j] * c.weight[j] + c.bias[j], d_h = c.sum[i] + c.keep[i] * scale * d_x[j];
            CHECK_CLOSE(c.xhat[i], xhat[j], slack(n));
            CHECK_CLOSE(value_of(&kernel->rows, &c.y, i), y, 4 * slack(n) + u * fabs(y));
            CHECK_CLOSE(c.out[i], d_h, 4 * slack(n));
            CHECK_CLOSE(value_of(&kernel->rows, &c.back, i), d_h, 4 * slack(n) + u * fabs(d_h));
            if (!c.keep[i]) CHECK(c.out[i] == c.sum[i]);
        }
    }
}

static void test_branches_with_dropout(void) { each_kernel(check_branch); }

/* without a mask everything is kept as it is */
static void test_no_mask_keeps_everything(void) {
    static struct norm_case a, b;
    const struct mdp_rows *rows = &mdp_kernel_best()->rows;
    draw_case(&a, 24);
    draw_case(&b, 24);
    memset(b.keep, 1, sizeof b.keep);
    rows->branch(M, 24, a.x, (struct mdp_row_mask){NULL, 7.0f}, &a.norm, &a.y);
    rows->branch(M, 24, b.x, (struct mdp_row_mask){b.keep, 1.0f}, &b.norm, &b.y);
    CHECK(memcmp(&a.y, &b.y, M * 24 * sizeof(float)) == 0);
}

/* tanh after a norm, as in the critics: there and back */
static void check_norm_activation(const struct mdp_kernel *kernel, int n) {
    static struct norm_case c;
    static float linear[N_MAX];
    double x[N_MAX] = {0}, xhat[N_MAX], g[N_MAX], d_x[N_MAX], inverse, u = unit_of(kernel);
    draw_case(&c, n);
    draw(11, n, linear);
    memcpy(c.xhat, c.x, sizeof c.xhat);
    kernel->rows.norm_activate(MDP_ACT_TANH, M, n, linear, &c.norm, &c.slope, &c.y);
    kernel->rows.norm_activate_back(M, n, &c.slope, c.d, &c.norm, c.out, &c.back);
    for (int r = 0; r < M; r++) {
        for (int j = 0; j < n; j++) x[j] = (double)c.x[r * n + j] + linear[j];
        norm_of(n, x, xhat, &inverse);
        for (int j = 0; j < n; j++) {
            int i = r * n + j;
            double slope, y = act_of(MDP_ACT_TANH, xhat[j] * c.weight[j] + c.bias[j], &slope);
            double d_normed = value_of(&kernel->rows, &c.slope, i) * c.d[i];
            CHECK_CLOSE(value_of(&kernel->rows, &c.y, i), y, 4 * slack(n) + u * fabs(y));
            CHECK_CLOSE(value_of(&kernel->rows, &c.slope, i), slope, 8 * slack(n) + u);
            CHECK_CLOSE(c.out[i], d_normed, 2 * unit * fabs(d_normed));
            g[j] = c.out[i] * (double)c.weight[j];
        }
        back_of(n, g, xhat, inverse, d_x);
        for (int j = 0; j < n; j++)
            CHECK_CLOSE(value_of(&kernel->rows, &c.back, r * n + j), d_x[j], 16 * slack(n) + 1.01 * u * fabs(d_x[j]));
    }
}

static void test_activations_after_norms(void) { each_kernel(check_norm_activation); }

static void check_norm_gradient(const struct mdp_kernel *kernel, int n) {
    static struct norm_case c;
    static float d_weight[N_MAX], d_bias[N_MAX];
    draw_case(&c, n);
    for (int j = 0; j < n; j++) d_weight[j] = d_bias[j] = 1;
    kernel->rows.add_norm(M, n, c.d, c.x, d_weight, d_bias);
    for (int j = 0; j < n; j++) {
        double weight = 1, bias = 1;
        for (int r = 0; r < M; r++) {
            weight += (double)c.d[r * n + j] * c.x[r * n + j];
            bias += c.d[r * n + j];
        }
        CHECK_CLOSE(d_weight[j], weight, 64 * unit);
        CHECK_CLOSE(d_bias[j], bias, 64 * unit);
    }
}

static void test_gradients_of_norms(void) { each_kernel(check_norm_gradient); }

/* ---- bits ---- */

static void run_all(const struct mdp_rows *rows, int n, struct norm_case *c, struct norm_case *d) {
    const struct mdp_row_mask mask = {c->keep, 1.5f};
    memset(c, 0, sizeof *c);
    memset(d, 0, sizeof *d);
    draw_case(c, n);
    draw_case(d, n);
    rows->branch(M, n, c->x, mask, &c->norm, &c->y);
    rows->branch_back(M, n, c->d, c->sum, mask, &c->norm, c->out, &c->back);
    memcpy(d->xhat, d->x, sizeof d->xhat);
    rows->norm_activate(MDP_ACT_MISH, M, n, d->bias, &d->norm, &d->slope, &d->y);
    rows->norm_activate_back(M, n, &d->slope, d->d, &d->norm, d->out, &d->back);
    rows->activate(MDP_ACT_TANH, M, n, c->bias, c->x, &c->slope, d->sum);
    rows->add_norm(M, n, c->d, c->xhat, c->weight, c->bias);
    c->norm = d->norm = (struct mdp_row_norm){NULL, NULL, NULL, NULL};
}

static void test_float32_kernels_give_the_same_bits(void) {
    static struct norm_case want[2], got[2];
    for (int i = 0; mdp_kernel_list()[i] != NULL; i++) {
        const struct mdp_kernel *kernel = mdp_kernel_list()[i];
        for (int k = 0; k < N_WIDTHS; k++) {
            if (kernel->precision != MDP_F32 || !kernel->is_supported()) continue;
            run_all(&mdp_kernel_portable.rows, widths[k], &want[0], &want[1]);
            run_all(&kernel->rows, widths[k], &got[0], &got[1]);
            CHECK(memcmp(want, got, sizeof want) == 0);
        }
    }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_activations_and_slopes),       TAP_TEST(test_ends_of_mish_and_gelu),
        TAP_TEST(test_rounding_and_sums_of_columns), TAP_TEST(test_branches_with_dropout),
        TAP_TEST(test_no_mask_keeps_everything),     TAP_TEST(test_activations_after_norms),
        TAP_TEST(test_gradients_of_norms),           TAP_TEST(test_float32_kernels_give_the_same_bits),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
