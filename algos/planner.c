#include "algos/planner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algos/diffusion/chain.h"
#include "algos/diffusion/window_diffusion.h"
#include "algos/guidance/window_guidance.h"
#include "algos/inverse.h"

/* working memory of one thread: the candidates of one state */
struct lane {
    const struct mdp_planner *planner;
    struct mdp_graph_work denoiser, value, inverse;
    float *noise;           /* [draws, n_candidates, n] */
    float *x, *work;        /* [n_candidates, n], [4, n_candidates, n] */
    float *history;         /* [n_steps + 1, n_candidates, n] */
    float *known;           /* [n_candidates, n_obs] */
    float *clean;           /* [n_candidates, n]: where a gradient is taken */
    float *twice;           /* [2, n_candidates, n]: windows with their return and without */
    float *returns, *pair;  /* [n_candidates], [2 n_obs] */
    const float *predicted; /* [n_candidates, n]: by the newest step */
};

struct mdp_planner {
    struct mdp_planner_config config;
    const struct mdp_diffusion *diffusion;
    const struct mdp_guidance *guidance;
    const float *params;                                                      /* of the denoiser */
    struct mdp_graph_packed *packed_denoiser, *packed_value, *packed_inverse; /* NULL: by the matrix library */
    double weights[MDP_SCHEDULE_MAX + 1];                                     /* of the guide at each step */
    float *wanted, *counts; /* [2, n_candidates]: the return that is wanted; that it counts, 1, then that it does not */
    struct lane *lanes;     /* [max_threads] */
};

/* ---- making ---- */

static int has_condition(const struct mdp_diffusion *diffusion) {
    return diffusion->config.kind == MDP_DENOISER_WINDOW_TRANSFORMER;
}

static mdp_err check(const struct mdp_planner_config *config, const struct mdp_diffusion *diffusion) {
    const int is_told = has_condition(diffusion);
    enum mdp_guide guide = config->guide.guide;
    if (guide != MDP_GUIDE_NONE && (guide == MDP_GUIDE_ENERGY || (guide == MDP_GUIDE_FREE) != is_told))
        return mdp_fail(MDP_E_USAGE, "policy: guide: expected %s, found %s",
                        is_told ? "none or free, as the module's plans have a condition"
                                : "none, noisy or clean, as the module's plans have no condition",
                        mdp_names_at(mdp_guide_names(), (int)guide));
    if (!isfinite(config->guide.weight))
        return mdp_fail(MDP_E_USAGE, "policy: guide weight: expected a finite number, found %g", config->guide.weight);
    if (is_told && !isfinite(config->wanted))
        return mdp_fail(MDP_E_USAGE, "policy: target return: expected a finite number, found %g", config->wanted);
    return MDP_OK;
}

/* room for all candidates of a state; where plans have a condition, with their return and without */
static mdp_err lane_alloc(struct lane *lane, const struct mdp_planner *planner) {
    const struct mdp_diffusion *d = planner->diffusion;
    int n_candidates = planner->config.n_candidates, n_ways = has_condition(d) ? 2 : 1;
    unsigned long rows = (unsigned long)n_candidates, n = rows * (unsigned long)d->window->n,
                  n_obs = (unsigned long)d->config.n_obs;
    const char *what = "plans";
    mdp_err err;
    lane->planner = planner;
    MDP_TRY(mdp_graph_work_alloc(&lane->denoiser, d->window->graph, n_ways * n_candidates));
    if (planner->guidance != NULL)
        MDP_TRY(mdp_graph_work_alloc(&lane->value, &planner->guidance->window->net.graph, n_candidates));
    if (d->inverse != NULL) MDP_TRY(mdp_graph_work_alloc(&lane->inverse, &d->inverse->graph, 1));
    lane->denoiser.packed = planner->packed_denoiser;
    lane->value.packed = planner->packed_value;
    lane->inverse.packed = planner->packed_inverse;
    MDP_TRY(mdp_calloc(&lane->noise, (unsigned long)mdp_planner_draws(planner), sizeof(float), what));
    MDP_TRY(mdp_calloc(&lane->x, n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&lane->work, 4 * n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&lane->history, ((unsigned long)d->config.n_steps + 1) * n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&lane->known, rows * n_obs, sizeof(float), what));
    MDP_TRY(mdp_calloc(&lane->clean, n, sizeof(float), what));
    if (n_ways > 1) MDP_TRY(mdp_calloc(&lane->twice, 2 * n, sizeof(float), what));
    MDP_TRY(mdp_calloc(&lane->returns, rows, sizeof(float), what));
    MDP_TRY(mdp_calloc(&lane->pair, 2 * n_obs, sizeof(float), what));
out:
    return err;
}

static void lane_free(struct lane *lane) {
    mdp_graph_work_free(&lane->denoiser);
    mdp_graph_work_free(&lane->value);
    mdp_graph_work_free(&lane->inverse);
    void *blocks[] = {lane->noise, lane->x,     lane->work,    lane->history, lane->known,
                      lane->clean, lane->twice, lane->returns, lane->pair};
    for (unsigned long i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
}

static mdp_err fill_conditions(struct mdp_planner *planner) {
    unsigned long rows = (unsigned long)planner->config.n_candidates;
    mdp_err err;
    MDP_TRY(mdp_calloc(&planner->wanted, 2 * rows, sizeof(float), "plans"));
    MDP_TRY(mdp_calloc(&planner->counts, 2 * rows, sizeof(float), "plans"));
    for (unsigned long i = 0; i < 2 * rows; i++) {
        planner->wanted[i] = (float)planner->config.wanted;
        planner->counts[i] = i < rows;
    }
out:
    return err;
}

static mdp_err pack(struct mdp_planner *planner) {
    const struct mdp_diffusion *d = planner->diffusion;
    const struct mdp_guidance *g = planner->guidance;
    const struct mdp_kernel *kernel = planner->config.kernel;
    mdp_err err;
    if (kernel == NULL) return MDP_OK;
    MDP_TRY(mdp_graph_packed_new(d->window->graph, kernel, planner->params, 0, &planner->packed_denoiser));
    if (g != NULL)
        MDP_TRY(
            mdp_graph_packed_new(&g->window->net.graph, kernel, g->window->trained.average, 1, &planner->packed_value));
    if (d->inverse != NULL)
        MDP_TRY(
            mdp_graph_packed_new(&d->inverse->graph, kernel, d->inverse->trained.params, 0, &planner->packed_inverse));
out:
    return err;
}

mdp_err mdp_planner_new(const struct mdp_planner_config *config, const struct mdp_diffusion *diffusion,
                        const struct mdp_guidance *guidance, struct mdp_planner **out) {
    const struct mdp_guide_rule *rule = &config->guide;
    int n_steps = diffusion->config.n_steps;
    struct mdp_planner *planner = NULL;
    mdp_err err;
    *out = NULL;
    MDP_TRY(check(config, diffusion));
    MDP_TRY(mdp_calloc(&planner, 1, sizeof *planner, "planner"));
    planner->config = *config;
    planner->diffusion = diffusion;
    planner->guidance = guidance;
    planner->params = config->use_ema ? diffusion->ema : diffusion->params;
    for (int i = 1; i <= n_steps && rule->guide != MDP_GUIDE_NONE; i++)
        planner->weights[i] = rule->weight * mdp_weight_share(rule->schedule, n_steps - i, n_steps);
    MDP_TRY(fill_conditions(planner));
    MDP_TRY(pack(planner));
    MDP_TRY(mdp_calloc(&planner->lanes, (unsigned long)config->max_threads, sizeof *planner->lanes, "plans"));
    for (int i = 0; i < config->max_threads; i++) MDP_TRY(lane_alloc(&planner->lanes[i], planner));
    *out = planner;
    return MDP_OK;
out:
    mdp_planner_free(planner);
    return err;
}

void mdp_planner_free(struct mdp_planner *planner) {
    if (planner == NULL) return;
    for (int i = 0; planner->lanes != NULL && i < planner->config.max_threads; i++) lane_free(&planner->lanes[i]);
    free(planner->lanes);
    mdp_graph_packed_free(planner->packed_denoiser);
    mdp_graph_packed_free(planner->packed_value);
    mdp_graph_packed_free(planner->packed_inverse);
    free(planner->wanted);
    free(planner->counts);
    free(planner);
}

long mdp_planner_draws(const struct mdp_planner *planner) {
    return (long)mdp_diffusion_draws(planner->diffusion) * planner->config.n_candidates * planner->diffusion->window->n;
}

float *mdp_planner_noise(struct mdp_planner *planner, int i_lane) { return planner->lanes[i_lane].noise; }

/* ---- predicting ---- */

static void predict(void *context, int i, int n_rows, const float *x, float *out) {
    struct lane *lane = context;
    const struct mdp_window_diffusion *d = lane->planner->diffusion->window;
    memcpy(
        out,
        mdp_window_diffusion_predict(d, lane->planner->params, n_rows, x, &d->times[i], 1, NULL, NULL, &lane->denoiser),
        (size_t)n_rows * (size_t)d->n * sizeof *out);
    lane->predicted = out;
}

/* w times the prediction on the condition and 1 - w times the other, without a guide the other alone; both are made
 * together, and one that counts for nothing is not made */
static void predict_wanted(void *context, int i, int n_rows, const float *x, float *out) {
    struct lane *lane = context;
    const struct mdp_planner *p = lane->planner;
    const struct mdp_window_diffusion *d = p->diffusion->window;
    double w = p->config.guide.guide == MDP_GUIDE_FREE ? p->weights[i] : 0;
    long n = (long)n_rows * d->n;
    int n_ways = w != 0 && w != 1 ? 2 : 1, first = w == 0 ? p->config.n_candidates : 0;
    for (int k = 0; k < n_ways; k++) memcpy(lane->twice + k * n, x, (size_t)n * sizeof *x);
    const float *found = mdp_window_diffusion_predict(d, p->params, n_ways * n_rows, lane->twice, &d->times[i], 1,
                                                      p->wanted, p->counts + first, &lane->denoiser);
    if (n_ways == 1)
        memcpy(out, found, (size_t)n * sizeof *out);
    else
        for (long j = 0; j < n; j++) out[j] = (float)((float)(w * found[j]) + (1 - w) * found[n + j]);
}

/* ---- guiding ---- */

static const float *value(struct lane *lane, int n_rows, const float *x, int time) {
    const struct mdp_window_guidance *g = lane->planner->guidance->window;
    return mdp_window_guidance_value(g, g->trained.average, n_rows, x, &time, 1, &lane->value);
}

/* the gradient of returns at the noisy windows, or at the clean ones that the step predicts, as if these moved along;
 * what is seen stands in both */
static void guide(void *context, int i, int n_rows, const float *x, float *out) {
    struct lane *lane = context;
    const struct mdp_planner *p = lane->planner;
    const struct mdp_window_guidance *g = p->guidance->window;
    size_t n_known = (size_t)p->diffusion->config.n_obs;
    int time = p->diffusion->visits.index[i];
    if (p->config.guide.guide == MDP_GUIDE_CLEAN) {
        memcpy(lane->clean, lane->predicted, (size_t)n_rows * (size_t)g->n * sizeof *x);
        for (long r = 0; r < n_rows; r++)
            memcpy(lane->clean + r * g->n, lane->known + r * (long)n_known, n_known * sizeof *x);
        x = lane->clean;
        time = 0;
    }
    value(lane, n_rows, x, time);
    memcpy(out, mdp_window_guidance_gradient(g, g->trained.average, n_rows, p->counts, &lane->value),
           (size_t)n_rows * (size_t)g->n * sizeof *out);
}

/* ---- planning ---- */

static int choose(struct lane *lane) {
    int best = 0, n = lane->planner->config.n_candidates;
    if (lane->planner->guidance == NULL) return 0;
    memcpy(lane->returns, value(lane, n, lane->x, 0), (size_t)n * sizeof *lane->returns);
    for (int i = 1; i < n; i++)
        if (lane->returns[i] > lane->returns[best]) best = i;
    return best;
}

static void take_action(struct lane *lane, const float *obs, const float *window, float *action) {
    const struct mdp_diffusion *d = lane->planner->diffusion;
    size_t n_obs = (size_t)d->config.n_obs;
    const float *found = window + n_obs;
    if (d->inverse != NULL) {
        memcpy(lane->pair, obs, n_obs * sizeof *obs);
        memcpy(lane->pair + n_obs, window + n_obs, n_obs * sizeof *obs);
        found = mdp_inverse_act(d->inverse, 1, lane->pair, &lane->inverse);
    }
    for (int j = 0; j < d->config.n_act; j++) action[j] = found[j] < -1 ? -1 : found[j] > 1 ? 1 : found[j];
}

struct mdp_plans mdp_plan(struct mdp_planner *planner, int i_lane, const float *obs, float *action) {
    struct lane *lane = &planner->lanes[i_lane];
    const struct mdp_diffusion *d = planner->diffusion;
    int n = planner->config.n_candidates, n_obs = d->config.n_obs;
    int is_guided = planner->guidance != NULL && planner->config.guide.guide != MDP_GUIDE_NONE;
    for (int r = 0; r < n; r++) memcpy(lane->known + (long)r * n_obs, obs, (size_t)n_obs * sizeof *obs);
    const struct mdp_chain chain = {.n = d->window->n,
                                    .i_last = d->i_last,
                                    .visits = &d->visits,
                                    .solver = d->config.solver,
                                    .rows = d->rows,
                                    .is_noise = d->config.prediction == MDP_PREDICT_NOISE,
                                    .low = -INFINITY,
                                    .high = INFINITY,
                                    .temperature = planner->config.start_temperature,
                                    .context = lane,
                                    .predict = d->inverse != NULL ? predict_wanted : predict,
                                    .guide = is_guided ? guide : NULL,
                                    .weights = planner->weights,
                                    .n_known = n_obs,
                                    .known = lane->known};
    mdp_chain_run(&chain, &(struct mdp_chain_rows){n, lane->noise, lane->x, lane->work, lane->history});
    int best = choose(lane);
    if (action != NULL) take_action(lane, obs, lane->x + (long)best * d->window->n, action);
    return (struct mdp_plans){n, d->window->n, lane->x, lane->returns, lane->history, best};
}
