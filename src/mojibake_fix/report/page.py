"""The report that people look at: one HTML page that needs nothing else.

The page is ASCII, so that no wrong encoding can damage it. Its policy allows the style and the
script that it holds and no others, whatever the files say.
"""

from __future__ import annotations

import os
import re
import time
from base64 import b64encode
from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING

from .. import __version__
from ..document import PAGE
from . import PageError
from .markup import LEVELS, attribute, element, finding, level_of
from .places import doubts, groups, places
from .words import channel_words, loss_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._repair import Repair
    from . import Action, Counts, Outcome
    from .places import Place

__all__ = ["PageReport"]

_GAP = 48  # code points between two spans that are shown together
_WIDEST = 160  # code points from the first to the last of them
_BUDGET = 6_000_000  # characters of HTML for all findings together
_SHARE = 400_000  # and for those of one file, as long as the budget lasts
_NOT_DEALT_WITH = ("error", "not-utf8", "unnormalized")
_MOST_PATHS = 5_000  # shown by name


class _File:
    """What the page shows of one damaged file.

    Attributes:
        path: its path.
        levels: how many findings there are of each level, shown or not.
        channels: its channels in words, in the order of their first finding.
        losses: what they lost, likewise.
        rows: the findings that are shown: rank of the level, number in the file, HTML.
        untold: how many more spans there are, of which nothing is known.
    """

    __slots__ = ("channels", "levels", "losses", "path", "rows", "untold")

    def __init__(self, path: str, untold: int) -> None:
        self.path = path
        self.untold = untold
        self.levels = dict.fromkeys(LEVELS, 0)
        self.channels: dict[str, None] = {}
        self.losses: dict[str, None] = {}
        self.rows: list[tuple[int, int, str]] = []

    @property
    def findings(self) -> int:
        """How many there are, shown or not."""
        return sum(self.levels.values())

    @property
    def size(self) -> int:
        """How many characters of HTML the findings take that are shown."""
        return sum(len(row[2]) for row in self.rows)

    def trim(self, most: int) -> None:
        """Keep the findings that fit into `most` characters, those first that need eyes."""
        kept = []
        for row in sorted(self.rows):
            most -= len(row[2])
            if most < 0:
                break
            kept.append(row)
        self.rows = sorted(kept, key=lambda row: row[1])


class PageReport:
    """Collects what is found, and writes the page at the end.

    Args:
        path: where to write it; what is there is replaced if it is such a page.
        action: what is done with the files.

    Raises:
        PageError: something else is there, or no folder to write in.
    """

    def __init__(self, path: str, action: Action) -> None:
        _check(path)
        self._path = path
        self._action = action
        self._files: list[_File] = []
        self._others: list[Outcome] = []
        self._channels: dict[str, int] = {}
        self._levels = dict.fromkeys(LEVELS, 0)
        self._guessed = 0
        self._size = 0
        self._share = _SHARE

    def add(self, outcome: Outcome) -> None:
        """Take what the page shows of a path."""
        if outcome.repair is not None:
            self._damaged(outcome, outcome.repair)
        elif outcome.status in _NOT_DEALT_WITH and len(self._others) < _MOST_PATHS:
            self._others.append(outcome)

    def finish(self, counts: Counts) -> None:
        """Write the page.

        Raises:
            OSError: it cannot be written, and what was there still is.
        """
        _write(self._path, self._page(counts).encode("ascii", "xmlcharrefreplace"))

    def _damaged(self, outcome: Outcome, result: Repair) -> None:
        file, doubt = _File(outcome.path, outcome.untold), outcome.doubt
        is_shown = len(self._files) < _MOST_PATHS
        room = self._share if is_shown else 0
        for number, group in enumerate(groups(places(result), _GAP, _WIDEST)):
            level = _level(group, doubt)
            channel = channel_words(group[0].span.channel)
            file.channels[channel] = None
            file.losses.update(dict.fromkeys(loss for place in group for loss in _losses(place)))
            file.levels[level] += 1
            self._levels[level] += 1
            self._channels[channel] = self._channels.get(channel, 0) + 1
            # More than fits is not even made into HTML, unless it needs eyes.
            if room > 0 or (is_shown and level != "sure"):
                index = list(self._channels).index(channel)
                row = finding(result, group, level, index, doubt)
                room -= len(row)
                file.rows.append((LEVELS.index(level), number, row))
        found = outcome.found
        self._guessed += found.guessed if found else sum(1 for _ in doubts(result, doubt))
        if is_shown:
            file.trim(self._share)
            self._files.append(file)
            self._size += file.size
            self._keep_to_budget()

    def _keep_to_budget(self) -> None:
        """Shorten what the longest files show, so that every file shows something."""
        while self._size > _BUDGET:
            self._share = self._share * 2 // 3
            for file in self._files:
                file.trim(self._share)
            self._size = sum(file.size for file in self._files)

    def _page(self, counts: Counts) -> str:
        style, script = _part("page.css"), _part("page.js")
        values = {
            "version": __version__,
            "date": time.strftime("%Y-%m-%d %H:%M"),
            "style": style,
            "style_hash": _digest(style),
            "script": script,
            "script_hash": _digest(script),
            "title": self._title(counts),
            "subtitle": self._subtitle(counts),
            "notice": self._notice(counts),
            "channels": "".join(
                f'<option value="{index}">{element(channel)} ({count:,})</option>'
                for index, (channel, count) in enumerate(self._channels.items())
            ),
            "levels": "".join(
                f'<label class="{level}"><input type="checkbox" value="{level}" checked'
                f"{'' if self._levels[level] else ' disabled'}>"
                f"{level} <b>{self._levels[level]:,}</b></label>"
                for level in reversed(LEVELS)
            ),
            "state": "" if self._files else "bare",
            "file_count": _number(len(self._files), "file"),
            "files": "".join(_links(self._files)),
            "sections": "".join(_section(file, index) for index, file in enumerate(self._files)),
            "others": self._other_paths(),
        }
        return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], _part("page.html"))

    def _title(self, counts: Counts) -> str:
        paths = counts.paths
        if self._action in ("write", "filter") and paths["repaired"]:
            where = "" if self._action == "filter" else f" in {_number(paths['repaired'], 'file')}"
            return f"{_number(counts.replaced, 'span')} repaired{where}"
        if not paths["damaged"]:
            return "Nothing is damaged"
        spans = _number(counts.replaced + counts.left, "damaged span")
        return f"{spans} in {_number(paths['damaged'], 'file')}"

    def _subtitle(self, counts: Counts) -> str:
        paths = counts.paths
        parts = [
            (self._guessed, f"{_number(self._guessed, 'character')} guessed"),
            (counts.left, f"{_number(counts.left, 'span')} left, for bytes were lost"),
            (
                paths["unnormalized"],
                f"{_number(paths['unnormalized'], 'file')} not in the normal forms asked for",
            ),
            (
                paths["normalized"],
                f"{_number(paths['normalized'], 'file')} put into the normal forms asked for",
            ),
            (paths["clean"], f"{_number(paths['clean'], 'clean file')}"),
            (paths["skipped"], f"{_number(paths['skipped'], 'binary file')}"),
            (paths["not-utf8"], f"{_number(paths['not-utf8'], 'file')} not in UTF-8"),
            (paths["error"], _number(paths["error"], "error")),
        ]
        words = [text for count, text in parts if count]
        if counts.replaced and self._action in ("look", "diff"):
            words.append("nothing is changed yet: add <code>--write</code> to repair")
        return " &#183; ".join(words)

    def _notice(self, counts: Counts) -> str:
        damaged = counts.paths["damaged"] + counts.paths["repaired"]
        shown = sum(len(file.rows) for file in self._files)
        found = sum(self._levels.values())
        if shown == found and len(self._files) == damaged:
            return ""
        files = ""
        if len(self._files) < damaged:
            files = f" and {len(self._files):,} of {damaged:,} files"
        return (
            f'<p class="notice">To stay a page, this shows {shown:,} of {found:,} findings{files}, '
            "those first that need eyes. <code>--verbose</code> and <code>--format json</code> "
            "tell all.</p>"
        )

    def _other_paths(self) -> str:
        if not self._others:
            return ""
        items = "".join(
            f'<li><span class="path">{element(outcome.path)}</span>: '
            f"{element(outcome.message)}</li>"
            for outcome in self._others
        )
        return f'<section class="others"><h2>Not dealt with</h2><ul>{items}</ul></section>'


def _losses(place: Place) -> Iterator[str]:
    for layer in place.span.channel.layers:
        yield from layer.losses


def _level(group: list[Place], doubt: float) -> str:
    if group[0].span.replacement is None:
        return "left"
    return level_of(min(place.span.confidence for place in group), doubt)


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _named(path: str) -> str:
    folder, name = os.path.split(path)
    folder = f'<span class="dir">{element(os.path.join(folder, ""))}</span>' if folder else ""
    return f"{folder}{element(name)}"


def _links(files: list[_File]) -> Iterator[str]:
    """Yield the list of files, by folder."""
    numbered = enumerate(files)
    for folder, inside in groupby(numbered, lambda each: os.path.split(each[1].path)[0]):
        name = element(os.path.join(folder, "")) if folder else ""
        yield f'<div class="folder">{f"<p>{name}</p>" if name else ""}<ol>\n'
        for index, file in inside:
            yield (
                f'<li><a href="#f{index}"><span class="path">'
                f"{element(os.path.basename(file.path))}</span>"
                f'<span class="n">{file.findings:,}<span class="sr"> findings</span></span>'
                f"{_bar(file)}</a></li>\n"
            )
        yield "</ol></div>\n"


def _bar(file: _File) -> str:
    """Return a bar that shows how sure the findings of a file are; none if all of them are."""
    if file.levels["sure"] == file.findings:
        return ""
    at, parts = 0.0, []
    for level in reversed(LEVELS):
        width = 100 * file.levels[level] / file.findings
        if width:
            parts.append(f'<rect class="{level}" x="{at:.1f}" width="{width:.1f}" height="1"/>')
        at += width
    return (
        '<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(parts)}</svg>"
    )


def _section(file: _File, index: int) -> str:
    hidden = file.findings - len(file.rows)
    more = f'<p class="more">{_number(hidden, "finding")} more, not shown</p>' if hidden else ""
    if file.untold:
        more += f'<p class="more">{_number(file.untold, "span")} more, too many to keep</p>'
    rows = "".join(row[2] for row in file.rows)
    shown = f'<ol class="findings">\n{rows}</ol>' if rows else ""
    damage = "; ".join(file.channels)
    if file.losses:
        damage += f"; lost: {', '.join(map(loss_words, file.losses))}"
    return (
        f'<section id="f{index}" data-path="{attribute(file.path)}" aria-labelledby="h{index}">'
        f'<div class="title"><h2 id="h{index}">{_named(file.path)}</h2>'
        f"<p>{element(damage)}</p></div>{shown}{more}</section>\n"
    )


def _part(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="ascii") as file:
        return file.read()


def _digest(text: str) -> str:
    """Return the source expression that allows `text` in a Content-Security-Policy."""
    return f"sha256-{b64encode(sha256(text.encode('ascii')).digest()).decode('ascii')}"


def _check(path: str) -> None:
    """Raise early if a page cannot be written to `path`, and never in place of something else."""
    folder = os.path.dirname(path) or os.curdir
    if not os.path.isdir(folder):
        raise PageError("its folder does not exist")
    if os.path.isdir(path):
        raise PageError("is a folder")
    if os.path.isfile(path):
        try:
            with open(path, "rb") as file:
                head = file.read(len(PAGE))
        except OSError as error:
            raise PageError(f"exists and cannot be read ({error.strerror})") from None
        if head and head != PAGE:
            raise PageError("exists and is no report of fixmoji: choose another name")
    if not os.access(folder, os.W_OK):
        raise PageError("its folder is read-only")


def _write(path: str, data: bytes) -> None:
    """Put a file there at once or not at all; a device just gets it."""
    real = os.path.realpath(path)
    if os.path.exists(real) and not os.path.isfile(real):
        with open(real, "wb") as device:
            device.write(data)
        return
    temporary = f"{real}.{os.urandom(4).hex()}.tmp"
    try:
        with open(temporary, "xb") as file:
            file.write(data)
        os.replace(temporary, real)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
