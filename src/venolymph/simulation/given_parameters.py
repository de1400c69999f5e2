"""Parameters given to a simulation in place of those that people's documents give, for all circuits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from venolymph.body import Body
from venolymph.body.make import make_drainage
from venolymph.body.parameter_arrays import ARRAYS
from venolymph.body.parameter_tree import BodyParameters, ParameterKey, ParameterPlaces, parameter_places
from venolymph.errors import SimulationError
from venolymph.network.parameters import Parameters, stack
from venolymph.simulation.tissue_model import Tissue

GivenParameters = Parameters | BodyParameters | Mapping[ParameterKey, Any]
"""Those of the veins, those of all circuits (`vl.parameters(person).tree`), or changes by name."""


def change_tissue(given: GivenParameters | None, bodies: Sequence[Body]) -> bool:
    """Whether parameters are given by name that only tissue and lymph have.

    Raises:
        DocumentError: where nothing has such a name.
    """
    if not isinstance(given, Mapping):
        return False
    places = _places(bodies)
    return any(ARRAYS[places.find(key)[0]].circuit != "veins" for key in given)


def with_given(
    given: GivenParameters | None, bodies: Sequence[Body], veins: Parameters, tissue: Tissue | None
) -> tuple[Parameters, Tissue | None]:
    """Parameters of the veins, and tissue and lymph with theirs, with what is given in place of what they were.

    Args:
        given: as to `simulate`.
        bodies: of the members.
        veins: parameters of the veins without it.
        tissue: tissue and lymph without it.

    Raises:
        DocumentError: where nothing has such a name, or a value cannot be one.
        SimulationError: where parameters are of another kind, or for another number of members.
    """
    if given is None:
        return veins, tissue
    if isinstance(given, Mapping):
        drainage = stack([make_drainage(body).parameters for body in bodies]) if tissue is None else tissue.parameters
        given = _places(bodies).changed(BodyParameters.of(veins, drainage), given)
    elif not isinstance(given, Parameters | BodyParameters):
        raise SimulationError(
            f"parameters are a {type(given).__name__}; allowed are a tree of arrays and changes by name",
            hint='such as {("great saphenous, terminal valve", "leak"): 0.3}, or `vl.parameters(person).tree`',
        )
    if given.batch != len(bodies):
        raise SimulationError(f"parameters are for {given.batch} members, the people are {len(bodies)}")
    if isinstance(given, Parameters):
        return given, tissue
    return given.veins, tissue if tissue is None else replace(tissue, parameters=given.drainage)


def _places(bodies: Sequence[Body]) -> ParameterPlaces:
    return parameter_places(bodies[0].topology, make_drainage(bodies[0]).topology)
