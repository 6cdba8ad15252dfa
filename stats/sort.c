/* a radix sort: one pass over the numbers for each byte, but not for bytes that are the same in all of them. */
#include "stats/sort.h"

#include <stdint.h>
#include <string.h>

enum { N_BYTES = 8, N_DIGITS = 256 };

/* whole numbers in the order of the doubles: negative ones count down */
static uint64_t key_of(double value) {
    uint64_t bits, sign = UINT64_C(1) << 63;
    memcpy(&bits, &value, sizeof bits);
    return bits & sign ? ~bits : bits | sign;
}

static unsigned digit_of(double value, int i_byte) { return (unsigned)(key_of(value) >> (8 * i_byte)) % N_DIGITS; }

/* moves values to where their digit belongs, in the order they have; counts become places */
static void pass(const double *from, long n, int i_byte, long counts[N_DIGITS], double *to) {
    long place = 0;
    for (int i = 0; i < N_DIGITS; i++) {
        long n_digit = counts[i];
        counts[i] = place;
        place += n_digit;
    }
    for (long i = 0; i < n; i++) to[counts[digit_of(from[i], i_byte)]++] = from[i];
}

void mdp_sort_many(double *values, long n, double *work) {
    long counts[N_BYTES][N_DIGITS] = {{0}};
    double *from = values, *to = work;
    for (long i = 0; i < n; i++) {
        uint64_t key = key_of(values[i]);
        for (int k = 0; k < N_BYTES; k++) counts[k][key >> (8 * k) & (N_DIGITS - 1)]++;
    }
    for (int k = 0; k < N_BYTES && n > 0; k++) {
        if (counts[k][digit_of(values[0], k)] == n) continue;
        pass(from, n, k, counts[k], to);
        double *swapped = from;
        from = to;
        to = swapped;
    }
    if (from != values) memcpy(values, from, (size_t)n * sizeof *values);
}
