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
finish
