"""The language model and its rescorer: mapped into memory when they are needed first.

`format` and `rescorer_format` know their files.
"""

from __future__ import annotations

import os

from .. import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    import mmap

FILE = os.path.join(os.path.dirname(__file__), "model.bin")
RESCORER_FILE = os.path.join(os.path.dirname(__file__), "rescorer.bin")


class ModelError(Exception):
    """A file of the language model is missing, or is not what it says it is."""


# One at most of each, for `functools` takes longer to import than a model to open.
_models: list[_core.Model] = []
_rescorers: list[_core.Rescorer] = []


def load() -> _core.Model:
    """Return the language model, mapped into memory once in a process.

    Raises:
        ModelError: it is missing, or is none.
    """
    if _models:
        return _models[0]
    try:
        _models.append(_core.Model(open_file(FILE)))
    except ValueError as error:
        raise ModelError(f"the language model in {FILE!r} is of no use: {error}") from None
    return _models[0]


def load_rescorer() -> _core.Rescorer:
    """Return the rescorer of the language model, mapped into memory once in a process.

    Raises:
        ModelError: it or the model is missing, or is none.
    """
    if _rescorers:
        return _rescorers[0]
    try:
        _rescorers.append(_core.Rescorer(open_file(RESCORER_FILE), load()))
    except ValueError as error:
        raise ModelError(f"the rescorer in {RESCORER_FILE!r} is of no use: {error}") from None
    return _rescorers[0]


def open_file(path: str | os.PathLike[str] = FILE) -> mmap.mmap:
    """Map a model into memory, shared with all processes that do.

    Whether what is mapped is a model at all is checked where it is used, by `mf_model_open`.
    """
    import mmap

    try:
        with open(path, "rb") as file:
            if not hasattr(mmap, "MAP_POPULATE"):
                return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            # Look-ups go all over the file: faults one by one take longer than all pages at once.
            flags = mmap.MAP_SHARED | mmap.MAP_POPULATE
            return mmap.mmap(file.fileno(), 0, flags=flags, prot=mmap.PROT_READ)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"no part of the language model in {os.fspath(path)!r}: {error}"
        ) from error
