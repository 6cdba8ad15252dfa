/* numbers as people write them, on a command line and in a YAML file alike: 1e5, 20k, 1.5M, 1GB.
 *
 * decimal alone, with a point, and with either an exponent or one of k, M, G behind it. what C's own readers take
 * besides (blanks, hexadecimal digits, infinity) is no number here. all of it is the same in every locale. */
#ifndef MDP_BASE_NUMBER_H
#define MDP_BASE_NUMBER_H

#include <stdint.h>

enum { MDP_NUMBER_MAX = 400 };

/** Reads a whole number, exactly: 100000, 1e5, 20k, 1.5M; not 1.5. Returns 0 if the text is none or does not fit. */
int mdp_number_whole(const char *text, int64_t *out);

/** Reads a whole number from 0 to 2^64 - 1, exactly, as mdp_number_whole does. */
int mdp_number_unsigned(const char *text, uint64_t *out);

/** Reads a real number: 0.5, 1e-3, 20k. Returns 0 if the text is none, or none that is finite. */
int mdp_number_real(const char *text, double *out);

/** Reads a number of bytes: 512MB, 1.5GB, 1GiB, or a number of `unit` bytes alone. kB, MB, GB and TB are powers of
 * 1024. Returns 0 if the text is none. */
int mdp_number_size(const char *text, double unit, double *bytes);

/** Writes a number with a fixed count of digits after the point; never "-0.00". Range: 0 <= precision <= 17. */
void mdp_number_fixed(double value, int precision, char text[MDP_NUMBER_MAX]);

/** Writes the shortest decimal that reads back as the same double. */
void mdp_number_shortest(double value, char text[MDP_NUMBER_MAX]);

#endif
