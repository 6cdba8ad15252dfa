# builds of other kinds that parts of the campaign run in: presets of CMakePresets.json, each in a folder of its own.
package Instrumented;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use Test::More;

our @EXPORT = qw(only_in_the_campaign build_preset run_logged tree);

sub tree { return abs_path(dirname(__FILE__) . '/../..') }

# what takes hours, or a build of its own, is no part of ./run check
sub only_in_the_campaign {
    plan skip_all => 'a part of ./run campaign' if ($ENV{MDPBENCH_CAMPAIGN} // '') ne 'full';
    $ENV{OMP_WAIT_POLICY} //= 'passive';
    chdir tree() or die tree() . ": $!";
}

# builds targets of a preset and returns the folder
sub build_preset {
    my ($preset, @targets) = @_;
    my $build = tree() . "/build-$preset";
    for my $command (['cmake', '--preset', $preset], ['cmake', '--build', $build, '-j', 2, '--target', @targets]) {
        my ($status, $text) = run_logged(@$command);
        $status == 0 or BAIL_OUT("cannot build $preset: $text");
    }
    return $build;
}

# exit status and all that a command printed
sub run_logged {
    my (@command) = @_;
    open my $pipe, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @command or die "$command[0]: $!";
    local $/;
    my $text = <$pipe> // '';
    close $pipe;
    return ($? & 127 ? 128 + ($? & 127) : $? >> 8, $text);
}

1;
