"""What screening leaves out of a session or replaces in it, each change recorded."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from venolymph import figures
from venolymph.massage.catalogue import places
from venolymph.massage.session import Session
from venolymph.massage.session_steps import Pause, Strokes
from venolymph.massage.table import words as massage_words
from venolymph.plan.linter import LEG, nodes_missing
from venolymph.plan.refusing import PlanRefused
from venolymph.plan.wording import words
from venolymph.screening import Assessment
from venolymph.screening import words as screening_words
from venolymph.steps.breathing import Breathe
from venolymph.steps.step import Step

HEART = "the heart"
_NECK = ("neck-front", "neck-side", "neck-back", "collarbone")


@dataclass(frozen=True)
class SessionChange:
    """One difference from the session as written.

    Attributes:
        kind: key of its words.
        step: number of the step in the session as written, from 1; None for the session as a whole.
        rules: ids of the rules of screening that it follows from.
        said: values that its words are filled with.
    """

    kind: str
    step: int | None = None
    rules: tuple[str, ...] = ()
    said: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str = "en") -> str:
        """The step, the change and the rules behind it, in words."""
        what = self.what(language)
        return what if self.step is None else f"{words(language).talk.step} {self.step}: {what}"

    def what(self, language: str = "en") -> str:
        """The change and the rules behind it, in words, whatever the step."""
        said, names = words(language), massage_words(language)
        filled: dict[str, Any] = dict(self.said)
        for key in ("where", "nodes"):
            if key in filled:
                filled[key] = ", ".join(names.places[name] for name in filled[key])
        if "what" in filled:
            filled["what"] = names.strokes[filled["what"]].name
        if self.kind == "posture":
            filled = {key: names.postures[value] for key, value in self.said.items()}
        text = said.changes[self.kind].format(**filled)
        return said.changes["because"].format(text=text, rules=", ".join(self.rules)) if self.rules else text


def changes_for(session: Session, assessment: Assessment) -> tuple[SessionChange, ...]:
    """What a plan would change in a session, whatever it is for.

    Raises:
        PlanRefused: where nothing of it would be left.
    """
    making = SessionChanger(session, assessment)
    making.change()
    return tuple(making.changes)


def _again(step: Strokes, **changes: Any) -> Strokes:
    """The step with changes, checked as a document is."""
    written = {**step.document(), **changes}
    return Strokes.model_validate({key: value for key, value in written.items() if value is not None})


def _mmhg(value: float) -> str:
    return f"{value:g} mmHg"


class SessionChanger:
    """Leaves out and replaces what screening excludes, and records each change."""

    def __init__(self, session: Session, assessment: Assessment) -> None:
        self.session, self.assessment = session, assessment
        self.because = {one.what: one.rules for one in assessment.exclusions}
        self.changes: list[SessionChange] = []
        self.lying: dict[str, Any] = {}
        # steps with the number that they have in the session as written, from 1
        self.steps: list[tuple[int, Step]] = list(enumerate(session.course, 1))

    def change(self) -> None:
        """Leave out and replace what screening excludes."""
        for change in (self._regions, self._techniques):
            self._each(change)
        self._nodes()
        for change in (self._lighter, self._one_side, self._avoid, self._toward):
            self._each(change)
        self.steps = [(number, self._noted(number, step)) for number, step in self.steps]
        self._shorter()
        self._something_left()
        self.lying = self._posture()

    def changed(self) -> tuple[Session, tuple[SessionChange, ...], tuple[int, ...]]:
        """The session as changed, the changes, and for each step its number in the session as written, from 1."""
        self.change()
        document: dict[str, Any] = {
            **self.session.document(),
            "like": None,
            "changed": None,
            "steps": [{step.word: step.written()} for _, step in self.steps],
            **self.lying,
        }
        made = Session.model_validate({key: value for key, value in document.items() if value is not None})
        changes = tuple(sorted(self.changes, key=lambda one: one.step or 0))
        return made, changes, tuple(number for number, _ in self.steps)

    def _each(self, change: Callable[[int, Strokes], Iterator[Step]]) -> None:
        self.steps = [
            (number, new)
            for number, step in self.steps
            for new in (change(number, step) if isinstance(step, Strokes) else [step])
        ]

    def _say(self, kind: str, number: int | None, *excluded: str, **said: Any) -> None:
        rules = tuple(dict.fromkeys(rule for what in excluded for rule in self.because[what]))
        self.changes.append(SessionChange(kind, number, rules, said))

    # -------------------------------------------------------------- what is left out

    def _without(self, step: Strokes, out: set[str]) -> Iterator[Strokes]:
        """The step without some of its places: what is left of it, a path in pieces."""
        time = 1.0 / len(step.where)
        pieces: list[list[str]]
        if step.at:
            pieces = [[name for name in step.at if name not in out]]
        else:
            pieces = [list(names) for kept, names in groupby(step.along, lambda name: name not in out) if kept]
        for piece in pieces:
            if not piece:
                continue
            share = time * len(piece)
            spots = step.spots if step.at else max(1, round(step.spots * share))
            kept: dict[str, Any] = {"at" if step.at else "along": piece, "spots": spots, "for": None}
            left = _again(step, **kept)
            if step.for_ is not None:
                left = _again(left, **{"for": f"{math.ceil(max(left.busy, step.lasts * share))} s"})
            yield left

    def _regions(self, number: int, step: Strokes) -> Iterator[Strokes]:
        out = {name for name in step.where if places()[name].region in self.because}
        if not out:
            yield step
            return
        why = sorted({places()[name].region or "" for name in out})
        where = [name for name in step.where if name in out]
        if out == set(step.where):
            self._say("step-left-out", number, *why, what=step.stroke, where=where)
            return
        self._say("place-left-out", number, *why, where=where)
        yield from self._without(step, out)

    def _nodes(self) -> None:
        """What drains to nodes that are left out is left out too, and what drains to that."""
        while missing := list(nodes_missing([step for _, step in self.steps])):
            left: list[tuple[int, Step]] = []
            for index, (number, step) in enumerate(self.steps):
                here = {name: nodes for at, name, nodes in missing if at == index}
                if not here or not isinstance(step, Strokes):
                    left.append((number, step))
                    continue
                for name, nodes in here.items():
                    why = {region for node in nodes if (region := places()[node].region) in self.because}
                    self._say("nodes-left-out", number, *sorted(why), where=[name], nodes=nodes)
                left += [(number, piece) for piece in self._without(step, set(here))]
            self.steps = left

    def _techniques(self, number: int, step: Strokes) -> Iterator[Step]:
        out = sorted(step.techniques & set(self.because))
        if not out:
            yield step
            return
        self._say("breathing-instead", number, *out, what=step.stroke)
        yield Breathe(deep=max(1, round(step.lasts * 5 / 60)), rate="5 /min")

    # -------------------------------------------------------------- what is done otherwise

    def _lighter(self, number: int, step: Strokes) -> Iterator[Strokes]:
        light = figures.internal("massage.limit.light")
        if "firm-pressure" not in self.because or step.hard <= light:
            yield step
            return
        self._say("lighter", number, "firm-pressure", pressure=light, was=step.hard)
        yield _again(step, pressure=_mmhg(light))

    def _one_side(self, number: int, step: Strokes) -> Iterator[Strokes]:
        technique = "both-neck-sides-at-once"
        paired = [name for name in step.where if places()[name].sided and places()[name].region in _NECK]
        if technique not in self.because or step.sides != "together" or not paired:
            yield step
            return
        self._say("in-turn", number, technique, where=paired)
        turned = _again(step, sides="in turn", **{"for": None})
        yield turned if step.for_ is None else _again(turned, **{"for": f"{math.ceil(max(turned.busy, step.lasts))} s"})

    def _avoid(self, number: int, step: Strokes) -> Iterator[Strokes]:
        """Whoever this is planned for has varicose veins, or may have."""
        beside = any(places()[name].part in LEG and not places()[name].nodes for name in step.where)
        if step.avoid is not None or not beside:
            yield step
            return
        self._say("avoid", number)
        yield _again(step, avoid="varices")

    def _toward(self, number: int, step: Strokes) -> Iterator[Strokes]:
        region = places()[step.toward or step.away_from or HEART].region
        if region is None or region not in self.because:
            yield step
            return
        self._say("toward", number, region)
        yield _again(step, toward=HEART, away_from=None)

    def _noted(self, number: int, step: Step) -> Step:
        """The step without its note, where that names a part that is left out."""
        if not isinstance(step, Strokes | Pause) or step.note is None or not self._names_what_is_out(step.note):
            return step
        self._say("note-left-out", number)
        kept = {key: value for key, value in step.document().items() if key != "note"}
        return type(step).model_validate(kept)

    def _names_what_is_out(self, note: str) -> bool:
        said, names = screening_words(), massage_words()
        out = {name for one in self.assessment.exclusions for name in (one.what, said.excluded(one))}
        for name, place in places().items():
            if place.region in self.because:
                out |= {name, names.places[name]}
        return any(re.search(rf"\b{re.escape(word)}", note, re.IGNORECASE) for word in out)

    def _posture(self) -> dict[str, Any]:
        now = self.session.posture
        new = now
        if new == "prone" and "face-down" in self.because:
            new = "supine"
        if new == "supine" and "flat-on-back" in self.because:
            new = "half sitting"
        if new == now:
            return {}
        out = [what for what in ("face-down", "flat-on-back") if what in self.because]
        self._say("posture", None, *out, posture=new, was=now)
        return {"posture": new, "legs_raised": None}

    # -------------------------------------------------------------- the whole

    def _shorter(self) -> None:
        if "long-session" not in self.because:
            return
        limit = figures.internal("massage.limit.short_session")
        was = self._lasts()
        share = 1.0
        while self._lasts() > limit + 1e-6:
            share *= 0.8
            if share < 0.1:
                raise PlanRefused(words().refusals.too_long, outcome=self.assessment.outcome)
            self.steps = [(number, _shortened(step, share)) for number, step in self.steps]
        if self._lasts() < was:
            minutes = round(self._lasts() / 60.0, 1)
            self._say("shorter", None, "long-session", was=round(was / 60.0, 1), minutes=minutes)

    def _lasts(self) -> float:
        return sum(step.lasts for _, step in self.steps)

    def _something_left(self) -> None:
        body = self.session.body.partition(".")[0]
        parts = LEG if body == "leg" else ("face",)
        left = [step for _, step in self.steps if isinstance(step, Strokes)]
        # nodes alone are no session for the region
        if not any(places()[name].part in parts and not places()[name].nodes for step in left for name in step.where):
            reasons = [change.text() for change in self.changes]
            raise PlanRefused(words().refusals.nothing_left, reasons, outcome=self.assessment.outcome)


def _shortened(step: Step, share: float) -> Step:
    """A step that takes at most the share of its time, as far as it can: fewer rounds, repeats and spots."""
    if isinstance(step, Pause):
        return step
    if isinstance(step, Breathe):
        if step.deep is None:
            return step
        return Breathe(deep=max(1, math.floor(step.deep * share)), rate=step.rate)
    assert isinstance(step, Strokes)
    wanted = share * step.lasts
    less = _again(step, **{"for": None})
    for key in ("sets", "repeat", "spots"):
        now = getattr(less, key)
        fewer = max(1, math.floor(now * min(1.0, wanted / less.busy)))
        less = _again(less, **{key: fewer})
    return _again(less, **{"for": f"{math.ceil(max(less.busy, wanted))} s"})
