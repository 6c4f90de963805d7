"""Which files to look at, and their bytes.

Named files are always read, unless `force-exclude` is set. Folders are walked in the order of
their names, without what `include` and `exclude` leave out, what `.gitignore` (also of folders
above, up to the repository, and `.git/info/exclude`) excludes, hidden names and symbolic links.
"""

from __future__ import annotations

import os
import stat

from .document import HEAD, PIECE, check_text, is_clean_utf8, is_unmarked_utf_16
from .gitignore import Patterns, excluded_in, is_excluded, is_included, verdict

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Container, Iterator, Sequence

    from .config import Configuration, Settings
    from .gitignore import Rules

    OnError = Callable[[str, str], None]
    # Path, real path, and the settings that hold.
    _Found = tuple[str, str, Settings]

__all__ = [
    "File",
    "find_files",
    "find_names",
    "is_left_out",
    "open_file",
    "pieces",
    "read_file",
    "reason",
]

_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
# The path is already resolved: a link or a pipe that took its place in the meantime is refused.
_READ |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_SMALL = 1 << 16  # bytes that are read at once, before it is known whether they are text
_LARGE = 1 << 23  # bytes that are in memory at once: the spans take many times as much


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
    tops = _tops(paths, on_error)
    named = {real for _, real, is_folder in tops if not is_folder}
    seen: set[str] = set()
    for shown, real, settings in _found(tops, configuration, on_error):
        if real not in seen:
            seen.add(real)
            yield File(shown, real, named=real in named), settings


def find_names(
    paths: Sequence[str], configuration: Configuration, on_error: OnError
) -> Iterator[tuple[File, Settings]]:
    """Yield the files and folders of `paths`, each once, a folder before what is in it.

    An argument is among them only if it ends with the name of what it stands for: not `.`, and no
    symbolic link. Else as `find_files`.
    """
    tops = _tops(paths, on_error)
    named = {real for path, real, _ in tops if _last(path) == _last(real)}
    seen = {real for _, real, _ in tops} - named
    for shown, real, settings in _found(tops, configuration, on_error, folders=True):
        if real not in seen:
            seen.add(real)
            file = File(shown.rstrip(os.sep), real.rstrip(os.sep), named=real in named)
            yield file, settings


def _last(path: str) -> str:
    return os.path.basename(os.path.normpath(path))


def _tops(paths: Sequence[str], on_error: OnError) -> list[tuple[str, str, bool]]:
    """Return path, real path and whether it is a folder of each argument that can be looked at."""
    tops: list[tuple[str, str, bool]] = []
    folders: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        try:
            tops.append((path, *_resolved(path, folders)))
        except (OSError, ValueError) as error:
            on_error(path, reason(error))
    return tops


def _found(
    tops: Sequence[tuple[str, str, bool]],
    configuration: Configuration,
    on_error: OnError,
    *,
    folders: bool = False,
) -> Iterator[_Found]:
    for path, real_top, is_folder in tops:
        settings = configuration.settings(os.path.dirname(real_top))
        if settings is None or (settings.force_exclude and is_left_out(real_top, settings)):
            continue
        if folders or not is_folder:
            yield path, real_top, settings
        if is_folder:
            yield from _walk(path, real_top, settings, configuration, on_error, folders=folders)


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


def _walk(  # noqa: PLR0913 - two for where, the others as everywhere
    top: str,
    real_top: str,
    settings: Settings,
    configuration: Configuration,
    on_error: OnError,
    *,
    folders: bool,
) -> Iterator[_Found]:
    """Yield path and real path of each file below a folder, and the settings that hold for it.

    With `folders` those of folders, too; they end with a separator.
    """
    prefix = "" if top == os.curdir else os.path.join(top, "")
    try:
        above = _rules_above(os.path.dirname(real_top))
    except OSError as error:
        on_error(top, reason(error))
        return
    top_only: list[_Folder | _Found] = [_Folder(prefix, real_top, settings, above)]
    stack = [iter(top_only)]
    while stack:
        for child in stack[-1]:
            if not isinstance(child, _Folder):
                yield child
                continue
            if folders and child.real != real_top and _is_included(child.real, child.settings):
                yield child.path, child.real, child.settings
            try:
                children = child.children(configuration)
            except OSError as error:
                on_error(child.path or top, reason(error))
                continue
            stack.append(iter(children))
            break
        else:
            stack.pop()


class _Folder:
    """A folder of a walk: path and real path end with a separator, unless the path is empty.

    `settings` are those that hold where it is, `rules` those of the folders above.
    """

    def __init__(self, path: str, real: str, settings: Settings, rules: Rules) -> None:
        self.path = path
        self.real = real
        self.settings = settings
        self.rules = rules

    def children(self, configuration: Configuration) -> list[_Folder | _Found]:
        """Return what is to be looked at, by name: folders, and files as `_walk` yields them.

        Raises:
            OSError: the folder, or what it ignores, cannot be read.
        """
        path, real = self.path, self.real
        with os.scandir(real) as scan:
            entries = {entry.name: entry for entry in scan}
        own = configuration.settings_below(self.settings, os.path.dirname(real), entries)
        if own is None:
            return []
        rules = self.rules + _rules_in(real, entries)
        children: list[_Folder | _Found] = []
        for name in _wanted(entries, real, rules, own):
            if name[-1] == "/":
                below = name[:-1] + os.sep
                children.append(_Folder(path + below, real + below, own, rules))
            else:
                children.append((path + name, real + name, own))
        return children


def _is_included(path: str, settings: Settings) -> bool:
    return not settings.included or is_included(path, settings.included)


def _wanted(
    entries: dict[str, os.DirEntry[str]], folder: str, rules: Rules, settings: Settings
) -> list[str]:
    """Return the names of files and folders to look at, in order; a folder's has `/` behind."""
    names = []
    for name in sorted(entries):
        if name[0] == ".":
            continue
        entry = entries[name]
        if entry.is_file(follow_symlinks=False):
            names.append(name)
        elif entry.is_dir(follow_symlinks=False):
            names.append(name + "/")
    left_out = excluded_in(folder, names, settings.excluded)
    if settings.respect_gitignore:
        left_out |= excluded_in(folder, names, rules)
    if left_out:
        names = [name for name in names if name not in left_out]
    if settings.included:
        included = settings.included
        names = [n for n in names if n[-1] == "/" or is_included(folder + n, included)]
    return names


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


def _rules_in(folder: str, names: Container[str]) -> Rules:
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
    """Return the bytes of a file, nothing if there is none; one that cannot be read is an error."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        if os.path.isdir(path):
            return b""
        raise OSError(f"what it ignores cannot be read ({reason(error)}: {path})") from error


def _rules_from(path: str, base: str) -> Rules:
    data = _read_or_nothing(path)
    if not data:
        return ()
    patterns = Patterns(os.fsdecode(data.removeprefix(b"\xef\xbb\xbf")))
    return ((base, patterns),) if patterns else ()


def pieces(stream: io.BufferedIOBase) -> Iterator[bytes]:
    """Yield what is left of a file, in pieces of bounded size."""
    while piece := stream.read(PIECE):
        yield piece


def _open(file: File) -> tuple[int, os.stat_result]:
    descriptor = os.open(file.real, _READ)
    try:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise OSError("no longer a file")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, state


def open_file(file: File) -> tuple[io.BufferedReader, os.stat_result]:
    """Open a file to read it piece by piece; return its state, too.

    Raises:
        OSError: it cannot be read.
    """
    descriptor, state = _open(file)
    return open(descriptor, "rb"), state


def read_file(
    file: File, *, wide: bool = False, whole: bool = True
) -> tuple[bytes | None, os.stat_result]:
    """Return the bytes of a file, and its state before they were read.

    Args:
        file: the file.
        wide: whether UTF-16 and UTF-32 are text, too.
        whole: return all bytes, however many. Else none of a large file that is clean, and None in
            place of a large one that is not: it is to be dealt with piece by piece.

    Raises:
        OSError: it cannot be read.
        BinaryError: it is no text, as its first bytes show; the rest was not read.
        DecodeError: they show that it is UTF-16 or UTF-32, and that is not to be read.
    """
    descriptor, before = _open(file)
    try:
        size = before.st_size
        data = os.read(descriptor, size + 1 if size < _SMALL else HEAD)
        check_text(data, wide=wide)
        if len(data) != size:
            with open(descriptor, "rb", closefd=False) as stream:
                stream.seek(0)
                if size > _LARGE and not whole:
                    is_clean = not is_unmarked_utf_16(data) and is_clean_utf8(pieces(stream))
                    return b"" if is_clean else None, before
                data = stream.read()
            check_text(data, wide=wide)
    finally:
        os.close(descriptor)
    return data, before
