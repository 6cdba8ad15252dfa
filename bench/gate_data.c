#include "bench/gate_data.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/gate_policy.h"

/* an array with room for one more, zeroed item; NULL without memory */
static void *grow(void *items, int n, size_t size) {
    char *grown = realloc(items, ((size_t)n + 1) * size);
    if (grown != NULL) memset(grown + (size_t)n * size, 0, size);
    return grown;
}

static mdp_err no_memory(void) { return mdp_fail(MDP_E_NOMEM, "gate: no memory for results"); }

/* --- adding ------------------------------------------------------------------------------------------------------- */

static int compare_groups(const void *a, const void *b) {
    const struct mdp_gate_group *x = a, *y = b;
    int order = strcmp(x->task, y->task);
    return order != 0 ? order : strcmp(x->arm, y->arm);
}

static int compare_evals(const void *a, const void *b) {
    const struct mdp_gate_eval *x = a, *y = b;
    return (x->info.step > y->info.step) - (x->info.step < y->info.step);
}

static struct mdp_gate_group *find_or_add_group(struct mdp_gate_side *side, const char *task, const char *arm) {
    struct mdp_gate_group *found = (struct mdp_gate_group *)mdp_gate_group_find(side, task, arm);
    if (found != NULL) return found;
    found = grow(side->groups, side->n_groups, sizeof *found);
    if (found == NULL) return NULL;
    side->groups = found;
    found += side->n_groups++;
    snprintf(found->task, sizeof found->task, "%s", task);
    snprintf(found->arm, sizeof found->arm, "%s", arm);
    qsort(side->groups, (size_t)side->n_groups, sizeof *side->groups, compare_groups);
    return (struct mdp_gate_group *)mdp_gate_group_find(side, task, arm);
}

static struct mdp_gate_run *find_or_add_run(struct mdp_gate_group *group, const char *key) {
    for (int i = 0; i < group->n; i++)
        if (strcmp(group->runs[i].key, key) == 0) return &group->runs[i];
    struct mdp_gate_run *runs = grow(group->runs, group->n, sizeof *runs);
    if (runs == NULL) return NULL;
    group->runs = runs;
    runs += group->n++;
    snprintf(runs->key, sizeof runs->key, "%s", key);
    return runs;
}

mdp_err mdp_gate_side_add(struct mdp_gate_side *side, const char *arm, const char *key, struct mdp_gate_eval *eval) {
    struct mdp_gate_group *group = find_or_add_group(side, eval->info.task, arm);
    struct mdp_gate_run *run = group != NULL ? find_or_add_run(group, key) : NULL;
    struct mdp_gate_eval *evals = run != NULL ? grow(run->evals, run->n, sizeof *evals) : NULL;
    if (evals == NULL) return no_memory();
    run->evals = evals;
    evals[run->n++] = *eval;
    memset(eval, 0, sizeof *eval);
    qsort(run->evals, (size_t)run->n, sizeof *run->evals, compare_evals);
    return MDP_OK;
}

const struct mdp_gate_group *mdp_gate_group_find(const struct mdp_gate_side *side, const char *task, const char *arm) {
    for (int i = 0; i < side->n_groups; i++)
        if (strcmp(side->groups[i].task, task) == 0 && strcmp(side->groups[i].arm, arm) == 0) return &side->groups[i];
    return NULL;
}

const struct mdp_gate_speed *mdp_gate_speed_find(const struct mdp_gate_side *side, const char *name) {
    for (int i = 0; i < side->n_speeds; i++)
        if (strcmp(side->speeds[i].name, name) == 0) return &side->speeds[i];
    return NULL;
}

/* --- alike or not ------------------------------------------------------------------------------------------------- */

/* what two evaluations must share, and what a policy may let differ */
enum kind { TEXT, REAL, INT, HASH };
static const struct fact {
    const char *name;
    enum kind kind;
    size_t offset;
    int may_differ;
} facts[] = {
#define FACT(text, kind, member, may)                                                                                  \
    { text, kind, offsetof(struct mdp_episodes_info, member), may }
    FACT("environment", TEXT, env_id, 0),
    FACT("hash of the environment's tables", HASH, env_hash, 0),
    FACT("physics", TEXT, physics, 0),
    FACT("reference scores", TEXT, reference, 0),
    FACT("reference score of 0", REAL, ref_min, 0),
    FACT("reference score of 1", REAL, ref_max, 0),
    FACT("return rule", TEXT, return_rule, 0),
    FACT("precision", TEXT, precision, MDP_GATE_MAY_PRECISION),
    FACT("actor", TEXT, actor, MDP_GATE_MAY_ACTOR),
    FACT("candidates", INT, candidates, MDP_GATE_MAY_CANDIDATES),
    FACT("temperature", REAL, temperature, MDP_GATE_MAY_TEMPERATURE),
    FACT("w_t", REAL, w_t, MDP_GATE_MAY_W_T),
#undef FACT
};

static void show(const struct fact *fact, const void *value, char text[96]) {
    switch (fact->kind) {
    case TEXT: snprintf(text, 96, "'%.80s'", (const char *)value); break;
    case REAL: snprintf(text, 96, "%.10g", *(const double *)value); break;
    case INT: snprintf(text, 96, "%" PRId64, *(const int64_t *)value); break;
    case HASH:
        if (*(const uint64_t *)value == 0)
            snprintf(text, 96, "none (made before it was recorded: evaluate again)");
        else
            snprintf(text, 96, "%016" PRIx64, *(const uint64_t *)value);
        break;
    }
}

static mdp_err check_eval(const struct mdp_gate_group *group, const struct mdp_gate_eval *a,
                          const struct mdp_gate_eval *b, int may_differ) {
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        const void *x = (const char *)&a->info + facts[i].offset, *y = (const char *)&b->info + facts[i].offset;
        char wanted[96], found[96];
        if (facts[i].may_differ & may_differ) continue;
        show(&facts[i], x, wanted);
        show(&facts[i], y, found);
        if (strcmp(wanted, found) == 0) continue;
        return mdp_fail(MDP_E_DATA, "gate: %s%s%s: %s: expected %s as in %s, found %s in %s", group->task,
                        group->arm[0] != 0 ? " " : "", group->arm, facts[i].name, wanted, a->path, found, b->path);
    }
    return MDP_OK;
}

mdp_err mdp_gate_check_alike(const struct mdp_gate_group *baseline, const struct mdp_gate_group *candidate,
                             int may_differ) {
    const struct mdp_gate_group *groups[2] = {baseline, candidate};
    for (int g = 0; g < 2; g++) {
        for (int r = 0; r < groups[g]->n; r++) {
            for (int e = 0; e < groups[g]->runs[r].n; e++) {
                const struct mdp_gate_eval *eval = &groups[g]->runs[r].evals[e];
                mdp_err err = check_eval(baseline, &baseline->runs[0].evals[0], eval, may_differ);
                if (err != MDP_OK) return err;
            }
        }
    }
    return MDP_OK;
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static void run_free(struct mdp_gate_run *run) {
    for (int i = 0; i < run->n; i++) {
        mdp_episodes_free(&run->evals[i].episodes);
        mdp_episodes_info_free(&run->evals[i].info);
    }
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
    memset(side, 0, sizeof *side);
}
