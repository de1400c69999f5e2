"""A session of massage for a person: what screening leaves out is taken out or replaced, and every change explained.

    from datetime import date
    from venolymph import plan, screening

    answers = screening.load_answers("answers.yaml")
    made = plan.plan("leg-massage", answers, today=date.today())
    print(plan.text(made))
    plan.lint(massage.load_session("leg-massage"))

There is no plan where any answer blocks it, nor of a session that is an experiment, nor of one that breaks a rule of
the linter. For research and education; not a medical device. No clinician has reviewed the rules.
"""

from __future__ import annotations

from venolymph.plan.changing import SessionChange
from venolymph.plan.gate import gate
from venolymph.plan.linter import LintFinding, lint, rules
from venolymph.plan.making import Plan, plan, plan_for
from venolymph.plan.refusing import PlanRefused
from venolymph.plan.sheet import sheet
from venolymph.plan.showing import as_json, lines_about, markdown, numbered, text
from venolymph.plan.wording import PlanWords, words

__all__ = [
    "LintFinding",
    "Plan",
    "PlanRefused",
    "PlanWords",
    "SessionChange",
    "as_json",
    "gate",
    "lines_about",
    "lint",
    "markdown",
    "numbered",
    "plan",
    "plan_for",
    "rules",
    "sheet",
    "text",
    "words",
]
