"""Damage under escapes: what is repaired, how it is spelt then, and what stays."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from quopri import decodestring
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mojibake_fix import damage, detect, fix_bytes, fix_stream, fix_text, repair
from mojibake_fix.views import VIEWS, look, read
from strategies import ORIGINALS, clean_text, escaped_text, escapes, spelt, texts

REPAIRED = {
    # JSON
    r'{"name": "caf\u00c3\u00a9"}': r'{"name": "caf\u00e9"}',
    r'"It\u00e2\u0080\u0099s \u00f0\u009f\u0098\u0080"': r'"It\u2019s \ud83d\ude00"',
    r'"CAF\u00C3\u0089 z\u00C3\u00BCrich"': r'"CAF\u00C9 z\u00FCrich"',
    r'"\u00e4\u00bd\u00a0\u00e5\u00a5\u00bd"': r'"\u4f60\u597d"',
    r'"caf\u00c3\u0083\u00c2\u00a9"': r'"caf\u00e9"',
    r'"\ud83d caf\u00c3\u00a9 \ude00"': r'"\ud83d caf\u00e9 \ude00"',
    # Plain and escaped characters of one word.
    r"voilÃ\u00a0 caf\u00c3© d\u00e9jÃ\u00a0": "voil\\u00e0 caf\\u00e9 d\\u00e9j\\u00e0",
    # HTML
    "lib&Atilde;&copy;ration": "lib&eacute;ration",
    "it&acirc;&euro;&trade;s": "it&rsquo;s",
    "it&acirc;&#128;&#153;s": "it&rsquo;s",
    "caf&#195;&#169;": "caf&#233;",
    "caf&#xC3;&#xA9; caf&#Xc3;&#Xa9;": "caf&#xE9; caf&#Xe9;",
    "voil&Atilde;&nbsp; l&agrave;": "voil&agrave; l&agrave;",
    "&aring;&middot;&yen;&auml;&frac12;&oelig;": "&#24037;&#20316;",
    # URLs
    "[a](https://example.org/caf%C3%83%C2%A9?q=%20%C3%83%C2%BC)": (
        "[a](https://example.org/caf%C3%A9?q=%20%C3%BC)"
    ),
    "[a](Universit%c3%83%c2%a4t.md)": "[a](Universit%c3%a4t.md)",
    '<a href="Universit%C3%83%C2%A4t.html">': '<a href="Universit%C3%A4t.html">',
    # Bytes in source and logs
    r"Universit\xc3\x83\xc2\xa4t M\xc3\x83\xc2\xbcnchen": r"Universit\xc3\xa4t M\xc3\xbcnchen",
    r"Universit\303\203\302\244t": r"Universit\303\244t",
    # Quoted-printable
    "Content-Transfer-Encoding: quoted-printable\n\nM=C3=83=C2=BCnchen": (
        "Content-Transfer-Encoding: quoted-printable\n\nM=C3=BCnchen"
    ),
    "N;ENCODING=QUOTED-PRINTABLE:M=C3=83=C2=BCller": "N;ENCODING=QUOTED-PRINTABLE:M=C3=BCller",
    "Z=C3=83=C2=BCrich, M=C3=83=C2=BCnchen und =\nso weiter": (
        "Z=C3=BCrich, M=C3=BCnchen und =\nso weiter"
    ),
}


@pytest.mark.parametrize("observed", REPAIRED)
def test_damage_under_escapes_is_repaired(observed: str) -> None:
    repaired = REPAIRED[observed]
    assert fix_text(observed) == repaired
    assert fix_bytes(observed.encode()) == repaired.encode()
    assert fix_text(repaired) is repaired


QUOTED = {ord(" "): "%20", ord("'"): "%27"}

CLEAN = (
    r'{"name": "caf\u00e9 \u00c3\u2026"}',
    r"C:\\u00c3\\u00a9",
    r"caf\\u00c3\\u00a9 \\\\u00c3\\\\u00a9",
    r"\u4f60\u597d \u0434\u043e\u0431\u0440\u044b\u0439",
    r"\ud83d\ude00 \ud83d \ude00",
    "caf&eacute; d&eacute;j&agrave; &laquo;&nbsp;vu&nbsp;&raquo;",
    "&amp;Atilde;&amp;copy; &Atilde&copy",
    "https://example.org/caf%C3%A9?q=%E4%BD%A0%E5%A5%BD",
    "caf%C3%83%C2%A9 is no URL",
    r"b'caf\xc3\xa9 \xe4\xbd\xa0'",
    r"caf\303\251",
    "caf=C3=A9 und =\nso weiter",
    "=C3=83=C2=A9 without a word of quoted-printable",
)


@pytest.mark.parametrize("text", CLEAN)
def test_what_is_not_damage_under_escapes_stays(text: str) -> None:
    assert detect(text) == []
    assert fix_text(text) is text


@pytest.mark.parametrize("notation", ["json", "html", "decimal", "hex", "bytes", "octal"])
@pytest.mark.parametrize("name", ORIGINALS)
def test_clean_notes_stay_under_escapes(name: str, notation: str) -> None:
    text = spelt(ORIGINALS[name], notation)
    assert fix_text(text) is text


@pytest.mark.parametrize("notation", ["json", "decimal", "hex", "bytes", "octal"])
@pytest.mark.parametrize("channel", ["utf-8>cp1252", "utf-8>latin-1", "utf-8>cp437"])
@pytest.mark.parametrize("name", ["de.md", "zh.md", "ru.md", "emoji.md"])
def test_damaged_notes_come_back_under_escapes(name: str, channel: str, notation: str) -> None:
    if notation in ("decimal", "hex") and channel != "utf-8>cp1252":
        pytest.skip("HTML cannot tell C1 controls from cp1252")
    repaired = fix_text(spelt(damage(ORIGINALS[name], channel), notation).replace("&#X", "&#x"))
    assert repaired == spelt(ORIGINALS[name], notation)


def test_plain_and_escaped_words_are_evidence_for_each_other() -> None:
    weak = r"\u00c5\u2018"
    assert fix_text(weak) is weak
    assert fix_text(f"{weak}\nKÃ¶ln, MalmÃ¶, ZÃ¼rich") == "\\u0151\nKöln, Malmö, Zürich"


def test_span_says_where_how_and_in_which_view() -> None:
    text = r'{"a": "caf\u00c3\u00a9 KÃ¶ln"}'
    first, second = repair(text).spans
    assert (first.start, first.end) == (10, 22)
    assert (first.observed, first.replacement) == (r"\u00c3\u00a9", r"\u00e9")
    assert (str(first.channel), first.view) == ("utf-8>cp1252", "json")
    assert (second.observed, second.replacement, second.view) == ("Ã¶", "ö", None)
    assert text[second.start : second.end] == "Ã¶"


def test_spans_of_bytes_count_in_bytes() -> None:
    text = r"漢 \u00c3\u00a9t\u00c3\u00a9 KÃ¶ln"
    for span in detect(text.encode()):
        assert text.encode()[span.start : span.end].decode() == span.observed


def test_restored_characters_are_found_in_their_escapes() -> None:
    text = "<p>" + "He said &acirc;&euro;&oelig;yes&acirc;&euro; to me.</p>\n" * 3
    result = repair(text)
    assert result.text == text.replace("&acirc;&euro;&oelig;", "&ldquo;").replace(
        "&acirc;&euro;", "&rdquo;"
    )
    for span in result.spans:
        for guess in span.guesses:
            assert span.replacement is not None
            assert span.replacement[guess.offset] == "&"


# The laws.


@given(texts() | escapes())
def test_view_maps_every_offset(text: str) -> None:
    view = look(text)
    if view is None:
        return
    offsets = [view.spelt(offset) for offset in range(len(view.text) + 1)]
    assert offsets == sorted(set(offsets))
    assert (offsets[0], offsets[-1]) == (0, len(text))
    for offset, character in enumerate(view.text):
        spelling = text[offsets[offset] : offsets[offset + 1]]
        name = view.name(offset, offset + 1)
        assert (name is None) == (spelling == character)
        assert read(spelling, name) == character
        assert name is None or name in VIEWS


@given(escaped_text() | escapes())
def test_text_around_repaired_spans_never_changes(text: str) -> None:
    result = repair(text)
    at, rest = 0, result.text
    for span in result.spans:
        around = text[at : span.start]
        assert rest.startswith(around)
        kept = span.observed if span.replacement is None else span.replacement
        assert rest[len(around) :].startswith(kept)
        rest, at = rest[len(around) + len(kept) :], span.end
    assert rest == text[at:]


def test_every_way_in_repairs_an_export() -> None:
    value = {
        "participants": [{"name": "Renée Dürr"}, {"name": "张伟"}],
        "messages": [
            {"content": 'It’s "great" 😀 \\ C:\\\\temp', "reactions": [{"reaction": "❤"}]},
            {"content": "Съешь же ещё этих мягких французских булок", "photos": []},
        ],
    }
    for layout in ({"indent": 2}, {"separators": (",", ":")}):
        wanted = json.dumps(value, **layout)  # type: ignore[arg-type]
        text = "".join(
            damage(piece, "utf-8>latin-1") for piece in json.dumps(value, ensure_ascii=False)
        )
        observed = json.dumps(json.loads(text), **layout)  # type: ignore[arg-type]
        assert fix_text(observed) == wanted
        assert fix_bytes(observed.encode()) == wanted.encode()
        writer = io.StringIO()
        fix_stream(io.StringIO(observed), writer)
        assert writer.getvalue() == wanted


DAMAGED_WORD = st.tuples(clean_text(1), st.sampled_from(("cp1252", "cp1250", "latin-1"))).map(
    lambda drawn: damage(drawn[0], f"utf-8>{drawn[1]}").translate(QUOTED)
)


@given(DAMAGED_WORD)
@example("Â£")
def test_repair_under_escapes_reads_as_the_repair_of_what_they_read(word: str) -> None:
    text = f'["{word}", "{word}"]'
    assert json.loads(fix_text(spelt(text, "json"))) == json.loads(fix_text(text))
    if not re.search("[\x80-\x9f]", word):  # HTML has no references of C1 controls
        page = f"<p>{word} {word}</p>"
        assert unescape(fix_text(spelt(page, "html"))) == fix_text(page)
    link = f"https://example.org/{word}/{word}"
    assert unquote(fix_text(spelt(link, "url"))) == unquote(fix_text(link))
    letter = f"Content-Transfer-Encoding: quoted-printable\n\n{word} {word}"
    spelling = fix_text(spelt(letter, "quoted-printable"))
    assert decodestring(spelling.encode()).decode() == fix_text(letter)
