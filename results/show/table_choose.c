/* tables with some of their columns. */
#include <stdlib.h>
#include <string.h>

#include "base/memstream.h"
#include "results/show/table_internal.h"

static int find_key(const struct mdp_column *columns, int n, const char *name, size_t n_name) {
    for (int j = 0; j < n; j++)
        if (strlen(columns[j].key) == n_name && memcmp(columns[j].key, name, n_name) == 0) return j;
    return -1;
}

/* the name behind one in a list, NULL behind the last */
static const char *next_name(const char *name) {
    const char *comma = strchr(name, ',');
    return comma != NULL ? comma + 1 : NULL;
}

static size_t name_length(const char *name) { return strcspn(name, ","); }

static mdp_err refuse(const char *name, const struct mdp_columns *const *columns, int n) {
    struct mdp_memstream list;
    mdp_err err = mdp_memstream_open(&list, "columns");
    if (err != MDP_OK) return err;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < columns[i]->n; j++)
            fprintf(list.stream, "%s%s", i + j > 0 ? ", " : "", columns[i]->list[j].key);
    err = mdp_memstream_close(&list, MDP_OK);
    if (err == MDP_OK)
        err = mdp_fail(MDP_E_USAGE, "option --columns: expected some of %s, found '%.*s'", list.text,
                       (int)name_length(name), name);
    free(list.text);
    return err;
}

static int is_known(const char *name, const struct mdp_columns *const *columns, int n) {
    for (int i = 0; i < n; i++)
        if (find_key(columns[i]->list, columns[i]->n, name, name_length(name)) >= 0) return 1;
    return 0;
}

mdp_err mdp_columns_check(const char *names, const struct mdp_columns *const *columns, int n) {
    for (const char *name = names; name != NULL; name = next_name(name)) {
        size_t n_name = name_length(name);
        if (!is_known(name, columns, n)) return refuse(name, columns, n);
        for (const char *other = names; other != name; other = next_name(other))
            if (name_length(other) == n_name && memcmp(other, name, n_name) == 0)
                return mdp_fail(MDP_E_USAGE, "option --columns: expected each column once, found '%.*s' again",
                                (int)n_name, name);
    }
    return MDP_OK;
}

/* the places of named columns in a table, in the order of the names */
static int find_places(const struct mdp_table *table, const char *names, int *places) {
    int n = 0;
    for (const char *name = names; name != NULL && n < table->n_columns; name = next_name(name)) {
        int j = find_key(table->columns, table->n_columns, name, name_length(name));
        if (j >= 0) places[n++] = j;
    }
    return n;
}

static void keep_cells(struct mdp_table *table, const int *places, int n, struct mdp_cell *row) {
    for (int i = 0; i < table->n_rows; i++) {
        struct mdp_cell *from = &table->cells[(size_t)i * (size_t)table->n_columns];
        for (int k = 0; k < n; k++) {
            row[k] = from[places[k]];
            from[places[k]].text = NULL;
        }
        for (int j = 0; j < table->n_columns; j++) free(from[j].text);
        memcpy(&table->cells[(size_t)i * (size_t)n], row, (size_t)n * sizeof *row);
    }
}

static void keep_columns(struct mdp_table *table, const int *places, int n, struct mdp_column *columns,
                         int *has_interval) {
    for (int k = 0; k < n; k++) {
        columns[k] = table->columns[places[k]];
        has_interval[k] = table->has_interval[places[k]];
    }
    memcpy(table->columns, columns, (size_t)n * sizeof *columns);
    memcpy(table->has_interval, has_interval, (size_t)n * sizeof *has_interval);
}

mdp_err mdp_table_choose(struct mdp_table *table, const char *names, int *n) {
    const unsigned long most = (unsigned long)table->n_columns;
    int *places = NULL, *has_interval = NULL;
    struct mdp_column *columns = NULL;
    struct mdp_cell *row = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&places, most, sizeof *places, "columns"));
    MDP_TRY(mdp_calloc(&has_interval, most, sizeof *has_interval, "columns"));
    MDP_TRY(mdp_calloc(&columns, most, sizeof *columns, "columns"));
    MDP_TRY(mdp_calloc(&row, most, sizeof *row, "columns"));
    *n = find_places(table, names, places);
    if (*n == 0) goto out;
    keep_cells(table, places, *n, row);
    keep_columns(table, places, *n, columns, has_interval);
    table->n_columns = *n;
out:
    free(places);
    free(has_interval);
    free(columns);
    free(row);
    return err;
}
