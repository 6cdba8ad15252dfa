/* what the paper leaves open: every choice has a name, values, and a default in each mode.
 *
 * paper: the readings closest to the text of arXiv 2506.03154. strict: what holds up better (runs as units, paired,
 * Holm). authors: paper, with what their public code and the printed F and p say besides. an experiment file or an
 * option overrides a default; every table names the choices that made it.
 * docs/paper.md says where each is ambiguous. */
#ifndef MDP_BENCH_EXPERIMENT_CHOICES_H
#define MDP_BENCH_EXPERIMENT_CHOICES_H

#include "base/setting.h"

enum mdp_report_mode { MDP_REPORT_PAPER, MDP_REPORT_STRICT, MDP_REPORT_AUTHORS, MDP_N_REPORT_MODES };

/* the values of choices, in the order of their texts */
enum mdp_unit { MDP_UNIT_CHECKPOINTS, MDP_UNIT_CURVE, MDP_UNIT_EPISODES, MDP_UNIT_RUNS };
enum mdp_early { MDP_EARLY_DIFFERENCE, MDP_EARLY_MEAN, MDP_EARLY_RELATIVE, MDP_EARLY_RATIO };
enum mdp_peak { MDP_PEAK_CURVE, MDP_PEAK_RUNS };
enum mdp_u_test { MDP_U_ASYMPTOTIC, MDP_U_EXACT, MDP_U_AUTO };
enum mdp_over { MDP_OVER_SEEDS, MDP_OVER_EPISODES };
enum mdp_final { MDP_FINAL_LAST, MDP_FINAL_TAIL };

/* X(member, key, values in () or NULL for a number, low, high, default of paper, of strict, of authors, help) */
#define MDP_CHOICE_LIST(X)                                                                                             \
    X(unit, "unit", ("checkpoints", "curve", "episodes", "runs"), 0, 0, "checkpoints", "runs", "curve",                \
      "what a test counts as one value")                                                                               \
    X(pairs, "pairs", ("no", "yes"), 0, 0, "no", "yes", "no", "Wilcoxon on pairs instead of Mann-Whitney")             \
    X(u_test, "u-test", ("asymptotic", "exact", "auto"), 0, 0, "asymptotic", "auto", "asymptotic",                     \
      "how Mann-Whitney's p is found")                                                                                 \
    X(levene, "levene", ("median", "mean", "trimmed"), 0, 0, "median", "median", "median", "centre of Levene's test")  \
    X(adjust, "adjust", ("none", "holm", "bh"), 0, 0, "none", "holm", "none",                                          \
      "adjustment of p over the rows of a table")                                                                      \
    X(early, "early", ("difference", "mean", "relative", "ratio"), 0, 0, "difference", "difference", "difference",     \
      "what early gain is")                                                                                            \
    X(early_steps, "early-steps", (NULL), 1, 1e8, "5000", "5000", "5000", "steps of the early window")                 \
    X(peak, "peak", ("curve", "runs"), 0, 0, "curve", "runs", "curve",                                                 \
      "peak of the mean curve, or mean of the runs' peaks")                                                            \
    X(horizon, "horizon", (NULL), 0, 1e8, "0", "0", "100000", "checkpoints up to this step; 0: all")                   \
    X(over, "variance-over", ("seeds", "episodes"), 0, 0, "seeds", "seeds", "episodes",                                \
      "what a checkpoint's variance is over")                                                                          \
    X(ddof, "ddof", ("0", "1"), 0, 0, "0", "1", "0", "divisor n - ddof of variances")                                  \
    X(cv_ddof, "cv-ddof", ("0", "1"), 0, 0, "0", "1", "0", "divisor n - ddof of the sd in CV")                         \
    X(final, "final", ("last", "tail"), 0, 0, "last", "last", "last",                                                  \
      "final return: last checkpoint, or mean of the last tenth")                                                      \
    X(spread, "spread", ("episodes", "seeds"), 0, 0, "episodes", "seeds", "episodes",                                  \
      "what the +- of a final return is over")                                                                         \
    X(margin, "margin", (NULL), 1e-9, 100, "0.02", "0.02", "0.02",                                                     \
      "normalized return within which final returns are equal")                                                        \
    X(threshold, "threshold", (NULL), 0.01, 1, "0.8", "0.8", "0.8",                                                    \
      "share of the base's final return that counts as reached")

/* the text of every choice, NULL where none is given */
struct mdp_choice_texts {
#define MDP_CHOICE_TEXT(member, ...) const char *member;
    MDP_CHOICE_LIST(MDP_CHOICE_TEXT)
#undef MDP_CHOICE_TEXT
};

/* the keys of experiment files that fill struct mdp_choice_texts */
extern const struct mdp_settings mdp_choice_table;

#define MDP_CHOICE_ENUM(member, ...) MDP_CHOICE_##member,
enum { MDP_CHOICE_LIST(MDP_CHOICE_ENUM) MDP_N_CHOICES };
#undef MDP_CHOICE_ENUM

/* all choices with their values: positions in the list of texts, or numbers */
struct mdp_choices {
    enum mdp_report_mode mode;
    double value[MDP_N_CHOICES];
};

/* a value of a choice of names */
#define MDP_CHOSE(choices, member) ((int)(choices)->value[MDP_CHOICE_##member])

/** Lists the modes, in the order of their enum. */
const struct mdp_names *mdp_report_mode_names(void);

/** Returns a mode's name, e.g. "strict"; borrowed. */
const char *mdp_report_mode_name(enum mdp_report_mode mode);

/** Writes a mode's defaults. */
void mdp_choices_defaults(enum mdp_report_mode mode, struct mdp_choices *out);

/** Returns a choice's key, e.g. "early-steps"; borrowed. Range: 0 <= i < MDP_N_CHOICES. */
const char *mdp_choice_key(int i);

/** Returns a choice's line of help; borrowed. */
const char *mdp_choice_help(int i);

/** Returns the i-th text. Nullable: result. */
const char **mdp_choice_text_of(struct mdp_choice_texts *texts, int i);

/** Sets a choice from its text. Errors: USAGE "expected .., found ..". */
mdp_err mdp_choice_set(struct mdp_choices *choices, int i, const char *text);

/** Sets every choice that has a text. Errors: USAGE, naming the key. */
mdp_err mdp_choices_set(struct mdp_choices *choices, const struct mdp_choice_texts *texts);

/** Writes a choice as text, e.g. "curve" or "5000". */
void mdp_choice_show(const struct mdp_choices *choices, int i, char text[32]);

#endif
