"""What a page may ask to be simulated: documents and packaged names, no file, and nobody who needs a doctor first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from venolymph.body.person import Person, load_person
from venolymph.documents import Entry, Source, check, without_files
from venolymph.errors import DocumentError
from venolymph.measures import check_asked
from venolymph.numbers import span
from venolymph.plan.gate import gate
from venolymph.regimen import Regimen, load_regimen

LONGEST = 25 * 3600.0
"""Longest regimen, simulated s."""
MOST_STEPS = 2000


class AskedRun(Entry):
    """A run that is asked for.

    Attributes:
        person: a packaged name, or a document.
        regimen: a packaged name, a document, or a list of steps.
        legs: `one` (the leg asked about in full) or `both`.
    """

    person: str | dict[str, Any]
    regimen: str | dict[str, Any] | list[Any]
    legs: str = Field(default="one", pattern="^(one|both)$")


def read_asked(content: bytes) -> dict[str, Any]:
    """What is asked for in the body of a request, checked as `simulate` checks it: `person` and `regimen` as documents,
    `legs`, and a `title`.

    Raises:
        DocumentError: where it is no such thing, or names a file.
        SimulationError: where this person may not be treated so.
    """
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise DocumentError("what was sent is not JSON", hint='send {"person": ..., "regimen": ...}') from None
    if not isinstance(data, dict):
        raise DocumentError("what was sent is not a mapping", hint='send {"person": ..., "regimen": ...}')
    try:
        with without_files():
            asked = check(AskedRun, data, Source())
            return asked_of(load_person(asked.person), load_regimen(asked.regimen), asked.legs)
    except RecursionError:
        raise DocumentError("the document is nested too deeply", hint="write it flatter") from None


def asked_of(person: Person, regimen: Regimen, legs: str = "one") -> dict[str, Any]:
    """The same of documents that were read already.

    Raises:
        DocumentError: where it is too much.
        MeasureError: where it asks for a measure that there is none of.
        SimulationError: where this person may not be treated so.
    """
    if regimen.lasts > LONGEST:
        raise DocumentError(f"the regimen lasts {span(regimen.lasts)}; at most {span(LONGEST)} are simulated here")
    steps = sum(step.steps_in_all for step in regimen.steps)
    if steps > MOST_STEPS:
        raise DocumentError(f"the regimen has {steps:,} steps; at most {MOST_STEPS:,} are simulated here")
    shown = person if regimen.side is None else person.with_index_side(regimen.side)
    check_asked(regimen.measures, "none" if regimen.body == "face" else legs, [shown.index_side])
    gate(shown, regimen)
    title = f"{person.label}: {regimen.regimen}"
    return {"person": _plain(person.document()), "regimen": _plain(regimen.document()), "legs": legs, "title": title}


def _plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document as it goes into JSON and comes back."""
    return json.loads(json.dumps(document))
