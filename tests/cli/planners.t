#!/bin/sh
# planners: Diffuser and Decision Diffuser through training, evaluation, inspection and export, and what is refused
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

"$mdpbench" collect walker2d-random --steps 600 --out d.hdf5 > "$work/out" 2>&1
train() { "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 2 --horizon 8 "$@"; }
diffuser() { train --algo diffuser --width 8 "$@"; }
dd() { train --algo dd --width 16 "$@"; }
evaluate() { "$mdpbench" eval --episodes 2 --sampling-steps 3 "$@"; }
same_run() {
    for file in "$1"/*.diffusion.h5 "$1"/*.guidance.h5 "$1"/log.csv; do
        if [ -e "$file" ] && ! cmp -s "$file" "$2/${file##*/}"; then return 1; fi
    done
}

# ---- Diffuser ----
works 'diffuser: denoiser and returns are learnt together' diffuser --steps 4 --threads 1 --out whole
[ -e whole/step000004.diffusion.h5 ] && [ -e whole/step000004.guidance.h5 ]
check $? 'each is a module in a file of its own'
diffuser --steps 2 --threads 2 --out parts > "$work/out" 2>&1 && diffuser --steps 4 --threads 3 --out parts > "$work/out" 2>&1
same_run whole parts
check $? 'a run in two parts with other threads has the same bits' "$work/out"
grep -q '^4,[0-9.]*,,[0-9.]*,[0-9.e+]*,,-*[0-9.]*,0.0002,0.0002$' whole/log.csv
check $? 'its log has the loss of plans, that of returns, and the returns' whole/log.csv

works 'returns are learnt alone' train --guidance-only return --width 8 --steps 4 --out returns
works 'plans beside returns that are frozen' diffuser --guidance frozen --guidance-file returns/step000004.guidance.h5 \
    --steps 2 --out frozen
works 'plans alone' diffuser --guidance none --steps 2 --out none
works 'returns that are learnt on' diffuser --guidance continued --guidance-file returns/step000004.guidance.h5 --steps 2 \
    --out continued

works 'plans are guided and the best is taken' evaluate whole --step 4 --candidates 3 --guide noisy --guide-weight 0.01 \
    --threads 1 --lanes 1
mv whole/step000004.episodes.h5 one.episodes.h5
evaluate whole --step 4 --candidates 3 --guide noisy --guide-weight 0.01 --threads 2 --lanes 2 > "$work/out" 2>&1
cmp -s one.episodes.h5 whole/step000004.episodes.h5
check $? 'whatever shares a call, with the same bits' "$work/out"
works 'guidance of another run, at the clean estimate' evaluate none/step000002.diffusion.h5 \
    --guidance returns/step000004.guidance.h5 --candidates 2 --guide clean --guide-weight 0.01 --out clean.episodes.h5
works 'a choice among plans without a gradient' evaluate frozen --step 2 --candidates 2 --guide none
works 'a plan by itself' evaluate none --step 2
"$mdpbench" inspect --json none/step000002.episodes.h5 > "$work/out"
grep -q '"candidates": 1' "$work/out" && ! grep -q '"guide"' "$work/out"
check $? 'which has no guide, and one candidate' "$work/out"

works 'modules are seen' "$mdpbench" inspect whole/step000004.diffusion.h5
works 'and are told whole' "$mdpbench" inspect whole/step000004.guidance.h5
works 'and exported' "$mdpbench" export whole/step000004.diffusion.h5
"$mdpbench" inspect --json whole/step000004.diffusion.safetensors > "$work/out"
grep -q '"name": "model.diffusion.downs.0.0.conv1.0.weight"' "$work/out"
check $? 'by the names of CleanDiffuser' "$work/out"

"$mdpbench" collect walker2d-random --seed 1 --steps 300 --out held.hdf5 > "$work/out" 2>&1
diagnose() { "$mdpbench" diagnose --data d.hdf5 --held-out held.hdf5 --states 12 --candidates 3 "$@"; }
works 'plans are examined beside returns' diagnose whole --step 4 --guidance own,returns/step000004.guidance.h5 --json
json 'whose returns are in the unit of the data, and whose best is taken' "$work/out" \
    '$j->{diagnoses}[0]{guidances}[0]{w_T} == 0 && $j->{diagnoses}[0]{guidances}[0]{effective_candidates}{mean} == 1'
cp "$work/out" "$work/one"
diagnose whole --step 4 --guidance own,returns/step000004.guidance.h5 --json --threads 3 > "$work/out" 2> "$work/err"
cmp -s "$work/one" "$work/out"
check $? 'with the same numbers by any number of threads' "$work/out"

# ---- Decision Diffuser ----
works 'dd: plans of observations, without guidance' dd --steps 4 --threads 1 --out told
dd --steps 2 --threads 3 --out told2 > "$work/out" 2>&1 && dd --steps 4 --threads 2 --out told2 > "$work/out" 2>&1
same_run told told2
check $? 'a run in two parts with other threads has the same bits' "$work/out"
works 'a plan is told a return' evaluate told --step 4 --guide free --guide-weight 1.2 --target-return 0.9
"$mdpbench" inspect --json told/step000004.episodes.h5 > "$work/out"
grep -q '"target": 0.9' "$work/out" && grep -q '"gradient": "free"' "$work/out"
check $? 'which is recorded' "$work/out"
works 'or none' evaluate told/step000004.diffusion.h5 --guide none --out untold.episodes.h5
works 'a return that counts for nothing' evaluate told/step000004.diffusion.h5 --guide free --guide-weight 0 --target-return 0.9 \
    --out weightless.episodes.h5
for name in untold weightless; do
    "$mdpbench" table $name.episodes.h5 --columns mean,sd,return_mean,length_mean --format csv --out $name.csv > "$work/out" 2>&1
done
[ -s untold.csv ] && cmp untold.csv weightless.csv > "$work/out" 2>&1
check $? 'makes the same plans' "$work/out"
expect 4 'option --target-return: expected none' 'a return for plans without a guide' evaluate told --step 4 --guide none \
    --target-return 1 --label x

# ---- what cannot be ----
works 'values of actions' "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --steps 1 --out values
expect 3 'expected returns of windows of 8 steps as the diffusion module makes, found values of actions' \
    'plans by values of actions' evaluate none/step000002.diffusion.h5 --guidance values/step000001.guidance.h5 \
    --out x.episodes.h5
expect 3 'found returns of windows of 8 steps' 'actions by returns of windows' evaluate values/step000001.diffusion.h5 \
    --guidance returns/step000004.guidance.h5 --out x.episodes.h5
expect 3 'plans of observations, which a return that is wanted guides' 'a told plan by returns' evaluate \
    told/step000004.diffusion.h5 --guidance returns/step000004.guidance.h5 --guide-weight 1 --guide free --target-return 1 \
    --out x.episodes.h5
expect 3 'expected returns of windows of 8 steps' 'training beside values of actions' diffuser --guidance frozen \
    --guidance-file values/step000001.guidance.h5 --steps 1 --out x
expect 3 'expected windows of 16 steps and 20 denoising times' 'returns of other windows' train --algo diffuser --width 8 \
    --horizon 16 --guidance frozen --guidance-file returns/step000004.guidance.h5 --steps 1 --out x
expect 4 "option --precision: expected f32 of plans, found 'bf16-emulated'" 'another precision of plans' diffuser \
    --precision bf16-emulated --steps 1 --out x
expect 4 'option --memory: expected none' 'a bound of memory for plans' diffuser --memory 1MB --steps 1 --out x
expect 4 'option --scratch: expected none' 'a scratch file for plans' diffuser --scratch . --steps 1 --out x
expect 4 'option --horizon: expected none' 'steps of plans without plans' "$mdpbench" import values/step000001.diffusion.h5 --task walker2d-random --algo dql \
    --horizon 8 --out x
expect 4 'a power of two' 'an odd number of steps' train --algo diffuser --horizon 6 --steps 1 --out x
expect 4 'guided by the return that is wanted' 'guidance in training of dd' dd --guidance joint --steps 1 --out x
for mode in none "frozen --guidance-file returns/step000004.guidance.h5" "continued --guidance-file returns/step000004.guidance.h5"; do
    expect 4 'option --return-scale: expected none, since no returns are learnt' "a unit of returns that nobody learns: $mode" \
        diffuser --guidance $mode --return-scale 2 --steps 1 --out x
done
expect 4 'expected an algorithm that plans' 'steps of plans without plans' "$mdpbench" train --task walker2d-random \
    --data d.hdf5 --horizon 8 --steps 1 --out x
expect 4 'expected a module that guidance goes with' 'told plans beside guidance' diagnose told --step 4 \
    --guidance returns/step000004.guidance.h5
expect 3 'expected returns of windows of 8 steps' 'plans beside values of actions' diagnose whole --step 4 \
    --guidance values/step000001.guidance.h5
expect 4 'option --w-t: expected none' 'a weight for a choice of the best' evaluate whole --step 4 --w-t 1
expect 4 'option --lambda: expected none' 'steps of single actions' evaluate whole --step 4 --lambda 0.1
expect 4 'option --target-return: expected none' 'a return for plans that are told none' evaluate whole --step 4 \
    --target-return 1
for guide in free energy; do
    expect 4 "expected none, noisy or clean, as the module's plans have no condition, found $guide" "what plans have not: $guide" \
        evaluate whole --step 4 --guide $guide --guide-weight 1
done
expect 4 'guide: free: expected a denoiser that was trained with observations left out' 'a condition that actions have not' evaluate values --w-t 1 --guide free --guide-weight 1
expect 4 'option --guide-weight: expected a number' 'a weight that nobody knows' evaluate whole --step 2
finish
