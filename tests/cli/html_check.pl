#!/usr/bin/perl
# reads a page strictly: elements are known and nest, ids are single, links within it lead somewhere, nothing is loaded from elsewhere.
# html_check.pl FILE [ELEMENT..]: complaints on standard output, and exit status 1 if there are any; the elements are allowed besides
use strict;
use warnings;

my ($path, @more) = @ARGV;
open my $file, '<:raw', $path or die "$path: $!\n";
my $text = do { local $/; <$file> };
my $copy = $text;
my $is_utf8 = utf8::decode($copy);
my %empty = map { $_ => 1 } qw(meta img input br);
my %known = map { $_ => 1 } qw(html head meta title style body main footer h1 h2 h3 h4 p section div table caption thead tbody tr th td a
    ul li figure img script figcaption details summary pre span svg path), @more;
my (@open, %id, @links, @found);
push @found, 'no UTF-8' unless $is_utf8;
push @found, 'no document type' unless $text =~ s/\A<!DOCTYPE html>\n//;
push @found, "a policy that lets requests out" unless $text =~ /Content-Security-Policy" content="default-src 'none'; img-src data:;/;
my @inner;
$text =~ s{(<(script|style)[^>]*>)(.*?)</\2>}{push @inner, [$2, $3]; "$1</$2>"}gse;
push @found, "$_->[0]: loads something" for grep { $_->[0] eq 'style' && $_->[1] =~ /url\(|\@import/ } @inner;
my @tokens = $text =~ /(<[^>]*>|[^<]+|<)/g;
for my $token (@tokens) {
    if ($token =~ /^[^<]/) {
        push @found, "a text with '&': $token" if $token =~ /&(?!(?:amp|lt|gt|quot);)/;
    } elsif ($token =~ m{^</([a-z0-9]+)>$}) {
        my $last = pop @open // 'nothing';
        push @found, "</$1> in $last" if $last ne $1;
    } elsif ($token =~ m{^<([a-z0-9]+)((?: [a-zA-Z-]+(?:="[^"<]*")?)*)(/?)>$}) {
        my ($name, $attributes, $closed) = ($1, $2, $3);
        push @found, "<$name> is none of ours" unless $known{$name};
        while ($attributes =~ / ([a-zA-Z-]+)(?:="([^"]*)")?/g) {
            my ($key, $value) = ($1, $2 // '');
            push @found, "$name: attribute $key" if $key =~ /^on/;
            push @found, "$key $value twice" if $key eq 'id' && $id{$value}++;
            push @links, $value if $key eq 'href';
            push @found, "$name: $key=" . substr $value, 0, 60 if $key eq 'src' && $value !~ m{^data:image/(?:svg\+xml|gif);base64,[A-Za-z0-9+/]+=*$};
        }
        push @open, $name unless $empty{$name} || $closed;
    } else {
        push @found, 'markup that is none: ' . substr $token, 0, 60;
    }
}
push @found, "not closed: @open" if @open;
push @found, "a link to $_" for grep { !/^#(.+)/ || !$id{$1} } @links;
print "$path: $_\n" for @found;
exit(@found ? 1 : 0);
