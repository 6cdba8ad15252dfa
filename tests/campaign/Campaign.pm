# what the parts of the campaign share: the stages of the program in small, their outputs as bytes, and faults that come at a chosen moment.
package Campaign;
use strict;
use warnings;
use Cwd qw(abs_path);
use Digest::MD5 qw(md5_hex);
use Exporter 'import';
use File::Basename qw(dirname);
use File::Find;
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

our @EXPORT = qw(full stages spread program build root work slurp begin run_stage inject outputs inputs temporaries differences check_visible check_again message tried);

# MDPBENCH_CAMPAIGN=full is what ./run campaign sets; without it a small part is tried, for every change
sub full { return ($ENV{MDPBENCH_CAMPAIGN} // '') eq 'full' }

sub root { return abs_path(dirname(__FILE__) . '/../..') }
my $build = abs_path($ENV{MDPBENCH_BUILD} // root() . '/build');
my $program = abs_path($ENV{MDPBENCH} // "$build/mdpbench");
sub build { return $build }
sub program { return $program }

# threads that wait by spinning stall each other where several suites run at once
$ENV{OMP_WAIT_POLICY} //= 'passive';
delete @ENV{qw(MDPBENCH MDPBENCH_BUILD MDPBENCH_REFERENCE DISPLAY)};
my $work = abs_path(tempdir(CLEANUP => 1));
sub work { return $work }

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or return '';
    local $/;
    return <$file> // '';
}

# every n-th of 1 .. $all, so that there are $n of them at most, the first and the last among them
sub spread {
    my ($all, $n) = @_;
    return 1 .. $all if $all <= $n;
    return ($all) if $n <= 1;
    my %chosen = map { 1 + int($_ * ($all - 1) / ($n - 1) + 0.5) => 1 } 0 .. $n - 1;
    return sort { $a <=> $b } keys %chosen;
}

# ---- stages ----

# each reads in/ and writes out/ alone; one thread, so that calls and allocations come in the same order on every run
my @one = ('--threads', 1);
my $walker = 'in/walker2d-expert';
my @gate = ('gate', '--policy', 'in/policy.yaml', '--baseline', 'in/runs/old.episodes.h5', '--candidate', 'in/runs/new.episodes.h5', '--today', '2026-06-01');
my @train = ('train', '--task', 'walker2d-random', '--batch', 8, '--checkpoint-every', 2, '--steps', 4, @one);
my @experiments = ('smoke', 'replay', 'table1', 'table2', 'table3', 'figure1', 'figure2a', 'figure2b', 'composition');
my @stages = (
    ['behave', 'behave', 'walker2d', '--warmup', 256, '--checkpoint-every', 260, '--steps', 260, @one, '--out', 'out/learner'],
    ['collect', 'collect', 'walker2d-random', '--steps', 600, @one, '--out', 'out/d.hdf5'],
    ['collect by a policy', 'collect', 'walker2d-expert', '--expert', "$walker.h5", '--steps', 50, @one, '--out', 'out/d.hdf5'],
    ['train', @train, '--data', 'in/d.hdf5', '--out', 'out/run'],
    ['eval', 'eval', 'in/run', '--step', 2, '--episodes', 2, '--candidates', 2, '--w-t', 5, @one, '--out', 'out/a.episodes.h5'],
    ['eval into a curve', 'eval', 'in/long', '--episodes', 2, '--candidates', 2, '--w-t', 5, @one, '--out', 'out/curve.h5'],
    ['eval of a policy', 'eval', '--behavior', "$walker.h5", '--episodes', 1, @one, '--out', 'out/a.episodes.h5'],
    ['diagnose', 'diagnose', 'in/run', '--held-out', 'in/other.hdf5', '--data', 'in/d.hdf5', '--step', 2, '--w-t', 5, @one, '--json'],
    ['compare', 'compare', "$walker.episodes.h5", 'in/walker2d-medium.episodes.h5', '--out', 'out/compare.md'],
    ['gate', @gate, '--out', 'out/gate', '--history', 'out/history', '--label', 'a'],
    ['gate --save-baseline', @gate, '--save-baseline', 'main', '--baselines', 'out/baselines'],
    ['table', 'table', 'in/run', '--out', 'out/table.csv'],
    ['figure', 'figure', 'in/run', '--out', 'out/figure.svg'],
    ['plan', 'plan', 'in/smoke.yaml', '--make'],
    ['inspect', 'inspect', 'in/d.hdf5', 'in/run/step000002.diffusion.h5', "$walker.episodes.h5", 'in/run/resume.h5', 'in/module.safetensors'],
    ['export', 'export', 'in/run/step000002.diffusion.h5', '--out', 'out/module.safetensors'],
    ['export of episodes', 'export', "$walker.episodes.h5", '--out', 'out/episodes.csv'],
    ['import', 'import', 'in/module.safetensors', '--task', 'walker2d-random', '--algo', 'dql', '--step', 2, '--out', 'out/imported'],
    ['verify', 'verify', 'env', 'in/reference.h5'],
);
# all of them, or those that write files, of MDPBENCH_CAMPAIGN_STAGES (names joined by commas) if it is set
sub stages {
    my ($which) = @_;
    my %asked = map { $_ => 1 } split /,/, $ENV{MDPBENCH_CAMPAIGN_STAGES} // '';
    my @found = map { { name => $_->[0], command => [@$_[1 .. $#$_]] } } @stages;
    @found = grep { $asked{ $_->{name} } } @found if %asked;
    return grep { !$which || grep { m{^out/|^main$} } @{ $_->{command} } } @found;
}

sub quietly {
    my (@command) = @_;
    my $status = system 'sh', '-c', 'exec "$@" > ../out 2> ../err < /dev/null', 'sh', @command;
    return $status == -1 ? 127 : $status & 127 ? 128 + ($status & 127) : $status >> 8;
}
sub message { return slurp("$work/err") }

# makes what the stages read
sub begin {
    make_path("$work/at/in/runs");
    chdir "$work/at" or die "$work/at: $!";
    my $reference = root() . '/results/reference/behavior';
    my @copies = map { ["$reference/walker2d-$_", "in/walker2d-$_"] } qw(expert.h5 expert.episodes.h5 medium.episodes.h5);
    push @copies, [root() . '/bench/gates/default.yaml', 'in/policy.yaml'], map { [root() . "/bench/experiments/$_.yaml", "in/$_.yaml"] } @experiments;
    push @copies, [(glob root() . '/tests/reference/envs/walker2d*.h5')[0], 'in/reference.h5'];
    push @copies, ["$reference/walker2d-expert.episodes.h5", "in/runs/$_.episodes.h5"] for qw(old new);
    system('cp', @$_) == 0 or die "cannot copy $_->[0]\n" for @copies;
    my $data = 'in/d.hdf5';
    for my $command (['collect', 'walker2d-random', '--steps', 600, '--out', $data], ['collect', 'walker2d-random', '--seed', 1, '--steps', 300,
            '--out', 'in/other.hdf5'], [@train, '--data', $data, '--steps', 2, '--out', 'in/run'],
            [@train, '--data', $data, '--out', 'in/long'], ['eval', 'in/run', '--episodes', 2, '--candidates', 2, '--w-t', 5],
            ['export', 'in/run/step000002.diffusion.h5', '--out', 'in/module.safetensors']) {
        quietly($program, @$command) == 0 or die "cannot make @$command: " . message();
    }
}

# runs a stage as it is, or by another program; what it printed is an output like others
sub run_stage { my ($stage, $other) = @_; return quietly($other // $program, @{ $stage->{command} }) }

# runs a stage with a fault at a call that is one of $calls; returns its status and the calls in their order
sub inject {
    my ($stage, $calls, $nth, $what) = @_;
    my $status = quietly("$build/t/inject", "$work/at", $calls, $nth, $what, "$work/log", $program, @{ $stage->{command} });
    die "cannot inject faults here: " . message() if $status == 125;
    return ($status, split /\n/, slurp("$work/log"));
}

# ---- outputs ----

# names that no reader believes, and what an ended process has claimed
my $temporary = qr/\.tmp[^\/]*$|(?:^|\/)\.[^\/]*claim$/;
# what a run has cost is no part of its outcome
my $costs = qr/(?:^|\/)run\.json$/;

sub files {
    my ($folder) = @_;
    my @found;
    find({ no_chdir => 1, wanted => sub { push @found, $_ if -f || -l } }, $folder) if -d $folder;
    return sort @found;
}

# names and bytes of what is in out/ under names that readers believe; of a stage that writes no files, what it printed
sub outputs {
    my @files = grep { !/$temporary/ } files('out');
    return { map { $_ => md5_hex(slurp($_)) } grep { !/$costs/ } @files } if @files;
    return { 'standard output' => md5_hex(slurp("$work/out")) };
}

sub temporaries { return grep { /$temporary/ } files('out') }

# names, sizes and times of what the stages read
sub inputs { return join "\n", map { join ' ', $_, (stat)[1, 7, 9] } files('in') }

# what is wrong with files under names of their own: they are neither whole nor what the unbroken run has left there
my %is_sound;
sub check_visible {
    my ($want) = @_;
    my @bad;
    for my $name (grep { !/$temporary/ } files('out')) {
        my $bytes = slurp($name);
        my $digest = md5_hex($bytes);
        next if ($want->{$name} // '') eq $digest;
        if ($name =~ /\.(?:h5|hdf5)(?:\.part)?$/) {
            $is_sound{$digest} //= system("'$program' inspect '$name' > /dev/null 2>&1") == 0 ? 1 : 0;
            push @bad, "$name: inspect refuses it" if !$is_sound{$digest};
        } elsif ($name =~ $costs) {
            push @bad, "$name: is no JSON" if !eval { decode_json($bytes) };
        } elsif ($name =~ m{/gate\.\w+$} && $bytes =~ /no verdict|"error"|Bail out!|errors="1"/) {
            push @bad, "$name: has half a line" if $bytes !~ /\n\z/;
        } elsif ($name =~ /log\.csv$/) {
            push @bad, "$name: has half a row" if $bytes !~ /\n\z/ && length $bytes;
        } else {
            push @bad, "$name: other bytes than those of an unbroken run";
        }
    }
    return @bad;
}

# what is wrong after the stage has been run again: it ends well, with the bytes of an unbroken run and nothing besides. a claim of a process
# that is gone stays where a stage finds nothing to do, and keeps nobody out
sub check_again {
    my ($stage, $want) = @_;
    my $status = run_stage($stage);
    return "run again: status $status: " . message() if $status != 0;
    return map { "run again: $_" } differences($want, outputs()), map { "$_ is left" } grep { !/claim$/ } temporaries();
}

sub differences {
    my ($want, $found) = @_;
    my %all = (%$want, %$found);
    return map { "$_: " . (!exists $found->{$_} ? 'is not there' : exists $want->{$_} ? 'has other bytes' : 'is too much') }
        grep { ($want->{$_} // '') ne ($found->{$_} // '') } sort keys %all;
}

# the number of trials is printed, and none is a failure
my %count;
sub tried {
    my ($what, $n) = @_;
    $count{$what} += $n;
    ok($n > 0, "$what: $n");
}
END { chdir '/' }
END { print "# total: $_: $count{$_}\n" for sort keys %count }

1;
