#include "results/episodes.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results/h5/attr.h"
#include "results/h5/file.h"
#include "results/h5/read.h"
#include "results/h5/write.h"
#include "results/reference_scores.h"

static const char format[] = "mdpbench-episodes";

/* the info's fields, written once: name in the file, kind, place in the struct */
enum field_kind { TEXT, PATH, REAL, INT, U64 };

struct field {
    const char *name;
    enum field_kind kind;
    size_t offset;
    int is_optional; /* older files may lack it */
};

#define FIELD(name, kind)                                                                                              \
    { #name, kind, offsetof(struct mdp_episodes_info, name), 0 }
#define LATER_FIELD(name, kind)                                                                                        \
    { #name, kind, offsetof(struct mdp_episodes_info, name), 1 }
#define FILE_FIELDS(name)                                                                                              \
    {#name, PATH, offsetof(struct mdp_episodes_info, name.path), 0}, {                                                 \
#name "_hash", U64, offsetof(struct mdp_episodes_info, name.hash), 0                                           \
    }

static const struct field fields[] = {
    FIELD(task, TEXT),
    FIELD(env_id, TEXT),
    FIELD(physics, TEXT),
    FIELD(reference, TEXT),
    FIELD(ref_min, REAL),
    FIELD(ref_max, REAL),
    FIELD(algo, TEXT),
    FILE_FIELDS(diffusion),
    FILE_FIELDS(guidance),
    FIELD(actor, TEXT),
    FIELD(precision, TEXT),
    FIELD(return_rule, TEXT),
    FIELD(step, INT),
    FIELD(candidates, INT),
    FIELD(temperature, REAL),
    FIELD(w_t, REAL),
    FIELD(seed, U64),
    LATER_FIELD(env_hash, U64),
    LATER_FIELD(physics_library, PATH),
    LATER_FIELD(physics_hash, U64),
    LATER_FIELD(isa, TEXT),
};

enum { N_FIELDS = sizeof fields / sizeof fields[0] };

/* ---- checks ---- */

static mdp_err check_info(const char *path, const struct mdp_episodes_info *info) {
    if (!isfinite(info->ref_min) || !isfinite(info->ref_max) || info->ref_max <= info->ref_min)
        return mdp_fail(MDP_E_DATA, "%s: /@ref_max: expected a finite value above ref_min, found %g and %g", path,
                        info->ref_max, info->ref_min);
    if (info->candidates < 1)
        return mdp_fail(MDP_E_DATA, "%s: /@candidates: expected 1 or more, found %" PRId64, path, info->candidates);
    if (!isfinite(info->temperature) || info->temperature < 0 || !isfinite(info->w_t))
        return mdp_fail(MDP_E_DATA, "%s: /@temperature and /@w_t: expected finite values, found %g and %g", path,
                        info->temperature, info->w_t);
    if (info->step < -1)
        return mdp_fail(MDP_E_DATA, "%s: /@step: expected -1 or more, found %" PRId64, path, info->step);
    return MDP_OK;
}

static mdp_err check_row(const char *path, const struct mdp_episodes *e, long i) {
    if (!isfinite(e->returns[i]))
        return mdp_fail(MDP_E_DATA, "%s: return: expected finite values, found %g at row %ld", path, e->returns[i], i);
    if (e->lengths[i] < 0)
        return mdp_fail(MDP_E_DATA, "%s: length: expected 0 or more, found %d at row %ld", path, e->lengths[i], i);
    if (e->ends[i] > MDP_END_NON_FINITE)
        return mdp_fail(MDP_E_DATA, "%s: end: expected 0, 1 or 2, found %d at row %ld", path, e->ends[i], i);
    if (i > 0 && e->indices[i] <= e->indices[i - 1])
        return mdp_fail(MDP_E_DATA, "%s: episode: expected ascending numbers, found %" PRId64 " at row %ld", path,
                        e->indices[i], i);
    return MDP_OK;
}

static mdp_err check_rows(const char *path, const struct mdp_episodes *episodes) {
    if (episodes->n < 1 || episodes->n > MDP_EPISODES_MAX)
        return mdp_fail(MDP_E_DATA, "%s: return: expected 1 to %d episodes, found %ld", path, MDP_EPISODES_MAX,
                        episodes->n);
    for (long i = 0; i < episodes->n; i++) {
        mdp_err err = check_row(path, episodes, i);
        if (err != MDP_OK) return err;
    }
    return MDP_OK;
}

/* a score that does not follow from its return and reference belongs to another reference */
static mdp_err check_scores(const char *path, const struct mdp_episodes_info *info, const struct mdp_episodes *e) {
    const struct mdp_reference_score score = {info->reference, info->ref_min, info->ref_max};
    for (long i = 0; i < e->n; i++) {
        double want;
        mdp_err err = mdp_reference_normalize(&score, e->returns[i], &want);
        if (err != MDP_OK) return err;
        if (e->normalized_returns[i] != want)
            return mdp_fail(MDP_E_DATA, "%s: normalized_return: expected %.17g, found %.17g at row %ld", path, want,
                            e->normalized_returns[i], i);
    }
    return MDP_OK;
}

/* ---- writing ---- */

/* a path may be of any bytes */
static mdp_err put_path(struct mdp_h5 *file, const char *name, const char *path) {
    char shown[MDP_FILE_LABEL_MAX];
    snprintf(shown, sizeof shown, "%s", path);
    mdp_text_mend(shown);
    return mdp_h5_put_text(file, "/", name, shown);
}

static mdp_err write_info(struct mdp_h5 *file, const struct mdp_episodes_info *info) {
    mdp_err err = mdp_head_write(file, format, &info->head);
    for (int i = 0; err == MDP_OK && i < N_FIELDS; i++) {
        const void *value = (const char *)info + fields[i].offset;
        switch (fields[i].kind) {
        case TEXT: err = mdp_h5_put_text(file, "/", fields[i].name, value); break;
        case PATH: err = put_path(file, fields[i].name, value); break;
        case REAL: err = mdp_h5_put_real(file, "/", fields[i].name, *(const double *)value); break;
        case INT: err = mdp_h5_put_int(file, "/", fields[i].name, *(const int64_t *)value); break;
        case U64: err = mdp_h5_put_u64(file, "/", fields[i].name, *(const uint64_t *)value); break;
        }
    }
    return err;
}

static mdp_err write_scores(struct mdp_h5 *file, const struct mdp_episodes_info *info, const struct mdp_episodes *e) {
    const struct mdp_reference_score score = {info->reference, info->ref_min, info->ref_max};
    double *scores = NULL;
    mdp_err err;
    MDP_TRY(mdp_calloc(&scores, (unsigned long)e->n, sizeof *scores, "normalized returns"));
    for (long i = 0; i < e->n; i++) MDP_TRY(mdp_reference_normalize(&score, e->returns[i], &scores[i]));
    MDP_TRY(mdp_h5_write(file, "normalized_return", MDP_H5_F64, MDP_H5_1D(e->n), MDP_H5_PLAIN, scores));
out:
    free(scores);
    return err;
}

mdp_err mdp_episodes_write(const char *path, const struct mdp_episodes_info *info,
                           const struct mdp_episodes *episodes) {
    struct mdp_h5 *file = NULL;
    const struct mdp_h5_shape *shape = MDP_H5_1D(episodes->n);
    mdp_err err;
    MDP_TRY(check_info(path, info));
    MDP_TRY(check_rows(path, episodes));
    MDP_TRY(mdp_h5_create(path, &file));
    MDP_TRY(write_info(file, info));
    MDP_TRY(mdp_h5_write(file, "episode", MDP_H5_I64, shape, MDP_H5_PLAIN, episodes->indices));
    MDP_TRY(mdp_h5_write(file, "return", MDP_H5_F64, shape, MDP_H5_PLAIN, episodes->returns));
    MDP_TRY(mdp_h5_write(file, "length", MDP_H5_I32, shape, MDP_H5_PLAIN, episodes->lengths));
    MDP_TRY(mdp_h5_write(file, "end", MDP_H5_U8, shape, MDP_H5_PLAIN, episodes->ends));
    MDP_TRY(mdp_h5_write(file, "seed", MDP_H5_U64, shape, MDP_H5_PLAIN, episodes->seeds));
    MDP_TRY(write_scores(file, info, episodes));
    MDP_TRY(mdp_h5_commit(&file));
out:
    mdp_h5_close(file);
    return err;
}

/* ---- reading ---- */

static mdp_err read_info(struct mdp_h5 *file, struct mdp_episodes_info *info) {
    mdp_err err = mdp_head_read(file, format, &info->head);
    for (int i = 0; err == MDP_OK && i < N_FIELDS; i++) {
        void *value = (char *)info + fields[i].offset;
        if (fields[i].is_optional && !mdp_h5_attr_exists(file, "/", fields[i].name)) continue;
        switch (fields[i].kind) {
        case TEXT: err = mdp_h5_attr_text(file, "/", fields[i].name, value, MDP_LABEL_MAX); break;
        case PATH: err = mdp_h5_attr_text(file, "/", fields[i].name, value, MDP_FILE_LABEL_MAX); break;
        case REAL: err = mdp_h5_attr_real(file, "/", fields[i].name, value); break;
        case INT: err = mdp_h5_attr_int(file, "/", fields[i].name, value); break;
        case U64: err = mdp_h5_attr_u64(file, "/", fields[i].name, value); break;
        }
    }
    return err == MDP_OK ? check_info(mdp_h5_path(file), info) : err;
}

static mdp_err read_rows(struct mdp_h5 *file, struct mdp_episodes *e) {
    struct mdp_h5_shape shape;
    mdp_err err;
    MDP_TRY(mdp_h5_expect(file, "return", MDP_H5_1D(-1)));
    MDP_TRY(mdp_h5_shape(file, "return", &shape));
    if (shape.extent[0] < 1 || shape.extent[0] > MDP_EPISODES_MAX) {
        err = mdp_fail(MDP_E_DATA, "%s: return: expected 1 to %d episodes, found %ld", mdp_h5_path(file),
                       MDP_EPISODES_MAX, shape.extent[0]);
        goto out;
    }
    MDP_TRY(mdp_episodes_alloc(e, shape.extent[0]));
    MDP_TRY(mdp_h5_read(file, "return", MDP_H5_F64, &shape, e->returns));
    MDP_TRY(mdp_h5_read(file, "normalized_return", MDP_H5_F64, &shape, e->normalized_returns));
    MDP_TRY(mdp_h5_read(file, "length", MDP_H5_I32, &shape, e->lengths));
    MDP_TRY(mdp_h5_read(file, "end", MDP_H5_U8, &shape, e->ends));
    MDP_TRY(mdp_h5_read(file, "seed", MDP_H5_U64, &shape, e->seeds));
    MDP_TRY(mdp_h5_read(file, "episode", MDP_H5_I64, &shape, e->indices));
    MDP_TRY(check_rows(mdp_h5_path(file), e));
out:
    return err;
}

mdp_err mdp_episodes_read(const char *path, struct mdp_episodes_info *info, struct mdp_episodes *episodes) {
    struct mdp_h5 *file = NULL;
    struct mdp_episodes_info found;
    memset(&found, 0, sizeof found);
    memset(episodes, 0, sizeof *episodes);
    if (info != NULL) memset(info, 0, sizeof *info);
    mdp_err err;
    MDP_TRY(mdp_h5_open(path, &file));
    MDP_TRY(read_info(file, &found));
    MDP_TRY(read_rows(file, episodes));
    MDP_TRY(check_scores(path, &found, episodes));
    if (info != NULL) {
        *info = found;
        memset(&found, 0, sizeof found);
    }
out:
    mdp_h5_close(file);
    mdp_episodes_info_free(&found);
    if (err != MDP_OK) mdp_episodes_free(episodes);
    return err;
}

/* ---- memory ---- */

mdp_err mdp_episodes_alloc(struct mdp_episodes *e, long n) {
    mdp_err err;
    unsigned long rows = (unsigned long)n;
    memset(e, 0, sizeof *e);
    e->n = n;
    MDP_TRY(mdp_calloc(&e->returns, rows, sizeof *e->returns, "episodes"));
    MDP_TRY(mdp_calloc(&e->normalized_returns, rows, sizeof *e->normalized_returns, "episodes"));
    MDP_TRY(mdp_calloc(&e->lengths, rows, sizeof *e->lengths, "episodes"));
    MDP_TRY(mdp_calloc(&e->ends, rows, sizeof *e->ends, "episodes"));
    MDP_TRY(mdp_calloc(&e->seeds, rows, sizeof *e->seeds, "episodes"));
    MDP_TRY(mdp_calloc(&e->indices, rows, sizeof *e->indices, "episodes"));
    return MDP_OK;
out:
    mdp_episodes_free(e);
    return err;
}

long mdp_episodes_ended(const struct mdp_episodes *e, enum mdp_episode_end end) {
    long n = 0;
    for (long i = 0; i < e->n; i++) n += e->ends[i] == (uint8_t)end;
    return n;
}

void mdp_episodes_free(struct mdp_episodes *e) {
    free(e->returns);
    free(e->normalized_returns);
    free(e->lengths);
    free(e->ends);
    free(e->seeds);
    free(e->indices);
    memset(e, 0, sizeof *e);
}

void mdp_episodes_info_free(struct mdp_episodes_info *info) {
    mdp_head_free(&info->head);
    memset(info, 0, sizeof *info);
}
