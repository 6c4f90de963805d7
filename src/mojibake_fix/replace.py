"""New bytes or a new name in the place of the old, at once or not at all.

A process that ends at any moment leaves the old file or the new one. What it may leave beside them
is one temporary file, whose path the journal knows and which a later run removes.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from hashlib import sha256

from .document import patched
from .tree import open_file, pieces, reason

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .document import Edit
    from .tree import File

    # SHA-256 of the bytes of a file in hexadecimal, and how many they are.
    Fingerprint = tuple[str, int]

__all__ = [
    "FlushError",
    "ReplaceError",
    "TwoNamesError",
    "check_replaceable",
    "drop_second_name",
    "fingerprint",
    "lock",
    "rename",
    "replace_file",
    "sync_folder",
    "temporary_beside",
    "unflushed",
    "write_all",
]

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_CREATE |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_STATE = (
    *("st_dev", "st_ino", "st_nlink", "st_size", "st_mtime_ns"),
    *("st_mode", "st_uid", "st_gid"),
)
# What a file system answers that cannot do a thing at all, unlike one that failed to.
_UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF}
# Attributes that belong to the system: it gives a new file its own.
_OF_THE_SYSTEM = ("security.", "trusted.")


class ReplaceError(Exception):
    """A file or a name was not replaced, and is as it was; says why."""


class FlushError(ReplaceError):
    """It was replaced as asked, but a power failure may still bring back the old one."""


class TwoNamesError(ReplaceError):
    """A file has its new name and could not be taken its old one."""


def check_replaceable(file: File, before: os.stat_result) -> None:
    """Raise if a file cannot be replaced without harm.

    Raises:
        ReplaceError: it has other names too, or is read-only.
    """
    if before.st_nlink > 1:
        raise ReplaceError(
            f"has {before.st_nlink} hard links, which replacing it would break: left as it is"
        )
    if not os.access(file.real, os.W_OK):
        raise ReplaceError("is read-only: left as it is")


def temporary_beside(path: str) -> str:
    """Return a new path for a temporary file in the folder of another."""
    return os.path.join(os.path.dirname(path), f".fixmoji-{os.urandom(8).hex()}.tmp")


def fingerprint(data: Iterable[bytes]) -> Fingerprint:
    """Return the fingerprint of bytes that come in pieces."""
    digest, size = sha256(), 0
    for piece in data:
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def replace_file(  # noqa: PLR0913, PLR0917 - as many as a replacement has sides
    file: File,
    before: os.stat_result,
    old: Fingerprint,
    new: Fingerprint,
    edits: Iterable[Edit],
    temporary: str,
) -> None:
    """Put a file after its edits in the place of the file, at once or not at all.

    Mode, owner and extended attributes stay, as far as the system allows. What was written is on
    the disk before it takes the place; that it did is, after `sync_folder`. However large the file
    is, no more than some megabytes of it are in memory.

    Args:
        file: which file.
        before: its state before it was read: if it is not like that any more, it is left alone.
        old: its bytes.
        new: those that it shall have.
        edits: what makes the new of the old.
        temporary: where to write them first, a path from `temporary_beside`.

    Raises:
        ReplaceError: the file is as it was.
    """
    check_replaceable(file, before)
    folder = os.path.dirname(file.real)
    try:
        fits = _write_copy(temporary, file, before, edits) == new
        with _held(folder):
            if not _unchanged(file, before, old):
                raise ReplaceError("changed while it was being repaired: left as it is")
            if not fits:
                raise ReplaceError(
                    "cannot be written, for its record contradicts itself: left as it is"
                )
            os.replace(temporary, file.real)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError):
            why = _where(error, folder)
            raise ReplaceError(f"cannot be replaced ({why}): left as it is") from error
        raise


def rename(folder: str, old: str, new: str) -> None:
    """Give an entry of a folder a new name, never over another.

    Raises:
        TwoNamesError: the entry has both names; see `drop_second_name`.
        ReplaceError: the entry has its old name.
    """
    target = os.path.join(folder, new)
    try:
        with _held(folder):
            if os.path.lexists(target):
                raise FileExistsError(errno.EEXIST, "the new name is taken")
            _rename_exclusively(os.path.join(folder, old), target)
    except OSError as error:
        why = _where(error, folder)
        raise ReplaceError(f"cannot be renamed ({why}): left as it is") from error


def sync_folder(folder: str) -> None:
    """Flush to disk which names a folder holds, where the system can.

    Raises:
        OSError: it could, and failed.
    """
    try:
        with _opened(folder) as descriptor:
            if descriptor >= 0:
                os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise


def unflushed(folder: str) -> FlushError | None:
    """Flush a folder in which something was replaced; return what went wrong."""
    try:
        sync_folder(folder)
    except OSError as error:
        why = f"was changed, but may not be on the disk yet ({reason(error)})"
        return FlushError(f"{why}: check the disk")
    return None


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it: the system may take less at a time."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def lock(descriptor: int, *, wait: bool) -> bool:
    """Hold an open file or folder for this process alone until it is closed.

    Returns:
        Whether it is held; False if the system has no such locks there.

    Raises:
        BlockingIOError: another process holds it, and `wait` is false.
    """
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        raise
    except (ImportError, OSError):
        return False
    return True


@contextmanager
def _opened(folder: str) -> Iterator[int]:
    """Open a folder; Windows cannot, and there the descriptor is -1."""
    if os.name == "nt":
        yield -1
        return
    descriptor = os.open(folder, _FOLDER)
    try:
        yield descriptor
    finally:
        with suppress(OSError):  # it was only read
            os.close(descriptor)


@contextmanager
def _held(folder: str) -> Iterator[None]:
    """Keep other runs from replacing anything in a folder."""
    with _opened(folder) as descriptor:
        if descriptor >= 0:
            lock(descriptor, wait=True)
        yield


def _where(error: OSError, folder: str) -> str:
    if isinstance(error, PermissionError) and not os.access(folder, os.W_OK):
        return f"its folder is read-only: {reason(error)}"
    return reason(error)


def _write_copy(
    temporary: str, file: File, before: os.stat_result, edits: Iterable[Edit]
) -> Fingerprint | None:
    """Write a file after its edits to a new one, with owner, attributes and mode, and flush it.

    Returns:
        What was written; None if the edits do not fit.
    """
    source, _ = open_file(file)
    with source:
        descriptor = os.open(temporary, _CREATE, 0o600)
        try:
            written = fingerprint(_written(descriptor, patched(source, edits)))
            if hasattr(os, "fchown"):
                mode = _keep_owner(descriptor, before)
                _copy_attributes(descriptor, file.real)
                os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        except ValueError:
            return None
        finally:
            os.close(descriptor)
    return written


def _written(descriptor: int, data: Iterable[bytes]) -> Iterator[bytes]:
    """Write what comes in pieces, and yield each when it is written."""
    for piece in data:
        write_all(descriptor, piece)
        yield piece


def _keep_owner(descriptor: int, before: os.stat_result) -> int:
    """Give the file its owner and group, and return the mode that it may then have."""
    mode = stat.S_IMODE(before.st_mode)
    for owner, group in ((before.st_uid, before.st_gid), (-1, before.st_gid)):
        try:
            os.fchown(descriptor, owner, group)
        except PermissionError:
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
        names = os.listxattr(real, follow_symlinks=False)
    except OSError as error:
        if error.errno in _UNSUPPORTED:
            return
        raise
    for name in names:
        try:
            os.setxattr(descriptor, name, os.getxattr(real, name, follow_symlinks=False))
        except OSError:
            if not name.startswith(_OF_THE_SYSTEM):
                raise


def _unchanged(file: File, before: os.stat_result, old: Fingerprint) -> bool:
    """Tell whether a file is as it was; its bytes too, for clocks of file systems are coarse."""
    try:
        source, now = open_file(file)
    except FileNotFoundError:
        return False
    with source:
        is_same = all(getattr(now, field) == getattr(before, field) for field in _STATE)
        return is_same and fingerprint(pieces(source)) == old


def _rename_exclusively(source: str, target: str) -> None:
    """Rename, but never over a file that is there already.

    Where the system cannot do both at once, a file is linked and unlinked. A folder, or a file
    where there are no links, is renamed after a look whether the name is free: a folder can then
    only take the place of an empty one, a file that of one made in the same instant.
    """
    if _renameat2(source, target):
        return
    if os.name != "nt" and not os.path.isdir(source):
        try:
            os.link(source, target, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _UNSUPPORTED | {errno.EPERM, errno.EMLINK}:
                raise
        else:
            _unlink_first(source, target)
            return
    os.rename(source, target)  # on Windows exclusive by itself


def _unlink_first(source: str, target: str) -> None:
    """Leave a file that has two names the second only; the first only if that fails."""
    try:
        os.unlink(source)
    except OSError as error:
        try:
            os.unlink(target)
        except OSError:
            raise TwoNamesError(
                f"has a second name now, {os.path.basename(target)} ({reason(error)}): the next "
                "run that writes removes it"
            ) from error
        raise


def drop_second_name(source: str, target: str) -> bool:
    """Remove the new name of a file that a run which died had not taken its old one from yet.

    Returns:
        Whether it was so.

    Raises:
        OSError: it was, and cannot be helped.
    """
    try:
        state = os.lstat(source)
        # On a file system that ignores case, one name of one file may look like two.
        if state.st_nlink < 2 or stat.S_ISDIR(state.st_mode):
            return False
        if not os.path.samestat(state, os.lstat(target)):
            return False
    except (FileNotFoundError, NotADirectoryError):
        return False
    os.unlink(target)
    return True


_AT_FDCWD, _RENAME_NOREPLACE = -100, 1  # linux/fcntl.h, linux/fs.h


def _renameat2(source: str, target: str) -> bool:
    """Rename exclusively with one system call; return False if there is no such call."""
    if os.name == "nt":
        return False
    import ctypes

    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    names = (os.fsencode(source), os.fsencode(target))
    if call(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_NOREPLACE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), source)
