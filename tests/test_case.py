"""Letters behind a capital: their case agrees with their name and their document."""

from __future__ import annotations

import math

import pytest

from mojibake_fix import damage, repair
from mojibake_fix._case import agreeing_in_case, in_small_letters

CHANNEL = "utf-8>cp1254+undefined-dropped+soft-hyphen-dropped"
ODDS = {"ọ": 0.8, "Ố": 0.2}


def weighed(text: str) -> float:
    """Return how probable a capital is in place of the question mark."""
    return agreeing_in_case(text, {text.index("?"): ODDS}).get(text.index("?"), ODDS)["Ố"]


def test_a_document_with_many_words_in_capitals_has_more_of_them() -> None:
    titles = "Tên Lệnh Mẫu Dạng " * 10
    capitals = "TÊN LỆNH MẪU DẠNG " * 10
    assert weighed(titles + "S? đo") < 0.2 < weighed("S? đo") + 0.01
    assert weighed(titles + capitals + "S? đo") > 0.6
    assert weighed(titles + capitals + "S? đo") < weighed(capitals + "S? đo")


def test_a_name_with_capitals_only_goes_on_so() -> None:
    assert weighed("xóa HẬU_T? đi") > 0.9
    assert weighed("xóa HẬU T? đi") < 0.5
    assert weighed("xóa T?_LỆNH đi") > 0.9
    assert weighed("xóa Hậu_T? đi") <= weighed("xóa T? đi")


@pytest.mark.parametrize("text", ["?", "s? đo", "S?t đo", "S ? đo"])
def test_only_what_stands_behind_a_capital_is_weighed(text: str) -> None:
    assert not agreeing_in_case(text, {text.index("?"): ODDS})


def test_what_has_one_case_is_as_it_was() -> None:
    assert not agreeing_in_case("S? đo", {1: {"Ố": 0.5, "Ỏ": 0.5}})


def test_odds_keep_their_sum() -> None:
    found = agreeing_in_case("HẬU_S? đo", {5: {"ọ": 0.5, "Ố": 0.1, "ử": 0.3}})[5]
    assert sum(found.values()) == pytest.approx(0.9)
    assert found["ọ"] / found["ử"] == pytest.approx(5 / 3)


def small(text: str, observed: str) -> tuple[str, float]:
    return in_small_letters(text, observed, range(len(text)))


def test_words_are_read_in_small_letters_if_they_are_observed_so() -> None:
    found, price = small("Tổng SỐ ELŐTAG, Ốc MAX", "Tổng Sá ELÅTAG, Ốc MAX")
    assert found == "Tổng Số ELŐTAG, Ốc MAX"
    assert price == pytest.approx(-math.log((0.1 * 10 + 3) / (10 + 5)))
    assert small("CHỮ", "CHá")[0] == "Chữ"
    assert small("AİB", "AiB")[0] == "Aİb"  # its small letter has two code points
    for text in ("Tổng số MAX", "的一是不", ""):
        assert small(text, text) == (text, 0.0)


def test_names_of_arguments_come_back() -> None:
    original = (
        "Sử dụng: sao chép [TÙY CHỌN] [HẬU_TỐ]\n"
        "bỏ qua SỐ byte khởi đầu của TẬP TIN, nếu CÓ NHIỀU ĐỐI SỐ\n"
        "mọi ĐỐI SỐ bắt buộc phải sử dụng với tùy chọn dài\n"
    )
    assert repair(damage(original, CHANNEL)).text == original
