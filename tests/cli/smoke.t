#!/bin/sh
# every arm of the paper, as small as it can be, from nothing to tables and figures by the rules of `make smoke`
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

# batches of a quarter of the rows: the arms are as many
mkdir -p bench/experiments
ln -s "$root"/bench/experiments/* bench/experiments
rm bench/experiments/smoke.yaml
sed 's/^batch: 32$/batch: 8/' "$root/bench/experiments/smoke.yaml" > bench/experiments/smoke.yaml
grep -q '^batch: 8$' bench/experiments/smoke.yaml
check $? 'the experiment has a batch to make smaller'
ln -s "$root/results" results
plan() { "$mdpbench" plan bench/experiments/smoke.yaml "$@"; }
works 'make rules' plan --make
cp "$work/out" smoke.mk
export MDPBENCH="$mdpbench"
run make -f smoke.mk -j2
[ "$status" = 0 ]
check $? 'make all of it' "$work/err"
works 'plan' plan --format csv
awk -F, '{ for (i = 7; i <= 9; i++) { split($i, n, " of "); if (NR > 1 && (n[1] != n[2] || n[2] == 0)) exit 1 } }' "$work/out"
check $? 'nothing is missing' "$work/out"

# a row for every arm of the plan in some table of arms, gains or figures; a number in each of the gains
for mode in paper strict authors; do
    for table in table1 table2; do
        report=runs/reports/smoke/$mode/$table.csv
        awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
            $c["task"] == "walker2d-medium" { n++; if ($c["auc_gain_pct"] == "" || $c["auc_gain_pct_paper"] == "" || $c["p"] == "") exit 1 }
            END { exit n != 1 }' "$report"
        check $? "$mode $table: gains beside the printed ones" "$report"
    done
done
grep -q '^all tasks,another guidance,ema,2,2,' runs/reports/smoke/paper/table3.csv
check $? 'table 3: variances over seeds' runs/reports/smoke/paper/table3.csv
[ "$(grep -c . runs/reports/smoke/paper/composition.csv)" = 5 ]
check $? 'section 4.4: both compositions against both parents' runs/reports/smoke/paper/composition.csv
for algo in dql edp; do
    [ "$(grep -c '^walker2d-medium' runs/reports/smoke/paper/figure1-$algo.csv)" = 5 ]
    check $? "figure 1: five kinds of guidance for $algo" runs/reports/smoke/paper/figure1-$algo.csv
done
for figure in figure1 figure2a figure2b composition-profiles; do
    for ending in svg pdf png; do [ -s runs/reports/smoke/figures/$figure.$ending ] || echo $figure.$ending; done
done > "$work/absent"
[ ! -s "$work/absent" ]
check $? 'every figure in three formats' "$work/absent"
# guidance that learns along costs more than guidance that stays
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } $c["arm"] == "GFDT" { exit !($c["arithmetic_saved_pct"] > 20) }' \
    runs/reports/smoke/paper/table2-cost.csv
check $? 'frozen guidance saves arithmetic' runs/reports/smoke/paper/table2-cost.csv

mv runs/reports first
run make -f smoke.mk -j2
[ "$status" = 0 ] && ! grep -Eq ' (train|eval|collect) ' "$work/out"
check $? 'made again: no job runs' "$work/err"
same_folder 'the same reports, byte for byte' first runs/reports
finish
