#include "results/curve_columns.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results/curve_place.h"
#include "results/episodes_fields.h"
#include "results/h5/file.h"
#include "results/h5/read.h"
#include "results/h5/write.h"

/* ---- texts: a row of bytes an evaluation, filled up with zeros ---- */

enum { TEXT_ROW_MAX = 60000 };

struct text_column {
    const char *name;
    size_t offset, room; /* of a member of mdp_episodes_info; room 0: a pointer to a JSON object of any length */
    size_t owned;        /* of the pointer that owns such a text after reading */
};

/* other machines and versions may have gone on with a run, so that no text of the head is shared */
#define HEAD_TEXT(name, room)                                                                                          \
    { #name, offsetof(struct mdp_episodes_info, head.name), room, 0 }
#define HEAD_JSON(name)                                                                                                \
    { #name, offsetof(struct mdp_episodes_info, head.name), 0, offsetof(struct mdp_episodes_info, head.owned_##name) }
static const struct text_column head_columns[] = {
    HEAD_TEXT(version, MDP_VERSION_MAX), HEAD_TEXT(machine, MDP_MACHINE_MAX), HEAD_JSON(settings), HEAD_JSON(inputs)};
enum { N_HEAD_COLUMNS = sizeof head_columns / sizeof head_columns[0] };

static const char *text_in(const struct mdp_episodes_info *info, const struct text_column *column) {
    const char *place = (const char *)info + column->offset;
    if (column->room > 0) return place;
    const char *text = *(const char *const *)(const void *)place;
    return text != NULL ? text : "{}";
}

/* a path may be of any bytes, and the head's texts are what single files say */
static mdp_err write_texts(struct mdp_h5 *file, const struct text_column *column, int n,
                           const struct mdp_episodes_info *infos) {
    size_t width = 1;
    char *rows = NULL;
    mdp_err err;
    for (int i = 0; i < n; i++) {
        size_t length = strlen(text_in(&infos[i], column));
        if (length > width) width = length;
    }
    if (width > TEXT_ROW_MAX)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected texts of at most %d bytes, found one of %zu", mdp_h5_path(file),
                        column->name, TEXT_ROW_MAX, width);
    MDP_TRY(mdp_calloc(&rows, (unsigned long)n * width + 1, 1, "texts of evaluations"));
    for (int i = 0; i < n; i++) {
        /* mending needs a zero behind the text, which the next row then takes */
        strcpy(rows + (size_t)i * width, text_in(&infos[i], column));
        if (column->room > 0) mdp_text_mend(rows + (size_t)i * width);
    }
    MDP_TRY(mdp_h5_write(file, column->name, MDP_H5_U8, MDP_H5_2D(n, (long)width), MDP_H5_COMPRESS, rows));
out:
    free(rows);
    return err;
}

/* a row has its text in front and zeros behind it */
static mdp_err take_text(const char *where, const struct text_column *column, const char *row, size_t width,
                         struct mdp_episodes_info *info) {
    size_t n = strnlen(row, width);
    char *place = (char *)info + column->offset, name[MDP_PATH_MAX];
    for (size_t k = n; k < width; k++)
        if (row[k] != 0)
            return mdp_fail(MDP_E_DATA, "%s: %s: expected zeros behind the text, found more", where, column->name);
    if (column->room == 0) {
        char *copy = strndup(row, n);
        if (copy == NULL) return mdp_fail(MDP_E_NOMEM, "%s: no memory for its texts", where);
        *(char **)(void *)place = *(char **)(void *)((char *)info + column->owned) = copy;
        snprintf(name, sizeof name, "%.900s: %s", where, column->name);
        return mdp_head_check_json(name, copy);
    }
    if (n >= column->room)
        return mdp_fail(MDP_E_DATA, "%s: %s: expected a text below %zu bytes, found %zu", where, column->name,
                        column->room, n);
    if (n > 0 && !mdp_text_is_name(row, n))
        return mdp_fail(MDP_E_DATA, "%s: %s: expected a line of plain UTF-8, found another text", where, column->name);
    memcpy(place, row, n);
    return MDP_OK;
}

static mdp_err read_texts(struct mdp_h5 *file, const struct text_column *column, int n,
                          struct mdp_episodes_info *infos) {
    struct mdp_h5_shape shape;
    char *rows = NULL, where[MDP_PATH_MAX];
    mdp_err err;
    MDP_TRY(mdp_h5_expect(file, column->name, MDP_H5_2D(n, -1)));
    MDP_TRY(mdp_h5_shape(file, column->name, &shape));
    const long width = shape.extent[1];
    if (width > TEXT_ROW_MAX)
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: %s: expected texts of at most %d bytes, found %ld", mdp_h5_path(file),
                         column->name, TEXT_ROW_MAX, width));
    MDP_TRY(mdp_h5_read_new(file, column->name, MDP_H5_U8, &shape, NULL, &rows));
    for (int i = 0; i < n; i++) {
        MDP_TRY(mdp_curve_place_path(mdp_h5_path(file), (long)infos[i].step, where));
        MDP_TRY(take_text(where, column, rows + i * width, (size_t)width, &infos[i]));
    }
out:
    free(rows);
    return err;
}

/* ---- numbers ---- */

static enum mdp_h5_type type_of(const struct mdp_episodes_field *field) {
    return field->kind == MDP_FIELD_INT ? MDP_H5_I64 : MDP_H5_U64;
}

static mdp_err write_numbers(struct mdp_h5 *file, const struct mdp_episodes_field *field, int n,
                             const struct mdp_episodes_info *infos) {
    uint64_t *values = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&values, (unsigned long)n, sizeof *values, field->name));
    for (int i = 0; i < n; i++) memcpy(&values[i], (const char *)&infos[i] + field->offset, sizeof *values);
    MDP_TRY(mdp_h5_write(file, field->name, type_of(field), MDP_H5_1D(n), MDP_H5_COMPRESS, values));
out:
    free(values);
    return err;
}

static mdp_err read_numbers(struct mdp_h5 *file, const struct mdp_episodes_field *field, int n,
                            struct mdp_episodes_info *infos) {
    uint64_t *values = NULL;
    mdp_err err;
    MDP_TRY(mdp_h5_read_new(file, field->name, type_of(field), MDP_H5_1D(n), NULL, &values));
    for (int i = 0; i < n; i++) memcpy((char *)&infos[i] + field->offset, &values[i], sizeof *values);
out:
    free(values);
    return err;
}

/* ---- all of them ---- */

static struct text_column column_of(const struct mdp_episodes_field *field) {
    return (struct text_column){field->name, field->offset, mdp_episodes_field_room(field), 0};
}

mdp_err mdp_curve_facts_write(struct mdp_h5 *file, int n, const struct mdp_episodes_info *infos) {
    const struct mdp_episodes_field *field;
    mdp_err err = MDP_OK;
    for (int i = 0; err == MDP_OK && (field = mdp_episodes_field_at(i)) != NULL; i++) {
        const struct text_column column = column_of(field);
        if (!field->is_of_step)
            err = mdp_episodes_field_write(file, field, infos);
        else
            err = column.room > 0 ? write_texts(file, &column, n, infos) : write_numbers(file, field, n, infos);
    }
    for (int i = 0; err == MDP_OK && i < N_HEAD_COLUMNS; i++) err = write_texts(file, &head_columns[i], n, infos);
    return err;
}

/* numbers before texts, whose messages name the step */
mdp_err mdp_curve_facts_read(struct mdp_h5 *file, int n, struct mdp_episodes_info *infos) {
    const struct mdp_episodes_field *field;
    mdp_err err = MDP_OK;
    for (int i = 0; err == MDP_OK && (field = mdp_episodes_field_at(i)) != NULL; i++)
        if (!field->is_of_step) err = mdp_episodes_field_read(file, field, &infos[0]);
    for (int i = 1; i < n; i++) infos[i] = infos[0];
    for (int i = 0; err == MDP_OK && (field = mdp_episodes_field_at(i)) != NULL; i++)
        if (field->is_of_step && mdp_episodes_field_room(field) == 0) err = read_numbers(file, field, n, infos);
    for (int i = 0; err == MDP_OK && (field = mdp_episodes_field_at(i)) != NULL; i++) {
        const struct text_column column = column_of(field);
        if (field->is_of_step && column.room > 0) err = read_texts(file, &column, n, infos);
    }
    for (int i = 0; err == MDP_OK && i < N_HEAD_COLUMNS; i++) err = read_texts(file, &head_columns[i], n, infos);
    return err;
}
