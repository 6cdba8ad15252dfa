"""libmdpbench.so by ctypes: where it is, its functions, and its errors as exceptions."""

import ctypes
import operator
import os
from ctypes import POINTER, c_char_p, c_double, c_int, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from pathlib import Path

NAME = "libmdpbench.so.0"


class Error(Exception):
    """What the library refuses; ``status`` is the code of include/mdpbench.h."""

    status = None


class InvalidInput(Error, ValueError):
    """A name, a number or a file that does not fit."""


class Unavailable(Error, OSError):
    """A file, a library or a resource that cannot be had."""


KINDS = {3: InvalidInput, 4: InvalidInput, 5: Unavailable, 6: Unavailable, 7: Unavailable}


class EnvFacts(ctypes.Structure):
    _fields_ = [
        ("id", c_char_p), ("robot", c_char_p), ("physics", c_char_p), ("ref_min", c_double), ("ref_max", c_double),
        ("n_obs", c_int32), ("n_act", c_int32), ("max_steps", c_int32), ("reserved", c_int32),
    ]  # fmt: skip


class Step(ctypes.Structure):
    _fields_ = [
        ("reward", c_double), ("terms", c_double * 5),
        ("terminated", c_int32), ("truncated", c_int32), ("non_finite", c_int32), ("reserved", c_int32),
    ]  # fmt: skip


class EpisodeState(ctypes.Structure):
    _fields_ = [
        ("seed", c_uint64), ("episode_return", c_double), ("normalized_return", c_double),
        ("episode", c_uint32), ("length", c_int32),
    ]  # fmt: skip


class Episode(ctypes.Structure):
    _fields_ = [
        ("episode_return", c_double), ("normalized_return", c_double), ("seed", c_uint64), ("number", c_int64),
        ("length", c_int32), ("end", c_int32),
    ]  # fmt: skip


class Difference(ctypes.Structure):
    _fields_ = [
        ("task", c_char_p), ("verdict", c_int32), ("is_paired", c_int32), ("is_equal", c_int32), ("reserved", c_int32),
        ("n_a", c_int64), ("n_b", c_int64), ("p", c_double), ("p_corrected", c_double),
        ("size", c_double), ("low", c_double), ("high", c_double),
    ]  # fmt: skip


#: name: what it returns (None: nothing, c_int: a status), what it takes
FUNCTIONS = {
    "version": (c_char_p, []),
    "message": (c_char_p, []),
    "env_id": (c_char_p, [c_int32]),
    "env_find": (c_int, [c_char_p, POINTER(EnvFacts)]),
    "env_new": (c_int, [c_char_p, c_char_p, POINTER(c_void_p)]),
    "env_free": (None, [c_void_p]),
    "env_reset": (c_int, [c_void_p, c_uint64, c_uint32, c_void_p]),
    "env_step": (c_int, [c_void_p, c_void_p, c_void_p, POINTER(Step)]),
    "vec_new": (c_int, [c_char_p, c_char_p, c_int32, c_int32, c_int32, POINTER(c_void_p)]),
    "vec_free": (None, [c_void_p]),
    "vec_reset": (c_int, [c_void_p, c_void_p, c_void_p, c_void_p, c_uint32, c_void_p]),
    "vec_step": (c_int, [c_void_p] * 7 + [POINTER(c_int32)]),
    "vec_episode": (c_int, [c_void_p, c_int32, c_int32, POINTER(EpisodeState)]),
    "policy_open": (c_int, [c_char_p, c_char_p, POINTER(c_char_p), POINTER(c_void_p)]),
    "policy_free": (None, [c_void_p]),
    "policy_env": (c_char_p, [c_void_p]),
    "policy_act": (c_int, [c_void_p, c_int32] + [c_void_p] * 4),
    "episodes_new": (c_int, [c_char_p, c_char_p, c_int64, POINTER(c_void_p)]),
    "episodes_read": (c_int, [c_char_p, POINTER(c_void_p)]),
    "episodes_write": (c_int, [c_void_p, c_char_p]),
    "episodes_free": (None, [c_void_p]),
    "episodes_count": (c_int64, [c_void_p]),
    "episodes_get": (c_int, [c_void_p, c_int64, POINTER(Episode)]),
    "episodes_set": (c_int, [c_void_p, c_int64, POINTER(Episode)]),
    "episodes_get_fact": (c_int, [c_void_p, c_char_p, c_char_p, c_size_t]),
    "episodes_set_fact": (c_int, [c_void_p, c_char_p, c_char_p]),
    "compare": (c_int, [c_void_p, c_void_p, POINTER(c_char_p), POINTER(c_void_p)]),
    "compare_files": (c_int, [c_char_p, c_char_p, POINTER(c_char_p), POINTER(c_void_p)]),
    "comparison_free": (None, [c_void_p]),
    "comparison_verdict": (c_char_p, [c_void_p]),
    "comparison_json": (c_char_p, [c_void_p]),
    "comparison_count": (c_int32, [c_void_p]),
    "comparison_get": (c_int, [c_void_p, c_int32, POINTER(Difference)]),
}


def candidates():
    """Yield where the library may be: $MDPBENCH_LIBRARY alone, else beside this package, in its tree, on the system."""
    named = os.environ.get("MDPBENCH_LIBRARY")
    if named:
        yield named
        return
    here = Path(__file__).resolve().parent
    for path in (here / NAME, here.parent.parent / "build" / NAME):
        if path.exists():
            yield str(path)
    yield NAME


def load():
    """Open the library and say what its functions take."""
    tried = []
    for path in candidates():
        try:
            opened = ctypes.CDLL(path)
            for name, (result, arguments) in FUNCTIONS.items():
                function = getattr(opened, f"mdpbench_{name}")
                function.restype, function.argtypes = result, arguments
            return opened
        except (OSError, AttributeError) as error:
            tried.append(f"{path}: {error}")
    wanted = f"expected {NAME} (build it, or name it in MDPBENCH_LIBRARY)"
    raise ImportError(f"mdpbench: {wanted}, found {'; '.join(tried)}")


functions = load()


def check(status):
    """Raise what a status stands for."""
    if status:
        error = KINDS.get(status, Error)(decode(functions.mdpbench_message()))
        error.status = status
        raise error


def library_version():
    """Return the version of the library that was found."""
    return functions.mdpbench_version().decode()


def environments():
    """Return the ids of all environments, in the order of the list."""
    ids = []
    while (found := functions.mdpbench_env_id(len(ids))) is not None:
        ids.append(found.decode())
    return ids


def encode(text):
    """Turn a name or a path, of whatever bytes, into what C takes; None stays."""
    encoded = None if text is None else os.fsencode(text)
    if encoded is not None and b"\0" in encoded:  # C would take what stands before it
        raise ValueError(f"expected a text without a zero byte, found {text!r}")
    return encoded


def decode(text):
    """Turn a text of the library's into Python's; what is no UTF-8 in it can be shown, too."""
    return text.decode(errors="replace")


def whole(name, value, most, least=0):
    """Return a whole number, or refuse what is none."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: expected a whole number, found {value!r}") from None
    if not least <= number <= most:
        raise ValueError(f"{name}: expected {least} to {most}, found {number}")
    return number
