#!/usr/bin/perl
# at least nine of ten lines of the program are run by the tests. lines are those that gcov counts; tables have none.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Instrumented;
use Test::More;

only_in_the_campaign();
my $wanted = 90;
my $build = build_preset('coverage', 'mdpbench', 'tests');
local @ENV{qw(MDPBENCH MDPBENCH_BUILD MDPBENCH_TEST_TIME_SCALE MDPBENCH_CAMPAIGN)} = ("$build/mdpbench", $build, 20, '');
open my $list, '<', "$build/tests.list" or die "$build/tests.list: $!";
my @tests = ((map { chomp; $_ } <$list>), grep { !m{/(?:lib\.sh|instructions\.t)$} } glob 'tests/cli/*.t');
my ($status, $text) = run_logged('prove', '-j2', @tests);
is($status, 0, 'all tests pass') or diag($text =~ /(Test Summary Report.*)/s ? $1 : '');

# lines and lines that ran, of each file of a room
my (%lines, $work);
$work = tempdir(CLEANUP => 1);
my ($found, $names) = run_logged('find', $build, '-name', '*.gcda', '-path', '*mdp_*', '!', '-path', '*tap*');
my @counts = split /\n/, $names;
while (my @some = splice @counts, 0, 50) {
    my ($failed, $json) = run_logged('sh', '-c', 'cd "$1" && shift && exec gcov --json-format --stdout "$@" 2> /dev/null', 'sh', $work, @some);
    for my $document (grep { /^\{/ } split /\n/, $json) {
        for my $file (@{ decode_json($document)->{files} }) {
            (my $name = $file->{file}) =~ s{^(?:\Q${\tree()}\E|\.\.)/}{};
            next if $name !~ m{^(?:base|stats|results|envs|algos|bench)/};
            $lines{$name}{ $_->{line_number} } = ($lines{$name}{ $_->{line_number} } // 0) + $_->{count} for @{ $file->{lines} };
        }
    }
}
my ($n, $n_run) = (0, 0);
for my $name (sort keys %lines) {
    my @all = values %{ $lines{$name} };
    my $run = grep { $_ > 0 } @all;
    diag(sprintf '%s: %d of %d lines', $name, $run, scalar @all) if $run < 0.8 * @all;
    $n += @all;
    $n_run += $run;
}
my $percent = $n ? 100 * $n_run / $n : 0;
cmp_ok($percent, '>=', $wanted, sprintf '%d of %d lines', $n_run, $n);
printf "# total: lines that tests run: %d of %d, %.1f %%\n", $n_run, $n, $percent;
done_testing();
