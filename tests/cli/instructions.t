#!/bin/sh
# perf --instructions: counts are the same every time, a gate on them passes the same program and fails a slowed one
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

expect 4 "option --only: expected the name of a result, found 'env/ant'" 'work of no result' "$mdpbench" perf env --calls 2 --only env/ant
expect 4 '--calls: expected no --against, --instructions or --json' 'calls are not measured' "$mdpbench" perf env --calls 2 --json
expect 4 '--instructions: expected the built-in physics alone' 'counts of other physics' "$mdpbench" perf env --instructions --against native
mkdir none
expect 5 '--instructions: expected valgrind, which counts them, in PATH, found none' 'no valgrind' \
    env PATH="$PWD/none" "$mdpbench" perf env --instructions
works 'work without a clock' "$mdpbench" perf env --calls 3 --only 'env/*Bullet*'
has_all '3 calls, 900 units, x86-64' "$work/out"
check $? 'says how much it was' "$work/out"

if ! valgrind --version > "$work/out" 2>&1; then
    skip 'instructions are counted' 'no valgrind here, which counts them'
    finish
    exit 0
fi
one='physics/HalfCheetahBullet-v0'
export TMPDIR="$work"
ls "$work" > before
works 'instructions are counted' "$mdpbench" perf env --instructions --rounds 1 --only "$one" --json
cp "$work/out" once
json 'per step' once '@{$j->{results}} == 1 && $j->{results}[0]{name} eq "instructions/physics/HalfCheetahBullet-v0"
    && $j->{results}[0]{unit} eq "instructions" && $j->{results}[0]{n} == 1 && $j->{results}[0]{min} > 1000
    && $j->{results}[0]{max} < 1e6'
ls "$work" | grep -e cachegrind -e calls > "$work/left"
[ ! -s "$work/left" ]
check $? 'nothing is left behind' "$work/left"
works 'of a policy' "$mdpbench" perf policy --instructions --rounds 1 --json
json 'what works inside alone' "$work/out" '@{$j->{results}} == 1 && $j->{results}[0]{name} eq "instructions/policy/HalfCheetahBullet-v0/inside" && $j->{results}[0]{min} > 1000'
expect 4 "option --only: expected the name of a result, found '*/process'" 'the other process is not counted' "$mdpbench" perf policy --instructions --only '*/process'
against() { "$mdpbench" perf env --instructions --only "$one" --against "$mdpbench" "$@"; }
works 'the same program passes' against --margin 0.001
has_all 'PASS: 1 of 1 rows' "$work/out"
check $? 'for it takes as many' "$work/out"
run against --margin 0.1 --handicap 1.2
message_is 1 'FAIL: 1 of 1 rows regressed; speed instructions/physics/HalfCheetahBullet-v0'
check $? 'one that does a fifth more work fails' "$work/out" "$work/err"
expect 4 'expected a subject that does work of its own' 'starting is no work' "$mdpbench" perf start --instructions
finish
