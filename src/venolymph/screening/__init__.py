"""Who may be treated: answers to plain questions lead to one of eight outcomes, with reasons and what to leave out.

    from datetime import date
    from venolymph import screening

    found = screening.assess({"E01": "no", "M11": 52}, today=date.today(), regions=["leg"])
    found.outcome, found.plan_allowed, found.rules, found.exclusions
    screening.words("en").say(found)

Rules are data (`rules/`, one file a region), words for people are data (`words/`, one file a language), and the engine
knows neither. Broken skin, ulcer or pain never lead to a plan. No clinician has reviewed the rules. For research and
education; not a medical device.
"""

from __future__ import annotations

from venolymph.screening.answers import NOT_STATED, Again, Answers, load_answers
from venolymph.screening.clearance import Clearance
from venolymph.screening.engine import Assessment, Exclusion, Fired, assess, questions, to_ask_again
from venolymph.screening.rulebook import REGIONS, UNKNOWN, Outcome, Rule, Rulebook, rulebook
from venolymph.screening.wording import ScreeningWords, languages, words

__all__ = [
    "NOT_STATED",
    "REGIONS",
    "UNKNOWN",
    "Again",
    "Answers",
    "Assessment",
    "Clearance",
    "Exclusion",
    "Fired",
    "Outcome",
    "Rule",
    "Rulebook",
    "ScreeningWords",
    "assess",
    "languages",
    "load_answers",
    "questions",
    "rulebook",
    "to_ask_again",
    "words",
]
