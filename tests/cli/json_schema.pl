#!/usr/bin/perl
# checks a JSON document against a JSON schema: the keywords that docs/*.schema.json use, any other is an error.
# usage: json_schema.pl SCHEMA [FILE]; the document comes from FILE or standard input
use strict;
use warnings;
use JSON::PP;

my ($schema_path, $path) = @ARGV;
my $json = JSON::PP->new->utf8->allow_nonref;
my $root;
my @wrong;

sub slurp { local $/; open my $f, '<', $_[0] or die "$_[0]: $!\n"; return <$f>; }

sub kind {
    my ($v) = @_;
    return 'null' unless defined $v;
    return 'array' if ref $v eq 'ARRAY';
    return 'object' if ref $v eq 'HASH';
    return 'boolean' if JSON::PP::is_bool($v);
    my $text = $json->encode($v);
    return 'string' if $text =~ /^"/;
    return $text =~ /^-?\d+$/ ? 'integer' : 'number';
}

sub is_kind {
    my ($v, $wanted) = @_;
    my $kind = kind($v);
    return $kind eq $wanted || ($wanted eq 'number' && $kind eq 'integer');
}

sub same { return $json->canonical->encode([$_[0]]) eq $json->canonical->encode([$_[1]]); }

# calls the check of every keyword; returns the list of what is wrong
sub check {
    my ($schema, $v, $at) = @_;
    my @found;
    my %keyword = (
        type => sub { grep { is_kind($v, $_) } ref $_[0] ? @{ $_[0] } : $_[0] or push @found, "$at: not of type " . $json->encode($_[0]) },
        const => sub { same($v, $_[0]) or push @found, "$at: not " . $json->encode($_[0]) },
        enum => sub { grep { same($v, $_) } @{ $_[0] } or push @found, "$at: not one of " . $json->encode($_[0]) },
        minimum => sub { !is_kind($v, 'number') || $v >= $_[0] or push @found, "$at: $v below $_[0]" },
        maximum => sub { !is_kind($v, 'number') || $v <= $_[0] or push @found, "$at: $v above $_[0]" },
        exclusiveMinimum => sub { !is_kind($v, 'number') || $v > $_[0] or push @found, "$at: $v not above $_[0]" },
        exclusiveMaximum => sub { !is_kind($v, 'number') || $v < $_[0] or push @found, "$at: $v not below $_[0]" },
        minLength => sub { !is_kind($v, 'string') || length $v >= $_[0] or push @found, "$at: shorter than $_[0]" },
        pattern => sub { !is_kind($v, 'string') || $v =~ /$_[0]/ or push @found, "$at: '$v' does not match $_[0]" },
        minItems => sub { ref $v ne 'ARRAY' || @$v >= $_[0] or push @found, "$at: fewer than $_[0] items" },
        items => sub { return unless ref $v eq 'ARRAY'; push @found, check($_[0], $v->[$_], "$at\[$_]") for 0 .. $#$v },
        required => sub { return unless ref $v eq 'HASH'; exists $v->{$_} or push @found, "$at: lacks $_" for @{ $_[0] } },
        properties => sub {
            return unless ref $v eq 'HASH';
            exists $v->{$_} and push @found, check($_[0]{$_}, $v->{$_}, "$at.$_") for sort keys %{ $_[0] };
        },
        additionalProperties => sub {
            die "additionalProperties: only false is known\n" if $_[0];
            return unless ref $v eq 'HASH';
            $schema->{properties}{$_} or push @found, "$at: unknown member $_" for sort keys %$v;
        },
        anyOf => sub { grep { !check($_, $v, $at) } @{ $_[0] } or push @found, "$at: fits no alternative" },
        '$ref' => sub {
            my ($name) = $_[0] =~ m{^#/\$defs/(\w+)$} or die "\$ref $_[0]: only #/\$defs/NAME is known\n";
            push @found, check($root->{'$defs'}{$name} // die("no definition $name\n"), $v, $at);
        },
        map { $_ => sub { } } qw($schema $id $defs title description),
    );
    ($keyword{$_} // die "unknown keyword $_\n")->($schema->{$_}) for sort keys %$schema;
    return @found;
}

$root = $json->decode(slurp($schema_path));
my $text = defined $path ? slurp($path) : do { local $/; <STDIN> };
@wrong = check($root, $json->decode($text), '$');
print "$_\n" for @wrong;
exit(@wrong ? 1 : 0);
