#!/bin/sh
# the commands of docs/gate.md's examples for CI, taken from the text and run: on a change that passes and on one that fails
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
docs=$root/docs/gate.md
policies=$root/results/reference/behavior
PATH=$(cd "$(dirname "$mdpbench")" && pwd):$PATH
mkdir bench runs main
ln -s "$root/bench/gates" bench/gates
mkdir -p main/runs/halfcheetah/sac/seed0 runs/halfcheetah/sac/seed0
cp "$policies/halfcheetah-expert.episodes.h5" main/runs/halfcheetah/sac/seed0/step000100.episodes.h5
candidate() { cp "$policies/halfcheetah-$1.episodes.h5" runs/halfcheetah/sac/seed0/step000100.episodes.h5; }

# block HEADING: the fenced text below a heading
block() { awk -v h="### $1" '$0 == h { on = 1; next } on && /^```/ { if (inside) exit; inside = 1; next } on && inside' "$docs"; }
block 'GitHub Actions' | awk '/run: \|/ { on = 1; next } on && !/^          / { exit } on { print substr($0, 11) }' > github.sh
block 'GitLab CI' | sed -n '/script:/,/^  [a-z]/s/^    - //p' > gitlab.sh
block Make > Makefile
[ "$(wc -l < github.sh)" = 3 ] && [ "$(wc -l < gitlab.sh)" = 2 ] && grep -q '^gate: .*MDPBENCH' Makefile
check $? 'the examples are found' github.sh gitlab.sh Makefile
export GITHUB_STEP_SUMMARY="$work/summary" CI_COMMIT_SHORT_SHA=abc123

candidate expert
works 'GitHub: a change that passes' sh -e github.sh
grep -q 'mdpbench gate: PASS' "$work/summary"
check $? 'with its summary' "$work/summary"
works 'GitLab: a change that passes' sh -e gitlab.sh
[ -s report/gate.xml ] && grep -q abc123 history/000001.json && [ -s report/history-1.svg ]
check $? 'with a report, a history and its picture'
works 'Make: a change that passes' make gate
cp "$policies/halfcheetah-medium.episodes.h5" main/runs/halfcheetah/sac/seed0/step000100.episodes.h5
works 'Make: the self-test' make selftest
cp "$policies/halfcheetah-expert.episodes.h5" main/runs/halfcheetah/sac/seed0/step000100.episodes.h5

candidate medium
run sh -e github.sh
[ "$status" = 1 ] && grep -q '^::error title=halfcheetah sac return' "$work/out"
check $? 'GitHub: a change that fails says where' "$work/out" "$work/err"
run sh -e gitlab.sh
[ "$status" = 1 ] && [ "$(ls history)" = 000001.json ]
check $? 'GitLab: a change that fails, and is not kept' "$work/out" "$work/err"
run make gate
[ "$status" = 2 ] && grep -q 'Error 1' "$work/err"
check $? 'Make: a change that fails' "$work/out" "$work/err"
finish
