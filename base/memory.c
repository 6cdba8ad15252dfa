/* what the system says of itself in /proc and /sys; what is not there sets no bound. nothing here allocates. */
#define _GNU_SOURCE /* strsep */
#include "base/memory.h"

#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { TEXT_MAX = 8192 };

/* the start of a file of the system's; empty if it cannot be read */
static void read_text(const char *path, char text[TEXT_MAX]) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, TEXT_MAX - 1) : -1;
    text[n > 0 ? n : 0] = 0;
    if (fd >= 0) close(fd);
}

/* NAN for no number, as "max" */
static double number(const char *text) {
    char *end;
    double value = strtod(text, &end);
    return end != text ? value : NAN;
}

/* the number behind a line's first word; NAN if there is no such line */
static double field(const char *text, const char *word) {
    size_t n = strlen(word);
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, word, n) == 0 && (line[n] == ' ' || line[n] == ':')) return number(line + n + 1);
    }
    return NAN;
}

static double free_of_machine(void) {
    char text[TEXT_MAX];
    read_text("/proc/meminfo", text);
    return 1024 * (field(text, "MemAvailable") + field(text, "SwapFree"));
}

/* ---- control groups ---- */

struct hierarchy {
    const char *root, *most, *used; /* folder, names of files */
};

static double number_of_file(const struct hierarchy *hierarchy, const char *group, const char *name) {
    char path[PATH_MAX], text[TEXT_MAX];
    if (snprintf(path, sizeof path, "%s%s/%s", hierarchy->root, group, name) >= (int)sizeof path) return NAN;
    read_text(path, text);
    return number(text);
}

/* pages of files count as used, and are given back when they are wanted */
static double pages_of_files(const struct hierarchy *hierarchy, const char *group) {
    char path[PATH_MAX], text[TEXT_MAX];
    if (snprintf(path, sizeof path, "%s%s/memory.stat", hierarchy->root, group) >= (int)sizeof path) return 0;
    read_text(path, text);
    double bytes = field(text, "inactive_file") + field(text, "active_file");
    return isnan(bytes) ? 0 : bytes;
}

/* the least of a group and those around it; a container may see its own group as the root */
static double free_of_group(const struct hierarchy *hierarchy, char *group) {
    double least = NAN;
    for (;;) {
        double most = number_of_file(hierarchy, group, hierarchy->most),
               used = number_of_file(hierarchy, group, hierarchy->used);
        least = fmin(least, most - used + pages_of_files(hierarchy, group));
        char *slash = strrchr(group, '/');
        if (slash == NULL) return least;
        *slash = 0;
    }
}

/* lines of /proc/self/cgroup are number:controllers:/group, without controllers in version 2 */
static double free_of_groups(void) {
    static const struct hierarchy v1 = {"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"},
                                  v2 = {"/sys/fs/cgroup", "memory.max", "memory.current"};
    char text[TEXT_MAX], *rest = text, *line;
    double least = NAN;
    read_text("/proc/self/cgroup", text);
    while ((line = strsep(&rest, "\n")) != NULL) {
        strsep(&line, ":");
        const char *controllers = strsep(&line, ":");
        if (line == NULL || (*controllers != 0 && strcmp(controllers, "memory") != 0)) continue;
        least = fmin(least, free_of_group(*controllers != 0 ? &v1 : &v2, line));
    }
    return least;
}

/* ---- limits ---- */

static double below_limit(int resource, long pages_used) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return NAN;
    return fmax(0, (double)limit.rlim_cur - (double)pages_used * (double)sysconf(_SC_PAGESIZE));
}

static double free_of_limits(void) {
    char text[TEXT_MAX];
    long all, data;
    read_text("/proc/self/statm", text);
    if (sscanf(text, "%ld %*d %*d %*d %*d %ld", &all, &data) != 2) return NAN;
    return fmin(below_limit(RLIMIT_AS, all), below_limit(RLIMIT_DATA, data));
}

double mdp_memory_free(void) { return fmin(free_of_machine(), fmin(free_of_groups(), free_of_limits())); }

mdp_err mdp_memory_expect(const char *what, double bytes) {
    double found = mdp_memory_free();
    if (isnan(found) || bytes <= found) return MDP_OK;
    return mdp_fail(MDP_E_NOMEM, "%s: expected %.0f MB of memory that can still be had, found %.0f MB", what,
                    ceil(bytes / 1e6), floor(fmax(found, 0) / 1e6));
}
