#!/bin/sh
# experiments: what is missing is planned, made by make, and made again after any kill; what is there is left alone
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

cat > x.yaml <<'END'
name: x
data: data
transitions: 600
tasks: [walker2d-random]
seeds: [0, 1]
steps: 30
checkpoint-every: 10
batch: 8
episodes: 2
candidates: 4
runs:
  - {name: joint, algo: dql}
  - {name: low, algo: dql, eta: 0.1}
arms:
  - {name: joint, run: joint, w-t: 5}
  - {name: low, run: low, w-t: 5}
  - {name: none, run: joint, guidance: none}
  - {name: other, run: low, guidance: joint, seed-offset: 100, seed-shift: 1, at: last, w-t: 5}
  - {name: step, run: low, guidance: joint, seed-offset: 100, w-t: 5}
tables:
  - {name: gains, kind: gains, test: [low, none], base: [joint, joint], choices: {early-steps: 20}}
  - {name: spread, kind: variance, test: [other], base: [low], printed: table3}
  - {name: arms, kind: arms, test: [joint, low, none, other, step], base: [joint]}
figures:
  - {name: curves, panels: [{title: a, arms: [joint, none]}, {title: b, arms: [low, other]}]}
  - {name: profiles, kind: profiles, panels: [{arms: [low, joint]}]}
END
plan() { "$mdpbench" plan x.yaml "$@"; }
# an arm's cells of a column: cell ARM COLUMN, from a plan in CSV
cell() { awk -F, -v arm="$1" -v key="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == key) c = i; next } $2 == arm { print $c }' "$work/out"; }

# ---- plan ----
works 'plan of nothing' plan --format csv
[ "$(cell joint trainings)" = '0 of 2' ] && [ "$(cell joint evaluations)" = '0 of 6' ] && [ "$(cell joint data)" = '0 of 1' ]
check $? 'everything is missing' "$work/out"
[ "$(cell other trainings)" = '0 of 4' ] && [ "$(cell step trainings)" = '0 of 4' ] && [ "$(cell none trainings)" = '0 of 2' ]
check $? 'an arm counts the guidance of others that it takes' "$work/out"
[ "$(cell 'shared work once' trainings)" = '0 of 6' ] && [ "$(cell 'shared work once' evaluations)" = '0 of 30' ]
check $? 'shared work counts once' "$work/out"
works 'without rates' plan
has_all 'No rate is known for 37 of the missing jobs' "$work/out"
check $? 'an estimate without rates says so' "$work/out"
cat > rates.json <<'END'
{"machine": {"cpu": "a machine"}, "results": [
  {"name": "train/dql/joint/f32", "unit": "steps/s", "value": 80, "threads": 1},
  {"name": "infer/dql/f32", "unit": "calls/s", "value": 8, "threads": 2},
  {"name": "vec/Walker2DBullet-v0", "unit": "steps/s", "value": 1000, "threads": 1}]}
END
# a run: 30 steps of a thirty-second of the batch; 2 episodes of 1000 steps with 4 candidates, or 1, of 10000 rows a second
works 'with the rates beside the experiment' plan --format csv
[ "$(cell none core_hours)" = "$(awk 'BEGIN { printf "%.17g", (0.6 + 2 * 30 / 2560 + 6 * (0.2 + 2)) / 3600 }')" ] ||
    awk -v found="$(cell none core_hours)" 'BEGIN { want = (0.6 + 2 * 30 / 2560 + 6 * (0.2 + 2)) / 3600; exit !(found > 0.9999 * want && found < 1.0001 * want) }'
check $? 'hours by rates' "$work/out"
works 'names its rates' plan
has_all 'by rates of rates.json (a machine)' "$work/out"
check $? 'where the rates come from' "$work/out"
mkdir plans
cat > plans/x.yaml <<'Y'
name: plans
tasks: [halfcheetah-medium]
seeds: [0]
steps: 20
checkpoint-every: 20
batch: 32
episodes: 2
candidates: 16
runs:
  - {name: both, algo: diffuser}
arms:
  - {name: both, run: both}
Y
cat > plans/rates.json <<'END'
{"machine": {"cpu": "a machine"}, "results": [
  {"name": "plan/diffuser/h4/train", "unit": "steps/s", "value": 10, "threads": 1},
  {"name": "plan/diffuser/h4/act", "unit": "plans/s", "value": 5, "threads": 1},
  {"name": "vec/HalfCheetahBullet-v0", "unit": "steps/s", "value": 1e6, "threads": 1}]}
END
# 20 steps of half the batch, 2 episodes of 1000 steps with a quarter of the candidates; and data of a million steps
run "$mdpbench" plan plans/x.yaml --rates plans/rates.json --format csv
hours=$(cell both core_hours)
awk -v found="$hours" 'BEGIN { want = (20 * 0.5 / 10 + 2000 * 0.25 / 5 + 1) / 3600; exit !(found > 0.9999 * want && found < 1.0001 * want) }'
check $? "hours of plans: $hours" "$work/err"
sed 's/a machine/one with AMX/' rates.json > rates-amx.json
works 'with rates of two kinds of machines' plan
if "$mdpbench" perf start --seconds 0.01 --json | grep -q amx_bf16; then
    has_all 'by rates of rates-amx.json (one with AMX)' "$work/out"
else
    has_all 'by rates of rates.json (a machine)' "$work/out"
fi
check $? 'those of this kind' "$work/out"
rm rates-amx.json
sed 's/run: joint, w-t: 5/&, langevin-steps: 2, langevin-step-size: 0.01/' x.yaml > langevin.yaml
works 'with Langevin steps' "$mdpbench" plan langevin.yaml
has_all 'No rate is known for 6 of the missing jobs' "$work/out"
check $? 'what perf does not measure has no estimate' "$work/out"
mkdir apart && printf 'name: apart\nparts: [../x.yaml]\n' > apart/apart.yaml
works 'an experiment of parts that lie elsewhere' "$mdpbench" plan apart/apart.yaml
has_all 'rates.json (a machine)' "$work/out"
check $? 'has the rates beside them' "$work/out"
echo '{}' > bad.json
expect 3 'bad.json: expected the output of' 'rates of another kind' plan --rates bad.json
expect 5 'none.json' 'rates that are not there' plan --rates none.json

# ---- bad use ----
expect 4 'plan: expected one experiment file, found 2' 'two experiments' plan y.yaml
expect 5 'none.yaml' 'an experiment that is not there' "$mdpbench" plan none.yaml
sed 's/algo: dql/algorithm: dql/' x.yaml > bad.yaml
expect 3 'bad.yaml:12: runs[0]: expected keys of name, algo' 'an unknown key' "$mdpbench" plan bad.yaml
cp x.yaml 'a b.yaml'
expect 4 'expected a path of letters' 'make rules for a path with a blank' "$mdpbench" plan 'a b.yaml' --make
for name in '$(touch obeyed).yaml' '`touch obeyed`.yaml' 'a;b.yaml' "a'b.yaml" 'a%b.yaml' 'a:b.yaml' 'a#b.yaml' 'a\b.yaml' 'a$b.yaml' 'a
b.yaml'; do
    cp x.yaml "$name"
    expect 4 'expected a path of letters' "make rules for $(printf %s "$name" | tr '\n' ' ')" "$mdpbench" plan "$name" --make
    rm "$name"
done
cp x.yaml ./-x.yaml
expect 4 'expected a path of letters' 'make rules for a path like an option' "$mdpbench" plan --make -- -x.yaml
expect 4 '--out: expected none beside --make' 'rules go to standard output' plan --make --out x.mk
expect 3 'step000010.w5.episodes.h5|found no such file|--partial' 'a table of nothing' "$mdpbench" table x.yaml

# ---- make ----
works 'make rules' plan --make
cp "$work/out" x.mk
export MDPBENCH="$mdpbench"
[ "$(make -f x.mk -n | grep -c ' train ')" = 6 ] && [ "$(make -f x.mk -n | grep -c ' eval ')" = 10 ] &&
    [ "$(make -f x.mk -n | grep -c ' collect ')" = 1 ]
check $? 'one command for each dataset, run and curve'

mkdir whole && cp x.yaml rates.json whole
run sh -c 'cd whole && exec make -f ../x.mk -j2'
[ "$status" = 0 ]
check $? 'make all of it' "$work/err"
whole_reports=$(find whole/runs/reports -type f | wc -l)
[ "$whole_reports" = 54 ]
check $? "tables in three modes and four formats, figures in three ($whole_reports files)"
grep -q 'mean and 95 % CI of 2 seeds (few)' whole/runs/reports/x/figures/curves.svg
check $? 'a figure marks few seeds'
grep -q 'if 1 seed in 10 fails, 2 show none in 81 % of cases' whole/runs/reports/x/figures/curves.svg
check $? 'and says what they cannot show'
# look FIGURE ARM: colour and dash that its legend gives an arm
look() { perl -0ne "print \$1 while m{<text>$2</text>.*?<path (stroke=.*?) d=}sg" "whole/runs/reports/x/figures/$1.svg"; }
for arm in joint none low other; do look curves $arm && echo; done | sort -u > "$work/looks"
[ "$(grep -c '^stroke=' "$work/looks")" = 4 ]
check $? 'its legend tells the arms of both panels apart' "$work/looks"
[ "$(look curves joint)" = "$(look profiles joint)" ] && [ "$(look curves low)" = "$(look profiles low)" ]
check $? 'and an arm looks the same in another figure'
(cd whole && find . -name '*.h5' -exec ls -ln --time-style=full-iso {} + | sort) > "$work/before"
run sh -c 'cd whole && exec make -f ../x.mk -j2'
(cd whole && find . -name '*.h5' -exec ls -ln --time-style=full-iso {} + | sort) > "$work/after"
[ "$status" = 0 ] && cmp -s "$work/before" "$work/after" && ! grep -Eq ' (train|eval|collect) ' "$work/out"
check $? 'made again: no job runs, no file changes' "$work/out" "$work/err"

# killed with all its children at many moments: files are whole or not there, and the end is the same
n_killed=0
mkdir killed && cp x.yaml rates.json killed
for moment in 0.1 0.2 0.3 0.5 0.7 0.9 1.1; do
    (cd killed && exec setsid make -f ../x.mk -j2) > "$work/out" 2> "$work/err" < /dev/null &
    pid=$!
    sleep $moment
    kill -s KILL -- "-$pid" 2> /dev/null
    wait $pid 2> /dev/null
    if [ $? = 137 ]; then n_killed=$((n_killed + 1)); fi
done
[ "$n_killed" -ge 3 ]
check $? "make was killed $n_killed times"
# what no process of ours could leave at will
for file in killed/runs/walker2d-random/dql/joint/seed0/step000030.diffusion.h5 killed/data/walker2d-random.hdf5; do
    mkdir -p "${file%/*}"
    head -c 1000 whole/data/walker2d-random.hdf5 > "$file.tmp4242"
done
works 'plan of a half' sh -c 'cd killed && exec "$MDPBENCH" plan x.yaml --format csv'
run sh -c 'cd killed && "$MDPBENCH" plan x.yaml --make > ../again.mk && exec make -f ../again.mk -j2'
[ "$status" = 0 ]
check $? 'and run again' "$work/err"
# a kill may leave a claim where nothing is written any more
find killed whole -name '*.tmp*' -exec rm {} + -o -name '*.claim' -exec rm {} +
find killed whole -name run.json -exec rm {} +
same_folder 'the same bits everywhere, tables and figures included' whole killed

# ---- half of it ----
cp -R whole half
rm half/runs/walker2d-random/dql/joint/seed1/*curve.h5
rm -rf half/runs/walker2d-random/dql/joint-eta0.1/seed1 half/runs/reports
cd half || exit 1
works 'plan of a half' plan --format csv
[ "$(cell low trainings)" = '1 of 2' ] && [ "$(cell low evaluations)" = '3 of 6' ]
check $? 'what is there and what is missing' "$work/out"
cd ..
rm half/runs/walker2d-random/dql/joint/seed1/*.diffusion.h5 half/runs/walker2d-random/dql/joint/seed1/resume.h5 \
    half/runs/walker2d-random/dql/joint/seed1/*.guidance.h5
run sh -c 'cd half && exec make -f ../x.mk -j2'
[ "$status" = 0 ]
check $? 'make the other half' "$work/err"
find half -name '*.tmp*' -exec rm {} +
find half -name run.json -exec rm {} +
same_folder 'the same bits' whole half

# ---- evaluations alone ----
cp -R whole kept
rm -r kept/data kept/runs/reports
find kept/runs -name '*.diffusion.h5' -exec rm {} + -o -name '*.guidance.h5' -exec rm {} + -o -name resume.h5 -exec rm {} +
cd kept || exit 1
works 'plan where modules and data are gone' plan --format csv
[ "$(cell 'shared work once' trainings)" = '6 of 6' ] && [ "$(cell 'shared work once' data)" = '1 of 1' ] &&
    [ "$(cell 'shared work once' core_hours)" = 0 ]
check $? 'nothing is missing that an evaluation needs' "$work/out"
run make -f ../x.mk
[ "$status" = 0 ] && ! grep -Eq ' (train|eval|collect) ' "$work/out"
check $? 'make makes tables and figures alone' "$work/out" "$work/err"
rm runs/walker2d-random/dql/joint/seed1/w5.curve.h5
works 'plan where evaluations are missing' plan --format csv
[ "$(cell 'shared work once' trainings)" = '5 of 6' ] && [ "$(cell 'shared work once' data)" = '0 of 1' ] &&
    [ "$(cell 'shared work once' evaluations)" = '27 of 30' ]
check $? 'one training and the data are missing with it' "$work/out"
[ "$(make -f ../x.mk -n | grep -c ' train ')" = 1 ] && [ "$(make -f ../x.mk -n | grep -c ' eval ')" = 1 ] &&
    [ "$(make -f ../x.mk -n | grep -c ' collect ')" = 1 ]
check $? 'and made again, no others'
cd ..

# ---- evaluations in files of their own ----
cp -R whole files
rm -r files/runs/reports
cd files || exit 1
folder=runs/walker2d-random/dql/joint/seed1
cp $folder/w5.curve.h5 "$work/curve" && rm $folder/w5.curve.h5
for step in 10 20 30; do
    "$mdpbench" eval $folder --step $step --episodes 2 --seed 0 --candidates 4 --w-t 5 --threads 1 --out $folder/step0000$step.w5.episodes.h5
done > "$work/out" 2>&1
works 'plan of them' plan --format csv
[ "$(cell 'shared work once' evaluations)" = '30 of 30' ]
check $? 'counts them' "$work/out"
plan --make > ../files.mk
run make -f ../files.mk
[ "$status" = 0 ] && ! grep -Eq ' (train|eval|collect) ' "$work/out" && [ "$(ls $folder/*.w5.episodes.h5 | wc -l)" = 3 ]
check $? 'leaves them alone' "$work/out" "$work/err"
diff -r runs/reports ../whole/runs/reports > "$work/why"
check $? 'and makes the same tables and figures, byte by byte' "$work/why"
rm $folder/step000020.w5.episodes.h5
works 'plan where one is missing' plan --format csv
[ "$(cell 'shared work once' evaluations)" = '29 of 30' ]
check $? 'counts the others' "$work/out"
plan --make > ../files.mk
run make -f ../files.mk
[ "$status" = 0 ] && [ "$(grep -c ' eval ' "$work/out")" = 1 ] && [ "$(grep -c 'w5.episodes.h5: exists with these settings' "$work/err")" = 2 ]
check $? 'which alone is made' "$work/out" "$work/err"
cmp -s $folder/w5.curve.h5 "$work/curve" && [ -z "$(find . -name '*.episodes.h5')" ]
check $? 'and all of them are a curve then, the same bytes'
"$mdpbench" eval $folder --step 10 --episodes 2 --seed 1 --candidates 4 --w-t 5 --threads 1 --out $folder/step000010.w5.episodes.h5 > "$work/out" 2>&1
twice="$folder/step000010.w5.episodes.h5: expected one evaluation of step 10, found another in $folder/w5.curve.h5#step000010"
expect 3 "$twice" 'two that differ: plan' plan
expect 3 "$twice" 'two that differ: table' "$mdpbench" table x.yaml
rm $folder/step000010.w5.episodes.h5
cd ..

# ---- two experiments, of which one wants other checkpoints of a curve ----
mkdir both && cd both || exit 1
sed -e 's/^seeds: .*/seeds: [0]/' -e '/name: low/d' -e '/name: none/d' -e '/name: other/d' -e '/name: step,/d' -e '/^tables/,$d' ../x.yaml > tens.yaml
sed 's/^name: x/name: fifteens/; s/^checkpoint-every: 10/checkpoint-every: 15/' tens.yaml > fifteens.yaml
printf 'name: both\nparts: [tens.yaml, fifteens.yaml]\n' > both.yaml
works 'rules of both' "$mdpbench" plan both.yaml --make
cp "$work/out" both.mk
[ "$(grep -c ' eval .*--step 15 .* --out .*seed0/step000015.w5.episodes.h5 ' both.mk)" = 1 ] && [ "$(grep -c ' eval .*--every 10 --until 30 ' both.mk)" = 1 ] &&
    [ "$(grep -c ' eval ' both.mk)" = 2 ]
check $? 'what one alone wants, and the rest' both.mk
run make -f both.mk all
[ "$status" = 0 ] && [ "$("$mdpbench" table runs/walker2d-random/dql/joint/seed0:w5 --format csv | awk -F, 'NR > 1 { printf "%s ", $2 }')" = '10 15 20 30 ' ] &&
    [ -z "$(find . -name '*.episodes.h5')" ]
check $? 'are one curve' "$work/out" "$work/err"
works 'plan of both' "$mdpbench" plan both.yaml --format csv
[ "$(cell 'shared work once' evaluations)" = '4 of 4' ]
check $? 'finds all' "$work/out"
cd ..

# ---- modules that go again when everything that reads them is there ----
cp -R whole few
cd few || exit 1
joint=runs/walker2d-random/dql/joint
sed 's/^batch: 8/batch: 8\nkeep: 1/' ../x.yaml > few.yaml
works 'plan that keeps one checkpoint' "$mdpbench" plan few.yaml
! grep -q Disk "$work/out"
check $? 'takes no disk where nothing is missing' "$work/out"
# an arm with guidance of the run of seed 100 is missing, and with it what it reads stays
mv $joint-eta0.1/seed1/by-dql-joint-seed101.w5.curve.h5 "$work/missing"
"$mdpbench" plan few.yaml --make > few.mk
run make -f few.mk -k all MDPBENCH=false
[ -e $joint/seed101/step000010.guidance.h5 ] && [ -e $joint-eta0.1/seed1/step000010.diffusion.h5 ] &&
    [ "$(echo $joint/seed0/*.diffusion.h5 $joint/seed0/*.guidance.h5)" = "$joint/seed0/step000030.diffusion.h5 $joint/seed0/step000030.guidance.h5" ]
check $? 'modules stay until all that reads them is there, and not longer' "$work/out"
run make -f few.mk all
[ "$status" = 0 ] && cmp -s $joint-eta0.1/seed1/by-dql-joint-seed101.w5.curve.h5 "$work/missing"
check $? 'the missing evaluations are made, the same bytes' "$work/out" "$work/err"
[ "$(find runs -name 'step*.diffusion.h5' | wc -l)" = 6 ] && ! find runs -name 'step*.diffusion.h5' | grep -qv step000030
check $? 'then each run has its last modules' "$work/out"
works 'plan where old modules are gone' "$mdpbench" plan few.yaml --format csv
[ "$(cell 'shared work once' trainings)" = '6 of 6' ] && [ "$(cell 'shared work once' evaluations)" = '30 of 30' ]
check $? 'nothing is missing' "$work/out"
# keeping STEP...: a curve with these evaluations of it alone
keeping() {
    for kept in "$@"; do set -- "$@" "$joint/seed1/w5.curve.h5#step0000$kept"; shift; done
    "$mdpbench" export "$@" --out some.curve.h5 > /dev/null && mv some.curve.h5 $joint/seed1/w5.curve.h5
}
cp $joint/seed1/w5.curve.h5 "$work/missing"
keeping 10 20
works 'plan of a curve that lacks one' "$mdpbench" plan few.yaml --format csv
[ "$(cell 'shared work once' evaluations)" = '29 of 30' ]
check $? 'counts what is in it' "$work/out"
"$mdpbench" plan few.yaml --make > few.mk
run make -f few.mk all
[ "$status" = 0 ] && [ "$(grep -c ' eval ' "$work/out")" = 1 ] && ! grep -q ' train ' "$work/out" &&
    cmp -s $joint/seed1/w5.curve.h5 "$work/missing"
check $? 'an evaluation of a module that stayed can be made again' "$work/out" "$work/err"
run make -f few.mk all
[ "$status" = 0 ] && cmp -s $joint/seed1/w5.curve.h5 "$work/missing" && ! grep -q ' train ' "$work/out"
check $? 'by the same rules as often as one likes' "$work/out" "$work/err"
keeping 10 30
expect 4 "joint/seed1: expected step000020.diffusion.h5 before step 30, found none" 'plan where a module is wanted that is gone' \
    "$mdpbench" plan few.yaml
mv "$work/missing" $joint/seed1/w5.curve.h5
sed -i 's/^keep: 1/keep: 0/' few.yaml
"$mdpbench" plan few.yaml --make > few.mk
run make -f few.mk all
[ "$status" = 0 ] && [ -z "$(find runs -name 'step*.diffusion.h5' -o -name 'step*.guidance.h5')" ] &&
    [ "$(find runs -name resume.h5 | wc -l)" = 6 ] && [ "$(find runs -name '*curve.h5' | wc -l)" = 10 ] &&
    [ -z "$(find runs -name '*.episodes.h5')" ]
check $? 'keep: 0 leaves states and evaluations' "$work/out" "$work/err"
works 'plan of states and evaluations' "$mdpbench" plan few.yaml --format csv
[ "$(cell 'shared work once' trainings)" = '6 of 6' ] && [ "$(cell 'shared work once' core_hours)" = 0 ]
check $? 'nothing is missing' "$work/out"
run make -f few.mk all
[ "$status" = 0 ] && [ ! -s "$work/err" ] && ! grep -Eq ' (train|eval|collect) ' "$work/out"
check $? 'and nothing is made' "$work/out" "$work/err"
sed 's/^keep: 0/keep: -1/' few.yaml > bad.yaml
expect 3 'bad.yaml:9: keep: expected a whole number from 0' 'keep below 0' "$mdpbench" plan bad.yaml
cd ..
sed 's/^batch: 8/batch: 8\nkeep: 1/' x.yaml > few.yaml
mkdir none
works 'plan of nothing that keeps one checkpoint' sh -c 'cd none && exec "$0" plan ../few.yaml' "$mdpbench"
has_all 'Disk: 111 MB for what is missing (210 kB of datasets at most, 111 MB of trainings, 95 kB of evaluations), of which keep removes 44 MB again' "$work/out"
check $? 'the disk that it takes is said' "$work/out"
rm -r few.yaml none

# ---- what its own rules made is what it wants ----
mkdir odd && cd odd || exit 1
cat > odd.yaml <<'END'
name: odd
data: data
transitions: 2000
tasks: [walker2d-medium-replay]
behavior: behavior
seeds: [0]
steps: 20
checkpoint-every: 10
evaluate-every: 20
batch: 8
episodes: 1
candidates: 2
actors: [online]
runs:
  - {name: cloned, algo: dql, guidance: none}
  - {name: joint, algo: dql, eta: 0.12345678}
arms:
  - {name: own, run: cloned, guidance: own}
  - {name: sharp, run: joint, w-t: 1234567.5}
tables:
  - {name: arms, kind: arms, test: [own, sharp], base: [own]}
figures:
  - {name: f, panels: [{arms: [own, sharp]}]}
END
works 'a short behaviour policy' "$mdpbench" behave walker2d --steps 260 --warmup 256 --checkpoint-every 260 --threads 1 --out behaved
mkdir behavior && cp behaved/step*.behavior.h5 behavior/walker2d-medium.h5
works 'rules' "$mdpbench" plan odd.yaml --make
cp "$work/out" odd.mk
run make -f odd.mk
[ "$status" = 0 ]
check $? 'numbers of many digits, replay data, guidance none by its own: all of it is made' "$work/err"
works 'and is what the plan wants' "$mdpbench" plan odd.yaml --format csv
[ "$(cell 'shared work once' evaluations)" = '2 of 2' ] && [ -f runs/walker2d-medium-replay/dql/joint-eta0.12345678/seed0/w1234567.5.online.curve.h5 ]
check $? 'to the last digit' "$work/out"
[ -s runs/reports/odd/figures/f.svg ]
check $? 'figures show the actor that there is'
expect 4 '--actor: expected online, the one actor of odd.yaml, found ema' 'no other' "$mdpbench" figure odd.yaml --actor ema --out f
sed 's/seeds: .0./seeds: [0, 1]/' odd.yaml > two.yaml
works 'the same again' "$mdpbench" plan two.yaml --format csv
awk -v hours="$(cell own core_hours)" -v seconds="$(sed -n 's/.*"cpu_seconds": \([0-9.]*\).*/\1/p' runs/walker2d-medium-replay/dql/none/seed0/run.json)" \
    'BEGIN { exit !(hours * 3600 > 0.99 * seconds && seconds > 0) }'
check $? 'takes at least as long as the first time' "$work/out"
cd ..

# ---- the best guidance ----
mkdir best && cd best || exit 1
cat > best.yaml <<'END'
name: best
data: data
transitions: 600
tasks: [walker2d-random]
seeds: [0]
steps: 20
checkpoint-every: 10
batch: 8
episodes: 2
candidates: 2
return-rule: cleandiffuser
weights: [{algo: dql, task: walker2d-random, w-t: 1}]
runs:
  - {name: pre, algo: dql, eta: 0}
  - {name: gfdt, algo: dql, guidance: frozen, from: pre, seed: 7, at: best}
  - {name: last, algo: dql, guidance: frozen, from: pre, seed: 7}
arms:
  - {name: last, run: last}
  - {name: pre, run: pre}
  - {name: gfdt, run: gfdt}
tables:
  - {name: arms, kind: arms, test: [pre, gfdt]}
figures:
  - {name: curves, panels: [{arms: [pre, gfdt, last]}, {arms: [pre, gfdt]}]}
END
works 'rules of guidance that is chosen by its return' "$mdpbench" plan best.yaml --make
cp "$work/out" best.mk
run make -f best.mk
[ "$status" = 0 ]
check $? 'all of it is made' "$work/err"
chosen=runs/walker2d-random/dql/joint-eta0/seed7
best=$("$mdpbench" table $chosen:best10-20.seed1000.cleandiffuser --format csv | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
    !n++ || $c["mean"] > most { most = $c["mean"]; step = $c["step"] } END { printf "%06d", step }')
"$mdpbench" inspect runs/walker2d-random/dql/frozen-dql-joint-eta0-seed7-best/seed0/step000020.diffusion.h5 > "$work/out"
has_all "$chosen/step$best.guidance.h5" "$work/out"
check $? "trained with the guidance of step $best" "$work/out"
has_all 'Returns are counted by the rule cleandiffuser.|Guidance of gfdt: of run pre the checkpoint with the highest mean return of its own evaluations, every 10 steps with evaluation seed 1000. The arms are evaluated with seed 0.' \
    runs/reports/best/strict/arms.md
check $? 'the table says how it was chosen, and how returns are counted'
[ "$(grep -c 'returns by the rule cleandiffuser' runs/reports/best/figures/curves.svg)" = 1 ] &&
    [ "$(grep -c 'guidance chosen by its return, on another seed: gfdt<' runs/reports/best/figures/curves.svg)" = 1 ]
check $? 'and so does the figure' runs/reports/best/figures/curves.svg
works 'plan' "$mdpbench" plan best.yaml --format csv
[ "$(cell gfdt trainings)" = '2 of 2' ] && [ "$(cell gfdt evaluations)" = '4 of 4' ]
check $? 'evaluations that choose count' "$work/out"
expect 4 'best:here: expected best:FOLDER:LABEL, found another form' 'half a name' "$mdpbench" train --task walker2d-random \
    --data data/walker2d-random.hdf5 --guidance frozen --guidance-file best:here --out other
sed 's/^steps: 20/steps: 30/' best.yaml > longer.yaml
expect 4 'made with other settings|step of its guidance: expected 30, found 20' 'guidance of a longer run' "$mdpbench" plan longer.yaml
rm -r data $chosen
works 'plan without what it was chosen from' "$mdpbench" plan best.yaml --format csv
[ "$(cell 'shared work once' trainings)" = '4 of 4' ]
check $? 'what no missing evaluation needs is not made again' "$work/out"
expect 4 'expected episodes with the label nothing|found none' 'no such evaluations' "$mdpbench" eval runs/walker2d-random/dql/joint-eta0/seed0 --guidance best:runs/walker2d-random/dql/joint-eta0/seed0:nothing
cd ..

# ---- other settings ----
cd whole || exit 1
sed 's/^episodes: 2/episodes: 3/' x.yaml > y.yaml
expect 4 'made with other settings|episodes: expected 3, found 2' 'other episodes in the same place' "$mdpbench" plan y.yaml
sed 's/^candidates: 4/candidates: 5/' x.yaml > y.yaml
expect 4 'made with other settings|candidates: expected 5 as in y.yaml, found 4 in runs/' 'other candidates' "$mdpbench" plan y.yaml --make
sed 's/^batch: 8/batch: 16/' x.yaml > y.yaml
expect 4 'made with other settings|batch: expected 16, found 8' 'another batch' "$mdpbench" plan y.yaml
(echo 'folder: hot'; cat x.yaml) > y.yaml
works 'a run with a learning rate that no experiment has' "$mdpbench" train --task walker2d-random --data data/walker2d-random.hdf5 \
    --batch 8 --steps 30 --checkpoint-every 10 --lr 0.001 --threads 1 --out hot/walker2d-random/dql/joint/seed0
expect 4 'made with other settings|learning_rate: expected 0.0003, found 0.001' 'another learning rate' "$mdpbench" plan y.yaml
sed 's/^transitions: 600/transitions: 700/' x.yaml > y.yaml
expect 4 'walker2d-random.hdf5|transitions: expected 700, found 600' 'another dataset' "$mdpbench" plan y.yaml
sed 's/^checkpoint-every: 10/checkpoint-every: 5/' x.yaml > y.yaml
expect 4 'expected step000005.diffusion.h5 before step 30|checkpoint-every' 'another cadence' "$mdpbench" plan y.yaml
sed 's/^steps: 30/steps: 40/' x.yaml > y.yaml
works 'more steps are more work' "$mdpbench" plan y.yaml --format csv
[ "$(cell joint trainings)" = '0 of 2' ] && [ "$(cell joint evaluations)" = '6 of 8' ]
check $? 'for the steps that are missing' "$work/out"
cat > two.yaml <<'END'
name: two
parts: [x.yaml, z.yaml]
END
sed 's/^name: x/name: z/; s/^batch: 8/batch: 16/' x.yaml > z.yaml
expect 4 'two arms want it with other settings' 'two parts that want one folder for two things' "$mdpbench" plan two.yaml
sed 's/^name: x/name: z/' x.yaml > z.yaml
works 'two parts of one work' "$mdpbench" plan two.yaml --format csv
[ "$(cell 'shared work once' trainings)" = '6 of 6' ]
check $? 'share it' "$work/out"
damaged=runs/walker2d-random/dql/joint/seed0/w5.curve.h5
cp $damaged kept && head -c 3000 kept > $damaged
expect 3 "$damaged" 'a damaged file' "$mdpbench" plan x.yaml
mv kept $damaged

# ---- tables and figures ----
works 'tables to read' "$mdpbench" table x.yaml
has_all '(paper mode)|Choices: early difference, early-steps 20|rank-biserial|1.26e-05' "$work/out"
check $? 'with choices, tests and what the paper prints' "$work/out"
works 'one table, strict, as the command says' "$mdpbench" table x.yaml --only gains --mode strict --unit episodes --format md
has_all '(strict mode)|unit episodes, pairs yes|adjust holm' "$work/out"
check $? 'choices of mode and command' "$work/out"
works 'a window without a checkpoint' "$mdpbench" table x.yaml --only gains --early-steps 9
has_all 'No early gain: no checkpoint in the first 9 steps, the first is 10.' "$work/out"
check $? 'has no value, and a note says so' "$work/out"
works 'for programs' "$mdpbench" table x.yaml --only gains --early-steps 9 --format json --out early
json 'it is null' early/gains.json '@{$j->{rows}} > 0 && !grep { defined $_->{early_gain} || !defined $_->{auc_gain_pct} } @{$j->{rows}}'
works 'a checkpoint at the end of the window' "$mdpbench" table x.yaml --only gains --early-steps 10 --format json --out at-end
json 'has a value' at-end/gains.json '@{$j->{rows}} > 0 && !grep { !defined $_->{early_gain} } @{$j->{rows}}'
expect 4 'table: option --unit: expected one of|checkpoints|hours' 'an unknown choice' "$mdpbench" table x.yaml --unit hours
expect 4 'expected a table named nothing, found none' 'an unknown table' "$mdpbench" table x.yaml --only nothing
expect 4 'expected a figure named nothing, found none' 'an unknown figure' "$mdpbench" figure x.yaml --only nothing
expect 4 'expected one of paper, strict, authors' 'an unknown mode' "$mdpbench" table x.yaml --mode loose
expect 4 '--mode: expected an experiment beside it' 'a mode for runs' "$mdpbench" table runs/walker2d-random/dql/joint/seed0 --mode strict
expect 4 '--horizon: expected an experiment beside it' 'a choice for runs' "$mdpbench" table runs/walker2d-random/dql/joint/seed0 --horizon 5
expect 4 'expected one experiment alone, found 2' 'an experiment and a run' "$mdpbench" table x.yaml runs
expect 4 'option --title: expected none beside an experiment' 'a title for an experiment' "$mdpbench" figure x.yaml --title a
expect 4 'option --partial: expected an experiment' 'a part of runs' "$mdpbench" figure runs --partial
rm $damaged
expect 3 "step000010.w5.episodes.h5|found no such file" 'a table with a hole' "$mdpbench" table x.yaml
works 'and without the run that has it' "$mdpbench" table x.yaml --partial --only gains --format csv
finish
