"""Signs of damage that the core refutes: what that spares, and that it changes nothing."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix import _core, _detect, fix_text
from mojibake_fix._pieces import NEED_LONE
from mojibake_fix._prior import LITERAL, MOST_LONE, PRIOR, RARER
from mojibake_fix._ways import load_ways
from mojibake_fix.channels import DECODERS
from mojibake_fix.channels._tables import DECODED
from mojibake_fix.model import load
from mojibake_fix.options import DEFAULTS
from reference import lone
from strategies import CLEAN, ORIGINALS, WORD_LISTS, note, texts

# Text with a sign of damage, and whether the core refutes it by itself, None if the model is to
# tell, and with the model.
SIGNS = {
    "Serbian": ("Корисник може бирати језик и иё.\n", True, True),
    "a Czech word": ("Podťatý text a nic víc.\nÚčet byl uzavřen včera večer.\n", None, True),
    "a Catalan quote": ("Seleccioneu «Sí» per a continuar amb la instal·lació.\n", None, True),
    "a Hungarian quote": ("Válassza az „Információ” beállítást a menüben.\n", None, True),
    "a mark": ("# fixmoji: on\nÚčet byl uzavřen.\n", False, False),
    "an escape": (r"Účet \u0159 byl uzavřen.", None, True),
    "damage that is spelt": (r"Účet byl uzavřen: K\u00c3\u00b6ln und MalmÃ¶", False, False),
    "quoted-printable": ("Účet =C5=99 byl uzavřen.", None, True),
    "U+FFFD": ("Účet byl uzav\ufffden včera.", False, False),
    "damage": ("Köln, KÃ¶ln und MalmÃ¶", False, False),
    "a lost byte": ("He said â€œhelloâ€ to them.", False, False),
    "foreign text": ("浣犲ソ，a und 鈥?", None, False),
    "legacy text": ("Ëó÷øèå", None, False),
    "an unusual word": ("Vlak do Žďáru nad Sázavou jede.\n", None, True),
    "Arabic digits in Thai": ("เล่ม ๑๓๕ ตอนที่ ๘๙ ก\n", None, True),
    "one letter alone": ("Ã©", False, False),
    "a table": ("┌────┬────┐\n│ a  │ b  │\n├────┼────┤\n└────┴────┘\n", True, True),
    "a double frame": ("╔═════╗\n║ a b ║\n╚═════╝\n", True, True),
    "a bar": ("█████████░░░░ 70 %\n", True, True),
    "a word that is drawn": ("Письмо: ╨┤╨╛╨╝.\n", False, False),
    "a letter that is drawn": ("h├┤tel", False, False),
}


@pytest.mark.parametrize("name", SIGNS)
def test_what_the_core_can_tell(name: str) -> None:
    text, alone, with_model = SIGNS[name]
    assert _core.find_sign(text) >= 0
    assert _core.refutes(text, PRIOR) is alone
    assert _core.refutes(text, PRIOR, load_ways()) is with_model
    assert not with_model or fix_text(text) is text


def test_a_strange_word_of_a_known_language_in_a_long_text_is_refuted() -> None:
    page = "Η βιβλιοθήκη είναι ανοιχτή κάθε μέρα από τις εννέα το πρωί.\n" * 20
    text = f"{page}Οι ρίζες του διαδικτύου έγιναν ένας «ωκεανός» πληροφοριών.\n"
    assert _core.find_foreign(text) >= 0
    assert _core.refutes(text, PRIOR, load_ways()) is True
    assert fix_text(text) is text


def test_one_strange_place_tells_something_in_a_short_text_only() -> None:
    clean = "Bir gün eve geldiler ve yemek yediler.\n" * 100
    damaged = "Türkçe ýþýk ve þarký söylemek için güzel bir gün\n"
    assert _core.refutes(damaged, PRIOR, load_ways()) is False
    assert _core.refutes(damaged + clean, PRIOR) is True
    assert _core.refutes(8 * damaged + clean, PRIOR, load_ways()) is False


def test_a_foreign_line_of_a_long_text_is_not_refuted() -> None:
    page = "Библиотека открыта каждый день с девяти утра до шести вечера.\n" * 30
    line = "Двери закрыты".encode("koi8-r").decode("cp1251")
    assert _core.refutes(f"{page}{line}\n", PRIOR, load_ways()) is False
    assert fix_text(f"{page}{line}\n") == f"{page}Двери закрыты\n"


@st.composite
def tempting(draw: st.DrawFn) -> str:
    """Clean text, in capitals perhaps, with images here and there."""
    notes = st.sampled_from([*CLEAN.values(), *ORIGINALS.values()])
    text = draw(notes)
    start = draw(st.integers(0, max(len(text) - 200, 0)))
    text = text[start : start + draw(st.integers(1, 200))]
    if draw(st.booleans()):
        text = text.upper()
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        decoder = draw(st.sampled_from(DECODERS))
        octets = draw(st.binary(min_size=1, max_size=3))
        images = bytes(0x80 | octet for octet in octets).decode(decoder, "ignore")
        text = text[:at] + images + text[at:]
    return text


@st.composite
def spelt(draw: st.DrawFn) -> str:
    """The same with some characters beyond ASCII spelt as escapes."""
    spellings = st.sampled_from(
        [
            str,
            lambda c: f"&#{ord(c)};",
            lambda c: c.encode("ascii", "backslashreplace").decode(),
            lambda c: "".join(f"%{byte:02X}" for byte in c.encode("utf-8", "surrogatepass")),
        ]
    )
    text = draw(tempting())
    begin = draw(st.sampled_from(["", "https://example.org/"]))
    return begin + "".join(c if c.isascii() else draw(spellings)(c) for c in text)


@given(st.one_of(texts(), tempting(), spelt(), note()))
def test_what_is_refuted_is_changed_by_no_one(text: str) -> None:
    if _core.find_sign(text) >= 0 and _core.refutes(text, PRIOR, load_ways()):
        assert _detect._looked_at(text, DEFAULTS) == (text, [])


@given(st.one_of(tempting(), texts()), st.data())
def test_lone_runs(text: str, data: st.DataObject) -> None:
    if not text:
        return
    at = _core.find_suspect(text)
    if at < 0:
        at = data.draw(st.integers(0, len(text) - 1))
    expected = [
        (decoder, *run)
        for decoder in range(len(DECODERS))
        if (run := lone.lone_run(text, at, decoder)) is not None
    ]
    assert _core.lone_runs(text, at) == expected


WORDS = st.lists(st.sampled_from([word for words in WORD_LISTS for word in words]), max_size=3)


FEW = 5000  # readings of a run

# Sequences of UTF-8, and those that lost a byte; the latter have few originals each.
LETTERS = sorted({c for text in ORIGINALS.values() for c in text if c > "\x7f"})
WHOLE = st.one_of(
    st.sampled_from(LETTERS), st.characters(min_codepoint=0x80, max_codepoint=0xFFF)
).map(str.encode)
BROKEN = st.one_of(
    st.binary(min_size=2, max_size=2).map(lambda b: bytes((0xE0 | b[0] & 15, 0x80 | b[1] & 63))),
    st.integers(0xC2, 0xDF).map(lambda lead: bytes((lead,))),
)


@given(
    st.sampled_from(DECODERS),
    st.tuples(st.lists(WHOLE, max_size=2), BROKEN, st.lists(WHOLE, max_size=1)),
    WORDS,
    WORDS,
)
def test_lone_runs_are_kept_where_an_original_has_enough_evidence(
    name: str,
    octets: tuple[list[bytes], bytes, list[bytes]],
    before: list[str],
    behind: list[str],
) -> None:
    decoder = DECODERS.index(name)
    data = b"".join((*octets[0], octets[1], *octets[2]))
    images = "".join(DECODED[name][byte - 0x80] for byte in data if byte >= 0x80)
    text = f"{' '.join(before)} {images} {' '.join(behind)}"
    at = text.index(images)
    run = lone.lone_run(text, at, decoder)
    if run is None:
        return
    kept = (decoder, *run) in _core.lone_runs(text, at, PRIOR, load())
    if lone.may_be_twice(text, run, decoder):
        assert kept
        return
    if lone.count_readings(text, run, decoder) > FEW:
        return
    found = lone.evidence(text, run, decoder, load(), MOST_LONE, LITERAL)
    need = NEED_LONE + RARER[name]
    if abs(found - need) > 0.2:  # the core counts in whole units
        assert kept == (found > need)


# Of each, two sequences break off and have thousands of originals, each behind each of the other.
@pytest.mark.parametrize("run", ["ó¤ƒ›ëôÂ®", "„Ымµ- бКШф- ", "æ“¤çñò’‹\x9d"])
def test_it_does_not_take_long_to_see_that_a_run_has_very_many_originals(run: str) -> None:
    start = time.process_time()
    _core.refutes(f"{run} the " * 90, PRIOR, load_ways())
    assert time.process_time() - start < 2  # 4 to 22 s if what is no original were not counted


def test_clean_text_with_signs_that_need_no_model_does_not_load_it() -> None:
    code = (
        "import sys, mojibake_fix\n"
        f"text = {SIGNS['Serbian'][0]!r}\n"
        "assert mojibake_fix.fix_text(text) is text\n"
        "assert 'mojibake_fix.model' not in sys.modules or "
        "mojibake_fix.model.load.cache_info().currsize == 0\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "arguments",
    [(), ("text",), ("text", None), ("text", PRIOR, None), (b"text", PRIOR), ("a", PRIOR, 1, 2)],
)
def test_wrong_arguments_are_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        _core.refutes(*arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("text",), TypeError),
        ((b"text", 0), TypeError),
        (("text", 4), ValueError),
        (("text", -1), ValueError),
        (("text", 0, PRIOR), TypeError),
        (("text", 0, None, load()), TypeError),
    ],
)
def test_wrong_arguments_for_lone_runs_are_refused(
    arguments: tuple[object, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        _core.lone_runs(*arguments)  # type: ignore[arg-type]
