/* a system on which few threads can be started, loaded before the C library: MDPBENCH_FEW_THREADS is how many there may
 * be besides the first; behind a colon, how many starts are let through before that counts. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_int n_live, n_started;

struct work {
    void *(*run)(void *);
    void *argument;
};

static void *run_work(void *pointer) {
    struct work work = *(struct work *)pointer;
    free(pointer);
    void *result = work.run(work.argument);
    n_live--;
    return result;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
    int (*start)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    const char *text = getenv("MDPBENCH_FEW_THREADS");
    char *end = NULL;
    long most = text != NULL ? strtol(text, &end, 10) : 1 << 20,
         n_free = end != NULL && *end == ':' ? atol(end + 1) : 0;
    if (n_started++ >= n_free && n_live >= most) return EAGAIN;
    *(void **)&start = dlsym(RTLD_NEXT, "pthread_create");
    struct work *work = malloc(sizeof *work);
    if (start == NULL || work == NULL) return EAGAIN;
    *work = (struct work){run, argument};
    n_live++;
    int failed = start(thread, attributes, run_work, work);
    if (failed) {
        n_live--;
        free(work);
    }
    return failed;
}
