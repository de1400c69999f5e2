"""From an improvement's document to what it gives: people drawn, regimens tried, the best one confirmed in others.

The regimens are tried in the same people, who go through each of them from rest. Whoever takes the best of many takes
some luck along, so what it is worth is read in people who had no part in the search.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from venolymph.cohort import MemberReadings, measure_members
from venolymph.errors import SimulationError
from venolymph.improvement.ceilings import over_ceilings
from venolymph.improvement.document import ImprovementDocument, Values
from venolymph.improvement.results import ImprovementResult, PartEffect, paired
from venolymph.improvement.searching import Tried, best_of, search
from venolymph.population import Member, load_population
from venolymph.regimen import Regimen
from venolymph.simulation.files import writing
from venolymph.trial.people import Enrolled, Wanted, enrol

CHUNK = 64
"""People who are computed side by side, at most."""
ENOUGH = 0.8
"""Share of the people who have to be read after a regimen for it to count."""
Follow = Callable[..., MemberReadings]
"""What simulates and reads members, as `measure_members` does."""


class KeptReadings:
    """Readings by regimen, as lines of a file, so that a search that was stopped goes on where it was.

    Args:
        path: of the file; None: they are kept in memory alone.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._known: dict[str, tuple[list[float | None], list[str | None]]] = {}
        if path is not None and path.exists():
            for line in path.read_text("utf-8").splitlines():
                if line.endswith("}"):  # the last one may be half written
                    one = json.loads(line)
                    self._known[one["of"]] = one["values"], one["failed"]

    def __len__(self) -> int:
        return len(self._known)

    def get(self, name: str) -> tuple[np.ndarray, list[str | None]] | None:
        """Readings of that name, NaN where there is none, and why; None where they are not kept."""
        if name not in self._known:
            return None
        values, failed = self._known[name]
        return np.array([np.nan if one is None else one for one in values], float), failed

    def keep(self, name: str, values: np.ndarray, failed: Sequence[str | None]) -> None:
        """Keep readings."""
        plain = [float(one) if np.isfinite(one) else None for one in values]
        self._known[name] = plain, list(failed)
        if self._path is not None:
            with writing(self._path), self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"of": name, "values": plain, "failed": list(failed)}) + "\n")


def improve(
    document: ImprovementDocument,
    *,
    progress: Callable[[float, float, str], None] | None = None,
    follow: Follow | None = None,
    kept: KeptReadings | None = None,
) -> ImprovementResult:
    """Look for a better regimen than the plain one, and see in other people whether it is.

    Args:
        document: what may vary, what is to get better, in whom.
        progress: called with how many regimens are done, how many there are at most, and what is being done.
        follow: what simulates and reads members, in place of `venolymph.cohort.measure_members`.
        kept: readings of before, which are not simulated again; takes those of now.

    Raises:
        DocumentError: where the population cannot be used.
        SimulationError: where nearly nobody may go through the regimens, or the plain one breaks a ceiling of sessions
            or cannot be read.
        MeasureError: where the measure cannot be read.
        VenolymphError: where scipy is not installed.
    """
    plain = document.regimen_with(document.plain)
    if over := over_ceilings(plain):
        raise over
    seeds = [int(one.generate_state(1)[0]) for one in np.random.SeedSequence(document.seed).spawn(3)]
    follow = measure_members if follow is None else follow
    readings = _Readings(document, follow, KeptReadings() if kept is None else kept, progress)
    first, others = _enrolled(document, plain, seeds)
    base = readings.of(plain, first.members)
    readings.check(base)

    def score(values: Values) -> Tried:
        regimen = document.regimen_with(values)
        if over := over_ceilings(regimen):
            return Tried(values, None, over.message)
        difference = readings.of(regimen, first.members) - base
        there = np.isfinite(difference)
        if there.sum() < ENOUGH * np.isfinite(base).sum():
            return Tried(values, None, f"{there.sum()} of {document.n} people could be read")
        return Tried(values, float(difference[there].mean()) * (-1.0 if document.better == "lower" else 1.0))

    tried = search(document.vary, score, evaluations=document.evaluations, seed=seeds[2])
    return _confirmed(document, readings, tried, (first, others))


class _Readings:
    """Readings of people after regimens; NaN where somebody could not be read."""

    def __init__(
        self,
        document: ImprovementDocument,
        follow: Follow,
        kept: KeptReadings,
        progress: Callable[[float, float, str], None] | None,
    ) -> None:
        self.document, self.follow, self.kept, self.progress = document, follow, kept, progress
        self.done, self.failed = 0, Counter[str]()
        # the best, and each of its parts otherwise, come on top
        self.total = document.evaluations + 2 + len(document.vary)

    def of(self, regimen: Regimen, members: Sequence[Member], confirming: bool = False) -> np.ndarray:
        """Readings of members after a regimen, shape (members,); `confirming`: they had no part in the search."""
        who = f"{members[0].number} {len(members)} {confirming}"
        name = hashlib.sha256(f"{who}\n{regimen.to_yaml()}".encode()).hexdigest()
        known = self.kept.get(name)
        if known is None:
            known = self._read(regimen, members, "confirming" if confirming else "searching")
            self.kept.keep(name, *known)
        self.done += 1
        values, failed = known
        if confirming:
            self.failed += Counter(why for why in failed if why is not None)
        return values

    def _read(self, regimen: Regimen, members: Sequence[Member], label: str) -> tuple[np.ndarray, list[str | None]]:
        if self.progress:
            self.progress(min(self.done, self.total - 1), self.total, label)
        measure, chunk = self.document.outcome.measure, min(CHUNK, len(members))
        values, failed = np.full(len(members), np.nan), list[str | None]()
        for begin in range(0, len(members), chunk):
            some = members[begin : begin + chunk]
            found = self.follow(some, regimen, [measure], research_override=self.document.reason, chunk=chunk)
            values[begin : begin + len(some)] = found.values[measure]
            failed += found.failed
        return values, failed

    def check(self, base: np.ndarray) -> None:
        """Refuse to search where too few people could be read after the plain regimen."""
        if np.isfinite(base).sum() < max(2, ENOUGH * len(base)):
            raise SimulationError(
                f"after the plain regimen {int(np.isfinite(base).sum())} of {len(base)} people could be read",
                hint="try the regimen and the measure on one person: `venolymph run PERSON REGIMEN`",
                place=self.document.improvement,
            )


def _enrolled(document: ImprovementDocument, plain: Regimen, seeds: Sequence[int]) -> tuple[Enrolled, Enrolled]:
    """People of the search, and others, who may go through the plain regimen and each other choice."""
    others = [
        document.regimen_with({**document.plain, name: value})
        for name, entry in document.vary.items()
        for value in entry.tried_first
    ]
    safe, population = (
        [plain, *(one for one in others if over_ceilings(one) is None)],
        load_population(document.population),
    )

    def of(n: int, seed: int) -> Enrolled:
        return enrol(Wanted(n, seed, document.reason, document.improvement), population, safe)

    return of(document.n, seeds[0]), of(document.confirm, seeds[1])


def _confirmed(
    document: ImprovementDocument, readings: _Readings, tried: list[Tried], people: tuple[Enrolled, Enrolled]
) -> ImprovementResult:
    """The best of those tried beside the plain one, and part by part, in people who had no part in the search."""
    best, members = best_of(tried), people[1].members

    def read(values: Values) -> np.ndarray:
        return readings.of(document.regimen_with(values), members, confirming=True)

    plain, found = read(document.plain), read(best.values)
    parts = []
    for name, entry in document.vary.items():
        now = best.values[name]
        compared: Any = (entry.plain,) if entry.choices is None else entry.choices
        for other in (one for one in compared if one != now):
            values = {**best.values, name: other}
            if over_ceilings(document.regimen_with(values)) is None:
                parts.append(PartEffect(name, now, other, paired(found, read(values), document.alpha)))
    instrument = document.outcome.instrument
    mean = float(np.nanmean(plain)) if np.isfinite(plain).any() else float("nan")
    return ImprovementResult(
        document, instrument.unit, tried, best, mean,
        paired(found, plain, document.alpha) if best is not tried[0] else None,
        parts, instrument.least_at(mean), readings.failed, people[0].refused + people[1].refused,
    )  # fmt: skip
