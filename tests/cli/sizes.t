#!/bin/sh
# data of any sizes: training needs no world, a task is then a label, and what has no world is evaluated nowhere
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
ends=$root/tests/reference/minari/ends-v0
says() {
    has_all "$1" "$work/out"
    check $? "$2" "$work/out"
}

# ---- a world that is not here ----
for algo in dql edp idql; do
    works "train $algo on 3 observations and 1 action" "$mdpbench" train --data "$ends" --algo $algo --steps 2 --batch 8
    says "runs/ends-v0/$algo/joint/seed0" 'the label is the name of the folder'
done
run=runs/ends-v0/dql/joint/seed0
works 'inspect its modules' "$mdpbench" inspect $run/step000002.diffusion.h5 $run/step000002.guidance.h5
says 'task               ends-v0|n_obs              3|n_act              1|"bounds": [[-2.0, 2.0]]' 'label, sizes and the range of actions'
works 'it goes on' "$mdpbench" train --data "$ends" --steps 4 --checkpoint-every 2 --batch 8
works 'export' "$mdpbench" export $run/step000004.diffusion.h5 $run/step000004.guidance.h5
works 'import' "$mdpbench" import $run/step000004.diffusion.safetensors $run/step000004.guidance.safetensors --out back
same 'the same module' back/step000004.diffusion.h5 $run/step000004.diffusion.h5
expect 3 "task: expected one with a world, found 'ends-v0' of 3 observations and 1 actions; no world here has them" 'eval' "$mdpbench" eval $run
works 'in D4RL'"'"'s layout' "$mdpbench" export "$ends" --out pendulum.hdf5
works 'which says the range' "$mdpbench" train --data pendulum.hdf5 --steps 2 --batch 8 --out exported
"$mdpbench" inspect exported/step000002.diffusion.h5 > "$work/out"
says '"bounds": [[-2.0, 2.0]]' 'as the modules do'
plain pendulum.hdf5 silent.hdf5
reword silent.hdf5 action_bounds action_limits
chatty_expect 3 'actions: expected values in [-1, 1], found 1.80185|--bounds' 'files of others do not' "$mdpbench" train --data silent.hdf5 --steps 2 --batch 8
works 'but people can' "$mdpbench" train --data silent.hdf5 --bounds=-2,2 --steps 4 --checkpoint-every 2 --batch 8 --task ends-v0 --out said
cp said/step000004.diffusion.h5 a.h5
cp $run/step000004.diffusion.h5 b.h5
"$mdpbench" export a.h5 b.h5 > "$work/out"
"$mdpbench" inspect --json a.safetensors | sed -n '/"contents"/,$p' > a.json
"$mdpbench" inspect --json b.safetensors | sed -n '/"contents"/,$p' > b.json
[ -s a.json ] && cmp -s a.json b.json
check $? 'with the same bits' a.json
chatty_expect 4 'was made with other settings' 'other bounds are another run' "$mdpbench" train --data silent.hdf5 --bounds=-3,3 --steps 4 --batch 8 --task ends-v0 --out said

# ---- one that is here under another name ----
works 'collect' "$mdpbench" collect hopper-random --steps 400 --out h.hdf5
works 'train under a label' "$mdpbench" train --data h.hdf5 --steps 2 --batch 8 --task our-robot
grep -q '^our-robot: a label: no world of this name is here' "$work/err"
check $? 'which is said to be one' "$work/err"
expect 3 "found 'our-robot' of 15 observations and 3 actions; HopperBullet-v0|option --task says which" 'eval says where it could act' "$mdpbench" eval runs/our-robot/dql/joint/seed0
works 'and does, once told' "$mdpbench" eval runs/our-robot/dql/joint/seed0 --task hopper-random --episodes 1 --candidates 2 --w-t 1
works 'its own task is fine' "$mdpbench" train --task hopper-random --data h.hdf5 --steps 2 --batch 8
expect 4 'option --task: expected hopper-random as the file says, found hopper-medium' 'another is not' "$mdpbench" eval runs/hopper-random/dql/joint/seed0 --task hopper-medium
expect 3 'expected 26 observations and 6 actions as HalfCheetahBullet-v0 has, found 15 and 3; HopperBullet-v0' 'a task whose world has other sizes' \
    "$mdpbench" train --task halfcheetah-medium --data h.hdf5
works 'diagnose under a label' "$mdpbench" collect hopper-random --seed 1 --steps 400 --out held.hdf5
works 'diagnose' "$mdpbench" diagnose runs/our-robot/dql/joint/seed0 --held-out held.hdf5 --data h.hdf5 --states 20 --candidates 4 --w-t 1

# ---- names ----
expect 4 "expected bullet-hopper-medium-v0 or mujoco-hopper-medium-v0, found 'hopper-medium-v0'" 'a name of two worlds' "$mdpbench" collect hopper-medium-v0
expect 4 "expected bullet-hopper-medium-v0 or mujoco-hopper-medium-v0" 'is no label either' "$mdpbench" train --data h.hdf5 --task hopper-medium-v0
expect 4 "found mujoco-v5-hopper-simple, which is Minari's" 'data that only Minari has' "$mdpbench" collect mujoco/hopper/simple-v0
works "all that the expert's learner saw" "$mdpbench" collect hopper-full-replay --steps 300 --behavior "$root/results/reference/behavior" --out full.hdf5
"$mdpbench" inspect full.hdf5 > "$work/out"
says 'task       hopper-full-replay|rows               300' 'is a dataset'
mkdir -p mujoco/pendulum
cp -r "$ends" mujoco/pendulum/medium-v0
works 'a folder of Minari under a name that is none of ours' "$mdpbench" train --data mujoco/pendulum/medium-v0 --steps 2 --batch 8
says 'runs/medium-v0/dql' 'has its own name as a label'

# ---- wrong use ----
while IFS='|' read -r text name options; do
    # shellcheck disable=SC2086
    chatty_expect 4 "$text" "$name" "$mdpbench" train $options
done <<'END'
expected a task, or --data, found neither|no data, no task|--steps 2
expected 1 to 200 letters, digits and . _ + = -, not beginning with a dot, found 'a/b'|a label that is no name|--data h.hdf5 --task a/b
task: expected {|an unknown task without data|--task our-robot
expected two numbers LOW,HIGH, the first below the second, found '2,-2'|bounds the wrong way round|--data silent.hdf5 --bounds 2,-2
expected two numbers LOW,HIGH, the first below the second, found '2'|one bound|--data silent.hdf5 --bounds 2
expected two numbers LOW,HIGH, the first below the second, found 'a,b'|no numbers|--data silent.hdf5 --bounds a,b
END
finish
