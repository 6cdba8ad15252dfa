#!/bin/sh
# pages: one file that loads nothing, says what the tables say, and takes everybody's names as texts
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
reference=$root/results/reference
behavior=$reference/behavior

page() {
    "$here/html_check.pl" "$2" > "$work/found" 2>&1
    check $? "$1" "$work/found"
}
# texts NAME FILE REGEX..: each is in the file
texts() {
    texts_name=$1
    texts_file=$2
    shift 2
    perl -e 'local $/; open my $f, "<", shift or die; my $t = <$f>; my @absent = grep { $t !~ /$_/s } @ARGV; print "absent: $_\n" for @absent; exit(@absent ? 1 : 0)' \
        "$texts_file" "$@" > "$work/found"
    check $? "$texts_name" "$work/found"
}

# the checker finds what it is for
planted() {
    printf '%s' "$2" | cat "$work/whole" - > "$work/planted.html"
    ! "$here/html_check.pl" "$work/planted.html" > "$work/found" 2>&1 && grep -q "$3" "$work/found"
    check $? "a page with $1 is found" "$work/found"
}
cat > "$work/whole" << 'END'
<!DOCTYPE html>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; x">
END
"$here/html_check.pl" "$work/whole"
check $? 'a page with nothing is none of these'
planted 'an element of others' '<iframe></iframe>' 'iframe'
planted 'an attribute that runs' '<p onclick="x"></p>' 'onclick'
planted 'a picture from elsewhere' '<img src="https://example.org/x.png">' 'src=https'
planted 'a link to elsewhere' '<a href="https://example.org"></a>' 'a link to https'
planted 'an element that is not closed' '<p><span></p>' '</p> in span'
planted 'a bare sign' '<p>a < b</p>' 'markup that is none'

# runs
mkdir -p 'runs/x/dql' && cp -r "$reference/learning/runs/halfcheetah-medium/dql/joint" runs/x/dql
cp "$behavior/halfcheetah-medium.stochastic.episodes.h5" "$behavior/walker2d-medium.episodes.h5" runs
works 'runs below a folder' "$mdpbench" report runs --out a/page.html
[ "$(cat "$work/out")" = a/page.html ]
check $? 'its name is said'
page 'the page is whole' a/page.html
"$mdpbench" table runs/walker2d-medium.episodes.h5 --format csv > "$work/table.csv"
mean=$(sed -n '2s/^[^,]*,[^,]*,[^,]*,[^,]*,\([^,]*\),.*/\1/p' "$work/table.csv")
texts 'sentence, table with the digits of the CSV, pictures, cost, dots, settings, files' a/page.html '<section id="task-halfcheetah-medium">' '<section id="task-walker2d">' \
    'class="verdict">halfcheetah-medium: \S+ ends highest, with an interquartile mean of [\d.]+ \[' "data-v=\"$mean\"" '<img class="chart" alt="halfcheetah-medium: normalized return over gradient steps' \
    'alt="halfcheetah-medium: share of the episodes' 'core s per 1000 steps' 'aria-label="50 returns from' '<th scope="row">settings</th>' \
    'runs/x/dql/joint/seed0/step\d+' '<a href="#e\d+">'
cp a/page.html "$work/first.html"
works 'again, over it' "$mdpbench" report runs --out a/page.html
same 'the same bytes' "$work/first.html" a/page.html
works 'a run with a label, a file, a title' "$mdpbench" report runs/x/dql/joint/seed0:bf16-avx512 runs/walker2d-medium.episodes.h5 --out b.html --title 'A & B'
page 'that page is whole, too' b.html
texts 'with its title' b.html '<title>A &amp; B</title>' '<h1>A &amp; B</h1>'

# names are without the folder that all of a task share, which is said once; of two files of one name, both with their folders
mkdir -p many/f1/deep many/f2/deep && cp "$behavior/hopper-medium.episodes.h5" many/f1/deep/same.episodes.h5
cp "$behavior/hopper-expert.episodes.h5" many/f2/deep/same.episodes.h5 && cp -r runs/x many/x && cp -r "$reference/learning/runs/halfcheetah-medium/edp" many/x
works 'runs and files in folders' "$mdpbench" report many --films 0 --out many.html
texts 'names in the table, in the cost, in the legend, in the sentence, above the details' many.html 'Names are paths below many/x/' '<a href="#e\d+">dql/joint/seed0</a>' '<th scope="row">dql/joint/seed0</th>' '"label":"dql/joint/seed0' \
    'halfcheetah-medium: (dql|edp)/joint/seed0\S* ends highest' '<summary>edp/joint/seed0</summary>' 'Names are paths below many/<' '<a href="#e\d+">f1/deep/same</a>' '<a href="#e\d+">f2/deep/same</a>'
texts 'each evaluation has its whole path' many.html '<td>many/x/dql/joint/seed0/step\d+' '<td>many/f1/deep/same.episodes.h5</td>'
[ "$(grep -c '<a href="#e[0-9]*">many' many.html)" = 0 ]
check $? 'no row repeats it' many.html
works 'a single run' "$mdpbench" report runs/x/dql/joint/seed0:bf16-avx512 --films 0 --out many.html
texts 'by the names that say which' many.html 'halfcheetah-medium: dql/joint/seed0:bf16-avx512 ends with' 'Names are paths below runs/x/<' '<th scope="row">dql/joint/seed0</th>'
cp many.html "$work/label.html"
works 'with slashes before the label' "$mdpbench" report runs/x/dql/joint/seed0//:bf16-avx512 --films 0 --out many.html
same 'the same page' "$work/label.html" many.html
works 'with slashes behind it' "$mdpbench" report runs/x/dql/joint/seed0// --films 0 --out many.html
texts 'the same names' many.html '<td>runs/x/dql/joint/seed0/step\d+' 'A is seed0:bf16-avx512, B is seed0\.'
! grep -q '//step' many.html
check $? 'and paths' many.html

# two of a task: the sentence of compare, a line of its own there; of what it refuses, why; of one or of three, none
pair="$behavior/hopper-medium.episodes.h5 $behavior/hopper-medium.stochastic.episodes.h5"
"$mdpbench" compare $pair | head -1 > "$work/verdict"
works 'two evaluations' "$mdpbench" report $pair --films 0 --out two.html
page 'their page is whole' two.html
perl -e 'local $/; open my $v, "<", $ARGV[0] or die; my $x = <$v>; $x =~ s/\n//; $x =~ s/</&lt;/g; open my $f, "<", "two.html" or die; exit($x ne "" && index(<$f>, "<p class=\"verdict\">$x</p>") >= 0 ? 0 : 1)' "$work/verdict"
check $? 'it says what compare says' "$work/verdict"
texts 'and which is which' two.html 'A is hopper-medium, B is hopper-medium.stochastic. Compared:'
works 'a run by two labels' "$mdpbench" report runs/x --films 0 --out two.html
texts 'is compared, under the names of both' two.html 'A is seed0:bf16-avx512, B is seed0. Compared:</p>\s*<p class="verdict">[^<]*on halfcheetah-medium'
works 'one episode' "$mdpbench" eval --behavior "$behavior/hopper-medium.h5" --episodes 1 --out one.episodes.h5
works 'beside fifty' "$mdpbench" report "$behavior/hopper-medium.episodes.h5" one.episodes.h5 --films 0 --out two.html
texts 'says why they are not compared' two.html 'B is one. They are not compared:</p>\s*<p class="notes">[^<]*expected'
works 'three' "$mdpbench" report $pair "$behavior/hopper-expert.episodes.h5" --films 0 --out two.html
! grep -q 'ompared' two.html
check $? 'are not compared' two.html

# episodes: played again where the policy is there, told to be gone where it is not
mkdir films && cp "$behavior/walker2d-medium.h5" "$behavior/walker2d-medium.episodes.h5" films
works 'a policy that is still there' "$mdpbench" report films --out f.html
page 'its page is whole' f.html
texts 'what it shows stands once, below it' f.html '<figcaption>worst episode: walker2d, episode \d+: normalized return'
perl -MMIME::Base64 -ne '$n++, $bad += decode_base64($1) =~ /normalized|, -0\.0 m/ while /<img class="film"[^>]*base64,([^"]*)/g; END { exit($n == 3 && !$bad ? 0 : 1) }' f.html
check $? 'and a place is never -0.0' f.html
texts 'worst, median and best are drawn' f.html '<img class="film" alt="worst episode: walker2d, episode \d+: normalized return' 'alt="median episode: ' 'alt="best episode: ' '<img class="moving"'
texts 'of the other page they are gone' a/page.html 'Of \d+ runs? the episodes can neither be read nor played again' 'it is gone'
mkdir -p folder/walker2d-medium.h5 && cp "$behavior/walker2d-medium.episodes.h5" folder
works 'a folder in the place of the policy' "$mdpbench" report folder --out g.html
texts 'is none' g.html 'Of \d+ runs? the episodes can neither be read nor played again' 'it is gone'
works 'without' "$mdpbench" report films --films 0 --out f.html
! grep -q 'class="film"' f.html
check $? 'there are none'

# names are texts
mkdir -p 'h/<img src=x onerror=alert(1)>' "h/\"><script>alert(2)</script>' --></style>/{{x}}"
cp runs/walker2d-medium.episodes.h5 'h/<img src=x onerror=alert(1)>/a.episodes.h5'
cp "$behavior/walker2d-expert.episodes.h5" "h/\"><script>alert(2)</script>' --></style>/{{x}}/b.episodes.h5"
works 'names with markup' "$mdpbench" report h --out h.html --title '</title><script>alert(3)</script>'
page 'they are texts' h.html
texts 'and are there' h.html '&lt;img src=x onerror=alert\(1\)&gt;' '&quot;&gt;&lt;script&gt;alert\(2\)' '&lt;/title&gt;&lt;script&gt;alert\(3\)'
! grep -q '<script>alert\|<img src=x' h.html
check $? 'nothing of them is markup'

# experiments
ln -s "$reference/quick/runs" q && mkdir stand && cd stand && ln -s ../q runs
works 'an experiment' "$mdpbench" report "$root/bench/experiments/table2.yaml" --partial --out none.html
cp "$root"/bench/experiments/*.yaml "$work/" && sed -i 's/^title: .*/title: "<b>T<\/b>"/' "$work/quick.yaml"
works 'an experiment with all its runs' "$mdpbench" report "$work/quick.yaml" --out quick.html
page 'its page is whole' quick.html
texts 'sentences, tables, figures, arms' quick.html '<h1>&lt;b&gt;T&lt;/b&gt;</h1>' 'ends highest, with a mean normalized return' '<img class="panels"' 'p\* adjusted' 'arithmetic a step saved' \
    'share of runs above' 'step 1200'
texts 'and the variance at each checkpoint, also where its file has no such table or figure' quick.html 'Table 1 .*over 10 episodes, mean of 3 seeds: variance of normalized return over gradient steps.*Table 2 '
"$mdpbench" table runs/quick/halfcheetah-medium-expert/edp/joint/seed[012] --format csv --columns step,sd > "$work/sd.csv"
perl -MJSON::PP -e 'local $/; open my $f, "<", "quick.html" or die; my @all = map { $_->[0] } grep { ref eq "ARRAY" } map { decode_json($_) } <$f> =~ m{<script type="application/json">(.*?)</script>}g;
    my ($first) = grep { $_->{y} =~ /^variance/ } @all; my %mean; open my $t, "<", $ARGV[0] or die; my $rows = <$t>; $mean{$1} += $2 * $2 / 3 while $rows =~ /^(\d+),([\d.e-]+)/gm;
    my ($s) = grep { $_->{label} eq "joint" } @{$first->{series}}; my @bad = grep { abs($s->{y}[$_] - $mean{$s->{x}[$_]}) > 1e-12 } 0 .. 2; print "$s->{y}[$_] $mean{$s->{x}[$_]}\n" for 0 .. 2; exit(@bad ? 1 : 0)' "$work/sd.csv" > "$work/found" 2>&1
check $? 'as the table has it: of the episodes, and the mean over seeds' "$work/found"
sed 's/^steps: 1200/steps: 400/; s/^parts:.*/parts: [figure1.yaml]/' "$work/quick.yaml" > "$work/one.yaml"
works 'an experiment with one checkpoint' "$mdpbench" report "$work/one.yaml" --partial --films 0 --out one.html
! grep -q 'variance of normalized return' one.html
check $? 'has no such picture' one.html
cd ..

# compare and gate
works 'compare --html' "$mdpbench" compare "$behavior/hopper-medium.episodes.h5" "$behavior/hopper-medium.stochastic.episodes.h5" --html c.html
head -1 "$work/out" > "$work/verdict"
page 'the page of a comparison is whole' c.html
perl -e 'local $/; open my $v, "<", $ARGV[0] or die; my $x = <$v>; $x =~ s/\n//; $x =~ s/</&lt;/g; open my $f, "<", "c.html" or die; exit(index(<$f>, "<p class=\"verdict\">$x</p>") >= 0 ? 0 : 1)' "$work/verdict"
check $? 'and begins with the verdict' "$work/verdict"
texts 'and has both sides' c.html '<section id="A">' '<section id="B">' 'hopper-medium.stochastic.episodes.h5' 'aria-label="50 returns'
run "$mdpbench" gate --policy "$root/bench/gates/default.yaml" --baseline "$behavior/hopper-medium.episodes.h5" --candidate "$behavior/hopper-medium.episodes.h5" --html g.html
[ "$status" = 0 ] || [ "$status" = 2 ]
check $? 'gate --html' "$work/err"
head -1 "$work/out" > "$work/verdict"
page 'the page of a gate is whole' g.html
texts 'and has rows and both sides' g.html 'class="verdict">' 'Rows of the policy' '<section id="candidate">' '<section id="baseline">' '<a href="#e0">'
run "$mdpbench" gate --policy "$root/bench/gates/default.yaml" --baseline "$behavior/hopper-medium.episodes.h5" --candidate nowhere --html g.html
page 'a gate without a verdict writes a page, too' g.html
texts 'that says so' g.html 'There is no verdict' 'nowhere'

# refusals
expect 4 'report|expected folders' 'nothing to show' "$mdpbench" report --out n.html
expect 5 'nowhere|expected a folder' 'a folder that is not there' "$mdpbench" report nowhere --out n.html
mkdir empty
expect 4 'empty|expected evaluations' 'a folder with nothing in it' "$mdpbench" report empty --out n.html
expect 4 '--partial' 'an option of experiments' "$mdpbench" report runs --partial --out n.html
head -c 3000 runs/walker2d-medium.episodes.h5 > cut.episodes.h5
expect 3 'cut.episodes.h5' 'a damaged file' "$mdpbench" report runs cut.episodes.h5 --out n.html
expect 3 'hopper-medium.h5: expected a folder, an episodes file or a curve, found another file' 'a file of another kind' "$mdpbench" report "$behavior/hopper-medium.h5" --out n.html
mkdir folder.html
expect 5 'folder.html' 'a folder in the place of the page' "$mdpbench" report runs/walker2d-medium.episodes.h5 --out folder.html
finish
