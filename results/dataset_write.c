/* the streaming side of datasets: rows are gathered into blocks of one chunk each. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/dataset.h"
#include "results/h5/file.h"
#include "results/h5/read.h"
#include "results/h5/write.h"

/* rows per chunk: 416 kB of 26 observations */
enum { BLOCK_ROWS = 4096 };

#define ACTION_SLACK 1e-5f

/* one array of the file: its name, its width ([rows] if `flat`), and the rows that wait to be written */
struct column {
    const char *name;
    enum mdp_h5_type type;
    int width, flat;
    void *block; /* [BLOCK_ROWS, width] */
};

enum { OBS, ACT, REW, TERMINAL, TIMEOUT, NEXT, QPOS, QVEL, N_COLUMNS };

struct mdp_dataset_writer {
    struct mdp_h5 *file;
    struct column columns[N_COLUMNS];
    int n_columns;
    long n_block, n_rows;
};

static mdp_err add_text(struct mdp_h5 *file, const char *name, const char *text) {
    return mdp_h5_write_text(file, name, text != NULL ? text : "");
}

static mdp_err write_physics(struct mdp_h5 *file, const struct mdp_dataset_facts *facts) {
    mdp_err err;
    MDP_TRY(add_text(file, "metadata/physics", facts->physics));
    MDP_TRY(add_text(file, "metadata/physics_library", facts->physics_library));
    MDP_TRY(mdp_h5_write(file, "metadata/physics_hash", MDP_H5_U64, MDP_H5_SCALAR, MDP_H5_PLAIN, &facts->physics_hash));
out:
    return err;
}

static mdp_err write_facts(struct mdp_h5 *file, const struct mdp_dataset_facts *facts) {
    char machine[MDP_MACHINE_MAX];
    mdp_head_machine(machine);
    const char *settings = facts->settings != NULL ? facts->settings : "{}";
    const char *inputs = facts->inputs != NULL ? facts->inputs : "{}";
    mdp_err err;
    MDP_TRY(mdp_head_check_json("metadata/settings", settings));
    MDP_TRY(mdp_head_check_json("metadata/inputs", inputs));
    MDP_TRY(add_text(file, "metadata/algorithm", facts->algorithm));
    MDP_TRY(add_text(file, "metadata/policy/file", facts->policy));
    MDP_TRY(add_text(file, "metadata/task", facts->task));
    MDP_TRY(add_text(file, "metadata/env_id", facts->env_id));
    MDP_TRY(add_text(file, "metadata/reference", facts->reference));
    MDP_TRY(add_text(file, "metadata/version", MDP_VERSION));
    MDP_TRY(add_text(file, "metadata/machine", facts->machine != NULL ? facts->machine : machine));
    MDP_TRY(add_text(file, "metadata/settings", settings));
    MDP_TRY(add_text(file, "metadata/inputs", inputs));
    if (facts->isa != NULL) MDP_TRY(add_text(file, "metadata/isa", facts->isa));
    if (facts->physics != NULL) MDP_TRY(write_physics(file, facts));
    MDP_TRY(mdp_h5_write(file, "metadata/seed", MDP_H5_U64, MDP_H5_SCALAR, MDP_H5_PLAIN, &facts->seed));
out:
    return err;
}

static mdp_err start_columns(struct mdp_dataset_writer *writer) {
    for (int i = 0; i < writer->n_columns; i++) {
        struct column *column = &writer->columns[i];
        size_t size = mdp_h5_type_size(column->type) * (size_t)column->width;
        mdp_err err = mdp_calloc(&column->block, BLOCK_ROWS, size, column->name);
        if (err != MDP_OK) return err;
        err = mdp_h5_grow_new(writer->file, column->name, column->type, column->flat ? 0 : column->width, BLOCK_ROWS,
                              MDP_H5_COMPRESS);
        if (err != MDP_OK) return err;
    }
    return MDP_OK;
}

mdp_err mdp_dataset_writer_new(const char *path, int n_obs, int n_act, int n_joints,
                               const struct mdp_dataset_facts *facts, struct mdp_dataset_writer **out) {
    struct mdp_dataset_writer *writer = NULL;
    *out = NULL;
    if (n_obs < 1 || n_obs > MDP_NORMALIZER_MAX || n_act < 1 || n_act > MDP_NORMALIZER_MAX || n_joints < 0)
        return mdp_fail(MDP_E_DATA, "%s: expected 1 to %d observations and actions, found %d and %d", path,
                        MDP_NORMALIZER_MAX, n_obs, n_act);
    mdp_err err;
    MDP_TRY(mdp_calloc(&writer, 1, sizeof *writer, "dataset writer"));
    const struct column columns[N_COLUMNS] = {
        [OBS] = {"observations", MDP_H5_F32, n_obs, 0, NULL},
        [ACT] = {"actions", MDP_H5_F32, n_act, 0, NULL},
        [REW] = {"rewards", MDP_H5_F32, 1, 1, NULL},
        [TERMINAL] = {"terminals", MDP_H5_BOOL, 1, 1, NULL},
        [TIMEOUT] = {"timeouts", MDP_H5_BOOL, 1, 1, NULL},
        [NEXT] = {"next_observations", MDP_H5_F32, n_obs, 0, NULL},
        [QPOS] = {"infos/qpos", MDP_H5_F64, n_joints, 0, NULL},
        [QVEL] = {"infos/qvel", MDP_H5_F64, n_joints, 0, NULL},
    };
    memcpy(writer->columns, columns, sizeof columns);
    writer->n_columns = n_joints > 0 ? N_COLUMNS : QPOS;
    MDP_TRY(mdp_h5_create(path, &writer->file));
    MDP_TRY(write_facts(writer->file, facts));
    MDP_TRY(start_columns(writer));
    *out = writer;
    return MDP_OK;
out:
    mdp_dataset_writer_free(writer);
    return err;
}

static mdp_err flush_block(struct mdp_dataset_writer *writer) {
    for (int i = 0; i < writer->n_columns; i++) {
        const struct column *column = &writer->columns[i];
        mdp_err err = mdp_h5_grow(writer->file, column->name, column->type, writer->n_block, column->block);
        if (err != MDP_OK) return err;
    }
    writer->n_block = 0;
    return MDP_OK;
}

static mdp_err check_floats(const struct mdp_dataset_writer *writer, int i_column, const float *values, float limit) {
    for (int j = 0; j < writer->columns[i_column].width; j++)
        if (!(fabsf(values[j]) <= limit))
            return mdp_fail(MDP_E_DATA, "%s: %s: expected %s, found %g at row %ld, column %d",
                            mdp_h5_path(writer->file), writer->columns[i_column].name,
                            i_column == ACT ? "values in [-1, 1]" : "finite values", (double)values[j], writer->n_rows,
                            j);
    return MDP_OK;
}

static mdp_err check_step(const struct mdp_dataset_writer *writer, const struct mdp_dataset_step *step) {
    const float huge = 3.4028235e38f;
    mdp_err err;
    MDP_TRY(check_floats(writer, OBS, step->observation, huge));
    MDP_TRY(check_floats(writer, ACT, step->action, 1.0f + ACTION_SLACK));
    MDP_TRY(check_floats(writer, REW, &step->reward, huge));
    MDP_TRY(check_floats(writer, NEXT, step->next_observation, huge));
out:
    return err;
}

static void put_row(struct mdp_dataset_writer *writer, int i_column, const void *values) {
    struct column *column = &writer->columns[i_column];
    size_t size = mdp_h5_type_size(column->type) * (size_t)column->width;
    memcpy((char *)column->block + (size_t)writer->n_block * size, values, size);
}

mdp_err mdp_dataset_writer_add(struct mdp_dataset_writer *writer, const struct mdp_dataset_step *step) {
    mdp_err err = check_step(writer, step);
    if (err != MDP_OK) return err;
    const int8_t terminal = step->terminal != 0, timeout = step->timeout != 0;
    put_row(writer, OBS, step->observation);
    put_row(writer, ACT, step->action);
    put_row(writer, REW, &step->reward);
    put_row(writer, TERMINAL, &terminal);
    put_row(writer, TIMEOUT, &timeout);
    put_row(writer, NEXT, step->next_observation);
    if (writer->n_columns > QPOS) {
        put_row(writer, QPOS, step->qpos);
        put_row(writer, QVEL, step->qvel);
    }
    writer->n_rows++;
    return ++writer->n_block == BLOCK_ROWS ? flush_block(writer) : MDP_OK;
}

/* ---- copying ---- */

/* rows of another file, a block at a time */
struct source {
    struct mdp_h5 *file;
    struct mdp_h5_rows *rows[N_COLUMNS];
    void *blocks[N_COLUMNS];
};

static void source_close(struct source *source) {
    for (int i = 0; i < N_COLUMNS; i++) {
        mdp_h5_rows_close(source->rows[i]);
        free(source->blocks[i]);
    }
    mdp_h5_close(source->file);
}

static mdp_err source_open(struct source *source, const struct mdp_dataset_writer *writer, const char *path,
                           long *n_rows) {
    struct mdp_h5_shape shape;
    mdp_err err;
    MDP_TRY(mdp_h5_open(path, &source->file));
    MDP_TRY(mdp_h5_shape(source->file, "rewards", &shape));
    if (shape.extent[0] < *n_rows)
        MDP_TRY(
            mdp_fail(MDP_E_DATA, "%s: rewards: expected %ld rows or more, found %ld", path, *n_rows, shape.extent[0]));
    if (*n_rows < 0) *n_rows = shape.extent[0];
    for (int i = 0; i < writer->n_columns; i++) {
        const struct column *column = &writer->columns[i];
        MDP_TRY(mdp_h5_expect(source->file, column->name,
                              column->flat ? MDP_H5_1D(shape.extent[0]) : MDP_H5_2D(shape.extent[0], column->width)));
        MDP_TRY(mdp_h5_rows_open(source->file, column->name, column->type, &source->rows[i]));
        MDP_TRY(mdp_calloc(&source->blocks[i], BLOCK_ROWS, mdp_h5_type_size(column->type) * (size_t)column->width,
                           column->name));
    }
out:
    return err;
}

static struct mdp_dataset_step source_step(const struct source *source, const struct mdp_dataset_writer *writer,
                                           long i) {
    const float *const *floats = (const float *const *)(const void *)source->blocks;
    const int8_t *terminals = source->blocks[TERMINAL], *timeouts = source->blocks[TIMEOUT];
    struct mdp_dataset_step step = {.observation = floats[OBS] + i * writer->columns[OBS].width,
                                    .action = floats[ACT] + i * writer->columns[ACT].width,
                                    .next_observation = floats[NEXT] + i * writer->columns[NEXT].width,
                                    .reward = floats[REW][i],
                                    .terminal = terminals[i],
                                    .timeout = timeouts[i]};
    if (writer->n_columns == QPOS) return step;
    step.qpos = (const double *)source->blocks[QPOS] + i * writer->columns[QPOS].width;
    step.qvel = (const double *)source->blocks[QVEL] + i * writer->columns[QVEL].width;
    return step;
}

mdp_err mdp_dataset_writer_copy(struct mdp_dataset_writer *writer, const char *path, long n_rows,
                                mdp_dataset_row_hook hook, void *context) {
    struct source source = {.file = NULL};
    mdp_err err;
    MDP_TRY(source_open(&source, writer, path, &n_rows));
    for (long first = 0; first < n_rows; first += BLOCK_ROWS) {
        const long n = n_rows - first < BLOCK_ROWS ? n_rows - first : BLOCK_ROWS;
        for (int i = 0; i < writer->n_columns; i++)
            MDP_TRY(mdp_h5_rows_read(source.rows[i], first, n, source.blocks[i]));
        for (long i = 0; i < n; i++) {
            const struct mdp_dataset_step step = source_step(&source, writer, i);
            MDP_TRY(mdp_dataset_writer_add(writer, &step));
            hook(context, step.terminal || step.timeout);
        }
    }
out:
    source_close(&source);
    return err;
}

mdp_err mdp_dataset_writer_finish(struct mdp_dataset_writer *writer) {
    mdp_err err = flush_block(writer);
    return err == MDP_OK ? mdp_h5_commit(&writer->file) : err;
}

void mdp_dataset_writer_free(struct mdp_dataset_writer *writer) {
    if (writer == NULL) return;
    mdp_h5_close(writer->file);
    for (int i = 0; i < N_COLUMNS; i++) free(writer->columns[i].block);
    free(writer);
}
