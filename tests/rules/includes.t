#!/usr/bin/perl
# which room may include what: ours by the table of the house, foreign headers only where they are wrapped.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Rules;
use Test::More;

my @all = qw(base stats results envs algos bench);
my %may = (
    base => [qw(base)], stats => [qw(base stats)], results => [qw(base results)], envs => [qw(base envs)],
    algos => [qw(base algos)], bench => [@all],
);

# foreign header => files that may include it; what is in no list is unknown and refused
my @foreign = (
    [qr{^Random123/}, qr{^base/}],
    [qr{^gsl/}, qr{^(?:tests/unit/)?stats/}],
    [qr{^hdf5(?:_hl)?\.h$}, qr{^results/h5/|^tests/(?:unit/results|fuzz)/}],
    [qr{^zip\.h$}, qr{^results/tensors/zip_library\.h$}],
    [qr{^jansson\.h$}, qr{^(?:tests/unit/)?(?:results|bench)/}],
    [qr{^cyaml/|^yaml\.h$}, qr{^(?:tests/unit/)?bench/}],
    [qr{^(?:oneapi/dnnl/|dnnl)}, qr{^(?:tests/unit/)?algos/}],
    [qr{^sleef}, qr{^algos/}],
    [qr{^(?:bt[A-Z]|Bullet|LinearMath/)}, qr{^envs/physics/bullet\.cpp$}],
    [qr{^omp\.h$}, qr{.}],
    [qr{^gnu/libc-version\.h$}, qr{^bench/}],
    [qr{^(?:new|cmath|cstdio|cstring|cstdlib|algorithm|memory|vector)$}, qr{\.cpp$}],
);
my %system = map { $_ => 1 } map { "$_.h" } qw(
    assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic
    stdbool stddef stdint stdio stdlib stdnoreturn string tgmath time wchar immintrin
    dirent dlfcn fcntl fnmatch getopt glob libgen link poll pthread sched spawn strings termios unistd malloc
    sys/file sys/ioctl sys/mman sys/prctl sys/resource sys/select sys/socket sys/stat sys/statvfs sys/time sys/types sys/uio
    sys/syscall sys/utsname sys/wait);

# rooms from which a file may include
sub rooms_of {
    my ($name) = @_;
    return @{ $may{$1} } if $name =~ m{^(\w+)/} && $may{$1};
    return (@{ $may{$1} }, 'results', 'tests') if $name =~ m{^tests/unit/(\w+)/} && $may{$1};
    return (@all, 'tests');
}

sub foreign_allowed {
    my ($header, $name) = @_;
    return 1 if $system{$header};
    for my $entry (@foreign) {
        return $name =~ $entry->[1] if $header =~ $entry->[0];
    }
    return 0;
}

sub violations {
    my ($root) = @_;
    my @found;
    for my $name (Rules::files($root, qr/\.(?:c|h|cpp)$/, @all, 'tests')) {
        my %rooms = map { $_ => 1 } rooms_of($name);
        my $line = 0;
        for (split /\n/, Rules::slurp("$root/$name")) {
            $line++;
            next unless /^\s*#\s*include\s*(["<])([^">]+)/;
            my ($kind, $header) = ($1, $2);
            if ($kind eq '<') {
                push @found, "$name:$line: <$header> may not be included here" unless foreign_allowed($header, $name);
            } elsif (!-f "$root/$header") {
                push @found, "$name:$line: \"$header\" is no path from the root";
            } elsif ($header !~ m{^(\w+)/} || !$rooms{$1}) {
                push @found, "$name:$line: \"$header\" is of a room that may not be included here";
            }
        }
    }
    return @found;
}

sub cxx_violations {
    my ($root) = @_;
    my @cxx = Rules::files($root, qr/\.(?:cpp|cc|cxx|hpp|hh|hxx)$/, '.');
    my @found;
    push @found, 'expected envs/physics/bullet.cpp alone, found ' . (@cxx ? "@cxx" : 'none') if "@cxx" ne 'envs/physics/bullet.cpp';
    return @found;
}

my $good = Rules::plant(
    'base/err.h' => "#include <stdint.h>\n", 'stats/rank.h' => "#include \"base/err.h\"\n#include <gsl/gsl_cdf.h>\n",
    'results/h5/file.c' => "#include <hdf5.h>\n", 'envs/physics/bullet.cpp' => "#include <btBulletDynamicsCommon.h>\n",
    'algos/gemm.c' => "#include <oneapi/dnnl/dnnl.h>\n", 'bench/main.c' => "#include \"stats/rank.h\"\n",
    'tests/tap.h' => '', 'tests/unit/stats/test_rank.c' => "#include \"stats/rank.h\"\n#include \"tests/tap.h\"\n",
);
is_deeply([violations($good), cxx_violations($good)], [], 'a good tree breaks no rule');

my $headers = join '', map { "#include \"$_\"\n" } qw(stats/rank.h results/h5/file.h envs/env.h algos/nn.h bench/cmd/verb.h tests/tap.h);
my %headers = map { $_ => '' } qw(base/err.h stats/rank.h results/h5/file.h envs/env.h algos/nn.h bench/cmd/verb.h tests/tap.h);
my %count = (base => 6, stats => 5, results => 5, envs => 5, algos => 5, bench => 1);
for my $room (@all) {
    my $bad = Rules::plant(%headers, "$room/bad.c" => $headers);
    is(scalar violations($bad), $count{$room}, "$room/ may not include other rooms");
}
my @foreign_bad = (
    ['stats/a.c', 'Random123/philox.h'], ['envs/a.c', 'gsl/gsl_rng.h'], ['results/dataset.c', 'hdf5.h'], ['results/tensors/zip.c', 'zip.h'],
    ['algos/a.c', 'jansson.h'], ['results/a.c', 'cyaml/cyaml.h'], ['bench/a.c', 'oneapi/dnnl/dnnl.h'],
    ['envs/physics/world.h', 'btBulletDynamicsCommon.h'], ['envs/a.c', 'BulletDynamics/Featherstone/btMultiBody.h'],
    ['base/a.c', 'curl/curl.h'], ['tests/unit/envs/test_a.c', 'hdf5.h'],
);
is(scalar violations(Rules::plant($_->[0] => "  #  include <$_->[1]>\n")), 1, "<$_->[1]> not in $_->[0]") for @foreign_bad;
is(scalar violations(Rules::plant('base/a.c' => "#include \"err.h\"\n", 'base/err.h' => '')), 1, 'paths start at the root');
is(scalar violations(Rules::plant('base/a.c' => "#include \"base/none.h\"\n")), 1, 'a header that is not there');
is(scalar violations(Rules::plant('tests/unit/envs/test_a.c' => "#include \"stats/a.h\"\n", 'stats/a.h' => '')), 1,
    'a unit test keeps to its room');
is(scalar cxx_violations(Rules::plant('base/a.c' => '')), 1, 'no C++ file');
is(scalar cxx_violations(Rules::plant('envs/physics/bullet.cpp' => '', 'algos/a.cc' => '')), 1, 'a second C++ file');

Rules::check_tree('every include follows the table', violations(Rules::root()));
Rules::check_tree('there is one C++ file', cxx_violations(Rules::root()));
done_testing();
