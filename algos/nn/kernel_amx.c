/* the bfloat16 kernel for AMX: 32 rows by 32 columns of float32 sums in four tile registers, products of two
 * neighbouring inputs at a time. first layers and everything around the products are AVX-512 float32 */
#define _GNU_SOURCE
#include "algos/nn/kernel.h"

#if defined(__x86_64__)
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,fma,amx-tile,amx-bf16")

#include "algos/nn/v16_avx512.h"

enum { KERNEL_VECS = 2, KERNEL_ROWS_MAX = 14 };
#define KERNEL_ROWS(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14)
#define KERNEL_MISH v16_mish_coarse
#define KERNEL_INVERSE v16_reciprocal
typedef uint16_t kernel_element;

static inline void kernel_put(uint16_t *p, v16 a) { _mm256_storeu_si256((void *)p, (__m256i)_mm512_cvtneps_pbh(a)); }

static inline v16 kernel_get(const uint16_t *p) {
    __m512i half = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(half, 16));
}

#include "algos/nn/kernel_rows.h"

enum { TILE_ROWS = 16, TILE_BYTES = 64, TILE_DEPTH = 32, BLOCK = 32 };

/* the processor's own layout of a tile configuration */
struct tile_config {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

/* tiles 0 to 3 are sums, 4 and 5 rows of x, 6 and 7 panels of weights: all of full size */
static void tiles_begin(void) {
    struct tile_config config = {.palette = 1};
    for (int i = 0; i < 8; i++) {
        config.row_bytes[i] = TILE_BYTES;
        config.rows[i] = TILE_ROWS;
    }
    _tile_loadconfig(&config);
}

/* sums of 32 rows of x and two neighbouring panels of weights, into 32 columns of rows of `width`; a tile whose rows
 * are no bytes apart is the bias, over and over */
static inline void multiply(int k, const uint16_t *x, const uint16_t *w, const float *bias, long width, float *sums) {
    long row = (long)k * (long)sizeof *x, out = width * (long)sizeof *sums;
    _tile_loadd(0, bias, 0);
    _tile_loadd(1, bias + 16, 0);
    _tile_loadd(2, bias, 0);
    _tile_loadd(3, bias + 16, 0);
    for (int i = 0; i < k; i += TILE_DEPTH) {
        _tile_loadd(4, x + i, row);
        _tile_loadd(6, w + (long)i * 16, TILE_BYTES);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, w + (long)(k + i) * 16, TILE_BYTES);
        _tile_dpbf16ps(1, 4, 7);
        _tile_loadd(5, x + (long)TILE_ROWS * k + i, row);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, sums, out);
    _tile_stored(1, sums + 16, out);
    _tile_stored(2, sums + TILE_ROWS * width, out);
    _tile_stored(3, sums + TILE_ROWS * width + 16, out);
}

/* 32 rows at a time, the rows beyond the panel's end being whatever its memory holds */
static inline void run(const struct kernel_work *work, const uint16_t *x, enum kernel_finish finish) {
    const struct mdp_packed *layer = work->layer;
    tiles_begin();
    for (int r = 0; r < work->n_rows; r += BLOCK) {
        int n_rows = work->n_rows - r < BLOCK ? work->n_rows - r : BLOCK;
        for (int j = 0; j < layer->n; j += BLOCK)
            multiply(layer->k, x + (long)r * layer->k, (const uint16_t *)layer->weight + (long)j * layer->k,
                     layer->bias + j, layer->n, work->scratch + j);
        kernel_finish_rows(work, finish, r, n_rows, work->scratch);
    }
    _tile_release();
}

static void linear(const struct mdp_packed *layer, int n_rows, const void *x, float *scratch, void *y) {
    struct kernel_work work = {.layer = layer, .n_rows = n_rows, .scratch = scratch, .y = y};
    run(&work, x, layer->norm_weight != NULL ? KERNEL_NORM : KERNEL_ACTIVATE);
}

static void add(const struct mdp_packed *layer, int n_rows, const void *x, float *scratch, float *h) {
    struct kernel_work work = {.layer = layer, .n_rows = n_rows, .scratch = scratch, .h = h};
    run(&work, x, KERNEL_ADD);
}

/* 16 rows and one panel at a time */
static void output(const struct mdp_packed *layer, int n_rows, const void *x, float *out) {
    const uint16_t *rows = x, *weight = layer->weight;
    _Alignas(64) float sums[TILE_ROWS * 16];
    tiles_begin();
    for (int r = 0; r < n_rows; r += TILE_ROWS)
        for (int j = 0; j < layer->n_out; j += 16) {
            _tile_zero(0);
            for (int i = 0; i < layer->k; i += TILE_DEPTH) {
                _tile_loadd(4, rows + (long)r * layer->k + i, (long)layer->k * 2);
                _tile_loadd(6, weight + (long)j * layer->k + (long)i * 16, TILE_BYTES);
                _tile_dpbf16ps(0, 4, 6);
            }
            _tile_stored(0, sums, 16 * sizeof *sums);
            for (int i = 0; i < TILE_ROWS && r + i < n_rows; i++)
                for (int v = 0; v < 16 && j + v < layer->n_out; v++)
                    out[(long)(r + i) * layer->n_out + j + v] = layer->bias[j + v] + sums[i * 16 + v];
        }
    _tile_release();
}

/* the system hands the tile registers out on request only */
static int has_tiles;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void request_tiles(void) {
    enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
    has_tiles = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bf16") &&
                __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16") &&
                syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

static int is_supported(void) {
    pthread_once(&once, request_tiles);
    return has_tiles;
}

const struct mdp_kernel mdp_kernel_amx = {
    .name = "amx",
    .precision = MDP_BF16,
    .format = {MDP_PACK_BF16, 16, 2, 0},
    .start_format = {MDP_PACK_F32, KERNEL_COLS, 1, 0},
    .element = sizeof(kernel_element),
    .is_supported = is_supported,
    .start = kernel_start,
    .begin = kernel_begin,
    .linear = linear,
    .add = add,
    .norm = kernel_norm,
    .output = output,
    .activate = kernel_activate,
    .rows = KERNEL_ROWS_TABLE,
};
#endif
