"""Write docs/what-massage-does.md and its picture: what courses of massage and of other things do to four legs.

    python scripts/what_massage_does.py [--people NAME ...]

Every number in that page comes out of the runs made here. Nobody is treated: the reason below is recorded in each run.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from venolymph.comparison import QUANTITIES, Effects, compare, markdown
from venolymph.comparison.effects import AFTER, SITTING, TreatmentCourse
from venolymph.comparison.quantities import ComparedQuantity
from venolymph.comparison.words import legend, short, told
from venolymph.figures import Figure, load
from venolymph.numbers import number
from venolymph.simulation.alike import MEMBERS

PAGE = Path(__file__).parent.parent / "docs" / "what-massage-does.md"
PICTURE = PAGE.parent / "images" / "massage.png"
REASON = "the project's own page on what massage does"
SPREAD = "mild-varicose"
"""The person whose massage is simulated with other depths too."""
PEOPLE = ("healthy", "mild-varicose", "severe-varicose", "lymphoedema")
SO = "rest-as-for-massage"
"""Lying as for massage, without hands."""
COURSES = ("rest", SO, "leg-massage", "stocking-class-1", "walk-10-min")
VARIANTS = (SO, "leg-massage", "leg-sham", "leg-massage-reversed", "leg-massage-distal-first")
WATER, LYMPH = "tissue fluid of the leg", "lymph that forms"
SWITCHES: tuple[tuple[str, str, float], ...] = (
    ("nodes that resist less the fuller they are", "lymph.node.opening", 2.0),
    ("valves that leak where collectors are distended", "lymph.valve.distension_leak", 0.3),
    ("a dermal plexus that resists a hundredth", "lymph.plexus.resistance", 0.01),
    ("tissue through which fluid seeps ten times as easily", "tissue.darcy.conductivity", 10.0),
)
"""Physics that could make direction and order matter: in words, its figure, and its value (a multiple where the figure
is not zero)."""


def changed(key: str, value: float) -> Mapping[str, Figure]:
    """The packaged figures with one of them changed."""
    figures = load()
    was = figures[key].value
    return {**figures, key: replace(figures[key], value=value if was == 0.0 else was * value)}


HEAD = ["| course | lymph that forms in it | tissue fluid 10 min after | 2 h after |", "|---|---|---|---|"]


def quantity(name: str) -> ComparedQuantity:
    """A quantity that is compared, by name."""
    return next(one for one in QUANTITIES if one.name == name)


def lymph(course: TreatmentCourse) -> str:
    """Lymph during a course: mean of the legs, least and greatest."""
    legs = course.during[LYMPH]
    return f"{number(legs.mean())} mL/h ({number(legs.min())} to {number(legs.max())})"


def table(effects: Effects) -> str:
    """Lymph during each course, and what is left of it in the tissue."""
    lines, water = [*HEAD, f"| {effects.reference.regimen} | {lymph(effects.reference)} | | |"], quantity(WATER)
    for course in effects.courses[1:]:
        when = [told(effects.difference(course, WATER, time), water) for time in (SITTING, AFTER)]
        lines.append(f"| {course.regimen} | {lymph(course)} | {when[0]} | {when[1]} |")
    return "\n".join(lines)


def chance(effects: Effects) -> str:
    """What legs alike but for a billionth hold of tissue fluid in each course, as a table: least and greatest."""
    lines = ["| course | at its end | 10 min after | 2 h after |", "|---|---|---|---|"]
    for course in effects.courses:
        legs = [course.each(WATER, when) for when in (0.0, SITTING, AFTER)]
        cells = [f"{one.min():.1f} to {one.max():.1f} mL" for one in legs]
        lines.append(f"| {course.regimen} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def hands(effects: Effects) -> str:
    """What hands add to lying as one lies for them."""
    still, massage = effects.courses[1:3]
    return f"What hands add: {short(Effects(effects.person, [still, massage]), massage)}"


def picture(found: list[Effects]) -> None:
    """Tissue fluid after each course, less that after rest, for each person."""
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(9, 5.5), layout="constrained")
    axes = drawing.subplots(2, 2, sharex=True)
    for effects, part in zip(found, axes.ravel(), strict=False):
        for course in effects.courses[1:]:
            shown, legs = course.time > -3000.0, course.values[WATER]
            resting = effects.reference.values[WATER].mean(axis=1)
            reference = np.interp(course.time, effects.reference.time, resting)[:, None]
            minutes, beside = course.time[shown] / 60.0, (legs - reference)[shown]
            (line,) = part.plot(minutes, beside.mean(axis=1), label=course.regimen)
            part.fill_between(minutes, beside.min(axis=1), beside.max(axis=1), color=line.get_color(), alpha=0.2, lw=0)
        part.axvline(0.0, color="0.6", linewidth=0.8)
        part.set_title(effects.person, fontsize=10)
        part.set_ylabel("tissue fluid less rest, mL", fontsize=8)
    for part in axes[-1]:
        part.set_xlabel("minutes after the end of the course")
    drawing.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=8)
    drawing.savefig(PICTURE, dpi=110, metadata={"Software": None})


def sweep(person: str) -> str:
    """Direction and order with each switch on, as a table."""
    lines = ["| with | as taught | turned round | far parts first |", "|---|---|---|---|"]
    courses = ("leg-massage", "leg-massage-reversed", "leg-massage-distal-first")
    for words, key, value in (("the figures as they are", "", 0.0), *SWITCHES):
        figures = changed(key, value) if key else None
        effects = compare(person, courses, members=2, research_override=REASON, figures=figures, after=60.0)
        cells = [lymph(course) for course in effects.courses]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Simulate, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", nargs="*", default=PEOPLE)
    parser.add_argument("--no-sweep", action="store_true", help="leave the switches out")
    asked = parser.parse_args()
    found = []
    for person in asked.people:
        print(person, flush=True)
        found.append(compare(person, COURSES, spread=person == SPREAD, research_override=REASON))
    print("variants", flush=True)
    variants = compare("mild-varicose", ("rest", *VARIANTS), research_override=REASON)
    switches = "" if asked.no_sweep else sweep("mild-varicose")
    picture(found)
    PAGE.write_text(text(found, variants, switches), encoding="utf-8")
    print(PAGE)


def text(found: list[Effects], variants: Effects, switches: str) -> str:
    """The page."""
    people = [
        f"## {effects.person}\n\n{table(effects)}\n\n{hands(effects)}\n\n{markdown(effects)}" for effects in found
    ]
    return PAGE_TEXT.format(
        picture=PICTURE.name,
        people="\n\n".join(people),
        first=found[0].person,
        chance=chance(found[0]),
        legs=MEMBERS,
        legend=legend(found[0]),
        person=variants.person,
        variants=table(variants),
        switches=switches or "Not simulated this time.",
        looked_at=", ".join(one.name for one in QUANTITIES),
    )


PAGE_TEXT = """\
# What massage does to a leg, in this model

Written by `scripts/what_massage_does.py`. Every number is out of a simulation, none out of a clinic; most figures
of tissue and lymph are assumed, so read sizes as orders of magnitude. Not a medical device; no clinician has
reviewed it.

Each course comes after ten minutes of lying and is followed by two hours of sitting; differences are from rest at
the same time. {legend}

"By depth" is the spread where skin, collectors and veins lie as shallow or as deep as the ranges of their figures
allow: that is how a hand's pressure divides between them, and nobody has measured it.

A massage is done with the legs raised by 15 degrees, and that alone drains a leg. What hands do is told against lying
so without them, below each table. None of this is a promise about anybody's leg.

![tissue fluid after each course](images/{picture})

There is no factor named massage in the equations. A hand presses, and presses less the deeper something lies; it
stretches the skin; it moves. Lymph moves because squeezed collectors empty through their valves, and draw from the
tissue when they are let go.

Three things to mind. Most of what leaves a leg in a session leaves it because the leg lies raised: it forms a little
more lymph than a leg that lies flat, filters less, and ends with less fluid. Hands add half as much again, and in the
leg with lymphoedema a seventh. There a stocking takes away as much as lying raised and hands together, since the
lymph vessels carry little whoever presses. And walking leaves more fluid than lying still, most of it in the thigh: a
muscle at work opens its capillaries, and its veins stay full there; two hours later a quarter to a half is left.
People's thighs gained 0.6 % by hard cycling and nothing by easy cycling, while their calves shrank (Stick 1990). Here
easy walking adds as much as hard cycling did, which is too much.

{people}

## What is chance

Sitting, the rhythm of contracting lymphatics never settles, and the least thing decides where a wave of contractions
begins next. So {legs} legs ({first}) whose lymphatics differ in tension by a few billionths, and in nothing else, end
apart. Least and greatest tissue fluid of these legs:

{chance}

What lies within such a spread is no effect, and is called no difference above.

## Does it matter how?

For {person}: the same strokes turned round, the far parts first, and a sham (the same contacts, light, no stretch).

{variants}

Physics that could make direction and order matter is off unless it is asked for; here each is on once. Lymph that
forms in the session:

{switches}

## What it does not do

The calibre of a vein at a given pressure is the same before and after (a test holds the model to that): a hand does
not touch what the wall is made of. What changes is fluid and blood, and they come back.

Looked at: {looked_at}.
"""


if __name__ == "__main__":
    main()
