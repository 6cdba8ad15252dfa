#include "bench/verify/checkpoints.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "bench/exchange/foreign.h"
#include "results/h5/file.h"
#include "results/h5/read.h"
#include "results/tensors/open.h"

enum { ROWS_MAX = 4096, FILES_MAX = 64 };
static const char suffix[] = "_ckpt_expect.h5";

/* inputs and the file that is being compared with */
struct expectation {
    struct mdp_verify_report *report;
    const char *path;
    struct mdp_h5 *file;
    char folder[MDP_PATH_MAX], algo[32];
    int n, n_obs, n_act;
    float *obs, *act; /* [n, n_obs], [n, n_act] */
    int *time;        /* [n] */
};

static mdp_err open_expectation(struct expectation *e) {
    struct mdp_h5_shape obs, act;
    mdp_err err;
    MDP_TRY(mdp_h5_open(e->path, &e->file));
    MDP_TRY(mdp_h5_expect(e->file, "obs", MDP_H5_2D(-1, -1)));
    MDP_TRY(mdp_h5_shape(e->file, "obs", &obs));
    if (obs.extent[0] < 1 || obs.extent[0] > ROWS_MAX)
        return mdp_fail(MDP_E_DATA, "%s: obs: expected 1 to %d rows, found %ld", e->path, ROWS_MAX, obs.extent[0]);
    MDP_TRY(mdp_h5_read_new(e->file, "obs", MDP_H5_F32, NULL, &obs, &e->obs));
    MDP_TRY(mdp_h5_read_new(e->file, "act", MDP_H5_F32, MDP_H5_2D(obs.extent[0], -1), &act, &e->act));
    MDP_TRY(mdp_h5_read_new(e->file, "t", MDP_H5_I32, MDP_H5_1D(obs.extent[0]), NULL, &e->time));
    e->n = (int)obs.extent[0];
    e->n_obs = (int)obs.extent[1];
    e->n_act = (int)act.extent[1];
out:
    return err;
}

/* one line: n values of a stored array [n, width] */
static mdp_err compare(struct expectation *e, const char *source, const char *name, int width, const float *values) {
    struct mdp_quantity quantity;
    double *want = NULL, *got = NULL;
    long n = (long)e->n * width;
    mdp_err err;
    MDP_TRY(mdp_h5_read_new(e->file, name, MDP_H5_F64, MDP_H5_2D(e->n, width), NULL, &want));
    MDP_TRY(mdp_calloc(&got, (unsigned long)n, sizeof *got, name));
    for (long i = 0; i < n; i++) got[i] = values[i];
    mdp_quantity_start(&quantity, "%s of %s", name, source);
    mdp_quantity_compare(&quantity, 0, name, n, got, want, MDP_BOUND_OUTPUT_FULL);
    mdp_verify_report_quantity(e->report, e->path, &quantity);
out:
    free(want);
    free(got);
    return err;
}

/* ---- networks ---- */

static mdp_err check_denoiser(struct expectation *e, const char *source, const struct mdp_diffusion *diffusion) {
    struct mdp_time_table table = {.values = NULL};
    struct mdp_denoiser_cache cache = {.time = NULL};
    const struct {
        const char *name;
        const float *params;
    } copies[] = {{"model_out", diffusion->params}, {"model_ema_out", diffusion->ema}};
    mdp_err err;
    for (int i = 0; i < e->n; i++)
        if (e->time[i] < 0 || e->time[i] >= diffusion->config.n_times)
            return mdp_fail(MDP_E_DATA, "%s: t: expected 0 to %d, found %d at row %d", e->path,
                            diffusion->config.n_times - 1, e->time[i], i);
    MDP_TRY(mdp_time_table_alloc(&table, &diffusion->net));
    MDP_TRY(mdp_denoiser_cache_alloc(&cache, &diffusion->net, e->n, NULL));
    memcpy(cache.time, e->time, (size_t)e->n * sizeof *cache.time);
    for (int i = 0; i < 2; i++) {
        mdp_time_table_refresh(&table, &diffusion->net, copies[i].params);
        MDP_TRY(compare(e, source, copies[i].name, e->n_act,
                        mdp_denoiser_forward(&diffusion->net, copies[i].params, &table, e->n, e->act, e->obs, &cache)));
    }
out:
    mdp_time_table_free(&table);
    mdp_denoiser_cache_free(&cache);
    return err;
}

/* both heads of the action values, and the smaller one of their targets */
static mdp_err check_values(struct expectation *e, const char *source, const struct mdp_guidance *guidance) {
    const struct mdp_guidance_net *net = &guidance->nets[0];
    const float *values[MDP_Q_HEADS_MAX];
    struct mdp_guidance_work work = {.max_rows = 0};
    float *smaller = NULL;
    mdp_err err;
    MDP_TRY(mdp_guidance_work_alloc(&work, guidance, e->n, NULL));
    MDP_TRY(mdp_calloc(&smaller, (unsigned long)e->n, sizeof *smaller, "values"));
    mdp_q_forward(&net->net, net->params, e->n, e->obs, e->act, &work.caches[0], values);
    MDP_TRY(compare(e, source, "q1", 1, values[0]));
    MDP_TRY(compare(e, source, "q2", 1, values[1]));
    mdp_q_forward(&net->net, net->target, e->n, e->obs, e->act, &work.caches[0], values);
    for (int i = 0; i < e->n; i++) smaller[i] = values[0][i] < values[1][i] ? values[0][i] : values[1][i];
    MDP_TRY(compare(e, source, "q_target_min", 1, smaller));
out:
    mdp_guidance_work_free(&work);
    free(smaller);
    return err;
}

static mdp_err check_file(struct expectation *e, const char *name) {
    char path[MDP_PATH_MAX];
    struct mdp_tensor_file *file = NULL;
    struct mdp_foreign foreign = {.has_diffusion = 0};
    mdp_err err;
    MDP_TRY(mdp_fsx_path(path, "%s/%s", e->folder, name));
    MDP_TRY(mdp_tensor_file_open(path, &file));
    if (mdp_foreign_algorithm(e->algo, &foreign) != MDP_OK) MDP_TRY(mdp_fail_context(MDP_E_DATA, "%s", e->path));
    MDP_TRY(mdp_foreign_measure(file, e->n_obs, &foreign));
    MDP_TRY(mdp_foreign_load(file, &foreign));
    const struct mdp_diffusion_config *d = &foreign.diffusion_config;
    const struct mdp_guidance_config *g = &foreign.guidance_config;
    if ((foreign.has_diffusion && (d->n_obs != e->n_obs || d->n_act != e->n_act)) ||
        (foreign.has_guidance && (g->n_obs != e->n_obs || g->n_act != e->n_act)))
        MDP_TRY(mdp_fail(MDP_E_DATA, "%s: expected %d observations and %d actions as in %s, found others", path,
                         e->n_obs, e->n_act, e->path));
    if (foreign.has_diffusion) MDP_TRY(check_denoiser(e, name, foreign.diffusion));
    if (foreign.has_guidance) MDP_TRY(check_values(e, name, foreign.guidance));
out:
    mdp_foreign_free(&foreign);
    mdp_tensor_file_free(file);
    return err;
}

/* ---- files ---- */

/* splits FOLDER/ALGO_ckpt_expect.h5 */
static mdp_err split_path(struct expectation *e) {
    const char *name = mdp_path_name(e->path);
    size_t n_algo = strlen(name) - (mdp_path_ends(name, suffix) ? strlen(suffix) : 0);
    if (!mdp_path_ends(name, suffix) || n_algo == 0 || n_algo >= sizeof e->algo)
        return mdp_fail(MDP_E_DATA,
                        "%s: expected a name like dql%s, which says whose checkpoints are beside it, found %s", e->path,
                        suffix, name);
    snprintf(e->algo, sizeof e->algo, "%.*s", (int)n_algo, name);
    mdp_path_folder(e->path, e->folder);
    return MDP_OK;
}

static int by_text(const void *a, const void *b) { return strcmp(a, b); }

/* names of ALGO_*.pt and ALGO_*.safetensors, sorted */
static mdp_err list_files(const struct expectation *e, char (*names)[MDP_PATH_MAX], int *n) {
    char prefix[40];
    snprintf(prefix, sizeof prefix, "%s_", e->algo);
    DIR *dir = opendir(e->folder);
    if (dir == NULL) return mdp_fail(MDP_E_IO, "%s: cannot list folder: %s", e->folder, strerror(errno));
    *n = 0;
    for (struct dirent *entry; *n < FILES_MAX && (entry = readdir(dir)) != NULL;) {
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0) continue;
        if (!mdp_path_ends(entry->d_name, ".pt") && !mdp_path_ends(entry->d_name, ".safetensors")) continue;
        snprintf(names[(*n)++], MDP_PATH_MAX, "%s", entry->d_name);
    }
    closedir(dir);
    qsort(names, (size_t)*n, sizeof *names, by_text);
    if (*n > 0) return MDP_OK;
    return mdp_fail(MDP_E_DATA, "%s: expected %s*.pt or %s*.safetensors beside it, found none", e->path, prefix,
                    prefix);
}

mdp_err mdp_verify_checkpoints(struct mdp_verify_report *report, const char *path) {
    struct expectation e = {.report = report, .path = path};
    char(*names)[MDP_PATH_MAX] = NULL;
    int n;
    mdp_err err;
    MDP_TRY(split_path(&e));
    MDP_TRY(open_expectation(&e));
    MDP_TRY(mdp_calloc(&names, FILES_MAX, sizeof *names, "names of checkpoints"));
    MDP_TRY(list_files(&e, names, &n));
    for (int i = 0; i < n; i++) MDP_TRY(check_file(&e, names[i]));
out:
    mdp_h5_close(e.file);
    free(names);
    free(e.obs);
    free(e.act);
    free(e.time);
    return err;
}
