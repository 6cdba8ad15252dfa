#!/bin/sh
# policies as processes: the same episodes as inside, and every way in which another process can go wrong
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

. "$root/tests/policy/odd.sh"
evaluate() { "$mdpbench" eval --task walker2d-medium --threads 1 --episodes 2 --lanes 2 "$@"; }
# rows EPISODES: what happened in each
rows() { "$mdpbench" export "$1" --out "$work/rows.csv" > "$work/out" 2> "$work/err" && cat "$work/rows.csv"; rm -f "$work/rows.csv"; }

# ---- what is said ----
works 'a policy of another program' evaluate --policy "$(odd world)" --seed 3 --out a.episodes.h5
gone 'it is gone, with what it has started'
json 'what it is told' "$ODD/world" '$j->{protocol} == 1 && $j->{format} eq "binary" && $j->{mode} eq "eval" &&
    $j->{task} eq "walker2d-medium" && $j->{environment} eq "Walker2DBullet-v0" && $j->{n_obs} == 22 && $j->{n_act} == 6 &&
    $j->{lanes} == 2 && $j->{seed} == 3 && $j->{max_steps} == 1000 && "@{$j->{action_low}}" eq "-1 -1 -1 -1 -1 -1" &&
    "@{$j->{action_high}}" eq "1 1 1 1 1 1" && $j->{physics} =~ /^bullet/ && $j->{mdpbench} =~ /^[\d.]+$/'
works 'one that ends by itself' evaluate --policy "$(odd alone | sed 's/^exec //'); echo > '$ODD/ended'" --out ends.episodes.h5
[ -e "$ODD/ended" ]
check $? 'has the time to, since it sees that no question follows'
works 'in JSON' evaluate --policy "$(odd alone)" --policy-format json --seed 3 --out b.episodes.h5
works 'one after the other' evaluate --policy "$(odd alone)" --lanes 1 --seed 3 --out c.episodes.h5
rows a.episodes.h5 > "$work/a.csv"
rows b.episodes.h5 > "$work/b.csv"
rows c.episodes.h5 > "$work/c.csv"
[ "$(wc -l < "$work/a.csv")" = 3 ]
check $? 'two episodes' "$work/a.csv"
same 'both formats give the same episodes' "$work/a.csv" "$work/b.csv"
same 'and one lane the same as two' "$work/a.csv" "$work/c.csv"
"$mdpbench" inspect --json a.episodes.h5 > "$work/info" 2> "$work/err"
json 'what is recorded' "$work/info" 'my $e = $j->[0]; my $s = ref $e->{settings} ? $e->{settings} : decode_json($e->{settings});
    $e->{actor} eq "process" && $e->{algo} eq "process" && $e->{step} == -1 && $s->{policy} eq "odd" &&
    $s->{policy_command} =~ /odd.pl. world$/ && !exists $s->{policy_hash}'

# ---- where it goes, and what is kept ----
command=$(odd alone)
works 'a path by its name' evaluate --policy "$command"
[ -f runs/walker2d-medium/policy/odd.episodes.h5 ]
check $? 'runs/TASK/policy/NAME.episodes.h5'
works 'with a label' evaluate --policy "$command" --label mine
[ -f runs/walker2d-medium/policy/odd.mine.episodes.h5 ]
check $? 'runs/TASK/policy/NAME.LABEL.episodes.h5'
run evaluate --policy "$command"
[ "$status" = 0 ] && grep -q 'exists with these settings, not made again' "$work/err"
check $? 'one that is there is kept' "$work/err"
expect 4 'made with other settings|policy_hash' 'but not for a policy of another hash' \
    env ODD_HASH=v2 "$mdpbench" eval --task walker2d-medium --threads 1 --episodes 2 --policy "$command"
for step in 10 20; do
    works "step $step" env ODD_STEP=$step ODD_HASH=$step "$mdpbench" eval --task walker2d-medium --threads 1 --episodes 2 \
        --policy "$command $step"
done
[ -f runs/walker2d-medium/policy/odd/step000010.episodes.h5 ]
check $? 'runs/TASK/policy/NAME/stepNNNNNN.episodes.h5'
run "$mdpbench" table runs/walker2d-medium/policy/odd --format csv
[ "$status" = 0 ] && [ "$(wc -l < "$work/out")" = 3 ]
check $? 'its steps are a table, whatever their commands are called' "$work/out" "$work/err"
works 'and a figure' "$mdpbench" figure runs/walker2d-medium/policy/odd --out f.svg

# ---- the same policy inside and through the protocol ----
"$mdpbench" collect walker2d-random --steps 600 --threads 1 --out d.hdf5 > "$work/out" 2>&1
works 'a policy is trained' "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 3 --steps 6 \
    --threads 1 --out run
inside() { "$mdpbench" eval run --step 6 --threads 1 --episodes 3 --candidates 4 --w-t 1 --seed 5 "$@"; }
outside() { "$mdpbench" eval --task walker2d-random --threads 1 --episodes 3 --seed 5 "$@"; }
works 'it acts inside' inside --out inside.episodes.h5
works 'and outside' outside --policy "'$mdpbench' act run --candidates 4 --w-t 1 --threads 1" --out outside.episodes.h5
works 'in JSON' outside --policy "'$mdpbench' act run --candidates 4 --w-t 1 --threads 1" --policy-format json --lanes 2 --out json.episodes.h5
works 'by one of its files' outside --policy "'$mdpbench' act --diffusion run/step000006.diffusion.h5 --candidates 4 --w-t 1 --threads 1" \
    --out file.episodes.h5
for name in inside outside json file; do rows $name.episodes.h5 > "$work/$name.csv"; done
[ "$(wc -l < "$work/inside.csv")" = 4 ]
check $? 'three episodes' "$work/inside.csv"
for name in outside json file; do same "bit for bit: $name" "$work/inside.csv" "$work/$name.csv"; done
run "$mdpbench" compare inside.episodes.h5 outside.episodes.h5
[ "$status" = 0 ] && has_all 'A: ema|B: process|policy dql-ema' "$work/out"
check $? 'compare takes both, and names what differs' "$work/out" "$work/err"
works 'another step acts otherwise' outside --policy "'$mdpbench' act run --step 3 --candidates 4 --w-t 1 --threads 1" --out other.episodes.h5
rows other.episodes.h5 > "$work/other.csv"
differ 'as its episodes show' "$work/inside.csv" "$work/other.csv"
behavior=$root/results/reference/behavior/walker2d-medium.h5
works 'a behaviour policy draws inside' "$mdpbench" eval --behavior "$behavior" --stochastic --threads 1 --episodes 2 --out drawn.episodes.h5
works 'and outside' evaluate --policy "'$mdpbench' act --behavior '$behavior' --stochastic --threads 1" --out drawn2.episodes.h5
rows drawn.episodes.h5 > "$work/drawn.csv"
rows drawn2.episodes.h5 > "$work/drawn2.csv"
same 'the same draws' "$work/drawn.csv" "$work/drawn2.csv"

# ---- what goes wrong ----
# wrong STATUS TEXT WAY [OPTION...]: one message, no file, no process
wrong() {
    wrong_status=$1
    wrong_text=$2
    wrong_way=$3
    shift 3
    chatty_expect "$wrong_status" "$wrong_text|policy '" "$wrong_way $*" "$mdpbench" eval --task walker2d-medium --threads 1 \
        --episodes 2 --lanes 2 --policy "$(odd "$wrong_way")" --out wrong.episodes.h5 "$@"
    gone "$wrong_way: nothing is left"
}
wrong 5 'ended with status 7 after 0 bytes' dies-first
wrong 5 'ended with status 7 after 0 bytes' dies
wrong 5 'ended with signal 9' killed
wrong 5 'within 3 seconds (--policy-timeout)' hangs-first --policy-timeout 3
wrong 5 'answer of 52 bytes within 3 seconds' hangs --policy-timeout 3
wrong 5 'says: no parameters for this robot' error-first
wrong 5 'says: no parameters for this robot' error
wrong 5 'says: no parameters for this robot' error --policy-format json
wrong 5 'a closed pipe after 0 bytes' mute
wrong 5 'standard input closed' deaf
wrong 3 "protocol: expected 1, found 2" version
wrong 3 'name: expected|a/b' name
wrong 3 'name: expected|found none' no-name
wrong 3 "a first line {\"protocol\"|found 'Loading the model ..'" prints-first
wrong 3 'a longer line' long
wrong 3 "expected the actions of 2 states|begin 'step" prints
wrong 3 "found 'step 3'" prints --policy-format json
wrong 3 'the actions of 2 states, found 3' count
wrong 3 'action 1 of episode 0, step 3: expected a finite number, found nan' nan
wrong 3 'action 0 of episode 0, step 3: expected a finite number, found an infinite one' inf
wrong 3 'action 0 of episode 0, step 3: expected a finite number, found an infinite one' inf --policy-format json
wrong 3 'expected 2 rows of 6 numbers' narrow --policy-format json
wrong 5 'ended with status 0 after 49 bytes' short
wrong 5 'within 3 seconds|found 49 bytes' short-hangs --policy-timeout 3
wrong 3 'nothing before the next question, found 4 bytes' more
expect 5 'ended with status 127' 'a command that is none' evaluate --policy 'nosuch-command 2> /dev/null' --out wrong.episodes.h5
expect 3 'name: expected|found none' 'another program altogether' evaluate --policy 'cat; true' --out wrong.episodes.h5

works 'much on standard error is no fault' evaluate --policy "$(odd chatty)" --out chatty.episodes.h5
gone 'and nothing is left'
run evaluate --policy "$(odd beyond)" --out beyond.episodes.h5
[ "$status" = 0 ] && grep -q ' 1 of [0-9]* actions were beyond \[-1, 1\]$' "$work/err"
check $? 'neither are actions beyond the bounds, which are counted' "$work/err"
rm -f "$ODD/pids"

# ---- wrong use ----
expect 4 '--task|beside --policy' 'a policy without a task' "$mdpbench" eval --policy cat
expect 4 'expected one of|found 2' 'two inputs' evaluate --policy cat --behavior x.h5
expect 4 '--policy-timeout|--policy beside it' 'a time without a policy' "$mdpbench" eval run --policy-timeout 3
expect 4 '--candidates|none beside --policy' 'what a process decides' evaluate --policy cat --candidates 3
expect 4 '--task|none beside --behavior' 'a task beside what knows its own' "$mdpbench" eval --behavior x.h5 --task walker2d-medium
expect 4 '--policy-format|binary, json' 'an unknown format' evaluate --policy cat --policy-format xml
run "$mdpbench" act run
message_is 3 'expected the first line of mdpbench' && has_all '{"error":"expected the first line' "$work/out"
check $? 'act alone' "$work/out" "$work/err"
chatty_expect 5 'environment: expected Walker2DBullet-v0 of 22' 'act in another world' "$mdpbench" eval --task hopper-medium --threads 1 \
    --policy "'$mdpbench' act run --w-t 1 --threads 1 2> /dev/null" --out wrong.episodes.h5

expect 4 '--candidates|none beside --null' 'act: what nothing decides' "$mdpbench" act --null --candidates 3
expect 4 'expected one of|found 2' 'act: two inputs' "$mdpbench" act --null run

# ---- what it costs ----
works 'a policy that does nothing' evaluate --policy "'$mdpbench' act --null" --out nothing.episodes.h5
grep -q '^nothing.episodes.h5: 2 episodes, normalized' "$work/out"
check $? 'has no step, and none is said' "$work/out"
works 'perf policy' "$mdpbench" perf policy --seconds 0.05 --json
json 'the same policy inside and as a process, and the ratio' "$work/out" 'my %r = map { $_->{name} => $_ } @{$j->{results}};
    my ($inside, $process, $ratio) = map { $r{"policy/HalfCheetahBullet-v0/$_"} } qw(inside process process/vs_inside);
    keys %r == 3 && $inside->{min} > 0 && $process->{min} > 0 && $ratio->{unit} eq "x time" && $ratio->{n} == 5 &&
    !grep { abs($ratio->{values}[$_] * $process->{values}[$_] / $inside->{values}[$_] - 1) > 1e-9 } 0 .. 4'
works 'one of them alone' "$mdpbench" perf policy --seconds 0.01 --only '*/process' --json
json 'has no ratio' "$work/out" '@{$j->{results}} == 1 && $j->{results}[0]{name} eq "policy/HalfCheetahBullet-v0/process"'

# ---- stops ----
works 'an evaluation without a break' evaluate --lanes 1 --policy "$(odd alone)" --out whole.episodes.h5
rm -f "$ODD/asked"
run evaluate --lanes 1 --policy "$(odd stops)" --out stopped.episodes.h5
[ "$status" = 6 ] && [ ! -e stopped.episodes.h5 ] && [ -e stopped.episodes.h5.part ]
check $? 'a stop keeps what is over' "$work/err"
gone 'and ends the policy'
works 'it goes on' evaluate --lanes 1 --policy "$(odd stops)" --out stopped.episodes.h5
[ "$(tr '\n' , < "$ODD/asked")" = '0 0,1 0,' ]
check $? 'with the episode that was open, from its start' "$ODD/asked"
rows whole.episodes.h5 > "$work/whole.csv"
rows stopped.episodes.h5 > "$work/stopped.csv"
same 'to the same episodes' "$work/whole.csv" "$work/stopped.csv"
rm -f "$ODD/pids"
for signal in INT TERM KILL; do
    rm -f "$ODD/asked"
    "$mdpbench" eval --task walker2d-medium --threads 1 --policy "$(odd hangs)" --out never.episodes.h5 > "$work/out" 2> "$work/err" < /dev/null &
    pid=$!
    while [ ! -s "$ODD/asked" ] && kill -0 $pid 2> /dev/null; do sleep 0.02; done
    kill -s $signal $pid
    wait $pid 2> /dev/null
    status=$?
    case $signal in
    # the policy itself ends with mdpbench; what it has started is then its own business, here the test's
    KILL) [ "$status" = 137 ] && kill $(sed 's/.* //' "$ODD/pids") && sed -i 's/ .*//' "$ODD/pids" ;;
    *) [ "$status" = 6 ] && [ ! -e never.episodes.h5 ] ;;
    esac
    check $? "$signal while an answer is waited for" "$work/err"
    gone 'ends the policy, too'
done

# ---- another world ----
run "$mdpbench" eval --task mujoco-hopper-medium --threads 1 --episodes 2 --policy "$(odd alone)" --out mujoco.episodes.h5
if grep -q 'libmujoco' "$work/err"; then
    skip 'in a world of MuJoCo' 'no libmujoco'
else
    [ "$status" = 0 ]
    check $? 'in a world of MuJoCo' "$work/err"
    works 'one after the other' "$mdpbench" eval --task mujoco-hopper-medium --threads 1 --episodes 2 --lanes 1 --policy "$(odd alone)" \
        --policy-format json --out mujoco1.episodes.h5
    rows mujoco.episodes.h5 > "$work/a.csv"
    rows mujoco1.episodes.h5 > "$work/b.csv"
    same 'likewise' "$work/a.csv" "$work/b.csv"
fi

# ---- the examples of the documentation ----
if cc -O2 -Wall -Werror -o "$work/null" "$root/docs/examples/policy.c" 2> "$work/err"; then
    works 'the example in C' evaluate --policy "$work/null" --out null.episodes.h5
    works 'more states than a pipe holds' "$mdpbench" eval --task hopper-medium --threads 1 --episodes 3000 --lanes 3000 --policy "$work/null" --out many.episodes.h5
else
    skip 'the example in C' 'no C compiler'
fi
python=${MDPBENCH_PYTHON:-python3}
if "$python" -c 'import numpy' 2> /dev/null; then
    works 'the example in Python' evaluate --policy "'$python' '$root/docs/examples/policy.py'" --out python.episodes.h5
else
    skip 'the example in Python' 'no Python with NumPy'
fi
finish
