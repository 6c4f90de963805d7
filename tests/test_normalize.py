"""Normal forms: opt-in, each by itself."""

from __future__ import annotations

import unicodedata
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix import normalize
from mojibake_fix._normalize import FORMS
from strategies import any_text, texts

IDEMPOTENT = sorted(FORMS.keys() - {"html"})

# What the forms are about, so that random text meets it.
MATTER = st.lists(
    st.sampled_from(
        [
            *("\r", "\n", "\x85", "\u2028", "\u2029", " ", "\xa0", "\u3000", "\ufeff", "\u200b"),
            *("‘", "’", "„", "”", "«", "–", "—", "\u2212", "…", "\xad", "\u200d", "\u200e"),
            *("Ａ", "１", "：", "，", "（", "～", "％", "ｶ", "ﾞ", "ﾟ", "ｱ", "ｰ", "｡", "･", "ﾡ", "￥"),
            *("ﬀ", "ﬃ", "ﬅ", "ﬓ", "ﬡ", "æ", "ſ", "\0", "\t", "\x0c", "\x7f", "\x9b"),
            *("\x1b", "[", "]", "3", ";", "m", "(", "B", "\x07", "\\", "\x1b[0m", "\x1b]0;t"),
            *("\ud83d", "\ude00", "😀", "&amp;", "&lt;", "&", "é", "e", "\u0301", "가", "a"),
        ]
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("form", "text", "normal"),
    [
        ("nfc", "e\u0301 ﬁ", "é ﬁ"),
        ("nfd", "é ﬁ", "e\u0301 ﬁ"),
        ("nfkc", "e\u0301 ﬁ ①", "é fi 1"),
        ("nfkd", "é ﬁ", "e\u0301 fi"),
        ("newlines", "a\r\nb\rc\x85d\u2028e\u2029f\n\r", "a\nb\nc\nd\ne\nf\n\n"),
        ("newlines", "a\r\r\nb\vc\fd", "a\n\nb\vc\fd"),
        ("spaces", "\ufeffa\xa0b\u2009c\u3000d\ufeffe\u202f", "\ufeffa b c de "),
        ("spaces", "a\u200bb\tc\n", "a\u200bb\tc\n"),
        ("quotes", "‘a’ ‚b‛ “c” „d‟", "'a' 'b' \"c\" \"d\""),
        ("quotes", "«a» ‹b› 「c」 5′ 6″ ʼ ʻ", "«a» ‹b› 「c」 5′ 6″ ʼ ʻ"),
        ("dashes", "a‐b‑c‒d–e—f―g−h", "a-b-c-d-e-f-g-h"),
        ("dashes", "ー 一 ─ ～ \xad", "ー 一 ─ ～ \xad"),
        ("ellipsis", "a… b……", "a... b......"),
        ("width", "Ｈｅｌｌｏ＿１＋２＝３", "Hello_1+2=3"),
        ("width", "１，０００．５ １２：３０ ａ／ｂ", "1,000.5 12:30 a/b"),
        ("width", "你好，世界！（Ａ）：Ｂ。", "你好，世界！（A）：B。"),
        ("width", "A，B：1", "A，B：1"),
        ("width", "ｶﾞｷﾞﾊﾟｱｰ｡｢ﾃｽﾄ｣", "ガギパアー。「テスト」"),
        ("width", "(｡･ω･｡) ﾞ ﾟ ･", "(｡･ω･｡) ﾞ ﾟ ･"),
        ("width", "　￥ﾡ、。", "　￥ﾡ、。"),
        ("ligatures", "ﬀ ﬁ ﬂ ﬃ ﬄ ﬅ ﬆ", "ff fi fl ffi ffl ſt st"),
        ("ligatures", "æ œ ß ĳ ǆ ﬓ ﭏ ﻻ", "æ œ ß ĳ ǆ ﬓ ﭏ ﻻ"),
        ("c1", "\x80\x93a\x94 \x96 b\x92s\x85", "€“a” – b’s…"),
        ("c1", "\x81\x8d\x8f\x90\x9d \xa0é€\x7f", "\x81\x8d\x8f\x90\x9d \xa0é€\x7f"),
        ("controls", "\0a\x01\x08b\x0b\x0c\x0e\x1fc\x7f\x80d\x9f", "abcd"),
        (
            "controls",
            "\t\n\r\x85\xa0\xad\u200c\u200d\u200e\u2066",
            "\t\n\r\x85\xa0\xad\u200c\u200d\u200e\u2066",
        ),
        ("ansi", "\x1b[31mred\x1b[0m", "red"),
        ("ansi", "\x1b[2J\x1b[1;1Ha\x1b[?25lb\x1b[38:2:1:2:3mc\x1b[ q", "abc"),
        ("ansi", "\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b\x1b]8;;\x1b\\", "ab"),
        ("ansi", "\x1b(Ba\x1b[m", "a"),
        ("ansi", "\x1b\x1b[31m[31m", "[31m"),
        ("ansi", "\x1b[3\x1b[0m1m", "1m"),
        (
            "ansi",
            "\x1b[31\nm \x1b]0;no end\n \x9b31m \x1b",
            "\x1b[31\nm \x1b]0;no end\n \x9b31m \x1b",
        ),
        ("surrogates", "\ud83d\ude00\ud83d \ude00", "😀\ud83d \ude00"),
        ("surrogates", "\ud83d\ud83d\ude00", "\ud83d😀"),
        ("html", "&eacute;&#233;&#xe9;&amp;lt;&nbsp;", "ééé&lt;\xa0"),
    ],
)
def test_form_changes_what_it_should_and_nothing_else(form: str, text: str, normal: str) -> None:
    assert normalize(text, form) == normal


def test_c1_controls_become_what_windows_1252_has() -> None:
    for byte in range(0x80, 0xA0):
        meant = bytes([byte]).decode("cp1252", "ignore") or chr(byte)
        assert normalize(chr(byte), "c1") == meant


@pytest.mark.parametrize("form", sorted(FORMS))
@given(text=MATTER | any_text() | texts())
def test_unchanged_text_is_the_same_object(form: str, text: str) -> None:
    normal = normalize(text, form)
    assert normal is text or normal != text


@pytest.mark.parametrize("form", IDEMPOTENT)
@given(text=MATTER | any_text() | texts())
def test_form_is_idempotent(form: str, text: str) -> None:
    normal = normalize(text, form)
    assert normalize(normal, form) is normal


@pytest.mark.parametrize("form", ["nfc", "nfd", "nfkc", "nfkd"])
@given(text=any_text())
def test_unicode_forms_are_those_of_the_standard(form: Any, text: str) -> None:
    assert normalize(text, form) == unicodedata.normalize(form.upper(), text)


def test_terminal_sequences_leave_none_behind_however_they_are_nested() -> None:
    for parts in product(
        ["\x1b", "\x1b[", "\x1b]", "\x1b(", "1", "m", "B", "\x07", "\\"], repeat=5
    ):
        normal = normalize("".join(parts), "ansi")
        assert normalize(normal, "ansi") is normal


def test_pathological_text_takes_linear_time() -> None:
    for text in ("\x1b" * 300_000, "\x1b]" * 200_000, "\x1b[" + "1" * 300_000, "･" * 300_000):
        normalize(text, "ansi", "width", "controls")


def test_plain_ascii_is_in_every_form() -> None:
    text = "".join(map(chr, range(0x20, 0x7F))) + "\t\n"
    assert normalize(text, *(FORMS.keys() - {"html"})) is text


def test_forms_apply_in_the_order_given() -> None:
    assert normalize("\x1b[0m", "ansi", "controls") == ""
    assert normalize("\x1b[0m", "controls", "ansi") == "[0m"


def test_without_forms_nothing_changes() -> None:
    text = "ﬁ…\r\n"
    assert normalize(text) is text


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("nfkcc", "nfkc"),
        ("quote", "quotes"),
        ("NFC", "nfc"),
        ("newline", "newlines"),
        ("dash", "dashes"),
    ],
)
def test_unknown_form_is_an_error_that_names_the_nearest(wrong: str, near: str) -> None:
    with pytest.raises(
        ValueError, match=f"unknown form '{wrong}'; did you mean '{near}'"
    ) as caught:
        normalize("x", "nfc", wrong)
    assert caught.value.__suppress_context__


def test_unknown_form_like_no_other_is_an_error_that_names_all() -> None:
    with pytest.raises(ValueError, match=r"unknown form '中'; known are nfc, nfd, .*, html"):
        normalize("x", "中")


@pytest.mark.parametrize("wrong", [b"x", None, 1])
def test_text_must_be_text(wrong: Any) -> None:
    with pytest.raises(TypeError, match="text must be a str, not"):
        normalize(wrong, "nfc")
