"""A run: characters in a row that are images under one decoder."""

from __future__ import annotations

from dataclasses import dataclass, field

from mojibake_fix import _core
from mojibake_fix.channels import Channel, Layer, damage

from .scan import announced, begins, is_continuation, sequence_length
from .tables import BYTE_OF, DECODERS, LIMITS, emission, is_letter, is_odd, kind, transition

LINE_END = "\n"
REPLACEMENT = chr(LIMITS["REPLACEMENT"])


@dataclass
class Piece:
    """Whole sequences in a row, and what they were meant to be."""

    start: int
    end: int
    original: str
    evidence: int
    flags: int


@dataclass
class Run:
    """Figures of a run; see `run.h`."""

    start: int
    end: int
    meant: str  # what was meant to stand before its end
    evidence: int = 0
    lost: int = 0
    truncated: bool = False
    strays: int = 0  # what is left over in it, and letters beside it
    pieces: list[Piece] = field(default_factory=list)


def bounds(text: str, decoder: int, floor: int, at: int) -> tuple[int, int]:
    """Return the bounds of the run around `at`, not before `floor`.

    U+FFFD belongs to any run, and a question mark where images stand on both sides: a byte that
    was lost may have left them.
    """

    def is_image(i: int) -> bool:
        return 0 <= i < len(text) and text[i] in BYTE_OF[decoder]

    def belongs(i: int) -> bool:
        lost = text[i] == "?" and is_image(i - 1) and is_image(i + 1)
        return is_image(i) or lost or text[i] == REPLACEMENT

    start = end = at
    while start > floor and belongs(start - 1):
        start -= 1
    while end < len(text) and belongs(end):
        end += 1
    return start, end


def cost(before: str, text: str) -> int:
    """Return -log p of a text behind another; line ends stand before a beginning."""
    last_two = (LINE_END * 2 + before)[-2:]
    kinds = [kind(character) for character in last_two + text]
    steps = zip(kinds, kinds[1:], kinds[2:], strict=False)
    return sum(transition(*step) for step in steps) + sum(emission(c) for c in text)


def may_continue(sequence: bytes) -> bool:
    """Tell whether the last byte may stand behind the others; surrogates are admitted."""
    lead, last = sequence[0], sequence[-1]
    if len(sequence) > 2:
        return is_continuation(last)
    lowest = {0xE0: 0xA0, 0xF0: 0x90}.get(lead, 0x80)
    highest = {0xC0: 0x80, 0xF4: 0x8F}.get(lead, 0xBF)
    return lowest <= last <= highest


def beginning_at(data: bytes) -> bytes:
    """Return the lead at the beginning of `data` with as many of its continuations as follow."""
    if not data or not sequence_length(data[0]):
        return b""
    size = 1
    while size < min(sequence_length(data[0]), len(data)) and may_continue(data[: size + 1]):
        size += 1
    return data[:size]


def whole_at(data: bytes) -> bytes:
    """Return the whole sequence that `data` begins with; surrogates and C0 80 pass."""
    first = beginning_at(data)
    return first if first and len(first) == sequence_length(first[0]) else b""


def sequence_at(data: bytes) -> tuple[str, int]:
    """Return the character that `data` begins with and its number of bytes, or ("", 0)."""
    first = whole_at(data)
    if first == b"\xc0\x80":
        return "\0", 2
    character = first.decode("utf-8", "surrogatepass")
    if not "\ud800" <= character <= "\udfff":
        return character, len(first)
    # CESU-8 writes a character beyond U+FFFF as two surrogates of three bytes.
    second = whole_at(data[3:6])
    other = second.decode("utf-8", "surrogatepass") if len(second) == 3 else ""
    if character <= "\udbff" and "\udc00" <= other <= "\udfff":
        return (character + other).encode("utf-16-le", "surrogatepass").decode("utf-16-le"), 6
    return "", 0


def bytes_of(text: str, decoder: int) -> bytes:
    """Return the bytes that characters stand for, 0 for those that stand for none."""
    return bytes(BYTE_OF[decoder].get(character, 0) for character in text)


def sequences_at(data: bytes) -> list[tuple[str, int]]:
    """Return the whole sequences in a row that `data` begins with."""
    found, at = [], 0
    while True:
        character, size = sequence_at(data[at : at + 6])
        if not size:
            return found
        found.append((character, size))
        at += size


def context(text: str, decoder: int, end: int) -> str:
    """Return the two characters that bear on a piece which ends at `end`.

    Behind the text stand line ends; what may be damaged itself, and all behind it, does not bear.
    """
    two = text[end : end + 2]
    for i, character in enumerate(two):
        if announced(character, decoder):
            return two[:i]
    return two.ljust(2, LINE_END)


def undone(text: str, decoder: int) -> str:
    """Return a text with every whole sequence in it undone."""
    data, out, at = bytes_of(text, decoder), "", 0
    while at < len(text):
        character, size = sequence_at(data[at : at + 6])
        out += character or text[at]
        at += size or 1
    return out


def may_have_damaged(text: str) -> list[int]:
    """Return the decoders under which some odd pair of this text begins a sequence."""
    odd = [i for i in range(len(text) - 1) if is_odd(text[i], text[i + 1])]
    return [d for d in range(len(DECODERS)) if any(begins(text, i, [d]) for i in odd)]


def least_cost(before: str, original: str, after: str) -> int:
    """Return the cost of an original as it is, or damaged once more if that explains it better."""
    costs = [cost(before, original + after)]
    for inner in may_have_damaged(original):
        costs.append(LIMITS["LAYER"] + cost(before, undone(original, inner) + after))
    return min(costs)


def cost_as_meant(before: str, original: str, after: str) -> int:
    """Return the cost of an original, a few characters of it at a time."""
    size, total = LIMITS["LONGEST_LOOK"], 0
    for i in range(0, len(original), size):
        behind = after if i + size >= len(original) else ""
        total += least_cost(before + original[:i], original[i : i + size], behind)
    return total


def _is_letter_beside(text: str, at: int, step: int) -> bool:
    """Tell whether a letter beyond ASCII stands here, or behind a marker."""
    two = [text[i] for i in (at, at + step) if 0 <= i < len(text)]
    if len(two) == 2 and two[0] in ("?", REPLACEMENT):
        two = two[1:]
    return bool(two) and not two[0].isascii() and is_letter(two[0])


def cut(text: str, decoder: int, start: int, end: int, before: str) -> Run:
    """Cut a run and weigh it; `before` is what was meant to stand before its start."""
    run = Run(start, end, before)
    for at, step in ((start - 1, -1), (end, 1)):
        run.strays += _is_letter_beside(text, at, step)
    run.evidence -= LIMITS["STRAY_LETTER"] * run.strays
    data = bytes_of(text[start:end], decoder)
    at = start
    while at < end:
        found = sequences_at(data[at - start :])
        if found:
            piece_end = at + sum(size for _, size in found)
            original = "".join(character for character, _ in found)
            after = context(text, decoder, piece_end)
            evidence = cost(run.meant, text[at:piece_end] + after)
            evidence -= cost_as_meant(run.meant, original, after)
            flags = _core.NULLS if "\0" in original else 0
            flags |= _core.SURROGATES if any(size == 6 for _, size in found) else 0
            run.pieces.append(Piece(at, piece_end, original, evidence, flags))
            run.evidence += evidence
            run.truncated |= REPLACEMENT in original
            run.meant += original
            at = piece_end
            continue
        size = len(beginning_at(data[at - start :][:4]))
        if size > 1:
            run.lost += cost(run.meant, text[at : at + size]) - LIMITS["UNKNOWN_ORIGINAL"]
            run.truncated = True
        else:
            price = LIMITS["STRAY_LETTER" if is_letter(text[at]) else "STRAY_SIGN"]
            run.evidence -= price
            if announced(text[at], decoder) or text[at] == REPLACEMENT:
                run.lost += price
                run.truncated = True
        run.strays += max(size, 1)
        run.meant += text[at : at + max(size, 1)]
        at += max(size, 1)
    return run


def proves(text: str, decoder: int, piece: Piece) -> bool:
    """Tell whether the original of a piece, damaged again, gives exactly what was observed."""
    if piece.flags & _core.NULLS:
        source = "java-utf-8"
    else:
        source = "cesu-8" if piece.flags & _core.SURROGATES else "utf-8"
    channel = Channel((Layer(source, DECODERS[decoder]),))
    return damage(piece.original, channel) == text[piece.start : piece.end]
