"""Scripts of letters: what no language mixes, and how a text is written."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

__all__ = ["beyond_ascii", "is_unspaced", "mixtures", "script", "scripts"]

# Scripts that are written with others in one word: Latin letters and Greek signs with any.
_MIXED = {"LATIN", "GREEK", "FULLWIDTH", "HALFWIDTH"}
_ONE = {"KATAKANA": "CJK", "HANGUL": "CJK"}
_LAST_LATIN = "\u024f"

# First and last characters of scripts without spaces: Thai to Tibetan, Khmer, kana, Han.
_UNSPACED = (
    ("\u0e00", "\u0fff"),
    ("\u1000", "\u109f"),
    ("\u1780", "\u17ff"),
    ("\u2e80", "\u9fff"),
    ("\uf900", "\ufaff"),
    ("\uff66", "\uff9d"),
    ("\U00020000", "\U0003ffff"),
)


@cache
def script(character: str) -> str | None:
    """Return the script of a letter, as the first word of its name; None for what is no letter."""
    from unicodedata import category, name

    if category(character)[0] != "L":
        return None
    first = name(character, "").partition(" ")[0]
    if first.startswith(("HIRAGANA", "KATAKANA")):
        return "KATAKANA"
    return "CJK" if first == "IDEOGRAPHIC" else first  # 々 and 〆


@cache
def _script(character: str) -> str | None:
    found = script(character) if character > _LAST_LATIN else None
    return None if found in _MIXED else _ONE.get(found or "", found)


def scripts(text: str) -> set[str]:
    """Return the scripts of a text that are not mixed with others; Han, kana, Hangul are one."""
    return {script for script in map(_script, set(text)) if script}


def mixtures(text: str) -> int:
    """Return how many letters stand beside one of a script that no language writes beside it."""
    if len(scripts(text)) < 2:  # that is sooner told
        return 0
    return sum(one != other for one, other in pairwise(map(_script, text)) if one and other)


def beyond_ascii(text: str) -> int:
    """Return how many code points beyond ASCII a text has."""
    return len(text) - len(text.encode("ascii", "ignore"))


def is_unspaced(character: str) -> bool:
    """Return whether a character is of a script that is written without spaces between words."""
    return any(first <= character <= last for first, last in _UNSPACED)
