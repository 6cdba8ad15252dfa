#include "results/show/live.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/claim.h"
#include "base/fsx.h"
#include "base/number.h"
#include "results/show/json.h"

struct mdp_live {
    FILE *lines, *events; /* NULL where not asked for */
    char lines_path[MDP_PATH_MAX], events_path[MDP_PATH_MAX];
    struct mdp_claim *claim;
};

static mdp_err failed(const char *path) { return mdp_fail(MDP_E_IO, "%s: cannot write: %s", path, strerror(errno)); }

/* ---- lines ---- */

/* as far as a line goes, which a kill may have cut */
static int begins_as_ours(const char *line, size_t n) {
    static const char start[] = "{\"step\": ";
    const size_t n_start = sizeof start - 1;
    return memcmp(line, start, n < n_start ? n : n_start) == 0;
}

/* where lines of steps up to `first` end; the last one may have been cut by a kill */
static mdp_err find_end(FILE *file, const char *path, long first, long *end) {
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    mdp_err err = MDP_OK;
    *end = 0;
    while ((n = getline(&line, &room, file)) > 0) {
        const int is_whole = line[n - 1] == '\n';
        long step;
        if (!begins_as_ours(line, (size_t)n) || (is_whole && sscanf(line, "{\"step\": %ld", &step) != 1))
            MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected lines that begin with {\"step\": N, found '%.40s'", path, line));
        if (!is_whole || step > first) break;
        *end += n;
    }
    if (n <= 0 && !feof(file)) err = failed(path);
out:
    free(line);
    return err;
}

static mdp_err open_lines(struct mdp_live *live, const char *path, long first) {
    long end = 0;
    mdp_err err;
    MDP_TRY(mdp_fsx_path(live->lines_path, "%s", path));
    MDP_TRY(mdp_fsx_make_parents(path));
    MDP_TRY(mdp_claim_take(path, &live->claim));
    live->lines = fopen(path, "a+");
    if (live->lines == NULL) MDP_TRY(failed(path));
    rewind(live->lines);
    MDP_TRY(find_end(live->lines, path, first, &end));
    if (ftruncate(fileno(live->lines), end) != 0 || fseek(live->lines, 0, SEEK_END) != 0) MDP_TRY(failed(path));
out:
    return err;
}

static mdp_err put_run(FILE *lines, const char *run) {
    json_t *text = mdp_json_of_text(run);
    char *dumped = json_dumps(text, JSON_ENCODE_ANY);
    json_decref(text);
    if (dumped == NULL) return mdp_fail(MDP_E_NOMEM, "live log: no memory");
    fprintf(lines, ", \"run\": %s", dumped);
    free(dumped);
    return MDP_OK;
}

mdp_err mdp_live_line(struct mdp_live *live, const char *run, long step, int n, const char *const *names,
                      const double *values) {
    char text[MDP_NUMBER_MAX];
    if (live == NULL || live->lines == NULL) return MDP_OK;
    fprintf(live->lines, "{\"step\": %ld", step);
    if (run != NULL && put_run(live->lines, run) != MDP_OK) return MDP_E_NOMEM;
    for (int i = 0; i < n; i++) {
        if (!isfinite(values[i])) continue;
        mdp_number_shortest(values[i], text);
        fprintf(live->lines, ", \"%s\": %s", names[i], text);
    }
    fputs("}\n", live->lines);
    return fflush(live->lines) == 0 && !ferror(live->lines) ? MDP_OK : failed(live->lines_path);
}

/* ---- events: protocol buffers in TFRecords ---- */

/* bytes of one event; names are short */
struct bytes {
    size_t n;
    unsigned char data[8192];
};

static void add(struct bytes *to, const void *bytes, size_t n) {
    if (to->n + n > sizeof to->data) return;
    memcpy(to->data + to->n, bytes, n);
    to->n += n;
}

static void add_varint(struct bytes *to, uint64_t value) {
    do {
        const unsigned char byte = (unsigned char)((value & 127) | (value > 127 ? 128 : 0));
        add(to, &byte, 1);
        value >>= 7;
    } while (value > 0);
}

/* low byte first, as on the machines that we build for */
static void add_word(struct bytes *to, uint64_t value, int n) {
    for (int i = 0; i < n; i++) {
        const unsigned char byte = (unsigned char)(value >> (8 * i));
        add(to, &byte, 1);
    }
}

/* fields by number and type: 0 varint, 1 eight bytes, 2 with a length, 5 four bytes */
static void add_key(struct bytes *to, int field, int type) { add_varint(to, (uint64_t)(field << 3 | type)); }

static void add_part(struct bytes *to, int field, const void *bytes, size_t n) {
    add_key(to, field, 2);
    add_varint(to, n);
    add(to, bytes, n);
}

uint32_t mdp_crc32c(const void *bytes, unsigned long n) {
    const unsigned char *b = bytes;
    uint32_t crc = ~0u;
    for (unsigned long i = 0; i < n; i++) {
        crc ^= b[i];
        for (int k = 0; k < 8; k++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
    }
    return ~crc;
}

/* the format's way to keep a sum of sums apart */
static uint32_t masked(const void *bytes, size_t n) {
    const uint32_t crc = mdp_crc32c(bytes, n);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

/* event: 1 wall time, 2 step, and then what it is about */
static void begin(struct bytes *event, long step) {
    struct timespec now;
    double seconds;
    uint64_t bits;
    clock_gettime(CLOCK_REALTIME, &now);
    seconds = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
    memcpy(&bits, &seconds, sizeof bits);
    event->n = 0;
    add_key(event, 1, 1);
    add_word(event, bits, 8);
    add_key(event, 2, 0);
    add_varint(event, (uint64_t)step);
}

static mdp_err put_event(struct mdp_live *live, const struct bytes *event) {
    struct bytes head = {.n = 0}, tail = {.n = 0};
    add_word(&head, event->n, 8);
    add_word(&head, masked(head.data, 8), 4);
    add_word(&tail, masked(event->data, event->n), 4);
    fwrite(head.data, 1, head.n, live->events);
    fwrite(event->data, 1, event->n, live->events);
    fwrite(tail.data, 1, tail.n, live->events);
    return fflush(live->events) == 0 && !ferror(live->events) ? MDP_OK : failed(live->events_path);
}

/* the file says its version, then that a session starts: later steps of older files no longer count */
static mdp_err open_events(struct mdp_live *live, const char *folder, long first) {
    static const char version[] = "brain.Event:2";
    static const unsigned char start[] = {8, 1};
    struct bytes event;
    mdp_err err;
    MDP_TRY(mdp_fsx_make_dirs(folder));
    for (int i = 0; i < 1000 && live->events == NULL; i++) {
        MDP_TRY(mdp_fsx_path(live->events_path, "%s/events.out.tfevents.%010ld.mdpbench.%ld.%d", folder,
                             (long)time(NULL), (long)getpid(), i));
        live->events = fopen(live->events_path, "wbx");
        if (live->events == NULL && errno != EEXIST) break;
    }
    if (live->events == NULL) MDP_TRY(failed(live->events_path));
    begin(&event, 0);
    add_part(&event, 3, version, strlen(version));
    MDP_TRY(put_event(live, &event));
    begin(&event, first + 1);
    add_part(&event, 7, start, sizeof start);
    MDP_TRY(put_event(live, &event));
out:
    return err;
}

/* summary: values of 1 tag and 2 number in float32 */
mdp_err mdp_live_event(struct mdp_live *live, long step, const char *group, int n, const char *const *names,
                       const double *values) {
    struct bytes event, summary = {.n = 0};
    if (live == NULL || live->events == NULL) return MDP_OK;
    for (int i = 0; i < n; i++) {
        struct bytes value = {.n = 0};
        char tag[128];
        const float narrow = (float)values[i];
        uint32_t bits;
        if (!isfinite(values[i])) continue;
        snprintf(tag, sizeof tag, "%s/%s", group, names[i]);
        add_part(&value, 1, tag, strlen(tag));
        memcpy(&bits, &narrow, sizeof bits);
        add_key(&value, 2, 5);
        add_word(&value, bits, 4);
        add_part(&summary, 1, value.data, value.n);
    }
    if (summary.n == 0) return MDP_OK;
    begin(&event, step);
    add_part(&event, 5, summary.data, summary.n);
    return put_event(live, &event);
}

/* ---- both ---- */

mdp_err mdp_live_open(const char *lines, const char *events, long first, struct mdp_live **out) {
    struct mdp_live *live = NULL;
    mdp_err err = MDP_OK;
    *out = NULL;
    if (lines == NULL && events == NULL) return MDP_OK;
    MDP_TRY(mdp_calloc(&live, 1, sizeof *live, "live log"));
    if (lines != NULL) MDP_TRY(open_lines(live, lines, first));
    if (events != NULL) MDP_TRY(open_events(live, events, first));
    *out = live;
    return MDP_OK;
out:
    (void)mdp_live_close(live);
    return err;
}

mdp_err mdp_live_close(struct mdp_live *live) {
    mdp_err err = MDP_OK;
    if (live == NULL) return MDP_OK;
    if (live->lines != NULL && fclose(live->lines) != 0) err = failed(live->lines_path);
    if (live->events != NULL && fclose(live->events) != 0 && err == MDP_OK) err = failed(live->events_path);
    mdp_claim_free(live->claim);
    free(live);
    return err;
}
