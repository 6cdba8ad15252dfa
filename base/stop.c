#define _XOPEN_SOURCE 700 /* sigaltstack */
#include "base/stop.h"

#include <signal.h>
#include <string.h>

#include "base/claim.h"

/* room for the handler, and for all registers that the kernel saves before it: 12 kB with AMX. Units: bytes */
enum { STACK_BYTES = 1 << 16 };

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

/* the handler has a stack of its own: kernels that oneDNN 2.6 generates keep data below the stack pointer, where a
 * signal's frame would lie, so that a signal in the middle of a product spoiled the heap. the kernel hands a signal of
 * the process to its first thread, which calls this */
void mdp_stop_install(void) {
    static char stack[STACK_BYTES];
    const stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = sigaltstack(&own, NULL) == 0 ? SA_ONSTACK : 0;
    sigaddset(&action.sa_mask, SIGINT);
    sigaddset(&action.sa_mask, SIGTERM);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

mdp_err mdp_stop_requested(void) {
    if (mdp_claims_are_lost()) return mdp_claims_check();
    if (stop_signal == 0) return MDP_OK;
    return mdp_fail(MDP_E_INTERRUPTED, "stopped by signal %d; run the same command again to resume", (int)stop_signal);
}
