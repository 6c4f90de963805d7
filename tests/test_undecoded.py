"""Bytes in legacy codecs among UTF-8, and file names that Python could not decode."""

from __future__ import annotations

import os

import pytest

from mojibake_fix import damage, fix_bytes, fix_text, repair
from mojibake_fix._undecoded import encoding_of
from mojibake_fix.document import DecodeError

PASSAGES = {
    "cp1252": "Das Café in Zürich ist schön.",
    "cp1250": "Příliš žluťoučký kůň úpěl ďábelské ódy.",
    "cp1251": "Привет, как дела? Это тест.",
    "koi8-r": "Привет, как дела?",
    "cp866": "Привет, как дела? Это тест.",
    "cp1253": "ελληνικά κείμενο",
    "cp1255": "שלום לכולם",
    "cp1256": "مرحبا بكم في الموقع",
    "cp874": "ภาษาไทยเป็นภาษา",
    "mac-roman": "une journée très agréable à l’école",
    "cp850": "Grüße aus Köln, schöne Straße",
    "gbk": "中文测试文件",
    "cp932": "日本語のテキスト",
    "cp949": "한국어 문서입니다",
    "cp950": "繁體中文測試",
}


@pytest.mark.parametrize(("codec", "original"), PASSAGES.items(), ids=str)
def test_bytes_of_a_legacy_codec_are_read(codec: str, original: str) -> None:
    observed = original.encode(codec).decode("utf-8", "surrogateescape")
    repaired = repair(observed)
    assert repaired.text == original
    for span in repaired.spans:
        assert span.replacement is not None
        assert damage(span.replacement, span.channel) == span.observed
    assert fix_text(repaired.text) is repaired.text


# What detectors of encodings take for a sister codec: their letters are as usual in some language.
DOCUMENTS = {
    "fr": ("cp1252", "Hélène a trouvé une crêpe près de la forêt, déjà mangée."),
    "pt": ("cp1252", "A reunião começa amanhã às três; não há café."),
    "es": ("cp1252", "¿Qué pasó ayer? Mañana será otro día."),
    "pl": ("iso8859-2", "Zażółć gęślą jaźń: część dalsza nastąpi później."),
    "tr": ("cp1254", "Bugün hava çok güzel, yarın İstanbul'a gidiyoruz."),
    "de": ("cp850", "Grüße aus Köln, schöne Straße."),
    "cs": ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy."),
    "ru": ("koi8-r", "Позвони мне завтра вечером."),
    "he": ("cp1255", "שלום לכולם, להתראות מחר בערב."),
    "ko": ("cp949", "한국어 문서입니다."),
    "word": ("cp1252", "Müller"),
}


@pytest.mark.parametrize(("codec", "text"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_the_codec_of_a_whole_document_is_told_by_its_language(codec: str, text: str) -> None:
    data = text.encode(codec)
    encoding, is_sure = encoding_of(data)
    assert (data.decode(encoding), is_sure) == (text, True)


def test_a_codec_that_does_not_decode_all_of_a_document_is_not_taken() -> None:
    few, many = "Köln\n".encode("cp1252"), b"Sch\xf6ne Stra\xdfe\n" * 20_000
    assert encoding_of(many + few)[0] == "cp1252"
    assert encoding_of(many + b"\x81\n" + few)[0] != "cp1252"


def test_the_codec_of_a_long_line_is_told_by_its_beginning() -> None:
    data = ("我们明天去公园散步，天气很好。" * 9_999).encode("gbk")
    assert encoding_of(b"x" + data) == ("gbk", True)


@pytest.mark.parametrize("text", ["Mësuesi i gjuhës është këtu çdo ditë.", "«é»"])
def test_of_a_language_that_the_model_does_not_know_no_codec_is_sure(text: str) -> None:
    assert not encoding_of(text.encode("cp1252"))[1]


def test_a_file_name_that_python_could_not_decode_is_read() -> None:
    assert fix_text(os.fsdecode("résumé de l'année.txt".encode("latin-1"))) == (
        "résumé de l'année.txt"
    )


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    observed = bytes(range(0x80, 0x100)).decode("utf-8", "surrogateescape")
    assert fix_text(observed) is observed


def test_what_may_be_several_things_stays() -> None:
    observed = "\udc80 5"
    assert fix_text(observed) is observed


def test_utf8_with_bytes_of_a_legacy_codec_becomes_utf8() -> None:
    good = "Der schöne Garten über der Straße. " * 3
    data = good.encode() + "Das Café in Zürich.".encode("cp1252") + b"\n" + good.encode()
    assert fix_bytes(data) == (good + "Das Café in Zürich.\n" + good).encode()


def test_both_kinds_of_damage_are_repaired_in_one_document() -> None:
    damaged = damage("Der schöne Garten über der Straße. " * 3, "utf-8>cp1252")
    data = damaged.encode() + "Das Café in Zürich.".encode("cp1252")
    assert fix_bytes(data).decode() == (
        "Der schöne Garten über der Straße. " * 3 + "Das Café in Zürich."
    )


def test_mixed_bytes_that_nothing_explains_are_an_error_with_its_place() -> None:
    data = "schöne Grüße über".encode() + b"\x81\x8d"
    with pytest.raises(DecodeError, match="byte 21"):
        fix_bytes(data)
