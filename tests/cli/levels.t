#!/bin/sh
# a small part of the page of levels: the whole is results/reference/levels
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
behavior=$root/results/reference/behavior

works 'levels of two policies' "$mdpbench" verify levels "$behavior/halfcheetah-expert.episodes.h5" \
    "$behavior/walker2d-medium.episodes.h5" --trials 100 --format json
cp "$work/out" levels.json
# 0.05, and four standard errors of 100 trials above it
json 'no test of equal policies is above its level' levels.json \
    '!grep { $_->{mann_whitney_level} > 0.14 || $_->{wilcoxon_level} > 0.14 } @{$j->{rows}}'
json 'the IQM of halfcheetah-expert is held from 3 values on' levels.json \
    '!grep { $_->{returns} =~ /^half/ && $_->{shape} eq "as they are" && $_->{iqm_coverage} < 0.93 - 0.08 } @{$j->{rows}}'
json 'ranks do not pass a shift by the margin more often than they may' levels.json \
    '!grep { $_->{rank_false_pass} > 0.14 } @{$j->{rows}}'
json 'with 50 values a difference of one sd is found' levels.json \
    '!grep { $_->{n} == 50 && $_->{mann_whitney_power} < 0.8 } @{$j->{rows}}'
works 'the same again' "$mdpbench" verify levels "$behavior/halfcheetah-expert.episodes.h5" \
    "$behavior/walker2d-medium.episodes.h5" --trials 100 --format json
cmp -s "$work/out" levels.json
check $? 'the same bytes'
expect 4 'expected episodes files|found none' 'no files' "$mdpbench" verify levels
expect 4 "expected 'levels' beside them|found 'stats'" 'options of levels beside another subject' \
    "$mdpbench" verify stats --trials 5 x.h5
expect 3 'one.episodes.h5|expected at least 20 episodes|found 1' 'too few episodes to draw from' \
    "$mdpbench" verify levels "$here/../reference/field/small-edges/one.episodes.h5"
expect 5 'absent.episodes.h5' 'a file that is not there' "$mdpbench" verify levels absent.episodes.h5
finish
