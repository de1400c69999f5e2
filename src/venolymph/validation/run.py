"""Performing the protocols and judging what comes out.

People who share a protocol are simulated side by side, and one run serves all targets of its protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from venolymph.errors import MeasureError
from venolymph.measures import measure
from venolymph.validation.targets import Target, chosen, person, regimen

REASON = "validation against published figures"
"""Why people are massaged here whom a plan would refuse."""

Outcome = Literal["in range", "out of range", "not yet"]


@dataclass(frozen=True)
class Verdict:
    """How a target came out.

    Attributes:
        target: the target.
        predicted: what the model gives, in the target's unit; None where it gives nothing.
        verdict: `in range`, `out of range` (also where a simulation failed or nothing could be read), or `not yet`
            (needs a part of the model that is not built).
        note: why there is no number, or how the protocol was performed.
    """

    target: Target
    predicted: float | None
    verdict: Outcome
    note: str = ""

    @property
    def id(self) -> str:
        """Name of the target."""
        return self.target.id

    def as_dict(self) -> dict[str, Any]:
        """For JSON: id, predicted, low, high, unit, use, verdict."""
        return {
            "id": self.id,
            "predicted": self.predicted,
            "low": self.target.low,
            "high": self.target.high,
            "unit": self.target.unit,
            "use": self.target.use,
            "verdict": self.verdict,
        }


def validate(
    targets: Sequence[str] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    *,
    simulate: Callable[..., Any] | None = None,
    prepare: Callable[[str], Any] | None = None,
    parameters: Callable[[Sequence[str]], Any] | None = None,
) -> list[Verdict]:
    """Judges the model by published figures.

    Args:
        targets: names of targets; all where None.
        progress: called with the name of a protocol, how many are done, and how many there are; at the end with an
            empty name.
        simulate: what simulates, in place of `venolymph.simulation`.
        prepare: what does preparations, in place of `venolymph.validation.preparations`.
        parameters: gives the parameters of some people (by name) in place of their own, for calibration.

    Returns:
        One verdict for each target, in the order of the targets.

    Raises:
        DocumentError: where there is no such target.
    """
    wanted = chosen(None if targets is None else tuple(targets))
    if simulate is None:
        from venolymph.simulation import simulate as simulate_

        simulate = simulate_
    if prepare is None:
        prepare = _prepared
    protocols = list(dict.fromkeys(t.regimen for t in wanted if t.can_run and t.regimen is not None))
    count = len(protocols) + sum(target.can_run and target.preparation is not None for target in wanted)
    verdicts: dict[str, Verdict] = {}
    for done, protocol in enumerate(protocols):
        if progress:
            progress(protocol, done, count)
        mine = [target for target in wanted if target.can_run and target.regimen == protocol]
        people = list(dict.fromkeys(target.who or target.person for target in mine))
        documents = [person(next(t for t in mine if (t.who or t.person) == name)) for name in people]
        given: dict[str, Any] = {} if parameters is None else {"parameters": parameters(people)}
        if any(target.needs == "tissue" for target in mine):
            given |= {"tissue": True, "research_override": REASON}
        run = simulate(documents, regimen(protocol), **given)
        others = {name: simulate(documents, regimen(name), **given) for name in _others(mine)}
        for target in mine:
            verdicts[target.id] = _judged(target, run, others, people.index(target.who or target.person))
    prepared = [target for target in wanted if target.can_run and target.preparation is not None]
    for done, target in enumerate(prepared, len(protocols)):
        if progress:
            progress(f"{target.preparation} of a preparation", done, count)
        found = prepare(str(target.preparation))
        verdicts[target.id] = Verdict(target, found.flow, _verdict(target, found.flow), found.note)
    if progress:
        progress("", count, count)
    return [verdicts.get(t.id) or Verdict(t, None, "not yet", f"needs {t.needs}, which is not built") for t in wanted]


def _prepared(name: str) -> Any:
    from venolymph.validation.preparations import PREPARATIONS

    return PREPARATIONS[name]()


def _others(mine: Sequence[Target]) -> list[str]:
    """Regimens that a protocol's run is set against."""
    return list(dict.fromkeys(target.against for target in mine if target.against is not None))


def _judged(target: Target, run: Any, others: Mapping[str, Any], member: int) -> Verdict:
    for one in (run, *others.values()):
        status = one.status[member]
        if status.code != "ok":
            text = f"the simulation failed at {status.time:.3g} s: {status.cause}"
            return Verdict(target, None, "out of range", text)
    try:
        predicted = _read(target, _until(run, target.after), member)
        if target.less is not None:
            predicted -= _read(target, _until(run, target.less), member)
        if target.over is not None:
            predicted /= _read(target, _until(run, target.over), member)
        if target.against is not None:
            predicted -= _read(target, others[target.against], member)
    except MeasureError as error:
        return Verdict(target, None, "out of range", f"could not be read: {error.message}")
    if not np.isfinite(predicted):
        return Verdict(target, None, "out of range", "not reached within the protocol")
    return Verdict(target, predicted, _verdict(target, predicted), target.note)


def _read(target: Target, run: Any, member: int) -> float:
    return max(float(np.asarray(measure(run, name).value)[member]) for name in target.measures)


def _until(run: Any, step: int | None) -> Any:
    """A run as it was at the end of a step of its regimen."""
    if step is None:
        return run
    held = [record for record in run.records if record.info.marks["step"] <= step]
    return replace(run, records=held, branches={})


def _verdict(target: Target, predicted: float) -> Outcome:
    above = target.low is None or predicted >= target.low
    below = target.high is None or predicted <= target.high
    return "in range" if above and below else "out of range"
