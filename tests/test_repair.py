"""What is repaired, what is left alone, and what a repair tells."""

from __future__ import annotations

import pytest

import mojibake_fix
from mojibake_fix import Channel, Repairer, damage, detect, fix_iter, fix_text, repair

REPAIRED = {
    "one accented letter in a word": ("ongeÃ«venaard", "ongeëvenaard"),
    "a word that begins with it": ("Ã…lesund", "Ålesund"),
    "capitals": ("RUF MICH ZURÃœCK.", "RUF MICH ZURÜCK."),
    "a dash": ("ALPHA â€” beta Â§ gamma â†’ delta", "ALPHA — beta § gamma → delta"),
    "a degree sign": ("30Â°C Continuous output", "30°C Continuous output"),
    "an apostrophe in a language of no corpus": ("Abako nâ€™ebirala", "Abako n’ebirala"),
    "an emoji": ("ğŸ˜Š", "😊"),
    "a flag with control characters": ("ð\x9f\x87«ð\x9f\x87·", "🇫🇷"),
    "Hangul": ("ì˜ˆë°°", "예배"),
    "Arabic": ("Ø§Ù†Ø¶Ù…", "انضم"),
    "Cyrillic as cp1251": ("РћС‚С‡РµС‚ РђСѓРґРёС‚", "Отчет Аудит"),
    "Cyrillic as KOI8-R": ("п∙я│п╩п╦ п▓я▀ п╫п╣", "Если Вы не"),
    "MacRoman": ("S√©lectionnez un sujet", "Sélectionnez un sujet"),
    "DOS": ("winget  ÔåÆ  uv        ÔåÆ  Python", "winget  →  uv        →  Python"),
    "three layers": ("ÃƒÂ°Ã…Â¸Ã…Â¸Ã‚Â¢", "🟢"),
    "layers of two decoders": ("Storage** Ă˘â‚¬â€ť use", "Storage** — use"),
    "a byte order mark": ("ï»¿# Title", "\ufeff# Title"),
    "a no-break space behind a capital": ("Ecris Ã\xa0 l'aide", "Ecris à l'aide"),
}

LEFT = {
    "capitals before a closing quote": "A palavra do dia e «MAÇÃ».",
    "capitals before curly quotes": "“IRMÃ”",
    "capitals before an ellipsis": "AMANHÃ… ninguém sabe.",
    "Turkish capitals": "İMÂ… KÂĞIT”, “HÂLÂ…",
    "a unit": "Buried surface area 1250 Å².",
    "a registered mark": "CAFÉ® is a registered mark.",
    "a trade mark": "CAFÉ™",
    "letter lists": "nguyên âm có dấu mũ: a Â e Ê o Ô",
    "an alphabet": 'alphabet="ÁÂÃÀÇÉÊÍÓÔÕÚáâãàçéêíóôõú",',
    "a low quote": "„",
    "full-width punctuation": "你好，世界！（测试）",
    "ligatures and curly quotes": "„süß“ heißt ﬁ“",
    "French quotes with no-break spaces": "« révisé\xa0»",
    "Serbian": "Рјешење и Рјечник",
    "Persian": "بگو چرا، گفتم؟",
    "box drawing": "├── src\n└── tests",
    "kaomoji": "(╯°□°)╯︵ ┻━┻ ¯\\_(ツ)_/¯",
    "a lone surrogate": "\ud800 caf\xe9",
}

LOSSY = {
    "dropped bytes": ("åæ€ä¸æ€»ç»“ã€ä¸€å‘¨æ€»ç»“", "反思与总结、一周总结"),
    "a replacement character": ("Ğ¡Ğ¾Ğ¶Ğ¶ĞµĞ½Ğ¾ Ğ’Ñ�ĞµĞ³Ğ¾", "Сожжено Всего"),
    "a closing quote": ("named â€œJolly Jokerâ€ and kept", "named “Jolly Joker” and kept"),
    "a straightened quote": ("the convention â€" + '" the caller', "the convention — the caller"),
    "a soft hyphen": ("Sem tÃtulo, ordem alfabÃ©tica", "Sem título, ordem alfabética"),
    "a stripped end": ("Python åˆ\xa0é™¤åˆ—è¡¨ä¸\xadçš„å…ƒç´", "Python 删除列表中的元素"),
    "a folded space": ("Ã‰tudiÃ© Ã  Paris, allÃ© Ã  Lyon", "Étudié à Paris, allé à Lyon"),
}

# A story of which some characters can only be guessed.
STORY_ORIGINAL = (
    "外婆说，巷口那家卖豆腐的老板换了人，早晨再也听不到他的吆喝。我把旧相册翻出来，捡起一片枫叶。"
)
STORY = damage(STORY_ORIGINAL, "utf-8>cp1254+undefined-dropped+soft-hyphen-dropped")


@pytest.mark.parametrize(("observed", "original"), REPAIRED.values(), ids=REPAIRED)
def test_damage_is_repaired(observed: str, original: str) -> None:
    assert fix_text(observed) == original


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_clean_text_is_the_same_object(text: str) -> None:
    assert fix_text(text) is text
    assert detect(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "A MANHÃ–TARDE",
        "IARNĂ–VARĂ",
        "MAMĂ–TATĂ",
        "XÃ–PHƯỜNG–THỊ TRẤN",
        "YKSITYISENÄ–TURVASSA",
        "AMANHÃ… NÃO",
        "UBND XÃ… HUYỆN… TỈNH…",
        "CASĂ… ȘI MASĂ… E",
        "PE SĂPTĂMÂNĂ… CA PARTE",
        "Ö–Ä–Å–",
    ],
)
def test_capitals_with_signs_behind_them_are_left(text: str) -> None:
    assert fix_text(text) is text
    assert detect(text) == []
    assert "".join(fix_iter([text])) == text


@pytest.mark.parametrize(
    ("observed", "original"),
    [
        ("KÃ–LN", "KÖLN"),
        ("HÃ–HE ÃœBER NN", "HÖHE ÜBER NN"),
        ("GÃ–TEBORG\n\nEn dag pÃ¥ stan.", "GÖTEBORG\n\nEn dag på stan."),
        ("PÃ… SVENSKA", "PÅ SVENSKA"),
        ("STÃ…L OG JERN", "STÅL OG JERN"),
        ("Ã–STERREICH IST SCHÃ–N", "ÖSTERREICH IST SCHÖN"),
    ],
)
def test_capitals_that_look_like_signs_are_repaired(observed: str, original: str) -> None:
    assert fix_text(observed) == original


@pytest.mark.parametrize(("observed", "original"), LOSSY.values(), ids=LOSSY)
def test_lost_bytes_are_restored(observed: str, original: str) -> None:
    assert fix_text(observed) == original


@pytest.mark.parametrize(
    "original",
    ["Résumé détaillé de la réunion à Orléans", "As saídas e o formulário, Gestão de pagamentos"],
)
def test_a_letter_of_another_layer_beside_a_run_tells_against_it(original: str) -> None:
    # `Ã?Â©` would be `Ã?©` through decoders that have no `Ã`.
    observed = damage(original, "utf-8>latin-1>utf-8>latin-1+c1-question")
    assert fix_text(observed) == original


def test_runs_of_which_one_may_reach_into_the_next_are_read_apart() -> None:
    original = "страница самоорганизират ролите, вълнуват най-много,"
    observed = damage(original, "cp949>cp1252")
    assert fix_text(observed) == original


def test_what_is_guessed_is_listed_with_what_else_it_may_be() -> None:
    guesses = [
        (span.replacement[guess.offset], guess)
        for span in repair(STORY).spans
        for guess in span.guesses
        if span.replacement is not None
    ]
    assert guesses
    for chosen, guess in guesses:
        assert 0 < guess.confidence < 0.99
        assert guess.others
        assert chosen not in dict(guess.others)
        assert guess.confidence + sum(dict(guess.others).values()) <= 1.001


def test_uncertain_characters_are_marked_or_kept_on_demand() -> None:
    guessed = repair(STORY)
    doubts = sum(g.confidence < 0.9 for span in guessed.spans for g in span.guesses)
    assert doubts
    marked = repair(STORY, uncertain="mark").text
    assert marked.count("\ufffd") == doubts
    assert len(marked) == len(guessed.text)
    kept = repair(STORY, uncertain="keep")
    assert any(span.replacement is None for span in kept.spans)
    assert all(span.observed in kept.text for span in kept.spans if span.replacement is None)
    assert repair(STORY, uncertain="keep", min_confidence=0).text == guessed.text


def test_where_most_would_be_guessed_nothing_uncertain_is() -> None:
    observed = damage(STORY_ORIGINAL, "utf-8>latin-1+c1-dropped")
    for span in repair(observed).spans:
        if span.replacement is not None:
            assert len(span.replacement) <= 2
            assert all(g.confidence >= 0.9 for g in span.guesses)
    forced = repair(observed, min_confidence=0)
    assert sum(span.replacement is not None for span in forced.spans) > len(forced.spans) / 2


def test_words_in_capitals_are_restored_like_small_ones() -> None:
    original = "A KÖNYVTÁR ÉS A FÁJL NEM TALÁLHATÓ: a könyvtár és a fájl nem található."
    observed = damage(original, "utf-8>cp1252+undefined-dropped")
    assert "TÃR" in observed
    assert fix_text(observed) == original


def test_a_language_that_the_model_does_not_know_is_left() -> None:
    georgian = "ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა და უფლებებით. " * 3
    observed = damage(georgian, "utf-8>cp1252+undefined-dropped")
    for span in repair(observed).spans:
        assert span.replacement is None or span.replacement in georgian


def test_a_weak_span_inherits_from_strong_ones_of_the_document() -> None:
    assert fix_text("Å‘ o N") == "Å‘ o N"
    assert fix_text("Å‘ o N\nkÃ¼lÃ¶n, jÃ³, kÃ©p\n") == "ő o N\nkülön, jó, kép\n"


@pytest.mark.parametrize("original", "ÑÅÄ©³½éñ¿\xa0")
def test_a_text_of_one_damaged_letter_of_latin_1_is_repaired(original: str) -> None:
    for channel in ("utf-8>cp1252", "utf-8>cp1252>utf-8>cp1252"):
        observed = damage(original, channel)
        assert fix_text(observed) == original
        assert fix_text(f"{observed}\n") == f"{original}\n"
        spans = repair(observed).spans
        assert damage("".join(s.replacement or "" for s in spans), channel) == observed


@pytest.mark.parametrize(
    ("observed", "original"),
    [
        ('title || "Sem tÃtulo"', 'title || "Sem título"'),
        ("el dÃa de hoy", "el día de hoy"),
        ("tÃtulo", "título"),
        ("Es fÃ cil de usar", "Es fàcil de usar"),
    ],
)
def test_a_lead_alone_in_a_word_of_small_letters_lost_its_continuation(
    observed: str, original: str
) -> None:
    assert fix_text(observed) == original


@pytest.mark.parametrize("text", ["VARIAÃ\u00a7", "irmÃ", "MAÇÃ verde", "xÃX", "İÃx", "Ã e o"])
def test_a_lead_elsewhere_is_a_letter(text: str) -> None:
    assert fix_text(text) is text


def test_clean_and_damaged_text_stand_side_by_side() -> None:
    assert fix_text("cafÃ© e «MAÇÃ».") == "café e «MAÇÃ»."
    assert fix_text("yüreÄŸi ile Giresun’un") == "yüreği ile Giresun’un"


def test_once_and_twice_damaged_letters_of_one_word_become_two_spans() -> None:
    original = "które służą"
    once, twice = (damage("ą", "utf-8>cp1250" + ">utf-8>cp1250" * n) for n in (0, 1))
    observed = damage("które służ", "utf-8>cp1250>utf-8>cp1250") + once
    assert observed != damage(original, "utf-8>cp1250>utf-8>cp1250")
    assert not observed.endswith(twice)
    assert fix_text(observed) == original
    assert [len(span.channel.layers) for span in detect(observed)] == [2, 2, 2, 1]


def test_decoders_that_read_a_word_alike_are_told_apart_by_the_document() -> None:
    original = "Öğrenci verilerine erişim için şifre"
    for decoder in ("cp1252", "cp1254"):
        observed = damage(original, f"utf-8>{decoder}")
        assert repair(observed).text == original
    # 8E and 9E are letters in cp1252 and nothing in cp1254.
    assert repair(damage("žluťoučký kůň Žižka", "utf-8>cp1252")).channels == (
        Channel.parse("utf-8>cp1252"),
    )


@pytest.mark.parametrize(
    ("original", "decoder"),
    [
        ("El árbol cayó", "iso8859-2"),
        ("Vocabulário", "iso8859-2"),
        ("Szép reggelt, gyere át hozzám", "iso8859-2"),
        ("Na váš účet přijde záloha", "cp1250"),
        ("Smörgåsbord på Gotland", "cp1250"),
    ],
)
def test_decoders_that_differ_in_few_letters_are_told_apart_by_the_words(
    original: str, decoder: str
) -> None:
    result = repair(damage(original, f"utf-8>{decoder}"))
    assert result.text == original
    assert "".join(fix_iter([damage(original, f"utf-8>{decoder}")])) == original


@pytest.mark.parametrize("decoder", ["cp850", "cp437", "cp852", "cp1252", "mac-roman"])
@pytest.mark.parametrize(
    "original",
    [
        "# ═══ Settings ═══",
        "// ════════════════",
        "-- ─── data ───────",
        "╔═══════╗\n║ title ║\n╚═══════╝",
        "├── src\n│   └── main.c",
    ],
)
def test_what_programs_draw_and_write_is_repaired(original: str, decoder: str) -> None:
    assert fix_text(damage(original, f"utf-8>{decoder}")) == original


@pytest.mark.parametrize("decoder", ["cp1252", "latin-1", "cp1250"])
def test_a_notice_at_the_beginning_of_a_line_is_repaired(decoder: str) -> None:
    original = "© 2019 The Authors\n"
    assert fix_text(damage(original, f"utf-8>{decoder}")) == original


@pytest.mark.parametrize(
    ("original", "decoder"),
    [
        ("a\u200b=b\u200b⋅c\u200b, so d\u200b=1 − e", "cp1252"),
        ("Emissões de CO₂ e H₂O, em tCO₂e", "cp850"),
    ],
)
def test_formulas_are_repaired_where_their_text_is_damaged(original: str, decoder: str) -> None:
    assert fix_text(damage(original, f"utf-8>{decoder}")) == original


def test_cesu8_and_java_are_sources() -> None:
    for source in ("cesu-8", "java-utf-8"):
        observed = damage("smile 😀 and 🚀", f"{source}>cp1252")
        result = repair(observed)
        assert result.text == "smile 😀 and 🚀"
        assert {span.channel.layers[0].source for span in result.spans} == {"cesu-8"}


def test_detect_counts_in_what_it_was_given() -> None:
    text = "über — KÃ¶ln"
    (span,) = detect(text)
    (placed,) = detect(text.encode())
    assert text[span.start : span.end] == "Ã¶"
    assert text.encode()[placed.start : placed.end].decode() == "Ã¶"


def test_confidence_is_a_probability_and_evidence_is_positive() -> None:
    for observed, _ in REPAIRED.values():
        for span in detect(observed):
            assert 0.5 < span.confidence <= 1
            assert span.evidence > 0


@pytest.mark.parametrize("wrong", [b"bytes", "Ã©".encode(), bytearray(b"bytes"), None, 3, ["a"]])
def test_what_is_not_a_str_is_a_type_error(wrong: object) -> None:
    for function in (fix_text, repair):
        with pytest.raises(TypeError, match=f"text must be a str, not {type(wrong).__name__}"):
            function(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [None, 3, memoryview(b"bytes")])
def test_detecting_in_neither_a_str_nor_bytes_is_a_type_error(wrong: object) -> None:
    with pytest.raises(TypeError, match=f"a str or bytes, not {type(wrong).__name__}"):
        detect(wrong)  # type: ignore[arg-type]


def test_unknown_and_wrong_options_are_errors() -> None:
    with pytest.raises(TypeError, match=r"unknown option colour; known are uncertain, min_conf"):
        fix_text("x", colour="red")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"unknown option uncertian; did you mean uncertain\?"):
        Repairer(uncertian="keep")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"min_confidence must be a number, not str"):
        repair("x", min_confidence="0.9")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="uncertain"):
        repair("x", uncertain="perhaps")
    with pytest.raises(ValueError, match="min_confidence"):
        repair("x", min_confidence=2)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("utf-8", "not of the form"),
        ("utf-8>cp9999", "unknown wrong decoder"),
        ("utf-8>cp037", "unknown wrong decoder"),
        ("utf-9>cp1252", "unknown source codec"),
        ("utf-8>cp1252+melted", "unknown loss"),
    ],
)
def test_a_wrong_channel_says_what_is_wrong(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        damage("x", name)


def test_losses_are_simulated() -> None:
    assert damage("”", "utf-8>cp1252+undefined-dropped") == "â€"
    assert damage("”", "utf-8>cp1252+undefined-replaced") == "â€\ufffd"
    assert damage("”", "utf-8>cp1252+undefined-question") == "â€?"
    assert damage("à", "utf-8>cp1252+nbsp-folded") == "Ã "
    assert damage("í", "utf-8>cp1252+soft-hyphen-dropped") == "Ã"
    assert damage("é’", "utf-8>latin-1+c1-dropped") == "Ã©â"


def test_public_names_are_functions_after_every_module_was_imported() -> None:
    mojibake_fix.fix_bytes("KÃ¶ln".encode())
    assert callable(mojibake_fix.repair)
    assert callable(mojibake_fix.detect)
    assert callable(mojibake_fix.normalize)


PAGE = """\
Le logiciel a été développé par une équipe de développeurs indépendants. Les données
sont enregistrées dans le répertoire de l'utilisateur, et les paramètres peuvent être
modifiés à partir du menu général. La dernière version a été publiée au début de
l'année. Les résultats de la première étude ont été présentés à la société. Cette
méthode permet de créer des modèles et de sélectionner les éléments nécessaires. Les
différentes étapes de la procédure sont décrites dans le troisième chapitre."""


def test_letters_that_utf8_had_no_place_for_are_restored_in_usual_words() -> None:
    observed = damage(PAGE, "cp1252>utf-8+undefined-replaced")
    repaired = repair(observed)
    assert len(repaired.text) == len(PAGE)
    pairs = [(a, b) for a, b, c in zip(PAGE, repaired.text, observed, strict=True) if c == "\ufffd"]
    assert sum(a == b for a, b in pairs) > len(pairs) / 2
    assert all(b in (a, "\ufffd") for a, b in pairs)
    for span in repaired.spans:
        assert span.replacement is not None
        assert damage(span.replacement, span.channel) == span.observed
    assert fix_text(repaired.text) is repaired.text


def test_letters_are_restored_behind_damaged_markers() -> None:
    observed = damage(PAGE, "cp1252>utf-8+undefined-replaced>utf-8>cp1252")
    assert "ï¿½" in observed
    repaired = fix_text(observed)
    assert "développeurs" in repaired
    assert "ï¿½" in repaired  # what is not sure stays as observed


@pytest.mark.parametrize(
    "original",
    [
        "Price: £100 (VAT incl.)",
        "Brand ® name",
        "Add ½ cup of sugar and ¼ tsp of salt.",
        "Acme © 2020, all rights reserved",
        "Home · Products · Contact",
        "<small>Oslo · 3 min read</small>",
    ],
)
def test_a_sign_that_belongs_to_no_word_is_repaired_without_other_damage(original: str) -> None:
    assert fix_text(damage(original, "utf-8>cp1252")) == original


@pytest.mark.parametrize(
    "original",
    [
        *("£5", "It costs £10.99", "½ cup", "5 ÷ 3", "10 μm", "α particles", "the π value"),
        *("À la carte", "œuvre", "ż", "İstanbul", "É o fim"),
    ],
)
@pytest.mark.parametrize("channel", ["utf-8>cp1252", "utf-8>latin-1"])
def test_one_character_is_repaired_where_the_model_agrees(original: str, channel: str) -> None:
    assert fix_text(damage(original, channel)) == original


@pytest.mark.parametrize(
    "text",
    [
        "IRMÃ»",
        "«IRMÃ».",
        "A IRMÃ¹ e a MANHÃ®",
        "VARIAÃ§",
        "x Â² y",
        "Å… and Å™ (a brand)",
        "Å‘ o N",
    ],
)
def test_capitals_and_operators_with_signs_behind_them_are_left_alone(text: str) -> None:
    assert fix_text(text) is text


@pytest.mark.parametrize("text", ["ð¥ Notes", "## ð¡ Idea", "Thanks! ðŸ¢"])
def test_what_is_left_of_an_emoji_becomes_no_letter_or_digit(text: str) -> None:
    assert fix_text(text) is text


@pytest.mark.parametrize("original", ["Windows и Linux", "C# и Java", "Vue و React"])
def test_a_word_of_one_letter_is_repaired_in_text_of_another_script(original: str) -> None:
    assert fix_text(damage(original, "utf-8>latin-1")) == original


@pytest.mark.parametrize(
    "text",
    [
        *("K=s√πa", "v = √µgr", "||f|| = √∫f dx", "y≈πr", "a¬πb", "0.35 e/Å³", "Density (e/Å³)"),
        *("2.34(1) Å±", "⟨Â²⟩", "(Â±B̂)²", "Â·v = λv", "⟨Ã²⟩", "Ø±0.1", "Û±10 %", "Nestlé™…"),
        *("l’angle Â\xa0= 90°", "Bâtiment Â\xa0: rien", "«A et Î»", "»Jeg prøver å…«"),
        *("https://example.org/wiki/Ã?action=raw", "AMANHÃ?vamos", "ja lâ??"),
    ],
)
def test_letters_and_operators_with_signs_beside_them_are_left(text: str) -> None:
    assert fix_text(text) is text


@pytest.mark.parametrize("word", ["contrôle", "bientôt", "où"])
def test_a_letter_of_a_rare_decoder_is_told_by_its_word(word: str) -> None:
    assert fix_text(damage(word, "utf-8>iso8859-15")) == word


@pytest.mark.parametrize("count", [1, 2, 5, 40])
def test_a_letter_that_comes_again_is_read_alike(count: int) -> None:
    for line in ("{}. À la ligne\n", "{} α particles\n", "Ž\n", "Made with ❤️ by {}\n", "❤️"):
        original = "".join(line.format(number) for number in range(count))
        observed = damage(original, "utf-8>cp1252+undefined-dropped")
        assert fix_text(observed) == original


@pytest.mark.parametrize("original", ["⚠️ Warning", "Made with ❤️ by us", "🛠️ Tools", "✔️ Done"])
@pytest.mark.parametrize("losses", ["", "+nbsp-folded"])
def test_emoji_with_their_selector_are_restored_alone(original: str, losses: str) -> None:
    observed = damage(original, f"utf-8>cp1252+undefined-dropped{losses}")
    assert fix_text(observed) == original


@pytest.mark.parametrize("emoji", ["📝", "👍", "🐛", "🙏", "☁️", "🛠"])
def test_emoji_that_others_look_like_are_left_alone(emoji: str) -> None:
    observed = damage(f"## {emoji} Notes", "utf-8>cp1252+undefined-dropped+nbsp-folded")
    assert fix_text(observed) is observed


@pytest.mark.parametrize(
    ("observed", "original"),
    [
        ("Ã?ndice de precios", "Índice de precios"),
        ("Ã?ber uns", "Über uns"),
        ("L'Ã?tat, c'est moi", "L'État, c'est moi"),
        ("it was Johnâ??s and we donâ??t care", "it was John’s and we don’t care"),
    ],
)
def test_letters_and_signs_of_which_question_marks_are_left_come_back(
    observed: str, original: str
) -> None:
    assert fix_text(observed) == original


@pytest.mark.parametrize("text", ["tal â?", "Ã? Não.", "a=Ã?&b", "é? è?"])
def test_a_question_behind_a_letter_is_one(text: str) -> None:
    assert fix_text(text) is text


@pytest.mark.parametrize(
    "text",
    ["la lettre « Â » et «Â»", "Â, Ã, Ä", "“Â§” shows", "CÂ®", "Â² = Â·Â", "⟨Â · B⟩", "H = Â·B"],
)
def test_what_quotes_or_words_hold_is_no_sign_by_itself(text: str) -> None:
    assert fix_text(text) is text


@pytest.mark.parametrize("text", ["ï¿½", "KÃ¶ln ï¿½ MalmÃ¶", "Ã¯Â¿Â½", "Привет ï¿½ мир"])
def test_damaged_replacement_character_is_no_word_of_another_language(text: str) -> None:
    assert "Лил" not in fix_text(text)


def test_a_word_that_looks_like_a_damaged_replacement_character_is_read_in_its_text() -> None:
    original = "Лилия и Лилиана выросли в саду, и Лилии было хорошо."
    assert fix_text(damage(original, "cp866>cp437")) == original


@pytest.mark.parametrize(
    "text",
    [
        "The replacement character \ufffd is used.",
        "Hello \ufffd world",
        "\ufffd\ufffd\ufffd\ufffd",
        "日本\ufffdの",
        "x = \ufffd + 1",
        "Ata t\ufffd gjith\ufffd kan\ufffd arsye dhe nd\ufffdrgjegje",
    ],
)
def test_markers_that_no_usual_word_explains_stay(text: str) -> None:
    assert fix_text(text) is text
