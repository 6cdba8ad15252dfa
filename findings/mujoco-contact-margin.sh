#!/bin/sh
# mujoco-contact-margin: Hopper-v5 and Ant-v5 are other worlds from MuJoCo 3.5.0 on, HalfCheetah-v5 and Walker2d-v5
# are not.
#
# Packages: gymnasium 1.4.0 and numpy 2.4.6 with mujoco 3.4.0, and with mujoco 3.5.0.
# Expect:   an id of Gymnasium with its version fixes the dynamics; releases of MuJoCo differ by rounding.
# Seen:     the models of Hopper and Ant give all geoms a contact margin. Two margins used to count as the larger of
#           them; since 3.5.0 they are added, so that contact begins at twice the distance. An Ant at rest stands 10 mm
#           higher; one step of Hopper from one state differs in the second digit whenever it touches the ground. Models
#           without margins (HalfCheetah, Walker2d) agree to 1e-12. Returns, normalised scores and datasets of both
#           sides are of different environments, and nothing in the id, in Gymnasium's version or in the data says so.
# Source:   MuJoCo's changelog, 3.5.0, "summed rather than taking the maximum".
# Exit:     0 still so, 1 changed, 77 a package is not to be had.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat > "$dir/steps.py" <<'EOF'
import sys
import gymnasium as gym
import mujoco
import numpy as np

# single steps from states that do not depend on the version, with the legs near the ground
found = {"version": mujoco.__version__}
for name in ("Hopper", "Ant", "HalfCheetah", "Walker2d"):
    env = gym.make(name + "-v5").unwrapped
    env.reset(seed=0)
    rng = np.random.RandomState(0)
    after, touching = [], 0
    for _ in range(200):
        qpos = env.init_qpos + rng.uniform(-0.05, 0.05, env.model.nq)
        if name == "Ant":
            qpos[2] = rng.uniform(0.35, 0.6)
            qpos[3:7] /= np.linalg.norm(qpos[3:7])
        else:
            qpos[1] -= rng.uniform(0, 0.2)
        mujoco.mj_resetData(env.model, env.data)
        env.set_state(qpos, rng.uniform(-1, 1, env.model.nv))
        env.step(rng.uniform(env.action_space.low, env.action_space.high))
        touching += env.data.ncon > 0
        after.append(np.concatenate([env.data.qpos, env.data.qvel]))
    found[name], found[name + " touching"] = np.array(after), touching

ant = gym.make("Ant-v5").unwrapped
ant.reset(seed=0)
for _ in range(400):
    ant.step(np.zeros(8))
found["height"] = ant.data.qpos[2]
np.savez(sys.argv[1], **found)
EOF
for version in 3.4.0 3.5.0; do
    python3 -m venv "$dir/$version" || exit 77
    "$dir/$version/bin/pip" install -q --only-binary :all: \
        mujoco==$version gymnasium==1.4.0 numpy==2.4.6 imageio==2.37.0 packaging==25.0 || exit 77
    "$dir/$version/bin/python" -W ignore "$dir/steps.py" "$dir/$version.npz"
done
"$dir/3.5.0/bin/python" - "$dir" <<'EOF'
import sys
import numpy as np

old, new = (np.load(f"{sys.argv[1]}/{version}.npz") for version in ("3.4.0", "3.5.0"))
apart, touching = {}, 200
print(f"gymnasium 1.4.0, mujoco {old['version']} and {new['version']}; 200 single steps from equal states")
for name in ("Hopper", "Ant", "HalfCheetah", "Walker2d"):
    difference = abs(old[name] - new[name]).max(axis=1)
    apart[name] = difference.max()
    touching = min(touching, new[name + " touching"])
    print(f"{name}-v5, {new[name + ' touching']} steps end on the ground: largest difference of a position or speed "
          f"{difference.max():.1e}, over 1e-6 in {(difference > 1e-6).sum()} steps")
rise = new["height"] - old["height"]
print(f"expected: all about 1e-12, and the same height of an Ant at rest; seen: it stands {1000 * rise:.1f} mm higher")
holds = (apart["Hopper"] > 1e-3 and apart["Ant"] > 1e-3 and apart["HalfCheetah"] < 1e-9 and apart["Walker2d"] < 1e-9
         and touching > 20 and 0.008 < rise < 0.012)
print("still so" if holds else "changed")
sys.exit(not holds)
EOF
