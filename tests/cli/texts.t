#!/bin/sh
# texts of files are shown, never obeyed: by terminals, by CI services, by what reads a report
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
faults=$here/../reference/faults

# quiet NAME: what the last run printed has no control character and no line that is a command
quiet() {
    ! LC_ALL=C grep -q '[^ -~]' "$work/out" "$work/err" && ! grep -qE '^ *::|##(vso)?\[' "$work/out" "$work/err"
    check $? "$1: nothing to obey" "$work/out" "$work/err"
}
refused() {
    run "$mdpbench" "$@"
    [ "$status" = 3 ] && grep -q "/@task: expected a line of plain UTF-8, found '" "$work/err"
    check $? "$1: the name is refused" "$work/err"
    quiet "$1"
}

cp "$faults/workflow-newline/newline.episodes.h5" "$faults/terminal-escapes/escape.episodes.h5" .
cp newline.episodes.h5 copy.episodes.h5
refused inspect newline.episodes.h5
refused inspect escape.episodes.h5
refused compare newline.episodes.h5 copy.episodes.h5
refused table escape.episodes.h5 --format md
refused gate --policy "$root/bench/gates/default.yaml" --baseline newline.episodes.h5 --candidate copy.episodes.h5

works 'inspect tensors whose metadata has escapes' "$mdpbench" inspect "$faults/terminal-escapes/escape.safetensors"
quiet 'inspect tensors'
grep -q 'version *?\[31m' "$work/out"
check $? 'the escape is shown' "$work/out"

esc=$(printf 'a\033[31m\n::error::b')
run "$mdpbench" inspect "$esc"
quiet 'a path in a message'
run "$mdpbench" compare "$esc" "::error::x"
quiet 'two of them'

# lines that say a path alone, results that begin with one, progress, TAP
works 'collect' "$mdpbench" collect walker2d-random --steps 60 --out "$esc.hdf5"
quiet 'collect'
works 'eval' "$mdpbench" eval --behavior "$root/results/reference/behavior/walker2d-medium.h5" --episodes 1 --out "$esc.episodes.h5"
quiet 'eval'
works 'export' "$mdpbench" export "$esc.episodes.h5" --out "$esc.csv"
quiet 'export'
works 'train' "$mdpbench" train --task walker2d-random --data "$esc.hdf5" --batch 8 --steps 1 --guidance-only sarsa --out "$esc"
quiet 'train'
works 'table' "$mdpbench" table "$esc.episodes.h5"
quiet 'table'
works 'inspect' "$mdpbench" inspect "$esc.hdf5" "$esc.episodes.h5"
quiet 'inspect'
cp "$here/../reference/envs/hopper_first250.h5" "$esc # SKIP.h5"
run "$mdpbench" verify env "$esc # SKIP.h5"
quiet 'verify env'
! grep -q '^ok.* # SKIP' "$work/out"
check $? 'verify env: a name is no directive' "$work/out"
run "$mdpbench" "$esc"
quiet 'an unknown verb'

# folders that Hydra names after the overrides of a job
cp -r "$here/../reference/field/hydra-folders/lr"* .
cp -r lr=0.001,seed=0 a
cp -r lr=0.003,seed=0 b
works 'compare folders with plain names' "$mdpbench" compare a b --format csv
cp "$work/out" "$work/plain"
works 'compare folders with commas' "$mdpbench" compare lr=0.001,seed=0 lr=0.003,seed=0 --format csv
cmp -s "$work/out" "$work/plain"
check $? 'says the same' "$work/out"
works 'a list of both' "$mdpbench" compare a,lr=0.001,seed=0 b,lr=0.003,seed=0 --format csv
run "$mdpbench" gate --policy "$here/../reference/field/rounding-ties/policy.yaml" --baseline lr=0.001,seed=0 \
    --candidate lr=0.003,seed=0
[ "$status" = 1 ]
check $? 'gate takes them' "$work/out" "$work/err"
works 'two folders with commas a side' "$mdpbench" compare lr=0.001,seed=0,a lr=0.003,seed=0,lr=0.001,seed=0 --format csv

# numbers for programs: counts are integers, others have all their digits
files=$root/results/reference/behavior
counts='"(n_[a-z]+|step|steps|episodes|runs|rows|states|trials|terminated|tasks|seeds|threads|peak_bytes|step_flops)": [0-9]*[.e]'
numbers() {
    works "$1" "$mdpbench" $2
    ! grep -Eq "$counts" "$work/out" && grep -Eq '[1-9][0-9]{15,16}(e-[0-9]*)?,?$' "$work/out"
    check $? "$1: counts are integers, others have 17 digits" "$work/out"
}
numbers compare "compare $files/walker2d-expert.episodes.h5 $files/walker2d-medium.episodes.h5 --format json"
numbers table "table $files/walker2d-expert.episodes.h5 --format json"
numbers gate "gate --policy $root/bench/gates/default.yaml --baseline $files/walker2d-medium.episodes.h5 --candidate $files/walker2d-medium.episodes.h5 --json"
numbers inspect "inspect $files/walker2d-medium.episodes.h5 --json"
works 'the largest seed' "$mdpbench" collect walker2d-random --steps 20 --seed 9223372036854775807 --out large.hdf5
works 'an evaluation of it' "$mdpbench" eval --behavior "$files/walker2d-medium.h5" --episodes 1 --seed 9223372036854775807 --out large.episodes.h5 --json
json 'one episode has neither sd nor interval' "$work/out" '!defined $j->{return}{sd} && !defined $j->{return}{iqm_ci95}[0]'
works 'inspect it' "$mdpbench" inspect large.episodes.h5 --json
[ "$(grep -c '"seed": "9223372036854775807"' "$work/out")" = 2 ]
check $? 'seeds above 2^53 are texts' "$work/out"
# a gate that cannot begin
mkdir reports && touch reports/gate.xml reports/gate.json
run "$mdpbench" gate --policy "$root/bench/gates/default.yaml" --baseline missing --candidate a --tap --out reports
[ "$status" = 5 ] && grep -q '^TAP version 13' "$work/out" && grep -q '^Bail out! .*missing' "$work/out"
check $? 'bails out' "$work/out" "$work/err"
grep -q '<error message=".*missing' reports/gate.xml && grep -q '^Bail out! .*missing' reports/gate.tap &&
    grep -q 'no verdict' reports/gate.md && grep -q '^no verdict: .*missing' reports/gate.txt
check $? 'and no former report stays: each says that there is no verdict' "$work/out" "$work/err"
json 'as JSON' reports/gate.json '$j->{error}{status} == 5 && $j->{error}{message} =~ /missing/'
run "$mdpbench" gate --policy "$root/bench/gates/default.yaml" --baseline a --candidate b --label x --tap --out reports
[ "$status" = 4 ] && grep -q '^Bail out! .*--label' "$work/out" && grep -q -- '--label' reports/gate.json
check $? 'nor after wrong usage' "$work/out" "$work/err"
# every verb that has JSON
while read -r command; do
    run "$mdpbench" $command
    was=$status
    json "JSON of: $command" "$work/out" '$j->{error}{status} == '"$was"' && $j->{error}{kind} && length $j->{error}{message}'
done << 'END'
gate --policy missing --baseline a --candidate b --json
gate --nothing --json
gate --history missing --json
gate --save-baseline x --json
gate selftest --policy missing --baseline a --json
eval missing --json
inspect missing --json
diagnose missing --held-out missing --json
perf nothing --json
compare missing missing2 --format json
table missing --format=json
plan missing.yaml --format json
verify levels missing --format json
END

# nor has a verification that cannot begin, or not go on, an empty stream
bails() {
    bails_status=$1
    bails_name=$2
    shift 2
    run "$mdpbench" verify "$@"
    [ "$status" = "$bails_status" ] && head -n 1 "$work/out" | grep -q '^TAP version 13' && grep -q '^Bail out! ' "$work/out" &&
        ! grep -q '^1\.\.' "$work/out"
    check $? "verify $bails_name bails out" "$work/out" "$work/err"
}
bails 5 'of nothing' env missing.h5
bails 3 'of another file' env "$here/../reference/envs/hopper_first250.h5" "$root/results/reference/behavior/walker2d-medium.h5"
bails 5 'algos of nothing' algos missing.h5
bails 3 'stats of another file' stats "$root/results/reference/behavior/walker2d-medium.h5"
bails 4 'without files' env
bails 4 'of nothing at all'
bails 4 'of an unknown option' env --nothing
run "$mdpbench" gate --policy "$root/bench/gates/default.yaml" --baseline missing --candidate a --junit
[ "$status" = 5 ] && grep -q '<error message=".*missing' "$work/out"
check $? 'an error in JUnit' "$work/out" "$work/err"
finish
