"""Members drawn from a population: the same seed and number give the same person, however many are drawn."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from venolymph.body import load_person
from venolymph.body.places import TRIBUTARIES
from venolymph.errors import DocumentError
from venolymph.population.distribution import Curve, figure_value
from venolymph.population.document import VALVE_KINDS, PersonClass, Population, Vary
from venolymph.population.member import Member

MOST_TRIES = 200
"""Draws for one member before the population counts as one of nobody."""
_NUMBER = re.compile(r"\d[\d.,]*")


@dataclass(frozen=True)
class Drawn:
    """Members of a population.

    Attributes:
        members: in the order of their numbers.
        rejected: draws that were nobody, by reason.
    """

    members: tuple[Member, ...]
    rejected: Counter[str]


def draw_members(population: Population, number: int, seed: int, *, first: int = 0) -> Drawn:
    """Draw members of a population.

    Args:
        population: from which.
        number: how many.
        seed: the same one gives the same people.
        first: number of the first of them.

    Raises:
        DocumentError: where fewer than one is asked for, the seed is negative, or nearly every draw is nobody.
    """
    if number < 1:
        raise DocumentError(f"{number} people are asked for; allowed is 1 or more", hint="such as --n 100")
    if seed < 0:
        raise DocumentError(f"a seed of {seed}; allowed is 0 or more", hint="such as --seed 1")
    rejected: Counter[str] = Counter()
    members = tuple(_draw(population, seed, one, rejected) for one in range(first, first + number))
    return Drawn(members, rejected)


def middle_member(population: Population, group: PersonClass, sex: str) -> Member:
    """The person in the middle of a class: every number drawn at its median.

    Raises:
        DocumentError: where a person's document refuses it.
    """
    return _member(population, group, sex, np.zeros(len(population.names(group))), 0)


def _draw(population: Population, seed: int, number: int, rejected: Counter[str]) -> Member:
    """One member, drawn anew until it is one that a person's document allows."""
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))
    reason = ""
    for _ in range(MOST_TRIES):
        which, of_class = generator.random(2)
        sex = "female" if which < float(population.sex.female) else "male"
        group = _class_at(population, of_class)
        root = _root(population, group.name)
        normal = root @ generator.standard_normal(len(root))
        try:
            return _member(population, group, sex, normal, number)
        except DocumentError as error:
            reason = _reason(error)
            rejected[reason] += 1
    raise DocumentError(
        f"{population.population}: {MOST_TRIES} draws for one person gave nobody; the last was refused: {reason}",
        hint="bring its distributions within what a person's document allows (docs/reference/person.md)",
    )


def _class_at(population: Population, place: float) -> PersonClass:
    """The class at a place from 0 to 1 along the shares of all."""
    passed = 0.0
    for group in population.classes:
        passed += float(group.share)
        if place < passed:
            return group
    return population.classes[-1]


def _root(population: Population, name: str) -> np.ndarray:
    """What makes independent normal numbers those of a class, correlated, shape (numbers, numbers)."""
    group = next(one for one in population.classes if one.name == name)
    return np.linalg.cholesky(population.correlation_matrix(group))


def _reason(error: DocumentError) -> str:
    """Why a draw is nobody, alike for all that are refused alike: without the numbers found."""
    found, allowed, rest = error.message.partition("; allowed")
    words = _NUMBER.sub("…", found) + allowed + rest
    return f"{error.place}: {words}" if error.place else words


def _member(population: Population, group: PersonClass, sex: str, normal: np.ndarray, number: int) -> Member:
    """The member that normal numbers make.

    Raises:
        DocumentError: where there can be no such person.
    """
    curves = population.body_curves(sex)
    values = {name: curve.value(float(one)) for (name, curve), one in zip(curves.items(), normal, strict=False)}
    stated: Any = group.based_on.leg.document()
    leg: dict[str, Any] = {**(stated if isinstance(stated, dict) else {}), **group.leg}
    drawn: dict[str, float] = {}
    at = len(values)
    for entry in population.varied(group):
        wanted = entry.drawn_figures
        if wanted:
            for one in wanted:
                value = figure_value(one, float(normal[at])) if entry.over is None else _curve(entry).value(normal[at])
                drawn[one.key] = float(f"{value:.6g}")
                at += 1
        else:
            _put(leg, entry, _curve(entry).value(float(normal[at])))
            at += 1
    side = group.based_on.index_side
    document = group.based_on.document()
    document["legs"] = {**document.get("legs", {}), side: leg or "healthy", "asked": side}
    document["person"] = {
        "label": f"{population.population} {number}",
        "sex": sex,
        "age": f"{values['age']:.4g} y",
        "height": f"{values['height']:.5g} cm",
        "mass": f"{values['mass']:.5g} kg",
    }
    factors = () if group.factors is None else group.factors.at(float(normal[at]))
    return Member(number, load_person(document), drawn, group.name, factors)


def _curve(entry: Vary) -> Curve:
    assert entry.over is not None
    return entry.over.curve(entry.kind)


def _put(leg: dict[str, Any], entry: Vary, value: float) -> None:
    """Write a drawn value into the document of a leg: into the entry of its place, or one that is added."""
    if entry.lymph is not None:
        leg["lymph"] = {**leg.get("lymph", {}), entry.lymph: float(f"{value:.5g}")}
        return
    valves = entry.what in VALVE_KINDS
    key = {"diameter": "diameter_standing"}.get(entry.what, entry.what)
    written: Any = f"{10.0 * value:.5g} mm" if entry.what == "diameter" else float(f"{value:.5g}")
    rows = [dict(row) for row in leg.get("reflux" if valves else "veins", ())]
    for place in entry.places:
        row = next((one for one in rows if place in (one.get("at"), one.get("add"))), None)
        if row is None:
            row = {"add" if place in TRIBUTARIES and not valves else "at": place}
            rows.append(row)
        row[key] = written
    leg["reflux" if valves else "veins"] = rows
