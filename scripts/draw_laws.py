"""Draws each law beside what was measured of it, and writes the tables of docs/explanation/laws.md.

Laws are evaluated by the package with the figures as they are. What was measured stands in `ROWS` of
scripts/fit_walls.py and in the functions below, each with its source in figures/references.bib. One more law is one
more function in `LAWS`.

    python scripts/draw_laws.py            # pictures and tables
    python scripts/draw_laws.py --check    # only says whether the tables are those of the figures
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Drawing

import venolymph as vl
from venolymph import figures
from venolymph.body.contacts import contact_map
from venolymph.body.drainage import leg_drainage
from venolymph.body.drainage_types import MUSCLE
from venolymph.body.leg import leg_body
from venolymph.body.vessels import WallClass
from venolymph.measures.valves import stroke_time
from venolymph.network.bed import arteriolar_goal
from venolymph.network.exchange import CapillaryBeds, closure_goal
from venolymph.network.parameters import Beds, Valves
from venolymph.network.valve import Begun, orifice_after
from venolymph.report.pictures import STYLE
from venolymph.validation import targets

sys.path.insert(0, str(Path(__file__).parent))
import fit_walls

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "explanation" / "laws.md"
IMAGES = ROOT / "docs" / "images" / "laws"
TABLE = re.compile(r"(<!-- law: (\w+) -->\n).*?(<!-- end of law -->)", re.DOTALL)
HEADINGS = ("what was measured", "measured", "the law gives", "differs by", "source")
LAW, DATA, OTHER = "#0072b2", "#d55e00", "#009e73"

SHUT = 0.05
"""Opening below which a valve counts as shut: 95 % of the way."""
QUIET, BREATH = 1.5, 0.5
"""Pressure differences taken for quiet flow and for resting, mmHg: neither was measured with the times."""
SWING = 0.27 + 0.65 + 0.41 + 0.45
"""Period of a valve's cycle at rest, s: its four phases (lurie2003)."""


@dataclass(frozen=True)
class Measured:
    """A measurement and what the law gives of the same.

    Attributes:
        text: what was measured, with its unit.
        source: key of figures/references.bib.
        given: what the law gives.
        value: measured; the middle where a range was.
        spread: standard deviation, or None.
        ends: a range that was published, or None.
        at: where on the picture's axis, or None.
    """

    text: str
    source: str
    given: float
    value: float
    spread: float | None = None
    ends: tuple[float, float] | None = None
    at: float | None = None

    @property
    def span(self) -> tuple[float, float]:
        """Ends of the bar in the picture."""
        return self.ends or (self.value - (self.spread or 0.0), self.value + (self.spread or 0.0))

    def cells(self) -> tuple[str, ...]:
        """A row of the table."""
        off = self.given - self.value
        if self.ends:
            low, high = self.ends
            shown = f"{low:.3g} to {high:.3g}"
            out = max(low - self.given, self.given - high)
            differs = f"{out:.2g} beyond it" if out > 1e-9 else "inside"
        elif self.spread:
            shown, differs = f"{self.value:.3g} ± {self.spread:.3g}", f"{off:+.2g} ({abs(off) / self.spread:.1f} sd)"
        else:
            shown, differs = f"{self.value:.3g}", f"{off:+.2g}"
        if abs(off) < 0.005 * self.value:
            differs = "nothing"
        return self.text, shown, f"{self.given:.3g}", differs, f"`{self.source}`"


@dataclass(frozen=True)
class Law:
    """A law's picture and what was measured of it."""

    drawing: Drawing
    rows: Sequence[Measured]


def value(key: str) -> float:
    """A figure in internal units."""
    return figures.load()[key].internal


def canvas(columns: int = 1, rows: int = 1, height: float = 3.4) -> tuple[Drawing, list[Any]]:
    """An empty drawing and its charts."""
    drawing = Drawing(figsize=(8.0, height))
    FigureCanvasAgg(drawing)
    return drawing, list(drawing.subplots(rows, columns, squeeze=False).ravel())


def dots(axis: Any, rows: Sequence[Measured], colour: str, label: str, sideways: bool = False) -> None:
    """Draw measurements with their spread over where they stand, or lying on their side."""
    at, middle = [row.at for row in rows], [row.value for row in rows]
    bars = np.abs(np.array([row.span for row in rows]).T - np.array(middle))
    bars[bars == 0.0] = np.nan
    given = {"xerr": bars, "x": middle, "y": at} if sideways else {"yerr": bars, "x": at, "y": middle}
    axis.errorbar(**given, fmt="o", color=colour, capsize=3, markersize=5, label=label)


# -------------------------------------------------------------------------------------------------------------- laws


def wall_of(name: str) -> WallClass:
    """The wall of a class of vein, from the figures, without creep."""
    fields = ("collapse_stiffness", "elastin_stiffness", "collagen_stiffness", "collagen_exponent", "tether")
    return WallClass(*(value(f"walls.{name}.{field}") for field in fields), relaxation_gain=0.0, relaxation_time=1.0)


def walls() -> Law:
    """Lumen against transmural pressure."""
    drawing, axes = canvas(columns=2, rows=3, height=9.4)
    pressures = np.linspace(-20.0, 100.0, 241)
    found: list[Measured] = []
    for axis, (name, rows) in zip(axes, fit_walls.ROWS.items(), strict=False):
        wall = wall_of(name)
        axis.plot(pressures, [wall.lumen(p) for p in pressures], color=LAW, label="the law")
        for row, colour in zip(rows, (DATA, OTHER), strict=False):
            given = row.read(wall)
            found.append(Measured(f"{name}: {row.text}", row.source, given, row.value, spread=row.sd))
            at, lumens = row.piece(wall, row.value)
            (_, low), (_, high) = row.piece(wall, row.value - row.sd), row.piece(wall, row.value + row.sd)
            axis.fill_between(at, low, high, color=colour, alpha=0.2, lw=0)
            axis.plot(
                at,
                lumens,
                color=colour,
                label=f"{row.text.split(' (')[0].removesuffix(', %/mmHg').removesuffix(', 1')} ({row.source})",
            )
        axis.set_title(f"veins of class {name}", fontsize=10, loc="left")
        axis.set_ylim(0.0, 1.3 * wall.lumen(pressures[-1]))
        axis.legend(fontsize=7, loc="upper left")
    for axis in axes[len(fit_walls.ROWS) :]:
        axis.set_visible(False)
    for axis in axes[len(fit_walls.ROWS) - 2 :]:
        axis.set_xlabel("transmural pressure, mmHg")
    for axis in axes[::2]:
        axis.set_ylabel("lumen over the unstressed one")
    return Law(drawing, found)


def ages() -> Law:
    """Compliance that is left after years, in walls by the law and in calves as measured."""
    rate = value("walls.age.stiffening")

    def left(text: str, source: str, years: float, measured: float) -> Measured:
        return Measured(f"{text}: compliance left, 1", source, float(np.exp(-rate * years)), measured, at=years)

    rows = [
        left("calf under suction, men of 20 and 70 years (the span of ages)", "olsen1998", 50.0, 0.029 / 0.051),
        left("calf, men who do not train, 28 and 65 years", "trained_calves", 37.0, 0.6),
        left("calf, men who train, 27 and 63 years", "trained_calves", 36.0, 0.8),
        left("calf, men of 31 and 69 years", "fu2002", 38.0, 0.048 / 0.057),
    ]
    drawing, (axis,) = canvas()
    years = np.linspace(0.0, 60.0, 61)
    axis.plot(years, np.exp(-rate * years), color=LAW, label="the law, of walls")
    dots(axis, rows, DATA, "measured, of whole calves (table)")
    axis.set_ylim(0.0, 1.05)
    axis.set_xlabel("years between the young and the old")
    axis.set_ylabel("compliance over that of the young")
    axis.legend(fontsize=8)
    return Law(drawing, rows)


def openings(drops: np.ndarray, span: float) -> np.ndarray:
    """How far valves are open, 1, while pressure differences in mmHg (instants, valves) act on them; open at first.

    Args:
        drops: that press the valves open, at instants `span` apart.
        span: time step, s.
    """
    one = jnp.ones((1, drops.shape[1]))
    names = ("opening_time", "closing_time", "closing_pressure", "threshold")
    rates = {name: value(f"valves.{name}") * one for name in names}
    valves = Valves(leak=0.0 * one, vessels=one, in_channel=one, coaptation_area=one, **rates)
    density, length = jnp.asarray([[value("blood.density")]]), jnp.asarray(span)

    def step(opening: jax.Array, ends: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        after = orifice_after(valves, density, ends[1], one, Begun(opening, ends[0], length)).zeta
        return after, after

    acting = jnp.asarray(drops)[:, None, :]
    _, path = jax.lax.scan(step, one, (acting[:-1], acting[1:]))
    return np.concatenate([np.ones((1, drops.shape[1])), np.asarray(path)[:, 0]])


def time_to_shut(drops: np.ndarray, span: float = 1e-3) -> np.ndarray:
    """Time in which an open valve gets 95 % of the way to shut under a steady pressure difference, s; NaN if it floats.

    Args:
        drops: pressure differences that press the valve shut, mmHg.
        span: time step, s.
    """
    times = span * np.arange(1501)
    ways = openings(np.tile(-drops, (len(times), 1)), span).T
    return np.array([np.interp(-SHUT, -way, times) if way[-1] < SHUT else np.nan for way in ways])


def time_in_swings(heights: np.ndarray, span: float = 2e-3) -> np.ndarray:
    """Time that a valve takes to close as ultrasound tells it, in a pressure difference that swings, s.

    Args:
        heights: of the swing to either side of 0, mmHg.
        span: time step, s.
    """
    times = np.arange(0.0, 6.0 * SWING, span)
    opened = openings(heights * np.sin(2.0 * np.pi * times / SWING)[:, None], span)
    return np.asarray(stroke_time(times, -jnp.asarray(opened)))


def valves() -> Law:
    """Time of closing against the pressure difference."""
    drops = np.geomspace(0.15, 60.0, 60)
    quiet, breath = time_to_shut(np.array([QUIET]))[0], time_in_swings(np.array([BREATH]))[0]
    rows = [
        Measured(
            f"first movement to shut, quiet flow, s (steady {QUIET:g} mmHg taken)", "lurie2002", quiet, 0.139, 0.051
        ),
        Measured(f"closing phase, resting, s (swing of {BREATH:g} mmHg taken)", "lurie2003", breath, 0.41, 0.07),
    ]
    drawing, (axis,) = canvas()
    for row, colour in zip(rows, (DATA, OTHER), strict=True):
        axis.axhspan(*row.span, color=colour, alpha=0.2, lw=0)
        axis.axhline(row.value, color=colour, label=f"{row.text.split(', s')[0]} ({row.source})")
    axis.plot(drops, time_to_shut(drops), color=LAW, label="the law, steady: 95 % of the way to shut")
    axis.plot(drops, time_in_swings(drops), color=LAW, ls="--", label=f"the law, swinging once in {SWING:g} s")
    swift = 0.5 * value("blood.density") * 30.0**2
    axis.axvline(swift, color="0.4", ls=":", label="blood at 30 cm/s, which shuts valves abruptly (vanbemmelen1990)")
    axis.set_xscale("log")
    axis.set_ylim(0.0, 0.8)
    axis.set_xlabel("pressure difference that presses the valve shut, mmHg")
    axis.set_ylabel("time, s")
    axis.legend(fontsize=7.5)
    return Law(drawing, rows)


def tissue_shares() -> tuple[float, float]:
    """Part of what is worn that the coupling of a healthy leg lays on subcutis and on muscle, 1."""
    person = vl.load_person("healthy")
    drainage = leg_drainage(person)
    worn = contact_map(leg_body(person), drainage).worn
    deep = np.array([compartment.tissue == MUSCLE for compartment in drainage.compartments])
    return float(worn[~deep].max()), float(worn[deep].max())


def transmission() -> Law:
    """Part of the pressure on the skin that arrives at a depth."""
    subcutis, muscle_fluid = tissue_shares()
    fluid = subcutis * value("tissue.pressure.borne")
    shallow, deep = (value(f"muscle_pump.shell.share_{depth}") for depth in ("superficial", "deep"))
    rows = [
        Measured("veins of the subcutis: suction felt there", "olsen1998", shallow, 0.92),
        Measured("veins in muscle: suction felt at any depth", "olsen1998", deep, 0.80),
        Measured("tissue of muscle: the same", "olsen1998", muscle_fluid, 0.80),
        Measured("tissue of a dog's subcutis, solid and fluid", "dog_pressure", subcutis, 1.0),
        Measured("fluid of a dog's subcutis", "dog_pressure", fluid, 0.70),
        Measured("fluid of a pig's subcutis", "reddy1981", fluid, 0.70, ends=(0.65, 0.75)),
        Measured("the same, made oedematous", "reddy1981", subcutis, 1.0),
        Measured("fluid under a sleeve, lymphoedema", "olszewski2011", subcutis, 0.80),
    ]
    places = [Measured(**{**vars(row), "at": -float(number)}) for number, row in enumerate(rows)]
    drawing, (axis,) = canvas()
    dots(axis, places, DATA, "measured", sideways=True)
    axis.plot([row.given for row in places], [row.at for row in places], "|", color=LAW, ms=14, mew=3, label="used")
    axis.set_yticks([row.at for row in places], [f"{row.text} ({row.source})" for row in places])
    axis.set_xlim(0.5, 1.1)
    axis.set_ylim(0.6 - len(places), 0.6)
    axis.set_xlabel("part of the pressure on the skin")
    axis.legend(fontsize=8, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
    return Law(drawing, rows)


def beds_open(pressures: np.ndarray, kind: str = "subcutis", cuff: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Conductance of arterioles over that lying, and share of capillaries open, at venous pressures in mmHg.

    Capillaries are those of a kind of tissue, in a leg that hangs or, where asked for, lies under a cuff.
    """
    one = jnp.ones((1, len(pressures)))
    parts = ("gain", "threshold", "full", "time", "opening_time")
    rule = {name: value(f"inflow.arteriolar.{name}") * one for name in parts}
    quiet = {name: one for name in ("conductance", "exercise_gain", "exercise_time")}
    beds = Beds(**quiet, **{f"arteriolar_{name}": number for name, number in rule.items()})
    key = "tissue.capillary.closure_"
    closing = {f"closure_{name}": value(f"{key}{name}.{kind}") * one for name in ("least", "weight")}
    closing |= {f"closure_{name}": value(f"{key}{name}") * one for name in ("centre", "width")}
    still = (
        "filtration", "resistance_ratio", "kept_drop", "glycocalyx", "closure_time", "reflection", "permeability",
        "plasma_flow", "recruitment",
    )  # fmt: skip
    capillaries = CapillaryBeds(**{name: one for name in still}, **closing)
    venous = jnp.asarray(pressures)[None, :]
    # in a leg that hangs still arteries stand under as high a column as veins; a cuff raises veins alone
    column = jnp.maximum(venous - value("inflow.venular_pressure_lying"), 0.0) * (0.0 if cuff else 1.0)
    return np.asarray(arteriolar_goal(beds, venous)[0][0]), np.asarray(closure_goal(capillaries, column, venous)[0])


def posture() -> Law:
    """Narrowing of arterioles and closure of capillaries against local venous pressure."""
    lying = value("inflow.venular_pressure_lying")
    standing = float(targets()["ankle_pressure_standing"].parts[0].value)
    upright = value("inflow.upright.skin")
    base_flow, base_open = (float(part[0]) for part in beds_open(np.array([lying])))

    def flow(
        text: str, source: str, at: float, measured: float, spread: float | None = None, reflex: float = 1.0
    ) -> Measured:
        given = reflex * float(beds_open(np.array([at]))[0][0]) / base_flow
        return Measured(f"{text}, flow over that before, 1", source, given, measured, spread, at=at)

    flows = [
        flow("subcutis of the forearm, suction of 20 mmHg", "skagen1983", lying + 20.0, 1.0 / 1.09),
        flow("subcutis of the forearm, suction of 40 mmHg", "skagen1983", lying + 40.0, 1.0 / 1.9),
        flow("the same, suction of 80 mmHg (no more narrowing beyond 40)", "skagen1983", lying + 80.0, 1.0 / 1.9),
        flow("subcutis of the leg, 25 mmHg more in its vessels", "henriksen1976", lying + 25.0, 0.5),
        # a lower leg that hangs from a lying body: about 40 cm of blood; standard deviation from the error of eight
        flow("subcutis above the ankle, lower leg hanging", "subcutis_spaceflight", lying + 30.0, 0.63, 0.25),
        # standard deviations from the standard errors of ten people, 2.6 and 3.8 %
        flow("skin of the ankle, standing", "leg_vasoconstriction", standing, 0.336, 0.082, upright),
        flow("skin of the back of the foot, standing", "leg_vasoconstriction", standing, 0.507, 0.12, upright),
        flow("skin of the leg, standing", "jepsen1995", standing, 0.304, 0.096, upright),
    ]
    ends = (1.0 / 8.0, 1.0 / 3.0)
    filters = Measured(
        "filtration coefficient of the foot, erect over supine, 1", "mellander1964",
        float(beds_open(np.array([standing]))[1][0]) / base_open, 0.5 * sum(ends), ends=ends, at=standing,
    )  # fmt: skip
    tilted, cuffed = np.array([lying + 50.0]), np.array([lying + 40.0])

    def left_open(text: str, source: str, at: np.ndarray, measured: float, kind: str, cuff: bool = False) -> Measured:
        before, after = (float(beds_open(p, kind, cuff)[1][0]) for p in (np.array([lying]), at))
        return Measured(f"{text}, over that before, 1", source, after / before, measured, at=float(at[0]))

    closes = [
        left_open(
            "flow in the subcutis of the calf, tilted by 50 degrees", "orthostasis1999", tilted, 0.20, "subcutis"
        ),
        left_open("flow in the muscle of the calf, tilted by 50 degrees", "orthostasis1999", tilted, 0.53, "muscle"),
        left_open("flow in the skin of a foot, venous cuff of 40 mmHg", "hassan1988", cuffed, 0.37, "subcutis", True),
        left_open(
            "filtration of the calf, cuff of 40 mmHg in small steps", "congestion_steps", cuffed, 1.0, "muscle", True
        ),
        left_open(
            "flow in muscle over passive, venous pressure of 40 mmHg", "henriksen1977", cuffed, 0.83, "muscle", True
        ),
        left_open(
            "filtration of a limb, venous pressure of 40 mmHg", "denervated_filtration", cuffed, 0.66, "muscle", True
        ),
    ]
    pressures = np.linspace(0.0, 110.0, 221)
    conductance, _ = beds_open(pressures)
    drawing, (left, right) = canvas(columns=2)
    left.plot(pressures, conductance / base_flow, color=LAW, label="the law of arterioles")
    left.plot(pressures, upright * conductance / base_flow, "--", color=LAW, label="the same in skin, trunk upright")
    dots(left, flows[:5], DATA, "subcutis (table)")
    dots(left, flows[5:], OTHER, "skin, standing (table)")
    left.set_ylabel("flow over that lying")
    curves = (
        ("skin, hanging", "subcutis", False, "-"), ("skin, cuff", "subcutis", True, ":"),
        ("muscle, hanging", "muscle", False, "--"), ("muscle, cuff", "muscle", True, "-."),
    )  # fmt: skip
    for label, kind, cuff, line in curves:
        shares = beds_open(pressures, kind, cuff)[1]
        right.plot(pressures, shares / np.interp(lying, pressures, shares), line, color=LAW, label=label)
    dots(right, [filters], DATA, "foot, erect over supine (mellander1964)")
    dots(right, closes, OTHER, "calf and foot (table)")
    right.set_ylabel("filtration coefficient over that lying")
    for axis, top in ((left, 1.1), (right, 1.6)):
        axis.set_xlabel("local venous pressure, mmHg")
        axis.set_ylim(0.0, top)
        axis.legend(fontsize=7.5)
    return Law(drawing, [*flows, filters, *closes])


LAWS: Mapping[str, Callable[[], Law]] = {
    "walls": walls,
    "ages": ages,
    "valves": valves,
    "transmission": transmission,
    "posture": posture,
}
"""Laws by the name of their picture and table."""


# -------------------------------------------------------------------------------------------------------------- page


def table(rows: Sequence[Measured]) -> str:
    """Measurements as a table of a page."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *(row.cells() for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def filled(text: str, laws: Mapping[str, Law]) -> str:
    """A page with the tables of the laws between their marks."""
    return TABLE.sub(lambda mark: mark[1] + table(laws[mark[2]].rows) + mark[3], text)


def drawn() -> dict[str, Law]:
    """All laws, drawn from the figures."""
    with rc_context(STYLE):
        return {name: law() for name, law in LAWS.items()}


def keep(laws: Mapping[str, Law], folder: Path) -> None:
    """Write the pictures of laws."""
    folder.mkdir(parents=True, exist_ok=True)
    with rc_context(STYLE):
        for name, law in laws.items():
            law.drawing.savefig(folder / f"{name}.png", dpi=110, metadata={"Software": None})


def main(check: bool) -> int:
    """Write pictures and tables, or only say whether the tables are right; gives the exit code."""
    laws = drawn()
    text = PAGE.read_text("utf-8")
    now = filled(text, laws)
    if check:
        print("the tables are those of the figures" if now == text else f"run {Path(__file__).name}: the laws changed")
        return int(now != text)
    keep(laws, IMAGES)
    PAGE.write_text(now, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
