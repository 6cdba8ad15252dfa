/* what every part of the shared library needs. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bench/lib/internal.h"
#include "bench/run/physics.h"

/* the codes of the header are the program's own */
#define SAME(theirs, ours) _Static_assert((int)MDPBENCH_##theirs == (int)MDP_E_##ours, #theirs " is another code")
SAME(OK, OK);
SAME(FAILED, FAILED);
SAME(UNDECIDED, UNDECIDED);
SAME(DATA, DATA);
SAME(USAGE, USAGE);
SAME(IO, IO);
SAME(BUSY, BUSY);
SAME(NOMEM, NOMEM);
SAME(INTERRUPTED, INTERRUPTED);
SAME(INTERNAL, INTERNAL);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void mdp_lib_lock(void) { pthread_mutex_lock(&lock); }

void mdp_lib_unlock(void) { pthread_mutex_unlock(&lock); }

const char *mdpbench_version(void) { return MDP_VERSION; }

const char *mdpbench_message(void) { return mdp_err_message(); }

const char *mdpbench_status_text(int status) { return mdp_err_text((mdp_err)status); }

mdp_err mdp_lib_need(const void *argument, const char *name) {
    return argument != NULL ? MDP_OK : mdp_fail(MDP_E_USAGE, "%s: expected one, found NULL", name);
}

mdp_err mdp_lib_find_env(const char *name, const struct mdp_env_spec **spec) {
    mdp_err err = mdp_lib_need(name, "environment");
    if (err != MDP_OK) return err;
    *spec = mdp_env_find(name);
    return *spec != NULL ? MDP_OK : mdp_names_refuse(mdp_env_names(), "environment", name);
}

mdp_err mdp_lib_world_open(const char *name, const char *physics, struct mdp_lib_world *out) {
    mdp_err err;
    *out = (struct mdp_lib_world){NULL, NULL, NULL};
    MDP_TRY(mdp_lib_find_env(name, &out->spec));
    MDP_TRY(mdp_reference_find(out->spec->reference, &out->score));
    mdp_lib_lock();
    err = mdp_physics_open(physics, &out->engine);
    mdp_lib_unlock();
out:
    return err;
}

void mdp_lib_world_close(struct mdp_lib_world *world) {
    mdp_lib_lock();
    mdp_physics_close(world->engine);
    mdp_lib_unlock();
    world->engine = NULL;
}

double mdp_lib_normalize(const struct mdp_lib_world *world, double episode_return) {
    double normalized;
    return mdp_reference_normalize(world->score, episode_return, &normalized) == MDP_OK ? normalized : NAN;
}

mdp_err mdp_lib_check_finite(const char *what, int n_rows, int n_columns, const float *numbers) {
    for (long i = 0; i < (long)n_rows * n_columns; i++)
        if (!isfinite(numbers[i]))
            return mdp_fail(MDP_E_DATA, "%s [%ld, %ld]: expected a finite number, found %g", what, i / n_columns,
                            i % n_columns, (double)numbers[i]);
    return MDP_OK;
}

/* the row that an option names, and its value behind the equals sign */
static mdp_err find_option(const struct mdp_setting_list *rows, const char *option, const struct mdp_setting_at **row,
                           const char **value) {
    char name[64];
    const char *sign = strchr(option, '=');
    const size_t n = sign != NULL ? (size_t)(sign - option) : 0;
    if (n == 0 || n >= sizeof name)
        return mdp_fail(MDP_E_USAGE, "option: expected 'name=value', found '%.200s'", option);
    memcpy(name, option, n);
    name[n] = 0;
    *value = sign + 1;
    *row = mdp_setting_find(rows, name);
    return *row != NULL ? MDP_OK : mdp_fail(MDP_E_USAGE, "option %s: expected one that means something here", name);
}

mdp_err mdp_lib_set_options(const struct mdp_settings *table, unsigned takers, void *base, const char *const *options) {
    struct mdp_setting_list rows;
    const struct mdp_setting_at *row = NULL;
    const char *value = NULL;
    mdp_err err = MDP_OK;
    mdp_settings_list(table, takers, base, &rows);
    for (; options != NULL && *options != NULL; options++) {
        MDP_TRY(find_option(&rows, *options, &row, &value));
        err = mdp_setting_set(row, value);
        if (err != MDP_OK) return mdp_fail_context(err, "option %s", row->row->name);
    }
out:
    return err;
}
