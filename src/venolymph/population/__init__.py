"""Populations as data: distributions over people, members drawn from them, tables of people in and out."""

from __future__ import annotations

from venolymph.population.document import Population, sources_of
from venolymph.population.drawing import Drawn, draw_members
from venolymph.population.loading import load_population, packaged_populations, population_schema
from venolymph.population.member import Member, member_of
from venolymph.population.registry import read_people, write_people

__all__ = [
    "Drawn",
    "Member",
    "Population",
    "draw_members",
    "load_population",
    "member_of",
    "packaged_populations",
    "population_schema",
    "read_people",
    "sources_of",
    "write_people",
]
