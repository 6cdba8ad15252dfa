#include "results/tensors/dtype.h"

#include <math.h>
#include <string.h>

static const struct {
    int size;
    const char *text, *safetensors;
} rows[] = {
#define ROW(name, size, text, safetensors, torch) [MDP_DTYPE_##name] = {size, text, safetensors},
    MDP_DTYPE_LIST(ROW)
#undef ROW
};

int mdp_dtype_size(enum mdp_dtype dtype) { return rows[dtype].size; }

const char *mdp_dtype_text(enum mdp_dtype dtype) { return rows[dtype].text; }

int mdp_dtype_is_float(enum mdp_dtype dtype) { return dtype <= MDP_DTYPE_BF16; }

enum mdp_dtype mdp_dtype_of_safetensors(const char *name) {
    int i = 0;
    while (i < MDP_N_DTYPES && strcmp(rows[i].safetensors, name) != 0) i++;
    return (enum mdp_dtype)i;
}

static double from_f32(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double from_f64(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* 1 sign bit, 5 of exponent with bias 15, 10 of fraction */
static double from_f16(unsigned bits) {
    int exponent = (int)(bits >> 10 & 31);
    double fraction = (double)(bits & 1023) / 1024;
    double value = exponent == 31  ? (fraction == 0 ? (double)INFINITY : (double)NAN)
                   : exponent == 0 ? ldexp(fraction, -14)
                                   : ldexp(1 + fraction, exponent - 15);
    return bits >> 15 ? -value : value;
}

double mdp_dtype_value(enum mdp_dtype dtype, const unsigned char *bytes) {
    uint64_t bits = mdp_bytes_le(bytes, rows[dtype].size);
    switch (dtype) {
    case MDP_DTYPE_F64: return from_f64(bits);
    case MDP_DTYPE_F32: return from_f32((uint32_t)bits);
    case MDP_DTYPE_F16: return from_f16((unsigned)bits);
    case MDP_DTYPE_BF16: return from_f32((uint32_t)bits << 16);
    case MDP_DTYPE_I64: return (double)(int64_t)bits;
    case MDP_DTYPE_I32: return (int32_t)bits;
    case MDP_DTYPE_I16: return (int16_t)bits;
    case MDP_DTYPE_I8: return (int8_t)bits;
    case MDP_DTYPE_U64:
    case MDP_DTYPE_U32:
    case MDP_DTYPE_U16:
    case MDP_DTYPE_U8: return (double)bits;
    case MDP_DTYPE_BOOL: return bits != 0;
    case MDP_N_DTYPES: break;
    }
    return (double)NAN;
}
