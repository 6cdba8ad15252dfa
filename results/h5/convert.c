/* libhdf5's own conversion of floats to integers reports a loss where there is none (float16, and big-endian floats
 * of any size), and clips without a word where it is not asked. So integers go through 64 bits and are checked here. */
#include "results/h5/convert_internal.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { PIECE = 2048, VALUE_TEXT = 40 };

/* the three ways to hold any number that is read into an integer */
enum wide { WIDE_SIGNED, WIDE_UNSIGNED, WIDE_REAL };

/* a piece of the elements; converted in place */
union piece {
    unsigned char bytes[PIECE * MDP_H5_ELEMENT_BYTES_MAX];
    int64_t signed_[PIECE];
    uint64_t unsigned_[PIECE];
    double real[PIECE];
};

/* ---- to 64 bits ---- */

/* the type that the bits have by themselves, without the names of an enumeration. Owns: caller, H5Tclose */
static hid_t plain_type(hid_t type) { return H5Tget_class(type) == H5T_ENUM ? H5Tget_super(type) : H5Tcopy(type); }

static enum wide wide_of(hid_t plain) {
    if (H5Tget_class(plain) == H5T_FLOAT) return WIDE_REAL;
    return H5Tget_class(plain) == H5T_INTEGER && H5Tget_sign(plain) != H5T_SGN_NONE ? WIDE_SIGNED : WIDE_UNSIGNED;
}

static hid_t wide_type(hid_t plain) {
    if (H5Tget_class(plain) == H5T_BITFIELD) return H5T_NATIVE_B64;
    return wide_of(plain) == WIDE_REAL     ? H5T_NATIVE_DOUBLE
           : wide_of(plain) == WIDE_SIGNED ? H5T_NATIVE_INT64
                                           : H5T_NATIVE_UINT64;
}

/* integers of more than 64 bits are the only ones that lose something */
static int convert_piece(hid_t from, hid_t to, size_t n, size_t element_bytes, const unsigned char *bytes,
                         union piece *piece) {
    int lossy;
    hid_t transfer = mdp_h5i_transfer(H5Tget_class(to) == H5T_FLOAT ? MDP_H5_F64 : MDP_H5_I64, &lossy);
    memcpy(piece->bytes, bytes, n * element_bytes);
    herr_t status = H5Tconvert(from, to, n, piece->bytes, NULL, transfer);
    H5Pclose(transfer);
    return status >= 0;
}

/* ---- to the wanted type ---- */

struct range {
    int64_t low;
    uint64_t high;
};

static struct range range_of(enum mdp_h5_type type) {
    switch (type) {
    case MDP_H5_I8: return (struct range){INT8_MIN, INT8_MAX};
    case MDP_H5_U8: return (struct range){0, UINT8_MAX};
    case MDP_H5_I32: return (struct range){INT32_MIN, INT32_MAX};
    case MDP_H5_I64: return (struct range){INT64_MIN, INT64_MAX};
    case MDP_H5_U64: return (struct range){0, UINT64_MAX};
    default: return (struct range){0, 1};
    }
}

/* *bits: the number modulo 2^64. returns 0 if the range does not have it */
static int whole(const union piece *piece, enum wide wide, long i, const struct range *range, uint64_t *bits) {
    double real = piece->real[i];
    switch (wide) {
    case WIDE_SIGNED:
        *bits = (uint64_t)piece->signed_[i];
        return piece->signed_[i] >= range->low && (piece->signed_[i] < 0 || *bits <= range->high);
    case WIDE_UNSIGNED: *bits = piece->unsigned_[i]; return *bits <= range->high;
    case WIDE_REAL: break;
    }
    /* 2^63 and 2^64 are doubles, the largest integers below them are not */
    double past = range->high == UINT64_MAX ? 0x1p64 : range->high == INT64_MAX ? 0x1p63 : (double)range->high + 1;
    if (!(real >= (double)range->low && real < past && real == floor(real))) return 0;
    *bits = real < 0 ? (uint64_t)(int64_t)real : (uint64_t)real;
    return 1;
}

static void store(enum mdp_h5_type type, uint64_t bits, void *out, long i) {
    switch (type) {
    case MDP_H5_I32: ((int32_t *)out)[i] = (int32_t)bits; break;
    case MDP_H5_I64: ((int64_t *)out)[i] = (int64_t)bits; break;
    case MDP_H5_U64: ((uint64_t *)out)[i] = bits; break;
    default: ((uint8_t *)out)[i] = (uint8_t)bits; break;
    }
}

static mdp_err refuse(const struct mdp_h5i_stored *stored, enum mdp_h5_type type, const char *found, long i) {
    char expected[48];
    snprintf(expected, sizeof expected, "integers of %zu bits", 8 * mdp_h5_type_size(type));
    return mdp_fail(MDP_E_DATA, "%s: %s: expected %s, found %s at row %ld", stored->file->path, stored->name,
                    type == MDP_H5_BOOL ? "0 or 1" : expected, found, stored->first_row + i / stored->row_width);
}

static mdp_err refuse_value(const struct mdp_h5i_stored *stored, enum mdp_h5_type type, enum wide wide,
                            const union piece *piece, long first, long i) {
    char text[VALUE_TEXT];
    switch (wide) {
    case WIDE_SIGNED: snprintf(text, VALUE_TEXT, "%lld", (long long)piece->signed_[i]); break;
    case WIDE_UNSIGNED: snprintf(text, VALUE_TEXT, "%llu", (unsigned long long)piece->unsigned_[i]); break;
    case WIDE_REAL: snprintf(text, VALUE_TEXT, "%.9g", isnan(piece->real[i]) ? NAN : piece->real[i]); break;
    }
    return refuse(stored, type, text, first + i);
}

static mdp_err convert_to_integers(const struct mdp_h5i_stored *stored, hid_t plain, enum mdp_h5_type type, void *out) {
    static _Thread_local union piece piece;
    const struct range range = range_of(type);
    enum wide wide = wide_of(plain);
    size_t size = H5Tget_size(plain);
    for (long first = 0; first < stored->n; first += PIECE) {
        long n = stored->n - first < PIECE ? stored->n - first : PIECE;
        if (!convert_piece(plain, wide_type(plain), (size_t)n, size, stored->bytes + (size_t)first * size, &piece))
            return refuse(stored, type, "one of more bits", first);
        for (long i = 0; i < n; i++) {
            uint64_t bits;
            if (!whole(&piece, wide, i, &range, &bits)) return refuse_value(stored, type, wide, &piece, first, i);
            store(type, bits, out, first + i);
        }
    }
    return MDP_OK;
}

static mdp_err convert_to_reals(const struct mdp_h5i_stored *stored, hid_t plain, enum mdp_h5_type type, void *out) {
    static _Thread_local union piece piece;
    hid_t native = type == MDP_H5_F32 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
    size_t size = H5Tget_size(plain), target = mdp_h5_type_size(type);
    for (long first = 0; first < stored->n; first += PIECE) {
        long n = stored->n - first < PIECE ? stored->n - first : PIECE;
        if (!convert_piece(plain, native, (size_t)n, size, stored->bytes + (size_t)first * size, &piece))
            return mdp_h5i_fail_read(stored->file, stored->name, "the numbers");
        memcpy((char *)out + (size_t)first * target, piece.bytes, (size_t)n * target);
    }
    return MDP_OK;
}

mdp_err mdp_h5i_convert(const struct mdp_h5i_stored *stored, enum mdp_h5_type type, void *out) {
    hid_t plain = plain_type(stored->type);
    int is_real = type == MDP_H5_F32 || type == MDP_H5_F64;
    mdp_err err;
    if (H5Tget_class(plain) == H5T_BITFIELD && is_real) {
        /* bits are read as the unsigned integer that they make */
        hid_t integer = H5Tget_order(plain) == H5T_ORDER_BE ? H5T_STD_U64BE : H5T_STD_U64LE, sized = H5Tcopy(integer);
        H5Tset_size(sized, H5Tget_size(plain));
        H5Tclose(plain);
        plain = sized;
    }
    err = is_real ? convert_to_reals(stored, plain, type, out) : convert_to_integers(stored, plain, type, out);
    H5Tclose(plain);
    return err;
}
