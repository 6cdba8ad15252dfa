#!/usr/bin/perl
# names say what they name, and every source and every long function says why it is there.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Rules;
use Test::More;

my $max_silent = 25;

# no member, variable or function is called after a preposition or a verb alone
sub nameless {
    my ($root) = @_;
    my @found;
    for my $name (Rules::files($root, qr/\.(?:c|h|cpp)$/, @Rules::ROOMS, 'tests')) {
        my $line = 0;
        for (split /\n/, Rules::blank(Rules::slurp("$root/$name"))) {
            $line++;
            push @found, "$name:$line: '$1' is no name" if /\b(is|of|at)\b/;
        }
    }
    return @found;
}

# a header's opening comment stands for its source, and the docstring of a prototype for its function
sub silent {
    my ($root) = @_;
    my @sources = Rules::files($root, qr/\.(?:c|h|cpp)$/, @Rules::ROOMS);
    my %documented = map { $_->[2] ? ($_->[0] => 1) : () } map { Rules::prototypes(Rules::slurp("$root/$_")) } grep { /\.h$/ } @sources;
    my @found;
    for my $name (@sources) {
        my $text = Rules::slurp("$root/$name");
        (my $header = $name) =~ s/\.\w+$/.h/;
        push @found, "$name:1: expected a comment on the file's purpose" unless -f "$root/$header" || $text =~ m{^/\*[^*].{10}}s;
        my @lines = split /\n/, $text;
        for (Rules::functions($text)) {
            my ($called, $line, $n_lines) = @$_;
            next if $n_lines <= $max_silent || $documented{$called};
            push @found, "$name:$line: $called has $n_lines lines and no comment on why" if $lines[$line - 2] !~ m{^(?!/\* ----).*\*/$};
        }
    }
    return @found;
}

is(scalar nameless(Rules::plant('base/a.c' => "$_\n")), 1, $_)
    for 'struct s { int *of; };', 'long at = 0;', 'f(s->is);', 'static int is(int kind);', "f(1,\n  at);";
my $good = "/* is of at */\nstruct s { int is_of, at_end; }; f(\"at\");\n";
is(scalar nameless(Rules::plant('base/a.c' => $good)), 0, 'words in comments, in texts and in longer names');

my $why = "/* what it is there for. */\n";
my ($short, $long) = map { "int f(void) {\n" . "    a++;\n" x ($_ - 2) . "}\n" } 25, 26;
my $header = "${why}/** Does it. */\nint f(void);\n";
is(scalar silent(Rules::plant('base/a.c' => "$why\n$short")), 0, 'a short function needs no comment');
is(scalar silent(Rules::plant('base/a.c' => "$why\n$long")), 1, 'a long one needs one');
is(scalar silent(Rules::plant('base/a.c' => "$why\n$why$long")), 0, 'and has it');
is(scalar silent(Rules::plant('base/a.c' => "$why\n/* ---- name ---- */\n$long")), 1, 'a banner is none');
is(scalar silent(Rules::plant('base/a.c' => "\n$short")), 1, 'a source without header and comment');
is(scalar silent(Rules::plant('base/a.c' => "\n$long", 'base/a.h' => $header)), 0, 'a header speaks for its source');

Rules::check_tree('names say what they name', nameless(Rules::root()));
Rules::check_tree('sources and long functions say why they are there', silent(Rules::root()));
done_testing();
