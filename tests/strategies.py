"""Texts to test with: clean, tempting, damaged, mixed and broken ones.

Importing this module sets Hypothesis up for the whole run: the same few examples each time by
default, and others in greater number where the environment says `HYPOTHESIS_PROFILE=hunt`.
"""

from __future__ import annotations

import json
import os
from functools import cache
from html.entities import codepoint2name
from itertools import cycle
from pathlib import Path
from urllib.parse import quote

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from mojibake_fix.channels import DECODERS, LOSSES, UNICODE, Channel, Layer, damage
from mojibake_fix.channels._tables import DECODED

_COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", _COMMON, max_examples=60, derandomize=True)
settings.register_profile("hunt", _COMMON, max_examples=3000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"

ORIGINALS = {
    path.name: path.read_bytes().decode("utf-8")
    for path in sorted((FIXTURES / "originals").iterdir())
}
"""Real notes in many languages, by file name."""

CLEAN = {
    path.name: path.read_bytes().decode("utf-8") for path in sorted((FIXTURES / "clean").iterdir())
}
"""Notes that look like damage and are not, by file name."""

# Plain words, a few for each language, that no one wrote in capitals.
WORDS = (
    "house stone river seven naïve façade café",
    "Straße grün Öl Mädchen schön über",
    "où élève garçon forêt hôtel Noël cœur",
    "não coração irmã você pão avó três",
    "mañana niño corazón pingüino último así",
    "żółw gęś łódź ćma źródło święto",
    "příliš žluťoučký kůň úpěl ďábelské",
    "árvíztűrő tükörfúrógép őz űr",
    "şehir ağaç çiçek ışık özgür",
    "tiếng Việt người được nước những",
    "și țară mâine între până",
    "книга вода хорошо ёлка объём",
    "їжак ґанок єдність п'ять",
    "καλημέρα κόσμος ήλιος νύχτα",
    "שלום עולם ספר מים",
    "مرحبا كتاب شمس ماء",
    "नमस्ते दुनिया किताब पानी",
    "สวัสดี ชาวโลก หนังสือ น้ำ",
    "你好 世界 河流 图书馆",
    "こんにちは 世界 カタカナ ひらがな",
    "안녕하세요 세계 도서관",
    "æble fjörður þýðing ångström øre",
    "😀 🇩🇪 👩‍👩‍👧 ❤️ 🎉",
    "“quoted” ‘single’ em—dash en–dash … • © ® ™ € £ ½ ² °",
)
WORD_LISTS = tuple(tuple(words.split(" ")) for words in WORDS)

LEADS = tuple("".join(images[0x40:0x75]) for images in DECODED.values())
CONTINUATIONS = tuple("".join(images[:0x40]) for images in DECODED.values())
IMAGES = "".join(sorted(set("".join(DECODED.values()))))

SEPARATORS = ("", " ", "\n", "\r\n", ", ", ".\n\n", "\xa0", "\t")


def characters() -> st.SearchStrategy[str]:
    """Any code point, lone surrogates, NUL and private use included."""
    return st.integers(0, 0x10FFFF).map(chr)


def any_text(max_size: int = 80) -> st.SearchStrategy[str]:
    """Text of any code points whatever."""
    return st.lists(characters(), max_size=max_size).map("".join)


@st.composite
def clean_text(draw: st.DrawFn, max_words: int = 8) -> str:
    """Plain words of one script."""
    words = st.sampled_from(draw(st.sampled_from(WORD_LISTS)))
    return " ".join(draw(st.lists(words, min_size=1, max_size=max_words)))


@st.composite
def note(draw: st.DrawFn) -> str:
    """A few lines in a row of a real note."""
    lines = ORIGINALS[draw(st.sampled_from(sorted(ORIGINALS)))].splitlines(keepends=True)
    start = draw(st.integers(0, len(lines) - 1))
    return "".join(lines[start : start + draw(st.integers(1, 6))])


def layers(losses: bool = False) -> st.SearchStrategy[Layer]:
    """One layer; most often the usual source and a usual decoder."""
    return st.builds(
        Layer,
        st.sampled_from(["utf-8", *UNICODE]),
        st.sampled_from(["cp1252", "latin-1", *DECODERS]),
        st.lists(st.sampled_from(sorted(LOSSES)), min_size=1, max_size=2, unique=True).map(tuple)
        if losses
        else st.just(()),
    )


def channels(most: int = 3, losses: bool = False) -> st.SearchStrategy[Channel]:
    """A channel of one to `most` layers; with `losses`, each layer loses something."""
    return st.lists(layers(losses), min_size=1, max_size=most).map(lambda ls: Channel(tuple(ls)))


@cache
def _after(original: str, channel: Channel) -> str:
    return damage(original, channel)


@st.composite
def damaged_text(draw: st.DrawFn, most: int = 3, losses: bool = False) -> str:
    """Words or lines of a note after a channel."""
    original = draw(clean_text() | note() if most == 1 else clean_text())
    return _after(original, draw(channels(most, losses)))


LOSING = tuple(
    map(
        Channel.parse,
        (
            "utf-8>cp1254+undefined-dropped+soft-hyphen-dropped",
            "utf-8>latin-1+c1-dropped",
            "utf-8>latin-1+c1-question",
            "utf-8>cp1252+undefined-question",
            "utf-8>cp1252+undefined-dropped+nbsp-folded+quotes-folded+dashes-folded",
            "utf-8>cp1252+undefined-replaced+markers-joined+nbsp-folded+spaces-squeezed",
        ),
    )
)


@st.composite
def mixed_losses(draw: st.DrawFn) -> str:
    """Pieces of notes, clean or damaged by channels of many losses, in one document."""
    found = []
    for _ in range(draw(st.integers(1, 6))):
        text = ORIGINALS[draw(st.sampled_from(sorted(ORIGINALS)))]
        start = draw(st.integers(0, len(text) - 1))
        piece = text[start : start + draw(st.integers(3, 120))]
        channel = draw(st.none() | st.sampled_from(LOSING))
        found.append(piece if channel is None else _after(piece, channel))
    return draw(st.sampled_from(["", " ", "\n"])).join(found)


def options() -> st.SearchStrategy[dict[str, object]]:
    """What to do where bytes were lost."""
    return st.fixed_dictionaries(
        {},
        optional={
            "uncertain": st.sampled_from(["guess", "mark", "keep"]),
            "min_confidence": st.sampled_from([0, 0.5, 0.99, 1]),
        },
    )


@st.composite
def misread_bytes(draw: st.DrawFn) -> str:
    """Bytes of 80 to FF under one decoder, mostly leads and continuations but in any order."""
    decoder = draw(st.integers(0, len(DECODERS) - 1))
    images = st.sampled_from(LEADS[decoder]) | st.sampled_from(CONTINUATIONS[decoder])
    return "".join(draw(st.lists(images, min_size=1, max_size=12)))


@st.composite
def broken_sequences(draw: st.DrawFn) -> str:
    """A damaged word less some characters, or with U+FFFD, ? or nothing special in their place."""
    observed = list(draw(damaged_text(most=2)))
    for place in draw(st.lists(st.integers(0, len(observed) - 1), min_size=1, max_size=3)):
        observed[place] = draw(st.sampled_from(("", "\ufffd", "?", " ", "\xad")))
    return "".join(observed)


@st.composite
def misread_surrogates(draw: st.DrawFn) -> str:
    """What CESU-8 and Java write, in and out of order, under one decoder."""
    units = st.sampled_from(
        (b"\xed\xa0\xbd", b"\xed\xb8\x80", b"\xc0\x80", b"\xf0\x9f\x98\x80", b"\xc3\xa9", b"\xed")
    )
    data = b"".join(draw(st.lists(units, min_size=1, max_size=6)))
    decoded = DECODED[draw(st.sampled_from(DECODERS))]
    return "".join(decoded[byte - 0x80] for byte in data)


SPELLINGS = {
    "json": lambda character: json.dumps(character)[1:-1],
    "html": lambda character: f"&{codepoint2name.get(ord(character), f'#{ord(character)}')};",
    "decimal": lambda character: f"&#{ord(character)};",
    "hex": lambda character: f"&#x{ord(character):X};",
    "url": lambda character: quote(character, safe="", errors="replace"),
    "bytes": lambda character: _octets(character, "\\x{:02x}"),
    "octal": lambda character: _octets(character, "\\{:03o}"),
    "quoted-printable": lambda character: _octets(character, "={:02X}"),
}
"""Ways to spell a character in ASCII, by view or by kind of character reference."""


def _octets(character: str, form: str) -> str:
    return "".join(map(form.format, character.encode("utf-8", "replace")))


def spelt(text: str, notation: str) -> str:
    """Return a text with all beyond ASCII escaped."""
    spell = SPELLINGS[notation]
    return "".join(character if character < "\x80" else spell(character) for character in text)


@st.composite
def escaped_text(draw: st.DrawFn, most: int = 2) -> str:
    """Damaged words of which all, or some, is spelt with escapes."""
    observed = draw(damaged_text(most))
    notations = st.sampled_from(sorted(SPELLINGS))
    notation = draw(notations)
    if draw(st.booleans()):
        text = spelt(observed, notation)
    else:
        kinds = [notation, "", draw(notations)]
        chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=8))
        text = "".join(
            spelt(character, kind) if kind else character
            for character, kind in zip(observed, cycle(chosen), strict=False)
        )
    return "/" + text if draw(st.booleans()) else text


# Escapes, parts of them, and what looks like one.
_ESCAPES = (
    *("\\", "\\u", "\\u00c3", "\\u00A9", "\\ud83d", "\\ude00", "\\u0041", "\\\\u00c3\\u00a9"),
    *(
        "&",
        "&Atilde;",
        "&copy;",
        "&nbsp;",
        "&amp;",
        "&#195;",
        "&#xc3;",
        "&#Xa9;",
        "&#128;",
        "&#55357;",
    ),
    *(
        "&#169",
        "&acirc;&euro;&trade;",
        "%",
        "%C3%83",
        "%c2%a9",
        "%C3",
        "%20",
        "/",
        "\\xc3\\x83",
        "\\xc2\\xa9",
    ),
    *("\\303\\203", "\\302\\251", "\\3", "=C3=83", "=C2=A9", "=\n", "=20", "Ã", "©", "â"),
)


def escapes() -> st.SearchStrategy[str]:
    """Escapes in any order, broken and whole."""
    return st.lists(st.sampled_from(_ESCAPES), min_size=1, max_size=8).map("".join)


def pieces() -> st.SearchStrategy[str]:
    """One piece of a document: clean, damaged, broken or tempting."""
    return st.one_of(
        clean_text(3),
        damaged_text(),
        damaged_text(most=1),
        damaged_text(losses=True),
        misread_bytes(),
        broken_sequences(),
        misread_surrogates(),
        st.text(IMAGES, min_size=1, max_size=6),
        any_text(max_size=3),
        escaped_text(),
        escapes(),
        st.sampled_from(("Ã", "MAÇÃ»", "İMÂ…", "Å²", "√", "\ufffd", "Ãƒ", "â€", "\x00", "a")),
        st.sampled_from(_UNREAD),
    )


_UNREAD = ("H\0e\0l\0l\0o\0", "ÿþ", "$B%a%C%;!<%8(B", "\x1b$B$3\x1b(B", "$B", "(B", "\ud83d\ude00")


@st.composite
def documents(draw: st.DrawFn, most: int = 8) -> str:
    """Clean and damaged pieces, glued with spaces, line ends, or nothing."""
    separator = st.sampled_from(SEPARATORS)
    parts = draw(st.lists(pieces(), min_size=1, max_size=most))
    return "".join(part + draw(separator) for part in parts)


@st.composite
def consistent_documents(draw: st.DrawFn) -> str:
    """Lines of real notes, each clean, damaged by one and the same channel, or by another."""
    usual = draw(channels(2))
    lines = []
    for line in draw(st.lists(note(), min_size=1, max_size=5)):
        which = draw(st.sampled_from(("usual", "usual", "clean", "other")))
        if which == "clean":
            lines.append(line)
        else:
            lines.append(_after(line, usual if which == "usual" else draw(channels(2))))
    return draw(st.sampled_from(("", "\n", " "))).join(lines)


FOREIGN = ("gbk", "cp949", "cp932", "cp950")


@st.composite
def foreign_text(draw: st.DrawFn) -> str:
    """Words, some read with a codec of several bytes, among images and letters in any order."""
    misread = st.builds(
        lambda text, codec: text.encode("utf-8").decode(codec, "replace"),
        clean_text(3),
        st.sampled_from(FOREIGN),
    )
    images = st.text(st.sampled_from(IMAGES) | st.sampled_from(IMAGES[:200]), max_size=4)
    letters = st.text("abcXYZ ?\n\ufffd・眉", max_size=6)
    parts = st.one_of(misread, images, letters, clean_text(3), st.just(" "))
    return "".join(draw(st.lists(parts, max_size=16)))


MARKS = tuple(
    f"{opener} fixmoji: {what}"
    for opener in ("#", "//", "<!--", "/*", ";", "--", "%", "(*")
    for what in ("off", "on", "ignore")
)


@st.composite
def marked_documents(draw: st.DrawFn) -> str:
    """Lines of which some are damaged and some hold a mark."""
    mark = st.sampled_from(MARKS)
    line = damaged_text(most=1) | escaped_text(most=1) | clean_text()
    lines = draw(st.lists(st.one_of(line, mark, st.tuples(line, mark).map(" ".join)), min_size=1))
    return "\n".join(lines)


def texts() -> st.SearchStrategy[str]:
    """Every kind of text that there is here."""
    return st.one_of(
        documents(),
        consistent_documents(),
        any_text(),
        damaged_text(),
        escaped_text(),
        note(),
    )


def utf8_like() -> st.SearchStrategy[bytes]:
    """Bytes that are UTF-8 or nearly so."""
    units = st.one_of(
        st.binary(max_size=3),
        st.text(max_size=3).map(lambda text: text.encode("utf-8")),
        any_text(max_size=2).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.sampled_from((b"\xc0\x80", b"\xe0\x80\x80", b"\xf4\x90\x80\x80", b"\xf0\x9f\x98")),
        st.integers(0, 20).map(lambda count: b"a" * count),
        st.integers(0, 20).map(lambda count: "é漢😀".encode() * count),
    )
    return st.lists(units, max_size=40).map(b"".join)
