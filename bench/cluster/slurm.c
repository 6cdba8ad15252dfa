#include "bench/cluster/slurm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "base/memstream.h"

/* ---- whose files are there ---- */

static mdp_err refuse(const char *path) {
    return mdp_fail(MDP_E_IO,
                    "%s: expected none, or that of a former plan, found another file: option --slurm names a folder "
                    "for the plan alone",
                    path);
}

/* a script or rules that some plan wrote, by the words near their beginning */
static mdp_err check_script(const struct mdp_slurm *slurm, const char *name, int *is_there) {
    char path[MDP_PATH_MAX], text[2 * MDP_PATH_MAX + 1024];
    FILE *file;
    mdp_err err = mdp_fsx_path(path, "%s/%s", slurm->folder, name);
    *is_there = err == MDP_OK && mdp_fsx_exists(path);
    if (!*is_there) return err;
    MDP_TRY(mdp_fsx_open(path, &file));
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    if (strstr(text, "made by: mdpbench plan ") == NULL) err = refuse(path);
out:
    return err;
}

/* waves have no such words, but rules beside them, which are written first */
static mdp_err check_folder(const struct mdp_slurm *slurm, int n_waves) {
    char path[MDP_PATH_MAX];
    int is_there, has_rules;
    mdp_err err;
    MDP_TRY(check_script(slurm, "task.sh", &is_there));
    MDP_TRY(check_script(slurm, "submit.sh", &is_there));
    MDP_TRY(check_script(slurm, "rules.mk", &has_rules));
    for (int wave = 1; !has_rules && wave <= n_waves; wave++) {
        MDP_TRY(mdp_fsx_path(path, "%s/wave-%d.txt", slurm->folder, wave));
        if (mdp_fsx_exists(path)) err = refuse(path);
        if (err != MDP_OK) goto out;
    }
out:
    return err;
}

/* ---- what is written ---- */

/* a text on its way into a file of the folder */
struct script {
    struct mdp_memstream memory;
    FILE *out;
};

static mdp_err begin(struct script *script) {
    mdp_err err = mdp_memstream_open(&script->memory, "script");
    script->out = script->memory.stream;
    return err;
}

static mdp_err finish(struct script *script, const struct mdp_slurm *slurm, const char *name, mdp_err err) {
    char path[MDP_PATH_MAX];
    err = mdp_memstream_close(&script->memory, err);
    if (err == MDP_OK) err = mdp_fsx_path(path, "%s/%s", slurm->folder, name);
    if (err == MDP_OK) err = mdp_fsx_write(path, script->memory.text, script->memory.size);
    free(script->memory.text);
    return err;
}

static mdp_err write_rules(const struct mdp_plan *plan, const struct mdp_slurm *slurm) {
    struct script script;
    mdp_err err = begin(&script);
    if (err != MDP_OK) return err;
    err = mdp_plan_make(plan, slurm->file, slurm->name, script.out);
    return finish(&script, slurm, "rules.mk", err);
}

/* one line a task */
static mdp_err write_wave(const struct mdp_waves *waves, const struct mdp_slurm *slurm, int wave, int *first) {
    struct script script;
    char name[64];
    mdp_err err = begin(&script);
    if (err != MDP_OK) return err;
    while (*first < waves->n && waves->cells[*first].wave == wave) {
        const int n = mdp_waves_task(waves, *first, 60 * slurm->task_minutes);
        for (int i = 0; i < n; i++) fprintf(script.out, "%s%s", i > 0 ? " " : "", waves->cells[*first + i].targets);
        fputc('\n', script.out);
        *first += n;
    }
    snprintf(name, sizeof name, "wave-%d.txt", wave);
    return finish(&script, slurm, name, MDP_OK);
}

/* those of a former plan with more waves */
static mdp_err remove_waves(const struct mdp_slurm *slurm, int wave) {
    char path[MDP_PATH_MAX];
    mdp_err err = mdp_fsx_path(path, "%s/wave-%d.txt", slurm->folder, wave);
    while (err == MDP_OK && mdp_fsx_exists(path)) {
        MDP_TRY(mdp_fsx_remove(path));
        MDP_TRY(mdp_fsx_path(path, "%s/wave-%d.txt", slurm->folder, ++wave));
    }
out:
    return err;
}

/* the report is a wave of one task behind the others */
static mdp_err write_waves(const struct mdp_waves *waves, const struct mdp_slurm *slurm) {
    static const char report[] = "report\n";
    char path[MDP_PATH_MAX];
    int first = 0;
    mdp_err err = MDP_OK;
    for (int wave = 1; wave <= waves->n_waves; wave++) MDP_TRY(write_wave(waves, slurm, wave, &first));
    MDP_TRY(mdp_fsx_path(path, "%s/wave-%d.txt", slurm->folder, waves->n_waves + 1));
    MDP_TRY(mdp_fsx_write(path, report, sizeof report - 1));
    MDP_TRY(remove_waves(slurm, waves->n_waves + 2));
out:
    return err;
}

/* the batch shell alone is told of the end of its time; it passes that on, waits until the state is saved, and asks for
 * another turn. another process that writes the same is waited for, and has then done the work */
static mdp_err write_task(const struct mdp_slurm *slurm) {
    struct script script;
    mdp_err err = begin(&script);
    if (err != MDP_OK) return err;
    fprintf(
        script.out,
        "#!/bin/sh\n"
        "# a task: task.sh WAVE-FILE [LINES BEFORE]. made by: mdpbench plan %s --slurm %s\n"
        "#SBATCH --ntasks=1\n"
        "#SBATCH --requeue\n"
        "#SBATCH --open-mode=append\n"
        "#SBATCH --signal=B:TERM@120\n"
        "export HDF5_USE_FILE_LOCKING=FALSE\n"
        "export MDPBENCH_CLAIM_SECONDS=\"${MDPBENCH_CLAIM_SECONDS:-604800}\"\n"
        "threads=${SLURM_CPUS_PER_TASK:-$(nproc)}\n"
        "line=$((${SLURM_ARRAY_TASK_ID:-0} + ${2:-0} + 1))\n"
        "targets=$(sed -n \"${line}p\" \"$1\")\n"
        "# without a target make would make everything\n"
        "if [ -z \"$targets\" ]; then\n"
        "    echo \"task.sh: $1 has no line $line: it was planned anew since\" >&2\n"
        "    exit 4\n"
        "fi\n"
        "echo \"$(date -u +%%FT%%TZ) $(hostname) $1:$line, $threads threads: $targets\"\n"
        "stopped=\n"
        "make=\n"
        "status=6\n"
        "trap 'stopped=1; if [ -n \"$make\" ]; then kill -TERM \"$make\"; fi' TERM\n"
        "# what a killed process did is not lost: another turn goes on with it\n"
        "for turn in 1 2 3; do\n"
        "    if [ -n \"$stopped\" ]; then break; fi\n"
        "    make -f %s/rules.mk THREADS=\"$threads\" MDPBENCH=\"${MDPBENCH:-%s}\" $targets &\n"
        "    make=$!\n"
        "    if [ -n \"$stopped\" ]; then kill -TERM \"$make\"; fi\n"
        "    wait \"$make\"\n"
        "    status=$?\n"
        "    # a trap ends the first wait before make has ended\n"
        "    while kill -0 \"$make\" 2> /dev/null; do wait \"$make\"; status=$?; done\n"
        "    if [ \"$status\" = 0 ] || [ -n \"$stopped\" ]; then break; fi\n"
        "done\n"
        "if [ -n \"$stopped\" ] && [ -n \"${SLURM_JOB_ID:-}\" ]; then\n"
        "    scontrol requeue \"${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}\"\n"
        "fi\n"
        "exit \"$status\"\n",
        slurm->file, slurm->folder, slurm->folder, slurm->program);
    return finish(&script, slurm, "task.sh", MDP_OK);
}

/* Slurm's default allows arrays of 1001, so longer waves are several arrays */
static mdp_err write_submit(const struct mdp_slurm *slurm, int n_waves) {
    struct script script;
    mdp_err err = begin(&script);
    if (err != MDP_OK) return err;
    fprintf(
        script.out,
        "#!/bin/sh\n"
        "# submits all waves, from the folder that the plan was made in; options are passed to sbatch:\n"
        "#     sh %s/submit.sh --partition=cpu --cpus-per-task=2 --time=4:00:00\n"
        "# may be run again at any time. made by: mdpbench plan %s --slurm %s\n"
        "set -eu\n"
        "dir=%s\n"
        "if [ ! -e \"$dir/rules.mk\" ]; then\n"
        "    echo \"submit.sh: run it in the folder that the plan was made in: there is no $dir/rules.mk here\" >&2\n"
        "    exit 4\n"
        "fi\n"
        "mkdir -p \"$dir/log\"\n"
        "before=\n"
        "wave=1\n"
        "while [ \"$wave\" -le %d ]; do\n"
        "    n=$(wc -l < \"$dir/wave-$wave.txt\")\n"
        "    first=0\n"
        "    jobs=\n"
        "    while [ \"$first\" -lt \"$n\" ]; do\n"
        "        last=$((n - first > 1000 ? 999 : n - first - 1))\n"
        "        job=$(sbatch --parsable --job-name=\"%s-$wave\" --array=\"0-$last\" \\\n"
        "            ${before:+--dependency=\"afterok$before\" --kill-on-invalid-dep=yes} \\\n"
        "            --output=\"$dir/log/wave-$wave-$first-%%a.log\" \"$@\" \"$dir/task.sh\" \"$dir/wave-$wave.txt\" "
        "\"$first\")\n"
        "        jobs=$jobs:${job%%%%;*}\n"
        "        first=$((first + 1000))\n"
        "    done\n"
        "    echo \"wave $wave: $n tasks, jobs $(echo \"${jobs#:}\" | tr : ' ')\"\n"
        "    before=$jobs\n"
        "    wave=$((wave + 1))\n"
        "done\n",
        slurm->folder, slurm->file, slurm->folder, slurm->folder, n_waves + 1, slurm->name);
    return finish(&script, slurm, "submit.sh", MDP_OK);
}

/* how long it takes by the rates of the plan, on a few numbers of cores */
static mdp_err say(const struct mdp_waves *waves, const struct mdp_slurm *slurm, FILE *stream) {
    static const int cores[] = {2, 64, 1000};
    const double length = 60 * slurm->task_minutes;
    int n_tasks = 1, n_unknown = 0;
    double seconds;
    mdp_err err = MDP_OK;
    for (int i = 0; i < waves->n; i++) n_unknown += isnan(waves->cells[i].seconds) != 0;
    for (int i = 0; i < waves->n; n_tasks++) i += mdp_waves_task(waves, i, length);
    fprintf(stream, "%d pieces in %d tasks of %d waves", waves->n, n_tasks, waves->n_waves + 1);
    for (size_t i = 0; n_unknown < waves->n && i < sizeof cores / sizeof *cores; i++) {
        MDP_TRY(mdp_waves_span(waves, length, cores[i], &seconds));
        fprintf(stream, "%s %.2f h on %d cores", i == 0 ? ", about" : ",", seconds / 3600, cores[i]);
    }
    if (n_unknown > 0 && n_unknown < waves->n) fprintf(stream, " without %d pieces that have no rate", n_unknown);
    fprintf(stream, ": sh %s/submit.sh\n", slurm->folder);
out:
    return err;
}

mdp_err mdp_slurm_write(const struct mdp_plan *plan, const struct mdp_slurm *slurm, FILE *stream) {
    struct mdp_waves waves;
    char logs[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_waves_new(plan, &waves));
    MDP_TRY(check_folder(slurm, waves.n_waves + 2));
    MDP_TRY(mdp_fsx_path(logs, "%s/log", slurm->folder));
    MDP_TRY(mdp_fsx_make_dirs(logs));
    MDP_TRY(write_rules(plan, slurm));
    MDP_TRY(write_waves(&waves, slurm));
    MDP_TRY(write_task(slurm));
    MDP_TRY(write_submit(slurm, waves.n_waves));
    MDP_TRY(say(&waves, slurm, stream));
out:
    mdp_waves_free(&waves);
    return err;
}
