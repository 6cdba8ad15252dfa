/* facts about the machine, recorded in every result that a machine can influence. */
#ifndef MDP_BASE_CPU_H
#define MDP_BASE_CPU_H

/** Returns the processor's model name, "unknown" where the system does not tell; borrowed. */
const char *mdp_cpu_model(void);

/** Returns the widest vector extension in use order, e.g. "avx512f+fma+amx_bf16"; borrowed. */
const char *mdp_cpu_isa(void);

/** Returns the architecture level that this process sees, "x86-64-v4" (AVX-512), "x86-64-v3" (AVX2) or "x86-64": what
 * code chooses its path by, also where an emulator grants less than the processor has; "baseline" on other processors;
 * borrowed. */
const char *mdp_cpu_level(void);

/** Returns 1 where the C library's sin and cos give the bits of its way with fused multiply-add, which recordings of
 * the original have; another library, processor or setting of it rounds otherwise. */
int mdp_cpu_has_fused_sine(void);

/** Returns 8 hexadecimal digits that tell which way the C library computes sin, cos, exp, log, tanh and pow: the hash
 * of their results over some numbers, which libraries and processors that choose other instructions may round
 * otherwise. Equal digits are a sign of equal bits; borrowed. */
const char *mdp_cpu_libm(void);

/** Returns the number of processors this process may use, at least 1; of those, where the user names OpenMP's places,
 * what the places hold. */
int mdp_cpu_count(void);

/** Lets this thread use all of them again, where OpenMP has bound it to one of its places. */
void mdp_cpu_unbind(void);

/** Returns the process's peak resident memory. Units: bytes. */
double mdp_cpu_peak_memory(void);

#endif
