#include "bench/experiment/expected.h"

#include <math.h>
#include <string.h>

#include "bench/experiment/weight.h"
#include "bench/run/settings.h"

/* every setting by its row; what has no value follows from modules and task */
static void expect_settings(const struct mdp_eval_settings *settings, struct mdp_facts *facts) {
    struct mdp_setting_list list;
    char text[MDP_NUMBER_MAX];
    mdp_settings_list(&mdp_eval_table, 0, settings, &list);
    for (int i = 0; i < list.n; i++) {
        int fact = mdp_setting_fact(list.rows[i].row);
        if (fact < 0 || fact == MDP_FACT_LANGEVIN || fact == MDP_FACT_GUIDE || !mdp_setting_has_value(&list.rows[i]))
            continue;
        mdp_facts_expect(facts, (enum mdp_fact)fact, mdp_setting_text(&list.rows[i], text));
    }
    /* if there are Langevin steps or a guide, files record more about them than the experiment asks for */
    if (settings->langevin_steps == 0)
        mdp_facts_expect(facts, MDP_FACT_LANGEVIN, mdp_fact_row(MDP_FACT_LANGEVIN)->absent);
    if (!mdp_guide_bends(mdp_guide_of(settings)))
        mdp_facts_expect(facts, MDP_FACT_GUIDE, mdp_fact_row(MDP_FACT_GUIDE)->absent);
}

mdp_err mdp_arm_expect(const struct mdp_experiment *e, const struct mdp_arm_instance *arm, struct mdp_alike_file *out) {
    struct mdp_facts *facts = &out->facts;
    struct mdp_eval_settings settings;
    facts->known = 0;
    mdp_facts_expect(facts, MDP_FACT_TASK, e->file.tasks[arm->i_task]);
    mdp_facts_expect(facts, MDP_FACT_ALGO, e->file.runs[mdp_arm_run(e, arm).i_run].train.algo);
    mdp_facts_expect_int(facts, MDP_FACT_STEP, arm->step);
    mdp_arm_settings(e, arm, &settings);
    expect_settings(&settings, facts);
    double weight = mdp_arm_weight(&e->file, arm->i_arm, arm->i_task);
    if (!isnan(weight)) mdp_facts_expect_real(facts, MDP_FACT_W_T, weight);
    return mdp_fsx_path(out->path, "%s", e->path);
}
