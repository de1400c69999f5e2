"""Regimens that several test files take."""

from __future__ import annotations

from typing import Any

MASSAGE: list[Any] = [
    {"lie": {"for": "20 s"}},
    {
        "massage": {
            "stroke": "pump",
            "at": ["inner calf"],
            "toward": "superficial inguinal nodes",
            "repeat": 5,
            "sets": 1,
            "spots": 2,
            "for": "20 s",
        }
    },
]
"""Lying, and 20 s of strokes up the inner calf."""
