"""Repair text damaged by wrong encodings: proved, document-wide, silent on clean text."""

from __future__ import annotations

TYPE_CHECKING = False  # importing `typing` for it would slow the start of the command
if TYPE_CHECKING:
    from ._detect import detect
    from ._normalize import normalize
    from ._repair import Repair, fix_text, repair
    from ._spans import Guess, Span
    from .channels import Channel, Layer, damage
    from .codec import register_codec
    from .document import DecodeError, DocumentError, EncodeError, fix_bytes
    from .options import Options
    from .repairer import Repairer, Report, fix_aiter, fix_iter
    from .stream import fix_stream

__all__ = [
    "Channel",
    "DecodeError",
    "DocumentError",
    "EncodeError",
    "Guess",
    "Layer",
    "Options",
    "Repair",
    "Repairer",
    "Report",
    "Span",
    "damage",
    "detect",
    "fix_aiter",
    "fix_bytes",
    "fix_iter",
    "fix_stream",
    "fix_text",
    "normalize",
    "register_codec",
    "repair",
]

__version__ = "0.1.0"

_HOME = {
    "Channel": "channels",
    "DecodeError": "document",
    "DocumentError": "document",
    "EncodeError": "document",
    "Guess": "_spans",
    "Layer": "channels",
    "Options": "options",
    "Repair": "_repair",
    "Repairer": "repairer",
    "Report": "repairer",
    "Span": "_spans",
    "damage": "channels",
    "detect": "_detect",
    "fix_aiter": "repairer",
    "fix_bytes": "document",
    "fix_iter": "repairer",
    "fix_stream": "stream",
    "fix_text": "_repair",
    "normalize": "_normalize",
    "register_codec": "codec",
    "repair": "_repair",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for, so that the command starts quickly."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list({*globals(), *__all__})
