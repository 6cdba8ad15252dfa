#include "bench/experiment/schema.h"

#include <stddef.h>

#include "bench/experiment/experiment.h"

enum { MOST_ENTRIES = 256, MOST_TEXT = 200 };

#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define TEXT(key, flags, type, member)                                                                                 \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), type, member, 1, MOST_TEXT)
#define LIST(key, type, member, entry) CYAML_FIELD_SEQUENCE(key, OPTIONAL, type, member, &(entry), 1, MOST_ENTRIES)
#define NUMBER(key, type, member) CYAML_FIELD_INT(key, CYAML_FLAG_OPTIONAL, type, member)
#define NAMED(key, flags, type, member, names)                                                                         \
    CYAML_FIELD_ENUM(key, flags, type, member, names, sizeof names / sizeof names[0])

#define PAIR(kind, name, text) {text, kind##_##name},
#define MODE(name, text, trains, loads, what) PAIR(MDP_MODE, name, text)
#define AT(name, text) PAIR(MDP_AT, name, text)
#define TABLE_KIND(name, text) PAIR(MDP_TABLE_KIND, name, text)
#define FIGURE_KIND(name, text) PAIR(MDP_FIGURE_KIND, name, text)
static const cyaml_strval_t modes[] = {MDP_MODE_LIST(MODE)};
static const cyaml_strval_t ats[] = {MDP_AT_LIST(AT)};
static const cyaml_strval_t table_kinds[] = {MDP_TABLE_KIND_LIST(TABLE_KIND)};
static const cyaml_strval_t figure_kinds[] = {MDP_FIGURE_KIND_LIST(FIGURE_KIND)};

static const cyaml_schema_value_t text = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, MOST_TEXT)};
static const cyaml_schema_value_t seed = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint64_t)};

static const cyaml_schema_field_t run_fields[] = {
    TEXT("name", 0, struct mdp_run_spec, name),
    TEXT("algo", CYAML_FLAG_OPTIONAL, struct mdp_run_spec, algo),
    TEXT("guidance-only", CYAML_FLAG_OPTIONAL, struct mdp_run_spec, guidance_only),
    /* all but the last, which is what guidance-only means */
    CYAML_FIELD_ENUM("guidance", CYAML_FLAG_OPTIONAL, struct mdp_run_spec, guidance, modes, MDP_MODE_GUIDANCE),
    TEXT("from", CYAML_FLAG_OPTIONAL, struct mdp_run_spec, from),
    NUMBER("seed-offset", struct mdp_run_spec, seed_offset),
    NUMBER("seed-shift", struct mdp_run_spec, seed_shift),
    TEXT("noise", CYAML_FLAG_OPTIONAL, struct mdp_run_spec, noise),
    CYAML_FIELD_FLOAT_PTR("eta", OPTIONAL, struct mdp_run_spec, eta),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t run = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct mdp_run_spec, run_fields)};

static const cyaml_schema_field_t arm_fields[] = {
    TEXT("name", 0, struct mdp_arm_spec, name),
    TEXT("title", CYAML_FLAG_OPTIONAL, struct mdp_arm_spec, title),
    TEXT("run", 0, struct mdp_arm_spec, run),
    TEXT("guidance", CYAML_FLAG_OPTIONAL, struct mdp_arm_spec, guidance),
    NUMBER("seed-offset", struct mdp_arm_spec, seed_offset),
    NUMBER("seed-shift", struct mdp_arm_spec, seed_shift),
    NAMED("at", CYAML_FLAG_OPTIONAL, struct mdp_arm_spec, at, ats),
    NUMBER("candidates", struct mdp_arm_spec, candidates),
    NUMBER("sampling-steps", struct mdp_arm_spec, sampling_steps),
    CYAML_FIELD_FLOAT_PTR("w-t", OPTIONAL, struct mdp_arm_spec, w_t),
    CYAML_FIELD_FLOAT_PTR("lambda", OPTIONAL, struct mdp_arm_spec, lambda),
    CYAML_FIELD_FLOAT_PTR("temperature", OPTIONAL, struct mdp_arm_spec, temperature),
    TEXT("solver", CYAML_FLAG_OPTIONAL, struct mdp_arm_spec, solver),
    NUMBER("langevin-steps", struct mdp_arm_spec, langevin_steps),
    CYAML_FIELD_FLOAT_PTR("langevin-step-size", OPTIONAL, struct mdp_arm_spec, langevin_step_size),
    CYAML_FIELD_INT_PTR("langevin-time", OPTIONAL, struct mdp_arm_spec, langevin_time),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t arm = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct mdp_arm_spec, arm_fields)};

#define CHOICE(member, key, ...) TEXT(key, CYAML_FLAG_OPTIONAL, struct mdp_choice_texts, member),
static const cyaml_schema_field_t choice_fields[] = {MDP_CHOICE_LIST(CHOICE) CYAML_FIELD_END};

static const cyaml_schema_field_t table_fields[] = {
    TEXT("name", 0, struct mdp_table_spec, name),
    TEXT("title", CYAML_FLAG_OPTIONAL, struct mdp_table_spec, title),
    NAMED("kind", CYAML_FLAG_DEFAULT, struct mdp_table_spec, kind, table_kinds),
    LIST("test", struct mdp_table_spec, test, text),
    LIST("base", struct mdp_table_spec, base, text),
    TEXT("printed", CYAML_FLAG_OPTIONAL, struct mdp_table_spec, printed),
    CYAML_FIELD_MAPPING("choices", CYAML_FLAG_OPTIONAL, struct mdp_table_spec, choices, choice_fields),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t table = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct mdp_table_spec, table_fields)};

static const cyaml_schema_field_t panel_fields[] = {
    TEXT("title", CYAML_FLAG_OPTIONAL, struct mdp_panel_spec, title),
    LIST("arms", struct mdp_panel_spec, arms, text),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t panel = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct mdp_panel_spec, panel_fields)};

static const cyaml_schema_field_t figure_fields[] = {
    TEXT("name", 0, struct mdp_figure_spec, name),
    TEXT("title", CYAML_FLAG_OPTIONAL, struct mdp_figure_spec, title),
    NAMED("kind", CYAML_FLAG_OPTIONAL, struct mdp_figure_spec, kind, figure_kinds),
    CYAML_FIELD_SEQUENCE("panels", CYAML_FLAG_POINTER, struct mdp_figure_spec, panels, &panel, 1, 8),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t figure = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct mdp_figure_spec, figure_fields)};

#define TOP(macro, key, ...) macro(key, struct mdp_experiment_file, __VA_ARGS__)
#define TOP_TEXT(key, flags, member) TEXT(key, flags, struct mdp_experiment_file, member)
static const cyaml_schema_field_t file_fields[] = {
    TOP_TEXT("name", 0, name),
    TOP_TEXT("title", CYAML_FLAG_OPTIONAL, title),
    TOP(LIST, "parts", parts, text),
    TOP_TEXT("folder", CYAML_FLAG_OPTIONAL, folder),
    TOP_TEXT("data", CYAML_FLAG_OPTIONAL, data),
    TOP_TEXT("behavior", CYAML_FLAG_OPTIONAL, behavior),
    TOP(NUMBER, "transitions", transitions),
    TOP(LIST, "tasks", tasks, text),
    TOP(LIST, "seeds", seeds, seed),
    TOP(NUMBER, "steps", steps),
    TOP(NUMBER, "checkpoint-every", checkpoint_every),
    TOP(NUMBER, "evaluate-every", evaluate_every),
    TOP(NUMBER, "batch", batch),
    TOP_TEXT("precision", CYAML_FLAG_OPTIONAL, precision),
    TOP_TEXT("evaluation-precision", CYAML_FLAG_OPTIONAL, evaluation_precision),
    TOP(NUMBER, "episodes", episodes),
    CYAML_FIELD_UINT_PTR("evaluation-seed", OPTIONAL, struct mdp_experiment_file, evaluation_seed),
    TOP(NUMBER, "candidates", candidates),
    TOP(LIST, "actors", actors, text),
    TOP(LIST, "runs", runs, run),
    TOP(LIST, "arms", arms, arm),
    TOP(LIST, "tables", tables, table),
    TOP(LIST, "figures", figures, figure),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t file = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct mdp_experiment_file, file_fields)};

static const struct mdp_yaml_range ranges[] = {
    {"transitions", 2, 5e7, "transitions"},
    {"steps", 1, 1e8, "gradient steps"},
    {"checkpoint-every", 1, 1e8, "gradient steps"},
    {"evaluate-every", 1, 1e8, "gradient steps"},
    {"batch", 1, 65536, "transitions"},
    {"episodes", 1, 1e6, "episodes"},
    {"evaluation-seed", 0, 9e18, NULL},
    {"seeds[]", 0, 9e18, NULL},
    {"candidates", 1, 4096, "candidates"},
    {"runs[].seed-offset", 0, 1e6, NULL},
    {"runs[].seed-shift", 0, 1e3, "seeds"},
    {"runs[].eta", 0, 1e6, NULL},
    {"arms[].seed-offset", 0, 1e6, NULL},
    {"arms[].seed-shift", 0, 1e3, "seeds"},
    {"arms[].candidates", 1, 4096, "candidates"},
    {"arms[].sampling-steps", 1, 1000, "steps"},
    {"arms[].w-t", 0, 1e9, NULL},
    {"arms[].lambda", 0, 1e3, NULL},
    {"arms[].temperature", 0, 100, NULL},
    {"arms[].langevin-steps", 1, 1000, "steps"},
    {"arms[].langevin-step-size", 1e-12, 1e3, NULL},
    {"arms[].langevin-time", 0, 255, NULL},
};

const struct mdp_yaml_schema mdp_experiment_schema = {&file, ranges, sizeof ranges / sizeof ranges[0]};
