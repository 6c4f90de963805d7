"""The options of the command, in one table.

From it come the reading of the command line, `--help`, the keys of configuration files
(`config.py`) and `docs/options.md`. It is read at every start and imports nothing: argparse would
take more time than a clean file.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

__all__ = ["GROUPS", "OPTIONS", "USAGE", "Arguments", "Option", "UsageError", "did_you_mean"]
__all__ += ["help_text", "parse"]

USAGE = "usage: fixmoji [OPTION]... [PATH]..."
_ABOUT = """\
Find and repair text damaged by wrong encodings.

PATH is a file, a folder to walk (default: this one), or - to filter standard input.
"""
_EPILOG = """\
exit status: 0 clean, or --write went well; 1 damage was found; 2 an error

examples:
  fixmoji notes/            show what is damaged, and what it would become
  fixmoji --write notes/    repair it
  fixmoji --undo            take that back
  fixmoji - <old >new       as a filter
"""
_HELP_COLUMN = 26


class UsageError(ValueError):
    """What the user wrote cannot be; says what can."""


class Flag:
    """True or false. On the command line its name alone, or with `no-` before it."""

    metavar = ""
    expected = "true or false"

    def accepts(self, value: object) -> bool:
        """Tell whether a value is of this kind."""
        return isinstance(value, bool)


class Text:
    """Any text but the empty one."""

    expected = "a text that is not empty"

    def __init__(self, metavar: str) -> None:
        self.metavar = metavar

    def read(self, word: str) -> object:
        """Return the value that a word of the command line stands for; itself if for none."""
        return word

    def accepts(self, value: object) -> bool:
        """Tell whether a value is of this kind."""
        return isinstance(value, str) and value != ""


class Choice(Text):
    """One of some words."""

    def __init__(self, metavar: str, *words: str) -> None:
        super().__init__(metavar or "|".join(words))
        self.words = words
        self.expected = f"{', '.join(words[:-1])} or {words[-1]}"

    def accepts(self, value: object) -> bool:
        """Tell whether a value is of this kind."""
        return value in self.words


class Pattern(Text):
    """A pattern as in `.gitignore`."""

    expected = "a pattern in the syntax of .gitignore"

    def accepts(self, value: object) -> bool:
        """Tell whether a value is of this kind."""
        from .gitignore import is_pattern

        return isinstance(value, str) and is_pattern(value)


class Encoding(Text):
    """A name of a codec for text."""

    expected = "an encoding that Python knows, such as cp1252 or gbk"

    def accepts(self, value: object) -> bool:
        """Tell whether a value is of this kind."""
        if not isinstance(value, str):
            return False
        try:
            " ".encode(value)
        except (LookupError, ValueError):
            return False
        return True


class Probability(Text):
    """A number from 0 to 1."""

    expected = "a number from 0 to 1"

    def read(self, word: str) -> object:
        """Return the value that a word of the command line stands for; itself if for none."""
        try:
            return float(word)
        except ValueError:
            return word

    def accepts(self, value: object) -> bool:
        """Tell whether a value is of this kind."""
        return type(value) in (int, float) and 0 <= value <= 1  # type: ignore[operator]


class Count(Text):
    """A whole number from 1."""

    expected = "a whole number from 1"

    def read(self, word: str) -> object:
        """Return the value that a word of the command line stands for; itself if for none."""
        return int(word) if word.isdecimal() else word

    def accepts(self, value: object) -> bool:
        """Tell whether a value is of this kind."""
        return type(value) is int and value > 0


class Option:
    """A row of the table.

    Attributes:
        name: as on the command line behind two dashes, and as in a configuration file.
        kind: which values it takes.
        default: its value where it is not given; a tuple if it may be given several times.
        help: what it does; kind and default are told besides.
        short: a letter that stands for it on the command line, or nothing.
        configurable: whether it may stand in a configuration file.
    """

    __slots__ = ("configurable", "default", "help", "kind", "name", "short")

    def __init__(  # noqa: PLR0913 - as many as a row has columns
        self,
        name: str,
        kind: Flag | Text,
        default: Any,
        help: str,
        *,
        short: str = "",
        configurable: bool = False,
    ) -> None:
        self.name = name
        self.kind = kind
        self.default = default
        self.help = help
        self.short = short
        self.configurable = configurable

    @property
    def attribute(self) -> str:
        """Its name in Python."""
        return self.name.replace("-", "_")

    @property
    def repeated(self) -> bool:
        """Whether it may be given several times."""
        return isinstance(self.default, tuple)

    @property
    def negatable(self) -> bool:
        """Whether there is a `--no-NAME`, against what a file or the default says."""
        return self.configurable and isinstance(self.kind, Flag)

    def checked(self, value: object, called: str) -> Any:
        """Return a value, a tuple in place of a list.

        Raises:
            UsageError: it is not of the right kind; `called` is what the user calls the option.
        """
        items = value if self.repeated else [value]
        if not isinstance(items, list):
            raise UsageError(f"{called} must be a list, not {value!r}")
        for item in items:
            if not self.kind.accepts(item):
                raise UsageError(f"{called} must be {self.kind.expected}, not {item!r}")
        return tuple(items) if self.repeated else value


# Those of `_normalize.py`, which takes long to import.
_FORMS = (
    *("nfc", "nfd", "nfkc", "nfkd", "newlines", "spaces", "quotes", "dashes", "ellipsis"),
    *("width", "ligatures", "controls", "c1", "ansi", "surrogates", "html"),
)

GROUPS: dict[str, tuple[Option, ...]] = {
    "What to do": (
        Option("write", Flag(), False, "repair the files in place"),
        Option("diff", Flag(), False, "show what --write would do, as a unified diff"),
        Option(
            "names",
            Flag(),
            False,
            "look at the names of files and folders, not at what is in them",
        ),
        Option(
            "undo",
            Flag(),
            False,
            "put back what a --write changed: in the run whose ID is given, or in the latest that "
            "is not undone yet",
        ),
        Option("list", Flag(), False, "with --undo: show the runs that wrote, and their IDs"),
        Option("explain", Text("TEXT"), None, "say what is the matter with a text, and why"),
    ),
    "Which files": (
        Option(
            "include",
            Pattern("PATTERN"),
            (),
            "look only at files that match, or are in a folder that does; syntax as in .gitignore",
            configurable=True,
        ),
        Option(
            "exclude",
            Pattern("PATTERN"),
            ("__pycache__/", "__pypackages__/", "node_modules/", "site-packages/", "venv/"),
            "leave out files and folders that match",
            configurable=True,
        ),
        Option(
            "extend-exclude",
            Pattern("PATTERN"),
            (),
            "leave out these, too",
            configurable=True,
        ),
        Option(
            "respect-gitignore",
            Flag(),
            True,
            "leave out what .gitignore excludes",
            configurable=True,
        ),
        Option(
            "force-exclude",
            Flag(),
            False,
            "let include and exclude hold for the files that are named, too",
            configurable=True,
        ),
        Option("stdin-filename", Text("FILE"), None, "what standard input is the text of"),
    ),
    "How to repair": (
        Option(
            "uncertain",
            Choice("", "guess", "mark", "keep"),
            "guess",
            "where bytes were lost: take the best guess and list it, put U+FFFD, or leave what is "
            "there",
            configurable=True,
        ),
        Option(
            "min-confidence",
            Probability("P"),
            0.9,
            "a restored character is uncertain below this probability",
            configurable=True,
        ),
        Option(
            "encoding",
            Encoding("NAME"),
            None,
            "read files that are not UTF-8 in this encoding, and write them back in it",
            configurable=True,
        ),
        Option(
            "to-utf-8",
            Flag(),
            False,
            "make files UTF-8 that are not: from --encoding, or from what is found out",
            configurable=True,
        ),
        Option(
            "normalize",
            Choice("FORM", *_FORMS),
            (),
            "after the repair put all texts, clean ones too, into this normal form; one of "
            + ", ".join(_FORMS),
            configurable=True,
        ),
    ),
    "What to show": (
        Option(
            "format",
            Choice("", "text", "json", "github", "sarif"),
            "text",
            "how to report: for people, as JSON Lines, as annotations of GitHub Actions, or as "
            "SARIF",
        ),
        Option("report", Text("FILE.html"), None, "write a page to look at, besides"),
        Option("quiet", Flag(), False, "errors only (and the diff)", short="q"),
        Option("verbose", Flag(), False, "all findings, and skipped files", short="v"),
        Option(
            "color",
            Choice("", "auto", "always", "never"),
            "auto",
            "where to use colours; auto is on terminals, and obeys NO_COLOR and FORCE_COLOR",
        ),
    ),
    "Exit status": (
        Option("exit-zero", Flag(), False, "0 even if damage was found; errors stay 2"),
        Option("exit-nonzero-on-fix", Flag(), False, "1 if something was repaired, too"),
    ),
    "How to run": (
        Option(
            "jobs",
            Count("N"),
            None,
            "repair in this many processes (default: where that takes long, one per processor)",
            short="j",
        ),
        Option("config", Text("FILE"), None, "read this configuration file, and no other"),
        Option("isolated", Flag(), False, "read no configuration file"),
    ),
    "About": (
        Option("help", Flag(), False, "show this, and do nothing", short="h"),
        Option("version", Flag(), False, "show the version, and do nothing"),
    ),
}
"""The table: heading to options."""

OPTIONS = {option.name: option for group in GROUPS.values() for option in group}
"""Name to option."""

_EXCLUSIVE = (
    ("write", "diff"),
    *((action, other) for action in ("names", "undo") for other in ("diff", "format", "report")),
    ("undo", "write"),
    ("undo", "names"),
    ("diff", "format"),
    ("quiet", "verbose"),
    ("config", "isolated"),
    ("exit-zero", "exit-nonzero-on-fix"),
)
_SHORT = {option.short: option for option in OPTIONS.values() if option.short}


class Arguments:
    """A command line that was read.

    Attributes:
        paths: the arguments that are no options.
        given: name to value, of the options that are there.
    """

    def __init__(self, paths: list[str], given: dict[str, Any]) -> None:
        self.paths = paths
        self.given = given

    def __getattr__(self, attribute: str) -> Any:
        """Return the value of an option, its default if it is not there."""
        try:
            option = OPTIONS[attribute.replace("_", "-")]
        except KeyError:
            raise AttributeError(attribute) from None
        return self.given.get(option.name, option.default)

    def differs(self, name: str) -> bool:
        """Tell whether the value of an option is not its default."""
        return name in self.given and bool(self.given[name] != OPTIONS[name].default)


def parse(words: Iterable[str]) -> Arguments:
    """Read a command line, without the name of the command.

    Raises:
        UsageError: it cannot be understood.
    """
    paths: list[str] = []
    values: dict[str, Any] = {}
    rest = iter(words)
    for word in rest:
        if word == "--":
            paths += rest
        elif word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            _read_long(name, value if equals else None, rest, values)
        elif word.startswith("-") and word != "-":
            _read_short(word[1:], rest, values)
        else:
            paths.append(word)
    given = {name: OPTIONS[name].checked(value, f"--{name}") for name, value in values.items()}
    arguments = Arguments(paths, given)
    for one, other in _EXCLUSIVE:
        if arguments.differs(one) and arguments.differs(other):
            raise UsageError(f"--{one} and --{other} exclude each other")
    return arguments


def _read_long(name: str, value: str | None, rest: Iterator[str], values: dict[str, Any]) -> None:
    option = OPTIONS.get(name.removeprefix("no-"))
    if option is None or (name.startswith("no-") and not option.negatable):
        advice = did_you_mean(name, _long_names(), before="--")
        raise UsageError(f"there is no option --{name}{advice}")
    if not isinstance(option.kind, Text):
        if value is not None:
            raise UsageError(f"--{name} takes no value")
        values[option.name] = not name.startswith("no-")
    else:
        _take(option, value, rest, values)


def _read_short(letters: str, rest: Iterator[str], values: dict[str, Any]) -> None:
    """Read `-q`, several such letters together, or one with its value behind it."""
    for index, letter in enumerate(letters):
        option = _SHORT.get(letter)
        if option is None:
            raise UsageError(f"there is no option -{letter}")
        if isinstance(option.kind, Text):
            _take(option, letters[index + 1 :] or None, rest, values)
            return
        values[option.name] = True


def _take(option: Option, value: str | None, rest: Iterator[str], values: dict[str, Any]) -> None:
    """Take the value of an option, which is behind `=` or the next word."""
    assert isinstance(option.kind, Text)
    if value is None:
        value = next(rest, "--")
        if value.startswith("-"):
            raise UsageError(
                f"--{option.name} needs a value: --{option.name}={option.kind.metavar}"
            )
    item = option.kind.read(value)
    if option.repeated:
        values.setdefault(option.name, []).append(item)
    else:
        values[option.name] = item


def _long_names() -> Iterator[str]:
    for option in OPTIONS.values():
        yield option.name
        if option.negatable:
            yield f"no-{option.name}"


def did_you_mean(word: str, known: Iterable[str], *, before: str = "") -> str:
    """Return a question for the nearest known word, to be put behind the complaint."""
    from difflib import get_close_matches

    near = get_close_matches(word.lower().replace("_", "-"), list(known), n=1)
    return f" (did you mean {before}{near[0]}?)" if near else ""


def help_text(width: int) -> str:
    """Return what `--help` shows, `width` columns wide."""
    parts = [f"{USAGE}\n\n{_ABOUT}"]
    for heading, options in GROUPS.items():
        parts.append(f"\n{heading}:\n")
        parts += [_help_row(option, width) for option in options]
    return "".join([*parts, "\n", _EPILOG])


def _help_row(option: Option, width: int) -> str:
    from textwrap import wrap

    column = " " * _HELP_COLUMN
    start = f"  {signature(option)}"
    lines = wrap(
        option.help + default_text(option),
        max(width, 2 * _HELP_COLUMN),
        initial_indent=column,
        subsequent_indent=column,
        break_on_hyphens=False,
    )
    if len(start) + 2 <= _HELP_COLUMN:
        lines[0] = start + lines[0][len(start) :]
    else:
        lines.insert(0, start)
    return "\n".join(lines) + "\n"


def signature(option: Option) -> str:
    """Return an option as on the command line: `-q, --quiet`, `--config FILE`, `--[no-]color`."""
    short = f"-{option.short}, " if option.short else ""
    no = "[no-]" if option.negatable else ""
    return f"{short}--{no}{option.name} {option.kind.metavar}".rstrip()


def default_text(option: Option) -> str:
    """Return a default that is worth telling, in brackets, to be put behind the help."""
    default = option.default
    if option.negatable:
        default = "yes" if default else "no"
    if not default:
        return ""
    return f" (default: {', '.join(default) if isinstance(default, tuple) else default})"
