#!/usr/bin/perl
# one hash whatever the way: a policy trained by any number of threads, unbroken, stopped or killed, on data of either world in either layout
# (D4RL's, Minari's), and its returns by any number of threads and lanes, in either world, under two caps of the matrix library's instructions.
# A training depends on that cap, so it has a hash for each; what a given policy does depends on nothing. a policy that acts in plain float32, as
# those of `behave` do, depends on the cap: one of MuJoCo's world, which is its own, has a hash for each.
use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
use File::Path qw(remove_tree);
use FindBin;
use lib $FindBin::Bin;
use Campaign;
use Test::More;

my @caps = ('SSE41', 'AVX2');
my @worlds = ('native', 'lean');
my $n_runs = 0;

sub must {
    my (@command) = @_;
    $n_runs++;
    my $status = run_stage({ command => [@command] });
    $status == 0 or die "@command: status $status: " . message();
}

# the numbers of a module, without the settings before them
sub numbers_of {
    my ($module) = @_;
    must('export', $module, '--out', 'out/numbers.safetensors');
    my $bytes = slurp('out/numbers.safetensors');
    unlink 'out/numbers.safetensors';
    return md5_hex(substr $bytes, 8 + unpack('Q<', $bytes));
}

sub train {
    my ($data, $n_threads, $how) = @_;
    my $stage = { command => ['train', '--task', 'walker2d-random', '--data', $data, '--batch', 8, '--checkpoint-every', 2, '--steps', 4,
        '--threads', $n_threads, '--out', 'out/run'] };
    remove_tree('out');
    if ($how ne 'unbroken') {
        # at a call in the middle of the first checkpoint
        my ($status) = inject($stage, 'change', 20, $how);
        die "expected a run that $how breaks, found status $status" if $status == 0;
    }
    must(@{ $stage->{command} });
    return join ' ', map { numbers_of("out/run/step000004.$_.h5") } qw(diffusion guidance);
}

sub returns_of {
    my ($policy, $n_threads, $n_lanes) = @_;
    must('eval', @$policy, '--threads', $n_threads, '--lanes', $n_lanes, '--out', 'out/r.episodes.h5');
    must('export', 'out/r.episodes.h5', '--out', 'out/r.csv');
    my $hash = md5_hex(slurp('out/r.csv'));
    unlink 'out/r.episodes.h5', 'out/r.csv';
    return $hash;
}

begin();
for my $world (@worlds) {
    must('collect', 'walker2d-random', '--steps', 600, '--physics', $world, '--out', "in/$world.hdf5");
}
must('export', 'in/native.hdf5', '--minari', '--out', 'in/walker2d-random-v0');
my @data = ((map { "in/$_.hdf5" } @worlds), 'in/walker2d-random-v0');
my @trainings = map { my $data = $_; map { my $n = $_; map { [$data, $n, $_] } qw(unbroken TERM KILL) } 1, 3 } @data;
@trainings = @trainings[0, 4, 11, 15] if !full();
for my $cap (full() ? @caps : $caps[1]) {
    local $ENV{ONEDNN_MAX_CPU_ISA} = $cap;
    my %hashes = map { $_ => 1 } map { train(@$_) } @trainings;
    is(scalar keys %hashes, 1, "$cap: one policy from " . @trainings . ' trainings');
    rename 'out/run', 'policy' if !-d 'policy';
}

# the returns of a policy in each of some worlds, by these many threads and lanes
sub evaluate {
    my ($what, $caps, $small, $lanes, @policies) = @_;
    my @evaluations = map { my $cap = $_; map { my $policy = $_; map { my $n = $_; map { [$cap, $policy, $n, $_] } @$lanes } 1, 3 } @policies } @$caps;
    @evaluations = @evaluations[@$small] if !full();
    my %hashes;
    for my $evaluation (@evaluations) {
        my ($cap, @rest) = @$evaluation;
        local $ENV{ONEDNN_MAX_CPU_ISA} = $cap;
        $hashes{ returns_of(@rest) } = 1;
    }
    is(scalar keys %hashes, 1, "$what: one list of returns from " . @evaluations . ' evaluations');
}
evaluate('a policy', \@caps, [0, 7, 9, 14], [7, 50],
    map { ['policy', '--step', 4, '--episodes', 60, '--candidates', 4, '--w-t', 5, '--physics', $_] } @worlds);
must('behave', 'mujoco-hopper', '--steps', 300, '--warmup', 256, '--checkpoint-every', 300, '--threads', 1, '--out', 'hopper');
evaluate("$_: a policy of MuJoCo", [$_], [0, 3], [3, 12], ['--behavior', (glob 'hopper/*.behavior.h5')[0], '--episodes', 24]) for @caps;
tried('trainings, evaluations and exports with one hash', $n_runs);
done_testing();
