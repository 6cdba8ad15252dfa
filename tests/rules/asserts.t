#!/usr/bin/perl
# no test only shows that nothing crashed: each one looks at a value, a message, a failure, or asks a question of a function whose answer may be
# no, which the same file shows. a script's tests compare what a command printed or wrote, besides that it ended well.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Rules;
use Test::More;

# name => body of the functions of a file and of the helpers of tests/ that it includes
sub bodies {
    my ($root, $name, $seen) = @_;
    return () if $seen->{$name}++ || !-f "$root/$name";
    my $text = Rules::slurp("$root/$name");
    my @lines = split /\n/, Rules::blank($text), -1;
    my %body = map { $_->[0] => join "\n", @lines[$_->[1] - 1 .. $_->[1] + $_->[2] - 2] } Rules::functions($text);
    for my $other ($text =~ m{^#include "(tests/[\w/]+)\.h"}mg) {
        %body = (bodies($root, "$other.c", $seen), bodies($root, "$other.h", $seen), %body) if $other ne 'tests/tap';
    }
    return %body;
}

# the functions that a file also expects to fail: that they do not is an answer
sub may_fail { my ($body) = @_; return map { $_ => 1 } map { /\bCHECK_FAILS\(\s*(\w+)\s*\(/g } values %$body }

sub asserts {
    my ($body, $fails, $function, $seen) = @_;
    my $code = $body->{$function};
    return 0 if !defined $code || $seen->{$function}++;
    return 1 if $code =~ /\b(?:CHECK(?!_OK)\w*|tap_failed)\s*\(/;
    return 1 if grep { $fails->{$_} } $code =~ /\bCHECK_OK\(\s*(\w+)\s*\(/g;
    return scalar grep { asserts($body, $fails, $_, $seen) } $code =~ /\b([a-z]\w+)\b/g;
}

sub idle_tests {
    my ($root) = @_;
    my @found;
    for my $name (grep { $_ ne 'tests/tap_sample.c' } Rules::files($root, qr/\.c$/, 'tests')) {
        my @tests = Rules::blank(Rules::slurp("$root/$name")) =~ /\bTAP_TEST(?:_LIMIT)?\((\w+)/g or next;
        my %body = bodies($root, $name, {});
        my %fails = may_fail(\%body);
        push @found, map { "$name: $_ looks at nothing but that it ended" } grep { !asserts(\%body, \%fails, $_, {}) } @tests;
    }
    return @found;
}

# a script's calls that look at what came of a command
my $looks = qr/^\s*(?:check|expect|same\w*|fits|says|json|is|isnt|like|unlike|cmp_ok|is_deeply|Rules::check_tree)\b/m;
sub idle_scripts {
    my ($root) = @_;
    return map { "$_: looks at nothing but that commands ended" } grep { Rules::slurp("$root/$_") !~ $looks } Rules::files($root, qr/\.t$/, 'tests');
}

sub test_file { my ($code) = @_; return Rules::plant('tests/unit/a.c' => "$code\nint main(void) { return run(TAP_TEST(test_a)); }\n") }
is(scalar idle_tests(test_file($_)), 1, "$_: no assertion") for 'static void test_a(void) { f(); }', 'static void test_a(void) { CHECK_OK(f(1)); g(); }',
    'static void g(void) { CHECK_OK(f(2)); } static void test_a(void) { g(); }', 'static void test_a(void) { /* CHECK(1); */ f("CHECK(1)"); }';
is(scalar idle_tests(test_file($_)), 0, "$_: one") for 'static void test_a(void) { CHECK(f() == 1); }', 'static void test_a(void) { CHECK_FAILS(f(), 1, "x"); }',
    'static void g(void) { CHECK_INT(f(2), 2); } static void test_a(void) { each(g); }',
    'static void test_b(void) { CHECK_FAILS(f(0), 1, "x"); } static void test_a(void) { CHECK_OK(f(1)); }';
my $helper = Rules::plant('tests/help.h' => "static inline void look(void) { CHECK(1 == f()); }\n",
    'tests/unit/a.c' => "#include \"tests/help.h\"\nstatic void test_a(void) { look(); }\nint main(void) { return run(TAP_TEST(test_a)); }\n");
is(scalar idle_tests($helper), 0, 'one in a helper');
is(scalar idle_scripts(Rules::plant('tests/cli/a.t' => "works 'it runs' \"\$mdpbench\" table x\nfinish\n")), 1, 'a script that only runs');
is(scalar idle_scripts(Rules::plant('tests/cli/a.t' => "works 'it runs' \"\$mdpbench\" table x\ncheck \$? 'a row'\nfinish\n")), 0, 'one that looks');
Rules::check_tree('no test only shows that nothing crashed', idle_tests(Rules::root()));
Rules::check_tree('nor does a script', idle_scripts(Rules::root()));
done_testing();
