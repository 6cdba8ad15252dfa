# what the rules of the tree share: lists of files, a view of C without comments, a planted tree for self-tests.
package Rules;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use File::Find;
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

our @EXPORT = qw(root files slurp blank functions prototypes plant rooms room_of circles check_tree);
our @ROOMS = qw(base stats results envs algos bench);

# the tree under test
sub root { return abs_path(dirname(__FILE__) . '/../..') }

sub slurp {
    my ($path) = @_;
    open my $file, '<', $path or die "$path: $!";
    local $/;
    my $text = <$file>;
    close $file;
    return $text // '';
}

# relative names of the files below some folders whose name matches; data and build folders are not ours to judge
sub files {
    my ($root, $pattern, @folders) = @_;
    my @found;
    for my $folder (grep { -d "$root/$_" } @folders) {
        find({ no_chdir => 1, wanted => sub {
            if (-d && m{/(?:build[^/]*|reference|runs|datasets|\.git)$}) { $File::Find::prune = 1; return }
            push @found, $File::Find::name if -f && $_ =~ $pattern;
        } }, "$root/$folder");
    }
    s{^\Q$root\E/(?:\./)?}{} for @found;
    return sort @found;
}

# the same text, as long and with the same lines, with blanks for comments, directives, attributes and the insides of literals
sub blank {
    my ($text) = @_;
    my $blanks = sub { my $part = shift; $part =~ s/[^\n]/ /g; $part };
    $text =~ s{(/\*.*?\*/|//[^\n]*)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')}{
        defined $1 ? $blanks->($1) : substr($2, 0, 1) . ' ' x (length($2) - 2) . substr($2, -1)}gse;
    $text =~ s{^([ ]*\#(?:[^\n]*\\\n)*[^\n]*)}{$blanks->($1)}gme;
    return without_attributes($text);
}

# attributes look like calls
sub without_attributes {
    my ($text) = @_;
    $text =~ s{(__attribute__\s*(\((?:[^()]++|(?2))*\)))}{(my $part = $1) =~ s/[^\n]/ /g; $part}ge;
    return $text;
}

# [name, first line, number of lines] of every function body of a C or C++ text
sub functions {
    my ($text) = @_;
    my $code = blank($text);
    my ($depth, $start, @found, @open, $name, $first) = (0, 0);
    while ($code =~ /([{};])/g) {
        my ($char, $end) = ($1, pos($code));
        my $head = substr($code, $start, $end - 1 - $start);
        if ($char eq '{') {
            # a linkage block, a namespace and a type in C++ hold functions; they are no level of their own
            my $is_open = $depth == 0 && $head !~ /\)/ && $head !~ /=\s*$/ && $head =~ /\b(?:extern|namespace|class|struct)\b/;
            push @open, $is_open ? 'open' : 'block';
            if (!$is_open) {
                if ($depth == 0 && $head =~ /\)[\s\w]*$/ && $head =~ /(\w+)\s*\(/ && $head !~ /=\s*$/) {
                    $name = $1;
                    $head =~ /^(\s*)/;
                    $first = 1 + (substr($code, 0, $start + length $1) =~ tr/\n//);
                }
                $depth++;
            }
        } elsif ($char eq '}') {
            if ((pop @open // 'block') eq 'block') {
                $depth-- if $depth > 0;
                if ($depth == 0 && defined $name) {
                    push @found, [$name, $first, 2 + (substr($code, 0, $end) =~ tr{\n}{}) - $first];
                    undef $name;
                }
            }
        }
        $start = $end if $depth == 0;
    }
    return @found;
}

# [name, line, doc comment or ''] of every prototype and inline function of a header
sub prototypes {
    my ($text) = @_;
    my $code = blank($text);
    $text = without_attributes($text);
    my ($depth, $start, @found) = (0, 0);
    while ($code =~ /([{};])/g) {
        my ($char, $end) = ($1, pos($code));
        my $head = substr($code, $start, $end - 1 - $start);
        if ($depth == 0 && $char ne '}') {
            # a macro that is called without a semicolon is no part of what follows it
            $head =~ s/^(\s*\w+\(\w+\)[ ]*\n)(?=.*\S)/' ' x length($1)/se;
            if ($head =~ /(\w+)\s*\(/ && $head !~ /^\s*typedef\b/ && $head !~ /=/) {
                my $name = $1;
                $head =~ /^(\s*)/;
                my $at = $start + length $1;
                my ($doc) = substr($text, 0, $at) =~ m{(/\*\*(?:(?!\*/).)*\*/)[ ]*\n?[ ]*\z}s;
                push @found, [$name, 1 + (substr($text, 0, $at) =~ tr/\n//), $doc // ''];
            }
        }
        $depth++ if $char eq '{';
        $depth-- if $char eq '}' && $depth > 0;
        $start = $end if $depth == 0;
    }
    return @found;
}

# writes files (name => text) into a temporary tree and returns its path
sub plant {
    my (%texts) = @_;
    my $root = tempdir(CLEANUP => 1);
    for my $name (keys %texts) {
        make_path(dirname("$root/$name"));
        open my $file, '>', "$root/$name" or die "$root/$name: $!";
        print $file $texts{$name};
        close $file;
    }
    return $root;
}

# rooms.txt: room => [rooms that it may know], itself and base first; the second value is the order of the lines
sub rooms {
    my ($text) = @_;
    my (%may, @order);
    for (grep { !/^(?:#|$)/ } split /\n/, $text) {
        /^([a-z\/]+):((?: [a-z\/]+)*)$/ or die "rooms.txt: expected 'room: rooms', found '$_'\n";
        my ($room, @known) = ($1, split ' ', $2);
        my %once;
        $may{$room} = [grep { !$once{$_}++ } $room, 'base', @known];
        push @order, $room;
    }
    return (\%may, @order);
}

# the room of a file: that of the longest folder before its name; '' if it is in none
sub room_of {
    my ($name, $may) = @_;
    while ($name =~ s{/[^/]*$}{}) {
        return $name if $may->{$name};
    }
    return '';
}

# circles of a graph (node => {node => 1}): lists of nodes that reach each other
sub circles {
    my ($graph) = @_;
    my (%index, %low, @stack, %on, @found, $visit);
    $visit = sub {
        my ($node) = @_;
        $index{$node} = $low{$node} = keys %index;
        push @stack, $node;
        $on{$node} = 1;
        for my $next (sort keys %{ $graph->{$node} // {} }) {
            if (!defined $index{$next}) {
                $visit->($next);
                $low{$node} = $low{$next} if $low{$next} < $low{$node};
            } elsif ($on{$next}) {
                $low{$node} = $index{$next} if $index{$next} < $low{$node};
            }
        }
        return if $low{$node} != $index{$node};
        my @circle;
        do {
            push @circle, pop @stack;
            delete $on{ $circle[-1] };
        } while ($circle[-1] ne $node);
        push @found, [sort @circle] if @circle > 1;
    };
    defined $index{$_} or $visit->($_) for sort keys %$graph;
    return @found;
}

# the rule holds for the tree: lists what breaks it
sub check_tree {
    my ($what, @violations) = @_;
    ok(!@violations, $what);
    diag("$_") for @violations;
    return;
}

1;
