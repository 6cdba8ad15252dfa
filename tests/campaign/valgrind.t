#!/usr/bin/perl
# a small run of each verb under valgrind: nothing reads what was never set or is not its own. valgrind 3.19 knows no AVX-512, so that the
# matrix library is capped at AVX2; the compiled kernels of this program ask the processor, as valgrind presents it.
use strict;
use warnings;
use File::Path qw(remove_tree);
use FindBin;
use lib $FindBin::Bin;
use Campaign;
use Test::More;

plan skip_all => 'a part of ./run campaign' if !full();
plan skip_all => 'no valgrind' if system('command -v valgrind > /dev/null') != 0;
local $ENV{ONEDNN_MAX_CPU_ISA} = 'AVX2';
begin();

# what valgrind complains of. the matrix library's generated kernels, which have no name and no file, read beyond the end of a buffer of the
# library's own and do not use what they find there
sub complaints {
    my ($text) = @_;
    $text =~ s/^==\d+== ?//mg;
    return grep { !/^Invalid read of size \d+\n +at 0x\w+: \?\?\?\n/m } split /\n\n+/, $text;
}
my $generated = "Invalid read of size 32\n   at 0x15374C69: ???\n   by 0xFF: ???\n";
is(scalar complaints($generated), 0, 'generated code is told');
is(scalar complaints("Invalid read of size 8\n   at 0x1CAE06: mdp_gemm_forward (gemm.c:1)\n   by 0xFF: ???\n"), 1, 'from our own');
is(scalar complaints("Invalid write of size 32\n   at 0x15374C69: ???\n"), 1, 'and reads from writes');
my $n = 0;
for my $stage (stages()) {
    remove_tree('out');
    my $under = { command => ['-q', '--error-limit=no', '--log-file=../valgrind', program(), @{ $stage->{command} }] };
    my $status = run_stage($under, 'valgrind');
    is($status, 0, "$stage->{name}: ends well") or diag(message());
    my @complaints = complaints(slurp(work() . '/valgrind'));
    is(scalar @complaints, 0, "$stage->{name}: no complaint") or diag(join "\n\n", @complaints);
    $n++;
}
tried('verbs under valgrind', $n);
done_testing();
