#include "bench/run/version.h"

#include <gnu/libc-version.h>
#include <jansson.h>

#include "algos/nn/gemm.h"
#include "base/cpu.h"
#include "envs/env.h"
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

void mdp_version_print(FILE *stream) {
    char h5[32];
    mdp_h5_library_version(h5);
    fprintf(stream,
            "mdpbench %s\nphysics   %s\nproducts  %s\nfiles     HDF5 %s, jansson %s\nstatistics GSL %s\nC library "
            "%s\nprocessor %s (%s)\n",
            MDP_VERSION, mdp_env_physics_version(), mdp_gemm_library(), h5, JANSSON_VERSION,
            mdp_stats_library_version(), gnu_get_libc_version(), mdp_cpu_model(), mdp_cpu_isa());
}
