"""Whole notes in a legacy codec that were read with another one."""

from __future__ import annotations

import pytest

from mojibake_fix import damage, fix_text
from strategies import ORIGINALS

CHANNELS = (
    ("ru.md", "cp1251>latin-1"),
    ("ru.md", "cp1251>cp1252"),
    ("uk.md", "cp1251>latin-1"),
    ("uk.md", "cp866>cp1251"),
    ("fr.md", "mac-roman>cp437"),
    ("zh.md", "gbk>latin-1"),
    ("ja.md", "cp932>latin-1"),
)


@pytest.mark.parametrize(("name", "channel"), CHANNELS)
def test_whole_notes_come_back(name: str, channel: str) -> None:
    source = channel.partition(">")[0].replace("-", "_")
    original = ORIGINALS[name].encode(source, "ignore").decode(source)
    assert fix_text(damage(original, channel)) == original
