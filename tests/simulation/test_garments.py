"""What is worn helps the pump, a stiff shell more than a soft one: in all packaged people with varicose veins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import venolymph as vl

PEOPLE = ("mild-varicose", "severe-varicose", "small-saphenous")
SOFT = {"garment": "profile", "pressure": {"foot": "12.6 mmHg", "ankle": "14 mmHg", "calf": "9.8 mmHg"}}
STIFF = {"garment": "bandage", "resting": "40 mmHg", "up_to": "knee"}
REASON = "what is worn, tested on the packaged people"


@pytest.fixture(scope="module")
def read() -> dict[str, dict[str, np.ndarray]]:
    steps = vl.load_regimen("plethysmography").document()["steps"]

    def under(worn: dict[str, Any] | None) -> dict[str, np.ndarray]:
        dressed = [{"lie": {"for": "1 min"}}, {"wear": worn}] if worn else []
        document = {"kind": "regimen", "version": 1, "regimen": "air plethysmography", "steps": [*dressed, *steps]}
        runs = [vl.simulate(person, document, tissue=False, research_override=REASON) for person in PEOPLE]
        return {name: np.array([float(run.measure(name)) for run in runs]) for name in ("VFI", "EF", "RVF", "VV")}

    return {"none": under(None), "soft": under(SOFT), "stiff": under(STIFF)}


@pytest.mark.parametrize("member", range(len(PEOPLE)), ids=PEOPLE)
def test_filling_and_residual_volume_fall_and_ejection_rises(read: Any, member: int) -> None:
    none, soft, stiff = ({name: values[member] for name, values in read[worn].items()} for worn in read)
    assert stiff["VFI"] < soft["VFI"] < none["VFI"]
    assert stiff["RVF"] < soft["RVF"] < none["RVF"]
    # an elastic stocking leaves the volume as it is where the leak is at the knee
    assert stiff["VV"] < none["VV"]
    assert soft["VV"] < 1.005 * none["VV"]
    assert stiff["EF"] > max(none["EF"], soft["EF"])
    # what an elastic stocking adds to the ejection fraction is little here, where some hundredths are published
    assert soft["EF"] > none["EF"] - 0.5
