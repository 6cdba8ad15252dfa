#!/usr/bin/perl
# 4,000 damaged files of each format that is read, under the address and undefined-behaviour sanitizers: refused, equal to what was written,
# different from it, or crashed. none may crash the reader, and of our own formats, which have checksums, none may be different.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Instrumented;
use Test::More;

# the programs themselves try 60 of each with every change
only_in_the_campaign();
my $build = build_preset('asan-ubsan', qw(fuzz_test_files fuzz_test_pickle fuzz_test_texts));
local $ENV{MDPBENCH_FUZZ_SEEDS} = $ENV{MDPBENCH_FUZZ_SEEDS} // 4000;
local $ENV{MDPBENCH_TEST_TIME_SCALE} = 100;
for my $program (qw(fuzz_test_files fuzz_test_pickle fuzz_test_texts)) {
    my ($status, $text) = run_logged("$build/t/$program.t");
    is($status, 0, "$program: every mutant is refused or taken") or diag($text);
    my @totals = $text =~ /^# total: (mutants of .*)$/mg;
    print "# total: $_\n" for @totals;
    ok(@totals > 0, "$program: counts of " . @totals . ' formats');
}
done_testing();
