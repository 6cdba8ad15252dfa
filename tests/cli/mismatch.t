#!/bin/sh
# guidance of another task's data on a diffusion module of the same robot: evaluated, diagnosed, planned, refused
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

quiet() { "$@" > "$work/out" 2> "$work/err" || { cat "$work/err"; echo "Bail out! $*"; exit 1; }; }
quiet "$mdpbench" collect walker2d-random --steps 600 --out a.hdf5
quiet "$mdpbench" collect walker2d-random --steps 500 --seed 1 --out b.hdf5
quiet "$mdpbench" collect walker2d-random --steps 500 --seed 2 --out h.hdf5
quiet "$mdpbench" collect halfcheetah-random --steps 2100 --out c.hdf5
train() { quiet "$mdpbench" train --batch 16 --checkpoint-every 4 --steps 4 --threads 1 "$@"; }
train --task walker2d-medium --data a.hdf5
train --task walker2d-expert --data b.hdf5
train --task walker2d-expert --data a.hdf5 --out same
train --task halfcheetah-medium --data c.hdf5
medium=runs/walker2d-medium/dql/joint/seed0
expert=runs/walker2d-expert/dql/joint/seed0
cheetah=runs/halfcheetah-medium/dql/joint/seed0
evaluate() { "$mdpbench" eval $medium --step 4 --episodes 2 --candidates 3 --threads 1 "$@"; }

works 'guidance of other data' evaluate --guidance $expert --guidance-task walker2d-expert --out a.episodes.h5
run "$mdpbench" inspect a.episodes.h5 --json
json 'is recorded, with the weight of its own task' "$work/out" '
    my $s = $j->[0]{settings}; $s->{guidance_task} eq "walker2d-expert" && $s->{guidance}{task} eq "walker2d-expert" && $s->{w_T} == $j->[0]{w_t}'
works 'its own' evaluate --out b.episodes.h5
quiet "$mdpbench" export a.episodes.h5 --out a.csv
quiet "$mdpbench" export b.episodes.h5 --out b.csv
differ 'is another selection' a.csv b.csv
# the same networks on the same data: what only the name of the task tells apart selects as its own does
works 'of the same data by another name' evaluate --guidance same --guidance-task walker2d-expert --w-t 10 --out same.episodes.h5
works 'and by its own' evaluate --w-t 10 --out own.episodes.h5
run "$mdpbench" export same.episodes.h5 --out same.csv
run "$mdpbench" export own.episodes.h5 --out own.csv
same 'choose alike' same.csv own.csv
expect 3 'expected task walker2d-medium' 'without a word of it' evaluate --guidance $expert --out x.episodes.h5
expect 3 'expected guidance of walker2d-random as --guidance-task says, found walker2d-expert' 'of another task' \
    evaluate --guidance $expert --guidance-task walker2d-random --out x.episodes.h5
expect 3 'expected guidance of the environment of walker2d-medium' 'of another robot' \
    evaluate --guidance $cheetah --guidance-task halfcheetah-medium --out x.episodes.h5
expect 4 'option --guidance-task' 'nothing is guided' "$mdpbench" eval $medium --step 4 --guidance none --guidance-task walker2d-expert --out x.episodes.h5
[ ! -e x.episodes.h5 ]
check $? 'nothing is left of what was refused'

works 'the diagnosis' "$mdpbench" diagnose $medium --step 4 --guidance own,$expert --guidance-task walker2d-expert --held-out h.hdf5 --data a.hdf5 \
    --guidance-data b.hdf5 --states 40 --candidates 4 --json
json 'of both' "$work/out" '@{$j->{diagnoses}[0]{guidances}} == 2 && @{$j->{diagnoses}[0]{agreements}} == 1'
json 'each on the scale of its own data' "$work/out" '
    my ($own, $other) = map { $_->{reward_scale} } @{$j->{diagnoses}[0]{guidances}};
    abs($own - $j->{held_out}{reward_scale}) < 1e-9 && $other > 0 && abs($other - $own) > 1e-6 * $own'
diagnose() { "$mdpbench" diagnose $medium --step 4 --held-out h.hdf5 --data a.hdf5 --states 40 --candidates 4 "$@"; }
works 'in words' diagnose --guidance $expert --guidance-task walker2d-expert --guidance-data b.hdf5
has_all 'Guidance of walker2d-expert: rewards times |, by b.hdf5.' "$work/out"
check $? 'whose rewards were scaled by what' "$work/out"
expect 5 'datasets/walker2d-expert.hdf5: expected the data that the modules were trained on|option --guidance-data names it' 'its data are asked for' \
    diagnose --guidance $expert --guidance-task walker2d-expert
expect 3 "a.hdf5: expected the data that $expert/step000004.guidance.h5 was trained on, hash" 'other data' \
    diagnose --guidance $expert --guidance-task walker2d-expert --guidance-data a.hdf5
expect 3 'h.hdf5: expected held-out data, none of which is in h.hdf5' 'data that are held out' \
    diagnose --guidance $expert --guidance-task walker2d-expert --guidance-data h.hdf5
expect 4 'option --guidance-data: expected --guidance-task beside it' 'data of no guidance' diagnose --guidance own --guidance-data b.hdf5
run "$mdpbench" diagnose $medium --step 4 --guidance $expert --held-out h.hdf5 --data a.hdf5 --states 40 --candidates 4
[ "$status" = 3 ] && has_all 'expected task walker2d-medium' "$work/err"
check $? 'which has to be told, too' "$work/err"
expect 4 'option --guidance-task: expected guidance of walker2d-expert, found that of walker2d-medium alone' 'and of which there is none' \
    "$mdpbench" diagnose $medium --step 4 --guidance own --guidance-task walker2d-expert --guidance-data b.hdf5 --held-out h.hdf5 --data a.hdf5 --states 40 --candidates 4

cat > e.yaml <<'Y'
name: tiny
folder: e
data: e/data
transitions: 600
tasks: [walker2d-random, walker2d-medium]
seeds: [0]
steps: 2
checkpoint-every: 2
batch: 16
episodes: 2
candidates: 2
behavior: BEHAVIOR
weights: [{algo: dql, task: walker2d-random, w-t: 10}]
runs: [{name: dql, algo: dql}]
arms:
  - {name: own, run: dql}
  - {name: of-random, run: dql, guidance: dql, guidance-task: walker2d-random}
  - {name: of-medium, run: dql, guidance: dql, guidance-task: walker2d-medium}
tables:
  - {name: t, kind: arms, test: [own, of-random, of-medium], base: [own]}
Y
cp -R "$root/results/reference/behavior" behavior
sed -i 's/BEHAVIOR/behavior/' e.yaml
works 'a plan' "$mdpbench" plan e.yaml --make
cp "$work/out" rules.mk
works 'is made' make -f rules.mk MDPBENCH="$mdpbench" all
works 'all pairs' "$mdpbench" table e.yaml --json
json 'are in the table' "$work/out" '(grep { $_->{task} ne "all tasks" && defined $_->{mean} } @{$j->{rows}}) == 6'
sed 's/guidance-task: walker2d-random/guidance-task: walker2d-expert/' e.yaml > bad.yaml
expect 3 "arms[1].guidance-task: expected one of tasks, found 'walker2d-expert'" 'a task without a run' "$mdpbench" plan bad.yaml
sed 's/guidance: dql, guidance-task: walker2d-random/guidance-task: walker2d-random/' e.yaml > bad.yaml
expect 3 'arms[1].guidance-task: expected a run in guidance beside it' 'guidance of no run' "$mdpbench" plan bad.yaml
sed 's/tasks: \[walker2d-random/tasks: [halfcheetah-random, walker2d-random/' e.yaml > bad.yaml
expect 3 'expected tasks of one robot, found halfcheetah-random and walker2d-random' 'two robots' "$mdpbench" plan bad.yaml
# where nothing is yet
mkdir planned && cd planned || exit 1
works 'what all of it takes' "$mdpbench" plan "$root/bench/experiments/mismatch.yaml" --json
json 'eight trainings a seed' "$work/out" '$j->{rows}[-1]{trainings} =~ / of 24$/'
finish
