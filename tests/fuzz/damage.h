/* damages files seed by seed and reads each in a process of its own, so that a crash, a hang or a flood of memory is a
 * failure with a number. What is read is compared with what the undamaged file holds: each of these mutants is refused,
 * equal, different or crashed, and of our own formats, which have checksums, none may be different.
 *
 * MDPBENCH_FUZZ_SEEDS is how many (60 if unset); MDPBENCH_FUZZ_FIRST=number MDPBENCH_FUZZ_SEEDS=1 repeats one, and
 * MDPBENCH_FUZZ_KEEP=file keeps the damaged file. */
#ifndef MDP_TESTS_FUZZ_DAMAGE_H
#define MDP_TESTS_FUZZ_DAMAGE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fsx.h"
#include "base/rng.h"
#include "bench/cmd/verb.h"
#include "tests/tap.h"

enum { FILE_BYTES_MAX = 8 << 20, HEAD_BYTES = 4096, STRETCH_MAX = 512, CPU_SECONDS = 10, DEFAULT_SEEDS = 60 };

/* a kind of file: how a valid one is made and how it is read */
struct kind {
    const char *name;
    void (*make)(const char *path);
    mdp_err (*load)(const char *path);
    const char *suffix; /* of its name; NULL for ".h5" */
    /* writes a file around the damaged bytes; NULL if they are the file */
    void (*write)(const char *path, const void *bytes, size_t size);
    /* changes bytes [size] in another way than damage() does; returns the new size, at most STRETCH_MAX more */
    size_t (*change)(struct mdp_rng *rng, unsigned char *bytes, size_t size);
    long megabytes;    /* that reading may take; 0 for no limit */
    int has_checksums; /* other values than those that were written are never taken */
    int is_unknown;    /* inspect refuses all such files */
};

/* what became of a file */
enum outcome { REFUSED, EQUAL, DIFFERENT, CRASHED, N_OUTCOMES };

/* what a process that reads a file tells: the values as one number, 0 for a file that was refused */
struct told {
    int is_fine;
    uint64_t digest;
};

/* load() adds here what it has read */
static uint64_t digest = 0xcbf29ce484222325u;

/** Adds bytes to the number that stands for what was read. */
static inline void digest_add(const void *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) digest = (digest ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
}

/* ---- damage ---- */

/** Picks a place. Half of them are near the start, where most of the metadata is. */
static inline size_t place(struct mdp_rng *rng, size_t size) {
    size_t limit = mdp_rng_below(rng, 2) && size > HEAD_BYTES ? HEAD_BYTES : size;
    return mdp_rng_below(rng, (uint32_t)limit);
}

/** Picks a length of at most `left`. */
static inline size_t stretch(struct mdp_rng *rng, size_t left) {
    size_t n = 1 + mdp_rng_below(rng, STRETCH_MAX);
    return n < left ? n : left;
}

/** Changes up to eight bytes. */
static inline void set_bytes(struct mdp_rng *rng, unsigned char *bytes, size_t size) {
    static const unsigned char edges[] = {0, 1, 0x7f, 0x80, 0xff};
    int n = 1 + (int)mdp_rng_below(rng, 8), at_edge = (int)mdp_rng_below(rng, 2);
    for (int i = 0; i < n; i++) {
        size_t offset = place(rng, size);
        bytes[offset] =
            at_edge ? edges[mdp_rng_below(rng, 5)] : (unsigned char)(bytes[offset] ^ (1u << mdp_rng_below(rng, 8)));
    }
}

/** Overwrites a number by one at an edge. */
static inline void set_number(struct mdp_rng *rng, unsigned char *bytes, size_t size) {
    static const uint64_t numbers[] = {0, 1, 0xffffffffffffffff, 0x7fffffffffffffff, 0x80000000, 1ULL << 40, 4096};
    uint64_t number = numbers[mdp_rng_below(rng, 7)];
    size_t offset = place(rng, size), n = (size_t)2 << mdp_rng_below(rng, 3);
    for (size_t i = 0; i < n && offset + i < size; i++) bytes[offset + i] = (unsigned char)(number >> (8 * i));
}

/** Damages bytes [size] in place, room for STRETCH_MAX more; returns the new size. */
static inline size_t damage(struct mdp_rng *rng, unsigned char *bytes, size_t size) {
    size_t from = place(rng, size), to = place(rng, size), n = stretch(rng, size - (from > to ? from : to));
    switch (mdp_rng_below(rng, 6)) {
    case 0: set_bytes(rng, bytes, size); return size;
    case 1: set_number(rng, bytes, size); return size;
    case 2: return from;
    case 3: memmove(bytes + to, bytes + from, n); return size;
    case 4: memset(bytes + from, mdp_rng_below(rng, 2) ? 0 : 0xff, n); return size;
    default: /* a stretch appears twice, all behind it moves */
        memmove(bytes + from + n, bytes + from, size - from);
        return size + n;
    }
}

/* ---- reading in a process of its own ---- */

/** Inspects a file as the command does. */
static inline mdp_err inspect(const char *path) {
    char *argv[] = {"inspect", "--json", (char *)path, NULL};
    return mdp_verb_inspect.run(&mdp_verb_inspect, 3, argv);
}

/** Returns 1 if a file was taken, or refused with a message. */
static inline int is_fine(const char *what, mdp_err err) {
    if (err == MDP_OK) return 1;
    if ((err == MDP_E_DATA || err == MDP_E_IO) && mdp_err_message()[0] != 0) return 1;
    fprintf(stderr, "%s: expected \"%s\" or \"%s\" with a message, found \"%s\": %s\n", what, mdp_err_text(MDP_E_DATA),
            mdp_err_text(MDP_E_IO), mdp_err_text(err), mdp_err_message());
    return 0;
}

/** Returns 1 if this process never had more memory than its kind of file may take. */
static inline int is_frugal(const struct kind *kind) {
    struct rusage usage;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
    if (kind->megabytes == 0 || usage.ru_maxrss <= kind->megabytes * 1024) return 1;
    fprintf(stderr, "%s: expected at most %ld MB of memory, found %ld\n", kind->name, kind->megabytes,
            usage.ru_maxrss / 1024);
    return 0;
}

/** Adds what the process has printed. */
static inline void digest_add_file(const char *path) {
    char *bytes;
    size_t size;
    fflush(stdout);
    CHECK_OK(mdp_fsx_read(path, 64 * FILE_BYTES_MAX, &bytes, &size));
    digest_add(bytes, size);
    free(bytes);
}

/** Reads a file, tells what was read and ends the process. */
static inline _Noreturn void read_damaged(const struct kind *kind, const char *path, int line) {
    const char *shown = tap_temp_path("shown");
    int out = open(shown, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (out < 0 || dup2(out, STDOUT_FILENO) < 0) _exit(2);
    /* of the processor, so that a busy machine is no fault; a wait that does not end is the harness's to see */
    const struct rlimit limit = {CPU_SECONDS, CPU_SECONDS};
    CHECK(setrlimit(RLIMIT_CPU, &limit) == 0);
    mdp_fail(MDP_OK, "%s", "");
    mdp_err err = kind->load(path);
    struct told told = {.is_fine = is_fine(kind->name, err)};
    mdp_fail(MDP_OK, "%s", "");
    mdp_err seen = inspect(path);
    told.is_fine &= is_fine("inspect", seen);
    if (err == MDP_OK && !kind->is_unknown) err = seen;
    told.is_fine &= is_frugal(kind);
    digest_add_file(shown);
    told.digest = err == MDP_OK ? digest : 0;
    _exit(write(line, &told, sizeof told) == sizeof told ? 0 : 2);
}

/** Has a file read in a process of its own; a process that ends otherwise is not fine. Returns its wait status. */
static inline int read_apart(const struct kind *kind, const char *path, struct told *told) {
    int status, ends[2];
    *told = (struct told){.is_fine = 0};
    fflush(NULL);
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) read_damaged(kind, path, ends[1]);
    close(ends[1]);
    if (read(ends[0], told, sizeof *told) != sizeof *told) told->is_fine = 0;
    close(ends[0]);
    CHECK(waitpid(child, &status, 0) == child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) told->is_fine = 0;
    return status;
}

/** Returns what became of a damaged file, and says what must not be. */
static inline enum outcome outcome_of(const struct kind *kind, const char *path, uint64_t whole, long seed) {
    struct told told;
    int status = read_apart(kind, path, &told);
    if (!told.is_fine) {
        fprintf(stderr, "%s: seed %ld: %s %d\n", kind->name, seed, WIFSIGNALED(status) ? "killed by signal" : "status",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        return CRASHED;
    }
    if (told.digest == 0) return REFUSED;
    if (told.digest == whole) return EQUAL;
    if (kind->has_checksums) fprintf(stderr, "%s: seed %ld: other values were taken\n", kind->name, seed);
    return DIFFERENT;
}

/** Writes a file. */
static inline void write_bytes(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fwrite(bytes, 1, size, file) == size);
    CHECK(fclose(file) == 0);
}

/** Returns a number of the environment. */
static inline long setting(const char *name, long otherwise) {
    const char *text = getenv(name);
    return text != NULL && text[0] != 0 ? strtol(text, NULL, 10) : otherwise;
}

/** Runs all seeds of a kind and says what became of the files. */
static inline void fuzz(const struct kind *kind) {
    char whole[MDP_PATH_MAX], broken[MDP_PATH_MAX], *bytes;
    size_t size;
    const char *suffix = kind->suffix != NULL ? kind->suffix : ".h5";
    void (*write)(const char *, const void *, size_t) = kind->write != NULL ? kind->write : write_bytes;
    long first = setting("MDPBENCH_FUZZ_FIRST", 0), n = setting("MDPBENCH_FUZZ_SEEDS", DEFAULT_SEEDS);
    long counts[N_OUTCOMES] = {0};
    struct told told;
    snprintf(whole, sizeof whole, "%s/whole%s", tap_temp_dir(), suffix);
    snprintf(broken, sizeof broken, "%s/broken%s", tap_temp_dir(), suffix);
    kind->make(whole);
    CHECK_OK(mdp_fsx_read(whole, FILE_BYTES_MAX, &bytes, &size));
    write(broken, bytes, size);
    read_apart(kind, broken, &told);
    CHECK(told.is_fine && told.digest != 0);
    unsigned char *copy = malloc(size + STRETCH_MAX);
    CHECK(copy != NULL && size > 0);
    for (long seed = first; seed < first + n; seed++) {
        struct mdp_rng rng = mdp_rng_stream((uint64_t)seed, MDP_RNG_EXPLORE, 0, 0);
        memcpy(copy, bytes, size);
        size_t damaged = kind->change != NULL ? kind->change(&rng, copy, size) : damage(&rng, copy, size);
        write(broken, copy, damaged);
        if (getenv("MDPBENCH_FUZZ_KEEP") != NULL) write(getenv("MDPBENCH_FUZZ_KEEP"), copy, damaged);
        counts[outcome_of(kind, broken, told.digest, seed)]++;
    }
    free(copy);
    free(bytes);
    fprintf(stderr, "total: mutants of %s: %ld refused, %ld equal, %ld different, %ld crashed\n", kind->name,
            counts[REFUSED], counts[EQUAL], counts[DIFFERENT], counts[CRASHED]);
    CHECK_INT(counts[CRASHED], 0);
    if (kind->has_checksums) CHECK_INT(counts[DIFFERENT], 0);
}

#endif
