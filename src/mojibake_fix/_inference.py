"""Which layers of a document lost what: the channel that explains its lossy stretches best."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache, lru_cache, partial
from itertools import accumulate, chain, compress
from typing import TYPE_CHECKING, NamedTuple

from . import model as language_model
from ._pieces import Line, Text
from ._prior import BESIDES, LITERAL, LOSS, MISMATCH, RARER, TWICE
from .channels import DECODERS, Channel, Layer, damage, images
from .channels._tables import DECODED, UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ._heard import Heard
    from ._pieces import Edits

# Code points of damaged text that are enough to tell one layer from another.
SAMPLE = 1200

# Where these do not tell, within so many nats, whether soft hyphens were dropped, so many more code
# points are looked at: in some languages they hide in one letter only, or in none.
UNDECIDED, MORE = 4.0, 24_000

# Nats by which a layer may fall behind the best one, and still be tried on more lines.
NEAR = 30.0

# Lossless spans that are looked at, at most.
MOST_LOSSLESS = 200

# Every so many lines are tried first.
STRIDE = 8

# Nats by which one layer may be behind another one that drops more, and be taken to be as good.
ALIKE = 0.25

# Nats by which what is worse is dropped within the lattice; see listing.h.
NEAR_LATTICE = 12.0

# Code points of damaged text from which on channels are tried together. By itself, each is found
# somewhat better.
LEAST_SHARED = 400

# Bytes that one of the channels which are tried together may keep.
MOST_KEPT = 3

# Channels that are tried together, beside the one that drops most; see lattice.h.
MOST_LESSER = 8

# Decoders that are tried at most.
RIVALS = 4

# Decoders that are tried as the inner one of two, beside the outer one's.
INNER = ("cp1252", "latin-1")

LONGEST_FORM = 3  # code points; see lattice.h

# A flag of a layer; see lattice.h.
_BLIND = 8

UNITS = 64  # of the language model to the nat


@lru_cache(maxsize=256)
def forms_of(channel: Channel) -> tuple[tuple[str, ...], int]:
    """Return what each byte of 80 to FF becomes in the innermost layer and all around it."""
    inner, outer = channel.layers[0], channel.layers[-1]
    if inner.decoder == "utf-8":
        return tuple(DECODED[inner.source]), _BLIND
    flags = sum(
        bit
        for bit, loss in ((1, "spaces-trimmed"), (2, "spaces-squeezed"), (4, "markers-joined"))
        if loss in outer.losses
    )
    table = images(inner)
    forms = [table[byte] for byte in range(0x80, 0x100)]
    for layer in channel.layers[1:]:
        table = images(layer)
        forms = [form.encode().decode("latin-1").translate(table) for form in forms]
    return tuple(forms), flags


def damaged(originals: Sequence[str], channel: Channel) -> list[str]:
    """Return what texts without line ends look like after a channel; nothing if it cannot be."""
    if not originals:
        return []
    try:
        return damage("\n".join(originals), channel).split("\n")
    except UnicodeEncodeError:  # the source codec lacks a character
        half = len(originals) // 2
        if not half:
            return [""]
        return damaged(originals[:half], channel) + damaged(originals[half:], channel)


@cache
def lost_bytes(channel: Channel) -> bytes:
    """Return the bytes that a channel of one-byte decoders loses: those that nothing shows."""
    if channel.layers[0].decoder == "utf-8":
        return b""
    lossless = Channel(tuple(replace(layer, losses=()) for layer in channel.layers))
    forms, whole = forms_of(channel)[0], forms_of(lossless)[0]
    many = len(channel.layers) > 1
    return bytes(
        byte
        for byte, (form, lossless_form) in enumerate(zip(forms, whole, strict=True), start=0x80)
        if form != lossless_form and not (many and not form.isascii() and forms.count(form) == 1)
    )


def losing_most(channel: Channel) -> Channel:
    """Return a channel whose outermost layer drops besides what such a layer may drop unseen."""
    outer = channel.layers[-1]
    kind = "undefined" if UNDEFINED[outer.decoder] else "c1"
    losses = list(outer.losses)
    for loss in (f"{kind}-dropped", _BESIDES, "nbsp-folded"):
        subject = loss.rpartition("-")[0]
        if not any(each.startswith(subject) for each in losses):
            losses.append(loss)
    return Channel((*channel.layers[:-1], replace(outer, losses=tuple(losses))))


def _losses(decoder: str, observed: str) -> list[tuple[str, ...]]:
    """Return what a decoder's layer may have lost, by what is observed of it."""
    kinds: list[tuple[str, ...]] = []
    prefix = "undefined" if UNDEFINED[decoder] else "c1"
    has_c1 = any("\x80" <= image <= "\x9f" for image in DECODED[decoder])
    if not has_c1:
        return [(), ("soft-hyphen-dropped",)]
    if "\ufffd" in observed:
        kinds.append((f"{prefix}-replaced",))
    if "?" in observed:
        kinds.append((f"{prefix}-question",))
    kinds.append((f"{prefix}-dropped",))
    kinds.append(())
    return [(*kind, *more) for kind in kinds for more in ((), ("soft-hyphen-dropped",))]


# What else may be lost, where one of these marks of it stands in the lossy runs.
_MORE_LOSSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (" ", ("nbsp-folded",)),
    (" ", ("nbsp-folded", "spaces-trimmed", "spaces-squeezed")),
    ("\n", ("nbsp-folded", "spaces-trimmed")),
    ("\n", ("spaces-trimmed",)),
    ("'\"", ("quotes-folded",)),
    ("'\"-.", ("quotes-folded", "dashes-folded", "ellipsis-folded")),
    ("-", ("soft-hyphen-folded",)),
    ("\ufffd?", ("markers-joined",)),
)

# How many of these are of spaces.
MOST_SPACED = 4

# Losses that soft hyphens mostly go with, and what that is called.
_DROPPED = frozenset(("undefined-dropped", "c1-dropped"))

_BESIDES = "soft-hyphen-dropped"

# What becomes of spaces of which one was an NBSP, and nothing else.
_SQUEEZED = ("nbsp-folded", "spaces-squeezed")

# What else may become of soft hyphens.
_FOLDED = "soft-hyphen-folded"


@lru_cache(maxsize=256)
def _cost(losses: tuple[str, ...]) -> float:
    """Return -log of how likely it is, in nats, that a layer lost this."""
    is_besides = _BESIDES in losses and not _DROPPED.isdisjoint(losses)
    besides = is_besides + set(losses).issuperset(_SQUEEZED)
    return LOSS * len(losses) - (LOSS - BESIDES) * besides


def _other_besides(channel: Channel) -> tuple[Channel, ...]:
    """Return a channel with soft hyphens dropped besides, or without, where that may be."""
    losses = channel.layers[-1].losses
    if _DROPPED.isdisjoint(losses):
        return ()
    without = _without(losses, _BESIDES)
    return _with_outer(channel, losses=(*losses, _BESIDES) if without == losses else without)


def _without(losses: tuple[str, ...], loss: str) -> tuple[str, ...]:
    return tuple(kept for kept in losses if kept != loss)


# What an NBSP may have become, or stood before.
_SPACES = {" ", "\n"}

# Lengths of sequences, and where among the forms those of their leads are.
_LEADS = ((2, slice(0x42, 0x60)), (3, slice(0x60, 0x70)), (4, slice(0x70, 0x75)))

_IMAGES = {name: frozenset(decoded) for name, decoded in DECODED.items()}


def _is_mostly_latin(observed: str) -> bool:
    """Whether hardly any character is outside Latin-1: some were restored by a call before."""
    return len(observed.encode("latin-1", "ignore")) * 10 >= len(observed) * 9


class _Rival:
    """A channel in a race.

    Attributes:
        channel: the channel.
        prior: its log prior.
        ways: what each byte becomes, see `_ways`; empty where channels are tried one by one.
    """

    __slots__ = ("channel", "prior", "ways")

    def __init__(self, channel: Channel, prior: float, ways: dict[int, str]) -> None:
        self.channel, self.prior, self.ways = channel, prior, ways


class _Race:
    """Compares channels by what the lines of a text cost, each for as long as it may win.

    Attributes:
        best: the channel with the greatest score.
        scores: log posterior of each channel that was tried, but for a constant.
        likelihoods: of each, in nats; on lines before which it fell behind, that of the best.
    """

    best: Channel

    def __init__(self, text: Text, prior: Callable[[Channel], float]) -> None:
        lines = text.lines()
        # Some lines from all over the document come first.
        self._lines = [line for first in range(STRIDE) for line in lines[first::STRIDE]]
        self._whole = _joined(self._lines)
        self._costs = [0.0] * len(lines)  # of the best
        # The lines that have a mark, and the marks of each line, once they are asked for.
        self._marked: defaultdict[str, list[int]] = defaultdict(list)
        self._marks: list[set[str]] = []
        observed = text.observed()
        self._shown = {"", *observed}
        self._most_lesser = MOST_LESSER if len(observed) >= LEAST_SHARED else 0
        self._prior = prior
        self._best_prior = -math.inf
        self.scores: dict[Channel, float] = {}
        self.likelihoods: dict[Channel, float] = {}

    def run(self, channels: Iterable[Channel]) -> Channel:
        """Return the best channel, after these have been tried."""
        new = [channel for channel in dict.fromkeys(channels) if channel not in self.scores]
        are_shared = self._most_lesser > 0 and len(new) > 1
        left = [
            _Rival(each, self._prior(each), _ways(each, self._shown) if are_shared else {})
            for each in new
        ]
        if not are_shared:
            for each in left:
                self._try(each, [])
            return self.best
        while left:
            more = [each for each in left if _kept(each.ways, left[0].ways) is not None]
            most = max(more, key=lambda each: len(each.ways))
            lesser: list[tuple[_Rival, bytes]] = []
            others: list[_Rival] = []
            for each in left:
                if each is most:
                    continue
                kept = _kept(most.ways, each.ways) if len(lesser) < self._most_lesser else None
                if kept is None:
                    others.append(each)
                else:
                    lesser.append((each, kept))
            self._try(most, lesser)
            left = others
        return self.best

    def _try(self, rival: _Rival, lesser: Sequence[tuple[_Rival, bytes]]) -> None:
        """Try a channel, and others that drop less, each with the bytes that it keeps."""
        channel, prior = rival.channel, max([rival.prior, *(each.prior for each, _ in lesser)])
        tried: Sequence[int] = range(len(self._lines))
        margin = math.inf
        if self.scores:
            margin = NEAR + max(prior - self._best_prior, 0.0)
            marks = _differences(channel, self.best)
            lesser_marks = [_differences(each.channel, self.best) for each, _ in lesser]
            if marks is not None and all(m is not None and m <= marks for m in lesser_marks):
                # On other lines they cannot differ from the best.
                tried = self._lines_with(marks, channel)
        if len(tried) == len(self._lines):
            lines, costs = self._whole, self._costs
        else:
            lines = _joined([self._lines[i] for i in tried])
            costs = [self._costs[i] for i in tried]
        kept = tuple([kept for _, kept in lesser])
        most = [cost + margin for cost in accumulate(costs)]
        own, *others = _costs(lines, channel, kept, most)
        self._enter(rival, tried, own)
        again = []
        for (each, _), costs in zip(lesser, others, strict=True):
            # What the lattice does not hold costs that much more at least.
            least = [
                cost if cost < math.inf else shared + NEAR_LATTICE
                for cost, shared in zip(costs, own, strict=True)
            ]
            behind = sum(least) - sum(own)
            if behind > ALIKE and behind + rival.prior - each.prior < NEAR:
                again.append(each)  # it may be better by itself than beside what drops more
            else:
                self._enter(each, tried, least)
        for each in again:
            self._try(each, [])

    def _lines_with(self, marks: set[str], channel: Channel) -> list[int]:
        """Return the numbers of the lines that may look different under a channel, in order.

        They have some of these marks, and where those are spaces only, a sequence may go on with
        one.
        """
        if not self._marks:
            self._marks = [line.marks() for line in self._lines]
            for i, each in enumerate(self._marks):
                for mark in each:
                    self._marked[mark].append(i)
        found = sorted(set().union(*(self._marked[m] for m in marks if m in self._marked)))
        unended = None if marks.isdisjoint(_SPACES) else _unended(channel)
        if unended is None:
            return found
        return [
            i
            for i in found
            if not self._marks[i] & marks <= _SPACES or unended.search(self._lines[i].text)
        ]

    def _enter(self, rival: _Rival, tried: Sequence[int], costs: Sequence[float]) -> None:
        """Enter what the first of some lines cost under a channel; others cost as the best does."""
        all_costs = self._costs[:]
        for i, cost in zip(tried, costs, strict=False):
            all_costs[i] = cost
        likelihood = -sum(all_costs)
        score = self.scores[rival.channel] = rival.prior + likelihood
        self.likelihoods[rival.channel] = likelihood
        if len(self.scores) == 1 or score > self.scores[self.best]:
            self.best, self._best_prior, self._costs = rival.channel, rival.prior, all_costs


@lru_cache(maxsize=256)
def _firsts(channel: Channel) -> tuple[str, ...]:
    """Return the first code point of what each byte becomes, "" for nothing."""
    return tuple(form[:1] for form in forms_of(channel)[0])


def _ways(channel: Channel, shown: set[str]) -> dict[int, str]:
    """Return what each byte becomes, as far as a text may show it.

    `shown` has the code points that the text has, and nothing. An NBSP that is trimmed or squeezed
    is another byte, as for the core.
    """
    forms, flags = forms_of(channel)
    ways = dict(compress(enumerate(forms, 0x80), map(shown.__contains__, _firsts(channel))))
    ways |= {bit - 1: "" for bit in (1, 2) if flags & bit}
    ways[_BLIND] = str(flags & ~3)
    return ways


def _kept(ways: Mapping[int, str], other: Mapping[int, str]) -> bytes | None:
    """Return the bytes that another channel keeps though one drops them, if that is all.

    Only of few of them: among the paths of what drops many more, its own may be lost.
    """
    if len(ways) - len(other) > MOST_KEPT or not other.items() <= ways.items():
        return None
    kept = ways.keys() - other.keys()
    return None if any(ways[byte] for byte in kept) else bytes(kept)


def _joined(lines: Sequence[Line]) -> Line:
    """Return lines as one."""
    return Line("".join([line.text for line in lines]), b"".join([line.given for line in lines]))


def _costs(
    lines: Line, channel: Channel, lesser: tuple[bytes, ...], most: list[float]
) -> list[list[float]]:
    """Return what lines cost under a channel, up to where the sum is more than `most` says.

    Behind it what they cost under lesser ones, each given by the bytes that it keeps.
    """
    return language_model.load().line_costs(
        *lines, *forms_of(channel), round(LITERAL * UNITS), lesser, most
    )


def _duel(
    text: Text, prior: Callable[[Channel], float], channel: Channel, other: Channel
) -> Channel:
    """Return the better of two channels, after as many lines of a text as it takes."""
    shown = {"", *text.observed()}
    ways, other_ways = _ways(channel, shown), _ways(other, shown)
    if len(ways) < len(other_ways):
        channel, other, ways, other_ways = other, channel, other_ways, ways
    kept = _kept(ways, other_ways)
    ahead = prior(channel) - prior(other)
    if kept is not None:
        before = ahead
        for first in range(STRIDE):
            here = text.lines(first, STRIDE)
            most = [math.inf] * len(here)
            own, others = _costs(_joined(here), channel, (kept,), most)
            ahead += sum(others) - sum(own)
            # All that the other one explains is explained by this one, too. By itself the other one
            # may be somewhat better than here.
            if ahead > NEAR / 2:
                return channel
        if ahead <= 0:
            return other
        ahead = before
    for first in range(STRIDE):
        here = text.lines(first, STRIDE)
        lines, most = _joined(here), [math.inf] * len(here)
        own, others = (_costs(lines, each, (), most)[0] for each in (channel, other))
        ahead += sum(others) - sum(own)
        if abs(ahead) > NEAR:
            break
    return channel if ahead > 0 else other


@lru_cache(maxsize=256)
def _differences(one: Channel, other: Channel) -> set[str] | None:
    """Return code points without which a line looks alike under two channels; None for none."""
    (forms, flags), (other_forms, other_flags) = forms_of(one), forms_of(other)
    marks: set[str] = set()
    for form, other_form in zip(forms, other_forms, strict=True):
        if form != other_form:
            if not form or not other_form:
                return None
            marks |= {form[0], other_form[0]}
    for bit, where in ((1, "\n"), (2, " "), (4, "?\ufffd")):
        if (flags ^ other_flags) & bit:
            marks.update(where)
    return marks


@lru_cache(maxsize=256)
def _unended(channel: Channel) -> re.Pattern[str] | None:
    """Return what finds sequences that may lack bytes before a space; None if that is not known."""
    leads = [forms_of(channel)[0][where] for _, where in _LEADS]
    if len(channel.layers) > 1 or any(len(form) != 1 for part in leads for form in part):
        return None
    return re.compile(
        "|".join(
            f"[{re.escape(''.join(part))}].{{0,{(length - 2) * LONGEST_FORM}}}[ \n]"
            for (length, _), part in zip(_LEADS, leads, strict=True)
        )
    )


class Inference:
    """Finds the channel that explains pieces best."""

    def __init__(self, text: str, edits: Edits, heard: Heard) -> None:
        self.heard = heard
        spans = Counter(edits.lossless(text, MOST_LOSSLESS))
        self.lossless = [observed for observed, _ in spans]
        self.originals = [original for _, original in spans]
        self._counts = list(spans.values())  # of such spans
        self._misfits: dict[Layer, int] = {}  # lossless spans that an outer layer does not show

    def prior(self, channel: Channel) -> float:
        """Return the log prior, and what lossless spans tell: they must not show what is lost."""
        outer = channel.layers[-1]
        misfits = self._misfits.get(outer)
        if misfits is None:
            again = damaged(self.originals, Channel((outer,)))
            are_misfits = map(str.__ne__, again, self.lossless)
            misfits = self._misfits[outer] = sum(compress(self._counts, are_misfits))
        layers = sum([RARER[layer.decoder] + _cost(layer.losses) for layer in channel.layers])
        return -layers - MISMATCH * misfits - TWICE * (len(channel.layers) - 1)

    def best(self, sample: Callable[[int], Text]) -> Channel:
        """Return the most probable channel of a sample, and of what was heard before.

        `sample` takes of how many code points it should be.
        """
        text = sample(SAMPLE)
        before = self.heard.losses
        observed = text.observed()

        def prior(channel: Channel) -> float:
            return self.prior(channel) + before.get(channel, 0.0)

        race = _Race(text, prior)
        decoders = self._decoders(text, observed)
        best = race.run(
            _single(decoder, losses)
            for decoder in decoders
            for losses in _losses(decoder, observed)
        )
        best = race.run(_twice(decoders, text.observed(between="\n")))
        marked = text.observed(1)
        if len(observed) >= LEAST_SHARED:
            spaced = [more for marks, more in _MORE_LOSSES[:MOST_SPACED] if marks[0] in marked]
            race.run(chain.from_iterable(_with_more(best, more) for more in spaced))
        for marks, more in _MORE_LOSSES:
            if any(mark in marked for mark in marks):
                best = race.run(_with_more(best, more))
        # Spaces may be all that was lost, though what seemed dropped explains the same.
        if " " in marked:
            best = race.run([_single(decoders[0], _SQUEEZED)])
        # What seemed lost before the rest was found may not be: go back as far as that is better.
        better = None
        while better != best:
            better = best
            losses = best.layers[-1].losses
            for loss in losses:
                race.run(_with_outer(better, losses=_without(losses, loss)))
            for decoder in decoders:
                race.run(_with_outer(better, decoder=decoder))
            best = race.best
        others = _other_besides(best)
        race.run(others)
        if any(abs(race.scores[best] - race.scores[other]) < UNDECIDED for other in others):
            best = _duel(sample(MORE), prior, best, *others)
        most = max(race.likelihoods.values())
        for channel, likelihood in race.likelihoods.items():
            before[channel] = before.get(channel, 0.0) + max(likelihood - most, -NEAR)
        self.heard.tried += len(observed)
        return best

    def _decoders(self, text: Text, observed: str) -> list[str]:
        """Return the decoders to try, the most probable first."""
        first = {piece.decoder for piece in text.pieces}
        images = {c for c in set(observed) if c >= "\x80" and c != "\ufffd"}
        decoders = [d for d, name in enumerate(DECODERS) if d in first or images <= _IMAGES[name]]
        decoders.sort(
            key=lambda d: (d in first, self.heard.weights[d] - RARER[DECODERS[d]]), reverse=True
        )
        latin = DECODERS.index("latin-1")
        # Without its C1 controls Latin-1 shows less than any other decoder, and is last by weight.
        last = [latin] if latin not in decoders[:RIVALS] and _is_mostly_latin(observed) else []
        return [DECODERS[d] for d in decoders[:RIVALS] + last]


class _Double(NamedTuple):
    """A channel of two layers, and what tells whether a text may come from it.

    Attributes:
        channel: the channel.
        leads, continuations: by length, what it makes of the bytes that begin a sequence, and of
            those that go on.
        firsts, lasts: the first and last code points of the ones.
        heads: the first code points of the others.
    """

    channel: Channel
    leads: dict[int, frozenset[str]]
    continuations: dict[int, frozenset[str]]
    firsts: frozenset[str]
    lasts: frozenset[str]
    heads: frozenset[str]

    def may_show(self, shown: set[str], behind: Callable[[int, int], dict[str, set[str]]]) -> bool:
        """Return whether a lead and a continuation stand side by side; see `_behind`.

        Mostly that is sooner told of single code points.
        """
        return (
            not self.firsts.isdisjoint(shown)
            and _meet(self.lasts, self.heads, behind(1, 1))
            and any(
                _meet(leads, continuations, behind(length, size))
                for length, leads in self.leads.items()
                for size, continuations in self.continuations.items()
            )
        )


def _twice(decoders: Iterable[str], observed: str) -> Iterator[Channel]:
    """Return the channels of two layers that what is observed may come from."""
    shown = set(observed)
    behind = cache(partial(_behind, observed))
    for decoder in decoders:
        for losses in _losses(decoder, observed):
            for double in _doubles(decoder, losses):
                if double.may_show(shown, behind):
                    yield double.channel


def _behind(text: str, length: int, behind: int) -> dict[str, set[str]]:
    """Return by all strings of a length in a text what stands behind them, of another length."""
    size = length + behind
    found: dict[str, set[str]] = {}
    for part in {text[at : at + size] for at in range(len(text) - size + 1)}:
        found.setdefault(part[:length], set()).add(part[length:])
    return found


def _meet(some: frozenset[str], others: frozenset[str], behind: dict[str, set[str]]) -> bool:
    """Return whether one of others stands behind one of some."""
    return any(not others.isdisjoint(behind[one]) for one in behind.keys() & some)


def _by_length(forms: Iterable[str]) -> dict[int, frozenset[str]]:
    """Return forms by their length."""
    forms = frozenset(forms)
    return {
        length: frozenset(form for form in forms if len(form) == length)
        for length in sorted(set(map(len, forms)))
    }


@lru_cache(maxsize=64)
def _single(decoder: str, losses: tuple[str, ...]) -> Channel:
    """Return the channel of one layer."""
    return Channel((Layer("utf-8", decoder, losses),))


@lru_cache(maxsize=64)
def _doubles(decoder: str, losses: tuple[str, ...]) -> list[_Double]:
    """Return the channels of two layers with this outer one."""
    outer = Layer("utf-8", decoder, losses)
    inner = [Layer("utf-8", name) for name in dict.fromkeys((decoder, *INNER))]
    found = []
    for first in [*inner, outer] if losses else inner:
        channel = Channel((first, outer))
        forms = forms_of(channel)[0]
        leads, continuations = (
            tuple(filter(None, part)) for part in (forms[0x42:0x75], forms[:0x40])
        )
        found.append(
            _Double(
                channel,
                _by_length(leads),
                _by_length(continuations),
                frozenset(lead[0] for lead in leads),
                frozenset(lead[-1] for lead in leads),
                frozenset(form[0] for form in continuations),
            )
        )
    return found


@lru_cache(maxsize=256)
def _with_outer(channel: Channel, **changes: object) -> tuple[Channel, ...]:
    """Return a channel with its outermost layer changed, if the lattice can take it."""
    outer = replace(channel.layers[-1], **changes)  # type: ignore[arg-type]
    changed = Channel((*channel.layers[:-1], outer))
    return (changed,) if max(map(len, forms_of(changed)[0])) <= LONGEST_FORM else ()


def _with_more(channel: Channel, more: tuple[str, ...]) -> tuple[Channel, ...]:
    """Return a channel that loses more in its outermost layer, if the lattice can take it."""
    losses = channel.layers[-1].losses
    if _FOLDED in more:  # what is dropped cannot be folded
        losses = _without(losses, _BESIDES)
    return _with_outer(channel, losses=losses + tuple(loss for loss in more if loss not in losses))
