#include "bench/run/work.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/stop.h"

/* how long a thread spins before it sleeps, in the library's own turns: a millisecond or two, which spans the short
 * serial part between two steps of many environments. with less, two threads sometimes fall from 1.9 to 1.5 times one;
 * with the library's default, they stall each other as soon as anything else runs on the machine */
static const char spin_turns[] = "100000";

/* belongs to the process, as main's arguments do */
static char **command;

void mdp_work_command(char **argv) { command = argv; }

/* a setting of the user's stays, and valgrind, which would be left behind, is left alone */
static int may_restart(void) {
    const char *preload = getenv("LD_PRELOAD");
    if (command == NULL || getenv("OMP_WAIT_POLICY") != NULL || getenv("GOMP_SPINCOUNT") != NULL) return 0;
    return preload == NULL || strstr(preload, "vgpreload") == NULL;
}

/* OpenMP reads its settings before main, so the program starts itself once more; help, wrong usage and work by one
 * thread do without. where it cannot be started it runs on as it is */
void mdp_work_begin(long n_threads) {
    if (n_threads > 1 && may_restart() && setenv("GOMP_SPINCOUNT", spin_turns, 1) == 0)
        execv("/proc/self/exe", command);
    mdp_stop_install();
}
