"""What one wrong decoder did to a text, and the text without it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from mojibake_fix import _core
from mojibake_fix.channels._tables import DECODED

from .runs import Run, bounds, cut, proves
from .scan import begins, find_pair, find_plain_suspect
from .tables import BYTE_OF, LIMITS, constants, is_letter

_KNOWN = constants("tables.h", "model.h", "agreed.c")
LETTERS = _KNOWN["LETTERS"]
BEHIND, UNITS_PER_NAT = _KNOWN["MF_BEHIND"], _KNOWN["MF_UNITS_PER_NAT"]
MODEL_UNITS_PER_NAT = _KNOWN["MF_MODEL_UNITS_PER_NAT"]

UNASSIGNED = chr(0x10FFFF)  # stands for all that a model has never seen

MOST_USUAL = tuple(map(list(DECODED).index, ("cp1252", "latin-1")))
DECODERS = range(len(BYTE_OF))
Figures = Sequence[int]


class Prior(NamedTuple):
    """What the caller believes before it sees a suspect; see `layer.h`."""

    log_odds: Figures
    preference: Figures
    accept: int
    misfit: int
    most: int
    stranger: int
    favour: int
    loss: int
    most_lone: int
    literal: int
    agreed: int


class Model(Protocol):
    """What is asked of the language model."""

    def costs(self, passages: list[tuple[str, int, int]], /) -> list[tuple[float, float]]: ...

    def alone(self, text: str, /) -> float: ...


def prior_of(figures: tuple[Figures, Figures, Figures]) -> Prior:
    """Return the prior that the core is given as three sequences."""
    return Prior(figures[0], figures[1], *figures[2])


@dataclass
class Suspect:
    """A place where decoders have runs, and what they say of it."""

    runs: dict[int, Run]
    next_odd: int  # offset of the first suspect from here on
    odds: dict[int, int] = field(default_factory=dict)
    best: int = -1
    alone: int = -1


def weight(prior: Prior, suspect: Suspect, decoder: int) -> int:
    """Return what the run of a decoder tells of its document.

    Evidence beyond the misfit speaks for the decoder if no other one explains the run better;
    evidence against damage speaks against it, unless bytes are missing.
    """
    run, most = suspect.runs[decoder], prior.most - prior.misfit
    if run.evidence < 0:
        return 0 if run.truncated else max(run.evidence, -most)
    if run.evidence < max(prior.misfit, suspect.runs[suspect.alone].evidence):
        return 0
    return min(run.evidence - prior.misfit, most)


def agreement(prior: Prior, weight: int) -> int:
    """Return the log odds of damage where so many runs say so, and none against: number to one."""
    runs = max(weight, 0) // (prior.most - prior.misfit)
    return min(runs.bit_length() * LIMITS["LOG_2"], prior.favour)


def heard(prior: Prior, weights: Figures, decoder: int) -> int:
    """Return the log odds of damage by a decoder in a document of these weights.

    They grow with all evidence for it, and fall by what the best decoder has more.
    """
    best, own = max(weights), weights[decoder]
    odds = min(prior.log_odds[decoder] + max(own, 0), agreement(prior, own))
    return odds - min(best - own, prior.stranger) if best > 0 else odds


def established(prior: Prior, weights: Figures) -> set[int]:
    """Return the decoders that damaged the document beyond doubt."""
    return {d for d in DECODERS if heard(prior, weights, d) > 0}


def best_of(prior: Prior, ranks: dict[int, int]) -> int:
    """Return the decoder of the highest rank, of equals the preferred one, of those the first."""
    return max(ranks, key=lambda d: (ranks[d], prior.preference[d], -d))


def judge(prior: Prior, suspect: Suspect, weights: Figures | None) -> None:
    """Set the odds of each candidate, by itself or with all of the document but this suspect."""
    runs = suspect.runs
    suspect.odds = {d: prior.log_odds[d] + runs[d].evidence for d in runs}
    suspect.best = suspect.alone = best_of(prior, suspect.odds)
    if weights is not None:
        # A run without a suspect has told nothing.
        told = {d: weight(prior, suspect, d) for d in runs if suspect.next_odd < runs[d].end}
        others = [weights[d] - told.get(d, 0) for d in DECODERS]
        suspect.odds = {d: heard(prior, others, d) + runs[d].evidence for d in runs}
        ranks = {d: odds + prior.preference[d] for d, odds in suspect.odds.items()}
        suspect.best = best_of(prior, ranks)


class Walk:
    """From suspect to suspect; no decoder looks at a character twice."""

    def __init__(self, text: str, prior: Prior, weights: Figures | None = None) -> None:
        self.text, self.prior, self.weights = text, prior, weights
        self.established = established(prior, weights) if weights is not None else set()
        self.at = self.floor = 0
        self.meant = ""  # what was meant to stand before the floor
        self.looked_until = dict.fromkeys(DECODERS, 0)

    def __iter__(self) -> Iterator[Suspect]:
        while (place := self.next_place()) >= 0:
            odd = find_plain_suspect(self.text, self.at)
            self.at = place + 1
            runs = {d: self.run_of(d, place) for d in self.candidates(place)}
            if runs:
                suspect = Suspect(runs, len(self.text) if odd < 0 else odd)
                judge(self.prior, suspect, self.weights)
                yield suspect

    def next_place(self) -> int:
        """Return the next suspect, or the next pair of a decoder that is known to do damage."""
        places = (
            find_plain_suspect(self.text, self.at),
            find_pair(self.text, self.at, self.established),
        )
        return min((place for place in places if place >= 0), default=-1)

    def candidates(self, place: int) -> list[int]:
        """Return the decoders that explain the pair at a place and did not look at it yet."""
        pair = self.text[place : place + 2]
        return [
            d
            for d in DECODERS
            if self.looked_until[d] <= place
            and (
                begins(self.text, place, [d])
                or (d in self.established and all(image in BYTE_OF[d] for image in pair))
            )
        ]

    def run_of(self, decoder: int, place: int) -> Run:
        """Return the run of a decoder around a place."""
        floor = max(self.floor, self.looked_until[decoder])
        start, end = bounds(self.text, decoder, floor, place)
        run = cut(self.text, decoder, start, end, self.meant + self.text[self.floor : start])
        self.looked_until[decoder] = run.end
        return run

    def settle(self, suspect: Suspect) -> None:
        """Go on behind the best run of a suspect."""
        run = suspect.runs[suspect.best]
        self.floor = self.at = run.end
        self.meant = self.text[: run.end] if run.truncated else run.meant


def is_damaged(walk: Walk, suspect: Suspect) -> bool:
    """Tell whether the best run of a suspect counts as damaged."""
    run = suspect.runs[suspect.best]
    around = walk.text[max(run.start - 1, 0) : run.start] + walk.text[run.end : run.end + 1]
    is_word = all(c.isascii() and not c.isalnum() for c in around)
    if not run.truncated and 2 * run.strays >= run.end - run.start:
        return False
    return suspect.odds[suspect.best] > walk.prior.accept and (
        run.evidence > 0 or (suspect.best in walk.established and is_word)
    )


def weigh(text: str, figures: tuple[Figures, Figures, Figures]) -> list[int]:
    """Return what the whole text tells of each decoder."""
    prior = prior_of(figures)
    weights = [0] * len(DECODERS)
    walk = Walk(text, prior)
    for suspect in walk:
        for decoder in suspect.runs:
            weights[decoder] += weight(prior, suspect, decoder)
        if is_damaged(walk, suspect):
            walk.settle(suspect)
    return weights


def prefer_lost_bytes(prior: Prior, suspect: Suspect, known: set[int]) -> bool:
    """Make the best of the readings that have lost bytes the best, if there is one to accept.

    Nothing proves a loss, so the document cannot favour it; what was lost counts only for a decoder
    that is known to do damage.
    """
    odds = {
        d: min(suspect.odds[d], run.evidence) + (run.lost if d in known else 0)
        for d, run in suspect.runs.items()
        if run.truncated
    }
    accepted = {d: figure for d, figure in odds.items() if figure > prior.accept}
    if not accepted:
        return False
    suspect.odds |= accepted
    suspect.best = max(accepted, key=lambda d: (accepted[d], -d))
    return True


def doubtful(walk: Walk, suspect: Suspect) -> list[int]:
    """Return the decoders whose runs are left in doubt where nothing else is damaged."""
    found = [d for d, run in suspect.runs.items() if is_doubtful(walk.text, d, run)]
    return [] if walk.established else sorted(found)


def is_doubtful(text: str, decoder: int, run: Run) -> bool:
    """Tell whether a run is whole and looks better as it was meant, and may not be a sign."""
    before, observed = text[: run.start], text[run.start : run.end]
    around = re.search("[a-z]*\\Z", before)[0] + re.match("[a-z]*", text[run.end :])[0]  # type: ignore[index]
    if run.truncated or run.strays or run.evidence <= 0:
        return False
    if is_sign_alone(text, run):
        return True
    if re.search("[A-Z]\\Z", before) or (decoder not in MOST_USUAL and len(around) < LETTERS):
        return False
    return not re.fullmatch(".[\xa0\xad²³·¹»’”›…™]|[^Î]±", observed)


def agree(text: str, run: Run, model: Model) -> int:
    """Return the evidence of a run in the mean of classes and a language model."""
    start, end = run.start, run.end
    original, behind = "".join(piece.original for piece in run.pieces), text[end : end + BEHIND]
    if any(model.alone(each) >= model.alone(UNASSIGNED) for each in original):
        return 0
    if any(each >= "\u0800" and is_letter(each) for each in original):
        return 0
    costs = model.costs(
        [
            (text[:start] + text[start:end] + behind, start, end),
            (text[:start] + original + behind, start, start + len(original)),
        ]
    )
    written, meant = (sum(pair) * MODEL_UNITS_PER_NAT for pair in costs)
    return int((run.evidence + int((written - meant) * UNITS_PER_NAT / MODEL_UNITS_PER_NAT)) / 2)


SIGN_ALONE = re.compile(
    r"(?:\A|[\s\d(])Â[¢£¤¥¦§©®¶¼½¾](?:[\s\d.,;:!?)]|\Z)|\sÂ·(?:\s|\Z)", re.ASCII
)


def is_sign_alone(text: str, run: Run) -> bool:
    """Tell whether a run is a sign behind an `Â` that belongs to no word."""
    first = max(run.start - 1, 0)
    found = SIGN_ALONE.search(text, first, run.end + 1)
    return run.end - run.start == 2 and bool(found and "Â" in found[0])


def settle_doubt(
    walk: Walk, suspect: Suspect, decoders: list[int], model: Model | None
) -> tuple[bool, bool]:
    """Make a reading that is in doubt the best of all if a language model agrees with it alone.

    Tells whether it is, and whether a language model would tell.
    """
    prior, runs = walk.prior, suspect.runs
    if is_sign_alone(walk.text, runs[decoders[0]]):
        suspect.best = decoders[0]
        suspect.odds[suspect.best] = prior.accept
        return True, False
    if model is None:
        return False, True
    for d in decoders:
        told = agree(walk.text, runs[d], model) + prior.preference[d]
        suspect.odds[d] = prior.accept + told - prior.agreed
    suspect.best = best_of(prior, {d: suspect.odds[d] for d in decoders})
    odds = suspect.odds[suspect.best]
    others = [suspect.odds[d] for d in decoders if runs[d].evidence != runs[suspect.best].evidence]
    rival = max(others, default=-(2**31))
    return odds >= prior.accept and odds - rival >= prior.accept, False


Edit = tuple[int, int, str | None, int, int, int, int, int]


def undo(
    text: str,
    figures: tuple[Figures, Figures, Figures],
    weights: Figures,
    model: Model | None = None,
) -> tuple[str, list[Edit], bool]:
    """Return the text less one layer, its edits, as the core gives them, and if some are untold."""
    prior = prior_of(figures)
    walk = Walk(text, prior, weights)
    edits: list[Edit] = []
    is_untold = False
    for suspect in walk:
        damaged = is_damaged(walk, suspect)
        stranger = bool(walk.established) and suspect.best not in walk.established
        # Before a stranger reads what the known decoder cannot, bytes may be lost.
        lossy = (stranger or not damaged) and prefer_lost_bytes(prior, suspect, walk.established)
        agreed = False
        if not damaged and not lossy and (decoders := doubtful(walk, suspect)):
            agreed, untold = settle_doubt(walk, suspect, decoders, model)
            is_untold |= untold
        if damaged or lossy or agreed:
            edits += edits_of(text, suspect)
            walk.settle(suspect)
    return edited(text, edits), edits, is_untold


def edits_of(text: str, suspect: Suspect) -> list[Edit]:
    """Return the edits of the best run of a suspect: a run is undone whole or not at all."""
    decoder = suspect.best
    run, odds = suspect.runs[decoder], suspect.odds[decoder]
    rival = max(
        (suspect.odds[d] for d in suspect.runs if suspect.runs[d].evidence != run.evidence),
        default=-(2**31),
    )
    if run.truncated:
        return [(run.start, run.end, None, decoder, run.evidence, odds, rival, _core.LOSSY)]
    if not all(proves(text, decoder, piece) for piece in run.pieces):
        return []
    return [
        (p.start, p.end, p.original, decoder, p.evidence, odds, rival, p.flags) for p in run.pieces
    ]


def edited(text: str, edits: list[Edit]) -> str:
    """Return a text with its edits made, lossy ones left out."""
    out, at = "", 0
    for start, end, original, *_ in edits:
        if original is not None:
            out += text[at:start] + original
            at = end
    return out + text[at:]
