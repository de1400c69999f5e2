"""Random valid people through posture and walking: nobody ends in NaN, and whoever fails says when and why.

64 people belong to the ordinary tests. `make soak` sets VENOLYMPH_SOAK to how many there are to be in the long test;
VENOLYMPH_SOAK_FROM is the number of the first (people are numbered, and a number is always the same person).
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from venolymph.body import places

BATCH = 64
MOST_FAILURES = 0.05
SHORT = [
    {"lie": {"for": "20 s"}},
    {"stand": {"for": "30 s"}},
    {"walk": {"speed": "3 km/h", "for": "20 s"}},
    {"stand": {"for": "10 s"}},
]
DIAMETERS = {  # of the lumen standing, mm: what may be met, not what is usual
    "great saphenous": (2.0, 15.0),
    "small saphenous": (1.5, 12.0),
    "anterior accessory saphenous": (1.5, 12.0),
    "posterior arch": (1.5, 8.0),
    "posterior tibial": (1.5, 8.0),
    "peroneal": (1.5, 8.0),
    "anterior tibial": (1.0, 6.0),
    "popliteal": (5.0, 16.0),
    "femoral": (5.0, 16.0),
    "deep femoral": (4.0, 14.0),
    "common femoral": (7.0, 20.0),
    "external iliac": (7.0, 20.0),
    "common iliac": (8.0, 22.0),
}
WIDEST_PERFORATOR, WIDEST_TRIBUTARY = 6.0, 10.0
MAY_NARROW = ("common iliac", "external iliac", "common femoral", "femoral", "popliteal", "great saphenous")


def person(number: int) -> dict[str, Any]:
    """The document of a random person; a number always gives the same one."""
    dice = np.random.default_rng([2024, number])
    height = dice.uniform(132.0, 218.0)
    mass = np.clip(dice.uniform(15.0, 60.0) * (height / 100.0) ** 2, 31.0, 249.0)
    return {
        "kind": "person",
        "version": 1,
        "person": {
            "label": f"random {number}",
            "sex": str(dice.choice(["female", "male"])),
            "age": f"{dice.integers(16, 100)} y",
            "height": f"{height:.1f} cm",
            "mass": f"{mass:.1f} kg",
        },
        "legs": {"left": "healthy" if dice.random() < 0.15 else leg(dice), "right": "healthy", "asked": "left"},
    }


def leg(dice: np.random.Generator) -> dict[str, Any]:
    """A leg with up to eight leaks and eight unusual veins."""
    veins: dict[str, dict[str, Any]] = {}
    for name in dice.permutation(places.TRIBUTARIES)[: dice.integers(0, 5)]:
        veins[f"add {name}"] = {"add": str(name), "diameter_standing": millimetres(dice, 2.0, WIDEST_TRIBUTARY)}
        if dice.random() < 0.5:
            veins[f"add {name}"]["tortuosity"] = round(dice.uniform(1.0, 4.0), 2)
    for name in dice.permutation(list(DIAMETERS))[: dice.integers(0, 6)]:
        entry: dict[str, Any] = {"at": str(name)}
        if name in MAY_NARROW and dice.random() < 0.4:
            entry["narrowed"] = "closed" if dice.random() < 0.2 else round(dice.uniform(0.05, 1.0), 3)
        else:
            entry["diameter_standing"] = millimetres(dice, *DIAMETERS[str(name)])
        if dice.random() < 0.5:
            entry["wall"] = str(dice.choice(["softer", "stiffer"])) if dice.random() < 0.5 else between(dice, 0.3, 3.0)
        if dice.random() < 0.2:
            entry["tortuosity"] = round(dice.uniform(1.0, 2.0), 2)
        veins[str(name)] = entry
    for name in dice.permutation(places.PERFORATORS)[: dice.integers(0, 4)]:
        veins[str(name)] = {"at": str(name), "diameter_standing": millimetres(dice, 1.0, WIDEST_PERFORATOR)}
    absent = set(places.TRIBUTARIES) - {entry["add"] for entry in veins.values() if "add" in entry}
    valves = [name for name in places.VALVES if not any(name.startswith(gone) for gone in absent)]
    reflux = []
    for name in dice.permutation(valves)[: dice.integers(0, 9)]:
        word = str(dice.choice(["none", "mild", "moderate", "severe"]))
        reflux.append({"at": str(name), "leak": word if dice.random() < 0.5 else between(dice, 0.001, 1.0)})
    found: dict[str, Any] = {"reflux": reflux, "veins": list(veins.values())}
    if dice.random() < 0.5 and "common femoral, suprasaphenic valve" not in {one["at"] for one in reflux}:
        found["suprasaphenic_valve"] = "absent"
    return found


def between(dice: np.random.Generator, low: float, high: float) -> float:
    """A number from a range, each order of magnitude as likely as another."""
    return float(f"{math.exp(dice.uniform(math.log(low), math.log(high))):.3g}")


def millimetres(dice: np.random.Generator, low: float, high: float) -> str:
    return f"{between(dice, low, high)} mm"


def check(people: list[dict[str, Any]], regimen: Any) -> list[str]:
    """Takes people through a regimen; returns what is said about those who failed."""
    run = vl.simulate(people, regimen)
    end = float(run.time[-1])
    assert len(run.status) == len(people)
    for name in ("pressure", "volume", "flow", "mean_pressure", "mean_flow", "mean_inflow", "valve", "surroundings"):
        assert np.all(np.isfinite(getattr(run, name))), f"{name} is not finite"
    assert np.all(np.asarray(run.volume) > 0.0)
    failures = []
    for member, (label, status) in enumerate(zip(run.members, run.status, strict=True)):
        assert status.code in ("ok", "failed")
        if status.code == "ok":
            lost = sum(abs(float(np.ravel(peaks["mass_defect"])[member])) for peaks in run.peaks)
            held = float(np.sum(run.volume[-1, :, member]))
            assert lost < 1e-9 * held, f"{label}: {lost} mL of {held} mL appeared or vanished"
            continue
        assert 0.0 <= status.time < end, f"{label}: failed at {status.time} s"
        assert status.cause, f"{label}: failed without a cause"
        failures.append(f"{label}: at {status.time:.3f} s, {status.cause}")
    return failures


def told(failures: list[str], number: int) -> str:
    share = len(failures) / number
    return "\n".join([f"{len(failures)} of {number} failed ({share:.1%})", *failures])


def test_random_people_lie_stand_and_walk(capsys: pytest.CaptureFixture[str]) -> None:
    failures = check([person(number) for number in range(BATCH)], SHORT)
    with capsys.disabled():
        print("\n" + told(failures, BATCH), end=" ")
    assert len(failures) <= MOST_FAILURES * BATCH


def test_a_number_is_always_the_same_person_and_no_two_are_alike() -> None:
    documents = [vl.load_person(person(number)).to_yaml() for number in range(BATCH)]
    assert documents == [vl.load_person(person(number)).to_yaml() for number in range(BATCH)]
    assert len(set(documents)) == BATCH


@pytest.mark.soak
@pytest.mark.skipif("VENOLYMPH_SOAK" not in os.environ, reason="takes long; run by `make soak`")
def test_many_random_people_through_posture_and_walk(capsys: pytest.CaptureFixture[str]) -> None:
    wanted, first = int(os.environ["VENOLYMPH_SOAK"]), int(os.environ.get("VENOLYMPH_SOAK_FROM", "0"))
    failures: list[str] = []
    number = 0
    while number < wanted:  # whole batches, so that one compiled program serves all
        people = [person(first + number + member) for member in range(BATCH)]
        failures += check(people, "posture-and-walk")
        number += BATCH
        with capsys.disabled():
            print("\n" + told(failures, number), end=" ", flush=True)
    assert len(failures) <= MOST_FAILURES * number
