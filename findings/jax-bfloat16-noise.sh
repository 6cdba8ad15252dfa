#!/bin/sh
# jax-bfloat16-noise: jax.random.normal in bfloat16 has 128 different values, none beyond 2.6 and -2.9, and a mean
# that is not 0.
#
# Packages: jax 0.10.2, jaxlib 0.10.2, numpy 2.4.6.
# Expect:   normal noise that is rounded to bfloat16: thousands of values, tails up to 5 in a million draws, mean 0.
# Seen:     a uniform number of 7 bits goes through the inverse error function, so that there are 128 values, from -2.9
#           to 2.6: the upper tail ends earlier than the lower one. The mean is -0.011, 22 standard errors of four
#           million draws from 0. The noise of a diffusion sampler that draws in bfloat16 is no normal noise; draw in
#           float32 and round.
# Exit:     0 still so, 1 changed, 77 a package is not to be had.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env" || exit 77
"$dir/env/bin/pip" install -q --only-binary :all: jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6 || exit 77
JAX_PLATFORMS=cpu "$dir/env/bin/python" - <<'EOF'
import sys
import jax
import jax.numpy as jnp
import numpy as np

N = 4_000_000
key = jax.random.key(0)
direct = np.asarray(jax.random.normal(key, (N,), jnp.bfloat16), np.float64)
rounded = np.asarray(jax.random.normal(key, (N,), jnp.float32).astype(jnp.bfloat16), np.float64)
print(f"jax {jax.__version__}, numpy {np.__version__}; {N} draws")
for title, x in (("expected, float32 rounded to bfloat16", rounded), ("seen, drawn in bfloat16", direct)):
    print(f"{title}: {len(np.unique(x))} values, from {x.min():.3f} to {x.max():.3f}, mean {x.mean():.5f} = "
          f"{x.mean() * np.sqrt(N):.1f} standard errors")
holds = (len(np.unique(direct)) <= 256 and abs(direct).max() < 3.2 and abs(direct.mean()) > 0.005
         and abs(rounded.mean()) < 0.002)
print("still so" if holds else "changed")
sys.exit(not holds)
EOF
