"""Populations by name, and the check that there is somebody in the middle of each of their classes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from venolymph import documents
from venolymph.errors import DocumentError
from venolymph.population.document import Population
from venolymph.population.drawing import middle_member


@cache
def packaged_populations() -> dict[str, Path]:
    """Files of the packaged populations by name."""
    return documents.packaged_files(Path(__file__).parent / "packaged")


def load_population(population: object) -> Population:
    """A population by packaged name, path, mapping or object.

    Raises:
        DocumentError: where there is no such population, the document cannot be used, or the person in the middle of
            one of its classes is nobody that a person's document allows.
    """
    found = documents.load(Population, "population", population, packaged_populations())
    women = float(found.sex.female)
    for sex, share in (("female", women), ("male", 1.0 - women)):
        for group in found.classes if share > 0.0 else ():
            try:
                middle_member(found, group, sex)
            except DocumentError as error:
                raise DocumentError(
                    f"class {group.name!r}: the {sex} person in the middle of it is refused: {error.message}",
                    hint=error.hint,
                    place=error.place,
                ) from None
    return found


def population_schema() -> dict[str, Any]:
    """The JSON schema of a population's document."""
    return Population.model_json_schema(by_alias=True)
