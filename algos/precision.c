#include "algos/precision.h"

#include <stdio.h>
#include <string.h>

static const struct precision {
    const char *name;
    const char *note;
    const char *kernel; /* "": the best of float32; NULL: none is wanted */
    enum mdp_products_kind products;
    const char *needs;
    int is_for_work;
} precisions[] = {
    {MDP_PRECISION_DEFAULT, NULL, "", MDP_PRODUCTS_F32, "any processor", 1},
    {"f32-plain", "the matrix library's, also where actions are sampled", NULL, MDP_PRODUCTS_F32, "any processor", 0},
    {"bf16", "takes AMX", "amx", MDP_PRODUCTS_AMX, "a processor with AMX bfloat16", 1},
    {"bf16-avx512", "takes AVX512_BF16", "avx512-bf16", MDP_PRODUCTS_AVX512, "a processor with AVX512_BF16", 1},
    {"bf16-emulated", "to check the others by", "emulated", MDP_PRODUCTS_EMULATED, "a processor with AVX2 and FMA", 0},
};
enum { N_PRECISIONS = sizeof precisions / sizeof precisions[0] };

const struct mdp_names *mdp_precision_names(void) {
    static const struct mdp_names names = MDP_NAMES_NOTED(precisions, name, note);
    return &names;
}

static const struct mdp_kernel *kernel_of(const struct precision *precision) {
    if (precision->kernel == NULL) return NULL;
    return precision->kernel[0] == 0 ? mdp_kernel_best() : mdp_kernel_find(precision->kernel);
}

static int is_here(const struct precision *precision) {
    return precision->kernel == NULL || kernel_of(precision) != NULL;
}

static mdp_err refuse_here(const struct precision *precision) {
    const char *texts[N_PRECISIONS];
    char list[MDP_NAMES_MAX];
    int n = 0;
    for (int i = 0; i < N_PRECISIONS; i++)
        if (is_here(&precisions[i])) texts[n++] = precisions[i].name;
    const struct mdp_names here = MDP_NAMES_OF_FIRST(texts, n);
    return mdp_fail(MDP_E_USAGE, "precision %s: expected %s, found none; this machine can run %s", precision->name,
                    precision->needs, mdp_names_text(&here, list));
}

static mdp_err find(const char *name, const struct precision **out) {
    int i;
    mdp_err err = mdp_names_find(mdp_precision_names(), "precision", name, &i);
    if (err != MDP_OK) return err;
    *out = &precisions[i];
    return is_here(*out) ? MDP_OK : refuse_here(*out);
}

mdp_err mdp_precision_check(const char *name) {
    const struct precision *precision;
    return find(name, &precision);
}

int mdp_precision_is_for_work(int i) { return precisions[i].is_for_work; }

mdp_err mdp_precision_find(const char *name, const struct mdp_kernel **out) {
    const struct precision *precision;
    mdp_err err = find(name, &precision);
    if (err == MDP_OK) *out = kernel_of(precision);
    return err;
}

mdp_err mdp_precision_find_training(const char *name, const struct mdp_kernel **kernel,
                                    enum mdp_products_kind *products) {
    const struct precision *precision;
    mdp_err err = find(name, &precision);
    if (err != MDP_OK) return err;
    *kernel = kernel_of(precision);
    *products = precision->products;
    return MDP_OK;
}
