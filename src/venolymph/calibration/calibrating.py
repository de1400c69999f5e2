"""A person's readings to parameters: most probable, how sure, what cannot be told, and what else would be read."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from venolymph.body import Person, leg_body, load_person
from venolymph.body.measured import PersonReading
from venolymph.body.person import Side
from venolymph.body.table import parameters_table
from venolymph.calibration.as_population import population_of
from venolymph.calibration.document import Calibration, load_calibration
from venolymph.calibration.fitting import Fit, fit
from venolymph.calibration.identify import Profile, Untold, check_moved, profile, untold
from venolymph.calibration.leg import PredictedLeg, Read
from venolymph.calibration.priors import SIDE
from venolymph.calibration.problem import Problem
from venolymph.calibration.sampling import Posterior, load_arviz, sample
from venolymph.errors import DocumentError, VenolymphError, nearest
from venolymph.population import Population
from venolymph.simulation.files import replacing, writing

Method = Literal["map", "posterior"]

NEAR = 0.02
"""Steps below this end the search, standard deviations of the prior: a fiftieth of what was not known before."""
POPULATION = "population.yaml"
"""File of a calibration's folder that cohorts, trials and improvements take."""
PACKAGED = "varicose-leg"
"""Calibration where none is named."""
LONG_APART = 183
"""Days between readings from which on it is said that they are taken as of one leg."""


@dataclass(frozen=True)
class FittedNumber:
    """A number with its middle 90 %.

    Attributes:
        name: of a parameter or a measure.
        unit: of the number; 1 for a factor.
        value: most probable.
        low: lower end.
        high: upper end.
        measured: what was read; None where nothing was.
    """

    name: str
    unit: str
    value: float
    low: float
    high: float
    measured: float | None = None


@dataclass(frozen=True)
class Calibrated:
    """A person's leg after calibration.

    Attributes:
        person: whose.
        calibration: what was free.
        leg: from parameters to readings.
        readings: that were taken, in the order of the rows of `fitted.problem`, and after them those only predicted.
        fitted: most probable parameters.
        posterior: draws; None where only the most probable parameters were asked for.
        profiles: of the parameters that they were asked for.
    """

    person: Person
    calibration: Calibration
    leg: PredictedLeg
    readings: tuple[PersonReading, ...]
    fitted: Fit
    posterior: Posterior | None
    profiles: tuple[Profile, ...]

    @cached_property
    def parameters(self) -> tuple[FittedNumber, ...]:
        """Each parameter: factor, interval."""
        if self.posterior is None:
            low, high = self.fitted.interval()[..., 0]
        else:
            low, high = self.posterior.interval(self.posterior.parameters)[..., 0]
        middle = self.fitted.parameters[:, 0]
        return tuple(
            FittedNumber(name, "1", float(value), float(a), float(b))
            for name, value, a, b in zip(self.fitted.problem.names, middle, low, high, strict=True)
        )

    @cached_property
    def predicted(self) -> tuple[FittedNumber, ...]:
        """Each measure without its instrument's error: predicted, interval, and what was read."""
        if self.posterior is None:
            half = SIDE * self.fitted.predicted_spread()[:, 0]
            ends = self.fitted.readings[:, 0] - half, self.fitted.readings[:, 0] + half
        else:
            ends = tuple(self.posterior.interval(self.posterior.readings)[..., 0])
        observed = self.fitted.problem.observed[:, 0]
        return tuple(
            FittedNumber(name, one.unit, float(value), float(a), float(b), None if np.isnan(read) else float(read))
            for name, one, value, a, b, read in zip(
                self.fitted.problem.readings, self.readings, self.fitted.readings[:, 0], *ends, observed, strict=True
            )
        )

    @cached_property
    def untold(self) -> tuple[Untold, ...]:
        """What the readings do not tell."""
        return tuple(untold(self.fitted))

    @property
    def notes(self) -> list[str]:
        """What a reader of the result has to know."""
        found = []
        free, taken = len(self.fitted.problem.names), len(self.fitted.problem.taken)
        if free > taken:
            found.append(f"{free} parameters are free and {taken} readings were taken: the priors decide what is left")
        if not self.fitted.settled.all():
            found.append(f"the search did not end by itself in {self.fitted.rounds} rounds: do not trust the result")
        for name, far in zip(self._taken_names, self.fitted.distance[:, 0], strict=True):
            if abs(far) > 3.0:
                found.append(f"{name} is {abs(far):.1f} errors of its instrument from what is predicted")
        days = [one.date for one in self.readings if one.date is not None]
        if days and (apart := (max(days) - min(days)).days) >= LONG_APART:
            found.append(f"readings lie {apart} days apart, and are taken as of one leg that did not change")
        if self.posterior is None:
            found.append("intervals are those of a normal distribution about the most probable parameters (Laplace)")
        else:
            found.extend(self._of_sampling(self.posterior))
        return found

    def _of_sampling(self, posterior: Posterior) -> list[str]:
        worst = max(one["r-hat"] for one in posterior.diagnostics.values())
        through = "simulations themselves"
        found = []
        if posterior.emulator is not None:
            share = np.asarray(posterior.emulator.error)[0] / posterior.problem.error
            through = f"polynomials of second degree fitted to {posterior.emulator.points} simulations"
            found += [
                f"{name}: the polynomial misses simulations by {much:.1f} of the instrument's error"
                for name, much in zip(posterior.problem.readings, share, strict=True)
                if much > 0.5
            ]
        found.insert(0, f"draws by NUTS (blackjax) on {through}; r-hat is {worst:.3f} at most")
        if worst > 1.05:
            found.append("chains do not agree (r-hat above 1.05): do not trust the draws")
        return found

    @property
    def _taken_names(self) -> list[str]:
        return [self.fitted.problem.readings[number] for number in self.fitted.problem.taken]

    def document(self) -> dict[str, Any]:
        """The result as plain data."""
        posterior = self.posterior
        return {
            "person": self.person.label,
            "leg": self.person.index_side,
            "method": "map" if posterior is None else "posterior",
            "rounds": self.fitted.rounds,
            "parameters": [_plain(one) for one in self.parameters],
            "predicted": [_plain(one) for one in self.predicted],
            "untold": [one.text for one in self.untold],
            "profiles": [
                {"name": one.name, "values": one.values.tolist(), "rise": one.rise.tolist(), "interval": one.interval}
                for one in self.profiles
            ],
            "diagnostics": None if posterior is None else posterior.diagnostics,
            "notes": self.notes,
        }

    def draws(self, number: int = 1000, seed: int = 0) -> np.ndarray:
        """Draws of the parameters, one a row: of the posterior, else of the normal distribution about the fit."""
        if self.posterior is not None:
            return self.posterior.parameters[..., 0].reshape(-1, len(self.fitted.problem.names))
        half = np.linalg.cholesky(self.fitted.covariance[..., 0])
        z = self.fitted.z[:, 0] + np.random.default_rng(seed).standard_normal((number, len(half))) @ half.T
        return np.stack(
            [np.asarray(prior.value(row)) for prior, row in zip(self.fitted.problem.priors, z.T, strict=True)], axis=1
        )

    @cached_property
    def population(self) -> Population:
        """This person as often as the leg may be, for cohorts, trials and improvements."""
        way = "the normal distribution about the fit" if self.posterior is None else "the posterior, by NUTS"
        about = f"the {self.person.index_side} leg of {self.person.label} as readings leave it: draws of {way}"
        return population_of(self.person, self.calibration.free, self.draws(), about)

    def write(self, folder: Path) -> None:
        """Write `calibration.json`, `draws.csv`, `population.yaml`, and of a posterior `posterior.png` into a folder.

        Raises:
            RunError: where it cannot be written.
        """
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(self.fitted.problem.names)
        table.writerows([[f"{value:.6g}" for value in row] for row in self.draws()])
        files = {
            "calibration.json": json.dumps(self.document(), indent=2) + "\n",
            "draws.csv": text.getvalue(),
            POPULATION: self.population.to_yaml(),
        }
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                with replacing(folder / name) as file:
                    file.write(content.encode("utf-8"))
        if self.posterior is not None:
            _draw(self.posterior, folder / "posterior.png")


def calibrate(
    person: Any,
    calibration: Any = PACKAGED,
    *,
    free: Sequence[str] = (),
    method: Method = "map",
    profiles: Sequence[str] = (),
    seed: int = 0,
    tell: Callable[[str], None] = lambda _: None,
) -> Calibrated:
    """Fit a person's leg to what was measured of it.

    Args:
        person: as for `simulate`; the document has `measured`.
        calibration: a packaged name, a path or a document: what is free, what is believed of it, what is predicted.
        free: names of parameters that are free alone; all of the calibration where none is given.
        method: `map` for the most probable parameters with a normal distribution about them, `posterior` for draws too.
        profiles: parameters whose profile is asked for.
        seed: of draws.
        tell: told what is done next.

    Raises:
        DocumentError: where a document cannot be used, nothing was measured, or an error is not known.
        MeasureError: where no reading depends on a free parameter, or a measure cannot be read.
        VenolymphError: where what is needed is not installed.
    """
    _check_installed()
    asked = load_calibration(calibration)
    asked = asked.only(free) if free else asked
    names = tuple(one.name for one in asked.free)
    for name in profiles:
        if name not in names:
            near = nearest(name, names)
            raise DocumentError(
                f"there is no free parameter {name!r} for a profile; free are {', '.join(names)}",
                hint=f"did you mean {near!r}?" if near else None,
            )
    who, readings = _of_one_leg(load_person(person))
    leg, problem, every = _problem(who, asked, readings)
    tell(f"{len(names)} parameters, {len(readings)} readings; each round simulates {len(names)} legs side by side")
    fitted = fit(problem, near=NEAR)
    check_moved(fitted)
    tell(f"most probable parameters after {fitted.rounds} rounds")
    found = tuple(profile(fitted, name) for name in profiles)
    posterior = sample(fitted, seed=seed) if method == "posterior" else None
    return Calibrated(who, asked, leg, every, fitted, posterior, found)


def _of_one_leg(person: Person) -> tuple[Person, tuple[PersonReading, ...]]:
    """The person with the measured leg as the index leg, and its readings."""
    readings = person.readings
    if not readings:
        raise DocumentError(
            f"nothing was measured of {person.label!r}",
            hint="add readings to the document, as in measured: [{VFI: 5.1 mL/s, error: 0.4 mL/s, leg: left}]",
        )
    sides: set[Side] = {one.leg or person.index_side for one in readings}
    if len(sides) > 1:
        raise DocumentError(
            "readings are of both legs, and one leg is calibrated at a time",
            hint="write a document for each leg, with `legs.asked`",
            place="measured",
        )
    for number, one in enumerate(readings):
        if one.error is None:
            raise DocumentError(
                f"nothing is known of the error of {one.measure!r}",
                hint="add `error:`, the standard deviation of repeated readings, in its unit or in % of the reading",
                place=f"measured.{number}",
            )
    return person.with_index_side(sides.pop()), readings


def _problem(
    person: Person, asked: Calibration, readings: Sequence[PersonReading]
) -> tuple[PredictedLeg, Problem, tuple[PersonReading, ...]]:
    """What is fitted to what, with the measures that are only predicted behind those that were read."""
    body = leg_body(person)
    table = parameters_table(body)
    taken = {(one.measure, one.posture) for one in readings}
    others = [one.reading for one in asked.predict]
    every = (*readings, *(one for one in others if (one.measure, one.posture) not in taken))
    leg = PredictedLeg(
        body,
        asked.performed,
        tuple(one.scaled(table) for one in asked.free),
        tuple(Read(one.measure, one.posture) for one in every),
    )
    observed = [one.value if number < len(readings) else np.nan for number, one in enumerate(every)]
    problem = Problem(
        leg,
        tuple(one.name for one in asked.free),
        tuple(one.believed for one in asked.free),
        tuple(one.text for one in leg.read),
        np.array(observed)[:, None],
        np.array([np.nan if one.error is None else one.error for one in every]),
    )
    return leg, problem, every


def _plain(row: FittedNumber) -> dict[str, Any]:
    """A row as JSON has it, which knows no NaN."""
    return {key: None if isinstance(value, float) and np.isnan(value) else value for key, value in vars(row).items()}


def _check_installed() -> None:
    for name in ("optimistix", "blackjax", "arviz"):
        if importlib.util.find_spec(name) is None:
            raise VenolymphError(
                f"calibration needs {name}, not installed here", hint='pip install "venolymph[inference]"'
            )


def _draw(posterior: Posterior, path: Path) -> None:
    """Draws of each parameter, and of each two, as one picture."""
    import matplotlib

    matplotlib.use("Agg")
    az = load_arviz()
    names = posterior.problem.names
    data = az.from_dict({name: posterior.parameters[..., number, 0] for number, name in enumerate(names)})
    axes = az.plot_pair(data, kind="hexbin", marginals=True) if len(names) > 1 else az.plot_posterior(data)
    figure = np.ravel(np.asarray(axes, dtype=object))[0].figure
    figure.savefig(path, dpi=110, bbox_inches="tight")
