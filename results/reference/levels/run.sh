#!/bin/sh
# makes the tables of this folder again, from the repository's root, on one thread: about 15 minutes of processor time.
# docs/statistics.md shows them: docs/numbers.pl --write docs/statistics.md
#
#   results/reference/levels/run.sh [FOLDER]
set -eu
mdpbench=${MDPBENCH:-build/mdpbench}
out=${1:-results/reference/levels}
policies=results/reference/behavior
modes="$policies/*-expert.episodes.h5 $policies/*-medium.episodes.h5"
draws="$policies/*.stochastic.episodes.h5"

# shellcheck disable=SC2086
"$mdpbench" verify levels $modes $draws --trials 500 --seed 1 --format md > "$out/levels.md"
# shellcheck disable=SC2086
"$mdpbench" verify levels $modes $draws --policy bench/gates/default.yaml --trials 500 --seed 1 --format md > "$out/default.md"
# shellcheck disable=SC2086
"$mdpbench" verify levels $modes --policy bench/gates/strict.yaml --trials 100 --seed 1 --format md > "$out/strict.md"
