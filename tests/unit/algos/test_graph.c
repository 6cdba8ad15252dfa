/* networks of graphs: each way back against finite differences in double, float32 against double, and refusals */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/diffusion/window_net.h"
#include "algos/diffusion/window_transformer.h"
#include "algos/guidance/window_value.h"
#include "algos/inverse.h"
#include "algos/nn/graph_run.h"
#include "base/rng.h"
#include "tests/tap.h"

/* ---- the graph in double ---- */

typedef double graph_real;
struct wide_work {
    MDP_GRAPH_WORK(double)
};
#define GRAPH_WORK struct wide_work

static void graph_activate(enum mdp_graph_act act, long n, const double *x, double *slope, double *y) {
    static const double a = 0.79788456080286535588;
    for (long i = 0; i < n; i++) {
        double z = x[i], s = 1 / (1 + exp(-z)), u = a * (z + 0.044715 * z * z * z), t = tanh(log1p(exp(z)));
        switch (act) {
        case MDP_GRAPH_MISH: y[i] = z * t, slope[i] = t + z * (1 - t * t) * s; break;
        case MDP_GRAPH_SILU: y[i] = z * s, slope[i] = s + z * s * (1 - s); break;
        case MDP_GRAPH_GELU:
            t = tanh(u);
            y[i] = 0.5 * z * (1 + t);
            slope[i] = 0.5 * (1 + t) + 0.5 * z * (1 - t * t) * a * (1 + 3 * 0.044715 * z * z);
            break;
        case MDP_GRAPH_RELU: y[i] = z > 0 ? z : 0, slope[i] = z > 0; break;
        case MDP_GRAPH_TANH: y[i] = tanh(z), slope[i] = 1 - y[i] * y[i]; break;
        }
    }
}

static void graph_gemm(char a_is, char b_is, int m, int n, int k, const double *a, int a_row, const double *b,
                       int b_row, double keep, double *c, int c_row) {
    for (long i = 0; i < m; i++)
        for (long j = 0; j < n; j++) {
            double sum = 0;
            for (long l = 0; l < k; l++)
                sum += (a_is == 'T' ? a[l * a_row + i] : a[i * a_row + l]) *
                       (b_is == 'T' ? b[j * b_row + l] : b[l * b_row + j]);
            c[i * c_row + j] = keep * c[i * c_row + j] + sum;
        }
}

#define GRAPH_CLONES
#define GRAPH_PACKED(work, i) NULL
#define GRAPH_KEEPS(work) 1
#define graph_product_packed(op, r) ((void)(op), (void)(r))
#define graph_product_packed_back graph_product_packed
#include "algos/nn/graph_body.h"

/* ---- a network with numbers in it ---- */

enum { N_ROWS = 3, N_INPUTS = 4, N_DIRECTIONS = 4 };

/* a graph, its inputs, the weights of its output in a sum, and room for all that moves */
struct net {
    const struct mdp_graph *graph;
    int y;
    double *params, *grads, *d_y;
    float *params32, *grads32, *d_y32;
    struct wide_work work;
    struct mdp_graph_work work32;
};

static double normal(struct mdp_rng *rng) {
    float x;
    mdp_rng_normal(rng, &x, 1);
    return x;
}

/* the same numbers in both precisions */
static void fill(struct mdp_rng *rng, long n, double scale, double *wide, float *narrow) {
    for (long i = 0; i < n; i++) wide[i] = narrow[i] = (float)(scale * normal(rng));
}

static void net_free(struct net *net) {
    free(net->params);
    free(net->grads);
    free(net->d_y);
    free(net->params32);
    free(net->grads32);
    free(net->d_y32);
    graph_work_free(&net->work);
    mdp_graph_work_free(&net->work32);
}

static long size_of(const struct net *net, int value) { return N_ROWS * graph_count(&net->graph->values[value]); }

static void net_make(struct net *net, const struct mdp_graph *graph, int y) {
    struct mdp_rng rng = mdp_rng_stream(5, MDP_RNG_EXPLORE, 0, 0);
    unsigned long n = (unsigned long)graph->n_floats, n_out = N_ROWS * (unsigned long)graph_count(&graph->values[y]);
    *net = (struct net){.graph = graph, .y = y};
    CHECK_OK(mdp_calloc(&net->params, n, sizeof(double), "test"));
    CHECK_OK(mdp_calloc(&net->grads, n, sizeof(double), "test"));
    CHECK_OK(mdp_calloc(&net->d_y, n_out, sizeof(double), "test"));
    CHECK_OK(mdp_calloc(&net->params32, n, sizeof(float), "test"));
    CHECK_OK(mdp_calloc(&net->grads32, n, sizeof(float), "test"));
    CHECK_OK(mdp_calloc(&net->d_y32, n_out, sizeof(float), "test"));
    CHECK_OK(graph_work_alloc(&net->work, graph, N_ROWS));
    CHECK_OK(mdp_graph_work_alloc(&net->work32, graph, N_ROWS));
    fill(&rng, graph->n_floats, 0.3, net->params, net->params32);
    fill(&rng, (long)n_out, 1, net->d_y, net->d_y32);
    for (int i = 0; i < graph->n_values; i++)
        if (graph->values[i].is_input)
            fill(&rng, size_of(net, i), 1, graph_place(graph, &net->work, net->work.values, i),
                 mdp_graph_at(&net->work32, graph, i));
}

static double loss(struct net *net) {
    double sum = 0;
    graph_forward(net->graph, net->params, N_ROWS, &net->work);
    const double *y = graph_place(net->graph, &net->work, net->work.values, net->y);
    for (long i = 0; i < size_of(net, net->y); i++) sum += y[i] * net->d_y[i];
    return sum;
}

/* the slope of the loss along random directions of a block, of which a gradient is claimed */
static void check_slopes(struct net *net, long n, double *block, const double *gradient) {
    struct mdp_rng rng = mdp_rng_stream(6, MDP_RNG_EXPLORE, 0, 0);
    double *direction = NULL, norm = 0, h = 1e-5;
    CHECK_OK(mdp_calloc(&direction, (unsigned long)n, sizeof *direction, "test"));
    for (long i = 0; i < n; i++) norm += gradient[i] * gradient[i];
    CHECK(norm > 1e-6);
    for (int k = 0; k < N_DIRECTIONS; k++) {
        double want = 0, moved[2];
        for (long i = 0; i < n; i++) {
            direction[i] = normal(&rng) / sqrt((double)n);
            want += direction[i] * gradient[i];
        }
        for (int side = 0; side < 2; side++) {
            double step = side ? -2 * h : h;
            for (long i = 0; i < n; i++) block[i] += step * direction[i];
            moved[side] = loss(net);
        }
        for (long i = 0; i < n; i++) block[i] += h * direction[i];
        CHECK_CLOSE((moved[0] - moved[1]) / (2 * h), want, 1e-6 * sqrt(norm));
    }
    free(direction);
}

/* of parameters and of inputs, and the same ones in float32 */
static void check_ways_back(const struct mdp_graph *graph, int x, int y) {
    struct net net;
    double norm = 0, apart = 0, length = 0, off = 0;
    net_make(&net, graph, y);
    long n = size_of(&net, x);
    double *input = graph_place(graph, &net.work, net.work.values, x),
           *d_input = graph_place(graph, &net.work, net.work.d_values, x), *copy = NULL;
    CHECK_OK(mdp_calloc(&copy, (unsigned long)n, sizeof *copy, "test"));
    loss(&net);
    graph_backward(graph, net.params, N_ROWS, &net.work, y, net.d_y, net.grads);
    graph_backward(graph, net.params, N_ROWS, &net.work, y, net.d_y, NULL);
    memcpy(copy, d_input, (size_t)n * sizeof *copy);
    mdp_graph_forward(graph, net.params32, N_ROWS, &net.work32);
    mdp_graph_backward(graph, net.params32, N_ROWS, &net.work32, y, net.d_y32, net.grads32);
    for (long i = graph->n_fixed; i < graph->n_floats; i++) {
        norm += net.grads[i] * net.grads[i];
        apart += (net.grads[i] - net.grads32[i]) * (net.grads[i] - net.grads32[i]);
    }
    CHECK(apart < 1e-10 * norm);
    mdp_graph_backward(graph, net.params32, N_ROWS, &net.work32, y, net.d_y32, NULL);
    for (long i = 0; i < n; i++) {
        double d = copy[i] - mdp_graph_gradient(&net.work32, graph, x)[i];
        length += copy[i] * copy[i];
        off += d * d;
    }
    CHECK(off < 1e-10 * length);
    check_slopes(&net, graph->n_floats, net.params, net.grads);
    check_slopes(&net, n, input, copy);
    free(copy);
    net_free(&net);
}

/* packed weights of every kernel: near the library's products, equal bits of all kernels, and rows for themselves */
static void check_packed(const struct mdp_graph *graph, int x, int y) {
    struct net net;
    float *first = NULL, *d_first = NULL;
    double apart = 0, norm = 0;
    net_make(&net, graph, y);
    size_t n = (size_t)size_of(&net, y), n_x = (size_t)size_of(&net, x);
    CHECK_OK(mdp_calloc(&first, n, sizeof *first, "test"));
    CHECK_OK(mdp_calloc(&d_first, n_x, sizeof *d_first, "test"));
    mdp_graph_forward(graph, net.params32, N_ROWS, &net.work32);
    memcpy(first, mdp_graph_at(&net.work32, graph, y), n * sizeof *first);
    mdp_graph_backward(graph, net.params32, N_ROWS, &net.work32, y, net.d_y32, NULL);
    memcpy(d_first, mdp_graph_gradient(&net.work32, graph, x), n_x * sizeof *d_first);
    for (int k = 0, n_seen = 0; mdp_kernel_list()[k] != NULL; k++) {
        const struct mdp_kernel *kernel = mdp_kernel_list()[k];
        struct mdp_graph_packed *packed;
        if (kernel->precision != MDP_F32 || !kernel->is_supported()) continue;
        CHECK_OK(mdp_graph_packed_new(graph, kernel, net.params32, 1, &packed));
        net.work32.packed = packed;
        for (int n_rows = N_ROWS; n_rows > 0; n_rows -= N_ROWS - 1) {
            size_t part = n * (size_t)n_rows / N_ROWS, part_x = n_x * (size_t)n_rows / N_ROWS;
            mdp_graph_forward(graph, net.params32, n_rows, &net.work32);
            const float *found = mdp_graph_at(&net.work32, graph, y);
            for (size_t i = 0; n_seen == 0 && i < n; i++) {
                apart += (found[i] - first[i]) * (found[i] - first[i]);
                norm += first[i] * first[i];
            }
            if (n_seen > 0) CHECK(memcmp(found, first, part * sizeof *first) == 0);
            if (n_seen == 0) memcpy(first, found, n * sizeof *first);
            mdp_graph_backward(graph, net.params32, n_rows, &net.work32, y, net.d_y32, NULL);
            found = mdp_graph_gradient(&net.work32, graph, x);
            for (size_t i = 0; n_seen == 0 && i < n_x; i++) {
                apart += (found[i] - d_first[i]) * (found[i] - d_first[i]);
                norm += d_first[i] * d_first[i];
            }
            if (n_seen > 0) CHECK(memcmp(found, d_first, part_x * sizeof *d_first) == 0);
            if (n_seen++ == 0) memcpy(d_first, found, n_x * sizeof *d_first);
        }
        net.work32.packed = NULL;
        mdp_graph_packed_free(packed);
    }
    CHECK(norm > 0 && apart < 1e-10 * norm);
    free(first);
    free(d_first);
    net_free(&net);
}

/* ---- the networks that are made of it ---- */

static const struct mdp_window_sizes sizes = {
    .horizon = 8, .n_obs = 5, .n_act = 3, .width = 8, .n_levels = 3, .factors = {1, 2, 2}};

static void test_u_net(void) {
    struct mdp_window_net net;
    CHECK_OK(mdp_window_net_build(&net, &sizes));
    check_ways_back(&net.graph, net.x, net.out);
    check_packed(&net.graph, net.x, net.out);
    mdp_graph_free(&net.graph);
}

static void test_return_network(void) {
    struct mdp_window_value net;
    CHECK_OK(mdp_window_value_build(&net, &sizes));
    check_ways_back(&net.graph, net.x, net.out);
    check_packed(&net.graph, net.x, net.out);
    mdp_graph_free(&net.graph);
    /* a window so long that more than one place is left of it */
    struct mdp_window_sizes longer = sizes;
    longer.horizon = 32;
    CHECK_OK(mdp_window_value_build(&net, &longer));
    check_ways_back(&net.graph, net.x, net.out);
    check_packed(&net.graph, net.x, net.out);
    mdp_graph_free(&net.graph);
}

static void test_transformer(void) {
    static const struct mdp_transformer_sizes small = {
        .horizon = 6, .n_obs = 5, .width = 12, .n_heads = 3, .n_blocks = 2, .n_emb = 16};
    struct mdp_window_transformer net;
    CHECK_OK(mdp_window_transformer_build(&net, &small));
    CHECK(net.graph.n_fixed == 2);
    check_ways_back(&net.graph, net.x, net.out);
    check_packed(&net.graph, net.x, net.out);
    mdp_graph_free(&net.graph);
}

static void test_inverse(void) {
    struct mdp_inverse net;
    const struct mdp_trained_config config = {.n_rows = 4, .n_threads = 1};
    CHECK_OK(mdp_inverse_alloc(&net, 5, 3, 9, &config));
    check_ways_back(&net.graph, net.x, net.out);
    check_packed(&net.graph, net.x, net.out);
    mdp_inverse_free(&net);
}

/* numbers of parameters by SPEC-trajectory sections 1.2 and 4.1 */
static void test_counts(void) {
    static const struct {
        int horizon, n_obs, n_levels, factors[4];
        long denoiser, value;
    } tasks[] = {{4, 17, 3, {1, 4, 2}, 3685943, 1411105},
                 {4, 26, 3, {1, 4, 2}, 3686912, 1411201},
                 {32, 17, 4, {1, 2, 2, 2}, 3958327, 1489953},
                 {32, 22, 4, {1, 2, 2, 2}, 3959452, 1490593}};
    for (int i = 0; i < 4; i++) {
        struct mdp_window_sizes task = {.horizon = tasks[i].horizon,
                                        .n_obs = tasks[i].n_obs,
                                        .n_act = 6,
                                        .width = 32,
                                        .n_levels = tasks[i].n_levels};
        struct mdp_window_net net;
        struct mdp_window_value value;
        memcpy(task.factors, tasks[i].factors, sizeof tasks[i].factors);
        CHECK_OK(mdp_window_net_build(&net, &task));
        CHECK_OK(mdp_window_value_build(&value, &task));
        CHECK(net.graph.n_floats == tasks[i].denoiser);
        CHECK(value.graph.n_floats == tasks[i].value);
        mdp_graph_free(&net.graph);
        mdp_graph_free(&value.graph);
    }
    static const struct mdp_transformer_sizes full = {
        .horizon = 32, .n_obs = 17, .width = 320, .n_heads = 10, .n_blocks = 2, .n_emb = 128};
    struct mdp_window_transformer transformer;
    const long condition = 2 * 128 + 128 * 128 + 128;
    CHECK_OK(mdp_window_transformer_build(&transformer, &full));
    CHECK(transformer.graph.n_floats - condition == 4077409);
    mdp_graph_free(&transformer.graph);
}

/* there and back again, and a weight of each order where it belongs */
static void test_native_order(void) {
    struct mdp_window_net net;
    float *native = NULL, *block = NULL, *again = NULL;
    CHECK_OK(mdp_window_net_build(&net, &sizes));
    unsigned long n = (unsigned long)net.graph.n_floats;
    CHECK_OK(mdp_calloc(&native, n, sizeof *native, "test"));
    CHECK_OK(mdp_calloc(&block, n, sizeof *block, "test"));
    CHECK_OK(mdp_calloc(&again, n, sizeof *again, "test"));
    for (unsigned long i = 0; i < n; i++) native[i] = (float)i;
    mdp_graph_from_native(&net.graph, native, block);
    mdp_graph_to_native(&net.graph, block, again);
    CHECK(memcmp(native, again, n * sizeof *native) == 0);
    int n_moved = 0;
    for (unsigned long i = 0; i < n; i++) n_moved += native[i] != block[i];
    CHECK(n_moved > 1000);
    free(native);
    free(block);
    free(again);
    mdp_graph_free(&net.graph);
}

static void refused(struct mdp_window_sizes wrong, const char *message) {
    struct mdp_window_net net;
    CHECK_FAILS(mdp_window_net_build(&net, &wrong), MDP_E_USAGE, message);
    mdp_graph_free(&net.graph);
}

static void test_wrong_sizes_are_refused(void) {
    struct mdp_window_sizes wrong = sizes;
    wrong.horizon = 6;
    refused(wrong, "a power of two from 4 to 1024 steps, found 6");
    wrong.horizon = 2;
    refused(wrong, "found 2");
    wrong = sizes;
    wrong.n_levels = 0;
    refused(wrong, "1 to 6 levels, found 0");
    wrong = sizes;
    wrong.width = 6;
    refused(wrong, "a multiple of 4, found 6");
    wrong = sizes;
    wrong.factors[1] = 1 << 20;
    refused(wrong, "level 2");
    struct mdp_transformer_sizes heads = {
        .horizon = 6, .n_obs = 5, .width = 12, .n_heads = 5, .n_blocks = 2, .n_emb = 16};
    struct mdp_window_transformer net;
    CHECK_FAILS(mdp_window_transformer_build(&net, &heads), MDP_E_USAGE, "found 12 and 5 heads");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_u_net),
        TAP_TEST(test_return_network),
        TAP_TEST(test_transformer),
        TAP_TEST(test_inverse),
        TAP_TEST(test_counts),
        TAP_TEST(test_native_order),
        TAP_TEST(test_wrong_sizes_are_refused),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
