"""Explanations of what was found in a text."""

from __future__ import annotations

import pytest

from mojibake_fix import damage, repair
from mojibake_fix.cli import main
from mojibake_fix.report.explain import explain


def test_a_clean_text_has_nothing_to_explain() -> None:
    assert explain(repair("schön")) == "no damage found"


def test_the_chain_is_told_layer_by_layer() -> None:
    told = explain(repair(damage("déjà vu", "utf-8>cp1252>utf-8>latin-1")))
    assert told.splitlines()[0] == "déjà vu"
    assert "UTF-8 read as Windows-1252, then UTF-8 read as Latin-1; nothing was lost" in told
    assert "é is C3 A9 in UTF-8, which Windows-1252 reads as Ã©" in told
    assert "Ã© is C3 83 C2 A9 in UTF-8, which Latin-1 reads as Ã‹U+0083›Â©" in told


def test_lost_bytes_are_in_brackets_and_guesses_have_their_rivals() -> None:
    observed = damage("去了一个很远的地方，卷", "utf-8>cp1254+undefined-dropped")
    told = explain(repair(observed))
    assert "undefined bytes dropped" in told
    assert "E5 [8E] BB" in told
    assert ", or " in told


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        ("宸ヤ綔绌洪棿", "UTF-8 read as GBK; nothing was lost"),
        ("罹먯떆", "UTF-8 read as EUC-KR (Windows-949); put into NFC"),
        ("$B%a%C%;!<%8(B", "ISO-2022-JP read as Latin-1; ESC dropped"),
        ("H\0e\0l\0l\0o\0", "UTF-16LE read as Windows-1252; nothing was lost"),
        ("\ud83d\ude00", "UTF-16LE read as UCS-2; nothing was lost"),
    ],
)
def test_codecs_have_the_names_that_people_know(observed: str, words: str) -> None:
    assert words in explain(repair(observed))


def test_what_is_left_says_so() -> None:
    observed = damage("卷去了一个很远的地方", "utf-8>latin-1+c1-dropped")
    assert "left: bytes were lost" in explain(repair(observed))


def test_of_what_is_left_nobody_says_that_nothing_was_lost() -> None:
    told = explain(repair("That ï¿½s all folks"))
    assert "UTF-8 read as Windows-1252; what it was is not certain" in told
    assert "nothing was lost" not in told


def test_escapes_are_named() -> None:
    assert "spelt with escapes (json)" in explain(repair(r"na\u00c3\u00afve"))


def test_other_decoders_that_show_the_same_are_named() -> None:
    told = explain(repair("KÃ¶ln"))
    assert "the same by Latin-1, " in told


@pytest.mark.parametrize(("text", "status"), [("KÃ¶ln", 1), ("Köln", 0)])
def test_the_command_explains_its_argument(
    text: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--explain", text]) == status
    assert ("Köln" in capsys.readouterr().out) == bool(status)


def test_the_command_explains_one_text_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--explain", "KÃ¶ln", "notes"]) == 2
    assert "no paths" in capsys.readouterr().err
