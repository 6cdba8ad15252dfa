#include "bench/verify/env.h"

#include "base/cpu.h"
#include "bench/verify/recording.h"
#include "results/h5/attr.h"

/* the layouts, by an attribute of the root that the files of one have and those of the others lack */
static const struct layout {
    const char *attribute;
    mdp_err (*verify)(struct mdp_h5 *file, struct mdp_env_report *report);
} layouts[] = {
    {"env_id", mdp_verify_bullet_file}, {"env", mdp_verify_gym_file}, {"source", mdp_verify_transitions_file}};

enum { N_LAYOUTS = sizeof layouts / sizeof layouts[0] };

/* reads and checks a file and, with a stream, replays it */
static mdp_err visit_file(const char *path, struct mdp_env_report *report) {
    struct mdp_h5 *file = NULL;
    int i = 0;
    mdp_err err = mdp_h5_open(path, &file);
    if (err != MDP_OK) return err;
    while (i < N_LAYOUTS && !mdp_h5_attr_exists(file, "/", layouts[i].attribute)) i++;
    err = i < N_LAYOUTS ? layouts[i].verify(file, report)
                        : mdp_fail(MDP_E_DATA,
                                   "%s: /: expected one of the attributes env_id (recordings of Bullet), env "
                                   "(of MuJoCo) and source (transitions), found none",
                                   path);
    mdp_h5_close(file);
    return err;
}

mdp_err mdp_verify_env(const struct mdp_engine *engine, int n_files, char **files, FILE *stream) {
    mdp_err err = MDP_OK;
    struct mdp_env_report report = {.has_fused_sine = mdp_cpu_has_fused_sine(), .engine = engine};
    if (n_files < 1) return mdp_fail(MDP_E_USAGE, "verify env: expected at least one recording, found none");
    for (int i = 0; i < n_files; i++) MDP_TRY(visit_file(files[i], &report));
    report.stream = stream;
    for (int i = 0; i < n_files; i++) MDP_TRY(visit_file(files[i], &report));
    fprintf(stream, "1..%d\n", report.n_lines);
    if (report.n_failed) err = mdp_fail(MDP_E_FAILED, "%d of %d checks failed", report.n_failed, report.n_lines);
out:
    return err;
}
