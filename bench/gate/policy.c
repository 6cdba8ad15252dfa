#include "bench/gate/policy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/yaml/yaml.h"

/* ---- what files may say ---- */

static const cyaml_strval_t metric_names[] = {
#define NAME(name, text, better, test) {text, MDP_GATE_##name},
    MDP_GATE_METRIC_LIST(NAME)
#undef NAME
};
static const cyaml_strval_t test_names[] = {
    {"auto", MDP_GATE_TEST_AUTO}, {"rank", MDP_GATE_TEST_RANK}, {"mean", MDP_GATE_TEST_MEAN}};
static const cyaml_strval_t unit_names[] = {
    {"auto", MDP_GATE_UNIT_AUTO}, {"episode", MDP_GATE_UNIT_EPISODE}, {"run", MDP_GATE_UNIT_RUN}};
static const cyaml_strval_t correction_names[] = {
    {"holm", MDP_GATE_HOLM}, {"bonferroni", MDP_GATE_BONFERRONI}, {"none", MDP_GATE_NO_CORRECTION}};
static const cyaml_strval_t bound_names[] = {
#define NAME(name, text) {text, MDP_BOUND_SHAPE_##name},
    MDP_BOUND_SHAPE_LIST(NAME)
#undef NAME
};
/* facts of which comparisons merely say that they differ */
static const cyaml_strval_t may_names[] = {
#define NAME_IF_REFUSE(fact, name)
#define NAME_IF_FREE(fact, name)
#define NAME_IF_SAY(fact, name) {#name, MDP_FACT_BIT(MDP_FACT_##fact)},
#define NAME(fact, name, kind, place, text, said, sides, sample, table) NAME_IF_##sides(fact, name)
    MDP_FACT_LIST(NAME)
#undef NAME
};

/* the file as libcyaml fills it: an absent key is a NULL pointer */
struct raw_margin {
    double *absolute, *relative, *sd;
};
struct raw_settings {
    int *test, *unit;
    struct raw_margin *margin;
    long *min_episodes;
    double *early_steps;
    int *is_required;
};
struct raw_rule {
    char *task, *arm, *measure;
    int metric;
    struct raw_settings own;
};
struct raw_accepted {
    char *task, *arm, *measure, *reason, *expires;
    int metric;
};
struct raw_sequential {
    long *looks;
    unsigned looks_count;
    int *bounds;
};
struct raw_policy {
    double *alpha, *power;
    int *correction, *pass_correction, *may_differ;
    char *worst;
    struct raw_settings *defaults;
    struct raw_rule *rows;
    unsigned rows_count;
    struct raw_accepted *accepted;
    unsigned accepted_count;
    struct raw_sequential *sequential;
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define MAY (CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT)
#define TEXT(key, type, member, flags) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), type, member, 1, 200)
#define NAMED(key, type, member, names) CYAML_FIELD_ENUM_PTR(key, MAY, type, member, names, COUNT(names))

static const cyaml_schema_field_t margin_fields[] = {
    CYAML_FIELD_FLOAT_PTR("absolute", MAY, struct raw_margin, absolute),
    CYAML_FIELD_FLOAT_PTR("relative", MAY, struct raw_margin, relative),
    CYAML_FIELD_FLOAT_PTR("sd", MAY, struct raw_margin, sd), CYAML_FIELD_END};

/* the keys that rows and defaults share */
#define SETTINGS(type, path)                                                                                           \
    NAMED("test", type, path test, test_names), NAMED("unit", type, path unit, unit_names),                            \
        CYAML_FIELD_MAPPING_PTR("margin", MAY, type, path margin, margin_fields),                                      \
        CYAML_FIELD_INT_PTR("min_episodes", MAY, type, path min_episodes),                                             \
        CYAML_FIELD_FLOAT_PTR("early_steps", MAY, type, path early_steps),                                             \
        CYAML_FIELD_BOOL_PTR("required", MAY, type, path is_required)

static const cyaml_schema_field_t defaults_fields[] = {SETTINGS(struct raw_settings, ), CYAML_FIELD_END};
static const cyaml_schema_field_t rule_fields[] = {
    TEXT("task", struct raw_rule, task, MAY),
    TEXT("arm", struct raw_rule, arm, MAY),
    TEXT("measure", struct raw_rule, measure, MAY),
    CYAML_FIELD_ENUM("metric", CYAML_FLAG_STRICT, struct raw_rule, metric, metric_names, COUNT(metric_names)),
    SETTINGS(struct raw_rule, own.),
    CYAML_FIELD_END};
static const cyaml_schema_value_t rule_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_rule, rule_fields)};
static const cyaml_schema_field_t accepted_fields[] = {
    TEXT("task", struct raw_accepted, task, MAY),
    TEXT("arm", struct raw_accepted, arm, MAY),
    TEXT("measure", struct raw_accepted, measure, MAY),
    CYAML_FIELD_ENUM("metric", CYAML_FLAG_STRICT, struct raw_accepted, metric, metric_names, COUNT(metric_names)),
    TEXT("reason", struct raw_accepted, reason, 0),
    TEXT("expires", struct raw_accepted, expires, 0),
    CYAML_FIELD_END};
static const cyaml_schema_value_t accepted_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_accepted, accepted_fields)};
static const cyaml_schema_value_t look_value = {CYAML_VALUE_INT(CYAML_FLAG_DEFAULT, long)};
static const cyaml_schema_field_t sequential_fields[] = {
    CYAML_FIELD_SEQUENCE("looks", CYAML_FLAG_POINTER, struct raw_sequential, looks, &look_value, 1,
                         MDP_SEQUENTIAL_MAX_LOOKS),
    NAMED("bounds", struct raw_sequential, bounds, bound_names), CYAML_FIELD_END};
static const cyaml_schema_field_t fields[] = {
    CYAML_FIELD_FLOAT_PTR("alpha", MAY, struct raw_policy, alpha),
    CYAML_FIELD_FLOAT_PTR("power", MAY, struct raw_policy, power),
    NAMED("correction", struct raw_policy, correction, correction_names),
    NAMED("pass_correction", struct raw_policy, pass_correction, correction_names),
    TEXT("worst", struct raw_policy, worst, MAY),
    CYAML_FIELD_FLAGS_PTR("may_differ", MAY, struct raw_policy, may_differ, may_names, COUNT(may_names)),
    CYAML_FIELD_MAPPING_PTR("defaults", MAY, struct raw_policy, defaults, defaults_fields),
    CYAML_FIELD_SEQUENCE("rows", CYAML_FLAG_POINTER, struct raw_policy, rows, &rule_value, 1, 1000),
    CYAML_FIELD_SEQUENCE("accepted", CYAML_FLAG_POINTER | MAY, struct raw_policy, accepted, &accepted_value, 0, 1000),
    CYAML_FIELD_MAPPING_PTR("sequential", MAY, struct raw_policy, sequential, sequential_fields),
    CYAML_FIELD_END};
static const cyaml_schema_value_t top = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw_policy, fields)};

#define SETTING_RANGES(path)                                                                                           \
    {path ".margin.absolute", 1e-9, 1e9, "in the metric's unit"},                                                      \
        {path ".margin.relative", 1e-6, 1, "of the baseline's value"},                                                 \
        {path ".margin.sd", 1e-6, 100, "standard deviations of the baseline"},                                         \
        {path ".min_episodes", 2, 1e6, "episodes"}, {                                                                  \
        path ".early_steps", 1, 1e9, "training steps"                                                                  \
    }
static const struct mdp_yaml_range ranges[] = {{"alpha", 1e-6, 0.5, "(one-sided level)"},
                                               {"power", 0.5, 0.9999, "(a probability)"},
                                               SETTING_RANGES("defaults"),
                                               SETTING_RANGES("rows[]"),
                                               {"sequential.looks[]", 2, 1e6, "episodes"}};
static const struct mdp_yaml_schema schema = {&top, ranges, COUNT(ranges)};

/* ---- names ---- */

const char *mdp_gate_metric_name(enum mdp_gate_metric metric) { return metric_names[metric].str; }

const char *mdp_gate_correction_name(enum mdp_gate_correction correction) { return correction_names[correction].str; }

const char *mdp_gate_margin_name(enum mdp_gate_margin kind) {
    static const char *const names[] = {"absolute", "relative", "sd"};
    return names[kind];
}

/* ---- from file to policy ---- */

/* the key of a row's or an acceptance's member, for messages */
struct place {
    const struct mdp_yaml *yaml;
    const char *list;
    unsigned i;
};

static mdp_err refuse(const struct place *place, const char *member, const char *message) {
    char key[MDP_YAML_KEY_MAX];
    snprintf(key, sizeof key, "%s[%u]%s%s", place->list, place->i, member[0] != 0 ? "." : "", member);
    return mdp_yaml_refuse(place->yaml, key, "%s", message);
}

/* speed rows name what perf measured, all others a task and an arm */
static mdp_err check_patterns(const struct place *place, int is_speed, const char *task, const char *arm,
                              const char *measure) {
    if (!is_speed)
        return measure == NULL ? MDP_OK
                               : refuse(place, "measure", "expected task and arm of this metric, found measure");
    if (task != NULL || arm != NULL)
        return refuse(place, task != NULL ? "task" : "arm", "expected measure alone of the metric speed");
    return measure != NULL
               ? MDP_OK
               : refuse(place, "", "expected the key measure of the metric speed, e.g. \"env/*\", found none");
}

static mdp_err settle_margin(const struct place *place, const struct raw_margin *margin, struct mdp_gate_rule *out) {
    if (margin == NULL) return refuse(place, "margin", "expected a margin here or in defaults, found none");
    const double *const values[] = {margin->absolute, margin->relative, margin->sd};
    int n = 0;
    for (int i = 0; i < 3; i++) {
        if (values[i] == NULL) continue;
        out->margin_kind = (enum mdp_gate_margin)i;
        out->margin = *values[i];
        n++;
    }
    return n == 1 ? MDP_OK : refuse(place, "margin", "expected one of absolute, relative or sd");
}

/* what a metric cannot be tested by */
static mdp_err check_fit(const struct place *place, const struct raw_settings *own, const struct mdp_gate_rule *rule) {
    int is_speed = rule->metric == MDP_GATE_SPEED;
    if (rule->metric == MDP_GATE_FAILURE && rule->test != MDP_GATE_TEST_AUTO && own->test != NULL)
        return refuse(place, "test", "expected auto: a share of failures has a test of its own");
    if (is_speed && rule->margin_kind != MDP_GATE_MARGIN_RELATIVE)
        return refuse(place, "margin", "expected relative: speeds are compared as ratios");
    if (is_speed && rule->margin >= 1)
        return refuse(place, "margin.relative", "expected less than 1 of the metric speed");
    if (is_speed && own->unit != NULL) return refuse(place, "unit", "expected none of the metric speed");
    return MDP_OK;
}

static mdp_err settle_rule(const struct place *place, const struct raw_rule *raw, const struct raw_settings *defaults,
                           struct mdp_gate_rule *out) {
    static const struct raw_settings nothing = {0};
    const struct raw_settings *own = &raw->own, *all = defaults != NULL ? defaults : &nothing;
    mdp_err err;
    int is_speed = raw->metric == MDP_GATE_SPEED;
#define EITHER(member, otherwise)                                                                                      \
    (own->member != NULL ? *own->member : all->member != NULL ? *all->member : (otherwise))
    *out = (struct mdp_gate_rule){.task = raw->task != NULL || is_speed ? raw->task : "*",
                                  .arm = raw->arm != NULL || is_speed ? raw->arm : "*",
                                  .measure = raw->measure,
                                  .metric = (enum mdp_gate_metric)raw->metric,
                                  .test = (enum mdp_gate_test)EITHER(test, MDP_GATE_TEST_AUTO),
                                  .unit = (enum mdp_gate_unit)EITHER(unit, MDP_GATE_UNIT_AUTO),
                                  .min_episodes = EITHER(min_episodes, 25),
                                  .early_steps = EITHER(early_steps, 5000),
                                  .is_required = EITHER(is_required, 1)};
#undef EITHER
    MDP_TRY(check_patterns(place, is_speed, raw->task, raw->arm, raw->measure));
    MDP_TRY(settle_margin(place, own->margin != NULL ? own->margin : all->margin, out));
    MDP_TRY(check_fit(place, own, out));
out:
    return err;
}

/* reports have one line for a reason, however many the file has */
static void make_one_line(char *text) {
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) text[i] = ' ';
    while (n > 0 && text[n - 1] == ' ') text[--n] = 0;
}

static mdp_err settle_accepted(const struct place *place, const struct raw_accepted *raw,
                               struct mdp_gate_accepted *out) {
    make_one_line(raw->reason);
    int is_speed = raw->metric == MDP_GATE_SPEED;
    *out = (struct mdp_gate_accepted){.task = raw->task != NULL ? raw->task : "*",
                                      .arm = raw->arm != NULL ? raw->arm : "*",
                                      .measure = raw->measure != NULL ? raw->measure : "*",
                                      .metric = (enum mdp_gate_metric)raw->metric,
                                      .reason = raw->reason};
    mdp_err err = check_patterns(place, is_speed, raw->task, raw->arm, raw->measure);
    if (err != MDP_OK) return err;
    if (mdp_gate_date_parse(raw->expires, &out->expires) != MDP_OK)
        return refuse(place, "expires", "expected a day as YYYY-MM-DD");
    return MDP_OK;
}

static mdp_err settle_looks(const struct mdp_yaml *yaml, const struct raw_sequential *raw,
                            struct mdp_gate_policy *out) {
    static const long usual[] = {10, 25, 50, 100};
    const long *looks = raw != NULL ? raw->looks : usual;
    mdp_err err;
    out->bounds =
        raw != NULL && raw->bounds != NULL ? (enum mdp_bound_shape) * raw->bounds : MDP_BOUND_SHAPE_OBRIEN_FLEMING;
    out->n_looks = raw != NULL ? (int)raw->looks_count : (int)COUNT(usual);
    MDP_TRY(mdp_calloc(&out->looks, (unsigned long)out->n_looks, sizeof *out->looks, "planned looks"));
    for (int i = 0; i < out->n_looks; i++) {
        out->looks[i] = (double)looks[i];
        if (i > 0 && looks[i] <= looks[i - 1])
            MDP_TRY(mdp_yaml_refuse(yaml, "sequential.looks", "expected ascending numbers, found %ld after %ld",
                                    looks[i], looks[i - 1]));
    }
out:
    return err;
}

/* the lowest normalized return there can be: a number, or none */
static mdp_err settle_worst(const struct mdp_yaml *yaml, const char *text, double *worst) {
    char *end;
    *worst = 0;
    if (text == NULL) return MDP_OK;
    *worst = -INFINITY;
    if (strcmp(text, "none") == 0) return MDP_OK;
    *worst = strtod(text, &end);
    if (end != text && *end == 0 && fabs(*worst) <= 1e9) return MDP_OK;
    return mdp_yaml_refuse(yaml, "worst", "expected the lowest normalized return there can be, or none, found '%s'",
                           text);
}

static mdp_err settle(const struct mdp_yaml *yaml, struct mdp_gate_policy *out) {
    const struct raw_policy *raw = mdp_yaml_data(yaml);
    mdp_err err;
#define OR(member, otherwise) (raw->member != NULL ? *raw->member : (otherwise))
    out->alpha = OR(alpha, 0.05);
    out->power = OR(power, 0.8);
    out->correction = (enum mdp_gate_correction)OR(correction, MDP_GATE_HOLM);
    out->pass_correction = (enum mdp_gate_correction)OR(pass_correction, MDP_GATE_NO_CORRECTION);
    out->may_differ = (uint32_t)OR(may_differ, 0);
#undef OR
    MDP_TRY(settle_worst(yaml, raw->worst, &out->worst));
    MDP_TRY(mdp_calloc(&out->rules, raw->rows_count, sizeof *out->rules, "policy rows"));
    MDP_TRY(mdp_calloc(&out->accepted, raw->accepted_count + 1, sizeof *out->accepted, "accepted regressions"));
    for (unsigned i = 0; i < raw->rows_count; i++, out->n_rules++)
        MDP_TRY(settle_rule(&(struct place){yaml, "rows", i}, &raw->rows[i], raw->defaults, &out->rules[i]));
    for (unsigned i = 0; i < raw->accepted_count; i++, out->n_accepted++)
        MDP_TRY(settle_accepted(&(struct place){yaml, "accepted", i}, &raw->accepted[i], &out->accepted[i]));
    MDP_TRY(settle_looks(yaml, raw->sequential, out));
out:
    return err;
}

static mdp_err finish(mdp_err err, struct mdp_gate_policy *out) {
    if (err == MDP_OK) err = settle(out->yaml, out);
    if (err != MDP_OK) mdp_gate_policy_free(out);
    return err;
}

mdp_err mdp_gate_policy_read(const char *path, struct mdp_gate_policy *out) {
    *out = (struct mdp_gate_policy){0};
    return finish(mdp_yaml_read(path, &schema, &out->yaml), out);
}

mdp_err mdp_gate_policy_parse(const char *name, const char *text, struct mdp_gate_policy *out) {
    *out = (struct mdp_gate_policy){0};
    return finish(mdp_yaml_parse(name, text, strlen(text), &schema, &out->yaml), out);
}

void mdp_gate_policy_free(struct mdp_gate_policy *policy) {
    free(policy->rules);
    free(policy->accepted);
    free(policy->looks);
    mdp_yaml_free(policy->yaml);
    *policy = (struct mdp_gate_policy){0};
}

/* ---- dates ---- */

mdp_err mdp_gate_date_parse(const char *text, long *out) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 0, month = 0, day = 0, n = 0;
    int is_form = sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &n) == 3 && n == 10 && text[10] == 0 &&
                  strspn(text, "0123456789") == 4 && strspn(text, "0123456789-") == 10;
    int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (!is_form || month < 1 || month > 12 || day < 1 || day > days[month - 1] + (month == 2 && is_leap))
        return mdp_fail(MDP_E_DATA, "expected a day as YYYY-MM-DD, found '%s'", text);
    *out = 10000L * year + 100 * month + day;
    return MDP_OK;
}
