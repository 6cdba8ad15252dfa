#!/usr/bin/perl
# how long functions, files and lines may be.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Rules;
use Test::More;

my ($max_function, $max_file, $max_line) = (80, 600, 120);
my @folders = (@Rules::ROOMS, 'include', 'tests');

sub violations {
    my ($root) = @_;
    my @found;
    for my $name (Rules::files($root, qr/\.(?:c|h|cpp)$/, @folders)) {
        my $text = Rules::slurp("$root/$name");
        my @lines = split /\n/, $text;
        push @found, "$name: " . @lines . " lines, at most $max_file" if @lines > $max_file;
        for my $i (0 .. $#lines) {
            utf8::decode(my $line = $lines[$i]);
            push @found, "$name:" . ($i + 1) . ': ' . length($line) . " columns, at most $max_line" if length $line > $max_line;
        }
        for my $function (Rules::functions($text)) {
            my ($called, $line, $length) = @$function;
            push @found, "$name:$line: $called has $length lines, at most $max_function" if $length > $max_function;
        }
    }
    return @found;
}

sub function_text {
    my ($name, $n_lines) = @_;
    return "static int $name(int a,\n    int b) {\n" . "    a++; /* } */\n" x ($n_lines - 3) . "}\n";
}

my $tricky = <<'END';
/* int in_comment(void) { } */
#define MACRO(x) \
    do { \
        x; \
    } while (0)
struct s { int a; int (*call)(int); };
enum e { A, B };
static const struct s table[] = {{1, 0}, {2, 0}};
static const char *text = "{ ( } \" {";
int declared(int a);

/** doc */
static inline int one(void) { return '{'; }
int
two(int a)
{
    struct s local = {1, 0};
    if (a) { return local.a; }
    return (struct s){a, 0}.a;
}
extern "C" {
int three(void) {
    return 3;
}
}
namespace {
struct Holder : Base {
    int four() const {
        return 4;
    }
    int field = 0;
};
}
__attribute__((noinline)) void five(void) {
}
END
is_deeply([map { "$_->[0]:$_->[1]:$_->[2]" } Rules::functions($tricky)],
    ['one:13:1', 'two:14:7', 'three:22:3', 'four:28:3', 'five:34:2'], 'functions are found with their lengths');
is(scalar violations(Rules::plant('base/a.c' => function_text('f', 80))), 0, 'a function of 80 lines is fine');
is(scalar violations(Rules::plant('base/a.c' => function_text('f', 81))), 1, 'a function of 81 lines is not');
is(scalar violations(Rules::plant('tests/unit/base/a.c' => function_text('f', 81))), 1, 'not in tests either');
is(scalar violations(Rules::plant('envs/a.cpp' => "extern \"C\" {\n" . function_text('f', 81) . "}\n")), 1, 'nor in C++');
is(scalar violations(Rules::plant('algos/a.h' => "/* */\n" x 600)), 0, 'a file of 600 lines is fine');
is(scalar violations(Rules::plant('algos/a.h' => "/* */\n" x 601)), 1, 'a file of 601 lines is not');
is(scalar violations(Rules::plant('bench/a.c' => 'a' x 120 . "\n")), 0, 'a line of 120 columns is fine');
is(scalar violations(Rules::plant('bench/a.c' => "\n" . 'a' x 121 . "\n")), 1, 'a line of 121 columns is not');

my @lengths = sort { $a <=> $b } map { map { $_->[2] } Rules::functions(Rules::slurp(Rules::root() . "/$_")) }
    Rules::files(Rules::root(), qr/\.(?:c|h|cpp)$/, @Rules::ROOMS);
ok(@lengths > 50, 'the tree has functions: ' . @lengths);
diag(sprintf 'functions: %d, lines: median %d, 90th percentile %d, longest %d', scalar @lengths, $lengths[$#lengths / 2],
    $lengths[0.9 * $#lengths], $lengths[-1]);
Rules::check_tree('functions, files and lines keep their limits', violations(Rules::root()));
done_testing();
