"""A person becomes a body: a network whose every parameter is a number, with the names of its places.

`leg_body(person)` makes it. What a leg is stands in `leg.toml` (what is joined to what) and in `venolymph.figures`
(every number); `places` has the names of places without loading anything heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from venolymph.body.anatomy import Body, Segment
    from venolymph.body.leg import leg_body
    from venolymph.body.person import Person, load_person, packaged_people
    from venolymph.body.table import ParameterRow, ParametersTable, parameters_table

__all__ = [
    "Body",
    "ParameterRow",
    "ParametersTable",
    "Person",
    "Segment",
    "leg_body",
    "load_person",
    "packaged_people",
    "parameters_table",
]

_HOME = {
    "Body": "anatomy",
    "Segment": "anatomy",
    "leg_body": "leg",
    "ParameterRow": "table",
    "ParametersTable": "table",
    "Person": "person",
    "load_person": "person",
    "packaged_people": "person",
    "parameters_table": "table",
}


def __getattr__(name: str) -> Any:
    """Load what needs JAX only when it is asked for, so that documents are read without it."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
