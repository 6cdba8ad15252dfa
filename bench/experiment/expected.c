#include "bench/experiment/expected.h"

#include <string.h>

#include "bench/run/settings.h"

int mdp_arm_is_guided(const struct mdp_experiment *e, const struct mdp_arm_instance *arm) {
    const char *guidance = e->is.arms[arm->i_arm].guidance;
    if (guidance != NULL && strcmp(guidance, "own") != 0) return strcmp(guidance, "none") != 0;
    return e->is.runs[mdp_arm_run(e, arm).i_run].guidance != MDP_MODE_NONE;
}

/* of a policy without guidance, one candidate is all that is drawn, and nothing is weighed */
static void expect_selection(const struct mdp_experiment *e, const struct mdp_arm_instance *arm,
                             struct mdp_facts *facts) {
    const struct mdp_arm_spec *spec = &e->is.arms[arm->i_arm];
    int is_guided = mdp_arm_is_guided(e, arm);
    long n_candidates = spec->candidates != 0 ? spec->candidates : e->is.candidates;
    mdp_facts_expect_int(facts, MDP_FACT_CANDIDATES, is_guided ? n_candidates : 1);
    if (!is_guided)
        mdp_facts_expect_real(facts, MDP_FACT_W_T, 0);
    else if (spec->w_t != NULL)
        mdp_facts_expect_real(facts, MDP_FACT_W_T, *spec->w_t);
}

/* how candidates are sampled, as far as it is not as trained */
static void expect_sampling(const struct mdp_arm_spec *spec, const struct mdp_eval_settings *usual,
                            struct mdp_facts *facts) {
    mdp_facts_expect_real(facts, MDP_FACT_TEMPERATURE,
                          spec->temperature != NULL ? *spec->temperature : usual->temperature);
    mdp_facts_expect_real(facts, MDP_FACT_LAMBDA, spec->lambda != NULL ? *spec->lambda : usual->lambda);
    if (spec->solver != NULL) mdp_facts_expect(facts, MDP_FACT_SOLVER, spec->solver);
    if (spec->sampling_steps != 0) mdp_facts_expect_int(facts, MDP_FACT_SAMPLING_STEPS, spec->sampling_steps);
    if (spec->langevin_steps == 0) mdp_facts_expect(facts, MDP_FACT_LANGEVIN, mdp_fact_row(MDP_FACT_LANGEVIN)->absent);
}

mdp_err mdp_arm_expect(const struct mdp_experiment *e, const struct mdp_arm_instance *arm, struct mdp_alike_file *out) {
    struct mdp_facts *facts = &out->facts;
    struct mdp_eval_settings usual;
    mdp_settings_defaults(&mdp_eval_table, &usual);
    facts->known = 0;
    mdp_facts_expect(facts, MDP_FACT_TASK, e->is.tasks[arm->i_task]);
    mdp_facts_expect(facts, MDP_FACT_ALGO, e->is.runs[mdp_arm_run(e, arm).i_run].algo);
    mdp_facts_expect_int(facts, MDP_FACT_STEP, arm->step);
    mdp_facts_expect_int(facts, MDP_FACT_SEED, (int64_t)e->evaluation_seed);
    mdp_facts_expect(facts, MDP_FACT_ACTOR, arm->is_online ? "online" : "ema");
    mdp_facts_expect(facts, MDP_FACT_PRECISION, e->is.evaluation_precision);
    mdp_facts_expect(facts, MDP_FACT_RETURN_RULE, mdp_names_at(mdp_return_rule_names(), (int)usual.rule));
    expect_selection(e, arm, facts);
    expect_sampling(&e->is.arms[arm->i_arm], &usual, facts);
    return mdp_fsx_path(out->path, "%s", e->path);
}
