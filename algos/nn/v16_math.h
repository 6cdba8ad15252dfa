/* exp, mish, silu, gelu and tanh on sixteen lanes, written in the operations of a v16 header, which is included before.
 *
 * every step is rounded the same way on every processor, so the bits are too. bounds on the error are stated and
 * tested in tests/unit/algos/test_kernel.c. */
#ifndef MDP_ALGOS_NN_V16_MATH_H
#define MDP_ALGOS_NN_V16_MATH_H

/* exp(x) = 2^n (1 + r + r^2 p) with n whole and |r| <= log(2)/2; n is in the low bits of t's pattern */
struct v16_exp_parts {
    v16 t, r, p;
};

/** Returns the parts of exp(x). Range: |x| <= 87.
 * p is minimax for the relative error of 1 + r + r^2 p, which is 3.3e-9. */
static inline struct v16_exp_parts v16_exp_split(v16 x) {
    const v16 magic = v16_set(0x1.8p23f); /* adding it rounds to a whole number */
    v16 t = v16_fma(x, v16_set(0x1.715476p0f), magic), n = v16_sub(t, magic);
    v16 r = v16_fnma(n, v16_set(-0x1.05c61p-29f), v16_fnma(n, v16_set(0x1.62e43p-1f), x));
    v16 p = v16_fma(v16_set(0x1.6ae8a8p-10f), r, v16_set(0x1.1240dep-7f));
    p = v16_fma(p, r, v16_set(0x1.555842p-5f));
    p = v16_fma(p, r, v16_set(0x1.555488p-3f));
    p = v16_fma(p, r, v16_set(0x1.fffffcp-2f));
    return (struct v16_exp_parts){t, r, p};
}

/** Returns exp(x). Range: |x| <= 87. */
static inline v16 v16_exp(v16 x) {
    const v16 one = v16_set(1.0f);
    struct v16_exp_parts e = v16_exp_split(x);
    return v16_scale(v16_fma(v16_fma(e.p, e.r, one), e.r, one), e.t);
}

/** Returns mish(z) = z tanh(log(1 + exp(z))) = z p / (p + 2) with p = e (e + 2), e = exp(z). NaN stays NaN.
 * beyond 10 the factor of z is 1 in float32; below -87 the result is mish(-87), which is -1.4e-36. */
static inline v16 v16_mish(v16 z) {
    v16 x = v16_max(v16_set(-87.0f), z);
    v16 e = v16_exp(v16_min(x, v16_set(10.0f)));
    v16 p = v16_mul(e, v16_add(e, v16_set(2.0f)));
    return v16_mul(x, v16_div(p, v16_add(p, v16_set(2.0f))));
}

/** Returns silu(z) = z / (1 + exp(-z)). NaN stays NaN. below -87 the result is silu(-87), which is -1.4e-36. */
static inline v16 v16_silu(v16 z) {
    const v16 one = v16_set(1.0f);
    v16 x = v16_max(v16_set(-87.0f), z);
    return v16_div(x, v16_add(one, v16_exp(v16_sub(v16_set(0.0f), v16_min(x, v16_set(87.0f))))));
}

/** Returns u = sqrt(8 / pi) (z + 0.044715 z^3), from -87 to 87. */
static inline v16 v16_gelu_argument(v16 z) {
    v16 u = v16_mul(z, v16_fma(v16_mul(z, z), v16_set(0x1.2444f2p-4f), v16_set(0x1.988454p0f)));
    return v16_max(v16_set(-87.0f), v16_min(v16_set(87.0f), u));
}

/** Returns gelu(z) = z / (1 + exp(-u)). NaN stays NaN. below -10 the result is gelu(-10), which is -1.2e-37. */
static inline v16 v16_gelu(v16 z) {
    v16 x = v16_max(v16_set(-10.0f), z), e = v16_exp(v16_sub(v16_set(0.0f), v16_gelu_argument(x)));
    return v16_div(x, v16_add(v16_set(1.0f), e));
}

/* for kernels whose activations become bfloat16, which may be 2^-8 off */
#ifdef V16_HAS_RECIPROCAL
/** Returns mish(z) as v16_mish does, with a relative error below 2^-13. */
static inline v16 v16_mish_coarse(v16 z) {
    const v16 magic = v16_set(0x1.8p23f), one = v16_set(1.0f);
    v16 x = v16_max(v16_set(-87.0f), z), clipped = v16_min(x, v16_set(10.0f));
    v16 t = v16_fma(clipped, v16_set(0x1.715476p0f), magic);
    v16 r = v16_fnma(v16_sub(t, magic), v16_set(0x1.62e43p-1f), clipped);
    v16 p = v16_fma(v16_fma(v16_set(0x1.522032p-5f), r, v16_set(0x1.571f6ap-3f)), r, v16_set(0x1.0006cap-1f));
    v16 e = v16_scale(v16_fma(v16_fma(p, r, one), r, one), t), q = v16_mul(e, v16_add(e, v16_set(2.0f)));
    return v16_mul(x, v16_mul(q, v16_reciprocal(v16_add(q, v16_set(2.0f)))));
}
#endif

/** Returns tanh(z) = p / (p + 2) with p = exp(2z) - 1, computed without cancellation near 0. NaN stays NaN. */
static inline v16 v16_tanh(v16 z) {
    v16 within = v16_max(v16_set(-10.0f), v16_min(v16_set(10.0f), z));
    struct v16_exp_parts e = v16_exp_split(v16_add(within, within));
    v16 power = v16_scale(v16_set(1.0f), e.t), q = v16_fma(v16_mul(e.p, e.r), e.r, e.r);
    v16 p = v16_fma(power, q, v16_sub(power, v16_set(1.0f)));
    return v16_div(p, v16_add(p, v16_set(2.0f)));
}

#endif
