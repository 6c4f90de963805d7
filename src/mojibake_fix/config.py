"""Configuration files: where they are, what they may say, what holds for the files of a folder.

For each file the nearest configuration counts, alone: `.fixmoji.toml`, or a `pyproject.toml` with
the table `[tool.fixmoji]`, in the file's folder or one above, up to the root of its repository. The
command line is stronger.
"""

from __future__ import annotations

import os

from .arguments import OPTIONS, UsageError, did_you_mean
from .gitignore import Patterns

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from typing import Any

    from .arguments import Arguments
    from .gitignore import Rules

__all__ = ["ConfigError", "Configuration", "Settings"]

_OWN, _PROJECT = ".fixmoji.toml", "pyproject.toml"
_TABLE = "tool.fixmoji"
_ROOT = ".git"  # what the root of a repository holds
_MARKS = (_OWN, _PROJECT, _ROOT)


class ConfigError(UsageError):
    """A configuration file cannot be read, or says what cannot be.

    Attributes:
        path: the file.
    """

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path


class Settings:
    """The value of every option, for the files of a folder.

    Attributes:
        included, excluded: the patterns of files to look at, and of what to leave out, with the
            folders that they are relative to.
    """

    def __init__(self, values: dict[str, Any], included: Rules, excluded: Rules) -> None:
        for name, value in values.items():
            setattr(self, OPTIONS[name].attribute, value)
        self.included = included
        self.excluded = excluded

    if TYPE_CHECKING:

        def __getattr__(self, attribute: str) -> Any: ...


class Configuration:
    """What holds where: defaults, the nearest configuration file, the command line.

    Args:
        arguments: the command line.
        on_error: hears path and fault, once, of each file that is found and cannot be used.

    Raises:
        ConfigError: the file that the command line names cannot be used.
    """

    def __init__(self, arguments: Arguments, on_error: Callable[[str, str], None]) -> None:
        self._given = arguments.given
        self._on_error = on_error
        try:
            self._here = os.path.join(os.path.realpath(os.curdir), "")
        except OSError:
            self._here = ""
        self._known: dict[str, Settings | None] = {}
        self._default = self._settings({}, self._here)
        self._only: Settings | None = self._default if arguments.isolated else None
        if arguments.config is not None:
            keys = _read(arguments.config)
            if keys is None:
                missing = not os.path.isfile(arguments.config)
                message = "there is no such file" if missing else f"there is no [{_TABLE}] in it"
                raise ConfigError(arguments.config, message)
            self._only = self._settings(keys, self._here)

    def settings(self, folder: str) -> Settings | None:
        """Return what holds for the files of a folder; None if the file for it cannot be used.

        The folder is an absolute path without links.
        """
        if self._only is not None:
            return self._only
        if folder not in self._known:
            try:
                self._known[folder] = self._find(folder)
            except ConfigError as error:
                self._known[folder] = None
                self._on_error(error.path, str(error))
        return self._known[folder]

    def settings_below(
        self, above: Settings, folder: str, names: Container[str]
    ) -> Settings | None:
        """Return the same for a folder that holds `names`, in one for which `above` holds."""
        return self.settings(folder) if any(name in names for name in _MARKS) else above

    def _find(self, folder: str) -> Settings | None:
        for name in (_OWN, _PROJECT):
            keys = _read(os.path.join(folder, name))
            if keys is not None:
                return self._settings(keys, os.path.join(folder, ""))
        parent = os.path.dirname(folder)
        if parent == folder or os.path.lexists(os.path.join(folder, _ROOT)):
            return self._default
        return self.settings(parent)

    def _settings(self, keys: dict[str, Any], base: str) -> Settings:
        """Return what holds with the keys of a file whose patterns are relative to `base`."""
        values = {name: option.default for name, option in OPTIONS.items()} | keys | self._given
        bases = dict.fromkeys(OPTIONS, base) | dict.fromkeys(self._given, self._here)

        def rules(base: str, patterns: tuple[str, ...]) -> Rules:
            return ((base, Patterns("\n".join(patterns))),) if patterns else ()

        return Settings(
            values,
            rules(bases["include"], values["include"]),
            rules(bases["exclude"], values["exclude"])
            + rules(base, keys.get("extend-exclude", ()))
            + rules(self._here, self._given.get("extend-exclude", ())),
        )


def _read(path: str) -> dict[str, Any] | None:
    """Return the keys of a configuration file; None if there is no file, or no table for us."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(path, f"cannot be read ({error.strerror})") from None
    in_project = os.path.basename(path) == _PROJECT
    if in_project and b"fixmoji" not in data:
        return None  # as most are, and `tomllib` takes long to import
    import tomllib

    try:
        text = data.decode("utf-8-sig")
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ConfigError(path, f"not UTF-8 at byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(path, f"not TOML: {error}") from None
    for name in _TABLE.split(".") if in_project else ():
        if name not in table:
            return None
        table = table[name]
        if not isinstance(table, dict):
            raise ConfigError(path, f"{name} must be a table, not {table!r}")
    return {name: _checked(path, text, name, table[name], in_project) for name in table}


def _checked(path: str, text: str, name: str, value: object, in_project: bool) -> Any:
    """Return the value of a key. Raises ConfigError if there is no such key, or value."""
    option = OPTIONS.get(name)
    line = _line(text, name, _TABLE if in_project else "")
    where = f" (line {line})" if line else ""
    if option is None:
        known = [name for name, option in OPTIONS.items() if option.configurable]
        advice = did_you_mean(name, known) or f" (known are {', '.join(known)})"
        raise ConfigError(path, f"there is no key {name}{where}{advice}")
    if not option.configurable:
        raise ConfigError(path, f"{name} is for the command line only{where}")
    try:
        return option.checked(value, name)
    except UsageError as error:
        raise ConfigError(path, f"{error}{where}") from None


def _line(text: str, name: str, table: str) -> int:
    """Return the line, from 1, in which a key of a table stands; 0 if that is hard to tell."""
    inside = not table
    for number, line in enumerate(text.split("\n"), start=1):
        if line.lstrip().startswith("["):
            inside = line.strip(" \t\r[]") == table
        elif inside and line.partition("=")[0].strip(" \t\"'") == name:
            return number
    return 0
