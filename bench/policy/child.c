#include "bench/policy/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

/* how long one that may not be killed is waited for */
enum { FOREIGN_SECONDS = 5 };

/* ---- start ---- */

/* both ends above the standard streams, of which some may be closed here and all become the child's */
static int open_pipe(int ends[2]) {
    int low[2];
    ends[0] = ends[1] = -1;
    if (pipe(low) != 0) return 0;
    for (int i = 0; i < 2; i++) ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    for (int i = 0; i < 2; i++) close(low[i]);
    return ends[0] >= 0 && ends[1] >= 0;
}

static void close_ends(int ends[2]) {
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0) close(ends[i]);
}

/* in the child. the group is made on both sides, so that it is there for whoever comes first; a kill of the parent that
 * it cannot notice reaches the shell, or what the shell has become, by the kernel */
static _Noreturn void become(const char *command, int in, int out, const sigset_t *mask, pid_t parent) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0) _exit(126);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(126);
}

mdp_err mdp_child_start(const char *command, struct mdp_child *out) {
    int to[2] = {-1, -1}, from[2] = {-1, -1};
    sigset_t pipes;
    const pid_t parent = getpid();
    *out = MDP_CHILD_NONE;
    if (!open_pipe(to) || !open_pipe(from)) goto failed;
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipes, &out->mask);
    out->pid = fork();
    if (out->pid == 0) become(command, to[0], from[1], &out->mask, parent);
    if (out->pid < 0) {
        out->pid = 0;
        pthread_sigmask(SIG_SETMASK, &out->mask, NULL);
        goto failed;
    }
    setpgid(out->pid, out->pid);
    close(to[0]);
    close(from[1]);
    out->in = from[0];
    out->out = to[1];
    fcntl(out->in, F_SETFL, O_NONBLOCK);
    fcntl(out->out, F_SETFL, O_NONBLOCK);
    return MDP_OK;
failed:;
    mdp_err err = mdp_fail(MDP_E_IO, "cannot start a process: %s", strerror(errno));
    close_ends(to);
    close_ends(from);
    return err;
}

/* ---- end ---- */

/* the dead child is left to be reaped at the end, so that its number, which is the group's, stays its own */
static void look(struct mdp_child *child) {
    siginfo_t info = {.si_pid = 0};
    if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    child->is_over = 1;
    child->is_killed = info.si_code != CLD_EXITED;
    child->status = info.si_status;
}

int mdp_child_wait(struct mdp_child *child, double seconds) {
    const double end = mdp_clock_seconds() + seconds;
    struct timespec pause = {0, 100000};
    for (look(child); !child->is_over && mdp_clock_seconds() < end; look(child)) {
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 20000000) pause.tv_nsec *= 2;
    }
    return child->is_over;
}

void mdp_child_how(const struct mdp_child *child, char text[64]) {
    if (child->is_killed)
        snprintf(text, 64, "signal %d (%.40s)", child->status, strsignal(child->status));
    else
        snprintf(text, 64, "status %d", child->status);
}

/* a write to a pipe that nobody reads any more has left a signal behind */
static void drop_signal(const struct mdp_child *child) {
    const struct timespec now = {0, 0};
    sigset_t pipes;
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    if (!sigismember(&child->mask, SIGPIPE))
        while (sigtimedwait(&pipes, NULL, &now) > 0) continue;
    pthread_sigmask(SIG_SETMASK, &child->mask, NULL);
}

void mdp_child_end(struct mdp_child *child, double seconds) {
    if (child->pid == 0) return;
    if (child->out >= 0) close(child->out);
    if (seconds > 0) (void)mdp_child_wait(child, seconds);
    /* also where the shell is over: what it has left in the background is of its group */
    const int is_foreign = kill(-child->pid, SIGKILL) != 0 && errno == EPERM;
    /* one of another user, as sudo's, ends by itself or is left */
    if (is_foreign && !mdp_child_wait(child, FOREIGN_SECONDS))
        mdp_log("process %ld cannot be ended and is left", (long)child->pid);
    else
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) continue;
    if (child->in >= 0) close(child->in);
    drop_signal(child);
    *child = MDP_CHILD_NONE;
}
