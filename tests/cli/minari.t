#!/bin/sh
# Minari's layout in every verb that takes or makes a dataset; what pip's minari recorded, and that it reads what is made here
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
recorded=$root/tests/reference/minari/short-v0
says() {
    has_all "$1" "$work/out"
    check $? "$2" "$work/out"
}

# ---- collect, export, train: the same rows in either layout ----
works 'collect in either layout' "$mdpbench" collect hopper-random --steps 300 --out h.hdf5
works 'collect --minari' "$mdpbench" collect hopper-random --steps 300 --minari
says 'datasets/hopper-random-v0' 'it names its folder'
[ -f datasets/hopper-random-v0/data/metadata.json ] && [ ! -e datasets/hopper-random-v0.part ]
check $? 'which is whole'
works 'collect --minari again' "$mdpbench" collect hopper-random --steps 300 --minari
grep -q 'exists with these settings, nothing to do' "$work/err"
check $? 'it is kept' "$work/err"
expect 4 'was made with other settings' 'but not with other settings' "$mdpbench" collect hopper-random --steps 301 --minari
expect 4 "end in -v0|found 'h'" 'a folder that pip would not load' "$mdpbench" collect hopper-random --minari --out h
works 'export --minari' "$mdpbench" export h.hdf5 --minari
says 'h-v0' 'beside the file'
same 'the same episodes as collected' h-v0/data/main_data.hdf5 datasets/hopper-random-v0/data/main_data.hdf5
works 'export it again' "$mdpbench" export h.hdf5 --minari
grep -q 'h-v0: exists with this content, not made again' "$work/err"
check $? 'it is kept' "$work/err"
works 'and back' "$mdpbench" export h-v0 --out back.hdf5
echo mine > back.hdf5.part
works 'and back again' "$mdpbench" export h-v0 --out back.hdf5
[ "$(cat back.hdf5.part)" = mine ] && [ -z "$(find . -name '*.tmp-*')" ]
check $? "a file of the user's stays, none of ours does"
grep -q 'back.hdf5: exists with this content, not made again' "$work/err"
check $? 'which is kept, too' "$work/err"
"$mdpbench" inspect --json h.hdf5 | sed 's/"file": "[^"]*"//' > "$work/before"
"$mdpbench" inspect --json back.hdf5 | sed 's/"file": "[^"]*"//' > "$work/after"
cmp -s "$work/before" "$work/after"
check $? 'back as it was' "$work/after"
works 'train on the file' "$mdpbench" train --task hopper-random --data h.hdf5 --steps 2 --batch 16 --out a
works 'train on the folder' "$mdpbench" train --task hopper-random --data h-v0 --steps 2 --batch 16 --out b
"$mdpbench" export a/step000002.diffusion.h5 --out a.safetensors > "$work/out"
"$mdpbench" export b/step000002.diffusion.h5 --out b.safetensors > "$work/out"
for f in a b; do "$mdpbench" inspect --json $f.safetensors | sed -n '/"contents"/,$p' > $f.json; done
cmp -s a.json b.json && [ -s a.json ]
check $? 'the same module' a.json b.json
works 'a halfcheetah folder' "$mdpbench" collect halfcheetah-random --steps 1100 --minari --out c-v0
works 'import --data' "$mdpbench" import "$root/tests/reference/algos/checkpoints/edp_critic_ckpt_400.pt" --task halfcheetah-medium --algo edp --data c-v0 --out edp
"$mdpbench" inspect edp/*.h5 > "$work/out"
says 'main_data.hdf5' 'the normaliser is of its rows'

# ---- what minari recorded ----
works 'inspect what minari recorded' "$mdpbench" inspect "$recorded"
says 'layout             Minari|minari_version 0.5.4|rows               70|terminated 0  time_limit 12  open 0|episode_0/observations' 'episodes, versions and arrays'
works 'by the folder of its data' "$mdpbench" inspect "$recorded/data"
works 'by its file' "$mdpbench" inspect "$recorded/data/main_data.hdf5"
works 'as D4RL has it' "$mdpbench" export "$recorded" --out short.hdf5
works 'and that back' "$mdpbench" export short.hdf5 --minari

# ---- what is not right ----
cp -r "$recorded" cut-v0
head -c 100000 "$recorded/data/main_data.hdf5" > cut-v0/data/main_data.hdf5
for verb in 'inspect' 'train --task hopper-random --data' 'export'; do
    # shellcheck disable=SC2086
    expect 3 'cut-v0/data/main_data.hdf5|truncated' "${verb%% *} of a file that is cut off" "$mdpbench" $verb cut-v0
done
sed 's/"hdf5"/"arrow"/' "$recorded/data/metadata.json" > cut-v0/data/metadata.json
for verb in 'inspect' 'train --task hopper-random --data' 'export'; do
    # shellcheck disable=SC2086
    expect 3 "data_format: expected hdf5, found arrow|pip's minari" "${verb%% *} of the Arrow form" "$mdpbench" $verb cut-v0
done
# flags as PyTables writes them: what ended the episodes is kept
works 'flags that are bitfields' "$mdpbench" export "$root/tests/reference/minari/bitfield.hdf5" --minari --out flags-v0
works 'and what became of them' "$mdpbench" inspect flags-v0
says 'terminated 4  time_limit 0' 'terminals stay terminals'
expect 4 '--minari: expected none beside a curve, --out x.curve.h5' 'a curve is no dataset' "$mdpbench" export h.hdf5 --minari --out x.curve.h5
sed 's/"shape\\": \[2\]/"shape\\": [4294967298]/' "$recorded/data/metadata.json" > cut-v0/data/metadata.json
cp "$recorded/data/main_data.hdf5" cut-v0/data/main_data.hdf5
expect 3 'observation_space: expected 1 to 1024 columns, found 4294967298' 'a width that no integer here holds' "$mdpbench" inspect cut-v0
expect 4 'expected --minari to export a dataset' 'a dataset in D4RL'"'"'s layout' "$mdpbench" export h.hdf5
for array in observations actions rewards terminals timeouts; do h5copy -i h.hdf5 -o "$work/short.hdf5" -s /$array -d /$array; done
for out in no-v0 x/y/no-v0; do
    expect 3 'next_observations: expected them' "export --minari --out $out of what Minari cannot hold" \
        "$mdpbench" export "$work/short.hdf5" --minari --out $out
    [ ! -e "${out%%/*}" ]
    check $? 'leaves no folder'
done
mkdir kept-v0
run "$mdpbench" export "$work/short.hdf5" --minari --out kept-v0
[ "$status" = 3 ] && [ -d kept-v0 ] && [ ! -e kept-v0/data ]
check $? 'but one that was there'
expect 3 'cut-v0/data' 'export of damaged data' "$mdpbench" export cut-v0 --out z/cut.hdf5
[ ! -e z ]
check $? 'leaves no folder either'
mkdir empty
expect 5 "expected a file or a dataset of Minari's" 'a folder of something else' "$mdpbench" inspect empty

# ---- pip's minari ----
python=${MDPBENCH_MINARI:-python3}
if "$python" -c 'import minari' 2> /dev/null; then
    mkdir home
    cat > pip.py <<'END'
import sys

import h5py
import minari
import numpy as np

for name, d4rl in (("h-v0", "h.hdf5"), ("short-v0", "short.hdf5")):
    data, rows, first = minari.load_dataset(name), h5py.File(d4rl), 0
    for episode in data.iterate_episodes():
        part = slice(first, first + len(episode.rewards))
        assert np.array_equal(episode.observations[:-1], rows["observations"][part])
        assert np.array_equal(episode.observations[1:], rows["next_observations"][part])
        assert episode.observations.dtype == rows["observations"].dtype
        for mine, its in (("actions", "actions"), ("rewards", "rewards"), ("terminals", "terminations"), ("timeouts", "truncations")):
            assert np.array_equal(getattr(episode, its), rows[mine][part]), its
        for key in episode.infos or {}:
            assert np.array_equal(episode.infos[key], rows["infos"][key][part]), key
        assert data.observation_space.contains(episode.observations[0]) and data.action_space.contains(episode.actions[0])
        first = part.stop
    assert first == data.total_steps == len(rows["rewards"])
print(minari.get_normalized_score(minari.load_dataset("h-v0"), np.array([20.058972])))
END
    HOME=$PWD/home MINARI_DATASETS_PATH=$PWD run "$python" -W ignore pip.py
    [ "$status" = 0 ] && [ "$(cat "$work/out")" = '[0.]' ]
    check $? "pip's minari reads the same values" "$work/out" "$work/err"
else
    skip "pip's minari reads the same values" "$python has no minari (MDPBENCH_MINARI names a python that has)"
fi
finish
