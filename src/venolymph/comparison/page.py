"""The comparison as one page that opens offline: tables, and how each difference fades."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence

import numpy as np

from venolymph.comparison.courses import BEFORE
from venolymph.comparison.effects import AFTER, Effects
from venolymph.comparison.quantities import QUANTITIES, ComparedQuantity
from venolymph.comparison.words import heads, legend, rows, short
from venolymph.viewer.page import POLICY, MovingLeg, moving_leg

NOTICE = "For research and education; not a medical device. No clinician has reviewed it. Simulated, not measured."
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; font-size: 0.9em; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.6rem; border-bottom: 1px solid #ddd; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(24rem, 1fr)); gap: 1rem; }
.charts svg { width: 100%; height: auto; }
.notice { background: #f5f1e6; padding: 0.6rem 1rem; }
"""
WIDE = (
    "main .wide { width: min(96vw, 1680px); position: relative; left: 50%; transform: translateX(-50%); padding: 0; }"
)
"""The moving legs are wider than text."""


def chart(effects: Effects, quantity: ComparedQuantity) -> str:
    """A quantity during and after each course, less the reference, as SVG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 3.2), layout="constrained")
    axes = figure.add_subplot()
    other = effects.reference
    for number, course in enumerate(effects.courses[1:]):
        shown = (course.time > -3600.0) & (course.time <= AFTER)
        minutes, legs = course.time[shown] / 60.0, course.values[quantity.name][shown]
        found = other.values[quantity.name]
        mean, low, high = (
            np.interp(course.time[shown], other.time, values)
            for values in (found.mean(axis=1), found.min(axis=1), found.max(axis=1))
        )
        colour = f"C{number}"
        axes.plot(minutes, legs.mean(axis=1) - mean, label=course.regimen, color=colour)
        axes.fill_between(minutes, legs.min(axis=1) - high, legs.max(axis=1) - low, color=colour, alpha=0.25, lw=0)
        if quantity.name in course.by_depth:
            variants = course.by_depth[quantity.name][shown] - mean[:, None]
            axes.fill_between(minutes, variants.min(axis=1), variants.max(axis=1), color=colour, alpha=0.1, lw=0)
    axes.axvline(0.0, color="0.6", linewidth=0.8)
    axes.axhline(0.0, color="0.6", linewidth=0.8)
    axes.set_title(quantity.name, fontsize=10)
    axes.set_xlabel("minutes after the end")
    axes.set_ylabel(f"difference, {quantity.unit}")
    axes.legend(fontsize=7)
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None})
    return re.sub(r"^.*?<svg", "<svg", stream.getvalue(), count=1, flags=re.DOTALL)


def page(found: Sequence[Effects]) -> str:
    """The page, for one person or several."""
    parts = [f"<h1>What each course does</h1><p class=notice>{html.escape(NOTICE)}</p>"]
    leg = _legs(found[0]) if found else None
    moving = leg or MovingLeg("", "", "")
    if leg:
        first = found[0].courses[1]
        parts.append(f"<p><b>{html.escape(first.regimen)}</b>: {html.escape(short(found[0], first))}</p>")
        parts.append(f"<div class=wide>{leg.body}</div>")
    for effects in found:
        parts.append(f"<h2>{html.escape(effects.person)}</h2>")
        parts.append(
            f"<p>Before each course {BEFORE / 60:g} minutes of lying, after it {AFTER / 3600:g} hours of sitting. "
            f"Differences from <b>{html.escape(effects.reference.regimen)}</b> at the same time. "
            f"{html.escape(legend(effects))} Pale bands in the charts: all these legs; paler still: other depths.</p>"
        )
        if effects.uneven:
            parts.append(f"<p><b>{html.escape(effects.uneven)}</b></p>")
        if effects.override:
            parts.append(f"<p>Simulated for a recorded reason: {html.escape(effects.override)}</p>")
        failed = [f"{course.regimen}: {course.status}" for course in effects.courses if course.status != "ok"]
        parts += [f"<p><b>Did not go to its end:</b> {html.escape(text)}</p>" for text in failed]
        head = "".join(f"<th>{html.escape(text)}</th>" for text in heads())
        for course in effects.courses[1:]:
            body = "".join(
                "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
                for row in rows(effects, course)
            )
            parts.append(f"<h3>{html.escape(course.regimen)}</h3><p>{html.escape(short(effects, course))}</p>")
            parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
        parts.append("<div class=charts>" + "".join(chart(effects, one) for one in QUANTITIES) + "</div>")
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>What each course does</title>'
        f"<style>{STYLE}{moving.style}{WIDE}</style></head><body><main>{''.join(parts)}</main>{moving.scripts}</body></html>\n"
    )


def _legs(effects: Effects) -> MovingLeg | None:
    """The moving legs of the first two courses of a person; None where they were not kept."""
    recordings = [one.recording for one in effects.courses[:2] if one.recording is not None]
    return moving_leg(recordings, theme="light") if len(recordings) > 1 else None
