#!/bin/sh
# the diagnosis of pairs: held-out data that is none, modules that do not fit, evaluations that are found, and the same
# bytes for any number of threads
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

quiet() { "$@" > "$work/out" 2> "$work/err" || { cat "$work/err"; echo "Bail out! $*"; exit 1; }; }
quiet "$mdpbench" collect walker2d-random --steps 600 --out d.hdf5
quiet "$mdpbench" collect walker2d-random --steps 500 --seed 1 --out h.hdf5
quiet "$mdpbench" collect walker2d-random --steps 300 --out prefix.hdf5
quiet "$mdpbench" collect walker2d-random --steps 600 --seed 2 --out other.hdf5
quiet "$mdpbench" collect halfcheetah-random --steps 2100 --out c.hdf5
# a task that selection temperatures are known for
train() { quiet "$mdpbench" train --task walker2d-medium --data d.hdf5 --batch 32 --checkpoint-every 4 --steps 12 "$@"; }
runs=runs/walker2d-medium
train
train --algo edp
train --guidance none
train --guidance noise
train --guidance-only iql
dql=$runs/dql/joint/seed0
iql=$runs/guidance/iql/seed0
diagnose() { "$mdpbench" diagnose "$@" --held-out h.hdf5 --data d.hdf5 --states 60 --candidates 6; }
evaluate() { quiet "$mdpbench" eval "$@" --episodes 3 --candidates 6; }

# ---- a pair, and several ----
works 'one pair' diagnose $dql --step 12
has_all "Calibration|bias [95 % CI]|$dql/step000012 |60 states of |Each pair|effective candidates" "$work/out"
check $? 'calibration, gradients, selection' "$work/out"
has_all '0 pairs were evaluated: too few to say what goes with the return' "$work/out" && ! grep -q Agreement "$work/out"
check $? 'nothing to agree with, nothing to go with' "$work/out"
works 'two guidances' diagnose $dql --step 12 --guidance own,$iql
has_all 'Agreement of two guidances|gradient cosine|same choice [95 % CI]|chance: cosine and rank corr. 0, same choice 0.167' "$work/out"
check $? 'agree more or less' "$work/out"
# names that hold commas, beside others
cp -R $iql lr=0.001,seed=0
works 'guidances, one of a folder with a comma' diagnose $dql --step 12 --guidance own,lr=0.001,seed=0,$iql --json
json 'its name is whole' "$work/out" '@{$j->{diagnoses}[0]{guidances}} == 2 && $j->{diagnoses}[0]{guidances}[1]{guidance} =~ m{^lr=0.001,seed=0/step000012}'
works 'a folder with a comma alone' diagnose $dql --step 12 --guidance lr=0.001,seed=0
for list in ,own own, own,,own ,; do
    expect 4 "--guidance: expected names separated by commas, found '$list'" "names that are none: $list" diagnose $dql --guidance $list
done
works 'as JSON' diagnose $dql --step 12 --guidance own,$iql --json --threads 1
cp "$work/out" one.json
json 'of all that was measured' one.json '
    my $d = $j->{diagnoses}[0]; my $p = $d->{guidances}[0]; my $c = $p->{calibration}; my $a = $d->{agreements}[0];
    @{$j->{diagnoses}} == 1 && $j->{task} eq "walker2d-medium" && $j->{held_out}{states} == 60 && $j->{held_out}{rows} == 500 &&
    $j->{candidates} == 6 && $d->{step} == 12 && $d->{score_time} == 1 && @{$d->{guidances}} == 2 && @{$d->{agreements}} == 1 &&
    $p->{w_T} == 300 && $p->{discount} == 0.99 && $d->{guidances}[1]{w_T} == 200 && @{$c->{bins}} == 5 &&
    $c->{bias}{ci95}[0] <= $c->{bias}{estimate} && $c->{bias}{estimate} <= $c->{bias}{ci95}[1] &&
    $p->{score_cosine}{states} == 60 && abs($p->{score_cosine}{mean}) <= 1 &&
    $p->{effective_candidates}{mean} >= 1 && $p->{effective_candidates}{mean} <= 6 &&
    $a->{a} == 0 && $a->{b} == 1 && $a->{overlap}{mean} > 0 && $a->{overlap}{mean} <= 1 && abs($a->{rank_correlation}{q3}) <= 1 &&
    !defined $p->{evaluation} && @{$j->{forecasts}} == 9 && $j->{forecasts}[0]{verdict} =~ /^cannot decide/'
for threads in 2 3; do
    run diagnose $dql --step 12 --guidance own,$iql --json --threads $threads
    same "$threads threads: the same bytes" one.json "$work/out"
done
run diagnose $dql --step 12 --guidance own,$iql --json --seed 1
differ 'another seed looks at others' one.json "$work/out"
works 'the score at another time' diagnose $dql --step 12 --score-time 0 --json
cp "$work/out" early.json
json 'is said' early.json '$j->{diagnoses}[0]{score_time} == 0 && $j->{diagnoses}[0]{score_sigma} < 0.01'
works 'all steps of a run, a module, guidance by file and folder' \
    diagnose $dql $runs/edp/joint/seed0/step000008.diffusion.h5 --guidance $runs/edp/joint/seed0,own,$iql/step000012.guidance.h5 --json
cp "$work/out" many.json
json 'every pair once' many.json 'join(" ", map { scalar @{$_->{guidances}} . "/" . @{$_->{agreements}} } @{$j->{diagnoses}}) eq "3/3 3/3 3/3 2/1"'
grep -q "$runs/edp/joint/seed0/step000008.diffusion.h5: own is $runs/edp/joint/seed0, looked at once" "$work/err"
check $? 'and says which is the same' "$work/err"
works 'noise has values too' diagnose $runs/dql/noise/seed0 --step 4 --guidance own,$iql
works 'a module without guidance, by that of others' diagnose $runs/dql/none/seed0 --step 4 --guidance $iql
works 'one candidate ranks nothing' "$mdpbench" diagnose $dql --step 4 --guidance own,$iql --held-out h.hdf5 --data d.hdf5 --states 40 --candidates 1 --json
cp "$work/out" single.json
json 'and is said to' single.json 'my $a = $j->{diagnoses}[0]{agreements}[0]; $a->{rank_correlation}{undefined} == 40 && !defined $a->{rank_correlation}{mean} && $a->{overlap}{mean} == 1'

# ---- what pairs scored ----
evaluate $dql
evaluate $dql --guidance $iql --label by-iql
evaluate $dql --guidance $iql --label moved --lambda 1
evaluate $dql --guidance $iql --label walked --langevin-steps 1 --langevin-step-size 1e-3
works 'evaluations beside the modules' diagnose $dql --guidance own,$iql --json
cp "$work/out" scored.json
json 'are found for every pair, those that acted as it does' scored.json '
    !grep { !$_->{evaluation} || $_->{evaluation}{episodes} != 3 } map { @{$_->{guidances}} } @{$j->{diagnoses}} or 0;'
json 'by their modules, not by their names' scored.json '
    my $d = $j->{diagnoses}[1]; $d->{guidances}[0]{evaluation}{path} =~ /step000008\.episodes\.h5$/ &&
    $d->{guidances}[1]{evaluation}{path} =~ /step000008\.by-iql\.episodes\.h5$/'
json 'and set against what was measured' scored.json '
    my %f = map { $_->{quantity} => $_ } @{$j->{forecasts}};
    $f{score_cosine}{pairs} == 6 && $f{gradient_cosine}{pairs} == 3 && $f{score_cosine}{exact} && $f{score_cosine}{p} <= 1 &&
    $f{score_cosine}{p_holm} >= $f{score_cosine}{p} && $f{gradient_cosine}{verdict} eq "cannot decide: no order of so few pairs reaches 0.05"'
works 'and shown' diagnose $dql --guidance own,$iql
has_all 'Over pairs: what goes with the mean normalized return|cosine of gradient and score |cannot decide' "$work/out"
check $? 'in a table' "$work/out"
works 'evaluations that are named' diagnose $dql --step 8 --guidance own,$iql --json \
    --episodes $dql/step000008.moved.episodes.h5,$dql/step000008.episodes.h5
cp "$work/out" named.json
json 'are taken as they are' named.json '$j->{diagnoses}[0]{guidances}[1]{evaluation}{path} =~ /moved/'
expect 4 "$dql/step000004.episodes.h5: expected episodes of a pair that is examined" 'an evaluation of another pair' \
    diagnose $dql --step 8 --episodes $dql/step000004.episodes.h5
expect 4 "$dql/step000008.walked.episodes.h5: expected one evaluation of a pair" 'two evaluations of a pair' \
    diagnose $dql --step 8 --guidance $iql --episodes $dql/step000008.moved.episodes.h5,$dql/step000008.walked.episodes.h5
expect 3 'd.hdf5' 'a dataset as an evaluation' diagnose $dql --step 8 --episodes d.hdf5

# ---- what is not held out, what does not fit ----
held() { "$mdpbench" diagnose $dql --step 4 --states 60 --candidates 6 --data d.hdf5 --held-out "$@"; }
expect 3 'd.hdf5: expected held-out data, none of which is in d.hdf5, found row|collect TASK --seed 1' 'the training data itself' held d.hdf5
expect 3 'prefix.hdf5: expected held-out data|found row' 'a part of it: the same seed, fewer steps' held prefix.hdf5
expect 3 'c.hdf5: expected 22 observations and 6 actions as Walker2DBullet-v0 has, found 26 and 6' 'data of another robot' held c.hdf5
expect 5 "absent.hdf5: expected held-out data, found no such file; 'mdpbench collect" 'no such data' held absent.hdf5
expect 3 "$dql/step000004.guidance.h5" 'a module as data' held $dql/step000004.guidance.h5
expect 3 "other.hdf5: expected the data that $dql/step000004.diffusion.h5 was trained on, hash|found hash" 'other training data' \
    "$mdpbench" diagnose $dql --step 4 --held-out h.hdf5 --data other.hdf5
expect 5 'datasets/walker2d-medium.hdf5: expected the data that the modules were trained on, found no such file; option --data' \
    'no training data where it usually is' "$mdpbench" diagnose $dql --step 4 --held-out h.hdf5
expect 4 "--held-out: expected data that no module was trained on, found none|'mdpbench collect TASK --seed 1" 'no held-out data' \
    "$mdpbench" diagnose $dql
expect 4 'expected run folders or diffusion modules, found none' 'nothing to examine' "$mdpbench" diagnose --held-out h.hdf5
expect 4 "$runs/dql/none/seed0/step000004.diffusion.h5: expected guidance to examine, found none in 'own'" 'a run without guidance' \
    diagnose $runs/dql/none/seed0 --step 4
expect 4 "found none in 'none'" 'none as guidance' diagnose $dql --step 4 --guidance none
expect 4 "$dql: expected stepNNNNNN.diffusion.h5 of that step, found none" 'a step that is not there' diagnose $dql --step 5
expect 5 'nowhere' 'a run that is not there' diagnose nowhere
expect 3 "$dql/step000004.guidance.h5: kind: expected diffusion, found guidance" 'guidance in place of diffusion' diagnose $dql/step000004.guidance.h5 --guidance $iql/step000004.guidance.h5
expect 3 "$dql/step000004.diffusion.h5: kind: expected guidance, found diffusion" 'diffusion in place of guidance' diagnose $dql --step 4 --guidance $dql/step000004.diffusion.h5
expect 4 "--guidance: expected names separated by commas, found 'own,,x'" 'an empty name' diagnose $dql --guidance own,,x
expect 4 '--actor: expected one of ema, online|best' 'an unknown actor' diagnose $dql --actor best
expect 4 "$dql/step000004.diffusion.h5: denoising time: expected 0 to 4, as the diffusion module has 5, found 9" 'a time that there is not' \
    diagnose $dql --step 4 --score-time 9
while read -r option value; do
    expect 4 "diagnose: option --$option: expected" "--$option $value" "$mdpbench" diagnose x --held-out y "--$option" "$value"
done <<'END'
states 9
states 1.5e1k
candidates 0
candidates 4097
tail 0
tail nan
tail 0.6
w-t -1
score-time -1
step -2
temperature inf
threads 0
seed -1
END
quiet "$mdpbench" train --task walker2d-medium --data other.hdf5 --batch 32 --steps 4 --guidance-only iql --out g-other
expect 3 'g-other/step000004.guidance.h5: normaliser of observation' 'guidance of other data' diagnose $dql --step 4 --guidance g-other/step000004.guidance.h5
quiet "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 32 --steps 4 --out random
expect 3 'random/step000004.diffusion.h5: expected a module of walker2d-medium as' 'modules of two tasks' diagnose $dql random
expect 4 'random/step000004.guidance.h5: option --w-t: expected a number, as none is known for dql and walker2d-random' \
    'a task of which no w_T is known' diagnose random
works 'unless it is given' diagnose random --w-t 50
finish
