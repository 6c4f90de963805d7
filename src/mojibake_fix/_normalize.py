"""Normal forms of clean text: opt-in, never part of a repair.

Every form is a function of its own. A form that finds nothing to change returns the same object.
All are idempotent but `html`: what it brings to light may be an entity again. The order of forms
is the caller's; `ansi` belongs before `controls`, and everything behind the repair.
"""

from __future__ import annotations

import re
from functools import wraps

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Callable

    Form = Callable[[str], str]

__all__ = ["FORMS", "normalize"]

FORMS: dict[str, Form] = {}
"""Name to function, of every form."""


def _form(function: Form) -> Form:
    """Make a function a form of its name, which returns what it does not change as it is."""

    @wraps(function)
    def form(text: str) -> str:
        changed = function(text)
        return text if changed == text else changed

    FORMS[function.__name__] = form
    return form


def normalize(text: str, *forms: str) -> str:
    """Return `text` in these forms, applied one after the other; the same object if it is in them.

    Args:
        text: any text.
        forms: names in `FORMS`.

    Raises:
        TypeError: `text` is not a `str`.
        ValueError: there is no such form.

    >>> normalize("“ﬁn…”", "quotes", "ligatures", "ellipsis")
    '"fin..."'
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, not {type(text).__name__}")
    for form in [_named(name) for name in forms]:  # all names are right, or nothing is done
        text = form(text)
    return text


def _named(name: str) -> Form:
    try:
        return FORMS[name]
    except KeyError:
        from difflib import get_close_matches

        near = get_close_matches(name.lower(), FORMS, n=1, cutoff=0.5)
        advice = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(FORMS)}"
        raise ValueError(f"unknown form {name!r}; {advice}") from None


@_form
def nfc(text: str) -> str:
    r"""Compose characters: Unicode Normalization Form C.

    >>> nfc("e\u0301") == "é"
    True
    """
    from unicodedata import normalize

    return normalize("NFC", text)


@_form
def nfd(text: str) -> str:
    r"""Decompose characters: Unicode Normalization Form D.

    >>> nfd("é") == "e\u0301"
    True
    """
    from unicodedata import normalize

    return normalize("NFD", text)


@_form
def nfkc(text: str) -> str:
    """Compose, and replace characters that stand for others: Unicode Normalization Form KC.

    >>> nfkc("ﬁ ² ㎏ Ａ")
    'fi 2 kg A'
    """
    from unicodedata import normalize

    return normalize("NFKC", text)


@_form
def nfkd(text: str) -> str:
    r"""Decompose, and replace characters that stand for others: Unicode Normalization Form KD.

    >>> nfkd("ﬁé") == "fie\u0301"
    True
    """
    from unicodedata import normalize

    return normalize("NFKD", text)


_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")


@_form
def newlines(text: str) -> str:
    r"""End lines with U+000A only, not with CRLF, CR, U+0085, U+2028 or U+2029.

    Vertical tabs and form feeds stay.

    >>> newlines("one\r\ntwo\rthree\u2028")
    'one\ntwo\nthree\n'
    """
    return _LINE_END.sub("\n", text)


_SPACE = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")


@_form
def spaces(text: str) -> str:
    r"""Make every space separator a U+0020, no-break and ideographic ones included.

    Zero-width no-break spaces (U+FEFF) go, except one at the beginning, the byte order mark.
    Zero-width spaces (U+200B) stay: where no spaces are written they tell where words end.

    >>> spaces("10\xa0000\u202f€ \ufeff一\u3000二")
    '10 000 € 一 二'
    """
    return _SPACE.sub(" ", text[:1] + text[1:].replace("\ufeff", ""))


_STRAIGHT = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b", "'") | dict.fromkeys("\u201c\u201d\u201e\u201f", '"')
)


@_form
def quotes(text: str) -> str:
    """Make curly and low quotation marks straight: U+2018 to U+201B and U+201C to U+201F.

    Guillemets, primes and corner brackets stay, and letters that look like an apostrophe (ʼ, ʻ).

    >>> print(quotes("„so“, “so” and ‘so’, it’s «so»"))
    "so", "so" and 'so', it's «so»
    """
    return text.translate(_STRAIGHT)


_DASH = re.compile("[\u2010-\u2015\u2212]")


@_form
def dashes(text: str) -> str:
    """Make every hyphen, dash (U+2010 to U+2015) and minus sign (U+2212) one hyphen-minus.

    >>> dashes("1–2 — −3")
    '1-2 - -3'
    """
    return _DASH.sub("-", text)


@_form
def ellipsis(text: str) -> str:
    """Write an ellipsis (U+2026) as three full stops.

    >>> ellipsis("and so on…")
    'and so on...'
    """
    return text.replace("…", "...")


_FULL_WIDTH = re.compile(
    "(?<=[０-９Ａ-Ｚａ-ｚ])[，．／：](?=[０-９Ａ-Ｚａ-ｚ])"
    "|(?![！（），．／：；？［］｛｝～])[！-～]"
)
_HALF_WIDTH_RUN = re.compile("[｡-ﾟ]+")
_KATAKANA = re.compile("[ｦ-ﾝ]")
_HALF_WIDTH = re.compile("[ｦ-ﾝ][ﾞﾟ]?|[｡-･]")


def _widened(run: re.Match[str]) -> str:
    if not _KATAKANA.search(run[0]):
        return run[0]
    return _HALF_WIDTH.sub(lambda found: nfkc(found[0]), run[0])


@_form
def width(text: str) -> str:
    """Give letters, digits and signs their usual width.

    - Full-width ASCII (U+FF01 to U+FF5E) becomes ASCII. But ！（），．／：；？［］｛｝～ are the
      punctuation of Chinese and Japanese, and stay; all but ，．／： between two full-width letters
      or digits.
    - Half-width katakana (U+FF66 to U+FF9D) become full-width, together with a voiced sound mark
      behind; so does the half-width punctuation ｡｢｣､･ in an unbroken run with such katakana.
    - All else stays: the ideographic space (see `spaces`), half-width hangul, ￥ and ￡.

    >>> width("ＡＢＣ，１２：３０（５０％）、ﾊﾟｿｺﾝ｡ (･ω･)")
    'ABC,12:30（50%）、パソコン。 (･ω･)'
    """
    text = _FULL_WIDTH.sub(lambda sign: chr(ord(sign[0]) - 0xFEE0), text)
    return _HALF_WIDTH_RUN.sub(_widened, text)


# Latin only: Armenian and Hebrew have theirs, too, and Arabic is made of such forms.
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ſt", "ﬆ": "st"}
)


@_form
def ligatures(text: str) -> str:
    """Write the Latin typographic ligatures (U+FB00 to U+FB06) as letters.

    Letters of their own stay: æ, œ, ß, ĳ, ǆ.

    >>> ligatures("ﬁne oﬃce, œuvre")
    'fine office, œuvre'
    """
    return text.translate(_LIGATURES)


_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")


@_form
def controls(text: str) -> str:
    r"""Drop control characters: C0, DEL and C1, but not tabs and line ends (U+0085 is one).

    What has no width but a meaning stays: soft hyphens, joiners, marks of direction.

    >>> controls("a\0b\x1b\x9cc\t\xad\n")
    'abc\t\xad\n'
    """
    return _CONTROL.sub("", text)


# What HTML says that the C1 controls are: the signs of Windows-1252, where that has any.
_SIGNS = {
    0x80 + byte: sign
    for byte, sign in enumerate(
        "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ",
    )
}


@_form
def c1(text: str) -> str:
    r"""Replace C1 controls by the signs of Windows-1252 that were meant, as browsers do.

    Latin-1 has these controls where Windows-1252, which is taken for it, has quotes and dashes.
    Those of which Windows-1252 makes nothing stay. This belongs before `newlines` and `controls`.

    >>> c1("It\x92s 5\xa0\x80 \x96 \x81")
    'It’s 5\xa0€ – \x81'
    """
    return text.translate(_SIGNS)


# What an escape breaks off goes, too: a terminal does not show it, and without it the rest could
# make a new sequence with what follows.
_ANSI = re.compile(
    r"""\x1b(?:
        \[ [0-?]* [ -/]* [@-~]                      # CSI: control sequence
      | \] [^\x07\x1b\n]* (?: \x07 | \x1b\\ )       # OSC: command to the system
      | [ -/]+ [0-~]                                # choice of a character set, and the like
      | (?: \[ [0-?]* [ -/]* | \] [^\x07\x1b\n]* | [ -/]+ )? (?=\x1b)   # broken off
    )""",
    re.VERBOSE,
)


@_form
def ansi(text: str) -> str:
    r"""Drop the escape sequences of terminals: colours, movements, titles, links.

    These are CSI (`ESC [` …), OSC (`ESC ]` … ended by BEL or `ESC \` in the same line), the choice
    of a character set (`ESC ( B`), and each of them where the next `ESC` breaks it off. Their
    one-character forms in C1 (U+009B, U+009D) stay: in text they are damage, not commands.

    >>> ansi("\x1b[1;31mred\x1b[0m \x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\")
    'red link'
    """
    return _ANSI.sub("", text)


@_form
def surrogates(text: str) -> str:
    r"""Join pairs of surrogate code points into the character that they stand for.

    Lone ones stay.

    >>> surrogates("\ud83d\ude00 \ud83d")
    '😀 \ud83d'
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


@_form
def html(text: str) -> str:
    """Replace the character references of HTML, named and numeric, as `html.unescape` does.

    Not idempotent: `&amp;lt;` is `&lt;` in HTML, and that is `<`.

    >>> html("caf&eacute; &#8364; &amp;lt;")
    'café € &lt;'
    """
    from html import unescape

    return unescape(text)
