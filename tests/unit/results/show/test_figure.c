/* results/show/figure: pictures appear whole, the same each time, or not at all with a reason. */
#define _GNU_SOURCE /* memmem */
#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fsx.h"
#include "results/show/figure.h"
#include "results/show/figure_parts.h"
#include "tests/tap.h"

enum { N = 12 };

static double x[N], y[N], lo[N], hi[N];
static const char *const series_names[] = {"it's $a_1 ` \\ \"quoted\"", "plain"};
static struct mdp_series series[2];
static struct mdp_level levels[2];
static struct mdp_figure figure;

static int count_files(void) {
    int n = 0;
    DIR *stream = opendir(tap_temp_dir());
    for (struct dirent *entry; (entry = readdir(stream)) != NULL;) n += entry->d_name[0] != '.';
    closedir(stream);
    return n;
}

static void fill(void) {
    for (int i = 0; i < N; i++) {
        x[i] = 400.0 * i;
        y[i] = 1 - exp(-0.3 * i);
        lo[i] = y[i] - 0.1;
        hi[i] = y[i] + 0.05;
    }
    series[0] = (struct mdp_series){series_names[0], N, x, y, lo, hi};
    series[1] = (struct mdp_series){series_names[1], 1, x, y, NULL, NULL};
    levels[0] = (struct mdp_level){0.8, "behaviour"};
    levels[1] = (struct mdp_level){0.81, "expert"};
    figure = (struct mdp_figure){"title\nwith a line", "steps", "return", 2, series, 2, levels, NULL, NULL};
}

static void need_gnuplot(void) {
    if (system("command -v gnuplot >/dev/null 2>&1") != 0) SKIP("no gnuplot");
}

static void test_svg_and_png(void) {
    char *text;
    size_t size;
    need_gnuplot();
    fill();
    CHECK_OK(mdp_figure_write(&figure, tap_temp_path("a.svg")));
    CHECK_OK(mdp_figure_write(&figure, tap_temp_path("a.png")));
    CHECK_INT(count_files(), 2);
    CHECK_OK(mdp_fsx_read(tap_temp_path("a.svg"), 1 << 24, &text, &size));
    CHECK(strstr(text, "behaviour") != NULL && strstr(text, "steps") != NULL &&
          strstr(text, "title with a line") != NULL);
    CHECK(strstr(text, "it's $a_1 ` \\ &quot;quoted&quot;") != NULL ||
          strstr(text, "it's $a_1 ` \\ \"quoted\"") != NULL);
    free(text);
    CHECK_OK(mdp_fsx_read(tap_temp_path("a.png"), 1 << 24, &text, &size));
    CHECK(size > 10000 && memcmp(text, "\x89PNG", 4) == 0);
    free(text);
}

/* names that mean something to gnuplot, a shell or printf: a picture each, and nothing obeyed */
static void test_odd_names(void) {
    static const char *const names[] = {
        "|touch obeyed #.svg", "-e.svg",         "it's.svg", "\"a\".svg",          "`touch obeyed`.svg",     "a\\.svg",
        "$(touch o).svg",      "%d %s %05d.svg", "@a.svg",   "!touch obeyed;.svg", "a\nset output 'b'\n.svg"};
    enum { N_NAMES = sizeof names / sizeof *names };
    need_gnuplot();
    fill();
    CHECK(chdir(tap_temp_dir()) == 0);
    for (int i = 0; i < N_NAMES; i++) {
        CHECK_OK(mdp_figure_write(&figure, names[i]));
        CHECK(access(names[i], R_OK) == 0);
        CHECK_INT(count_files(), i + 1);
    }
}

static void test_same_bytes(void) {
    uint64_t first, second;
    need_gnuplot();
    fill();
    CHECK_OK(mdp_figure_write(&figure, tap_temp_path("a.svg")));
    CHECK_OK(mdp_figure_write(&figure, tap_temp_path("b.svg")));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("a.svg"), &first));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("b.svg"), &second));
    CHECK(first == second);
}

static void test_pdf_of_no_moment(void) {
    uint64_t first, second;
    char *text;
    size_t size;
    need_gnuplot();
    fill();
    CHECK_OK(mdp_figure_write(&figure, tap_temp_path("a.pdf")));
    CHECK_OK(mdp_fsx_read(tap_temp_path("a.pdf"), 1 << 24, &text, &size));
    CHECK(size > 5000 && memcmp(text, "%PDF", 4) == 0);
    CHECK(memmem(text, size, "/CreationDate (D:20000101000000", 31) != NULL);
    free(text);
    CHECK_INT(count_files(), 1);
    /* PDF tells the second in which it was made, ours does not */
    sleep(1);
    CHECK_OK(mdp_figure_write(&figure, tap_temp_path("b.pdf")));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("a.pdf"), &first));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("b.pdf"), &second));
    CHECK(first == second);
    CHECK_INT(count_files(), 2);
}

static void test_page(void) {
    struct mdp_figure panels[2];
    const char *const labels[] = {series_names[0], series_names[1]};
    struct mdp_page page = {"both", 2, panels, "few seeds", 2, labels};
    uint64_t first, second;
    char *text;
    size_t size;
    need_gnuplot();
    fill();
    panels[0] = panels[1] = figure;
    panels[0].title = "upper";
    panels[1].title = "lower";
    panels[1].n_series = 1;
    CHECK_OK(mdp_page_write(&page, tap_temp_path("a.svg")));
    CHECK_OK(mdp_page_write(&page, tap_temp_path("b.svg")));
    CHECK_OK(mdp_page_write(&page, tap_temp_path("a.pdf")));
    CHECK_OK(mdp_page_write(&page, tap_temp_path("a.png")));
    CHECK_INT(count_files(), 4);
    CHECK_OK(mdp_fsx_hash(tap_temp_path("a.svg"), &first));
    CHECK_OK(mdp_fsx_hash(tap_temp_path("b.svg"), &second));
    CHECK(first == second);
    CHECK_OK(mdp_fsx_read(tap_temp_path("a.svg"), 1 << 24, &text, &size));
    CHECK(strstr(text, "both") != NULL && strstr(text, "upper") != NULL && strstr(text, "lower") != NULL);
    char *note = strstr(text, "few seeds");
    CHECK(note != NULL && strstr(note + 1, "few seeds") == NULL);
    /* a series has one name, however many panels show it */
    char *name = strstr(text, "plain<");
    CHECK(name != NULL && strstr(name + 1, "plain<") == NULL);
    CHECK(strstr(text, "width=\"326\"") != NULL);
    /* a title that a line has no room for is smaller: 9 * 50 / 68 */
    CHECK(strstr(text, "font-size=\"9.00\"") != NULL && strstr(text, "font-size=\"6.60\"") == NULL);
    free(text);
    page.title = "halfcheetah-medium-expert, mean and 95 % CI of 3 seeds (few), online";
    CHECK_OK(mdp_page_write(&page, tap_temp_path("a.svg")));
    CHECK_OK(mdp_page_write(&page, tap_temp_path("a.png")));
    CHECK_OK(mdp_fsx_read(tap_temp_path("a.svg"), 1 << 24, &text, &size));
    CHECK(strstr(text, "font-size=\"6.60\"") != NULL);
    free(text);
    page.n_panels = 0;
    CHECK_FAILS(mdp_page_write(&page, tap_temp_path("c.svg")), MDP_E_DATA, "expected 1 to 8 panels, found 0");
    page.n_panels = 2;
    panels[1].n_series = 0;
    CHECK_FAILS(mdp_page_write(&page, tap_temp_path("c.svg")), MDP_E_DATA, "series, found 0");
    CHECK_FAILS(mdp_page_write(&page, tap_temp_path("c.jpg")), MDP_E_USAGE, "ends in one of .svg, .pdf, .png");
    CHECK_INT(count_files(), 4);
}

/* the strokes of the first line behind each mark in an SVG: colour and, but for a full line, dash */
static void read_strokes(const char *svg, const char *mark, char *strokes, size_t room) {
    size_t used = 0;
    strokes[0] = 0;
    for (const char *c = svg; (c = strstr(c, mark)) != NULL; c += strlen(mark)) {
        const char *stroke = strstr(c, "<path stroke='rgb(");
        if (stroke == NULL) break;
        size_t n = (size_t)(strstr(stroke, " d='") - stroke);
        used += (size_t)snprintf(strokes + used, used < room ? room - used : 0, "%.*s\n", (int)n, stroke);
    }
}

/* curves as they are drawn, and what the legend says of each label */
static void check_page_strokes(const char *svg, int n, const char *const *curves) {
    for (int i = 0; i < n; i++) {
        char plot[32], drawn[200], entry[32], named[200];
        snprintf(plot, sizeof plot, "<title>gnuplot_plot_%s<", curves[2 * i]);
        snprintf(entry, sizeof entry, "<text>%s<", curves[2 * i + 1]);
        read_strokes(svg, plot, drawn, sizeof drawn);
        read_strokes(svg, entry, named, sizeof named);
        CHECK(drawn[0] != 0);
        CHECK_STR(drawn, named);
    }
}

/* panels of the same series in another order, and of others: the legend has all, each as it is drawn */
static void test_page_of_unlike_panels(void) {
    static const char *const labels[] = {"first", "unused", "second", "third"};
    /* lines and marks of a curve are two plots; plots of the second panel end in b */
    static const char *const curves[] = {"1a", "second", "3a", "first", "1b", "third", "3b", "second"};
    struct mdp_series upper[] = {{"second", N, x, y, NULL, NULL}, {"first", N, x, y, NULL, NULL}},
                      lower[] = {{"third", N, x, y, NULL, NULL}, {"second", N, x, y, NULL, NULL}};
    struct mdp_figure panels[] = {{"upper", "steps", "return", 2, upper, 0, NULL, NULL, NULL},
                                  {"lower", "steps", "return", 2, lower, 0, NULL, NULL, NULL}};
    struct mdp_page page = {NULL, 2, panels, NULL, 4, labels};
    char *text;
    size_t size;
    need_gnuplot();
    fill();
    CHECK_OK(mdp_page_write(&page, tap_temp_path("a.svg")));
    CHECK_OK(mdp_fsx_read(tap_temp_path("a.svg"), 1 << 24, &text, &size));
    check_page_strokes(text, 4, curves);
    CHECK(strstr(text, ">unused<") == NULL);
    free(text);
    page.n_labels = 3;
    CHECK_FAILS(mdp_page_write(&page, tap_temp_path("a.svg")), MDP_E_DATA,
                "series 'third': expected a label of the page");
}

static void check_refused(const char *part) {
    CHECK_FAILS(mdp_figure_write(&figure, tap_temp_path("bad.svg")), MDP_E_DATA, part);
    CHECK_INT(count_files(), 0);
    fill();
}

static void test_refuses_values(void) {
    fill();
    y[3] = NAN, check_refused("expected finite values, found 1200, nan");
    hi[4] = INFINITY, check_refused("at point 4");
    lo[5] = 2, check_refused("expected lo <= hi");
    x[6] = 0, check_refused("expected ascending x, found 0 after 2000");
    series[0].lo = NULL, check_refused("both bounds or none");
    series[1].n = 0, check_refused("series 'plain': expected 1 to");
    figure.n_series = 0, check_refused("expected 1 to 16 series, found 0");
    figure.n_levels = 17, check_refused("expected 0 to 16 levels, found 17");
    levels[1].y = NAN, check_refused("level 'expert': expected a finite value");
    CHECK_FAILS(mdp_figure_write(&figure, tap_temp_path("a.gif")), MDP_E_USAGE,
                "a.gif: expected a path that ends in one of .svg");
    CHECK_FAILS(mdp_figure_write(&figure, ""), MDP_E_USAGE, "ends in one of .svg, .pdf, .png");
}

static void test_missing_gnuplot(void) {
    fill();
    setenv("PATH", tap_temp_dir(), 1);
    CHECK_FAILS(mdp_figure_write(&figure, tap_temp_path("a.svg")), MDP_E_IO,
                "cannot run gnuplot (Debian package gnuplot-nox)");
    CHECK_INT(count_files(), 0);
}

/* a gnuplot that fails, and one that says it worked and wrote nothing */
static void test_failing_gnuplot(void) {
    static const char fails[] = "#!/bin/sh\necho '\"x.gp\" line 7: out of ideas' >&2\nexit 1\n",
                      lies[] = "#!/bin/sh\nexit 0\n";
    char command[MDP_PATH_MAX + 32];
    fill();
    snprintf(command, sizeof command, "chmod +x '%s'", tap_temp_path("gnuplot"));
    CHECK_OK(mdp_fsx_write(tap_temp_path("gnuplot"), fails, sizeof fails - 1));
    CHECK(system(command) == 0);
    setenv("PATH", tap_temp_dir(), 1);
    CHECK_FAILS(mdp_figure_write(&figure, tap_temp_path("a.png")), MDP_E_IO, "gnuplot failed: line 7: out of ideas");
    setenv("PATH", "/usr/bin:/bin", 1);
    CHECK_OK(mdp_fsx_write(tap_temp_path("gnuplot"), lies, sizeof lies - 1));
    CHECK(system(command) == 0);
    setenv("PATH", tap_temp_dir(), 1);
    CHECK_FAILS(mdp_figure_write(&figure, tap_temp_path("a.png")), MDP_E_IO,
                "expected a whole picture of gnuplot, found 0 bytes");
    CHECK_INT(count_files(), 1);
}

static void test_cannot_write(void) {
    fill();
    CHECK_FAILS(mdp_figure_write(&figure, tap_temp_path("none/a.svg")), MDP_E_IO, "none/a.svg: cannot be claimed: ");
}

/* the limit is inherited by the child, whose picture is cut short as where memory ends */
static void test_disk_full(void) {
    need_gnuplot();
    fill();
    signal(SIGXFSZ, SIG_IGN);
    const rlim_t sizes[] = {100, 300, 8000};
    static const char *const found[] = {"a.svg: cannot be claimed: cannot write ",
                                        "a.svg: cannot write the plot script: File too large",
                                        "a.svg: expected a whole picture of gnuplot, found 8000 bytes"};
    for (int i = 0; i < 3; i++) {
        struct rlimit limit = {sizes[i], RLIM_INFINITY};
        CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
        mdp_err err = mdp_figure_write(&figure, tap_temp_path("a.svg"));
        limit.rlim_cur = RLIM_INFINITY;
        CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
        CHECK_FAILS(err, MDP_E_IO, found[i]);
        CHECK_INT(count_files(), 0);
    }
}

/* what mdp_figure_put_range writes */
static void check_tics(double low, double high, double scale, int n_max, const char *expected, int length) {
    const struct mdp_axis axis = {.low = low, .high = high, .scale = scale, .suffix = "", .last = NAN};
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    mdp_figure_put_range(stream, "y", &axis, n_max);
    fclose(stream);
    CHECK_STR(text, expected);
    CHECK_INT(mdp_figure_tic_length(&axis, n_max), length);
    free(text);
}

static void test_tics(void) {
    check_tics(-0.116, 0.242, 1, 6, "set yrange [-0.116:0.242]\nset ytics 0.1\nset format y '%.1f'\n", 4);
    check_tics(0.194, 0.552, 1, 8, "set yrange [0.194:0.552]\nset ytics 0.05\nset format y '%.2f'\n", 4);
    check_tics(-200, 20200, 1, 6, "set yrange [-200:20200]\nset ytics 5000\nset format y '%.0f'\n", 5);
    check_tics(0, 50000, 1000, 6, "set yrange [0:50]\nset ytics 10\nset format y '%.0f'\n", 2);
    check_tics(0, 1e-9, 1, 5, "set yrange [0:1e-09]\nset ytics 2e-10\nset format y '%g'\n", 5);
    check_tics(-1e12, 1e12, 1, 4,
               "set yrange [-1000000000000:1000000000000]\nset ytics 500000000000\nset format y '%g'\n", 6);
}

/* an axis whose last value has a tic */
static void check_last(double first, double last, const char *expected) {
    double steps[] = {first, last}, returns[] = {0, 1};
    const struct mdp_series one = {"a", first < last ? 2 : 1, steps, returns, NULL, NULL};
    const struct mdp_figure shown = {NULL, "steps", "return", 1, &one, 0, NULL, NULL, NULL};
    const struct mdp_axis axis = mdp_figures_x(&shown, 1);
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    mdp_figure_put_range(stream, "x", &axis, 6);
    fclose(stream);
    CHECK_STR(text, expected);
    free(text);
}

static void test_last_tic(void) {
    check_last(0, 20000, "set xrange [-0.2:20.2]\nset xtics 0,5,20\nset format x '%.0f'\n");
    check_last(
        400, 19200,
        "set xrange [212:19388]\nset xtics 5000,5000,15000\nset xtics add ('19200' 19200)\nset format x '%.0f'\n");
    check_last(0, 18000,
               "set xrange [-180:18180]\nset xtics 0,5000,10000\nset xtics add ('18000' 18000)\nset format x '%.0f'\n");
    check_last(400, 400, "set xrange [399:401]\nset xtics ('400' 400)\nset format x '%.1f'\n");
    check_last(1200, 98400,
               "set xrange [0.228:99.372]\nset xtics 20,20,80\nset xtics add ('98.4' 98.4)\nset format x '%.0f'\n");
}

/* a single point shows its interval as a bar, beside those of others, and nothing is a band */
static void test_single_points(void) {
    static const double step[] = {400}, low[] = {0.1}, high[] = {0.9}, value[] = {0.5};
    const struct mdp_series points[] = {{"one", 1, step, value, low, high}, {"two", 1, step, value, low, high}};
    const struct mdp_figure shown = {NULL, "steps", "return", 2, points, 0, NULL, "few: a note", NULL};
    char *text = NULL;
    size_t size;
    need_gnuplot();
    CHECK(mdp_series_has_bar(&points[0]));
    CHECK_OK(mdp_figure_write(&shown, tap_temp_path("a.svg")));
    CHECK_OK(mdp_fsx_read(tap_temp_path("a.svg"), 1 << 24, &text, &size));
    CHECK(strstr(text, "few: a note") != NULL && strstr(text, "<title>a.svg</title>") != NULL);
    CHECK(strstr(text, "<desc>return over steps; one: 0.5 at 400; two: 0.5 at 400</desc>") != NULL);
    free(text);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_svg_and_png),
        TAP_TEST(test_odd_names),
        TAP_TEST(test_same_bytes),
        TAP_TEST(test_pdf_of_no_moment),
        TAP_TEST(test_page),
        TAP_TEST(test_page_of_unlike_panels),
        TAP_TEST(test_refuses_values),
        TAP_TEST(test_missing_gnuplot),
        TAP_TEST(test_failing_gnuplot),
        TAP_TEST(test_cannot_write),
        TAP_TEST(test_disk_full),
        TAP_TEST(test_tics),
        TAP_TEST(test_last_tic),
        TAP_TEST(test_single_points),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
