#include "bench/gate/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/gate/policy.h"
#include "bench/run/steps_alike.h"

/* an array with room for one more item, zeroed; NULL without memory. room doubles: it is full where n is a power of 2
 */
static void *grow(void *items, int n, size_t size) {
    char *grown = items;
    if ((n & (n - 1)) == 0) grown = realloc(items, (n > 0 ? 2 * (size_t)n : 1) * size);
    if (grown != NULL) memset(grown + (size_t)n * size, 0, size);
    return grown;
}

static mdp_err no_memory(void) { return mdp_fail(MDP_E_NOMEM, "gate: no memory for results"); }

/* ---- adding ---- */

static int compare_groups(const void *a, const void *b) {
    const struct mdp_gate_group *x = a, *y = b;
    int order = strcmp(x->task, y->task);
    return order != 0 ? order : strcmp(x->arm, y->arm);
}

static int compare_evals(const void *a, const void *b) {
    const struct mdp_gate_eval *x = a, *y = b;
    int order = (x->info.step > y->info.step) - (x->info.step < y->info.step);
    return order != 0 ? order : strcmp(x->path, y->path);
}

static mdp_err find_or_add_group(struct mdp_gate_side *side, const char *task, const char *arm, int *i_group) {
    char name[MDP_TASK_MAX + MDP_GATE_ARM_MAX + 8];
    snprintf(name, sizeof name, "group %s\n%s", task, arm);
    mdp_err err = mdp_text_index_put(&side->names, name, side->n_groups, i_group);
    if (err != MDP_OK || *i_group < side->n_groups) return err;
    struct mdp_gate_group *groups = grow(side->groups, side->n_groups, sizeof *groups);
    if (groups == NULL) return no_memory();
    side->groups = groups;
    groups += side->n_groups++;
    snprintf(groups->task, sizeof groups->task, "%s", task);
    snprintf(groups->arm, sizeof groups->arm, "%s", arm);
    return MDP_OK;
}

static mdp_err find_or_add_run(struct mdp_gate_side *side, int i_group, const char *key, struct mdp_gate_run **run) {
    struct mdp_gate_group *group = &side->groups[i_group];
    char name[MDP_PATH_MAX + 24];
    int i_run;
    snprintf(name, sizeof name, "run %d %s", i_group, key);
    mdp_err err = mdp_text_index_put(&side->names, name, group->n, &i_run);
    if (err != MDP_OK) return err;
    if (i_run == group->n) {
        struct mdp_gate_run *runs = grow(group->runs, group->n, sizeof *runs);
        if (runs == NULL) return no_memory();
        group->runs = runs;
        snprintf(runs[group->n++].key, sizeof runs->key, "%s", key);
    }
    *run = &group->runs[i_run];
    return MDP_OK;
}

mdp_err mdp_gate_side_add(struct mdp_gate_side *side, const char *arm, const char *key, struct mdp_gate_eval *eval) {
    struct mdp_gate_run *run;
    int i_group;
    mdp_err err;
    MDP_TRY(find_or_add_group(side, eval->info.task, arm, &i_group));
    MDP_TRY(find_or_add_run(side, i_group, key, &run));
    if (run->n > 0)
        MDP_TRY(mdp_steps_check_pair(run->evals[0].path, run->evals[0].info.head.settings, eval->path,
                                     eval->info.head.settings));
    struct mdp_gate_eval *evals = grow(run->evals, run->n, sizeof *evals);
    if (evals == NULL) return no_memory();
    run->evals = evals;
    evals[run->n++] = *eval;
    memset(eval, 0, sizeof *eval);
out:
    return err;
}

void mdp_gate_side_order(struct mdp_gate_side *side) {
    mdp_text_index_free(&side->names);
    if (side->n_groups > 0) qsort(side->groups, (size_t)side->n_groups, sizeof *side->groups, compare_groups);
    for (int g = 0; g < side->n_groups; g++)
        for (int i = 0; i < side->groups[g].n; i++) {
            struct mdp_gate_run *run = &side->groups[g].runs[i];
            qsort(run->evals, (size_t)run->n, sizeof *run->evals, compare_evals);
        }
}

const struct mdp_gate_group *mdp_gate_group_find(const struct mdp_gate_side *side, const char *task, const char *arm) {
    struct mdp_gate_group wanted = {.n = 0};
    if (side->n_groups == 0) return NULL;
    snprintf(wanted.task, sizeof wanted.task, "%s", task);
    snprintf(wanted.arm, sizeof wanted.arm, "%s", arm);
    return bsearch(&wanted, side->groups, (size_t)side->n_groups, sizeof wanted, compare_groups);
}

struct mdp_gate_episode mdp_gate_group_lowest(const struct mdp_gate_group *group, double bound) {
    struct mdp_gate_episode found = {NULL, 0};
    for (int r = 0; r < group->n; r++)
        for (int c = 0; c < group->runs[r].n; c++) {
            const struct mdp_gate_eval *eval = &group->runs[r].evals[c];
            for (long i = 0; i < eval->episodes.n; i++) {
                if (!(eval->episodes.normalized_returns[i] < bound)) continue;
                bound = eval->episodes.normalized_returns[i];
                found = (struct mdp_gate_episode){eval, i};
            }
        }
    return found;
}

const struct mdp_gate_speed *mdp_gate_speed_find(const struct mdp_gate_side *side, const char *name) {
    for (int i = 0; i < side->n_speeds; i++)
        if (strcmp(side->speeds[i].name, name) == 0) return &side->speeds[i];
    return NULL;
}

/* ---- alike or not ---- */

/* what the policy could allow is said to be so */
static mdp_err refuse(const struct mdp_gate_group *group, int fact) {
    const struct mdp_fact_row *row = mdp_fact_row((enum mdp_fact)fact);
    int may_differ = row->what[MDP_ALIKE_SIDES] == MDP_ALIKE_SAY;
    char found[1024];
    snprintf(found, sizeof found, "%s", mdp_err_message());
    return mdp_fail(MDP_E_DATA, "gate: %s%s%s: %s%s%s%s", group->task, group->arm[0] != 0 ? " " : "", group->arm, found,
                    may_differ ? "; a policy with may_differ: [" : "", may_differ ? row->name : "",
                    may_differ ? "] takes both" : "");
}

static mdp_err check_evals(const struct mdp_gate_group *group, uint32_t set, const struct mdp_gate_eval *a,
                           const struct mdp_gate_eval *b) {
    struct mdp_alike_file expected, found;
    mdp_err err;
    if (mdp_infos_equal(set, &a->info, &b->info)) return MDP_OK;
    MDP_TRY(mdp_alike_read(a->path, &a->info, &expected));
    MDP_TRY(mdp_alike_read(b->path, &b->info, &found));
    if (mdp_alike_check(set, &expected, &found) != MDP_OK)
        err = refuse(group, mdp_facts_unlike(set, &expected.facts, &found.facts));
out:
    return err;
}

/* checkpoints of a run have steps by nature: it is the last one that is judged */
static mdp_err check_run(const struct mdp_gate_group *group, uint32_t set, const struct mdp_gate_run *first,
                         const struct mdp_gate_run *run) {
    const uint32_t step = MDP_FACT_BIT(MDP_FACT_STEP);
    for (int i = 0; i < run->n; i++) {
        mdp_err err = check_evals(group, set & ~step, &first->evals[0], &run->evals[i]);
        if (err != MDP_OK) return err;
    }
    return check_evals(group, set & step, &first->evals[first->n - 1], &run->evals[run->n - 1]);
}

mdp_err mdp_gate_check_alike(const struct mdp_gate_group *baseline, const struct mdp_gate_group *candidate,
                             uint32_t may_differ) {
    const struct mdp_gate_group *groups[2] = {baseline, candidate};
    const uint32_t refused = mdp_alike_facts(MDP_ALIKE_SIDES, MDP_ALIKE_REFUSE),
                   asked = mdp_alike_facts(MDP_ALIKE_SIDES, MDP_ALIKE_SAY) & ~may_differ;
    for (int g = 0; g < 2; g++) {
        for (int r = 0; r < groups[g]->n; r++) {
            mdp_err err = check_run(baseline, refused | asked, &baseline->runs[0], &groups[g]->runs[r]);
            if (err != MDP_OK) return err;
        }
    }
    return MDP_OK;
}

/* ---- memory ---- */

void mdp_gate_eval_free(struct mdp_gate_eval *eval) {
    mdp_episodes_free(&eval->episodes);
    mdp_episodes_info_free(&eval->info);
}

static void run_free(struct mdp_gate_run *run) {
    for (int i = 0; i < run->n; i++) mdp_gate_eval_free(&run->evals[i]);
    free(run->evals);
}

void mdp_gate_side_free(struct mdp_gate_side *side) {
    for (int i = 0; i < side->n_groups; i++) {
        for (int k = 0; k < side->groups[i].n; k++) run_free(&side->groups[i].runs[k]);
        free(side->groups[i].runs);
    }
    for (int i = 0; i < side->n_speeds; i++) free(side->speeds[i].values);
    free(side->groups);
    free(side->speeds);
    free(side->speed_files);
    mdp_text_index_free(&side->names);
    memset(side, 0, sizeof *side);
}
