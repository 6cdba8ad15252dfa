#!/usr/bin/perl
# checks that standard input is well-formed XML of the kind that reports are: one root, tags that close in order, quoted
# attributes, no bare & or <
use strict;
use warnings;

my $text = do { local $/; <STDIN> };
my (@open, $n_roots);
$text =~ s/^<\?xml version="1.0" encoding="UTF-8"\?>\s*// or die "no XML declaration\n";
while ($text =~ /\G([^<]*)(?:<(\/?)([A-Za-z][\w.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>|$)/gc) {
    my ($between, $close, $name, $attributes, $empty) = ($1, $2, $3, $4 // '', $5);
    for ($between, $attributes) {
        die "bare & in '$_'\n" if /&(?!(?:amp|lt|gt|quot|apos);)/;
    }
    die "text outside the root\n" if !@open && $between =~ /\S/;
    last unless defined $name;
    if ($close) {
        my $expected = pop @open // 'nothing';
        die "expected </$expected>, found </$name>\n" if $expected ne $name;
    } elsif (!$empty) {
        $n_roots++ unless @open;
        push @open, $name;
    }
}
die "not XML at '" . substr($text, pos($text) // 0, 40) . "'\n" if (pos($text) // 0) < length $text;
die "not closed: @open\n" if @open;
die "expected one root, found " . ($n_roots // 0) . "\n" if ($n_roots // 0) != 1;
