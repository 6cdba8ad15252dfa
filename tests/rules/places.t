#!/usr/bin/perl
# facts that have one place: a text in code that says one of them stands in the file that owns it, and in no other.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Rules;
use Test::More;

# [what, pattern of a string literal, the source and header that own it]
my $kinds = 'diffusion|guidance|behavior|episodes';
my @places = (
    ['the step in a file name', qr/step%[0*\d]*l?d/, 'bench/run/names'],
    ['the ending of a kind of file', qr/^\.(?:$kinds)\.h5|%\S*\.(?:$kinds)\.h5/, 'bench/run/names'],
    ['the folder of a seed', qr{/seed%}, 'bench/run/names'],
);

sub violations {
    my ($root) = @_;
    my @found;
    for my $name (Rules::files($root, qr/\.(?:c|h|cpp)$/, @Rules::ROOMS)) {
        my $line = 0;
        for (split /\n/, Rules::slurp("$root/$name")) {
            $line++;
            for my $literal (/"((?:[^"\\]|\\.)*)"/g) {
                for my $place (@places) {
                    my ($what, $pattern, $owner) = @$place;
                    push @found, "$name:$line: $what is that of $owner" if $name !~ m{^\Q$owner\E\.[ch]$} && $literal =~ $pattern;
                }
            }
        }
    }
    return @found;
}

# names and folders of paths are cut in one place; what is cut by another slash is listed with its reason
my %other_slash = ('base/path.c' => 'the place', 'base/memory.c' => 'names of control groups, up to the root');

sub cuts {
    my ($root) = @_;
    my @found;
    for my $name (grep { !$other_slash{$_} } Rules::files($root, qr/\.(?:c|h|cpp)$/, @Rules::ROOMS)) {
        my $line = 0;
        for (split /\n/, Rules::slurp("$root/$name")) {
            $line++;
            push @found, "$name:$line: a path is cut by mdp_path_name, mdp_path_folder or mdp_path_ends" if m{\bstrrchr\(.*'/'\)};
        }
    }
    return @found;
}

is(scalar cuts(Rules::plant('bench/a.c' => "$_;\n")), 1, "$_: cut by hand") for "char *s = strrchr(path, '/')", "f(strrchr(name_of(x), '/') + 1)";
is(scalar cuts(Rules::plant('bench/a.c' => "$_;\n")), 0, "$_: fine") for "char *s = strrchr(text, ':')", 'mdp_path_name(path)';
is(scalar cuts(Rules::plant('base/path.c' => "char *s = strrchr(path, '/');\n")), 0, 'its place may');
Rules::check_tree('paths are cut in one place', cuts(Rules::root()));

my @bad = ('"%s/step%06ld%s"', '"%s/step%0*ld"', '".episodes.h5"', '"%s.guidance.h5"', '"%s/seed%lu"');
is(scalar violations(Rules::plant('bench/a.c' => "f($_);\n")), 1, "$_ has its place") for @bad;
my @good = ('"Writes stepNNNNNN.diffusion.h5 per checkpoint"', '"mdpbench compare new.episodes.h5 old.episodes.h5"', '"step %ld"');
is_deeply([violations(Rules::plant('bench/a.c' => "f($_);\n"))], [], "$_ may stand anywhere") for @good;
is_deeply([violations(Rules::plant('bench/run/names.c' => join '', map { "f($_);\n" } @bad))], [], 'its place may say it');

Rules::check_tree('every fact is said in its place', violations(Rules::root()));
done_testing();
