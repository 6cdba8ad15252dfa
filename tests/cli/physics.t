#!/bin/sh
# --physics: choices and what is wrong with them, a library's results told from ours, and with MDPBENCH_TEST_PHYSICS
# naming a real library, the same results on it
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
policy=$root/results/reference/behavior/halfcheetah-medium.h5
recording=$root/tests/reference/envs/halfcheetah_first250.h5
fake=$(dirname "$mdpbench")/t/fake_bullet.so
partial=$(dirname "$mdpbench")/t/partial_bullet.so

# ---- choices ----
expect 4 "native, native-one, native-avx2, native-avx512, lean, robotics:LIBRARY|found 'imaginary'" 'unknown physics' "$mdpbench" verify env --physics imaginary "$recording"
expect 4 "MDPBENCH_PHYSICS|found 'imaginary'" 'the variable is used, and named' \
    env MDPBENCH_PHYSICS=imaginary "$mdpbench" verify env "$recording"
works 'the option goes before the variable' env MDPBENCH_PHYSICS=imaginary "$mdpbench" verify env --physics native "$recording"
works 'an empty variable is none' env MDPBENCH_PHYSICS= "$mdpbench" verify env "$recording"
has_all '# bullet-float64 3.|halfcheetah_first250.h5: recorded with Bullet 3.24, double precision' "$work/out"
check $? 'verify env says on what, and what was recorded with' "$work/out"
works 'one world at a time' "$mdpbench" verify env --physics native-one "$recording"
for width in avx2 avx512; do
    run "$mdpbench" verify env --physics "native-$width" "$root"/tests/reference/envs/*.h5
    if grep -q "physics native-$width: expected a processor with it, found" "$work/err"; then
        [ "$status" = 4 ] && ! [ -s "$work/out" ]
        check $? "lanes of $width are refused where there are none" "$work/err"
    else
        [ "$status" = 0 ] && ! grep -q 'FAIL' "$work/out" && grep -q 'bit-identical' "$work/out"
        check $? "all recordings in lanes of $width" "$work/out"
    fi
done
works 'Bullet itself' "$mdpbench" verify env --physics lean "$recording"
has_all '# bullet-float64 3.|libBulletDynamics-float64' "$work/out"
check $? 'it says which files it is' "$work/out"
expect 4 "expected LIBRARY or LIBRARY:LIBPYTHON, found ''" 'robotics without a library' \
    "$mdpbench" verify env --physics robotics "$recording"
expect 4 "expected 'env' beside it, found 'stats'" '--physics where nothing is simulated' \
    "$mdpbench" verify stats --physics native x.h5
expect 4 "option --against" '--against where nothing is simulated' "$mdpbench" perf stats --against native --seconds 0.001
expect 4 "found 'imaginary'" '--against something unknown' "$mdpbench" perf env --against imaginary --seconds 0.001
for verb in 'collect halfcheetah-random --steps 10' 'behave halfcheetah --steps 1' "eval --behavior $policy"; do
    # shellcheck disable=SC2086
    expect 4 "found 'imaginary'" "${verb%% *} --physics" "$mdpbench" $verb --physics imaginary --out out
    expect 4 'HalfCheetahBullet-v0: expected physics of Bullet|which is MuJoCo' "${verb%% *} --physics of another family" \
        "$mdpbench" $verb --physics mujoco --out out
done
[ ! -e out ]
check $? 'nothing was written'

# ---- an evaluation that is there already, of another world ----
works 'an evaluation' "$mdpbench" eval --behavior "$policy" --episodes 1 --out w.episodes.h5
run "$mdpbench" eval --behavior "$policy" --episodes 1 --out w.episodes.h5
[ "$status" = 0 ] && ! grep -q 'was made with' "$work/err"
check $? 'of the same world' "$work/err"
plain w.episodes.h5 v.episodes.h5
perl -0777 -pi -e 's/bullet-float64 3\.24/bullet-float64 3.25/' v.episodes.h5
run "$mdpbench" eval --behavior "$policy" --episodes 1 --out v.episodes.h5
[ "$status" = 0 ] && grep -q 'v.episodes.h5: physics: was made with bullet-float64 3.25, now it is bullet-float64 3.24' "$work/err"
check $? 'of another, which is said' "$work/err"

# ---- libraries that are none ----
works 'perf env, physics in turn' "$mdpbench" perf env --against native --seconds 0.02 --json
has_all 'against/HalfCheetahBullet-v0|ratio/Walker2DBullet-v0|ratio/vec/HopperBullet-v0|"physics": "bullet-float64' "$work/out"
check $? 'rates of both, their ratio, and on what' "$work/out"
run "$mdpbench" verify env --physics robotics:libm.so.6 "$recording"
if grep -q AddressSanitizer "$work/err"; then
    skip 'libraries' 'AddressSanitizer refuses RTLD_DEEPBIND'
    finish
    exit 0
fi
echo 'no library' > text.so
expect 5 './none.so: cannot be read' 'no such file' "$mdpbench" verify env --physics robotics:./none.so "$recording"
expect 5 'libNone.so' 'a name the loader does not find' "$mdpbench" verify env --physics robotics:libNone.so "$recording"
expect 3 './text.so: expected a shared library' 'no shared library' \
    "$mdpbench" verify env --physics robotics:./text.so "$recording"
expect 3 'libm.so.6: expected Bullet|found none' 'a library without Bullet' \
    "$mdpbench" verify env --physics robotics:libm.so.6 "$recording"
if [ ! -e "$fake" ] || [ ! -e "$partial" ]; then
    skip 'a library that answers wrongly' "there is no $fake"
    finish
    exit 0
fi
expect 3 'missing: b3DisconnectSharedMemory' 'a library that lacks functions' \
    "$mdpbench" verify env --physics "robotics:$partial" "$recording"
expect 3 'found a single-precision one' 'a single-precision build' \
    env MDPBENCH_FAKE_BULLET=single "$mdpbench" verify env --physics "robotics:$fake" "$recording"
expect 5 'found one refused' 'a connection refused' \
    env MDPBENCH_FAKE_BULLET=refused "$mdpbench" verify env --physics "robotics:$fake" "$recording"
expect 3 'torso: expected a mass of' 'another model than asked for' \
    "$mdpbench" verify env --physics "robotics:$fake" "$root/tests/reference/envs/walker2d_bullet.h5"
run "$mdpbench" verify env --physics "robotics:$fake" "$recording"
[ "$status" = 1 ] && grep -q '^not ok' "$work/out" && ! grep -q argv "$work/out"
check $? 'a library that simulates something else fails, and does not chatter' "$work/out" "$work/err"

# ---- results of another library are told from ours ----
set -- --behavior "$policy" --episodes 2 --lanes 1 --threads 1
works 'eval on ours' "$mdpbench" eval "$@" --out ours.episodes.h5
works 'eval on a library' "$mdpbench" eval "$@" --out theirs.episodes.h5 --physics "robotics:$fake"
works 'eval again: read' env MDPBENCH_PHYSICS="robotics:$fake" "$mdpbench" eval "$@" --out theirs.episodes.h5
expect 4 'physics "robotics 3.24 ' 'eval on ours where a library has been' "$mdpbench" eval "$@" --out theirs.episodes.h5
expect 3 "physics: expected 'bullet-float64|as in ours.episodes.h5, found 'robotics 3.24 |in theirs.episodes.h5" 'compare refuses unlike physics' \
    "$mdpbench" compare ours.episodes.h5 theirs.episodes.h5
works 'collect on a library' "$mdpbench" collect halfcheetah-random --steps 50 --threads 1 --out theirs.hdf5 --physics "robotics:$fake"
expect 4 'physics "robotics 3.24 ' 'collect on ours where a library has been' \
    "$mdpbench" collect halfcheetah-random --steps 50 --threads 1 --out theirs.hdf5
works 'inspect' "$mdpbench" inspect theirs.episodes.h5 theirs.hdf5
[ "$(grep -c 'physics  *robotics 3.24 [0-9a-f]\{16\}' "$work/out")" = 2 ] &&
    [ "$(grep -c 'physics_library  *fake_bullet.so' "$work/out")" = 2 ] &&
    [ "$(grep -c 'physics_hash  *[0-9a-f]\{16\}' "$work/out")" = 2 ]
check $? 'it names physics, library and hash of both' "$work/out"
works 'inspect ours' "$mdpbench" inspect ours.episodes.h5
has_all 'bullet-float64 3.|physics_library|physics_hash' "$work/out"
check $? 'ours says so, too' "$work/out"

# ---- a real library ----
if [ -z "${MDPBENCH_TEST_PHYSICS:-}" ]; then
    skip 'a real library' 'MDPBENCH_TEST_PHYSICS names none'
    finish
    exit 0
fi
works 'verify env on it' "$mdpbench" verify env --physics "$MDPBENCH_TEST_PHYSICS" "$root"/tests/reference/envs/*.h5
grep -v bit-identical "$work/out" | grep '^ok' > "$work/unlike"
[ ! -s "$work/unlike" ]
check $? 'every line is bit-identical' "$work/unlike"
set -- --behavior "$policy" --episodes 6
works 'eval, one thread' "$mdpbench" eval "$@" --threads 1 --out one.episodes.h5 --physics "$MDPBENCH_TEST_PHYSICS"
works 'eval, two threads' "$mdpbench" eval "$@" --threads 2 --lanes 3 --out two.episodes.h5 --physics "$MDPBENCH_TEST_PHYSICS"
cmp one.episodes.h5 two.episodes.h5 > "$work/diff"
check $? 'the same bytes' "$work/diff"
works 'eval on ours' "$mdpbench" eval "$@" --out mine.episodes.h5
for array in return length; do
    for name in one mine; do h5dump -d /$array -y "$name.episodes.h5" | tail -n +2 > "$work/$name"; done
    cmp "$work/one" "$work/mine" > "$work/diff"
    check $? "the same $array as on ours" "$work/diff"
done
finish
