/* the function of liblzf that unpacks, found when a file needs it: few do, and every start would pay for it. */
#ifndef MDP_RESULTS_H5_LZF_LIBRARY_H
#define MDP_RESULTS_H5_LZF_LIBRARY_H

#include <liblzf/lzf.h>

#include "base/err.h"

struct mdp_lzf_library {
    __typeof__(lzf_decompress) *lzf_decompress;
};

/** Loads liblzf, which then stays loaded. Errors: IO if it cannot be loaded, DATA if it lacks the function. */
mdp_err mdp_lzf_library_load(struct mdp_lzf_library *library);

#endif
