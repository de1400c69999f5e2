"""A life that was followed, in words: readings by date, what became of veins, whether a clinic could see it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from venolymph import figures
from venolymph.body.person import Person
from venolymph.measures.detectability import detectable
from venolymph.numbers import number
from venolymph.simulation.files import plain
from venolymph.wall.life import YEAR, Change, DayHours, Life

if TYPE_CHECKING:
    import xarray as xr

TRUNKS = ("great saphenous, thigh", "great saphenous, calf", "small saphenous")
"""Veins that are always shown; tributaries that a person's document adds come behind them."""
VARICOSE = 3.0
"""Diameter standing from which on a vein under the skin is varicose by definition (C2), mm."""
WIDE = 0.05
"""Logarithm of natural radius over the healthy leg's from which on a vein is told to be too wide, 1."""
ASSUMED = (
    "Assumed, for no study gives it: how often feet move while somebody sits or stands still, what a varicose vein was "
    "before, how fast a wall loses what brings it back. `venolymph sources --assumed` lists all guesses.",
    "Least to be trusted: what walking, standing and wearing a stocking do over months. None of this is advice.",
    "Diameters are those of a still leg without a garment, at equal pressure; duplex reads them. Nobody can read what "
    "a wall has lost. The class is by the diameter of tributaries alone; C3 and more are never told from that.",
)
WALKING = (
    "Not to be trusted: what more or less walking does. Here each step sends blood down a leaking vein, and flow "
    "widens walls, so walking more widens that vein. No study has looked for this. It is no reason to walk less."
)
STANDING = (
    "Not to be trusted: how far more or less standing changes a leaking vein. Most of it comes from the blood that "
    "runs down while one stands, and how much such flow widens walls was not measured. In a leg without leaks it is "
    "pressure that widens them."
)
STOCKING = (
    "Not to be trusted: what a garment worn for months does. It narrows and straightens tributaries far more here than "
    "is plausible, since what a wall does when hardly anything pulls on it is not known. It is no reason to wear one "
    "or to leave it off."
)
TIED_OFF = (
    "Not to be trusted: tributaries years after a junction was tied off. After narrowing for months they widen again "
    "here, since most of their blood still comes and their walls go on yielding at an assumed pace."
)
MONTH = YEAR / 12.0
"""Days."""


@dataclass(frozen=True)
class FollowedLife:
    """A life that was followed.

    Attributes:
        person: whose.
        life: that was followed.
        course: readings by date.
    """

    person: Person
    life: Life
    course: xr.Dataset

    @property
    def veins(self) -> tuple[str, ...]:
        """Veins that a table shows: trunks, and tributaries that the person's document adds."""
        added = tuple(vein.add for vein in self.person.leg.veins if vein.add is not None)
        there = set(self.course["segment"].values.tolist())
        return tuple(name for name in (*TRUNKS, *added) if name in there)

    @property
    def legs(self) -> int:
        """How many were followed."""
        return self.course.sizes["member"]

    def gone(self, day: float) -> dict[str, str]:
        """Veins that are closed or taken out in the readings of a day, each with the word for that.

        Readings on the date of a change are taken before it, but those at the start, which hold what is changed there.
        """
        now = self.life.situation(day if day == 0.0 else math.nextafter(day, 0.0))
        return {**dict.fromkeys(now.ablated, "closed"), **dict.fromkeys(now.removed, "taken out")}

    def widths(self, name: str) -> np.ndarray:
        """Diameter of a vein standing by date, mm; of several legs the median."""
        return np.median(self.course["standing"].sel(segment=name).values, axis=-1)

    def varicose(self, day: float) -> np.ndarray:
        """For each leg whether a tributary is as wide as a varicose vein on a day with readings."""
        gone = self.gone(day)
        names = [one for one in self.course["segment"].values.tolist() if "tributar" in one and one not in gone]
        return np.asarray(np.any(self.course["standing"].sel(day=day, segment=names).values >= VARICOSE, axis=0))

    def stays(self, name: str) -> float | None:
        """Share of a vein's widening at the end that its wall has lost the way back from, 1; None if it is not wide.

        Widening is that of the natural radius over the healthy leg's; of several legs the median.
        """
        end = self.course.isel(day=-1)
        places = [one for one in end["place"].values.tolist() if one.partition(" [")[0] == name]
        widening = float(np.median(np.log(end["radius"].sel(place=places).values).mean(axis=0)))
        lost = figures.internal("wall_life.damage.floor") * float(np.median(end["damage"].sel(segment=name).values))
        return min(1.0, lost / widening) if widening > WIDE else None

    def stopped(self) -> list[tuple[int, float]]:
        """Legs that found no solution, counted from 1, each with the day from which on it is shown as it was."""
        return [(leg, float(day)) for leg, day in enumerate(self.course["failed_on"].values, 1) if np.isfinite(day)]


def date(day: float) -> str:
    """A day of a life in words: `start`, `42 days`, `18 months`, `5 years`."""
    if day == 0.0:
        return "start"
    whole = abs(day / YEAR - round(day / YEAR)) < 0.005 and day > 2 * MONTH
    years = whole or day > 2 * YEAR
    if not years and day < 2 * MONTH - 0.5:
        return f"{day:.0f} day{'' if round(day) == 1 else 's'}"
    unit, name = (YEAR, "year") if years else (MONTH, "month")
    count = f"{day / unit:.1f}".removesuffix(".0")
    return f"{count} {name}{'' if count == '1' else 's'}"


def heads(followed: FollowedLife) -> list[str]:
    """Headings of the table of a life."""
    both = "standing (lying)" if followed.legs == 1 else "standing"
    veins = (f"{name}, {both}" for name in followed.veins)
    return ["date", *veins, "valves that leak", "runs down, most", "taken in by perforators", "class"]


def rows(followed: FollowedLife) -> list[list[str]]:
    """The table of a life, a row for each date: of several legs the median, and the ends in brackets."""
    found = []
    for day in followed.course["day"].values.tolist():
        now, gone = followed.course.sel(day=day), followed.gone(day)
        wide = {name: [now[how].sel(segment=name).values for how in ("standing", "lying")] for name in followed.veins}
        cells = [gone.get(name) or _wide(standing, lying) for name, (standing, lying) in wide.items()]
        units = {"leaking": "", "reflux": "mL/min", "reentry": "mL/min"}
        rest = [_spread(now[name].values, unit) for name, unit in units.items()]
        found.append([date(day), *cells, *rest, _classes(followed.varicose(day))])
    return found


def sentences(followed: FollowedLife) -> list[str]:
    """What became of each vein from the start to the end, and whether a clinic could see it."""
    last = float(followed.course["day"].values[-1])
    gone, found = followed.gone(last), []
    for name in followed.veins:
        if name in gone:
            found.append(f"{name}: {gone[name]}")
            continue
        width = followed.widths(name)
        seen = detectable(f"standing diameter of {name}", float(width[0]), float(width[-1]))
        stays = followed.stays(name)
        back = (
            "" if stays is None else f"; of what it is still too wide, about {100.0 * stays:.0f} % would stay (assumed)"
        )
        change = f"{_mm(width[0])} at the start, {_mm(width[-1])} after {date(last)}"
        found.append(f"{name}: {change}; {seen.clinic}{back}")
    if followed.legs > 1:
        leaking = followed.course["leaking"].values
        more = int((leaking[-1] > leaking[0]).sum())
        found.append(f"in {more} of {followed.legs} legs more valves leak at the end than at the start")
    return found


def differences(one: FollowedLife, other: FollowedLife) -> list[str]:
    """How two lives of the same length differ at the end, and whether a clinic could see it."""
    found, last = [], float(one.course["day"].values[-1])
    for name in one.veins:
        gone = [each.gone(last).get(name) for each in (one, other)]
        wide = [float(each.widths(name)[-1]) for each in (one, other)]
        first, second = (word or _mm(width) for word, width in zip(gone, wide, strict=True))
        if any(gone):
            found.append(f"{name}: {first} against {second}")
            continue
        seen = detectable(f"standing diameter of {name}", wide[1], wide[0])
        found.append(f"{name}: {first} against {second}, {wide[0] - wide[1]:+.2f} mm; {seen.clinic}")
    return found


def changes(life: Life) -> list[tuple[float, str]]:
    """What changes when, in words, each with its day from the start; births are among it."""
    found = [(one.day, told) for one in life.changes for told in _told(one)]
    births = (one.day + one.pregnant_for for one in life.changes if one.pregnant_for is not None)
    return sorted([*found, *((day, "birth") for day in births if day <= life.duration)])


def not_trusted(life: Life) -> list[str]:
    """What of a life is not to be trusted, beyond what is assumed of all."""
    all_that_holds = [now for _, _, now in life.stretches()]
    told = {
        WALKING: any(now.hours.walking != life.hours.walking for now in all_that_holds),
        STANDING: any(now.hours.standing != life.hours.standing for now in all_that_holds),
        STOCKING: any(now.garment is not None for now in all_that_holds),
        TIED_OFF: any(now.closed for now in all_that_holds),
    }
    return [text for text, here in told.items() if here]


def day_of(hours: DayHours) -> str:
    """Hours of a typical day in words."""
    return ", ".join(f"{number(value)} h {name}" for name, value in vars(hours).items() if value)


def _told(change: Change) -> list[str]:
    """Each part of a change in words."""
    found = []
    if change.hours is not None:
        found.append(f"another typical day: {day_of(change.hours)}")
    if change.pregnant_for is not None:
        found.append(f"a pregnancy of {change.pregnant_for / 7.0:.0f} weeks begins")
    if change.abdominal_pressure is not None:
        found.append(f"pressure in the abdomen {change.abdominal_pressure:+g} mmHg")
    if change.garment is not None or change.garment_share is not None:
        found.append(_worn(change))
    lists = {"tied off": change.closed, "closed along its length": change.ablated, "taken out": change.removed}
    found += [f"{name}: {told}" for told, names in lists.items() for name in names]
    if change.massage_per_week is not None:
        often = change.massage_per_week
        found.append(f"massage of the leg, {number(often)} a week" if often else "no more massage")
    return found


def _worn(change: Change) -> str:
    """What is worn, for how long."""
    if change.garment_share == 0.0:
        return "no garment any more"
    share = 1.0 if change.garment_share is None else change.garment_share
    hours = "all upright hours" if share == 1.0 else f"{100.0 * share:.0f} % of the upright hours"
    if change.garment is None:
        return f"the garment is worn for {hours}"
    kind = "garment" if change.garment.garment == "profile" else change.garment.garment
    about = [f"to the {change.garment.up_to}" if change.garment.up_to else "", change.garment.class_ or ""]
    return f"{', '.join([f'a {kind}', *filter(None, about)])}, is worn for {hours}"


def as_json(followed: FollowedLife) -> dict[str, Any]:
    """All readings by name, each with its unit, dimensions and values; numbers that are not finite are null."""
    course = followed.course
    return {
        str(name): {
            "unit": values.attrs.get("units", ""),
            "dims": [str(dim) for dim in values.dims],
            "values": plain(values.values),
        }
        for name, values in {**course.coords, **course.data_vars}.items()
    }


def _mm(value: float) -> str:
    return f"{value:.2f} mm"


def _wide(standing: np.ndarray, lying: np.ndarray) -> str:
    """A vein's diameter standing and lying; of several legs standing, with its ends."""
    if standing.size > 1:
        return f"{np.median(standing):.1f} mm ({standing.min():.1f} to {standing.max():.1f})"
    return f"{standing[0]:.1f} mm ({lying[0]:.1f})"


def _spread(values: np.ndarray, unit: str) -> str:
    """A reading of one leg; of several the median with its ends."""
    middle = f"{number(float(np.median(values)))} {unit}".rstrip()
    ends = [number(float(end)) for end in (values.min(), values.max())]
    return middle if values.size == 1 else f"{middle} ({' to '.join(ends)})"


def _classes(varicose: np.ndarray) -> str:
    """Classes of legs by their tributaries."""
    if varicose.size == 1:
        return "C2" if varicose[0] else "C0 or C1"
    return f"C2 in {int(varicose.sum())} of {varicose.size}"
