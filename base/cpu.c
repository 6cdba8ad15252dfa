#define _GNU_SOURCE
#include "base/cpu.h"

#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static char model[128] = "unknown", isa[128];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void append_isa(const char *name) {
    if (isa[0] != 0) strncat(isa, "+", sizeof isa - strlen(isa) - 1);
    strncat(isa, name, sizeof isa - strlen(isa) - 1);
}

/* one pass over the system's own description: the first processor stands for all */
static void read_cpuinfo(void) {
    static const char *const wanted[] = {"sse4_2",   "fma",   "avx2", "avx512f", "avx512_bf16",
                                         "amx_bf16", "asimd", "bf16", "sve"};
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[8192];
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char *colon = strchr(line, ':');
        if (line[0] == '\n') break;
        if (colon == NULL) continue;
        line[strcspn(line, "\n")] = 0;
        if (strncmp(line, "model name", 10) == 0) snprintf(model, sizeof model, "%.127s", colon + 2);
        if (strncmp(line, "flags", 5) != 0 && strncmp(line, "Features", 8) != 0) continue;
        strncat(line, " ", sizeof line - strlen(line) - 1);
        for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
            char word[32];
            snprintf(word, sizeof word, " %s ", wanted[i]);
            if (strstr(colon, word) != NULL) append_isa(wanted[i]);
        }
    }
    if (file != NULL) fclose(file);
    if (isa[0] == 0) strcpy(isa, "baseline");
}

const char *mdp_cpu_model(void) {
    pthread_once(&once, read_cpuinfo);
    return model;
}

const char *mdp_cpu_isa(void) {
    pthread_once(&once, read_cpuinfo);
    return isa;
}

#if defined(__x86_64__)
const char *mdp_cpu_level(void) {
    if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
    return __builtin_cpu_supports("x86-64-v3") ? "x86-64-v3" : "x86-64";
}

#else
const char *mdp_cpu_level(void) { return "baseline"; }
#endif

static char libm[16];
static pthread_once_t libm_once = PTHREAD_ONCE_INIT;

static void add_bytes(uint64_t *hash, double value) {
    unsigned char bytes[sizeof value];
    memcpy(bytes, &value, sizeof value);
    for (size_t i = 0; i < sizeof bytes; i++) *hash = (*hash ^ bytes[i]) * UINT64_C(0x100000001b3);
}

/* sin and cos are where paths differ most often, within a few hundred numbers; volatile, so that nothing is computed
 * by the compiler */
static void probe_libm(void) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (int i = 0; i < 1024; i++) {
        const volatile double x = 0.013 + 0.0371 * i;
        add_bytes(&hash, sin(x));
        add_bytes(&hash, cos(x));
        if (i % 8 != 0) continue;
        add_bytes(&hash, exp(-x));
        add_bytes(&hash, log(x));
        add_bytes(&hash, tanh(x));
        add_bytes(&hash, pow(0.999, x));
    }
    snprintf(libm, sizeof libm, "%08x", (unsigned)(hash ^ hash >> 32));
}

const char *mdp_cpu_libm(void) {
    pthread_once(&libm_once, probe_libm);
    return libm;
}

/* a sine and a cosine that come out otherwise without it; volatile, so that nothing is computed by the compiler */
int mdp_cpu_has_fused_sine(void) {
    const volatile double x = 1541 / 1024.0 * 0.1, y = 1862 / 1024.0 * 0.1;
    return sin(x) == 0x1.3309bc532fcdp-3 && cos(y) == 0x1.f78f0fbfa0ddcp-1;
}

/* the processors of all of OpenMP's places; none where the user named no places and bound nothing */
static int fill_places(cpu_set_t *set) {
    int ids[CPU_SETSIZE];
    CPU_ZERO(set);
    for (int i = 0; i < omp_get_num_places(); i++) {
        int n = omp_get_place_num_procs(i);
        if (n > CPU_SETSIZE) continue;
        omp_get_place_proc_ids(i, ids);
        for (int k = 0; k < n; k++) CPU_SET(ids[k], set);
    }
    return CPU_COUNT(set);
}

/* OpenMP counted before it bound this thread to one of them, where the user asks for that */
int mdp_cpu_count(void) {
    cpu_set_t set;
    int n = fill_places(&set);
    return n > 0 ? n : omp_get_num_procs();
}

void mdp_cpu_unbind(void) {
    cpu_set_t set;
    if (fill_places(&set) > 0) sched_setaffinity(0, sizeof set, &set);
}

double mdp_cpu_peak_memory(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
    return 1024.0 * (double)usage.ru_maxrss;
}
