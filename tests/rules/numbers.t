#!/usr/bin/perl
# numbers of pages that name their table stand there as the table has them
use strict;
use warnings;
use File::Temp 'tempdir';
use FindBin;
use lib $FindBin::Bin;
use Rules;
use Test::More;

my $root = "$FindBin::Bin/../..";

sub put {
    my ($path, $text) = @_;
    open my $file, '>', $path or die "$path: $!";
    print $file $text;
    close $file;
}

sub run_on {
    my (@args) = @_;
    open my $out, '-|', $^X, "$root/docs/numbers.pl", @args or die $!;
    local $/;
    my $text = <$out> // '';
    close $out;
    return ($? >> 8, $text);
}

# the rule can fail
my $dir = tempdir(CLEANUP => 1);
put("$dir/t.json", '{"rows": [{"task": "a", "p": 0.09375, "shift": 0.188, "shift_lo": 0.02, "shift_hi": 0.477},'
        . ' {"task": "b", "p": null}]}');
my $source = "<!--\@source t t.json-->\n";
my %pages = (
    'another number' => ["<!--\@ t; task=a; p %.3f-->0.008<!--\@-->\n", qr/expected 0\.094, found 0\.008/],
    'a number that is none' => ["<!--\@ t; task=b; p %.3f-->0.1<!--\@-->\n", qr/expected a number/],
    'no such row' => ["<!--\@ t; task=c; p %.3f-->0.1<!--\@-->\n", qr/expected one row, found 0/],
    'two rows' => ["<!--\@ t; p %.3f-->0.1<!--\@-->\n", qr/expected one row, found 2/],
    'no such table' => ["<!--\@ u; task=a; p %.3f-->0.1<!--\@-->\n", qr/no <!--\@source u/],
    'no end' => ["<!--\@ t; task=a; p %.3f-->0.094\n", qr/found 0 of 1/],
);
for my $case (sort keys %pages) {
    put("$dir/p.md", $source . $pages{$case}[0]);
    my ($status, $text) = run_on("$dir/p.md");
    ok($status == 1 && $text =~ $pages{$case}[1], "$case is found") or diag $text;
}
put("$dir/t.md", "**t**\n\n| task | n | p |\n|---|---|---|\n| a | 3 | 0.1 |\n| b | 0 | - |\n");
put("$dir/p.md", "<!--\@table t.md-->\n| task | n | p |\n<!--\@end-->\n");
{
    my ($status, $text) = run_on("$dir/p.md");
    ok($status == 1 && $text =~ /other rows/, 'another table is found');
    run_on('--write', "$dir/p.md");
    is(Rules::slurp("$dir/p.md"), "<!--\@table t.md-->\n| task | n | p |\n|---|---|---|\n| a | 3 | 0.1 |\n<!--\@end-->\n", 'rows that were run are put in');
}
put("$dir/n.md", "**t**\n\n| task | p |\n|---|---|\n| a | 0.1 |\n| ab | 0.2 |\n| all | 0.3 |\n\n- 9 trials.\n");
put("$dir/p.md", "<!--\@table n.md; a-->\n<!--\@end-->\n<!--\@notes n.md-->\n- 8 trials.\n<!--\@end-->\n");
{
    my ($status, $text) = run_on("$dir/p.md");
    is(scalar(() = $text =~ /other rows/g), 2, 'other lines below a table are found');
    run_on('--write', "$dir/p.md");
    is(Rules::slurp("$dir/p.md"), "<!--\@table n.md; a-->\n| task | p |\n|---|---|\n| a | 0.1 |\n<!--\@end-->\n"
            . "<!--\@notes n.md-->\n- 9 trials.\n<!--\@end-->\n", 'some rows and the lines below are put in');
    put("$dir/p.md", "<!--\@table n.md; b-->\n<!--\@end-->\n");
    ($status, $text) = run_on("$dir/p.md");
    ok($status == 1 && $text =~ /expected a table, found none/, 'rows that are not there are found');
}
put("$dir/p.md", $source . "<!--\@ t; task=a; p %.3f-->?<!--\@--> <!--\@ t; task=a; shift %+.2f ci-->?<!--\@-->\n");
run_on('--write', "$dir/p.md");
like(Rules::slurp("$dir/p.md"), qr/-->0\.094<!--\@--> .*-->\+0\.19 \[0\.02, 0\.48\]<!/, '--write fills in');

my @pages = grep { Rules::slurp("$root/$_") =~ /<!--\@(?:source|table)/ } Rules::files($root, qr/\.md$/, '.');
cmp_ok(scalar @pages, '>=', 1, 'pages with numbers from tables: ' . scalar @pages);
my ($status, $text) = run_on(map { "$root/$_" } @pages);
is($status, 0, 'every number is its table\'s') or diag $text;
done_testing();
