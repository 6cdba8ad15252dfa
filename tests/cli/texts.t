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
# a gate that cannot begin
mkdir reports && touch reports/gate.xml reports/gate.json
run "$mdpbench" gate --policy "$root/bench/gates/default.yaml" --baseline missing --candidate a --tap --out reports
[ "$status" = 5 ] && grep -q '^TAP version 13' "$work/out" && grep -q '^Bail out! .*missing' "$work/out" && [ ! -e reports/gate.xml ] && [ ! -e reports/gate.json ]
check $? 'bails out, and no former report stays' "$work/out" "$work/err"
run "$mdpbench" gate --policy "$root/bench/gates/default.yaml" --baseline missing --candidate a --junit
[ "$status" = 5 ] && grep -q '<error message=".*missing' "$work/out"
check $? 'an error in JUnit' "$work/out" "$work/err"
finish
