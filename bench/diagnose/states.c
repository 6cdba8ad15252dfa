/* modules at work on held-out states, in panels that do not depend on the number of threads. */
#include <stdlib.h>
#include <string.h>

#include "algos/diffusion/density.h"
#include "algos/proposer.h"
#include "base/rng.h"
#include "bench/diagnose/internal.h"

enum { PANEL_ROWS = 512 };

/* states that pass a network together: of one, all candidates */
static long panel_states(const struct mdp_states *s) {
    long n = PANEL_ROWS / s->acting->n_candidates;
    return n > 0 ? n : 1;
}

static long panel_count(const struct mdp_states *s) { return (s->n + panel_states(s) - 1) / panel_states(s); }

/* the states of panel p: first, and how many */
static long panel_first(const struct mdp_states *s, long p, long *n) {
    long first = p * panel_states(s), rest = s->n - first;
    *n = rest < panel_states(s) ? rest : panel_states(s);
    return first;
}

/* ---- candidates ---- */

static void gather(const struct mdp_states *s) {
    const struct mdp_dataset_raw *raw = &s->held_out->raw;
    for (long i = 0; i < s->n; i++) {
        long row = s->held_out->row[i];
        memcpy(s->obs + i * s->n_obs, raw->observations + row * s->n_obs, (size_t)s->n_obs * sizeof(float));
        if (s->n_vector == s->n_act)
            memcpy(s->acted + i * s->n_act, raw->actions + row * s->n_act, (size_t)s->n_act * sizeof(float));
    }
    if (s->normalizer->n > 0) mdp_normalizer_apply(s->normalizer, s->obs, s->n);
}

/* noise as a policy draws it, for the episode and the step in it */
static void draw(const struct mdp_states *s, long i, long n_draws, float *noise) {
    long episode = s->held_out->episode[i], step = s->held_out->row[i] - s->held_out->episodes.list[episode].first;
    struct mdp_rng rng = mdp_rng_stream(s->acting->seed, MDP_RNG_SAMPLE, (uint32_t)episode, (uint32_t)step);
    mdp_rng_normal(&rng, noise, n_draws);
}

/* states first to first + n - 1, as many as the proposer takes */
static void propose(const struct mdp_states *s, struct mdp_proposer *proposer, int i_lane, long first, long n,
                    float *noise) {
    long nc = s->acting->n_candidates, n_draws = nc * s->n_act * mdp_diffusion_draws(s->diffusion);
    for (long i = 0; i < n; i++) draw(s, first + i, n_draws, noise + i * n_draws);
    const struct mdp_reverse_input input = {.n_states = (int)n,
                                            .n_candidates = (int)nc,
                                            .obs = s->obs + first * s->n_obs,
                                            .draws = {noise, nc * s->n_act},
                                            .draws_per_state = n_draws,
                                            .temperature = s->acting->temperature};
    memcpy(s->candidates + first * nc * s->n_act, mdp_propose(proposer, i_lane, &input).actions,
           (size_t)(n * nc * s->n_act) * sizeof(float));
}

/* samples candidates as an acting policy does; each thread takes a fixed range of panels, so that the number of
 * threads changes no bit */
static mdp_err fill_candidates(const struct mdp_states *s) {
    const struct mdp_proposer_config config = {.kernel = mdp_kernel_best(),
                                               .n_candidates = s->acting->n_candidates,
                                               .use_ema = mdp_acts_by_ema(s->acting),
                                               .max_threads = s->acting->n_threads};
    struct mdp_proposer *proposer = NULL;
    float *noise = NULL;
    mdp_err err;
    MDP_TRY(mdp_proposer_new(&config, s->diffusion, NULL, &proposer));
    long at_once = mdp_proposer_states(proposer), n_panels = (s->n + at_once - 1) / at_once;
    long n_noise = at_once * s->acting->n_candidates * s->n_act * mdp_diffusion_draws(s->diffusion);
    MDP_TRY(mdp_calloc(&noise, (unsigned long)(s->acting->n_threads * n_noise), sizeof *noise, "noise"));
#pragma omp parallel for num_threads(s->acting->n_threads) schedule(static)
    for (int t = 0; t < s->acting->n_threads; t++)
        for (long p = n_panels * t / s->acting->n_threads; p < n_panels * (t + 1) / s->acting->n_threads; p++) {
            long first = p * at_once, n = s->n - first < at_once ? s->n - first : at_once;
            propose(s, proposer, t, first, n, noise + t * n_noise);
        }
    for (long i = 0; i < s->n; i++)
        memcpy(s->first + i * s->n_act, s->candidates + i * s->acting->n_candidates * s->n_act,
               (size_t)s->n_act * sizeof(float));
out:
    mdp_proposer_free(proposer);
    free(noise);
    return err;
}

static mdp_err fill_score(const struct mdp_states *s) {
    const struct mdp_diffusion *d = s->diffusion;
    const float *params = mdp_acts_by_ema(s->acting) ? d->ema : d->params;
    struct mdp_time_table table;
    struct mdp_density_work work;
    mdp_err err;
    memset(&work, 0, sizeof work);
    MDP_TRY(mdp_time_table_alloc(&table, &d->net));
    MDP_TRY(mdp_density_work_alloc(&work, d, (int)panel_states(s)));
    mdp_time_table_refresh(&table, &d->net, params);
    for (long p = 0, n; p < panel_count(s); p++) {
        long first = panel_first(s, p, &n);
        mdp_density_gradient(d, params, &table, s->score_time, (int)n, s->obs + first * s->n_obs,
                             s->first + first * s->n_act, &work, s->score + first * s->n_act);
    }
out:
    mdp_time_table_free(&table);
    mdp_density_work_free(&work);
    return err;
}

mdp_err mdp_states_fill(struct mdp_states *s) {
    mdp_err err;
    unsigned long n = (unsigned long)s->n, obs = n * (unsigned long)s->n_obs, act = n * (unsigned long)s->n_vector;
    MDP_TRY(mdp_calloc(&s->obs, obs, sizeof(float), "states"));
    MDP_TRY(mdp_calloc(&s->acted, act, sizeof(float), "states"));
    MDP_TRY(mdp_calloc(&s->candidates, act * (unsigned long)s->acting->n_candidates, sizeof(float), "candidates"));
    MDP_TRY(mdp_calloc(&s->first, act, sizeof(float), "candidates"));
    MDP_TRY(mdp_calloc(&s->score, act, sizeof(float), "scores"));
    gather(s);
    if (s->diffusion->window != NULL) {
        MDP_TRY(mdp_plans_fill(s));
        return MDP_OK;
    }
    MDP_TRY(fill_candidates(s));
    MDP_TRY(fill_score(s));
out:
    if (err != MDP_OK) mdp_states_free(s);
    return err;
}

void mdp_states_free(struct mdp_states *s) {
    float **arrays[] = {&s->obs, &s->acted, &s->candidates, &s->first, &s->score};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        free(*arrays[i]);
        *arrays[i] = NULL;
    }
}

/* ---- judgements ---- */

/* working memory of one thread */
struct judge {
    struct mdp_guidance_work work;
    float *obs;   /* [rows, n_obs]: each state's as often as it has candidates */
    float *score; /* [rows] */
};

static mdp_err judge_alloc(struct judge *judge, const struct mdp_states *s, const struct mdp_guidance *guidance) {
    long rows = panel_states(s) * s->acting->n_candidates;
    mdp_err err;
    MDP_TRY(mdp_guidance_work_alloc(&judge->work, guidance, (int)rows, NULL));
    MDP_TRY(mdp_calloc(&judge->obs, (unsigned long)(rows * s->n_obs), sizeof(float), "judgement"));
    MDP_TRY(mdp_calloc(&judge->score, (unsigned long)rows, sizeof(float), "judgement"));
out:
    return err;
}

static void judge_free(struct judge *judge) {
    mdp_guidance_work_free(&judge->work);
    free(judge->obs);
    free(judge->score);
}

static void judge_panel(const struct mdp_states *s, const struct mdp_guidance *guidance, struct judge *judge, long p,
                        struct mdp_judgement *out) {
    const struct mdp_guidance_kind *kind = guidance->config.kind;
    long n, first = panel_first(s, p, &n), nc = s->acting->n_candidates;
    const float *obs = s->obs + first * s->n_obs;
    kind->action_value(guidance, (int)n, obs, s->acted + first * s->n_act, &judge->work, out->value + first);
    kind->score_gradient(guidance, (int)n, obs, s->first + first * s->n_act, &judge->work, judge->score,
                         out->gradient + first * s->n_act);
    for (long r = 0; r < n * nc; r++)
        memcpy(judge->obs + r * s->n_obs, obs + r / nc * s->n_obs, (size_t)s->n_obs * sizeof *obs);
    kind->select_score(guidance, (int)(n * nc), judge->obs, s->candidates + first * nc * s->n_act, &judge->work,
                       out->scores + first * nc);
}

mdp_err mdp_states_judge(const struct mdp_states *s, const struct mdp_guidance *guidance, struct mdp_judgement *out) {
    struct judge *judges = NULL;
    int n_threads = s->acting->n_threads;
    long n_panels = panel_count(s);
    unsigned long n = (unsigned long)s->n;
    mdp_err err;
    *out = (struct mdp_judgement){NULL, NULL, NULL};
    MDP_TRY(mdp_calloc(&out->value, n, sizeof(float), "values"));
    MDP_TRY(mdp_calloc(&out->gradient, n * (unsigned long)s->n_vector, sizeof(float), "gradients"));
    MDP_TRY(mdp_calloc(&out->scores, n * (unsigned long)s->acting->n_candidates, sizeof(float), "scores"));
    if (s->diffusion->window != NULL) {
        MDP_TRY(mdp_plans_judge(s, guidance, out));
        return MDP_OK;
    }
    MDP_TRY(mdp_calloc(&judges, (unsigned long)n_threads, sizeof *judges, "judgement"));
    for (int t = 0; t < n_threads; t++) MDP_TRY(judge_alloc(&judges[t], s, guidance));
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int t = 0; t < n_threads; t++)
        for (long p = n_panels * t / n_threads; p < n_panels * (t + 1) / n_threads; p++)
            judge_panel(s, guidance, &judges[t], p, out);
out:
    for (int t = 0; judges != NULL && t < n_threads; t++) judge_free(&judges[t]);
    free(judges);
    if (err != MDP_OK) mdp_judgement_free(out);
    return err;
}

void mdp_judgement_free(struct mdp_judgement *judgement) {
    free(judgement->value);
    free(judgement->gradient);
    free(judgement->scores);
    *judgement = (struct mdp_judgement){NULL, NULL, NULL};
}
