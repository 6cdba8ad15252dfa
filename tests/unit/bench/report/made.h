/* tables made from synthetic runs, and looks into their JSON. used by the tests of tables. */
#ifndef MDP_TESTS_UNIT_BENCH_REPORT_MADE_H
#define MDP_TESTS_UNIT_BENCH_REPORT_MADE_H

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/experiment/read.h"
#include "bench/report/report.h"
#include "bench/report/write.h"
#include "tests/unit/bench/experiment/synthetic.h"

static const char yaml[] = "name: x\n"
                           "tasks: [halfcheetah-medium, walker2d-medium]\n"
                           "seeds: [0, 1, 2]\n"
                           "steps: 2000\n"
                           "checkpoint-every: 400\n"
                           "episodes: 4\n"
                           "runs:\n"
                           "  - {name: joint, algo: edp}\n"
                           "  - {name: gfdt, algo: edp, guidance: frozen, from: joint, seed-offset: 100}\n"
                           "arms:\n"
                           "  - {name: base, run: joint}\n"
                           "  - {name: gfdt, run: gfdt}\n"
                           "tables:\n"
                           "  - {name: gains, kind: gains, test: [gfdt], base: [base], printed: table1}\n"
                           "  - {name: variance, kind: variance, test: [gfdt], base: [base], printed: table3}\n"
                           "  - {name: end, kind: composition, test: [gfdt], base: [base], printed: composition}\n"
                           "  - {name: arms, kind: arms, test: [base, gfdt], base: [base]}\n"
                           "  - {name: profiles, kind: profiles, test: [base, gfdt]}\n"
                           "  - {name: cost, kind: cost, test: [gfdt], base: [base]}\n";

/* the experiment of the test in hand, in the test's own folder */
static struct mdp_experiments experiments;
static struct mdp_arms arms;

/** Reads an experiment into the globals above. */
static inline void open_experiment(const char *text) {
    const char *path = synthetic_file("x.yaml", text);
    CHECK(chdir(tap_temp_dir()) == 0);
    CHECK_OK(mdp_experiments_read(path, &experiments));
    CHECK_OK(mdp_arms_new(&experiments.list[0], 0, &arms));
}

/** Opens the experiment above with all its episodes. */
static inline void open_whole(void) {
    open_experiment(yaml);
    synthetic_write_all(&experiments.list[0], synthetic_usual);
}

/** Frees what was opened. */
static inline void close_experiment(void) {
    mdp_arms_free(&arms);
    mdp_experiments_free(&experiments);
}

/** Makes one of a report's tables as JSON, which has every digit. Nullable: texts. Owns: caller. */
static inline json_t *make(int i_spec, enum mdp_report_mode mode, const struct mdp_choice_texts *texts, int i_table) {
    struct mdp_report report = {.arms = &arms, .spec = &experiments.list[0].file.tables[i_spec]};
    struct mdp_report_tables tables;
    char *text = NULL;
    size_t size;
    mdp_choices_defaults(mode, &report.choices);
    if (texts != NULL) CHECK_OK(mdp_choices_set(&report.choices, texts));
    CHECK_OK(mdp_report_make(&report, &tables));
    CHECK(i_table < tables.n);
    FILE *stream = open_memstream(&text, &size);
    CHECK_OK(mdp_table_write(tables.list[i_table].table, MDP_TABLE_JSON, stream));
    fclose(stream);
    mdp_report_tables_free(&tables);
    json_t *root = json_loads(text, 0, NULL);
    free(text);
    CHECK(root != NULL);
    return root;
}

/** Returns a cell, which is there; borrowed. */
static inline json_t *cell(const json_t *root, int i_row, const char *key) {
    json_t *row = json_array_get(json_object_get(root, "rows"), (size_t)i_row), *value = json_object_get(row, key);
    if (value == NULL) fprintf(stderr, "row %d has no %s\n", i_row, key);
    CHECK(value != NULL);
    return value;
}

/** Returns a cell that is a number. */
static inline double number(const json_t *root, int i_row, const char *key) {
    json_t *value = cell(root, i_row, key);
    if (!json_is_number(value)) fprintf(stderr, "row %d: %s is no number\n", i_row, key);
    CHECK(json_is_number(value));
    return json_number_value(value);
}

/** Returns a cell's text, NULL if it has none; borrowed. */
static inline const char *text_of(const json_t *root, int i_row, const char *key) {
    return json_string_value(cell(root, i_row, key));
}

/** Counts the rows. */
static inline int n_rows(const json_t *root) { return (int)json_array_size(json_object_get(root, "rows")); }

/* a value and where it stands */
struct expected {
    int i_row;
    const char *key;
    double value;
};

/** Checks numbers to a relative tolerance. Shapes: list [n]. */
static inline void check_all(const json_t *root, const struct expected *list, int n, double tol) {
    for (int i = 0; i < n; i++) {
        double got = number(root, list[i].i_row, list[i].key);
        if (!(fabs(got - list[i].value) <= tol * fmax(1, fabs(list[i].value))))
            fprintf(stderr, "row %d: %s: expected %.15g, found %.15g\n", list[i].i_row, list[i].key, list[i].value,
                    got);
        CHECK_CLOSE(got, list[i].value, tol * fmax(1, fabs(list[i].value)));
    }
}
#define CHECK_ALL(root, list, tol) check_all(root, list, sizeof list / sizeof list[0], tol)

/** Returns 1 if exactly one note has that part. */
static inline int has_note(const json_t *root, const char *part) {
    const json_t *notes = json_object_get(root, "notes");
    int n = 0;
    for (size_t i = 0; i < json_array_size(notes); i++)
        n += strstr(json_string_value(json_array_get(notes, i)), part) != NULL;
    return n == 1;
}

#endif
