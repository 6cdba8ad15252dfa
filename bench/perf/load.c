#include "bench/perf/load.h"

#include <string.h>
#include <sys/stat.h>

#include "base/fsx.h"
#include "base/rng.h"
#include "bench/perf/child.h"
#include "results/dataset.h"
#include "results/episodes.h"

/* HalfCheetah's sizes */
enum { N_ROWS = 50000, N_OBS = 26, N_ACT = 6 };

enum { N_EPISODES = 50, N_FILES_AT_ONCE = 100 };

/* a file and how reading it went */
struct reading {
    char path[MDP_PATH_MAX];
    long n_bytes;
    mdp_err err;
    struct mdp_temp made_up; /* where there is no file of the user's */
};

/* ---- a dataset ---- */

static mdp_err add_rows(struct mdp_dataset_writer *writer) {
    struct mdp_rng rng = mdp_rng_stream(0, MDP_RNG_RESET, 0, 0);
    mdp_err err = MDP_OK;
    for (int i = 0; i < N_ROWS && err == MDP_OK; i++) {
        float observations[2][N_OBS], action[N_ACT];
        mdp_rng_normal(&rng, observations[0], 2L * N_OBS);
        for (int k = 0; k < N_ACT; k++) action[k] = (float)(2 * mdp_rng_uniform(&rng) - 1);
        const struct mdp_dataset_step step = {.observation = observations[0],
                                              .action = action,
                                              .next_observation = observations[1],
                                              .reward = observations[0][0],
                                              .timeout =
                                                  i % MDP_DATASET_EPISODE_STEPS == MDP_DATASET_EPISODE_STEPS - 1};
        err = mdp_dataset_writer_add(writer, &step);
    }
    return err;
}

static mdp_err make_up(struct reading *reading) {
    mdp_err err;
    struct mdp_dataset_writer *writer = NULL;
    const struct mdp_dataset_facts facts = {.task = "made-up"};
    MDP_TRY(mdp_temp_open_aside("mdpbench-perf.hdf5", &reading->made_up));
    strcpy(reading->path, reading->made_up.path);
    MDP_TRY(mdp_dataset_writer_new(reading->path, N_OBS, N_ACT, 0, &facts, &writer));
    MDP_TRY(add_rows(writer));
    MDP_TRY(mdp_dataset_writer_finish(writer));
out:
    mdp_dataset_writer_free(writer);
    return err;
}

static mdp_err load(void *context) {
    const struct reading *reading = context;
    const struct mdp_dataset_options options = {.normalize_rewards = 1, .normalize_observations = 1};
    struct mdp_transitions transitions = {.n = 0};
    struct mdp_normalizer normalizer;
    mdp_err err = mdp_dataset_load(reading->path, &options, &transitions, &normalizer, NULL);
    if (err == MDP_OK) mdp_transitions_free(&transitions);
    return err;
}

static long work_load(void *context) {
    struct reading *reading = context;
    mdp_err err = load(reading);
    if (reading->err == MDP_OK) reading->err = err;
    return reading->n_bytes;
}

static mdp_err measure(const struct mdp_perf_options *options, struct reading *reading,
                       struct mdp_perf_results *results) {
    mdp_err err;
    double bytes = 0;
    struct stat info;
    struct mdp_perf_item item = {.name = "load/dataset", .work = work_load, .context = reading};
    if (stat(reading->path, &info) != 0) return mdp_fail(MDP_E_IO, "%s: cannot open", reading->path);
    reading->n_bytes = (long)info.st_size;
    if (options->names == NULL) MDP_TRY(load(reading));
    if (mdp_perf_is_timed(options)) MDP_TRY(mdp_perf_memory(item.name, load, reading, &bytes));
    MDP_TRY(mdp_perf_measure_in_turn(options, &item, 1));
    MDP_TRY(reading->err);
    if (!mdp_perf_is_timed(options)) return MDP_OK;
    MDP_TRY(mdp_perf_add_rates(results, &item, "MB/s", 1, 1e-6));
    MDP_TRY(mdp_perf_add_one(results, item.name, "/memory", "bytes", bytes));
out:
    return err;
}

static mdp_err load_dataset(const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    mdp_err err;
    struct reading reading = {.path = "", .made_up = MDP_TEMP_NONE};
    if (!mdp_perf_is_wanted(options, "load/dataset")) return MDP_OK;
    MDP_TRY(options->data != NULL ? mdp_fsx_path(reading.path, "%s", options->data) : make_up(&reading));
    MDP_TRY(measure(options, &reading, results));
out:
    mdp_temp_discard(&reading.made_up);
    return err;
}

/* ---- episodes ---- */

/* an episodes file and how reading it went */
struct evaluation {
    struct mdp_temp made_up;
    mdp_err err;
};

static mdp_err make_up_episodes(const char *path) {
    const struct mdp_episodes_info info = {
        .task = "made-up", .reference = "made-up", .ref_max = 1, .candidates = 1, .step = -1};
    struct mdp_episodes episodes;
    mdp_err err = mdp_episodes_alloc(&episodes, N_EPISODES);
    if (err != MDP_OK) return err;
    for (int i = 0; i < N_EPISODES; i++) episodes.indices[i] = i;
    err = mdp_episodes_write(path, &info, &episodes, MDP_PUBLISH_REPLACE);
    mdp_episodes_free(&episodes);
    return err;
}

static long work_episodes(void *context) {
    struct evaluation *evaluation = context;
    for (int i = 0; i < N_FILES_AT_ONCE; i++) {
        struct mdp_episodes_info info;
        struct mdp_episodes episodes;
        mdp_err err = mdp_episodes_read(evaluation->made_up.path, &info, &episodes);
        if (evaluation->err == MDP_OK) evaluation->err = err;
        if (err != MDP_OK) continue;
        mdp_episodes_free(&episodes);
        mdp_episodes_info_free(&info);
    }
    return N_FILES_AT_ONCE;
}

static mdp_err load_episodes(const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    mdp_err err;
    struct evaluation evaluation = {MDP_TEMP_NONE, MDP_OK};
    struct mdp_perf_item item = {.name = "load/episodes", .work = work_episodes, .context = &evaluation};
    if (!mdp_perf_is_wanted(options, item.name)) return MDP_OK;
    MDP_TRY(mdp_temp_open_aside("mdpbench-perf.episodes.h5", &evaluation.made_up));
    MDP_TRY(make_up_episodes(evaluation.made_up.path));
    MDP_TRY(mdp_perf_measure_in_turn(options, &item, 1));
    MDP_TRY(evaluation.err);
    if (mdp_perf_is_timed(options)) MDP_TRY(mdp_perf_add_rates(results, &item, "files/s", 1, 1));
out:
    mdp_temp_discard(&evaluation.made_up);
    return err;
}

mdp_err mdp_perf_load(const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    mdp_err err = load_dataset(options, results);
    return err == MDP_OK ? load_episodes(options, results) : err;
}

/* ---- the program ---- */

/* its last start */
struct starting {
    struct mdp_perf_ended ended;
    mdp_err err;
};

static long work_start(void *context) {
    static char *const arguments[] = {"mdpbench", "--version", NULL};
    const struct mdp_perf_program self = {"/proc/self/exe", arguments, NULL, 0};
    struct starting *s = context;
    mdp_err err = mdp_perf_program_run(&self, &s->ended);
    if (err == MDP_OK && s->ended.status != 0)
        err = mdp_fail(MDP_E_IO, "perf start: 'mdpbench --version' ended with status %d", s->ended.status);
    if (s->err == MDP_OK) s->err = err;
    return 1;
}

mdp_err mdp_perf_start(const struct mdp_perf_options *options, struct mdp_perf_results *results) {
    mdp_err err;
    struct starting starting = {.err = MDP_OK};
    struct mdp_perf_item item = {.name = "start/time", .work = work_start, .context = &starting};
    if (!mdp_perf_is_timed(options) || !mdp_perf_is_wanted(options, item.name)) return MDP_OK;
    MDP_TRY(mdp_perf_measure_in_turn(options, &item, 1));
    MDP_TRY(starting.err);
    for (int i = 0; i < MDP_PERF_N_REPETITIONS; i++) item.rates[i] = 1 / item.rates[i];
    MDP_TRY(mdp_perf_add_rates(results, &item, "ms", 1, 1e3));
    MDP_TRY(mdp_perf_add_one(results, "start", "/memory", "bytes", starting.ended.bytes));
out:
    return err;
}
