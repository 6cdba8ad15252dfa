#!/bin/sh
# --json in all verbs but act, whose output is a protocol: one JSON document on standard output, of the work or of its failure; --quiet; endings of --out
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
"$mdpbench" --help | sed -n '/^verbs:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' | grep -vxE 'help|act' > "$work/verbs"
while read -r verb; do
    "$mdpbench" "$verb" --help | grep -q '^  --json ' || echo "$verb"
done < "$work/verbs" > "$work/absent"
[ ! -s "$work/absent" ]
check $? 'every verb has --json' "$work/absent"
while read -r verb; do
    "$mdpbench" "$verb" /no/such --json > "$work/out" 2> "$work/err" < /dev/null
    json "$verb: a failure is JSON" "$work/out" '$j->{error}{status} >= 3 && $j->{error}{message} ne ""'
done < "$work/verbs"

# asks NAME EXPRESSION COMMAND...: works, and what it prints is JSON of which the expression is true
asks() {
    asks_name=$1
    asks_expression=$2
    shift 2
    run "$mdpbench" "$@" --json
    cp "$work/out" "$work/json"
    [ "$status" = 0 ]
    check $? "$asks_name --json" "$work/out" "$work/err"
    json "$asks_name: what it says" "$work/json" "$asks_expression"
}
mv_paths='@{$j->{paths}} == 1 && $j->{paths}[0]'
asks collect "$mv_paths eq 'd.hdf5'" collect walker2d-random --steps 400 --out d.hdf5
asks train "$mv_paths eq 'run'" train --data d.hdf5 --task walker2d-medium --steps 2 --checkpoint-every 2 --batch 8 --out run
asks behave "$mv_paths eq 'b'" behave walker2d --steps 300 --warmup 256 --checkpoint-every 300 --out b
asks eval '$j->{episodes} == 2' eval run --episodes 2 --candidates 2
asks table '@{$j->{rows}} == 1' table run
asks compare '@{$j->{rows}} >= 1' compare run/step000002.episodes.h5 run/step000002.episodes.h5
asks export '@{$j->{paths}} == 2' export run/step000002.episodes.h5 run/step000002.guidance.h5
asks import '@{$j->{paths}} == 1' import run/step000002.guidance.safetensors --out imported
asks plan '@{$j->{rows}} > 1' plan bench/experiments/smoke.yaml
asks inspect '@$j == 1' inspect d.hdf5
asks verify '$j->{ok} && @{$j->{tests}} > 5 && $j->{tests}[0]{ok} && $j->{tests}[0]{name} ne ""' verify stats "$root/tests/reference/stats/multiple.h5"
if command -v gnuplot > "$work/which"; then
    asks figure "$mv_paths eq 'f.svg'" figure run --out f.svg
else
    skip 'figure --json' 'no gnuplot here'
fi
asks report "$mv_paths eq 'r.html'" report run --out r.html
expect 4 'expected no other --format beside it, found csv' 'two formats' "$mdpbench" table run --json --format csv
works '--json and --format json say the same' "$mdpbench" table run --json --format json

# --quiet leaves errors alone
run "$mdpbench" eval run --episodes 2 --candidates 2 --label quiet --quiet
[ "$status" = 0 ] && [ -s "$work/out" ] && [ ! -s "$work/err" ]
check $? 'eval --quiet says nothing besides its result' "$work/err"
run "$mdpbench" collect walker2d-random --steps 400 -q --out q.hdf5
[ "$status" = 0 ] && [ ! -s "$work/err" ]
check $? 'collect -q' "$work/err"
expect 4 'expected' 'a failure is said' "$mdpbench" collect nosuch --quiet

# the ending of --out decides, and one that is none of a verb's is refused before any work
for format in md tex csv json; do
    works "table --out t.$format" "$mdpbench" table run --out "t.$format"
done
json '.json is JSON' t.json '@{$j->{rows}} == 1'
expect 4 "option --out: expected a file that ends in .hdf5, .h5, found 'd.csv'" 'collect --out d.csv' "$mdpbench" collect walker2d-random --out d.csv
expect 4 "option --out: expected a file that ends in .h5, found 'e.csv'" 'eval --out e.csv' "$mdpbench" eval run/step000002.diffusion.h5 --out e.csv
expect 4 "option --out: expected a file that ends in .svg, .pdf, .png, found 'f.jpg'" 'figure --out f.jpg' "$mdpbench" figure run --out f.jpg
expect 4 "option --out: expected a file that ends in .html, .htm, found 'r.pdf'" 'report --out r.pdf' "$mdpbench" report run --out r.pdf
for verb in 'table run' 'compare run/step000002.episodes.h5 run/step000002.episodes.h5' 'plan bench/experiments/smoke.yaml'; do
    # shellcheck disable=SC2086
    expect 4 "option --out: expected a file that ends in|found 't.html'" "$verb --out t.html" "$mdpbench" $verb --out t.html
    # shellcheck disable=SC2086
    works "$verb --out x --format md" "$mdpbench" $verb --out "x.$n" --format md
done
finish
