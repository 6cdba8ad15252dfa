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
    '!grep { $_->{returns} =~ /^half/ && $_->{shape} eq "as they are" && $_->{n} <= 50 && $_->{iqm_coverage} < 0.93 - 0.08 } @{$j->{rows}}'
json 'what is off by the margin is not called equal, nor equal policies different, more often than they may' levels.json \
    '!grep { $_->{equal_level} > 0.14 || $_->{equal_level_falls} > 0.14 || $_->{any_difference_level} > 0.14
        || $_->{any_difference_level_pairs} > 0.14 } @{$j->{rows}}'
json 'the worst of both files has rows of its own' levels.json 'my @rows = @{$j->{rows}};
    my ($worst) = grep { $_->{returns} =~ /worst/ && $_->{n} == 3 } @rows;
    my @of = sort { $a <=> $b } map { $_->{mean_coverage} } grep { $_->{shape} eq $worst->{shape} && $_->{n} == 3 && $_ != $worst } @rows;
    @rows == 54 && @of == 2 && $worst->{mean_coverage} == $of[0]'
json 'few values are never called equal, and 200 are' levels.json 'my @rows = grep { $_->{shape} eq "as they are" } @{$j->{rows}};
    @rows == 24 && !grep { $_->{n} < 50 ? $_->{equal_power} > 0 : $_->{n} == 200 && $_->{returns} =~ /^half/ && $_->{equal_power} < 0.9 } @rows'
json 'with 50 values a difference of one sd is found' levels.json \
    '!grep { $_->{n} == 50 && $_->{mann_whitney_power} < 0.8 } @{$j->{rows}}'
# the same bytes on every run, with any number of threads
again() {
    what=$1
    shift
    works "$what" "$mdpbench" verify levels "$behavior/walker2d-medium.episodes.h5" --trials 8 "$@"
    cp "$work/out" once
    if [ "$what" = gates ]; then set -- "$@" --threads 2; fi
    works "$what again" "$mdpbench" verify levels "$behavior/walker2d-medium.episodes.h5" --trials 8 "$@"
    cmp -s "$work/out" once
    check $? "$what: the same bytes"
}
again tests --format md
again gates --format md --policy "$root/bench/gates/default.yaml"
works 'levels of a gate' "$mdpbench" verify levels "$behavior/hopper-medium.episodes.h5" \
    --policy "$root/bench/gates/default.yaml" --trials 60 --format json
cp "$work/out" gates.json
# 0.05 and 0.8, and four standard errors of 60 trials
json 'fixed and by looks no row that lost its margin passes too often, and what is unchanged passes' gates.json '
    @{$j->{rows}} == 2 && !grep { my $row = $_; $row->{unchanged_passes} < 0.59
        || grep { /^false_/ && defined $row->{$_} && $row->{$_} > 0.163 } keys %$row } @{$j->{rows}}'
expect 4 '--threads: expected --policy' 'threads of nothing' "$mdpbench" verify levels --threads 2 \
    "$behavior/walker2d-medium.episodes.h5"
expect 5 'absent.yaml' 'a policy that is not there' "$mdpbench" verify levels --policy absent.yaml \
    "$behavior/walker2d-medium.episodes.h5"
expect 4 'expected episodes files|found none' 'no files' "$mdpbench" verify levels
expect 4 "expected 'levels' beside them|found 'stats'" 'options of levels beside another subject' \
    "$mdpbench" verify stats --trials 5 x.h5
expect 3 'one.episodes.h5|expected at least 20 episodes|found 1' 'too few episodes to draw from' \
    "$mdpbench" verify levels "$here/../reference/field/small-edges/one.episodes.h5"
expect 5 'absent.episodes.h5' 'a file that is not there' "$mdpbench" verify levels absent.episodes.h5
finish
