#define _GNU_SOURCE /* gethostname with glibc's limits, pthread_once */
#include "base/host.h"

#include <pthread.h>
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

void mdp_host_name(char name[MDP_HOST_TEXT_MAX]) {
    if (gethostname(name, MDP_HOST_TEXT_MAX) != 0) strcpy(name, "?");
    name[MDP_HOST_TEXT_MAX - 1] = 0;
}

unsigned long mdp_host_process_space(void) {
    struct stat info;
    return stat("/proc/self/ns/pid", &info) == 0 ? (unsigned long)info.st_ino : 0;
}

/* the 20th number behind the name, which is in parentheses and may hold anything */
static unsigned long long start_of(FILE *stat, long *process) {
    char line[1024];
    unsigned long long start = 0;
    size_t n = fread(line, 1, sizeof line - 1, stat);
    line[n] = 0;
    *process = strtol(line, NULL, 10);
    const char *end = strrchr(line, ')');
    for (int i = 0; end != NULL && i < 20; i++) end = strchr(end + 1, ' ');
    if (end != NULL) start = strtoull(end, NULL, 10);
    return start;
}

/* /proc may be that of another space of processes: then its numbers are not ours */
static int is_proc_ours(void) {
    long process = 0;
    FILE *file = fopen("/proc/self/stat", "r");
    if (file == NULL) return 0;
    (void)start_of(file, &process);
    fclose(file);
    return process == (long)getpid();
}

unsigned long long mdp_host_process_start(long process) {
    char path[64];
    long found;
    snprintf(path, sizeof path, "/proc/%ld/stat", process);
    FILE *file = is_proc_ours() ? fopen(path, "r") : NULL;
    if (file == NULL) return 0;
    unsigned long long start = start_of(file, &found);
    fclose(file);
    return start;
}
