"""The wall of veins over weeks and years: what a life does to calibre, course and valves."""

from __future__ import annotations

from venolymph.wall.life import Change, DayHours, Life, Situation

__all__ = ["Change", "DayHours", "Life", "Situation"]
