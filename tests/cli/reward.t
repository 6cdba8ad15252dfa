#!/bin/sh
# another objective: guidance that is trained for it, evaluations that count by it, tables, comparisons and plans of them
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

quiet() { "$@" > "$work/out" 2> "$work/err" || { cat "$work/err"; echo "Bail out! $*"; exit 1; }; }
quiet "$mdpbench" collect walker2d-random --steps 2400 --out d.hdf5
quiet "$mdpbench" collect walker2d-random --steps 600 --out short.hdf5
train() { "$mdpbench" train --task walker2d-medium --data d.hdf5 --batch 32 --checkpoint-every 4 --steps 8 --threads 1 "$@"; }
quiet train
quiet train --guidance-only iql
runs=runs/walker2d-medium

# ---- training ----
works 'terms' train --guidance-only iql --reward effort=3.0,speed=0.50
shaped=$runs/guidance/iql-speed0.5+effort3/seed0
[ -f $shaped/step000008.guidance.h5 ]
check $? 'a folder of their own' "$work/err"
run "$mdpbench" inspect $shaped/step000008.guidance.h5 --json
json 'the module says what it wants' "$work/out" '$j->[0]{settings}{reward} eq "speed=0.5,effort=3"'
works 'once more, said in another way' train --guidance-only iql --reward speed=0.5,effort=3
has_all 'has 8 steps already' "$work/err"
check $? 'it is the same run' "$work/err"
expect 4 'reward' 'another reward in the same folder is refused' train --guidance-only iql --reward speed=0.6 --out $shaped
differ 'it wants something else' $shaped/step000008.guidance.h5 $runs/guidance/iql/seed0/step000008.guidance.h5
# stopped after 4 steps and gone on with: the same bits
quiet train --guidance-only iql --reward speed=0.5,effort=3 --steps 4 --out again
quiet train --guidance-only iql --reward effort=3,speed=0.5 --out again
same 'the same bits after a stop' $shaped/step000008.guidance.h5 again/step000008.guidance.h5
works 'a column' train --guidance-only iql --reward :rewards --out column
works 'a column of a file' train --guidance-only iql --reward d.hdf5:rewards --out file
same 'the rewards of the data are the world'\''s' $runs/guidance/iql/seed0/log.csv column/log.csv
same 'and so are those of its file' $runs/guidance/iql/seed0/log.csv file/log.csv
differ 'those of an objective are not' $runs/guidance/iql/seed0/log.csv $shaped/log.csv
works 'guidance and diffusion together' train --reward alive=-1,progress=0 --out together

expect 4 "option --reward: expected terms NAME=NUMBER of alive, progress, effort, limits, speed, as rewards of Walker2DBullet-v0" 'an unknown term' \
    train --guidance-only iql --reward velocity=3
expect 4 'option --reward: expected a number' 'no number' train --guidance-only iql --reward speed=fast
expect 4 'option --reward: expected none, since no guidance learns from rewards' 'no guidance' train --guidance none --reward speed=1
expect 4 'option --reward: expected none, since no guidance learns from rewards' 'frozen guidance' \
    train --guidance frozen --guidance-file $shaped/step000008.guidance.h5 --reward speed=1
expect 3 'd.hdf5: nothing: expected a dataset, found none' 'a column that is not there' train --guidance-only iql --reward :nothing --out x
expect 3 'd.hdf5: actions: expected shape' 'a column that is none' train --guidance-only iql --reward :actions --out x
expect 3 'short.hdf5: rewards: expected 2400 rewards, one a row of d.hdf5, found 600' 'a wrong length' train --guidance-only iql --reward short.hdf5:rewards --out x
expect 5 'none.h5' 'no such file' train --guidance-only iql --reward none.h5:rewards --out x
run "$mdpbench" train --task thing --data d.hdf5 --guidance-only iql --reward speed=3 --steps 2 --batch 8
[ "$status" = 4 ] && has_all 'option --reward: expected FILE:NAME or :NAME, as data without a world has no terms' "$work/err"
check $? 'terms of no world' "$work/err"
[ ! -e x ]
check $? 'nothing is left of what was refused'

# ---- evaluation ----
dql=$runs/dql/joint/seed0
evaluate() { "$mdpbench" eval $dql --step 8 --episodes 3 --candidates 3 --threads 1 "$@"; }
works 'guidance that wants something else says what' evaluate --guidance $shaped --out a.episodes.h5
has_all 'normalized return mean|a.episodes.h5: by speed=0.5,effort=3: return mean' "$work/out"
check $? 'both returns' "$work/out"
works 'the world'\''s guidance counted so' evaluate --reward speed=0.5,effort=3 --out b.episodes.h5 --json
json 'both returns as JSON' "$work/out" '$j->{objective} eq "speed=0.5,effort=3" && $j->{episodes} == 3 && $j->{objective_return}{mean} != $j->{return}{mean}'
works 'as ever' evaluate --out c.episodes.h5 --json
json 'one return' "$work/out" '!exists $j->{objective}'
# the world's return does not change by what is counted besides
quiet "$mdpbench" export b.episodes.h5 --out b.csv
quiet "$mdpbench" export c.episodes.h5 --out c.csv
same 'the world'\''s returns are the same' b.csv c.csv
# a sum of terms: with every weight 2 all is twice the world's return
evaluate --reward alive=2,progress=2,effort=2,limits=2 --out t.episodes.h5 --json > twice.json 2> "$work/err"
json 'twice the terms are twice the return' twice.json 'abs($j->{objective_return}{mean} - 2 * $j->{return}{mean}) < 1e-9 * (1 + abs($j->{return}{mean}))'
# episodes that are added, and a stop: the same bytes
quiet evaluate --reward speed=1 --out long.episodes.h5 --episodes 5
quiet evaluate --reward speed=1 --out grown.episodes.h5 --episodes 2
quiet evaluate --reward speed=1 --out grown.episodes.h5 --episodes 5
same 'more episodes: as made at once' long.episodes.h5 grown.episodes.h5
expect 4 'reward' 'another objective is another evaluation' evaluate --reward speed=2 --out long.episodes.h5
expect 4 'option --reward: expected a number' 'no objective' evaluate --reward speed= --out y.episodes.h5
works 'a curve' "$mdpbench" eval $dql --episodes 2 --candidates 2 --reward speed=1 --out $dql/s.curve.h5 --threads 1
works 'one of it' "$mdpbench" inspect "$dql/s.curve.h5#step000008" --json
json 'has both returns' "$work/out" 'defined $j->[0]{objective_return} && defined $j->[0]{return}'

# ---- tables and comparisons ----
works 'a table of it' "$mdpbench" table --objective a.episodes.h5 b.episodes.h5 --json
json 'returns, not normalized' "$work/out" '$j->{rows}[0]{mean} == $j->{rows}[0]{return_mean} && $j->{notes}[-1] =~ /objective speed=0.5,effort=3, not normalized/'
works 'of a curve' "$mdpbench" table --objective $dql:s
expect 3 'c.episodes.h5: expected returns of an objective (eval --reward), found none' 'one that has none' "$mdpbench" table --objective a.episodes.h5 c.episodes.h5
expect 3 "objective: expected 'speed=0.5,effort=3' as in a.episodes.h5, found 'speed=1'" 'two objectives have no table together' "$mdpbench" table --objective a.episodes.h5 grown.episodes.h5
expect 4 'option --margin: expected --worst beside it' 'equality without a floor' \
    "$mdpbench" compare --objective a.episodes.h5 b.episodes.h5 --margin 5
works 'its page' "$mdpbench" compare --objective a.episodes.h5 b.episodes.h5 --html objective.html
grep -q 'return of the objective, on a scale' objective.html && ! grep -q 'normalized return, on a scale' objective.html
check $? 'says whose returns they are' "$work/out"
works 'compared by it' "$mdpbench" compare --objective a.episodes.h5 b.episodes.h5
has_all 'the objective speed=0.5,effort=3, not normalized' "$work/out"
check $? 'which is said' "$work/out"
works 'compared as ever' "$mdpbench" compare a.episodes.h5 c.episodes.h5
expect 3 'objective: expected ' 'by two objectives' "$mdpbench" compare --objective a.episodes.h5 t.episodes.h5

# ---- the best guidance ----
for step in 4 8; do
    quiet "$mdpbench" eval together --step $step --episodes 2 --candidates 2 --threads 1 --label b
    quiet "$mdpbench" eval together --step $step --episodes 2 --candidates 2 --threads 1 --label other --reward speed=1
done
best=$("$mdpbench" table --objective together:b --format csv | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
    !n++ || $c["mean"] > most { most = $c["mean"]; step = $c["step"] } END { printf "%06d", step }')
frozen() { train --guidance frozen --out frozen "$@"; }
works 'frozen guidance, the best by what it was trained for' frozen --guidance-file best:together:b
run "$mdpbench" inspect frozen/step000008.diffusion.h5
has_all "together/step$best.guidance.h5" "$work/out"
check $? "which is step $best" "$work/out"
expect 4 'guidance.h5: expected the objective of its evaluations, alive=-1,progress=0, which it was trained for (eval --reward), found speed=1' \
    'not by another' frozen --guidance-file best:together:other

# ---- experiments ----
cat > e.yaml <<'Y'
name: shaped
folder: e
data: e/data
transitions: 1200
tasks: [walker2d-random]
seeds: [0, 1]
steps: 4
checkpoint-every: 2
batch: 16
episodes: 2
candidates: 2
weights: [{algo: dql, task: walker2d-random, w-t: 10}, {algo: idql, task: walker2d-random, w-t: 10}]
runs:
  - {name: cloning, algo: dql, guidance: none}
  - {name: world, guidance-only: iql}
  - {name: shaped, guidance-only: iql, reward: "speed=1"}
arms:
  - {name: world, run: cloning, guidance: world, reward: "speed=1"}
  - {name: shaped, run: cloning, guidance: shaped}
tables:
  - {name: t, kind: arms, test: [world, shaped]}
figures:
  - panels: [{arms: [world, shaped]}]
    name: f
Y
works 'a plan' "$mdpbench" plan e.yaml --make
cp "$work/out" rules.mk
works 'is made' make -f rules.mk MDPBENCH="$mdpbench" all
works 'all is there' "$mdpbench" plan e.yaml --json
json 'and as it was asked for' "$work/out" '@{$j->{rows}} == 3 && !grep { $_->{evaluations} !~ /^(\d+) of \1$/ } @{$j->{rows}}'
works 'its table' "$mdpbench" table e.yaml --objective
has_all 'Returns are those of the objective speed=1, not normalized' "$work/out"
check $? 'says of what' "$work/out"
works 'as JSON' "$mdpbench" table e.yaml --objective --json
json 'without a gap to 1, and no word of normalized ones' "$work/out" '@{$j->{rows}} == 2 && !grep({ !defined $_->{mean_lo} || defined $_->{optimality_gap} } @{$j->{rows}})
    && $j->{notes}[0] =~ /mean return over/'
works 'as ever' "$mdpbench" table e.yaml --json
json 'has the gap' "$work/out" '!grep({ !defined $_->{optimality_gap} } @{$j->{rows}}) && $j->{notes}[0] =~ /mean normalized return over/'
works 'its figure' "$mdpbench" figure e.yaml --objective --out figures
for kind in curves variance aggregates episodes; do
    sed "s/^    name: f/    name: $kind\\n    kind: $kind/" e.yaml > $kind.yaml
    works "a figure of $kind" "$mdpbench" figure $kind.yaml --objective --out figures
    has_all 'return by the objective' figures/$kind.svg && ! grep -q 'ormalized\|optimality gap\|below 1' figures/$kind.svg
    check $? 'is of these returns' figures/$kind.svg
done
works 'as ever' "$mdpbench" figure aggregates.yaml --out figures
has_all 'normalized return|optimality gap|below 1' figures/aggregates.svg
check $? 'is of the others' figures/aggregates.svg
sed 's/^    name: f/    name: p\n    kind: profiles/; s/{name: t, kind: arms/{name: t, kind: profiles/' e.yaml > profiles.yaml
expect 4 'figure p: option --objective: expected none for kind profiles, whose levels are of normalized returns' 'profiles are of the others' \
    "$mdpbench" figure profiles.yaml --objective --out figures
[ ! -e figures/p.svg ]
check $? 'and not drawn'
expect 4 'table t: option --objective: expected none for kind profiles' 'nor a table' "$mdpbench" table profiles.yaml --objective
sed 's/{name: t, kind: arms/{name: t, kind: behavior/' e.yaml > behavior.yaml
expect 4 "table t: option --objective: expected none for kind behavior, where the data's are normalized returns" 'the data have none of it' \
    "$mdpbench" table behavior.yaml --objective
for kind in gains variance composition; do
    sed "s/{name: t, kind: arms, test: .*/{name: t, kind: $kind, test: [shaped], base: [world]}/" e.yaml > $kind.yaml
    works "a table of $kind" "$mdpbench" table $kind.yaml --objective --only t
    ! grep -qi 'normalized return\|1: expert' "$work/out"
    check $? 'speaks of no normalized returns' "$work/out"
done
sed 's/reward: "speed=1"/reward: "speed=1.0"/' e.yaml > bad.yaml
expect 3 "runs[2].reward: expected the shortest form 'speed=1', found 'speed=1.0'" 'another form' "$mdpbench" plan bad.yaml
sed 's/reward: "speed=1"}$/reward: "walk=1"}/' e.yaml > bad.yaml
expect 3 "runs[2].reward: expected terms NAME=NUMBER" 'an unknown term' "$mdpbench" plan bad.yaml
sed 's/guidance: world, reward: "speed=1"/guidance: world, reward: ":rewards"/' e.yaml > bad.yaml
expect 3 "arms[0].reward: expected terms, found ':rewards'" 'a column counts in no world' "$mdpbench" plan bad.yaml
finish
