#!/bin/sh
# what long work tells while it goes on: lines of JSON and TensorBoard's event files. MDPBENCH_TENSORBOARD names a Python that has pip's
# tensorboard, whose own reader then reads them, too
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
behavior=$root/results/reference/behavior

# events FOLDER: each record of the newest file in words, "STEP TAG VALUE", after both of its sums have been checked
cat > "$work/events.pl" << 'END'
use strict;
use warnings;
my @table = map { my $c = $_; $c = $c & 1 ? $c >> 1 ^ 0x82f63b78 : $c >> 1 for 1 .. 8; $c } 0 .. 255;
sub masked {
    my $c = 0xffffffff;
    $c = $c >> 8 ^ $table[($c ^ $_) & 255] for unpack 'C*', $_[0];
    $c ^= 0xffffffff;
    return ((($c >> 15 | $c << 17) & 0xffffffff) + 0xa282ead8) & 0xffffffff;
}
sub varint {
    my ($text, $at) = @_;
    my ($value, $shift) = (0, 0);
    while (1) {
        my $byte = ord substr $$text, $$at++, 1;
        $value |= ($byte & 127) << $shift;
        return $value if $byte < 128;
        $shift += 7;
    }
}
sub fields {
    my ($text) = @_;
    my ($at, @found) = (0);
    while ($at < length $text) {
        my $key = varint(\$text, \$at);
        my ($field, $type) = ($key >> 3, $key & 7);
        if ($type == 0) { push @found, [$field, varint(\$text, \$at)]; next }
        my $n = $type == 1 ? 8 : $type == 5 ? 4 : varint(\$text, \$at);
        push @found, [$field, substr $text, $at, $n];
        $at += $n;
    }
    return @found;
}
my ($path) = sort { -M $a <=> -M $b || $b cmp $a } glob "$ARGV[0]/events.out.tfevents.*";
open my $file, '<:raw', $path or die "$path: $!";
my $all = do { local $/; <$file> };
my $at = 0;
while ($at < length $all) {
    my ($n, $high, $sum) = unpack 'VVV', substr $all, $at, 12;
    die "sum of a length at $at\n" if masked(substr $all, $at, 8) != $sum;
    my $event = substr $all, $at + 12, $n;
    die "sum of an event at $at\n" if masked($event) != unpack 'V', substr $all, $at + 12 + $n, 4;
    $at += 16 + $n;
    my %e = map { $_->[0] => $_->[1] } fields($event);
    my $step = $e{2} // 0;
    print "$step version $e{3}\n" if defined $e{3};
    print "$step start\n" if defined $e{7} && $e{7} eq "\x08\x01";
    for my $value (map { $_->[1] } fields($e{5} // '')) {
        my %v = map { $_->[0] => $_->[1] } fields($value);
        printf "%d %s %.6g\n", $step, $v{1}, unpack 'f<', $v{2};
    }
}
END
events() {
    perl "$work/events.pl" "$1" > "$work/events" 2> "$work/why"
    check $? "$2" "$work/why"
}
# python FOLDER TAG STEPS: pip's reader finds these steps
python() {
    if [ -z "${MDPBENCH_TENSORBOARD:-}" ]; then
        skip "TensorBoard reads $1" 'MDPBENCH_TENSORBOARD names no Python with tensorboard'
        return
    fi
    "$MDPBENCH_TENSORBOARD" -c 'import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
a = EventAccumulator(sys.argv[1]); a.Reload()
steps = " ".join(str(e.step) for e in a.Scalars(sys.argv[2]))
print(steps); sys.exit(steps != sys.argv[3])' "$@" > "$work/out" 2> "$work/err"
    check $? "TensorBoard reads $1" "$work/out" "$work/err"
}

# train: a line a step; events of a hundred steps, or the last
works 'data' "$mdpbench" collect walker2d-random --steps 600 --out d.hdf5
train() { "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 4 "$@"; }
works 'a run by itself' train --steps 8 --out alone
works 'a run that is watched' train --steps 4 --out run --log-json live/run.jsonl --tensorboard tb
[ "$(wc -l < live/run.jsonl)" = 4 ]
check $? 'a line a step' live/run.jsonl
events tb 'sums of the events are right'
[ "$(sed -n 1p "$work/events")" = '0 version brain.Event:2' ] && [ "$(sed -n 2p "$work/events")" = '1 start' ] && grep -q '^4 train/bc_loss [0-9]' "$work/events"
check $? 'they begin with version and start, and have the losses' "$work/events"
printf '{"step": 5, "bc_l' >> live/run.jsonl
works 'it goes on' train --steps 8 --out run --log-json live/run.jsonl --tensorboard tb
perl -MJSON::PP -ne 'my $j = decode_json($_); exit 1 if $j->{step} != $. || !defined $j->{bc_loss} || !defined $j->{learning_rate}; END { exit($? || $. != 8) }' live/run.jsonl
check $? 'its lines are whole, without the one that was cut, and ascend' live/run.jsonl
same_folder 'the same bits as without' alone run
python tb train/bc_loss '4 8'
# the line of a step has what the log's row is the mean of
perl -MJSON::PP -e 'open my $f, "<", "live/run.jsonl" or die; my ($sum, $n) = (0, 0); while (<$f>) { my $j = decode_json($_); next if $j->{step} <= 4; $sum += $j->{bc_loss}; $n++ }
    open my $l, "<", "run/log.csv" or die; my $row; $row = $_ while <$l>; my @c = split /,/, $row; exit(abs($sum / $n - $c[1]) <= 5e-6 * abs($c[1]) ? 0 : 1)'
check $? 'their mean is the row of log.csv, which has six digits'
echo 'my notes' > notes
expect 3 'notes: expected lines that begin with {"step": N' 'a file of something else' sh -c '"$0" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 4 --steps 12 --out run --log-json notes 2> err; s=$?; grep "^mdpbench" err >&2; rm err; exit $s' "$mdpbench"
mkdir folder
works 'a run that is over writes nothing' train --steps 8 --out run --log-json folder

# eval: a line and an event for each evaluation
works 'eval' "$mdpbench" eval --behavior "$behavior/walker2d-medium.h5" --episodes 3 --out e.episodes.h5 --log-json e.jsonl --tensorboard tbe
json 'its line' e.jsonl '$j->{step} == 31213 && $j->{run} eq "e.episodes.h5" && defined $j->{iqm}'
events tbe 'its events'
perl -MJSON::PP -e 'open my $f, "<", "e.jsonl" or die; my $j = decode_json(<$f>); my $want = sprintf "31213 normalized_return/mean %.6g", $j->{mean}; open my $e, "<", $ARGV[0] or die; exit !grep { chomp; my ($s, $t, $v) = split / /; "$s $t" eq "31213 normalized_return/mean" && abs($v - $j->{mean}) < 1e-6 } <$e>' "$work/events"
check $? 'have the same mean'
python tbe normalized_return/iqm 31213
cp e.jsonl "$work/first"
works 'eval again' "$mdpbench" eval --behavior "$behavior/walker2d-medium.h5" --episodes 3 --out e.episodes.h5 --log-json e.jsonl
same 'the same line, not two' "$work/first" e.jsonl

# plan: what is there of an experiment
mkdir stand && ln -s "$root/results/reference/quick/runs" stand/runs
cd stand || exit 1
works 'plan' "$mdpbench" plan "$root/bench/experiments/table2.yaml" --log-json ../p.jsonl
works 'plan of what is there' "$mdpbench" plan "$root/bench/experiments/quick.yaml" --log-json ../p.jsonl --tensorboard ../tbp
cd ..
[ "$(wc -l < p.jsonl)" -gt 100 ] && perl -MJSON::PP -ne 'my $j = decode_json($_); exit 1 unless $j->{step} =~ /^(400|800|1200)$/ && $j->{run} =~ /seed/' p.jsonl
check $? 'a line for each evaluation' p.jsonl
folder=$(find tbp -name 'events.out.tfevents.*' | sort | head -1)
events "${folder%/*}" 'a folder of events for each run'
python "${folder%/*}" normalized_return/iqm '400 800 1200'
expect 5 'e.episodes.h5' 'a file in the place of the folder' "$mdpbench" eval --behavior "$behavior/walker2d-medium.h5" --episodes 3 --out e.episodes.h5 --tensorboard e.episodes.h5
finish
