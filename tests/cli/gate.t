#!/bin/sh
# gate: every exit status with its message, every output format, both ways of looking early
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
repo=$here/../..
policies=$repo/results/reference/behavior
gates=$repo/bench/gates
expert=$policies/walker2d-expert.episodes.h5
medium=$policies/walker2d-medium.episodes.h5
cheetah=$policies/halfcheetah-expert.episodes.h5

says() {
    grep -qF -e "$1" "$work/out"
    check $? "$2" "$work/out" "$work/err"
}
# ends STATUS TEXT NAME COMMAND...: exit status, and one message with all parts of TEXT (none for status 0)
ends() {
    ends_status=$1
    ends_text=$2
    ends_name=$3
    shift 3
    run "$@"
    if [ "$ends_status" = 0 ]; then
        [ "$status" = 0 ] && ! grep -q '^mdpbench' "$work/err"
    else
        message_is "$ends_status" "$ends_text"
    fi
    check $? "$ends_name" "$work/out" "$work/err"
}
# fits NAME SCHEMA FILE: the file is what docs/SCHEMA.schema.json publishes
fits() {
    perl "$here/json_schema.pl" "$repo/docs/$2.schema.json" "$3" > "$work/why" 2>&1
    check $? "$1: fits docs/$2.schema.json" "$work/why" "$3"
}
valid() { fits "$1" gate "$work/out"; }
gate() {
    "$mdpbench" gate --policy "$gates/default.yaml" --today 2026-06-01 "$@"
}

# the validator itself can fail
for what in gate:verdict gate-selftest:policy gate-history:rows; do
    echo "{\"format\": \"mdpbench-${what%:*}\"}" > "$work/out"
    ! perl "$here/json_schema.pl" "$repo/docs/${what%:*}.schema.json" "$work/out" > "$work/why" 2>&1 &&
        grep -q "lacks ${what#*:}" "$work/why"
    check $? "the schema of ${what%:*} refuses what is incomplete" "$work/why"
done
! printf '<?xml version="1.0" encoding="UTF-8"?>\n<a b="1 & 2"></a>' | perl "$here/xml_check.pl" 2> "$work/why"
check $? 'the XML check refuses a bare ampersand' "$work/why"

# ---- exit status 0, 1, 2 ----
ends 0 '' 'the same policy passes' gate --baseline "$expert" --candidate "$expert"
says 'PASS: 4 of 4 rows are not worse than the baseline by their margin' 'the verdict says so'
says '3 rows that the policy does not require had nothing to compare' 'rows without data are counted'
says 'unit episode: about these two trained policies, not about how they were trained' 'whom a verdict over episodes is about'
ends 1 'FAIL: 4 of 4 rows regressed; walker2d return: 0.357054 instead of 1.05153|margin 0.2' 'a worse policy fails' \
    gate --baseline "$expert" --candidate "$medium"
ends 0 '' 'a better policy passes' gate --baseline "$medium" --candidate "$expert"
"$mdpbench" eval --behavior "$policies/walker2d-expert.h5" --seed 5 --episodes 30 --out other.episodes.h5 > "$work/out" 2>&1
ends 2 'CANNOT DECIDE: |needs n = |would have failed (power 0.8)' 'another seed is not enough for means' \
    gate --baseline "$expert" --candidate other.episodes.h5

# ---- formats ----
for other in "$expert" "$medium" other.episodes.h5; do
    name=$(basename "$other" .episodes.h5)
    run gate --baseline "$expert" --candidate "$other" --json
    valid "$name as JSON"
    cp "$work/out" once
    run gate --baseline "$expert" --candidate "$other" --json
    same "$name as JSON: the same bytes on every run" once "$work/out"
    run gate --baseline "$expert" --candidate "$other" --junit
    perl "$here/xml_check.pl" < "$work/out" > "$work/why" 2>&1
    check $? "$name as JUnit is well-formed" "$work/why" "$work/out"
done
run gate --baseline "$expert" --candidate "$medium" --junit
says '<testsuite name="mdpbench gate" tests="7" failures="4" errors="0" skipped="3">' 'JUnit counts failures and skipped rows'
says 'margin 0.2 (Wilcoxon signed rank, n = 50 and 50 episodes)</failure>' 'a failure has a text'
says '<skipped message="baseline: needs 2 checkpoints or more, found 1"/>' 'and what has no data a reason'
run gate --baseline "$expert" --candidate "$medium" --markdown
[ "$(head -1 "$work/out" | cut -c 1-24)" = '**mdpbench gate: FAIL: 4' ] && ! grep -q '^::' "$work/out"
check $? 'Markdown begins with the verdict' "$work/out"
says '| walker2d return | episode | 50 | 50 | 1.0515 | 0.3571 | -0.6404 [-0.7918, -0.6326] | 0.2000 |' 'Markdown has the table'
run gate --baseline "$expert" --candidate "$medium" --github
says '::error title=walker2d return::0.357054 instead of 1.05153' 'GitHub is told of what failed'
[ "$(grep -c '^::error' "$work/out")" = 4 ]
check $? 'one ::error line a row'
run gate --baseline "$expert" --candidate other.episodes.h5 --github
grep -q '^::warning title=walker2d return (mean)::gain -.*needs n = ' "$work/out" && ! grep -q '^::error' "$work/out"
check $? 'and warned of what is undecided' "$work/out"
run gate --baseline "$expert" --candidate "$expert" --github
! grep -q '^::' "$work/out"
check $? 'it hears nothing of a pass' "$work/out"
on_github() { GITHUB_STEP_SUMMARY=$work/summary gate --baseline "$expert" --candidate "$1" --github; }
printf 'of another step\n' > "$work/summary"
for other in "$medium" "$expert"; do
    run gate --baseline "$expert" --candidate "$other" --markdown
    { cat "$work/summary" && echo && cat "$work/out"; } > summaries
    run on_github "$other"
    has_all 'policy |n B|p fail' "$work/out"
    check $? 'the log has the text' "$work/out"
    same 'the Markdown is appended to the summary of the step' summaries "$work/summary"
done
grep -q '::' "$work/summary"
[ $? = 1 ]
check $? 'which has no annotations' "$work/summary"
run env GITHUB_STEP_SUMMARY=nowhere/summary "$mdpbench" gate --policy "$gates/default.yaml" --baseline "$expert" --candidate "$expert" --github
message_is 5 'nowhere/summary: cannot open to append'
check $? 'a summary that cannot be written' "$work/err"
tap() {
    gate --baseline "$expert" --candidate "$1" --tap > gate.tap 2> "$work/err"
    prove -e cat ./gate.tap > "$work/out" 2>&1
}
tap "$expert"
check $? 'prove accepts the TAP of a pass' "$work/out" gate.tap
tap other.episodes.h5
check $? 'prove accepts what is undecided' "$work/out" gate.tap
grep -q 'ok 2 - walker2d return (mean) # SKIP gain -' gate.tap
check $? 'undecided rows are skipped with the reason' gate.tap
! tap "$medium" && grep -q 'Failed 4/7' "$work/out"
check $? 'prove counts the regressions' "$work/out"
ends 1 'FAIL' 'all forms at once' gate --baseline "$expert" --candidate "$medium" --out report/deep
for ending in txt json tap xml md; do
    [ -s "report/deep/gate.$ending" ]
    check $? "gate.$ending is written"
done

# ---- policies ----
accepted() {
    printf 'may_differ: [step]\nrows: [{metric: return, margin: {absolute: 0.05}}]\naccepted:\n- {task: "walker*", metric: return, reason: "reward #2: a|b", expires: %s}\n' "$1"
}
accepted 2026-06-01 > accepted.yaml
ends 0 '' 'an accepted regression passes until its day' \
    "$mdpbench" gate --policy accepted.yaml --baseline "$expert" --candidate "$medium" --today 2026-06-01 --tap
grep -q 'not ok 1 - walker2d return # TO[D]O reward .#2: a|b' "$work/out"
check $? 'as an expected failure with its reason' "$work/out"
prove -e cat "$work/out" > "$work/why" 2>&1
check $? 'prove accepts it' "$work/why"
ends 1 'was accepted until 2026-06-01, which has passed: reward #2' 'and fails on the next' \
    "$mdpbench" gate --policy accepted.yaml --baseline "$expert" --candidate "$medium" --today 2026-06-02
{ accepted 2020-01-01 && accepted 2026-06-01 | tail -1; } > renewed.yaml
ends 0 '' 'a renewed one counts beside the old' \
    "$mdpbench" gate --policy renewed.yaml --baseline "$expert" --candidate "$medium" --today 2026-06-01 --tap
run "$mdpbench" gate --policy accepted.yaml --baseline "$expert" --candidate "$medium" --today 2026-06-01 --json
valid 'an accepted regression'
# a reason of many lines and bytes is one line everywhere
printf 'may_differ: [step]\nrows: [{metric: return, margin: {absolute: 0.05}}]\naccepted:\n- task: "walker*"\n  metric: return\n  expires: 2026-06-01\n  reason: |\n    two\n    lines | %%\n    xüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü\n' > lines.yaml
run "$mdpbench" gate --policy lines.yaml --baseline "$expert" --candidate "$medium" --today 2026-06-01 --json
valid 'a long reason'
run "$mdpbench" gate --policy lines.yaml --baseline "$expert" --candidate "$medium" --today 2026-06-02 --tap
prove -e cat "$work/out" > "$work/why" 2>&1
grep -q 'Failed 1/1' "$work/why" && ! grep -qi 'parse error' "$work/why"
check $? 'prove reads its diagnosis' "$work/why" "$work/out"
run "$mdpbench" gate --policy lines.yaml --baseline "$expert" --candidate "$medium" --today 2026-06-02 --markdown
[ "$(head -1 "$work/out" | grep -c 'two lines .*\*\*$')" = 1 ] && [ "$(wc -l < "$work/err")" = 1 ]
check $? 'the verdict is one line' "$work/out" "$work/err"
ends 2 'CANNOT DECIDE: 4 of 4 rows; walker2d return: 50 episodes, the policy asks for 200' 'the strict policy asks for more' \
    "$mdpbench" gate --policy "$gates/strict.yaml" --baseline "$expert" --candidate "$expert"
echo 'rows: [{metric: return, margin: {absolute: 0.05}, task: "ant*"}]' > ant.yaml
expect 3 "ant.yaml:1: rows[0]: expected a task like 'ant*'|found others, e.g. task walker2d" 'a row that matches nothing' \
    "$mdpbench" gate --policy ant.yaml --baseline "$expert" --candidate "$expert"
echo '<!DOCTYPE html><title>404</title>' > page.yaml
expect 3 'page.yaml: expected YAML, found a web page' 'a page in place of a policy' \
    "$mdpbench" gate --policy page.yaml --baseline "$expert" --candidate "$expert"
echo 'version https://git-lfs.github.com/spec/v1' > page.yaml
expect 3 'page.yaml: expected YAML, found a Git LFS pointer' 'a pointer in place of an experiment' "$mdpbench" table page.yaml
printf 'rows:\n- metric: return\n  margin: {absolute: 5 percent}\n' > broken.yaml
expect 3 "broken.yaml:3: rows[0].margin.absolute: expected a finite number, found '5 percent'" 'a policy with a mistake' \
    "$mdpbench" gate --policy broken.yaml --baseline "$expert" --candidate "$expert"

# ---- what few episodes cannot know ----
reference=${MDPBENCH_REFERENCE:-$repo/tests/reference}
rare=$reference/discovery/stats-sequential-rare-loss
judged() { "$mdpbench" gate --policy "$1" --baseline "$2" --candidate "$3" --json; }
for form in '' --sequential; do
    ends 1 'FAIL: |return (mean): 0.928313 instead of 1.07211' "a loss by rare falls fails, ${form:-at once}" \
        "$mdpbench" gate --policy "$rare/mean.yaml" --baseline "$rare/baseline" --candidate "$rare/candidate" $form
done
printf 'rows: [{metric: return, test: mean, margin: {absolute: 0.05}}]\nsequential: {looks: [10, 50]}\n' > few.yaml
for form in '' --sequential; do
    ends 2 'CANNOT DECIDE: |50 episodes are too few to exclude a loss of 0.05 by rare failures' "equal episodes exclude no rare loss, ${form:-at once}" \
        "$mdpbench" gate --policy few.yaml --baseline "$cheetah" --candidate "$cheetah" $form
done
# (1 - 0.05 / 0.94)^n <= 0.05
run judged few.yaml "$cheetah" "$cheetah"
json 'the n that excludes it is said' "$work/out" '$j->{rows}[0]{n_needed} == 55'
printf 'worst: none\nrows: [{metric: return, test: mean, margin: {absolute: 0.3}}]\n' > none.yaml
ends 2 'CANNOT DECIDE: |the policy says worst: none: what an episode can lose has no bound' 'without a worst return there is no claim' \
    "$mdpbench" gate --policy none.yaml --baseline "$cheetah" --candidate "$cheetah"
printf 'worst: none\nmay_differ: [step]\nrows: [{metric: return, test: mean, margin: {absolute: 0.3}}]\n' > none.yaml
ends 1 'FAIL: ' 'but a regression is one' "$mdpbench" gate --policy none.yaml --baseline "$expert" --candidate "$medium"
printf 'worst: 2\nrows: [{metric: return, test: mean, margin: {absolute: 0.3}}]\n' > high.yaml
ends 2 "CANNOT DECIDE: |halfcheetah-expert.episodes.h5: episode |expected no normalized return below the policy's worst: 2, found 0.9" 'a return below worst is named' \
    "$mdpbench" gate --policy high.yaml --baseline "$cheetah" --candidate "$cheetah"
needed=$reference/discovery/stats-needed-below-n
for policy in few.yaml "$gates/default.yaml"; do
    run judged "$policy" "$needed/baseline.episodes.h5" "$needed/candidate.episodes.h5"
    json "${policy##*/}: what is needed is more than there is, and is said of open rows alone" "$work/out" '!grep { $_->{decision} eq "inconclusive"
        ? defined $_->{n_needed} && $_->{n_needed} <= $_->{n_candidate} : defined $_->{n_needed} || $_->{reason} =~ /needs n/ } @{$j->{rows}}'
done
edges=$reference/field/small-edges
ends 2 "CANNOT DECIDE: |a margin of 0.05 of the baseline's mean is none|below its standard error|give an absolute one" 'a margin of next to nothing' \
    "$mdpbench" gate --policy "$edges/relative.yaml" --baseline "$edges/zero-mean-base.episodes.h5" --candidate "$edges/zero-mean-candidate.episodes.h5"

# what was not counted by its return
blown=$reference/discovery/stats-non-finite-unsaid
for form in '' --sequential; do
    ends 2 'CANNOT DECIDE: |not finite: 0 of 50 episodes of the baseline, 10 of 50 of the candidate' \
        "ten of fifty that were not finite are named, ${form:-at once}" gate --baseline "$blown/baseline" --candidate "$blown/candidate" $form
done
run gate --baseline "$blown/baseline" --candidate "$blown/candidate" --json
valid 'episodes that were not finite'
json 'they are counted' "$work/out" '$j->{counts}{candidate_ends}{non_finite} == 10 && $j->{counts}{baseline_ends}{non_finite} == 0 && !$j->{counts}{same_results}'
printf 'rows: [{metric: return, margin: {absolute: 0.3}}]\n' > wide.yaml
ends 0 '' 'where no row asks for failures' "$mdpbench" gate --policy wide.yaml --baseline "$blown/baseline" --candidate "$blown/candidate"
says '10 of 50 of the candidate' 'they are named as well'
ends 0 '' 'the same results' gate --baseline "$cheetah" --candidate "$cheetah"
says 'baseline and candidate are the same results, value by value' 'are called so'
cp "$cheetah" copy.episodes.h5
run gate --baseline "$cheetah" --candidate copy.episodes.h5 --json
json 'whatever the file is called' "$work/out" '$j->{counts}{same_results} && $j->{verdict} =~ /the same results/'

# one result once
for sides in 'base twice' 'twice base'; do
    expect 3 'twice.perf.json: env/Walker2DBullet-v0: expected once, found twice' "a result twice in a file: $sides" \
        "$mdpbench" gate --policy "$edges/speed.yaml" --baseline "$edges/${sides% *}.perf.json" --candidate "$edges/${sides#* }.perf.json"
done
cp "$edges/base.perf.json" again.perf.json
for sides in "$edges/base.perf.json again.perf.json,$edges/base.perf.json" "again.perf.json,$edges/base.perf.json $edges/base.perf.json"; do
    ends 2 'CANNOT DECIDE: |repetitions of one file are no like of the medians of several' 'one file against several' \
        "$mdpbench" gate --policy "$edges/speed.yaml" --baseline "${sides% *}" --candidate "${sides#* }"
done

# ---- unlike and missing data ----
expect 3 "walker2d: actor: expected 'mode' as in|found 'stochastic' in|; a policy with may_differ: [actor] takes both" 'another actor' \
    gate --baseline "$expert" --candidate "$policies/walker2d-expert.stochastic.episodes.h5"
for facts in 'actor, step' '' precision; do
    printf 'may_differ: [%s]\nrows: [{metric: return, margin: {absolute: 9}}]\n' "$facts" > may.yaml
    run "$mdpbench" gate --policy may.yaml --baseline "$expert" --candidate "$policies/walker2d-medium.stochastic.episodes.h5" --json
    [ "$status" = "$([ "$facts" = 'actor, step' ] && echo 0 || echo 3)" ]
    check $? "may_differ: [$facts] of another actor and step" "$work/out" "$work/err"
    [ "$status" = 3 ] && continue
    valid 'what may differ'
    json 'is in the report' "$work/out" 'join(" ", @{$j->{policy}{may_differ}}) eq "actor step"'
done
printf 'may_differ: [phyics]\nrows: [{metric: return, margin: {absolute: 9}}]\n' > may.yaml
expect 3 'may.yaml:1: may_differ[0]: expected one of precision, actor, candidates, temperature, w_t, solver, sampling_steps, lambda, langevin, guide, step' \
    'what nothing is called may not differ' "$mdpbench" gate --policy may.yaml --baseline "$expert" --candidate "$expert"
names=$(sed "s/.*expected one of \(.*\), found 'phyics'.*/\1/" "$work/err")
grep -qF "may_differ: [w_t, step]  # of $names; default none" "$repo/docs/gate.md" &&
    grep -qF "\"fact\": {\"enum\": [\"$(echo "$names" | sed 's/, /", "/g')\"]}" "$repo/docs/gate.schema.json" &&
    "$mdpbench" gate --help | tr -s '\n ' ' ' | grep -qF "under may_differ, of: $(echo "$names" | tr -d ,)."
check $? 'page, schema and help have the same names' "$work/err"
"$mdpbench" eval --behavior "$policies/walker2d-medium.h5" --return-rule cleandiffuser --episodes 2 --out rule.episodes.h5 > "$work/out" 2>&1
expect 3 "walker2d: return rule: expected 'standard' as in|found 'cleandiffuser' in" 'another return rule' \
    gate --baseline "$expert" --candidate rule.episodes.h5
expect 3 "candidate: expected task walker2d, arm '' as the baseline has" 'another task' gate --baseline "$expert" --candidate "$cheetah"
mkdir empty
expect 3 "candidate: expected *.episodes.h5 or *perf.json, found none in 'empty'" 'an empty folder' \
    gate --baseline "$expert" --candidate empty
echo 'not hdf5' > bad.episodes.h5
expect 3 'bad.episodes.h5' 'a file that is none' gate --baseline "$expert" --candidate bad.episodes.h5
expect 5 'absent.episodes.h5' 'a file that is not there' gate --baseline "$expert" --candidate absent.episodes.h5
expect 5 'absent.yaml' 'a policy that is not there' "$mdpbench" gate --policy absent.yaml --baseline "$expert" --candidate "$expert"

# ---- usage ----
expect 4 '--policy: expected it' 'no policy' "$mdpbench" gate --baseline x --candidate y
expect 4 '--baseline: expected it' 'no baseline' gate --candidate y
expect 4 '--candidate: expected it' 'no candidate' gate --baseline x
expect 4 'expected options only|extra' 'an argument that is no option' gate --baseline x --candidate y extra
expect 4 'at most one of --json, --tap' 'two formats' gate --baseline x --candidate y --json --tap
for form in json markdown; do
    expect 4 '--github: expected no other form|$GITHUB_STEP_SUMMARY gets the Markdown' "annotations inside $form" gate --baseline x --candidate y --$form --github
done
expect 4 "--today: expected a day as YYYY-MM-DD, found 'tomorrow'" 'a day that is none' gate --baseline x --candidate y --today tomorrow
expect 4 '--evaluate: expected --sequential' 'evaluation without looks' gate --baseline x --candidate y --evaluate
for option in 'seed 3' 'candidates 5' 'threads 1' 'work x'; do
    expect 4 "--${option% *}: expected --evaluate" "${option% *} of no evaluation" gate --baseline x --candidate y --${option}
done
expect 4 '--history: expected --out beside it at most' 'a format of a history' "$mdpbench" gate --history x --json

# ---- folders, arms, speeds ----
mkdir named && cp "$expert" named/step000010.episodes.h5
ends 0 'PASS' 'a folder of a run that is named itself' gate --baseline named --candidate named
for side in old new; do
    mkdir -p "$side/walker2d/dql/joint/seed0"
    cp "$expert" "$side/walker2d/dql/joint/seed0/step000100.episodes.h5"
    cp "$medium" "$side/walker2d/dql/joint/seed0/step000200.episodes.h5"
    "$mdpbench" perf env --seconds 0.002 --threads 1 --json > "$side/perf.json" 2> "$work/err"
done
"$mdpbench" collect walker2d-random --steps 600 --out d.hdf5 > "$work/out" 2>&1
"$mdpbench" perf start load env --seconds 0.002 --threads 1 --data d.hdf5 --json > "$work/out" 2> "$work/err"
json 'starting, loading and physics alone are measured' "$work/out" 'my %u = map { $_->{name} => $_ } @{$j->{results}};
    !grep { !($u{$_} && $u{$_}{min} > 0 && $u{$_}{min} <= $u{$_}{value} && $u{$_}{value} <= $u{$_}{max} && $u{$_}{n} == @{$u{$_}{values}}) }
    "start/time", "start/memory", "load/dataset", "load/dataset/memory", "load/episodes", "physics/Walker2DBullet-v0", "memory/Walker2DBullet-v0"'
for side in old new; do cp "$medium" "$side/walker2d/dql/joint/seed0/step000100.online.episodes.h5"; done
run gate --baseline old --candidate new/ --json
valid 'folders'
says '"title": "walker2d dql/joint:online return"' 'a label is an arm of its own'
says '"title": "walker2d dql/joint auc"' 'a folder is a task and an arm'
says '"title": "speed env/HalfCheetahBullet-v0' 'speeds are rows too'
mkdir -p new/walker2d/edp/seed0 && cp "$expert" new/walker2d/edp/seed0/step000100.episodes.h5
run gate --baseline old --candidate new
says 'not compared, as the baseline lacks them: 1 of' 'what only the candidate has is mentioned'
mkdir strange
for name in step400 step00000100 step000100x step000100..online; do
    cp "$expert" "strange/$name.episodes.h5"
    expect 3 "strange/$name.episodes.h5: expected the name of a checkpoint, stepNNNNNN.episodes.h5 or stepNNNNNN.LABEL.episodes.h5" \
        "no checkpoint's name: $name" gate --baseline strange --candidate strange
    rm "strange/$name.episodes.h5"
done
bad=$(printf 'dql\344')
mkdir -p "bytes/walker2d/$bad/seed0" && cp "$expert" "bytes/walker2d/$bad/seed0/step000100.episodes.h5"
expect 3 "expected an arm's name in plain UTF-8, found 'dql?'" 'a folder whose name is no text' gate --baseline bytes --candidate bytes
mv "bytes/walker2d/$bad" bytes/walker2d/dql && mv bytes "bytes$bad"
run gate --baseline "bytes$bad" --candidate "bytes$bad" --json
valid 'a path that is no text'
sed 's/"cpu": "[^"]*"/"cpu": "another"/' old/perf.json > new/perf.json
expect 3 'machine: expected|another' 'speeds of another machine' gate --baseline old --candidate new
echo '{"results": [{"name": "x"}]}' > new/perf.json
expect 3 "new/perf.json: expected the JSON of 'mdpbench perf --json', found no machine" 'a broken perf file' \
    gate --baseline old --candidate new

# ---- the first steps ----
for side in late1 late2; do
    mkdir $side
    cp "$repo"/results/reference/paper/runs/walker2d-medium-expert/dql/joint-bf16/seed0/step00[678]*00.episodes.h5 $side
done
printf 'rows: [{metric: auc, margin: {absolute: 0.1}}, {metric: early, margin: {absolute: 0.1}}]\n' > first.yaml
first() { "$mdpbench" gate --policy "$1" --baseline late1 --candidate late2; }
ends 2 'CANNOT DECIDE: 1 of 2 rows; walker2d-medium-expert early: baseline: nothing to compare: no checkpoint in the first 5000 steps, the first is 6000' \
    'a window without a checkpoint has no value' first first.yaml
sed 's/{metric: early,/{metric: early, required: false,/' first.yaml > may.yaml
ends 0 '' 'a row that is not required may have none' first may.yaml
says '1 row that the policy does not require had nothing to compare' 'and is counted as the others without data'
sed 's/{metric: early,/{metric: early, early_steps: 6000,/' first.yaml > last.yaml
ends 0 '' 'a checkpoint at the end of the window is in it' first last.yaml
says 'PASS: 2 of 2' 'and has a value'

# ---- looking early ----
ends 1 'FAIL: ' 'a clear regression is found early' gate --sequential --baseline "$expert" --candidate "$medium"
says 'decided with 30 of 60 planned episodes a file, 50 % saved' 'the saving is shown'
run gate --sequential --baseline "$expert" --candidate "$medium" --json
valid 'a sequential run'
printf 'may_differ: [step]\nrows: [{metric: failure, margin: {relative: 0.5}}]\nsequential: {looks: [2, 50], bounds: pocock}\n' > late.yaml
ends 1 'FAIL: 1 of 1 rows regressed; walker2d failure: ' 'a margin of 0 at the first look is asked again at the next' \
    "$mdpbench" gate --policy late.yaml --sequential --baseline "$expert" \
    --candidate "$medium"
ends 2 'CANNOT DECIDE' 'what stays open when files end' gate --sequential --baseline "$expert" --candidate other.episodes.h5
! grep -Eq 'would have failed|needs n = ' "$work/out"
check $? 'without the plan of a single test' "$work/out"
says 'not decided by 30 of 60 planned episodes a file, and there are no more' 'is said to be so'
expect 3 'expected 30 episodes a file for the first look, found 2' 'fewer than the first look' \
    gate --sequential --baseline rule.episodes.h5 --candidate rule.episodes.h5
printf 'rows: [{metric: return, test: mean, margin: {absolute: 0.3}}]\nsequential: {looks: [3, 6], bounds: pocock}\n' > looks.yaml
evaluated() {
    "$mdpbench" gate --policy looks.yaml --sequential --evaluate --baseline "$policies/walker2d-medium.h5" \
        --candidate "$policies/walker2d-medium.h5" --seed 3 --json
}
ends 0 '' 'policies are evaluated as far as needed' evaluated
valid 'an evaluating run'
cp "$work/out" once
[ "$(find gate-episodes -name '*.from000000.episodes.h5' | wc -l)" = 2 ] && [ "$(find gate-episodes -type f | wc -l)" = 2 ]
check $? 'the first look was enough'
ends 0 '' 'again' evaluated
same 'from the same episodes' once "$work/out"
sed 's/absolute: 0.3/absolute: 1.0e-3/; s/pocock/obrien_fleming/' looks.yaml > more.yaml
run "$mdpbench" gate --policy more.yaml --sequential --evaluate --baseline "$policies/walker2d-medium.h5" \
    --candidate other.episodes.h5 --seed 3
message_is 3 'other.episodes.h5'
check $? 'evaluation takes policies, not episodes' "$work/err"
"$mdpbench" gate --policy more.yaml --sequential --evaluate --baseline "$policies/walker2d-medium.h5" \
    --candidate "$policies/walker2d-expert.h5" --seed 4 --work w > "$work/out" 2> "$work/err"
[ -f w/baseline/walker2d-medium.from000000.episodes.h5 ] && [ -f w/candidate/walker2d-expert.from000000.episodes.h5 ]
check $? 'episodes are kept under --work' "$work/err"
mkdir lr=0.001,seed=0 && cp "$policies/walker2d-medium.h5" lr=0.001,seed=0/policy.h5
ends 0 '' 'a policy in a folder with a comma' "$mdpbench" gate --policy looks.yaml --sequential --evaluate --json --seed 3 \
    --baseline lr=0.001,seed=0/policy.h5 --candidate lr=0.001,seed=0/policy.h5 --work commas
expect 4 '--evaluate: expected one policy a side' 'two policies a side' \
    "$mdpbench" gate --policy looks.yaml --sequential --evaluate --baseline a,b --candidate c

# ---- another program ----
in_turn() { "$mdpbench" perf env --against "$mdpbench" --seconds 0.02 --threads 1 --rounds 6 --only '*/HalfCheetahBullet-v0' "$@"; }
run in_turn --margin 0.9
[ "$status" = 0 ]
check $? 'the same program is not slower' "$work/out" "$work/err"
has_all 'speed env/HalfCheetahBullet-v0|6 ' "$work/out"
check $? 'every measure is a row' "$work/out"
run in_turn --margin 0.4 --handicap 12 --only 'env/*'
message_is 1 'rows regressed'
check $? 'a slowed one fails' "$work/out" "$work/err"
run in_turn --margin 0.9 --json --only env/HalfCheetahBullet-v0
valid 'the ratio of two programs'
expect 5 "perf' ended with status 127" 'a program that is not there' "$mdpbench" perf env --against ./absent --seconds 0.01
expect 4 '--physics: expected none' 'two programs have their own physics' in_turn --physics native

# ---- history ----
past() { gate --baseline "$1" --candidate "$1" --history past --label "$2"; }
gate --baseline "$medium" --candidate "$medium" --history past > "$work/out" 2>&1 # without a label
for i in 2 3 4; do past "$medium" "old $i" > "$work/out" 2>&1; done
for i in 5 6 7 8; do past "$expert" "new $i" > "$work/out" 2>&1; done
run gate --baseline "$expert" --candidate "$medium" --history past
[ "$(ls past | tr '\n' ' ')" = '000001.json 000002.json 000003.json 000004.json 000005.json 000006.json 000007.json 000008.json ' ]
check $? 'a history keeps what passed, and only that' "$work/out"
fits 'a run of a history' gate-history past/000005.json
works 'it is shown' "$mdpbench" gate --history past --out picture
has_all '8 runs that passed, 2026-06-01 to|walker2d return: 8 values, first 0.357054, last 1.05153, 1 change|change at 000005 (2026-06-01, new 5): 0.357054 -> 1.05153, +0.694 (+194.5 %)' "$work/out"
check $? 'with its changes' "$work/out"
head -c 300 picture/history-4.svg | grep -q '<svg'
check $? 'and drawn'
echo '{"format": "mdpbench-gate-history"}' > past/000009.json
expect 3 "past/000009.json: expected a run of a gate's history" 'a damaged history' "$mdpbench" gate --history past
echo '{"format": "mdpbench-gate-history", "day": "today", "label": "", "rows": [{"row": "a", "value": 1}]}' > past/000009.json
expect 3 "past/000009.json: expected a run of a gate's history" 'a run of no day' "$mdpbench" gate --history past
rm past/000009.json
expect 4 '--label: expected a line of at most 63 bytes' 'a label of two lines' past "$expert" 'two
lines'
expect 4 '--label: expected --history' 'a label for nothing' gate --baseline "$expert" --candidate "$expert" --label x
expect 3 'empty: expected runs of a gate, NNNNNN.json, found none' 'an empty history' "$mdpbench" gate --history empty
expect 5 "cannot open the folder 'nowhere'" 'no history' "$mdpbench" gate --history nowhere

# ---- self-test ----
printf 'rows:\n- {metric: return, margin: {absolute: 0.1}}\n- {metric: return, test: mean, margin: {absolute: 0.1}}\n' > two.yaml
selftest() { "$mdpbench" gate selftest --policy two.yaml "$@"; }
# by this seed; by others one promise of the 29 may stay open in so few trials
drawn() { selftest --baseline "$cheetah" --seed 9 "$@"; }
ends 0 '' 'a policy keeps its promises' drawn --trials 400
has_all 'unchanged: the gate passes  |(mean) unchanged  |worse by its margin, falls: the row passes|worse by its margin, a bad tail: the row passes|worse by its margin, non-finite ends: the row passes|worse by 3 margins, lower: the gate fails|KEPT: all 29 promises, in 400 trials' "$work/out"
check $? 'and says which' "$work/out"
# of means alone, whose tests take a tenth of the time
printf 'rows: [{metric: return, test: mean, margin: {absolute: 0.1}}]\n' > mean.yaml
drawn_means() { "$mdpbench" gate selftest --policy mean.yaml --baseline "$cheetah" --seed 7 --trials 200 --json "$@"; }
run drawn_means --threads 1
cp "$work/out" once
fits 'drawn trials' gate-selftest once
json 'as JSON' once '$j->{format} eq "mdpbench-gate-selftest" && $j->{drawn}{verdict} eq "kept" && @{$j->{drawn}{claims}} == 14
    && !grep({ $_->{trials} != 200 || $_->{rate}{low} > $_->{rate}{estimate} } @{$j->{drawn}{claims}})'
run drawn_means --threads 2
same 'threads change nothing' once "$work/out"
printf 'rows:\n- {metric: return, margin: {absolute: 0.1}}\nsequential: {looks: [15, 30]}\n' > looks.yaml
run "$mdpbench" gate selftest --policy looks.yaml --baseline "$cheetah" --seed 7 --trials 200 --sequential --json
fits 'drawn gates that look early' gate-selftest "$work/out"
json 'have the episodes that the looks plan, and pass no more than they may' "$work/out" '$j->{drawn}{sequential} && $j->{drawn}{episodes} == 30
    && !grep { $_->{claim} =~ /the row passes/ && $_->{rate}{estimate} > 0.05 + 4 * 0.0154 } @{$j->{drawn}{claims}}'
ends 2 'OPEN, more --trials would tell' 'a few trials tell little' drawn --trials 10
ends 2 'POWERLESS|unchanged: the gate passes in ' 'few episodes of a varied policy decide little' \
    selftest --baseline "$expert" --trials 400 --episodes 25 --loss 4
for committed in "$repo"/results/reference/gate/*.json; do
    fits "${committed##*/}" gate-selftest "$committed"
done
# a regression only just beyond the margin cannot be told from one of the margin
printf 'alpha: 0.5\nrows: [{metric: return, margin: {absolute: 0.05}, test: mean}]\npower: 0.99\n' > flawed.yaml
ends 2 'POWERLESS' 'a gate that sleeps is found out' \
    "$mdpbench" gate selftest --policy flawed.yaml --baseline "$expert" --trials 100 --loss 1.1
# nearly all that these six episodes could lose is within the margin, and so they can pass
printf 'worst: 0.85\nrows:\n- {metric: return, margin: {absolute: 0.05}}\n- {metric: speed, measure: "*", margin: {relative: 0.4}}\ndefaults: {min_episodes: 3}\n' > real.yaml
real() { "$mdpbench" gate selftest --policy real.yaml --run "$policies/halfcheetah-expert.h5" --episodes 6 --threads 1 "$@"; }
run real --json
fits 'real regressions' gate-selftest "$work/out"
json 'real regressions fail' "$work/out" '$j->{real}{verdict} eq "kept" && !grep { $_->{trials} != $_->{gate}{$_->{must_fail} ? "fail" : "pass"} } @{$j->{real}{damages}}'
json 'noise and a slowed loop among them' "$work/out" '4 == grep { $_->{trials} == 1 } @{$j->{real}{damages}}'
sed /speed/d real.yaml > calm.yaml
run real --noise 0.001 --work harmless --policy calm.yaml
message_is 2 'OPEN: a damage did no harm'
check $? 'damage that does none is told' "$work/out" "$work/err"
has_all 'harmless|damaged that did not: none tried' "$work/out"
check $? 'and not counted' "$work/out"
# of a run's modules all are tried; one that has learnt nothing has nothing to lose, and only the loop can fail
"$mdpbench" train --task walker2d-medium --data d.hdf5 --batch 32 --checkpoint-every 4 --steps 4 --threads 1 --out modules > "$work/out" 2>&1
run "$mdpbench" gate selftest --policy real.yaml --run modules --episodes 8 --candidates 4 --threads 1 --work damaged --json
message_is 2 'OPEN: a damage did no harm'
check $? 'modules without skill cannot be damaged' "$work/out" "$work/err"
fits 'a question left open' gate-selftest "$work/out"
json 'all damages of modules are tried' "$work/out" '6 == grep { $_->{trials} == 1 } @{$j->{real}{damages}}'
json 'a slowed loop fails' "$work/out" '$j->{real}{damages}[5]{damage} eq "a slowed loop" && $j->{real}{damages}[5]{gate}{fail} == 1'
expect 4 '--baseline, --run or both, found neither' 'nothing to test' selftest
expect 4 '--policy: expected it' 'no policy to test' "$mdpbench" gate selftest --baseline x
expect 4 '--guidance: expected --run' 'guidance of nothing' selftest --baseline x --guidance own
expect 4 '--guidance: expected none beside a behaviour policy' 'guidance of a behaviour policy' real --guidance none
expect 3 'expected mdpbench-checkpoint, found mdpbench-episodes' 'episodes are no policy' selftest --run "$expert"
finish
