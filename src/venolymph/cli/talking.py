"""The conversation of screening, on standard error and standard input."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from venolymph.cli.asking import Left, Lines
from venolymph.cli.options import By, Day, Finding, Label, Misunderstood, Options, Review, Site, Typed, WhichLegs, YesNo
from venolymph.cli.output import say
from venolymph.documents import check
from venolymph.errors import DocumentError

if TYPE_CHECKING:
    from venolymph.screening import Answers, Outcome, Rule, ScreeningWords
    from venolymph.screening.conversation import Conversation, Line, Prompt

BLOCKED = 3
"""Exit code where no session is possible."""
URGENT = 4
"""Exit code where a doctor is needed today, or the emergency services now."""


class _Back(Exception):
    """The person wants the question before this one."""


class _Quit(Exception):
    """The person stops."""


def exit_code(outcome: Outcome) -> int:
    """0 where a session is possible by the answers, 3 where it is blocked, 4 where a doctor is needed today or now."""
    from venolymph.screening import Outcome

    return URGENT if outcome >= Outcome.URGENT else BLOCKED if outcome.blocks else 0


class Talk:
    """A conversation with one person.

    Args:
        text: the words.
        lines: what asks.
        today: the day.
    """

    def __init__(self, text: ScreeningWords, lines: Lines, today: dt.date) -> None:
        self._text, self._lines, self._today = text, lines, today
        self._session: dict[str, Any] = {}
        self._whose: dict[str, Any] = {}  # what is asked about the document itself: label and legs
        self._gone_on: Outcome | None = None

    def answers(self, *, regions: Sequence[str], compression: bool, label: str | None, legs: Sequence[str]) -> Answers:
        """Ask whose answers these are, then everything, then for a clinician's agreement where one would open the way.

        Args:
            regions: regions that the session is for.
            compression: whether the plan has compression.
            label: of the person; asked where it is not given.
            legs: that the session is for; asked where there are none and the session is for the leg.
        """
        from venolymph.screening import Answers
        from venolymph.screening.conversation import Conversation

        self._session = {"regions": tuple(regions), "compression": compression}
        known = {"label": label, "legs": tuple(legs)}
        self._whose = {key: None for key in (("label", "legs") if "leg" in regions else ("label",)) if not known[key]}
        course = Conversation(**self._session)

        def document() -> Answers:
            return Answers(date=self._today, answers=course.answers, **{**known, **self._whose}, **self._session)

        self._open(self._text.talk.how)
        try:
            while self._through(course):
                try:
                    return self._cleared(document())
                except _Back:
                    course.back()
        except (Left, _Quit) as left:
            self._leave(left, course)
        return document()

    def again(self, given: Answers, rules: Sequence[str]) -> Answers:
        """Ask anew what is asked on the day of a session.

        Args:
            given: the answers so far.
            rules: ids of the rules to ask.
        """
        from venolymph.screening.conversation import Conversation

        self._session = {"regions": given.regions, "compression": given.compression}
        course = Conversation(**self._session, only=rules, answers=given.answers)
        self._open(self._text.talk.again_of.format(label=given.label, date=given.date), self._text.talk.how)
        try:
            self._through(course)
        except (Left, _Quit) as left:
            self._leave(left, course)
        return given.asked_again(self._today, course.given)

    # ------------------------------------------------------------------ the way through

    def _open(self, *lines: str) -> None:
        for line in (" ".join(self._text.notices()), *lines):
            self._lines.say(line)

    def _through(self, course: Conversation) -> bool:
        """Ask all that is open, and anew what is to be changed; False where an answer ended the questions."""
        page = None
        while True:
            prompt, missing = course.prompt(), [key for key, value in self._whose.items() if value is None]
            try:
                if missing:
                    self._whose[missing[0]] = self._ask_whose(missing[0])
                elif prompt is None:
                    if self._reviewed(course):
                        return True
                else:
                    if prompt.step.page != page:
                        page = self._turn(course, prompt)
                    before = course.stopping()
                    if not course.take(prompt, self._ask(prompt)):
                        self._lines.say(self._text.talk.contradiction)
                    if self._ends(course, before):
                        return False
            except _Back:
                self._back(course)

    def _turn(self, course: Conversation, prompt: Prompt) -> str:
        number, count = course.count()
        whose = len(self._whose)
        text = self._text.pages[prompt.step.page].format(number=number + whose, count=count + whose)
        self._lines.say("")
        self._lines.say(text, heading=True)
        return prompt.step.page

    def _back(self, course: Conversation) -> None:
        answered = [key for key, value in self._whose.items() if value is not None]
        if len(answered) == len(self._whose) and course.back():
            return
        if answered:
            self._whose[answered[-1]] = None
        else:
            self._lines.say(self._text.talk.at_the_start)

    def _ends(self, course: Conversation, before: Mapping[str, Outcome]) -> bool:
        """Whether the questions end here; says what to do where an answer calls for it."""
        now = course.stopping()
        if not now:
            self._gone_on = None
        if not set(now) - set(before):
            return False
        self._what_to_do(course)
        gravest = max(now.values())
        if self._gone_on is not None and gravest <= self._gone_on:
            return False
        if self._hear(self._text.talk.go_on, YesNo(self._text, unknown=False)) == "no":
            return True
        self._gone_on = gravest
        return False

    def _what_to_do(self, course: Conversation) -> None:
        from venolymph.screening import assess

        stopping = course.stopping()
        found = assess(course.answers, today=self._today, **self._session)
        self._lines.say("")
        self._lines.say(self._text.outcome(max(stopping.values())).say, heading=True)
        for one in found.fired:
            if one.rule in stopping:
                self._lines.say(self._text.action(one))

    def _leave(self, left: Exception, course: Conversation) -> NoReturn:
        """Nothing is kept; what to do is said all the same."""
        stopping = course.stopping()
        if stopping:
            self._what_to_do(course)
            say(self._text.talk.nothing_kept)
            raise typer.Exit(exit_code(max(stopping.values())))
        if isinstance(left, Left) and left.interrupted:
            raise KeyboardInterrupt
        if isinstance(left, Left):
            raise DocumentError(
                "the input ended before the questions did", hint="--answers FILE takes all answers at once"
            )
        say(self._text.talk.nothing_kept)
        raise typer.Exit(130)

    # ------------------------------------------------------------------ prompts

    def _ask_whose(self, key: str) -> Any:
        talk = self._text.talk
        return self._hear(talk.label, Label()) if key == "label" else self._hear(talk.which_leg, WhichLegs(self._text))

    def _ask(self, prompt: Prompt) -> Any:
        text, regions = self._text, self._session["regions"]
        if prompt.listed:
            full = [text.question(self._rule(name), regions) for name in prompt.rules]
            items = [text.short(name) for name in prompt.rules]
            return self._hear(text.lists[prompt.step.name or ""].ask, YesNo(text), items, more=full)
        rule = prompt.rule
        more = text.talk.more_about.format(
            term=text.rules[rule.id].term, basis=", ".join(rule.basis), source="; ".join(self._sources(rule))
        )
        return self._hear(text.question(rule, regions), Options(rule, text, self._places(rule)), more=[more])

    def _rule(self, name: str) -> Rule:
        from venolymph.screening import rulebook

        return rulebook().rules[name]

    def _places(self, rule: Rule) -> dict[str, str]:
        from venolymph.screening import rulebook

        places = rulebook().gate.places_in(self._session["regions"]) if rule.places else ()
        return {place: self._text.places[place] for place in places}

    def _sources(self, rule: Rule) -> list[str]:
        from venolymph.screening import rulebook

        return [rulebook().sources[name].text for name in rule.source]

    def _reviewed(self, course: Conversation) -> bool:
        """Show all answers; whether they are right, or something is to be asked again."""
        lines = course.review()
        items = [f"{self._text.talk.whose[key]}: {self._said(value)}" for key, value in self._whose.items()]
        items += [self._line(line) for line in lines]
        numbered = [f"{number} {item}" for number, item in enumerate(items, 1)]
        chosen = self._hear(self._text.talk.review, Review(self._text, len(items)), numbered)
        if chosen > len(self._whose):
            course.change(lines[chosen - 1 - len(self._whose)])
        elif chosen > 0:
            self._whose[list(self._whose)[chosen - 1]] = None
        return chosen == 0

    def _line(self, line: Line) -> str:
        if line.listed:
            return f"{self._text.lists[line.step.name or ''].title}: {self._text.answers['no']}"
        return f"{self._text.short(line.rules[0])}: {self._said(line.answer)}"

    def _said(self, answer: Any) -> str:
        """An answer in words; a label stands as it is."""
        if isinstance(answer, tuple):
            names = {**self._text.places, **self._text.legs}
            return ", ".join(names[one] for one in answer)
        return f"{answer:g}" if isinstance(answer, float) else self._text.answers.get(answer) or str(answer)

    def _cleared(self, given: Answers) -> Answers:
        """The answers with a clinician's agreement to each finding, where nothing else stands in the way."""
        from venolymph.screening import Answers, assess

        found = assess(given, today=self._today)
        blocking = [one.rule for one in found.fired if one.outcome.blocks]
        if not blocking or set(blocking) - set(found.clearable):
            return given
        talk, clearances = self._text.talk, list[dict[str, Any]]()
        for name in blocking:
            finding = f"{self._text.short(name) or self._text.rules[name].term} ({name})"
            while by := self._hear(talk.clearance_who.format(finding=finding), By()):
                try:
                    date = self._hear(talk.clearance_date, Day(self._text, self._today))
                    agreed = self._agreed(name)
                except _Back:
                    continue
                clearances.append({"by": by, "date": date, "for": [name], **agreed})
                break
            if not by:
                break
        return check(Answers, {**given.document(), "clearances": clearances})

    def _agreed(self, name: str) -> dict[str, Any]:
        """What else an agreement has to name: the finding that it is for, and where that is."""
        from venolymph.screening import rulebook

        kind, form = rulebook().rules[name].agreed, self._text.form
        found: dict[str, Any] = {}
        if kind is not None:
            found["finding"] = self._hear(f"{form.finding}:", Finding())
        if kind == "site":
            found["site"] = self._hear(f"{form.site}:", Site(self._text))
        return found

    def _hear(self, question: str, options: Typed, items: Sequence[str] = (), *, more: Sequence[str] = ()) -> Any:
        """Ask until the answer is understood."""
        talk = self._text.talk
        while True:
            said = self._lines.ask(question, [*items, *options.shown], options.keys)
            if said.lower() in talk.back:
                raise _Back
            if said.lower() in talk.quit:
                raise _Quit
            if said.lower() in talk.more:
                for line in more or [talk.how]:
                    self._lines.say(line)
                continue
            try:
                return options.understand(said)
            except Misunderstood as told:
                self._lines.say(str(told))
