"""Files to look at, and their atomic replacement.

Named files are always read, unless `force-exclude` is set. Folders are walked in the order of
their names, without what `include` and `exclude` leave out, what `.gitignore` (also of folders
above, up to the repository, and `.git/info/exclude`) excludes, hidden names and symbolic links.
"""

from __future__ import annotations

import os
import stat

from .document import HEAD, check_text
from .gitignore import Patterns, is_excluded, is_included, verdict, verdict_in

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .config import Configuration, Settings
    from .gitignore import Rules

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
_SMALL = 1 << 16  # bytes that are read at once, before it is known whether they are text
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


def find_files(
    paths: Sequence[str], configuration: Configuration, on_error: OnError
) -> Iterator[tuple[File, Settings]]:
    """Yield the files of `paths`, each once: arguments in their order, folders sorted by path.

    Each comes with the settings that hold for it; where there are none, it is passed over. A named
    symbolic link stands for its target. `on_error(path, message)` hears of what is missing, cannot
    be listed, or is neither file nor folder; the others follow.
    """
    tops: list[tuple[str, str, bool]] = []
    folders: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        try:
            tops.append((path, *_resolved(path, folders)))
        except (OSError, ValueError) as error:
            on_error(path, reason(error))
    named = {real for _, real, is_folder in tops if not is_folder}
    seen: set[str] = set()
    for path, real_top, is_folder in tops:
        settings = configuration.settings(os.path.dirname(real_top))
        if settings is None or (settings.force_exclude and is_left_out(real_top, settings)):
            continue
        if not is_folder:
            found = iter([(path, real_top, settings)])
        else:
            found = _walk(path, real_top, settings, configuration, on_error)
        for shown, real, holding in found:
            if real not in seen:
                seen.add(real)
                yield File(shown, real, named=real in named), holding


def _resolved(path: str, folders: dict[str, str]) -> tuple[str, bool]:
    """Return the real path, of a folder with a separator behind, and whether it is a folder.

    `folders` remembers real paths of folders, for thousands of names may come from one.
    """
    mode = os.lstat(path).st_mode
    folder, name = os.path.split(path)
    if stat.S_ISREG(mode) and name:
        if folder not in folders:
            folders[folder] = os.path.realpath(folder)
        return os.path.join(folders[folder], name), False
    mode = os.stat(path).st_mode
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        raise OSError("neither a file nor a folder")
    real = os.path.realpath(path)
    return (os.path.join(real, ""), True) if stat.S_ISDIR(mode) else (real, False)


def is_left_out(path: str, settings: Settings) -> bool:
    """Tell whether `exclude` or `include` leaves out a path, or a folder that it is in.

    The path is absolute and without links; a folder's ends with a separator.
    """
    if is_excluded(path, settings.excluded):
        return True
    is_file = not path.endswith(os.sep)
    return is_file and bool(settings.included) and not is_included(path, settings.included)


def _walk(
    top: str, real_top: str, settings: Settings, configuration: Configuration, on_error: OnError
) -> Iterator[tuple[str, str, Settings]]:
    """Yield path and real path of each file below a folder, and the settings that hold for it."""
    prefix = "" if top == os.curdir else os.path.join(top, "")
    above = _rules_above(os.path.dirname(real_top))
    stack: list[tuple[str, str, Settings, Rules | None]] = [(prefix, real_top, settings, above)]
    while stack:
        path, real, settings, rules = stack.pop()
        if rules is None:
            yield path, real, settings
            continue
        try:
            with os.scandir(real) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
            names = {entry.name for entry in entries}
            own = configuration.settings_below(settings, os.path.dirname(real), names)
            if own is None:
                continue
            rules += _rules_in(real, names)
            children = list(_wanted(entries, real, rules, own))
        except OSError as error:
            on_error(path or top, reason(error))
            continue
        for name, is_folder in reversed(children):
            stack.append((path + name, real + name, own, rules if is_folder else None))


def _wanted(
    entries: Sequence[os.DirEntry[str]], folder: str, rules: Rules, settings: Settings
) -> Iterator[tuple[str, bool]]:
    """Yield name and whether it is a folder; a folder's name ends with a separator."""
    ignored = verdict_in(folder, rules if settings.respect_gitignore else ())
    excluded = verdict_in(folder, settings.excluded)
    included = settings.included
    for entry in entries:
        name = entry.name
        if name.startswith("."):
            continue
        is_folder = False
        if not entry.is_file(follow_symlinks=False):
            if not entry.is_dir(follow_symlinks=False):
                continue
            is_folder = True
            name += "/"
        if ignored(name) or excluded(name):
            continue
        if is_folder:
            yield entry.name + os.sep, True
        elif not included or is_included(folder + name, included):
            yield name, False


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
        rules += _rules_in(os.path.join(below.pop(), ""), {".git", ".gitignore"})
        if verdict(os.path.join(below[-1], ""), rules):
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


def read_file(file: File) -> tuple[bytes, os.stat_result]:
    """Return the bytes of a file, and its state before they were read.

    Raises:
        OSError: it cannot be read.
        BinaryError: it is not text in UTF-8, as its first bytes show; the rest was not read.
    """
    descriptor = os.open(file.real, _READ)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise OSError("no longer a file")
        size = before.st_size
        data = os.read(descriptor, size + 1 if size < _SMALL else HEAD)
        check_text(data)
        if len(data) != size:
            with open(descriptor, "rb", buffering=0, closefd=False) as stream:
                stream.seek(0)
                data = stream.readall()
    finally:
        os.close(descriptor)
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
