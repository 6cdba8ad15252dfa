/* whether a file may be given to libhdf5 at all: for file.c. */
#ifndef MDP_RESULTS_H5_PROBE_H
#define MDP_RESULTS_H5_PROBE_H

#include "base/err.h"

/** Walks a file's structure in another process. Errors: DATA if libhdf5 does not survive it, IO. */
mdp_err mdp_h5i_probe(const char *path);

#endif
