"""Write docs/what-a-facial-does.md and its picture: what facial massage, a sham, lying and sitting do to a face.

    python scripts/what_a_facial_does.py [--no-sweep]

Every number in that page comes out of the runs made here. Nobody is treated: the reason below is recorded in each run.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import venolymph as vl
from venolymph import evidence
from venolymph.body import load_person
from venolymph.body.make import make_body
from venolymph.figures import load
from venolymph.measures import read_from
from venolymph.simulation.alike import alike
from venolymph.simulation.tissue_model import tissue_of

PAGE = Path(__file__).parent.parent / "docs" / "what-a-facial-does.md"
PICTURE = PAGE.parent / "images" / "facial.png"
REASON = "the project's own page on what a facial does"
ALIKE = 2
"""Faces that differ by chance alone."""
LONG = "25.5 min"
MASSAGE, NECK_LAST, TURNED = "facial massage", "neck last", "pushed the other way"
COURSES: dict[str, Any] = {
    "half sitting, no hand": {"lie": {"head_up": "40 deg", "for": LONG}},
    "sitting up, no hand": {"sit": {"for": LONG}},
    MASSAGE: {"massage": "facial-massage"},
    "sham: light, no stretch": {"massage": "facial-sham"},
    NECK_LAST: {"massage": "facial-neck-last"},
    TURNED: {"massage": "facial-reversed"},
    "under the eyes only": {"massage": "facial-eyes-only"},
}
WHEN = {"at its end": 0.0, "30 min later": 1800.0, "2 h later": 7200.0}
FLUID, LID, COLOUR = "face fluid at face", "thickness at lower lid, medial", "under-eye colour difference"
DIGITS = {FLUID: 2, LID: 3, COLOUR: 2}
UNITS = {FLUID: "mL", LID: "mm", COLOUR: "dE*"}
CLAIM = "face-massage-puffiness-and-dark-circles"
"""The claim whose experiment is run with what nobody has measured at either end of its range."""


@dataclass(frozen=True)
class Course:
    """What a course does to several faces.

    Attributes:
        change: of each reading since the course began, by its name, at the times of `WHEN`, shape (times, faces).
        minutes: since its end, shape (records,).
        fluid: change of the face's fluid since the course began, mL, shape (records, faces).
    """

    change: Mapping[str, np.ndarray]
    minutes: np.ndarray
    fluid: np.ndarray


def document(*steps: Any) -> dict[str, Any]:
    """A regimen of a face."""
    return {"kind": "regimen", "version": 1, "body": "face", "steps": list(steps)}


def slept() -> Any:
    """A night flat on the back of faces alike but for chance, and of a puffy one."""
    figures = [*alike(load(), ALIKE), load()]
    people = ["rested"] * ALIKE + ["puffy-morning"]
    pairs = list(zip(people, figures, strict=True))
    bodies = [make_body(load_person(person), "face", sides="both", figures=one) for person, one in pairs]
    return vl.simulate(bodies, document({"regimen": "face-night-flat"}), tissue=tissue_of(bodies, figures=figures))


def course(night: Any, step: Any) -> Course:
    """What a course does after a night, and what is left of it over two hours upright."""
    run: Any = vl.simulate(begin_from=night, regimen=document(step, {"sit": {"for": "2 h"}}), research_override=REASON)
    failed = [status.cause for status in run.status if status.code != "ok"]
    if failed:
        raise SystemExit(f"a face failed: {failed[0]}")
    ended = next(phase.start for phase in run.phases if phase.marks.step == run.phases[-1].marks.step)
    change, drawn = {}, {}
    for name in DIGITS:
        trace = read_from(run, name).trace
        assert trace is not None
        drawn[name] = trace.time, trace.values - np.asarray(read_from(night, name).value)
        times = np.array(list(WHEN.values())) + ended
        change[name] = drawn[name][1][[int(np.argmin(np.abs(trace.time - when))) for when in times]]
    time, fluid = drawn[FLUID]
    return Course(change, (time - ended) / 60.0, fluid)


def told(values: np.ndarray, name: str) -> str:
    """A change: mean of the faces alike, and their spread where it is as large as what is written."""
    digits = DIGITS[name]
    middle, spread = float(values.mean()), float(np.ptp(values)) / 2.0
    return f"{middle:+.{digits}f}" + (f" ± {spread:.{digits}f}" if spread >= 0.5 * 10.0**-digits else "")


def table(courses: Mapping[str, Course], faces: slice, names: tuple[str, ...] = (FLUID, LID, COLOUR)) -> str:
    """What each course does to some of the faces."""
    heads = [f"{name.split(' at ')[-1] if name != COLOUR else 'under-eye colour'}, {UNITS[name]}" for name in names]
    heads = [f"{head}, {when}" for head in heads for when in WHEN]
    lines = ["| course | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for words, one in courses.items():
        cells = [told(one.change[name][at, faces], name) for name in names for at in range(len(WHEN))]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def swept() -> str:
    """Comparisons of the claim with each hidden factor at either end of its range, as a table below their list."""
    trial = evidence.run(CLAIM)
    columns = list(dict.fromkeys(one.comparison for one in trial.swept))
    asked = [f"{n}. {one.measure}, {one.arm} less {one.against}" for n, one in enumerate(columns, start=1)]
    heads = ["factor", "set to", *map(str, range(1, len(columns) + 1))]
    rows = [heads, ["---"] * len(heads), *evidence.swept_rows(trial.swept)]
    return "\n".join([*asked, "", *("| " + " | ".join(row) + " |" for row in rows)])


def differs(courses: Mapping[str, Course], words: str) -> str:
    """By how much the change of a rested face at the end differs from that by the facial as it is taught, mL."""
    as_taught, other = (courses[name].change[FLUID][0, :ALIKE].mean() for name in (MASSAGE, words))
    return f"{other - as_taught:+.2f}"


def picture(courses: Mapping[str, Course]) -> None:
    """Fluid of the face through each course and after it."""
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(8, 4), layout="constrained")
    axes = drawing.subplots()
    for words, one in courses.items():
        axes.plot(one.minutes, one.fluid[:, 0], label=words)
    axes.axvline(0.0, color="0.6", linewidth=0.8)
    axes.set_xlabel("minutes after the end of the course; all sit up from there")
    axes.set_ylabel("fluid of the face since it began, mL")
    axes.legend(fontsize=8)
    drawing.savefig(PICTURE, dpi=110, metadata={"Software": None})


def main() -> None:
    """Simulate, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-sweep", action="store_true", help="leave out what nobody has measured")
    asked = parser.parse_args()
    night = slept()
    courses = {}
    for words, step in COURSES.items():
        print(words, flush=True)
        courses[words] = course(night, step)
    picture(courses)
    known = load()
    page = TEXT.format(
        picture=PICTURE.name,
        alike=ALIKE,
        rested=table(courses, slice(0, ALIKE)),
        puffy=table(courses, slice(-1, None)),
        last=differs(courses, NECK_LAST),
        turned=differs(courses, TURNED),
        swept="Not simulated this time." if asked.no_sweep else swept(),
        seen_volume=f"{known['measures.detectable.face_volume'].value:g}",
        seen_colour=f"{known['measures.detectable.skin_colour'].value:g}",
    )
    PAGE.write_text(page, encoding="utf-8")
    print(PAGE)


TEXT = """\
# What a facial does to a face, in this model

Written by `scripts/what_a_facial_does.py`. Every number is out of a simulation, none out of a clinic; most figures of
a face's tissue and lymph are assumed, so read sizes as orders of magnitude. Not a medical device; no clinician has
reviewed it.

A face swells over a night and thins once it is upright, hand or no hand. So a facial has two rivals: lying half sitting
for as long, and sitting up for as long. Each course below follows a night flat on the back, lasts 25 minutes, and is
followed by two hours of sitting. Changes are of both sides of the face (without ear, scalp and neck), counted from the
end of the night.

![fluid of the face](images/{picture})

## A rested face

{alike} faces that differ by chance alone (a billionth in the tension of their lymph vessels); ± is half of what they
lie apart, and is left out where it is smaller than what is written.

{rested}

**Would anybody see it?** A 3-D camera tells {seen_volume} mL apart, and an eye a difference of colour of about
{seen_colour} side by side. No course here reaches either at its end. What does add up is being upright: the two hours
after each course take out more than any hand does.

The light sham has the same path and the same posture, so that what it does beyond lying half sitting is touch, and what
the massage does beyond the sham is pressure and stretch. Schools work the neck first. With
the neck last, the change of the rested face at the end differs by {last} mL, and with every push turned round by
{turned} mL.

## A face that is puffy in the morning

{puffy}

## What nobody has measured

What the results hang on and nobody has measured in a face, each set to either end of its range by itself. A sign that
turns round in a column is a question that this model cannot answer.

{swept}

In mL, and the last in dE*. These courses begin from the packaged morning, without the night before, which was settled
with the figures as they are: rows with other figures also hold some of the way to their own balance, alike in both
arms.

## What it does not do

Colour under the eyes hardly moves: most of it is pigment, thin skin and the shadow of a trough, and no hand changes
those (see `venolymph evidence show face-massage-puffiness-and-dark-circles`). Nothing in a session writes to pigment,
and no law leads from a massage to pores, to the renewal of cells or to acne. What is small and dissolved leaves by
blood within minutes, whoever presses; lymph carries what is large, and all of it arrives in blood.
"""


if __name__ == "__main__":
    main()
