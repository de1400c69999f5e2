"""Regimens that several test files take."""

from __future__ import annotations

from typing import Any

from script_loading import load_script

MASSAGE: list[Any] = [{"lie": {"for": "20 s"}}, {"massage": load_script("golden").STROKES}]
"""Lying, and 20 s of strokes up the inner calf, as in the golden runs."""
