"""Names of places in a leg, as documents and instruments use them. Plain data read from `leg.toml` and `drainage.toml`.

A place is a segment ("great saphenous, thigh"), a valve ("great saphenous, terminal valve"), a perforator
("perforator, Cockett lower"), a spare tributary that a document can add ("tributary, medial calf"), or a **group**:
the first words of such names ("great saphenous" is its calf, its thigh and its junction).
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def template() -> dict[str, Any]:
    """The leg's template (`leg.toml`) as read; not to be changed by the caller."""
    return tomllib.loads(resources.files("venolymph.body").joinpath("leg.toml").read_text("utf-8"))


@cache
def drainage_template() -> dict[str, Any]:
    """The template of tissue and lymph (`drainage.toml`) as read; not to be changed by the caller."""
    return tomllib.loads(resources.files("venolymph.body").joinpath("drainage.toml").read_text("utf-8"))


@cache
def head_drainage_template() -> dict[str, Any]:
    """The template of tissue and lymph of head and neck (`head_drainage.toml`); not to be changed by the caller."""
    return tomllib.loads(resources.files("venolymph.body").joinpath("head_drainage.toml").read_text("utf-8"))


def segment_valves(segment: dict[str, Any]) -> list[tuple[int, str]]:
    """Valves of one segment of the template: the number of the cell that each follows (from 1) and its name."""
    found: list[tuple[int, str]] = []
    plain = 0
    for valve in segment.get("valves", ()):
        if isinstance(valve, dict):
            found.append((valve["after"], valve["name"]))
        else:
            plain += 1
            found.append((valve, f"{segment['name']}, valve {plain}"))
    return found


def _groups(names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        words = name.split(", ")
        for stop in range(1, len(words) + 1):
            groups.setdefault(", ".join(words[:stop]), []).append(name)
    return {group: tuple(members) for group, members in groups.items()}


_LEG = template()["segments"]

#: Segments that every leg has.
SEGMENTS: tuple[str, ...] = tuple(s["name"] for s in _LEG if not s.get("spare")) + tuple(
    s["name"] for s in template()["pelvis"]
)
#: Spare segments that a person's document can add (varicose tributaries).
TRIBUTARIES: tuple[str, ...] = tuple(s["name"] for s in _LEG if s.get("spare"))
#: Perforating veins.
PERFORATORS: tuple[str, ...] = tuple(p["name"] for p in template()["perforators"])
#: Every single valve of a leg; a perforator's valve bears the perforator's name.
VALVE_NAMES: tuple[str, ...] = tuple(name for s in _LEG for _, name in segment_valves(s)) + tuple(
    p["name"] for p in template()["perforators"] if p.get("valve", True)
)
#: Valves and groups of valves by name, e.g. "great saphenous, thigh" -> its six valves.
VALVES: dict[str, tuple[str, ...]] = _groups(VALVE_NAMES)
#: Segments (spare ones included) and groups of segments by name.
SEGMENT_GROUPS: dict[str, tuple[str, ...]] = _groups(SEGMENTS + TRIBUTARIES)
#: Perforators and groups of perforators by name.
PERFORATOR_GROUPS: dict[str, tuple[str, ...]] = _groups(PERFORATORS)
#: Groups of lymph nodes.
NODES: tuple[str, ...] = tuple(drainage_template()["nodes"])
#: Parts of a leg that cuffs, stockings and volumes refer to.
REGIONS: tuple[str, ...] = ("foot", "ankle", "calf", "knee", "thigh", "plethysmograph")
