#!/usr/bin/perl
# which room may include what: ours by rooms.txt, foreign headers only where they are wrapped; and no circles, of files or of rooms.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Rules;
use Test::More;

my ($may, @order) = rooms(slurp(root() . '/rooms.txt'));
# the rooms whose tests read reference vectors
my %reads_vectors = map { $_ => 1 } qw(stats envs algos);

# foreign header => files that may include it; what is in no list is unknown and refused
my @foreign = (
    [qr{^Random123/}, qr{^base/}],
    [qr{^gsl/}, qr{^(?:tests/unit/)?stats/}],
    [qr{^hdf5(?:_hl)?\.h$}, qr{^results/h5/|^tests/(?:unit/results|fuzz)/}],
    [qr{^zlib\.h$}, qr{^results/(?:h5/filters|show/pdf)\.c$|^tests/unit/results/}],
    [qr{^gif_lib\.h$}, qr{^results/show/gif\.c$}],
    [qr{^liblzf/lzf\.h$}, qr{^results/h5/lzf_library\.h$}],
    [qr{^zip\.h$}, qr{^results/tensors/zip_library\.h$}],
    [qr{^jansson\.h$}, qr{^(?:tests/unit/)?(?:results|bench)/}],
    [qr{^yaml\.h$}, qr{^bench/yaml/}],
    [qr{^(?:oneapi/dnnl/|dnnl)}, qr{^algos/nn/onednn\.h$}],
    [qr{^sleef}, qr{^algos/}],
    [qr{^(?:bt[A-Z]|Bullet|LinearMath/)}, qr{^envs/physics/bullet\.cpp$}],
    [qr{^mujoco/}, qr{^envs/mujoco/built\.c$}],
    [qr{^omp\.h$}, qr{.}],
    [qr{^mdpbench\.h$}, qr{^tests/library/}],
    [qr{^linux/(?:filter|seccomp)\.h$}, qr{^tests/campaign/inject\.c$}],
    [qr{^sys/inotify\.h$}, qr{^tests/unit/results/h5/}],
    [qr{^gnu/libc-version\.h$}, qr{^bench/}],
    [qr{^(?:new|cmath|cstdio|cstring|cstdlib|algorithm|memory|vector)$}, qr{\.cpp$}],
);
my %system = map { $_ => 1 } map { "$_.h" } qw(
    assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic
    stdbool stddef stdint stdio stdlib stdnoreturn string tgmath time wchar immintrin
    dirent dlfcn fcntl fnmatch getopt glob libgen link poll pthread sched spawn strings termios unistd malloc
    sys/file sys/ioctl sys/mman sys/prctl sys/random sys/resource sys/select sys/socket sys/stat sys/statvfs sys/time sys/types sys/uio
    sys/syscall sys/utsname sys/wait);

sub foreign_allowed {
    my ($header, $name) = @_;
    return 1 if $system{$header};
    for my $entry (@foreign) {
        return $name =~ $entry->[1] if $header =~ $entry->[0];
    }
    return 0;
}

# may this file include that header of ours? a unit test knows what its room knows; the other tests know all
sub allowed {
    my ($name, $header) = @_;
    my ($room, %known) = room_of($name, $may);
    return $room eq 'bench/lib' || $name =~ m{^tests/} if $header eq 'include/mdpbench.h'; # what others build with
    if ($name =~ m{^tests/unit/(.*)}) {
        $room = room_of($1, $may);
        $known{results} = 1 if $reads_vectors{$room};
        return 1 if $header =~ m{^tests/(?!unit/)};
        $header =~ s{^tests/unit/}{};
    } elsif ($name =~ m{^tests/}) {
        return 1;
    }
    $known{$_} = 1 for @{ $may->{$room} // [] };
    return $known{ room_of($header, $may) };
}

# [line, " or <, header] of each include of a file
sub includes {
    my ($text) = @_;
    my ($line, @found) = (0);
    for (split /\n/, $text) {
        $line++;
        push @found, [$line, $1, $2] if /^\s*#\s*include\s*(["<])([^">]+)/;
    }
    return @found;
}

sub sources { return Rules::files($_[0], qr/\.(?:c|h|cpp)$/, @Rules::ROOMS, 'tests') }

sub violations {
    my ($root) = @_;
    my @found;
    for my $name (sources($root)) {
        push @found, "$name: is in no room of rooms.txt" if $name !~ m{^(?:tests|bench/main\.c$)} && room_of($name, $may) =~ /^(?:bench)?$/;
        for (includes(slurp("$root/$name"))) {
            my ($line, $kind, $header) = @$_;
            if ($kind eq '<') {
                push @found, "$name:$line: <$header> may not be included here" unless foreign_allowed($header, $name);
            } elsif (!-f "$root/$header") {
                push @found, "$name:$line: \"$header\" is no path from the root";
            } elsif (!allowed($name, $header)) {
                push @found, "$name:$line: \"$header\" is of a room that may not be included here";
            }
        }
    }
    return @found;
}

# a source and its header are one, and so are x_internal.h with x and folder/internal.h with folder/folder
sub file_node {
    my ($name) = @_;
    $name =~ s{\.\w+$}{};
    $name =~ s{_internal$}{};
    $name =~ s{([^/]+)/internal$}{$1/$1};
    return $name;
}

# circles of the graph whose nodes are what $node makes of names
sub circle_violations {
    my ($root, $node) = @_;
    my %graph;
    for my $name (grep { !m{^tests/} } sources($root)) {
        my $from = $node->($name);
        for (grep { $_->[1] eq '"' } includes(slurp("$root/$name"))) {
            my $to = $node->($_->[2]);
            $graph{$from}{$to} = 1 if $to ne $from;
        }
    }
    return map { 'a circle of ' . join ', ', @$_ } circles(\%graph);
}
sub file_circles { return circle_violations($_[0], \&file_node) }
sub room_circles { return circle_violations($_[0], sub { room_of($_[0], $may) }) }

sub cxx_violations {
    my ($root) = @_;
    my @cxx = Rules::files($root, qr/\.(?:cpp|cc|cxx|hpp|hh|hxx)$/, '.');
    my @found;
    push @found, 'expected envs/physics/bullet.cpp alone, found ' . (@cxx ? "@cxx" : 'none') if "@cxx" ne 'envs/physics/bullet.cpp';
    return @found;
}

# every room is on a line after those that it may know, so the table has no circle
sub table_violations {
    my ($text) = @_;
    my ($table, @lines) = rooms($text);
    my (%above, @found);
    for my $room (@lines) {
        my @below = grep { $_ ne $room && !$above{$_} } @{ $table->{$room} };
        push @found, map { "rooms.txt: $room: expected rooms of lines above, found $_" } @below;
        $above{$room} = 1;
    }
    return grep { !/^rooms.txt: base: .* base$/ } @found;
}

# the page has a row for each room, with the same rooms in its last two cells
sub page_violations {
    my ($page) = @_;
    my (%told, @found);
    while ($page =~ /^\| `([a-z\/]+)\/` \|[^|]*\|([^|]*)\|([^|]*)\|$/mg) {
        my ($room, $cells) = ($1, "$2 $3");
        $told{$room} = join ' ', sort map { $may->{"bench/$_"} ? "bench/$_" : $_ } $cells =~ /([a-z]+)/g;
    }
    for my $room (grep { m{/} } @order) {
        my $known = join ' ', sort grep { $_ ne $room && $_ ne 'base' } @{ $may->{$room} };
        my $found = $told{$room} // 'no row';
        push @found, "docs/architecture.md: $room: expected '$known', found '$found'" if $found ne $known;
    }
    return @found;
}

# ---- a good tree ----
my $good = Rules::plant(
    'base/err.h' => "#include <stdint.h>\n", 'stats/rank.h' => "#include \"base/err.h\"\n#include <gsl/gsl_cdf.h>\n",
    'results/h5/file.c' => "#include <hdf5.h>\n", 'envs/physics/bullet.cpp' => "#include <btBulletDynamicsCommon.h>\n",
    'algos/nn/onednn.h' => "#include <oneapi/dnnl/dnnl.h>\n", 'bench/main.c' => "#include \"bench/cmd/verb.h\"\n",
    'bench/cmd/verb.h' => "#include \"bench/run/task.h\"\n", 'bench/run/task.h' => "#include \"stats/rank.h\"\n",
    'tests/tap.h' => '', 'tests/unit/bench/run/made.h' => '',
    'tests/unit/stats/test_rank.c' => "#include \"stats/rank.h\"\n#include \"tests/tap.h\"\n",
    'tests/unit/bench/gate/test_a.c' => "#include \"tests/unit/bench/run/made.h\"\n",
);
is_deeply([violations($good), file_circles($good), room_circles($good), cxx_violations($good)], [], 'a good tree breaks no rule');

# ---- every row can fail: of a header of every room, a room and its tests get those of its row and no other ----
my %headers = map { ("$_/x.h" => '') } @order;
my $all = join '', map { "#include \"$_/x.h\"\n" } @order;
delete $headers{'bench/x.h'};
$all =~ s{#include "bench/x.h"\n}{};
for my $room (@order) {
    my %known = map { $_ => 1 } @{ $may->{$room} };
    my $bad = $room eq 'bench' ? 'bench/main.c' : "$room/bad.c";
    my @expected = grep { $_ ne 'bench' && !$known{$_} } @order;
    my @found = map { m{"(.*)/x\.h"} ? $1 : $_ } violations(Rules::plant(%headers, $bad => $all));
    is("@found", "@expected", "$room/ may include the rooms of its line and no other");
    next if $room eq 'bench';
    @expected = grep { $_ ne 'results' } @expected if $reads_vectors{$room};
    @found = map { m{"(.*)/x\.h"} ? $1 : $_ } violations(Rules::plant(%headers, "tests/unit/$room/test_bad.c" => $all));
    is("@found", "@expected", "tests/unit/$room/ may include what its room may");
}
# the table itself, in words: what must never be
for (['base', 'stats'], ['stats', 'results'], ['algos', 'envs'], ['bench/run', 'bench/stage'], ['bench/gate', 'bench/experiment'],
    ['bench/report', 'bench/gate'], ['bench/yaml', 'results'], ['bench/compare', 'envs'], ['bench/perf', 'bench/cmd']) {
    my ($room, $other) = @$_;
    my $bad = Rules::plant("$room/a.c" => "#include \"$other/x.h\"\n", "$other/x.h" => '');
    is(scalar violations($bad), 1, "$room/ knows nothing of $other/");
}
is(scalar violations(Rules::plant('bench/new/a.c' => '')), 1, 'a folder of the street without a line');
is(scalar violations(Rules::plant('bench/a.c' => '')), 1, 'a second file beside main.c');
my $peeks = Rules::plant('tests/unit/bench/run/test_a.c' => "#include \"tests/unit/bench/gate/a.h\"\n", 'tests/unit/bench/gate/a.h' => '');
is(scalar violations($peeks), 1, 'a header of the tests of a room that may not be known');

# ---- foreign headers ----
my @foreign_bad = (
    ['stats/a.c', 'Random123/philox.h'], ['envs/a.c', 'gsl/gsl_rng.h'], ['results/dataset.c', 'hdf5.h'], ['results/tensors/zip.c', 'zip.h'],
    ['algos/a.c', 'jansson.h'], ['results/a.c', 'yaml.h'], ['bench/gate/a.c', 'yaml.h'], ['algos/nn/gemm.c', 'oneapi/dnnl/dnnl.h'],
    ['envs/physics/world.h', 'btBulletDynamicsCommon.h'], ['envs/a.c', 'BulletDynamics/Featherstone/btMultiBody.h'],
    ['base/a.c', 'curl/curl.h'], ['tests/unit/envs/test_a.c', 'hdf5.h'],
);
is(scalar violations(Rules::plant($_->[0] => "  #  include <$_->[1]>\n")), 1, "<$_->[1]> not in $_->[0]") for @foreign_bad;
is(scalar violations(Rules::plant('base/a.c' => "#include \"err.h\"\n", 'base/err.h' => '')), 1, 'paths start at the root');
is(scalar violations(Rules::plant('base/a.c' => "#include \"base/none.h\"\n")), 1, 'a header that is not there');
my @of_library = map { ("$_/a.c" => "#include \"include/mdpbench.h\"\n") } qw(bench/lib bench/run tests/unit/bench/lib);
is_deeply([map { s/:.*//r } violations(Rules::plant(@of_library, 'include/mdpbench.h' => ''))], ['bench/run/a.c'],
    'the header of the library is not for the rooms that it is made of');
is(scalar cxx_violations(Rules::plant('base/a.c' => '')), 1, 'no C++ file');
is(scalar cxx_violations(Rules::plant('envs/physics/bullet.cpp' => '', 'algos/a.cc' => '')), 1, 'a second C++ file');

# ---- circles ----
sub including { return join '', map { "#include \"$_\"\n" } @_ }
my @circles = (
    ['two headers', 'base/a.h' => including('base/b.h'), 'base/b.h' => including('base/a.h')],
    ['a source and a header', 'base/a.h' => '', 'base/a.c' => including('base/b.h'), 'base/b.h' => including('base/a.h')],
    ['three files', 'envs/a.h' => including('envs/b.h'), 'envs/b.c' => including('envs/c.h'), 'envs/b.h' => '',
        'envs/c.c' => including('envs/a.h'), 'envs/c.h' => ''],
    ['an internal header and its owner', 'base/a_internal.h' => '', 'base/a.c' => including('base/b.h'), 'base/b.h' => '',
        'base/b.c' => including('base/a_internal.h')],
    ['the internal header of a folder', 'bench/yaml/internal.h' => '', 'bench/yaml/yaml.c' => including('bench/yaml/b.h'),
        'bench/yaml/b.c' => including('bench/yaml/internal.h'), 'bench/yaml/b.h' => ''],
);
is(scalar file_circles(Rules::plant(@$_[1 .. $#$_])), 1, "a circle of $_->[0]") for @circles;
my $two_ways = Rules::plant('base/a.c' => including('base/a.h', 'base/b.h', 'base/c.h'), 'base/a.h' => '',
    'base/b.h' => including('base/c.h'), 'base/c.h' => '');
is(scalar file_circles($two_ways), 0, 'two ways to one header are no circle');
my $three_rooms = Rules::plant('stats/a.h' => including('envs/b.h'), 'envs/b.h' => '', 'envs/c.h' => including('algos/d.h'),
    'algos/d.h' => including('stats/e.h'), 'stats/e.h' => '');
is_deeply([scalar file_circles($three_rooms), scalar room_circles($three_rooms)], [0, 1], 'a circle of three rooms without one of files');
is(scalar table_violations("base:\nstats: results\nresults:\n"), 1, 'a line that names a room below it');
is(scalar table_violations("base:\nstats: results\nresults: stats\n"), 1, 'a circle in the table');
is(scalar page_violations(''), scalar(grep { m{/} } @order), 'a page without a table');

Rules::check_tree('every include follows the table', violations(root()));
Rules::check_tree('files include each other in no circle', file_circles(root()));
Rules::check_tree('rooms include each other in no circle', room_circles(root()));
Rules::check_tree('the table has no circle', table_violations(slurp(root() . '/rooms.txt')));
Rules::check_tree('the page of the architecture says the same', page_violations(slurp(root() . '/docs/architecture.md')));
Rules::check_tree('there is one C++ file', cxx_violations(root()));
done_testing();
