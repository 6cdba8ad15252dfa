#include "bench/run/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/mujoco/gym.h"
#include "stats/quantile.h"

/* a velocity at the clip hides what it was */
static int is_clipped(const double *observation, int n_obs, double clip) {
    for (int i = 0; i < n_obs; i++)
        if (i >= n_obs / 2 && fabs(observation[i]) >= clip) return 1;
    return 0;
}

/* of a step that was not finite: as far as can be, and still a number to sort */
static const double lost = 1e300;

/* the largest difference; one that is not a number is no small one */
static double largest(const double *got, const double *want, int n) {
    double worst = 0;
    for (int i = 0; i < n; i++) {
        double error = fabs(got[i] - want[i]);
        if (!(error <= worst)) worst = isfinite(error) ? error : lost;
    }
    return worst;
}

/* observations of gym's robots are positions but the first, which moves nothing else, and velocities */
static double one_step(struct mdp_env *env, const double *now, const double *action, const double *next) {
    const struct mdp_env_spec *spec = mdp_env_get_spec(env);
    const struct mdp_env_view *view = mdp_env_get_view(env);
    int n = mdp_env_n_dof(spec);
    double qpos[MDP_ENV_MAX_DOF] = {0};
    float observation[MDP_ENV_MAX_OBS];
    struct mdp_step step;
    memcpy(qpos + 1, now, sizeof(double) * (size_t)(n - 1));
    mdp_env_place(env, qpos, now + n - 1);
    mdp_env_set_state(env, qpos, now + n - 1, NULL);
    mdp_env_step_raw_f64(env, action, observation, &step);
    return step.non_finite ? lost : largest(view->observation, next, spec->n_obs);
}

/* rows of MuJoCo, each by itself; returns how many errors it wrote */
static long replay_each(struct mdp_env *env, const struct mdp_fit_rows *rows, double *errors) {
    const struct mdp_env_spec *spec = mdp_env_get_spec(env);
    long n = 0;
    for (long i = 0; i < rows->n; i++) {
        const double *now = rows->observations + i * spec->n_obs;
        if (is_clipped(now, spec->n_obs, spec->gym->robot->speed_clip)) continue;
        errors[n++] = one_step(env, now, rows->actions + i * spec->n_act, rows->next + i * spec->n_obs);
    }
    return n;
}

/* rows of Bullet, one after another: what touches the floor is what the step before found */
static long replay_runs(struct mdp_env *env, const struct mdp_fit_rows *rows, double *errors) {
    enum { N_SETTLING = 8 };
    static const double rest[MDP_ENV_MAX_JOINTS] = {0};
    const struct mdp_env_spec *spec = mdp_env_get_spec(env);
    float observation[MDP_ENV_MAX_OBS];
    long n = 0, n_since = 0;
    for (long i = 0; i < rows->n; i++) {
        struct mdp_step step;
        double got[MDP_ENV_MAX_OBS];
        if (i == 0 || rows->is_start == NULL || rows->is_start[i]) {
            mdp_env_reset_to(env, rest, 0, observation);
            n_since = 0;
        }
        mdp_env_set_state(env, rows->qpos + i * rows->n_dof, rows->qvel + i * rows->n_dof, NULL);
        mdp_env_step_raw_f64(env, rows->actions + i * spec->n_act, observation, &step);
        for (int k = 0; k < spec->n_obs; k++) got[k] = (double)observation[k];
        if (n_since++ < N_SETTLING) continue;
        errors[n++] = step.non_finite ? lost : largest(got, rows->next + i * spec->n_obs, spec->n_obs);
    }
    return n;
}

mdp_err mdp_fit_world(const struct mdp_engine *engine, const struct mdp_env_spec *spec, const struct mdp_fit_rows *rows,
                      struct mdp_fit *fit) {
    struct mdp_env *env = NULL;
    double *errors = NULL, *sorted = NULL;
    mdp_err err;
    *fit = (struct mdp_fit){0, INFINITY, INFINITY, INFINITY};
    MDP_TRY(mdp_env_new_on(engine, spec, &env));
    MDP_TRY(mdp_calloc(&errors, (unsigned long)rows->n + 1, sizeof(double), "transitions"));
    MDP_TRY(mdp_calloc(&sorted, (unsigned long)rows->n + 1, sizeof(double), "transitions"));
    fit->n = spec->gym != NULL ? replay_each(env, rows, errors) : replay_runs(env, rows, errors);
    if (fit->n == 0) goto out;
    mdp_sort(errors, fit->n, sorted);
    fit->median = mdp_quantile_sorted(sorted, fit->n, 0.5, 7);
    fit->q90 = mdp_quantile_sorted(sorted, fit->n, 0.9, 7);
    fit->max = sorted[fit->n - 1];
out:
    free(errors);
    free(sorted);
    mdp_env_free(env);
    return err;
}

int mdp_fit_is_f32(const struct mdp_fit_rows *rows) {
    for (long i = 0; i < rows->n * rows->n_obs; i++)
        if ((double)(float)rows->observations[i] != rows->observations[i]) return 0;
    return 1;
}

void mdp_fit_rows_free(struct mdp_fit_rows *rows) {
    free(rows->observations);
    free(rows->actions);
    free(rows->next);
    free(rows->qpos);
    free(rows->qvel);
    free(rows->is_start);
    memset(rows, 0, sizeof *rows);
}
