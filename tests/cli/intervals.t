#!/bin/sh
# few values: what has no spread says so, and an interval says what it is
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
one=$here/../reference/field/small-edges/one.episodes.h5

# one rule for the sd and the interval of a single episode, in every verb and format
works 'a table of one episode' "$mdpbench" table "$one" --format csv
perl -e '$_ = join "", <>; exit !(/,mean,sd,iqm/ && !/nan/ && /,0.25,,0.25,/)' "$work/out"
check $? 'an empty cell in CSV' "$work/out"
for format in text md; do
    works "a table of one episode, $format" "$mdpbench" table "$one" --format $format
    grep -q '1, few' "$work/out" && ! grep -q 'nan\|\[0.250' "$work/out"
    check $? "no sd, no interval, $format" "$work/out"
done
works 'a table of one episode, tex' "$mdpbench" table "$one" --format tex
grep -q '0.250 & -- & 0.250 &' "$work/out"
check $? 'a dash in TeX' "$work/out"
works 'inspect one episode' "$mdpbench" inspect "$one"
grep -q 'mean 418.305  sd -  min' "$work/out"
check $? 'inspect says that there is no sd' "$work/out"
works 'inspect one episode, JSON' "$mdpbench" inspect "$one" --json
json 'null, not 0' "$work/out" 'my $e = $j->[0]; exists $e->{return}{sd} && !defined $e->{return}{sd} && !defined $e->{normalized_return}{sd}'

# an interval that few values cannot make wider says the level that it has
level=$here/../reference/discovery/stats-interval-level
works '3 against 3' "$mdpbench" compare "$level/a3.episodes.h5" "$level/b3.episodes.h5"
grep -q '^Cannot tell .*0\.400 \[0\.200, 0\.600\] (a 90 % interval)' "$work/out" && grep -q 'Hodges-Lehmann A - B, 90 % CI' "$work/out"
check $? 'a 90 % interval, in the sentence and in the row' "$work/out"
works '3 pairs' "$mdpbench" compare "$level/a3.episodes.h5" "$level/b3-pairs.episodes.h5"
grep -q '^Cannot tell .*0\.347 \[0\.290, 0\.400\] (a 75 % interval)' "$work/out" && grep -q 'Hodges-Lehmann A - B, 75 % CI' "$work/out"
check $? 'a 75 % interval' "$work/out"

# interval and p agree under ties: 42 of 924 splits, 10 gains and 40 pairs without a difference
against=$here/../reference/discovery/stats-interval-against-p
works 'ties' "$mdpbench" compare "$against/ties-a.episodes.h5" "$against/ties-b.episodes.h5" --format json
json 'p is 42/924, and the interval leaves out 0' "$work/out" 'my $row = $j->{rows}[0];
    abs($row->{p} - 42 / 924) < 1e-12 && $j->{title} =~ /A is better .* higher by 0\.031 \(0\.000, 0\.031\]/'
works 'pairs without a difference' "$mdpbench" compare "$against/zeros-a.episodes.h5" "$against/zeros-b.episodes.h5" --format json
json 'p is 2/1024, and the interval leaves out 0' "$work/out" 'my $row = $j->{rows}[0];
    abs($row->{p} - 2 / 1024) < 1e-12 && $j->{title} =~ /A tends to be better .* 0\.000 \(0\.000, 0\.052\)/'
finish
