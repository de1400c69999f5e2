"""Results of a simulation, labelled, and what they came from; `run.Run` adds what one does with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from venolymph.errors import RunError, nearest
from venolymph.network.integrate import Sample
from venolymph.network.parameters import Parameters
from venolymph.network.phase_drive import PhaseDrive
from venolymph.network.state import State
from venolymph.network.topology import Topology
from venolymph.regimen.steps.garments import Wear
from venolymph.screening import Answers
from venolymph.simulation import datasets
from venolymph.simulation.files import plain
from venolymph.simulation.labels import Labels, place_coordinates, provenance
from venolymph.simulation.quantities import EXCHANGES, SAMPLES
from venolymph.simulation.tissue_model import Tissue, TissueState
from venolymph.steps.marks import Marks

if TYPE_CHECKING:
    import xarray as xr

Differentiable = bool | Literal["reverse", "forward"]
"""Whether a run is to be differentiated, and which way (True: reverse)."""


def in_reverse(differentiable: Differentiable) -> bool:
    """Whether a run is to be differentiated in reverse."""
    return differentiable is True or differentiable == "reverse"


@dataclass(frozen=True)
class PhaseInfo:
    """One phase of a run.

    Attributes:
        label: what the regimen calls it.
        kind: what it is (stand, walk, ...).
        start: s since the run's start.
        duration: s.
        step: length of a time step, s.
        sample: time between samples, s.
        period: of the movement (a gait cycle), s; None where nothing repeats.
        marks: what instruments look for (a cuff's place, gait cycles, ...).
        samples: number of samples.
    """

    label: str
    kind: str
    start: float
    duration: float
    step: float
    sample: float
    period: float | None
    marks: Marks
    samples: int

    def document(self) -> dict[str, Any]:
        """All of it as a folder keeps it."""
        return {**vars(self), "marks": self.marks.document()}


@dataclass(frozen=True)
class Status:
    """Outcome of one member.

    Attributes:
        code: `ok`, or `failed` where no step short enough solved the balance.
        time: last moment of the run that can be trusted, s.
        cause: for a failed member, what the vein in trouble looked like; else empty.
    """

    code: str
    time: float
    cause: str = ""


@dataclass(frozen=True)
class Record:
    """Records of one phase, and the states at its end.

    Attributes:
        info: what the phase was.
        samples: recorded arrays with a leading time axis.
        extremes: of every step, by name (as in `simulation.quantities.EXTREMES`).
        state: of the network at the phase's end.
        drive: of the network in the phase, members along the last axis.
        tissue_state: tissue and lymph at the phase's end; None where they are not simulated.
        exchanges: recorded arrays of tissue and lymph by name, with a leading time axis.
    """

    info: PhaseInfo
    samples: Sample
    extremes: Mapping[str, Any]
    state: State
    drive: PhaseDrive
    tissue_state: TissueState | None = None
    exchanges: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Predecessor:
    """A run that another one goes on from.

    Attributes:
        regimen: what was done in it.
        phase: number of the phase at the end of which it was left.
        label: of that phase.
        time: that end, s from the start of the first of all runs.
        folder: where it is kept, if it was opened from there; else empty.
        override: recorded reason for which it was run; else empty.
        venolymph: version that ran it.
    """

    regimen: str
    phase: int
    label: str
    time: float
    folder: str
    override: str
    venolymph: str


@dataclass(frozen=True)
class Start:
    """What a run begins from: the state of another one at the end of one of its phases.

    Attributes:
        time: that end, s from the start of the first of all runs; the clock goes on from there.
        state: of the network.
        drive: of the network in that phase: posture, pressures and temperature that the body comes from.
        tissue_state: tissue and lymph; None where they are not simulated.
        worn: garments that are on.
        history: the runs that led there, the oldest first.
    """

    time: float
    state: State
    drive: PhaseDrive
    tissue_state: TissueState | None = None
    worn: tuple[Wear, ...] = ()
    history: tuple[Predecessor, ...] = ()


def _joined(name: str) -> Callable[[Results], Any]:
    """What is recorded of a quantity, all phases one after another."""

    def read(self: Results) -> Any:
        parts = [getattr(record.samples, SAMPLES[name].read) for record in self.records]
        if any(isinstance(part, Tracer) for part in parts):
            return jnp.concatenate(parts)
        return np.concatenate([np.asarray(part) for part in parts])

    return read


@dataclass(frozen=True)
class Results:
    """What a simulation gave: traces over time for each member of a batch.

    Arrays have shape `(samples, things, members)`: pressure in mmHg, volume in mL, flow in mL/s, opening of valves
    from 0 to 1, height in cm above the right atrium. `mean_...` are means over each sampling interval from every
    time step, the others values at its end.

    Attributes:
        bodies: the body of each member.
        regimen: what they went through.
        parameters: of the network, members side by side.
        records: what each phase left behind.
        status: how each member fared.
        override: recorded reason for which a refused simulation was run all the same, if any.
        complete: False for a run that was cut short and opened from its folder.
        branches: branches already made for measures, by manoeuvre.
        tissue: tissue and lymph of the members, None where they are not simulated.
        differentiable: whether it is to be differentiated, and which way; what goes on from it is, too.
        answers: the answers to the questions of screening that it was allowed with, if there were any.
        changed: of a run opened from its folder, documents that are not what they were when it began.
        vouched: whether that folder says what they were; those of earlier versions do not.
        start: the state of another run that it begins from; None: it begins from rest.
    """

    bodies: Sequence[Any]
    regimen: Any
    parameters: Parameters
    records: Sequence[Record]
    status: Sequence[Status]
    override: str | None = None
    complete: bool = True
    branches: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    tissue: Tissue | None = None
    differentiable: Differentiable = False
    answers: Answers | None = None
    changed: tuple[str, ...] = ()
    vouched: bool = True
    start: Start | None = None

    @property
    def body(self) -> Any:
        """The body of the first member."""
        return self.bodies[0]

    @property
    def topology(self) -> Topology:
        """The network that all members share."""
        return self.bodies[0].topology

    @cached_property
    def members(self) -> tuple[str, ...]:
        """Label of each member; a label used twice is numbered."""
        labels = [str(body.person.label) for body in self.bodies]
        return tuple(
            label if labels.count(label) == 1 else f"{label} ({labels[: i + 1].count(label)})"
            for i, label in enumerate(labels)
        )

    @property
    def phases(self) -> tuple[PhaseInfo, ...]:
        """The phases in order."""
        return tuple(record.info for record in self.records)

    @cached_property
    def time(self) -> np.ndarray:
        """End of each sampling interval, s, shape (samples,)."""
        return np.concatenate([p.start + p.sample * np.arange(1, p.samples + 1) for p in self.phases])

    @cached_property
    def phase_of_sample(self) -> np.ndarray:
        """Number of the phase that each sample belongs to, shape (samples,)."""
        return np.repeat(np.arange(len(self.records)), [p.samples for p in self.phases])

    pressure = cached_property(_joined("pressure"))
    volume = cached_property(_joined("volume"))
    flow = cached_property(_joined("flow"))
    inflow = cached_property(_joined("inflow"))
    mean_volume = cached_property(_joined("mean_volume"))
    mean_pressure = cached_property(_joined("mean_pressure"))
    mean_flow = cached_property(_joined("mean_flow"))
    mean_inflow = cached_property(_joined("mean_inflow"))
    surroundings = cached_property(_joined("surroundings"))
    height = cached_property(_joined("height"))
    _face_opening = cached_property(_joined("valve"))

    @cached_property
    def valve(self) -> Any:
        """Opening of each valve from 0 to 1, shape (samples, valves, members)."""
        return self._of_valves(self._face_opening)

    @cached_property
    def area(self) -> Any:
        """Lumen of one vessel of each cell, cm2, shape (samples, cells, members)."""
        return self._lumen(self.volume)

    def _of_valves(self, opening: Any) -> Any:
        return opening[:, np.array(self.topology.valve_face, int)]

    def _lumen(self, volume: Any) -> Any:
        return volume / (self.parameters.cells.length * self.parameters.cells.vessels)[None]

    def rows(self, name: str, numbers: np.ndarray) -> np.ndarray:
        """Some samples of a quantity; no others are read, so that a long run is looked at in parts.

        Args:
            name: of the quantity, such as `pressure`: one of those that are recorded of samples.
            numbers: of the samples, ascending, shape (rows,).

        Returns:
            the same as the property of that name has, shape (rows, things, members).
        """
        if name == "area":
            return np.asarray(self._lumen(self.rows("volume", numbers)))
        found, first = [], 0
        for record in self.records:
            here = numbers[slice(*np.searchsorted(numbers, (first, first + record.info.samples)))] - first
            if len(here) or not found:
                found.append(np.asarray(getattr(record.samples, SAMPLES[name].read)[here]))
            first += record.info.samples
        joined = np.concatenate(found)
        return self._of_valves(joined) if name == "valve" else joined

    @property
    def peaks(self) -> list[Mapping[str, Any]]:
        """Extremes over every step and the worst quality of a step, by phase."""
        return [record.extremes for record in self.records]

    def exchange(self, name: str) -> Any:
        """A quantity of tissue and lymph (`simulation.quantities.EXCHANGES`), one row for each exchange record.

        Raises:
            RunError: where tissue and lymph were not simulated, or there is no such quantity.
        """
        if self.tissue is None:
            raise RunError("this run has no tissue and lymph", hint="simulate with tissue=True")
        if name not in EXCHANGES:
            near = nearest(name, EXCHANGES)
            raise RunError(f"no quantity is named {name!r}", hint=f"did you mean {near!r}?" if near else None)
        parts = [record.exchanges[name] for record in self.records if record.exchanges is not None]
        return jnp.concatenate(parts) if any(isinstance(part, Tracer) for part in parts) else np.concatenate(parts)

    @cached_property
    def phase_of_exchange(self) -> np.ndarray:
        """Number of the phase that each exchange record belongs to, shape (records,)."""
        return np.repeat(np.arange(len(self.records)), self._exchange_counts)

    @property
    def _exchange_counts(self) -> list[int]:
        return [0 if record.exchanges is None else len(record.exchanges["exchange_time"]) for record in self.records]

    def phase_arrays(self, number: int) -> dict[str, np.ndarray]:
        """Records of one phase by the names of `simulation.quantities.ARRAYS`."""
        record = self.records[number]
        part = Results(self.bodies, self.regimen, self.parameters, [record], self.status)
        found = {name: np.asarray(getattr(part, name)) for name in SAMPLES}
        return found | {name: np.asarray(value) for name, value in (record.exchanges or {}).items()}

    def names(self) -> dict[str, list[str]]:
        """Names along each dimension."""
        topology = self.topology
        return {
            "cell": list(topology.cells),
            "face": list(topology.faces),
            "valve": list(topology.valves),
            "bed": list(topology.beds),
            "surrounding": list(topology.surroundings),
            "member": list(self.members),
            **({} if self.tissue is None else self.tissue.names()),
        }

    @cached_property
    def labels(self) -> Labels:
        """Names, coordinates of places, and what the run was made from."""
        return Labels(self.names(), place_coordinates(self.bodies, self.tissue), provenance(self))

    def dataset(self) -> xr.Dataset:
        """Everything recorded, with names, units, coordinates and what the run was made from."""
        arrays = {name: getattr(self, name) for name in SAMPLES}
        if self.tissue is not None:
            arrays |= {name: self.exchange(name) for name in EXCHANGES}
        extremes = {name: np.stack([np.asarray(peaks[name]) for peaks in self.peaks]) for name in self.peaks[0]}
        phases: list[dict[str, Any]] = [plain(phase.document()) for phase in self.phases]
        phases[-1]["status"] = [[one.code, one.time, one.cause] for one in self.status]
        rows = {"time": [phase.samples for phase in self.phases], "exchange": self._exchange_counts}
        beside = datasets.coordinates(self.labels, phases, rows)
        return datasets.dataset(arrays, extremes, beside, datasets.attributes(self.labels, phases, self.complete))
