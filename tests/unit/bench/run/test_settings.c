/* every row of the stages' settings, wherever it is walked: default, text, command, file name, recorded JSON; and what
 * is refused because it would mean nothing */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/learner.h"
#include "bench/run/settings.h"
#include "results/alike.h"
#include "tests/settings.h"

static const struct {
    const char *name;
    const struct mdp_settings *table;
} tables[] = {{"evaluation", &mdp_eval_table}, {"training", &mdp_train_table}, {"collection", &mdp_collect_table}};
enum { N_TABLES = sizeof tables / sizeof tables[0] };

/* two structs of the table at hand */
static union {
    struct mdp_eval_settings eval;
    struct mdp_training train;
    struct mdp_collection collect;
} a, b;
static struct mdp_setting_list as, bs;

static void begin(int t) {
    memset(&a, 0x55, sizeof a);
    memset(&b, 0x55, sizeof b);
    mdp_settings_defaults(tables[t].table, &a);
    mdp_settings_defaults(tables[t].table, &b);
    mdp_settings_list(tables[t].table, 0, &a, &as);
    mdp_settings_list(tables[t].table, 0, &b, &bs);
}

/* two values of a row that are not its default */
static void samples(const struct mdp_setting *row, char text[2][64]) {
    static const double shares[] = {1.0 / 3, 0.7};
    int n = 0;
    for (int i = 0; i < 2; i++) {
        if (row->names != NULL) {
            const struct mdp_names *names = row->names();
            if (n < names->n && row->fallback != NULL && strcmp(mdp_names_at(names, n), row->fallback) == 0) n++;
            snprintf(text[i], 64, "%s", mdp_names_at(names, n < names->n ? n : names->n - 1));
            n++;
        } else if (row->kind == MDP_TEXT) {
            snprintf(text[i], 64, "text%d", i);
        } else if (row->kind == MDP_FLAG) {
            snprintf(text[i], 64, "true");
        } else if (row->kind == MDP_SIZE) {
            snprintf(text[i], 64, "%dGB", i + 2);
        } else if (row->kind == MDP_REAL) {
            snprintf(text[i], 64, "%.17g", row->low + shares[i] * (row->high - row->low));
        } else {
            double high = row->high > 0 ? row->high : 1e6;
            snprintf(text[i], 64, "%.0f", ceil(row->low + shares[i] * (high - row->low)));
        }
    }
}

static void say(int t, const struct mdp_setting *row) { fprintf(stderr, "%s: %s\n", tables[t].name, row->name); }

/* ---- rows ---- */

/* what nobody says is what the row says, or nothing at all */
static void test_defaults(void) {
    for (int t = 0; t < N_TABLES; t++) {
        begin(t);
        CHECK(as.n == tables[t].table->n && as.n <= 64);
        for (int i = 0; i < as.n; i++) {
            const struct mdp_setting *row = as.rows[i].row;
            say(t, row);
            CHECK(!mdp_setting_is_given(&as.rows[i]) && row->help != NULL);
            for (int k = 0; k < i; k++) CHECK(strcmp(as.rows[k].row->name, row->name) != 0);
            if (row->fallback != NULL && strcmp(row->fallback, MDP_ALL_PROCESSORS) != 0)
                CHECK(mdp_setting_is(&as.rows[i], row->fallback));
            else if (row->kind != MDP_FLAG && row->kind != MDP_SEED && row->fallback == NULL)
                CHECK(!mdp_setting_has_value(&as.rows[i]));
        }
        check_spelling(tables[t].table);
    }
}

/* a value as text is the value again */
static void test_texts(void) {
    char text[2][64], shown[MDP_NUMBER_MAX];
    for (int t = 0; t < N_TABLES; t++) {
        begin(t);
        for (int i = 0; i < as.n; i++) {
            say(t, as.rows[i].row);
            samples(as.rows[i].row, text);
            CHECK_OK(mdp_setting_set(&as.rows[i], text[0]));
            CHECK(mdp_setting_is_given(&as.rows[i]) && mdp_setting_has_value(&as.rows[i]));
            if (as.rows[i].row->kind == MDP_SIZE) continue; /* shown in bytes */
            CHECK_OK(mdp_setting_set(&bs.rows[i], mdp_setting_text(&as.rows[i], shown)));
            CHECK(mdp_setting_equal(&as.rows[i], &bs.rows[i]));
        }
    }
}

static char *command_of(const struct mdp_settings *table, const void *base) {
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    CHECK(stream != NULL);
    mdp_settings_put_command(table, 0, base, stream);
    CHECK(fclose(stream) == 0);
    return text;
}

/* a command says what is no default, as an option that means the same */
static void test_commands(void) {
    char text[2][64], part[MDP_NUMBER_MAX + 64], shown[MDP_NUMBER_MAX];
    for (int t = 0; t < N_TABLES; t++) {
        begin(t);
        for (int i = 0; i < as.n; i++) {
            const struct mdp_setting *row = as.rows[i].row;
            if (row->kind == MDP_FLAG || row->kind == MDP_SIZE || row->takers == 0) continue;
            say(t, row);
            begin(t);
            snprintf(part, sizeof part, " --%s ", row->name);
            char *before = command_of(tables[t].table, &a);
            CHECK((strstr(before, part) != NULL) == ((row->takers & MDP_FOR_PLAN) != 0));
            samples(row, text);
            CHECK_OK(mdp_setting_set(&as.rows[i], text[0]));
            snprintf(part, sizeof part, " --%s %s", row->name, mdp_setting_text(&as.rows[i], shown));
            char *after = command_of(tables[t].table, &a);
            CHECK(strstr(after, part) != NULL);
            free(before);
            free(after);
        }
    }
}

/* ---- names of files ---- */

static void label_of(char label[256]) {
    label[0] = 0;
    CHECK_OK(mdp_settings_append_label(&mdp_eval_table, 0, &a, 256, label));
}

/* the value stands behind the row's mark, and whoever reads it there finds the value; other values have other names */
static void test_labels(void) {
    char text[2][64], label[256], other[256], seen[64][256];
    int n_seen = 0;
    begin(0);
    for (int i = 0; i < as.n; i++) {
        const struct mdp_setting *row = as.rows[i].row;
        begin(0);
        label_of(label);
        CHECK_STR(label, "");
        samples(row, text);
        CHECK_OK(mdp_setting_set(&as.rows[i], text[0]));
        label_of(label);
        CHECK((label[0] != 0) == (row->mark != NULL));
        if (row->mark == NULL) continue;
        say(0, row);
        CHECK(strncmp(label, row->mark, strlen(row->mark)) == 0);
        CHECK_OK(mdp_setting_set(&bs.rows[i], label + strlen(row->mark)));
        CHECK(mdp_setting_equal(&as.rows[i], &bs.rows[i]));
        if (row->names == NULL || row->names()->n > 2) {
            CHECK_OK(mdp_setting_set(&as.rows[i], text[1]));
            label_of(other);
            CHECK(strcmp(label, other) != 0);
        }
        for (int k = 0; k < n_seen; k++) CHECK(strcmp(seen[k], label) != 0);
        strcpy(seen[n_seen++], label);
        CHECK(strspn(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-") == strlen(label));
    }
    CHECK(n_seen >= 11);
}

/* in the order in which 0.1.0 wrote them; what does not fit is refused rather than cut */
static void test_label_of_all(void) {
    static const char *const given[][2] = {
        {"candidates", "8"},          {"solver", "ddim"},      {"sampling-steps", "4"},         {"w-t", "2.5"},
        {"lambda", "0.25"},           {"langevin-steps", "9"}, {"langevin-step-size", "0.002"}, {"langevin-time", "0"},
        {"guide", "clean"},           {"guide-weight", "2.5"}, {"guide-schedule", "linear"},    {"temperature", "0"},
        {"precision", "bf16-avx512"},
    };
    static const char all[] = ".n8.ddim.k4.w2.5.lambda0.25.cleanx2.5-linear.langevin9x0.002-0.t0.bf16-avx512";
    char label[256], tight[sizeof all];
    begin(0);
    for (unsigned i = 0; i < sizeof given / sizeof given[0]; i++)
        CHECK_OK(mdp_setting_set(mdp_setting_find(&as, given[i][0]), given[i][1]));
    label_of(label);
    CHECK_STR(label, all);
    tight[0] = 0;
    CHECK_OK(mdp_settings_append_label(&mdp_eval_table, 0, &a, sizeof tight, tight));
    tight[0] = 0;
    CHECK_FAILS(mdp_settings_append_label(&mdp_eval_table, 0, &a, sizeof tight - 1, tight), MDP_E_USAGE,
                "expected at most 76 bytes of settings in a file's name");
}

/* ---- recorded settings ---- */

enum { ALL_NEEDS = (1 << MDP_N_NEEDS) - 1 };

static json_t *record(const struct mdp_settings *table, const void *base, unsigned holds) {
    json_t *object = json_object();
    CHECK_OK(mdp_settings_record(table, base, holds, object));
    return object;
}

/* gives a row a value, with what it means something beside; texts are borrowed */
static void give(const struct mdp_setting_list *list, const struct mdp_setting_at *setting, const char *text) {
    enum { DEPTH = 4 };
    static char beside[DEPTH][2][64];
    CHECK_OK(mdp_setting_set(setting, text));
    /* what bends steps has a weight */
    if (strncmp(setting->row->name, "guide", 5) == 0)
        CHECK_OK(mdp_setting_set(mdp_setting_find(list, "guide-weight"), "2"));
    CHECK_OK(mdp_setting_set(setting, text));
    for (int i = 0; i < DEPTH && setting->row->beside != NULL; i++) {
        setting = mdp_setting_find(list, setting->row->beside);
        if (mdp_setting_is_given(setting)) return;
        samples(setting->row, beside[i]);
        CHECK_OK(mdp_setting_set(setting, beside[i][0]));
    }
}

/* what is recorded is what was wanted; with another value it is refused by the name of the setting */
static void test_recorded(void) {
    char text[2][64];
    for (int t = 0; t < N_TABLES; t++) {
        const struct mdp_settings *table = tables[t].table;
        begin(t);
        for (int i = 0, n = as.n; i < n; i++) {
            const struct mdp_setting *row = as.rows[i].row;
            if (row->json == NULL) continue;
            say(t, row);
            begin(t);
            samples(row, text);
            give(&as, &as.rows[i], text[0]);
            give(&bs, &bs.rows[i], text[0]);
            json_t *object = record(table, &a, ALL_NEEDS);
            CHECK_OK(mdp_settings_check_recorded(table, &b, ALL_NEEDS, "x.h5", object));
            CHECK_OK(mdp_setting_set(&bs.rows[i], text[1]));
            if (!mdp_setting_equal(&as.rows[i], &bs.rows[i])) {
                CHECK_FAILS(mdp_settings_check_recorded(table, &b, ALL_NEEDS, "x.h5", object), MDP_E_USAGE, row->json);
                CHECK(strstr(mdp_err_message(), "x.h5 was made with other settings") != NULL);
            }
            json_decref(object);
        }
    }
}

/* what 0.1.0 recorded. files of before do not name what came later: it is recorded only where it does something */
static void test_files_of_before(void) {
    static const char *const known[] = {
        "actor",  "episodes",    "seed",      "candidates",    "solver",   "sampling_steps", "w_T",
        "lambda", "temperature", "precision", "return_rule",   "task",     "algo",           "mode",
        "noise",  "eta",         "batch",     "learning_rate", "lr_steps", "steps",
    };
    static const struct mdp_names names = MDP_NAMES_OF_TEXTS(known);
    for (int t = 0; t < N_TABLES; t++) {
        begin(t);
        json_t *object = record(tables[t].table, &a, ALL_NEEDS);
        const char *key;
        json_t *value;
        json_object_foreach(object, key, value) {
            fprintf(stderr, "%s records %s\n", tables[t].name, key);
            CHECK(mdp_names_index(&names, key) >= 0);
        }
        json_decref(object);
        for (int i = 0; i < as.n; i++)
            if (as.rows[i].row->json != NULL && mdp_names_index(&names, as.rows[i].row->json) < 0)
                CHECK_INT(as.rows[i].row->recorded, MDP_RECORDED_WHERE_USED);
    }
}

/* Langevin steps are an object of their own, and absent from files without any */
static void test_recorded_within(void) {
    begin(0);
    json_t *none = record(&mdp_eval_table, &a, ALL_NEEDS);
    CHECK(json_object_get(none, "langevin") == NULL);
    CHECK_OK(mdp_setting_set(mdp_setting_find(&as, "langevin-steps"), "5"));
    CHECK_OK(mdp_setting_set(mdp_setting_find(&as, "langevin-step-size"), "0.5"));
    json_t *some = record(&mdp_eval_table, &a, ALL_NEEDS), *langevin = json_object_get(some, "langevin");
    CHECK_INT(json_object_size(langevin), 2);
    CHECK_INT(json_integer_value(json_object_get(langevin, "steps")), 5);
    CHECK_FAILS(mdp_settings_check_recorded(&mdp_eval_table, &a, ALL_NEEDS, "x.h5", none), MDP_E_USAGE,
                "langevin.steps: expected 5, found none");
    CHECK_FAILS(mdp_settings_check_recorded(&mdp_eval_table, &b, ALL_NEEDS, "x.h5", some), MDP_E_USAGE,
                "langevin.steps: expected none, found 5");
    json_decref(none);
    json_decref(some);
}

/* a behaviour policy has neither solver nor lambda, and what is not known of a file is no difference */
static void test_recorded_where_meant(void) {
    begin(0);
    a.eval.w_t = 3;
    json_t *object = record(&mdp_eval_table, &a, MDP_WITH_BEHAVIOR);
    CHECK(json_object_get(object, "lambda") == NULL && json_object_get(object, "temperature") != NULL);
    CHECK_OK(mdp_settings_check_recorded(&mdp_eval_table, &b, MDP_WITH_MODULES, "x.h5", object));
    json_object_set_new(object, "temperature", json_integer(2));
    CHECK_FAILS(mdp_settings_check_recorded(&mdp_eval_table, &b, MDP_WITH_MODULES, "x.h5", object), MDP_E_USAGE,
                "temperature: expected 0.5, found 2");
    b.eval.temperature = 2;
    CHECK_OK(mdp_settings_check_recorded(&mdp_eval_table, &b, MDP_WITH_MODULES, "x.h5", object));
    json_object_set_new(object, "temperature", json_array());
    CHECK_FAILS(mdp_settings_check_recorded(&mdp_eval_table, &b, MDP_WITH_MODULES, "x.h5", object), MDP_E_USAGE,
                "temperature: expected 2, found something else");
    json_decref(object);
}

/* ---- what would be ignored ---- */

static const struct mdp_meaning words = {.expected = {"modules", "a behaviour policy", "a process",
                                                      "no task of its own", "guidance", "a diffusion module",
                                                      "a policy loss", "a sampler", "support", "a supporter", "a file",
                                                      "noise", "windows", "rewards", "transitions", "returns"},
                                         .lets_neutral = {[MDP_NEED_GUIDANCE] = 1},
                                         .dashes = "--"};

/* a row that needs something is refused without it, and let be with it */
static void test_needs(void) {
    char text[2][64];
    const struct mdp_setting *culprit;
    for (int t = 0; t < N_TABLES; t++) {
        begin(t);
        for (int i = 0, n = as.n; i < n; i++)
            for (int fact = 0; fact < MDP_N_NEEDS; fact++) {
                const struct mdp_setting *row = as.rows[i].row;
                struct mdp_meaning meaning = words;
                begin(t);
                samples(row, text);
                give(&as, &as.rows[i], text[0]);
                meaning.holds = ALL_NEEDS;
                CHECK_OK(mdp_settings_check_meaning(tables[t].table, 0, &a, &meaning, &culprit));
                meaning.holds = ALL_NEEDS & ~(1u << fact);
                mdp_err err = mdp_settings_check_meaning(tables[t].table, 0, &a, &meaning, &culprit);
                /* a gradient is one of guidance */
                int is_bent = fact == MDP_NEED_GUIDANCE && strncmp(row->name, "guide", 5) == 0;
                CHECK((err != MDP_OK) == ((row->needs >> fact & 1) != 0 || is_bent));
                if (err == MDP_OK) continue;
                CHECK(strstr(mdp_err_message(), words.expected[fact]) != NULL &&
                      (is_bent || culprit->needs >> fact & 1));
            }
    }
}

static void refuse(const char *const given[][2], int n, unsigned holds, const char *name, const char *message) {
    struct mdp_meaning meaning = words;
    const struct mdp_setting *culprit = NULL;
    meaning.holds = holds;
    begin(0);
    for (int i = 0; i < n; i++) CHECK_OK(mdp_setting_set(mdp_setting_find(&as, given[i][0]), given[i][1]));
    mdp_err err = mdp_settings_check_meaning(&mdp_eval_table, MDP_FOR_EVAL, &a, &meaning, &culprit);
    if (message == NULL) {
        CHECK_OK(err);
        return;
    }
    CHECK_FAILS(err, MDP_E_USAGE, message);
    CHECK_STR(culprit->name, name);
}

static void test_together(void) {
    static const char *const langevin[][2] = {
        {"langevin-steps", "3"}, {"langevin-step-size", "0.1"}, {"langevin-time", "2"}};
    static const char *const zero[][2] = {{"langevin-steps", "0"}, {"langevin-step-size", "0.1"}};
    static const char *const exact[][2] = {{"paper-exact", "true"}, {"candidates", "5"}};
    static const char *const one[][2] = {{"candidates", "1"}, {"lambda", "0"}, {"langevin-steps", "0"}};
    refuse(langevin, 3, ALL_NEEDS, NULL, NULL);
    refuse(langevin, 1, ALL_NEEDS, "langevin-steps", "expected --langevin-step-size beside it, found none");
    refuse(langevin + 1, 1, ALL_NEEDS, "langevin-step-size", "expected --langevin-steps beside it, found none");
    refuse(langevin + 2, 1, ALL_NEEDS, "langevin-time", "expected --langevin-steps beside it, found none");
    static const char *const guide[][2] = {{"guide", "noisy"}, {"guide-weight", "3"}, {"guide-schedule", "cosine"}};
    refuse(guide, 3, ALL_NEEDS, NULL, NULL);
    refuse(guide, 1, ALL_NEEDS, "guide", "expected --guide-weight beside it, found none");
    refuse(guide + 1, 1, ALL_NEEDS, "guide-weight", "expected --guide beside it, found none");
    refuse(guide + 2, 1, ALL_NEEDS, "guide-schedule", "expected --guide beside it, found none");
    static const char *const energy[][2] = {{"guide", "energy"}}, *const still[][2] = {{"guide", "none"},
                                                                                       {"guide-weight", "3"}};
    refuse(energy, 1, ALL_NEEDS, NULL, NULL);
    refuse(energy, 1, ALL_NEEDS & ~MDP_WITH_GUIDANCE, "guide", "expected none or free guidance, found 'energy'");
    refuse(still, 1, ALL_NEEDS & ~MDP_WITH_GUIDANCE, NULL, NULL);
    refuse(still, 2, ALL_NEEDS, "guide-weight", "expected a guide that bends steps beside it, found 'none'");
    refuse(zero, 2, ALL_NEEDS, "langevin-step-size", "expected --langevin-steps beside it, found none");
    refuse(exact, 2, ALL_NEEDS, "paper-exact", "expected none beside --candidates, found it");
    refuse(exact, 1, ALL_NEEDS, NULL, NULL);
    /* with what does nothing all is well, unless even that has no meaning */
    refuse(one, 3, ALL_NEEDS & ~MDP_WITH_GUIDANCE, NULL, NULL);
    refuse(one, 1, ALL_NEEDS & ~MDP_WITH_MODULES, "candidates", "expected modules, found '1'");
}

static void test_trainings(void) {
    const struct mdp_setting *culprit;
    begin(1);
    const unsigned own = MDP_WITH_DIFFUSION | MDP_WITH_SAMPLER | MDP_WITH_TRANSITIONS;
    CHECK_INT(mdp_training_holds(&a.train), own | MDP_WITH_POLICY_LOSS | MDP_WITH_REWARDS);
    a.train.mode = MDP_MODE_NOISE;
    CHECK_INT(mdp_training_holds(&a.train), own | MDP_WITH_POLICY_LOSS | MDP_WITH_NOISE);
    a.train.algo = "idql";
    CHECK_OK(mdp_setting_set(mdp_setting_find(&as, "noise"), "net"));
    CHECK_OK(mdp_training_check_meaning(&a.train, &words, &culprit));
    CHECK_OK(mdp_setting_set(mdp_setting_find(&as, "noise"), "grad"));
    CHECK_FAILS(mdp_training_check_meaning(&a.train, &words, &culprit), MDP_E_USAGE, "expected net, since");
    CHECK_STR(culprit->name, "noise");
    begin(1);
    a.train.mode = MDP_MODE_CONTINUED;
    /* the file may hold guidance of supported actions */
    CHECK_INT(mdp_training_holds(&a.train),
              own | MDP_WITH_POLICY_LOSS | MDP_WITH_LOADED | MDP_WITH_REWARDS | MDP_WITH_SUPPORT);
    a.train.alone = "sarsa";
    CHECK_INT(mdp_training_holds(&a.train), MDP_WITH_REWARDS | MDP_WITH_TRANSITIONS);
    mdp_training_settle(&a.train);
    CHECK(a.train.mode == MDP_MODE_GUIDANCE);
    CHECK_STR(a.train.algo, "sarsa");
    json_t *object = record(&mdp_train_table, &a, 0);
    CHECK_STR(json_string_value(json_object_get(object, "mode")), "guidance");
    CHECK(json_object_get(object, "eta") == NULL && json_object_get(object, "noise") == NULL);
    CHECK(a.train.learning_rate == 3e-4 && a.train.lr_steps == 2000000);
    json_decref(object);
    begin(1);
    a.train.algo = "qgpo";
    CHECK_INT(mdp_training_holds(&a.train), own | MDP_WITH_SUPPORT | MDP_WITH_REWARDS);
    a.train.is_diffusion_only = 1;
    mdp_training_settle(&a.train);
    CHECK(a.train.mode == MDP_MODE_NONE && a.train.learning_rate == 2e-4 && a.train.lr_steps == 0);
    CHECK_INT(mdp_training_holds(&a.train), own);
    begin(1);
    a.train.alone = "qgpo";
    a.train.learning_rate = 1e-3;
    CHECK_INT(mdp_training_holds(&a.train),
              MDP_WITH_SAMPLER | MDP_WITH_SUPPORT | MDP_WITH_SUPPORTER | MDP_WITH_REWARDS | MDP_WITH_TRANSITIONS);
    mdp_training_settle(&a.train);
    CHECK(a.train.mode == MDP_MODE_GUIDANCE && a.train.learning_rate == 1e-3);
}

/* returns of a loaded file stay as they are; plans that are told one have a unit of it in every mode */
static void test_returns(void) {
    static const struct {
        const char *algo;
        enum mdp_mode mode;
        int has_returns;
    } plans[] = {{"diffuser", MDP_MODE_JOINT, 1},
                 {"diffuser", MDP_MODE_NONE, 0},
                 {"diffuser", MDP_MODE_FROZEN, 0},
                 {"diffuser", MDP_MODE_CONTINUED, 0},
                 {"dd", MDP_MODE_NONE, 1}};
    for (int i = 0; i < 5; i++) {
        begin(1);
        a.train.algo = plans[i].algo;
        a.train.mode = plans[i].mode;
        CHECK_INT((mdp_training_holds(&a.train) & MDP_WITH_RETURNS) != 0, plans[i].has_returns);
    }
    begin(1);
    a.train.alone = "return";
    CHECK_INT(mdp_training_holds(&a.train), MDP_WITH_WINDOWS | MDP_WITH_RETURNS);
}

/* an evaluation setting that is recorded makes two files comparable or not, or is known to make no difference */
static void test_recorded_are_facts(void) {
    /* how many there are, what the file is called, where they begin, what has started another process, what is
     * counted besides, and of whose data the guidance is, which its hash tells as well */
    static const char *const texts[] = {"episodes",       "label",  "first_episode",
                                        "policy_command", "reward", "guidance_task"};
    static const struct mdp_names free_ones = MDP_NAMES_OF_TEXTS(texts);
    uint32_t found = 0;
    int n_free = 0;
    for (int i = 0; i < mdp_eval_table.n; i++) {
        const struct mdp_setting *row = &mdp_eval_table.rows[i];
        int fact = mdp_setting_fact(row), is_free = row->json != NULL && mdp_names_index(&free_ones, row->json) >= 0;
        fprintf(stderr, "%s: %s\n", row->name, fact >= 0 ? mdp_fact_row((enum mdp_fact)fact)->name : "no fact");
        CHECK((fact >= 0) + is_free == (row->json != NULL && row->recorded != MDP_RECORDED_NEVER));
        if (fact >= 0) found |= MDP_FACT_BIT(fact);
        n_free += is_free;
    }
    CHECK_INT(n_free, free_ones.n);
    /* and what a gate may be told to let differ is a setting, but for the step of the modules */
    CHECK_INT(mdp_alike_facts(MDP_ALIKE_SIDES, MDP_ALIKE_SAY) & ~found, MDP_FACT_BIT(MDP_FACT_STEP));
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_defaults),        TAP_TEST(test_texts),           TAP_TEST(test_commands),
        TAP_TEST(test_labels),          TAP_TEST(test_label_of_all),    TAP_TEST(test_recorded),
        TAP_TEST(test_files_of_before), TAP_TEST(test_recorded_within), TAP_TEST(test_recorded_where_meant),
        TAP_TEST(test_needs),           TAP_TEST(test_together),        TAP_TEST(test_recorded_are_facts),
        TAP_TEST(test_trainings),       TAP_TEST(test_returns),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
