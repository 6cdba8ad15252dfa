#!/bin/sh
# training that is killed, stopped or torn: run again, it ends with the bits of an unbroken run
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

"$mdpbench" collect walker2d-random --steps 600 --out d.hdf5 > "$work/out" 2>&1
train() { "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 5 --steps "$@"; }
works 'train without a break' train 20 --out whole
behave() { "$mdpbench" behave walker2d --warmup 256 --checkpoint-every 52 --steps "$@"; }
works 'behave without a break' behave 312 --out learner
ls learner/*.behavior.h5 | sed 's,.*/,,' > "$work/policies"

# brk SIGNAL WAIT COMMAND...: runs a command and sends the signal after WAIT: a time, or the file that must appear first
brk() {
    signal=$1
    moment=$2
    shift 2
    "$@" > "$work/out" 2> "$work/err" < /dev/null &
    pid=$!
    case $moment in
    0.*) sleep "$moment" ;;
    *) while [ ! -e "$moment" ] && kill -0 $pid 2> /dev/null; do sleep 0.01; done ;;
    esac
    sleep "${delay:-0}"
    kill -s "$signal" $pid 2> /dev/null
    wait $pid 2> /dev/null
    status=$?
}

# the command itself, so that the signal reaches it and no shell in between
train_direct() {
    brk "$1" "$2" "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 5 --steps 20 --out "$3"
}
behave_direct() {
    brk "$1" "$2" "$mdpbench" behave walker2d --warmup 256 --checkpoint-every 52 --steps 312 --out "$3"
}

# without what a kill left under temporary names, which is counted instead
drop_temporary() {
    n_temporary=$(find "$1" -name '*.tmp*' | wc -l)
    find "$1" -name '*.tmp*' -exec rm {} +
}

# every file that a killed run shows under its own name is whole
all_whole() {
    for file in "$1"/*.h5; do
        if [ -e "$file" ] && ! "$mdpbench" inspect "$file" > "$work/out" 2> "$work/err"; then return 1; fi
    done
}

# ---- SIGKILL ----
# at times spread over the run, one after the other on the same folder
n_killed=0
n_left=0
for moment in 0.02 0.06 0.10 0.14 0.18 0.22 0.26 0.3; do
    train_direct KILL $moment killed
    if [ "$status" = 137 ]; then n_killed=$((n_killed + 1)); fi
    if [ -d killed ]; then
        all_whole killed || break
        n_left=$((n_left + $(find killed -name '*.tmp*' | wc -l)))
    fi
done
[ "$moment" = 0.3 ]
check $? 'train killed at many moments: every file is whole' "$work/err"
[ "$n_killed" -ge 1 ]
check $? 'it was killed at least once'
echo "# killed $n_killed times, $n_left temporary files were seen"
works 'train, killed: run again' train 20 --threads 2 --out killed
drop_temporary killed
same_folder 'train, killed at many moments: the same bits' whole killed

# with transitions in a scratch file: the same bits, and no trace of it after a kill
brk KILL scratched/resume.h5 "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 5 \
    --steps 20 --memory 0 --out scratched
[ "$status" = 137 ] && [ -z "$(find . -name '*scratch.*')" ]
check $? 'train from a scratch file, killed: it is gone' "$work/err"
works 'train from a scratch file: run again' train 20 --memory 0 --scratch elsewhere --out scratched
drop_temporary scratched
same_folder 'train from a scratch file: the same bits' whole scratched
[ -d elsewhere ] && [ -z "$(ls -A elsewhere)" ]
check $? 'and nothing is left of it'

# as soon as a file shows: between a module and the state, and right after the state
for file in step000005.diffusion.h5 step000005.guidance.h5 step000010.diffusion.h5 resume.h5; do
    rm -rf killed
    train_direct KILL killed/$file killed
    killed_status=$status
    run train 20 --out killed
    drop_temporary killed
    diff -r -x run.json whole killed > "$work/why" 2>&1 && [ "$status" = 0 ]
    check $? "train, killed when $file appears (status $killed_status): the same bits" "$work/why" "$work/err"
done

n_killed=0
for moment in 0.1 0.3 0.5 0.7; do
    behave_direct KILL $moment killed-learner
    if [ "$status" = 137 ]; then n_killed=$((n_killed + 1)); fi
done
[ "$n_killed" -ge 1 ] && all_whole killed-learner
check $? 'behave killed at many moments: every file is whole' "$work/err"
works 'behave, killed: run again' behave 312 --threads 2 --out killed-learner
drop_temporary killed-learner
same_folder 'behave, killed at many moments: the same bits' learner killed-learner
# the fifth policy is the first that has learnt
for file in "$(sed -n 5p "$work/policies")" resume.h5; do
    rm -rf killed-learner
    behave_direct KILL killed-learner/"$file" killed-learner
    killed_status=$status
    run behave 312 --out killed-learner
    drop_temporary killed-learner
    diff -r learner killed-learner > "$work/why" 2>&1 && [ "$status" = 0 ]
    check $? "behave, killed when $file appears (status $killed_status): the same bits" "$work/why" "$work/err"
done

# a dataset and episodes are whole or not there
brk KILL 0.2 "$mdpbench" collect walker2d-random --steps 200000 --out killed.hdf5
[ "$status" = 137 ] && [ ! -e killed.hdf5 ]
check $? 'collect, killed: no dataset'
works 'and it can be made' "$mdpbench" collect walker2d-random --steps 600 --out killed.hdf5
same 'with the same bytes' d.hdf5 killed.hdf5
brk KILL 0.2 "$mdpbench" eval whole --step 20 --w-t 5 --episodes 20000 --out killed.episodes.h5
[ "$status" = 137 ] && [ ! -e killed.episodes.h5 ]
check $? 'eval, killed: no episodes'

# ---- SIGTERM and SIGINT ----
for signal in TERM INT; do
    # a run may end before the signal comes; then it is tried again
    for attempt in 1 2 3 4 5; do
        rm -rf stopped
        train_direct $signal stopped/step000005.diffusion.h5 stopped
        if [ "$status" != 0 ]; then break; fi
    done
    message_is 6 'run the same command again' && [ -z "$(find stopped -name '*.tmp*')" ]
    check $? "train, SIG$signal: status 6, one message, nothing half-written" "$work/err"
    works "train, SIG$signal: run again" train 20 --out stopped
    same_folder "train, SIG$signal: the same bits" whole stopped
done
for attempt in 1 2 3 4 5; do
    rm -rf stopped-learner
    behave_direct TERM stopped-learner/resume.h5 stopped-learner
    if [ "$status" != 0 ]; then break; fi
done
message_is 6 'run the same command again' && [ -z "$(find stopped-learner -name '*.tmp*')" ]
check $? 'behave, SIGTERM: status 6, one message, nothing half-written' "$work/err"
works 'behave, SIGTERM: run again' behave 312 --out stopped-learner
same_folder 'behave, SIGTERM: the same bits' learner stopped-learner
# between two checkpoints, of which the only one is far away: the state is kept all the same, and log.csv goes on
far() { "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 16 --checkpoint-every 60 --steps 60 "$@"; }
# is_kept FOLDER STEP: what a stop left is a state of a step before this one, and no module
is_kept() {
    kept=$("$mdpbench" inspect --json "$1/resume.h5" | sed -n 's/.*"step": *\([0-9]*\).*/\1/p') &&
        [ "$kept" -gt 0 ] && [ "$kept" -lt "$2" ] && ! ls "$1"/step* > "$work/why" 2>&1
}
for what in '--algo dql' '--algo idql' '--guidance-only iql'; do
    rm -rf far
    works "train $what: one checkpoint, without a break" far $what --out far
    for delay in 0 0.05 0.1 0.2 0.3 0.5; do
        rm -rf far-stopped
        brk TERM far-stopped/log.csv "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 16 \
            --checkpoint-every 60 --steps 60 $what --out far-stopped
        if [ "$status" = 6 ] && [ -e far-stopped/resume.h5 ]; then break; fi
    done
    delay=0
    message_is 6 'run the same command again' && is_kept far-stopped 60 && grep -q "step $kept of 60 is kept" "$work/err"
    check $? "train $what, SIGTERM before the first checkpoint: its steps are kept" "$work/err"
    works "train $what, SIGTERM before the first checkpoint: run again" far $what --threads 2 --out far-stopped
    same_folder "train $what, SIGTERM before the first checkpoint: the same bits" far far-stopped
done
# the clock keeps a state, too: what a power cut leaves
brk KILL far-cut/resume.h5 "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 16 --checkpoint-every 60 \
    --steps 60 --guidance-only iql --save-minutes 0 --out far-cut
[ "$status" = 137 ] && is_kept far-cut 60
check $? 'train --save-minutes 0, killed before the first checkpoint: its steps are kept' "$work/err"
works 'train --save-minutes 0, killed: run again, rarely kept' far --guidance-only iql --out far-cut
drop_temporary far-cut
same_folder 'train --save-minutes 0, killed: the same bits' far far-cut
for delay in 0 0.05 0.1 0.2 0.3 0.5; do
    rm -rf far-learner
    brk INT far-learner/log.csv "$mdpbench" behave walker2d --warmup 256 --checkpoint-every 400 --steps 400 --out far-learner
    if [ "$status" = 6 ] && [ -e far-learner/resume.h5 ]; then break; fi
done
delay=0
message_is 6 'run the same command again' && is_kept far-learner 400 && grep -q "step $kept of 400 is kept" "$work/err"
check $? 'behave, SIGINT within an episode before the first checkpoint: its steps are kept' "$work/err"
works 'behave without a break, one checkpoint' "$mdpbench" behave walker2d --warmup 256 --checkpoint-every 400 --steps 400 --out far-whole
works 'behave, SIGINT within an episode: run again' "$mdpbench" behave walker2d --warmup 256 --checkpoint-every 400 --steps 400 --threads 2 --out far-learner
same_folder 'behave, SIGINT within an episode: the same bits' far-whole far-learner
# a machine under load may need a while until it listens to signals at all
for moment in 0.3 0.9 0.99; do
    brk TERM $moment "$mdpbench" collect walker2d-random --steps 5000000 --out stopped.hdf5
    if [ -e stopped.hdf5.part ]; then break; fi
done
message_is 6 'run the same command again' && [ "$(ls stopped.hdf5*)" = stopped.hdf5.part ]
check $? 'collect, SIGTERM: status 6, whole episodes are kept' "$work/err"
works 'which is a dataset like others' "$mdpbench" inspect stopped.hdf5.part
behavior=$root/results/reference/behavior
policy=learner/$(tail -n 1 "$work/policies")
while read -r task steps options; do
    options=$(echo "$options" | sed "s,POLICY,$policy,")
    # shellcheck disable=SC2086
    works "collect $task without a break" "$mdpbench" collect $task --behavior "$behavior" $options --steps $steps --out whole-$task.hdf5
    for delay in 0.05 0.1 0.2 0.4 0.6 0.8 0.05 0.1 0.2 0.4 0.6 0.8; do
        # shellcheck disable=SC2086
        brk TERM 0.1 "$mdpbench" collect $task --behavior "$behavior" $options --steps $steps --threads 2 --out $task.hdf5
        if [ -e $task.hdf5.part ] || [ "$status" = 0 ]; then break; fi
    done
    delay=0
    [ "$status" = 6 ] && [ -e $task.hdf5.part ] && [ ! -e $task.hdf5 ] && grep -q 'rows are kept' "$work/err"
    check $? "collect $task, SIGTERM: rows are kept" "$work/err"
    cp $task.hdf5.part other-$task.hdf5.part
    # shellcheck disable=SC2086
    works "collect $task, SIGTERM: run again" "$mdpbench" collect $task --behavior "$behavior" $options --steps $steps --out $task.hdf5
    grep -q "$task.hdf5.part: goes on at row" "$work/err" && [ "$(ls $task.hdf5*)" = $task.hdf5 ]
    check $? 'goes on from there, and nothing is left of it' "$work/err"
    same 'the same bytes' whole-$task.hdf5 $task.hdf5
done << END
walker2d-random 100000
walker2d-medium-expert 60000
walker2d-medium-replay 312 --medium POLICY
END
works 'collect beside what another collection has left' "$mdpbench" collect walker2d-random --steps 200 --out other-walker2d-random.hdf5
grep -q 'other-walker2d-random.hdf5.part: was left by a collection of other settings' "$work/err"
check $? 'does not use it' "$work/err"
head -c 3000 d.hdf5 > torn.hdf5.part
chatty_expect 3 'torn.hdf5.part: ' 'collect beside something torn' "$mdpbench" collect walker2d-random --steps 200 --out torn.hdf5
rm torn.hdf5.part
for moment in 0.3 0.9 0.99; do
    brk TERM $moment "$mdpbench" eval whole --step 20 --w-t 5 --episodes 50000 --out stopped.episodes.h5
    if [ "$status" != 143 ]; then break; fi
done
message_is 6 'run the same command again' && [ "$(ls stopped.episodes.h5*)" = stopped.episodes.h5.part ]
check $? 'eval, SIGTERM: status 6, what is done is kept' "$work/err"
works 'and is a file like others' "$mdpbench" inspect stopped.episodes.h5.part
some() { "$mdpbench" eval whole --step 20 --w-t 5 --episodes 30 --lanes 7 "$@"; }
works 'eval without a break' some --out some.episodes.h5
for delay in 0 0.05 0.1 0.2 0.3 0.5; do
    rm -f again.episodes.h5*
    brk TERM 0.1 "$mdpbench" eval whole --step 20 --w-t 5 --episodes 30 --lanes 7 --out again.episodes.h5
    if [ -e again.episodes.h5.part ]; then break; fi
done
delay=0
[ "$status" = 6 ] && [ -e again.episodes.h5.part ] && [ ! -e again.episodes.h5 ]
check $? 'eval, SIGTERM: status 6' "$work/err"
cp again.episodes.h5.part other.episodes.h5.part
cp again.episodes.h5.part torn.episodes.h5.part
works 'eval, SIGTERM: run again, otherwise side by side' some --lanes 30 --threads 2 --out again.episodes.h5
grep -q 'again.episodes.h5.part: goes on from there' "$work/err" && [ ! -e again.episodes.h5.part ]
check $? 'goes on from there, and nothing is left of it' "$work/err"
same 'the same bytes' some.episodes.h5 again.episodes.h5
works 'eval beside what another evaluation has left' some --temperature 0.25 --out other.episodes.h5
grep -q 'other.episodes.h5.part: was left by an evaluation of other settings or instructions, not used' "$work/err"
check $? 'does not use it' "$work/err"
head -c 3000 again.episodes.h5 > torn.episodes.h5.part
chatty_expect 3 'torn.episodes.h5.part: ' 'eval beside something torn' some --out torn.episodes.h5
rm -f torn.episodes.h5.part

# ---- more episodes than before ----
# n_more COUNT OPTION...: as `some`, whose 30 episodes are the whole
n_more() { "$mdpbench" eval whole --step 20 --w-t 5 --lanes 7 --out more.episodes.h5 --episodes "$@"; }
works 'eval of a few episodes' n_more 12
! grep -q 'are made' "$work/err"
check $? 'none of which were there' "$work/err"
cp more.episodes.h5 few.episodes.h5
works 'of more of them' n_more 30
grep -q 'more.episodes.h5: has 12 of 30 episodes, the others are made' "$work/err" && [ ! -e more.episodes.h5.part ]
check $? 'keeps those that are there' "$work/err"
same 'the same bytes as made at once' some.episodes.h5 more.episodes.h5
cp few.episodes.h5 more.episodes.h5
brk KILL 0.1 "$mdpbench" eval whole --step 20 --w-t 5 --lanes 7 --out more.episodes.h5 --episodes 20000
[ "$status" = 137 ]
check $? 'eval of more, killed' "$work/err"
same 'what was there stays' few.episodes.h5 more.episodes.h5
for delay in 0 0.05 0.1 0.2 0.3 0.5; do
    cp few.episodes.h5 more.episodes.h5
    brk TERM 0.1 "$mdpbench" eval whole --step 20 --w-t 5 --lanes 7 --out more.episodes.h5 --episodes 30
    if [ -e more.episodes.h5.part ]; then break; fi
done
delay=0
[ "$status" = 6 ] && [ -e more.episodes.h5.part ] && cmp -s few.episodes.h5 more.episodes.h5
check $? 'eval of more, SIGTERM: status 6, and what was there stays' "$work/err"
cp more.episodes.h5.part kept.part
works 'those that are there, asked for again' n_more 12
cmp -s more.episodes.h5.part kept.part
check $? 'keep what was done of more'
works 'run again' n_more 30 --threads 2
grep -q 'more.episodes.h5.part: goes on from there' "$work/err" && [ ! -e more.episodes.h5.part ]
check $? 'goes on from there' "$work/err"
same 'the same bytes again' some.episodes.h5 more.episodes.h5
cp kept.part more.episodes.h5.part
works 'beside what a kill has left of it' n_more 30
[ ! -e more.episodes.h5.part ]
check $? 'which goes'
for how in '' --stochastic; do
    policy=$(ls learner/*.behavior.h5 | tail -n 1)
    "$mdpbench" eval --behavior "$policy" $how --episodes 9 --out nine$how.h5 > "$work/out" 2> "$work/err"
    "$mdpbench" eval --behavior "$policy" $how --episodes 4 --out grown$how.h5 > "$work/out" 2> "$work/err"
    works "a behaviour policy $how" "$mdpbench" eval --behavior "$policy" $how --episodes 9 --out grown$how.h5
    same 'with the same bytes' nine$how.h5 grown$how.h5
done
# of returns that depend on all episodes
"$mdpbench" eval whole --step 20 --w-t 5 --return-rule cleandiffuser --episodes 9 --out nine-rule.h5 > "$work/out" 2> "$work/err"
"$mdpbench" eval whole --step 20 --w-t 5 --return-rule cleandiffuser --episodes 4 --out grown-rule.h5 > "$work/out" 2> "$work/err"
works 'returns of another rule' "$mdpbench" eval whole --step 20 --w-t 5 --return-rule cleandiffuser --episodes 9 --out grown-rule.h5
same 'the same bytes, too' nine-rule.h5 grown-rule.h5

# ---- what a kill can leave, made by hand ----
# killed after the modules of step 10 and the log's row, in the middle of the next row, before the state of step 10
run train 5 --out torn
cp whole/step000010.diffusion.h5 torn/
echo 'not a module' > torn/step000010.guidance.h5
sed -n 3p whole/log.csv >> torn/log.csv
printf '15,0.5,' >> torn/log.csv
works 'train: modules and log newer than the state' train 20 --out torn
same_folder 'are made again, the same bits' whole torn

run behave 52 --out torn-learner
cp "learner/$(sed -n 2p "$work/policies")" torn-learner/
sed -n 3p learner/log.csv >> torn-learner/log.csv
printf '999,1' >> torn-learner/log.csv
works 'behave: policy and log newer than the state' behave 312 --out torn-learner
same_folder 'are made again, the same bits' learner torn-learner

# only the newest modules: the same ones, whatever kills the run
kept_names() { ls "$1" | grep '^step' | tr '\n' ' '; }
works 'train --keep 2' train 20 --keep 2 --out newest
[ "$(kept_names newest)" = 'step000015.diffusion.h5 step000015.guidance.h5 step000020.diffusion.h5 step000020.guidance.h5 ' ]
check $? 'leaves the modules of two steps'
grep -q 'newest: will take [0-9]* MB of disk: 3 checkpoints of 3.[0-9] MB, resume.h5 of 7.[0-9] MB twice; [0-9.]* [kMGT]*B are free$' "$work/err"
check $? 'and says first what that takes' "$work/err"
cp -R whole newest-want
rm newest-want/step000005* newest-want/step000010*
same_folder 'the same bits' newest-want newest
run train 20 --out newest
message_is 4 'newest/step000005.diffusion.h5: expected it as the run has passed step 5'
check $? 'train of all modules where old ones are gone' "$work/err"
works 'train of one module where two are' train 20 --keep 1 --out newest
[ "$(kept_names newest)" = 'step000020.diffusion.h5 step000020.guidance.h5 ' ]
check $? 'leaves one'
for file in step000015.guidance.h5 resume.h5; do
    rm -rf newest
    brk KILL newest/$file "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 5 --steps 20 --keep 2 --out newest
    run train 20 --keep 2 --out newest
    drop_temporary newest
    diff -r -x run.json newest-want newest > "$work/why" 2>&1 && [ "$status" = 0 ]
    check $? "train --keep 2, killed when $file appears: the same bits" "$work/why" "$work/err"
done
expect 4 '--keep: expected 1 or more checkpoints' 'train --keep 0' train 20 --keep 0 --out newest

# whatever becomes of the log, a run that goes on has every row once, and so has one that is over
run train 10 --out rows
run behave 104 --out rows-learner
damage() {
    case $1 in
    gone) rm "$2/log.csv" ;;
    cut) sed -i '$d' "$2/log.csv" && printf '10,0.' >> "$2/log.csv" ;;
    doubled) sed -i 2p "$2/log.csv" && sed 1d "$2/log.csv" > "$work/rows" && cat "$work/rows" >> "$2/log.csv" ;;
    zeros) truncate -s 0 "$2/log.csv" && truncate -s 90 "$2/log.csv" ;;
    esac
}
for how in gone cut doubled zeros; do
    rm -rf damaged damaged-learner over
    cp -R rows damaged && cp -R rows-learner damaged-learner && cp -R whole over
    damage $how damaged && damage $how damaged-learner && damage $how over
    run train 20 --out damaged
    same_folder "train: log.csv $how: the same bits" whole damaged
    run behave 312 --out damaged-learner
    same_folder "behave: log.csv $how: the same bits" learner damaged-learner
    run train 20 --out over
    same_folder "train that is over: log.csv $how: there again" whole over
done

# a row is on disk before the state that it belongs to
if strace -o "$work/calls" true 2> "$work/err"; then
    run strace -f -y -e trace=fsync -o "$work/calls" "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 \
        --checkpoint-every 5 --steps 15 --out ordered
    perl -ne '$o .= m{/log\.csv} ? "L" : m{/resume\.h5} ? "S" : ""; END { print "$o\n"; exit($o !~ /^L(?:LS){3}$/) }' \
        "$work/calls" > "$work/why"
    check $? 'train: rows and states are synced in turn' "$work/why" "$work/err"
else
    skip 'train: rows and states are synced in turn' 'no strace'
fi

# temporary files are never believed: neither as state, nor as checkpoint, nor as episodes
run train 5 --out leftover
head -c 5000 whole/resume.h5 > leftover/resume.h5.tmp12345
cp whole/step000020.diffusion.h5 leftover/step000010.diffusion.h5.tmp77
cp whole/step000020.guidance.h5 leftover/step000010.guidance.h5.tmp77
echo torn > leftover/log.csv.tmp9
works 'train beside leftovers' train 20 --out leftover
drop_temporary leftover
same_folder 'leftovers are not believed: the same bits' whole leftover
cp -R whole mixed
mv mixed/resume.h5 mixed/resume.h5.tmp1
rm mixed/step0000[12]*
works 'train: a state under a temporary name' train 20 --out mixed
drop_temporary mixed
same_folder 'begins anew, with the same bits' whole mixed
mkdir only
cp whole/step000005.diffusion.h5 only/step000005.diffusion.h5.tmp5
expect 4 'only|expected stepNNNNNN.diffusion.h5' 'eval: a module under a temporary name is none' "$mdpbench" eval only --w-t 5
# a signal may come in the middle of a matrix product, whose kernels keep data below the stack pointer: every stop ends by itself
"$mdpbench" collect walker2d-random --steps 2000 --out middle.hdf5 > "$work/out" 2>&1
strange=
for delay in 0.15 0.2 0.25 0.3 0.35 0.4; do
    "$mdpbench" train --task walker2d-random --data middle.hdf5 --steps 100000 --checkpoint-every 100000 --threads 2 --out "middle$delay" > "$work/out" 2> "$work/err" &
    pid=$!
    sleep $delay
    kill -TERM $pid
    wait $pid
    status=$?
    # 143: the program had not come to install its handler
    case $status in 6 | 143) ;; *) strange="$strange $status" ;; esac
done
[ -z "$strange" ]
check $? "stopped in the middle of products: status 6, found others:$strange" "$work/err"
finish
