/* what pull requests and GitHub are shown: order, folding, escapes and the limits of the service */
#include "base/fsx.h"
#include "bench/gate/report.h"
#include "results/show/markup.h"
#include "tests/unit/bench/gate/gate_trial.h"

enum { TEXT_MAX = 1 << 20 };
static const struct mdp_gate_origin origin = {"p.yaml", "old", "new", 0};
static const char policy[] = "rows: [{metric: return, margin: {absolute: 0.1}}]\n";

/* one arm a letter: p passes, f fails, u is undecided; each of one file a side */
static struct trial arms(const char *letters) {
    struct shape shapes[2][64];
    static char names[64][16];
    int n = (int)strlen(letters);
    for (int i = 0; i < n; i++) {
        snprintf(names[i], sizeof names[i], "%02d%c", i, letters[i]);
        shapes[0][i] = (struct shape){.task = "t", .arm = names[i], .key = names[i], .n = N, .mean = 0.5, .sd = 0.1};
        shapes[0][i].stream = shapes[0][i].seed = 1;
        shapes[1][i] = shapes[0][i];
        shapes[1][i].stream = 2;
        shapes[1][i].mean = letters[i] == 'f' ? 0.2 : letters[i] == 'u' ? 0.4 : 0.5;
    }
    return trial_of(side_of("baseline", shapes[0], n), side_of("candidate", shapes[1], n));
}

/* what a form says; of the last call */
static const char *written(const struct mdp_gate_report *report, int is_github) {
    static char text[TEXT_MAX];
    FILE *stream = fmemopen(text, sizeof text, "w");
    text[0] = 0;
    CHECK(stream != NULL);
    CHECK_OK(is_github ? mdp_gate_write_github(report, stream) : mdp_gate_write_markdown(report, &origin, stream));
    CHECK(fclose(stream) == 0);
    return text;
}

/* a text as Markdown has it; of the last call */
static const char *in_markdown(const char *text) {
    static char escaped[4096];
    FILE *stream = fmemopen(escaped, sizeof escaped, "w");
    mdp_put_md(stream, text);
    CHECK(fclose(stream) == 0);
    return escaped;
}

static int count_of(const char *text, const char *part) {
    int n = 0;
    for (; (text = strstr(text, part)) != NULL; text++) n++;
    return n;
}

static void test_failed_first(void) {
    struct trial t = arms("pupfpp");
    CHECK_OK(judge(&t, policy));
    CHECK_INT(t.report.n_of[MDP_GATE_FAIL], 1);
    CHECK_INT(t.report.n_of[MDP_GATE_INCONCLUSIVE], 1);
    const char *text = written(&t.report, 0), *fail = strstr(text, "| t 03f return"),
               *open = strstr(text, "| t 01u return"),
               *fold = strstr(text, "<details><summary>4 rows passed</summary>\n\n|"),
               *pass = strstr(text, "| t 00p return");
    CHECK(strncmp(text, "**mdpbench gate: FAIL: 1 of 6 rows regressed; t 03f return: ", 60) == 0);
    CHECK(fail != NULL && open > fail && fold > open && pass > fold && strstr(pass, "\n</details>\n") != NULL);
    /* the verdict has said why */
    CHECK_INT(count_of(text, in_markdown(t.report.rows[3].reason)), 1);
    CHECK_INT(count_of(text, in_markdown(t.report.rows[1].reason)), 1);
    drop(&t);
}

static void test_a_pass_is_one_line(void) {
    struct trial t = arms("pp");
    CHECK_OK(judge(&t, policy));
    snprintf(t.report.verdict, sizeof t.report.verdict, "PASS: a<b & c>d");
    const char *text = written(&t.report, 0);
    CHECK(strncmp(text, "<details><summary><b>mdpbench gate: PASS: a&lt;b &amp; c&gt;d</b></summary>\n\n| row |", 84) ==
          0);
    CHECK_STR(text + strlen(text) - strlen("\n</details>\n"), "\n</details>\n");
    CHECK_STR(written(&t.report, 1), "");
    drop(&t);
}

static void test_an_accepted_one_is_shown(void) {
    char accepting[512];
    struct trial t = arms("pf");
    snprintf(accepting, sizeof accepting,
             "%saccepted: [{task: t, metric: return, reason: known, expires: 2026-06-01}]\n", policy);
    CHECK_OK(judge(&t, accepting));
    const char *text = written(&t.report, 0), *row = strstr(text, "| t 01f return");
    CHECK(strncmp(text, "**mdpbench gate: PASS: 1 of 2 rows", 34) == 0);
    CHECK(row != NULL && strstr(row, "accepted until 2026-06-01: known") != NULL &&
          strstr(row, "1 row passed") != NULL);
    CHECK_STR(written(&t.report, 1), "");
    drop(&t);
}

static void test_annotations_are_escaped(void) {
    struct trial t = arms("fu");
    CHECK_OK(judge(&t, policy));
    strcpy(((struct mdp_gate_group *)t.report.rows[0].baseline_group)->arm, "a:b,c%");
    strcpy(t.report.rows[0].reason, "5 % less: a, b\r\nand ::warning::c");
    strcpy(t.report.rows[1].reason, "open");
    CHECK_STR(written(&t.report, 1), "::error title=t a%3Ab%2Cc%25 return::5 %25 less: a, b%0D%0Aand ::warning::c\n"
                                     "::warning title=t 01u return::open\n");
    drop(&t);
}

/* a service shows ten of a kind: the tenth then says how many more there are */
static void test_annotations_are_few(void) {
    struct trial t = arms("ffffffffffuuuuuuuuuuuu");
    CHECK_OK(judge(&t, policy));
    const char *text = written(&t.report, 1);
    CHECK_INT(count_of(text, "::error title=t 0"), 10);
    CHECK_INT(count_of(text, "\n::warning title=t "), 9);
    CHECK(strstr(text, "\n::warning title=mdpbench gate::3 more rows are undecided\n") != NULL);
    drop(&t);
}

/* what is there stays; what has no room for all rows has the verdict; what has no room at all is left alone */
static void test_summary(void) {
    static char old[TEXT_MAX];
    char *text;
    size_t size;
    struct trial t = arms("fp");
    CHECK_OK(judge(&t, policy));
    CHECK_OK(mdp_fsx_write(tap_temp_path("s"), "before\n", 7));
    CHECK_OK(mdp_gate_append_summary(&t.report, &origin, tap_temp_path("s")));
    CHECK_OK(mdp_fsx_read(tap_temp_path("s"), TEXT_MAX, &text, &size));
    CHECK(strncmp(text, "before\n\n", 8) == 0);
    CHECK_STR(text + 8, written(&t.report, 0));
    free(text);
    memset(old, 'x', sizeof old);
    CHECK_OK(mdp_fsx_write(tap_temp_path("s"), old, sizeof old - 600));
    CHECK_OK(mdp_gate_append_summary(&t.report, &origin, tap_temp_path("s")));
    CHECK_OK(mdp_fsx_read(tap_temp_path("s"), TEXT_MAX, &text, &size));
    CHECK(strncmp(text + sizeof old - 600, "\n**mdpbench gate: FAIL: ", 24) == 0);
    CHECK(strstr(text, "The rows are left out: with them this summary would be above the 1 MiB") != NULL);
    free(text);
    CHECK_OK(mdp_fsx_write(tap_temp_path("s"), old, sizeof old));
    CHECK_OK(mdp_gate_append_summary(&t.report, &origin, tap_temp_path("s")));
    CHECK_OK(mdp_fsx_read(tap_temp_path("s"), TEXT_MAX, &text, &size));
    CHECK(size == sizeof old && text[size - 1] == 'x');
    free(text);
    CHECK_FAILS(mdp_gate_append_summary(&t.report, &origin, tap_temp_path("none/s")), MDP_E_IO, "none/s: cannot open");
    drop(&t);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_failed_first),
        TAP_TEST(test_a_pass_is_one_line),
        TAP_TEST(test_an_accepted_one_is_shown),
        TAP_TEST(test_annotations_are_escaped),
        TAP_TEST(test_annotations_are_few),
        TAP_TEST(test_summary),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
