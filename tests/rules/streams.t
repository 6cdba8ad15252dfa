#!/usr/bin/perl
# only the verbs name standard output: every other room is given the stream that it writes to, so that it can serve another program.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Rules;
use Test::More;

# the verbs and main; and what keeps a user's library from writing to it
my $may = qr{^(?:bench/cmd/|bench/main\.c$|envs/physics/robotics_api\.c$)};

sub violations {
    my ($root) = @_;
    my @found;
    for my $name (grep { !/$may/ } Rules::files($root, qr/\.(?:c|h|cpp)$/, @Rules::ROOMS)) {
        my $line = 0;
        for (split /\n/, Rules::blank(Rules::slurp("$root/$name"))) {
            $line++;
            push @found, "$name:$line: writes to standard output" if /\bstdout\b|\bv?printf\s*\(|\b(?:puts|putchar)\s*\(/;
        }
    }
    return @found;
}

# a line that begins with a text, which may be a path or a name from a file, goes through base/text, which mends it
sub raw_lines {
    my ($root) = @_;
    my @found;
    for my $name (Rules::files($root, qr/\.c$/, @Rules::ROOMS)) {
        my $line = 0;
        for (split /\n/, Rules::slurp("$root/$name")) {
            $line++;
            push @found, "$name:$line: a line of others' text" if /\b(?:printf\(|fprintf\([^,"]*, )"%s(?:\\n|:)/;
        }
    }
    return @found;
}

my $good = <<'END';
/* prints to stdout */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void f(FILE *stream) {
    char text[8];
    snprintf(text, 8, "printf(");
    fprintf(stream, "stdout");
    fputs(text, stream);
}
END
is(scalar violations(Rules::plant('bench/run/a.c' => $good)), 0, 'a stream that is given');
is(scalar violations(Rules::plant('bench/run/a.c' => "void f(void) { $_; }\n")), 1, "$_ in a room")
    for 'printf("x")', 'puts("x")', 'putchar(1)', 'vprintf(format, args)', 'fflush(stdout)', 'printf ("x")';
is(scalar violations(Rules::plant("$_" => "void f(void) { printf(\"x\"); }\n")), 1, "printf in $_")
    for 'base/a.c', 'stats/a.c', 'results/a.c', 'envs/a.c', 'algos/a.c', 'bench/perf/a.h';
is(scalar violations(Rules::plant('bench/cmd/a.c' => "void f(void) { printf(\"x\"); }\n")), 0, 'a verb may');
is(scalar raw_lines(Rules::plant('bench/cmd/a.c' => "void f(void) { $_ }\n")), 1, "$_: a line of others' text")
    for 'printf("%s\\n", path);', 'fprintf(stream, "%s\\n", path);', 'printf("%s: step %ld\\n", path, step);';
is(scalar raw_lines(Rules::plant('bench/cmd/a.c' => "void f(void) { mdp_text_print_line(stdout, \"%s\", path); }\n")), 0, 'a mended line');
Rules::check_tree('lines that begin with a text are mended', raw_lines(Rules::root()));
Rules::check_tree('standard output is named by the verbs alone', violations(Rules::root()));
done_testing();
