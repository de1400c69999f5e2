"""Draws docs/images/architecture.svg: the packages on their floors, and who imports whom.

    python scripts/draw_architecture.py            draws it anew, where the code or the floors have changed
    python scripts/draw_architecture.py --check    says whether it is that of the code; changes nothing

Floors are those of the table in docs/architecture.md, imports are read by `code_shape.py`. The ground floor is what
everybody uses, so no arrow leads there. An import that follows from others (A from B and B from C, hence A from C) is
left out. One that goes upward, against the table, is red. The picture is text and alike on every machine.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import code_shape

PICTURE = code_shape.ROOT / "docs" / "images" / "architecture.svg"
Pair = tuple[str, str]
"""A package, and one that it imports from."""
LETTER, BOX, ROW, GAP, LEFT = 7.6, 28.0, 62.0, 22.0, 170.0
"""Sizes: of a letter, a box's height, from row to row, between boxes, left of all boxes."""
BEND, NEAR = 9.0, 14.0
"""Width that an arrow takes where it passes between boxes, and the gap beside it."""
SWEEPS = 40
STRAIGHT = (1.0, 2.0, 8.0)
"""How hard the ends of a link pull each other, by how many of them are bends: so that long arrows run straight."""
PORTS = 0.6
"""Share of a box's width over which the ends of its arrows are spread."""


@dataclass(frozen=True)
class Plan:
    """What the picture shows.

    Attributes:
        floors: the packages of each floor, ground first.
        down: imports that are drawn as arrows.
        upward: imports against the table.
    """

    floors: Mapping[int, Sequence[str]]
    down: Sequence[Pair]
    upward: Sequence[Pair]


def floors(page: str) -> dict[int, list[str]]:
    """Packages by floor, from the table in the text of docs/architecture.md."""
    found: dict[int, list[str]] = defaultdict(list)
    for number, rooms in re.findall(r"^\| (\d+) \| (.+?) \|", page, re.MULTILINE):
        found[int(number)] += re.findall(r"`(\w+)`", rooms)
    return dict(sorted(found.items()))


def reduced(pairs: Iterable[Pair]) -> set[Pair]:
    """Pairs of an order without those that follow from others."""
    after: dict[str, set[str]] = defaultdict(set)
    for a, b in pairs:
        after[a].add(b)

    def beyond(start: str, but: str) -> set[str]:
        seen: set[str] = set()
        waiting = list(after[start] - {but})
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += after[one]
        return seen

    return {(a, b) for a in list(after) for b in after[a] if b not in beyond(a, b)}


def plan(code: code_shape.Code, by_floor: Mapping[int, Sequence[str]]) -> Plan:
    """Who imports whom among the packages of a table of floors."""
    order = {room: number for number, room in enumerate(room for rooms in by_floor.values() for room in rooms)}
    ground = set(by_floor[min(by_floor)])
    pairs = {(code_shape.room_of(a), code_shape.room_of(b)) for a, b in code.edges}
    pairs = {(a, b) for a, b in pairs if a in order and b in order and a != b}
    upward = {(a, b) for a, b in pairs if order[b] > order[a]}
    down = {(a, b) for a, b in reduced(pairs - upward) if b not in ground}
    return Plan(by_floor, *(sorted(some, key=lambda pair: (order[pair[0]], order[pair[1]])) for some in (down, upward)))


def rows(shown: Plan) -> list[tuple[int, list[str]]]:
    """Rows of boxes from the ground up, each with its floor: on one floor a package stands over what it imports."""
    found: list[tuple[int, list[str]]] = []
    for floor, rooms in shown.floors.items():
        height: dict[str, int] = {}
        for room in rooms:  # what it imports stands before it in the table
            height[room] = max((height[b] + 1 for a, b in shown.down if a == room and b in height), default=0)
        levels = range(max(height.values()) + 1)
        found += [(floor, [room for room in rooms if height[room] == level]) for level in levels]
    return found


Layers = list[list[str]]
Links = list[list[Pair]]
"""For each row but the lowest its links down to the next row: upper and lower end."""


def routed(shown: Plan, boxes: Layers) -> tuple[Layers, Links, dict[Pair, list[str]]]:
    """Rows with a place in each row that an arrow passes, the links from row to row, and the way of each arrow."""
    layers = [list(row) for row in boxes]
    level = {room: number for number, row in enumerate(boxes) for room in row}
    links: Links = [[] for _ in boxes]
    ways = {}
    for a, b in shown.down:
        between = [f"{a}>{b}>{number}" for number in range(level[a] - 1, level[b], -1)]
        for name in between:
            layers[int(name.rpartition(">")[2])].append(name)
        ways[a, b] = [a, *between, b]
        for number, pair in zip(
            range(level[a], level[b], -1), zip([a, *between], [*between, b], strict=True), strict=True
        ):
            links[number].append(pair)
    return layers, links, ways


def crossings(layers: Layers, links: Links) -> int:
    """How often arrows cross."""
    at = {name: number for row in layers for number, name in enumerate(row)}
    return sum(
        (at[a] - at[c]) * (at[b] - at[d]) < 0
        for row in links
        for number, (a, b) in enumerate(row)
        for c, d in row[:number]
    )


def sorted_out(layers: Layers, links: Links) -> Layers:
    """Rows in an order in which few arrows cross: each name by the mean of its neighbours, up and down in turn."""
    best, fewest = [list(row) for row in layers], crossings(layers, links)
    row_of = [list(row) for row in layers]
    for sweep in range(SWEEPS):
        rising = sweep % 2 == 0
        for number in range(1, len(row_of)) if rising else range(len(row_of) - 2, -1, -1):
            other = row_of[number - 1 if rising else number + 1]
            at = {name: place for place, name in enumerate(other)}
            near: dict[str, list[int]] = defaultdict(list)
            for a, b in links[number if rising else number + 1]:
                mine, theirs = (a, b) if rising else (b, a)
                near[mine].append(at[theirs])
            now = {name: place for place, name in enumerate(row_of[number])}
            share = max(len(other), 1) / max(len(now), 1)
            row_of[number].sort(
                key=lambda name: (sum(near[name]) / len(near[name]) if near[name] else now[name] * share, now[name])
            )
        found = crossings(row_of, links)
        if found < fewest:
            best, fewest = [list(row) for row in row_of], found
    return best


def wide(name: str) -> float:
    """Width of a box, or of an arrow that passes."""
    return BEND if ">" in name else LETTER * len(name) + 20.0


def spaced(row: Sequence[str], wished: Mapping[str, float]) -> dict[str, float]:
    """Middles as near to what is wished as neighbours allow (pooled adjacent violators)."""
    shift, total = [], 0.0
    for number, name in enumerate(row):
        if number:
            total += (wide(row[number - 1]) + wide(name)) / 2.0 + (GAP if ">" not in row[number - 1] + name else NEAR)
        shift.append(total)
    pools: list[list[float]] = []
    for name, moved in zip(row, shift, strict=True):
        pools.append([wished[name] - moved, 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            value, count = pools.pop()
            pools[-1] = [(pools[-1][0] * pools[-1][1] + value * count) / (pools[-1][1] + count), pools[-1][1] + count]
    values = [value for value, count in pools for _ in range(int(count))]
    return {name: value + moved for name, value, moved in zip(row, values, shift, strict=True)}


def placed(layers: Layers, links: Links) -> dict[str, float]:
    """The middle of each box and of each arrow that passes, from left to right."""
    at: dict[str, float] = {}
    for row in layers:
        at |= spaced(row, dict.fromkeys(row, 0.0))
    for sweep in range(SWEEPS):
        pulls = {name: [at[name], 1.0] for name in at}
        for a, b in (pair for row in links for pair in row):
            weight = STRAIGHT[(">" in a) + (">" in b)]
            for one, other in ((a, b), (b, a)):
                pulls[one][0] += weight * at[other]
                pulls[one][1] += weight
        for row in layers if sweep % 2 == 0 else layers[::-1]:
            at |= spaced(row, {name: pulls[name][0] / pulls[name][1] for name in row})
    low = min(at[name] - wide(name) / 2.0 for name in at)
    return {name: value + LEFT - low for name, value in at.items()}


def curve(points: Sequence[tuple[float, float]]) -> str:
    """A smooth way down through points, as an SVG path."""
    (x, y), *rest = points
    path = [f"M{x:.0f} {y:.0f}"]
    for nx, ny in rest:
        half = (y + ny) / 2.0
        path.append(f"C{x:.0f} {half:.0f} {nx:.0f} {half:.0f} {nx:.0f} {ny:.0f}")
        x, y = nx, ny
    return "".join(path)


def draw(shown: Plan) -> str:
    """The picture, as SVG."""
    levels = rows(shown)
    layers, links, ways = routed(shown, [row for _, row in levels])
    layers = sorted_out(layers, links)
    at = placed(layers, links)
    width, height = max(at[name] + wide(name) / 2.0 for name in at) + GAP, ROW * len(levels)
    low = {name: height - ROW * (number + 0.5) for number, row in enumerate(layers) for name in row}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" font-family="sans-serif" font-size="13">',
        "<title>Packages of venolymph by floor, and who imports whom</title>",
        "<defs>" + "".join(head(name, colour) for name, colour in COLOURS.items()) + "</defs>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="white"/>',
    ]
    for floor in shown.floors:
        own = [number for number, (mine, _) in enumerate(levels) if mine == floor]
        top = height - ROW * (own[-1] + 1)
        shade = "#f1f5f5" if floor % 2 else "#ffffff"
        parts += [
            f'<rect x="0" y="{top:.0f}" width="{width:.0f}" height="{ROW * len(own):.0f}" fill="{shade}"/>',
            f'<text x="10" y="{top + ROW * len(own) / 2.0 + 5:.0f}" fill="#5a6a6a">floor {floor}</text>',
        ]
    parts.append(f'<text x="10" y="{height - 8:.0f}" fill="#5a6a6a" font-size="11">all may use these: no arrows</text>')
    drawn = [*(("down", way) for way in ways.values()), *(("upward", list(pair)) for pair in shown.upward)]
    ends = ports([way for _, way in drawn], at, low)
    parts += [arrow(kind, along(way, ends[number], at, low)) for number, (kind, way) in enumerate(drawn)]
    for name in (name for row in layers for name in row if ">" not in name):
        own = wide(name)
        parts += [
            f'<rect x="{at[name] - own / 2.0:.0f}" y="{low[name] - BOX / 2.0:.0f}" width="{own:.0f}" '
            f'height="{BOX:.0f}" rx="5" fill="#d9efed" stroke="#00796b"/>',
            f'<text x="{at[name]:.0f}" y="{low[name] + 5:.0f}" text-anchor="middle">{escape(name)}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


COLOURS = {"down": "#4f6b6b", "upward": "#d32f2f"}


def head(name: str, colour: str) -> str:
    """The head of an arrow."""
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="{colour}"/></marker>'
    )


def ports(ways: Sequence[Sequence[str]], at: Mapping[str, float], low: Mapping[str, float]) -> list[list[float]]:
    """Where each arrow leaves and enters a box: side by side, in the order of where they come from and go to."""
    sides: dict[tuple[str, bool], list[tuple[float, int, int]]] = defaultdict(list)
    for number, way in enumerate(ways):
        for end, box, beside in ((0, way[0], way[1]), (1, way[-1], way[-2])):
            sides[box, low[way[0]] < low[way[-1]] if end == 0 else low[way[0]] > low[way[-1]]].append(
                (at[beside], number, end)
            )
    ends = [[0.0, 0.0] for _ in ways]
    for (box, _), arrows in sides.items():
        for place, (_, number, end) in enumerate(sorted(arrows), 1):
            ends[number][end] = at[box] + wide(box) * PORTS * (place / (len(arrows) + 1) - 0.5)
    return ends


def along(
    way: Sequence[str], ends: Sequence[float], at: Mapping[str, float], low: Mapping[str, float]
) -> list[tuple[float, float]]:
    """Points of an arrow: out of a box on the side of where it goes, straight past rows, into the other box."""
    sign = 1.0 if low[way[-1]] > low[way[0]] else -1.0
    points = [(ends[0], low[way[0]] + sign * BOX / 2.0)]
    for name in way[1:-1]:
        points += [(at[name], low[name] - BOX / 2.0), (at[name], low[name] + BOX / 2.0)]
    return [*points, (ends[1], low[way[-1]] - sign * BOX / 2.0)]


def arrow(kind: str, points: Sequence[tuple[float, float]]) -> str:
    return (
        f'<path class="{kind}" d="{curve(points)}" fill="none" stroke="{COLOURS[kind]}" stroke-width="1.2" '
        f'marker-end="url(#{kind})"/>'
    )


def picture() -> str:
    """The picture of the code as it is."""
    page = (code_shape.ROOT / "docs" / "architecture.md").read_text("utf-8")
    return draw(plan(code_shape.read(), floors(page)))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="say whether the picture is that of the code")
    drawn = picture()
    kept = PICTURE.read_text("utf-8") if PICTURE.exists() else ""
    if parser.parse_args().check:
        print(
            "the picture is that of the code" if drawn == kept else f"draw {PICTURE.name} anew: {Path(__file__).name}"
        )
        return int(drawn != kept)
    PICTURE.write_text(drawn, "utf-8")
    print(f"{PICTURE}: {'as it was' if drawn == kept else 'drawn anew'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
