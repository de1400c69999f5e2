"""How thick a forehead grows in half an hour of lying, by the filtration coefficient of the skin of head and neck.

The one figure of a face that is fitted to an outcome: `head_tissue.capillary.filtration`, on the target
`forehead_thickness_lying`. Each coefficient goes through the target's protocol from the packaged morning; what the
half head gains in a day beside is told too, since too large a one makes neck and jaw swell from day to day.

    python scripts/calibrate_face.py                 # some minutes; prints a table
    python scripts/calibrate_face.py 2e-5 3e-5       # other coefficients, 1/min/mmHg
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

import venolymph as vl
from venolymph.body.head import head_body
from venolymph.figures import load
from venolymph.simulation.tissue_model import tissue_of
from venolymph.validation.targets import regimen

KEY = "head_tissue.capillary.filtration"
TRIED = (2e-5, 3e-5, 4e-5)
DAY = {"steps": [{"sit": {"for": "16 h"}}, {"lie": {"pillow": "8 cm", "for": "8 h"}}]}


def rises(filtration: float) -> tuple[float, float, float]:
    """Rise of thickness and of dermis at the forehead, %, and fluid that a half head gains in a day, mL."""
    figures = {**load(), KEY: replace(load()[KEY], value=filtration)}
    body = head_body(vl.load_person("healthy"), figures=figures)
    tissue = tissue_of([body], None, [figures])
    run = vl.simulate(body, regimen("face-postures"), tissue=tissue)
    lying = next(record.info.start for record in run.records if record.info.kind == "lie")
    end = lying + 1800.0
    found = []
    for name in ("thickness at forehead", "dermis at forehead"):
        trace = run.measure(name).trace
        assert trace is not None
        before, after = (np.interp(at, trace.time, trace.values[:, 0]) for at in (lying, end))
        found.append(100.0 * (after / before - 1.0))
    day = vl.simulate(body, {"kind": "regimen", "version": 1, "regimen": "a day", "body": "face", **DAY}, tissue=tissue)
    fluid = np.asarray(day.exchange("tissue_volume"))[..., 0].sum(axis=1)
    return found[0], found[1], float(fluid[-1] - fluid[0])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Rise of a forehead's thickness by the filtration coefficient.")
    parser.add_argument("filtration", nargs="*", type=float, default=TRIED, help="1/min/mmHg")
    print("1/min/mmHg   thickness %   dermis %   gained in a day, mL")
    for filtration in parser.parse_args().filtration:
        thickness, dermis, gained = rises(filtration)
        print(f"{filtration:10.2g}   {thickness:11.2f}   {dermis:8.2f}   {gained:20.2f}")


if __name__ == "__main__":
    main()
