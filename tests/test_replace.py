"""How one file is replaced, and one name."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from mojibake_fix.replace import ReplaceError, fingerprint, replace_file, temporary_beside
from mojibake_fix.tree import File, open_file, pieces

needs_posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


def named(path: Path) -> File:
    return File(str(path), os.path.realpath(path), named=True)


def read(file: File) -> tuple[bytes, os.stat_result]:
    source, state = open_file(file)
    with source:
        return b"".join(pieces(source)), state


def replace(file: File, before: os.stat_result, old: bytes, new: bytes) -> None:
    known = fingerprint([old]), fingerprint([new])
    replace_file(file, before, *known, [(0, old, new)], temporary_beside(file.real))


def rewrite(path: Path, new: bytes) -> None:
    file = named(path)
    data, before = read(file)
    replace(file, before, data, new)


def only(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@needs_posix
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o751, 0o4755, 0o2664])
def test_mode_and_owner_stay(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "a.md"
    target.write_bytes(b"old")
    if os.geteuid() == 0:
        os.chown(target, 1234, 5678)
    os.chmod(target, mode)
    before = target.stat()
    rewrite(target, b"new text")
    after = target.stat()
    assert target.read_bytes() == b"new text"
    assert stat.S_IMODE(after.st_mode) == stat.S_IMODE(before.st_mode)
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert only(tmp_path) == ["a.md"]


@needs_posix
def test_lost_owner_gives_nobody_more_rights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.md"
    target.write_bytes(b"old")
    os.chmod(target, 0o6764)

    def refuse(*_: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)
    rewrite(target, b"new")
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o744


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no extended attributes here")
def test_extended_attributes_stay(tmp_path: Path) -> None:
    target = tmp_path / "a.md"
    target.write_bytes(b"old")
    try:
        os.setxattr(target, "user.color", b"blue")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    rewrite(target, b"new")
    assert os.getxattr(target, "user.color") == b"blue"


@needs_posix
def test_hard_links_are_not_broken(tmp_path: Path) -> None:
    target = tmp_path / "a.md"
    target.write_bytes(b"old")
    os.link(target, tmp_path / "b.md")
    with pytest.raises(ReplaceError, match="2 hard links"):
        rewrite(target, b"new")
    assert target.read_bytes() == b"old"
    assert only(tmp_path) == ["a.md", "b.md"]


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"!")


def _same_size_and_time(path: Path) -> None:
    state = path.stat()
    with path.open("r+b") as file:
        file.write(b"OLD")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def _swap(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.replace(other, path)


def _make_binary(path: Path) -> None:
    path.write_bytes(b"\0\0\0")


@pytest.mark.parametrize("change", [_append, _same_size_and_time, _swap, Path.unlink, _make_binary])
def test_a_file_that_changed_meanwhile_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: object
) -> None:
    target = tmp_path / "a.md"
    target.write_bytes(b"old")
    fsync = os.fsync
    state: list[bytes | None] = []

    def interfere(descriptor: int) -> None:
        fsync(descriptor)
        assert callable(change)
        change(target)
        state.append(target.read_bytes() if target.exists() else None)

    monkeypatch.setattr(os, "fsync", interfere)
    with pytest.raises(ReplaceError, match="changed while"):
        rewrite(target, b"new")
    assert (target.read_bytes() if target.exists() else None) == state[0]
    assert only(tmp_path) == (["a.md"] if state[0] is not None else [])


@pytest.mark.parametrize("function", ["open", "fsync", "replace"])
def test_refused_writing_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    target = tmp_path / "a.md"
    target.write_bytes(b"old")
    file = named(target)
    data, before = read(file)
    original = getattr(os, function)

    def refuse(path: object, *rest: object) -> object:
        if function != "open" or str(path).endswith(".tmp"):
            raise PermissionError(13, "Permission denied", str(path))
        return original(path, *rest)

    monkeypatch.setattr(os, function, refuse)
    with pytest.raises(ReplaceError, match=r"cannot be replaced \(permission denied\)"):
        replace(file, before, data, b"new")
    monkeypatch.undo()
    assert target.read_bytes() == b"old"
    assert only(tmp_path) == ["a.md"]


def test_read_only_folder_and_file_are_named_as_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.md"
    target.write_bytes(b"old")
    file = named(target)
    data, before = read(file)
    opened = os.open

    def refuse(path: str, *rest: int) -> int:
        if path.endswith(".tmp"):
            raise PermissionError(13, "Permission denied", path)
        return opened(path, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        patch.setattr(os, "access", lambda path, _: path == file.real)
        with pytest.raises(ReplaceError, match="its folder is read-only"):
            replace(file, before, data, b"new")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ReplaceError, match="is read-only: left as it is"):
        replace(file, before, data, b"new")
    assert target.read_bytes() == b"old"


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, MemoryError])
def test_interrupted_writing_leaves_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interruption: type[BaseException]
) -> None:
    target = tmp_path / "a.md"
    target.write_bytes(b"old")

    def interrupt(_: int) -> None:
        assert len(only(tmp_path)) == 2
        raise interruption

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(interruption):
        rewrite(target, b"new")
    assert target.read_bytes() == b"old"
    assert only(tmp_path) == ["a.md"]


def test_the_temporary_file_is_hidden_and_beside_its_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / ("n" * 200)
    target.write_bytes(b"old")
    seen: list[str] = []
    replace = os.replace

    def watch(source: str, destination: str) -> None:
        seen.append(source)
        replace(source, destination)

    monkeypatch.setattr(os, "replace", watch)
    rewrite(target, b"new")
    assert os.path.dirname(seen[0]) == os.path.realpath(tmp_path)
    assert os.path.basename(seen[0]).startswith(".")


@needs_posix
def test_another_run_in_the_same_folder_is_waited_for(tmp_path: Path) -> None:
    import fcntl

    target = tmp_path / "a.md"
    target.write_bytes(b"old")
    file = named(target)
    data, before = read(file)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    errors: list[Exception] = []

    def work() -> None:
        try:
            replace(file, before, data, b"new")
        except ReplaceError as error:
            errors.append(error)

    waiting = threading.Thread(target=work)
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()
    assert len(only(tmp_path)) == 2
    target.write_bytes(b"of the other run")
    os.close(descriptor)
    waiting.join(30)
    assert "changed while" in str(errors[0])
    assert target.read_bytes() == b"of the other run"
    assert only(tmp_path) == ["a.md"]


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no extended attributes here")
@pytest.mark.parametrize(("name", "is_kept"), [("user.color", True), ("security.any", False)])
def test_an_attribute_that_cannot_be_kept_keeps_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_kept: bool
) -> None:
    target = tmp_path / "a.md"
    target.write_bytes(b"old")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "listxattr", lambda *_, **__: [name])
    monkeypatch.setattr(os, "getxattr", lambda *_, **__: b"blue")
    monkeypatch.setattr(os, "setxattr", refuse)
    if is_kept:
        with pytest.raises(ReplaceError, match="input/output error"):
            rewrite(target, b"new")
    else:
        rewrite(target, b"new")
    assert target.read_bytes() == (b"old" if is_kept else b"new")
    assert only(tmp_path) == ["a.md"]
