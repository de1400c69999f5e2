"""Readings for tests: one protocol of landmarks, as a document and as tables."""

from __future__ import annotations

from typing import Any

LANDMARKS = {0: 21.5, 8: 24.0, 19: 33.0, 30: 35.0, 40: 39.0}
VOLUME = 3149.41
"""Of those, mL."""


def legs(*readings: tuple[str, str, dict[Any, Any]], **about: Any) -> dict[str, Any]:
    """A document of readings: day, side, girths."""
    listed = [{"date": date, "side": side, "girths": girths} for date, side, girths in readings]
    document = {"kind": "readings", "version": 1, "label": "A-17", "from": "malleolus", "unit": "cm"}
    return {**document, "readings": listed, **about}


def scaled(factor: float, **more: float) -> dict[float, float]:
    """The landmarks of a leg whose girths are all so many times as large: its volume goes with the square."""
    return {height: girth * factor for height, girth in LANDMARKS.items()}
