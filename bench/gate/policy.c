#include "bench/gate/policy.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/number.h"
#include "bench/yaml/yaml.h"

/* ---- what files may say ---- */

#define NAME(name, text, better, test) [MDP_GATE_##name] = text,
static MDP_NAMES_FUNCTION(metric_names, MDP_GATE_METRIC_LIST(NAME))
#undef NAME
#define NAME(name, text) [MDP_BOUND_SHAPE_##name] = text,
    static MDP_NAMES_FUNCTION(bound_names, MDP_BOUND_SHAPE_LIST(NAME))
#undef NAME
        static MDP_NAMES_FUNCTION(
            test_names, [MDP_GATE_TEST_AUTO] = "auto", [MDP_GATE_TEST_RANK] = "rank",
            [MDP_GATE_TEST_MEAN] =
                "mean") static MDP_NAMES_FUNCTION(unit_names, [MDP_GATE_UNIT_AUTO] = "auto",
                                                  [MDP_GATE_UNIT_EPISODE] = "episode",
                                                  [MDP_GATE_UNIT_RUN] =
                                                      "run") static MDP_NAMES_FUNCTION(correction_names,
                                                                                       [MDP_GATE_HOLM] = "holm",
                                                                                       [MDP_GATE_BONFERRONI] =
                                                                                           "bonferroni",
                                                                                       [MDP_GATE_NO_CORRECTION] =
                                                                                           "none")

    /* facts of which comparisons merely say that they differ */
    static const struct {
    const char *name;
    enum mdp_fact fact;
} may[] = {
#define NAME_IF_REFUSE(fact, name)
#define NAME_IF_TELL(fact, name)
#define NAME_IF_FREE(fact, name)
#define NAME_IF_SAY(fact, name) {#name, MDP_FACT_##fact},
#define NAME(fact, name, kind, place, text, said, sides, sample, table) NAME_IF_##sides(fact, name)
    MDP_FACT_LIST(NAME)
#undef NAME
};

static const struct mdp_names *may_names(void) {
    static const struct mdp_names names = MDP_NAMES(may, name);
    return &names;
}

static const struct mdp_setting margin_rows[] = {
    MDP_ROW(struct mdp_gate_margins, absolute, REAL, .name = "absolute", .low = 1e-9, .high = 1e9,
            .unit = "in the metric's unit"),
    MDP_ROW(struct mdp_gate_margins, relative, REAL, .name = "relative", .low = 1e-6, .high = 1,
            .unit = "of the baseline's value"),
    MDP_ROW(struct mdp_gate_margins, sd, REAL, .name = "sd", .low = 1e-6, .high = 100,
            .unit = "standard deviations of the baseline"),
};
static const struct mdp_settings margin_table = MDP_SETTINGS_NOT_KEPT(struct mdp_gate_margins, margin_rows);

/* keys of rows, and those of them that `defaults` may set */
enum { OF_ROW = 1, SHARED = 2 };
#define RULE(member, kind, ...) MDP_ROW(struct mdp_gate_rule, member, kind, __VA_ARGS__)
static const struct mdp_setting rule_rows[] = {
    RULE(task, TEXT, .name = "task", .takers = OF_ROW),
    RULE(arm, TEXT, .name = "arm", .takers = OF_ROW),
    RULE(measure, TEXT, .name = "measure", .takers = OF_ROW),
    RULE(metric, CHOICE, .name = "metric", .names = metric_names, .is_required = 1, .takers = OF_ROW),
    RULE(test, CHOICE, .name = "test", .names = test_names, .takers = OF_ROW | SHARED),
    RULE(unit, CHOICE, .name = "unit", .names = unit_names, .takers = OF_ROW | SHARED),
    MDP_ROWS_OF(struct mdp_gate_rule, margins, margin_table, .name = "margin", .takers = OF_ROW | SHARED),
    RULE(min_episodes, WHOLE, .name = "min_episodes", .low = 2, .high = 1e6, .unit = "episodes", .fallback = "25",
         .takers = OF_ROW | SHARED),
    RULE(early_steps, REAL, .name = "early_steps", .low = 1, .high = 1e9, .unit = "training steps", .fallback = "5000",
         .takers = OF_ROW | SHARED),
    RULE(is_required, FLAG, .name = "required", .fallback = "true", .takers = OF_ROW | SHARED),
};
static const struct mdp_settings rule_table = MDP_SETTINGS(struct mdp_gate_rule, rule_rows);

#define ACCEPTED(member, kind, ...) MDP_ROW(struct mdp_gate_accepted, member, kind, __VA_ARGS__)
static const struct mdp_setting accepted_rows[] = {
    ACCEPTED(task, TEXT, .name = "task"),
    ACCEPTED(arm, TEXT, .name = "arm"),
    ACCEPTED(measure, TEXT, .name = "measure"),
    ACCEPTED(metric, CHOICE, .name = "metric", .names = metric_names, .is_required = 1),
    ACCEPTED(reason, TEXT, .name = "reason", .is_required = 1),
    ACCEPTED(expires_text, TEXT, .name = "expires", .is_required = 1),
};
static const struct mdp_settings accepted_table = MDP_SETTINGS_NOT_KEPT(struct mdp_gate_accepted, accepted_rows);

static const struct mdp_setting look_row[] = {{.kind = MDP_WHOLE, .low = 2, .high = 1e6, .unit = "episodes"}};
static const struct mdp_settings look_table = MDP_SETTINGS_NOT_KEPT(long, look_row);
static const struct mdp_setting sequential_rows[] = {
    MDP_LIST_ROW(struct mdp_gate_sequential, looks, n_looks, look_table, .name = "looks", .low = 1,
                 .high = MDP_SEQUENTIAL_MAX_LOOKS, .is_required = 1),
    MDP_ROW(struct mdp_gate_sequential, bounds, CHOICE, .name = "bounds", .names = bound_names,
            .fallback = "obrien_fleming"),
};
static const struct mdp_settings sequential_table = MDP_SETTINGS_NOT_KEPT(struct mdp_gate_sequential, sequential_rows);

#define POLICY(member, kind, ...) MDP_ROW(struct mdp_gate_policy, member, kind, __VA_ARGS__)
static const struct mdp_setting policy_rows[] = {
    POLICY(alpha, REAL, .name = "alpha", .low = 1e-6, .high = 0.5, .unit = "(one-sided level)", .fallback = "0.05"),
    POLICY(power, REAL, .name = "power", .low = 0.5, .high = 0.9999, .unit = "(a probability)", .fallback = "0.8"),
    POLICY(correction, CHOICE, .name = "correction", .names = correction_names, .fallback = "holm"),
    POLICY(pass_correction, CHOICE, .name = "pass_correction", .names = correction_names, .fallback = "none"),
    POLICY(worst_text, TEXT, .name = "worst"),
    POLICY(may_names, SET, .name = "may_differ", .names = may_names),
    MDP_ROWS_OF(struct mdp_gate_policy, defaults, rule_table, .name = "defaults", .inner_takers = SHARED),
    MDP_LIST_ROW(struct mdp_gate_policy, rules, n_rules, rule_table, .name = "rows", .low = 1, .high = 1000,
                 .is_required = 1),
    MDP_LIST_ROW(struct mdp_gate_policy, accepted, n_accepted, accepted_table, .name = "accepted", .high = 1000),
    MDP_ROWS_OF(struct mdp_gate_policy, sequential, sequential_table, .name = "sequential"),
};
const struct mdp_settings mdp_gate_policy_table = MDP_SETTINGS_NOT_KEPT(struct mdp_gate_policy, policy_rows);

/* ---- names ---- */

const char *mdp_gate_metric_name(enum mdp_gate_metric metric) { return mdp_names_at(metric_names(), (int)metric); }

const char *mdp_gate_correction_name(enum mdp_gate_correction correction) {
    return mdp_names_at(correction_names(), (int)correction);
}

const char *mdp_gate_margin_name(enum mdp_gate_margin kind) { return margin_rows[kind].name; }

/* ---- from file to policy ---- */

/* the key of a row's or an acceptance's member, for messages */
struct place {
    const struct mdp_yaml *yaml;
    const char *list;
    unsigned i;
};

__attribute__((format(printf, 3, 4))) static mdp_err refuse(const struct place *place, const char *member,
                                                            const char *format, ...) {
    char key[MDP_YAML_KEY_MAX], message[512];
    va_list args;
    snprintf(key, sizeof key, "%s[%u]%s%s", place->list, place->i, member[0] != 0 ? "." : "", member);
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return mdp_yaml_refuse(place->yaml, key, "%s", message);
}

/* speed rows name what perf measured, all others a task and an arm */
static mdp_err check_patterns(const struct place *place, enum mdp_gate_metric metric, const char *task, const char *arm,
                              const char *measure) {
    if (metric != MDP_GATE_SPEED)
        return measure == NULL ? MDP_OK
                               : refuse(place, "measure", "expected task and arm of this metric, found measure");
    if (task != NULL || arm != NULL)
        return refuse(place, task != NULL ? "task" : "arm", "expected measure alone of the metric speed, found %s too",
                      task != NULL ? "task" : "arm");
    return measure != NULL
               ? MDP_OK
               : refuse(place, "", "expected the key measure of the metric speed, e.g. \"env/*\", found none");
}

/* the margins that a file gives, e.g. "absolute, sd" */
static int list_margins(const double values[3], char text[64]) {
    int n = 0;
    strcpy(text, "none");
    for (int i = 0; i < 3; i++) {
        size_t used = n > 0 ? strlen(text) : 0;
        if (isnan(values[i])) continue;
        snprintf(text + used, 64 - used, "%s%s", n++ > 0 ? ", " : "", mdp_gate_margin_name((enum mdp_gate_margin)i));
    }
    return n;
}

static mdp_err settle_margin(const struct place *place, struct mdp_gate_rule *rule) {
    const double values[] = {rule->margins.absolute, rule->margins.relative, rule->margins.sd};
    char found[64];
    if (!MDP_GIVEN(&rule_table, rule, margins))
        return refuse(place, "margin", "expected a margin here or in defaults, found none");
    if (list_margins(values, found) != 1)
        return refuse(place, "margin", "expected one of absolute, relative or sd, found %s", found);
    for (int i = 0; i < 3; i++) {
        if (isnan(values[i])) continue;
        rule->margin_kind = (enum mdp_gate_margin)i;
        rule->margin = values[i];
    }
    return MDP_OK;
}

/* what a metric cannot be tested by */
static mdp_err check_fit(const struct place *place, const struct mdp_gate_rule *own, const struct mdp_gate_rule *rule) {
    int is_speed = rule->metric == MDP_GATE_SPEED;
    if (rule->metric == MDP_GATE_FAILURE && rule->test != MDP_GATE_TEST_AUTO && MDP_GIVEN(&rule_table, own, test))
        return refuse(place, "test", "expected auto, as a share of failures has a test of its own, found %s",
                      mdp_names_at(test_names(), (int)rule->test));
    if (is_speed && rule->margin_kind != MDP_GATE_MARGIN_RELATIVE)
        return refuse(place, "margin", "expected relative, as speeds are compared as ratios, found %s",
                      mdp_gate_margin_name(rule->margin_kind));
    if (is_speed && rule->margin >= 1)
        return refuse(place, "margin.relative", "expected less than 1 of the metric speed, found %g", rule->margin);
    if (is_speed && MDP_GIVEN(&rule_table, own, unit))
        return refuse(place, "unit", "expected none of the metric speed, found %s",
                      mdp_names_at(unit_names(), (int)rule->unit));
    return MDP_OK;
}

static mdp_err settle_rule(const struct place *place, const struct mdp_gate_rule *defaults,
                           struct mdp_gate_rule *rule) {
    const struct mdp_gate_rule own = *rule;
    mdp_err err;
    *rule = *defaults;
    mdp_settings_overlay(&rule_table, 0, rule, &own);
    MDP_TRY(check_patterns(place, own.metric, own.task, own.arm, own.measure));
    if (own.metric != MDP_GATE_SPEED && rule->task == NULL) rule->task = "*";
    if (own.metric != MDP_GATE_SPEED && rule->arm == NULL) rule->arm = "*";
    MDP_TRY(settle_margin(place, rule));
    MDP_TRY(check_fit(place, &own, rule));
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

static mdp_err settle_accepted(const struct place *place, struct mdp_gate_accepted *accepted) {
    const char **const patterns[] = {&accepted->task, &accepted->arm, &accepted->measure};
    mdp_err err = check_patterns(place, accepted->metric, accepted->task, accepted->arm, accepted->measure);
    if (err != MDP_OK) return err;
    for (int i = 0; i < 3; i++)
        if (*patterns[i] == NULL) *patterns[i] = "*";
    make_one_line((char *)accepted->reason);
    if (mdp_gate_date_parse(accepted->expires_text, &accepted->expires) != MDP_OK)
        return refuse(place, "expires", "expected a day as YYYY-MM-DD, found '%s'", accepted->expires_text);
    return MDP_OK;
}

static mdp_err settle_looks(const struct mdp_yaml *yaml, struct mdp_gate_sequential *s) {
    static long usual[] = {10, 25, 50, 100};
    if (s->n_looks == 0) s->looks = usual, s->n_looks = sizeof usual / sizeof usual[0];
    for (unsigned i = 1; i < s->n_looks; i++)
        if (s->looks[i] <= s->looks[i - 1])
            return mdp_yaml_refuse(yaml, "sequential.looks", "expected ascending numbers, found %ld after %ld",
                                   s->looks[i], s->looks[i - 1]);
    return MDP_OK;
}

/* the lowest normalized return there can be: a number, or none */
static mdp_err settle_worst(const struct mdp_yaml *yaml, const char *text, double *worst) {
    *worst = 0;
    if (text == NULL) return MDP_OK;
    *worst = -INFINITY;
    if (strcmp(text, "none") == 0) return MDP_OK;
    if (mdp_number_real(text, worst) && fabs(*worst) <= 1e9) return MDP_OK;
    return mdp_yaml_refuse(yaml, "worst", "expected the lowest normalized return there can be, or none, found '%s'",
                           text);
}

static mdp_err settle(const struct mdp_yaml *yaml, struct mdp_gate_policy *policy) {
    mdp_err err;
    for (unsigned i = 0; i < sizeof may / sizeof may[0]; i++)
        if ((policy->may_names >> i & 1) != 0) policy->may_differ |= MDP_FACT_BIT(may[i].fact);
    MDP_TRY(settle_worst(yaml, policy->worst_text, &policy->worst));
    for (unsigned i = 0; i < policy->n_rules; i++)
        MDP_TRY(settle_rule(&(struct place){yaml, "rows", i}, &policy->defaults, &policy->rules[i]));
    for (unsigned i = 0; i < policy->n_accepted; i++)
        MDP_TRY(settle_accepted(&(struct place){yaml, "accepted", i}, &policy->accepted[i]));
    MDP_TRY(settle_looks(yaml, &policy->sequential));
out:
    return err;
}

static mdp_err finish(mdp_err err, struct mdp_yaml *yaml, struct mdp_gate_policy *out) {
    *out = (struct mdp_gate_policy){0};
    if (err != MDP_OK) return err;
    *out = *(struct mdp_gate_policy *)mdp_yaml_data(yaml);
    out->yaml = yaml;
    err = settle(yaml, out);
    if (err != MDP_OK) mdp_gate_policy_free(out);
    return err;
}

mdp_err mdp_gate_policy_read(const char *path, struct mdp_gate_policy *out) {
    struct mdp_yaml *yaml;
    mdp_err err = mdp_yaml_read(path, &mdp_gate_policy_table, &yaml);
    return finish(err, yaml, out);
}

mdp_err mdp_gate_policy_parse(const char *name, const char *text, struct mdp_gate_policy *out) {
    struct mdp_yaml *yaml;
    mdp_err err = mdp_yaml_parse(name, text, strlen(text), &mdp_gate_policy_table, &yaml);
    return finish(err, yaml, out);
}

void mdp_gate_policy_free(struct mdp_gate_policy *policy) {
    mdp_yaml_free(policy->yaml);
    *policy = (struct mdp_gate_policy){0};
}

long mdp_gate_last_look(const struct mdp_gate_policy *policy) {
    return policy->sequential.looks[policy->sequential.n_looks - 1];
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

mdp_err mdp_gate_date_today(long *out) {
    time_t now = time(NULL);
    struct tm day;
    if (gmtime_r(&now, &day) == NULL) return mdp_fail(MDP_E_INTERNAL, "gate: the clock gives no date");
    *out = 10000L * (day.tm_year + 1900) + 100 * (day.tm_mon + 1) + day.tm_mday;
    return MDP_OK;
}
