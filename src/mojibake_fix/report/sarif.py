"""The report that code scanners share: SARIF 2.1.0.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from .. import __version__
from .places import CONTEXT, WIDEST, before_after, groups, places
from .words import channel_words, loss_words

if TYPE_CHECKING:
    from typing import Any, TextIO

    from .._repair import Repair
    from ..channels import Channel
    from . import Counts, Outcome
    from .places import Place

__all__ = ["SarifReport"]

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


class SarifReport:
    """Writes one log of one run: a result for each finding that still stands, with its fix.

    Results leave as they come, so that they need no memory. After a repair they are what was left,
    with their places in the repaired files.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._rules: dict[Channel, int] = {}
        self._notes: list[dict[str, Any]] = []
        self._separator = ""
        start = {"$schema": _SCHEMA, "version": "2.1.0"}
        run = {"columnKind": "unicodeCodePoints"}
        out.write(f'{json.dumps(start)[:-1]}, "runs": [{json.dumps(run)[:-1]}, "results": [')

    def add(self, outcome: Outcome) -> None:
        """Write the results of one path."""
        if outcome.repair is not None:
            self._findings(outcome, outcome.repair)
            if outcome.untold:
                self._notes.append(
                    _note(outcome, "note", f"{outcome.untold} more spans are not told")
                )
        elif outcome.message and outcome.status not in ("skipped", "normalized"):
            level = "error" if outcome.status == "error" else "warning"
            self._notes.append(_note(outcome, level, outcome.message))

    def finish(self, counts: Counts) -> None:
        """Write what comes behind the results: the rules that they name, and what went wrong."""
        rules = [_rule(channel) for channel in self._rules]
        driver = {"name": "fixmoji", "semanticVersion": __version__, "rules": rules}
        invocation: dict[str, Any] = {"executionSuccessful": not counts.paths["error"]}
        if self._notes:
            invocation["toolExecutionNotifications"] = self._notes
        tool = json.dumps(
            {"driver": {**driver, "rules": [_rule(channel) for channel in self._rules]}}
        )
        self._out.write(f'\n], "tool": {tool}, "invocations": [{json.dumps(invocation)}]}}]}}\n')
        self._out.flush()

    def _findings(self, outcome: Outcome, result: Repair) -> None:
        is_done = outcome.status == "repaired"
        location = {"uri": _uri(outcome.path)}
        for group in groups(places(result, repaired=is_done), CONTEXT, WIDEST):
            if is_done and group[0].span.replacement is not None:
                continue
            self._out.write(
                f"{self._separator}\n{json.dumps(self._result(result, group, location))}"
            )
            self._separator = ","

    def _result(
        self, result: Repair, group: list[Place], location: dict[str, str]
    ) -> dict[str, Any]:
        channel = max((place.span.channel for place in group), key=lambda each: len(str(each)))
        index = self._rules.setdefault(channel, len(self._rules))
        before, after = before_after(result, group, lambda text, _: text)
        found: dict[str, Any] = {
            "ruleId": _identity(channel),
            "ruleIndex": index,
            "level": "warning",
            "message": {"text": f"{before} → {after}"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": location,
                        "region": _region(group[0], group[-1]),
                    }
                }
            ],
            "properties": {
                "channel": str(channel),
                "confidence": round(min(place.span.confidence for place in group), 6),
                "evidence": round(sum(place.span.evidence for place in group), 3),
            },
        }
        replacements = [
            {
                "deletedRegion": _region(place, place),
                "insertedContent": {"text": place.span.replacement},
            }
            for place in group
            if place.span.replacement is not None
        ]
        if replacements:
            change = {"artifactLocation": location, "replacements": replacements}
            description = {"text": "Put back what was meant"}
            found["fixes"] = [{"description": description, "artifactChanges": [change]}]
        return found


def _identity(channel: Channel) -> str:
    return str(channel).replace(">", "-as-").replace("+", "-")


def _rule(channel: Channel) -> dict[str, Any]:
    """Return the rule of a channel: its codecs and what was lost."""
    losses = dict.fromkeys(loss for layer in channel.layers for loss in layer.losses)
    lost = f"; lost: {', '.join(map(loss_words, losses))}" if losses else ""
    return {
        "id": _identity(channel),
        "shortDescription": {"text": f"{channel_words(channel)}{lost}."},
        "help": {"text": "Repair with: fixmoji --write"},
        "defaultConfiguration": {"level": "warning"},
    }


def _region(first: Place, last: Place) -> dict[str, int]:
    line, column = last.end
    return {
        "startLine": first.line,
        "startColumn": first.column,
        "endLine": line,
        "endColumn": column,
    }


def _note(outcome: Outcome, level: str, message: str) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(outcome.path)}}
    if outcome.place:
        place["region"] = {"startLine": outcome.place[1], "startColumn": outcome.place[2]}
    return {
        "level": level,
        "message": {"text": message},
        "locations": [{"physicalLocation": place}],
    }


def _uri(path: str) -> str:
    """Return the reference to a path: relative to the current folder if it is below it."""
    relative = os.path.normpath(path)
    if os.path.isabs(relative):
        try:
            below = os.path.relpath(relative)
        except ValueError:
            below = os.pardir  # another drive
        if below.split(os.sep)[0] != os.pardir:
            relative = below
    quoted = quote(os.fsencode(relative.replace(os.sep, "/")))
    if not os.path.isabs(relative):
        return quoted
    return f"file://{'' if quoted.startswith('/') else '/'}{quoted}"
