#include "bench/experiment/choices.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"

enum { VALUES_MAX = 4 };

static const struct {
    const char *key, *values[VALUES_MAX + 1];
    double low, high;
    const char *defaults[MDP_N_REPORT_MODES];
    const char *help;
} list[MDP_N_CHOICES] = {
#define LISTED(...)                                                                                                    \
    { __VA_ARGS__ }
#define ENTRY(member, key, values, low, high, paper, strict, authors, help)                                            \
    {key, LISTED values, low, high, {paper, strict, authors}, help},
    MDP_CHOICE_LIST(ENTRY)
#undef ENTRY
#undef LISTED
};

#define ROW(member, key_, ...) MDP_ROW(struct mdp_choice_texts, member, TEXT, .name = key_),
static const struct mdp_setting rows[] = {MDP_CHOICE_LIST(ROW)};
const struct mdp_settings mdp_choice_table = MDP_SETTINGS_NOT_KEPT(struct mdp_choice_texts, rows);

static const char *const modes[] = {
    [MDP_REPORT_PAPER] = "paper", [MDP_REPORT_STRICT] = "strict", [MDP_REPORT_AUTHORS] = "authors"};

const struct mdp_names *mdp_report_mode_names(void) {
    static const struct mdp_names names = MDP_NAMES_OF_TEXTS(modes);
    return &names;
}

const char *mdp_report_mode_name(enum mdp_report_mode mode) { return modes[mode]; }

const char *mdp_choice_key(int i) { return list[i].key; }

const char *mdp_choice_help(int i) { return list[i].help; }

const char **mdp_choice_text_of(struct mdp_choice_texts *texts, int i) { return (const char **)texts + i; }

static struct mdp_names values_of(int i) {
    struct mdp_names values = MDP_NAMES_OF_FIRST(list[i].values, 0);
    while (list[i].values[values.n] != NULL) values.n++;
    return values;
}

mdp_err mdp_choice_set(struct mdp_choices *choices, int i, const char *text) {
    const struct mdp_names values = values_of(i);
    if (values.n == 0) {
        char *end;
        double value = strtod(text, &end);
        if (end == text || *end != 0 || !(value >= list[i].low && value <= list[i].high))
            return mdp_fail(MDP_E_USAGE, "expected a number from %g to %g, found '%s'", list[i].low, list[i].high,
                            text);
        choices->value[i] = value;
        return MDP_OK;
    }
    char known[MDP_NAMES_MAX];
    int k = mdp_names_index(&values, text);
    if (k < 0) return mdp_fail(MDP_E_USAGE, "expected one of %s, found '%s'", mdp_names_text(&values, known), text);
    choices->value[i] = k;
    return MDP_OK;
}

void mdp_choices_defaults(enum mdp_report_mode mode, struct mdp_choices *out) {
    out->mode = mode;
    for (int i = 0; i < MDP_N_CHOICES; i++)
        if (mdp_choice_set(out, i, list[i].defaults[mode]) != MDP_OK) out->value[i] = NAN;
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
    if (list[i].values[0] != NULL)
        snprintf(text, 32, "%s", list[i].values[(int)choices->value[i]]);
    else
        snprintf(text, 32, "%g", choices->value[i]);
}
