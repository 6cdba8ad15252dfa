#include "algos/precision.h"

#include <string.h>

static const struct mdp_kernel *best_f32(void) { return mdp_kernel_best(MDP_F32); }

static const struct mdp_kernel *best_bf16(void) { return mdp_kernel_best(MDP_BF16); }

static const struct mdp_kernel *emulated(void) {
    return mdp_kernel_emulated.is_supported() ? &mdp_kernel_emulated : NULL;
}

/* find NULL: no kernel is wanted */
static const struct precision {
    const char *name;
    const struct mdp_kernel *(*find)(void);
    const char *needs;
} precisions[] = {
    {MDP_PRECISION_DEFAULT, best_f32, "any processor"},
    {"f32-plain", NULL, "any processor"},
    {"bf16", best_bf16, "a processor with AMX bfloat16; bf16-emulated gives close results, slowly"},
    {"bf16-emulated", emulated, "a processor with AVX2 and FMA"},
};
enum { N_PRECISIONS = sizeof precisions / sizeof precisions[0] };

const char *mdp_precision_at(int i) { return i >= 0 && i < N_PRECISIONS ? precisions[i].name : NULL; }

mdp_err mdp_precision_find(const char *name, const struct mdp_kernel **out) {
    for (int i = 0; i < N_PRECISIONS; i++) {
        if (strcmp(precisions[i].name, name) != 0) continue;
        *out = precisions[i].find != NULL ? precisions[i].find() : NULL;
        if (*out == NULL && precisions[i].find != NULL)
            return mdp_fail(MDP_E_USAGE, "precision %s: expected %s, found none", name, precisions[i].needs);
        return MDP_OK;
    }
    return mdp_fail(MDP_E_USAGE, "precision: expected f32, f32-plain, bf16 or bf16-emulated, found '%s'", name);
}
