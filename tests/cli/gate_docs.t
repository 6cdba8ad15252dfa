#!/bin/sh
# the commands of docs/gate.md's examples for CI, taken from the text and run: on a change that passes and on one that fails
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
docs=$root/docs/gate.md
policies=$root/results/reference/behavior
PATH=$(cd "$(dirname "$mdpbench")" && pwd):$PATH
mkdir bench runs
ln -s "$root/bench/gates" bench/gates
mkdir -p runs/halfcheetah/sac/seed0
candidate() { cp "$policies/halfcheetah-$1.episodes.h5" runs/halfcheetah/sac/seed0/step000100.episodes.h5; }

# block HEADING: the fenced text below a heading
block() { awk -v h="### $1" '$0 == h { on = 1; next } on && /^```/ { if (inside) exit; inside = 1; next } on && inside' "$docs"; }
# settings LINE: the pairs of {a: b, c: d} as a=b c=d
settings() { sed -n "s/^ *$1: {\(.*\)}/\1/p" | head -1 | sed 's/: */=/g; s/, */ /g'; }
with=$(block 'GitHub Actions' | settings with)
variables=$(block 'GitLab CI' | settings variables)
block Make > Makefile
[ "$with" = 'baseline=main candidate=runs' ] && [ "${variables% *}" = 'GATE_BASELINE=main GATE_CANDIDATE=runs' ] && grep -q '^gate: .*MDPBENCH' Makefile
check $? 'the examples are found' Makefile
for path in $(block 'GitHub Actions' | sed -n 's/.*OWNER.mdpbench.\(.*\)@main/\1\/action.yml/p') $(block 'GitLab CI' | sed -n 's/ *file: .//p'); do
    [ -f "$root/$path" ]
    check $? "$path is there"
done
ci=$root/bench/ci/gate
export GITHUB_STEP_SUMMARY="$work/summary" GITHUB_OUTPUT="$work/outputs" GITHUB_ACTION_PATH="$ci" TMPDIR="$work"
# the pairs are words
github() { perl "$here/ci_step.pl" github "$ci/action.yml" $with; }
gitlab() { perl "$here/ci_step.pl" gitlab "$ci/gitlab.yml" $variables; }
baseline() { candidate "$1" && mdpbench gate --save-baseline main --candidate runs --replace; }

works 'the baseline is saved' baseline expert
works 'GitHub: a change that passes' github
grep -q 'mdpbench gate: PASS' "$work/summary"
check $? 'with its summary' "$work/summary"
works 'GitLab: a change that passes' gitlab
[ -s mdpbench-gate/gate.xml ] && grep -q GATE_VERDICT=pass mdpbench-gate.env
check $? 'with a report and its variables'
works 'Make: a change that passes' make gate
baseline medium > "$work/out"
works 'Make: the self-test' make selftest
baseline expert > "$work/out"

candidate medium
run github
[ "$status" = 1 ] && grep -q '^::error title=halfcheetah sac return' "$work/out"
check $? 'GitHub: a change that fails says where' "$work/out" "$work/err"
run gitlab
[ "$status" = 1 ] && grep -q GATE_VERDICT=fail mdpbench-gate.env
check $? 'GitLab: a change that fails' "$work/out" "$work/err"
run make gate
[ "$status" = 2 ] && grep -q 'Error 1' "$work/err"
check $? 'Make: a change that fails' "$work/out" "$work/err"
for name in $(sed -n '/^inputs:/,/^runs:/s/^  \([a-z]*\):$/\1/p' "$ci/action.yml"); do
    block_of=$(sed -n '/^### GitHub Actions/,/^### GitLab/p' "$docs")
    echo "$block_of" | grep -q "^| .*\`$name\`"
    check $? "the page has $name of the action"
done
finish
