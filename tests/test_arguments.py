"""The table of options, and the command line that is read by it."""

from __future__ import annotations

import pytest

from mojibake_fix._normalize import FORMS
from mojibake_fix.arguments import (
    GROUPS,
    OPTIONS,
    Choice,
    Flag,
    Option,
    UsageError,
    help_text,
    parse,
)
from mojibake_fix.options import Options


def refusal(*words: str) -> str:
    with pytest.raises(UsageError) as caught:
        parse(words)
    return str(caught.value)


def test_nothing_given_means_the_defaults() -> None:
    arguments = parse([])
    assert (arguments.paths, arguments.given) == ([], {})
    for option in OPTIONS.values():
        assert getattr(arguments, option.attribute) == option.default


def test_options_and_paths_may_be_mixed() -> None:
    arguments = parse(["a", "--write", "b", "--min-confidence", "0.5", "-q", "c"])
    assert arguments.paths == ["a", "b", "c"]
    assert (arguments.write, arguments.min_confidence, arguments.quiet) == (True, 0.5, True)


@pytest.mark.parametrize(
    "words",
    [["--uncertain", "keep"], ["--uncertain=keep"], ["--uncertain=mark", "--uncertain=keep"]],
)
def test_a_value_stands_behind_or_after_an_equals_sign_and_the_last_counts(
    words: list[str],
) -> None:
    assert parse(words).uncertain == "keep"


def test_what_is_repeated_is_collected_in_order() -> None:
    assert parse(["--exclude", "b", "--exclude=a"]).exclude == ("b", "a")


def test_two_dashes_end_the_options_and_one_is_a_path() -> None:
    assert parse(["-", "--", "--write", "-q", "--"]).paths == ["-", "--write", "-q", "--"]


def test_letters_may_stand_together() -> None:
    arguments = parse(["-vh"])
    assert (arguments.verbose, arguments.help) == (True, True)


def test_a_letter_may_have_its_value_behind_it_or_next() -> None:
    assert parse(["-vj2"]).jobs == parse(["-v", "-j", "2"]).jobs == 2


def test_switches_of_files_can_be_switched_off() -> None:
    assert parse(["--no-respect-gitignore"]).respect_gitignore is False
    assert parse(["--force-exclude", "--no-force-exclude"]).force_exclude is False


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--writ"], "there is no option --writ (did you mean --write?)"),
        (["--WRITE"], "there is no option --WRITE (did you mean --write?)"),
        (
            ["--min_confidence=1"],
            "there is no option --min_confidence (did you mean --min-confidence?)",
        ),
        (["--no-respect-gitignor"], "(did you mean --no-respect-gitignore?)"),
        (["--no-write"], "there is no option --no-write"),
        (["--xyzzy"], "there is no option --xyzzy"),
        (["--=x"], "there is no option --"),
        (["-qx"], "there is no option -x"),
        (["--write=yes"], "--write takes no value"),
        (["--config"], "--config needs a value: --config=FILE"),
        (["--config", "--write"], "--config needs a value: --config=FILE"),
        (["--config="], "--config must be a text that is not empty, not ''"),
        (["--uncertain=no"], "--uncertain must be guess, mark or keep, not 'no'"),
        (["--min-confidence=2"], "--min-confidence must be a number from 0 to 1, not 2.0"),
        (["--min-confidence=nan"], "--min-confidence must be a number from 0 to 1, not nan"),
        (["--min-confidence=x"], "--min-confidence must be a number from 0 to 1, not 'x'"),
        (["-j0"], "--jobs must be a whole number from 1, not 0"),
        (["-j"], "--jobs needs a value: --jobs=N"),
        (["--jobs=x"], "--jobs must be a whole number from 1, not 'x'"),
        (["--exclude=[a"], "--exclude must be a pattern in the syntax of .gitignore, not '[a'"),
        (["--exclude=#"], "--exclude must be a pattern"),
        (["--exclude=a\nb"], "--exclude must be a pattern"),
        (["--write", "--diff"], "--write and --diff exclude each other"),
        (["-qv"], "--quiet and --verbose exclude each other"),
        (["--isolated", "--config=x"], "--config and --isolated exclude each other"),
    ],
)
def test_what_cannot_be_is_refused_with_advice(words: list[str], message: str) -> None:
    assert message in refusal(*words)


def test_values_of_files_have_the_type_that_toml_gives_them() -> None:
    assert OPTIONS["exclude"].checked(["a"], "exclude") == ("a",)
    assert OPTIONS["min-confidence"].checked(1, "min-confidence") == 1
    for name, value in [
        ("exclude", "a"),
        ("exclude", [1]),
        ("min-confidence", True),
        ("min-confidence", "0.5"),
        ("force-exclude", 1),
        ("uncertain", ["keep"]),
    ]:
        with pytest.raises(UsageError, match=f"^{name} must be "):
            OPTIONS[name].checked(value, name)


def test_a_name_that_is_no_option_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no_such"):
        parse([]).no_such  # noqa: B018


def test_the_table_holds_what_it_says() -> None:
    listed = [option for group in GROUPS.values() for option in group]
    assert len(OPTIONS) == len(listed)
    letters = [option.short for option in listed if option.short]
    assert len(set(letters)) == len(letters)
    for option in listed:
        assert option.name == option.name.lower()
        assert not option.name.startswith("no-")
        assert option.help
        assert not option.help.endswith(".")
        if option.default is not None:
            default = list(option.default) if option.repeated else option.default
            assert option.checked(default, option.name) == option.default
        if isinstance(option.kind, Flag) and not option.configurable:
            assert option.default is False


@pytest.mark.parametrize("name", ["uncertain", "min_confidence"])
def test_defaults_are_those_of_the_library(name: str) -> None:
    assert getattr(parse([]), name) == getattr(Options(), name)


def test_normal_forms_are_those_of_the_library() -> None:
    kind = OPTIONS["normalize"].kind
    assert isinstance(kind, Choice)
    assert kind.words == tuple(FORMS)


def names(option: Option) -> str:
    return f"--[no-]{option.name}" if option.negatable else f"--{option.name}"


@pytest.mark.parametrize("width", [20, 60, 80, 200])
def test_help_shows_every_option_and_fits(width: int) -> None:
    text = help_text(width)
    rows = text[text.index(":\n") : text.index("exit status")].splitlines()
    for option in OPTIONS.values():
        heads = [row[:26].split() for row in rows if row.startswith("  ")]
        assert sum(names(option) in head for head in heads) == 1
        assert option.help.split()[0] in text
    assert max(map(len, rows)) <= max(width, 60)
