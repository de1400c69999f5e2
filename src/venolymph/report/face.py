"""What a report shows of a face: its charts, and what it says in sentences, from what instruments read."""

from __future__ import annotations

from typing import Any

import numpy as np

from venolymph.errors import MeasureError
from venolymph.measures import read_from
from venolymph.numbers import clock, number
from venolymph.report.panels import Panel, Series

SHOWN = ("face", "upper lid", "lower lid", "cheek", "neck, front", "neck, side")
"""Parts whose swelling is drawn, one line each."""
ALSO = (
    "face swelling at face",
    "face swelling at lower lid",
    "face swelling at cheek",
    "thickness at lower lid",
    "thickness at cheek",
    "face lymph formed at face",
)
"""Readings with a place that are worth a line of the table."""
HALF = "One half of head and neck is simulated, and the other is its mirror image: volumes and flows are those of both."


def is_face(run: Any) -> bool:
    """Whether a run is of a face."""
    return run.bodies[0].legs == "none"


def face_panels(run: Any) -> list[Panel]:
    """The charts of a face: pressure and flow in the large veins, and where tissue is simulated swelling and lymph."""

    def lines(**named: str) -> tuple[Series, ...]:
        drawn = ((name.replace("_", " "), _trace(run, measure)) for name, measure in named.items())
        return tuple(
            Series(name, values, dashed=place % 2 == 1)
            for place, (name, values) in enumerate(drawn)
            if values is not None
        )

    swelling = {part: f"face swelling at {part}" for part in SHOWN}
    return [
        Panel(
            "pressure",
            "Pressure in the jugular vein",
            "mmHg",
            "In the middle of the neck, above the room's air. Below zero the vein is collapsed.",
            lines(jugular="jugular pressure"),
        ),
        Panel(
            "flow",
            "Blood from the brain",
            "mL/min",
            "Lying it flows through the jugular veins, upright through the plexus around and in the spine.",
            lines(jugular_veins="jugular flow", plexus_of_the_spine="vertebral flow"),
        ),
        Panel(
            "tissue",
            "Tissue fluid, change since the beginning",
            "mL",
            "Fluid between the cells, of both sides together.",
            lines(**swelling),
        ),
        Panel(
            "lymph",
            "Lymph",
            "mL/h",
            "It comes in pulses. What reaches blood is that of head and neck.",
            lines(forms_in_the_face="face lymph formed at face", reaches_blood="face lymph returned to blood"),
        ),
    ]


def face_sentences(run: Any, member: int) -> list[str]:
    """What is said of a face: how much it swelled by the end, where most, and which way blood left the brain."""
    told = []
    whole = _value(run, "face swelling at face", member)
    if np.isfinite(whole):
        lids, cheeks = (_value(run, f"face swelling at {part}", member) for part in ("lower lid", "cheek"))
        how = "gained" if whole >= 0.0 else "lost"
        lasted = clock(run.phases[-1].start + run.phases[-1].duration - run.phases[0].start)
        told.append(
            f"In {lasted} the face {how} {number(abs(whole))} mL of tissue fluid: the lower lids {number(lids)} mL, "
            f"the cheeks {number(cheeks)} mL, both sides together."
        )
    jugular, spine = (_value(run, f"{way} flow", member) for way in ("jugular", "vertebral"))
    if np.isfinite(jugular + spine):
        told.append(
            f"At the end {number(jugular)} mL of blood a minute left the skull through the jugular veins and "
            f"{number(spine)} mL by way of the spine."
        )
    return told


def _value(run: Any, name: str, member: int) -> float:
    """A reading of one member; NaN where the run does not hold it."""
    try:
        return float(np.asarray(read_from(run, name).value)[member])
    except MeasureError:
        return float("nan")


def _trace(run: Any, name: str) -> np.ndarray | None:
    """A reading over time at the samples of a run, shape (samples, members); None where the run does not hold it."""
    try:
        trace = read_from(run, name).trace
    except MeasureError:
        return None
    assert trace is not None
    own = np.asarray(trace.time, float)
    return np.stack([np.interp(run.time, own, column) for column in np.asarray(trace.values, float).T], axis=1)
