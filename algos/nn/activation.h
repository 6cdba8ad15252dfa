/* the activation functions of layers by name; what computes them are kernels: nn/kernel_body.h, nn/kernel_rows.h. */
#ifndef MDP_ALGOS_NN_ACTIVATION_H
#define MDP_ALGOS_NN_ACTIVATION_H

/* X(enumerator). Mish(z) = z tanh(log(1 + exp(z))), SiLU(z) = z / (1 + exp(-z)); GELU in its tanh form is z / (1 +
 * exp(-u)) with u = sqrt(8 / pi) (z + 0.044715 z^3) */
#define MDP_ACTIVATION_LIST(X)                                                                                         \
    X(MDP_ACT_NONE) X(MDP_ACT_MISH) X(MDP_ACT_TANH) X(MDP_ACT_RELU) X(MDP_ACT_SILU) X(MDP_ACT_GELU)

#define MDP_ACTIVATION_ENUM(name) name,
enum mdp_activation { MDP_ACTIVATION_LIST(MDP_ACTIVATION_ENUM) };
#undef MDP_ACTIVATION_ENUM

#endif
