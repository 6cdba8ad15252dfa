#include "results/tensors/zip_library.h"

#include "base/library.h"

static const struct mdp_symbol symbols[] = {
#define SYMBOL(name) MDP_SYMBOL(struct mdp_zip_library, name),
    MDP_ZIP_FUNCTIONS(SYMBOL)
#undef SYMBOL
};

/* the loader keeps what is loaded, so that doing this for each archive costs little and leaves no state here */
mdp_err mdp_zip_library_load(struct mdp_zip_library *library) {
    return mdp_library_load(MDP_ZIP_SONAME, "libzip", symbols, sizeof symbols / sizeof *symbols, library);
}
