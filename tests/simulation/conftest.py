"""One short run of two people that many tests look at."""

from __future__ import annotations

from typing import Any

import pytest

import venolymph as vl

STAND_AND_WALK = [
    {"stand": {"for": "20 s"}},
    {"walk": {"speed": "3 km/h", "for": "20 s"}},
    {"stand": {"for": "30 s"}},
]


@pytest.fixture(scope="session")
def stand_and_walk() -> list[dict[str, Any]]:
    """Standing, walking and standing again."""
    return STAND_AND_WALK


@pytest.fixture(scope="session")
def pair() -> Any:
    """A healthy leg and one with mild varicose veins, standing, walking and standing again."""
    return vl.simulate(["healthy", "mild-varicose"], STAND_AND_WALK)
