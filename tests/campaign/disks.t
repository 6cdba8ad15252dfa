#!/usr/bin/perl
# a disk that is full from a moment on: a stage ends with status 5 and one message, leaves nothing half-visible, and works once there is room.
# every call that writes fails from the n-th on; and on a real file system of a few blocks, where one can be mounted, a stage is also stopped
# while it has no room for what it keeps.
use strict;
use warnings;
use File::Path qw(remove_tree make_path);
use FindBin;
use lib $FindBin::Bin;
use Campaign;
use Test::More;
use Time::HiRes qw(sleep);

begin();

sub look {
    my ($stage, $status, $want) = @_;
    my $text = message();
    my $n_lines = () = $text =~ /^mdpbench/mg;
    my @bad = (check_visible($want), map { "$_: is left" } grep { !/claim$/ } temporaries());
    return (@bad, differences($want, outputs())) if $status == 0;
    push @bad, "status $status: $text" if $status != 5;
    push @bad, "$n_lines messages: $text" if $n_lines != 1;
    push @bad, "no word of a full disk: $text" if $text !~ /No space left on device/;
    return (@bad, check_again($stage, $want));
}

sub fill {
    my ($stage) = @_;
    my ($n, @bad) = (0);
    remove_tree('out');
    my ($status, @calls) = inject($stage, 'write', 0, 'ENOSPC');
    is($status, 0, "$stage->{name}: runs") or diag(message());
    my $want = outputs();
    for my $nth (spread(scalar @calls, full() ? 64 : 3)) {
        remove_tree('out');
        my ($status) = inject($stage, 'write', "$nth+", 'ENOSPC');
        push @bad, map { "full at call $nth, $calls[$nth - 1]: $_" } look($stage, $status, $want);
        $n++;
    }
    is(scalar @bad, 0, "$stage->{name}: full disks") or diag(join "\n", @bad);
    tried("$stage->{name}: full disks", $n);
}
fill($_) for grep { full() || $_->{name} =~ /^(?:collect|train|eval|export of episodes)$/ } stages('writes');

# ---- no room for what a stopped stage keeps ----

# runs a command in a world where out/ is a file system of so many bytes, stops it, and says how it ended and what was there
sub stop_without_room {
    my ($bytes, $seconds, @command) = @_;
    my $script = 'mount -t tmpfs -o size=' . $bytes . ' none out || exit 99; "$@" & pid=$!; sleep ' . $seconds . '; kill -TERM $pid; wait $pid; status=$?; ls -A out; exit $status';
    remove_tree('out');
    make_path('out');
    my $status = system 'unshare', '-rm', 'sh', '-c', "exec > ../listing 2> ../err < /dev/null; $script", 'sh', program(), @command;
    return ($status >> 8, grep { !/^\.\S*claim$/ } split /\n/, slurp(work() . '/listing'));
}
my ($can) = stop_without_room(65536, 0, '--version');
tried('stops on a full disk', 0) if $can != 0 && full();
SKIP: {
    skip "no file system can be mounted here: status $can of unshare or mount", 6 if $can != 0;
    my $n = 0;
    for my $command (['collect', 'walker2d-random', '--steps', 5_000_000, '--threads', 1, '--out', 'out/d.hdf5'],
        ['eval', 'in/run', '--step', 2, '--w-t', 5, '--episodes', 50_000, '--threads', 1, '--out', 'out/a.episodes.h5']) {
        # a machine under load may need a while until a stage listens to signals, and has something to keep
        my ($status, @there);
        for my $seconds (0.3, 1, 3, 9) {
            ($status, @there) = stop_without_room(8192, $seconds, @$command);
            last if $status != 143 && $status != 6;
        }
        is($status, 5, "$command->[0], stopped on a full disk: status 5") or diag(message());
        like(message(), qr/^mdpbench $command->[0]: out\/.*No space left on device/m, 'says why');
        is(join(' ', @there), '', 'leaves nothing');
        $n++;
    }
    tried('stops on a full disk', $n);
}
done_testing();
