"""Text that was read with a codec of several bytes: what is restored, and what is left."""

from __future__ import annotations

import pytest

from mojibake_fix import damage, fix_text, repair

KOREAN = "서버를 설정해야 합니다."
LOST = "산 자다... 곧 너희도 주인님의 군세가 되리라!"
CHINESE = "不像是。我在想這些半獸人是受雇來偵察我們的。但這又是為了什麼？有這麼多盟友可以選擇。"


def test_a_sign_that_the_last_marker_swallowed_comes_back() -> None:
    assert fix_text(damage(KOREAN, "utf-8>cp949+undefined-question")) == KOREAN


def test_a_line_of_which_too_much_is_lost_is_left_whole() -> None:
    for original, channel in (
        (LOST, "utf-8>cp949+undefined-question"),
        (CHINESE, "utf-8>cp950+undefined-question"),
    ):
        observed = damage(original, channel)
        result = repair(observed)
        assert result.text == observed
        assert any(span.replacement is None for span in result.spans)


def test_a_very_long_line_comes_back() -> None:
    original = "工作空间 保存设置 重新启动 " * 1000
    assert fix_text(damage(original, "utf-8>gbk")) == original


def test_lines_are_left_one_by_one() -> None:
    channel = "utf-8>cp949+undefined-question"
    lost, other = damage(LOST, channel) + "\n", damage(KOREAN, channel) + "\n"
    assert fix_text(lost + 20 * other + lost) == lost + 20 * (KOREAN + "\n") + lost


def test_a_short_text_is_left_whole_if_it_is_more_probably_wrong_than_right() -> None:
    observed = damage("이동 속도를 설정합니다.", "utf-8>cp949+undefined-question")
    result = repair(observed)
    assert result.text == observed
    assert all(span.replacement is None for span in result.spans)
    assert repair(observed, min_confidence=0).text != observed


def test_a_script_that_nothing_else_shows_is_not_guessed() -> None:
    # 前도 and 속도 lose the same bytes, and 前 is more usual at the beginning of a word.
    original = "속도가 너무 빠릅니다."
    assert fix_text(damage(original, "utf-8>cp949+undefined-question")) == original


def test_what_is_left_of_a_line_is_not_read_as_another_damage() -> None:
    # 。あ ends in \x80 and begins with √, which other decoders read as well.
    original = (
        "ウイルスがあなたのコンピューターに感染する可能性は大きくありませんが、"
        "あなたがメールを送った相手先のコンピューターに感染する可能性があります。"
    )
    observed = damage(original, "utf-8>cp932+undefined-question")
    assert fix_text(observed) in (original, observed)


@pytest.mark.parametrize(
    "channel", ["utf-8>cp949+undefined-question", "utf-8>cp949+undefined-replaced"]
)
def test_what_is_a_guess_says_so(channel: str) -> None:
    observed = damage("이 파일을 사용할 수 있습니다.", channel)
    for span in repair(observed).spans:
        assert 0 < span.confidence <= 1
        for guess in span.guesses:
            assert guess.confidence + sum(odds for _, odds in guess.others) <= 1.001


@pytest.mark.parametrize(
    "text",
    ["ﾃﾞｰﾀ", "設定 ﾎﾞﾀﾝ", "｢ﾙｰﾙ｣", "ﾎｽﾄ･ｼﾞｬﾝｸﾞﾙ", "No.1 ﾀｽｸｺｰﾄﾞ", "⑩⑩⑥⑥", "③⑤⑨⑩②", "②⑥③④④⑥"],
)
def test_half_width_kana_and_circled_digits_stay(text: str) -> None:
    assert fix_text(text) is text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ئىجازىتى",
            'msgstr "%(model)s ئىجازىتى"',
            "бэлбэгнэлцэцгээ",
            "ПАЎЛАДАР",
            "ќуќа",
            "ЅРНЅУР",
        ),
        *("اہار", "بان ہوائے ساے", "kitapsöýüj", "ז׳אק", "צ׳ארלי", "ק׳׳ג"),
    ],
)
def test_unusual_words_are_of_no_other_script(text: str) -> None:
    assert fix_text(text) is text


def test_signs_by_themselves_are_no_letter() -> None:
    text = "“£, £”"
    assert fix_text(text) is text
