/* element-wise functions of a layer, forward and backward, vectorised for the running processor.
 *
 * the vector tanh is the C library's (at most 4 ulp); one clone of each loop per instruction set is chosen at load
 * time, so one binary serves every x86-64. what backward needs of an activation is its slope, computed on the way
 * forward. */
#ifndef MDP_ALGOS_NN_ACTIVATION_H
#define MDP_ALGOS_NN_ACTIVATION_H

/* X(enumerator) */
#define MDP_ACTIVATION_LIST(X) X(MDP_ACT_NONE) X(MDP_ACT_MISH) X(MDP_ACT_TANH) X(MDP_ACT_RELU)

#define MDP_ACTIVATION_ENUM(name) name,
enum mdp_activation { MDP_ACTIVATION_LIST(MDP_ACTIVATION_ENUM) };
#undef MDP_ACTIVATION_ENUM

/** Finishes m rows of linear outputs: y = f(z + bias) and slope = f'(z + bias), of which one exp serves both.
 * Mish(z) = z tanh(log(1 + exp(z))). Shapes: z, slope, y [m, n], bias [n]. slope may be z; without an activation it is
 * left alone, and y may be z. */
void mdp_activation_forward(enum mdp_activation act, int m, int n, const float *bias, const float *z, float *slope,
                            float *y);

/** dz = dy slope for n elements, without an activation dz = dy. dz may be dy. */
void mdp_activation_backward(enum mdp_activation act, long n, const float *slope, const float *dy, float *dz);

/** dbias += column sums of dy. Shapes: dy [m, n], dbias [n]. */
void mdp_bias_gradient(int m, int n, const float *dy, float *dbias);

/** Layer norm over the last axis: y = xhat * weight + bias. Shapes: x, y, xhat [m, n], inverse_std [m].
 * Source: SPEC section 1, biased variance, eps 1e-5. xhat may be x. Nullable: bias, for one that is added later. */
void mdp_norm_forward(int m, int n, const float *x, const float *weight, const float *bias, float *xhat,
                      float *inverse_std, float *y);

/** Backward of the layer norm: dx from dy. dx may be dy. */
void mdp_norm_backward(int m, int n, const float *dy, const float *xhat, const float *inverse_std, const float *weight,
                       float *dx);

/** Adds the gradients of the layer norm's parameters. Shapes: dy, xhat [m, n], dweight, dbias [n]. */
void mdp_norm_gradient(int m, int n, const float *dy, const float *xhat, float *dweight, float *dbias);

#endif
