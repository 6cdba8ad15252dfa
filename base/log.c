#include "base/log.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/terminal.h"
#include "base/text.h"

static const double terminal_interval = 0.2, file_interval = 15.0; /* seconds between two displays */
enum { TAIL_MAX = 512 };

/* whether the cursor stands behind a line of progress; belongs to the process, as its terminal does */
static int is_line_open;

void mdp_log_end_line(void) {
    if (is_line_open) fputc('\n', stderr);
    is_line_open = 0;
}

/* belongs to the process, as its standard error does */
static int is_quiet;

void mdp_log_quiet(void) { is_quiet = 1; }

void mdp_log(const char *format, ...) {
    va_list args;
    if (is_quiet) return;
    mdp_log_end_line();
    va_start(args, format);
    mdp_text_vprint_line(stderr, format, args);
    va_end(args);
}

/* two neighbouring units, the larger one first; rounded before they are told apart, so that none is ever full */
const char *mdp_duration_text(double seconds, char text[MDP_DURATION_MAX]) {
    double minutes = round(seconds / 60), hours = round(seconds / 3600);
    seconds = round(seconds);
    if (seconds < 60)
        snprintf(text, MDP_DURATION_MAX, "%.0f s", seconds);
    else if (seconds < 3600)
        snprintf(text, MDP_DURATION_MAX, "%.0f min %02.0f s", floor(seconds / 60), fmod(seconds, 60));
    else if (minutes < 24 * 60)
        snprintf(text, MDP_DURATION_MAX, "%.0f h %02.0f min", floor(minutes / 60), fmod(minutes, 60));
    else
        snprintf(text, MDP_DURATION_MAX, "%.0f d %02.0f h", floor(hours / 24), fmod(hours, 24));
    return text;
}

void mdp_progress_start(struct mdp_progress *progress, const char *what, const char *unit, double first, double total) {
    *progress = (struct mdp_progress){.what = what,
                                      .unit = unit,
                                      .total = total,
                                      .first = first,
                                      .started = mdp_clock_seconds(),
                                      .is_terminal = isatty(STDERR_FILENO)};
    progress->last_shown = progress->started;
}

/* the end of a text, in at most so many characters; of a label that says more than its beginning */
static const char *end_of(const char *text, int width) {
    for (size_t n; mdp_text_width(text) > width; text += n > 0 ? n : 1) n = mdp_text_character(text, strlen(text));
    return text;
}

void mdp_progress_line(const struct mdp_progress *progress, double count, double seconds, const char *extra, int width,
                       char line[MDP_PROGRESS_LINE_MAX]) {
    static const char dots[] = "..";
    const int n_dots = (int)strlen(dots);
    double rate = seconds > 0 ? (count - progress->first) / seconds : 0;
    char left[MDP_DURATION_MAX], tail[TAIL_MAX];
    mdp_duration_text(rate > 0 ? fmax(0, (progress->total - count) / rate) : 0, left);
    snprintf(tail, sizeof tail, ": %.0f/%.0f %s, %.1f/s, %s left", count, progress->total, progress->unit, rate, left);
    int n_what = mdp_text_width(progress->what), n_tail = mdp_text_width(tail);
    int n_extra = extra != NULL && extra[0] != 0 ? 2 + mdp_text_width(extra) : 0, is_free = width == 0;
    if (is_free || n_what + n_tail + n_extra <= width)
        snprintf(line, MDP_PROGRESS_LINE_MAX, "%s%s%s%s", progress->what, tail, n_extra > 0 ? ", " : "",
                 n_extra > 0 ? extra : "");
    else if (n_what + n_tail <= width)
        snprintf(line, MDP_PROGRESS_LINE_MAX, "%s%s", progress->what, tail);
    else if (n_dots + n_tail < width)
        snprintf(line, MDP_PROGRESS_LINE_MAX, "%s%s%s", dots, end_of(progress->what, width - n_tail - n_dots), tail);
    else
        snprintf(line, MDP_PROGRESS_LINE_MAX, "%.*s", width, tail + 2);
}

/* the last column stays free: there, some terminals have begun the next line */
void mdp_progress_update(struct mdp_progress *progress, double count, const char *extra) {
    double now = mdp_clock_seconds();
    char line[MDP_PROGRESS_LINE_MAX];
    if (is_quiet) return;
    if (now - progress->last_shown < (progress->is_terminal ? terminal_interval : file_interval)) return;
    progress->last_shown = now;
    int width = progress->is_terminal ? mdp_terminal_width(stderr) : 0;
    mdp_progress_line(progress, count, now - progress->started, extra, width > 1 ? width - 1 : width, line);
    mdp_text_mend(line);
    fprintf(stderr, progress->is_terminal ? "\r%s\033[K" : "%s\n", line);
    is_line_open = progress->is_terminal;
}

void mdp_progress_end(struct mdp_progress *progress, double count) {
    double elapsed = mdp_clock_seconds() - progress->started;
    if (is_quiet) return;
    if (progress->is_terminal) fputs("\r", stderr);
    mdp_text_put(stderr, progress->what);
    fprintf(stderr, ": %.0f %s in %.1f s (%.1f/s)%s\n", count, progress->unit, elapsed,
            elapsed > 0 ? (count - progress->first) / elapsed : 0, progress->is_terminal ? "\033[K" : "");
    is_line_open = 0;
}
