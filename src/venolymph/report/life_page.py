"""A life over years as one self-contained page: what happened, charts, the table, and how far to trust it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from importlib import resources
from pathlib import Path

from venolymph.anatomy import Geometry, geometry
from venolymph.html_document import html_document
from venolymph.measures.detectability import detectable
from venolymph.numbers import number
from venolymph.report.life_charts import charts, svg
from venolymph.report.life_leg import MOST, WIDER, legs_by_date
from venolymph.report.page import as_items, stylesheet
from venolymph.simulation.files import write_text
from venolymph.version import version
from venolymph.viewer.recording import NOTICE
from venolymph.wall import showing
from venolymph.wall.showing import FollowedLife

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src '{script}'"
"""The page fetches nothing, and runs nothing but the script that it carries."""
READ_BY = (
    "A clinic can measure the diameter of a vein by duplex, standing or lying still, to {least} mm at best where the "
    "same examiner looks again in the same posture; with it which valves leak and which way blood runs; and on the "
    "skin how tributaries wind. Flows in mL/min are means over standing with small movements; nobody measures these."
)


def write_life(path: Path, lives: Sequence[FollowedLife], overrides: Sequence[str | None]) -> None:
    """Write the page of a life, or of two lives side by side.

    Args:
        path: of the file.
        lives: one or two, of the same length.
        overrides: for each the recorded reason for which it was followed though it would be refused; None for none.

    Raises:
        RunError: where it cannot be written.
    """
    write_text(path, page(lives, overrides, geometry(lives[0].person)))


def page(lives: Sequence[FollowedLife], overrides: Sequence[str | None], where: Geometry | None = None) -> str:
    """The page as text of HTML.

    Args:
        lives: as in `write_life`.
        overrides: likewise.
        where: where the veins of the leg lie; None: the leg is not drawn.
    """
    first = lives[0]
    title = f"{first.person.label}: {' against '.join(life.life.title for life in lives)}"
    legs = "one leg" if first.legs == 1 else f"{first.legs} legs alike but for how far their valves may widen"
    script = _asset("life.js") if where else ""
    allowed = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    body = f"""<header class="page">
<h1>{escape(title)}</h1>
<p class="soft">Walls of the superficial veins of {legs}, followed for {showing.date(first.life.duration)} by \
venolymph {escape(version())}. Simulated, not measured.</p>
<p class="notice">{escape(NOTICE)}</p>
{_warnings(lives, overrides)}</header>
<main class="page">
<h2>In short</h2>
{_sentences(lives)}
<h2>What changes when</h2>
{_changes(lives)}
<h2>Over the years</h2>
{_charts(lives)}
{_leg(lives, where) if where else ""}<h2>By date</h2>
{"".join(_table(life, len(lives) > 1) for life in lives)}
<h2>How far to trust it</h2>
<ul class="short">{as_items([*showing.ASSUMED, _read_by()])}</ul>
</main>
<footer class="page">
<p class="soft">{escape(NOTICE)} No clinician has reviewed this. Simulated, not measured.</p>
</footer>
{f"<script>{script}</script>" if where else ""}
"""
    return html_document(
        title, body, style=stylesheet() + _asset("life.css"), policy=POLICY.format(script=f"sha256-{allowed}")
    )


def _warnings(lives: Sequence[FollowedLife], overrides: Sequence[str | None]) -> str:
    """What has to be known before anything else is read."""
    told = {text: None for life in lives for text in showing.not_trusted(life.life)}
    for life, reason in zip(lives, overrides, strict=True):
        if reason is not None:
            told[f"{life.life.title}: would be refused, and was simulated for this reason: {reason}"] = None
        for leg, day in life.stopped():
            told[f"{life.life.title}: leg {leg} found no solution on day {day:.0f}, and stays as it was then"] = None
    return "".join(f'<p class="notice failed">{escape(text)}</p>\n' for text in told)


def _sentences(lives: Sequence[FollowedLife]) -> str:
    parts = []
    for at, life in enumerate(lives):
        heading = f"<h3>{_swatch(at)} {escape(life.life.title)}</h3>" if len(lives) > 1 else ""
        parts.append(f'<div>{heading}<ul class="short">{as_items(showing.sentences(life))}</ul></div>')
    columns = " two" if len(lives) > 1 else ""
    apart = ""
    if len(lives) > 1:
        apart = (
            f'<h3>At the end, one against the other</h3><ul class="short">{as_items(showing.differences(*lives))}</ul>'
        )
    return f'<div class="columns{columns}">{"".join(parts)}</div>{apart}'


def _changes(lives: Sequence[FollowedLife]) -> str:
    parts = []
    for at, life in enumerate(lives):
        found = [f"{showing.date(day)}: {told}" for day, told in showing.changes(life.life)] or ["nothing changes"]
        used = f"the day that the leg is used to: {showing.day_of(life.life.hours)}"
        heading = f"<h3>{_swatch(at)} {escape(life.life.title)}</h3>" if len(lives) > 1 else ""
        parts.append(f'{heading}<ul class="short">{as_items([used, *found])}</ul>')
    return "".join(parts)


def _charts(lives: Sequence[FollowedLife]) -> str:
    least = _least()
    drawn = charts(lives, least)
    names = "".join(f"<span>{_swatch(at)} {escape(life.life.title)}</span> " for at, life in enumerate(lives))
    band = " Pale bands: from the least to the most of all legs; lines: their median." if lives[0].legs > 1 else ""
    bent = "" if any("tortuosity" in one.title for one in drawn) else " None of these veins winds."
    told = (
        f"Grey: within {number(least)} mm of the start, which duplex cannot tell from no change. Dashed upright lines: "
        f"dates of changes. Diameters are of a still leg without a garment, at equal pressure, on one scale; where a "
        f"line ends, the vein is gone. Tortuosity is length along a vein over the straight distance, 1 where it is "
        f"straight, at the mean pressure of a day with what is worn.{bent} The first readings hold what is changed "
        f"at the start.{band}"
    )
    figures = "".join(
        f"<figure><figcaption>{escape(one.title[:1].upper() + one.title[1:])}"
        f"{f', {one.unit}' if one.unit != '1' else ''}</figcaption>{svg(one, lives)}</figure>\n"
        for one in drawn
    )
    return f'<p class="names">{names}</p><p class="soft">{escape(told)}</p><div class="years">\n{figures}</div>'


def _leg(lives: Sequence[FollowedLife], where: Geometry) -> str:
    """The leg at each date."""
    side = lives[0].person.index_side
    toes = "right" if side == "left" else "left"
    told = (
        f"The {side} leg from its inner side, toes to the {toes}. Veins under the skin are drawn {number(WIDER)} times "
        "as wide as they are standing, and bent as far as they are; where along it a vein winds is not known. Pale: "
        "straight veins; dotted: gone. Deep veins and the many small ones are left out; of more than "
        f"{MOST} dates, {MOST} are drawn."
    )
    names = "".join(f"<span>{_swatch(at)} {escape(life.life.title)}</span> " for at, life in enumerate(lives))
    return f"""<h2>The leg at each date</h2>
<p class="names">{names}</p><p class="soft">{escape(told)}</p>
<p id="choice" hidden><label>Date <input type="range" id="when" min="0" step="1"></label>
<output id="said" for="when"></output></p>
<div class="legs">
{legs_by_date(lives, where, side)}
</div>
"""


def _asset(name: str) -> str:
    return resources.files("venolymph.report").joinpath("assets", name).read_text("utf-8")


def _table(life: FollowedLife, named: bool) -> str:
    heading = f"<h3>{escape(life.life.title)}</h3>" if named else ""
    heads = "".join(f"<th scope='col'>{escape(text)}</th>" for text in showing.heads(life))
    lines = "\n".join(
        f"<tr><th scope='row'>{escape(row[0])}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in row[1:])}</tr>"
        for row in showing.rows(life)
    )
    return (
        f"{heading}<div class='scroll'><table class='dates'><thead><tr>{heads}</tr></thead>"
        f"<tbody>\n{lines}\n</tbody></table></div>"
    )


def _swatch(at: int) -> str:
    """A bit of the line that a life is drawn with."""
    return f'<svg class="swatch" viewBox="0 0 26 10" aria-hidden="true"><path class="line life{at}" d="M1 5H25"/></svg>'


def _least() -> float:
    """Smallest change of a diameter that duplex detects, mm."""
    return detectable("standing diameter of a vein", 0.0, 0.0).least or 0.0


def _read_by() -> str:
    return READ_BY.format(least=number(_least()))
