#!/usr/bin/perl
# every header says what it is for, and every public prototype has a sentence of its own.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Rules;
use Test::More;

# words, or a formula where that says it all: y = x w^T.
my $sentence = qr{^/\*\* (?:[A-Z]|\w+ \+?= ).*?\.}s;

sub violations {
    my ($root) = @_;
    my @found;
    for my $name (Rules::files($root, qr/\.h$/, @Rules::ROOMS, 'include', 'tests')) {
        my $text = Rules::slurp("$root/$name");
        push @found, "$name:1: expected a comment on the file's purpose" unless $text =~ m{^/\*[^*].{10}}s;
        (my $guard = uc $name) =~ s/\W/_/g;
        push @found, "$name: expected the include guard MDP_$guard" unless $text =~ /^#ifndef MDP_$guard\n#define MDP_$guard\n/m;
        for (Rules::prototypes($text)) {
            my ($called, $line, $doc) = @$_;
            push @found, "$name:$line: $called has no sentence before it" unless $doc =~ $sentence;
        }
    }
    return @found;
}

my $head = "/* what this file is for. */\n#ifndef MDP_BASE_A_H\n#define MDP_BASE_A_H\n";
my $tricky = $head . <<'END';
#include <stdint.h>
#define LIST(X) X(one) X(two)
#define DECLARE(name) extern const int name;
LIST(DECLARE)
#undef DECLARE
typedef int (*callback)(int);
struct s { int a; int (*call)(int); };
enum { COUNT = sizeof(int) };
extern const int table[3];
LIST(DECLARE)

/** Does one thing. Errors: IO (or (nested) parentheses; and a semicolon). */
__attribute__((noinline(1), const)) int one(int a) __attribute__((format(printf, 1, 2)));

/** Does two
 * things. */
static inline int two(int a) { if (a) { return one(a); } return 0; }
struct s *three(void);
/* no docstring. */
int four(void);

/** Belongs to nothing. */

#define SOMETHING 1
int five(void);
#endif
END
is_deeply([map { "$_->[0]:" . ($_->[2] ? 1 : 0) } Rules::prototypes($tricky)], [qw(one:1 two:1 three:0 four:0 five:0)],
    'prototypes are found with their comments');
is(scalar violations(Rules::plant('base/a.h' => $tricky)), 3, 'missing docstrings are found');
is(scalar violations(Rules::plant('base/a.h' => "$head/** Does it. */\nint one(void);\n#endif\n")), 0, 'a good header');
is(scalar violations(Rules::plant('base/a.h' => "$head/** does it */\nint one(void);\n#endif\n")), 1, 'no sentence');
is(scalar violations(Rules::plant('base/a.h' => substr($head, 29) . "#endif\n")), 1, 'no comment at the start');
is(scalar violations(Rules::plant('base/b.h' => "$head#endif\n")), 1, 'the guard of another header');

my $n = 0;
$n += Rules::prototypes(Rules::slurp(Rules::root() . "/$_")) for Rules::files(Rules::root(), qr/\.h$/, @Rules::ROOMS);
ok($n > 50, "the tree has public prototypes: $n");
Rules::check_tree('headers and prototypes are documented', violations(Rules::root()));
done_testing();
