#!/bin/sh
# files of former versions: tests/compat holds one of each kind that a release wrote, and each is read by this program.
# the committed results are of 0.1.0, too: their tables are made again byte for byte by reference.t
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
tree=$here/../..
policies=$tree/results/reference/behavior

xz -dc "$here/../compat/v0.1.0.tar.xz" | tar -x
old=v0.1.0
for file in $(find $old -name '*.h5' -o -name '*.hdf5' | sort) "$policies"/*.h5; do
    works "inspect ${file##*/}" "$mdpbench" inspect "$file" --json
done
# the same policy on the same episodes: what was trained then acts as it did then
works 'an old policy acts' "$mdpbench" eval $old/run --guidance $old/iql/step000001.guidance.h5 --episodes 3 --candidates 4 \
    --w-t 50 --label again
for run in by-iql again; do
    "$mdpbench" export $old/run/step000004.$run.episodes.h5 --out $run.csv > "$work/out" 2>&1
done
cmp by-iql.csv again.csv > "$work/why" 2>&1
check $? 'with the returns that it had' "$work/why"
works 'compare them' "$mdpbench" compare $old/run/step000004.by-iql.episodes.h5 $old/run/step000004.again.episodes.h5
works 'table of an old run' "$mdpbench" table $old/run:by-iql

# an interrupted training goes on
works 'an old state is resumed' "$mdpbench" train --task walker2d-medium --guidance-only iql --data $old/walker2d-medium.hdf5 \
    --steps 2 --checkpoint-every 1 --batch 8 --threads 1 --out $old/iql
test -f $old/iql/step000002.guidance.h5 && [ "$(wc -l < $old/iql/log.csv)" -ge 3 ]
check $? 'and its next checkpoint and log line are there'
works 'training on an old dataset' "$mdpbench" train --task walker2d-medium --data $old/walker2d-medium.hdf5 --steps 1 \
    --checkpoint-every 1 --batch 8 --threads 1 --out new

# what users wrote or kept for the gate
for policy in default strict; do
    run "$mdpbench" gate --policy $old/yaml/$policy.yaml --baseline "$policies/walker2d-expert.episodes.h5" \
        --candidate "$policies/walker2d-expert.episodes.h5"
    [ "$status" = 0 ] || [ "$status" = 2 ]
    check $? "the policy $policy.yaml decides or says why not" "$work/out" "$work/err"
done
cat > wide.yaml <<'YAML'
rows:
  - {metric: return, margin: {absolute: 0.2}}
YAML
works 'an old history grows' "$mdpbench" gate --policy wide.yaml --history $old/history --label now \
    --baseline "$policies/halfcheetah-expert.episodes.h5" --candidate "$policies/halfcheetah-expert.episodes.h5"
works 'and is read' "$mdpbench" gate --history $old/history
cat > speed.yaml <<'YAML'
rows:
  - {metric: speed, measure: "*", margin: {relative: 0.1}}
YAML
run "$mdpbench" gate --policy speed.yaml --baseline $old/stats.perf.json --candidate $old/stats.perf.json
[ "$status" = 0 ] || [ "$status" = 2 ]
check $? 'measured speeds are read' "$work/out" "$work/err"
for experiment in $old/yaml/smoke.yaml $old/yaml/paper.yaml $old/yaml/learning.yaml $old/yaml/selection.yaml; do
    works "plan ${experiment##*/}" "$mdpbench" plan "$experiment"
done
finish
