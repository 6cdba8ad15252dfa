/* what a person sees while work goes on: notes on standard error, and progress with rate and time left.
 *
 * standard output belongs to results; nothing here writes to it. */
#ifndef MDP_BASE_LOG_H
#define MDP_BASE_LOG_H

/** Leaves out notes and progress from now on, in the whole process: errors are all that is said. */
void mdp_log_quiet(void);

/** Prints one line to standard error, its texts as mdp_text_mend leaves them. */
void mdp_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Ends a line of progress that is being redrawn, if there is one: whoever writes to standard error by other means
 * calls this before. */
void mdp_log_end_line(void);

/* progress of one long job; a redrawn line on a terminal, a plain line every few seconds otherwise */
struct mdp_progress {
    const char *what; /* label, borrowed */
    const char *unit; /* what is counted, e.g. "steps" */
    double total;     /* > 0 */
    double first;     /* count at the start (a resumed job does not start at 0) */
    double started, last_shown;
    int is_terminal;
};

enum { MDP_DURATION_MAX = 32, MDP_PROGRESS_LINE_MAX = 8192 };

/** Writes a time as people say it: "42 s", "5 min 07 s", "1 h 02 min", "3 d 04 h"; returns the text. Range: seconds >=
 * 0, finite. */
const char *mdp_duration_text(double seconds, char text[MDP_DURATION_MAX]);

/** Starts a progress display at count `first` of `total`. */
void mdp_progress_start(struct mdp_progress *progress, const char *what, const char *unit, double first, double total);

/** Shows the count if enough time has passed since the last line; `extra` (nullable) is appended. */
void mdp_progress_update(struct mdp_progress *progress, double count, const char *extra);

/** Writes what a display shows after so many seconds in at most `width` characters, 0 for any number: where they are
 * too few, `extra` goes first, then the beginning of the label. Nullable: extra. */
void mdp_progress_line(const struct mdp_progress *progress, double count, double seconds, const char *extra, int width,
                       char line[MDP_PROGRESS_LINE_MAX]);

/** Ends the display with one line that gives the count, the time taken and the rate. */
void mdp_progress_end(struct mdp_progress *progress, double count);

#endif
