/* element types of tensors in files of other programs: their names there, their sizes, and their values as doubles.
 * Source: IEEE 754 (binary16, 32, 64); bfloat16 is the upper half of a binary32. */
#ifndef MDP_RESULTS_TENSORS_DTYPE_H
#define MDP_RESULTS_TENSORS_DTYPE_H

#include "results/tensors/bytes.h"

/* X(name, bytes, text, name in safetensors, storage class in PyTorch) */
#define MDP_DTYPE_LIST(X)                                                                                              \
    X(F64, 8, "float64", "F64", "DoubleStorage")                                                                       \
    X(F32, 4, "float32", "F32", "FloatStorage")                                                                        \
    X(F16, 2, "float16", "F16", "HalfStorage")                                                                         \
    X(BF16, 2, "bfloat16", "BF16", "BFloat16Storage")                                                                  \
    X(I64, 8, "int64", "I64", "LongStorage")                                                                           \
    X(I32, 4, "int32", "I32", "IntStorage")                                                                            \
    X(I16, 2, "int16", "I16", "ShortStorage")                                                                          \
    X(I8, 1, "int8", "I8", "CharStorage")                                                                              \
    X(U8, 1, "uint8", "U8", "ByteStorage")                                                                             \
    X(BOOL, 1, "bool", "BOOL", "BoolStorage")                                                                          \
    X(U64, 8, "uint64", "U64", "") /* PyTorch has no storage class of these three */                                   \
    X(U32, 4, "uint32", "U32", "")                                                                                     \
    X(U16, 2, "uint16", "U16", "")

#define MDP_DTYPE_ENUM(name, size, text, safetensors, torch) MDP_DTYPE_##name,
enum mdp_dtype { MDP_DTYPE_LIST(MDP_DTYPE_ENUM) MDP_N_DTYPES };
#undef MDP_DTYPE_ENUM

/** Returns the size of an element. Units: bytes. */
int mdp_dtype_size(enum mdp_dtype dtype);

/** Returns the name of a type, e.g. "float32". */
const char *mdp_dtype_text(enum mdp_dtype dtype);

/** Returns 1 if values of a type may have fractions. */
int mdp_dtype_is_float(enum mdp_dtype dtype);

/** Finds a type by its name in safetensors; MDP_N_DTYPES if there is none. */
enum mdp_dtype mdp_dtype_of_safetensors(const char *name);

/** Returns the value of a little-endian element; int64 and uint64 beyond 2^53 are rounded. */
double mdp_dtype_value(enum mdp_dtype dtype, const unsigned char *bytes);

#endif
