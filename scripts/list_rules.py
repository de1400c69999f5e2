"""Write the table of screening rules into docs/reference/screening.md, between the two marks there."""

from __future__ import annotations

from pathlib import Path

from venolymph.screening import Outcome, Rule, rulebook, words
from venolymph.screening.rulebook import AnswerCase, Match

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "screening.md"
BEGIN, END = "<!-- rules: written by scripts/list_rules.py -->", "<!-- end of rules -->"
STATES = {
    "open": "anything left open",
    "old": "answers past their expiry",
    "not of today": "answers of another day",
    "added": "questions added since",
}
HEADINGS = ("id", "question or condition", "harmless", "fires", "leaves out", "basis", "source")


def answer(match: Match) -> str:
    """Answers that a match means, as text."""
    parts = list(match.is_)
    marks = {"from": match.from_, "above": match.above, "to": match.to, "below": match.below}
    numbers = " ".join(f"{word} {mark:g}" for word, mark in marks.items() if mark is not None)
    return "; ".join([*parts, *([numbers] if numbers else []), *(["places"] if match.places else [])])


def effect(case: AnswerCase, state: str | None = None) -> str:
    """What follows from a case, as text; in place of an answer, by a state of the document."""
    name = case.outcome.name
    if case.days is not None:
        name += f" {case.days} days"
    if case.may_be_cleared and case.outcome is not Outcome.CLEAR:
        name += " (a clearance opens it)"
    beside = " with " + " or ".join(one.rule for one in case.with_any) if case.with_any else ""
    return f"{STATES[state] if state else answer(case)}{beside}: {name}"


def row(rule: Rule) -> str:
    """One rule as a row of the table."""
    about, gate = words("en").rules[rule.id], rulebook().gate
    asked = f"{about.question} ({about.term})" if about.question else f"{about.term[:1].upper()}{about.term[1:]}"
    if rule.reads:
        asked += f"; judges the answer to {rule.reads}"
    if rule.when:
        asked += "; asked after " + ", ".join(dict.fromkeys(one.rule for one in rule.when))
    if rule.compression:
        asked += "; asked with compression only"
    if rule.blocks_for:
        asked += "; blocks only for " + " and ".join(rule.blocks_for)
    cells = [
        f"`{rule.id}`",
        asked.replace("{touched}", "what the session touches"),
        "; ".join(answer(one) for one in rule.benign),
        "<br>".join(effect(one, rule.state) for one in rule.cases),
        ", ".join(dict.fromkeys(what for one in rule.cases for what in gate.expand(one.exclude))),
        ", ".join(rule.basis),
        ", ".join(rule.source),
    ]
    return "| " + " | ".join(cells) + " |"


def tables() -> str:
    """The rules by region, and their sources."""
    head = "| " + " | ".join(HEADINGS) + " |\n|" + "---|" * len(HEADINGS)
    parts = []
    for region in ("general", "leg", "abdomen", "neck", "face"):
        rows = [row(rule) for rule in rulebook().rules.values() if rule.region == region]
        parts.append(f"### {region.title()}\n\n{head}\n" + "\n".join(rows))
    sources = [f"| {name} | {one.text} | {one.seen} |" for name, one in rulebook().sources.items()]
    parts.append("### Sources\n\n| key | source | how much of it was at hand |\n|---|---|---|\n" + "\n".join(sources))
    return "\n\n".join(parts)


def renewed(page: str) -> str:
    """The page with the tables of today."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), encoding="utf-8")
    print(f"written: {PAGE}")
