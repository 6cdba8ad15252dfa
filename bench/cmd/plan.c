/* mdpbench plan: what an experiment needs, what is there, how long the rest takes, and make rules for it. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cpu.h"
#include "base/path.h"
#include "bench/cluster/slurm.h"
#include "bench/cmd/out.h"
#include "bench/cmd/verb.h"
#include "bench/experiment/plan.h"
#include "bench/experiment/read.h"
#include "bench/report/watch.h"
#include "bench/run/settings.h"
#include "results/show/table_out.h"

/* measured rates lie beside the experiments; those of AMX have a file of their own, because no other processor has a
 * rate for its bfloat16 */
static mdp_err rates_beside(const char *file, char path[MDP_PATH_MAX], const char **rates) {
    static const char *const names[] = {"rates-amx.json", "rates.json"};
    const int n_folder = (int)(mdp_path_name(file) - file);
    for (int i = strstr(mdp_cpu_isa(), "amx_bf16") != NULL ? 0 : 1; i < 2 && *rates == NULL; i++) {
        mdp_err err = mdp_fsx_path(path, "%.*s%s", n_folder, file, names[i]);
        if (err != MDP_OK) return err;
        if (mdp_fsx_exists(path)) *rates = path;
    }
    return MDP_OK;
}

/* an experiment of parts may lie elsewhere than they do */
static mdp_err default_rates(const struct mdp_experiments *experiments, const char *file, char path[MDP_PATH_MAX],
                             const char **rates) {
    mdp_err err = *rates == NULL ? rates_beside(file, path, rates) : MDP_OK;
    for (int i = 0; i < experiments->n && err == MDP_OK && *rates == NULL; i++)
        err = rates_beside(experiments->list[i].path, path, rates);
    return err;
}

/* the command's options */
struct request {
    int as_make, as_json;
    const char *rates, *out, *tensorboard, *log_json, *slurm;
    double task_minutes;
    enum mdp_table_format format;
    uint64_t given;
};

static const struct mdp_setting rows[] = {
    MDP_ROW(struct request, as_make, FLAG, .name = "make", .help = "print make rules instead of a table"),
    MDP_ROW(struct request, slurm, TEXT, .name = "slurm", .argument = "DIR",
            .help = "write arrays of tasks for Slurm into a folder instead"),
    MDP_ROW(struct request, task_minutes, REAL, .name = "task-minutes", .low = 0, .high = 1e5, .fallback = "10",
            .help = "of --slurm: minutes of one core that a task may last, if it has more than one piece; 0: each "
                    "piece is a task"),
    MDP_ROW(struct request, rates, TEXT, .name = "rates", .argument = "FILE",
            .help =
                "output of 'perf --json' (beside the experiment or its parts: rates.json, with AMX rates-amx.json)"),
    MDP_ROW(struct request, format, CHOICE, MDP_FORMAT),
    MDP_ROW(struct request, as_json, FLAG, MDP_AS_JSON, .help = MDP_JSON_FORMAT),
    MDP_ROW(struct request, out, TEXT, MDP_TABLE_OUT),
    MDP_ROW(struct request, tensorboard, TEXT, .name = "tensorboard", .argument = "DIR",
            .help = "also write the evaluations that are there as TensorBoard's event files"),
    MDP_ROW(struct request, log_json, TEXT, .name = "log-json", .argument = "FILE",
            .help = "also write a line of JSON for each of them"),
};
static const struct mdp_settings options = MDP_SETTINGS(struct request, rows);

static mdp_err show(const struct mdp_verb *verb, struct mdp_plan *plan, const struct mdp_experiments *experiments,
                    const char *file, const struct request *r) {
    const struct mdp_out_choice choice = {MDP_GIVEN(&options, r, format), r->as_json, r->format, r->out};
    enum mdp_table_format format;
    struct mdp_table *table = NULL;
    const char *rates = r->rates;
    char path[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_out_format(verb, &choice, &format));
    MDP_TRY(default_rates(experiments, file, path, &rates));
    MDP_TRY(mdp_plan_estimate(plan, rates));
    MDP_TRY(mdp_plan_measure(plan));
    MDP_TRY(mdp_plan_table(plan, experiments->title, &table));
    MDP_TRY(mdp_table_output(table, format, r->out, stdout));
out:
    mdp_table_free(table);
    return err;
}

/* a path that is written into recipes and scripts, where blanks and most other signs would be taken for syntax */
static mdp_err check_path(const char *option, const char *path) {
    static const char known[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-/";
    if (strspn(path, known) == strlen(path) && path[0] != '-' && path[0] != 0) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "plan: option --%s: expected a path of letters, digits and . _ + - /, found '%s'",
                    option, path);
}

static mdp_err check_request(const struct request *r, const char *file) {
    const char *option = r->slurm != NULL ? "slurm" : "make";
    if (MDP_GIVEN(&options, r, task_minutes) && r->slurm == NULL)
        return mdp_fail(MDP_E_USAGE, "plan: option --task-minutes: expected --slurm beside it, found none");
    if (r->slurm == NULL && !r->as_make) return MDP_OK;
    if (r->slurm != NULL && r->as_make) return mdp_fail(MDP_E_USAGE, "plan: expected --make or --slurm, found both");
    if (r->out != NULL)
        return mdp_fail(MDP_E_USAGE, "plan: option --out: expected none beside --%s, found '%s'", option, r->out);
    mdp_err err = check_path(option, file);
    return err == MDP_OK && r->slurm != NULL ? check_path(option, r->slurm) : err;
}

/* tasks start elsewhere: the program that plans is named by its own path, unless that cannot be written into a script
 */
static const char *own_path(char path[MDP_PATH_MAX]) {
    const ssize_t n = readlink("/proc/self/exe", path, MDP_PATH_MAX - 1);
    if (n > 0) path[n] = 0;
    return n > 0 && check_path("slurm", path) == MDP_OK ? path : "mdpbench";
}

static mdp_err write_slurm(struct mdp_plan *plan, const struct mdp_experiments *experiments, const char *file,
                           const struct request *r) {
    const char *rates = r->rates;
    char rates_path[MDP_PATH_MAX], program[MDP_PATH_MAX];
    const struct mdp_slurm slurm = {file, experiments->name, r->slurm, r->task_minutes, own_path(program)};
    mdp_err err;
    MDP_TRY(default_rates(experiments, file, rates_path, &rates));
    MDP_TRY(mdp_plan_estimate(plan, rates));
    MDP_TRY(mdp_slurm_write(plan, &slurm, stdout));
out:
    return err;
}

static mdp_err run_verb(const struct mdp_verb *verb, int argc, char **argv) {
    struct request r;
    int first, done;
    struct mdp_experiments experiments = {.n = 0};
    struct mdp_plan plan = {.n = 0};
    mdp_err err = mdp_options_parse(verb, &r, argc, argv, &first, &done);
    if (err != MDP_OK || done) return err;
    if (argc - first != 1) return mdp_fail(MDP_E_USAGE, "plan: expected one experiment file, found %d", argc - first);
    MDP_TRY(check_request(&r, argv[first]));
    MDP_TRY(mdp_experiments_read(argv[first], &experiments));
    MDP_TRY(mdp_plan_new(&experiments, &plan));
    MDP_TRY(mdp_plan_inspect(&plan));
    if (r.as_make)
        MDP_TRY(mdp_plan_make(&plan, argv[first], experiments.name, stdout));
    else if (r.slurm != NULL)
        MDP_TRY(write_slurm(&plan, &experiments, argv[first], &r));
    else
        MDP_TRY(show(verb, &plan, &experiments, argv[first], &r));
    MDP_TRY(mdp_watch_experiments(&experiments, r.log_json, r.tensorboard));
out:
    mdp_plan_free(&plan);
    mdp_experiments_free(&experiments);
    return err;
}

const struct mdp_verb mdp_verb_plan = {
    .name = "plan",
    .summary = "show what an experiment needs and has, or print make rules that make the rest",
    .usage = "FILE.yaml [options]",
    .details = "Lists every arm with the datasets, trainings and evaluations it takes; what several arms share counts "
               "once in the\n"
               "last row. A dataset or training counts as done, too, where no evaluation that is missing needs it. "
               "A file that\n"
               "was made with other settings is refused. --make prints rules for GNU make: one per dataset, training "
               "and\n"
               "curve of evaluations, so that 'make -f RULES -j2' makes what is missing and, killed at any moment, "
               "goes on when "
               "run\n"
               "again. --slurm writes the same work as arrays of tasks, wave after wave, and sh DIR/submit.sh submits\n"
               "them (docs/cluster.md).",
    .example = "mdpbench plan bench/experiments/smoke.yaml",
    .options = &options,
    .run = run_verb,
};
