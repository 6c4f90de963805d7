"""Letters that a text lists stay; words and sets that were damaged do not."""

from __future__ import annotations

import random

import pytest

from mojibake_fix import damage, detect, fix_text

ALPHABETS = (
    *("áéíóúüñ", "àâäæçéèêëïîôœùûüÿ", "äöüß", "áâãàçéêíóôõú", "ąćęłńóśźż", "áčďéěíňóřšťúůýž"),
    *("áéíóöőúüű", "ăâîșț", "çğıöşü", "åäö", "æøå", "áðíóúýæø", "áðéíóúýþæö", "āčēģīķļņšūž"),
    *("ąčęėįšųūž", "čćđšž", "âêîôûŵŷ", "ĉĝĥĵŝŭ", "äçňöşüýž", "əğıöşüç", "áčđŋšŧž", "àèìòù"),
    *("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "αβγδεζηθικλμνξοπρστυφχψωάέήίόύώϊϋ"),
)

LISTS = (
    "ÈÙÊÜ",
    "[ÈÙÊÜ]",
    "Buchstaben: Ä, Ö, Ü, ß",
    r"[^ñùê\s]",
    "/^[A-Za-zÇËçë]+$/",
    "[a-zÚÜü]+",
    "[\\w\u010c\u0106\u0110\u0160-]{2,}",
    "re.compile('[a-zÂȘ]+')",
    "// яЯ чЧцЦ сС мМ иИйЙ тТ ьЬъЪ ,< .> /?",
)


@pytest.mark.parametrize("text", LISTS)
def test_letters_that_are_listed_stay(text: str) -> None:
    assert fix_text(text) is text


def test_keys_that_are_listed_tell_nothing_of_a_damaged_document() -> None:
    keys = "// иИйЙ\n│ Щ   │ З   │ Х   │ Ъ Ї ┃ Enter\n┃ й   │ ц   │ у ў │\n"
    assert fix_text(f"{keys}MalmÃ¶ und KÃ¶ln\n") == f"{keys}Malmö und Köln\n"


@pytest.mark.slow
def test_next_to_no_part_of_an_alphabet_seems_damaged() -> None:
    order = random.Random(1)
    changed, parts = 0, 0
    for alphabet in (case for each in ALPHABETS for case in (each, each.upper())):
        for size in range(2, min(7, len(alphabet))):
            for _ in range(10):
                part = "".join(order.sample(alphabet, size))
                for text in (part, f"[{part}]", f"[a-z{part}]+"):
                    changed += fix_text(text) is not text
                    parts += 1
    assert changed < parts / 500


@pytest.mark.parametrize(
    ("original", "channel"),
    [
        ("документа", "cp1251>cp1252"),
        ("中文", "gbk>cp1252"),
        ("Straße", "utf-8>cp1252"),
        ("10 µL", "utf-8>cp1252"),
        ("캐시", "utf-8>cp949"),
    ],
)
def test_a_word_is_no_list(original: str, channel: str) -> None:
    assert fix_text(damage(original, channel)) == original


def test_a_set_in_a_damaged_text_is_repaired() -> None:
    original = (
        "Проверяем, что имя состоит из букв: /^[а-я]+$/\n"
        "Когда пользователь вводит имя, мы проверяем его ещё раз.\n"
    )
    assert fix_text(damage(original, "cp1251>cp1252")) == original
    assert detect("/^[à-ÿ]+$/\n") == []
