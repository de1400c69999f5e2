"""What of a run is shown in the leg: each quantity with its unit, fixed range of colours, and who could measure it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import jax.numpy as jnp
import numpy as np

from venolymph.body.region import plain_name
from venolymph.network.interstitium import elastic_pressure
from venolymph.simulation import Run
from venolymph.viewer.hands import hand_pressure

Clock = Literal["samples", "exchange"]
"""The rows that a quantity has along time: samples of the veins, or records of tissue and lymph."""

Values = Callable[[Run, int, np.ndarray], np.ndarray]
"""Gives what a member of a run has in samples, or records, of these numbers, shape (numbers, rows)."""

MUSCLES = (
    "foot",
    "anterior compartment",
    "deep posterior compartment",
    "soleus",
    "gastrocnemius",
    "thigh muscle",
    "other calf",
    "other thigh",
)
"""Surroundings that are muscles, without the prefix of the second leg."""
_BLOCK = 32
"""Records of tissue for which its laws are computed at once."""
SHELL = " shell"
"""How surroundings end that garments, sleeves and cuffs press with."""


@dataclass(frozen=True)
class ShownQuantity:
    """One quantity as it is shown.

    Attributes:
        title: in words.
        unit: its unit.
        of: what it has a row for.
        map: the kind of scale of colours.
        range: values at both ends of that scale.
        detectable: whether and how a clinic could measure it.
        clock: its rows along time.
        names: of its rows for a member of a run.
        values: of a member of a run in samples, or records, of these numbers, shape (numbers, rows).
        variable: of the dataset that it is or comes from; empty where it comes from the regimen.
        step: by how much a value that is shown may be off at most.
    """

    title: str
    unit: str
    of: str
    map: str
    range: tuple[float, float]
    detectable: str
    clock: Clock
    names: Callable[[Run, int], list[str]]
    values: Values
    variable: str
    step: float

    def header(self, run: Run, member: int) -> dict[str, Any]:
        """What the head of a recording of a member says of it."""
        told = {
            name: getattr(self, name)
            for name in ("title", "unit", "of", "map", "detectable", "clock", "variable", "step")
        }
        return {**told, "range": list(self.range), "rows": self.names(run, member)}


def shown_of_leg(run: Run) -> Mapping[str, ShownQuantity]:
    """The quantities that a run of legs has, by name."""
    if run.tissue is None:
        return OF_VEINS
    return {**OF_VEINS, **OF_TISSUE, **OF_SKIN, **(OF_HANDS if is_massaged(run) else {})}


def is_massaged(run: Run) -> bool:
    """Whether hands work in a run."""
    return any(info.marks.manoeuvre == "massage" for info in run.phases)


def muscles(run: Run) -> list[int]:
    """Numbers of the surroundings that are muscles."""
    return [number for number, name in enumerate(run.topology.surroundings) if plain_name(name) in MUSCLES]


def shells(run: Run) -> list[int]:
    """Numbers of the surroundings that garments and cuffs press with."""
    return [number for number, name in enumerate(run.topology.surroundings) if name.endswith(SHELL)]


def _of_samples(name: str) -> Values:
    return lambda run, member, numbers: run.rows(name, numbers)[:, :, member]


def _of_exchanges(name: str) -> Values:
    return lambda run, member, numbers: np.asarray(run.exchange(name))[numbers, :, member]


def _named(dimension: str) -> Callable[[Run, int], list[str]]:
    return lambda run, _: list(run.names()[dimension])


def _diameter(run: Run, member: int, numbers: np.ndarray) -> np.ndarray:
    return 10.0 * np.sqrt(4.0 / np.pi * run.rows("area", numbers)[:, :, member])


def _transmural(run: Run, member: int, numbers: np.ndarray) -> np.ndarray:
    """Pressure of blood less that of what lies around: surroundings by their shares, tissue, and hands."""
    share = np.asarray(run.parameters.cells.share)[:, :, member]
    slots = np.array(run.topology.surrounded, int)
    around = run.rows("surroundings", numbers)[:, :, member]
    outside = sum(share[:, slot] * around[:, slots[:, slot]] for slot in range(slots.shape[1]))
    if run.tissue is not None:
        outside = outside + _of_tissue_around(run, member, numbers) + hand_pressure(run, member, numbers, "cells")
    return run.rows("pressure", numbers)[:, :, member] - outside


def _of_tissue_around(run: Run, member: int, numbers: np.ndarray) -> np.ndarray:
    """Pressure of the tissue around each cell in samples of these numbers, mmHg, shape (numbers, cells).

    It follows from the fluid in the tissue, which each record has, and from what is left of its stress, which is known
    at the end of each phase.
    """
    tissue = run.tissue
    assert tissue is not None
    law, times = tissue.parameters.tissue, np.asarray(run.time, float)[numbers]
    at = np.asarray(run.exchange("exchange_time"), float)
    # the records on both sides, and as many as fill a block, so that laws are not compiled for each number of them
    first, last = np.searchsorted(at, times[0], "right") - 1, np.searchsorted(at, times[-1])
    count = -(-(last - first + 1) // _BLOCK) * _BLOCK
    near = np.clip(np.arange(first, first + count), 0, len(at) - 1)
    volume, at = jnp.asarray(run.exchange("tissue_volume")[near]), at[near]
    ends = [(one.info.start + one.info.duration, one.tissue_state) for one in run.records]
    stress = [np.asarray(state.state.stress).sum(axis=0)[:, member] for _, state in ends if state is not None]
    elastic = np.asarray(elastic_pressure(law, volume / law.volume))[:, :, member]
    left = _between(at, np.append(run.phases[0].start, [end for end, _ in ends]), np.array([0.0 * stress[0], *stress]))
    around = (elastic + left) @ np.asarray(tissue.contacts.lies_in)[:, :, member].T
    return _between(times, at, around)


def _between(at: np.ndarray, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Columns of values on straight lines between their times."""
    return np.stack([np.interp(at, times, column) for column in values.T], axis=1)


def _surroundings(which: Callable[[Run], list[int]]) -> tuple[Any, Any]:
    def names(run: Run, _: int) -> list[str]:
        return [run.topology.surroundings[number] for number in which(run)]

    return names, lambda run, member, numbers: run.rows("surroundings", numbers)[:, which(run), member]


def _per_time(name: str, unit: float) -> Values:
    """What there was of something in each record over the record's time, per so many s."""

    def values(run: Run, member: int, numbers: np.ndarray) -> np.ndarray:
        return unit * np.asarray(run.exchange(name))[numbers, :, member] / record_lengths(run)[numbers, None]

    return values


def record_lengths(run: Run) -> np.ndarray:
    """Time that each record of tissue and lymph pools, s."""
    ends = np.asarray(run.exchange("exchange_time"), float)
    starts = np.array([phase.start for phase in run.phases])[run.phase_of_exchange]
    same = np.append(False, np.diff(run.phase_of_exchange) == 0)
    return ends - np.where(same, np.append(0.0, ends[:-1]), starts)


def regions_that_swell(run: Run, member: int) -> dict[str, np.ndarray]:
    """Compartments of tissue in each region of each leg of a member that has tissue, by "left calf"."""
    assert run.tissue is not None
    side = run.bodies[member].index_side
    sides = {"index": side, "other": "right" if side == "left" else "left"}
    found: dict[str, list[int]] = {}
    for number, one in enumerate(run.tissue.legs[0].compartments):
        found.setdefault(f"{sides[one.leg]} {one.region}", []).append(number)
    return {name: np.array(numbers) for name, numbers in found.items()}


def _swelling(run: Run, member: int, numbers: np.ndarray) -> np.ndarray:
    volume = np.asarray(run.exchange("tissue_volume"))[:, :, member]
    more = volume[numbers] - volume[:1]
    return np.stack([more[:, one].sum(axis=1) for one in regions_that_swell(run, member).values()], 1)


_LAB = "A clinic cannot measure this; the model computes it."
_MUSCLES, _SHELLS = _surroundings(muscles), _surroundings(shells)

OF_VEINS: Mapping[str, ShownQuantity] = {
    "pressure": ShownQuantity(
        "blood pressure", "mmHg", "cell", "pressure", (0.0, 120.0),
        "Measured with a needle in a vein of the foot or ankle; elsewhere computed only.",
        "samples", _named("cell"), _of_samples("pressure"), "pressure", 0.1,
    ),
    "transmural": ShownQuantity(
        "pressure across the wall of the vein", "mmHg", "cell", "transmural", (-60.0, 100.0), _LAB,
        "samples", _named("cell"), _transmural, "pressure", 0.1,
    ),
    "diameter": ShownQuantity(
        "diameter of one vein, as if it were round", "mm", "cell", "diameter", (0.0, 12.0),
        "Ultrasound measures it in veins wider than about 1 mm.",
        "samples", _named("cell"), _diameter, "area", 0.01,
    ),
    "flow": ShownQuantity(
        "flow, towards the heart positive", "mL/s", "face", "flow", (-10.0, 10.0),
        "Duplex ultrasound measures it in larger veins; reflux counts from half a second on.",
        "samples", _named("face"), _of_samples("flow"), "flow", 0.01,
    ),
    "opening": ShownQuantity(
        "opening of the valve, 0 shut to 1 open", "1", "valve", "opening", (0.0, 1.0),
        "Ultrasound shows leaflets in a few large veins; elsewhere computed only.",
        "samples", _named("valve"), _of_samples("valve"), "valve_opening", 0.01,
    ),
    "muscle": ShownQuantity(
        "pressure inside the muscle", "mmHg", "muscle", "muscle", (0.0, 200.0),
        "Measured with a needle in the muscle, in studies.",
        "samples", *_MUSCLES, "surroundings", 0.5,
    ),
    "garment": ShownQuantity(
        "pressure of what is worn or put on", "mmHg", "garment", "garment", (0.0, 60.0),
        "Measured with a sensor under the garment.",
        "samples", *_SHELLS, "surroundings", 0.1,
    ),
}  # fmt: skip
"""Quantities of the veins."""

OF_TISSUE: Mapping[str, ShownQuantity] = {
    "tissue_volume": ShownQuantity(
        "tissue fluid", "mL", "compartment", "volume", (0.0, 200.0), _LAB,
        "exchange", _named("compartment"), _of_exchanges("tissue_volume"), "tissue_volume", 0.05,
    ),
    "lymph_volume": ShownQuantity(
        "lymph in the vessels", "mL", "lymph", "volume", (0.0, 1.0), _LAB,
        "exchange", _named("lymph_cell"), _of_exchanges("lymph_volume"), "lymph_volume", 0.0005,
    ),
    "lymph_pressure": ShownQuantity(
        "pressure of lymph, mean", "mmHg", "lymph", "pressure", (-10.0, 60.0),
        "Measured in single vessels, in studies.",
        "exchange", _named("lymph_cell"), _of_exchanges("lymph_pressure"), "lymph_pressure", 0.05,
    ),
    "passed": ShownQuantity(
        "flow of lymph, towards the heart positive", "mL/h", "lymph", "flow", (-10.0, 10.0),
        "Lymphoscintigraphy shows where it goes, hardly how much.",
        "exchange", _named("lymph_cell"), _per_time("passed", 3600.0), "passed", 0.005,
    ),
    "since_contraction": ShownQuantity(
        "time since the vessel began to contract", "s", "lymphangion", "time", (0.0, 60.0),
        "Near-infrared imaging shows contractions near the skin.",
        "exchange", _named("lymphangion"), _of_exchanges("since_contraction"), "since_contraction", 0.1,
    ),
    "contractions": ShownQuantity(
        "contractions per minute", "1/min", "lymphangion", "rate", (0.0, 10.0),
        "Near-infrared imaging counts them near the skin.",
        "exchange", _named("lymphangion"), _per_time("contractions", 60.0), "contractions", 0.01,
    ),
}  # fmt: skip
"""Quantities of tissue and lymph."""

OF_SKIN: Mapping[str, ShownQuantity] = {
    "swelling": ShownQuantity(
        "tissue fluid above that of the start", "mL", "skin", "swelling", (-50.0, 50.0),
        "A tape measure sees a leg swell from about 100 mL on; water displacement sees less.",
        "exchange", lambda run, member: list(regions_that_swell(run, member)), _swelling, "tissue_volume", 0.05,
    ),
}  # fmt: skip
"""Quantities of the skin of legs."""

OF_HANDS: Mapping[str, ShownQuantity] = {
    "hand": ShownQuantity(
        "pressure of the hand on the tissue beneath", "mmHg", "compartment", "garment", (0.0, 60.0),
        "Measured with a sensor under the hand.",
        "samples", _named("compartment"), partial(hand_pressure, part="compartments"), "", 0.1,
    ),
}  # fmt: skip
"""Quantities of massage."""
