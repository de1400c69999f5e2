"""`venolymph evidence`: what is known about popular claims, and what the model shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from venolymph.cli.help import App, Group
from venolymph.cli.output import progress, show_json, show_table, show_text

if TYPE_CHECKING:
    from venolymph.evidence import Claim, Trial

NOTICE = "For research and education; not a medical device. No clinician has reviewed this."

app = App(cls=Group, help="Look up popular claims: what is known, and what the model shows.", rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Quick = Annotated[
    bool, typer.Option("--quick", help="Leave out what nobody has measured, set to the ends of its range.")
]
Name = Annotated[str, typer.Argument(metavar="CLAIM", help="Name of the claim; `venolymph evidence` lists them.")]


@app.callback(invoke_without_command=True)
def _list(context: typer.Context, as_json: Json = False) -> None:
    if context.invoked_subcommand is not None:
        return
    from venolymph import evidence

    if as_json:
        show_json([_summary(name, one) for name, one in evidence.claims().items()])
        return
    rows = [
        [name, one.statement, "; ".join(dict.fromkeys(one.rulings)), _can_run(one)]
        for name, one in evidence.claims().items()
    ]
    show_table(["claim", "as people say it", "verdict", "in the model"], rows, fold=("as people say it", "verdict"))
    show_text(f"\n{NOTICE}")


@app.command()
def show(name: Name, as_json: Json = False) -> None:
    """Show one claim: what would have to be true, the strongest studies, the verdict, the model's part."""
    from venolymph import evidence

    one = evidence.claim(name)
    if as_json:
        cited = {study.reference: str(evidence.references()[study.reference]) for study in one.studies}
        show_json({"id": name, **one.document(), "references": cited, "notice": NOTICE})
        return
    show_text(f'"{one.statement}"\n\nWhat would have to be true')
    for need in one.must_be_true:
        show_text(f"- {need}", "  ")
    _known(one)
    show_text(f"\nThe model: {one.model.treats}\n{one.model.how}")
    if one.experiment is not None:
        show_text(f"Experiment: {one.experiment.plan or 'laid down'} (can be run)")
    if one.life is not None:
        show_text(f"Lives: {'; '.join(arm.name for arm in one.life.arms)} (can be run)")
    for each in one.sums:
        show_text(f"Sum: {each.what}; {each.change}")
    show_text(f"\n{NOTICE}")


@app.command()
def run(name: Name, as_json: Json = False, quick: Quick = False) -> None:
    """Run a claim's experiment, and print the result beside the literature."""
    from venolymph import evidence

    one = evidence.claim(name)
    with progress(name, unit="arms") as shown:
        trial = evidence.run(name, progress=shown, sweep_factors=not quick)
    if as_json:
        show_json({**trial.as_dict(), "notice": NOTICE})
        return
    show_text(f'"{one.statement}"\n')
    _result(one, trial)
    _known(one)
    show_text(f"\n{NOTICE}")


def _known(one: Claim) -> None:
    """Verdicts and studies."""
    from venolymph.evidence.claim import SIDES, references

    print("\nWhat is known")
    for verdict in one.verdicts:
        show_text(
            f"- {verdict.about}: {verdict.verdict.upper()} (certainty {verdict.certainty}). {verdict.because}", "  "
        )
    for side in SIDES:
        show_text(f"\nStudies {side} it, the strongest first")
        if side in one.nothing:
            show_text(f"- {one.nothing[side]}", "  ")
        for study in one.studies:
            if study.side == side:
                parts = [study.design, *([study.size] if study.size else [])]
                source = references()[study.reference]
                show_text(f"- {', '.join(parts)}: {study.found} (certainty {study.certainty}). {source}", "  ")


def _result(one: Claim, trial: Trial) -> None:
    """What the model showed, or why it shows nothing."""
    if trial.status == "not modelled":
        show_text(f"Nothing was run: the model leaves this out. {one.model.how}")
        return
    from venolymph.evidence import difference_text, telling_text

    print("What the model shows")
    for each in trial.sums:
        show_text(f"- {each.sum.what}; {each.sum.change}: {each.text}", "  ")
    for compared in trial.compared:
        asked = compared.comparison
        show_text(f"- {asked.measure}, {asked.arm} against {asked.against}", "  ")
        show_text(f"  expected: {asked.expected}; model: {difference_text(compared)}; {compared.outcome}", "  ")
        show_text(f"  could a clinic tell? {telling_text(compared)}", "  ")
        if asked.untrusted:
            show_text(f"  not to be trusted, and not counted: {asked.untrusted}", "  ")
        show_text(f"  published: {asked.published}", "  ")
    if trial.swept:
        _hidden(trial)
    show_text(f"\nHow to read it: {one.model.how}")


def _hidden(trial: Trial) -> None:
    """The comparisons once more with hidden factors at the ends of their ranges."""
    from venolymph.evidence import swept_rows

    print("\nWith what nobody has measured at the ends of its range, from a morning")
    columns = list(dict.fromkeys(one.comparison for one in trial.swept))
    for number, asked in enumerate(columns, 1):
        told = f"; ! from {asked.smallest:g} on" if asked.smallest else ""
        show_text(f"{number}: {asked.measure}, {asked.arm} less {asked.against}{told}", "   ")
    show_table(["hidden factor", "set to", *map(str, range(1, len(columns) + 1))], swept_rows(trial.swept))


def _can_run(one: Claim) -> str:
    return "can be run" if one.tested else "not modelled"


def _summary(name: str, one: Claim) -> dict[str, Any]:
    return {
        "id": name,
        "statement": one.statement,
        "verdicts": [verdict.document() for verdict in one.verdicts],
        "model": one.model.treats,
        "can_run": one.tested,
    }
