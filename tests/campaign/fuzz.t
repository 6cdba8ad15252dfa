#!/usr/bin/perl
# libFuzzer on each reader of files that others hand us, an hour each (MDPBENCH_FUZZ_MINUTES): no input may crash it, hang it, flood its
# memory or be refused without a word. rooms that read are compiled by clang-14 with coverage and sanitizers, the rest is that of the build.
# it begins with tests/fuzz/corpus and with small files of the tree; what it finds stays in build/campaign/fuzz.
use strict;
use warnings;
use File::Copy qw(copy);
use File::Path qw(make_path);
use FindBin;
use lib $FindBin::Bin;
use Instrumented;
use Test::More;

only_in_the_campaign();
my ($status) = run_logged('clang-14', '--version');
BAIL_OUT('expected clang-14 with libclang-rt-14-dev (apt-get install), found none') if $status != 0;
my $build = $ENV{MDPBENCH_BUILD} // tree() . '/build';
my $folder = "$build/campaign/fuzz";
my $minutes = $ENV{MDPBENCH_FUZZ_MINUTES} // 60;
my %flags = (dataset => 65536, checkpoint => 65536, episodes => 65536, curve => 65536, tensors => 32768, policy => 8192, experiment => 8192, speeds => 8192);

# small files of the tree that a reader takes
my %seeds = (
    dataset => [glob 'tests/reference/h5/*.h5 tests/reference/field/hdf5-layouts/*.h*5'],
    checkpoint => [glob 'results/reference/behavior/*-expert.h5'],
    episodes => [glob 'results/reference/behavior/*.episodes.h5'],
    curve => [],
    tensors => [glob 'tests/reference/algos/checkpoints/*.pt tests/reference/field/torch-checkpoints/*.pt'],
    policy => [glob 'bench/gates/*.yaml'],
    experiment => [glob 'bench/experiments/*.yaml'],
    speeds => [],
);

# the definitions of the build, for another compiler
sub link_fuzzer {
    my @sources = grep { $_ ne 'base/cpu.c' } glob 'base/*.c results/*.c results/*/*.c bench/yaml/*.c bench/gate/*.c bench/experiment/*.c';
    my %definitions = map { $_ => 1 } slurp_of("$build/compile_commands.json") =~ /(-DMDP_\w+=\\+"[^ ]*?")(?= )/g;
    my @definitions = map { s/\\//gr } sort keys %definitions;
    my @include = map { "-isystem$_" } slurp_of("$build/compile_commands.json") =~ m{-isystem (\S*hdf5\S*)}g;
    my @foreign = map { split /[;\n]/ } slurp_of("$build/foreign.link");
    my @archives = grep { !/_tap\.a$/ } glob "$build/libmdp_*.a";
    my ($status, $text) = run_logged('clang-14', split(' ', '-std=c17 -w -g -O1 -fsanitize=fuzzer,address -D_POSIX_C_SOURCE=200809L -I.'), @definitions, $include[0],
        @sources, 'tests/fuzz/readers.c', 'tests/fuzz/libfuzzer.c', '-o', "$folder/fuzzer", '-Wl,--start-group', @archives, '-Wl,--end-group',
        (grep { $_ ne '-fopenmp' } @foreign), '-l:libgomp.so.1', '-lgcc');
    $status == 0 or BAIL_OUT("cannot link the fuzzer: $text");
}
sub slurp_of { my ($path) = @_; open my $file, '<', $path or BAIL_OUT("$path: $!"); local $/; return <$file> }

sub fuzz {
    my ($reader) = @_;
    my $found = "$folder/$reader";
    make_path($found, "$folder/tmp");
    copy($_, $found) for grep { -s $_ <= 4 * $flags{$reader} } @{ $seeds{$reader} };
    local @ENV{qw(MDPBENCH_FUZZ_READER TMPDIR ASAN_OPTIONS)} = ($reader, "$folder/tmp", 'detect_leaks=0:allocator_may_return_null=1');
    my @corpora = ($found, grep { -d } "tests/fuzz/corpus/$reader");
    my ($status, $text) = run_logged("$folder/fuzzer", '-max_total_time=' . int(60 * $minutes), "-max_len=$flags{$reader}", '-timeout=30',
        '-rss_limit_mb=4096', "-artifact_prefix=$folder/$reader-", '-print_final_stats=1', @corpora);
    my ($n) = $text =~ /stat::number_of_executed_units:\s*(\d+)/;
    is($status, 0, "$reader: no input is a fault") or diag(substr $text, -3000);
    ok($n // 0, "$reader: inputs were tried");
    printf "# total: %s: %d inputs in %s minutes, %d kept\n", $reader, $n // 0, $minutes, scalar(() = glob "$found/*");
}

make_path($folder);
link_fuzzer();
fuzz($_) for grep { length } split /,/, $ENV{MDPBENCH_FUZZ_READERS} // join ',', sort keys %flags;
done_testing();
