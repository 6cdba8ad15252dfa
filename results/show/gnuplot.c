#define _GNU_SOURCE /* memfd_create */
#include "results/show/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/claim.h"
#include "base/fsx.h"
#include "base/memstream.h"
#include "base/path.h"
#include "base/text.h"
#include "results/show/markup.h"
#include "results/show/pdf.h"

extern char **environ;

/* what a picture can be, and how its file ends when it is whole */
enum kind { SVG, PDF, PNG };
static const struct ending {
    const char *name, *tail;
    size_t n_tail;
    enum kind kind;
} endings[] = {
    {"svg", "</svg>", 6, SVG},
    {"pdf", "%%EOF", 5, PDF},
    {"png", "IEND\xae\x42\x60\x82", 8, PNG},
};

enum { PICTURE_BYTES_MAX = 256 << 20 };

const struct mdp_names *mdp_picture_endings(void) {
    static const struct mdp_names names = MDP_NAMES(endings, name);
    return &names;
}

static mdp_err find_ending(const char *path, const struct ending **ending) {
    char known[MDP_NAMES_MAX];
    int i = mdp_names_ending(mdp_picture_endings(), path);
    if (i < 0)
        return mdp_fail(MDP_E_USAGE, "%s: expected a path that ends in one of .%s", path,
                        mdp_names_join(mdp_picture_endings(), ", .", known));
    *ending = &endings[i];
    return MDP_OK;
}

mdp_err mdp_gnuplot_check_path(const char *path) {
    const struct ending *ending;
    return find_ending(path, &ending);
}

/* ---- the script ---- */

void mdp_gnuplot_put_text(FILE *script, const char *text, const char *suffix) {
    fputc('\'', script);
    for (size_t size = strlen(text), n; size > 0; text += n, size -= n) {
        n = mdp_text_character(text, size);
        if (*text == '\'') fputc('\'', script);
        fwrite(n > 0 ? text : " ", 1, n > 0 ? n : 1, script);
        if (n == 0) n = 1;
    }
    fprintf(script, "%s'", suffix);
}

static void put_terminal(FILE *script, enum kind kind, const struct mdp_canvas *c) {
    switch (kind) {
    case SVG:
        fprintf(script,
                "set terminal svg size %d,%d noenhanced dashlength 0.6 font 'DejaVu Sans,Verdana,sans-serif,%d'",
                c->width, c->height, c->font_size);
        break;
    case PDF:
        fprintf(script,
                "set terminal pdfcairo size %.4fin,%.4fin noenhanced dashlength 0.6 font 'DejaVu Sans,%.2f' fontscale "
                "1 linewidth "
                "0.75 pointscale 0.75",
                c->width / 96.0, c->height / 96.0, 0.75 * c->font_size);
        break;
    case PNG:
        fprintf(script,
                "set terminal pngcairo size %d,%d noenhanced dashlength 0.6 font 'DejaVu Sans,%d' fontscale %d "
                "linewidth %d "
                "pointscale %d",
                c->width * c->zoom, c->height * c->zoom, c->font_size, c->zoom, c->zoom, c->zoom);
        break;
    }
    fputs(" background '#ffffff'\n", script);
}

/* a picture on its way: where to, as what, by which script. gnuplot gets no name at all, for a name is a part of its
 * syntax ('|' begins a command): it reads the script from standard input, and writes to standard output what is then
 * written as any file of ours is. these files are in memory, and no kill leaves them behind */
struct picture {
    const char *path;
    const struct ending *ending;
    const struct mdp_canvas *canvas;
    mdp_gnuplot_script put;
    const void *context;
    int streams[3]; /* the child's standard input, output and error */
};

/* above the standard streams, of which some may be closed here and all become the child's */
static mdp_err open_stream(const char *path, int *stream) {
    int fd = memfd_create("gnuplot", MFD_CLOEXEC);
    *stream = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int reason = errno;
    if (fd >= 0) close(fd);
    return *stream >= 0 ? MDP_OK : mdp_fail(MDP_E_IO, "%s: no file in memory: %s", path, strerror(reason));
}

/* everything in a file in memory, with a terminating zero */
static mdp_err read_stream(const char *path, int stream, char **data, size_t *size) {
    struct stat info;
    *size = fstat(stream, &info) == 0 ? (size_t)info.st_size : 0;
    if (*size > PICTURE_BYTES_MAX)
        return mdp_fail(MDP_E_IO, "%s: expected at most %d bytes of gnuplot, found %zu", path, PICTURE_BYTES_MAX,
                        *size);
    mdp_err err = mdp_calloc(data, *size + 1, 1, path);
    if (err == MDP_OK && pread(stream, *data, *size, 0) != (ssize_t)*size)
        err = mdp_fail(MDP_E_IO, "%s: cannot read what gnuplot wrote: %s", path, strerror(errno));
    return err;
}

static mdp_err write_script(const struct picture *picture) {
    int fd = dup(picture->streams[STDIN_FILENO]);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL) {
        mdp_err err = mdp_fail(MDP_E_IO, "%s: no plot script: %s", picture->path, strerror(errno));
        if (fd >= 0) close(fd);
        return err;
    }
    put_terminal(file, picture->ending->kind, picture->canvas);
    picture->put(file, picture->context);
    int failed = fflush(file) != 0 || ferror(file), reason = errno;
    fclose(file);
    if (failed || lseek(picture->streams[STDIN_FILENO], 0, SEEK_SET) != 0)
        return mdp_fail(MDP_E_IO, "%s: cannot write the plot script: %s", picture->path, strerror(reason));
    return MDP_OK;
}

/* ---- the child process ---- */

/* the first line of gnuplot's complaint that is not its drawing of the place */
static void first_complaint(const struct picture *picture, char line[256]) {
    char *text = NULL;
    size_t size;
    strcpy(line, "no message");
    if (read_stream(picture->path, picture->streams[STDERR_FILENO], &text, &size) != MDP_OK) size = 0;
    for (char *words = size > 0 ? strtok(text, "\n") : NULL; words != NULL; words = strtok(NULL, "\n")) {
        size_t blank = strspn(words, " \t^");
        if (words[blank] == 0) continue;
        const char *message = strstr(words, "line ");
        snprintf(line, 256, "%s", message != NULL ? message : words + blank);
        if (message != NULL) break;
    }
    free(text);
}

/* ours, but for the time zone, which a PDF would record */
static mdp_err make_environment(char ***out) {
    static char zone[] = "TZ=UTC0";
    unsigned long n = 0, n_kept = 0;
    while (environ[n] != NULL) n++;
    mdp_err err = mdp_calloc(out, n + 2, sizeof **out, "environment");
    if (err != MDP_OK) return err;
    for (unsigned long i = 0; i < n; i++)
        if (strncmp(environ[i], "TZ=", 3) != 0) (*out)[n_kept++] = environ[i];
    (*out)[n_kept] = zone;
    return MDP_OK;
}

/* gnuplot is a process without a shell and without the user's settings, so that the same script draws the same figure
 * */
static mdp_err run_gnuplot(const struct picture *picture) {
    /* -d leaves the user's own settings out, - reads the script as a file is read */
    static char name[] = "gnuplot", no_settings[] = "-d", script[] = "-";
    char *const argv[] = {name, no_settings, script, NULL};
    const char *path = picture->path;
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status = 0;
    char line[256], **environment;
    mdp_err err = make_environment(&environment);
    if (err != MDP_OK) return err;
    posix_spawn_file_actions_init(&actions);
    for (int i = 0; i < 3; i++) posix_spawn_file_actions_adddup2(&actions, picture->streams[i], i);
    int failed = posix_spawnp(&child, name, &actions, NULL, argv, environment);
    free(environment);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        return mdp_fail(MDP_E_IO, "%s: cannot run gnuplot (Debian package gnuplot-nox): %s", path, strerror(failed));
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return mdp_fail(MDP_E_IO, "%s: lost gnuplot: %s", path, strerror(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return MDP_OK;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return mdp_fail(MDP_E_IO, "%s: cannot run gnuplot (Debian package gnuplot-nox)", path);
    first_complaint(picture, line);
    return mdp_fail(MDP_E_IO, "%s: gnuplot failed: %s", path, line);
}

/* ---- the picture ---- */

/* the text between two marks becomes another; a picture without them stays as it is */
static mdp_err replace_between(char **data, size_t *size, const char *open, const char *close, const char *text) {
    char *from = strstr(*data, open), *to = from != NULL ? strstr(from, close) : NULL;
    struct mdp_memstream out;
    if (to == NULL) return MDP_OK;
    from += strlen(open);
    mdp_err err = mdp_memstream_open(&out, "picture");
    if (err != MDP_OK) return err;
    fwrite(*data, 1, (size_t)(from - *data), out.stream);
    mdp_put_xml(out.stream, text);
    fwrite(to, 1, *size - (size_t)(to - *data), out.stream);
    err = mdp_memstream_close(&out, MDP_OK);
    if (err != MDP_OK) return err;
    free(*data);
    *data = out.text;
    *size = out.size;
    return MDP_OK;
}

/* gnuplot calls every SVG Gnuplot, which screen readers and browsers show */
static mdp_err name_svg(const struct picture *picture, char **data, size_t *size) {
    const struct mdp_canvas *canvas = picture->canvas;
    const char *title = canvas->title != NULL ? canvas->title : mdp_path_name(picture->path);
    mdp_err err = replace_between(data, size, "<title>", "</title>", title);
    if (err == MDP_OK && canvas->about != NULL) err = replace_between(data, size, "<desc>", "</desc>", canvas->about);
    return err;
}

/* gnuplot does not always notice that it cannot write: a picture ends with the mark of its format, but for white space
 */
static mdp_err take(const struct picture *picture, char **data, size_t *size) {
    size_t end, n = picture->ending->n_tail;
    mdp_err err;
    MDP_TRY(read_stream(picture->path, picture->streams[STDOUT_FILENO], data, size));
    for (end = *size; end > 0 && ((*data)[end - 1] == '\n' || (*data)[end - 1] == '\r');) end--;
    if (end < n || memcmp(*data + end - n, picture->ending->tail, n) != 0)
        MDP_TRY(mdp_fail(MDP_E_IO,
                         "%s: expected a whole picture of gnuplot, found %zu bytes without their end: no memory?",
                         picture->path, *size));
    if (picture->ending->kind == PDF) MDP_TRY(mdp_pdf_set_date(data, size));
    if (picture->ending->kind == SVG) MDP_TRY(name_svg(picture, data, size));
out:
    return err;
}

/* a picture in memory; the caller frees what there is of it, also after a failure */
static mdp_err draw(struct picture *picture, char **data, size_t *size) {
    mdp_err err;
    MDP_TRY(find_ending(picture->path, &picture->ending));
    for (int i = 0; i < 3; i++) MDP_TRY(open_stream(picture->path, &picture->streams[i]));
    MDP_TRY(write_script(picture));
    MDP_TRY(run_gnuplot(picture));
    MDP_TRY(take(picture, data, size));
out:
    for (int i = 0; i < 3; i++)
        if (picture->streams[i] >= 0) close(picture->streams[i]);
    return err;
}

mdp_err mdp_gnuplot_draw(const char *path, const struct mdp_canvas *canvas, mdp_gnuplot_script put,
                         const void *context) {
    struct picture picture = {path, NULL, canvas, put, context, {-1, -1, -1}};
    struct mdp_claim *claim = NULL;
    char *data = NULL;
    size_t size = 0;
    mdp_err err;
    MDP_TRY(mdp_gnuplot_check_path(path));
    MDP_TRY(mdp_claim_take(path, &claim));
    MDP_TRY(draw(&picture, &data, &size));
    MDP_TRY(mdp_fsx_write(path, data, size));
out:
    free(data);
    mdp_claim_free(claim);
    return err;
}

mdp_err mdp_gnuplot_svg(const struct mdp_canvas *canvas, mdp_gnuplot_script put, const void *context, char **svg,
                        size_t *size) {
    struct picture picture = {"picture.svg", NULL, canvas, put, context, {-1, -1, -1}};
    *svg = NULL;
    mdp_err err = draw(&picture, svg, size);
    if (err == MDP_OK) return MDP_OK;
    free(*svg);
    *svg = NULL;
    return err;
}
