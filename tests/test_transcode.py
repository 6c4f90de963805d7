"""Text that was read with a codec of several bytes: what is restored, and what is left."""

from __future__ import annotations

import pytest

from mojibake_fix import damage, fix_iter, fix_text, repair

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


@pytest.mark.parametrize(
    ("original", "channel"),
    [
        ("// Kapı açılmış gibi görünür", "cp1254>cp1252"),
        ("Bu yöntem daha önce denenmemiş gibi, oysa çalışır.", "cp1254>latin-1"),
        ("// işlemin yapılması için düşünülmüş", "cp1254>cp1252"),
        ("// Gracz zaczyna się ruszać, więc ustaw zmienną", "cp1250>cp1252"),
        ("wtedy możesz go ponownie wgrać", "cp1250>cp1252"),
    ],
)
def test_a_line_with_few_foreign_letters_is_repaired(original: str, channel: str) -> None:
    assert fix_text(damage(original, channel)) == original


@pytest.mark.parametrize("text", ["Ќе", "Ќе дојдам", "Þór"])
def test_one_letter_tells_of_no_legacy_codec(text: str) -> None:
    assert fix_text(text) is text
    assert "".join(fix_iter([text])) == text


def test_the_two_ways_to_write_a_romanian_letter_stay() -> None:
    text = "Primăria va începe lucrările în luna mai, câştigătorii licitaţiei aşteaptă."
    assert fix_text(text) is text


@pytest.mark.parametrize("decoder", ["cp1252", "mac-roman"])
@pytest.mark.parametrize(
    "original",
    ["데이터를 불러오지 못했습니다. 다시 시도해 주세요.", "// 파일이 없으면 새로 만듭니다"],
)
def test_lines_of_which_another_codec_swallowed_bytes_before_are_left(
    original: str, decoder: str
) -> None:
    observed = damage(original, f"utf-8>cp949+undefined-question>cp949>{decoder}")
    assert fix_text(observed) == observed
    assert "".join(fix_iter([observed])) == observed


def test_ideographs_in_words_of_one_character_are_of_a_known_language() -> None:
    original = "* 功 能：从 SPI 设备读取 16bit 数值\n* 形  参：无\n* 返 回 值：数值\n"
    assert fix_text(damage(original, "gbk>cp1252")) == original
    original = "C  電流: 電極の片側、単位間の電位差で、データ数は 32*29。\n"
    assert fix_text(damage(original, "euc_jp>cp1252")) == original


def test_a_guess_that_comes_again_is_wrong_once() -> None:
    original = "- ✅ **Alias** - Identifica usuarios fácilmente\n- ✅ **Panel** - Son métricas\n"
    assert fix_text(damage(original, "utf-8>gbk+undefined-question")) == original


@pytest.mark.parametrize(
    ("original", "channel"),
    [
        ('<h2 class="text-xl text-gray-800">معلومات الكرت</h2>', "cp1256>cp1252"),
        ("(7,'שלום עליכם','חולון','חולון'),", "cp1255>cp1252"),
        ("showMessage('İşlem Yapılamadı!');", "cp1254>cp1252"),
    ],
)
def test_code_around_words_does_not_hide_their_language(original: str, channel: str) -> None:
    assert fix_text(damage(original, channel)) == original


@pytest.mark.parametrize(
    "text",
    [
        '{"standard": "¤\xa0#,##0.00", "x": "×", "1000": "¤\xa00K", "perMille": "‰"}',
        "# torque in N·m, not in kN·m: N·m\nlimit = 3  # N·m\n",
        'pjatkowe = "choctawšćina", "kelnašćina", "japanšćina", "grichišćina", "fonšćina"',
    ],
)
def test_signs_and_words_of_other_languages_make_no_legacy_text(text: str) -> None:
    assert fix_text(text) is text


@pytest.mark.parametrize(
    "original", ["// RGB から YIQ に変換します。", "この API 関数はどれも使えます"]
)
def test_kana_that_two_codecs_share_do_not_hide_which_it_was(original: str) -> None:
    assert fix_text(damage(original, "euc_jp>cp1252")) == original


def test_sequences_by_chance_do_not_hide_a_codec_that_reads_all_of_a_line() -> None:
    for original, channel in (
        ("//元の画像の大きさ\nint width = 793;\n", "cp932>cp1252"),
        ("全てのライフタイムが", "euc_jp>latin-1"),
        ("選擇 [格式]", "cp950>cp1252"),
    ):
        assert fix_text(damage(original, channel)) == original
