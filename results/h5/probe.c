/* a damaged file is walked by another process first. libhdf5 believes much of what a file says about itself: a wild
 * pointer in a file can end or hang the process that reads it. here that costs a child, and the caller gets a message.
 *
 * a child walks file after file, because starting one takes eight times as long as a walk. no file answers for
 * another: a child ends with the first fault that libhdf5 notices, as what comes after could be seen less sharply, and
 * a file is refused only if a child died of it that had seen none before. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "results/h5/types_internal.h"
#include "results/h5/probe.h"
#include "results/h5/storage_internal.h"

enum {
    CPU_SECONDS = 1,
    CPU_BYTES = 4 << 20,
    DEPTH_MAX = 8,
    MESSAGE_MAX = 4096,
    MEMORY_MB = 512,
    MEMORY_FACTOR = 8,
    FRESH_TRIES = 2
};

/* what the child answers: that it has come back from a file, or why libhdf5 does not open it */
struct answer {
    enum { SOUND, UNREADABLE, TOO_LARGE } verdict;
    struct mdp_h5i_reason reason;
};

/* in the child: an array that had to be read whole was larger than its memory, so that the caller must not read it */
static int was_too_large;

/* the child of this process; it ends when its line does, at the latest with the process */
static struct walker {
    pid_t pid, owner; /* 0: none; a fork of the owner has none of its own yet */
    int line;
    int is_fresh; /* the child is still at a file */
} walker;

/* ---- in the child ---- */

/* text of variable length lies on a heap that is only followed when the text is read */
static void read_text(hid_t object, hid_t type, hid_t space, int is_attribute) {
    char *text = NULL;
    if (H5Tis_variable_str(type) <= 0 || H5Sget_simple_extent_npoints(space) != 1) return;
    herr_t status =
        is_attribute ? H5Aread(object, type, &text) : H5Dread(object, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &text);
    if (status >= 0 && text != NULL) H5free_memory(text);
}

static herr_t visit_attribute(hid_t object, const char *name, const H5A_info_t *info, void *data) {
    (void)info, (void)data;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0) return 0;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    read_text(attribute, type, space, 1);
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return 0;
}

/* what libhdf5 itself has to unpack or to follow is read whole, so that damage to it shows here. All of it must lie in
 * this file, as the caller will ask for, too */
static void read_whole(hid_t dataset, hid_t creation, hid_t type, hid_t space) {
    struct mdp_h5 file = {.path = ""};
    struct mdp_h5_shape shape = {0, {0}};
    double n_never_written;
    if (!mdp_h5i_is_read_by_library(creation)) return;
    hssize_t n = H5Sget_simple_extent_npoints(space);
    size_t size = H5Tget_size(type);
    void *buffer = NULL;
    file.id = H5Iget_file_id(dataset);
    int can_read = mdp_h5i_is_numeric(type) && n > 0 && n <= (hssize_t)(MDP_H5_BYTES_MAX / (long long)size) &&
                   mdp_h5i_storage_check(&file, "", dataset, creation, &shape, &n_never_written) == MDP_OK;
    if (can_read) buffer = malloc((size_t)n * size);
    was_too_large |= can_read && buffer == NULL;
    if (buffer != NULL) (void)H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer);
    free(buffer);
    H5Fclose(file.id);
}

/* the chunk index is a structure of its own, which only a question about the chunks makes libhdf5 follow */
static void visit_dataset(hid_t dataset) {
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset), creation = H5Dget_create_plist(dataset);
    hsize_t n_chunks = 0;
    (void)H5Dget_storage_size(dataset);
    if (H5Pget_layout(creation) == H5D_CHUNKED) (void)H5Dget_num_chunks(dataset, space, &n_chunks);
    read_text(dataset, type, space, 0);
    read_whole(dataset, creation, type, space);
    H5Pclose(creation);
    H5Sclose(space);
    H5Tclose(type);
}

/* asks for the same order as the readers of this program do: each order has code, and faults, of its own */
static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *info, void *data) {
    int depth = *(const int *)data + 1;
    hsize_t first = 0;
    if (info->type != H5L_TYPE_HARD || depth > DEPTH_MAX) return 0;
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0) return 0;
    H5I_type_t kind = H5Iget_type(object);
    if (kind == H5I_DATASET) visit_dataset(object);
    H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, &first, visit_attribute, NULL);
    first = 0;
    if (kind == H5I_GROUP) H5Literate(object, H5_INDEX_NAME, H5_ITER_NATIVE, &first, visit_link, &depth);
    H5Oclose(object);
    return 0;
}

static void visit_root(hid_t file) {
    int depth = 0;
    hsize_t first = 0;
    H5Aiterate2(file, H5_INDEX_NAME, H5_ITER_NATIVE, &first, visit_attribute, NULL);
    first = 0;
    H5Literate(file, H5_INDEX_NAME, H5_ITER_NATIVE, &first, visit_link, &depth);
}

/* what libhdf5 notices inside is no matter here: the caller will meet it again and say what is wrong. but a file that
 * does not open is not opened a second time, since the library may come to harm even so when it ends */
static void walk(const char *path, hid_t access, struct answer *answer) {
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, access);
    if (file >= 0) {
        visit_root(file);
        H5Fclose(file);
    } else {
        *answer = (struct answer){UNREADABLE, mdp_h5i_newest_reason()};
    }
    H5garbage_collect();
}

/* gives each file CPU_SECONDS of its own beyond what the process has used so far, and a second for each CPU_BYTES:
 * episodes are groups in Minari's files, 80,000 objects a second. processor time, not wall time: a busy machine or a
 * slow disk does not mean that the file is damaged */
static void limit_time(const char *path) {
    struct rusage used;
    struct rlimit limit;
    struct stat info = {.st_size = 0};
    (void)stat(path, &info);
    getrusage(RUSAGE_SELF, &used);
    getrlimit(RLIMIT_CPU, &limit);
    rlim_t wanted =
        (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + 1 + CPU_SECONDS + (rlim_t)info.st_size / CPU_BYTES;
    if (limit.rlim_max == RLIM_INFINITY || wanted < limit.rlim_max) limit.rlim_cur = wanted;
    setrlimit(RLIMIT_CPU, &limit);
}

/* a damaged size can ask for all memory there is. what a sound file needs here is little: its metadata, and the arrays
 * that are read whole */
static void limit_memory(const char *path) {
    long total, resident, shared, text, library, data;
    struct stat info;
    struct rlimit limit;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL) return;
    int n = fscanf(file, "%ld %ld %ld %ld %ld %ld", &total, &resident, &shared, &text, &library, &data);
    fclose(file);
    if (n != 6 || stat(path, &info) != 0 || getrlimit(RLIMIT_DATA, &limit) != 0) return;
    rlim_t wanted =
        (rlim_t)data * (rlim_t)sysconf(_SC_PAGESIZE) + ((rlim_t)MEMORY_MB << 20) + MEMORY_FACTOR * (rlim_t)info.st_size;
    if (limit.rlim_max == RLIM_INFINITY || wanted < limit.rlim_max) limit.rlim_cur = wanted;
    setrlimit(RLIMIT_DATA, &limit);
}

/* faults that the library noticed, and whether one was that there is no memory */
struct faults {
    int n, is_memory;
};

static herr_t look_for_memory(unsigned n, const H5E_error2_t *error, void *data) {
    (void)n;
    if (error->min_num == H5E_NOSPACE || error->min_num == H5E_CANTALLOC) ((struct faults *)data)->is_memory = 1;
    return 0;
}

static herr_t count_fault(hid_t stack, void *data) {
    struct faults *faults = data;
    faults->n++;
    H5Ewalk2(stack, H5E_WALK_UPWARD, look_for_memory, faults);
    return 0;
}

/* signals to the process group are for the parent, which decides what to do */
static void detach(void) {
    const struct rlimit no_core = {0, 0};
    int null = open("/dev/null", O_RDWR);
    for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++) (void)!(dup2(null, fd) >= 0);
    setrlimit(RLIMIT_CORE, &no_core);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    /* some faults are of memory that was never set: filled with rubbish, they show here and not later in the caller */
    mallopt(M_PERTURB, 0xa5);
}

/* whoever reads the other end of a pipe of the owner's must see when the owner closes it, which a copy here would hide
 */
static void close_pipes(void) {
    struct stat info;
    for (int i = STDERR_FILENO + 1; i < FD_SETSIZE; i++)
        if (fstat(i, &info) == 0 && S_ISFIFO(info.st_mode)) close(i);
}

static _Noreturn void serve(int line) {
    char path[MESSAGE_MAX];
    struct faults faults = {0, 0};
    detach();
    close_pipes();
    H5Eset_auto2(H5E_DEFAULT, count_fault, &faults);
    hid_t access = mdp_h5i_access();
    while (faults.n == 0 && !was_too_large) {
        struct answer answer = {.verdict = SOUND};
        ssize_t n = recv(line, path, sizeof path - 1, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        path[n] = 0;
        limit_time(path);
        limit_memory(path);
        walk(path, access, &answer);
        if (faults.is_memory || was_too_large) answer.verdict = TOO_LARGE;
        (void)!(send(line, &answer, sizeof answer, MSG_NOSIGNAL) > 0);
    }
    _exit(0);
}

/* ---- in the owner ---- */

/* returns how the child ended */
static int stop(void) {
    int status = 0;
    close(walker.line);
    if (walker.owner == getpid())
        while (waitpid(walker.pid, &status, 0) < 0 && errno == EINTR) continue;
    walker = (struct walker){.pid = 0};
    return status;
}

static mdp_err start(const char *path) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return mdp_fail(MDP_E_IO, "%s: cannot reach a process to check the file: %s", path, strerror(errno));
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        serve(ends[1]);
    }
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return mdp_fail(MDP_E_IO, "%s: cannot start a process to check the file: %s", path, strerror(errno));
    }
    walker = (struct walker){child, getpid(), ends[0], 1};
    return MDP_OK;
}

/* returns 1 if the child has come back from the file */
static int ask(const char *path, struct answer *answer) {
    ssize_t n;
    if (send(walker.line, path, strlen(path), MSG_NOSIGNAL) < 0) return 0;
    do n = recv(walker.line, answer, sizeof *answer, 0);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof *answer;
}

/* the child stays in the folder where it began */
static mdp_err whole_path(const char *path, char whole[MESSAGE_MAX]) {
    char folder[MESSAGE_MAX] = "";
    if (path[0] != '/' && getcwd(folder, sizeof folder) == NULL)
        return mdp_fail(MDP_E_IO, "%s: cannot open: current folder: %s", path, strerror(errno));
    int n = snprintf(whole, MESSAGE_MAX, "%s%s%s", folder, path[0] != '/' ? "/" : "", path);
    return n < MESSAGE_MAX ? MDP_OK : mdp_fail(MDP_E_IO, "%s: cannot open: its folder's path is too long", path);
}

static mdp_err refuse(const char *path, const struct answer *answer) {
    if (answer->verdict == UNREADABLE) return mdp_h5i_fail_open(path, &answer->reason);
    return mdp_fail(MDP_E_DATA,
                    "%s: /: expected a file that takes at most %d MB and %d times its size to look through, "
                    "found one that takes more: truncated or corrupt?",
                    path, MEMORY_MB, MEMORY_FACTOR);
}

/* a child has died of a file: of damage it will die again. libhdf5 does not survive every read that the disk refuses,
 * either, which is no fault of the file */
static mdp_err refuse_deadly(const char *path, int status) {
    uint64_t hash;
    mdp_err err = mdp_fsx_hash(path, &hash);
    if (err != MDP_OK) return err;
    return mdp_fail(MDP_E_DATA, "%s: /: expected a sound structure, found damage that libhdf5 does not survive (%s)",
                    path, WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "it gave up");
}

mdp_err mdp_h5i_probe(const char *path) {
    char whole[MESSAGE_MAX];
    int status = 0, is_back = 0, is_sound = 0, n_fresh = 0;
    struct answer answer = {.verdict = SOUND};
    mdp_err err;
    MDP_TRY(whole_path(path, whole));
    if (walker.pid != 0 && walker.owner != getpid()) (void)stop();
    while (!is_sound && n_fresh < FRESH_TRIES) {
        if (walker.pid == 0) MDP_TRY(start(path));
        is_back = ask(whole, &answer);
        is_sound = is_back && answer.verdict == SOUND;
        n_fresh += walker.is_fresh;
        walker.is_fresh = 0;
        if (!is_sound) status = stop();
        /* an answer, and an end by the limit of time, would come again */
        if (n_fresh > 0 && (is_back || !WIFSIGNALED(status) || WTERMSIG(status) == SIGXCPU)) break;
    }
    if (is_back && !is_sound) err = refuse(path, &answer);
    if (!is_back) err = refuse_deadly(path, status);
out:
    return err;
}
