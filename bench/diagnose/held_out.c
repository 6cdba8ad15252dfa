#include "bench/diagnose/held_out.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "base/rng.h"
#include "results/alike.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/group.h"

static const char how[] = "'mdpbench collect TASK --seed 1 --steps 50000 --out FILE' makes data of another seed";

/* ---- data of the right kind ---- */

/* what data are collected on and by: the task, which is the behaviour policy's, and where it acted */
static const enum mdp_fact recorded[] = {MDP_FACT_TASK, MDP_FACT_ENV_ID, MDP_FACT_PHYSICS};

/* one name for a task, by which D4RL calls it, too */
static void expect(struct mdp_facts *facts, enum mdp_fact fact, const char *text) {
    struct mdp_task task;
    if (text[0] == 0 || (fact == MDP_FACT_TASK && mdp_task_label(text, &task) != MDP_OK)) return;
    mdp_facts_expect(facts, fact, fact == MDP_FACT_TASK ? task.name : text);
}

/* facts that a file records; files of other programs record fewer */
static mdp_err facts_of(const char *path, struct mdp_alike_file *out) {
    struct mdp_h5 *file = NULL;
    char *text = NULL, name[64];
    mdp_err err;
    out->facts.known = 0;
    MDP_TRY(mdp_fsx_path(out->path, "%s", path));
    MDP_TRY(mdp_h5_open(path, &file));
    for (size_t i = 0; i < sizeof recorded / sizeof recorded[0]; i++) {
        snprintf(name, sizeof name, "metadata/%s", mdp_fact_row(recorded[i])->name);
        if (!mdp_h5_exists(file, name) || mdp_h5_read_text(file, name, &text) != MDP_OK) continue;
        expect(&out->facts, recorded[i], text);
        free(text);
        text = NULL;
    }
out:
    mdp_h5_close(file);
    return err;
}

/* any data may have been trained on, under any name; held out is more of the same */
static mdp_err check_alike(const struct mdp_held_out *h) {
    struct mdp_alike_file held_out, training;
    mdp_err err;
    MDP_TRY(facts_of(h->path, &held_out));
    MDP_TRY(facts_of(h->training, &training));
    MDP_TRY(mdp_alike_check(MDP_FACTS_ALL, &training, &held_out));
out:
    return err;
}

static mdp_err open_data(const char *path, const char *what, const char *hint, const struct mdp_task *task,
                         long block_rows, struct mdp_dataset_reader **reader) {
    const struct mdp_dataset_raw *raw;
    mdp_err err;
    if (!mdp_fsx_exists(path)) MDP_TRY(mdp_fail(MDP_E_IO, "%s: expected %s, found no such file; %s", path, what, hint));
    MDP_TRY(mdp_dataset_reader_new(path, 0, block_rows, reader));
    raw = mdp_dataset_reader_head(*reader);
    err = mdp_task_check_sizes(task, path, raw->n_obs, raw->n_act);
out:
    return err;
}

/* ---- nothing in common ---- */

/* a row by its hash */
struct place {
    uint64_t hash;
    long row;
};

static uint64_t hash_floats(uint64_t hash, const float *values, int n) {
    const unsigned char *bytes = (const unsigned char *)values;
    for (size_t i = 0; i < (size_t)n * sizeof *values; i++) hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

static uint64_t hash_row(const struct mdp_dataset_raw *raw, long row) {
    uint64_t hash = hash_floats(14695981039346656037u, raw->observations + row * raw->n_obs, raw->n_obs);
    return hash_floats(hash, raw->actions + row * raw->n_act, raw->n_act);
}

static int compare_places(const void *a, const void *b) {
    uint64_t x = ((const struct place *)a)->hash, y = ((const struct place *)b)->hash;
    return (x > y) - (x < y);
}

static int is_same_row(const struct mdp_dataset_raw *a, long i, const struct mdp_dataset_raw *b, long j) {
    return memcmp(a->observations + i * a->n_obs, b->observations + j * b->n_obs, (size_t)a->n_obs * sizeof(float)) ==
               0 &&
           memcmp(a->actions + i * a->n_act, b->actions + j * b->n_act, (size_t)a->n_act * sizeof(float)) == 0;
}

static mdp_err check_block(const struct mdp_held_out *h, const char *path, const struct mdp_dataset_raw *training,
                           const struct place *places) {
    const struct mdp_dataset_raw *raw = &h->raw;
    for (long i = 0; i < training->n; i++) {
        const struct place wanted = {hash_row(training, i), i};
        const struct place *found = bsearch(&wanted, places, (size_t)raw->n, sizeof *places, compare_places);
        if (found == NULL || !is_same_row(raw, found->row, training, i)) continue;
        return mdp_fail(MDP_E_DATA,
                        "%s: expected held-out data, none of which is in %s, found row %ld there as row %ld; %s",
                        h->path, path, found->row, training->first + i, how);
    }
    return MDP_OK;
}

/* observation and action alike to the bit, which independent episodes never are */
static mdp_err check_apart(const struct mdp_held_out *h, const char *path, struct mdp_dataset_reader *training) {
    const struct mdp_dataset_raw *raw = &h->raw;
    struct mdp_dataset_raw block = {.n = 0};
    struct place *places = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&places, (unsigned long)raw->n, sizeof *places, "held-out rows"));
    for (long i = 0; i < raw->n; i++) places[i] = (struct place){hash_row(raw, i), i};
    qsort(places, (size_t)raw->n, sizeof *places, compare_places);
    do {
        MDP_TRY(mdp_dataset_reader_next(training, &block));
        MDP_TRY(check_block(h, path, &block, places));
    } while (block.n > 0);
out:
    free(places);
    return err;
}

/* ---- reading ---- */

/* what training divided rewards by */
static mdp_err measure_rewards(const char *path, double *range) {
    const struct mdp_dataset_options options = {.normalize_rewards = 1};
    struct mdp_transitions kept = {.n = 0};
    struct mdp_dataset_summary summary;
    mdp_err err = mdp_dataset_load(path, &options, &kept, NULL, &summary);
    mdp_transitions_free(&kept);
    if (err != MDP_OK) return err;
    *range = (float)(summary.max_return - summary.min_return);
    return MDP_OK;
}

/* data that modules were trained on: which they are, that no row is held out, and what they make of rewards */
static mdp_err read_training(const struct mdp_held_out *h, const char *path, const char *hint,
                             const struct mdp_task *task, uint64_t *hash, double *range) {
    struct mdp_dataset_reader *training = NULL;
    mdp_err err;
    MDP_TRY(open_data(path, "the data that the modules were trained on", hint, task, 0, &training));
    if (path == h->training) MDP_TRY(check_alike(h));
    MDP_TRY(mdp_fsx_hash(path, hash));
    MDP_TRY(check_apart(h, path, training));
    MDP_TRY(measure_rewards(path, range));
out:
    mdp_dataset_reader_free(training);
    return err;
}

mdp_err mdp_held_out_add_other(struct mdp_held_out *held_out, const char *path, const struct mdp_task *task) {
    held_out->other = path;
    return read_training(held_out, path, "option --guidance-data names it", task, &held_out->other_hash,
                         &held_out->other_range);
}

/* one state from each of n equal stretches of the file */
static mdp_err draw_states(struct mdp_held_out *h, long n_states, uint64_t seed) {
    struct mdp_rng rng = mdp_rng_stream(seed, MDP_RNG_HELD_OUT, 0, 0);
    long n_rows = h->raw.n, e = 0;
    mdp_err err;
    h->n = n_states < n_rows ? n_states : n_rows;
    MDP_TRY(mdp_calloc(&h->row, (unsigned long)h->n, sizeof *h->row, "states"));
    MDP_TRY(mdp_calloc(&h->episode, (unsigned long)h->n, sizeof *h->episode, "states"));
    for (long i = 0; i < h->n; i++) {
        long first = n_rows * i / h->n, end = n_rows * (i + 1) / h->n;
        h->row[i] = first + mdp_rng_below(&rng, (uint32_t)(end - first));
        while (h->row[i] >= h->episodes.list[e].first + h->episodes.list[e].n) e++;
        h->episode[i] = e;
    }
out:
    return err;
}

mdp_err mdp_held_out_read(const char *path, const char *training, const struct mdp_task *task, long n_states,
                          uint64_t seed, struct mdp_held_out *out) {
    mdp_err err;
    *out = (struct mdp_held_out){.path = path, .training = training};
    MDP_TRY(open_data(path, "held-out data", how, task, MDP_DATASET_ROWS_MAX, &out->reader));
    MDP_TRY(mdp_dataset_reader_next(out->reader, &out->raw));
    MDP_TRY(mdp_dataset_episodes_add(&out->episodes, &out->raw));
    MDP_TRY(mdp_dataset_episodes_finish(&out->episodes));
    MDP_TRY(mdp_fsx_hash(path, &out->hash));
    MDP_TRY(read_training(out, training, "option --data names it", task, &out->training_hash, &out->reward_range));
    MDP_TRY(draw_states(out, n_states, seed));
out:
    if (err != MDP_OK) mdp_held_out_free(out);
    return err;
}

void mdp_held_out_free(struct mdp_held_out *held_out) {
    mdp_dataset_reader_free(held_out->reader);
    mdp_dataset_episodes_free(&held_out->episodes);
    free(held_out->row);
    free(held_out->episode);
    *held_out = (struct mdp_held_out){.n = 0};
}

/* ---- returns ---- */

static double scaled(const struct mdp_held_out *h, const struct mdp_held_out_rewards *rewards, long row) {
    if (rewards != NULL) {
        int is_end = h->raw.terminals[row] && (h->raw.timeouts == NULL || !h->raw.timeouts[row]);
        return (is_end && !isnan(rewards->terminal) ? rewards->terminal : (double)h->raw.rewards[row]) / rewards->scale;
    }
    float reward = h->raw.rewards[row] / (float)h->reward_range;
    return (double)(reward * 1000.0f);
}

/* a discounted return is summed from an episode's last row back to its first */
static void returns_of(const struct mdp_held_out *h, const struct mdp_held_out_rewards *rewards,
                       const struct mdp_dataset_episode *episode, double discount, double tail, double *of_row) {
    double sum = 0, weight_behind = 1;
    for (long row = episode->first + episode->n - 1; row >= episode->first; row--) {
        sum = scaled(h, rewards, row) + discount * sum;
        weight_behind *= discount;
        of_row[row] = episode->end == 'T' || weight_behind <= tail ? sum : NAN;
    }
}

mdp_err mdp_held_out_returns(const struct mdp_held_out *held_out, const struct mdp_held_out_rewards *rewards,
                             double discount, double tail, double *returns) {
    double *of_row;
    mdp_err err = mdp_calloc(&of_row, (unsigned long)held_out->raw.n, sizeof *of_row, "returns");
    if (err != MDP_OK) return err;
    for (long e = 0; e < held_out->episodes.n; e++)
        returns_of(held_out, rewards, &held_out->episodes.list[e], discount, tail, of_row);
    for (long i = 0; i < held_out->n; i++) returns[i] = of_row[held_out->row[i]];
    free(of_row);
    return MDP_OK;
}
