#include "bench/stage/held.h"

#include <string.h>

#include "base/log.h"
#include "bench/run/outputs.h"
#include "results/alike.h"

void mdp_held_free(struct mdp_held *held) {
    mdp_episodes_free(&held->episodes);
    mdp_episodes_info_free(&held->info);
    *held = (struct mdp_held){.is_whole = 0};
}

/* episodes of another world, or of other last bits, are not the first ones of what would be made now */
static mdp_err check_bits(const char *path, const struct mdp_episodes_info *found,
                          const struct mdp_episodes_info *wanted) {
    struct mdp_facts then, now;
    mdp_facts_read(found, &then);
    mdp_facts_read(wanted, &now);
    int i = mdp_facts_unlike(MDP_FACTS_OF_WORLD, &then, &now);
    if (i < 0 && strcmp(found->isa, wanted->isa) != 0) i = MDP_FACT_ISA;
    if (i < 0) return MDP_OK;
    return mdp_fail(MDP_E_USAGE,
                    "%s: %s: its episodes were made with %s, now it is %s, so that no others can follow them; %s makes "
                    "all of them, or delete it",
                    path, mdp_fact_row((enum mdp_fact)i)->text, then.values[i], now.values[i], MDP_WAY_OUT_OF_EVAL);
}

mdp_err mdp_held_read(const char *path, const struct mdp_episodes_info *wanted, struct mdp_held *out) {
    mdp_err err;
    *out = (struct mdp_held){.info = {.step = -1}};
    MDP_TRY(mdp_episodes_read(path, &out->info, &out->episodes));
    out->is_whole = !mdp_wants_more(out->info.head.settings, wanted->head.settings);
    if (out->is_whole)
        MDP_TRY(mdp_check_same_settings(path, out->info.head.settings, wanted->head.settings, MDP_WAY_OUT_OF_EVAL));
    else
        MDP_TRY(check_bits(path, &out->info, wanted));
out:
    if (err != MDP_OK) mdp_held_free(out);
    return err;
}

/* whose returns stay what they are: with the cleandiffuser rule they become others once any episode has reached the
 * time limit */
static int are_final(const struct mdp_episodes *episodes, enum mdp_return_rule rule, int max_steps) {
    if (rule != MDP_RETURN_CLEANDIFFUSER) return 1;
    for (long i = 0; i < episodes->n; i++)
        if (episodes->lengths[i] == max_steps) return 1;
    return 0;
}

mdp_err mdp_held_to_tape(const struct mdp_held *held, const char *path, long first_episode, enum mdp_return_rule rule,
                         struct mdp_tape *tape) {
    static const uint8_t ends[] = {[MDP_END_TERMINATED] = 1, [MDP_END_TIME_LIMIT] = 2, [MDP_END_NON_FINITE] = 4};
    const struct mdp_episodes *episodes = &held->episodes;
    if (episodes->n == 0) return MDP_OK;
    for (long i = 0; i < episodes->n; i++)
        if (i >= tape->n_episodes || episodes->indices[i] != first_episode + i ||
            episodes->lengths[i] > tape->max_steps)
            return mdp_fail(MDP_E_DATA, "%s: expected episodes %ld to %ld of at most %d steps, found %ld of %d", path,
                            first_episode, first_episode + tape->n_episodes - 1, tape->max_steps,
                            (long)episodes->indices[i], episodes->lengths[i]);
    if (!are_final(episodes, rule, tape->max_steps)) {
        mdp_log("%s: its returns depend on the episodes that are missing, so all are made again", path);
        return MDP_OK;
    }
    for (long i = 0; i < episodes->n; i++) {
        tape->is_done[i] = 1;
        tape->returns[i] = tape->early_returns[i] = episodes->returns[i];
        if (episodes->objective_returns != NULL) tape->objective_returns[i] = episodes->objective_returns[i];
        tape->lengths[i] = episodes->lengths[i];
        tape->ends[i] = ends[episodes->ends[i]];
    }
    mdp_log("%s: has %ld of %d episodes, the others are made", path, episodes->n, tape->n_episodes);
    return MDP_OK;
}
