#!/usr/bin/perl
# a system call on a file that fails, each call of each stage in turn: the stage does without it, with the same bytes, or ends with status 5
# and one message that names the file. nothing is lost, half-visible or left under a temporary name, and run again the stage works.
use strict;
use warnings;
use File::Path qw(remove_tree);
use FindBin;
use lib $FindBin::Bin;
use Campaign;
use Test::More;

# EINTR is what a signal or a network disk makes of a call that is to be tried again
my %errors = (read => ['EIO', 'EINTR'], write => ['ENOSPC', 'EIO', 'EINTR'], sync => ['EIO', 'ENOSPC'], close => ['EIO', 'EINTR'], open => ['EIO', 'EINTR'],
    change => ['EIO', 'ENOSPC']);
# in the small part every third call of the cheapest stage, and a few of others
sub n_wanted { return full() ? 1e9 : $_[0]{name} eq 'table' ? 40 : 4 }
begin();

sub kind_of {
    my ($call) = @_;
    for ($call) {
        return 'read' if /^p?read/;
        return 'write' if /^(?:p?write|ftruncate|fallocate|copy)/;
        return 'sync' if /^fd?(?:data)?sync/;
        return 'close' if /^close/;
        return 'open' if /^open/;
    }
    return 'change';
}

# what is wrong with how a stage with a fault at this call has ended
sub look {
    my ($stage, $call, $status, $want) = @_;
    my $text = message();
    my $n_lines = () = $text =~ /^mdpbench/mg;
    # a claim is a file beside what is claimed, or in it
    my ($name) = $call =~ m{([^/ ]+?)(?:/\.claim)?(?:\.tmp\S*)?(?: <- here)?$};
    $name = $1 if $name =~ /^\.(.+)\.claim$/;
    my @bad = check_visible($want);
    push @bad, map { "$_: is left" } grep { $call !~ /^unlink/ } temporaries();
    if ($status == 0) {
        push @bad, 'ends well with a message: ' . $text if $n_lines != 0;
        push @bad, differences($want, outputs());
        return @bad;
    }
    push @bad, "status $status: $text" if $status != 5;
    push @bad, "$n_lines messages: $text" if $n_lines != 1;
    push @bad, "no word of $name: $text" if index($text, $name) < 0;
    return (@bad, check_again($stage, $want));
}

sub try_stage {
    my ($stage) = @_;
    my ($n, $n_refused, @bad) = (0, 0);
    remove_tree('out');
    my ($status, @calls) = inject($stage, 'read,change,close,open', 0, 'EIO');
    is($status, 0, "$stage->{name}: runs") or diag(message());
    my $want = outputs();
    my $inputs = inputs();
    for my $nth (spread(scalar @calls, n_wanted($stage))) {
        my @errors = @{ $errors{ kind_of($calls[$nth - 1]) } };
        for my $error (full() ? @errors : $errors[$nth % @errors]) {
            remove_tree('out');
            my ($status, @so_far) = inject($stage, 'read,change,close,open', $nth, $error);
            $n++;
            $n_refused++ if $status != 0;
            my ($call) = grep { / <- here$/ } @so_far;
            push @bad, map { "$error at call $nth, " . ($call // 'none') . ": $_" } $call ? look($stage, $call, $status, $want) : 'is not reached';
        }
    }
    push @bad, 'the inputs have changed' if inputs() ne $inputs;
    my $shown = $#bad < 29 || full() ? $#bad : 29;
    is(scalar @bad, 0, "$stage->{name}: failing calls") or diag(join "\n", @bad[0 .. $shown]);
    tried("$stage->{name}: failing calls ($n_refused ended it)", $n);
}

my $small = qr/^(?:collect|train|eval|gate|table)$/;
for my $stage (grep { full() || $_->{name} =~ $small } stages()) {
    try_stage($stage);
}
done_testing();
