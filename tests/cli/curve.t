#!/bin/sh
# a curve file: the evaluations of a run's checkpoints in one file, which every verb reads as it reads a file each
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

from=$root/results/reference/paper/runs/walker2d-medium-expert/dql/joint-bf16
# the same evaluations in both forms, at the same paths of two folders
for seed in 0 1; do
    mkdir -p files/run/seed$seed curves/run/seed$seed
    cp "$from"/seed$seed/step01[0-9]*0.episodes.h5 files/run/seed$seed || exit 1
    (cd files/run/seed$seed && "$mdpbench" export step*.episodes.h5 --out ../../../curves/run/seed$seed/curve.h5) > /dev/null || exit 1
done
steps=$(ls files/run/seed0 | sed 's/\.episodes\.h5$//')
step=$(echo "$steps" | tail -1)
sum() { cat "$@" | wc -c; }

# both COMMAND...: what it says in both folders, but for names of files
both() {
    name=$1
    shift
    (cd files && "$@") > "$work/a" 2>&1
    (cd curves && "$@") > "$work/b" 2>&1
    for side in a b; do
        sed -i -E 's/curve\.h5#(step[0-9]+)/\1.episodes.h5/g; s/ +/ /g; s/-{3,}/---/g' "$work/$side"
    done
    [ -s "$work/a" ] && cmp -s "$work/a" "$work/b"
    check $? "$name" "$work/a" "$work/b"
}

# of two gates, but for the paths that they name
same_verdict() {
    grep -v '^policy ' "$work/out" > "$work/b"
    [ -s "$work/b" ] && grep -v '^policy ' "$work/a" | cmp -s - "$work/b"
}

# ---- reading ----
both 'table: the same bytes' "$mdpbench" table run/seed0 run/seed1 --format csv
both 'compare of runs' "$mdpbench" compare run/seed0 run/seed1
both 'figure' sh -c '"$0" figure run/seed0 run/seed1 --out f.svg > /dev/null && cat f.svg' "$mdpbench"
both 'gate of folders' "$mdpbench" gate --baseline run/seed0 --candidate run/seed1 --policy "$root/bench/gates/default.yaml"
both 'gate of all runs' "$mdpbench" gate --baseline run --candidate run --policy "$root/bench/gates/default.yaml"
[ "$(sum curves/run/seed0/curve.h5)" -lt $(($(sum files/run/seed0/*.episodes.h5) / 5)) ]
check $? "a fifth of the bytes or less: $(sum curves/run/seed0/curve.h5) of $(sum files/run/seed0/*.episodes.h5)"

cd curves || exit 1
one() { "$mdpbench" "$@" | sed "s/^[^,]*,//"; }
one table run/seed0/curve.h5#$step --format csv > "$work/a"
one table ../files/run/seed0/$step.episodes.h5 --format csv > "$work/b"
cmp -s "$work/a" "$work/b"
check $? 'table of one evaluation' "$work/a" "$work/b"
"$mdpbench" table run/seed0/curve.h5 --format csv | sed 's/^run.seed0.curve.h5,/run\/seed0,/' > "$work/a"
"$mdpbench" table run/seed0 --format csv > "$work/b"
cmp -s "$work/a" "$work/b"
check $? 'table of the file alone is that of the run' "$work/a" "$work/b"
works 'compare of two evaluations' "$mdpbench" compare run/seed0/curve.h5#$step run/seed1/curve.h5#$step
cp "$work/out" "$work/a"
works 'and of their files' "$mdpbench" compare ../files/run/seed0/$step.episodes.h5 ../files/run/seed1/$step.episodes.h5
cmp -s "$work/out" "$work/a"
check $? 'say the same' "$work/out" "$work/a"
works 'compare of two curve files' "$mdpbench" compare run/seed0/curve.h5 run/seed1/curve.h5
"$mdpbench" compare run/seed0 run/seed1 > "$work/a"
cmp -s "$work/out" "$work/a"
check $? 'says what their runs say' "$work/out" "$work/a"
first=$(echo "$steps" | head -1)
expect 4 "curve.h5#$step: expected one value of a run on a side" 'two checkpoints of a run are no sample' \
    "$mdpbench" compare run/seed0/curve.h5#$first,run/seed0/curve.h5#$step run/seed1/curve.h5#$step
expect 4 'expected every path once on a side, found it twice' 'nor is one given twice' \
    "$mdpbench" compare run/seed0/curve.h5#$step,run/seed0/curve.h5#$step run/seed1/curve.h5#$step
expect 3 'run/seed0/curve.h5: expected an evaluation of step 7, found none' 'a step that is not there' \
    "$mdpbench" compare run/seed0/curve.h5#step000007 run/seed1/curve.h5#$step
run "$mdpbench" gate --baseline run/seed0/curve.h5#$step --candidate run/seed1/curve.h5#$step --policy "$root/bench/gates/default.yaml"
cp "$work/out" "$work/a"
run "$mdpbench" gate --baseline ../files/run/seed0/$step.episodes.h5 --candidate ../files/run/seed1/$step.episodes.h5 --policy "$root/bench/gates/default.yaml"
same_verdict
check $? 'gate of two evaluations' "$work/out" "$work/a"

# ---- saved baselines ----
works 'a baseline of a curve' "$mdpbench" gate --candidate run --save-baseline kept --baselines b --policy "$root/bench/gates/default.yaml"
[ "$(ls b/kept | wc -l)" = 3 ]
check $? 'has each curve once' "$work/out"
run "$mdpbench" gate --baseline kept --baselines b --candidate run --policy "$root/bench/gates/default.yaml"
cp "$work/out" "$work/a"
run "$mdpbench" gate --baseline run --candidate run --policy "$root/bench/gates/default.yaml"
same_verdict
check $? 'and is read as the curves are' "$work/out" "$work/a"

# ---- inspect and export ----
works 'inspect' "$mdpbench" inspect run/seed0/curve.h5
has_all "kind               curve|task               walker2d-medium-expert|episodes           50|evaluations        $(echo "$steps" | wc -l), normalized returns:|step     19200  mean" "$work/out"
check $? 'what the evaluations share, and a line each' "$work/out"
works 'inspect --json' "$mdpbench" inspect run/seed0/curve.h5 --json
json 'for programs' "$work/out" '$j = $j->[0]; $j->{kind} eq "curve" && $j->{seed} == 0 && !exists $j->{step} && $j->{evaluations}[-1]{step} == 19200
    && $j->{evaluations}[-1]{settings}{candidates} == 50 && length $j->{evaluations}[0]{diffusion_hash} == 16 && !exists $j->{evaluations}[0]{task}'
"$mdpbench" inspect run/seed0/curve.h5#$step | tail -n +2 > "$work/a"
"$mdpbench" inspect ../files/run/seed0/$step.episodes.h5 | tail -n +2 > "$work/b"
[ -s "$work/a" ] && cmp -s "$work/a" "$work/b"
check $? 'inspect of one evaluation' "$work/a" "$work/b"
works 'export' "$mdpbench" export run/seed0/curve.h5
for s in $steps; do
    (cd ../files/run/seed0 && "$mdpbench" export $s.episodes.h5 --out "$work/one.csv") > /dev/null
    tail -n +2 "$work/one.csv" | sed "s/^/$(echo ${s#step} | sed 's/^0*//'),/"
    rm "$work/one.csv"
done > "$work/a"
[ "$(head -1 run/seed0/curve.csv)" = 'step,episode,return,normalized_return,length,end,seed' ] && tail -n +2 run/seed0/curve.csv | cmp -s - "$work/a"
check $? 'the rows of all files, with the step in front'
works 'export again' "$mdpbench" export ../files/run/seed0/step*.episodes.h5 --out run/seed0/curve.h5
has_all 'exists with this content, not made again' "$work/err"
check $? 'the curve that it would make' "$work/err"
expect 4 'curve.h5 exists with other content' 'another curve in its place' "$mdpbench" export ../files/run/seed1/step*.episodes.h5 --out run/seed0/curve.h5
expect 4 'curve.h5 exists with other content|expected 1 evaluations, found' 'a part of it' "$mdpbench" export ../files/run/seed0/$step.episodes.h5 --out run/seed0/curve.h5
expect 4 'expected one evaluation of each step, found' 'a step twice' "$mdpbench" export ../files/run/seed?/$step.episodes.h5 --out x.curve.h5
expect 3 "settings: actor: expected |, found |; the steps of a run have equal settings" 'evaluations that are no curve' \
    "$mdpbench" export ../files/run/seed0/$first.episodes.h5 "$root/results/reference/behavior/walker2d-expert.episodes.h5" --out x.curve.h5
[ ! -e x.curve.h5 ]
check $? 'make no file'

# ---- both forms of a step ----
cp ../files/run/seed0/$step.episodes.h5 run/seed0
works 'an evaluation in both forms' "$mdpbench" table run/seed0 --format csv
"$mdpbench" table ../files/run/seed0 --format csv | sed 's/^...files.//' | cmp -s - "$work/out"
check $? 'counts once' "$work/out"
run "$mdpbench" gate --baseline run --candidate run --policy "$root/bench/gates/default.yaml"
grep -q 'run  *2  *2 ' "$work/out" && ! grep -q error "$work/err"
check $? 'for gates, too' "$work/out" "$work/err"
cp ../files/run/seed1/$step.episodes.h5 run/seed0
twice="run/seed0/$step.episodes.h5: expected one evaluation of step 19200, found another in run/seed0/curve.h5#$step"
expect 3 "$twice" 'two that differ: table' "$mdpbench" table run/seed0
expect 3 "$twice" 'two that differ: compare' "$mdpbench" compare run/seed0 run/seed1
expect 3 "$twice" 'two that differ: gate' "$mdpbench" gate --baseline run/seed0 --candidate run/seed1 --policy "$root/bench/gates/default.yaml"
rm run/seed0/$step.episodes.h5

# ---- a label ----
cp run/seed0/curve.h5 run/seed1/online.curve.h5
works 'a curve with a label' "$mdpbench" table run/seed1:online --format csv
"$mdpbench" table run/seed0 --format csv | sed 's/^[^,]*//' > "$work/a"
sed 's/^[^,]*//' "$work/out" | cmp -s - "$work/a"
check $? 'goes by FOLDER:LABEL' "$work/out"
expect 4 "expected one value of a run on a side" 'labels of one run are no sample' \
    "$mdpbench" compare run/seed1,run/seed1/online.curve.h5 run/seed0
works 'no label, no evaluations of it' "$mdpbench" compare run/seed1:online run/seed0
expect 4 'run/seed0:online: expected stepNNNNNN.online.episodes.h5' 'no such label' "$mdpbench" table run/seed0:online
mkdir labelled
for label in online b; do cp run/seed0/curve.h5 labelled/$label.curve.h5; done
expect 4 'labelled: expected stepNNNNNN.episodes.h5, found only evaluations with a label (b, online): give labelled:b' \
    'labels alone are named' "$mdpbench" table labelled
works 'and go by it' "$mdpbench" table labelled:b

# ---- damage ----
head -c 3000 run/seed0/curve.h5 > cut.curve.h5
expect 3 'cut.curve.h5: ' 'a curve that was cut' "$mdpbench" table cut.curve.h5
expect 3 'cut.curve.h5: ' 'by place' "$mdpbench" table cut.curve.h5#$step
expect 5 'absent.curve.h5' 'none' "$mdpbench" table absent.curve.h5
expect 5 "run/seed0/curve.h5#$step.x" 'a place of another form' "$mdpbench" inspect run/seed0/curve.h5#$step.x

# ---- eval into a curve ----
mkdir "$work/made" && cd "$work/made" || exit 1
"$mdpbench" collect walker2d-random --steps 600 --out d.hdf5 > "$work/out" 2>&1
works 'a run' "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --steps 40 --checkpoint-every 10 --threads 1 --out whole/run
for copy in single broken killed; do cp -R whole $copy; done
# evaluate FOLDER OPTION...: in a folder that has the run under the same name
evaluate() { (cd "$1" && shift && exec "$mdpbench" eval run --episodes 3 --candidates 4 --w-t 5 --threads 1 "$@"); }
modules() { ls "$1"/run/*.diffusion.h5 | wc -l; }
works 'eval into a curve' evaluate whole --out run/curve.h5
[ "$(grep -c '^run/curve.h5#step0000[1-4]0: step [1-4]0, 3 episodes' "$work/out")" = 4 ] && [ -e whole/run/curve.h5 ] &&
    [ -z "$(find whole/run -name '*.episodes.h5*')" ]
check $? 'leaves it alone, and names its evaluations' "$work/out"
cp "$work/out" "$work/said"
works 'eval into files' evaluate single
(cd single && "$mdpbench" export run/step*.episodes.h5 --out run/curve.h5) > "$work/out"
cmp -s single/run/curve.h5 whole/run/curve.h5
check $? 'gives the same bits'
(cd whole && "$mdpbench" table run --format csv) > "$work/a"
rm single/run/curve.h5
(cd single && "$mdpbench" table run --format csv) > "$work/b"
cmp -s "$work/a" "$work/b"
check $? 'and the same table'
"$mdpbench" collect walker2d-random --seed 1 --steps 300 --out other.hdf5 > "$work/out" 2>&1
for folder in single whole; do
    (cd $folder && "$mdpbench" diagnose run --held-out ../other.hdf5 --data ../d.hdf5 --states 20 --candidates 4 --w-t 5 --threads 1 --json) |
        sed -E 's/curve\.h5#(step[0-9]+)/\1.episodes.h5/'
done > "$work/a" 2> "$work/err"
perl -MJSON::PP -e 'local $/; my ($a, $b) = map { JSON::PP->new->canonical->encode($_) } JSON::PP->new->incr_parse(<STDIN>);
    exit !($a eq $b && $a =~ /step000040.episodes.h5/)' < "$work/a"
check $? 'diagnose finds the same evaluations' "$work/err"
before=$(listing)
works 'eval again' evaluate whole --out run/curve.h5
unchanged "$before" "$(listing)" && cmp -s "$work/out" "$work/said" && [ "$(grep -c 'exists with these settings, not made again' "$work/err")" = 4 ]
check $? 'finds all of it there' "$work/out" "$work/err"
works 'a part' evaluate broken --every 20 --out run/curve.h5
works 'one more' evaluate broken --step 10 --out run/curve.h5
[ "$("$mdpbench" table broken/run --format csv | awk -F, 'NR > 1 { printf "%s ", $2 }')" = '10 20 40 ' ]
check $? 'a curve grows'
cp -r broken damaged
echo damaged > damaged/run/step000020.diffusion.h5
run evaluate damaged --every 20 --out run/curve.h5
message_is 3 'step000020.diffusion.h5'
check $? 'damaged modules are not called gone' "$work/err"
rm broken/run/step0000[24]0.diffusion.h5 broken/run/step000010.guidance.h5
works 'the rest, where modules are gone' evaluate broken --every 10 --until 40 --out run/curve.h5
cmp -s broken/run/curve.h5 whole/run/curve.h5 && [ "$(grep -c 'is there, not made again; its modules are gone' "$work/err")" = 3 ]
check $? 'is added to what is there, with the same bits' "$work/out" "$work/err"
cp single/run/step0000[13]0.episodes.h5 killed/run
works 'eval beside files that are there' evaluate killed --out run/curve.h5
cmp -s killed/run/curve.h5 whole/run/curve.h5 && [ "$(grep -c 'exists with these settings, not made again' "$work/err")" = 2 ] &&
    [ -z "$(find killed/run -name '*.episodes.h5*')" ]
check $? 'takes them into the curve' "$work/err"
cp single/run/step000010.episodes.h5 killed/run
works 'a kill before the files were removed' evaluate killed --out run/curve.h5
cmp -s killed/run/curve.h5 whole/run/curve.h5 && [ -z "$(find killed/run -name '*.episodes.h5*')" ]
check $? 'is made good' "$work/err"
# killed as soon as the second evaluation is there
rm killed/run/curve.h5
(cd killed && exec "$mdpbench" eval run --episodes 3 --candidates 4 --w-t 5 --threads 1 --out run/curve.h5) > "$work/out" 2>&1 < /dev/null &
pid=$!
while [ ! -e killed/run/step000020.episodes.h5 ] && [ ! -e killed/run/curve.h5 ] && kill -0 $pid 2> /dev/null; do :; done
kill -s KILL $pid 2> /dev/null
wait $pid 2> /dev/null
works 'eval that was killed' evaluate killed --out run/curve.h5
find killed -name '*.tmp*' -exec rm {} +
find killed > "$work/files"
cmp -s killed/run/curve.h5 whole/run/curve.h5 && [ -z "$(find killed/run -name '*.episodes.h5*')" ]
check $? 'ends with the same bits' "$work/err" "$work/files"
expect 4 'run/curve.h5#step000010 was made with other settings|episodes 3 there, 2 wanted' 'other settings' \
    evaluate whole --episodes 2 --out run/curve.h5
# ---- more episodes than a curve has ----
# five FOLDER OPTION...: as evaluate, five episodes in place of three
five() { (cd "$1" && shift && exec "$mdpbench" eval run --episodes 5 --candidates 4 --w-t 5 --threads 1 "$@"); }
cp -R whole wider
cp -R whole fresh
rm fresh/run/curve.h5
works 'five episodes at once' five fresh --out run/curve.h5
before=$(listing)
expect 4 'run/curve.h5: episodes: expected 3 as its evaluations have, found 5, and step 20 is not asked for' 'five of one step' \
    five wider --step 10 --out run/curve.h5
expect 4 'or has no modules' 'five where modules are gone' five broken --every 10 --until 40 --out run/curve.h5
unchanged "$before" "$(listing)"
check $? 'refused before anything is made'
cp -R wider stopped
works 'five where three are there' five wider --out run/curve.h5
cmp -s wider/run/curve.h5 fresh/run/curve.h5 && [ -z "$(find wider/run -name '*.episodes.h5*')" ] &&
    [ "$(grep -c 'has 3 of 5 episodes, the others are made' "$work/err")" = 4 ]
check $? 'the same bits' "$work/err"
# what a kill leaves: two steps with five episodes, all four with three in the curve
works 'some of them, in files' five stopped --until 20
[ "$(ls stopped/run/*.episodes.h5 | wc -l)" = 2 ] && [ "$(grep -c 'has 3 of 5 episodes' "$work/err")" = 2 ]
check $? 'take what the curve has' "$work/err"
expect 3 'settings: episodes: expected 5 as in' 'a table of both' "$mdpbench" table stopped/run
works 'the rest' five stopped --out run/curve.h5
cmp -s stopped/run/curve.h5 fresh/run/curve.h5 && [ -z "$(find stopped/run -name '*.episodes.h5*')" ] &&
    [ "$(grep -c 'has 3 of 5 episodes' "$work/err")" = 2 ]
check $? 'the same bits again' "$work/err"
works 'what the curve has' five stopped --step 40
grep -q 'curve.h5#step000040: exists with these settings, not made again' "$work/err"
check $? 'is found without --out, too' "$work/err"

works 'labels have curves of their own' evaluate whole --actor online --step 40 --out run/online.curve.h5
[ "$("$mdpbench" table whole/run:online --format csv | cut -d, -f2,3 | tail -1)" = 40,online ]
check $? 'by their names'

# ---- which checkpoints ----
works 'every second one in files' evaluate single --every 20 --seed 5 --label five
[ "$(cd single/run && echo *.five.*)" = 'step000020.five.episodes.h5 step000040.five.episodes.h5' ]
check $? 'has files of its own'
works 'those up to a step' evaluate single --until 25 --seed 6 --label six
[ "$(cd single/run && echo *.six.*)" = 'step000010.six.episodes.h5 step000020.six.episodes.h5' ]
check $? 'are the earlier ones'
before=$(listing)
expect 4 'run: expected step000050.diffusion.h5, found none' 'a checkpoint that is missing' evaluate single --every 10 --until 50 --out run/x.curve.h5
expect 4 'run: expected step000015.diffusion.h5, found none' 'one of other multiples' evaluate single --every 15
expect 4 'run: expected stepNNNNNN.diffusion.h5 of a training run, found none' 'none so early' evaluate single --until 5
expect 4 '--step: expected none beside --every or --until' 'one and many' evaluate single --step 10 --every 10
expect 4 "--every: expected a run's folder beside it, found a file" 'many of a file' "$mdpbench" eval --diffusion single/run/step000010.diffusion.h5 --every 10
expect 4 "--out: expected a run's folder beside a curve" 'a curve of a file' "$mdpbench" eval --diffusion single/run/step000010.diffusion.h5 --out x.curve.h5
expect 4 '--out: expected a file, found a part of one' 'a place as output' evaluate single --step 10 --out run/curve.h5#step000010
expect 4 'or X.curve.h5 for one folder' 'a curve of two runs' "$mdpbench" eval single/run whole/run --out x.curve.h5
unchanged "$before" "$(listing)"
check $? 'refused before anything is made'
finish
