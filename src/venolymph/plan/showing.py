"""A plan as text, Markdown and plain data."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from venolymph import figures
from venolymph.massage.session_steps import Strokes
from venolymph.massage.table import cells, heading, rows
from venolymph.massage.table import words as massage_words
from venolymph.plan.making import Plan
from venolymph.plan.wording import words
from venolymph.screening import rulebook
from venolymph.screening import words as screening_words


def lines_about(plan: Plan, language: str = "en") -> dict[str, list[str]]:
    """What stands around the table: changes, screening, how the strokes are done, notices."""
    said, screened = words(language), screening_words(language)
    talk, found = said.talk, plan.assessment
    notices = screened.notices()
    screening = [line for line in screened.say(found) if line not in notices]
    if plan.cautions:
        names = {one.what: screened.excluded(one) for one in found.exclusions}
        screening.append(talk.more_cautions.format(what=", ".join(names[what] for what in plan.cautions)))
    screening.append(
        talk.holds.format(
            label=found.label,
            legs=talk.legs[" ".join(found.legs)],
            date=found.given,
            again=found.asked_again or found.given,
            expires=found.expires,
            version=found.version,
        )
    )
    strokes = massage_words(language).strokes
    used = dict.fromkeys(step.stroke for step in plan.session.course if isinstance(step, Strokes))
    return {
        "changes": [change.text(language) for change in plan.changes] or [talk.no_changes],
        "screening": screening,
        "strokes": [f"{strokes[name].name}: {strokes[name].how}" for name in used],
        "stop": [talk.stop],
        "remarks": _remarks(plan, language),
        "notices": notices,
    }


def asked_anew(plan: Plan, language: str = "en") -> str:
    """What is asked before the session, in words."""
    said, book = screening_words(language), rulebook()
    asked = [name for name in book.again if book.rules[name].in_session(plan.assessment.regions, False)]
    return "; ".join(said.short(name) for name in asked) + "."


def gathered(plan: Plan, language: str = "en") -> list[str]:
    """What was changed, alike changes in one line, and what else is left out or has to be heeded."""
    talk = words(language).talk
    steps = dict[str, list[int]]()
    for change in plan.changes:
        if change.kind != "step-left-out":
            steps.setdefault(change.what(language), []).extend([change.step] if change.step else [])
    lines = []
    for what, numbers in steps.items():
        name = talk.steps if len(numbers) > 1 else talk.step
        lines.append(f"{name} {', '.join(str(one) for one in numbers)}: {what}" if numbers else what)
    if plan.cautions:
        said = screening_words(language)
        names = {one.what: said.excluded(one) for one in plan.assessment.exclusions}
        lines.append(talk.more_cautions.format(what=", ".join(names[what] for what in plan.cautions)))
    return lines or [talk.no_changes]


def step_labels(plan: Plan) -> list[str]:
    """The number of each step in the session as written, which changes speak of: `7`, and `7a`, `7b` for its pieces."""
    pieces, seen, labels = Counter(plan.numbers), Counter[int](), list[str]()
    for number in plan.numbers:
        labels.append(f"{number}{chr(ord('a') + seen[number])}" if pieces[number] > 1 else str(number))
        seen[number] += 1
    return labels


def numbered(plan: Plan, language: str = "en") -> tuple[list[str], list[list[str]]]:
    """Headings and cells of the steps, with their numbers in the first column."""
    headings, table = cells(plan.session, language)
    labels = [*step_labels(plan), ""]
    return [words(language).talk.step, *headings], [[label, *row] for label, row in zip(labels, table, strict=True)]


def _remarks(plan: Plan, language: str) -> list[str]:
    """Steps that press hard, by the numbers that stand in the plan."""
    limit, said = figures.load()["massage.limit.warning"].internal, massage_words(language).talk.firm
    labels = step_labels(plan)
    return [said.format(step=labels[n - 1], pressure=pressure, limit=limit) for n, pressure in plan.session.warnings]


def as_json(plan: Plan, language: str = "en") -> dict[str, Any]:
    """The plan as plain data."""
    about = lines_about(plan, language)
    return {
        "plan": plan.session.document(),
        "minutes": round(plan.session.seconds / 60.0, 2),
        "steps": [
            {"number": label, **asdict(row)}
            for label, row in zip(step_labels(plan), rows(plan.session, language), strict=True)
        ],
        "changes": [
            {"kind": one.kind, "step": one.step, "rules": list(one.rules), "text": one.text(language)}
            for one in plan.changes
        ],
        "cautions": list(plan.cautions),
        "screening": plan.assessment.as_json(),
        "say": [*about["screening"], *about["stop"], *about["remarks"], *about["notices"]],
    }


def markdown(plan: Plan, language: str = "en") -> str:
    """The plan in Markdown."""
    said, about = words(language).talk, lines_about(plan, language)
    headings, table = numbered(plan, language)
    lines = [f"# {said.title.format(session=heading(plan.session, language))}", ""]
    lines += [f"**{line}**\n" for line in (*about["notices"], *about["remarks"])]
    lines += ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in table]
    lines += ["", about["stop"][0]]
    for title, key in ((said.changes, "changes"), (said.screening, "screening"), (said.strokes, "strokes")):
        lines += ["", f"## {title}", "", *(f"- {line}" for line in about[key])]
    return "\n".join(lines) + "\n"


def text(plan: Plan, language: str = "en") -> str:
    """The plan as plain text."""
    said, about = words(language).talk, lines_about(plan, language)
    _, table = numbered(plan, language)
    lines = [said.title.format(session=heading(plan.session, language)), *about["notices"], *about["remarks"], ""]
    lines += ["  ".join(cell for cell in row if cell) for row in table]
    lines += ["", about["stop"][0]]
    for title, key in ((said.changes, "changes"), (said.screening, "screening")):
        lines += ["", title, *(f"- {line}" for line in about[key])]
    return "\n".join(lines) + "\n"
