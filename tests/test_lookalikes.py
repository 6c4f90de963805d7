"""What only looks damaged by its characters stays; damage that looks alike is repaired."""

from __future__ import annotations

import pytest

from mojibake_fix import damage, fix_text

# Some frames and letters, as programs draw them.
DRAWINGS = (
    "╔╗╔╗\n╚╝╚╝",
    "╔╗╔╗╔═╗\n║║║║╠═╣\n╚╝╚╝╩ ╩",
    "░██  ░██\n░██  ░██\n ░████",
    " ▓█▓  █▓█▒\n█▒ █▓ █▒█▓\n█▓█▓█ █▓▒█",
    "▒█▒█▒█▒█▒\n█▓█▓█▓█▓█\n",
)

URDU = (
    '"مڈڈاٹ"\n',
    '"گھڑی"\n"کوٹ پینٹ"\n"ہالیوڈ"\n"مڈڈاٹ"\n"مکٹ"\n"بچوں کے"\n"ہیجڑوں"\n',
)

NUMERALS = (
    r"(?:Β΄|Β’)\.?\s*Σαμουήλ|(?:Γ΄|Γ’)\.?\s*Βασιλέων",
    "Α΄ Λυκείου | Β΄ Λυκείου | Γ΄ Λυκείου\nΑ’ τάξη, Β’ τάξη, Γ’ τάξη\n",
)

SYMBOLS = ("The Γ–X line", "Δ—the gap—stays", "Γ… and so on")

BOTH_CASES = ('"ĹĺĽľ"\n"ĹĺĽľ"\n', "ĹĺĽľ ĹĺĽľ")

FORMATS = ('"0 mijë\xa0¤", "0 milionë\xa0¤"\n', '"0\xa0млрд\xa0¤"\n')


@pytest.mark.parametrize("text", [*DRAWINGS, *URDU, *NUMERALS, *SYMBOLS, *BOTH_CASES, *FORMATS])
def test_what_only_looks_damaged_stays(text: str) -> None:
    assert fix_text(text) is text


def test_a_drawing_stays_in_a_text_that_is_damaged() -> None:
    text = damage("Приложение хранит заметки и напоминания.\n", "utf-8>cp437")
    drawing = "\n╔╗╔╗  ╔╗╔╗\n╚╝╚╝  ╚╝╚╝\n"
    assert fix_text(text + drawing) == "Приложение хранит заметки и напоминания.\n" + drawing


@pytest.mark.parametrize(
    ("original", "channel"),
    [
        ("она", "utf-8>cp437"),
        ("и она", "utf-8>cp866"),
        ("Nan û av û çay", "utf-8>cp437"),
        ("في", "utf-8>cp1256"),
        ("그려 주세요", "utf-8>latin-1"),
        ("Le rôle de la forêt", "utf-8>cp1253"),
        ("привет всем, кто это читает", "koi8-r>cp437"),
        ("Öl und Übung", "utf-8>cp1253"),
    ],
)
def test_damage_of_the_same_characters_is_repaired(original: str, channel: str) -> None:
    assert fix_text(damage(original, channel)) == original


@pytest.mark.parametrize("row", ["{0}", "{0} {0} [x] /a thing/", '"{0}": 1,'])
def test_characters_of_a_dictionary_stay(row: str) -> None:
    text = "\n".join(row.format(chr(ideograph)) for ideograph in range(0x4E00, 0x9FA6))
    assert fix_text(text) is text


@pytest.mark.parametrize("text", ["ğŸ‘�ï¸� Using", "â˜ï¸ cloud"])
def test_a_selector_is_not_restored_behind_a_sign_that_is_lost(text: str) -> None:
    assert fix_text(text) == text


def test_a_selector_comes_back_with_its_sign() -> None:
    for original in ("⚠️ a ✅ b", "▶️ a ✅ b", "5️⃣ a ✅ b"):
        assert fix_text(damage(original, "utf-8>cp1252+undefined-dropped")) == original
