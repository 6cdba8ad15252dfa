#!/usr/bin/perl
# plain text: no tabs, no blanks at line ends, no notes to oneself, no paths of one machine, banners of one form.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Rules;
use Test::More;

my $text_file = qr{(?:\.(?:c|h|cpp|t|pm|py|sh|md|yaml|yml|json|txt|cmake|toml)|/run|/Makefile\.bench)$};
# spelled in parts, so that this file passes its own rule
my $notes = join '|', 'TO' . 'DO', 'FIX' . 'ME', 'X' . 'XX', 'HA' . 'CK';
my $places = '/' . 'work/|/' . 'home/';
# between the parts of a file: one short form, so that it never wraps and is found by one search
my $banner = qr{^(?:/\*|\#)[ ]*-{2,}(?:[ ]|-)};
my $short = qr{^(?:/\* ---- \S.* ---- \*/|\# ---- \S.* ----)$};

sub violations {
    my ($root) = @_;
    my @found;
    for my $name (Rules::files($root, $text_file, '.')) {
        my $text = Rules::slurp("$root/$name");
        push @found, "$name: expected a newline at the end" if length $text && $text !~ /\n\z/;
        push @found, "$name: expected no blank line at the end" if $text =~ /\n\n\z/;
        my $line = 0;
        for (split /\n/, $text) {
            $line++;
            push @found, "$name:$line: a tab" if /\t/ && $name !~ /Makefile/;
            push @found, "$name:$line: a blank or carriage return at the end" if /[ \t\r]$/;
            push @found, "$name:$line: a note to oneself" if /\b(?:$notes)\b/;
            push @found, "$name:$line: a banner that is not of the form ---- name ----" if /$banner/ && $_ !~ /$short/;
            push @found, "$name:$line: a path of one machine" if /(?:^|[^\w.])(?:$places)/;
        }
    }
    return @found;
}

my %bad = (
    'a tab' => "\tint a;\n", 'a blank at the end' => "int a; \n", 'a carriage return' => "int a;\r\n", 'no newline at the end' => 'int a;',
    'a blank line at the end' => "int a;\n\n", 'a note' => '/* TO' . "DO: later */\n", 'another note' => '/* FIX' . "ME */\n",
    'a long banner' => '/* --- name ' . "-------- */\n", 'a banner over two lines' => "/* ---- name ----\n */\n",
    'a machine path' => 'open("/' . "work/x\");\n",
);
is(scalar violations(Rules::plant('base/a.c' => $bad{$_})), 1, $_) for sort keys %bad;
my $good = "/* ---- name ---- */\n\n/* -1 */\n/* --help */\n";
is(scalar violations(Rules::plant('base/a.c' => $good, 'a.sh' => "# ---- name ----\n")), 0, 'good banners');
is(scalar violations(Rules::plant('base/a.c' => "int a;\n", 'Makefile.bench' => "a:\n\tb\n", 'a/run' => "x\n")), 0, 'good text');
Rules::check_tree('text is plain', violations(Rules::root()));
done_testing();
