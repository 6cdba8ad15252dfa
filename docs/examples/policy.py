#!/usr/bin/env python3
"""A policy for mdpbench in Python with NumPy: the protocol of docs/policy-protocol.md.

mdpbench eval --policy "python3 docs/examples/policy.py" --task halfcheetah-medium
"""
import json
import sys

import numpy as np

ask, answer = sys.stdin.buffer, sys.stdout.buffer
world = json.loads(ask.readline())
n_obs, n_act = world["n_obs"], world["n_act"]
answer.write(json.dumps({"protocol": 1, "name": "linear"}).encode() + b"\n")
answer.flush()

# the policy: the same random linear map in every run
weights = np.random.default_rng(0).normal(0, 0.1, (n_obs, n_act)).astype("<f4")

while head := ask.read(4):
    n = int.from_bytes(head, "little")
    episodes = np.frombuffer(ask.read(4 * n), "<u4")
    steps = np.frombuffer(ask.read(4 * n), "<u4")
    observations = np.frombuffer(ask.read(4 * n * n_obs), "<f4").reshape(n, n_obs)
    actions = np.tanh(observations @ weights)
    answer.write(head + actions.astype("<f4").tobytes())
    answer.flush()
