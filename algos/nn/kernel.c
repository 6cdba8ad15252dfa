#include "algos/nn/kernel.h"

#include <string.h>

static const struct mdp_kernel *const kernels[] = {
#if defined(__x86_64__)
    &mdp_kernel_avx512,   &mdp_kernel_avx2,
#endif
    &mdp_kernel_portable,
#if defined(__x86_64__)
    &mdp_kernel_amx,      &mdp_kernel_avx512_bf16,
#endif
    &mdp_kernel_emulated, NULL};

const struct mdp_kernel *const *mdp_kernel_list(void) { return kernels; }

const struct mdp_kernel *mdp_kernel_best(void) {
    int i = 0;
    while (kernels[i]->precision != MDP_F32 || !kernels[i]->is_supported()) i++;
    return kernels[i];
}

const struct mdp_kernel *mdp_kernel_find(const char *name) {
    for (int i = 0; kernels[i] != NULL; i++)
        if (strcmp(kernels[i]->name, name) == 0) return kernels[i]->is_supported() ? kernels[i] : NULL;
    return NULL;
}
