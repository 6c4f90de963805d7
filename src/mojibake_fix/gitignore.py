"""The patterns of one `.gitignore`, as git reads them.

A walk must know of each folder whether to go in, and `*`, `!*/`, `!*.md` excludes every file but
no folder. Libraries that judge files only, by their whole path, cannot tell; hence this module.
"""

from __future__ import annotations

import re

__all__ = ["Patterns"]

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
    """Patterns for paths relative to one folder; empty (false) if there are none in `text`."""

    __slots__ = ("_expression", "_verdicts")

    def __init__(self, text: str) -> None:
        # The last pattern that matches decides, and of alternatives the first is taken.
        found = [_parse(line.removesuffix("\r")) for line in reversed(text.split("\n"))]
        patterns = [pattern for pattern in found if pattern is not None]
        self._verdicts = [excludes for _, excludes in patterns]
        joined = "|".join(f"({expression})" for expression, _ in patterns)
        self._expression = re.compile(joined, re.DOTALL) if patterns else None

    def __bool__(self) -> bool:
        return self._expression is not None

    def verdict(self, path: str) -> bool | None:
        r"""Tell whether a path is excluded; None if no pattern matches.

        Args:
            path: relative, with `/` between names, and behind the name of a folder.

        >>> patterns = Patterns("*\n!*/\n!*.md")
        >>> [patterns.verdict(path) for path in ("notes/", "notes/a.md", "notes/a.png")]
        [False, False, True]
        """
        match = self._expression.fullmatch(path) if self._expression else None
        # Groups are made for alternatives only, so there is exactly one in a match.
        return self._verdicts[match.lastindex - 1] if match and match.lastindex else None


def _parse(line: str) -> tuple[str, bool] | None:
    """Return a regular expression for whole paths, and whether it excludes; None for no pattern."""
    if line.startswith("#"):
        return None
    excludes = not line.startswith("!")
    body = line if excludes else line[1:]
    trimmed = body.rstrip(" ")
    backslashes = len(trimmed) - len(trimmed.rstrip("\\"))
    body = body[: len(trimmed) + backslashes % 2]
    folder_only = body.endswith("/")
    body = body.removesuffix("/")
    anchored = "/" in body
    expression = _translate(body.removeprefix("/"))
    if not expression:
        return None
    # The name before the last slash is never empty: `a/*` says nothing about the folder `a/`.
    end = "(?<!/)/" if folder_only else "(?<!/)/?"
    return ("" if anchored else "(?:.*/)?") + expression + end, excludes


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
            expression = "[^/]" if character == "?" else re.escape(pattern[position])
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
        named = re.compile(r"\[:(\w*):\]").match(pattern, position)
        if named:
            if named[1] not in _CLASSES:
                return "", position
            members.append(_CLASSES[named[1]])
            position = named.end()
            continue
        low, position = _member(pattern, position)
        high = low
        if pattern[position : position + 1] == "-" and pattern[position + 1 : position + 2] != "]":
            high, position = _member(pattern, position + 1)
        if not low or not high:
            return "", position
        if low <= high:
            members.append(f"{re.escape(low)}-{re.escape(high)}")
    if negated:
        return f"[^/{''.join(members)}]", position + 1
    return f"(?!/)[{''.join(members)}]" if members else "(?!)", position + 1


def _member(pattern: str, position: int) -> tuple[str, int]:
    """Return a character between brackets (empty at the end), and where the pattern goes on."""
    position += pattern[position : position + 1] == "\\"
    return pattern[position : position + 1], position + 1
