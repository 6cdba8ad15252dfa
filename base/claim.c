#include "base/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/host.h"
#include "base/temp.h"

/* turns are short: they are for processes that are just ending, or about to give a claim back */
enum {
    TEXT_MAX = 1024,
    N_TURNS = 100,
    TURN_MS = 20,
    SETTLE_MS = 200,
    N_WAITS = 200,
    WAIT_MS = 50,
    NAME_BYTES_MAX = 200,
    STACK_BYTES = 1 << 18
};
static const char title[] = "mdpbench claim";

/* what a claim says of its holder */
struct holder {
    char verb[MDP_HOST_TEXT_MAX], host[MDP_HOST_TEXT_MAX], boot[MDP_HOST_TEXT_MAX], since[MDP_HOST_TEXT_MAX];
    long process;
    unsigned long long machine; /* 0: unknown */
    unsigned long space;        /* of process numbers */
    unsigned long long started; /* 0: unknown */
    unsigned long long device;  /* the file system as the kernel numbers it: locks are seen by all that see this one */
};

/* a claim of this process */
struct mdp_claim {
    struct mdp_claim *next;
    char what[MDP_PATH_MAX];
    struct mdp_temp file; /* open and locked; its path is the claim's */
    dev_t device;
    ino_t number;
    pid_t process;
};

/* of the process: its claims, the thread that touches them, and what others are told */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t wakes;
    struct mdp_claim *first;
    pthread_t thread;
    int beats;    /* the thread runs */
    int must_end; /* it is asked to end */
    char swept[MDP_PATH_MAX];
    const char *verb;
} own = {.lock = PTHREAD_MUTEX_INITIALIZER, .verb = "?"};
static atomic_int is_lost;

/* ---- texts ---- */

static mdp_err name_claim(const char *path, char claim[MDP_PATH_MAX]) {
    struct stat info;
    const char *name = mdp_path_name(path);
    int is_folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    int n = is_folder
                ? snprintf(claim, MDP_PATH_MAX, "%s/.claim", path)
                : snprintf(claim, MDP_PATH_MAX, "%.*s.%.*s.claim", (int)(name - path), path, NAME_BYTES_MAX, name);
    return n < MDP_PATH_MAX ? MDP_OK : mdp_fail(MDP_E_USAGE, "path longer than %d bytes: %.64s...", MDP_PATH_MAX, path);
}

static int write_text(unsigned long long device, char text[TEXT_MAX]) {
    char host[MDP_HOST_TEXT_MAX], since[MDP_HOST_TEXT_MAX];
    time_t now = time(NULL);
    struct tm parts;
    mdp_host_name(host);
    strftime(since, sizeof since, "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&now, &parts));
    return snprintf(text, TEXT_MAX,
                    "%s\nverb %s\nhost %s\nmachine %llu\nprocess %ld\nstarted %llu\nspace %lu\nboot %s\ndevice %llu\n"
                    "since %s\n",
                    title, own.verb, host, mdp_host_machine(), (long)getpid(), mdp_host_process_start((long)getpid()),
                    mdp_host_process_space(), mdp_host_boot(), device, since);
}

/* the line that begins with a word, "" if there is none */
static void take_line(const char *text, const char *word, char out[MDP_HOST_TEXT_MAX]) {
    size_t n = strlen(word);
    out[0] = 0;
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        if (line[0] == '\n') line++;
        if (strncmp(line, word, n) != 0 || line[n] != ' ') continue;
        snprintf(out, MDP_HOST_TEXT_MAX, "%.*s", (int)strcspn(line + n + 1, "\n"), line + n + 1);
        return;
    }
}

static unsigned long long take_number(const char *text, const char *word) {
    char line[MDP_HOST_TEXT_MAX];
    take_line(text, word, line);
    return strtoull(line, NULL, 10);
}

/* returns 0 for a file that is no claim */
static int read_holder(int fd, struct holder *out) {
    char text[TEXT_MAX];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    if (n < (ssize_t)sizeof title || strncmp(text, title, sizeof title - 1) != 0) return 0;
    text[n] = 0;
    take_line(text, "verb", out->verb);
    take_line(text, "host", out->host);
    take_line(text, "boot", out->boot);
    take_line(text, "since", out->since);
    out->machine = take_number(text, "machine");
    out->process = (long)take_number(text, "process");
    out->started = take_number(text, "started");
    out->space = (unsigned long)take_number(text, "space");
    out->device = take_number(text, "device");
    return 1;
}

/* ---- another's claim ---- */

/* what an open file shows of a claim: who holds it, whether it could be locked from here, and how old its heartbeat is
 */
struct sight {
    struct holder holder;
    enum { LOCKED_BY_US, LOCKED_BY_ANOTHER, NO_LOCKS } lock;
    unsigned long long device;
    long age;
};

static int is_of_this_boot(const struct holder *h) { return h->boot[0] != 0 && strcmp(h->boot, mdp_host_boot()) == 0; }

static int is_in_sight(const struct holder *h) {
    return is_of_this_boot(h) && h->space != 0 && h->space == mdp_host_process_space();
}

/* of this machine before it was started anew, which ended all that ran: by its number and its name, since machines made
 * from one image may share either */
static int is_of_former_boot(const struct holder *h) {
    char host[MDP_HOST_TEXT_MAX];
    mdp_host_name(host);
    return h->boot[0] != 0 && mdp_host_boot()[0] != 0 && strcmp(h->boot, mdp_host_boot()) != 0 && h->machine != 0 &&
           h->machine == mdp_host_machine() && strcmp(h->host, host) == 0;
}

/* a file system has one number for all containers of a machine, and its locks are seen by all who see that number */
static int is_free(const struct sight *s) {
    const struct holder *h = &s->holder;
    if (s->lock == LOCKED_BY_ANOTHER) return 0;
    if (is_of_this_boot(h) && s->lock == LOCKED_BY_US && s->device == h->device) return 1;
    if (is_in_sight(h)) return !mdp_host_process_lives(h->process, h->started);
    if (is_of_former_boot(h)) return 1;
    return labs(s->age) >= MDP_CLAIM_STALE_SECONDS;
}

/* a process that is gone, but whose lock is not yet */
static int is_ending(const struct sight *s) {
    return s->lock == LOCKED_BY_ANOTHER && is_in_sight(&s->holder) &&
           !mdp_host_process_lives(s->holder.process, s->holder.started);
}

static mdp_err refuse(const char *what, const struct sight *s) {
    const struct holder *h = &s->holder;
    char wait[96] = "wait for it to end";
    const char *where = is_in_sight(h) || !is_of_this_boot(h) ? "" : " of another container";
    if (s->lock != LOCKED_BY_ANOTHER && !is_in_sight(h))
        snprintf(wait, sizeof wait, "wait for it to end, or until that is %d s old if it is dead",
                 MDP_CLAIM_STALE_SECONDS);
    return mdp_fail(MDP_E_BUSY,
                    "%s: is being written by mdpbench %s, process %ld%s on %s, since %s; its heartbeat is %ld s old; "
                    "%s, or write to another place",
                    what, h->verb, h->process, where, h->host, h->since, s->age < 0 ? 0 : s->age, wait);
}

static int has_name(int fd, const char *path) {
    struct stat file, named;
    return fstat(fd, &file) == 0 && lstat(path, &named) == 0 && file.st_dev == named.st_dev &&
           file.st_ino == named.st_ino;
}

static mdp_err not_a_claim(const char *path, const char *found) {
    return mdp_fail(MDP_E_IO, "%s: expected a claim of mdpbench or none, found %s; move it away", path, found);
}

/* a file of another user may perhaps be read alone; locks are taken on that, too. *fd is -1 where there is none */
static mdp_err open_other(const char *path, int *fd) {
    const int flags = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    *fd = open(path, O_RDWR | flags);
    if (*fd < 0 && (errno == EACCES || errno == EROFS)) *fd = open(path, O_RDONLY | flags);
    if (*fd >= 0 || errno == ENOENT) return MDP_OK;
    if (errno == ELOOP) return not_a_claim(path, "a link");
    return mdp_fail(MDP_E_IO, "%s: cannot open: %s", path, strerror(errno));
}

/* locks it, too, if that can be done */
static mdp_err look_at(int fd, const char *path, time_t now, struct sight *out) {
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || !read_holder(fd, &out->holder))
        return not_a_claim(path, "something else");
    out->device = info.st_dev;
    out->age = (long)(now - info.st_mtime);
    out->lock = flock(fd, LOCK_EX | LOCK_NB) == 0 ? LOCKED_BY_US : errno == EWOULDBLOCK ? LOCKED_BY_ANOTHER : NO_LOCKS;
    return MDP_OK;
}

/* returns 0 if a signal cut it short */
static int pause_ms(long ms) { return nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL) == 0; }

/* looks at a claim that is there, and takes its place if its holder is gone; *is_taken stays 0 where another look is
 * due. our file's own time is now, as the file system counts it */
static mdp_err take_over(struct mdp_claim *claim, const char *path, int *is_taken) {
    struct sight sight;
    struct stat info;
    int fd, is_old;
    mdp_err err = open_other(path, &fd);
    if (err != MDP_OK || fd < 0) return err;
    if (fstat(claim->file.fd, &info) != 0) info.st_mtime = time(NULL);
    MDP_TRY(look_at(fd, path, info.st_mtime, &sight));
    if (is_ending(&sight)) {
        pause_ms(TURN_MS);
        goto out;
    }
    if (!is_free(&sight)) MDP_TRY(has_name(fd, path) ? refuse(claim->what, &sight) : MDP_OK);
    if (!is_free(&sight) || !has_name(fd, path)) goto out;
    MDP_TRY(mdp_temp_move(claim->file.path, path, MDP_PUBLISH_REPLACE, &is_old));
    /* another machine may have found it stale at the same moment: the last one keeps it */
    if (!is_of_this_boot(&sight.holder)) pause_ms(SETTLE_MS);
    *is_taken = 1;
out:
    close(fd);
    return err;
}

/* ---- the heartbeat ---- */

static int is_own(const struct mdp_claim *claim) {
    struct stat info;
    /* opened anew: other machines' changes show then. one that does not open is looked at as it is */
    int fd = open(claim->file.path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if ((fd >= 0 ? fstat(fd, &info) : lstat(claim->file.path, &info)) != 0) info.st_ino = 0;
    if (fd >= 0) close(fd);
    return info.st_ino == claim->number && info.st_dev == claim->device;
}

static mdp_err refuse_lost(const struct mdp_claim *claim) {
    struct sight sight = {.lock = LOCKED_BY_ANOTHER};
    int fd = open(claim->file.path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    int is_taken = fd >= 0 && read_holder(fd, &sight.holder);
    if (fd >= 0) close(fd);
    if (!is_taken)
        return mdp_fail(MDP_E_BUSY,
                        "%s: expected the claim of this process, found none: it was removed; nothing more is written",
                        claim->what);
    return mdp_fail(MDP_E_BUSY,
                    "%s: was taken by mdpbench %s, process %ld on %s, since %s, as this process gave no sign for so "
                    "long; nothing more is written",
                    claim->what, sight.holder.verb, sight.holder.process, sight.holder.host, sight.holder.since);
}

static void beat(void) {
    for (struct mdp_claim *claim = own.first; claim != NULL; claim = claim->next) {
        (void)futimens(claim->file.fd, NULL);
        if (!is_own(claim)) is_lost = 1;
    }
}

static void *run_beats(void *unused) {
    struct timespec due;
    pthread_mutex_lock(&own.lock);
    while (!own.must_end) {
        clock_gettime(CLOCK_MONOTONIC, &due);
        due.tv_sec += MDP_CLAIM_BEAT_SECONDS;
        if (pthread_cond_timedwait(&own.wakes, &own.lock, &due) == ETIMEDOUT) beat();
    }
    pthread_mutex_unlock(&own.lock);
    return unused;
}

/* signals are for the first thread. without a thread, claims are touched wherever they are checked */
static void start_beats(void) {
    sigset_t all, before;
    pthread_attr_t attributes;
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&own.wakes, &clock);
    pthread_condattr_destroy(&clock);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    own.must_end = 0;
    own.beats = pthread_create(&own.thread, &attributes, run_beats, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
}

static void end_beats(void) {
    pthread_mutex_lock(&own.lock);
    own.must_end = 1;
    pthread_cond_signal(&own.wakes);
    pthread_mutex_unlock(&own.lock);
    if (own.beats) pthread_join(own.thread, NULL);
    own.beats = 0;
    pthread_cond_destroy(&own.wakes);
}

/* ---- claims of this process ---- */

/* in a fork: a child that outlives its holder for a moment must not keep the locks */
static void forget_all(void) {
    for (struct mdp_claim *claim = own.first; claim != NULL; claim = claim->next) {
        close(claim->file.fd);
        claim->file.fd = -1;
    }
    own.first = NULL;
}

static void watch_forks(void) { pthread_atfork(NULL, NULL, forget_all); }

static void enter(struct mdp_claim *claim) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    pthread_mutex_lock(&own.lock);
    int is_first = own.first == NULL;
    claim->next = own.first;
    own.first = claim;
    pthread_mutex_unlock(&own.lock);
    if (is_first) start_beats();
}

static void leave(struct mdp_claim *claim) {
    pthread_mutex_lock(&own.lock);
    struct mdp_claim **place = &own.first;
    while (*place != NULL && *place != claim) place = &(*place)->next;
    if (*place != NULL) *place = claim->next;
    int is_last = own.first == NULL;
    pthread_mutex_unlock(&own.lock);
    if (is_last) end_beats();
    if (is_last) is_lost = 0;
}

/* once a folder: many files may be claimed there one after the other */
static void sweep(const char *path) {
    char folder[MDP_PATH_MAX];
    mdp_path_folder(path, folder);
    if (strcmp(folder, own.swept) == 0) return;
    strcpy(own.swept, folder);
    mdp_temp_sweep(folder);
}

static mdp_err write_claim(struct mdp_claim *claim) {
    char text[TEXT_MAX];
    struct stat info;
    if (fstat(claim->file.fd, &info) != 0)
        return mdp_fail(MDP_E_IO, "%s: cannot be claimed: %s", claim->what, strerror(errno));
    claim->device = info.st_dev;
    claim->number = info.st_ino;
    claim->process = getpid();
    int n = write_text(info.st_dev, text);
    if (n >= TEXT_MAX) return mdp_fail(MDP_E_INTERNAL, "%s: a claim of %d bytes is too long", claim->what, n);
    ssize_t written = write(claim->file.fd, text, (size_t)n);
    if (written == n) return MDP_OK;
    return mdp_fail(MDP_E_IO, "%s: cannot be claimed: cannot write %d bytes: %s", claim->what, n,
                    strerror(written < 0 ? errno : ENOSPC));
}

/* a folder that is there and that nothing can be written to: who only looks there, as `train` at a run that is whole,
 * needs no claim, and who tries to write is told so by the file */
static int is_closed(const char *path) {
    char folder[MDP_PATH_MAX];
    mdp_path_folder(path, folder);
    return access(folder, F_OK) == 0 && access(folder, W_OK) != 0;
}

void mdp_claim_as(const char *verb) { own.verb = verb; }

/* a claim is whole before it has its name: of two that come at once one finds the other's, and looks whether it is
 * alive */
static mdp_err take_once(const char *path, struct mdp_claim **out) {
    struct mdp_claim *claim = NULL;
    char name[MDP_PATH_MAX];
    int is_there = 1, is_taken = 0;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_calloc(&claim, 1, sizeof *claim, "claim"));
    claim->file = MDP_TEMP_NONE;
    snprintf(claim->what, sizeof claim->what, "%s", path);
    MDP_TRY(name_claim(path, name));
    if ((err = mdp_temp_open(name, &claim->file)) != MDP_OK) {
        err = is_closed(name) ? MDP_OK : mdp_fail_context(err, "%s: cannot be claimed", path);
        goto out;
    }
    MDP_TRY(write_claim(claim));
    for (int i = 0; is_there && !is_taken && i < N_TURNS; i++) {
        MDP_TRY(mdp_temp_move(claim->file.path, name, MDP_PUBLISH_NEW, &is_there));
        if (is_there) MDP_TRY(take_over(claim, name, &is_taken));
    }
    if (is_there && !is_taken)
        MDP_TRY(mdp_fail(MDP_E_BUSY, "%s: is being written by a process that does not end", path));
    strcpy(claim->file.path, name);
    if (!is_own(claim)) {
        err = refuse_lost(claim);
        mdp_temp_close(&claim->file);
        goto out;
    }
    enter(claim);
    sweep(name);
    *out = claim;
    return MDP_OK;
out:
    if (claim != NULL) mdp_temp_discard(&claim->file);
    free(claim);
    return err;
}

/* of a user who lets several machines do one list of work: 0 without the variable, and for what is no number */
static time_t patience(void) {
    const char *text = getenv("MDPBENCH_CLAIM_SECONDS");
    char *end = NULL;
    const long ten_years = 315360000, seconds = text != NULL ? strtol(text, &end, 10) : 0;
    if (text == NULL || end == text || *end != 0 || seconds <= 0) return 0;
    return (time_t)(seconds < ten_years ? seconds : ten_years);
}

mdp_err mdp_claim_take(const char *path, struct mdp_claim **out) {
    const time_t end = time(NULL) + patience();
    mdp_err err = take_once(path, out);
    while (err == MDP_E_BUSY && time(NULL) < end && pause_ms(WAIT_MS * 10)) err = take_once(path, out);
    return err;
}

mdp_err mdp_claim_wait(const char *path, struct mdp_claim **out) {
    mdp_err err = take_once(path, out);
    for (int i = 0; err == MDP_E_BUSY && i < N_WAITS; i++) {
        (void)pause_ms(WAIT_MS);
        err = take_once(path, out);
    }
    return err;
}

/* a fork of its holder only forgets it */
void mdp_claim_free(struct mdp_claim *claim) {
    if (claim == NULL) return;
    if (claim->process == getpid()) {
        leave(claim);
        if (is_own(claim)) (void)unlink(claim->file.path);
    }
    mdp_temp_close(&claim->file);
    free(claim);
}

mdp_err mdp_claims_check(void) {
    mdp_err err = MDP_OK;
    pthread_mutex_lock(&own.lock);
    if (own.first != NULL && !own.beats) beat();
    for (const struct mdp_claim *claim = own.first; claim != NULL && err == MDP_OK; claim = claim->next)
        if (!is_own(claim)) err = refuse_lost(claim);
    pthread_mutex_unlock(&own.lock);
    if (err != MDP_OK) is_lost = 1;
    return err;
}

int mdp_claims_are_lost(void) { return is_lost; }
