#!/usr/bin/perl
# runs bench/ci/gate as its service would, but for the service: ci_step.pl github|gitlab FILE NAME=VALUE...
#
# github: a composite action's one step with its inputs, bash -eo pipefail; gitlab: a template's script with its variables, sh -e.
# prints what the step prints and ends with its status. `ci_step.pl check FILE` reads the file alone and says what is wrong with it.
use strict;
use warnings;

# the part of YAML that these files use: maps by indentation, lists, blocks of text, plain and quoted scalars
my @lines;

sub blank_at { return $lines[0] =~ /^\s*(?:#.*)?$/ }

sub block {
    my ($indent) = @_;
    my @text;
    push @text, shift @lines while @lines && ($lines[0] =~ /^\s*$/ || $lines[0] =~ /^ {$indent} /);
    my ($least) = sort { $a <=> $b } map { /^( *)\S/ ? length $1 : () } @text;
    pop @text while @text && $text[-1] =~ /^\s*$/;
    return join '', map { substr("$_" . ' ' x $least, $least) =~ s/ +$//r . "\n" } @text;
}

sub scalar_of {
    my ($text, $indent) = @_;
    return block($indent) if $text eq '|';
    return $text =~ /^"(.*)"$/ ? $1 : $text;
}

sub value {
    my ($indent) = @_;
    my $found;
    while (@lines) {
        if (blank_at()) { shift @lines; next }
        my ($own) = $lines[0] =~ /^( *)/;
        last if length $own < $indent;
        die "another indentation: $lines[0]\n" if length $own > $indent;
        if ($lines[0] =~ /^ *- (.*)$/) {
            my $item = $1;
            if ($item =~ /^[\w.-]+:(?: |$)/) {
                $lines[0] = ' ' x ($indent + 2) . $item;
                push @$found, value($indent + 2);
            } else {
                shift @lines;
                push @$found, scalar_of($item, $indent);
            }
        } elsif ($lines[0] =~ /^ *([\w.-]+):(?: +(.*?))?\s*$/) {
            my ($key, $rest) = ($1, $2 // '');
            die "a key twice: $key\n" if ref $found && exists $found->{$key};
            shift @lines;
            shift @lines while @lines && blank_at();
            my ($next) = @lines ? $lines[0] =~ /^( *)/ : ('');
            $found->{$key} = $rest ne '' ? scalar_of($rest, $indent) : length $next > $indent ? value(length $next) : '';
        } else {
            die "no map and no list: $lines[0]\n";
        }
    }
    return $found;
}

sub slurp {
    my ($path) = @_;
    open my $file, '<', $path or die "$path: $!\n";
    local $/;
    my $text = <$file>;
    close $file;
    return $text;
}

sub run_shell {
    my ($text, $env, @shell) = @_;
    my $path = ($ENV{TMPDIR} // '/tmp') . "/ci-step.$$";
    open my $file, '>', $path or die "$path: $!\n";
    print $file $text;
    close $file or die "$path: $!\n";
    my $status = do {
        local @ENV{keys %$env} = values %$env;
        system @shell, $path;
    };
    unlink $path;
    return $status & 127 ? 128 + ($status & 127) : $status >> 8;
}

my ($service, $path, @settings) = @ARGV;
@lines = split /\n/, slurp($path);
my $root = value(0);
my %given = map { /^([^=]+)=(.*)$/s or die "expected NAME=VALUE, found $_\n"; ($1, $2) } @settings;

if ($service eq 'gitlab') {
    my ($job) = values %$root;
    for (sort keys %given) { die "no such variable: $_\n" unless exists $job->{variables}{$_} }
    exit run_shell(join('', @{$job->{script}}), {%{$job->{variables}}, %given}, qw(sh -e));
}

my $inputs = $root->{inputs};
my $steps = $root->{runs}{steps};
die "expected one step\n" unless @$steps == 1;
my $step = $steps->[0];
my %env;
for my $name (sort keys %{$step->{env}}) {
    my ($input) = $step->{env}{$name} =~ /^\$\{\{ inputs\.(\w+) \}\}$/ or die "env $name: expected an input, found $step->{env}{$name}\n";
    die "env $name: no such input: $input\n" unless exists $inputs->{$input};
    $env{$name} = $given{$input} // $inputs->{$input}{default} // '';
    delete $given{$input} or $service eq 'check' or !$inputs->{$input}{required} or die "input $input is required\n";
}
if ($service eq 'github') {
    die 'no such input: ' . join(' ', sort keys %given) . "\n" if %given;
    exit run_shell($step->{run}, \%env, qw(bash --noprofile --norc -eo pipefail));
}

my @wrong;
push @wrong, "runs: using: $root->{runs}{using}" unless $root->{runs}{using} eq 'composite';
push @wrong, 'an expression within the shell text' if $step->{run} =~ /\$\{\{/;
push @wrong, "input $_ is not used" for grep { my $i = $_; !grep { /\binputs\.$i\b/ } values %{$step->{env}} } sort keys %$inputs;
push @wrong, "env $_ is not used" for grep { $step->{run} !~ /\$\{?$_\b/ } sort keys %env;
push @wrong, "input $_ has no description" for grep { !$inputs->{$_}{description} } sort keys %$inputs;
for my $name (sort keys %{$root->{outputs}}) {
    push @wrong, "output $name is not written"
        unless $root->{outputs}{$name}{value} eq "\${{ steps.$step->{id}.outputs.$name }}" && $step->{run} =~ /"$name=/;
}
print "$_\n" for @wrong;
exit(@wrong > 0);
