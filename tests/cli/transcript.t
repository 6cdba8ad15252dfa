#!/usr/bin/perl
# what the command says, word for word: every line of transcript.txt is a command with the exit status and the hashes of what it wrote
# to standard output and standard error. moving code about must change none of them; who changes one on purpose runs this with --update
# and looks at the differences of two --keep folders first:
#   MDPBENCH=old/mdpbench tests/cli/transcript.t --keep old.out; MDPBENCH=build/mdpbench tests/cli/transcript.t --keep new.out
#   diff -r old.out new.out
use strict;
use warnings;
use Cwd qw(abs_path getcwd);
use Digest::SHA qw(sha256_hex);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Getopt::Long;
use Test::More;

GetOptions('keep=s' => \my $keep, 'update' => \my $update) or die "usage: transcript.t [--keep FOLDER] [--update]\n";
my $here = abs_path(dirname(__FILE__));
my $root = abs_path("$here/../..");
my $list = "$here/transcript.txt";
my $program = abs_path($ENV{MDPBENCH} // "$root/build/mdpbench");
die "no program $program\n" unless defined $program && -x $program;
delete @ENV{grep { /^MDPBENCH/ } keys %ENV};
@ENV{qw(LC_ALL TZ OMP_WAIT_POLICY)} = ('C', 'UTC', 'passive');
if (defined $keep) {
    make_path($keep);
    $keep = abs_path($keep);
}

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!";
    local $/;
    my $text = <$file> // '';
    close $file;
    return $text;
}

# a folder a command may stand in: the tree by its names, and the committed runs of one experiment as runs/
sub stand {
    my ($folder, $experiment) = @_;
    mkdir $folder or die "$folder: $!";
    symlink "$root/$_", "$folder/$_" or die "$folder/$_: $!" for qw(bench results tests docs);
    my $runs = "$root/results/reference/$experiment/runs";
    symlink $runs, "$folder/runs" or die "$folder/runs: $!" if -d $runs;
    return;
}

# without what depends on the machine and its libraries: processors, versions, last bits that reference vectors measure
sub plain {
    my ($text) = @_;
    $text =~ s/^(\s+--threads .*\(default )\d+\)$/$1N)/mg;
    $text =~ s/mdpbench [\d.]+; [^"\n]*; glibc [\d.]+; [^;"\n]*; [\w+]+/MACHINE/g;
    $text =~ s/(?:oneDNN \w+ \+ )?libm [0-9a-f]{8}/INSTRUCTIONS/g;
    $text =~ s/^(# \S+ [\d.]+) \(.*\) on .*$/$1 on MACHINE/mg;
    $text =~ s/^# .*(?:max error|largest deviation|chooses as f32) .*\n//mg;
    $text =~ s/\(truncated file: [^)]*\)/(truncated file)/g;
    # what a command that takes longer than 15 seconds says meanwhile, on a busy machine
    $text =~ s{^[^\n]*: \d+/\d+ \w+, [\d.]+/s, [\w ]+ left[^\n]*\n}{}mg;
    return $text;
}

# [status, standard output, standard error] of a command
sub outcome {
    my ($command, $work) = @_;
    my $status = system 'sh', '-c', "mdpbench() { '$program' \"\$@\"; }\n{ $command\n} > '$work/out' 2> '$work/err' < /dev/null";
    return [$status & 127 ? "signal " . ($status & 127) : $status >> 8, plain(slurp("$work/out")), plain(slurp("$work/err"))];
}

sub keep {
    my ($n, $command, $outcome) = @_;
    open my $file, '>:raw', sprintf('%s/%03d', $keep, $n) or die "$keep: $!";
    print $file "\$ $command\n$outcome->[1]--- standard error\n$outcome->[2]--- exit status $outcome->[0]\n";
    close $file or die "$keep: $!";
    return;
}

my $work = tempdir(CLEANUP => 1);
stand("$work/$_", $_) for qw(none learning paper quick);
my ($n, @lines, @commands) = (0);
for (split /\n/, slurp($list)) {
    if (/^(?:#|$)/) {
        push @lines, $_;
        next;
    }
    my ($place, $status, $out, $err, $command) = split / +/, $_, 5;
    chdir "$work/$place" or die "$list: $place: no such place\n";
    my $outcome = outcome($command, $work);
    my @found = ($outcome->[0], map { substr sha256_hex($_), 0, 12 } @$outcome[1, 2]);
    push @lines, join ' ', $place, @found, $command;
    keep(++$n, $command, $outcome) if defined $keep;
    is("@found", "$status $out $err", $command) unless $update;
    push @commands, $command;
}
chdir '/';
if ($update) {
    open my $file, '>:raw', $list or die "$list: $!";
    print $file map { "$_\n" } @lines;
    close $file or die "$list: $!";
    print "1..0 # SKIP transcript.txt has been written anew\n";
    exit 0;
}
cmp_ok(scalar @commands, '>=', 60, 'the transcript is long enough to notice something');
done_testing();
