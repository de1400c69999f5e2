"""Good cases, damaged in every way: what comes out is a circuit that hangs together or one clear message."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from small.circuits import CASES, load
from venolymph.errors import DocumentError
from venolymph.interop.svzerod import Circuit, build, read_case

ODD = st.sampled_from(
    [None, True, False, 0, -1, 1, 2.5, -0.0, -1e-4, 1e-300, 1e308, math.nan, math.inf, 10**30, "", "1.0", "J0", "OUT",
     "branch0_seg0", "INFLOW", "_", [], {}, [0.0], [1, 0], {"R_poiseuille": 1.0}, "NORMAL_JUNCTION", "FLOW", "\ud800"]
)  # fmt: skip
DATA = {name: load(name) for name in CASES}


def outcome(source: Any) -> Circuit | DocumentError:
    """The circuit, held to what a solver relies on, or the error."""
    result: Circuit | DocumentError
    try:
        result = build(read_case(source))
    except DocumentError as error:
        result = error
    if isinstance(result, DocumentError):
        assert result.message and result.hint
        assert len(str(result)) < 3000
        return result
    circuit = result
    places = range(circuit.places)
    for branch in circuit.branches:
        assert branch.start in places and branch.stop in places and branch.start != branch.stop
        values = branch.resistance, branch.inertance, branch.stenosis
        assert all(math.isfinite(value) and value >= 0 for value in values)
        assert branch.valve is not None or any(values)
    assert all(math.isfinite(node.capacitance) and node.capacitance >= 0 for node in circuit.nodes)
    for table in [*(end.pressure for end in circuit.ends), *(source.flow for source in circuit.sources)]:
        assert len(table.times) == len(table.values)
        assert table.period in {None, circuit.course.period}
        assert list(table.times) == sorted(table.times)
    for joint in circuit.connections:
        assert joint.place in places
        assert all(n < len(circuit.branches) for n, _ in joint.flow.branches)
        assert all(n < len(circuit.sources) for n, _ in joint.flow.sources)
        assert all(n in places and math.isfinite(c) for n, c in joint.flow.rates)
    assert circuit.course.period > 0 and circuit.course.steps >= 1
    assert len(circuit.initial.pressure) == circuit.places
    return result


def spots(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in the data, of long lists only the first and last."""
    found = [path]
    if isinstance(data, dict):
        for key, value in data.items():
            found += spots(value, (*path, key))
    elif isinstance(data, list):
        for n in sorted({*range(min(3, len(data))), *range(max(0, len(data) - 2), len(data))}):
            found += spots(data[n], (*path, n))
    return found


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    data = copy.deepcopy(DATA[draw(st.sampled_from(sorted(DATA)))])
    for _ in range(draw(st.integers(1, 3))):
        choices = [path for path in spots(data) if path and path[0] != "description"]
        if not choices:
            break
        *way, last = draw(st.sampled_from(choices))
        here: Any = data
        for part in way:
            here = here[part]
        match draw(st.sampled_from(["replace", "drop", "rename", "negate", "repeat", "swap"])):
            case "replace":
                here[last] = copy.deepcopy(draw(ODD))
            case "drop":
                del here[last]
            case "rename" if isinstance(here, dict):
                here[draw(st.sampled_from([f"{last}s", f"_{last}", last.upper(), last[:-1], "t", "C"]))] = here.pop(
                    last
                )
            case "negate" if isinstance(here[last], int | float):
                here[last] = -here[last]
            case "repeat" if isinstance(here, list):
                here.append(copy.deepcopy(here[last]))
            case "swap" if isinstance(here, list):
                other = draw(st.integers(0, len(here) - 1))
                here[last], here[other] = here[other], here[last]
            case _:
                here[last] = [here[last]]
    return data


@settings(max_examples=1500)
@given(damaged())
def test_damaged_cases(data: dict[str, Any]) -> None:
    outcome(data)


@settings(max_examples=300)
@given(st.sampled_from(sorted(CASES)), st.floats(0, 1), st.sampled_from(["", "}", "]}", '"', "\\u12", "NaN", "\x00"]))
def test_cut_off_texts(name: str, share: float, tail: str) -> None:
    text = CASES[name].read_text("utf-8")
    found = outcome("{" + text[1 : 1 + int(share * (len(text) - 3))] + tail)
    assert "}" in tail or isinstance(found, DocumentError)


@settings(max_examples=300)
@given(st.sampled_from(sorted(CASES)), st.floats(0, 1), st.text(max_size=3))
def test_texts_with_other_characters(name: str, share: float, other: str) -> None:
    text = json.dumps(DATA[name])
    spot = int(share * len(text))
    outcome("{" + text[1:spot] + other + text[spot + len(other) :])


@settings(max_examples=300)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda inner: st.lists(
    inner, max_size=4) | st.dictionaries(st.sampled_from(["vessels", "simulation_parameters", "boundary_conditions",
    "junctions", "valves", "chambers", "bc_type", "t", "_"]), inner, max_size=4), max_leaves=20))  # fmt: skip
def test_anything(data: Any) -> None:
    outcome(data if isinstance(data, dict) else {"vessels": data})
