#include "base/number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- from text ---- */

enum { EXPONENT_MOST = 9999, TEXT_MOST = 400 };

/* a decimal number taken apart: digits of both sides of the point, times ten to the exponent */
struct decimal {
    int is_negative, has_point;
    const char *digits;     /* digits of the number, the point included */
    int n_digits, n_behind; /* all of them, those behind the point */
    long exponent;          /* as written, or that of k, M or G */
};

/* reads sign, digits and point; returns where they end, NULL if there are no digits */
static const char *scan_digits(const char *text, struct decimal *out) {
    *out = (struct decimal){.is_negative = *text == '-'};
    if (*text == '-' || *text == '+') text++;
    out->digits = text;
    for (; (*text >= '0' && *text <= '9') || (*text == '.' && !out->has_point); text++) {
        if (*text == '.')
            out->has_point = 1;
        else
            out->n_digits++, out->n_behind += out->has_point;
    }
    return out->n_digits > 0 ? text : NULL;
}

/* reads "e5" or "k"; returns where it ends, NULL for an exponent without digits */
static const char *scan_exponent(const char *text, long *exponent) {
    static const char prefixes[] = "kKMG";
    static const int powers[] = {3, 3, 6, 9};
    const char *prefix = *text != 0 ? strchr(prefixes, *text) : NULL;
    *exponent = prefix != NULL ? powers[prefix - prefixes] : 0;
    if (prefix != NULL) return text + 1;
    if (*text != 'e' && *text != 'E') return text;
    int is_negative = *++text == '-';
    if (*text == '-' || *text == '+') text++;
    const char *first = text;
    for (; *text >= '0' && *text <= '9'; text++)
        if (*exponent < EXPONENT_MOST) *exponent = 10 * *exponent + (*text - '0');
    if (is_negative) *exponent = -*exponent;
    return text > first ? text : NULL;
}

static int scan(const char *text, struct decimal *out) {
    const char *end = scan_digits(text, out);
    if (end != NULL) end = scan_exponent(end, &out->exponent);
    return end != NULL && *end == 0;
}

/* puts a digit behind a number; 0 if it does not fit */
static int append(uint64_t *value, uint64_t digit) {
    if (*value > (UINT64_MAX - digit) / 10) return 0;
    *value = 10 * *value + digit;
    return 1;
}

/* the digits as one number, but for zeros at its end, which go to the exponent; 0 if it does not fit */
static int gather(const struct decimal *number, uint64_t *value, long *exponent) {
    int n_pending = 0;
    *value = 0;
    for (int i = 0; i < number->n_digits + number->has_point; i++) {
        if (number->digits[i] == '.') continue;
        n_pending++;
        if (number->digits[i] == '0') continue;
        for (; n_pending > 1; n_pending--)
            if (!append(value, 0)) return 0;
        if (!append(value, (uint64_t)(number->digits[i] - '0'))) return 0;
        n_pending = 0;
    }
    *exponent = number->exponent - number->n_behind + n_pending;
    return 1;
}

/* a whole number without its sign */
static int magnitude(const char *text, int *is_negative, uint64_t *value) {
    struct decimal number;
    long exponent;
    if (!scan(text, &number) || !gather(&number, value, &exponent)) return 0;
    if (*value != 0 && exponent < 0) return 0;
    for (; *value != 0 && exponent > 0; exponent--)
        if (!append(value, 0)) return 0;
    *is_negative = number.is_negative;
    return 1;
}

int mdp_number_whole(const char *text, int64_t *out) {
    uint64_t value;
    int is_negative;
    if (!magnitude(text, &is_negative, &value) || value > INT64_MAX) return 0;
    *out = is_negative ? -(int64_t)value : (int64_t)value;
    return 1;
}

int mdp_number_unsigned(const char *text, uint64_t *out) {
    uint64_t value;
    int is_negative;
    if (!magnitude(text, &is_negative, &value) || (is_negative && value != 0)) return 0;
    *out = value;
    return 1;
}

/* strtod gets all digits as a whole number with one exponent for unit and decimal point: then 0.1k is exactly 100, and
 * no point is left, which is a comma in some locales */
int mdp_number_real(const char *text, double *out) {
    struct decimal number;
    char plain[TEXT_MOST + 32];
    if (!scan(text, &number) || number.n_digits > TEXT_MOST) return 0;
    int n = number.is_negative;
    plain[0] = '-';
    for (int i = 0; i < number.n_digits + number.has_point; i++)
        if (number.digits[i] != '.') plain[n++] = number.digits[i];
    snprintf(plain + n, sizeof plain - (size_t)n, "e%ld", number.exponent - number.n_behind);
    errno = 0;
    *out = strtod(plain, NULL);
    return errno == 0;
}

/* sets *bytes to those of a unit "MB", "MiB", "M" or "B"; without a unit *bytes stays. returns 0 for any other text */
static int find_unit(const char *text, double *bytes) {
    static const char prefixes[] = "kMGT";
    if (*text == 0) return 1;
    const char *prefix = strchr(prefixes, *text == 'K' ? 'k' : *text);
    *bytes = 1;
    for (const char *p = prefixes; prefix != NULL && p <= prefix; p++) *bytes *= 1024;
    if (prefix != NULL) text++;
    if (prefix != NULL && text[0] == 'i' && text[1] == 'B') text++;
    return (prefix != NULL && *text == 0) || strcmp(text, "B") == 0;
}

int mdp_number_size(const char *text, double unit, double *bytes) {
    struct decimal number;
    char digits[TEXT_MOST];
    double value;
    const char *end = scan_digits(text, &number);
    if (end != NULL && (*end == 'e' || *end == 'E')) end = scan_exponent(end, &number.exponent);
    if (end == NULL || !find_unit(end, &unit)) return 0;
    int n = snprintf(digits, sizeof digits, "%.*s", (int)(end - text), text);
    if (n >= TEXT_MOST || !mdp_number_real(digits, &value)) return 0;
    *bytes = value * unit;
    return isfinite(*bytes);
}

/* ---- to text ---- */

/* whatever a locale puts between the digits, of one byte or several, becomes a point */
static void plain_point(char *text) {
    char *to = text;
    for (const char *from = text; *from != 0; from++) {
        int is_plain = isdigit((unsigned char)*from) || strchr("+-eaifn", *from) != NULL;
        if (is_plain)
            *to++ = *from;
        else if (to == text || to[-1] != '.')
            *to++ = '.';
    }
    *to = 0;
}

void mdp_number_fixed(double value, int precision, char text[MDP_NUMBER_MAX]) {
    snprintf(text, MDP_NUMBER_MAX, "%.*f", precision, value);
    if (isnan(value)) strcpy(text, "nan");
    plain_point(text);
    if (text[0] == '-' && text[strspn(text, "-0.")] == 0) memmove(text, text + 1, strlen(text));
}

void mdp_number_shortest(double value, char text[MDP_NUMBER_MAX]) {
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, MDP_NUMBER_MAX, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    /* 50 rather than 5e+01 */
    if (strchr(text, 'e') != NULL && fabs(value) >= 1 && fabs(value) < 1e15)
        snprintf(text, MDP_NUMBER_MAX, "%.0f", value);
    if (isnan(value)) strcpy(text, "nan");
    plain_point(text);
}
