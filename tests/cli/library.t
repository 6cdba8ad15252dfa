#!/usr/bin/perl
# the shared library for others: what it exports and the layout of its structs are those of a committed list, and programs outside the
# tree are built with the installed library. who changes the interface on purpose runs this with --update and looks at the differences.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;

my $root = abs_path(dirname(__FILE__) . '/../..');
my $program = abs_path($ENV{MDPBENCH} // "$root/build/mdpbench");
my $build = dirname($program);
my $library = "$build/libmdpbench.so";
plan skip_all => "$program is in no build folder" unless -e "$build/CMakeCache.txt";
BAIL_OUT("there is no $library: cmake --build $build --target libmdpbench") unless -e $library;
my $work = tempdir(CLEANUP => 1);
my $list = "$root/tests/library/abi.txt";

sub slurp {
    my ($path) = @_;
    open my $file, '<', $path or die "$path: $!";
    local $/;
    my $text = <$file>;
    close $file;
    return $text // '';
}

sub spill {
    my ($path, $text) = @_;
    open my $file, '>', $path or die "$path: $!";
    print $file $text;
    close $file or die "$path: $!";
    return;
}

# whether a command works; what it says is shown if it does not
sub works {
    my ($name, $command) = @_;
    my $said = `$command 2>&1`;
    return ok($? == 0, $name) || diag("$command\n$said");
}

# ---- the interface ----

# a header without comments and directives
my $header = slurp("$root/include/mdpbench.h");
$header =~ s{/\*.*?\*/}{}gs;
$header =~ s/^#.*\n//mg;

my (@abi, @declared, @probe);
while ($header =~ /MDPBENCH_API ([^;]*?\b(mdpbench_\w+)\(.*?\));/gs) {
    my ($prototype, $name) = ($1, $2);
    push @declared, $name;
    push @abi, 'function ' . join ' ', split ' ', $prototype;
}
for my $body ($header =~ /enum mdpbench_\w+ \{(.*?)\};/gs) {
    push @probe, map { qq{printf("enum $_ %d\\n", $_);} } $body =~ /\b(MDPBENCH_\w+)/g;
}
while ($header =~ /struct (mdpbench_\w+) \{(.*?)\};/gs) {
    my ($struct, $body) = ($1, $2);
    push @probe, qq{printf("struct $struct %zu\\n", sizeof(struct $struct));};
    for my $member (map { /(\w+)(?:\[\d+\])?\s*$/ } map { split /,/ } split /;/, $body) {
        my $at = "((struct $struct *)0)->$member";
        push @probe, qq{printf("  $member %zu %zu\\n", offsetof(struct $struct, $member), sizeof $at);};
    }
}
spill("$work/probe.c", "#include <stdio.h>\n#include \"mdpbench.h\"\nint main(void) {\n@probe\nreturn 0;\n}\n");
my $cc = slurp("$build/CMakeCache.txt") =~ /^CMAKE_C_COMPILER:\w+=(.*)/m ? $1 : 'cc';
works('the header alone is C11', "$cc -std=c11 -Wall -Wextra -Werror -I$root/include $work/probe.c -o $work/probe");
works('and C++', "$cc -x c++ -Wall -Wextra -Werror -fsyntax-only -I$root/include -include mdpbench.h /dev/null");
push @abi, split /\n/, `$work/probe`;
my $found = join '', map { "$_\n" } sort(grep { /^function/ } @abi), grep { !/^function/ } @abi;
if (grep { $_ eq '--update' } @ARGV) { spill($list, $found) }
is($found, slurp($list), 'functions, numbers and the layout of structs are those of tests/library/abi.txt');

my @exported = map { / [A-Z] (\w+)\@\@MDPBENCH_0$/ ? $1 : () } `nm -D --defined-only $library`;
is_deeply([sort @exported], [sort @declared], 'what is exported is what the header declares');
my @others = grep { !/ [A-Z] (?:mdpbench_\w+\@\@MDPBENCH_0|MDPBENCH_0)$/ } `nm -D --defined-only $library`;
is_deeply(\@others, [], 'and nothing else');
like(`readelf -d $library`, qr/SONAME.*\[libmdpbench\.so\.0\]/, 'its name has the number of the interface');

# ---- programs outside the tree ----

my $usr = "$work/usr";
works('cmake --install', "cmake --install $build --prefix $usr");
my ($lib) = map { dirname($_) } glob("$usr/lib/libmdpbench.so $usr/lib/*/libmdpbench.so $usr/lib64/libmdpbench.so");
ok(defined $lib && -f "$usr/include/mdpbench.h", 'library and header are there') or $lib = 'none';
my $outside = "$root/tests/library";
works('find_package', "cmake -S $outside -B $work/outside -DCMAKE_PREFIX_PATH=$usr && cmake --build $work/outside");
$ENV{PKG_CONFIG_PATH} = "$lib/pkgconfig";
works('pkg-config', "$cc -std=c11 -Wall -Wextra -Werror $outside/outside.c \$(pkg-config --cflags --libs mdpbench) -o $work/by-pkg-config");
$ENV{LD_LIBRARY_PATH} = $lib;
my @said = map { scalar `cd $work && $_ $root 2>&1` } ("$work/outside/outside", "$work/by-pkg-config");
like($said[0], qr/^ok /m, 'it runs');
unlike($said[0], qr/^(?!ok )/m, 'and finds nothing amiss');
is($said[1], $said[0], 'the other one as well');
# ---- policies ----

# episodes that the library plays in a few lanes are those that the command's eval has recorded
my $reference = "$root/results/reference";
my $behavior = "$reference/behavior/hopper-medium.h5";
my ($diffusion) = glob "$reference/authors/runs/halfcheetah-expert/dql/joint-eta0-*/seed100/step100000.diffusion.h5";
(my $guidance = $diffusion) =~ s/diffusion/guidance/;
works('a program with a policy',
    "$cc -std=c11 -Wall -Wextra -Werror $outside/policy.c \$(pkg-config --cflags --libs mdpbench) -o $work/policy");
for (['the mode of a behaviour policy', "--behavior $behavior", $behavior, '', 20, ''],
    ['its draws', "--behavior $behavior --stochastic", $behavior, '', 20, 'stochastic=true'],
    ['modules', "--diffusion $diffusion --candidates 3", $diffusion, '', 2, 'candidates=3'],
    ['other guidance, by two threads', "--diffusion $diffusion --guidance none", $diffusion, 'none', 2, 'threads=2'],
    ['guidance by its file', "--diffusion $diffusion --guidance $guidance --candidates 2", $diffusion, $guidance, 2, 'candidates=2']) {
    my ($name, $eval, $file, $selects, $n, $options) = @$_;
    unlink "$work/policy.h5";
    works("eval: $name", "$program eval $eval --episodes $n --seed 3 --threads 1 --out $work/policy.h5");
    is(scalar `$work/policy $file '$selects' $work/policy.h5 3 seed=3 $options 2>&1`, "0 of $n episodes are others\n", "the same: $name");
}
for ([qr/none\.h5/, 'none.h5', ''], [qr/kind|format/, "$work/policy.h5", ''], [qr/expected none of a behaviour policy/, $behavior, 'none'],
    [qr/option mood/, $behavior, '', 'mood=1'], [qr/option episodes/, $behavior, '', 'episodes=3'],
    [qr/option candidates: .*none of a behaviour policy/, $behavior, '', 'candidates=3'],
    [qr/option stochastic: .*a behaviour policy/, $diffusion, '', 'stochastic=true'],
    [qr/option candidates: expected a whole number from 1/, $diffusion, '', 'candidates=0'],
    [qr/none\.guidance/, $diffusion, 'none.guidance.h5']) {
    my ($text, $file, $selects, @options) = @$_;
    like(scalar `cd $work && ./policy $file '$selects' policy.h5 3 @options 2>&1`, qr/^policy: .*$text/, "refused: $text");
}

# ---- the pages ----

my @examples = grep { /int main/ } slurp("$root/docs/library.md") =~ /```c\n(.*?)```/gs;
my @wanted = (qr/^return -?[\d.]+\n$/, qr/^.* on hopper/);
is(scalar @examples, scalar @wanted, 'examples');
for my $i (0 .. $#examples) {
    spill("$work/example.c", $examples[$i]);
    works("example $i", "$cc -std=c11 -Wall -Wextra -Werror $work/example.c \$(pkg-config --cflags --libs mdpbench) -o $work/example");
    like(my $said = `cd $work && ./example 2>&1`, $wanted[$i], 'runs');
    next if $said !~ /hopper/;
    my ($sentence) = split /\n/, `cd $work && $program compare push.episodes.h5 rest.episodes.h5 2>&1`;
    is($said, "$sentence\n", 'and says what the command says of the files');
}
done_testing();
