#include "base/err.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static _Thread_local char message[2048];
static _Thread_local mdp_err newest;

mdp_err mdp_fail(mdp_err code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    mdp_text_mend(message);
    newest = code;
    return code;
}

mdp_err mdp_fail_context(mdp_err code, const char *format, ...) {
    char old[sizeof message];
    memcpy(old, message, sizeof old);
    va_list args;
    va_start(args, format);
    int n = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    /* what does not fit any more is cut */
    int room = (int)sizeof message - 3 - n;
    if (n >= 0 && room > 0) snprintf(message + n, (size_t)room + 3, ": %.*s", room, old);
    mdp_text_mend(message);
    if (newest != MDP_E_IO && newest != MDP_E_NOMEM) newest = code;
    return newest;
}

const char *mdp_err_message(void) { return message; }

const char *mdp_err_text(mdp_err code) {
    switch (code) {
#define CASE(name, status, text)                                                                                       \
    case MDP_E_##name: return text;
        MDP_ERR_LIST(CASE)
#undef CASE
    }
    return "unknown error";
}

int mdp_err_exit_status(mdp_err code) {
    switch (code) {
#define CASE(name, status, text)                                                                                       \
    case MDP_E_##name: return status;
        MDP_ERR_LIST(CASE)
#undef CASE
    }
    return 70;
}

mdp_err mdp_calloc(void *out, unsigned long n, unsigned long size, const char *what) {
    void **slot = out;
    *slot = NULL;
    if (size != 0 && n > (SIZE_MAX - 64) / size)
        return mdp_fail(MDP_E_NOMEM, "%s: %lu items of %lu bytes overflow the address space", what, n, size);
    size_t bytes = (n * size + 63) / 64 * 64;
    if (bytes == 0) bytes = 64;
    void *block = aligned_alloc(64, bytes);
    if (block == NULL) return mdp_fail(MDP_E_NOMEM, "%s: no memory for %zu bytes", what, bytes);
    memset(block, 0, bytes);
    *slot = block;
    return MDP_OK;
}
