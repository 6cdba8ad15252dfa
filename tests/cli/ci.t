#!/bin/sh
# bench/ci/gate: the composite action and the job template, run as their services run them, but for the services
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
gate=$root/bench/ci/gate
policies=$root/results/reference/behavior
expert=$policies/walker2d-expert.episodes.h5
medium=$policies/walker2d-medium.episodes.h5
printf 'may_differ: [step]\nrows: [{metric: return, margin: {absolute: 0.2}}, {metric: spread, margin: {sd: 1}}]\n' > policy.yaml
printf 'rows: [{metric: return, test: mean, margin: {absolute: 0.05}}]\n' > narrow.yaml
printf 'rows: [{metric: return, test: mean, margin: {absolute: 0.3}}]\nsequential: {looks: [3, 6], bounds: pocock}\n' > looks.yaml
export GITHUB_ACTION_PATH="$gate" GITHUB_OUTPUT="$work/outputs" GITHUB_STEP_SUMMARY="$work/summary" TMPDIR="$work"

# outcome STATUS OUTPUTS NAME: how the step that ran has ended, and what it left for those after it
outcome() {
    [ "$status" = "$1" ] && [ "$(tr '\n' ' ' < "$work/outputs")" = "$2" ]
    check $? "$3" "$work/out" "$work/err" "$work/outputs"
}
github() {
    : > "$work/outputs"
    : > "$work/summary"
    run perl "$here/ci_step.pl" github "$gate/action.yml" "program=$mdpbench" "$@"
}
gitlab() {
    rm -f mdpbench-gate.env
    run perl "$here/ci_step.pl" gitlab "$gate/gitlab.yml" "GATE_PROGRAM=$mdpbench" "$@"
    mv mdpbench-gate.env "$work/outputs"
}

# ---- the files ----
for found in name .mdpbench-gate; do
    file=$([ $found = name ] && echo action || echo gitlab)
    run "$mdpbench" gate --policy "$gate/$file.yml" --baseline "$expert" --candidate "$expert"
    message_is 3 "$file.yml:|expected keys of alpha|found '$found'"
    check $? "$file.yml is YAML, though no policy" "$work/err"
done
run perl "$here/ci_step.pl" check "$gate/action.yml"
[ "$status" = 0 ]
check $? 'inputs, variables and outputs of the action are those that its shell uses' "$work/out" "$work/err"
broken() { # CHANGE MESSAGE
    sed "$1" "$gate/action.yml" > broken.yml
    run perl "$here/ci_step.pl" check broken.yml
    [ "$status" != 0 ] && grep -qF -e "$2" "$work/out" "$work/err"
    check $? "which can be told: $2" "$work/out" "$work/err"
}
broken 's/"$BASELINE"/"${{ inputs.baseline }}"/' 'an expression within the shell text'
broken '/MODE: /d' 'input mode is not used'
broken 's/inputs.mode/inputs.modus/' 'no such input: modus'
broken 's/"verdict=$verdict" //' 'output verdict is not written'

# ---- GitHub ----
github "baseline=$expert" "candidate=$expert" policy=policy.yaml
outcome 0 'verdict=pass status=0 report=mdpbench-gate/gate.json ' 'GitHub: a pass'
json 'with its report' mdpbench-gate/gate.json '$j->{decision} eq "pass"'
grep -q '^<details><summary><b>mdpbench gate: PASS' "$work/summary" && ! grep -q '^::' "$work/out"
check $? 'and its summary' "$work/summary" "$work/out"
github "baseline=$expert" "candidate=$medium" policy=policy.yaml report=deep/er
outcome 1 'verdict=fail status=1 report=deep/er/gate.json ' 'a regression'
grep -q '^::error title=walker2d return::' "$work/out" && grep -q '^\*\*mdpbench gate: FAIL' "$work/summary" && ! grep -q '::error' "$work/summary"
check $? 'is annotated in the log, and told in the summary' "$work/out" "$work/summary"
github "baseline=$expert" "candidate=$expert" policy=narrow.yaml
outcome 0 'verdict=undecided status=2 report=mdpbench-gate/gate.json ' 'what is undecided'
grep -q '^::warning title=walker2d return (mean)::' "$work/out" && grep -q 'CANNOT DECIDE' "$work/summary"
check $? 'is a warning' "$work/out" "$work/summary"
github "baseline=$expert" "candidate=$expert" policy=narrow.yaml undecided=fail
outcome 2 'verdict=undecided status=2 report=mdpbench-gate/gate.json ' 'unless it shall fail'
github "baseline=$expert" "candidate=$expert"
outcome 0 'verdict=pass status=0 report=mdpbench-gate/gate.json ' 'without a policy the default one counts'
github "baseline=$expert" "candidate=$medium" mode=sequential
grep -q 'episodes a file, .* saved' "$work/out"
check $? 'looking early' "$work/out" "$work/err"
github "baseline=$policies/walker2d-medium.h5" "candidate=$policies/walker2d-medium.h5" policy=looks.yaml mode=evaluate threads=1
outcome 0 'verdict=pass status=0 report=mdpbench-gate/gate.json ' 'policies are evaluated'
none='verdict=none status=4 report= '
github "baseline=$expert" "candidate=$expert" threads=1
outcome 4 "$none" 'threads of no evaluation'
github "baseline=$expert" "candidate=$expert" mode=all
outcome 4 "$none" 'a mode that is none'
github "baseline=$expert" "candidate=$expert" undecided=maybe
outcome 4 "$none" 'an outcome that is none'
grep -q '^::error title=mdpbench gate::no verdict, exit status 4' "$work/out"
check $? 'is an error with its annotation' "$work/out"
github baseline=absent "candidate=$expert"
outcome 5 'verdict=none status=5 report= ' 'no baseline, and no report of a former run'
[ ! -s "$work/summary" ]
check $? 'nor a summary' "$work/summary"
github "baseline=$expert" "candidate=$expert" program=./absent
outcome 127 'verdict=none status=127 report= ' 'no program'
# inputs are no shell text, and no output of theirs
export evil='$(touch cracked)`touch cracked`"; touch cracked; #'
for input in baseline candidate policy mode threads undecided report; do
    github "baseline=$expert" "candidate=$expert" policy=policy.yaml "$input=$evil"
    ls -R . > listed
    ! grep -qx cracked listed
    check $? "$input is no shell text" listed "$work/out"
done
github "baseline=$expert" "candidate=$medium" policy=policy.yaml 'report=a
verdict=pass'
[ "$(grep -c '^verdict=' "$work/outputs")" = 1 ] && grep -qx verdict=fail "$work/outputs"
check $? 'an input of two lines adds no output' "$work/outputs"

# ---- GitLab ----
"$mdpbench" gate --save-baseline main --candidate "$expert" > "$work/out" 2>&1
mkdir runs && cp "$expert" runs/step000100.episodes.h5
gitlab GATE_BASELINE=runs GATE_POLICY=policy.yaml
outcome 0 'GATE_VERDICT=pass GATE_STATUS=0 GATE_REPORT=mdpbench-gate/gate.json ' 'GitLab: a pass'
perl "$here/xml_check.pl" < mdpbench-gate/gate.xml > "$work/why" 2>&1
check $? 'with its JUnit report' "$work/why"
gitlab "GATE_CANDIDATE=$medium" GATE_POLICY=policy.yaml
outcome 1 'GATE_VERDICT=fail GATE_STATUS=1 GATE_REPORT=mdpbench-gate/gate.json ' 'a regression against the saved baseline main'
gitlab "GATE_CANDIDATE=$expert" GATE_POLICY=narrow.yaml
outcome 2 'GATE_VERDICT=undecided GATE_STATUS=2 GATE_REPORT=mdpbench-gate/gate.json ' 'what is undecided'
grep -qx '  allow_failure:' "$gate/gitlab.yml" && grep -qx '    exit_codes: 2' "$gate/gitlab.yml"
check $? 'is a status that the job may have'
gitlab "GATE_CANDIDATE=$expert" "GATE_POLICY=$root/bench/gates/default.yaml" GATE_MODE=sequential
outcome 0 'GATE_VERDICT=pass GATE_STATUS=0 GATE_REPORT=mdpbench-gate/gate.json ' 'looking early'
gitlab "GATE_BASELINE=$policies/walker2d-medium.h5" "GATE_CANDIDATE=$policies/walker2d-medium.h5" GATE_POLICY=looks.yaml GATE_MODE=evaluate GATE_THREADS=1
outcome 0 'GATE_VERDICT=pass GATE_STATUS=0 GATE_REPORT=mdpbench-gate/gate.json ' 'policies are evaluated'
none='GATE_VERDICT=none GATE_STATUS=4 GATE_REPORT= '
gitlab GATE_MODE=all
outcome 4 "$none" 'a mode that is none'
gitlab "GATE_CANDIDATE=$expert" GATE_POLICY=policy.yaml GATE_THREADS=1
outcome 4 "$none" 'threads of no evaluation'
for variable in BASELINE CANDIDATE POLICY MODE THREADS; do
    gitlab GATE_POLICY=policy.yaml "GATE_$variable=$evil"
    ls -R . > listed
    ! grep -qx cracked listed
    check $? "GATE_$variable is no shell text" listed "$work/out"
done
finish
