#include "envs/objective.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "base/number.h"
#include "envs/action.h"
#include "envs/family.h"

/* in the order of a step's terms; speed takes the place of progress */
enum { ALIVE, PROGRESS, EFFORT, LIMITS, SPEED, N_WORDS };
static const char *const words[N_WORDS] = {"alive", "progress", "effort", "limits", "speed"};

/* weights and speeds beyond it are slips */
static const double most = 1e6;

static int has_word(const struct mdp_env_spec *spec, int i) {
    return spec == NULL || (spec->family->terms(spec) >> (i == SPEED ? PROGRESS : i) & 1) != 0;
}

static mdp_err refuse_word(const struct mdp_env_spec *spec, const char *found) {
    char known[128] = "";
    for (int i = 0; i < N_WORDS; i++) {
        size_t n = strlen(known);
        if (has_word(spec, i)) snprintf(known + n, sizeof known - n, "%s%s", n > 0 ? ", " : "", words[i]);
    }
    return mdp_fail(MDP_E_USAGE, "expected terms NAME=NUMBER of %s%s%s, separated by commas, found '%s'", known,
                    spec != NULL ? ", as rewards of " : "", spec != NULL ? spec->id : "", found);
}

/* one "NAME=NUMBER" */
static mdp_err take_term(const char *term, const struct mdp_env_spec *spec, unsigned *given,
                         struct mdp_objective *out) {
    const char *sign = strchr(term, '=');
    double value;
    int i = 0;
    if (sign == NULL) return refuse_word(spec, term);
    const size_t n = (size_t)(sign - term);
    while (i < N_WORDS && (strlen(words[i]) != n || strncmp(words[i], term, n) != 0)) i++;
    if (i == N_WORDS || !has_word(spec, i)) return refuse_word(spec, term);
    if (!mdp_number_real(sign + 1, &value) || fabs(value) > most)
        return mdp_fail(MDP_E_USAGE, "expected a number from %g to %g behind %s=, found '%s'", -most, most, words[i],
                        sign + 1);
    const unsigned bit = 1u << (i == SPEED ? PROGRESS : i);
    if ((*given & bit) != 0)
        return mdp_fail(MDP_E_USAGE, "expected every term once%s, found '%s' again",
                        bit == 1u << PROGRESS ? ", and speed in place of progress" : "", words[i]);
    *given |= bit;
    if (i == SPEED)
        out->speed = value;
    else
        out->weights[i] = value;
    return MDP_OK;
}

static mdp_err write_text(struct mdp_objective *out) {
    char number[MDP_NUMBER_MAX];
    for (int i = 0; i < MDP_ENV_N_TERMS; i++) {
        const size_t n = strlen(out->text);
        const int is_speed = i == PROGRESS && !isnan(out->speed);
        if (!is_speed && out->weights[i] == 1) continue;
        mdp_number_shortest(is_speed ? out->speed : out->weights[i], number);
        const int length = snprintf(out->text + n, sizeof out->text - n, "%s%s=%s", n > 0 ? "," : "",
                                    words[is_speed ? SPEED : i], number);
        if (length < 0 || n + (size_t)length >= sizeof out->text)
            return mdp_fail(MDP_E_USAGE, "expected numbers of fewer digits, of at most %d bytes in all, found %s..",
                            MDP_OBJECTIVE_MAX - 1, out->text);
    }
    return out->text[0] != 0 ? MDP_OK
                             : mdp_fail(MDP_E_USAGE, "expected a weight that is not 1, found the world's own reward");
}

mdp_err mdp_objective_parse(const char *text, const struct mdp_env_spec *spec, struct mdp_objective *out) {
    char term[MDP_NUMBER_MAX];
    unsigned given = 0;
    mdp_err err = MDP_OK;
    *out = (struct mdp_objective){.speed = NAN};
    for (int i = 0; i < MDP_ENV_N_TERMS; i++) out->weights[i] = 1;
    for (const char *rest = text; rest != NULL; rest = strchr(rest, ',') != NULL ? strchr(rest, ',') + 1 : NULL) {
        snprintf(term, sizeof term, "%.*s", (int)strcspn(rest, ","), rest);
        MDP_TRY(take_term(term, spec, &given, out));
    }
    MDP_TRY(write_text(out));
out:
    return err;
}

double mdp_objective_value(const struct mdp_objective *objective, const double *terms) {
    double sum = 0;
    for (int i = 0; i < MDP_ENV_N_TERMS; i++)
        sum += i == PROGRESS && !isnan(objective->speed) ? -fabs(terms[i] - objective->speed)
                                                         : objective->weights[i] * terms[i];
    return sum;
}

const char *mdp_objective_terms(const struct mdp_env_spec *spec, const struct mdp_recorded_step *step, double *terms) {
    float wrapped[MDP_ENV_MAX_ACT];
    struct mdp_recorded_step acted = *step;
    if (spec->is_wrapped) {
        mdp_action_wrap_f32(spec->n_act, step->action, wrapped);
        acted.action = wrapped;
    }
    for (int i = 0; i < MDP_ENV_N_TERMS; i++) terms[i] = 0;
    return spec->family->recover(spec, &acted, terms);
}
