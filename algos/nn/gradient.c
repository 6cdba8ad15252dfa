#include "algos/nn/gradient.h"

#include <stdlib.h>
#include <string.h>

#include "algos/nn/module.h"

/* a block of a weight stays in the second-level cache while all passes are added to it */
enum { BLOCK_FLOATS = 131072, BLOCK_ROWS_MIN = 128, PIECE = 2048 };

struct mdp_gradient_pass {
    int i_panel;
    struct mdp_gradient_term terms[MDP_GRADIENT_TERMS_MAX];
};

/* rows of one layer's weight; with the first ones goes the bias, a norm is one block */
struct mdp_gradient_block {
    int i_term, first, n;
};

int mdp_gradient_block_rows(int n_out, int n_in) {
    int n = n_in > 0 ? BLOCK_FLOATS / n_in : n_out;
    n = n > BLOCK_ROWS_MIN ? n : BLOCK_ROWS_MIN;
    return n < n_out ? n : n_out;
}

static int block_rows(const struct mdp_gradient_term *term) { return mdp_gradient_block_rows(term->n_out, term->n_in); }

static mdp_err list_blocks(struct mdp_gradient *gradient, const struct mdp_gradient_term *terms, int n_terms) {
    int n = 0;
    for (int i = 0; i < n_terms; i++) n += (terms[i].n_out + block_rows(&terms[i]) - 1) / block_rows(&terms[i]);
    mdp_err err = mdp_calloc(&gradient->blocks, (unsigned long)n, sizeof *gradient->blocks, "gradient");
    if (err != MDP_OK) return err;
    for (int i = 0; i < n_terms; i++)
        for (int row = 0, left; (left = terms[i].n_out - row) > 0; row += block_rows(&terms[i]))
            gradient->blocks[gradient->n_blocks++] =
                (struct mdp_gradient_block){i, row, left < block_rows(&terms[i]) ? left : block_rows(&terms[i])};
    gradient->n_terms = n_terms;
    return MDP_OK;
}

/* each thread's memory has room for any block */
static mdp_err alloc_memory(struct mdp_gradient *gradient, const struct mdp_gradient_term *terms, int n_terms) {
    mdp_err err;
    unsigned long n = 0;
    for (int i = 0; i < n_terms; i++) {
        unsigned long n_vectors = 2 * (unsigned long)terms[i].n_out,
                      n_all = n_vectors + (unsigned long)block_rows(&terms[i]) * (unsigned long)terms[i].n_in;
        if (n_all > n) n = n_all;
    }
    MDP_TRY(mdp_calloc(&gradient->memory, (unsigned long)gradient->n_threads, sizeof(float *), "gradient"));
    for (int t = 0; t < gradient->n_threads; t++)
        MDP_TRY(mdp_calloc(&gradient->memory[t], n, sizeof(float), "gradient"));
out:
    return err;
}

mdp_err mdp_gradient_add(struct mdp_gradient *gradient, int i_panel, const struct mdp_gradient_term *terms,
                         int n_terms) {
    struct mdp_gradient_pass *passes;
    mdp_err err = MDP_OK;
    if (gradient->n_passes == 0) {
        MDP_TRY(list_blocks(gradient, terms, n_terms));
        MDP_TRY(alloc_memory(gradient, terms, n_terms));
    }
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
    for (int t = 0; gradient->memory != NULL && t < gradient->n_threads; t++) free(gradient->memory[t]);
    free(gradient->memory);
    free(gradient->passes);
    free(gradient->blocks);
    memset(gradient, 0, sizeof *gradient);
}

long mdp_gradient_first(const struct mdp_gradient *gradient) { return gradient->passes[0].terms[0].weight; }

/* computes rows first to first + n of a weight's gradient; adds to them or replaces them */
static void add_weight(struct mdp_products *products, const struct mdp_gradient_term *term, int n_rows, int first,
                       int n, int keep, float *d_weight) {
    const char *d_y = (const char *)term->d_y + (unsigned long)first * mdp_products_rows(products)->element;
    mdp_product_backward_weight(products, n_rows, n, term->n_in, d_y, term->n_out, term->x, keep, d_weight);
}

/* one step of the optimiser, of which blocks take their parts */
struct step {
    const struct mdp_gradient_update *update;
    struct mdp_adam_rates rates;
};

/* updates n parameters from `first` on with their gradient, piece by piece: all that is done to a piece is done while
 * it is in the first-level cache */
static void take(const struct mdp_gradient *gradient, const struct step *step, long first, long n, const float *grad) {
    const struct mdp_gradient_update *u = step->update;
    for (long done = 0; done < n; done += PIECE) {
        long offset = first + done, n_piece = n - done < PIECE ? n - done : PIECE;
        mdp_adam_take(u->adam, &step->rates, u->params, offset, n_piece, grad + done);
        if (u->average != NULL) mdp_average_part(u->average, u->params, offset, n_piece, u->average_keep);
        mdp_products_refresh_part(gradient->products, u->params, offset, n_piece);
    }
    if (u->grads != NULL) memcpy(u->grads + first, grad, (size_t)n * sizeof *grad);
}

/* the gradient of a block in memory that is used again and again: the vectors, then the rows of the weight */
static void step_block(const struct mdp_gradient *gradient, const struct mdp_gradient_block *block, int n_rows,
                       const struct step *step, float *memory) {
    const struct mdp_gradient_term *layer = &gradient->passes[0].terms[block->i_term];
    const struct mdp_rows *rows = mdp_products_rows(gradient->products);
    int n_panels = mdp_panel_count(n_rows), is_norm = layer->n_in == 0, has_bias = !is_norm && block->first == 0;
    float *first_vector = memory, *second_vector = memory + layer->n_out, *d_weight = memory + 2L * layer->n_out;
    memset(memory, 0, 2 * (size_t)layer->n_out * sizeof *memory);
    for (int k = 0, n_done = 0; k < gradient->n_passes; k++) {
        const struct mdp_gradient_term *term = &gradient->passes[k].terms[block->i_term];
        if (gradient->passes[k].i_panel >= n_panels) continue;
        int n = mdp_panel_rows(n_rows, gradient->passes[k].i_panel).n;
        if (is_norm) rows->add_norm(n, term->n_out, term->d_y, term->x, first_vector, second_vector);
        if (has_bias) rows->add_columns(n, term->n_out, term->d_y, second_vector);
        if (!is_norm) add_weight(gradient->products, term, n, block->first, block->n, n_done++ > 0, d_weight);
    }
    if (is_norm) take(gradient, step, layer->weight, layer->n_out, first_vector);
    if (is_norm || has_bias) take(gradient, step, layer->bias, layer->n_out, second_vector);
    if (!is_norm)
        take(gradient, step, layer->weight + (long)block->first * layer->n_in, (long)block->n * layer->n_in, d_weight);
}

void mdp_gradient_step(const struct mdp_gradient *gradient, int n_rows, const struct mdp_gradient_update *update,
                       double lr, const float *before) {
    const struct step step = {update, mdp_adam_begin(update->adam, lr)};
    int n_threads = gradient->n_threads;
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int t = 0; t < n_threads; t++)
        for (int i = t; i < gradient->n_blocks; i += n_threads)
            step_block(gradient, &gradient->blocks[i], n_rows, &step, gradient->memory[t]);
    take(gradient, &step, 0, mdp_gradient_first(gradient), before);
}

void mdp_gradient_accumulate(struct mdp_products *products, const struct mdp_gradient_term *terms, int n_terms,
                             int n_rows, float *grads) {
    for (int i = 0; i < n_terms; i++) {
        const struct mdp_gradient_term *term = &terms[i];
        const struct mdp_rows *rows = mdp_products_rows(products);
        if (term->n_in > 0) {
            add_weight(products, term, n_rows, 0, term->n_out, 1, grads + term->weight);
            rows->add_columns(n_rows, term->n_out, term->d_y, grads + term->bias);
        } else
            rows->add_norm(n_rows, term->n_out, term->d_y, term->x, grads + term->weight, grads + term->bias);
    }
}
