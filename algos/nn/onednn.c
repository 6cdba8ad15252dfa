#include "algos/nn/onednn.h"

#include <pthread.h>

#include "base/library.h"

struct mdp_onednn mdp_onednn;
static int is_loaded;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const struct mdp_symbol symbols[] = {
#define SYMBOL(function) MDP_SYMBOL(struct mdp_onednn, function),
    MDP_ONEDNN_LIST(SYMBOL)
#undef SYMBOL
};

mdp_err mdp_onednn_load(void) {
    mdp_err err = MDP_OK;
    pthread_mutex_lock(&lock);
    if (!is_loaded)
        err = mdp_library_load(MDP_DNNL_SONAME, "oneDNN", symbols, sizeof symbols / sizeof symbols[0], &mdp_onednn);
    is_loaded = err == MDP_OK;
    pthread_mutex_unlock(&lock);
    return err;
}
