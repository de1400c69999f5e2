"""What a trial gave, in words: for the terminal and for its page."""

from __future__ import annotations

from collections.abc import Mapping

from venolymph.numbers import number, unit_text
from venolymph.trial.power import ENOUGH, TRIALS
from venolymph.trial.results import MeasuredEffect, OutcomeResult, TrialResult

TRUST = (
    "Every number is out of a simulation, none out of a clinic. How people differ is only as good as the population's "
    "document, and many figures of the model are assumed.",
    "Each person goes into each regimen from rest: nothing carries over, nobody learns, nobody knows the arm, and the "
    "people lost are lost by chance.",
    "Errors of instruments are taken to be normal, without bias, and the same in all arms.",
    f"Power: {TRIALS} trials of each size, of people drawn with replacement from those of this trial. It is the power "
    "to find the difference that this trial's people have, which other people have a little otherwise.",
)
"""What to know before trusting it."""


def heads(result: TrialResult) -> list[str]:
    """Headings of the table of effects."""
    interval = f"{number(100.0 * (1.0 - result.trial.alpha))} % interval"
    enough = f"{number(100.0 * ENOUGH)} %"
    return [
        "outcome", "arm, against", "difference as read", interval, "p", "without error",
        "smallest seen in one person", f"smallest found, power {enough}", f"people needed, power {enough}",
    ]  # fmt: skip


def rows(result: TrialResult) -> list[list[str]]:
    """Cells of the table of effects."""
    return [_row(one, effect) for one in result.outcomes for effect in one.effects]


def _row(one: OutcomeResult, effect: MeasuredEffect) -> list[str]:
    unit, read = unit_text(one.instrument.unit), effect.read
    return [
        one.instrument.measure,
        f"{read.arm}, {read.control}",
        f"{number(read.difference)}{unit}",
        f"{number(read.low)} to {number(read.high)}{unit}",
        probability(read.p),
        f"{number(effect.true)}{unit}",
        f"{number(effect.least)}{unit}",
        f"{number(effect.power.least)}{unit}",
        needed(effect),
    ]


def needed(effect: MeasuredEffect) -> str:
    """How many people a trial of the effect needs."""
    return f"more than {effect.power.sizes[-1]}" if effect.power.needed is None else f"{effect.power.needed}"


def probability(p: float) -> str:
    """A probability as one reads it."""
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


def sentences(result: TrialResult) -> list[str]:
    """What it says, one sentence or two for each effect."""
    told = []
    for one in result.outcomes:
        if not one.effects:
            told.append(f"{one.instrument.measure}: too few people could be read to compare arms.")
        told += [_sentence(result, one, effect) for effect in one.effects]
    return told


def _sentence(result: TrialResult, one: OutcomeResult, effect: MeasuredEffect) -> str:
    unit, read = unit_text(one.instrument.unit), effect.read
    found = "found a difference" if read.p < result.trial.alpha else "found no difference"
    clinic = "could" if effect.in_one_person else "could not"
    interval = f"{number(read.low)} to {number(read.high)}, p {_equals(read.p)}"
    return (
        f"{one.instrument.measure}, {read.arm} against {read.control}: this trial {found} "
        f"({number(read.difference)}{unit}, {interval}); without the instrument's error it is "
        f"{number(effect.true)}{unit}. A clinic {clinic} measure that in one person, where changes from "
        f"{number(effect.least)}{unit} on are seen. A trial like this one finds differences from "
        f"{number(effect.power.least)}{unit} on in {number(100.0 * ENOUGH)} of 100 times; for this one it would need "
        f"{needed(effect)} people."
    )


def _equals(p: float) -> str:
    return probability(p) if p < 0.001 else f"= {probability(p)}"


def ways(result: TrialResult) -> list[str]:
    """The way of the participants, line by line."""
    flow, crossed = result.flow, result.trial.design == "crossover"
    refused = sum(flow.refused.values())
    lines = [f"drawn: {flow.drawn}{_reasons('draws that were nobody', flow.rejected)}"]
    if refused:
        lines.append(f"not let through by the gate: {refused}{_reasons('', flow.refused)}")
    lines.append(f"allocated: {result.trial.n}{', each to every arm in turn' if crossed else ''}")
    for arm in flow.arms:
        failed = sum(arm.failed.values())
        lines.append(
            f"{arm.arm}: {arm.allocated} allocated, {arm.lost} lost, {failed} failed{_reasons('', arm.failed)}, "
            f"{arm.analysed} analysed"
        )
    return lines


def _reasons(what: str, counts: Mapping[str, int]) -> str:
    """Reasons with how often each held, in brackets."""
    if not counts:
        return ""
    told = "; ".join(f"{count} {reason}" for reason, count in sorted(counts.items(), key=lambda one: -one[1]))
    return f" ({what}: {told})" if what else f" ({told})"
