#include "results/show/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fsx.h"
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
    for (; *text != 0; text++) {
        if (*text == '\'') fputc('\'', script);
        fputc((unsigned char)*text < ' ' ? ' ' : *text, script);
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

/* a picture on its way: where to, as what, by which script */
struct picture {
    const char *path;
    const struct ending *ending;
    const struct mdp_canvas *canvas;
    mdp_gnuplot_script put;
    const void *context;
};

static mdp_err write_script(const struct picture *picture, const char *script, const char *output) {
    FILE *file = fopen(script, "w");
    if (file == NULL) return mdp_fail(MDP_E_IO, "%s: cannot create: %s", picture->path, strerror(errno));
    put_terminal(file, picture->ending->kind, picture->canvas);
    fputs("set output ", file);
    mdp_gnuplot_put_text(file, output, "");
    fputc('\n', file);
    picture->put(file, picture->context);
    int failed = fflush(file) != 0 || ferror(file), reason = errno;
    if (fclose(file) != 0 && !failed) {
        failed = 1;
        reason = errno;
    }
    if (failed) return mdp_fail(MDP_E_IO, "%s: cannot write the plot script: %s", picture->path, strerror(reason));
    return MDP_OK;
}

/* ---- the child process ---- */

/* the first line of gnuplot's complaint that is not its drawing of the place */
static void first_complaint(const char *path, char line[256]) {
    char *text = NULL;
    size_t size;
    strcpy(line, "no message");
    if (mdp_fsx_read(path, 1 << 20, &text, &size) != MDP_OK) return;
    for (char *words = strtok(text, "\n"); words != NULL; words = strtok(NULL, "\n")) {
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
static mdp_err run_gnuplot(const char *path, const char *script, const char *complaint) {
    /* -d leaves the user's own settings out */
    char *const argv[] = {"gnuplot", "-d", (char *)script, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status = 0;
    char line[256], **environment;
    mdp_err err = make_environment(&environment);
    if (err != MDP_OK) return err;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, complaint, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int failed = posix_spawnp(&child, "gnuplot", &actions, NULL, argv, environment);
    free(environment);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        return mdp_fail(MDP_E_IO, "%s: cannot run gnuplot (Debian package gnuplot-nox): %s", path, strerror(failed));
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return mdp_fail(MDP_E_IO, "%s: lost gnuplot: %s", path, strerror(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return MDP_OK;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return mdp_fail(MDP_E_IO, "%s: cannot run gnuplot (Debian package gnuplot-nox)", path);
    first_complaint(complaint, line);
    return mdp_fail(MDP_E_IO, "%s: gnuplot failed: %s", path, line);
}

/* ---- the picture ---- */

/* gnuplot does not always notice a full disk: a picture ends with the mark of its format, but for white space */
static mdp_err finish(const struct picture *picture, const char *temp) {
    char *data = NULL;
    size_t size = 0, end, n = picture->ending->n_tail;
    mdp_err err = MDP_OK;
    if (mdp_fsx_exists(temp)) MDP_TRY(mdp_fsx_read(temp, PICTURE_BYTES_MAX, &data, &size));
    for (end = size; end > 0 && (data[end - 1] == '\n' || data[end - 1] == '\r');) end--;
    if (end < n || memcmp(data + end - n, picture->ending->tail, n) != 0)
        MDP_TRY(mdp_fail(MDP_E_IO,
                         "%s: expected a whole picture of gnuplot, found %zu bytes without their end: disk full?",
                         picture->path, size));
    if (picture->ending->kind == PDF) {
        MDP_TRY(mdp_pdf_set_date(&data, &size));
        err = mdp_fsx_write(picture->path, data, size);
        mdp_fsx_discard(temp);
    } else {
        err = mdp_fsx_publish(temp, picture->path);
    }
out:
    free(data);
    return err;
}

mdp_err mdp_gnuplot_draw(const char *path, const struct mdp_canvas *canvas, mdp_gnuplot_script put,
                         const void *context) {
    struct picture picture = {path, NULL, canvas, put, context};
    char temp[MDP_PATH_MAX] = "", script[MDP_PATH_MAX] = "", complaint[MDP_PATH_MAX] = "";
    mdp_err err;
    MDP_TRY(find_ending(path, &picture.ending));
    MDP_TRY(mdp_fsx_temp_name(path, temp));
    /* mdp_fsx_write has the plain temporary name for itself */
    MDP_TRY(mdp_fsx_path(script, "%s.gp", temp));
    MDP_TRY(mdp_fsx_path(complaint, "%s.err", temp));
    strcat(temp, picture.ending->kind == PDF ? ".pdf" : "");
    MDP_TRY(write_script(&picture, script, temp));
    MDP_TRY(run_gnuplot(path, script, complaint));
    MDP_TRY(finish(&picture, temp));
out:
    if (script[0] != 0) mdp_fsx_discard(script);
    if (complaint[0] != 0) mdp_fsx_discard(complaint);
    if (err != MDP_OK && temp[0] != 0) mdp_fsx_discard(temp);
    return err;
}
