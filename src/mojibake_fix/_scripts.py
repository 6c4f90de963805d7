"""Scripts of letters, as far as they tell what no language mixes."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

__all__ = ["mixtures", "scripts"]

# Scripts that are written with others in one word: Latin letters and Greek signs with any.
_MIXED = {"LATIN", "GREEK", "FULLWIDTH", "HALFWIDTH"}
_ONE = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "KATAKANA-HIRAGANA": "CJK", "HANGUL": "CJK"}
_LAST_LATIN = "\u024f"


@cache
def _script(character: str) -> str | None:
    from unicodedata import category, name

    if character <= _LAST_LATIN or category(character)[0] != "L":
        return None
    script = name(character, "").partition(" ")[0]
    return None if script in _MIXED else _ONE.get(script, script)


def scripts(text: str) -> set[str]:
    """Return the scripts of a text that are not mixed with others; Han, kana, Hangul are one."""
    return {script for script in map(_script, set(text)) if script}


def mixtures(text: str) -> int:
    """Return how many letters stand beside one of a script that no language writes beside it."""
    return sum(one != other for one, other in pairwise(map(_script, text)) if one and other)
