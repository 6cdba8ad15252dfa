#!/bin/sh
# two writers at one place: one of them says who is there and stops, and nothing of either is lost
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

policies=$root/results/reference/behavior
expert=$policies/walker2d-expert.h5
"$mdpbench" collect walker2d-random --steps 600 --out d.hdf5 > "$work/out" 2>&1
train() { "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 5 "$@"; }
works 'a run by itself' train --steps 10 --out alone

# halt CLAIM COMMAND...: starts a command and stops it as soon as it has made its claim
halt() {
    claim=$1
    shift
    "$@" > "$work/first" 2> "$work/first-err" < /dev/null &
    pid=$!
    while [ ! -e "$claim" ] && kill -0 $pid 2> /dev/null; do sleep 0.005; done
    kill -s STOP $pid
}

end() {
    kill -s KILL $pid
    wait $pid 2> /dev/null
}

# one_writer VERB CLAIM COMMAND...: while one is stopped in the middle, the same command is refused; once that is
# killed, it works, and no claim is left
one_writer() {
    verb=$1
    claim=$2
    shift 2
    halt "$claim" "$@"
    [ -e "$claim" ] && grep -q "^process $pid$" "$claim" && grep -q '^host .' "$claim" && grep -q '^boot .' "$claim"
    check $? "$verb: the claim says who writes" "$work/first-err"
    run "$@"
    [ "$status" = 5 ] && [ "$(wc -l < "$work/err")" = 1 ] && grep -q "is being written by mdpbench $verb, process $pid on .*, since .* UTC; its heartbeat is [0-9]* s old" "$work/err"
    check $? "$verb: a second one is refused and told by whom" "$work/err" "$work/out"
    end
    works "$verb: once the first is killed, it works" "$@"
    [ ! -e "$claim" ] && [ -z "$(find . -name '*.tmp-*' -o -name '.*claim')" ]
    check $? "$verb: no claim and no temporary file is left"
}
mkdir run learner
one_writer train run/.claim "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 5 --steps 10 --out run
same_folder 'train: the same bits as without a second one' alone run
one_writer behave learner/.claim "$mdpbench" behave walker2d --warmup 256 --checkpoint-every 52 --steps 104 --out learner
# long enough to be stopped in the middle
one_writer collect .c.hdf5.claim "$mdpbench" collect walker2d-random --steps 20000 --out c.hdf5
one_writer eval .e.episodes.h5.claim "$mdpbench" eval --behavior "$expert" --episodes 20 --out e.episodes.h5

# both at once, as scripts start them: one is done or both, the run is whole, the log has every row once
for i in 1 2 3; do
    train --steps 10 --out both > "$work/out" 2> "$work/err" &
    pid=$!
    train --steps 10 --out both > "$work/out2" 2> "$work/err2"
    second=$?
    wait $pid
    first=$?
    case "$first $second" in '0 0' | '0 5' | '5 0') ;; *) break ;; esac
    diff -r -x run.json alone both > "$work/why" 2>&1 || break
    [ $i = 3 ] || rm -r both
done
[ $i = 3 ] && diff -r -x run.json alone both > "$work/why" 2>&1
check $? 'two trainings started together: one run' "$work/why" "$work/err" "$work/err2"

# one that was stopped for long, and whose place another machine has taken, stops without writing
foreign() {
    printf 'mdpbench claim\nverb %s\nhost elsewhere\nprocess 7\nstarted 0\nspace 1\nboot other\ndevice 1\nsince 2026-01-02 03:04:05 UTC\n' "$1"
}
mkdir taken
halt taken/.claim "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 5 --steps 10 --out taken
ls taken > "$work/before"
foreign train > theirs
mv theirs taken/.claim
kill -s CONT $pid
wait $pid
status=$?
ls taken > "$work/after"
[ "$status" = 5 ] && grep -q 'taken: was taken by mdpbench train, process 7 on elsewhere, since 2026-01-02' "$work/first-err" &&
    [ -z "$(find taken -name '*.h5*')" ] && [ -e taken/.claim ]
check $? 'train, stopped until another took its place: it stops and writes no more' "$work/first-err" "$work/after"

# what somebody puts there meanwhile without asking stays: of other settings in a run, whatever it is elsewhere
rm -f e.episodes.h5
halt .e.episodes.h5.claim "$mdpbench" eval --behavior "$expert" --episodes 20 --out e.episodes.h5
echo theirs > e.episodes.h5
kill -s CONT $pid
wait $pid
status=$?
# seen when it gets its name, or, stopped early enough, before the work
grep -q 'e.episodes.h5: expected none yet, found one that was made meanwhile\|e.episodes.h5: expected an HDF5 file' "$work/first-err" &&
    [ "$status" != 0 ] && [ "$(cat e.episodes.h5)" = theirs ]
check $? 'eval: a file that appears meanwhile is not replaced' "$work/first-err"
rm e.episodes.h5
works 'eval: without it' "$mdpbench" eval --behavior "$expert" --episodes 2 --out e.episodes.h5
train --steps 5 --seed 1 --out other > "$work/out" 2>&1
mkdir mixed
halt mixed/.claim "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 5 --steps 10 --out mixed
cp other/step000005.diffusion.h5 mixed
kill -s CONT $pid
wait $pid
status=$?
[ "$status" = 4 ] && grep -q 'mixed/step000005.diffusion.h5 was made with other settings' "$work/first-err" &&
    cmp -s other/step000005.diffusion.h5 mixed/step000005.diffusion.h5
check $? 'train: a module of another run that appears meanwhile is not replaced' "$work/first-err"
# a damaged one is made again, also one that a run makes once
train --guidance noise --steps 5 --out noisy > "$work/out" 2>&1
cp noisy/guidance.h5 whole.h5
head -c 3000 whole.h5 > noisy/guidance.h5
works 'train: beside damaged noise' train --guidance noise --steps 10 --out noisy
grep -q 'noisy/guidance.h5: .*; made again' "$work/err" && cmp -s whole.h5 noisy/guidance.h5
check $? 'train: it is made again, and said to be' "$work/err"

# ---- every other verb that writes, beside a claim of another machine whose heartbeat is fresh ----
"$mdpbench" eval --behavior "$expert" --episodes 3 --seed 1 --out f.episodes.h5 > "$work/out" 2>&1
beside() {
    claim=$1
    what=$2
    shift 2
    mkdir -p "$(dirname "$claim")"
    foreign "$what" > "$claim"
    find . > "$work/before"
    run "$@"
    find . > "$work/after"
    message_is 5 "is being written by mdpbench $what, process 7 on elsewhere, since 2026-01-02 03:04:05 UTC" && cmp -s "$work/before" "$work/after"
    check $? "$what: refused beside another writer" "$work/err"
    touch -d '10 minutes ago' "$claim"
    run "$@"
    [ "$status" -le 2 ] && [ ! -e "$claim" ]
    check $? "$what: one whose heartbeat has stopped is no writer any more" "$work/err"
}
beside ./.t.csv.claim table "$mdpbench" table e.episodes.h5 --out t.csv
beside ./.x.csv.claim export "$mdpbench" export e.episodes.h5 --out x.csv
beside ./.m.safetensors.claim export "$mdpbench" export run/step000010.diffusion.h5 --out m.safetensors
beside imported/.step000010.diffusion.h5.claim import "$mdpbench" import m.safetensors --out imported
beside reports/.claim gate "$mdpbench" gate --policy "$root/bench/gates/default.yaml" --baseline e.episodes.h5 --candidate f.episodes.h5 --out reports
beside alone/.step000010.episodes.h5.claim eval "$mdpbench" eval alone --step 10 --w-t 5 --episodes 2
if [ -n "$(command -v gnuplot)" ]; then
    beside ./.f.svg.claim figure "$mdpbench" figure alone --out f.svg
else
    skip 'figure: beside another writer' 'no gnuplot'
fi

# ---- the steps of a folder are those of one run: every reader says where they are not ----
cp -R alone steps
cp other/step000005.guidance.h5 other/step000005.diffusion.h5 steps
said='steps/step000010.diffusion.h5: settings: seed: expected 1 as in steps/step000005.diffusion.h5, found 0'
expect 3 "$said" 'eval: modules of two runs' "$mdpbench" eval steps --w-t 5 --episodes 2
expect 3 "$said" 'diagnose: modules of two runs' "$mdpbench" diagnose steps --guidance own --held-out d.hdf5
expect 3 "$said" 'gate --evaluate: modules of two runs' "$mdpbench" gate --policy "$root/bench/gates/default.yaml" --baseline steps \
    --candidate alone --sequential --evaluate
rm -f steps/resume.h5
expect 4 'steps/step000005.diffusion.h5 was made with other settings' 'train: modules of two runs' \
    train --steps 15 --out steps
rm steps/step* alone/*.episodes.h5
"$mdpbench" eval alone --w-t 5 --episodes 2 > "$work/out" 2>&1
"$mdpbench" eval other --w-t 5 --episodes 2 > "$work/out" 2>&1
cp alone/step000010.episodes.h5 other/step000005.episodes.h5 steps
said='steps/step000010.episodes.h5: settings: diffusion.seed: expected 1 as in steps/step000005.episodes.h5, found 0'
expect 3 "$said" 'table: evaluations of two runs' "$mdpbench" table steps
expect 3 "$said" 'compare: evaluations of two runs' "$mdpbench" compare steps alone
if [ -n "$(command -v gnuplot)" ]; then
    expect 3 "$said" 'figure: evaluations of two runs' "$mdpbench" figure steps --out two.svg
else
    skip 'figure: evaluations of two runs' 'no gnuplot'
fi
run "$mdpbench" gate --policy "$root/bench/gates/default.yaml" --baseline steps --candidate alone
message_is 3 'the steps of a run have equal settings'
check $? 'gate: evaluations of two runs' "$work/err"
expect 3 'the steps of a run have equal settings' 'export: a curve of two runs' "$mdpbench" export steps/step000005.episodes.h5 \
    steps/step000010.episodes.h5 --out steps/curve.h5
rm steps/*
cp alone/step000010.episodes.h5 steps
"$mdpbench" eval --diffusion alone/step000005.diffusion.h5 --w-t 5 --episodes 3 --out steps/step000005.episodes.h5 > "$work/out" 2>&1
expect 3 'settings: episodes: expected 3 as in steps/step000005.episodes.h5, found 2' \
    'table: another number of episodes' "$mdpbench" table steps

# ---- a gate's history: each run once, whatever was killed and whoever adds beside ----
cp "$root/results/reference/behavior/walker2d-expert.episodes.h5" good.episodes.h5
gate() {
    label=$1
    shift
    "$mdpbench" gate --policy "$root/bench/gates/default.yaml" --baseline good.episodes.h5 --candidate good.episodes.h5 \
        --today 2026-06-01 --history history ${label:+--label "$label"} "$@"
}
for moment in 0 0.01 0.02 0.03 0.05 000001.json; do
    gate one > "$work/out" 2> "$work/err" &
    pid=$!
    case $moment in
    *.json) while [ ! -e history/$moment ] && kill -0 $pid 2> /dev/null; do sleep 0.001; done ;;
    *) sleep $moment ;;
    esac
    kill -s KILL $pid 2> /dev/null
    wait $pid 2> /dev/null
done
works 'gate --history: run again after kills' gate one
works 'gate --history: and again' gate one
[ "$(ls -A history)" = 000001.json ] && grep -q 'history: has this run already, as 000001.json' "$work/err"
check $? 'gate --history: the run is there once, and said to be' "$work/err"
for i in 2 3 4 5; do gate "run $i" > "$work/out" 2> "$work/err$i" & done
wait
[ "$(ls -A history | tr '\n' ' ')" = '000001.json 000002.json 000003.json 000004.json 000005.json ' ] &&
    [ "$(grep -h '"label"' history/* | sort -u | wc -l)" = 5 ]
check $? 'gate --history: four gates at once are four runs' "$work/err2" "$work/err3"
# midnight between a kill and the second try
works 'gate --history: on another day' gate one --today 2026-06-02
[ "$(ls -A history | wc -l)" = 5 ] && grep -q 'history: has this run already, as 000001.json' "$work/err"
check $? 'gate --history: the same run is there once' "$work/err"
works 'gate --history: without a label' gate '' --today 2026-06-02
works 'gate --history: and again' gate '' --today 2026-06-03
[ "$(ls -A history | wc -l)" = 6 ]
check $? 'gate --history: without a label it is the same as the newest'
works 'gate --history: another run' gate six
works 'gate --history: without a label, after another run' gate '' --today 2026-06-03
[ "$(ls -A history | wc -l)" = 8 ]
check $? 'gate --history: is one more' "$work/err"

# ---- two containers: process and mount namespaces of their own, one folder ----
if unshare --mount --pid --fork true 2> "$work/err"; then
    mkdir shared
    contained() { exec unshare --mount --pid --fork --mount-proc --kill-child "$@"; }
    (contained "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 5 --steps 100000 --out shared) > "$work/first" 2> "$work/first-err" < /dev/null &
    pid=$!
    while [ ! -e shared/step000005.diffusion.h5 ] && kill -0 $pid 2> /dev/null; do sleep 0.01; done
    grep -q '^process 1$' shared/.claim
    check $? 'a container, whose process is number 1 there' "$work/first-err" shared/.claim
    other() { (contained "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 5 --steps "$1" --out shared); }
    run other 20
    message_is 5 'shared: is being written by mdpbench train, process 1 of another container on '
    check $? 'another container is refused' "$work/err"
    : > "shared/notes.tmp99999"
    # what was killed is the parent of the container, which ends a moment later
    kill -s KILL $pid
    wait $pid 2> /dev/null
    for i in 1 2 3 4 5 6 7 8 9 10; do
        rm -f shared/step* shared/resume.h5 shared/log.csv
        run other 20
        if [ "$status" != 5 ]; then break; fi
        sleep 0.2
    done
    [ "$status" = 0 ]
    check $? 'once the first is killed, the other one works' "$work/err"
    [ -e shared/notes.tmp99999 ] && [ -z "$(find shared -name '*.tmp-*' -o -name '.claim')" ]
    check $? 'it leaves no trace of the first, and what is not ours'
    # a machine of another name and start: its claim is free once its heartbeat is old, not before
    echo 11111111-2222-3333-4444-555555555555 > boot
    elsewhere() {
        exec unshare --mount --uts sh -c 'echo elsewhere > /proc/sys/kernel/hostname && mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"' "$PWD/boot" "$@"
    }
    mkdir disk
    (elsewhere "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 5 --steps 100000 --out disk) > "$work/first" 2> "$work/first-err" < /dev/null &
    pid=$!
    while [ ! -e disk/.claim ] && kill -0 $pid 2> /dev/null; do sleep 0.01; done
    run train --steps 10 --out disk
    message_is 5 "disk: is being written by mdpbench train, process $pid on elsewhere, since "
    check $? 'another machine writes: refused' "$work/err" "$work/first-err"
    end
    rm -f disk/step* disk/resume.h5 disk/log.csv
    run train --steps 10 --out disk
    message_is 5 'on elsewhere, since |, or until that is 120 s old if it is dead'
    check $? 'it was killed: refused until its heartbeat is old' "$work/err"
    touch -d '3 minutes ago' disk/.claim
    works 'which then is taken over' train --steps 10 --out disk
    # this machine before it was started anew: what ran then is dead, whatever its heartbeat
    again() { exec unshare --mount sh -c 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"' "$PWD/boot" "$@"; }
    rm -rf disk
    mkdir disk
    (again "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 5 --steps 100000 --out disk) > "$work/first" 2> "$work/first-err" < /dev/null &
    pid=$!
    while [ ! -e disk/.claim ] && kill -0 $pid 2> /dev/null; do sleep 0.01; done
    end
    rm -f disk/step* disk/resume.h5 disk/log.csv
    if grep -q '^machine 0$' disk/.claim; then
        skip 'a claim from before a restart of this machine' 'it has no /etc/machine-id'
    else
        grep -q '^boot 11111111-2222' disk/.claim
        check $? 'a claim from before a restart of this machine' disk/.claim
        works 'is taken over at once' train --steps 10 --out disk
    fi
    # a dataset under way: process 1 of one container beside process 1 of another
    lost=
    for i in 1 2 3 4 5; do
        (contained "$mdpbench" collect walker2d-random --steps 600 --out shared/a.hdf5) > "$work/out" 2>&1 < /dev/null &
        pid=$!
        (contained "$mdpbench" collect walker2d-random --steps 600 --seed 1 --out shared/b.hdf5) > "$work/out2" 2>&1 < /dev/null &
        wait $pid && wait $! && cmp -s d.hdf5 shared/a.hdf5 && [ -e shared/b.hdf5 ] || lost="$lost $i"
        rm -f shared/?.hdf5
    done
    [ -z "$lost" ]
    check $? "two containers collect in one folder: nothing lost, found losses in:$lost" "$work/out" "$work/out2"
    closed() { unshare --mount sh -c 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"' "$@"; }
    run closed alone "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 5 --steps 10 --out alone
    [ "$status" = 0 ] && grep -q 'alone: has 10 steps already, nothing to do' "$work/err"
    check $? 'train: a run that is whole is so in a folder that cannot be written, too' "$work/err"
    run closed alone "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 5 --steps 11 --out alone
    message_is 5 'alone/'
    check $? 'train: going on there is refused' "$work/err"
else
    skip 'two containers on one folder' "unshare: $(head -1 "$work/err")"
fi
finish
