#include "bench/run/version.h"

#include <gnu/libc-version.h>
#include <jansson.h>

#include "algos/nn/gemm.h"
#include "base/cpu.h"
#include "base/log.h"
#include "envs/env.h"
#include "results/alike.h"
#include "results/h5/file.h"
#include "stats/library.h"

void mdp_version_text(const char *physics, char text[MDP_BUILD_TEXT_MAX]) {
    char h5[32];
    mdp_h5_library_version(h5);
    snprintf(text, MDP_BUILD_TEXT_MAX, "mdpbench %s; %s; %s; HDF5 %s; GSL %s; glibc %s; %s; %s", MDP_VERSION, physics,
             mdp_gemm_library(), h5, mdp_stats_library_version(), gnu_get_libc_version(), mdp_cpu_model(),
             mdp_cpu_isa());
}

void mdp_isa_text(int has_products, char text[MDP_ISA_MAX]) {
    const char *isa = has_products ? mdp_gemm_isa() : "";
    snprintf(text, MDP_ISA_MAX, "%s%s%slibm %s", isa[0] != 0 ? "oneDNN " : "", isa, isa[0] != 0 ? " + " : "",
             mdp_cpu_libm());
}

mdp_err mdp_isa_go_on(const char *folder, const char *then, int may_differ, char isa[MDP_ISA_MAX]) {
    mdp_isa_text(1, isa);
    if (then[0] == 0 || !mdp_fact_unlike(MDP_FACT_ISA, then, isa)) return MDP_OK;
    if (!may_differ)
        return mdp_fail(MDP_E_USAGE,
                        "%s: its steps so far were computed by %s, the next would be by %s, with other bits than an "
                        "unbroken run has; --other-instructions goes on",
                        folder, then, isa);
    mdp_log("%s: its steps so far were computed by %s, the next are by %s: an unbroken run has other bits", folder,
            then, isa);
    snprintf(isa, MDP_ISA_MAX, "several, one after another");
    return MDP_OK;
}

void mdp_version_print(FILE *stream) {
    char h5[32];
    mdp_h5_library_version(h5);
    fprintf(stream,
            "mdpbench %s\nphysics   %s\nproducts  %s\nfiles     HDF5 %s, jansson %s\nstatistics GSL %s\nC library "
            "%s\nprocessor %s (%s)\n",
            MDP_VERSION, mdp_env_physics_version(), mdp_gemm_library(), h5, JANSSON_VERSION,
            mdp_stats_library_version(), gnu_get_libc_version(), mdp_cpu_model(), mdp_cpu_isa());
}
