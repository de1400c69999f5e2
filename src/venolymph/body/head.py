"""A person becomes head and neck: every parameter of the network of their veins as a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from venolymph.body.anatomy import Body, Segment
from venolymph.body.head_layout import head_layout
from venolymph.body.head_scale import HeadScale, HeadSides
from venolymph.body.head_veins import HeadVeins
from venolymph.body.vein_arrays import VeinArrays
from venolymph.errors import DocumentError, nearest
from venolymph.figures import Figure, load
from venolymph.processes import check_process

if TYPE_CHECKING:
    from venolymph.body.person import Person


def head_body(person: Person, *, sides: HeadSides = "one", figures: Mapping[str, Figure] | None = None) -> Body:
    """The veins of a person's head and neck.

    Args:
        person: the person; only stature, mass and sex count.
        sides: "one" half, the left one, for postures in which both are alike, or "both".
        figures: figures to use in place of the packaged ones.

    Returns:
        The body. Heights of its segments are above the right atrium with the head upright, cm.

    Raises:
        DocumentError: where `sides` is neither.
        SimulationError: in a process that was forked after JAX had begun.
    """
    check_process()
    if sides not in ("one", "both"):
        near = nearest(str(sides), ("one", "both"))
        raise DocumentError(
            f"sides is {sides!r}; allowed are 'one' and 'both'",
            hint=f"did you mean {near!r}?" if near else "'one' is the left half, for symmetric postures",
        )
    layout = head_layout(sides)
    arrays = VeinArrays(person, figures or load())
    scale = HeadScale.of(person, arrays.value)
    veins = HeadVeins(layout, arrays, scale)
    veins.fill()
    segments = {}
    for plan in layout.segments.values():
        heights = tuple(float(veins.middle(plan, i)[2]) * scale.length for i in range(len(plan.cells)))
        segments[plan.name] = Segment(plan.name, plan.cells, heights, plan.kind, plan.side)
    return Body(
        topology=layout.topology,
        parameters=arrays.parameters(),
        person=person,
        segments=segments,
        valves={name: number for number, name in enumerate(layout.topology.valves)},
        regions={},
        index_side="left",
        body_regions=layout.regions,
        figures=dict(sorted(arrays.used.items())),
        sources={array: tuple(keys) for array, keys in arrays.sources.items()},
        known=figures,
    )
