#!/usr/bin/perl
# what messages tell users to run: every verb and option that a text of the program names is there, and hints that depend on what
# was asked, followed to the letter, make the command work that gave them.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;

my $root = abs_path(dirname(__FILE__) . '/../..');
my $program = abs_path($ENV{MDPBENCH} // "$root/build/mdpbench");
my $work = tempdir(CLEANUP => 1);
chdir $work or die;
$ENV{OMP_WAIT_POLICY} //= 'passive';
delete $ENV{MDPBENCH_PHYSICS};

sub slurp {
    my ($path) = @_;
    open my $file, '<', $path or die "$path: $!";
    local $/;
    return scalar <$file>;
}

# ---- what is there ----

my %options;
my @verbs = `'$program' help` =~ /^  ((?!mdpbench)[a-z]+) /mg;
for my $verb (@verbs, 'gate selftest') {
    my $help = `'$program' $verb --help`;
    $options{$verb}{$1} = 1 while $help =~ /^  --([a-z][a-z0-9-]*)/mg;
    $options{$verb}{$_} = 1 for qw(help quiet);
}
cmp_ok(scalar @verbs, '>', 15, 'verbs are found') or diag("@verbs");

# ---- what texts name ----

# options of programs that ours starts or writes scripts for
my %foreign = (
    'bench/cluster/slurm.c' => 'ntasks|requeue|open-mode|signal|partition|cpus-per-task|time|parsable|job-name|array|dependency|kill-on-invalid-dep|output',
    'bench/perf/instructions.c' => 'tool|cachegrind-out-file|cache-sim',
    'bench/cmd/completion.c' => 'option',
    'results/h5/objects.c' => 'low|high',
);

# [place, text] of every string of a C source, neighbours joined
sub texts {
    my ($name, $source) = @_;
    my @found;
    $source =~ s{("(?:[^"\\\n]|\\.)*")|/\*.*?\*/}{ my $kept = $1; $kept // ($& =~ s/[^\n]//gr) }gse;
    while ($source =~ /((?:"(?:[^"\\\n]|\\.)*"[\s\\]*)+)/g) {
        my ($all, $line) = ($1, 1 + (substr($source, 0, $-[0]) =~ tr/\n//));
        my $text = join '', $all =~ /"((?:[^"\\\n]|\\.)*)"/g;
        push @found, ["$name:$line", $text =~ s/\\n/ /gr];
    }
    return @found;
}

# a command in quotes, which users copy; %s is filled in when it is said
sub wrong_command {
    my ($command) = @_;
    my ($verb, $rest) = $command =~ /^mdpbench ([a-z]+|%s)\b(.*)$/s or return $command =~ /^mdpbench (?:--help|--version)$/ ? () : $command;
    if ($verb eq 'gate' && $rest =~ s/^ selftest\b//) { $verb = 'gate selftest' }
    return () if $verb eq '%s';
    return "no verb $verb: $command" unless $options{$verb};
    return map { $verb eq 'help' && $_ eq 'completion' || $options{$verb}{$_} ? () : "$verb has no --$_: $command" }
        $rest =~ /(?<![\w-])--([a-z][a-z0-9-]*)/g;
}

sub violations {
    my ($name, $source) = @_;
    my @found;
    my $foreign = $foreign{$name};
    for (texts($name, $source)) {
        my ($place, $text) = @$_;
        push @found, map { "$place: $_" } wrong_command($1) while $text =~ /'(mdpbench [^']*)'/g;
        push @found, "$place: no verb of ours has --$1" while $text =~ /(?<![\w-])--([a-z][a-z0-9-]*)/g and
            !($1 eq 'version' || $foreign && $1 =~ /^(?:$foreign)$/ || grep { $options{$_}{$1} } keys %options);
    }
    return @found;
}

is(scalar violations('a.c', qq{f("run 'mdpbench " "absent x'");}), 1, 'an unknown verb is found');
is(scalar violations('a.c', q{f("run 'mdpbench table --candidates 3'");}), 1, 'an option of another verb is found');
is(scalar violations('a.c', q{f("expected --absent beside it");}), 1, 'an unknown option is found');
is(scalar violations('a.c', q{/* --absent */ f("'mdpbench gate selftest --run DIR' or --out; 'mdpbench %s --help'");}), 0, 'good ones are not');

my @wrong;
for my $folder (qw(base stats results envs algos bench)) {
    for my $path (split /\n/, `find '$root/$folder' -name '*.[ch]'`) {
        push @wrong, violations(substr($path, length("$root/")), slurp($path));
    }
}
is("@wrong", '', 'what texts name is there') or diag(join "\n", @wrong);

# commands of a page: those in code, also where they are called build/mdpbench or $m and go on behind a backslash, up to what the
# shell takes out of them
sub page_commands {
    my ($text) = @_;
    my $code = join "\n", $text =~ /^```sh\n(.*?)^```/msg, $text =~ m{^( {4}(?:build/)?mdpbench .*)}mg, $text =~ m{`((?:build/)?mdpbench [^`\n]* --[^`\n]*)`}g;
    $code =~ s/\\\n\s*/ /g;
    return map { "mdpbench $_" } $code =~ m{(?:^|[;&|(]|\bdo |-v )[ \t]*(?:[A-Z_]+=\S+ )*(?:(?:build/)?mdpbench|\$m) ([a-z]+[^\n#|;&>"]*)}mg;
}
my @planted = map { wrong_command($_) } page_commands(<<'END');
```sh
mdpbench table runs --absent   # --nothing
build/mdpbench absent runs
m=build/mdpbench; time -v $m table runs --candidates 3 | sort --key 1
OMP_WAIT_POLICY=passive mdpbench table runs \
    --other
for n in 1 2; do $m eval run --episodes $n --none; done
```
and `build/mdpbench eval run --nowhere`
END
is(join("\n", map { /^(.*?:)/ ? $1 : $_ } @planted),
    "table has no --absent:\nno verb absent:\ntable has no --candidates:\ntable has no --other:\neval has no --none:\neval has no --nowhere:", 'wrong ones of a page are found');

# and targets of ./run
my %target = map { $_ => 1 } slurp("$root/Makefile.bench") =~ /^#?([a-z][a-z0-9-]*):/mg, map { s{.*/|\.yaml$}{}gr } glob("$root/bench/experiments/*.yaml");
my @pages;
for my $path ("$root/README.md", "$root/CONTRIBUTING.md", glob("$root/docs/*.md")) {
    my ($page, $text) = ($path =~ m{([^/]*)$}, slurp($path));
    push @pages, map { "$page: $_" } map { wrong_command($_) } page_commands($text);
    push @pages, "$page: no target $1" while $text =~ m{\./run ([a-z][a-z-]*)}g and !$target{$1};
}
is(join("\n", @pages), '', 'what pages name is there');

# ---- hints followed ----

sub run_command {
    my ($command) = @_;
    $command =~ s/^mdpbench /'$program' /;
    my $said = `$command 2>&1 < /dev/null`;
    return ($? >> 8, $said);
}

# a command that is refused with a hint; what the hint names, with more options behind it to keep it short, makes it work
sub leads {
    my ($name, $command, $more) = @_;
    my ($status, $said) = run_command($command);
    my ($hint) = $said =~ /'(mdpbench [^']*)'/;
    ok($status != 0 && defined $hint, "$name: refused with a hint") or return diag($said);
    ($status, my $why) = run_command("$hint $more");
    is($status, 0, "$name: '$hint' works") or diag($why);
    ($status, $why) = run_command($command);
    return is($status, 0, "$name: and then what was asked") || diag($why);
}

my $train = 'mdpbench train --task walker2d-medium --steps 2 --checkpoint-every 2 --batch 8 --threads 1';
my $short = '--episodes 2 --candidates 2 --threads 1';
leads('data elsewhere', "$train --data elsewhere/d.hdf5 --out run", '--steps 1200 --threads 1');
leads('no evaluations', "mdpbench table run", $short);
leads('none of online parameters', "mdpbench table run --actor online", $short);
leads('none in a report', "mdpbench report run:mine --out r.html", $short);
my ($status, $said) = run_command('mdpbench train --data absent.hdf5 --out x');
ok($status == 5 && $said =~ /absent.hdf5: no such dataset$/, 'data of no world that is here: no hint') or diag($said);
done_testing();
