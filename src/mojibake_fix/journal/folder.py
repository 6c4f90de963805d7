"""Where the journals are, and which there are."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress

from ..replace import ReplaceError, sync_folder
from ..tree import reason

__all__ = ["JournalError", "journal_path", "make_folder", "new_id", "run_ids", "state_folder"]

_SUFFIX = ".journal"


class JournalError(ReplaceError):
    """The journal cannot be written or read, so nothing was changed; says what to do."""


def state_folder() -> str:
    """Return the folder of the journals, which need not exist yet.

    It is FIXMOJI_STATE_DIR if that is set, else `fixmoji` in the folder where the system keeps what
    programs remember.

    Raises:
        JournalError: there is no such folder, for the user has no home.
    """
    chosen = os.environ.get("FIXMOJI_STATE_DIR")
    if chosen:
        return os.path.abspath(chosen)
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Application Support")
    else:
        base = os.environ.get("XDG_STATE_HOME", "")
        if not os.path.isabs(base):  # the specification says to pass over others
            base = os.path.expanduser("~/.local/state")
    if not os.path.isabs(base):
        raise JournalError(
            "there is no home folder for the journal that undo needs: nothing is changed; "
            "name a folder in FIXMOJI_STATE_DIR"
        )
    return os.path.join(base, "fixmoji")


def run_ids() -> list[str]:
    """Return the IDs of the runs that have a journal, newest first.

    Raises:
        JournalError: their folder cannot be read.
    """
    folder = state_folder()
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise JournalError(f"the journals cannot be read ({reason(error)}: {folder})") from error
    ids = [name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)]
    return sorted(filter(_is_id, ids), reverse=True)


def journal_path(run: str) -> str:
    """Return the path of a run's journal."""
    return os.path.join(state_folder(), run + _SUFFIX)


def _is_id(text: str) -> bool:
    return len(text) == 25 and text[8] == "T" and text[18] == "-" and _digits(text).isdecimal()


def _digits(run: str) -> str:
    return run[:8] + run[9:18]


def new_id(latest: str) -> str:
    """Return an ID that sorts behind `latest`, even if the clock went backwards."""
    now = time.time_ns() // 1_000_000
    digits = time.strftime("%Y%m%d%H%M%S", time.gmtime(now // 1000)) + f"{now % 1000:03}"
    if latest and digits <= _digits(latest):
        digits = str(int(_digits(latest)) + 1)
    return f"{digits[:8]}T{digits[8:]}-{os.urandom(3).hex()}"


def make_folder(folder: str) -> None:
    """Make a folder and those above it, for the user alone and flushed to disk."""
    if os.path.isdir(folder):
        return
    above = os.path.dirname(folder)
    make_folder(above)
    with suppress(FileExistsError):
        os.mkdir(folder, 0o700)
    sync_folder(above)
