"""C1 controls: what Latin-1 showed of text that was written in Windows-1252, or another codec."""

from __future__ import annotations

import re

import pytest

from mojibake_fix import detect, fix_text
from strategies import ORIGINALS


@pytest.mark.parametrize(
    "original",
    [
        "It’s",
        "“Hello”, he said — and it’s fine…",
        "1990–1995",
        "5 €",
        "L'œuvre d'art",
        "Œuvre",
        "Microsoft™ Office",
        "Prüfung „Test“ – gut",
        "• milk\n• bread\n",
        "šarapová žena",
        "naïve it’s",
        "这是“测试”的",
        "Это “тест” — да…",
    ],
)
def test_signs_of_windows_1252_come_back(original: str) -> None:
    shown = "".join(_as_latin_1(character) for character in original)
    assert re.search("[\x80-\x9f]", shown)
    assert fix_text(shown) == original
    assert {str(span.channel) for span in detect(shown)} == {"cp1252>latin-1"}


def _as_latin_1(character: str) -> str:
    try:
        return character.encode("cp1252").decode("latin-1")
    except UnicodeEncodeError:
        return character


@pytest.mark.parametrize("codec", ["mac_roman", "cp437", "cp850"])
def test_they_may_be_letters_of_another_codec(codec: str) -> None:
    original = "Il était une fois une crème brûlée à la vanille."
    assert fix_text(original.encode(codec).decode("latin-1")) == original


def test_one_in_a_long_text_comes_back() -> None:
    clean = 20 * ORIGINALS["fr.md"]
    assert fix_text("Don\x92t\n" + clean) == "Don’t\n" + clean


def test_a_line_end_is_a_sign_where_others_are() -> None:
    assert fix_text("wait\x85 it\x92s") == "wait… it’s"


@pytest.mark.parametrize(
    "text",
    [
        "first line\x85second line\x85",
        "/[\x80-\x9f]/.test(text)",
        "\x8f\x90\x9d",
        "".join(map(chr, range(0x80, 0xA0))),
        "\x9b31mred\x9b0m",
        r"/[\u0080-\u009f]/",
        '{"90": "\x90", "91": "\x91", "92": "\x92"}',
    ],
)
def test_what_tells_no_codec_stays(text: str) -> None:
    assert fix_text(text) is text
