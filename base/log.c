#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

static const double terminal_interval = 0.2, file_interval = 15.0; /* seconds between two displays */

void mdp_log(const char *format, ...) {
    va_list args;
    va_start(args, format);
    mdp_text_vprint_line(stderr, format, args);
    va_end(args);
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

void mdp_progress_update(struct mdp_progress *progress, double count, const char *extra) {
    double now = mdp_clock_seconds();
    if (now - progress->last_shown < (progress->is_terminal ? terminal_interval : file_interval)) return;
    progress->last_shown = now;
    double elapsed = now - progress->started;
    double rate = elapsed > 0 ? (count - progress->first) / elapsed : 0;
    double left = rate > 0 ? (progress->total - count) / rate : 0;
    if (progress->is_terminal) fputs("\r", stderr);
    mdp_text_put(stderr, progress->what);
    fprintf(stderr, ": %.0f/%.0f %s, %.1f/s, %.0f s left%s", count, progress->total, progress->unit, rate, left,
            extra != NULL ? ", " : "");
    mdp_text_put(stderr, extra);
    fputs(progress->is_terminal ? "\033[K" : "\n", stderr);
    fflush(stderr);
}

void mdp_progress_end(struct mdp_progress *progress, double count) {
    double elapsed = mdp_clock_seconds() - progress->started;
    if (progress->is_terminal) fputs("\r", stderr);
    mdp_text_put(stderr, progress->what);
    fprintf(stderr, ": %.0f %s in %.1f s (%.1f/s)%s\n", count, progress->unit, elapsed,
            elapsed > 0 ? (count - progress->first) / elapsed : 0, progress->is_terminal ? "\033[K" : "");
}
