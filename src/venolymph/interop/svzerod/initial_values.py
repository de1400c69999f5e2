"""The state that a case begins from: values of svZeroD's variables as those of places, branches and sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from venolymph.documents import Source
from venolymph.errors import DocumentError, nearest
from venolymph.interop.svzerod import circuit as c
from venolymph.interop.svzerod.drawing_parts import Drawing, Edge
from venolymph.interop.svzerod.places import Places
from venolymph.interop.svzerod.schema import Case
from venolymph.interop.svzerod.wiring import Wiring
from venolymph.units import show


def initial_values(case: Case, drawing: Drawing, places: Places, wiring: Wiring, source: Source) -> c.Initial:
    """Initial values of svZeroD's variables, as those of places, branches and sources."""
    variables = [f"{kind}:{label}" for label in wiring.labels for kind in ("flow", "pressure")]
    variables += [label for label, _, _ in drawing.internal]
    for section, allowed in (
        ("initial_condition", {*variables, "pressure_all", "flow_all"}),
        ("initial_condition_d", set(variables)),
    ):
        for name in getattr(case, section):
            if name not in allowed:
                near = nearest(name, allowed)
                raise DocumentError(
                    f"this case has no variable {show(name)}",
                    hint=f"did you mean {near!r}?" if near else f"its variables begin with {variables[0]!r}",
                    place=source.place((section,)),
                )
    values, rates = _Named(case.initial_condition, wiring), _Named(case.initial_condition_d, wiring)
    pressure, pressure_rate = ([0.0] * (len(places.nodes) + len(places.ends)) for _ in range(2))
    for n, end in enumerate(places.ends, len(places.nodes)):  # stays where svZeroD has a constant and no variable
        pressure[n] = end.pressure.values[0]
    for n in reversed(range(len(wiring.labels))):
        place = places.of_point[wiring.upstream(n)]
        pressure[place], pressure_rate[place] = values.pressure(n), rates.pressure(n)
    # where something is stored, what is stored decides
    for label, point, _ in drawing.internal:
        if point is not None:
            place = places.of_point[point]
            pressure[place], pressure_rate[place] = values.of(label), rates.of(label)
    for point, inlet, before in drawing.capacitors:
        edge, q = drawing.edges[before] if before is not None else Edge("", 0, 0), values.flow(inlet)
        drop = (edge.resistance + edge.stenosis * abs(q)) * q
        slope = (edge.resistance + 2 * edge.stenosis * abs(q)) * rates.flow(inlet)
        place = places.of_point[point]
        pressure[place], pressure_rate[place] = values.pressure(inlet) - drop, rates.pressure(inlet) - slope
    for muscle in drawing.muscles:
        port, artery, store = muscle.port, places.of_point[muscle.artery], places.of_point[muscle.store]
        pressure[artery] = values.pressure(port) - muscle.first * values.flow(port)
        pressure_rate[artery] = rates.pressure(port) - muscle.first * rates.flow(port)
        through = values.flow(port) - muscle.capacitance * pressure_rate[artery]
        pressure[store] = pressure[artery] - muscle.second * through
    ports = [drawing.edges[edge].port for edge in places.branch_of_edge]
    inner = {edge: label for label, _, edge in drawing.internal if edge is not None}
    named = [inner.get(edge) for edge in places.branch_of_edge]
    outer = [
        (wiring.out_of[name][0], 1.0) if wiring.out_of[name] else (wiring.into[name][0], -1.0)
        for name, _, _ in drawing.sources
    ]
    return c.Initial(
        pressure=tuple(pressure),
        flow=tuple(values.through(port, name) for port, name in zip(ports, named, strict=True)),
        source=tuple(sign * values.flow(port) for port, sign in outer),
        volume=tuple(values.of(chamber.name) for _, chamber in drawing.chambers),
        volume_rate=tuple(rates.of(chamber.name) for _, chamber in drawing.chambers),
        pressure_rate=tuple(pressure_rate),
        flow_rate=tuple(rates.through(port, name) for port, name in zip(ports, named, strict=True)),
        source_rate=tuple(sign * rates.flow(port) for port, sign in outer),
    )


@dataclass(frozen=True)
class _Named:
    """Values by the names of svZeroD's variables."""

    values: Mapping[str, float]
    wiring: Wiring

    def of(self, name: str, everywhere: str = "") -> float:
        return self.values.get(name, self.values.get(everywhere, 0.0))

    def pressure(self, connection: int) -> float:
        return self.of(f"pressure:{self.wiring.labels[connection]}", "pressure_all")

    def flow(self, connection: int) -> float:
        return self.of(f"flow:{self.wiring.labels[connection]}", "flow_all")

    def through(self, connection: int | None, name: str | None) -> float:
        """Flow of a branch by its connection or by a name of its own; 0 where it has neither."""
        if connection is not None:
            return self.flow(connection)
        return 0.0 if name is None else self.of(name)
