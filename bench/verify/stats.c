#include "bench/verify/stats.h"

#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "bench/verify/stats_families.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"

static const struct family {
    const char *name;
    mdp_err (*answer)(struct mdp_case *c);
} families[] = {
#define FAMILY(name) {#name, mdp_answer_##name},
    MDP_FAMILY_LIST(FAMILY)
#undef FAMILY
};
static mdp_err detect(const char *path, struct mdp_h5 *file, const struct family **out) {
    static const char format_name[] = "stats-golden";
    static const struct mdp_names names = MDP_NAMES(families, name);
    char text[64];
    int64_t version;
    int i;
    mdp_err err;
    if (!mdp_h5_attr_exists(file, "/", "format"))
        return mdp_fail(MDP_E_DATA,
                        "%s: /: expected reference vectors of the statistics (attribute format \"%s\"), "
                        "found no such attribute",
                        path, format_name);
    MDP_TRY(mdp_h5_attr_text(file, "/", "format", text, sizeof text));
    if (strcmp(text, format_name) != 0)
        return mdp_fail(MDP_E_DATA, "%s: attribute format: expected \"%s\", found \"%s\"", path, format_name, text);
    MDP_TRY(mdp_h5_attr_int(file, "/", "format_version", &version));
    if (version != 1)
        return mdp_fail(MDP_E_DATA, "%s: attribute format_version: expected 1, found %lld", path, (long long)version);
    MDP_TRY(mdp_h5_attr_text(file, "/", "family", text, sizeof text));
    MDP_TRY(mdp_names_find(&names, "attribute family", text, &i));
    *out = &families[i];
    return MDP_OK;
out:
    return err == MDP_E_USAGE ? mdp_fail_context(MDP_E_DATA, "%s", path) : err;
}

static mdp_err verify_case(const char *path, struct mdp_h5 *file, const struct family *family, const char *name,
                           struct mdp_verify_report *report) {
    struct mdp_case c;
    mdp_err err;
    MDP_TRY(mdp_case_open(path, file, name, &c));
    mdp_err outcome = family->answer(&c);
    MDP_TRY(c.err);
    MDP_TRY(mdp_case_judge(&c, outcome, report));
out:
    mdp_case_close(&c);
    return err;
}

static mdp_err verify_file(const char *path, struct mdp_verify_report *report) {
    struct mdp_h5 *file = NULL;
    struct mdp_h5_child *cases = NULL;
    const struct family *family = NULL;
    int n_cases;
    mdp_err err;
    MDP_TRY(mdp_h5_open(path, &file));
    MDP_TRY(detect(path, file, &family));
    MDP_TRY(mdp_h5_list(file, "/", &cases, &n_cases));
    if (n_cases == 0) MDP_TRY(mdp_fail(MDP_E_DATA, "%s: /: expected cases, found none", path));
    for (int i = 0; i < n_cases; i++) {
        if (!cases[i].is_group)
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected a group, found a dataset", path, cases[i].name));
        MDP_TRY(verify_case(path, file, family, cases[i].name, report));
    }
out:
    free(cases);
    mdp_h5_close(file);
    return err;
}

mdp_err mdp_verify_stats(int n_files, char **files, FILE *stream) {
    mdp_err err = MDP_OK;
    struct mdp_verify_report report = {0};
    if (n_files < 1) return mdp_fail(MDP_E_USAGE, "verify stats: expected at least one file, found none");
    MDP_TRY(mdp_verify_report_open(&report));
    for (int i = 0; i < n_files; i++) MDP_TRY(verify_file(files[i], &report));
    return mdp_verify_report_close(&report, stream);
out:
    mdp_verify_report_close(&report, NULL);
    return err;
}
