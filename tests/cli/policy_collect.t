#!/bin/sh
# datasets of policies as processes: the rows that collect makes inside, the same bytes however they are asked for, and
# nothing of one that fails
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
. "$root/tests/policy/odd.sh"
collect() { "$mdpbench" collect hopper-medium --steps 700 --seed 5 --threads 1 "$@"; }

# ---- the same policy inside ----
behavior=$root/results/reference/behavior/walker2d-medium.h5
record() { "$mdpbench" collect walker2d-medium --steps 1500 --seed 7 "$@"; }
works 'a policy of this program inside' record --medium "$behavior" --threads 1 --out inside.hdf5
works 'and as a process' record --threads 3 --policy "'$mdpbench' act --behavior '$behavior' --stochastic --threads 1" --out outside.hdf5
h5diff --exclude-path /metadata inside.hdf5 outside.hdf5 > "$work/out" 2>&1
check $? 'the same rows, bit for bit' "$work/out"
h5diff inside.hdf5 outside.hdf5 > "$work/out" 2>&1
[ $? = 1 ] && grep -q '/metadata/policy/file' "$work/out"
check $? 'but not the same policy' "$work/out"

# ---- what is said, recorded and kept ----
command=$(odd alone)
works 'a policy of another program' collect --policy "$(odd world)"
json 'what it is told' "$ODD/world" '$j->{mode} eq "collect" && $j->{task} eq "hopper-medium" && $j->{lanes} == 32 && $j->{seed} == 5'
gone 'it is gone, with what it has started'
[ -f datasets/hopper-medium-odd.hdf5 ]
check $? 'datasets/TASK-NAME.hdf5'
h5dump -d /metadata/algorithm -d /metadata/policy/file -d /metadata/settings datasets/hopper-medium-odd.hdf5 > "$work/out"
has_all '"process"|"odd"|policy_command' "$work/out"
check $? 'what is recorded' "$work/out"
works 'without faults' collect --policy "$command" --out one.hdf5
works 'in JSON, with three threads' collect --policy "$command" --policy-format json --threads 3 --out json.hdf5
same 'the same bytes' one.hdf5 json.hdf5
works 'fewer rows' "$mdpbench" collect hopper-medium --steps 300 --seed 5 --policy "$command" --out few.hdf5
for name in one few; do h5dump -d /observations -s 0,0 -c 300,15 $name.hdf5 | sed -n '/(0,0)/,$p' > "$work/$name"; done
same 'are the first of them' "$work/one" "$work/few"
run collect --policy "$command" --out one.hdf5
[ "$status" = 0 ] && grep -q 'exists with these settings, nothing to do' "$work/err"
check $? 'one that is there is kept' "$work/err"
for state in ODD_HASH=v2 ODD_STEP=3; do
    expect 4 'one.hdf5|policy_' "but not for another policy ($state)" env $state "$mdpbench" collect hopper-medium --steps 700 --seed 5 \
        --threads 1 --policy "$command" --out one.hdf5
done
works "in Minari's layout" collect --policy "$command" --minari
[ -f datasets/hopper-medium-odd-v0/data/metadata.json ]
check $? 'datasets/TASK-NAME-v0'
run collect --policy "$(odd beyond)" --out beyond.hdf5
[ "$status" = 0 ] && grep -q ' 1 of [0-9]* actions were beyond \[-1, 1\] and have been clipped$' "$work/err"
check $? 'actions beyond the bounds are clipped' "$work/err"
works 'so that training takes them' "$mdpbench" train --task hopper-medium --data beyond.hdf5 --batch 8 --checkpoint-every 2 --steps 2 --threads 1 --out run

# ---- a stop ----
rm -f "$ODD/asked" "$ODD/pids"
ODD_EPISODE=32
export ODD_EPISODE
run collect --policy "$(odd stops)" --out stopped.hdf5
[ "$status" = 6 ] && [ ! -e stopped.hdf5 ] && [ -e stopped.hdf5.part ]
check $? 'a stop keeps whole episodes' "$work/err"
gone 'and ends the policy'
works 'it goes on' collect --policy "$(odd stops)" --out stopped.hdf5
[ "$(tr '\n' , < "$ODD/asked")" = '0 0,32 0,' ]
check $? 'with the first that is not there' "$ODD/asked"
works 'the same command without a break' collect --policy "$(odd stops)" --out whole.hdf5
same 'to the same bytes' whole.hdf5 stopped.hdf5
rm -f "$ODD/pids"

# ---- what goes wrong ----
# wrong STATUS TEXT WAY [OPTION...]: one message, no file, no process
wrong() {
    wrong_status=$1
    wrong_text=$2
    wrong_way=$3
    shift 3
    chatty_expect "$wrong_status" "$wrong_text|policy '" "$wrong_way" collect --policy "$(odd "$wrong_way")" --out wrong.hdf5 "$@"
    gone "$wrong_way: nothing is left"
}
wrong 5 'ended with status 7 after 0 bytes' dies-first
wrong 5 'ended with status 7 after 0 bytes' dies
wrong 5 'within 3 seconds (--policy-timeout)' hangs --policy-timeout 3
wrong 3 'action 1 of episode 0, step 3: expected a finite number, found nan' nan
wrong 3 'the actions of 32 states, found 33' count
wrong 3 'expected 32 rows of 3 numbers' narrow --policy-format json
[ -z "$(find . -name 'wrong*.*')" ]
check $? 'and no file'

# ---- wrong use ----
expect 4 '--policy-format|--policy beside it' 'a format without a policy' "$mdpbench" collect hopper-medium --policy-format json
for option in medium expert behavior; do
    expect 4 "--$option|none beside --policy" "--$option beside a policy" collect --policy cat --$option x
done

# ---- another world ----
run "$mdpbench" collect mujoco-hopper-medium --steps 100 --threads 1 --policy "$command" --out mujoco.hdf5
if grep -q 'libmujoco' "$work/err"; then
    skip 'in a world of MuJoCo' 'no libmujoco'
else
    [ "$status" = 0 ] && [ -f mujoco.hdf5 ]
    check $? 'in a world of MuJoCo' "$work/err"
fi
finish
