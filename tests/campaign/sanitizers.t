#!/usr/bin/perl
# the whole suite under the address and undefined-behaviour sanitizers, with every room instrumented.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Instrumented;
use Test::More;

only_in_the_campaign();
my $build = build_preset('asan-ubsan', 'mdpbench', 'tests');
for my $archive (glob "$build/libmdp_*.a") {
    my ($status, $text) = run_logged('nm', '-u', $archive);
    ok($text =~ /__asan_/ && $text =~ /__ubsan_/, "$archive is instrumented") or diag('no call of a sanitizer');
}
# valgrind and the sanitizers exclude each other, and so do they and limits of memory; the transcript was made by another compiler's code
my %without = map { ("tests/cli/$_" => 1) } qw(instructions.t lib.sh);
local @ENV{qw(MDPBENCH MDPBENCH_BUILD MDPBENCH_TEST_TIME_SCALE MDPBENCH_CAMPAIGN)} = ("$build/mdpbench", $build, 20, '');
open my $list, '<', "$build/tests.list" or die "$build/tests.list: $!";
my @tests = ((map { chomp; $_ } <$list>), grep { !$without{$_} } glob 'tests/cli/*.t tests/campaign/*.t');
my ($status, $text) = run_logged('prove', '-j2', @tests);
# GCC 12's search for leaks itself ends where threads of OpenMP wait; such a test is run again without it
sub passes {
    my ($test) = @_;
    my ($status, $text) = run_logged($test);
    return 1 if $status == 0;
    return 0 if $text !~ /LeakSanitizer has encountered a fatal error/;
    local $ENV{ASAN_OPTIONS} = 'detect_leaks=0';
    return (run_logged($test))[0] == 0;
}
my @failed = grep { !passes($_) } $text =~ /^(\S+) +\(Wstat:/mg;
is(scalar @failed, 0, 'all tests pass') or diag(join "\n", @failed, $text =~ /(Test Summary Report.*)/s ? $1 : substr $text, -5000);
is(scalar(() = $text =~ /runtime error:|ERROR: (?:Address|Leak)Sanitizer/g), 0, 'no sanitizer speaks') or diag($text);
my ($n) = $text =~ /^Files=(\d+)/m;
ok($n // 0, 'tests were run');
print '# total: test files under sanitizers: ', $n // 0, "\n";
done_testing();
