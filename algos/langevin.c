#include "algos/langevin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

mdp_err mdp_langevin_check(const struct mdp_langevin *langevin, const struct mdp_diffusion *diffusion) {
    if (langevin->n_steps < 0 || langevin->n_steps > MDP_LANGEVIN_STEPS_MAX)
        return mdp_fail(MDP_E_USAGE, "langevin: steps: expected 0 to %d, found %d", MDP_LANGEVIN_STEPS_MAX,
                        langevin->n_steps);
    if (langevin->n_steps == 0) return MDP_OK;
    if (!(langevin->step_size > 0) || !isfinite(langevin->step_size))
        return mdp_fail(MDP_E_USAGE, "langevin: step size: expected a finite number above 0, found %g",
                        langevin->step_size);
    mdp_err err = mdp_density_check_time(&diffusion->schedule, langevin->time);
    return err == MDP_OK ? MDP_OK : mdp_fail_context(err, "langevin");
}

mdp_err mdp_langevin_work_alloc(struct mdp_langevin_work *work, const struct mdp_diffusion *diffusion,
                                const struct mdp_guidance *guidance, int max_rows) {
    mdp_err err;
    unsigned long rows = (unsigned long)max_rows, n = rows * (unsigned long)diffusion->config.n_act;
    memset(work, 0, sizeof *work);
    MDP_TRY(mdp_density_work_alloc(&work->density, diffusion, max_rows));
    MDP_TRY(mdp_calloc(&work->d_density, n, sizeof(float), "langevin"));
    if (guidance == NULL) return MDP_OK;
    MDP_TRY(mdp_guidance_work_alloc(&work->guidance, guidance, max_rows, NULL));
    MDP_TRY(mdp_calloc(&work->d_score, n, sizeof(float), "langevin"));
    MDP_TRY(mdp_calloc(&work->score, rows, sizeof(float), "langevin"));
    return MDP_OK;
out:
    mdp_langevin_work_free(work);
    return err;
}

void mdp_langevin_work_free(struct mdp_langevin_work *work) {
    mdp_density_work_free(&work->density);
    mdp_guidance_work_free(&work->guidance);
    free(work->d_density);
    free(work->d_score);
    free(work->score);
    memset(work, 0, sizeof *work);
}

void mdp_langevin_walk(const struct mdp_langevin *langevin, const struct mdp_langevin_target *target, int n_rows,
                       const float *obs, struct mdp_draws noise, struct mdp_langevin_work *work, float *act) {
    const struct mdp_guidance *guidance = target->guidance;
    double half = langevin->step_size / 2, spread = sqrt(langevin->step_size);
    long n = (long)n_rows * target->diffusion->config.n_act;
    for (int k = 0; k < langevin->n_steps; k++) {
        const float *z = noise.start != NULL ? noise.start + k * noise.stride : NULL;
        mdp_density_gradient(target->diffusion, target->params, target->table, langevin->time, n_rows, obs, act,
                             &work->density, work->d_density);
        if (guidance != NULL)
            guidance->config.kind->score_gradient(guidance, n_rows, obs, act, &work->guidance, work->score,
                                                  work->d_score);
        for (long j = 0; j < n; j++) {
            double drift = work->d_density[j] + (guidance != NULL ? target->weight * work->d_score[j] : 0.0);
            double to = act[j] + half * drift + (z != NULL ? spread * z[j] : 0.0);
            act[j] = (float)(to < -1.0 ? -1.0 : to > 1.0 ? 1.0 : to);
        }
    }
}
