"""A plan on one page, to be printed on A4 or Letter: a file that fetches nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from importlib import resources

from venolymph.html_document import html_document
from venolymph.massage.catalogue import places
from venolymph.massage.session_steps import Pause, Strokes
from venolymph.massage.table import as_authors, clock, heading
from venolymph.massage.table import words as massage_words
from venolymph.massage.timing import starts
from venolymph.plan.linter import LEG
from venolymph.plan.making import Plan
from venolymph.plan.outline import Region, legend, outline
from venolymph.plan.showing import asked_anew, gathered, lines_about, step_labels
from venolymph.plan.wording import Sheet, words
from venolymph.screening import rulebook
from venolymph.screening import words as screening_words
from venolymph.steps.breathing import Breathe
from venolymph.steps.step import Step
from venolymph.version import version

LEG_GIRTHS = ("foot", "ankle", "calf", "knee", "thigh")
"""Where a leg is measured before and after."""


def sheet(plan: Plan, language: str = "en") -> str:
    """The plan as one page of HTML."""
    all_words = words(language)
    said, talk = all_words.sheet, all_words.talk
    title = heading(plan.session, language)
    style = resources.files("venolymph.plan").joinpath("sheet.css").read_text("utf-8")
    side = f", {talk.legs[' '.join(_sides(plan))]}" if _sides(plan) else ""
    about = plan.assessment
    days = {"date": about.given, "again": about.asked_again or about.given, "expires": about.expires}
    notices = " ".join(screening_words(language).notices())
    remarks = "".join(f" {remark}." for remark in lines_about(plan, language)["remarks"])
    steps = _steps(plan, said, language)
    author = escape(f"{said.author} ") if said.mark in steps else ""
    made = said.made_by.format(version=version(), rules=about.version)
    columns = "".join(f"<th>{escape(column)}</th>" for column in said.columns)
    body = f"""<h1>{escape(title)}</h1>
<p><strong>{escape(about.label)}{escape(side)}</strong>. {escape(said.answers.format(**days))}</p>
<p class="rule"><strong>{escape(said.rule)}</strong> {escape(said.stop)}{escape(remarks)}</p>
<table class="steps">
<thead><tr>{columns}</tr></thead>
<tbody>
{steps}
</tbody>
</table>
<section>
<figure>{outline(*_regions(plan), said.outline, face=not _sides(plan))}
<figcaption>{legend("worked")} {escape(said.outline["worked"])} {legend("left-out")} {escape(said.outline["left_out"])}
</figcaption></figure>
<div>
<h2>{escape(said.changes)}</h2>
{_list(gathered(plan, language))}
</div>
<div>
{_girths(plan, said, language)}
<p class="fill">{escape(said.screened)}</p>
<p class="fill">{escape(said.signed)}</p>
</div>
</section>
{_advice(plan, said, language)}<p><strong>{escape(said.ask)}</strong> {escape(asked_anew(plan, language))}</p>
<footer>{author}{escape(said.times)} {escape(notices)} {escape(made)}</footer>
"""
    return html_document(title, body, style=style, language=language)


def _sides(plan: Plan) -> tuple[str, ...]:
    body, _, side = plan.session.body.partition(".")
    if body != "leg":
        return ()
    return (side,) if side else ("left", "right")


def _steps(plan: Plan, said: Sheet, language: str) -> str:
    """Steps with their numbers; those left out stand where they were."""
    written = dict[int, list[str]]()
    labels = step_labels(plan)
    for (begin, step), number, label in zip(starts(plan.session), plan.numbers, labels, strict=True):
        written.setdefault(number, []).append(_row(label, begin, step, said, language))
    for change in plan.changes:
        if change.step is not None and change.step not in written:
            out = f'<td class="number">{change.step}</td><td></td><td colspan="5">{escape(change.what(language))}</td>'
            written[change.step] = [out]
    rows = [row for number in sorted(written) for row in written[number]]
    end = f'<td></td><td class="number">{clock(plan.session.seconds)}</td><td colspan="5">{escape(said.end)}</td>'
    return "\n".join(f"<tr>{row}</tr>" for row in (*rows, end))


def _row(label: str, begin: float, step: Step, said: Sheet, language: str) -> str:
    names = massage_words(language)
    number = f'<td class="number">{label}</td><td class="number">{clock(begin)}</td>'
    note = step.note if isinstance(step, Pause | Strokes) else None
    mark = said.mark if note and as_authors(note, language) != note else ""
    noted = f" <em>{escape(note)}</em>{mark}" if note else ""
    match step:
        case Strokes():
            along = " – " if step.along else ", "
            where = along.join(names.places[name] for name in step.where)
            if any(places()[name].sided for name in step.where):
                where += f" ({said.hands[step.sides]})"
            toward = names.places[step.toward] if step.toward is not None else ""
            away = said.away.format(place=names.places[step.away_from]) if step.away_from is not None else ""
            count = said.count.format(spots=step.spots, repeat=step.repeat, sets=step.sets)
            cells = (names.strokes[step.stroke].name, where, toward or away, count, f"{step.hard:g}")
            first, place, *rest = (escape(cell) for cell in cells)
            return number + "".join(f"<td>{cell}</td>" for cell in (first, place + noted, *rest))
        case Breathe():
            what = names.talk.breathe if step.deep else names.talk.breathe_quiet
            return f'{number}<td colspan="5">{escape(what.format(breaths=step.breaths))}</td>'
        case Pause():
            return f'{number}<td colspan="5">{escape(names.talk.rest)}{":" if note else ""}{noted}</td>'
        case _:
            raise TypeError(f"no words for the step {step.word!r}")


def _regions(plan: Plan) -> tuple[set[Region], set[Region]]:
    """Regions that are worked, and those left out, each with its side."""
    worked = set[Region]()
    for step in (one for one in plan.session.course if isinstance(one, Strokes)):
        for place in (places()[name] for name in step.where):
            if place.region is not None:
                side = step.sides if place.sided and step.sides in ("left", "right") else ""
                worked |= _sided(plan, place.region, place.part in LEG, side)
    left_out = set[Region]()
    for one in plan.assessment.exclusions:
        if one.kind == "region":
            left_out |= _sided(plan, one.what, one.what in rulebook().gate.parts["leg"], "")
    return worked, left_out


def _sided(plan: Plan, region: str, of_leg: bool, side: str) -> set[Region]:
    return {(region, one) for one in (_sides(plan) if of_leg else (side,))}


def _girths(plan: Plan, said: Sheet, language: str) -> str:
    """A small table to be filled in."""
    sides = _sides(plan)
    if not sides:
        return ""
    head = "".join(f"<th>{escape(one)}</th>" for one in (said.girths, *(said.before, said.after) * len(sides)))
    over = ""
    if len(sides) > 1:
        cells = "".join(f'<th colspan="2">{escape(said.outline[one])}</th>' for one in sides)
        over = f"<tr><th></th>{cells}</tr>"
    empty = "<td></td>" * (2 * len(sides))
    names = screening_words(language).places
    rows = "".join(f"<tr><td>{escape(names[name])}</td>{empty}</tr>" for name in LEG_GIRTHS)
    return f'<table class="girths">{over}<tr>{head}</tr>{rows}</table>'


def _advice(plan: Plan, said: Sheet, language: str) -> str:
    """What is to be done about what the answers said."""
    screened, found = screening_words(language), dict[str, None]()
    for one in plan.assessment.fired:
        cleared = one.cleared
        agreed = screened.talk.cleared.format(by=cleared.by, date=cleared.date) if cleared else ""
        found[f"{screened.action(one)} {agreed}".strip()] = None
    return f"<p><strong>{escape(said.advice)}</strong> {escape(' '.join(found))}</p>\n" if found else ""


def _list(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
