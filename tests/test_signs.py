"""Signs that are not sure agree with those that are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix import damage, repair
from mojibake_fix._signs import agreeing


def best(odds: dict[str, float]) -> str:
    return max(odds, key=odds.__getitem__)


@pytest.mark.parametrize(
    ("text", "odds", "meant"),
    [
        ("他说「好、就走", {"、": 0.7, "」": 0.3}, "」"),
        ("他说「好」、就走」", {"、": 0.3, "」": 0.7}, "、"),
        ("他说好、就走", {"、": 0.3, "」": 0.7}, "、"),
        ("“那个„ 好", {"„": 0.7, "”": 0.3}, "”"),
        ("das ”Wort“ hier", {"”": 0.9, "„": 0.1}, "„"),
    ],
)
def test_what_was_opened_is_closed(text: str, odds: dict[str, float], meant: str) -> None:
    at = next(at for at, character in enumerate(text) if character in odds)
    if text.startswith("他说「好」"):
        at = text.index("、")
    assert best(agreeing(text, {at: odds})[at]) == meant


def test_two_places_agree_with_each_other() -> None:
    text = "『、、"
    closing = {"、": 0.3, "』": 0.65, "」": 0.05}
    changed = agreeing("求、精品、", {1: {"、": 0.55, "『": 0.45}, 4: closing})
    assert [best(changed[1]), best(changed[4])] == ["『", "』"]
    assert best(agreeing(text, {1: closing})[1]) == "』"


@pytest.mark.parametrize(("sure", "meant"), [("”ja” och ", "”"), ("„igen” és ", "„")])
def test_all_of_a_document_opens_quotes_alike(sure: str, meant: str) -> None:
    text = "\n".join([sure * 2] * 3 + ["?ord”"])
    assert best(agreeing(text, {text.index("?"): {"„": 0.5, "”": 0.5}})[text.index("?")]) == meant


@pytest.mark.parametrize("opening", "”„")
def test_most_places_tell_how_quotes_are_opened(opening: str) -> None:
    odds = {opening: 0.7, "”„".strip(opening): 0.3}
    text = "?ord”\n" * 9 + "?ord”\n"
    places = [at for at, character in enumerate(text) if character == "?"]
    unsure = dict.fromkeys(places, odds) | {places[4]: {"”": 0.5, "„": 0.5}}
    assert {best(each) for each in agreeing(text, unsure).values()} == {opening}


def test_text_has_one_full_stop() -> None:
    odds = {"．": 0.8, "！": 0.2}
    assert best(agreeing("好．\n很好。不错。都行。可以。好。", {1: odds})[1]) == "！"
    assert 1 not in agreeing("好．\n很好", {1: odds})


def test_bracket_is_closed_far_from_where_it_was_opened() -> None:
    original = "他问「" + "这个问题到底应该怎么解决才能让大家都满意呢" * 3 + "」说完就走了。\n"
    observed = damage(original, "utf-8>cp1254+undefined-dropped")
    assert repair(observed).text == original


@given(
    st.text(alphabet="「」『』【】“”„、。．！a\n"),
    st.data(),
)
def test_probabilities_stay_what_they_were_in_sum(text: str, data: st.DataObject) -> None:
    unsure = {
        at: {text[at]: 0.6, other: 0.3}
        for at in range(len(text))
        if (other := data.draw(st.sampled_from("」』”„、！．x"))) != text[at]
    }
    for at, odds in agreeing(text, unsure).items():
        assert odds.keys() == unsure[at].keys()
        assert sum(odds.values()) == pytest.approx(0.9)
