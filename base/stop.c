#include "base/stop.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t stop_signal;

/* the first signal is only noted; a second one, of either kind, is from somebody who does not want to wait: its default
 * action ends the process as soon as this handler returns */
static void on_signal(int number) {
    if (stop_signal != 0) {
        signal(number, SIG_DFL);
        raise(number);
    }
    stop_signal = number;
}

void mdp_stop_install(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigaddset(&action.sa_mask, SIGINT);
    sigaddset(&action.sa_mask, SIGTERM);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

mdp_err mdp_stop_requested(void) {
    if (stop_signal == 0) return MDP_OK;
    return mdp_fail(MDP_E_INTERRUPTED, "stopped by signal %d; run the same command again to resume", (int)stop_signal);
}
