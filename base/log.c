#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memstream.h"
#include "base/text.h"

static const double terminal_interval = 0.2, file_interval = 15.0; /* seconds between two displays */

void mdp_log(const char *format, ...) {
    struct mdp_memstream line;
    va_list args;
    if (mdp_memstream_open(&line, "note") != MDP_OK) return;
    va_start(args, format);
    vfprintf(line.stream, format, args);
    va_end(args);
    if (mdp_memstream_close(&line, MDP_OK) == MDP_OK) mdp_text_put(stderr, line.text);
    fputc('\n', stderr);
    free(line.text);
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
    fprintf(stderr, "%s%s: %.0f/%.0f %s, %.1f/s, %.0f s left%s%s%s", progress->is_terminal ? "\r" : "", progress->what,
            count, progress->total, progress->unit, rate, left, extra != NULL ? ", " : "", extra != NULL ? extra : "",
            progress->is_terminal ? "\033[K" : "\n");
    fflush(stderr);
}

void mdp_progress_end(struct mdp_progress *progress, double count) {
    double elapsed = mdp_clock_seconds() - progress->started;
    fprintf(stderr, "%s%s: %.0f %s in %.1f s (%.1f/s)%s\n", progress->is_terminal ? "\r" : "", progress->what, count,
            progress->unit, elapsed, elapsed > 0 ? (count - progress->first) / elapsed : 0,
            progress->is_terminal ? "\033[K" : "");
}
