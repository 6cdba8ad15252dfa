#!/bin/sh
# whole-number and decimal returns: their ties, zeros and exact margins are those of the numbers, not of rounding
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
ties=$here/../reference/field/rounding-ties
rounded=$here/../reference/discovery/stats-rounded-ties

for name in balanced fourteen_of_twenty decimals; do
    works "compare $name" "$mdpbench" compare "$ties/${name}_a.episodes.h5" "$ties/${name}_b.episodes.h5" --format json
    perl -MJSON::PP -e 'local $/; my ($j, $want) = map { open my $f, "<", $_ or die; decode_json(<$f>) } @ARGV[0, 1];
        my ($row, $right) = ($j->{rows}[0], $want->{$ARGV[2]});
        exit !(abs($row->{p} - $right->{p}) < 1e-12 && $row->{statistic} == $right->{w_plus})' \
        "$work/out" "$ties/expected.json" "$name" 2> "$work/why"
    check $? "$name: p and W+ of exact arithmetic" "$work/why" "$work/out"
done
works 'compare returns whose differences tie' "$mdpbench" compare "$rounded/a.episodes.h5" "$rounded/b.episodes.h5" --format json
json 'p is 3/64, W+ 33' "$work/out" 'my $row = $j->{rows}[0]; $row->{p} == 0.046875 && $row->{statistic} == 33'

# cases on which statistics programs disagree, by fractions over all splits or signs
works 'small samples with ties, zeros and one far value' "$mdpbench" verify stats "$here"/../reference/discovery/stats-exact-small/*.h5
[ "$(grep -c '^ok' "$work/out")" = 27 ]
check $? 'all 27 have the exact value' "$work/out"

undecided() {
    [ "$status" = 2 ] && grep -q 'all 50 episodes differ by exactly the margin' "$work/out"
    check $? "$1" "$work/out" "$work/err"
}
for side in a b; do
    run "$mdpbench" gate --policy "$ties/policy.yaml" --baseline "$ties/margin_base_$side.episodes.h5" \
        --candidate "$ties/margin_cand_$side.episodes.h5"
    undecided "a loss of exactly the margin in each episode, $side"
done
run "$mdpbench" gate --policy "$rounded/margin/policy.yaml" \
    --baseline "$rounded/margin/baseline" --candidate "$rounded/margin/candidate"
undecided 'by ranks and by means'

# a table's means are rounded once, and its names tell files apart by as much of their paths as that takes
tables=$here/../reference/discovery
works 'thirty episodes of 1000 steps' "$mdpbench" table "$tables/table-mean-length/thirty.episodes.h5" --format csv
[ "$(tail -n 1 "$work/out" | cut -d, -f14)" = 1000 ]
check $? 'last 1000 in the mean' "$work/out"
names() {
    "$mdpbench" table "$@" --format csv | tail -n +2 | cut -d, -f1 | tr '\n' ' '
}
mkdir -p deep/x1 deep/x2
cp "$tables/table-same-names/x1/behavior.episodes.h5" deep/x1
cp "$tables/table-same-names/x2/behavior.episodes.h5" deep/x2
cp deep/x1/behavior.episodes.h5 deep/nobehavior.episodes.h5
[ "$(names deep/x1/behavior.episodes.h5 deep/x2/behavior.episodes.h5)" = 'x1/behavior x2/behavior ' ]
check $? 'two files of one name have their folders before it'
cp -r deep/x1 x1
[ "$(names deep/x1/behavior.episodes.h5 x1/behavior.episodes.h5 deep/nobehavior.episodes.h5)" = 'deep/x1/behavior x1/behavior deep/nobehavior ' ]
check $? 'and all of them that not all files share'
[ "$(names deep/x2/behavior.episodes.h5 x1/behavior.episodes.h5 x1/behavior.episodes.h5)" = 'deep/x2/behavior x1/behavior x1/behavior ' ]
check $? 'one file twice has one name'
finish
