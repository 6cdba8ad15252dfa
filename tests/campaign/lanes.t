#!/usr/bin/perl
# worlds in lanes against worlds one by one: a million steps a robot and width, whatever the robots do; no bit differs.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Campaign;
use Test::More;

my $n_steps = full() ? 1_000_000 : 50_000;
my $test = build() . '/t/unit_envs_test_lanes.t';
plan skip_all => "no $test" unless -x $test;

local $ENV{MDPBENCH_TEST_LANE_STEPS} = $n_steps;
local $ENV{MDPBENCH_TEST_TIME_SCALE} = 100;
my $said = `$test 2>&1`;
is($?, 0, 'the same bits') or diag($said);
my @done = $said =~ /^# (native\S* \w+-v0): (\d+) steps, \d+ with unlike worlds$/mg;
cmp_ok(scalar @done, '>=', 2 * 3, 'each robot was tried');
tried('steps in lanes', $n_steps * @done / 2);
diag("$_ is left out") for $said =~ /^# (\S+) is left out/mg;
done_testing();
