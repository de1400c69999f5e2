"""Write docs/explanation/virtual-trials.md: packaged trials, run with few people.

    python scripts/virtual_trials.py stocking-while-standing=12 massage-on-leg-volume=6

Names packaged trials, each with how many people; the page holds those that are named. Minutes for each on two cores.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import jax

from venolymph.trial import TrialResult, load_trial, packaged_trials, run_trial
from venolymph.trial.showing import TRUST, heads, rows, sentences, ways

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "virtual-trials.md"
HEAD = """# Virtual trials

Written by `scripts/virtual_trials.py`. Packaged [trials](../reference/trial.md) with few people: what takes many people
is an instrument's error, and the power of larger trials is computed from these people
([how to](../how-to/run-a-virtual-trial.md)). Every number is out of a simulation, none out of a clinic.

Mind the columns: what a trial **reads** holds the instrument's error; what the model does to these people is the
difference **without error**; and whether a clinic could see it in **one person** is another question than whether a
trial could find it.
"""
LAST = "## How far to trust it\n\n" + "\n".join(f"- {line}" for line in TRUST) + "\n"


def main() -> None:
    """Run, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trials", nargs="+", metavar="NAME=PEOPLE")
    given = parser.parse_args()
    jax.config.update("jax_enable_x64", True)
    parts = [HEAD]
    for one in given.trials:
        name, _, people = one.partition("=")
        result = run_trial(load_trial(name).changed(n=int(people)), progress=progress)
        parts.append(told(name, result))
        PAGE.write_text("\n".join([*parts, LAST]), encoding="utf-8")  # what is done is there if the rest is stopped


def progress(done: float, of: float, arm: str) -> None:
    """Say on standard error how far it is."""
    print(f"{done:.0f} of {of:.0f} regimens done, {arm}", file=sys.stderr, flush=True)


def told(name: str, result: TrialResult) -> str:
    """A trial's section: why it was made, the table, sentences, and the way of its participants."""
    comments = [line.removeprefix("#").strip() for line in _comments(name)]
    lines = [heads(result), ["---"] * len(heads(result)), *rows(result)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return "\n\n".join(
        [
            f"## {result.trial.trial[:1].upper()}{result.trial.trial[1:]}",
            " ".join(comments),
            f"`{name}`, {result.trial.n} people, {result.trial.design}, {result.trial.analysed_by}, "
            f"seed {result.trial.seed}.",
            table,
            "\n".join(f"- {line}" for line in sentences(result)),
            "The way of the participants: " + "; ".join(ways(result)) + ".\n",
        ]
    )


def _comments(name: str) -> list[str]:
    """The comment at the head of a packaged trial."""
    text = packaged_trials()[name].read_text("utf-8")
    return [line for line in text.splitlines() if line.startswith("#")]


if __name__ == "__main__":
    main()
