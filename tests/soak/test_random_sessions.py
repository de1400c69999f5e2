"""Random sessions of massage on random people with random lymph: no NaN, nothing negative, nothing lost.

Six sessions belong to the ordinary tests; `make soak` does 200 (VENOLYMPH_SOAK_SESSIONS).
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from soak.test_random_people import person
from venolymph.massage.catalogue import kinds, places
from venolymph.network import drainage

SESSIONS = 6
LEG = [name for name, one in places().items() if "leg" in one.bodies and one.region and one.never is None]
NODES = ("popliteal", "inferior inguinal", "lateral inguinal", "deep inguinal")


def strokes(dice: np.random.Generator) -> dict[str, Any]:
    """Strokes of one kind in one or two places, anything that a document may say."""
    push, release = dice.uniform(0.3, 3.0), dice.uniform(0.0, 2.0)
    return {
        "stroke": str(dice.choice([name for name, kind in kinds().items() if kind.motion != "glide"])),
        "at": [str(name) for name in dice.permutation(LEG)[: dice.integers(1, 3)]],
        str(dice.choice(["toward", "away_from"])): "the heart",
        "pressure": f"{dice.uniform(1.0, 120.0):.1f} mmHg",
        "stretch": round(float(dice.uniform(0.0, 0.5)), 3),
        "repeat": int(dice.integers(1, 10)),
        "spots": int(dice.integers(1, 4)),
        "rhythm": {"push": f"{push:.2f} s", "release": f"{release:.2f} s"},
    }


def session(number: int) -> dict[str, Any]:
    """A regimen with a random session; a number always gives the same one."""
    dice = np.random.default_rng([7, number])
    steps = [{"massage": strokes(dice)} for _ in range(dice.integers(1, 4))]
    document = {"session": "random", "purpose": "experiment", "reason": "robustness", "steps": steps}
    posture = "supine" if dice.random() < 0.8 else "half sitting"
    rest: dict[str, Any] = {"lie": {"for": "20 s"}} if posture == "supine" else {"sit": {"for": "20 s"}}
    return {
        "kind": "regimen",
        "version": 1,
        "purpose": "experiment",
        "steps": [rest, {"massage": {**document, "posture": posture}}, {"wait": {"for": "30 s"}}],
    }


def patient(number: int) -> dict[str, Any]:
    """A random person whose lymph is random too."""
    dice = np.random.default_rng([8, number])
    found = person(number)
    leg = found["legs"]["left"]
    lymph = {
        "contractility": round(float(dice.uniform(0.0, 1.5)), 3),
        "collectors": round(float(dice.uniform(0.2, 1.5)), 3),
        "valve_leak": round(float(dice.uniform(0.0, 0.3)), 4),
        "removed_nodes": [str(name) for name in dice.permutation(NODES)[: dice.integers(0, 3)]],
        "swelling": round(float(dice.uniform(0.9, 2.0)), 3),
    }
    found["legs"]["left"] = {**({} if leg == "healthy" else leg), "lymph": lymph}
    return found


def check(number: int) -> str | None:
    """Simulate a session; what is said if it failed."""
    run = vl.simulate(patient(number), session(number), research_override="soak")
    for name in ("tissue_volume", "lymph_volume", "tissue_content", "lymph_content"):
        values = run.exchange(name)
        assert np.all(np.isfinite(values)), f"{number}: {name} is not finite"
        assert np.all(values >= 0.0), f"{number}: {name} is negative"
    assert np.all(np.isfinite(run.pressure))
    assert np.all(np.asarray(run.volume) > 0.0)
    status = run.status[0]
    if status.code != "ok":
        assert status.cause
        return f"{number}: at {status.time:.1f} s, {status.cause}"
    blood = sum(float(record.extremes["mass_defect"][0]) for record in run.records)
    water = sum(float(record.extremes["water_defect"][0]) for record in run.records)
    assert abs(blood) < 1e-9 * float(run.volume[-1].sum())
    around = run.records[-1].tissue_state
    assert around is not None
    assert abs(water) < 1e-9 * float(drainage.water(around.state)[0, 0])
    return None


def test_random_sessions_on_random_people() -> None:
    failed = [said for number in range(SESSIONS) if (said := check(number)) is not None]
    assert len(failed) <= 1, failed


@pytest.mark.soak
@pytest.mark.skipif("VENOLYMPH_SOAK" not in os.environ, reason="`make soak` runs it")
def test_many_random_sessions(capsys: pytest.CaptureFixture[str]) -> None:
    number = int(os.environ.get("VENOLYMPH_SOAK_SESSIONS", "200"))
    failed = [said for one in range(number) if (said := check(one)) is not None]
    with capsys.disabled():
        print("\n" + "\n".join([f"{len(failed)} of {number} failed", *failed]), end=" ")
    assert len(failed) <= 0.05 * number
