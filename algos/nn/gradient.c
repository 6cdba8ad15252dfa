#include "algos/nn/gradient.h"

#include <stdlib.h>
#include <string.h>

#include "algos/nn/activation.h"
#include "algos/nn/gemm.h"
#include "algos/nn/module.h"

/* a block of a weight stays in the second-level cache while all passes are added to it */
enum { BLOCK_FLOATS = 32768, BLOCK_ROWS_MIN = 64 };

struct mdp_gradient_pass {
    int i_panel;
    struct mdp_gradient_term terms[MDP_GRADIENT_TERMS_MAX];
};

/* rows of one layer's weight; with the first ones goes the bias, a norm is one block */
struct mdp_gradient_block {
    int i_term, first, n;
};

static int block_rows(const struct mdp_gradient_term *term) {
    if (term->n_in == 0) return term->n_out;
    int n = BLOCK_FLOATS / term->n_in;
    n = n > BLOCK_ROWS_MIN ? n : BLOCK_ROWS_MIN;
    return n < term->n_out ? n : term->n_out;
}

static mdp_err list_blocks(struct mdp_gradient *gradient, const struct mdp_gradient_term *terms, int n_terms) {
    int n = 0;
    for (int i = 0; i < n_terms; i++) n += (terms[i].n_out + block_rows(&terms[i]) - 1) / block_rows(&terms[i]);
    mdp_err err = mdp_calloc(&gradient->blocks, (unsigned long)n, sizeof *gradient->blocks, "gradient");
    if (err != MDP_OK) return err;
    for (int i = 0; i < n_terms; i++)
        for (int at = 0, left; (left = terms[i].n_out - at) > 0; at += block_rows(&terms[i]))
            gradient->blocks[gradient->n_blocks++] =
                (struct mdp_gradient_block){i, at, left < block_rows(&terms[i]) ? left : block_rows(&terms[i])};
    gradient->n_terms = n_terms;
    return MDP_OK;
}

mdp_err mdp_gradient_add(struct mdp_gradient *gradient, int i_panel, const struct mdp_gradient_term *terms,
                         int n_terms) {
    struct mdp_gradient_pass *passes;
    mdp_err err = MDP_OK;
    if (gradient->n_passes == 0) MDP_TRY(list_blocks(gradient, terms, n_terms));
    MDP_TRY(mdp_calloc(&passes, (unsigned long)gradient->n_passes + 1, sizeof *passes, "gradient"));
    if (gradient->n_passes > 0) memcpy(passes, gradient->passes, (size_t)gradient->n_passes * sizeof *passes);
    free(gradient->passes);
    gradient->passes = passes;
    passes[gradient->n_passes].i_panel = i_panel;
    memcpy(passes[gradient->n_passes++].terms, terms, (size_t)n_terms * sizeof *terms);
out:
    return err;
}

void mdp_gradient_free(struct mdp_gradient *gradient) {
    free(gradient->passes);
    free(gradient->blocks);
    memset(gradient, 0, sizeof *gradient);
}

long mdp_gradient_first(const struct mdp_gradient *gradient) { return gradient->passes[0].terms[0].weight; }

/* the vectors of a layer: a linear layer's bias, a norm's two parameters */
static void add_vectors(const struct mdp_gradient_term *term, int n_rows, float *grads) {
    if (term->n_in == 0)
        mdp_norm_gradient(n_rows, term->n_out, term->d_y, term->x, grads + term->weight, grads + term->bias);
    else
        mdp_bias_gradient(n_rows, term->n_out, term->d_y, grads + term->bias);
}

/* rows first to first + n of a weight, added to what is there or in its place */
static void add_weight(const struct mdp_gradient_term *term, int n_rows, int first, int n, int is_first, float *grads) {
    mdp_gemm_backward_weight(n_rows, n, term->n_in, term->d_y + first, term->n_out, term->x, is_first ? 0.0f : 1.0f,
                             grads + term->weight + (long)first * term->n_in);
}

/* the optimiser's share of a run */
struct update {
    const struct mdp_adam *adam;
    struct mdp_adam_rates rates;
    float *params, *grads;
};

static void take(const struct update *u, long first, long n) {
    mdp_adam_take(u->adam, &u->rates, u->params, u->grads, first, n);
}

static void step_block(const struct mdp_gradient *gradient, const struct mdp_gradient_block *block, int n_rows,
                       const struct update *update) {
    const struct mdp_gradient_term *layer = &gradient->passes[0].terms[block->i_term];
    int n_panels = mdp_panel_count(n_rows), is_linear = layer->n_in > 0, has_vectors = block->first == 0;
    size_t n_vector = (size_t)layer->n_out * sizeof(float);
    if (has_vectors) memset(update->grads + layer->bias, 0, n_vector);
    if (!is_linear) memset(update->grads + layer->weight, 0, n_vector);
    for (int k = 0, n_done = 0; k < gradient->n_passes; k++) {
        const struct mdp_gradient_term *term = &gradient->passes[k].terms[block->i_term];
        if (gradient->passes[k].i_panel >= n_panels) continue;
        int n = mdp_panel_rows(n_rows, gradient->passes[k].i_panel).n;
        if (is_linear) add_weight(term, n, block->first, block->n, n_done++ == 0, update->grads);
        if (has_vectors) add_vectors(term, n, update->grads);
    }
    if (has_vectors) take(update, layer->bias, layer->n_out);
    if (is_linear)
        take(update, layer->weight + (long)block->first * layer->n_in, (long)block->n * layer->n_in);
    else
        take(update, layer->weight, layer->n_out);
}

void mdp_gradient_step(const struct mdp_gradient *gradient, int n_rows, struct mdp_adam *adam, double lr, float *params,
                       float *grads, int n_threads) {
    const struct update update = {adam, mdp_adam_begin(adam, lr), params, grads};
#pragma omp parallel for num_threads(n_threads) schedule(static, 1)
    for (int i = 0; i < gradient->n_blocks; i++) step_block(gradient, &gradient->blocks[i], n_rows, &update);
    take(&update, 0, mdp_gradient_first(gradient));
}

void mdp_gradient_accumulate(const struct mdp_gradient_term *terms, int n_terms, int n_rows, float *grads) {
    for (int i = 0; i < n_terms; i++) {
        if (terms[i].n_in > 0) add_weight(&terms[i], n_rows, 0, terms[i].n_out, 0, grads);
        add_vectors(&terms[i], n_rows, grads);
    }
}
