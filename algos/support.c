#include "algos/support.h"

#include <stdlib.h>
#include <string.h>

#include "algos/proposer.h"
#include "base/memory.h"
#include "base/rng.h"
#include "base/scratch.h"

/* working memory of one thread */
struct lane {
    float *obs;   /* [states at once, n_obs] */
    float *noise; /* [states at once, draws, K, n_act] */
};

struct mdp_support {
    struct mdp_support_config config;
    const struct mdp_diffusion *diffusion;
    struct mdp_proposer *proposer;
    struct lane *lanes;
    uint8_t *is_there; /* [n_rows] */
    long n_made;
    float *all; /* [n_rows, K, n_act]; NULL for a file */
    struct mdp_scratch *scratch;
    float *rows;  /* [max_rows, K, n_act]: of the newest call */
    int *missing; /* [max_rows]: places in a call of rows that are to be made */
};

static long row_floats(const struct mdp_support *s) { return (long)s->config.n_each * s->diffusion->config.n_act; }

static long draw_floats(const struct mdp_support *s) { return row_floats(s) * mdp_diffusion_draws(s->diffusion); }

static mdp_err lane_alloc(const struct mdp_support *s, struct lane *lane) {
    unsigned long n = (unsigned long)mdp_proposer_states(s->proposer);
    mdp_err err;
    MDP_TRY(mdp_calloc(&lane->obs, n * (unsigned long)s->diffusion->config.n_obs, sizeof(float), "supported actions"));
    MDP_TRY(mdp_calloc(&lane->noise, n * (unsigned long)draw_floats(s), sizeof(float), "supported actions"));
out:
    return err;
}

static mdp_err alloc_rows(struct mdp_support *s) {
    const struct mdp_support_config *c = &s->config;
    unsigned long n = (unsigned long)c->n_rows, width = (unsigned long)row_floats(s);
    const char *what = "supported actions";
    mdp_err err;
    MDP_TRY(mdp_calloc(&s->is_there, n, 1, what));
    if (c->folder != NULL) {
        MDP_TRY(mdp_scratch_new(c->folder, &s->scratch));
    } else {
        MDP_TRY(mdp_memory_expect(what, (double)n * (double)width * sizeof(float)));
        MDP_TRY(mdp_calloc(&s->all, n * width, sizeof(float), what));
    }
    MDP_TRY(mdp_calloc(&s->rows, (unsigned long)c->max_rows * width, sizeof(float), what));
    MDP_TRY(mdp_calloc(&s->missing, (unsigned long)c->max_rows, sizeof(int), what));
out:
    return err;
}

mdp_err mdp_support_new(const struct mdp_support_config *config, const struct mdp_diffusion *diffusion,
                        struct mdp_support **out) {
    mdp_err err;
    struct mdp_support *s = NULL;
    const struct mdp_proposer_config proposer = {
        .kernel = config->kernel, .n_candidates = config->n_each, .use_ema = 1, .max_threads = config->n_threads};
    *out = NULL;
    MDP_TRY(mdp_calloc(&s, 1, sizeof *s, "supported actions"));
    s->config = *config;
    s->diffusion = diffusion;
    MDP_TRY(mdp_proposer_new(&proposer, diffusion, NULL, &s->proposer));
    MDP_TRY(mdp_calloc(&s->lanes, (unsigned long)config->n_threads, sizeof *s->lanes, "supported actions"));
    for (int t = 0; t < config->n_threads; t++) MDP_TRY(lane_alloc(s, &s->lanes[t]));
    MDP_TRY(alloc_rows(s));
    *out = s;
    return MDP_OK;
out:
    mdp_support_free(s);
    return err;
}

void mdp_support_free(struct mdp_support *support) {
    if (support == NULL) return;
    for (int t = 0; support->lanes != NULL && t < support->config.n_threads; t++) {
        free(support->lanes[t].obs);
        free(support->lanes[t].noise);
    }
    mdp_scratch_free(support->scratch);
    mdp_proposer_free(support->proposer);
    void *blocks[] = {support->lanes, support->is_there, support->all, support->rows, support->missing, support};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
}

/* the missing rows from first to end - 1 of a call */
static void make(struct mdp_support *s, int i_lane, int first, int end, const uint32_t *rows, const float *next_obs) {
    struct lane *lane = &s->lanes[i_lane];
    long n_obs = s->diffusion->config.n_obs, width = row_floats(s), draws = draw_floats(s);
    int at_once = mdp_proposer_states(s->proposer);
    for (int n, r = first; r < end; r += n) {
        n = end - r < at_once ? end - r : at_once;
        for (int i = 0; i < n; i++) {
            int place = s->missing[r + i];
            struct mdp_rng rng = mdp_rng_stream(s->config.seed, MDP_RNG_SUPPORT, rows[place], 0);
            mdp_rng_normal(&rng, lane->noise + i * draws, draws);
            memcpy(lane->obs + i * n_obs, next_obs + place * n_obs, (size_t)n_obs * sizeof(float));
        }
        const struct mdp_reverse_input input = {.n_states = n,
                                                .n_candidates = s->config.n_each,
                                                .obs = lane->obs,
                                                .draws = {lane->noise, width},
                                                .draws_per_state = draws,
                                                .temperature = 1.0};
        const float *actions = mdp_propose(s->proposer, i_lane, &input).actions;
        for (int i = 0; i < n; i++)
            memcpy(s->rows + s->missing[r + i] * width, actions + i * width, (size_t)width * sizeof(float));
    }
}

/* rows are kept one by one, in their order in a call */
static mdp_err keep(struct mdp_support *s, int n_missing, const uint32_t *rows) {
    size_t size = (size_t)row_floats(s) * sizeof(float);
    mdp_err err = MDP_OK;
    for (int i = 0; i < n_missing; i++) {
        const float *from = s->rows + s->missing[i] * row_floats(s);
        uint32_t row = rows[s->missing[i]];
        if (s->scratch != NULL)
            MDP_TRY(mdp_scratch_write(s->scratch, row * size, from, size));
        else
            memcpy(s->all + row * row_floats(s), from, size);
        s->n_made += !s->is_there[row];
        s->is_there[row] = 1;
    }
out:
    return err;
}

mdp_err mdp_support_get(struct mdp_support *support, int n, const uint32_t *rows, const float *next_obs,
                        const float **out) {
    struct mdp_support *s = support;
    size_t size = (size_t)row_floats(s) * sizeof(float);
    int n_missing = 0, n_threads = s->config.n_threads;
    mdp_err err = MDP_OK;
    for (int i = 0; i < n; i++) {
        float *to = s->rows + i * row_floats(s);
        if (!s->is_there[rows[i]])
            s->missing[n_missing++] = i;
        else if (s->scratch == NULL)
            memcpy(to, s->all + rows[i] * row_floats(s), size);
        else
            MDP_TRY(mdp_scratch_read(s->scratch, rows[i] * size, to, size));
    }
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int t = 0; t < n_threads; t++)
        make(s, t, (int)((long)n_missing * t / n_threads), (int)((long)n_missing * (t + 1) / n_threads), rows,
             next_obs);
    MDP_TRY(keep(s, n_missing, rows));
    *out = s->rows;
out:
    return err;
}

long mdp_support_made(const struct mdp_support *support) { return support->n_made; }
