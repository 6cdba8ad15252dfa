#include "bench/run/work.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cpu.h"
#include "base/log.h"
#include "base/stop.h"

/* how long a thread spins before it sleeps, in the library's own turns: a tenth of a millisecond, which spans what is
 * serial between two steps of many environments. where other work has a processor, both threads may be kept on the
 * other one, and each turn is taken from the thread that is waited for (docs/environments.md, two threads) */
static const char spin_turns[] = "5000";

/* belongs to the process, as main's arguments do */
static char **command;

void mdp_work_command(char **argv) { command = argv; }

/* a setting of the user's stays, and valgrind, which would be left behind, is left alone */
static int may_restart(void) {
    const char *preload = getenv("LD_PRELOAD");
    if (command == NULL || getenv("OMP_WAIT_POLICY") != NULL || getenv("GOMP_SPINCOUNT") != NULL) return 0;
    return preload == NULL || strstr(preload, "vgpreload") == NULL;
}

/* a user's OMP_PROC_BIND has bound this thread to one processor already, which is inherited: all are given back first.
 * the second start binds again */
static void start_again(void) {
    mdp_cpu_unbind();
    execv("/proc/self/exe", command);
}

/* ---- threads that cannot be had ---- */

static const char limit_name[] = "OMP_THREAD_LIMIT";
enum { THREADS_MOST = 1024 };

/* a thread that is there until all have been tried */
static void *wait_for_all(void *gate) {
    pthread_rwlock_rdlock(gate);
    pthread_rwlock_unlock(gate);
    return NULL;
}

long mdp_work_count_threads(long n) {
    pthread_rwlock_t gate = PTHREAD_RWLOCK_INITIALIZER;
    pthread_t threads[THREADS_MOST];
    long n_started = 0;
    pthread_rwlock_wrlock(&gate);
    if (n > THREADS_MOST) n = THREADS_MOST;
    while (n_started < n && pthread_create(&threads[n_started], NULL, wait_for_all, &gate) == 0) n_started++;
    pthread_rwlock_unlock(&gate);
    for (long i = 0; i < n_started; i++) pthread_join(threads[i], NULL);
    return n_started;
}

/* OpenMP ends the process with status 1, that of a gate that fails, where a thread cannot be started. so they are tried
 * first, with one more for the heartbeat of a claim, and OpenMP is told to do with those that there are, which changes
 * no result */
static void limit_threads(long n_threads) {
    const char *set = getenv(limit_name);
    long most = set != NULL ? strtol(set, NULL, 10) : 0, n = n_threads < THREADS_MOST ? n_threads : THREADS_MOST;
    char text[16];
    if (most > 0 && most < n) n = most;
    long n_there = n > 1 ? mdp_work_count_threads(n) : n;
    if (n_there >= n || command == NULL) return;
    if (n_there < 1) n_there = 1;
    mdp_log("threads: expected %ld, found no more than %ld that can be started: goes on with those", n, n_there);
    snprintf(text, sizeof text, "%ld", n_there);
    if (setenv(limit_name, text, 1) == 0) start_again();
}

/* what OpenMP cannot start later on is a lack of resources, too: whatever ends the process by itself gets their status
 */
static int is_over;

static void end_early(void) {
    if (!is_over) _exit(mdp_err_exit_status(MDP_E_IO));
}

void mdp_work_end(void) { is_over = 1; }

/* OpenMP reads its settings before main, so the program starts itself once more; help, wrong usage and work by one
 * thread do without. where it cannot be started it runs on as it is */
void mdp_work_begin(long n_threads) {
    if (n_threads > 1 && may_restart() && setenv("GOMP_SPINCOUNT", spin_turns, 1) == 0) start_again();
    limit_threads(n_threads);
    if (n_threads > 1) atexit(end_early);
    mdp_stop_install();
}
