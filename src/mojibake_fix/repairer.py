"""Repair of text that comes piece by piece.

What leaves depends on the text only, never on how it was cut into pieces. `Repairer` deals with
words, so that text leaves soon: while a word is in doubt, because damage lacks evidence or bytes
were lost, what follows joins it, at most to the end of the line. `LineRepairer` deals with lines.

Evidence comes from what has passed: a unit is judged by itself and by all units before it, never
by a later one. A weak span is left alone before, and repaired after, stronger ones.
"""

from __future__ import annotations

from . import units

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
    from typing import NoReturn, Self, Unpack

    from ._heard import Heard
    from ._spans import Span
    from .channels import Channel
    from .options import GivenOptions, Options

    # What leaves: text, and spans where those are kept.
    Piece = str | Span

__all__ = ["MARK", "LineRepairer", "Repairer", "Report", "SpanRepairer", "fix_aiter", "fix_iter"]

# Code points before a unit that are remembered: enough for what opens a comment, and of these the
# ones that are evidence.
_BEHIND = 16
_CONTEXT = 2

MARK = "fixmoji:"
"""As in marks.py, which is imported when there is one."""


class Report:
    """What a stream held.

    Attributes:
        read: what was read: code points of text, or bytes.
        repaired: number of spans repaired.
        lossy: number of spans left as observed because bytes were lost.
        guessed: number of restored characters that are less sure than `min_confidence`.
        channels: the channels of all these spans with their numbers, most frequent first.
    """

    __slots__ = ("channels", "guessed", "lossy", "read", "repaired")

    # A dataclass would say the same, and importing `dataclasses` takes longer than Python's start.
    channels: tuple[tuple[Channel, int], ...]
    guessed: int
    lossy: int
    read: int
    repaired: int

    def __init__(
        self,
        read: int,
        repaired: int,
        lossy: int,
        guessed: int,
        channels: tuple[tuple[Channel, int], ...],
    ) -> None:
        for name, value in (
            ("read", read),
            ("repaired", repaired),
            ("lossy", lossy),
            ("guessed", guessed),
            ("channels", channels),
        ):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a report cannot be changed: {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a report cannot be changed: {name}")

    def _fields(self) -> tuple[object, ...]:
        return self.read, self.repaired, self.lossy, self.guessed, self.channels

    def __eq__(self, other: object) -> bool:
        return self._fields() == other._fields() if isinstance(other, Report) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        names = "read", "repaired", "lossy", "guessed", "channels"
        pairs = zip(names, self._fields(), strict=True)
        return f"Report({', '.join(f'{name}={value!r}' for name, value in pairs)})"

    def __reduce__(self) -> tuple[type[Report], tuple[object, ...]]:
        return Report, self._fields()


class Repairer:
    """Repairs one stream of text: give it the pieces as they come, write what it returns.

    All that `feed` and `flush` return, joined, depends on all that was fed, joined, and on where
    `flush` was called; never on the pieces.

    Of clean text less than a word is held back, and nothing of ASCII that spells no escape. Damage
    is held back to the end of its word, and if that leaves a doubt until there is none, at most to
    the end of the line; and never more than 16,384 code points.

    A mark (`fixmoji: ignore`) keeps the repair from what comes behind it, for what comes before has
    left.

    Args:
        options: see `Options`.

    Raises:
        TypeError: an option is unknown.
        ValueError: an option is out of its range.

    >>> repairer = Repairer()
    >>> [repairer.feed(piece) for piece in ["That", "â", "€™", "s", " it"]]
    ['That', '', '', '', '’s it']
    >>> repairer.flush()
    ''
    """

    _ends = units.WORD_ENDS
    _keeps_spans = False

    def __init__(self, **options: Unpack[GivenOptions]) -> None:
        self._options: Options | None = None
        if options:
            from .options import read_options

            self._options = read_options(**options)
        self._held: list[str] = []  # the beginning of a unit
        self._length = 0  # of what is held
        self._left = 0  # how much of it has left
        self._least = 0  # how long it must be to be judged again
        self._behind = ""  # what has left before it
        self._heard: list[Heard] = []  # what has passed tells of each layer
        self._suspected = 0, 0  # decoders that may have damaged what has no suspects; see `Doubts`
        self._foreign = False  # whether some of what has passed was foreign
        self._off = False  # whether a mark has switched the repair off
        self._read = self._repaired = self._lossy = self._guessed = 0
        self._channels: dict[Channel, int] = {}

    def feed(self, text: str) -> str:
        """Take the next piece, and return the repaired text that can no longer change.

        Raises:
            TypeError: `text` is not a `str`.
        """
        return _joined(self._feed(text))

    def _feed(self, text: str) -> list[Piece]:
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, not {type(text).__name__}")
        if not text:
            return []
        before = self._length
        self._read += len(text)
        self._held.append(text)
        self._length += len(text)
        if self._may_end(text):
            return self._pass(final=False)
        if self._left < before or self._keeps_spans:
            return []
        plain = text[: units.plain_until(text, 0)]
        self._left += len(plain)
        return [plain]

    def flush(self) -> str:
        """Return the repaired text of what is held back, as if the stream ended here.

        The stream may go on: what is fed next begins a new unit, and is judged by all that has
        passed. For another document, take another `Repairer`.
        """
        return _joined(self._pass(final=True))

    @property
    def report(self) -> Report:
        """What was fed, and what has been found in the units that have ended."""
        channels = sorted(self._channels.items(), key=lambda item: -item[1])
        return Report(self._read, self._repaired, self._lossy, self._guessed, tuple(channels))

    @property
    def holds_text(self) -> bool:
        """Whether some of what was fed is still to come."""
        return bool(self._held)

    @property
    def is_calm(self) -> bool:
        """Whether text without suspects would pass as it is: nothing was damaged, or marked."""
        return not any(self._suspected) and not self._foreign and not self._off

    @property
    def memory(self) -> tuple[object, ...]:
        """What counts of the lines that have passed for those to come; nothing if nothing does."""
        heard = tuple(layer.told() for layer in self._heard)
        return (self._off, *heard) if heard or self._off else ()

    def successor(self) -> Self:
        """Return another that has the same memory and options, and stands behind a line."""
        other = type(self)()
        other._options = self._options
        other._heard = [layer.copy() for layer in self._heard]
        other._suspected, other._foreign, other._off = self._suspected, self._foreign, self._off
        return other

    def skip(self, tail: str) -> None:
        """Take note of text that passed by, which ends with these code points."""
        self._behind = _tail(self._behind, tail)

    def _may_end(self, piece: str) -> bool:
        """Tell whether the unit may end in the piece that was fed last."""
        if self._length >= units.LONGEST_UNIT or units.LINE_END in piece:
            return True
        return self._length >= self._least and any(mark in piece for mark in self._ends)

    def _pass(self, *, final: bool) -> list[Piece]:
        """Return the repaired units that have ended, all if `final`, and what can never change."""
        text = "".join(self._held)
        pieces: list[Piece] = []
        at, left, least, behind, marked = 0, self._left, self._least, self._behind, -1
        doubts = units.Doubts(text)
        while at < len(text):
            if marked < at:
                marked = text.find(MARK, at)
                marked = len(text) if marked < 0 else marked
            until = marked
            if not self._off:
                until = min(until, doubts.next(at, *self._suspected, foreign=self._foreign))
            if not least:
                # Whole units that cannot be damaged, or are to stay, pass at once.
                end = units.last_end(text, at, until, self._ends)
                behind = _tail(behind, text[max(at, end - _BEHIND) : end])
                at = end
            end, is_last = units.unit_end(text, at, least, self._ends)
            if marked < (len(text) if end < 0 else end):
                least = units.LONGEST_UNIT  # marks speak of lines
                end, is_last = units.unit_end(text, at, least, self._ends)
            if end < 0 and final:
                end, is_last = len(text), True
            if end < 0:
                break
            unit = repaired = text[at:end]
            spans: list[Span] = []
            hidden = self._hides(behind, unit) if marked < end else self._off
            if until < end and not hidden and self._is_doubtful(unit):
                judged = self._repair(behind, unit, is_last)
                if judged is None:
                    least = 2 * len(unit)
                    continue
                repaired, spans = judged
            if spans:
                pieces += [text[left:at], *_divided(unit, spans)]
                left = end
            elif repaired is not unit:
                pieces += [text[left:at], repaired[max(left - at, 0) :]]
                left = end
            behind = _tail(behind, repaired)
            at, least = end, 0
        until = at if self._keeps_spans else units.plain_until(text, max(left, at))
        pieces.append(text[left:until])
        rest = text[at:]
        self._held = [rest] if rest else []
        self._length, self._left, self._least, self._behind = len(rest), until - at, least, behind
        return pieces

    def _is_doubtful(self, unit: str) -> bool:
        """Tell whether a unit may be damaged by itself: signs may reach into what is behind it."""
        doubts = units.Doubts(unit)
        return doubts.next(0, *self._suspected, foreign=self._foreign) < len(unit)

    def _hides(self, behind: str, unit: str) -> bool:
        """Return whether marks hide a unit that may hold one, and heed them from there on."""
        from .marks import Marks

        marks = Marks(self._off)
        is_cut_off = len(behind) == _BEHIND and units.LINE_END not in behind
        line = behind.rpartition(units.LINE_END)[2] + unit
        hidden = marks.hide("x" + line if is_cut_off else line)
        self._off = marks.off
        return hidden

    def _repair(self, behind: str, unit: str, is_last: bool) -> tuple[str, list[Span]] | None:
        """Return a unit repaired, and learn and count what it tells; None if it is in doubt.

        What cannot go on is not in doubt. With it come the spans, if they are kept.
        """
        from ._decide import edit_channels, edit_spans
        from ._detect import may_be_damaged, spans_behind
        from ._lossless import lossless_behind
        from .options import DEFAULTS

        line = behind.rpartition(units.LINE_END)[2]
        before = line[-_CONTEXT:] if line[-1:] in units.WORD_ENDS else ""
        simple = lossless_behind(before, unit, self._heard)
        if simple is not None:
            repaired, edits = simple
            self._repaired += len(edits)
            self._learn(self._heard, edit_channels(edits))
            return repaired, edit_spans(unit, edits, len(before)) if self._keeps_spans else []
        options = self._options or DEFAULTS
        heard = self._heard if is_last else [layer.copy() for layer in self._heard]
        repaired, spans = spans_behind(before, unit, heard, options)
        if not is_last and (any(map(_lost_bytes, spans)) or may_be_damaged(repaired)):
            return None
        for span in spans:
            self._lossy += span.replacement is None
            self._repaired += span.replacement is not None
            self._guessed += sum(
                guess.confidence < options.min_confidence for guess in span.guesses
            )
        self._learn(heard, [(span.channel, 1) for span in spans])
        return repaired, spans if self._keeps_spans else []

    def _learn(self, heard: list[Heard], channels: list[tuple[Channel, int]]) -> None:
        """Take note of what a unit told, and of how many spans of each channel it had."""
        self._heard = heard
        leads = pairs = 0
        for layer in heard:
            if layer.is_whole:
                pairs |= layer.decoders()
            else:
                leads |= layer.decoders()
        self._suspected = leads, pairs
        self._foreign = any(layer.foreign for layer in heard)
        for channel, count in channels:
            self._channels[channel] = self._channels.get(channel, 0) + count


class LineRepairer(Repairer):
    """Repairs one stream of text line by line.

    Text leaves later than by words. But a line is judged by all of it, and marks in it are heeded
    from its beginning on.
    """

    _ends = units.LINE_END

    def pieces(self, text: str) -> list[Piece]:
        """Take the next piece of text, and return in pieces what `feed` returns."""
        return self._feed(text)

    def last_pieces(self) -> list[Piece]:
        """Return in pieces what `flush` returns."""
        return self._pass(final=True)


class SpanRepairer(LineRepairer):
    """Repairs one stream of text line by line, and tells what it did.

    Its pieces are text that stays, and the damaged spans between, whose offsets count in their
    unit.
    """

    _keeps_spans = True

    @classmethod
    def knowing(cls, first: Repairer) -> Self:
        """Return one for the same text once more, which knows what all of it told the first.

        That is the evidence for and against each decoder: all units have it then, as if each were
        the last one.
        """
        from ._heard import Heard

        second = cls()
        second._options = first._options
        second._learn([Heard(layer.weights, knows_all=True) for layer in first._heard], [])
        return second


def fix_iter(pieces: Iterable[str], **options: Unpack[GivenOptions]) -> Iterator[str]:
    """Yield the repaired text of pieces as soon as it can no longer change, as `Repairer` does.

    What is yielded is never empty. If the pieces end with an error, all that came before is
    yielded, and then the error is raised.

    Args:
        pieces: of one text. `codecs.iterdecode` makes them of bytes.
        options: see `Options`.

    Raises:
        TypeError: an option is unknown, or, when it comes, a piece is not a `str`.
        ValueError: an option is out of its range.

    >>> list(fix_iter(["That", "â", "€™", "s", " it"]))
    ['That', '’s it']
    """
    return _fixed(pieces, Repairer(**options))


def _fixed(pieces: Iterable[str], repairer: Repairer) -> Iterator[str]:
    try:
        for piece in pieces:
            if text := repairer.feed(piece):
                yield text
    except Exception:
        if text := repairer.flush():
            yield text
        raise
    if text := repairer.flush():
        yield text


def fix_aiter(pieces: AsyncIterable[str], **options: Unpack[GivenOptions]) -> AsyncIterator[str]:
    """Yield what `fix_iter` yields, of pieces that have to be waited for.

    A task that is cancelled ends at once: what is held back then is not yielded.

    Args:
        pieces: of one text, such as the tokens of a language model.
        options: see `Options`.

    Raises:
        TypeError: an option is unknown, or, when it comes, a piece is not a `str`.
        ValueError: an option is out of its range.
    """
    return _fixed_later(pieces, Repairer(**options))


async def _fixed_later(pieces: AsyncIterable[str], repairer: Repairer) -> AsyncIterator[str]:
    try:
        async for piece in pieces:
            if text := repairer.feed(piece):
                yield text
    except Exception:
        if text := repairer.flush():
            yield text
        raise
    if text := repairer.flush():
        yield text


def _tail(text: str, more: str) -> str:
    """Return the last code points of both."""
    return (text + more[-_BEHIND:])[-_BEHIND:]


def _joined(pieces: list[Piece]) -> str:
    """Return the text of pieces; the same object if it is one of them."""
    return "".join([piece if isinstance(piece, str) else _kept(piece) for piece in pieces])


def _kept(span: Span) -> str:
    return span.observed if span.replacement is None else span.replacement


def _divided(unit: str, spans: list[Span]) -> Iterator[Piece]:
    """Yield the spans of a unit, and what is between them."""
    at = 0
    for span in spans:
        yield unit[at : span.start]
        yield span
        at = span.end
    yield unit[at:]


def _lost_bytes(span: Span) -> bool:
    return span.replacement is None or bool(span.channel.layers[-1].losses)
