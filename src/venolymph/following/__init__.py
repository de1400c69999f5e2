"""Following a leg over weeks: girths by day, side and height become volumes, and changes are held to what error is.

    from venolymph import following

    found = following.follow(following.load_readings("readings.yaml"))
    [(row.date, row.side, row.volume, row.change) for row in found.rows]
    following.page(found)

For research and education; not a medical device. No clinician has reviewed it.
"""

from __future__ import annotations

from venolymph.following.document import LegReading, Readings, load_readings
from venolymph.following.findings import Alarm, Following, Row, follow
from venolymph.following.page import page
from venolymph.following.showing import as_csv, as_json, lines_about
from venolymph.following.wording import languages, words

__all__ = [
    "Alarm",
    "Following",
    "LegReading",
    "Readings",
    "Row",
    "as_csv",
    "as_json",
    "follow",
    "languages",
    "lines_about",
    "load_readings",
    "page",
    "words",
]
