"""Massage as data: strokes, places, sessions, and a session as a timed list of strokes. No physics is in here.

from venolymph import massage

session = massage.load_session("leg-massage")
massage.strokes(session)[0]
print(massage.markdown(session))
"""

from __future__ import annotations

from venolymph.massage.catalogue import Place, StrokeKind, kind, kinds, place, places, pressure_at_depth
from venolymph.massage.session import Changes, Session, load_session, packaged_sessions, session_schema
from venolymph.massage.session_steps import Pause, Rhythm, Strokes
from venolymph.massage.table import SessionRow, SessionWords, markdown, rows, text, words
from venolymph.massage.timing import Stroke, strokes

__all__ = [
    "Changes",
    "Pause",
    "Place",
    "Rhythm",
    "Session",
    "SessionRow",
    "SessionWords",
    "Stroke",
    "StrokeKind",
    "Strokes",
    "kind",
    "kinds",
    "load_session",
    "markdown",
    "packaged_sessions",
    "place",
    "places",
    "pressure_at_depth",
    "rows",
    "session_schema",
    "strokes",
    "text",
    "words",
]
