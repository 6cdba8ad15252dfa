"""Episodes files, and comparisons of two evaluations."""

import ctypes
import json
from typing import NamedTuple

import numpy as np

from mdpbench import library
from mdpbench.library import check, decode, encode, functions, whole

ENDS = "terminated", "time limit", "not finite"


def options_of(named):
    """Turn keywords into what C takes: n_x=3 is "n-x=3"."""
    texts = [f"{name.replace('_', '-')}={str(value).lower() if isinstance(value, bool) else value}"
             for name, value in named.items()]  # fmt: skip
    return (ctypes.c_char_p * (len(texts) + 1))(*map(encode, texts), None)


def wholes(name, given, shape, dtype):
    """Return whole numbers as an array of a shape, or refuse what is none or does not fit the dtype."""
    least, most = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    array = np.asarray(given)
    if array.size and array.dtype.kind in "iu":
        for extreme in (array.min(), array.max()):
            whole(name, extreme, most, least)
    else:  # one by one, as they were given: NumPy makes floats of [1, 2**63]
        each = [whole(name, one, most, least) for one in np.asarray(given, object).flat]
        array = np.array(each, dtype).reshape(array.shape)
    return np.ascontiguousarray(np.broadcast_to(array, shape), dtype)


class Episodes:
    """What an evaluation found: arrays ``returns``, ``lengths``, ``ends`` (index into ENDS), ``seeds``, ``numbers``.

    They are read-only: what is written are the rows as they were given.

    Facts of who acted may be given by name: task, algo, actor, step, ... (docs/formats.md).
    """

    _handle = None

    def __init__(self, env_id, returns, *, lengths, ends, seeds, numbers=None, physics=None, **facts):
        returns = np.asarray(returns, float)
        numbers = np.arange(returns.size) if numbers is None else numbers
        columns = [wholes(name, given, returns.shape, dtype) for name, given, dtype in
                   (("lengths", lengths, np.int32), ("ends", ends, np.int32), ("seeds", seeds, np.uint64),
                    ("numbers", numbers, np.int64))]  # fmt: skip
        handle = ctypes.c_void_p()
        check(functions.mdpbench_episodes_new(encode(env_id), encode(physics), returns.size, ctypes.byref(handle)))
        self._handle = handle.value
        for name, value in facts.items():
            check(functions.mdpbench_episodes_set_fact(self._handle, encode(name), encode(str(value))))
        for i, (total, length, end, seed, number) in enumerate(zip(returns.tolist(), *map(np.ndarray.tolist, columns))):
            row = library.Episode(total, 0, seed, number, length, end)
            check(functions.mdpbench_episodes_set(self._handle, i, row))
        self._take_rows()

    @classmethod
    def read(cls, path):
        """Read and check a file, or one evaluation of a curve, FILE#stepNNNNNN."""
        self, handle = cls.__new__(cls), ctypes.c_void_p()
        check(functions.mdpbench_episodes_read(encode(path), ctypes.byref(handle)))
        self._handle = handle.value
        self._take_rows()
        return self

    def _take_rows(self):
        rows = (library.Episode * functions.mdpbench_episodes_count(self._handle))()
        for i, row in enumerate(rows):
            check(functions.mdpbench_episodes_get(self._handle, i, row))
        table = np.frombuffer(rows, np.dtype(library.Episode))
        columns = [table[name].copy() for name in table.dtype.names]
        for column in columns:
            column.flags.writeable = False
        self.returns, self.normalized_returns, self.seeds, self.numbers, self.lengths, self.ends = columns

    def fact(self, name):
        """Return a fact of the evaluation as text."""
        text = ctypes.create_string_buffer(1024)
        check(functions.mdpbench_episodes_get_fact(self._handle, encode(name), text, len(text)))
        return decode(text.value)

    def write(self, path):
        """Write the command's episodes file; one that is there is kept and refused."""
        check(functions.mdpbench_episodes_write(self._handle, encode(path)))

    def __len__(self):
        return len(self.returns)

    def __getstate__(self):
        raise TypeError("episodes can be neither copied nor pickled; write them")

    def __del__(self):
        if self._handle is not None:
            functions.mdpbench_episodes_free(self._handle)


class Difference(NamedTuple):
    """What was found for one task; ``verdict`` is 1 if A is better, -1 if B is, 0 if it cannot be told."""

    task: str
    verdict: int
    is_paired: bool
    is_equal: bool
    n: tuple
    p: float
    p_corrected: float
    size: float
    interval: tuple


class Comparison(NamedTuple):
    """What the command's ``compare`` says: its sentence, its whole table, and the numbers that decide."""

    verdict: str
    table: dict
    differences: list


def compare(a, b, **options):
    """Compare two evaluations: Episodes, or what ``compare A B`` takes. Options are the verb's, margin=0.05."""
    handle = ctypes.c_void_p()
    if isinstance(a, Episodes) != isinstance(b, Episodes):
        raise TypeError("compare: expected two Episodes or two paths, found one of each")
    if isinstance(a, Episodes):
        function, sides = functions.mdpbench_compare, (a._handle, b._handle)
    else:
        function, sides = functions.mdpbench_compare_files, (encode(a), encode(b))
    check(function(*sides, options_of(options), ctypes.byref(handle)))
    try:
        verdict, table = functions.mdpbench_comparison_verdict(handle), functions.mdpbench_comparison_json(handle)
        differences = [difference(handle, i) for i in range(functions.mdpbench_comparison_count(handle))]
        return Comparison(decode(verdict), json.loads(decode(table)), differences)
    finally:
        functions.mdpbench_comparison_free(handle)


def difference(handle, i):
    """Return what was found for task i."""
    d = library.Difference()
    check(functions.mdpbench_comparison_get(handle, i, d))
    return Difference(decode(d.task), d.verdict, bool(d.is_paired), bool(d.is_equal), (d.n_a, d.n_b), d.p,
                      d.p_corrected, d.size, (d.low, d.high))  # fmt: skip
