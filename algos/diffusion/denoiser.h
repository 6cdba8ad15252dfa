/* the network that predicts noise (or the clean action) from a noisy action, a denoising time and an observation.
 *
 * time enters through a table: time_mlp is run once on the embeddings of all T times and rows pick from its output;
 * backward sums row gradients into a table gradient that goes back through time_mlp once.
 * a network of continuous times embeds real ones, and its
 * table may have a time of its own for every row. Source: SPEC sections 0.1, 1.1, 1.2, SPEC-energy section 1.1. */
#ifndef MDP_ALGOS_DIFFUSION_DENOISER_H
#define MDP_ALGOS_DIFFUSION_DENOISER_H

#include "algos/nn/mlp.h"
#include "algos/nn/resnet.h"
#include "algos/nn/unet.h"

/* the kinds of denoiser; the first two read concat[action, time, obs], and their time network is time_mlp.* */
enum mdp_denoiser_kind {
    MDP_DENOISER_MLP,    /* 3x (Linear-Mish) - Linear: names mid_layer.*, final_layer.* */
    MDP_DENOISER_RESNET, /* nn/resnet.h: names affine_in.*, ln_resnet.*, affine_out.* */
    /* nn/unet.h on actions, its condition being t_layer.* of a continuous time plus condition.mlp.mlp.* of the
     * observation */
    MDP_DENOISER_UNET,
    /* of windows of steps, which are made by another file, windowed.c */
    MDP_DENOISER_WINDOW_UNET,
    MDP_DENOISER_WINDOW_TRANSFORMER
};

/* sizes of a denoiser */
struct mdp_denoiser_sizes {
    int n_obs, n_act, n_emb, n_hidden, n_times;
    int n_blocks;                /* of the residual network */
    int widths[MDP_UNET_LEVELS]; /* of the U-Net */
};

/* description of a denoiser; of body, resnet and unet the one of its kind is built */
struct mdp_denoiser {
    enum mdp_denoiser_kind kind;
    int n_obs, n_act, n_emb, n_hidden, n_times, n_blocks;
    int n_in; /* n_act + n_emb + n_obs */
    struct mdp_layout layout;
    struct mdp_mlp time, body;
    struct mdp_resnet resnet;
    struct mdp_unet unet;
    struct mdp_mlp condition; /* of the observation, in a U-Net */
    const double *times;      /* [n_times] of a U-Net, borrowed: the continuous times that indices stand for */
};

/* the time table of one parameter block, with what its backward needs */
struct mdp_time_table {
    struct mdp_mlp_cache cache; /* its input rows are the embeddings */
    int n;                      /* rows: n_times, or as many as were asked for */
    double *times;              /* [n] that the caller sets before a refresh; NULL: those of the denoiser */
    const float *values;        /* [n_times, n_emb], borrowed from the cache; NULL before the first refresh */
};

/* working memory of the body for one row panel */
struct mdp_denoiser_cache {
    struct mdp_mlp_cache body;
    struct mdp_resnet_cache resnet;
    struct mdp_unet_cache unet;
    struct mdp_mlp_cache observed;  /* the U-Net's network of observations */
    float *condition, *d_condition; /* [max_rows, n_emb] of the U-Net */
    const float *mask; /* [n_rows]: what observations count in the U-Net's next forward, borrowed; NULL: all do */
    struct mdp_dropout dropout; /* the residual network's masks for the next forward; zeros: nothing is dropped */
    int *time;                  /* [max_rows] */
    float *d_in;                /* [max_rows, n_in] */
};

/** Returns the name of a kind as files record it. */
const char *mdp_denoiser_kind_name(enum mdp_denoiser_kind kind);

/** Tells whether a kind makes windows of steps. */
int mdp_denoiser_makes_windows(enum mdp_denoiser_kind kind);

/** Finds a kind by name. Errors: USAGE, listing the names. */
mdp_err mdp_denoiser_kind_find(const char *name, enum mdp_denoiser_kind *out);

/** Describes a denoiser. Range: n_emb even, n_blocks 1 to MDP_RESNET_MAX. */
void mdp_denoiser_build(struct mdp_denoiser *net, enum mdp_denoiser_kind kind, const struct mdp_denoiser_sizes *sizes);

/** Writes the embedding of an integer time: [cos t, 1, .., 1, sin t, 0, .., 0]. Shapes: out [n_emb]. Source: SPEC 0.1.
 */
void mdp_time_embedding(int n_emb, int time, float *out);

/** Allocates a time table and fills in the embeddings. Owns: caller, mdp_time_table_free. */
mdp_err mdp_time_table_alloc(struct mdp_time_table *table, const struct mdp_denoiser *net);

/** Allocates a time table of a U-Net for n times of the caller's. Owns: caller, mdp_time_table_free. */
mdp_err mdp_time_table_alloc_rows(struct mdp_time_table *table, const struct mdp_denoiser *net, int n);

/** Frees a time table. */
void mdp_time_table_free(struct mdp_time_table *table);

/** Computes the table from a parameter block; needed after every change of the parameters. */
void mdp_time_table_refresh(struct mdp_time_table *table, const struct mdp_denoiser *net, const float *params);

/** Propagates a table gradient d_values [n_times, n_emb] into grads (accumulates). */
void mdp_time_table_backward(struct mdp_time_table *table, const struct mdp_denoiser *net, const float *params,
                             const float *d_values, float *grads);

/** Allocates working memory for panels of at most max_rows rows. Nullable: products. Owns: caller,
 * mdp_denoiser_cache_free. */
mdp_err mdp_denoiser_cache_alloc(struct mdp_denoiser_cache *cache, const struct mdp_denoiser *net, int max_rows,
                                 struct mdp_products *products);

/** Prepares products for passes of n_rows through the body. Nullable: products. Errors: NOMEM, INTERNAL. */
mdp_err mdp_denoiser_products_plan(const struct mdp_denoiser *net, int n_rows, struct mdp_products *products);

/** Frees the working memory. */
void mdp_denoiser_cache_free(struct mdp_denoiser_cache *cache);

/** Predicts from x at the times in cache->time [n_rows]; returns [n_rows, n_act], borrowed from the cache.
 * Shapes: x [n_rows, n_act], obs [n_rows, n_obs]; a U-Net borrows x until the way back is done. */
const float *mdp_denoiser_forward(const struct mdp_denoiser *net, const float *params,
                                  const struct mdp_time_table *table, int n_rows, const float *x, const float *obs,
                                  struct mdp_denoiser_cache *cache);

/** Propagates d_out [n_rows, n_act] back through the newest forward of this cache; grads (nullable) and d_table
 * [n_times, n_emb] accumulate; d_x (nullable) [n_rows, n_act] is written. */
void mdp_denoiser_backward(const struct mdp_denoiser *net, const float *params, int n_rows, const float *d_out,
                           struct mdp_denoiser_cache *cache, float *grads, float *d_table, float *d_x);

#endif
