#!/bin/sh
# what a start costs: no command loads what HDF5 could read from servers with; help, the version and wrong usage do not
# load oneDNN either and start the program once; work loads what it needs, and says so if it cannot
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
unset OMP_WAIT_POLICY GOMP_SPINCOUNT
expert=$root/results/reference/behavior/walker2d-expert

# what HDF5 reads from servers with. of some systems, as of Debian 13, its archive itself needs curl
servers='-e hdf5 -e curl'
if objdump -p "$mdpbench" | grep -q 'NEEDED.*libcurl'; then servers='-e hdf5'; fi

# started COMMAND...: as run(); the libraries' names to $work/loaded, how often the program began to $starts
started() {
    rm -f loader.*
    LD_DEBUG=files LD_DEBUG_OUTPUT="$PWD/loader" "$@" > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    cat loader.* > "$work/loader"
    rm -f loader.*
    sed -n 's/.*calling init: .*\/\(lib[^/]*\)$/\1/p' "$work/loader" | sort -u > "$work/loaded"
    starts=$(grep -c "initialize program: $mdpbench\$" "$work/loader")
}

# light STATUS NAME COMMAND...: ends so without a library that takes long, in one start
light() {
    light_status=$1
    light_name=$2
    shift 2
    started "$@"
    [ "$status" = "$light_status" ] && [ "$starts" = 1 ] && ! grep -q -e dnnl $servers "$work/loaded"
    check $? "$light_name: begins once, loads little" "$work/loaded" "$work/err"
}

light 0 'help' "$mdpbench" --help
light 0 'version' "$mdpbench" --version
light 4 'no verb' "$mdpbench"
light 4 'unknown verb' "$mdpbench" fly
for verb in $("$mdpbench" --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p'); do
    light 0 "$verb --help" "$mdpbench" $verb --help
    light 4 "$verb with an unknown option" "$mdpbench" $verb --no-such-option
done
light 4 'eval of nothing' "$mdpbench" eval --threads 2
light 4 'options that do not go together' "$mdpbench" eval --behavior x --lambda 1 --threads 2
light 4 'train without a task' "$mdpbench" train --threads 2
light 4 'a number out of range' "$mdpbench" eval --episodes 0

evaluate() { started "$@" "$mdpbench" eval --behavior "$expert.h5" --episodes 1 --out "e$n.episodes.h5"; }
started "$mdpbench" inspect "$expert.episodes.h5"
[ "$status" = 0 ] && [ "$starts" = 1 ] && ! grep -q -e dnnl $servers "$work/loaded"
check $? 'a file is read with as little' "$work/loaded" "$work/err"
evaluate env
[ "$status" = 0 ] && ! grep -q $servers "$work/loaded" && grep -q dnnl "$work/loaded"
check $? 'a policy needs oneDNN' "$work/loaded" "$work/err"

# threads that wait: a setting that OpenMP reads at the start
many() { started "$@" "$mdpbench" collect walker2d-random --steps 10 --out "c$n.hdf5" --threads "$threads"; }
threads=2
many env OMP_DISPLAY_ENV=verbose
[ "$starts" = 2 ] && grep SPINCOUNT "$work/err" | tail -1 | grep -q "GOMP_SPINCOUNT = '5000'$"
check $? 'work by two threads begins twice, for how long they spin' "$work/err"
many env OMP_WAIT_POLICY=passive
[ "$status" = 0 ] && [ "$starts" = 1 ]
check $? "a setting of the user's stays" "$work/err"
many env GOMP_SPINCOUNT=7
[ "$status" = 0 ] && [ "$starts" = 1 ]
check $? 'and this one' "$work/err"
if [ "$(nproc)" -ge 2 ]; then
    many env OMP_PROC_BIND=true OMP_PLACES=threads OMP_AFFINITY_FORMAT='bound %n %A' OMP_DISPLAY_AFFINITY=true
    [ "$starts" = 2 ] && [ "$(grep '^bound' "$work/err" | sort -u | awk '{print $3}' | sort -u | wc -l)" = 2 ]
    check $? 'threads that the user binds get a processor each, in spite of the second start' "$work/err"
    started env OMP_PROC_BIND=true OMP_DISPLAY_AFFINITY=true "$mdpbench" collect walker2d-random --steps 10 --out "c$n.hdf5"
    [ "$(grep -c affinity "$work/err")" = "$(nproc)" ]
    check $? 'and all processors are all' "$work/err"
    started env OMP_PLACES='{0}' OMP_DISPLAY_AFFINITY=true "$mdpbench" collect walker2d-random --steps 10 --out "c$n.hdf5"
    [ "$status" = 0 ] && [ "$starts" = 1 ] && [ "$(grep -c affinity "$work/err")" -le 1 ]
    check $? 'but those of the places that the user names, if there are such' "$work/err"
fi
threads=1
many env
[ "$status" = 0 ] && [ "$starts" = 1 ]
check $? 'work by one thread begins once' "$work/err"

# a library that cannot be loaded: rubbish of its name lies before it
evaluate env
mkdir broken
for file in $(grep '^libdnnl' "$work/loaded"); do echo rubbish > "broken/$file"; done
[ -n "$(ls broken)" ]
check $? 'a broken oneDNN' "$work/loaded"
light 0 'help in spite of it' env LD_LIBRARY_PATH="$PWD/broken" "$mdpbench" --help
expect 5 'oneDNN: cannot be loaded: |file too short' 'no policy acts' \
    env LD_LIBRARY_PATH="$PWD/broken" "$mdpbench" eval --behavior "$expert.h5" --episodes 1 --out broken.episodes.h5
finish
