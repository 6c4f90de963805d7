"""Words in capitals: their case agrees with what is around, and their letters with small ones."""

from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mojibake_fix import damage, repair
from mojibake_fix._case import Case, Comparable, comparable
from mojibake_fix._rescore import Unsure
from mojibake_fix._signs import Odds

CHANNEL = "utf-8>cp1254+undefined-dropped+soft-hyphen-dropped"
ODDS = {"ọ": 0.8, "Ố": 0.2}


def agreeing(text: str, odds: Odds) -> Odds:
    """Return what may stand in place of the question mark, given what else is in capitals."""
    unsure = Unsure.of(text, {text.index("?"): odds})
    found = Case(text, unsure).agreeing(unsure)
    return dict(zip(found.characters, found.posteriors, strict=True))


def weighed(text: str) -> float:
    """Return how probable a capital is in place of the question mark."""
    return agreeing(text, ODDS)["Ố"]


def in_small_letters(text: str, unsure: Unsure) -> tuple[str, Unsure]:
    case = Case(text, unsure)
    return case.text, case.unsure


def test_a_document_with_many_words_in_capitals_has_more_of_them() -> None:
    titles = "Tên Lệnh Mẫu Dạng " * 10
    capitals = "TÊN LỆNH MẪU DẠNG " * 10
    assert weighed(titles + "\nS? đo") < weighed("S? đo") < 0.2
    assert weighed(titles + capitals + "\nS? đo") > 0.4
    assert weighed(titles + capitals + "\nS? đo") < weighed(capitals + "\nS? đo")


def test_a_line_with_many_words_in_capitals_has_more_of_them() -> None:
    assert weighed("CHẾ ĐỘ MỘT S?") > 0.5 > weighed("Chế độ một S?")
    assert weighed("CHẾ ĐỘ MỘT S?\n") > weighed("CHẾ ĐỘ\nMỘT S?") > weighed("CHẾ ĐỘ MỘT\nS?")
    assert weighed("CHẾ ĐỘ ghi một S? đã cho của một tập tin") < 0.5


def test_a_name_with_capitals_only_goes_on_so() -> None:
    assert weighed("xóa HẬU_T? đi") > 0.99
    assert weighed("xóa HẬU T? đi") < 0.5
    assert weighed("xóa T?_LỆNH đi") > 0.99
    assert weighed("xóa Hậu_T? đi") <= weighed("xóa T? đi")


def test_digits_stand_rather_behind_capitals() -> None:
    assert weighed("xóa S? đi") < weighed("xóa S?1 đi") < 0.6
    assert weighed("xóa S?1 đi") < weighed("[TIN2 [S?1]]")
    assert weighed("xóa 1S? đi") == weighed("xóa S? đi")


@pytest.mark.parametrize("text", ["?", "s? đo", "S?t đo", "S ? đo", "?s", "s?S"])
def test_only_what_stands_beside_a_capital_is_weighed(text: str) -> None:
    assert agreeing(text, ODDS) == ODDS


def test_what_has_one_case_is_as_it_was() -> None:
    assert agreeing("S? đo", {"Ố": 0.6, "Ỏ": 0.4}) == {"Ố": 0.6, "Ỏ": 0.4}


def test_odds_keep_their_sum() -> None:
    found = agreeing("HẬU_S? đo", {"ọ": 0.5, "Ố": 0.1, "ử": 0.3})
    assert sum(found.values()) == pytest.approx(0.9)
    assert found["ọ"] / found["ử"] == pytest.approx(5 / 3)


def test_words_in_capitals_are_weighed_in_small_letters() -> None:
    text = "HẬU_Tử là MỘT, nên Từ TÊN, Tử LỆNH"
    open_case = {"ử": 0.9, "Ố": 0.1}
    unsure = Unsure.of(
        text, {5: open_case, 20: {"ừ": 1.0}, 28: open_case, 31: {"Ệ": 0.5, "Ể": 0.5}}
    )
    small, asked = in_small_letters(text, unsure)
    assert small == "hậu_tử là một, nên Từ tên, Tử lệnh"
    assert asked == unsure._replace(characters="ửốừửỐệể")
    assert in_small_letters(small, asked)[0] == small


@pytest.mark.parametrize("text", ["Sốt", "Số", "Sốđ", "số SỐ và số"])
def test_words_that_are_hardly_in_capitals_are_weighed_as_they_stand(text: str) -> None:
    unsure = Unsure.of(text, {text.lower().rindex("số", 0, 6) + 1: {"ố": 0.5, "Ố": 0.5}})
    assert in_small_letters(text, unsure) == (text, unsure)


def test_what_was_weighed_in_small_letters_tells_nothing_of_the_case() -> None:
    unsure = Unsure.of("TÝNH", {1: {"Ý": 0.5, "í": 0.3, "Í": 0.1}})
    case = Case("TÝNH", unsure)
    assert case.unsure.characters == "ýíí"
    weighed = case.unsure._replace(characters="íýí", posteriors=array("d", (0.6, 0.1, 0.2)))
    found = case.given_back(weighed)
    assert found.characters == "íÍÝ"
    assert list(found.posteriors) == pytest.approx([0.6, 0.2, 0.1])


def compared(text: str, observed: str) -> Comparable:
    return comparable(text, observed, range(len(text)))


def test_words_are_compared_in_small_letters() -> None:
    text, observed = "Tổng SỐ ELŐTAG, Ốc MAX", "Tổng Sá ELÅTAG, Ốc MAX"
    found = compared(text, observed)
    assert found.observed == "Tổng Sá elåtag, Ốc MAX"
    assert found.text == "Tổng SỐ előtag, Ốc MAX"
    assert found.small == "Tổng Số előtag, Ốc MAX"
    assert found.price == pytest.approx(-math.log((0.1 * 10 + 3) / (10 + 5)))
    assert compared("CHỮ", "CHá").small == "Chữ"
    assert compared("AİB", "AiB").small == "Aib"  # its small letter has two code points
    assert compared("ELŐTAG", "ELÅTAG").price == 0
    for text in ("Tổng số Ă MAX", "的一是不", ""):
        assert compared(text, text) == (text, text, text, 0.0)


@given(st.lists(st.tuples(st.sampled_from("ÉŐẾbé1_ ΣİA"), st.sampled_from("EÅÃbã1_ ΣİA"))))
@example([("É", "Ã")] * 250)
@example([("É", "E"), ("b", "b"), *[("É", "Ã")] * 250])
def test_what_is_compared_is_as_long_as_before(pairs: list[tuple[str, str]]) -> None:
    text, observed = ("".join(side) for side in zip(*pairs, strict=True)) if pairs else ("", "")
    found = compared(text, observed)
    assert len(found.text) == len(found.small) == len(found.observed) == len(text)
    small, original = (each.replace("İ", "i").casefold() for each in (found.small, text))
    assert small == original


def test_the_best_small_letter_stands_in_the_text() -> None:
    text = "ΚΑΤΆΛΟΓΟΣ ΤΩΝ ΑΡΧΕΊΩΝ"
    case = Case(text, Unsure.of(text, {3: {"Ά": 0.9, "Έ": 0.1}, 8: {"Σ": 0.6, "Ρ": 0.4}}))
    assert case.text == "κατάλογος των αρχείων"
    assert case.unsure.characters == "άέςρ"


def test_what_stands_before_a_long_run_of_capitals_comes_back() -> None:
    sentence = HEADINGS["vi"].splitlines()[1] + "\n"
    repaired = repair(damage(sentence + "HẬUTỐ" * 60, CHANNEL)).text
    assert repaired.startswith(sentence)


def test_names_of_arguments_come_back() -> None:
    original = (
        "Sử dụng: sao chép [TÙY CHỌN] [HẬU_TỐ]\n"
        "bỏ qua SỐ byte khởi đầu của TẬP TIN, nếu CÓ NHIỀU ĐỐI SỐ\n"
        "mọi ĐỐI SỐ bắt buộc phải sử dụng với tùy chọn dài\n"
    )
    assert repair(damage(original, CHANNEL)).text == original


HEADINGS = {
    "hu": "REJTETT VEZÉRLŐELEMEK\nA lehetőségek közül ez a felső sorban, előbb jelenik meg.\n",
    "cs": "DIALOG PŘÍKAZŮ\nDialog se zobrazí, pokud příkaz není známý, a čeká na další příkaz.\n",
    "pl": "WYPEŁNIENIE\nŁatwo wybrać inne wypełnienie, ale także ścieżkę, którą się rysuje.\n",
    "ru": "СПИСОК ПАКЕТОВ\nСписок пакетов, которые нужно установить для работы программы.\n",
    "vi": "TẬP_TIN [HẬU_TỐ]\nSo sánh các tập tin; hậu tố là tùy chọn, mặc định là không có gì.\n",
}


@pytest.mark.parametrize("decoder", ["cp1252", "cp1254", "cp1250"])
@pytest.mark.parametrize("language", HEADINGS)
def test_headings_in_capitals_come_back(language: str, decoder: str) -> None:
    original = HEADINGS[language]
    assert repair(damage(original, f"utf-8>{decoder}+undefined-dropped")).text == original


def test_sentences_do_not_become_capitals() -> None:
    original = "Từ đó\nSố đo của Tố Hữu, họ Từ và họ Sở\nTừ A1 đến B2: Tử_số, Tổng_Số\n"
    assert repair(damage(original, CHANNEL)).text == original
