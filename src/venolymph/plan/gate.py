"""The gate in front of simulated treatment: the person's document has to say that nothing speaks against it.

`gate(person, regimen, override)` is called for each person before anything is computed, on every path that puts hands,
a garment, a bandage or a pneumatic sleeve on a simulated leg (`docs/reference/screening.md` lists them). What stops is
data (`person.toml`). Instruments that press for a reading (`cuff`) are no treatment.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING

from venolymph.body.person_face import Face
from venolymph.body.person_leg import Leg
from venolymph.documents import Entry, check_reason, load_packaged
from venolymph.errors import DocumentError, SimulationError
from venolymph.plan.answered import check_answers_for, refused_for
from venolymph.plan.linter import lint

if TYPE_CHECKING:
    from venolymph.body.person import Person
    from venolymph.regimen.schema import Regimen
    from venolymph.screening import Answers


class Stated(Entry):
    """Statements of a leg, each with the id of the rule of screening that it belongs to."""

    symptoms: dict[str, str]
    skin: dict[str, str]
    ceap: dict[str, str]


class StatedOfFace(Entry):
    """Statements of a face and of its sides, each with the id of the rule of screening that it belongs to."""

    symptoms: dict[str, str]
    skin: dict[str, str]
    side: dict[str, str]


class Pregnancy(Entry):
    """The rule of screening that asks about pregnancy, and its answers with the week before which each holds."""

    rule: str
    weeks: dict[str, float]

    def answer(self, weeks: float) -> str:
        """The answer that fits a week of pregnancy."""
        fitting = (answer for answer, before in self.weeks.items() if weeks < before)
        return next(fitting, list(self.weeks)[-1])


class Stops(Stated):
    """What stops; and `answered`, what has to be found in answers too where the person gave any."""

    face: StatedOfFace
    pregnancy: Pregnancy
    answered: Stated


@cache
def stops() -> Stops:
    """What in a person's document stops a simulation of treatment."""
    return load_packaged(Stops, "venolymph.plan", "person.toml")


def treats(regimen: Regimen) -> bool:
    """Whether a regimen is a treatment: massage or something worn is in it, also in what it nests."""
    return bool(regimen.massages) or regimen.wears


def gate(
    person: Person,
    regimen: Regimen,
    override: str | None = None,
    *,
    answers: Answers | None = None,
    today: dt.date | None = None,
) -> None:
    """Refuse to simulate treatment of a person whose document speaks against it, or leaves red flags unstated.

    Both legs are looked at for what stops, and for massage the face too, since all of it touches the neck; for massage,
    symptoms and skin have to be stated for each leg, or for the face, that it is done on.
    Where the person answered the questions of screening, the answers have to allow it as they would a plan, too.

    Args:
        person: who is to be treated.
        regimen: what is to be done; without massage and without anything worn nothing is refused.
        override: recorded reason for going on all the same (`research_override`); opens nothing where there are
            answers, which are of somebody real.
        answers: what the person answered.
        today: the day, for answers; that of the clock where not given.

    Raises:
        DocumentError: where what the document states of a leg or a face is nothing that it may state; where answers
            are dated after today.
        SimulationError: where the document says ulcer, pain or CEAP C5 or C6, or, where there are no answers, a
            pregnancy; where it does not state symptoms and skin, or where a session that says it is a treatment breaks
            a rule for sessions, and no reason is given; where the reason is not in words; where document and answers
            say different things of a pregnancy; or where the answers do not allow it.
    """
    if not treats(regimen):
        return
    if override is not None and answers is not None:
        raise SimulationError(
            f"a reason and answers at once for {person.label!r}: no reason opens what somebody's answers do not allow",
            hint="leave the reason out, or simulate a person of the model, without answers",
            place=person.label,
        )
    if override is not None:
        try:
            check_reason(override)
        except DocumentError as error:
            raise SimulationError(f"no reason to go on: {error.message}", hint=error.hint, place="reason") from None
        return
    kind = "massage" if regimen.massages else "what is worn"
    legs = {"left": _stated(person.legs.left), "right": _stated(person.legs.right)}
    found = [f"{side} leg: {what} ({rule})" for side, leg in legs.items() for what, rule in _rules(leg, stops())]
    if regimen.massages:
        found += [f"face: {what} ({rule})" for what, rule in _rules_of_face(person.face, stops().face)]
    if found or (person.person.pregnancy is not None and answers is None):
        raise _stopped(person, kind, found)
    treated = sorted(regimen.treated(person.index_side))
    if regimen.on_face:
        _check_face_is_stated(person)
    for side in treated:
        missing = [key for key in ("symptoms", "skin") if getattr(legs[side], key) is None]
        if missing and regimen.massages:
            raise SimulationError(
                f"massage is not simulated for {person.label!r}: its document does not state {' and '.join(missing)} "
                f"of the {side} leg, so pain or broken skin are not ruled out",
                hint="write `symptoms: [none]` and `skin: intact` where that is so, or give a research_override",
                place=person.label,
            )
    _in_order(regimen)
    if answers is not None:
        _check_pregnancy(person, answers)
        said = [one for side in treated for one in _rules(legs[side], stops().answered)]
        check_answers_for(person, regimen, answers, said=said, today=today or _today())


def _check_face_is_stated(person: Person) -> None:
    """Refuse massage of a face of which the document does not state what is felt and how its skin is."""
    missing = [key for key in ("symptoms", "skin") if person.face is None or getattr(person.face, key) is None]
    if missing:
        raise SimulationError(
            f"massage is not simulated for {person.label!r}: its document does not state {' and '.join(missing)} "
            "of the face, so pain or broken skin are not ruled out",
            hint="write `face: {symptoms: [none], skin: intact}` where that is so, or give a research_override",
            place=person.label,
        )


def _stopped(person: Person, kind: str, found: list[str]) -> SimulationError:
    """The error for a person whose document stops a treatment.

    Args:
        person: who is to be treated.
        kind: of treatment, in words.
        found: what the document says of the legs; empty where a pregnancy alone stops it.
    """
    hint = "for research, give a reason, which is recorded and printed: research_override=... (--research-override)"
    advice = "Seek medical treatment" if found else "A doctor or midwife has to agree first"
    if person.person.pregnancy is not None:
        found = [*found, f"pregnancy, {person.person.pregnancy} ({stops().pregnancy.rule})"]
    if advice != "Seek medical treatment":
        hint = f"give her answers to screening, which have to say so and allow it: answers=... (--answers FILE); {hint}"
    return SimulationError(
        f"{kind} is not simulated for {person.label!r}: {'; '.join(found)}. {advice}", hint=hint, place=person.label
    )


def _check_pregnancy(person: Person, answers: Answers) -> None:
    """Refuse where a person's document and answers say different things of a pregnancy: neither is believed."""
    known = stops().pregnancy
    answered = answers.answers.get(known.rule)
    if person.person.pregnancy is not None:
        if answered != known.answer(person.weeks_pregnant):
            said = f"say {answered!r}" if answered in known.weeks else "do not"
            raise refused_for(
                person, f"its document says pregnancy, {person.person.pregnancy}, and the answers {said} ({known.rule})"
            )
    elif person.sex == "male" and answered in known.weeks:
        raise refused_for(person, f"its document says male, and the answers say {answered!r} ({known.rule})")


def _today() -> dt.date:
    return dt.date.today()


def _stated(leg: Leg) -> Leg:
    """What is stated of a leg, checked again as a document is: it may have been put together in Python."""
    said = {key: value for key in ("symptoms", "skin", "ceap") if (value := getattr(leg, key)) is not None}
    rest = {key: getattr(leg, key) for key in ("suprasaphenic_valve", "reflux", "veins", "lymph")}
    return Leg(**rest, **said)


def _rules(leg: Leg, known: Stated) -> list[tuple[str, str]]:
    """What is stated of a leg and known here, each with its rule."""
    found = [(symptom, known.symptoms[symptom]) for symptom in leg.symptoms or () if symptom in known.symptoms]
    if leg.skin in known.skin:
        found.append((leg.skin or "", known.skin[leg.skin or ""]))
    # `C4b,6r` names two classes, and any of them counts
    classes = leg.classification.clinical if leg.classification else ()
    return found + [(f"CEAP C{one}", known.ceap[one[0]]) for one in classes if one[0] in known.ceap]


def _rules_of_face(face: Face | None, known: StatedOfFace) -> list[tuple[str, str]]:
    """What is stated of a face and known here, each with its rule; checked again as a document is."""
    if face is None:
        return []
    stated = Face.model_validate({key: getattr(face, key) for key in ("symptoms", "skin")})
    found = [(symptom, known.symptoms[symptom]) for symptom in stated.symptoms or () if symptom in known.symptoms]
    if stated.skin in known.skin:
        found.append((stated.skin or "", known.skin[stated.skin or ""]))
    sides = {"left": face.left, "right": face.right}
    return found + [
        (f"{name} side {key}", rule)
        for name, side in sides.items()
        for key, rule in known.side.items()
        if side.document().get(key)
    ]


def _in_order(regimen: Regimen) -> None:
    """Refuse a session that says it is a treatment and does what no treatment may."""
    for session in regimen.massages:
        # a person's document stands in for the screening that a plan needs
        findings = (
            [one for one in lint(session) if one.rule != "no-screening"] if session.purpose == "treatment" else []
        )
        if findings:
            raise SimulationError(
                f"{session.session!r} says that it is a treatment, and breaks a rule for sessions: {findings[0].text()}"
                f" ({findings[0].rule})",
                hint=f"{findings[0].hint()}; or write `purpose: experiment` and a `reason`",
                place=session.session,
            )
