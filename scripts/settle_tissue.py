"""The state in which the tissue of a leg begins a run: that of a morning, after a standard day.

Tissue and lymph of the reference leg go through the day and the night of `calibrate_tissue.py` from v = 1, made faster
as there. What is written (`body/morning.toml`): for each compartment how much fluid it holds, how much protein that
holds, and the share of open capillaries; and what each lymph vessel holds.

    python scripts/settle_tissue.py            # some minutes; prints what it finds
    python scripts/settle_tissue.py --write    # and writes the file

To be run after `calibrate_tissue.py --write`. Days like that nearly repeat.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

import venolymph
from venolymph import figures
from venolymph.body.drainage import leg_drainage
from venolymph.network import interstitium
from venolymph.network.parameters import stack
from venolymph.simulation.exchange import initial_tissue_state
from venolymph.simulation.tissue_model import tissue_of

sys.path.insert(0, str(Path(__file__).parent))
from calibrate_tissue import STANDARD_DAY, Postures, hasty, plain, postures, through
from morning_tables import tables

LAST = 30
"""Records of the night that means are taken over."""
FILE = Path(venolymph.__file__).parent / "body" / "morning.toml"
HEAD = """# Tissue of the reference leg in the morning, to begin a run from: scripts/settle_tissue.py, basis derived.
#
#   fluid    over that at v = 1 (tissue), over that of a slack vessel (lymph)
#   protein  its concentration over the figure tissue.protein.tissue
#   open     share of the capillaries that is open
"""


def mornings(known: Postures) -> str:
    """The file."""
    leg = plain(leg_drainage(known.body.person))
    own = hasty([leg])
    tissue = replace(tissue_of([known.body], own), legs=[leg])
    cells = stack([known.body.parameters])
    night = known.kinds["lie"]
    tissue_state = initial_tissue_state(tissue, cells, night.drive, night.laid)
    slack = np.asarray(tissue_state.state.lymph / leg.filling)
    tissue_state, recorded = through(tissue, cells, tissue_state, STANDARD_DAY)
    asleep = recorded[-1]
    state = tissue_state.state
    protein = 1e3 * figures.load()["tissue.protein.tissue"].internal
    fluid = state.volume / own.tissue.volume
    density = state.content[0] / interstitium.available_volume(own.tissue, state.volume)[0] / protein
    # vessels contract, so theirs are means
    lymph = asleep["lymph_volume"][-LAST:].mean(axis=0)
    carried = asleep["lymph_content"][-LAST:, 0].mean(axis=0) / lymph / protein
    filled, first = lymph / slack, len(leg.patches)
    rows = {
        "tissue": (leg.topology.compartments, (fluid, density, state.opened)),
        "initials": (leg.topology.initials, (filled[:first], carried[:first])),
        "vessels": (leg.topology.vessels, (filled[first:], carried[first:])),
    }
    day = ", ".join(f"{hours:g} h {kind}" for kind, hours in STANDARD_DAY)
    return HEAD + f"# A day was {day}.\n" + tables(rows)


def main() -> None:
    """Find the morning, print it, and write it where asked."""
    parser = argparse.ArgumentParser(description="Find the state in which the tissue of a leg begins a run.")
    parser.add_argument("--write", action="store_true", help="write the file")
    given = parser.parse_args()
    text = mornings(postures())
    print(text)
    if given.write:
        FILE.write_text(text, "utf-8")
        print(f"written: {FILE}")


if __name__ == "__main__":
    main()
