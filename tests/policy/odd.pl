#!/usr/bin/perl
# a policy that keeps to the protocol but for one way in which it does not, its argument: for tests/cli/policy.t.
#
# it writes its process number, and that of a child, to $ODD/pids, and what it is asked to $ODD/asked
use strict;
use warnings;
use JSON::PP;

my $way = shift // '';
my $folder = $ENV{ODD} // '.';
$| = 1;
binmode $_ for *STDIN, *STDOUT;

sub note {
    my ($name, $text) = @_;
    open my $file, '>>', "$folder/$name" or die "$folder/$name: $!";
    print $file $text;
    close $file;
    return;
}

sub stay { sleep 1 while 1; return }

sub say_error { print "{\"error\": \"no parameters for this robot\"}\n"; exit 1 }

if ($way ne 'alone') {
    pipe my $seen, my $there or die;
    my $child = fork // die;
    if ($child == 0) {
        close STDIN;
        close STDOUT;
        close $there;
        stay();
    }
    # the child has let go of the pipes, so that what is closed here is closed
    close $there;
    readline $seen;
    note('pids', "$$ $child\n");
}
exit 7 if $way eq 'dies-first';
print "Loading the model ..\n" if $way eq 'prints-first';
stay() if $way eq 'hangs-first';
say_error() if $way eq 'error-first';
my $world = decode_json(scalar <STDIN>);
my ($n_obs, $n_act, $is_json) = (@$world{qw(n_obs n_act)}, $world->{format} eq 'json');
note('world', encode_json($world) . "\n") if $way eq 'world';
my %hello = (protocol => $way eq 'version' ? 2 : 1, name => $way eq 'name' ? 'a/b' : 'odd');
delete $hello{name} if $way eq 'no-name';
$hello{hash} = $ENV{ODD_HASH} if defined $ENV{ODD_HASH};
$hello{step} = $ENV{ODD_STEP} + 0 if defined $ENV{ODD_STEP};
close STDIN if $way eq 'deaf';
print $way eq 'long' ? '{"name": "' . 'x' x 70000 : encode_json(\%hello), "\n";

# [episodes, steps], or nothing at the end; observations are not looked at but for their number
sub question {
    if ($is_json) {
        my $line = <STDIN> // return;
        my $asked = decode_json($line);
        die "observations\n" if grep { @$_ != $n_obs } @{ $asked->{observations} };
        return @$asked{qw(episodes steps)};
    }
    read(STDIN, my $head, 4) or return;
    my $n = unpack 'V', $head;
    read(STDIN, my $rows, 4 * $n * (2 + $n_obs)) == 4 * $n * (2 + $n_obs) or die "a short question\n";
    my @words = unpack 'V' . 2 * $n, $rows;
    return ([@words[0 .. $n - 1]], [@words[$n .. 2 * $n - 1]]);
}

my $count = 0;
stay() if $way eq 'deaf';
while (my ($episodes, $steps) = question()) {
    my $n = @$episodes;
    note('asked', "$episodes->[0] $steps->[0]\n") if $count == 0;
    my @rows = map { my $i = $_; [map { 0.9 * sin($episodes->[$i] + 0.3 * $steps->[$i] + $_) } 1 .. $n_act] } 0 .. $n - 1;
    if ($count++ == 3) {
        exit 7 if $way eq 'dies';
        kill 'KILL', $$ if $way eq 'killed';
        stay() if $way eq 'hangs';
        say_error() if $way eq 'error';
        close STDOUT, stay() if $way eq 'mute';
        print STDERR 'x' x 99, "\n" for $way eq 'chatty' ? 1 .. 3000 : ();
        $rows[0][1] = 'nan' if $way eq 'nan';
        $rows[0][0] = 'inf' if $way eq 'inf';
        $rows[0][0] = 3 if $way eq 'beyond';
        pop @{ $rows[0] } if $way eq 'narrow';
        print "step 3\n" if $way eq 'prints';
    }
    if ($episodes->[0] == ($ENV{ODD_EPISODE} // 1) && $steps->[0] == 3 && !-e "$folder/stopped" && $way eq 'stops') {
        note('stopped', '');
        kill 'TERM', getppid;
    }
    my $answer =
        $is_json
        ? encode_json({ actions => [map { [map { $_ eq 'nan' || $_ eq 'inf' ? 1e300 : $_ + 0 } @$_] } @rows] }) . "\n"
        : pack 'V f<*', $way eq 'count' ? $n + 1 : $n, map { @$_ } @rows;
    $answer = substr $answer, 0, -3 if $count == 4 && $way =~ /^short/;
    $answer .= "\0" x 4 if $count == 4 && $way eq 'more';
    print $answer;
    exit 0 if $count == 4 && $way eq 'short';
    stay() if $count == 4 && $way eq 'short-hangs';
}
