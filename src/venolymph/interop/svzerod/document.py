"""The JSON file of a case: read safely, checked, refused in plain words.

Keys that begin with `_` are comments. Whatever is wrong, `read_case` raises one `DocumentError` with its place, what
was found, what is allowed and a hint.
"""

from __future__ import annotations

import difflib
import json
import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from venolymph.documents import Source, check
from venolymph.errors import DocumentError, nearest
from venolymph.interop.svzerod.closed_loop import HEART, HEART_INLET, HEART_OUTLET, HEARTS
from venolymph.interop.svzerod.ends import ENDS
from venolymph.interop.svzerod.hearts import CHAMBERS, SHAPES, VALVES
from venolymph.interop.svzerod.roundoff import clear_roundoff
from venolymph.interop.svzerod.schema import JUNCTIONS, VESSELS, Case
from venolymph.plain_text import decode
from venolymph.units import show

LARGEST = 20_000_000
"""The largest file, in bytes."""
DEEPEST = 16

_COUPLING = "external_solver_coupling_blocks"
"""The section that must be empty."""

# section -> key of an element's type, key of its name, types that are known
_SECTIONS = {
    "boundary_conditions": ("bc_type", "bc_name", ENDS),
    "vessels": ("zero_d_element_type", "vessel_name", VESSELS),
    "junctions": ("junction_type", "junction_name", JUNCTIONS),
    "valves": ("type", "name", VALVES),
    "chambers": ("type", "name", CHAMBERS),
    "closed_loop_blocks": ("closed_loop_type", "name", HEARTS),
}


def read_case(source: str | os.PathLike[str] | Mapping[str, Any]) -> Case:
    """Read and check a case.

    Args:
        source: path of a JSON file, JSON text (it begins with a brace), or the file's content as a mapping.

    Returns:
        The case, with every entry checked by itself. Values that are negative by round-off alone are 0 in it, and a
        warning (`UserWarning`) names them all.

    Raises:
        DocumentError: where the file cannot be read, is not JSON, or holds what svZeroD or this program does not know.
    """
    if isinstance(source, Mapping):
        return _checked(_plain(source, None), Source())
    if isinstance(source, str) and source.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
        return _checked(_parse(source, None), Source())
    if not isinstance(source, str | os.PathLike):
        raise DocumentError(
            f"found {show(source)}, where a case is needed: a path, JSON text or a mapping",
            hint="give the path of a JSON file",
        )
    name = os.fsdecode(source)
    return _checked(_parse(_text(Path(name), name), name), Source(name))


def _text(path: Path, name: str) -> str:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise DocumentError("this is a folder; a case is a JSON file", hint="name the file inside it", place=name)
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError("this is not an ordinary file", hint="save the case as a file first", place=name)
        raw = b"" if status.st_size > LARGEST else path.read_bytes()
        size = max(status.st_size, len(raw))
    except FileNotFoundError:
        beside = [entry.name for entry in path.parent.glob("*.json")] if path.parent.is_dir() else []
        near = nearest(path.name, beside)
        raise DocumentError(
            "there is no such file",
            hint=f"did you mean {path.parent / near}?" if near else "check the path",
            place=name,
        ) from None
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise DocumentError(
            f"the file cannot be read: {reason}", hint="check its name and permissions", place=name
        ) from None
    _not_too_large(size, name)
    return decode(raw, name, "a case is a JSON file")


def _not_too_large(size: int, name: str | None) -> None:
    if size > LARGEST:
        raise DocumentError(
            f"the case has {size:,} bytes; at most {LARGEST:,} are allowed",
            hint="is this the input of a simulation, and not its result?",
            place=name,
        )


class _Refused(Exception):
    """JSON that is refused, before it is known where it came from."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def _parse(text: str, name: str | None) -> Any:
    _not_too_large(len(text), name)
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise DocumentError("the file is empty", hint="is this the right file?", place=name)
    try:
        data = json.loads(
            text,
            object_pairs_hook=_once,
            parse_constant=_no_constant,
            parse_int=lambda digits: int(digits) if len(digits) < 19 else float(digits),
        )
        return _plain(data, name)
    except json.JSONDecodeError as error:
        rest = text[error.pos :].strip()
        ends = not rest or error.msg.startswith("Unterminated string")
        raise DocumentError(
            f"this is not JSON as it should be: {'it ends in the middle' if ends else error.msg.lower()}",
            hint="was the file cut off?" if ends else "check commas, colons, quotes and brackets near there",
            place=f"{name or 'case'}, line {error.lineno}",
        ) from None
    except RecursionError:
        raise DocumentError(
            f"the case is nested deeper than {DEEPEST} levels", hint="is this the right file?", place=name
        ) from None
    except _Refused as refused:
        raise DocumentError(refused.message, hint=refused.hint, place=name) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping whose keys are given once; comments may repeat."""
    result = dict(pairs)
    if len(result) != len(pairs):
        for key, times in Counter(key for key, _ in pairs if not key.startswith("_")).items():
            if times > 1:
                raise _Refused(f"the key {show(key)} is given {times} times in one place", "keep one of them")
    return result


def _no_constant(word: str) -> Any:
    raise _Refused(f"{word} stands where a number is needed; JSON has no such number", "correct that value")


def _plain(data: Any, name: str | None, depth: int = 0) -> Any:
    """The data without comments, as dicts, lists and plain values."""
    if depth > DEEPEST:
        raise DocumentError(
            f"the case is nested deeper than {DEEPEST} levels", hint="is this the right file?", place=name
        )
    if isinstance(data, Mapping):
        for key in data:
            if not isinstance(key, str):
                raise DocumentError(f"found the key {show(key)}; keys are text", hint="write it as text", place=name)
        return {key: _plain(value, name, depth + 1) for key, value in data.items() if not key.startswith("_")}
    if isinstance(data, np.ndarray | np.generic):
        data = data.tolist()
    if isinstance(data, list | tuple):
        return [value if type(value) is float else _plain(value, name, depth + 1) for value in data]
    return data


# ------------------------------------------------------------------ checking


def _checked(data: Any, source: Source) -> Case:
    _all_known(data, source)
    clear_roundoff(data, source)
    case = check(Case, data, source)
    _names_differ(case, source)
    _one_period(case, source)
    _heart_fits(case, source)
    return case


def _all_known(data: Any, source: Source) -> None:
    """Refuse all parts that are not known, in one error: each type once, with the names of the parts."""
    if not isinstance(data, Mapping):
        return
    unknown: list[str] = []
    hints: list[str] = []
    for section, (kind, name, types) in _SECTIONS.items():
        names: dict[str, list[str]] = {}
        for entry in _entries(data.get(section)):
            found = entry.get(kind)
            if not isinstance(found, str):
                raise DocumentError(
                    f"{f'found {show(found)} as' if kind in entry else 'found no'} {kind!r}; "
                    f"allowed are {', '.join(types)}",
                    hint=f"say with {kind!r} what each entry is",
                    place=source.place((section,)),
                )
            if found not in types:
                names.setdefault(found, []).append(show(entry.get(name, "?")))
        for found, those in names.items():
            near = difflib.get_close_matches(found, types, n=1, cutoff=0.8)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            unknown.append(f"{section} of type {show(found)} ({_some(those)}{meant})")
        if names:
            hints.append(f"known {section} are {', '.join(types)}")
    _activations_known(data, unknown, hints)
    content = data.get(_COUPLING)
    if content is not None and not (isinstance(content, Sequence | Mapping) and not content):
        parts = [show(entry["name"]) if "name" in entry else "without a name" for entry in _entries(content)]
        unknown.append(f"coupling to another solver ({_COUPLING}: {_some(parts) or show(content)})")
        hints.append(
            f"take '{_COUPLING}' out, put a boundary condition in the place of each, and write "
            "`coupled_simulation: false`"
        )
    if unknown:
        raise DocumentError(
            f"this case holds what is not supported: {'; '.join(unknown)}",
            hint="; ".join(hints),
            place=source.place(()),
        )


def _activations_known(data: Mapping[str, Any], unknown: list[str], hints: list[str]) -> None:
    """Add what is not known of how chambers contract."""
    for entry in _entries(data.get("chambers")):
        active = entry.get("activation_function")
        found = active.get("type") if isinstance(active, Mapping) else None
        if isinstance(found, str) and found not in SHAPES:
            near = nearest(found, SHAPES)
            meant = f"; did you mean {near!r}?" if near else ""
            unknown.append(f"an activation function of type {show(found)} ({show(entry.get('name', '?'))}{meant})")
            hints.append(f"known activation functions are {', '.join(SHAPES)}")


def _some(names: Sequence[str]) -> str:
    """Names, not more than a reader looks at."""
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")


def _entries(section: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(section, list):
        yield from (entry for entry in section if isinstance(entry, Mapping))


def _names_differ(case: Case, source: Source) -> None:
    """Every element has its own name, every vessel its own id."""
    names = Counter(
        [
            *(vessel.vessel_name for vessel in case.vessels),
            *(end.bc_name for end in case.boundary_conditions),
            *(junction.junction_name for junction in case.junctions),
            *(valve.name for valve in case.valves),
            *(chamber.name for chamber in case.chambers),
            *((HEART, HEART_INLET, HEART_OUTLET) if case.closed_loop_blocks else ()),
        ]
    )
    for name, times in names.items():
        if times > 1:
            raise DocumentError(
                f"{times} elements are named {show(name)}; each needs a name of its own",
                hint="rename all but one",
                place=source.place(()),
            )
    ids = Counter(vessel.vessel_id for vessel in case.vessels)
    for number, times in ids.items():
        if times > 1:
            raise DocumentError(
                f"{times} vessels have the id {number}; each needs one of its own",
                hint="change 'vessel_id' of all but one, and of the junctions that mean it",
                place=source.place(("vessels",)),
            )


def _one_period(case: Case, source: Source) -> None:
    """All tables last equally long, to the last digit, and as long as `cardiac_period` says."""
    for name, (times, _) in case.tables.items():
        if len(times) > 1 and times[-1] != case.period:
            first = next(other for other, (found, _) in case.tables.items() if len(found) > 1)
            raise DocumentError(
                f"the cardiac period is {case.period!r} in the table of {show(first)} and {times[-1]!r} in that of "
                f"{show(name)}; they must be the same to the last digit",
                hint="end both tables at the same time",
                place=source.place(("boundary_conditions",)),
            )
    given = case.simulation_parameters.cardiac_period
    if given > 0 and given != case.period:
        raise DocumentError(
            f"the cardiac period is {given!r} here and {case.period!r} in the time tables; "
            "they must be the same to the last digit",
            hint="leave 'cardiac_period' out to take it from the tables",
            place=source.place(("simulation_parameters", "cardiac_period")),
        )


def _heart_fits(case: Case, source: Source) -> None:
    """A heart that closes the loop beats with the period of the case, and from the start."""
    for heart in case.closed_loop_blocks:
        if heart.cardiac_cycle_period != case.period:
            raise DocumentError(
                f"the heart's period is {heart.cardiac_cycle_period!r} and that of the case is {case.period!r}; they "
                "must be the same to the last digit",
                hint="write the same in both",
                place=source.place(("closed_loop_blocks", 0, "cardiac_cycle_period")),
            )
        if case.simulation_parameters.steady_initial:
            raise DocumentError(
                "a case whose heart closes the loop has no steady start",
                hint="write `steady_initial: false`",
                place=source.place(("simulation_parameters", "steady_initial")),
            )
