"""What somebody types at the questions, for tests: the answers wanted, else those of a person with nothing wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from screening.people import harmless
from venolymph.screening import UNKNOWN, Outcome, words
from venolymph.screening.conversation import Conversation, Prompt
from venolymph.screening.pages import none_of_these

TEXT = words("en")


def answer_to(prompt: Prompt, wanted: dict[str, Any]) -> Any:
    """The answer to a prompt: to a list, whether any of its questions has another answer than `none of these`."""
    if prompt.listed:
        given = [wanted.get(name, harmless(name)) for name in prompt.rules]
        nothing = all(one == none_of_these(name) for one, name in zip(given, prompt.rules, strict=True))
        return "no" if nothing else "yes"
    return wanted.get(prompt.rules[0], harmless(prompt.rules[0]))


def words_for(answer: Any) -> str:
    """How an answer is typed."""
    if isinstance(answer, float | int):
        return f"{answer:.10g}"
    if isinstance(answer, tuple):
        return ", ".join(TEXT.places[place] for place in answer)
    return "?" if answer == UNKNOWN else TEXT.answers.get(answer, answer)


def through(course: Conversation, wanted: dict[str, Any], gone_on: list[Outcome] | None = None) -> Iterator[str]:
    """Answer all that is open; what is typed for it, with `y` where the questions would end.

    Args:
        course: the conversation.
        wanted: answers by id of the rule; where there is none, nothing is wrong.
        gone_on: what the questions went on in spite of; to be given again with the same conversation.
    """
    gone_on = [] if gone_on is None else gone_on
    while (prompt := course.prompt()) is not None:
        before = set(course.stopping())
        answer = answer_to(prompt, wanted)
        yield words_for(answer)
        course.take(prompt, answer)
        now = course.stopping()
        if not now:
            gone_on.clear()
        if set(now) - before and max(now.values()) > max(gone_on, default=Outcome.TREAT):
            gone_on.append(max(now.values()))
            yield "y"


def typing(
    regions: tuple[str, ...] = ("leg",),
    compression: bool = False,
    whose: tuple[str, ...] = ("A-17", "left"),
    **wanted: Any,
) -> list[str]:
    """What a person types from the first prompt to the review, which is confirmed."""
    course = Conversation(regions=regions, compression=compression)
    return [*whose, *through(course, wanted), ""]
