#!/usr/bin/perl
# numbers of a page that come from committed tables: filled in, or checked.
#
#   docs/numbers.pl [--write] PAGE...
#
# a page names its tables once, relative to itself:   <!--@source NAME FILE.json-->
# and a number by its row and column:                 <!--@ NAME; KEY=VALUE; ..; COLUMN FORMAT-->+0.19<!--@-->
# a whole table, without the rows of what has not been run:   <!--@table FILE.md-->, the rows, <!--@end--> on lines of
# their own; behind a semicolon what the first cell of a row has to be, <!--@table FILE.md; ROWS-->. the lines below a
# table: <!--@notes FILE.md-->, <!--@end-->. FORMAT is printf's; `ci` behind it adds the column's interval in brackets.
# exactly one row must fit. without --write what its table does not hold is an error: exit status 1, a line each.
# tests/rules/numbers.t runs it.
use strict;
use warnings;
use File::Basename;
use JSON::PP;

my $write = @ARGV && $ARGV[0] eq '--write' ? shift : 0;
my ($page, %tables);

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!\n";
    local $/;
    return scalar <$file>;
}

sub number {
    my ($value, $what) = @_;
    die "$what: expected a number, found none\n" unless defined $value && $value =~ /^-?[\d.]+(?:e[-+]?\d+)?$/i;
    return $value;
}

# the text that belongs between the marks
sub value_of {
    my ($mark) = @_;
    my ($name, @parts) = split /\s*;\s*/, $mark;
    my $table = $tables{$name} or die "no <!--\@source $name ..-->\n";
    my ($column, $format, $ci) = split ' ', pop @parts // '';
    die "expected COLUMN FORMAT at the end\n" unless defined $format && $format =~ /^%[-+]?\d*(?:\.\d+)?[dfg]$/;
    my @rows = grep {
        my $row = $_;
        !grep { my ($key, $value) = split /=/, $_, 2; ($row->{$key} // '') ne $value } @parts;
    } @{ $table->{rows} };
    die 'expected one row, found ' . @rows . "\n" unless @rows == 1;
    my $text = sprintf $format, number($rows[0]{$column}, $column);
    return $text unless defined $ci;
    (my $plain = $format) =~ s/\+//;
    return $text . sprintf " [$plain, $plain]", map { number($rows[0]{"${column}_$_"}, "${column}_$_") } qw(lo hi);
}

# the rows of a table in Markdown but those of 0 runs or seeds; with a first cell, those alone that begin with it
sub rows_of {
    my ($path, $first) = @_;
    my ($head, $line, @rows) = grep { /^\|/ } split /\n/, slurp($path);
    @rows = grep { /^\| \Q$first\E \|/ } @rows if defined $first;
    die "expected a table, found none\n" unless @rows;
    return join '', map { "$_\n" } $head, $line, grep { !/\| 0 \| (?:0|-) \|/ } @rows;
}

# the lines below a table in Markdown
sub notes_of {
    my ($path) = @_;
    my @notes = grep { /^- / } split /\n/, slurp($path);
    die "expected lines below a table, found none\n" unless @notes;
    return join '', map { "$_\n" } @notes;
}

my $failed = 0;
for (@ARGV) {
    $page = $_;
    my $text = slurp($page);
    %tables = map { my ($name, $path) = @$_; $name => decode_json(slurp(dirname($page) . "/$path")) }
        map { [split ' '] } $text =~ /<!--\@source (.*?)-->/g;
    my $n = () = $text =~ /<!--\@ /g;
    my $n_whole = () = $text =~ /<!--\@ .*?-->[^<]*<!--\@-->/g;
    if ($n != $n_whole) { print "$page: expected <!--\@--> behind each number, found $n_whole of $n\n"; $failed = 1; }
    (my $new = $text) =~ s{(<!--\@ (.*?)-->)([^<]*)(<!--\@-->)}{
        my ($start, $mark, $found, $end) = ($1, $2, $3, $4);
        my $want = eval { value_of($mark) };
        if (!defined $want) { print "$page: $mark: $@"; $failed = 1; $want = $found; }
        elsif (!$write && $want ne $found) { print "$page: $mark: expected $want, found $found\n"; $failed = 1; }
        $start . $want . $end;
    }ge;
    $new =~ s{(<!--\@(table|notes) ([^;\s]+)(?:; (.*?))?-->\n)(.*?)(<!--\@end-->)}{
        my ($start, $what, $path, $first, $found, $end) = ($1, $2, $3, $4, $5, $6);
        my $file = dirname($page) . "/$path";
        my $want = eval { $what eq 'table' ? rows_of($file, $first) : notes_of($file) };
        if (!defined $want) { print "$page: $path: $@"; $failed = 1; $want = $found; }
        elsif (!$write && $want ne $found) { print "$page: $path: the page has other rows\n"; $failed = 1; }
        $start . $want . $end;
    }gse;
    next unless $write && !$failed && $new ne $text;
    open my $file, '>:raw', "$page.new" or die "$page.new: $!\n";
    print $file $new;
    close $file or die "$page.new: $!\n";
    rename "$page.new", $page or die "$page: $!\n";
}
exit $failed;
