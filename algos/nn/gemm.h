/* the three matrix products of a linear layer, on oneDNN, each run by the calling thread alone.
 *
 * parallelism is outside: callers give every thread its own row panel, so that a result never depends on the number of
 * threads. all matrices are float32, row-major and dense but for one. */
#ifndef MDP_ALGOS_NN_GEMM_H
#define MDP_ALGOS_NN_GEMM_H

#include "base/err.h"

/** Loads the library unless it is there: who makes something that multiplies calls this first. Errors: IO, DATA. */
mdp_err mdp_gemm_load(void);

/** y = x w^T. Shapes: x [m, k], w [n, k], y [m, n]. */
void mdp_gemm_forward(int m, int n, int k, const float *x, const float *w, float *y);

/** dx = dy w. Shapes: dy [m, n], w [n, k], dx [m, k]. */
void mdp_gemm_backward_input(int m, int n, int k, const float *dy, const float *w, float *dx);

/** dw = keep dw + dy^T x; rows of dy are `stride` floats apart. Shapes: dy [m, n], x [m, k], dw [n, k]. Range: dw need
 * not hold numbers if keep is 0. */
void mdp_gemm_backward_weight(int m, int n, int k, const float *dy, int stride, const float *x, float keep, float *dw);

/** c = keep c + a b, each of a and b as it is, 'N', or transposed, 'T', with rows of all three so many floats apart.
 * Shapes: a [m, k], b [k, n] after that, c [m, n]. Range: c need not hold numbers if keep is 0. */
void mdp_gemm_any(char a_is, char b_is, int m, int n, int k, const float *a, int a_row, const float *b, int b_row,
                  float keep, float *c, int c_row);

/** Keeps the library from running what the calling thread asks for in threads of its own. */
void mdp_gemm_keep_to_this_thread(void);

/** Returns the instructions that the matrix library takes here, e.g. "avx512_core_bf16", by the processor and by what
 * ONEDNN_MAX_CPU_ISA or this program leaves of it; "" before it is loaded; borrowed. */
const char *mdp_gemm_isa(void);

/** Returns the version of the matrix library, e.g. "oneDNN 2.6.3"; before it is loaded, of the one that the program was
 * built with; borrowed. */
const char *mdp_gemm_library(void);

#endif
