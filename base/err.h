/* errors: one list of codes, one thread-local message.
 *
 * every fallible function of every room returns mdp_err; the message that belongs to the newest failure of the
 * calling thread names file, object, expected and found. libraries never print, exit or abort on bad input. */
#ifndef MDP_BASE_ERR_H
#define MDP_BASE_ERR_H

/* X(name, exit status of the command, short text) */
#define MDP_ERR_LIST(X)                                                                                                \
    X(OK, 0, "ok")                                                                                                     \
    X(FAILED, 1, "verification or gate failed")                                                                        \
    X(UNDECIDED, 2, "cannot decide")                                                                                   \
    X(DATA, 3, "bad input data")                                                                                       \
    X(USAGE, 4, "wrong usage")                                                                                         \
    X(IO, 5, "input, output or resource failure")                                                                      \
    X(BUSY, 5, "in use by another process")                                                                            \
    X(NOMEM, 5, "out of memory")                                                                                       \
    X(INTERRUPTED, 6, "interrupted, run again to resume")                                                              \
    X(INTERNAL, 70, "internal error")

#define MDP_ERR_ENUM(name, status, text) MDP_E_##name,
typedef enum mdp_err { MDP_ERR_LIST(MDP_ERR_ENUM) } mdp_err;
#undef MDP_ERR_ENUM
#define MDP_OK MDP_E_OK

/** Records a formatted message for this thread and returns `code`, so that `return mdp_fail(...)` reads well. texts
 * in it are shown as mdp_text_mend leaves them. */
mdp_err mdp_fail(mdp_err code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Prepends "context: " to this thread's message and returns `code`; IO and NOMEM where these were the failure, since
 * what the machine refuses is no fault of a file or a user. */
mdp_err mdp_fail_context(mdp_err code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Returns this thread's newest message, "" if nothing failed yet; borrowed until the next failure. */
const char *mdp_err_message(void);

/** Returns the short text of a code. */
const char *mdp_err_text(mdp_err code);

/** Returns the exit status that the command documents for a code. */
int mdp_err_exit_status(mdp_err code);

/** Allocates `n` zeroed items of `size` bytes on a 64-byte boundary; fails with NOMEM and names `what`. Owns: caller,
 * free(). */
mdp_err mdp_calloc(void *out, unsigned long n, unsigned long size, const char *what);

/* runs an expression that returns mdp_err and jumps to the clean-up label `out` with `err` set when it fails */
#define MDP_TRY(expression)                                                                                            \
    do {                                                                                                               \
        if ((err = (expression)) != MDP_OK) goto out;                                                                  \
    } while (0)

#endif
