"""Damage that is shown on purpose stays; what only looks like it is repaired."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from mojibake_fix import detect, fix_text
from mojibake_fix.examples import examples, without
from strategies import escapes, texts

SHOWN = (
    # Tables of what to replace.
    r'    "\u00c3\u2014": "\u00d7",',
    r"    ['\u00e2\u0080\u0098', '\u2018'],",
    r'  c("\u00c3\u00a9" = "\u00e9")',
    r"  '&Atilde;&iexcl;' => '&aacute;',",
    r"""  {"\u00e2\u0080\u0099": "'"}""",
    # Calls that replace, and patterns.
    r"$data = str_replace('&Atilde;&copy;', '&eacute;', $data);",
    r"keys.push(/&Atilde;&copy;/g); values.push('&eacute;');",
    r't.replace(/\u00E2\u0080\u0094/g, "-")',
    # Tests.
    r"expect(headerValue(secret)).toBe('abcd\u00c3\u00a9fgh')",
    r"expect(repairMojibake('You\u00e2\u0080\u0099ll see')).toBe('You\u2019ll see')",
    r'let path = must_some(to_path("file:///srv/caf%C3%83%C2%A9.txt"));',
    r"""assert.equal(shown('Le\u00C3\u00B3n, M\u00C3\u00A9xico'), 'León, México');""",
    # The same without escapes.
    "  'Ã©': 'é', 'â€™': '’'",
    '(r"ΓåÆ", "→", "right arrow"),',
    "text = text.replace('â€œ', '\"')",
    "s = s.replace(/Ã¢â‚¬â€œ|â€“/g, '-')",
    'assert normalized("CafÃ© crÃ¨me") == "Café crème"',
    "- `√≥` statt `ó`",
    'Read as Latin-1, `"Straße"`\nbecomes `"StraÃŸe"`.',
    "Mojibake is what you get of Ã© and its like:\n\n```\nÃ©tÃ© Ã\xa0 la campagne\n```\n",
    "'text':\n'He doesnâ€™t care.',\n'target': 'He doesn\\'t care.'",
    # Prose about it.
    "Fixes unicode errors, as in 'âœ”' and 'Ã¢â€šÂ¬'.",
    "Long words (like 'cafÃ©s') are removed.",
    "过长的单词（如'cafÃ©s'太长）会被去除。",
    "Titles come out as cafÃ© instead of café.",
    "cafÃ© → café, naÃ¯ve → naïve",
    "| Ã¤ | ä |\n| Ã¶ | ö |\n",
    "MÃ¼nchen,München\nKÃ¶ln,Köln\n",
    "s/Ã©/é/g",
    "UPDATE t SET c = REPLACE(c, 'Ã©', 'é') WHERE c LIKE '%Ã©%';",
    'x = "cafÃ©"  # café',
    "It says naÃ¯ve, should be naïve.",
    r"Facebook writes é as `\u00c3\u00a9`, alas.",
    r"# typical mojibake: caf\u00c3\u00a9 for café",
    '* ñ becomes Ã±\n* " becomes â€œ\n',
    "Decoded as cp1252 it read “ÐŸÑ€Ð¸Ð²ÐµÑ‚”.",
    "Write Ä instead of Ã„: the tool gives Ã„ back.",
    # Letters and quotes alone, and lists of them.
    "if (line.includes('Ã¤') || line.includes('Ã¶')) {",
    "$search[] = 'â€™';",
    "Odd signs (Ã©, Ã¨, Ã , etc.) are removed",
    "$from = array('&acirc;&#128;&#156;', '&acirc;&#128;&#157;', '&acirc;&#128;&brvbar;');",
    '["â€œ", "â€", "â€“", "Ã"]',
    "TABLE = {'â€¦': '...'}",
    "return !/Ã|Ã¤|Ã¶/.test(name);",
    "Accents look strange (Ã©) in the report",
    "Why do I see â€™ instead of an apostrophe?",
    '"mojibake": "Itâ€™s a cafÃ©",',
    # A document that speaks of it somewhere.
    'def test_mojibake_is_found():\n    words = ["cafÃ©", "tea"]\n',
    "About mojibake\n\nSo `CafÃ©` is read, and\n\n    cafÃ© → café\n",
)

DATA = {
    'print("CafÃ© crÃ¨me")': 'print("Café crème")',
    # Signs that programs have alone, and codecs that they name.
    "cell = value ?? 'â€”';": "cell = value ?? '—';",
    "bullets = ['â€¢', 'â€“']": "bullets = ['•', '–']",
    "CHARSET=latin1 COMMENT='NÃºmero'": "CHARSET=latin1 COMMENT='Número'",
    'open("donnÃ©es.csv", encoding="cp1252")': 'open("données.csv", encoding="cp1252")',
    "les notes Ã©tÃ©, Ã©cole": "les notes été, école",
    "label = 'Angle (Â°)'": "label = 'Angle (°)'",
    "fatiguÃ©(Ã©)": "fatigué(é)",
    # What a program says is no example, though nothing else is damaged.
    'button.setText("Iniciar sesiÃ³n");': 'button.setText("Iniciar sesión");',
    'alert("ÐžÑˆÐ¸Ð±ÐºÐ°");': 'alert("Ошибка");',
    'Text("è®¾ç½®")': 'Text("设置")',
    "throw fail(`Ð”Ð°Ð½Ð½Ñ‹Ðµ`)": "throw fail(`Данные`)",
    r'button.setText("Iniciar sesi\u00C3\u00B3n");': r'button.setText("Iniciar sesi\u00F3n");',
    '{"name": "JosÃ©", "was": "José"}': '{"name": "José", "was": "José"}',
    "# geÃ¤ndert\nlabel('Ã¤', x)": "# geändert\nlabel('ä', x)",
    "`code` fÃ¼r alle, `mehr` dafÃ¼r": "`code` für alle, `mehr` dafür",
    "SÃ£o Paulo -> Rio, São Paulo": "São Paulo -> Rio, São Paulo",
    "Orte wie 'KÃ¶ln' statt KÃ¶ln, MÃ¼nchen": "Orte wie 'Köln' statt Köln, München",
    "'Ã©' => 'é' // utilisÃ© ici": "'Ã©' => 'é' // utilisé ici",
    r'"reaction": "\u00f0\u009f\u0098\u00a2",': r'"reaction": "\ud83d\ude22",',
    r'{"a":"\u00c3\u00a9","b":"x"}': r'{"a":"\u00e9","b":"x"}',
    r'"content": "I hate mojibake: caf\u00c3\u00a9",': r'"content": "I hate mojibake: caf\u00e9",',
    r'"content": "the `\u00c3\u00a9` in caf\u00c3\u00a9",': (
        r'"content": "the `\u00e9` in caf\u00e9",'
    ),
    r'["\u00f0\u009f\u0098\u0080", "\u00c2\u00bf"]': r'["\ud83d\ude00", "\u00bf"]',
    r'{"\u00e5\u0090\u008d\u00e7\u00a7\u00b0": {"href": ""}}': r'{"\u540d\u79f0": {"href": ""}}',
    "(11, '', 'lib&Atilde;&copy;ration', 'Lyon')": "(11, '', 'lib&eacute;ration', 'Lyon')",
    "<label>&Atilde;&copy;l&Atilde;&uml;ve</label>": "<label>&eacute;l&egrave;ve</label>",
    r'printf("Opera\u00C3\u00A7\u00C3\u00A3o utilizada, n\u00C3\u00A3o?")': (
        r'printf("Opera\u00E7\u00E3o utilizada, n\u00E3o?")'
    ),
    r" * Flag de verifica\u00C3\u00A7\u00C3\u00A3o": r" * Flag de verifica\u00E7\u00E3o",
}


@pytest.mark.parametrize("text", SHOWN)
def test_damage_that_is_shown_stays(text: str) -> None:
    assert detect(text) == []
    assert fix_text(text) is text


@pytest.mark.parametrize("observed", DATA)
def test_data_is_repaired(observed: str) -> None:
    assert fix_text(observed) == DATA[observed]


def test_examples_are_no_evidence() -> None:
    weak = r"\u00c5\u2018" + "\n"
    assert fix_text(weak + r'"caf\u00c3\u00a9 cr\u00c3\u00a8me"').startswith(r"\u0151")
    text = weak + "".join(f"{line}\n" for line in SHOWN)
    assert fix_text(text) is text


def test_code_between_spans_of_code_is_none() -> None:
    message = {"content": "数値（`int`、`float`）の最小/最大値、料理人/清掃員"}
    exported = {"content": message["content"].encode().decode("latin-1")}
    assert fix_text(json.dumps(exported)) == json.dumps(message)
    assert fix_text(json.dumps(exported["content"])) == json.dumps(message["content"])


def test_in_a_document_that_speaks_of_it_only_what_is_shown_stays() -> None:
    text = "Mojibake is bad.\n\nSo `CafÃ©` came out. GrÃ¼ÃŸe aus MÃ¼nchen\n"
    assert fix_text(text) == "Mojibake is bad.\n\nSo `CafÃ©` came out. Grüße aus München\n"


def test_what_may_be_an_example_is_data_where_more_is_damaged() -> None:
    call = r'console.log("\u00f0\u009f\u009a\u0097".repeat(2));'
    assert fix_text(call) is call
    text = call + "\n" + r"/* M\u00c3\u00bcnchen */"
    assert fix_text(text) == 'console.log("\\ud83d\\ude97".repeat(2));\n/* M\\u00fcnchen */'


def test_a_long_document_of_nothing_but_examples_stays() -> None:
    text = "".join(f"- cafÃ©s{i} becomes cafés{i}, and Ã© is odd\n" for i in range(50))
    assert fix_text(text) is text


def test_a_long_document_that_begins_damaged_is_data_throughout() -> None:
    begin, end = "GrÃ¼ÃŸe aus MÃ¼nchen\n" * 50, "Odd signs (Ã©) are removed\n"
    assert fix_text(end) is end
    assert fix_text(begin + end) == "Grüße aus München\n" * 50 + "Odd signs (é) are removed\n"


def test_what_is_left_is_not_its_own_original() -> None:
    listed = '["è¦šã?ˆæ›¸ã??", "è¦šã?ˆæ›¸ã??"]'
    assert detect(listed)
    assert fix_text(listed, uncertain="keep") == listed


def test_only_the_line_that_names_a_codec_shows_examples() -> None:
    assert fix_text("p8\ncp1252: cafÃ©") == "p8\ncp1252: cafÃ©"
    text = "cafÃ© p8\nlatin1"
    assert fix_text(text) == "café p8\nlatin1"


@given(texts() | escapes())
def test_examples_are_blanked_in_place(text: str) -> None:
    spans = detect(text)
    found = examples(text, spans)
    places = [(example.start, example.end) for example in found]
    assert set(places) <= {(span.start, span.end) for span in spans}
    shown = without(text, found)
    assert all(seen in (one, " ") for one, seen in zip(text, shown, strict=True))
