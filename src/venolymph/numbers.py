"""Numbers, ranges and durations as text."""

from __future__ import annotations


def range_text(low: float | None, high: float | None, unit: str) -> str:
    """A range in words; either end may be open."""
    if low is None and high is None:
        return ""
    if high is None:
        return f"at least {number(low or 0.0)}{unit_text(unit)}"
    if low is None:
        return f"at most {number(high)}{unit_text(unit)}"
    return f"{number(low)} to {number(high)}{unit_text(unit)}"


def number(value: float) -> str:
    """A number with as many digits as are worth reading."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 100:
        return f"{value:.0f}"
    if size >= 10:
        return f"{value:.1f}".removesuffix(".0")
    if size >= 0.01:
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{value:.1e}"


def unit_text(unit: str) -> str:
    """A unit as it stands behind a number."""
    return "" if unit in ("", "1") else f" {unit}"


def clock(seconds: float) -> str:
    """A duration in words: `45 s`, `12 min 30 s`, `3 h 20 min`."""
    if seconds < 120:
        return f"{seconds:.3g} s"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def span(seconds: float) -> str:
    """A duration in words, in whole seconds: `45 s`, `12 min 30 s`, `3 h 20 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
