from collections.abc import Sequence
from typing import Final

from typing_extensions import Buffer

DECODERS: Final[tuple[str, ...]]
UNITS_PER_NAT: Final[int]
LOSSY: Final[int]
SURROGATES: Final[int]
NULLS: Final[int]

# Log odds and preference by decoder; accept, misfit, most, stranger and favour. All in units, and
# as _prior.py explains them.
_Prior = tuple[Sequence[int], Sequence[int], Sequence[int]]

def find_suspect(data: str | Buffer, start: int = 0, /) -> int: ...
def find_invalid_utf8(data: Buffer, /) -> int: ...
def scan_without_vectors(on: bool, /) -> None: ...
def weigh(text: str, prior: _Prior, /) -> list[int]: ...
def undo(
    text: str, prior: _Prior, weights: Sequence[int], listed: bool, /
) -> tuple[str, list[tuple[int, int, str | None, int, int, int, int, int]]]: ...
