"""Who takes part: drawn from a population, let through by the gate, allocated, and lost by chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from venolymph.errors import SimulationError
from venolymph.plan.gate import gate
from venolymph.population import Member, Population, draw_members
from venolymph.regimen import Regimen
from venolymph.trial.document import TrialDocument
from venolymph.trial.least_squares import apportion, orders

MOST_DRAWN = 20
"""People drawn for each one who is wanted, at most."""


@dataclass(frozen=True)
class Enrolled:
    """People who may take part in every arm.

    Attributes:
        members: as many as are wanted.
        drawn: how many were drawn for them.
        rejected: draws that were nobody, by reason.
        refused: people drawn whom the gate does not let through, by reason.
    """

    members: tuple[Member, ...]
    drawn: int
    rejected: Counter[str]
    refused: Counter[str]


@dataclass(frozen=True)
class Allocation:
    """Who goes through what, and who is lost before being read.

    Attributes:
        arms: number of each person's arm; of a crossover None.
        periods: number of the period in which each person goes through each arm, shape (people, arms); of a parallel
            trial None.
        lost: whether a person is lost, shape (people,).
    """

    arms: np.ndarray | None
    periods: np.ndarray | None
    lost: np.ndarray


@dataclass(frozen=True)
class Wanted:
    """People who are looked for.

    Attributes:
        n: how many.
        seed: of who is drawn.
        reason: recorded reason for simulating people whom the gate would refuse; None: they are left out.
        name: of what they are wanted for.
    """

    n: int
    seed: int
    reason: str | None
    name: str


def enrol(wanted: Wanted, population: Population, regimens: Sequence[Regimen]) -> Enrolled:
    """Draw people until as many as are wanted may go through all regimens.

    Args:
        wanted: how many, and for what.
        population: from which.
        regimens: all that they may go through.

    Raises:
        DocumentError: where the population is one of nobody.
        SimulationError: where the reason is none, or nearly nobody may take part.
    """
    found: list[Member] = []
    rejected: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    drawn = 0
    while len(found) < wanted.n:
        if drawn >= MOST_DRAWN * wanted.n:
            reason, times = refused.most_common(1)[0]
            raise SimulationError(
                f"of {drawn} people drawn {len(found)} may take part, and {wanted.n} are needed; {times} are refused: "
                f"{reason}",
                hint="take another population, or give a `reason`, which is recorded and printed",
                place=wanted.name,
            )
        more = draw_members(population, wanted.n - len(found), wanted.seed, first=drawn)
        rejected += more.rejected
        drawn += len(more.members)
        for member in more.members:
            cause = _refused(member, regimens, wanted.reason)
            if cause:
                refused[cause] += 1
            else:
                found.append(member)
    return Enrolled(tuple(found), drawn, rejected, refused)


def allocate(trial: TrialDocument, rng: np.random.Generator) -> Allocation:
    """Who goes through which arm, or through all of them in which order, and who is lost.

    Args:
        trial: for which.
        rng: of chance.
    """
    lost = np.zeros(trial.n, bool)
    lost[rng.choice(trial.n, size=round(trial.dropout * trial.n), replace=False)] = True
    if trial.design == "crossover":
        return Allocation(None, orders(trial.n, len(trial.arms), rng), lost)
    arms = rng.permutation(np.repeat(np.arange(len(trial.arms)), apportion(trial.n, trial.weights)))
    return Allocation(arms, None, lost)


def _refused(member: Member, regimens: Sequence[Regimen], reason: str | None) -> str:
    """Why the gate does not let somebody through; empty where it does."""
    try:
        for regimen in regimens:
            gate(member.person, regimen, reason)
    except SimulationError as error:
        if reason is not None:
            raise
        return error.message.replace(f" for {member.person.label!r}", "")
    return ""
