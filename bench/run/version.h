/* which program and which libraries made a result. */
#ifndef MDP_BENCH_RUN_VERSION_H
#define MDP_BENCH_RUN_VERSION_H

#include <stdio.h>

#include "results/head.h"

enum { MDP_BUILD_TEXT_MAX = 512 };

/** Writes program, libraries and processor in one line, as every result file records it; `physics` names the physics of
 * the simulation. */
void mdp_version_text(const char *physics, char text[MDP_BUILD_TEXT_MAX]);

/** Writes which instructions the libraries compute with on this machine, of libm a hash of results (mdp_cpu_libm):
 * "oneDNN avx512_core_bf16 + libm 5f3c9a01"; without oneDNN if nothing of a result is multiplied by it. Results of
 * unlike texts may have unlike last bits. */
void mdp_isa_text(int has_products, char text[MDP_ISA_MAX]);

/** Decides whether a run goes on whose steps so far were computed by `then` ("": nothing tells), and writes what its
 * files record from now on: which way this machine computes or, if that is another and the run may go on all the same,
 * that there are several. Errors: USAGE, naming both. */
mdp_err mdp_isa_go_on(const char *folder, const char *then, int may_differ, char isa[MDP_ISA_MAX]);

/** Prints program, libraries and processor, one to a line. */
void mdp_version_print(FILE *stream);

#endif
