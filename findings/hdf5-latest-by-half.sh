#!/bin/sh
# hdf5-latest-by-half: of a dataset written with libver="latest", HDF5 1.14 reads the observations and not the
# terminals.
#
# Packages: h5py 3.16.0 (its wheels hold HDF5 2.0.0) writes, h5py 3.14.0 (HDF5 1.14.6) reads; numpy 2.4.6.
# Expect:   a file of a newer format is read, or is refused when it is opened.
# Seen:     it opens and lists all its names. Float arrays that are contiguous or in plain chunks are read; boolean
#           arrays (an enumeration: D4RL's terminals and timeouts, Minari's terminations and truncations) and compressed
#           ones are not, each with an error of its own about a version number. A loader that asks "is there an array of
#           this name that I can open?" takes such a file for one without terminals. libver="v114" or no libver writes
#           files that both read.
# Exit:     0 still so, 1 changed, 77 a package is not to be had.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for version in 3.16.0 3.14.0; do
    python3 -m venv "$dir/$version" || exit 77
    "$dir/$version/bin/pip" install -q --only-binary :all: h5py==$version numpy==2.4.6 || exit 77
done
cat > "$dir/write.py" <<'EOF'
import sys
import h5py
import numpy as np

for libver in (None, "v114", "latest"):
    with h5py.File(f"{sys.argv[1]}/{libver}.hdf5", "w", libver=libver) as file:
        file["observations"] = np.zeros((100, 17), np.float32)
        file.create_dataset("actions", data=np.zeros((100, 6), np.float32), chunks=(10, 6))
        file.create_dataset("rewards", data=np.zeros(100, np.float32), chunks=(10,), compression="gzip")
        file["terminals"] = np.zeros(100, bool)
print(f"written by h5py {h5py.__version__}, HDF5 {h5py.version.hdf5_version}")
EOF
"$dir/3.16.0/bin/python" "$dir/write.py" "$dir"
"$dir/3.14.0/bin/python" - "$dir" <<'EOF'
import sys
import h5py

print(f"read by h5py {h5py.__version__}, HDF5 {h5py.version.hdf5_version}")
found = {}
for libver in ("None", "v114", "latest"):
    with h5py.File(f"{sys.argv[1]}/{libver}.hdf5") as file:
        names, errors = set(file), {}
        for name in sorted(names):
            try:
                file[name][()]
            except (KeyError, OSError) as error:
                errors[name] = str(error)
    found[libver] = set(errors)
    print(f"libver {libver}: lists {len(names)} arrays, reads {len(names) - len(errors)}", errors or "")
print("expected: all or nothing")
holds = found == {"None": set(), "v114": set(), "latest": {"rewards", "terminals"}} and len(names) == 4
print("still so" if holds else "changed")
sys.exit(not holds)
EOF
