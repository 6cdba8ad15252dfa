#!/usr/bin/perl
# cppcheck and clang-tidy find nothing but what tests/campaign/static.txt excepts, each with its reason; an exception that is no longer
# needed in its file is a failure, too.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use lib $FindBin::Bin;
use Instrumented;
use Test::More;

only_in_the_campaign();
my $build = $ENV{MDPBENCH_BUILD} // tree() . '/build';
my @rooms = qw(base stats results envs algos bench);

# lines of: tool, file or *, name of the check, reason
my @exceptions;
open my $file, '<', 'tests/campaign/static.txt' or die "static.txt: $!";
while (<$file>) {
    next if /^(?:#|$)/;
    my ($tool, $where, $check, $reason) = /^(\S+) (\S+) (\S+) (\S.*)$/ or die "static.txt: expected tool, file, check and reason, found $_";
    push @exceptions, { tool => $tool, where => $where, check => $check, n => 0 };
}

sub excepted {
    my ($tool, $where, $check) = @_;
    for my $e (grep { $_->{tool} eq $tool && $_->{check} eq $check && ($_->{where} eq '*' || $_->{where} eq $where) } @exceptions) {
        $e->{n}++;
        return 1;
    }
    return 0;
}

sub judge {
    my ($tool, $n_files, @found) = @_;
    my @left = grep { !excepted($tool, $_->[0], $_->[2]) } @found;
    is(scalar @left, 0, "$tool finds nothing new") or diag(map { "$_->[0]:$_->[1]: $_->[2]: $_->[3]\n" } @left);
    ok($n_files > 100, "$tool: $n_files files");
    print "# total: $tool: $n_files files, " . @found . ' findings, ' . @left . " not excepted\n";
}

my @sources = map { glob "$_/*.c $_/*/*.c $_/*/*/*.c" } @rooms;
my (undef, $text) = run_logged('cppcheck', '--quiet', '--enable=warning,performance,portability', '--std=c11', '-I.', '-D_POSIX_C_SOURCE=200809L',
    '-DMDP_VERSION="0"', '--template={file}|{line}|{id}|{message}', @rooms);
judge('cppcheck', scalar @sources, map { [split /\|/] } grep { /^[\w\/.]+\|\d+\|\w+\|/ } split /\n/, $text);

my $checks = '-*,bugprone-*,clang-analyzer-*,-bugprone-easily-swappable-parameters,-bugprone-reserved-identifier,-bugprone-narrowing-conversions,'
    . '-bugprone-implicit-widening-of-multiplication-result,-bugprone-branch-clone,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,'
    . '-clang-analyzer-optin.performance.Padding';
# OpenMP's header is GCC's, without the other headers beside it
my $openmp = tempdir(CLEANUP => 1);
my (undef, $header) = run_logged('gcc', '-print-file-name=include/omp.h');
chomp $header;
symlink $header, "$openmp/omp.h" or BAIL_OUT("$openmp/omp.h: $!");
my @found;
for my $source (@sources) {
    my (undef, $text) = run_logged('clang-tidy-14', '--quiet', "-checks=$checks", '-p', $build, "--extra-arg=-isystem$openmp", $source);
    my %seen;
    push @found, grep { !$seen{"@$_"}++ } map { [$_->[0] =~ s{^\Q${\tree()}\E/}{}r, @$_[1, 2, 3]] }
        map { /^(\S+?):(\d+):\d+: (?:warning|error): (.*) \[([\w.,-]+)\]$/ ? [$1, $2, $4, $3] : () } split /\n/, $text;
}
judge('clang-tidy', scalar @sources, @found);
my @idle = map { "$_->{tool} $_->{where} $_->{check}" } grep { !$_->{n} && $_->{where} ne '*' } @exceptions;
is(scalar @idle, 0, 'every exception is needed') or diag(join "\n", @idle);
done_testing();
