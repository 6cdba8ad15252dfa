#!/usr/bin/perl
# the table of rooms.txt as the linker sees it, which no declaration by hand gets round: the archive of a room needs no symbol of a room
# that its line does not name, and a call that is planted into a room has no body when the room is linked with what it knows.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use lib $FindBin::Bin;
use Rules;
use Test::More;

my $build = $ENV{MDPBENCH_BUILD} // root() . '/build';
my ($may, @rooms) = rooms(slurp(root() . '/rooms.txt'));
@rooms = grep { $_ ne 'bench' } @rooms;
sub archive { (my $name = $_[0]) =~ s{/}{_}g; return "$build/libmdp_$name.a" }
plan skip_all => "no archives in $build" if grep { !-f archive($_) } @rooms;

# as CMake compiles and links
my %cache = map { /^(CMAKE_C_COMPILER|CMAKE_C_FLAGS):\w+=(.*)/ ? ($1 => $2) : () } split /\n/, slurp("$build/CMakeCache.txt");
my @cc = ($cache{CMAKE_C_COMPILER}, split ' ', $cache{CMAKE_C_FLAGS} // '');
my @foreign = map { split /[;\n]/ } slurp("$build/foreign.link");
my $work = tempdir(CLEANUP => 1);

# [symbols that are there, symbols that are wanted] of archives or objects
sub symbols {
    my (%there, %wanted);
    open my $nm, '-|', 'nm', '-g', @_ or die "nm: $!";
    while (<$nm>) {
        $there{$1} = 1 if / [TDBRVWC] (mdp_\w+)$/;
        $wanted{$1} = 1 if / U (mdp_\w+)$/;
    }
    close $nm or die "nm @_: failed\n";
    delete @wanted{keys %there};
    return (\%there, \%wanted);
}

# rooms to whom belongs what is wanted, but for those that the room may know
my (%there, %wanted, %owner);
for my $room (@rooms) {
    ($there{$room}, $wanted{$room}) = symbols(archive($room));
    $owner{$_} = $room for keys %{ $there{$room} };
}
sub strangers {
    my ($room, $wanted) = @_;
    my %known = map { $_ => 1 } @{ $may->{$room} };
    my %found = map { $owner{$_} => $_ } grep { defined $owner{$_} && !$known{ $owner{$_} } } keys %$wanted;
    return map { "$room: expected no symbol of $_, found $found{$_}" } sort keys %found;
}

# what a room's archive is linked with: the rooms that it knows, those that they know, ..
sub closure {
    my ($room) = @_;
    my %all = ($room => 1);
    my @new = ($room);
    while (@new) {
        @new = grep { !$all{$_}++ } map { @{ $may->{$_} } } @new;
    }
    return grep { $all{$_} } reverse @rooms;
}

# an object that calls these functions, as a file of a room would
sub plant_calls {
    my ($name, @functions) = @_;
    open my $file, '>', "$work/$name.c" or die "$work/$name.c: $!";
    print $file map({ "void $_(void);\n" } @functions), 'int main(void) {', map({ " $_();" } @functions), " }\n";
    close $file;
    system(@cc, '-w', '-fno-builtin', '-c', "$work/$name.c", '-o', "$work/$name.o") == 0 or die "cannot compile $work/$name.c\n";
    return "$work/$name.o";
}

# functions that the linker misses when an object is linked as a part of a room
sub missing {
    my ($room, $object) = @_;
    my $command = join ' ', map { "'$_'" } @cc, $object, '-o', "$work/program", map({ archive($_) } closure($room)), @foreign;
    my $status = system "$command > '$work/messages' 2>&1";
    my $messages = slurp("$work/messages");
    my %names = map { $_ => 1 } $messages =~ /undefined reference to [`'](\w+)'/g;
    return $status == 0 || %names ? sort keys %names : "failed: $messages";
}

# a symbol of each room that stands for all of them
my %example = map { $_ => (sort keys %{ $there{$_} })[0] } @rooms;

for my $room (@rooms) {
    my %near = map { $_ => 1 } @{ $may->{$room} };
    my %linked = map { $_ => 1 } closure($room);
    my @near = map { $example{$_} } grep { $near{$_} } @rooms;
    my @far = map { $example{$_} } grep { !$linked{$_} } @rooms;
    (my $name = $room) =~ s{/}{_}g;
    is_deeply([missing($room, plant_calls("${name}_near", @near))], [], "$room: calls into the rooms of its line link");
    is_deeply([missing($room, plant_calls("${name}_far", @far))], [sort @far], "$room: calls into " . @far . ' others do not') if @far;

    # a room that is linked because a neighbour knows it is still no room of the line
    my @strange = grep { !$near{$_} } @rooms;
    my (undef, $calls) = symbols(plant_calls("${name}_strange", map { $example{$_} } @rooms));
    is(scalar(() = strangers($room, $calls)), scalar @strange,
        "$room: a symbol of each of " . @strange . ' rooms beside its line is found');
    Rules::check_tree("$room/ needs symbols of the rooms of its line alone", strangers($room, $wanted{$room}));
}
done_testing();
