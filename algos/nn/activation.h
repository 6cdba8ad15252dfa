/* element-wise functions of a layer, forward and backward, vectorised for the running processor.
 *
 * the vector exp and tanh are the C library's (at most 4 ulp); one clone of each loop per instruction set is chosen at
 * load time, so one binary serves every x86-64. */
#ifndef MDP_ALGOS_NN_ACTIVATION_H
#define MDP_ALGOS_NN_ACTIVATION_H

/* X(enumerator) */
#define MDP_ACTIVATION_LIST(X) X(MDP_ACT_NONE) X(MDP_ACT_MISH) X(MDP_ACT_TANH) X(MDP_ACT_RELU)

#define MDP_ACTIVATION_ENUM(name) name,
enum mdp_activation { MDP_ACTIVATION_LIST(MDP_ACTIVATION_ENUM) };
#undef MDP_ACTIVATION_ENUM

/** y = f(z) for n elements; y may be z. Mish(z) = z tanh(log(1 + exp(z))). */
void mdp_activation_forward(enum mdp_activation act, long n, const float *z, float *y);

/** dz = dy f'(z) for n elements; y = f(z) as computed forward; dz may be dy. */
void mdp_activation_backward(enum mdp_activation act, long n, const float *z, const float *y, const float *dy,
                             float *dz);

/** Adds a bias to each row. Shapes: y [m, n], bias [n]. */
void mdp_bias_forward(int m, int n, const float *bias, float *y);

/** dbias += column sums of dy. Shapes: dy [m, n], dbias [n]. */
void mdp_bias_backward(int m, int n, const float *dy, float *dbias);

/** Layer norm over the last axis: y = xhat * weight + bias. Shapes: x, y, xhat [m, n], inverse_std [m].
 * Source: SPEC section 1, biased variance, eps 1e-5. xhat may be x. */
void mdp_norm_forward(int m, int n, const float *x, const float *weight, const float *bias, float *xhat,
                      float *inverse_std, float *y);

/** Backward of the layer norm: dx from dy; dweight and dbias (nullable together) accumulate. dx may be dy. */
void mdp_norm_backward(int m, int n, const float *dy, const float *xhat, const float *inverse_std, const float *weight,
                       float *dweight, float *dbias, float *dx);

#endif
