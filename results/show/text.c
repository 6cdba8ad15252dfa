#include "results/show/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

void mdp_text_fixed(double value, int precision, char text[MDP_NUMBER_MAX]) {
    snprintf(text, MDP_NUMBER_MAX, "%.*f", precision, value);
    if (isnan(value)) strcpy(text, "nan");
    plain_point(text);
    if (text[0] == '-' && text[strspn(text, "-0.")] == 0) memmove(text, text + 1, strlen(text));
}

void mdp_text_shortest(double value, char text[MDP_NUMBER_MAX]) {
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
