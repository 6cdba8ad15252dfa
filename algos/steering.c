#include "algos/steering.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* a guide's row */
static const struct {
    const char *name, *what;
    int bends, needs_guidance;
} guides[] = {
    [MDP_GUIDE_NONE] = {"none", "scores select a candidate, nothing else", 0, 0},
    [MDP_GUIDE_NOISY] = {"noisy", "the score's gradient at the noisy action", 1, 1},
    [MDP_GUIDE_CLEAN] = {"clean", "at the clean action that the step predicts", 1, 1},
    [MDP_GUIDE_FREE] = {"free", "with the condition w, without it 1 - w", 1, 0},
    [MDP_GUIDE_ENERGY] = {"energy", "the energy's gradient at the noisy action", 1, 1},
};

const struct mdp_names *mdp_guide_names(void) {
    static const struct mdp_names list = MDP_NAMES_NOTED(guides, name, what);
    return &list;
}

int mdp_guide_bends(enum mdp_guide guide) { return guides[guide].bends; }

int mdp_guide_needs_guidance(enum mdp_guide guide) { return guides[guide].needs_guidance; }

/* the clean actions that step i predicts, clipped as the sampler clips them */
static void estimate(const struct mdp_diffusion *d, int i, long n, const float *x, const float *prediction,
                     float *clean) {
    double alpha = d->visits.alpha[i], sigma = d->visits.sigma[i];
    int is_noise = d->config.prediction == MDP_PREDICT_NOISE;
    for (long j = 0; j < n; j++) {
        double raw = is_noise ? (x[j] - sigma * prediction[j]) / alpha : prediction[j];
        clean[j] = (float)(raw < -1.0 ? -1.0 : raw > 1.0 ? 1.0 : raw);
    }
}

void mdp_steering_times(const struct mdp_diffusion *diffusion, double *times) {
    times[0] = 0;
    for (int i = 1; i <= diffusion->config.n_steps; i++) times[i] = mdp_schedule_time_of(diffusion->visits.alpha[i]);
}

/* the averaged energy's gradient at noisy actions of step i */
static void energy_gradient(struct mdp_steering *s, int i, int n, const float *x, float *gradient) {
    const struct mdp_guidance_net *net = &s->guidance->nets[MDP_ENERGY_NET];
    struct mdp_q_cache *cache = &s->work.caches[MDP_ENERGY_NET];
    const struct mdp_energy_rows rows = {n, 1, s->rows, x, s->work.times};
    double time = mdp_schedule_time_of(s->diffusion->visits.alpha[i]);
    for (int r = 0; r < n; r++) {
        s->work.times[r] = time;
        s->work.d_value[r] = 1;
    }
    mdp_energy_forward(&net->net, net->target, &rows, cache);
    mdp_energy_backward(&net->net, net->target, &rows, s->work.d_value, cache, NULL, gradient);
}

/* the rule's gradient for n rows of one state, whose observation is in every row */
static void gradient_of(struct mdp_steering *s, int i, int n, const float *x, const float *prediction,
                        float *gradient) {
    const float *where = x;
    if (s->rule.guide == MDP_GUIDE_ENERGY) {
        energy_gradient(s, i, n, x, gradient);
        return;
    }
    if (s->rule.guide == MDP_GUIDE_CLEAN) {
        estimate(s->diffusion, i, (long)n * s->diffusion->config.n_act, x, prediction, s->clean);
        where = s->clean;
    }
    s->guidance->config.kind->score_gradient(s->guidance, n, s->rows, where, &s->work, s->score, gradient);
}

static double share_of(const struct mdp_steering *s, int i) {
    int n_steps = s->diffusion->config.n_steps;
    return mdp_weight_share(s->rule.schedule, n_steps - i, n_steps);
}

/* a predicted clean action is (x - sigma eps) / alpha */
static double scale_of(const struct mdp_steering *s, int i) {
    const struct mdp_diffusion *d = s->diffusion;
    double alpha = d->visits.alpha[i], sigma = d->visits.sigma[i];
    double weight = s->rule.weight * share_of(s, i);
    return d->config.prediction == MDP_PREDICT_NOISE ? -weight * sigma : weight * sigma * sigma / alpha;
}

static void add(double scale, long n, const float *gradient, float *prediction) {
    for (long j = 0; j < n; j++) prediction[j] = (float)(prediction[j] + scale * gradient[j]);
}

/* w of the prediction, 1 - w of that without observations */
static void bend_blindly(struct mdp_steering *s, int i, int n_rows, const float *x, float *prediction) {
    double w = s->rule.weight * share_of(s, i);
    s->blind.predict(s->blind.context, i, n_rows, x, s->gradient);
    for (long j = 0; j < (long)n_rows * s->diffusion->config.n_act; j++)
        prediction[j] = (float)(w * prediction[j] + (1 - w) * s->gradient[j]);
}

/* implements struct mdp_bend, state by state but for an energy that is ready for all of them */
static void bend(void *context, int i, int first, int n_rows, const float *x, float *prediction) {
    struct mdp_steering *s = context;
    long n_obs = s->diffusion->config.n_obs, n_act = s->diffusion->config.n_act;
    double scale = scale_of(s, i);
    if (s->rule.guide == MDP_GUIDE_FREE) {
        bend_blindly(s, i, n_rows, x, prediction);
        return;
    }
    if (s->plan != NULL) {
        mdp_energy_plan_values(s->plan, i, n_rows, x, first, s->n_each, s->plan_work);
        mdp_energy_plan_gradient(s->plan, n_rows, s->plan_work, s->gradient);
        add(scale, n_rows * n_act, s->gradient, prediction);
        return;
    }
    for (int r = 0, n; r < n_rows; r += n) {
        int state = (first + r) / s->n_each, left = (state + 1) * s->n_each - (first + r);
        float *gradient = s->gradient + r * n_act, *predicted = prediction + r * n_act;
        n = left < n_rows - r ? left : n_rows - r;
        for (int k = 0; k < n; k++)
            memcpy(s->rows + k * n_obs, s->obs + state * n_obs, (size_t)n_obs * sizeof *s->rows);
        gradient_of(s, i, n, x + r * n_act, predicted, gradient);
        add(scale, n * n_act, gradient, predicted);
    }
}

/* only a denoiser that has seen rows without their observation can tell what it predicts there */
static mdp_err check_blind(const struct mdp_diffusion_config *d) {
    if (d->kind == MDP_DENOISER_UNET && d->dropout > 0) return MDP_OK;
    return mdp_fail(MDP_E_USAGE,
                    "guide: free: expected a denoiser that was trained with observations left out (%s), found %s",
                    mdp_denoiser_kind_name(MDP_DENOISER_UNET),
                    d->kind == MDP_DENOISER_UNET ? "one that saw them all" : mdp_denoiser_kind_name(d->kind));
}

static mdp_err check(const struct mdp_diffusion_config *d, const struct mdp_guidance_config *g,
                     const struct mdp_guide_rule *rule) {
    if (!isfinite(rule->weight))
        return mdp_fail(MDP_E_USAGE, "guide: weight: expected a finite number, found %g", rule->weight);
    if (rule->guide == MDP_GUIDE_FREE) return check_blind(d);
    if (rule->guide == MDP_GUIDE_ENERGY && !g->kind->needs_support)
        return mdp_fail(MDP_E_USAGE, "guide: energy: expected guidance with an energy ('%s'), found '%s'",
                        mdp_guidance_energy.name, g->kind->name);
    if (g->kind->n_values == 0)
        return mdp_fail(MDP_E_USAGE, "guide: expected guidance with values, found '%s'", g->kind->name);
    if (d->n_obs != g->n_obs || d->n_act != g->n_act)
        return mdp_fail(MDP_E_DATA,
                        "guidance module: expected %d observations and %d actions as the diffusion module has, found "
                        "%d and %d",
                        d->n_obs, d->n_act, g->n_obs, g->n_act);
    return MDP_OK;
}

mdp_err mdp_steering_init(struct mdp_steering *steering, const struct mdp_diffusion *diffusion,
                          const struct mdp_guidance *guidance, const struct mdp_guide_rule *rule, int max_rows,
                          int n_each) {
    const struct mdp_diffusion_config *d = &diffusion->config;
    unsigned long each = (unsigned long)n_each, n_act = (unsigned long)d->n_act;
    mdp_err err;
    *steering = (struct mdp_steering){
        .diffusion = diffusion, .guidance = guidance, .rule = *rule, .n_each = n_each, .bend = {bend, steering}};
    MDP_TRY(check(d, guidance != NULL ? &guidance->config : NULL, rule));
    if (mdp_guide_needs_guidance(rule->guide))
        MDP_TRY(mdp_guidance_work_alloc(&steering->work, guidance, n_each, NULL));
    MDP_TRY(mdp_calloc(&steering->rows, each * (unsigned long)d->n_obs, sizeof(float), "guide"));
    MDP_TRY(mdp_calloc(&steering->clean, each * n_act, sizeof(float), "guide"));
    MDP_TRY(mdp_calloc(&steering->score, each, sizeof(float), "guide"));
    MDP_TRY(mdp_calloc(&steering->gradient, (unsigned long)max_rows * n_act, sizeof(float), "guide"));
    return MDP_OK;
out:
    mdp_steering_free(steering);
    return err;
}

void mdp_steering_free(struct mdp_steering *steering) {
    mdp_guidance_work_free(&steering->work);
    free(steering->rows);
    free(steering->clean);
    free(steering->score);
    free(steering->gradient);
    memset(steering, 0, sizeof *steering);
}
