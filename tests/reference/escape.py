"""A text as it reads with its escapes resolved, one character after the other."""

from __future__ import annotations

import re
from html.entities import html5, name2codepoint
from typing import TYPE_CHECKING, NamedTuple

from .tables import IMAGES

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = {
    name[:-1]: character
    for name, character in html5.items()
    if name.endswith(";")
    and len(character) == 1
    and character > "\x7f"
    and (name[:-1] in name2codepoint or character in IMAGES)
}

# How each notation spells: one character, or one byte of its UTF-8.
UNICODE = re.compile(r"\\u([0-9A-Fa-f]{4})")
ENTITY = re.compile(
    r"&(?:(?P<name>[0-9A-Za-z]+)|#(?P<decimal>[0-9]{1,7})|#[xX](?P<hex>[0-9A-Fa-f]{1,7}));"
)
BYTE = {
    "percent": re.compile(r"%([0-9A-Fa-f]{2})"),
    "bytes": re.compile(r"\\x([0-9A-Fa-f]{2})"),
    "octal": re.compile(r"\\([0-7]{3})"),
    "printable": re.compile(r"=([0-9A-Fa-f]{2})"),
}


class Character(NamedTuple):
    """A character of the text as it reads; `notation` is empty where it is written as it is."""

    character: str
    start: int
    end: int
    notation: str


def numeric(code: int) -> str | None:
    """Return the character that browsers show for a number, None if it is none beyond ASCII."""
    if 0x80 <= code < 0xA0:
        return bytes([code]).decode("cp1252", "ignore") or chr(code)
    if code < 0x80 or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return None
    return chr(code)


def read_bytes(text: str, at: int, notation: str) -> tuple[str, int] | None:
    """Return a character spelt byte by byte and where it ends."""
    octets, end = b"", at
    while len(octets) < 4 and (match := BYTE[notation].match(text, end)):
        octet = int(match[1], 8 if notation == "octal" else 16)
        if octet > 0xFF:
            break
        octets, end = octets + bytes([octet]), match.end()
        try:
            character = octets.decode("utf-8")
        except UnicodeDecodeError:
            continue
        return (character, end) if character > "\x7f" else None
    return None


def read_unicode(text: str, at: int) -> Character | None:
    """Return the character that one or two UTF-16 code units stand for."""
    units, end = [], at
    while len(units) < 2 and (match := UNICODE.match(text, end)):
        units.append(int(match[1], 16))
        end = match.end()
        if not 0xD800 <= units[-1] < 0xE000:
            break
    octets = b"".join(unit.to_bytes(2, "little") for unit in units)
    try:
        character = octets.decode("utf-16-le")
    except UnicodeDecodeError:
        return None
    return Character(character, at, end, "unicode") if character > "\x7f" else None


def read_entity(text: str, at: int) -> Character | None:
    """Return the character that a character reference of HTML stands for."""
    match = ENTITY.match(text, at)
    if not match:
        return None
    kind = match.lastgroup or ""
    if kind == "name":
        character = NAMES.get(match[kind])
    else:
        character = numeric(int(match[kind], 16 if kind == "hex" else 10))
    return Character(character, at, match.end(), kind) if character else None


def read_escape(text: str, at: int) -> Character | None:
    """Return the character that the escape at an offset stands for, None if there is none."""
    if found := read_unicode(text, at) or read_entity(text, at):
        return found
    for notation in BYTE:
        if octets := read_bytes(text, at, notation):
            return Character(octets[0], at, octets[1], notation)
    return None


def in_url(text: str, at: int) -> bool:
    """Tell whether the word around an offset is a URL, or part of one, by what stands before."""
    start = at
    while start > 0 and text[start - 1] > " " and text[start - 1] not in "\"'<>`{}|^\\":
        start -= 1
    word = text[start:at]
    quoted = text[:start].endswith(('="', "='"))
    return quoted or "/" in word or "=" in word or "](" in word


def characters(
    text: str, accepts: Callable[[Character, str], bool] = lambda escape, before: True
) -> list[Character]:
    """Return the characters of a text as it reads, wherever its accepted escapes stand.

    Whether an escape is accepted is asked with the character before it.
    """
    found: list[Character] = []
    at = 0
    while at < len(text):
        if text.startswith("\\\\", at):
            found += [Character("\\", i, i + 1, "") for i in (at, at + 1)]
            at += 2
            continue
        escape = read_escape(text, at)
        if escape is None or not accepts(escape, found[-1].character if found else ""):
            escape = Character(text[at], at, at + 1, "")
        found.append(escape)
        at = escape.end
    return found


def resolve(text: str, printable: bool) -> list[Character]:
    """Return the characters of a text as it reads, with the escapes that fit where they stand."""

    def accepts(escape: Character, before: str) -> bool:
        if escape.notation == "percent" and not in_url(text, escape.start):
            return False
        if is_lone_control(text, escape, before):
            return False
        return printable or escape.notation != "printable"

    return characters(text, accepts)


def is_lone_control(text: str, escape: Character, before: str) -> bool:
    """Tell whether an escape is a C1 control with nothing beyond ASCII beside it."""
    if not "\x80" <= escape.character <= "\x9f" or before >= "\x80":
        return False
    behind = read_escape(text, escape.end)
    following = behind.character if behind else text[escape.end : escape.end + 1]
    return following < "\x80" or (behind is not None and following <= "\x9f")


def find_escape(text: str, start: int = 0) -> int:
    """Return the offset of the first escape at or after `start`, -1 if there is none."""
    return next((c.start for c in characters(text) if c.notation and c.start >= start), -1)
