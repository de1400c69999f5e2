"""The state in which the tissue of a leg begins a run: that of a morning, after days that are all alike.

A day: twice three hours of standing, one of walking and four of sitting, then eight hours lying. Tissue and lymph of
the reference leg go through it, made faster as in `calibrate_tissue.py`, until a morning is like the one before. What
is written (`body/morning.toml`): for each compartment how much fluid it holds, how much protein that holds, and the
share of open capillaries.

    python scripts/settle_tissue.py            # some minutes; prints what it finds
    python scripts/settle_tissue.py --write    # and writes the file

To be run after `calibrate_tissue.py --write`.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np

import venolymph
from venolymph import figures
from venolymph.body.drainage import leg_drainage
from venolymph.network import interstitium
from venolymph.network.parameters import stack
from venolymph.simulation.exchange import fresh, tissue_of

sys.path.insert(0, str(Path(__file__).parent))
from calibrate_tissue import HASTE, HOUR, Postures, hasty, postures, stay

DAY = (("stand", 3.0), ("walk", 1.0), ("sit", 4.0), ("stand", 3.0), ("walk", 1.0), ("sit", 4.0), ("lie", 8.0))
"""What is done, and for how many hours."""
DAYS = 3
FILE = Path(venolymph.__file__).parent / "body" / "morning.toml"
HEAD = """# Tissue of the reference leg in the morning, to begin a run from: scripts/settle_tissue.py, basis derived.
#
#   fluid    over that at v = 1
#   protein  its concentration over the figure tissue.protein.tissue
#   open     share of the capillaries that is open
#
# A day was {day}.

"""


def mornings(found: Postures) -> tuple[Any, list[np.ndarray]]:
    """State at the end of the last night, and the fluid of all compartments each morning, relative to v = 1."""
    leg = leg_drainage(found.body.person)
    own = hasty([leg])
    tissue = replace(tissue_of([found.body], own), legs=[leg])
    cells = stack([found.body.parameters])
    around = fresh(tissue, cells, found.kinds["lie"].drive)
    seen = []
    for day in range(DAYS):
        for kind, hours in DAY:
            around, _ = stay(tissue, cells, found.kinds[kind], around, hours * HOUR / HASTE)
        seen.append(np.asarray(around.state.volume / own.tissue.volume)[:, 0])
        print(f"day {day + 1}: leg holds {seen[-1].mean():.4f} of its fluid", file=sys.stderr, flush=True)
    available = interstitium.available_volume(own.tissue, around.state.volume)
    return jax.tree.map(np.asarray, (around.state, available)), seen


def written(names: tuple[str, ...], state: Any, available: np.ndarray, swelling: np.ndarray) -> str:
    """The file."""
    density = state.content[0, :, 0] / available[0, :, 0]
    protein = 1e3 * figures.load()["tissue.protein.tissue"].internal
    day = ", ".join(f"{hours:g} h {kind}" for kind, hours in DAY)
    rows = [
        f'"{name}" = {{ fluid = {v:.4f}, protein = {c / protein:.4f}, open = {o:.4f} }}'
        for name, v, c, o in zip(names, swelling, density, state.opened[:, 0], strict=True)
    ]
    return HEAD.format(day=day) + "\n".join(rows) + "\n"


def main() -> None:
    """Find the morning, print it, and write it where asked."""
    parser = argparse.ArgumentParser(description="Find the state in which the tissue of a leg begins a run.")
    parser.add_argument("--write", action="store_true", help="write the file")
    given = parser.parse_args()
    found = postures()
    (state, available), seen = mornings(found)
    text = written(leg_drainage(found.body.person).topology.compartments, state, available, seen[-1])
    print(text)
    print(f"last change: {np.abs(seen[-1] - seen[-2]).max():.4f}", file=sys.stderr)
    if given.write:
        FILE.write_text(text, "utf-8")
        print(f"written: {FILE}")


if __name__ == "__main__":
    main()
