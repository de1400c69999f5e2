"""The questions as a conversation, without a terminal: what comes next, what an answer gives, going back, changing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from venolymph.screening.engine import questions
from venolymph.screening.one_answer import check_answers, check_regions
from venolymph.screening.pages import QuestionStep, none_of_these, steps
from venolymph.screening.rulebook import UNKNOWN, Answer, Outcome, Rule, rulebook

Said = Literal["yes", "no", "don't know"]


@dataclass(frozen=True)
class Prompt:
    """The next question or list of questions.

    Attributes:
        step: where it stands in the order.
        rules: ids of what is asked; one, but for a list.
        listed: whether it is a list, answered with yes, no or don't know for all of it.
    """

    step: QuestionStep
    rules: tuple[str, ...]
    listed: bool = False

    @property
    def rule(self) -> Rule:
        """The rule that is asked by itself."""
        return rulebook().rules[self.rules[0]]


@dataclass(frozen=True)
class Line:
    """A line of the review: a question by itself, or a list of which nothing is so."""

    step: QuestionStep
    rules: tuple[str, ...]
    answer: Answer
    listed: bool = False


class Conversation:
    """Questions and answers, one prompt after the other.

    Args:
        regions: regions that the session is for.
        compression: whether the plan has compression.
        only: ids of the rules that are asked; all where nothing is said.
        answers: what is known already and not asked.
    """

    def __init__(
        self,
        *,
        regions: Iterable[str] = ("leg",),
        compression: bool = False,
        only: Collection[str] | None = None,
        answers: Mapping[str, Any] | None = None,
    ) -> None:
        self._session: dict[str, Any] = {"regions": check_regions(regions), "compression": compression}
        self._only = only
        self._known = check_answers(answers or {})
        self._given: dict[str, Answer] = {}
        self._opened: dict[str, Said] = {}  # lists that were opened, by what opened them
        self._past: list[tuple[dict[str, Answer], dict[str, Said]]] = []

    @property
    def given(self) -> dict[str, Answer]:
        """The answers; those to questions that are no longer asked are kept only where something follows from them."""
        asked = set(self._asked())
        return {name: answer for name, answer in self._given.items() if name in asked or self._fires(name)}

    @property
    def answers(self) -> dict[str, Answer]:
        """Answers known before, and those of this conversation."""
        return self._known | self.given

    def prompt(self) -> Prompt | None:
        """The next prompt; None where all is answered."""
        return next(iter(self._prompts()), None)

    def page(self) -> list[Prompt]:
        """All prompts of the page that the next one stands on, as far as can be told; none where all is answered."""
        prompts = self._prompts()
        return [prompt for prompt in prompts if prompt.step.page == prompts[0].step.page]

    def count(self) -> tuple[int, int]:
        """The number of this prompt, and of all as far as can be told."""
        past = len(self._past)
        return past + 1, past + len(self._prompts())

    def take(self, prompt: Prompt, answer: Any) -> bool:
        """Take an answer to a prompt.

        Args:
            prompt: what was asked.
            answer: an answer of the rule, or yes, no or don't know for a list.

        Returns:
            False where the list was said to hold something, and then each of its questions was denied: it is asked
            again.

        Raises:
            DocumentError: where the rule does not take this answer.
        """
        before = (dict(self._given), dict(self._opened))
        if not prompt.listed:
            self._given |= check_answers({prompt.rules[0]: answer})
        elif answer == "no":
            self._given |= check_answers({name: none_of_these(name) for name in prompt.rules})
        else:
            self._opened[prompt.step.name or ""] = "yes" if answer == "yes" else UNKNOWN
        self._past.append(before)
        return self._consistent(prompt.step)

    def back(self) -> bool:
        """Take the last answer away; False where there is none."""
        if not self._past:
            return False
        self._given, self._opened = self._past.pop()
        return True

    def review(self) -> list[Line]:
        """All answers in the order of the questions."""
        given, found = self.given, list[Line]()
        for step in steps():
            here = tuple(name for name in step.rules if name in given)
            nothing = step.name is not None and step.name not in self._opened
            if here and nothing and len(here) > 1 and all(given[name] == none_of_these(name) for name in here):
                found.append(Line(step, here, "no", listed=True))
            else:
                found += [Line(step, (name,), given[name]) for name in here]
        return found

    def change(self, line: Line) -> None:
        """Ask a line of the review again."""
        self._past.append((dict(self._given), dict(self._opened)))
        self._given = {name: answer for name, answer in self._given.items() if name not in line.rules}

    def stopping(self) -> dict[str, Outcome]:
        """Outcomes that end the questions, by id of the rule: urgent ones, and those of the first page that block."""
        answers, first = self.answers, {name for step in steps() if step.stops for name in step.rules}
        return {
            rule.id: case.outcome
            for rule in rulebook().rules.values()
            if (case := rule.case(answers)) is not None
            if case.outcome >= Outcome.URGENT or (case.outcome.blocks and rule.judges in first)
        }

    # ------------------------------------------------------------------ inside

    def _asked(self) -> list[str]:
        asked = [rule.id for rule in questions(self._known | self._given, **self._session)]
        return asked if self._only is None else [name for name in asked if name in self._only]

    def _prompts(self) -> list[Prompt]:
        open_ = set(self._asked()) - set(self._given)
        found: list[Prompt] = []
        for step in steps():
            rules = tuple(name for name in step.rules if name in open_)
            if step.name is not None and step.name not in self._opened and len(rules) > 1:
                found.append(Prompt(step, rules, listed=True))
            else:
                found += [Prompt(step, (name,)) for name in rules]
        return found

    def _consistent(self, step: QuestionStep) -> bool:
        """A list of which something was so, with each of its questions denied, is taken back."""
        if step.name is None or self._opened.get(step.name) != "yes":
            return True
        here = [name for name in step.rules if name in self._given]
        whole = not any(prompt.step == step for prompt in self._prompts())
        if not whole or any(self._given[name] != none_of_these(name) for name in here):
            return True
        del self._opened[step.name]
        self._given = {name: answer for name, answer in self._given.items() if name not in here}
        return False

    def _fires(self, name: str) -> bool:
        answers = {name: self._given[name]}
        return any(rule.case(answers) is not None for rule in rulebook().rules.values() if rule.judges == name)
