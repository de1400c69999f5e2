"""The engine's own tests, whose networks are small: JAX is strict, and compiles with little optimization."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="module")
def _strict_and_hasty(strict: None, hasty: None) -> None:
    """Every test in this folder, and what it is prepared with."""
