/* counter-based random numbers: every draw is a pure function of (seed, purpose, two indices, position).
 *
 * a result therefore never depends on batch width, lane, thread count or resume point. Source: Salmon et al. 2011,
 * Philox4x32-10, by the Random123 library. */
#ifndef MDP_BASE_RNG_H
#define MDP_BASE_RNG_H

#include <stdint.h>

/* what a stream is drawn for; the number is part of the key, so entries are only ever appended */
enum mdp_rng_purpose {
    MDP_RNG_RESET = 1,      /* initial joint angles: (episode, 0) */
    MDP_RNG_SAMPLE,         /* denoising noise at inference: (episode, step) */
    MDP_RNG_SELECT,         /* candidate selection: (episode, step) */
    MDP_RNG_INIT,           /* parameter initialisation: (module, 0) */
    MDP_RNG_BATCH,          /* permutation of an epoch: (epoch, 0) */
    MDP_RNG_BC_TIME,        /* denoising steps of the behaviour-cloning loss: (gradient step, 0) */
    MDP_RNG_BC_NOISE,       /* its noise: (gradient step, 0) */
    MDP_RNG_NEXT_NOISE,     /* sampling next actions in training: (gradient step, 0) */
    MDP_RNG_POLICY_NOISE,   /* sampling policy actions in training: (gradient step, 0) */
    MDP_RNG_COIN,           /* which Q head leads the policy loss: (gradient step, 0) */
    MDP_RNG_EXPLORE,        /* behaviour policy's exploration: (step, 0) */
    MDP_RNG_REPLAY,         /* replay minibatch: (gradient step, 0) */
    MDP_RNG_BEHAVIOR_NEXT,  /* SAC next-action noise: (gradient step, 0) */
    MDP_RNG_BEHAVIOR_NOW,   /* SAC policy noise: (gradient step, 0) */
    MDP_RNG_BOOTSTRAP,      /* resampling: (replicate, 0) */
    MDP_RNG_BEHAVIOR_ACT,   /* a stochastic behaviour policy's action: (episode, step) */
    MDP_RNG_DROPOUT,        /* dropout masks of the behaviour-cloning loss: (gradient step, block) */
    MDP_RNG_POLICY_TIME,    /* denoising times of one-step policy actions: (gradient step, 0) */
    MDP_RNG_NOISE_GRADIENT, /* noise in place of a policy gradient: (gradient step, 0) */
    MDP_RNG_BOOTSTRAP_MORE, /* in place of a draw that was rejected: (replicate, draw) */
    MDP_RNG_SELFTEST,       /* a gate's self-test: (trial, side), (injury, tensor) */
    MDP_RNG_LANGEVIN,       /* noise of Langevin steps at inference: (episode, step) */
    MDP_RNG_HELD_OUT,       /* which held-out states are looked at: (0, 0) */
    MDP_RNG_SUPPORT, /* sampling supported actions: (row of the data, 0), of a moving policy (gradient step, 1) */
    MDP_RNG_ENERGY   /* noisy actions of an energy: times (gradient step, 0), noise (gradient step, 1) */
};

enum { MDP_RNG_LANES = 16, MDP_RNG_BLOCK = 4 };

/* a stream: a key and a position; copying it copies the future */
struct mdp_rng {
    uint64_t seed;
    uint32_t purpose;
    uint32_t major, minor;
    uint32_t block;    /* next counter block */
    uint32_t words[4]; /* current block */
    int used;          /* words of it already taken */
};

/** Returns the stream of (seed, purpose, major, minor) at its start. */
struct mdp_rng mdp_rng_stream(uint64_t seed, enum mdp_rng_purpose purpose, uint32_t major, uint32_t minor);

/** Draws 32 uniform bits. */
uint32_t mdp_rng_bits(struct mdp_rng *rng);

/** Draws uniformly from [0, 1) with 53 bits. */
double mdp_rng_uniform(struct mdp_rng *rng);

/** Draws an integer uniformly from 0 .. n-1 without bias. Range: 1 <= n. */
uint32_t mdp_rng_below(struct mdp_rng *rng, uint32_t n);

/** Fills `out` with n independent standard normal draws (Box-Muller, two to a pair of uniforms). */
void mdp_rng_normal(struct mdp_rng *rng, float *out, long n);

/** Fills `out` with a uniform random permutation of 0 .. n-1 (Fisher-Yates). */
void mdp_rng_permutation(struct mdp_rng *rng, uint32_t *out, uint32_t n);

/** Draws what mdp_rng_bits gives in MDP_RNG_BLOCK * MDP_RNG_LANES calls. Range: rng at the start of a block. The same
 * words on every processor. */
void mdp_rng_blocks(struct mdp_rng *rng, uint32_t words[MDP_RNG_BLOCK * MDP_RNG_LANES]);

/** Draws one block of neighbouring streams side by side: words[i][l] are the bits that come after 4 block + i others in
 * the stream (seed, purpose, major + l, minor). The same words on every processor. */
void mdp_rng_lanes(uint64_t seed, enum mdp_rng_purpose purpose, uint32_t major, uint32_t minor, uint32_t block,
                   uint32_t words[MDP_RNG_BLOCK][MDP_RNG_LANES]);

#endif
