/* results/alike: the table holds all that a file records, a difference in any of it is found and named, and absent
 * settings mean what they meant when files did not record them. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "tests/tap.h"
#include "tests/unlike.h"

static struct mdp_alike_file file_of(const char *path, const struct mdp_episodes_info *info) {
    struct mdp_alike_file file;
    CHECK_OK(mdp_alike_read(path, info, &file));
    return file;
}

/* ---- the table ---- */

/* every byte before the head, which says nothing of returns, is of one row: what is added to files needs its place in
 * the table, where it may be called free */
static void test_table_holds_every_member(void) {
    enum { N = offsetof(struct mdp_episodes_info, head) };
#define SIZE_TEXT(member) sizeof(((struct mdp_episodes_info *)NULL)->member)
#define SIZE_REAL(member) SIZE_TEXT(member)
#define SIZE_INT(member) SIZE_TEXT(member)
#define SIZE_U64(member) SIZE_TEXT(member)
#define SIZE_HASH(member) SIZE_TEXT(member)
#define SIZE_SETTING(absent) 0
#define SIZE_OF(ENUM, name, kind, place, text, said, sides, sample, table) SIZE_##kind(place),
    static const size_t sizes[] = {MDP_FACT_LIST(SIZE_OF)};
#undef SIZE_OF
    int n_rows[N] = {0};
    for (int i = 0; i < MDP_N_FACTS; i++)
        for (size_t k = 0; k < sizes[i]; k++) n_rows[mdp_fact_row((enum mdp_fact)i)->offset + k]++;
    for (int k = 0; k < N; k++)
        if (n_rows[k] != 1) fprintf(stderr, "byte %d of mdp_episodes_info is of %d rows\n", k, n_rows[k]);
    for (int k = 0; k < N; k++) CHECK_INT(n_rows[k], 1);
}

static void test_names_are_those_of_files(void) {
    char settings[UNLIKE_SETTINGS];
    struct mdp_episodes_info info = unlike_info(UNLIKE_NOTHING, settings);
    struct mdp_episodes rows;
    struct mdp_h5 *file;
    CHECK_OK(mdp_episodes_alloc(&rows, 2));
    rows.indices[1] = 1;
    CHECK_OK(mdp_episodes_write(tap_temp_path("e.h5"), &info, &rows, MDP_PUBLISH_REPLACE));
    CHECK_OK(mdp_h5_open(tap_temp_path("e.h5"), &file));
    for (int i = 0; i < MDP_N_FACTS; i++) {
        const struct mdp_fact_row *row = mdp_fact_row((enum mdp_fact)i);
        CHECK_INT(mdp_h5_attr_exists(file, "/", row->name), row->kind != MDP_FACT_KIND_SETTING);
    }
    mdp_h5_close(file);
    mdp_episodes_free(&rows);
}

/* what is refused between two sides is refused everywhere; what is free there, is free everywhere */
static void test_uses_agree(void) {
    for (int i = 0; i < MDP_N_FACTS; i++) {
        const struct mdp_fact_row *row = mdp_fact_row((enum mdp_fact)i);
        for (int use = 0; use < MDP_N_ALIKE_USES; use++) {
            CHECK((row->what[use] == MDP_ALIKE_REFUSE) >= (row->what[MDP_ALIKE_SIDES] == MDP_ALIKE_REFUSE));
            CHECK((row->what[use] == MDP_ALIKE_FREE) >= (row->what[MDP_ALIKE_SIDES] == MDP_ALIKE_FREE));
            CHECK(((mdp_alike_facts(use, row->what[use]) & MDP_FACT_BIT(i)) != 0) == 1);
        }
    }
    for (int use = MDP_ALIKE_SAMPLE; use < MDP_N_ALIKE_USES; use++) CHECK_INT(mdp_alike_facts(use, MDP_ALIKE_SAY), 0);
    CHECK_INT(mdp_alike_facts(MDP_ALIKE_SIDES, MDP_ALIKE_REFUSE), MDP_FACT_BIT(MDP_FACT_RETURN_RULE + 1) - 1);
}

/* ---- differences ---- */

static void test_every_difference_is_found(void) {
    for (int i = 0; i < MDP_N_FACTS; i++) {
        const struct mdp_fact_row *row = mdp_fact_row((enum mdp_fact)i);
        char settings[2][UNLIKE_SETTINGS], start[160];
        struct mdp_episodes_info info = unlike_info(UNLIKE_NOTHING, settings[0]), other = unlike_info(i, settings[1]);
        struct mdp_alike_file a = file_of("a.h5", &info), b = file_of("b.h5", &other), first = {.path = ""};
        CHECK_INT(mdp_facts_unlike(MDP_FACT_BIT(i), &a.facts, &b.facts), i);
        snprintf(start, sizeof start, "%s: expected ", row->text);
        CHECK_FAILS(mdp_alike_check(MDP_FACT_BIT(i), &a, &b), MDP_E_DATA, start);
        CHECK(strstr(mdp_err_message(), " as in a.h5, found ") != NULL &&
              strstr(mdp_err_message(), " in b.h5") != NULL);
        CHECK_OK(mdp_alike_check(MDP_FACT_BIT(i), &a, &a));
        CHECK_OK(mdp_alike_check(MDP_FACTS_ALL & ~MDP_FACT_BIT(i), &a, &b));
        for (int use = 0; use < MDP_N_ALIKE_USES; use++) {
            first.path[0] = 0;
            CHECK_OK(mdp_alike_join(use, &a, &first));
            CHECK_STR(first.path, "a.h5");
            CHECK_INT(mdp_alike_join(use, &b, &first) != MDP_OK, row->what[use] == MDP_ALIKE_REFUSE);
        }
    }
}

/* instructions: what both count must agree, and something must be common */
static void test_instructions(void) {
    static const struct {
        const char *a, *b;
        int unlike;
    } cases[] = {{"libm 1", "libm 1", 0},
                 {"libm 1", "libm 2", 1},
                 {"libm 1", "oneDNN avx2 + libm 1", 0},
                 {"libm 2", "oneDNN avx2 + libm 1", 1},
                 {"oneDNN avx2 + libm 1", "oneDNN avx512_core + libm 1", 1},
                 {"oneDNN avx2 + libm 1", "oneDNN avx + libm 1", 1},
                 {"oneDNN avx2 + libm 1", "oneDNN avx2 + libm 12", 1},
                 {"several, one after another", "oneDNN avx2 + libm 1", 1},
                 {"several, one after another", "several, one after another", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_INT(mdp_fact_unlike(MDP_FACT_ISA, cases[i].a, cases[i].b), cases[i].unlike);
        CHECK_INT(mdp_fact_unlike(MDP_FACT_ISA, cases[i].b, cases[i].a), cases[i].unlike);
    }
    CHECK_INT(mdp_fact_unlike(MDP_FACT_ACTOR, "libm 1", "oneDNN avx2 + libm 1"), 1);
}

/* what is told of files side by side names the first two that differ; a file that does not know is passed over */
static void test_told(void) {
    static const char *const known[] = {"", "libm 1", "oneDNN a + libm 1", "libm 2", "libm 3"};
    char settings[UNLIKE_SETTINGS], text[MDP_ALIKE_TOLD_MAX];
    struct mdp_episodes_info info = unlike_info(UNLIKE_NOTHING, settings);
    struct mdp_alike_group group = {.n = 0};
    for (int i = 0; i < 5; i++) {
        char path[8];
        snprintf(path, sizeof path, "%d.h5", i);
        snprintf(info.isa, sizeof info.isa, "%s", known[i]);
        struct mdp_alike_file file = file_of(path, &info);
        CHECK_OK(mdp_alike_group_join(&file, &group));
        mdp_alike_group_told(&group, text);
        CHECK_STR(text, i < 3 ? "" : "Unlike instructions of the libraries: libm 1 in 1.h5, libm 2 in 3.h5.");
    }
    mdp_alike_group_free(&group);
}

/* of one environment: all that is refused side by side; of two: what does not follow from the environment */
static void test_group(void) {
    for (int i = 0; i < MDP_N_FACTS; i++) {
        const struct mdp_fact_row *row = mdp_fact_row((enum mdp_fact)i);
        int is_refused = row->what[MDP_ALIKE_TABLE] == MDP_ALIKE_REFUSE && i != MDP_FACT_ENV_ID;
        char settings[2][UNLIKE_SETTINGS];
        struct mdp_episodes_info info = unlike_info(UNLIKE_NOTHING, settings[0]), other = unlike_info(i, settings[1]);
        struct mdp_alike_file a = file_of("a.h5", &info), b = file_of("b.h5", &other);
        struct mdp_alike_group group = {.n = 0};
        CHECK_OK(mdp_alike_group_join(&a, &group));
        CHECK_OK(mdp_alike_group_join(&a, &group));
        CHECK_INT(group.n, 1);
        mdp_err err = mdp_alike_group_join(&b, &group);
        CHECK_INT(err != MDP_OK, is_refused);
        if (is_refused) CHECK_FAILS(err, MDP_E_DATA, " as in a.h5, found ");
        CHECK_INT(group.n, i == MDP_FACT_ENV_ID ? 2 : 1);
        strcpy(other.env_id, "Walker2DBullet-v0");
        b = file_of("c.h5", &other);
        CHECK_INT(mdp_alike_group_join(&b, &group) != MDP_OK, i == MDP_FACT_PHYSICS || i == MDP_FACT_RETURN_RULE);
        mdp_alike_group_free(&group);
        CHECK(group.n == 0 && group.first == NULL);
    }
}

static void test_values(void) {
    char settings[UNLIKE_SETTINGS];
    struct mdp_episodes_info info = unlike_info(UNLIKE_NOTHING, settings);
    struct mdp_alike_file a = file_of("a.h5", &info), b;
    CHECK_STR(a.facts.values[MDP_FACT_ENV_HASH], "fedcba9876543210");
    CHECK_STR(a.facts.values[MDP_FACT_REF_MIN], "-1275.766996");
    CHECK_STR(a.facts.values[MDP_FACT_SEED], "18446744073709551614");
    CHECK_STR(a.facts.values[MDP_FACT_SOLVER], "ddpm");
    CHECK_STR(a.facts.values[MDP_FACT_SAMPLING_STEPS], "5");
    CHECK_STR(a.facts.values[MDP_FACT_LANGEVIN], "none");
    info.env_hash = 0;
    info.head.settings = "{\"langevin\": {\"time\": 1, \"steps\": 5, \"step_size\": 0.001}, \"solver\": [1, {}]}";
    b = file_of("b.h5", &info);
    CHECK_STR(b.facts.values[MDP_FACT_LANGEVIN], "step_size 0.001, steps 5, time 1");
    CHECK_STR(b.facts.values[MDP_FACT_SAMPLING_STEPS], "none");
    CHECK_STR(b.facts.values[MDP_FACT_LAMBDA], "0");
    CHECK_STR(b.facts.values[MDP_FACT_SOLVER], "[1, ]");
    CHECK_FAILS(mdp_alike_check(MDP_FACTS_ALL, &a, &b), MDP_E_DATA,
                "found none (made before it was recorded: evaluate again) in b.h5");
    /* older files agree with any instructions */
    info = unlike_info(MDP_FACT_ISA, settings);
    b = file_of("b.h5", &info);
    CHECK_INT(mdp_facts_unlike(MDP_FACTS_ALL, &a.facts, &b.facts), MDP_FACT_ISA);
    info.isa[0] = 0;
    b = file_of("b.h5", &info);
    CHECK_INT(mdp_facts_unlike(MDP_FACTS_ALL, &a.facts, &b.facts), -1);
    CHECK_INT(mdp_facts_unlike(MDP_FACTS_ALL, &b.facts, &a.facts), -1);
    /* in memory, before there is a file */
    info.head.settings = NULL;
    b = file_of("b.h5", &info);
    CHECK_STR(b.facts.values[MDP_FACT_SOLVER], "none");
}

/* longer than any fact: cut, not beyond its room */
static void test_long_values(void) {
    char usual[UNLIKE_SETTINGS], settings[2000] = "{\"solver\": \"";
    memset(settings + 12, 'x', 1500);
    struct mdp_episodes_info info = unlike_info(UNLIKE_NOTHING, usual);
    strcpy(settings + 1512, "\", \"langevin\": {\"a\": \"");
    memset(settings + strlen(settings), ',', 300);
    strcat(settings, "\"}}");
    info.head.settings = settings;
    memset(info.diffusion.path, 'y', sizeof info.diffusion.path - 1);
    struct mdp_alike_file a = file_of("a.h5", &info);
    CHECK_INT(strlen(a.facts.values[MDP_FACT_SOLVER]), MDP_FACT_MAX - 1);
    CHECK_INT(strlen(a.facts.values[MDP_FACT_DIFFUSION]), MDP_FACT_MAX - 1);
    CHECK(strlen(a.facts.values[MDP_FACT_LANGEVIN]) < MDP_FACT_MAX);
}

/* ---- what is expected ---- */

static void test_expected(void) {
    char settings[UNLIKE_SETTINGS];
    struct mdp_episodes_info info = unlike_info(UNLIKE_NOTHING, settings);
    struct mdp_facts expected = {.known = 0}, found;
    mdp_facts_read(&info, &found);
    CHECK_INT(mdp_facts_unlike(MDP_FACTS_ALL, &expected, &found), -1);
    mdp_facts_expect(&expected, MDP_FACT_ACTOR, "ema");
    mdp_facts_expect_int(&expected, MDP_FACT_SEED, -2);
    mdp_facts_expect_int(&expected, MDP_FACT_CANDIDATES, 50);
    mdp_facts_expect_int(&expected, MDP_FACT_SAMPLING_STEPS, 5);
    mdp_facts_expect_real(&expected, MDP_FACT_W_T, 50);
    mdp_facts_expect_real(&expected, MDP_FACT_LAMBDA, 0);
    CHECK_INT(mdp_facts_unlike(MDP_FACTS_ALL, &expected, &found), -1);
    mdp_facts_expect_real(&expected, MDP_FACT_TEMPERATURE, 0.25);
    CHECK_INT(mdp_facts_unlike(MDP_FACTS_ALL, &expected, &found), MDP_FACT_TEMPERATURE);
    CHECK_INT(mdp_facts_unlike(MDP_FACTS_ALL & ~MDP_FACT_BIT(MDP_FACT_TEMPERATURE), &expected, &found), -1);
}

/* what is known of the evaluation before changes no text, and equal ones are only called so where all texts are */
static void test_after_another(void) {
    char settings[2][UNLIKE_SETTINGS];
    for (int before = UNLIKE_NOTHING; before < MDP_N_FACTS; before++)
        for (int now = UNLIKE_NOTHING; now < MDP_N_FACTS; now++) {
            struct mdp_episodes_info a = unlike_info(before, settings[0]), b = unlike_info(now, settings[1]);
            struct mdp_facts of_a, of_b, after;
            mdp_facts_read(&a, &of_a);
            mdp_facts_read(&b, &of_b);
            mdp_facts_read_after(&a, &of_a, &b, &after);
            CHECK_INT(after.known, of_b.known);
            for (int i = 0; i < MDP_N_FACTS; i++) {
                CHECK_STR(after.values[i], of_b.values[i]);
                if (mdp_infos_equal(MDP_FACT_BIT(i), &a, &b)) CHECK_STR(of_a.values[i], of_b.values[i]);
            }
            CHECK_INT(mdp_infos_equal(MDP_FACTS_ALL, &a, &b), before == now);
        }
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_table_holds_every_member),
                                            TAP_TEST(test_names_are_those_of_files),
                                            TAP_TEST(test_uses_agree),
                                            TAP_TEST(test_every_difference_is_found),
                                            TAP_TEST(test_instructions),
                                            TAP_TEST(test_told),
                                            TAP_TEST(test_group),
                                            TAP_TEST(test_values),
                                            TAP_TEST(test_long_values),
                                            TAP_TEST(test_expected),
                                            TAP_TEST(test_after_another)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
