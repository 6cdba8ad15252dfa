/* what our own code calls in place of the allocator, in a program that tests/campaign/allocations.t links: the
 * allocation that MDPBENCH_FAIL_ALLOCATION numbers fails, and the file of MDPBENCH_ALLOCATIONS gets how many there
 * were. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long n_allocations;
static long failing;
static pid_t owner;

static void write_count(void) {
    const char *path = getenv("MDPBENCH_ALLOCATIONS");
    FILE *file = path != NULL && getpid() == owner ? fopen(path, "w") : NULL;
    if (file == NULL) return;
    fprintf(file, "%ld\n", (long)n_allocations);
    fclose(file);
}

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("MDPBENCH_FAIL_ALLOCATION");
    failing = text != NULL ? strtol(text, NULL, 10) : 0;
    owner = getpid();
    atexit(write_count);
}

static int fails(void) {
    if (atomic_fetch_add(&n_allocations, 1) + 1 != failing) return 0;
    errno = ENOMEM;
    return 1;
}

void *ours_malloc(size_t size) { return fails() ? NULL : malloc(size); }
void *ours_calloc(size_t n, size_t size) { return fails() ? NULL : calloc(n, size); }
void *ours_realloc(void *block, size_t size) { return fails() ? NULL : realloc(block, size); }
void *ours_aligned_alloc(size_t alignment, size_t size) { return fails() ? NULL : aligned_alloc(alignment, size); }
char *ours_strdup(const char *text) { return fails() ? NULL : strdup(text); }
FILE *ours_open_memstream(char **text, size_t *size) { return fails() ? NULL : open_memstream(text, size); }
FILE *ours_fopencookie(void *cookie, const char *mode, cookie_io_functions_t functions) {
    return fails() ? NULL : fopencookie(cookie, mode, functions);
}
int ours_scandir(const char *folder, struct dirent ***names, int (*filter)(const struct dirent *),
                 int (*compare)(const struct dirent **, const struct dirent **)) {
    return fails() ? -1 : scandir(folder, names, filter, compare);
}
