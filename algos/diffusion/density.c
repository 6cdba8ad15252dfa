#include "algos/diffusion/density.h"

#include <stdlib.h>
#include <string.h>

int mdp_density_time(const struct mdp_schedule *schedule) {
    int time = 0;
    while (time + 1 < schedule->n_times && schedule->sigma[time] < 0.1) time++;
    return time;
}

mdp_err mdp_density_check_time(const struct mdp_schedule *schedule, int time) {
    if (time >= 0 && time < schedule->n_times) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "denoising time: expected 0 to %d, as the diffusion module has %d, found %d",
                    schedule->n_times - 1, schedule->n_times, time);
}

mdp_err mdp_density_work_alloc(struct mdp_density_work *work, const struct mdp_diffusion *diffusion, int max_rows) {
    mdp_err err;
    memset(work, 0, sizeof *work);
    MDP_TRY(mdp_denoiser_cache_alloc(&work->cache, &diffusion->net, max_rows, NULL));
    MDP_TRY(mdp_calloc(&work->x, (unsigned long)max_rows * (unsigned long)diffusion->config.n_act, sizeof *work->x,
                       "density gradient"));
    return MDP_OK;
out:
    mdp_density_work_free(work);
    return err;
}

void mdp_density_work_free(struct mdp_density_work *work) {
    mdp_denoiser_cache_free(&work->cache);
    free(work->x);
    memset(work, 0, sizeof *work);
}

void mdp_density_gradient(const struct mdp_diffusion *diffusion, const float *params,
                          const struct mdp_time_table *table, int time, int n_rows, const float *obs, const float *act,
                          struct mdp_density_work *work, float *gradient) {
    double alpha = diffusion->schedule.alpha[time], sigma = diffusion->schedule.sigma[time];
    double precision = alpha * alpha / (sigma * sigma);
    int is_noise = diffusion->config.prediction == MDP_PREDICT_NOISE;
    long n = (long)n_rows * diffusion->config.n_act;
    for (long j = 0; j < n; j++) work->x[j] = (float)(alpha * act[j]);
    for (int r = 0; r < n_rows; r++) work->cache.time[r] = time;
    work->cache.dropout = (struct mdp_dropout){NULL, 0, 0};
    const float *p = mdp_denoiser_forward(&diffusion->net, params, table, n_rows, work->x, obs, &work->cache);
    for (long j = 0; j < n; j++) {
        double raw = is_noise ? act[j] - sigma / alpha * (double)p[j] : p[j];
        double x0 = raw < -1.0 ? -1.0 : raw > 1.0 ? 1.0 : raw;
        gradient[j] = (float)((x0 - act[j]) * precision);
    }
}
