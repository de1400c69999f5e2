"""Runs that the tests of the viewer share."""

from __future__ import annotations

from typing import Any

import pytest

import venolymph as vl

STEPS: list[dict[str, Any]] = [
    {"lie": {"for": "4 s"}},
    {"stand": {"for": "6 s"}},
    {"tiptoes": {"count": 3, "rate": "60 /min"}},
    {"walk": {"speed": "3 km/h", "for": "6 s"}},
    {"sit": {"for": "5 s"}},
    {"raise_legs": {"to": "30 deg", "for": "4 s"}},
]


@pytest.fixture(scope="session")
def moving() -> Any:
    """Two people who lie, stand, rise on tiptoe, walk, sit, and lie with their legs raised."""
    return vl.simulate(["healthy", "mild-varicose"], STEPS, tissue=False)


@pytest.fixture(scope="session")
def swelling() -> Any:
    """Somebody with tissue and lymph, both legs in full, one of them raised in the end."""
    steps = [{"sit": {"for": "1 min"}}, {"raise_legs": {"to": "40 deg", "leg": "right", "for": "10 s"}}]
    return vl.simulate("healthy", steps, tissue=True, legs="both")


@pytest.fixture(scope="session")
def face() -> Any:
    """One half of a face with a deep trough under the eye, which lies and then sits."""
    steps = [{"lie": {"for": "2 min"}}, {"sit": {"for": "40 s"}}]
    regimen = {"kind": "regimen", "version": 1, "regimen": "lying and sitting", "body": "face", "steps": steps}
    return vl.simulate("dark-circles-shadow", regimen, tissue=True)
