"""What shows a run: packages above this one lend it to `Run`, which knows none of them, when they are loaded."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from venolymph.errors import RunError
from venolymph.numbers import clock

if TYPE_CHECKING:
    from venolymph.simulation.results import Results

Showing = Callable[..., Any]
_LENT: dict[str, Showing] = {}
_MOST_PHASES = 12
"""Phases beyond which a summary says how many more there are."""


def lend(name: str, show: Showing) -> None:
    """Let `Run` show itself in a way: the first argument will be the run."""
    _LENT[name] = show


def lent(name: str) -> Showing:
    """What shows a run in a way.

    Raises:
        RunError: where nothing that does is loaded.
    """
    if name not in _LENT:
        raise RunError(f"nothing is loaded that gives a run's {name}", hint="`import venolymph.viewer`")
    return _LENT[name]


def in_a_line(run: Results) -> str:
    """A run in a line."""
    last = run.phases[-1] if run.phases else None
    lasted = clock(last.start + last.duration - run.phases[0].start) if last else "no phase yet"
    state = "" if run.complete else ", incomplete"
    return f"{', '.join(run.members)}: {run.regimen.regimen}, {lasted}{state}"


def as_html(run: Results) -> str:
    """A run as a short table of what was done and how everybody fared, HTML."""
    failed = [
        f"<p><b>{escape(label)}</b> stopped at {escape(clock(status.time))}: {escape(status.cause)}</p>"
        for label, status in zip(run.members, run.status, strict=False)
        if status.code != "ok"
    ]
    rows = [
        f"<tr><td>{escape(clock(phase.start))}</td><td>{escape(phase.label)}</td>"
        f"<td>{escape(clock(phase.duration))}</td></tr>"
        for phase in run.phases[:_MOST_PHASES]
    ]
    more = len(run.phases) - _MOST_PHASES
    rest = f"<p>and {more} more phases</p>" if more > 0 else ""
    return (
        f"<p><b>{escape(in_a_line(run))}</b></p>{''.join(failed)}"
        "<table><thead><tr><th>from</th><th>what</th><th>for</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>{rest}"
        "<p><code>run.view()</code> shows the leg, <code>run.plot(&quot;ankle pressure&quot;)</code> a trace, "
        "<code>run.dataset()</code> all that was recorded.</p>"
    )
