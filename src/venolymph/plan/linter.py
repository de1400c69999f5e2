"""The linter of sessions: what no session may do, whoever it is for. Each finding bears the id of its rule."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

from pydantic import Field

from venolymph import figures
from venolymph.documents import Entry, Source, check
from venolymph.massage.catalogue import places
from venolymph.massage.session import Session
from venolymph.massage.session_steps import Strokes
from venolymph.massage.table import words as massage_words
from venolymph.massage.timing import strokes_of
from venolymph.plan.author import RULE as WORDS
from venolymph.plan.author import of_wounds, own_words
from venolymph.plan.wording import words
from venolymph.steps.step import Step

LEG = ("foot", "ankle", "calf", "knee", "thigh")
"""Parts of the body that varicose veins of a leg lie in."""


class LintRule(Entry):
    """A rule of the linter: where it is from, and for a rule about words those that it finds, by language."""

    basis: Literal["project", "convention", "literature"]
    source: str
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)


@cache
def rules() -> Mapping[str, LintRule]:
    """Rules by id."""
    data = tomllib.loads(resources.files("venolymph.plan").joinpath("rules.toml").read_text("utf-8"))
    return {name: check(LintRule, entry, Source("rules.toml")) for name, entry in data.items()}


@dataclass(frozen=True)
class LintFinding:
    """A breach of a rule by a session.

    Attributes:
        rule: id of the rule.
        step: number of the step, from 1; None for the session as a whole.
        said: values that the rule's words are filled with: names of places, strokes, regions and numbers.
    """

    rule: str
    step: int | None = None
    said: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str = "en") -> str:
        """What is wrong, in words."""
        return words(language).rules[self.rule].says.format(**self._filled(language))

    def hint(self, language: str = "en") -> str:
        """What to do about it, in words."""
        return words(language).rules[self.rule].hint.format(**self._filled(language))

    def _filled(self, language: str) -> dict[str, Any]:
        names = massage_words(language)
        filled: dict[str, Any] = {"step": self.step, **self.said}
        filled["part"] = names.talk.whole if self.step is None else names.talk.of_step.format(step=self.step)
        for key in ("where", "nodes"):
            if key in filled:
                filled[key] = ", ".join(names.places[name] for name in filled[key])
        for key in ("stroke", "instead"):
            if key in filled:
                filled[key] = names.strokes[filled[key]].name
        return filled

    def as_json(self, language: str = "en") -> dict[str, Any]:
        """As plain data."""
        return {"rule": self.rule, "step": self.step, "text": self.text(language), "hint": self.hint(language)}


def lint(session: Session) -> list[LintFinding]:
    """Breaches of all rules by a session; empty where there are none."""
    return [*_whole(session), *sorted(_steps(session), key=lambda found: found.step or 0)]


def nodes_missing(course: Sequence[Step]) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Places worked before their nodes.

    Gives the number of the step from 0, the place, and the nodes that were not worked before it.
    """
    worked: set[str] = set()
    for number, step in enumerate(course):
        if not isinstance(step, Strokes):
            continue
        # on a path from far to near the nodes at its end come last, as they should
        for name in step.where:
            missing = tuple(node for node in places()[name].drains if node not in worked)
            if missing:
                yield number, name, missing
            worked |= {name, places()[name].group or name}


def _limit(name: str) -> float:
    return figures.load()[f"massage.limit.{name}"].value


def _whole(session: Session) -> Iterator[LintFinding]:
    limit = _limit("session")
    if session.seconds > 60.0 * limit + 1e-6:
        yield LintFinding("too-long", said={"minutes": round(session.seconds / 60.0, 1), "limit": limit})
    region = session.body.partition(".")[0]
    if region not in session.screening:
        yield LintFinding("no-screening", said={"region": region})
    if session.purpose == "treatment" and session.experiment is not None:
        yield LintFinding("experiment-as-treatment", said={"why": session.experiment})
    limit = _limit("place")
    for name, seconds in _time_by_place(session).items():
        if seconds > 60.0 * limit + 1e-6:
            said = {"where": [name], "minutes": round(seconds / 60.0, 1), "limit": limit}
            yield LintFinding("too-long-in-one-place", said=said)
    for number, text in own_words(session):
        if (word := of_wounds(text)) is not None:
            yield LintFinding(WORDS, number, {"word": repr(word.strip("*"))})


def _time_by_place(session: Session) -> dict[str, float]:
    """How long each place is worked in the whole session, on the side where it is longer, s; nodes by their group."""
    found: dict[tuple[str | None, str], float] = {}
    for step in session.course:
        if not isinstance(step, Strokes):
            continue
        stretches = step.places_in_turn
        for side, path in stretches:
            for name in path:
                for one in ("left", "right") if side == "both" else (side,):
                    key = (one, places()[name].group or name)
                    found[key] = found.get(key, 0.0) + step.lasts / len(stretches) / len(path)
    longest: dict[str, float] = {}
    for (_, name), seconds in found.items():
        longest[name] = max(longest.get(name, 0.0), seconds)
    return longest


def _steps(session: Session) -> Iterator[LintFinding]:
    for number, name, missing in nodes_missing(session.course):
        yield LintFinding("distal-before-node", number + 1, {"where": [name], "nodes": missing})
    for number, name, pressure, ceiling in session.over_ceiling():
        yield LintFinding("over-ceiling", number, {"where": [name], "pressure": pressure, "ceiling": ceiling})
    for number, step in enumerate(session.course, 1):
        if isinstance(step, Strokes):
            yield from (LintFinding(rule, number, said) for rule, said in _of(step))


def _of(step: Strokes) -> Iterator[tuple[str, dict[str, Any]]]:
    here = {name: places()[name] for name in step.where}
    varicose = [name for name, place in here.items() if place.part in LEG]
    if step.kind.family != "basic" and varicose and step.avoid is None:
        said = {"where": varicose, "stroke": step.stroke, "instead": step.kind.instead or "stationary circles"}
        yield "oedema-over-varices", said
    if any(stroke.direction == "distal" for stroke in strokes_of(step)):
        yield "away-from-nodes", {"where": list(here)}
    for name, place in here.items():
        if place.never is not None:
            yield place.never, {"where": [name]}
    yield from _bounds(step)
    neck = [name for name, place in here.items() if place.sided and place.region in ("neck-front", "neck-side")]
    if neck and step.sides == "together":
        yield "both-neck-sides", {"where": neck}


def _bounds(step: Strokes) -> Iterator[tuple[str, dict[str, Any]]]:
    """How long a hand stays and holds, and how far it moves the skin."""
    push, release = step.times
    where = {"where": list(step.where)}
    if step.kind.motion != "glide":
        # a hand that has one spot only does not move on between rounds
        stays = step.spots == 1 and len(step.places_in_turn) == 1
        seconds = step.repeat * (step.sets if stays else 1) * (push + release)
        if seconds > (limit := _limit("spot")) + 1e-6:
            yield "too-long-in-one-spot", {**where, "seconds": round(seconds, 1), "limit": limit}
        if push > (limit := _limit("hold")) + 1e-6:
            yield "held-too-long", {**where, "seconds": round(push, 1), "limit": limit}
    if step.moved > (limit := _limit("stretch")) + 1e-9:
        yield "stretch-too-far", {**where, "percent": round(100.0 * step.moved, 1), "limit": 100.0 * limit}
