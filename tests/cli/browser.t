#!/usr/bin/perl
# pages in a real browser, Debian's chromium with its chromedriver: no errors, no requests, sorting, zoom and toggles by real clicks and
# keys, a phone's width, print, and names of others as texts. MDPBENCH_AXE=axe.min.js of npm's axe-core also asks an accessibility checker,
# light and dark. MDPBENCH_SCREENSHOTS=FOLDER keeps pictures for people to look at
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use HTTP::Tiny;
use JSON::PP;
use MIME::Base64 qw(decode_base64);
use Test::More;

my $root = abs_path(dirname(__FILE__) . '/../..');
my $program = abs_path($ENV{MDPBENCH} // "$root/build/mdpbench");
sub which { my ($name) = @_; my ($found) = grep { -x } map { "$_/$name" } split /:/, $ENV{PATH}; return $found }
my $driver = which('chromedriver');
my $browser = which('chromium');
plan skip_all => 'no chromium with chromedriver (Debian packages chromium, chromium-driver)' unless $driver && $browser;

# ---- the pages ----

my $work = tempdir(CLEANUP => 1);
my $reference = "$root/results/reference";
my $evil = "$work/runs/<img src=x onerror=window.hit=1>";
make_path($evil, "$work/home", "$work/films");
copy("$reference/behavior/$_.episodes.h5", $evil) for qw(halfcheetah-medium halfcheetah-expert);
copy("$reference/behavior/$_", "$work/films") for qw(walker2d-medium.h5 walker2d-medium.episodes.h5);
mkdir "$work/stand" and symlink "$reference/quick/runs", "$work/stand/runs" or die;
sub command {
    my ($folder, @command) = @_;
    my $pid = fork // die;
    if ($pid == 0) {
        chdir $folder or die;
        open STDOUT, '>', "$work/out";
        open STDERR, '>', "$work/err";
        exec $program, @command or die;
    }
    waitpid $pid, 0;
    return $? >> 8;
}
is command("$work/stand", 'report', "$root/bench/experiments/quick.yaml", '--out', "$work/quick.html"), 0, 'a page of an experiment';
is command($work, 'report', 'runs', 'films', "$reference/learning/runs/halfcheetah-expert/dql/joint/seed0:bf16-avx512",
    "$reference/learning/runs/halfcheetah-expert/edp", '--title', '<script>window.hit=1</script>', '--out', 'runs.html'), 0,
    'a page of runs';
is command($work, 'compare', 'films/walker2d-medium.episodes.h5', "$reference/behavior/walker2d-medium.stochastic.episodes.h5", '--html', 'compare.html'), 0, 'a page of a comparison';
my @both = map { ("--$_", 'films/walker2d-medium.episodes.h5') } qw(baseline candidate);
ok command($work, 'gate', '--policy', "$root/bench/gates/default.yaml", @both, '--html', 'gate.html') =~ /^[02]$/, 'a page of a gate';

# ---- the browser ----

my $pid = open(my $said, '-|', $driver, '--port=0') // die "$driver: $!";
my $port;
my $session = '';
while (my $line = <$said>) { last if ($port) = $line =~ /successfully on port (\d+)/ }
END { stop() }
# once; the browser ends with its session, also after a failure, and stays where the driver alone is killed
sub stop {
    return unless $pid;
    local ($?, $@) = (0, '');
    eval { call('DELETE', '') } if $session;
    kill 'KILL', $pid;
    close $said;
    $pid = 0;
    return;
}
my $http = HTTP::Tiny->new(timeout => 1800); # a busy machine is slow, and no failure
sub call {
    my ($method, $path, $body) = @_;
    my %with = $method eq 'GET' ? () : (content => encode_json($body // {}), headers => { 'Content-Type' => 'application/json' });
    my $answer = $http->request($method, "http://127.0.0.1:$port/session$session$path", \%with);
    my $value = eval { decode_json($answer->{content})->{value} };
    die "$method $path: $answer->{status} " . substr($answer->{content}, 0, 300) . "\n" unless $answer->{success};
    return $value;
}
my @sandbox = $> == 0 ? ('--no-sandbox') : ();
$ENV{HOME} = "$work/home";
my $opened = eval {
    call('POST', '', {
        capabilities => { alwaysMatch => {
            timeouts => { script => 1_500_000, pageLoad => 1_500_000 },
            'goog:chromeOptions' => { binary => $browser, args => ['--headless=new', '--disable-gpu', '--disable-dev-shm-usage', "--user-data-dir=$work/home/profile", @sandbox] },
            'goog:loggingPrefs' => { browser => 'ALL', performance => 'ALL' } } } });
};
if (!$opened) { diag($@); SKIP: { skip 'chromium does not start here', 1 } done_testing; exit 0 }
$session = "/$opened->{sessionId}";

sub devtools { my ($name, %with) = @_; return call('POST', '/goog/cdp/execute', { cmd => $name, params => \%with }) }
sub script { my ($text, @with) = @_; return call('POST', '/execute/sync', { script => $text, args => \@with }) }
sub find { my ($css) = @_; my $e = call('POST', '/element', { using => 'css selector', value => $css }); return (values %$e)[0] }
sub click { my ($css) = @_; return call('POST', '/element/' . find($css) . '/click') }
sub width { my ($w, $h) = @_; return devtools('Emulation.setDeviceMetricsOverride', width => $w, height => $h, deviceScaleFactor => 1, mobile => $w < 500 ? JSON::PP::true : JSON::PP::false) }
sub media { my ($kind, $scheme) = @_; return devtools('Emulation.setEmulatedMedia', media => $kind, features => [{ name => 'prefers-color-scheme', value => $scheme }]) }
sub picture {
    my ($name) = @_;
    return unless $ENV{MDPBENCH_SCREENSHOTS};
    open my $file, '>:raw', "$ENV{MDPBENCH_SCREENSHOTS}/$name.png" or die;
    print $file decode_base64(devtools('Page.captureScreenshot')->{data});
    close $file;
    return;
}
sub visit { my ($name) = @_; return call('POST', '/url', { url => "file://$work/$name.html" }) }

# nothing in the console, and nothing asked for but the file and what it holds itself
sub quiet {
    my ($name) = @_;
    my @errors = map { $_->{message} } grep { $_->{level} ne 'INFO' } @{ call('POST', '/se/log', { type => 'browser' }) };
    is_deeply \@errors, [], "$name: no errors" or diag(@errors);
    my @asked = map { $_->{params}{request}{url} }
        grep { $_->{method} eq 'Network.requestWillBeSent' && $_->{params}{documentURL} eq "file://$work/$name.html" }
        map { decode_json($_->{message})->{message} } @{ call('POST', '/se/log', { type => 'performance' }) };
    my @strange = grep { !m{^data:} && $_ ne "file://$work/$name.html" } @asked;
    cmp_ok scalar(@asked), '>', 0, "$name: requests are seen";
    is_deeply \@strange, [], "$name: no request leaves the page";
    return;
}

sub axe {
    my ($name, $scheme) = @_;
    my $path = $ENV{MDPBENCH_AXE};
    SKIP: {
        skip "$name: accessibility: MDPBENCH_AXE names no axe.min.js", 1 unless $path && -e $path;
        open my $file, '<:encoding(UTF-8)', $path or die "$path: $!";
        my $text = do { local $/; <$file> };
        media('screen', $scheme);
            script('document.querySelectorAll("details").forEach(function (d) { d.open = true; });') if $name ne 'quick';
        script($text . '; window.axe = axe;');
        my $found = call('POST', '/execute/async', { script => 'var done = arguments[0]; axe.run().then(function (r) { done(r.violations.map(function (v) {
            return v.id + ": " + v.nodes.length + " " + v.nodes[0].html.slice(0, 160) + " " + v.nodes[0].failureSummary; })); }, function (e) { done([String(e)]); });', args => [] });
        is_deeply $found, [], "$name, $scheme: the accessibility checker finds nothing" or diag(join "\n", @$found);
    }
    return;
}

# texts of curves that stand on each other
sub overlaps {
    return script('var found = []; document.querySelectorAll(".live > svg").forEach(function (svg) {
        var texts = Array.from(svg.querySelectorAll("text")).filter(function (t) { return t.textContent !== ""; });
        texts.forEach(function (t, i) { var a = t.getBoundingClientRect(); texts.slice(i + 1).forEach(function (u) { var b = u.getBoundingClientRect();
            if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3) found.push(t.textContent + " | " + u.textContent);
        }); }); }); return found;');
}

# page => the ways in which the checker sees it
my %schemes = (runs => ['light', 'dark'], quick => ['light'], compare => ['dark'], gate => ['light']);
for my $name (qw(runs quick compare gate)) {
    call('POST', '/se/log', { type => $_ }) for qw(browser performance);
    width(1200, 2400);
    media('screen', 'light');
    visit($name);
    quiet($name);
    ok script('return document.title.length > 0 && document.querySelectorAll("h1").length === 1;'), "$name: it has a title";
    picture($name);
    width(375, 1600);
    ok script('return document.documentElement.scrollWidth <= 375;'), "$name: nothing is wider than a phone";
    picture("$name-375");
    script('document.querySelectorAll("details").forEach(function (d) { d.open = true; });');
    ok script('return document.documentElement.scrollWidth <= 375;'), "$name: nor is what is folded away";
    width(1200, 2400);
    ok script('return document.documentElement.scrollWidth <= 1200;'), "$name: nor is anything wider than a screen";
    is_deeply overlaps(), [], "$name: no texts of a picture cover each other";
    visit($name);
    for my $scheme (@{ $schemes{$name} }) {
        axe($name, $scheme);
        picture("$name-$scheme");
    }
}
width(1200, 900);

# ---- what is done by hand ----

visit('runs');
media('screen', 'light');
ok !script('return "hit" in window;'), 'names of others have run nothing';
is script('return document.querySelector("h1").textContent;'), '<script>window.hit=1</script>', 'and are texts';
my $column = 'section table thead th:nth-child(5) button';
my $values = 'return Array.from(document.querySelector("section table").tBodies[0].rows).map(function (r) { return r.cells[4].dataset.v - 0; });';
my @before = @{ script($values) };
click($column);
is_deeply script($values), [sort { $a <=> $b } @before], 'a click on a heading sorts';
click($column);
is_deeply script($values), [sort { $b <=> $a } @before], 'a second one turns it round';
is script('return document.querySelector("section table thead th:nth-child(5)").getAttribute("aria-sort");'), 'descending', 'readers are told';
is script('return document.querySelectorAll("details[open]").length;'), 0, 'all is folded';
click('section table tbody tr td:nth-child(5)');
ok script('return document.querySelector("details[open] :target") !== null;'), 'a click on a number opens what it was made of';
is script('return Array.from(document.images).filter(function (i) { return i.naturalWidth === 0; }).length;'), 0, 'all pictures are there';
is script('return document.querySelectorAll("img.film").length;'), 3, 'three episodes are drawn';

visit('quick');
my $ticks = 'return Array.from(document.querySelectorAll("figure .live svg[role=img]")[0].querySelectorAll(".axis.x .tick text")).map(function (t) { return t.textContent.replace(/,/g, "") - 0; });';
my $curves = 'return document.querySelector("figure .live svg[role=img]").querySelectorAll("path.curve").length;';
my @whole = @{ script($ticks) };
my $n_curves = script($curves);
cmp_ok $n_curves, '>=', 2, 'curves are drawn';
click('figure .tools button:nth-child(1)');
my @near = @{ script($ticks) };
cmp_ok $near[-1] - $near[0], '<', 0.7 * ($whole[-1] - $whole[0]), 'a click zooms in';
click('figure .tools button:nth-child(3)');
is_deeply script($ticks), \@whole, 'and another one back';
click('figure .tools .arm');
is script($curves), $n_curves - 1, 'a click hides an arm';
is script('return document.querySelector("figure .tools .arm").getAttribute("aria-pressed");'), 'false', 'readers are told';
script('document.querySelector("figure .tools .arm").focus();');
call('POST', '/actions', { actions => [{ type => 'key', id => 'k', actions => [{ type => 'keyDown', value => ' ' }, { type => 'keyUp', value => ' ' }] }] });
is script($curves), $n_curves, 'the space bar shows it again';
script('document.querySelector("figure .live svg[role=img]").scrollIntoView({block: "center"});');
my $place = script('var r = document.querySelector("figure .live svg[role=img] .brush .background").getBoundingClientRect(); return [r.left, r.top, r.width, r.height];');
my ($left, $top, $w, $h) = @$place;
sub pointer { my ($share) = @_; return { type => 'pointerMove', duration => 50, x => int($left + $share * $w), y => int($top + $h / 2) } }
call('POST', '/actions', { actions => [{ type => 'pointer', id => 'm', parameters => { pointerType => 'mouse' },
    actions => [pointer(0.5), { type => 'pointerDown', button => 0 }, pointer(0.6), pointer(0.9), { type => 'pointerUp', button => 0 }] }] });
@near = @{ script($ticks) };
ok $near[0] >= 0.5 * ($whole[0] + $whole[-1]) - 1 && $near[-1] < $whole[-1], "a drag shows what it went over (@near of @whole)";
picture('quick-zoomed');

visit('runs');
media('print', 'light');
ok script('return Array.from(document.querySelectorAll(".live")).every(function (e) { return getComputedStyle(e).display === "none"; }) &&
    Array.from(document.querySelectorAll("figure img.still")).every(function (e) { return getComputedStyle(e).display !== "none"; });'), 'in print the pictures stand';
my $pdf = decode_base64(devtools('Page.printToPDF')->{data});
ok $pdf =~ /\A%PDF-/ && length $pdf > 20000, 'it prints';
picture('runs-print');
media('screen', 'light');

stop();
done_testing;
