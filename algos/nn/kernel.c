#include "algos/nn/kernel.h"

static const struct mdp_kernel *const kernels[] = {
#if defined(__x86_64__)
    &mdp_kernel_avx512,   &mdp_kernel_avx2,
#endif
    &mdp_kernel_portable,
#if defined(__x86_64__)
    &mdp_kernel_amx,
#endif
    &mdp_kernel_emulated, NULL};

const struct mdp_kernel *const *mdp_kernel_list(void) { return kernels; }

const struct mdp_kernel *mdp_kernel_best(enum mdp_precision precision) {
    for (int i = 0; kernels[i] != NULL; i++)
        if (kernels[i]->precision == precision && !kernels[i]->is_emulated && kernels[i]->is_supported())
            return kernels[i];
    return NULL;
}
