"""In a document of which one paragraph is damaged, the others stay as they are."""

from __future__ import annotations

import pytest

from mojibake_fix import damage, repair
from strategies import ORIGINALS

CHANNELS = (
    "utf-8>cp1252",
    "utf-8>cp1252+undefined-question",
    "utf-8>cp1252+undefined-dropped+nbsp-folded",
    "utf-8>cp1254+undefined-dropped+soft-hyphen-dropped",
)
NOTES = sorted(name for name in ORIGINALS if name.endswith(".md"))


@pytest.mark.parametrize("line_end", ["\n", " "])
@pytest.mark.parametrize("name", NOTES)
def test_clean_paragraphs_stay(name: str, line_end: str) -> None:
    paragraphs = ORIGINALS[name].replace("\n\n", "\0").replace("\n", line_end).split("\0")
    for number in range(0, len(paragraphs), max(1, len(paragraphs) // 4)):
        before = (2 * line_end).join([*paragraphs[:number], ""])
        behind = (2 * line_end).join(["", *paragraphs[number + 1 :]])
        for channel in CHANNELS:
            try:
                observed = before + damage(paragraphs[number], channel) + behind
            except UnicodeEncodeError:
                continue
            changed = [span for span in repair(observed).spans if span.replacement is not None]
            last = len(observed) - len(behind)
            assert [s for s in changed if s.end <= len(before) or s.start >= last] == []


def test_a_script_that_a_document_does_not_have_is_no_guess() -> None:
    clean = ORIGINALS["fr.md"].replace("\n", " ")
    observed = damage("Dîner très réussi à l’hôtel.", "utf-8>cp1252") + " " + clean
    assert repair(observed).text == "Dîner très réussi à l’hôtel. " + clean


@pytest.mark.parametrize("written", ["", "Größe, été, señor, ñandú, déjà, naïve, übel, Straße. "])
def test_where_all_else_is_damaged_a_lone_lead_is_too(written: str) -> None:
    usual = "A program célja, hogy a fájlok tartalmát megjelenítse a szabványos kimeneten.\n"
    last = "A kimeneti fájl neve az NŐ és egy betű.\n"
    observed = damage(usual * 20 + last, CHANNELS[-1]) + written * 10
    kept = last.replace("Ő", "Å") if written else last
    assert repair(observed).text == usual * 20 + kept + written * 10
