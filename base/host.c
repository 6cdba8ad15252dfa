#define _GNU_SOURCE /* gethostname with glibc's limits, pthread_once */
#include "base/host.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char boot[MDP_HOST_TEXT_MAX];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_boot(void) {
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    if (file == NULL) return;
    if (fgets(boot, sizeof boot, file) == NULL) boot[0] = 0;
    boot[strcspn(boot, "\n")] = 0;
    fclose(file);
}

const char *mdp_host_boot(void) {
    pthread_once(&once, read_boot);
    return boot;
}

/* the id itself is not to be shown to others (man machine-id): 64 bits of FNV-1a over it and our name */
unsigned long long mdp_host_machine(void) {
    char id[MDP_HOST_TEXT_MAX] = "";
    unsigned long long hash = 0xcbf29ce484222325;
    FILE *file = fopen("/etc/machine-id", "r");
    if (file == NULL) return 0;
    size_t n = fgets(id, sizeof id, file) != NULL ? strspn(id, "0123456789abcdef") : 0;
    fclose(file);
    if (n != 32) return 0;
    memcpy(id + n, "mdpbench", sizeof "mdpbench");
    for (const char *c = id; *c != 0; c++) hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
    return hash;
}

void mdp_host_name(char name[MDP_HOST_TEXT_MAX]) {
    if (gethostname(name, MDP_HOST_TEXT_MAX) != 0) strcpy(name, "?");
    name[MDP_HOST_TEXT_MAX - 1] = 0;
}

unsigned long mdp_host_process_space(void) {
    struct stat info;
    return stat("/proc/self/ns/pid", &info) == 0 ? (unsigned long)info.st_ino : 0;
}

/* what /proc says of a process: its number, its state (0: there is none) and when it began */
struct look {
    long process;
    char state;
    unsigned long long start;
};

/* the name in parentheses may hold anything; the state follows it, and 19 fields further on the start */
static struct look look_at(const char *path) {
    struct look look = {0, 0, 0};
    char line[1024];
    FILE *file = fopen(path, "r");
    if (file == NULL) return look;
    size_t n = fread(line, 1, sizeof line - 1, file);
    line[n] = 0;
    fclose(file);
    const char *end = strrchr(line, ')');
    if (end == NULL || end[1] != ' ') return look;
    look.process = strtol(line, NULL, 10);
    look.state = end[2];
    for (int i = 0; end != NULL && i < 20; i++) end = strchr(end + 1, ' ');
    if (end != NULL) look.start = strtoull(end, NULL, 10);
    return look;
}

/* /proc may be that of another space of processes: then its numbers are not ours */
static int is_proc_ours(void) { return look_at("/proc/self/stat").process == (long)getpid(); }

static struct look look_at_process(long process) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/stat", process);
    return look_at(path);
}

unsigned long long mdp_host_process_start(long process) { return is_proc_ours() ? look_at_process(process).start : 0; }

/* one that has ended may keep its number until its parent has asked for it */
int mdp_host_process_lives(long process, unsigned long long started) {
    if (process < 1) return 0;
    if (!is_proc_ours()) return kill((pid_t)process, 0) == 0 || errno != ESRCH;
    struct look look = look_at_process(process);
    if (look.state == 0 || look.state == 'Z' || look.state == 'X') return 0;
    return started == 0 || look.start == started;
}
