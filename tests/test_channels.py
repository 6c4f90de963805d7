"""Codecs of several bytes, legacy sources, and what they make of text."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix import damage
from mojibake_fix.channels import DECODERS, MULTIBYTE, SOURCES, Channel, Layer, _legacy
from mojibake_fix.channels._legacy import MARKERS, codec


def each_codec() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", MULTIBYTE)


@each_codec()
def test_tables_are_what_python_reads(name: str) -> None:
    for code, character in codec(name).characters().items():
        if not "\ue000" <= character <= "\uf8ff" and character not in "\x80€":
            assert code.decode(name) == character


@each_codec()
def test_nothing_that_python_reads_is_missing(name: str) -> None:
    characters = codec(name).characters()
    for lead in range(0x80, 0x100):
        for trail in range(0x100):
            try:
                read = bytes((lead, trail)).decode(name)
            except UnicodeDecodeError:
                continue
            # Two characters are two bytes, each by itself.
            assert len(read) == 2 or characters[bytes((lead, trail))] == read


@each_codec()
def test_each_character_is_written_as_python_does(name: str) -> None:
    for code, character in codec(name).characters().items():
        written = codec(name).encode(character)
        assert codec(name).decode(written) == character
        if written != code:  # of several codes that of Python
            assert written == character.encode(name)


@each_codec()
def test_what_a_codec_lacks_is_an_error_that_says_where(name: str) -> None:
    lacking = set(map(chr, (*range(0x80, 0xD800), *range(0xE000, 0x10000))))
    for character in lacking - set(codec(name).characters().values()):
        with pytest.raises(UnicodeEncodeError, match="position 1"):
            codec(name).encode("a" + character)


@each_codec()
def test_a_codec_can_lack_a_character(name: str) -> None:
    code, character = next(iter(codec(name).characters().items()))
    assert codec(name, lacking=character).characters().keys() == codec(name).characters().keys() - {
        code
    }


def test_a_composed_codec_reads_what_is_normal() -> None:
    read, composed = (codec("cp949", is_composed=is_composed) for is_composed in (False, True))
    data = read.encode("樂\uf914")
    assert read.decode(data) == "樂\uf914"
    assert composed.decode(data) == normalize("NFC", "樂\uf914") == "樂樂"


def test_no_codec_of_an_unknown_name() -> None:
    with pytest.raises(LookupError, match="cp1"):
        codec("cp1")


@pytest.mark.parametrize(
    ("channel", "original", "observed"),
    [
        ("utf-8>gbk", "工作空间", "宸ヤ綔绌洪棿"),
        ("utf-8>cp936", "你好，a", "浣犲ソ锛宎"),
        ("utf-8>gbk+undefined-replaced", "但如果", "浣嗗\ue6e7鏋\ufffd"),
        ("utf-8>gb2312+undefined-question", "hook — vitest", "hook 鈥?vitest"),
        ("utf-8>gbk+undefined-replaced", "hook — vitest", "hook 鈥\ufffd vitest"),
        ("utf-8>gbk+undefined-question", "度\n", "搴?"),
        ("utf-8>cp949", "캐시", "\uf9e6먯떆"),
        ("utf-8>cp949+nfc", "캐시", "\u7f79먯떆"),
        ("utf-8>euc_kr+undefined-question", "사용자 정보", "?ъ슜???뺣낫"),
        ("utf-8>cp932", "削除する", "蜑企勁縺吶ｋ"),
        ("utf-8>shift_jis", "の更新", "縺ｮ譖ｴ譁ｰ"),
        ("utf-8>cp932+undefined-question", "いずれ fetch", "縺・★繧・fetch"),
        ("gbk>cp1252", "中文", "ÖÐÎÄ"),
        ("gbk>latin-1", "张国荣", "ÕÅ¹úÈÙ"),
        ("cp949>cp1252", "함수", "ÇÔ¼ö"),
        ("shift_jis>cp437", "新しいフォルダ", "ÉVé╡éóâtâHâïâ_"),
        ("big5>cp1252", "中文", "¤¤¤å"),
        ("euc_jp>latin-1", "日本", "ÆüËÜ"),
        ("cp1251>cp1252", "Лучшие", "Ëó÷øèå"),
        ("koi8-r>cp1251", "Привет", "рТЙЧЕФ"),
        ("cp1252>cp437", "é", "Θ"),
        ("shift_jis>gbk", "こんにちは", "偙傫偵偪偼"),
        ("cp1251>gbk", "Привет", "橡桠弪"),
        ("utf-8>gbk>utf-8>cp1252", "工作", "å®¸ãƒ¤ç¶”"),
    ],
)
def test_damage_is_what_was_seen(channel: str, original: str, observed: str) -> None:
    assert damage(original, channel) == observed


@pytest.mark.parametrize(
    ("channel", "original", "error"),
    [
        ("gbk>latin-1", "x한", UnicodeEncodeError),
        ("cp1251>latin-1", "xé", UnicodeEncodeError),
        ("utf-8>cp950", "x度", UnicodeDecodeError),
    ],
)
def test_what_cannot_be_is_an_error_that_says_where(
    channel: str, original: str, error: type[UnicodeError]
) -> None:
    with pytest.raises(error, match=r"position \d"):
        damage(original, channel)


@each_codec()
@given(text=st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])))
def test_what_means_nothing_is_replaced_as_the_loss_says(name: str, text: str) -> None:
    data = text.encode()
    windows = damage(text, Channel((Layer("utf-8", name, ("undefined-question",)),)))
    browser = damage(text, Channel((Layer("utf-8", name, ("undefined-replaced",)),)))
    whole = _legacy.decode(name, data, ("", False))
    assert len(windows) <= len(browser)
    assert browser.replace("\ufffd", "") == whole.replace("\ufffd", "")
    assert MARKERS[name] in windows or windows == browser == whole


@given(st.sampled_from(DECODERS), st.binary())
def test_legacy_sources_of_one_byte_are_undone_by_themselves(name: str, data: bytes) -> None:
    text = data.decode("latin-1")
    original = damage(text, f"latin-1>{name}")
    assert SOURCES[name](original) == data


@each_codec()
def test_legacy_sources_of_several_bytes_are_undone_by_themselves(name: str) -> None:
    text = "".join(codec(name).characters().values())
    assert damage(text, f"{name}>{name}") == text
