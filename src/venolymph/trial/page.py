"""A trial as one self-contained page: in short, its participants, effects, power, and how far to trust it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from importlib import resources
from pathlib import Path

from venolymph.html_document import html_document
from venolymph.numbers import number
from venolymph.report.page import as_items, override_notice, stylesheet
from venolymph.simulation.files import write_text
from venolymph.trial import showing
from venolymph.trial.power import ENOUGH, Power
from venolymph.trial.results import ArmFlow, TrialResult
from venolymph.version import version
from venolymph.viewer.recording import NOTICE

_SIZE = (360, 210)
_ROOM = (44, 12, 12, 36)
"""Room of a curve left, right, above and below of what is drawn."""


def write_trial(path: Path, result: TrialResult) -> None:
    """Write the page of a trial.

    Args:
        path: of the file.
        result: what the trial gave.

    Raises:
        RunError: where it cannot be written.
    """
    write_text(path, page(result))


def page(result: TrialResult) -> str:
    """The page as text of HTML."""
    trial = result.trial
    heads = "".join(f"<th scope='col'>{escape(text)}</th>" for text in showing.heads(result))
    rows = "\n".join(
        f"<tr><th scope='row'>{escape(row[0])}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in row[1:])}</tr>"
        for row in showing.rows(result)
    )
    own = resources.files("venolymph.trial").joinpath("trial.css").read_text("utf-8")
    body = f"""<header class="page">
<h1>{escape(trial.trial)}</h1>
<p class="soft">A virtual trial of {trial.n} people, {trial.design}, analysed by {trial.analysed_by}, seed \
{trial.seed}, by venolymph {escape(version())}. Simulated, not measured.</p>
<p class="notice">{escape(NOTICE)}</p>
{override_notice(trial.reason)}</header>
<main class="page">
<h2>In short</h2>
<ul class="short">{as_items(showing.sentences(result))}</ul>
<h2>The way of the participants</h2>
{_flow(result)}
<h2>Effects</h2>
<div class="scroll"><table class="effects"><thead><tr>{heads}</tr></thead><tbody>
{rows}
</tbody></table></div>
<h2>Power by number of people</h2>
<p class="soft">Share of simulated trials that find a difference at a level of {number(100.0 * trial.alpha)} %. Dashed \
across: {number(100.0 * ENOUGH)} %. Dotted upright: this trial.</p>
<div class="curves">
{"".join(_curves(result))}</div>
<h2>Instruments</h2>
<ul class="short">{as_items(_instruments(result))}</ul>
<h2>How far to trust it</h2>
<ul class="short">{as_items(showing.TRUST)}</ul>
<h2>Its document</h2>
<pre>{escape(trial.to_yaml())}</pre>
</main>
<footer class="page">
<p class="soft">{escape(NOTICE)} No clinician has reviewed this. Simulated, not measured.</p>
</footer>
"""
    return html_document(
        trial.trial,
        body,
        style=stylesheet() + own,
    )


def _flow(result: TrialResult) -> str:
    flow = result.flow
    refused = sum(flow.refused.values())
    first = [f"drawn from the population: {flow.drawn}"]
    first += _counted("draws that were nobody", flow.rejected)
    second = [f"not let through by the gate: {refused}", *_counted("", flow.refused)] if refused else []
    crossed = result.trial.design == "crossover"
    third = [f"allocated: {result.trial.n}"] + ["each to every arm, in turn"] * crossed
    steps = "".join(f'<div class="step"><ul>{as_items(one)}</ul></div>' for one in (first, second, third) if one)
    arms = "".join(_arm(arm) for arm in flow.arms)
    return f'<div class="flow">{steps}<div class="arms">{arms}</div></div>'


def _arm(arm: ArmFlow) -> str:
    failed = sum(arm.failed.values())
    lines = [f"allocated: {arm.allocated}", f"lost before they were read: {arm.lost}", f"simulation failed: {failed}"]
    lines += [*_counted("", arm.failed), f"analysed: {arm.analysed}"]
    return f'<div class="arm"><h3>{escape(arm.arm)}</h3><ul>{as_items(lines)}</ul></div>'


def _counted(what: str, counts: Mapping[str, int]) -> list[str]:
    """A line for each reason."""
    start = f"{what}: " if what else ""
    return [f"{start}{count} × {reason}" for reason, count in counts.items()]


def _curves(result: TrialResult) -> list[str]:
    found = []
    for one in result.outcomes:
        for effect in one.effects:
            title = f"{one.instrument.measure}: {effect.read.arm} against {effect.read.control}"
            drawn = curve(effect.power, result.trial.n, title)
            found.append(f"<figure><figcaption>{escape(title)}</figcaption>{drawn}</figure>\n")
    return found


def curve(power: Power, own: int, title: str) -> str:
    """Power over the number of people, on a scale of ratios, as SVG.

    Args:
        power: by number of people.
        own: people of the trial itself.
        title: what a reader who does not see it hears first.
    """
    left, right, top, bottom = _ROOM[0], _SIZE[0] - _ROOM[1], _ROOM[2], _SIZE[1] - _ROOM[3]
    first, last = math.log(power.sizes[0]), math.log(power.sizes[-1])

    def x(people: float) -> float:
        return left + (right - left) * (math.log(people) - first) / (last - first or 1.0)

    def y(share: float) -> float:
        return bottom - (bottom - top) * share

    parts = []
    for percent in (0, 20, 40, 60, 80, 100):
        at = y(percent / 100)
        parts.append(f'<path class="grid" d="M{left} {at:.1f}H{right}"/>')
        parts.append(f'<text x="{left - 5}" y="{at + 4:.1f}" class="end">{percent} %</text>')
    for people in (one for one in (5, 10, 20, 50, 100, 200, 500) if power.sizes[0] <= one <= power.sizes[-1]):
        parts.append(f'<path class="axis" d="M{x(people):.1f} {bottom}v4"/>')
        parts.append(f'<text x="{x(people):.1f}" y="{bottom + 16}" class="middle">{people}</text>')
    parts.append(f'<text x="{0.5 * (left + right)}" y="{bottom + 31}" class="middle">people in all arms</text>')
    parts.append(f'<path class="axis" d="M{left} {top}V{bottom}H{right}"/>')
    parts.append(f'<path class="aim" d="M{left} {y(ENOUGH):.1f}H{right}"/>')
    if power.sizes[0] <= own <= power.sizes[-1]:
        parts.append(f'<path class="own" d="M{x(own):.1f} {top}V{bottom}"/>')
    points = list(zip(power.sizes, power.found, strict=True))
    parts.append(f'<path class="line" d="M{"L".join(f"{x(n):.1f} {y(share):.1f}" for n, share in points)}"/>')
    for n, share in points:
        told = f"{n} people: {number(100.0 * share)} %"
        parts.append(f'<circle class="dot" cx="{x(n):.1f}" cy="{y(share):.1f}" r="3"><title>{told}</title></circle>')
    label = escape(f"{title}: {'; '.join(f'{n} people {100 * share:.0f} %' for n, share in points)}")
    return (
        f'<svg class="curve" viewBox="0 0 {_SIZE[0]} {_SIZE[1]}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


def _instruments(result: TrialResult) -> list[str]:
    found = []
    for one in (outcome.instrument for outcome in result.outcomes):
        error = (
            f"{number(100.0 * one.error)} % of the reading" if one.error_relative else f"{number(one.error)} {one.unit}"
        )
        least = f"{number(100.0 * one.least)} % of it" if one.least_relative else f"{number(one.least)} {one.unit}"
        found.append(
            f"{one.measure}: readings of one person repeat to {error} (standard deviation), and a change from {least} "
            f"on is seen in one person. Source: {one.source}."
        )
    return found
