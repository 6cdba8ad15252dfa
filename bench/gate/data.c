#include "bench/gate/data.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/gate/policy.h"

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

const struct mdp_gate_speed *mdp_gate_speed_find(const struct mdp_gate_side *side, const char *name) {
    for (int i = 0; i < side->n_speeds; i++)
        if (strcmp(side->speeds[i].name, name) == 0) return &side->speeds[i];
    return NULL;
}

/* ---- alike or not ---- */

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

/* ---- memory ---- */

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
    mdp_text_index_free(&side->names);
    memset(side, 0, sizeof *side);
}
