#!/usr/bin/perl
# names say what they name: no member, variable or function is called after a preposition or a verb alone.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Rules;
use Test::More;

sub sources { return Rules::files($_[0], qr/\.(?:c|h|cpp)$/, @Rules::ROOMS, 'tests') }

sub nameless {
    my ($root) = @_;
    my @found;
    for my $name (sources($root)) {
        my $line = 0;
        for (split /\n/, Rules::blank(Rules::slurp("$root/$name"))) {
            $line++;
            push @found, "$name:$line: '$1' is no name" if /\b(is|of|at)\b/;
        }
    }
    return @found;
}

is(scalar nameless(Rules::plant('base/a.c' => "$_\n")), 1, $_)
    for 'struct s { int *of; };', 'long at = 0;', 'f(s->is);', 'static int is(int kind);', "f(1,\n  at);";
my $good = "/* is of at */\nstruct s { int is_of, at_end; }; f(\"at\");\n";
is(scalar nameless(Rules::plant('base/a.c' => $good)), 0, 'words in comments, in texts and in longer names');
Rules::check_tree('names say what they name', nameless(Rules::root()));
done_testing();
