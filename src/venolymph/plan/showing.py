"""A plan as text, Markdown and plain data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from venolymph.massage.session import Strokes
from venolymph.massage.table import cells, heading, remarks, rows
from venolymph.massage.table import words as massage_words
from venolymph.plan.making import Plan
from venolymph.plan.wording import words
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
        "remarks": remarks(plan.session, language),
        "notices": notices,
    }


def as_json(plan: Plan, language: str = "en") -> dict[str, Any]:
    """The plan as plain data."""
    about = lines_about(plan, language)
    return {
        "plan": {"kind": "session", "version": 1, **plan.session.document()},
        "minutes": round(plan.session.seconds / 60.0, 2),
        "steps": [asdict(row) for row in rows(plan.session, language)],
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
    headings, table = cells(plan.session, language)
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
    _, table = cells(plan.session, language)
    lines = [said.title.format(session=heading(plan.session, language)), *about["notices"], *about["remarks"], ""]
    lines += ["  ".join(cell for cell in row if cell) for row in table]
    lines += ["", about["stop"][0]]
    for title, key in ((said.changes, "changes"), (said.screening, "screening")):
        lines += ["", title, *(f"- {line}" for line in about[key])]
    return "\n".join(lines) + "\n"
