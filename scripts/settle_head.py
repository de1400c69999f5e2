"""The state in which tissue and lymph of a head begin a run: that of a morning, after standard days.

The left half of a reference head goes through days of 16 h sitting and 8 h on the back with a pillow, veins and all.
What is written (`body/head_morning.toml`): for each compartment how much fluid it holds, how much protein that holds,
and the share of open capillaries; and what each lymph vessel holds.

    python scripts/settle_head.py            # some minutes; prints what it finds
    python scripts/settle_head.py --write    # and writes the file
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import venolymph as vl
from venolymph import figures
from venolymph.network import interstitium
from venolymph.simulation.exchange import initial_tissue_state

sys.path.insert(0, str(Path(__file__).parent))
from morning_tables import tables

FILE = Path(vl.__file__).parent / "body" / "head_morning.toml"
DAYS = 3
LAST = 30
"""Records of the last night that means are taken over, since vessels contract."""
HEAD = """# Tissue and lymph of a reference head and neck in the morning, to begin a run from; the same for either side:
# scripts/settle_head.py, basis derived.
#
#   fluid    over that at v = 1 (tissue), over that of a slack vessel (lymph)
#   protein  its concentration over the figure head_tissue.protein.tissue
#   open     share of the capillaries that is open
# A day was 16 h sitting and 8 h on the back with a pillow.
"""


def mornings(days: int) -> str:
    """The file, after so many days."""
    day = [{"sit": {"for": "16 h"}}, {"lie": {"pillow": "8 cm", "for": "8 h"}}]
    regimen = {"kind": "regimen", "version": 1, "regimen": "standard days of a face", "body": "face"}
    run = vl.simulate("healthy", {**regimen, "steps": [{"regimen": {"times": days, "steps": day}}]}, tissue=True)
    tissue, at = run.tissue, run.records[-1].tissue_state
    assert tissue is not None and at is not None
    head, state = tissue.legs[0], at.state
    volume = np.asarray(run.exchange("tissue_volume"))[..., 0]
    time = np.asarray(run.exchange("exchange_time"))
    for hours in range(24, 24 * days + 1, 24):
        print(f"after {hours} h: {volume[np.searchsorted(time, hours * 3600.0) - 1].sum():.2f} mL")
    protein = 1e3 * figures.load()["head_tissue.protein.tissue"].internal
    parameters = tissue.parameters.tissue
    density = state.content[0] / interstitium.available_volume(parameters, state.volume)[0] / protein
    lymph = np.asarray(run.exchange("lymph_volume"))[-LAST:].mean(axis=0)
    carried = np.asarray(run.exchange("lymph_content"))[-LAST:, 0].mean(axis=0) / lymph / protein
    begun = initial_tissue_state(tissue, run.parameters, run.records[0].drive).state.lymph
    filled, first = lymph / np.asarray(begun / head.filling), len(head.patches)
    topology = head.topology
    rows = {
        "tissue": (_half(topology.compartments), (state.volume / parameters.volume, density, state.opened)),
        "initials": (_half(topology.initials), (filled[:first], carried[:first])),
        "vessels": (_half(topology.vessels), (filled[first:], carried[first:])),
    }
    return HEAD + tables(rows)


def _half(names: Sequence[str]) -> list[str]:
    """Places of the left half as either side has them."""
    return [name.removeprefix("left ") for name in names]


def main() -> None:
    """Find the morning, print it, and write it where asked."""
    parser = argparse.ArgumentParser(description="Find the state in which tissue and lymph of a head begin a run.")
    parser.add_argument("--write", action="store_true", help="write the file")
    given = parser.parse_args()
    text = mornings(DAYS)
    print(text)
    if given.write:
        FILE.write_text(text, "utf-8")
        print(f"written: {FILE}")


if __name__ == "__main__":
    main()
