#!/bin/sh
# environments on MuJoCo: recordings of the originals replayed, results that say their world, and what is wrong where.
# with MDPBENCH_TEST_MUJOCO naming a Python with Gymnasium, mujoco and h5py: the real environments, replayed
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
recordings=$root/tests/reference/envs-mujoco
fake=$(dirname "$mdpbench")/t/fake_mujoco.so

# ---- libraries that are none, or others ----
expect 5 './none.so: cannot open' 'no such library' "$mdpbench" verify env --physics mujoco:./none.so "$recordings/hopper_v4.h5"
expect 3 'libm.so.6: expected MuJoCo' 'another library' "$mdpbench" verify env --physics mujoco:libm.so.6 "$recordings/hopper_v4.h5"
expect 3 'or a release from 3.2 on, found 2.3.1' 'a release between' \
    env MDPBENCH_FAKE_MUJOCO=old "$mdpbench" verify env --physics "mujoco:$fake" "$recordings/hopper_v4.h5"
expect 4 'HalfCheetah-v2: expected MuJoCo 2.2.2, whose structures' 'v2 on a newer one' \
    "$mdpbench" collect mujoco-halfcheetah-random --steps 10 --out x.hdf5 --physics "mujoco:$fake"
expect 4 'Hopper-v4: expected physics of MuJoCo|which is Bullet' 'Bullet for a robot of MuJoCo' \
    "$mdpbench" collect mujoco-v4-hopper-random --steps 10 --out x.hdf5 --physics native
run "$mdpbench" verify env --physics "mujoco:$fake" "$recordings/hopper_v5.h5"
[ "$status" = 1 ] && grep -q '^not ok 1 - hopper_v5.h5 ep_00 .* one step at a time' "$work/out" &&
    has_all '# mujoco 3.9.0 v5 |replayed on another build|# hopper_v5.h5: one step at most' "$work/out"
check $? 'one that simulates something else fails, and how far it is off is said' "$work/out" "$work/err"
works 'data of Bullet' "$mdpbench" collect halfcheetah-random --steps 400 --threads 1 --out bullet.hdf5
works 'its world' "$mdpbench" inspect --world bullet.hdf5
has_all 'made in HalfCheetahBullet-v0: 90 % of |HalfCheetahBullet-v0  one step: median |, fits' "$work/out"
check $? 'is found by the states beside its observations' "$work/out"
# a few rows, all of which a world of Bullet needs to settle
works 'a short dataset' "$mdpbench" collect halfcheetah-random --steps 40 --out few.hdf5
works 'its world' "$mdpbench" inspect --world few.hdf5
has_all 'HalfCheetahBullet-v0, which was not replayed: none of 32 transitions can be replayed' "$work/out"
check $? 'what was not tried is said to be so' "$work/out"
expect 4 'halfcheetah-medium.h5: option --world: expected a dataset, found behavior' 'of a policy' \
    "$mdpbench" inspect --world "$root/results/reference/behavior/halfcheetah-medium.h5"
mkdir old
cp "$fake" old/libmujoco.so.2.2.2
run env LD_LIBRARY_PATH=old "$mdpbench" collect mujoco-hopper-random --steps 10 --out x.hdf5
if grep -q 'expected a program built with' "$work/err"; then
    message_is 5 'Debian'\''s package libmujoco-dev'
    check $? 'a program without the header says which package has it' "$work/err"
    skip 'recordings' "$(sed 's/^mdpbench //' "$work/err")"
    finish
    exit 0
fi
message_is 3 'expected the release that this program was built for, found MuJoCo 3.9.0|libmujoco-dev'
check $? 'another release under the name of the right one' "$work/err"
echo 'no library' > old/libmujoco.so.2.2.2
run env LD_LIBRARY_PATH=old "$mdpbench" eval --help
run env LD_LIBRARY_PATH=old "$mdpbench" collect mujoco-hopper-random --steps 10 --out x.hdf5
message_is 5 'libmujoco.so.2.2.2|libmujoco-dev' && [ ! -e x.hdf5 ]
check $? 'one that cannot be loaded, and the package that has it' "$work/err"
rm -r old

# ---- recordings ----
run "$mdpbench" verify env "$recordings/hopper_v2.h5"
if [ "$status" = 5 ]; then
    skip 'recordings' "$(sed 's/^mdpbench //' "$work/err")"
    finish
    exit 0
fi
works 'verify env' "$mdpbench" verify env "$recordings"/*.h5
grep '^ok' "$work/out" | grep -v 'bit-identical\|transitions' > "$work/unlike"
if grep -q fma "$work/out"; then
    [ ! -s "$work/unlike" ] && [ "$(grep -c bit-identical "$work/out")" = 94 ]
    check $? 'every step and every free run has the recorded bits' "$work/unlike"
else
    skip 'every step and every free run has the recorded bits' 'no fused multiply-add'
fi
[ "$(grep -c '^ok .*_transitions.h5 .* bound' "$work/out")" = 6 ]
check $? 'transitions of others fit the world that they come from' "$work/out"
plain "$recordings/hopper_v4.h5" wrong.h5
for array in observations rewards reward_terms state/qpos state/qvel; do
    cp wrong.h5 poked.h5
    poke poked.h5 "ep_00/$array" 40 'd<' 0.7
    run "$mdpbench" verify env poked.h5
    [ "$status" = 1 ] && grep -q '^not ok' "$work/out"
    check $? "a wrong $array is found" "$work/out" "$work/err"
done
cp wrong.h5 poked.h5
poke poked.h5 ep_00/actions 40 'd<' nan
expect 3 'poked.h5: ep_00/actions: expected finite numbers, found|nan in row 13' 'controls that are no numbers are refused' \
    "$mdpbench" verify env poked.h5
perl -0777 -pe 's/Hopper-v4/Hopper-v2/' wrong.h5 > other.h5
run "$mdpbench" verify env other.h5
[ "$status" = 1 ] && grep -q '^not ok .* one step' "$work/out"
check $? 'a recording under the name of another world fails' "$work/out" "$work/err"
perl -0777 -pe 's/Hopper-v4/Hopper-v7/' wrong.h5 > other.h5
expect 3 'other.h5: env: expected a known environment of MuJoCo, found "Hopper-v7"' 'an unknown world' "$mdpbench" verify env other.h5

# ---- results say their world ----
for world in '' -v4 -v5; do
    works "collect in mujoco$world" "$mdpbench" collect "mujoco$world-hopper-random" --steps 300 --threads 2 --out "x$world.hdf5"
done
works 'inspect' "$mdpbench" inspect x.hdf5 x-v4.hdf5 x-v5.hdf5
has_all 'mujoco 2.2.2 v2|mujoco 2.2.2 v4|mujoco 2.2.2 v5|Hopper-v2|libmujoco.so.2.2.2' "$work/out"
check $? 'it names world and library of each' "$work/out"
works 'which world made them' "$mdpbench" inspect --world --json x.hdf5 x-v4.hdf5 x-v5.hdf5
json 'v2 is told from v4, which for Hopper is the same world as v5' "$work/out" \
    'join(" ", map { join "+", @{$_->{world}{fits}} } @$j) eq "Hopper-v2 Hopper-v4+Hopper-v5 Hopper-v4+Hopper-v5" && $j->[0]{world}{times_further} > 1000'
refused 1 3 'x.hdf5: expected data of Hopper-v4 for the task mujoco-v4-hopper-random, found those of Hopper-v2: 90 %' \
    'train for a task of another world' "$mdpbench" train --task mujoco-v4-hopper-random --data x.hdf5 --steps 1 --out wrong
works 'train for its own' "$mdpbench" train --task mujoco-hopper-random --data x.hdf5 --steps 1 --checkpoint-every 1 --out right
works 'collect as Minari does' "$mdpbench" collect mujoco-v5-hopper-random --steps 300 --minari --out hopper-random-v0
works 'its world, too' "$mdpbench" inspect --world hopper-random-v0
grep -q 'made in Hopper-v4 and Hopper-v5' "$work/out"
check $? 'is found from the episodes' "$work/out"
works 'behave' "$mdpbench" behave mujoco-hopper --steps 300 --warmup 256 --checkpoint-every 300 --out b
policy=$(echo b/*.behavior.h5)
works 'eval of its policy' "$mdpbench" eval --behavior "$policy" --episodes 6 --threads 1 --out one.episodes.h5
works 'eval on two threads' "$mdpbench" eval --behavior "$policy" --episodes 6 --threads 2 --lanes 3 --out two.episodes.h5
cmp one.episodes.h5 two.episodes.h5 > "$work/diff"
check $? 'the same bytes' "$work/diff"
works 'eval of the committed expert' "$mdpbench" eval --behavior "$root/results/reference/behavior/mujoco-hopper-expert.h5" --episodes 3 --seed 2 \
    --threads 1 --json --out expert.episodes.h5
json 'reaches nine tenths of what D4RL calls an expert' "$work/out" '$j->{normalized_return}{mean} >= 0.9 && $j->{episodes} == 3'
plain two.episodes.h5 three.episodes.h5
perl -0777 -pi -e 's/mujoco 2\.2\.2 v2/mujoco 2.2.2 v4/; s/Hopper-v2/Hopper-v4/g' three.episodes.h5
expect 3 "environment: expected 'Hopper-v2'|as in one.episodes.h5, found 'Hopper-v4' in three.episodes.h5" \
    'compare refuses another world' "$mdpbench" compare one.episodes.h5 three.episodes.h5
works 'table' "$mdpbench" table one.episodes.h5
has_all "1: expert of D4RL's references" "$work/out"
check $? 'the scale is that of the MuJoCo worlds' "$work/out"
works 'table of a world without scores of its own' "$mdpbench" table three.episodes.h5
has_all "Hopper-v4 has no reference scores: it is shown on the scale of D4RL's for Hopper-v2." "$work/out"
check $? 'whose they are is said' "$work/out"
[ ! -e MUJOCO_LOG.TXT ]
check $? 'nothing was logged by the library'

# ---- the real environments ----
if [ -z "${MDPBENCH_TEST_MUJOCO:-}" ]; then
    skip 'the real environments' 'MDPBENCH_TEST_MUJOCO names no Python with Gymnasium, mujoco and h5py'
    finish
    exit 0
fi
"$MDPBENCH_TEST_MUJOCO" "$here/../peer/record_gymnasium.py" real > "$work/library" 2> "$work/err"
check $? 'Gymnasium records itself' "$work/err"
works 'its own library replays every step' "$mdpbench" verify env --physics "mujoco:$(cat "$work/library")" real/*.h5
grep '^ok' "$work/out" | grep -v bit-identical > "$work/unlike"
[ ! -s "$work/unlike" ]
check $? 'with the same bits' "$work/unlike" "$work/out"
finish
