#!/usr/bin/perl
# 24,000 episodes in one process: its memory is flat, but for what the results themselves take.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Campaign;
use Test::More;
use Time::HiRes qw(sleep);

my $n_episodes = full() ? 24_000 : 1_200;
# what a list holds of an episode: returns (two of 8 bytes), length (4), end (1), seed and number (8 each), and when it grows, the old and the
# new list for a moment, twice as long. Units: bytes
my $per_episode = 2 * 37;
# from 6,000 episodes to 24,000 it was seen to grow by 1.0 MB, of which the lists are 0.7 MB. the rest, buffers of libhdf5 and pages of the
# allocator, may be three times as much. Units: bytes
my $slack = 1 << 20;

# resident bytes of a process, 0 when it has ended
sub resident {
    my ($pid) = @_;
    return 4096 * ((split ' ', slurp("/proc/$pid/statm"))[1] // 0);
}

# [episodes that were asked for, resident bytes at each look]
sub watch {
    my ($n) = @_;
    my @seen;
    defined(my $pid = fork) or die "fork: $!";
    if ($pid == 0) {
        open STDOUT, '>', work() . '/out';
        open STDERR, '>', work() . '/err';
        exec program(), 'eval', '--behavior', 'in/early.h5', '--episodes', $n, '--threads', 1, '--out', "out/$n.episodes.h5" or die "exec: $!";
    }
    while (waitpid($pid, 1) == 0) {
        push @seen, resident($pid);
        sleep 0.01;
    }
    is($?, 0, "$n episodes end well") or diag(message());
    return grep { $_ > 0 } @seen;
}

begin();
my $stage = { command => ['behave', 'walker2d', '--warmup', 256, '--checkpoint-every', 260, '--steps', 260, '--out', 'in/learner'] };
run_stage($stage) == 0 or die message();
my ($policy) = glob 'in/learner/*.behavior.h5';
rename $policy, 'in/early.h5' or die "$policy: $!";
my @seen = watch($n_episodes);
my ($early, $last) = ($seen[@seen / 4] // 0, $seen[-1] // 0);
cmp_ok($last - $early, '<=', $per_episode * $n_episodes + $slack, sprintf 'flat: %.1f MB after a quarter, %.1f MB at the end', $early / 1e6, $last / 1e6);
ok(@seen >= 8, 'looked at ' . @seen . ' moments');
tried('episodes in one process', $n_episodes);
done_testing();
