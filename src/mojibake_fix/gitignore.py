"""Patterns of paths, as git reads them in `.gitignore`.

A walk must know of each folder whether to go in, and `*`, `!*/`, `!*.md` excludes every file but
no folder. Libraries that judge files only, by their whole path, cannot tell; hence this module.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator, Sequence

    # Folders that patterns are relative to (each ends with a separator), and these patterns.
    Rules = tuple[tuple[str, "Patterns"], ...]

__all__ = ["Patterns", "excluded_in", "is_excluded", "is_included", "is_pattern", "verdict"]

_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t-\r ",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


class Patterns:
    """Patterns for paths relative to one folder; empty (false) if there are none in `text`.

    A pattern excludes what it matches, and behind `!` takes that back.
    """

    __slots__ = ("_expression", "_for_files", "_names", "_numbers", "_suffixes", "_verdicts")

    def __init__(self, text: str) -> None:
        self._for_files = False  # whether any is for more than folders
        self._verdicts: list[bool] = []  # of each pattern, whether it excludes
        # Most patterns are plain names, or `*.suffix`: to their number.
        self._names: dict[str, int] = {}
        self._suffixes: dict[str, int] = {}
        expressions = {}
        for line in text.split("\n"):
            pattern = _parse(line.removesuffix("\r"))
            if pattern is None:
                continue
            body, folder_only, excludes = pattern
            number = len(self._verdicts)
            self._for_files |= not folder_only
            if _is_plain(body):
                self._names[body + "/" * folder_only] = number
            elif body.startswith("*.") and _is_plain(body[2:]) and "." not in body[2:]:
                self._suffixes[body[1:] + "/" * folder_only] = number
            elif expression := _translate(body.removeprefix("/")):
                anywhere = "" if "/" in body else "(?:.*/)?"
                # The name before the last slash is never empty: `a/*` says nothing about `a/`.
                end = "(?<!/)/" if folder_only else "(?<!/)/?"
                expressions[number] = f"({anywhere}{expression}{end})"
            self._verdicts.append(excludes)
        # The last pattern that matches decides, and of alternatives the first is taken.
        self._numbers = sorted(expressions, reverse=True)
        joined = "|".join(expressions[number] for number in self._numbers)
        self._expression = _compiled(joined) if joined else None

    def __bool__(self) -> bool:
        return bool(self._verdicts)

    def verdict(self, path: str) -> bool | None:
        r"""Tell whether a path is excluded; None if no pattern matches.

        Args:
            path: relative, with `/` between names, and behind the name of a folder.

        >>> patterns = Patterns("*\n!*/\n!*.md")
        >>> [patterns.verdict(path) for path in ("notes/", "notes/a.md", "notes/a.png")]
        [False, False, True]
        """
        return self.judge(path, path[path.rfind("/", 0, -1) + 1 :])

    def told(self, files: Sequence[str]) -> set[str]:
        """Return the names of those files in one folder of which a pattern may say something."""
        if not self._for_files:
            return set()
        if self._expression is not None:
            return set(files)
        endings = tuple(self._suffixes)
        return {name for name in files if name in self._names or name.endswith(endings)}

    def judge(self, path: str, name: str) -> bool | None:
        """Do the same for a path of which the last name is known."""
        suffix = name[name.rfind(".") :]
        number = self._names.get(name, -1)
        if suffix in self._suffixes:
            number = max(number, self._suffixes[suffix])
        if name.endswith("/"):  # a pattern for files is for folders, too
            number = max(
                number, self._names.get(name[:-1], -1), self._suffixes.get(suffix[:-1], -1)
            )
        if self._expression is not None:
            match = self._expression.fullmatch(path)
            if match and match.lastindex:
                number = max(number, self._numbers[match.lastindex - 1])
        return None if number < 0 else self._verdicts[number]


def _is_plain(body: str) -> bool:
    return not any(character in body for character in "/*?[\\")


def verdict(path: str, rules: Rules) -> bool | None:
    """Tell whether rules exclude a path, the later the stronger; None if they say nothing of it.

    The path is absolute; a folder's ends with a separator. One that is not below the folder of a
    rule is judged as if that were the root.
    """
    for base, patterns in reversed(rules):
        if path.startswith(base):
            relative = path[len(base) :]
        elif base.startswith(path):
            continue
        else:
            relative = path.lstrip(os.sep)
        found = patterns.verdict(relative.replace(os.sep, "/"))
        if found is not None:
            return found
    return None


def excluded_in(folder: str, names: Sequence[str], rules: Rules) -> set[str]:
    """Return those of some names in a folder that rules exclude; a folder's has `/` behind."""
    told = {name for name in names if name[-1] == "/"}
    for _, patterns in rules:
        told |= patterns.told(names)
    judge = _verdict_in(folder, rules)
    return {name for name in told if judge(name)}


def _verdict_in(folder: str, rules: Rules) -> Callable[[str], bool | None]:
    """Return `verdict` for what is in a folder: for names, those of folders with `/` behind."""
    known = []
    for base, patterns in reversed(rules):
        if folder.startswith(base):
            prefix = folder[len(base) :]
        elif base.startswith(folder):  # which names the rules are about depends on the name
            return lambda name: verdict(folder + name.replace("/", os.sep), rules)
        else:
            prefix = folder.lstrip(os.sep)
        known.append((patterns, prefix.replace(os.sep, "/")))

    def judge(name: str) -> bool | None:
        for patterns, prefix in known:
            found = patterns.judge(prefix + name, name)
            if found is not None:
                return found
        return None

    return judge


def is_excluded(path: str, rules: Rules) -> bool:
    """Tell whether rules exclude a path, or a folder that it is in; see `verdict`."""
    return any(verdict(part, rules) for part in _parts(path))


def is_included(path: str, rules: Rules) -> bool:
    """Tell whether rules include a path, or else the folder that it is in; see `verdict`."""
    for part in reversed(list(_parts(path))):
        found = verdict(part, rules)
        if found is not None:
            return found
    return False


def _parts(path: str) -> Iterator[str]:
    """Yield the folders above an absolute path, the uppermost first, and the path."""
    end = path.find(os.sep) + 1
    while 0 < end < len(path):
        yield path[:end]
        end = path.find(os.sep, end) + 1
    yield path


def is_pattern(line: str) -> bool:
    """Tell whether a line is one whole pattern: no comment, not empty, all brackets closed."""
    parsed = None if "\n" in line else _parse(line)
    return parsed is not None and bool(_translate(parsed[0]))


def _parse(line: str) -> tuple[str, bool, bool] | None:
    """Return the pattern itself, and whether it is for folders only, and excludes."""
    if line.startswith("#"):
        return None
    excludes = not line.startswith("!")
    body = line if excludes else line[1:]
    trimmed = body.rstrip(" ")
    backslashes = len(trimmed) - len(trimmed.rstrip("\\"))
    body = body[: len(trimmed) + backslashes % 2]
    name = body.removesuffix("/")
    return (name, name != body, excludes) if name else None


def _translate(pattern: str) -> str | None:
    """Return the regular expression for a pattern; None if nothing can match it."""
    parts = []
    position, length = 0, len(pattern)
    while position < length:
        character = pattern[position]
        if character == "*":
            end = position + 1
            while pattern[end : end + 1] == "*":
                end += 1
            expression, position = _stars(pattern, position, end)
        elif character == "[":
            expression, position = _bracket(pattern, position + 1)
            if not expression:
                return None
        else:
            position += character == "\\"
            if position == length:
                return None
            expression = "[^/]" if character == "?" else _escaped(pattern[position])
            position += 1
        parts.append(expression)
    return "".join(parts)


def _stars(pattern: str, start: int, end: int) -> tuple[str, int]:
    """Return the expression for a run of stars, and where the pattern goes on."""
    following = pattern[end : end + 1]
    whole_name = (start == 0 or pattern[start - 1] == "/") and following in ("", "/")
    if end - start == 1 or not whole_name:
        return "[^/]*", end
    return ("(?:.*/)?", end + 1) if following else (".*", end)


def _bracket(pattern: str, position: int) -> tuple[str, int]:
    """Return the expression for `[...]`, and where the pattern goes on; empty if not closed."""
    negated = pattern[position : position + 1] in ("!", "^")
    position += negated
    first = position
    members = []
    while position == first or pattern[position : position + 1] != "]":
        colon = pattern.find("]", position + 2) - 1
        if pattern.startswith("[:", position) and pattern[position + 2 : colon + 1].endswith(":"):
            name = pattern[position + 2 : colon]
            if name not in _CLASSES:
                return "", position
            members.append(_CLASSES[name])
            position = colon + 2
            continue
        low, position = _member(pattern, position)
        high = low
        if pattern[position : position + 1] == "-" and pattern[position + 1 : position + 2] != "]":
            high, position = _member(pattern, position + 1)
        if not low or not high:
            return "", position
        if low <= high:
            members.append(f"{_escaped(low)}-{_escaped(high)}")
    if negated:
        return f"[^/{''.join(members)}]", position + 1
    return f"(?!/)[{''.join(members)}]" if members else "(?!)", position + 1


def _member(pattern: str, position: int) -> tuple[str, int]:
    """Return a character between brackets (empty at the end), and where the pattern goes on."""
    position += pattern[position : position + 1] == "\\"
    return pattern[position : position + 1], position + 1


def _escaped(character: str) -> str:
    return character if character.isalnum() else "\\" + character


def _compiled(expression: str) -> re.Pattern[str]:
    """Return a compiled expression; most patterns are plain names, and do not need `re`."""
    import re

    return re.compile(expression, re.DOTALL)
