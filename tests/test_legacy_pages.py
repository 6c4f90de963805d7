"""Pages of legacy text that was read with another codec: what is looked at, and how often."""

from __future__ import annotations

import pytest

from mojibake_fix import _core, _readings, _restore, damage, fix_text, repair
from mojibake_fix._foreign import Foreign, read_otherwise
from mojibake_fix._heard import Heard
from mojibake_fix._layer import layer_spans
from mojibake_fix._prior import PRIOR
from mojibake_fix._readings import read, stretches_of
from mojibake_fix.model import load
from mojibake_fix.options import Options
from strategies import ORIGINALS

CHANNELS = ("cp1251>cp1252", "koi8-r>cp1251", "cp866>latin-1", "iso8859-5>mac-roman")


@pytest.fixture
def notes() -> str:
    """Return Russian notes less the lines that some legacy codec does not hold."""
    lines = ORIGINALS["ru.md"].split("\n")
    return "\n".join(line for line in lines if all(held(line, channel) for channel in CHANNELS))


def held(line: str, channel: str) -> bool:
    try:
        damage(line, channel)
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_page_is_not_searched_for_lost_bytes(
    channel: str, notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def restore(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(_restore, "restore", restore)
    assert fix_text(damage(notes, channel)) == notes


def test_a_page_is_read_once_where_nothing_is_left(
    notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def counted(text: str, foreign: Foreign, *, throughout: bool = False) -> _readings.Reading:
        seen.append(len(text) if throughout else 0)
        return read(text, foreign, throughout=throughout)

    monkeypatch.setattr("mojibake_fix._transcode.read", counted)
    observed = damage(notes, "cp1251>cp1252")
    assert fix_text(observed) == notes
    assert sum(seen) < len(observed) / 2


def test_what_lost_bytes_among_sequences_is_not_read_as_legacy_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def transcode(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("mojibake_fix._transcode.transcode", transcode)
    original = (
        "El día de la reunión pasó rápido: había más café, té y jamón de lo que pedían.\n"
        "Mañana por la mañana el tío José y la tía Inés saldrán hacia la montaña en autobús.\n"
        "La compañía envió un informe a la alcaldía, y allí decidió qué calles se cerrarían.\n"
    )
    channel = "utf-8>cp1254+undefined-dropped+soft-hyphen-dropped"
    assert fix_text(damage(original, channel)) == original


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_page_is_not_read_in_vain(channel: str, notes: str) -> None:
    assert _core.refutes(damage(notes, channel), PRIOR) is False
    assert _core.refutes(notes, PRIOR) is not False


def test_a_pair_that_is_usual_in_its_document_is_not_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def transcode(*_: object) -> None:
        raise AssertionError

    line = "Das Wort ïðè steht dort\n"
    heard = Heard()
    assert heard.foreign_pair(line)
    while pair := heard.foreign_pair(line):
        heard.note_vain(pair)
    monkeypatch.setattr("mojibake_fix._transcode.transcode", transcode)
    assert layer_spans(line, heard, Options()) == (line, [])


def test_a_line_that_lost_bytes_comes_back_beside_legacy_lines(notes: str) -> None:
    legacy = damage(notes, "cp1251>cp1252")
    line = "Это письмо пришло сегодня утром, и его уже прочитали."
    lost = damage(line, "utf-8>cp1252+undefined-dropped")
    assert fix_text(f"{legacy}\n{lost}\n") == f"{notes}\n{line}\n"


def test_an_iteration_mark_is_an_ideograph() -> None:
    original = "人々は様々な言葉で話しますが、個々の意味は同じです。\n" * 3
    assert fix_text(damage(original, "cp932>cp1252")) == original


def test_clean_lines_between_legacy_ones_stay(notes: str) -> None:
    clean = "Это письмо пришло сегодня утром."
    lines = notes.split("\n")
    observed = "\n".join(f"{damage(line, 'cp1251>cp1252')}\n{clean}" for line in lines)
    assert fix_text(observed) == "\n".join(f"{line}\n{clean}" for line in lines)


def test_stretches_cost_what_the_model_says(notes: str) -> None:
    observed = damage(notes, "cp1251>cp1252")
    reading = read(observed, Foreign("cp1251", "cp1252"))
    found = stretches_of(observed, reading)
    assert found
    cost = load().cost
    for each in found:
        before, behind = reading.text[: each.begin], reading.text[each.stop :][:4]
        assert each.observed == observed[each.start : each.end]
        assert each.original == reading.text[each.begin : each.stop]
        assert each.meant == cost(before + each.original + behind, len(before))
        assert each.written <= cost(before + each.observed + behind, len(before))
        assert each.least == min(reading.posteriors[each.begin : each.stop])
    plain = "".join(each.observed for each in found)
    assert plain == "".join(c for c in observed if not c.isascii())


def test_stretches_must_be_in_the_text() -> None:
    starts, posteriors = memoryview(b"\5\0\0\0"), memoryview(bytes(8))
    with pytest.raises(ValueError, match="in order"):
        _core.judge_stretches(load(), "a", "b", starts, b"\0", posteriors)
    with pytest.raises(ValueError, match="in order"):
        _core.judge_stretches(load(), "a", "b", starts, b"", posteriors)


def test_what_codecs_read_otherwise() -> None:
    assert read_otherwise("aáèx☃", Foreign("cp1250", "cp1252")) == bytes((0, 0, 1, 0, 0))


def test_spans_of_a_page_are_proved(notes: str) -> None:
    for channel in CHANNELS:
        observed = damage(notes, channel)
        spans = repair(observed).spans
        assert spans
        for span in spans:
            assert span.replacement is not None
            assert damage(span.replacement, span.channel) == span.observed


def test_a_page_of_which_too_much_is_gone_is_read_at_its_beginning_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int] = []

    def counted(text: str, foreign: Foreign, *, throughout: bool = False) -> _readings.Reading:
        seen.append(len(text))
        return read(text, foreign, throughout=throughout)

    monkeypatch.setattr("mojibake_fix._transcode.read", counted)
    observed = damage(ORIGINALS["ja.md"] * 8, "utf-8>euc_jp+undefined-replaced")
    assert fix_text(observed) is observed
    assert 0 < sum(seen) < len(observed) / 2
