"""What a trial gave: the way of its participants, effects with intervals, and how many people it would have needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from venolymph.trial.analysis import ArmEffect
from venolymph.trial.document import TrialDocument
from venolymph.trial.instrument import Instrument
from venolymph.trial.power import ENOUGH, TRIALS, Power


@dataclass(frozen=True)
class ArmFlow:
    """The way of the people of an arm; of a crossover, of all people through it.

    Attributes:
        arm: its name.
        allocated: how many were to go through it.
        lost: of these before they were read.
        failed: of these in whom the simulation failed, by cause.
        analysed: who are left.
    """

    arm: str
    allocated: int
    lost: int
    failed: Mapping[str, int]
    analysed: int


@dataclass(frozen=True)
class TrialFlow:
    """The way of all people.

    Attributes:
        drawn: people drawn from the population.
        rejected: draws that were nobody, by reason.
        refused: people whom the gate did not let through, by reason.
        arms: the way of those who were allocated.
    """

    drawn: int
    rejected: Mapping[str, int]
    refused: Mapping[str, int]
    arms: tuple[ArmFlow, ...]


@dataclass(frozen=True)
class MeasuredEffect:
    """An arm's effect on an outcome.

    Attributes:
        read: as the trial found it, with the instrument's error.
        true: the same difference without that error.
        power: what trials of other sizes would find of it.
        least: smallest change that the instrument detects in one person, in the outcome's unit.
    """

    read: ArmEffect
    true: float
    power: Power
    least: float

    @property
    def in_one_person(self) -> bool:
        """Whether a clinic could measure it in one person."""
        return abs(self.true) >= self.least


@dataclass(frozen=True)
class OutcomeResult:
    """What a trial found of an outcome.

    Attributes:
        instrument: what it is read with.
        people: who were read, by arm.
        means: mean of their readings, by arm.
        effects: of each arm against the control; empty where too few people could be read.
    """

    instrument: Instrument
    people: Mapping[str, int]
    means: Mapping[str, float]
    effects: tuple[MeasuredEffect, ...]


@dataclass(frozen=True)
class TrialResult:
    """What a trial gave.

    Attributes:
        trial: its document.
        flow: the way of its participants.
        outcomes: in the document's order.
    """

    trial: TrialDocument
    flow: TrialFlow
    outcomes: tuple[OutcomeResult, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        flow = {
            "drawn": self.flow.drawn,
            "rejected": dict(self.flow.rejected),
            "refused": dict(self.flow.refused),
            "arms": [{**asdict(arm), "failed": dict(arm.failed)} for arm in self.flow.arms],
        }
        return {
            "trial": self.trial.document(),
            "analysis": self.trial.analysed_by,
            "flow": flow,
            "outcomes": [_outcome(one) for one in self.outcomes],
            "simulated_trials_of_each_size": TRIALS,
        }


def _outcome(one: OutcomeResult) -> dict[str, Any]:
    return {
        "measure": one.instrument.measure,
        "unit": one.instrument.unit,
        "instrument": asdict(one.instrument),
        "people": dict(one.people),
        "means": dict(one.means),
        "effects": [_effect(effect) for effect in one.effects],
    }


def _effect(one: MeasuredEffect) -> dict[str, Any]:
    return {
        **asdict(one.read),
        "true_difference": one.true,
        "least_in_one_person": one.least,
        "measurable_in_one_person": one.in_one_person,
        "least_in_this_trial": one.power.least,
        "power_aimed_at": ENOUGH,
        "people_needed": one.power.needed,
        "false_findings": one.power.false,
        "power_by_people": dict(zip(map(str, one.power.sizes), one.power.found, strict=True)),
    }
