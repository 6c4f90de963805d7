"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the journals of tests out of the state folder of who runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIXMOJI_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        yield
