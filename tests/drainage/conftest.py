"""The engine's own tests run with JAX in its strictest mood."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="module")
def _strictly(strict: None) -> None:
    """Every test in this folder, and what it is prepared with."""
