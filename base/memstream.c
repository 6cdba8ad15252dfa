/* fopencookie */
#define _GNU_SOURCE
#include "base/memstream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* stdio's writer: 0 marks the stream as failed */
static ssize_t append(void *cookie, const char *bytes, size_t n) {
    struct mdp_memstream *memory = cookie;
    size_t room = memory->size + n + 1;
    if (room > memory->room) {
        if (room < 2 * memory->room) room = 2 * memory->room;
        char *grown = realloc(memory->text, room);
        if (grown == NULL) return 0;
        memory->text = grown;
        memory->room = room;
    }
    memcpy(memory->text + memory->size, bytes, n);
    memory->size += n;
    memory->text[memory->size] = 0;
    return (ssize_t)n;
}

static mdp_err no_memory(const struct mdp_memstream *memory) {
    return mdp_fail(MDP_E_NOMEM, "%s: no memory for its text", memory->what);
}

mdp_err mdp_memstream_open(struct mdp_memstream *memory, const char *what) {
    *memory = (struct mdp_memstream){.what = what};
    append(memory, "", 0);
    memory->stream = fopencookie(memory, "w", (cookie_io_functions_t){.write = append});
    if (memory->text != NULL && memory->stream != NULL) return MDP_OK;
    return mdp_memstream_close(memory, no_memory(memory));
}

mdp_err mdp_memstream_close(struct mdp_memstream *memory, mdp_err err) {
    int is_short = 0;
    if (memory->stream != NULL) {
        is_short = ferror(memory->stream);
        is_short = fclose(memory->stream) != 0 || is_short;
    }
    memory->stream = NULL;
    if (err == MDP_OK && is_short) err = no_memory(memory);
    if (err == MDP_OK) return MDP_OK;
    free(memory->text);
    memory->text = NULL;
    return err;
}
