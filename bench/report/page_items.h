/* the evaluations that a page shows, by runs: what their numbers are made of. for the files of pages. */
#ifndef MDP_BENCH_REPORT_PAGE_ITEMS_H
#define MDP_BENCH_REPORT_PAGE_ITEMS_H

#include "bench/experiment/paths.h"
#include "bench/report/page.h"
#include "bench/run/evaluations.h"
#include "bench/run/summary.h"

/* one evaluation; owned */
struct mdp_page_evaluation {
    char path[MDP_PATH_MAX];
    struct mdp_episodes_info info;
    struct mdp_episodes episodes;
    struct mdp_summary normalized;
};

/* the evaluations of one run and label, or one file, by ascending step */
struct mdp_page_item {
    char label[2 * MDP_PATH_MAX]; /* what other verbs call it */
    char folder[MDP_PATH_MAX];    /* of the run, "" for a single file */
    int n, room;
    struct mdp_page_evaluation *list;
    int anchor; /* of the first evaluation; the others follow */
    char *name; /* what tells it from the others of its task; owned, NULL where that is the label */
};

/* all of a page; zeroed before there is one */
struct mdp_page_items {
    int n, room;
    struct mdp_page_item *list;
    struct mdp_evaluations cache;
    struct mdp_bootstrap_draws draws; /* of all evaluations of one size */
};

/** Adds an item without evaluations. Owns: items; it may move with the next one. Errors: NOMEM. */
mdp_err mdp_page_items_add(struct mdp_page_items *items, const char *label, struct mdp_page_item **out);

/** Reads an evaluation, named as mdp_evaluation_read takes it, behind those of an item. Errors: IO, DATA. */
mdp_err mdp_page_item_read(struct mdp_page_items *items, struct mdp_page_item *item, const char *path);

/** Reads what a folder with a label, a curve or an episodes file has; of any other folder all that lies in it and
 * below, whatever its label. Errors: IO, DATA; USAGE where there is nothing. */
mdp_err mdp_page_items_find(struct mdp_page_items *items, const char *path);

/** Adds what is there of one arm, task, seed and actor of an experiment, as an item if there is anything. Errors: IO,
 * DATA. */
mdp_err mdp_page_items_add_arm(struct mdp_page_items *items, const struct mdp_experiment *e,
                               struct mdp_arm_instance instance);

/** Numbers all evaluations from `next` on, so that rows of tables can link to them; returns the number behind them. */
int mdp_page_items_number(struct mdp_page_items *items, int next);

/** Returns the task of an item; borrowed. */
static inline const char *mdp_page_item_task(const struct mdp_page_item *item) { return item->list[0].info.task; }

/** Names items from `first` to before `end`, whose labels are paths, as row_names.h says. *n_common: so many bytes of
 * their labels and folders are left out at the beginning. Errors: NOMEM. */
mdp_err mdp_page_items_name(struct mdp_page_items *items, int first, int end, size_t *n_common);

/** Returns what an item is called on the page; borrowed. */
static inline const char *mdp_page_item_name(const struct mdp_page_item *item) {
    return item->name != NULL ? item->name : item->label;
}

/** Writes, folded, what the numbers of items from `first` to before `end` are made of: of each run its facts and
 * settings, of each evaluation its file, its episodes as dots and how they ended. */
void mdp_page_items_write(const struct mdp_page_items *items, int first, int end, FILE *page);

/** Writes the worst, the median and the best episode of the last evaluations of items from `first` to before `end`, as
 * far as *n_films, which goes down, allows; of which runs they are not kept and cannot be played again, it says so.
 * Errors: those of the request's film but DATA. */
mdp_err mdp_page_items_films(const struct mdp_page_items *items, int first, int end,
                             const struct mdp_page_request *request, long *n_films, FILE *page);

/** Frees everything and clears the struct. */
void mdp_page_items_free(struct mdp_page_items *items);

#endif
