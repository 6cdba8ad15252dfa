#!/usr/bin/perl
# a stage that is killed at any moment: no file shows half under its own name, and run again it ends with the bytes of one that never was.
# a kill comes right before a call that changes the disk, once or twice in a row; where a stage has fewer of these than are to be tried, the
# rest come by the clock.
use strict;
use warnings;
use File::Path qw(remove_tree);
use FindBin;
use lib $FindBin::Bin;
use Campaign;
use Test::More;
use Time::HiRes qw(time sleep);

my $n_wanted = full() ? 300 : 2;
srand 1;
begin();

# starts a stage, kills it after a while, and returns its status
sub kill_later {
    my ($stage, $seconds) = @_;
    defined(my $pid = fork) or die "fork: $!";
    if ($pid == 0) {
        open STDOUT, '>', work() . '/out';
        open STDERR, '>', work() . '/err';
        exec program(), @{ $stage->{command} } or die "exec: $!";
    }
    sleep $seconds;
    kill 'KILL', $pid;
    waitpid $pid, 0;
    return $? & 127 ? 128 + ($? & 127) : $? >> 8;
}

# what others are told of a stage that writes: the command that a person has typed
sub claim_of_another {
    my ($stage, $file) = @_;
    my ($verb) = slurp($file) =~ /\Amdpbench claim\nverb (.*)$/m or return '';
    return $verb eq $stage->{command}[0] ? '' : "$file: says $verb";
}

sub duration_of {
    my ($stage) = @_;
    my $began = time;
    remove_tree('out');
    run_stage($stage);
    return time - $began;
}

sub try_stage {
    my ($stage) = @_;
    my ($n_killed, $n_late, @bad) = (0, 0);
    remove_tree('out');
    my ($status, @calls) = inject($stage, 'change', 0, 'KILL');
    is($status, 0, "$stage->{name}: runs") or diag(Campaign::message());
    my $want = outputs();
    my $look = sub {
        my ($status, $moment) = @_;
        $status == 137 ? $n_killed++ : $n_late++;
        push @bad, map { "$moment: $_" } check_visible($want), grep { length } map { claim_of_another($stage, $_) } temporaries();
    };
    my @moments = @calls ? spread(scalar @calls, $n_wanted) : ();
    for my $i (0 .. $#moments) {
        remove_tree('out');
        my ($status, @so_far) = inject($stage, 'change', $moments[$i], 'KILL');
        $look->($status, "killed at call $moments[$i], $so_far[-1]");
        if ($i % 2 && @moments + $i / 2 < 1.5 * $n_wanted) {
            my $again = 1 + int rand @calls;
            ($status, @so_far) = inject($stage, 'change', $again, 'KILL');
            $look->($status, "killed at call $moments[$i], run again and killed at its call $again") if $status == 137;
        }
        push @bad, map { "killed at call $moments[$i], $calls[$moments[$i] - 1]: $_" } check_again($stage, $want);
    }
    my $duration = $n_killed < $n_wanted ? duration_of($stage) : 0;
    while ($n_killed < $n_wanted && $n_killed + $n_late < 4 * $n_wanted) {
        my $seconds = rand $duration;
        remove_tree('out');
        $look->(kill_later($stage, $seconds), "killed after $seconds s");
        push @bad, map { "killed after $seconds s: $_" } check_again($stage, $want);
    }
    is(scalar @bad, 0, "$stage->{name}: nothing is half-visible, and run again it has the same bytes") or diag(join "\n", @bad[0 .. ($#bad < 9 ? $#bad : 9)]);
    tried("$stage->{name}: kills", $n_killed);
}

# the small part leaves out what is written in the same way
my $small = qr/^(?:collect|train|eval|compare|gate|export of episodes)$/;
for my $stage (grep { full() || $_->{name} =~ $small } stages('writes')) {
    try_stage($stage);
}
done_testing();
