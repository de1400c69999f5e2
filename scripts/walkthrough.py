"""Writes docs/walkthrough.md, its pictures, and the parts of README.md that come from runs: `make pages`.

Every number on the page is read from the runs made here. Sentences about an effect are chosen by the numbers: where
an effect does not show, the page says so.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

import venolymph as vl

mpl.use("Agg")
import matplotlib.pyplot as plt

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
PEOPLE = ("healthy", "mild-varicose", "severe-varicose")
COLOURS = {"healthy": "#0072B2", "mild-varicose": "#E69F00", "severe-varicose": "#D55E00"}
TWINS = tuple(f"{label}, without disease" for label in PEOPLE[1:])
LEVEL = 0.05
"""Differences below this share of the larger value are called none."""

UP = "popliteal [1] -> popliteal [2]"
DOWN = "great saphenous, calf [8] -> great saphenous, thigh [1]"
OUTWARD, INWARD, BELOW = "popliteal, valve 1", "perforator, Cockett middle", "posterior tibial, valve 3"


# ------------------------------------------------------------------------------------------------------- reading runs


def read(run: vl.Run, name: str) -> list[float]:
    """A measure of each member."""
    return [float(value) for value in np.atleast_1d(np.asarray(run.measure(name).value))]


def cycles(run: vl.Run, last: float) -> tuple[np.ndarray, float]:
    """Numbers of the samples of the last whole gait cycles (as many as fit into `last` s), and the gait's period."""
    number = max(i for i, phase in enumerate(run.phases) if phase.marks.stage == "cycles")
    phase = run.phases[number]
    period = float(phase.period or 1.0)
    whole = max(1, int(last / period)) * period
    end = phase.start + phase.duration
    return np.flatnonzero((run.time > end - whole + 1e-9) & (run.time <= end + 1e-9)), period


def without_disease(name: str, label: str) -> vl.Person:
    """A packaged person with healthy legs."""
    person = vl.load_person(name)
    return person.model_copy(
        update={"legs": type(person.legs)(), "person": person.person.model_copy(update={"label": label})}
    )


def mean_flow(run: vl.Run, face: str, chosen: np.ndarray) -> list[float]:
    """Mean flow through a face over samples, mL/min."""
    number = run.topology.faces.index(face)
    return [60.0 * float(value) for value in np.mean(np.asarray(run.mean_flow)[chosen, number], axis=0)]


def taken_together(run: vl.Run, one: str, other: str) -> tuple[float, float, float]:
    """Share of time in gait that of two valves of the first member one alone is open, the other alone, both."""
    chosen, _ = cycles(run, 20.0)
    valve = np.asarray(run.valve)[chosen, :, 0] > 0.5
    a, b = (valve[:, run.body.valves[name]] for name in (one, other))
    return float(np.mean(a & ~b)), float(np.mean(b & ~a)), float(np.mean(a & b))


# ------------------------------------------------------------------------------------------------------------- words


def number(value: float) -> str:
    """A number as the page shows it."""
    if not np.isfinite(value):
        return "not reached"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def row(name: str, unit: str, values: Sequence[float]) -> str:
    """A line of a table: the three people, then what the varicose ones would have without their disease."""
    healthy, mild, severe, mild_twin, severe_twin = map(number, values)
    return f"| {name} | {unit} | {healthy} | {mild} ({mild_twin}) | {severe} ({severe_twin}) |"


def compared(values: Sequence[float]) -> list[int]:
    """Each varicose leg against the same person's leg without disease: 1 more, -1 less, 0 about the same."""
    found = []
    for value, twin in zip(values[1:3], values[3:], strict=True):
        clear = np.isfinite(value) and np.isfinite(twin) and abs(value - twin) > LEVEL * max(abs(value), abs(twin))
        found.append(int(np.sign(value - twin)) if clear else 0)
    return found


def effect(values: Sequence[float], more: str, less: str, expected: int) -> str:
    """What the numbers say of the varicose legs, and whether that is the effect expected (1 more, -1 less)."""
    shown = compared(values)
    words = [{1: more, -1: less, 0: "about the same"}[one] for one in shown]
    said = (
        f"{words[0]} in both varicose legs"
        if words[0] == words[1]
        else f"{words[0]} in the mild and {words[1]} in the severe case"
    )
    came = [one == expected for one in shown]
    if all(came):
        return f"{said}. The effect comes out in both."
    if any(came):
        return f"{said}. The effect comes out in the {'mild' if came[0] else 'severe'} case only."
    return f"{said}. The effect does not come out here."


# ---------------------------------------------------------------------------------------------------------- pictures


def canvas(rows: int = 1, height: float = 3.4, **given: Any) -> tuple[Any, Any]:
    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    return plt.subplots(rows, 1, figsize=(8.0, height), squeeze=False, **given)


def kept(figure: Any, name: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(IMAGES / name, dpi=110, metadata={"Software": None})
    plt.close(figure)


def draw_walk(run: vl.Run) -> None:
    figure, axes = canvas()
    axis = axes[0, 0]
    trace = run["ankle pressure"]
    for label in PEOPLE:
        axis.plot(trace["time"], trace.sel(member=label), color=COLOURS[label], label=label, lw=0.6)
    for member, label in enumerate(PEOPLE):
        axis.plot(*cycle_means(run, member), color="k", lw=2.2)
        axis.plot(*cycle_means(run, member), color=COLOURS[label], lw=1.4)
    walking = [phase for phase in run.phases if phase.kind == "walk"]
    begin, end = walking[0].start, walking[-1].start + walking[-1].duration
    axis.axvspan(begin, end, color="0.93", zorder=0)
    axis.set_title("walking", x=((begin + end) / 2 - begin + 60) / (run.time[-1] - begin + 60), fontsize=9)
    axis.set(
        xlabel="time, s", ylabel="pressure in the ankle vein, mmHg", xlim=(begin - 60, run.time[-1]), ylim=(0, None)
    )
    axis.legend(frameon=False, loc="lower left")
    kept(figure, "walk.png")


def cycle_means(run: vl.Run, member: int) -> tuple[np.ndarray, np.ndarray]:
    """Middle of each gait cycle in s, and the mean ankle pressure of the cycle in mmHg."""
    trace = run["ankle pressure"]
    phase = next(phase for phase in run.phases if phase.marks.stage == "cycles")
    period, values = float(phase.period or 1.0), np.asarray(trace)[:, member]
    turn = np.floor((np.asarray(trace["time"]) - phase.start) / period - 1e-9).astype(int)
    inside = range(round(phase.duration / period))
    return phase.start + period * (np.array(inside) + 0.5), np.array([values[turn == k].mean() for k in inside])


def draw_valves(run: vl.Run) -> None:
    chosen, period = cycles(run, 3.5)
    time = run.time[chosen] - run.time[chosen[0]]
    figure, axes = canvas(2, 4.6, sharex=True)
    names = run.topology.surroundings
    for muscle, style in (("soleus", "-"), ("anterior compartment", "--")):
        axes[0, 0].plot(time, run.surroundings[chosen, names.index(muscle), 0], "k", ls=style, label=muscle, lw=1)
    axes[0, 0].set(ylabel="pressure of the muscle, mmHg")
    for name, colour in ((OUTWARD, "#0072B2"), (BELOW, "#009E73"), (INWARD, "#CC79A7")):
        axes[1, 0].plot(time, run.valve[chosen, run.body.valves[name], 0], color=colour, label=name, lw=1.2)
    axes[1, 0].set(xlabel=f"time in gait, s (a cycle lasts {period:g} s)", ylabel="opening of the valve")
    for axis in axes[:, 0]:
        axis.legend(frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, fontsize=8)
    kept(figure, "valves.png")


def draw_reflux(run: vl.Run) -> None:
    figure, axes = canvas()
    axis = axes[0, 0]
    let_go = next(phase.start + phase.marks.released for phase in run.phases if phase.marks.released is not None)
    number_of = run.topology.faces.index("great saphenous, thigh [4] -> great saphenous, thigh [5]")
    cell = run.topology.cells.index("great saphenous, thigh [4]")
    for member, label in enumerate(PEOPLE):
        axis.plot(
            run.time - let_go,
            run.flow[:, number_of, member] / run.area[:, cell, member],
            color=COLOURS[label],
            label=label,
        )
    axis.axhline(0.0, color="0.6", lw=0.8)
    axis.set(
        xlim=(-4.5, 8.0), xlabel="time after the calf cuff is let go, s",
        ylabel="blood velocity in the thigh's\ngreat saphenous vein, cm/s (up is positive)",
    )  # fmt: skip
    axis.legend(frameon=False)
    kept(figure, "reflux.png")


def draw_volume(run: vl.Run) -> None:
    figure, axes = canvas()
    axis = axes[0, 0]
    trace = run["blood volume in plethysmograph"]
    first = next(phase for phase in run.phases if phase.kind == "stand")
    empty = trace.sel(time=slice(first.start - 20.0, first.start)).mean("time")
    for label in PEOPLE:
        one = trace.sel(member=label) - empty.sel(member=label)
        axis.plot(trace["time"] - first.start, one, color=COLOURS[label], label=label, lw=0.9)
    axis.set(
        xlim=(-30, run.time[-1] - first.start),
        xlabel="time after standing up, s",
        ylabel="blood taken up by the calf, mL",
    )
    axis.legend(frameon=False)
    kept(figure, "volume.png")


def draw_circle(up: Sequence[float], down: Sequence[float], out: Sequence[float]) -> None:
    figure, axes = canvas(height=2.8)
    axis = axes[0, 0]
    for part, (values, name, colour) in enumerate(
        ((up, "up the popliteal vein", "#0072B2"), (down, "in the great saphenous vein at the knee", "#D55E00"),
         (out, "into the pelvis", "#999999"))
    ):  # fmt: skip
        axis.bar(np.arange(3) + 0.27 * (part - 1), values, 0.25, color=colour, label=name)
    axis.axhline(0.0, color="k", lw=0.8)
    axis.set(xticks=range(3), xticklabels=PEOPLE, ylabel="mean flow while walking, mL/min\n(up is positive)")
    axis.legend(frameon=False, fontsize=8)
    kept(figure, "circle.png")


# ----------------------------------------------------------------------------------------------------------- the page


def page() -> str:
    """Makes the runs and pictures; returns the page."""
    twins = [without_disease(name, label) for name, label in zip(PEOPLE[1:], TWINS, strict=True)]
    walk, cuff, air = (
        vl.simulate([*PEOPLE, *twins], regimen) for regimen in ("ambulatory", "reflux-test", "plethysmography")
    )
    for run in (walk, cuff, air):
        for label, status in zip(run.members, run.status, strict=True):
            if status.code != "ok":
                raise SystemExit(f"{label} failed at {status.time:.1f} s: {status.cause}")
    standing = [float(v) for v in np.asarray(walk["ankle pressure"].sel(time=slice(160.0, 180.0)).mean("time"))]
    walking, refill = read(walk, "ankle pressure walking"), read(walk, "90 % refill time after walking")
    reflux, peak = (
        read(cuff, f"{name} in great saphenous, thigh") for name in ("reflux duration", "peak reflux velocity")
    )
    volume, filling, filled = read(air, "VV"), read(air, "VFI"), read(air, "VFT90")
    ejected, left = read(air, "EF"), read(air, "RVF")
    chosen, _ = cycles(walk, 30.0)
    up, down = mean_flow(walk, UP, chosen), mean_flow(walk, DOWN, chosen)
    out = mean_flow(walk, "common femoral [2] -> external iliac [1]", chosen)
    lifted = [a / b for a, b in zip(up, out, strict=True)]
    turns = {name: taken_together(walk, OUTWARD, name) for name in (INWARD, BELOW)}
    draw_walk(walk)
    draw_valves(walk)
    draw_reflux(cuff)
    draw_volume(air)
    draw_circle(up[:3], down[:3], out[:3])
    said = "\n".join(
        f"- `{OUTWARD}` and `{name}`: of the time in gait the first alone is open {percent(one)}, the second alone "
        f"{percent(other)}, both {percent(both)}. "
        + ("They open and close in turn." if both < 0.5 * min(one, other) else "They do not clearly take turns.")
        for name, (one, other, both) in turns.items()
    )
    end = cuff.time[-1] - next(p.start + p.marks.released for p in cuff.phases if p.marks.released is not None)
    beyond = " Where it lasts to the end of the record, the true time is longer." if max(reflux) > 0.9 * end else ""
    verdicts = "; ".join(
        f"`{label}` {'has it' if value > 0.5 else 'has none'}" for label, value in zip(PEOPLE, reflux[:3], strict=True)
    )
    head = "| | unit | " + " | ".join(PEOPLE) + " |\n|---|---|" + "---|" * 3
    return f"""# Walkthrough: what comes out of a healthy leg and of two varicose legs

This page is written by `scripts/walkthrough.py` (`make pages`). Numbers and pictures are read from runs of the packaged
people `healthy`, `mild-varicose` and `severe-varicose`, and sentences about an effect are chosen by the numbers: where
one does not show, the page says so. None of these effects is put in. The documents of the varicose people say which
valves leak and how wide which veins are; the rest follows from the [equations](explanation/model.md).

The people differ in height, mass and sex as well. So numbers **in brackets** are of the same woman with healthy legs,
and it is these that a varicose leg is compared with. Less than {percent(LEVEL)} counts as no difference.

## Valves in gait

![Muscle pressure and opening of three valves in gait](images/valves.png)

A few steps of the healthy leg. While the calf muscles press, blood can leave the calf through the valve in the hollow
of the knee (`{OUTWARD}`); when they let go, the veins of the calf can fill from the surface (`{INWARD}`) and from
below (`{BELOW}`). A valve takes some tenths of a second to close, and for so long counts as open.

{said}

## Pressure at the ankle

![Pressure in the ankle vein, standing, walking and standing again](images/walk.png)

Thin lines: pressure in the great saphenous vein at the ankle. Thick lines: its mean over each gait cycle.

{head}
{row("ankle pressure standing", "mmHg", standing)}
{row("ankle pressure walking", "mmHg", walking)}
{row("90 % refill time after walking", "s", refill)}

With leaks the pump should lower the pressure less. Walking pressure is {effect(walking, "higher", "lower", 1)}
Afterwards the veins should fill faster, from above. The refill time is {effect(refill, "longer", "shorter", -1)}

## Blood that runs back

![Blood velocity in the great saphenous vein when a calf cuff is let go](images/reflux.png)

Standing, a cuff round the calf is inflated and let go. Blood runs up, then back until valves shut.

{head}
{row("time of reverse flow, great saphenous vein in the thigh", "s", reflux)}
{row("fastest reverse flow there", "cm/s", peak)}

Clinics call more than 0.5 s in this vein reflux: {verdicts}.{beyond}

## Volume of the calf

![Blood taken up by the calf on standing, after one tiptoe and after ten](images/volume.png)

{head}
{row("venous volume VV", "mL", volume)}
{row("venous filling time VFT90", "s", filled)}
{row("venous filling index VFI", "mL/s", filling)}
{row("ejection fraction EF of one tiptoe", "%", ejected)}
{row("residual volume fraction RVF after ten", "%", left)}

Wider and added veins should hold more. The volume is {effect(volume, "larger", "smaller", 1)}
Leaks should fill the calf from above. The filling index is {effect(filling, "higher", "lower", 1)}
Blood that falls back should remain after exercise. The residual fraction is {effect(left, "higher", "lower", 1)}

## The pump's load

![Mean flows while walking](images/circle.png)

Mean flows over the last 30 s of walking:

{head}
{row("up the popliteal vein", "mL/min", up)}
{row("great saphenous vein at the knee (negative: downward)", "mL/min", down)}
{row("from the leg into the pelvis", "mL/min", out)}
{row("lifted at the knee for each mL that leaves the leg", "mL", lifted)}

What runs down a leaking saphenous vein has to be lifted again by the calf: blood goes in a circle. The blood lifted for
the same outflow is {effect(lifted, "more", "less", 1)}

## What this does not show

One leg of each kind, with figures of which many are [assumed](explanation/model.md#what-the-figures-are). No tissue
fluid, no lymph. Which published figures these numbers stand beside, and which of them were fitted, is in
[validation.md](validation.md).
"""


# ------------------------------------------------------------------------------------------------------------- readme


def main_job() -> str:
    """What `make run` prints."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    found = re.search(r"^run:.*\n\t\$\(BIN\)/(venolymph .*)$", makefile, re.MULTILINE)
    if found is None:
        raise SystemExit("the Makefile's target `run` is not what it was; look at main_job in this script")
    with tempfile.TemporaryDirectory() as there:
        done = subprocess.run(
            [sys.executable, "-c", "from venolymph.cli import main; main()", *found[1].split()[1:]],
            cwd=there,
            check=True,
            text=True,
            stdout=subprocess.PIPE,
        )
    return "\n".join(["$ make run", "...", *(line.rstrip() for line in done.stdout.splitlines())])


def validated() -> str:
    """The sentence of docs/validation.md that counts targets."""
    text = (ROOT / "docs" / "validation.md").read_text("utf-8")
    counted = re.search(r"^\d+ of \d+ `calibrate`.*$", text, re.MULTILINE)
    wrong = re.search(r"^\*\*Out of range:\*\*.*$", text, re.MULTILINE)
    return "\n".join(found[0] for found in (counted, wrong) if found)


def put(text: str, mark: str, content: str) -> str:
    """Text with what stands between two marks replaced."""
    begin, end = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"README.md has no marks {begin} and {end}")
    return f"{before}{begin}\n{content}\n{end}{after}"


def main() -> None:
    """Write everything, or only the README's parts (`readme`) or only the page (`page`)."""
    asked = set(sys.argv[1:]) or {"page", "readme"}
    if "page" in asked:
        (ROOT / "docs" / "walkthrough.md").write_text(page(), "utf-8")
        print("docs/walkthrough.md")
    if "readme" in asked:
        path = ROOT / "README.md"
        text = put(path.read_text("utf-8"), "make run", f"```text\n{main_job()}\n```")
        path.write_text(put(text, "validation", validated()), "utf-8")
        print("README.md")


if __name__ == "__main__":
    main()
