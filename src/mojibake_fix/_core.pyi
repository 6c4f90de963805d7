from collections.abc import Callable, Sequence
from typing import Final, TypeVar, overload

from typing_extensions import Buffer

DECODERS: Final[tuple[str, ...]]
MARKERS: Final[dict[str, str]]
UNITS_PER_NAT: Final[int]
NEAR: Final[int]
LOSSY: Final[int]
SURROGATES: Final[int]
NULLS: Final[int]

# Log odds and preference by decoder; accept, misfit, most, stranger, favour, loss, most_lone,
# literal and agreed.
# All in units, and as _prior.py explains them.
_Prior = tuple[Sequence[int], Sequence[int], Sequence[int]]

# A named tuple: `_spans.Span`, `_pieces.Piece` or `_restore.Restored`.
_Tuple = TypeVar("_Tuple", bound=tuple[object, ...])

# Start, end, original, decoder, evidence, odds, rival and flags; see `mf_edit`.
_Edit = tuple[int, int, str | None, int, int, int, int, int]

# An offset, and what else may stand there with its posterior.
_Others = tuple[int, tuple[tuple[str, float], ...]]

def find_suspect(data: str | Buffer, start: int = 0, /) -> int: ...
def find_foreign(data: str | Buffer, start: int = 0, /) -> int: ...
def find_sign(data: str | Buffer, start: int = 0, /) -> int: ...
def find_unread(text: str, start: int = 0, /) -> int: ...
def find_escape(text: str, start: int = 0, /) -> int: ...
def find_phrase(text: str, phrases: tuple[str, ...], start: int, /) -> int: ...
def resolve(
    text: str, printable: bool, /
) -> tuple[str, bytes, bytes, bytes, bytes, bytes] | None: ...
def find_lead(text: str, start: int, decoders: int, /) -> int: ...
def find_pair(text: str, start: int, decoders: int, /) -> int: ...
def find_invalid_utf8(data: Buffer, /) -> int: ...
def scan_without_vectors(on: bool, /) -> None: ...
def refutes(text: str, prior: _Prior, ways: Ways = ..., /) -> bool | None: ...
def sample(text: str, places: list[int], /) -> tuple[list[tuple[int, int]], str, list[str]]: ...
def weigh(text: str, prior: _Prior, /) -> list[int]: ...
def undo(
    text: str, prior: _Prior, weights: Sequence[int], model: Model = ..., /
) -> tuple[str, Edits]: ...
def broken_runs(text: str, decoder: int, edits: Edits, /) -> list[tuple[int, int, int]]: ...
def lone_runs(
    text: str, at: int, prior: _Prior = ..., model: Model = ..., /
) -> list[tuple[int, int, int, int]]: ...
def replace_spans(text: str, spans: list[_Tuple], mask: str | None = ..., /) -> str: ...
def join_pieces(
    observed: str,
    text: str,
    edits: Edits,
    pieces: Sequence[tuple[object, ...]],
    context: int,
    /,
) -> tuple[str, bytes, bytes, bytes, bytes]: ...
def place_pieces(starts: Buffer, bounds: Buffer, /) -> bytes: ...
def put_pieces(
    text: str, begins: Buffer, stops: Buffer, original: str, bounds: Buffer, /
) -> tuple[str, bytes]: ...
def judge_pieces(
    model: Model,
    observed: str,
    text: str,
    small: str,
    price: float,
    starts: Buffer,
    flags: bytes,
    bounds: Buffer,
    pieces: Sequence[tuple[object, ...]],
    reading: type[_Tuple],
    strange: int,
    /,
) -> list[_Tuple]: ...
def judge_stretches(
    model: Model,
    observed: str,
    original: str,
    starts: Buffer,
    flags: bytes,
    posteriors: Buffer,
    /,
) -> list[tuple[int, int, int, int, str, str, float, float, float]]: ...
def restored_stretches(
    text: str,
    starts: Buffer,
    flags: bytes,
    posteriors: Buffer,
    readings: Sequence[tuple[object, ...]],
    restored: type[_Tuple],
    channel: object,
    /,
) -> tuple[list[_Tuple], list[tuple[int, int, int]]]: ...

class Edits(Sequence[_Edit]):
    def __new__(cls, text: str, /) -> Edits: ...
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int, /) -> _Edit: ...
    @overload
    def __getitem__(self, index: slice, /) -> Sequence[_Edit]: ...
    def is_lossy(self) -> bool: ...
    def is_untold(self) -> bool: ...
    def alone(self) -> int: ...
    def breaks_off(self, text: str, /) -> bool: ...
    def kinds(self) -> dict[tuple[int, int], int]: ...
    def lossless(self, text: str, most: int, /) -> list[tuple[str, str]]: ...
    def beyond_ascii(self, text: str, /) -> int: ...
    def pieces(
        self, text: str, piece: type[_Tuple], need: float, most: float, favour: float, /
    ) -> list[_Tuple]: ...
    def spans(
        self,
        text: str,
        before: int,
        span: type[_Tuple],
        channel: Callable[[int, int], object],
        others: list[_Tuple],
        /,
    ) -> list[_Tuple]: ...

class Sieve:
    def __new__(cls, page: bytes, head: int, prior: _Prior, threads: int, /) -> Sieve: ...
    def add(self, paths: list[str | None], /) -> None: ...
    def verdicts(self) -> bytes: ...
    def judge(self, path: str, ways: Ways, /) -> int: ...
    def close(self) -> None: ...

class Codec:
    def __new__(cls, name: str, /, is_composed: bool = ..., lacking: str = ...) -> Codec: ...
    def encode(self, text: str, /) -> bytes: ...
    def decode(
        self, data: Buffer, undefined: str | None = ..., takes_ascii: bool = ..., /
    ) -> str: ...
    def characters(self) -> dict[bytes, str]: ...
    def otherwise(self, other: Codec, text: str, /) -> bytes: ...

class Ways:
    def __new__(
        cls,
        model: Model,
        costs: dict[str, tuple[float, float]],
        drops_80: tuple[str, ...],
        figures: tuple[float, float, float, float, float, float, float],
        /,
    ) -> Ways: ...
    def explain(self, words: list[str], /) -> list[tuple[str, str, float]]: ...

class Model:
    def __new__(cls, buffer: Buffer, /) -> Model: ...
    def cost(self, text: str, start: int, /) -> float: ...
    def costs(self, passages: list[tuple[str, int, int]], /) -> list[tuple[float, float]]: ...
    def least_costs(self, texts: list[str], change: float, /) -> list[float]: ...
    def alone(self, text: str, /) -> float: ...
    def line_costs(
        self,
        text: str,
        given: bytes,
        forms: tuple[str, ...],
        flags: int,
        literal: int,
        lesser: tuple[bytes, ...],
        most: list[float],
        /,
    ) -> list[list[float]]: ...
    def restore(
        self,
        text: str,
        given: bytes,
        forms: tuple[str, ...],
        flags: int,
        literal: int,
        /,
    ) -> tuple[float, str, bytes, bytes, bytes, tuple[bytes, bytes, str, bytes]]: ...
    def transcode(
        self,
        text: str,
        wrong: Codec,
        source: Codec | None,
        marker: int,
        takes_ascii: bool,
        returns: bool,
        drops_80: bool,
        enter: int,
        leave: int,
        literal: int,
        /,
    ) -> tuple[
        float, str, bytes, bytes, bytes, list[tuple[int, tuple[tuple[str, float], ...]]]
    ]: ...

class Rescorer:
    def __new__(cls, buffer: Buffer, model: Model, /) -> Rescorer: ...
    def weighed(
        self, text: str, unsure: tuple[Buffer, Buffer, str, Buffer], sure: float, looks: int, /
    ) -> tuple[str, bytes]: ...
