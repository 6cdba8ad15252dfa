#!/bin/sh
# compare: which tests follow from the data, what the verdict says, what is refused
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
policies=$here/../../results/reference/behavior

# two policies of one robot, the same episode seeds, and another seed
for seed in 1 2; do
    for quality in medium expert; do
        works "episodes of $quality, seed $seed" "$mdpbench" eval --behavior "$policies/walker2d-$quality.h5" --seed $seed \
            --episodes 12 --out $quality$seed.episodes.h5
    done
done
says() {
    grep -q "$1" "$work/out"
    check $? "$2" "$work/out"
}
works 'compare pairs' "$mdpbench" compare expert1.episodes.h5 medium1.episodes.h5
says '^A is better than B on walker2d (A: step 135761, B: step 31213): .*paired Wilcoxon' 'the better side is named, as pairs, and what is unlike'
works 'compare the other way round' "$mdpbench" compare medium1.episodes.h5 expert1.episodes.h5
says '^A is worse than B on walker2d' 'the verdict turns with the sides'
works 'compare without common seeds' "$mdpbench" compare expert1.episodes.h5 medium2.episodes.h5
says 'Mann-Whitney' 'other seeds are not paired'
says 'Brunner-Munzel' 'Brunner-Munzel stands beside it'
works 'compare with itself' "$mdpbench" compare medium1.episodes.h5 medium1.episodes.h5
says '^A and B are the same on walker2d: ' 'equal values are called equal'
works 'compare one policy on two seeds' "$mdpbench" compare medium1.episodes.h5 medium2.episodes.h5
says '^Cannot tell A from B .* power; the one seen needs n = ' 'what is undecided says what would decide it'
works 'several files a side' "$mdpbench" compare expert1.episodes.h5,expert2.episodes.h5 medium1.episodes.h5,medium2.episodes.h5
says 'file  *2  *2' 'files are the units'
says 'no p below 0.333 can come of so few values' 'what cannot be decided at all is said'
for format in md tex csv json; do
    works "as $format" "$mdpbench" compare expert1.episodes.h5 medium1.episodes.h5 --format $format
    says 'ilcoxon' "$format has the test"
done
json 'json: p is a number' "$work/out" '
    my ($row) = grep { $_->{test} eq "Wilcoxon signed rank" } @{ $j->{rows} };
    $row->{p} > 0 && $row->{p} < 1e-2 && abs(log($row->{p}) / log(10) - $row->{log10_p}) < 1e-9 && !defined $row->{mde}'
cp "$work/out" once
works 'again' "$mdpbench" compare expert1.episodes.h5 medium1.episodes.h5 --format json
cmp -s once "$work/out"
check $? 'the same bytes on every run'
# learning curves: checkpoints are paired by step
"$mdpbench" collect walker2d-random --steps 600 --out d.hdf5 > "$work/out" 2>&1
for seed in 1 2; do
    works "train seed $seed" "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 32 --seed $seed --steps 30 \
        --checkpoint-every 10 --out run$seed
    works "evaluate seed $seed" "$mdpbench" eval run$seed --episodes 3 --candidates 4 --w-t 50
done
# three episodes are too few for a bootstrap interval
says " (few episodes, below 50: Student's interval), quartiles" 'eval says that episodes are few, and what follows'
works 'a table of few episodes' "$mdpbench" table run1
says '3, few ' 'table marks few episodes'
works 'the same for programs' "$mdpbench" table run1 --format csv
says ',3,' 'programs get the number'
works 'a figure of few episodes' "$mdpbench" figure run1 --out few.svg
grep -q 'run1 (few episodes)' few.svg
check $? 'the legend marks few episodes'
works 'compare runs' "$mdpbench" compare run1 run2
for row in 'checkpoint  *3  *3  *curve' 'AUC gain of A' 'peak gain of A' 'early gain A - B'; do says "$row" "curves: $row"; done
# the first 5,000 steps: a checkpoint in them, at their very end, or none, of which nothing is said but that
for seed in 0 1; do
    from=$root/results/reference/paper/runs/walker2d-medium-expert/dql/joint-bf16/seed$seed
    mkdir late$seed inside$seed
    cp "$from"/step006000.episodes.h5 "$from"/step007200.episodes.h5 "$from"/step008400.episodes.h5 late$seed
    cp "$from"/step004800.episodes.h5 late$seed/*.episodes.h5 inside$seed
done
works 'curves that begin late' "$mdpbench" compare late0 late1 --format json
json 'have no early gain, and it is said' "$work/out" 'my ($r) = grep { $_->{effect} eq "early gain A - B" } @{$j->{rows}};
    !defined $r->{size} && $r->{method} eq "no checkpoint in the first 5,000 steps"'
json 'their areas are compared' "$work/out" 'my ($r) = grep { $_->{effect} eq "AUC gain of A, %" } @{$j->{rows}}; defined $r->{size}'
mkdir one0 one1
for seed in 0 1; do cp inside$seed/step004800.episodes.h5 one$seed; done
works 'runs with one evaluated checkpoint each' "$mdpbench" compare one0 one1
says 'A one0/step004800.episodes.h5 and B one1/step004800.episodes.h5: .*paired Wilcoxon' 'their episodes are compared'
says 'each run has one evaluated checkpoint and so no curve, and one run a side' 'and it is said why there is no curve'
! grep -q 'checkpoint  *1  *1' "$work/out"
check $? 'a curve of one point has no row' "$work/out"
works 'for people' "$mdpbench" compare late0 late1
says 'no checkpoint in the first 5,000 steps' 'it is said, too'
works 'curves with one checkpoint inside' "$mdpbench" compare inside0 inside1 --format json
json 'have an early gain' "$work/out" 'my ($r) = grep { $_->{effect} eq "early gain A - B" } @{$j->{rows}};
    defined $r->{size} && $r->{method} eq "first 5,000 steps"'

expect 4 'expected a run folder like the paths before it' 'a run and episodes on one side' \
    "$mdpbench" compare run1,run1/step000010.episodes.h5 run2
expect 3 'unit: expected the same on both sides' 'a run against episodes' "$mdpbench" compare run1 run2/step000010.episodes.h5

mkdir shorter && cp run1/step000010.episodes.h5 run1/step000020.episodes.h5 shorter
expect 3 'shorter: expected a curve over steps 10, 20, 30 like the paths before it, found 10, 20' 'curves over other steps on one side' \
    "$mdpbench" compare run1,shorter run2
cp -R shorter shorter2
works 'pooled curves over the same steps' "$mdpbench" compare run1,run2 run2,run1
expect 3 'expected curves over the same steps, found 10, 20, 30 in A and 10, 20 in B' 'curves over other steps on the other side' \
    "$mdpbench" compare run1,run2 shorter,shorter2
expect 4 'expected every path once on a side, found it twice' 'a file that would count twice' \
    "$mdpbench" compare expert1.episodes.h5,./expert1.episodes.h5 medium1.episodes.h5
expect 4 'expected two sides' 'one side only' "$mdpbench" compare expert1.episodes.h5
expect 5 'none.episodes.h5' 'a file that is not there' "$mdpbench" compare none.episodes.h5 medium1.episodes.h5
works 'episodes of the other robot' "$mdpbench" eval --behavior "$policies/halfcheetah-medium.h5" --episodes 2 --out cheetah.episodes.h5
works 'a task that one side lacks' "$mdpbench" compare expert1.episodes.h5,cheetah.episodes.h5 medium1.episodes.h5
says 'on walker2d (.*): .* halfcheetah of A alone: not compared\.' 'the verdict names it'
expect 3 'expected a task that both sides have' 'no task in common' "$mdpbench" compare expert1.episodes.h5 cheetah.episodes.h5
works 'another return rule' "$mdpbench" eval --behavior "$policies/walker2d-medium.h5" --seed 1 --episodes 12 \
    --return-rule cleandiffuser --out rule.episodes.h5
expect 3 "walker2d: return rule: expected 'standard' as in medium1.episodes.h5, found 'cleandiffuser' in rule.episodes.h5" \
    'unlike returns on one side' "$mdpbench" compare medium1.episodes.h5,rule.episodes.h5 expert1.episodes.h5
expect 3 "walker2d: return rule: expected 'standard' as in expert1.episodes.h5, found 'cleandiffuser' in rule.episodes.h5" \
    'unlike returns' "$mdpbench" compare expert1.episodes.h5 rule.episodes.h5

# what of an evaluation may differ is said; the steps of curves differ by nature
works 'one module, evaluated otherwise' "$mdpbench" eval run1 --step 10 --episodes 3 --candidates 2 --w-t 0.5 --precision f32-plain \
    --actor online --temperature 1 --sampling-steps 4 --lambda 0.1 --langevin-steps 1 --langevin-step-size 1e-3 --langevin-time 1 --label other
works 'compare both' "$mdpbench" compare run1/step000010.episodes.h5 run1/step000010.other.episodes.h5
says ' on walker2d-random (A: f32, ema, candidates 4, temperature 0.5, w_T 50, denoising steps 5, lambda 0, Langevin none; B: f32-plain, online, candidates 2, temperature 1, w_T 0.5, denoising steps 4, lambda 0.1, Langevin sigma 0.[0-9]*, step_size 0.001, steps 1, time 1): ' \
    'all that differs is said'
works 'one thing' "$mdpbench" eval run1 --episodes 3 --candidates 4 --w-t 50 --precision f32-plain --label plain
works 'compare both' "$mdpbench" compare run1/step000010.episodes.h5 run1/step000010.plain.episodes.h5
says ' on walker2d-random (A: f32, B: f32-plain): ' 'one thing that differs'
works 'compare both curves' "$mdpbench" compare run1 run1:plain
says ' on walker2d-random (A: f32, B: f32-plain): ' 'curves say it, too'
works 'steps of pooled files' "$mdpbench" compare run1/step000010.episodes.h5,run2/step000020.episodes.h5 run2/step000010.episodes.h5,run1/step000030.episodes.h5
says ' on walker2d-random (A: step 10/20, B: step 10/30): ' 'are said where the sides have others'
works 'the same steps' "$mdpbench" compare run1/step000010.episodes.h5,run2/step000020.episodes.h5 run1/step000020.episodes.h5,run2/step000010.episodes.h5
says ' on walker2d-random: ' 'and not where both have the same'
expect 3 "walker2d-random: precision: expected 'f32' as in run2/step000010.episodes.h5, found 'f32-plain' in run1/step000020.plain.episodes.h5" \
    'unlike evaluations pooled on one side' "$mdpbench" compare run2/step000010.episodes.h5,run1/step000020.plain.episodes.h5 run2/step000020.episodes.h5
mkdir mixed && cp run1/step000010.episodes.h5 mixed && cp run1/step000020.plain.episodes.h5 mixed/step000020.episodes.h5
expect 3 'mixed/step000020.episodes.h5: settings: precision: expected "f32" as in mixed/step000010.episodes.h5, found "f32-plain"' \
    'a curve of unlike evaluations' "$mdpbench" compare mixed run2
finish
