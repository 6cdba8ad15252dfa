/* histograms of draws, a lane per replicate, and walks over them in the order of the scores. */
#include "stats/lanes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"

enum { LANES = MDP_RNG_LANES, ALIGNMENT = 64 };

/* cells of the histogram by ascending score; equal scores make one step. a cell is the place of a score in the
 * histogram: task by task, in each task run by run */
struct steps {
    int32_t *cells;  /* the cells of step i are end[i - 1] .. end[i] - 1 */
    int32_t *end;    /* [n] */
    double *weights; /* [n], what one draw adds to the sum */
    long n;
};

struct mdp_lanes {
    long n_runs, n_tasks, n;
    unsigned wanted;
    struct steps pooled;    /* weighed by the distance from a score in the middle */
    struct steps missing;   /* scores below gamma, weighted by their distance to it */
    struct steps *of_tasks; /* [n_tasks], weighed by the distance from a score in the task's middle */
    double *centers;        /* [n_tasks] */
    double center;
};

int mdp_lanes_can(const struct mdp_scores *scores, double gamma) {
    return scores->n_runs <= MDP_DRAW_RUNS_MAX && fabs(gamma) < MDP_SCORES_PLAIN && !mdp_scores_are_extreme(scores);
}

/* ---- what is walked ---- */

struct place {
    double score;
    int32_t cell;
};

static int compare_places(const void *a, const void *b) {
    const struct place *x = a, *y = b;
    return (x->score > y->score) - (x->score < y->score);
}

/* sorts the scores of tasks from .. to - 1 */
static void sort_tasks(const struct mdp_scores *scores, long from, long to, struct place *places) {
    long n = 0;
    for (long t = from; t < to; t++) {
        for (long r = 0; r < scores->n_runs; r++)
            places[n++] = (struct place){scores->values[r * scores->n_tasks + t], (int32_t)(t * scores->n_runs + r)};
    }
    qsort(places, (size_t)n, sizeof *places, compare_places);
}

/* the scores below a limit, weighed by sign (score - origin) */
static mdp_err steps_new(const struct place *places, long n, double limit, double sign, double origin,
                         struct steps *steps) {
    mdp_err err;
    MDP_TRY(mdp_calloc(&steps->cells, (unsigned long)n, sizeof *steps->cells, "bootstrap"));
    MDP_TRY(mdp_calloc(&steps->end, (unsigned long)n, sizeof *steps->end, "bootstrap"));
    MDP_TRY(mdp_calloc(&steps->weights, (unsigned long)n, sizeof *steps->weights, "bootstrap"));
    for (long i = 0; i < n && places[i].score < limit; i++) {
        steps->n += i == 0 || places[i].score != places[i - 1].score;
        steps->weights[steps->n - 1] = sign * (places[i].score - origin);
        steps->cells[i] = places[i].cell;
        steps->end[steps->n - 1] = (int32_t)(i + 1);
    }
out:
    return err;
}

static void steps_free(struct steps *steps) {
    free(steps->cells);
    free(steps->end);
    free(steps->weights);
}

static int is_wanted(const struct mdp_lanes *lanes, enum mdp_aggregate aggregate) {
    return (lanes->wanted >> aggregate & 1) != 0;
}

static int needs_tasks(const struct mdp_lanes *lanes) {
    return is_wanted(lanes, MDP_AGGREGATE_MEAN) || is_wanted(lanes, MDP_AGGREGATE_MEDIAN);
}

mdp_err mdp_lanes_new(const struct mdp_scores *scores, double gamma, unsigned wanted, struct mdp_lanes **out) {
    long n_runs = scores->n_runs, n_tasks = scores->n_tasks, n = n_runs * n_tasks;
    struct mdp_lanes *lanes = NULL;
    struct place *places = NULL;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_calloc(&places, (unsigned long)n, sizeof *places, "bootstrap"));
    MDP_TRY(mdp_calloc(&lanes, 1, sizeof *lanes, "bootstrap"));
    *lanes = (struct mdp_lanes){.n_runs = n_runs, .n_tasks = n_tasks, .n = n, .wanted = wanted};
    MDP_TRY(mdp_calloc(&lanes->of_tasks, (unsigned long)n_tasks, sizeof *lanes->of_tasks, "bootstrap"));
    MDP_TRY(mdp_calloc(&lanes->centers, (unsigned long)n_tasks, sizeof *lanes->centers, "bootstrap"));
    for (long t = 0; t < n_tasks && needs_tasks(lanes); t++) {
        sort_tasks(scores, t, t + 1, places);
        lanes->centers[t] = places[n_runs / 2].score;
        MDP_TRY(steps_new(places, n_runs, INFINITY, 1, lanes->centers[t], &lanes->of_tasks[t]));
    }
    sort_tasks(scores, 0, n_tasks, places);
    lanes->center = places[n / 2].score;
    MDP_TRY(steps_new(places, n, INFINITY, 1, lanes->center, &lanes->pooled));
    MDP_TRY(steps_new(places, n, gamma, -1, gamma, &lanes->missing));
    *out = lanes;
    lanes = NULL;
out:
    free(places);
    mdp_lanes_free(lanes);
    return err;
}

void mdp_lanes_free(struct mdp_lanes *lanes) {
    if (!lanes) return;
    for (long t = 0; t < lanes->n_tasks && lanes->of_tasks; t++) steps_free(&lanes->of_tasks[t]);
    steps_free(&lanes->pooled);
    steps_free(&lanes->missing);
    free(lanes->of_tasks);
    free(lanes->centers);
    free(lanes);
}

/* ---- walks ---- */

/* the sum over draws of their weights */
MDP_CLONES static void sum_all(const struct steps *steps, const uint16_t *restrict counts, double out[LANES]) {
    double sum[LANES] = {0};
    for (long i = 0, k = 0; i < steps->n; i++) {
        int32_t drawn[LANES] = {0};
        do {
            const uint16_t *cell = counts + (long)steps->cells[k] * LANES;
            for (int l = 0; l < LANES; l++) drawn[l] += cell[l];
        } while (++k < steps->end[i]);
        for (int l = 0; l < LANES; l++) sum[l] += (double)drawn[l] * steps->weights[i];
    }
    memcpy(out, sum, sizeof sum);
}

/* the sum over the draws from n_cut on to before n_end, in ascending order */
MDP_CLONES static void sum_middle(const struct steps *steps, const uint16_t *restrict counts, int32_t n_cut,
                                  int32_t n_end, double out[LANES]) {
    double sum[LANES] = {0};
    int32_t seen[LANES] = {0}, before[LANES];
    for (int l = 0; l < LANES; l++) before[l] = n_cut;
    for (long i = 0, k = 0; i < steps->n; i++) {
        do {
            const uint16_t *cell = counts + (long)steps->cells[k] * LANES;
            for (int l = 0; l < LANES; l++) seen[l] += cell[l];
        } while (++k < steps->end[i]);
        for (int l = 0; l < LANES; l++) {
            int32_t inside = seen[l] < n_cut ? n_cut : seen[l];
            inside = inside > n_end ? n_end : inside;
            sum[l] += (double)(inside - before[l]) * steps->weights[i];
            before[l] = inside;
        }
    }
    memcpy(out, sum, sizeof sum);
}

/* sorts every lane's n values ascending: Batcher's merge exchange (Knuth, volume 3, 5.2.2, algorithm M) */
MDP_CLONES static void sort_lanes(double (*values)[LANES], long n) {
    long top = 1;
    while (2 * top < n) top *= 2;
    for (long p = top; p > 0; p /= 2) {
        for (long q = top, r = 0, d = p;; d = q - p, q /= 2, r = p) {
            for (long i = 0; i + d < n; i++) {
                if ((i & p) != r) continue;
                for (int l = 0; l < LANES; l++) {
                    double a = values[i][l], b = values[i + d][l];
                    values[i][l] = a < b ? a : b;
                    values[i + d][l] = a < b ? b : a;
                }
            }
            if (q == p) break;
        }
    }
}

/* ---- replicates ---- */

/* a thread's memory: the histogram [n, LANES], then the tasks' means [n_tasks, LANES] */
struct scratch {
    const uint16_t *counts;
    double (*means)[LANES];
};

unsigned long mdp_lanes_scratch(const struct mdp_lanes *lanes) {
    return (unsigned long)lanes->n * LANES * sizeof(uint16_t) + (unsigned long)lanes->n_tasks * LANES * sizeof(double) +
           2 * ALIGNMENT;
}

static char *align(char *memory) { return memory + (ALIGNMENT - (uintptr_t)memory % ALIGNMENT) % ALIGNMENT; }

static struct scratch divide(const struct mdp_lanes *lanes, void *memory) {
    char *counts = align(memory), *means = align(counts + (unsigned long)lanes->n * LANES * sizeof(uint16_t));
    return (struct scratch){(uint16_t *)counts, (double(*)[LANES])means};
}

void mdp_lanes_count(const struct mdp_lanes *lanes, uint64_t seed, uint32_t first, uint16_t *counts) {
    const struct mdp_draws draws = {seed, (uint32_t)lanes->n_runs, 0};
    uint16_t drawn[MDP_RNG_BLOCK][2 * LANES];
    memset(counts, 0, (unsigned long)lanes->n * LANES * sizeof *counts);
    for (long k = 0, t = 0; k < lanes->n; k += MDP_DRAW_BLOCK) {
        mdp_draw_lanes(&draws, first, (uint32_t)(k / MDP_DRAW_BLOCK), drawn);
        long n_drawn = lanes->n - k < MDP_DRAW_BLOCK ? lanes->n - k : MDP_DRAW_BLOCK;
        for (long i = 0; i < n_drawn; i++) {
            const uint16_t *runs = drawn[i / 2] + i % 2;
            uint16_t *of_task = counts + t * lanes->n_runs * LANES;
            for (int l = 0; l < LANES; l++) of_task[runs[2 * l] + l]++;
            t = t + 1 < lanes->n_tasks ? t + 1 : 0;
        }
    }
}

/* mean and median of the tasks' means */
static void describe_tasks(const struct mdp_lanes *lanes, const struct scratch *scratch, mdp_lane_values out) {
    long n = lanes->n_tasks;
    double(*means)[LANES] = scratch->means, total[LANES] = {0};
    for (long t = 0; t < n; t++) {
        sum_all(&lanes->of_tasks[t], scratch->counts, means[t]);
        for (int l = 0; l < LANES; l++) {
            means[t][l] = lanes->centers[t] + means[t][l] / (double)lanes->n_runs;
            total[l] += means[t][l];
        }
    }
    for (int l = 0; l < LANES; l++) out[MDP_AGGREGATE_MEAN][l] = total[l] / (double)n;
    if (!is_wanted(lanes, MDP_AGGREGATE_MEDIAN)) return;
    sort_lanes(means, n);
    for (int l = 0; l < LANES; l++)
        out[MDP_AGGREGATE_MEDIAN][l] = n % 2 ? means[n / 2][l] : 0.5 * (means[n / 2 - 1][l] + means[n / 2][l]);
}

static void describe(const struct mdp_lanes *lanes, const struct scratch *scratch, mdp_lane_values out) {
    long n = lanes->n, n_cut = n / 4;
    if (needs_tasks(lanes)) describe_tasks(lanes, scratch, out);
    if (is_wanted(lanes, MDP_AGGREGATE_IQM)) {
        double *iqm = out[MDP_AGGREGATE_IQM];
        sum_middle(&lanes->pooled, scratch->counts, (int32_t)n_cut, (int32_t)(n - n_cut), iqm);
        for (int l = 0; l < LANES; l++) iqm[l] = lanes->center + iqm[l] / (double)(n - 2 * n_cut);
    }
    if (is_wanted(lanes, MDP_AGGREGATE_OPTIMALITY_GAP)) {
        double *gap = out[MDP_AGGREGATE_OPTIMALITY_GAP];
        sum_all(&lanes->missing, scratch->counts, gap);
        for (int l = 0; l < LANES; l++) gap[l] /= (double)n;
    }
}

void mdp_lanes_replicate(const struct mdp_lanes *lanes, uint64_t seed, uint32_t first, void *memory,
                         mdp_lane_values out) {
    uint16_t *counts = (uint16_t *)align(memory);
    mdp_lanes_count(lanes, seed, first, counts);
    mdp_lanes_describe(lanes, counts, memory, out);
}

void mdp_lanes_describe(const struct mdp_lanes *lanes, const uint16_t *counts, void *memory, mdp_lane_values out) {
    struct scratch scratch = divide(lanes, memory);
    scratch.counts = counts;
    describe(lanes, &scratch, out);
}

void mdp_lanes_estimate(const struct mdp_lanes *lanes, void *memory, mdp_lane_values out) {
    uint16_t *counts = (uint16_t *)align(memory);
    for (long i = 0; i < lanes->n * LANES; i++) counts[i] = 1;
    mdp_lanes_describe(lanes, counts, memory, out);
}
