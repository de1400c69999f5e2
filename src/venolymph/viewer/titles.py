"""Names of places as people say them."""

from __future__ import annotations

import re

from venolymph.body.anatomy import Body
from venolymph.body.region import OTHER

_NOUNS = ("vein", "veins", "venules", "sinus", "plexus", "tributary", "tributaries", "vena cava")
"""What a name holds that says already what it is."""
_PART = re.compile(r"^(.*?)(?: \[(\d+)\])?$")


def vein_title(body: Body, cell: str, segment: str, parts: int) -> str:
    """A cell of the veins: "great saphenous vein, calf, part 3 of 8"."""
    number = _number(cell)
    part = f", part {number} of {parts}" if number and parts > 1 else ""
    return titled(body, _with_noun(_bare(segment))) + part if segment else titled(body, cell)


def lymph_title(body: Body, vessel: str, chain: str, parts: int) -> str:
    """A lymphangion: "anteromedial collectors, part 3 of 40"."""
    name = _bare(chain)
    name = name if name.endswith(("trunk", "duct")) else f"{name} collectors"
    number = _number(vessel)
    return _sided(body, vessel, name) + (f", part {number} of {parts}" if number and parts > 1 else "")


def node_title(body: Body, name: str) -> str:
    """A group of nodes: "inferior inguinal nodes"."""
    bare = _bare(name)
    return _sided(body, name, bare if "cisterna" in bare else f"{bare} nodes")


def titled(body: Body, name: str) -> str:
    """Any other place: valves, perforators, muscles, compartments of tissue."""
    bare = re.sub(r"^perforator, ", "perforating vein, ", _bare(name))
    return _sided(body, name, re.sub(r" \[(\d+)\]", r", part \1", bare))


def valve_title(body: Body, name: str) -> str:
    """A valve: "great saphenous vein, thigh, valve 3"."""
    bare = _bare(name)
    if bare.startswith("perforator, "):
        return _sided(body, name, f"valve of the perforating vein, {bare.removeprefix('perforator, ')}")
    return _sided(body, name, _with_noun(bare))


def muscle_title(body: Body, name: str) -> str:
    """A muscle: "soleus", "muscles of the other calf"."""
    bare = _bare(name)
    if bare.startswith("other "):
        return f"muscles of the other {bare.removeprefix('other ')}"
    return _sided(body, name, {"foot": "muscles of the foot", "thigh muscle": "muscles of the thigh"}.get(bare, bare))


def _with_noun(name: str) -> str:
    first, comma, rest = name.partition(", ")
    if not any(noun in first.split() or noun in first for noun in _NOUNS):
        first += " vein"
    return first + comma + rest


def _sided(body: Body, name: str, title: str) -> str:
    """A title with its leg in front where it is of the leg that is not asked about, or where both are in full."""
    if not name.startswith(OTHER):
        return title
    side = "right" if body.index_side == "left" else "left"
    return f"{side} leg, {title}"


def _bare(name: str) -> str:
    return name.removeprefix(OTHER)


def _number(name: str) -> str | None:
    found = _PART.match(name)
    return found.group(2) if found else None
