#!/bin/sh
# safetensors-transposed-array: a transposed NumPy array is saved without an error and read back as other numbers.
#
# Packages: safetensors 0.8.0, numpy 2.4.6.
# Expect:   what is saved is read back, as with safetensors 0.7.0; or a refusal, as safetensors.torch does for such
#           tensors.
# Seen:     the bytes are written as they lie in memory, under the shape of the transposed array. Shape and dtype are
#           right, the numbers are in other places. Networks trained in JAX keep weights as [inputs, outputs]; their
#           `.T` is such an array.
# Source:   safetensors/safetensors issue 825.
# Exit:     0 still so, 1 changed, 77 a package is not to be had.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/env" || exit 77
"$dir/env/bin/pip" install -q --only-binary :all: safetensors==0.8.0 numpy==2.4.6 || exit 77
"$dir/env/bin/python" - <<'EOF'
import sys
import numpy as np
import safetensors
from safetensors.numpy import load, save

kernel = np.arange(12, dtype=np.float32).reshape(3, 4)  # as a flax layer keeps it: 3 inputs, 4 outputs
weight = kernel.T                                       # as a PyTorch layer wants it
read = load(save({"weight": weight, "copy": np.ascontiguousarray(weight)}))
print(f"safetensors {safetensors.__version__}, numpy {np.__version__}")
print("expected, row 1 of the weight:", weight[1])
print("seen,     row 1 of the weight:", read["weight"][1])
holds = (read["weight"].shape == weight.shape and not np.array_equal(read["weight"], weight)
         and np.array_equal(read["weight"].ravel(), kernel.ravel()) and np.array_equal(read["copy"], weight))
print("still so" if holds else "changed")
sys.exit(not holds)
EOF
