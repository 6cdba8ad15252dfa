#!/bin/sh
# runs: what is below a folder, in files of their own and in curves, with labels, and where something is damaged
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
from=$root/results/reference/paper/runs/walker2d-medium-expert/dql/joint-bf16/seed0
for folder in all/b/own all/b/curve all/a; do
    mkdir -p $folder
    cp "$from"/step004800.episodes.h5 "$from"/step006000.episodes.h5 $folder
done
cp "$from"/step004800.episodes.h5 all/a/step004800.other.episodes.h5
works 'a curve' "$mdpbench" export all/b/curve/step004800.episodes.h5 all/b/curve/step006000.episodes.h5 --out all/b/curve/curve.h5
rm -f all/b/curve/step*
: > all/b/own/step000400.diffusion.h5
: > all/b/own/step000800.diffusion.h5
: > all/b/own/step000800.guidance.h5
echo 'no file of a run' > all/notes.txt

works 'runs' "$mdpbench" runs all --json
cp "$work/out" list
json 'every run and label once, in order' list 'join(" ", map { $_->{run} } @{$j->{rows}}) eq "all/a all/a:other all/b/curve all/b/own"'
json 'evaluations are counted, also those of a curve' list 'join(" ", map { $_->{evaluations} } @{$j->{rows}}) eq "2 1 2 2"'
json 'checkpoints are, and modules of one step are one' list 'join(" ", map { $_->{checkpoints} } @{$j->{rows}}) eq "0 0 0 2" && $j->{rows}[3]{steps} == 800'
json 'the newest evaluation is shown' list 'join(" ", map { $_->{last_step} } @{$j->{rows}}) eq "6000 4800 6000 6000"'
works 'the table of one of them' "$mdpbench" table all/b/own --format json
json 'has the same returns' "$work/out" 'my ($last) = $j->{rows}[1]; open my $f, "<", "list"; local $/; my $l = decode_json(<$f>);
    my ($a, $b) = map { $_->{last_return} } @{$l->{rows}}[2, 3]; abs($a - $last->{return_mean}) < 1e-9 && $a == $b'
works 'for people' "$mdpbench" runs all
has_all 'checkpoints|all/a:other' "$work/out"
check $? 'a table with headings' "$work/out"

# what is damaged is named, and the rest listed
head -c 1000 "$from/step007200.episodes.h5" > all/a/step007200.episodes.h5
echo '{' > all/b/own/run.json
expect_list() {
    [ "$status" = 3 ] && grep -q 'all/a/step007200.episodes.h5' "$work/out" && grep -q 'all/b/own/run.json' "$work/out" &&
        grep -q 'all/b/curve' "$work/out" && grep -q 'found 2 damaged' "$work/err"
    check $? "$1" "$work/out" "$work/err"
}
run "$mdpbench" runs all
expect_list 'damaged files are named, and the others listed'
run "$mdpbench" runs all --json
expect_list 'the same for programs'
json 'which is one document' "$work/out" '@{$j->{rows}} == 4'

mkdir empty
expect 4 'empty: expected runs below it, found none' 'no run' "$mdpbench" runs empty
expect 5 'nosuch: cannot read the folder' 'no folder' "$mdpbench" runs nosuch
expect 5 'runs: cannot read the folder' 'none is given and there is none' "$mdpbench" runs
expect 4 'expected one folder or none' 'two folders' "$mdpbench" runs all empty
finish
