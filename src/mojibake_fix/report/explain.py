"""What was found in one text, and why, for a person who wants to know."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .. import views
from ..channels import DECODERS, MULTIBYTE, SOURCES, Channel, damage, images
from .places import doubts, places, visible
from .words import channel_words, codec_words, loss_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._repair import Repair
    from .._spans import Span
    from ..channels import Layer
    from .places import Doubt

__all__ = ["explain"]

_NOTHING = "no damage found"
_LONGEST = 24  # code points of which all bytes are shown
_FEW = 3  # names that are listed


def explain(result: Repair) -> str:
    """Return what was found in a text: by span the chain, the bytes, the evidence, the runners-up.

    >>> from mojibake_fix import repair
    >>> print(explain(repair("KÃ¶ln")))
    Köln
    <BLANKLINE>
    1:2  Ã¶ → ö
         UTF-8 read as Windows-1252; nothing was lost
         ö is C3 B6 in UTF-8, which Windows-1252 reads as Ã¶
         the same by Latin-1, Windows-1254, ISO 8859-15 and 1 more
         evidence 28.1 nats, confidence 0.999
    """
    if not result.spans:
        return _NOTHING
    lines = [] if result.text == result.original else [visible(result.text), ""]
    uncertain = list(doubts(result, 1.0))
    for place in places(result):
        span = place.span
        label = f"{place.line}:{place.column}  "
        here = uncertain[: len(span.guesses)]
        del uncertain[: len(span.guesses)]
        after = "left: bytes were lost" if span.replacement is None else visible(span.replacement)
        lines.append(f"{label}{visible(span.observed)} → {after}")
        lines += [" " * len(label) + line for line in _reasons(span, here)]
    return "\n".join(lines)


def _reasons(span: Span, uncertain: list[Doubt]) -> Iterator[str]:
    lost = [loss_words(loss) for layer in span.channel.layers for loss in layer.losses]
    known = "nothing was lost" if span.replacement is not None else "what it was is not certain"
    yield f"{channel_words(span.channel)}; {', '.join(lost) or known}"
    if span.view:
        yield f"spelt with escapes ({span.view})"
    if span.replacement is not None:
        text = views.read(span.replacement, span.view)
        if len(text) <= _LONGEST:
            for layer in span.channel.layers:
                yield _step(text, layer)
                text = damage(text, Channel((layer,)))
        rivals = list(_same(span))
        if rivals:
            more = f" and {len(rivals) - _FEW} more" if len(rivals) > _FEW else ""
            yield f"the same by {', '.join(rivals[:_FEW])}{more}"
    yield f"evidence {span.evidence:.1f} nats, confidence {_share(span.confidence)}"
    for doubt in uncertain:
        guesses = [(doubt.guess, doubt.confidence), *doubt.others]
        words = ", or ".join(f"{visible(text)} {_share(share)}" for text, share in guesses)
        yield f"{doubt.line}:{doubt.column} is {words}"


def _share(probability: float) -> str:
    return f"{min(probability, 0.999):.3f}" if probability < 1 else "1"


def _step(text: str, layer: Layer) -> str:
    """Say what bytes a text became, those that are lost in brackets, and how they were read."""
    gone = _lost(layer)
    parts = [
        f"[{byte:02X}]" if byte in gone else f"{byte:02X}" for byte in SOURCES[layer.source](text)
    ]
    observed = damage(text, Channel((layer,)))
    source, decoder = codec_words(layer.source), codec_words(layer.decoder)
    return (
        f"{visible(text)} is {' '.join(parts)} in {source}, "
        f"which {decoder} reads as {visible(observed) or 'nothing'}"
    )


def _lost(layer: Layer) -> bytes:
    """Return the bytes that a layer of a one-byte decoder loses."""
    if layer.decoder not in DECODERS:
        return b""
    kept, whole = images(layer), images(replace(layer, losses=()))
    return bytes(byte for byte in whole if kept[byte] != whole[byte])


def _same(span: Span) -> Iterator[str]:
    """Yield the other decoders that would have shown the same."""
    *before, last = span.channel.layers
    observed = views.read(span.observed, span.view)
    for name in (*DECODERS, *MULTIBYTE):
        if name == last.decoder:
            continue
        channel = Channel((*before, replace(last, decoder=name)))
        try:
            same = damage(views.read(span.replacement or "", span.view), channel) == observed
        except UnicodeError:
            continue
        if same:
            yield codec_words(name)
