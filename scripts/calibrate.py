"""Set a few figures so that the model meets the published targets marked `calibrate`; the `check` targets stay unseen.

Each knob below is one factor on a few figures that belong together. It has a prior (where the figures stood before,
with a spread of the logarithm) and keeps within the ranges of its figures. Least squares over the targets, each the
distance from its centre in standard deviations (the end of its range on that side counts as two), and the priors, each
log(factor) / spread, by Levenberg-Marquardt steps. Predictions come through the same regimens and instruments as those
of `venolymph validate`; derivatives come from bodies that differ in one knob each.

All knobs but one are set together; there the derivatives are taken once and each step that is tried corrects them
(Broyden). How fast valves open moves little but the opening time, which is read from strokes and uneven, so it comes
last and alone.

    python scripts/calibrate.py            # a minute or two; prints what it finds
    python scripts/calibrate.py --write    # and writes the figures, with basis `fitted` and source `calibration`

It begins at the priors whatever the files hold, so that it can be run again to the same end.

What has measurements of its own is not turned: walls (`scripts/fit_walls.py`), friction (a parabolic profile), calibre,
muscle pressures in walking, how long valves take to close, shares of a garment's pressure. Left are what no
measurement tells: how much blood the sinuses of the calf muscles hold, how the arterial flow below the knee stands
within its measured range, how hard the calf pushes in tiptoes, and how fast valves open. Four knobs for ten targets.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
import yaml

from venolymph import figures, measure, simulate
from venolymph.body import Body, leg_body, load_person
from venolymph.figures import Figure, Figures
from venolymph.simulation import Run
from venolymph.validation import Target, targets
from venolymph.validation.targets import regimen

FOLDER = Path(figures.__file__).parent
SOURCE = "calibration"
STAMP = "set by scripts/calibrate.py on the targets marked `calibrate`"
LONGEST = 0.5
"""Longest step of the logarithm of a factor in one iteration, 1."""
LEAST_GAIN = 3e-3
"""Share of the sum of squares that a step must promise to be worth trying, 1."""
END = 2.0
"""Standard deviations from a target's centre to the end of its range, 1."""
LAST_STEP = {"plethysmography": 3, "occlusion": 7}
"""Steps of a protocol that `calibrate` targets are read from; what comes after them is for `check` targets only."""


@dataclass(frozen=True)
class Knob:
    """Figures that are moved together by one factor.

    Attributes:
        name: what it is, in words.
        figures: key of each figure and its value before, in the figure's unit.
        spread: standard deviation of the logarithm of the factor before any target is seen, 1.
    """

    name: str
    figures: Mapping[str, float]
    spread: float

    def bounds(self, known: Mapping[str, Figure]) -> tuple[float, float]:
        """Lowest and highest logarithm of the factor that keep all its figures within their ranges, 1."""
        lows, highs = [], []
        for key, prior in self.figures.items():
            figure = known[key]
            if figure.low is None or figure.high is None:
                raise SystemExit(f"{key} has no range: a figure needs one to be calibrated")
            lows.append(math.log(max(figure.low, 1e-9) / prior))
            highs.append(math.log(figure.high / prior))
        return max(lows), min(highs)


KNOBS = (
    Knob(
        "volume of the muscle sinuses",
        {
            "muscle_veins.soleal_low.volume_at_75": 17.0,
            "muscle_veins.soleal_high.volume_at_75": 21.0,
            "muscle_veins.gastrocnemius.volume_at_75": 13.0,
        },
        0.25,
    ),
    Knob(
        "arterial flow below the knee",
        {
            "inflow.soleus_low.flow_lying": 9.0,
            "inflow.soleus_high.flow_lying": 9.0,
            "inflow.gastrocnemius.flow_lying": 12.0,
            "inflow.anterior.flow_lying": 13.0,
            "inflow.foot_deep.flow_lying": 11.0,
            "inflow.foot_skin.flow_lying": 17.0,
            "inflow.skin_lower_calf.flow_lying": 11.0,
            "inflow.skin_upper_calf.flow_lying": 11.0,
            "inflow.other_foot.flow_lying": 28.0,
            "inflow.other_calf_muscle.flow_lying": 43.0,
            "inflow.other_calf_skin.flow_lying": 22.0,
        },
        0.2,
    ),
    Knob("opening time of valves", {"valves.opening_time": 0.05}, 0.7),
    # By torque: half of the body on the ball of each foot asks for 85 to 115 mmHg, where a step in walking, which bears
    # the whole body, makes 181 in the soleus. The muscle's pressure in tiptoes on both feet was measured by nobody.
    Knob(
        "pressure of the calf muscles in tiptoes",
        {
            "muscle_pump.tiptoe.soleus.peak": 100.0,
            "muscle_pump.tiptoe.deep_posterior_compartment.peak": 100.0,
            "muscle_pump.tiptoe.gastrocnemius.peak": 100.0,
        },
        0.15,
    ),
)


@dataclass(frozen=True)
class Block:
    """Knobs that are set together, by some targets.

    Attributes:
        targets: names of the targets.
        knobs: numbers of the knobs in `KNOBS`.
        step: step of the logarithm of a factor for a derivative: above what valves and instruments make uneven, 1.
        renew: whether derivatives are taken anew after each step.
        iterations: most steps that are tried.
    """

    targets: tuple[str, ...]
    knobs: tuple[int, ...]
    step: float
    renew: bool
    iterations: int


def calibrate_targets() -> list[Target]:
    """The targets of one number that may set figures, in the order of the file."""
    marked = [target for target in targets().values() if target.needs == "veins" and target.use == "calibrate"]
    return [target for target in marked if len(target.parts) == 1]


_OPENING = "valve_opening_time"
BLOCKS = (
    Block(
        tuple(target.id for target in calibrate_targets() if target.id != _OPENING),
        tuple(k for k, knob in enumerate(KNOBS) if knob.name != "opening time of valves"),
        step=0.05,
        renew=False,
        iterations=5,
    ),
    Block(
        (_OPENING,),
        tuple(k for k, knob in enumerate(KNOBS) if knob.name == "opening time of valves"),
        step=0.2,
        renew=True,
        iterations=5,
    ),
)


def moved(logs: Sequence[float], known: Mapping[str, Figure], knobs: Sequence[Knob] = KNOBS) -> Figures:
    """The figures with each knob turned to the logarithm of its factor."""
    turned = dict(known)
    for knob, log in zip(knobs, logs, strict=True):
        for key, prior in knob.figures.items():
            turned[key] = replace(known[key], value=prior * math.exp(log))
    return Figures(turned)


# ------------------------------------------------------------------ least squares


@dataclass(frozen=True)
class Fit:
    """What the least squares came to.

    Attributes:
        logs: logarithms of the factors, shape (knobs,).
        predicted: targets there, shape (targets,).
        start: targets at the priors, shape (targets,).
        cost: half the sum of squares at the priors and after each accepted step.
        spread: standard deviations of `logs` that targets and priors leave together, shape (knobs,).
    """

    logs: np.ndarray
    predicted: np.ndarray
    start: np.ndarray
    cost: tuple[float, ...]
    spread: np.ndarray


def fit(
    predict: Callable[[np.ndarray], np.ndarray],
    centre: np.ndarray,
    ends: tuple[np.ndarray, np.ndarray],
    spread: np.ndarray,
    bounds: Sequence[tuple[float, float]],
    *,
    step: float | np.ndarray = 0.05,
    renew: bool = False,
    iterations: int = 5,
    tell: Callable[[str], None] = lambda text: None,
) -> Fit:
    """Levenberg-Marquardt within bounds, from factors of 1.

    Args:
        predict: targets, shape (points, targets), at logarithms of factors of shape (points, knobs).
        centre: of the targets.
        ends: low and high ends of the targets' ranges.
        spread: of the priors.
        bounds: of the logarithms.
        step: of the logarithms, for derivatives.
        renew: whether derivatives are taken anew after each step.
        iterations: most steps that are tried.
        tell: told how it goes.
    """
    low, high = np.array(bounds).T
    logs = np.clip(np.zeros(len(spread)), low, high)

    def missed(found: np.ndarray, at: np.ndarray) -> np.ndarray:
        return np.concatenate([(found - centre) / deviations(found, centre, ends), at / spread])

    def pulls() -> np.ndarray:
        return np.vstack([slope / deviations(here, centre, ends)[:, None], np.diag(1.0 / spread)])

    here, slope = slopes(predict, logs, step, high)
    start, misses = here, missed(here, logs)
    costs, damping = [0.5 * float(misses @ misses)], 1e-2
    tell(f"at the priors: {costs[0]:.3f}")
    for iteration in range(iterations):
        move = gauss_newton(
            pulls(), misses, damping, (np.maximum(low - logs, -LONGEST), np.minimum(high - logs, LONGEST))
        )
        gain = costs[-1] - 0.5 * float(np.sum((misses + pulls() @ move) ** 2))
        if gain < LEAST_GAIN * costs[-1]:
            tell(f"no step promises more than {gain:.2g}")
            break
        there = predict((logs + move)[None])[0]
        there_misses = missed(there, logs + move)
        cost = 0.5 * float(there_misses @ there_misses)
        better = cost < costs[-1]
        tell(f"step {iteration + 1}: {cost:.3f}" + ("" if better else ", not better: a shorter step"))
        if not renew:
            # what the derivatives did not foresee is laid on the knobs that moved, by how freely each may move
            weight = move / spread**2
            slope = slope + np.outer(there - here - slope @ move, weight) / float(weight @ move)
        if better:
            logs, here, misses = logs + move, there, there_misses
            costs.append(cost)
            slope = slopes(predict, logs, step, high)[1] if renew and iteration + 1 < iterations else slope
        damping = damping / 10.0 if better else damping * 30.0
    left = np.sqrt(np.diag(np.linalg.inv(pulls().T @ pulls())))
    return Fit(logs, here, start, tuple(costs), left)


def deviations(found: np.ndarray, centre: np.ndarray, ends: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Standard deviation of each target on the side where it is found."""
    return np.where(found < centre, centre - ends[0], ends[1] - centre) / END


def slopes(
    predict: Callable[[np.ndarray], np.ndarray], at: np.ndarray, step: float | np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Targets at logarithms of factors, and their derivatives, shape (targets, knobs); steps stay below the bounds."""
    steps = np.where(at + step <= high, step, -step)
    found = predict(np.vstack([at, at + np.diag(steps)]))
    return found[0], (found[1:] - found[0]).T / steps


def ranges(wanted: Sequence[Target]) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Centres of targets, and the low and high ends of their ranges."""
    low, high, centre = (np.array([getattr(t, name) for t in wanted], float) for name in ("low", "high", "value"))
    return centre, (low, high)


def gauss_newton(
    slope: np.ndarray, misses: np.ndarray, damping: float, bounds: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """A damped Gauss-Newton step; knobs that it would push beyond their bounds stop there and the others go on."""
    curve, pull = slope.T @ slope, slope.T @ misses
    curve = curve + damping * np.diag(np.diag(curve))
    least, most = bounds
    step, free = np.zeros(len(pull)), np.ones(len(pull), bool)
    while free.any():
        pulled = -pull - curve @ np.where(free, 0.0, step)
        step[free] = np.linalg.solve(curve[np.ix_(free, free)], pulled[free])
        beyond = free & ((step < least - 1e-12) | (step > most + 1e-12))
        if not beyond.any():
            break
        step[beyond] = np.clip(step, least, most)[beyond]
        free &= ~beyond
    return step


# ------------------------------------------------------------------ the model


def leaking(name: str, known: Mapping[str, Figure]) -> Any:
    """A packaged person whose leaks in words are those of the given figures."""
    document = yaml.safe_load(load_person(name).to_yaml())
    for leg in document.get("legs", {}).values():
        for entry in leg.get("reflux", ()) if isinstance(leg, dict) else ():
            if isinstance(entry["leak"], str):
                entry["leak"] = known[f"people.leak.{entry['leak']}"].value
    return load_person(document)


def predictions(wanted: Sequence[Target], points: np.ndarray) -> np.ndarray:
    """What the model gives for each target with the knobs at each point, shape (points, targets).

    Points that leave a person's parameters and muscles as they are at the first are not simulated again.
    """
    known = figures.load()
    turned = [moved(point, known) for point in points]
    people = dict.fromkeys(target.person for target in wanted)
    bodies = {name: [leg_body(leaking(name, each), figures=each) for each in turned] for name in people}
    found = np.empty((len(points), len(wanted)))
    for protocol, person in dict.fromkeys((str(target.regimen), target.person) for target in wanted):
        mine = [n for n, target in enumerate(wanted) if (target.regimen, target.person) == (protocol, person)]
        document = regimen(protocol)
        document["steps"] = document["steps"][: LAST_STEP.get(protocol)]
        for number, body in enumerate(bodies[person]):
            if number and _same(body, bodies[person][0]):
                found[number, mine] = found[0, mine]
            else:
                found[number, mine] = _read([wanted[n] for n in mine], simulate(body, document))
        _say(f"  {protocol}, {person}: " + ", ".join(f"{wanted[n].id} {found[0, n]:.4g}" for n in mine))
    return found


def _same(one: Body, other: Body) -> bool:
    if _pushes(one) != _pushes(other):
        return False
    leaves = zip(jax.tree.leaves(one.parameters), jax.tree.leaves(other.parameters), strict=True)
    return all(np.array_equal(np.asarray(a), np.asarray(b)) for a, b in leaves)


def _pushes(body: Body) -> dict[str, float]:
    """What muscles do in a regimen: of the figures that make no parameter of the body, those that knobs turn."""
    return {key: figure.value for key, figure in (body.known or {}).items() if key.startswith("muscle_pump.")}


def _read(wanted: Sequence[Target], run: Run) -> list[float]:
    """What a run of one member gives for each target."""
    status = run.status[0]
    if status.code != "ok":
        raise SystemExit(f"a simulation failed at {status.time:.3g} s: {status.cause}")
    read = [max(float(np.asarray(measure(run, name).value)[0]) for name in each.measures) for each in wanted]  # type: ignore[arg-type]
    for target, value in zip(wanted, read, strict=True):
        if not math.isfinite(value):
            raise SystemExit(f"{target.id} could not be read")
    return read


# ------------------------------------------------------------------ files and words


def rewritten(text: str, path: str, *, value: float, before: float, stamp: str = STAMP) -> str:
    """The text of a file of figures with one figure set by calibration; all else stays as it is.

    Args:
        text: TOML.
        path: the figure's table.
        value: its new value.
        before: its value before the calibration, for the note.
        stamp: who sets it, for the note.
    """
    found = re.search(rf"^\[{re.escape(path)}\]\n((?:(?!\[).*\n?)*)", text, flags=re.MULTILINE)
    if found is None:
        raise SystemExit(f"there is no table [{path}]")
    note = re.search(r'^note = (".*")$', found[1], flags=re.MULTILINE)
    plain = "" if note is None else json.loads(note[1]).partition(stamp)[0].rstrip("; ")
    stamped = (f"{plain}; " if plain else "") + f"{stamp}; {before:g} before"
    lines = {
        "value": f"{value:.4g}" if "." in f"{value:.4g}" else f"{value:.1f}",
        "source": f'"{SOURCE}"',
        "basis": '"fitted"',
        "note": json.dumps(stamped, ensure_ascii=False),
    }
    body = found[1]
    if note is None:
        body = re.sub(r"^(basis = .*)$", r'\1\nnote = ""', body, flags=re.MULTILINE)
    for name, line in lines.items():
        body = re.sub(rf"^{name} = .*$", lambda _, n=name, t=line: f"{n} = {t}", body, flags=re.MULTILINE)
    return text[: found.start(1)] + body + text[found.end(1) :]


def write(
    logs: Sequence[float], folder: Path = FOLDER, knobs: Sequence[Knob] = KNOBS, stamp: str = STAMP
) -> list[Path]:
    """Write the figures as calibrated; each file is read back before it is replaced.

    Returns:
        The files that were written.
    """
    texts: dict[Path, str] = {}
    for knob, log in zip(knobs, logs, strict=True):
        for key, prior in knob.figures.items():
            subject, _, path = key.partition(".")
            file = folder / f"{subject}.toml"
            text = texts.get(file) or file.read_text("utf-8")
            texts[file] = rewritten(text, path, value=prior * math.exp(log), before=prior, stamp=stamp)
    for file, text in texts.items():
        figures.parse(text, file.stem)
    for file, text in texts.items():
        file.write_text(text, "utf-8")
    return list(texts)


def table(found: Fit, wanted: Sequence[Target], known: Mapping[str, Figure], knobs: Sequence[Knob] = KNOBS) -> str:
    """What came of it, in two tables."""
    lines = [f"{'target':46} {'begin':>8} {'now':>8}  {'published':22} unit"]
    for target, start, now in zip(wanted, found.start, found.predicted, strict=True):
        low, high = target.low or 0.0, target.high or 0.0
        published = f"{low:g} to {high:g} ({target.value:g})"
        out = "" if low <= now <= high else "  out of range"
        lines.append(f"{target.id:46} {start:8.3g} {now:8.3g}  {published:22} {target.unit}{out}")
    lines += ["", f"{'knob':46} {'factor':>8} {'prior spread':>13} {'left':>6}  bounds"]
    for knob, log, left in zip(knobs, found.logs, found.spread, strict=True):
        low, high = knob.bounds(known)
        at = "  at its bound" if min(log - low, high - log) < 1e-6 else ""
        limits = f"{math.exp(low):.2f} to {math.exp(high):.2f}"
        lines.append(f"{knob.name:46} {math.exp(log):8.3f} {knob.spread:13.2f} {left:6.2f}  {limits}{at}")
        for key, prior in knob.figures.items():
            lines.append(f"    {key:50} {prior:g} -> {prior * math.exp(log):.4g} {known[key].unit}")
    lines += ["", "half sums of squares, block after block: " + ", ".join(f"{cost:.3f}" for cost in found.cost)]
    return "\n".join(lines)


def calibrated(wanted: Sequence[Target], known: Mapping[str, Figure]) -> Fit:
    """Fit block after block; all targets are read once more with all knobs set."""
    centre, (low, high) = ranges(wanted)
    logs, spread = np.zeros(len(KNOBS)), np.array([knob.spread for knob in KNOBS])
    start, left = np.empty(len(wanted)), np.empty(len(KNOBS))
    costs: list[float] = []
    for block in BLOCKS:
        turned = list(block.knobs)
        mine = [n for n, target in enumerate(wanted) if target.id in block.targets]

        def predict(points: np.ndarray, turned: list[int] = turned, mine: list[int] = mine) -> np.ndarray:
            whole = np.tile(logs, (len(points), 1))
            whole[:, turned] = points
            return predictions([wanted[n] for n in mine], whole)

        found = fit(
            predict,
            centre[mine],
            (low[mine], high[mine]),
            spread[turned],
            [KNOBS[k].bounds(known) for k in turned],
            step=block.step,
            renew=block.renew,
            iterations=block.iterations,
            tell=_say,
        )
        logs[turned], left[turned] = found.logs, found.spread
        start[mine] = found.start
        costs += found.cost
    predicted = predictions(wanted, logs[None])[0]
    return Fit(logs, predicted, start, tuple(costs), left)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Calibrate, print, and write where asked."""
    parser = argparse.ArgumentParser(description="Set figures by the published targets marked `calibrate`.")
    parser.add_argument("--write", action="store_true", help="write the figures")
    given = parser.parse_args()
    wanted, known = calibrate_targets(), figures.load()
    found = calibrated(wanted, known)
    print(table(found, wanted, known))
    if given.write:
        for file in write(found.logs.tolist()):
            print(f"written: {file}")


if __name__ == "__main__":
    main()
