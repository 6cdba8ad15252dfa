#!/bin/sh
# the expected best of k evaluations: of runs, labels and files, and as a table of an experiment
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

quiet() { "$@" > "$work/out" 2> "$work/err" || { cat "$work/err"; echo "Bail out! $*"; exit 1; }; }
quiet "$mdpbench" collect walker2d-random --steps 600 --out d.hdf5
quiet "$mdpbench" train --task walker2d-medium --data d.hdf5 --batch 16 --checkpoint-every 4 --steps 12 --threads 1
run=runs/walker2d-medium/dql/joint/seed0
evaluate() { quiet "$mdpbench" eval "$@" --threads 1; }
evaluate $run --episodes 4 --candidates 2
evaluate $run --episodes 4 --candidates 3 --label more
evaluate $run --episodes 3 --candidates 2 --step 4 --out few.episodes.h5
evaluate $run --episodes 1 --candidates 2 --step 4 --out one.episodes.h5

works 'of a run' "$mdpbench" table $run --kind budget --json
cp "$work/out" run.json
quiet "$mdpbench" table $run --json
cp "$work/out" evaluations.json
perl -MJSON::PP -MList::Util=sum,max -e '
    sub get { local $/; open my $f, "<", $_[0] or die; decode_json(<$f>)->{rows} }
    my @budget = @{get("run.json")}; my @means = map { $_->{mean} } @{get("evaluations.json")};
    my ($first, $last) = @budget[0, -1];
    exit !(@budget == 3 && $first->{k} == 1 && $last->{k} == 3 && $first->{policies} == 3 && $first->{runs} == 1 &&
        abs($first->{reported} - sum(@means) / 3) < 1e-12 && abs($last->{reported} - max(@means)) < 1e-12 &&
        abs($first->{hidden}) < 1e-12 && abs($first->{held_out} - $first->{reported}) < 1e-12 && $last->{hidden} >= 0 &&
        $budget[1]{reported} >= $first->{reported} && $last->{reported} >= $budget[1]{reported})'
check $? 'one draw is the mean, all are the maximum' run.json evaluations.json
works 'with what else was tried' "$mdpbench" table $run $run:more --kind budget --json
json 'labels of a run are that run'\''s' "$work/out" '$j->{rows}[-1]{policies} == 6 && $j->{rows}[-1]{runs} == 1 && $j->{rows}[-1]{k} == 6'
mkdir -p a && ln -s ../$run a/link
works 'by other paths' "$mdpbench" table $run ./$run//:more a/link "$PWD/$run/step000004.episodes.h5" --kind budget --json
json 'a run is the same by any path' "$work/out" '$j->{rows}[-1]{policies} == 10 && $j->{rows}[-1]{runs} == 1'
has_all 'What is in one folder counts as one run' "$work/out"
check $? 'which is said' "$work/out"
works 'files' "$mdpbench" table $run/step00000[48].episodes.h5 --kind budget --format csv
has_all 'task,sweep,actor,policies,runs|reported|held_out|hidden' "$work/out"
check $? 'as CSV' "$work/out"
works 'as LaTeX' "$mdpbench" table $run --kind budget --format tex --columns k,reported,hidden
works 'one episode' "$mdpbench" table one.episodes.h5 --kind budget --json
json 'has no other half' "$work/out" '!defined $j->{rows}[0]{held_out} && !defined $j->{rows}[0]{hidden} && defined $j->{rows}[0]{reported}'
expect 3 "few.episodes.h5: expected the 4 episodes and seeds of $run/step000004.episodes.h5, found 3, or others" 'other episodes' \
    "$mdpbench" table $run few.episodes.h5 --kind budget
expect 4 'option --kind: expected none beside --seeds' 'seeds' "$mdpbench" table $run --kind budget --seeds
expect 4 '--kind' 'a kind that is none' "$mdpbench" table $run --kind best

cat > e.yaml <<'Y'
name: sweep
folder: e
data: e/data
transitions: 600
tasks: [walker2d-random]
seeds: [0, 1]
steps: 4
checkpoint-every: 2
batch: 16
episodes: 4
candidates: 2
weights: [{algo: dql, task: walker2d-random, w-t: 10}]
runs: [{name: dql, algo: dql}, {name: cloning, algo: dql, guidance: none}]
arms:
  - {name: two, run: dql}
  - {name: four, run: dql, candidates: 4}
  - {name: cloning, run: cloning, guidance: none}
tables:
  - {name: b, kind: budget, test: [two, four], base: [cloning]}
Y
quiet "$mdpbench" plan e.yaml --make
cp "$work/out" rules.mk
quiet make -f rules.mk MDPBENCH="$mdpbench" all
works 'of an experiment' "$mdpbench" table e.yaml --json
json 'a sweep of all arms, and that of the base' "$work/out" '
    my @t = grep { $_->{sweep} eq "test" } @{$j->{rows}}; my @b = grep { $_->{sweep} eq "base" } @{$j->{rows}};
    @t == 4 && $t[-1]{policies} == 8 && $t[-1]{runs} == 2 && $t[-1]{k} == 8 && @b == 3 && $b[-1]{policies} == 4'
works 'in every format' "$mdpbench" table e.yaml --out tables
[ -s tables/b.tex ] && [ -s tables/b.csv ] && [ -s tables/b.json ] && [ -s tables/b.md ]
check $? 'are files'
sed 's/, base: \[cloning\]//; s/test: \[two, four\]/base: [cloning]/' e.yaml > bad.yaml
expect 3 'kind budget' 'it needs arms' "$mdpbench" table bad.yaml
finish
