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

# texts in the middle of a line: an argument for %s that is called as paths, names and messages are. what such a text goes through instead, or why it
# can hold nothing that is obeyed:
my %mended = (
    'bench/cmd/completion.c' => 'names of our own lists',
    'bench/cmd/help.c' => 'texts of our own verbs',
    'bench/cmd/paragraphs.c' => 'as in help.c',
    'bench/compare/compare.c' => 'the verdict, printed by mdp_text_print_line and the table writers',
    'bench/compare/verdict.c' => 'as in compare.c',
    'bench/exchange/inspect_show.c' => 'names of our own facts; those of files go through mdp_text_put',
    'bench/experiment/plan.c' => 'arguments of commands: letters, digits and . _ + - / alone, checked when the experiment is read',
    'bench/experiment/plan_make.c' => 'as in plan.c',
    'bench/gate/baseline.c' => 'a list of paths in memory, whose printers mend it',
    'bench/gate/history.c' => 'a label, checked on reading; titles go through mdp_text_put',
    'bench/gate/report.c' => 'the verdict, mended where it is made',
    'bench/gate/report_ci.c' => 'names of our own tests; texts of files go through the escapes of TAP and XML',
    'bench/gate/report_github.c' => 'words of our own; texts of files go through its escapes',
    'bench/perf/perf.c' => 'names of our own measurements',
    'bench/render/picture.c' => 'names of attributes, of our own list',
    'bench/run/outputs.c' => 'a message in memory, mended by mdp_fail',
    'bench/run/settings.c' => 'names of our own settings',
    'bench/cluster/slurm.c' => 'paths of letters, digits and . _ + - / alone, which plan has checked, in scripts',
    'bench/selftest/report.c' => 'titles of rows and verdicts, mended where they are made',
    'bench/verify/env_transitions.c' => 'names of our own tables',
    'bench/verify/recording.c' => 'names of our own tables; texts of files go through mdp_put_tap',
    'bench/verify/report.c' => 'lines that are mended one by one as they are written',
    'bench/verify/stats_case.c' => 'messages of mdp_fail and names from a list of ours',
    'envs/physics/robotics_model.c' => 'names of our own robots',
    'results/show/live.c' => 'names of our own numbers; that of the run goes through JSON',
    'results/show/figure_page.c' => 'a colour; labels go through put_text',
    'results/show/figure_parts.c' => 'in gnuplot\'s quotes by put_text; formats of our own',
);
my $called = qr/(?:\b|_)(?:paths?|labels?|titles?|tasks?|task_name|reason|message|folder|leaf|files?|env_id|names?|text|unlike|what|id|test|policy|candidate|baseline|source)\b(?!\()/;

# calls of a stream's printf, each as [line, arguments without their literals], that print such a text
sub inner_texts {
    my ($code) = @_;
    my $part = qr/[^()";]|"(?:[^"\\]|\\.)*"/;
    my @found;
    while ($code =~ /\bf?printf\(((?:$part|(\((?:$part|(?2))*\)))*)\)/g) {
        my ($call, $line) = ($1, 1 + (substr($code, 0, $-[0]) =~ tr/\n//));
        (my $arguments = $call) =~ s/"(?:[^"\\]|\\.)*"//g;
        push @found, $line if $call =~ /%[-.*\d]*s/ && $arguments =~ $called;
    }
    return @found;
}

sub raw_texts {
    my ($root, $excepted) = @_;
    my (@found, %used);
    for my $name (Rules::files($root, qr/\.c$/, @Rules::ROOMS)) {
        my @lines = inner_texts(Rules::slurp("$root/$name")) or next;
        $used{$name} = 1;
        push @found, map { "$name:$_: others' text in a line that is printed as it is: mdp_text_print_line or mdp_text_put" } @lines if !$excepted->{$name};
    }
    push @found, map { "$_: its exception is not needed" } grep { !$used{$_} } sort keys %$excepted;
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
is(scalar raw_texts(Rules::plant('bench/run/a.c' => "void f(void) { $_ }\n"), {}), 1, "$_: a text in a line")
    for 'fprintf(stream, "run %s\\n", run->path);', 'printf("%ld of %-20s\\n", n, name);', 'fprintf(stream, "a (%s) b", f(x)->label);',
    "fprintf(stream,\n \"a %s\",\n entry->d_name);", 'fprintf(stderr, "%s: %.*s\\n", "x", n, message);';
is_deeply([raw_texts(Rules::plant('bench/run/a.c' => "void f(void) { $_ }\n"), {})], [], "$_: none")
    for 'fprintf(stream, "%s\\n", n == 1 ? "" : "s");', 'snprintf(text, 8, "%s", path);', 'mdp_text_print_line(stream, "run %s", path);',
    'fprintf(stream, "path %d\\n", path->n);', 'fprintf(stream, "%s", mdp_hurt_name(hurt));';
is(scalar raw_texts(Rules::plant('bench/run/a.c' => 'fprintf(stream, "%s", path);'), { 'bench/run/a.c' => 'why' }), 0, 'an exception');
is(scalar raw_texts(Rules::plant('bench/run/a.c' => ''), { 'bench/run/a.c' => 'why' }), 1, 'an exception that is not needed');
Rules::check_tree('texts of others within a line are mended', raw_texts(Rules::root(), \%mended));
Rules::check_tree('lines that begin with a text are mended', raw_lines(Rules::root()));
Rules::check_tree('standard output is named by the verbs alone', violations(Rules::root()));
done_testing();
