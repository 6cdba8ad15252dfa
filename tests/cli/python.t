#!/bin/sh
# the Python package over the shared library, run by the Python that MDPBENCH_PYTHON names, else python3. what that lacks (NumPy,
# Gymnasium, Stable-Baselines3) is skipped and named
here=$(cd "$(dirname "$0")" && pwd)
python=${MDPBENCH_PYTHON:-python3}
. "$here/lib.sh"
MDPBENCH_LIBRARY=$(cd "$(dirname "$mdpbench")" && pwd)/libmdpbench.so.0
MDPBENCH_COMMAND=$mdpbench
export MDPBENCH_COMMAND MDPBENCH_LIBRARY PYTHONPATH="$root/python:$root/tests/python" PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1
build=${MDPBENCH_LIBRARY%/*}
if [ ! -e "$build/CMakeCache.txt" ]; then
    skip 'Python' "$mdpbench is in no build folder"
elif [ ! -e "$MDPBENCH_LIBRARY" ]; then
    echo "Bail out! there is no $MDPBENCH_LIBRARY: cmake --build $build --target libmdpbench"
    exit 1
elif ! "$python" -c 'import sys, numpy; sys.exit(sys.version_info < (3, 10))' > "$work/out" 2>&1; then
    skip 'Python' "$python is no Python 3.10 or newer with NumPy"
else
    for suite in envs results gymnasium sb3; do
        "$python" -W ignore "$root/tests/python/test_$suite.py" > "$work/out" 2>&1
        check $? "tests/python/test_$suite.py" "$work/out"
        sed -n 's/^ok [0-9]* - \(.*# SKIP.*\)/# \1/p' "$work/out"
    done
    # the package on its own, as pip installs it: the library beside it is found, and nothing else is needed
    cp -r "$root/python/mdpbench" . && rm -rf mdpbench/__pycache__ && cp -L "$MDPBENCH_LIBRARY" mdpbench/
    works 'a library beside the package' env -u MDPBENCH_LIBRARY PYTHONPATH="$PWD" "$python" -c \
        'import os, mdpbench; print(os.path.dirname(mdpbench.library.functions._name))'
    [ "$(cat "$work/out")" = "$PWD/mdpbench" ]
    check $? 'is the one that is used' "$work/out"
    # what the pages say works
    perl -0777 -ne 'print "$1\n" while /```python\n(.*?)```/gs' "$root/docs/python.md" > page.py
    if "$python" -c 'import gymnasium' 2> "$work/err"; then
        run env PYTHONPATH="$root/python" "$python" -W ignore -c "import mdpbench; exec(open('page.py').read())"
        check "$status" 'the examples of docs/python.md' "$work/err"
    else
        skip 'the examples of docs/python.md' 'gymnasium is not installed'
    fi
fi
finish
