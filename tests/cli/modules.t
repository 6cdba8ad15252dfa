#!/bin/sh
# guidance and diffusion as modules: every mode of training with every algorithm, every composition at inference,
# and every pair that must not be
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

quiet() { "$@" > "$work/out" 2> "$work/err" || { cat "$work/err"; echo "Bail out! $*"; exit 1; }; }
quiet "$mdpbench" collect walker2d-random --steps 600 --out d.hdf5
quiet "$mdpbench" collect walker2d-random --steps 500 --seed 1 --out other.hdf5
quiet "$mdpbench" collect halfcheetah-random --steps 2100 --out c.hdf5
# a task that selection temperatures are known for
train() { "$mdpbench" train --task walker2d-medium --data d.hdf5 --batch 16 --checkpoint-every 2 --steps 4 "$@"; }
evaluate() { "$mdpbench" eval "$@" --episodes 2 --candidates 4; }
runs=runs/walker2d-medium

# setting FILE EXPRESSION: what inspect says of a file, a perl expression over $j
setting() {
    "$mdpbench" inspect --json "$1" 2> "$work/why" |
        perl -MJSON::PP -e 'local $/; my $j = decode_json(<STDIN>)->[0]; print eval($ARGV[0]) // "none", "\n"' "$2" 2>> "$work/why"
}

# has NAME WANT FILE EXPRESSION: the setting has this value
has() {
    has_found=$(setting "$3" "$4")
    [ "$has_found" = "$2" ]
    check $? "$1" "$work/why"
    if [ "$has_found" != "$2" ]; then echo "# expected $2, found $has_found"; fi
}

# ---- guidance alone ----
for kind in iql sarsa; do
    works "train --guidance-only $kind" train --guidance-only $kind --threads 1
    [ "$(cat "$work/out")" = $runs/guidance/$kind/seed0 ]
    check $? 'it prints its folder' "$work/out"
    [ "$(ls $runs/guidance/$kind/seed0 | tr '\n' ' ')" = 'log.csv resume.h5 run.json step000002.guidance.h5 step000004.guidance.h5 ' ]
    check $? 'guidance modules and no diffusion module'
    run train --guidance-only $kind --threads 2 --out two
    same_folder "guidance-only $kind: 1 and 2 threads" $runs/guidance/$kind/seed0 two
    rm -r two
done
iql=$runs/guidance/iql/seed0/step000004.guidance.h5
sarsa=$runs/guidance/sarsa/seed0/step000004.guidance.h5
has 'IQL trains a state value' iql $iql '$j->{settings}{guidance}{kind}'
has 'SARSA a double Q' double-q $sarsa '$j->{settings}{guidance}{kind}'
cp $iql "$work/iql.h5"

# ---- every mode with every algorithm ----
# the loaded guidance is of the kind that the algorithm would not train itself
for algo in dql edp idql; do
    case $algo in idql) file=$sarsa ;; *) file=$iql ;; esac
    for mode in joint frozen continued noise none; do
        case $mode in
        frozen | continued) set -- --guidance-file $file ;;
        *) set -- ;;
        esac
        folder=$runs/$algo/$mode/seed0
        works "train $algo $mode" train --algo $algo --guidance $mode "$@" --threads 1
        [ "$(cat "$work/out")" = $folder ]
        check $? 'in its own folder' "$work/out"
        case $mode in
        joint | continued) want='step000002.diffusion.h5 step000002.guidance.h5 step000004.diffusion.h5 step000004.guidance.h5 ' ;;
        *) want='step000002.diffusion.h5 step000004.diffusion.h5 ' ;;
        esac
        case $mode in noise) want="guidance.h5 log.csv resume.h5 run.json $want" ;; *) want="log.csv resume.h5 run.json $want" ;; esac
        [ "$(ls $folder | tr '\n' ' ')" = "$want" ]
        check $? 'the modules that it trains, and no more'
        run train --algo $algo --guidance $mode "$@" --threads 2 --out two
        same_folder "$algo $mode: 1 and 2 threads" $folder two
        rm -r two
        has "$algo $mode: the mode is recorded" $mode $folder/step000004.diffusion.h5 '$j->{settings}{mode}'
        works "eval $algo $mode: own guidance" evaluate $folder --step 4
        cp $folder/step000004.diffusion.h5 "$work/$algo-$mode"
        case $mode in
        joint | continued) want=$folder/step000004.guidance.h5 ;;
        frozen) want=$file ;;
        noise) want=$folder/guidance.h5 ;;
        none) want= ;;
        esac
        has 'is what it was trained with' "$want" $folder/step000004.episodes.h5 '$j->{guidance}'
    done
done
[ "$(cat runs/*/*/*/seed0/log.csv | grep -c '^step')" = 17 ] && [ "$(cat runs/*/*/*/seed0/log.csv | grep '^step' | sort -u | wc -l)" = 1 ]
check $? 'all logs have the same columns'
for algo in dql edp; do
    for mode in frozen continued noise none; do
        other_tensors "$algo: $mode trains another actor than joint" "$work/$algo-joint" "$work/$algo-$mode"
    done
done
for mode in frozen continued noise none; do
    same_tensors "idql: no guidance acts in training: $mode" "$work/idql-joint" "$work/idql-$mode"
done
cmp -s $iql "$work/iql.h5" && [ "$(cut -d, -f5-7,9 $runs/dql/frozen/seed0/log.csv | sed 1d | sort -u)" = ',,,' ]
check $? 'frozen guidance is neither trained nor written' $runs/dql/frozen/seed0/log.csv
has 'it is recorded by path' $iql $runs/dql/frozen/seed0/step000004.diffusion.h5 '$j->{settings}{guidance_file}{path}'
has 'and by what it is' 'iql iql 0 4' $runs/dql/frozen/seed0/step000004.diffusion.h5 \
    'join " ", @{$j->{settings}{guidance_file}}{qw(algo kind seed step)}'
other_tensors 'continued guidance is' $iql $runs/dql/continued/seed0/step000002.guidance.h5
awk -F, 'NR > 1 && $5 == "" { exit 1 }' $runs/dql/continued/seed0/log.csv
check $? 'and logged' $runs/dql/continued/seed0/log.csv
perl -MJSON::PP -e 'my @f = map { local $/; open my $h, "<", "'$runs'/dql/$_/seed0/run.json" or die; decode_json(<$h>)->{step_flops} } qw(joint frozen none);
    exit($f[0] > 1.3 * $f[1] && $f[1] > 3 * $f[2] && $f[2] > 0 ? 0 : 1)' 2> "$work/why"
check $? 'run.json says what frozen guidance saves' "$work/why"

works 'frozen with eta 0' train --guidance frozen --guidance-file $iql --eta 0 --out eta0
same_tensors 'clones as if there were none' "$work/dql-none" eta0/step000004.diffusion.h5
works 'noise for a gradient' train --guidance noise --noise grad --out grad
other_tensors 'is not the gradient of a noise net' "$work/dql-noise" grad/step000004.diffusion.h5
works 'train --solver --sampling-steps' train --solver ode_dpmsolver++_1 --sampling-steps 3 --steps 2 --out solver
has 'are recorded' 'ode_dpmsolver++_1 3' solver/step000002.diffusion.h5 '"$j->{settings}{diffusion}{solver} $j->{settings}{diffusion}{S}"'

# ---- resuming ----
# kill_at FILE COMMAND...: as soon as the file is there
kill_at() {
    moment=$1
    shift
    "$@" > "$work/out" 2> "$work/err" < /dev/null &
    pid=$!
    while [ ! -e "$moment" ] && kill -0 $pid 2> /dev/null; do sleep 0.005; done
    kill -s KILL $pid 2> /dev/null
    wait $pid 2> /dev/null
    status=$?
}
for mode in frozen noise continued; do
    case $mode in noise) set -- ;; *) set -- --guidance-file $iql ;; esac
    run train --guidance $mode "$@" --steps 10 --out whole
    for file in step000002.diffusion.h5 resume.h5; do
        rm -rf killed
        kill_at killed/$file "$mdpbench" train --task walker2d-medium --data d.hdf5 --batch 16 --checkpoint-every 2 --steps 10 \
            --guidance $mode "$@" --out killed
        killed_status=$status
        run train --guidance $mode "$@" --steps 10 --threads 2 --out killed
        find killed -name '*.tmp*' -exec rm {} +
        diff -r -x run.json whole killed > "$work/why" 2>&1 && [ "$status" = 0 ]
        check $? "$mode, killed when $file appears (status $killed_status): the same bits" "$work/why" "$work/err"
    done
    rm -rf whole
done
listing > "$work/before"
run train --guidance frozen --guidance-file $iql
listing > "$work/after"
diff "$work/before" "$work/after" > "$work/why" && grep -q 'nothing to do' "$work/err"
check $? 'a finished frozen run is left alone' "$work/why" "$work/err"
cp $runs/dql/noise/seed0/guidance.h5 "$work/noise.h5"
rm $runs/dql/noise/seed0/guidance.h5
expect 5 "$runs/dql/noise/seed0/guidance.h5: expected the guidance that goes with" 'eval: the noise module is gone' evaluate $runs/dql/noise/seed0
works 'train makes it again' train --guidance noise
same 'the same' "$work/noise.h5" $runs/dql/noise/seed0/guidance.h5
works 'noise and its diffusion are imported' "$mdpbench" import $runs/dql/noise/seed0/step000004.diffusion.h5 $runs/dql/noise/seed0/guidance.h5 --out noisy
works 'and act together' evaluate noisy
cp -R $runs/dql/noise/seed0 strange
rm strange/resume.h5 strange/step*
expect 4 'strange/guidance.h5 was made with other settings' 'the noise module of another run in the folder' train --guidance noise --seed 3 --out strange

# ---- guidance files that changed, moved or do not fit ----
cp $iql given.h5
run train --guidance frozen --guidance-file given.h5 --out changed
cp $runs/guidance/iql/seed0/step000002.guidance.h5 given.h5
expect 4 'given.h5: has changed since changed began: expected hash|found' 'train: the frozen file has changed' \
    train --guidance frozen --guidance-file given.h5 --steps 6 --out changed
expect 3 'given.h5: expected the guidance that changed/step000004.diffusion.h5 was trained with|found another' \
    'eval: the frozen file has changed' evaluate changed --step 4
works 'eval: unless it is named' evaluate changed --step 4 --guidance given.h5
rm given.h5
expect 5 'given.h5' 'train: the frozen file is gone' train --guidance frozen --guidance-file given.h5 --steps 6 --out changed
expect 5 'given.h5: expected the guidance that changed/step000002.diffusion.h5 was trained with|found none' \
    'eval: the frozen file is gone' evaluate changed --step 2
expect 4 'resume.h5 was made with other settings|given.h5|step000004.guidance.h5' 'train: another frozen file' \
    train --guidance frozen --guidance-file $iql --out changed

quiet "$mdpbench" train --task walker2d-medium --data other.hdf5 --batch 16 --steps 2 --guidance-only iql --out g-other
quiet "$mdpbench" train --task walker2d-expert --data d.hdf5 --batch 16 --steps 2 --guidance-only iql --out g-expert
quiet "$mdpbench" train --task halfcheetah-medium --data c.hdf5 --batch 16 --steps 2 --guidance-only iql --out g-cheetah
while IFS='|' read -r file status text what; do
    for mode in frozen continued; do
        expect "$status" "$file: $text" "train $mode: $what" train --guidance $mode --guidance-file "$file" --out new
    done
done <<END
g-other/step000002.guidance.h5|3|normaliser of observation|other data
g-expert/step000002.guidance.h5|3|expected task walker2d-medium as in d.hdf5, found walker2d-expert|another task
g-cheetah/step000002.guidance.h5|3|expected 22 observations and 6 actions as in d.hdf5, found 26 and 6|another robot
$runs/dql/joint/seed0/step000004.diffusion.h5|3|kind: expected guidance, found diffusion|a diffusion module
$runs/dql/joint/seed0/resume.h5|3|kind: expected guidance, found resume|a state
d.hdf5|3|/@format: expected mdpbench-checkpoint|a dataset
absent.h5|5|cannot open|no file
runs|5|expected a file, found a folder|a folder
END
expect 4 "$runs/dql/noise/seed0/guidance.h5: |'noise' has no training step" 'train continued: noise does not learn' \
    train --guidance continued --guidance-file $runs/dql/noise/seed0/guidance.h5 --out new
works 'train frozen: noise of another run' train --guidance frozen --guidance-file $runs/dql/noise/seed0/guidance.h5 --out new
same_tensors 'acts as it did there' "$work/dql-noise" new/step000004.diffusion.h5
expect 4 '--solver|expected one of|euler' 'train: an unknown solver' train --solver euler --out newer

# ---- compositions ----
works 'plug and play: IQL guidance on DQL diffusion' evaluate $runs/dql/joint/seed0 --guidance $runs/idql/joint/seed0 --label by-idql
works 'plug and play: DQL guidance on IDQL diffusion' evaluate $runs/idql/joint/seed0 --guidance $runs/dql/joint/seed0 --label by-dql
for step in 2 4; do
    file=$runs/dql/joint/seed0/step00000$step.by-idql.episodes.h5
    has "step $step goes with step $step" $runs/idql/joint/seed0/step00000$step.guidance.h5 $file '$j->{guidance}'
    has 'all is recorded: the guidance' "idql iql 0 $step joint" $file 'join " ", @{$j->{settings}{guidance}}{qw(algo kind seed step mode)}'
    has 'the diffusion module' "dql 0 $step joint" $file 'join " ", @{$j->{settings}{diffusion}}{qw(algo seed step mode)}'
    has 'how it acted' 'ema by-idql ddpm 5 0' $file 'join " ", @{$j->{settings}}{qw(actor label solver sampling_steps)}, 0 + $j->{settings}{lambda}'
    has "the weight is that of the guidance's algorithm" 200 $file '0 + $j->{w_t}'
    has 'the other way round, too' 300 $runs/idql/joint/seed0/step00000$step.by-dql.episodes.h5 '0 + $j->{w_t}'
done
works 'a second seed' train --seed 1
run train --guidance frozen --guidance-file $runs/dql/joint/seed0/step000004.guidance.h5 --out twice
works 'double guidance: the same actor by its own' evaluate twice --label own
works "and by another seed's" evaluate twice --guidance $runs/dql/joint/seed1/step000004.guidance.h5 --label double
has 'is another selection' "$runs/dql/joint/seed1/step000004.guidance.h5" twice/step000002.double.episodes.h5 '$j->{guidance}'
has 'of the same actor' "$(setting twice/step000002.own.episodes.h5 '$j->{diffusion_hash}')" twice/step000002.double.episodes.h5 '$j->{diffusion_hash}'
works 'two runs at once, the guidance of a third' evaluate $runs/dql/joint/seed0 $runs/edp/joint/seed0 --guidance $runs/dql/joint/seed1 --label third
[ "$(wc -l < "$work/out")" = 4 ]
check $? 'four evaluations' "$work/out"
works 'the folder of a frozen run: what it was trained with' evaluate $runs/edp/joint/seed0 --step 2 --guidance $runs/dql/frozen/seed0 --label frozen
has 'is found' $iql $runs/edp/joint/seed0/step000002.frozen.episodes.h5 '$j->{guidance}'
works 'guidance on a run without' evaluate $runs/dql/none/seed0 --step 2 --guidance $iql --label guided
works 'a run with guidance without it' "$mdpbench" eval $runs/dql/joint/seed0 --step 2 --guidance none --episodes 2 --label unguided
has 'one candidate' '1 none' $runs/dql/joint/seed0/step000002.unguided.episodes.h5 '"$j->{candidates} $j->{settings}{guidance}"'
works 'a module and its own guidance' evaluate --diffusion $runs/dql/joint/seed0/step000004.diffusion.h5 --label again
h5dump -d /return $runs/dql/joint/seed0/step000004.episodes.h5 | sed 1d > "$work/before"
h5dump -d /return $runs/dql/joint/seed0/step000004.again.episodes.h5 | sed 1d > "$work/after"
same 'acts as the run does' "$work/before" "$work/after"
while read -r name options; do
    # shellcheck disable=SC2086
    works "eval $options" evaluate $runs/dql/joint/seed0 --step 4 --label "$name" $options
    h5dump -d /return $runs/dql/joint/seed0/step000004."$name".episodes.h5 | sed 1d > "$work/after"
    differ 'acts otherwise' "$work/before" "$work/after"
done <<'END'
online --actor online
lambda --lambda 3
noisy --guide noisy --guide-weight 3
clean --guide clean --guide-weight 3 --guide-schedule cosine-falling
langevin --langevin-steps 3 --langevin-step-size 1e-3
solver --solver ddim
steps --sampling-steps 2
cold --temperature 0
END
works 'no Langevin steps' evaluate $runs/dql/joint/seed0 --step 4 --label still --langevin-steps 0
h5dump -d /return $runs/dql/joint/seed0/step000004.still.episodes.h5 | sed 1d > "$work/after"
same 'are the same bits as ever' "$work/before" "$work/after"
has 'and nothing to record' 1 $runs/dql/joint/seed0/step000004.still.episodes.h5 '!exists $j->{settings}{langevin}'
has 'Langevin steps are recorded, and the time that was meant' '3 0.001 1 0.3922' $runs/dql/joint/seed0/step000004.langevin.episodes.h5 \
    'sprintf "%d %g %d %.4f", @{$j->{settings}{langevin}}{qw(steps step_size time sigma)}'
has 'and nothing of a guide' 1 $runs/dql/joint/seed0/step000004.still.episodes.h5 '!exists $j->{settings}{guide}'
has 'what guides is recorded' 'clean 3 cosine-falling' $runs/dql/joint/seed0/step000004.clean.episodes.h5 \
    'join " ", @{$j->{settings}{guide}}{qw(gradient weight schedule)}'
has 'with its usual schedule, too' 'noisy 3 const' $runs/dql/joint/seed0/step000004.noisy.episodes.h5 \
    'join " ", @{$j->{settings}{guide}}{qw(gradient weight schedule)}'
works 'a guide in other lanes and threads' evaluate $runs/dql/joint/seed0 --step 4 --label alone --lanes 1 --threads 1 --guide noisy --guide-weight 3
for name in noisy alone; do h5dump -d /return $runs/dql/joint/seed0/step000004.$name.episodes.h5 | sed 1d > "$work/$name"; done
same 'the same bits' "$work/noisy" "$work/alone"
works 'other guidance guides' evaluate $runs/dql/joint/seed0 --step 4 --guidance $runs/idql/joint/seed0 --label other --guide clean --guide-weight 1
works 'Langevin steps in other lanes and threads' evaluate $runs/dql/joint/seed0 --step 4 --label lanes --lanes 1 --threads 1 \
    --langevin-steps 3 --langevin-step-size 1e-3
for name in langevin lanes; do h5dump -d /return $runs/dql/joint/seed0/step000004.$name.episodes.h5 | sed 1d > "$work/$name"; done
same 'the same bits' "$work/langevin" "$work/lanes"
works 'Langevin steps without guidance' evaluate $runs/dql/none/seed0 --step 4 --label walk --langevin-steps 2 --langevin-step-size 1e-3 --langevin-time 2
has 'at another time' 2 $runs/dql/none/seed0/step000004.walk.episodes.h5 '0 + $j->{settings}{langevin}{time}'
expect 4 'step000004.langevin.episodes.h5 was made with other settings|langevin.steps 3 there, 4 wanted' 'eval: other Langevin steps under the same name' \
    evaluate $runs/dql/joint/seed0 --step 4 --label langevin --langevin-steps 4 --langevin-step-size 1e-3
expect 4 'step000004.diffusion.h5: langevin: denoising time: expected 0 to 4, as the diffusion module has 5, found 5' \
    'eval: a time that the module has not' evaluate $runs/dql/joint/seed0 --step 4 --label new --langevin-steps 1 --langevin-step-size 1e-3 --langevin-time 5
works 'eval --paper-exact' "$mdpbench" eval $runs/idql/joint/seed0 --step 4 --episodes 1 --paper-exact --label paper
has 'idql takes 256 candidates' 256 $runs/idql/joint/seed0/step000004.paper.episodes.h5 '$j->{candidates}'
works 'by other guidance' "$mdpbench" eval $runs/idql/joint/seed0 --step 4 --episodes 1 --paper-exact --guidance $runs/dql/joint/seed0 --label mixed
has 'no more than others' 50 $runs/idql/joint/seed0/step000004.mixed.episodes.h5 '$j->{candidates}'


expect 4 'step000004.episodes.h5 was made with other settings|guidance.kind "double-q" there, "iql" wanted' 'another guidance under the usual name' \
    evaluate $runs/dql/joint/seed0 --step 4 --guidance $iql
run train --steps 2 --seed 2
expect 5 "$runs/dql/joint/seed2: expected step000004.guidance.h5, for the step of $runs/dql/joint/seed0/step000004.diffusion.h5, found none" \
    'a run that has not come so far: before anything is evaluated' evaluate $runs/dql/joint/seed0 --guidance $runs/dql/joint/seed2 --label new
expect 4 "$runs/dql/none/seed0: expected a run with guidance" 'the guidance of a run without' \
    evaluate $runs/dql/joint/seed0 --guidance $runs/dql/none/seed0 --label new
expect 4 '--lambda|expected 0 beside --guidance none' 'eval: a gradient of nothing' "$mdpbench" eval $runs/dql/joint/seed0 --guidance none --lambda 1 --label new
expect 4 'lambda: expected 0 without guidance' 'eval: a gradient of nothing, as trained' evaluate $runs/dql/none/seed0 --lambda 1 --label new
expect 4 '--solver|expected one of|euler' 'eval: an unknown solver' evaluate $runs/dql/joint/seed0 --solver euler --label new
while IFS='|' read -r file text what; do
    expect 3 "$file: $text" "eval: $what" evaluate $runs/dql/joint/seed0 --guidance "$file" --label new
done <<END
g-other/step000002.guidance.h5|normaliser of observation|guidance of other data
g-expert/step000002.guidance.h5|expected task walker2d-medium as in $runs/dql/joint/seed0/step000002.diffusion.h5, found walker2d-expert|guidance of another task
g-cheetah/step000002.guidance.h5|expected 22 observations and 6 actions as in $runs/dql/joint/seed0/step000002.diffusion.h5, found 26 and 6|guidance of another robot
$runs/edp/joint/seed0/step000002.diffusion.h5|kind: expected guidance, found diffusion|a diffusion module as guidance
END
mv $runs/edp/joint/seed0/step000002.guidance.h5 "$work/gone"
expect 5 "$runs/edp/joint/seed0/step000002.guidance.h5: expected the guidance that goes with" 'eval: own guidance is gone' \
    evaluate $runs/edp/joint/seed0 --step 2 --label new
mv "$work/gone" $runs/edp/joint/seed0/step000002.guidance.h5

# ---- what reads the results ----
works 'compare: two compositions of the same actor' "$mdpbench" compare twice:double twice:own
grep -q '^walker2d-medium .* checkpoint .* 2 .* 2 ' "$work/out"
check $? 'paired by checkpoint' "$work/out"
works 'table: FOLDER:LABEL' "$mdpbench" table $runs/dql/joint/seed0:by-idql $runs/dql/joint/seed0 --format csv
[ "$(grep -c '^runs.*:by-idql,' "$work/out")" = 2 ]
check $? 'rows of that name' "$work/out"
works 'figure: FOLDER:LABEL' "$mdpbench" figure twice:own twice:double --out double.svg
grep -q 'twice:double' double.svg
check $? 'a curve of that name'
expect 4 'twice:none: expected stepNNNNNN.none.episodes.h5' 'table: a label that no evaluation has' "$mdpbench" table twice:none
expect 5 'nowhere:own' 'table: a label of no folder' "$mdpbench" table nowhere:own
printf 'may_differ: [w_t]\nrows: [{metric: return, test: mean, margin: {absolute: 0.3}}]\nsequential: {looks: [3, 6], bounds: pocock}\n' > looks.yaml
run "$mdpbench" gate --policy looks.yaml --sequential --evaluate --baseline $runs/dql/noise/seed0 --candidate $runs/dql/frozen/seed0
[ "$status" -le 2 ]
check $? 'gate --evaluate takes runs of any mode' "$work/err"
has 'by their own guidance' $iql gate-episodes/candidate/step000004.from000000.episodes.h5 '$j->{guidance}'
has 'also where that is noise' $runs/dql/noise/seed0/guidance.h5 gate-episodes/baseline/step000004.from000000.episodes.h5 '$j->{guidance}'
for file in $runs/dql/frozen/seed0/resume.h5 $runs/dql/none/seed0/resume.h5 $runs/guidance/iql/seed0/resume.h5 $runs/dql/noise/seed0/guidance.h5; do
    works "inspect $file" "$mdpbench" inspect "$file"
done
[ -z "$(find . -name '*.tmp*')" ]
check $? 'nothing half-written is left'
finish
