/* runs a command and lets one of its system calls on files below a folder fail, or ends the command there.
 *
 * the kernel asks this process about each call (seccomp's user notification), so that calls from within the C library
 * and from libraries are met as well, and the program under test is the one that users have. calls are numbered from 1
 * in the order in which they come, which repeats for a command with one thread. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char usage[] =
    "usage: inject FOLDER CALLS NTH WHAT LOG COMMAND...\n"
    "  FOLDER  calls on files below it are counted; an absolute path without links\n"
    "  CALLS   read, write, sync, close, open, rename, or some of them joined by commas, or change for those that\n"
    "          change what is on disk\n"
    "  NTH     which call; 3+ for the third and all after it; 0 for none\n"
    "  WHAT    EIO, ENOSPC, EINTR: the call fails; KILL, TERM: the command gets the signal before the call\n"
    "  LOG     gets a line for each call that was counted\n"
    "the exit status is the command's, 128 and the signal where one ended it, 125 if nothing could be injected\n";

enum { READ = 1, WRITE = 2, SYNC = 4, CLOSE = 8, OPEN = 16, RENAME = 32, CHANGE = 64 };

/* a call: what it is called by its kind, and where its file stands: at a descriptor, or at a path */
struct call {
    int number, kinds;
    const char *name;
    enum { AT_DESCRIPTOR, AT_PATH } place;
    int i_argument;
};

/* older calls that newer machines have no more */
#if defined(__NR_open)
#define OLD_CALLS(X)                                                                                                   \
    X(open, OPEN, AT_PATH, 0)                                                                                          \
    X(rename, RENAME | CHANGE, AT_PATH, 0) X(link, RENAME | CHANGE, AT_PATH, 0) X(unlink, CHANGE, AT_PATH, 0)          \
        X(mkdir, CHANGE, AT_PATH, 0)
#else
#define OLD_CALLS(X)
#endif
#define CALLS(X)                                                                                                       \
    OLD_CALLS(X)                                                                                                       \
    X(read, READ, AT_DESCRIPTOR, 0)                                                                                    \
    X(pread64, READ, AT_DESCRIPTOR, 0)                                                                                 \
    X(readv, READ, AT_DESCRIPTOR, 0)                                                                                   \
    X(write, WRITE | CHANGE, AT_DESCRIPTOR, 0)                                                                         \
    X(pwrite64, WRITE | CHANGE, AT_DESCRIPTOR, 0)                                                                      \
    X(writev, WRITE | CHANGE, AT_DESCRIPTOR, 0)                                                                        \
    X(ftruncate, WRITE | CHANGE, AT_DESCRIPTOR, 0)                                                                     \
    X(fallocate, WRITE | CHANGE, AT_DESCRIPTOR, 0)                                                                     \
    X(copy_file_range, WRITE | CHANGE, AT_DESCRIPTOR, 2)                                                               \
    X(fsync, SYNC | CHANGE, AT_DESCRIPTOR, 0)                                                                          \
    X(fdatasync, SYNC | CHANGE, AT_DESCRIPTOR, 0)                                                                      \
    X(close, CLOSE, AT_DESCRIPTOR, 0)                                                                                  \
    X(openat, OPEN, AT_PATH, 1)                                                                                        \
    X(renameat, RENAME | CHANGE, AT_PATH, 1)                                                                           \
    X(renameat2, RENAME | CHANGE, AT_PATH, 1)                                                                          \
    X(linkat, RENAME | CHANGE, AT_PATH, 1)                                                                             \
    X(unlinkat, CHANGE, AT_PATH, 1)                                                                                    \
    X(mkdirat, CHANGE, AT_PATH, 1)
static const struct call calls[] = {
#define CALL(name, kinds, place, i_argument) {__NR_##name, kinds, #name, place, i_argument},
    CALLS(CALL)
#undef CALL
};
enum { N_CALLS = sizeof calls / sizeof *calls };

static const struct {
    const char *name;
    int error, signal;
} whats[] = {{"EIO", EIO, 0}, {"ENOSPC", ENOSPC, 0}, {"EINTR", EINTR, 0}, {"KILL", 0, SIGKILL}, {"TERM", 0, SIGTERM}};

/* what the command line asks for */
static struct {
    const char *folder;
    int kinds, error, signal, goes_on;
    long nth;
    FILE *log;
} wanted;

static _Noreturn void give_up(const char *what) {
    fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
    exit(125);
}

/* ---- the command ---- */

/* answers ALLOW to all calls but those that are counted, for which this process is asked */
static int install(int kinds) {
    struct sock_filter code[2 * N_CALLS + 2];
    unsigned short n = 0;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int i = 0; i < N_CALLS; i++) {
        if ((calls[i].kinds & kinds) == 0) continue;
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i].number, 0, 1);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const struct sock_fprog program = {n, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    return (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* a descriptor to or from the other side of a socket */
union message_room {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(sizeof(int))];
};

static void send_descriptor(int socket, int descriptor) {
    char byte = 0;
    union message_room room = {.bytes = {0}};
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &room, .msg_controllen = sizeof room};
    room.head = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&room.head), &descriptor, sizeof descriptor);
    if (sendmsg(socket, &message, 0) < 0) _exit(125);
}

static int receive_descriptor(int socket) {
    char byte;
    union message_room room = {.bytes = {0}};
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &room, .msg_controllen = sizeof room};
    int descriptor = -1;
    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) <= 0 || message.msg_controllen == 0) return -1;
    memcpy(&descriptor, CMSG_DATA(&room.head), sizeof descriptor);
    return descriptor;
}

static _Noreturn void start(int socket, char **command) {
    int listener = install(wanted.kinds);
    if (listener < 0) _exit(125);
    send_descriptor(socket, listener);
    execvp(command[0], command);
    _exit(127);
}

/* ---- what the kernel asks ---- */

/* a text in another process's memory; "" if it cannot be read */
static void read_text(pid_t pid, uint64_t address, char text[PATH_MAX]) {
    for (size_t n = 0; n < PATH_MAX - 1; n++) {
        struct iovec here = {text + n, 1}, there = {(void *)(uintptr_t)(address + n), 1};
        if (process_vm_readv(pid, &here, 1, &there, 1, 0) != 1) break;
        if (text[n] == 0) return;
    }
    text[0] = 0;
}

static void read_link(char path[PATH_MAX], const char *format, pid_t pid, int number) {
    char name[64];
    snprintf(name, sizeof name, format, (int)pid, number);
    ssize_t n = readlink(name, path, PATH_MAX - 1);
    path[n > 0 ? n : 0] = 0;
}

/* the file of a call as an absolute path, without looking at links, since the tests make none */
static void find_path(const struct seccomp_notif *request, const struct call *call, char path[2 * PATH_MAX]) {
    char text[PATH_MAX];
    uint64_t argument = request->data.args[call->i_argument];
    path[0] = 0;
    if (call->place == AT_DESCRIPTOR) {
        read_link(path, "/proc/%d/fd/%d", (pid_t)request->pid, (int)argument);
        return;
    }
    read_text((pid_t)request->pid, argument, text);
    int base = call->i_argument > 0 ? (int)request->data.args[call->i_argument - 1] : AT_FDCWD;
    if (text[0] != '/') {
        read_link(path, base == AT_FDCWD ? "/proc/%d/cwd" : "/proc/%d/fd/%d", (pid_t)request->pid, base);
        strcat(path, "/");
    }
    strcat(path, text);
}

static const struct call *find_call(const struct seccomp_notif *request) {
    for (int i = 0; i < N_CALLS; i++)
        if (calls[i].number == request->data.nr) return &calls[i];
    return NULL;
}

static int is_below_folder(const char *path) {
    size_t n = strlen(wanted.folder);
    return strncmp(path, wanted.folder, n) == 0 && (path[n] == '/' || path[n] == 0);
}

static void answer(int listener, pid_t command, const struct seccomp_notif *request, long *n_counted) {
    static char path[2 * PATH_MAX];
    const struct call *call = find_call(request);
    struct seccomp_notif_resp response = {.id = request->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    if (call != NULL) find_path(request, call, path);
    if (call != NULL && is_below_folder(path)) {
        ++*n_counted;
        int is_now = *n_counted == wanted.nth || (wanted.goes_on && wanted.nth > 0 && *n_counted > wanted.nth);
        fprintf(wanted.log, "%s %s%s\n", call->name, path, is_now ? " <- here" : "");
        if (is_now && wanted.signal != 0) kill(command, wanted.signal);
        if (is_now && wanted.error != 0) response = (struct seccomp_notif_resp){request->id, 0, -wanted.error, 0};
    }
    /* the command may be gone */
    (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

/* answers until no process is left that could ask */
static void serve(int listener, pid_t command) {
    struct seccomp_notif request;
    struct pollfd ready = {listener, POLLIN, 0};
    long n_counted = 0;
    while (poll(&ready, 1, -1) > 0 && (ready.revents & POLLIN) != 0) {
        memset(&request, 0, sizeof request);
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) == 0) answer(listener, command, &request, &n_counted);
    }
}

/* ---- the command line ---- */

static int find_kinds(const char *text) {
    static const char *const names[] = {"read", "write", "sync", "close", "open", "rename", "change"};
    int kinds = 0;
    while (*text != 0) {
        size_t n = strcspn(text, ",");
        for (int i = 0; i < 7; i++)
            if (strlen(names[i]) == n && strncmp(names[i], text, n) == 0) kinds |= 1 << i;
        text += n + (text[n] == ',');
    }
    return kinds;
}

static int find_what(const char *text) {
    for (size_t i = 0; i < sizeof whats / sizeof *whats; i++) {
        if (strcmp(whats[i].name, text) != 0) continue;
        wanted.error = whats[i].error;
        wanted.signal = whats[i].signal;
        return 1;
    }
    return 0;
}

int main(int argc, char **argv) {
    int ends[2], status = 0;
    char *rest = argc > 3 ? argv[3] : NULL;
    if (argc > 6) {
        wanted.folder = argv[1];
        wanted.kinds = find_kinds(argv[2]);
        wanted.nth = strtol(argv[3], &rest, 10);
        wanted.goes_on = *rest == '+';
    }
    if (argc < 7 || wanted.kinds == 0 || rest == argv[3] || !find_what(argv[4])) {
        fputs(usage, stderr);
        return 125;
    }
    wanted.log = fopen(argv[5], "we");
    if (wanted.log == NULL) give_up(argv[5]);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) give_up("socketpair");
    pid_t command = fork();
    if (command < 0) give_up("fork");
    if (command == 0) start(ends[1], argv + 6);
    close(ends[1]);
    int listener = receive_descriptor(ends[0]);
    if (listener >= 0) serve(listener, command);
    if (waitpid(command, &status, 0) != command) give_up("waitpid");
    if (fclose(wanted.log) != 0) give_up(argv[5]);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
