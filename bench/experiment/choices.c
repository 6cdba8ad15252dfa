#include "bench/experiment/choices.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *key, *values;
    double low, high;
    const char *defaults[2]; /* paper, strict */
    const char *help;
} list[MDP_N_CHOICES] = {
#define ENTRY(member, key, values, low, high, paper, strict, help) {key, values, low, high, {paper, strict}, help},
    MDP_CHOICE_LIST(ENTRY)
#undef ENTRY
};

mdp_err mdp_report_mode_find(const char *name, enum mdp_report_mode *mode) {
    *mode = strcmp(name, "strict") == 0 ? MDP_REPORT_STRICT : MDP_REPORT_PAPER;
    if (strcmp(name, mdp_report_mode_name(*mode)) == 0) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "mode: expected paper or strict, found '%s'", name);
}

const char *mdp_report_mode_name(enum mdp_report_mode mode) { return mode == MDP_REPORT_STRICT ? "strict" : "paper"; }

const char *mdp_choice_key(int i) { return list[i].key; }

const char *mdp_choice_help(int i) { return list[i].help; }

const char **mdp_choice_text_of(struct mdp_choice_texts *texts, int i) { return (const char **)texts + i; }

/* the i-th of names parted by '|'; its length goes to *n */
static const char *name_at(const char *values, int i, size_t *n) {
    for (; i > 0; i--) {
        values = strchr(values, '|');
        if (values == NULL) return NULL;
        values++;
    }
    *n = strcspn(values, "|");
    return values;
}

mdp_err mdp_choice_set(struct mdp_choices *choices, int i, const char *text) {
    size_t n;
    if (list[i].values[0] == 0) {
        char *end;
        double value = strtod(text, &end);
        if (end == text || *end != 0 || !(value >= list[i].low && value <= list[i].high))
            return mdp_fail(MDP_E_USAGE, "expected a number from %g to %g, found '%s'", list[i].low, list[i].high,
                            text);
        choices->of[i] = value;
        return MDP_OK;
    }
    const char *name;
    for (int k = 0; (name = name_at(list[i].values, k, &n)) != NULL; k++) {
        if (strlen(text) != n || strncmp(text, name, n) != 0) continue;
        choices->of[i] = k;
        return MDP_OK;
    }
    return mdp_fail(MDP_E_USAGE, "expected one of %s, found '%s'", list[i].values, text);
}

void mdp_choices_defaults(enum mdp_report_mode mode, struct mdp_choices *out) {
    out->mode = mode;
    for (int i = 0; i < MDP_N_CHOICES; i++)
        if (mdp_choice_set(out, i, list[i].defaults[mode]) != MDP_OK) out->of[i] = NAN;
}

mdp_err mdp_choices_set(struct mdp_choices *choices, const struct mdp_choice_texts *texts) {
    for (int i = 0; i < MDP_N_CHOICES; i++) {
        const char *text = *mdp_choice_text_of((struct mdp_choice_texts *)texts, i);
        if (text == NULL) continue;
        mdp_err err = mdp_choice_set(choices, i, text);
        if (err != MDP_OK) return mdp_fail_context(err, "option --%s", list[i].key);
    }
    return MDP_OK;
}

void mdp_choice_show(const struct mdp_choices *choices, int i, char text[32]) {
    size_t n;
    const char *name = list[i].values[0] != 0 ? name_at(list[i].values, (int)choices->of[i], &n) : NULL;
    if (name != NULL)
        snprintf(text, 32, "%.*s", (int)n, name);
    else
        snprintf(text, 32, "%g", choices->of[i]);
}
