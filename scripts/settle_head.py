"""The state in which tissue and lymph of a head begin a run: that of a morning, after standard days.

The left half goes through days of 16 h upright and 8 h on the back with a pillow, from v = 1, alone: pressures in
veins are those below. What is written (`body/head_morning.toml`): for each compartment how much
fluid it holds, how much protein that holds, and the share of open capillaries; and what each lymph vessel holds.

    python scripts/settle_head.py            # some minutes; prints what it finds
    python scripts/settle_head.py --write    # and writes the file
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import venolymph
from venolymph import figures
from venolymph.body.drainage_types import HeadDrainage
from venolymph.body.head_drainage import head_drainage
from venolymph.body.person import load_person
from venolymph.network import drainage, interstitium
from venolymph.network.drainage import DrainageDrive, DrainageState, IntervalRecord, PostureAndLoads
from venolymph.network.pulse import Beat
from venolymph.network.surroundings import heights

FILE = Path(venolymph.__file__).parent / "body" / "head_morning.toml"
INTERVAL, STEP = 10.0, 0.2
"""Exchange interval, and step of lymph, s."""
DAYS = 2
NIGHT = 180
"""Intervals at a night's end that means are taken over, since vessels contract."""
BLOOD = 0.78
"""Rise of pressure per depth in blood, mmHg/cm."""
FLOOR = 1.0
"""Least pressure in venules of the face, mmHg: assumed, it follows from neck veins that collapse."""
OVER_VEINS = 6.5
"""Pressure of capillaries over that of venules at upright flow, mmHg: derived from interstitial pressure at rest."""


@dataclass(frozen=True)
class HeadPosture:
    """A posture, and what goes with it; assumed, as in the prototype of the face.

    Attributes:
        angles: elevation of the trunk and of the head's axes (up, forward, left), rad.
        atrium: pressure in the right atrium, mmHg.
        flow: through skin over that upright, 1.
        laid: how far it goes from standing (0) to lying (1), for plasma, 1.
    """

    angles: tuple[float, float, float, float]
    atrium: float
    flow: float
    laid: float


_RAISED = 0.4
UPRIGHT = HeadPosture((0.5 * math.pi, 0.5 * math.pi, 0.0, 0.0), 0.5, 1.0, 0.0)
ON_BACK = HeadPosture((0.0, 0.0, 0.5 * math.pi, 0.0), 6.0, 1.15, 1.0)
PILLOW = replace(ON_BACK, angles=(0.0, _RAISED, 0.5 * math.pi - _RAISED, 0.0))
DAY = ((UPRIGHT, 16.0), (PILLOW, 8.0))
"""Postures of a day, and for how many hours."""


def drive_of(head: HeadDrainage, posture: HeadPosture, more_venous: float = 0.0) -> DrainageDrive:
    """What a quiet interval in a posture exposes tissue and lymph to.

    Args:
        head: the drainage.
        posture: of it.
        more_venous: rise of pressure in all venules, mmHg.
    """
    topology = head.topology
    angles = jnp.asarray(posture.angles)[:, None]
    tissue, vessels, ends = (
        heights(position, angles) for position in (head.compartment_position, head.vessel_position, head.end_position)
    )
    venous = FLOOR + 0.5 * jax.nn.softplus((posture.atrium + 2.0 - BLOOD * tissue - FLOOR) / 0.5) + more_venous
    ratio = head.parameters.beds.resistance_ratio

    def rows(n: int, value: float = 0.0) -> Any:
        return jnp.full((n, 1), value)

    def beat(n: int) -> Beat:
        return Beat(rows(n), rows(n), rows(n, 0.2), rows(n, 0.1), rows(n, 0.2))

    n, m = len(topology.initials), len(topology.vessels)
    return DrainageDrive(
        placed=PostureAndLoads(
            rows(len(tissue)),
            rows(n),
            rows(m),
            tissue,
            vessels,
            ends,
            jnp.maximum(posture.atrium - BLOOD * ends, 0.0),
        ),
        venous=venous,
        arterial=venous + OVER_VEINS * posture.flow * (1.0 + ratio) / ratio,
        column=rows(len(tissue), -1e3),
        warmth=rows(len(tissue), 1.0),
        exercised=rows(len(tissue)),
        laid=rows(1, posture.laid),
        protein_factor=rows(1, 1.0),
        strain=rows(n),
        strain_rate=rows(n),
        worked=rows(n),
        temperature=head.parameters.lymphangions.reference_temperature,
        beat_initials=beat(n),
        beat_vessels=beat(m),
        pulse_tissue=rows(n),
        pressed=rows(len(tissue)),
        pulse_period=rows(1, 1.0),
        pulse_begin=rows(1),
        breath_vessels=rows(m),
        breath_end=rows(len(ends)),
        breath_period=rows(1, 4.0),
        inflow=head.inflow,
        inflow_solutes=head.inflow_solutes,
    )


_advance = jax.jit(drainage.advance, static_argnums=0)


def through(
    head: HeadDrainage, drive: DrainageDrive, state: DrainageState, hours: float, step: float = STEP
) -> tuple[DrainageState, IntervalRecord]:
    """Some hours under one drive: the state after them, and the record of each interval.

    Raises:
        RuntimeError: where no solution was found.
    """
    many = drainage.repeat_over_intervals(drive, round(hours * 3600.0 / INTERVAL))
    dt, steps = jnp.asarray(step), jnp.asarray(round(INTERVAL / step))
    state, record = _advance(head.topology, head.parameters, many, state, dt, steps)
    if not bool(state.alive.all()):
        raise RuntimeError(f"no solution from {float(state.failed_at[0, 0]):.0f} s on")
    return state, record


def begun(head: HeadDrainage, drive: DrainageDrive) -> DrainageState:
    """Everything at v = 1 and slack."""
    ones = jnp.ones_like(head.parameters.tissue.volume)
    return drainage.initial_state(
        head.topology, head.parameters, drive.placed, ones, head.concentration.mean(axis=1), ones
    )


def mornings(head: HeadDrainage, days: int = DAYS) -> tuple[DrainageState, IntervalRecord]:
    """The state after some days, and the record of the last night."""
    state = begun(head, drive_of(head, UPRIGHT))
    tissue = head.parameters.tissue.volume
    for day in range(days):
        start = time.perf_counter()
        for posture, hours in DAY:
            state, record = through(head, drive_of(head, posture), state, hours)
            swelling = np.asarray(state.volume / tissue)[:, 0]
            formed = float(record.totals.uptake.sum()) / hours
            print(f"day {day + 1}, after {hours:g} h: v {swelling.round(3)}, {float(state.volume.sum()):.2f} mL")
            print(f"  lymph formed {formed:.2f} mL/h, to blood {float(record.angle.sum()) / hours:.2f} mL/h")
        print(f"  {time.perf_counter() - start:.0f} s")
    return state, record


def written(head: HeadDrainage, state: DrainageState, night: IntervalRecord) -> str:
    """The file."""
    protein = 1e3 * figures.load()["head_tissue.protein.tissue"].internal
    tissue = head.parameters.tissue
    density = state.content[0] / interstitium.available_volume(tissue, state.volume)[0] / protein
    lymph = night.lymph[-NIGHT:].mean(axis=0)
    carried = night.lymph_content[-NIGHT:, 0].mean(axis=0) / lymph / protein
    slack = begun(head, drive_of(head, UPRIGHT)).lymph
    filled, first = lymph / slack, len(head.patches)
    rows = {
        "tissue": (head.topology.compartments, (state.volume / tissue.volume, density, state.opened)),
        "initials": (head.topology.initials, (filled[:first], carried[:first])),
        "vessels": (head.topology.vessels, (filled[first:], carried[first:])),
    }
    return HEAD + "".join(f"\n[{name}]\n" + _table(*table) for name, table in rows.items())


HEAD = """# Tissue and lymph of a reference head and neck in the morning, to begin a run from; the same for either side:
# scripts/settle_head.py, basis derived.
#
#   fluid    over that at v = 1 (tissue), over that of a slack vessel (lymph)
#   protein  its concentration over the figure head_tissue.protein.tissue
#   open     share of the capillaries that is open
# A day was 16 h upright and 8 h on the back with a pillow, with prescribed pressures in veins.
"""


def _table(names: Sequence[str], columns: Sequence[Any]) -> str:
    lines = []
    for name, *values in zip(names, *(np.asarray(values)[:, 0] for values in columns), strict=True):
        told = ", ".join(f"{what} = {x:.4f}" for what, x in zip(("fluid", "protein", "open"), values, strict=False))
        lines.append(f'"{name.removeprefix("left ")}" = {{ {told} }}\n')
    return "".join(lines)


def main() -> None:
    """Find the morning, print it, and write it where asked."""
    parser = argparse.ArgumentParser(description="Find the state in which tissue and lymph of a head begin a run.")
    parser.add_argument("--write", action="store_true", help="write the file")
    given = parser.parse_args()
    head = head_drainage(load_person("healthy"))
    text = written(head, *mornings(head))
    print(text)
    if given.write:
        FILE.write_text(text, "utf-8")
        print(f"written: {FILE}")


if __name__ == "__main__":
    main()
