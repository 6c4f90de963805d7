"""Ways from one legacy codec to another: which ones explain words, and what words cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix import _core, damage
from mojibake_fix._foreign import Foreign
from mojibake_fix._prior import CAPITALS
from mojibake_fix._ways import load_ways
from mojibake_fix.channels import DECODERS, MULTIBYTE
from mojibake_fix.channels._legacy import codec
from mojibake_fix.model import load
from strategies import WORD_LISTS

CODECS = (*DECODERS, *MULTIBYTE)
WORDS = st.lists(
    st.sampled_from([word for words in WORD_LISTS for word in words]), min_size=1, max_size=6
)


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("cp1251>latin-1", ["Лучшие", "песни"]),
        ("koi8-r>cp1251", ["Привет", "мир"]),
        ("gbk>cp1252", ["中文", "工作"]),
        ("cp932>cp1252", ["日本語", "設定"]),
        ("cp949>cp1252", ["한국어", "설정"]),
        ("cp950>cp850", ["中文", "設定"]),
        ("cp1251>gbk", ["Привет"]),
        ("cp1252>cp437", ["société", "général"]),
    ],
)
def test_the_way_of_damage_explains_words_best(channel: str, words: list[str]) -> None:
    source, decoder = channel.split(">")
    best, *_ = load_ways().explain([damage(word, channel) for word in words])
    assert best[0] == source
    assert best[1] == decoder or decoder == "latin-1"  # which cp1252 is as good as here
    assert best[2] > 0


@pytest.mark.parametrize("words", [[], [""], ["plain"], ["\U0001f600"]])
def test_nothing_explains_what_no_two_codecs_read_otherwise(words: list[str]) -> None:
    assert load_ways().explain(words) == []


def read(words: list[str], source: str, decoder: str) -> tuple[str, str]:
    """Return what words are as written and as read, those that the decoder can have read."""
    written, originals = [], []
    for word in words:
        try:
            data = codec(decoder).encode(word)
        except UnicodeEncodeError:
            continue
        written.append(word)
        originals.append(codec(source).decode(data, "\ufffd", False).removesuffix("\ufffd"))
    return "\n".join(written), "\n".join(originals)


@given(WORDS, st.sampled_from(CODECS), st.sampled_from(CODECS))
def test_a_gain_is_what_words_cost_less_as_they_are_read(
    words: list[str], source: str, decoder: str
) -> None:
    _, damaged = read(words, decoder, source)
    observed = damaged.split("\n")
    found = load_ways().explain(observed)
    assert found == sorted(found, key=lambda way: -way[2])
    texts = []
    for from_codec, to_codec, gain in found:
        written, original = read(observed, from_codec, to_codec)
        texts.append(original)
        as_written, as_read = load().least_costs([written, original], CAPITALS)
        prior = Foreign(from_codec, to_codec).prior()
        assert gain == pytest.approx(as_written - as_read - prior, abs=0.05)
        assert 2 * sum("\ufffd" in line for line in original.split("\n")) <= len(
            original.split("\n")
        )
    assert len(set(texts)) == len(texts)


@given(WORDS)
def test_no_text_costs_more_than_as_it_stands(words: list[str]) -> None:
    text = " ".join(words)
    (least,) = load().least_costs([text], CAPITALS)
    assert least <= load().cost(text, 0)
    small = text.lower()
    if len(small) == len(text):
        changed = sum(one != other for one, other in zip(words, small.split(" "), strict=True))
        assert least <= load().cost(small, 0) + CAPITALS * changed + 0.05


def test_unusual_forms_cost_what_usual_ones_do_and_a_change() -> None:
    for text, usual in (("ﾀﾞｳﾝﾛｰﾄﾞ", "ダウンロード"), ("ﾊﾟﾝ", "パン"), ("ＡＢＣ", "ABC"), ("③", "3")):
        least = load().least_costs([text, usual], CAPITALS)
        assert least[0] == pytest.approx(least[1] + CAPITALS)


def test_wrong_arguments_are_errors() -> None:
    with pytest.raises(TypeError):
        load_ways().explain(("word",))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        load_ways().explain([b"word"])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        load().least_costs([1], CAPITALS)  # type: ignore[list-item]
    with pytest.raises(ValueError, match="cp1252"):
        _core.Ways(load(), {}, (), (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    costs = dict.fromkeys(CODECS, (0.0, 0.0))
    with pytest.raises(ValueError, match="cp1252"):
        _core.Ways(load(), costs, ("cp1252",), (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0))


@pytest.mark.parametrize("nats", [-1.0, float("nan"), float("inf")])
def test_costs_that_are_none_are_errors(nats: float) -> None:
    costs = dict.fromkeys(CODECS, (0.0, 0.0))
    with pytest.raises(ValueError, match="nats"):
        _core.Ways(load(), costs | {"gbk": (0.0, nats)}, (), (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    with pytest.raises(ValueError, match="nats"):
        _core.Ways(load(), costs, (), (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, nats))
