"""Policies, episodes files and comparisons: written and read again, the command's own words, and wrong use."""

import os
import pickle
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np
import tap
from test_envs import HOPPER

import mdpbench
from mdpbench import Episodes, InvalidInput, Policy, Unavailable, compare

COMMAND = os.environ.get("MDPBENCH_COMMAND")


def made(shift=0.0, env_id=HOPPER, **facts):
    numbers = np.arange(12)
    return Episodes(env_id, 300 + 7.0 * numbers**2 + shift, lengths=100 + numbers, ends=numbers % 2, seeds=2**63 + 1,
                    **facts)  # fmt: skip


class Results(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return f"{self.folder.name}/{name}"

    def test_written_and_read(self):
        one = made(task="hopper-medium", algo="mine", step=500)
        one.write(self.path("a.episodes.h5"))
        other = Episodes.read(self.path("a.episodes.h5"))
        for name in ("returns", "normalized_returns", "lengths", "ends", "seeds", "numbers"):
            self.assertEqual(getattr(one, name).tobytes(), getattr(other, name).tobytes())
        self.assertEqual((other.seeds[0], len(other), other.returns[1]), (2**63 + 1, 12, 307.0))
        self.assertEqual([other.fact(name) for name in ("task", "algo", "step", "env_id")],
                         ["hopper-medium", "mine", "500", HOPPER])  # fmt: skip

    def test_compare(self):
        a, b = made(40), made(algo="other")
        found = compare(a, b)
        (difference,) = found.differences
        self.assertTrue(found.verdict.startswith("A is better than B on hopper"))
        self.assertEqual((difference.verdict, difference.is_paired, difference.n), (1, True, (12, 12)))
        self.assertLess(difference.p_corrected, 0.05)
        self.assertIn("within 0.2", compare(a, b, margin=0.2, worst=-1).verdict)
        a.write(self.path("a.episodes.h5"))
        b.write(self.path("b.episodes.h5"))
        paths = self.path("a.episodes.h5"), self.path("b.episodes.h5")
        self.assertEqual(compare(*paths), found)
        if COMMAND:
            said = subprocess.run([COMMAND, "compare", *paths], capture_output=True, text=True, check=True).stdout
            self.assertEqual(said.splitlines()[0], found.verdict)

    def test_wrong_use(self):
        good = made()
        good.write(self.path("a.episodes.h5"))
        for kind, text, function, *args in (
            (Unavailable, "not replaced", good.write, self.path("a.episodes.h5")),
            (Unavailable, "none.h5", Episodes.read, self.path("none.h5")),
            (InvalidInput, "expected one of task, algo", lambda: made(physics_hash=1)),
            (InvalidInput, "step: expected a whole number, found 'x'", lambda: made(step="x")),
            (InvalidInput, "expected a fact of docs/formats.md, found 'mood'", good.fact, "mood"),
            (InvalidInput, "found 'ant'", lambda: made(env_id="ant")),
            (InvalidInput, "return: expected finite values, found nan", made(np.nan).write, self.path("nan.h5")),
            (InvalidInput, "expected a task that both sides have", compare, good, made(env_id="Walker2DBullet-v0")),
            (InvalidInput, "option mood", lambda: compare(good, good, mood=1)),
            (TypeError, "two Episodes or two paths", compare, good, "a.h5"),
            (TypeError, "neither copied nor pickled", pickle.dumps, good),
            (ValueError, "", lambda: Episodes(HOPPER, [1, 2], lengths=[1, 2, 3], ends=0, seeds=0)),
        ):
            with self.assertRaisesRegex(kind, text):
                function(*args)

    def test_whole_numbers(self):
        """Numbers that C would take for others are refused before it sees them."""
        one = Episodes(HOPPER, [1, 2], lengths=np.array([3, 4], np.uint8), ends=np.array([True, False]),
                       seeds=[1, 2**63 + 1], numbers=[-1, np.int64(5)])  # fmt: skip
        self.assertEqual([list(one.seeds), list(one.numbers), list(one.ends)], [[1, 2**63 + 1], [-1, 5], [1, 0]])
        file = Path(__file__).resolve().parents[2] / "results/reference/behavior/hopper-medium.h5"
        policy, observations = Policy(file), np.zeros((2, 15))

        def rows(**given):
            return lambda: Episodes(HOPPER, [1, 2], **{"lengths": 3, "ends": 0, "seeds": 0, **given})

        for kind, text, function, *args in (
            (ValueError, "seeds: expected 0 to 18446744073709551615, found -1", rows(seeds=-1)),
            (ValueError, "seeds: expected 0 to .*, found -1", rows(seeds=np.array([0, -1]))),
            (ValueError, "seeds: expected 0 to .*, found 18446744073709551616", rows(seeds=2**64)),
            (ValueError, "ends: expected .* to 2147483647, found 4294967296", rows(ends=2**32)),
            (ValueError, "end: expected 0, 1 or 2, found 3 at row 1", rows(ends=np.array([1, 3]))),
            (ValueError, "lengths: expected .* to 2147483647, found 4294967297", rows(lengths=[1, 2**32 + 1])),
            (ValueError, "numbers: expected .*, found 9223372036854775808", rows(numbers=[0, 2**63])),
            (TypeError, "numbers: expected a whole number, found 1.0", rows(numbers=[1.0, 2.0])),
            (TypeError, "lengths: expected a whole number, found 'a'", rows(lengths="a")),
            (ValueError, "episodes: expected 0 to 4294967295, found -1", policy.act, observations, -1, 0),
            (ValueError, "steps: expected 0 to 4294967295, found 4294967296", policy.act, observations, 0, 2**32),
            (TypeError, "episodes: expected a whole number, found 1.5", policy.act, observations, [1.5, 2], 0),
            (TypeError, "steps: expected a whole number, found 0.0", policy.act, observations, 0, np.zeros(2)),
        ):
            with self.assertRaisesRegex(kind, text):
                function(*args)

    def test_arrays_are_read_only(self):
        """What is written are the rows of the library: a change of a copy would be lost."""
        one = made()
        for name in ("returns", "normalized_returns", "lengths", "ends", "seeds", "numbers"):
            with self.assertRaisesRegex(ValueError, "read-only"):
                getattr(one, name)[0] = 1

    def test_names_of_any_bytes(self):
        """A file may be called whatever the system lets it, except that no name has a zero in it."""
        bytes_path = os.fsencode(self.folder.name) + b"/caf\xe9.episodes.h5"
        text_path, policy = os.fsdecode(bytes_path), self.path(os.fsdecode(b"\xff.h5"))
        one = made(diffusion=text_path)
        one.write(bytes_path)
        self.assertTrue(os.path.exists(bytes_path))
        self.assertIn("caf", one.fact("diffusion"))
        for path in (bytes_path, text_path, Path(text_path)):
            self.assertEqual(Episodes.read(path).returns[1], 307.0)
        self.assertTrue(compare(bytes_path, Path(text_path)).verdict)
        file = Path(__file__).resolve().parents[2] / "results/reference/behavior/hopper-medium.h5"
        os.symlink(file, policy)
        self.assertEqual(Policy(policy).env_id, HOPPER)
        for function, *args in ((Episodes.read, text_path + "\0x"), (Episodes.read, bytes_path + b"\0"),
                                (one.write, self.path("cut.h5\0x")), (Policy, str(file) + "\0"), (one.fact, "task\0"),
                                (lambda: made(algo="mine\0x"),), (lambda: Policy(file, stochastic="true\0x"),),
                                (mdpbench.Env, HOPPER + "\0"), (compare, text_path, "b\0")):  # fmt: skip
            with self.assertRaisesRegex(ValueError, "without a zero byte"):
                function(*args)
        self.assertFalse(os.path.exists(self.path("cut.h5")))

    def test_texts_of_any_bytes(self):
        """A fact that is no UTF-8 can be shown."""
        one = made(algo=os.fsdecode(b"\xff"), task=os.fsdecode(b"hop\xff"))
        self.assertEqual((one.fact("algo"), one.fact("task")), ("\ufffd", "hop\ufffd"))
        (difference,) = compare(one, made(1, task=os.fsdecode(b"hop\xff"))).differences
        difference.task.encode()

    def test_policy(self):
        file = Path(__file__).resolve().parents[2] / "results/reference/behavior/hopper-medium.h5"
        policy = Policy(file, seed=3, stochastic=True)
        self.assertEqual(policy.env_id, HOPPER)
        observations = np.random.default_rng(0).normal(size=(5, 15)).astype(np.float32)
        all_of_them = policy.act(observations, [0, 1, 2, 3, 4], 7)
        self.assertEqual((all_of_them.shape, all_of_them.dtype), ((5, 3), np.float32))
        for i in range(5):
            self.assertEqual(policy.act(observations[i : i + 1], i, 7).tobytes(), all_of_them[i].tobytes())
        self.assertNotEqual(policy.act(observations, 0, 8).tobytes(), all_of_them.tobytes())
        broken = np.full((1, 15), np.nan)
        for kind, text, function, *args in (
            (ValueError, r"expected shape \(n, 15\), found \(15,\)", policy.act, observations[0], 0, 0),
            (InvalidInput, r"observations \[0, 0\]: expected a finite number", policy.act, broken, 0, 0),
            (InvalidInput, "option candidates", lambda: Policy(file, candidates=3)),
            (InvalidInput, "expected none of a behaviour policy, found 'own'", Policy, file, "own"),
            (Unavailable, "none.h5", Policy, "none.h5"),
            (TypeError, "neither copied nor pickled", pickle.dumps, policy),
        ):
            with self.assertRaisesRegex(kind, text):
                function(*args)


if __name__ == "__main__":
    tap.main()
