"""Write docs/explanation/what-matters.md: which of the guesses decide which measures, by Morris.

    python scripts/what_matters.py --n 4 [--regimens NAME ...]

Simulates a person some hundred times in each regimen, a quarter of an hour or more on two cores.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import jax

from venolymph.body import load_person
from venolymph.numbers import number
from venolymph.regimen import load_regimen
from venolymph.sensitivity import SamplingPlan, Sensitivity, analyse_sensitivity, default_factors
from venolymph.sensitivity.showing import markdown

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "what-matters.md"
PERSON = "healthy"
READ = {
    "plethysmography": ("VV", "VFI", "EF", "RVF"),
    "ambulatory": ("ankle pressure standing", "ankle pressure walking"),
}
"""Measures by the regimen that they are read in."""
FIRST = 15
"""Guesses in the table over all measures."""
LITTLE = 0.05
"""A figure whose effect, with its confidence, is below this share of a measure's greatest one decides nothing there."""
HEAD = """# What matters

Written by `scripts/what_matters.py`, from simulations alone. Which of the figures that are guesses (basis `assumed`)
decide what is read, and which may stay guesses? Every guess of which a body and a regimen are made goes through its
range, one at a time, from many starting points (Morris, [how to](../how-to/find-what-matters.md)): the **effect** is
how much a measure moves from one end of a figure's range to the other, on average over the others' places. A large
standard deviation beside it says that the effect depends on where the others stand.

What this is not: figures that lay out the network (`body_proportions`, ends of segments, heights of perforators) are
the same for all members, figures with another basis stay as they are, and a wide range makes a figure matter more, as
it should: less is known of it. Tissue and lymph are not simulated in regimens as short as these; theirs are left out.
Few trajectories were gone through, so an effect whose interval is as large as itself is not known to be there.
"""


def main() -> None:
    """Run, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=4, help="trajectories")
    parser.add_argument("--most", type=int, default=None, help="only so many figures, to try the script")
    parser.add_argument("--regimens", nargs="+", default=list(READ), choices=list(READ), help="only these")
    given = parser.parse_args()
    jax.config.update("jax_enable_x64", True)
    person = load_person(PERSON)
    results = []
    for name in given.regimens:
        regimen, measures = load_regimen(name), READ[name]
        factors = default_factors(person, regimen)[: given.most]
        print(f"{name}: {len(factors)} figures", file=sys.stderr)
        plan = SamplingPlan("morris", given.n, seed=1)
        results.append(analyse_sensitivity(person, regimen, measures, factors, plan, progress=progress))
    PAGE.write_text(HEAD + "\n" + over_all(results) + "\n".join(told(one) for one in results), encoding="utf-8")


def progress(done: float, of: float, _: str) -> None:
    """Say on standard error how far it is."""
    print(f"{done:.0f} of {of:.0f} members", file=sys.stderr, flush=True)


def relative(result: Sensitivity) -> dict[str, dict[str, tuple[float, float]]]:
    """For each measure, effects and confidences of figures as shares of the measure's greatest effect."""
    found = {}
    for one in result.measures:
        if one.course and one.course[-1].first.max() > 0.0:
            last = one.course[-1]
            most = last.first.max()
            found[one.measure] = {
                factor.key: (float(effect / most), float(half / most))
                for factor, effect, half in zip(result.factors, last.first, last.confidence, strict=True)
            }
    return found


def over_all(results: list[Sensitivity]) -> str:
    """The guesses that matter most over all measures, and how many decide nothing."""
    shares = {name: row for result in results for name, row in relative(result).items()}
    keys = {factor.key: factor for result in results for factor in result.factors}
    best = {key: max((row[key][0], name) for name, row in shares.items() if key in row) for key in keys}
    first = sorted(keys, key=lambda key: -best[key][0])[:FIRST]
    idle = [key for key in keys if all(sum(row[key]) < LITTLE for row in shares.values() if key in row)]
    files = {key.partition(".")[0] for key in keys}
    idle_files = sorted(file for file in files if all(key in idle for key in keys if key.startswith(f"{file}.")))
    idle_names = ", ".join(f"`{file}.toml`" for file in idle_files)
    lines = [
        "## Over all measures",
        "",
        f"Of {len(keys)} guesses, {len(idle)} decide nothing here: their effect, with its confidence, is below "
        f"{number(100 * LITTLE)} % of the greatest one on every measure."
        + (f" Among them is everything of {idle_names} that was varied." if idle_files else ""),
        "Those below have the largest shares of the greatest effect on any measure: they are the ones to measure.",
        "",
        f"| figure | {' | '.join(shares)} |",
        f"|---|{'---|' * len(shares)}",
    ]
    for key in first:
        cells = [f"{100 * row[key][0]:.0f} %" if key in row else "not used" for row in shares.values()]
        lines.append(f"| `{key}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n\nShares of the greatest effect of any guess on the measure.\n\n"


def told(result: Sensitivity) -> str:
    """A regimen's tables."""
    return f"## {result.regimen}\n\n{markdown(result, most=8)}"


if __name__ == "__main__":
    main()
