"""What the lymph of one leg brings to the thoracic duct over a standard day: flow and protein.

The figures `lymph.rest_of_body.leg_flow` and `leg_protein` are this, read in the model with one leg in full: the other
leg's part of what enters the cisterna from the rest of the body.

    python scripts/lymph_share.py            # some minutes
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import venolymph as vl

sys.path.insert(0, str(Path(__file__).parent))
from calibrate_tissue import STANDARD_DAY

LAST = "lumbar trunk"


def main() -> None:
    """Simulate the day and print the two figures."""
    speed = {"walk": {"speed": "1.3 m/s"}}
    steps = [{kind: {**speed.get(kind, {}), "for": f"{hours} h"}} for kind, hours in STANDARD_DAY]
    run = vl.simulate("healthy", {"kind": "regimen", "version": 1, "regimen": "a standard day", "steps": steps})
    assert run.tissue is not None
    leg = run.tissue.legs[0]
    at = len(leg.topology.initials) + leg.chains[LAST][-1]
    passed = np.asarray(run.exchange("passed"))[:, at, 0].sum()
    protein = np.asarray(run.exchange("passed_solutes"))[:, 0, at, 0].sum()
    hours = float(run.exchange("exchange_time")[-1]) / 3600.0
    print(f"leg_flow    {passed / hours:.1f} mL/h")
    print(f"leg_protein {protein / passed / 10.0:.1f} %")


if __name__ == "__main__":
    main()
