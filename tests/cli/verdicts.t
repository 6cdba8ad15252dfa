#!/bin/sh
# what compare concludes: no more than the data carry. inputs with the right answer in tests/reference/discovery
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
inputs=$here/../reference/discovery
results=$here/../../results/reference

says() {
    head -1 "$work/out" | grep -qE -e "$1"
    check $? "$2" "$work/out" "$work/err"
}
silent() {
    ! head -1 "$work/out" | grep -qE -e "$1"
    check $? "$2" "$work/out" "$work/err"
}

# one run a side: two policies, and no word on how they were trained
runs=$results/paper/runs
n_pairs=0
bad=0
for arm in "$runs"/*/dql/joint-bf16 "$runs"/*/dql/frozen-bf16; do
    for pair in '0 1' '0 2' '1 2'; do
        n_pairs=$((n_pairs + 1))
        run "$mdpbench" compare "$arm/seed${pair% *}" "$arm/seed${pair#* }" --format json
        perl -MJSON::PP -e 'local $/; my $j = decode_json(<STDIN>); my @curve = grep { $_->{unit} eq "checkpoint" } @{ $j->{rows} };
            exit !($j->{title} =~ /^Of these two trained policies, A \S+episodes\.h5 and B \S+episodes\.h5: /
                && $j->{title} =~ /one run a side says nothing about the training/ && @curve == 4 && !grep { defined $_->{p} } @curve)' \
            < "$work/out" || bad=$((bad + 1))
    done
done
[ "$n_pairs" = 18 ] && [ "$bad" = 0 ]
check $? "of $n_pairs pairs of equal arms none is called better or worse"
works 'several runs a side' "$mdpbench" compare "$runs/walker2d-expert/dql/frozen-bf16/seed0,$runs/walker2d-expert/dql/frozen-bf16/seed1" \
    "$runs/walker2d-expert/dql/joint-bf16/seed0,$runs/walker2d-expert/dql/joint-bf16/seed1"
says 'n = 2 and 2 runs' 'runs are the units'
silent 'these two trained' 'and the sentence is about the training'

# what one run gave is one value, by whichever names
few=$(for arm in "$runs"/walker2d-expert/dql/frozen-bf16/seed[02]; do echo "$arm/step018000.episodes.h5,$arm/step019200.episodes.h5"; done)
expect 4 'seed0/step019200.episodes.h5: expected one value of a run on a side, found another of' 'checkpoints of a run as files' \
    "$mdpbench" compare $few
expect 4 'seed0:by-dql-joint-bf16-seed101-last: expected one value of a run on a side' 'a run under two labels' "$mdpbench" compare \
    "$runs/walker2d-expert/dql/frozen-bf16/seed0,$runs/walker2d-expert/dql/frozen-bf16/seed0:by-dql-joint-bf16-seed101-last" \
    "$runs/walker2d-expert/dql/frozen-bf16/seed1"
works 'a run on both sides' "$mdpbench" compare "$runs/walker2d-expert/dql/frozen-bf16/seed0,$runs/walker2d-expert/dql/frozen-bf16/seed1" \
    "$runs/walker2d-expert/dql/frozen-bf16/seed1,$runs/walker2d-expert/dql/frozen-bf16/seed2"
says "of A's 2 runs 1 is on side B, too" 'is said'
works 'a run against itself' "$mdpbench" compare "$runs/walker2d-expert/dql/frozen-bf16/seed0" "$runs/walker2d-expert/dql/frozen-bf16/seed0"
says 'both sides are one file; both curves are the same' 'its curve lies above none'

# equal by ranks, not by means
equal=$inputs/stats-equal-by-ranks
works 'equality by ranks alone' "$mdpbench" compare "$equal/a.episodes.h5" "$equal/b.episodes.h5" --margin 0.05
silent 'are equal within' 'no claim of equality'
says 'by ranks it holds, -0\.0475 .*, by means it does not, -0\.1221 \[-0\.1835, -0\.060' 'the one that failed is named'
says 'typical episode lower by 0\.047' 'ranks are about the typical episode'
says 'A spreads 21\.8 times as much as B' 'the spread is named'
says 'A ended early in 4 of 50 episodes, B in 0 of 50' 'falls are counted'
medium=$runs/walker2d-medium-expert/dql/frozen-bf16
works 'the mean points the other way' "$mdpbench" compare "$medium/seed2" "$medium/seed1"
says 'higher by 0\.023 .*the mean returns seen point the other way, A.s lower by 0\.079 \[-0\.009, 0\.167\], but not surely \(t of differences, p = 0\.0790' 'which the sentence says'
says 'A spreads 29\.2 times .* p = 0\.0205, 0\.0411 by Holm over 3 claims' 'a claim has its p and what it counts for'
# 50 episodes do not exclude that one in twenty falls: which 59 would
n_equal=$(for task in halfcheetah-medium-expert walker2d-medium-expert walker2d-expert; do
    for a in joint-bf16/seed0 joint-bf16/seed1 joint-bf16/seed2; do
        for b in frozen-bf16/seed0 frozen-bf16/seed1 frozen-bf16/seed2; do
            "$mdpbench" compare "$runs/$task/dql/$a" "$runs/$task/dql/$b" --margin 0.05 --format json
        done
    done
done | perl -MJSON::PP -ne 'BEGIN { local $/; my $all = JSON::PP->new; $all->incr_parse(<STDIN>);
    while (my $j = $all->incr_parse) { $equal++ if $j->{title} =~ /are equal within/;
        my @p = map { $_->{p} } grep { $_->{test} =~ /^TOST|^unseen/ } @{ $j->{rows} };
        $bad++ unless @p == 3 && $p[2] > 0.05;
        next if $p[0] > 0.05 || $p[1] > 0.05;
        $n++;
        $bad++ if $j->{title} !~ /by ranks it holds.*by means it holds.*a loss of as much by falls that so few episodes need not show is not excluded \(p = 0\.\d*\), which needs about n = \d+[.;]/
    } print join " ", map { $_ // 0 } $n, $equal, $bad }')
case $n_equal in [1-9]*' 0 0') true ;; *) false ;; esac
check $? "of ${n_equal%% *} of 27 pairs the tests hold, equal is said of none, and of each how many episodes it needs"
equal_files=$results/behavior/halfcheetah-expert
works 'a margin that 50 episodes can hold' "$mdpbench" compare "$equal_files.episodes.h5" "$equal_files.stochastic.episodes.h5" --margin 0.1
says 'are equal within 0\.1 on halfcheetah .*by ranks: .*by means: .*a loss of as much by unseen falls is excluded \(p = 0\.01' 'equal, by all three'
works 'what a failure has' "$mdpbench" compare "$equal_files.episodes.h5" "$equal_files.stochastic.episodes.h5" --margin 0.05 --worst 0.6
says 'are equal within 0\.05' 'a failure that still has 0.6 is seen in fewer episodes'
expect 4 '--worst: expected --margin beside it' 'a failure without the question' "$mdpbench" compare "$equal_files.episodes.h5" \
    "$equal_files.stochastic.episodes.h5" --worst 0.6
# runs are units like others: two a side cannot exclude runs that fail
works 'runs' "$mdpbench" compare "$runs/walker2d-expert/dql/frozen-bf16/seed0,$runs/walker2d-expert/dql/frozen-bf16/seed1" \
    "$runs/walker2d-expert/dql/joint-bf16/seed0,$runs/walker2d-expert/dql/joint-bf16/seed1" --margin 0.05
says 'a loss of as much by runs that fail that so few runs need not show is not excluded \(p = 0\.9025\), which needs about n = 59' 'and say so'

# ends that a return does not tell
broken=$inputs/stats-non-finite-unsaid
works 'episodes that diverged' "$mdpbench" compare "$broken/candidate/x.episodes.h5" "$broken/baseline/x.episodes.h5"
says '10 of 50 episodes of A stopped at a value that is not finite, 0 of 50 of B' 'are counted in the verdict'
silent 'all values are equal' 'which does not call all values equal'
grep -q "not finite: 10 of 50, 0 of 50 .*0\.2000 \[0\.0871, 0\.3304\]" "$work/out"
check $? 'and have a row with their interval' "$work/out"
for form in text md json; do
    works "a table, $form" "$mdpbench" table "$broken"/*/x.episodes.h5 --format $form
    [ "$(grep -c 'not finite' "$work/out")" = 1 ] && grep -qF "Stopped at a value that is not finite: 10 of 50 episodes of $broken/candidate/x.episodes.h5; their" "$work/out"
    check $? 'counts them below its rows' "$work/out"
done
mkdir broken && cp "$broken/candidate/x.episodes.h5" broken/step000010.episodes.h5
works 'a figure of a run that diverged' "$mdpbench" figure broken --out broken.svg
grep -q 'broken (10 of 50 episodes stopped at a value that is not finite)' broken.svg
check $? 'counts them in its legend'
expert=$results/behavior/walker2d-expert.episodes.h5
works 'a file against itself' "$mdpbench" compare "$expert" "$expert"
says 'both sides are one file' 'is said'

# what an undecided test needs is more than it had
needed=$inputs/stats-needed-below-n
works 'n needed' "$mdpbench" compare "$needed/candidate.episodes.h5" "$needed/baseline.episodes.h5" --format json
json 'is above n, and absent where a row decided' "$work/out" '
    !grep { defined $_->{n_needed} && ($_->{n_needed} <= $_->{n_a} || defined $_->{p} && $_->{p} <= 0.05) } @{ $j->{rows} }'
# a gate over runs rests on few of them, and says what they cannot show
printf 'rows:\n- {metric: return, unit: run, margin: {absolute: 2}}\n' > by-run.yaml
run "$mdpbench" gate --policy by-run.yaml --baseline "$runs/walker2d-expert/dql/joint-bf16" --candidate "$runs/walker2d-expert/dql/joint-bf16"
says 'the rows over runs rest on 3 runs of the candidate, which may all be good even if 63 % of runs fail' 'a gate over runs says what they cannot show'

# the n of an equality is one number, in the sentence and in the table
run "$mdpbench" compare "$results/behavior/halfcheetah-expert.episodes.h5" "$results/behavior/halfcheetah-expert.stochastic.episodes.h5" --margin 0.05 --format json
perl -MJSON::PP -e 'local $/; my $j = decode_json(<STDIN>); my ($row) = grep { $_->{test} =~ /unseen losses/ } @{ $j->{rows} };
    my ($n) = $j->{title} =~ /needs about n = (\d+)/; exit !($n > 50 && $row->{n_needed} == $n)' < "$work/out"
check $? 'one n needed' "$work/out"
finish
