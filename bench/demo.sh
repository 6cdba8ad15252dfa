#!/bin/sh
# the main job on real input: a dataset from our own environment, a diffusion policy trained on it, every checkpoint
# evaluated over 50 randomized episodes, a table and a figure. run again, it goes on where it stopped.
set -eu
cd "$(dirname "$0")/.."
mdpbench=build/mdpbench
task=halfcheetah-medium
policy=results/reference/behavior/$task.h5
out=${DEMO_DIR:-runs/demo}
run=$out/dql
started=$(date +%s)

say() { printf '\n== %s\n' "$*"; }

say "1/5 dataset: 100,000 transitions of $task"
$mdpbench collect $task --steps 100000 --out "$out/$task.hdf5"
$mdpbench inspect "$out/$task.hdf5"

say "2/5 the behaviour policy itself, acting as it did when the data was collected"
$mdpbench eval --behavior $policy --stochastic --out "$out/behavior.episodes.h5"

say "3/5 DQL: guidance and diffusion trained jointly"
$mdpbench train --task $task --algo dql --data "$out/$task.hdf5" --steps 5000 --checkpoint-every 1000 --out "$run"

say "4/5 every checkpoint over 50 randomized episodes, 50 candidates per state"
$mdpbench eval "$run"

say "5/5 table and figure"
$mdpbench table "$out/behavior.episodes.h5" "$run"
$mdpbench figure "$run" --behavior "$out/behavior.episodes.h5" --title "DQL on $task" --out "$out/learning-curve"
$mdpbench table "$out/behavior.episodes.h5" "$run" --format csv --out "$out/table.csv"

# columns of the CSV are found by name; the first row is the behaviour policy, the last the last checkpoint
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "mean") mean = i; next }
    NR == 2 { behavior = $mean } { last = $mean }
    END { printf "\nlast checkpoint: %.3f of the behaviour policy'\''s mean normalized return\n", last / behavior }' "$out/table.csv"
echo "demo: $(($(date +%s) - started)) s, files in $out"
