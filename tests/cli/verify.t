#!/bin/sh
# the reference vectors: every file of them agrees with this program, and a copy with one wrong number does not.
# MDPBENCH_REFERENCE names a larger set, whose files go before those of the tree
here=$(cd "$(dirname "$0")" && pwd)
larger=${MDPBENCH_REFERENCE:-}
. "$here/lib.sh"
tree=$root/tests/reference

# files FOLDER PATTERN...: those of both sets, each name once
files() {
    files_folder=$1
    shift
    for pattern in "$@"; do
        for path in ${larger:+"$larger/$files_folder"/$pattern} "$tree/$files_folder"/$pattern; do
            if [ -e "$path" ]; then echo "$path"; fi
        done
    done | awk -F/ '!seen[$NF]++'
}

# datasets FILE: their paths, but for empty ones
datasets() {
    h5ls -r "$1" | awk '$2 == "Dataset" && $3 !~ /{0/ { print $1 }'
}

# agrees SUBJECT FILE
agrees() {
    run "$mdpbench" verify "$1" "$2"
    [ "$status" = 0 ] && grep -q '^ok 1 ' "$work/out" && ! grep -q '^not ok' "$work/out"
    check $? "verify $1: ${2##*/}" "$work/out" "$work/err"
}

# disagrees SUBJECT FILE DATASET: once the first number of the dataset is changed, not before; the report names it
disagrees() {
    plain "$2" copy.h5
    run "$mdpbench" verify "$1" copy.h5
    as_it_was=$status
    poke copy.h5 "$3" 0 'd<' -12345.678
    run "$mdpbench" verify "$1" copy.h5
    [ "$as_it_was" = 0 ] && [ "$status" = 1 ] && grep -q '^not ok' "$work/out" &&
        { [ "$1" = stats ] || has_all "dataset: ${3#/}|element: 0" "$work/out"; }
    check $? "verify $1: ${2##*/} with a wrong $3" "$work/out" "$work/err"
}

for file in $(files stats '*.h5'); do agrees stats "$file"; done
for file in $(files algos/golden 'dql_*.h5' 'edp_*.h5' 'idql_*.h5' 'qgpo_*.h5' schedule.h5 units.h5 dataset.h5 eval_return.h5 \
    'diffuser_*.h5' 'dd_*.h5' trajectory_dataset.h5); do
    agrees algos "$file"
done
# the public code's networks, where its checkpoints are
for file in $(files algos/checkpoints dql_ckpt_expect.h5); do
    if [ -e "${file%/*}/dql_diffusion_ckpt_400.pt" ]; then agrees algos "$file"; fi
done
for file in $(files envs '*.h5'); do agrees env "$file"; done

for file in "$tree"/stats/*.h5; do
    disagrees stats "$file" "$(datasets "$file" | grep -m1 /out/)"
done
disagrees algos "$tree/algos/golden/schedule.h5" "$(datasets "$tree/algos/golden/schedule.h5" | head -1)"
disagrees algos "$tree/algos/golden/qgpo_small_o17a6.h5" /f64/train/after5/energy_ema
disagrees algos "$tree/algos/golden/qgpo_small_o17a6.h5" /f64/sample/guided
for array in fwd/diffusion_out guid/grad sample/history sample/traj train/grad0/classifier train/after5/diffusion_ema; do
    disagrees algos "$tree/algos/golden/diffuser_small_h4_o5a3.h5" "/f64/$array"
done
disagrees algos "$tree/algos/golden/diffuser_small_h4_o5a3.h5" /f64/train/log/loss_classifier
# the tree has no case of Decision Diffuser, the larger set has a small one
decision=
for file in $(files algos/golden 'dd_small_*.h5'); do decision=$file; done
for array in fwd/actor_out sample/traj train/grad0/inv train/after5/actor; do
    if [ -n "$decision" ]; then
        disagrees algos "$decision" "/f64/$array"
    else
        skip "verify algos: Decision Diffuser with a wrong /f64/$array" 'only the set that MDPBENCH_REFERENCE names has its cases'
    fi
done
# refuses FILE DATASET FORMAT VALUE TEXT: with that as its first number the file is bad data
refuses() {
    plain "$1" copy.h5
    poke copy.h5 "$2" 0 "$3" "$4"
    expect 3 "copy.h5: $5" "verify algos: ${1##*/} with $4 in $2" "$mdpbench" verify algos copy.h5
}
qgpo=$tree/algos/golden/qgpo_small_o17a6.h5
for draws in in/bc_u in/cond_u in/cep_u in_sample/u; do
    refuses "$qgpo" "/$draws" 'f<' 1.5 "$draws: element 0: expected 0 to 1, found 1.5"
done
for array in train/after5/energy_ema sample/guided; do
    refuses "$qgpo" "/f64/$array" 'd<' NaN "f64/$array: expected finite numbers, found|nan in element 0"
done
refuses "$tree/algos/golden/dql_small_o17a6.h5" /in_sample/u 'd<' -1 'in_sample/u: element 0: expected 0 to 1, found -1'
# a precision is named only where the file has it
run "$mdpbench" verify algos "$qgpo"
grep -A1 ' init/actor$' "$work/out" | grep -q '^# max error [^ ]* from f64; nearest' &&
    grep -A1 ' fwd/q1$' "$work/out" | grep -q '^# max error [^ ]* from f64, [^ ]* from f32; nearest'
check $? 'verify algos: errors from the precisions that the file has' "$work/out"
# the C library's other sine, where it has one: whole recordings part, which is said and fails nothing
recording=$tree/envs/hopper_first250.h5
run env GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4 "$mdpbench" verify env "$recording"
if grep -q 'free for all 250 steps, max error [^0]' "$work/out"; then
    [ "$status" = 0 ] && grep -q '^# not bit-identical: the C library computes sin and cos here without fused multiply-add' "$work/out"
    check $? 'verify env: without fused multiply-add' "$work/out" "$work/err"
else
    skip 'verify env: without fused multiply-add' 'this C library has but one way'
fi
finish
