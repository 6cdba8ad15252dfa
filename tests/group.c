/* looks at process groups in /proc. */
#define _DEFAULT_SOURCE
#include "tests/group.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

/* what /proc says of a process */
struct process {
    char state; /* R: runs or could, D: waits for a device */
    pid_t group;
    double used; /* seconds, also of its children that it waited for */
};

static double seconds(struct timeval time) { return (double)time.tv_sec + 1e-6 * (double)time.tv_usec; }

/* returns 0 if the process is gone. its name, in parentheses, may hold anything */
static int read_process(const char *pid, struct process *process) {
    char path[300], text[1024];
    unsigned long own[2];
    long waited[2];
    int group;
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    FILE *file = fopen(path, "r");
    size_t n = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file != NULL) fclose(file);
    text[n] = 0;
    const char *rest = strrchr(text, ')');
    if (rest == NULL || sscanf(rest, ") %c %*d %d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &process->state,
                               &group, &own[0], &own[1], &waited[0], &waited[1]) != 6)
        return 0;
    process->group = group;
    process->used = (double)(own[0] + own[1] + (unsigned long)(waited[0] + waited[1])) / (double)sysconf(_SC_CLK_TCK);
    return 1;
}

void tap_group_watch(struct tap_group *group, pid_t leader) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    *group = (struct tap_group){.leader = leader, .progress_at = mdp_clock_seconds()};
}

/* waits for one of the group, or looks whether there is one to wait for; 0 if there is none */
static int reap_one(struct tap_group *group, int options) {
    struct rusage usage;
    int status;
    pid_t pid;
    do pid = wait4(-group->leader, &status, options, &usage);
    while (pid < 0 && errno == EINTR);
    if (pid <= 0) return 0;
    group->reaped += seconds(usage.ru_utime) + seconds(usage.ru_stime);
    if (pid == group->leader) {
        group->has_ended = 1;
        group->status = status;
    }
    return 1;
}

int tap_group_reap(struct tap_group *group) {
    while (!group->has_ended && reap_one(group, WNOHANG)) continue;
    return group->has_ended;
}

void tap_group_look(struct tap_group *group) {
    DIR *folder = opendir("/proc");
    double used = group->reaped;
    int is_busy = 0;
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder));) {
        struct process process;
        if (!isdigit((unsigned char)entry->d_name[0]) || !read_process(entry->d_name, &process)) continue;
        if (process.group != group->leader) continue;
        used += process.used;
        is_busy |= process.state == 'R' || process.state == 'D';
    }
    if (folder != NULL) closedir(folder);
    if (is_busy || used > group->used) group->progress_at = mdp_clock_seconds();
    if (used > group->used) group->used = used;
}

void tap_group_end(struct tap_group *group) {
    kill(-group->leader, SIGKILL);
    if (!group->has_ended) kill(group->leader, SIGKILL);
    while (reap_one(group, 0)) continue;
    /* one that went into another group */
    if (!group->has_ended && waitpid(group->leader, &group->status, 0) == group->leader) group->has_ended = 1;
}
