"""Files to look at, and their atomic replacement.

Named files are always read, unless `force-exclude` is set. Folders are walked in the order of
their names, without what `include` and `exclude` leave out, what `.gitignore` (also of folders
above, up to the repository, and `.git/info/exclude`) excludes, hidden names and symbolic links.
"""

from __future__ import annotations

import os
import stat

from .document import HEAD, check_text
from .gitignore import Patterns, is_excluded, is_included, verdict

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .config import Settings
    from .gitignore import Rules

    SettingsOf = Callable[[str], Settings | None]
    OnError = Callable[[str, str], None]

__all__ = [
    "File",
    "ReplaceError",
    "find_files",
    "is_left_out",
    "read_file",
    "reason",
    "replace_file",
]

_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
# The path is already resolved: a link or a pipe that took its place in the meantime is refused.
_READ |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_CREATE |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_STATE = (
    *("st_dev", "st_ino", "st_nlink", "st_size", "st_mtime_ns"),
    *("st_mode", "st_uid", "st_gid"),
)


class File:
    """A file to look at.

    Attributes:
        path: as to show it: the argument, or below the folder that was the argument.
        real: absolute, links resolved.
        named: whether it was an argument itself.
    """

    __slots__ = ("named", "path", "real")

    def __init__(self, path: str, real: str, *, named: bool) -> None:
        self.path = path
        self.real = real
        self.named = named


class ReplaceError(Exception):
    """A file was not replaced, and is as it was; says why."""


def reason(error: Exception) -> str:
    """Say in words why a path could not be read or written."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return str(error) or type(error).__name__


def find_files(paths: Sequence[str], settings_of: SettingsOf, on_error: OnError) -> Iterator[File]:
    """Yield the files of `paths`, each once: arguments in their order, folders sorted by path.

    A named symbolic link stands for its target. `settings_of(folder)` returns what holds for the
    files of a folder, given as an absolute path without links; if None, they are passed over.
    `on_error(path, message)` hears of what is missing, cannot be listed, or is neither file nor
    folder; the others follow.
    """
    tops: list[tuple[str, str, bool]] = []
    for path in dict.fromkeys(paths):
        try:
            mode = os.stat(path).st_mode
            if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
                raise OSError("neither a file nor a folder")
            tops.append((path, os.path.realpath(path), stat.S_ISDIR(mode)))
        except (OSError, ValueError) as error:
            on_error(path, reason(error))
    named = {real for _, real, is_folder in tops if not is_folder}
    seen: set[str] = set()
    for path, real_path, is_folder in tops:
        settings = settings_of(real_path if is_folder else os.path.dirname(real_path))
        real_top = _inside(real_path) if is_folder else real_path
        if settings is None or (settings.force_exclude and is_left_out(real_top, settings)):
            continue
        files = _walk(path, real_top, settings_of, on_error) if is_folder else [(path, real_top)]
        for shown, real in files:
            if real not in seen:
                seen.add(real)
                yield File(shown, real, named=real in named)


def is_left_out(path: str, settings: Settings) -> bool:
    """Tell whether `exclude` or `include` leaves out a path, or a folder that it is in.

    The path is absolute and without links; a folder's ends with a separator.
    """
    if is_excluded(path, settings.excluded):
        return True
    is_file = not path.endswith(os.sep)
    return is_file and bool(settings.included) and not is_included(path, settings.included)


def _walk(
    top: str, real_top: str, settings_of: SettingsOf, on_error: OnError
) -> Iterator[tuple[str, str]]:
    """Yield path and real path of each file below a folder."""
    stack = [(_inside(top), real_top, True)]
    rules_of = {real_top: _rules_above(real_top[:-1] or real_top)}
    while stack:
        path, real, is_folder = stack.pop()
        if not is_folder:
            yield path, real
            continue
        rules = rules_of.pop(real)
        settings = settings_of(real[:-1] or real)
        if settings is None:
            continue
        try:
            with os.scandir(real) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
            rules += _rules_in(real, {entry.name for entry in entries})
            children = [
                (path + name, real + name, is_folder)
                for name, is_folder in _wanted(entries, real, rules, settings)
            ]
        except OSError as error:
            on_error(path or top, reason(error))
            continue
        for child_path, child_real, is_folder in reversed(children):
            if is_folder:
                rules_of[child_real] = rules
            stack.append((child_path, child_real, is_folder))


def _inside(folder: str) -> str:
    """Return what the path of a folder's file begins with; nothing for the current folder."""
    return "" if folder == os.curdir else os.path.join(folder, "")


def _wanted(
    entries: Sequence[os.DirEntry[str]], folder: str, rules: Rules, settings: Settings
) -> Iterator[tuple[str, bool]]:
    """Yield name and whether it is a folder; a folder's name ends with a separator."""
    ignored = rules if settings.respect_gitignore else ()
    excluded, included = settings.excluded, settings.included
    for entry in entries:
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        is_folder = entry.is_dir(follow_symlinks=False)
        if not is_folder and not entry.is_file(follow_symlinks=False):
            continue
        name = os.path.join(entry.name, "") if is_folder else entry.name
        path = folder + name
        if verdict(path, ignored) or verdict(path, excluded):
            continue
        if is_folder or not included or is_included(path, included):
            yield name, is_folder


def _rules_above(folder: str) -> Rules:
    """Return the rules of the folders between a folder (not included) and its repository."""
    below = [folder]
    while not os.path.lexists(os.path.join(below[-1], ".git")):
        parent = os.path.dirname(below[-1])
        if parent == below[-1]:
            return ()
        below.append(parent)
    rules: Rules = ()
    while len(below) > 1:
        rules += _rules_in(_inside(below.pop()), {".git", ".gitignore"})
        if verdict(_inside(below[-1]), rules):
            return ()  # whoever names an ignored folder wants what is in it
    return rules


def _rules_in(folder: str, names: set[str]) -> Rules:
    """Return the rules that a folder itself brings, the weaker first."""
    rules: Rules = ()
    if ".git" in names:
        rules += _rules_from(_exclude_file(folder + ".git"), folder)
    if ".gitignore" in names:
        rules += _rules_from(folder + ".gitignore", folder)
    return rules


def _exclude_file(git: str) -> str:
    """Return the path of `info/exclude`; in a work tree `.git` is a file that tells where."""
    pointer = _read_or_nothing(git).strip()
    if pointer.startswith(b"gitdir:"):
        git = os.path.join(os.path.dirname(git), os.fsdecode(pointer[7:].strip()))
        common = _read_or_nothing(os.path.join(git, "commondir")).strip()
        git = os.path.join(git, os.fsdecode(common))
    return os.path.join(git, "info", "exclude")


def _read_or_nothing(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _rules_from(path: str, base: str) -> Rules:
    data = _read_or_nothing(path)
    if not data:
        return ()
    patterns = Patterns(os.fsdecode(data.removeprefix(b"\xef\xbb\xbf")))
    return ((base, patterns),) if patterns else ()


def _opener(path: str, _: int) -> int:
    return os.open(path, _READ)


def read_file(file: File) -> tuple[bytes, os.stat_result]:
    """Return the bytes of a file, and its state before they were read.

    Raises:
        OSError: it cannot be read.
        BinaryError: it is not text in UTF-8, as its first bytes show; the rest was not read.
    """
    with open(file.real, "rb", buffering=0, opener=_opener) as stream:
        before = os.fstat(stream.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise OSError("no longer a file")
        data = stream.read(HEAD)
        check_text(data)
        if len(data) != before.st_size:
            stream.seek(0)
            data = stream.readall()
    return data, before


def replace_file(file: File, before: os.stat_result, old: bytes, new: bytes) -> None:
    """Put `new` in the place of `old`, at once or not at all.

    Mode, owner and extended attributes stay, as far as the system allows. `before` and `old` are
    what `read_file` returned: if the file is not like that any more, it is left alone.

    Raises:
        ReplaceError: the file is as it was.
    """
    if before.st_nlink > 1:
        raise ReplaceError(
            f"has {before.st_nlink} hard links, which replacing it would break: left as it is"
        )
    if not os.access(file.real, os.W_OK):
        raise ReplaceError("is read-only: left as it is")
    folder = os.path.dirname(file.real)
    temporary = os.path.join(folder, f".fixmoji-{os.urandom(8).hex()}.tmp")
    try:
        _write_copy(temporary, file.real, before, new)
        if not _unchanged(file, before, old):
            raise ReplaceError("changed while it was being repaired: left as it is")
        os.replace(temporary, file.real)
    except BaseException as error:
        _remove(temporary)
        if isinstance(error, OSError):
            why = _where(error, folder)
            raise ReplaceError(f"cannot be replaced ({why}): left as it is") from error
        raise


def _where(error: OSError, folder: str) -> str:
    if isinstance(error, PermissionError) and not os.access(folder, os.W_OK):
        return f"its folder is read-only: {reason(error)}"
    return reason(error)


def _write_copy(temporary: str, real: str, before: os.stat_result, data: bytes) -> None:
    """Write a new file with the owner, attributes and mode of another, and flush it to disk."""
    descriptor = os.open(temporary, _CREATE, 0o600)
    with open(descriptor, "wb", buffering=0) as stream:
        view = memoryview(data)
        while view:
            view = view[stream.write(view) :]
        if hasattr(os, "fchown"):
            mode = _keep_owner(descriptor, before)
            _copy_attributes(descriptor, real)
            os.fchmod(descriptor, mode)
        os.fsync(descriptor)


def _keep_owner(descriptor: int, before: os.stat_result) -> int:
    """Give the file its owner and group, and return the mode that it may then have."""
    mode = stat.S_IMODE(before.st_mode)
    for owner, group in ((before.st_uid, before.st_gid), (-1, before.st_gid)):
        try:
            os.fchown(descriptor, owner, group)
        except OSError:
            # Set-id bits would give the rights of another owner than before.
            mode &= ~(stat.S_ISUID | stat.S_ISGID)
            continue
        return mode
    # Nor may another group than before have more rights than everybody.
    return mode & ~stat.S_IRWXG | (mode & stat.S_IRWXO) << 3


def _copy_attributes(descriptor: int, real: str) -> None:
    if not hasattr(os, "listxattr"):
        return
    try:
        names = os.listxattr(real)
    except OSError:
        return
    for name in names:
        try:
            os.setxattr(descriptor, name, os.getxattr(real, name))
        except OSError:
            continue  # some belong to the system, some file systems have none


def _unchanged(file: File, before: os.stat_result, old: bytes) -> bool:
    """Tell whether a file is as it was; its bytes too, for clocks of file systems are coarse."""
    try:
        data, now = read_file(file)
    except (OSError, ValueError):
        return False
    return data == old and all(getattr(now, field) == getattr(before, field) for field in _STATE)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
