/* rows of estimates: a picture with its title and what it shows in words, or a reason. */
#include "results/show/figure_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "tests/tap.h"

static const double dots[] = {0.1, 0.2, 0.2, 0.9};
static struct mdp_row_mark marks[2][3];
static struct mdp_row_panel panels[2];
static const char *const labels[] = {"one & only", "a label that is much too long for the margin of a column", "none"};
static const int places[] = {0, 1, 9};
static struct mdp_row_page page;

static void fill(void) {
    marks[0][0] = (struct mdp_row_mark){0.25, 0.125, 0.5, 4, dots};
    marks[0][1] = (struct mdp_row_mark){0.75, NAN, NAN, 0, NULL};
    marks[0][2] = (struct mdp_row_mark){NAN, NAN, NAN, 0, NULL};
    memcpy(marks[1], marks[0], sizeof marks[0]);
    panels[0] = (struct mdp_row_panel){"IQM", "normalized return", marks[0], NAN, 0};
    panels[1] = (struct mdp_row_panel){"P", "probability", marks[1], 0.5, 1};
    page = (struct mdp_row_page){"title <&>", 3, 2, labels, panels, "a note\nof two lines", places};
}

static void need_gnuplot(void) {
    if (system("command -v gnuplot >/dev/null 2>&1") != 0) SKIP("no gnuplot");
}

static void test_pictures(void) {
    char *text;
    size_t size;
    need_gnuplot();
    fill();
    CHECK_OK(mdp_row_page_write(&page, tap_temp_path("a.svg")));
    CHECK_OK(mdp_fsx_read(tap_temp_path("a.svg"), 1 << 24, &text, &size));
    CHECK(strstr(text, "<title>title &lt;&amp;&gt;</title>") != NULL);
    CHECK(strstr(text, "<desc>IQM of one &amp; only: 0.25 [0.125, 0.5]; IQM of a label") != NULL);
    CHECK(strstr(text, "of two lines") != NULL && strstr(text, "none") != NULL);
    CHECK(strstr(text, "for the margin of a column</text>") != NULL && strstr(text, "Gnuplot") == NULL);
    CHECK(strstr(text, "<svg \n width=\"672\"") != NULL || strstr(text, "width=\"672\"") != NULL);
    free(text);
    page.n_panels = 1;
    page.title = NULL;
    CHECK_OK(mdp_row_page_write(&page, tap_temp_path("b.svg")));
    CHECK_OK(mdp_fsx_read(tap_temp_path("b.svg"), 1 << 24, &text, &size));
    CHECK(strstr(text, "<title>b.svg</title>") != NULL && strstr(text, "width=\"326\"") != NULL);
    free(text);
    CHECK_OK(mdp_row_page_write(&page, tap_temp_path("b.png")));
    CHECK_OK(mdp_row_page_write(&page, tap_temp_path("b.pdf")));
}

/* nothing to show is a picture, too */
static void test_nothing(void) {
    need_gnuplot();
    fill();
    for (int i = 0; i < 3; i++) marks[0][i] = marks[0][2];
    page.n_panels = 1;
    CHECK_OK(mdp_row_page_write(&page, tap_temp_path("a.svg")));
}

static void test_bad_values(void) {
    static const double bad[] = {0.1, INFINITY};
    const char *path = tap_temp_path("a.svg");
    fill();
    marks[1][1].lo = 0.9;
    marks[1][1].hi = 0.8;
    CHECK_FAILS(mdp_row_page_write(&page, path), MDP_E_DATA, "row 'a label that is much too long");
    fill();
    marks[0][0].value = INFINITY;
    CHECK_FAILS(mdp_row_page_write(&page, path), MDP_E_DATA, "row 'one & only': expected a finite value");
    fill();
    marks[0][0].dots = bad;
    marks[0][0].n_dots = 2;
    CHECK_FAILS(mdp_row_page_write(&page, path), MDP_E_DATA, "expected finite values, found inf");
    fill();
    page.n_rows = MDP_ROWS_MAX + 1;
    CHECK_FAILS(mdp_row_page_write(&page, path), MDP_E_DATA, "expected 1 to 16 rows");
    fill();
    CHECK_FAILS(mdp_row_page_write(&page, tap_temp_path("a.gif")), MDP_E_USAGE, "expected a path that ends in one of");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_pictures),
        TAP_TEST(test_nothing),
        TAP_TEST(test_bad_values),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
