#include "results/alike.h"

#include <inttypes.h>
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

/* ---- the table ---- */

#define PLACE_TEXT(member) offsetof(struct mdp_episodes_info, member), NULL
#define PLACE_REAL(member) PLACE_TEXT(member)
#define PLACE_INT(member) PLACE_TEXT(member)
#define PLACE_U64(member) PLACE_TEXT(member)
#define PLACE_HASH(member) PLACE_TEXT(member)
#define PLACE_SETTING(absent) 0, absent
static const struct mdp_fact_row rows[MDP_N_FACTS] = {
#define ROW(ENUM, name, kind, place, text, said, sides, sample, table)                                                 \
    {#name,                                                                                                            \
     text,                                                                                                             \
     said,                                                                                                             \
     MDP_FACT_KIND_##kind,                                                                                             \
     PLACE_##kind(place),                                                                                              \
     {MDP_ALIKE_##sides, MDP_ALIKE_##sample, MDP_ALIKE_##table}},
    MDP_FACT_LIST(ROW)
#undef ROW
};
_Static_assert(MDP_N_FACTS < 32, "sets of facts have 32 bits");

const struct mdp_fact_row *mdp_fact_row(enum mdp_fact fact) { return &rows[fact]; }

uint32_t mdp_alike_facts(enum mdp_alike_use use, enum mdp_alike what) {
    uint32_t set = 0;
    for (int i = 0; i < MDP_N_FACTS; i++)
        if (rows[i].what[use] == what) set |= MDP_FACT_BIT(i);
    return set;
}

/* ---- facts as texts ---- */

static void set_text(char value[MDP_FACT_MAX], const char *text) {
    snprintf(value, MDP_FACT_MAX, "%.*s", MDP_FACT_MAX - 1, text);
}

static void set_real(char value[MDP_FACT_MAX], double number) {
    char text[MDP_NUMBER_MAX];
    mdp_number_shortest(number, text);
    set_text(value, text);
}

static void set_attribute(char value[MDP_FACT_MAX], enum mdp_fact_kind kind, const void *from) {
    switch (kind) {
    case MDP_FACT_KIND_TEXT: set_text(value, from); break;
    case MDP_FACT_KIND_REAL: set_real(value, *(const double *)from); break;
    case MDP_FACT_KIND_INT: snprintf(value, MDP_FACT_MAX, "%" PRId64, *(const int64_t *)from); break;
    case MDP_FACT_KIND_U64: snprintf(value, MDP_FACT_MAX, "%" PRIu64, *(const uint64_t *)from); break;
    case MDP_FACT_KIND_HASH:
        value[0] = 0;
        if (*(const uint64_t *)from != 0) snprintf(value, MDP_FACT_MAX, "%016" PRIx64, *(const uint64_t *)from);
        break;
    case MDP_FACT_KIND_SETTING: break;
    }
}

/* {"steps":5,"time":1} as "steps 5, time 1" */
static void set_object(char value[MDP_FACT_MAX], const json_t *object) {
    char *text = json_dumps(object, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY);
    size_t n = 0;
    for (const char *c = text; c != NULL && *c != 0 && n + 2 < MDP_FACT_MAX; c++) {
        if (strchr("{}\"", *c) != NULL) continue;
        value[n++] = *c == ':' ? ' ' : *c;
        if (*c == ',') value[n++] = ' ';
    }
    value[n] = 0;
    free(text);
}

static void set_setting(char value[MDP_FACT_MAX], const json_t *setting, const char *absent) {
    if (setting == NULL)
        set_text(value, absent);
    else if (json_is_string(setting))
        set_text(value, json_string_value(setting));
    else if (json_is_number(setting))
        set_real(value, json_number_value(setting));
    else
        set_object(value, setting);
}

/* whether a fact has one source in both, and the same there */
static int is_fact_equal(const struct mdp_fact_row *row, const struct mdp_episodes_info *a,
                         const struct mdp_episodes_info *b) {
    const char *x = (const char *)a + row->offset, *y = (const char *)b + row->offset;
    if (row->kind == MDP_FACT_KIND_TEXT) return strcmp(x, y) == 0;
    if (row->kind != MDP_FACT_KIND_SETTING) return memcmp(x, y, sizeof(int64_t)) == 0;
    return a->head.settings != NULL && b->head.settings != NULL && strcmp(a->head.settings, b->head.settings) == 0;
}

void mdp_facts_read_after(const struct mdp_episodes_info *before, const struct mdp_facts *of_before,
                          const struct mdp_episodes_info *info, struct mdp_facts *out) {
    json_t *settings = NULL;
    out->known = MDP_FACTS_ALL;
    for (int i = 0; i < MDP_N_FACTS; i++) {
        if (before != NULL && is_fact_equal(&rows[i], before, info)) {
            memcpy(out->values[i], of_before->values[i], MDP_FACT_MAX);
        } else if (rows[i].kind != MDP_FACT_KIND_SETTING) {
            set_attribute(out->values[i], rows[i].kind, (const char *)info + rows[i].offset);
        } else {
            if (settings == NULL && info->head.settings != NULL) settings = json_loads(info->head.settings, 0, NULL);
            set_setting(out->values[i], json_object_get(settings, rows[i].name), rows[i].absent);
        }
    }
    json_decref(settings);
    /* every world has tables; of a library or a module that is not there, no hash is missing */
    if (info->env_hash == 0)
        set_text(out->values[MDP_FACT_ENV_HASH], "none (made before it was recorded: evaluate again)");
    /* older files do not say it, and agree with any */
    if (info->isa[0] == 0) out->known &= ~MDP_FACT_BIT(MDP_FACT_ISA);
}

void mdp_facts_read(const struct mdp_episodes_info *info, struct mdp_facts *out) {
    mdp_facts_read_after(NULL, NULL, info, out);
}

/* ---- facts that are expected ---- */

/* references have names, objectives are terms */
int mdp_facts_are_by_objective(const struct mdp_facts *facts) {
    return strchr(facts->values[MDP_FACT_REFERENCE], '=') != NULL;
}

void mdp_facts_expect(struct mdp_facts *facts, enum mdp_fact fact, const char *value) {
    facts->known |= MDP_FACT_BIT(fact);
    set_text(facts->values[fact], value);
}

void mdp_facts_expect_int(struct mdp_facts *facts, enum mdp_fact fact, int64_t value) {
    facts->known |= MDP_FACT_BIT(fact);
    set_attribute(facts->values[fact], rows[fact].kind == MDP_FACT_KIND_U64 ? MDP_FACT_KIND_U64 : MDP_FACT_KIND_INT,
                  &value);
}

void mdp_facts_expect_real(struct mdp_facts *facts, enum mdp_fact fact, double value) {
    facts->known |= MDP_FACT_BIT(fact);
    set_real(facts->values[fact], value);
}

/* ---- two files ---- */

/* the parts of "oneDNN A + libm B": each a name and a value */
static const char *next_part(const char *part) {
    const char *end = strstr(part, " + ");
    return end != NULL ? end + 3 : NULL;
}

static size_t part_length(const char *part) {
    const char *end = strstr(part, " + ");
    return end != NULL ? (size_t)(end - part) : strlen(part);
}

static const char *find_part(const char *text, const char *name, size_t n) {
    const char *part = text;
    while (part != NULL && strncmp(part, name, n) != 0) part = next_part(part);
    return part;
}

static int isa_unlike(const char *a, const char *b) {
    int n_common = 0;
    for (const char *part = a; part != NULL; part = next_part(part)) {
        size_t n = part_length(part);
        const char *other = find_part(b, part, strcspn(part, " ") + 1);
        if (other == NULL) continue;
        if (part_length(other) != n || strncmp(part, other, n) != 0) return 1;
        n_common++;
    }
    return n_common == 0;
}

int mdp_fact_unlike(enum mdp_fact fact, const char *a, const char *b) {
    if (strcmp(a, b) == 0) return 0;
    return fact != MDP_FACT_ISA || isa_unlike(a, b);
}

int mdp_facts_unlike(uint32_t set, const struct mdp_facts *a, const struct mdp_facts *b) {
    set &= a->known & b->known;
    for (int i = 0; i < MDP_N_FACTS; i++)
        if ((set & MDP_FACT_BIT(i)) != 0 && mdp_fact_unlike((enum mdp_fact)i, a->values[i], b->values[i])) return i;
    return -1;
}

int mdp_infos_equal(uint32_t set, const struct mdp_episodes_info *a, const struct mdp_episodes_info *b) {
    for (int i = 0; i < MDP_N_FACTS; i++)
        if ((set & MDP_FACT_BIT(i)) != 0 && !is_fact_equal(&rows[i], a, b)) return 0;
    return 1;
}

mdp_err mdp_alike_read(const char *path, const struct mdp_episodes_info *info, struct mdp_alike_file *out) {
    mdp_facts_read(info, &out->facts);
    return mdp_fsx_path(out->path, "%s", path);
}

mdp_err mdp_alike_check(uint32_t set, const struct mdp_alike_file *expected, const struct mdp_alike_file *found) {
    int i = mdp_facts_unlike(set, &expected->facts, &found->facts);
    if (i < 0) return MDP_OK;
    const char *quote = rows[i].kind == MDP_FACT_KIND_TEXT ? "'" : "";
    const int is_objective = i == MDP_FACT_REFERENCE && mdp_facts_are_by_objective(&found->facts);
    return mdp_fail(MDP_E_DATA, "%s: expected %s%s%s as in %s, found %s%s%s in %s",
                    is_objective ? "objective" : rows[i].text, quote, expected->facts.values[i], quote, expected->path,
                    quote, found->facts.values[i], quote, found->path);
}

mdp_err mdp_alike_join(enum mdp_alike_use use, const struct mdp_alike_file *file, struct mdp_alike_file *first) {
    if (first->path[0] != 0) return mdp_alike_check(mdp_alike_facts(use, MDP_ALIKE_REFUSE), first, file);
    *first = *file;
    return MDP_OK;
}

/* ---- files of several environments ---- */

/* appends a file to a list */
static mdp_err append_file(struct mdp_alike_file **list, int *n, const struct mdp_alike_file *file) {
    struct mdp_alike_file *grown = realloc(*list, ((size_t)*n + 1) * sizeof *grown);
    if (grown == NULL) return mdp_fail(MDP_E_NOMEM, "%s: no memory for its facts", file->path);
    grown[(*n)++] = *file;
    *list = grown;
    return MDP_OK;
}

/* keeps the first file that knows what people are told, and the first that differs from it */
static mdp_err keep_told(const struct mdp_alike_file *file, struct mdp_alike_group *group) {
    const uint32_t told = mdp_alike_facts(MDP_ALIKE_TABLE, MDP_ALIKE_TELL);
    int is_first = group->n_told == 0 && (file->facts.known & told) != 0;
    int is_unlike = group->n_told == 1 && mdp_facts_unlike(told, &group->told[0].facts, &file->facts) >= 0;
    return is_first || is_unlike ? append_file(&group->told, &group->n_told, file) : MDP_OK;
}

mdp_err mdp_alike_group_join(const struct mdp_alike_file *file, struct mdp_alike_group *group) {
    const uint32_t refused = mdp_alike_facts(MDP_ALIKE_TABLE, MDP_ALIKE_REFUSE);
    const char *env_id = file->facts.values[MDP_FACT_ENV_ID];
    mdp_err err;
    for (int i = 0; i < group->n; i++) {
        int is_own = strcmp(group->first[i].facts.values[MDP_FACT_ENV_ID], env_id) == 0;
        err = mdp_alike_check(is_own ? refused : refused & ~MDP_FACTS_OF_ENV, &group->first[i], file);
        if (err == MDP_OK && is_own) err = keep_told(file, group);
        if (err != MDP_OK || is_own) return err;
    }
    err = append_file(&group->first, &group->n, file);
    return err == MDP_OK ? keep_told(file, group) : err;
}

void mdp_alike_group_told(const struct mdp_alike_group *group, char text[MDP_ALIKE_TOLD_MAX]) {
    const struct mdp_alike_file *told = group->told;
    text[0] = 0;
    if (group->n_told < 2) return;
    int i = mdp_facts_unlike(mdp_alike_facts(MDP_ALIKE_TABLE, MDP_ALIKE_TELL), &told[0].facts, &told[1].facts);
    snprintf(text, MDP_ALIKE_TOLD_MAX, "Unlike %s: %s in %s, %s in %s.", rows[i].text, told[0].facts.values[i],
             told[0].path, told[1].facts.values[i], told[1].path);
}

void mdp_alike_group_free(struct mdp_alike_group *group) {
    free(group->first);
    free(group->told);
    *group = (struct mdp_alike_group){.n = 0};
}
