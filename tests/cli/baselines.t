#!/bin/sh
# gate --save-baseline and --baseline NAME: what is saved judges as the files that it came from, or not at all
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
policies=$root/results/reference/behavior
default=$root/bench/gates/default.yaml
expert=$policies/walker2d-expert.episodes.h5
medium=$policies/walker2d-medium.episodes.h5
gate() { "$mdpbench" gate --policy "$default" --today 2026-06-01 "$@"; }
save() { "$mdpbench" gate --save-baseline "$@"; }
ln -s "$root/bench" bench

# ---- round trip ----
# two runs of an arm, of several checkpoints each; another arm; a file that is named itself; speeds of two files
runs=$root/results/reference/paper/runs/walker2d-medium-expert/dql/joint-bf16
for i in 0 1; do
    for side in old new; do
        to=$side/walker2d-medium-expert/dql/joint/seed$i
        mkdir -p "$to"
        from=$runs/seed$i
        if [ $side = new ]; then from=$runs/seed$((2 - i)); fi
        cp "$from"/step00[12][24]00.episodes.h5 "$from"/step003600.episodes.h5 "$to"
        cp "$from/step002400.episodes.h5" "$to/step002400.online.episodes.h5"
    done
    "$mdpbench" perf env --seconds 0.02 --threads 1 --json > "old/$i.perf.json" 2> "$work/err"
    cp "old/$i.perf.json" new
done
cheetah=$policies/halfcheetah-expert.episodes.h5
# verdict and rows of a report, without the paths
rows() { perl -MJSON::PP -e 'local $/; my $j = decode_json(<STDIN>); print JSON::PP->new->canonical->pretty->encode([@{$j}{qw(verdict exit_status counts rows)}])'; }
works 'results are saved' save main --candidate "old,$cheetah"
grep -qx 'baseline baselines/main: 11 files saved' "$work/out"
check $? 'and counted' "$work/out"
perl "$here/json_schema.pl" "$root/docs/gate-baseline.schema.json" baselines/main/gate-baseline.json > "$work/why" 2>&1
check $? 'the list fits docs/gate-baseline.schema.json' "$work/why"
for form in '' --sequential; do
    gate --baseline "old,$cheetah" --candidate "new,$cheetah" --json $form > "$work/paths" 2> "$work/err"
    status_paths=$?
    run gate --baseline main --candidate "new,$cheetah" --json $form
    [ "$status" = "$status_paths" ] && [ "$(rows < "$work/paths")" = "$(rows < "$work/out")" ]
    check $? "the same rows from the name as from the paths, ${form:-at once}" "$work/out" "$work/err"
done
json 'of all arms and speeds' "$work/out" 'my %t = map { $_->{title} => 1 } @{$j->{rows}};
    !grep { !$t{$_} } "walker2d-medium-expert dql/joint return", "walker2d-medium-expert dql/joint:online return", "walker2d-medium-expert dql/joint auc", "speed env/Walker2DBullet-v0", "halfcheetah return"'
gate --baseline main --candidate baselines/main --json > "$work/out" 2> "$work/err"
json 'its folder is a path, also of a candidate' "$work/out" '$j->{counts}{same_results}'
works 'the same once more' save main --candidate "old,$cheetah"
grep -q '11 files that were there already' "$work/out"
check $? 'is there already' "$work/out"
gate --baseline main --candidate "new,$cheetah" --json > "$work/out.before" 2> "$work/err"
printf 'rows: [{task: halfcheetah*, metric: return, test: mean, margin: {absolute: 0.1}}]\n' > mean.yaml
selftest() { "$mdpbench" gate selftest --policy mean.yaml --trials 20 --seed 3 --threads 1 "$@"; }
selftest --baseline "old,$cheetah" > paths 2> "$work/err"
run selftest --baseline main
same 'the self-test draws the same from the name as from the paths' paths "$work/out"
expect 5 "found neither a file or folder 'nothing' nor 'elsewhere/nothing/gate-baseline.json'" 'and refuses what is neither' \
    selftest --baseline nothing --baselines elsewhere
rm -r old
gate --baseline main --candidate "new,$cheetah" --json > "$work/again" 2> "$work/err"
[ "$(rows < "$work/out.before")" = "$(rows < "$work/again")" ]
check $? 'without the files that it came from' "$work/err"

# ---- replacing ----
expect 4 "--save-baseline: expected a new name or --replace, found another baseline in 'baselines/main'" 'another one of that name' \
    save main --candidate "$medium"
works 'unless it is replaced' save main --candidate "$expert" --replace
[ "$(ls baselines/main | wc -l)" = 2 ]
check $? 'and nothing of the old one stays'
works 'with the policy that it is for' save main --candidate "$expert" --replace --policy bench/gates/default.yaml
json 'whose path and hash are kept' baselines/main/gate-baseline.json '$j->{policy}{path} eq "bench/gates/default.yaml" && $j->{policy}{hash} =~ /^[0-9a-f]{16}$/'
perl "$here/json_schema.pl" "$root/docs/gate-baseline.schema.json" baselines/main/gate-baseline.json > "$work/why" 2>&1
check $? 'as the schema says' "$work/why"
works 'elsewhere' save v1.0_b-2 --candidate "$medium" --baselines kept/deep
works 'and found there' gate --baseline v1.0_b-2 --baselines kept/deep --candidate "$medium"

# ---- what passes is kept ----
run gate --baseline main --candidate "$medium" --save-baseline next
[ "$status" = 1 ] && [ ! -e baselines/next ]
check $? 'a candidate that fails is not kept' "$work/err"
run gate --baseline main --candidate "$expert" --save-baseline next --json
json 'one that passes is, and the report stays whole' "$work/out" '$j->{decision} eq "pass"'
grep -qx 'baseline baselines/next: 1 file saved' "$work/err" && [ -s baselines/next/gate-baseline.json ]
check $? 'which is said' "$work/err"

# ---- names and paths ----
for name in '' . .. .a -a a/b 'a b' 'a$b' "$(printf 'a\nb')" "$(printf '\344')" "$(printf '%064d' 0)"; do
    expect 4 '--save-baseline: expected a name of 1 to 63 letters, digits, dots, dashes and underscores' "no name, ${#name} characters" \
        save "$name" --candidate "$expert"
done
expect 5 "--baseline: expected a path or the name of a saved baseline, found neither a file or folder 'absent' nor 'baselines/absent/gate-baseline.json'" \
    'neither' gate --baseline absent --candidate "$expert"
expect 5 'baselines/absent' 'what has a slash is a path' gate --baseline baselines/absent --candidate "$expert"
cp "$medium" main
expect 4 "--baseline: expected './main' or 'baselines/main', found 'main', which may be either" 'both' gate --baseline main --candidate "$expert"
works 'each said' gate --baseline ./main --candidate "$medium"
works 'as it may be' gate --baseline baselines/main --candidate "$expert"
rm main
works 'names and paths in one list' gate --baseline "next,$cheetah" --candidate "$expert,$cheetah"
expect 3 "found none in 'baselines'" 'a folder of baselines is no results' gate --baseline baselines --candidate "$expert"
expect 5 "neither a file or folder '..x'" 'a dot is no name' gate --baseline ..x --candidate "$expert"

# ---- usage ----
expect 4 'without --baseline expected --candidate beside it|found no --candidate' 'nothing to save' save a
for option in json github sequential 'history x' 'out x' 'today 2026-06-01' 'label x'; do
    expect 4 "without --baseline expected --candidate|found --${option%% *}" "saving alone takes no ${option%% *}" save a --candidate "$expert" --$option
done
expect 4 '--replace: expected --save-baseline' 'nothing to replace' gate --baseline main --candidate "$expert" --replace
for option in 'save-baseline a' 'baselines x'; do
    expect 4 "--${option% *}: expected no --evaluate" "policies and ${option% *}" gate --baseline a --candidate b --sequential --evaluate --$option
done
mkdir baselines/own && touch baselines/own/notes.txt
expect 4 "baselines/own: expected a saved baseline or a new folder, found one with 'notes.txt'" 'a folder of other things' save own --candidate "$expert"
touch file
expect 5 'file: expected a folder, found a file' 'a file in the way' save a --baselines file --candidate "$expert"
expect 5 'absent.yaml: cannot open' 'a policy that is not there' save a --candidate "$expert" --policy absent.yaml
expect 5 'absent.episodes.h5' 'results that are not there' save a --candidate absent.episodes.h5

# ---- damage ----
stored=$(ls baselines/main/*.h5)
damaged() { # TEXT NAME
    expect 3 "$1" "$2" gate --baseline main --candidate "$expert"
}
cp "$stored" whole
head -c 1000 whole > "$stored"
damaged "$stored: expected the bytes that were saved, hash $(basename "$stored" .h5), found " 'a file cut short'
rm "$stored"
expect 5 "$stored: cannot open" 'a file that is gone' gate --baseline main --candidate "$expert"
works 'saving mends it' save main --candidate "$expert" --policy bench/gates/default.yaml
same 'whole again' whole "$stored"
list=baselines/main/gate-baseline.json
cp $list list
for change in 's/mdpbench-gate-baseline/other/:another text' 's/"file": "[^"]*"/"file": "..\/x.h5"/:a file'"'"'s name of another form' \
    's/"run": 0/"run": "a"/:episodes without file, arm or run' '1d:no JSON' 's/"speeds": \[\]/"speeds": [1]/:a file'"'"'s name of another form' \
    's/"speeds": \[\]/"speeds": {}/:another text'; do
    sed "${change%:*}" list > $list
    damaged "gate-baseline.json: expected the list of a gate's baseline, found ${change##*:}" "a list with ${change##*:}"
done
sed 's/"format_version": 1/"format_version": 99/' list > $list
expect 3 'baselines/main/gate-baseline.json: format_version: expected 1, found 99' 'a list of a later format' gate --baseline main --candidate "$expert"
cp list $list

# ---- ended in the middle ----
# the files are there, the list is not
mkdir baselines/half && cp "$stored" baselines/half
expect 5 "found neither a file or folder 'half'" 'without its list a baseline is none' gate --baseline half --candidate "$expert"
expect 3 "found none in 'baselines/half'" 'also by its path' gate --baseline baselines/half --candidate "$expert"
works 'and can be saved again' save half --candidate "$medium"
[ "$(ls baselines/half | wc -l)" = 2 ]
check $? 'without what was left'
mkdir a b
for i in 1 2 3 4 5 6 7 8; do
    cp "$expert" "a/$i.episodes.h5"
    cp "$medium" "b/$i.episodes.h5"
    "$mdpbench" eval --behavior "$policies/walker2d-expert.h5" --seed "$i" --episodes 1 --out "a/n$i.episodes.h5" > "$work/out" 2>&1
done
save cut --candidate a > "$work/out" 2>&1
bad=0
for delay in 00 01 02 03 04 05 06 07 08 09 10 12 14 16; do
    for side in b a; do
        "$mdpbench" gate --save-baseline cut --candidate $side --replace > "$work/out" 2>&1 &
        sleep "0.0$delay"
        kill -9 $! 2> "$work/err"
        wait $! 2> "$work/err"
        n_same=0
        for side in a b; do
            "$mdpbench" gate --policy "$default" --baseline cut --candidate $side --json > "$work/out" 2> "$work/err"
            grep -q '"same_results": true' "$work/out" && n_same=$((n_same + 1))
        done
        [ $n_same = 1 ] || bad=$((bad + 1))
    done
done
[ $bad = 0 ]
check $? 'killed at any moment, the old one or the new one is there' "$work/err"
works 'the next save' save cut --candidate b --replace
[ "$(ls baselines/cut | wc -l)" = 2 ]
check $? 'clears what the kills left'
finish
