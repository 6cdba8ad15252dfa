/* a graph with its parameters, their running average and optimiser, and the memory of a gradient step.
 *
 * a batch is cut in panels whose number depends on the batch alone; each panel has a gradient of its own, and they are
 * added in order, so that any number of threads gives the same bits. */
#ifndef MDP_ALGOS_NN_TRAINED_H
#define MDP_ALGOS_NN_TRAINED_H

#include "algos/nn/graph_run.h"
#include "algos/nn/module.h"
#include "algos/nn/optimizer.h"

struct mdp_trained_config {
    int value;             /* of the graph, whose gradient each step gives */
    int n_rows;            /* of a step; 0: none is taken before mdp_trained_rows_new */
    double decay, penalty; /* decoupled and coupled */
    double average_keep;   /* the average keeps this much of itself at a step */
    int n_threads;
};

enum { MDP_TRAINED_GROUPS = 4 };

struct mdp_trained {
    struct mdp_trained_config config;
    const struct mdp_graph *graph; /* borrowed */
    float *params, *average;       /* [graph->n_floats] */
    struct mdp_adam adam;          /* of what is trained: all but the fixed ones in front */
    int n_panels, panel_rows;
    struct mdp_graph_work *panels;     /* [n_panels] */
    float **grads;                     /* [n_panels]: of what is trained in the newest step, after what is fixed */
    float **d_value;                   /* [n_panels] */
    float *native[MDP_TRAINED_GROUPS]; /* [graph->n_floats]: what was listed, in the order of files */
};

/* writes the inputs of rows first to first + n - 1, runs the graph forward, and writes the gradient of the value */
typedef void (*mdp_trained_rows)(void *context, int first, int n, struct mdp_graph_work *work, float *d_value);

/** Makes the parameters, all zero, and the memory. Owns: caller, mdp_trained_free. Errors: NOMEM, IO, DATA. */
mdp_err mdp_trained_alloc(struct mdp_trained *trained, const struct mdp_graph *graph,
                          const struct mdp_trained_config *config);

/** Makes the memory for steps of n_rows rows. Errors: NOMEM, IO, DATA. */
mdp_err mdp_trained_rows_new(struct mdp_trained *trained, int n_rows, int n_threads);

/** Frees what it holds. */
void mdp_trained_free(struct mdp_trained *trained);

/** Sets the parameters to what training starts from, as mdp_graph_draw, and the average to the same. Errors: NOMEM. */
mdp_err mdp_trained_draw(struct mdp_trained *trained, uint64_t seed, uint32_t module);

/** Lists what is saved: the parameters, their average, and the optimiser's moments, which end in `suffix`. Returns how
 * many. The tensors are copies in the order of files: mdp_trained_take has what is written there taken in.
 * Nullable: average, for networks without one. */
int mdp_trained_groups(struct mdp_trained *trained, const char *name, const char *average, const char *suffix,
                       struct mdp_module_group out[MDP_TRAINED_GROUPS]);

/** Takes in what was written to the tensors of the newest list. */
void mdp_trained_take(struct mdp_trained *trained);

/** Takes one step: the gradient by `rows` for every panel, the optimiser, the average. Range: config.n_rows rows. */
void mdp_trained_step(struct mdp_trained *trained, double lr, mdp_trained_rows rows, void *context);

/** Sums the newest step's gradient up. Shapes: out [graph->n_floats]; zero for what is fixed. */
void mdp_trained_gradient(const struct mdp_trained *trained, float *out);

#endif
