"""Two layers of which the outer one lost something."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mojibake_fix import _scripts, fix_text, repair
from mojibake_fix.channels import damage
from strategies import ORIGINALS

LOSSES = {
    "cp1252": ("undefined-dropped", "undefined-question", "undefined-replaced"),
    "latin-1": ("c1-dropped", "c1-question", "c1-replaced"),
    "cp1254": ("undefined-dropped", "undefined-dropped+soft-hyphen-dropped"),
}

CHANNELS = tuple(
    f"utf-8>{inner}>utf-8>{outer}+{losses}{more}"
    for inner in ("cp1252", "latin-1")
    for outer, kinds in LOSSES.items()
    for losses in kinds
    for more in ("", "+nbsp-folded")
)

WORDS = [
    ("demandÃÂ©", "demandé"),
    ("Le cafÃÂ© est fermÃÂ© aujourd'hui.", "Le café est fermé aujourd'hui."),
    ("NÃÂ£o, a estaÃÂ§ÃÂ£o ÃÂ© ali.", "Não, a estação é ali."),
]


@pytest.mark.parametrize(("observed", "original"), WORDS)
def test_words_damaged_twice_come_back(observed: str, original: str) -> None:
    assert fix_text(observed) == original


def wrong_lines(original: str, channel: str) -> int:
    """Return how many lines do not come back."""
    repaired = fix_text(damage(original, channel))
    lines = zip(original.split("\n"), repaired.split("\n"), strict=True)
    return sum(line != found for line, found in lines)


@pytest.mark.parametrize("name", ["fr.md", "ru.md", "de.md", "es.md"])
@pytest.mark.parametrize("losses", ["undefined-dropped", "undefined-question"])
def test_documents_damaged_twice_come_back_as_those_damaged_once(name: str, losses: str) -> None:
    original = ORIGINALS[name]
    once = wrong_lines(original, f"utf-8>cp1252+{losses}")
    assert wrong_lines(original, f"utf-8>cp1252>utf-8>cp1252+{losses}") <= once + 1
    assert once * 10 <= original.count("\n")


@pytest.mark.parametrize("name", ["ru.md", "zh.md", "ja.md"])
def test_guesses_of_an_inner_layer_are_told(name: str) -> None:
    once, twice = (
        [(guess.offset, span.replacement) for span in spans for guess in span.guesses]
        for spans in (
            repair(damage(ORIGINALS[name], channel)).spans
            for channel in (
                "utf-8>cp1252+undefined-dropped",
                "utf-8>cp1252+undefined-dropped>utf-8>cp1252",
            )
        )
    )
    assert once
    assert twice == once


@given(st.sampled_from(sorted(ORIGINALS)), st.sampled_from(CHANNELS), st.data())
@settings(max_examples=30)
def test_what_is_repaired_of_two_layers_is_proved(
    name: str, channel: str, data: st.DataObject
) -> None:
    lines = ORIGINALS[name].split("\n")
    start = data.draw(st.integers(0, len(lines) - 1))
    text = "\n".join(lines[start : start + data.draw(st.integers(1, 12))])
    observed = damage(text, channel)
    result = repair(observed)
    for span in result.spans:
        assert observed[span.start : span.end] == span.observed
        if span.replacement is not None and span.view is None:
            # A space that was squeezed is the one behind.
            behind = " " * ("spaces-squeezed" in span.channel.layers[-1].losses)
            assert damage(span.replacement + behind, span.channel).rstrip(
                behind or None
            ) == span.observed.rstrip(behind or None)
    assert fix_text(result.text) == result.text


@pytest.mark.parametrize(
    ("text", "mixtures"),
    [
        ("К쭛 동생", 1),
        ("Кк한カд", 2),
        ("漢字とカナ", 0),
        ("Tシャツ", 0),
        ("λ함수", 0),
        ("слово 동생", 0),
        ("ª한", 0),
    ],
)
def test_letters_of_scripts_that_no_language_mixes(text: str, mixtures: int) -> None:
    assert _scripts.mixtures(text) == mixtures


@pytest.mark.parametrize("name", ["zh.md", "ja.md", "ko.md", "th.md", "he.md"])
def test_what_is_hopeless_stays_so_in_a_second_call(name: str) -> None:
    left = fix_text(damage(ORIGINALS[name], "utf-8>latin-1+c1-dropped"))
    again = fix_text(left)
    changed = sum(map(str.__ne__, left, again)) if len(left) == len(again) else len(left)
    assert changed * 100 <= len(left)


@pytest.mark.parametrize(
    ("observed", "original"),
    [
        ("polÃ-tica econÃ³mica", "política económica"),
        ("PolÃ\xadtica e fÃ-sica", "Política e física"),
    ],
)
def test_a_hyphen_may_have_been_a_soft_one_that_was_half_a_letter(
    observed: str, original: str
) -> None:
    assert fix_text(observed) == original


@pytest.mark.parametrize(
    ("observed", "original"),
    [
        ("See loverÃ¢??s hand in hand walk by", "See lover’s hand in hand walk by"),
        ("lÃ¢??homme et lâ??Ã¢me", "l’homme et l’âme"),
    ],
)
def test_an_apostrophe_that_lost_its_c1_controls_shows_behind_another_layer(
    observed: str, original: str
) -> None:
    assert fix_text(observed) == original
    assert fix_text(original) is original
