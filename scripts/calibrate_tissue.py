"""Set a few figures of tissue and lymph so that the model meets the published targets marked `calibrate`.

As `calibrate.py` does for the veins, with its least squares and its files; the `check` targets stay unseen. What
differs is how predictions are made, for a day takes too long to be done a hundred times:

- The drainage is run alone, under the vein pressures of a reference leg that lies, sits, stands and walks, taken from
  one run. What tissue does to veins later in the day (muscle that swells costs the pump some mmHg) is left out.
- All points are members of one batch.
- Tissue and initial lymphatics are made to hold a part of their fluid only (`HASTE`), tissue's arms relax, capillaries
  close and plasma thins faster likewise, while all flows stay as they are. So tissue goes through a day in a part of
  the time. Collectors, which have their own pace of seconds to a minute, hardly notice: that is short against hours.
  What they fill with on standing and lose on walking counts so many times, though, and muscle that swells costs the
  pump: eight hours of standing work read 113 mL at three times, and 143 in the whole run with veins.

A standard day and its night come first, so that what is read does not hang on where tissue began. Then eight hours of
standing work and ten hours lying; then the collectors are shut, as a cuff shuts them.

    python scripts/calibrate_tissue.py            # some five minutes; prints what it finds
    python scripts/calibrate_tissue.py --write    # and writes the figures, with basis `fitted`

Knobs are figures that are guesses (or scaled from other animals); what has a measurement of its own is not fitted. It
begins at the priors whatever the files hold.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from venolymph import figures, simulate
from venolymph.body import load_person
from venolymph.body.drainage import leg_drainage
from venolymph.body.drainage_types import LegDrainage
from venolymph.measures.tissue_fluid import BOOT
from venolymph.network import drainage
from venolymph.network.lymphangion import wall
from venolymph.network.parameters import stack
from venolymph.simulation.exchange import TissueConditions, VeinCall, advance_tissue, initial_tissue_state
from venolymph.simulation.exchange_records import Recorder
from venolymph.simulation.tissue_model import Tissue, TissueState, tissue_of
from venolymph.validation import Target, targets

sys.path.insert(0, str(Path(__file__).parent))
from calibrate import Knob, fit, moved, ranges, table, write

STAMP = "set by scripts/calibrate_tissue.py on the targets marked `calibrate`"
HASTE = 3.0
"""How many times faster than in life tissue fills and empties, 1: as few as time allows."""
HOUR = 3600.0
STANDARD_DAY = (("stand", 1.5), ("walk", 1.0), ("sit", 5.5), ("stand", 1.5), ("walk", 1.0), ("sit", 5.5), ("lie", 8.0))
"""What people do before anything is read: what, and for how many hours."""
MOVING = 0.25
"""Share of standing work in which the muscles of the legs work: people at work shift and step, 0.05 to 0.3."""
WORK = (("stand", 0.5 * (1.0 - MOVING)), ("walk", 0.5 * MOVING))
"""Standing work, again and again: what, and for how many hours."""
ROUNDS, LYING = 16, 10.0
"""How often, and how many hours lying follow."""
WICK = 2
"""The round at the end of whose standing a wick in the ankle is read, after an hour upright."""
SHUT = 1500.0
"""How long collectors are shut before their pressure is read, s."""
SUPERFICIAL = ("anteromedial", "anterolateral", "posteromedial", "posterolateral")
STEP = 0.25
"""Step of the logarithm of a factor for a derivative, or its prior spread where that is less, 1: large, for what
contracts once a minute reads unevenly."""

KNOBS = (
    Knob("own frequency of lymphangions", {"lymph.lymphangion.frequency": 0.17}, 0.3),
    Knob("diameter of collectors", {"lymph.lymphangion.diameter": 0.65}, 0.15),
    Knob("permeability of capillaries to protein", {"tissue.protein.permeability": 7e-5}, 0.4),
    Knob("reflection of protein", {"tissue.protein.reflection": 0.93}, 0.03),
)
"""What has a measurement of its own is not here: filtration, closure, plasma flow, uptake still and moved."""
WANTED = (
    "lower_leg_swelling_standing_8h",
    "lower_leg_loss_lying_10h",
    "capillary_filtration_coefficient_ratio",
    "interstitial_pressure_ankle",
    "interstitial_oncotic_pressure_ankle",
    "leg_collector_flow",
    "lymphatic_pump_pressure",
    "lymph_contraction_frequency_rest",
    "node_protein_concentration",
)
"""Targets in the order that `day` gives them. The velocity of packets is conduction's, which is a measured figure."""


def calibrate_targets() -> list[Target]:
    """The targets that may set figures."""
    return [targets()[name] for name in WANTED]


@dataclass(frozen=True)
class Posture:
    """What veins and plasma do in a posture.

    Attributes:
        drive: of the veins.
        pressure: mean pressure of their cells, mmHg, shape (1, cells, 1).
        laid: how far it goes from standing (0) to lying (1), for plasma.
    """

    drive: Any
    pressure: np.ndarray
    laid: float


@dataclass(frozen=True)
class Postures:
    """What a body's veins do, by what it does: lie, sit, stand, walk."""

    body: Any
    kinds: Mapping[str, Posture]


@cache
def postures() -> Postures:
    """The reference body lying, sitting, standing, walking: long enough for a muscle at work to get its blood."""
    steps = [
        {"lie": {"for": "5 min"}},
        {"sit": {"for": "10 min"}},
        {"stand": {"for": "15 min"}},
        {"walk": {"speed": "3 km/h", "for": "8 min"}},
    ]
    run = simulate("healthy", {"kind": "regimen", "version": 1, "regimen": "postures", "steps": steps}, tissue=True)
    found = {}
    for kind in ("lie", "sit", "stand", "walk"):
        # the last record of a walk is the standstill after its last step
        wanted = {"walk": "cycles"}.get(kind)
        record = [r for r in run.records if r.info.kind == kind and wanted in (None, r.info.marks.stage)][-1]
        last = max(1, round(30.0 / record.info.sample))
        mean = np.asarray(record.samples.mean_pressure)[-last:].mean(axis=0)
        drive = record.drive
        still = replace(
            drive, inclination_from=drive.inclination_to, pressure_from=drive.pressure_to, end_from=drive.end_to
        )
        found[kind] = Posture(still, mean[None], record.info.marks.laid or 0.0)
    return Postures(run.body, found)


def repeated(tree: Any, batch: int) -> Any:
    """A tree of one member as one of many."""
    return jax.tree.map(lambda x: x if jnp.ndim(x) == 0 else jnp.repeat(jnp.asarray(x), batch, axis=-1), tree)


def hasty(legs: Sequence[LegDrainage]) -> drainage.DrainageParameters:
    """Parameters of legs, members side by side, whose tissue and plasma are `HASTE` times as quick."""
    own = stack([leg.parameters for leg in legs])
    tissue, beds = own.tissue, own.beds
    return eqx.tree_at(
        lambda p: (
            p.tissue.volume,
            p.tissue.relaxation_time,
            p.beds.closure_time,
            p.initials.volume,
            p.plasma.gain_time,
        ),
        own,
        (
            tissue.volume / HASTE,
            tissue.relaxation_time / HASTE,
            beds.closure_time / HASTE,
            own.initials.volume / HASTE,
            own.plasma.gain_time / HASTE,
        ),
    )


def plain(leg: LegDrainage) -> LegDrainage:
    """A leg that begins at v = 1 everywhere with the protein of its figure, whatever the file of mornings holds."""
    protein = 1e3 * leg.figures["tissue.protein.tissue"].internal

    def even(concentration: jax.Array) -> jax.Array:
        return jnp.zeros_like(concentration).at[0].set(protein)

    return replace(
        leg,
        swelling=jnp.ones_like(leg.swelling),
        concentration=even(leg.concentration),
        opened=jnp.ones_like(leg.opened),
        filling=jnp.ones_like(leg.filling),
        lymph_concentration=even(leg.lymph_concentration),
    )


def stay(
    tissue: Tissue, cells: Any, posture: Posture, tissue_state: TissueState, seconds: float
) -> tuple[TissueState, dict[str, np.ndarray]]:
    """Tissue and lymph after some time in a posture, and what was recorded."""
    batch = len(tissue.legs)
    recorder = Recorder()
    pressure: Any = np.repeat(posture.pressure, batch, axis=-1)
    after = advance_tissue(
        tissue,
        cells,
        repeated(posture.drive, batch),
        tissue_state,
        VeinCall(pressure, (0.0, seconds)),
        TissueConditions(laid=posture.laid),
        recorder=recorder,
    )
    recorder.close(seconds)
    if not np.all(np.asarray(after.state.alive)):
        causes = np.asarray(after.state.cause)[0], np.asarray(after.state.failed_at)[0]
        raise SystemExit(f"a drainage failed: causes {causes[0]}, at {causes[1]} s")
    return after, recorder.arrays()


def through(
    tissue: Tissue, cells: Any, tissue_state: TissueState, steps: Sequence[tuple[str, float]]
) -> tuple[TissueState, list[dict[str, np.ndarray]]]:
    """Tissue and lymph after doing some things for some hours each, at their haste, and what each recorded."""
    recorded = []
    for kind, hours in steps:
        tissue_state, found = stay(tissue, cells, postures().kinds[kind], tissue_state, hours * HOUR / HASTE)
        recorded.append(found)
    return tissue_state, recorded


def day(legs: Sequence[LegDrainage]) -> tuple[np.ndarray, TissueState, Tissue]:
    """What each leg gives for the targets, shape (legs, targets), and its state at the end of the second night."""
    body, lying = postures().body, postures().kinds["lie"]
    batch = len(legs)
    own = hasty(legs)
    tissue = replace(tissue_of([body] * batch, own), legs=[plain(leg) for leg in legs])
    cells = stack([body.parameters] * batch)
    leg = legs[0]
    begun = initial_tissue_state(tissue, cells, repeated(lying.drive, batch), lying.laid)
    morning, before = through(tissue, cells, begun, STANDARD_DAY)
    evening, work = through(tissue, cells, morning, WORK * ROUNDS)
    rested, (night,) = through(tissue, cells, evening, (("lie", LYING),))
    up = work[2 * WICK - 2]
    valves = own.valves
    last = np.array([leg.chains[name][-1] for name in SUPERFICIAL])
    first = len(leg.topology.initials)
    shut = replace(own, valves=replace(valves, open=valves.open.at[first + last].set(0.0)))
    _, blocked = stay(replace(tissue, parameters=shut), cells, lying, rested, SHUT)

    boot, calf = leg.below(BOOT)[:, None], 0.5 * sum(leg.parts["calf"])
    under_skin = [vessel for name in SUPERFICIAL for vessel in leg.chains[name]]
    across = np.array([vessel for vessel in under_skin if leg.extents[vessel][0] <= calf < leg.extents[vessel][1]])
    ankle = np.array(leg.under_skin("ankle"))

    def water(tissue_state: TissueState) -> np.ndarray:
        return HASTE * (boot * np.asarray(tissue_state.state.volume)).sum(axis=0)

    def mean(values: np.ndarray) -> np.ndarray:
        return values[-1][ankle].mean(axis=0)

    foot = np.array(leg.within("foot"))
    let = np.asarray(own.beds.filtration)[foot].sum(axis=0) * before[-1]["capillaries_open"][-1][foot].mean(axis=0)
    rate, felt = zip(*(_filtering(part, foot) for part in (before[-1], up)), strict=True)
    carried = sum(part["passed"][:, first + across].sum(axis=(0, 1)) for part in (*work, night))
    collectors = np.asarray(own.lymphangions.vessels)[across].sum(axis=0)
    flow = carried / collectors * HASTE / (LYING + ROUNDS * sum(hours for _, hours in WORK))
    end = last[0]
    cells_end = jax.tree.map(lambda x: x[end], own.lymphangions)
    volume = jnp.asarray(blocked["lymph_volume"][-10:, first + end])
    peak = np.asarray(wall(cells_end, volume, jnp.ones_like(volume))[0]).mean(axis=0)
    middle = leg.chains["anteromedial"][20]
    many = night["contractions"][-30:, middle].sum(axis=0)
    spent = night["exchange_time"][-1] - night["exchange_time"][-31]
    node = leg.nodes["popliteal"]
    into = [vessel for vessel, below in enumerate(leg.topology.downstream) if below == node]

    def density(vessels: Sequence[int]) -> np.ndarray:
        at = first + np.array(vessels)
        part = slice(-30, None)
        return night["passed_solutes"][part, 0][:, at].sum(axis=(0, 1)) / night["passed"][part][:, at].sum(axis=(0, 1))

    found = [
        water(evening) - water(morning),
        water(rested) - water(evening),
        (rate[1] - rate[0]) / (felt[1] - felt[0]) / let,
        mean(up["tissue_pressure"]),
        mean(up["tissue_oncotic"]),
        flow,
        peak,
        many / spent * 60.0,
        density([node]) / density(into),
    ]
    return np.stack(found, axis=1), rested, tissue


def _filtering(part: dict[str, np.ndarray], numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Filtration at the end of a stay, mL/s, and mean capillary pressure, mmHg."""
    span = part["exchange_time"][-1] - part["exchange_time"][-2]
    return part["filtered"][-1][numbers].sum(axis=0) / span, part["capillary_pressure"][-1][numbers].mean(axis=0)


def predictions(points: np.ndarray) -> np.ndarray:
    """What the model gives for the targets with the knobs at each point, shape (points, targets)."""
    known = figures.load()
    person = load_person("healthy")
    legs = [leg_drainage(person, figures=moved(point, known, KNOBS)) for point in points]
    found = day(legs)[0]
    _say("  " + ", ".join(f"{name} {value:.4g}" for name, value in zip(WANTED, found[0], strict=True)))
    return found


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Calibrate, print, and write where asked."""
    parser = argparse.ArgumentParser(description="Set figures of tissue and lymph by the targets marked `calibrate`.")
    parser.add_argument("--write", action="store_true", help="write the figures")
    given = parser.parse_args()
    wanted, known = calibrate_targets(), figures.load()
    centre, ends = ranges(wanted)
    found = fit(
        predictions,
        centre,
        ends,
        np.array([knob.spread for knob in KNOBS]),
        [knob.bounds(known) for knob in KNOBS],
        step=np.minimum(STEP, [knob.spread for knob in KNOBS]),
        iterations=3,
        tell=_say,
    )
    print(table(found, wanted, known, KNOBS))
    if given.write:
        for file in write(found.logs.tolist(), knobs=KNOBS, stamp=STAMP):
            print(f"written: {file}")


if __name__ == "__main__":
    main()
