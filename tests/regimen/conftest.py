"""Bodies small enough to read, with the names that forcing looks for."""

from __future__ import annotations

import pytest

from small import bodies
from venolymph.body.person import load_person


@pytest.fixture(scope="session")
def body() -> bodies.SmallBody:
    """A small body of a healthy person."""
    return bodies.driven()


@pytest.fixture(scope="session")
def heavy_body() -> bodies.SmallBody:
    """A small body of a heavy person."""
    return bodies.driven(load_person("heavy"))
