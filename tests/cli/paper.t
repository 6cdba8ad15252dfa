#!/bin/sh
# tables and figures for a paper: chosen columns, LaTeX that fits a column, several seeds as one, without an experiment
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

mkdir runs && cp -R "$root/results/reference/paper/runs/walker2d-medium-expert" runs/ || exit 1
rm -rf runs/walker2d-medium-expert/*/*/seed*/*.json
arm=runs/walker2d-medium-expert/dql/joint-bf16
other=runs/walker2d-medium-expert/dql/frozen-bf16
[ -d $arm/seed2 ] && [ -d $other/seed2 ]
check $? 'two arms of three seeds are there'

# ---- columns ----
table() { "$mdpbench" table "$@"; }
works 'two columns' table $arm/seed0 --columns iqm,step --format csv
[ "$(head -1 "$work/out")" = iqm,iqm_lo,iqm_hi,step ]
check $? 'in their order' "$work/out"
table $arm/seed0 --format csv | awk -F, '{ print $7 "," $8 "," $9 "," $2 }' | cmp -s - "$work/out"
check $? 'with the values of the whole' "$work/out"
works 'in JSON' table $arm/seed0 --columns iqm,step --format json
json 'and no others' "$work/out" 'join(",", map { $_->{key} } @{$j->{columns}}) eq "iqm,step" && join(",", sort keys %{$j->{rows}[0]}) eq "iqm,iqm_hi,iqm_lo,step"'
expect 4 "option --columns: expected some of run, step, actor, episodes, mean, sd|found 'IQM'" 'a column that is not there' \
    table $arm/seed0 --columns step,IQM
expect 4 "expected each column once, found 'step' again" 'a column twice' table $arm/seed0 --columns step,iqm,step

# ---- seeds ----
works 'three seeds as one' table $arm/seed0 $arm/seed1 $arm/seed2 --seeds --format json
json 'a row for each step' "$work/out" 'my @r = @{$j->{rows}}; @r > 10 && !(grep { $_->{run} ne "'$arm'" || $_->{runs} != 3 || $_->{episodes} != 150 } @r)'
cp "$work/out" all.json
for seed in 0 1 2; do table $arm/seed$seed --columns step,mean --format csv | sed "1d;s/\$/,$seed/"; done > means.csv
json 'of the mean and the sd of their means' all.json '
    my %of; local $/ = "\n"; open my $f, "<", "means.csv" or die;
    while (<$f>) { my ($step, $mean) = split /,/; push @{$of{$step}}, $mean }
    my $ok = 1;
    for my $r (@{$j->{rows}}) {
        my @x = @{$of{$r->{step}}};
        my $m = ($x[0] + $x[1] + $x[2]) / 3;
        my $sd = sqrt((($x[0] - $m) ** 2 + ($x[1] - $m) ** 2 + ($x[2] - $m) ** 2) / 2);
        $ok &&= abs($m - $r->{mean}) < 1e-12 && abs($sd - $r->{sd_runs}) < 1e-12 && $r->{mean_lo} < $m && $m < $r->{mean_hi};
    }
    $ok'
works 'two arms' table $arm/seed2 $other/seed0 $arm/seed0 $other/seed1 $arm/seed1 $other/seed2 --seeds --columns run,runs --format csv
[ "$(sed 1d "$work/out" | uniq | tr '\n' ' ')" = "$arm,3 $other,3 " ]
check $? 'a group each' "$work/out"
works 'one seed' table $arm/seed0 --seeds --columns run,runs,mean --format text
grep -q 'What is rare is unseen in few runs' "$work/out" && grep -q ' 1, few ' "$work/out"
check $? 'has no interval, and few are explained' "$work/out"
cp -R $arm/seed1 short && mkdir -p less && mv short less/seed1 && cp -R $arm/seed0 less/seed0
rm "$(ls less/seed1/*.episodes.h5 | tail -1)"
works 'seeds with other checkpoints' table less/seed0 less/seed1 --seeds
grep -q 'Left out: 1 evaluations of less at steps that not all of its runs have' "$work/out"
check $? 'have those that all have' "$work/out"
expect 4 "$arm: option --seeds: expected the folder of a run called seedN, found another" 'what is no run' table $arm --seeds
expect 4 'option --seeds: expected each run once, found it again' 'a run twice' table $arm/seed0 $arm/seed0 --seeds
expect 4 'option --seeds: expected each run once, found it again' 'a run by another way' table $arm/seed0 $arm/seed0/ --seeds
expect 4 'option --seeds: expected none beside an experiment' 'seeds of an experiment' table "$root/bench/experiments/quick.yaml" --seeds

# ---- LaTeX ----
last=$(ls $arm/seed0/*.episodes.h5 | tail -1)
paper() { table $arm/seed0 $arm/seed1 $arm/seed2 $other/seed0 $other/seed1 $other/seed2 --seeds --columns step,runs,mean,sd_runs "$@"; }
works 'a float' paper --out float.tex --caption 'Returns of $\pi$, 95\,\% intervals of 3 seeds.' --tex-label tab:returns --small
works 'without booktabs' paper --out plain.tex --caption plain --no-booktabs --small
works 'a tabular' paper --out bare.tex
[ "$(grep -c 'begin{table}\|caption{Returns of\|label{tab:returns}\|small\|toprule' float.tex)" = 5 ] &&
    ! grep -q 'toprule\|booktabs' plain.tex && ! grep -q 'begin{table}\|small' bare.tex
check $? 'as they were asked for' float.tex plain.tex bare.tex
expect 4 '--caption: expected LaTeX, by --format tex' 'a caption of text' paper --caption x
expect 4 '--small: expected LaTeX, by --format tex' 'small text' paper --small
expect 4 '--caption: expected LaTeX with as many braces open as close' 'a caption that would not end' paper --format tex --caption '{x'
expect 4 '--tex-label: expected letters' 'a label that is none' paper --format tex --tex-label 'a b}'
expect 4 '--caption: expected --only beside it' 'a caption of many tables' table "$root/bench/experiments/quick.yaml" --format tex --caption x
if command -v pdflatex > /dev/null 2>&1 && kpsewhich booktabs.sty > /dev/null 2>&1; then
    cat > page.tex <<'END'
\documentclass[twocolumn,10pt]{article}
\setlength{\textwidth}{7in}\setlength{\oddsidemargin}{-0.25in}\setlength{\columnsep}{0.2in}
\usepackage{booktabs}
\begin{document}
\input{float}
\input{plain}
See table \ref{tab:returns}.
\end{document}
END
    for pass in 1 2; do pdflatex -interaction=nonstopmode -halt-on-error page.tex > "$work/out" 2>&1; done
    [ -s page.pdf ] && ! grep -q 'undefined\|Overfull' page.log
    check $? 'LaTeX makes pages of both, and neither is wider than its column' "$work/out"
    printf '%s\n' '\documentclass{article}' '\usepackage{booktabs}' '\begin{document}' '\input{bare}' '\end{document}' > bare-page.tex
    pdflatex -interaction=nonstopmode -halt-on-error bare-page.tex > "$work/out" 2>&1
    check $? 'and one of the tabular' "$work/out"
else
    skip 'LaTeX makes pages of both, and neither is wider than its column' 'no pdflatex with booktabs here'
    skip 'and one of the tabular' 'no pdflatex with booktabs here'
fi

# ---- figures ----
six="$arm/seed0 $arm/seed1 $arm/seed2 $other/seed0 $other/seed1 $other/seed2"
draw() { "$mdpbench" figure "$@"; }
works 'curves of seeds' draw $six --seeds --out curves.svg --title 'two & more'
[ "$(grep -c '<title>two &amp; more</title>\|(3 seeds)</text>\|few (below 50): Student\|normalized return (mean, 95 % CI)' curves.svg)" -ge 5 ] &&
    ! grep -q Gnuplot curves.svg
check $? 'have a title of their own, both groups, and say what few means'
last=$(ls $arm/seed0 | sed -n 's/^step0*\([0-9]*\).episodes.h5/\1/p' | tail -1)
grep -q "<text>$last</text>" curves.svg
check $? 'and the last step on the axis'
grep -o '; [^;]*joint-bf16 (3 seeds): [0-9.]* at [0-9]*' curves.svg | grep -q "$(perl -MJSON::PP -e 'local $/; open my $f, "<", "all.json"; printf "%.4g at %d", $_->{mean}, $_->{step} for decode_json(<$f>)->{rows}[-1]')"
check $? 'with the mean of the table' curves.svg
works 'aggregates' draw $six --seeds --kind aggregates --out aggregates.svg
perl -MJSON::PP -e 'local $/; open my $f, "<", "all.json"; my $r = decode_json(<$f>)->{rows}[-1];
    for my $x (["mean", "mean"], ["median", "median"], ["IQM", "iqm"], ["optimality gap", "optimality_gap"]) {
        printf "%s of joint-bf16: %.4g [%.4g, %.4g]\n", $x->[0], $r->{$x->[1]}, $r->{"$x->[1]_lo"}, $r->{"$x->[1]_hi"} }' > want
while read -r line; do grep -qF "$line" aggregates.svg || echo "$line"; done < want > missing
[ -s want ] && [ ! -s missing ]
check $? 'are those of the table' missing aggregates.svg
works 'improvement' draw $six --seeds --kind improvement --out improvement.svg
grep -q 'P(better than the first) of frozen-bf16: [0-9.]* \[' improvement.svg && grep -q 'the first: .*joint-bf16' improvement.svg &&
    grep -q 'Newcombe' improvement.svg
check $? 'over the first' improvement.svg
works 'episodes' draw $arm/seed0 $other/seed0 --kind episodes --step 1200 --out episodes.svg
[ "$(grep -c '<use xlink:href=.#gpPt6' episodes.svg)" -ge 100 ] && grep -q '<title>step 1200, 50 episodes, 95 % CI</title>' episodes.svg
check $? 'a dot each' episodes.svg
mkdir -p single/seed0 && cp "$arm/seed0/step001200.episodes.h5" single/seed0
works 'one checkpoint' draw single/seed0 --out single.svg
for kind in curves aggregates improvement episodes; do
    draw $six --seeds --kind $kind --out first.svg && draw $six --seeds --kind $kind --out second.svg
    sed 's/first.svg/second.svg/' first.svg | cmp -s - second.svg
    check $? "$kind: the same bytes"
done
expect 4 'expected two runs or more of improvement, found 1' 'improvement over nothing' draw $arm/seed0 --kind improvement --out x.svg
expect 4 "--step: expected an evaluated checkpoint of $arm/seed0, found 7" 'a step that is not there' draw $arm/seed0 --kind episodes --step 7 --out x.svg
expect 4 '--step: expected none beside --kind curves' 'a step of curves' draw $arm/seed0 --step 1200 --out x.svg
expect 4 '--behavior: expected none beside --kind episodes' 'a level among episodes' draw $arm/seed0 --kind episodes --behavior x.h5 --out x.svg
expect 4 'option --kind: expected one of curves, aggregates, improvement, episodes' 'another kind' draw $arm/seed0 --kind pie --out x.svg

# colours FILE: those of an SVG, of lines and marks
colours() { grep -o "rgb([^)]*)" "$1" | tr -d ' ' | sort -u; }
learned=$root/results/reference/learning/runs/walker2d-medium
for kind in curves episodes; do
    draw $learned/idql/joint/seed0 --kind $kind --out alone.svg > "$work/out" && draw $learned/dql/joint/seed0 --kind $kind --out dql.svg > "$work/out" &&
        draw $learned/dql/joint/seed0 $learned/idql/joint/seed0 --kind $kind --out both.svg > "$work/out"
    colours alone.svg > "$work/alone"; colours dql.svg > "$work/dql"; colours both.svg > "$work/both"
    [ -z "$(comm -23 "$work/alone" "$work/both")$(comm -23 "$work/dql" "$work/both")" ] && ! cmp -s "$work/alone" "$work/dql"
    check $? "$kind: an algorithm has its colour, alone and beside another" "$work/alone" "$work/dql" "$work/both"
done

# ---- the same of an experiment's arms ----
# experiment KIND PANELS
experiment() {
    cat <<END
name: x
folder: runs
tasks: [walker2d-medium-expert]
seeds: [0, 1, 2]
steps: 20000
checkpoint-every: 400
evaluate-every: 1200
precision: bf16
runs:
  - {name: joint, algo: dql}
  - {name: gfdt, algo: dql, guidance: frozen, from: joint, seed-offset: 100}
arms:
  - {name: unseen, run: joint, candidates: 7}
  - {name: baseline, run: joint, title: joint}
  - {name: gfdt, run: gfdt, title: GFDT}
figures:
  - {name: $1, kind: $1, panels: [$2]}
END
}
both='{arms: [baseline, gfdt]}'
for kind in aggregates improvement episodes; do
    experiment $kind "$both" > $kind.yaml
    works "an experiment's $kind" draw $kind.yaml --out drawn
    [ "$(cat "$work/out")" = "$(printf 'drawn/%s.svg\ndrawn/%s.pdf\ndrawn/%s.png' $kind $kind $kind)" ]
    check $? 'in every format' "$work/out"
done
last=$(ls $arm/seed0 | sed -n 's/^step0*\([0-9]*\).episodes.h5/\1/p' | tail -1)
sed 's/ joint-bf16: / joint: /; s/ of joint-bf16/ of joint/' want > arms
while read -r line; do grep -qF "$line" drawn/aggregates.svg || echo "$line"; done < arms > missing
[ -s arms ] && [ ! -s missing ] && grep -q "<title>walker2d-medium-expert, step $last, 3 seeds, 95 % CI</title>" drawn/aggregates.svg
check $? 'have the numbers of the runs themselves' missing drawn/aggregates.svg
sed -n 's/.*P(better than the first) of frozen-bf16: \([^<]*\).*/\1/p' improvement.svg > there
sed -n 's/.*P(better than the first) of GFDT: \([^<]*\).*/\1/p' drawn/improvement.svg > here
same 'how likely one is better, too' there here
grep -q 'the first: joint' drawn/improvement.svg
check $? 'than the first of the panel' drawn/improvement.svg
works 'curves of the same arms' sh -c 'sed "s/aggregates/curves/g" aggregates.yaml > curves.yaml && "$0" figure curves.yaml --out drawn' "$mdpbench"
colours drawn/curves.svg > "$work/curves" && colours drawn/aggregates.svg > "$work/rows"
[ "$(comm -12 "$work/curves" "$work/rows" | grep -vc 'rgb(0,0,0)\|rgb(255,255,255)')" -ge 2 ]
check $? 'have the colours of the rows' "$work/curves" "$work/rows"
works 'a page has them' "$mdpbench" report episodes.yaml --partial --out page.html
grep -q 'class="rows"' page.html
check $? 'as a picture'
experiment aggregates "$both, $both" > bad.yaml
expect 3 'figures[0].panels|expected one panel of kind aggregates, found 2' 'two panels of rows' draw bad.yaml --out x
experiment improvement '{arms: [gfdt]}' > bad.yaml
expect 3 'expected two arms or more of kind improvement, found 1' 'an arm over nothing' draw bad.yaml --out x
experiment pie "$both" > bad.yaml
expect 3 "expected one of curves, variance, profiles, aggregates, improvement, episodes, found 'pie'" 'a kind of figure that is none' draw bad.yaml --out x
finish
