"""The loops of the core without vectors, which give the same results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mojibake_fix import _core


@contextmanager
def plain_loops() -> Iterator[None]:
    _core.scan_without_vectors(True)
    try:
        yield
    finally:
        _core.scan_without_vectors(False)
