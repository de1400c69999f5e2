"""The search for the best of many regimens: all of them where they are few, else differential evolution.

A reading after a regimen has kinks where valves switch and chance where lymph vessels contract, some parts are choices,
and one reading costs minutes. So no derivative leads through it, and a search is needed that takes numbers and choices
alike, is content with some tens of readings, and bears refusals: differential evolution (Storn and Price 1997), as
scipy has it, on people who stay the same, so that candidates differ by what is done alone.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from venolymph.improvement.document import Value, Values, VariedEntry
from venolymph.optional import optional

LEAST = 5
"""Candidates of a generation at least."""
MOST = 16
"""The same at most."""
FOR_EACH = 4
"""Candidates of a generation for each part that varies."""


@dataclass(frozen=True)
class Tried:
    """A regimen that was tried.

    Attributes:
        values: of the parts that vary.
        score: by how much it is better than the plain regimen (above 0: better), in the measure's unit; None where it
            was refused or could not be read.
        refused: why; empty where it was not.
    """

    values: Mapping[str, Value]
    score: float | None
    refused: str = ""


class _SpentError(Exception):
    """As many regimens were tried as were asked for."""


def search(
    varied: Mapping[str, VariedEntry], score: Callable[[Values], Tried], *, evaluations: int, seed: int
) -> list[Tried]:
    """Try regimens, the plain one first.

    Args:
        varied: what each part may be, by name.
        score: tries a regimen with these values.
        evaluations: how many different ones are tried at most.
        seed: of the search.

    Returns:
        Those tried, in order, each once.
    """
    found: dict[str, Tried] = {}

    def once(values: Values) -> Tried:
        key = repr(sorted(values.items()))
        if key not in found:
            if len(found) >= evaluations:
                raise _SpentError
            found[key] = score(values)
        return found[key]

    once({name: entry.plain for name, entry in varied.items()})
    if _number_of_choices(varied) <= evaluations:
        for chosen in itertools.product(*(entry.choices or () for entry in varied.values())):
            once(dict(zip(varied, chosen, strict=True)))
        return list(found.values())
    with contextlib.suppress(_SpentError):
        _evolve(varied, once, seed)
    return list(found.values())


def best_of(tried: Sequence[Tried]) -> Tried:
    """The best of those tried; the plain one, which is the first, where none is better."""
    return max(tried, key=lambda one: -math.inf if one.score is None else one.score)


def _number_of_choices(varied: Mapping[str, VariedEntry]) -> float:
    """How many different regimens there are; endless where a number varies between two ends."""
    return math.prod(math.inf if entry.choices is None else len(entry.choices) for entry in varied.values())


def _evolve(varied: Mapping[str, VariedEntry], once: Callable[[Values], Tried], seed: int) -> None:
    """Differential evolution, until the regimens that may be tried are spent."""
    entries = list(varied.values())
    size = min(MOST, max(LEAST, FOR_EACH * len(entries)))
    bounds = [entry.ends if entry.choices is None else (0.0, len(entry.choices) - 1.0) for entry in entries]
    whole = [entry.choices is not None or entry.is_whole for entry in entries]

    def worse(places: Sequence[float]) -> float:
        values = {name: entry.value_at(place) for (name, entry), place in zip(varied.items(), places, strict=True)}
        one = once(values)
        return math.inf if one.score is None else -one.score

    drawn = optional("scipy.stats.qmc", "cohort").LatinHypercube(len(entries), rng=seed).random(size)
    begin = [
        [low + share * (high - low) for share, (low, high) in zip(one, bounds, strict=True)] for one in drawn.tolist()
    ]
    begin[0] = [entry.plain_place for entry in entries]
    optional("scipy.optimize", "cohort").differential_evolution(
        worse, bounds, init=begin, integrality=whole, rng=seed, maxiter=1000, tol=0.0, atol=-1.0, polish=False
    )
