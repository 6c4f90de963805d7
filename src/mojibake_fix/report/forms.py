"""Which forms of report a run has, and all of them together."""

from __future__ import annotations

from . import Counts, PageError
from .terminal import Progress
from .text import TextReport

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self, TextIO

    from . import Action, Form, Outcome
    from .terminal import Color

__all__ = ["PageError", "Reports", "choose"]


class Reports:
    """All reports of one run, and its counts; a context manager that leaves the screen tidy."""

    def __init__(self, forms: Sequence[Form], progress: Progress | None = None) -> None:
        self.counts = Counts()
        self._forms = forms
        self._progress = progress

    def add(self, outcome: Outcome) -> None:
        """Count what an outcome is of, and tell every form what became of it."""
        self.counts.add(outcome)
        if self._progress and outcome.status != "clean":
            self._progress.hide()
        for form in self._forms:
            form.add(outcome)
        if self._progress:
            self._progress.show(self.counts, outcome.path)

    def finish(self) -> None:
        """Tell every form that no path follows."""
        if self._progress:
            self._progress.hide()
        for form in self._forms:
            form.finish(self.counts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress:
            self._progress.hide()


def choose(  # noqa: PLR0913 - one for each choice
    out: TextIO,
    err: TextIO,
    action: Action,
    *,
    form: str = "text",
    page: str | None = None,
    quiet: bool = False,
    verbose: bool = False,
    color: Color = "auto",
) -> Reports:
    """Return the reports of a run.

    Args:
        out: standard output.
        err: standard error.
        action: what is done with the files.
        form: a value of `--format`. In the others than text, errors are shown to people as well.
        page: where to write a page to look at, besides; None if nowhere.
        quiet: tell people errors only.
        verbose: tell people every finding, and why files are skipped.
        color: whether to use colours.

    Raises:
        PageError: the page cannot be written there.
    """
    is_text = form == "text"
    forms: list[Form] = [
        TextReport(out, err, action, quiet=quiet or not is_text, verbose=verbose, color=color)
    ]
    if action == "diff":
        from .diff import DiffReport

        forms.append(DiffReport(out, color))
    elif not is_text:
        # Standard output is the filter's.
        forms.append(_machine_form(form, err if action == "filter" else out, action))
    if page is not None:
        from .page import PageReport

        forms.append(PageReport(page, action))
    progress = None
    if is_text and not quiet and action != "filter" and Progress.suits(out, err):
        progress = Progress(err, color)
    return Reports(forms, progress)


def _machine_form(form: str, out: TextIO, action: Action) -> Form:
    if form == "json":
        from .json_lines import JsonReport

        return JsonReport(out, action)
    if form == "github":
        from .github import GithubReport

        return GithubReport(out)
    from .sarif import SarifReport

    return SarifReport(out)
