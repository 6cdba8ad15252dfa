#!/bin/sh
# mujoco-rk4-order: "RK4" was of second order for whatever can turn freely, until MuJoCo 4.0.0.
#
# Packages: mujoco 3.17.0 and mujoco 4.0.0, numpy 2.4.6.
# Expect:   half the time step divides the error of integrator="RK4" by 16, and a new release changes rounding at most.
# Seen:     for a free, turning body 3.17.0 divides it by 4, so that its RK4 is a second-order method there; 4.0.0 by
#           16, with an error a thousand times smaller at the same step. A hinge has fourth order in both. Gymnasium's
#           Ant and Humanoid (free joint, RK4) therefore move differently in 4.0.0, with the same model file: every step
#           of Ant differs by up to 1e-4, where with integrator="Euler" both agree to 1e-13.
# Exit:     0 still so, 1 changed, 77 a package is not to be had.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat > "$dir/order.py" <<'EOF'
import mujoco
import numpy as np

MODEL = """<mujoco><option integrator="RK4" timestep="{step!r}" gravity="0 0 -9.81"/>
<worldbody><body>{joint}<geom type="box" size="0.1 0.2 0.3" pos="{place}"/></body></worldbody></mujoco>"""


def after_a_second(step, joint, place):
    model = mujoco.MjModel.from_xml_string(MODEL.format(step=step, joint=joint, place=place))
    data = mujoco.MjData(model)
    data.qvel[-3:] = [3, 5, 0.2][-model.nv:]
    for _ in range(round(1 / step)):
        mujoco.mj_step(model, data)
    return data.qpos[-4:].copy()


def order(joint, place):
    """Observed order, from the errors at steps of 1/50 and 1/100 s, and the latter error."""
    exact = after_a_second(1 / 3200, joint, place)
    coarse, fine = (np.abs(after_a_second(1 / n, joint, place) - exact).max() for n in (50, 100))
    return np.log2(coarse / fine), fine


print(mujoco.__version__, *order("<freejoint/>", "0 0 0"), *order('<joint type="hinge" axis="0 1 0"/>', "0 0 0.5"))
EOF
for version in 3.17.0 4.0.0; do
    python3 -m venv "$dir/$version" || exit 77
    "$dir/$version/bin/pip" install -q --only-binary :all: mujoco==$version numpy==2.4.6 || exit 77
    "$dir/$version/bin/python" "$dir/order.py" >> "$dir/found"
done
python3 - "$dir/found" <<'EOF'
import sys

rows = [line.split() for line in open(sys.argv[1])]
for version, free, free_error, hinge, hinge_error in rows:
    print(f"mujoco {version}: free body: order {float(free):.2f}, error {float(free_error):.1e} at a step of 0.01 s; "
          f"hinge: order {float(hinge):.2f}, error {float(hinge_error):.1e}")
print("expected: order 4 in all")
old, new = ([float(x) for x in row[1:]] for row in rows)
holds = (abs(old[0] - 2) < 0.2 and abs(new[0] - 4) < 0.3 and old[1] > 100 * new[1]
         and abs(old[2] - 4) < 0.3 and abs(new[2] - 4) < 0.3)
print("still so" if holds else "changed")
sys.exit(not holds)
EOF
