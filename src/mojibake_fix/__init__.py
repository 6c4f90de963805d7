"""Repair text damaged by wrong encodings: proved, document-wide, silent on clean text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .channels import Channel, Layer, damage
    from .detect import Span, detect
    from .document import fix_bytes
    from .normalize import normalize
    from .options import Options
    from .repair import Repair, fix_text, repair
    from .stream import Repairer, fix_stream

__all__ = [
    "Channel",
    "Layer",
    "Options",
    "Repair",
    "Repairer",
    "Span",
    "damage",
    "detect",
    "fix_bytes",
    "fix_stream",
    "fix_text",
    "normalize",
    "repair",
]

__version__ = "0.1.0"

_HOME = {
    "Channel": "channels",
    "Layer": "channels",
    "Options": "options",
    "Repair": "repair",
    "Repairer": "stream",
    "Span": "detect",
    "damage": "channels",
    "detect": "detect",
    "fix_bytes": "document",
    "fix_stream": "stream",
    "fix_text": "repair",
    "normalize": "normalize",
    "repair": "repair",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for, so that the command starts quickly."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module = import_module(f".{_HOME[name]}", __name__)
    # Importing a submodule sets it as an attribute here: the function of that name wins.
    for public, home in _HOME.items():
        if home == _HOME[name]:
            globals()[public] = getattr(module, public)
    return globals()[name]
