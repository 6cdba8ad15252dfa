#include "results/h5/lzf_library.h"

#include "base/library.h"

mdp_err mdp_lzf_library_load(struct mdp_lzf_library *library) {
    static const struct mdp_symbol symbols[] = {MDP_SYMBOL(struct mdp_lzf_library, lzf_decompress)};
    return mdp_library_load(MDP_LZF_SONAME, "liblzf", symbols, sizeof symbols / sizeof *symbols, library);
}
