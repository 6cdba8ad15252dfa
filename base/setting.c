#include "base/setting.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cpu.h"

/* ---- rows ---- */

static void *member_of(char *base, size_t offset) { return base != NULL ? base + offset : NULL; }

static void list_rows(const struct mdp_settings *table, unsigned takers, char *base, const char *words,
                      struct mdp_setting_list *out) {
    for (int i = 0; i < table->n && out->n < MDP_SETTINGS_MOST; i++) {
        const struct mdp_setting *row = &table->rows[i];
        if (row->kind == MDP_GROUP && row->name == NULL) {
            list_rows(row->inner, row->takers, member_of(base, row->offset), row->help != NULL ? row->help : words,
                      out);
            continue;
        }
        if (takers != 0 && (row->takers & takers) == 0) continue;
        uint64_t *given = table->given != MDP_NOT_KEPT ? member_of(base, table->given) : NULL;
        out->rows[out->n++] =
            (struct mdp_setting_at){row, member_of(base, row->offset), given, UINT64_C(1) << i, words};
    }
}

void mdp_settings_list(const struct mdp_settings *table, unsigned takers, const void *base,
                       struct mdp_setting_list *out) {
    out->n = 0;
    list_rows(table, takers, (char *)base, NULL, out);
}

const char *mdp_setting_key(const struct mdp_setting *row) { return row->key != NULL ? row->key : row->name; }

const struct mdp_setting_at *mdp_setting_find(const struct mdp_setting_list *list, const char *name) {
    for (int i = 0; i < list->n; i++)
        if (strcmp(list->rows[i].row->name, name) == 0) return &list->rows[i];
    return NULL;
}

int mdp_setting_is_given(const struct mdp_setting_at *setting) {
    return setting->given != NULL && (*setting->given & setting->bit) != 0;
}

int mdp_settings_is_given(const struct mdp_settings *table, const void *base, size_t offset) {
    const uint64_t *given = (const void *)((const char *)base + table->given);
    for (int i = 0; i < table->n; i++)
        if (table->rows[i].offset == offset) return (int)(*given >> i & 1);
    return 0;
}

/* ---- what a row takes ---- */

static const char *const kind_words[] = {
    [MDP_FLAG] = "true or false",  [MDP_TEXT] = "a text",          [MDP_WHOLE] = "a whole number",
    [MDP_SEED] = "a whole number", [MDP_REAL] = "a finite number", [MDP_SIZE] = "a size such as 512MB or 1GB",
};

static int has_range(const struct mdp_setting *row) { return row->low != 0 || row->high != 0; }

const char *mdp_setting_expected(const struct mdp_setting *row, char text[MDP_EXPECTED_MAX]) {
    char names[MDP_NAMES_MAX];
    if (row->names != NULL)
        snprintf(text, MDP_EXPECTED_MAX, "one of %s", mdp_names_text(row->names(), names));
    else if (row->kind == MDP_SEED && !has_range(row))
        snprintf(text, MDP_EXPECTED_MAX, "%s from 0 to %" PRId64, kind_words[row->kind], INT64_MAX);
    else if (row->kind == MDP_TEXT && has_range(row))
        snprintf(text, MDP_EXPECTED_MAX, "a text of %g to %g bytes", row->low, row->high);
    else if (has_range(row))
        snprintf(text, MDP_EXPECTED_MAX, "%s from %.10g to %.10g%s%s",
                 row->kind == MDP_REAL ? "a number" : kind_words[row->kind], row->low, row->high,
                 row->unit != NULL ? " " : "", row->unit != NULL ? row->unit : "");
    else
        snprintf(text, MDP_EXPECTED_MAX, "%s", kind_words[row->kind]);
    return text;
}

static int is_in_range(const struct mdp_setting *row, double value) {
    return !has_range(row) || (value >= row->low && value <= row->high);
}

/* ---- from text ---- */

static int set_whole(const struct mdp_setting_at *setting, const char *text) {
    int64_t value;
    if (!mdp_number_whole(text, &value) || !is_in_range(setting->row, (double)value)) return 0;
    *(long *)setting->value = (long)value;
    return 1;
}

/* what JSON integers hold */
static int set_seed(const struct mdp_setting_at *setting, const char *text) {
    int64_t value;
    if (!mdp_number_whole(text, &value) || value < 0 || !is_in_range(setting->row, (double)value)) return 0;
    *(uint64_t *)setting->value = (uint64_t)value;
    return 1;
}

static int set_real(const struct mdp_setting_at *setting, const char *text) {
    double value;
    int is_number =
        setting->row->kind == MDP_SIZE ? mdp_number_size(text, 1048576, &value) : mdp_number_real(text, &value);
    if (!is_number || !is_in_range(setting->row, value)) return 0;
    *(double *)setting->value = value;
    return 1;
}

static int set_text(const struct mdp_setting_at *setting, const char *text) {
    if (setting->row->names != NULL && mdp_names_index(setting->row->names(), text) < 0) return 0;
    if (setting->row->names == NULL && !is_in_range(setting->row, (double)strlen(text))) return 0;
    *(const char **)setting->value = text;
    return 1;
}

/* in a set, the name is added to those that it has */
static int set_choice(const struct mdp_setting_at *setting, const char *text) {
    int i = mdp_names_index(setting->row->names(), text);
    if (i < 0) return 0;
    if (setting->row->kind == MDP_SET)
        *(int *)setting->value |= 1 << i;
    else
        *(unsigned *)setting->value = (unsigned)i;
    return 1;
}

static int set_flag(const struct mdp_setting_at *setting, const char *text) {
    *(int *)setting->value = strcmp(text, "true") == 0;
    return *(int *)setting->value || strcmp(text, "false") == 0;
}

static int set_value(const struct mdp_setting_at *setting, const char *text) {
    switch (setting->row->kind) {
    case MDP_FLAG: return set_flag(setting, text);
    case MDP_TEXT: return set_text(setting, text);
    case MDP_CHOICE:
    case MDP_SET: return set_choice(setting, text);
    case MDP_WHOLE: return set_whole(setting, text);
    case MDP_SEED: return set_seed(setting, text);
    case MDP_REAL:
    case MDP_SIZE: return set_real(setting, text);
    default: return 0;
    }
}

mdp_err mdp_setting_set(const struct mdp_setting_at *setting, const char *text) {
    char expected[MDP_EXPECTED_MAX], meant[MDP_NAMES_MAX] = "";
    if (!set_value(setting, text)) {
        if (setting->row->names != NULL) mdp_names_suggest(setting->row->names(), text, meant);
        return mdp_fail(MDP_E_USAGE, "expected %s, found '%.200s'%s", mdp_setting_expected(setting->row, expected),
                        text, meant);
    }
    if (setting->given != NULL) *setting->given |= setting->bit;
    return MDP_OK;
}

/* ---- where nobody says ---- */

/* value of a whole number that nobody gave: 0 if that is out of its range, else -1 */
static long no_whole(const struct mdp_setting *row) { return row->low > 0 ? 0 : -1; }

static unsigned *count_of(const struct mdp_setting_at *list) {
    return (unsigned *)(void *)((char *)list->value - list->row->offset + list->row->count);
}

static void set_nothing(const struct mdp_setting_at *setting) {
    switch (setting->row->kind) {
    case MDP_FLAG:
    case MDP_SET: *(int *)setting->value = 0; break;
    case MDP_TEXT: *(const char **)setting->value = NULL; break;
    case MDP_CHOICE: *(unsigned *)setting->value = 0; break;
    case MDP_WHOLE: *(long *)setting->value = no_whole(setting->row); break;
    case MDP_SEED: *(uint64_t *)setting->value = 0; break;
    case MDP_REAL:
    case MDP_SIZE: *(double *)setting->value = NAN; break;
    case MDP_LIST:
        *(void **)setting->value = NULL;
        *count_of(setting) = 0;
        break;
    case MDP_GROUP: mdp_settings_defaults(setting->row->inner, setting->value); break;
    }
}

void mdp_setting_set_list(const struct mdp_setting_at *setting, void *entries, unsigned n) {
    *(void **)setting->value = entries;
    *count_of(setting) = n;
    if (setting->given != NULL) *setting->given |= setting->bit;
}

void mdp_settings_defaults(const struct mdp_settings *table, void *base) {
    for (int i = 0; i < table->n; i++) {
        const struct mdp_setting *row = &table->rows[i];
        const struct mdp_setting_at setting = {row, (char *)base + row->offset, NULL, 0, NULL};
        set_nothing(&setting);
        if (row->fallback == NULL) continue;
        if (strcmp(row->fallback, MDP_ALL_PROCESSORS) == 0)
            *(long *)setting.value = mdp_cpu_count();
        else
            set_value(&setting, row->fallback);
    }
    if (table->given != MDP_NOT_KEPT) *(uint64_t *)(void *)((char *)base + table->given) = 0;
}

/* ---- values ---- */

const char *mdp_setting_text(const struct mdp_setting_at *setting, char text[MDP_NUMBER_MAX]) {
    text[0] = 0;
    if (!mdp_setting_has_value(setting)) return text;
    switch (setting->row->kind) {
    case MDP_FLAG: return *(int *)setting->value ? "true" : "false";
    case MDP_TEXT: return *(const char **)setting->value;
    case MDP_CHOICE: return mdp_names_at(setting->row->names(), (int)*(unsigned *)setting->value);
    case MDP_WHOLE: snprintf(text, MDP_NUMBER_MAX, "%ld", *(long *)setting->value); break;
    case MDP_SEED: snprintf(text, MDP_NUMBER_MAX, "%" PRIu64, *(uint64_t *)setting->value); break;
    case MDP_REAL:
    case MDP_SIZE: mdp_number_shortest(*(double *)setting->value, text); break;
    default: break;
    }
    return text;
}

int mdp_setting_has_value(const struct mdp_setting_at *setting) {
    switch (setting->row->kind) {
    case MDP_TEXT: return *(const char **)setting->value != NULL;
    case MDP_WHOLE: return *(long *)setting->value != no_whole(setting->row) || setting->row->low < 0;
    case MDP_REAL:
    case MDP_SIZE: return !isnan(*(double *)setting->value);
    default: return 1;
    }
}

int mdp_setting_is(const struct mdp_setting_at *setting, const char *text) {
    union {
        const char *text;
        long whole;
        uint64_t seed;
        double real;
        int flag;
        unsigned choice;
    } value = {NULL};
    if (strcmp(text, MDP_ALL_PROCESSORS) == 0) return *(long *)setting->value == mdp_cpu_count();
    const struct mdp_setting_at other = {setting->row, &value, NULL, 0, NULL};
    return set_value(&other, text) && mdp_setting_equal(setting, &other);
}

int mdp_setting_does_something(const struct mdp_setting_at *setting) {
    return mdp_setting_has_value(setting) &&
           (setting->row->neutral == NULL || !mdp_setting_is(setting, setting->row->neutral));
}

static size_t size_of(const struct mdp_setting *row) {
    switch (row->kind) {
    case MDP_FLAG:
    case MDP_SET: return sizeof(int);
    case MDP_TEXT: return sizeof(const char *);
    case MDP_CHOICE: return sizeof(unsigned);
    case MDP_WHOLE: return sizeof(long);
    case MDP_SEED: return sizeof(uint64_t);
    case MDP_REAL:
    case MDP_SIZE: return sizeof(double);
    case MDP_LIST: return sizeof(void *);
    case MDP_GROUP: return row->inner->size;
    }
    return 0;
}

int mdp_setting_equal(const struct mdp_setting_at *a, const struct mdp_setting_at *b) {
    if (!mdp_setting_has_value(a) || !mdp_setting_has_value(b))
        return mdp_setting_has_value(a) == mdp_setting_has_value(b);
    if (a->row->kind == MDP_TEXT) return strcmp(*(const char **)a->value, *(const char **)b->value) == 0;
    if (a->row->kind == MDP_REAL || a->row->kind == MDP_SIZE) return *(double *)a->value == *(double *)b->value;
    return memcmp(a->value, b->value, size_of(a->row)) == 0;
}

void mdp_settings_overlay(const struct mdp_settings *table, unsigned takers, void *to, const void *from) {
    struct mdp_setting_list into, by;
    mdp_settings_list(table, takers, to, &into);
    mdp_settings_list(table, takers, from, &by);
    for (int i = 0; i < by.n; i++) {
        const struct mdp_setting *row = by.rows[i].row;
        if (!mdp_setting_is_given(&by.rows[i])) continue;
        memcpy(into.rows[i].value, by.rows[i].value, size_of(row));
        if (row->kind == MDP_LIST) *count_of(&into.rows[i]) = *count_of(&by.rows[i]);
        if (into.rows[i].given != NULL) *into.rows[i].given |= into.rows[i].bit;
    }
}
