#include "bench/compare/unlike.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* most values that the sentence names for one fact and side; room for a side's part of the sentence */
enum { SHOWN_MAX = 3, SIDE_MAX = MDP_COMPARE_UNLIKE_MAX / 2 - 16 };

mdp_err mdp_compare_check_alike(const struct mdp_compare_sample *a, const struct mdp_compare_sample *b) {
    mdp_err err = mdp_alike_check(mdp_alike_facts(MDP_ALIKE_SIDES, MDP_ALIKE_REFUSE), &a->files[0], &b->files[0]);
    return err == MDP_OK ? MDP_OK : mdp_fail_context(err, "%s", a->task);
}

static const char *value_of(const struct mdp_compare_sample *sample, int i_file, int fact) {
    return sample->files[i_file].facts.values[fact];
}

/* whether one of a side's first n files has a value */
static int has(const struct mdp_compare_sample *sample, int n, int fact, const char *value) {
    for (int i = 0; i < n; i++)
        if (!mdp_fact_unlike((enum mdp_fact)fact, value_of(sample, i, fact), value)) return 1;
    return 0;
}

/* older files do not say everything */
static int all_know(const struct mdp_compare_sample *sample, int fact) {
    for (int i = 0; i < sample->n_files; i++)
        if ((sample->files[i].facts.known & MDP_FACT_BIT(fact)) == 0) return 0;
    return 1;
}

static int has_all_of(const struct mdp_compare_sample *sample, const struct mdp_compare_sample *other, int fact) {
    for (int i = 0; i < other->n_files; i++)
        if (!has(sample, sample->n_files, fact, value_of(other, i, fact))) return 0;
    return 1;
}

static void append(char text[SIDE_MAX], const char *format, ...) __attribute__((format(printf, 2, 3)));

static void append(char text[SIDE_MAX], const char *format, ...) {
    size_t n = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + n, SIDE_MAX - n, format, args);
    va_end(args);
}

/* "step 400/800": every value of pooled files once */
static void append_values(const struct mdp_compare_sample *sample, int fact, char text[SIDE_MAX]) {
    int n_shown = 0;
    append(text, "%s%s", text[0] != 0 ? ", " : "", mdp_fact_row((enum mdp_fact)fact)->said);
    for (int i = 0; i < sample->n_files && n_shown <= SHOWN_MAX; i++) {
        const char *value = value_of(sample, i, fact);
        if (has(sample, i, fact, value)) continue;
        append(text, "%s%s", n_shown > 0 ? "/" : "", n_shown < SHOWN_MAX ? value : "..");
        n_shown++;
    }
}

/* the checkpoints of a curve have steps by nature, which the curve's own tests look at */
static uint32_t facts_said(const struct mdp_compare_sample *sample) {
    int is_curve = strcmp(sample->unit, "checkpoint") == 0 || strcmp(sample->unit, "run") == 0;
    uint32_t said = mdp_alike_facts(MDP_ALIKE_SIDES, MDP_ALIKE_SAY) | mdp_alike_facts(MDP_ALIKE_SIDES, MDP_ALIKE_TELL);
    return said & ~(is_curve ? MDP_FACT_BIT(MDP_FACT_STEP) : 0);
}

void mdp_compare_say_unlike(const struct mdp_compare_sample *a, const struct mdp_compare_sample *b,
                            char text[MDP_COMPARE_UNLIKE_MAX]) {
    char of_a[SIDE_MAX] = "", of_b[SIDE_MAX] = "";
    uint32_t set = facts_said(a);
    int n = 0;
    for (int i = 0; i < MDP_N_FACTS; i++) {
        if ((set & MDP_FACT_BIT(i)) == 0 || (has_all_of(a, b, i) && has_all_of(b, a, i))) continue;
        if (!all_know(a, i) || !all_know(b, i)) continue;
        append_values(a, i, of_a);
        append_values(b, i, of_b);
        n++;
    }
    text[0] = 0;
    if (n == 0) return;
    snprintf(text, MDP_COMPARE_UNLIKE_MAX, " (A: %s%s B: %s)", of_a, n > 1 ? ";" : ",", of_b);
    mdp_text_mend(text);
}
