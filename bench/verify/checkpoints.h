/* verify algos: networks read from checkpoints of other programs, against the outputs that those programs recorded. */
#ifndef MDP_BENCH_VERIFY_CHECKPOINTS_H
#define MDP_BENCH_VERIFY_CHECKPOINTS_H

#include "bench/verify/report.h"

/** Verifies ALGO_ckpt_expect.h5: every file ALGO_*.pt and ALGO_*.safetensors beside it is imported, and the outputs of
 * its networks for the stored inputs are compared. Errors: IO; DATA, also if there is no such file. Source:
 * reference/algos/checkpoints/README.md. */
mdp_err mdp_verify_checkpoints(struct mdp_verify_report *report, const char *path);

#endif
