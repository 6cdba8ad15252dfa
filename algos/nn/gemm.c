#include "algos/nn/gemm.h"

#include <omp.h>
#include <stdio.h>

#include "algos/nn/onednn.h"

mdp_err mdp_gemm_load(void) { return mdp_onednn_load(); }

/* the library would open a parallel region of its own; the thread's own default of one thread keeps it from doing so */
void mdp_gemm_keep_to_this_thread(void) {
    if (omp_get_max_threads() > 1) omp_set_num_threads(1);
}

void mdp_gemm_forward(int m, int n, int k, const float *x, const float *w, float *y) {
    mdp_gemm_keep_to_this_thread();
    mdp_onednn.dnnl_sgemm('N', 'T', m, n, k, 1.0f, x, k, w, k, 0.0f, y, n);
}

void mdp_gemm_backward_input(int m, int n, int k, const float *dy, const float *w, float *dx) {
    mdp_gemm_keep_to_this_thread();
    mdp_onednn.dnnl_sgemm('N', 'N', m, k, n, 1.0f, dy, n, w, k, 0.0f, dx, k);
}

void mdp_gemm_backward_weight(int m, int n, int k, const float *dy, int stride, const float *x, float keep, float *dw) {
    mdp_gemm_keep_to_this_thread();
    mdp_onednn.dnnl_sgemm('T', 'N', n, k, m, 1.0f, dy, stride, x, k, keep, dw, k);
}

void mdp_gemm_any(char a_is, char b_is, int m, int n, int k, const float *a, int a_row, const float *b, int b_row,
                  float keep, float *c, int c_row) {
    mdp_gemm_keep_to_this_thread();
    mdp_onednn.dnnl_sgemm(a_is, b_is, m, n, k, 1.0f, a, a_row, b, b_row, keep, c, c_row);
}

const char *mdp_gemm_library(void) {
    static const dnnl_version_t header = {
        .major = DNNL_VERSION_MAJOR, .minor = DNNL_VERSION_MINOR, .patch = DNNL_VERSION_PATCH};
    static _Thread_local char text[32];
    const dnnl_version_t *version = mdp_onednn.dnnl_version != NULL ? mdp_onednn.dnnl_version() : &header;
    snprintf(text, sizeof text, "oneDNN %d.%d.%d", version->major, version->minor, version->patch);
    return text;
}

/* newer libraries name more than their bits tell: what has no name here is shown as its number */
const char *mdp_gemm_isa(void) {
    static const struct {
        unsigned isa;
        const char *name;
    } names[] = {{0x1, "sse41"},
                 {0x3, "avx"},
                 {0x7, "avx2"},
                 {0x407, "avx2_vnni"},
                 {0xc07, "avx2_vnni_2"},
                 {0x27, "avx512_core"},
                 {0x67, "avx512_core_vnni"},
                 {0xe7, "avx512_core_bf16"},
                 {0x1ef, "avx512_core_fp16"},
                 {0x3e7, "avx512_core_amx"},
                 {0xfef, "avx512_core_amx"},
                 {0x1fef, "avx512_core_amx_fp16"}};
    static _Thread_local char text[32];
    if (mdp_onednn.dnnl_get_effective_cpu_isa == NULL) return "";
    unsigned isa = (unsigned)mdp_onednn.dnnl_get_effective_cpu_isa();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].isa == isa) return names[i].name;
    snprintf(text, sizeof text, "isa_%x", isa);
    return text;
}
