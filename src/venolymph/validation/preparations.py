"""Preparations: tissue and lymph of a foot that lies still, as physiologists prepare a paw.

Tissue and lymph run by themselves, under vein pressures that are prescribed as an experimenter prescribes them: those
of a person lying, or raised. (A cuff that raised them would press the collectors too.) What is read is the lymph that
forms in the foot, at the end of a long rest and at the end of what is done then, and the protein in it over that of
plasma.

The leg is a human one. Its lymphangions have half their tension, as under anaesthesia (assumed): with a tenth of it the
foot gives no lymph at rest, and no ratio to that means anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax.numpy as jnp
import numpy as np

from venolymph.body import Body, leg_body, load_person
from venolymph.body.drainage import leg_drainage
from venolymph.figures import load
from venolymph.network.parameters import stack
from venolymph.network.phase_drive import PhaseDrive
from venolymph.regimen import load_regimen
from venolymph.regimen.forcing import phases
from venolymph.simulation import simulate
from venolymph.simulation.alike import MEMBERS, alike
from venolymph.simulation.exchange import TissueConditions, VeinCall, advance_tissue, initial_tissue_state
from venolymph.simulation.exchange_records import Recorder
from venolymph.simulation.tissue_model import Tissue, TissueState, tissue_of

REST = 8 * 3600.0
"""Rest before anything is done, s."""
LOAD, LOADED = 40.0, 3 * 3600.0
"""Venous pressure at the leg, mmHg, and for how long, s."""
WINDOW = 600.0
"""Stretch that lymph is collected over, s."""
MASSAGE = {
    "massage": {
        "stroke": "stationary circles", "at": "back of the foot", "toward": "calf", "pressure": "40 mmHg",
        "repeat": 100, "sets": 6, "spots": 1, "for": "15 min",
    }
}  # fmt: skip
CONTRACTILITY = 0.5
"""Tension of the leg's lymphangions under anaesthesia, over that awake, 1."""
LYING = TissueConditions(laid=1.0)


@dataclass(frozen=True)
class PreparationResult:
    """What a preparation gave, in each of some feet that are alike but for chance.

    Attributes:
        flow: lymph of the foot over that at rest, 1.
        protein: its protein over that of plasma, over the same at rest, 1.
    """

    flow: np.ndarray
    protein: np.ndarray

    @property
    def value(self) -> np.ndarray:
        """The number that is judged."""
        return self.flow

    @property
    def note(self) -> str:
        """How the preparation was made, and what became of protein."""
        made = (
            "a human foot, lying, whose lymphangions have half their tension (assumed; with plasma as thick as "
            "upright, massage gave 4.1 times the lymph of rest with all of it and venous load 2.8 times, with a tenth "
            "54 and 5.5 times), rested for eight hours"
        )
        return f"{made}; the lymph-to-plasma ratio of protein became {self.protein.mean():.2f} of that at rest"


@dataclass(frozen=True)
class _Paw:
    body: Body
    tissue: Tissue
    cells: Any
    drive: PhaseDrive
    pressure: np.ndarray
    rested: TissueState
    before: tuple[np.ndarray, np.ndarray]

    def stay(
        self, tissue_state: TissueState, pressure: Any, span: tuple[float, float], recorder: Recorder, **hand: Any
    ) -> TissueState:
        touch = {"hand": None, "busy": None} | hand
        return advance_tissue(
            self.tissue,
            self.cells,
            self.drive,
            tissue_state,
            VeinCall(pressure, span, touch["hand"], touch["busy"]),
            LYING,
            recorder=recorder,
        )

    def compared(self, recorder: Recorder) -> PreparationResult:
        flow, protein = _read(self.tissue, recorder)
        return PreparationResult(flow / self.before[0], protein / self.before[1])


def _read(tissue: Tissue, recorder: Recorder) -> tuple[np.ndarray, np.ndarray]:
    """Lymph that forms in the foot in the last ten minutes, mL/s, and protein in it over that of plasma, 1."""
    leg, found = tissue.legs[0], recorder.arrays()
    foot = [i for i, patch in enumerate(leg.patches) if leg.compartments[patch.compartment].region == "foot"]
    time = found["exchange_time"]
    late = time > time[-1] - WINDOW + 1e-6
    lengths = np.diff(time, prepend=0.0)[late].sum()
    uptake = found["uptake"][late][:, foot].sum(axis=(0, 1))
    protein = found["uptake_solutes"][late][:, 0][:, foot].sum(axis=(0, 1))
    return uptake / lengths, protein / uptake / found["plasma_protein"][-1]


@cache
def _paw(members: int) -> _Paw:
    """The preparation at the end of its rest."""
    body = leg_body(load_person("healthy"))
    lying = simulate([body] * members, [{"lie": {"for": "5 min"}}], tissue=False).records[-1]
    pressure = np.asarray(lying.samples.mean_pressure)[-30:].mean(axis=0)[None]
    weak = [leg_drainage(body.person, contractility=CONTRACTILITY, figures=own) for own in alike(load(), members)]
    tissue = tissue_of([body] * members, stack([leg.parameters for leg in weak]))
    cells = stack([body.parameters] * members)
    one = np.ones(members)
    begun = initial_tissue_state(tissue, cells, lying.drive, LYING.laid)
    paw = _Paw(body, tissue, cells, lying.drive, pressure, begun, (one, one))
    recorder = Recorder()
    rested = paw.stay(paw.rested, jnp.asarray(pressure), (0.0, REST), recorder)
    recorder.close(REST)
    return _Paw(body, tissue, cells, lying.drive, pressure, rested, _read(tissue, recorder))


def massaged(members: int = MEMBERS) -> PreparationResult:
    """Rhythmic massage of the back of the foot for a quarter of an hour."""
    paw, recorder = _paw(members), Recorder()
    regimen = load_regimen({"kind": "regimen", "version": 1, "regimen": "massage", "steps": [MASSAGE]})
    tissue_state, start = paw.rested, 0.0
    for phase in phases(regimen, paw.body, previous=paw.drive):
        for strokes in phase.hand_placements:
            hand, _ = paw.tissue.hands(strokes, start)
            span = (start, start + strokes.duration)
            pressure = jnp.asarray(paw.pressure)
            tissue_state = paw.stay(tissue_state, pressure, span, recorder, hand=hand, busy=start + strokes.busy)
            start = span[1]
    recorder.close(start)
    return paw.compared(recorder)


def loaded(members: int = MEMBERS) -> PreparationResult:
    """Venous pressure raised for three hours."""
    paw, recorder = _paw(members), Recorder()
    raised = jnp.asarray(np.maximum(paw.pressure, LOAD))
    paw.stay(paw.rested, raised, (0.0, LOADED), recorder)
    recorder.close(LOADED)
    return paw.compared(recorder)


PREPARATIONS: Mapping[str, Callable[[int], PreparationResult]] = {"massage": massaged, "venous load": loaded}
"""By name, as `protocols.toml` calls them."""
