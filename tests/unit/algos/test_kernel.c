/* every kernel this machine can run: error bounds of its functions, layers against double arithmetic, the same bits
 * wherever a row stands and, for float32, from every kernel */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/nn/bf16.h"
#include "algos/nn/kernel.h"
#include "base/rng.h"
#include "tests/tap.h"

enum { MAX_ROWS = 70, MAX_WIDTH = 128, N_OPS = 6 };
enum op { START, BEGIN, LINEAR, ADD, NORM, OUTPUT };

/* a layer's parameters, and rows to run through it */
struct scene {
    int n_in, n_out, has_norm;
    enum mdp_activation act;
    float weight[MAX_WIDTH * MAX_WIDTH], bias[MAX_WIDTH], norm_weight[MAX_WIDTH], norm_bias[MAX_WIDTH];
    float x[MAX_ROWS * MAX_WIDTH]; /* [rows, n_in] */
    float h[MAX_ROWS * MAX_WIDTH]; /* [rows, n_out]: sums, or biases of rows */
};

static void draw_scene(struct scene *s, uint32_t which, int n_in, int n_out, int has_norm, enum mdp_activation act) {
    struct mdp_rng rng = mdp_rng_stream(3, MDP_RNG_EXPLORE, which, 0);
    s->n_in = n_in;
    s->n_out = n_out;
    s->has_norm = has_norm;
    s->act = act;
    mdp_rng_normal(&rng, s->weight, n_in * n_out);
    mdp_rng_normal(&rng, s->bias, n_out);
    mdp_rng_normal(&rng, s->norm_weight, n_out);
    mdp_rng_normal(&rng, s->norm_bias, n_out);
    mdp_rng_normal(&rng, s->x, MAX_ROWS * n_in);
    mdp_rng_normal(&rng, s->h, MAX_ROWS * n_out);
}

static int is_runnable(const struct mdp_kernel *kernel) { return kernel->is_supported(); }

static float element(const struct mdp_kernel *kernel, const void *panel, long i) {
    return kernel->element == sizeof(float) ? ((const float *)panel)[i]
                                            : mdp_bf16_to_float(((const uint16_t *)panel)[i]);
}

static void set_element(const struct mdp_kernel *kernel, void *panel, long i, float x) {
    if (kernel->element == sizeof(float))
        ((float *)panel)[i] = kernel->precision == MDP_BF16 ? mdp_bf16_to_float(mdp_bf16_from_float(x)) : x;
    else
        ((uint16_t *)panel)[i] = mdp_bf16_from_float(x);
}

/* memory of one run; panels have room for whole blocks of rows and start full of NaN */
struct memory {
    struct mdp_packed layer;
    void *x, *y;
    float *h, *scratch, *base[MAX_ROWS];
    float *bases;
};

static void prepare(struct memory *m, const struct mdp_kernel *kernel, enum op op, const struct scene *s) {
    const struct mdp_packed_spec spec = {s->n_in, s->n_out, s->act, s->has_norm, op == OUTPUT};
    unsigned long rows = (MAX_ROWS + MDP_KERNEL_ROWS - 1) / MDP_KERNEL_ROWS * MDP_KERNEL_ROWS;
    unsigned long wide = (unsigned long)mdp_packed_width(MAX_WIDTH);
    CHECK_OK(mdp_packed_alloc(&m->layer, op <= BEGIN ? &kernel->start_format : &kernel->format, &spec));
    mdp_packed_set_weight(&m->layer, s->weight, s->n_in);
    mdp_packed_set_vector(&m->layer, m->layer.bias, s->bias);
    if (s->has_norm) {
        mdp_packed_set_vector(&m->layer, m->layer.norm_weight, s->norm_weight);
        mdp_packed_set_vector(&m->layer, m->layer.norm_bias, s->norm_bias);
    }
    CHECK_OK(mdp_calloc(&m->x, rows * wide, sizeof(float), "panel"));
    CHECK_OK(mdp_calloc(&m->y, rows * wide, sizeof(float), "panel"));
    CHECK_OK(mdp_calloc(&m->h, rows * wide, sizeof(float), "panel"));
    CHECK_OK(mdp_calloc(&m->bases, rows * wide, sizeof(float), "panel"));
    CHECK_OK(mdp_calloc(&m->scratch, MDP_KERNEL_SCRATCH * wide, sizeof(float), "panel"));
    memset(m->x, 0xff, rows * wide * sizeof(float));
    memset(m->scratch, 0xff, MDP_KERNEL_SCRATCH * wide * sizeof(float));
}

static void release(struct memory *m) {
    void *blocks[] = {m->x, m->y, m->h, m->bases, m->scratch};
    for (int i = 0; i < 5; i++) free(blocks[i]);
    mdp_packed_free(&m->layer);
}

/* rows first to first + n_rows of the scene through one operation; out [n_rows, n_out] */
static void run(const struct mdp_kernel *kernel, enum op op, const struct scene *s, int first, int n_rows, float *out) {
    struct memory m;
    prepare(&m, kernel, op, s);
    for (int r = 0; r < n_rows; r++) {
        const float *x = s->x + (long)(first + r) * s->n_in, *h = s->h + (long)(first + r) * s->n_out;
        m.base[r] = m.bases + (long)r * m.layer.n;
        memcpy(m.base[r], h, (size_t)s->n_out * sizeof *h);
        memcpy(m.h + (long)r * m.layer.n, h, (size_t)s->n_out * sizeof *h);
        for (int i = 0; i < m.layer.k; i++)
            set_element(kernel, m.x, (long)r * m.layer.k + i, i < s->n_in ? x[i] : 0.0f);
    }
    const float *const *base = (const float *const *)m.base, *own = s->x + (long)first * s->n_in;
    switch (op) {
    case START: kernel->start(&m.layer, n_rows, own, base, m.scratch, m.y); break;
    case BEGIN: kernel->begin(&m.layer, n_rows, own, base, m.scratch, m.h); break;
    case LINEAR: kernel->linear(&m.layer, n_rows, m.x, m.scratch, m.y); break;
    case ADD: kernel->add(&m.layer, n_rows, m.x, m.scratch, m.h); break;
    case NORM: kernel->norm(&m.layer, n_rows, m.h, m.scratch, m.y); break;
    case OUTPUT: kernel->output(&m.layer, n_rows, m.x, out); break;
    }
    for (int r = 0; op != OUTPUT && r < n_rows; r++)
        for (int j = 0; j < m.layer.n; j++) {
            long offset = (long)r * m.layer.n + j;
            float value = op == BEGIN || op == ADD ? m.h[offset] : element(kernel, m.y, offset);
            if (j < s->n_out)
                out[(long)r * s->n_out + j] = value;
            else
                CHECK(value == 0.0f);
        }
    release(&m);
}

/* a layer without norm for BEGIN, ADD and OUTPUT, with one for NORM, either for the others */
static int has_norm_of(enum op op, int i) { return op == NORM || ((op == START || op == LINEAR) && i % 2); }

static const int sizes[][2] = {{1, 1}, {6, 48}, {31, 33}, {32, 6}, {33, 64}, {100, 17}, {128, 96}};
enum { N_SIZES = sizeof sizes / sizeof sizes[0] };

/* ---- functions ---- */

static double exact_mish(double z) {
    double e = exp(z), p = e * (e + 2);
    return z > 40 ? z : z * (p / (p + 2));
}

static double exact_tanh(double z) { return tanh(z); }

static double exact_silu(double z) { return z / (1 + exp(-z)); }

static double exact_gelu(double z) { return z / (1 + exp(-1.5957691216057308 * (z + 0.044715 * z * z * z))); }

/* greatest relative error over floats of all magnitudes, in units of 2^-23, where the exact value is a normal number */
static double worst_error(const struct mdp_kernel *kernel, enum mdp_activation act, double (*exact)(double),
                          float lowest) {
    enum { N = 4096, STRIDE = 4099 };
    static float z[N], y[N];
    double worst = 0;
    for (uint64_t block = 0; block < UINT64_C(0x100000000); block += (uint64_t)N * STRIDE) {
        for (uint64_t i = 0; i < N; i++) {
            uint32_t bits = (uint32_t)(block + i * STRIDE);
            memcpy(&z[i], &bits, sizeof bits);
        }
        kernel->activate(act, N, z, y);
        for (int i = 0; i < N; i++) {
            double want = exact(z[i]);
            if (isnan(z[i])) CHECK(isnan(element(kernel, y, i)));
            if (!isfinite(z[i]) || z[i] < lowest || fabs(want) < 1.2e-38 || fabs(want) > 3.3e38) continue;
            worst = fmax(worst, fabs(element(kernel, y, i) - want) / fabs(want) * 0x1p23);
        }
    }
    return worst;
}

static void test_activations_are_close(void) {
    for (int i = 0; mdp_kernel_list()[i] != NULL; i++) {
        const struct mdp_kernel *kernel = mdp_kernel_list()[i];
        if (!is_runnable(kernel) || kernel->precision != MDP_F32) continue;
        CHECK(worst_error(kernel, MDP_ACT_MISH, exact_mish, -87.0f) < 3);
        CHECK(worst_error(kernel, MDP_ACT_TANH, exact_tanh, -INFINITY) < 2);
        CHECK(worst_error(kernel, MDP_ACT_SILU, exact_silu, -87.0f) < 3);
        /* below, its argument is large, and so is what a rounding of it does */
        CHECK(worst_error(kernel, MDP_ACT_GELU, exact_gelu, -1.0f) < 6);
    }
}

/* half a unit of bfloat16's last place is up to 2^-8 of a value; a function computed to 2^-13 adds that */
static void test_bf16_activations_are_close(void) {
    for (int i = 0; mdp_kernel_list()[i] != NULL; i++) {
        const struct mdp_kernel *kernel = mdp_kernel_list()[i];
        if (!is_runnable(kernel) || kernel->precision != MDP_BF16) continue;
        CHECK(worst_error(kernel, MDP_ACT_MISH, exact_mish, -87.0f) < 0x1p23 * (0x1p-8 + 0x1p-13));
        CHECK(worst_error(kernel, MDP_ACT_TANH, exact_tanh, -INFINITY) < 0x1p23 * (0x1p-8 + 0x1p-13));
    }
}

static void test_ends_of_the_functions(void) {
    const float z[16] = {0,         -0.0f, 1e30f, 3e38f, INFINITY, -88, -1e30f, -3e38f,
                         -INFINITY, NAN,   10,    20,    1e-40f,   -1,  2,      3};
    for (int i = 0; mdp_kernel_list()[i] != NULL; i++) {
        const struct mdp_kernel *kernel = mdp_kernel_list()[i];
        float mish[16], tanh_of[16], relu[16], none[16];
        if (!is_runnable(kernel) || kernel->precision != MDP_F32) continue;
        kernel->activate(MDP_ACT_MISH, 16, z, mish);
        kernel->activate(MDP_ACT_TANH, 16, z, tanh_of);
        kernel->activate(MDP_ACT_RELU, 16, z, relu);
        kernel->activate(MDP_ACT_NONE, 16, z, none);
        for (int j = 0; j < 5; j++) CHECK(mish[j] == z[j]);
        for (int j = 5; j < 9; j++) CHECK(mish[j] <= 0 && mish[j] > -2e-36f);
        CHECK(isnan(mish[9]) && isnan(tanh_of[9]) && isnan(relu[9]));
        CHECK(mish[11] == 20.0f);
        for (int j = 2; j < 9; j++) CHECK(tanh_of[j] == (j < 5 ? 1.0f : -1.0f));
        for (int j = 0; j < 16; j++) CHECK(j == 9 || relu[j] == (z[j] > 0 ? z[j] : 0));
        CHECK(memcmp(none, z, sizeof z) == 0);
    }
}

/* ---- bfloat16 ---- */

static void test_bf16_rounds_to_nearest_even(void) {
    static const struct {
        float x;
        uint16_t bits;
    } cases[] = {{0, 0},
                 {-0.0f, 0x8000},
                 {1, 0x3f80},
                 {0x1.01p0f, 0x3f80}, /* a tie, to even */
                 {0x1.010002p0f, 0x3f81},
                 {0x1.03p0f, 0x3f82}, /* a tie, to even */
                 {0x1.02fffep0f, 0x3f81},
                 {-0x1.03p0f, 0xbf82},
                 {0x1.fffffep127f, 0x7f80},
                 {INFINITY, 0x7f80},
                 {-INFINITY, 0xff80}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_INT(mdp_bf16_from_float(cases[i].x), cases[i].bits);
    for (uint32_t payload = 1; payload < 0x800000; payload = payload * 3 + 1) {
        uint32_t bits = 0x7f800000u | payload;
        float x;
        memcpy(&x, &bits, sizeof x);
        CHECK(isnan(mdp_bf16_to_float(mdp_bf16_from_float(x))));
    }
    for (uint32_t h = 0; h < 0x10000; h++)
        if (!isnan(mdp_bf16_to_float((uint16_t)h))) CHECK_INT(mdp_bf16_from_float(mdp_bf16_to_float((uint16_t)h)), h);
}

/* what a bfloat16 kernel stores is what the plain conversion gives; subnormal numbers may become zero */
static void test_bf16_kernels_round_alike(void) {
    enum { N = 4096 };
    static float z[N], y[N];
    struct mdp_rng rng = mdp_rng_stream(4, MDP_RNG_EXPLORE, 0, 0);
    for (int i = 0; mdp_kernel_list()[i] != NULL; i++) {
        const struct mdp_kernel *kernel = mdp_kernel_list()[i];
        if (!is_runnable(kernel) || kernel->precision != MDP_BF16) continue;
        for (int round = 0; round < 64; round++) {
            for (int j = 0; j < N; j++) {
                uint32_t bits = mdp_rng_bits(&rng);
                if (j % 8 == 0) bits = (bits & 0xffff0000u) | 0x8000u; /* a tie */
                memcpy(&z[j], &bits, sizeof bits);
            }
            kernel->activate(MDP_ACT_NONE, N, z, y);
            for (int j = 0; j < N; j++) {
                float got = element(kernel, y, j), want = mdp_bf16_to_float(mdp_bf16_from_float(z[j]));
                CHECK(isnan(z[j]) ? isnan(got) : got == want || (fabsf(z[j]) < 1.2e-38f && got == 0));
            }
        }
    }
}

/* ---- layers ---- */

static double rounded(const struct mdp_kernel *kernel, enum op op, float x) {
    return kernel->precision == MDP_BF16 && op > BEGIN ? mdp_bf16_to_float(mdp_bf16_from_float(x)) : x;
}

/* one row by double arithmetic, with a bound on the float32 error of every result:
 * k + 2 roundings in a sum of products; the norm stretches errors, the activations by 1.1 at most */
static void exact_row(const struct mdp_kernel *kernel, enum op op, const struct scene *s, int r, double *y,
                      double *bound) {
    double worst = 0, mean = 0, var = 0, gain = 0;
    const float *h = s->h + (long)r * s->n_out, *x = s->x + (long)r * s->n_in;
    for (int j = 0; j < s->n_out; j++) {
        y[j] = op == LINEAR || op == OUTPUT ? s->bias[j] : op == ADD ? (double)h[j] + s->bias[j] : h[j];
        double size = fabs((double)h[j]) + fabs((double)s->bias[j]);
        for (int i = 0; op != NORM && i < s->n_in; i++) {
            double product = rounded(kernel, op, x[i]) * rounded(kernel, op, s->weight[(long)j * s->n_in + i]);
            y[j] += product;
            size += fabs(product);
        }
        worst = fmax(worst, (s->n_in + 2) * 0x1p-23 * size);
        mean += y[j] / s->n_out;
        gain = fmax(gain, fabs((double)s->norm_weight[j]));
    }
    for (int j = 0; j < s->n_out; j++) var += (y[j] - mean) * (y[j] - mean) / s->n_out;
    double inverse = 1 / sqrt(var + 1e-5);
    *bound = s->has_norm ? 4 * worst * inverse * gain + 1e-6 * gain : worst;
    for (int j = 0; j < s->n_out; j++) {
        if (s->has_norm) y[j] = (y[j] - mean) * inverse * s->norm_weight[j] + s->norm_bias[j];
        if (s->act == MDP_ACT_MISH && (op == START || op == LINEAR || op == NORM)) y[j] = exact_mish(y[j]);
        if (s->act == MDP_ACT_TANH && (op == START || op == LINEAR || op == NORM)) y[j] = tanh(y[j]);
    }
    *bound = 1.1 * *bound + 1e-6;
}

static void test_layers_agree_with_double_arithmetic(void) {
    static struct scene s;
    static float got[MAX_ROWS * MAX_WIDTH];
    double want[MAX_WIDTH], bound;
    for (int i = 0; mdp_kernel_list()[i] != NULL; i++) {
        const struct mdp_kernel *kernel = mdp_kernel_list()[i];
        if (!is_runnable(kernel)) continue;
        for (int c = 0; c < N_OPS * N_SIZES; c++) {
            enum op op = (enum op)(c % N_OPS);
            int i_size = c / N_OPS, n_rows = 37, has_norm = has_norm_of(op, i_size);
            draw_scene(&s, (uint32_t)c, sizes[i_size][0], sizes[i_size][1], has_norm,
                       i_size % 3 == 0   ? MDP_ACT_MISH
                       : i_size % 3 == 1 ? MDP_ACT_TANH
                                         : MDP_ACT_NONE);
            /* results that are activations lose bits on their way to the next layer */
            double lost = kernel->precision == MDP_BF16 && op != BEGIN && op != ADD && op != OUTPUT ? 0x1p-8 : 0;
            run(kernel, op, &s, 0, n_rows, got);
            for (int r = 0; r < n_rows; r++) {
                exact_row(kernel, op, &s, r, want, &bound);
                for (int j = 0; j < s.n_out; j++)
                    CHECK_CLOSE(got[(long)r * s.n_out + j], want[j], bound + lost * fabs(want[j]));
            }
        }
    }
}

/* a row alone, a row among others, at any place, in panels of every height */
static void test_neighbours_do_not_matter(void) {
    static struct scene s;
    static float all[MAX_ROWS * MAX_WIDTH], some[MAX_ROWS * MAX_WIDTH];
    for (int i = 0; mdp_kernel_list()[i] != NULL; i++) {
        const struct mdp_kernel *kernel = mdp_kernel_list()[i];
        if (!is_runnable(kernel)) continue;
        for (int c = 0; c < N_OPS; c++) {
            enum op op = (enum op)c;
            draw_scene(&s, (uint32_t)c, 33, 40, has_norm_of(op, c / 2 + 1), MDP_ACT_MISH);
            run(kernel, op, &s, 0, MAX_ROWS, all);
            for (int n_rows = 1; n_rows <= MAX_ROWS; n_rows++) {
                int first = (n_rows * 13) % (MAX_ROWS - n_rows + 1);
                run(kernel, op, &s, first, n_rows, some);
                CHECK(memcmp(some, all + (long)first * s.n_out, (size_t)(n_rows * s.n_out) * sizeof *some) == 0);
            }
        }
    }
}

static void test_float32_kernels_give_the_same_bits(void) {
    static struct scene s;
    static float want[MAX_ROWS * MAX_WIDTH], got[MAX_ROWS * MAX_WIDTH];
    int n_compared = 0;
    for (int c = 0; c < N_OPS * N_SIZES; c++) {
        enum op op = (enum op)(c % N_OPS);
        int i_size = c / N_OPS;
        draw_scene(&s, (uint32_t)c, sizes[i_size][0], sizes[i_size][1], has_norm_of(op, i_size),
                   (enum mdp_activation)(i_size % 4));
        run(&mdp_kernel_portable, op, &s, 0, 29, want);
        for (int i = 0; mdp_kernel_list()[i] != &mdp_kernel_portable; i++) {
            if (!is_runnable(mdp_kernel_list()[i])) continue;
            run(mdp_kernel_list()[i], op, &s, 0, 29, got);
            CHECK(memcmp(got, want, (size_t)(29 * s.n_out) * sizeof *got) == 0);
            n_compared++;
        }
    }
    if (n_compared == 0) SKIP("this machine has the portable kernel only");
}

static void set_scene(struct scene *s, int n_in, int n_out, float x, float weight) {
    draw_scene(s, 0, n_in, n_out, 0, MDP_ACT_NONE);
    for (int i = 0; i < MAX_ROWS * n_in; i++) s->x[i] = x;
    for (int i = 0; i < n_in * n_out; i++) s->weight[i] = weight;
}

/* the promise of bf16-avx512: the odd input's product and then the even one's, each as a fused multiply-add */
static void test_products_of_pairs(void) {
    static struct scene s;
    static float got[MAX_ROWS * MAX_WIDTH], x[MAX_WIDTH], weight[MAX_WIDTH];
    const struct mdp_kernel *kernel = mdp_kernel_find("avx512-bf16");
    if (kernel == NULL) SKIP("this machine has no AVX512_BF16");
    for (int c = 0; c < N_SIZES; c++) {
        draw_scene(&s, (uint32_t)c, sizes[c][0], sizes[c][1], 0, MDP_ACT_NONE);
        run(kernel, ADD, &s, 0, MAX_ROWS, got);
        for (int offset = 0; offset < MAX_ROWS * s.n_out; offset++) {
            float sum = s.bias[offset % s.n_out];
            for (int i = 0; i < s.n_in; i++) {
                x[i] = mdp_bf16_to_float(mdp_bf16_from_float(s.x[offset / s.n_out * s.n_in + i]));
                weight[i] = mdp_bf16_to_float(mdp_bf16_from_float(s.weight[offset % s.n_out * s.n_in + i]));
            }
            for (int i = 0; i < s.n_in; i += 2) {
                if (i + 1 < s.n_in) sum = fmaf(x[i + 1], weight[i + 1], sum);
                sum = fmaf(x[i], weight[i], sum);
            }
            CHECK(got[offset] == s.h[offset] + sum);
        }
    }
}

/* a subnormal input or weight is zero, however large its product would be; so is a subnormal sum */
static void test_pairs_know_no_subnormals(void) {
    static struct scene s;
    static float got[MAX_ROWS * MAX_WIDTH];
    static const float cases[][2] = {{0x1p-127f, 0x1p120f}, {0x1p120f, 0x1p-127f}, {0x1p-70f, 0x1p-70f}};
    const struct mdp_kernel *kernel = mdp_kernel_find("avx512-bf16");
    if (kernel == NULL) SKIP("this machine has no AVX512_BF16");
    for (int c = 0; c < 3; c++) {
        set_scene(&s, 33, 6, cases[c][0], cases[c][1]);
        memset(s.bias, 0, sizeof s.bias);
        run(kernel, OUTPUT, &s, 0, 5, got);
        for (int i = 0; i < 5 * 6; i++) CHECK(got[i] == 0.0f);
    }
}

/* ---- the list ---- */

static void test_best_kernels(void) {
    const struct mdp_kernel *f32 = mdp_kernel_best();
    CHECK(f32 != NULL && f32->precision == MDP_F32 && f32->is_supported());
    CHECK(mdp_kernel_find("amx512") == NULL && mdp_kernel_find("") == NULL);
    for (int i = 0; mdp_kernel_list()[i] != NULL; i++) {
        const struct mdp_kernel *kernel = mdp_kernel_list()[i];
        CHECK(mdp_kernel_find(kernel->name) == (kernel->is_supported() ? kernel : NULL));
    }
    CHECK(mdp_kernel_portable.is_supported());
#if defined(__x86_64__)
    CHECK_STR(mdp_kernel_amx.name, "amx");
    CHECK_STR(mdp_kernel_avx512_bf16.name, "avx512-bf16");
    CHECK_STR(mdp_kernel_emulated.name, "emulated");
    CHECK_STR(mdp_kernel_avx512.name, "avx512");
    CHECK_STR(mdp_kernel_avx2.name, "avx2");
#endif
    for (int i = 0; mdp_kernel_list()[i] != NULL; i++)
        for (int j = 0; j < i; j++) CHECK(strcmp(mdp_kernel_list()[i]->name, mdp_kernel_list()[j]->name) != 0);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_activations_are_close),
                                            TAP_TEST(test_bf16_activations_are_close),
                                            TAP_TEST(test_ends_of_the_functions),
                                            TAP_TEST(test_bf16_rounds_to_nearest_even),
                                            TAP_TEST(test_bf16_kernels_round_alike),
                                            TAP_TEST(test_layers_agree_with_double_arithmetic),
                                            TAP_TEST(test_neighbours_do_not_matter),
                                            TAP_TEST(test_float32_kernels_give_the_same_bits),
                                            TAP_TEST(test_products_of_pairs),
                                            TAP_TEST(test_pairs_know_no_subnormals),
                                            TAP_TEST(test_best_kernels)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
