"""Which activity an episode is, by the kinds and marks that a regimen gives its phases."""

from __future__ import annotations

import re
from collections.abc import Callable

from venolymph.measures.episodes import STAYING, Episode, episodes
from venolymph.measures.reading import ManoeuvreMissingError, Recorded
from venolymph.measures.settings import setting

FLAT = setting("tilt.flat")
"""Tilt up to which a table counts as flat, and beyond which, head down, the legs count as raised, deg."""
UPRIGHT = setting("tilt.upright")
"""Tilt from which a person on a table counts as standing still, deg."""
REST = setting("least_rest")
"""Shortest stay in a posture that gives a steady reading at its end, s."""
WALK = setting("least_walking")
"""Shortest walk that gives a steady reading at its end, s."""
CALF, THIGH = "calf shell", "thigh shell"
"""Surroundings that cuffs press with."""


def _stays(episode: Episode, posture: str) -> bool:
    return episode.kind == STAYING and not episode.cuffs and _named(episode.posture) == posture


def _named(posture: str) -> str:
    """A posture by name, a tilted table's among them."""
    tilt = re.fullmatch(r"tilted (-?[\d.]+) ?deg", posture)
    if tilt is None:
        return posture
    angle = float(tilt.group(1))
    if abs(angle) <= FLAT:
        return "lying"
    return "legs raised" if angle < -FLAT else "standing" if angle >= UPRIGHT else posture


def is_lying(episode: Episode) -> bool:
    """Lying flat and still."""
    return _stays(episode, "lying")


def is_sitting(episode: Episode) -> bool:
    """Sitting with the legs hanging."""
    return _stays(episode, "sitting")


def is_standing(episode: Episode) -> bool:
    """Standing still."""
    return _stays(episode, "standing")


def is_raised(episode: Episode) -> bool:
    """Lying with the legs raised."""
    return _stays(episode, "legs raised")


def for_long(what: Callable[[Episode], bool], seconds: float = REST) -> Callable[[Episode], bool]:
    """The same activity, if it lasts long enough for a steady reading."""
    return lambda episode: what(episode) and episode.duration >= seconds - 1e-6


def is_walking(episode: Episode) -> bool:
    """Walking at any speed."""
    return episode.kind == "walk"


def is_one_tiptoe(episode: Episode) -> bool:
    """A single tiptoe."""
    return episode.kind == "tiptoes" and _times(episode) == 1


def is_ten_tiptoes(episode: Episode) -> bool:
    """A series of tiptoes, ten as a rule."""
    return episode.kind == "tiptoes" and _times(episode) > 1


def _times(episode: Episode) -> int:
    return 1 if episode.marks.repeats is None else episode.marks.repeats


def thigh_cuff(episode: Episode) -> float:
    """Pressure of the thigh cuff, mmHg; 0 without."""
    return episode.cuffs.get(THIGH, 0.0)


def straining(run: Recorded) -> tuple[float, float]:
    """Begin and end of the last straining, s.

    Raises:
        ManoeuvreMissingError: where nobody did.
    """
    strained = [p for p in run.phases if p.kind == "valsalva" and p.marks.stage == "straining"]
    if not strained:
        raise ManoeuvreMissingError(
            "the run holds no straining (Valsalva)",
            hint="put a step such as `- valsalva: {pressure: 40 mmHg, for: 10 s}`",
        )
    steps = [p for p in strained if p.marks.step == strained[-1].marks.step]
    return float(steps[0].start), float(steps[-1].start + steps[-1].duration)


def released(run: Recorded, shell: str, posture: str) -> tuple[float, float]:
    """Time of the last release of a cuff, and time until which the person then kept still, s.

    Args:
        run: the run.
        shell: surrounding that the cuff presses with.
        posture: that it has to happen in.

    Raises:
        ManoeuvreMissingError: where no such cuff was let go.
    """
    phases = list(run.phases)
    for number in reversed(range(len(phases))):
        marks = phases[number].marks
        if marks.cuff != shell or marks.released is None or _named(marks.posture) != posture:
            continue
        begun = float(phases[number].start) + float(marks.released)
        return begun, _undisturbed(run, number)
    place = shell.removesuffix(" shell")
    raise ManoeuvreMissingError(
        f"the run holds no {place} cuff let go while {posture}",
        hint=f"put a step such as `- cuff: {{at: {place}, pressure: 80 mmHg, hold: 3 s, release: 0.3 s}}`",
    )


def _undisturbed(run: Recorded, number: int) -> float:
    held = episodes(run)
    index = next(i for i, episode in enumerate(held) if episode.first <= number <= episode.last)
    end = held[index].end
    for later in held[index + 1 :]:
        if later.kind != STAYING or later.posture != held[index].posture or later.cuffs:
            break
        end = later.end
    return end
