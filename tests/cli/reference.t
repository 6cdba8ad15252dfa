#!/bin/sh
# committed results: the committed episodes make the committed tables again, byte for byte
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

ln -s "$root/bench" bench
ln -s "$root/results" results

# regenerates FOLDER COMMAND...: the tables in results/reference/FOLDER, from the runs there
regenerates() {
    folder=results/reference/$1
    shift
    ln -sfn "$folder/runs" runs
    rm -rf made
    works "$folder: tables from the episodes" "$mdpbench" table "$@" --out made
    same_folder "$folder: the same bytes" "$root/$folder/${tables:-tables}" made
}
regenerates learning results/reference/learning/learning.yaml
regenerates mujoco bench/experiments/mujoco.yaml --mode strict
tables=paper regenerates quick bench/experiments/quick.yaml --mode paper
tables=strict regenerates quick bench/experiments/quick.yaml --mode strict

# two experiments write into one folder each: both are made before they are compared
for mode in paper strict; do
    ln -sfn results/reference/paper/runs runs
    rm -rf made
    for experiment in paper selection; do
        works "results/reference/paper: $experiment, $mode" "$mdpbench" table results/reference/paper/$experiment.yaml --partial --mode $mode --out made
    done
    same_folder "results/reference/paper: the same bytes, $mode" "$root/results/reference/paper/$mode" made
done

# pictures, where the same gnuplot draws them: a band of another interval would be seen by nobody
pictures=$root/results/reference/paper/figures
drawn_by='gnuplot 5.4 patchlevel 4'
for experiment in paper selection; do
    works "results/reference/paper: pictures of $experiment from the episodes" \
        "$mdpbench" figure results/reference/paper/$experiment.yaml --partial --out drawn
done
for picture in "$pictures"/*.svg; do
    name="results/reference/paper: ${picture##*/} is as it is drawn now"
    if [ "$(gnuplot -V 2> "$work/dump")" = "$drawn_by" ]; then
        cmp -s "drawn/${picture##*/}" "$picture"
        check $? "$name"
    else
        skip "$name" "another gnuplot than $drawn_by"
    fi
done

cp -r "$root/results/reference/learning" other
chmod -R u+w other
cp other/runs/halfcheetah-expert/dql/joint/seed0/step020000.episodes.h5 other/runs/halfcheetah-medium/dql/joint/seed0/
ln -sfn other/runs runs
run "$mdpbench" table results/reference/learning/learning.yaml --partial --out made-of-other
message_is 3 "task: expected 'halfcheetah-medium' as in |/learning.yaml, found 'halfcheetah-expert' in runs/"
check $? 'episodes of another task in their place are refused' "$work/err"
finish
