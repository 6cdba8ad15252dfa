#!/bin/sh
# same seed, same bytes, for any number of threads and lanes; another seed, other content
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

collect() { "$mdpbench" collect walker2d-random --steps 3000 "$@"; }
for threads in 1 2 3; do
    mkdir "data$threads"
    works "collect with $threads threads" collect --seed 7 --threads $threads --out "data$threads/d.hdf5"
done
same 'collect: 1 and 2 threads' data1/d.hdf5 data2/d.hdf5
same 'collect: 1 and 3 threads' data1/d.hdf5 data3/d.hdf5
works 'collect with another seed' collect --seed 8 --out data1/other.hdf5
h5dump -d /actions data1/d.hdf5 | sed 1d > "$work/actions"
h5dump -d /actions data1/other.hdf5 | sed 1d > "$work/other"
differ 'another seed: other actions' "$work/actions" "$work/other"
works 'fewer steps of the same seed' "$mdpbench" collect walker2d-random --steps 1000 --seed 7 --threads 2 --out data1/short.hdf5
h5dump -d /observations -s 0,0 -c 1000,22 data1/d.hdf5 | sed -n '/(0,0)/,$p' > "$work/long"
h5dump -d /observations -s 0,0 -c 1000,22 data1/short.hdf5 | sed -n '/(0,0)/,$p' > "$work/short"
same 'are the first rows of the longer file' "$work/long" "$work/short"

train() { "$mdpbench" train --task walker2d-random --data data1/d.hdf5 --steps 6 --checkpoint-every 3 --batch 64 "$@"; }
for threads in 1 2 3; do works "train with $threads threads" train --threads $threads --out run$threads; done
same_folder 'train: 1 and 2 threads, every file' run1 run2
same_folder 'train: 1 and 3 threads, every file' run1 run3
works 'train with another seed' train --seed 1 --out run-other
for module in diffusion guidance; do
    other_tensors "another seed: other $module parameters" run1/step000006.$module.h5 run-other/step000006.$module.h5
done

# other precisions: recorded, the same for any threads and over a pause, never taken for another; one that this machine
# lacks is refused
for precision in f32-plain bf16 bf16-avx512 bf16-emulated; do
    run train --precision $precision --threads 1 --out $precision
    if [ "$status" != 0 ]; then
        message_is 4 "--precision: precision $precision: expected a processor with|this machine can run f32, f32-plain"
        check $? "train: $precision is refused by a machine without it" "$work/err"
        continue
    fi
    json "train: $precision is in run.json" $precision/run.json "\$j->{precision} eq '$precision'"
    h5dump -a /settings $precision/step000006.diffusion.h5 > "$work/out" 2>&1
    grep -qF "\"precision\":\"$precision\"" "$work/out"
    check $? "train: $precision is in the files" "$work/out"
    works "train: $precision, as far as step 3" train --precision $precision --threads 3 --steps 3 --out again-$precision
    works "train: $precision, the rest" train --precision $precision --threads 2 --out again-$precision
    same_folder "train: $precision, 1 thread, and 3 and 2 threads with a pause" $precision again-$precision
    expect 4 "$precision/resume.h5|other settings|precision \"$precision\" there, \"f32\" wanted" \
        "train: a run of $precision is not gone on with in f32" train --out $precision
done

# what is compared must not hang on the path alone, so every evaluation writes to a name of its own
evaluate() { "$mdpbench" eval run1 --step 6 --episodes 60 --candidates 4 --w-t 5 --seed 3 "$@"; }
works 'eval with 1 thread, 50 lanes' evaluate --threads 1 --lanes 50 --out one.episodes.h5
for threads in 1 2 3; do
    for lanes in 1 7 50; do
        out=t${threads}l$lanes.episodes.h5
        run evaluate --threads $threads --lanes $lanes --out $out
        same "eval: $threads threads, $lanes lanes" one.episodes.h5 $out
    done
done
for isa in SSE41 AVX2; do
    run env ONEDNN_MAX_CPU_ISA=$isa "$mdpbench" eval run1 --step 6 --episodes 60 --candidates 4 --w-t 5 --seed 3 --out $isa.episodes.h5
    same "eval: the matrix library with $isa" one.episodes.h5 $isa.episodes.h5
done
evaluate --seed 4 --out other.episodes.h5 > "$work/out" 2> "$work/err"
h5dump -d /return one.episodes.h5 | sed 1d > "$work/returns"
h5dump -d /return other.episodes.h5 | sed 1d > "$work/other"
differ 'another seed: other returns' "$work/returns" "$work/other"
[ "$(sed -n '/(0)/,/}/p' "$work/returns" | tr ',' '\n' | sed 's/([0-9]*)://' | grep '[0-9]' | sort -u | wc -l)" -ge 50 ]
check $? 'the episodes of one evaluation differ among themselves' "$work/returns"

# other precisions: named in the file, each the same for any threads and lanes; one that this machine lacks is refused
for precision in f32-plain bf16 bf16-avx512 bf16-emulated; do
    run evaluate --precision $precision --threads 1 --lanes 50 --out $precision.episodes.h5
    if [ "$status" != 0 ]; then
        message_is 4 "--precision: precision $precision: expected a processor with|this machine can run f32, f32-plain"
        check $? "eval: $precision is refused by a machine without it" "$work/err"
        continue
    fi
    "$mdpbench" inspect --json $precision.episodes.h5 > "$work/out" 2>&1
    grep -q "\"precision\": *\"$precision\"" "$work/out"
    check $? "eval: $precision is in the file" "$work/out"
    run evaluate --precision $precision --threads 3 --lanes 7 --out again.episodes.h5
    same "eval: $precision, 3 threads and 7 lanes" $precision.episodes.h5 again.episodes.h5
    rm -f again.episodes.h5
    run evaluate --precision $precision --out one.episodes.h5
    message_is 4 'one.episodes.h5|precision'
    check $? "eval: a file of another precision is not taken for $precision" "$work/err"
done

# weights move by 0.03 at most (total variation), and so does the chance that a choice is another: of 24, 10 %
# would be far out
"$mdpbench" verify algos "$root"/tests/reference/algos/golden/*_small_*.h5 > "$work/out" 2>&1
for precision in bf16 bf16-avx512 bf16-emulated; do
    [ -e $precision.episodes.h5 ] || continue
    sed -n "s/^# .* sample: $precision chooses as f32 in \([0-9]*\) of \([0-9]*\), total variation of the weights \(.*\)/\1 \2 \3/p" "$work/out" |
        awk '{ same += $1; all += $2; bad += $3 > 0.03 } END { exit !(all >= 24 && same >= 0.9 * all && bad == 0) }'
    check $? "verify algos: $precision chooses the actions that f32 does" "$work/out"
done

behave() { "$mdpbench" behave walker2d --steps 280 --warmup 256 --checkpoint-every 140 "$@"; }
for threads in 1 2 3; do works "behave with $threads threads" behave --threads $threads --out learner$threads; done
same_folder 'behave: 1 and 2 threads, every file' learner1 learner2
same_folder 'behave: 1 and 3 threads, every file' learner1 learner3
works 'evaluate its policy' "$mdpbench" eval --behavior "$(echo learner1/step*.behavior.h5 | cut -d' ' -f1)" --episodes 2
works 'a table of its folder' "$mdpbench" table learner1
works 'behave with another seed' behave --seed 1 --out learner-other
refused 3 4 'discount' 'a run does not go on with another discount' behave --discount 0.99 --out learner1
works 'behave with a learner of its own' behave --learning-rate 0.0003 --discount 0.99 --tau 0.005 --out learner-own
works 'its replay' "$mdpbench" collect walker2d-medium-replay --medium "$(ls learner-own/*.behavior.h5 | head -1)" --out own.hdf5
differ 'another seed: another log' learner1/log.csv learner-other/log.csv

# policies act alike in every lane, too; medium-expert joins two policies
policy=$(ls learner1/*.behavior.h5 | tail -n 1)
for threads in 1 3; do
    works "collect from policies with $threads threads" "$mdpbench" collect walker2d-medium-expert --medium "$policy" \
        --expert "$(ls learner-other/*.behavior.h5 | tail -n 1)" --steps 500 --threads $threads --out mix$threads.hdf5
    works "evaluate a policy with $threads threads" "$mdpbench" eval --behavior "$policy" --stochastic --episodes 20 \
        --threads $threads --lanes $threads --out policy$threads.episodes.h5
done
same 'collect from policies: 1 and 3 threads' mix1.hdf5 mix3.hdf5
same 'a policy evaluated: 1 and 3 threads and lanes' policy1.episodes.h5 policy3.episodes.h5
for threads in 1 2; do
    works "collect the learner's replay with $threads threads" "$mdpbench" collect walker2d-medium-replay --medium "$policy" \
        --threads $threads --out replay$threads.hdf5
done
same "the learner's replay: 1 and 2 threads" replay1.hdf5 replay2.hdf5
# ---- threads that cannot be started ----
few=$(dirname "$mdpbench")/t/few_threads.so
scarce() {
    env LD_PRELOAD="$few" MDPBENCH_FEW_THREADS=$1 "$mdpbench" eval --behavior "$policy" --stochastic --episodes 20 --threads 3 --lanes 3 --out few.episodes.h5
}
if [ -e "$few" ]; then
    for spare in 2 1 0; do
        rm -f few.episodes.h5
        works "a system with $spare threads besides the first" scarce $spare
        same "$spare: the same bytes" policy1.episodes.h5 few.episodes.h5
        grep -q "threads: expected 3, found no more than $((spare > 0 ? spare : 1)) that can be started: goes on with those" "$work/err"
        check $? "$spare: is said" "$work/err"
    done
    rm -f few.episodes.h5
    run scarce 1:4
    [ "$status" = 5 ] && [ ! -e few.episodes.h5 ]
    check $? 'threads that are gone later on: status 5, not that of a gate that fails' "$work/out" "$work/err"
else
    skip 'threads that cannot be started' "there is no $few"
fi
# ---- instructions of the libraries ----
isa_of() { "$mdpbench" inspect --json "$1" | sed -n 's/.*"isa": "\([^"]*\)".*/\1/p'; }
case "$(isa_of run1/step000006.diffusion.h5)|$(isa_of run1/resume.h5)|$(isa_of f32-plain.episodes.h5)|$(isa_of one.episodes.h5)" in
'oneDNN '*' + libm '*'|oneDNN '*' + libm '*'|oneDNN '*' + libm '*'|libm '*) true ;;
*) false ;;
esac
check $? 'files say by which instructions they were computed, as far as they depend on them'
case "$(isa_of data1/d.hdf5)|$(isa_of mix1.hdf5)" in 'libm '*'|oneDNN '*' + libm '*) true ;; *) false ;; esac
check $? 'datasets, too'
case $(cat run1/run.json) in *'"isa": "oneDNN '*) true ;; *) false ;; esac
check $? 'run.json says it' run1/run.json
export ONEDNN_MAX_CPU_ISA=SSE41
run evaluate --precision f32-plain --out capped.episodes.h5
if [ "$(isa_of capped.episodes.h5)" != "$(isa_of f32-plain.episodes.h5)" ]; then
    "$mdpbench" compare f32-plain.episodes.h5 capped.episodes.h5 > "$work/out" 2> "$work/err"
    sed 1q "$work/out" | grep -qF "(A: $(isa_of f32-plain.episodes.h5), B: oneDNN sse41 + libm "
    check $? 'compare says that the sides were computed by other instructions' "$work/out" "$work/err"
    unlike="instructions of the libraries: $(isa_of f32-plain.episodes.h5) in f32-plain.episodes.h5, oneDNN sse41 + libm "
    works 'a table of both' "$mdpbench" table f32-plain.episodes.h5 capped.episodes.h5 --format md
    grep -qF -- "- Unlike $(echo "$unlike" | sed 's/_/\\_/g')" "$work/out"
    check $? 'notes it' "$work/out"
    mkdir plain capped
    cp f32-plain.episodes.h5 plain/step000006.episodes.h5
    cp capped.episodes.h5 capped/step000006.episodes.h5
    run "$mdpbench" figure plain capped --out both.svg
    grep -qF -- "note: Unlike $(echo "$unlike" | sed 's,f32-plain.episodes,plain/step000006.episodes,')" "$work/err"
    check $? 'a figure of both says it' "$work/err"
    run "$mdpbench" figure plain --behavior capped.episodes.h5 --out both.svg
    grep -qF -- 'note: Unlike instructions' "$work/err"
    check $? 'and one with a level of the other' "$work/err"
    run "$mdpbench" figure plain --out both.svg
    ! grep -q -- 'Unlike' "$work/err"
    check $? 'but not one of either' "$work/err"
    echo 'rows: [{metric: return, margin: {absolute: 9}, min_episodes: 2, test: mean}]' > near.yaml
    for form in json markdown tap; do
        run "$mdpbench" gate --policy near.yaml --baseline f32-plain.episodes.h5 --candidate capped.episodes.h5 --$form
        tr -d '\\' < "$work/out" | grep -qF "; unlike $unlike"
        check $? "gate --$form says it, too" "$work/out" "$work/err"
    done
    further() {
        "$mdpbench" train --task walker2d-random --data data1/d.hdf5 --steps $1 --checkpoint-every 6 --batch 64 --out run3 $2
    }
    then=$(isa_of run1/resume.h5)
    expect 4 "run3: its steps so far were computed by $then, the next would be by oneDNN sse41 + libm |--other-instructions" \
        'train on by other instructions' further 13
    works 'train on all the same' further 13 --other-instructions
    grep -qF "run3: its steps so far were computed by $then, the next are by oneDNN sse41 + libm" "$work/err" &&
        [ "$(isa_of run3/step000013.diffusion.h5)" = 'several, one after another' ]
    check $? 'says so, and the modules record it' "$work/err"
    works 'train what is done' further 13
    expect 4 'were computed by several, one after another' 'train further' further 14
    run env -u ONEDNN_MAX_CPU_ISA "$mdpbench" behave walker2d --warmup 256 --steps 300 --out learner3
    expect 4 "learner3: its steps so far were computed by $then, the next would be" 'behave on by other instructions' \
        "$mdpbench" behave walker2d --warmup 256 --steps 600 --out learner3
    works 'behave on all the same' "$mdpbench" behave walker2d --warmup 256 --steps 340 --out learner3 --other-instructions
    [ "$(isa_of "$(ls learner3/*.behavior.h5 | tail -n 1)")" = 'several, one after another' ]
    check $? 'says it, too' "$work/err"
else
    skip 'instructions that differ' 'this oneDNN has but one way'
fi
unset ONEDNN_MAX_CPU_ISA
finish
