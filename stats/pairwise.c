/* sums in blocks; eight partial sums keep their order whatever the compiler makes of them. */
#include "stats/pairwise.h"

double mdp_pairwise_sum(const double *values, long n) {
    enum { WIDTH = 8, BLOCK = 128 };
    double sum = 0;
    if (n > BLOCK) {
        long half = n / 2 - n / 2 % WIDTH;
        return mdp_pairwise_sum(values, half) + mdp_pairwise_sum(values + half, n - half);
    }
    long i = 0;
    if (n >= WIDTH) {
        double r[WIDTH];
        for (int k = 0; k < WIDTH; k++) r[k] = values[k];
        for (i = WIDTH; i < n - n % WIDTH; i += WIDTH)
            for (int k = 0; k < WIDTH; k++) r[k] += values[i + k];
        sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    }
    for (; i < n; i++) sum += values[i];
    return sum;
}
