"""Text whose encoding nobody read: UTF-16, ISO-2022-JP and surrogates that stand as characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix import damage, detect, fix_text, repair
from mojibake_fix.channels import DECODERS
from strategies import clean_text

JAPANESE = "件名は「お知らせ」です。\nコーヒー豆の焙煎について。\n"

DAMAGED = {
    "H\0e\0l\0l\0o\0": ("Hello", ["utf-16-le>cp1252"]),
    "\0H\0e\0l\0l\0o": ("Hello", ["utf-16-be>cp1252"]),
    "ÿþH\0i\0": ("Hi", ["utf-16-le-sig>cp1252", "utf-16-le>cp1252"]),
    "þÿ\0H\0i": ("Hi", ["utf-16-be-sig>cp1252", "utf-16-be>cp1252"]),
    # Lines were split between the bytes of their end.
    "H\0e\0l\0l\0o\0\r\0\n": ("Hello\r\n", ["utf-16-le>cp1252"]),
    # Another program appended to a log.
    "started\nD\0o\0n\0e\0.\0\r\0\n\0": ("started\nDone.\r\n", ["utf-16-le>latin-1"]),
    "\x1b$B%a%C%;!<%8\x1b(B": ("メッセージ", ["iso2022_jp>latin-1"]),
    "$B%a%C%;!<%8(B": ("メッセージ", ["iso2022_jp>latin-1+esc-dropped"]),
    "From: $B;3ED(B $B$3$s$K$A$O!#(B": (
        "From: 山田 こんにちは。",
        ["iso2022_jp>latin-1+esc-dropped"] * 2,
    ),
    "\ud83d\ude00 \ud83d\udc80\ud83d": ("😀 💀\ud83d", ["utf-16-le>ucs-2"] * 2),
}

CLEAN = (
    "a\0b\0c\0d\0e\0f\0g",
    "name\0size\0type\0",
    "\0\0\0\0\0\0",
    "\ud83d \ude00\ud83d",
    "ÿþ",
    'echo "$BAR(BAZ)" "$B$C$D(B"',
    r"Let $B = \{x\}$ and $B'(B)$; $B\cap A(B)=\emptyset$",
    "grep '$B%a(B' && sed s/$B/(B/",
    "print $BASE(BAR), $BEDCf(B);",
    "$B%%$$(B",
    # Examples.
    "what lost them (`$B%a%C%;!<%8(B` becomes `メッセージ`)",
    '("$B%a%C%;!<%8(B", "メッセージ"),',
    "Mojibake of ISO-2022-JP: $B%a%C%;!<%8(B",
)


@pytest.mark.parametrize("observed", DAMAGED)
def test_units_that_stand_as_characters_are_read(observed: str) -> None:
    original, channels = DAMAGED[observed]
    result = repair(observed)
    assert result.text == fix_text(observed) == original
    assert [str(span.channel) for span in result.spans] == channels
    for span in result.spans:
        assert span.replacement is not None
        assert damage(span.replacement, span.channel) == span.observed
    assert fix_text(original) is original


@pytest.mark.parametrize("text", CLEAN)
def test_what_only_looks_like_units_stays(text: str) -> None:
    assert detect(text) == []
    assert fix_text(text) is text


@pytest.mark.parametrize("decoder", ["latin-1", "cp1252", "cp437", "mac-roman"])
@pytest.mark.parametrize("source", ["utf-16-le", "utf-16-be"])
def test_utf_16_of_a_page_in_any_language_is_read(source: str, decoder: str) -> None:
    for original in ("Où êtes-vous ? Près de la gare.\n", "Привет, как дела сегодня?\n"):
        assert fix_text(damage(original, f"{source}>{decoder}")) == original


def test_utf_16_of_japanese_is_read_behind_its_byte_order_mark() -> None:
    observed = damage(JAPANESE, "utf-16-le-sig>latin-1")
    assert fix_text(observed) == JAPANESE
    assert fix_text(observed[2:]) == observed[2:]


@pytest.mark.parametrize("losses", ["", "+esc-dropped"])
def test_a_page_of_iso_2022_jp_is_read(losses: str) -> None:
    assert fix_text(damage(JAPANESE, f"iso2022_jp>latin-1{losses}")) == JAPANESE


def test_layers_behind_units_are_undone_and_proved() -> None:
    observed = damage("Köln liegt am Rhein.", "utf-8>cp1252>utf-16-le>latin-1")
    result = repair(observed)
    assert result.text == "Köln liegt am Rhein."
    assert any(str(span.channel).startswith("utf-8>cp1252>utf-16-le") for span in result.spans)
    for span in result.spans:
        assert damage(span.replacement or "", span.channel) == span.observed


@given(clean_text(), st.sampled_from(DECODERS[:4]))
def test_no_text_becomes_worse_by_being_read(original: str, decoder: str) -> None:
    observed = damage(original, f"utf-16-le>{decoder}")
    assert fix_text(observed) in (observed, original)
    assert fix_text(fix_text(observed)) == fix_text(observed)
