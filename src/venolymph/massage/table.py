"""A session as a table that a therapist can follow, in the words of a language."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from functools import cache

from venolymph import figures
from venolymph.documents import Entry
from venolymph.massage.catalogue import places
from venolymph.massage.session import Session, load_session, packaged_sessions
from venolymph.massage.session_steps import Pause, Strokes
from venolymph.massage.timing import starts
from venolymph.steps.breathing import Breathe
from venolymph.steps.step import Step
from venolymph.wording import read_words


class Columns(Entry):
    """Headings of the table."""

    time: str
    lasts: str
    what: str
    where: str
    how: str
    counts: str
    pressure: str
    note: str


class SessionPhrases(Entry):
    """Phrases in the table of a session and around it, in one language."""

    minutes: str
    toward: str
    away: str
    no_stretch: str
    counts: str
    counts_one_set: str
    rounds: str
    once: str
    spots: str
    rhythm: str
    pressure: str
    avoid: str
    in_turn: str
    together: str
    left: str
    right: str
    rest: str
    breathe: str
    breathe_quiet: str
    the_end: str
    head: str
    legs_raised: str
    experiment: str
    written: str
    whole: str
    of_step: str
    as_written: str
    firm: str


class StrokeWords(Entry):
    """A stroke's name and how it is done."""

    name: str
    how: str


class SessionWords(Entry):
    """All words of the massage package in one language."""

    columns: Columns
    talk: SessionPhrases
    bodies: dict[str, str]
    postures: dict[str, str]
    strokes: dict[str, StrokeWords]
    places: dict[str, str]


@cache
def words(language: str = "en") -> SessionWords:
    """The words of a language.

    Raises:
        DocumentError: where there are none.
    """
    return read_words(SessionWords, "venolymph.massage", language)


@dataclass(frozen=True)
class SessionRow:
    """One step as a therapist reads it; all text.

    Attributes:
        time: when it begins, minutes and seconds.
        lasts: how long it takes.
        what: the stroke.
        where: the places.
        how: direction and care.
        counts: repeats, rounds and spots.
        pressure: on the skin.
        note: anything else.
    """

    time: str
    lasts: str
    what: str
    where: str
    how: str
    counts: str
    pressure: str
    note: str


@cache
def _ours() -> frozenset[str]:
    """Titles, reasons and notes of the packaged sessions, which are this project's own words."""
    found: set[str] = {Session.model_fields["session"].default}
    for session in map(load_session, packaged_sessions()):
        found |= {text for text in (session.session, session.reason) if text}
        found |= {step.note for step in session.course if isinstance(step, Pause | Strokes) and step.note}
    return frozenset(found)


def as_authors(text: str | None, language: str = "en") -> str:
    """An author's words, a title or a note, marked as such; those of packaged sessions, and none, as they are.

    What is written in a session has no say in who may have it, so a reader has to see whose words they are.
    """
    if not text or text in _ours():
        return text or ""
    plain = text.translate(dict.fromkeys(map(ord, "“”„«»"), '"'))
    return words(language).talk.written.format(text=plain)


def rows(session: Session, language: str = "en") -> list[SessionRow]:
    """The session step by step; notes are marked as the author's."""
    return [_row(step, begin, language) for begin, step in starts(session)]


def heading(session: Session, language: str = "en") -> str:
    """Name, marked as the author's, length, body and posture in a line."""
    said = words(language)
    posture = said.postures[session.posture]
    if session.legs_raised:
        posture += ", " + said.talk.legs_raised.format(angle=math.degrees(session.legs_raised))
    return said.talk.head.format(
        session=as_authors(session.session, language),
        minutes=round(session.seconds / 60, 1),
        body=said.bodies[session.body],
        posture=posture,
    )


def clock(seconds: float) -> str:
    """Minutes and seconds, `7:30`."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _row(step: Step, begin: float, language: str) -> SessionRow:
    said = words(language)
    talk = said.talk
    time, lasts = clock(begin), talk.minutes.format(minutes=round(step.lasts / 60, 1))
    match step:
        case Pause():
            return SessionRow(time, lasts, talk.rest, "", "", "", "", as_authors(step.note, language))
        case Breathe():
            what = (talk.breathe if step.deep else talk.breathe_quiet).format(breaths=step.breaths)
            return SessionRow(time, lasts, what, "", "", "", "", "")
        case Strokes():
            return SessionRow(
                time,
                lasts,
                said.strokes[step.stroke].name,
                _where(step, said),
                _how(step, said),
                _counts(step, said),
                talk.pressure.format(pressure=step.hard),
                as_authors(step.note, language),
            )
        case _:
            raise TypeError(f"no words for the step {step.word!r}")


def _where(step: Strokes, said: SessionWords) -> str:
    text = (" - " if step.along else ", ").join(said.places[name] for name in step.where)
    if not any(places()[name].sided for name in step.where):
        return text
    talk = said.talk
    sides = {"left": talk.left, "right": talk.right, "in turn": talk.in_turn, "together": talk.together}
    return f"{text} ({sides[step.sides]})"


def _how(step: Strokes, said: SessionWords) -> str:
    talk = said.talk
    if step.toward is not None:
        parts = [talk.toward.format(place=said.places[step.toward])]
    else:
        parts = [talk.away.format(place=said.places[step.away_from or ""])]
    if step.stretch == 0.0:
        parts.append(talk.no_stretch)
    push, release = step.times
    parts.append(talk.rhythm.format(push=push, release=release))
    if step.avoid is not None:
        parts.append(talk.avoid)
    return "; ".join(parts)


def _counts(step: Strokes, said: SessionWords) -> str:
    talk = said.talk
    many, often = step.repeat > 1, step.sets > 1
    form = talk.counts if many and often else talk.counts_one_set if many else talk.rounds if often else talk.once
    counts = form.format(repeat=step.repeat, sets=step.sets)
    return talk.spots.format(spots=step.spots, counts=counts) if step.spots > 1 else counts


def cells(session: Session, language: str = "en") -> tuple[list[str], list[list[str]]]:
    """Headings and cells of the table; the columns that are empty throughout are left out."""
    said = words(language)
    table = [list(astuple(row)) for row in rows(session, language)]
    headings = [getattr(said.columns, name) for name in Columns.model_fields]
    used = [k for k in range(len(headings)) if any(row[k] for row in table)]
    table.append([clock(session.seconds), "", said.talk.the_end] + [""] * (len(headings) - 3))
    return [headings[k] for k in used], [[row[k] for k in used] for row in table]


def remarks(session: Session, language: str = "en") -> list[str]:
    """Remarks on a session: that it is an experiment, that it presses hard."""
    talk = words(language).talk
    found = []
    if session.purpose == "experiment":
        found.append(talk.experiment.format(reason=as_authors(session.reason or session.session, language)))
    limit = figures.load()["massage.limit.warning"].internal
    found += [talk.firm.format(step=step, pressure=pressure, limit=limit) for step, pressure in session.warnings]
    return found


def markdown(session: Session, language: str = "en") -> str:
    """The session as a table in Markdown, for nobody in particular, as it says."""
    headings, table = cells(session, language)
    lines = [f"# {heading(session, language)}", ""]
    for remark in (words(language).talk.as_written, *remarks(session, language)):
        lines += [f"**{remark}**", ""]
    lines += ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in table]
    return "\n".join(lines) + "\n"


def text(session: Session, language: str = "en") -> str:
    """The session as plain text, one line for each step, indented; for nobody in particular, as it says."""
    _, table = cells(session, language)
    lines = [heading(session, language), words(language).talk.as_written, *remarks(session, language), ""]
    lines += ["  ".join(cell for cell in row if cell) for row in table]
    return "\n".join(lines) + "\n"
