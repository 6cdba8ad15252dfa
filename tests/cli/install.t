#!/bin/sh
# an installed program: its files, and the data that come with it, from any working folder
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
build=$(dirname "$mdpbench")
if [ ! -f "$build/cmake_install.cmake" ]; then
    echo "1..0 # SKIP $mdpbench is in no build folder"
    exit 0
fi

run cmake --install "$build" --prefix "$work/usr"
check "$status" 'cmake --install' "$work/err"
installed=$work/usr/bin/mdpbench
for name in bin/mdpbench share/mdpbench/results/reference/behavior/hopper-medium.h5 share/mdpbench/bench/experiments/smoke.yaml \
    share/mdpbench/bench/gates/default.yaml share/doc/mdpbench/README.md share/doc/mdpbench/docs/gate.md \
    share/man/man1/mdpbench.1.gz share/man/man1/mdpbench-eval.1.gz share/man/man1/mdpbench-gate-selftest.1.gz \
    share/bash-completion/completions/mdpbench share/zsh/vendor-completions/_mdpbench; do
    [ -f "$work/usr/$name" ] || echo "$name"
done > "$work/absent"
[ ! -s "$work/absent" ]
check $? 'program, data, pages and completions are there' "$work/absent"

# what a user of either program does in a folder of his own
policy=results/reference/behavior/hopper-medium.h5
for program in "$installed" "$mdpbench"; do
    what=$([ "$program" = "$installed" ] && echo installed || echo checkout)
    works "$what: an experiment by its usual path" "$program" plan bench/experiments/smoke.yaml
    works "$what: a dataset from the policies that come along" "$program" collect hopper-medium --steps 1000 --out "$what.hdf5"
    expect 3 'gate|expected' "$what: a gate's policy by its usual path" "$program" gate --policy=bench/gates/default.yaml \
        --baseline $policy --candidate $policy
    mkdir "$what" && cd "$what" || exit 1
    works "$what: a policy that comes along" "$program" eval --behavior $policy --episodes 1
    [ "$(find . -type f)" = ./hopper-medium.episodes.h5 ]
    check $? "$what: its episodes are in the working folder"
    cd ..
done
same 'both collect the same bytes' installed.hdf5 checkout.hdf5

# a name that is there is taken as it stands, and $MDPBENCH_DATA before the program's own
mkdir -p bench/gates && echo 'rows: 3' > bench/gates/default.yaml
expect 3 'bench/gates/default.yaml:1' 'a file of the same path in the working folder' "$mdpbench" gate --policy bench/gates/default.yaml \
    --baseline a --candidate b
mkdir -p other/bench/gates && cp bench/gates/default.yaml other/bench/gates/mine.yaml
expect 3 "$PWD/other/bench/gates/mine.yaml:1" 'MDPBENCH_DATA names the place' env MDPBENCH_DATA="$PWD/other" "$installed" gate \
    --policy bench/gates/mine.yaml --baseline a --candidate b
expect 4 "MDPBENCH_DATA: expected a folder|found 'nowhere'" 'MDPBENCH_DATA is no folder' env MDPBENCH_DATA=nowhere "$installed" gate \
    --policy bench/gates/mine.yaml --baseline a --candidate b
expect 5 'results/reference/behavior/none.h5: cannot open' 'what is not there either is refused by its own name' "$installed" eval \
    --behavior results/reference/behavior/none.h5

# the package: what it needs, and that its program runs from where it is unpacked
if command -v cpack > "$work/which" && command -v dpkg-shlibdeps > "$work/which"; then
    (cd "$build" && cpack -G DEB -B "$work/deb") > "$work/out" 2> "$work/err"
    check $? 'cpack makes a .deb' "$work/out" "$work/err"
    set -- "$work"/deb/*.deb
    dpkg-deb -f "$1" Depends > "$work/depends" && has_all 'libdnnl|libzip|liblzf|libbullet|libc6' "$work/depends"
    check $? 'it depends on libraries that are linked and on those that are opened' "$work/depends"
    mkdir "$work/root" && dpkg-deb -x "$1" "$work/root"
    works 'its program finds its data' "$work/root/usr/bin/mdpbench" plan bench/experiments/paper.yaml
    [ -f "$work/root/usr/share/man/man1/mdpbench-eval.1.gz" ] && [ -f "$work/root/usr/share/doc/mdpbench/copyright" ] &&
        gzip -dc "$work/root/usr/share/doc/mdpbench/changelog.gz" | cmp -s - "$root/CHANGELOG.md"
    check $? 'it has pages, its licence and what has changed'
    dpkg-deb -I "$1" triggers > "$work/out" 2> "$work/err" && grep -qx 'activate-noawait ldconfig' "$work/out"
    check $? 'the linker is told of its library' "$work/out" "$work/err"
else
    skip 'cpack makes a .deb' 'no cpack or no dpkg-shlibdeps here'
fi
finish
