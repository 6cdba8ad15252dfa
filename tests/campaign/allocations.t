#!/usr/bin/perl
# an allocation of our own code that fails, each of each stage in turn: the stage gives the right result, or ends with status 5 and one
# message, and then works when it is run again. the program is linked once more, from archives in which the names of the allocator's functions
# are changed, so that those of the libraries are left alone.
use strict;
use warnings;
use File::Path qw(make_path remove_tree);
use FindBin;
use lib $FindBin::Bin;
use Campaign;
use Test::More;

my @functions = qw(malloc calloc realloc aligned_alloc strdup open_memstream fopencookie scandir);
my $linked = work() . '/mdpbench';

sub link_program {
    my ($root, $build, $objects) = (root(), build(), work() . '/objects');
    my %cache = map { /^(CMAKE_C_COMPILER|CMAKE_C_FLAGS):\w+=(.*)/ ? ($1 => $2) : () } split /\n/, slurp("$build/CMakeCache.txt");
    my @cc = ($cache{CMAKE_C_COMPILER}, split ' ', $cache{CMAKE_C_FLAGS} // '');
    make_path($objects);
    open my $names, '>', "$objects/names" or die "$objects/names: $!";
    print $names map { "$_ ours_$_\n" } @functions;
    close $names;
    my @archives;
    for my $archive (glob "$build/libmdp_*.a") {
        next if $archive =~ /libmdp_tap\.a$/;
        (my $copy = $archive) =~ s{.*/}{$objects/};
        system('objcopy', '--redefine-syms', "$objects/names", $archive, $copy) == 0 or die "cannot change $archive\n";
        push @archives, $copy;
    }
    my @foreign = map { split /[;\n]/ } slurp("$build/foreign.link");
    system(@cc, '-w', '-std=c17', '-D_POSIX_C_SOURCE=200809L', "-I$root", "$root/bench/main.c", "$root/tests/campaign/allocations.c", '-o', $linked,
        '-Wl,--as-needed', '-Wl,--start-group', @archives, '-Wl,--end-group', @foreign) == 0 or die "cannot link\n";
}

# the status of a stage whose n-th allocation fails, and how many there were
sub run_failing {
    my ($stage, $nth) = @_;
    local @ENV{qw(MDPBENCH_FAIL_ALLOCATION MDPBENCH_ALLOCATIONS)} = ($nth, work() . '/count');
    unlink work() . '/count';
    my $status = run_stage($stage, $linked);
    return ($status, slurp(work() . '/count') || 0);
}

# what is wrong with how it has ended
sub look {
    my ($stage, $status, $want) = @_;
    my $text = message();
    my $n_lines = () = $text =~ /^mdpbench/mg;
    my @bad = (check_visible($want), map { "$_: is left" } temporaries());
    if ($status == 0) {
        push @bad, 'ends well with a message: ' . $text if $n_lines != 0;
        push @bad, differences($want, outputs());
        return @bad;
    }
    push @bad, "status $status: $text" if $status != 5;
    push @bad, "$n_lines messages: $text" if $n_lines != 1;
    return (@bad, check_again($stage, $want));
}

sub try_stage {
    my ($stage) = @_;
    my ($n, $n_refused, @bad) = (0, 0);
    remove_tree('out');
    my ($status, $n_all) = run_failing($stage, 0);
    chomp $n_all;
    is($status, 0, "$stage->{name}: runs, with $n_all allocations") or diag(message());
    my $want = outputs();
    for my $nth (spread($n_all, full() ? 1e9 : 6)) {
        remove_tree('out');
        my ($status) = run_failing($stage, $nth);
        $n++;
        $n_refused++ if $status != 0;
        push @bad, map { "allocation $nth: $_" } look($stage, $status, $want);
    }
    is(scalar @bad, 0, "$stage->{name}: failing allocations") or diag(join "\n", @bad);
    tried("$stage->{name}: failing allocations ($n_refused ended it)", $n);
}

begin();
link_program();
my $small = qr/^(?:collect|train|eval|gate|inspect|import)$/;
for my $stage (grep { full() || $_->{name} =~ $small } stages()) {
    try_stage($stage);
}
done_testing();
